# An inline slot stays bound to its attribute: swapping __class__ or __dict__, deleting and re-adding never mix names up.
class A:
    kind = "A"

    def __init__(self):
        self.x, self.y, self.z = "x", "y", "z"


class B:
    kind = "B"


def read(o):
    return getattr(o, "x", None), getattr(o, "y", None), getattr(o, "z", None), o.kind


o = A()
view = o.__dict__
for _ in range(50):
    read(o)
del o.x
o.x2 = "x2"
print(read(o), o.x2)  # expect: (None, 'y', 'z', 'A') x2
o.x = "again"
print(list(o.__dict__))  # expect: ['y', 'z', 'x2', 'x']
o.__class__ = B
print(read(o), type(o).__name__)  # expect: ('again', 'y', 'z', 'B') B
print(o.__dict__ is view, type(view) is dict)  # expect: True True
view["y"] = "through the view"
print(read(o))  # expect: ('again', 'through the view', 'z', 'B')
o.__dict__ = {"z": 26, 7: "not a name"}
print(read(o), o.__dict__[7])  # expect: (None, None, 26, 'B') not a name
print(view)  # expect: {'y': 'through the view', 'z': 'z', 'x2': 'x2', 'x': 'again'}
a, b = A(), A()
b.__dict__ = a.__dict__
b.shared = True
print(a.shared, a.__dict__ is b.__dict__)  # expect: True True
kept = A().__dict__
print(kept)  # expect: {'x': 'x', 'y': 'y', 'z': 'z'}
o.__class__ = int  # raises TypeError: __class__ assignment only supported for mutable types or ModuleType subclasses


class Slotted:
    __slots__ = ("x",)


a.__class__ = Slotted  # raises TypeError: __class__ assignment: 'Slotted' object layout differs from 'A'


class Shifting:
    def change(self):
        self.__class__ = B
        return self.kind


print(Shifting().change())  # expect: B
