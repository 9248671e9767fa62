# Reading, assigning and deleting slices, extended ones too.
l = list(range(10))
print(l[2:5], l[:3], l[-3:], l[::2], l[::-1], l[8:2:-2], l[20:], l[3:3], l[-100:2], l[5:-100:-1])
# expect: [2, 3, 4] [0, 1, 2] [7, 8, 9] [0, 2, 4, 6, 8] [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] [8, 6, 4] [] [] [0, 1] [5, 4, 3, 2, 1, 0]
l[2:4] = ["a", "b", "c"]
print(l)  # expect: [0, 1, 'a', 'b', 'c', 4, 5, 6, 7, 8, 9]
l[5:5] = [100]
l[:0] = [-1]
l[len(l):] = [200]
print(l)  # expect: [-1, 0, 1, 'a', 'b', 'c', 100, 4, 5, 6, 7, 8, 9, 200]
l[::3] = [0] * len(l[::3])
print(l)  # expect: [0, 0, 1, 0, 'b', 'c', 0, 4, 5, 0, 7, 8, 0, 200]
del l[::2]
print(l)  # expect: [0, 0, 'c', 4, 0, 8, 200]
del l[1:3]
print(l, len(l))  # expect: [0, 4, 0, 8, 200] 5
l[:] = range(6)
del l[::-2]
print(l)  # expect: [0, 2, 4]
l[1:2] = l
print(l)  # expect: [0, 0, 2, 4, 4]
l[::2] = [1]  # raises ValueError: attempt to assign sequence of size 1 to extended slice of size 3
l[0:1] = 5  # raises TypeError: must assign iterable to extended slice
l["a"]  # raises TypeError: list indices must be integers or slices, not str
l[99]  # raises IndexError: list index out of range
l[99] = 1  # raises IndexError: list assignment index out of range
l[::0]  # raises ValueError: slice step cannot be zero
l[1 << 70]  # raises IndexError: cannot fit 'int' into an index-sized integer
print(l[: 1 << 70], l[-(1 << 70) :])  # expect: [0, 0, 2, 4, 4] [0, 0, 2, 4, 4]
class I:
    def __index__(self):
        return 1
print(l[I()], l[I() :], [5] * I())  # expect: 0 [0, 2, 4, 4] [5]
