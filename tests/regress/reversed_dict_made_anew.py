# A backward iterator whose dict was cleared and filled again is exhausted.
d = {i: i for i in range(1000)}
for i in range(1, 1000): del d[i]
its = reversed(d), reversed(d.keys()), reversed(d.values()), reversed(d.items())
d.clear()
d[0] = 0
print([list(it) for it in its])  # expect: [[], [], [], []]
