# Str: format spec of text.
print(format("ab", "5") + "|", format("ab", ">5"), format("ab", "*^7"), format("abcdef", ".3"), format("a", "05"))  # expect: ab   |    ab **ab*** abc a0000
format("a", "=5")  # raises ValueError: '=' alignment not allowed in string format specifier
format("a", "+")  # raises ValueError: Sign not allowed in string format specifier
format("a", "d")  # raises ValueError: Unknown format code 'd' for object of type 'str'
format("a", ",")  # raises ValueError: Cannot specify ',' with 's'.
format("a", ".")  # raises ValueError: Format specifier missing precision
format("a", "s5")  # raises ValueError: Invalid format specifier 's5' for object of type 'str'
