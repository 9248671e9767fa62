# re on dx-py's own engine: finding, groups, substitution.
import re
print(re.findall(r"\w+", "hello world, foo"), re.split(r"[,;]\s*", "a, b;c,  d"))  # expect: ['hello', 'world', 'foo'] ['a', 'b', 'c', 'd']
print(re.sub(r"(\w)(\w+)", r"\2\1", "hello big world"), re.subn("x*", "-", "abxd"))  # expect: elloh igb orldw ('-a-b--d-', 5)
m = re.match(r"(?P<a>\d+)-(?P<b>\d+)(x)?", "123-456")
print(m, m.groupdict(), m.lastgroup, m.lastindex, m.regs, m[3], m.groups(""))
# expect: <re.Match object; span=(0, 7), match='123-456'> {'a': '123', 'b': '456'} b 2 ((0, 7), (0, 3), (4, 7), (-1, -1)) None ('123', '456', '')
print([m.span() for m in re.finditer(r"a*", "baac")])  # expect: [(0, 0), (1, 3), (3, 3), (4, 4)]
print(re.sub("a", lambda m: m.group().upper() + str(m.start()), "banana"))  # expect: bA1nA3nA5
print(re.compile(b"(?i)x+").sub(b"<\\g<0>>", bytearray(b"aXxb")), re.compile("a", re.I | re.X))  # expect: b'a<Xx>b' re.compile('a', re.IGNORECASE|re.VERBOSE)
m.group(4)  # raises IndexError: no such group
m["c"]  # raises IndexError: no such group
re.match("a", b"a")  # raises TypeError: cannot use a string pattern on a bytes-like object
re.match(b"a", "a")  # raises TypeError: cannot use a bytes pattern on a string-like object
re.match("a", 1)  # raises TypeError: expected string or bytes-like object, got 'int'
re.sub("a", lambda m: 1, "ba")  # raises TypeError: sequence item 1: expected str instance, int found
re.compile("(")  # raises PatternError: missing ), unterminated subpattern at position 0
import _sre
for code in ([], [1, 2, 3], [0], [16], [17, 99, 1], [7, 0, 1], [23, 5, 0, 0, 1], [6, 50, 1], [13, 300, 9, 0, 1], [10, 1, 1]):
    try:
        print(_sre.compile("a", 0, code, 0, {}, ()))
    except RuntimeError as e:
        count = str(e)
        print(count)  # expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
# expect: invalid SRE code
