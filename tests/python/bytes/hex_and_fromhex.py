# Bytes: hex and fromhex.
print(b"\x01\xab\xff".hex(), b"\x01\xab\xff".hex(":"), b"abcde".hex("-", 2), b"abcde".hex("-", -2))  # expect: 01abff 01:ab:ff 61-6263-6465 6162-6364-65
print(bytes.fromhex("01 ab\tFF"), bytearray.fromhex("6162"))  # expect: b'\x01\xab\xff' bytearray(b'ab')
bytes.fromhex("0")  # raises ValueError: fromhex() arg must contain an even number of hexadecimal digits
bytes.fromhex("0g")  # raises ValueError: non-hexadecimal number found in fromhex() arg at position 1
b"a".hex("ab")  # raises ValueError: sep must be length 1.
