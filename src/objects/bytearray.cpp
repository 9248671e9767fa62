// bytearray: buffers that grow, and what mutates. Everything that only reads is shared with bytes
// (bytes_methods.h).

#include "objects/bytearray.h"

#include <cstring>

#include "memory/byte_lock.h"
#include "memory/heap.h"
#include "objects/bind.h"
#include "objects/bytes_methods.h"
#include "objects/iter.h"

namespace dx {

Result<Ref<Bytes>> bytes_from_arguments(Thread& thread, const Value* given,
                                        bool allow_bytes_method);
AnyResult bytes_iter(Thread& thread, Any self);

// ---- storage ------------------------------------------------------------------------------------
static ByteBuffer* buffer_create(Thread& thread, size_t capacity) {
  if (capacity > size_t{1} << 46) return nullptr;
  auto* buffer =
      static_cast<ByteBuffer*>(allocate_buffer(thread, sizeof(ByteBuffer) + capacity + 1));
  if (buffer == nullptr) return nullptr;
  new (&buffer->size) std::atomic<Word>(0);
  buffer->capacity = static_cast<Word>(buffer_capacity(buffer) - sizeof(ByteBuffer) - 1);
  buffer->data()[0] = 0;
  return buffer;
}

static AnyResult bytearray_instance(Thread& thread, Borrowed<Type> type, size_t size) {
  ByteBuffer* buffer = nullptr;
  if (size != 0) {
    buffer = buffer_create(thread, size);
    if (buffer == nullptr) return raise_memory_error(thread);
    buffer->data()[size] = 0;
    buffer->size.store(static_cast<Word>(size), std::memory_order_relaxed);
  }
  AnyResult made = allocate_instance(thread, type);
  if (made.raised()) {
    if (buffer) free_buffer(thread, buffer);
    return Raised{};
  }
  AnyRef self = made.take();
  static_cast<ByteArray*>(self.borrow().object())->buffer.store(buffer, std::memory_order_release);
  return self;
}

Result<Ref<ByteArray>> bytearray_create(Thread& thread, size_t size) {
  AnyRef made = TRY(bytearray_instance(thread, Borrowed<Type>(TYPE(bytearray)), size));
  return Ref<ByteArray>::adopt(made.release());
}
Result<Ref<ByteArray>> bytearray_from(Thread& thread, std::string_view data) {
  Ref<ByteArray> made = TRY(bytearray_create(thread, data.size()));
  if (!data.empty())
    memcpy(made->buffer.load(std::memory_order_relaxed)->data(), data.data(), data.size());
  return made;
}

static void bytearray_destroy(Thread& thread, Object* object) {
  ByteBuffer* buffer = static_cast<ByteArray*>(object)->buffer.load(std::memory_order_relaxed);
  if (buffer) free_buffer(thread, buffer);
}

// self[start:stop] = data, under the lock. Requires: data is not inside self.
enum class Splice : uint8_t { done, exported, no_memory };
static Splice splice_locked(Thread& thread, ByteArray* self, Word start, Word stop,
                            std::string_view data) {
  ByteBuffer* old = self->buffer.load(std::memory_order_relaxed);
  Word size = old ? old->size.load(std::memory_order_relaxed) : 0;
  if (start > size) start = size;
  if (stop > size) stop = size;
  if (stop < start) stop = start;
  Word added = size_of(data), fresh = size - (stop - start) + added;
  if (fresh != size && self->exports.load(std::memory_order_acquire) > 0) return Splice::exported;
  if (fresh == size) {
    if (added) memcpy(old->data() + start, data.data(), data.size());
    return Splice::done;
  }
  bool alone = is_mine(thread, self);
  bool roomy = old && fresh <= old->capacity && (fresh > old->capacity / 4 || old->capacity < 64);
  if (roomy && (alone || start == size)) {
    // In place: nobody can be reading the tail that moves, or nothing moves.
    memmove(old->data() + start + added, old->data() + stop, static_cast<size_t>(size - stop));
    if (added) memcpy(old->data() + start, data.data(), data.size());
    old->data()[fresh] = 0;
    old->size.store(fresh, std::memory_order_release);
    return Splice::done;
  }
  size_t room = static_cast<size_t>(fresh);
  if (fresh > size) room += room / 8 + (fresh < 9 ? 3 : 6);
  ByteBuffer* replacement = buffer_create(thread, room);
  if (replacement == nullptr) return Splice::no_memory;
  if (start) memcpy(replacement->data(), old->data(), static_cast<size_t>(start));
  if (added) memcpy(replacement->data() + start, data.data(), data.size());
  if (size > stop)
    memcpy(replacement->data() + start + added, old->data() + stop,
           static_cast<size_t>(size - stop));
  replacement->data()[fresh] = 0;
  replacement->size.store(fresh, std::memory_order_relaxed);
  self->buffer.store(replacement, std::memory_order_release);
  if (old) {
    if (alone)
      free_buffer(thread, old);
    else
      retire_buffer(thread, old);
  }
  return Splice::done;
}

static Result<void> splice_outcome(Thread& thread, Splice outcome) {
  if (outcome == Splice::exported)
    return raise<BufferError>(thread, "Existing exports of data: object cannot be re-sized");
  if (outcome == Splice::no_memory) return raise_memory_error(thread);
  return {};
}

Result<void> bytearray_splice(Thread& thread, Borrowed<ByteArray> self, Word start, Word stop,
                              std::string_view data) {
  std::string_view own = bytearray_view(self.get());
  if (!data.empty() && data.data() >= own.data() && data.data() <= own.data() + own.size()) {
    Ref<Bytes> copy = TRY(bytes_from(thread, data));
    return bytearray_splice(thread, self, start, stop, copy->view());
  }
  Splice outcome;
  {
    ObjectLock lock(thread, self.get());
    outcome = splice_locked(thread, self.get(), start, stop, data);
  }
  return splice_outcome(thread, outcome);
}

static Borrowed<ByteArray> as_array(Any self) { return Borrowed<ByteArray>(self.value()); }

// ---- construction -------------------------------------------------------------------------------
static AnyResult bytearray_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return bytearray_instance(thread, type, 0);
}

static Result<void> bytearray_extend(Thread& thread, Any self, Any iterable);

static Result<void> bytearray_init(Thread& thread, Any self, const Arguments& arguments) {
  static const char* const names[] = {"source", "encoding", "errors"};
  Value given[3];
  if (!bind_new(thread, {"bytearray", names, 3, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  TRY(bytearray_splice(thread, as_array(self), 0, INT64_MAX, ""));
  bool plain = given[0] && !given[1] && !given[2] && !is_str(given[0]);
  if (plain && !has_buffer(Any(given[0])) && !has_index(Any(given[0]))) {
    Any source(given[0]);
    AnyResult got = get_iter(thread, source);
    if (got.raised()) {
      if (!pending_is<TypeError>(thread)) return Raised{};
      clear_exception(thread);
      return raise<TypeError>(thread, "cannot convert '{}' object to bytearray",
                              type_name_in(source));
    }
    AnyRef iterator = got.take();
    return bytearray_extend(thread, self, iterator);
  }
  Ref<Bytes> bytes = TRY(bytes_from_arguments(thread, given, false));
  return bytearray_splice(thread, as_array(self), 0, INT64_MAX, bytes->view());
}

// ---- slots --------------------------------------------------------------------------------------
static Result<Ref<Str>> bytearray_repr(Thread& thread, Any self) {
  StrBuilder builder(thread);
  Ref<Str> name = TRY(str_from_utf8(thread, type_name_of(thread, self)));
  Word dot = view_rfind(name->view(), ascii_view("."), 0, name->length());
  TRY(builder.append(view_slice(name->view(), dot + 1, name->length())));
  TRY(builder.append("("));
  Ref<Bytes> copy = TRY(bytes_from(thread, view_of<ByteKind::bytearray>(self)));
  TRY(append_bytes_repr(builder, copy->view(), ByteKind::bytearray));
  TRY(builder.append(")"));
  return builder.finish();
}

static AnyResult bytearray_getitem(Thread& thread, Any self, Any key) {
  if (is_slice(key)) {
    SliceBounds bounds = TRY(slice_bounds(thread, Borrowed<Slice>(key.value())));
    std::string_view text = view_of<ByteKind::bytearray>(self);
    SliceRange range = slice_apply(bounds, size_of(text));
    return make_filled<ByteKind::bytearray>(
        thread, range.count > 0 ? static_cast<size_t>(range.count) : 0, [&](char* out) {
          if (range.step == 1)
            memcpy(out, text.data() + range.start, static_cast<size_t>(range.count));
          else
            for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step)
              out[i] = text[static_cast<size_t>(at)];
        });
  }
  if (!has_index(key))
    return raise<TypeError>(thread, "bytearray indices must be integers or slices, not {}",
                            type_name_in(key));
  Word index = TRY(index_word(thread, key));
  std::string_view text = view_of<ByteKind::bytearray>(self);
  if (index < 0) index += size_of(text);
  if (index < 0 || index >= size_of(text))
    return raise<IndexError>(thread, "bytearray index out of range");
  return AnyRef::adopt(small_int(static_cast<uint8_t>(text[static_cast<size_t>(index)])));
}

static Result<void> assign_slice(Thread& thread, Any self, SliceBounds bounds,
                                 std::string_view data) {
  Splice outcome = Splice::done;
  Word wrong = -1;
  {
    ObjectLock lock(thread, as_array(self).get());
    std::string_view text = view_of<ByteKind::bytearray>(self);
    SliceRange range = slice_apply(bounds, size_of(text));
    if (range.step == 1) {
      outcome =
          splice_locked(thread, as_array(self).get(), range.start, range.start + range.count, data);
    } else if (data.empty()) {
      // Deleting every n-th: what stays is collected first.
      if (range.count > 0) {
        size_t kept_size = text.size() - static_cast<size_t>(range.count);
        char* kept = static_cast<char*>(malloc(kept_size + 1));
        if (kept == nullptr) {
          outcome = Splice::no_memory;
        } else {
          Word step = range.step < 0 ? -range.step : range.step;
          Word first = range.step < 0 ? range.start + (range.count - 1) * range.step : range.start;
          Word last = first + (range.count - 1) * step;
          size_t out = 0;
          for (Word i = 0; i < size_of(text); ++i) {
            if (i >= first && i <= last && (i - first) % step == 0) continue;
            kept[out++] = text[static_cast<size_t>(i)];
          }
          outcome = splice_locked(thread, as_array(self).get(), 0, INT64_MAX,
                                  std::string_view(kept, kept_size));
          free(kept);
        }
      }
    } else if (size_of(data) != range.count) {
      wrong = range.count < 0 ? 0 : range.count;
    } else {
      char* out = as_array(self)->buffer.load(std::memory_order_relaxed)->data();
      for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step)
        out[at] = data[static_cast<size_t>(i)];
    }
  }
  if (wrong >= 0) {
    return raise<ValueError>(thread,
                             "attempt to assign bytes of size {} to extended slice of size {}",
                             data.size(), wrong);
  }
  return splice_outcome(thread, outcome);
}

static Result<void> bytearray_setitem(Thread& thread, Any self, Any key, MaybeAny value) {
  if (is_slice(key)) {
    SliceBounds bounds = TRY(slice_bounds(thread, Borrowed<Slice>(key.value())));
    if (!value) return assign_slice(thread, self, bounds, "");
    if (value.value() == self.value() || !has_buffer(*value)) {
      if (is_str(value.value()) || (is_int(value.value()) && !has_buffer(*value))) {
        return raise<TypeError>(
            thread, "can assign only bytes, buffers, or iterables of ints in range(0, 256)");
      }
      AnyRef copy = TRY(call(thread, Any(TYPE(bytearray)), {value.value()}));
      Ref<Bytes> data = TRY(bytes_from(thread, view_of<ByteKind::bytearray>(copy)));
      return assign_slice(thread, self, bounds, data->view());
    }
    Ref<Bytes> data = TRY(bytes_of_object(thread, *value));  // a copy: the buffer may be ours
    return assign_slice(thread, self, bounds, data->view());
  }
  if (!has_index(key))
    return raise<TypeError>(thread, "bytearray indices must be integers or slices, not {}",
                            type_name_in(key));
  Word index = TRY(index_word(thread, key));
  uint8_t byte = value ? TRY(byte_from(thread, *value)) : uint8_t{0};
  bool found = false;
  Splice outcome = Splice::done;
  {
    ObjectLock lock(thread, as_array(self).get());
    Word size = size_of(view_of<ByteKind::bytearray>(self));
    if (index < 0) index += size;
    found = index >= 0 && index < size;
    if (found && value)
      as_array(self)->buffer.load(std::memory_order_relaxed)->data()[index] =
          static_cast<char>(byte);
    else if (found)
      outcome = splice_locked(thread, as_array(self).get(), index, index + 1, "");
  }
  if (!found) return raise<IndexError>(thread, "bytearray index out of range");
  return splice_outcome(thread, outcome);
}

static AnyResult bytearray_iadd(Thread& thread, Any self, Any other) {
  if (!has_buffer(other))
    return raise<TypeError>(thread, "can't concat {} to {}", type_name_in(other),
                            type_name_in(self));
  if (other.value() == self.value()) {
    Ref<Bytes> copy = TRY(bytes_from(thread, view_of<ByteKind::bytearray>(self)));
    TRY(bytearray_splice(thread, as_array(self), INT64_MAX, INT64_MAX, copy->view()));
  } else {
    Needle right(thread);
    TRY(right.acquire(other));
    TRY(bytearray_splice(thread, as_array(self), INT64_MAX, INT64_MAX, right.view()));
  }
  return share(thread, self);
}
static AnyResult bytearray_imul(Thread& thread, Any self, Any other) {
  Word count = TRY(repeat_count(thread, other));
  AnyRef repeated = TRY(bytes_repeat<ByteKind::bytearray>(thread, self, count));
  TRY(bytearray_splice(thread, as_array(self), 0, INT64_MAX,
                       view_of<ByteKind::bytearray>(repeated)));
  return share(thread, self);
}

static void bytearray_release(Thread&, BufferView& view) {
  static_cast<ByteArray*>(view.owner.object())->exports.fetch_sub(1, std::memory_order_release);
}
static Result<void> bytearray_buffer(Thread& thread, Any self, BufferView& view, int) {
  ByteArray* array = as_array(self).get();
  ByteBuffer* buffer;
  {
    ObjectLock lock(thread, array);
    buffer = array->buffer.load(std::memory_order_relaxed);
    array->exports.fetch_add(1, std::memory_order_relaxed);
    view.size = buffer ? buffer->size.load(std::memory_order_relaxed) : 0;
  }
  static char nothing[1];
  view.data = buffer ? buffer->data() : nothing;
  view.readonly = false;
  view.owner = share(thread, self).release();
  view.release = bytearray_release;
  return {};
}

// ---- methods ------------------------------------------------------------------------------------
static Result<void> bytearray_append(Thread& thread, Any self, Any item) {
  char c = static_cast<char>(TRY(byte_from(thread, item)));
  return bytearray_splice(thread, as_array(self), INT64_MAX, INT64_MAX, std::string_view(&c, 1));
}

static Result<void> bytearray_extend(Thread& thread, Any self, Any iterable) {
  if (has_buffer(iterable)) {
    (void)TRY(bytearray_iadd(thread, self, iterable));
    return {};
  }
  if (is_str(iterable))
    return raise<TypeError>(thread, "expected iterable of integers; got: 'str'");
  AnyResult got = get_iter(thread, iterable);
  if (got.raised()) {
    if (!pending_is<TypeError>(thread)) return Raised{};
    clear_exception(thread);
    return raise<TypeError>(thread, "can't extend bytearray with {}", type_name_in(iterable));
  }
  AnyRef iterator = got.take();
  // Collected apart first: an error half way leaves self as it was.
  Ref<ByteArray> collected = TRY(bytearray_create(thread, 0));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) break;
    AnyRef item = step.take();
    TRY(bytearray_append(thread, collected, item));
  }
  return bytearray_splice(thread, as_array(self), INT64_MAX, INT64_MAX,
                          bytearray_view(collected.get()));
}

static Result<void> bytearray_insert(Thread& thread, Any self, Word index, Any item) {
  char c = static_cast<char>(TRY(byte_from(thread, item)));
  Word size = size_of(view_of<ByteKind::bytearray>(self));
  if (index < 0) index = index + size < 0 ? 0 : index + size;
  return bytearray_splice(thread, as_array(self), index, index, std::string_view(&c, 1));
}

static AnyResult bytearray_pop(Thread& thread, Any self, Word index) {
  Splice outcome = Splice::done;
  bool empty, found = false;
  uint8_t byte = 0;
  {
    ObjectLock lock(thread, as_array(self).get());
    std::string_view text = view_of<ByteKind::bytearray>(self);
    empty = text.empty();
    if (index < 0) index += size_of(text);
    found = index >= 0 && index < size_of(text);
    if (found) {
      byte = static_cast<uint8_t>(text[static_cast<size_t>(index)]);
      outcome = splice_locked(thread, as_array(self).get(), index, index + 1, "");
    }
  }
  if (empty) return raise<IndexError>(thread, "pop from empty bytearray");
  if (!found) return raise<IndexError>(thread, "pop index out of range");
  TRY(splice_outcome(thread, outcome));
  return AnyRef::adopt(small_int(byte));
}

static Result<void> bytearray_remove(Thread& thread, Any self, Any value) {
  uint8_t byte = TRY(byte_from(thread, value));
  Splice outcome = Splice::done;
  size_t at;
  {
    ObjectLock lock(thread, as_array(self).get());
    std::string_view text = view_of<ByteKind::bytearray>(self);
    at = simd::find(octets(text), text.size(), byte);
    if (at != simd::kNotFound)
      outcome = splice_locked(thread, as_array(self).get(), static_cast<Word>(at),
                              static_cast<Word>(at) + 1, "");
  }
  if (at == simd::kNotFound) return raise<ValueError>(thread, "value not found in bytearray");
  return splice_outcome(thread, outcome);
}

static Result<void> bytearray_clear(Thread& thread, Any self) {
  return bytearray_splice(thread, as_array(self), 0, INT64_MAX, "");
}
static AnyResult bytearray_copy(Thread& thread, Any self) {
  return bytearray_from(thread, view_of<ByteKind::bytearray>(self));
}

static void bytearray_reverse(Thread& thread, Any self) {
  ObjectLock lock(thread, as_array(self).get());
  std::string_view text = view_of<ByteKind::bytearray>(self);
  if (text.empty()) return;
  char* data = as_array(self)->buffer.load(std::memory_order_relaxed)->data();
  for (size_t i = 0, j = text.size() - 1; i < j; ++i, --j) std::swap(data[i], data[j]);
}

static Result<void> bytearray_resize(Thread& thread, Any self, Word size) {
  if (size < 0) return raise<ValueError>(thread, "Can only resize to positive sizes, got {}", size);
  Word old = size_of(view_of<ByteKind::bytearray>(self));
  if (size <= old) return bytearray_splice(thread, as_array(self), size, INT64_MAX, "");
  Ref<Bytes> zeros = TRY(bytes_create(thread, static_cast<size_t>(size - old)));
  memset(zeros->data(), 0, static_cast<size_t>(size - old));
  return bytearray_splice(thread, as_array(self), old, INT64_MAX, zeros->view());
}

static Word bytearray_alloc(Any self) {
  ByteBuffer* buffer = as_array(self)->buffer.load(std::memory_order_acquire);
  return buffer ? buffer->size.load(std::memory_order_relaxed) + 1 : 0;
}
static Word bytearray_sizeof(Any self) {
  ByteBuffer* buffer = as_array(self)->buffer.load(std::memory_order_acquire);
  return static_cast<Word>(sizeof(ByteArray)) +
         (buffer ? static_cast<Word>(sizeof(ByteBuffer)) + buffer->capacity + 1 : 0);
}

static AnyResult reduce_with(Thread& thread, Any self, int protocol) {
  AnyRef state = TRY(call_method(thread, self, NAME("__getstate__"), {}));  // __slots__ included
  std::string_view text = view_of<ByteKind::bytearray>(self);
  Value type = type_of(self);
  if (protocol < 3) {
    Ref<Str> latin1 = TRY(decode_latin1(thread, text));
    Ref<Str> name = TRY(str_from_ascii(thread, "latin-1"));
    Ref<Tuple> arguments = TRY(tuple_of(thread, {latin1.value(), name.value()}));
    return tuple_of(thread, {type, arguments.value(), state.value()});
  }
  Ref<Bytes> bytes = TRY(bytes_from(thread, text));
  Ref<Tuple> arguments = text.empty() ? Ref<Tuple>::share(thread, Borrowed<Tuple>(tuple_empty()))
                                      : TRY(tuple_of(thread, {bytes.value()}));
  return tuple_of(thread, {type, arguments.value(), state.value()});
}
static AnyResult bytearray_reduce(Thread& thread, Any self) { return reduce_with(thread, self, 2); }
static AnyResult bytearray_reduce_ex(Thread& thread, Any self, int protocol) {
  return reduce_with(thread, self, protocol);
}

static AnyResult bytearray_fromhex(Thread& thread, Borrowed<Type> type, Any text) {
  AnyRef bytes = TRY(from_hex(thread, text));
  return call(thread, type, {bytes.value()});
}

// ---- the type -----------------------------------------------------------------------------------
static const SlotEntry bytearray_slots[] = {
    slot<SlotId::new_, bytearray_new>(),
    slot<SlotId::init, bytearray_init>(),
    slot<SlotId::repr, bytearray_repr>(),
    slot<SlotId::str, bytearray_repr>(),
    slot<SlotId::lt, bytes_compare<ByteKind::bytearray, CompareOp::lt>>(),
    slot<SlotId::le, bytes_compare<ByteKind::bytearray, CompareOp::le>>(),
    slot<SlotId::eq, bytes_compare<ByteKind::bytearray, CompareOp::eq>>(),
    slot<SlotId::ne, bytes_compare<ByteKind::bytearray, CompareOp::ne>>(),
    slot<SlotId::gt, bytes_compare<ByteKind::bytearray, CompareOp::gt>>(),
    slot<SlotId::ge, bytes_compare<ByteKind::bytearray, CompareOp::ge>>(),
    slot<SlotId::iter, bytes_iter>(),
    buffer_slot(bytearray_buffer),
    slot<SlotId::mod, bytes_mod<ByteKind::bytearray>>(),
    slot<SlotId::rmod, bytes_rmod<ByteKind::bytearray>>(),
    slot<SlotId::len, bytes_length<ByteKind::bytearray>>(),
    slot<SlotId::getitem, bytearray_getitem>(),
    slot<SlotId::setitem, bytearray_setitem>(),
    slot<SlotId::add, bytes_add<ByteKind::bytearray>>(),
    slot<SlotId::mul, bytes_mul<ByteKind::bytearray>>(),
    slot<SlotId::rmul, bytes_rmul<ByteKind::bytearray>>(),
    slot<SlotId::contains, bytes_contains<ByteKind::bytearray>>(),
    slot<SlotId::iadd, bytearray_iadd>(),
    slot<SlotId::imul, bytearray_imul>(),
};
constexpr Method bytearray_methods[] = {
    method<bytearray_alloc>(
        "__alloc__()", "B.__alloc__() -> int\n\nReturn the number of bytes actually allocated."),
    method<bytearray_reduce>("__reduce__()", "Return state information for pickling."),
    method<bytearray_reduce_ex>("__reduce_ex__(proto=0, /)",
                                "Return state information for pickling."),
    method<bytearray_sizeof>("__sizeof__()",
                             "Returns the size of the bytearray object in memory, in bytes."),
    method<bytearray_append>("append(item, /)",
                             "Append a single item to the end of the bytearray."),
    method<bytearray_clear>("clear()", "Remove all items from the bytearray."),
    method<bytearray_copy>("copy()", "Return a copy of B."),
    method<bytearray_extend>(
        "extend(iterable_of_ints, /)",
        "Append all the items from the iterator or sequence to the end of the bytearray."),
    class_method<bytearray_fromhex>(
        "fromhex(string, /)", "Create a bytearray object from a string of hexadecimal numbers."),
    method<bytearray_insert>("insert(index, item, /)",
                             "Insert a single item into the bytearray before the given index."),
    method<bytearray_pop>("pop(index=-1, /)", "Remove and return a single item from B."),
    method<bytearray_remove>("remove(value, /)",
                             "Remove the first occurrence of a value in the bytearray."),
    method<bytearray_resize>("resize(size, /)", "Resize the internal buffer of bytearray to len."),
    method<bytearray_reverse>("reverse()", "Reverse the order of the values in B in place."),
    DX_BYTES_METHODS(ByteKind::bytearray),
};
static const Layout bytearray_layout{"bytearray", sizeof(ByteArray), false, nullptr,
                                     bytearray_destroy};
const TypeSpec bytearray_spec{
    .name = "bytearray",
    .doc =
        "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> "
        "bytearray\n"
        "bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\n"
        "bytearray(int) -> bytes array of size given by the parameter initialized with null bytes\n"
        "bytearray() -> empty bytes array\n\nConstruct a mutable bytearray object from:\n"
        "  - an iterable yielding integers in range(256)\n  - a text string encoded using the "
        "specified encoding\n"
        "  - a bytes or a buffer object\n  - any object implementing the buffer API.\n  - an "
        "integer",
    .flags = kTypeBase,
    .shape_flags = kShapeByteArray,
    .layout = &bytearray_layout,
    .slots = bytearray_slots,
    .methods = bytearray_methods,
};

}  // namespace dx
