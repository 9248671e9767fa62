# __missing__ is asked by d[key] of subclasses only; results of operators are plain dicts.
class D(dict):
    def __missing__(self, key):
        return "no " + key
d = D(a=1)
print(d["a"], d["b"], d.get("b"), "b" in d, len(d))  # expect: 1 no b None False 1
print(type(d | {"x": 1}).__name__, type(d.copy()).__name__, D.fromkeys("a"), type(D.fromkeys("a")).__name__)
# expect: dict dict {'a': None} D
class E(dict):
    pass
E()["q"]  # raises KeyError: 'q'
e = E({1: 2})
e.attr = 5
print(e, e.attr, e == {1: 2}, repr(e), dict(e))  # expect: {1: 2} 5 True {1: 2} {1: 2}
class K(dict):
    def __setitem__(self, key, value):
        print("set", key)
        super().__setitem__(key, value * 2)
k = K(a=1)
k["b"] = 2  # expect: set b
k.update(c=3)
print(k, K.fromkeys("z", 1))
# expect: set z
# expect: {'a': 1, 'b': 4, 'c': 3} {'z': 2}
