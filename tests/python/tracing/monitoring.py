# sys.monitoring: tools, events everywhere and in one code object, DISABLE.
import sys

mon = sys.monitoring
E = mon.events
mon.use_tool_id(9, "x")  # raises ValueError: invalid tool 9 (must be between 0 and 5)
mon.set_events(1, 1)  # raises ValueError: tool 1 is not in use
mon.use_tool_id(1, "mine")
mon.use_tool_id(1, "other")  # raises ValueError: tool 1 is already in use
print(mon.get_tool(1), mon.get_tool(2), mon.get_events(1))  # expect: mine None 0
mon.set_events(1, E.C_RETURN)  # raises ValueError: cannot set C_RETURN or C_RAISE events independently
mon.register_callback(1, 3, print)  # raises ValueError: The callback can only be set for one event at a time
log = []


def work(n):
    for i in range(n):
        len([])
    return n


def on_line(code, line):
    if code is work.__code__:
        log.append(line - code.co_firstlineno)


def on_start(code, offset):
    log.append(("start", code.co_name))


def on_return(code, offset, value):
    log.append(("return", code.co_name, value))


print(mon.register_callback(1, E.LINE, on_line))  # expect: None
mon.register_callback(1, E.PY_START, on_start)
mon.register_callback(1, E.PY_RETURN, on_return)
mon.set_events(1, E.LINE | E.PY_START | E.PY_RETURN)
work(2)
mon.set_events(1, 0)
print(log)  # expect: [('start', 'work'), 1, 2, 1, 2, 1, 3, ('return', 'work', 2)]


def once(code, line):
    log.append(line - code.co_firstlineno)
    return mon.DISABLE


log.clear()
mon.register_callback(1, E.LINE, once)
mon.set_local_events(1, work.__code__, E.LINE)
print(mon.get_local_events(1, work.__code__) == E.LINE)  # expect: True
work(3)
work(3)
print(log)  # expect: [1, 2, 1, 3]
mon.restart_events()
work(1)
print(log)  # expect: [1, 2, 1, 3, 1, 2, 1, 3]
mon.set_local_events(1, work.__code__, 0)
calls = []
mon.register_callback(1, E.CALL, lambda code, offset, f, arg: calls.append(("call", f.__name__)))
mon.register_callback(1, E.C_RETURN, lambda code, offset, f, arg: calls.append(("c_return", f.__name__)))
mon.set_local_events(1, work.__code__, E.CALL | E.C_RETURN | E.C_RAISE)
work(1)
print(calls)  # expect: [('call', 'range'), ('c_return', 'range'), ('call', 'len'), ('c_return', 'len')]
mon.free_tool_id(1)
print(mon.get_tool(1))  # expect: None
