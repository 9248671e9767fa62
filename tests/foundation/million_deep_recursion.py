# Pure-Python recursion is bounded by the recursion limit alone; at the limit it raises and the program goes on.
# timeout: 60
import sys


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


try:
    down(1000000)
except RecursionError as error:
    print(error)  # expect: maximum recursion depth exceeded
print(down(900))  # expect: 900
sys.setrecursionlimit(10 ** 7)
print(down(1000000))  # expect: 1000000


class Chain:
    def __init__(self, next):
        self.next = next


# Freeing a long chain does not recurse.
chain = None
for _ in range(1000000):
    chain = Chain(chain)
del chain
nested = []
for _ in range(500000):
    nested = [nested]
del nested
print("freed")  # expect: freed


def generator(n):
    if n:
        yield from generator(n - 1)
    yield n


sys.setrecursionlimit(1000)
print(sum(generator(300)))  # expect: 45150


class Loop:
    def __getattr__(self, name):
        return getattr(self, name + "x")


try:
    Loop().a
except RecursionError as error:
    print("caught", type(error).__name__)  # expect: caught RecursionError
