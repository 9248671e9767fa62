"""Disassembler of register bytecode, with the interface of CPython's module of this name.

    dis.dis(f)                    prints a function, class, module, code object or source
    dis.get_instructions(f)       gives its instructions: opname, argval (the name, constant or jump target), offset, ...

`arg` is the index of the name or constant or the distance of the jump, `argrepr` spells out all operands: temporaries
are t0, t1, ..., a trailing `!` marks a register that the instruction consumes. `dx.dis` prints the complete form that can be
assembled again.
"""

import collections
import io
import sys
import types

import _opcode
from opcode import *
from opcode import (__all__ as _opcodes_all, _common_constants, _special_method_names, _table, INSTRUCTION_SIZE)

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code",
           "get_instructions", "Instruction", "Bytecode"] + _opcodes_all
del _opcodes_all

_have_code = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR", 64: "NOFREE",
    128: "COROUTINE", 256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR", 0x4000000: "HAS_DOCSTRING", 0x8000000: "METHOD",
}
_OPTIMIZED, _GENERATOR_FLAGS = 1, 32 | 128 | 512
_KILL_BITS = (4, 1, 2)  # aux bits of operands a, b, c


def pretty_flags(flags):
    """Names of the set flags, separated by commas."""
    names = []
    for bit in (1 << position for position in range(32)):
        if flags & bit:
            names.append(COMPILER_FLAG_NAMES.get(bit, hex(bit)))
    return ", ".join(names) or hex(flags)


class _Unknown:
    def __repr__(self):
        return "<unknown>"


UNKNOWN = _Unknown()

Positions = collections.namedtuple("Positions", ["lineno", "end_lineno", "col_offset", "end_col_offset"],
                                   defaults=[None] * 4)

_Instruction = collections.namedtuple(
    "_Instruction", ["opname", "opcode", "arg", "argval", "argrepr", "offset", "start_offset", "starts_line",
                     "line_number", "label", "positions", "cache_info"], defaults=[None, None, None])

_ExceptionTableEntry = collections.namedtuple("_ExceptionTableEntry", ["start", "end", "target", "depth", "lasti"])


class Instruction(_Instruction):
    """One instruction.

    opname, opcode    name and number of the operation
    arg               index of its name or constant, or distance of its jump; None if it has none of them
    argval            that name, constant, or the offset of the jump's target
    argrepr           all operands for people
    offset            place in the code, two per instruction; start_offset is the same
    starts_line       whether a source line starts here
    line_number       source line, or None
    label             number > 0 if something jumps here, or None
    positions         Positions of the source
    cache_info        None
    """

    @property
    def oparg(self):
        """The same as arg."""
        return self.arg

    @property
    def baseopcode(self):
        """The same as opcode: there are no specialized forms."""
        return self.opcode

    @property
    def baseopname(self):
        """The same as opname: there are no specialized forms."""
        return self.opname

    @property
    def cache_offset(self):
        """Where caches would follow; there are none in the code."""
        return self.offset + 2

    @property
    def end_offset(self):
        """Offset of the next instruction."""
        return self.offset + 2

    @property
    def jump_target(self):
        """Offset of the jump's target, or None if this does not jump."""
        return self.argval if self.opcode in hasjump else None

    @property
    def is_jump_target(self):
        """Whether something jumps here."""
        return self.label is not None

    def __str__(self):
        output = io.StringIO()
        _print_instruction(self, False, output, _Widths([self]))
        return output.getvalue().rstrip("\n")


class _Registers:
    """Names of the registers of a code object."""

    def __init__(self, code):
        names = [] if code.co_flags & _OPTIMIZED else ["<namespace>"]
        names += code.co_varnames
        parameters = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4)
                                      + bool(code.co_flags & 8)]
        names += [cell for cell in code.co_cellvars if cell not in parameters]
        names += code.co_freevars
        self.names = names

    def __getitem__(self, index):
        return self.names[index] if index < len(self.names) else f"t{index - len(self.names)}"


class _NoRegisters:
    def __getitem__(self, index):
        return f"r{index}"


def _signed(value, bits):
    return value - (1 << bits) if value >> bits - 1 else value


def _decode(code):
    """(opcode, aux, (a, b, c)) of each instruction of a bytes object."""
    for at in range(0, len(code) - len(code) % INSTRUCTION_SIZE, INSTRUCTION_SIZE):
        yield code[at], code[at + 1], tuple(int.from_bytes(code[at + i:at + i + 2], "little") for i in (2, 4, 6))


def _operands(opcode, aux, fields):
    """(name, kind, value, kill) of the operands that this form of the instruction uses."""
    facts = _table.get(opname[opcode])
    if facts is None:
        return
    name = opname[opcode]
    for place, operand in enumerate(facts[1]):
        if operand is None:
            continue
        if place == 2 and (name == "FORMAT_VALUE" and aux & 64 or name == "YIELD_VALUE" and not aux & 16):
            continue
        if name == "RAISE_VARARGS" and place > aux >> 4 & 3:
            continue
        kind = operand[1]
        value = fields[place]
        if kind.endswith("32"):
            value = fields[1] | fields[2] << 16
        if kind in ("int16", "jump"):
            value = _signed(value, 16)
        elif kind in ("int32", "jump32"):
            value = _signed(value, 32)
        kills = facts[2].startswith("kill") and kind == "in" and aux & _KILL_BITS[place]
        yield operand[0], kind, value, bool(kills)


def _aux_words(opcode, aux):
    facts = _table.get(opname[opcode])
    form = facts[2] if facts else "none"
    if form in ("argc", "mode"):
        return [f"{form}={aux}"]
    if form == "kill+sense" and aux & 16:
        return ["unless"]
    if form == "kill+flag" and aux & 16:
        return [facts[5]]
    if form == "kill+conversion":
        return [f"conversion={aux >> 4 & 3}"] * bool(aux >> 4 & 3) + ["nospec"] * bool(aux & 64)
    if form in ("kill+count", "kill+which"):
        return [f"{form[5:]}={aux >> 4}"]
    return []


def _jump_target(index, opcode, aux, fields):
    for _, kind, value, _ in _operands(opcode, aux, fields):
        if kind in ("jump", "jump32"):
            return 2 * (index + 1 + value)
    return None


def _labels(code, exceptions=()):
    """Offset -> label number, in the order of offsets."""
    targets = {_jump_target(index, *instruction) for index, instruction in enumerate(_decode(code))} - {None}
    for entry in exceptions:
        targets |= {entry.start, entry.end, entry.target}
    return {offset: number for number, offset in enumerate(sorted(targets), 1)}


def _resolve(index, opcode, aux, fields, registers, sites, constants, names, labels):
    """arg, argval, argrepr of one instruction."""
    arg = argval = None
    words, notes = [], []
    for name, kind, value, kill in _operands(opcode, aux, fields):
        if kind in ("const", "const32"):
            arg, argval = value, constants[value] if constants is not None and value < len(constants) else UNKNOWN
            words.append(f"{name}={_short(argval)}" if argval is not UNKNOWN else f"{name}=${value}")
        elif kind in ("site", "site32"):
            if sites is None or value >= len(sites):
                arg = argval = value
                words.append(f"{name}=@{value}")
                continue
            site_kind, arg = sites[value]
            if arg is None:
                arg = value  # a call's cache has no name
            else:
                argval = names[arg]
                words.append(f"{name}={argval}")
        elif kind in ("jump", "jump32"):
            arg, argval = value, 2 * (index + 1 + value)
            words.append(f"to L{labels[argval]}" if argval in labels else f"to {argval}")
        elif kind in ("int16", "int32", "count", "mode"):
            if arg is None:
                arg = argval = value
            words.append(f"{name}={value}")
            if opname[opcode] == "LOAD_SPECIAL" and value < len(_special_method_names):
                notes.append(_special_method_names[value])
            elif opname[opcode] == "LOAD_COMMON_CONSTANT" and value < len(_common_constants):
                notes.append(_common_constants[value].__name__)
        else:
            words.append(f"{name}={registers[value]}{'!' if kill else ''}")
            if arg is None and opname[opcode] in _VARIABLE_OPS:
                arg, argval = value, registers[value]
    words += _aux_words(opcode, aux)
    text = " ".join(words)
    if notes:
        text += f" ({', '.join(notes)})"
    return arg, argval, text


_VARIABLE_OPS = {"DELETE_FAST", "CHECK_BOUND", "MAKE_CELL", "DELETE_DEREF", "CLEAR"}


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _exception_entries(code):
    return [_ExceptionTableEntry(2 * start, 2 * end, 2 * handler, depth, False)
            for start, end, handler, depth in _opcode.exception_table(code)]


def _get_code_object(x):
    """Code object of a method, function, generator, coroutine, source string or code."""
    for attribute in ("__func__",):
        x = getattr(x, attribute, x)
    for attribute in ("__code__", "gi_code", "ag_code", "cr_code"):
        if hasattr(x, attribute):
            x = getattr(x, attribute)
            break
    if isinstance(x, str):
        x = _try_compile(x, "<disassembly>")
    if hasattr(x, "co_code"):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _try_compile(source, name):
    try:
        return compile(source, name, "eval")
    except SyntaxError:
        return compile(source, name, "exec")


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """Gives the instructions of whatever has code, source text included.

    Lines count from first_line instead of from the code's own first line, if it is given.
    """
    code = _get_code_object(x)
    offset = first_line - code.co_firstlineno if first_line is not None else 0
    yield from _instructions(code, offset)


def _instructions(code, line_offset=0):
    sites, constants, names, registers = _opcode.sites(code), code.co_consts, code.co_names, _Registers(code)
    labels = _labels(code.co_code, _exception_entries(code))
    starts = dict(findlinestarts(code))
    positions = code.co_positions()
    line = None
    for index, (opcode, aux, fields) in enumerate(_decode(code.co_code)):
        offset = 2 * index
        starts_line = offset in starts
        if starts_line:
            line = starts[offset]
        where = Positions(*next(positions, ()))
        arg, argval, text = _resolve(index, opcode, aux, fields, registers, sites, constants, names, labels)
        yield Instruction(opname[opcode], opcode, arg, argval, text, offset, offset, starts_line,
                          line + line_offset if line is not None else None, labels.get(offset), where)


def findlabels(code):
    """Offsets that something in this bytes object jumps to, in the order of the jumps."""
    targets = []
    for index, instruction in enumerate(_decode(code)):
        target = _jump_target(index, *instruction)
        if target is not None and target not in targets:
            targets.append(target)
    return targets


def findlinestarts(code):
    """Pairs (offset, line number) of the places where a source line starts; the line is None where there is none."""
    last = False
    for start, _, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def _find_imports(co):
    """(name, level, fromlist) of each import statement; level and fromlist are what __import__ gets."""
    known = {}  # register -> constant last loaded into it
    loads = {opmap["LOAD_CONST"]: lambda fields: co.co_consts[fields[1] | fields[2] << 16],
             opmap["LOAD_INT"]: lambda fields: _signed(fields[1] | fields[2] << 16, 32),
             opmap["LOAD_SINGLETON"]: lambda fields: (None, True, False, Ellipsis, NotImplemented)[fields[1]]}
    sites = _opcode.sites(co)
    for opcode, _, fields in _decode(co.co_code):
        if opcode in loads:
            known[fields[0]] = loads[opcode](fields)
        elif opcode == opmap["IMPORT_NAME"]:
            yield co.co_names[sites[fields[2]][1]], known.get(fields[1]), known.get(fields[1] + 1)


def _find_store_names(co):
    """Names of variables written, each once."""
    sites, seen = _opcode.sites(co), set()
    for opcode, _, fields in _decode(co.co_code):
        if opcode in (opmap["STORE_NAME"], opmap["STORE_GLOBAL"]):
            name = co.co_names[sites[fields[1] | fields[2] << 16][1]]
            if name not in seen:
                seen.add(name)
                yield name


# ---- printing -------------------------------------------------------------------------------------------------------

class _Widths:
    """Column widths of a listing; 0 leaves a column out."""

    def __init__(self, instructions, show_offsets=False, show_positions=False):
        lines = [i.line_number for i in instructions]
        numbered = [line for line in lines if line is not None]
        self.line = max(3, *(len(str(line)) for line in numbered)) if numbered else 0
        self.label = max((len(str(i.label)) for i in instructions if i.label is not None), default=0)
        self.offset = len(str(max((i.offset for i in instructions), default=0))) if show_offsets else 0
        self.positions = max((len(_position_text(i)) for i in instructions), default=0) if show_positions else 0


def _position_text(instruction):
    parts = ["?" if part is None else str(part) for part in instruction.positions or Positions()]
    return f"{parts[0]}:{parts[2]}-{parts[1]}:{parts[3]}"


def _print_instruction(instruction, current, file, widths):
    fields = []
    if widths.positions:
        fields.append(_position_text(instruction).ljust(widths.positions))
    elif widths.line:
        line = "" if not instruction.starts_line else "--" if instruction.line_number is None else instruction.line_number
        fields.append(f"{line:>{widths.line}}")
    label = f"L{instruction.label}:" if instruction.label is not None else ""
    fields.append(label.rjust(widths.label + 2 if widths.label else 0))
    fields.append("-->" if current else "   ")
    if widths.offset:
        fields.append(f"{instruction.offset:>{widths.offset}}")
    fields.append(f"{instruction.opname:<20}")
    fields.append(instruction.argrepr)
    print("  ".join(fields).rstrip(), file=file)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Print one code object; an arrow points at offset lasti."""
    _print_code(list(_instructions(co)), _exception_entries(co), lasti, file, show_offsets, show_positions)


disco = disassemble


def _print_code(instructions, exceptions, lasti, file, show_offsets=False, show_positions=False):
    widths = _Widths(instructions, show_offsets, show_positions)
    for instruction in instructions:
        if instruction.starts_line and instruction.offset > 0 and widths.line and not show_positions:
            print(file=file)
        _print_instruction(instruction, instruction.offset == lasti, file, widths)
    if not exceptions:
        return
    labels = {i.offset: f"L{i.label}" for i in instructions if i.label is not None}
    print("ExceptionTable:", file=file)
    for entry in exceptions:
        end = labels.get(entry.end, str(entry.end))
        print(f"  {labels[entry.start]} to {end} -> {labels[entry.target]} [{entry.depth}]", file=file)


def _disassemble_recursive(co, *, file=None, depth=None, **options):
    disassemble(co, file=file, **options)
    if depth is not None:
        if depth <= 0:
            return
        depth -= 1
    for constant in co.co_consts:
        if hasattr(constant, "co_code"):
            print(file=file)
            print(f"Disassembly of {constant!r}:", file=file)
            _disassemble_recursive(constant, file=file, depth=depth, **options)


def _disassemble_bytes(code, file=None, **options):
    """Code without its tables: registers and indices stay numbers."""
    labels, registers = _labels(code), _NoRegisters()
    instructions = []
    for index, (opcode, aux, fields) in enumerate(_decode(code)):
        arg, argval, text = _resolve(index, opcode, aux, fields, registers, None, None, None, labels)
        instructions.append(Instruction(opname[opcode], opcode, arg, argval, text, 2 * index, 2 * index, False, None,
                                        labels.get(2 * index), None))
    _print_code(instructions, [], -1, file, options.get("show_offsets", False))


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Print the code of x: anything that has code, a class or module (all that it holds), or source text.

    Code nested in it follows, down to `depth` levels. Without x, the place of the last uncaught exception.
    """
    options = {"show_offsets": show_offsets, "show_positions": show_positions}
    if x is None:
        distb(file=file, **options)
        return
    x = getattr(x, "__func__", x)
    for attribute in ("__code__", "gi_code", "ag_code", "cr_code"):
        if hasattr(x, attribute):
            x = getattr(x, attribute)
            break
    if hasattr(x, "__dict__"):
        for name, member in sorted(x.__dict__.items()):
            if isinstance(member, _have_code):
                print(f"Disassembly of {name}:", file=file)
                try:
                    dis(member, file=file, depth=depth, **options)
                except TypeError as problem:
                    print("Sorry:", problem, file=file)
                print(file=file)
    elif hasattr(x, "co_code"):
        _disassemble_recursive(x, file=file, depth=depth, **options)
    elif isinstance(x, (bytes, bytearray)):
        _disassemble_bytes(bytes(x), file=file, **options)
    elif isinstance(x, str):
        _disassemble_recursive(_try_compile(x, "<dis>"), file=file, depth=depth, **options)
    else:
        raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _innermost(tb):
    while tb.tb_next:
        tb = tb.tb_next
    return tb


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Print the code where an exception was raised: the innermost frame of tb, or of the last uncaught exception."""
    if tb is None:
        try:
            tb = sys.last_exc.__traceback__ if hasattr(sys, "last_exc") else sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
    tb = _innermost(tb)
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_offsets=show_offsets, show_positions=show_positions)


def code_info(x):
    """A description of the code object of x, as text of several lines."""
    code = _get_code_object(x)
    lines = [f"Name:              {code.co_name}", f"Filename:          {code.co_filename}",
             f"Argument count:    {code.co_argcount}", f"Positional-only arguments: {code.co_posonlyargcount}",
             f"Kw-only arguments: {code.co_kwonlyargcount}", f"Number of locals:  {code.co_nlocals}",
             f"Stack size:        {code.co_stacksize}", f"Flags:             {pretty_flags(code.co_flags)}"]
    for title, items, form in (("Constants", code.co_consts, repr), ("Names", code.co_names, str),
                               ("Variable names", code.co_varnames, str), ("Free variables", code.co_freevars, str),
                               ("Cell variables", code.co_cellvars, str)):
        if items:
            lines.append(f"{title}:")
            lines += [f"{index:4d}: {form(item)}" for index, item in enumerate(items)]
    return "\n".join(lines)


def show_code(co, *, file=None):
    """Print what code_info gives."""
    print(code_info(co), file=file)


class Bytecode:
    """The instructions of a piece of code: iterate over it, or print it with dis() and info()."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False, show_offsets=False,
                 show_positions=False):
        self.codeobj = _get_code_object(x)
        self.first_line = self.codeobj.co_firstlineno if first_line is None else first_line
        self._line_offset = self.first_line - self.codeobj.co_firstlineno
        self._original_object = x
        self.current_offset = current_offset
        self.show_offsets = show_offsets
        self.show_positions = show_positions

    def __iter__(self):
        return _instructions(self.codeobj, self._line_offset)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        """The code of the innermost frame of tb, with the place of the exception as current_offset."""
        tb = _innermost(tb)
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti)

    def info(self):
        """What code_info gives."""
        return code_info(self.codeobj)

    def dis(self):
        """What disassemble prints, as a string."""
        output = io.StringIO()
        lasti = -1 if self.current_offset is None else self.current_offset
        _print_code(list(self), _exception_entries(self.codeobj), lasti, output, self.show_offsets, self.show_positions)
        return output.getvalue()


def main(args=None):
    import argparse
    parser = argparse.ArgumentParser(color=True)
    parser.add_argument("-C", "--show-caches", action="store_true", help="accepted; caches are not part of the code")
    parser.add_argument("-O", "--show-offsets", action="store_true", help="print the offset of each instruction")
    parser.add_argument("-P", "--show-positions", action="store_true", help="print source positions instead of lines")
    parser.add_argument("-S", "--specialized", action="store_true", help="accepted; there are no specialized instructions")
    parser.add_argument("infile", nargs="?", default="-")
    args = parser.parse_args(args=args)
    if args.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = args.infile
        with open(name, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"), show_offsets=args.show_offsets, show_positions=args.show_positions)


if __name__ == "__main__":
    main()
