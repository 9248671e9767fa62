# Items whose methods empty the container they are in, in the middle of its operations.
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
class Evil:
    def __init__(self, f, v=0): self.f = f; self.v = v
    def __eq__(self, o): self.f(); return False
    def __lt__(self, o): self.f(); return self.v < getattr(o, "v", 0)
    def __hash__(self): return 1
    def __index__(self): self.f(); return self.v
    def __len__(self): self.f(); return 1
    def __bool__(self): self.f(); return True
    def __repr__(self): self.f(); return "E"
    def __str__(self): self.f(); return "E"
    def __iter__(self): self.f(); return iter([1, 2])
    def __float__(self): self.f(); return 1.0
    def __contains__(self, x): self.f(); return True
    def __del__(self): pass
l = []
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: l.sort())
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: sorted(l, key=lambda x: l.clear()))
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: l == [1] * 20)
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: l.index(3))
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: l.remove(3))
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: l.count(3))
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: 3 in l)
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: repr(l))
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: min(l) and max(l))
l[:] = [Evil(l.clear, i) for i in range(20)]
t(lambda: l[Evil(l.clear, 3)])
l[:] = list(range(20))
t(lambda: l.__setitem__(Evil(l.clear, 3), 1))
l[:] = list(range(20))
t(lambda: l.insert(Evil(l.clear, 3), 1))
l[:] = list(range(20))
t(lambda: l.pop(Evil(l.clear, 3)))
l[:] = list(range(20))
t(lambda: l[Evil(l.clear, 3):Evil(l.clear, 7)])
l[:] = list(range(20))
t(lambda: l.__setitem__(slice(Evil(l.clear, 3), Evil(l.clear, 7)), [1, 2]))
l[:] = list(range(20))
t(lambda: l.__setitem__(slice(Evil(l.clear, 3), Evil(l.clear, 17), 2), [1] * 7))
l[:] = list(range(20))
t(lambda: l.__delitem__(slice(Evil(l.clear, 3), Evil(l.clear, 17), 2)))
l[:] = list(range(20))
t(lambda: l * Evil(l.clear, 3))
l[:] = list(range(20))
t(lambda: l.extend(l.append(1) or x for x in l if len(l) < 100))
l[:] = list(range(20))
t(lambda: l.extend(Evil(l.clear)))
d = {}
d.update({Evil(d.clear): 1})
t(lambda: d.get(Evil(d.clear)))
d.update({1: Evil(d.clear)})
t(lambda: repr(d))
d.clear(); d[1] = Evil(d.clear)
t(lambda: d == {1: 2})
d.clear(); d.update({i: Evil(d.clear) for i in range(10)})
t(lambda: d == {i: 2 for i in range(10)})
def it():
    for k in d: d[k + 100] = 1
d.clear(); d[1] = 1
t(it)
def it():
    for k in d: del d[k]
d.clear(); d[1] = 1; d[2] = 2
t(it)
def it():
    for k in d: del d[k]; d[k] = 1
t(it)
s = set()
s.add(Evil(s.clear))
t(lambda: Evil(s.clear) in s)
s.clear(); s.update([Evil(lambda: None) for _ in range(5)])
t(lambda: s == {Evil(s.clear) for _ in range(5)})
s.clear(); s.add(Evil(lambda: s.clear()));
t(lambda: s | {Evil(s.clear)})
s.clear(); s.add(Evil(lambda: s.clear()));
t(lambda: s & {Evil(s.clear)})
s.clear(); s.add(Evil(lambda: s.clear()));
t(lambda: s - {Evil(s.clear)})
s.clear(); s.add(Evil(lambda: s.clear()));
t(lambda: s ^ {Evil(s.clear)})
def it():
    for x in s: s.add(x + 1)
s.clear(); s.add(1)
t(it)
b = bytearray(b"abc")
t(lambda: b.__setitem__(Evil(b.clear, 2), 5))
b[:] = b"abcdef"
t(lambda: b.__setitem__(1, Evil(b.clear, 5)))
b[:] = b"abcdef"
t(lambda: b[Evil(b.clear, 1):4])
b[:] = b"abcdef"
t(lambda: b.extend(Evil(b.clear, i) for i in range(5)))
b[:] = b"abcdef"
t(lambda: b.insert(Evil(b.clear, 2), 3))
b[:] = b"abcdef"
t(lambda: b.find(b"a", Evil(b.clear, 0)))
b[:] = b"abcdef"
t(lambda: b.join([b"a", b]))
b[:] = b"abcdef"
t(lambda: b.replace(b"a", b))
m = memoryview(b)
t(lambda: b.append(1))
t(lambda: b.clear())
class X:
    def __index__(self):
        m.release(); b.clear(); return 1
t(lambda: m[X()])
m = memoryview(bytearray(b"abcdef"))
class X:
    def __index__(self):
        m.release(); return 1
t(lambda: m.__setitem__(0, X()))
t(lambda: m[0])
t(lambda: m.tolist())
t(lambda: bytes(m))
t(lambda: m.cast("B"))
t(lambda: len(m))
t(lambda: hash(m))
import array
a = array.array("i", [1, 2, 3])
m = memoryview(a)
t(lambda: a.append(1))
m.release()
class X:
    def __index__(self):
        del a[:]; return 1
a = array.array("i", [1, 2, 3])
t(lambda: a.insert(X(), 1))
a = array.array("i", [1, 2, 3])
t(lambda: a[X()])
a = array.array("i", [1, 2, 3])
t(lambda: a.extend(x for x in (1, a.pop(), 2)))
import collections
q = collections.deque([1, 2, 3])
t(lambda: [q.append(x) for x in q])
q = collections.deque(Evil(lambda: q.clear()) for _ in range(5))
t(lambda: q.index(3))
q = collections.deque(Evil(lambda: q.clear()) for _ in range(5))
q = collections.deque(Evil(lambda: q.clear()) for _ in range(5))
t(lambda: q.count(3))
q = collections.deque(Evil(lambda: q.clear()) for _ in range(5))
t(lambda: 3 in q)
q = collections.deque(Evil(lambda: q.clear()) for _ in range(5))
t(lambda: q == collections.deque(range(5)))
q = collections.deque(Evil(lambda: q.clear()) for _ in range(5))
t(lambda: repr(q))
import heapq
h = [Evil(lambda: h.clear(), i) for i in range(10)]
t(lambda: heapq.heappop(h))
h = [Evil(lambda: h.clear(), i) for i in range(10)]
t(lambda: heapq.heapify(h))
h = [Evil(lambda: h.clear(), i) for i in range(10)]
t(lambda: heapq.heappush(h, Evil(lambda: h.clear(), -1)))
h = [Evil(lambda: h.clear(), i) for i in range(10)]
t(lambda: heapq.heapreplace(h, Evil(lambda: h.clear(), 50)))
import bisect
h = [Evil(lambda: h.clear(), i) for i in range(10)]
t(lambda: bisect.insort(h, Evil(lambda: h.clear(), 5)))
import itertools
class I:
    def __iter__(self): return self
    def __next__(self):
        global z
        z = None
        return 1
z = itertools.chain(I()); t(lambda: next(z))
z = map(lambda *a: globals().__setitem__("z", None), I(), I()); t(lambda: next(z))
z = zip(I(), I()); t(lambda: next(z))
z = itertools.zip_longest(I(), I()); t(lambda: next(z))
z = itertools.accumulate(I(), lambda a, b: globals().__setitem__("z", None)); t(lambda: (next(z), next(z) if z else 0))
z = itertools.groupby(I(), key=lambda x: globals().__setitem__("z", None)); t(lambda: next(z)[0])
z = itertools.tee(I())[0]; t(lambda: next(z))
# expect: None
# expect: TypeError '<' not supported between instances of 'NoneType' and 'NoneType'
# expect: False
# expect: ValueError list.index(x): x not in list
# expect: ValueError list.remove(x): x not in list
# expect: 0
# expect: False
# expect: [E]
# expect: ValueError max() iterable argument is empty
# expect: IndexError list index out of range
# expect: IndexError list assignment index out of range
# expect: None
# expect: IndexError pop from empty list
# expect: []
# expect: None
# expect: ValueError attempt to assign sequence of size 7 to extended slice of size 0
# expect: None
# expect: []
# expect: None
# expect: None
# expect: None
# expect: {1: E}
# expect: False
# expect: False
# expect: RuntimeError dictionary changed size during iteration
# expect: RuntimeError dictionary changed size during iteration
# expect: RuntimeError dictionary keys changed during iteration
# expect: False
# expect: False
# expect: {E, E}
# expect: set()
# expect: {E}
# expect: {E, E}
# expect: RuntimeError Set changed size during iteration
# expect: IndexError bytearray index out of range
# expect: IndexError bytearray index out of range
# expect: bytearray(b'')
# expect: None
# expect: None
# expect: -1
# expect: bytearray(b'aabcdefabcdef')
# expect: bytearray(b'abcdefbcdef')
# expect: BufferError Existing exports of data: object cannot be re-sized
# expect: BufferError Existing exports of data: object cannot be re-sized
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: BufferError cannot resize an array that is exporting buffers
# expect: None
# expect: IndexError array index out of range
# expect: None
# expect: RuntimeError deque mutated during iteration
# expect: RuntimeError deque mutated during iteration
# expect: RuntimeError deque mutated during iteration
# expect: RuntimeError deque mutated during iteration
# expect: False
# expect: deque([E, E, E, E, E])
# expect: RuntimeError list changed size during iteration
# expect: RuntimeError list changed size during iteration
# expect: RuntimeError list changed size during iteration
# expect: RuntimeError list changed size during iteration
# expect: IndexError list index out of range
# expect: 1
# expect: None
# expect: (1, 1)
# expect: (1, 1)
# expect: (1, 0)
# expect: None
# expect: 1
