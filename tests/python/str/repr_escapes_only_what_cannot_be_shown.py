print(repr("a'b"), repr('a"b'), repr("a'\"b"))  # expect: "a'b" 'a"b' 'a\'"b'
print(repr("\t\n\r\\\x00\x7f\x85é\u200b漢\ud800😀\U000e0001"))  # expect: '\t\n\r\\\x00\x7f\x85é\u200b漢\ud800😀\U000e0001'
print(ascii("é漢😀"))  # expect: '\xe9\u6f22\U0001f600'
