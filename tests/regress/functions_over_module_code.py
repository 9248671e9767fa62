# A function made of a module's code runs in its globals.
import types
space = {}
print(types.FunctionType(compile("x = 1", "?", "exec"), space)())  # expect: None
print(space["x"])  # expect: 1
types.FunctionType(compile("x = 1", "?", "exec"), space)(1)  # raises TypeError: <module>() takes 0 positional arguments but 1 was given
def spread(f, *args, **keywords): return f(*args, **keywords)
print(spread(types.FunctionType(compile("y = 2", "?", "exec"), space)), space["y"])  # expect: None 2
