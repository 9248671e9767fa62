// Abstract interpretation of registers. docs/internals/dpb-verifier.md has the rules this file
// enforces, numbered; the comments below refer to them.
//
// The state of a register is a set of Kinds in 16 bits, with the number of cells above them for a
// tuple of cells. Only the instructions that something jumps to ("leaders") keep a whole state; a
// walk starts at a leader, carries one state forward and joins it into every leader it meets. Sets
// only grow, so the walks come to an end.

#include "dpb/verifier.h"

#include <algorithm>
#include <bit>
#include <queue>
#include <unordered_set>

#include "base/check.h"
#include "dpb/instruction_text.h"

namespace dx::dpb {
namespace {

using State = uint32_t;
constexpr State kDead = 1, kEmpty = 2, kCell = 4, kList = 8, kSet = 16, kDict = 32, kStr = 64,
                kTuple = 128, kSaved = 256, kObject = 512, kCells = 1024;
constexpr State kNoValue = kDead | kEmpty;
constexpr State kKinds = 0xFFFF;
constexpr State cells(uint32_t count) { return kCells | count << 16; }

constexpr bool in_use(State state) { return state & kKinds & ~kNoValue; }
constexpr bool is_value(State state) { return !(state & kNoValue); }
constexpr State join(State left, State right) {
  State kinds = (left | right) & kKinds;
  if (!(kinds & kCells)) return kinds;
  if (!(left & kCells)) return kinds | (right & ~kKinds);
  if (!(right & kCells) || (left ^ right) <= kKinds) return kinds | (left & ~kKinds);
  return (kinds & ~kCells) | kTuple;  // tuples of different lengths: only a tuple
}

// Most instructions only read registers, name something in a table, jump and write a register. For
// those the checks are laid out here once, so that verifying costs a few nanoseconds each;
// everything else, and every error, takes the general way.
struct Plan {
  bool plain = false;   // covered by this struct
  bool writes = false;  // operand a is a destination
  bool jumps = false;   // operand a is a distance
  uint8_t reads = 0;    // operands read: bit 0 a, bit 1 b, bit 2 c
  uint8_t kills = 0;    // kill bits that may be set (bit 0 b, bit 1 c, bit 2 a)
  uint8_t zero = 0;     // operands that are unused
  uint8_t flags = 0;    // other aux bits
  enum Table : uint8_t { kNoTable, kWideConstant, kWideSite, kSiteInC } table = kNoTable;
};

constexpr bool needs_special_care(Op op) {
  switch (op) {
    case Op::CHECK_BOUND:
    case Op::DELETE_FAST:
    case Op::FOR_ITER:
    case Op::LIST_APPEND:
    case Op::LIST_EXTEND:
    case Op::LIST_TO_TUPLE:
    case Op::PREP_RERAISE_STAR:
    case Op::SET_ADD:
    case Op::SET_UPDATE:
    case Op::MAP_ADD:
    case Op::DICT_UPDATE:
    case Op::DICT_MERGE:
    case Op::BUILD_TEMPLATE:
    case Op::MATCH_KEYS:
    case Op::FORMAT_VALUE:
    case Op::YIELD_VALUE:
    case Op::RAISE_VARARGS:
    case Op::RETURN_VALUE:
    case Op::RETURN_CONST: return true;
    default: return false;
  }
}

constexpr Plan plan_of(Op op) {
  const OpInfo& facts = info(op);
  Plan plan;
  if (needs_special_care(op) ||
      (facts.needs != Placement::none && facts.needs != Placement::unoptimized))
    return plan;
  if (facts.aux != AuxKind::none && facts.aux != AuxKind::kill &&
      facts.aux != AuxKind::kill_sense && facts.aux != AuxKind::kill_flag) {
    return plan;
  }
  if (facts.aux == AuxKind::kill_sense || facts.aux == AuxKind::kill_flag) plan.flags = kFlag;
  const uint8_t kill_bits[3] = {kKillA, kKillB, kKillC};
  bool wide = false;
  for (int operand = 0; operand < 3; ++operand) {
    switch (facts.kinds[operand]) {
      case OperandKind::none:
        if (!wide) plan.zero |= uint8_t(1 << operand);
        break;
      case OperandKind::out:
        if (operand != 0) return {};
        plan.writes = true;
        break;
      case OperandKind::in:
        plan.reads |= uint8_t(1 << operand);
        plan.kills |= kill_bits[operand];
        break;
      case OperandKind::keep: plan.reads |= uint8_t(1 << operand); break;
      case OperandKind::jump:
        if (operand != 0) return {};
        plan.jumps = true;
        break;
      case OperandKind::site:
        if (operand != 2) return {};
        plan.table = Plan::kSiteInC;
        break;
      case OperandKind::constant32:
        plan.table = Plan::kWideConstant;
        wide = true;
        break;
      case OperandKind::site32:
        plan.table = Plan::kWideSite;
        wide = true;
        break;
      case OperandKind::int32: wide = true; break;
      case OperandKind::int16: break;
      default: return {};
    }
  }
  plan.plain = true;
  return plan;
}

struct Plans {
  Plan of[256];
  constexpr Plans() {
    for (int op = 0; op < kOpCount; ++op) of[op] = plan_of(Op(op));
  }
};
constexpr Plans kPlans;

const char* state_text(State state) {
  if (!in_use(state)) return state & kDead ? "is not in use" : "is empty";
  if (state & kDead) return "may be unset";
  if (state & kEmpty) return "may be empty";
  return "is a value";
}

constexpr size_t kMaxStateWords = size_t{1} << 26;  // whole states kept at once: 256 MB

class UnitVerifier {
 public:
  explicit UnitVerifier(const CodeUnit& unit) : unit_(unit) {}

  bool run() { return check_tables() && check_shape() && check_flow(); }
  bool run_and_keep(const std::vector<uint32_t>& instructions) {
    if (!check_tables() || !check_shape()) return false;
    for (uint32_t index : instructions) leader_[index] = 1;
    return check_flow();
  }
  std::vector<State> state_before(uint32_t index) const {
    return state_slot_[index] ? states_[state_slot_[index] - 1] : std::vector<State>();
  }

  std::string error;
  LiveDepths depths;

 private:
  struct Run {
    uint32_t start, length;
    bool contains(uint32_t index) const { return index - start < length; }
    bool meets(Run other) const {
      return start < other.start + other.length && other.start < start + length;
    }
  };

  const CodeUnit& unit_;
  uint32_t first_temporary_ = 0, register_count_ = 0, size_ = 0;
  uint32_t prologue_end_ = 0;  // nothing jumps below it

  std::vector<uint8_t> leader_;
  std::vector<uint32_t>
      entry_of_;  // instruction -> 1 + index of the exception entry that covers it
  std::vector<std::vector<State>> states_;
  std::vector<uint32_t> state_slot_;  // leader -> 1 + index into states_
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> pending_;
  std::vector<uint8_t> queued_;
  std::vector<uint8_t> is_entered_;  // handlers that an exception edge has reached
  int64_t budget_ = 0;               // roughly nanoseconds of work left

  // The walk in progress.
  std::vector<State> now_;
  uint32_t top_ = 0;  // one more than the highest temporary in use, as a register index
  std::vector<uint32_t> changed_;

  // ---- messages ---------------------------------------------------------------------------------
  bool fail(std::string message) {
    if (error.empty()) error = "code " + unit_.qualname + ": " + std::move(message);
    return false;
  }
  bool fail_at(uint32_t index, std::string message) {
    Instruction instruction = unit_.instructions[index];
    std::string target = "->" + std::to_string(int64_t{index} + 1 + jump_distance(instruction));
    return fail("instruction " + std::to_string(index) + " " +
                instruction_text(register_names(unit_), instruction, target) + ": " + message);
  }
  std::string name(uint32_t index) const { return register_text(register_names(unit_), index); }

  // ---- tables -----------------------------------------------------------------------------------
  bool check_tables() {
    constexpr size_t kMany = 65536;
    size_ = uint32_t(unit_.instructions.size());
    if (unit_.instructions.empty()) return fail("there are no instructions");
    if (unit_.instructions.size() > INT32_MAX) return fail("too many instructions");
    if (unit_.varnames.size() >= kMany || unit_.cellvars.size() >= kMany ||
        unit_.freevars.size() >= kMany) {
      return fail("too many variables");
    }
    if (unit_.argument_count > kMany || unit_.keyword_only > kMany)
      return fail("too many parameters");
    if (unit_.positional_only > unit_.argument_count)
      return fail("more positional-only than positional parameters");
    if (unit_.parameter_count() > unit_.varnames.size())
      return fail("more parameters than varnames");
    if (std::popcount(unit_.flags & kCoHeapFrame) > 1)
      return fail("more than one of the generator flags is set");
    first_temporary_ = unit_.first_temporary();
    register_count_ = unit_.register_count;
    if (register_count_ > 65534) return fail("more than 65534 registers");
    if (first_temporary_ > register_count_)
      return fail("the register count does not cover the variables");
    if (!unit_.positions.empty() && unit_.positions.size() != size_) {
      return fail("positions are given for " + std::to_string(unit_.positions.size()) +
                  " instructions of " + std::to_string(size_));
    }
    for (const SourcePosition& at : unit_.positions) {
      if (at.line < -1 || at.end_line < -1 || at.column < -1 || at.end_column < -1)
        return fail("a position is negative");
    }
    if (!valid_text(unit_.name) || !valid_text(unit_.qualname))
      return fail("the name is not valid text");
    for (const auto* list : {&unit_.varnames, &unit_.cellvars, &unit_.freevars, &unit_.names}) {
      for (const std::string& text : *list) {
        if (!valid_text(text)) return fail("a variable's name is not valid text");
      }
    }
    for (const TypeAnnotation& hint : unit_.annotations) {
      if (!valid_text(hint.name) || !valid_text(hint.text))
        return fail("an annotation is not valid text");
    }
    for (size_t at = 0; at < unit_.sites.size(); ++at) {
      const CacheSite& site = unit_.sites[at];
      bool named = site.kind != SiteKind::call;
      if (site.kind == SiteKind::none || int(site.kind) >= kSiteKindCount ||
          (named ? site.name >= unit_.names.size() : site.name != CacheSite::kNoName)) {
        return fail("cache site @" + std::to_string(at) + " is malformed");
      }
    }
    for (size_t at = 0; at < unit_.constants.size(); ++at) {
      const char* wrong = constant_error(unit_.constants[at], 0);
      if (wrong) return fail("constant $" + std::to_string(at) + " " + wrong);
    }
    return check_exceptions();
  }

  static const char* constant_error(const Constant& constant, int depth) {
    if (depth > kMaxConstantNesting) return "is nested too deeply";
    using Kind = Constant::Kind;
    if (constant.kind > Kind::code) return "has no known kind";
    bool container = constant.kind == Kind::tuple || constant.kind == Kind::frozenset ||
                     constant.kind == Kind::slice;
    bool textual = constant.kind == Kind::str || constant.kind == Kind::bytes;
    if (!container && !constant.items.empty()) return "has items but is no container";
    if (!textual && !constant.text.empty()) return "has text but is no str or bytes";
    if (constant.kind != Kind::big_int && (constant.negative || !constant.limbs.empty()))
      return "has stray limbs";
    int words = constant.kind == Kind::complex
                    ? 2
                    : constant.kind == Kind::float64 || constant.kind == Kind::int64;
    if ((words < 2 && constant.bits[1]) || (words < 1 && constant.bits[0])) return "has stray bits";
    if (constant.kind == Kind::str && !valid_text(constant.text))
      return "is a str that is not valid text";
    if (constant.kind == Kind::slice && constant.items.size() != 3)
      return "is a slice without three parts";
    if (constant.kind == Kind::big_int &&
        (constant.limbs.empty() || Constant::big(constant.negative, constant.limbs) != constant)) {
      return "is a big int that is not in its shortest form";
    }
    if ((constant.kind == Kind::code) != bool(constant.code))
      return "is a code object without its code";
    for (const Constant& item : constant.items) {
      if (item.kind == Kind::code) return "holds a code object";
      if (const char* wrong = constant_error(item, depth + 1)) return wrong;
    }
    return nullptr;
  }

  bool check_exceptions() {
    entry_of_.assign(size_, 0);
    std::vector<uint32_t> depth_of;  // handler -> 1 + depth
    if (!unit_.exceptions.empty()) depth_of.assign(size_, 0);
    uint32_t previous = 0;
    for (size_t at = 0; at < unit_.exceptions.size(); ++at) {
      const ExceptionEntry& entry = unit_.exceptions[at];
      auto wrong = [&](const char* message) {
        return fail("exception entry " + std::to_string(at) + " " + message);
      };
      if (entry.start >= entry.end || entry.end > size_) return wrong("has no proper range");
      if (entry.start < previous) return wrong("overlaps the one before it");
      if (entry.handler >= size_) return wrong("has no handler");
      if (entry.depth >= register_count_ - first_temporary_)
        return wrong("has no register for its exception");
      if (depth_of[entry.handler] && depth_of[entry.handler] != entry.depth + 1) {
        return wrong("gives its handler a second depth");
      }
      depth_of[entry.handler] = entry.depth + 1;
      for (uint32_t index = entry.start; index < entry.end; ++index)
        entry_of_[index] = uint32_t(at) + 1;
      previous = entry.end;
    }
    return true;
  }

  // ---- shape: everything that can be said of an instruction by itself ---------------------------
  bool check_shape() {
    leader_.assign(size_, 0);
    find_prologue();
    for (uint32_t index = 0; index < size_; ++index) {
      if (!check_instruction(index)) return false;
    }
    for (const ExceptionEntry& entry : unit_.exceptions) {
      if (entry.start < prologue_end_ || entry.handler < prologue_end_)
        return fail("the prologue is in an exception entry");
      leader_[entry.handler] = 1;
    }
    if (!has_effect(unit_.instructions.back().code(), kEnds) ||
        unit_.instructions.back().code() == Op::RETURN_GENERATOR) {
      return fail_at(size_ - 1, "control runs off the end");
    }
    if (unit_.heap_frame() && prologue_end_ == 0)
      return fail("generator code starts without RETURN_GENERATOR");
    return true;
  }

  void find_prologue() {
    for (uint32_t index = 0; index < size_; ++index) {
      Op op = unit_.instructions[index].code();
      if (op == Op::COPY_FREE_VARS) prologue_end_ = index + 1;
      if (op == Op::RETURN_GENERATOR) {
        prologue_end_ = index + 1;
        return;
      }
      if (op != Op::NOP && op != Op::MAKE_CELL && op != Op::COPY_FREE_VARS) break;
    }
    // Without RETURN_GENERATOR generator code has no prologue, which check_shape reports.
    if (unit_.heap_frame()) prologue_end_ = 0;
  }

  // Whether a plain instruction is in shape. False says nothing: the general way decides, and names
  // the error.
  bool plain_shape(uint32_t index, Instruction instruction) {
    const Plan& plan = kPlans.of[instruction.op];
    if (!plan.plain) return false;
    const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
    uint8_t killable = plan.flags;
    const uint8_t kill_bits[3] = {kKillA, kKillB, kKillC};
    for (int operand = 0; operand < 3; ++operand) {
      uint8_t bit = uint8_t(1 << operand);
      if (plan.zero & bit && fields[operand]) return false;
      if (plan.reads & bit) {
        if (fields[operand] >= register_count_) return false;
        if (fields[operand] >= first_temporary_) killable |= plan.kills & kill_bits[operand];
      }
    }
    if (instruction.aux & ~killable) return false;
    if (plan.writes && (instruction.a >= register_count_ || is_namespace(instruction.a)))
      return false;
    const OpInfo& facts = info(instruction.op);
    if (facts.needs == Placement::unoptimized && unit_.optimized()) return false;
    switch (plan.table) {
      case Plan::kNoTable: break;
      case Plan::kWideConstant:
        if (instruction.wide() >= unit_.constants.size()) return false;
        break;
      case Plan::kWideSite:
      case Plan::kSiteInC: {
        uint32_t site = plan.table == Plan::kWideSite ? instruction.wide() : instruction.c;
        if (site >= unit_.sites.size() || unit_.sites[site].kind != facts.site) return false;
        break;
      }
    }
    if (plan.jumps) {
      int64_t target = int64_t{index} + 1 + instruction.signed_a();
      if (target < prologue_end_ || target >= size_) return false;
      leader_[size_t(target)] = 1;
    }
    return true;
  }

  bool check_instruction(uint32_t index) {
    Instruction instruction = unit_.instructions[index];
    if (plain_shape(index, instruction)) return true;
    if (!is_op(instruction.op)) return fail_at(index, "there is no such op");
    const OpInfo& facts = info(instruction.op);
    const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
    for (int operand = 0; operand < 3; ++operand) {
      bool wide_half =
          operand == 2 &&
          (facts.kinds[1] == OperandKind::constant32 || facts.kinds[1] == OperandKind::site32 ||
           facts.kinds[1] == OperandKind::int32 || facts.kinds[1] == OperandKind::jump32);
      if (wide_half) continue;
      if (!operand_used(instruction, operand)) {
        if (fields[operand]) return fail_at(index, "an unused operand is not zero");
      } else if (!check_operand(index, operand, fields[operand])) {
        return false;
      }
    }
    return check_aux(index) && check_place(index);
  }

  bool check_operand(uint32_t index, int operand, uint16_t field) {
    Instruction instruction = unit_.instructions[index];
    const OpInfo& facts = info(instruction.op);
    auto wrong = [&](const char* message) {
      return fail_at(index, std::string(facts.operand_names[operand]) + " " + message);
    };
    bool wide = facts.kinds[operand] == OperandKind::constant32 ||
                facts.kinds[operand] == OperandKind::site32;
    uint32_t number = wide ? instruction.wide() : field;
    switch (facts.kinds[operand]) {
      case OperandKind::out:
        if (field >= register_count_) return wrong("is no register of the frame");
        if (is_namespace(field)) return wrong("would overwrite the namespace");
        return true;
      case OperandKind::in:
      case OperandKind::keep:
        if (field >= register_count_) return wrong("is no register of the frame");
        return true;
      case OperandKind::inout:
        if (field >= register_count_) return wrong("is no register of the frame");
        if (is_namespace(field)) return wrong("would overwrite the namespace");
        if (instruction.code() == Op::MAKE_CELL
                ? field >= first_temporary_
                : instruction.code() != Op::CLEAR && field < first_temporary_) {
          return wrong(instruction.code() == Op::MAKE_CELL ? "is no variable" : "is no temporary");
        }
        return true;
      case OperandKind::cell:
        if (field >= first_temporary_ || is_namespace(field)) return wrong("is no variable");
        return true;
      case OperandKind::first: return check_run(index, operand, field, run_length(instruction));
      case OperandKind::window: {
        uint32_t length = 7u + instruction.aux;
        if (facts.takes == WindowShape::super) length = 3;
        if (facts.takes == WindowShape::star) length = 8u + instruction.aux;
        return check_run(index, operand, field, length);
      }
      case OperandKind::outs: {
        uint32_t length = 0;
        switch (facts.writes) {
          case WritesShape::none: break;
          case WritesShape::method:
          case WritesShape::self: length = 7; break;
          case WritesShape::two: length = 2; break;
          case WritesShape::exc_args: length = 10; break;
          case WritesShape::operand_c: length = instruction.c; break;
          case WritesShape::unpack: length = uint32_t(instruction.c) + 1 + instruction.aux; break;
        }
        if (uint32_t(field) + length > register_count_) return wrong("reaches beyond the frame");
        if (is_namespace(field) && length) return wrong("would overwrite the namespace");
        bool variables =
            facts.writes == WritesShape::operand_c || facts.writes == WritesShape::unpack;
        if (!variables && field < first_temporary_) return wrong("is no temporary");
        return true;
      }
      case OperandKind::constant:
      case OperandKind::constant32:
        if (number >= unit_.constants.size()) return wrong("is no constant");
        return true;
      case OperandKind::site:
      case OperandKind::site32:
        if (number >= unit_.sites.size()) return wrong("is no cache site");
        if (unit_.sites[number].kind != facts.site) {
          return wrong(("is a cache site of another kind: " +
                        std::string(kSiteKindNames[int(unit_.sites[number].kind)]))
                           .c_str());
        }
        return true;
      case OperandKind::jump:
      case OperandKind::jump32: {
        int64_t target = int64_t{index} + 1 + jump_distance(instruction);
        if (target < 0 || target >= size_) return wrong("leads out of the code");
        if (target < prologue_end_) return wrong("leads into the prologue");
        if (instruction.code() == Op::JUMP && target <= index &&
            unit_.instructions[size_t(target)].code() != Op::SEND) {
          return wrong("goes back without a poll");
        }
        leader_[size_t(target)] = 1;
        return true;
      }
      case OperandKind::mode:
        if (field < facts.value_min || field > facts.value_max) return wrong("is out of range");
        return true;
      case OperandKind::none:
      case OperandKind::int16:
      case OperandKind::int32:
      case OperandKind::count: return true;
    }
    return fail_at(index, "operand of unknown kind");
  }

  bool is_namespace(uint32_t index) const { return index == 0 && !unit_.optimized(); }

  bool check_run(uint32_t index, int operand, uint32_t start, uint32_t length) {
    if (length && (start < first_temporary_ || start + length > register_count_)) {
      return fail_at(index, std::string(info(unit_.instructions[index].op).operand_names[operand]) +
                                ": " + std::to_string(length) + " registers from " + name(start) +
                                " are not all temporaries");
    }
    if (!length && start > register_count_)
      return fail_at(index, "an empty run starts beyond the frame");
    return true;
  }

  bool check_aux(uint32_t index) {
    Instruction instruction = unit_.instructions[index];
    const OpInfo& facts = info(instruction.op);
    uint8_t allowed = 0;  // bits that may be set
    switch (facts.aux) {
      case AuxKind::none: break;
      case AuxKind::argc:
      case AuxKind::mode: allowed = 0xFF; break;
      case AuxKind::kill: break;
      case AuxKind::kill_sense:
      case AuxKind::kill_flag: allowed = kFlag; break;
      case AuxKind::kill_conversion: allowed = 0x30 | kNoSpec; break;
      case AuxKind::kill_count:
      case AuxKind::kill_which: allowed = 0xF0; break;
    }
    if (facts.aux != AuxKind::argc && facts.aux != AuxKind::mode) {
      const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
      const uint8_t bits[3] = {kKillA, kKillB, kKillC};
      for (int operand = 0; operand < 3; ++operand) {
        if (facts.kinds[operand] != OperandKind::in || !operand_used(instruction, operand))
          continue;
        bool may = fields[operand] >= first_temporary_ ||
                   (instruction.code() == Op::RETURN_VALUE && !is_namespace(fields[operand]));
        if (may) {
          allowed |= bits[operand];
        } else if (instruction.aux & bits[operand]) {
          return fail_at(index, "kills " + name(fields[operand]) + ", which is no temporary");
        }
      }
    }
    if (instruction.aux & ~allowed) return fail_at(index, "aux has bits without a meaning");
    uint8_t value = instruction.aux;
    if (facts.aux == AuxKind::kill_count || facts.aux == AuxKind::kill_which) value >>= 4;
    bool ranged = facts.aux == AuxKind::mode || facts.aux == AuxKind::kill_count ||
                  facts.aux == AuxKind::kill_which;
    bool own_mode = std::find(std::begin(facts.kinds), std::end(facts.kinds), OperandKind::mode) !=
                    std::end(facts.kinds);
    if (ranged && !own_mode && (value < facts.value_min || value > facts.value_max)) {
      return fail_at(index, "aux is out of range");
    }
    return true;
  }

  // Rules that concern the place of an op or the constants it names.
  bool check_place(uint32_t index) {
    Instruction instruction = unit_.instructions[index];
    switch (info(instruction.op).needs) {
      case Placement::none: break;
      case Placement::generator:
        if (!unit_.heap_frame()) return fail_at(index, "stands outside generator code");
        break;
      case Placement::stack:
        if (unit_.heap_frame()) return fail_at(index, "is not the form for generator code");
        break;
      case Placement::unoptimized:
        if (unit_.optimized())
          return fail_at(index, "needs a namespace, which optimized code has not");
        break;
    }
    switch (instruction.code()) {
      case Op::RETURN_GENERATOR:
        if (index + 1 != prologue_end_)
          return fail_at(index, "does not stand at the start of generator code");
        break;
      case Op::COPY_FREE_VARS:
        if (index >= prologue_end_) return fail_at(index, "stands outside the prologue");
        if (instruction.a != unit_.first_free() || instruction.c != unit_.freevars.size()) {
          return fail_at(index, "does not copy exactly the free variables");
        }
        break;
      case Op::MAKE_FUNCTION: {
        const Constant& code = unit_.constants[instruction.b];
        if (code.kind != Constant::Kind::code) return fail_at(index, "code is no code constant");
        if (code.code->freevars.empty() != !(instruction.aux & 8)) {
          return fail_at(
              index,
              "has a closure exactly when the code has free variables, and that is not so here");
        }
        break;
      }
      case Op::CALL_KW:
      case Op::CALL_KW_HEAP: {
        const Constant& names = unit_.constants[instruction.c];
        bool strs = names.kind == Constant::Kind::tuple && !names.items.empty() &&
                    names.items.size() <= instruction.aux;
        for (const Constant& item : names.items) strs = strs && item.kind == Constant::Kind::str;
        if (!strs) return fail_at(index, "names is no tuple of 1 to argc strs");
        break;
      }
      case Op::BUILD_SLICE:
        if (instruction.c != 2 && instruction.c != 3)
          return fail_at(index, "a slice has 2 or 3 parts");
        break;
      case Op::FOR_ITER:
        if (instruction.b < first_temporary_) return fail_at(index, "iter is no temporary");
        if (instruction.a == instruction.b)
          return fail_at(index, "the item would overwrite the iterator");
        break;
      case Op::SEND:
      case Op::END_ASYNC_FOR:
        if (instruction.code() == Op::SEND ? instruction.a == instruction.b
                                           : instruction.b == instruction.c) {
          return fail_at(index, "two operands are the same register");
        }
        break;
      case Op::CLEANUP_THROW:
        if (instruction.b == instruction.c)
          return fail_at(index, "two operands are the same register");
        break;
      default: break;
    }
    return true;
  }

  // ---- flow -------------------------------------------------------------------------------------
  bool check_flow() {
    depths.assign(size_, kUnreached);
    state_slot_.assign(size_, 0);
    queued_.assign(size_, 0);
    is_entered_.assign(size_, 0);
    budget_ = 50'000'000 + 400 * int64_t{size_};
    std::vector<State> entry(register_count_, kDead);
    for (uint32_t index = 0; index < first_temporary_; ++index) entry[index] = kEmpty;
    if (!unit_.optimized()) entry[0] = kObject;
    for (uint32_t index = 0; index < unit_.parameter_count(); ++index)
      entry[unit_.first_local() + index] = kObject;
    leader_[0] = 1;
    std::vector<State>* start = state_at(0);
    if (!start) return false;
    *start = std::move(entry);
    enqueue(0);
    while (!pending_.empty()) {
      uint32_t index = pending_.top();
      pending_.pop();
      queued_[index] = 0;
      now_ = states_[state_slot_[index] - 1];
      budget_ -= register_count_ / 8;
      top_ = register_count_;
      lower_top();
      if (!walk(index)) return false;
    }
    return true;
  }

  void enqueue(uint32_t index) {
    if (!queued_[index]) queued_[index] = 1, pending_.push(index);
  }

  // The state kept at a leader; an empty vector when no path has come by yet. Null: too much memory
  // (reported).
  std::vector<State>* state_at(uint32_t index) {
    if (state_slot_[index] == 0) {
      if ((states_.size() + 1) * size_t{register_count_ + 1} > kMaxStateWords) {
        fail("too many registers and jump targets to verify");
        return nullptr;
      }
      states_.emplace_back();
      state_slot_[index] = uint32_t(states_.size());
    }
    return &states_[state_slot_[index] - 1];
  }

  void set(uint32_t index, State state) {
    now_[index] = state;
    changed_.push_back(index);
    if (index >= first_temporary_) {
      if (in_use(state)) {
        top_ = std::max(top_, index + 1);
      } else if (index + 1 == top_) {
        lower_top();
      }
    }
  }
  void lower_top() {
    while (top_ > first_temporary_ && !in_use(now_[top_ - 1])) --top_;
    top_ = std::max(top_, first_temporary_);
  }

  // Joins the current state into a leader reached by a jump or by falling through.
  bool flow_into(uint32_t from, uint32_t target) {
    bool first = state_slot_[target] == 0;  // code without registers has states without words
    std::vector<State>* there = state_at(target);
    if (!there) return false;
    budget_ -= register_count_ / 8;
    if (first) {
      *there = now_;
      enqueue(target);
      return true;
    }
    bool grew = false;
    for (uint32_t index = 0; index < register_count_; ++index) {
      State old = (*there)[index];
      if (old == now_[index]) continue;
      if (index >= first_temporary_ && in_use(old) != in_use(now_[index])) {
        return fail_at(from, name(index) + " is in use on one way to instruction " +
                                 std::to_string(target) + " and not on another");
      }
      State both = join(old, now_[index]);
      grew |= both != old;
      (*there)[index] = both;
    }
    if (grew) enqueue(target);
    return true;
  }

  // The handler's state; null after an error. The first exception edge makes it, or, when a jump
  // came by before, joins what an exception leaves from `depth` on: the exception itself, and
  // nothing above.
  std::vector<State>* handler_state(const ExceptionEntry& entry) {
    std::vector<State>* there = state_at(entry.handler);
    if (!there || is_entered_[entry.handler]) return there;
    is_entered_[entry.handler] = 1;
    uint32_t exception = first_temporary_ + entry.depth;
    if (there->empty()) {
      there->assign(register_count_, kDead);
      for (uint32_t index = 0; index < exception; ++index) (*there)[index] = now_[index];
      (*there)[exception] = kObject;
    } else {
      for (uint32_t index = exception; index < register_count_; ++index) {
        State left = index == exception ? kObject : kDead;
        if (in_use((*there)[index]) != in_use(left)) {
          fail_at(entry.handler, "is an exception handler and the target of a jump, and " +
                                     name(index) + " is in use on one way only");
          return nullptr;
        }
        (*there)[index] = join((*there)[index], left);
      }
    }
    enqueue(entry.handler);
    return there;
  }
  bool join_handler(const ExceptionEntry& entry, uint32_t index, State state) {
    if (index >= first_temporary_ + entry.depth) return true;
    std::vector<State>* there = handler_state(entry);
    if (!there) return false;
    State both = join((*there)[index], state);
    if (both != (*there)[index]) (*there)[index] = both, enqueue(entry.handler);
    return true;
  }

  bool walk(uint32_t index) {
    uint32_t covering = 0;  // entry whose handler has seen all of now_ but what is in changed_
    changed_.clear();
    for (;; ++index) {
      if (--budget_ < 0) return fail("the verifier gives up: the code is too tangled");
      depths[index] = uint16_t(top_ - first_temporary_);
      if (uint32_t entry = entry_of_[index]) {
        const ExceptionEntry& range = unit_.exceptions[entry - 1];
        if (covering != entry) {
          budget_ -= register_count_ / 8;
          for (uint32_t at = 0; at < first_temporary_ + range.depth; ++at) {
            if (!join_handler(range, at, now_[at])) return false;
          }
          if (!handler_state(range)) return false;  // also when there is nothing to join
        } else {
          for (uint32_t at : changed_) {
            if (!join_handler(range, at, now_[at])) return false;
          }
        }
      }
      covering = entry_of_[index];
      changed_.clear();
      bool goes_on = false;
      if (!step(index, goes_on)) return false;
      if (!goes_on) return true;
      if (leader_[index + 1]) return flow_into(index, index + 1);
    }
  }

  // ---- one instruction --------------------------------------------------------------------------
  // Reads, consumption, exception edge, writes, in this order (rule 1).
  bool step(uint32_t index, bool& goes_on) {
    const Instruction instruction = unit_.instructions[index];
    if (const Plan& plan = kPlans.of[instruction.op];
        plan.plain && plain_reads(plan, instruction)) {
      return plain_step(index, plan, instruction, goes_on);
    }
    const OpInfo& facts = info(instruction.op);
    const Op op = instruction.code();
    const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
    const uint8_t kill_bits[3] = {kKillA, kKillB, kKillC};
    State before[3] = {kObject, kObject, kObject};  // of register operands
    Run consumed[3];
    int consumed_count = 0;
    bool kills = facts.aux >= AuxKind::kill && facts.aux <= AuxKind::kill_which;
    State tuple_state = kTuple;

    for (int operand = 0; operand < 3; ++operand) {
      if (facts.kinds[operand] == OperandKind::none || !operand_used(instruction, operand))
        continue;
      uint32_t at = fields[operand];
      auto wrong = [&](uint32_t bad, const char* what) {
        return fail_at(index,
                       std::string(facts.operand_names[operand]) + ": " + name(bad) + " " + what);
      };
      switch (facts.kinds[operand]) {
        case OperandKind::in: {
          bool killed = kills && instruction.aux & kill_bits[operand];
          bool moved = op == Op::MOVE && killed;  // rule 2
          if (moved ? now_[at] & kDead || !in_use(now_[at]) : !is_value(now_[at]))
            return wrong(at, state_text(now_[at]));
          before[operand] = now_[at];
          if (killed) consumed[consumed_count++] = {at, 1};
          break;
        }
        case OperandKind::keep: {
          bool may_be_empty = op == Op::CHECK_BOUND || op == Op::DELETE_FAST;
          if (may_be_empty ? bool(now_[at] & kDead) : !is_value(now_[at]))
            return wrong(at, state_text(now_[at]));
          if (op == Op::DELETE_FAST && (at >= first_temporary_ || is_namespace(at)))
            return wrong(at, "is no variable");
          before[operand] = now_[at];
          break;
        }
        case OperandKind::inout:
          if (op == Op::CLEAR || op == Op::MAKE_CELL ? bool(now_[at] & kDead)
                                                     : !is_value(now_[at])) {
            return wrong(at, state_text(now_[at]));
          }
          before[operand] = now_[at];
          break;
        case OperandKind::cell:
          if (now_[at] != kCell) return wrong(at, "is not certainly a cell");
          break;
        case OperandKind::first: {
          Run run{at, run_length(instruction)};
          bool all_cells = run.length > 0;
          for (uint32_t item = at; item < at + run.length; ++item) {
            if (!is_value(now_[item])) return wrong(item, state_text(now_[item]));
            all_cells &= now_[item] == kCell;
          }
          if (op == Op::BUILD_TUPLE && all_cells) tuple_state = cells(run.length);
          consumed[consumed_count++] = run;
          break;
        }
        case OperandKind::window: {
          Run run;
          if (!check_window(index, at, run)) return false;
          consumed[consumed_count++] = run;
          break;
        }
        default: break;
      }
    }
    if (!check_kinds(index, before) || !check_consumed(index, consumed, consumed_count))
      return false;

    for (int i = 0; i < consumed_count; ++i) {
      for (uint32_t at = consumed[i].start; at < consumed[i].start + consumed[i].length; ++at) {
        if (now_[at] != kDead) set(at, at < first_temporary_ ? kEmpty : kDead);
      }
    }
    if (entry_of_[index] && facts.effects & (kRaises | kPolls | kPython)) {
      const ExceptionEntry& entry = unit_.exceptions[entry_of_[index] - 1];
      for (uint32_t at : changed_) {
        if (!join_handler(entry, at, now_[at])) return false;
      }
      for (int operand = 0; operand < 3; ++operand) {
        if (facts.kinds[operand] == OperandKind::inout && op != Op::MAKE_CELL &&
            !join_handler(entry, fields[operand],
                          fields[operand] < first_temporary_ ? kEmpty : kDead)) {
          return false;
        }
      }
    }
    return write(index, before, tuple_state, goes_on);
  }

  // Whether a plain instruction may read and consume what it names; again, false leaves the answer
  // to the general way.
  bool plain_reads(const Plan& plan, Instruction instruction) const {
    State together = 0;
    if (plan.reads & 1) together |= now_[instruction.a];
    if (plan.reads & 2) together |= now_[instruction.b];
    if (plan.reads & 4) together |= now_[instruction.c];
    if (together & kNoValue) return false;
    uint8_t killed = instruction.aux & plan.kills;
    if (!killed) return true;
    // A consumed register is read by one operand only.
    bool same_bc = plan.reads & 2 && plan.reads & 4 && instruction.b == instruction.c;
    bool same_ab = plan.reads & 1 && plan.reads & 2 && instruction.a == instruction.b;
    bool same_ac = plan.reads & 1 && plan.reads & 4 && instruction.a == instruction.c;
    return !same_bc && !same_ab && !same_ac;
  }

  bool plain_step(uint32_t index, const Plan& plan, Instruction instruction, bool& goes_on) {
    State result = kObject;
    if (instruction.code() == Op::MOVE) {
      result = now_[instruction.b];
    } else if (instruction.code() == Op::LOAD_CONST) {
      result = constant_state(unit_.constants[instruction.wide()]);
    } else if (instruction.code() == Op::PUSH_EXC_INFO) {
      result = kSaved;
    }
    uint8_t killed = instruction.aux & plan.kills;  // temporaries, as the shape says
    if (killed & kKillA) set(instruction.a, kDead);
    if (killed & kKillB) set(instruction.b, kDead);
    if (killed & kKillC) set(instruction.c, kDead);
    const OpInfo& facts = info(instruction.op);
    if (killed && entry_of_[index] && facts.effects & (kRaises | kPolls | kPython)) {
      const ExceptionEntry& entry = unit_.exceptions[entry_of_[index] - 1];
      for (uint32_t at : changed_) {
        if (!join_handler(entry, at, now_[at])) return false;
      }
    }
    if (plan.writes) set(instruction.a, result);
    goes_on = !(facts.effects & kEnds);
    return !plan.jumps || flow_into(index, uint32_t(int64_t{index} + 1 + instruction.signed_a()));
  }

  bool check_consumed(uint32_t index, const Run* consumed, int count) {
    const Instruction instruction = unit_.instructions[index];
    const OpInfo& facts = info(instruction.op);
    const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
    const uint8_t kill_bits[3] = {kKillA, kKillB, kKillC};
    bool kills = facts.aux >= AuxKind::kill && facts.aux <= AuxKind::kill_which;
    for (int i = 0; i < count; ++i) {
      for (int j = 0; j < i; ++j) {
        if (consumed[i].meets(consumed[j])) return fail_at(index, "a register is consumed twice");
      }
      for (int operand = 0; operand < 3; ++operand) {
        OperandKind kind = facts.kinds[operand];
        bool reads = kind == OperandKind::keep || kind == OperandKind::cell ||
                     kind == OperandKind::inout ||
                     (kind == OperandKind::in && !(kills && instruction.aux & kill_bits[operand]));
        if (reads && operand_used(instruction, operand) && consumed[i].contains(fields[operand])) {
          return fail_at(index,
                         name(fields[operand]) + " is consumed and read by the same instruction");
        }
      }
    }
    return true;
  }

  bool check_window(uint32_t index, uint32_t window, Run& run) {
    const Instruction instruction = unit_.instructions[index];
    WindowShape shape = info(instruction.op).takes;
    auto wrong = [&](uint32_t slot, const char* what) {
      return fail_at(index, "w[" + std::to_string(slot) + "] " + name(window + slot) + " " + what);
    };
    auto want_value = [&](uint32_t slot) {
      return is_value(now_[window + slot]) || wrong(slot, state_text(now_[window + slot]));
    };
    if (shape == WindowShape::super) {
      run = {window, 3};
      return want_value(0) && want_value(1) && want_value(2);
    }
    uint32_t arguments = shape == WindowShape::star ? 1u + instruction.aux : instruction.aux;
    run = {window, 7 + arguments};
    if (!want_value(0)) return false;
    for (uint32_t slot = 1; slot <= 5; ++slot) {
      if (in_use(now_[window + slot]))
        return wrong(slot, "is in use, but belongs to the callee's header");
    }
    if (shape == WindowShape::method) {
      if (now_[window + 6] & kDead) return wrong(6, "is neither set nor emptied");
    } else if (in_use(now_[window + 6])) {
      return wrong(6, "is in use, but the call has no self");
    }
    for (uint32_t slot = 7; slot < 7 + arguments; ++slot) {
      if (!want_value(slot)) return false;
    }
    if (shape == WindowShape::star && instruction.aux && now_[window + 8] != kDict) {
      return wrong(8, "is not a dict built here");
    }
    if (top_ > window + run.length) {
      return fail_at(index, name(top_ - 1) + " is in use above the call window");
    }
    return true;
  }

  // Rule 10: registers that must hold what this very code has built.
  bool check_kinds(uint32_t index, const State* before) {
    const Instruction instruction = unit_.instructions[index];
    auto want = [&](bool condition, const char* message) {
      return condition || fail_at(index, message);
    };
    switch (instruction.code()) {
      case Op::LIST_APPEND:
      case Op::LIST_EXTEND: return want(before[0] == kList, "list is not a list built here");
      case Op::LIST_TO_TUPLE: return want(before[1] == kList, "list is not a list built here");
      case Op::PREP_RERAISE_STAR:
        return want(before[2] == kList, "raised is not a list built here");
      case Op::SET_ADD:
      case Op::SET_UPDATE: return want(before[0] == kSet, "set is not a set built here");
      case Op::MAP_ADD:
      case Op::DICT_UPDATE:
      case Op::DICT_MERGE: return want(before[0] == kDict, "map is not a dict built here");
      case Op::BUILD_STRING:
        for (uint32_t at = instruction.b; at < uint32_t(instruction.b) + instruction.c; ++at) {
          if (now_[at] != kStr) return fail_at(index, name(at) + " is not certainly a str");
        }
        return true;
      case Op::BUILD_INTERPOLATION:
        return want(now_[instruction.b + 1] == kStr && now_[instruction.b + 2] == kStr,
                    "expression and format spec are not certainly strs");
      case Op::BUILD_TEMPLATE:
        return want(is_tuple(before[1]) && is_tuple(before[2]),
                    "strings or interpolations is not a tuple built here");
      case Op::MATCH_KEYS: return want(is_tuple(before[2]), "keys is not a tuple built here");
      case Op::MATCH_CLASS:
        return want(is_tuple(now_[instruction.c + 1]),
                    "the keyword names are not a tuple built here");
      case Op::POP_EXCEPT: return want(before[1] == kSaved, "saved is not what PUSH_EXC_INFO gave");
      case Op::MAKE_FUNCTION: {
        uint32_t part = instruction.c;
        if (instruction.aux & 1 && !is_tuple(now_[part++]))
          return fail_at(index, "the defaults are not a tuple built here");
        if (instruction.aux & 2 && now_[part++] != kDict)
          return fail_at(index, "the keyword defaults are not a dict built here");
        if (instruction.aux & 4) ++part;
        uint32_t free = uint32_t(unit_.constants[instruction.b].code->freevars.size());
        return want(!(instruction.aux & 8) || now_[part] == cells(free),
                    "the closure is not a tuple of as many cells as there are free variables");
      }
      case Op::RETURN_GENERATOR:
      case Op::RETURN_CONST: return no_temporary_in_use(index);
      case Op::RETURN_VALUE:
        return want(instruction.b < first_temporary_ || instruction.kills_b(),
                    "the temporary is not killed");
      default: return true;
    }
  }
  static bool is_tuple(State state) {
    return (state & kKinds & ~(kTuple | kCells)) == 0 && state & kKinds;
  }

  bool no_temporary_in_use(uint32_t index) {
    if (top_ == first_temporary_) return true;
    return fail_at(index, name(top_ - 1) + " is still in use at the return");
  }

  static State constant_state(const Constant& constant) {
    if (constant.kind == Constant::Kind::str) return kStr;
    return constant.kind == Constant::Kind::tuple ? kTuple : kObject;
  }

  State result_state(Instruction instruction, const State* before, State tuple_state) const {
    switch (instruction.code()) {
      case Op::MOVE: return before[1];
      case Op::LOAD_CONST: return constant_state(unit_.constants[instruction.wide()]);
      case Op::BUILD_LIST: return kList;
      case Op::BUILD_SET: return kSet;
      case Op::BUILD_MAP: return kDict;
      case Op::BUILD_TUPLE: return tuple_state;
      case Op::LIST_TO_TUPLE: return kTuple;
      case Op::BUILD_STRING:
      case Op::FORMAT_VALUE: return kStr;
      case Op::PUSH_EXC_INFO: return kSaved;
      default: return kObject;
    }
  }

  // Writes destinations and follows the edges.
  bool write(uint32_t index, const State* before, State tuple_state, bool& goes_on) {
    const Instruction instruction = unit_.instructions[index];
    const OpInfo& facts = info(instruction.op);
    const uint16_t fields[3] = {instruction.a, instruction.b, instruction.c};
    const uint32_t target = uint32_t(int64_t{index} + 1 + jump_distance(instruction));
    goes_on = !(facts.effects & kEnds);
    switch (instruction.code()) {
      case Op::FOR_ITER: {  // the item is written on the jump only, the iterator released on the
                            // fall through only
        State old = now_[instruction.a];
        set(instruction.a, kObject);
        if (!flow_into(index, target)) return false;
        set(instruction.a, old);
        set(instruction.b, kDead);
        return true;
      }
      case Op::SEND:
        set(instruction.a, kObject);
        set(instruction.b, kDead);
        if (!flow_into(index, target)) return false;
        set(instruction.b, kObject);
        return true;
      case Op::CLEAR:
        set(instruction.b, instruction.b < first_temporary_ ? kEmpty : kDead);
        return true;
      case Op::POP_EXCEPT: set(instruction.b, kDead); return true;
      case Op::MAKE_CELL: set(instruction.b, kCell); return true;
      case Op::CHECK_BOUND:
        if (now_[instruction.b] & kEmpty) {
          State value = now_[instruction.b] & ~kEmpty;
          set(instruction.b,
              value & kKinds ? value
                             : kObject);  // certainly empty: it raises, what follows is dead code
        }
        return true;
      case Op::DELETE_FAST: set(instruction.b, kEmpty); return true;
      case Op::END_ASYNC_FOR: set(instruction.b, kDead), set(instruction.c, kDead); return true;
      case Op::CLEANUP_THROW:
        set(instruction.b, kDead), set(instruction.c, kDead), set(instruction.a, kObject);
        return true;
      case Op::COPY_FREE_VARS:
        for (uint32_t i = 0; i < instruction.c; ++i) set(instruction.a + i, kCell);
        return true;
      case Op::RETURN_GENERATOR: goes_on = true; return true;  // its first resumption goes on
      case Op::RETURN_VALUE: return no_temporary_in_use(index);
      default: break;
    }
    for (int operand = 0; operand < 3; ++operand) {
      uint32_t at = fields[operand];
      if (facts.kinds[operand] == OperandKind::out)
        set(at, result_state(instruction, before, tuple_state));
      if (facts.kinds[operand] != OperandKind::outs) continue;
      switch (facts.writes) {
        case WritesShape::none: break;
        case WritesShape::method: set(at, kObject), set(at + 6, kObject | kEmpty); break;
        case WritesShape::self: set(at + 6, kEmpty); break;
        case WritesShape::two: set(at, kObject), set(at + 1, kObject); break;
        case WritesShape::exc_args:
          set(at + 7, kObject), set(at + 8, kObject), set(at + 9, kObject);
          break;
        case WritesShape::operand_c:
          for (uint32_t i = 0; i < instruction.c; ++i) set(at + i, kObject);
          break;
        case WritesShape::unpack:
          for (uint32_t i = 0; i < uint32_t(instruction.c) + 1 + instruction.aux; ++i) {
            set(at + i, i == instruction.c ? kList : kObject);
          }
          break;
      }
    }
    if (facts.effects & kJumps) return flow_into(index, target);
    return true;
  }
};

// Nested units in the order of the constants; a unit that appears twice would make the tree
// ambiguous in a file.
std::optional<std::string> verify_tree(const CodeUnit& unit, int nesting,
                                       std::unordered_set<const CodeUnit*>& seen,
                                       std::vector<LiveDepths>* depths) {
  if (nesting > kMaxCodeNesting)
    return "code " + unit.qualname + ": code objects are nested too deeply";
  {
    UnitVerifier verifier(unit);
    if (!verifier.run()) return std::move(verifier.error);
    if (depths) depths->push_back(std::move(verifier.depths));
  }
  for (const Constant& constant : unit.constants) {
    if (constant.kind != Constant::Kind::code) continue;
    if (!seen.insert(constant.code.get()).second) {
      return "code " + unit.qualname + ": " + constant.code->qualname +
             " is a constant in two places";
    }
    if (auto error = verify_tree(*constant.code, nesting + 1, seen, depths)) return error;
  }
  return std::nullopt;
}

}  // namespace

bool RegisterState::in_use() const { return dpb::in_use(bits_); }
bool RegisterState::is_cell() const { return bits_ & kCell; }
bool RegisterState::is_saved() const { return bits_ & kSaved; }
bool RegisterState::accepts(RegisterState other) const {
  if (is_cell() != other.is_cell() || is_saved() != other.is_saved()) return false;
  constexpr State kAnyValue = kObject | kList | kSet | kDict | kStr | kTuple;
  State expected = bits_ & kObject ? bits_ | kAnyValue : bits_;
  return (other.bits_ & ~expected) == 0;
}

bool states_before(const CodeUnit& unit, const std::vector<uint32_t>& instructions,
                   std::vector<std::vector<RegisterState>>& states) {
  UnitVerifier verifier(unit);
  if (!verifier.run_and_keep(instructions)) return false;
  states.clear();
  for (uint32_t index : instructions) {
    std::vector<RegisterState>& registers = states.emplace_back();
    for (State state : verifier.state_before(index)) registers.emplace_back(state);
  }
  return true;
}

std::optional<std::string> verify(const CodeUnit& unit, std::vector<LiveDepths>* depths) {
  if (depths) depths->clear();
  std::unordered_set<const CodeUnit*> seen{&unit};
  return verify_tree(unit, 0, seen, depths);
}

}  // namespace dx::dpb
