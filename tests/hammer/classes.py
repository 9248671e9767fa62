# A class that changes while others call its methods: every call sees one of the versions, and the last one in the end.
from hammer import hammer


class Base:
    def value(self):
        return 0


class Child(Base):
    pass


shared = Child()
functions = [lambda self, n=n: n for n in range(5)]


def change(index):
    for function in functions:
        Base.value = function
        Child.marker = function


def shadow(index):
    Child.value = functions[index % 5]
    try:
        del Child.value
    except AttributeError:
        pass


def call(index):
    for _ in range(200):
        assert shared.value() in range(5)
        assert Child().value() in range(5)


def operators(index):
    for n in range(5):
        Base.__len__ = lambda self, n=n: n
        assert len(shared) in range(5)


def subclass(index):
    kind = type(f"Kind{index}", (Child,), {"value": functions[1]})
    assert kind().value() == 1 and isinstance(kind(), Base)


hammer(change, shadow, call, operators, subclass, call, call, subclass)
Base.value = functions[4]
assert shared.value() == 4
print("ok")
