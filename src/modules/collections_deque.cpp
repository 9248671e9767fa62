// collections.deque: a ring of items in one buffer whose size is a power of two, so that both ends
// are one step away and indexing is direct (docs/internals/lists-and-sets.md). Every operation,
// reading too, takes the object's lock; nothing reads the buffer without it, so an outgrown buffer
// is freed at once. `changes` counts mutations: iterators and searches that ran Python compare it.

#include <atomic>
#include <cstring>

#include "memory/byte_lock.h"
#include "modules/collections.h"
#include "objects/bind.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/int.h"
#include "objects/item_loop.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle deque_type, deque_iterator_type, deque_reverse_iterator_type;

// A number that is written under the deque's lock and read, as a hint, without it.
template <class T>
class Peeked {
 public:
  operator T() const { return value_.load(std::memory_order_relaxed); }
  T operator=(T value) {
    value_.store(value, std::memory_order_relaxed);
    return value;
  }
  T operator++() { return *this = *this + 1; }
  T operator--() { return *this = *this - 1; }
  T operator+=(T more) { return *this = *this + more; }
  T operator-=(T less) { return *this = *this - less; }

 private:
  std::atomic<T> value_;
};

struct Deque : Object {
  Slot* ring;     // null: nothing was ever put in
  Word capacity;  // power of two, or 0
  Word head;      // position of the first item
  Peeked<Word> length;
  Word max_length;  // -1: unbounded
  Peeked<uint64_t> changes;

  Slot& at(Word index) { return ring[(head + index) & (capacity - 1)]; }
};
template <>
struct TypeCheck<Deque> {
  static bool check(Value value) { return is_subtype(type_of(value), deque_type); }
  static constexpr const char* name = "collections.deque";
};
static bool is_deque(Any value) { return TypeCheck<Deque>::check(value); }

// ---- the ring. All of these require the lock. ---------------------------------------------------

static bool deque_make_room(Thread& thread, Borrowed<Deque> self, Word more = 1) {
  if (self->length + more <= self->capacity) return true;
  Word capacity = self->capacity ? self->capacity * 2 : 16;
  while (capacity < self->length + more) capacity *= 2;
  Slot* ring =
      static_cast<Slot*>(allocate_buffer(thread, static_cast<size_t>(capacity) * sizeof(Slot)));
  if (!ring) return false;
  if (self->ring) {  // from the head to the ring's end, then what went round
    Word to_end = self->capacity - self->head;
    size_t behind = static_cast<size_t>(to_end < self->length ? to_end : self->length);
    size_t before = static_cast<size_t>(self->length) - behind;
    std::memcpy(static_cast<void*>(ring), static_cast<const void*>(self->ring + self->head),
                behind * sizeof(Slot));
    std::memcpy(static_cast<void*>(ring + behind), static_cast<const void*>(self->ring),
                before * sizeof(Slot));
    free_buffer(thread, self->ring);
  }
  self->ring = ring;
  self->capacity = capacity;
  self->head = 0;
  return true;
}

static void put_last(Borrowed<Deque> self, Value item) {
  slot_init(self.get(), self->at(self->length), item);
  ++self->length;
  ++self->changes;
}
static void put_first(Borrowed<Deque> self, Value item) {
  self->head = (self->head - 1) & (self->capacity - 1);
  slot_init(self.get(), self->at(0), item);
  ++self->length;
  ++self->changes;
}
static Value take_last(Borrowed<Deque> self) {
  Slot& slot = self->at(--self->length);
  Value item = slot.raw_relaxed();
  slot_init(self.get(), slot, Value{});
  ++self->changes;
  return item;
}
static Value take_first(Borrowed<Deque> self) {
  Slot& slot = self->at(0);
  Value item = slot.raw_relaxed();
  slot_init(self.get(), slot, Value{});
  self->head = (self->head + 1) & (self->capacity - 1);
  --self->length;
  ++self->changes;
  return item;
}

enum class End : uint8_t { left, right };

static Result<void> deque_push(Thread& thread, Borrowed<Deque> self, AnyRef item, End end) {
  Value pushed_out;
  {
    ObjectLock lock(thread, self.get());
    if (self->max_length == 0) return {};
    if (self->length == self->max_length) {
      pushed_out = end == End::right ? take_first(self) : take_last(self);
    } else if (!deque_make_room(thread, self)) {
      lock.unlock();
      return raise_memory_error(thread);
    }
    publish_into(thread, self.get(), item.value());
    if (end == End::right)
      put_last(self, item.release());
    else
      put_first(self, item.release());
  }
  decref(thread, pushed_out);
  return {};
}

static Maybe<Ref<Object>> deque_take(Thread& thread, Borrowed<Deque> self, End end) {
  ObjectLock lock(thread, self.get());
  if (self->length == 0) return {};
  return Maybe<Ref<Object>>::adopt(end == End::right ? take_last(self) : take_first(self));
}

// Counted; empty: out of range.
static Maybe<Ref<Object>> deque_item(Thread& thread, Borrowed<Deque> self, Word index,
                                     uint64_t* changes = nullptr) {
  ObjectLock lock(thread, self.get());
  if (changes) *changes = self->changes;
  if (index < 0 || index >= self->length) return {};
  Value item = self->at(index).raw_relaxed();
  incref(thread, item);
  return Maybe<Ref<Object>>::adopt(item);
}

static void deque_clear(Thread& thread, Borrowed<Deque> self) {
  Slot* ring;
  Word head, length, capacity;
  {
    ObjectLock lock(thread, self.get());
    ring = self->ring;
    head = self->head;
    length = self->length;
    capacity = self->capacity;
    self->ring = nullptr;
    self->capacity = self->head = self->length = 0;
    ++self->changes;
  }
  for (Word i = 0; i < length; ++i) decref(thread, ring[(head + i) & (capacity - 1)].raw_relaxed());
  if (ring) free_buffer(thread, ring);
}

// The items as a tuple of their own, for operations that run Python per item.
static Result<Ref<Tuple>> deque_snapshot(Thread& thread, Borrowed<Deque> self) {
  for (;;) {
    Word length = self->length;
    Ref<Tuple> items = TRY(tuple_create(thread, static_cast<size_t>(length)));
    ObjectLock lock(thread, self.get());
    if (self->length != length) continue;
    for (Word i = 0; i < length; ++i) {
      Value item = self->at(i).raw_relaxed();
      incref(thread, item);
      slot_init(items.get(), items->items()[i], item);
    }
    return items;
  }
}

// ---- construction -------------------------------------------------------------------------------

static Result<void> deque_extend_at(Thread& thread, Borrowed<Deque> self, Any iterable, End end) {
  AnyRef source = share(thread, iterable);
  if (iterable.is(self)) source = TRY(deque_snapshot(thread, self));
  if (end == End::right && self->max_length < 0 && is_mine(thread, self.get()) &&
      (is_exact(source.value(), SHAPE(tuple)) || is_exact(source.value(), SHAPE(list)))) {
    AnyRef items = TRY(sequence_tuple(thread, source));
    Borrowed<Tuple> tuple(items.value());
    if (tuple->size < (Word{1} << 40) && deque_make_room(thread, self, tuple->size)) {
      for (Word i = 0; i < tuple->size; ++i)
        put_last(self, share(thread, tuple->item(i)).release());
      return {};
    }
  }
  ItemLoop loop(thread);
  TRY(loop.begin(source));
  for (;;) {
    Step step = loop.next();
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    TRY(deque_push(thread, self, step.take(), end));
  }
}

static AnyResult deque_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  AnyRef made = TRY(allocate_instance(thread, type));
  static_cast<Deque*>(made.get())->max_length = -1;
  return made;
}

static Result<void> deque_init(Thread& thread, Borrowed<Deque> self, const Arguments& arguments) {
  static const char* const names[] = {"iterable", "maxlen"};
  Value given[2] = {};
  if (!bind_new(thread, {"deque", names, 2, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  Word max_length = -1;
  if (given[1] && !given[1].is_none()) {
    if (!has_index(given[1])) return raise<TypeError>(thread, "an integer is required");
    AnyRef number = TRY(to_index(thread, given[1]));
    max_length =
        TRY(int_word(thread, number.value(), "Python int too large to convert to C ssize_t"));
    if (max_length < 0) return raise<ValueError>(thread, "maxlen must be non-negative");
  }
  self->max_length = max_length;
  if (self->length) deque_clear(thread, self);
  if (given[0]) return deque_extend_at(thread, self, given[0], End::right);
  return {};
}

static AnyResult deque_copy(Thread& thread, Borrowed<Deque> self) {
  if (type_of(self) == deque_type.type) {
    AnyRef made = TRY(deque_new(thread, deque_type.type, {}));
    Borrowed<Deque> copy(made.value());
    copy->max_length = self->max_length;
    Ref<Tuple> items = TRY(deque_snapshot(thread, self));
    TRY(deque_extend_at(thread, copy, items, End::right));
    return made;
  }
  AnyRef made = self->max_length < 0
                    ? TRY(call(thread, type_of(self), {self.value()}))
                    : TRY(call(thread, type_of(self), {self.value(), small_int(self->max_length)}));
  if (!is_deque(made)) {
    return raise<TypeError>(thread, "{}() must return a deque, not {}", type_name_in(self),
                            type_name_in(made));
  }
  return made;
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult deque_repr(Thread& thread, Borrowed<Deque> self) {
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "[...]");
  ReprScope scope(thread, self.get());
  AnyRef items = TRY(sequence_list(thread, self));
  Ref<Str> name = Ref<Str>::share(thread, type_of(self)->name.borrow());
  const FormatArgument arguments[] = {FormatArgument(name), FormatArgument(repr_of(items.borrow())),
                                      FormatArgument(self->max_length)};
  if (self->max_length < 0) return format_text(thread, "{}({})", arguments, 2);
  return format_text(thread, "{}({}, maxlen={})", arguments, 3);
}

template <CompareOp op>
static AnyResult deque_compare(Thread& thread, Any left_value, Any right_value) {
  if (!is_deque(left_value) || !is_deque(right_value)) return not_implemented();
  Borrowed<Deque> left(left_value.value()), right(right_value.value());
  if (left.get() == right.get()) {
    if (op == CompareOp::eq) return truth(true);
    if (op == CompareOp::ne) return truth(false);
  } else if (left->length != right->length) {
    if (op == CompareOp::eq) return truth(false);
    if (op == CompareOp::ne) return truth(true);
  }
  AnyRef a = TRY(get_iter(thread, left)), b = TRY(get_iter(thread, right));
  for (;;) {
    Step x = iter_next(thread, a);
    if (x.raised()) return Raised{};
    Step y = iter_next(thread, b);
    if (y.raised()) return Raised{};
    if (x.is_done() || y.is_done()) {
      // The one that ended first is the smaller.
      return truth(order_holds(x.is_done() ? 0 : 1, y.is_done() ? 0 : 1, op));
    }
    AnyRef one = x.take(), other = y.take();
    if (!TRY(equal(thread, one, other))) return compare(thread, one, other, op);
  }
}

static Result<Word> deque_len(Borrowed<Deque> self) { return Word{self->length}; }

static Result<Word> deque_key(Thread& thread, Borrowed<Deque> self, Any key) {
  if (!has_index(key)) {
    return raise<TypeError>(thread, "sequence index must be integer, not '{}'", type_name_in(key));
  }
  Word index = TRY(index_word(thread, key));
  return index < 0 ? index + self->length : index;
}

static AnyResult deque_getitem(Thread& thread, Borrowed<Deque> self, Any key) {
  Word index = TRY(deque_key(thread, self, key));
  Maybe<Ref<Object>> item = deque_item(thread, self, index);
  if (!item) return raise<IndexError>(thread, "deque index out of range");
  return item.take();
}

// Takes out the item at index. Requires: the lock, 0 <= index < length.
static Value deque_remove_at(Borrowed<Deque> self, Word index) {
  Value item = self->at(index).raw_relaxed();
  if (index < self->length / 2) {
    for (Word i = index; i > 0; --i)
      slot_init(self.get(), self->at(i), self->at(i - 1).raw_relaxed());
    (void)take_first(self);
  } else {
    for (Word i = index; i + 1 < self->length; ++i)
      slot_init(self.get(), self->at(i), self->at(i + 1).raw_relaxed());
    (void)take_last(self);
  }
  return item;
}

static Result<void> deque_setitem(Thread& thread, Borrowed<Deque> self, Any key, MaybeAny value) {
  Word index = TRY(deque_key(thread, self, key));
  Value old;
  {
    ObjectLock lock(thread, self.get());
    if (index < 0 || index >= self->length) {
      lock.unlock();
      return raise<IndexError>(thread, "deque index out of range");
    }
    if (value) {
      incref(thread, value.value());
      old = slot_exchange(thread, self.get(), self->at(index), value.value());
    } else {
      old = deque_remove_at(self, index);
    }
  }
  decref(thread, old);
  return {};
}

enum class Search : uint8_t { first, count };

// The first index in [start, stop) whose item equals value (-1: none), or how many there are.
static Result<Word> deque_search(Thread& thread, Borrowed<Deque> self, Any value, Word start,
                                 Word stop, Search what) {
  Word count = 0;
  if (!is_mine(thread, self.get())) {
    // At one moment, as long as no Python is needed to compare.
    ObjectLock lock(thread, self.get());
    Word end = stop < self->length ? stop : Word{self->length}, i = start;
    for (; i < end; ++i) {
      QuickEqual same = quick_equal(self->at(i).raw_relaxed(), value);
      if (same == QuickEqual::ask) break;
      if (same == QuickEqual::yes && what == Search::first) return i;
      count += same == QuickEqual::yes;
    }
    if (i >= end) return what == Search::first ? Word{-1} : count;
    count = 0;
  }
  uint64_t changes = self->changes;
  for (Word i = start; i < stop; ++i) {
    uint64_t now;
    Maybe<Ref<Object>> item = deque_item(thread, self, i, &now);
    if (now != changes) return raise<RuntimeError>(thread, "deque mutated during iteration");
    if (!item) break;
    bool same = TRY(equal(thread, item.borrow(), value));
    if (same && what == Search::first) return i;
    count += same;
    if (self->changes != changes)
      return raise<RuntimeError>(thread, "deque mutated during iteration");
  }
  return what == Search::count ? count : Word{-1};
}

static Result<bool> deque_contains(Thread& thread, Borrowed<Deque> self, Any value) {
  return TRY(deque_search(thread, self, value, 0, INT64_MAX, Search::first)) >= 0;
}

static AnyResult deque_add(Thread& thread, Borrowed<Deque> self, Any other) {
  if (!is_deque(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can only concatenate deque (not \"{}\") to deque",
                            type_name_in(other));
  }
  AnyRef joined = TRY(deque_copy(thread, self));
  TRY(deque_extend_at(thread, Borrowed<Deque>(joined.value()), other, End::right));
  return joined;
}
static AnyResult deque_iadd(Thread& thread, Borrowed<Deque> self, Any other) {
  TRY(deque_extend_at(thread, self, other, End::right));
  return share(thread, self);
}

static AnyResult deque_imul(Thread& thread, Borrowed<Deque> self, Any other) {
  if (!has_index(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::rmul>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  }
  Word times = TRY(repeat_count(thread, other));
  if (self->length == 0 || times == 1) return share(thread, self);
  if (times <= 0) {
    deque_clear(thread, self);
    return share(thread, self);
  }
  Ref<Tuple> items = TRY(deque_snapshot(thread, self));
  if (self->max_length < 0 && times > (Word{1} << 56) / items->size)
    return raise_memory_error(thread);
  // Rounds that a bounded deque would push out again are left out.
  if (self->max_length >= 0) {
    Word rounds = self->max_length / items->size + 2;
    if (times > rounds) times = rounds;
  }
  for (Word i = 1; i < times; ++i) TRY(deque_extend_at(thread, self, items, End::right));
  return share(thread, self);
}
static AnyResult deque_mul(Thread& thread, Borrowed<Deque> self, Any other) {
  AnyRef copy = TRY(deque_copy(thread, self));
  return deque_imul(thread, Borrowed<Deque>(copy.value()), other);
}

// ---- methods ------------------------------------------------------------------------------------

static Result<void> deque_append(Thread& thread, Borrowed<Deque> self, Any item) {
  return deque_push(thread, self, share(thread, item), End::right);
}
static Result<void> deque_appendleft(Thread& thread, Borrowed<Deque> self, Any item) {
  return deque_push(thread, self, share(thread, item), End::left);
}
static Result<void> deque_extend(Thread& thread, Borrowed<Deque> self, Any iterable) {
  return deque_extend_at(thread, self, iterable, End::right);
}
static Result<void> deque_extendleft(Thread& thread, Borrowed<Deque> self, Any iterable) {
  return deque_extend_at(thread, self, iterable, End::left);
}
static AnyResult deque_pop(Thread& thread, Borrowed<Deque> self) {
  Maybe<Ref<Object>> item = deque_take(thread, self, End::right);
  if (!item) return raise<IndexError>(thread, "pop from an empty deque");
  return item.take();
}
static AnyResult deque_popleft(Thread& thread, Borrowed<Deque> self) {
  Maybe<Ref<Object>> item = deque_take(thread, self, End::left);
  if (!item) return raise<IndexError>(thread, "pop from an empty deque");
  return item.take();
}
static void deque_clear_method(Thread& thread, Borrowed<Deque> self) { deque_clear(thread, self); }

static Result<Word> deque_count(Thread& thread, Borrowed<Deque> self, Any value) {
  return deque_search(thread, self, value, 0, INT64_MAX, Search::count);
}
static Result<Word> deque_index(Thread& thread, Borrowed<Deque> self, Any value, SliceBound start,
                                SliceBound stop) {
  Word length = self->length;
  Word index = TRY(
      deque_search(thread, self, value, start.clamp(length), stop.clamp(length), Search::first));
  if (index < 0) return raise<ValueError>(thread, "deque.index(x): x not in deque");
  return index;
}

static Result<void> deque_insert(Thread& thread, Borrowed<Deque> self, Word index, Any value) {
  ObjectLock lock(thread, self.get());
  if (self->length == self->max_length) {
    lock.unlock();
    return raise<IndexError>(thread, "deque already at its maximum size");
  }
  if (!deque_make_room(thread, self)) {
    lock.unlock();
    return raise_memory_error(thread);
  }
  Word length = self->length;
  if (index < 0) index += length;
  if (index < 0) index = 0;
  if (index > length) index = length;
  publish_into(thread, self.get(), value);
  incref(thread, value.value());
  if (index < length / 2) {
    put_first(self, Value{});
    for (Word i = 0; i < index; ++i)
      slot_init(self.get(), self->at(i), self->at(i + 1).raw_relaxed());
  } else {
    put_last(self, Value{});
    for (Word i = length; i > index; --i)
      slot_init(self.get(), self->at(i), self->at(i - 1).raw_relaxed());
  }
  slot_init(self.get(), self->at(index), value.value());
  return {};
}

static Result<void> deque_remove(Thread& thread, Borrowed<Deque> self, Any value) {
  if (!is_mine(thread, self.get())) {  // found and removed at one moment, as long as no Python is
                                       // needed to compare
    Value removed;
    bool undecided = false;
    {
      ObjectLock lock(thread, self.get());
      for (Word i = 0; i < self->length && !undecided && !removed; ++i) {
        QuickEqual same = quick_equal(self->at(i).raw_relaxed(), value);
        undecided = same == QuickEqual::ask;
        if (same == QuickEqual::yes) removed = deque_remove_at(self, i);
      }
    }
    if (removed) {
      decref(thread, removed);
      return {};
    }
    if (!undecided) return raise<ValueError>(thread, "deque.remove(x): x not in deque");
  }
  Word length = self->length;
  uint64_t changes = self->changes;
  for (Word i = 0; i < length; ++i) {
    Maybe<Ref<Object>> item = deque_item(thread, self, i);
    bool same = item ? TRY(equal(thread, item.borrow(), value)) : false;
    if (self->changes != changes)
      return raise<IndexError>(thread, "deque mutated during remove().");
    if (!same) continue;
    Value removed;
    {
      ObjectLock lock(thread, self.get());
      if (self->changes == changes) removed = deque_remove_at(self, i);
    }
    if (!removed) return raise<IndexError>(thread, "deque mutated during remove().");
    decref(thread, removed);
    return {};
  }
  return raise<ValueError>(thread, "deque.remove(x): x not in deque");
}

static void deque_reverse(Thread& thread, Borrowed<Deque> self) {
  ObjectLock lock(thread, self.get());
  for (Word low = 0, high = self->length - 1; low < high; ++low, --high) {
    Value item = self->at(low).raw_relaxed();
    slot_init(self.get(), self->at(low), self->at(high).raw_relaxed());
    slot_init(self.get(), self->at(high), item);
  }
  ++self->changes;
}

static void deque_rotate(Thread& thread, Borrowed<Deque> self, Word n) {
  ObjectLock lock(thread, self.get());
  Word length = self->length;
  if (length <= 1) return;
  n %= length;
  if (n > length / 2) n -= length;
  if (n < -length / 2) n += length;
  for (; n > 0; --n) put_first(self, take_last(self));
  for (; n < 0; ++n) put_last(self, take_first(self));
  ++self->changes;
}

static AnyResult deque_reduce(Thread& thread, Borrowed<Deque> self) {
  AnyRef state = TRY(call_method(thread, self, NAME("__getstate__"), {}));
  AnyRef iterator = TRY(get_iter(thread, self));
  Ref<Tuple> arguments =
      self->max_length < 0
          ? Ref<Tuple>::adopt(tuple_empty())
          : TRY(tuple_of(thread, {Value(tuple_empty()), small_int(self->max_length)}));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), arguments.value(),
                           state.value(), iterator.value()});
}
static AnyResult deque_maxlen(Thread& thread, Borrowed<Deque> self) {
  if (self->max_length < 0) return AnyRef::adopt(kNone);
  return int_from_word(thread, self->max_length);
}
static Word deque_sizeof(Borrowed<Deque> self) {
  return static_cast<Word>(sizeof(Deque) + (self->ring ? buffer_capacity(self->ring) : 0));
}

// ---- iterators ----------------------------------------------------------------------------------

struct DequeIterator : Object {
  Field<Deque> deque;
  Word index;        // of the next item
  Word left;         // items still to come
  uint64_t changes;  // of the deque at the start
};

static AnyResult deque_iterator_create(Thread& thread, Type* type, Borrowed<Deque> deque) {
  AnyRef made = TRY(allocate_instance(thread, type));
  DequeIterator* self = static_cast<DequeIterator*>(made.get());
  self->left = deque->length;
  self->index = type == deque_iterator_type.type ? 0 : deque->length - 1;
  self->changes = deque->changes;
  slot_init(self, self->deque, share(thread, deque));
  return made;
}
static AnyResult deque_iter(Thread& thread, Borrowed<Deque> self) {
  return deque_iterator_create(thread, deque_iterator_type, self);
}
static AnyResult deque_reversed(Thread& thread, Borrowed<Deque> self) {
  return deque_iterator_create(thread, deque_reverse_iterator_type, self);
}

// deque_iterator(deque, skip=0), for pickling.
template <bool reverse>
static AnyResult deque_iterator_new(Thread& thread, Borrowed<Type> type,
                                    const Arguments& arguments) {
  const char* name = reverse ? "_deque_reverse_iterator" : "_deque_iterator";
  Value given[2] = {};
  if (!bind_new(thread, {name, nullptr, 2, 2, 1, TooMany::expected}, arguments, given))
    return Raised{};
  if (!is_deque(given[0])) {
    return raise<TypeError>(thread, "argument 1 must be collections.deque, not {}",
                            type_name_in(given[0]));
  }
  Word skip = given[1] ? TRY(index_word(thread, given[1])) : 0;
  AnyRef made = TRY(deque_iterator_create(thread, type.get(), Borrowed<Deque>(given[0])));
  DequeIterator* self = static_cast<DequeIterator*>(made.get());
  if (skip > self->left) skip = self->left;
  if (skip > 0) {
    self->left -= skip;
    self->index += reverse ? -skip : skip;
  }
  return made;
}

static AnyResult deque_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

static Step deque_iterator_advance(Thread& thread, Borrowed<DequeIterator> self, Word step) {
  Borrowed<Deque> deque = self->deque.borrow();
  if (deque->changes != self->changes) {
    self->left = 0;
    return raise<RuntimeError>(thread, "deque mutated during iteration");
  }
  if (self->left <= 0) return Step::done();
  Maybe<Ref<Object>> item = deque_item(thread, deque, self->index);
  if (!item) return Step::done();
  self->index += step;
  --self->left;
  return item.take();
}
static Step deque_iterator_next(Thread& thread, Borrowed<DequeIterator> self) {
  return deque_iterator_advance(thread, self, 1);
}
static Step deque_reverse_iterator_next(Thread& thread, Borrowed<DequeIterator> self) {
  return deque_iterator_advance(thread, self, -1);
}
static Word deque_iterator_length_hint(Borrowed<DequeIterator> self) { return self->left; }
static AnyResult deque_iterator_reduce(Thread& thread, Borrowed<DequeIterator> self) {
  Borrowed<Deque> deque = self->deque.borrow();
  Ref<Tuple> arguments =
      TRY(tuple_of(thread, {deque.value(), small_int(deque->length - self->left)}));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), arguments.value()});
}

static const Layout deque_iterator_layout{"_deque_iterator", sizeof(DequeIterator), true,
                                          trace_fields<DequeIterator, &DequeIterator::deque>,
                                          nullptr};
static const SlotEntry deque_iterator_slots[] = {
    slot<SlotId::new_, deque_iterator_new<false>>(),
    slot<SlotId::iter, deque_iterator_iter>(),
    slot<SlotId::next, deque_iterator_next>(),
};
static const SlotEntry deque_reverse_iterator_slots[] = {
    slot<SlotId::new_, deque_iterator_new<true>>(),
    slot<SlotId::iter, deque_iterator_iter>(),
    slot<SlotId::next, deque_reverse_iterator_next>(),
};
static constexpr Method deque_iterator_methods[] = {
    method<deque_iterator_length_hint>("__length_hint__()",
                                       "Private method returning an estimate of len(list(it))."),
    method<deque_iterator_reduce>("__reduce__()", "Return state information for pickling."),
};
const TypeSpec deque_iterator_spec{
    .name = "collections._deque_iterator",
    .flags = kTypeImmutable,
    .layout = &deque_iterator_layout,
    .slots = deque_iterator_slots,
    .methods = deque_iterator_methods,
};
const TypeSpec deque_reverse_iterator_spec{
    .name = "collections._deque_reverse_iterator",
    .flags = kTypeImmutable,
    .layout = &deque_iterator_layout,
    .slots = deque_reverse_iterator_slots,
    .methods = deque_iterator_methods,
};

// ---- type ---------------------------------------------------------------------------------------

static void deque_trace(Object* object, SlotVisitor& visitor) {
  Deque* self = static_cast<Deque*>(object);
  if (self->length == 0) return;
  Word behind =
      self->capacity - self->head < self->length ? self->capacity - self->head : self->length;
  visitor.range(self->ring + self->head, 1, 1, static_cast<size_t>(behind));
  visitor.range(self->ring, 1, 1, static_cast<size_t>(self->length - behind));
}
static void deque_destroy(Thread& thread, Object* object) {
  Deque* self = static_cast<Deque*>(object);
  if (self->ring) free_buffer(thread, self->ring);
}
static const Layout deque_layout{"deque", sizeof(Deque), true, deque_trace, deque_destroy};

static const SlotEntry deque_slots[] = {
    slot<SlotId::new_, deque_new>(),
    slot<SlotId::init, deque_init>(),
    slot<SlotId::repr, deque_repr>(),
    slot<SlotId::lt, deque_compare<CompareOp::lt>>(),
    slot<SlotId::le, deque_compare<CompareOp::le>>(),
    slot<SlotId::eq, deque_compare<CompareOp::eq>>(),
    slot<SlotId::ne, deque_compare<CompareOp::ne>>(),
    slot<SlotId::gt, deque_compare<CompareOp::gt>>(),
    slot<SlotId::ge, deque_compare<CompareOp::ge>>(),
    slot<SlotId::iter, deque_iter>(),
    slot<SlotId::len, deque_len>(),
    slot<SlotId::getitem, deque_getitem>(),
    slot<SlotId::setitem, deque_setitem>(),
    slot<SlotId::contains, deque_contains>(),
    slot<SlotId::add, deque_add>(),
    slot<SlotId::mul, deque_mul>(),
    slot<SlotId::rmul, deque_mul>(),
    slot<SlotId::iadd, deque_iadd>(),
    slot<SlotId::imul, deque_imul>(),
};
static constexpr Method deque_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "deques are generic over the type of their contents"),
    method<deque_append>("append(item, /)", "Add an element to the right side of the deque."),
    method<deque_appendleft>("appendleft(item, /)",
                             "Add an element to the left side of the deque."),
    method<deque_clear_method>("clear()", "Remove all elements from the deque."),
    method<deque_copy>("__copy__()", "Return a shallow copy of a deque."),
    method<deque_copy>("copy()", "Return a shallow copy of a deque."),
    method<deque_count>("count(value, /)", "Return number of occurrences of value."),
    method<deque_extend>("extend(iterable, /)",
                         "Extend the right side of the deque with elements from the iterable."),
    method<deque_extendleft>("extendleft(iterable, /)",
                             "Extend the left side of the deque with elements from the iterable."),
    method<deque_index>(
        "index(value, start=0, stop=maxsize, /)",
        "Return first index of value.\n\nRaises ValueError if the value is not present."),
    method<deque_insert>("insert(index, value, /)", "Insert value before index."),
    method<deque_pop>("pop()", "Remove and return the rightmost element."),
    method<deque_popleft>("popleft()", "Remove and return the leftmost element."),
    method<deque_reduce>("__reduce__()", "Return state information for pickling."),
    method<deque_remove>("remove(value, /)", "Remove first occurrence of value."),
    method<deque_reversed>("__reversed__()", "Return a reverse iterator over the deque."),
    method<deque_reverse>("reverse()", "Reverse *IN PLACE*."),
    method<deque_rotate>("rotate(n=1, /)",
                         "Rotate the deque n steps to the right.  If n is negative, rotates left."),
    method<deque_sizeof>("__sizeof__()", "Return the size of the deque in memory, in bytes."),
};
static const GetSet deque_getsets[] = {
    getter<deque_maxlen>("maxlen", "maximum size of a deque or None if unbounded"),
};
const TypeSpec deque_spec{
    .name = "collections.deque",
    .doc =
        "deque([iterable[, maxlen]])\n--\n\nA list-like sequence optimized for data accesses near "
        "its endpoints.",
    .flags = kTypeBase | kTypeImmutable | kTypeSequence | kTypeWeakrefable,
    .layout = &deque_layout,
    .slots = deque_slots,
    .methods = deque_methods,
    .getsets = deque_getsets,
};

}  // namespace dx
