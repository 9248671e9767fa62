# A list iterator looks at the list at every step, and stays exhausted once it was.
l = [1, 2]
i = iter(l)
print(next(i), i.__length_hint__(), i.__reduce__())  # expect: 1 1 (<built-in function iter>, ([1, 2],), 1)
l.append(3)
print(list(i), list(i))  # expect: [2, 3] []
l.append(4)
print(list(i), i.__reduce__(), i.__length_hint__())  # expect: [] (<built-in function iter>, ([],)) 0
out = []
l = [0]
for x in l:
    out.append(x)
    if x < 5:
        l.append(x + 1)
print(out)  # expect: [0, 1, 2, 3, 4, 5]
l = [1, 2, 3]
for x in l:
    l.remove(x)
print(l)  # expect: [2]
r = reversed([1, 2, 3])
print(next(r), r.__length_hint__(), r.__reduce__(), list(r), list(r))
# expect: 3 2 (<class 'reversed'>, ([1, 2, 3],), 1) [2, 1] []
i = iter([1, 2, 3])
i.__setstate__(2)
print(list(i))  # expect: [3]
i = iter([1, 2, 3])
i.__setstate__(-5)
print(list(i), type(i).__name__, type(r).__name__)  # expect: [] list_iterator list_reverseiterator
