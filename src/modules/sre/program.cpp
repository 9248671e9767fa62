// Translation of the compiler's code words, which may come from anybody (`_sre.compile` takes any
// list): every skip, operand and nesting is checked here, so that the matcher checks nothing. The
// words describe a tree; sequence() reads one level of it and calls itself for what is inside.

#include "modules/sre/program.h"

#include <algorithm>
#include <map>

#include "modules/sre/opcodes.h"

namespace dx::sre {

namespace {

constexpr int kMaxDepth =
    4000;  // nested constructs; each takes a few hundred bytes of native stack

uint64_t saturating_multiply(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}
uint64_t saturating_add(uint64_t a, uint64_t b) { return a + b < a ? UINT64_MAX : a + b; }

class Translator {
 public:
  Translator(Program& program, uint32_t groups)
      : program_(program), code_(program.code), groups_(groups) {}

  bool run() {
    program_.groups = groups_;
    program_.registers = groups_ * 2;
    program_.classes.emplace_back();
    emit(Op::fail);
    program_.start = here();
    size_t at = 0, end = code_.size();
    if (end == 0 || code(end - 1) != Code::success) return false;
    --end;
    if (at < end && code(at) == Code::info) {
      // What it says of widths and prefixes is found again from the code itself, where it cannot
      // lie.
      size_t next;
      if (!target(at + 1, end, 4, next)) return false;
      at = next;
    }
    uint64_t least;
    if (!sequence(at, end, least)) return false;
    emit(Op::success);
    analyse();
    return true;
  }

 private:
  using Alternatives = std::vector<uint32_t>;

  Code code(size_t at) const { return static_cast<Code>(code_[at]); }
  uint32_t here() const { return static_cast<uint32_t>(program_.instructions.size()); }
  Instruction& instruction(uint32_t at) { return program_.instructions[at]; }
  uint32_t emit(Op op, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0, uint32_t d = 0) {
    program_.instructions.push_back(Instruction{op, 0, a, b, c, d});
    return here() - 1;
  }
  uint32_t take_registers(uint32_t count) {
    uint32_t first = program_.registers;
    program_.registers += count;
    return first;
  }

  // Where the relative skip at `at` leads: at least `least` words on, at most to `end`.
  bool target(size_t at, size_t end, size_t least, size_t& to) const {
    if (at >= end) return false;
    size_t skip = code_[at];
    if (skip < least || skip > end - at) return false;
    to = at + skip;
    return true;
  }

  // ---- tests of one character -------------------------------------------------------------------

  // The words of a set, code_[at] up to its FAILURE at end - 1.
  bool check_set(size_t at, size_t end, bool& locale) const {
    if (at >= end || code(end - 1) != Code::failure) return false;
    --end;
    while (at < end) {
      Code op = code(at++);
      size_t left = end - at;
      switch (op) {
        case Code::negate: break;
        case Code::literal:
          if (left < 1) return false;
          at += 1;
          break;
        case Code::category:
          if (left < 1 || code_[at] >= static_cast<uint32_t>(Category::count)) return false;
          if (static_cast<Category>(code_[at]) == Category::locale_word) locale = true;
          if (static_cast<Category>(code_[at]) == Category::locale_not_word) locale = true;
          at += 1;
          break;
        case Code::range:
        case Code::range_unicode_ignore:
          if (left < 2) return false;
          at += 2;
          break;
        case Code::charset:
          if (left < kCharsetWords) return false;
          at += kCharsetWords;
          break;
        case Code::bigcharset: {
          if (left < 1 + kBlockIndexWords) return false;
          size_t blocks = code_[at];
          if (blocks > (left - 1 - kBlockIndexWords) / kCharsetWords) return false;
          for (size_t i = 0; i < 256; ++i) {
            if ((code_[at + 1 + i / 4] >> (i % 4 * 8) & 255) >= blocks) return false;
          }
          at += 1 + kBlockIndexWords + blocks * kCharsetWords;
          break;
        }
        default: return false;
      }
    }
    return true;
  }

  enum class Single : uint8_t { yes, no, invalid };

  // Reads code_[at] if it tests one character; `at` then stands behind it.
  Single single(size_t& at, size_t end, CharClass& set, bool& dynamic) {
    using Rule = CharClass::Rule;
    Code op = code(at);
    auto literal = [&](Rule rule, CaseMode mode) {
      if (end - at < 2) return Single::invalid;
      set.rule = rule;
      set.mode = mode;
      set.value = code_[at + 1];
      dynamic = mode == CaseMode::locale;
      at += 2;
      return Single::yes;
    };
    auto in = [&](CaseMode mode) {
      size_t next;
      if (!target(at + 1, end, 2, next)) return Single::invalid;
      dynamic = mode == CaseMode::locale;
      if (!check_set(at + 2, next, dynamic)) return Single::invalid;
      set.rule = Rule::set;
      set.mode = mode;
      set.value = static_cast<uint32_t>(at + 2);
      at = next;
      return Single::yes;
    };
    switch (op) {
      case Code::any:
        set.rule = Rule::not_equal;
        set.value = '\n';
        at += 1;
        return Single::yes;
      case Code::any_all:
        set.rule = Rule::all;
        at += 1;
        return Single::yes;
      case Code::failure:
        set.rule = Rule::none;
        at += 1;
        return Single::yes;
      case Code::literal: return literal(Rule::equal, CaseMode::exact);
      case Code::not_literal: return literal(Rule::not_equal, CaseMode::exact);
      case Code::literal_ignore: return literal(Rule::lower_equal, CaseMode::ascii);
      case Code::not_literal_ignore: return literal(Rule::lower_not_equal, CaseMode::ascii);
      case Code::literal_unicode_ignore: return literal(Rule::lower_equal, CaseMode::unicode);
      case Code::not_literal_unicode_ignore:
        return literal(Rule::lower_not_equal, CaseMode::unicode);
      case Code::literal_locale_ignore: return literal(Rule::lower_equal, CaseMode::locale);
      case Code::not_literal_locale_ignore: return literal(Rule::lower_not_equal, CaseMode::locale);
      case Code::in: return in(CaseMode::exact);
      case Code::in_ignore: return in(CaseMode::ascii);
      case Code::in_unicode_ignore: return in(CaseMode::unicode);
      case Code::in_locale_ignore: return in(CaseMode::locale);
      default: return Single::no;
    }
  }

  uint32_t class_index(CharClass& set, bool dynamic) {
    finish_class(set, code_.data(), dynamic);
    // Patterns repeat themselves; a look at the latest ones finds most of the repetitions.
    size_t count = program_.classes.size();
    for (size_t i = count; i-- > 1 && count - i < 16;) {
      if (program_.classes[i] == set) return static_cast<uint32_t>(i);
    }
    program_.classes.push_back(set);
    return static_cast<uint32_t>(count);
  }

  void emit_single(CharClass& set, bool dynamic) {
    if (set.rule == CharClass::Rule::none)
      emit(Op::fail);
    else if (set.rule == CharClass::Rule::all)
      emit(Op::all);
    else if (set.rule == CharClass::Rule::not_equal && set.value == '\n')
      emit(Op::any);
    else
      emit(dynamic ? Op::set_dynamic : Op::set, class_index(set, dynamic));
  }

  // A run of literals becomes one comparison.
  void literals(size_t& at, size_t end) {
    uint32_t first = static_cast<uint32_t>(program_.literals.size()), length = 0;
    while (end - at >= 2 && code(at) == Code::literal) {
      program_.literals.push_back(code_[at + 1]);
      program_.narrow_literals.push_back(static_cast<uint8_t>(code_[at + 1]));
      at += 2;
      ++length;
    }
    if (length > 1) {
      emit(Op::text, first, length);
      return;
    }
    emit(Op::character, program_.literals.back());
    program_.literals.pop_back();
    program_.narrow_literals.pop_back();
  }

  // ---- structure --------------------------------------------------------------------------------

  struct DepthScope {
    int& depth;
    explicit DepthScope(int& counter) : depth(++counter) {}
    ~DepthScope() { --depth; }
  };

  // Translates the words from `at` to `end`. least: the fewest characters they can match.
  // `otherwise`: a JUMP is allowed as the last thing; its place is stored there.
  bool sequence(size_t at, size_t end, uint64_t& least, size_t* otherwise = nullptr) {
    DepthScope scope(depth_);
    if (depth_ > kMaxDepth) return false;
    least = 0;
    while (at < end) {
      if (code(at) == Code::literal && end - at >= 2) {
        size_t before = at;
        literals(at, end);
        least = saturating_add(least, (at - before) / 2);
        continue;
      }
      CharClass set;
      bool dynamic = false;
      switch (single(at, end, set, dynamic)) {
        case Single::invalid: return false;
        case Single::yes:
          emit_single(set, dynamic);
          least = saturating_add(least, 1);
          continue;
        case Single::no: break;
      }
      if (otherwise && code(at) == Code::jump && end - at == 2) {
        *otherwise = at;
        return true;
      }
      uint64_t width = 0;
      if (!construct(at, end, width)) return false;
      least = saturating_add(least, width);
    }
    return true;
  }

  bool construct(size_t& at, size_t end, uint64_t& width) {
    Code op = code(at);
    size_t left = end - at;
    switch (op) {
      case Code::at:
        if (left < 2 || code_[at + 1] >= static_cast<uint32_t>(Position::count)) return false;
        emit(Op::at, code_[at + 1]);
        at += 2;
        return true;
      case Code::mark:
        if (left < 2 || code_[at + 1] >= uint64_t{groups_} * 2) return false;
        emit(code_[at + 1] & 1 ? Op::mark_close : Op::mark_open, code_[at + 1]);
        at += 2;
        return true;
      case Code::groupref: return group_reference(at, left, CaseMode::exact);
      case Code::groupref_ignore: return group_reference(at, left, CaseMode::ascii);
      case Code::groupref_locale_ignore: return group_reference(at, left, CaseMode::locale);
      case Code::groupref_unicode_ignore: return group_reference(at, left, CaseMode::unicode);
      case Code::groupref_exists: return group_exists(at, end, width);
      case Code::branch: return branch(at, end, width);
      case Code::repeat: return repeat(at, end, width);
      case Code::possessive_repeat: return possessive_repeat(at, end, width);
      case Code::repeat_one: return repeat_one(at, end, width, Op::one_max);
      case Code::min_repeat_one: return repeat_one(at, end, width, Op::one_min);
      case Code::possessive_repeat_one: return repeat_one(at, end, width, Op::one_possessive);
      case Code::atomic_group: {
        size_t next;
        if (!target(at + 1, end, 2, next) || code(next - 1) != Code::success) return false;
        uint32_t height = take_registers(1);
        emit(Op::atomic_begin, height);
        if (!sequence(at + 2, next - 1, width)) return false;
        emit(Op::atomic_end, height);
        at = next;
        return true;
      }
      case Code::assert_:
      case Code::assert_not: {
        size_t next;
        if (!target(at + 1, end, 3, next) || code(next - 1) != Code::success) return false;
        bool negative = op == Code::assert_not;
        uint32_t registers = take_registers(2);
        uint32_t begin =
            emit(negative ? Op::assert_not_begin : Op::assert_begin, registers, code_[at + 2]);
        uint64_t ignored;
        if (!sequence(at + 3, next - 1, ignored)) return false;
        emit(negative ? Op::assert_not_end : Op::assert_end, registers);
        instruction(begin).c = here();
        at = next;
        return true;
      }
      default: return false;
    }
  }

  bool group_reference(size_t& at, size_t left, CaseMode mode) {
    if (left < 2 || code_[at + 1] >= groups_) return false;
    emit(mode == CaseMode::exact ? Op::group : Op::group_ignore, code_[at + 1] * 2,
         static_cast<uint32_t>(mode));
    at += 2;
    return true;
  }

  // GROUPREF_EXISTS group skip yes... [JUMP skip no...]: the first skip counts from the group's
  // word.
  bool group_exists(size_t& at, size_t end, uint64_t& width) {
    if (end - at < 3 || code_[at + 1] >= groups_) return false;
    size_t skip = code_[at + 2];
    if (skip < 2 || skip > end - at - 1) return false;
    size_t yes_end = at + 1 + skip, jump_at = 0;
    uint32_t test = emit(Op::group_exists, code_[at + 1] * 2);
    uint64_t yes = 0, no = 0;
    if (!sequence(at + 3, yes_end, yes, &jump_at)) return false;
    if (!jump_at) {
      instruction(test).b = here();
      width = 0;
      at = yes_end;
      return true;
    }
    size_t no_end;
    if (!target(jump_at + 1, end, 1, no_end)) return false;
    uint32_t jump = emit(Op::jump);
    instruction(test).b = here();
    if (!sequence(yes_end, no_end, no)) return false;
    instruction(jump).a = here();
    width = std::min(yes, no);
    at = no_end;
    return true;
  }

  // BRANCH {skip alternative... JUMP skip} ... 0
  bool branch(size_t& at, size_t end, uint64_t& width) {
    size_t place = at + 1, after = 0;
    uint32_t begin = emit(Op::branch);
    Alternatives alternatives;
    std::vector<uint32_t> jumps;
    width = UINT64_MAX;
    for (;;) {
      if (place >= end) return false;
      if (code_[place] == 0) break;
      size_t next;
      if (!target(place, end, 3, next) || next >= end || code(next - 2) != Code::jump) return false;
      size_t leads_to;
      if (!target(next - 1, end, 1, leads_to)) return false;
      if (after && after != leads_to) return false;
      after = leads_to;
      alternatives.push_back(here());
      uint64_t least;
      if (!sequence(place + 1, next - 2, least)) return false;
      width = std::min(width, least);
      jumps.push_back(emit(Op::jump));
      place = next;
    }
    if (alternatives.empty() || after != place + 1) return false;
    for (uint32_t jump : jumps) instruction(jump).a = here();
    instruction(begin).a = static_cast<uint32_t>(alternatives_.size());
    alternatives_.push_back(std::move(alternatives));
    at = after;
    return true;
  }

  bool bounds(size_t at, uint32_t& least, uint32_t& most) const {
    least = code_[at];
    most = code_[at + 1];
    return least <= most;
  }

  // REPEAT skip least most body... MAX_UNTIL|MIN_UNTIL
  bool repeat(size_t& at, size_t end, uint64_t& width) {
    size_t until;
    uint32_t least, most;
    if (end - at < 5 || !target(at + 1, end, 3, until) || until >= end ||
        !bounds(at + 2, least, most))
      return false;
    if (code(until) != Code::max_until && code(until) != Code::min_until) return false;
    bool greedy = code(until) == Code::max_until;
    uint32_t begin = emit(Op::jump);
    uint64_t body;
    if (!sequence(at + 4, until, body)) return false;
    width = saturating_multiply(body, least);
    at = until + 1;
    Instruction& first = instruction(begin);
    if (least == 0 && most == 1) {
      first.op = greedy ? Op::option : Op::option_lazy;
      first.a = here();
    } else if (most == 0) {
      first.a = here();
    } else if (least == 1 && most == 1) {
      first.a = begin + 1;
    } else if (least <= 1 && most == kUnlimited && body > 0) {
      first.a = least == 1 ? begin + 1 : here();
      emit(greedy ? Op::star : Op::star_lazy, begin + 1);
    } else {
      uint32_t loop = add_loop(least, most, begin + 1, body == 0, 2);
      first.op = Op::loop_begin;
      first.a = loop;
      emit(greedy ? Op::loop_max : Op::loop_min, loop);
      program_.loops[loop].after = here();
    }
    return true;
  }

  bool possessive_repeat(size_t& at, size_t end, uint64_t& width) {
    size_t until;
    uint32_t least, most;
    if (end - at < 5 || !target(at + 1, end, 3, until) || until >= end ||
        !bounds(at + 2, least, most))
      return false;
    if (code(until) != Code::success) return false;
    uint32_t loop = add_loop(least, most, 0, true, 3);
    emit(Op::possessive_begin, loop);
    emit(Op::possessive_next, loop);
    program_.loops[loop].body = here();
    uint64_t body;
    if (!sequence(at + 4, until, body)) return false;
    width = saturating_multiply(body, least);
    emit(Op::possessive_end, loop);
    program_.loops[loop].after = here();
    at = until + 1;
    return true;
  }

  uint32_t add_loop(uint32_t least, uint32_t most, uint32_t body, bool can_be_empty,
                    uint32_t registers) {
    program_.loops.push_back(Loop{least, most, body, 0, take_registers(registers), can_be_empty});
    return static_cast<uint32_t>(program_.loops.size() - 1);
  }

  // REPEAT_ONE skip least most test SUCCESS
  bool repeat_one(size_t& at, size_t end, uint64_t& width, Op op) {
    size_t next;
    uint32_t least, most;
    if (end - at < 6 || !target(at + 1, end, 5, next) || !bounds(at + 2, least, most)) return false;
    if (code(next - 1) != Code::success) return false;
    size_t place = at + 4;
    CharClass set;
    bool dynamic = false;
    if (single(place, next - 1, set, dynamic) != Single::yes || place != next - 1) return false;
    emit(op, class_index(set, dynamic), least, most);
    width = least;
    at = next;
    return true;
  }

  // ---- what can come first ----------------------------------------------------------------------

  struct First {
    uint64_t bits[4] = {};
    bool wide = false;   // characters above 255
    bool empty = false;  // or the way may succeed without a further character
    void add(uint32_t c) {
      if (c < 256)
        bits[c >> 6] |= uint64_t{1} << (c & 63);
      else
        wide = true;
    }
    void add(const CharClass& set, bool may_be_wide) {
      for (int i = 0; i < 4; ++i) bits[i] |= set.bits[i];
      wide = wide || may_be_wide;
    }
    void add_everything() {
      for (uint64_t& word : bits) word = ~uint64_t{0};
      wide = empty = true;
    }
  };

  bool may_be_wide(const CharClass& set) const {
    switch (set.rule) {
      case CharClass::Rule::none: return false;
      case CharClass::Rule::equal: return set.value > 255;
      case CharClass::Rule::lower_equal: return set.mode == CaseMode::unicode || set.value > 255;
      case CharClass::Rule::set: break;
      default: return true;
    }
    if (set.mode == CaseMode::unicode) return true;
    for (size_t at = set.value; code(at) != Code::failure;) {
      switch (code(at)) {
        case Code::literal:
          if (code_[at + 1] > 255) return true;
          at += 2;
          break;
        case Code::range:
          if (code_[at + 2] > 255) return true;
          at += 3;
          break;
        case Code::charset: at += 1 + kCharsetWords; break;
        case Code::category: {
          Category category = static_cast<Category>(code_[at + 1]);
          if (category != Category::digit && category != Category::space &&
              category != Category::word)
            return true;
          at += 2;
          break;
        }
        default: return true;
      }
    }
    return false;
  }

  // Adds what the matcher can consume first when it stands at `pc`. Always errs on the side of
  // more.
  void first(uint32_t pc, First& out, int depth = 0) {
    if (depth == 0) {
      budget_ = 400;
      seen_.clear();
    }
    for (;;) {
      if (--budget_ < 0 || depth > 40) return out.add_everything();
      const Instruction& i = program_.instructions[pc];
      switch (i.op) {
        case Op::fail: return;
        case Op::character: return out.add(i.a);
        case Op::text: return out.add(program_.literals[i.a]);
        case Op::set: return out.add(program_.classes[i.a], may_be_wide(program_.classes[i.a]));
        case Op::any: {
          First all;
          all.add_everything();
          for (int word = 0; word < 4; ++word) out.bits[word] |= all.bits[word];
          out.wide = true;
          return;
        }
        case Op::all:
          for (uint64_t& word : out.bits) word = ~uint64_t{0};
          out.wide = true;
          return;
        case Op::mark_open:
        case Op::mark_close:
        case Op::at:
        case Op::atomic_begin:
        case Op::possessive_begin: ++pc; break;
        case Op::jump: pc = i.a; break;
        case Op::assert_begin:
        case Op::assert_not_begin: pc = i.c; break;
        case Op::branch:
          if (i.a < built_) return add_branch(program_.branches[i.a], out);
          for (uint32_t alternative : alternatives_[i.a]) first(alternative, out, depth + 1);
          return;
        case Op::option:
        case Op::option_lazy:
          first(pc + 1, out, depth + 1);
          pc = i.a;
          break;
        case Op::star:
        case Op::star_lazy:
          if (seen(pc)) return;
          first(i.a, out, depth + 1);
          ++pc;
          break;
        case Op::loop_begin: {
          const Loop& loop = program_.loops[i.a];
          pc = loop.least > 0 ? loop.body : loop.after - 1;
          break;
        }
        case Op::loop_max:
        case Op::loop_min:
        case Op::possessive_next: {
          const Loop& loop = program_.loops[i.a];
          if (seen(pc)) return;
          first(loop.body, out, depth + 1);
          pc = loop.after;
          break;
        }
        case Op::one_max:
        case Op::one_min:
        case Op::one_possessive: {
          const CharClass& set = program_.classes[i.a];
          if (set.shape == CharClass::Shape::dynamic) return out.add_everything();
          if (i.c > 0) out.add(set, may_be_wide(set));
          if (i.b > 0) return;
          ++pc;
          break;
        }
        case Op::group_exists:
          first(pc + 1, out, depth + 1);
          pc = i.b;
          break;
        // At the end of an atomic construct what follows must not count: the choice made inside
        // stands even when it fails at once.
        case Op::atomic_end:
        case Op::possessive_end:
        case Op::assert_end:
        case Op::assert_not_end:
        case Op::success:
        case Op::set_dynamic:
        case Op::group:
        case Op::group_ignore: return out.add_everything();
      }
    }
  }
  static void add_branch(const Branch& branch, First& out) {
    for (uint32_t c = 0; c < 256; ++c) {
      if (branch.by_character[c]) out.add(c);
    }
    out.wide = out.wide || branch.wide;
    out.empty = out.empty || branch.at_end;
  }
  bool seen(uint32_t pc) {
    if (std::find(seen_.begin(), seen_.end(), pc) != seen_.end()) return true;
    seen_.push_back(pc);
    return false;
  }

  First first_of(uint32_t pc) {
    First out;
    first(pc, out);
    return out;
  }

  // The class that a way must start with; 0 when anything may come.
  uint32_t filter(const First& set) {
    bool all = set.wide;
    for (uint64_t word : set.bits) all = all && word == ~uint64_t{0};
    if (set.empty || all) return 0;
    CharClass made;
    for (int i = 0; i < 4; ++i) made.bits[i] = set.bits[i];
    made.rule = set.wide ? CharClass::Rule::all : CharClass::Rule::none;
    int count = 0;
    for (uint32_t c = 0; c < 256; ++c) {
      if (made.has(c)) ++count, made.single = static_cast<uint8_t>(c);
    }
    made.shape = count == 1 ? CharClass::Shape::one : CharClass::Shape::bitmap;
    program_.classes.push_back(made);
    return static_cast<uint32_t>(program_.classes.size() - 1);
  }

  // Which alternatives are worth trying for each next character. Characters that leave the same
  // ones share a list.
  void build_branch(const Alternatives& alternatives, Branch& branch) {
    std::vector<First> starts;
    starts.reserve(alternatives.size());
    for (uint32_t alternative : alternatives) starts.push_back(first_of(alternative));
    std::map<Alternatives, uint32_t> lists;
    size_t room =
        4096 + alternatives.size() * 16;  // of all lists together; beyond, the full list serves
    uint32_t full = 0;
    auto list = [&](const Alternatives& chosen) {
      if (chosen.empty()) return uint32_t{0};
      auto found = lists.find(chosen);
      if (found != lists.end()) return found->second;
      if (chosen.size() > room) return full;
      room -= chosen.size();
      uint32_t at = static_cast<uint32_t>(program_.choices.size());
      program_.choices.insert(program_.choices.end(), chosen.begin(), chosen.end());
      program_.choices.push_back(0);
      lists.emplace(chosen, at);
      return at;
    };
    full = list(alternatives);
    Alternatives chosen;
    auto choose = [&](auto&& wanted) {
      chosen.clear();
      for (size_t i = 0; i < alternatives.size(); ++i) {
        if (wanted(starts[i])) chosen.push_back(alternatives[i]);
      }
      return list(chosen);
    };
    branch.at_end = choose([](const First& start) { return start.empty; });
    branch.wide = choose([](const First& start) { return start.empty || start.wide; });
    for (uint32_t c = 0; c < 256; ++c) {
      branch.by_character[c] = choose(
          [c](const First& start) { return start.empty || (start.bits[c >> 6] >> (c & 63) & 1); });
    }
  }

  void analyse() {
    program_.choices.push_back(0);  // the empty list
    program_.branches.resize(alternatives_.size());
    // Inner branches come first here; what is built already answers first() at once.
    for (built_ = 0; built_ < alternatives_.size(); ++built_) {
      build_branch(alternatives_[built_], program_.branches[built_]);
    }
    for (uint32_t pc = 1; pc < here(); ++pc) {
      Instruction& i = instruction(pc);
      switch (i.op) {
        case Op::option:
        case Op::option_lazy:
          i.b = filter(first_of(pc + 1));
          i.c = filter(first_of(i.a));
          break;
        case Op::star:
        case Op::star_lazy:
          i.b = filter(first_of(i.a));
          i.c = filter(first_of(pc + 1));
          break;
        case Op::one_max:
        case Op::one_min: {
          First next = first_of(pc + 1);
          const CharClass& set = program_.classes[i.a];
          if (!next.empty && set.shape != CharClass::Shape::dynamic) {
            bool disjoint = true;
            for (int word = 0; word < 4; ++word)
              disjoint = disjoint && (set.bits[word] & next.bits[word]) == 0;
            if (disjoint) i.flags |= kDisjointLatin;
            if (disjoint && !(next.wide && may_be_wide(set))) i.flags |= kDisjointAll;
          }
          i.d = filter(next);
          break;
        }
        default: break;
      }
    }
    program_.start_filter = filter(first_of(program_.start));
    uint32_t pc = program_.start;
    while (instruction(pc).op == Op::mark_open) ++pc;
    if (instruction(pc).op == Op::text) {
      program_.prefix = instruction(pc).a;
      program_.prefix_length = instruction(pc).b;
    }
    if (instruction(pc).op == Op::at) {
      Position position = static_cast<Position>(instruction(pc).a);
      program_.only_at_beginning =
          position == Position::beginning || position == Position::beginning_string;
    }
  }

  Program& program_;
  const std::vector<uint32_t>& code_;
  uint32_t groups_;
  std::vector<Alternatives> alternatives_;
  std::vector<uint32_t> seen_;
  size_t built_ = 0;
  int depth_ = 0, budget_ = 0;
};

}  // namespace

bool translate(std::vector<uint32_t> code, uint32_t groups, Program& program) {
  program.code = std::move(code);
  return Translator(program, groups).run();
}

}  // namespace dx::sre
