#pragma once
// CodeUnit: one code object as the compiler makes it, before it is laid out in a file; no Python
// objects.
//
// The compiler fills a tree of these (nested functions and classes are constants), the verifier
// checks them, the writer lays them out as an image, the disassembler prints them, the assembler
// reads them back. What is here is exactly what an image keeps: image -> CodeUnit -> image gives
// the same bytes. The file name is not part of it: a loader knows where its image came from.
//
// Registers of a frame, in this order (the head of opcodes.def says how they are used):
//
//   [namespace, if not CO_OPTIMIZED] [varnames] [cellvars that are no parameters]
//   [freevars] [temporaries]
//
// Plain data, owned by whoever made it; a unit is not shared between threads while it changes.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dpb/opcodes.h"

namespace dx::dpb {

// co_flags, with CPython's values.
inline constexpr uint32_t kCoOptimized = 0x1, kCoNewLocals = 0x2, kCoVarArgs = 0x4,
                          kCoVarKeywords = 0x8, kCoNested = 0x10, kCoGenerator = 0x20,
                          kCoCoroutine = 0x80, kCoIterableCoroutine = 0x100,
                          kCoAsyncGenerator = 0x200, kCoFutureAnnotations = 0x1000000,
                          kCoHasDocstring = 0x4000000, kCoMethod = 0x8000000;
inline constexpr uint32_t kCoHeapFrame = kCoGenerator | kCoCoroutine | kCoAsyncGenerator;

struct CodeUnit;

struct Constant {
  // The order is the order of tags in the file.
  enum class Kind : uint8_t {
    none,
    true_value,
    false_value,
    ellipsis,
    int64,
    big_int,
    float64,
    complex,
    str,
    bytes,
    tuple,
    frozenset,
    slice,
    code
  };
  Kind kind = Kind::none;
  bool negative = false;  // big_int: the sign
  uint64_t bits[2] = {
      0, 0};         // int64: two's complement in [0]; float64: IEEE bits; complex: real, imaginary
  std::string text;  // str: generalized UTF-8, surrogates as three bytes each; bytes: the bytes
  std::vector<uint64_t> limbs;  // big_int: magnitude, least significant first, no leading zero limb
  std::vector<Constant>
      items;  // tuple, frozenset (in the order of the source); slice: start, stop, step
  std::shared_ptr<CodeUnit> code;  // code; owned by one constant of one unit, so units form a tree

  static Constant none();
  static Constant boolean(bool value);
  static Constant ellipsis();
  static Constant integer(int64_t value);
  static Constant big(bool negative, std::vector<uint64_t> limbs);  // becomes int64 when it fits
  static Constant real(double value);
  static Constant imaginary(double real, double imaginary);
  static Constant string(std::string text);
  static Constant byte_string(std::string bytes);
  static Constant tuple(std::vector<Constant> items);
  static Constant frozen_set(std::vector<Constant> items);
  static Constant slice(Constant start, Constant stop, Constant step);
  static Constant nested(std::shared_ptr<CodeUnit> code);

  // Same kind and same bits: 0.0 and -0.0, 1 and True and 1.0 are different constants. Code by
  // identity.
  friend bool operator==(const Constant&, const Constant&);
  uint64_t hash() const;
};

// A place with an inline cache. One a source operation; instructions of the same kind may share
// one, at the price of a polymorphic cache (what a code object with more than 65,535 sites does for
// its calls).
struct CacheSite {
  static constexpr uint32_t kNoName = 0xFFFFFFFF;
  SiteKind kind = SiteKind::none;
  uint32_t name = kNoName;  // index into `names`; kNoName for calls
  friend bool operator==(const CacheSite&, const CacheSite&) = default;
};

// Instructions [start, end) run under `handler`. Entries are sorted by start and do not overlap:
// the compiler lists the innermost handler of each range. On an exception the temporaries from
// number `depth` on are released, top down, the exception goes into temporary number `depth`, and
// the handler runs.
struct ExceptionEntry {
  uint32_t start, end, handler, depth;
  friend bool operator==(const ExceptionEntry&, const ExceptionEntry&) = default;
};

// What co_positions() gives for one instruction. -1 is None. Columns are bytes of UTF-8, as in
// CPython.
struct SourcePosition {
  int32_t line = -1, end_line = -1, column = -1, end_column = -1;
  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

// An annotation kept as a hint for the JIT: text as ast.unparse gives it; the name "return" is the
// result's.
struct TypeAnnotation {
  std::string name, text;
  friend bool operator==(const TypeAnnotation&, const TypeAnnotation&) = default;
};

struct CodeUnit {
  std::string name, qualname;
  uint32_t first_line = 1;
  uint32_t flags = 0;           // co_flags
  uint32_t argument_count = 0;  // positional ones, positional-only included, without *args
  uint32_t positional_only = 0;
  uint32_t keyword_only = 0;
  std::vector<std::string> varnames, cellvars, freevars;  // co_varnames, co_cellvars, co_freevars
  std::vector<std::string> names;                         // co_names
  std::vector<Constant> constants;                        // co_consts
  std::vector<CacheSite> sites;
  std::vector<Instruction> instructions;
  std::vector<ExceptionEntry> exceptions;
  std::vector<SourcePosition> positions;  // one an instruction, or empty: no positions at all
  std::vector<TypeAnnotation> annotations;
  uint32_t register_count = 0;  // all registers of the frame, temporaries and windows included

  bool optimized() const { return flags & kCoOptimized; }
  bool heap_frame() const { return flags & kCoHeapFrame; }
  // *args and **kwargs follow the keyword-only parameters in varnames.
  uint32_t parameter_count() const {
    return argument_count + keyword_only + !!(flags & kCoVarArgs) + !!(flags & kCoVarKeywords);
  }
  bool is_parameter(std::string_view variable) const;
  uint32_t own_cell_count() const;  // cellvars that are no parameters
  uint32_t first_local() const { return optimized() ? 0 : 1; }
  uint32_t first_own_cell() const { return first_local() + uint32_t(varnames.size()); }
  uint32_t first_free() const { return first_own_cell() + own_cell_count(); }
  uint32_t first_temporary() const { return first_free() + uint32_t(freevars.size()); }
  // Registers of the cellvars: the parameter's own one, or a place after varnames.
  std::vector<uint32_t> cell_registers() const;
  uint32_t cell_register(uint32_t index) const { return cell_registers()[index]; }
};

// Same content, nested units compared by content too.
bool same_unit(const CodeUnit& left, const CodeUnit& right);

}  // namespace dx::dpb
