# Generators that delegate to one another stop and go on together; each can still be looked at, sent to, thrown into and
# closed by itself, at any time.
import sys
import threading


def leaf(name, count=3):
    try:
        for i in range(count):
            got = yield (name, i)
            if got is not None:
                print("leaf", got)
    finally:
        print("leaf ends")
    return name


def outer(inner):
    result = yield from inner
    yield "returned " + result
    return "outer " + result


def chain(depth, name="x", count=3):
    made = [leaf(name, count)]
    for _ in range(depth):
        made.append(outer(made[-1]))
    return made


# The states of all of them, before, between and after.
made = chain(2)
print([g.gi_suspended for g in made])  # expect: [False, False, False]
print(next(made[2]))  # expect: ('x', 0)
print(next(made[2]))  # expect: ('x', 1)
print([g.gi_suspended for g in made])  # expect: [True, True, True]
print(next(made[2]))  # expect: ('x', 2)
print([g.gi_running for g in made])  # expect: [False, False, False]
print(made[2].gi_yieldfrom is made[1])  # expect: True
print(made[1].gi_yieldfrom is made[0])  # expect: True
print(made[0].gi_yieldfrom)  # expect: None
# The innermost ends, and the ones around it go on, from another depth of the stack than before.
def deeper(n, g):
    local = n, n, n
    return (deeper(n - 1, g) if n else next(g)), local[0]
print(deeper(3, made[2]))  # expect: leaf ends
# expect: (((('returned x', 0), 1), 2), 3)
print(deeper(1, made[2]))  # expect: (('returned outer x', 0), 1)
next(made[2])  # raises StopIteration: outer outer x

# One in the middle is resumed by itself.
made = chain(3, "m")
print(next(made[3]), next(made[3]))  # expect: ('m', 0) ('m', 1)
print(next(made[1]))  # expect: ('m', 2)
print(next(made[1]))  # expect: leaf ends
# expect: returned m
print(made[1].gi_yieldfrom, next(made[1], "over"))  # expect: None over
print([g.gi_suspended for g in made])  # expect: [False, False, True, True]
next(made[3])  # raises TypeError: can only concatenate str (not "NoneType") to str

# send, throw and close reach the innermost.
made = chain(4, "s", 5)
print(next(made[4]), next(made[4]))  # expect: ('s', 0) ('s', 1)
print(made[4].send("sent"))  # expect: leaf sent
# expect: ('s', 2)
print(made[2].send("between"))  # expect: leaf between
# expect: ('s', 3)
made[4].throw(KeyError("thrown"))  # raises KeyError: 'thrown'
# expect: leaf ends
print([g.gi_frame for g in made])  # expect: [None, None, None, None, None]
made = chain(4, "c")
print(next(made[4]), next(made[4]))  # expect: ('c', 0) ('c', 1)
made[4].close()  # expect: leaf ends
print([g.gi_frame for g in made])  # expect: [None, None, None, None, None]

# Dropping the outermost ends all of them, dropping it while the others are held leaves those.
made = chain(3, "d")
print(next(made[3]), next(made[3]))  # expect: ('d', 0) ('d', 1)
keep = made[0]
del made  # expect: leaf ends
print(next(keep, "over"))  # expect: over
def plain(count):
    for i in range(count):
        yield i
def hand_on(inner):
    yield from inner
keep = plain(9)
whole = hand_on(hand_on(hand_on(keep)))
print(next(whole), next(whole))  # expect: 0 1
del whole
print(next(keep, "over"))  # expect: over

# Resuming one of a running chain, from inside.
def nosy():
    yield 1
    for g in rings:
        try:
            next(g)
        except ValueError as error:
            print(error)
    yield [g.gi_running for g in rings]
    yield [g.gi_running for g in rings]
rings = [nosy()]
for _ in range(3):
    rings.append(hand_on(rings[-1]))
print(next(rings[3]))  # expect: 1
print(next(rings[3]))
# expect: generator already executing
# expect: generator already executing
# expect: generator already executing
# expect: generator already executing
# expect: [True, True, True, True]
print(next(rings[3]))  # expect: [True, True, True, True]

# Exceptions pass through, and each generator may handle them; what it handles is its own.
def breaks():
    yield 1
    yield 2
    raise LookupError("broken")
def handles(inner):
    try:
        yield from inner
    except LookupError as error:
        yield "handled", str(error), sys.exception() is error
        yield "still", sys.exception() is error
whole = hand_on(handles(hand_on(breaks())))
print(next(whole), next(whole))  # expect: 1 2
print(next(whole), sys.exception())  # expect: ('handled', 'broken', True) None
try:
    raise OSError("outside")
except OSError:
    print(next(whole), repr(sys.exception()))  # expect: ('still', True) OSError('outside')
print(next(whole, "end"))  # expect: end

def in_handler(inner):
    try:
        raise ZeroDivisionError("first")
    except ZeroDivisionError:
        yield from inner
def asks():
    yield repr(sys.exception())
    yield repr(sys.exception())
    yield repr(sys.exception())
whole = hand_on(in_handler(asks()))
print(next(whole), next(whole))  # expect: ZeroDivisionError('first') ZeroDivisionError('first')
print(repr(sys.exception()))  # expect: None
try:
    raise OSError("outside")
except OSError:
    print(next(whole))  # expect: ZeroDivisionError('first')

# Frames: who calls whom while it runs, nobody in between.
def caller_names():
    for _ in range(3):
        frame, names = sys._getframe(), []
        while frame:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        yield names
whole = hand_on(hand_on(caller_names()))
inner = whole
print(next(whole))  # expect: ['caller_names', 'hand_on', 'hand_on', '<module>']
def from_here():
    return next(whole)
print(from_here())  # expect: ['caller_names', 'hand_on', 'hand_on', 'from_here', '<module>']
print(whole.gi_yieldfrom.gi_frame.f_back)  # expect: None
print(from_here())  # expect: ['caller_names', 'hand_on', 'hand_on', 'from_here', '<module>']

# Recursion: new generators at the inner end, and ends, in every order.
class Tree:
    def __init__(self, depth):
        self.children = [Tree(depth - 1), depth, Tree(depth - 1)] if depth else []
    def __iter__(self):
        for child in self.children:
            if isinstance(child, Tree):
                yield from child
            else:
                yield child
print(list(Tree(4)))  # expect: [1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1]
a, b = iter(Tree(3)), iter(Tree(3))
print([(x, y) for x in a for y in b][:3])  # expect: [(1, 1), (1, 2), (1, 1)]
print(sum(Tree(10)), max(Tree(10)), any(x > 9 for x in Tree(10)))  # expect: 2036 10 True

# A chain over and inside another one.
inner = hand_on(hand_on(plain(6)))
print(next(inner), next(inner))  # expect: 0 1
whole = hand_on(hand_on(inner))
print(next(whole), next(whole))  # expect: 2 3
print(next(inner), next(whole), next(whole, "end"), next(inner, "end"))  # expect: 4 5 end end

# Deeper than the interpreter may recurse.
def nest(n):
    if n:
        yield from nest(n - 1)
    yield n
limit = sys.getrecursionlimit()
whole = nest(limit // 2)
print(next(whole), next(whole), next(whole))  # expect: 0 1 2
sum(nest(2 * limit))  # raises RecursionError: maximum recursion depth exceeded

# Coroutines, and a thread that goes on with what another one began.
class Pause:
    def __await__(self):
        got = yield "paused"
        return got
async def pauses(n):
    return [await Pause() for _ in range(n)]
async def waits(n, inner):
    return (await waits(n - 1, inner)) if n else await inner
task = waits(3, pauses(3))
print(task.send(None), task.send(1), task.send(2))  # expect: paused paused paused
try:
    task.send(3)
except StopIteration as stop:
    print(stop.value)  # expect: [1, 2, 3]
whole = hand_on(hand_on(plain(8)))
middle = whole.gi_frame.f_locals["inner"]
print(next(whole), next(whole))  # expect: 0 1
def work():
    print(next(whole), next(middle), next(whole))
thread = threading.Thread(target=work)
thread.start()
thread.join()
# expect: 2 3 4
print(next(middle), next(whole), list(whole))  # expect: 5 6 [7]
