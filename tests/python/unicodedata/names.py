import unicodedata as u
print(u.name("é"), u.name("가"), u.name("一"), u.name("\x00", "none"), u.lookup("DIGIT ONE"), ascii(u.lookup("nbsp")), u.name("\xa0"))  # expect: LATIN SMALL LETTER E WITH ACUTE HANGUL SYLLABLE GA CJK UNIFIED IDEOGRAPH-4E00 none 1 '\xa0' NO-BREAK SPACE
u.name("\x00")  # raises ValueError: no such name
u.lookup("no such thing")  # raises KeyError: "undefined character name 'no such thing'"
