# Native types that look something up by [] were iterated by it: a match gave its groups, a union never ended.
import re

iter(re.match("a", "a"))  # raises TypeError: 're.Match' object is not iterable
a, b = re.match("(a)", "a")  # raises TypeError: cannot unpack non-iterable re.Match object
[*(int | str)]  # raises TypeError: Value after * must be an iterable, not typing.Union
reversed(list[int])  # raises TypeError: 'types.GenericAlias' object is not reversible
1 in re.match("a", "a")  # raises TypeError: argument of type 're.Match' is not a container or iterable


class Sequence:
    def __getitem__(self, index):
        return "xyz"[index]


print(list(Sequence()), "y" in Sequence())  # expect: ['x', 'y', 'z'] True
