# asend, athrow, aclose and __anext__ driven by hand; the states they leave.
import types


def run(awaitable):
    try:
        while True:
            awaitable.send(None)
    except StopIteration as stop:
        return stop.value


@types.coroutine
def pause(value):
    return (yield value)


async def gen():
    try:
        got = yield 1
        print("got", got)
        yield 2
        await pause("waiting")
    finally:
        print("closing")


g = gen()
print(type(g).__name__, type(aiter(g)) is type(g), g.ag_running)  # expect: async_generator True False
print(run(g.__anext__()))  # expect: 1
print(run(g.asend("x")))  # expect: got x
# expect: 2
step = g.asend(None)
print(step.send(None), g.ag_running, g.ag_await.__name__)  # expect: waiting True pause
g.__anext__().send(None)  # raises RuntimeError: anext(): asynchronous generator is already running
g.aclose().send(None)  # raises RuntimeError: aclose(): asynchronous generator is already running
g.athrow(ValueError).send(None)  # raises RuntimeError: athrow(): asynchronous generator is already running
try:
    step.send(None)  # expect: closing
except StopAsyncIteration:
    print("ended", g.ag_running, g.ag_frame)  # expect: ended False None
step.send(None)  # raises RuntimeError: cannot reuse already awaited __anext__()/asend()
run(g.__anext__())  # raises StopAsyncIteration
print(run(g.aclose()), run(g.athrow(ValueError)))  # expect: None None

g = gen()
g.asend(3).send(None)  # raises TypeError: can't send non-None value to a just-started async generator
g = gen()
print(run(g.asend(None)))  # expect: 1
try:
    run(g.athrow(ValueError("thrown")))  # expect: closing
except ValueError as error:
    print(error)  # expect: thrown


async def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = stubborn()
run(g.__anext__())
run(g.aclose())  # raises RuntimeError: async generator ignored GeneratorExit


async def stops(kind):
    raise kind
    yield


run(stops(StopIteration).__anext__())  # raises RuntimeError: async generator raised StopIteration
run(stops(StopAsyncIteration).__anext__())  # raises RuntimeError: async generator raised StopAsyncIteration
