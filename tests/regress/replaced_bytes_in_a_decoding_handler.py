# A decoding error handler that puts other bytes into exc.object goes on in those, and does not hang.
import codecs


def replace_with_long(error):
    error.object = b"\x00" * 8
    return "\ufffd", error.start


codecs.register_error("test.replace_with_long", replace_with_long)
print(ascii(b"\x00".decode("utf-16", "test.replace_with_long")))  # expect: '\ufffd\x00\x00\x00\x00'
print(ascii(b"\x00".decode("utf-32", "test.replace_with_long")))  # expect: '\ufffd\x00\x00'
print(ascii(b"\xff".decode("utf-8", "test.replace_with_long")))  # expect: '\ufffd\x00\x00\x00\x00\x00\x00\x00\x00'
