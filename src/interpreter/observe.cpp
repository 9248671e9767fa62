// Which events are due, and telling the observers.

#include "interpreter/observe.h"

#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dpb/positions.h"
#include "memory/publish.h"
#include "memory/roots.h"
#include "memory/safepoint.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/traceback.h"

namespace dx {

using dpb::Instruction;
using dpb::Op;

namespace {

// ---- monitoring: tools and places ---------------------------------------------------------------

// Local events of a code object, and the places where a tool has said DISABLE. Held (counted) as
// long as it says anything.
struct CodeMonitor {
  uint32_t local[kToolCount] = {};
  std::unordered_map<uint64_t, uint8_t> disabled;  // instruction << 8 | event -> tools
};

MonitoringTools tools;
std::mutex monitor_mutex;  // guards monitors; no Python runs under it
std::unordered_map<Code*, CodeMonitor>& monitors() {
  static auto* map = new std::unordered_map<Code*, CodeMonitor>;
  return *map;
}
std::atomic<bool> monitoring_active{false};
Value disable_mark, missing_mark;

CodeMonitor& monitor_of(Thread& thread, Code* code) {  // Requires: the mutex
  auto [at, fresh] = monitors().try_emplace(code);
  publish(thread, Value(code));
  if (fresh) incref(thread, Value(code));
  return at->second;
}

// The events any tool wants of this code.
uint32_t wanted(Code* code) {
  if (!monitoring_active.load(std::memory_order_acquire)) return 0;
  uint32_t events = 0;
  for (const std::atomic<uint32_t>& mask : tools.events) events |= mask.load();
  std::lock_guard<std::mutex> guard(monitor_mutex);
  auto found = monitors().find(code);
  if (found != monitors().end()) {
    for (uint32_t mask : found->second.local) events |= mask;
  }
  return events;
}

uint8_t listeners(Code* code, uint32_t index, Event event) {
  uint32_t bit = event_bit(event);
  if (event == Event::c_return || event == Event::c_raise) bit = event_bit(Event::call);
  if (event == Event::branch) bit = event_bit(Event::branch_left) | event_bit(Event::branch_right);
  uint8_t mask = 0;
  for (unsigned tool = 0; tool < kToolCount; ++tool) {
    if (tools.events[tool] & bit) mask |= static_cast<uint8_t>(1u << tool);
  }
  std::lock_guard<std::mutex> guard(monitor_mutex);
  auto found = monitors().find(code);
  if (found == monitors().end()) return mask;
  for (unsigned tool = 0; tool < kToolCount; ++tool) {
    if (found->second.local[tool] & bit) mask |= static_cast<uint8_t>(1u << tool);
  }
  auto off = found->second.disabled.find(uint64_t{index} << 8 | static_cast<uint8_t>(event));
  return off == found->second.disabled.end() ? mask : static_cast<uint8_t>(mask & ~off->second);
}

const char* const kEventNames[] = {"PY_START",
                                   "PY_RESUME",
                                   "PY_RETURN",
                                   "PY_YIELD",
                                   "CALL",
                                   "LINE",
                                   "INSTRUCTION",
                                   "JUMP",
                                   "BRANCH_LEFT",
                                   "BRANCH_RIGHT",
                                   "STOP_ITERATION",
                                   "RAISE",
                                   "EXCEPTION_HANDLED",
                                   "PY_UNWIND",
                                   "PY_THROW",
                                   "RERAISE",
                                   "C_RETURN",
                                   "C_RAISE",
                                   "BRANCH"};

// Calls callback(code, first, further...) of every tool that listens at this place. False: one
// raised.
bool fire(Thread& thread, Code* code, uint32_t index, Event event,
          std::initializer_list<Value> further) {
  uint8_t mask = listeners(code, index, event);
  for (unsigned tool = 0; mask; ++tool, mask >>= 1) {
    if (!(mask & 1)) continue;
    Slot& slot = tools.callbacks[tool][static_cast<size_t>(event)];
    Maybe<Ref<Object>> callback = Maybe<Ref<Object>>::adopt(slot_load(thread, &shared_root, slot));
    if (!callback) continue;
    AnyRef function = callback.take();
    std::vector<Value> arguments{Value(code)};
    if (event != Event::line) arguments.push_back(small_int(2 * Word{index}));
    arguments.insert(arguments.end(), further.begin(), further.end());
    ++thread.observing;
    AnyResult answer =
        call(thread, function, Arguments{arguments.data(), arguments.size(), nullptr});
    --thread.observing;
    if (answer.raised()) return false;
    if (answer.value() != disable_mark) continue;
    if (!(event_bit(event) & (kLocalEvents | event_bit(Event::branch)))) {
      slot_clear(thread, &shared_root, slot);
      (void)raise<ValueError>(thread, "Cannot disable {} events. Callback removed.",
                              kEventNames[static_cast<size_t>(event)]);
      return false;
    }
    std::lock_guard<std::mutex> guard(monitor_mutex);
    monitor_of(thread, code).disabled[uint64_t{index} << 8 | static_cast<uint8_t>(event)] |=
        static_cast<uint8_t>(1u << tool);
  }
  return true;
}

// ---- trace and profile functions ----------------------------------------------------------------

void update(Thread& thread) {
  bool observed =
      bool(thread.trace_function) || bool(thread.profile_function) || monitoring_active.load();
  bool before = thread.observed.exchange(observed);
  if (observed && !before) thread.poll.fetch_or(kPollTrace);
}

void drop_function(Thread& thread, Value& slot) {
  Value old = slot;
  slot = Value{};
  update(thread);
  decref(thread, old);
}

// function(frame, what, argument). Its result becomes the frame's f_trace, unless it is None.
// False: raised, and nothing is traced any more.
bool call_tracer(Thread& thread, FrameObject* frame, Any function, Str* what, Any argument,
                 FrameEvent event = FrameEvent::other) {
  AnyRef callback = share(thread, function);
  Ref<FrameObject> keep = Ref<FrameObject>::share(thread, Borrowed<FrameObject>(frame));
  ++thread.observing;
  FrameEvent outer = std::exchange(frame->event, event);
  AnyResult answer = call(thread, callback, {Value(frame), Value(what), argument.value()});
  frame->event = outer;
  --thread.observing;
  if (answer.raised()) {
    Value pending = thread.exception;
    thread.exception = Value{};
    drop_function(thread, thread.trace_function);
    slot_clear(thread, frame, frame->trace);
    thread.exception = pending;
    return false;
  }
  AnyRef result = answer.take();
  if (!result.value().is_none()) slot_write(thread, frame, frame->trace, std::move(result));
  return true;
}
// To the global trace function: a frame begins.
bool trace_call(Thread& thread, Value* base, FrameEvent event) {
  if (!thread.trace_function) return true;
  AnyRef function = share(thread, Any(thread.trace_function));
  Result<Ref<FrameObject>> frame = frame_object(thread, base);
  if (frame.raised()) return false;
  Ref<FrameObject> owned = frame.take();
  return call_tracer(thread, owned.get(), function, NAME("call"), kNone, event);
}
// The frame's object when it has a trace function of its own.
FrameObject* traced_frame(Thread& thread, Value* base) {
  if (!thread.trace_function || !base[-4]) return nullptr;
  auto* frame = static_cast<FrameObject*>(base[-4].object());
  return frame->trace.raw() ? frame : nullptr;
}
bool trace_local(Thread& thread, Value* base, Str* what, Any argument,
                 FrameEvent event = FrameEvent::other) {
  FrameObject* frame = traced_frame(thread, base);
  return !frame || call_tracer(thread, frame, frame->trace.borrow(), what, argument, event);
}
// Where an assignment to f_lineno has sent the frame; else the instruction it is at.
const Instruction* after_jump(Value* base, Code* code, const Instruction* ip) {
  if (!base[-4]) return ip;
  auto* frame = static_cast<FrameObject*>(base[-4].object());
  if (!frame->jump) return ip;
  ip = code->instructions + (std::exchange(frame->jump, 0u) - 1);
  frame_save_ip(base, ip);
  return ip;
}
bool profile(Thread& thread, Value* base, Str* what, Any argument) {
  if (!thread.profile_function) return true;
  AnyRef callback = share(thread, Any(thread.profile_function));
  Result<Ref<FrameObject>> made = frame_object(thread, base);
  if (made.raised()) return false;
  Ref<FrameObject> frame = made.take();
  ++thread.observing;
  AnyResult answer = call(thread, callback, {frame.value(), Value(what), argument.value()});
  --thread.observing;
  if (!answer.raised()) return true;
  Value pending = thread.exception;
  thread.exception = Value{};
  drop_function(thread, thread.profile_function);
  thread.exception = pending;
  return false;
}

// ---- calls of natives ---------------------------------------------------------------------------

bool is_native_function(Value callable) {
  return is_exact(callable, SHAPE(builtin_function_or_method)) ||
         is_exact(callable, SHAPE(method_descriptor));
}
// What a profile function is told: the method bound to its object.
AnyResult shown_callable(Thread& thread, Value callable, Value self) {
  if (is_exact(callable, SHAPE(method_descriptor)) && self) {
    if (auto get = type_of(callable)->slot<SlotId::descr_get>())
      return get(thread, Any(callable), MaybeAny(self), MaybeAny(Value(type_of(self))));
  }
  return share(thread, Any(callable));
}

void forget_call(Thread& thread, Observation& seen) {
  Value callable = seen.callable, argument = seen.argument;
  seen.callable = seen.argument = Value{};
  decref(thread, callable);
  decref(thread, argument);
}

// The call under way in this frame is over.
bool finish_call(Thread& thread, Observation& seen, Value* base, Code* code, uint32_t index,
                 bool raised) {
  AnyRef callable = AnyRef::adopt(seen.callable),
         argument = AnyRef::adopt(seen.argument ? seen.argument : missing_mark);
  seen.callable = seen.argument = Value{};
  uint32_t events = wanted(code);
  if ((events & event_bit(Event::call)) &&
      !fire(thread, code, index, raised ? Event::c_raise : Event::c_return,
            {callable.value(), argument.value()}))
    return false;
  if (!thread.profile_function || !is_native_function(callable.value())) return true;
  AnyResult shown = shown_callable(thread, callable.value(),
                                   argument.value() == missing_mark ? Value{} : argument.value());
  if (shown.raised()) return false;
  return profile(thread, base, raised ? NAME("c_exception") : NAME("c_return"),
                 shown.take().borrow());
}

bool begin_call(Thread& thread, Observation& seen, Value* base, Code* code, const Instruction* ip,
                uint32_t events) {
  auto op = static_cast<Op>(ip->op);
  Value* window = base + ip->b;
  bool spread = op == Op::CALL_FUNCTION_EX || op == Op::CALL_FUNCTION_EX_HEAP;
  bool plain = op == Op::CALL || op == Op::CALL_HEAP;
  Value callable = window[0], self = plain || spread ? Value{} : window[kWindowSelf];
  Value argument = self, items = spread ? window[kWindowArguments] : Value{};
  if (!argument && !spread && ip->aux) argument = window[kWindowArguments];
  if (spread && is_exact(items, SHAPE(tuple)) && Borrowed<Tuple>(items)->size)
    argument = Borrowed<Tuple>(items)->item(0).value();
  forget_call(thread, seen);
  incref(thread, callable);
  if (spread && is_exact(items, SHAPE(list))) {
    Maybe<Ref<Object>> first = list_item(thread, Borrowed<List>(items), 0);
    if (first) argument = first.take().release();
  } else {
    incref(thread, argument);
  }
  AnyRef function = AnyRef::adopt(callable),
         first = AnyRef::adopt(argument ? argument : missing_mark);
  uint32_t index = static_cast<uint32_t>(ip - code->instructions);
  if ((events & event_bit(Event::call)) &&
      !fire(thread, code, index, Event::call, {callable, first.value()}))
    return false;
  Value target = is_exact(callable, SHAPE(method))
                     ? static_cast<BoundMethod*>(callable.object())->function.raw()
                     : callable;
  if (is_exact(target, SHAPE(function))) return true;
  if (thread.profile_function && is_native_function(callable)) {
    AnyResult shown = shown_callable(thread, callable, argument);
    if (shown.raised() || !profile(thread, base, NAME("c_call"), shown.take().borrow()))
      return false;
  }
  if (!(events & event_bit(Event::call)) && !thread.profile_function) return true;
  seen.callable = function.release();
  seen.argument = argument ? first.release() : Value{};
  seen.call_frame = base;
  seen.call_depth = thread.context->depth;
  return true;
}

bool is_call(Op op) {
  switch (op) {
    case Op::CALL:
    case Op::CALL_HEAP:
    case Op::CALL_METHOD:
    case Op::CALL_METHOD_HEAP:
    case Op::CALL_KW:
    case Op::CALL_KW_HEAP:
    case Op::CALL_FUNCTION_EX:
    case Op::CALL_FUNCTION_EX_HEAP: return true;
    default: return false;
  }
}
bool is_branch(Op op) {
  return op == Op::FOR_ITER || (op >= Op::JUMP_IF && op <= Op::JUMP_IF_GE_INT);
}

bool frame_begins(Thread& thread, Value* base, Code* code, uint32_t index, bool resumed) {
  if (!fire(thread, code, index, resumed ? Event::py_resume : Event::py_start, {})) return false;
  if (!thread.trace_function && !thread.profile_function) return true;
  Result<Ref<FrameObject>> made = frame_object(thread, base);
  if (made.raised()) return false;
  Ref<FrameObject> frame = made.take();
  // A function begins on the line of its def, whatever its first instruction belongs to.
  if (!resumed) frame->line = static_cast<int32_t>(code->first_line);
  bool good = trace_call(thread, base, resumed ? FrameEvent::resumed : FrameEvent::call) &&
              profile(thread, base, NAME("call"), kNone);
  frame->line = 0;
  return good;
}

bool leaves(Thread& thread, Value* base, Code* code, uint32_t index, Event event, Value value) {
  AnyRef result = share(thread, Any(value));
  if (!fire(thread, code, index, event, {result.value()})) return false;
  return trace_local(thread, base, NAME("return"), result) &&
         profile(thread, base, NAME("return"), result);
}

// A generator that ends tells its caller so without an exception; observers are shown the one that
// next() would raise.
void generator_returns(Thread& thread, Observation& seen, Value* base, Value value) {
  if (!frame_on_heap(thread.context, base)) return;
  seen.returned = share(thread, Any(value)).release();
  seen.returned_depth = thread.context->depth;
}
bool iteration_stops(Thread& thread, Value* base, Code* code, uint32_t index, Any returned) {
  // The end of a `for` over a generator that returns nothing is no exception to a trace function.
  bool quiet = returned.is_none() && static_cast<Op>(code->instructions[index].op) == Op::FOR_ITER;
  bool monitored = wanted(code) & event_bit(Event::stop_iteration);
  if (!monitored && (quiet || !traced_frame(thread, base))) return true;
  AnyResult made = returned.is_none()
                       ? call(thread, Any(Value(EXCEPTION(StopIteration))), Arguments{})
                       : call(thread, Any(Value(EXCEPTION(StopIteration))), {returned.value()});
  if (made.raised()) return false;
  AnyRef stop = made.take();
  if (monitored && !fire(thread, code, index, Event::stop_iteration, {stop.value()})) return false;
  if (quiet) return true;
  Result<Ref<Tuple>> details =
      tuple_of(thread, {Value(EXCEPTION(StopIteration)), stop.value(), kNone});
  if (details.raised()) return false;
  Ref<Tuple> owned = details.take();
  return trace_local(thread, base, NAME("exception"), owned);
}

}  // namespace

int32_t Observation::line(Thread& thread, Code* code, uint32_t index) {
  Lines& known = lines[reinterpret_cast<uint64_t>(code) / 64 % 8];
  if (known.code != Value(code)) {
    Value old = known.code;
    incref(thread, Value(code));
    known.code = Value(code);
    known.of.assign(code->instruction_count, -1);
    dpb::PositionReader reader = code->view().positions();
    size_t at = 0;
    while (at < known.of.size() && reader.next()) {
      for (uint32_t i = 0; i < reader.run() && at < known.of.size(); ++i)
        known.of[at++] = reader.position().line;
    }
    decref(thread, old);
  }
  return known.of[index];
}

const Instruction* observe_instruction(Thread& thread, Observation& seen, Value* base, Code* code,
                                       const Instruction* ip) {
  Context* context = thread.context;
  const Instruction* last = frame_ip(base);
  if (base != seen.frame || context->depth != seen.depth) {
    if (context->depth > seen.depth) {
      seen.starting = true;
    } else if (context->depth < seen.depth) {
      seen.starting = false;
    }
    seen.frame = base;
    seen.depth = context->depth;
  }
  auto op = static_cast<Op>(ip->op);
  if (seen.returned) {
    Value returned = std::exchange(seen.returned, Value{});
    AnyRef result = AnyRef::adopt(returned);
    bool waited = last && (static_cast<Op>(last->op) == Op::FOR_ITER ||
                           static_cast<Op>(last->op) == Op::SEND);
    if (waited && context->depth + 1 == seen.returned_depth && !thread.observing &&
        !iteration_stops(thread, base, code, static_cast<uint32_t>(last - code->instructions),
                         result))
      return nullptr;
  }
  if (seen.callable && base == seen.call_frame && context->depth == seen.call_depth) {
    if (!finish_call(thread, seen, base, code, static_cast<uint32_t>(last - code->instructions),
                     false))
      return nullptr;
  }
  frame_save_ip(base, ip);
  if (thread.observing) return ip;
  uint32_t index = static_cast<uint32_t>(ip - code->instructions);
  uint32_t events = wanted(code);
  bool jumped = false;
  if (seen.starting) {
    // Cells are set up before the frame counts as begun; a generator begins when it is first
    // resumed.
    if (op == Op::MAKE_CELL || op == Op::COPY_FREE_VARS) return ip;
    seen.starting = false;
    if (op == Op::RETURN_GENERATOR) return ip;
    bool resumed = ip != code->instructions && static_cast<Op>(ip[-1].op) == Op::YIELD_VALUE &&
                   frame_on_heap(context, base);
    if (!resumed) last = nullptr;
    if (!frame_begins(thread, base, code, index, resumed)) return nullptr;
    events = wanted(code);  // who hears of a beginning may ask for the lines (bdb does)
    if (const Instruction* target = after_jump(base, code, ip); target != ip) {
      ip = target;
      index = static_cast<uint32_t>(ip - code->instructions);
      jumped = true;
    }
  } else if (last && last != ip &&
             (events & (event_bit(Event::branch_left) | event_bit(Event::branch_right) |
                        event_bit(Event::jump)))) {
    auto before = static_cast<Op>(last->op);
    uint32_t from = static_cast<uint32_t>(last - code->instructions);
    if (is_branch(before)) {
      bool taken = ip != last + 1;
      bool left = before == Op::FOR_ITER ? taken : !taken;
      if (!fire(thread, code, from, left ? Event::branch_left : Event::branch_right,
                {small_int(2 * Word{index})}))
        return nullptr;
      if (!fire(thread, code, from, Event::branch, {small_int(2 * Word{index})})) return nullptr;
    } else if (before == Op::JUMP || before == Op::JUMP_BACKWARD) {
      if (!fire(thread, code, from, Event::jump, {small_int(2 * Word{index})})) return nullptr;
    }
  }
  FrameObject* frame = traced_frame(thread, base);
  if (frame || (events & event_bit(Event::line))) {
    int32_t line = seen.line(thread, code, index);
    bool due = line >= 0 && !jumped &&
               (!last || ip <= last ||
                seen.line(thread, code, static_cast<uint32_t>(last - code->instructions)) != line);
    if (frame && line >= 0) frame->last_line = line;
    if (due) {
      if ((events & event_bit(Event::line)) &&
          !fire(thread, code, index, Event::line, {small_int(line)}))
        return nullptr;
      frame = traced_frame(thread, base);
      if (frame && frame->trace_lines &&
          !trace_local(thread, base, NAME("line"), kNone, FrameEvent::line))
        return nullptr;
      ip = after_jump(base, code, ip);  // to a line whose own event is not told
    }
  }
  index = static_cast<uint32_t>(ip - code->instructions);
  op = static_cast<Op>(ip->op);
  if ((events & event_bit(Event::instruction)) &&
      !fire(thread, code, index, Event::instruction, {}))
    return nullptr;
  frame = traced_frame(thread, base);
  if (frame && frame->trace_opcodes && !trace_local(thread, base, NAME("opcode"), kNone))
    return nullptr;
  if (op == Op::RETURN_VALUE) {
    if (!leaves(thread, base, code, index, Event::py_return, base[ip->b])) return nullptr;
    generator_returns(thread, seen, base, base[ip->b]);
  } else if (op == Op::RETURN_CONST) {
    Result<Any> constant = code_constant(thread, Borrowed<Code>(code), ip->b);
    if (constant.raised()) return nullptr;
    Any value = constant.take();
    if (!leaves(thread, base, code, index, Event::py_return, value)) return nullptr;
    generator_returns(thread, seen, base, value.value());
  } else if (op == Op::YIELD_VALUE) {
    if (!leaves(thread, base, code, index, Event::py_yield, base[ip->b])) return nullptr;
  } else if (is_call(op) && ((events & event_bit(Event::call)) || thread.profile_function)) {
    if (!begin_call(thread, seen, base, code, ip, events)) return nullptr;
  }
  return ip;
}

void observe_failed_call(Thread& thread, Observation& seen, Value* base, Code* code) {
  if (!seen.callable || base != seen.call_frame || thread.context->depth != seen.call_depth ||
      thread.observing) {
    forget_call(thread, seen);
    return;
  }
  Value pending = thread.exception;
  thread.exception = Value{};
  bool good = finish_call(thread, seen, base, code,
                          static_cast<uint32_t>(frame_ip(base) - code->instructions), true);
  if (good)
    thread.exception = pending;
  else
    decref(thread, pending);
}

void observe_throw(Thread& thread, Value* base, Code* code) {
  if (thread.observing) return;
  Value pending = thread.exception;
  thread.exception = Value{};
  bool good = fire(thread, code, static_cast<uint32_t>(frame_ip(base) - code->instructions),
                   Event::py_throw, {pending});
  good = good && trace_call(thread, base, FrameEvent::other) &&
         profile(thread, base, NAME("call"), kNone);
  if (good)
    thread.exception = pending;
  else
    decref(thread, pending);
}

Value observe_exception(Thread& thread, Value* base, Code* code, uint32_t index, Event event,
                        Value pending) {
  if (thread.observing) return pending;
  bool good = fire(thread, code, index, event, {pending});
  if (good && event == Event::raise && traced_frame(thread, base)) {
    auto* exception = static_cast<BaseException*>(pending.object());
    Value traceback = slot_load(thread, exception, exception->traceback);
    AnyRef shown = AnyRef::adopt(traceback ? traceback : kNone);
    Result<Ref<Tuple>> details =
        tuple_of(thread, {Value(type_of(pending)), pending, shown.value()});
    good = !details.raised();
    if (good) {
      Ref<Tuple> owned = details.take();
      good = trace_local(thread, base, NAME("exception"), owned);
    }
  }
  if (good && event == Event::py_unwind)
    good = trace_local(thread, base, NAME("return"), kNone) &&
           profile(thread, base, NAME("return"), kNone);
  if (good) return pending;
  // The observer's own exception takes its place.
  Value replacement = thread.exception;
  thread.exception = Value{};
  decref(thread, pending);
  return replacement;
}

// ---- who observes -------------------------------------------------------------------------------

namespace {
// Whether the running frame's own call instruction made this native call (not map(), a partial,
// C++).
bool called_by_frame(Thread& thread, const Value* arguments) {
  Value* base = thread.context->frame;
  if (!base) return false;
  const Instruction* ip = frame_ip(base);
  auto op = static_cast<Op>(ip->op);
  if (op != Op::CALL && op != Op::CALL_HEAP && op != Op::CALL_METHOD && op != Op::CALL_METHOD_HEAP)
    return false;
  return arguments == base + ip->b + kWindowArguments;
}
Value set_function(Thread& thread, Value& slot, Any function, const Value* arguments) {
  bool plain_loop = !must_switch(thread);
  Value old = slot;
  slot = function.is_none() ? Value{} : share(thread, function).release();
  update(thread);
  decref(thread, old);
  return observed_from_here(thread, plain_loop, arguments);
}
// The other threads' functions, while none of them runs; a thread reads its own only between two
// safepoints. What they had is dropped when they run again.
constexpr size_t kPublishedAtOnce = 1000;
void set_others(Thread& thread, Value Thread::* slot, Any function) {
  publish(thread, function.value());
  std::vector<Value> dropped;
  {
    StopAll stopped(thread);
    for (Thread* other = threads_first(); other; other = other->next) {
      if (other == &thread) continue;
      Value old = std::exchange(other->*slot,
                                function.is_none() ? Value{} : share(thread, function).release());
      if (is_counted(old)) publish_foreign(thread, old.object(), kPublishedAtOnce);
      update(*other);
      dropped.push_back(old);
    }
  }
  for (Value old : dropped) decref(thread, old);
}
}  // namespace

Value observed_from_here(Thread& thread, bool plain_loop, const Value* arguments) {
  if (plain_loop && must_switch(thread) && called_by_frame(thread, arguments)) return Value{};
  return kNone;
}

Value set_trace_function_everywhere(Thread& thread, Any function, const Value* arguments) {
  set_others(thread, &Thread::trace_function, function);
  return set_trace_function(thread, function, arguments);
}
Value set_profile_function_everywhere(Thread& thread, Any function, const Value* arguments) {
  set_others(thread, &Thread::profile_function, function);
  return set_profile_function(thread, function, arguments);
}
Value set_trace_function(Thread& thread, Any function, const Value* arguments) {
  return set_function(thread, thread.trace_function, function, arguments);
}
Value set_profile_function(Thread& thread, Any function, const Value* arguments) {
  return set_function(thread, thread.profile_function, function, arguments);
}

MonitoringTools& monitoring_tools() { return tools; }
Value monitoring_disable() { return disable_mark; }
Value monitoring_missing() { return missing_mark; }
Result<void> monitoring_ready(Thread& thread) {
  for (Value* mark : {&disable_mark, &missing_mark}) {
    if (*mark) continue;
    AnyRef made = TRY(call(thread, Any(Value(TYPE(object))), Arguments{}));
    make_immortal(made.get());
    *mark = made.release();
  }
  return {};
}
uint32_t monitoring_local_events(Code* code, unsigned tool) {
  std::lock_guard<std::mutex> guard(monitor_mutex);
  auto found = monitors().find(code);
  return found == monitors().end() ? 0 : found->second.local[tool];
}
void monitoring_set_local_events(Thread& thread, Code* code, unsigned tool, uint32_t events) {
  {
    std::lock_guard<std::mutex> guard(monitor_mutex);
    monitor_of(thread, code).local[tool] = events;
  }
  monitoring_changed(thread);
}
void monitoring_restart(Thread& thread) {
  std::vector<Code*> unused;
  {
    std::lock_guard<std::mutex> guard(monitor_mutex);
    for (auto at = monitors().begin(); at != monitors().end();) {
      at->second.disabled.clear();
      bool empty = true;
      for (uint32_t mask : at->second.local) empty &= mask == 0;
      if (empty) {
        unused.push_back(at->first);
        at = monitors().erase(at);
      } else {
        ++at;
      }
    }
  }
  for (Code* code : unused) decref(thread, Value(code));
}
void monitoring_clear(Thread& thread, unsigned tool) {
  tools.events[tool] = 0;
  for (Slot& callback : tools.callbacks[tool]) slot_clear(thread, &shared_root, callback);
  {
    std::lock_guard<std::mutex> guard(monitor_mutex);
    for (auto& [code, monitor] : monitors()) {
      monitor.local[tool] = 0;
      for (auto& [place, mask] : monitor.disabled) mask &= static_cast<uint8_t>(~(1u << tool));
    }
  }
  monitoring_changed(thread);
}
void monitoring_changed(Thread& thread) {
  bool active = false;
  for (const std::atomic<uint32_t>& mask : tools.events) active |= mask.load() != 0;
  {
    std::lock_guard<std::mutex> guard(monitor_mutex);
    for (auto& [code, monitor] : monitors()) {
      for (uint32_t mask : monitor.local) active |= mask != 0;
    }
  }
  monitoring_active.store(active, std::memory_order_release);
  StopAll stopped(thread);  // a thread reads what update writes only between two safepoints
  for (Thread* each = threads_first(); each; each = each->next) update(*each);
}
void monitoring_join(Thread& thread) { update(thread); }

}  // namespace dx
