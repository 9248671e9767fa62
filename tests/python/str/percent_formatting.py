# Str: percent formatting.
print("%s %r %a" % ("é", "é", "é"), "%5s|%-5s|%.2s" % ("a", "b", "cde"))  # expect: é 'é' '\xe9'     a|b    |cd
print("%d %i %05d %+d % d %x %#X %o %#o" % (1, 2, -3, 4, 5, 255, 255, 8, 8))  # expect: 1 2 -0003 +4  5 ff 0XFF 10 0o10
print("%.3f %e %g %G %10.2f|%-10.1f|" % (3.14159, 12345.678, 1e20, 1e-7, 1.5, 2.25))  # expect: 3.142 1.234568e+04 1e+20 1E-07       1.50|2.2       |
print("%(a)s-%(b)03d" % {"a": "x", "b": 7}, "%c%c" % (97, "b"), "100%%" % (), "%*.*f" % (8, 2, 3.14159))  # expect: x-007 ab 100%     3.14
"%d" % "a"  # raises TypeError: %d format: a real number is required, not str
"%x" % 1.5  # raises TypeError: %x format: an integer is required, not float
"%s" % (1, 2)  # raises TypeError: not all arguments converted during string formatting
"%s %s" % (1,)  # raises TypeError: not enough arguments for format string
"%q" % 1  # raises ValueError: unsupported format character 'q' (0x71) at index 1
"%(a)s" % 1  # raises TypeError: format requires a mapping
"%c" % "ab"  # raises TypeError: %c requires an int or a unicode character, not a string of length 2
