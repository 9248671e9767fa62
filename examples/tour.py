"""A tour of Python on dx-py: each stop runs some of the language, checks the result and says what works.

It prints the same on every Python 3.14; a stop that fails says so and the tour goes on. The exit status is 0 only
when all of them work.
"""
import sys

stops = []


def stop(title):
    def remember(function):
        stops.append((title, function))
        return function
    return remember


@stop("numbers: big, exact and fast")
def numbers():
    assert 7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2
    assert 2 ** 100 == 1267650600228229401496703205376
    assert 0.1 + 0.2 == 0.30000000000000004
    assert repr(1e16) == "1e+16" and round(2.5) == 2
    assert int("ff", 16) == 255 and bin(10) == "0b1010"
    assert (1 + 2j) * (3 - 1j) == 5 + 5j
    factorial = 1
    for n in range(1, 31):
        factorial *= n
    return f"30! = {factorial}"


@stop("text: Unicode, slices, formatting")
def text():
    word = "naïve 数据 🐍"
    assert len(word) == 10 and word[-1] == "🐍" and word[::-1][0] == "🐍"
    assert word.encode("utf-8").decode("utf-8") == word
    assert "a,b,,c".split(",") == ["a", "b", "", "c"]
    assert "{:>6}|{:<4}|{:^5}".format("ab", 1, "x") == "    ab|1   |  x  "
    name, width = "dx", 8
    assert f"{name!r:>{width}} {3.14159:.2f} {1234567:,} {255:#x}" == "    'dx' 3.14 1,234,567 0xff"
    assert f"{f"{name}-nested"}" == "dx-nested"
    return word.upper()


@stop("collections: lists, tuples, dicts, sets")
def collections():
    squares = [n * n for n in range(10) if n % 2]
    assert squares == [1, 9, 25, 49, 81]
    first, *middle, last = squares
    assert (first, middle, last) == (1, [9, 25, 49], 81)
    ages = {"Ada": 36, "Grace": 85} | {"Alan": 41}
    assert list(ages) == ["Ada", "Grace", "Alan"]
    assert {name[0] for name in ages} == {"A", "G"}
    assert sorted(ages, key=ages.get) == ["Ada", "Alan", "Grace"]
    squares[1:3] = []
    squares.insert(0, -1)
    assert squares == [-1, 1, 49, 81]
    return sorted(ages.items())


@stop("functions: defaults, keywords, closures, decorators")
def functions():
    def report(a, /, b=2, *rest, scale=1, **others):
        return a, b, rest, scale, others

    assert report(1) == (1, 2, (), 1, {})
    assert report(1, 5, 6, 7, scale=3, x=9) == (1, 5, (6, 7), 3, {"x": 9})

    def counter():
        count = 0

        def up():
            nonlocal count
            count += 1
            return count
        return up

    up = counter()
    up()
    assert up() == 2

    def twice(function):
        return lambda *args: function(function(*args))

    @twice
    def double(x):
        return 2 * x

    return double(10)


@stop("classes: inheritance, properties, operators")
def classes():
    class Vector:
        __slots__ = ("x", "y")

        def __init__(self, x, y):
            self.x, self.y = x, y

        def __add__(self, other):
            return Vector(self.x + other.x, self.y + other.y)

        def __eq__(self, other):
            return (self.x, self.y) == (other.x, other.y)

        def __repr__(self):
            return f"Vector({self.x}, {self.y})"

        @property
        def length(self):
            return (self.x * self.x + self.y * self.y) ** 0.5

        @classmethod
        def zero(cls):
            return cls(0, 0)

    class Named:
        def describe(self):
            return "a thing"

    class Arrow(Vector, Named):
        def describe(self):
            return "an arrow, " + super().describe()

    assert Vector(1, 2) + Vector(2, 2) == Vector(3, 4) and Vector(3, 4).length == 5.0
    arrow = Arrow.zero()
    arrow.colour = "red"
    assert arrow.__dict__ == {"colour": "red"} and isinstance(arrow, Vector)
    assert [cls.__name__ for cls in Arrow.__mro__] == ["Arrow", "Vector", "Named", "object"]
    return f"{Vector(1, 2) + Vector(2, 2)}, {arrow.describe()}"


@stop("control flow: match, walrus, loops with else")
def control_flow():
    def shape(thing):
        match thing:
            case {"kind": "circle", "radius": r}:
                return f"circle of radius {r}"
            case [x, y] if x == y:
                return f"square of {x}"
            case [x, y]:
                return f"{x} by {y}"
            case str() | bytes():
                return "text"
            case _:
                return "something else"

    assert shape({"kind": "circle", "radius": 2}) == "circle of radius 2"
    assert shape([3, 3]) == "square of 3" and shape((3, 4)) == "3 by 4" and shape("x") == "text"
    primes = []
    for n in range(2, 30):
        for p in primes:
            if n % p == 0:
                break
        else:
            primes.append(n)
    assert (total := sum(primes)) == 129 and total > 100
    return primes


@stop("exceptions: raised, caught, chained, grouped")
def exceptions():
    events = []

    def careful(divisor):
        try:
            return 10 // divisor
        except ZeroDivisionError as error:
            raise ValueError("no such share") from error
        finally:
            events.append(divisor)

    assert careful(5) == 2
    try:
        careful(0)
    except ValueError as error:
        cause = error.__cause__
    assert events == [5, 0] and str(cause) in ("integer division or modulo by zero", "division by zero")

    class Door:
        def __enter__(self):
            events.append("open")
            return self

        def __exit__(self, *details):
            events.append("closed")
            return details[0] is KeyError

    with Door():
        {}["missing"]
    assert events[2:] == ["open", "closed"]
    caught = []
    try:
        raise ExceptionGroup("both", [ValueError(1), TypeError(2)])
    except* ValueError as group:
        caught.append(len(group.exceptions))
    except* TypeError as group:
        caught.append(str(group.exceptions[0]))
    return caught


@stop("generators: lazy, delegating, resumable")
def generators():
    def count_to(n):
        for i in range(1, n + 1):
            got = yield i
            if got:
                yield got

    def chain(*parts):
        for part in parts:
            yield from part

    assert list(chain(count_to(2), "ab")) == [1, 2, "a", "b"]
    walk = count_to(3)
    assert next(walk) == 1 and walk.send("hello") == "hello" and list(walk) == [2, 3]

    def fibonacci():
        a, b = 0, 1
        while True:
            yield a
            a, b = b, a + b

    return [x for x, _ in zip(fibonacci(), range(12))]


@stop("coroutines: async functions without an event loop")
def coroutines():
    class Pause:
        def __await__(self):
            return (yield "paused")

    async def work(name):
        got = await Pause()
        return f"{name} got {got}"

    coroutine = work("worker")
    assert coroutine.send(None) == "paused"
    try:
        coroutine.send("mail")
    except StopIteration as done:
        return done.value


@stop("destruction: at once, when the last reference goes")
def destruction():
    log = []

    class Loud:
        def __init__(self, name):
            self.name = name

        def __del__(self):
            log.append(self.name)

    def use():
        Loud("temporary")
        kept = Loud("kept")
        log.append("still here")
        del kept
        log.append("end")

    use()
    return log


@stop("3.14: template strings and lazy annotations")
def python_3_14():
    who = "world"
    template = t"hello {who}!"
    assert template.strings == ("hello ", "!") and template.values == ("world",)

    class Node:
        next: Node
        value: NotDefinedYet

    def generic[T](x: T) -> T:
        return x

    assert generic.__type_params__[0].__name__ == "T" and generic(3) == 3
    try:
        int("x")
    except TypeError, ValueError:
        return template.interpolations[0].expression


@stop("threads: two at once, without a global lock")
def threads():
    import threading
    total, lock = [0], threading.Lock()

    def work(count):
        for _ in range(count):
            with lock:
                total[0] += 1

    workers = [threading.Thread(target=work, args=(5000,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return total[0]


@stop("library: pure-Python modules of the standard library")
def library():
    import collections
    import dataclasses
    import fractions
    import re
    import textwrap

    @dataclasses.dataclass
    class Point:
        x: int
        y: int = 0

    assert repr(Point(1)) == "library.<locals>.Point(x=1, y=0)"
    assert collections.Counter("abracadabra").most_common(2) == [("a", 5), ("b", 2)]
    assert fractions.Fraction(1, 3) + fractions.Fraction(1, 6) == fractions.Fraction(1, 2)
    assert re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world") == "world hello"
    return textwrap.shorten("Hello wonderful world of Python", width=20)


def main():
    failed = 0
    for title, function in stops:
        try:
            print(f"ok      {title}: {function()}")
        except Exception as error:
            failed += 1
            print(f"MISSING {title}: {type(error).__name__}: {error}")
    print(f"{len(stops) - failed} of {len(stops)} stops work")
    return 1 if failed else 0


sys.exit(main())
