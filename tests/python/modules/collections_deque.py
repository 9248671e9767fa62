# Every operation of deque.
from collections import deque
d = deque("abc")
d.append("d")
d.appendleft("z")
d.extend([1, 2])
d.extendleft("xy")
print(d, len(d), d[0], d[-1], d[3], "b" in d, 9 in d, d.count("a"), d.index("b"), d.index("c", 3, 9))
# expect: deque(['y', 'x', 'z', 'a', 'b', 'c', 'd', 1, 2]) 9 y 2 a True False 1 4 5
print(d.pop(), d.popleft(), d)  # expect: 2 y deque(['x', 'z', 'a', 'b', 'c', 'd', 1])
d.rotate(2)
print(d)  # expect: deque(['d', 1, 'x', 'z', 'a', 'b', 'c'])
d.rotate(-3)
d.reverse()
print(d)  # expect: deque(['x', 1, 'd', 'c', 'b', 'a', 'z'])
d.insert(2, "I")
d.insert(-1, "J")
d.insert(99, "K")
d.remove("b")
del d[0]
d[1] = "changed"
print(d, list(reversed(d)), d.copy() == d, d + deque([5]), deque([1, 2]) * 2, deque() * 3)
# expect: deque([1, 'changed', 'd', 'c', 'a', 'J', 'z', 'K']) ['K', 'z', 'J', 'a', 'c', 'd', 'changed', 1] True deque([1, 'changed', 'd', 'c', 'a', 'J', 'z', 'K', 5]) deque([1, 2, 1, 2]) deque([])
b = deque([1, 2, 3], maxlen=3)
b.append(4)
print(b, b.maxlen, b.copy(), b * 2)
# expect: deque([2, 3, 4], maxlen=3) 3 deque([2, 3, 4], maxlen=3) deque([2, 3, 4], maxlen=3)
b.appendleft(0)
b.extend([7, 8])
print(b, deque(range(9), 0), deque([1], maxlen=None))
# expect: deque([3, 7, 8], maxlen=3) deque([], maxlen=0) deque([1])
b.insert(0, 1)  # raises IndexError: deque already at its maximum size
print(deque([1, 2]) < deque([1, 3]), deque([1]) == deque([1.0]), deque([1]) != deque(), deque() == [])
# expect: True True True False
deque()[0]  # raises IndexError: deque index out of range
deque().pop()  # raises IndexError: pop from an empty deque
deque().popleft()  # raises IndexError: pop from an empty deque
deque([1])["a"]  # raises TypeError: sequence index must be integer, not 'str'
deque().remove(1)  # raises ValueError: deque.remove(x): x not in deque
deque() + [1]  # raises TypeError: can only concatenate deque (not "list") to deque
deque([], -1)  # raises ValueError: maxlen must be non-negative
deque([], "a")  # raises TypeError: an integer is required
hash(deque())  # raises TypeError: unhashable type: 'collections.deque'
def grow():
    for x in d:
        d.append(1)
grow()  # raises RuntimeError: deque mutated during iteration
print(deque([1], 3).__reduce__()[:3], iter(deque([1, 2])).__length_hint__())
# expect: (<class 'collections.deque'>, ((), 3), None) 2
r = deque()
r.append(r)
print(r)  # expect: deque([[...]])
q = deque()
for i in range(5000):
    q.append(i)
    if i % 3 == 0:
        q.popleft()
    if i % 100 == 0:
        q.rotate(7)
print(len(q), sum(q), q[0], q[-1], q[1000])  # expect: 3333 10703904 1422 4999 2492
