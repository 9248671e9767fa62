# f_locals of a function's frame is a proxy that reads and writes the variables themselves; locals() is a snapshot.
import sys


def f(a, *rest):
    x, shared = 1, [1]

    def inner():
        return shared, a

    proxy = sys._getframe().f_locals
    print(type(proxy).__name__, sorted(proxy))  # expect: FrameLocalsProxy ['a', 'inner', 'proxy', 'rest', 'shared', 'x']
    proxy["x"] = 5
    proxy["shared"] = 7
    print(x, inner())  # expect: 5 (7, 0)
    proxy["new"] = 3
    print(proxy["new"], "new" in proxy, "absent" in proxy, len(proxy))  # expect: 3 True False 7
    del proxy["new"]
    print(proxy.get("new"), proxy.pop("new", "gone"), proxy.setdefault("x", 0))  # expect: None gone 5
    proxy |= {"x": 9}
    proxy.update({"x": x + 1})
    print(x, proxy == dict(proxy), proxy == sys._getframe().f_locals)  # expect: 10 True True
    snapshot = locals()
    snapshot["x"] = 100
    exec("x = 200")
    print(x, type(snapshot).__name__)  # expect: 10 dict
    exec("x = 300", globals(), proxy)
    print(x)  # expect: 300
    del x
    print("x" in proxy)  # expect: False
    try:
        proxy["x"]
    except KeyError as error:
        print(error)  # expect: "local variable ''x'' is not defined"
    try:
        del proxy["a"]
    except ValueError as error:
        print(error)  # expect: cannot remove local variables from FrameLocalsProxy
    return proxy


left = f(0)
left["x"] = "after the end"
print(left["x"], "a" in left)  # expect: after the end True


def gen():
    v = 1
    yield v
    print(v)  # expect: changed while suspended


g = gen()
next(g)
g.gi_frame.f_locals["v"] = "changed while suspended"
next(g, None)


class Body:
    print(sys._getframe().f_locals is locals())  # expect: True
