# types.SimpleNamespace and types.MappingProxyType.
import types
N = types.SimpleNamespace
n = N(a=1, b="x")
n.c = [1]
print(n, n == N(a=1, b="x", c=[1]), n != n, N({"q": 1}, r=2), N([("z", 1)]), n.__reduce__()[2])
# expect: namespace(a=1, b='x', c=[1]) True False namespace(q=1, r=2) namespace(z=1) {'a': 1, 'b': 'x', 'c': [1]}
class S(N):
    pass
print(S(a=1), n.__replace__(a=5))  # expect: S(a=1) namespace(a=5, b='x', c=[1])
n.me = n
print(n)  # expect: namespace(a=1, b='x', c=[1], me=namespace(...))
N(1)  # raises TypeError: 'int' object is not iterable
N({1: 2})  # raises TypeError: keywords must be strings
N(1, 2)  # raises TypeError: SimpleNamespace expected at most 1 argument, got 2
d = {"a": 1}
p = types.MappingProxyType(d)
d["b"] = 2
print(p, repr(p), len(p), p["b"], "a" in p, list(p), p.get("z", 0), p.keys(), p | {"c": 3}, {"c": 3} | p, p == d, p.copy(), list(reversed(p)))
# expect: {'a': 1, 'b': 2} mappingproxy({'a': 1, 'b': 2}) 2 2 True ['a', 'b'] 0 dict_keys(['a', 'b']) {'a': 1, 'b': 2, 'c': 3} {'c': 3, 'a': 1, 'b': 2} True {'a': 1, 'b': 2} ['b', 'a']
types.MappingProxyType([])  # raises TypeError: mappingproxy() argument must be a mapping, not list
print(type(int.__dict__).__name__, types.MappingProxyType(mapping={}))  # expect: mappingproxy {}
hash(p)  # raises TypeError: unhashable type: 'dict'
p["a"] = 1  # raises TypeError: 'mappingproxy' object does not support item assignment
