# `t, x = t` with the last reference to the tuple: the items are there although the first write lets the tuple go.
def f(n):
    t = (object(), str(n) * 50)
    t, x = t
    return x[:4], type(t).__name__
print([f(n) for n in range(10, 13)])  # expect: [('1010', 'object'), ('1111', 'object'), ('1212', 'object')]
class Dies:
    def __del__(self):
        import sys
        sys._getframe(1).f_locals["t"] = None
def g():
    a = Dies()
    t = ("x" * 100, "y" * 100)
    a, b = t
    return a[0], b[0]
print([g() for i in range(3)])  # expect: [('x', 'y'), ('x', 'y'), ('x', 'y')]
