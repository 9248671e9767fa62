# Every method of dict, with and without defaults.
d = {"a": 1, "b": 2}
print(d.get("a"), d.get("z"), d.get("z", 5))  # expect: 1 None 5
print(d.setdefault("a", 9), d.setdefault("c", 3), d.setdefault("n"), d)
# expect: 1 3 None {'a': 1, 'b': 2, 'c': 3, 'n': None}
print(d.pop("a"), d.pop("zz", None), d)  # expect: 1 None {'b': 2, 'c': 3, 'n': None}
d.pop("zz")  # raises KeyError: 'zz'
print(d.popitem(), d.popitem(), d)  # expect: ('n', None) ('c', 3) {'b': 2}
d.clear()
print(d, bool(d), d.copy())  # expect: {} False {}
d.popitem()  # raises KeyError: 'popitem(): dictionary is empty'
print(dict.fromkeys("abc"), dict.fromkeys([1, 2], 0))  # expect: {'a': None, 'b': None, 'c': None} {1: 0, 2: 0}
print(dict([("a", 1), ["b", 2]], c=3), dict({"x": 1}, y=2), dict(a=1))
# expect: {'a': 1, 'b': 2, 'c': 3} {'x': 1, 'y': 2} {'a': 1}
d.update({"p": 1}, q=2)
d.update([("r", 3)])
d.update()
print(d)  # expect: {'p': 1, 'q': 2, 'r': 3}
class M:
    def keys(self):
        return ["k1", "k2"]
    def __getitem__(self, key):
        return key * 2
print(dict(M()))  # expect: {'k1': 'k1k1', 'k2': 'k2k2'}
print({"a": 1} | {"b": 2} | {"a": 3})  # expect: {'a': 3, 'b': 2}
d = {"a": 1}
d |= [("z", 26)]
print(d, d == {"z": 26, "a": 1}, d != {}, {} == [], {1: {2: 3}} == {1: {2: 3}})
# expect: {'a': 1, 'z': 26} True True False True
print([x for x in dir({}) if not x.startswith("_")])
# expect: ['clear', 'copy', 'fromkeys', 'get', 'items', 'keys', 'pop', 'popitem', 'setdefault', 'update', 'values']
