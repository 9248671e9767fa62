# env: PYTHONHASHSEED=0
# Iteration order depends on the history of a table in CPython's way.
class random:  # the same numbers on every interpreter, without importing anything
    state = 11
    def randrange(n):
        random.state = (random.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (random.state >> 33) % n
    def random():
        return random.randrange(1 << 30) / (1 << 30)
    def choice(items):
        return items[random.randrange(len(items))]
lines = []
for round in range(400):
    s = set()
    for _ in range(random.choice([3, 6, 20, 100, 700])):
        k = random.choice([random.randrange(50), random.randrange(10**6), -random.randrange(99),
                           str(random.randrange(1000)), (random.randrange(9), random.randrange(9)),
                           random.randrange(100) / 4, 2**70 + random.randrange(9), b"x%d" % random.randrange(50)])
        s.add(k)
        if random.random() < 0.3:
            s.discard(random.choice(list(s)))
        if random.random() < 0.02:
            s.pop() if s else None
    other = {random.randrange(60) for _ in range(random.randrange(80))}
    for t in (s, s | other, s & other, s - other, s ^ other, other - s, set(s), frozenset(s), set(list(s)), s.union([1, 2, "q"])):
        lines.append(repr(t))
    s -= other
    lines.append(repr(s))
    s |= other
    lines.append(repr(s))
    s.update(dict.fromkeys(range(round % 37)))
    lines.append(repr(s))
print(len(lines), hash("\n".join(lines)))  # expect: 5200 3236339312573054411
print(lines[7][:100])  # expect: frozenset({1180591620717411303425, '204', -85, 12.5, '534'})
