# Objects whose __init__ never ran, descriptors given objects of other types, methods called with nonsense.
# env: PYTHONWARNINGS=ignore
ts = [type, object, int, str, list, dict, tuple, set, frozenset, bytes, bytearray, memoryview, float, complex, property, classmethod, staticmethod, super, slice, range, BaseException, type(lambda: 1), type((lambda: 1).__code__), type(len), type([].append), type(x for x in ()), zip, map, filter, enumerate, reversed, type(iter([]))]
bad = [None, 1, "a", object(), [], type, int, lambda: 1]
for t in ts:
    for n, d in list(t.__dict__.items()):
        for b in bad:
            for meth in ("__get__", "__set__", "__delete__"):
                g = getattr(d, meth, None)
                if not g: continue
                for a in ((b,), (b, t), (b, None), (None, b), (None, None)):
                    if t is type and n in ("__name__", "__qualname__", "__bases__", "__module__", "__doc__", "__dict__") : continue
                    try: repr(g(*a))
                    except BaseException: pass
print("done")
import types
def f(): pass
ts = [int, str, list, dict, tuple, set, frozenset, bytes, bytearray, float, complex, property, classmethod, staticmethod, BaseException, zip, map, filter, enumerate, reversed, type, object, Exception, OSError, SyntaxError, UnicodeDecodeError, StopIteration, KeyError, ImportError, BaseExceptionGroup, UnicodeEncodeError, SystemExit, types.SimpleNamespace, types.ModuleType]
for t in ts:
    for base in (t, None):
        try:
            if base is None:
                class S(t): pass
                o = S.__new__(S)
            else: o = t.__new__(t)
        except BaseException as e: continue
        for m in dir(o):
            if m in ("__class__",): continue
            try: g = getattr(o, m)
            except BaseException: continue
            try: repr(o); str(o); hash(o); len(o)
            except BaseException: pass
            if callable(g):
                for a in ((), (1,), ("a", "b"), (o,), (None,)):
                    try: g(*a)
                    except BaseException: pass
print("done")
import types
argss = [(), (None,), (1,), ("a",), ([],), (1, 2), (None, None), (object(),), (int,), (int, int), (object, 1), (b"a", 1), (type, type), (5, int)]
ts = [t for t in object.__subclasses__() if t.__module__ in ("builtins", "types", "collections", "functools", "itertools")] + [object, type]
def f(): yield 1
objs = [f, f(), f.__code__, (lambda: 1), len, [].append, list.append, int.__add__, (1).__add__, type.__dict__["__doc__"], property(), classmethod(f), staticmethod(f), super, slice(1), range(3), iter([]), iter(()), iter({}), iter({}.items()), iter(set()), iter(""), iter(b""), iter(range(1)), reversed([]), zip(), map(int, []), filter(None, []), enumerate([]), {}.keys(), {}.values(), {}.items(), types.SimpleNamespace(), types.MappingProxyType({}), memoryview(b""), bytearray(), frozenset(), 1j, 1.5, Exception(), (x for x in ()), types.ModuleType("a"), types.CellType(1), list[int], int | str, type, object, NotImplemented, Ellipsis, None, object.__init__, object().__init__, BaseException.__dict__["args"], types.MethodType(f, 1)]
for o in objs:
    for m in dir(type(o)):
        for owner in (o, type(o)):
            try: g = getattr(owner, m)
            except BaseException: continue
            if not callable(g) or m in ("__class__", "mro", "__subclasses__", "__subclasshook__", "throw"): continue
            for b in argss:
                try: x = g(*b); repr(x)[:100]
                except BaseException: pass
                try: x = g(o, *b); repr(x)[:100]
                except BaseException: pass
print("done")
import gc
n = 0
for o in gc.get_objects():
    try: repr(o); str(o); hash(o)
    except Exception: pass
    try: dir(o)
    except Exception: pass
    n += 1
print(n > 100)
# expect: done
# expect: done
# expect: done
# expect: True
