# A NaN keeps its identity through containers and locals; 0.0 and -0.0 are two values that compare equal.
nan = float("nan")
other = float("nan")
print(nan in [nan], nan in [other], [nan] == [nan], [nan] == [other])  # expect: True False True False
d = {nan: "first", other: "second"}
print(d[nan], d[other], len({nan, other}), len({nan, nan}))  # expect: first second 2 1
local = nan
print(local is nan, (nan,)[0] is nan, [nan].index(nan), nan == nan)  # expect: True True 0 False
items = [1.0, 2.0]
items.append(nan)
print(items[2] is nan, nan in items, items.count(nan))  # expect: True True 1
print(0.0 == -0.0, repr(0.0), repr(-0.0), str([0.0, -0.0]))  # expect: True 0.0 -0.0 [0.0, -0.0]
print({0.0: "a"}[-0.0], -0.0 in {0}, hash(-0.0))  # expect: a True 0
import math
print(math.copysign(1, -0.0), math.copysign(1, 0.0 * -1))  # expect: -1.0 -1.0
total = 0.0
for _ in range(10):
    total += 0.1
print(total)  # expect: 0.9999999999999999
print(1e308 * 10, -1e308 * 10, 5e-324 / 2, 1.7976931348623157e308)  # expect: inf -inf 0.0 1.7976931348623157e+308
print(5e-324, 1e-77, 1e77, 2.2250738585072014e-308)  # expect: 5e-324 1e-77 1e+77 2.2250738585072014e-308
inf = float("inf")
print(inf - inf, inf * 0, inf == inf, -inf < inf)  # expect: nan nan True True
print(2 ** 62, -(2 ** 62), 2 ** 62 - 1 + 1 == 2 ** 62, -(2 ** 62) - 1)
# expect: 4611686018427387904 -4611686018427387904 True -4611686018427387905
print(4611686018427387903 * 3, 3037000500 ** 2, -4611686018427387904 // -1)
# expect: 13835058055282163709 9223372037000250000 4611686018427387904
