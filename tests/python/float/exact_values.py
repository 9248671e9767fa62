# Float: exact values.
print((0.1).as_integer_ratio(), (-2.5).as_integer_ratio(), (1e300).is_integer(), (1.5).is_integer(), float.from_number(3))  # expect: (3602879701896397, 36028797018963968) (-5, 2) True False 3.0
print(hash(0.5), hash(-0.0), hash(1e300), hash(float("inf")), int(1e20), int(-1.9))  # expect: 1152921504606846976 0 1224995262755759164 314159 100000000000000000000 -1
float("nan").as_integer_ratio()  # raises ValueError: cannot convert NaN to integer ratio
float("inf").as_integer_ratio()  # raises OverflowError: cannot convert Infinity to integer ratio
int(float("nan"))  # raises ValueError: cannot convert float NaN to integer
float.from_number("1")  # raises TypeError: must be real number, not str
