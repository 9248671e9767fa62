"""Generators, coroutines, iterator protocols, exceptions, context managers, pattern matching."""

import asyncio
import contextlib
import dataclasses
import enum
import fractions


def numbers(count):
    value = 0
    while value < count:
        yield value
        value += 1


def evens(items):
    for item in items:
        if item % 2 == 0:
            yield item


def flatten(tree):
    if isinstance(tree, list):
        for branch in tree:
            yield from flatten(branch)
    else:
        yield tree


def averager():
    total, count, average = 0, 0, 0
    while True:
        total += yield average
        count += 1
        average = total / count


class Chain:
    """A linked list with an iterator class of its own."""

    def __init__(self, items):
        self.head = None
        for item in items:
            self.head = (item, self.head)

    def __iter__(self):
        return ChainIterator(self.head)


class ChainIterator:
    def __init__(self, link):
        self.link = link

    def __iter__(self):
        return self

    def __next__(self):
        if self.link is None:
            raise StopIteration
        item, self.link = self.link
        return item


class Missing(Exception):
    pass


def look_up(table, key):
    try:
        return table[key]
    except KeyError as error:
        raise Missing(key) from error


def errors():
    table, missing, cleaned = {"a": 1, "b": 2}, 0, []
    for key in "abcd" * 150:
        try:
            look_up(table, key)
        except Missing:
            missing += 1
        finally:
            cleaned.append(key)
    for text in ("12", "x", "7", None) * 100:
        try:
            missing += int(text)
        except (ValueError, TypeError):
            pass
    return missing, len(cleaned)


@contextlib.contextmanager
def noted(log, name):
    log.append(name)
    try:
        yield log
    finally:
        log.append(-name)


class Guard:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ZeroDivisionError


def managers():
    log = []
    for name in range(300):
        with noted(log, name), Guard():
            log.append(1 // (name % 5))
    return sum(log)


async def tick(queue, count):
    for index in range(count):
        await asyncio.sleep(0)
        await queue.put(index)
    await queue.put(None)


async def drain(queue):
    total = 0
    while (item := await queue.get()) is not None:
        total += item
    return total


async def depth(levels):
    return levels and 1 + await depth(levels - 1)


async def squares(count):
    for index in range(count):
        yield index * index


async def main():
    queue = asyncio.Queue(4)
    _, total = await asyncio.gather(tick(queue, 150), drain(queue))
    deep = [await depth(60) for _ in range(20)]
    return total, sum(deep), sum([square async for square in squares(200)])


class Kind(enum.Enum):
    NUMBER = 1
    PLUS = 2
    TIMES = 3


@dataclasses.dataclass(frozen=True)
class Token:
    kind: Kind
    value: int = 0


def evaluate(tokens):
    """A stack machine with pattern matching."""
    stack = []
    for token in tokens:
        match token:
            case Token(Kind.NUMBER, value):
                stack.append(value)
            case Token(kind=Kind.PLUS):
                stack.append(stack.pop() + stack.pop())
            case Token(kind=Kind.TIMES):
                stack.append(stack.pop() * stack.pop())
    return stack.pop()


def harmonic(count):
    total = fractions.Fraction(0)
    for index in range(1, count):
        total += fractions.Fraction(1, index)
    return total.numerator % 1_000_003


running = averager()
next(running)
for value in range(2000):
    mean = running.send(value)
program = [Token(Kind.NUMBER, 3), Token(Kind.NUMBER, 4), Token(Kind.PLUS), Token(Kind.NUMBER, 5), Token(Kind.TIMES)]
nested = [[[1, 2], [3, [4, [5, [6, [7]]]]]], [8, 9]]
print(sum(evens(numbers(8000))), sum(sum(flatten(nested)) for _ in range(150)), mean, sum(Chain(range(2000))),
      errors(), managers(), asyncio.run(main()), sum(evaluate(program) for _ in range(150)), harmonic(120),
      sum(a * b for a, b in zip(range(3000), numbers(3000))), max(x % 97 for x in range(3000)),
      dict((n, n * n) for n in range(500))[20], len({n % 50 for n in evens(range(1000))}))
