# product, permutations and combinations.
from itertools import *
print(list(product("ab", [1, 2])), list(product([0, 1], repeat=2)), list(product()), list(product("a", [])), list(product("ab", repeat=0)))
# expect: [('a', 1), ('a', 2), ('b', 1), ('b', 2)] [(0, 0), (0, 1), (1, 0), (1, 1)] [()] [] [()]
print(list(permutations("abc")), list(permutations(range(4), 2)), list(permutations("ab", 3)), list(permutations([], 0)))
# expect: [('a', 'b', 'c'), ('a', 'c', 'b'), ('b', 'a', 'c'), ('b', 'c', 'a'), ('c', 'a', 'b'), ('c', 'b', 'a')] [(0, 1), (0, 2), (0, 3), (1, 0), (1, 2), (1, 3), (2, 0), (2, 1), (2, 3), (3, 0), (3, 1), (3, 2)] [] [()]
print(list(combinations("abcd", 2)), list(combinations("ab", 0)), list(combinations("ab", 3)), list(combinations(range(5), 5)))
# expect: [('a', 'b'), ('a', 'c'), ('a', 'd'), ('b', 'c'), ('b', 'd'), ('c', 'd')] [()] [] [(0, 1, 2, 3, 4)]
print(list(combinations_with_replacement("abc", 2)), list(combinations_with_replacement([], 0)), list(combinations_with_replacement([], 1)))
# expect: [('a', 'a'), ('a', 'b'), ('a', 'c'), ('b', 'b'), ('b', 'c'), ('c', 'c')] [()] []
print(sum(1 for _ in permutations(range(8))), sum(1 for _ in product(range(10), repeat=4)), sum(1 for _ in combinations(range(16), 8)))
# expect: 40320 10000 12870
print(list(permutations(range(4)))[7:11])  # expect: [(1, 0, 3, 2), (1, 2, 0, 3), (1, 2, 3, 0), (1, 3, 0, 2)]
combinations("ab", -1)  # raises ValueError: r must be non-negative
combinations("ab")  # raises TypeError: combinations() missing required argument 'r' (pos 2)
permutations("ab", "x")  # raises TypeError: Expected int as r
product("ab", repeat=-1)  # raises ValueError: repeat argument cannot be negative
product("ab", foo=1)  # raises TypeError: product() got an unexpected keyword argument 'foo'
