# groupby and tee.
from itertools import *
print([(k, list(g)) for k, g in groupby("AAABBA")], [k for k, g in groupby([1, 3, 2, 4, 5], lambda x: x % 2)], list(groupby([])))
# expect: [('A', ['A', 'A', 'A']), ('B', ['B', 'B']), ('A', ['A'])] [1, 0, 1] []
g = groupby("aab")
k, first = next(g)
k2, second = next(g)
print(k, list(first), k2, list(second))  # expect: a [] b ['b']
g = groupby("aab")
k, first = next(g)
print(next(first), [k for k, _ in g], list(first))  # expect: a ['b'] []
a, b, c = tee("abcde", 3)
print(next(a), next(a), list(b), next(c), list(a), list(c), tee([1], 0), len(tee([])))
# expect: a b ['a', 'b', 'c', 'd', 'e'] a ['c', 'd', 'e'] ['b', 'c', 'd', 'e'] () 2
a, b = tee(range(500))
for _ in range(300):
    next(a)
d = a.__copy__()
print(sum(a), sum(b), sum(d))  # expect: 79900 124750 79900
x = tee(iter([1, 2]))[0]
y, z = tee(x)
print(y is x, list(x), list(z), type(x))  # expect: False [1, 2] [1, 2] <class 'itertools._tee'>
tee([1], -1)  # raises ValueError: n must be >= 0
class I:
    def __iter__(self):
        return self
    def __next__(self):
        return next(t1)
t1, t2 = tee(I())
next(t1)  # raises RuntimeError: cannot re-enter the tee iterator
