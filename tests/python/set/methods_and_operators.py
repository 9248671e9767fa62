# Every method and operator of set.
a, b = {1, 2, 3}, {3, 4}
print(a | b, a & b, a - b, a ^ b, a <= b, {3} < b, a >= {1}, a > a, a == {3, 2, 1}, a != b)
# expect: {1, 2, 3, 4} {3} {1, 2} {1, 2, 4} False True True False True True
print(a.union(b, [9]), a.intersection(b, [3]), a.difference(b, [1]), a.symmetric_difference([1, 7]))
# expect: {1, 2, 3, 4, 9} {3} {2} {2, 3, 7}
print(a.union(), a.intersection(), a.difference(), a.isdisjoint([5]), a.isdisjoint(b), a.issubset([1, 2, 3, 4]), a.issuperset([1]))
# expect: {1, 2, 3} {1, 2, 3} {1, 2, 3} True False True True
a.add(1)
a.add(10)
a.discard(99)
a.discard(1)
a.remove(2)
print(a, len(a), 3 in a, 2 in a)  # expect: {10, 3} 2 True False
a.remove(2)  # raises KeyError: 2
a.update([5], (6,), {7: 8}, "x")
print(sorted(map(str, a)))  # expect: ['10', '3', '5', '6', '7', 'x']
a.difference_update([5], [6])
a.intersection_update({3, 10, 7, "x"})
a.symmetric_difference_update({3, 4})
print(sorted(map(str, a)))  # expect: ['10', '4', '7', 'x']
a |= {100}
a &= {100, 4, 7}
a -= {7}
a ^= {4, 5}
print(a, a.copy() == a, a.copy() is a)  # expect: {100, 5} True False
a.clear()
print(a, {*()}, set(), frozenset())  # expect: set() set() set() frozenset()
a.pop()  # raises KeyError: 'pop from an empty set'
print(type(a | frozenset()).__name__, type(frozenset() | a).__name__, type({1}.union(())).__name__)
# expect: set frozenset set
f = frozenset([1, 2])
print(frozenset(f) is f, f.copy() is f, f | {3}, hash(f) == hash(frozenset([2, 1])), f == {1, 2})
# expect: True True frozenset({1, 2, 3}) True True
print({1} | {True}, {1.0} | {1}, {frozenset([1]): 2}[frozenset({1})])  # expect: {1} {1.0} 2
print({1, 2}.__reduce__(), sorted(x for x in dir(set) if not x.startswith("_")))
# expect: (<class 'set'>, ([1, 2],), None) ['add', 'clear', 'copy', 'difference', 'difference_update', 'discard', 'intersection', 'intersection_update', 'isdisjoint', 'issubset', 'issuperset', 'pop', 'remove', 'symmetric_difference', 'symmetric_difference_update', 'union', 'update']
