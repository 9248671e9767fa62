# items(), enumerate() and zip() may use a pair again only when nobody kept it.
print([pair for pair in {1: 2, 3: 4, 5: 6}.items()])  # expect: [(1, 2), (3, 4), (5, 6)]
print([pair for pair in enumerate("abc")])  # expect: [(0, 'a'), (1, 'b'), (2, 'c')]
print([pair for pair in zip("abc", "def")])  # expect: [('a', 'd'), ('b', 'e'), ('c', 'f')]

# A pair dropped between two steps may come again, with a hash of its own.
print([hash(pair) for pair in zip([1, 2], [3, 4])] == [hash((1, 3)), hash((2, 4))])  # expect: True

pairs = iter({1: 2, 3: 4, 5: 6}.items())
first = next(pairs)
second = next(pairs)
print(first, second)  # expect: (1, 2) (3, 4)
del first, second
print(next(pairs))  # expect: (5, 6)

