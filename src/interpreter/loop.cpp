// The dispatch loop: fast paths of every instruction, in one function because that is what computed goto needs.
//
// Rules for whoever edits it:
// 1. Registers own; operands are borrowed; a kill bit makes the instruction consume a temporary. A dead register never holds
//    an owned pointer: consuming writes an empty word, every write looks at the old value.
// 2. Save ip (SAVE_IP) before anything that can call out: tracebacks, frame objects and returns read it from the header.
// 3. An exception leaves through `error` with thread.exception set. Operands need not be consumed first: the unwinder
//    releases every temporary above the handler's depth.
// 4. Release after the new state is in place: a release may run __del__, which may look at this frame.
// 5. Only `ip, R, code` live across instructions; what depends on the frame is reloaded after calls and returns (RELOAD).

#include "interpreter/ops.h"
#include "memory/safepoint.h"
#include "objects/exception.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/type_internal.h"

namespace dx {

using dpb::Instruction;

namespace {


inline Type* cell_type(uint64_t extra) { return reinterpret_cast<Type*>(extra & ~uint64_t{7}); }

// Shares a value that another thread may be replacing: only try_incref is safe then.
inline bool share_racy(Thread& thread, Value value) {
  if (!value.is_object()) return true;
  if (__builtin_expect(is_mine(thread, value.object()), 1)) {
    incref(thread, value.object());
    return true;
  }
  return try_incref(thread, value.object());
}

inline const Value* raw_slot(Object* object, uint64_t offset) {
  return reinterpret_cast<const Value*>(reinterpret_cast<const char*>(object) + offset);
}

inline bool is_plain_function(Value value) { return is_exact(value, SHAPE(function)); }

// A constant made already, or empty: another thread may be making it (code_constant).
inline Value constant_at(Code* code, uint32_t index) { return Value(__atomic_load_n(&code->constants[index].bits, __ATOMIC_ACQUIRE)); }

void release_run(Thread& thread, Value* items, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    Value old = items[i];
    items[i] = Value{};
    decref(thread, old);
  }
}
// The arguments of a call that never began, last first as a frame would.
[[gnu::cold]] void release_failed(Thread& thread, Value* items, size_t count) {
  HoldStack hold(thread.context, items + count);
  while (count > 0) release_run(thread, items + --count, 1);
}

// The arguments of the call to come may lie above the frame's registers, and these two may run Python.
[[gnu::cold]] bool poll_before_call(Thread& thread, Value* arguments_end) {
  HoldStack hold(thread.context, arguments_end);
  return !poll_signals_slow(thread).raised();
}
[[gnu::cold]] bool prepare_before_call(Thread& thread, Code* code, Value* arguments_end) {
  HoldStack hold(thread.context, arguments_end);
  return !code_prepare(thread, Borrowed<Code>(code)).raised();
}

bool recursion_error(Thread& thread) {
  (void)raise<RecursionError>(thread, "maximum recursion depth exceeded");
  return false;
}

// The plain __init__ function of a class whose instances are made by object.__new__ and whose metaclass is type, or null.
Function* plain_constructor(Thread& thread, Type* type) {
  static void* const object_new = TYPE(object)->slots[static_cast<size_t>(SlotId::new_)].load();
  if (type_of(Value(type)) != TYPE(type) || !type->has_flag(kTypeHeap) || type->has_flag(kTypeAbstract)) return nullptr;
  if (type->slots[static_cast<size_t>(SlotId::new_)].load() != object_new) return nullptr;
  Maybe<Ref<Object>> init = type_lookup(thread, type, NAME("__init__"));
  if (!init || !is_plain_function(init.value())) return nullptr;
  return static_cast<Function*>(init.value().object());  // the class holds it while its version stands
}


}  // namespace

Value run(Thread& thread, Value* R, const Instruction* ip, bool throwing) {
  static const void* const labels[256] = {
#define X(name) &&L_##name,
      DX_FOR_EACH_OP_SLOT(X)
#undef X
  };
  Context* const ctx = thread.context;
  Code* code = frame_code(R);
  Value result;       // of a return or a yield
  Value* window;      // of a call
  Value* base;        // of the callee
  size_t argc;
  Function* callee;
  Code* callee_code;
  uint64_t frame_flags;
  Tuple* keyword_names;

#define SAVE_IP() frame_save_ip(R, ip)
#define NEXT()                        \
  do {                                \
    ++ip;                             \
    goto* labels[static_cast<uint8_t>(ip->op)]; \
  } while (0)
#define DISPATCH() goto* labels[static_cast<uint8_t>(ip->op)]
#define CASE(name) L_##name
#define RELEASE(expression)                 \
  do {                                      \
    Value released_ = (expression);         \
    if (released_.is_object()) {            \
      SAVE_IP();                            \
      decref(thread, released_.object());   \
    }                                       \
  } while (0)
#define SET(index, expression)        \
  do {                                \
    Value* slot_ = &R[index];         \
    Value old_ = *slot_;              \
    *slot_ = (expression);            \
    RELEASE(old_);                    \
  } while (0)
#define CONSUME(index)                \
  do {                                \
    Value consumed_ = R[index];       \
    if (consumed_.is_object()) {      \
      R[index] = Value{};             \
      SAVE_IP();                      \
      decref(thread, consumed_.object()); \
    }                                 \
  } while (0)
#define KILL_B() do { if (ip->aux & 1) CONSUME(ip->b); } while (0)
#define KILL_C() do { if (ip->aux & 2) CONSUME(ip->c); } while (0)
#define KILL_A() do { if (ip->aux & 4) CONSUME(ip->a); } while (0)
#define POLL()                                                                     \
  do {                                                                             \
    if (__builtin_expect(thread.poll.load(std::memory_order_relaxed) != 0, 0)) {   \
      SAVE_IP();                                                                   \
      if (poll_signals_slow(thread).raised()) goto error;                          \
    }                                                                              \
  } while (0)
#define JUMP16(distance)                                       \
  do {                                                         \
    int distance_ = static_cast<int16_t>(distance);            \
    ip += distance_;                                           \
    if (distance_ < 0) POLL();                                 \
    NEXT();                                                    \
  } while (0)
#define OPERAND32() (static_cast<uint32_t>(ip->b) | static_cast<uint32_t>(ip->c) << 16)
#define GLOBAL_CELL() (&code->caches[OPERAND32()])

  if (throwing) goto error;
  DISPATCH();

  // ---- moves, constants, locals --------------------------------------------------------------------------------------
  CASE(NOP) : NEXT();
  CASE(MOVE) : {
    Value value = R[ip->b];
    if (ip->aux & 1) R[ip->b] = Value{};
    else incref(thread, value);
    SET(ip->a, value);
    NEXT();
  }
  CASE(CLEAR) : {
    CONSUME(ip->b);
    NEXT();
  }
  CASE(LOAD_CONST) : {
    uint32_t index = OPERAND32();
    Value value = constant_at(code, index);
    if (__builtin_expect(value.is_empty(), 0)) {
      SAVE_IP();
      Result<Any> made = code_constant(thread, Borrowed<Code>(code), index);
      if (made.raised()) goto error;
      value = made.take().value();
    }
    incref(thread, value);
    SET(ip->a, value);
    NEXT();
  }
  CASE(LOAD_INT) : {
    SET(ip->a, small_int(static_cast<int32_t>(OPERAND32())));
    NEXT();
  }
  CASE(LOAD_SINGLETON) : {
    constexpr Value singletons[] = {kNone, kTrue, kFalse, kEllipsis, kNotImplemented};
    SET(ip->a, singletons[ip->b]);
    NEXT();
  }
  CASE(LOAD_COMMON_CONSTANT) : {
    Value value;
    switch (ip->b) {
      case 0: value = Value(EXCEPTION(AssertionError)); break;
      case 1: value = Value(EXCEPTION(NotImplementedError)); break;
      case 2: value = Value(TYPE(tuple)); break;
      case 5: value = Value(TYPE(list)); break;
      case 6: value = Value(TYPE(set)); break;
      default: {
        SAVE_IP();
        Borrowed<Dict> builtins(frame_function(R)->builtins.raw());
        value = dict_get_str(thread, builtins, Borrowed<Str>(ip->b == 3 ? NAME("all") : NAME("any"))).release();
        if (!value || value == kAbsent) {
          if (value) (void)raise<NameError>(thread, "name '{}' is not defined", ip->b == 3 ? "all" : "any");
          goto error;
        }
        SET(ip->a, value);
        NEXT();
      }
    }
    incref(thread, value);
    SET(ip->a, value);
    NEXT();
  }
  CASE(CHECK_BOUND) : {
    if (__builtin_expect(R[ip->b].is_empty(), 0)) {
      SAVE_IP();
      (void)op_unbound_local(thread, code, ip->b);
      goto error;
    }
    NEXT();
  }
  CASE(DELETE_FAST) : {
    if (R[ip->b].is_empty()) {
      SAVE_IP();
      (void)op_unbound_local(thread, code, ip->b);
      goto error;
    }
    SET(ip->b, Value{});
    NEXT();
  }
  CASE(MAKE_CELL) : {
    SAVE_IP();
    Value cell = cell_create(thread, R[ip->b]).release();
    if (!cell) goto error;
    R[ip->b] = cell;
    NEXT();
  }
  CASE(COPY_FREE_VARS) : {
    auto* closure = static_cast<Tuple*>(frame_function(R)->closure.raw_relaxed().object());
    for (unsigned i = 0; i < ip->c; ++i) {
      Value cell = closure->items()[i].raw_relaxed();
      incref(thread, cell);
      R[ip->a + i] = cell;
    }
    NEXT();
  }
  CASE(LOAD_DEREF) : {
    auto* cell = static_cast<Cell*>(R[ip->b].object());
    Value value = slot_load(thread, cell, cell->content);
    if (__builtin_expect(value.is_empty(), 0)) {
      SAVE_IP();
      (void)op_unbound_local(thread, code, ip->b);
      goto error;
    }
    SET(ip->a, value);
    NEXT();
  }
  CASE(STORE_DEREF) : {
    auto* cell = static_cast<Cell*>(R[ip->a].object());
    Value value = R[ip->b];
    if (ip->aux & 1) R[ip->b] = Value{};
    else incref(thread, value);
    RELEASE(slot_exchange(thread, cell, cell->content, value));
    NEXT();
  }
  CASE(DELETE_DEREF) : {
    auto* cell = static_cast<Cell*>(R[ip->b].object());
    Value old = slot_take(thread, cell, cell->content);
    if (old.is_empty()) {
      SAVE_IP();
      (void)op_unbound_local(thread, code, ip->b);
      goto error;
    }
    RELEASE(old);
    NEXT();
  }
  CASE(LOAD_FROM_DICT_OR_DEREF) : {
    SAVE_IP();
    Value value = op_load_from_mapping_or_cell(thread, Any(R[ip->b]), static_cast<Cell*>(R[ip->c].object()), code, ip->c);
    if (!value) goto error;
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }

  // ---- globals, names ------------------------------------------------------------------------------------------------------
  CASE(LOAD_GLOBAL) : {
    CacheCell* cell = GLOBAL_CELL();
    Function* function = frame_function(R);
    uint64_t key = cell->key.load(std::memory_order_acquire);
    if (__builtin_expect(key != 0, 1)) {
      auto* globals = static_cast<Dict*>(function->globals.raw_relaxed().object());
      DictTable* table = globals->table.load(std::memory_order_acquire);
      uint64_t extra = cell->extra.load(std::memory_order_relaxed);
      uint64_t index = cell->data.load(std::memory_order_relaxed);
      if (__builtin_expect(table && table->id.load(std::memory_order_relaxed) == static_cast<uint32_t>(key), 1)) {
        DictTable* holder = nullptr;
        if ((extra & 7) == kCacheGlobal) {
          holder = table;
        } else if (table->entries_used.load(std::memory_order_relaxed) == static_cast<uint32_t>(extra >> 3)) {
          auto* builtins = static_cast<Dict*>(function->builtins.raw_relaxed().object());
          DictTable* candidate = builtins->table.load(std::memory_order_acquire);
          if (candidate && candidate->id.load(std::memory_order_relaxed) == static_cast<uint32_t>(key >> 32)) holder = candidate;
        }
        if (holder && cell->key.load(std::memory_order_acquire) == key) {
          Value value = holder->str_entries()[index].value.raw();
          if (__builtin_expect(bool(value) && share_racy(thread, value), 1)) {
            SET(ip->a, value);
            NEXT();
          }
        }
      }
    }
    SAVE_IP();
    Value value = op_load_global(thread, function, cell);
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }
  CASE(STORE_GLOBAL) : {
    SAVE_IP();
    if (!op_store_global(thread, frame_function(R), GLOBAL_CELL()->name, MaybeAny(R[ip->a]))) goto error;
    KILL_A();
    NEXT();
  }
  CASE(DELETE_GLOBAL) : {
    SAVE_IP();
    if (!op_store_global(thread, frame_function(R), GLOBAL_CELL()->name, MaybeAny())) goto error;
    NEXT();
  }
  CASE(LOAD_NAME) : {
    SAVE_IP();
    Value value = op_load_name(thread, R, GLOBAL_CELL()->name);
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }
  CASE(STORE_NAME) : {
    SAVE_IP();
    if (!op_store_name(thread, R, GLOBAL_CELL()->name, MaybeAny(R[ip->a]))) goto error;
    KILL_A();
    NEXT();
  }
  CASE(DELETE_NAME) : {
    SAVE_IP();
    if (!op_store_name(thread, R, GLOBAL_CELL()->name, MaybeAny())) goto error;
    NEXT();
  }
  CASE(LOAD_FROM_DICT_OR_GLOBALS) : {
    SAVE_IP();
    Value value = op_load_from_mapping_or_globals(thread, frame_function(R), Any(R[ip->b]), code->caches[ip->c].name);
    if (!value) goto error;
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(LOAD_LOCALS) : {
    Value value = R[0];
    incref(thread, value);
    SET(ip->a, value);
    NEXT();
  }
  CASE(LOAD_BUILD_CLASS) : {
    SAVE_IP();
    Value value = op_load_build_class(thread, frame_function(R));
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }

  // ---- attributes --------------------------------------------------------------------------------------------------------------
  CASE(LOAD_ATTR) : {
    Value owner = R[ip->b];
    CacheCell* cell = &code->caches[ip->c];
    uint64_t key = cell->key.load(std::memory_order_acquire);
    if (__builtin_expect(owner.is_object() && owner.object()->shape() == static_cast<uint32_t>(key) && key != 0, 1)) {
      uint64_t data = cell->data.load(std::memory_order_relaxed), extra = cell->extra.load(std::memory_order_relaxed);
      if (__builtin_expect(cell->key.load(std::memory_order_acquire) == key, 1)) {
        uint64_t kind = extra & 7;
        Value value;
        if (__builtin_expect(kind == kCacheSlot && cell_type(extra)->version.load(std::memory_order_relaxed) == key >> 32, 1)) {
          value = *raw_slot(owner.object(), data);
          if (!value || !share_racy(thread, value)) goto load_attr_slow;
        } else if (kind == kCacheValue && cell_type(extra)->version.load(std::memory_order_acquire) == key >> 32) {
          value = Value(data);
          if (!share_racy(thread, value)) goto load_attr_slow;
        } else if (kind == kCacheTypeAttr && Value(cell_type(extra)) == owner &&
                   cell_type(extra)->version.load(std::memory_order_acquire) == key >> 32) {
          value = Value(data);
          if (!share_racy(thread, value)) goto load_attr_slow;
        } else {
          goto load_attr_slow;
        }
        KILL_B();
        SET(ip->a, value);
        NEXT();
      }
    }
  load_attr_slow:
    SAVE_IP();
    Value value = op_load_attr(thread, Any(owner), cell);
    if (!value) goto error;
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(STORE_ATTR) : {
    Value owner = R[ip->a], value = R[ip->b];
    CacheCell* cell = &code->caches[ip->c];
    uint64_t key = cell->key.load(std::memory_order_acquire);
    if (__builtin_expect(owner.is_object() && owner.object()->shape() == static_cast<uint32_t>(key) && key != 0 && is_mine(thread, owner.object()), 1)) {
      uint64_t data = cell->data.load(std::memory_order_relaxed), extra = cell->extra.load(std::memory_order_relaxed);
      if (__builtin_expect(cell_type(extra)->version.load(std::memory_order_relaxed) == key >> 32 &&
                               cell->key.load(std::memory_order_acquire) == key, 1)) {
        Object* object = owner.object();
        if (ip->aux & 1) R[ip->b] = Value{};
        else incref(thread, value);
        auto& slot = *reinterpret_cast<Slot*>(reinterpret_cast<char*>(object) + (data & 0xffffffff));
        if (uint32_t next_shape = static_cast<uint32_t>(data >> 32)) {  // adds the attribute
          slot_init(object, slot, value);
          object->shape_id.store(next_shape, std::memory_order_release);
          if (ip->aux & 4) CONSUME(ip->a);
        } else {
          Value old = slot_exchange(thread, object, slot, value);
          RELEASE(old);
          if (ip->aux & 4) CONSUME(ip->a);
        }
        NEXT();
      }
    }
    SAVE_IP();
    if (!op_store_attr(thread, Any(owner), Any(value), cell)) goto error;
    KILL_B();
    KILL_A();
    NEXT();
  }
  CASE(DELETE_ATTR) : {
    SAVE_IP();
    if (set_attr(thread, Any(R[ip->b]), Borrowed<Str>(code->caches[ip->c].name), MaybeAny()).raised()) goto error;
    KILL_B();
    NEXT();
  }
  CASE(LOAD_METHOD) : {
    Value owner = R[ip->b];
    CacheCell* cell = &code->caches[ip->c];
    uint64_t key = cell->key.load(std::memory_order_acquire);
    if (__builtin_expect(owner.is_object() && owner.object()->shape() == static_cast<uint32_t>(key) && key != 0, 1)) {
      uint64_t data = cell->data.load(std::memory_order_relaxed), extra = cell->extra.load(std::memory_order_relaxed);
      if (__builtin_expect((extra & 7) == kCacheMethod && cell_type(extra)->version.load(std::memory_order_acquire) == key >> 32 &&
                               cell->key.load(std::memory_order_acquire) == key, 1)) {
        if (__builtin_expect(share_racy(thread, Value(data)), 1)) {
          Value* w = &R[ip->a];
          if (ip->aux & 1) R[ip->b] = Value{};
          else incref(thread, owner.object());
          w[0] = Value(data);
          w[kWindowSelf] = owner;
          NEXT();
        }
      }
    }
    SAVE_IP();
    if (!op_load_method(thread, &R[ip->a], Any(owner), cell)) goto error;
    KILL_B();
    NEXT();
  }
  CASE(GETATTR) : {
    SAVE_IP();
    Value value = get_attr(thread, Any(R[ip->b]), Borrowed<Str>(R[ip->c])).release();
    if (!value) goto error;
    KILL_B();
    KILL_C();
    SET(ip->a, value);
    NEXT();
  }
  CASE(SETATTR) : {
    SAVE_IP();
    if (set_attr(thread, Any(R[ip->a]), Borrowed<Str>(R[ip->c]), MaybeAny(R[ip->b])).raised()) goto error;
    KILL_B();
    KILL_C();
    KILL_A();
    NEXT();
  }
  CASE(DELATTR) : {
    SAVE_IP();
    if (set_attr(thread, Any(R[ip->b]), Borrowed<Str>(R[ip->c]), MaybeAny()).raised()) goto error;
    KILL_B();
    KILL_C();
    NEXT();
  }
  CASE(LOAD_SUPER_ATTR) : {
    SAVE_IP();
    Value* run = &R[ip->b];
    Value value = op_load_super_attr(thread, run, code->caches[ip->c].name, ip->aux & 1);
    if (!value) goto error;
    release_run(thread, run, 3);
    SET(ip->a, value);
    NEXT();
  }
  CASE(LOAD_SPECIAL) : {
    SAVE_IP();
    if (!op_load_special(thread, &R[ip->a], Any(R[ip->b]), ip->c)) goto error;
    KILL_B();
    NEXT();
  }

  // ---- items ---------------------------------------------------------------------------------------------------------------------
  CASE(BINARY_SUBSCR) : {
    Value container = R[ip->b], key = R[ip->c];
    Value value;
    if (key.is_int() && container.is_object()) {
      Word index = small_int_value(key);
      ShapeId shape = container.object()->shape();
      if (shape == SHAPE(list)) {
        ListBuffer* buffer = static_cast<List*>(container.object())->buffer.load(std::memory_order_acquire);
        Word length = buffer->length.load(std::memory_order_acquire);
        if (index < 0) index += length;
        if (static_cast<uint64_t>(index) < static_cast<uint64_t>(length)) {
          value = buffer->values()[index].raw();  // a Value in every strategy
          if (!value || !share_racy(thread, value)) value = Value{};
        }
      } else if (shape == SHAPE(tuple)) {
        auto* tuple = static_cast<Tuple*>(container.object());
        if (index < 0) index += tuple->size;
        if (static_cast<uint64_t>(index) < static_cast<uint64_t>(tuple->size)) {
          value = tuple->items()[index].raw_relaxed();
          incref(thread, value);
        }
      }
    }
    if (__builtin_expect(!value, 0)) {
      SAVE_IP();
      value = op_get_item(thread, container, key);
      if (!value) goto error;
    }
    KILL_C();
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(BINARY_SUBSCR_INT) : {
    Value container = R[ip->b];
    Word index = static_cast<int16_t>(ip->c);
    Value value;
    if (is_exact(container, SHAPE(tuple))) {
      auto* tuple = static_cast<Tuple*>(container.object());
      if (index < 0) index += tuple->size;
      if (static_cast<uint64_t>(index) < static_cast<uint64_t>(tuple->size)) {
        value = tuple->items()[index].raw_relaxed();
        incref(thread, value);
      }
    } else if (is_exact(container, SHAPE(list))) {
      ListBuffer* buffer = static_cast<List*>(container.object())->buffer.load(std::memory_order_acquire);
      Word length = buffer->length.load(std::memory_order_acquire);
      if (index < 0) index += length;
      if (static_cast<uint64_t>(index) < static_cast<uint64_t>(length)) {
        value = buffer->values()[index].raw();  // a Value in every strategy
        if (!value || !share_racy(thread, value)) value = Value{};
      }
    }
    if (!value) {
      SAVE_IP();
      value = op_get_item(thread, container, small_int(static_cast<int16_t>(ip->c)));
      if (!value) goto error;
    }
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(STORE_SUBSCR) : {
    SAVE_IP();
    if (!op_set_item(thread, R[ip->b], R[ip->c], R[ip->a])) goto error;
    KILL_C();
    KILL_B();
    KILL_A();
    NEXT();
  }
  CASE(DELETE_SUBSCR) : {
    SAVE_IP();
    if (set_item(thread, Any(R[ip->b]), Any(R[ip->c]), MaybeAny()).raised()) goto error;
    KILL_C();
    KILL_B();
    NEXT();
  }
  CASE(BINARY_SLICE) : {
    SAVE_IP();
    Value value = op_slice(thread, R[ip->b], R[ip->c], R[ip->c + 1]);
    release_run(thread, &R[ip->c], 2);
    if (!value) goto error;
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(STORE_SLICE) : {
    SAVE_IP();
    bool stored = op_set_slice(thread, R[ip->b], R[ip->c], R[ip->c + 1], R[ip->a]);
    release_run(thread, &R[ip->c], 2);
    if (!stored) goto error;
    KILL_B();
    KILL_A();
    NEXT();
  }

  // ---- operators -------------------------------------------------------------------------------------------------------------------
#define FINISH_BINARY(slow)             \
  SAVE_IP();                            \
  {                                     \
    Value value_ = (slow);              \
    if (!value_) goto error;            \
    KILL_C();                           \
    KILL_B();                           \
    SET(ip->a, value_);                 \
  }                                     \
  NEXT();
#define FLOAT_RESULT(expression)                        \
  {                                                     \
    Value value_ = float_encode(expression);            \
    if (__builtin_expect(bool(value_), 1)) {            \
      SET(ip->a, value_);                               \
      NEXT();                                           \
    }                                                   \
  }
#define BOTH_INT(l, r) (l.bits & r.bits & 1)
#define BOTH_FLOAT(l, r) (((l.bits & 3) == 2) && ((r.bits & 3) == 2))

#define ARITHMETIC(NAME, INT_FAST, OPERATOR, SLOW)                    \
  CASE(NAME) : {                                                      \
    Value l = R[ip->b], r = R[ip->c];                                 \
    if (__builtin_expect(BOTH_INT(l, r), 1)) {                        \
      int64_t number;                                                 \
      if (__builtin_expect(INT_FAST, 1)) {                            \
        SET(ip->a, Value(static_cast<uint64_t>(number)));             \
        NEXT();                                                       \
      }                                                               \
    } else if (BOTH_FLOAT(l, r)) {                                    \
      FLOAT_RESULT(float_decode(l) OPERATOR float_decode(r))          \
    }                                                                 \
    FINISH_BINARY(SLOW)                                               \
  }
#define ADD_FAST(l, r) !__builtin_add_overflow(static_cast<int64_t>(l.bits - 1), static_cast<int64_t>(r.bits), &number)
#define SUB_FAST(l, r) !__builtin_sub_overflow(static_cast<int64_t>(l.bits), static_cast<int64_t>(r.bits - 1), &number)
#define MUL_FAST(l, r)                                                                                             \
  (!__builtin_mul_overflow(static_cast<int64_t>(l.bits - 1), static_cast<int64_t>(r.bits) >> 1, &number) && (number |= 1, true))
  ARITHMETIC(BINARY_ADD, ADD_FAST(l, r), +, op_binary(thread, BinaryOp::add, l, r))
  ARITHMETIC(BINARY_SUBTRACT, SUB_FAST(l, r), -, op_binary(thread, BinaryOp::subtract, l, r))
  ARITHMETIC(BINARY_MULTIPLY, MUL_FAST(l, r), *, op_binary(thread, BinaryOp::multiply, l, r))
  ARITHMETIC(INPLACE_ADD, ADD_FAST(l, r), +, op_inplace(thread, BinaryOp::add, l, r))
  ARITHMETIC(INPLACE_SUBTRACT, SUB_FAST(l, r), -, op_inplace(thread, BinaryOp::subtract, l, r))
  ARITHMETIC(INPLACE_MULTIPLY, MUL_FAST(l, r), *, op_inplace(thread, BinaryOp::multiply, l, r))

#define DIVISION(NAME, SLOW)                                     \
  CASE(NAME) : {                                                 \
    Value l = R[ip->b], r = R[ip->c];                            \
    if (BOTH_FLOAT(l, r)) {                                      \
      double divisor = float_decode(r);                          \
      if (__builtin_expect(divisor != 0, 1)) FLOAT_RESULT(float_decode(l) / divisor) \
    }                                                            \
    FINISH_BINARY(SLOW)                                          \
  }
  DIVISION(BINARY_TRUE_DIVIDE, op_binary(thread, BinaryOp::true_divide, l, r))
  DIVISION(INPLACE_TRUE_DIVIDE, op_inplace(thread, BinaryOp::true_divide, l, r))

  // Python's floor division and modulo of small ints; the quotient of the smallest by -1 leaves the range.
#define FLOOR_DIVIDE(NAME, WANT, SLOW)                           \
  CASE(NAME) : {                                                 \
    Value l = R[ip->b], r = R[ip->c];                            \
    if (BOTH_INT(l, r)) {                                        \
      Word x = small_int_value(l), y = small_int_value(r);       \
      if (__builtin_expect(y > 0, 1)) {                          \
        Word quotient = x / y, remainder = x % y;                \
        if (remainder < 0) { remainder += y; --quotient; }       \
        SET(ip->a, small_int(WANT));                             \
        NEXT();                                                  \
      }                                                          \
    }                                                            \
    FINISH_BINARY(SLOW)                                          \
  }
  FLOOR_DIVIDE(BINARY_FLOOR_DIVIDE, ((void)remainder, quotient), op_binary(thread, BinaryOp::floor_divide, l, r))
  FLOOR_DIVIDE(INPLACE_FLOOR_DIVIDE, ((void)remainder, quotient), op_inplace(thread, BinaryOp::floor_divide, l, r))
  FLOOR_DIVIDE(BINARY_REMAINDER, ((void)quotient, remainder), op_binary(thread, BinaryOp::remainder, l, r))
  FLOOR_DIVIDE(INPLACE_REMAINDER, ((void)quotient, remainder), op_inplace(thread, BinaryOp::remainder, l, r))

#define BITWISE(NAME, EXPRESSION, SLOW)                          \
  CASE(NAME) : {                                                 \
    Value l = R[ip->b], r = R[ip->c];                            \
    if (__builtin_expect(BOTH_INT(l, r), 1)) {                   \
      SET(ip->a, Value(EXPRESSION));                             \
      NEXT();                                                    \
    }                                                            \
    FINISH_BINARY(SLOW)                                          \
  }
  BITWISE(BINARY_AND, l.bits & r.bits, op_binary(thread, BinaryOp::and_, l, r))
  BITWISE(BINARY_OR, l.bits | r.bits, op_binary(thread, BinaryOp::or_, l, r))
  BITWISE(BINARY_XOR, (l.bits ^ r.bits) | 1, op_binary(thread, BinaryOp::xor_, l, r))
  BITWISE(INPLACE_AND, l.bits & r.bits, op_inplace(thread, BinaryOp::and_, l, r))
  BITWISE(INPLACE_OR, l.bits | r.bits, op_inplace(thread, BinaryOp::or_, l, r))
  BITWISE(INPLACE_XOR, (l.bits ^ r.bits) | 1, op_inplace(thread, BinaryOp::xor_, l, r))

#define SHIFT_LEFT(NAME, SLOW)                                                       \
  CASE(NAME) : {                                                                     \
    Value l = R[ip->b], r = R[ip->c];                                                \
    if (BOTH_INT(l, r)) {                                                            \
      Word x = small_int_value(l), y = small_int_value(r);                           \
      if (y >= 0 && y < 62 && (x << y) >> y == x && fits_small_int(x << y)) {        \
        SET(ip->a, small_int(x << y));                                               \
        NEXT();                                                                      \
      }                                                                              \
    }                                                                                \
    FINISH_BINARY(SLOW)                                                              \
  }
#define SHIFT_RIGHT(NAME, SLOW)                                                      \
  CASE(NAME) : {                                                                     \
    Value l = R[ip->b], r = R[ip->c];                                                \
    if (BOTH_INT(l, r) && small_int_value(r) >= 0) {                                 \
      Word y = small_int_value(r);                                                   \
      SET(ip->a, small_int(small_int_value(l) >> (y > 63 ? 63 : y)));                \
      NEXT();                                                                        \
    }                                                                                \
    FINISH_BINARY(SLOW)                                                              \
  }
  SHIFT_LEFT(BINARY_LSHIFT, op_binary(thread, BinaryOp::lshift, l, r))
  SHIFT_LEFT(INPLACE_LSHIFT, op_inplace(thread, BinaryOp::lshift, l, r))
  SHIFT_RIGHT(BINARY_RSHIFT, op_binary(thread, BinaryOp::rshift, l, r))
  SHIFT_RIGHT(INPLACE_RSHIFT, op_inplace(thread, BinaryOp::rshift, l, r))

#define PLAIN_BINARY(NAME, SLOW)                \
  CASE(NAME) : {                                \
    Value l = R[ip->b], r = R[ip->c];           \
    FINISH_BINARY(SLOW)                         \
  }
  PLAIN_BINARY(BINARY_POWER, op_binary(thread, BinaryOp::power, l, r))
  PLAIN_BINARY(INPLACE_POWER, op_inplace(thread, BinaryOp::power, l, r))
  PLAIN_BINARY(BINARY_MATRIX_MULTIPLY, op_binary(thread, BinaryOp::matrix_multiply, l, r))
  PLAIN_BINARY(INPLACE_MATRIX_MULTIPLY, op_inplace(thread, BinaryOp::matrix_multiply, l, r))

#define FINISH_INT(slow)                \
  SAVE_IP();                            \
  {                                     \
    Value value_ = (slow);              \
    if (!value_) goto error;            \
    KILL_B();                           \
    SET(ip->a, value_);                 \
  }                                     \
  NEXT();
#define IMMEDIATE() static_cast<Word>(static_cast<int16_t>(ip->c))
#define ARITHMETIC_INT(NAME, INT_FAST, OPERATOR, SLOW)                      \
  CASE(NAME) : {                                                            \
    Value l = R[ip->b];                                                     \
    Value r = small_int(IMMEDIATE());                                       \
    if (__builtin_expect(l.is_int(), 1)) {                                  \
      int64_t number;                                                       \
      if (__builtin_expect(INT_FAST, 1)) {                                  \
        SET(ip->a, Value(static_cast<uint64_t>(number)));                   \
        NEXT();                                                             \
      }                                                                     \
    } else if (l.is_float()) {                                              \
      FLOAT_RESULT(float_decode(l) OPERATOR static_cast<double>(IMMEDIATE())) \
    }                                                                       \
    FINISH_INT(SLOW)                                                        \
  }
  ARITHMETIC_INT(BINARY_ADD_INT, ADD_FAST(l, r), +, op_binary(thread, BinaryOp::add, l, r))
  ARITHMETIC_INT(BINARY_SUBTRACT_INT, SUB_FAST(l, r), -, op_binary(thread, BinaryOp::subtract, l, r))
  ARITHMETIC_INT(BINARY_MULTIPLY_INT, MUL_FAST(l, r), *, op_binary(thread, BinaryOp::multiply, l, r))
  ARITHMETIC_INT(INPLACE_ADD_INT, ADD_FAST(l, r), +, op_inplace(thread, BinaryOp::add, l, r))
  ARITHMETIC_INT(INPLACE_SUBTRACT_INT, SUB_FAST(l, r), -, op_inplace(thread, BinaryOp::subtract, l, r))
#define FLOOR_INT(NAME, WANT, OP)                                \
  CASE(NAME) : {                                                 \
    Value l = R[ip->b];                                          \
    Word y = IMMEDIATE();                                        \
    if (__builtin_expect(l.is_int() && y > 0, 1)) {              \
      Word x = small_int_value(l);                               \
      Word quotient = x / y, remainder = x % y;                  \
      if (remainder < 0) { remainder += y; --quotient; }         \
      SET(ip->a, small_int(WANT));                               \
      NEXT();                                                    \
    }                                                            \
    FINISH_INT(op_binary(thread, OP, l, small_int(y)))           \
  }
  FLOOR_INT(BINARY_FLOOR_DIVIDE_INT, ((void)remainder, quotient), BinaryOp::floor_divide)
  FLOOR_INT(BINARY_REMAINDER_INT, ((void)quotient, remainder), BinaryOp::remainder)
  CASE(BINARY_AND_INT) : {
    Value l = R[ip->b], r = small_int(IMMEDIATE());
    if (__builtin_expect(l.is_int(), 1)) {
      SET(ip->a, Value(l.bits & r.bits));
      NEXT();
    }
    FINISH_INT(op_binary(thread, BinaryOp::and_, l, r))
  }
  CASE(BINARY_LSHIFT_INT) : {
    Value l = R[ip->b], r = small_int(IMMEDIATE());
    if (l.is_int()) {
      Word x = small_int_value(l), y = IMMEDIATE();
      if (y >= 0 && y < 62 && (x << y) >> y == x && fits_small_int(x << y)) {
        SET(ip->a, small_int(x << y));
        NEXT();
      }
    }
    FINISH_INT(op_binary(thread, BinaryOp::lshift, l, r))
  }
  CASE(BINARY_RSHIFT_INT) : {
    Value l = R[ip->b], r = small_int(IMMEDIATE());
    if (l.is_int() && IMMEDIATE() >= 0) {
      Word y = IMMEDIATE();
      SET(ip->a, small_int(small_int_value(l) >> (y > 63 ? 63 : y)));
      NEXT();
    }
    FINISH_INT(op_binary(thread, BinaryOp::rshift, l, r))
  }

#define FINISH_UNARY(slow)              \
  SAVE_IP();                            \
  {                                     \
    Value value_ = (slow);              \
    if (!value_) goto error;            \
    KILL_B();                           \
    SET(ip->a, value_);                 \
  }                                     \
  NEXT();
  CASE(UNARY_NEGATIVE) : {
    Value operand = R[ip->b];
    if (operand.is_float()) FLOAT_RESULT(-float_decode(operand))
    if (operand.is_int() && small_int_value(operand) != kSmallIntMin) {
      SET(ip->a, small_int(-small_int_value(operand)));
      NEXT();
    }
    FINISH_UNARY(op_unary(thread, UnaryOp::negative, operand))
  }
  CASE(UNARY_POSITIVE) : { FINISH_UNARY(op_unary(thread, UnaryOp::positive, R[ip->b])) }
  CASE(UNARY_INVERT) : {
    Value operand = R[ip->b];
    if (operand.is_int()) {
      SET(ip->a, small_int(~small_int_value(operand)));
      NEXT();
    }
    FINISH_UNARY(op_unary(thread, UnaryOp::invert, operand))
  }
#define TRUTH(out, value)                                  \
  int out;                                                 \
  if ((value).is_bool()) {                                 \
    out = (value).is_true();                               \
  } else if ((value).is_int()) {                           \
    out = (value).bits != 1;                               \
  } else if ((value).is_none()) {                          \
    out = 0;                                               \
  } else {                                                 \
    SAVE_IP();                                             \
    out = op_is_true(thread, (value));                     \
    if (out < 0) goto error;                               \
  }
  CASE(UNARY_NOT) : {
    TRUTH(truth, R[ip->b])
    KILL_B();
    SET(ip->a, bool_value(!truth));
    NEXT();
  }
  CASE(TO_BOOL) : {
    TRUTH(truth, R[ip->b])
    KILL_B();
    SET(ip->a, bool_value(truth));
    NEXT();
  }

#define COMPARE(NAME, OPERATOR, OP)                                                         \
  CASE(NAME) : {                                                                            \
    Value l = R[ip->b], r = R[ip->c];                                                       \
    if (BOTH_INT(l, r)) {                                                                   \
      SET(ip->a, bool_value(static_cast<int64_t>(l.bits) OPERATOR static_cast<int64_t>(r.bits))); \
      NEXT();                                                                               \
    }                                                                                       \
    if (BOTH_FLOAT(l, r)) {                                                                 \
      SET(ip->a, bool_value(float_decode(l) OPERATOR float_decode(r)));                     \
      NEXT();                                                                               \
    }                                                                                       \
    FINISH_BINARY(op_compare(thread, OP, l, r))                                             \
  }
  COMPARE(COMPARE_LT, <, CompareOp::lt)
  COMPARE(COMPARE_LE, <=, CompareOp::le)
  COMPARE(COMPARE_EQ, ==, CompareOp::eq)
  COMPARE(COMPARE_NE, !=, CompareOp::ne)
  COMPARE(COMPARE_GT, >, CompareOp::gt)
  COMPARE(COMPARE_GE, >=, CompareOp::ge)
  CASE(IS_OP) : {
    Value value = bool_value((R[ip->b] == R[ip->c]) != bool(ip->aux & 16));
    KILL_C();
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(CONTAINS_OP) : {
    SAVE_IP();
    int found = op_contains(thread, R[ip->b], R[ip->c]);
    if (found < 0) goto error;
    KILL_C();
    KILL_B();
    SET(ip->a, bool_value(bool(found) != bool(ip->aux & 16)));
    NEXT();
  }

  // ---- jumps --------------------------------------------------------------------------------------------------------------------------
  CASE(JUMP) : {
    ip += static_cast<int32_t>(OPERAND32());
    NEXT();
  }
  CASE(JUMP_BACKWARD) : {
    POLL();
    ip += static_cast<int32_t>(OPERAND32());
    NEXT();
  }
#define BRANCH(condition)                                    \
  if ((condition) != bool(ip->aux & 16)) JUMP16(ip->a);      \
  NEXT();
  CASE(JUMP_IF) : {
    TRUTH(truth, R[ip->b])
    KILL_B();
    BRANCH(bool(truth))
  }
  CASE(JUMP_IF_NONE) : {
    bool none = R[ip->b].is_none();
    KILL_B();
    BRANCH(none)
  }
  CASE(JUMP_IF_IS) : {
    bool same = R[ip->b] == R[ip->c];
    KILL_C();
    KILL_B();
    BRANCH(same)
  }
  CASE(JUMP_IF_CONTAINS) : {
    SAVE_IP();
    int found = op_contains(thread, R[ip->b], R[ip->c]);
    if (found < 0) goto error;
    KILL_C();
    KILL_B();
    BRANCH(bool(found))
  }
#define JUMP_COMPARE(NAME, OPERATOR, OP)                                                  \
  CASE(NAME) : {                                                                          \
    Value l = R[ip->b], r = R[ip->c];                                                     \
    if (__builtin_expect(BOTH_INT(l, r), 1)) {                                            \
      BRANCH(static_cast<int64_t>(l.bits) OPERATOR static_cast<int64_t>(r.bits))          \
    }                                                                                     \
    if (BOTH_FLOAT(l, r)) { BRANCH(float_decode(l) OPERATOR float_decode(r)) }            \
    SAVE_IP();                                                                            \
    int truth = op_compare_true(thread, OP, l, r);                                        \
    if (truth < 0) goto error;                                                            \
    KILL_C();                                                                             \
    KILL_B();                                                                             \
    BRANCH(bool(truth))                                                                   \
  }
  JUMP_COMPARE(JUMP_IF_LT, <, CompareOp::lt)
  JUMP_COMPARE(JUMP_IF_LE, <=, CompareOp::le)
  JUMP_COMPARE(JUMP_IF_EQ, ==, CompareOp::eq)
  JUMP_COMPARE(JUMP_IF_NE, !=, CompareOp::ne)
  JUMP_COMPARE(JUMP_IF_GT, >, CompareOp::gt)
  JUMP_COMPARE(JUMP_IF_GE, >=, CompareOp::ge)
#define JUMP_COMPARE_INT(NAME, OPERATOR, OP)                                              \
  CASE(NAME) : {                                                                          \
    Value l = R[ip->b];                                                                   \
    if (__builtin_expect(l.is_int(), 1)) { BRANCH(small_int_value(l) OPERATOR IMMEDIATE()) } \
    if (l.is_float()) { BRANCH(float_decode(l) OPERATOR static_cast<double>(IMMEDIATE())) } \
    SAVE_IP();                                                                            \
    int truth = op_compare_true(thread, OP, l, small_int(IMMEDIATE()));                   \
    if (truth < 0) goto error;                                                            \
    KILL_B();                                                                             \
    BRANCH(bool(truth))                                                                   \
  }
  JUMP_COMPARE_INT(JUMP_IF_LT_INT, <, CompareOp::lt)
  JUMP_COMPARE_INT(JUMP_IF_LE_INT, <=, CompareOp::le)
  JUMP_COMPARE_INT(JUMP_IF_EQ_INT, ==, CompareOp::eq)
  JUMP_COMPARE_INT(JUMP_IF_NE_INT, !=, CompareOp::ne)
  JUMP_COMPARE_INT(JUMP_IF_GT_INT, >, CompareOp::gt)
  JUMP_COMPARE_INT(JUMP_IF_GE_INT, >=, CompareOp::ge)

  // ---- iteration ----------------------------------------------------------------------------------------------------------------------
  CASE(GET_ITER) : {
    SAVE_IP();
    Value value = get_iter(thread, Any(R[ip->b])).release();
    if (!value) goto error;
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(FOR_ITER) : {
    Value iter = R[ip->b];
    if (is_exact(iter, SHAPE(generator))) {
      auto* generator = static_cast<Generator*>(iter.object());
      result = kNone;
      base = generator->base();
      SAVE_IP();
      goto resume_generator;
    }
    SAVE_IP();
    auto next = type_of(iter)->slot<SlotId::next>();
    if (__builtin_expect(!next, 0)) {
      (void)raise<TypeError>(thread, "'{}' object is not an iterator", type_name_in(Any(iter)));
      goto error;
    }
    Value item = next(thread, Any(iter)).release();
    if (__builtin_expect(item == kExhausted, 0)) {
    for_iter_done:
      CONSUME(ip->b);
      NEXT();
    }
    if (__builtin_expect(!item, 0)) {
      if (!pending_is<StopIteration>(thread)) goto error;
      clear_exception(thread);
      goto for_iter_done;
    }
    SET(ip->a, item);
    JUMP16(ip->c);
  }
#define UNARY_CALL(NAME, EXPRESSION)            \
  CASE(NAME) : {                                \
    SAVE_IP();                                  \
    Value value = (EXPRESSION);                 \
    if (!value) goto error;                     \
    KILL_B();                                   \
    SET(ip->a, value);                          \
    NEXT();                                     \
  }
  UNARY_CALL(GET_AITER, op_get_aiter(thread, Any(R[ip->b])))
  CASE(GET_ANEXT) : {
    SAVE_IP();
    Value value = op_get_anext(thread, Any(R[ip->b]));
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }
  UNARY_CALL(GET_AWAITABLE, op_get_awaitable(thread, Any(R[ip->b]), ip->c))
  UNARY_CALL(GET_YIELD_FROM_ITER,
             op_get_yield_from_iter(thread, Any(R[ip->b]), code->has_flag(dpb::kCoCoroutine | dpb::kCoIterableCoroutine)))
  CASE(END_ASYNC_FOR) : {
    SAVE_IP();
    if (!op_end_async_for(thread, Any(R[ip->c]))) goto error;
    CONSUME(ip->c);
    CONSUME(ip->b);
    NEXT();
  }

  // ---- building ---------------------------------------------------------------------------------------------------------------------
  CASE(BUILD_TUPLE) : {
    SAVE_IP();
    Value* items = &R[ip->b];
    Value value = tuple_adopt(thread, items, ip->c).release();
    for (unsigned i = 0; i < ip->c; ++i) items[i] = Value{};
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }
  CASE(BUILD_LIST) : {
    SAVE_IP();
    Value* items = &R[ip->b];
    Value value = list_adopt(thread, items, ip->c).release();
    for (unsigned i = 0; i < ip->c; ++i) items[i] = Value{};
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }
#define BUILD(NAME, CALL, COUNT)                \
  CASE(NAME) : {                                \
    SAVE_IP();                                  \
    Value value = (CALL);                       \
    if (!value) goto error;                     \
    release_run(thread, &R[ip->b], COUNT);      \
    SET(ip->a, value);                          \
    NEXT();                                     \
  }
  BUILD(BUILD_SET, op_build_set(thread, &R[ip->b], ip->c), ip->c)
  BUILD(BUILD_MAP, op_build_map(thread, &R[ip->b], ip->c), 2 * size_t{ip->c})
  BUILD(BUILD_STRING, op_build_string(thread, &R[ip->b], ip->c), ip->c)
  BUILD(BUILD_SLICE, op_build_slice(thread, &R[ip->b], ip->c), ip->c)
  CASE(BUILD_TEMPLATE) : {
    SAVE_IP();
    Value value = op_build_template(thread, Any(R[ip->b]), Any(R[ip->c]));
    if (!value) goto error;
    KILL_C();
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  BUILD(BUILD_INTERPOLATION, op_build_interpolation(thread, &R[ip->b], ip->c), 3)
  CASE(FORMAT_VALUE) : {
    SAVE_IP();
    Value value = op_format(thread, Any(R[ip->b]), ip->aux & 64 ? MaybeAny() : MaybeAny(R[ip->c]), (ip->aux >> 4) & 3);
    if (!value) goto error;
    KILL_C();
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(LIST_APPEND) : {
    SAVE_IP();
    Value value = R[ip->b];
    if (ip->aux & 1) R[ip->b] = Value{};
    else incref(thread, value);
    if (list_append(thread, Borrowed<List>(R[ip->a]), AnyRef::adopt(value)).raised()) goto error;
    NEXT();
  }
  CASE(SET_ADD) : {
    SAVE_IP();
    if (set_add(thread, Borrowed<Set>(R[ip->a]), Any(R[ip->b])).raised()) goto error;
    KILL_B();
    NEXT();
  }
  CASE(MAP_ADD) : {
    SAVE_IP();
    if (dict_set(thread, Borrowed<Dict>(R[ip->a]), Any(R[ip->b]), Any(R[ip->c])).raised()) goto error;
    KILL_C();
    KILL_B();
    NEXT();
  }
  CASE(LIST_EXTEND) : {
    SAVE_IP();
    if (!op_list_extend(thread, Any(R[ip->a]), Any(R[ip->b]))) goto error;
    KILL_B();
    NEXT();
  }
  CASE(SET_UPDATE) : {
    SAVE_IP();
    if (set_update(thread, Borrowed<Set>(R[ip->a]), Any(R[ip->b])).raised()) goto error;
    KILL_B();
    NEXT();
  }
  CASE(DICT_UPDATE) : {
    SAVE_IP();
    if (!op_dict_update(thread, Any(R[ip->a]), Any(R[ip->b]))) goto error;
    KILL_B();
    NEXT();
  }
  CASE(DICT_MERGE) : {
    SAVE_IP();
    if (!op_dict_merge(thread, Any(R[ip->a]), Any(R[ip->b]), Any(R[ip->c]))) goto error;
    KILL_B();
    NEXT();
  }
  UNARY_CALL(LIST_TO_TUPLE, list_to_tuple(thread, Borrowed<List>(R[ip->b])).release())
  CASE(UNPACK_SEQUENCE) : {
    Value value = R[ip->b];
    size_t count = ip->c;
    if (is_exact(value, SHAPE(tuple)) && static_cast<size_t>(static_cast<Tuple*>(value.object())->size) == count) {
      auto* tuple = static_cast<Tuple*>(value.object());
      // The items go through the stack of C++ first: writing a register may release what it held.
      for (size_t i = 0; i < count; ++i) {
        Value item = tuple->items()[i].raw_relaxed();
        incref(thread, item);
        SET(ip->a + i, item);
      }
      KILL_B();
      NEXT();
    }
    SAVE_IP();
    if (!op_unpack_sequence(thread, &R[ip->a], Any(value), count)) goto error;
    KILL_B();
    NEXT();
  }
  CASE(UNPACK_EX) : {
    SAVE_IP();
    if (!op_unpack_ex(thread, &R[ip->a], Any(R[ip->b]), ip->c, ip->aux)) goto error;
    // aux counts the items after the star here, so the operand is a temporary that stays the compiler's to clear... unless
    // it is one: see the opcode table (value is consumed when it is a temporary).
    if (ip->b >= code->local_count) CONSUME(ip->b);
    NEXT();
  }

  // ---- calls ----------------------------------------------------------------------------------------------------------------------------
#define MOVE_WINDOW_TO_STACK(words)                                 \
  do {                                                              \
    Value* from_ = &R[ip->b];                                       \
    Value* to_ = generator_of_base(R)->stack_top;                   \
    if (__builtin_expect(to_ + (words) + 64 > ctx->stack_limit, 0)) { \
      SAVE_IP();                                                    \
      recursion_error(thread);                                      \
      goto error;                                                   \
    }                                                               \
    for (size_t i_ = 0; i_ < (words); ++i_) {                       \
      to_[i_] = from_[i_];                                          \
      from_[i_] = Value{};                                          \
    }                                                               \
    window = to_;                                                   \
  } while (0)
  CASE(CALL_HEAP) : {
    argc = ip->aux;
    if (is_plain_function(R[ip->b])) MOVE_WINDOW_TO_STACK(kWindowArguments + argc);
    else window = &R[ip->b];
    goto call_without_self;
  }
  CASE(CALL) : {
    window = &R[ip->b];
    argc = ip->aux;
  }
call_without_self: {
  keyword_names = nullptr;
  Value target = window[0];
  if (__builtin_expect(is_plain_function(target), 1)) {
    callee = static_cast<Function*>(target.object());
    base = window + kWindowArguments;
    frame_flags = 0;
    goto call_function;
  }
  window[kWindowSelf] = Value{};
  goto call_other;
}
  CASE(CALL_METHOD_HEAP) : {
    argc = ip->aux;
    if (is_plain_function(R[ip->b])) MOVE_WINDOW_TO_STACK(kWindowArguments + argc);
    else window = &R[ip->b];
    goto call_with_self;
  }
  CASE(CALL_METHOD) : {
    window = &R[ip->b];
    argc = ip->aux;
  }
call_with_self: {
  keyword_names = nullptr;
  Value target = window[0];
  if (__builtin_expect(is_plain_function(target), 1)) {
    callee = static_cast<Function*>(target.object());
    frame_flags = 0;
    if (window[kWindowSelf]) {
      base = window + kWindowSelf;
      ++argc;
    } else {
      base = window + kWindowArguments;
    }
    goto call_function;
  }
  goto call_other;
}
  CASE(CALL_KW_HEAP) : {
    argc = ip->aux;
    if (is_plain_function(R[ip->b])) MOVE_WINDOW_TO_STACK(kWindowArguments + argc);
    else window = &R[ip->b];
    goto call_keywords;
  }
  CASE(CALL_KW) : {
    window = &R[ip->b];
    argc = ip->aux;
  }
call_keywords: {
  SAVE_IP();
  Value names = constant_at(code, ip->c);
  if (!names) {
    Result<Any> made = code_constant(thread, Borrowed<Code>(code), ip->c);
    if (made.raised()) goto call_failed;
    names = made.take().value();
  }
  keyword_names = static_cast<Tuple*>(names.object());
  Value target = window[0];
  if (is_plain_function(target)) {
    callee = static_cast<Function*>(target.object());
    frame_flags = 0;
    if (window[kWindowSelf]) {
      base = window + kWindowSelf;
      ++argc;
    } else {
      base = window + kWindowArguments;
    }
    goto call_function_bind;
  }
  goto call_other;
}

call_other: {
  // Natives, classes, bound methods, callable instances: w[0], w[6] or empty, argc arguments.
  SAVE_IP();
  Value target = window[0];
  ShapeId shape = target.is_object() ? target.object()->shape() : 0;
  Value value;
  if (shape == SHAPE(method_descriptor) && window[kWindowSelf] && !keyword_names) {
    NativeInfo& info = *static_cast<MethodDescriptor*>(target.object())->info;
    if (__builtin_expect(is_subtype(type_of(window[kWindowSelf]), info.owner), 1)) {
      value = info.method->entry(thread, info, window[kWindowSelf], Arguments{window + kWindowArguments, argc, nullptr});
    } else {
      value = op_call_other(thread, window, argc, nullptr);
    }
  } else if (shape == SHAPE(builtin_function_or_method) && !window[kWindowSelf]) {
    auto* native = static_cast<NativeFunction*>(target.object());
    value = native->info->method->entry(thread, *native->info, native->self.raw_relaxed(), Arguments{window + kWindowArguments, argc, keyword_names});
  } else if (shape == SHAPE(method) && !window[kWindowSelf] && is_plain_function(static_cast<BoundMethod*>(target.object())->function.raw_relaxed())) {
    // Unpack the bound method in place.
    auto* bound = static_cast<BoundMethod*>(target.object());
    Value function = bound->function.raw_relaxed(), self = bound->self.raw_relaxed();
    incref(thread, function);
    incref(thread, self);
    if (code->has_flag(dpb::kCoHeapFrame) && window == &R[ip->b]) MOVE_WINDOW_TO_STACK(kWindowArguments + argc);
    window[0] = function;
    window[kWindowSelf] = self;
    decref(thread, target);
    callee = static_cast<Function*>(function.object());
    base = window + kWindowSelf;
    ++argc;
    frame_flags = 0;
    goto call_function_bind;
  } else if (target.is_object() && (shape_of(shape).flags & kShapeType) && !window[kWindowSelf]) {
    auto* type = static_cast<Type*>(target.object());
    if (Function* init = plain_constructor(thread, type)) {
      Value instance = allocate_instance(thread, Borrowed<Type>(type)).release();
      if (!instance) goto call_failed;
      if (code->has_flag(dpb::kCoHeapFrame) && window == &R[ip->b]) MOVE_WINDOW_TO_STACK(kWindowArguments + argc);
      // base[-6] keeps the instance, w[6] is `self`; the function goes straight into the header.
      incref(thread, Value(init));
      incref(thread, instance);
      window[0] = instance;
      window[kWindowSelf] = instance;
      decref(thread, target);  // the instance holds its class
      callee = init;
      base = window + kWindowSelf;
      ++argc;
      frame_flags = kFrameInit;
      goto call_function_bind;
    }
    value = op_call_other(thread, window, argc, keyword_names);
  } else {
    value = op_call_other(thread, window, argc, keyword_names);
  }
  if (!value) goto call_failed;
  {
    Value self = window[kWindowSelf];
    window[kWindowSelf] = Value{};
    Value function = window[0];
    window[0] = Value{};
    decref(thread, self);
    release_run(thread, window + kWindowArguments, argc);
    decref(thread, function);
  }
  SET(ip->a, value);
  NEXT();
}
call_failed: {
  // The window may lie on the VM stack above a generator's call: it is not among the frame's registers then.
  if (code->has_flag(dpb::kCoHeapFrame) && window != &R[ip->b]) {
    release_failed(thread, window + kWindowSelf, argc + 1);
    release_run(thread, window, 1);
  }
  goto error;
}

call_function_bind: {
  // frame_flags & kFrameInit: `callee` is owned by this call (not in w[0], which holds the instance).
  callee_code = static_cast<Code*>(callee->code.raw_relaxed().object());
  if (!keyword_names && callee_code->simple_call && callee_code->argument_count == argc) goto push_frame;
  SAVE_IP();
  if (base + callee_code->local_count + 64 > ctx->stack_limit || ctx->depth >= ctx->depth_limit) {
    recursion_error(thread);
    goto bind_failed;
  }
  if (!bind_python_arguments(thread, callee, base, argc, keyword_names)) goto bind_failed;
  argc = callee_code->parameter_count;
  goto push_frame;
}
bind_failed: {
  release_failed(thread, base, argc);
  if (frame_flags & kFrameInit) decref(thread, Value(callee));
  Value first = window[0];
  window[0] = Value{};
  decref(thread, first);
  goto error;
}
call_function: {
  callee_code = static_cast<Code*>(callee->code.raw_relaxed().object());
  if (__builtin_expect(!callee_code->simple_call || callee_code->argument_count != argc, 0)) goto call_function_bind;
}
push_frame: {
  SAVE_IP();
  if (__builtin_expect(thread.poll.load(std::memory_order_relaxed) != 0, 0)) {
    if (!poll_before_call(thread, base + argc)) goto push_failed;
  }
  if (__builtin_expect(base + callee_code->register_count + 16 > ctx->stack_limit || ctx->depth >= ctx->depth_limit, 0)) {
    recursion_error(thread);
    goto push_failed;
  }
  if (__builtin_expect(!callee_code->prepared.load(std::memory_order_acquire), 0)) {
    if (!prepare_before_call(thread, callee_code, base + argc)) goto push_failed;
  }
  if (!(frame_flags & kFrameInit)) window[0] = Value{};
  base[-2].bits = reinterpret_cast<uint64_t>(R) | frame_flags | 1;
  base[-3] = Value(callee);
  base[-4] = Value{};
  base[-5].bits = reinterpret_cast<uint64_t>(callee_code) | 1;
  for (size_t i = callee_code->parameter_count; i < callee_code->local_count; ++i) base[i] = Value{};
  R = base;
  code = callee_code;
  ctx->frame = base;
  ++ctx->depth;
  ip = callee_code->instructions;
  SAVE_IP();
  DISPATCH();
}
push_failed: {
  release_failed(thread, base, argc);
  if (frame_flags & kFrameInit) decref(thread, Value(callee));
  Value first = window[0];
  window[0] = Value{};
  decref(thread, first);
  goto error;
}

  CASE(CALL_FUNCTION_EX_HEAP) :
  CASE(CALL_FUNCTION_EX) : {
    SAVE_IP();
    POLL();
    window = &R[ip->b];
    if (is_plain_function(window[0]) && (is_exact(window[kWindowArguments], SHAPE(tuple)) || is_exact(window[kWindowArguments], SHAPE(list))) &&
        (!(ip->aux & 1) || is_exact(window[kWindowArguments + 1], SHAPE(dict)))) {
      callee = static_cast<Function*>(window[0].object());
      frame_flags = 0;
      argc = 0;
      if (code->has_flag(dpb::kCoHeapFrame)) MOVE_WINDOW_TO_STACK(kWindowArguments + 1 + (ip->aux & 1));
      base = window + kWindowArguments;
      Spread spread = op_spread_call(thread, window, ip->aux & 1);
      if (__builtin_expect(spread == Spread::bound, 1)) {
        callee_code = static_cast<Code*>(callee->code.raw_relaxed().object());
        argc = callee_code->parameter_count;
        goto push_frame;
      }
      if (spread == Spread::raised) goto bind_failed;
      // Too many for the stack above: passed in an array. A generator's window goes back into its registers.
      if (window != &R[ip->b]) {
        for (size_t i = 0; i < kWindowArguments + 1 + (ip->aux & 1); ++i) {
          R[ip->b + i] = window[i];
          window[i] = Value{};
        }
        window = &R[ip->b];
      }
    }
    Value value = op_call_ex(thread, window, ip->aux & 1);
    release_run(thread, window + kWindowArguments, ip->aux & 1 ? 2 : 1);
    if (!value) goto error;
    release_run(thread, window, 1);
    SET(ip->a, value);
    NEXT();
  }
  CASE(PUSH_NULL) : {
    R[ip->a + kWindowSelf] = Value{};
    NEXT();
  }
  CASE(RETURN_CONST) : {
    result = constant_at(code, ip->b);
    if (__builtin_expect(!result, 0)) {
      SAVE_IP();
      Result<Any> made = code_constant(thread, Borrowed<Code>(code), ip->b);
      if (made.raised()) goto error;
      result = made.take().value();
    }
    incref(thread, result);
    goto leave;
  }
  CASE(RETURN_VALUE) : {
    result = R[ip->b];
    if (ip->aux & 1) R[ip->b] = Value{};
    else incref(thread, result);
  }
leave: {
  // `result` is owned.
  if (__builtin_expect(frame_on_heap(ctx, R), 0)) goto generator_returns;
  if (__builtin_expect(bool(R[-4]), 0)) {
    SAVE_IP();
    frame_leave(thread, R, code);
  } else {
    for (Value* at = R + code->local_count; at != R;) {
      Value old = *--at;
      if (old.is_object()) {
        *at = Value{};
        SAVE_IP();
        decref(thread, old.object());
      }
    }
    Value function = R[-3];
    R[-3] = Value{};
    decref(thread, function.object());
  }
  uint64_t link = R[-2].bits;
  --ctx->depth;
  if (__builtin_expect(link & kFrameInit, 0)) {
    Value instance = R[-6];
    R[-6] = Value{};
    if (__builtin_expect(!result.is_none(), 0)) {
      ctx->frame = frame_caller(R);
      (void)raise<TypeError>(thread, "__init__() should return None, not '{}'", type_name_in(Any(result)));
      decref(thread, result);
      decref(thread, instance);
      if (link & kFrameEntry) return Value{};
      R = ctx->frame;
      code = frame_code(R);
      ip = frame_ip(R);
      goto error;
    }
    result = instance;
  }
  R = reinterpret_cast<Value*>(link & ~uint64_t{7});
  ctx->frame = R;
  if (__builtin_expect(link & kFrameEntry, 0)) return result;
  code = frame_code(R);
  ip = frame_ip(R);
  SET(ip->a, result);
  NEXT();
}
  CASE(MAKE_FUNCTION) : {
    SAVE_IP();
    Result<Any> nested = code_constant(thread, Borrowed<Code>(code), ip->b);
    if (nested.raised()) goto error;
    Value value = op_make_function(thread, R, nested.take(), &R[ip->c], ip->aux);
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }

  // ---- exceptions -------------------------------------------------------------------------------------------------------------------------
  CASE(RAISE_VARARGS) : {
    SAVE_IP();
    op_raise(thread, R[ip->b], R[ip->c], (ip->aux >> 4) & 3);
    goto error;
  }
  CASE(RERAISE) : {
    SAVE_IP();
    Value exception = R[ip->b];
    if (ip->aux & 1) R[ip->b] = Value{};
    else incref(thread, exception);
    thread.exception = exception;
    goto reraise;
  }
  CASE(PUSH_EXC_INFO) : {
    Value saved = ctx->handled->exception;
    Value exception = R[ip->b];
    incref(thread, exception);
    ctx->handled->exception = exception;
    SET(ip->a, saved ? saved : kNone);
    NEXT();
  }
  CASE(POP_EXCEPT) : {
    Value saved = R[ip->b];
    R[ip->b] = Value{};
    Value old = ctx->handled->exception;
    ctx->handled->exception = saved.is_none() ? Value{} : saved;
    RELEASE(old);
    NEXT();
  }
  CASE(CHECK_EXC_MATCH) : {
    SAVE_IP();
    int matches = op_exception_matches(thread, Any(R[ip->b]), Any(R[ip->c]));
    if (matches < 0) goto error;
    KILL_C();
    SET(ip->a, bool_value(matches));
    NEXT();
  }
  CASE(CHECK_EG_MATCH) : {
    SAVE_IP();
    if (!op_exception_group_match(thread, &R[ip->a], Any(R[ip->b]), Any(R[ip->c]))) goto error;
    // What stood in the registers written is gone already.
    if ((ip->aux & 2) && ip->c != ip->a && ip->c != ip->a + 1) CONSUME(ip->c);
    if ((ip->aux & 1) && ip->b != ip->a && ip->b != ip->a + 1) CONSUME(ip->b);
    NEXT();
  }
  CASE(PREP_RERAISE_STAR) : {
    SAVE_IP();
    Value value = op_prep_reraise_star(thread, Any(R[ip->b]), Any(R[ip->c]));
    if (!value) goto error;
    KILL_C();
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(WITH_EXCEPT_ARGS) : {
    Value exception = R[ip->b];
    Value* w = &R[ip->a];
    Value type(type_of(exception));
    incref(thread, type);
    incref(thread, exception);
    w[kWindowArguments] = type;
    w[kWindowArguments + 1] = exception;
    auto* object = static_cast<BaseException*>(exception.object());
    Value traceback = slot_load(thread, object, object->traceback);
    w[kWindowArguments + 2] = traceback ? traceback : kNone;
    NEXT();
  }
  CASE(CLEANUP_THROW) : {
    SAVE_IP();
    Value value = op_cleanup_throw(thread, Any(R[ip->c]));
    if (!value) goto reraise;
    CONSUME(ip->c);
    CONSUME(ip->b);
    SET(ip->a, value);
    NEXT();
  }

  // ---- generators ------------------------------------------------------------------------------------------------------------------------------
  CASE(RETURN_GENERATOR) : {
    SAVE_IP();
    result = generator_from_frame(thread, R, code, ip);
    if (!result) goto error;
    // The registers went into the generator; the frame on the stack ends like any other.
    uint64_t link = R[-2].bits;
    R[-3] = Value{};
    R[-4] = Value{};
    --ctx->depth;
    R = reinterpret_cast<Value*>(link & ~uint64_t{7});
    ctx->frame = R;
    if (link & kFrameEntry) return result;
    code = frame_code(R);
    ip = frame_ip(R);
    SET(ip->a, result);
    NEXT();
  }
  CASE(YIELD_VALUE) : {
    SAVE_IP();
    result = R[ip->b];
    if (ip->aux & 1) R[ip->b] = Value{};
    else incref(thread, result);
    Generator* generator = generator_of_base(R);
    ctx->handled = generator->handled.previous;
    generator->handled.previous = nullptr;
    uint64_t link = R[-2].bits;
    R[-2].bits = 1;
    --ctx->depth;
    R = reinterpret_cast<Value*>(link & ~uint64_t{7});
    ctx->frame = R;
    generator->state.store(GeneratorState::suspended, std::memory_order_release);
    if (link & kFrameEntry) {
      ctx->yielded = true;
      return result;
    }
    code = frame_code(R);
    ip = frame_ip(R);
    SET(ip->a, result);
    if (static_cast<dpb::Op>(ip->op) == dpb::Op::FOR_ITER) JUMP16(ip->c);
    NEXT();  // SEND
  }
resume_generator: {
  // base: the generator's registers; result: what is sent (owned or immediate). The frame R waits at FOR_ITER or SEND.
  Generator* generator = generator_of_base(base);
  GeneratorState state = generator->state.load(std::memory_order_acquire);
  if (state == GeneratorState::done) {
    decref(thread, result);
    if (static_cast<dpb::Op>(ip->op) == dpb::Op::FOR_ITER) {
      CONSUME(ip->b);
      NEXT();
    }
    CONSUME(ip->b);
    SET(ip->a, kNone);
    JUMP16(ip->c);
  }
  if (state == GeneratorState::running || !generator->state.compare_exchange_strong(state, GeneratorState::running)) {
    decref(thread, result);
    (void)raise<ValueError>(thread, "generator already executing");
    goto error;
  }
  generator->stack_top = context_top(ctx);
  if (__builtin_expect(generator->stack_top + 64 > ctx->stack_limit || ctx->depth >= ctx->depth_limit, 0)) {
    generator->state.store(state);
    decref(thread, result);
    recursion_error(thread);
    goto error;
  }
  base[-2].bits = reinterpret_cast<uint64_t>(R) | 1;
  generator->handled.previous = ctx->handled;
  ctx->handled = &generator->handled;
  ++ctx->depth;
  ctx->frame = R = base;
  code = frame_code(R);
  ip = frame_ip(R);
  if (state == GeneratorState::suspended) {
    SET(ip->a, result);
  } else {
    decref(thread, result);
  }
  NEXT();
}
generator_returns: {
  SAVE_IP();
  Generator* generator = generator_of_base(R);
  uint64_t link = R[-2].bits;
  generator_finish(thread, generator);
  --ctx->depth;
  R = reinterpret_cast<Value*>(link & ~uint64_t{7});
  ctx->frame = R;
  if (link & kFrameEntry) {
    ctx->yielded = false;
    return result;
  }
  code = frame_code(R);
  ip = frame_ip(R);
  if (static_cast<dpb::Op>(ip->op) == dpb::Op::FOR_ITER) {
    decref(thread, result);
    CONSUME(ip->b);
    NEXT();
  }
  CONSUME(ip->b);  // SEND
  SET(ip->a, result);
  JUMP16(ip->c);
}
  CASE(SEND) : {
    SAVE_IP();
    Value iter = R[ip->b];
    if (is_exact(iter, SHAPE(generator)) || is_exact(iter, SHAPE(coroutine))) {
      auto* generator = static_cast<Generator*>(iter.object());
      GeneratorState state = generator->state.load(std::memory_order_acquire);
      if (state == GeneratorState::suspended || (state == GeneratorState::created && R[ip->a].is_none())) {
        result = R[ip->a];
        R[ip->a] = Value{};
        base = generator->base();
        goto resume_generator;
      }
    }
    Value returned;
    Value value = op_send(thread, Any(iter), Any(R[ip->a]), &returned);
    if (!value) goto error;
    if (value == kExhausted) {
      CONSUME(ip->b);
      SET(ip->a, returned);
      JUMP16(ip->c);
    }
    SET(ip->a, value);
    NEXT();
  }
  UNARY_CALL(ASYNC_GEN_WRAP, op_async_gen_wrap(thread, Any(R[ip->b])))

  // ---- imports, match, rest ----------------------------------------------------------------------------------------------------------------------
  CASE(IMPORT_NAME) : {
    SAVE_IP();
    Value value = op_import_name(thread, R, code->caches[ip->c].name, Any(R[ip->b]), Any(R[ip->b + 1]));
    if (!value) goto error;
    release_run(thread, &R[ip->b], 2);
    SET(ip->a, value);
    NEXT();
  }
  CASE(IMPORT_FROM) : {
    SAVE_IP();
    Value value = op_import_from(thread, Any(R[ip->b]), code->caches[ip->c].name);
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }
  CASE(GET_LEN) : {
    SAVE_IP();
    Result<Word> count = length(thread, Any(R[ip->b]));
    if (count.raised()) goto error;
    SET(ip->a, small_int(count.take()));
    NEXT();
  }
  CASE(MATCH_SEQUENCE) : {
    bool matches = type_of(R[ip->b])->has_flag(kTypeSequence);
    SET(ip->a, bool_value(matches));
    NEXT();
  }
  CASE(MATCH_MAPPING) : {
    bool matches = type_of(R[ip->b])->has_flag(kTypeMapping);
    SET(ip->a, bool_value(matches));
    NEXT();
  }
  CASE(MATCH_KEYS) : {
    SAVE_IP();
    Value value = op_match_keys(thread, Any(R[ip->b]), Any(R[ip->c]));
    if (!value) goto error;
    SET(ip->a, value);
    NEXT();
  }
  CASE(MATCH_CLASS) : {
    SAVE_IP();
    Value value = op_match_class(thread, Any(R[ip->b]), Any(R[ip->c]), Any(R[ip->c + 1]), ip->aux);
    if (!value) goto error;
    release_run(thread, &R[ip->c], 2);
    SET(ip->a, value);
    NEXT();
  }
  UNARY_CALL(INTRINSIC_1, op_intrinsic_1(thread, R, ip->c, Any(R[ip->b])))
  CASE(INTRINSIC_2) : {
    SAVE_IP();
    Value value = op_intrinsic_2(thread, ip->aux >> 4, Any(R[ip->b]), Any(R[ip->c]));
    if (!value) goto error;
    KILL_C();
    KILL_B();
    SET(ip->a, value);
    NEXT();
  }
  CASE(BAD_OPCODE) : CHECK(!"the verifier let an unknown opcode through");

error:
  DCHECK(exception_pending(thread));
  SAVE_IP();
  set_exception_context(thread, Any(thread.exception));
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
      if (link & kFrameInit) {
        Value instance = R[-6];
        R[-6] = Value{};
        decref(thread, instance);
      }
    }
    --ctx->depth;
    R = reinterpret_cast<Value*>(link & ~uint64_t{7});
    ctx->frame = R;
    if (link & kFrameEntry) {
      ctx->yielded = false;
      return Value{};
    }
    code = frame_code(R);
    ip = frame_ip(R);
  }
}

}  // namespace dx
