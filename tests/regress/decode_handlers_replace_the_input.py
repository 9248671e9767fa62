# A handler that put other bytes into exc.object was not heard by escapes, charmaps, ascii and utf-7: they never ended.
import codecs

bad = [("ascii", b"\xff"), ("utf-7", b"++"), ("utf-8", b"\xff"), ("utf-16", b"\xff"), ("utf-32", b"\xff"),
       ("unicode-escape", b"\\u123g"), ("raw-unicode-escape", b"\\u123g"), ("cp1252", b"\x81")]


def replace_by(data):
    def handler(error):
        error.object = data
        return "\u4242", 0
    return handler


codecs.register_error("test.empty", replace_by(b""))
codecs.register_error("test.number", replace_by(42))
for encoding, data in bad:
    assert data.decode(encoding, "test.empty") == "\u4242", encoding
    try:
        data.decode(encoding, "test.number")
    except TypeError:
        pass
    else:
        print("no TypeError from", encoding)
print(codecs.charmap_decode(b"\x01\x02", "test.empty", {})[0])  # expect: 䉂
