# sys.setprofile: calls and returns of Python functions and of natives, no lines.
import sys

events = []


def profile(frame, event, arg):
    shown = arg.__name__ if event.startswith("c_") else arg
    events.append((event, frame.f_code.co_name, shown))


def callee(items):
    items.append(len(items))
    return items


def fails():
    try:
        int("x")
    except ValueError:
        return "caught"


for function in (lambda: callee([7]), fails):
    events.clear()
    sys.setprofile(profile)
    function()
    sys.setprofile(None)
    for event in events:
        print(*event)
# expect: call <lambda> None
# expect: call callee None
# expect: c_call callee len
# expect: c_return callee len
# expect: c_call callee append
# expect: c_return callee append
# expect: return callee [7, 1]
# expect: return <lambda> [7, 1]
# expect: c_call <module> setprofile
# expect: call fails None
# expect: return fails caught
# expect: c_call <module> setprofile
print(sys.getprofile())  # expect: None
