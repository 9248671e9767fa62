# Chains of a hundred thousand objects of any kind are freed without recursion.
import types, collections, functools, weakref, itertools
N = 100000
l = None
for _ in range(N): l = [l]
del l
l = None
for _ in range(N): l = (l,)
del l
l = None
for _ in range(N): l = {1: l}
del l
class A: pass
l = None
for _ in range(N): a = A(); a.n = l; l = a
del l, a
class S: __slots__ = "n",
l = None
for _ in range(N): a = S(); a.n = l; l = a
del l, a
def g(x):
    yield x
    yield
l = None
for _ in range(50000): a = g(l); next(a); l = a
del l, a
print("g")
l = None
for _ in range(N): l = lambda l=l: l
del l
def mk(l): return lambda: l
l = None
for _ in range(N): l = mk(l)
del l
l = int
for _ in range(N): l = functools.partial(l)
del l
l = None
for _ in range(N): l = types.SimpleNamespace(x=l)
del l
l = None
for _ in range(N): l = types.MappingProxyType({1: l})
del l
l = iter([])
for _ in range(N): l = itertools.chain(l)
del l
l = iter([])
for _ in range(N): l = iter([l])
del l
l = None
for _ in range(N): l = collections.deque([l])
del l
l = ValueError()
for _ in range(N): e = ValueError(); e.__cause__ = l; l = e
del l, e
l = memoryview(b"x")
l = print
for _ in range(N): l = types.MethodType(l, 1) if callable(l) else l
del l
l = int
for _ in range(100000): l = list[l]
del l
l = slice(1)
for _ in range(N): l = slice(l)
del l
l = 1
for _ in range(N): l = property(l)
del l
print("done")
class A:
    def __init__(self, n): self.n = n
    def __del__(self): pass
l = None
for _ in range(50000): l = A(l)
del l
print("done")
import weakref
class A: pass
l = None
keep = []
def cb(r, l=None): pass
for _ in range(100000):
    a = A(); a.n = l; l = a; keep.append(weakref.ref(a, cb))
del l, a
print(len([r for r in keep if r() is None]))
import sys
sys.setrecursionlimit(200000)
def f(n):
    if n == 0: raise ValueError
    f(n - 1)
try: f(50000)
except ValueError as e: t = e
n = 0
tb = t.__traceback__
while tb: n += 1; tb = tb.tb_next
print(n)
del t, tb
print("done")
c = object
for i in range(1500): c = type("C%d" % i, (c,), {})
print(len(c.__mro__))
c().x = 1
del c
import gc; gc.collect()
# expect: g
# expect: done
# expect: done
# expect: 100000
# expect: 50002
# expect: done
# expect: 1501
