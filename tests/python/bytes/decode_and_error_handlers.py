# Bytes: decode and error handlers.
print(b"a\xc3\xa9".decode(), b"\xff".decode("latin-1"), ascii(b"\xffa".decode("utf-8", "surrogateescape")), b"\xe6\xbc".decode("utf-8", "replace"))  # expect: aé ÿ '\udcffa' �
print(b"a\xffb".decode("ascii", "backslashreplace"), b"\xff\xfea\x00".decode("utf-16"), ascii(b"\xed\xa0\x80".decode("utf-8", "surrogatepass")))  # expect: a\xffb a '\ud800'
b"\xff".decode()  # raises UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
b"\xc3".decode()  # raises UnicodeDecodeError: 'utf-8' codec can't decode byte 0xc3 in position 0: unexpected end of data
b"\xed\xa0\x80".decode()  # raises UnicodeDecodeError: 'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte
b"\xff".decode("ascii")  # raises UnicodeDecodeError: 'ascii' codec can't decode byte 0xff in position 0: ordinal not in range(128)
b"a".decode("utf-16")  # raises UnicodeDecodeError: 'utf-16-le' codec can't decode byte 0x61 in position 0: truncated data
