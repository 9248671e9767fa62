# Bounds, constraints, defaults and the values of aliases are evaluated when first asked for, once.
asked = []


def note(value):
    asked.append(value)
    return value


def f[T: note(int), U: (note(str), note(bytes)) = note(str), **P = [note(1)]](a: T) -> U:
    return a


T, U, P = f.__type_params__
print(asked)  # expect: []
print(T.__bound__, T.__bound__, T.__infer_variance__)  # expect: <class 'int'> <class 'int'> True
print(U.__constraints__, U.__default__, U.has_default())  # expect: (<class 'str'>, <class 'bytes'>) <class 'str'> True
print(P.__default__)  # expect: [1]
print(asked)  # expect: [<class 'int'>, <class 'str'>, <class 'bytes'>, <class 'str'>, 1]
print(f(3), f.__annotations__)  # expect: 3 {'a': T, 'return': U}

type Tree[T] = list[Tree[T]] | T
print(Tree, Tree.__type_params__, Tree.__value__)  # expect: Tree (T,) list[Tree[T]] | T
print(Tree[int], Tree[int].__args__, Tree.__module__)  # expect: Tree[int] (<class 'int'>,) __main__
type Late = not_yet
Late.__value__  # raises NameError: name 'not_yet' is not defined
not_yet = 5
print(Late.__value__)  # expect: 5
Late[int]  # raises TypeError: Only generic type aliases are subscriptable
print(Late | None)  # expect: Late | None


class Box[T]:
    def get[S](self, other: S) -> T | S: ...


print(Box.__type_params__, Box.get.__type_params__)  # expect: (T,) (S,)
print(Box.get.__annotations__["return"])  # expect: T | S
print([c.__name__ for c in Box.__mro__])  # expect: ['Box', 'Generic', 'object']
print(Box[int].__origin__ is Box, Box.__parameters__)  # expect: True (T,)
