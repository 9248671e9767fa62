# Globals and builtins may be rebound, shadowed and restored at any time; caches notice.
import builtins

real = len


def size():
    return len("four")


print([size() for _ in range(100)][-1])  # expect: 4
builtins.len = lambda x: "replaced"
print(size())  # expect: replaced
builtins.len = real
print(size())  # expect: 4
len = lambda x: "global"
print(size())  # expect: global
del len
print(size())  # expect: 4
globals()["len"] = lambda x: "through the dict"
print(size())  # expect: through the dict
globals().pop("len")
print(size())  # expect: 4
del builtins.len
try:
    size()
except NameError as error:
    print(error)  # expect: name 'len' is not defined
builtins.len = real
print(size())  # expect: 4

space = {"__builtins__": {"len": lambda x: "own builtins"}}
exec("def size(): return len('x')", space)
print(space["size"]())  # expect: own builtins
exec("value = value_of()", {"value_of": lambda: 1, "__builtins__": {}}, target := {})
print(target)  # expect: {'value': 1}


class Fallback(dict):
    def __missing__(self, key):
        return "missing " + key


print(eval("spam", {}, Fallback()))  # expect: missing spam
counter = 0


def count():
    global counter
    counter += 1
    return counter


print([count() for _ in range(300)][-1])  # expect: 300


# A loop over a generator expression that the compiler put in place of the call.
def collect():
    items = (1, 2)
    return (any(x for x in items), all(x for x in items), tuple(x for x in items), list(x for x in items),
            set(x for x in items))


print(collect())  # expect: (True, True, (1, 2), [1, 2], {1, 2})
for name in ("any", "all", "tuple", "list", "set"):
    saved = getattr(builtins, name)
    setattr(builtins, name, lambda items: sum(items))
    print(collect())
    setattr(builtins, name, saved)
# expect: (3, True, (1, 2), [1, 2], {1, 2})
# expect: (True, 3, (1, 2), [1, 2], {1, 2})
# expect: (True, True, 3, [1, 2], {1, 2})
# expect: (True, True, (1, 2), 3, {1, 2})
# expect: (True, True, (1, 2), [1, 2], 3)
