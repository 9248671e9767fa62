# The fields of type parameters made by calls and by the syntax.
from typing import Generic, NoDefault, ParamSpec, TypeVar, TypeVarTuple

T = TypeVar("T")
print(T, TypeVar("C", covariant=True), TypeVar("D", contravariant=True), TypeVar("I", infer_variance=True))  # expect: ~T +C -D I
print(T.__name__, T.__module__, T.__bound__, T.__constraints__, T.__default__)  # expect: T __main__ None () typing.NoDefault
print(T.has_default(), T.__default__ is NoDefault, type(NoDefault)() is NoDefault)  # expect: False True True
print(TypeVar("A", int, str).__constraints__)  # expect: (<class 'int'>, <class 'str'>)
print(TypeVar("A", int, str).evaluate_constraints(4))  # expect: (int, str)
print(TypeVar("B", bound=int).evaluate_bound)  # expect: <constevaluator <class 'int'>>
print(T | None, int | T)  # expect: ~T | None int | ~T
P = ParamSpec("P")
print(P.args, P.kwargs, P.args == P.args, P.args.__origin__ is P)  # expect: P.args P.kwargs True True
print(TypeVar.__module__, TypeVar.__qualname__, Generic)  # expect: typing TypeVar <class 'typing.Generic'>
TypeVar("T", int)  # raises TypeError: A single constraint is not allowed
TypeVar("T", int, str, bound=int)  # raises TypeError: Constraints cannot be combined with bound=...
TypeVar("T", covariant=True, contravariant=True)  # raises ValueError: Bivariant types are not supported.
TypeVar("T", covariant=True, infer_variance=True)  # raises ValueError: Variance cannot be specified with infer_variance.
TypeVar(1)  # raises TypeError: typevar() argument 'name' must be str, not int
ParamSpec("P", 1)  # raises TypeError: paramspec() takes exactly 1 positional argument (2 given)
TypeVarTuple("Ts") | int  # raises TypeError: unsupported operand type(s) for |: 'typing.TypeVarTuple' and 'type'
hash(P.args)  # raises TypeError: unhashable type: 'typing.ParamSpecArgs'
T.__name__ = "U"  # raises AttributeError: readonly attribute
T.__mro_entries__(())  # raises TypeError: Cannot subclass an instance of TypeVar
