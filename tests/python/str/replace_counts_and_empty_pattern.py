print("aaaa".replace("a", "b", 2), "abc".replace("", "-"), "abc".replace("", "-", 2))  # expect: bbaa -a-b-c- -a-bc
print("ab".replace("b", "😀"), "a😀".replace("😀", "").isascii(), "abc".replace("x", "y", count=1))  # expect: a😀 True abc
print("banana".replace("ana", "*"))  # expect: b*na
