# math.fsum keeps no partial sums of zero, however many there are.
import math
print(math.fsum([1e100, 1.0, -1e100, -1.0] * 100 + [0.0] * 200))  # expect: 0.0
print(math.fsum([2.0**n - 2.0**(n + 50) + 2.0**(n + 52) for n in range(-1074, 972, 2)] + [-2.0**1022]) == float.fromhex("0x1.5555555555555p+970"))  # expect: True
