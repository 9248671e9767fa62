# The streams of itertools.
from itertools import *
print(list(islice(count(5), 3)), list(islice(count(1, 2.5), 3)), count(5), count(1, 2), count(2**62 - 1), next(count(-1)))
# expect: [5, 6, 7] [1, 3.5, 6.0] count(5) count(1, 2) count(4611686018427387903) -1
c = count(2**62 - 2)
print([next(c) for _ in range(4)])
# expect: [4611686018427387902, 4611686018427387903, 4611686018427387904, 4611686018427387905]
print(list(islice(cycle("ab"), 5)), list(cycle("")), list(repeat(1, 3)), repeat("x"), repeat(1, 5), repeat(1, -2).__length_hint__())
# expect: ['a', 'b', 'a', 'b', 'a'] [] [1, 1, 1] repeat('x') repeat(1, 5) 0
print(list(accumulate([1, 2, 3])), list(accumulate([1, 2, 3], lambda a, b: a * b)), list(accumulate([], initial=5)), list(accumulate([1, 2], initial=10)))
# expect: [1, 3, 6] [1, 2, 6] [5] [10, 11, 13]
print(list(chain("ab", [1], ())), list(chain.from_iterable(["ab", (1, 2)])), list(chain()))
# expect: ['a', 'b', 1] ['a', 'b', 1, 2] []
print(list(compress("abcdef", [1, 0, 1, 0, 1])), list(dropwhile(lambda x: x < 3, [1, 5, 2])), list(takewhile(lambda x: x < 3, [1, 2, 5, 1])))
# expect: ['a', 'c', 'e'] [5, 2] [1, 2]
print(list(filterfalse(None, [0, 1, ""])), list(filterfalse(lambda x: x % 2, range(6))), list(starmap(pow, [(2, 3), (3, 2)])))
# expect: [0, ''] [0, 2, 4] [8, 9]
print(list(islice("abcdef", 2)), list(islice("abcdef", 1, 5, 2)), list(islice("abc", 1, None)), list(islice(count(), 2, 10, 3)))
# expect: ['a', 'b'] ['b', 'd'] ['b', 'c'] [2, 5, 8]
print(list(pairwise("abcd")), list(pairwise("a")), list(zip_longest("ab", "x")), list(zip_longest([1], [2, 3], fillvalue=0)), list(zip_longest()))
# expect: [('a', 'b'), ('b', 'c'), ('c', 'd')] [] [('a', 'x'), ('b', None)] [(1, 2), (0, 3)] []
print(list(batched("abcdefg", 3)), list(batched("abcd", 2, strict=True)))
# expect: [('a', 'b', 'c'), ('d', 'e', 'f'), ('g',)] [('a', 'b'), ('c', 'd')]
list(batched("abc", 2, strict=True))  # raises ValueError: batched(): incomplete batch
batched("a", 0)  # raises ValueError: n must be at least one
islice("a", -1)  # raises ValueError: Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.
islice("a", -2, 3)  # raises ValueError: Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.
islice("a", 0, 1, 0)  # raises ValueError: Step for islice() must be a positive integer or None.
count("a")  # raises TypeError: a number is required
cycle()  # raises TypeError: cycle expected 1 argument, got 0
chain(1).__next__()  # raises TypeError: 'int' object is not iterable
repeat(1).__length_hint__()  # raises TypeError: len() of unsized object
compress([1])  # raises TypeError: compress() missing required argument 'selectors' (pos 2)
takewhile(1)  # raises TypeError: takewhile expected 2 arguments, got 1
it = iter("abcdef")
print(list(islice(it, 2)), list(it))  # expect: ['a', 'b'] ['c', 'd', 'e', 'f']
def broken():
    yield 1
    raise KeyError("x")
next(drop := islice(broken(), 1, None))  # raises KeyError: 'x'
