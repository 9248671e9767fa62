# _tokenize: the parser's tokens, with comments and empty lines.
import _tokenize
def tokens(text):
    return _tokenize.TokenizerIter(iter(text.splitlines(True)).__next__, extra_tokens=True)
for token in tokens("def f(x):\n    # hi\n    return f'{x}é' + 1\n"):
    print(token)
# expect: (1, 'def', (1, 0), (1, 3), 'def f(x):\n')
# expect: (1, 'f', (1, 4), (1, 5), 'def f(x):\n')
# expect: (55, '(', (1, 5), (1, 6), 'def f(x):\n')
# expect: (1, 'x', (1, 6), (1, 7), 'def f(x):\n')
# expect: (55, ')', (1, 7), (1, 8), 'def f(x):\n')
# expect: (55, ':', (1, 8), (1, 9), 'def f(x):\n')
# expect: (4, '\n', (1, 9), (1, 10), 'def f(x):\n')
# expect: (65, '# hi', (2, 4), (2, 8), '    # hi\n')
# expect: (66, '\n', (2, 8), (2, 9), '    # hi\n')
# expect: (5, '    ', (3, 0), (3, 4), "    return f'{x}é' + 1\n")
# expect: (1, 'return', (3, 4), (3, 10), "    return f'{x}é' + 1\n")
# expect: (59, "f'", (3, 11), (3, 13), "    return f'{x}é' + 1\n")
# expect: (55, '{', (3, 13), (3, 14), "    return f'{x}é' + 1\n")
# expect: (1, 'x', (3, 14), (3, 15), "    return f'{x}é' + 1\n")
# expect: (55, '}', (3, 15), (3, 16), "    return f'{x}é' + 1\n")
# expect: (60, 'é', (3, 16), (3, 17), "    return f'{x}é' + 1\n")
# expect: (61, "'", (3, 17), (3, 18), "    return f'{x}é' + 1\n")
# expect: (55, '+', (3, 19), (3, 20), "    return f'{x}é' + 1\n")
# expect: (2, '1', (3, 21), (3, 22), "    return f'{x}é' + 1\n")
# expect: (4, '\n', (3, 22), (3, 23), "    return f'{x}é' + 1\n")
# expect: (6, '', (4, 0), (4, 0), '')
# expect: (0, '', (4, 0), (4, 0), '')
for text in ("x = (\n", "x = (1,\n2", "'''abc\nd", "if x:\n  y\n z\n", "'abc\n", "1_", "(]"):
    try:
        for token in tokens(text):
            pass
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.lineno, error.offset)
# expect: SyntaxError unexpected EOF in multi-line statement 1 0
# expect: SyntaxError unexpected EOF in multi-line statement 2 0
# expect: SyntaxError unterminated triple-quoted string literal (detected at line 2) 1 1
# expect: IndentationError unindent does not match any outer indentation level 3 3
# expect: SyntaxError unterminated string literal (detected at line 1) 1 1
# expect: SyntaxError invalid decimal literal 1 2
print(len(list(_tokenize.TokenizerIter(iter([b"# coding: latin-1\n", b"x = '\xe9'\n", b""]).__next__, encoding="latin-1", extra_tokens=True))))  # expect: 7
