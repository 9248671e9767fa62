# An answer "no" is remembered for a class until the class changes: instances may claim another class.
class Honest:
    pass


class Claims:
    __class__ = property(lambda self: tuple)


class Plain(Honest):
    pass


def asks(value, cls):
    return isinstance(value, cls)


for _ in range(20):
    asks(Plain(), tuple)
print(asks(Plain(), tuple), asks(Plain(), (int, str)))  # expect: False False
Plain.__bases__ = (Claims,)
print(asks(Plain(), tuple), asks(Plain(), (int, str)))  # expect: True False
Plain.__bases__ = (Honest,)
print(asks(Plain(), tuple))  # expect: False
Plain.__getattribute__ = lambda self, name: int if name == "__class__" else object.__getattribute__(self, name)
print(asks(Plain(), (str, int)))  # expect: True
