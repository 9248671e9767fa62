# sys.settrace: which events come, for which lines, with which argument; what the trace function returns decides.
import sys

events = []


def trace(frame, event, arg):
    if frame.f_code.co_name == "trace":
        return None
    first = frame.f_code.co_firstlineno
    shown = arg[0].__name__ if event == "exception" else arg
    events.append((frame.f_code.co_name, frame.f_lineno - first, event, shown))
    return trace


def run(function, *args):
    events.clear()
    sys.settrace(trace)
    try:
        result = function(*args)
    except Exception as error:
        result = type(error).__name__
    sys.settrace(None)
    for event in events:
        print(*event)
    return result


def simple(n):
    total = 0
    for i in range(n):
        total += i
    return total


print(run(simple, 2))
# expect: simple 0 call None
# expect: simple 1 line None
# expect: simple 2 line None
# expect: simple 3 line None
# expect: simple 2 line None
# expect: simple 3 line None
# expect: simple 2 line None
# expect: simple 4 line None
# expect: simple 4 return 1
# expect: 1


def fails():
    try:
        raise KeyError
    except ValueError:
        pass


print(run(fails))
# expect: fails 0 call None
# expect: fails 1 line None
# expect: fails 2 line None
# expect: fails 2 exception KeyError
# expect: fails 3 line None
# expect: fails 3 return None
# expect: KeyError


def gen():
    yield 1
    yield 2


def drain():
    return [x for x in gen()]


print(run(drain))
# expect: drain 0 call None
# expect: drain 1 line None
# expect: gen 0 call None
# expect: gen 1 line None
# expect: gen 1 return 1
# expect: drain 1 line None
# expect: gen 1 call None
# expect: gen 2 line None
# expect: gen 2 return 2
# expect: drain 1 line None
# expect: gen 2 call None
# expect: gen 2 return None
# expect: drain 1 return [1, 2]
# expect: [1, 2]
print(sys.gettrace())  # expect: None


def only_calls(frame, event, arg):
    events.append((event, frame.f_code.co_name))


events.clear()
sys.settrace(only_calls)
simple(1)
sys.settrace(None)
print(events)  # expect: [('call', 'simple')]


def broken(frame, event, arg):
    raise ZeroDivisionError("in the tracer")


sys.settrace(broken)
try:
    simple(1)
except ZeroDivisionError as error:
    print(error, sys.gettrace())  # expect: in the tracer None


def from_here():
    lines = []

    def local(frame, event, arg):
        lines.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
        return local

    sys._getframe().f_trace = local
    sys.settrace(lambda *args: None)
    a = 1
    b = 2
    sys.settrace(None)
    return lines


print(from_here())  # expect: [('line', 9), ('line', 10), ('line', 11)]
