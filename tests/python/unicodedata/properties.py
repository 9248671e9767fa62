import unicodedata as u
print(u.category("a"), u.bidirectional("א"), u.combining("\u0301"), u.mirrored("("), u.east_asian_width("漢"), u.decomposition("é"), u.decomposition("ﬁ"))  # expect: Ll R 230 1 W 0065 0301 <compat> 0066 0069
print(u.decimal("٣"), u.digit("²"), u.numeric("½"), u.decimal("a", None), u.unidata_version, u.ucd_3_2_0.unidata_version, u.ucd_3_2_0.category("\u0221"))  # expect: 3 2 0.5 None 16.0.0 3.2.0 Cn
u.decimal("a")  # raises ValueError: not a decimal
u.digit("a")  # raises ValueError: not a digit
u.numeric("a")  # raises ValueError: not a numeric character
u.category("ab")  # raises TypeError: category(): argument must be a unicode character, not a string of length 2
u.category(1)  # raises TypeError: category() argument must be a unicode character, not int
