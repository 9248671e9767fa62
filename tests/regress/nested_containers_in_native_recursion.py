# Containers nested deeper than the native stack are printed, compared, hashed and iterated, or raise RecursionError: which of
# the two depends on the size of the stack, so it is not printed.
l = {}
for _ in range(200000): l = {1: l}
try: repr(l)
except RecursionError: pass
l = ()
for _ in range(200000): l = (l,)
try: repr(l)
except RecursionError: pass
import collections, types
l = ()
for i in range(200000): l = [(l,), [l], {1: l}, frozenset([1]), types.SimpleNamespace(x=l), collections.OrderedDict(x=l), collections.deque([l])][i % 7] if i % 7 != 3 else [l]
try: repr(l)
except RecursionError: pass
a = b = None
a = []; b = []
for _ in range(100000): a = [a]; b = [b]
try: a == b
except RecursionError: pass
try: a < b
except RecursionError: pass
print('survived')
a = (); b = ()
for _ in range(100000): a = (a,1); b = (b,1)
try: a == b
except RecursionError: pass
print('survived')
a = {}; b = {}
for _ in range(100000): a = {1: a}; b = {1: b}
try: a == b
except RecursionError: pass
print('survived')
a = ()
for _ in range(100000): a = (a,)
try: hash(a)
except RecursionError: pass
a = frozenset()
for _ in range(1000): a = frozenset([a])
print('survived')
import itertools
for wrap in (itertools.chain, enumerate, lambda x: map(int, x), lambda x: filter(None, x), zip):
    x = iter([1])
    for _ in range(2000): x = wrap(x)
    try: next(x)
    except (RecursionError, TypeError, ValueError): pass
print('survived')
t = int
for _ in range(100000): t = (t,)
try: isinstance("", t)
except RecursionError: pass
try: issubclass(str, t)
except RecursionError: pass
t = ValueError
for _ in range(100000): t = (t,)
try:
    try: raise KeyError
    except t: pass
except TypeError: pass
except RecursionError: pass
t = int | str
for i in range(3000): t = list[t]
try: repr(t)
except RecursionError: pass
try: hash(t)
except RecursionError: pass
try: t == list[t]
except RecursionError: pass
t = list[int]
for i in range(100000): t = list[t]
try: t.__parameters__
except RecursionError: pass
import copy
l = []
for _ in range(100000): l = [l]
try: copy.deepcopy(l)
except RecursionError: pass
e = ValueError()
for _ in range(50000): e = ExceptionGroup("x", [e])
try: repr(e)
except RecursionError: pass
try: e.split(ValueError)
except RecursionError: pass
try:
    try: raise e
    except* ValueError: pass
except RecursionError: pass
e = ValueError()
for _ in range(100000):
    n = ValueError(); n.__context__ = e; e = n
try: raise e
except ValueError: print("ok")
del e, n
print("done")
# expect: survived
# expect: survived
# expect: survived
# expect: survived
# expect: survived
# expect: ok
# expect: done
