# A cached method, dunder or class attribute is given up when any class on its MRO changes.
class Base:
    def who(self):
        return "Base"

    limit = 1


class Middle(Base):
    pass


class Child(Middle):
    pass


child = Child()


def call():
    return child.who(), child.limit


def warm(n=200):
    for _ in range(n):
        result = call()
    return result


print(warm())  # expect: ('Base', 1)
Base.who = lambda self: "new Base"
print(warm())  # expect: ('new Base', 1)
Middle.who = lambda self: "Middle"
Middle.limit = 2
print(warm())  # expect: ('Middle', 2)
child.who = lambda: "instance"
print(warm())  # expect: ('instance', 2)
del child.who, Middle.who
print(warm())  # expect: ('new Base', 2)


class Other:
    def who(self):
        return "Other"

    limit = 3


Middle.__bases__ = (Other,)
del Middle.limit
print(warm())  # expect: ('Other', 3)


def length(o):
    try:
        return len(o)
    except TypeError:
        return "none"


print([length(child) for _ in range(50)][-1])  # expect: none
Other.__len__ = lambda self: 5
print([length(child) for _ in range(50)][-1], bool(child))  # expect: 5 True
Child.__bool__ = lambda self: False
print(bool(child))  # expect: False
del Other.__len__
print(length(child))  # expect: none
child.limit = 9
print(warm()[1])  # expect: 9
Child.limit = property(lambda self: "data descriptor wins")
print(warm()[1])  # expect: data descriptor wins
Child.__getattribute__ = lambda self, name: "everything"
print(child.anything)  # expect: everything
del Child.__getattribute__
Child.__getattr__ = lambda self, name: "missing " + name
print(child.anything)  # expect: missing anything


def running():
    running.__code__ = replaced.__code__
    return "old code finishes"


def replaced():
    return "new code"


print(running(), running())  # expect: old code finishes new code
