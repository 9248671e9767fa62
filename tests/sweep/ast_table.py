"""Check src/syntax/ast.def against the ast module of the Python that runs this script (3.14).

usage: python3.14 tests/sweep/ast_table.py
"""
import ast
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORDS = {"identifier": "str", "string": "str", "constant": "object"}


def spelled(kind):
    """A field type of ast.def as ast's _field_types spells it."""
    sequence = kind.endswith("*")
    optional = kind.rstrip("*").endswith("?")
    name = kind.rstrip("*").rstrip("?")
    name = WORDS.get(name, name)
    if name not in ("str", "int", "object"):
        name = "ast." + name
    if sequence:
        return f"list[{name}]"
    return f"{name} | None" if optional else name.removeprefix("ast.")


def main():
    seen, wrong, current = set(), [], None
    for line in open(os.path.join(ROOT, "src/syntax/ast.def"), encoding="utf-8"):
        words = line.split("#")[0].split()
        if not words:
            continue
        head, name, *rest = words
        seen.add(name)
        cls = getattr(ast, name)
        if head == "enum":
            for item in rest[1:]:
                seen.add(item)
                if getattr(ast, item).__bases__ != (cls,):
                    wrong.append(item)
            continue
        if head == "sum":
            current = cls
            located = "located" in rest
        else:
            rest = rest[2:] if rest[:1] == ["as"] else rest
            if head == "product":
                rest = rest[1:]
                located = rest[:1] == ["located"]
                rest = rest[located:]
            elif cls.__bases__ != (current,):
                wrong.append(f"{name}: bases {cls.__bases__}")
            ours = {f.split(":")[0]: spelled(f.split(":")[1]) for f in rest}
            theirs = {k: v.__name__ if isinstance(v, type) else str(v) for k, v in cls._field_types.items()}
            if list(ours.items()) != list(theirs.items()):
                wrong.append(f"{name}: {ours} but ast says {theirs}")
        if located != bool(cls._attributes):
            wrong.append(f"{name}: located is {located}")
    deprecated = {"AST", "Index", "ExtSlice", "Suite", "AugLoad", "AugStore", "Param", "slice"}
    for name, cls in vars(ast).items():
        if isinstance(cls, type) and issubclass(cls, ast.AST) and name not in seen | deprecated:
            wrong.append(f"{name} is missing from ast.def")
    print("\n".join(wrong) if wrong else f"ast.def: {len(seen)} names agree with {sys.version.split()[0]}")
    sys.exit(bool(wrong))


main()
