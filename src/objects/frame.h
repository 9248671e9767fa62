#pragma once
// Frame objects: made only when somebody looks (tracebacks, sys._getframe, tracing). While the
// frame runs, the object points at its registers; when the frame ends and the object is still held
// elsewhere, the registers move into it.
//
// Frame header, words below base:
//   [-1] instruction pointer, saved before anything is called out    [-2] caller's base, flags
//   [-3] function (owned)      [-4] frame object (owned) or empty    [-5] code (borrowed: a
//   function keeps replaced codes)
//   [-6] w[0] of the call window (empty, or the new instance of a constructor call)
// All but [-3], [-4] and [-6] carry a low tag bit, so that they read as small ints.

#include "objects/function.h"

namespace dx {

constexpr size_t kFrameHeader =
    6;  // words before base in a window with a self; kWindowArguments - 1
constexpr size_t kWindowSelf = 6;
constexpr size_t kWindowArguments = 7;

constexpr uint64_t kFrameEntry = 2;  // returning leaves the interpreter's C++ function
constexpr uint64_t kFrameInit =
    4;  // __init__ of a constructor call: the result is the instance in [-6]
constexpr uint64_t kFrameDiscard =
    kFrameEntry | kFrameInit;  // both: __setitem__ of an assignment, the result is dropped
inline bool frame_is_entry(uint64_t link) { return (link & kFrameDiscard) == kFrameEntry; }
inline bool frame_is_init(uint64_t link) { return (link & kFrameDiscard) == kFrameInit; }
inline bool frame_is_discard(uint64_t link) { return (link & kFrameDiscard) == kFrameDiscard; }

inline const dpb::Instruction* frame_ip(Value* base) {
  return reinterpret_cast<const dpb::Instruction*>(base[-1].bits & ~uint64_t{7});
}
inline void frame_save_ip(Value* base, const dpb::Instruction* ip) {
  base[-1].bits = reinterpret_cast<uint64_t>(ip) + 1;
}
inline Value* frame_caller(Value* base) {
  return reinterpret_cast<Value*>(base[-2].bits & ~uint64_t{7});
}
inline Function* frame_function(Value* base) { return static_cast<Function*>(base[-3].object()); }
inline Code* frame_code(Value* base) {
  return reinterpret_cast<Code*>(base[-5].bits & ~uint64_t{7});
}

// What the trace function is being told of a frame.
enum class FrameEvent : uint8_t { none, line, resumed, call, other };

struct FrameObject : Object {
  Field<Function> function;
  Field<Code> code;            // what runs in it (f.__code__ may be replaced meanwhile)
  Field<Object> back;          // FrameObject, set when the frame ends or when asked for
  Field<Object> trace;         // f_trace
  Field<Object> extra_locals;  // names f_locals got that are no variables
  std::atomic<Value*> base;    // registers while it runs; null afterwards
  uint32_t instruction;        // when it has ended
  int32_t line;  // f_lineno while observers are told of the frame's begin; 0: from the instruction
  int32_t last_line;    // of the last line observers saw: for instructions without one
  uint32_t slot_count;  // registers kept: locals, cells and free variables
  bool trace_lines, trace_opcodes;
  FrameEvent event;  // while a trace function runs
  uint32_t jump;     // f_lineno was assigned: 1 + the instruction to go on with
  Slot* slots() { return reinterpret_cast<Slot*>(this + 1); }
};
template <>
struct TypeCheck<FrameObject> {
  static bool check(Value value) { return is_exact(value, SHAPE(frame)); }
  static constexpr const char* name = "frame";
};

// The frame object of a running frame of this thread.
Result<Ref<FrameObject>> frame_object(Thread& thread, Value* base);
// While it lives, the registers of a frame that another thread may be running stand still: the
// other threads are stopped, and what is in their registers is shared. Nothing when the frame has
// ended or can only be this thread's.
class FrameHold {
 public:
  FrameHold(Thread& thread, FrameObject* frame);
  ~FrameHold();
  FrameHold(const FrameHold&) = delete;
  FrameHold& operator=(const FrameHold&) = delete;

 private:
  Thread* stopper_ = nullptr;
};
// f_locals: the namespace, or for functions a proxy that writes through; locals(): the namespace,
// or a snapshot.
AnyResult frame_locals(Thread& thread, Borrowed<FrameObject> frame);
AnyResult frame_locals_snapshot(Thread& thread, Borrowed<FrameObject> frame);
// Ends a frame: its object (if any) takes over the registers; otherwise they are released, highest
// first.
void frame_release(Thread& thread, Value* base, Code* code);

}  // namespace dx
