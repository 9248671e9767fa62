# math.fsum keeps no partial sums of zero, however many there are.
import math
print(math.fsum([1e100, 1.0, -1e100, -1.0] * 100 + [0.0] * 200))  # expect: 0.0
print(math.fsum([2.0**n - 2.0**(n + 50) + 2.0**(n + 52) for n in range(-1074, 972, 2)] + [-2.0**1022]) == float.fromhex("0x1.5555555555555p+970"))  # expect: True

# What ends a run of ints is added as `+` adds; only what follows is compensated.
print(sum([-1664282500, -102.07869, 9.5023111580937e-205, -633.696, 1]))  # expect: -1664283234.7746902
print(sum([1 << 62, 1 << 62, 1 << 62, 0.5, 1]), sum([True, 0.1, 0.2, 0.3]))  # expect: 1.3835058055282164e+19 1.6
