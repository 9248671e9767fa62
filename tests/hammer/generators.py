# One generator resumed by many threads: each value once, or `already executing`; generators closed and dropped anywhere.
from hammer import hammer


def numbers():
    n = 0
    while True:
        n += 1
        yield n


shared = numbers()
seen = [[] for _ in range(8)]
closed = []


def resume(index):
    for _ in range(100):
        try:
            seen[index].append(next(shared))
        except ValueError as error:
            assert str(error) == "generator already executing", error


def own(index):
    def inner():
        try:
            yield from range(10)
        finally:
            closed.append(index)
    walk = inner()
    assert next(walk) == 0
    if index % 2:
        walk.close()
    del walk


hammer(resume, own)
values = sorted(value for part in seen for value in part)
assert values == list(range(1, len(values) + 1)), "a value was lost or seen twice"
assert closed
print("ok")
