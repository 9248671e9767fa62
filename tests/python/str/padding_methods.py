# Str: padding methods.
print("ab".center(5, "*"), "abc".center(6, "-"), "a".ljust(3, "é") + "|", "a".rjust(3))  # expect: **ab* -abc-- aéé|   a
print("-5".zfill(4), "+é".zfill(5), "a\tb\n\tc".expandtabs(4).replace("\n", "/"))  # expect: -005 +000é a   b/    c
"a".center(5, "ab")  # raises TypeError: The fill character must be exactly one character long
"a".center(5, 1)  # raises TypeError: The fill character must be a unicode character, not int
