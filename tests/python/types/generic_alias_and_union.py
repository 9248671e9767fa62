# list[int] and int | str.
import types
print(list[int], dict[str, list[int]], tuple[()], tuple[int, ...], list[None], list[[int, str]], type[int])
# expect: list[int] dict[str, list[int]] tuple[()] tuple[int, ...] list[None] list[[int, str]] type[int]
print(list[int].__origin__, list[int].__args__, list[int].__parameters__, list[int] == list[int], hash(list[int]) == hash(list[int]))
# expect: <class 'list'> (<class 'int'>,) () True True
print(list[int]([1]), list[int].append, isinstance(list[int], types.GenericAlias), [*tuple[int, str]])
# expect: [1] <method 'append' of 'list' objects> True [*tuple[int, str]]
class A(list[int]):
    pass
print(A.__mro__[1:], A.__orig_bases__)  # expect: (<class 'list'>, <class 'object'>) (list[int],)
isinstance([], list[int])  # raises TypeError: isinstance() argument 2 cannot be a parameterized generic
list[int][int]  # raises TypeError: list[int] is not a generic class
print(int | str, int | None, int | str | int, (int | None).__args__, list[int] | None, None | int, type(int | str))
# expect: int | str int | None int | str (<class 'int'>, <class 'NoneType'>) list[int] | None None | int <class 'typing.Union'>
print(isinstance(1, int | str), isinstance(1.5, int | str), issubclass(bool, int | str), (int | str) == (str | int), hash(int | str) == hash(str | int))
# expect: True False True True True
int | 5  # raises TypeError: unsupported operand type(s) for |: 'type' and 'int'
print({int | str: 1}[str | int], (int | str).__parameters__, types.UnionType)  # expect: 1 () <class 'typing.Union'>
exec("class B(int | str): pass")  # raises TypeError: Cannot subclass int | str
