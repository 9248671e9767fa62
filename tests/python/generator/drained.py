# Builtins that want all items of a generator: what it and they see in between, and every kind of item.
import sys


def numbers(items):
    for item in items:
        yield item
    return "ignored"


def steps(*items):
    yield from items


# Item kinds that change on the way.
print(sum(numbers([1, 2, True, 3])), sum(numbers([]), 5), sum(numbers([2**61, 2**61, 2**61])))  # expect: 7 5 6917529027641081856
print(sum(numbers([1, 2.5, 1, 0.5])), sum(numbers([0.1] * 10)), sum(numbers([1, 2j])))  # expect: 5.0 1.0 (1+2j)
print(sum(numbers([1e100, 1.0, -1e100, True])))  # expect: 2.0
print(sum(numbers([[1], [2]]), []))  # expect: [1, 2]
print(max(numbers([1, 5, 3])), min(numbers([2.5, 1.5, 3.5])), max(numbers([1, 2.5, 2])), min(numbers(["b", "a"])))  # expect: 5 1.5 2.5 a
print(max(numbers([1.0, float("nan"), 2.0])), max(numbers([float("nan"), 2.0])))  # expect: 2.0 nan
print(max(numbers([3, 3.0, True])), min(numbers([1, 1.0, True])))  # expect: 3 1
print(max(numbers([]), default="none"))  # expect: none
print(sorted(set(numbers([3, 1, 3, 2, 1]))), len(set(numbers(range(1000)))), set(numbers(["a", "a"])))  # expect: [1, 2, 3] 1000 {'a'}
print(sorted(frozenset(numbers([1, 1.0, True, 2]))))  # expect: [1, 2]
items = [0]
items.extend(numbers([1, 2, "x", None, 2.5]))
print(items, list(numbers(range(20)))[-1], tuple(numbers("abc")))  # expect: [0, 1, 2, 'x', None, 2.5] 19 ('a', 'b', 'c')
print(", ".join(numbers(["a", "b"])), dict(numbers([(1, 2), "ab"])))  # expect: a, b {1: 2, 'a': 'b'}


# The list that grows is seen by the generator, and may be changed by it.
def watching(target):
    for i in range(3):
        yield i
        target.append(10 + i)
    yield len(target)
grows = []
grows.extend(watching(grows))
print(grows)  # expect: [0, 10, 1, 11, 2, 12, 6]
def empties(target):
    for i in range(4):
        yield i
        if i == 2:
            target.clear()
grows = []
grows.extend(empties(grows))
print(grows)  # expect: [3]


# Between two items a generator is suspended, as far as Python code can see.
class Nosy:
    def __init__(self, name): self.name = name
    def __add__(self, other): return self.look(other)
    def __radd__(self, other): return self.look(other)
    def look(self, other):
        print(self.name, generator.gi_running, generator.gi_suspended, sys._getframe(2).f_code.co_name)
        return self
    def __hash__(self):
        print("hash", generator.gi_running, sys._getframe(1).f_code.co_name)
        return 1
    def __del__(self):
        print("del", self.name, generator.gi_running)
def make():
    yield 1
    yield Nosy("a")
    yield 2
generator = make()
kept = sum(generator)
# expect: a False True <module>
# expect: a False True <module>
generator = make()
kept2 = set(generator)  # expect: hash False <module>
kept2.clear()  # expect: del a False
del kept  # expect: del a False

# It may be resumed from there.
class Steals:
    def __radd__(self, other): return other + next(generator)
def stolen():
    yield 1
    yield Steals()
    yield 10
    yield 100
generator = stolen()
print(sum(generator))  # expect: 111

# Nested: each one's items go to its own consumer.
def nested(depth):
    yield depth
    if depth:
        yield sum(nested(depth - 1))
        yield max(nested(depth - 1))
        yield next(nested(depth - 1))
        yield len(list(nested(depth - 1)))
print(list(nested(3)))  # expect: [3, 11, 5, 2, 5]


# Exceptions on the way.
def fails():
    yield 1
    yield 2
    raise LookupError("broken")
sum(fails())  # raises LookupError: broken
max(fails())  # raises LookupError: broken
list(fails())  # raises LookupError: broken
set(fails())  # raises LookupError: broken
items = []
items.extend(fails())  # raises LookupError: broken
print(items)  # expect: [1, 2]
def running():
    yield 1
    yield sum(me)
me = running()
list(me)  # raises ValueError: generator already executing

# Traced: every yield is seen.
seen = []
def tracer(frame, event, arg):
    if frame.f_code.co_name == "numbers":
        seen.append((event, arg))
        return tracer
sys.settrace(tracer)
total = sum(numbers([4, 5]))
sys.settrace(None)
print(total, [arg for event, arg in seen if event == "return"])  # expect: 9 [4, 5, 'ignored']
