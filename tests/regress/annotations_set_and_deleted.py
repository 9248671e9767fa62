# __annotate__ and __annotations__ of functions, classes and modules put each other out of force.
import types


class Class:
    a: int

    def __annotate__(format):
        return {"a": str}


print(Class.__annotate__(1))  # expect: {'a': <class 'str'>}
del Class.__annotations__  # raises AttributeError: __annotations__
print(Class.__annotations__)  # expect: {'a': <class 'str'>}
del Class.__annotations__
print(Class.__annotations__, Class.__annotate__)  # expect: {} None

for thing in (lambda: None), type("C", (), {}), types.ModuleType("module"):
    print(thing.__annotations__, thing.__annotate__)  # expect: {} None
    thing.__annotate__ = lambda format: 42
    try:
        print(thing.__annotations__)
    except TypeError as error:
        print(error)  # expect: __annotate__ returned non-dict of type 'int'
    thing.__annotate__ = lambda format: {"x": format}
    print(thing.__annotations__)  # expect: {'x': 1}
    thing.__annotations__ = {"z": 43}
    print(thing.__annotate__, thing.__annotations__)  # expect: None {'z': 43}
# expect: {} None
# expect: __annotate__ returned non-dict of type 'int'
# expect: {'x': 1}
# expect: None {'z': 43}
# expect: {} None
# expect: __annotate__ returned non-dict of type 'int'
# expect: {'x': 1}
# expect: None {'z': 43}
