# Str: split family.
print("  a  b c ".split(), "  a  b c ".split(None, 1), "  a  b c ".rsplit(None, 1))  # expect: ['a', 'b', 'c'] ['a', 'b c '] ['  a  b', 'c']
print("a,b,,c".split(","), "a,b,,c".split(",", 2), "a,b,,c".rsplit(",", 1))  # expect: ['a', 'b', '', 'c'] ['a', 'b', ',c'] ['a,b,', 'c']
print("a\u2003b\x1fc".split())  # expect: ['a', 'b', 'c']
print("a--b--c".partition("--"), "a--b--c".rpartition("--"), "abc".rpartition("-"))  # expect: ('a', '--', 'b--c') ('a--b', '--', 'c') ('', '', 'abc')
print("a\nb\r\nc\x0bd\x85e\u2028f".splitlines(), "a\n\n".splitlines(True))  # expect: ['a', 'b', 'c', 'd', 'e', 'f'] ['a\n', '\n']
"abc".split("")  # raises ValueError: empty separator
"abc".split(1)  # raises TypeError: must be str or None, not int
