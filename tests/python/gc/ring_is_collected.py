# Objects that only refer to each other are freed by a collection, which tells how many they were.
import gc
import weakref

class Node:
    pass

gc.collect()
a, b = Node(), Node()
a.other, b.other = b, a
seen = weakref.ref(a)
del a, b
print(seen() is not None)  # expect: True
print(gc.collect(), seen())  # expect: 2 None
ring = []
ring.append(ring)
del ring
print(gc.collect())  # expect: 1
print(gc.collect())  # expect: 0
