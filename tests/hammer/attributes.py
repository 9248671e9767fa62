# Instances whose attributes come and go, whose class and __dict__ change under their readers.
from hammer import hammer


class A:
    kind = "A"

    def who(self):
        return "A"


class B:
    kind = "B"

    def who(self):
        return "B"


shared = A()
shared.x, shared.y = 1, "one"


def write(index):
    for i in range(100):
        shared.x = i
        shared.y = str(i)
        setattr(shared, f"extra{i % 7}", index)


def delete(index):
    for name in ("x", "y", "extra3"):
        try:
            delattr(shared, name)
        except AttributeError:
            pass


def read(index):
    for _ in range(100):
        x, y = getattr(shared, "x", 0), getattr(shared, "y", "")
        assert type(x) is int and type(y) is str, (x, y)


def swap(index):
    for _ in range(20):
        shared.__class__ = B
        assert shared.who() in "AB" and shared.kind in "AB"
        shared.__class__ = A


def replace(index):
    for _ in range(20):
        shared.__dict__ = {"x": 5, "y": "five"}
        items = dict(shared.__dict__)
        assert all(type(value) is (str if name == "y" else int) for name, value in items.items()), items


hammer(write, delete, read, swap, replace, read, write, read)
print("ok")
