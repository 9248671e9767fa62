# Only the type parameters of a generic class are mangled outside its body.
class __X:
    pass
made = []
def keep(what):
    made.append(what)
    return Exception
class Y[T: __X, __U](keep((lambda: __X, lambda: (lambda: __X), [__X for _ in (1,)], lambda: __U))):
    def f(self):
        return __U
T, U = Y.__type_params__
print(T.__bound__ is globals()["__X"], U)  # expect: True __U
one, two, three, four = made[0]
print(one() is T.__bound__, two()() is T.__bound__, three == [T.__bound__], four() is U)  # expect: True True True True
print(Y().f() is U)  # expect: True
