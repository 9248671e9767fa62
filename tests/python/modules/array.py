# array.array of every kind.
from array import array
for code, values in [("b", [-128, 127]), ("B", [0, 255]), ("h", [-5]), ("H", [65535]), ("i", [-(2**31)]), ("I", [2**32 - 1]), ("l", [-1]), ("L", [2**64 - 1]), ("q", [2**63 - 1]), ("Q", [5]), ("f", [1.5]), ("d", [0.1]), ("w", "a数")]:
    a = array(code, values)
    print(a, a.itemsize, a.typecode, array(code, a.tobytes()) == a, memoryview(a).format, a.__reduce_ex__(3)[1][2])
# expect: array('b', [-128, 127]) 1 b True b 1
# expect: array('B', [0, 255]) 1 B True B 0
# expect: array('h', [-5]) 2 h True h 4
# expect: array('H', [65535]) 2 H True H 2
# expect: array('i', [-2147483648]) 4 i True i 8
# expect: array('I', [4294967295]) 4 I True I 6
# expect: array('l', [-1]) 8 l True l 12
# expect: array('L', [18446744073709551615]) 8 L True L 10
# expect: array('q', [9223372036854775807]) 8 q True q 12
# expect: array('Q', [5]) 8 Q True Q 10
# expect: array('f', [1.5]) 4 f True f 14
# expect: array('d', [0.1]) 8 d True d 16
# expect: array('w', 'a数') 4 w True w 20
a = array("i", [1, 2, 3])
a.append(4)
a.extend(array("i", [5]))
a.extend([6, 7])
a.insert(0, 0)
a.insert(-1, 9)
print(a, len(a), a[2], a[-1], a[1:3], a[::-2], a.index(3), a.count(3), 9 in a, a.pop(), a.pop(0), a)
# expect: array('i', [1, 2, 3, 4, 5, 6, 9]) 9 2 7 array('i', [1, 2]) array('i', [7, 6, 4, 2, 0]) 3 1 True 7 0 array('i', [1, 2, 3, 4, 5, 6, 9])
a.remove(9)
a.reverse()
a[0] = 100
a[1:3] = array("i", [7, 8, 9])
del a[-1]
del a[::2]
print(a, a + a, a * 2, a.tolist(), list(a), a == array("d", a), a < array("i", [9]), a.buffer_info()[1])
# expect: array('i', [7, 9, 2]) array('i', [7, 9, 2, 7, 9, 2]) array('i', [7, 9, 2, 7, 9, 2]) [7, 9, 2] [7, 9, 2] True True 3
a[::2] = array("i", [0] * len(a[::2]))
a.byteswap()
print(a, bytes(array("b", b"ab")), array("i", (x for x in range(3))), array("w", "ab").tounicode())
# expect: array('i', [0, 150994944, 0]) b'ab' array('i', [0, 1, 2]) ab
array("z")  # raises ValueError: bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)
array("b", [200])  # raises OverflowError: signed char is greater than maximum
array("I", [-1])  # raises OverflowError: can't convert negative value to unsigned int
array("i", ["a"])  # raises TypeError: 'str' object cannot be interpreted as an integer
array("i", "abc")  # raises TypeError: cannot use a str to initialize an array with typecode 'i'
array("i", b"12345")  # raises ValueError: bytes length not a multiple of item size
array("d", ["a"])  # raises TypeError: must be real number, not str
array("w", ["ab"])  # raises TypeError: array item must be a unicode character, not a string of length 2
a + [1]  # raises TypeError: can only append array (not "list") to array
a[99]  # raises IndexError: array index out of range
a["x"]  # raises TypeError: array indices must be integers
array("i").pop()  # raises IndexError: pop from empty array
m = memoryview(a)
a.append(1)  # raises BufferError: cannot resize an array that is exporting buffers
m.release()
a.append(1)
print(a[-1], array("i", [1]).__copy__(), array[int])  # expect: 1 array('i', [1]) array.array[int]
