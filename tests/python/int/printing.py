# Int: printing.
print(10**30, -10**20, hex(2**70), oct(-8), bin(10), str(2**100), repr(-2**63))  # expect: 1000000000000000000000000000000 -100000000000000000000 0x400000000000000000 -0o10 0b1010 1267650600228229401496703205376 -9223372036854775808
print(f"{12345678:,} {255:#x} {-5:06d} {5:+} {10**20:_} {7:>4}|{7:<4}|{7:^4}| {65:c} {2**70:x} {1234:08,}")  # expect: 12,345,678 0xff -00005 +5 100_000_000_000_000_000_000    7|7   | 7  | A 400000000000000000 0,001,234
str(10**5000)  # raises ValueError: Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit
format(5, ".2")  # raises ValueError: Precision not allowed in integer format specifier
format(5, "s")  # raises ValueError: Unknown format code 's' for object of type 'int'
format(5, ",x")  # raises ValueError: Cannot specify ',' with 'x'.
format(-1, "c")  # raises OverflowError: %c arg not in range(0x110000)
