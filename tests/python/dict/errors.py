# What dict refuses, in CPython's words.
{}["missing"]  # raises KeyError: 'missing'
{}[(1, 2)]  # raises KeyError: (1, 2)
del {}["missing"]  # raises KeyError: 'missing'
{[]: 1}  # raises TypeError: cannot use 'list' as a dict key (unhashable type: 'list')
{}[{}]  # raises TypeError: cannot use 'dict' as a dict key (unhashable type: 'dict')
[] in {}  # raises TypeError: cannot use 'list' as a dict key (unhashable type: 'list')
hash({})  # raises TypeError: unhashable type: 'dict'
dict(1)  # raises TypeError: 'int' object is not iterable
dict([1])  # raises TypeError: object is not iterable
dict([(1, 2, 3)])  # raises ValueError: dictionary update sequence element #0 has length 3; 2 is required
dict(1, 2)  # raises TypeError: dict expected at most 1 argument, got 2
{}.update(1, 2)  # raises TypeError: update expected at most 1 argument, got 2
{} | []  # raises TypeError: unsupported operand type(s) for |: 'dict' and 'list'
{} < {}  # raises TypeError: '<' not supported between instances of 'dict' and 'dict'
{}.get()  # raises TypeError: get expected at least 1 argument, got 0
try:
    dict([1])
except TypeError as error:
    print(error.__notes__)  # expect: ['Cannot convert dictionary update sequence element #0 to a sequence']
