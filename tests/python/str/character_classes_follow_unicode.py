print("²".isdigit(), "²".isdecimal(), "Ⅷ".isnumeric(), "Ⅷ".isupper(), "ǅ".istitle(), "ǅ".isupper())  # expect: True False True True True False
print("aé漢".isalpha(), "a1²".isalnum(), "\u2003".isspace(), "Ab Cd".istitle(), "x_1".isidentifier(), "1x".isidentifier())  # expect: True True True True True False
print("".isprintable(), "é".isprintable(), "\u200b".isprintable(), "ℼ".isidentifier(), "".isalpha())  # expect: True True False True False
