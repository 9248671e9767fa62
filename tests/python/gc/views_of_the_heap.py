# get_objects, get_referrers and get_referents see what there is.
# not in: hostile, because it counts collections
import gc

class Thing:
    pass

thing = Thing()
holder = [thing]
print(any(item is thing for item in gc.get_objects()))  # expect: True
print(any(item is holder for item in gc.get_referrers(thing)))  # expect: True
print(gc.get_referents([1, "a"]) in ([1, "a"], ["a", 1]))  # expect: True
print(gc.get_referents(1, 4j))  # expect: []
phases = []
def callback(phase, info):
    phases.append((phase, info["generation"]))
gc.callbacks.append(callback)
gc.collect(1)
gc.callbacks.remove(callback)
print(phases)  # expect: [('start', 1), ('stop', 1)]
gc.freeze()
print(gc.get_freeze_count() > 0)  # expect: True
gc.unfreeze()
print(gc.get_freeze_count())  # expect: 0
