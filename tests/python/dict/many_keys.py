# Tables of every size hold what was put in, also after many removals.
class random:  # the same numbers on every interpreter, without importing anything
    state = 5
    def randrange(n):
        random.state = (random.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (random.state >> 33) % n
    def random():
        return random.randrange(1 << 30) / (1 << 30)
    def choice(items):
        return items[random.randrange(len(items))]
d, model = {}, []
for step in range(20000):
    k = random.randrange(3000)
    if random.random() < 0.55:
        if k not in d:
            model.append(k)
        d[k] = step
    elif k in d:
        del d[k]
        model.remove(k)
print(list(d) == model, len(d) == len(model), all(k in d for k in model))  # expect: True True True
d = {str(i): i for i in range(50000)}
print(len(d), all(d[str(i)] == i for i in range(50000)), "50000" in d)  # expect: 50000 True False
for i in range(49990):
    del d[str(i)]
print(d)
# expect: {'49990': 49990, '49991': 49991, '49992': 49992, '49993': 49993, '49994': 49994, '49995': 49995, '49996': 49996, '49997': 49997, '49998': 49998, '49999': 49999}
q = {}
for i in range(30000):
    q[i] = i
    if i > 100:
        del q[next(iter(q))]
print(len(q), next(iter(q)), list(q)[-1])  # expect: 101 29899 29999
s = {i: i for i in range(200)}
for i in range(100000):
    s[i + 1000] = i
    s.popitem()
print(len(s), s.popitem())  # expect: 200 (199, 199)
print(len({i << 40: i for i in range(5000)}), len({float(i) + 0.5: i for i in range(5000)}))  # expect: 5000 5000
