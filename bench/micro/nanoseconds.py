"""nanoseconds.py [KIND...]: prints `KIND nanoseconds` of single operations of the interpreter that runs it.

Each loop repeats its operation ten times and takes away the same loop without it. The smallest of five tries counts:
what disturbs a tight loop only ever makes it slower. `--second-thread` first starts a thread that sleeps for ever.
"""
import sys
from time import perf_counter

ROUNDS = 100000


def nothing(count):
    start = perf_counter()
    for _ in range(count):
        pass
    return perf_counter() - start


def function():
    pass


def function_2(a, b):
    return a


class Plain:
    def __init__(self):
        self.value = 1

    def method(self):
        pass


class Empty:
    pass


def call(count):
    f = function
    start = perf_counter()
    for _ in range(count):
        f(); f(); f(); f(); f(); f(); f(); f(); f(); f()
    return perf_counter() - start


def call_2_arguments(count):
    f = function_2
    start = perf_counter()
    for i in range(count):
        f(i, i); f(i, i); f(i, i); f(i, i); f(i, i); f(i, i); f(i, i); f(i, i); f(i, i); f(i, i)
    return perf_counter() - start


def call_builtin(count):
    t = (1, 2)
    start = perf_counter()
    for _ in range(count):
        len(t); len(t); len(t); len(t); len(t); len(t); len(t); len(t); len(t); len(t)
    return perf_counter() - start


def method_call(count):
    o = Plain()
    start = perf_counter()
    for _ in range(count):
        o.method(); o.method(); o.method(); o.method(); o.method()
        o.method(); o.method(); o.method(); o.method(); o.method()
    return perf_counter() - start


def attribute_read(count):
    o = Plain()
    start = perf_counter()
    for _ in range(count):
        o.value; o.value; o.value; o.value; o.value; o.value; o.value; o.value; o.value; o.value
    return perf_counter() - start


def allocation(count):
    c = Empty
    start = perf_counter()
    for _ in range(count):
        c(); c(); c(); c(); c(); c(); c(); c(); c(); c()
    return perf_counter() - start


def allocation_list(count):
    start = perf_counter()
    for i in range(count):
        [i]; [i]; [i]; [i]; [i]; [i]; [i]; [i]; [i]; [i]
    return perf_counter() - start


def count_pair(count):
    # Each rebinding counts one object up and another down.
    a = Empty()
    b = Empty()
    x = a
    start = perf_counter()
    for _ in range(count):
        x = a; x = b; x = a; x = b; x = a; x = b; x = a; x = b; x = a; x = b
    return perf_counter() - start


def raise_catch(count):
    error = ValueError("expected")
    start = perf_counter()
    for _ in range(count):
        try:
            raise error
        except ValueError:
            pass
    return (perf_counter() - start) * 10


def raise_catch_new(count):
    start = perf_counter()
    for _ in range(count):
        try:
            raise ValueError
        except ValueError:
            pass
    return (perf_counter() - start) * 10


def numbers(count):
    for i in range(count):
        yield i


def generator_step(count):
    start = perf_counter()
    for _ in numbers(count * 10):
        pass
    return perf_counter() - start


KINDS = {
    "call": call,
    "call_2_arguments": call_2_arguments,
    "call_builtin": call_builtin,
    "method_call": method_call,
    "attribute_read": attribute_read,
    "allocation": allocation,
    "allocation_list": allocation_list,
    "count_pair": count_pair,
    "raise_catch": raise_catch,
    "raise_catch_new": raise_catch_new,
    "generator_step": generator_step,
}


def main():
    words = sys.argv[1:]
    if "--second-thread" in words:
        words.remove("--second-thread")
        import _thread
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(lock.acquire, ())
    for name in words or KINDS:
        measure = KINDS[name]
        empty = min([nothing(ROUNDS) for _ in range(5)])
        if name == "generator_step":
            empty = empty * 10
        elif name.startswith("raise"):
            empty = empty * 10
        best = min([measure(ROUNDS) for _ in range(5)])
        print(name, (best - empty) / (ROUNDS * 10) * 1e9)


main()
