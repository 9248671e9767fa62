// Entering the interpreter from C++: calling a Python function, running code, resuming generators;
// and making generators.

#include <cstdlib>
#include <sys/mman.h>

#include <vector>

#include "interpreter/observe.h"
#include "interpreter/ops.h"
#include "memory/heap_inline.h"
#include "memory/safepoint.h"
#include "memory/start_memory.h"
#include "objects/exception.h"
#include "objects/hooks.h"

namespace dx {

using dpb::Instruction;

Context* context_create(size_t stack_bytes, uintptr_t wanted) {
  void* memory = wanted ? reserve_at(wanted, stack_bytes, PROT_READ | PROT_WRITE, MAP_NORESERVE)
                        : mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (!memory || memory == MAP_FAILED) return nullptr;
  auto* context = new Context;
  context->stack = static_cast<Value*>(memory) + 16;  // a window needs words below its arguments
  context->stack_limit = reinterpret_cast<Value*>(static_cast<char*>(memory) + stack_bytes) - 512;
  context->handled = &context->handled_base;
  return context;
}

void context_destroy(Context* context) {
  munmap(context->stack - 16,
         static_cast<size_t>(reinterpret_cast<char*>(context->stack_limit + 512) -
                             reinterpret_cast<char*>(context->stack - 16)));
  delete context;
}

namespace {

// Puts the header of an entry frame in place; the arguments are the first registers already. Takes
// the function's count.
void push_entry_frame(Thread& thread, Value* base, Function* function, Code* code, size_t filled) {
  Context* context = thread.context;
  base[-2].bits = reinterpret_cast<uint64_t>(context->frame) | kFrameEntry | 1;
  base[-3] = Value(function);
  base[-4] = Value{};
  base[-5].bits = reinterpret_cast<uint64_t>(code) | 1;
  base[-6] = Value{};
  frame_save_ip(base, code->instructions);
  for (size_t i = filled; i < code->local_count; ++i) base[i] = Value{};
  context->frame = base;
  ++context->depth;
}

bool room_for(Thread& thread, Value* base, Code* code, size_t count) {
  Context* context = thread.context;
  if (base + code->register_count + count + 64 < context->stack_limit &&
      context->depth < context->depth_limit)
    return true;
  (void)raise<RecursionError>(thread, "maximum recursion depth exceeded");
  return false;
}

}  // namespace

Value interpreter_call(Thread& thread, Function* function, Value* arguments, size_t count,
                       Tuple* names) {
  if (poll_signals(thread).raised()) return Value{};
  Code* code = static_cast<Code*>(function->code.raw_relaxed().object());
  Value* base = context_top(thread.context) + kWindowArguments;
  if (!room_for(thread, base, code, count)) return Value{};
  for (size_t i = 0; i < count; ++i) {
    incref(thread, arguments[i]);
    base[i] = arguments[i];
  }
  auto undo = [&] {
    HoldStack hold(thread.context, base + count);
    for (size_t i = count; i-- > 0;) {
      Value old = base[i];
      base[i] = Value{};
      decref(thread, old);
    }
  };
  size_t filled = count;
  if (names || !code->simple_call || code->argument_count != count) {
    if (!bind_python_arguments(thread, function, base, count, names)) {
      undo();
      return Value{};
    }
    filled = code->parameter_count;
  }
  if (!code->prepared.load(std::memory_order_acquire) &&
      code_prepare(thread, Borrowed<Code>(code)).raised()) {
    count = filled;
    undo();
    return Value{};
  }
  incref(thread, Value(function));
  push_entry_frame(thread, base, function, code, filled);
  return enter_loop(thread, base, code->instructions, RunEntry::begin);
}

AnyResult run_code(Thread& thread, Borrowed<Code> code, Borrowed<Dict> globals, Any locals,
                   MaybeAny closure) {
  Ref<Function> function = TRY(function_create(thread, code, globals));
  if (closure) slot_write(thread, function.get(), function->closure, share(thread, *closure));
  TRY(code_prepare(thread, code));
  Value* base = context_top(thread.context) + kWindowArguments;
  if (!room_for(thread, base, code.get(), 1)) return Raised{};
  size_t filled = 0;
  if (code->first_local) {
    incref(thread, locals.value());
    base[0] = locals.value();
    filled = 1;
  }
  auto* raw = static_cast<Function*>(function.release().object());
  push_entry_frame(thread, base, raw, code.get(), filled);
  return AnyResult::adopt(enter_loop(thread, base, code->instructions, RunEntry::begin));
}

// ---- generators ---------------------------------------------------------------------------------

namespace {
// cr_origin: (file, line, function) of the frames that made a coroutine, innermost first.
Result<Ref<Tuple>> coroutine_origin(Thread& thread, Value* base) {
  std::vector<Value> entries;
  for (uint32_t depth = thread.coroutine_origin_depth; base && depth > 0;
       --depth, base = frame_caller(base)) {
    Code* code = frame_code(base);
    int32_t line =
        code_line(Borrowed<Code>(code), static_cast<uint32_t>(frame_ip(base) - code->instructions));
    Result<Ref<Tuple>> entry = tuple_of(
        thread, {code->filename.raw(), line < 0 ? kNone : small_int(line), code->name.raw()});
    if (entry.raised()) {
      for (Value made : entries) decref(thread, made);
      return Raised{};
    }
    entries.push_back(entry.release());
  }
  return tuple_adopt(thread, entries.data(), entries.size());
}
}  // namespace

Value generator_from_frame(Thread& thread, Value* base, Code* code, const Instruction* ip) {
  ShapeId shape = code->has_flag(dpb::kCoCoroutine)        ? SHAPE(coroutine)
                  : code->has_flag(dpb::kCoAsyncGenerator) ? SHAPE(async_generator)
                                                           : SHAPE(generator);
  size_t words = kFrameHeader + code->register_count;
  auto* generator = static_cast<Generator*>(allocate_object_uninitialized(
      thread, sizeof(Generator) + 8 * words, shape, PageKind::traced));
  if (__builtin_expect(!generator, 0)) {
    (void)raise_memory_error(thread);
    return Value{};
  }
  const size_t locals = code->local_count, registers = code->register_count;
  generator->state.store(GeneratorState::created, std::memory_order_relaxed);
  generator->register_count = static_cast<uint32_t>(registers);
  generator->handled.exception = Value{};
  slot_init(generator, generator->name, Value{});
  slot_init(generator, generator->qualname, Value{});
  slot_init(generator, generator->origin, Value{});
  generator->chain_length = 0;
  generator->hooks_done.store(0, std::memory_order_relaxed);
  generator->running_async.store(0, std::memory_order_relaxed);
  // What else it has means something only while it runs or is in a chain.
  Value* heap = generator->base();
  // Atomic, so that they do not become calls of memcpy and memset: there are few.
  auto store = [](Value& to, uint64_t bits) { __atomic_store_n(&to.bits, bits, __ATOMIC_RELAXED); };
  DX_PLAIN_LOOP
  for (size_t i = 0; i < locals; ++i) {
    store(heap[i], base[i].bits);
    store(base[i], 0);
  }
  DX_PLAIN_LOOP
  for (size_t i = locals; i < registers; ++i) store(heap[i], 0);
  heap[-2].bits = 1;
  heap[-3] = base[-3];  // the frame's count on the function
  heap[-4] = Value{};
  heap[-5] = base[-5];
  heap[-6] = Value{};
  frame_save_ip(heap, ip);
  // A frame object made before (tracing) goes with the registers.
  if (base[-4]) {
    heap[-4] = base[-4];
    static_cast<FrameObject*>(heap[-4].object())->base.store(heap);
    base[-4] = Value{};
  }
  if (__builtin_expect(thread.coroutine_origin_depth != 0, 0) && shape == SHAPE(coroutine)) {
    Value* caller = reinterpret_cast<Value*>(base[-2].bits & ~uint64_t{7});
    Result<Ref<Tuple>> origin = coroutine_origin(thread, caller);
    if (origin.raised())
      clear_exception(thread);  // memory is short: a coroutine without an origin
    else
      slot_init(generator, generator->origin, origin.take());
  }
  return Value(generator);
}

namespace {

const char* generator_word(Any generator) {
  if (is_exact(generator, SHAPE(coroutine))) return "coroutine";
  if (is_exact(generator, SHAPE(async_generator))) return "async generator";
  return "generator";
}

// Makes the generator the running frame. False: raised. Inlined: C++ code that consumes a generator
// comes here for every item.
[[gnu::always_inline]] inline bool begin_resume(Thread& thread, Generator* generator,
                                                GeneratorState& state) {
  Context* context = thread.context;
  generator_settle(thread, generator);
  state = generator->state.load(std::memory_order_acquire);
  bool entered = state != GeneratorState::running;
  if (__builtin_expect(is_mine(thread, generator), 1))
    generator->state.store(GeneratorState::running, std::memory_order_relaxed);
  else
    entered = entered && generator->state.compare_exchange_strong(state, GeneratorState::running);
  if (!entered) {
    (void)raise<ValueError>(thread, "{} already executing", generator_word(Any(Value(generator))));
    return false;
  }
  Value* base = generator->base();
  generator->stack_top = context_top(context);
  if (generator->stack_top + 64 >= context->stack_limit || context->depth >= context->depth_limit ||
      static_cast<char*>(__builtin_frame_address(0)) < thread.native_stack_limit) {
    generator->state.store(state, std::memory_order_release);
    (void)raise<RecursionError>(thread, "maximum recursion depth exceeded");
    return false;
  }
  base[-2].bits = reinterpret_cast<uint64_t>(context->frame) | kFrameEntry | 1;
  generator->handled.previous = context->handled;
  context->handled = &generator->handled;
  ++context->depth;
  context->frame = base;
  return true;
}

Step finish_resume(Thread& thread, Value value, Maybe<Ref<Object>>& returned) {
  if (!value) return Raised{};
  if (thread.context->yielded) {
    thread.context->yielded = false;
    return Step::adopt(value);
  }
  returned = Maybe<Ref<Object>>::adopt(value);
  return Step::done();
}

}  // namespace

Step generator_resume(Thread& thread, Borrowed<Generator> generator, Any sent,
                      Maybe<Ref<Object>>& returned) {
  Context* context = thread.context;
  Generator* self = generator.get();
  GeneratorState now = self->state.load(std::memory_order_relaxed);
  if (__builtin_expect(
          is_mine(thread, self) &&
              (now <= GeneratorState::suspended || now == GeneratorState::chain_root) &&
              thread.poll.load(std::memory_order_relaxed) == 0 &&
              context->depth + self->chain_length < context->depth_limit &&
              !thread.observed.load(std::memory_order_relaxed) &&
              static_cast<char*>(__builtin_frame_address(0)) >= thread.native_stack_limit,
          1)) {
    // The common step, as begin_resume does it, of one generator or a whole chain.
    Value* top = context_top(context);
    if (__builtin_expect(top + 64 < context->stack_limit, 1)) {
      incref(thread, self);
      Generator* inner = now == GeneratorState::chain_root ? self->chain : self;
      self->state.store(GeneratorState::running, std::memory_order_relaxed);
      inner->stack_top = top;
      self->handled.previous = context->handled;
      context->handled = &inner->handled;
      context->depth += 1 + self->chain_length;
      self->base()[-2].bits = reinterpret_cast<uint64_t>(context->frame) | kFrameEntry | 1;
      Value* base = inner->base();
      context->frame = base;
      const Instruction* ip = frame_ip(base);
      if (now != GeneratorState::created) {
        incref(thread, sent.value());
        Value old = base[ip->a];
        base[ip->a] = sent.value();
        decref(thread, old);
      }
      Value value = enter_loop(thread, base, ip + 1, RunEntry::resume);
      Step step = finish_resume(thread, value, returned);
      decref(thread, self);
      return step;
    }
  }
  if (generator->state.load(std::memory_order_acquire) == GeneratorState::done) {
    returned = Maybe<Ref<Object>>::adopt(kNone);
    return Step::done();
  }
  if (poll_signals(thread).raised()) return Raised{};
  Ref<Generator> keep = Ref<Generator>::share(thread, generator);
  GeneratorState state;
  if (!begin_resume(thread, generator.get(), state)) return Raised{};
  Value* base = generator->base();
  const Instruction* ip = frame_ip(base);
  if (state == GeneratorState::suspended) {
    incref(thread, sent.value());
    Value old = base[ip->a];
    base[ip->a] = sent.value();
    decref(thread, old);
  }
  Value value = enter_loop(thread, base, ip + 1, RunEntry::resume);
  Step step = finish_resume(thread, value, returned);
  drop(thread, std::move(keep));  // without a look at the thread-local pointer
  return step;
}

static Step drain_hook(Thread& thread, Borrowed<Generator> generator, ItemSink& sink,
                       Maybe<Ref<Object>>& returned) {
  Context* context = thread.context;
  ItemSink* outer = context->sink;
  sink.base = generator->base();
  context->sink = &sink;
  Step step = generator_resume(thread, generator, kNone, returned);
  context->sink = outer;
  return step;
}

static void leave_as(Thread& thread, Generator* generator, GeneratorState state) {
  Context* context = thread.context;
  Value* base = generator->base();
  context->frame = frame_caller(base);
  --context->depth;
  base[-2].bits = 1;
  if (!is_mine(thread, generator)) publish_items_of(thread, generator);
  generator->state.store(state, std::memory_order_release);
}
static void generator_leave(Thread& thread, Borrowed<Generator> generator) {
  leave_as(thread, generator.get(), GeneratorState::suspended);
}
static bool generator_enter(Thread& thread, Borrowed<Generator> generator) {
  GeneratorState state;
  if (!begin_resume(thread, generator.get(), state)) return false;
  // What it handles is not seen by what it waits for, as in CPython.
  thread.context->handled = generator->handled.previous;
  if (__builtin_expect(state == GeneratorState::suspended, 1)) return true;
  leave_as(thread, generator.get(), state);  // another thread was faster
  (void)raise<ValueError>(thread, "{} already executing", generator_word(generator));
  return false;
}

Step generator_throw_pending(Thread& thread, Borrowed<Generator> generator,
                             Maybe<Ref<Object>>& returned) {
  GeneratorState now = generator->state.load(std::memory_order_acquire);
  if (now == GeneratorState::done) return Raised{};
  Ref<Generator> keep = Ref<Generator>::share(thread, generator);
  Value exception = thread.exception;
  thread.exception = Value{};
  GeneratorState state;
  if (!begin_resume(thread, generator.get(), state)) {
    decref(thread, exception);
    return Raised{};
  }
  thread.exception = exception;
  // Wherever it comes from, what the generator handles is its context now.
  if (Value handled = generator->handled.exception;
      handled && !handled.is_none() && handled != exception) {
    auto* thrown = static_cast<BaseException*>(exception.object());
    cut_context_chain(thread, handled, exception);
    incref(thread, handled);
    slot_write(thread, thrown, thrown->context, handled);
  }
  Value* base = generator->base();
  return finish_resume(thread, enter_loop(thread, base, frame_ip(base), RunEntry::throwing),
                       returned);
}

namespace {
AnyResult call_function_hook(Thread& thread, Borrowed<Function> function,
                             const Arguments& arguments) {
  return AnyResult::adopt(
      interpreter_call(thread, function.get(), arguments.items, arguments.count, arguments.names));
}
}  // namespace

void interpreter_initialize() {
  object_hooks.call_function = call_function_hook;
  object_hooks.resume_generator = generator_resume;
  object_hooks.drain_generator = drain_hook;
  object_hooks.enter_generator = generator_enter;
  object_hooks.leave_generator = generator_leave;
  object_hooks.throw_generator = generator_throw_pending;
  object_hooks.jump_to_line = jump_to_line;
}

}  // namespace dx
