# keys, values and items show the dict as it is now; keys and items act as sets.
d = {"a": 1, "b": 2, "c": 3}
k, v, i = d.keys(), d.values(), d.items()
d["d"] = 4
print(k, v, i)
# expect: dict_keys(['a', 'b', 'c', 'd']) dict_values([1, 2, 3, 4]) dict_items([('a', 1), ('b', 2), ('c', 3), ('d', 4)])
print(len(k), "d" in k, 4 in v, ("a", 1) in i, ("a", 2) in i, "a" in i)  # expect: 4 True True True False False
print(sorted(k & {"a", "z"}), sorted(k | {"z"}), sorted(k - {"a"}), sorted(k ^ {"a", "z"}))
# expect: ['a'] ['a', 'b', 'c', 'd', 'z'] ['b', 'c', 'd'] ['b', 'c', 'd', 'z']
print(sorted({"a", "z"} & k), sorted(["a", "z"] | k), sorted(["a", "z"] - k), sorted(i & [("a", 1)]))
# expect: ['a'] ['a', 'b', 'c', 'd', 'z'] ['z'] [('a', 1)]
print(k == {"a", "b", "c", "d"}, k >= {"a"}, k < {"a"}, {"a"} <= k, k.isdisjoint(["q"]), k.isdisjoint("a"))
# expect: True True False True True False
print(i == d.items(), k == d.keys(), v == d.values(), v == v)  # expect: True True False True
print(list(reversed(k)), list(reversed(v)), list(reversed(i)))
# expect: ['d', 'c', 'b', 'a'] [4, 3, 2, 1] [('d', 4), ('c', 3), ('b', 2), ('a', 1)]
print(k.mapping, type(k.mapping).__name__, type(iter(k)).__name__, type(reversed(i)).__name__)
# expect: {'a': 1, 'b': 2, 'c': 3, 'd': 4} mappingproxy dict_keyiterator dict_reverseitemiterator
k.mapping["x"] = 1  # raises TypeError: 'mappingproxy' object does not support item assignment
hash(k)  # raises TypeError: unhashable type: 'dict_keys'
type(k)()  # raises TypeError: cannot create 'dict_keys' instances
print(isinstance(hash(v), int), {1: []}.items() == {1: []}.items())  # expect: True True
d = {}
d[1] = d.values()
print(repr(d)[:30])  # expect: {1: dict_values([...])}
