# A proxy stands for its object in every operation, and raises ReferenceError afterwards.
import weakref

class Box:
    def __init__(self):
        self.items = [3, 1, 2]
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)
    def __getitem__(self, index):
        return self.items[index]
    def __setitem__(self, index, value):
        self.items[index] = value
    def __contains__(self, value):
        return value in self.items
    def __add__(self, other):
        return ("add", len(other.items) if isinstance(other, Box) else other)
    def __radd__(self, other):
        return ("radd", other)
    def __neg__(self):
        return "neg"

box = Box()
proxy = weakref.proxy(box)
print(len(proxy), list(proxy), proxy[0], 2 in proxy)  # expect: 3 [3, 1, 2] 3 True
proxy[0] = 9
proxy.name = "box"
print(box.items, box.name)  # expect: [9, 1, 2] box
print(proxy + 1, 1 + proxy, proxy + proxy, -proxy)  # expect: ('add', 1) ('radd', 1) ('add', 3) neg
print(bool(proxy), isinstance(proxy, Box))  # expect: True True
hash(proxy)  # raises TypeError: unhashable type: 'weakref.ProxyType'
del box
len(proxy)  # raises ReferenceError: weakly-referenced object no longer exists
proxy.name  # raises ReferenceError: weakly-referenced object no longer exists
