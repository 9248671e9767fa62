// frame.f_lineno = line: a debugger's jump.
//
// The temporaries in use where the frame stands must begin with those that are in use at the
// target, kind for kind: iterators of for loops, windows of with statements, exceptions being
// handled. What the frame has beyond them is released, as leaving the blocks would. The verifier's
// knowledge of the registers decides, so a jump never leaves code with registers it does not
// expect; a for loop's iterator, for it a value like any other, is told by the FOR_ITER that reads
// it.
//
//   for x in y:        t0: iterator               jump from here out of the loop: t0 is released
//     with z:          t0, t1...t7: __exit__      from the loop into the with: refused
//       ...

#include <algorithm>
#include <vector>

#include "dpb/verifier.h"
#include "interpreter/context.h"
#include "interpreter/observe.h"
#include "objects/hooks.h"

namespace dx {

using dpb::Instruction;
using dpb::Op;

namespace {

// First instructions of lines, in the order of the code.
struct LineStart {
  uint32_t instruction;
  int32_t line;
};
std::vector<LineStart> line_starts(Code* code) {
  std::vector<LineStart> starts;
  dpb::PositionReader reader = code->view().positions();
  int32_t last = -1;
  for (uint32_t at = 0; at < code->instruction_count && reader.next(); at += reader.run()) {
    int32_t line = reader.position().line;
    if (line >= 0 && line != last) starts.push_back({at, line});
    if (line >= 0) last = line;
  }
  return starts;
}

// Whether temporary register `reg` is the iterator of a for loop around the instruction.
bool is_iterator(Code* code, uint32_t instruction, uint32_t reg) {
  for (uint32_t at = instruction; at < code->instruction_count; ++at) {
    const Instruction& loop = code->instructions[at];
    if (static_cast<Op>(loop.op) != Op::FOR_ITER || loop.b != reg) continue;
    if (static_cast<int64_t>(at) + 1 + static_cast<int16_t>(loop.c) <= instruction) return true;
  }
  return false;
}

// The last instruction before this one, in the order of the code, that writes the register; -1:
// none.
int64_t writer_of(Code* code, uint32_t instruction, uint32_t reg) {
  for (int64_t at = static_cast<int64_t>(instruction) - 1; at >= 0; --at) {
    const Instruction& inst = code->instructions[at];
    auto op = static_cast<Op>(inst.op);
    if (op == Op::LOAD_SPECIAL ? inst.a == reg || inst.a + kWindowSelf == reg
                               : dpb::info(op).kinds[0] == dpb::OperandKind::out && inst.a == reg)
      return at;
  }
  return -1;
}
// Whether both are the same value, or both belong to a with statement: the value of an unfinished
// expression is no other's.
bool same_purpose(Code* code, uint32_t from, uint32_t to, uint32_t reg) {
  int64_t here = writer_of(code, from, reg), there = writer_of(code, to, reg);
  if (here == there) return true;
  if (here < 0 || there < 0) return false;
  const Instruction &first = code->instructions[here], &second = code->instructions[there];
  return static_cast<Op>(first.op) == Op::LOAD_SPECIAL && first.op == second.op &&
         first.c == second.c && (first.a == reg) == (second.a == reg);
}

// Whether the handler that begins with PUSH_EXC_INFO at this place is an except clause: it looks at
// the exception or lets it go, while the body of a finally or with raises it again.
bool is_except_clause(Code* code, int64_t push) {
  if (push < 0) return false;
  uint32_t exception = code->instructions[push].b;
  for (uint32_t at = static_cast<uint32_t>(push) + 1; at < code->instruction_count; ++at) {
    const Instruction& inst = code->instructions[at];
    if (inst.b != exception) continue;
    switch (static_cast<Op>(inst.op)) {
      case Op::CHECK_EXC_MATCH:
      case Op::CLEAR: return true;
      case Op::RERAISE: return false;
      default: break;
    }
  }
  return false;
}
bool same_handling(Code* code, uint32_t from, uint32_t to, uint32_t saved) {
  int64_t here = writer_of(code, from, saved), there = writer_of(code, to, saved);
  return here == there || (is_except_clause(code, here) && is_except_clause(code, there));
}

using Registers = std::vector<dpb::RegisterState>;

// Number of registers up to the last temporary in use.
uint32_t top_of(Code* code, const Registers& registers) {
  uint32_t top = static_cast<uint32_t>(registers.size());
  while (top > code->local_count && !registers[top - 1].in_use()) --top;
  return top;
}

// Why the first register that does not fit does not: nothing when all fit.
const char* misfit(Code* code, uint32_t from, const Registers& start, uint32_t to,
                   const Registers& target) {
  if (target.empty()) return "can't jump into an exception handler, or code may be unreachable";
  bool fits = true;
  uint32_t top = top_of(code, target);
  for (uint32_t reg = 0; reg < code->local_count && fits; ++reg)
    fits = start[reg].is_cell() == target[reg].is_cell();
  for (uint32_t reg = code->local_count; reg < top && fits; ++reg) {
    if (!target[reg].in_use()) continue;
    fits = start[reg].in_use() && target[reg].accepts(start[reg]) &&
           is_iterator(code, from, reg) == is_iterator(code, to, reg);
    bool block = is_iterator(code, to, reg) || target[reg].is_saved() ||
                 (reg + 1 < top && target[reg + 1].is_saved());
    fits = fits && (block || same_purpose(code, from, to, reg));
    if (target[reg].is_saved()) fits = fits && same_handling(code, from, to, reg);
  }
  if (fits) return nullptr;
  if (top > code->local_count) {
    if (target[top - 1].is_saved() && is_except_clause(code, writer_of(code, to, top - 1)))
      return "can't jump into an 'except' block as there's no exception";
    if (is_iterator(code, to, top - 1)) return "can't jump into the body of a for loop";
  }
  return "incompatible stacks";
}

// Empty locals become None, after a warning that counts them.
Result<void> bind_locals(Thread& thread, Value* base, Code* code) {
  Word unbound = 0;
  for (uint32_t reg = code->first_local; reg < code->local_count; ++reg) unbound += !base[reg];
  if (unbound == 0) return {};
  TRY(warn<RuntimeWarning>(thread, 1, "assigning None to {} unbound local{}", unbound,
                           unbound == 1 ? "" : "s"));
  for (uint32_t reg = code->first_local; reg < code->local_count; ++reg) {
    if (!base[reg]) base[reg] = kNone;
  }
  return {};
}

}  // namespace

Result<void> jump_to_line(Thread& thread, FrameObject* frame, Word line) {
  Value* base = frame->base.load(std::memory_order_acquire);
  if (!base) return raise<ValueError>(thread, "f_lineno can only be set in a trace function");
  auto* code = static_cast<Code*>(frame->code.raw().object());
  if (line < static_cast<Word>(code->first_line))
    return raise<ValueError>(thread, "line {} comes before the current code block", line);
  std::vector<LineStart> starts = line_starts(code);
  Word target_line = INT64_MAX;
  for (const LineStart& start : starts) {
    if (start.line >= line) target_line = std::min<Word>(target_line, start.line);
  }
  if (target_line == INT64_MAX)
    return raise<ValueError>(thread, "line {} comes after the current code block", line);
  std::vector<uint32_t> places{static_cast<uint32_t>(frame_ip(base) - code->instructions)};
  for (const LineStart& start : starts) {
    if (start.line == target_line) places.push_back(start.instruction);
  }
  dpb::CodeUnit unit;
  std::vector<Registers> states;
  if (dpb::decode_image(code->image->view().bytes(), unit, code->unit) ||
      !dpb::states_before(unit, places, states)) {
    return raise<SystemError>(thread, "code object cannot be analyzed");
  }
  const Registers& start = states[0];
  if (start.empty())
    return raise<ValueError>(thread,
                             "can't jump into an exception handler, or code may be unreachable");
  // A line may begin in several places (the body of a finally): the deepest that fits is the one
  // the frame is nearest to.
  size_t best = 0;
  const char* why = nullptr;
  for (size_t i = 1; i < places.size(); ++i) {
    const char* reason = misfit(code, places[0], start, places[i], states[i]);
    if (reason) {
      if (!why) why = reason;
    } else if (best == 0 || top_of(code, states[i]) > top_of(code, states[best])) {
      best = i;
    }
  }
  if (best == 0) return raise<ValueError>(thread, "{}", why);
  TRY(bind_locals(thread, base, code));
  const Registers& target = states[best];
  for (uint32_t reg = static_cast<uint32_t>(start.size()); reg-- > code->local_count;) {
    if (target[reg].in_use() || !start[reg].in_use()) continue;
    Value old = base[reg];
    base[reg] = Value{};
    if (start[reg].is_saved()) {  // as POP_EXCEPT
      HandledLink* handled = frame_on_heap(thread.context, base) ? &generator_of_base(base)->handled
                                                                 : thread.context->handled;
      std::swap(old, handled->exception);
      if (handled->exception.is_none()) handled->exception = Value{};
    }
    decref(thread, old);
  }
  frame->jump = places[best] + 1;
  return {};
}

}  // namespace dx
