# Str: strip characters.
print(repr("  x\u3000".strip()), "xxaxbx".strip("x"), "äxä".lstrip("ä"), "abcba".rstrip("ab"))  # expect: 'x' axb xä abc
print("TestHook".removeprefix("Test"), "a.py".removesuffix(".py"), "a.py".removesuffix(""))  # expect: Hook a a.py
"a".strip(1)  # raises TypeError: strip arg must be None or str
