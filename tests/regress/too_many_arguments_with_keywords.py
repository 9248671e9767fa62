# More arguments than parameters, some given by name: the count is what is wrong, not the name.
import functools
str(b"a", "b", "c", encoding="x")         # raises TypeError: str() takes at most 3 arguments (4 given)
str(object=1, encoding="a", errors=2, x=3)  # raises TypeError: str() takes at most 3 keyword arguments (4 given)
int("1", 2, base=3)                       # raises TypeError: int() takes at most 2 arguments (3 given)
open("a", "b", 1, 2, 3, 4, 5, 6, mode=3)  # raises TypeError: open() takes at most 8 arguments (9 given)
functools.cmp_to_key(1, mycmp=2)          # raises TypeError: cmp_to_key() takes at most 1 argument (2 given)
property(1, 2, 3, 4, fget=5)              # raises TypeError: property() takes at most 4 arguments (5 given)
property(1, 2, fget=3)                    # raises TypeError: argument for property() given by name ('fget') and position (1)
str(b"a", "b", encoding="x")              # raises TypeError: argument for str() given by name ('encoding') and position (2)
