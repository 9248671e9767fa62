# Frames are what CPython shows: locals after their last use, f_locals that writes through, line numbers, outer frames.
import sys


def outer():
    secret = "kept"
    secret
    return inner()


def inner():
    frame = sys._getframe(1)
    return frame.f_code.co_name, frame.f_locals["secret"], frame.f_lineno


print(outer())  # expect: ('outer', 'kept', 8)


def writer():
    value = 1
    sys._getframe().f_locals["value"] = 2
    return value


print(writer())  # expect: 2


def change_caller():
    sys._getframe(1).f_locals["x"] = "changed"


def caller():
    x = "original"
    change_caller()
    return x


print(caller())  # expect: changed


def fail():
    after = "visible in the traceback"
    after
    raise ValueError("stop")


try:
    fail()
except ValueError as error:
    traceback = error.__traceback__
    print(traceback.tb_next.tb_frame.f_locals["after"])  # expect: visible in the traceback
    print(traceback.tb_lineno, traceback.tb_next.tb_lineno)  # expect: 48 44


def numbers():
    local = "suspended"
    yield 1


g = numbers()
next(g)
print(g.gi_frame.f_locals["local"], g.gi_frame.f_lineno)  # expect: suspended 57
print(locals() is globals())  # expect: True


def closure():
    cell = "in a cell"

    def read():
        return cell

    return read, sys._getframe().f_locals["cell"]


print(closure()[1])  # expect: in a cell
depth = 0
frame = sys._getframe()
while frame:
    depth, frame = depth + 1, frame.f_back
print(depth)  # expect: 1
