// The matcher: a loop over instructions with an explicit stack of choices and of undo records.
//
//   character read wrong --> fail: take the top entry
//     a choice   go on from its instruction and place
//     an undo    put the register's old value back, take the next entry
//   stack empty --> no match from this starting point
//
// Rules for whoever edits this:
// 1. At every choice the registers are those of the moment it was pushed; so any write to a
// register that a choice
//    below could look at pushes the old value first (set_register). Nothing is pushed while the
//    stack is empty.
// 2. Atomic constructs remember the height of the stack and, when done, drop the choices above it
// but keep the undo
//    records (cut): what came before them may still need these. Loop registers inside are dead by
//    then.
// 3. No C++ recursion, and a poll every few thousand steps: any input can be interrupted.
// 4. A filter of 0 means that nothing is known. A filter may only be used to skip a way that must
// fail at once.

#include "modules/sre/matcher.h"

#include <cstdlib>
#include <cstring>

#include "memory/safepoint.h"
#include "simd/text.h"

namespace dx::sre {

namespace {

enum Kind : uint32_t {
  kResume,    // go on at pc, place
  kBranch,    // pc: index into choices
  kOneMax,    // give characters back: place is the next end to try, extra the least
  kOneMin,    // take one more: extra is how many were taken
  kLoopMin,   // another round of loop `pc`
  kUndo,      // register pc was `place`
  kUndoMark,  // the same, and the last closed group was `extra`
};

constexpr size_t kFirstStack = 512;  // entries kept by every thread that matched something
constexpr size_t kMaxStack = (size_t{1} << 30) / sizeof(Entry);
constexpr size_t kKeepStack = 1 << 16;
constexpr int kPollSteps = 1 << 13;

// Between calls the thread's stack waits here; a nested match (a callable of re.sub that matches)
// makes its own.
struct SpareStack {
  Entry* entries = nullptr;
  size_t capacity = 0;
  ~SpareStack() { free(entries); }
};
thread_local SpareStack spare;

template <class T>
bool in_class(const CharClass& set, const Program& program, T c) {
  if constexpr (sizeof(T) == 1) return set.has(c);
  if (__builtin_expect(c < 256, 1)) return set.has(c);
  return passes_rule(set, program.code.data(), c);
}
// The same for filters, whose rule is only "all" or "none".
template <class T>
bool in_filter(const CharClass& set, T c) {
  if constexpr (sizeof(T) == 1) return set.has(c);
  return c < 256 ? set.has(c) : set.rule == CharClass::Rule::all;
}

template <class T>
Word find_character(const T* text, Word from, Word to, uint32_t c) {
  if (sizeof(T) < 4 && c >> (sizeof(T) * 8)) return to;
  if constexpr (sizeof(T) == 1) {
    const void* found = memchr(text + from, static_cast<int>(c), static_cast<size_t>(to - from));
    return found ? static_cast<const T*>(found) - text : to;
  }
  size_t found = simd::find(text + from, static_cast<size_t>(to - from), static_cast<T>(c));
  return found == simd::kNotFound ? to : from + static_cast<Word>(found);
}

// Where the run of characters in the class that starts at `from` ends, at most at `to`.
template <class T>
Word run_end(const CharClass& set, const Program& program, const T* text, Word from, Word to) {
  Word at = from;
  switch (set.shape) {
    case CharClass::Shape::everything:
      if (sizeof(T) == 1 || set.rule == CharClass::Rule::all) return to;
      break;
    case CharClass::Shape::all_but_one:
      if (sizeof(T) == 1 || set.rule == CharClass::Rule::not_equal) {
        // Short runs are the rule: look at a few before calling for help.
        for (Word stop = to - at > 8 ? at + 8 : to; at < stop; ++at) {
          if (text[at] == set.single) return at;
        }
        return at == to ? to : find_character(text, at, to, set.single);
      }
      break;
    case CharClass::Shape::dynamic:
      while (at < to && passes_rule(set, program.code.data(), text[at])) ++at;
      return at;
    default: break;
  }
  if constexpr (sizeof(T) == 1) {
    for (; to - at >= 4; at += 4) {
      if (!set.has(text[at])) return at;
      if (!set.has(text[at + 1])) return at + 1;
      if (!set.has(text[at + 2])) return at + 2;
      if (!set.has(text[at + 3])) return at + 3;
    }
  }
  while (at < to && in_class(set, program, text[at])) ++at;
  return at;
}

}  // namespace

Search::Search(Thread& thread, const Program& program, StrView text, Word start_, Word end_)
    : thread_(thread), program_(program), text_(text), registers_(inline_registers_) {
  Word length = text.length;
  start = start_ < 0 ? 0 : start_ > length ? length : start_;
  end = end_ < 0 ? 0 : end_ > length ? length : end_;
  if (program.registers > kInlineRegisters) {
    registers_ = static_cast<Word*>(malloc(size_t{program.registers} * sizeof(Word)));
    if (!registers_) no_memory_ = true;
  }
  if (!no_memory_) memset(registers_, 0xff, size_t{program.registers} * sizeof(Word));
  stack_ = spare.entries;
  stack_capacity_ = spare.capacity;
  spare.entries = nullptr;
  spare.capacity = 0;
}

Search::~Search() {
  if (registers_ != inline_registers_) free(registers_);
  if (spare.entries || stack_capacity_ > kKeepStack) {
    free(stack_);
  } else {
    spare.entries = stack_;
    spare.capacity = stack_capacity_;
  }
}

template <class T>
class Matcher {
 public:
  Matcher(Search& search, Search::Where where)
      : search_(search),
        program_(search.program_),
        code_(program_.instructions.data()),
        classes_(program_.classes.data()),
        text_(static_cast<const T*>(search.text_.data)),
        end_(search.end),
        registers_(search.registers_),
        where_(where) {}

  Result<bool> run() {
    if (search_.no_memory_ || (!search_.stack_capacity_ && !grow()))
      return raise_memory_error(search_.thread_);
    base_ = top_ = search_.stack_;
    limit_ = base_ + search_.stack_capacity_;
    if (search_.start > end_) return false;
    switch (where_ == Search::Where::search ? find_anywhere() : attempt(search_.start)) {
      case Outcome::matched: return true;
      case Outcome::failed: return false;
      case Outcome::raised: return Raised{};
      case Outcome::no_memory: return raise_memory_error(search_.thread_);
    }
    return false;
  }

 private:
  enum class Outcome : uint8_t { failed, matched, raised, no_memory };

  Outcome find_anywhere() {
    Word at = search_.start;
    if (program_.only_at_beginning) return at == 0 ? attempt(at) : Outcome::failed;
    const CharClass* filter = program_.start_filter ? &classes_[program_.start_filter] : nullptr;
    for (;;) {
      if (program_.prefix_length) {
        at = find_prefix(at);
        if (at < 0) return Outcome::failed;
      } else if (filter) {
        if (filter->shape == CharClass::Shape::one &&
            (sizeof(T) == 1 || filter->rule == CharClass::Rule::none)) {
          at = find_character(text_, at, end_, filter->single);
        } else {
          while (at < end_ && !in_filter(*filter, text_[at])) ++at;
        }
        if (at >= end_) return Outcome::failed;
      }
      Outcome outcome = attempt(at);
      if (outcome != Outcome::failed) return outcome;
      if (++at > end_) return Outcome::failed;
      search_.must_advance_ = false;
      if (__builtin_expect(--steps_ <= 0, 0) && !poll()) return Outcome::raised;
    }
  }

  // Where the literal that every match starts with comes next, or -1.
  Word find_prefix(Word from) {
    Word length = program_.prefix_length;
    const uint32_t* wanted = &program_.literals[program_.prefix];
    if (sizeof(T) < 4) {
      for (Word i = 0; i < length; ++i) {
        if (wanted[i] >> (sizeof(T) * 8)) return -1;
      }
    }
    for (;;) {
      Word left = end_ - from - (length - 1);
      if (left <= 0) return -1;
      size_t found =
          simd::find_pair(text_ + from, static_cast<size_t>(left), static_cast<T>(wanted[0]),
                          static_cast<T>(wanted[length - 1]), static_cast<size_t>(length - 1));
      if (found == simd::kNotFound) return -1;
      from += static_cast<Word>(found);
      if (same_text(from, program_.prefix, static_cast<uint32_t>(length))) return from;
      ++from;
    }
  }

  // Requires: that many characters are left, and the literal's first ones fit T.
  bool same_text(Word at, uint32_t literal, uint32_t length) const {
    if constexpr (sizeof(T) == 1) {
      return memcmp(text_ + at, &program_.narrow_literals[literal], length) == 0;
    } else {
      const uint32_t* wanted = &program_.literals[literal];
      for (uint32_t i = 0; i < length; ++i) {
        if (text_[at + i] != wanted[i]) return false;
      }
      return true;
    }
  }

  bool poll() {
    steps_ = kPollSteps;
    return !poll_signals(search_.thread_).raised();
  }

  bool grow() {
    size_t capacity = search_.stack_capacity_ ? search_.stack_capacity_ * 2 : kFirstStack;
    if (capacity > kMaxStack) return false;
    Entry* stack = static_cast<Entry*>(realloc(search_.stack_, capacity * sizeof(Entry)));
    if (!stack) return false;
    top_ = stack + (top_ - base_);
    base_ = search_.stack_ = stack;
    search_.stack_capacity_ = capacity;
    limit_ = stack + capacity;
    return true;
  }

  bool word_at(Word at, Position kind) const {
    uint32_t c = text_[at];
    if (kind == Position::locale_boundary || kind == Position::locale_non_boundary)
      return is_word_locale(c);
    if (kind == Position::unicode_boundary || kind == Position::unicode_non_boundary)
      return is_word_unicode(c);
    return is_word_ascii(c);
  }
  bool at_position(Position kind, Word at) const {
    switch (kind) {
      case Position::beginning:
      case Position::beginning_string: return at == 0;
      case Position::beginning_line: return at == 0 || text_[at - 1] == '\n';
      case Position::end: return at == end_ || (at == end_ - 1 && text_[at] == '\n');
      case Position::end_line: return at == end_ || text_[at] == '\n';
      case Position::end_string: return at == end_;
      case Position::boundary:
      case Position::locale_boundary:
      case Position::unicode_boundary:
      case Position::non_boundary:
      case Position::locale_non_boundary:
      case Position::unicode_non_boundary: {
        bool before = at > 0 && word_at(at - 1, kind), after = at < end_ && word_at(at, kind);
        bool boundary = kind == Position::boundary || kind == Position::locale_boundary ||
                        kind == Position::unicode_boundary;
        return (before != after) == boundary;
      }
      case Position::count: break;
    }
    return false;
  }

  // Drops the choices above `height` and keeps the undo records.
  void cut(Word height) {
    Entry* kept = base_ + height;
    if (height == 0) {
      top_ = base_;
      return;
    }
    for (Entry* entry = kept; entry < top_; ++entry) {
      if (entry->kind == kUndo || entry->kind == kUndoMark) *kept++ = *entry;
    }
    top_ = kept;
  }
  // Undoes everything above `height`, choices included.
  void unwind(Word height) {
    while (top_ > base_ + height) {
      --top_;
      if (top_->kind == kUndo || top_->kind == kUndoMark) registers_[top_->pc] = top_->place;
      if (top_->kind == kUndoMark) last_index_ = top_->extra;
    }
  }

  Outcome attempt(Word start);

  Search& search_;
  const Program& program_;
  const Instruction* code_;
  const CharClass* classes_;
  const T* text_;
  Word end_;
  Word* registers_;
  Search::Where where_;
  Entry *base_ = nullptr, *top_ = nullptr, *limit_ = nullptr;
  Word last_index_ = -1;
  int steps_ = kPollSteps;
  bool dirty_ = true;
};

#define PUSH(kind_, pc_, place_, extra_)                                           \
  do {                                                                             \
    if (__builtin_expect(top_ == limit_, 0) && !grow()) return Outcome::no_memory; \
    *top_++ = Entry{kind_, pc_, place_, extra_};                                   \
  } while (0)
#define SET_REGISTER(index, value_)                                      \
  do {                                                                   \
    uint32_t register_ = (index);                                        \
    if (top_ != base_) PUSH(kUndo, register_, registers_[register_], 0); \
    registers_[register_] = (value_);                                    \
  } while (0)

template <class T>
typename Matcher<T>::Outcome Matcher<T>::attempt(Word start) {
  if (dirty_) {
    memset(registers_, 0xff, size_t{program_.groups} * 2 * sizeof(Word));
    dirty_ = false;
  }
  last_index_ = -1;
  top_ = base_;
  const T* const text = text_;
  const Word end = end_;
  const Instruction* i = code_ + program_.start;
  Word at = start;

  for (;;) {
    switch (i->op) {
      case Op::fail: goto fail;
      case Op::success:
        if (where_ == Search::Where::fullmatch && at != end) goto fail;
        if (search_.must_advance_ && at == search_.start) goto fail;
        search_.first = start;
        search_.last = at;
        search_.last_index = last_index_;
        return Outcome::matched;

      case Op::character:
        if (at >= end || text[at] != i->a) goto fail;
        ++at;
        ++i;
        continue;
      case Op::set:
        if (at >= end || !in_class(classes_[i->a], program_, text[at])) goto fail;
        ++at;
        ++i;
        continue;
      case Op::set_dynamic:
        if (at >= end || !passes_rule(classes_[i->a], program_.code.data(), text[at])) goto fail;
        ++at;
        ++i;
        continue;
      case Op::any:
        if (at >= end || text[at] == '\n') goto fail;
        ++at;
        ++i;
        continue;
      case Op::all:
        if (at >= end) goto fail;
        ++at;
        ++i;
        continue;
      case Op::text: {
        const uint32_t* wanted = &program_.literals[i->a];
        Word length = i->b;
        if (end - at < length) goto fail;
        for (Word k = 0; k < length; ++k) {
          if (text[at + k] != wanted[k]) goto fail;
        }
        at += length;
        ++i;
        continue;
      }

      case Op::mark_open:
        dirty_ = true;
        SET_REGISTER(i->a, at);
        ++i;
        continue;
      case Op::mark_close:
        dirty_ = true;
        if (top_ != base_) PUSH(kUndoMark, i->a, registers_[i->a], last_index_);
        registers_[i->a] = at;
        last_index_ = i->a / 2 + 1;
        ++i;
        continue;
      case Op::at:
        if (!at_position(static_cast<Position>(i->a), at)) goto fail;
        ++i;
        continue;
      case Op::jump: i = code_ + i->a; continue;

      case Op::branch: {
        const Branch& branch = program_.branches[i->a];
        uint32_t list;
        if (at >= end)
          list = branch.at_end;
        else if (sizeof(T) == 1 || text[at] < 256)
          list = branch.by_character[static_cast<uint8_t>(text[at])];
        else
          list = branch.wide;
        const uint32_t* choice = &program_.choices[list];
        if (*choice == 0) goto fail;
        if (choice[1]) PUSH(kBranch, list + 1, at, 0);
        i = code_ + *choice;
        continue;
      }

      case Op::option: {
        bool body = !i->b || (at < end && in_filter(classes_[i->b], text[at]));
        if (!body) {
          i = code_ + i->a;
          continue;
        }
        if (!i->c || (at < end && in_filter(classes_[i->c], text[at]))) PUSH(kResume, i->a, at, 0);
        ++i;
        continue;
      }
      case Op::option_lazy: {
        bool after = !i->c || (at < end && in_filter(classes_[i->c], text[at]));
        if (!after) {
          ++i;
          continue;
        }
        if (!i->b || (at < end && in_filter(classes_[i->b], text[at]))) {
          PUSH(kResume, static_cast<uint32_t>(i - code_) + 1, at, 0);
        }
        i = code_ + i->a;
        continue;
      }
      case Op::star: {
        if (__builtin_expect(--steps_ <= 0, 0) && !poll()) return Outcome::raised;
        bool body = !i->b || (at < end && in_filter(classes_[i->b], text[at]));
        if (!body) {
          ++i;
          continue;
        }
        if (!i->c || (at < end && in_filter(classes_[i->c], text[at]))) {
          PUSH(kResume, static_cast<uint32_t>(i - code_) + 1, at, 0);
        }
        i = code_ + i->a;
        continue;
      }
      case Op::star_lazy: {
        if (__builtin_expect(--steps_ <= 0, 0) && !poll()) return Outcome::raised;
        bool after = !i->c || (at < end && in_filter(classes_[i->c], text[at]));
        if (!after) {
          i = code_ + i->a;
          continue;
        }
        if (!i->b || (at < end && in_filter(classes_[i->b], text[at]))) PUSH(kResume, i->a, at, 0);
        ++i;
        continue;
      }

      case Op::loop_begin: {
        const Loop& loop = program_.loops[i->a];
        SET_REGISTER(loop.count_register, 0);
        SET_REGISTER(loop.count_register + 1, -1);
        i = code_ + loop.after - 1;
        continue;
      }
      case Op::loop_max: {
        if (__builtin_expect(--steps_ <= 0, 0) && !poll()) return Outcome::raised;
        const Loop& loop = program_.loops[i->a];
        Word count = registers_[loop.count_register];
        if (count < loop.least) {
          SET_REGISTER(loop.count_register, count + 1);
          i = code_ + loop.body;
          continue;
        }
        bool more = count < loop.most || loop.most == kUnlimited;
        // A round that consumed nothing is not repeated.
        if (!more || (loop.can_be_empty && at == registers_[loop.count_register + 1])) {
          ++i;
          continue;
        }
        PUSH(kResume, static_cast<uint32_t>(i - code_) + 1, at, 0);
        SET_REGISTER(loop.count_register, count + 1);
        if (loop.can_be_empty) SET_REGISTER(loop.count_register + 1, at);
        i = code_ + loop.body;
        continue;
      }
      case Op::loop_min: {
        if (__builtin_expect(--steps_ <= 0, 0) && !poll()) return Outcome::raised;
        const Loop& loop = program_.loops[i->a];
        Word count = registers_[loop.count_register];
        if (count < loop.least) {
          SET_REGISTER(loop.count_register, count + 1);
          i = code_ + loop.body;
          continue;
        }
        PUSH(kLoopMin, i->a, at, 0);
        ++i;
        continue;
      }

      case Op::possessive_begin: {
        const Loop& loop = program_.loops[i->a];
        registers_[loop.count_register] = 0;
        registers_[loop.count_register + 1] = -1;
        ++i;
        continue;
      }
      case Op::possessive_next: {
        if (__builtin_expect(--steps_ <= 0, 0) && !poll()) return Outcome::raised;
        const Loop& loop = program_.loops[i->a];
        Word count = registers_[loop.count_register];
        registers_[loop.count_register + 2] = top_ - base_;
        if (count >= loop.least) {
          bool more = count < loop.most || loop.most == kUnlimited;
          if (!more || at == registers_[loop.count_register + 1]) {
            i = code_ + loop.after;
            continue;
          }
          registers_[loop.count_register + 1] = at;
          PUSH(kResume, loop.after, at, 0);
        }
        ++i;
        continue;
      }
      case Op::possessive_end: {
        const Loop& loop = program_.loops[i->a];
        cut(registers_[loop.count_register + 2]);
        ++registers_[loop.count_register];
        i = code_ + loop.body - 1;
        continue;
      }

      case Op::one_max: {
        Word least = i->b, most = end - at;
        if (i->c != kUnlimited && i->c < most) most = i->c;
        if (most < least) goto fail;
        Word stop = run_end(classes_[i->a], program_, text, at, at + most);
        if (stop - at < least) goto fail;
        least += at;
        if (stop == least || (i->flags & (sizeof(T) == 1 ? kDisjointLatin : kDisjointAll))) {
          at = stop;
          ++i;
          continue;
        }
        if (i->d) {
          // Go back to where what follows can start.
          const CharClass& filter = classes_[i->d];
          if (stop == end) --stop;
          while (stop >= least && !in_filter(filter, text[stop])) --stop;
          if (stop < least) goto fail;
        }
        if (stop > least) PUSH(kOneMax, static_cast<uint32_t>(i - code_), stop - 1, least);
        at = stop;
        ++i;
        continue;
      }
      case Op::one_possessive: {
        Word least = i->b, most = end - at;
        if (i->c != kUnlimited && i->c < most) most = i->c;
        if (most < least) goto fail;
        Word stop = run_end(classes_[i->a], program_, text, at, at + most);
        if (stop - at < least) goto fail;
        at = stop;
        ++i;
        continue;
      }
      case Op::one_min: {
        Word least = i->b;
        if (end - at < least) goto fail;
        if (least) {
          if (run_end(classes_[i->a], program_, text, at, at + least) != at + least) goto fail;
          at += least;
        }
        PUSH(kOneMin, static_cast<uint32_t>(i - code_), at, least);
        if (i->d && (at >= end || !in_filter(classes_[i->d], text[at]))) goto fail;
        ++i;
        continue;
      }

      case Op::atomic_begin:
        registers_[i->a] = top_ - base_;
        ++i;
        continue;
      case Op::atomic_end:
        cut(registers_[i->a]);
        ++i;
        continue;
      case Op::assert_begin:
        if (at < static_cast<Word>(i->b)) goto fail;
        registers_[i->a] = top_ - base_;
        registers_[i->a + 1] = at;
        at -= i->b;
        ++i;
        continue;
      case Op::assert_end:
        cut(registers_[i->a]);
        at = registers_[i->a + 1];
        ++i;
        continue;
      case Op::assert_not_begin:
        if (at < static_cast<Word>(i->b)) {
          i = code_ + i->c;
          continue;
        }
        registers_[i->a] = top_ - base_;
        PUSH(kResume, i->c, at, 0);
        at -= i->b;
        ++i;
        continue;
      case Op::assert_not_end: unwind(registers_[i->a]); goto fail;

      case Op::group:
      case Op::group_ignore: {
        Word from = registers_[i->a], to = registers_[i->a + 1];
        if (from < 0 || to < from || end - at < to - from) goto fail;
        Word length = to - from;
        if (i->op == Op::group) {
          if (memcmp(text + at, text + from, static_cast<size_t>(length) * sizeof(T)) != 0)
            goto fail;
        } else {
          CaseMode mode = static_cast<CaseMode>(i->b);
          for (Word k = 0; k < length; ++k) {
            if (text[at + k] != text[from + k] &&
                lower(text[at + k], mode) != lower(text[from + k], mode))
              goto fail;
          }
        }
        at += length;
        ++i;
        continue;
      }
      case Op::group_exists:
        if (registers_[i->a] >= 0 && registers_[i->a + 1] >= registers_[i->a])
          ++i;
        else
          i = code_ + i->b;
        continue;
    }

  fail:
    for (;;) {
      if (top_ == base_) return Outcome::failed;
      if (__builtin_expect(--steps_ <= 0, 0) && !poll()) return Outcome::raised;
      Entry& entry = *--top_;
      if (entry.kind == kUndo) {
        registers_[entry.pc] = entry.place;
        continue;
      }
      if (entry.kind == kUndoMark) {
        registers_[entry.pc] = entry.place;
        last_index_ = entry.extra;
        continue;
      }
      at = entry.place;
      if (entry.kind == kResume) {
        i = code_ + entry.pc;
        break;
      }
      if (entry.kind == kBranch) {
        const uint32_t* choice = &program_.choices[entry.pc];
        if (choice[1]) {
          ++entry.pc;
          ++top_;
        }
        i = code_ + *choice;
        break;
      }
      if (entry.kind == kOneMax) {
        i = code_ + entry.pc;
        Word least = entry.extra;
        if (i->d) {
          const CharClass& filter = classes_[i->d];
          while (at >= least && !in_filter(filter, text[at])) --at;
          if (at < least) continue;
        }
        if (at > least) {
          entry.place = at - 1;
          ++top_;
        }
        ++i;
        break;
      }
      if (entry.kind == kOneMin) {
        i = code_ + entry.pc;
        Word most = i->c, taken = entry.extra;
        Word room = end - at;
        if (most != kUnlimited && most - taken < room) room = most - taken;
        Word stop = at + room;
        const CharClass& set = classes_[i->a];
        if (i->d) {
          // Go on to where what follows can start, as far as the class reaches.
          const CharClass& filter = classes_[i->d];
          bool found = false;
          Word from = at;
          while (at < stop) {
            if (!(set.shape == CharClass::Shape::dynamic
                      ? passes_rule(set, program_.code.data(), text[at])
                      : in_class(set, program_, text[at]))) {
              break;
            }
            ++at;
            if (at < end && in_filter(filter, text[at])) {
              found = true;
              break;
            }
          }
          if (!found) continue;
          entry.extra = taken + (at - from);
        } else {
          if (room <= 0 || run_end(set, program_, text, at, at + 1) == at) continue;
          ++at;
          entry.extra = taken + 1;
        }
        entry.place = at;
        ++top_;
        ++i;
        break;
      }
      // kLoopMin
      const Loop& loop = program_.loops[entry.pc];
      Word count = registers_[loop.count_register];
      bool more = count < loop.most || loop.most == kUnlimited;
      if (!more || (loop.can_be_empty && at == registers_[loop.count_register + 1])) continue;
      SET_REGISTER(loop.count_register, count + 1);
      if (loop.can_be_empty) SET_REGISTER(loop.count_register + 1, at);
      i = code_ + loop.body;
      break;
    }
  }
}

Result<bool> Search::find(Where where) {
  switch (text_.kind) {
    case StrKind::one: return Matcher<uint8_t>(*this, where).run();
    case StrKind::two: return Matcher<uint16_t>(*this, where).run();
    case StrKind::four: return Matcher<uint32_t>(*this, where).run();
  }
  return false;
}

}  // namespace dx::sre
