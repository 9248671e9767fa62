"""Opcodes of this implementation, with the interface of CPython's module of this name.

The table comes from the running interpreter. Where an instruction means what CPython's does it has CPython's name
(LOAD_GLOBAL, STORE_ATTR, CALL, ...), so tools that look for names keep working. Instructions are eight bytes: op, aux and
three 16-bit operands a, b, c. Offsets count two per instruction, as f_lasti and co_lines() do.
"""

__all__ = ["cmp_op", "stack_effect", "hascompare", "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG", "hasarg",
           "hasconst", "hasname", "hasjump", "hasjrel", "hasjabs", "hasfree", "haslocal", "hasexc"]

import builtins
import _opcode

INSTRUCTION_SIZE = 8

# name -> (value, operands, aux, effects, site, flag, doc); operands are (name, kind) or None for a, b and c.
_table = {facts[0]: (value, *facts[1:]) for value, facts in enumerate(_opcode.table())}

opmap = {name: facts[0] for name, facts in _table.items()}
opname = [f"<{value!r}>" for value in range(256)]
for _name, _value in opmap.items():
    opname[_value] = _name

# No instruction is without operands, and none extends another; these values are outside the table.
HAVE_ARGUMENT = 0
EXTENDED_ARG = 256

cmp_op = ("<", "<=", "==", "!=", ">", ">=")


def _values(condition):
    return [facts[0] for facts in _table.values() if condition(facts)]


def _kinds(facts):
    return {operand[1] for operand in facts[1] if operand}


hasarg = _values(lambda facts: any(facts[1]))
hasconst = _values(lambda facts: _kinds(facts) & {"const", "const32"})
hasname = _values(lambda facts: facts[4] is not None and facts[4] != "call")
hasjump = _values(lambda facts: _kinds(facts) & {"jump", "jump32"})
hasjrel = hasjump
hasjabs = []
hasfree = _values(lambda facts: "cell" in _kinds(facts) or facts[0] == opmap["MAKE_CELL"])
haslocal = _values(lambda facts: _kinds(facts) & {"out", "in", "keep", "inout", "cell"})
hasexc = []
hascompare = [value for name, value in opmap.items() if name.startswith(("COMPARE_", "JUMP_IF_")) and
              name.split("_")[-1 if not name.endswith("_INT") else -2] in ("LT", "LE", "EQ", "NE", "GT", "GE")]

_special_method_names = ["__enter__", "__exit__", "__aenter__", "__aexit__"]
_common_constants = [builtins.AssertionError, builtins.NotImplementedError, builtins.tuple, builtins.all, builtins.any,
                     builtins.list, builtins.set]


def stack_effect(opcode, oparg=None, /, *, jump=None):
    """Zero for every instruction: operands are registers."""
    if jump not in (None, True, False):
        raise ValueError("stack_effect: jump must be False, True or None")
    if not 0 <= opcode < 256 or opname[opcode].startswith("<"):
        raise ValueError("invalid opcode or oparg")
    return 0
