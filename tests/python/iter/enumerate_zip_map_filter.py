# The builtin iterators.
print(list(enumerate("ab")), list(enumerate("ab", 5)), list(enumerate(start=2**70, iterable="a")), enumerate([1]).__reduce__()[1][1])
# expect: [(0, 'a'), (1, 'b')] [(5, 'a'), (6, 'b')] [(1180591620717411303424, 'a')] 0
print(list(zip()), list(zip("ab", range(5))), list(zip([1], [2], [3])), list(zip("ab", [1, 2], strict=True)))
# expect: [] [('a', 0), ('b', 1)] [(1, 2, 3)] [('a', 1), ('b', 2)]
print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])), list(map(max, [1, 5], [3, 2], [2, 2])))
# expect: ['1', '2'] [11, 22] [3, 5]
print(list(filter(None, [0, 1, "", "a"])), list(filter(lambda x: x > 1, [1, 2, 3])), list(filter(bool, [0, 1])))
# expect: [1, 'a'] [2, 3] [1]
print(list(reversed("abc")), list(reversed((1, 2))), next(reversed([5])))  # expect: ['c', 'b', 'a'] [2, 1] 5
list(zip([1], [], strict=True))  # raises ValueError: zip() argument 2 is shorter than argument 1
list(zip([], [1], strict=True))  # raises ValueError: zip() argument 2 is longer than argument 1
list(zip([1], [1], [], strict=True))  # raises ValueError: zip() argument 3 is shorter than arguments 1-2
list(map(print, [1], [], strict=True))  # raises ValueError: map() argument 2 is shorter than argument 1
zip(1)  # raises TypeError: 'int' object is not iterable
map(1)  # raises TypeError: map() must have at least two arguments.
filter(1)  # raises TypeError: filter expected 2 arguments, got 1
enumerate()  # raises TypeError: enumerate() missing required argument 'iterable'
reversed({1})  # raises TypeError: 'set' object is not reversible
reversed(5)  # raises TypeError: 'int' object is not reversible
class Seq:
    def __len__(self):
        return 3
    def __getitem__(self, i):
        if i >= 3:
            raise IndexError
        return i * 10
print(list(Seq()), list(reversed(Seq())), 20 in Seq(), iter(Seq()).__length_hint__(), type(iter(Seq())).__name__)
# expect: [0, 10, 20] [20, 10, 0] True 3 iterator
i = iter(Seq())
print(next(i), i.__reduce__()[2], list(i), list(i))  # expect: 0 1 [10, 20] []
values = iter([1, 2, 0, 3])
print(list(iter(lambda: next(values), 0)), list(iter(iter([5]).__next__, 1)))  # expect: [1, 2] [5]
iter(1, 2)  # raises TypeError: iter(v, w): v must be callable
iter(5)  # raises TypeError: 'int' object is not iterable
class R:
    __reversed__ = None
reversed(R())  # raises TypeError: 'R' object is not reversible
