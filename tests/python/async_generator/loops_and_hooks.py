# async for and async comprehensions over async generators; anext; the hooks of event loops.
import sys


def run(awaitable):
    try:
        while True:
            awaitable.send(None)
    except StopIteration as stop:
        return stop.value


async def count(n):
    for i in range(n):
        yield i


async def double(source):
    async for i in source:
        yield 2 * i


async def main():
    print([i async for i in double(count(4))])  # expect: [0, 2, 4, 6]
    print({i: j async for i in count(2) async for j in count(3)}, {i async for i in count(3) if i})  # expect: {0: 2, 1: 2} {1, 2}
    lazy = (i + 1 async for i in count(2))
    print(type(lazy).__name__, [i async for i in lazy])  # expect: async_generator [1, 2]
    it = aiter(count(1))
    print(await anext(it), await anext(it, "none left"))  # expect: 0 none left
    try:
        await anext(it)
    except StopAsyncIteration as stop:
        print(repr(stop))  # expect: StopAsyncIteration()
    async for i in count(3):
        if i == 1:
            break
    else:
        print("never")
    return i


print(run(main()))  # expect: 1
aiter(3)  # raises TypeError: 'int' object is not an async iterable
anext(3)  # raises TypeError: 'int' object is not an async iterator

log = []
old = sys.get_asyncgen_hooks()
print(old)  # expect: asyncgen_hooks(firstiter=None, finalizer=None)
sys.set_asyncgen_hooks(firstiter=lambda g: log.append("first"), finalizer=lambda g: log.append("final"))
g = count(3)
run(g.__anext__())
run(g.__anext__())
del g
print(log)  # expect: ['first', 'final']
sys.set_asyncgen_hooks(*old)
sys.set_asyncgen_hooks(3)  # raises TypeError: callable firstiter expected, got int
