# Bytearray: grows and shrinks.
b = bytearray(b"abc")
b.append(100); b.extend([101, 102]); b.insert(0, 64); b += b"!"
print(b, b.pop(), b.pop(0), b)  # expect: bytearray(b'abcdef') 33 64 bytearray(b'abcdef')
b[1:3] = b"XYZ"; del b[0]; b[0] = 120
print(b, b[::2], b[-1])  # expect: bytearray(b'xYZdef') bytearray(b'xZe') 102
del b[::2]
print(b, len(b))  # expect: bytearray(b'Ydf') 3
b *= 2; b.reverse(); b.remove(ord("Y"))
print(b, b.copy() is not b, b == bytes(b))  # expect: bytearray(b'fdfdY') True True
b.append(256)  # raises ValueError: byte must be in range(0, 256)
b.pop(99)  # raises IndexError: pop index out of range
bytearray().pop()  # raises IndexError: pop from empty bytearray
b.remove(0)  # raises ValueError: value not found in bytearray
b.__setitem__(slice(0, 2, 2), b"abc")  # raises ValueError: attempt to assign bytes of size 3 to extended slice of size 1
