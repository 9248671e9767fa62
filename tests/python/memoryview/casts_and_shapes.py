# Memoryview: casts and shapes.
m = memoryview(bytes(range(8)))
print(m.cast("H").tolist(), m.cast("B", [2, 4]).tolist(), m.cast("B", [2, 4])[1, 2], m.cast("q")[0] == int.from_bytes(m, "little"))  # expect: [256, 770, 1284, 1798] [[0, 1, 2, 3], [4, 5, 6, 7]] 6 True
print(m.format, m.itemsize, m.shape, m.strides, m.ndim, m.nbytes, m[::2].tolist(), m[::-1].tobytes(), m[2:4] == b"\x02\x03")  # expect: B 1 (8,) (1,) 1 8 [0, 2, 4, 6] b'\x07\x06\x05\x04\x03\x02\x01\x00' True
m.cast("z")  # raises ValueError: memoryview: destination format must be a native single character format prefixed with an optional '@'
m.cast("B", [3, 3])  # raises TypeError: memoryview: product(shape) * itemsize != buffer size
m[9]  # raises IndexError: index out of bounds on dimension 1
m.__setitem__(0, 1)  # raises TypeError: cannot modify read-only memory
m["a"]  # raises TypeError: memoryview: invalid slice key
