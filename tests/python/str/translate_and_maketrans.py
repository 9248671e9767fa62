# Str: translate and maketrans.
print("abcd".translate({97: "AA", 98: None, 99: 67}), "hello".translate(str.maketrans("el", "ip", "o")))  # expect: AACd hipp
print("äb".translate({"ä": 1}.__class__({228: "ae"})))  # expect: aeb
"a".translate({97: 1.5})  # raises TypeError: character mapping must return integer, None or str
str.maketrans("a", "bc")  # raises ValueError: the first two maketrans arguments must have equal length
str.maketrans({"ab": 1})  # raises ValueError: string keys in translatetable must be of length 1
