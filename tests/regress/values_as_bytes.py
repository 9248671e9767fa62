# marshal: nested code, loops, shared objects, slices, sets in one order.
import marshal
def f(n):
    def g(x): return x + n
    return g
code = marshal.loads(marshal.dumps(f.__code__))
space = {}
print(type(f)(code, space)(3)(4))  # expect: 7
inner = [c for c in f.__code__.co_consts if hasattr(c, "co_name")][0]
back = marshal.loads(marshal.dumps(inner))
print(back.co_name, back.co_qualname, back.co_freevars, back.co_firstlineno)  # expect: g f.<locals>.g ('n',) 4
renamed = marshal.loads(marshal.dumps(inner.replace(co_name="h")))
print(renamed.co_name)  # expect: h
loop = [1]
loop.append(loop)
again = marshal.loads(marshal.dumps(loop))
print(again[1] is again, again[0])  # expect: True 1
d = {}
d["self"] = d
print(marshal.loads(marshal.dumps(d))["self"]["self"].keys())  # expect: dict_keys(['self'])
shared = ["x"]
a, b = marshal.loads(marshal.dumps((shared, shared)))
print(a is b)  # expect: True
print(marshal.loads(marshal.dumps([slice(1, None, 2), {3, 4}, 1 << 100, -5, "é\ud800", b"x", 1.5, 2j, None, ...])))  # expect: [slice(1, None, 2), {3, 4}, 1267650600228229401496703205376, -5, 'é\ud800', b'x', 1.5, 2j, None, Ellipsis]
print(marshal.dumps({"a", "b", "c"}) == marshal.dumps({"c", "b", "a"}))  # expect: True
marshal.dumps(inner, allow_code=False)  # raises ValueError: marshalling code objects is disallowed
marshal.loads(marshal.dumps(inner), allow_code=False)  # raises ValueError: unmarshalling code objects is disallowed
marshal.loads(b"r\x05\x00\x00\x00")  # raises ValueError: bad marshal data (invalid reference)
marshal.loads(b"\xdb\x01\x00\x00\x00")  # raises EOFError
