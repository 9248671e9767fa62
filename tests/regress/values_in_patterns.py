# What a pattern may compare with, and keys that are the same.
match 2 + 0j:
    case 2:
        print("two")  # expect: two
compile("match 1:\n case f'': pass", "?", "exec")  # raises SyntaxError: patterns may only match literals and attribute lookups (?, line 2)
compile("match 1:\n case f'{x}': pass", "?", "exec")  # raises SyntaxError: patterns may only match literals and attribute lookups (?, line 2)
compile("match 1:\n case {f'{x}': 1}: pass", "?", "exec")  # raises SyntaxError: mapping pattern keys may only match literals and attribute lookups (?, line 2)
compile("match 1:\n case {0: _, 0j: _}: pass", "?", "exec")  # raises SyntaxError: mapping pattern checks duplicate key (0j) (?, line 2)
compile("match 1:\n case {1+1j: _, 1.0+1j: _}: pass", "?", "exec")  # raises SyntaxError
compile("match 1:\n case {0: _, 1j: _, -0.5: _}: pass", "?", "exec")

# Nothing matches: the last line traced is that of the last pattern.
import sys
def f(x):
    match x:
        case [1, y] if y:
            return 1
        case [1]:
            return 2
lines = []
def trace(frame, event, argument):
    if event == "line": lines.append(frame.f_lineno - frame.f_code.co_firstlineno)
    return trace
sys.settrace(trace)
f(5)
sys.settrace(None)
print(lines)  # expect: [1, 2, 4]
