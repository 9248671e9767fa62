# Names and docstrings that C code could not show made types.
type("A\0B", (), {})  # raises ValueError: type name must not contain null characters
type("A\udcdcB", (), {})  # raises UnicodeEncodeError: 'utf-8' codec can't encode character '\udcdc' in position 1: surrogates not allowed
type("A", (), {"__doc__": "x\udcdcy"})  # raises UnicodeEncodeError
kind = type("C", (), {"__doc__": "x\0y"})
kind.__name__ = "A\0B"  # raises ValueError: type name must not contain null characters
kind.__doc__ = "x\udcdcy"
print(kind.__name__, ascii(kind.__doc__))  # expect: C 'x\udcdcy'
