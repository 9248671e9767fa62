# What a failing or spread call, a slice and an ended frame release, in which order: CPython's.
class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end", self.name)


def attempt(action):
    try:
        action()
    except (TypeError, ValueError, KeyError) as error:
        print(type(error).__name__)


def one(x): pass
def keyword(x, *, y): pass
def any_more(x, *rest, **named): pass
def drop_first(x, y):
    del x
    print("dropped")


# Positional arguments without a parameter go first, then unused keywords, then the parameters from the last.
attempt(lambda: one(Loud("a"), Loud("b"), Loud("c")))
attempt(lambda: one(Loud("a"), z=Loud("b")))
attempt(lambda: keyword(Loud("a"), Loud("b"), y=Loud("c")))
attempt(lambda: any_more(Loud("a"), Loud("b"), y=Loud("c"), x=Loud("d")))
attempt(lambda: any_more(Loud("a"), Loud("b"), y=Loud("c"), z=Loud("d")))
# Spread arguments belong to the callee.
attempt(lambda: drop_first(*(Loud("a"), Loud("b"))))
attempt(lambda: drop_first(*[Loud("a")], **{"y": Loud("b")}))
attempt(lambda: one(*[Loud("a"), Loud("b")], **{"q": Loud("c")}))
# Slices, slots, parts of a list.
attempt(lambda: Loud("c")[Loud("a"):Loud("b")])
attempt(lambda: slice(Loud("start"), Loud("stop"), Loud("step")) and None)


class Slots:
    __slots__ = ("b", "a", "c")

    def __init__(self):
        self.c, self.b, self.a = Loud("slot c"), Loud("slot b"), Loud("slot a")


Slots()
items = [Loud("first"), Loud("second")]
items[:] = []


# A frame kept by its traceback releases its variables from the last.
def fail(a):
    b = Loud("b")
    raise KeyError


attempt(lambda: fail(Loud("a")))


def kept(*args):  # a finalizer that calls functions while the other arguments wait
    return sum(args)


class Busy:
    def __del__(self):
        kept(*range(50))


def two(x, y): pass
attempt(lambda: two(Busy(), Busy(), Loud("third"), Busy(), Loud("fifth")))
# expect: end b
# expect: end c
# expect: end a
# expect: TypeError
# expect: end b
# expect: end a
# expect: TypeError
# expect: end b
# expect: end c
# expect: end a
# expect: TypeError
# expect: end d
# expect: end c
# expect: end b
# expect: end a
# expect: TypeError
# expect: end c
# expect: end d
# expect: end b
# expect: end a
# expect: end a
# expect: dropped
# expect: end b
# expect: end a
# expect: dropped
# expect: end b
# expect: end b
# expect: end a
# expect: end c
# expect: TypeError
# expect: end a
# expect: end b
# expect: end c
# expect: TypeError
# expect: end step
# expect: end start
# expect: end stop
# expect: end slot a
# expect: end slot b
# expect: end slot c
# expect: end second
# expect: end first
# expect: KeyError
# expect: end b
# expect: end a
# expect: end third
# expect: end fifth
# expect: TypeError
