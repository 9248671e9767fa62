# __reduce__ of dict iterators gives the items that are left.
d = {"a": 1, "b": 2, "c": 3}
for make in (iter, lambda d: iter(d.values()), lambda d: iter(d.items()), reversed):
    i = make(d)
    next(i)
    print(i.__reduce__(), next(i))
# expect: (<built-in function iter>, (['b', 'c'],)) b
# expect: (<built-in function iter>, ([2, 3],)) 2
# expect: (<built-in function iter>, ([('b', 2), ('c', 3)],)) ('b', 2)
# expect: (<built-in function iter>, (['b', 'a'],)) b
