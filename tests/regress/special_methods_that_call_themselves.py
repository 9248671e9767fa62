# Special methods that call themselves without end raise RecursionError, through every native function between.
class A:
    def __eq__(self, o): return [self] == [o]
try: A() == A()
except RecursionError as e: print("R")
class A:
    def __lt__(self, o): return sorted([self, o])[0] is self
try: sorted([A(), A()])
except RecursionError as e: print("R")
class A:
    def __hash__(self): return hash((self,))
try: hash(A())
except RecursionError as e: print("R")
class A:
    def __getattr__(self, n): return getattr(self, n + "x")
try: A().a
except RecursionError as e: print("R")
class A:
    def __getattribute__(self, n): return self.x
try: A().a
except RecursionError as e: print("R")
class A:
    def __setattr__(self, n, v): self.x = v
try: A().a = 1
except RecursionError as e: print("R")
class A:
    def __getitem__(self, n): return self[n]
try: A()[1]
except RecursionError as e: print("R")
class A(dict):
    def __missing__(self, n): return self[n]
try: A()[1]
except RecursionError as e: print("R")
class A:
    def __call__(self): return self()
try: A()()
except RecursionError as e: print("R")
class A: pass
A.__call__ = A()
try: A()()
except RecursionError as e: print("R")
except TypeError as e: print("T")
class A:
    pass
o = A()
for _ in range(3):
    A.__call__ = o
    o = A()
try: o()
except RecursionError: print("R")
class A:
    def __new__(cls): return cls()
try: A()
except RecursionError as e: print("R")
class A:
    def __init__(self): A()
try: A()
except RecursionError as e: print("R")
class D:
    def __get__(self, o, t): return o.x
class A: x = D()
try: A().x
except RecursionError as e: print("R")
class A:
    @property
    def x(self): return self.x
try: A().x
except RecursionError as e: print("R")
class A:
    def __str__(self): return str(self)
try: str(A())
except RecursionError as e: print("R")
class A:
    def __repr__(self): return repr(self)
try: repr(A())
except RecursionError as e: print("R")
class A:
    def __format__(self, s): return f"{self}"
try: f"{A()}"
except RecursionError as e: print("R")
class A:
    def __len__(self): return len(self)
try: bool(A())
except RecursionError as e: print("R")
class A:
    def __contains__(self, x): return x in self
try: 1 in A()
except RecursionError as e: print("R")
class A:
    def __iter__(self): return iter(self)
try: list(A())
except RecursionError as e: print("R")
class A:
    def __iter__(self): return self
    def __next__(self): return next(self)
try: list(A())
except RecursionError as e: print("R")
class A:
    def __add__(self, o): return self + o
    def __radd__(self, o): return o + self
try: A() + 1
except RecursionError as e: print("R")
try: 1 + A()
except RecursionError as e: print("R")
class A:
    def __index__(self): return [1][self]
try: [1][A()]
except RecursionError as e: print("R")
class S(str):
    def __hash__(self): return hash(S(self))
    def __eq__(self, o): return S(self) == o
try: {S("a"): 1}
except RecursionError: print("R")
class A: pass
try: A().__dict__[S("a")]
except (KeyError, RecursionError) as e: print(type(e).__name__)
class A:
    def f(self): return super().f()
class B(A): pass
B.f = lambda self: super(B, self).f()
A.f = lambda self: B.f(self)
try: B().f()
except RecursionError: print("R")
class M(type):
    def __call__(cls, *a): return cls(*a)
class A(metaclass=M): pass
try: A()
except RecursionError: print("R")
class M(type):
    def __instancecheck__(cls, o): return isinstance(o, cls)
class A(metaclass=M): pass
try: isinstance(1, A)
except RecursionError: print("R")
class M(type):
    def mro(cls): return cls.mro()
try:
    class A(metaclass=M): pass
except RecursionError: print("R")
def g():
    yield from g()
try: list(g())
except RecursionError as e: print("R")
def g():
    for x in g(): yield x
try: list(g())
except RecursionError as e: print("R")
import functools
@functools.lru_cache
def f(x): return f(x)
try: f(1)
except RecursionError: print("R")
@functools.lru_cache(maxsize=2)
def f(x):
    f.cache_clear()
    return f(x - 1) if x else 0
print(f(100))
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return 1
    def __eq__(self, o): g.cache_clear(); return False
@functools.lru_cache(maxsize=3)
def g(x): return 1
for i in range(10): g(K(i))
print(g.cache_info().currsize <= 3)
import itertools
class I:
    def __iter__(self): return self
    def __next__(self): return next(a)
a, b = itertools.tee(I())
try: next(a)
except (RuntimeError, RecursionError) as e: print(type(e).__name__, e)
import weakref
class A:
    def __len__(self): return len(p)
a = A(); p = weakref.proxy(a)
try: len(a)
except RecursionError: print("R")
b = a
class B: pass
x = B()
ps = [x]
for _ in range(10000):
    ps.append(weakref.proxy(ps[-1]) if _ == 0 else ps[-1])
print("done")
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: RecursionError
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: R
# expect: 0
# expect: True
# expect: RuntimeError cannot re-enter the tee iterator
# expect: R
# expect: done
