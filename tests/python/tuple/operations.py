# Every operation of tuple.
t = (1, 2, 3)
print(t + (4,), t * 2, 0 * t, t[0], t[-1], t[1:], t[::-1], t[5:], len(t), 2 in t, t.index(3), t.count(1))
# expect: (1, 2, 3, 4) (1, 2, 3, 1, 2, 3) () 1 3 (2, 3) (3, 2, 1) () 3 True 2 1
print(t < (1, 2, 4), (1,) < (1, 0), () == (), (1, 2) == (1.0, 2.0), (1, 2) != [1, 2], (1, "a") >= (1, "a"))
# expect: True True True True True True
print((), (1,), tuple("ab"), tuple([1]), tuple(), tuple(x for x in range(3)), (*t, *"q"))
# expect: () (1,) ('a', 'b') (1,) () (0, 1, 2) (1, 2, 3, 'q')
print(tuple(t) is t, t[:] is t, t + () is t, tuple() is tuple([]), t * 1 is t)  # expect: True True True True True
print(hash((1, 2)) == hash((1.0, 2)), {(1, (2, 3)): 4}[1, (2, 3)])  # expect: True 4
t[9]  # raises IndexError: tuple index out of range
t["a"]  # raises TypeError: tuple indices must be integers or slices, not str
t.index(9)  # raises ValueError: tuple.index(x): x not in tuple
tuple(5)  # raises TypeError: 'int' object is not iterable
tuple(a=1)  # raises TypeError: tuple() takes no keyword arguments
hash(([],))  # raises TypeError: unhashable type: 'list'
t[0] = 1  # raises TypeError: 'tuple' object does not support item assignment
class T(tuple):
    def __new__(cls, *items):
        return super().__new__(cls, items)
x = T(1, 2)
x.name = "n"
print(x, x.name, x + (3,), type(x + (3,)).__name__, x[:] == (1, 2), type(x[:]).__name__, x == (1, 2), hash(x) == hash((1, 2)))
# expect: (1, 2) n (1, 2, 3) tuple True tuple True True
print(T(), len(T()), list(T(5)), x.__getnewargs__())  # expect: () 0 [5] ((1, 2),)
class P(tuple):
    __slots__ = ()
print(P("ab"), isinstance(P(), tuple))  # expect: ('a', 'b') True
i = iter((1, 2, 3))
print(next(i), i.__length_hint__(), i.__reduce__(), list(i), list(i), i.__reduce__())
# expect: 1 2 (<built-in function iter>, ((1, 2, 3),), 1) [2, 3] [] (<built-in function iter>, ((),))
l = []
t = (l,)
l.append(t)
print(t)  # expect: ([(...)],)
