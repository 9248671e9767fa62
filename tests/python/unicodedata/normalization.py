import unicodedata as u
print([ascii(u.normalize(form, "é\u0323ﬁ각")) for form in ("NFC", "NFD", "NFKC", "NFKD")])  # expect: ["'\\u1eb9\\u0301\\ufb01\\uac01'", "'e\\u0323\\u0301\\ufb01\\u1100\\u1161\\u11a8'", "'\\u1eb9\\u0301fi\\uac01'", "'e\\u0323\\u0301fi\\u1100\\u1161\\u11a8'"]
print(ascii(u.normalize("NFC", "\u1100\u1161\u11a8")), ascii(u.normalize("NFC", "\u0344")), u.is_normalized("NFC", "é"), u.is_normalized("NFD", "é"))  # expect: '\uac01' '\u0308\u0301' True False
print(len(u.normalize("NFD", "a" + "\u0323\u0307" * 50000)))  # expect: 100001
u.normalize("X", "a")  # raises ValueError: invalid normalization form
