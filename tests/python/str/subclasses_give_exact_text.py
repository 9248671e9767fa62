class S(str): pass
s = S("abc")
print(type(s[:]) is str, type(s + "d") is str, type(s.replace("x", "y")) is str, type(s.strip()) is str, type(str(s)) is str)  # expect: True True True True True
s.note = 1
print(s.note, s == "abc", hash(s) == hash("abc"), {s: 1}["abc"], type(S()) is S)  # expect: 1 True True 1 True
