# The module's counters and the messages of wrong arguments.
# not in: hostile, because it counts collections
import gc

gc.collect()
a, b, c = gc.get_count()
held = [[] for _ in range(10)]
d, e, f = gc.get_count()
print((b, c), (e, f), d > a)  # expect: (0, 0) (0, 0) True
gc.collect(0)
print(gc.get_count()[1:])  # expect: (1, 0)
gc.collect(1)
print(gc.get_count()[1:])  # expect: (0, 1)
gc.set_threshold(500, 7)
print(gc.get_threshold())  # expect: (500, 7, 10)
gc.set_threshold(2000, 10, 10)
print(gc.isenabled())  # expect: True
gc.disable()
print(gc.isenabled())  # expect: False
gc.enable()
print([sorted(row) for row in gc.get_stats()][0])  # expect: ['collected', 'collections', 'uncollectable']
gc.collect(3)  # raises ValueError: invalid generation
gc.set_threshold()  # raises TypeError: gc.set_threshold requires 1 to 3 arguments
gc.get_objects(generation=3)  # raises ValueError: generation parameter must be less than the number of available generations (3)
print(gc.is_tracked([]), gc.is_tracked(1), gc.is_tracked("a"))  # expect: True False False
