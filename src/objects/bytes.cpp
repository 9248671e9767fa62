// bytes: making, its own slots, and what bytes and bytearray share but needs no template.

#include "objects/bytes.h"

#include <cstring>

#include "memory/heap.h"
#include "objects/bind.h"
#include "objects/bytes_methods.h"
#include "objects/hash.h"
#include "objects/iter.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

// ---- making -------------------------------------------------------------------------------------
static Bytes* empty_bytes;

Result<Ref<Bytes>> bytes_create(Thread& thread, size_t size) {
  if (size == 0 && empty_bytes != nullptr)
    return Ref<Bytes>::share(thread, Borrowed<Bytes>(empty_bytes));
  if (size > (size_t{1} << 46)) return raise_memory_error(thread);
  Object* object =
      allocate_object_uninitialized(thread, sizeof(Bytes) + size + 1, SHAPE(bytes), PageKind::leaf);
  if (object == nullptr) return raise_memory_error(thread);
  Bytes* bytes = static_cast<Bytes*>(object);
  bytes->hash_cache.store(0, std::memory_order_relaxed);
  bytes->size = static_cast<Word>(size);
  bytes->data()[size] = 0;
  if (size != 0) return Ref<Bytes>::adopt(bytes);
  make_immortal(bytes);  // racing threads may make one each: harmless
  empty_bytes = bytes;
  return Ref<Bytes>::adopt(bytes);
}

Result<Ref<Bytes>> bytes_from(Thread& thread, std::string_view data) {
  Ref<Bytes> bytes = TRY(bytes_create(thread, data.size()));
  copy_bytes(bytes->data(), data.data(), data.size());
  return bytes;
}

Result<Ref<Bytes>> bytes_from_latin1(Thread& thread, StrView text) {
  return bytes_from(thread, std::string_view(static_cast<const char*>(text.data),
                                             static_cast<size_t>(text.length)));
}

Result<Ref<Bytes>> bytes_resize(Thread& thread, Ref<Bytes> self, size_t size) {
  size_t old = static_cast<size_t>(self->size);
  if (size == old) return self;
  if (size < old && size > old / 2 && strong_count(self.get()) == 1 && !is_immortal(self.get())) {
    self->size = static_cast<Word>(size);
    self->data()[size] = 0;
    return self;
  }
  Ref<Bytes> fresh = TRY(bytes_create(thread, size));
  memcpy(fresh->data(), self->data(), size < old ? size : old);
  return fresh;
}

Result<Ref<Bytes>> bytes_from_path(Thread& thread, Any path) {
  Maybe<Ref<Bytes>> bytes;
  if (is_str(path)) {
    bytes = TRY(str_to_filesystem(thread, Borrowed<Str>(path.value())));
  } else if (is_bytes(path)) {
    bytes = Ref<Bytes>::share(thread, Borrowed<Bytes>(path.value()));
  } else {
    return raise<TypeError>(thread, "expected str, bytes or os.PathLike object, not {}",
                            type_name_in(path));
  }
  if (memchr(bytes->data(), 0, static_cast<size_t>(bytes->size))) {
    return raise<ValueError>(thread,
                             is_str(path) ? "embedded null character" : "embedded null byte");
  }
  return bytes.take();
}

Result<uint8_t> byte_from(Thread& thread, Any object) {
  AnyRef index = TRY(to_index(thread, object));
  Word byte;
  if (!int_to_word(index.value(), byte) || byte < 0 || byte > 255)
    return raise<ValueError>(thread, "byte must be in range(0, 256)");
  return static_cast<uint8_t>(byte);
}

// ---- construction -------------------------------------------------------------------------------
// Items of an iterable as bytes, appended to a bytearray that grows by itself.
static Result<Ref<Bytes>> bytes_of_iterable(Thread& thread, Any iterable, Any original) {
  AnyResult got = get_iter(thread, iterable);
  if (got.raised()) {
    if (!pending_is<TypeError>(thread)) return Raised{};
    clear_exception(thread);
    return raise<TypeError>(thread, "cannot convert '{}' object to bytes", type_name_in(original));
  }
  AnyRef iterator = got.take();
  // Small ints of a list or tuple, with no Python in between: straight into the result.
  if (is_exact(iterable, SHAPE(list)) || is_exact(iterable, SHAPE(tuple))) {
    Ref<Tuple> items = Ref<Tuple>::adopt(TRY(sequence_tuple(thread, iterable)).release());
    bool small = true;
    for (Word i = 0; i < items->size && small; ++i) {
      Value item = items->item(i);
      small = item.is_int() && static_cast<uint64_t>(small_int_value(item)) < 256;
    }
    if (small) {
      Ref<Bytes> made = TRY(bytes_create(thread, static_cast<size_t>(items->size)));
      char* out = made->data();
      for (Word i = 0; i < items->size; ++i)
        out[i] = static_cast<char>(small_int_value(items->item(i)));
      return made;
    }
  }
  Ref<ByteArray> collected = TRY(bytearray_create(thread, 0));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) break;
    AnyRef item = step.take();
    AnyRef index = TRY(to_index(thread, item));
    Word byte;
    if (!int_to_word(index.value(), byte) || byte < 0 || byte > 255)
      return raise<ValueError>(thread, "bytes must be in range(0, 256)");
    char c = static_cast<char>(byte);
    Word size = size_of(bytearray_view(collected.get()));
    TRY(bytearray_splice(thread, collected, size, size, std::string_view(&c, 1)));
  }
  return bytes_from(thread, bytearray_view(collected.get()));
}

Result<Ref<Bytes>> bytes_of_object(Thread& thread, Any object) {
  if (is_exact(object, SHAPE(bytes)))
    return Ref<Bytes>::share(thread, Borrowed<Bytes>(object.value()));
  AnyLookup method = lookup_special(thread, object, Borrowed<Str>(NAME("__bytes__")));
  if (method.raised()) return Raised{};
  if (method.found()) {
    AnyRef function = method.take();
    AnyRef made = TRY(call(thread, function, {}));
    if (!is_bytes(made.value()))
      return raise<TypeError>(thread, "__bytes__ returned non-bytes (type {})",
                              type_name_in(made.borrow()));
    return Ref<Bytes>::adopt(made.release());
  }
  if (has_buffer(object)) {
    BufferScope buffer(thread);
    TRY(buffer.acquire(object));
    return bytes_from(thread, buffer.text());
  }
  if (is_str(object)) return raise<TypeError>(thread, "cannot convert 'str' object to bytes");
  return bytes_of_iterable(thread, object, object);
}

// What bytes(source, encoding, errors) holds.
Result<Ref<Bytes>> bytes_from_arguments(Thread& thread, const Value* given,
                                        bool allow_bytes_method) {
  for (int i = 1; i < 3; ++i) {
    if (given[i] && !is_str(given[i])) {
      return raise<TypeError>(thread, "{}() argument '{}' must be str, not {}",
                              allow_bytes_method ? "bytes" : "bytearray",
                              i == 1 ? "encoding" : "errors", type_name_in(Any(given[i])));
    }
  }
  if (given[1] || given[2]) {
    if (!given[0] || !is_str(given[0])) {
      return raise<TypeError>(thread, given[1] ? "encoding without a string argument"
                                               : "errors without a string argument");
    }
    if (!given[1]) return raise<TypeError>(thread, "string argument without an encoding");
    Ref<Str> strict = TRY(str_from_ascii(thread, "strict"));
    AnyRef made = TRY(encode_text(thread, Borrowed<Str>(given[0]), Borrowed<Str>(given[1]),
                                  given[2] ? Borrowed<Str>(given[2]) : strict.borrow()));
    return Ref<Bytes>::adopt(made.release());
  }
  if (!given[0]) return bytes_create(thread, 0);
  Any source(given[0]);
  if (is_exact(source, SHAPE(bytes))) return Ref<Bytes>::share(thread, Borrowed<Bytes>(given[0]));
  if (allow_bytes_method) {
    AnyLookup method = lookup_special(thread, source, Borrowed<Str>(NAME("__bytes__")));
    if (method.raised()) return Raised{};
    if (method.found()) {
      AnyRef function = method.take();
      AnyRef made = TRY(call(thread, function, {}));
      if (!is_bytes(made.value()))
        return raise<TypeError>(thread, "__bytes__ returned non-bytes (type {})",
                                type_name_in(made.borrow()));
      return Ref<Bytes>::adopt(made.release());
    }
  }
  if (is_str(source)) return raise<TypeError>(thread, "string argument without an encoding");
  if (has_index(source)) {
    AnyResult index = to_index(thread, source);
    if (index.raised()) {
      if (!pending_is<TypeError>(thread)) return Raised{};
      clear_exception(thread);
    } else {
      AnyRef number = index.take();
      Word count;
      if (!int_to_word(number.value(), count)) {
        return raise<OverflowError>(thread, "cannot fit '{}' into an index-sized integer",
                                    type_name_in(source));
      }
      if (count < 0) return raise<ValueError>(thread, "negative count");
      Ref<Bytes> zeros = TRY(bytes_create(thread, static_cast<size_t>(count)));
      memset(zeros->data(), 0, static_cast<size_t>(count));
      return zeros;
    }
  }
  if (has_buffer(source)) {
    BufferScope buffer(thread);
    TRY(buffer.acquire(source));
    return bytes_from(thread, buffer.text());
  }
  return bytes_of_iterable(thread, source, source);
}

static AnyResult bytes_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"source", "encoding", "errors"};
  Value given[3];
  if (!bind_new(thread, {"bytes", names, 3, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  Ref<Bytes> bytes = TRY(bytes_from_arguments(thread, given, true));
  if (type.get() == TYPE(bytes)) return bytes;
  AnyRef made = TRY(
      allocate_instance_sized(thread, type, sizeof(Bytes) + static_cast<size_t>(bytes->size) + 1));
  Bytes* copy = static_cast<Bytes*>(made.borrow().object());
  copy->size = bytes->size;
  memcpy(copy->data(), bytes->data(), static_cast<size_t>(bytes->size));
  return made;
}

// ---- slots --------------------------------------------------------------------------------------
Result<void> append_bytes_repr(StrBuilder& builder, std::string_view data, ByteKind kind) {
  bool single = data.find('\'') != std::string_view::npos,
       twin = data.find('"') != std::string_view::npos;
  char quote = single && !twin ? '"' : '\'';
  TRY(builder.append("b"));
  TRY(builder.append(static_cast<char32_t>(quote)));
  size_t done = 0;
  for (size_t i = 0; i < data.size(); ++i) {
    uint8_t c = static_cast<uint8_t>(data[i]);
    char text[5] = {'\\', 0};
    size_t length = 2;
    bool always =
        kind == ByteKind::bytearray && c == '\'';  // CPython escapes it there between either quotes
    if (c == static_cast<uint8_t>(quote) || c == '\\' || always)
      text[1] = static_cast<char>(c);
    else if (c == '\t')
      text[1] = 't';
    else if (c == '\n')
      text[1] = 'n';
    else if (c == '\r')
      text[1] = 'r';
    else if (c >= 0x20 && c < 0x7f)
      continue;
    else {
      text[1] = 'x';
      text[2] = "0123456789abcdef"[c >> 4];
      text[3] = "0123456789abcdef"[c & 15];
      length = 4;
    }
    TRY(builder.append(data.substr(done, i - done)));
    TRY(builder.append(std::string_view(text, length)));
    done = i + 1;
  }
  TRY(builder.append(data.substr(done)));
  return builder.append(static_cast<char32_t>(quote));
}

static Result<Ref<Str>> bytes_repr(Thread& thread, Borrowed<Bytes> self) {
  StrBuilder builder(thread);
  TRY(append_bytes_repr(builder, self->view(), ByteKind::bytes));
  return builder.finish();
}

static Result<Word> bytes_hash(Thread&, Borrowed<Bytes> self) {
  uint64_t hash = self->hash_cache.load(std::memory_order_relaxed);
  if (hash == 0) {
    hash = hash_bytes(self->data(), static_cast<size_t>(self->size));
    self->hash_cache.store(hash, std::memory_order_relaxed);
  }
  return static_cast<Word>(hash);
}

static AnyResult bytes_getitem(Thread& thread, Borrowed<Bytes> self, Any key) {
  if (is_slice(key)) {
    SliceRange range =
        slice_apply(TRY(slice_bounds(thread, Borrowed<Slice>(key.value()))), self->size);
    if (range.count <= 0) return bytes_create(thread, 0);
    if (range.step == 1) {
      if (range.count == self->size) return unchanged<ByteKind::bytes>(thread, self);
      return bytes_from(thread, self->view().substr(static_cast<size_t>(range.start),
                                                    static_cast<size_t>(range.count)));
    }
    Ref<Bytes> made = TRY(bytes_create(thread, static_cast<size_t>(range.count)));
    for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step)
      made->data()[i] = self->data()[at];
    return made;
  }
  if (!has_index(key))
    return raise<TypeError>(thread, "byte indices must be integers or slices, not {}",
                            type_name_in(key));
  Word index = TRY(index_word(thread, key));
  if (index < 0) index += self->size;
  if (index < 0 || index >= self->size) return raise<IndexError>(thread, "index out of range");
  return AnyRef::adopt(small_int(static_cast<uint8_t>(self->data()[index])));
}

static Result<void> bytes_buffer(Thread& thread, Any object, BufferView& view, int flags) {
  Borrowed<Bytes> self(object.value());
  if (flags & kBufferWritable) return raise<BufferError>(thread, "Object is not writable.");
  view.data = self->data();
  view.size = self->size;
  view.readonly = true;
  view.owner = share(thread, self).release();
  return {};
}

// ---- shared with bytearray ----------------------------------------------------------------------
AnyResult sequence_tuple_for_join(Thread& thread, Any iterable) {
  if (!is_list(iterable) && !is_tuple(iterable) && !has_iter(iterable))
    return raise<TypeError>(thread, "can only join an iterable");
  return sequence_tuple(thread, iterable);
}

Result<char> fill_byte(Thread& thread, const char* method, MaybeAny fill) {
  if (!fill) return ' ';
  bool bytes = is_bytes(fill.value());
  if (!bytes && !is_bytearray(fill.value())) {
    return raise<TypeError>(thread, "{}() argument 2 must be a byte string of length 1, not {}",
                            method, type_name_in(*fill));
  }
  std::string_view view =
      bytes ? view_of<ByteKind::bytes>(*fill) : view_of<ByteKind::bytearray>(*fill);
  if (view.size() != 1) {
    return raise<TypeError>(
        thread, "{}(): argument 2 must be a byte string of length 1, not a {} object of length {}",
        method, type_name_in(*fill), view.size());
  }
  return view[0];
}

AnyResult bytes_maketrans(Thread& thread, Any from, Any to) {
  Needle source(thread), target(thread);
  TRY(source.acquire(from));
  TRY(target.acquire(to));
  if (source.size() != target.size())
    return raise<ValueError>(thread, "maketrans arguments must have same length");
  Ref<Bytes> table = TRY(bytes_create(thread, 256));
  for (int i = 0; i < 256; ++i) table->data()[i] = static_cast<char>(i);
  for (size_t i = 0; i < source.size(); ++i) table->data()[source.data()[i]] = target.view()[i];
  return table;
}

// sep: left out for none, else one ASCII character; group: bytes between separators,
// counted from the right when positive.
AnyResult hex_of(Thread& thread, std::string_view data, MaybeAny separator, Word group) {
  char between = 0;
  if (separator) {
    Word n = TRY(length(thread, *separator));
    if (n != 1) return raise<ValueError>(thread, "sep must be length 1.");
    if (is_str(separator.value())) {
      char32_t c = Borrowed<Str>(separator.value())->view()[0];
      if (c > 0x7f) return raise<ValueError>(thread, "sep must be ASCII.");
      between = static_cast<char>(c);
    } else if (is_bytes(separator.value())) {
      between = Borrowed<Bytes>(separator.value())->data()[0];
      if (static_cast<uint8_t>(between) > 0x7f)
        return raise<ValueError>(thread, "sep must be ASCII.");
    } else {
      return raise<TypeError>(thread, "sep must be str or bytes.");
    }
    if (group == 0) between = 0;
  } else {
    group = 0;
  }
  Word n = size_of(data);
  if (n == 0) return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  bool from_right = group > 0;
  Word size = group < 0 ? -group : group;
  if (size >= n) size = 0;
  Word separators = size ? (n - 1) / size : 0;
  Ref<Str> text = TRY(str_create(thread, n * 2 + separators, 0x7f));
  char* out = static_cast<char*>(str_data(text.get()));
  for (Word i = 0; i < n; ++i) {
    if (size && i > 0 && (from_right ? (n - i) % size == 0 : i % size == 0)) *out++ = between;
    uint8_t c = static_cast<uint8_t>(data[static_cast<size_t>(i)]);
    *out++ = "0123456789abcdef"[c >> 4];
    *out++ = "0123456789abcdef"[c & 15];
  }
  return text;
}

static int hex_digit(char32_t c) {
  return c >= '0' && c <= '9'   ? static_cast<int>(c - '0')
         : c >= 'a' && c <= 'f' ? static_cast<int>(c - 'a') + 10
         : c >= 'A' && c <= 'F' ? static_cast<int>(c - 'A') + 10
                                : -1;
}
AnyResult from_hex(Thread& thread, Any object) {
  BufferScope buffer(thread);
  StrView text{StrKind::one, false, "", 0};
  if (is_str(object)) {
    text = Borrowed<Str>(object.value())->view();
  } else if (has_buffer(object)) {
    TRY(buffer.acquire(object));
    text = StrView{StrKind::one, false, buffer.view.data, buffer.view.size};
  } else {
    return raise<TypeError>(thread, "fromhex() argument must be str or bytes-like, not {}",
                            type_name_in(object));
  }
  Ref<Bytes> made = TRY(bytes_create(thread, static_cast<size_t>(text.length / 2)));
  size_t size = 0;
  static constexpr auto digits = [] {
    struct {
      int8_t value[256];
    } table{};
    for (int c = 0; c < 256; ++c) {
      table.value[c] = static_cast<int8_t>(c >= '0' && c <= '9'   ? c - '0'
                                           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                                  : -1);
    }
    return table;
  }();
  for (Word i = 0; i < text.length;) {
    if (text.kind == StrKind::one) {  // pairs of digits, as long as they come
      auto* chars = static_cast<const uint8_t*>(text.data);
      for (int both; i + 1 < text.length &&
                     (both = digits.value[chars[i]] << 4 | digits.value[chars[i + 1]]) >= 0;
           i += 2) {
        made->data()[size++] = static_cast<char>(both);
      }
      if (i == text.length) break;
    }
    char32_t c = text[i];
    if (c < 0x80 && is_byte_space(static_cast<uint8_t>(c))) {
      ++i;
      continue;
    }
    int high = hex_digit(c);
    int low = i + 1 < text.length ? hex_digit(text[i + 1]) : -1;
    if (high >= 0 && i + 1 == text.length) {
      return raise<ValueError>(thread,
                               "fromhex() arg must contain an even number of hexadecimal digits");
    }
    if (high < 0 || low < 0) {
      return raise<ValueError>(thread,
                               "non-hexadecimal number found in fromhex() arg at position {}",
                               high < 0 ? i : i + 1);
    }
    made->data()[size++] = static_cast<char>(high << 4 | low);
    i += 2;
  }
  if (static_cast<Word>(size) == made->size) return made;
  return bytes_resize(thread, std::move(made), size);
}

// ---- methods of bytes alone ---------------------------------------------------------------------
static AnyResult bytes_fromhex(Thread& thread, Borrowed<Type> type, Any text) {
  AnyRef made = TRY(from_hex(thread, text));
  if (type.get() == TYPE(bytes)) return made;
  return call(thread, type, {made.value()});
}
static AnyResult bytes_getnewargs(Thread& thread, Borrowed<Bytes> self) {
  Ref<Bytes> copy = TRY(bytes_from(thread, self->view()));
  return tuple_of(thread, {copy.value()});
}
static AnyResult bytes_dunder_bytes(Thread& thread, Borrowed<Bytes> self) {
  return unchanged<ByteKind::bytes>(thread, self);
}

// ---- iterators of both --------------------------------------------------------------------------
struct BytesIterator : Object {
  Field<Object> bytes;  // empty once exhausted
  std::atomic<Word> index;
};
TypeHandle bytes_iterator_type, bytearray_iterator_type;

AnyResult bytes_iter(Thread& thread, Any self) {
  Type* type = is_bytes(self) ? bytes_iterator_type : bytearray_iterator_type;
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(type)));
  auto* iterator = static_cast<BytesIterator*>(made.borrow().object());
  slot_init(iterator, iterator->bytes, share(thread, self));
  return made;
}
static std::string_view current_view(Any object) {
  return is_bytes(object) ? view_of<ByteKind::bytes>(object) : view_of<ByteKind::bytearray>(object);
}
static AnyResult bytes_iterator_iter(Thread& thread, Any self) { return share(thread, self); }
static Step bytes_iterator_next(Thread& thread, Any self) {
  auto* iterator = static_cast<BytesIterator*>(self.object());
  if (__builtin_expect(is_mine(thread, iterator), 1)) {
    Value bytes = iterator->bytes.raw_relaxed();
    if (is_exact(bytes, SHAPE(bytes))) {
      auto* source = static_cast<Bytes*>(bytes.object());
      Word index = iterator->index.load(std::memory_order_relaxed);
      if (index < source->size) {
        iterator->index.store(index + 1, std::memory_order_relaxed);
        return AnyRef::adopt(small_int(static_cast<uint8_t>(source->data()[index])));
      }
    }
  }
  Maybe<Ref<Object>> bytes = field_load(thread, iterator, iterator->bytes);
  if (!bytes) return Step::done();
  Word index = iterator->index.load(std::memory_order_relaxed);
  std::string_view view = current_view(bytes.borrow());
  if (index >= size_of(view)) {
    slot_clear(thread, iterator, iterator->bytes);
    return Step::done();
  }
  iterator->index.store(index + 1, std::memory_order_relaxed);
  return AnyRef::adopt(small_int(static_cast<uint8_t>(view[static_cast<size_t>(index)])));
}
static Result<Word> bytes_iterator_length_hint(Thread& thread, Any self) {
  auto* iterator = static_cast<BytesIterator*>(self.object());
  Maybe<Ref<Object>> bytes = field_load(thread, iterator, iterator->bytes);
  if (!bytes) return 0;
  Word left =
      size_of(current_view(bytes.borrow())) - iterator->index.load(std::memory_order_relaxed);
  return left < 0 ? 0 : left;
}
static AnyResult bytes_iterator_reduce(Thread& thread, Any self) {
  auto* iterator = static_cast<BytesIterator*>(self.object());
  Maybe<Ref<Object>> bytes = field_load(thread, iterator, iterator->bytes);
  if (!bytes) return reduce_with_builtin(thread, NAME("iter"), {Value(tuple_empty())});
  return reduce_with_builtin(thread, NAME("iter"), {bytes.value()},
                             MaybeAny(small_int(iterator->index.load(std::memory_order_relaxed))));
}
static Result<void> bytes_iterator_setstate(Thread& thread, Any self, Word index) {
  auto* iterator = static_cast<BytesIterator*>(self.object());
  Maybe<Ref<Object>> bytes = field_load(thread, iterator, iterator->bytes);
  if (!bytes) return {};
  Word size = size_of(current_view(bytes.borrow()));
  iterator->index.store(index < 0 ? 0 : index > size ? size : index, std::memory_order_relaxed);
  return {};
}
static void bytes_iterator_trace(Object* object, SlotVisitor& visit) {
  visit(static_cast<BytesIterator*>(object)->bytes);
}
static const Layout bytes_iterator_layout{
    "bytes_iterator", sizeof(BytesIterator),        true, bytes_iterator_trace, nullptr,
    nullptr,          drop_by<bytes_iterator_trace>};
static const SlotEntry bytes_iterator_slots[] = {slot<SlotId::iter, bytes_iterator_iter>(),
                                                 slot<SlotId::next, bytes_iterator_next>()};
constexpr Method bytes_iterator_methods[] = {
    method<bytes_iterator_length_hint>("__length_hint__()",
                                       "Private method returning an estimate of len(list(it))."),
    method<bytes_iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<bytes_iterator_setstate>("__setstate__(state, /)",
                                    "Set state information for unpickling."),
};
extern const TypeSpec bytes_iterator_spec{.name = "bytes_iterator",
                                          .flags = kTypeDisallowNew,
                                          .layout = &bytes_iterator_layout,
                                          .slots = bytes_iterator_slots,
                                          .methods = bytes_iterator_methods};
extern const TypeSpec bytearray_iterator_spec{.name = "bytearray_iterator",
                                              .flags = kTypeDisallowNew,
                                              .layout = &bytes_iterator_layout,
                                              .slots = bytes_iterator_slots,
                                              .methods = bytes_iterator_methods};

// ---- the type -----------------------------------------------------------------------------------
static const SlotEntry bytes_slots[] = {
    slot<SlotId::new_, bytes_new>(),
    slot<SlotId::repr, bytes_repr>(),
    slot<SlotId::str, bytes_repr>(),
    slot<SlotId::hash, bytes_hash>(),
    slot<SlotId::lt, bytes_compare<ByteKind::bytes, CompareOp::lt>>(),
    slot<SlotId::le, bytes_compare<ByteKind::bytes, CompareOp::le>>(),
    slot<SlotId::eq, bytes_compare<ByteKind::bytes, CompareOp::eq>>(),
    slot<SlotId::ne, bytes_compare<ByteKind::bytes, CompareOp::ne>>(),
    slot<SlotId::gt, bytes_compare<ByteKind::bytes, CompareOp::gt>>(),
    slot<SlotId::ge, bytes_compare<ByteKind::bytes, CompareOp::ge>>(),
    slot<SlotId::iter, bytes_iter>(),
    buffer_slot(bytes_buffer),
    slot<SlotId::mod, bytes_mod<ByteKind::bytes>>(),
    slot<SlotId::rmod, bytes_rmod<ByteKind::bytes>>(),
    slot<SlotId::len, bytes_length<ByteKind::bytes>>(),
    slot<SlotId::getitem, bytes_getitem>(),
    slot<SlotId::add, bytes_add<ByteKind::bytes>>(),
    slot<SlotId::mul, bytes_mul<ByteKind::bytes>>(),
    slot<SlotId::rmul, bytes_rmul<ByteKind::bytes>>(),
    slot<SlotId::contains, bytes_contains<ByteKind::bytes>>(),
};
constexpr Method bytes_methods[] = {
    method<bytes_getnewargs>("__getnewargs__()"),
    method<bytes_dunder_bytes>("__bytes__()", "Convert this value to exact type bytes."),
    class_method<bytes_fromhex>("fromhex(string, /)",
                                "Create a bytes object from a string of hexadecimal numbers."),
    DX_BYTES_METHODS(ByteKind::bytes),
};
static size_t bytes_payload_size(const Object* object) {
  return sizeof(Bytes) + static_cast<size_t>(static_cast<const Bytes*>(object)->size) + 1;
}
static const Layout bytes_layout{"bytes", sizeof(Bytes), false,
                                 nullptr, nullptr,       bytes_payload_size};
const TypeSpec bytes_spec{
    .name = "bytes",
    .doc =
        "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\n"
        "bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\n"
        "bytes(int) -> bytes object of size given by the parameter initialized with null bytes\n"
        "bytes() -> empty bytes object\n\nConstruct an immutable array of bytes from:\n"
        "  - an iterable yielding integers in range(256)\n  - a text string encoded using the "
        "specified encoding\n"
        "  - any object implementing the buffer API.\n  - an integer",
    .flags = kTypeBase,
    .shape_flags = kShapeBytes,
    .layout = &bytes_layout,
    .slots = bytes_slots,
    .methods = bytes_methods,
};

}  // namespace dx
