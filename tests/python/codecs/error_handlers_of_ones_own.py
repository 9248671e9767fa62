import codecs
print(codecs.register_error("test.mark", lambda error: ("<%d>" % error.start, error.end)))  # expect: None
print("aéb".encode("ascii", "test.mark"), b"a\xffb".decode("ascii", "test.mark"), codecs.lookup_error("test.mark") is not None)  # expect: b'a<1>b' a<1>b True
"é".encode("ascii", "test.unknown")  # raises LookupError: unknown error handler name 'test.unknown'
