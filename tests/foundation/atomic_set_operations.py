# Additions and removals of several threads all happen, each exactly once.
import threading
def together(*targets):
    threads = [threading.Thread(target=t) for t in targets]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
N = 4000
s = set()
together(*[lambda k=k: [s.add((k, i)) for i in range(N)] for k in range(4)])
print(len(s), all((k, i) in s for k in range(4) for i in range(N)))  # expect: 16000 True
taken = []
def take():
    while True:
        try:
            taken.append(s.pop())
        except KeyError:
            return
together(take, take, take)
print(len(s), len(taken), len(set(taken)))  # expect: 0 16000 16000
s = set(range(N))
gone = []
def remove():
    for i in range(N):
        try:
            s.remove(i)
        except KeyError:
            continue
        gone.append(i)
together(remove, remove, remove)
print(len(s), sorted(gone) == list(range(N)))  # expect: 0 True
s, bad = set(range(0, N, 2)), []
def change(step):
    for i in range(1, N, 2):
        s.add(i)
        s.discard(i - 2 if i > 2 else i)
def look():
    for i in range(0, N, 2):
        if i not in s:
            bad.append(i)
        if i % 64 == 0:
            s.copy()
        len(s)
together(lambda: change(1), lambda: change(2), look, look)
print(bad, all(i in s for i in range(0, N, 2)))  # expect: [] True
