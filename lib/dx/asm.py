"""The assembler for what dx.dis prints."""

import _opcode


def assemble(text, filename="<assembly>"):
    """The code object written in `text`. ValueError, with the line or the instruction, if it is wrong in form or unsafe."""
    return _opcode.assemble(text, filename)
