# A list inside itself prints as [...].
l = [1]
l.append(l)
print(l, [[], [[]]], [None, True, "q", b"b", 1.0])  # expect: [1, [...]] [[], [[]]] [None, True, 'q', b'b', 1.0]
class L(list):
    def __repr__(self):
        return "L" + super().__repr__()
print(L([1]), L() == [], L([1]) + [2], type(L([1]) + [2]).__name__, type(L([1])[:]).__name__)
# expect: L[1] True [1, 2] list list
x = L("ab")
x.name = 5
print(x.name, x, list(x))  # expect: 5 L['a', 'b'] ['a', 'b']
class R:
    def __repr__(self):
        l.clear()
        return "R"
l = [R(), 1, 2]
print(l)  # expect: [R]
