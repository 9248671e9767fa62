# throw() and close() through `yield from`: the generators that wait are callers of the one that is thrown into.
import sys
import traceback


def names():
    frame, found = sys._getframe(1), []
    while frame and frame.f_code.co_name != "<module>":
        found.append(frame.f_code.co_name)
        frame = frame.f_back
    return found


def inner():
    try:
        yield 1
    except LookupError:
        print(names(), repr(sys.exception().__context__), g.gi_running)
        yield 2
    finally:
        print("finally", names())


def middle():
    yield from inner()


def outer():
    try:
        raise KeyError("handled")
    except KeyError:
        yield from middle()


g = outer()
print(next(g))  # expect: 1
print(g.throw(LookupError()))  # expect: ['inner', 'middle', 'outer'] None True
# expect: 2
print(g.gi_running, g.gi_suspended)  # expect: False True
g.close()  # expect: finally ['inner']


# What waits need not be a generator.
class Custom:
    def __iter__(self): return self
    def __next__(self): return 1
    def throw(self, *given):
        print(names())
        raise IndexError("from throw")
def waits():
    yield from Custom()
g = waits()
next(g)
try:
    g.throw(ValueError)  # expect: ['throw', 'waits']
except IndexError as error:
    print([(entry.name, entry.line) for entry in traceback.extract_tb(error.__traceback__)][1:])
    # expect: [('waits', 'yield from Custom()'), ('throw', 'raise IndexError("from throw")')]
    print(repr(error.__context__))  # expect: None


# One entry of the traceback for each generator.
def breaks():
    yield 1
def hands_on():
    yield from breaks()
g = hands_on()
next(g)
try:
    g.throw(OSError("thrown"))
except OSError as error:
    print([entry.name for entry in traceback.extract_tb(error.__traceback__)])  # expect: ['<module>', 'hands_on', 'breaks']


# What a generator handles becomes the context of what passes through it.
def plain():
    yield 1
def handles():
    try:
        raise KeyError("handled")
    except KeyError:
        yield from plain()
for context in None, OSError("own"):
    g = handles()
    next(g)
    thrown = LookupError()
    thrown.__context__ = context
    try:
        g.throw(thrown)
    except LookupError as error:
        print(repr(error.__context__))
# expect: KeyError('handled')
# expect: KeyError('handled')
g = plain()
next(g)
try:
    raise ValueError("outside")
except ValueError:
    try:
        g.throw(thrown)
    except LookupError as error:
        print(repr(error.__context__))  # expect: KeyError('handled')
