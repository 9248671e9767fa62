# Code objects are equal when they do the same at the same place; 1 and 1.0 are not the same.
import warnings
f, g = (lambda: 1).__code__, (lambda: 1.0).__code__
print(f == g.replace(co_firstlineno=f.co_firstlineno))  # expect: False
first = (lambda: 1).__code__
second = (lambda: 1).__code__
print(first == second, hash(first) == hash(second))  # expect: False False
def code(text): return compile(text, "?", "eval")
print(code("x + 1") == code("x + 1"), hash(code("x + 1")) == hash(code("x + 1")))  # expect: True True
print(code("x(0.0)") == code("x(-0.0)"), code("x((1,))") == code("x((True,))"))  # expect: False False
print(code("lambda a, b: 1") == code("lambda a, c: 1"))  # expect: False
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    print(type(first.co_lnotab), seen[0].message)  # expect: <class 'bytes'> co_lnotab is deprecated, use co_lines instead.
def loop(n):
    for i in n:
        if i: pass
print(len(list(loop.__code__.co_branches())))  # expect: 2
