# Trees that no source gives compile as far as they mean something, and fail in their own words.
import ast

def run(node):
    ast.fix_missing_locations(node)
    return eval(compile(node, "?", "eval"))

# Places may be negative.
node = ast.Expression(ast.Constant(7, lineno=0, col_offset=-2, end_lineno=0, end_col_offset=-2))
print(eval(compile(node, "?", "eval")))  # expect: 7
node = ast.Expression(ast.Constant(8, lineno=-2, col_offset=0, end_lineno=-2, end_col_offset=0))
print(eval(compile(node, "?", "eval")))  # expect: 8
node = ast.parse("def f():\n    return [x for x in 'ab']\nf()", mode="exec")
for each in ast.walk(node):
    if hasattr(each, "lineno"):
        each.lineno = each.end_lineno = -5
        each.col_offset = each.end_col_offset = -5
exec(compile(node, "?", "exec"))

# Constants that no literal writes.
print(run(ast.Expression(ast.Constant(frozenset({(1, 2.5), -3, b"b"}))) ) == frozenset({(1, 2.5), -3, b"b"}))  # expect: True
big = (frozenset({frozenset(), 1 << 80, -(1 << 80)}), -2j)
print(run(ast.Expression(ast.Constant(big))) == big)  # expect: True
print(ascii(run(ast.Expression(ast.Constant("\ud800\udc00")))))  # expect: '\ud800\udc00'
run(ast.Expression(ast.Constant(frozenset({1, int}))))  # raises TypeError: got an invalid type in Constant: type

# Names that are no names.
tree = ast.parse("import a as b")
tree.body[0].names[0].asname = "None"
compile(tree, "?", "exec")  # raises ValueError: identifier field can't represent 'None' constant
tree = ast.parse("from a import b")
tree.body[0].names[0].name = "True"
compile(tree, "?", "exec")  # raises ValueError: identifier field can't represent 'True' constant

# The version a source is for.
ast.parse("t''", feature_version=(3, 13))  # raises SyntaxError: t-strings are only supported in Python 3.14 and greater (<unknown>, line 1)

# Constants may be nested deeper than a compiled file stores them.
deep = (1,)
for i in range(300): deep = (deep,)
print(run(ast.Expression(ast.Constant(deep))) == deep)  # expect: True
