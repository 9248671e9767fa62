# A deque shared by producers and consumers loses nothing and doubles nothing.
import threading
from collections import deque
def together(*targets):
    threads = [threading.Thread(target=t) for t in targets]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
N = 5000
d, out = deque(), []
left = [2]
def produce(k):
    for i in range(N):
        d.append((k, i)) if i % 2 else d.appendleft((k, i))
    left[0] -= 1
def consume():
    while True:
        finished = left[0] <= 0
        try:
            out.append(d.popleft())
            out.append(d.pop())
        except IndexError:
            if finished:
                return
together(lambda: produce(0))
together(lambda: produce(1), consume, consume)
print(len(d), len(out), len(set(out)))  # expect: 0 10000 10000
d = deque(range(100), maxlen=100)
def turn():
    for i in range(N):
        d.rotate(i % 5 - 2)
        d[i % 100]
        len(d)
together(turn, turn)
print(sorted(d) == list(range(100)))  # expect: True
