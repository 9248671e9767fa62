# Insertions, removals and setdefault of several threads all happen, each exactly once.
import threading
def together(*targets):
    threads = [threading.Thread(target=t) for t in targets]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
N = 4000
d = {}
together(*[lambda k=k: [d.__setitem__((k, i), i) for i in range(N)] for k in range(4)])
print(len(d), all(d[k, i] == i for k in range(4) for i in range(N)))  # expect: 16000 True
removed = [0, 0, 0, 0]
def remove(k):
    for i in range(N):
        for j in range(4):
            if d.pop((j, i), None) is not None:
                removed[k] += 1
together(*[lambda k=k: remove(k) for k in range(4)])
print(len(d), sum(removed))  # expect: 0 16000
d = {}
winners = []
together(*[lambda k=k: [winners.append((i, d.setdefault(str(i), k))) for i in range(N)] for k in range(3)])
print(len(d), len(set(winners)))  # expect: 4000 4000
d = {str(i): i for i in range(N)}
popped = []
def popitems():
    while True:
        try:
            popped.append(d.popitem())
        except KeyError:
            return
together(popitems, popitems, popitems)
print(len(d), len(popped), len(set(popped)))  # expect: 0 4000 4000
d, bad = {}, []
def write(step):
    for i in range(N):
        d[i % 50] = i % 50
        d["k%d" % (i % 40)] = i % 40
        if i % 7 == step:
            d.pop(i % 50, None)
        if i % 1000 == step:
            d.clear()
def read():
    for i in range(N):
        if d.get(i % 50, i % 50) != i % 50 or d.get("k%d" % (i % 40), i % 40) != i % 40:
            bad.append(i)
        for k, v in d.copy().items():
            if (k if isinstance(k, int) else int(k[1:])) != v:
                bad.append(k)
            break
        i in d, len(d)
together(lambda: write(1), lambda: write(2), read, read)
print(bad)  # expect: []
class K:
    def __init__(self, v):
        self.v = v
    def __hash__(self):
        return self.v % 7
    def __eq__(self, other):
        return self.v == other.v
d = {}
together(*[lambda k=k: [d.setdefault(K(i), k) for i in range(150)] for k in range(3)])
print(len(d), sorted(k.v for k in d) == list(range(150)))  # expect: 150 True
