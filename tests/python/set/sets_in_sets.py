# A set can be looked for among frozensets though it has no hash.
s = {frozenset([1, 2]), frozenset()}
print({1, 2} in s, {1} in s, set() in s)  # expect: True False True
s.discard({1, 2})
s.remove(set())
print(s)  # expect: set()
s.remove({5})  # raises KeyError: {5}
s.add({1})  # raises TypeError: cannot use 'set' as a set element (unhashable type: 'set')
class S(set):
    pass
class F(frozenset):
    pass
print(S([1]), F([1]), repr(S()), S([1]) | {2}, type(S([1]) | {2}).__name__, F([1]) == {1}, S([1]) == F([1]))
# expect: S({1}) F({1}) S() {1, 2} set True True
x = S([1])
x.name = "n"
print(x.name, x.__reduce__()[2])  # expect: n {'name': 'n'}
