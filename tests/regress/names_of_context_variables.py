# ContextVar takes one name, by position, that has a hash.
from contextvars import ContextVar


class NoHash(str):
    def __eq__(self, other):
        return NotImplemented


ContextVar()  # raises TypeError: ContextVar() takes exactly 1 positional argument (0 given)
ContextVar(name="a")  # raises TypeError: ContextVar() takes exactly 1 positional argument (0 given)
ContextVar("a", "b")  # raises TypeError: ContextVar() takes at most 1 positional argument (2 given)
ContextVar("a", x=1)  # raises TypeError: ContextVar() got an unexpected keyword argument 'x'
ContextVar(NoHash("a"))  # raises TypeError: unhashable type: 'NoHash'
print(ContextVar("a", default=1).get())  # expect: 1
