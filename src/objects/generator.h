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

// Chains. Generators and coroutines that wait for one another (`yield from`, await) are resumed and
// stopped as one:
//
//   root --SEND--> chained --SEND--> chained (innermost: it yields, and gets what is sent)
//
// Their links, handled exceptions and instruction pointers stay as they are while they run; only
// the root is taken out of its caller and put into the next one, whatever the length. So a chained
// one has no state of its own: it runs or is suspended as its root does. Whoever wants one of them
// by itself, or looks at it, first takes the chain apart (generator_settle); where that is
// forgotten, `chained` and `chain_root` are states that nothing else answers to.
enum class GeneratorState : uint32_t { created, suspended, running, done, chain_root, chained };

struct Generator : Object {
  std::atomic<GeneratorState> state;
  uint32_t register_count;
  HandledLink handled;
  Value* stack_top;              // of the VM stack while it runs: where windows of its calls go
  Generator* chain;              // of a root: the innermost; of a chained one: the root; borrowed
  Field<Object> name, qualname;  // empty: the function's
  Field<Object> origin;          // cr_origin; async generators: finalizer hook
  uint32_t chain_length;         // of a root, while it runs too: how many are chained; else 0
  std::atomic<uint16_t> hooks_done;  // async generators
  std::atomic<uint16_t> running_async;
  // Words of the header live as long as the generator: base()[-3] is its function, base()[-5] its
  // code.
  Value* base() { return reinterpret_cast<Value*>(this + 1) + 6; }
};
inline Generator* generator_of_base(Value* base) {
  return reinterpret_cast<Generator*>(base - 6) - 1;
}
// What C++ code that wants all items of a generator gives along when it resumes it
// (object_hooks.drain_generator): a yielded item that `take` accepts does not leave the
// interpreter, and the generator goes on at once. take runs no Python code and drops nothing that
// could; what it refuses (false: it has not touched it) arrives as from any resumption.
struct ItemSink {
  bool (*take)(ItemSink& self, Thread& thread, Value item);  // item: owned
  Value* base = nullptr;                                     // of the generator it belongs to
};

// The next item that the sink does not take, or the end, whatever the generator returns.
Step generator_drain(Thread& thread, Borrowed<Generator> generator, ItemSink& sink);

// Takes the chain apart that the generator is in, if any: each has its own state afterwards.
void generator_settle_slow(Thread& thread, Generator* generator);
inline void generator_settle(Thread& thread, Generator* generator) {
  if (__builtin_expect(
          generator->state.load(std::memory_order_acquire) >= GeneratorState::chain_root, 0))
    generator_settle_slow(thread, generator);
}
inline bool is_generator(Value value) { return has_layout(value, kShapeGenerator); }

}  // namespace dx
