# defaultdict, Counter, namedtuple, OrderedDict, ChainMap.
from collections import *
d = defaultdict(list, {1: [2]}, x=[3])
d["new"].append(5)
print(d, d["x"], d.get("q"), d.default_factory, len(d), d.copy(), d == {1: [2], "x": [3], "new": [5]})
# expect: defaultdict(<class 'list'>, {1: [2], 'x': [3], 'new': [5]}) [3] None <class 'list'> 3 defaultdict(<class 'list'>, {1: [2], 'x': [3], 'new': [5]}) True
print(defaultdict(int) | {1: 2}, {1: 2} | defaultdict(int), defaultdict(None), defaultdict(int).__reduce__()[:2])
# expect: defaultdict(<class 'int'>, {1: 2}) defaultdict(<class 'int'>, {1: 2}) defaultdict(None, {}) (<class 'collections.defaultdict'>, (<class 'int'>,))
defaultdict(None)["a"]  # raises KeyError: 'a'
defaultdict(5)  # raises TypeError: first argument must be callable or None
d.default_factory = None
d["zzz"]  # raises KeyError: 'zzz'
c = Counter("abracadabra")
print(c, c.most_common(2), c["z"], c + Counter("abc"), c - Counter("aaaa"), Counter(a=2).total(), sorted(Counter(a=2).elements()))
# expect: Counter({'a': 5, 'b': 2, 'r': 2, 'c': 1, 'd': 1}) [('a', 5), ('b', 2)] 0 Counter({'a': 6, 'b': 3, 'r': 2, 'c': 2, 'd': 1}) Counter({'b': 2, 'r': 2, 'a': 1, 'c': 1, 'd': 1}) 2 ['a', 'a']
P = namedtuple("P", "x y", defaults=[5])
p = P(1)
print(p, p.x, p.y, p._replace(x=9), p._asdict(), P._fields, p == (1, 5), P._make([3, 4]), P.x.__doc__)
# expect: P(x=1, y=5) 1 5 P(x=9, y=5) {'x': 1, 'y': 5} ('x', 'y') True P(x=3, y=4) Alias for field number 0
p.x = 2  # raises AttributeError: can't set attribute
o = OrderedDict(a=1, b=2, c=3)
o.move_to_end("a")
o.move_to_end("c", last=False)
print(o, o.popitem(), o.popitem(last=False), o, list(reversed(o)), OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1) == {"a": 1})
# expect: OrderedDict({'b': 2}) ('a', 1) ('c', 3) OrderedDict({'b': 2}) ['b'] False True
m = ChainMap({"a": 1}, {"a": 2, "b": 3})
print(m, m["a"], m["b"], len(m), dict(m))  # expect: ChainMap({'a': 1}, {'a': 2, 'b': 3}) 1 3 2 {'a': 1, 'b': 3}
