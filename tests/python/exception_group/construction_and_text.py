# What a group may be made of, and how it is shown.
group = ExceptionGroup("eg", [ValueError(1), TypeError("t")])
print(group)  # expect: eg (2 sub-exceptions)
print(ExceptionGroup("one", [ValueError(1)]))  # expect: one (1 sub-exception)
print(repr(group))  # expect: ExceptionGroup('eg', [ValueError(1), TypeError('t')])
print(repr(ExceptionGroup("eg", (ValueError(1),))))  # expect: ExceptionGroup('eg', (ValueError(1),))
print(group.message, group.exceptions)  # expect: eg (ValueError(1), TypeError('t'))
print(type(BaseExceptionGroup("b", [ValueError(1)])).__name__)  # expect: ExceptionGroup
print(type(BaseExceptionGroup("b", [KeyboardInterrupt()])).__name__)  # expect: BaseExceptionGroup
print([c.__name__ for c in ExceptionGroup.__mro__])  # expect: ['ExceptionGroup', 'BaseExceptionGroup', 'Exception', 'BaseException', 'object']
print(ExceptionGroup[int])  # expect: ExceptionGroup[int]
ExceptionGroup("no errors")  # raises TypeError: BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)
ExceptionGroup(None, [ValueError()])  # raises TypeError: BaseExceptionGroup.__new__() argument 1 must be str, not None
ExceptionGroup("x", {ValueError()})  # raises TypeError: second argument (exceptions) must be a sequence
ExceptionGroup("x", [])  # raises ValueError: second argument (exceptions) must be a non-empty sequence
ExceptionGroup("x", [OSError])  # raises ValueError: Item 0 of second argument (exceptions) is not an exception
ExceptionGroup("x", [KeyboardInterrupt()])  # raises TypeError: Cannot nest BaseExceptions in an ExceptionGroup
group.message = 1  # raises AttributeError: readonly attribute


class Mine(ExceptionGroup):
    def derive(self, excs):
        return Mine(self.message + "!", excs)


Mine("eg", [KeyboardInterrupt()])  # raises TypeError: Cannot nest BaseExceptions in 'Mine'
nested = Mine("m", [ValueError(1), Mine("n", [KeyError(2), IndexError(3)])])
found, rest = nested.split(LookupError)
print(repr(found))  # expect: Mine('m!', [Mine('n!', [KeyError(2), IndexError(3)])])
print(repr(rest))  # expect: Mine('m!', [ValueError(1)])
