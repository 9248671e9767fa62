# functools.partial: a copy shares arguments; __setstate__ replaces all, even under repr; signatures.
import copy, functools, inspect, operator

partial = functools.partial(print, ["x"], sep=["y"])
partial.mark = []
twin = copy.copy(partial)
print(twin.args is partial.args, twin.keywords is partial.keywords, twin.mark is partial.mark)  # expect: True True True
partial.__setstate__((print, (1,), {"a": 10}, None))
print(partial.__dict__, partial.args)  # expect: {} (1,)
del partial.__dict__                   # raises TypeError: cannot delete __dict__
del ValueError().__dict__              # raises TypeError: cannot delete __dict__
partial.__dict__ = 3                   # raises TypeError: __dict__ must be set to a dictionary, not a 'int'

class Changes:
    def __repr__(self):
        shown.__setstate__((print, (None,), {"other": None}, None))
        return "changes"
shown = functools.partial(int, Changes(), base=None)
print(repr(shown))  # expect: functools.partial(<class 'int'>, changes, base=None)

print(inspect.signature(functools.cmp_to_key(lambda a, b: 0)))  # expect: (obj)
print(inspect.signature(operator.itemgetter(1)), inspect.signature(operator.attrgetter("a")))  # expect: (obj, /) (obj, /)
print(inspect.signature(operator.methodcaller("a")), inspect.signature(operator.itemgetter))  # expect: (obj, /) (item, /, *items)
