#pragma once
// The slow halves of the instructions, by family: what the dispatch loop calls when its fast path
// does not apply. They borrow their operands and return an owned value, empty when an exception is
// pending.

#include "interpreter/context.h"
#include "objects/protocol.h"
#include "objects/type_internal.h"

// Before a loop over a few registers: unrolling it costs more than it saves.
#if defined(__clang__)
#define DX_PLAIN_LOOP _Pragma("clang loop unroll(disable) vectorize(disable)")
#else
#define DX_PLAIN_LOOP _Pragma("GCC unroll 1")
#endif

namespace dx {

enum class CacheUse : uint8_t { load, method, store };

// Publishes what a cache cell holds, in the order that readers without a lock rely on
// (objects/code.h).
inline void cache_fill(CacheCell* cell, uint64_t key, uint64_t data, uint64_t extra) {
  cell->key.store(0, std::memory_order_release);
  cell->data.store(data, std::memory_order_relaxed);
  cell->extra.store(extra, std::memory_order_relaxed);
  cell->key.store(key, std::memory_order_release);
}

// attribute_cache.cpp; the cells' form is in objects/code.h, how they work in
// docs/internals/inline-caches.md.
// What the thread's table says, in the cell's own form. `use` tells a store from a load.
void cell_fill(CacheCell* cell, CacheUse use, uint64_t key, uint64_t data, Type* type);
inline uint64_t cache_key(ShapeId shape, CacheKind kind, uint32_t version) {
  return shape | uint64_t{kind} << kCacheKindShift | uint64_t{version} << 32;
}
inline Type* cell_type(const CacheCell* cell) {
  return reinterpret_cast<Type*>(cell->extra.load(std::memory_order_relaxed));
}
inline Value raw_slot(const Object* object, uint64_t offset) {
  return reinterpret_cast<const Slot*>(reinterpret_cast<const char*>(object) + offset)->raw();
}
// Shares a value that another thread may be replacing: only try_incref is safe then.
inline bool share_racy_object(Thread& thread, Object* object) {
  uint32_t strong = strong_load(object);
  if (strong) check_owner(thread, object);
  if (__builtin_expect(is_mine(thread, object) && strong < kStrongGuard, 1)) {
    strong_store(object, strong + 1);
    return true;
  }
  return strong & kStrongImmortal || try_incref(thread, object);
}
inline bool share_racy(Thread& thread, Value value) {
  return !is_counted(value) || share_racy_object(thread, value.object());
}
// What a site asked for before, for more shapes than its cell holds.
// The type's namespace has a classmethod or staticmethod (the value); `type` is the class it is
// bound to.
constexpr CacheKind kCacheWrapped = static_cast<CacheKind>(7);
// The type has an attribute that C++ functions read (the value: a getset_descriptor of one of its
// own bases).
constexpr CacheKind kCacheGetSet = static_cast<CacheKind>(8);
// The class, which is `type` itself, has a native class method (the value).
constexpr CacheKind kCacheClassMethod = static_cast<CacheKind>(9);
struct AttributeEntry {
  uint64_t name;  // Str* (counted) | CacheUse
  uint64_t key, data,
      extra;  // as in a CacheCell; extra also has the number of uses, from bit 48 on
  Type* type() const { return reinterpret_cast<Type*>(extra & ((uint64_t{1} << 48) - 1)); }
  CacheKind kind() const {
    return static_cast<CacheKind>(static_cast<uint32_t>(key) >> kCacheKindShift);
  }
};
// A slot's offset from the key of a cell that knows this shape, else something above
// kMaxSlotOffset.
constexpr uint64_t kMaxSlotOffset = 0xffff;
inline uint64_t cached_slot_offset(uint64_t key, ShapeId shape) {
  return std::rotr(key - shape - slot_epoch.load(std::memory_order_relaxed), 32);
}
// The entry for an object of this shape, or null. Checked: shape, and the version of its type (but
// for modules); for a class also that the entry is its own. `owner` is null for immediates.
const AttributeEntry* attribute_cache_find(Thread& thread, const Object* owner, ShapeId shape,
                                           CacheCell* cell, CacheUse use);
// The commonest answers at once, without running any code: an attribute in a slot or a plain value
// of the type (load), a method (function). Counted; empty: ask the slow way.
Value attribute_cache_load(Thread& thread, Object* object, CacheCell* cell);
Value attribute_cache_method(Thread& thread, Object* object, CacheCell* cell);
// The Python function that instances of type have as a special method (counted), or empty: none, or
// something else.
Value attribute_cache_special(Thread& thread, Type* type, Str* name);
// What super(type, object) finds under a name in the classes that follow `type` (counted), or
// empty: not known. `start` is the object's class, or the object when it is a class itself.
Value attribute_cache_super(Thread& thread, Type* start, bool on_class, Type* type, Str* name);
void attribute_cache_fill_super(Thread& thread, Type* start, bool on_class, Type* type, Str* name,
                                uint32_t version, Value found);
void attribute_cache_fill(Thread& thread, CacheCell* cell, CacheUse use, uint64_t key,
                          uint64_t data, Type* type);

// ops_attr.cpp
Value op_load_attr(Thread& thread, Any owner, CacheCell* cell);
bool op_store_attr(Thread& thread, Any owner, Any value, CacheCell* cell);
// Fills window[0] and window[6].
bool op_load_method(Thread& thread, Value* window, Any owner, CacheCell* cell);
bool op_load_special(Thread& thread, Value* window, Any owner, unsigned which);
Value op_load_super_attr(Thread& thread, Value* run, Str* name, bool zero_argument);

// ops_name.cpp
Value op_load_global(Thread& thread, Function* function, CacheCell* cell);
bool op_store_global(Thread& thread, Function* function, Str* name,
                     MaybeAny value);  // no value: delete
Value op_load_name(Thread& thread, Value* base, Str* name);
bool op_store_name(Thread& thread, Value* base, Str* name, MaybeAny value);
Value op_load_from_mapping_or_globals(Thread& thread, Function* function, Any mapping, Str* name);
Value op_load_from_mapping_or_cell(Thread& thread, Any mapping, Cell* cell, Code* code,
                                   uint32_t index);
Value op_unbound_local(Thread& thread, Code* code, uint32_t index);  // raises
Value op_load_build_class(Thread& thread, Function* function);

// ops_number.cpp
Value op_binary(Thread& thread, BinaryOp op, Value left, Value right);
// left + right for two exact lists; one that dies is a temporary the instruction consumes.
Value op_add_lists(Thread& thread, Value left, bool left_dies, Value right, bool right_dies);
// left + right for two exact strs, where left's reference is given away.
Value op_append_str(Thread& thread, Value left, Value right);
Value op_inplace(Thread& thread, BinaryOp op, Value left, Value right);
Value op_unary(Thread& thread, UnaryOp op, Value operand);
Value op_compare(Thread& thread, CompareOp op, Value left, Value right);
int op_compare_true(Thread& thread, CompareOp op, Value left, Value right);  // -1: raised
int op_is_true(Thread& thread, Value value);                                 // -1: raised
int op_contains(Thread& thread, Value item, Value container);                // -1: raised

// ops_item.cpp
Value op_get_item(Thread& thread, Value container, Value key);
bool op_set_item(Thread& thread, Value container, Value key, Value value);
Value op_slice(Thread& thread, Value container, Value start, Value stop);
// dies: value is a temporary the instruction consumes.
bool op_set_slice(Thread& thread, Value container, Value start, Value stop, Value value, bool dies);

// ops_build.cpp
Value op_build_string(Thread& thread, Value* items, size_t count);
Value op_build_set(Thread& thread, Value* items, size_t count);
Value op_build_map(Thread& thread, Value* items, size_t pairs);
Value op_build_slice(Thread& thread, Value* items, size_t count);
Value op_build_template(Thread& thread, Any strings, Any interpolations);
Value op_build_interpolation(Thread& thread, Value* items, unsigned conversion);
Value op_format(Thread& thread, Any value, MaybeAny spec, unsigned conversion);
bool op_list_extend(Thread& thread, Any list, Any iterable);
bool op_dict_update(Thread& thread, Any map, Any other);
bool op_dict_merge(Thread& thread, Any map, Any other, Any callable);
bool op_unpack_sequence(Thread& thread, Value* out, Any value, size_t count);
bool op_unpack_ex(Thread& thread, Value* out, Any value, size_t before, size_t after);

// ops_call.cpp
// Lays the arguments out as the function's first registers. base: where they start now (w + 7, or w
// + 6 with a self). count: arguments there, keyword values included. False: raised, and what [base,
// base + count) still holds is the caller's.
bool bind_python_arguments(Thread& thread, Function* function, Value* base, size_t count,
                           Tuple* names);
// f(*w[7], **w[8]) of a Python function with an exact tuple or list, and dict: the arguments are
// spread and bound from w[7] on, above the frame's registers, and are the callee's: what only the
// call held dies with its parameters. no_room: nothing was done. raised: only w[0] is left.
enum class Spread : uint8_t { bound, no_room, raised };
Spread op_spread_call(Thread& thread, Value* window, bool with_keywords);
// callable(*w[7], **w[8]) for whatever callable it is.
Value op_call_ex(Thread& thread, Value* window, bool with_keywords);
Value op_make_function(Thread& thread, Value* base, Any code, Value* parts, unsigned flags);
// Calls what is no plain Python function: w[0] and w[6] (or empty) and count arguments from w[7];
// borrows all.
Value op_call_other(Thread& thread, Value* window, size_t count, Tuple* names);
// A native function with fewer arguments than it has parameters, the others having defaults.
Value op_call_with_defaults(Thread& thread, NativeInfo& info, Value self, const Value* items,
                            size_t given);
inline bool takes_defaults(const NativeInfo& info, size_t given) {
  return given - info.required < size_t{info.exact} - info.required;
}
// type(...) for a class made by C++ whose metaclass is type.
Value op_call_native_type(Thread& thread, Type* type, const Arguments& arguments);

// ops_exception.cpp
void op_raise(Thread& thread, Value exception, Value cause, unsigned count);
int op_exception_matches(Thread& thread, Any exception, Any type);  // -1: raised
bool op_exception_group_match(Thread& thread, Value* matched, Any exception, Any type);
Value op_prep_reraise_star(Thread& thread, Any original, Any raised);

// ops_iter.cpp
Value op_get_aiter(Thread& thread, Any value);
Value op_get_anext(Thread& thread, Any aiter);
Value op_get_awaitable(Thread& thread, Any value, unsigned context);
Value op_get_yield_from_iter(Thread& thread, Any value, bool in_coroutine);
// One step of iter.send(value): the item, or kExhausted with the return value in *returned; empty:
// raised.
Value op_send(Thread& thread, Any iter, Any value, Value* returned);
// StopIteration in exception: its value; anything else: empty, raised again.
Value op_cleanup_throw(Thread& thread, Any exception);
bool op_end_async_for(Thread& thread, Any exception);
Value op_async_gen_wrap(Thread& thread, Any value);

// ops_import.cpp
Value op_import_name(Thread& thread, Value* base, Str* name, Any level, Any from_list);
Value op_import_from(Thread& thread, Any module, Str* name);
bool op_import_star(Thread& thread, Value* base, Any module);

// ops_match.cpp
Value op_match_keys(Thread& thread, Any subject, Any keys);
Value op_match_class(Thread& thread, Any subject, Any cls, Any names, size_t positional);

// ops_intrinsic.cpp
Value op_intrinsic_1(Thread& thread, Value* base, unsigned which, Any value);
Value op_intrinsic_2(Thread& thread, unsigned which, Any left, Any right);

// unwind.cpp
// An exception is pending at ip of the frame. Adds the traceback entry, finds a handler, releases
// temporaries. The handler's first instruction, or null: the frame has to be left (frame_leave).
const dpb::Instruction* unwind(Thread& thread, Value* base, Code* code, const dpb::Instruction* ip);
// Releases a frame's registers, object and function. The caller restores ctx->frame and depth.
void frame_leave(Thread& thread, Value* base, Code* code);
void generator_finish(Thread& thread, Generator* generator);  // running -> done, links undone
// Drops a reference to a generator or coroutine that has just run to its end. Mostly it is the last
// one: then nothing is left in it but its function.
void generator_ended(Thread& thread, Value iterator);
// Before a generator yields to one that waits for it: puts it into a chain (objects/generator.h).
// False: it cannot be in one, nor is its caller.
bool chain_extend(Thread& thread, Generator* innermost);
// The YIELD_VALUE of `yield from` and await (it says `from` and moves the value).
inline bool delegates(const dpb::Instruction* ip) {
  return ip->op == static_cast<uint8_t>(dpb::Op::YIELD_VALUE) &&
         (ip->aux & (dpb::kFlag | dpb::kKillB)) == (dpb::kFlag | dpb::kKillB);
}
// A SEND whose item the next instruction yields at once.
inline bool hands_on(const dpb::Instruction* ip) {
  return static_cast<dpb::Op>(ip->op) == dpb::Op::SEND && delegates(ip + 1) && ip[1].b == ip->a;
}
// Takes the exception out of the chain of contexts that begins at handled, where it would close a
// circle.
void cut_context_chain(Thread& thread, Value handled, Value exception);
// Sets the context of a freshly raised exception from the handled one.
void set_exception_context(Thread& thread, Any exception);

// generator_create.cpp
Value generator_from_frame(Thread& thread, Value* base, Code* code, const dpb::Instruction* ip);

// loop.cpp
Value run(Thread& thread, Value* base, const dpb::Instruction* ip, bool throwing);
Value interpreter_call(Thread& thread, Function* function, Value* arguments, size_t count,
                       Tuple* names);
// Runs code with these namespaces, as exec() and module bodies do. globals must hold __builtins__
// already.
AnyResult run_code(Thread& thread, Borrowed<Code> code, Borrowed<Dict> globals, Any locals,
                   MaybeAny closure = MaybeAny());
void interpreter_initialize();  // fills object_hooks
void loop_initialize();         // after the types are there
void loop_observed_initialize();

}  // namespace dx
