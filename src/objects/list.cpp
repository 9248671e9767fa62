// The storage of list: buffers, growth, insertion and removal. The type's Python face is in
// list_type.cpp, sorting in list_sort.cpp, iterators in list_iter.cpp.
//
// Invariants: words [0, length) of a buffer are items; a buffer's strategy holds for all of them.
// Items leave the buffer under the lock and are dropped after it.

#include "objects/list.h"

#include <cstring>

#include "memory/byte_lock.h"
#include "objects/container_support.h"
#include "objects/generator.h"
#include "objects/tuple.h"

namespace dx {
namespace {

constexpr Word kMaxLength = (Word{1} << 55) - 1;

inline ListStrategy strategy_of(Value item) {
  return item.is_int()     ? ListStrategy::int64
         : item.is_float() ? ListStrategy::float64
                           : ListStrategy::value;
}

// Room for a list that grew to `length`: about an eighth more, as CPython's, so that appending
// stays linear.
inline Word grown(Word length) { return (length + (length >> 3) + 6) & ~Word{3}; }

inline ListBuffer* buffer_of(Borrowed<List> self) {
  return self->buffer.load(std::memory_order_relaxed);
}
inline Word length_of(ListBuffer* buffer) { return buffer->length.load(std::memory_order_relaxed); }

// Puts a buffer of this capacity and strategy in place, items moved over. Null: memory is short.
// Requires: the lock.
ListBuffer* replace_buffer(Thread& thread, Borrowed<List> self, Word capacity,
                           ListStrategy strategy) {
  ListBuffer* old = buffer_of(self);
  ListBuffer* fresh = list_buffer_create(thread, capacity, strategy);
  if (!fresh) return nullptr;
  Word length = length_of(old);
  std::memcpy(static_cast<void*>(fresh->values()), old->values(),
              static_cast<size_t>(length) * sizeof(Slot));
  fresh->length.store(length, std::memory_order_relaxed);
  self->buffer.store(fresh, std::memory_order_release);
  list_buffer_release(thread, self.get(), old);
  return fresh;
}

// The buffer, fit to take `more` items of this kind. Null: memory is short. Requires: the lock.
ListBuffer* make_room(Thread& thread, Borrowed<List> self, Word more, ListStrategy strategy) {
  ListBuffer* buffer = buffer_of(self);
  Word length = length_of(buffer);
  if (length > 0 && buffer->strategy != strategy) strategy = ListStrategy::value;
  bool fits = length + more <= buffer->capacity;
  if (__builtin_expect(
          fits && (buffer->strategy == strategy || buffer->strategy == ListStrategy::value), 1)) {
    // An empty buffer of strategy value may hold anything already; it keeps its strategy.
    return buffer;
  }
  if (more > kMaxLength - length) return nullptr;
  ListBuffer* fresh =
      replace_buffer(thread, self, fits ? buffer->capacity : grown(length + more), strategy);
  if (fresh)
    fresh->capacity =
        static_cast<Word>((buffer_capacity(fresh) - sizeof(ListBuffer)) / sizeof(Slot));
  return fresh;
}

// Gives memory back when less than half of the buffer is in use. Requires: the lock.
void maybe_shrink(Thread& thread, Borrowed<List> self) {
  ListBuffer* buffer = buffer_of(self);
  Word length = length_of(buffer);
  if (buffer->capacity <= 16 || length >= buffer->capacity / 2) return;
  if (length > 0)
    (void)replace_buffer(thread, self, grown(length),
                         buffer->strategy);  // without memory: stays large
}

// Items taken out of a list under its lock, to be dropped after it.
class DropBag {
 public:
  enum class Order : uint8_t { first_put_first, last_put_first };
  explicit DropBag(Thread& thread, Order order = Order::first_put_first)
      : thread_(thread), order_(order) {}
  ~DropBag() {
    for (Word i = 0; i < count_; ++i)
      decref(thread_, items_[order_ == Order::first_put_first ? i : count_ - 1 - i]);
    if (items_ != small_) free_buffer(thread_, items_);
  }
  DropBag(const DropBag&) = delete;
  [[nodiscard]] bool reserve(Word count) {
    if (count <= kSmall) return true;
    Value* items =
        static_cast<Value*>(allocate_buffer(thread_, static_cast<size_t>(count) * sizeof(Value)));
    if (!items) return false;
    items_ = items;
    return true;
  }
  void put(Value item) { items_[count_++] = item; }

 private:
  static constexpr Word kSmall = 32;
  Thread& thread_;
  Order order_;
  Word count_ = 0;
  Value small_[kSmall];
  Value* items_ = small_;
};

}  // namespace

// ---- buffers ------------------------------------------------------------------------------------

static constinit ListBuffer empty_buffer{0, 0, ListStrategy::value};

ListBuffer* list_empty_buffer() { return &empty_buffer; }

ListBuffer* list_buffer_create(Thread& thread, Word capacity, ListStrategy strategy) {
  if (capacity > kMaxLength) return nullptr;
  void* memory =
      allocate_buffer(thread, sizeof(ListBuffer) + static_cast<size_t>(capacity) * sizeof(Slot));
  if (!memory) return nullptr;
  ListBuffer* buffer = static_cast<ListBuffer*>(memory);
  buffer->length.store(0, std::memory_order_relaxed);
  buffer->capacity = capacity;
  buffer->strategy = strategy;
  return buffer;
}

void list_buffer_release(Thread& thread, const Object* list, ListBuffer* buffer) {
  if (buffer == &empty_buffer) return;
  if (is_mine(thread, list))
    free_buffer(thread, buffer);
  else
    retire_buffer(thread, buffer);
}

ListStrategy list_strategy_of(const Value* items, size_t count) {
  if (count == 0) return ListStrategy::value;
  ListStrategy strategy = strategy_of(items[0]);
  for (size_t i = 1; i < count && strategy != ListStrategy::value; ++i) {
    if (strategy_of(items[i]) != strategy) return ListStrategy::value;
  }
  return strategy;
}

// ---- construction -------------------------------------------------------------------------------

Result<Ref<List>> list_create(Thread& thread, size_t capacity) {
  Object* object = allocate_object(thread, sizeof(List), SHAPE(list), PageKind::traced);
  if (!object) return raise_memory_error(thread);
  List* self = static_cast<List*>(object);
  self->buffer.store(&empty_buffer, std::memory_order_relaxed);
  Ref<List> made = Ref<List>::adopt(self);
  if (capacity) {
    if (capacity > static_cast<size_t>(kMaxLength)) return raise_memory_error(thread);
    ListBuffer* buffer =
        list_buffer_create(thread, static_cast<Word>(capacity), ListStrategy::value);
    if (!buffer) return raise_memory_error(thread);
    self->buffer.store(buffer, std::memory_order_release);
  }
  return made;
}

// A list of `count` words that are counted for it already.
static Result<Ref<List>> list_of_owned(Thread& thread, const Value* items, size_t count,
                                       ListStrategy strategy) {
  Object* object = allocate_object(thread, sizeof(List), SHAPE(list), PageKind::traced);
  ListBuffer* buffer = &empty_buffer;
  if (object && count) buffer = list_buffer_create(thread, static_cast<Word>(count), strategy);
  if (!object || !buffer) {
    if (object) {
      static_cast<List*>(object)->buffer.store(&empty_buffer, std::memory_order_relaxed);
      decref(thread, object);
    }
    for (size_t i = 0; i < count; ++i) decref(thread, items[i]);
    return raise_memory_error(thread);
  }
  List* self = static_cast<List*>(object);
  if (count) std::memcpy(static_cast<void*>(buffer->values()), items, count * sizeof(Slot));
  if (count) buffer->length.store(static_cast<Word>(count), std::memory_order_relaxed);
  self->buffer.store(buffer, std::memory_order_release);
  return Ref<List>::adopt(self);
}

Result<Ref<List>> list_from(Thread& thread, const Value* items, size_t count) {
  for (size_t i = 0; i < count; ++i) incref(thread, items[i]);
  return list_of_owned(thread, items, count, list_strategy_of(items, count));
}

Result<Ref<List>> list_adopt(Thread& thread, Value* items, size_t count) {
  return list_of_owned(thread, items, count, list_strategy_of(items, count));
}

// ---- one item -----------------------------------------------------------------------------------

// A list of this thread's own whose buffer is full and takes the item: a larger buffer, and the
// item in it. False: nothing was done.
static inline bool grow_and_append(Thread& thread, List* self, ListBuffer* old, Value item) {
  const Word length = length_of(old);
  const Word capacity = grown(length + 1);
  if (length >= kMaxLength / 2) return false;
  auto* fresh = static_cast<ListBuffer*>(
      allocate_buffer(thread, sizeof(ListBuffer) + static_cast<size_t>(capacity) * sizeof(Slot)));
  if (!fresh) return false;
  const ListStrategy strategy = length ? old->strategy : strategy_of(item);
  Value* to = reinterpret_cast<Value*>(fresh->values());
  std::memcpy(static_cast<void*>(to), old->values(), static_cast<size_t>(length) * sizeof(Slot));
  to[length] = item;
  fresh->capacity = static_cast<Word>((buffer_capacity(fresh) - sizeof(ListBuffer)) / sizeof(Slot));
  fresh->strategy = strategy;
  fresh->length.store(length + 1, std::memory_order_relaxed);
  self->buffer.store(fresh, std::memory_order_release);
  if (old != &empty_buffer) free_buffer(thread, old);
  return true;
}

Result<void> list_append_slow(Thread& thread, Borrowed<List> self, AnyRef item) {
  if (__builtin_expect(is_mine(thread, self.get()), 1)) {
    ListBuffer* full = buffer_of(self);
    if (length_of(full) == full->capacity &&
        (full->capacity == 0 || list_takes(full, item.value())) &&
        grow_and_append(thread, self.get(), full, item.value())) {
      (void)item.release();
      return {};
    }
  }
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = buffer_of(self);
  Word length = length_of(buffer);
  ListStrategy strategy = strategy_of(item.value());
  if (__builtin_expect(length == buffer->capacity || (buffer->strategy != strategy &&
                                                      buffer->strategy != ListStrategy::value),
                       0)) {
    buffer = make_room(thread, self, 1, strategy);
    if (!buffer) {
      lock.unlock();
      return raise_memory_error(thread);
    }
  }
  publish_into(thread, self.get(), item.value());
  slot_init(self.get(), buffer->values()[length], std::move(item));
  buffer->length.store(length + 1, std::memory_order_release);
  return {};
}

Result<void> list_insert(Thread& thread, Borrowed<List> self, Word index, AnyRef item) {
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = make_room(thread, self, 1, strategy_of(item.value()));
  if (!buffer) {
    lock.unlock();
    return raise_memory_error(thread);
  }
  Word length = length_of(buffer);
  if (index < 0) index += length;
  if (index < 0) index = 0;
  if (index > length) index = length;
  Slot* slots = buffer->values();
  range_move(self.get(), slots + index + 1, slots + index, static_cast<size_t>(length - index));
  publish_into(thread, self.get(), item.value());
  slots[index].word().store(item.release().bits, std::memory_order_release);
  buffer->length.store(length + 1, std::memory_order_release);
  return {};
}

Result<void> list_set(Thread& thread, Borrowed<List> self, Word index, AnyRef item) {
  Value old;
  {
    ObjectLock lock(thread, self.get());
    ListBuffer* buffer = buffer_of(self);
    if (index < 0) index += length_of(buffer);
    if (index < 0 || index >= length_of(buffer)) {
      lock.unlock();
      return raise<IndexError>(thread, "list assignment index out of range");
    }
    if (__builtin_expect(buffer->strategy != ListStrategy::value &&
                             buffer->strategy != strategy_of(item.value()),
                         0)) {
      buffer = replace_buffer(thread, self, buffer->capacity, ListStrategy::value);
      if (!buffer) {
        lock.unlock();
        return raise_memory_error(thread);
      }
    }
    old = slot_exchange(thread, self.get(), buffer->values()[index], item.release());
  }
  decref(thread, old);
  return {};
}

Maybe<Ref<Object>> list_pop_at(Thread& thread, Borrowed<List> self, Word index) {
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = buffer_of(self);
  Word length = length_of(buffer);
  if (index < 0) index += length;
  if (index < 0 || index >= length) return {};
  Slot* slots = buffer->values();
  Value item = slots[index].raw_relaxed();
  if (index + 1 < length) {
    range_move(self.get(), slots + index, slots + index + 1,
               static_cast<size_t>(length - index - 1));
  }
  buffer->length.store(length - 1, std::memory_order_release);
  slots[length - 1].word().store(0, std::memory_order_release);
  if (length - 1 < buffer->capacity / 2) maybe_shrink(thread, self);
  return Maybe<Ref<Object>>::adopt(item);
}

bool list_remove_same(Thread& thread, Borrowed<List> self, Word index, Any item) {
  {
    ObjectLock lock(thread, self.get());
    ListBuffer* buffer = buffer_of(self);
    Word length = length_of(buffer);
    Slot* slots = buffer->values();
    if (index >= length || slots[index].raw_relaxed() != item.value()) return false;
    range_move(self.get(), slots + index, slots + index + 1,
               static_cast<size_t>(length - index - 1));
    buffer->length.store(length - 1, std::memory_order_release);
    slots[length - 1].word().store(0, std::memory_order_release);
    if (length - 1 < buffer->capacity / 2) maybe_shrink(thread, self);
  }
  decref(thread, item.value());  // the list's count; the caller has one of its own
  return true;
}

// ---- many items ---------------------------------------------------------------------------------

// Counted copies of words [start, start + count) of a list; fewer when it shrank. The lock keeps
// them in place.
static Word copy_items(Thread& thread, Borrowed<List> from, Word start, Word count, Value* to,
                       ListStrategy* strategy) {
  ObjectLock lock(thread, from.get());
  ListBuffer* buffer = buffer_of(from);
  Word length = length_of(buffer);
  if (start + count > length) count = length > start ? length - start : 0;
  Slot* slots = buffer->values() + start;
  std::memcpy(static_cast<void*>(to), static_cast<const void*>(slots),
              static_cast<size_t>(count) * sizeof(Value));
  if (buffer->strategy == ListStrategy::value) {
    for (Word i = 0; i < count; ++i) incref(thread, to[i]);
  }
  *strategy = buffer->strategy;
  return count;
}

Result<Ref<List>> list_slice(Thread& thread, Borrowed<List> self, Word start, Word stop) {
  if (start < 0) start = 0;
  Word length = list_length(self);
  if (stop > length) stop = length;
  if (start >= stop) return list_create(thread);
  if (__builtin_expect(is_mine(thread, self.get()), 1)) {
    ListBuffer* from = buffer_of(self);
    size_t count = static_cast<size_t>(stop - start);
    Value* words = reinterpret_cast<Value*>(from->values()) + start;
    if (from->strategy == ListStrategy::value) {
      for (size_t i = 0; i < count; ++i) incref(thread, words[i]);
    }
    return list_of_owned(thread, words, count, from->strategy);
  }
  Ref<List> part = TRY(list_create(thread));
  ListBuffer* fresh = list_buffer_create(thread, stop - start, ListStrategy::value);
  if (!fresh) return raise_memory_error(thread);
  ListStrategy strategy;
  Word count = copy_items(thread, self, start, stop - start,
                          reinterpret_cast<Value*>(fresh->values()), &strategy);
  fresh->strategy = strategy;
  fresh->length.store(count, std::memory_order_relaxed);
  part->buffer.store(fresh, std::memory_order_release);
  return part;
}

// Moves a dying list's items to `to`, or copies another's, counted. Both of strategy value or not:
// only objects are counted.
static void hand_over(Thread& thread, Borrowed<List> from, bool dies, Slot* to) {
  ListBuffer* source = buffer_of(from);
  Word count = length_of(source);
  const Value* items = reinterpret_cast<const Value*>(source->values());
  std::memcpy(static_cast<void*>(to), items, static_cast<size_t>(count) * sizeof(Slot));
  if (dies) {
    from->buffer.store(&empty_buffer, std::memory_order_relaxed);
    if (source != &empty_buffer) free_buffer(thread, source);
  } else if (source->strategy == ListStrategy::value) {
    for (Word i = 0; i < count; ++i) incref(thread, items[i]);
  }
}

Result<Ref<List>> list_join(Thread& thread, Borrowed<List> left, bool left_dies,
                            Borrowed<List> right, bool right_dies) {
  left_dies = left_dies && strong_load(left.get()) == 1 && left.get() != right.get();
  right_dies = right_dies && strong_load(right.get()) == 1 && left.get() != right.get();
  ListBuffer* first = buffer_of(left);
  ListBuffer* second = buffer_of(right);
  const Word length = length_of(first), count = length_of(second);
  if (count > kMaxLength - length) return raise_memory_error(thread);
  const ListStrategy strategy = length == 0                           ? second->strategy
                                : count == 0                          ? first->strategy
                                : first->strategy == second->strategy ? first->strategy
                                                                      : ListStrategy::value;
  if (left_dies) {
    if (count > 0) {
      bool fits = length + count <= first->capacity &&
                  (first->strategy == strategy || first->strategy == ListStrategy::value);
      ListBuffer* room = fits ? first : replace_buffer(thread, left, length + count, strategy);
      if (!room) return raise_memory_error(thread);
      hand_over(thread, right, right_dies, room->values() + length);
      room->length.store(length + count, std::memory_order_release);
    }
    return Ref<List>::share(thread, left);
  }
  Ref<List> joined = TRY(list_create(thread));
  if (length + count == 0) return joined;
  ListBuffer* fresh = list_buffer_create(thread, length + count, strategy);
  if (!fresh) return raise_memory_error(thread);
  hand_over(thread, left, false, fresh->values());
  hand_over(thread, right, right_dies, fresh->values() + length);
  fresh->length.store(length + count, std::memory_order_relaxed);
  joined->buffer.store(fresh, std::memory_order_release);
  return joined;
}

bool list_trade(Thread& thread, Borrowed<List> self, Borrowed<List> from) {
  if (!is_mine(thread, self.get()) || !is_mine(thread, from.get()) || self.get() == from.get() ||
      strong_load(from.get()) != 1)
    return false;
  ListBuffer* old = buffer_of(self);
  self->buffer.store(buffer_of(from), std::memory_order_relaxed);
  from->buffer.store(old, std::memory_order_relaxed);
  return true;
}

Result<Ref<Tuple>> list_to_tuple(Thread& thread, Borrowed<List> self) {
  for (;;) {
    Word length = list_length(self);
    if (length == 0) return Ref<Tuple>::adopt(tuple_empty());
    Ref<Tuple> made = TRY(tuple_create(thread, static_cast<size_t>(length)));
    ObjectLock lock(thread, self.get());
    ListBuffer* buffer = buffer_of(self);
    if (length_of(buffer) != length) continue;  // another thread changed it between the two looks
    const Value* items = reinterpret_cast<const Value*>(buffer->values());
    if (buffer->strategy == ListStrategy::value) {
      for (Word i = 0; i < length; ++i) incref(thread, items[i]);
    }
    std::memcpy(static_cast<void*>(made->items()), items,
                static_cast<size_t>(length) * sizeof(Slot));
    return made;
  }
}

// Before many items are put into a list.
static void publish_run(Thread& thread, Borrowed<List> self, const Value* items, Word count) {
  if (__builtin_expect(is_mine(thread, self.get()), 1)) return;
  for (Word i = 0; i < count; ++i) publish(thread, items[i]);
}

// Adds `count` words that are counted for the list already. Requires: the lock. False: memory is
// short.
static bool append_owned(Thread& thread, Borrowed<List> self, const Value* items, Word count,
                         ListStrategy strategy) {
  ListBuffer* buffer = make_room(thread, self, count, strategy);
  if (!buffer) return false;
  Word length = length_of(buffer);
  publish_run(thread, self, items, count);
  std::memcpy(static_cast<void*>(buffer->values() + length), items,
              static_cast<size_t>(count) * sizeof(Slot));
  buffer->length.store(length + count, std::memory_order_release);
  return true;
}

static Result<void> extend_by_values(Thread& thread, Borrowed<List> self, const Value* items,
                                     Word count) {
  for (Word i = 0; i < count; ++i) incref(thread, items[i]);
  if (count == 0) return {};
  bool done;
  {
    ObjectLock lock(thread, self.get());
    done = append_owned(thread, self, items, count,
                        list_strategy_of(items, static_cast<size_t>(count)));
  }
  if (done) return {};
  for (Word i = 0; i < count; ++i) decref(thread, items[i]);
  return raise_memory_error(thread);
}

static Result<void> extend_by_list(Thread& thread, Borrowed<List> self, Borrowed<List> other) {
  if (is_mine(thread, self.get()) && is_mine(thread, other.get())) {
    ListBuffer* source = buffer_of(other);
    Word count = length_of(source);
    if (count == 0) return {};
    ListStrategy strategy = source->strategy;
    ListBuffer* buffer = make_room(thread, self, count, strategy);
    if (!buffer) return raise_memory_error(thread);
    source = buffer_of(other);  // other may be self
    Word length = length_of(buffer);
    const Value* items = reinterpret_cast<const Value*>(source->values());
    if (strategy == ListStrategy::value) {
      for (Word i = 0; i < count; ++i) incref(thread, items[i]);
    }
    std::memcpy(static_cast<void*>(buffer->values() + length), items,
                static_cast<size_t>(count) * sizeof(Slot));
    buffer->length.store(length + count, std::memory_order_release);
    return {};
  }
  Ref<Tuple> items = TRY(list_to_tuple(thread, other));
  return extend_by_values(thread, self, reinterpret_cast<const Value*>(items->items()),
                          items->size);
}

// Appends what fits as it is.
struct AppendSink : ItemSink {
  List* list;
  explicit AppendSink(Borrowed<List> self) : ItemSink{&append}, list(self.get()) {}
  static bool append(ItemSink& sink, Thread& thread, Value item) {
    List* self = static_cast<AppendSink&>(sink).list;
    ListBuffer* buffer = buffer_of(self);
    Word length = length_of(buffer);
    if (length == buffer->capacity || !is_mine(thread, self)) return false;
    if (length == 0) buffer->strategy = strategy_of(item);  // of what no item is in yet
    if (buffer->strategy != ListStrategy::value && buffer->strategy != strategy_of(item))
      return false;
    slot_init(self, buffer->values()[length], item);
    buffer->length.store(length + 1, std::memory_order_release);
    return true;
  }
};

Result<void> list_extend(Thread& thread, Borrowed<List> self, Any iterable) {
  if (is_exact(iterable, SHAPE(list)))
    return extend_by_list(thread, self, Borrowed<List>(iterable.value()));
  if (is_exact(iterable, SHAPE(tuple))) {
    Borrowed<Tuple> items(iterable.value());
    return extend_by_values(thread, self, reinterpret_cast<const Value*>(items->items()),
                            items->size);
  }
  ValueRun run(thread);
  if (TRY(snapshot_items(thread, iterable, run))) {
    if (run.count == 0) return {};
    ObjectLock lock(thread, self.get());
    if (!append_owned(thread, self, run.items, static_cast<Word>(run.count),
                      list_strategy_of(run.items, run.count))) {
      lock.unlock();
      return raise_memory_error(thread);
    }
    run.take_all();
    return {};
  }
  AnyRef iterator = TRY(get_iter(thread, iterable));
  const bool generates = is_exact(iterator.value(), SHAPE(generator));
  Word hint = generates ? 8 : TRY(length_hint(thread, iterable, 8));
  // A hint that no list can follow is taken for wrong, as in CPython; for one that only no machine
  // has room for, list(range(10**18)) says so at once.
  if (hint > INT64_MAX - list_length(self)) hint = 0;
  if (hint >= (Word{1} << 40)) return raise_memory_error(thread);
  {
    ObjectLock lock(thread, self.get());
    ListBuffer* buffer = buffer_of(self);
    Word length = length_of(buffer);
    if (hint > buffer->capacity - length &&
        !replace_buffer(thread, self, length + hint,
                        length ? buffer->strategy : ListStrategy::value)) {
      lock.unlock();
      return raise_memory_error(thread);
    }
  }
  // The first item settles the strategy of what was allocated by the hint.
  ListBuffer* hinted = buffer_of(self);
  bool first = is_mine(thread, self.get()) && hinted != &empty_buffer && length_of(hinted) == 0;
  auto next = type_of(iterator.value())->slot<SlotId::next>();
  AppendSink sink(self);
  for (;;) {
    Step step = generates ? generator_drain(thread, Borrowed<Generator>(iterator.value()), sink)
                : next    ? next(thread, iterator)
                          : iter_next(thread, iterator);
    if (step.raised()) {
      if (!pending_is<StopIteration>(thread)) return Raised{};
      clear_exception(thread);
      break;
    }
    if (step.is_done()) break;
    AnyRef item = step.take();
    if (first) {
      first = false;
      ListBuffer* buffer = buffer_of(self);
      if (buffer == hinted && length_of(buffer) == 0) buffer->strategy = strategy_of(item.value());
    }
    TRY(list_append(thread, self, std::move(item)));
  }
  ObjectLock lock(thread, self.get());
  maybe_shrink(thread, self);
  return {};
}

Result<void> list_delete_range(Thread& thread, Borrowed<List> self, Word start, Word stop) {
  DropBag bag(thread, DropBag::Order::last_put_first);
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = buffer_of(self);
  Word length = length_of(buffer);
  if (start < 0) start = 0;
  if (stop > length) stop = length;
  if (start >= stop) return {};
  Word count = stop - start;
  if (!bag.reserve(count)) {
    lock.unlock();
    return raise_memory_error(thread);
  }
  Slot* slots = buffer->values();
  for (Word i = start; i < stop; ++i) bag.put(slots[i].raw_relaxed());
  range_move(self.get(), slots + start, slots + stop, static_cast<size_t>(length - stop));
  buffer->length.store(length - count, std::memory_order_release);
  for (Word i = length - count; i < length; ++i)
    slots[i].word().store(0, std::memory_order_release);
  maybe_shrink(thread, self);
  return {};
}

// Replaces items [start, stop) by words that are counted for the list already; they are dropped
// when it raises.
Result<void> list_splice(Thread& thread, Borrowed<List> self, Word start, Word stop,
                         const Value* items, Word count) {
  DropBag bag(thread, DropBag::Order::last_put_first);
  ObjectLock lock(thread, self.get());
  Word length = length_of(buffer_of(self));
  if (start < 0) start = 0;
  if (start > length) start = length;
  if (stop > length) stop = length;
  if (stop < start) stop = start;
  Word removed = stop - start, more = count - removed;
  bool room = bag.reserve(removed);
  ListBuffer* buffer = nullptr;
  if (room) {
    ListStrategy strategy =
        count ? list_strategy_of(items, static_cast<size_t>(count)) : buffer_of(self)->strategy;
    buffer = make_room(thread, self, more > 0 ? more : 0, strategy);
  }
  if (!buffer) {
    lock.unlock();
    for (Word i = 0; i < count; ++i) decref(thread, items[i]);
    return raise_memory_error(thread);
  }
  Slot* slots = buffer->values();
  for (Word i = start; i < stop; ++i) bag.put(slots[i].raw_relaxed());
  range_move(self.get(), slots + start + count, slots + stop, static_cast<size_t>(length - stop));
  publish_run(thread, self, items, count);
  for (Word i = 0; i < count; ++i)
    slots[start + i].word().store(items[i].bits, std::memory_order_release);
  buffer->length.store(length + more, std::memory_order_release);
  for (Word i = length + more; i < length; ++i) slots[i].word().store(0, std::memory_order_release);
  maybe_shrink(thread, self);
  return {};
}

bool list_replace_range(Thread& thread, Borrowed<List> self, Word start, Word stop,
                        Borrowed<List> from) {
  if (!is_mine(thread, self.get()) || !is_mine(thread, from.get()) || self.get() == from.get())
    return false;
  ListBuffer* buffer = buffer_of(self);
  ListBuffer* source = buffer_of(from);
  Word length = length_of(buffer), count = length_of(source);
  if (start < 0 || stop > length || stop - start != count) return false;
  if (buffer->strategy != source->strategy && buffer->strategy != ListStrategy::value) return false;
  Slot* to = buffer->values() + start;
  const Slot* items = source->values();
  if (buffer->strategy != ListStrategy::value) {
    for (Word i = 0; i < count; ++i) slot_init(self.get(), to[i], items[i].raw_relaxed());
    return true;
  }
  DropBag bag(thread, DropBag::Order::last_put_first);
  if (!bag.reserve(count)) return false;
  for (Word i = 0; i < count; ++i) {
    Value item = items[i].raw_relaxed();
    incref(thread, item);
    bag.put(to[i].raw_relaxed());
    slot_init(self.get(), to[i], item);
  }
  return true;
}

// Replaces every step-th item from start on (count of them), or removes them when `items` is null.
// Items are counted for the list already. The caller worked out start and count for `length`; -1:
// the list has another length by now.
Word list_splice_steps(Thread& thread, Borrowed<List> self, Word start, Word step, Word count,
                       Word length, const Value* items) {
  if (count == 0) return 0;
  DropBag bag(thread);
  if (!bag.reserve(count)) return -2;
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = buffer_of(self);
  if (length_of(buffer) != length) return -1;
  if (items) {
    ListStrategy strategy = list_strategy_of(items, static_cast<size_t>(count));
    if (buffer->strategy != ListStrategy::value && buffer->strategy != strategy) {
      buffer = replace_buffer(thread, self, buffer->capacity, ListStrategy::value);
      if (!buffer) return -2;
    }
    for (Word i = 0, at = start; i < count; ++i, at += step) {
      bag.put(slot_exchange(thread, self.get(), buffer->values()[at], items[i]));
    }
    return 0;
  }
  if (step < 0) {  // the same items from the front
    start += step * (count - 1);
    step = -step;
  }
  Slot* slots = buffer->values();
  Word to = start;
  for (Word at = start, gone = 0; at < length; ++at) {
    Value item = slots[at].raw_relaxed();
    if (gone < count && at == start + gone * step) {
      bag.put(item);
      ++gone;
    } else {
      slots[to++].word().store(item.bits, std::memory_order_release);
    }
  }
  buffer->length.store(to, std::memory_order_release);
  for (Word i = to; i < length; ++i) slots[i].word().store(0, std::memory_order_release);
  maybe_shrink(thread, self);
  return 0;
}

void list_clear(Thread& thread, Borrowed<List> self) {
  ListBuffer* old;
  bool mine;
  {
    ObjectLock lock(thread, self.get());
    old = buffer_of(self);
    if (old == &empty_buffer) return;
    mine = is_mine(thread, self.get());
    self->buffer.store(&empty_buffer, std::memory_order_release);
  }
  // From the end, as CPython does. The words stay: a racing reader fails to revive what dies here.
  for (Word i = length_of(old); i-- > 0;) decref(thread, old->values()[i].raw_relaxed());
  if (mine)
    free_buffer(thread, old);
  else
    retire_buffer(thread, old);
}

void list_reverse(Thread& thread, Borrowed<List> self) {
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = buffer_of(self);
  Slot* slots = buffer->values();
  for (Word low = 0, high = length_of(buffer) - 1; low < high; ++low, --high) {
    Value item = slots[low].raw_relaxed();
    slots[low].word().store(slots[high].raw_relaxed().bits, std::memory_order_release);
    slots[high].word().store(item.bits, std::memory_order_release);
  }
}

bool list_swap(Thread& thread, Borrowed<List> self, Word i, Word k) {
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = buffer_of(self);
  Word length = length_of(buffer);
  if (i < 0 || k < 0 || i >= length || k >= length) return false;
  Slot* slots = buffer->values();
  Value item = slots[i].raw_relaxed();
  slots[i].word().store(slots[k].raw_relaxed().bits, std::memory_order_release);
  slots[k].word().store(item.bits, std::memory_order_release);
  return true;
}

// ---- layout -------------------------------------------------------------------------------------

static void list_trace(Object* object, SlotVisitor& visitor) {
  ListBuffer* buffer = static_cast<List*>(object)->buffer.load(std::memory_order_acquire);
  if (!buffer || buffer->strategy != ListStrategy::value) return;
  Word length = buffer->length.load(std::memory_order_acquire);
  if (length == 0) return;
  visitor.range(buffer->values() + length - 1, -1, 1,
                static_cast<size_t>(length));  // the last item dies first, as in CPython
}

static void list_drop(Thread& thread, Object* object) {
  ListBuffer* buffer = static_cast<List*>(object)->buffer.load(std::memory_order_relaxed);
  if (!buffer || buffer->strategy != ListStrategy::value) return;
  Slot* items = buffer->values();
  for (Word i = buffer->length.load(std::memory_order_relaxed); i > 0; --i)
    slot_drop(thread, items[i - 1]);
}

static void list_destroy(Thread& thread, Object* object) {
  ListBuffer* buffer = static_cast<List*>(object)->buffer.load(std::memory_order_relaxed);
  if (buffer) list_buffer_release(thread, object, buffer);
}

extern const Layout list_layout;
const Layout list_layout{"list", sizeof(List), true, list_trace, list_destroy, nullptr, list_drop};

}  // namespace dx
