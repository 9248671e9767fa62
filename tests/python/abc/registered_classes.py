# ABCMeta over the native _abc: hooks, registration, invalidation, abstract methods, and pattern matching by registration.
import abc
from collections.abc import Hashable, Mapping, Sequence, Sized


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Square(Shape):
    def area(self):
        return 4


class Partly(Shape):
    pass


class Foreign:
    pass


print(Shape.__abstractmethods__, Square.__abstractmethods__, Square().area())  # expect: frozenset({'area'}) frozenset() 4
Partly()  # raises TypeError: Can't instantiate abstract class Partly without an implementation for abstract method 'area'
print(isinstance(Foreign(), Shape), issubclass(Foreign, Shape))  # expect: False False
token = abc.get_cache_token()
print(Shape.register(Foreign) is Foreign, abc.get_cache_token() > token)  # expect: True True
print(isinstance(Foreign(), Shape), issubclass(Foreign, Shape), issubclass(Foreign, Partly))  # expect: True True False
Partly.register(Shape)  # raises RuntimeError: Refusing to create an inheritance cycle
Shape.register(3)  # raises TypeError: Can only register classes
issubclass(3, Shape)  # raises TypeError: issubclass() arg 1 must be a class
print(isinstance([], Sequence), isinstance({}, Mapping), isinstance({}, Sequence), isinstance(3, Hashable))  # expect: True True False True


class HasLen:
    def __len__(self):
        return 0


print(isinstance(HasLen(), Sized), isinstance(Foreign(), Sized))  # expect: True False


class Odd(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other):
        return 3


issubclass(int, Odd)  # raises AssertionError: __subclasshook__ must return either False, True, or NotImplemented


class Pair:
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return (1, 2)[i]


def kind(value):
    match value:
        case [a, b]:
            return "sequence"
    return "other"


print(kind(Pair()))  # expect: other
Sequence.register(Pair)
print(kind(Pair()))  # expect: sequence
