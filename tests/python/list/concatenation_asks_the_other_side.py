# + and * of sequences come last: the right operand's __radd__ and __rmul__ are asked before.
class R:
    def __radd__(self, other):
        return "radd", other
    def __rmul__(self, other):
        return "rmul", other
print([1] + R(), (1,) + R(), [1] * R(), (1,) * R())
# expect: ('radd', [1]) ('radd', (1,)) ('rmul', [1]) ('rmul', (1,))
l = [1]
l += R()
print(l)  # expect: ('radd', [1])
[] + ()  # raises TypeError: can only concatenate list (not "tuple") to list
() + []  # raises TypeError: can only concatenate tuple (not "list") to tuple
[] + 5  # raises TypeError: can only concatenate list (not "int") to list
[] * "a"  # raises TypeError: can't multiply sequence by non-int of type 'str'
[] * 1.5  # raises TypeError: can't multiply sequence by non-int of type 'float'
"a" * []  # raises TypeError: can't multiply sequence by non-int of type 'list'
[1] * (1 << 70)  # raises OverflowError: cannot fit 'int' into an index-sized integer
[1, 2] * (1 << 62)  # raises MemoryError
[].__add__(5)  # raises TypeError: can only concatenate list (not "int") to list
[] < 3  # raises TypeError: '<' not supported between instances of 'list' and 'int'
