# Int: division is correctly rounded.
print((2**53 + 1) / 1, (2**64 + 2**11) / 1, 10**400 / 10**399, 1 / 3, -7 / 2, 1 / 10**400, (2**1000) / (2**999 + 1))  # expect: 9007199254740992.0 1.8446744073709552e+19 10.0 0.3333333333333333 -3.5 0.0 2.0
print(float(2**53 + 1), float(2**1024 - 2**970 - 1), int(1e22), int(-1e300) == -int(1e300))  # expect: 9007199254740992.0 1.7976931348623157e+308 10000000000000000000000 True
10**400 / 1  # raises OverflowError: integer division result too large for a float
float(2**1024)  # raises OverflowError: int too large to convert to float
1 / 0  # raises ZeroDivisionError: division by zero
