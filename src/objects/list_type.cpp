// list's Python face: construction, operators, methods, type table. Storage is in list.cpp.

#include <cstring>

#include "memory/byte_lock.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/list.h"
#include "objects/slice.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

extern const Layout list_layout;
Result<void> list_splice(Thread& thread, Borrowed<List> self, Word start, Word stop,
                         const Value* items, Word count);
Word list_splice_steps(Thread& thread, Borrowed<List> self, Word start, Word step, Word count,
                       Word length, const Value* items);

// ---- construction -------------------------------------------------------------------------------

static AnyResult list_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  AnyRef made = TRY(allocate_instance(thread, type));
  static_cast<List*>(made.get())->buffer.store(list_empty_buffer(), std::memory_order_release);
  return made;
}

static Result<void> list_init(Thread& thread, Borrowed<List> self, const Arguments& arguments) {
  if (arguments.keywords() &&
      (type_of(self) == TYPE(list) ||
       type_of(self)->slot<SlotId::new_>() == TYPE(list)->slot<SlotId::new_>())) {
    return raise<TypeError>(thread, "list() takes no keyword arguments");
  }
  size_t positional = arguments.positional();
  if (positional > 1)
    return raise<TypeError>(thread, "list expected at most 1 argument, got {}", positional);
  list_clear(thread, self);
  if (positional) return list_extend(thread, self, arguments[0]);
  return {};
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult list_repr(Thread& thread, Borrowed<List> self) {
  if (list_length(self) == 0) return str_from_ascii(thread, "[]");
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "[...]");
  ReprScope scope(thread, self.get());
  StrBuilder text(thread);
  TRY(text.append('['));
  for (Word i = 0;; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, self, i);
    if (!item) break;
    if (i) TRY(text.append(std::string_view(", ")));
    TRY(append_repr(thread, text, item.borrow()));
  }
  TRY(text.append(']'));
  return text.finish();
}

// Whether item equals value; runs Python only when it must.
static inline Result<bool> item_equal(Thread& thread, Any item, Any value) {
  QuickEqual answer = quick_equal(item, value);
  if (answer != QuickEqual::ask) return answer == QuickEqual::yes;
  return equal(thread, item, value);
}

// How many items at the start of two lists are the same objects, when nobody else can reach the
// lists.
static Word equal_start(Thread& thread, Borrowed<List> left, Borrowed<List> right) {
  if (!is_mine(thread, left.get()) || !is_mine(thread, right.get())) return 0;
  ListBuffer* a = left->buffer.load(std::memory_order_relaxed);
  ListBuffer* b = right->buffer.load(std::memory_order_relaxed);
  Word n = a->length.load(std::memory_order_relaxed), m = b->length.load(std::memory_order_relaxed),
       i = 0;
  if (m < n) n = m;
  const Value* mine = reinterpret_cast<const Value*>(a->values());
  const Value* theirs = reinterpret_cast<const Value*>(b->values());
  if (std::memcmp(static_cast<const void*>(mine), static_cast<const void*>(theirs),
                  static_cast<size_t>(n) * sizeof(Value)) == 0)
    return n;
  while (i < n && mine[i] == theirs[i]) ++i;
  return i;
}

template <CompareOp op>
static AnyResult list_compare(Thread& thread, Borrowed<List> self, Any other) {
  if (!is_list(other)) return not_implemented();
  Borrowed<List> right(other.value());
  if constexpr (op == CompareOp::eq || op == CompareOp::ne) {
    if (list_length(self) != list_length(right)) return truth(op == CompareOp::ne);
  }
  for (Word i = equal_start(thread, self, right);; ++i) {
    Maybe<Ref<Object>> a = list_item(thread, self, i), b = list_item(thread, right, i);
    if (!a || !b) break;
    if (TRY(item_equal(thread, a.borrow(), b.borrow()))) continue;
    if (i >= list_length(self) || i >= list_length(right))
      break;  // __eq__ took items away: the lengths decide
    if constexpr (op == CompareOp::eq) return truth(false);
    if constexpr (op == CompareOp::ne) return truth(true);
    return compare(thread, a.borrow(), b.borrow(), op);
  }
  return truth(order_holds(list_length(self), list_length(right), op));
}

static Word list_len(Borrowed<List> self) { return list_length(self); }

static Result<Word> list_key_index(Thread& thread, Any key) {
  if (key.value().is_int()) return small_int_value(key);
  if (!has_index(key)) {
    return raise<TypeError>(thread, "list indices must be integers or slices, not {}",
                            type_name_in(key));
  }
  return index_word(thread, key);
}

static AnyResult list_getslice(Thread& thread, Borrowed<List> self, Borrowed<Slice> key) {
  SliceBounds bounds = TRY(slice_bounds(thread, key));
  for (;;) {
    Word length = list_length(self);
    SliceRange range = slice_apply(bounds, length);
    if (range.step == 1) return list_slice(thread, self, range.start, range.stop());
    if (range.count == 0) return list_create(thread);
    if (is_mine(thread, self.get())) {
      ListBuffer* from = self->buffer.load(std::memory_order_relaxed);
      Ref<List> part = TRY(list_create(thread, static_cast<size_t>(range.count)));
      ListBuffer* fresh = part->buffer.load(std::memory_order_relaxed);
      fresh->strategy = from->strategy;
      for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step) {
        Value item = from->values()[at].raw_relaxed();
        incref(thread, item);
        slot_init(part.get(), fresh->values()[i], item);
      }
      fresh->length.store(range.count, std::memory_order_relaxed);
      return part;
    }
    Ref<List> part = TRY(list_create(thread));
    ListBuffer* fresh = list_buffer_create(thread, range.count, ListStrategy::value);
    if (!fresh) return raise_memory_error(thread);
    ObjectLock lock(thread, self.get());
    ListBuffer* buffer = self->buffer.load(std::memory_order_relaxed);
    if (buffer->length.load(std::memory_order_relaxed) != length) {
      lock.unlock();
      free_buffer(thread, fresh);
      continue;
    }
    fresh->strategy = buffer->strategy;
    for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step) {
      Value item = buffer->values()[at].raw_relaxed();
      incref(thread, item);
      slot_init(part.get(), fresh->values()[i], item);
    }
    fresh->length.store(range.count, std::memory_order_relaxed);
    part->buffer.store(fresh, std::memory_order_release);
    return part;
  }
}

static AnyResult list_getitem(Thread& thread, Borrowed<List> self, Any key) {
  if (__builtin_expect(is_slice(key), 0))
    return list_getslice(thread, self, Borrowed<Slice>(key.value()));
  Word index = TRY(list_key_index(thread, key));
  if (index < 0) index += list_length(self);
  Maybe<Ref<Object>> item = list_item(thread, self, index);
  if (!item) return raise<IndexError>(thread, "list index out of range");
  return item.take();
}

// The items of what is assigned to a slice, as a tuple or list of their own.
static Result<Ref<Tuple>> assigned_items(Thread& thread, Any value) {
  AnyRef items = TRY(sequence_tuple(thread, value));
  return Ref<Tuple>::adopt(items.release());
}

static const Value* share_items(Thread& thread, Borrowed<Tuple> items) {
  const Value* words = reinterpret_cast<const Value*>(items->items());
  for (Word i = 0; i < items->size; ++i) incref(thread, words[i]);
  return words;
}

static Result<void> list_setslice(Thread& thread, Borrowed<List> self, Borrowed<Slice> key,
                                  MaybeAny value) {
  SliceBounds bounds = TRY(slice_bounds(thread, key));
  if (bounds.step == 1) {
    if (!value) {
      SliceRange range = slice_apply(bounds, list_length(self));
      return list_delete_range(thread, self, range.start, range.stop());
    }
    if (is_exact(*value, SHAPE(list))) {
      SliceRange range = slice_apply(bounds, list_length(self));
      if (list_replace_range(thread, self, range.start, range.stop(),
                             Borrowed<List>((*value).value())))
        return {};
    }
    if (!has_iter(*value))
      return raise<TypeError>(thread, "must assign iterable to extended slice");
    Ref<Tuple> items = TRY(assigned_items(thread, *value));
    SliceRange range =
        slice_apply(bounds, list_length(self));  // now: iterating may have changed the list
    return list_splice(thread, self, range.start, range.stop(), share_items(thread, items),
                       items->size);
  }
  if (!value) {
    for (;;) {
      Word length = list_length(self);
      SliceRange range = slice_apply(bounds, length);
      Word outcome =
          list_splice_steps(thread, self, range.start, range.step, range.count, length, nullptr);
      if (outcome == 0) return {};
      if (outcome == -2) return raise_memory_error(thread);
    }
  }
  if (!has_iter(*value)) return raise<TypeError>(thread, "must assign iterable to extended slice");
  Ref<Tuple> items = TRY(assigned_items(thread, *value));
  for (;;) {
    Word length = list_length(self);
    SliceRange range = slice_apply(bounds, length);
    if (range.count != items->size) {
      return raise<ValueError>(thread,
                               "attempt to assign sequence of size {} to extended slice of size {}",
                               items->size, range.count);
    }
    const Value* words = share_items(thread, items);
    Word outcome =
        list_splice_steps(thread, self, range.start, range.step, range.count, length, words);
    if (outcome == 0) return {};
    for (Word i = 0; i < items->size; ++i) decref(thread, words[i]);
    if (outcome == -2) return raise_memory_error(thread);
  }
}

static Result<void> list_setitem(Thread& thread, Borrowed<List> self, Any key, MaybeAny value) {
  if (__builtin_expect(is_slice(key), 0))
    return list_setslice(thread, self, Borrowed<Slice>(key.value()), value);
  Word index = TRY(list_key_index(thread, key));
  if (value) return list_set(thread, self, index, share(thread, *value));
  Maybe<Ref<Object>> removed = list_pop_at(thread, self, index);
  if (!removed) return raise<IndexError>(thread, "list assignment index out of range");
  return {};
}

static AnyResult list_add(Thread& thread, Borrowed<List> self, Any other) {
  if (!is_list(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can only concatenate list (not \"{}\") to list",
                            type_name_in(other));
  }
  Borrowed<List> right(other.value());
  if (is_mine(thread, self.get()) && is_mine(thread, right.get()))
    return list_join(thread, self, false, right, false);
  Word left_length = list_length(self), right_length = list_length(right);
  Ref<List> joined = TRY(list_slice(thread, self, 0, left_length));
  if (left_length == 0) return list_slice(thread, right, 0, right_length);
  if (is_exact(right, SHAPE(list))) {
    TRY(list_extend(thread, joined, right));
  } else {  // a subclass's own __iter__ has no say in +
    Ref<List> plain = TRY(list_slice(thread, right, 0, right_length));
    TRY(list_extend(thread, joined, plain));
  }
  return joined;
}

static AnyResult list_iadd(Thread& thread, Borrowed<List> self, Any other) {
  if (!is_exact(other, SHAPE(list)) && !is_exact(other, SHAPE(tuple))) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
  }
  TRY(list_extend(thread, self, other));
  return share(thread, self);
}

// A buffer with the items `times` over. Null: memory is short.
static ListBuffer* repeated_buffer(Thread& thread, Object* container, ListBuffer* buffer,
                                   Word length, Word times) {
  if (times > (Word{1} << 56) / length) return nullptr;
  ListBuffer* fresh = list_buffer_create(thread, length * times, buffer->strategy);
  if (!fresh) return nullptr;
  Slot* to = fresh->values();
  for (Word i = 0; i < length; ++i) {
    Value item = buffer->values()[i].raw_relaxed();
    if (item.is_object()) {
      for (Word n = 0; n < times; ++n) incref(thread, item.object());
    }
    for (Word n = 0, at = i; n < times; ++n, at += length) slot_init(container, to[at], item);
  }
  fresh->length.store(length * times, std::memory_order_relaxed);
  return fresh;
}

static AnyResult list_mul(Thread& thread, Borrowed<List> self, Any other) {
  if (!has_index(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::rmul>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  }
  Word times = TRY(repeat_count(thread, other));
  Ref<List> repeated = TRY(list_create(thread));
  if (times <= 0) return repeated;
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = self->buffer.load(std::memory_order_relaxed);
  Word length = buffer->length.load(std::memory_order_relaxed);
  if (length == 0) return repeated;
  ListBuffer* fresh = repeated_buffer(thread, repeated.get(), buffer, length, times);
  lock.unlock();
  if (!fresh) return raise_memory_error(thread);
  repeated->buffer.store(fresh, std::memory_order_release);
  return repeated;
}
// The left operand of * was asked before; a sequence there complains about this one.
static AnyResult list_rmul(Thread& thread, Borrowed<List> self, Any other) {
  if (has_index(other) || !type_of(other)->slot<SlotId::getitem>())
    return list_mul(thread, self, other);
  return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                          type_name_in(self));
}

static AnyResult list_imul(Thread& thread, Borrowed<List> self, Any other) {
  if (!has_index(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::rmul>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  }
  Word times = TRY(repeat_count(thread, other));
  if (times <= 0) {
    list_clear(thread, self);
    return share(thread, self);
  }
  ObjectLock lock(thread, self.get());
  ListBuffer* buffer = self->buffer.load(std::memory_order_relaxed);
  Word length = buffer->length.load(std::memory_order_relaxed);
  if (length && times > 1) {
    // The old items move over; each of the other times - 1 rounds is counted anew.
    ListBuffer* fresh = repeated_buffer(thread, self.get(), buffer, length, times);
    if (!fresh) {
      lock.unlock();
      return raise_memory_error(thread);
    }
    for (Word i = 0; i < length; ++i)
      decref(thread, buffer->values()[i].raw_relaxed());  // never the last one
    self->buffer.store(fresh, std::memory_order_release);
    list_buffer_release(thread, self.get(), buffer);
  }
  lock.unlock();
  return share(thread, self);
}

// Index of the first item in [start, stop) equal to value, or -1. Reads the length anew at every
// step.
static Result<Word> list_find(Thread& thread, Borrowed<List> self, Any value, Word start,
                              Word stop) {
  if (value.value().is_int() && is_mine(thread, self.get())) {
    ListBuffer* buffer = self->buffer.load(std::memory_order_relaxed);
    if (buffer->strategy == ListStrategy::int64) {
      Word end = buffer->length.load(std::memory_order_relaxed);
      if (stop < end) end = stop;
      const Value* items = reinterpret_cast<const Value*>(buffer->values());
      for (Word i = start; i < end; ++i) {
        if (items[i] == value.value()) return i;
      }
      return Word{-1};
    }
  }
  Word i = start;
  if (is_mine(thread, self.get())) {  // no count is needed for as long as no Python runs
    ListBuffer* buffer = self->buffer.load(std::memory_order_relaxed);
    Word end = buffer->length.load(std::memory_order_relaxed);
    if (stop < end) end = stop;
    const Value* items = reinterpret_cast<const Value*>(buffer->values());
    for (; i < end; ++i) {
      QuickEqual answer = quick_equal(items[i], value);
      if (answer == QuickEqual::yes) return i;
      if (answer == QuickEqual::ask) break;
    }
  }
  for (; i < stop; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, self, i);
    if (!item) break;
    if (TRY(item_equal(thread, item.borrow(), value))) return i;
  }
  return Word{-1};
}

Result<bool> list_contains(Thread& thread, Borrowed<List> self, Any value) {
  if (value.value().is_int() && is_mine(thread, self.get())) {
    ListBuffer* buffer = self->buffer.load(std::memory_order_relaxed);
    const Value* items = reinterpret_cast<const Value*>(buffer->values());
    const Value* const end = items + buffer->length.load(std::memory_order_relaxed);
    const bool ints_only = buffer->strategy == ListStrategy::int64;
    for (; items != end; ++items) {
      if (*items == value.value()) return true;
      if (!ints_only && !items->is_int()) break;  // something that may equal an int
    }
    if (items == end) return false;
  }
  return TRY(list_find(thread, self, value, 0, INT64_MAX)) >= 0;
}

// ---- methods ------------------------------------------------------------------------------------

static Result<void> list_append_method(Thread& thread, Borrowed<List> self, Any item) {
  return list_append(thread, self, share(thread, item));
}
static Result<void> list_insert_method(Thread& thread, Borrowed<List> self, Word index, Any item) {
  return list_insert(thread, self, index, share(thread, item));
}
static Result<void> list_extend_method(Thread& thread, Borrowed<List> self, Any iterable) {
  return list_extend(thread, self, iterable);
}

static AnyResult list_pop(Thread& thread, Borrowed<List> self, Word index) {
  Maybe<Ref<Object>> item = list_pop_at(thread, self, index);
  if (item) return item.take();
  return raise<IndexError>(
      thread, list_length(self) == 0 ? "pop from empty list" : "pop index out of range");
}

static Result<void> list_remove(Thread& thread, Borrowed<List> self, Any value) {
  for (;;) {
    Word index = TRY(list_find(thread, self, value, 0, INT64_MAX));
    if (index < 0) return raise<ValueError>(thread, "list.remove(x): x not in list");
    if (is_mine(thread, self.get())) return list_delete_range(thread, self, index, index + 1);
    // Other threads may have moved the items since: look again until the item found is the one
    // removed.
    Maybe<Ref<Object>> item = list_item(thread, self, index);
    if (item && TRY(item_equal(thread, item.borrow(), value)) &&
        list_remove_same(thread, self, index, item.borrow()))
      return {};
  }
}

static Result<Word> list_index(Thread& thread, Borrowed<List> self, Any value, SliceBound start,
                               SliceBound stop) {
  Word length = list_length(self);
  Word first = start.value < 0 ? start.value + length : start.value;
  Word last = stop.value < 0 ? stop.value + length : stop.value;
  Word index = TRY(list_find(thread, self, value, first < 0 ? 0 : first, last));
  if (index < 0) return raise<ValueError>(thread, "list.index(x): x not in list");
  return index;
}

static Result<Word> list_count(Thread& thread, Borrowed<List> self, Any value) {
  Word count = 0;
  for (Word i = 0;; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, self, i);
    if (!item) return count;
    count += TRY(item_equal(thread, item.borrow(), value));
  }
}

static Result<Ref<List>> list_copy(Thread& thread, Borrowed<List> self) {
  return list_slice(thread, self, 0, list_length(self));
}
static void list_clear_method(Thread& thread, Borrowed<List> self) { list_clear(thread, self); }
static void list_reverse_method(Thread& thread, Borrowed<List> self) { list_reverse(thread, self); }
static Result<void> list_sort_method(Thread& thread, Borrowed<List> self, Any key, bool reverse) {
  return list_sort(thread, self, key, reverse);
}
static Word list_sizeof(Borrowed<List> self) {
  ListBuffer* buffer = self->buffer.load(std::memory_order_acquire);
  return static_cast<Word>(sizeof(List) +
                           (buffer == list_empty_buffer() ? 0 : buffer_capacity(buffer)));
}

// ---- type ---------------------------------------------------------------------------------------

static const SlotEntry list_slots[] = {
    slot<SlotId::new_, list_new>(),
    slot<SlotId::init, list_init>(),
    slot<SlotId::repr, list_repr>(),
    slot<SlotId::lt, list_compare<CompareOp::lt>>(),
    slot<SlotId::le, list_compare<CompareOp::le>>(),
    slot<SlotId::eq, list_compare<CompareOp::eq>>(),
    slot<SlotId::ne, list_compare<CompareOp::ne>>(),
    slot<SlotId::gt, list_compare<CompareOp::gt>>(),
    slot<SlotId::ge, list_compare<CompareOp::ge>>(),
    slot<SlotId::iter, list_iter>(),
    slot<SlotId::len, list_len>(),
    slot<SlotId::getitem, list_getitem>(),
    slot<SlotId::setitem, list_setitem>(),
    slot<SlotId::contains, list_contains>(),
    slot<SlotId::add, list_add>(),
    slot<SlotId::mul, list_mul>(),
    slot<SlotId::rmul, list_rmul>(),
    slot<SlotId::iadd, list_iadd>(),
    slot<SlotId::imul, list_imul>(),
};

static constexpr Method list_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "lists are generic over the type of their contents"),
    method<list_reversed>("__reversed__()", "Return a reverse iterator over the list."),
    method<list_sizeof>("__sizeof__()", "Return the size of the list in memory, in bytes."),
    method<list_clear_method>("clear()", "Remove all items from list."),
    method<list_copy>("copy()", "Return a shallow copy of the list."),
    method<list_append_method>("append(object, /)", "Append object to the end of the list."),
    method<list_insert_method>("insert(index, object, /)", "Insert object before index."),
    method<list_extend_method>("extend(iterable, /)",
                               "Extend list by appending elements from the iterable."),
    method<list_pop>("pop(index=-1, /)",
                     "Remove and return item at index (default last).\n\n"
                     "Raises IndexError if list is empty or index is out of range."),
    method<list_remove>(
        "remove(value, /)",
        "Remove first occurrence of value.\n\nRaises ValueError if the value is not present."),
    method<list_index>(
        "index(value, start=0, stop=maxsize, /)",
        "Return first index of value.\n\nRaises ValueError if the value is not present."),
    method<list_count>("count(value, /)", "Return number of occurrences of value."),
    method<list_reverse_method>("reverse()", "Reverse *IN PLACE*."),
    method<list_sort_method>(
        "sort(*, key=None, reverse=False)",
        "Sort the list in ascending order and return None.\n\n"
        "The sort is in-place (i.e. the list itself is modified) and stable\n"
        "(i.e. the order of two equal elements is maintained).\n\n"
        "If a key function is given, apply it once to each list item and sort\n"
        "them, ascending or descending, according to their function values.\n\n"
        "The reverse flag can be set to sort in descending order."),
};

const TypeSpec list_spec{
    .name = "list",
    .doc =
        "Built-in mutable sequence.\n\n"
        "If no argument is given, the constructor creates a new empty list.\n"
        "The argument must be an iterable if specified.",
    .flags = kTypeBase | kTypeImmutable | kTypeSequence,
    .shape_flags = kShapeList,
    .layout = &list_layout,
    .slots = list_slots,
    .methods = list_methods,
};

}  // namespace dx
