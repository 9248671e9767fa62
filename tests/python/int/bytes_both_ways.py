# Int: bytes both ways.
print((1000).to_bytes(2, "big"), (1000).to_bytes(4, "little"), (-2).to_bytes(2, "big", signed=True), (2**64).to_bytes(9))  # expect: b'\x03\xe8' b'\xe8\x03\x00\x00' b'\xff\xfe' b'\x01\x00\x00\x00\x00\x00\x00\x00\x00'
print(int.from_bytes(b"\xff\xfe", "big"), int.from_bytes(b"\xff\xfe", "big", signed=True), int.from_bytes([1, 0], "little"), int.from_bytes(b""))  # expect: 65534 -2 1 0
(256).to_bytes(1)  # raises OverflowError: int too big to convert
(-1).to_bytes(1)  # raises OverflowError: can't convert negative int to unsigned
(128).to_bytes(1, signed=True)  # raises OverflowError: int too big to convert
(1).to_bytes(1, "middle")  # raises ValueError: byteorder must be either 'little' or 'big'
