#pragma once
// Generators, coroutines and async generators: a frame on the heap.
//
//   [Generator] [header: 6 words] [registers ...]          base = the first register
//
// State: created -> suspended <-> running -> done, changed by compare-and-swap, so that two threads
// that resume the same one get "already executing" and never run it twice. The handled exception is
// a link of the resumer's chain while it runs.

#include "objects/function.h"

namespace dx {

// The exception being handled in a frame (or generator); sys.exc_info() is the innermost one that
// is set.
struct HandledLink {
  Value exception;  // owned, or empty
  HandledLink* previous = nullptr;
};

enum class GeneratorState : uint32_t { created, suspended, running, done };

struct Generator : Object {
  std::atomic<GeneratorState> state;
  uint32_t register_count;
  HandledLink handled;
  Value* stack_top;                  // of the VM stack while it runs: where windows of its calls go
  Field<Object> name, qualname;      // empty: the function's
  Field<Object> origin;              // cr_origin; async generators: finalizer hook
  std::atomic<uint32_t> hooks_done;  // async generators
  std::atomic<uint32_t> running_async;
  // Words of the header live as long as the generator: base()[-3] is its function, base()[-5] its
  // code.
  Value* base() { return reinterpret_cast<Value*>(this + 1) + 6; }
};
inline Generator* generator_of_base(Value* base) {
  return reinterpret_cast<Generator*>(base - 6) - 1;
}
inline bool is_generator(Value value) { return has_layout(value, kShapeGenerator); }

}  // namespace dx
