# Attributes that no method of the class assigns, and those of a subclass, find room in the instance: it keeps a shape, so that
# two instances made alike share it. What does not find room is right all the same.
class Base:
    def __init__(self):
        self.a = self.b = self.c = self.d = self.e = 1


class Derived(Base):
    def __init__(self):
        super().__init__()
        self.f = self.g = self.b = 2


def added(count):
    self = Derived()
    for i in range(count):
        setattr(self, "extra%d" % i, i)
    return self


for count in (0, 1, 5, 40):
    one, two = added(count), added(count)
    print(len(vars(one)), vars(one) == vars(two), sorted(vars(added(count)))[:2])
# expect: 7 True ['a', 'b']
# expect: 8 True ['a', 'b']
# expect: 12 True ['a', 'b']
# expect: 47 True ['a', 'b']


# Identity is what == and != of plain objects say, also for subclasses that begin to compare by value.
class Plain:
    pass


one, two = Plain(), Plain()
print(one == one, one == two, one != one, one != two, one == None, None != two)  # expect: True False False True False True
Plain.__eq__ = lambda self, other: True
print(one == two, one != two, None == one, one != None)  # expect: True False True False
del Plain.__eq__
print(one == two, one != two)  # expect: False True


class OnlyNe:
    def __ne__(self, other):
        return "ne"


print(OnlyNe() != 1, 1 != OnlyNe(), OnlyNe() == Plain())  # expect: ne ne False


# A site that sees many classes follows changes of each of them.
class A:
    x = "A.x"
    def f(self): return "A.f"


class B:
    def __init__(self): self.x = "B().x"
    def f(self): return "B.f"


class C(B):
    def f(self): return "C.f"


def look(items):
    return [item.x + item.f() for item in items]


items = [A(), B(), C()] * 20
look(items)
print(look(items)[:3])  # expect: ['A.xA.f', 'B().xB.f', 'B().xC.f']
A.x, B.f, C.x = "new", lambda self: "newer", property(lambda self: "P")
print(look(items)[:3])  # expect: ['newA.f', 'B().xnewer', 'PC.f']
del C.f
items[1].f = lambda: "own"
print(look(items)[:3])  # expect: ['newA.f', 'B().xown', 'Pnewer']
