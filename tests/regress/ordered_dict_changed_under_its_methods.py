# OrderedDict: pop and popitem ask nothing of a subclass; what changes under copy and == is noticed.
from collections import OrderedDict

class Counting(OrderedDict):
    asked = 0
    def __getitem__(self, key):
        Counting.asked += 1
        return super().__getitem__(key)
    def __delitem__(self, key):
        Counting.asked += 1
        super().__delitem__(key)
    def __missing__(self, key):
        return 0

counting = Counting(a=1, b=2, c=3)
print(counting.pop("b"), counting.popitem(), counting.popitem(last=False), Counting.asked)  # expect: 2 ('c', 3) ('a', 1) 0
print(counting.pop("none", 5))  # expect: 5
counting.pop("none")            # raises KeyError: 'none'

class Clearing(OrderedDict):
    def __getitem__(self, key):
        self.clear()
        return "gone"
Clearing(a=1, b=2).copy()  # raises RuntimeError: OrderedDict mutated during iteration

class Key:
    armed = False
    def __hash__(self):
        return 1
    def __eq__(self, other):
        if Key.armed and len(left) == 3:
            Key.calls += 1
            if Key.calls == Key.when: del left[kept]
        return True

kept = Key()
left, right = OrderedDict([(0, 0), (kept, 0), (4.2, 0)]), OrderedDict([(0, 0), (Key(), 0), (4.2, 0)])
Key.armed, Key.calls, Key.when = True, 0, 2  # in the comparison of the order
left == right                                # raises RuntimeError: OrderedDict mutated during iteration
print(len(left))                             # expect: 2
