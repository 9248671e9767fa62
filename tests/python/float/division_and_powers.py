# Float: division and powers.
print(7.5 // 2, -7.5 // 2, 7.5 % -2, -0.0 % 3, divmod(-1.0, 3.0), 1.0 // 0.1, float("inf") // 2, 5 % float("inf"), -5 % float("inf"))  # expect: 3.0 -4.0 -0.5 0.0 (-1.0, 2.0) 9.0 nan 5.0 inf
print(2.0**-1, (-2.0)**3, 0.0**0, 1.0**float("nan"), (-1.0)**float("inf"), float("inf")**-1)  # expect: 0.5 -8.0 1.0 1.0 1.0 0.0
print((-8.0) ** 2, 10.0**308, 2.0**0.5)  # expect: 64.0 1e+308 1.4142135623730951
1.0 / 0  # raises ZeroDivisionError: division by zero
1.0 // 0  # raises ZeroDivisionError: division by zero
1.0 % 0  # raises ZeroDivisionError: division by zero
0.0**-1  # raises ZeroDivisionError: zero to a negative power
10.0**400  # raises OverflowError: (34, 'Numerical result out of range')
pow(2.0, 3, 5)  # raises TypeError: pow() 3rd argument not allowed unless all arguments are integers
