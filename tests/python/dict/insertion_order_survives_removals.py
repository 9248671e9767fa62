# A dict lists its keys in the order they were first put in; a key removed and put in again goes to the end.
d = {k: i for i, k in enumerate("abcdef")}
del d["c"]
d["a"] = 10
d["c"] = 11
print(d)  # expect: {'a': 10, 'b': 1, 'd': 3, 'e': 4, 'f': 5, 'c': 11}
print(list(reversed(d)))  # expect: ['c', 'f', 'e', 'd', 'b', 'a']
for k in list(d):
    if k in "bdf":
        del d[k]
print(d, len(d))  # expect: {'a': 10, 'e': 4, 'c': 11} 3
for i in range(100):
    d[i] = i
for i in range(0, 100, 2):
    del d[i]
print(list(d)[:6], len(d), d.popitem(), d.popitem())  # expect: ['a', 'e', 'c', 1, 3, 5] 53 (99, 99) (97, 97)
