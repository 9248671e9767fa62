# A for loop that takes pairs apart sees what it would see with the tuples.

def items(d):
    return [(key, value) for key, value in d.items()]


d = dict.fromkeys("abc", 1)
del d["b"]
print(items(d), items({}), items({n: n for n in range(3)}))  # expect: [('a', 1), ('c', 1)] [] [(0, 0), (1, 1), (2, 2)]
try:
    for key, value in d.items():
        d["new"] = 1
except RuntimeError as error:
    print(error)  # expect: dictionary changed size during iteration

print([(i, x) for i, x in enumerate("ab", 5)])  # expect: [(5, 'a'), (6, 'b')]
big = 2**62 - 2
print([i - big for i, x in enumerate("abc", big)])  # expect: [0, 1, 2]
print([i - 2**70 for i, x in enumerate("abc", 2**70)])  # expect: [0, 1, 2]


class Broken:
    def __init__(self, error):
        self.error = error

    def __iter__(self):
        return self

    def __next__(self):
        raise self.error


for error in (StopIteration(), ValueError("broken")):
    for make in (enumerate, lambda it: zip("ab", it), lambda it: zip(it, "ab")):
        try:
            for first, second in make(Broken(error)):
                print("never")
            print("ended")
        except ValueError as caught:
            print(caught)
# expect: ended
# expect: ended
# expect: ended
# expect: broken
# expect: broken
# expect: broken

print([a + b for a, b in zip("abc", "de")])  # expect: ['ad', 'be']
rest = iter("abc")
print([a + b for a, b in zip(rest, "d")], next(rest))  # expect: ['ad'] c
for left, right in ("ab", "abc"), ("abc", "ab"):
    try:
        print([a + b for a, b in zip(left, right)])
        for a, b in zip(left, right, strict=True):
            pass
    except ValueError as error:
        print(error)
# expect: ['aa', 'bb']
# expect: zip() argument 2 is longer than argument 1
# expect: ['aa', 'bb']
# expect: zip() argument 2 is shorter than argument 1
try:
    for a, b in zip("ab", "cd", "ef"):
        pass
except ValueError as error:
    print(error)  # expect: too many values to unpack (expected 2, got 3)


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("dead", self.name)


for a, b in zip([Noisy(1), Noisy(2)], [3, 4]):
    print(a.name, b)
del a
# expect: 1 3
# expect: 2 4
# expect: dead 1
# expect: dead 2
