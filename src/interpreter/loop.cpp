// The dispatch loop: fast paths of every instruction, in one function because that is what computed
// goto needs.
//
// Rules for whoever edits it:
// 1. Registers own; operands are borrowed; a kill bit makes the instruction consume a temporary. A
// dead register never holds
//    an owned pointer: consuming writes an empty word, every write looks at the old value.
// 2. Save ip (SAVE_IP) before anything that can call out: tracebacks, frame objects and returns
// read it from the header.
// 3. An exception leaves through `error` with thread.exception set. Operands need not be consumed
// first: the unwinder
//    releases every temporary above the handler's depth.
// 4. Release after the new state is in place: a release may run __del__, which may look at this
// frame.
// 5. Only `ip, R, code` live across instructions; what depends on the frame is reloaded after calls
// and returns (RELOAD).

#include "interpreter/observe.h"
#include "interpreter/ops.h"
#include "memory/safepoint.h"
#include "objects/exception.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/item_loop.h"
#include "objects/list.h"
#include "objects/range.h"
#include "objects/set.h"
#include "objects/type_internal.h"

namespace dx {

using dpb::Instruction;

namespace {

// Handlers keep what they need in registers only if nothing on their way is a call the compiler
// takes for likely. What follows is inline on the way that a single thread takes, and out of line
// elsewhere.

[[gnu::noinline]] void last_reference_went(Thread& thread, Value* R, const Instruction* ip,
                                           Object* object) {
  frame_save_ip(R, ip);
  object_dead(thread, object);
}
[[gnu::noinline, gnu::cold]] void decref_trapped(Thread& thread, Value* R, const Instruction* ip,
                                                 Object* object) {
  frame_save_ip(R, ip);
  decref_slow(thread, object);
}

// Drops a reference that a register of this frame held. ip is saved only when that can run code.
[[gnu::always_inline]] inline void release(Thread& thread, Value* R, const Instruction* ip,
                                           Object* object) {
  check_owner(thread, object);
  uint32_t strong = strong_load(object);
  if (__builtin_expect(strong >= kStrongGuard, 0)) {
    if (__builtin_expect(!(strong & kStrongImmortal), 0)) decref_trapped(thread, R, ip, object);
    return;
  }
  if (__builtin_expect(is_mine(thread, object), 1)) {
    strong_store(object, strong - 1);
    if (__builtin_expect(strong == 1, 0)) last_reference_went(thread, R, ip, object);
  } else if (strong_take_atomic(object)) {
    last_reference_went(thread, R, ip, object);
  }
}

// type_of, without a call for objects.
[[gnu::always_inline]] inline Type* receiver_type(Value value) {
  return __builtin_expect(!(value.bits & 7), 1) ? shape_of(value.object()).type
                                                : type_of_immediate(value);
}

inline bool is_plain_function(Value value) { return is_exact(value, SHAPE(function)); }

// A constant made already, or empty: another thread may be making it (code_constant).
inline Value constant_at(Code* code, uint32_t index) {
  return Value(__atomic_load_n(&code->constants[index].bits, __ATOMIC_ACQUIRE));
}

void release_run(Thread& thread, Value* items, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    Value old = items[i];
    items[i] = Value{};
    decref(thread, old);
  }
}
// What a global's cell says of a builtin that the globals (whose table this is) do not hide; not
// counted, or empty.
[[gnu::always_inline]] inline Value cached_builtin(Function* function, DictTable* globals,
                                                   CacheCell* cell, uint64_t key) {
  if (!(key & kBuiltinCell) ||
      globals->id.load(std::memory_order_relaxed) != static_cast<uint32_t>(key))
    return Value{};
  uint64_t index = cell->data.load(std::memory_order_relaxed);
  uint64_t entries = cell->extra.load(std::memory_order_relaxed);
  auto* builtins = static_cast<Dict*>(function->builtins.raw_relaxed().object());
  DictTable* table = builtins->table.load(std::memory_order_acquire);
  if (globals->entries_used.load(std::memory_order_relaxed) != static_cast<uint32_t>(entries) ||
      !table || (table->id.load(std::memory_order_relaxed) | kBuiltinCell >> 32) != key >> 32 ||
      cell->key.load(std::memory_order_acquire) != key)
    return Value{};
  return table->str_entries()[index].value.raw();
}

// The arguments of a call that never began, last first as a frame would.
[[gnu::cold]] void release_failed(Thread& thread, Value* items, size_t count) {
  HoldStack hold(thread.context, items + count);
  while (count > 0) release_run(thread, items + --count, 1);
}

// The arguments of the call to come may lie above the frame's registers, and these two may run
// Python.
[[gnu::cold]] bool poll_before_call(Thread& thread, Value* arguments_end) {
  HoldStack hold(thread.context, arguments_end);
  return !poll_signals_slow(thread).raised();
}
[[gnu::cold]] bool prepare_before_call(Thread& thread, Code* code, Value* arguments_end) {
  HoldStack hold(thread.context, arguments_end);
  return !code_prepare(thread, Borrowed<Code>(code)).raised();
}

// The locals that a call gives no value. Two at a time: what lies above the last one is dead, and
// there is room. They are few, so this must not become a call of memset.
[[gnu::always_inline]] inline void clear_locals(Value* from, Value* end) {
  typedef uint64_t Pair __attribute__((vector_size(16), aligned(8), may_alias));
  for (; from < end; from += 2) {
    *reinterpret_cast<Pair*>(from) = Pair{};
    __asm__ volatile("");
  }
}

bool recursion_error(Thread& thread) {
  (void)raise<RecursionError>(thread, "maximum recursion depth exceeded");
  return false;
}

// The plain __init__ function of a class whose instances are made by object.__new__ and whose
// metaclass is type, or null.
Function* plain_constructor(Thread& thread, Type* type) {
  uint32_t version = type->version.load(std::memory_order_acquire);
  static void* const object_new = TYPE(object)->slots[static_cast<size_t>(SlotId::new_)].load();
  if (type_of(Value(type)) != TYPE(type) || !type->has_flag(kTypeHeap) ||
      type->has_flag(kTypeAbstract))
    return nullptr;
  if (type->slots[static_cast<size_t>(SlotId::new_)].load() != object_new) return nullptr;
  Maybe<Ref<Object>> init = type_lookup(thread, type, NAME("__init__"));
  if (!init || !is_plain_function(init.value())) return nullptr;
  // Readers look at the version, the function and the version again (constructor_of).
  type->constructor_version.store(0, std::memory_order_release);
  type->constructor.store(init.value().object(), std::memory_order_release);
  type->constructor_version.store(version, std::memory_order_release);
  return static_cast<Function*>(
      init.value().object());  // the class holds it while its version stands
}

// The remembered one, or null when another thread is just writing it.
inline Function* constructor_of(Type* type) {
  auto* init = static_cast<Function*>(type->constructor.load(std::memory_order_acquire));
  uint32_t version = type->constructor_version.load(std::memory_order_acquire);
  return version && version == type->version.load(std::memory_order_relaxed) ? init : nullptr;
}

// The operators whose method, when it is Python's, gets a frame from the loop.
struct Arithmetic {
  BinaryOp op;
  size_t slot, inplace;  // indexes of the type's slots; inplace 0: not the augmented form
};
const Arithmetic& arithmetic_of(dpb::Op op) {
  constexpr auto index = [](SlotId id) { return static_cast<size_t>(id); };
  static constexpr Arithmetic add{BinaryOp::add, index(SlotId::add), 0},
      iadd{BinaryOp::add, index(SlotId::add), index(SlotId::iadd)};
  static constexpr Arithmetic sub{BinaryOp::subtract, index(SlotId::sub), 0},
      isub{BinaryOp::subtract, index(SlotId::sub), index(SlotId::isub)};
  static constexpr Arithmetic mul{BinaryOp::multiply, index(SlotId::mul), 0},
      imul{BinaryOp::multiply, index(SlotId::mul), index(SlotId::imul)};
  static constexpr Arithmetic div{BinaryOp::true_divide, index(SlotId::truediv), 0};
  static constexpr Arithmetic idiv{BinaryOp::true_divide, index(SlotId::truediv),
                                   index(SlotId::itruediv)};
  switch (op) {
    case dpb::Op::BINARY_ADD: return add;
    case dpb::Op::INPLACE_ADD: return iadd;
    case dpb::Op::BINARY_SUBTRACT: return sub;
    case dpb::Op::INPLACE_SUBTRACT: return isub;
    case dpb::Op::BINARY_MULTIPLY: return mul;
    case dpb::Op::INPLACE_MULTIPLY: return imul;
    case dpb::Op::BINARY_TRUE_DIVIDE: return div;
    default: return idiv;
  }
}

// A frame of `code` fits with its first register at base, and nothing is due before it runs.
inline bool can_enter(Thread& thread, Code* code, Value* base) {
  Context* ctx = thread.context;
  return thread.poll.load(std::memory_order_relaxed) == 0 &&
         base + code->register_count + 16 <= ctx->stack_limit && ctx->depth < ctx->depth_limit;
}

// The plain function (counted) that type has under a special name, if a frame of it can be pushed
// at base with these arguments; else null. Generators make their object from a call that has a
// window: the slow way.
Function* find_dunder(Thread& thread, Type* type, Str* name, Value* base, uint32_t count) {
  Value found = attribute_cache_special(thread, type, name);
  if (!found) return nullptr;
  auto* function = static_cast<Function*>(found.object());
  auto* code = static_cast<Code*>(function->code.raw_relaxed().object());
  if (__builtin_expect(code->call_shape.load(std::memory_order_acquire) == count &&
                           !code->has_flag(dpb::kCoHeapFrame) && can_enter(thread, code, base),
                       1)) {
    return function;
  }
  decref(thread, found);
  return nullptr;
}

// The same for a method that is a generator function: its frame ends with RETURN_GENERATOR.
Function* find_generator_method(Thread& thread, Type* type, Str* name, Value* base) {
  Maybe<Ref<Object>> found = type_lookup(thread, type, name);
  if (!found || !is_plain_function(found.value())) return nullptr;
  auto* code = static_cast<Code*>(
      static_cast<Function*>(found.value().object())->code.raw_relaxed().object());
  constexpr uint32_t kHeapFrames = dpb::kCoHeapFrame;
  if (code->call_shape.load(std::memory_order_acquire) != 1 ||
      (code->flags & kHeapFrames) != dpb::kCoGenerator)
    return nullptr;
  if (!can_enter(thread, code, base)) return nullptr;
  return static_cast<Function*>(found.release().object());
}
// The type of an instance whose __iter__ is written in Python, or null.
inline Type* python_iterable(Value value) {
  if (value.bits & 7) return nullptr;
  constexpr size_t kIter = static_cast<size_t>(SlotId::iter);
  const Shape& shape = shape_of(value.object());
  return shape.type->slots[kIter].load(std::memory_order_relaxed) == slot_trampolines[kIter]
             ? shape.type
             : nullptr;
}

// The first free word of the VM stack above the running frame of code (past RETURN_GENERATOR when
// it is a generator's). HoldStack needs no look here: what it holds lies below the frames that were
// pushed since.
inline Value* frame_top(Value* R, Code* code) {
  return __builtin_expect(code->has_flag(dpb::kCoHeapFrame), 0) ? generator_of_base(R)->stack_top
                                                                : R + code->register_count;
}

// An object whose class has neither __bool__ nor __len__.
inline bool plainly_true(Value value) {
  if (value.bits & 7) return false;
  Type* type = shape_of(value.object()).type;
  return !type->slot<SlotId::bool_>() && !type->slot<SlotId::len>();
}

// Iterators that FOR_ITER knows. Filled before the first frame runs: their ids are given out at
// start-up.
struct LoopShapes {
  ShapeId list_iterator, range_iterator, tuple_iterator, set_iterator;
  ShapeId dict_itemiterator, enumerate, zip;
};
LoopShapes loop_shapes;

}  // namespace

#ifdef DX_OBSERVED
void loop_observed_initialize() {
#else
void loop_initialize() {
#endif
  auto shape = [](Type* type) { return type->instance_shape.load(std::memory_order_acquire); };
  loop_shapes = {shape(list_iterator_type),
                 shape(range_iterator_type),
                 shape(tuple_iterator_type),
                 shape(set_iterator_type),
                 shape(dict_itemiterator_type),
                 shape(enumerate_type),
                 shape(zip_type)};
}

#ifdef DX_OBSERVED
Value run_observed(Thread& thread, Value* R, const Instruction* ip, RunEntry entry) {
#else
Value run(Thread& thread, Value* R, const Instruction* ip, bool throwing) {
#endif
  static const void* const labels[256] = {
#define X(name) &&L_##name,
      DX_FOR_EACH_OP_SLOT(X)
#undef X
  };
  Context* const ctx = thread.context;
  Code* code = frame_code(R);
  Value result;   // of a return or a yield
  Value* window;  // of a call
  Value* base;    // of the callee
  size_t argc;
  Function* callee;
  Code* callee_code;
  uint64_t frame_flags;
  Tuple* keyword_names;

#define SAVE_IP() frame_save_ip(R, ip)
#ifdef DX_OBSERVED
#define DISPATCH() goto observe
#define SWITCH_LOOP(resume)
#else
#define DISPATCH() goto* labels[static_cast<uint8_t>(ip->op)]
// After a poll: the thread may have begun to be observed.
#define SWITCH_LOOP(resume) \
  if (must_switch(thread)) return run_observed(thread, R, resume, RunEntry::switched)
#endif
#define NEXT()  \
  do {          \
    ++ip;       \
    DISPATCH(); \
  } while (0)
#define CASE(name) L_##name
#define RELEASE(expression)                                                \
  do {                                                                     \
    Value released_ = (expression);                                        \
    if (is_counted(released_)) release(thread, R, ip, released_.object()); \
  } while (0)
#define SET(index, expression) \
  do {                         \
    Value* slot_ = &R[index];  \
    Value old_ = *slot_;       \
    *slot_ = (expression);     \
    RELEASE(old_);             \
  } while (0)
#define CONSUME(index)                            \
  do {                                            \
    Value consumed_ = R[index];                   \
    if (is_counted(consumed_)) {                  \
      R[index] = Value{};                         \
      release(thread, R, ip, consumed_.object()); \
    }                                             \
  } while (0)
// The same for an operand that is known to be a heap object.
#define CONSUME_OBJECT(index, value)          \
  do {                                        \
    R[index] = Value{};                       \
    release(thread, R, ip, (value).object()); \
  } while (0)
#define KILL_B()                     \
  do {                               \
    if (ip->aux & 1) CONSUME(ip->b); \
  } while (0)
#define KILL_C()                     \
  do {                               \
    if (ip->aux & 2) CONSUME(ip->c); \
  } while (0)
#define KILL_A()                     \
  do {                               \
    if (ip->aux & 4) CONSUME(ip->a); \
  } while (0)
#define POLL(resume)                                                             \
  do {                                                                           \
    if (__builtin_expect(thread.poll.load(std::memory_order_relaxed) != 0, 0)) { \
      SAVE_IP();                                                                 \
      if (poll_signals_slow(thread).raised()) goto error;                        \
      SWITCH_LOOP(resume);                                                       \
    }                                                                            \
  } while (0)
#define JUMP16(distance)                            \
  do {                                              \
    int distance_ = static_cast<int16_t>(distance); \
    ip += distance_;                                \
    if (distance_ < 0) POLL(ip + 1);                \
    NEXT();                                         \
  } while (0)
#define OPERAND32() (static_cast<uint32_t>(ip->b) | static_cast<uint32_t>(ip->c) << 16)
#define GLOBAL_CELL() (&code->caches[OPERAND32()])
#define CELL() (&code->caches[ip->c])

// For instructions that call a special method of a Python class by pushing its frame above this
// one's registers: sets callee (counted), callee_code, base and argc; callee is null when the
// method is no plain function of so many parameters, or something is due first: then the slow way
// serves. TAKE_ARGUMENT moves or shares an operand into the frame to be.
#define FIND_DUNDER(type, name, count)                         \
  argc = count;                                                \
  base = frame_top(R, code) + kWindowArguments;                \
  callee = find_dunder(thread, type, NAME(name), base, count); \
  if (callee) callee_code = static_cast<Code*>(callee->code.raw_relaxed().object());
#define TAKE_ARGUMENT(number, operand, kill) \
  do {                                       \
    base[number] = R[ip->operand];           \
    if (ip->aux & (kill))                    \
      R[ip->operand] = Value{};              \
    else                                     \
      incref(thread, base[number]);          \
  } while (0)

#ifdef DX_OBSERVED
  thread.poll.fetch_and(~uint32_t{kPollTrace}, std::memory_order_relaxed);
  Observation seen;
  seen.depth = ctx->depth;
  if (entry == RunEntry::begin || entry == RunEntry::resume)
    --seen.depth;
  else
    seen.frame = R;
  if (entry == RunEntry::throwing) {
    observe_throw(thread, R, code);
    goto error;
  }
#else
  if (throwing) goto error;
#endif
  DISPATCH();

#include "interpreter/loop_locals.inc"
#include "interpreter/loop_attributes.inc"
#include "interpreter/loop_items.inc"
#include "interpreter/loop_operators.inc"
#include "interpreter/loop_jumps.inc"
#include "interpreter/loop_iteration.inc"
#include "interpreter/loop_building.inc"
#include "interpreter/loop_calls.inc"
#include "interpreter/loop_exceptions.inc"
#include "interpreter/loop_generators.inc"
#include "interpreter/loop_rest.inc"

error:
  DCHECK(exception_pending(thread));
  SAVE_IP();
  set_exception_context(thread, Any(thread.exception));
#ifdef DX_OBSERVED
  observe_failed_call(thread, seen, R, code);
#endif
reraise:
  for (;;) {
    const Instruction* handler = unwind(thread, R, code, ip);
    if (handler) {
      ip = handler;
      DISPATCH();
    }
    uint64_t link = R[-2].bits;
    if (frame_on_heap(ctx, R)) {
      generator_finish(thread, generator_of_base(R));
    } else {
      frame_leave(thread, R, code);
      if (frame_is_init(link)) {
        Value instance = R[-6];
        R[-6] = Value{};
        decref(thread, instance);
      }
    }
    --ctx->depth;
    R = reinterpret_cast<Value*>(link & ~uint64_t{7});
    ctx->frame = R;
    if (frame_is_entry(link)) {
      ctx->yielded = false;
      return Value{};
    }
    code = frame_code(R);
    ip = frame_ip(R);
  }
#ifdef DX_OBSERVED
observe:
  if (__builtin_expect(!thread.observed.load(std::memory_order_relaxed), 0))
    return run(thread, R, ip, false);
  {
    const Instruction* next = observe_instruction(thread, seen, R, code, ip);
    if (!next) goto error;
    ip = next;
  }
  goto* labels[static_cast<uint8_t>(ip->op)];
#endif
}

}  // namespace dx
