"""Bytecode as text that dx.asm reads back, byte for byte.

    import dx.dis, dx.asm
    print(dx.dis.text(f))                       names, literals, labels, source positions, exception table
    code = dx.asm.assemble(edited_text)         verified before it is a code object
    f.__code__ = code

The standard module dis shows the same instructions through CPython's interface.
"""

import _opcode


def code_of(x):
    """The code object of a function, method, generator, coroutine or class body's method; code objects as they are."""
    x = getattr(x, "__func__", x)
    for attribute in ("__code__", "gi_code", "cr_code", "ag_code"):
        x = getattr(x, attribute, x)
    if not hasattr(x, "co_code"):
        raise TypeError(f"{type(x).__name__} has no code")
    return x


def text(x):
    """The code of x and of everything nested in it."""
    return _opcode.disassemble(code_of(x))


def dis(x, *, file=None):
    """Prints text(x)."""
    print(text(x), end="", file=file)


def live_depths(x):
    """How many temporaries are in use before each instruction; None where no path leads."""
    return _opcode.live_depths(code_of(x))
