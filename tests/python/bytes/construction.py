# Bytes: construction.
print(bytes(3), bytes([1, 2, 255]), bytes("é", "utf-8"), bytes(b"a"), bytes(bytearray(b"x")), bytes(range(3)))  # expect: b'\x00\x00\x00' b'\x01\x02\xff' b'\xc3\xa9' b'a' b'x' b'\x00\x01\x02'
bytes(-1)  # raises ValueError: negative count
bytes([256])  # raises ValueError: bytes must be in range(0, 256)
bytes("a")  # raises TypeError: string argument without an encoding
bytes(1.5)  # raises TypeError: cannot convert 'float' object to bytes
bytes(1, "a")  # raises TypeError: encoding without a string argument
