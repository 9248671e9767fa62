# Str: format fields.
print("{} {}".format(1, "a"), "{1} {0}".format(1, 2), "{a} {b}".format(a=1, b=2))  # expect: 1 a 2 1 1 2
print("{0[1]} {0[0]}".format("xy"), "{.real}".format(3), "{0[k]}".format({"k": 5}))  # expect: y x 3 5
print("{!r:>5}|{!s:<3}|{!a}".format("a", 1, "é"), "{:{}}|{:>{w}}".format("x", 4, "y", w=3), "{{}}".format())  # expect:   'a'|1  |'\xe9' x   |  y {}
print("{x[a]} {y}".format_map({"x": {"a": 1}, "y": 2}))  # expect: 1 2
"{}".format()  # raises IndexError: Replacement index 0 out of range for positional args tuple
"{".format()  # raises ValueError: Single '{' encountered in format string
"}".format()  # raises ValueError: Single '}' encountered in format string
"{0}{}".format(1, 2)  # raises ValueError: cannot switch from manual field specification to automatic field numbering
"{a}".format()  # raises KeyError: 'a'
"{!x}".format(1)  # raises ValueError: Unknown conversion specifier x
"{0.}".format(1)  # raises ValueError: Empty attribute in format string
"{:{:{}}}".format(1, 2, 3)  # raises ValueError: Max string recursion exceeded
