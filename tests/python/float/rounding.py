# Float: rounding.
print(round(2.675, 2), round(0.5), round(1.5), round(2.5), round(-2.5), round(25.0, -1), round(35.0, -1), round(1234.5678, 2), round(5e-324, 400), round(1.5, -400))  # expect: 2.67 0 2 2 -2 20.0 40.0 1234.57 5e-324 0.0
round(float("nan"))  # raises ValueError: cannot convert float NaN to integer
round(float("inf"))  # raises OverflowError: cannot convert float infinity to integer
round(1.7e308, -308)  # raises OverflowError: rounded value too large to represent
