import codecs
print("é€".encode("cp1252"), b"\xe9\x80".decode("cp1252"), codecs.encode("hello", "rot13"))  # expect: b'\xe9\x80' é€ uryyb
print("aé漢+".encode("utf-7"), b"a+AOlvIgAr-".decode("utf-7"), "é\n".encode("unicode_escape"), b"\\u00e9\\N{DIGIT ONE}".decode("unicode_escape"))  # expect: b'a+AOlvIgAr-' aé漢+ b'\\xe9\\n' é1
print(codecs.lookup("UTF8").name, codecs.getincrementaldecoder("utf-8")().decode(b"\xc3"), codecs.BOM_UTF16_LE)  # expect: utf-8  b'\xff\xfe'
"é€漢".encode("cp1252")  # raises UnicodeEncodeError: 'charmap' codec can't encode character '\u6f22' in position 2: character maps to <undefined>
