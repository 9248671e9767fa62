# A generator that an exception leaves has one entry in the traceback.
import sys


def inner():
    raise KeyError("x")


def generator():
    try:
        inner()
        yield 1
    finally:
        pass


def outer():
    yield from generator()


def entries(traceback):
    while traceback:
        yield traceback.tb_frame.f_code.co_name, traceback.tb_lineno
        traceback = traceback.tb_next


try:
    list(outer())
except KeyError as error:
    print(list(entries(error.__traceback__)))  # expect: [('<module>', 28), ('outer', 18), ('generator', 11), ('inner', 6)]


def stops():
    yield 1
    raise StopIteration


try:
    list(stops())
except RuntimeError as error:
    print(list(entries(error.__traceback__)))  # expect: [('<module>', 39)]
    print(list(entries(error.__cause__.__traceback__)))  # expect: [('stops', 35)]
