# Str: find with bounds and empty needle.
print("abcabc".find("c", 3), "abcabc".rfind("c", 0, 5), "abcabc".find("c", -1))  # expect: 5 2 5
print("abc".find("", 3), "abc".find("", 4), "abc".rfind(""), "abc".count(""))  # expect: 3 -1 3 4
print("aaa".count("aa"), "abcabc".index("bc", 2))  # expect: 1 4
print("a😀b😀".find("😀", 2), "äöü".find("😀"))  # expect: 3 -1
"abc".index("d")  # raises ValueError: substring not found
"abc".find(1)  # raises TypeError: find() argument 1 must be str, not int
"abc".find("a", "b")  # raises TypeError: slice indices must be integers or None or have an __index__ method
