# Iterating a dict or set that changes size raises CPython's errors; a list is followed as it is now.
d = {1: 1, 2: 2}
try:
    for key in d:
        d[key + 10] = 0
except RuntimeError as error:
    print(error)  # expect: dictionary changed size during iteration
d = {1: 1, 2: 2, 3: 3}
walk = iter(d.items())
print(next(walk))  # expect: (1, 1)
del d[1]
d[4] = 4
print(next(walk), next(walk))  # expect: (2, 2) (3, 3)
next(walk)  # raises RuntimeError: dictionary keys changed during iteration
next(walk)  # raises StopIteration
s = {1, 2}
try:
    for item in s:
        s.add(item + 10)
except RuntimeError as error:
    print(error)  # expect: Set changed size during iteration
items = [1, 2, 3]
seen = []
for item in items:
    seen.append(item)
    if len(items) < 6:
        items.append(item * 10)
print(seen)  # expect: [1, 2, 3, 10, 20, 30]
items = [1, 2, 3, 4]
for item in items:
    items.remove(item)
print(items)  # expect: [2, 4]
