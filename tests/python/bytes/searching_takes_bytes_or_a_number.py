# Bytes: searching takes bytes or a number.
print(b"abcb".find(98), b"abcb".rfind(b"b"), b"abc".count(b""), 97 in b"abc", b"bc" in b"abc", b"abc".index(b"c"))  # expect: 1 3 4 True True 2
b"abc".find(256)  # raises ValueError: byte must be in range(0, 256)
b"abc".find("a")  # raises TypeError: argument should be integer or bytes-like object, not 'str'
b"abc".index(b"z")  # raises ValueError: subsection not found
"a" in b"abc"  # raises TypeError: a bytes-like object is required, not 'str'
