#pragma once
// Small things that every container type needs.

#include "memory/heap.h"
#include "objects/protocol.h"
#include "objects/str.h"

namespace dx {

// Leaves the repr guard at the end of the scope. Requires: repr_enter said false.
class ReprScope {
 public:
  ReprScope(Thread& thread, Object* object) : thread_(thread), object_(object) {}
  ~ReprScope() { repr_leave(thread_, object_); }
  ReprScope(const ReprScope&) = delete;

 private:
  Thread& thread_;
  Object* object_;
};

// Whether type(object) has __iter__ or the old __getitem__ protocol. No Python.
// o[0], o[1], ... are its items: what iter() and reversed() fall back on. So it is with each class
// of Python's that has a __getitem__; of the native types those without a length only look things
// up (a match's groups, a union's parameters).
inline bool has_sequence_items(Any object) {
  Type* type = type_of(object);
  return type->slot<SlotId::getitem>() && !has_layout(object, kShapeDict) &&
         (type->has_flag(kTypeHeap) || type->slot<SlotId::len>());
}
inline bool has_iter(Any object) {
  return type_of(object)->slot<SlotId::iter>() || has_sequence_items(object);
}

// Adds a note (PEP 678) to the pending exception; each `{}` is the next argument.
void add_pending_note(Thread& thread, const char* format, Word number);
void add_pending_note(Thread& thread, const char* format,
                      std::initializer_list<FormatArgument> arguments);

// Visits the named fields: trace_fields<Zip, &Zip::function, &Zip::iterators> is a Layout's trace.
template <class T, auto... fields>
void trace_fields(Object* object, SlotVisitor& visitor) {
  (visitor(static_cast<T*>(object)->*fields), ...);
}

// Whether a __new__ without keywords has to refuse them: nobody's __init__ takes them.
bool must_refuse_keywords(Borrowed<Type> type);
// Arguments of a __new__ that takes exactly `count` of them by position; keywords are left to a
// subclass's __init__.
Result<void> expect_positional_new(Thread& thread, const char* name, const Arguments& arguments,
                                   size_t count, Borrowed<Type> type);
// Arguments of a function that takes exactly `count` of them by position.
Result<void> expect_positional(Thread& thread, const char* name, const Arguments& arguments,
                               size_t count);

// Counted values copied out of a container at one moment. Dropped with the run, unless take_all()
// handed them on.
class ValueRun {
 public:
  explicit ValueRun(Thread& thread) : thread_(thread) {}
  ~ValueRun() {
    for (size_t i = count; i-- > 0;) decref(thread_, items[i]);
    if (items) free_buffer(thread_, items);
  }
  ValueRun(const ValueRun&) = delete;
  // Requires: empty. False: memory is short.
  [[nodiscard]] bool reserve(size_t room) {
    if (items) free_buffer(thread_, items);
    items = room <= SIZE_MAX / sizeof(Value)
                ? static_cast<Value*>(allocate_buffer(thread_, (room + 1) * sizeof(Value)))
                : nullptr;
    return items != nullptr;
  }
  void add(Value owned) { items[count++] = owned; }
  void take_all() { count = 0; }

  Value* items = nullptr;
  size_t count = 0;

 private:
  Thread& thread_;
};

// All items of an exact dict, dict view, set or frozenset as they were at one moment, in the order
// of iteration, without its iterator: other threads may be changing it. False: it is none of these,
// nothing was done.
Result<bool> snapshot_items(Thread& thread, Any container, ValueRun& run);

// How two lengths (or other numbers) compare.
inline bool order_holds(Word left, Word right, CompareOp op) {
  switch (op) {
    case CompareOp::lt: return left < right;
    case CompareOp::le: return left <= right;
    case CompareOp::eq: return left == right;
    case CompareOp::ne: return left != right;
    case CompareOp::gt: return left > right;
    case CompareOp::ge: return left >= right;
  }
  return false;
}

// Sequences' + and * come last in CPython, after the right operand's own __radd__ or __rmul__: its
// answer, or NotImplemented when it has none. What another builtin sequence would say does not
// count: it comes last too.
template <SlotId reflected>
AnyResult try_reflected(Thread& thread, Any self, Any other) {
  auto function = type_of(other)->slot<reflected>();
  if (!function || type_of(self) == type_of(other)) return AnyRef::adopt(kNotImplemented);
  Type* native = type_of(other);
  while (!native->spec) native = native->base;
  if (native->slot<reflected>() == function && native->slot<SlotId::getitem>())
    return AnyRef::adopt(kNotImplemented);
  return function(thread, other, self);
}

// The n of sequence * n: OverflowError when it does not fit an index, as CPython words it.
Result<Word> repeat_count(Thread& thread, Any count);

// __index__ of any object as an exact int (True becomes 1).
AnyResult exact_index(Thread& thread, Any object);

inline AnyResult not_implemented() { return AnyRef::adopt(kNotImplemented); }
inline AnyResult truth(bool value) { return AnyRef::adopt(bool_value(value)); }

}  // namespace dx
