# Syntax trees as objects: parsing, dumping, changing, compiling.
import ast, copy, warnings
warnings.simplefilter("ignore")
def shown(function):
    try:
        print(repr(function()))
    except Exception as error:
        print(type(error).__name__, error)
tree = ast.parse("def f(a, *b, c=1, **d) -> int:\n  return [x+1 for x in a if x]\nclass A[T](B, m=1): x: int = 3\nf'{a!r:>{w}}'")
print(ast.dump(tree))
# expect: Module(body=[FunctionDef(name='f', args=arguments(args=[arg(arg='a')], vararg=arg(arg='b'), kwonlyargs=[arg(arg='c')], kw_defaults=[Constant(value=1)], kwarg=arg(arg='d')), body=[Return(value=ListComp(elt=BinOp(left=Name(id='x', ctx=Load()), op=Add(), right=Constant(value=1)), generators=[comprehension(target=Name(id='x', ctx=Store()), iter=Name(id='a', ctx=Load()), ifs=[Name(id='x', ctx=Load())], is_async=0)]))], returns=Name(id='int', ctx=Load())), ClassDef(name='A', bases=[Name(id='B', ctx=Load())], keywords=[keyword(arg='m', value=Constant(value=1))], body=[AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), value=Constant(value=3), simple=1)], type_params=[TypeVar(name='T')]), Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load()), conversion=114, format_spec=JoinedStr(values=[Constant(value='>'), FormattedValue(value=Name(id='w', ctx=Load()), conversion=-1)]))]))])
print(ast.unparse(tree))
# expect: def f(a, *b, c=1, **d) -> int:
# expect:     return [x + 1 for x in a if x]
# expect:
# expect: class A[T](B, m=1):
# expect:     x: int = 3
# expect: f'{a!r:>{w}}'
print(ast.dump(ast.parse("t'{b}'; 1.5j, 2**100, b'x', None, ..., 0x123456789012345678901234567890")))
# expect: Module(body=[Expr(value=TemplateStr(values=[Interpolation(value=Name(id='b', ctx=Load()), str='b', conversion=-1)])), Expr(value=Tuple(elts=[Constant(value=1.5j), BinOp(left=Constant(value=2), op=Pow(), right=Constant(value=100)), Constant(value=b'x'), Constant(value=None), Constant(value=Ellipsis), Constant(value=94522879687365475552814062743484560)], ctx=Load()))])
print(ast.dump(ast.parse("match x:\n case {'a': 1, **r} | A(b=2) if y: pass\n case [*_, -1.5]: pass"), indent=1, include_attributes=True)[-380:-280])
# expect:   end_col_offset=15),
# expect:         lineno=3,
# expect:         col_offset=11,
# expect:         end_lineno=3,
# expect:         end_col
print(ast.literal_eval("{'a': [1, -2.5, (3+4j), b'x'], None: {1, 2}}"))  # raw nodes to values  # expect: {'a': [1, -2.5, (3+4j), b'x'], None: {1, 2}}
names = {}
exec(compile(ast.parse("def f(x):\n  return (x * 2, -5, 'é')\nr = f(4)\nt = (1, (2, 3))"), "x.py", "exec"), names)
print(names["r"], names["t"])  # expect: (8, -5, 'é') (1, (2, 3))
print(eval(compile(ast.Expression(ast.Constant((1, "a", b"c", -2**70, 1+2j, -1.5, (), ...), lineno=1, col_offset=0)), "", "eval")))
# expect: (1, 'a', b'c', -1180591620717411303424, (1+2j), -1.5, (), Ellipsis)
class Sevens(ast.NodeTransformer):
    def visit_Name(self, node):
        return ast.copy_location(ast.Constant(7), node)
print(eval(compile(ast.fix_missing_locations(Sevens().visit(ast.parse("a+b*2", mode="eval"))), "", "eval")))  # expect: 21
shown(lambda: ast.Name())  # expect: AttributeError 'Name' object has no attribute 'id'
shown(lambda: ast.Name("a", "b", "c"))  # expect: TypeError Name constructor takes at most 2 positional arguments
shown(lambda: ast.Name("a", id="b"))  # expect: TypeError Name got multiple values for argument 'id'
shown(lambda: (ast.Module().body, ast.Name("a").ctx, ast.Return().value, ast.Constant(1).__reduce_ex__(2), ast.Constant.kind))
# expect: ([], Load(), None, (<class 'ast.Constant'>, (None,), {'value': 1}), None)
shown(lambda: ast.Name("a").lineno)  # expect: AttributeError 'Name' object has no attribute 'lineno'
shown(lambda: (ast.AST(), ast.Load(), ast.BinOp(ast.Constant(1), ast.Add(), ast.Constant(2)), ast.Load() is ast.Load()))
# expect: (ast.AST(), Load(), BinOp(left=Constant(value=1, kind=None), op=Add(), right=Constant(value=2, kind=None)), False)
shown(lambda: (ast.Name._fields, ast.Name.__match_args__, ast.Name._attributes, ast.ImportFrom._field_types))
# expect: (('id', 'ctx'), ('id', 'ctx'), ('lineno', 'col_offset', 'end_lineno', 'end_col_offset'), {'module': str | None, 'names': list[ast.alias], 'level': int | None})
shown(lambda: ast.parse("f(1,2,3,4,x=1)\nif a: b\ny=[1,2]\n"))
# expect: Module(body=[Expr(value=Call(func=Name(...), args=[Constant(...), ..., Constant(...)], keywords=[keyword(...)])), ..., Assign(targets=[Name(id='y', ctx=Store(...))], value=List(elts=[Constant(...), Constant(...)], ctx=Load(...)), type_comment=None)], type_ignores=[])
shown(lambda: (ast.Name.__doc__, ast.mod.__doc__, ast.arguments._attributes, ast.alias.__mro__))
# expect: ('Name(identifier id, expr_context ctx)', 'mod = Module(stmt* body, type_ignore* type_ignores)\n    | Interactive(stmt* body)\n    | Expression(expr body)\n    | FunctionType(expr* argtypes, expr returns)', (), (<class 'ast.alias'>, <class 'ast.AST'>, <class 'object'>))
node = ast.parse("a+1").body[0].value
shown(lambda: (node.lineno, vars(node), node.op is ast.parse("b+1").body[0].value.op, ast.dump(copy.deepcopy(node))))
# expect: (1, {'left': Name(id='a', ctx=Load()), 'op': Add(), 'right': Constant(value=1, kind=None), 'lineno': 1, 'col_offset': 0, 'end_lineno': 1, 'end_col_offset': 3}, True, "BinOp(left=Name(id='a', ctx=Load()), op=Add(), right=Constant(value=1))")
shown(lambda: copy.replace(ast.Name("a"), id="b").id)  # expect: 'b'
shown(lambda: copy.replace(ast.Name("a"), x="b"))  # expect: TypeError Name.__replace__ got an unexpected keyword argument 'x'.
class Mine(ast.AST):
    _fields = ("a", "b")
shown(lambda: (Mine(1, 2).a, Mine(c=1).c))  # expect: (1, 1)
# Trees that no source gives are refused.
def compiled(node, mode="eval"):
    shown(lambda: compile(node, "", mode))
place = dict(lineno=1, col_offset=0)
compiled(ast.Module(body=[ast.Expr(3)], type_ignores=[]), "exec")  # expect: TypeError required field "lineno" missing from stmt
compiled(ast.Expression(ast.Name("a", ast.Load())))  # expect: TypeError required field "lineno" missing from expr
compiled(ast.Expression(ast.Name("a", ast.Load())), "exec")  # expect: TypeError expected Module node, got Expression
compiled(ast.Expression(ast.Name(**place)))  # expect: TypeError required field "id" missing from Name
compiled(ast.Module([ast.Assign([], ast.Constant(1, **place), **place)], []), "exec")  # expect: ValueError empty targets on Assign
compiled(ast.Name("a"))  # expect: TypeError expected Expression node, got Name
compiled(ast.Module("a", []), "exec")  # expect: TypeError Module field "body" must be a list, not a str
compiled(ast.Expression(ast.Constant([], **place)))  # expect: TypeError got an invalid type in Constant: list
compiled(ast.Expression(ast.Name(3, ast.Load(), **place)))  # expect: TypeError AST identifier must be of type str
compiled(ast.Expression(ast.Name("None", ast.Load(), **place)))  # expect: ValueError identifier field can't represent 'None' constant
compiled(ast.Expression(ast.Name("a", ast.Store(), **place)))  # expect: ValueError expression must have Load context but has Store instead
compiled(ast.Expression(ast.BoolOp(ast.And(), [ast.Constant(1, **place)], **place)))  # expect: ValueError BoolOp with less than 2 values
compiled(ast.Expression(ast.Compare(ast.Constant(1, **place), [], [], **place)))  # expect: ValueError Compare with no comparators
compiled(ast.Expression(ast.Constant(1, lineno=2, col_offset=0, end_lineno=1)))  # expect: ValueError AST node line range (2, 1) is not valid
compiled(ast.Module([ast.Try([ast.Pass(**place)], [], [], [], **place)], []), "exec")  # expect: ValueError Try has neither except handlers nor finalbody
compiled(ast.Module([ast.FunctionDef("f", ast.arguments(), [], **place)], []), "exec")  # expect: ValueError empty body on FunctionDef
compiled(ast.Module([ast.Match(ast.Constant(1, **place), [], **place)], []), "exec")  # expect: ValueError empty cases on Match
compiled(ast.parse("break"), "exec")  # expect: SyntaxError 'break' outside loop (, line 1)
shown(lambda: ast.parse("1 +", "zz"))  # expect: SyntaxError invalid syntax (zz, line 1)
shown(lambda: (ast.parse("(int)->str", mode="func_type"), ast.parse("x = 1 # type: int", type_comments=True).body[0].type_comment))
# expect: (FunctionType(argtypes=[Name(id='int', ctx=Load())], returns=Name(id='str', ctx=Load())), 'int')
deep = ast.Constant(1, **place)
for _ in range(100000):
    deep = ast.UnaryOp(ast.Not(), deep, **place)
try:
    compile(ast.Expression(deep), "", "eval")
except RecursionError:
    print("too deep")
# expect: too deep
