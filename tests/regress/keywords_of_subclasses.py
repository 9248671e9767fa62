# A subclass's __init__ may take keywords that the builtin __new__ does not know; without one they are refused.
import itertools
class Cycle(itertools.cycle):
    def __init__(self, items, extra=None): self.extra = extra
print(Cycle([1], extra=2).extra)  # expect: 2
class Plain(itertools.chain): pass
Plain(a=1)  # raises TypeError: chain() takes no keyword arguments
class Set(set):
    def __new__(cls, items, extra): return super().__new__(cls, items)
Set([1], extra=1)  # raises TypeError: set() takes no keyword arguments
class A: pass
def derive():
    class B(A, x=1): pass
derive()  # raises TypeError: derive.<locals>.B.__init_subclass__() takes no keyword arguments
sorted(foo=1)  # raises TypeError: sorted expected 1 argument, got 0
sorted([1], foo=1)  # raises TypeError: sort() got an unexpected keyword argument 'foo'
