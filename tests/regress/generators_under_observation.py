# Trace functions and monitoring see a generator end; monitoring begins with the next instruction.
import sys
def sub():
    yield 1
    return 7
def gen():
    x = yield from sub()
    return 9
def loop():
    for i in gen():
        pass
seen = []
def trace(frame, event, argument):
    if frame.f_code.co_name in ("loop", "gen", "sub") and event in ("exception", "return"):
        seen.append((event, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno,
                     repr(argument[1]) if event == "exception" else argument))
    return trace
sys.settrace(trace)
loop()
sys.settrace(None)
for each in seen: print(*each)
# expect: return sub 1 1
# expect: return gen 1 1
# expect: return sub 2 7
# expect: exception gen 1 StopIteration(7)
# expect: return gen 2 9
# expect: exception loop 1 StopIteration(9)
# expect: return loop 1 None

m = sys.monitoring
E = m.events
m.use_tool_id(3, "here")
def watch(name):
    def callback(code, offset, *rest):
        if code.co_name in ("loop", "gen", "sub"):
            print(name, code.co_name, *map(repr, rest))
    return callback
for name in ("STOP_ITERATION", "PY_UNWIND"):
    m.register_callback(3, getattr(E, name), watch(name))
m.set_events(3, E.STOP_ITERATION | E.PY_UNWIND)
loop()
# expect: STOP_ITERATION gen StopIteration(7)
# expect: STOP_ITERATION loop StopIteration(9)
suspended = sub()
next(suspended)
suspended.close()
# expect: PY_UNWIND sub GeneratorExit()
m.set_events(3, 0)

lines = []
m.register_callback(3, E.LINE, lambda code, line: lines.append(line - code.co_firstlineno))
def here():
    m.set_events(3, E.LINE)
    x = 1
    y = 2
    m.set_events(3, 0)
here()
print(lines)  # expect: [2, 3, 4]
m.set_events(3, "x")  # raises TypeError: 'str' object cannot be interpreted as an integer
m.set_events(3)  # raises TypeError: set_events expected 2 arguments, got 1
m.free_tool_id(3)

# BRANCH is BRANCH_LEFT and BRANCH_RIGHT; its callback is told of both.
m.use_tool_id(3, "here")
ways = []
m.register_callback(3, E.BRANCH, lambda code, place, target: ways.append(target > place))
def branches(x):
    if x: return 1
    return 2
m.set_local_events(3, branches.__code__, E.BRANCH)
print(m.get_local_events(3, branches.__code__) == E.BRANCH_LEFT | E.BRANCH_RIGHT)  # expect: True
branches(0), branches(1)
m.set_local_events(3, branches.__code__, 0)
print(ways)  # expect: [True, True]
m.free_tool_id(3)

# A generator that goes on when it is closed.
def stubborn():
    try: yield
    except GeneratorExit: yield
def hook(error):
    print(error.err_msg.partition(" <")[0], error.exc_value)
sys.unraisablehook = hook
it = stubborn()
next(it)
del it  # expect: Exception ignored while closing generator generator ignored GeneratorExit
sys.unraisablehook = sys.__unraisablehook__
