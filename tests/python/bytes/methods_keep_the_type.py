# Bytes: methods keep the type.
print(b"a,b".split(b","), bytearray(b"a,b").split(b","), b"a b".title(), bytearray(b" x ").strip())  # expect: [b'a', b'b'] [bytearray(b'a'), bytearray(b'b')] b'A B' bytearray(b'x')
print(b"abc".translate(None, b"b"), b"x".center(5, b"*"), b"-1".zfill(4), b"a".join([b"1", bytearray(b"2"), memoryview(b"3")]))  # expect: b'ac' b'**x**' b'-001' b'1a2a3'
print(b"%s %d %a %c" % (b"x", 5, "é", 65), bytearray(b"%x") % 255)  # expect: b"x 5 '\\xe9' A" bytearray(b'ff')
b"a".join(["b"])  # raises TypeError: sequence item 0: expected a bytes-like object, str found
b"a" + "b"  # raises TypeError: can't concat str to bytes
b"%s" % "a"  # raises TypeError: %b requires a bytes-like object, or an object that implements __bytes__, not 'str'
