# ast.parse(..., optimize=) shows what is settled before code is made.
import ast
def show(source, level=1, mode="eval"):
    print(ast.dump(ast.parse(source, optimize=level, mode=mode).body))
show("__debug__")  # expect: Constant(value=False)
show("__debug__", 0)  # expect: Name(id='__debug__', ctx=Load())
show("'a%-5sb%%%r' % (a, b)")
# expect: JoinedStr(values=[Constant(value='a'), FormattedValue(value=Name(id='a', ctx=Load()), conversion=115, format_spec=Constant(value='5')), Constant(value='b%'), FormattedValue(value=Name(id='b', ctx=Load()), conversion=114)])
show("'%5.2s' % (a,)")  # expect: JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load()), conversion=115, format_spec=Constant(value='>5.2'))])
show("'%d' % (a,)")  # expect: BinOp(left=Constant(value='%d'), op=Mod(), right=Tuple(elts=[Name(id='a', ctx=Load())], ctx=Load()))
show("'' % ()")  # expect: JoinedStr()
print(eval(compile(ast.parse("'<%5s|%-4r|%.1a>' % (1, 2, 3)", optimize=1, mode="eval"), "?", "eval")))  # expect: <    1|2   |3>
match = "match x:\n case -1 | 1+2j | -1-2j | {-1: -2} | A(-1, b=-2.5): pass"
tree = ast.parse(match, optimize=1)
print([each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)])  # expect: [-1, (1+2j), (-1-2j), -1, -2, -1, -2.5]
exec(compile(tree, "?", "exec"), {"x": 1 + 2j, "A": int})
def body(source, level):
    return [type(each).__name__ for each in ast.parse(source, optimize=level).body[0].body]
print(body("class A:\n '''doc'''", 1), body("class A:\n '''doc'''", 2))  # expect: ['Expr'] ['Pass']
print(body("def f():\n '''doc'''\n x = 1", 2))  # expect: ['Assign']
print(ast.dump(ast.parse("def f():\n '''doc'''\n 'x'", optimize=2).body[0].body[0]))  # expect: Expr(value=JoinedStr(values=[Constant(value='x')]))
future = "from __future__ import annotations\nx: __debug__ = __debug__"
print(ast.dump(ast.parse(future, optimize=1).body[1]))
# expect: AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='__debug__', ctx=Load()), value=Constant(value=False), simple=1)
print(ast.dump(ast.parse(ast.parse("__debug__"), optimize=2)))  # expect: Module(body=[Expr(value=Constant(value=False))])
ast.parse(ast.Constant(42), optimize=1)  # raises TypeError: expected Module node, got Constant
ast.parse(ast.Constant(42))  # raises TypeError: expected Module node, got Constant
