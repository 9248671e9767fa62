# classmethod's annotations, property's functions, and __dict__ descriptors applied to other things.
class C:
    @classmethod
    def annotated(cls) -> int: pass
method = C.__dict__["annotated"]
del method.__annotations__  # raises AttributeError: 'classmethod' object has no attribute '__annotations__'
print(method.__annotations__, "__annotations__" in method.__dict__)  # expect: {'return': <class 'int'>} True
method.__annotations__ = {"a": 1}
del method.__annotations__
print(method.__annotations__)  # expect: {'return': <class 'int'>}
property().fget = 42           # raises AttributeError: readonly attribute
del property().fdel            # raises AttributeError: readonly attribute

class Base: pass
class Meta(type, Base): pass
class Made(metaclass=Meta): pass
Base.__dict__["__dict__"].__set__(Made, {})  # raises AttributeError: attribute '__dict__' of 'type' objects is not writable

class Lookup:
    def __getattr__(self, name):
        if "getnewargs" in name: raise AssertionError(name)
        raise AttributeError(name)
print(Lookup().__reduce_ex__(2)[1:])  # expect: ((<class '__main__.Lookup'>,), None, None, None)

def broken():
    yield "key"
    raise TypeError("oops")
try: dict([broken()])
except TypeError as error: print(error, error.__notes__)  # expect: oops ['Cannot convert dictionary update sequence element #0 to a sequence']

class Reversed(Base, type): pass
class Other(metaclass=Reversed): mark = 1
print(type(Other.__dict__), Other.__dict__["mark"])  # expect: <class 'mappingproxy'> 1

class Late(Base, Exception): pass
late = Late()
late.__dict__ = {"a": 1}
del late.__dict__  # raises TypeError: cannot delete __dict__
base = Base()
base.x = 1
del base.__dict__
print(late.a, base.__dict__)  # expect: 1 {}
