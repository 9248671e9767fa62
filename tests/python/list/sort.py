# sort is stable, takes what order it finds, and calls the key once an item.
print(sorted([3, 1, 2]), sorted([3, 1, 2], reverse=True), sorted("hello"), sorted([2.5, -1.0, 0.0, -0.0, 1e300]))
# expect: [1, 2, 3] [3, 2, 1] ['e', 'h', 'l', 'l', 'o'] [-1.0, 0.0, -0.0, 2.5, 1e+300]
words = ["bb", "a", "ccc", "dd", "é", "e", "Z", "数"]
print(sorted(words), sorted(words, key=len), sorted(words, key=len, reverse=True))
# expect: ['Z', 'a', 'bb', 'ccc', 'dd', 'e', 'é', '数'] ['a', 'é', 'e', 'Z', '数', 'bb', 'dd', 'ccc'] ['ccc', 'bb', 'dd', 'a', 'é', 'e', 'Z', '数']
print(sorted([1, 2.5, True, -3, 10**20, 0.0]), sorted([(2, "b"), (1, "z"), (2, "a"), (1,)]))
# expect: [-3, 0.0, 1, True, 2.5, 100000000000000000000] [(1,), (1, 'z'), (2, 'a'), (2, 'b')]
pairs = [(i % 3, i) for i in range(10)]
print(sorted(pairs, key=lambda p: p[0]), sorted(pairs, key=lambda p: p[0], reverse=True))
# expect: [(0, 0), (0, 3), (0, 6), (0, 9), (1, 1), (1, 4), (1, 7), (2, 2), (2, 5), (2, 8)] [(2, 2), (2, 5), (2, 8), (1, 1), (1, 4), (1, 7), (0, 0), (0, 3), (0, 6), (0, 9)]
[1, "a"].sort()  # raises TypeError: '<' not supported between instances of 'str' and 'int'
[].sort(1)  # raises TypeError: sort() takes no positional arguments
[1].sort(key=5)  # raises TypeError: 'int' object is not callable
l = [3, 2, 1]
def key(x):
    l.append(x)
    return x
l.sort(key=key)  # raises ValueError: list modified during sort
print(l)  # expect: [1, 2, 3]
seen = []
l = [1, 2, 3]
l.sort(key=lambda x: seen.append(list(l)) or -x)
print(l, seen)  # expect: [3, 2, 1] [[], [], []]
def boom(x):
    if x == 2:
        raise ZeroDivisionError("key")
    return x
l.sort(key=boom)  # raises ZeroDivisionError: key
print(l)  # expect: [3, 2, 1]
class C:
    def __init__(self, v):
        self.v = v
    def __lt__(self, other):
        global compared
        compared += 1
        if limit and compared > limit:
            raise ValueError("enough")
        return self.v < other.v
class random:  # the same numbers on every interpreter, without importing anything
    state = 3
    def randrange(n):
        random.state = (random.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (random.state >> 33) % n
    def random():
        return random.randrange(1 << 30) / (1 << 30)
    def choice(items):
        return items[random.randrange(len(items))]
for n in (0, 1, 2, 10, 63, 64, 65, 500, 3000):
    for make in (lambda: [random.randrange(n + 1) for _ in range(n)], lambda: list(range(n)), lambda: list(range(n, 0, -1)),
                 lambda: [i // 5 for i in range(n)], lambda: [i ^ 1 for i in range(n)], lambda: list(range(n)) + [5, 3],
                 lambda: [random.randrange(3) for _ in range(n)], lambda: [float(i * 7 % 13) for i in range(n)],
                 lambda: [str(i * 7 % 1013) for i in range(n)]):
        data = make()
        compared, limit = 0, 0
        objects = [C(x) for x in data]
        objects.sort()
        expected = []
        for x in data:
            import bisect
            bisect.insort_right(expected, x)
        assert [o.v for o in objects] == expected == sorted(data) == sorted(data, key=lambda x: x), (n, data[:10])
        assert sorted(data, reverse=True) == expected[::-1]
        tagged = sorted(((x, i) for i, x in enumerate(data)), key=lambda p: p[0])
        assert tagged == sorted(tagged)
        limit, compared = 50, 0
        objects = [C(x) for x in data]
        ids = sorted(map(id, objects))
        try:
            objects.sort()
        except ValueError:
            pass
        assert sorted(map(id, objects)) == ids
print("sorted")  # expect: sorted
