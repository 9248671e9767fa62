# heapq and bisect.
import heapq, bisect
h = []
for x in [5, 1, 4, 1, 9, 2, 6]:
    heapq.heappush(h, x)
print(h, heapq.heappop(h), heapq.heappushpop(h, 0), heapq.heapreplace(h, 7), h)
# expect: [2, 5, 4, 6, 9, 7] 1 0 1 [2, 5, 4, 6, 9, 7]
l = [(i * 7919 % 101, i) for i in range(60)]
heapq.heapify(l)
print([heapq.heappop(l)[0] for _ in range(60)] == sorted(i * 7919 % 101 for i in range(60)), heapq.nsmallest(3, [5, 1, 4]), heapq.nlargest(2, "hello"), list(heapq.merge([1, 4], [2, 3])))
# expect: True [1, 4, 5] ['o', 'l'] [1, 2, 3, 4]
m = [3, 1, 2]
heapq.heapify_max(m)
print(m, heapq.heappop_max(m), heapq.heappushpop_max(m, 0), heapq.heapreplace_max(m, 9), m)
# expect: [9, 0] 3 2 1 [9, 0]
heapq.heappop([])  # raises IndexError: index out of range
heapq.heappush((), 1)  # raises TypeError: heappush() argument 1 must be list, not tuple
heapq.heapify([1, "a"])  # raises TypeError: '<' not supported between instances of 'int' and 'str'
a = [1, 2, 2, 3, 5]
print(bisect.bisect(a, 2), bisect.bisect_left(a, 2), bisect.bisect_right(a, 4), bisect.bisect(a, 2, 0, 1), bisect.bisect_left(a, 9, lo=2), bisect.bisect([5, 3], 4, key=lambda x: -x))
# expect: 3 1 4 1 5 2
bisect.insort(a, 2.5)
bisect.insort_left(a, 0)
print(a, bisect.bisect(range(10**9), 12345), bisect.bisect_left("abc", "b"))  # expect: [0, 1, 2, 2, 2.5, 3, 5] 12346 1
bisect.bisect([1], 1, -1)  # raises ValueError: lo must be non-negative
