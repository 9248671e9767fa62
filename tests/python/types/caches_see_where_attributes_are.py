# A site that found an attribute in the instance asks its class no more: what changes the answer must reach it.


def make(**namespace):
    class C:
        def __init__(self):
            self.x = "own"
    for name, value in namespace.items():
        setattr(C, name, value)
    return C


def get(o):
    return o.x


def put(o, value):
    o.x = value


def warm(o, reader=get):
    for _ in range(20):
        assert reader(o) == "own", reader(o)


hidden = property(lambda self: "property", lambda self, value: None)

# A data descriptor hides the instance's attribute, and gives it free again.
C = make()
o = C()
warm(o)
C.x = hidden
print(get(o))  # expect: property
put(o, "lost")
del C.x
print(get(o))  # expect: own

# A plain value of the class hides nothing.
C.x = "class's"
print(get(o))  # expect: own


# The same through a base.
class D(make()):
    pass


o = D()
warm(o)
D.__base__.x = hidden
print(get(o))  # expect: property
del D.__base__.x
warm(o)


# Other bases bring a descriptor.
class Hiding:
    x = hidden


class Plain:
    pass


class E(Plain):
    pass


o = E()
o.x = "own"
warm(o)
E.__bases__ = (Hiding,)
print(get(o))  # expect: property
E.__bases__ = (Plain,)
print(get(o))  # expect: own


# What was no data descriptor becomes one.
class Getter:
    def __get__(self, instance, owner):
        return "descriptor"


F = make(x=Getter())
o = F()
warm(o)
Getter.__set__ = lambda self, instance, value: None
print(get(o))  # expect: descriptor
del Getter.__set__
print(get(o))  # expect: own

# The class's own way of looking up, and of storing.
G = make()
o = G()
warm(o)
G.__getattribute__ = lambda self, name: "all " + name
print(get(o))  # expect: all x
del G.__getattribute__
print(get(o))  # expect: own
put(o, "own")
stored = []
G.__setattr__ = lambda self, name, value: stored.append(value)
put(o, "elsewhere")
print(get(o), stored)  # expect: own ['elsewhere']


# A member of __slots__ that is taken away.
class H:
    __slots__ = ("x",)


o = H()
o.x = "own"
warm(o)
member = H.x
del H.x
try:
    get(o)
except AttributeError as error:
    print(error)  # expect: 'H' object has no attribute 'x'
H.x = member
print(get(o))  # expect: own
H.y = member
del o.y
try:
    get(o)
except AttributeError as error:
    print(error)  # expect: 'H' object has no attribute 'x'

# Very many changes use up what tells them apart; sites go on, the slower way.
C = make()
o = C()
for turn in range(70000):
    warm_enough = get(o), get(o)
    C.x = hidden
    if get(o) != "property":
        print("not seen", turn)
        break
    del C.x
print(get(o), warm_enough)  # expect: own ('own', 'own')
