#!/usr/bin/env python3
"""Reads src/dpb/opcodes.def and writes what is derived from it into the build tree:

  dpb/opcodes.h              enum, encoding, facts, assembler functions, dispatch list
  docs/internals/opcodes.md  the instruction set for people

Usage: opcodes_gen.py OPCODES.DEF OUTPUT_FOLDER
"""
import re
import sys
import zlib
from pathlib import Path

FORMAT_VERSION = 1  # layout of the file, folded into the table version: bump it when dpb/format.h changes

KINDS = ["none", "out", "in", "inout", "keep", "cell", "first", "window", "outs", "const", "const32", "site", "site32",
         "int16", "int32", "jump", "jump32", "count", "mode"]
WIDE = {"const32", "site32", "int32", "jump32"}
AUX = {"none": "none", "kill": "kill", "kill+sense": "kill_sense", "kill+flag": "kill_flag",
       "kill+conversion": "kill_conversion", "kill+count": "kill_count", "kill+which": "kill_which", "argc": "argc",
       "mode": "mode"}
EFFECTS = ["raises", "python", "polls", "jumps", "ends", "calls"]
RUNS = {"0": "none", "2": "two", "3": "three", "c": "operand_c", "2c": "twice_c", "bits": "bits_of_aux"}
WRITES = {"": "none", "0 6": "method", "6": "self", "0 1": "two", "7 8 9": "exc_args", "c": "operand_c",
          "unpack": "unpack"}
TAKES = ["none", "call", "method", "star", "super"]
SITES = ["none", "global_load", "global_store", "global_delete", "name_load", "name_store", "name_delete",
         "dict_or_global", "attr_load", "attr_store", "attr_delete", "method", "super_attr", "call", "import",
         "import_from"]
NEEDS = ["none", "generator", "stack", "unoptimized"]

BINARY = "dst:out left:in right:in"
SHORTHAND = {  # line word -> (operands, aux, effects, doc)
    "binary": (BINARY, "kill", "raises python", "dst = left {s} right"),
    "inplace": (BINARY, "kill", "raises python", "dst = left {s} right: tries the in-place method first"),
    "binary_int": ("dst:out left:in right:int16", "kill", "raises python", "dst = left {s} right, right a constant int"),
    "unary": ("dst:out value:in -", "kill", "raises python", "dst = {s}value"),
    "compare": (BINARY, "kill", "raises python", "dst = left {s} right"),
    "jump_compare": ("distance:jump left:in right:in", "kill+sense", "raises python polls jumps",
                     "jumps when left {s} right (sense: when not)"),
    "jump_compare_int": ("distance:jump left:in right:int16", "kill+sense", "raises python polls jumps",
                         "jumps when left {s} right (sense: when not), right a constant int"),
}


class Op:
    def __init__(self, name, line):
        self.name, self.line = name, line
        self.operands = []  # three (name, kind); ("", "none") where unused
        self.aux, self.effects, self.doc = "kill", [], ""
        self.run, self.writes, self.takes, self.site, self.needs = "0", "", "none", "none", "none"
        self.values, self.flag = None, ""

    def kind(self, letter):
        return self.operands["abc".index(letter)][1]


class Table:
    """The parsed table; errors name the line of opcodes.def."""

    def __init__(self, path):
        self.path, self.ops = path, []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            text = line.split("#")[0].rstrip() if not line.startswith("   doc") else line.rstrip()
            if text:
                self.line(number, text)
        for op in self.ops:
            self.check(op)
        if len(self.ops) > 256:
            self.fail(self.ops[-1].line, f"{len(self.ops)} ops do not fit in a byte")
        if len({op.name for op in self.ops}) != len(self.ops):
            self.fail(self.ops[-1].line, "two ops share a name")

    def fail(self, number, message):
        sys.exit(f"{self.path}:{number}: {message}")

    def line(self, number, text):
        word, _, rest = text.strip().partition(" ")
        rest = rest.strip()
        if not text.startswith(" "):
            if word == "op":
                name, *operands = rest.split()
                self.ops.append(self.operands(Op(name, number), operands))
            elif word in SHORTHAND:
                operands, aux, effects, doc = SHORTHAND[word]
                for part in rest.split(" ; "):
                    name, symbol = part.split()
                    op = self.operands(Op(name, number), operands.split())
                    op.aux, op.effects, op.doc = aux, effects.split(), doc.format(s=symbol)
                    self.ops.append(op)
            else:
                self.fail(number, f"a line starts with op or {', '.join(SHORTHAND)}, not {word}")
            return
        if not self.ops:
            self.fail(number, "a fact before the first op")
        op = self.ops[-1]
        if word == "doc":
            op.doc = rest
        elif word == "effects":
            op.effects = rest.split()
        elif word == "values":
            op.values = tuple(map(int, rest.split("..")))
        elif word in ("aux", "run", "writes", "takes", "site", "needs", "flag"):
            setattr(op, word, rest)
        else:
            self.fail(number, f"unknown fact {word}")

    def operands(self, op, fields):
        for field in fields:
            name, _, kind = field.partition(":")
            op.operands.append(("", "none") if field == "-" else (name, kind))
            if kind in WIDE:
                if len(op.operands) != 2:
                    self.fail(op.line, f"{op.name}: a 32-bit operand stands in (b, c)")
                op.operands.append(("", "none"))
        if len(op.operands) != 3:
            self.fail(op.line, f"{op.name}: operands fill a, b and c")
        return op

    def check(self, op):
        def must(condition, message):
            if not condition:
                self.fail(op.line, f"{op.name}: {message}")
        kinds = [kind for _, kind in op.operands]
        must(all(kind in KINDS for kind in kinds), f"operand kind is one of {KINDS}")
        must(op.aux in AUX, f"aux is one of {list(AUX)}")
        must(all(effect in EFFECTS for effect in op.effects), f"effects are {EFFECTS}")
        must(op.run in RUNS and op.writes in WRITES and op.takes in TAKES and op.site in SITES and op.needs in NEEDS,
             "run, writes, takes, site or needs has an unknown value")
        must(("first" in kinds) == (op.run != "0"), "`run` goes with a `first` operand")
        must(("outs" in kinds) == (op.writes != ""), "`writes` goes with an `outs` operand")
        must(("window" in kinds) == (op.takes != "none"), "`takes` goes with a `window` operand")
        must(bool({"site", "site32"} & set(kinds)) == (op.site != "none"), "`site` goes with a `site` operand")
        must(op.flag == "" or op.aux == "kill+flag", "`flag` goes with aux kill+flag")
        must(op.aux != "kill+flag" or op.flag, "aux kill+flag names its `flag`")
        must(op.doc, "has no doc")


def aux_of(op):
    """Aux facts need no kill bits when there is nothing to kill."""
    if op.aux == "kill" and not any(kind == "in" for _, kind in op.operands):
        return "none"
    return op.aux


def signature(op):
    return " ".join(f"{name}:{kind}" if name else "-" for name, kind in op.operands)


def table_version(table):
    """16 bits that change with any change to encoding or meaning of operands; 0 is kept free."""
    text = "\n".join(f"{op.name} {signature(op)} {op.aux} {op.run} {op.writes} {op.takes} {op.site} {op.values}"
                     for op in table.ops)
    crc = zlib.crc32(f"{FORMAT_VERSION}\n{text}".encode())
    return (crc ^ crc >> 16) & 0xFFFF or 1


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


CPP_TYPE = {"int16": "int16_t", "jump": "int16_t", "int32": "int32_t", "jump32": "int32_t", "const32": "uint32_t",
            "site32": "uint32_t"}


def emitter(op):
    """One-line C++ function that makes the instruction: operands in order a, b, c, then aux."""
    parameters, fields = [], {"a": "0", "b": "0", "c": "0"}
    for letter, (name, kind) in zip("abc", op.operands):
        if kind == "none":
            continue
        kind_type = CPP_TYPE.get(kind, "uint16_t")
        parameters.append(f"{kind_type} {name}")
        if kind in WIDE:
            fields["b"], fields["c"] = f"uint16_t(uint32_t({name}))", f"uint16_t(uint32_t({name}) >> 16)"
        else:
            fields[letter] = f"uint16_t({name})" if kind_type == "int16_t" else name
    aux = aux_of(op)
    if aux == "argc":
        parameters.append("uint8_t argc")
    elif aux == "mode":
        parameters.append("uint8_t mode")
    elif aux in ("kill+conversion", "kill+count", "kill+which"):
        parameters.append("uint8_t aux")
    elif aux != "none":
        parameters.append("uint8_t aux = 0")
    value = {"argc": "argc", "mode": "mode", "none": "0"}.get(aux, "aux")
    return (f"constexpr Instruction {op.name.lower()}({', '.join(parameters)}) {{ return "
            f"{{uint8_t(Op::{op.name}), {value}, {fields['a']}, {fields['b']}, {fields['c']}}}; }}")


def header(table):
    ops = table.ops
    out = []
    add = out.append
    add("""#pragma once
// Generated from src/dpb/opcodes.def by tools/opcodes_gen.py; change the table, not this file.
//
// What it is for: the one description of an instruction that compiler, verifier, assembler, interpreter and JIT share.
// An instruction is 8 bytes, little-endian:   byte 0 op | 1 aux | 2-3 a | 4-5 b | 6-7 c   (b, c: also one 32-bit operand)
// Everything here is a compile-time constant; any thread may read it.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace dx::dpb {

enum class Op : uint8_t {""")
    for number, op in enumerate(ops):
        add(f"  {op.name} = {number},")
    add("};")
    add(f"inline constexpr int kOpCount = {len(ops)};  // values from here to 255 are no ops")
    add(f"inline constexpr uint16_t kTableVersion = {table_version(table):#06x};  // changes with encoding or operands")
    add("""
// aux of ops that read registers: which operands the instruction consumes.
inline constexpr uint8_t kKillB = 1, kKillC = 2, kKillA = 4;
inline constexpr uint8_t kSense = 16;  // conditional jumps: jump when the test is false
inline constexpr uint8_t kFlag = 16;   // `is not`, `not in`, yield inside `yield from`
inline constexpr uint8_t kNoSpec = 64; // FORMAT_VALUE without a spec

struct Instruction {
  uint8_t op, aux;
  uint16_t a, b, c;

  constexpr Op code() const { return Op(op); }
  constexpr bool kills_a() const { return aux & kKillA; }
  constexpr bool kills_b() const { return aux & kKillB; }
  constexpr bool kills_c() const { return aux & kKillC; }
  constexpr bool flag() const { return aux & kFlag; }
  constexpr int16_t signed_a() const { return int16_t(a); }
  constexpr int16_t signed_b() const { return int16_t(b); }
  constexpr int16_t signed_c() const { return int16_t(c); }
  constexpr uint32_t wide() const { return uint32_t(b) | uint32_t(c) << 16; }  // operand in (b, c)
  constexpr int32_t signed_wide() const { return int32_t(wide()); }
  constexpr void set_wide(uint32_t value) { b = uint16_t(value), c = uint16_t(value >> 16); }
  friend constexpr bool operator==(Instruction, Instruction) = default;
};
static_assert(sizeof(Instruction) == 8 && alignof(Instruction) == 2);
""")

    def enum(name, comment, values):
        add(f"enum class {name} : uint8_t {{ {', '.join(values)} }};  // {comment}")
    reserved = {"in": "in", "const": "constant", "const32": "constant32", "import": "import_name"}
    word = lambda value: reserved.get(value, value)
    add("// Facts about an op. Names of the enumerators are the words of opcodes.def, where they are explained.")
    enum("OperandKind", "const is spelled constant", [word(kind) for kind in KINDS])
    enum("AuxKind", "what the aux byte holds", list(AUX.values()))
    enum("RunLength", "length of a `first` run", list(RUNS.values()))
    enum("WritesShape", "registers written from an `outs` operand", list(WRITES.values()))
    enum("WindowShape", "what a `window` holds", TAKES)
    enum("SiteKind", "import is spelled import_name", [word(site) for site in SITES])
    enum("Placement", "where an op may stand", NEEDS)
    add(f"inline constexpr int kSiteKindCount = {len(SITES)};")
    add("inline constexpr std::string_view kSiteKindNames[] = {" + ", ".join(c_string(s) for s in SITES) + "};")
    for name, values in (("OperandKind", KINDS), ("Aux", AUX), ("Effect", EFFECTS)):  # the words of opcodes.def
        add(f"inline constexpr std::string_view k{name}Names[] = {{" + ", ".join(c_string(v) for v in values) + "};")
    add("inline constexpr uint8_t " + ", ".join(f"k{effect.capitalize()} = {1 << bit}" for bit, effect in
                                                enumerate(EFFECTS)) + ";  // effects")
    add("""
struct OpInfo {
  const char* name;             // nullptr: no such op
  OperandKind kinds[3];         // of a, b, c; a 32-bit kind stands in b and c is none
  const char* operand_names[3];
  AuxKind aux;
  uint8_t effects;
  RunLength run;
  WritesShape writes;
  WindowShape takes;
  SiteKind site;
  Placement needs;
  uint8_t value_min, value_max;  // range of the mode operand or of aux; 0, 255 where free
  const char* flag;              // word for aux bit 4
};

inline constexpr OpInfo kOpInfo[256] = {""")
    for op in ops:
        kinds = ", ".join(f"OperandKind::{word(kind)}" for _, kind in op.operands)
        names = ", ".join(c_string(name) for name, _ in op.operands)
        effects = " | ".join(f"k{e.capitalize()}" for e in op.effects) or "0"
        low, high = op.values or (0, 255)
        add(f"    {{{c_string(op.name)}, {{{kinds}}}, {{{names}}}, AuxKind::{AUX[aux_of(op)]}, {effects}, "
            f"RunLength::{RUNS[op.run]}, WritesShape::{WRITES[op.writes]}, WindowShape::{op.takes}, "
            f"SiteKind::{word(op.site)}, Placement::{op.needs}, {low}, {high}, {c_string(op.flag)}}},")
    add("};")
    add("inline constexpr std::string_view kOpNames[256] = {")
    for op in ops:
        add(f"    {c_string(op.name)},")
    add("};")
    add("inline constexpr const char* kOpDocs[256] = {")
    for op in ops:
        add(f"    {c_string(op.doc)},")
    add("};")
    add("""
constexpr const OpInfo& info(uint8_t op) { return kOpInfo[op]; }
constexpr const OpInfo& info(Op op) { return kOpInfo[uint8_t(op)]; }
constexpr bool is_op(uint8_t op) { return op < kOpCount; }
constexpr bool has_effect(Op op, uint8_t effect) { return info(op).effects & effect; }
inline Op op_named(std::string_view name, bool& found) {
  for (int op = 0; op < kOpCount; ++op) {
    if (name == kOpNames[op]) return found = true, Op(op);
  }
  return found = false, Op(0);
}

// Number of registers in the run of a `first` operand.
constexpr uint32_t run_length(Instruction instruction) {
  switch (info(instruction.op).run) {
    case RunLength::none: return 0;
    case RunLength::two: return 2;
    case RunLength::three: return 3;
    case RunLength::operand_c: return instruction.c;
    case RunLength::twice_c: return 2u * instruction.c;
    case RunLength::bits_of_aux: return uint32_t(__builtin_popcount(instruction.aux));
  }
  return 0;
}
// The distance of a jump, in instructions from the next one; 0 for ops that do not jump.
constexpr int32_t jump_distance(Instruction instruction) {
  const OpInfo& facts = info(instruction.op);
  if (facts.kinds[0] == OperandKind::jump) return instruction.signed_a();
  if (facts.kinds[1] == OperandKind::jump32) return instruction.signed_wide();
  if (facts.kinds[2] == OperandKind::jump) return instruction.signed_c();
  return 0;
}
""")
    add("// The assembler: one function an op, operands in the order a, b, c, then aux (kill bits, kSense, argc, mode).")
    add("namespace emit {")
    for op in ops:
        add(f"// {op.doc}")
        add(emitter(op))
    add("}  // namespace emit")
    add("}  // namespace dx::dpb")
    add("")
    add("// X(NAME) for every op in the order of its value.")
    add("#define DX_FOR_EACH_OP(X) \\")
    add(" \\\n".join(f"  X({op.name})" for op in ops))
    add("")
    add("// X(NAME) for all 256 values in order, for dispatch tables: values without an op give X(BAD_OPCODE).")
    add("#define DX_FOR_EACH_OP_SLOT(X) \\\n  DX_FOR_EACH_OP(X) \\")
    rows = []
    unused = 256 - len(ops)
    for start in range(0, unused, 8):
        rows.append("  " + " ".join(["X(BAD_OPCODE)"] * min(8, unused - start)))
    add(" \\\n".join(rows))
    return "\n".join(out) + "\n"


def page(table):
    out = ["# The instruction set", "",
           "Generated from `src/dpb/opcodes.def`; the comment at its head explains the words used here.", "",
           f"{len(table.ops)} of 256 values are taken; the table's version is `{table_version(table):#06x}`.", ""]
    out += ["| value | op | operands a, b, c | aux | effects | meaning |", "|---|---|---|---|---|---|"]
    for number, op in enumerate(table.ops):
        text = op.doc.replace("|", "\\|")
        aux = aux_of(op)
        out.append(f"| {number} | `{op.name}` | {signature(op)} | {aux if aux != 'none' else ''} "
                   f"| {' '.join(op.effects)} | {text} |")
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    table, folder = Table(Path(sys.argv[1])), Path(sys.argv[2])
    for name, text in (("dpb/opcodes.h", header(table)), ("docs/internals/opcodes.md", page(table))):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


main()
