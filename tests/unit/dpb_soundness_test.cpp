// What the verifier accepts runs without touching a register it must not touch.
//
// Random functions are made from statements, then damaged a little; those the verifier accepts are
// executed on a model of the interpreter's registers, with random outcomes of tests and exceptions
// anywhere. The model knows nothing of joins: it holds one concrete state, so it finds what an
// abstract interpretation may have merged wrongly.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "dpb/disassembler.h"
#include "dpb/instruction_text.h"
#include "dpb/verifier.h"

namespace dx::dpb {
namespace {

using namespace emit;

using Random = std::mt19937;

constexpr uint16_t kLocals = 5, kFirst = kLocals, kRegisters = kFirst + 40;

CodeUnit frame(bool generator) {
  CodeUnit unit;
  unit.name = unit.qualname = "random";
  unit.flags = kCoOptimized | (generator ? kCoGenerator : 0);
  unit.argument_count = 2;
  unit.varnames = {"a", "b", "c", "d"};
  unit.cellvars = {"cell"};  // register 4
  unit.names = {"x"};
  unit.constants = {Constant::none(), Constant::string("s"),
                    Constant::tuple({Constant::string("k")})};
  for (int kind = 1; kind < kSiteKindCount; ++kind) {
    unit.sites.push_back(
        {SiteKind(kind), SiteKind(kind) == SiteKind::call ? CacheSite::kNoName : 0});
  }
  unit.register_count = kRegisters;
  return unit;
}

// Statements that leave the temporaries from `base` on as they found them: not in use.
class Maker {
 public:
  Maker(Random& random, bool generator) : random_(random), generator_(generator) {}

  CodeUnit make() {
    CodeUnit unit = frame(generator_);
    unit_ = &unit;
    if (pick(2)) add(make_cell(4));
    if (generator_) add(return_generator());
    block(kFirst, 3);
    add(return_const(0));
    for (size_t at = 0; at < unit.exceptions.size(); ++at) {
      // Handlers: one of two shapes, each at the end of the code.
      uint16_t exception = uint16_t(kFirst + unit.exceptions[at].depth);
      unit.exceptions[at].handler = uint32_t(unit.instructions.size());
      if (pick(2)) {
        add(push_exc_info(exception + 1, exception));
        statement(exception + 2, 1);
        add(pop_except(exception + 1));
      }
      if (pick(4) == 0) add(check_bound(uint16_t(pick(4))));
      add(reraise(exception, kKillB));
    }
    return unit;
  }

 private:
  Random& random_;
  bool generator_;
  CodeUnit* unit_ = nullptr;

  uint32_t pick(uint32_t count) { return random_() % count; }
  void add(Instruction instruction) { unit_->instructions.push_back(instruction); }
  uint32_t here() const { return uint32_t(unit_->instructions.size()); }
  uint16_t local() { return uint16_t(pick(4)); }
  uint16_t site(SiteKind kind) const { return uint16_t(int(kind) - 1); }

  // Leaves a value in register `at`.
  void value(uint16_t at, int depth) {
    switch (depth > 0 && at + 20 < kRegisters ? pick(12) : pick(4)) {
      case 0: add(load_int(at, int(pick(100)))); break;
      case 1: {
        uint16_t from = local();
        if (pick(2)) add(check_bound(from));
        add(move(at, from));
        break;
      }
      case 2: add(load_const(at, pick(3))); break;
      case 3: add(load_deref(at, 4)); break;
      case 4:
        value(at, depth - 1), value(uint16_t(at + 1), depth - 1);
        add(binary_add(at, at, uint16_t(at + 1), kKillB | kKillC));
        break;
      case 5:
        value(at, depth - 1), value(uint16_t(at + 1), depth - 1);
        add(build_tuple(at, at, 2));
        break;
      case 6:
        add(build_list(at, 0, 0));
        value(uint16_t(at + 1), depth - 1);
        add(list_append(at, uint16_t(at + 1), kKillB));
        break;
      case 7:
        value(at, depth - 1), value(uint16_t(at + 7), depth - 1);
        add(generator_ ? call_heap(at, at, site(SiteKind::call), 1)
                       : call(at, at, site(SiteKind::call), 1));
        break;
      case 8:
        value(at, depth - 1);
        add(load_method(at, at, site(SiteKind::method), kKillB));
        add(generator_ ? call_method_heap(at, at, site(SiteKind::call), 0)
                       : call_method(at, at, site(SiteKind::call), 0));
        break;
      case 9: {  // conditional expression
        value(at, depth - 1);
        uint32_t test = here();
        add(jump_if(0, at, kKillB));
        value(at, depth - 1);
        uint32_t over = here();
        add(jump(0));
        patch(test);
        value(at, depth - 1);
        patch(over);
        break;
      }
      case 10:
        value(at, depth - 1);
        add(load_attr(at, at, site(SiteKind::attr_load), kKillB));
        break;
      default:
        value(at, depth - 1);
        if (generator_) {
          add(yield_value(at, at, 0, kKillB));
        } else {
          add(unary_negative(at, at, kKillB));
        }
    }
  }

  // Lets the jump at `from` lead here.
  void patch(uint32_t from) {
    Instruction& instruction = unit_->instructions[from];
    uint32_t distance = here() - from - 1;
    if (info(instruction.op).kinds[1] == OperandKind::jump32) {
      instruction.set_wide(distance);
    } else {
      instruction.a = uint16_t(distance);
    }
  }

  void block(uint16_t base, int depth) {
    for (uint32_t count = 1 + pick(3); count > 0; --count) statement(base, depth);
  }

  void statement(uint16_t base, int depth) {
    if (here() > 400) depth = 0;
    switch (depth > 0 && base + 20 < kRegisters ? pick(9) : pick(4)) {
      case 0:
        value(base, 1);
        add(move(local(), base, kKillB));
        break;
      case 1: add(delete_fast(local())); break;
      case 2:
        value(base, 2);
        add(clear(base));
        break;
      case 3:
        value(base, 1);
        add(store_deref(4, base, kKillB));
        break;
      case 4: {  // if
        value(base, 1);
        uint32_t test = here();
        add(jump_if(0, base, kKillB));
        block(base, depth - 1);
        patch(test);
        break;
      }
      case 5: {  // for, perhaps with a break that gives the iterator back
        value(base, 1);
        add(get_iter(base, base, kKillB));
        uint32_t enter = here();
        add(jump(0));
        uint32_t body = here();
        block(uint16_t(base + 1), depth - 1);
        uint32_t out = 0;
        if (pick(2)) {
          value(uint16_t(base + 1), 0);
          uint32_t skip = here();
          add(jump_if(0, uint16_t(base + 1), kKillB));
          add(clear(base));
          out = here();
          add(jump(0));
          patch(skip);
        }
        patch(enter);
        add(for_iter(local(), base, int16_t(int32_t(body) - int32_t(here()) - 1)));
        if (out) patch(out);
        break;
      }
      case 6: {  // try
        uint32_t start = here();
        block(base, 0);
        unit_->exceptions.push_back({start, here(), 0, uint32_t(base - kFirst)});
        break;
      }
      case 7: {  // while
        uint32_t top = here();
        block(base, depth - 1);
        value(base, 0);
        add(jump_if(int16_t(int32_t(top) - int32_t(here()) - 1), base, kKillB));
        break;
      }
      default:
        value(base, 1);
        add(unpack_ex(base, base, 1, 1));
        add(list_append(uint16_t(base + 1), base));
        for (int i = 0; i < 3; ++i) add(clear(uint16_t(base + i)));
    }
  }
};

// One run on concrete registers. `trouble` says what the verifier should have refused.
class Model {
 public:
  Model(const CodeUnit& unit, const LiveDepths& depths, Random& random)
      : unit_(unit), depths_(depths), random_(random) {
    registers_.assign(unit.register_count, kDead);
    for (uint32_t at = 0; at < first_; ++at)
      registers_[at] = at < unit.parameter_count() ? kObject : kEmpty;
  }

  std::string trouble;

  void run(int steps) {
    uint32_t at = 0;
    while (steps-- > 0 && trouble.empty()) {
      if (at >= unit_.instructions.size()) return complain(at, "ran off the end");
      if (depths_[at] == kUnreached) return complain(at, "is reached, but has no depth");
      for (uint32_t temporary = first_ + depths_[at]; temporary < registers_.size(); ++temporary) {
        if (in_use(temporary)) return complain(at, "a temporary above the live depth is in use");
      }
      if (random_() % 50 == 0) {  // a trace function raises
        if (!unwind(at)) return;
        continue;
      }
      next_ = at + 1;
      Ending ending = step(at);
      if (!trouble.empty() || ending == Ending::returned) return;
      if (ending == Ending::raised) {
        if (!unwind(at)) return;
        continue;
      }
      at = next_;
    }
  }

 private:
  enum Kind : uint8_t { kDead, kEmpty, kObject, kCell, kList, kSet, kDict, kStr, kTuple, kSaved };
  enum class Ending { on, returned, raised };

  const CodeUnit& unit_;
  const LiveDepths& depths_;
  Random& random_;
  std::vector<Kind> registers_;
  uint32_t first_ = unit_.first_temporary();
  uint32_t next_ = 0;

  bool in_use(uint32_t at) const { return registers_[at] > kEmpty; }
  void complain(uint32_t at, const std::string& what) {
    if (trouble.empty()) {
      trouble = "instruction " + std::to_string(at) + " " +
                instruction_text(register_names(unit_), unit_.instructions[at], "?") + ": " + what;
    }
  }
  void want(uint32_t index, bool condition, const char* what) {
    if (!condition) complain(index, what);
  }

  bool unwind(uint32_t& at) {
    for (const ExceptionEntry& entry : unit_.exceptions) {
      if (at < entry.start || at >= entry.end) continue;
      for (uint32_t temporary = first_ + entry.depth; temporary < registers_.size(); ++temporary) {
        registers_[temporary] = kDead;
      }
      registers_[first_ + entry.depth] = kObject;
      at = entry.handler;
      return true;
    }
    return false;
  }

  Ending step(uint32_t index) {
    const Instruction i = unit_.instructions[index];
    const OpInfo& facts = info(i.op);
    const Op op = i.code();
    const uint16_t fields[3] = {i.a, i.b, i.c};
    const uint8_t bits[3] = {kKillA, kKillB, kKillC};
    bool kills = facts.aux >= AuxKind::kill && facts.aux <= AuxKind::kill_which;
    std::vector<uint32_t> consumed;
    Kind moved = op == Op::MOVE ? registers_[i.b] : kObject;
    for (int operand = 0; operand < 3; ++operand) {
      if (!operand_used(i, operand)) continue;
      uint32_t at = fields[operand];
      switch (facts.kinds[operand]) {
        case OperandKind::in:
          if (kills && i.aux & bits[operand]) consumed.push_back(at);
          if (op == Op::MOVE && i.kills_b()) {
            want(index, registers_[at] != kDead, "moves what is not in use");
          } else {
            want(index, in_use(at), "reads nothing");
          }
          break;
        case OperandKind::keep:
          want(
              index,
              op == Op::CHECK_BOUND || op == Op::DELETE_FAST ? registers_[at] != kDead : in_use(at),
              "reads nothing");
          break;
        case OperandKind::inout:
          want(index, op == Op::CLEAR || op == Op::MAKE_CELL ? registers_[at] != kDead : in_use(at),
               "reads nothing");
          break;
        case OperandKind::cell: want(index, registers_[at] == kCell, "is no cell"); break;
        case OperandKind::first:
          for (uint32_t item = at; item < at + run_length(i); ++item) {
            want(index, in_use(item), "reads nothing");
            consumed.push_back(item);
          }
          break;
        case OperandKind::window: window(index, at, consumed); break;
        default: break;
      }
    }
    if (op == Op::LIST_APPEND) want(index, registers_[i.a] == kList, "is no list");
    if (op == Op::POP_EXCEPT) want(index, registers_[i.b] == kSaved, "was not saved");
    if (!trouble.empty()) return Ending::on;
    for (uint32_t at : consumed) registers_[at] = at < first_ ? kEmpty : kDead;
    if (facts.effects & (kRaises | kPolls) && random_() % 8 == 0) return Ending::raised;
    return finish(index, moved);
  }

  void window(uint32_t index, uint32_t at, std::vector<uint32_t>& consumed) {
    const Instruction i = unit_.instructions[index];
    WindowShape shape = info(i.op).takes;
    if (shape == WindowShape::super) return;
    uint32_t arguments = shape == WindowShape::star ? 1 + i.aux : i.aux;
    want(index, in_use(at), "calls nothing");
    for (uint32_t slot = 1; slot <= 5; ++slot)
      want(index, !in_use(at + slot), "the callee's header is in use");
    if (shape == WindowShape::method) {
      want(index, registers_[at + 6] != kDead, "self is garbage");
    } else {
      want(index, !in_use(at + 6), "self is in use");
    }
    for (uint32_t slot = 7; slot < 7 + arguments; ++slot)
      want(index, in_use(at + slot), "an argument is nothing");
    for (uint32_t above = at + 7 + arguments; above < registers_.size(); ++above) {
      want(index, !in_use(above), "something is in use above the window");
    }
    for (uint32_t slot = at; slot < at + 7 + arguments; ++slot) consumed.push_back(slot);
  }

  Ending finish(uint32_t index, Kind moved) {
    const Instruction i = unit_.instructions[index];
    const OpInfo& facts = info(i.op);
    bool taken = random_() % 2;
    uint32_t target = uint32_t(int64_t{index} + 1 + jump_distance(i));
    switch (i.code()) {
      case Op::FOR_ITER:
        registers_[taken ? i.a : i.b] = taken ? kObject : kDead;
        if (taken) next_ = target;
        return Ending::on;
      case Op::SEND:
        registers_[i.a] = kObject;
        if (taken) registers_[i.b] = kDead, next_ = target;
        return Ending::on;
      case Op::CLEAR: registers_[i.b] = i.b < first_ ? kEmpty : kDead; return Ending::on;
      case Op::POP_EXCEPT: registers_[i.b] = kDead; return Ending::on;
      case Op::MAKE_CELL: registers_[i.b] = kCell; return Ending::on;
      case Op::CHECK_BOUND: return registers_[i.b] == kEmpty ? Ending::raised : Ending::on;
      case Op::DELETE_FAST:
        if (registers_[i.b] == kEmpty) return Ending::raised;
        registers_[i.b] = kEmpty;
        return Ending::on;
      case Op::END_ASYNC_FOR: registers_[i.b] = registers_[i.c] = kDead; return Ending::on;
      case Op::CLEANUP_THROW:
        registers_[i.b] = registers_[i.c] = kDead, registers_[i.a] = kObject;
        return Ending::on;
      case Op::RETURN_GENERATOR: return Ending::on;
      case Op::RETURN_VALUE:
      case Op::RETURN_CONST:
        for (uint32_t at = first_; at < registers_.size(); ++at)
          want(index, !in_use(at), "something is in use at the return");
        return Ending::returned;
      case Op::RERAISE:
      case Op::RAISE_VARARGS: return Ending::raised;
      case Op::JUMP:
      case Op::JUMP_BACKWARD: next_ = target; return Ending::on;
      default: break;
    }
    if (facts.kinds[0] == OperandKind::out) {
      Kind kind = moved;
      if (i.code() == Op::BUILD_LIST) kind = kList;
      if (i.code() == Op::BUILD_SET) kind = kSet;
      if (i.code() == Op::BUILD_MAP) kind = kDict;
      if (i.code() == Op::PUSH_EXC_INFO) kind = kSaved;
      registers_[i.a] = kind;
    }
    switch (facts.writes) {
      case WritesShape::method:
        registers_[i.a] = kObject, registers_[i.a + 6] = taken ? kObject : kEmpty;
        break;
      case WritesShape::self: registers_[i.a + 6] = kEmpty; break;
      case WritesShape::two: registers_[i.a] = registers_[i.a + 1] = kObject; break;
      case WritesShape::exc_args:
        registers_[i.a + 7] = registers_[i.a + 8] = registers_[i.a + 9] = kObject;
        break;
      case WritesShape::operand_c:
        for (uint32_t n = 0; n < i.c; ++n)
          registers_[i.a + n] = i.code() == Op::COPY_FREE_VARS ? kCell : kObject;
        break;
      case WritesShape::unpack:
        for (uint32_t n = 0; n < uint32_t(i.c) + 1 + i.aux; ++n)
          registers_[i.a + n] = n == i.c ? kList : kObject;
        break;
      case WritesShape::none: break;
    }
    if (facts.effects & kJumps && taken) next_ = target;
    return Ending::on;
  }
};

// Changes one field or swaps two instructions.
void damage(CodeUnit& unit, Random& random) {
  size_t at = random() % unit.instructions.size();
  Instruction& instruction = unit.instructions[at];
  switch (random() % 7) {
    case 0: instruction.a = uint16_t(instruction.a + random() % 5 - 2); break;
    case 1: instruction.b = uint16_t(instruction.b + random() % 5 - 2); break;
    case 2: instruction.c = uint16_t(instruction.c + random() % 5 - 2); break;
    case 3: instruction.aux ^= uint8_t(1 << random() % 3); break;
    case 4: instruction.op = uint8_t(random() % kOpCount); break;
    case 5: std::swap(instruction, unit.instructions[random() % unit.instructions.size()]); break;
    default:
      if (!unit.exceptions.empty()) {
        ExceptionEntry& entry = unit.exceptions[random() % unit.exceptions.size()];
        (random() % 2   ? entry.depth
         : random() % 2 ? entry.start
                        : entry.handler) += random() % 3 - 1;
      }
  }
}

void explore(uint32_t seed, int programs) {
  Random random(seed);
  int accepted = 0, damaged_and_accepted = 0;
  for (int program = 0; program < programs; ++program) {
    CodeUnit unit = Maker(random, random() % 2).make();
    int hits = int(random() % 4);
    for (int hit = 0; hit < hits; ++hit) damage(unit, random);
    std::vector<LiveDepths> depths;
    if (verify(unit, &depths)) continue;
    ++accepted;
    damaged_and_accepted += hits > 0;
    for (int run = 0; run < 12; ++run) {
      Model model(unit, depths[0], random);
      model.run(300);
      ASSERT_EQ(model.trouble, "")
          << "seed " << seed << ", program " << program << disassemble(unit);
    }
  }
  // The test means nothing if hardly anything is accepted.
  EXPECT_GT(accepted, programs / 50);
  EXPECT_GT(damaged_and_accepted, programs / 200);
}

TEST(Soundness, AcceptedProgramsNeverTouchAWrongRegister) {
  const char* seeds = std::getenv("DX_SOUNDNESS_SEEDS");  // more of them for long runs
  for (int seed = 1; seed <= (seeds ? std::atoi(seeds) : 2); ++seed) explore(uint32_t(seed), 20000);
}

}  // namespace
}  // namespace dx::dpb
