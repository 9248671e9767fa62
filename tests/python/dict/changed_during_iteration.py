# An iterator notices a change of size at the next step, and a change of keys when it finds more than it expects.
d = {"a": 1, "b": 2}
def grow():
    for k in d:
        d[k + "x"] = 1
grow()  # raises RuntimeError: dictionary changed size during iteration
d = {0: 0}
def replace():
    for k in d:
        del d[0]
        d[0] = 0
replace()  # raises RuntimeError: dictionary keys changed during iteration
d = {0: 0, 1: 1, 2: 2}
for k in d:
    d[k] += 10
print(d)  # expect: {0: 10, 1: 11, 2: 12}
i = iter(d)
next(i)
del d[0]
next(i)  # raises RuntimeError: dictionary changed size during iteration
next(i)  # raises RuntimeError: dictionary changed size during iteration
i = iter(d.items())
print(next(i), i.__length_hint__(), list(i), list(i), i.__length_hint__())  # expect: (1, 11) 1 [(2, 12)] [] 0
d[5] = 5
print(list(i))  # expect: []
