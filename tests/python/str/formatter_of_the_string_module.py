import string
print(string.Formatter().format("{0} {x:>4} {0!r} {y[0].real}", "a", x=2, y=[3]))  # expect: a    2 'a' 3
print(list(string.Formatter().parse("a{b.c[0]!r:>{w}}z{{")))  # expect: [('a', 'b.c[0]', '>{w}', 'r'), ('z{', None, None, None)]
