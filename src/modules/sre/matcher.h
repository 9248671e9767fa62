#pragma once
// Running a Program over text. One Search lives for one call of a pattern's method; it owns the
// registers and borrows the thread's backtracking stack.
//
//   Search search(thread, program, text, start, end);
//   while (TRY(search.find())) { ... search.first, search.last, search.mark(0) ...;
//   search.advance(); }
//
// The text must stay where it is and keep its size meanwhile: the caller owns the str, or holds a
// buffer. Matching may run signal handlers (poll_signals), so it may raise; it never recurses.

#include "modules/sre/program.h"
#include "objects/str.h"

namespace dx::sre {

// What can be undone or tried again. On failure the top one is taken and acted upon.
struct Entry {
  uint32_t kind;
  uint32_t pc;  // or a register
  Word place;   // or its old value
  Word extra;
};

class Search {
 public:
  // [start, end) is clamped to the text.
  Search(Thread& thread, const Program& program, StrView text, Word start, Word end);
  ~Search();
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  enum class Where : uint8_t { search, match, fullmatch };
  // The next match at or after `start`, or exactly there. False: none.
  Result<bool> find(Where where = Where::search);
  // Makes the next find() start behind the match just found; an empty match is not found twice.
  void advance() {
    must_advance_ = first == last;
    start = last;
  }
  void set_must_advance(bool must) { must_advance_ = must; }
  bool over() const { return start > end; }

  Word mark(Word index) const { return registers_[index]; }  // -1: not set

  Word start, end;           // where to look
  Word first = 0, last = 0;  // what was found
  Word last_index = -1;      // the group closed last

 private:
  template <class T>
  friend class Matcher;

  Thread& thread_;
  const Program& program_;
  StrView text_;
  Word* registers_;
  Entry* stack_ = nullptr;
  size_t stack_capacity_ = 0;
  bool must_advance_ = false;
  bool no_memory_ = false;
  static constexpr size_t kInlineRegisters = 48;
  Word inline_registers_[kInlineRegisters];
};

}  // namespace dx::sre
