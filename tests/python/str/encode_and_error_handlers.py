# Str: encode and error handlers.
print("aé😀".encode(), "aé".encode("latin-1"), "é".encode("ascii", "replace"), "é😀".encode("ascii", "backslashreplace"))  # expect: b'a\xc3\xa9\xf0\x9f\x98\x80' b'a\xe9' b'?' b'\\xe9\\U0001f600'
print("é".encode("ascii", "xmlcharrefreplace"), "a\ud800".encode("utf-8", "surrogatepass"), "\udcff".encode("utf-8", "surrogateescape"))  # expect: b'&#233;' b'a\xed\xa0\x80' b'\xff'
print("aé".encode("utf-16"), "a".encode("utf-16-be"), "😀".encode("utf-32-le"), "aé".encode("ascii", "ignore"))  # expect: b'\xff\xfea\x00\xe9\x00' b'\x00a' b'\x00\xf6\x01\x00' b'a'
"\ud800".encode()  # raises UnicodeEncodeError: 'utf-8' codec can't encode character '\ud800' in position 0: surrogates not allowed
"é".encode("ascii")  # raises UnicodeEncodeError: 'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)
"a".encode("no such codec")  # raises LookupError: unknown encoding: no such codec
