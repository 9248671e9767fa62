#pragma once
// Context: what a thread executes on, switchable as a whole (greenlets): VM stack, recursion depth,
// handled exceptions, current frame. One thread uses a context at a time.

#include "objects/frame.h"
#include "objects/generator.h"

namespace dx {

struct Context {
  Value* stack = nullptr;  // reserved address space; pages appear when touched; zero means empty
  Value* stack_limit = nullptr;
  Value* held = nullptr;   // end of arguments that no frame has taken over yet (HoldStack)
  Value* frame = nullptr;  // base of the innermost Python frame, null when there is none
  HandledLink* handled = nullptr;
  HandledLink handled_base;
  ItemSink* sink = nullptr;  // of the C++ code that consumes a generator, innermost
  uint32_t depth = 0;        // Python frames
  uint32_t depth_limit = 1000;
  bool yielded = false;  // how the interpreter's C++ function ended: by a yield, not by a return
};

// `wanted`: where its stack should lie (memory/start_memory.h), or 0. Null: out of memory.
Context* context_create(size_t stack_bytes, uintptr_t wanted = 0);
void context_destroy(Context* context);

// Whether a frame's registers are in a generator object rather than on the VM stack.
inline bool frame_on_heap(const Context* context, const Value* base) {
  return base < context->stack || base >= context->stack_limit;
}

// First free word of the VM stack above the running frame.
inline Value* context_top(Context* context) {
  Value* base = context->frame;
  Value* top = !base                          ? context->stack
               : frame_on_heap(context, base) ? generator_of_base(base)->stack_top
                                              : base + frame_code(base)->register_count;
  return top > context->held ? top : context->held;
}
// Arguments above the innermost frame's registers, of a call that has no frame yet: while this
// lives, Python code that runs (a finalizer, a signal handler, the __eq__ of a keyword) makes its
// frames above them.
class HoldStack {
 public:
  HoldStack(Context* context, Value* end) : context_(context), outer_(context->held) {
    if (end > outer_) context->held = end;
  }
  ~HoldStack() { context_->held = outer_; }
  HoldStack(const HoldStack&) = delete;

 private:
  Context* context_;
  Value* outer_;
};
// The exception being handled, or empty. Borrowed.
inline Value handled_exception(Context* context) {
  for (HandledLink* link = context->handled; link; link = link->previous) {
    if (link->exception && !link->exception.is_none()) return link->exception;
  }
  return Value{};
}

}  // namespace dx
