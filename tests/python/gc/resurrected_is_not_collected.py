# collect() counts what is gone, not what a finalizer has kept; native types are not tracked; statistics name the ages.
import gc


class Ring:
    def __init__(self):
        self.ring = self


class Kept(Ring):
    def __del__(self):
        kept.append(self)


kept = []
gc.collect()
gc.disable()
for _ in range(10):
    Ring()
print(gc.collect())  # expect: 10
Kept()
print(gc.collect(), len(kept))  # expect: 0 1
Kept(), Ring(), Ring()
print(gc.collect() - 2, len(kept))  # expect: 0 2
kept.clear()
print(gc.collect())  # expect: 2

print(gc.is_tracked(int), gc.is_tracked(type), gc.is_tracked(Ring))  # expect: False False True
