# What a t-string is made of, how it is put together, iterated and shown.
from string.templatelib import Interpolation, Template, convert

x, name = 5, "w"
T = t"hello {name!r:>{x}} and {x + 1=} {x}"
print(T.strings)  # expect: ('hello ', ' and x + 1=', ' ', '')
print(T.interpolations[0], T.values)  # expect: Interpolation('w', 'name', 'r', '>5') ('w', 6, 5)
print(T.interpolations[1])  # expect: Interpolation(6, 'x + 1', 'r', '')
print(t"")  # expect: Template(strings=('',), interpolations=())
print(list(t"{x}-{name}"))  # expect: [Interpolation(5, 'x', None, ''), '-', Interpolation('w', 'name', None, '')]
print((t"a{x}" + t"b{x}c").strings, (t"a" t"{x}").strings)  # expect: ('a', 'b', 'c') ('a', '')
print(Template("a", "b", Interpolation(1, "i"), Interpolation(2), "c").strings)  # expect: ('ab', '', 'c')
print(T == T, t"{x}" == t"{x}", convert(3, "r"))  # expect: True False 3
match T.interpolations[0]:
    case Interpolation(value, expression, conversion, spec):
        print(value, expression, conversion, spec)  # expect: w name r >5
print(Template[int], Interpolation[str])  # expect: string.templatelib.Template[int] string.templatelib.Interpolation[str]
print(type(iter(T)), Template.__module__)  # expect: <class 'string.templatelib.TemplateIter'> string.templatelib
print(Interpolation(1, "e").__reduce__())  # expect: (<class 'string.templatelib.Interpolation'>, (1, 'e', None, ''))
T + "s"  # raises TypeError: can only concatenate string.templatelib.Template (not "str") to string.templatelib.Template
"s" + T  # raises TypeError: can only concatenate str (not "string.templatelib.Template") to str
Template(1)  # raises TypeError: Template.__new__ *args need to be of type 'str' or 'Interpolation', got int
Template(a=1)  # raises TypeError: Template.__new__ only accepts *args arguments
Interpolation(1, 2)  # raises TypeError: Interpolation() argument 'expression' must be str, not int
Interpolation(1, "x", "z")  # raises ValueError: Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'
T.strings = ()  # raises AttributeError: readonly attribute
type("Sub", (Template,), {})  # raises TypeError: type 'string.templatelib.Template' is not an acceptable base type
