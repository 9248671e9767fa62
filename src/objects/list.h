#pragma once
// list: one buffer word. The buffer's header has length, capacity and strategy, so that a reader without a lock never
// pairs them wrongly: it takes the length from the buffer it reads.
//
// Append writes the element, then the length with release. Growing replaces the buffer with release and retires the old
// one. A strategy never changes in place (a new buffer is made). Strategies: int64 (63-bit immediates only), float64 (no
// NaN), value.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

enum class ListStrategy : uint8_t { value, int64, float64 };

struct ListBuffer {
  std::atomic<Word> length;
  Word capacity;
  ListStrategy strategy;
  Slot* values() { return reinterpret_cast<Slot*>(this + 1); }
};

struct List : Object {
  std::atomic<ListBuffer*> buffer;  // never null once created (a shared empty buffer has capacity 0)
};
template <>
struct TypeCheck<List> {
  static bool check(Value value) { return has_layout(value, kShapeList); }
  static constexpr const char* name = "list";
};
inline bool is_list(Value value) { return has_layout(value, kShapeList); }

Result<Ref<List>> list_create(Thread& thread, size_t capacity = 0);
Result<Ref<List>> list_from(Thread& thread, const Value* items, size_t count);   // items are shared
Result<Ref<List>> list_adopt(Thread& thread, Value* items, size_t count);        // items are moved in, also on error (dropped)
Word list_length(Borrowed<List> self);
Maybe<Ref<Object>> list_item(Thread& thread, Borrowed<List> self, Word index);   // empty: out of range (index >= 0 only)
Result<void> list_append(Thread& thread, Borrowed<List> self, AnyRef item);
Result<void> list_extend(Thread& thread, Borrowed<List> self, Any iterable);
Result<void> list_insert(Thread& thread, Borrowed<List> self, Word index, AnyRef item);
Result<void> list_set(Thread& thread, Borrowed<List> self, Word index, AnyRef item);  // IndexError
Result<void> list_sort(Thread& thread, Borrowed<List> self, Any key, bool reverse);   // key: kNone for none
Result<Ref<List>> list_slice(Thread& thread, Borrowed<List> self, Word start, Word stop);
Result<Ref<Tuple>> list_to_tuple(Thread& thread, Borrowed<List> self);

}  // namespace dx
