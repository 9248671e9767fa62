# What sets refuse, in CPython's words.
{[]}  # raises TypeError: cannot use 'list' as a set element (unhashable type: 'list')
{1}.add({})  # raises TypeError: cannot use 'dict' as a set element (unhashable type: 'dict')
hash(set())  # raises TypeError: unhashable type: 'set'
{1} | [1]  # raises TypeError: unsupported operand type(s) for |: 'set' and 'list'
{1} < [1]  # raises TypeError: '<' not supported between instances of 'set' and 'list'
set(1)  # raises TypeError: 'int' object is not iterable
set(1, 2)  # raises TypeError: set expected at most 1 argument, got 2
set(a=1)  # raises TypeError: set() takes no keyword arguments
frozenset(a=1)  # raises TypeError: frozenset() takes no keyword arguments
{1}.union(5)  # raises TypeError: 'int' object is not iterable
{1}.remove([])  # raises TypeError: cannot use 'list' as a set element (unhashable type: 'list')
s = {1, 2}
def grow():
    for x in s:
        s.add(x + 10)
grow()  # raises RuntimeError: Set changed size during iteration
x = {1}
x &= [1]  # raises TypeError: unsupported operand type(s) for &=: 'set' and 'list'
