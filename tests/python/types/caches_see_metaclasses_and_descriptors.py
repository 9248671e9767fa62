# An attribute that a site has seen often is forgotten when the metaclass, or the attribute's own class, changes.
class Meta(type):
    pass


class Ruled(metaclass=Meta):
    x = 1


class SubMeta(Meta):
    pass


class RuledBelow(metaclass=SubMeta):
    x = 2


def read():
    return Ruled.x, RuledBelow.x


for _ in range(40):
    read()
print(read())  # expect: (1, 2)
Meta.x = property(lambda cls: "data descriptor")
print(read())  # expect: ('data descriptor', 'data descriptor')
del Meta.x
for _ in range(40):
    read()
Meta.x = "plain"
print(read())  # expect: (1, 2)
SubMeta.x = property(lambda cls: "below")
print(read())  # expect: (1, 'below')
Meta.__getattribute__ = lambda cls, name: name
print(read())  # expect: ('x', 'x')
del Meta.__getattribute__, SubMeta.x
for _ in range(40):
    read()


class Other(type):
    x = property(lambda cls: "other")


Ruled.__class__ = Other
print(read())  # expect: ('other', 2)


class Part:
    pass


class Whole:
    part = Part()


def parts(whole):
    return whole.part == Whole.part, type(whole.part).__name__, type(Whole.part).__name__


whole = Whole()
for _ in range(40):
    parts(whole)
print(parts(whole))  # expect: (True, 'Part', 'Part')
Part.__get__ = lambda self, instance, owner: 42 if instance is whole else "of the class"
print(parts(whole))  # expect: (False, 'int', 'str')
del Part.__get__
print(parts(whole))  # expect: (True, 'Part', 'Part')
whole.part = 7
for _ in range(40):
    parts(whole)
print(parts(whole))  # expect: (False, 'int', 'Part')
Part.__get__ = lambda self, instance, owner: b""
Part.__set__ = lambda self, instance, value: None
print(parts(whole))  # expect: (True, 'bytes', 'bytes')
del Part.__get__, Part.__set__


class Getter:
    def __get__(self, instance, owner):
        return []


for _ in range(40):
    parts(whole)
Whole.__dict__["part"].__class__ = Getter
print(parts(Whole()))  # expect: (True, 'list', 'list')


# super() remembers what it found, by the class it starts from and the one it starts behind.
class Top:
    def who(self):
        return ["Top"]

    @classmethod
    def made(cls):
        return cls.__name__


class Middle(Top):
    def who(self):
        return ["Middle", *super().who()]

    @classmethod
    def made(cls):
        return "m" + super().made()


class Bottom(Middle):
    def who(self):
        return ["Bottom", *super().who()]

    @classmethod
    def made(cls):
        return "b" + super().made()

    def plain(self):
        return super().label


for _ in range(20):
    Bottom().who(), Bottom.made(), Middle().who()
print(Bottom().who(), Middle().who())  # expect: ['Bottom', 'Middle', 'Top'] ['Middle', 'Top']
print(Bottom.made(), Bottom().made(), Middle.made())  # expect: bmBottom bmBottom mMiddle
Top.who = lambda self: ["changed"]
print(Bottom().who())  # expect: ['Bottom', 'Middle', 'changed']
Bottom.__bases__ = (Top,)
print(Bottom().who())  # expect: ['Bottom', 'changed']
Top.label = 1
for _ in range(20):
    Bottom().plain()
print(Bottom().plain())  # expect: 1
Top.label = property(lambda self: type(self).__name__)
print(Bottom().plain())  # expect: Bottom
