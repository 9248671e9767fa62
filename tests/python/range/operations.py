# Ranges of small and of big ints.
r = range(2, 20, 3)
print(r, list(r), len(r), r[1], r[-1], r[1:4], r[::-1], 5 in r, 6 in r, r.index(8), r.count(8), r.count(9))
# expect: range(2, 20, 3) [2, 5, 8, 11, 14, 17] 6 5 17 range(5, 14, 3) range(17, -1, -3) True False 2 1 0
print(range(5), range(1, 1), list(range(5, 0, -2)), range(0) == range(5, 5), range(0, 3, 2) == range(0, 4, 2))
# expect: range(0, 5) range(1, 1) [5, 3, 1] True True
print(hash(range(3)) == hash(range(0, 3, 1)), bool(range(0)), bool(range(1)), r.start, r.stop, r.step)
# expect: True False True 2 20 3
b = range(10**20, 10**20 + 10, 3)
print(b, len(b), list(b), b[2], b[-1], b[1:3], 10**20 + 3 in b, b.index(10**20 + 6), list(reversed(b)), b == range(10**20, 10**20 + 12, 3))
# expect: range(100000000000000000000, 100000000000000000010, 3) 4 [100000000000000000000, 100000000000000000003, 100000000000000000006, 100000000000000000009] 100000000000000000006 100000000000000000009 range(100000000000000000003, 100000000000000000009, 3) True 2 [100000000000000000009, 100000000000000000006, 100000000000000000003, 100000000000000000000] True
print(len(range(0, 2**62, 2**40)), range(2**70)[2**69])  # expect: 4194304 590295810358705651712
print(list(range(2**62 - 2, 2**62 + 1)), list(range(-(2**62) + 1, -(2**62) - 2, -1)), list(range(2**63 - 1, 2**63 + 1)))
# expect: [4611686018427387902, 4611686018427387903, 4611686018427387904] [-4611686018427387903, -4611686018427387904, -4611686018427387905] [9223372036854775807, 9223372036854775808]
print(list(reversed(range(5))), list(reversed(range(1, 10, 4))), list(reversed(range(0))), 1.0 in range(3), "a" in range(3), True in range(2))
# expect: [4, 3, 2, 1, 0] [9, 5, 1] [] True False True
i = iter(range(5))
print(next(i), i.__length_hint__(), i.__reduce__(), list(i), list(i))
# expect: 0 4 (<built-in function iter>, (range(1, 5),), None) [1, 2, 3, 4] []
i = iter(range(10))
i.__setstate__(7)
print(list(i), range(3).__reduce__(), iter(range(2**70, 2**70 + 2)).__reduce__())
# expect: [7, 8, 9] (<class 'range'>, (0, 3, 1)) (<built-in function iter>, (range(1180591620717411303424, 1180591620717411303426),), None)
range(1, 2, 0)  # raises ValueError: range() arg 3 must not be zero
range(1.5)  # raises TypeError: 'float' object cannot be interpreted as an integer
range()  # raises TypeError: range expected at least 1 argument, got 0
range(1, 2, 3, 4)  # raises TypeError: range expected at most 3 arguments, got 4
range(a=1)  # raises TypeError: range() takes no keyword arguments
range(3)[5]  # raises IndexError: range object index out of range
range(3)["a"]  # raises TypeError: range indices must be integers or slices, not str
range(3).index(7)  # raises ValueError: range.index(x): x not in range
range(3).index("a")  # raises ValueError: sequence.index(x): x not in sequence
len(range(2**70))  # raises OverflowError: Python int too large to convert to C ssize_t
range(1) < range(2)  # raises TypeError: '<' not supported between instances of 'range' and 'range'
