#pragma once
// Observers of running code: sys.settrace, sys.setprofile and sys.monitoring.
//
//   plain loop (loop.cpp: run)  --poll, call of settrace-->  observed loop (loop_observed.cpp:
//   run_observed)
//                               <--nothing observes any more, seen at the next instruction--
//
// The observed loop is the same source compiled once more: before every instruction it asks
// observe_instruction, which tells from the frame, the instruction and the one before (the ip saved
// in the frame's header) which events are due. The plain loop knows nothing of this: a thread that
// begins to be observed leaves it where it looks at Thread::poll anyway. Frames need no conversion,
// as both loops keep everything in the frame; the C++ frame of one loop is replaced by the other's.
//
// Invariant: Thread::observed is true exactly when a trace or profile function is set on the thread
// or some tool of sys.monitoring wants events. While an observer runs (Thread::observing) nothing
// it does is observed.

#include <vector>

#include "interpreter/ops.h"

namespace dx {

// sys.monitoring.events, in the order of their bits.
enum class Event : uint8_t {
  py_start,
  py_resume,
  py_return,
  py_yield,
  call,
  line,
  instruction,
  jump,
  branch_left,
  branch_right,
  stop_iteration,
  raise,
  exception_handled,
  py_unwind,
  py_throw,
  reraise,
  c_return,
  c_raise,
  branch,
  count
};
constexpr uint32_t event_bit(Event event) { return 1u << static_cast<unsigned>(event); }
constexpr uint32_t kAllEvents = (1u << static_cast<unsigned>(Event::count)) - 1;
// Events of one place in the code, which a callback can switch off there.
constexpr uint32_t kLocalEvents = (event_bit(Event::stop_iteration) << 1) - 1;
constexpr unsigned kToolCount = 6;

enum class RunEntry : uint8_t { begin, resume, throwing, switched };
Value run_observed(Thread& thread, Value* base, const dpb::Instruction* ip, RunEntry entry);

// Enters the loop that fits.
inline Value enter_loop(Thread& thread, Value* base, const dpb::Instruction* ip, RunEntry entry) {
  if (__builtin_expect(thread.observed.load(std::memory_order_relaxed), 0) && !thread.observing)
    return run_observed(thread, base, ip, entry);
  return run(thread, base, ip, entry == RunEntry::throwing);
}
inline bool must_switch(Thread& thread) {
  return thread.observed.load(std::memory_order_relaxed) && !thread.observing;
}

// What the observed loop remembers between two instructions.
struct Observation {
  Value* frame = nullptr;  // of the last instruction
  uint32_t depth = 0;
  bool starting =
      false;       // a frame was entered; its start event comes before its first real instruction
  Value callable;  // owned: a call of something that is no Python function is under way
  Value argument;  // owned: its first argument, or empty
  Value* call_frame = nullptr;
  uint32_t call_depth = 0;
  Value returned;  // owned: what a generator that has just ended returned, else empty
  uint32_t returned_depth = 0;
  // Lines of the instructions of codes seen lately: the packed table can only be read from its
  // start.
  struct Lines {
    Value code;  // owned, or empty
    std::vector<int32_t> of;
  };
  Lines lines[8];
  int32_t line(Thread& thread, Code* code, uint32_t index);
  ~Observation() {
    decref(current_thread(), callable);
    decref(current_thread(), argument);
    decref(current_thread(), returned);
    for (Lines& known : lines) decref(current_thread(), known.code);
  }
};
// Before the instruction at ip: fires what is due. The instruction to go on with, or null: raised.
const dpb::Instruction* observe_instruction(Thread& thread, Observation& seen, Value* base,
                                            Code* code, const dpb::Instruction* ip);
// An exception is pending in the frame: a native call under way has failed.
void observe_failed_call(Thread& thread, Observation& seen, Value* base, Code* code);
// frame.f_lineno = line, by the trace function that is being told of the frame (jump_line.cpp).
Result<void> jump_to_line(Thread& thread, FrameObject* frame, Word line);
// Before generator.throw() raises in the frame.
void observe_throw(Thread& thread, Value* base, Code* code);
// From unwind: pending (owned) passes through the frame. What is pending afterwards.
Value observe_exception(Thread& thread, Value* base, Code* code, uint32_t index, Event event,
                        Value pending);

// ---- who observes -------------------------------------------------------------------------------

// sys.settrace, sys.setprofile: None takes the function away. arguments: of the native call, to see
// whether the running frame called it directly. The result of the native call: empty without an
// exception asks the plain loop to switch at once.
Value set_trace_function(Thread& thread, Any function, const Value* arguments);
Value set_profile_function(Thread& thread, Any function, const Value* arguments);
// The same for this thread and all others: sys._settraceallthreads, sys._setprofileallthreads.
Value set_trace_function_everywhere(Thread& thread, Any function, const Value* arguments);
Value set_profile_function_everywhere(Thread& thread, Any function, const Value* arguments);

// After a native that may have made this thread observed: what it returns, None or the question of
// the above. plain_loop: !must_switch(thread) before.
Value observed_from_here(Thread& thread, bool plain_loop, const Value* arguments);

// sys.monitoring.
struct MonitoringTools {
  // Of shared_root. Any thread may read and write them.
  Slot names[kToolCount];                                         // empty: free
  Slot callbacks[kToolCount][static_cast<size_t>(Event::count)];  // empty: none
  std::atomic<uint32_t> events[kToolCount];                       // everywhere
};
MonitoringTools& monitoring_tools();
Value monitoring_disable();  // sys.monitoring.DISABLE, MISSING; immortal
Value monitoring_missing();
Result<void> monitoring_ready(Thread& thread);
uint32_t monitoring_local_events(Code* code, unsigned tool);
void monitoring_set_local_events(Thread& thread, Code* code, unsigned tool, uint32_t events);
void monitoring_restart(Thread& thread);  // places switched off are on again
void monitoring_clear(Thread& thread,
                      unsigned tool);     // events, callbacks and local events of the tool
void monitoring_changed(Thread& thread);  // after a change of events: threads take notice
void monitoring_join(Thread& thread);     // a new thread does, before it runs Python

}  // namespace dx
