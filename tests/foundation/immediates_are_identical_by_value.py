# Small integers, None and the booleans are what they are by value; id and is agree with it.
a, b = 5, 2 + 3
print(a is b, id(a) == id(b), None is None, id(True) != id(1))  # expect: True True True True
print(type(id(object())), [] is [], [id([])] is None)  # expect: <class 'int'> False False
x = object()
print(x is x, id(x) == id(x), x == x, x != object())  # expect: True True True True
print((1).__class__, (1.0).__class__, None.__class__)  # expect: <class 'int'> <class 'float'> <class 'NoneType'>
print(isinstance(True, int), True + True, type(True & 1))  # expect: True 2 <class 'int'>
print(... is Ellipsis, NotImplemented is NotImplemented)  # expect: True True
