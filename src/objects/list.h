#pragma once
// list: one buffer word. The buffer's header has length, capacity and strategy, so that a reader
// without a lock never pairs them wrongly: it takes the length from the buffer it reads.
//
//   List   buffer ---> ListBuffer: length, capacity, strategy, then the items
//
// Every item is a Value, whatever the strategy; the strategy says what is known of all of them:
// int64 means small ints only, float64 immediate floats only (so no NaN), value anything. Kernels
// and compiled code that checked it read items without looking at them, and the collector skips
// such buffers. A strategy never changes in place: an item of another kind makes a new buffer.
//
// Append writes the item, then the length with release. Growing replaces the buffer with release
// and retires the old one. Removing lowers the length first, then empties what is behind it; a
// racing reader that still sees the old length finds an empty word there and takes it for out of
// range.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

enum class ListStrategy : uint8_t { value, int64, float64 };

struct ListBuffer {
  std::atomic<Word> length;
  Word capacity : 56;  // at most kMaxLength
  ListStrategy strategy : 8;
  Slot* values() { return reinterpret_cast<Slot*>(this + 1); }
};
static_assert(sizeof(ListBuffer) == 16);  // 100 items fit into a twentieth of a page

struct List : Object {
  std::atomic<ListBuffer*>
      buffer;  // never null once created (a shared empty buffer has capacity 0)
};
template <>
struct TypeCheck<List> {
  static bool check(Value value) { return has_layout(value, kShapeList); }
  static constexpr const char* name = "list";
};
inline bool is_list(Value value) { return has_layout(value, kShapeList); }

// Whether an item of this kind may be stored without a new buffer.
inline bool list_takes(const ListBuffer* buffer, Value item) {
  return buffer->strategy == ListStrategy::value ||
         (buffer->strategy == ListStrategy::int64 ? item.is_int() : item.is_float());
}

Result<Ref<List>> list_create(Thread& thread, size_t capacity = 0);
Result<Ref<List>> list_from(Thread& thread, const Value* items, size_t count);  // items are shared
Result<Ref<List>> list_adopt(Thread& thread, Value* items,
                             size_t count);  // items are moved in, also on error (dropped)
inline Word list_length(Borrowed<List> self) {
  return self->buffer.load(std::memory_order_acquire)->length.load(std::memory_order_acquire);
}
// Counted; empty: out of range (index >= 0 only).
inline Maybe<Ref<Object>> list_item(Thread& thread, Borrowed<List> self, Word index) {
  for (;;) {
    ListBuffer* buffer = self->buffer.load(std::memory_order_acquire);
    if (static_cast<uint64_t>(index) >=
        static_cast<uint64_t>(buffer->length.load(std::memory_order_acquire)))
      return {};
    Value item = buffer->values()[index].raw();
    if (!item.is_object()) return Maybe<Ref<Object>>::adopt(item);
    if (__builtin_expect(is_mine(thread, self.get()), 1)) {
      incref(thread, item.object());
      return Maybe<Ref<Object>>::adopt(item);
    }
    if (try_incref(thread, item.object())) return Maybe<Ref<Object>>::adopt(item);
  }
}
Result<void> list_append_slow(Thread& thread, Borrowed<List> self, AnyRef item);
// Appends what has room in a list of this thread's own, moving it; false: nothing was done.
inline bool list_append_quick(Thread& thread, List* self, Value item) {
  if (__builtin_expect(!is_mine(thread, self), 0))
    return false;  // another thread may be replacing the buffer
  ListBuffer* buffer = self->buffer.load(std::memory_order_relaxed);
  Word length = buffer->length.load(std::memory_order_relaxed);
  if (__builtin_expect(length == buffer->capacity || !list_takes(buffer, item), 0)) return false;
  slot_init(self, buffer->values()[length], item);
  buffer->length.store(length + 1, std::memory_order_release);
  return true;
}
inline Result<void> list_append(Thread& thread, Borrowed<List> self, AnyRef item) {
  if (list_append_quick(thread, self.get(), item.value())) {
    (void)item.release();
    return {};
  }
  return list_append_slow(thread, self, std::move(item));
}
Result<void> list_extend(Thread& thread, Borrowed<List> self, Any iterable);
Result<void> list_insert(Thread& thread, Borrowed<List> self, Word index, AnyRef item);
Result<void> list_set(Thread& thread, Borrowed<List> self, Word index, AnyRef item);  // IndexError
Maybe<Ref<Object>> list_pop_at(Thread& thread, Borrowed<List> self,
                               Word index);  // empty: out of range; below 0: from the end
// Removes item `index` if it still is `item`.
bool list_remove_same(Thread& thread, Borrowed<List> self, Word index, Any item);
Result<void> list_delete_range(Thread& thread, Borrowed<List> self, Word start,
                               Word stop);  // clamped
void list_clear(Thread& thread, Borrowed<List> self);
Result<void> list_sort(Thread& thread, Borrowed<List> self, Any key,
                       bool reverse);  // key: kNone for none
// self[start:stop] = from, when both are this thread's and nothing moves or changes its strategy;
// false: not done.
bool list_replace_range(Thread& thread, Borrowed<List> self, Word start, Word stop,
                        Borrowed<List> from);
// left + right. One that dies is held by nothing but the caller, who drops it next: unless it has
// another reference after all it gives its items away, and left is the result itself. Requires:
// both are this thread's.
Result<Ref<List>> list_join(Thread& thread, Borrowed<List> left, bool left_dies,
                            Borrowed<List> right, bool right_dies);
// self[:] = from, where `from` dies likewise: it takes self's items with it. False: not done.
bool list_trade(Thread& thread, Borrowed<List> self, Borrowed<List> from);
Result<bool> list_contains(Thread& thread, Borrowed<List> self, Any value);
bool list_swap(Thread& thread, Borrowed<List> self, Word i, Word k);  // false: out of range
void list_reverse(Thread& thread, Borrowed<List> self);
Result<Ref<List>> list_slice(Thread& thread, Borrowed<List> self, Word start, Word stop);
Result<Ref<Tuple>> list_to_tuple(Thread& thread, Borrowed<List> self);

// ---- for list*.cpp and code that works on whole buffers -----------------------------------------
ListBuffer* list_empty_buffer();
ListBuffer* list_buffer_create(Thread& thread, Word capacity,
                               ListStrategy strategy);  // length 0; null: memory is short
void list_buffer_release(Thread& thread, const Object* list,
                         ListBuffer* buffer);  // memory only; never the empty one
// What is known of all these items.
ListStrategy list_strategy_of(const Value* items, size_t count);

struct ListIterator : Object {  // list_iterator, list_reverseiterator
  Field<List> list;             // empty once exhausted
  Word index;                   // of the next item
};
extern TypeHandle list_iterator_type, list_reverseiterator_type;
AnyResult list_iter(Thread& thread, Borrowed<List> self);
AnyResult list_reversed(Thread& thread, Borrowed<List> self);

}  // namespace dx
