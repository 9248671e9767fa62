# Appends, pops, inserts and item assignments of several threads all happen, each exactly once.
import threading
def together(*targets):
    threads = [threading.Thread(target=t) for t in targets]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
N = 4000
l = []
together(*[lambda k=k: [l.append((k, i)) for i in range(N)] for k in range(4)])
print(len(l), len(set(l)), all([i for k2, i in l if k2 == k] == list(range(N)) for k in range(4)))
# expect: 16000 16000 True
taken = [[], [], []]
def take(into):
    while True:
        try:
            into.append(l.pop())
        except IndexError:
            return
together(*[lambda t=t: take(t) for t in taken])
print(len(l), sum(map(len, taken)), len(set(taken[0] + taken[1] + taken[2])))  # expect: 0 16000 16000
l = []
together(*[lambda k=k: [l.insert(0, (k, i)) for i in range(1500)] for k in range(3)])
print(len(l), len(set(l)))  # expect: 4500 4500
l = []
together(*[lambda k=k: [l.extend([(k, i), (k, i)]) for i in range(1500)] for k in range(3)])
print(len(l), all(l[i] == l[i + 1] for i in range(0, len(l), 2)))  # expect: 9000 True
l = [0] * 100
bad = []
def write():
    for i in range(N):
        l[i % 100] = "s" if i % 3 else i
def read():
    for i in range(N):
        x = l[i % 100]
        if x != "s" and not (isinstance(x, int) and 0 <= x < N):
            bad.append(x)
together(write, write, read, read)
print(len(l), bad)  # expect: 100 []
l = []
def grow():
    for i in range(N):
        l.append(i)
        if i % 500 == 499:
            l.clear()
def look():
    for i in range(N):
        for x in l[:]:
            if not 0 <= x < N:
                bad.append(x)
            break
        l.copy()
        l * 2
        len(l)
        l.reverse()
together(grow, grow, look, look)
print(bad)  # expect: []
