// array.array: machine values of one kind, side by side.
//
// Every operation, reading too, takes the object's lock for as long as it touches the items; values
// are converted outside of it. While a buffer is exported the items neither move nor change their
// number.

#include <bit>
#include <algorithm>
#include <cstring>

#include "memory/byte_lock.h"
#include "modules/array_kinds.h"
#include "objects/audit.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/slice.h"

namespace dx {
namespace {

TypeHandle array_type, array_iterator_type;

struct Array : Object {
  char* items;    // null: nothing allocated
  Word length;    // in items
  Word capacity;  // in items
  const ArrayKind* kind;
  std::atomic<Word> exports;

  char* at(Word index) { return items + index * kind->size; }
};
bool is_array(Any value) { return is_subtype(type_of(value), array_type); }

// ---- storage. These require the lock. -----------------------------------------------------------

enum class Room : uint8_t { fine, exported, no_memory };

// Makes the array `length` items long; new ones are undefined.
Room resize(Thread& thread, Borrowed<Array> self, Word length) {
  if (length != self->length && self->exports.load(std::memory_order_acquire) > 0)
    return Room::exported;
  if (length > self->capacity || length < self->capacity / 2) {
    Word capacity = length == 0             ? 0
                    : length < self->length ? length
                                            : (length + (length >> 4) + (length < 8 ? 3 : 7));
    if (capacity > (Word{1} << 56) / self->kind->size) return Room::no_memory;
    char* items = nullptr;
    if (capacity) {
      items = static_cast<char*>(
          allocate_buffer(thread, static_cast<size_t>(capacity * self->kind->size)));
      if (!items) return Room::no_memory;
      Word kept = length < self->length ? length : self->length;
      if (kept) std::memcpy(items, self->items, static_cast<size_t>(kept * self->kind->size));
    }
    if (self->items) free_buffer(thread, self->items);
    self->items = items;
    self->capacity = capacity;
  }
  self->length = length;
  return Room::fine;
}

Result<void> report(Thread& thread, Room room) {
  if (room == Room::fine) return {};
  if (room == Room::no_memory) return raise_memory_error(thread);
  return raise<BufferError>(thread, "cannot resize an array that is exporting buffers");
}

// Replaces items [start, stop) by `count` items of the array's kind found at `from` (not inside the
// array).
Result<void> splice(Thread& thread, Borrowed<Array> self, Word start, Word stop, const char* from,
                    Word count) {
  Room room;
  {
    ObjectLock lock(thread, self.get());
    Word length = self->length;
    if (start > length) start = length;
    if (stop > length) stop = length;
    if (stop < start) stop = start;
    size_t size = static_cast<size_t>(self->kind->size);
    Word grown = length + count - (stop - start);
    size_t tail = static_cast<size_t>(length - stop) * size;
    if (grown < length) {  // move first: shrinking may give the memory back
      if (self->exports.load(std::memory_order_acquire) > 0) {
        room = Room::exported;
      } else {
        std::memmove(self->at(start + count), self->at(stop), tail);
        room = resize(thread, self, grown);
      }
    } else {
      room = resize(thread, self, grown);
      if (room == Room::fine && grown > length && tail)
        std::memmove(self->at(start + count), self->at(stop), tail);
    }
    if (room == Room::fine && count)
      std::memcpy(self->at(start), from, static_cast<size_t>(count) * size);
  }
  return report(thread, room);
}

Result<void> append(Thread& thread, Borrowed<Array> self, Any value) {
  char item[8];
  TRY(self->kind->store(thread, value, item));
  return splice(thread, self, INT64_MAX, INT64_MAX, item, 1);
}

AnyResult item_at(Thread& thread, Borrowed<Array> self, Word index) {
  if (__builtin_expect(is_mine(thread, self.get()) &&
                           static_cast<uint64_t>(index) < static_cast<uint64_t>(self->length),
                       1)) {
    return self->kind->load(thread, self->at(index));
  }
  char item[8];
  {
    ObjectLock lock(thread, self.get());
    if (index < 0 || index >= self->length) {
      lock.unlock();
      return raise<IndexError>(thread, "array index out of range");
    }
    std::memcpy(item, self->at(index), static_cast<size_t>(self->kind->size));
  }
  return self->kind->load(thread, item);
}

// The items as bytes of their own.
Result<Ref<Bytes>> snapshot(Thread& thread, Borrowed<Array> self) {
  for (;;) {
    Word length = self->length;
    size_t size = static_cast<size_t>(length * self->kind->size);
    Ref<Bytes> copy = TRY(bytes_create(thread, size));
    ObjectLock lock(thread, self.get());
    if (self->length != length) continue;
    if (size) std::memcpy(copy->data(), self->items, size);
    return copy;
  }
}

Result<Ref<Array>> create(Thread& thread, Borrowed<Type> type, const ArrayKind* kind) {
  AnyRef made = TRY(allocate_instance(thread, type));
  static_cast<Array*>(made.get())->kind = kind;
  return Ref<Array>::adopt(made.release());
}
Result<Ref<Array>> create_from(Thread& thread, Borrowed<Array> like, std::string_view items) {
  Ref<Array> made = TRY(create(thread, array_type.type, like->kind));
  TRY(splice(thread, made, 0, 0, items.data(), static_cast<Word>(items.size()) / like->kind->size));
  return made;
}

// ---- taking over what others hold ---------------------------------------------------------------

Result<void> extend_iterable(Thread& thread, Borrowed<Array> self, Any iterable) {
  AnyRef iterator = TRY(get_iter(thread, iterable));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef item = step.take();
    TRY(append(thread, self, item));
  }
}

Result<void> extend_array(Thread& thread, Borrowed<Array> self, Borrowed<Array> other) {
  if (self->kind != other->kind)
    return raise<TypeError>(thread, "can only extend with array of same kind");
  Ref<Bytes> items = TRY(snapshot(thread, other));
  return splice(thread, self, INT64_MAX, INT64_MAX, items->data(), items->size / self->kind->size);
}

Result<void> array_frombytes(Thread& thread, Borrowed<Array> self, Any buffer) {
  BufferScope scope(thread);
  TRY(scope.acquire(buffer));
  if (scope.view.size % self->kind->size)
    return raise<ValueError>(thread, "bytes length not a multiple of item size");
  Ref<Bytes> copy = TRY(bytes_from(thread, scope.text()));  // the exporter may be this array
  buffer_release(thread, scope.view);
  scope.view = BufferView{};
  return splice(thread, self, INT64_MAX, INT64_MAX, copy->data(), copy->size / self->kind->size);
}

Result<void> array_fromunicode(Thread& thread, Borrowed<Array> self, Borrowed<Str> text) {
  if (!self->kind->is_text()) {
    return raise<ValueError>(
        thread, "fromunicode() may only be called on unicode type arrays ('u' or 'w')");
  }
  StrView view = text->view();
  for (Word i = 0; i < view.length; ++i) {
    uint32_t character = view[i];
    TRY(splice(thread, self, INT64_MAX, INT64_MAX, reinterpret_cast<const char*>(&character), 1));
  }
  return {};
}

Result<void> array_extend(Thread& thread, Borrowed<Array> self, Any values) {
  if (is_array(values)) return extend_array(thread, self, Borrowed<Array>(values.value()));
  return extend_iterable(thread, self, values);
}

// ---- construction -------------------------------------------------------------------------------

AnyResult array_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.keywords() &&
      (type.get() == array_type ||
       type->slot<SlotId::init>() == array_type.type->slot<SlotId::init>())) {
    return raise<TypeError>(thread, "array.array() takes no keyword arguments");
  }
  size_t count = arguments.positional();
  if (count == 0) return raise<TypeError>(thread, "array() takes at least 1 argument (0 given)");
  if (count > 2)
    return raise<TypeError>(thread, "array() takes at most 2 arguments ({} given)", count);
  if (!is_str(arguments[0])) {
    return raise<TypeError>(thread, "array() argument 1 must be a unicode character, not {}",
                            type_name_in(arguments[0]));
  }
  StrView code = str_view(Borrowed<Str>(arguments[0].value()));
  if (code.length != 1) {
    return raise<TypeError>(
        thread, "array() argument 1 must be a unicode character, not a string of length {}",
        code.length);
  }
  TRY(audit(thread, "array.__new__",
            {arguments[0].value(), count > 1 ? arguments[1].value() : kNone}));
  const ArrayKind* kind = array_kind(code[0]);
  if (!kind) {
    return raise<ValueError>(thread,
                             "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)");
  }
  if (kind->code == 'u') {
    TRY(warn<DeprecationWarning>(
        thread, 1, "The 'u' type code is deprecated and will be removed in Python {}", "3.16"));
  }
  Ref<Array> self = TRY(create(thread, type, kind));
  if (count == 1) return self;
  Any initial = arguments[1];
  if (is_str(initial)) {
    if (!kind->is_text()) {
      char name[2] = {kind->code, 0};
      return raise<TypeError>(thread, "cannot use a str to initialize an array with typecode '{}'",
                              static_cast<const char*>(name));
    }
    TRY(array_fromunicode(thread, self, Borrowed<Str>(initial.value())));
  } else if (is_bytes(initial) || type_of(initial) == TYPE(bytearray)) {
    TRY(array_frombytes(thread, self, initial));
  } else if (is_array(initial)) {
    Borrowed<Array> other(initial.value());
    if (other->kind->is_text() && !kind->is_text()) {
      char ours[2] = {kind->code, 0};
      return raise<TypeError>(
          thread, "cannot use a unicode array to initialize an array with typecode '{}'",
          static_cast<const char*>(ours));
    }
    if (other->kind == kind)
      TRY(extend_array(thread, self, other));
    else
      TRY(extend_iterable(thread, self, initial));
  } else {
    TRY(extend_iterable(thread, self, initial));
  }
  return self;
}

// ---- slots --------------------------------------------------------------------------------------

AnyResult array_tolist(Thread& thread, Borrowed<Array> self) {
  Ref<Bytes> items = TRY(snapshot(thread, self));
  Ref<List> list = TRY(list_create(thread));
  for (Word at = 0; at < items->size; at += self->kind->size) {
    AnyRef item = TRY(self->kind->load(thread, items->data() + at));
    TRY(list_append(thread, list, std::move(item)));
  }
  return list;
}

AnyResult array_tounicode(Thread& thread, Borrowed<Array> self) {
  if (!self->kind->is_text()) {
    return raise<ValueError>(thread,
                             "tounicode() may only be called on unicode type arrays ('u' or 'w')");
  }
  Ref<Bytes> items = TRY(snapshot(thread, self));
  for (Word at = 0; at < items->size; at += 4) {
    uint32_t character;
    std::memcpy(&character, items->data() + at, 4);
    if (character > 0x10ffff) {
      return raise<ValueError>(thread, "character U+{} is not in range [U+0000; U+10ffff]",
                               static_cast<Word>(character));
    }
  }
  return str_from_view(thread, StrView{StrKind::four, false, items->data(), items->size / 4});
}

AnyResult array_repr(Thread& thread, Borrowed<Array> self) {
  char name[2] = {self->kind->code, 0};
  Ref<Str> type = Ref<Str>::share(thread, type_of(self)->name.borrow());
  if (self->length == 0) {
    const FormatArgument arguments[] = {FormatArgument(type),
                                        FormatArgument(static_cast<const char*>(name))};
    return format_text(thread, "{}('{}')", arguments, 2);
  }
  AnyRef items =
      TRY(self->kind->is_text() ? array_tounicode(thread, self) : array_tolist(thread, self));
  const FormatArgument arguments[] = {FormatArgument(type),
                                      FormatArgument(static_cast<const char*>(name)),
                                      FormatArgument(repr_of(items.borrow()))};
  return format_text(thread, "{}('{}', {})", arguments, 3);
}

template <CompareOp op>
AnyResult array_compare(Thread& thread, Borrowed<Array> self, Any value) {
  if (!is_array(value)) return not_implemented();
  Borrowed<Array> other(value.value());
  if ((op == CompareOp::eq || op == CompareOp::ne) && self->length != other->length)
    return truth(op == CompareOp::ne);
  for (Word i = 0; i < self->length && i < other->length; ++i) {
    AnyRef left = TRY(item_at(thread, self, i)), right = TRY(item_at(thread, other, i));
    if (TRY(compare_true(thread, left, right, CompareOp::eq))) continue;
    if (op == CompareOp::eq) return truth(false);
    if (op == CompareOp::ne) return truth(true);
    return compare(thread, left, right, op);
  }
  return truth(order_holds(self->length, other->length, op));
}

Word array_len(Borrowed<Array> self) { return self->length; }

AnyResult array_getitem(Thread& thread, Borrowed<Array> self, Any key) {
  if (__builtin_expect(key.value().is_int(), 1)) {
    Word index = small_int_value(key);
    return item_at(thread, self, index < 0 ? index + self->length : index);
  }
  if (is_slice(key)) {
    SliceBounds bounds = TRY(slice_bounds(thread, Borrowed<Slice>(key.value())));
    Ref<Bytes> all = TRY(snapshot(thread, self));
    Word size = self->kind->size;
    SliceRange range = slice_apply(bounds, all->size / size);
    if (range.step == 1) {
      return create_from(thread, self,
                         all->view().substr(static_cast<size_t>(range.start * size),
                                            static_cast<size_t>(range.count * size)));
    }
    Ref<Bytes> picked = TRY(bytes_create(thread, static_cast<size_t>(range.count * size)));
    for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step) {
      std::memcpy(picked->data() + i * size, all->data() + at * size, static_cast<size_t>(size));
    }
    return create_from(thread, self, picked->view());
  }
  if (!has_index(key)) return raise<TypeError>(thread, "array indices must be integers");
  Word index = TRY(index_word(thread, key));
  return item_at(thread, self, index < 0 ? index + self->length : index);
}

Result<void> delete_steps(Thread& thread, Borrowed<Array> self, SliceRange range) {
  if (range.count == 0) return {};
  if (range.step < 0) {
    range.start += range.step * (range.count - 1);
    range.step = -range.step;
  }
  // From the end, so that the places before stay what they are.
  for (Word i = range.count; i-- > 0;) {
    Word at = range.start + i * range.step;
    TRY(splice(thread, self, at, at + 1, nullptr, 0));
  }
  return {};
}

Result<void> set_slice(Thread& thread, Borrowed<Array> self, Borrowed<Slice> key, MaybeAny value) {
  SliceBounds bounds = TRY(slice_bounds(thread, key));
  if (!value) {
    SliceRange range = slice_apply(bounds, self->length);
    if (range.step == 1) return splice(thread, self, range.start, range.stop(), nullptr, 0);
    return delete_steps(thread, self, range);
  }
  if (!is_array(*value)) {
    return raise<TypeError>(thread, "can only assign array (not \"{}\") to array slice",
                            type_name_in(*value));
  }
  Borrowed<Array> other(value.value());
  if (other->kind != self->kind)
    return raise<TypeError>(thread, "bad argument type for built-in operation");
  Ref<Bytes> items = TRY(snapshot(thread, other));
  Word size = self->kind->size, count = items->size / size;
  SliceRange range = slice_apply(bounds, self->length);
  if (range.step == 1) return splice(thread, self, range.start, range.stop(), items->data(), count);
  if (range.count != count) {
    return raise<ValueError>(thread,
                             "attempt to assign array of size {} to extended slice of size {}",
                             count, range.count);
  }
  ObjectLock lock(thread, self.get());
  for (Word i = 0, at = range.start; i < count && at < self->length; ++i, at += range.step) {
    std::memcpy(self->at(at), items->data() + i * size, static_cast<size_t>(size));
  }
  return {};
}

Result<void> array_setitem(Thread& thread, Borrowed<Array> self, Any key, MaybeAny value) {
  Word index;
  if (__builtin_expect(key.value().is_int(), 1)) {
    index = small_int_value(key);
  } else {
    if (is_slice(key)) return set_slice(thread, self, Borrowed<Slice>(key.value()), value);
    if (!has_index(key)) return raise<TypeError>(thread, "array indices must be integers");
    index = TRY(index_word(thread, key));
  }
  if (index < 0) index += self->length;
  if (index < 0 || index >= self->length)
    return raise<IndexError>(thread, "array assignment index out of range");
  if (!value) return splice(thread, self, index, index + 1, nullptr, 0);
  char item[8];
  TRY(self->kind->store(thread, *value, item));
  ObjectLock lock(thread, self.get());
  if (index >=
      self->length) {  // converting the value ran Python, or another thread made it shorter
    lock.unlock();
    return raise<IndexError>(thread, "array assignment index out of range");
  }
  std::memcpy(self->at(index), item, static_cast<size_t>(self->kind->size));
  return {};
}

Result<Word> find(Thread& thread, Borrowed<Array> self, Any value, Word start, Word stop,
                  Word* count) {
  for (Word i = start; i < stop && i < self->length; ++i) {
    AnyRef item = TRY(item_at(thread, self, i));
    if (!TRY(compare_true(thread, item, value, CompareOp::eq))) continue;
    if (!count) return i;
    ++*count;
  }
  return Word{-1};
}

Result<bool> array_contains(Thread& thread, Borrowed<Array> self, Any value) {
  return TRY(find(thread, self, value, 0, INT64_MAX, nullptr)) >= 0;
}

AnyResult array_add(Thread& thread, Borrowed<Array> self, Any other) {
  if (!is_array(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can only append array (not \"{}\") to array",
                            type_name_in(other));
  }
  Borrowed<Array> right(other.value());
  if (right->kind != self->kind)
    return raise<TypeError>(thread, "bad argument type for built-in operation");
  Ref<Bytes> items = TRY(snapshot(thread, self));
  Ref<Array> joined = TRY(create_from(thread, self, items->view()));
  TRY(extend_array(thread, joined, right));
  return joined;
}
AnyResult array_iadd(Thread& thread, Borrowed<Array> self, Any other) {
  if (!is_array(other)) {
    return raise<TypeError>(thread, "can only extend with array (not \"{}\")", type_name_in(other));
  }
  TRY(extend_array(thread, self, Borrowed<Array>(other.value())));
  return share(thread, self);
}

Result<void> repeat_into(Thread& thread, Borrowed<Array> self, std::string_view items, Word times) {
  Word count = static_cast<Word>(items.size()) / self->kind->size;
  if (count && times > (Word{1} << 56) / static_cast<Word>(items.size()))
    return raise_memory_error(thread);
  if (times <= 0 || count == 0) return splice(thread, self, 0, INT64_MAX, nullptr, 0);
  Ref<Bytes> all = TRY(bytes_create(thread, items.size() * static_cast<size_t>(times)));
  for (Word i = 0; i < times; ++i)
    std::memcpy(all->data() + static_cast<size_t>(i) * items.size(), items.data(), items.size());
  return splice(thread, self, 0, INT64_MAX, all->data(), count * times);
}
AnyResult array_mul(Thread& thread, Borrowed<Array> self, Any other) {
  if (!has_index(other)) {
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  }
  Word times = TRY(repeat_count(thread, other));
  Ref<Bytes> items = TRY(snapshot(thread, self));
  Ref<Array> made = TRY(create(thread, array_type.type, self->kind));
  TRY(repeat_into(thread, made, items->view(), times));
  return made;
}
AnyResult array_imul(Thread& thread, Borrowed<Array> self, Any other) {
  if (!has_index(other)) {
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  }
  Word times = TRY(repeat_count(thread, other));
  Ref<Bytes> items = TRY(snapshot(thread, self));
  if (times != 1) TRY(repeat_into(thread, self, items->view(), times));
  return share(thread, self);
}

void release_export(Thread&, BufferView& view) {
  static_cast<Array*>(view.owner.object())->exports.fetch_sub(1, std::memory_order_release);
}
Result<void> array_buffer(Thread& thread, Any value, BufferView& view, int) {
  static char nothing[8];
  Array* self = static_cast<Array*>(value.object());
  {
    ObjectLock lock(thread, self);
    self->exports.fetch_add(1, std::memory_order_relaxed);
    view.data = self->items ? self->items : nothing;
    view.size = self->length * self->kind->size;
  }
  view.item_size = self->kind->size;
  view.readonly = false;
  view.format = self->kind->format;
  view.owner = share(thread, value).release();
  view.release = release_export;
  return {};
}

// ---- methods ------------------------------------------------------------------------------------

Result<void> array_append(Thread& thread, Borrowed<Array> self, Any v) {
  return append(thread, self, v);
}
AnyResult array_buffer_info(Thread& thread, Borrowed<Array> self) {
  AnyRef address = TRY(int_from_u64(thread, reinterpret_cast<uint64_t>(self->items)));
  return tuple_of(thread, {address.value(), small_int(self->length)});
}
void array_byteswap(Thread& thread, Borrowed<Array> self) {
  ObjectLock lock(thread, self.get());
  for (Word i = 0; i < self->length; ++i) std::reverse(self->at(i), self->at(i) + self->kind->size);
}
Result<void> array_clear(Thread& thread, Borrowed<Array> self) {
  return splice(thread, self, 0, INT64_MAX, nullptr, 0);
}
AnyResult array_copy(Thread& thread, Borrowed<Array> self) {
  Ref<Bytes> items = TRY(snapshot(thread, self));
  return create_from(thread, self, items->view());
}
AnyResult array_deepcopy(Thread& thread, Borrowed<Array> self, Any) {
  return array_copy(thread, self);
}
Result<Word> array_count(Thread& thread, Borrowed<Array> self, Any v) {
  Word count = 0;
  (void)TRY(find(thread, self, v, 0, INT64_MAX, &count));
  return count;
}
Result<Word> array_index(Thread& thread, Borrowed<Array> self, Any v, SliceBound start,
                         SliceBound stop) {
  Word length = self->length;
  Word last = stop.value < 0 ? stop.value + length : stop.value;
  Word index = TRY(find(thread, self, v, start.clamp(length), last, nullptr));
  if (index < 0) return raise<ValueError>(thread, "array.index(x): x not in array");
  return index;
}
Result<void> array_remove(Thread& thread, Borrowed<Array> self, Any v) {
  Word index = TRY(find(thread, self, v, 0, INT64_MAX, nullptr));
  if (index < 0) return raise<ValueError>(thread, "array.remove(x): x not in array");
  return splice(thread, self, index, index + 1, nullptr, 0);
}
AnyResult array_pop(Thread& thread, Borrowed<Array> self, Word i) {
  if (self->length == 0) return raise<IndexError>(thread, "pop from empty array");
  if (i < 0) i += self->length;
  if (i < 0 || i >= self->length) return raise<IndexError>(thread, "pop index out of range");
  AnyRef item = TRY(item_at(thread, self, i));
  TRY(splice(thread, self, i, i + 1, nullptr, 0));
  return item;
}
Result<void> array_insert(Thread& thread, Borrowed<Array> self, Word i, Any v) {
  char item[8];
  TRY(self->kind->store(thread, v, item));
  Word length = self->length;
  if (i < 0) i += length;
  if (i < 0) i = 0;
  return splice(thread, self, i, i, item, 1);
}
Result<void> array_fromlist(Thread& thread, Borrowed<Array> self, Any list) {
  if (!is_list(list)) return raise<TypeError>(thread, "arg must be list");
  Word before = self->length;
  Word count = list_length(Borrowed<List>(list.value()));
  for (Word i = 0; i < count; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, Borrowed<List>(list.value()), i);
    Result<void> done =
        item ? append(thread, self, item.borrow())
             : Result<void>(raise<RuntimeError>(thread, "list changed size during iteration"));
    if (!done.raised()) continue;
    Maybe<Ref<Object>> reason = take_exception(thread);
    if (splice(thread, self, before, INT64_MAX, nullptr, 0).raised()) clear_exception(thread);
    return raise_object(thread, reason.take());
  }
  return {};
}
Result<void> array_fromfile(Thread& thread, Borrowed<Array> self, Any f, Word n) {
  if (n < 0) return raise<ValueError>(thread, "negative count");
  if (n > INT64_MAX / self->kind->size) return raise_memory_error(thread);
  AnyRef data = TRY(call_method(thread, f, NAME("read"), {small_int(n * self->kind->size)}));
  if (!is_bytes(data.value())) return raise<TypeError>(thread, "read() didn't return bytes");
  Word got = static_cast<Bytes*>(data.get())->size;
  TRY(array_frombytes(thread, self, data));
  if (got != n * self->kind->size)
    return raise<EOFError>(thread, "read() didn't return enough bytes");
  return {};
}
Result<void> array_tofile(Thread& thread, Borrowed<Array> self, Any f) {
  constexpr Word kBlock = 64 * 1024;
  Ref<Bytes> items = TRY(snapshot(thread, self));
  AnyLookup write = lookup_attr(thread, f, NAME("write"));
  if (write.raised()) return Raised{};
  if (write.is_absent()) return raise_attribute_error(thread, f, NAME("write"));
  for (Word at = 0; at < items->size; at += kBlock) {
    Word count = items->size - at < kBlock ? items->size - at : kBlock;
    Ref<Bytes> block = TRY(bytes_from(
        thread, items->view().substr(static_cast<size_t>(at), static_cast<size_t>(count))));
    {
      AnyRef written = TRY(call(thread, write.borrow(), {block.value()}));
    }
  }
  return {};
}
AnyResult array_tobytes(Thread& thread, Borrowed<Array> self) { return snapshot(thread, self); }
void array_reverse(Thread& thread, Borrowed<Array> self) {
  ObjectLock lock(thread, self.get());
  Word size = self->kind->size;
  for (Word low = 0, high = self->length - 1; low < high; ++low, --high) {
    std::swap_ranges(self->at(low), self->at(low) + size, self->at(high));
  }
}
Word array_sizeof(Borrowed<Array> self) {
  return static_cast<Word>(sizeof(Array) + (self->items ? buffer_capacity(self->items) : 0));
}
AnyResult array_typecode(Thread& thread, Borrowed<Array> self) {
  return str_from_char(thread, static_cast<char32_t>(self->kind->code));
}
AnyResult array_itemsize(Thread& thread, Borrowed<Array> self) {
  return int_from_word(thread, self->kind->size);
}

AnyResult array_reduce_ex(Thread& thread, Borrowed<Array> self, Any protocol) {
  if (!is_int(protocol))
    return raise<TypeError>(thread, "__reduce_ex__ argument should be an integer");
  Word version = TRY(index_word(thread, protocol));
  AnyLookup dict = instance_dict(thread, self);
  if (dict.raised()) return Raised{};
  Value attributes = dict.found() ? dict.value() : kNone;
  AnyRef code = TRY(array_typecode(thread, self));
  Value type(static_cast<Object*>(type_of(self)));
  if (version < 3) {
    AnyRef list = TRY(array_tolist(thread, self));
    Ref<Tuple> arguments = TRY(tuple_of(thread, {code.value(), list.value()}));
    return tuple_of(thread, {type, arguments.value(), attributes});
  }
  AnyRef import = TRY(builtin_function(thread, NAME("__import__")));
  AnyRef module = TRY(call(thread, import, {Value(static_cast<Object*>(NAME("array")))}));
  AnyRef maker = TRY(get_attr(thread, module, NAME("_array_reconstructor")));
  Ref<Bytes> items = TRY(snapshot(thread, self));
  Ref<Tuple> arguments = TRY(
      tuple_of(thread, {type, code.value(), small_int(self->kind->machine_format), items.value()}));
  return tuple_of(thread, {maker.value(), arguments.value(), attributes});
}

// What pickles of other machines are read with: values of a machine format become items of a
// typecode.
AnyResult reconstruct(Thread& thread, Any type_value, Borrowed<Str> typecode, Word format,
                      Any items) {
  if (!is_type(type_value)) {
    return raise<TypeError>(thread, "first argument must be a type object, not {}",
                            type_name_in(type_value));
  }
  Type* type = static_cast<Type*>(type_value.object());
  if (!is_subtype(type, array_type)) {
    return raise<TypeError>(thread, "{} is not a subtype of array.array", type_name(thread, type));
  }
  const ArrayKind* kind = typecode->length() == 1 ? array_kind(typecode->view()[0]) : nullptr;
  if (!kind) return raise<ValueError>(thread, "second argument must be a valid type code");
  if (format < 0 || format > 21)
    return raise<ValueError>(thread, "third argument must be a valid machine format code.");
  if (!is_bytes(items)) {
    return raise<TypeError>(thread, "fourth argument should be bytes, not {}", type_name_in(items));
  }
  Ref<Array> made = TRY(create(thread, type, kind));
  std::string_view data = static_cast<Bytes*>(items.object())->view();
  if (format == kind->machine_format) {
    TRY(array_frombytes(thread, made, items));
    return made;
  }
  MachineFormat machine = machine_format(format);
  if (data.size() % static_cast<size_t>(machine.size)) {
    return raise<ValueError>(thread, "bytes length not a multiple of item size");
  }
  if (machine.text) {
    const char* codec = machine.size == 2 ? (machine.little ? "utf-16-le" : "utf-16-be")
                                          : (machine.little ? "utf-32-le" : "utf-32-be");
    Ref<Str> name = TRY(str_intern_ascii(thread, codec));
    AnyRef text = TRY(call_method(thread, items, NAME("decode"), {name.value()}));
    TRY(array_fromunicode(thread, made, Borrowed<Str>(text.value())));
    return made;
  }
  for (size_t at = 0; at < data.size(); at += static_cast<size_t>(machine.size)) {
    AnyRef value = TRY(machine_value(thread, machine, data.data() + at));
    TRY(append(thread, made, value));
  }
  return made;
}

// ---- iterator -----------------------------------------------------------------------------------

struct ArrayIterator : Object {
  Field<Array> array;  // empty once exhausted
  Word index;
};
AnyResult array_iter(Thread& thread, Borrowed<Array> self) {
  AnyRef made = TRY(allocate_instance(thread, array_iterator_type.type));
  ArrayIterator* iterator = static_cast<ArrayIterator*>(made.get());
  slot_init(iterator, iterator->array, share(thread, self));
  return made;
}
AnyResult array_iterator_iter(Thread& thread, Any self) { return share(thread, self); }
Step array_iterator_next(Thread& thread, Borrowed<ArrayIterator> self) {
  Maybe<Ref<Array>> array = field_load(thread, self.get(), self->array);
  if (!array) return Step::done();
  if (self->index < array->length) {
    AnyResult item = item_at(thread, array.borrow(), self->index++);
    if (!item.raised()) return item.take();
    if (!pending_is<IndexError>(thread)) return Raised{};
    clear_exception(thread);
  }
  slot_clear(thread, self.get(), self->array);
  return Step::done();
}
AnyResult array_iterator_reduce(Thread& thread, Borrowed<ArrayIterator> self) {
  Maybe<Ref<Array>> array = field_load(thread, self.get(), self->array);
  if (!array) return reduce_with_builtin(thread, NAME("iter"), {Value(tuple_empty())});
  return reduce_with_builtin(thread, NAME("iter"), {array.value()},
                             MaybeAny(small_int(self->index)));
}
void array_iterator_setstate(Thread& thread, Borrowed<ArrayIterator> self, Word index) {
  Maybe<Ref<Array>> array = field_load(thread, self.get(), self->array);
  if (array) self->index = index < 0 ? 0 : index > array->length ? array->length : index;
}
const Layout array_iterator_layout{"arrayiterator", sizeof(ArrayIterator), true,
                                   trace_fields<ArrayIterator, &ArrayIterator::array>, nullptr};
const SlotEntry array_iterator_slots[] = {
    slot<SlotId::iter, array_iterator_iter>(),
    slot<SlotId::next, array_iterator_next>(),
};
constexpr Method array_iterator_methods[] = {
    method<array_iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<array_iterator_setstate>("__setstate__(object, /)",
                                    "Set state information for unpickling."),
};
const TypeSpec array_iterator_spec{
    .name = "array.arrayiterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &array_iterator_layout,
    .slots = array_iterator_slots,
    .methods = array_iterator_methods,
};

// ---- type ---------------------------------------------------------------------------------------

void array_destroy(Thread& thread, Object* object) {
  if (char* items = static_cast<Array*>(object)->items) free_buffer(thread, items);
}
const Layout array_layout{"array", sizeof(Array), false, nullptr, array_destroy};
const SlotEntry array_slots[] = {
    slot<SlotId::new_, array_new>(),
    slot<SlotId::repr, array_repr>(),
    slot<SlotId::lt, array_compare<CompareOp::lt>>(),
    slot<SlotId::le, array_compare<CompareOp::le>>(),
    slot<SlotId::eq, array_compare<CompareOp::eq>>(),
    slot<SlotId::ne, array_compare<CompareOp::ne>>(),
    slot<SlotId::gt, array_compare<CompareOp::gt>>(),
    slot<SlotId::ge, array_compare<CompareOp::ge>>(),
    slot<SlotId::iter, array_iter>(),
    slot<SlotId::len, array_len>(),
    slot<SlotId::getitem, array_getitem>(),
    slot<SlotId::setitem, array_setitem>(),
    slot<SlotId::contains, array_contains>(),
    slot<SlotId::add, array_add>(),
    slot<SlotId::mul, array_mul>(),
    slot<SlotId::rmul, array_mul>(),
    slot<SlotId::iadd, array_iadd>(),
    slot<SlotId::imul, array_imul>(),
    buffer_slot(array_buffer),
};
constexpr Method array_methods[] = {
    method<array_append>("append(v, /)", "Append new value v to the end of the array."),
    method<array_buffer_info>("buffer_info()",
                              "Return a tuple (address, length) giving the current memory address "
                              "and the length in items."),
    method<array_byteswap>("byteswap()", "Byteswap all items of the array."),
    method<array_clear>("clear()", "Remove all items from the array."),
    method<array_copy>("__copy__()", "Return a copy of the array."),
    method<array_count>("count(v, /)", "Return number of occurrences of v in the array."),
    method<array_deepcopy>("__deepcopy__(unused, /)", "Return a copy of the array."),
    method<array_extend>("extend(bb, /)", "Append items to the end of the array."),
    method<array_fromfile>(
        "fromfile(f, n, /)",
        "Read n objects from the file object f and append them to the end of the array."),
    method<array_fromlist>("fromlist(list, /)", "Append items to array from list."),
    method<array_frombytes>("frombytes(buffer, /)",
                            "Appends items from the bytes-like object, as machine values."),
    method<array_fromunicode>(
        "fromunicode(ustr, /)",
        "Extends this array with data from the unicode string ustr.\n\n"
        "The array must be a unicode type array; otherwise a ValueError is raised."),
    method<array_index>("index(v, start=0, stop=maxsize, /)",
                        "Return index of first occurrence of v in the array.\n\n"
                        "Raise ValueError if the value is not present."),
    method<array_insert>("insert(i, v, /)",
                         "Insert a new item v into the array before position i."),
    method<array_pop>("pop(i=-1, /)",
                      "Return the i-th element and delete it from the array.\n\ni defaults to -1."),
    method<array_reduce_ex>("__reduce_ex__(value, /)", "Return state information for pickling."),
    method<array_remove>("remove(v, /)", "Remove the first occurrence of v in the array."),
    method<array_reverse>("reverse()", "Reverse the order of the items in the array."),
    method<array_tofile>("tofile(f, /)",
                         "Write all items (as machine values) to the file object f."),
    method<array_tolist>("tolist()", "Convert array to an ordinary list with the same items."),
    method<array_tobytes>(
        "tobytes()",
        "Convert the array to an array of machine values and return the bytes representation."),
    method<array_tounicode>(
        "tounicode()",
        "Convert the array to a unicode string.  The array must be a unicode type array;\n"
        "otherwise a ValueError is raised."),
    method<array_sizeof>("__sizeof__()", "Size of the array in memory, in bytes."),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
};
const GetSet array_getsets[] = {
    getter<array_typecode>("typecode", "the typecode character used to create the array"),
    getter<array_itemsize>("itemsize", "the size, in bytes, of one array item"),
};
const TypeSpec array_spec{
    .name = "array.array",
    .doc =
        "array(typecode [, initializer]) -> array\n\n"
        "Return a new array whose items are restricted by typecode, and\n"
        "initialized from the optional initializer value, which must be a list,\n"
        "string or iterable over elements of the appropriate type.\n\n"
        "typecode is one of b B (1 byte), h H (2), i I (4), l L q Q (8), f (4), d (8), u w "
        "(characters).",
    .flags = kTypeBase | kTypeImmutable | kTypeSequence | kTypeWeakrefable,
    .layout = &array_layout,
    .slots = array_slots,
    .methods = array_methods,
    .getsets = array_getsets,
};

constexpr Method functions[] = {
    function<reconstruct>("_array_reconstructor(arraytype, typecode, mformat_code, items, /)",
                          "Internal. Used for pickling support."),
};
const ModuleType types[] = {
    {&array_spec, &array_type},
    {&array_iterator_spec, &array_iterator_type},
};
constexpr ModuleConstant constants[] = {constant_text("typecodes", kArrayTypecodes)};
Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  Ref<Dict> names = module_dict(thread, module);
  (void)TRY(dict_delete(thread, names, NAME("arrayiterator")));  // not to be had by name
  // collections.abc, without the rest of collections.
  Ref<Str> abstract = TRY(str_intern_ascii(thread, "_collections_abc"));
  AnyRef abc = TRY(import_module(thread, abstract));
  AnyRef mutable_sequence =
      TRY(get_attr(thread, abc, TRY(str_intern_ascii(thread, "MutableSequence")).get()));
  AnyRef done =
      TRY(call_method(thread, mutable_sequence, NAME("register"), {Value(array_type.type)}));
  return module_set(thread, module, "ArrayType", array_type.type);
}

}  // namespace

extern const ModuleSpec array_module;
const ModuleSpec array_module{
    .name = "array",
    .doc =
        "This module defines an object type which can efficiently represent\n"
        "an array of basic values: characters, integers, floating-point\n"
        "numbers.  Arrays are sequence types and behave very much like lists,\n"
        "except that the type of objects stored in them is constrained.\n",
    .functions = functions,
    .constants = constants,
    .types = types,
    .initialize = initialize,
};

}  // namespace dx
