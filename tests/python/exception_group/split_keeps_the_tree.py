# split and subgroup keep the nesting, and copy traceback, context, cause and notes.
tree = ExceptionGroup("a", [ValueError(1), ExceptionGroup("b", [TypeError(2), OSError(3)]), KeyError("k")])
tree.add_note("note")
tree.__cause__ = RuntimeError("cause")
found, rest = tree.split(TypeError)
print(repr(found))  # expect: ExceptionGroup('a', [ExceptionGroup('b', [TypeError(2)])])
print(repr(rest))  # expect: ExceptionGroup('a', [ValueError(1), ExceptionGroup('b', [OSError(3)]), KeyError('k')])
print(found.__notes__, found.__notes__ is tree.__notes__)  # expect: ['note'] False
print(repr(found.__cause__), found.__context__)  # expect: RuntimeError('cause') None
print(tree.split(ExceptionGroup) == (tree, None))  # expect: True
print(tree.split(lambda e: isinstance(e, OSError))[0])  # expect: a (1 sub-exception)
print(repr(tree.subgroup((ValueError, KeyError))))  # expect: ExceptionGroup('a', [ValueError(1), KeyError('k')])
print(tree.subgroup(IndexError))  # expect: None
tree.split(3)  # raises TypeError: expected an exception type, a tuple of exception types, or a callable (other than a class)


class Bad(ExceptionGroup):
    def derive(self, excs):
        return 5


Bad("x", [ValueError(1), TypeError(2)]).split(ValueError)  # raises TypeError: derive must return an instance of BaseExceptionGroup
deep = ValueError(1)
for _ in range(100_000):
    deep = ExceptionGroup("deep", [deep])
try:
    deep.split(TypeError)
except RecursionError:
    print("too deep")  # expect: too deep
