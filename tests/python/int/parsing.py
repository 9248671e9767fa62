# Int: parsing.
print(int("  -42 "), int("0b101", 0), int("0xFf", 16), int("z", 36), int("1_000"), int("٣٤"), int(b"12"), int("-0"))  # expect: -42 5 255 35 1000 34 12 0
int("1__0")  # raises ValueError: invalid literal for int() with base 10: '1__0'
int("")  # raises ValueError: invalid literal for int() with base 10: ''
int("12", 2)  # raises ValueError: invalid literal for int() with base 2: '12'
int("010", 0)  # raises ValueError: invalid literal for int() with base 0: '010'
int("5", 37)  # raises ValueError: int() base must be >= 2 and <= 36, or 0
int(None)  # raises TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'
int("1" * 5000)  # raises ValueError: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit
int(1.5, 2)  # raises TypeError: int() can't convert non-string with explicit base
