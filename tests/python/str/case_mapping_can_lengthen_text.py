print("straße".upper())  # expect: STRASSE
print("ŉ".upper(), len("ŉ".upper()))  # expect: ʼN 2
print("ﬁn".title())  # expect: Fin
print("İ".lower(), len("İ".lower()))  # expect: i̇ 2
print("ß".casefold(), "ẞ".casefold())  # expect: ss ss
