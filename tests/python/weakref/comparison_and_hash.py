# Live references compare and hash as their objects do; dead ones by identity, with the hash they had.
import weakref

class Number:
    def __init__(self, value):
        self.value = value
    def __eq__(self, other):
        return self.value == other.value
    def __hash__(self):
        return hash(self.value)

a, b, c = Number(1), Number(1), Number(2)
x, y, z = weakref.ref(a), weakref.ref(b), weakref.ref(c)
print(x == y, x == z, x != z)  # expect: True False True
print(hash(x) == hash(1))  # expect: True
del a, b, c
print(x == y, x == x, hash(x) == hash(1))  # expect: False True True
hash(z)  # raises TypeError: weak object has gone away
weakref.ref(5)  # raises TypeError: cannot create weak reference to 'int' object
weakref.ref([])  # raises TypeError: cannot create weak reference to 'list' object
