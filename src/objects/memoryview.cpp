#include "objects/memoryview.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "memory/heap.h"
#include "objects/bind.h"
#include "objects/bytes_methods.h"
#include "objects/errors.h"
#include "objects/float.h"
#include "objects/generic_alias.h"
#include "objects/hash.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/slice.h"
#include "objects/tuple.h"

namespace dx {

static MemoryView* view_in(Any self) { return static_cast<MemoryView*>(self.object()); }

static Result<void> check_open(Thread& thread, Any self) {
  if (view_in(self)->source == nullptr)
    return raise<ValueError>(thread, "operation forbidden on released memoryview object");
  return {};
}

// ---- making -------------------------------------------------------------------------------------
static void leave_export(Thread& thread, BufferExport* source) {
  if (source->users.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  buffer_release(thread, source->view);
  delete source;
}

static void memoryview_destroy(Thread& thread, Object* object) {
  auto* view = static_cast<MemoryView*>(object);
  free(view->shape);
  view->shape = nullptr;
  if (view->source != nullptr) leave_export(thread, view->source);
  view->source = nullptr;
}

// A view with room for that many dimensions, sharing `source`; the caller fills the rest.
static Result<Ref<MemoryView>> memoryview_create(Thread& thread, BufferExport* source,
                                                 int dimensions, bool suboffsets = false) {
  auto* arrays = static_cast<Word*>(calloc(static_cast<size_t>(dimensions) * 3 + 1, sizeof(Word)));
  if (arrays == nullptr) return raise_memory_error(thread);
  AnyResult made = allocate_instance(thread, Borrowed<Type>(TYPE(memoryview)));
  if (made.raised()) {
    free(arrays);
    return Raised{};
  }
  Ref<MemoryView> view = Ref<MemoryView>::adopt(made.take().release());
  view->shape = arrays;
  view->strides = arrays + dimensions;
  view->suboffsets = suboffsets ? arrays + 2 * dimensions : nullptr;
  view->dimensions = dimensions;
  view->source = source;
  source->users.fetch_add(1, std::memory_order_relaxed);
  return view;
}

// The size in bytes of a native one-character format, 0 for any other.
static Word native_size(const char* format) {
  if (*format == '@') ++format;
  if (*format == 0 || format[1] != 0) return 0;
  switch (*format) {
    case 'c':
    case 'b':
    case 'B':
    case '?': return 1;
    case 'h':
    case 'H':
    case 'e': return 2;
    case 'i':
    case 'I':
    case 'f': return 4;
    case 'l':
    case 'L':
    case 'q':
    case 'Q':
    case 'n':
    case 'N':
    case 'd':
    case 'P': return 8;
    default: return 0;
  }
}
static char native_code(const char* format) {
  if (*format == '@') ++format;
  return *format;
}

static void fill_strides(MemoryView* view) {
  Word stride = view->item_size;
  for (int i = view->dimensions; i-- > 0;) {
    view->strides[i] = stride;
    stride *= view->shape[i];
  }
}

static AnyResult memoryview_of_export(Thread& thread, BufferExport* source) {
  const BufferView& from = source->view;
  Ref<MemoryView> view =
      TRY(memoryview_create(thread, source, from.dimensions, from.suboffsets != nullptr));
  view->data = static_cast<char*>(from.data);
  view->size = from.size;
  view->item_size = from.item_size;
  view->format = from.format ? from.format : "B";
  view->readonly = from.readonly;
  for (int i = 0; i < from.dimensions; ++i) {
    view->shape[i] = from.shape ? from.shape[i] : from.size / (from.item_size ? from.item_size : 1);
    if (from.suboffsets) view->suboffsets[i] = from.suboffsets[i];
  }
  fill_strides(view.get());
  for (int i = 0; from.strides && i < from.dimensions; ++i) view->strides[i] = from.strides[i];
  return view;
}

AnyResult memoryview_from(Thread& thread, Any object) {
  if (is_memoryview(object)) {
    TRY(check_open(thread, object));
    MemoryView* old = view_in(object);
    Ref<MemoryView> view =
        TRY(memoryview_create(thread, old->source, old->dimensions, old->suboffsets != nullptr));
    view->data = old->data;
    view->size = old->size;
    view->item_size = old->item_size;
    view->format = old->format;
    view->readonly = old->readonly;
    memcpy(view->shape, old->shape, sizeof(Word) * 3 * static_cast<size_t>(old->dimensions));
    return view;
  }
  if (!has_buffer(object)) {
    return raise<TypeError>(thread, "memoryview: a bytes-like object is required, not '{}'",
                            type_name_in(object));
  }
  auto* source = new (std::nothrow) BufferExport();
  if (source == nullptr) return raise_memory_error(thread);
  if (buffer_get(thread, object, source->view, kBufferFullRo).raised()) {
    delete source;
    return Raised{};
  }
  publish(thread, source->view.owner);  // views of one export may be in several threads
  source->users.store(1, std::memory_order_relaxed);
  AnyResult made = memoryview_of_export(thread, source);
  leave_export(thread, source);
  return made;
}

AnyResult memoryview_from_memory(Thread& thread, Any owner, void* data, Word size, bool readonly) {
  auto* source = new (std::nothrow) BufferExport();
  if (source == nullptr) return raise_memory_error(thread);
  source->view.data = data;
  source->view.size = size;
  source->view.readonly = readonly;
  publish(thread, owner);
  source->view.owner = share(thread, owner).release();
  source->users.store(1, std::memory_order_relaxed);
  AnyResult made = memoryview_of_export(thread, source);
  leave_export(thread, source);
  return made;
}

static AnyResult memoryview_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"object"};
  Value given[1];
  if (!bind_new(thread, {"memoryview", names, 1, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  return memoryview_from(thread, Any(given[0]));
}
static AnyResult memoryview_from_flags(Thread& thread, Borrowed<Type>, Any object, int flags) {
  if ((flags & kBufferWritable) && has_buffer(object)) {
    BufferScope probe(thread);
    TRY(probe.acquire(object, flags));
  }
  return memoryview_from(thread, object);
}

// ---- items --------------------------------------------------------------------------------------
static double half_to_double(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  double mantissa = bits & 1023;
  double value = exponent == 0    ? std::ldexp(mantissa, -24)
                 : exponent == 31 ? (mantissa != 0 ? std::nan("") : HUGE_VAL)
                                  : std::ldexp(mantissa + 1024, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

// To the nearest half float, ties to even; false when it is too large.
static bool double_to_half(double value, uint16_t& out) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  if (std::isnan(value))
    out = static_cast<uint16_t>(sign | 0x7e00);
  else if (std::isinf(value))
    out = static_cast<uint16_t>(sign | 0x7c00);
  else if (magnitude == 0)
    out = sign;
  else {
    int exponent;
    std::frexp(magnitude, &exponent);
    int shift = exponent - 11 < -24 ? -24 : exponent - 11;  // the weight of the last mantissa bit
    double units = std::nearbyint(std::ldexp(magnitude, -shift));
    if (units >= 2048) {
      units /= 2;
      ++shift;
    }
    if (shift > 5) return false;
    uint32_t mantissa = static_cast<uint32_t>(units);
    out = static_cast<uint16_t>(
        sign |
        (mantissa < 1024 ? mantissa : static_cast<uint32_t>(shift + 25) << 10 | (mantissa & 1023)));
  }
  return true;
}

static Raised unsupported_format(Thread& thread, const char* format) {
  return raise<NotImplementedError>(thread, "memoryview: unsupported format {}", format);
}

template <class T>
static T load(const char* at) {
  T value;
  memcpy(&value, at, sizeof(T));
  return value;
}

static AnyResult unpack(Thread& thread, const char* format, const char* at) {
  if (!native_size(format)) return unsupported_format(thread, format);
  switch (native_code(format)) {
    case 'c': return bytes_from(thread, std::string_view(at, 1));
    case 'b': return int_from_word(thread, load<int8_t>(at));
    case 'B': return int_from_word(thread, load<uint8_t>(at));
    case '?': return AnyRef::adopt(bool_value(load<uint8_t>(at) != 0));
    case 'h': return int_from_word(thread, load<int16_t>(at));
    case 'H': return int_from_word(thread, load<uint16_t>(at));
    case 'i': return int_from_word(thread, load<int32_t>(at));
    case 'I': return int_from_word(thread, load<uint32_t>(at));
    case 'l':
    case 'q':
    case 'n': return int_from_word(thread, load<int64_t>(at));
    case 'L':
    case 'Q':
    case 'N':
    case 'P': return int_from_u64(thread, load<uint64_t>(at));
    case 'e': return float_from_double(thread, half_to_double(load<uint16_t>(at)));
    case 'f': return float_from_double(thread, static_cast<double>(load<float>(at)));
    case 'd': return float_from_double(thread, load<double>(at));
    default: return unsupported_format(thread, format);
  }
}

// The value as the bytes of one item. Python may run (__index__, __float__).
static Result<void> pack(Thread& thread, const char* format, Any value, char* out) {
  Word size = native_size(format);
  if (!size) return unsupported_format(thread, format);
  auto bad_value = [&]() -> Raised {
    return raise<ValueError>(thread, "memoryview: invalid value for format '{}'", format);
  };
  auto bad_type = [&]() -> Raised {
    return raise<TypeError>(thread, "memoryview: invalid type for format '{}'", format);
  };
  char code = native_code(format);
  switch (code) {
    case 'c': {
      if (!is_bytes(value)) return bad_type();
      Borrowed<Bytes> bytes(value.value());
      if (bytes->size != 1) return bad_value();
      *out = bytes->data()[0];
      return {};
    }
    case '?': *out = TRY(is_true(thread, value)); return {};
    case 'e':
    case 'f':
    case 'd': {
      Result<double> converted = float_convert(thread, value);
      if (converted.raised()) {
        if (!pending_is<TypeError>(thread)) return Raised{};
        clear_exception(thread);
        return bad_type();
      }
      double number = converted.take();
      if (code == 'd')
        memcpy(out, &number, 8);
      else if (code == 'f') {
        float narrow = static_cast<float>(number);
        if (std::isinf(narrow) && !std::isinf(number)) return bad_value();
        memcpy(out, &narrow, 4);
      } else {
        uint16_t half;
        if (!double_to_half(number, half)) return bad_value();
        memcpy(out, &half, 2);
      }
      return {};
    }
    default: break;
  }
  if (!has_index(value)) return bad_type();
  AnyRef index = TRY(to_index(thread, value));
  bool is_signed = strchr("bhilqn", code) != nullptr;
  uint8_t bytes[8];
  if (int_to_bytes(thread, index.value(), bytes, static_cast<size_t>(size), true, is_signed)
          .raised()) {
    if (!pending_is<OverflowError>(thread)) return Raised{};
    clear_exception(thread);
    return bad_value();
  }
  memcpy(out, bytes, static_cast<size_t>(size));
  return {};
}

// Where dimension `dimension`'s item `index` starts, from where the dimension starts.
static char* step_into(const MemoryView* view, char* at, int dimension, Word index) {
  at += view->strides[dimension] * index;
  if (view->suboffsets && view->suboffsets[dimension] >= 0)
    at = *reinterpret_cast<char**>(at) + view->suboffsets[dimension];
  return at;
}

static bool is_c_contiguous(const MemoryView* view) {
  if (view->suboffsets) return false;
  if (view->size == 0) return true;
  Word stride = view->item_size;
  for (int i = view->dimensions; i-- > 0;) {
    if (view->shape[i] > 1 && view->strides[i] != stride) return false;
    stride *= view->shape[i];
  }
  return true;
}
static bool is_f_contiguous(const MemoryView* view) {
  if (view->suboffsets) return false;
  if (view->size == 0) return true;
  Word stride = view->item_size;
  for (int i = 0; i < view->dimensions; ++i) {
    if (view->shape[i] > 1 && view->strides[i] != stride) return false;
    stride *= view->shape[i];
  }
  return true;
}

// Calls f(char*) for each item, in C order; stops when it returns false.
template <class F>
static bool each_item(const MemoryView* view, char* at, int dimension, F& f) {
  if (dimension == view->dimensions) return f(at);
  for (Word i = 0; i < view->shape[dimension]; ++i) {
    if (!each_item(view, step_into(view, at, dimension, i), dimension + 1, f)) return false;
  }
  return true;
}

static void copy_out(const MemoryView* view, char* out) {
  if (is_c_contiguous(view)) {
    if (view->size) memcpy(out, view->data, static_cast<size_t>(view->size));
    return;
  }
  auto copy = [&](char* item) {
    memcpy(out, item, static_cast<size_t>(view->item_size));
    out += view->item_size;
    return true;
  };
  each_item(view, view->data, 0, copy);
}

// ---- slots --------------------------------------------------------------------------------------
static Result<Ref<Str>> memoryview_repr(Thread& thread, Any self) {
  char text[64];
  snprintf(text, sizeof(text), "<%s at %p>", view_in(self)->source ? "memory" : "released memory",
           static_cast<void*>(self.object()));
  return str_from_ascii(thread, text);
}

static Result<Word> memoryview_len(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  if (view_in(self)->dimensions == 0) return raise<TypeError>(thread, "0-dim memory has no length");
  return view_in(self)->shape[0];
}

static Result<char*> item_at(Thread& thread, MemoryView* view, char* at, int dimension, Any key) {
  Word index = TRY(index_word(thread, key));
  Word n = view->shape[dimension];
  if (index < 0) index += n;
  if (index < 0 || index >= n)
    return raise<IndexError>(thread, "index out of bounds on dimension {}", dimension + 1);
  return step_into(view, at, dimension, index);
}

static bool all_indices(Borrowed<Tuple> key) {
  for (Word i = 0; i < key->size; ++i) {
    if (!has_index(key->item(i))) return false;
  }
  return true;
}
static bool all_slices(Borrowed<Tuple> key) {
  for (Word i = 0; i < key->size; ++i) {
    if (!is_slice(key->item(i))) return false;
  }
  return key->size > 0;
}

// The item a tuple of indices names.
static Result<char*> item_by_tuple(Thread& thread, MemoryView* view, Borrowed<Tuple> key) {
  if (key->size > view->dimensions) {
    return raise<TypeError>(thread, "cannot index {}-dimension view with {}-element tuple",
                            view->dimensions, key->size);
  }
  if (key->size < view->dimensions)
    return raise<NotImplementedError>(thread, "sub-views are not implemented");
  char* at = view->data;
  for (Word i = 0; i < key->size; ++i)
    at = TRY(item_at(thread, view, at, static_cast<int>(i), key->item(i)));
  return at;
}

static Result<Ref<MemoryView>> sliced(Thread& thread, Any self, Borrowed<Slice> key) {
  SliceBounds bounds = TRY(slice_bounds(thread, key));
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  AnyRef made = TRY(memoryview_from(thread, self));
  Ref<MemoryView> part = Ref<MemoryView>::adopt(made.release());
  SliceRange range = slice_apply(bounds, view->shape[0]);
  Word count = range.count < 0 ? 0 : range.count;
  if (count) part->data += part->strides[0] * range.start;
  part->size = view->shape[0] ? view->size / view->shape[0] * count : 0;
  part->shape[0] = count;
  // The step as given, as long as it may be: nothing is read with it unless it fits.
  part->strides[0] = static_cast<Word>(static_cast<uint64_t>(part->strides[0]) *
                                       static_cast<uint64_t>(bounds.step));
  return part;
}

static AnyResult memoryview_getitem(Thread& thread, Any self, Any key) {
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  if (view->dimensions == 0) {
    if (is_tuple(key) && Borrowed<Tuple>(key.value())->size == 0)
      return unpack(thread, view->format, view->data);
    if (key.value() == kEllipsis) return share(thread, self);
    return raise<TypeError>(thread, "invalid indexing of 0-dim memory");
  }
  if (is_slice(key)) return sliced(thread, self, Borrowed<Slice>(key.value()));
  if (has_index(key)) {
    if (view->dimensions > 1)
      return raise<NotImplementedError>(thread, "multi-dimensional sub-views are not implemented");
    char* at = TRY(item_at(thread, view, view->data, 0, key));
    TRY(check_open(thread, self));  // __index__ may have released it
    return unpack(thread, view->format, at);
  }
  if (is_tuple(key) && all_indices(Borrowed<Tuple>(key.value()))) {
    char* at = TRY(item_by_tuple(thread, view, Borrowed<Tuple>(key.value())));
    TRY(check_open(thread, self));
    return unpack(thread, view->format, at);
  }
  if (is_tuple(key) && all_slices(Borrowed<Tuple>(key.value()))) {
    return raise<NotImplementedError>(thread, "multi-dimensional slicing is not implemented");
  }
  return raise<TypeError>(thread, "memoryview: invalid slice key");
}

static Result<void> memoryview_setitem(Thread& thread, Any self, Any key, MaybeAny value) {
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  if (view->readonly) return raise<TypeError>(thread, "cannot modify read-only memory");
  if (!value) return raise<TypeError>(thread, "cannot delete memory");
  auto store = [&](char* at) -> Result<void> {
    char item[8];
    TRY(pack(thread, view->format, *value, item));
    TRY(check_open(thread, self));
    memcpy(at, item, static_cast<size_t>(view->item_size));
    return {};
  };
  if (view->dimensions == 0) {
    if (key.value() == kEllipsis || (is_tuple(key) && Borrowed<Tuple>(key.value())->size == 0))
      return store(view->data);
    return raise<TypeError>(thread, "invalid indexing of 0-dim memory");
  }
  if (is_slice(key) && view->dimensions == 1) {
    Ref<MemoryView> to = TRY(sliced(thread, self, Borrowed<Slice>(key.value())));
    AnyRef source = TRY(memoryview_from(thread, *value));
    MemoryView* from = view_in(source);
    const char* to_format = to->format + (*to->format == '@');
    const char* from_format = from->format + (*from->format == '@');
    if (from->dimensions != 1 || from->shape[0] != to->shape[0] ||
        from->item_size != to->item_size || strcmp(to_format, from_format) != 0) {
      return raise<ValueError>(
          thread, "memoryview assignment: lvalue and rvalue have different structures");
    }
    if (to->size == 0) return {};
    // Through a copy: the two may overlap.
    auto* copy = static_cast<char*>(malloc(static_cast<size_t>(to->size)));
    if (copy == nullptr) return raise_memory_error(thread);
    copy_out(from, copy);
    char* at = copy;
    auto put = [&](char* item) {
      memcpy(item, at, static_cast<size_t>(to->item_size));
      at += to->item_size;
      return true;
    };
    each_item(to.get(), to->data, 0, put);
    free(copy);
    return {};
  }
  if (is_slice(key))
    return raise<NotImplementedError>(
        thread, "memoryview slice assignments are currently restricted to ndim = 1");
  if (has_index(key)) {
    if (view->dimensions > 1)
      return raise<NotImplementedError>(thread, "sub-views are not implemented");
    return store(TRY(item_at(thread, view, view->data, 0, key)));
  }
  if (is_tuple(key) && all_indices(Borrowed<Tuple>(key.value())))
    return store(TRY(item_by_tuple(thread, view, Borrowed<Tuple>(key.value()))));
  if (is_tuple(key) && all_slices(Borrowed<Tuple>(key.value()))) {
    return raise<NotImplementedError>(
        thread, "memoryview slice assignments are currently restricted to ndim = 1");
  }
  return raise<TypeError>(thread, "memoryview: invalid slice key");
}

// Equal when shapes are and all items are equal as Python values.
static Result<bool> same_items(Thread& thread, MemoryView* a, MemoryView* b) {
  if (a->dimensions != b->dimensions) return false;
  for (int i = 0; i < a->dimensions; ++i) {
    if (a->shape[i] != b->shape[i]) return false;
  }
  const char* a_format = a->format + (*a->format == '@');
  const char* b_format = b->format + (*b->format == '@');
  if (!native_size(a_format) || !native_size(b_format))
    return false;  // what cannot be unpacked is never equal
  bool bitwise = strcmp(a_format, b_format) == 0 && strchr("cbBhHiIlLqQnNP", *a_format);
  if (bitwise && is_c_contiguous(a) && is_c_contiguous(b))
    return a->size == 0 || memcmp(a->data, b->data, static_cast<size_t>(a->size)) == 0;
  Word count = a->item_size ? a->size / a->item_size : 0;
  auto** items = static_cast<char**>(malloc(static_cast<size_t>(count + 1) * sizeof(char*)));
  if (items == nullptr) return raise_memory_error(thread);
  Word n = 0;
  auto collect = [&](char* item) {
    items[n++] = item;
    return n <= count;
  };
  if (count) each_item(b, b->data, 0, collect);
  n = 0;
  Result<bool> verdict = true;
  auto compare_one = [&](char* item) {
    AnyResult left = unpack(thread, a->format, item);
    AnyResult right = left.raised() ? AnyResult(Raised{}) : unpack(thread, b->format, items[n++]);
    if (left.raised() || right.raised()) {
      verdict = Raised{};
      return false;
    }
    AnyRef x = left.take(), y = right.take();
    Result<bool> same =
        compare_true(thread, x, y, CompareOp::eq);  // no identity: NaN is not equal to itself
    if (same.raised() || !same.take()) {
      verdict = same;
      return false;
    }
    return true;
  };
  if (count) each_item(a, a->data, 0, compare_one);
  free(items);
  return verdict;
}

template <bool wanted>
static AnyResult memoryview_equality(Thread& thread, Any self, Any other) {
  MemoryView* view = view_in(self);
  if (view->source == nullptr || (is_memoryview(other) && view_in(other)->source == nullptr)) {
    return AnyRef::adopt(bool_value((self.value() == other.value()) == wanted));
  }
  if (!has_buffer(other)) return AnyRef::adopt(kNotImplemented);
  AnyResult made = memoryview_from(thread, other);
  if (made.raised()) {
    clear_exception(thread);
    return AnyRef::adopt(kNotImplemented);
  }
  AnyRef right = made.take();
  bool same = TRY(same_items(thread, view, view_in(right)));
  return AnyRef::adopt(bool_value(same == wanted));
}

static Result<Word> memoryview_hash(Thread& thread, Any self) {
  MemoryView* view = view_in(self);
  uint64_t hash = view->hash_cache.load(std::memory_order_relaxed);
  if (hash == 0) {
    TRY(check_open(thread, self));
    if (!view->readonly) return raise<ValueError>(thread, "cannot hash writable memoryview object");
    char code = native_size(view->format) == 1 ? native_code(view->format) : 0;
    if (code != 'B' && code != 'b' && code != 'c') {
      return raise<ValueError>(thread,
                               "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
    }
    if (view->source->view.owner.is_object()) {
      // The exporter must be hashable. Its __hash__ may run Python, which cannot release the view.
      view->exports.fetch_add(1, std::memory_order_relaxed);
      Result<Word> owner_hash = dx::hash(thread, Any(view->source->view.owner));
      view->exports.fetch_sub(1, std::memory_order_release);
      if (owner_hash.raised()) return Raised{};
    }
    Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(view->size)));
    if (view->size) copy_out(view, bytes->data());
    hash = hash_bytes(bytes->data(), static_cast<size_t>(view->size));
    view->hash_cache.store(hash, std::memory_order_relaxed);
  }
  return static_cast<Word>(hash);
}

static void memoryview_release_export(Thread&, BufferView& view) {
  static_cast<MemoryView*>(view.owner.object())->exports.fetch_sub(1, std::memory_order_release);
}
static Result<void> memoryview_buffer(Thread& thread, Any self, BufferView& out, int flags) {
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  if ((flags & kBufferWritable) && view->readonly)
    return raise<BufferError>(thread, "memoryview: underlying buffer is not writable");
  bool contiguous = is_c_contiguous(view);
  if ((flags & kBufferStrides) != kBufferStrides && !contiguous) {
    return raise<BufferError>(thread, "memoryview: underlying buffer is not C-contiguous");
  }
  out.data = view->data;
  out.size = view->size;
  out.item_size = view->item_size;
  out.readonly = view->readonly;
  out.dimensions = view->dimensions;
  out.format = view->format;
  out.shape = view->shape;
  out.strides = view->strides;
  out.suboffsets = view->suboffsets;
  if (!(flags & kBufferFormat)) out.format = "B";
  if (!(flags & kBufferNd)) {  // plain bytes are asked for
    out.dimensions = 1;
    out.item_size = 1;
    out.shape = out.strides = out.suboffsets = nullptr;
  }
  view->exports.fetch_add(1, std::memory_order_relaxed);
  out.owner = share(thread, self).release();
  out.release = memoryview_release_export;
  return {};
}

// ---- methods ------------------------------------------------------------------------------------
static Result<void> memoryview_release(Thread& thread, Any self) {
  MemoryView* view = view_in(self);
  if (view->source == nullptr) return {};
  Word exports = view->exports.load(std::memory_order_acquire);
  if (exports > 0) {
    return raise<BufferError>(
        thread,
        exports == 1 ? "memoryview has {} exported buffer" : "memoryview has {} exported buffers",
        exports);
  }
  BufferExport* source = view->source;
  view->source = nullptr;
  leave_export(thread, source);
  return {};
}

static AnyResult memoryview_tobytes(Thread& thread, Any self, Any order) {
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  char how = 'C';
  if (!order.is_none()) {
    if (!is_str(order))
      return raise<TypeError>(thread, "tobytes() argument 'order' must be str or None, not {}",
                              type_name_in(order));
    Borrowed<Str> text(order.value());
    how = text->length() == 1 ? static_cast<char>(text->view()[0]) : 0;
    if (how != 'C' && how != 'F' && how != 'A')
      return raise<ValueError>(thread, "order must be 'C', 'F' or 'A'");
  }
  Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(view->size)));
  if (view->size == 0) return bytes;
  if (how == 'A') how = is_f_contiguous(view) && !is_c_contiguous(view) ? 'F' : 'C';
  if (how == 'C' || view->dimensions < 2) {
    copy_out(view, bytes->data());
    return bytes;
  }
  // Fortran order: the first index runs fastest.
  Word index[kMaxDimensions] = {};
  for (char* out = bytes->data(); out < bytes->data() + view->size; out += view->item_size) {
    char* at = view->data;
    for (int i = 0; i < view->dimensions; ++i) at = step_into(view, at, i, index[i]);
    memcpy(out, at, static_cast<size_t>(view->item_size));
    for (int i = 0; i < view->dimensions && ++index[i] == view->shape[i]; ++i) index[i] = 0;
  }
  return bytes;
}

static AnyResult memoryview_hex(Thread& thread, Any self, MaybeAny separator, int group) {
  AnyRef bytes = TRY(memoryview_tobytes(thread, self, Any(kNone)));
  return hex_of(thread, Borrowed<Bytes>(bytes.value())->view(), separator, group);
}

static AnyResult list_of_dimension(Thread& thread, MemoryView* view, char* at, int dimension) {
  if (dimension == view->dimensions) return unpack(thread, view->format, at);
  Ref<List> list = TRY(list_create(thread, static_cast<size_t>(view->shape[dimension])));
  for (Word i = 0; i < view->shape[dimension]; ++i) {
    AnyRef item =
        TRY(list_of_dimension(thread, view, step_into(view, at, dimension, i), dimension + 1));
    TRY(list_append(thread, list, std::move(item)));
  }
  return list;
}
static AnyResult memoryview_tolist(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return list_of_dimension(thread, view_in(self), view_in(self)->data, 0);
}

// A format that lives for ever: casts allow only native one-character ones.
static const char* static_format(const char* text) {
  static constexpr const char* formats[] = {"c",  "b",  "B",  "?",  "h",  "H",  "e",  "i",  "I",
                                            "f",  "l",  "L",  "q",  "Q",  "n",  "N",  "d",  "P",
                                            "@c", "@b", "@B", "@?", "@h", "@H", "@e", "@i", "@I",
                                            "@f", "@l", "@L", "@q", "@Q", "@n", "@N", "@d", "@P"};
  for (const char* format : formats) {
    if (strcmp(format, text) == 0) return format;
  }
  return nullptr;
}

static AnyResult memoryview_cast(Thread& thread, Any self, Borrowed<Str> wanted, MaybeAny shape) {
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  if (!is_c_contiguous(view))
    return raise<TypeError>(thread, "memoryview: casts are restricted to C-contiguous views");
  if (shape || view->dimensions != 1) {
    if (view->dimensions != 1 && shape) {
      return raise<TypeError>(thread, "memoryview: cast must be 1D -> ND or ND -> 1D");
    }
    for (int i = 0; i < view->dimensions; ++i) {
      if (view->shape[i] == 0)
        return raise<TypeError>(thread,
                                "memoryview: cannot cast view with zeros in shape or strides");
    }
  }
  std::string_view text = TRY(str_utf8(thread, wanted));
  const char* format = static_format(text.size() < 3 ? text.data() : "");
  Word size = format ? native_size(format) : 0;
  if (!size) {
    return raise<ValueError>(thread,
                             "memoryview: destination format must be a native single character "
                             "format prefixed with an optional '@'");
  }
  auto is_byte = [](const char* f) { return native_size(f) == 1 && native_code(f) != '?'; };
  if (!native_size(view->format)) {
    return raise<ValueError>(thread,
                             "memoryview: source format must be a native single character format "
                             "prefixed with an optional '@'");
  }
  if (!is_byte(format) && !is_byte(view->format)) {
    return raise<TypeError>(thread, "memoryview: cannot cast between two non-byte formats");
  }
  if (view->size % size != 0)
    return raise<TypeError>(thread, "memoryview: length is not a multiple of itemsize");
  Word extents[kMaxDimensions];
  int dimensions = 1;
  extents[0] = view->size / size;
  if (shape) {
    if (!is_list(shape.value()) && !is_tuple(shape.value()))
      return raise<TypeError>(thread, "shape must be a list or a tuple");
    AnyRef items = TRY(sequence_tuple(thread, *shape));
    Borrowed<Tuple> list(items.value());
    if (list->size > kMaxDimensions)
      return raise<ValueError>(thread, "memoryview: number of dimensions must not exceed {}",
                               kMaxDimensions);
    dimensions = static_cast<int>(list->size);
    Word total = size;
    for (Word i = 0; i < list->size; ++i) {
      if (!is_int(list->item(i)))
        return raise<TypeError>(thread, "memoryview.cast(): elements of shape must be integers");
      Word extent = TRY(int_word(thread, list->item(i)));
      if (extent <= 0)
        return raise<ValueError>(thread,
                                 "memoryview.cast(): elements of shape must be integers > 0");
      extents[i] = extent;
      if (__builtin_mul_overflow(total, extent, &total))
        return raise<ValueError>(thread, "memoryview.cast(): product(shape) > SSIZE_MAX");
    }
    if (total != view->size)
      return raise<TypeError>(thread, "memoryview: product(shape) * itemsize != buffer size");
  }
  Ref<MemoryView> made = TRY(memoryview_create(thread, view->source, dimensions));
  made->data = view->data;
  made->size = view->size;
  made->item_size = size;
  made->format = format;
  made->readonly = view->readonly;
  for (int i = 0; i < dimensions; ++i) made->shape[i] = extents[i];
  fill_strides(made.get());
  return made;
}

static AnyResult memoryview_toreadonly(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  AnyRef made = TRY(memoryview_from(thread, self));
  view_in(made)->readonly = true;
  return made;
}

static AnyResult item_of_one_dimension(Thread& thread, Any self, Word i) {
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  return unpack(thread, view->format, step_into(view, view->data, 0, i));
}
static Result<Word> memoryview_count(Thread& thread, Any self, Any value) {
  Word n = TRY(memoryview_len(thread, self)), total = 0;
  for (Word i = 0; i < n; ++i) {
    AnyRef item = TRY(item_of_one_dimension(thread, self, i));
    if (TRY(equal(thread, item, value))) ++total;
  }
  return total;
}
static Result<Word> memoryview_index(Thread& thread, Any self, Any value, SliceBound start,
                                     SliceBound stop) {
  TRY(check_open(thread, self));
  if (view_in(self)->dimensions == 0)
    return raise<TypeError>(thread, "invalid lookup on 0-dim memory");
  if (view_in(self)->dimensions > 1)
    return raise<NotImplementedError>(thread, "multi-dimensional lookup is not implemented");
  Word n = view_in(self)->shape[0];
  for (Word i = start.clamp(n), end = stop.clamp(n); i < end; ++i) {
    AnyRef item = TRY(item_of_one_dimension(thread, self, i));
    if (TRY(equal(thread, item, value))) return i;
  }
  return raise<ValueError>(thread, "memoryview.index(x): x not found");
}

static AnyResult memoryview_enter(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return share(thread, self);
}
static Result<void> memoryview_exit(Thread& thread, Any self, Rest) {
  return memoryview_release(thread, self);
}

// ---- attributes ---------------------------------------------------------------------------------
static AnyResult get_obj(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  Value owner = view_in(self)->source->view.owner;
  return owner ? share(thread, Any(owner)) : AnyRef::adopt(kNone);
}
static Result<Value> checked(Thread& thread, Any self, Value value) {
  TRY(check_open(thread, self));
  return value;
}
static AnyResult give(Result<Value> value) {
  return value.raised() ? AnyResult(Raised{}) : AnyResult(AnyRef::adopt(value.take()));
}
static AnyResult get_nbytes(Thread& thread, Any self) {
  return give(checked(thread, self, small_int(view_in(self)->size)));
}
static AnyResult get_readonly(Thread& thread, Any self) {
  return give(checked(thread, self, bool_value(view_in(self)->readonly)));
}
static AnyResult get_itemsize(Thread& thread, Any self) {
  return give(checked(thread, self, small_int(view_in(self)->item_size)));
}
static AnyResult get_format(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return str_from_utf8(thread, view_in(self)->format);
}
static AnyResult get_ndim(Thread& thread, Any self) {
  return give(checked(thread, self, small_int(view_in(self)->dimensions)));
}
static AnyResult words_tuple(Thread& thread, const Word* words, int count) {
  Value items[kMaxDimensions];
  for (int i = 0; i < count; ++i) {
    AnyResult number = int_from_word(thread, words[i]);
    if (number.raised()) {
      while (i > 0) decref(thread, items[--i]);
      return Raised{};
    }
    items[i] = number.take().release();
  }
  return tuple_adopt(thread, items, static_cast<size_t>(count));
}
static AnyResult get_shape(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return words_tuple(thread, view_in(self)->shape, view_in(self)->dimensions);
}
static AnyResult get_strides(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return words_tuple(thread, view_in(self)->strides, view_in(self)->dimensions);
}
static AnyResult get_suboffsets(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return words_tuple(thread, view_in(self)->suboffsets,
                     view_in(self)->suboffsets ? view_in(self)->dimensions : 0);
}
static AnyResult get_c_contiguous(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return AnyRef::adopt(bool_value(is_c_contiguous(view_in(self))));
}
static AnyResult get_f_contiguous(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return AnyRef::adopt(bool_value(is_f_contiguous(view_in(self))));
}
static AnyResult get_contiguous(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  return AnyRef::adopt(
      bool_value(is_c_contiguous(view_in(self)) || is_f_contiguous(view_in(self))));
}

// ---- iterator -----------------------------------------------------------------------------------
struct MemoryIterator : Object {
  Field<Object> view;  // empty once exhausted
  std::atomic<Word> index;
};
TypeHandle memory_iterator_type;

static AnyResult memoryview_iter(Thread& thread, Any self) {
  TRY(check_open(thread, self));
  MemoryView* view = view_in(self);
  if (view->dimensions == 0) return raise<TypeError>(thread, "invalid indexing of 0-dim memory");
  if (view->dimensions != 1)
    return raise<NotImplementedError>(thread, "multi-dimensional sub-views are not implemented");
  if (!native_size(view->format)) return unsupported_format(thread, view->format);
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(memory_iterator_type.type)));
  auto* iterator = static_cast<MemoryIterator*>(made.borrow().object());
  slot_init(iterator, iterator->view, share(thread, self));
  return made;
}
static AnyResult memory_iterator_iter(Thread& thread, Any self) { return share(thread, self); }
static Step memory_iterator_next(Thread& thread, Any self) {
  auto* iterator = static_cast<MemoryIterator*>(self.object());
  Maybe<Ref<Object>> view = field_load(thread, iterator, iterator->view);
  if (!view) return Step::done();
  Word index = iterator->index.load(std::memory_order_relaxed);
  TRY(check_open(thread, view.borrow()));
  if (index >= view_in(view.borrow())->shape[0]) {
    slot_clear(thread, iterator, iterator->view);
    return Step::done();
  }
  iterator->index.store(index + 1, std::memory_order_relaxed);
  return TRY(item_of_one_dimension(thread, view.borrow(), index));
}
static void memory_iterator_trace(Object* object, SlotVisitor& visit) {
  visit(static_cast<MemoryIterator*>(object)->view);
}
static const Layout memory_iterator_layout{"memory_iterator", sizeof(MemoryIterator), true,
                                           memory_iterator_trace, nullptr};
static const SlotEntry memory_iterator_slots[] = {slot<SlotId::iter, memory_iterator_iter>(),
                                                  slot<SlotId::next, memory_iterator_next>()};
extern const TypeSpec memory_iterator_spec{.name = "memory_iterator",
                                           .flags = kTypeDisallowNew,
                                           .layout = &memory_iterator_layout,
                                           .slots = memory_iterator_slots};

// ---- the type -----------------------------------------------------------------------------------
static const SlotEntry memoryview_slots[] = {
    slot<SlotId::new_, memoryview_new>(),
    slot<SlotId::repr, memoryview_repr>(),
    slot<SlotId::hash, memoryview_hash>(),
    slot<SlotId::eq, memoryview_equality<true>>(),
    slot<SlotId::ne, memoryview_equality<false>>(),
    slot<SlotId::iter, memoryview_iter>(),
    buffer_slot(memoryview_buffer),
    slot<SlotId::len, memoryview_len>(),
    slot<SlotId::getitem, memoryview_getitem>(),
    slot<SlotId::setitem, memoryview_setitem>(),
};
constexpr Method memoryview_methods[] = {
    method<memoryview_release>("release()",
                               "Release the underlying buffer exposed by the memoryview object."),
    method<memoryview_tobytes>("tobytes(order='C')",
                               "Return the data in the buffer as a byte string."),
    method<memoryview_hex>("hex(sep=?, bytes_per_sep=1)",
                           "Return the data in the buffer as a str of hexadecimal numbers."),
    method<memoryview_tolist>("tolist()", "Return the data in the buffer as a list of elements."),
    method<memoryview_cast>("cast(format, shape=?)", "Cast a memoryview to a new format or shape."),
    method<memoryview_toreadonly>("toreadonly()", "Return a readonly version of the memoryview."),
    class_method<memoryview_from_flags>(
        "_from_flags(object, flags)",
        "Create a new memoryview object which references the given object."),
    method<memoryview_count>("count(value, /)", "Count the number of occurrences of a value."),
    method<memoryview_index>("index(value, start=0, stop=maxsize, /)",
                             "Return the index of the first occurrence of a value."),
    method<memoryview_enter>("__enter__()"),
    method<memoryview_exit>("__exit__(*exc_info)"),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
};
static const GetSet memoryview_getsets[] = {
    getter<get_obj>("obj", "The underlying object of the memoryview."),
    getter<get_nbytes>(
        "nbytes",
        "The amount of space in bytes that the array would use in\n a contiguous representation."),
    getter<get_readonly>("readonly", "A bool indicating whether the memory is read only."),
    getter<get_itemsize>("itemsize", "The size in bytes of each element of the memoryview."),
    getter<get_format>(
        "format",
        "A string containing the format (in struct module style)\n for each element in the view."),
    getter<get_ndim>("ndim",
                     "An integer indicating how many dimensions of a multi-dimensional\n array the "
                     "memory represents."),
    getter<get_shape>(
        "shape",
        "A tuple of ndim integers giving the shape of the memory\n as an N-dimensional array."),
    getter<get_strides>("strides",
                        "A tuple of ndim integers giving the size in bytes to access\n each "
                        "element for each dimension of the array."),
    getter<get_suboffsets>("suboffsets",
                           "A tuple of integers used internally for PIL-style arrays."),
    getter<get_c_contiguous>("c_contiguous",
                             "A bool indicating whether the memory is C contiguous."),
    getter<get_f_contiguous>("f_contiguous",
                             "A bool indicating whether the memory is Fortran contiguous."),
    getter<get_contiguous>("contiguous", "A bool indicating whether the memory is contiguous."),
};
static const Layout memoryview_layout{"memoryview", sizeof(MemoryView), false, nullptr,
                                      memoryview_destroy};
const TypeSpec memoryview_spec{
    .name = "memoryview",
    .doc = "Create a new memoryview object which references the given object.",
    .flags = kTypeSequence | kTypeWeakrefable,
    .layout = &memoryview_layout,
    .slots = memoryview_slots,
    .methods = memoryview_methods,
    .getsets = memoryview_getsets,
};

}  // namespace dx
