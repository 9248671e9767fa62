# Values, exceptions and frames pass through chains of `yield from` and await as if every generator had been resumed by hand.
import sys


def leaf():
    got = []
    while len(got) < 3:
        got.append((yield len(got)))
    return got


def level(n, below):
    if n == 0:
        return (yield from below)
    result = yield from level(n - 1, below)
    return result + [n]


chain = level(4, leaf())
print(next(chain), chain.send("a"), chain.send("b"))  # expect: 0 1 2
try:
    chain.send("c")
except StopIteration as end:
    print(end.value)  # expect: ['a', 'b', 'c', 1, 2, 3, 4]

# One that is delegated to can be resumed by somebody else between two steps; it is running during a step.
inner = leaf()
outer = level(3, inner)
print(next(outer), next(inner), next(outer))  # expect: 0 1 2


def looks():
    yield 0
    middle = holder[1]
    print(middle.gi_running, middle.gi_suspended, holder[0].gi_running)  # expect: True False True
    try:
        next(middle)
    except ValueError as error:
        print(error)  # expect: generator already executing
    frame, names = sys._getframe(), []
    while frame and frame.f_code.co_name != "<module>":
        names.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))
        frame = frame.f_back
    print(names)  # expect: [('looks', 10), ('middle_one', 1), ('top_one', 1)]
    yield 1


def middle_one():
    yield from looks()


def top_one(generator):
    yield from generator


holder = [None, middle_one()]
holder[0] = top_one(holder[1])
print(next(holder[0]), next(holder[0]))  # expect: 0 1
print(holder[1].gi_suspended, holder[0].gi_yieldfrom is holder[1], holder[1].gi_frame.f_back)  # expect: True True None


# An exception thrown in goes to the innermost and comes out through everyone's handlers.
def catches():
    try:
        yield 1
    except KeyError as error:
        yield "caught " + str(error)
    raise LookupError("on the way out")


def handles(generator):
    try:
        yield from generator
    except LookupError as error:
        yield "handled " + str(error)
    yield "after"


steps = level(2, handles(level(2, catches())))
print(next(steps), steps.throw(KeyError("x")), next(steps), next(steps))  # expect: 1 caught 'x' handled on the way out after


# A handled exception is the resumer's outside and nobody's inside.
def shows():
    for _ in range(2):
        yield sys.exception()


held = level(2, shows())
try:
    raise OSError("outer")
except OSError:
    print(next(held))  # expect: outer
print(next(held))  # expect: None


# Observers see every generator of the chain, in both directions, also when they come while it is suspended.
def traced(frame, event, argument):
    if frame.f_code.co_name in ("leaf", "level"):
        events.append(event[0] + str(frame.f_locals.get("n", "")))
    return traced


events = []
chain = level(1, leaf())
next(chain)
sys.settrace(traced)
chain.send("a")
sys.settrace(None)
print(" ".join(e for e in events if e[0] in "cr"))  # expect: c1 c0 c r r0 r1
print(chain.send("b"))  # expect: 2


# Deep chains end in RecursionError, not in a crash.
def deep(n):
    yield n
    if n:
        yield from deep(n - 1)


count = 0
try:
    for _ in deep(5000):
        count += 1
except RecursionError:
    print("too deep", count > 500)  # expect: too deep True


# __iter__ as a generator function, in for and `yield from`; its arguments die with it.
class Chatty:
    def __del__(self):
        print("gone")


class Tree:
    def __init__(self, left, value):
        self.left, self.value = left, value

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value


print(list(Tree(Tree(Tree(None, 1), 2), 3)))  # expect: [1, 2, 3]
for item in Tree(None, Chatty()):
    del item
    print("in the loop")  # expect: in the loop
# expect: gone


class NotAnIterator:
    def __iter__(self):
        return 3


[i for i in NotAnIterator()]  # raises TypeError: iter() returned non-iterator of type 'int'


async def waits(n):
    return await waits(n - 1) + 1 if n else await Step()


class Step:
    def __await__(self):
        return (yield "step") * 10


running = waits(5)
print(running.send(None))  # expect: step
try:
    running.send(4)
except StopIteration as end:
    print(end.value)  # expect: 45
