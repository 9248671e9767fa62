# Raising while an exception is handled whose contexts run in a circle ends.
a, b, c = (type(n, (Exception,), {})() for n in "ABC")
a.__context__, b.__context__, c.__context__ = b, c, b
def f():
    try:
        raise a
    except Exception:
        raise ValueError(1)
try: f()
except ValueError as e: print(repr(e.__context__), repr(e.__context__.__context__))  # expect: A() B()
try:
    try: raise a
    except Exception: [].x
except AttributeError as e: print(repr(e.__context__))  # expect: A()
