# The constructs of regular expressions, in text of every width and in bytes.
import re
def spans(pattern, *texts, flags=0):
    for text in texts:
        match = re.search(pattern, text, flags)
        print(match and match.regs, end="; ")
    print(re.compile(pattern).groups)
spans(r"(a|ab)(c|bcd)(d*)", "abcd", "\u0101abcd", "\U00010000abcd")
# expect: ((0, 4), (0, 1), (1, 4), (4, 4)); ((1, 5), (1, 2), (2, 5), (5, 5)); ((1, 5), (1, 2), (2, 5), (5, 5)); 3
spans(r"(?<=a)b+(?!c)(?=d)", "abbd", "abc", "xbd")  # expect: ((1, 3),); None; None; 0
spans(r"(?<!a)b", "ab", "cb")  # expect: None; ((1, 2),); 0
spans(r"(a)?b(?(1)c|d)", "abc", "bd", "abd")  # expect: ((0, 3), (0, 1)); ((0, 2), (-1, -1)); ((1, 3), (-1, -1)); 1
spans(r"(?>a+)ab", "aaab")  # expect: None; 0
spans(r"a++b", "aaab", "aaaa")  # expect: ((0, 4),); None; 0
spans(r"(?:ab)*+a", "ababa")  # expect: ((0, 5),); 0
spans(r"(?:ab){1,2}+ab", "abab", "ababab")  # expect: None; ((0, 6),); 0
spans(r"(a*)*b", "aab", "b")  # expect: ((0, 3), (2, 2)); ((0, 1), (0, 0)); 1
spans(r"(?:a|b?)*c", "abac")  # expect: ((0, 4),); 0
spans(r"(a*?)+?b", "aab")  # expect: ((0, 3), (1, 2)); 1
spans(r"(?:(a)|b)*", "abab")  # expect: ((0, 4), (2, 3)); 1
spans(r"(\w+)\s\1", "the the", "ab ba")  # expect: ((0, 7), (0, 3)); ((1, 4), (1, 2)); 1
spans(r"(?i)(ä+)\1", "ÄäÄä")  # expect: ((0, 4), (0, 2)); 1
spans(r"(?P<q>['\"]).*?(?P=q)", "x'a\"b'y")  # expect: ((1, 6), (1, 2)); 1
spans(r"x{2,3}?y", "xxxxy")  # expect: ((1, 5),); 0
spans(r"(?:xy){2,3}?z", "xyxyxyz")  # expect: ((0, 7),); 0
spans(r"(?:x?){3,5}y", "xxy")  # expect: ((0, 3),); 0
spans(r"^b$", "a\nb\nc", flags=re.M)  # expect: ((2, 3),); 0
spans(r"a.c", "a\nc", flags=re.S)  # expect: ((0, 3),); 0
spans(r"\Ab|c\Z", "abc")  # expect: ((2, 3),); 0
spans(r"a$", "a\n", "a\n\n")  # expect: ((0, 1),); None; 0
spans(r"\bfoo\b", "a foo b", "afoo")  # expect: ((2, 5),); None; 0
spans(r"\B", "", "a")  # expect: ((0, 0),); None; 0
spans(r"[^\W\d_]+", "12_äé3")  # expect: ((3, 5),); 0
spans("[а-яё]+", "Привет мир", flags=re.I)  # expect: ((0, 6),); 0
spans("[\u4e00-\u9fff\U00020000]+", "ab漢字\U00020000c")  # expect: ((2, 5),); 0
spans("(?i)[k]", "\u212a")  # expect: ((0, 1),); 0
spans("(?i)ſ", "S")  # expect: ((0, 1),); 0
spans("(?i:Ab)c", "aBc", "aBC")  # expect: ((0, 3),); None; 0
spans("(?i)straße", "STRAßE")  # expect: ((0, 6),); 0
spans(r"(?a)\w+", "äb")  # expect: ((1, 2),); 0
spans(r"\d+", "٣٤x")  # expect: ((0, 2),); 0
print(re.findall(rb"(?L)\w+", b"ab \xe9c"), re.findall(rb"[\x80-\xff]+", b"a\xe9\xffb"), re.search(b"a.c", memoryview(b"xabc")).span())
# expect: [b'ab', b'c'] [b'\xe9\xff'] (1, 4)
print(re.split(r"(-)|(,)", "a-b,c"), re.split("x*", "axbc"), re.split("", "ab"), re.sub("", "-", "ab"), re.sub("b*", "x", "abc"))
# expect: ['a', '-', None, 'b', None, ',', 'c'] ['', 'a', '', 'b', 'c', ''] ['', 'a', 'b', ''] -a-b- xaxxcx
print([m.group(0, "n") for m in re.finditer(r"(?P<n>\d)|[a-z]", "a1b2")], re.findall("|".join(["if", "else", "elif", "for", "format"]), "elseif format for elif"))
# expect: [('a', None), ('1', '1'), ('b', None), ('2', '2')] ['else', 'if', 'for', 'for', 'elif']
print(re.sub(r"(?P<first>\w)(\w)?", r"\g<first>\2\g<2>!", "abc"), re.subn("a", "b", "aaa", count=2), re.fullmatch("a|ab", "ab").end(), re.compile("b").search("abab", 2, 3))
# expect: abb!c! ('bba', 2) 2 None
scanner = re.compile("a*").scanner("aab")
print(scanner.search(), scanner.search(), scanner.search(), scanner.search(), scanner.pattern)
# expect: <re.Match object; span=(0, 2), match='aa'> <re.Match object; span=(2, 2), match=''> <re.Match object; span=(3, 3), match=''> None re.compile('a*')
p = re.compile("(?P<x>a)(b)?", re.I | re.M)
print(p, hash(p) == hash(re.compile("(?P<x>a)(b)?", re.I | re.M)), p == re.compile("(?P<x>a)(b)?"), p.groupindex, p.flags, p.groups, re.Match[str])
# expect: re.compile('(?P<x>a)(b)?', re.IGNORECASE|re.MULTILINE) True False {'x': 1} 42 2 re.Match[str]
# Deep input: no recursion, and a loop over a million rounds.
text = "ab" * 500000
print(re.fullmatch(r"(?:a|b)*", text).end(), re.fullmatch(r"(?:(a)|(b))*", text).regs, re.fullmatch(r"(?:a(?=b)|b)*?", text).end(), re.search(r"(?:(?:ab)+?)+c", "ab" * 20))
# expect: 1000000 ((0, 1000000), (999998, 999999), (999999, 1000000)) 1000000 None
# A match that would take ages gives way to a signal.
import signal
def stop(number, frame):
    raise TimeoutError("stopped")
signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    re.match(r"(x+x+)+y", "x" * 60)
except TimeoutError as error:
    print(error)
# expect: stopped
