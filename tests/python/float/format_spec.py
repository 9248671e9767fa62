# Float: format spec.
print(f"{1234567.891:,.2f} {0.5:.0%} {1e10:g} {1.0:g} {1.5:010} {-1.5:010} {1.5:<8}| {float('nan'):06} {-0.0:z.1f} {1e-7:G} {123.456:.3} {100000.0:.3} {1.0:.3}")  # expect: 1,234,567.89 50% 1e+10 1 00000001.5 -0000001.5 1.5     | 000nan 0.0 1E-07 1.23e+02 1e+05 1.0
print(f"{1234567.891:_.6_f} {3.0:=+10} {1e100:e} {2.5:.0f} {3.5:.0f} {1.5:#.0f} {255.0:n}")  # expect: 1_234_567.891_000 +      3.0 1.000000e+100 2 4 2. 255
format(1.5, "d")  # raises ValueError: Unknown format code 'd' for object of type 'float'
format(1.5, "s")  # raises ValueError: Unknown format code 's' for object of type 'float'
