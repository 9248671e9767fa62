# The exception a generator is handling belongs to it: linked at resume, unlinked at yield.
import sys


def now():
    value = sys.exception()
    return None if value is None else value.args[0]


def walk():
    try:
        raise ValueError("inner")
    except ValueError:
        yield now()
        yield now()
    yield now()


g = walk()
print(next(g), now())  # expect: inner None
try:
    raise KeyError("outer")
except KeyError:
    print(next(g), now())  # expect: inner outer
    print(next(g), now())  # expect: outer outer
print(now())  # expect: None


def chained():
    try:
        yield
    except KeyError:
        raise TypeError("from the generator")


g = chained()
next(g)
try:
    g.throw(KeyError("thrown"))
except TypeError as error:
    print(repr(error.__context__), now())  # expect: KeyError('thrown') from the generator
