#pragma once
// Context: what a thread executes on, switchable as a whole (greenlets): VM stack, recursion depth, handled exceptions,
// current frame. One thread uses a context at a time.

#include "objects/frame.h"
#include "objects/generator.h"

namespace dx {

struct Context {
  Value* stack = nullptr;        // reserved address space; pages appear when touched; zero means empty
  Value* stack_limit = nullptr;
  Value* frame = nullptr;        // base of the innermost Python frame, null when there is none
  HandledLink* handled = nullptr;
  HandledLink handled_base;
  uint32_t depth = 0;            // Python frames
  uint32_t depth_limit = 1000;
};

Context* context_create(size_t stack_bytes);  // null: out of memory
void context_destroy(Context* context);

// First free word of the VM stack above the running frame.
inline Value* context_top(Context* context) {
  Value* base = context->frame;
  if (!base) return context->stack;
  Code* code = frame_code(base);
  if (code->has_flag(dpb::kCoHeapFrame)) return reinterpret_cast<Value*>(base[-5].bits & ~uint64_t{7});
  return base + code->register_count;
}
// The exception being handled, or empty. Borrowed.
inline Value handled_exception(Context* context) {
  for (HandledLink* link = context->handled; link; link = link->previous) {
    if (link->exception && !link->exception.is_none()) return link->exception;
  }
  return Value{};
}

}  // namespace dx
