# __int__ and __index__ that return a bool are deprecated; the result is an exact int. Reflected
# methods of a subclass go first.
import operator, warnings

class Answer:
    def __int__(self): return True
class Index:
    def __index__(self): return True
for make in (lambda: int(Answer()), lambda: int(Index()), lambda: operator.index(Index())):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        print(make(), *(str(w.message).partition(".")[0] for w in seen))
# expect: 1 __int__ returned non-int (type bool)
# expect: 1 __index__ returned non-int (type bool)
# expect: 1 __index__ returned non-int (type bool)

class Base:
    def __floordiv__(self, other): return "Base"
    def __rfloordiv__(self, other): return "reflected Base"
class Derived(Base):
    def __rfloordiv__(self, other): return "reflected Derived"
class Plain(Base): pass
print(Base() // Derived(), Base() // Plain(), Derived() // Base())  # expect: reflected Derived Base Base

class Power(int):
    def __rpow__(self, other, mod=None): return "Power", other, mod
print(pow(2, Power(3), 5), 2 ** Power(3), pow(2, 3, Power(5)))  # expect: ('Power', 2, 5) ('Power', 2, None) 3
