# except*: every clause takes its part; what is left or raised is put together again.
import sys


try:
    raise ValueError(5)
except* ValueError as e:
    print(repr(e))  # expect: ExceptionGroup('', (ValueError(5),))
    print(e is sys.exception(), e.__traceback__.tb_lineno)  # expect: True 7
group = ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [TypeError(2), OSError(3)]), KeyError(4)])
try:
    try:
        raise group
    except* ValueError as e:
        print("V", repr(e), e is sys.exception())  # expect: V ExceptionGroup('g', [ValueError(1)]) True
    except* OSError as e:
        print("O", repr(e))  # expect: O ExceptionGroup('g', [ExceptionGroup('h', [OSError(3)])])
        raise
    except* TypeError as e:
        raise RuntimeError("new")
except BaseExceptionGroup as e:
    new, rest = e.exceptions
    print(repr(new))  # expect: RuntimeError('new')
    print(repr(new.__context__))  # expect: ExceptionGroup('g', [ExceptionGroup('h', [TypeError(2)])])
    print(repr(rest))  # expect: ExceptionGroup('g', [ExceptionGroup('h', [OSError(3)]), KeyError(4)])
print(sys.exception())  # expect: None

try:
    try:
        raise ValueError(6)
    except* TypeError:
        print("never")
except ValueError as e:
    print(repr(e), e.__traceback__.tb_next)  # expect: ValueError(6) None


def outcome(error):
    try:
        if error:
            raise error
    except* (ValueError, TypeError):
        print("handled", end=" ")
    else:
        print("else", end=" ")
    finally:
        print("finally", sys.exception())


outcome(None)  # expect: else finally None
try:
    raise ExceptionGroup("x", [ValueError()])
except* ValueError:
    outcome(TypeError())  # expect: handled finally x (1 sub-exception)


def naming_a_group():
    try:
        raise ExceptionGroup("x", [ValueError()])
    except* ExceptionGroup:
        pass


naming_a_group()  # raises TypeError: catching ExceptionGroup with except* is not allowed. Use except instead.
