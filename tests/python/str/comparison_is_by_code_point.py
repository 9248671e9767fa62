# Str: comparison is by code point.
print("a" < "b", "a" < "aa", "é" > "z", "\uffff" < "\U00010000", "abc" == "abc", "abc" != "abd", "a" == 1)  # expect: True True True True True True False
"a" < 1  # raises TypeError: '<' not supported between instances of 'str' and 'int'
