# slice objects compare, hash, print and give their indices.
s = slice(1, None, 2)
print(s, s.start, s.stop, s.step, slice(5), slice(1, 2))
# expect: slice(1, None, 2) 1 None 2 slice(None, 5, None) slice(1, 2, None)
print(s == slice(1, None, 2), slice(1) < slice(2), hash(slice(1, 2)) == hash(slice(1, 2, None)), {slice(1): 2}[slice(1)])
# expect: True True True 2
print(slice(None).indices(5), slice(-3, None).indices(5), slice(None, None, -1).indices(5), slice(10, -10, -3).indices(7))
# expect: (0, 5, 1) (2, 5, 1) (4, -1, -1) (6, -1, -3)
print(slice(2**70).indices(5), slice(0, 2**80, 2**70).indices(2**75), slice(-(2**70), None).indices(3), s.__reduce__())
# expect: (0, 5, 1) (0, 37778931862957161709568, 1180591620717411303424) (0, 3, 1) (<class 'slice'>, (1, None, 2))
slice(1, 2, 0).indices(5)  # raises ValueError: slice step cannot be zero
slice(1).indices(-1)  # raises ValueError: length should not be negative
slice("a").indices(5)  # raises TypeError: slice indices must be integers or None or have an __index__ method
slice()  # raises TypeError: slice expected at least 1 argument, got 0
class C:
    def __getitem__(self, key):
        return key
print(C()[1:2], C()[::3], C()[1, 2:3], C()[...])
# expect: slice(1, 2, None) slice(None, None, 3) (1, slice(2, 3, None)) Ellipsis
