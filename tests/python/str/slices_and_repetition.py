# Str: slices and repetition.
s = "añ漢😀z"
print(s[1], s[-2], s[::-1], s[1:4], s[::2], s[10:], s[3:1:-1])  # expect: ñ 😀 z😀漢ña ñ漢😀 a漢z  😀漢
print("ab" * 3, repr("ab" * 0), repr("ab" * -1), 2 * "é")  # expect: ababab '' '' éé
s[5]  # raises IndexError: string index out of range
s["a"]  # raises TypeError: string indices must be integers, not 'str'
"ab" * (1 << 62)  # raises OverflowError: repeated string is too long
"a" * "b"  # raises TypeError: can't multiply sequence by non-int of type 'str'
"a" + 1  # raises TypeError: can only concatenate str (not "int") to str
