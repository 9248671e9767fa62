# partial, reduce, lru_cache, cmp_to_key, singledispatch, total_ordering.
from functools import *
p = partial(int, base=2)
print(p("101"), p.func, p.args, p.keywords, partial(print, 1), partial(max, 5)(3, 9), partial(dict, a=1)(b=2), partial(dict, a=1)(a=3))
# expect: 5 <class 'int'> () {'base': 2} functools.partial(<built-in function print>, 1) 9 {'a': 1, 'b': 2} {'a': 3}
print(partial(partial(max, 1), 2).args, partial(pow, Placeholder, 2)(5), partial(pow, Placeholder, 2), repr(Placeholder))
# expect: (1, 2) 25 functools.partial(<built-in function pow>, Placeholder, 2) Placeholder
print(partial(partial(max, Placeholder, Placeholder, 9), 1, 2).args, p.__reduce__()[2][:3])
# expect: (1, 2, 9) (<class 'int'>, (), {'base': 2})
partial()  # raises TypeError: type 'partial' takes at least one argument
partial(1)  # raises TypeError: the first argument must be callable
partial(print, 1, Placeholder)  # raises TypeError: trailing Placeholders are not allowed
partial(pow, Placeholder, 2)()  # raises TypeError: missing positional arguments in 'partial' call; expected at least 1, got 0
print(reduce(lambda a, b: a + b, [1, 2, 3]), reduce(max, [], 5), reduce(lambda a, b: a * b, range(1, 6), initial=2))
# expect: 6 5 240
reduce(max, [])  # raises TypeError: reduce() of empty iterable with no initial value
reduce(max, 5)  # raises TypeError: reduce() arg 2 must support iteration
@lru_cache(maxsize=2)
def f(x, *rest, **named):
    calls.append(x)
    return x * 2
calls = []
print(f(1), f(2), f(1), f(3), f(1), f(2), calls, f.cache_info(), f.cache_parameters())
# expect: 2 4 2 6 2 4 [1, 2, 3, 2] CacheInfo(hits=2, misses=4, maxsize=2, currsize=2) {'maxsize': 2, 'typed': False}
print(f(1, 2), f(1, 2), f(1, y=1), f(1, y=1), f.cache_info(), f.__wrapped__.__name__, f.__name__)
# expect: 2 2 2 2 CacheInfo(hits=4, misses=6, maxsize=2, currsize=2) f f
f.cache_clear()
print(f.cache_info())  # expect: CacheInfo(hits=0, misses=0, maxsize=2, currsize=0)
f([])  # raises TypeError: unhashable type: 'list'
@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(80), fib.cache_info())  # expect: 23416728348467685 CacheInfo(hits=78, misses=81, maxsize=None, currsize=81)
@lru_cache(typed=True)
def t(x):
    return type(x).__name__
print(t(1), t(1.0), t(True), t.cache_info().currsize)  # expect: int float bool 3
class M:
    @lru_cache
    def m(self, x):
        return x + 1
    p = partialmethod(lambda self, a, b: (a, b), 1)
    @cached_property
    def c(self):
        print("computed")
        return 7
m = M()
print(m.m(1), m.m(1), M.m.cache_info().hits, m.p(2), m.c, m.c)
# expect: computed
# expect: 2 2 1 (1, 2) 7 7
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)), cmp_to_key(lambda a, b: 0)(5).obj)  # expect: [3, 2, 1] 5
cmp_to_key(max)(1) < 5  # raises TypeError: other argument must be K instance
@singledispatch
def show(x):
    return "any"
@show.register
def _(x: int):
    return "int"
print(show(1), show("a"), show(True))  # expect: int any int
@total_ordering
class T:
    def __init__(self, v):
        self.v = v
    def __eq__(self, o):
        return self.v == o.v
    def __lt__(self, o):
        return self.v < o.v
print(T(1) <= T(2), T(1) > T(2), T(1) >= T(1))  # expect: True False True
