#!/usr/bin/env python3
"""Compare the code objects dx-py's compiler makes with those of the Python that runs this script (CPython 3.14).

usage: PYTHON3.14 code_sweep.py DX_CODE [--list N] [FILE_OR_FOLDER...]

DX_CODE is the path of the dx-code tool; without files, the whole library of the running Python is taken. For every
code object it compares what programs can see: names, variables, cells, flags, first lines, argument counts, types of
constants, docstrings, the lines that are traced, and the positions of the operations that can raise. Prints the
share of code objects that agree, for each field, and with --list the first N differences.
"""
import argparse
import collections
import dis
import json
import os
import subprocess
import sys
import types
import warnings

FIELDS = "qualname firstlineno flags args names varnames cellvars freevars consts constset doc lines positions".split()

# Operations whose position a traceback shows, by kind, in CPython's names and in ours.
KINDS = {
    "call": ("CALL CALL_KW CALL_FUNCTION_EX",
             "CALL CALL_METHOD CALL_KW CALL_FUNCTION_EX CALL_HEAP CALL_METHOD_HEAP CALL_KW_HEAP CALL_FUNCTION_EX_HEAP"),
    "attr": ("LOAD_ATTR LOAD_SUPER_ATTR", "LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR"),
    "store_attr": ("STORE_ATTR DELETE_ATTR", "STORE_ATTR DELETE_ATTR"),
    "store_item": ("STORE_SUBSCR STORE_SLICE DELETE_SUBSCR", "STORE_SUBSCR STORE_SLICE DELETE_SUBSCR"),
    "name": ("LOAD_GLOBAL LOAD_NAME", "LOAD_GLOBAL LOAD_NAME"),
    "raise": ("RAISE_VARARGS", "RAISE_VARARGS"),
    "import": ("IMPORT_NAME IMPORT_FROM", "IMPORT_NAME IMPORT_FROM"),
    "yield": ("YIELD_VALUE", "YIELD_VALUE"),
    "iter": ("GET_ITER", "GET_ITER"),
    "for": ("FOR_ITER", "FOR_ITER"),
    "return": ("RETURN_VALUE", "RETURN_VALUE RETURN_CONST"),
}
OURS = {op: kind for kind, (_, ours) in KINDS.items() for op in ours.split()}
THEIRS = {op: kind for kind, (theirs, _) in KINDS.items() for op in theirs.split()}
for text in "BINARY_OP BINARY_SLICE".split():
    THEIRS[text] = "binary"


def our_kind(op):
    if op.startswith(("BINARY_", "INPLACE_")):
        return "binary"
    return OURS.get(op)


def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def reference(code):
    instructions = list(dis.get_instructions(code))
    # What a generator does first is not in the program.
    for i, instruction in enumerate(instructions):
        if instruction.opname == "RETURN_GENERATOR":
            del instructions[i + 1]
            break
    ops = [(i.opname, i.positions.lineno, i.positions.end_lineno, i.positions.col_offset, i.positions.end_col_offset)
           for i in instructions]
    return {
        "name": code.co_name, "qualname": code.co_qualname, "firstlineno": code.co_firstlineno, "flags": code.co_flags,
        "args": [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount], "names": list(code.co_names),
        "varnames": list(code.co_varnames), "cellvars": list(code.co_cellvars), "freevars": list(code.co_freevars),
        "consts": [type(c).__name__ for c in code.co_consts],
        "doc": code.co_consts[0] if code.co_flags & 0x4000000 else None, "ops": ops}


def fields(code, kind_of, theirs):
    code["constset"] = sorted(code["consts"])
    ops = code["ops"]
    # CPython's marks of functions, generators and handlers are no lines of the program.
    quiet = {"RESUME", "MAKE_CELL", "COPY_FREE_VARS", "RETURN_GENERATOR", "NOT_TAKEN", "CACHE"}
    code["lines"] = sorted({op[1] for op in ops if op[1] and op[1] > 0 and op[0] not in quiet})
    code["positions"] = sorted({(kind_of(op[0]),) + tuple(op[1:]) for op in ops
                                if kind_of(op[0]) and op[1] is not None and op[1] > 0})
    return code


def sources(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            for name in sorted(names):
                if name.endswith(".py") and os.path.exists(os.path.join(folder, name)):
                    yield os.path.join(folder, name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--list", type=int, default=0)
    parser.add_argument("--only", help="list differences of this field alone")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    files = list(sources(options.paths or [os.path.dirname(os.__file__)]))
    answer = subprocess.run([options.tool], input="\n".join(files), capture_output=True, encoding="utf-8",
                            errors="surrogateescape", check=True)
    agree, listed, total = collections.Counter(), 0, 0
    whole_files, bad_files, warned, warning_files = 0, 0, 0, 0
    for line in answer.stdout.splitlines():
        ours = json.loads(line)
        path = ours["file"]
        with open(path, "rb") as file:
            source = file.read()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                code = compile(source, path, "exec", dont_inherit=True)
                error = None
            except (SyntaxError, ValueError) as exc:
                error = exc
        if error or "error" in ours:
            if (error is None) != ("error" not in ours):
                bad_files += 1
                print(f"{path}: ours {ours.get('error')}, theirs {error!r}")
            continue
        if "verifier" in ours:
            bad_files += 1
            print(f"{path}: {ours['verifier']}")
        theirs = [fields(reference(c), THEIRS.get, True) for c in codes(code)]
        mine = [fields(c, our_kind, False) for c in ours["codes"]]
        if [c["name"] for c in mine] != [c["name"] for c in theirs]:
            # Order of constants differs: match by name and line.
            key = lambda c: (c["qualname"], c["firstlineno"], c["name"])
            mine.sort(key=key), theirs.sort(key=key)
        if len(mine) != len(theirs):
            bad_files += 1
            print(f"{path}: {len(mine)} code objects, expected {len(theirs)}")
            continue
        wrong_here = 0
        for own, other in zip(mine, theirs):
            total += 1
            for field in FIELDS:
                if field == "positions":
                    same = set(other["positions"]) == {tuple(p) for p in own["positions"]}
                else:
                    same = own[field] == other[field]
                agree[field] += same
                wrong_here += not same
                if not same and listed < options.list and options.only in (None, field):
                    listed += 1
                    a, b = own[field], other[field]
                    if isinstance(a, list) and field in ("positions", "lines", "constset"):
                        a, b = [x for x in map(tuple, a) if x not in set(map(tuple, b))] if field == "positions" else \
                            sorted(set(a) - set(b)), [x for x in b if x not in set(map(tuple, a))] if field == "positions" \
                            else sorted(set(b) - set(a))
                    print(f"{path}:{own['firstlineno']} {own['qualname']} {field}\n   ours   {a}\n   theirs {b}")
        whole_files += wrong_here == 0
        own_warnings = [w for w in ours["warnings"]]
        their_warnings = [[str(w.message), w.lineno] for w in caught if w.category is SyntaxWarning
                          and "escape sequence" not in str(w.message)]
        own_warnings = [list(w) for w in dict.fromkeys(map(tuple, own_warnings))]
        their_warnings = [list(w) for w in dict.fromkeys(map(tuple, their_warnings))]
        warning_files += 1
        warned += sorted(own_warnings) == sorted(their_warnings)
        if sorted(own_warnings) != sorted(their_warnings) and options.only in (None, "warnings") and options.list:
            print(f"{path} warnings\n   ours   {own_warnings}\n   theirs {their_warnings}")
    print(f"{total} code objects of {len(files)} files; {bad_files} files failed; {whole_files} agree in everything")
    print(f"  {'warnings':12} {100 * warned / max(1, warning_files):7.2f} % of files")
    for field in FIELDS:
        print(f"  {field:12} {100 * agree[field] / max(1, total):7.2f} %")
    return 1 if bad_files else 0


sys.exit(main())
