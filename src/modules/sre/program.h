#pragma once
// A compiled regular expression: what the matcher runs.
//
// The library's re/_compiler.py hands over a list of 32-bit code words with relative skips. It is
// read once, checked word by word, and translated into instructions of fixed size with absolute
// targets. Every test of a single character, whatever its case mode, becomes a CharClass: a bitmap
// for the first 256 characters and a rule for the others. After the translation each place where
// the matcher will have to choose learns which characters each way can start with.
//
//   code words --translate--> instructions + classes + literals + branches --analyse--> filters
//
// A Program is immutable once made and is shared by all threads. Instruction 0 and class 0 stand
// for "none".

#include <cstdint>
#include <memory>
#include <vector>

#include "modules/sre/chars.h"

namespace dx::sre {

enum class Op : uint8_t {
  fail,
  success,
  character,    // a: the character
  set,          // a: class
  set_dynamic,  // a: class that depends on the locale in force
  any,          // all but the newline
  all,
  text,        // a: index into `literals`, b: length
  mark_open,   // a: register
  mark_close,  // a: register
  at,          // a: Position
  jump,        // a: target
  branch,      // a: index into `branches`
  option,      // (x)?   the body follows. a: what comes after it, b: filter of the body, c: of what
               // comes after
  option_lazy,  // (x)??
  star,  // after a body that needs no counting. a: body, b: filter of the body, c: of what follows
  star_lazy,
  loop_begin,  // a: loop
  loop_max,    // a: loop; stands behind the body
  loop_min,
  possessive_begin,  // a: loop
  possessive_next,   // a: loop; stands before the body
  possessive_end,    // a: loop; stands behind the body
  one_max,           // one class repeated. a: class, b: least, c: most, d: filter of what follows
  one_min,
  one_possessive,
  atomic_begin,  // a: register for the height of the stack
  atomic_end,
  assert_begin,  // a: registers for the height and the place, b: how far back to start, c: what
                 // follows
  assert_end,
  assert_not_begin,
  assert_not_end,
  group,         // a: first register of the group
  group_ignore,  // b: CaseMode
  group_exists,  // a: first register of the group, b: where to go when it has not matched
};

enum class Position : uint8_t {
  beginning,
  beginning_line,
  beginning_string,
  boundary,
  non_boundary,
  end,
  end_line,
  end_string,
  locale_boundary,
  locale_non_boundary,
  unicode_boundary,
  unicode_non_boundary,
  count,
};

// Greedy repeats that never need to give a character back: what follows cannot start with one of
// the class.
enum InstructionFlags : uint8_t { kDisjointLatin = 1, kDisjointAll = 2 };

struct Instruction {
  Op op;
  uint8_t flags = 0;
  uint32_t a = 0, b = 0, c = 0, d = 0;
};

constexpr uint32_t kUnlimited = 0xffffffff;

// A counted repeat. Registers: count, place of the last start, and for possessive ones the height
// of the stack.
struct Loop {
  uint32_t least, most;
  uint32_t body, after;
  uint32_t count_register;
  bool can_be_empty;  // the body: a round that consumed nothing must not be repeated
};

// Which alternatives can match, by the next character: indexes into `choices`, where instructions
// follow each other up to a 0.
struct Branch {
  uint32_t by_character[256];
  uint32_t wide;    // any character above
  uint32_t at_end;  // no character left
};

struct Program {
  std::vector<uint32_t> code;  // as given; two patterns are equal when these are
  std::vector<Instruction> instructions;
  std::vector<CharClass> classes;
  std::vector<uint32_t> literals;
  std::vector<uint8_t>
      narrow_literals;  // the same as bytes; those that do not fit are never compared
  std::vector<Branch> branches;
  std::vector<uint32_t> choices;
  std::vector<Loop> loops;
  uint32_t groups = 0;
  uint32_t registers = 0;                  // the marks come first, two for each group
  uint32_t start = 0;                      // first instruction
  uint32_t start_filter = 0;               // class that a match must start with, or 0
  uint32_t prefix = 0, prefix_length = 0;  // characters that a match must start with
  bool only_at_beginning = false;
};

// Reads and checks `code` for a pattern with that many groups; false: it is not what the compiler
// emits. Runs no Python and raises nothing.
bool translate(std::vector<uint32_t> code, uint32_t groups, Program& program);

}  // namespace dx::sre
