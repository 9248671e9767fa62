# The least and greatest of containers of ints, and of ints among other things.
print(min([3, 1, 2]), max([3, 1, 2]), min({5, -7, 6}), max(frozenset({5, -7, 6})), max((1, 2)))  # expect: 1 3 -7 6 2
print(min([2**62, 2**62 - 1, 5 * 10**18]), max([-(2**62), -(2**62) - 1]))  # expect: 4611686018427387903 -4611686018427387904
print(max([1, 1.0, True]), type(max([True, 1])), type(max([1.0, 1])), min([1, 2.5, 0.5]))  # expect: 1 <class 'bool'> <class 'float'> 0.5
print(max([1, 2**70, 3]), min((0, -(2**70))), max([7]))  # expect: 1180591620717411303424 -1180591620717411303424 7
max([])        # raises ValueError: max() iterable argument is empty
min(set())     # raises ValueError: min() iterable argument is empty
max([1, "a"])  # raises TypeError: '>' not supported between instances of 'str' and 'int'
print(min([], default=4), max([1, -5], key=abs), min([3, 2], default=None))  # expect: 4 -5 2
big = 2**63 - 1
print(big ^ 1, big & -(2**63), big | -1, -(2**63) ^ big, 2**62 ^ 2**62, (2**62 ^ 1) == 2**62 + 1)  # expect: 9223372036854775806 0 -1 -1 0 True
print(2**64 ^ 1, -(2**64) & 2**64, (2**63) ^ (2**63 - 1))  # expect: 18446744073709551617 18446744073709551616 18446744073709551615
import math
print(math.gcd(12, -18), math.gcd(0, 0), math.gcd(-(2**62), 2**61), math.gcd(-(2**62), 0), math.gcd(5))  # expect: 6 0 2305843009213693952 4611686018427387904 5
print(math.gcd(True, 4), math.gcd(2**70, 2**65))  # expect: 1 36893488147419103232
