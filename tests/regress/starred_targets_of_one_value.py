# A value unpacked by a starred target is still there for the next target.
a, *b, c = *d, e = range(5)
print(a, b, c, d, e)  # expect: 0 [1, 2, 3] 4 [0, 1, 2, 3] 4
def f():
    a, *b = x = (1, 2)
    return a, b, x
print(f())  # expect: (1, [2], (1, 2))
