# Ints among floats, and complex numbers, were added without compensation; ints beyond 64 bits ended it.
print(sum((1, 123456789.125, 9223372036854775807, -1186360455)))  # expect: 9.223372035791872e+18
print(sum([1.0, 10**100, 1.0, -(10**100)]), sum([2j, 1.0, 10**100, 1.0, -(10**100)]))  # expect: 2.0 (2+2j)
print(sum([1.0, 10e100, 1.0, -10e100, 2j]), sum([0.1j] * 10))  # expect: (2+2j) 1j
print(sum([complex(1, -0.0), 1]), sum([True, 2**70, 0.5]), sum([2**62, 2**62, 2**62]))  # expect: (2-0j) 1.1805916207174113e+21 13835058055282163712
sum([1.0, 10**1000])  # raises OverflowError: int too large to convert to float
