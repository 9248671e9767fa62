# Bytearray: exported buffers hold the size.
b = bytearray(b"abc")
m = memoryview(b)
m[0] = 65
print(b, m.tolist(), m.readonly, m[1:].tobytes())  # expect: bytearray(b'Abc') [65, 98, 99] False b'bc'
b.append(1)  # raises BufferError: Existing exports of data: object cannot be re-sized
b.clear()  # raises BufferError: Existing exports of data: object cannot be re-sized
m.release()
b.append(68)
print(b)  # expect: bytearray(b'AbcD')
m[0]  # raises ValueError: operation forbidden on released memoryview object
