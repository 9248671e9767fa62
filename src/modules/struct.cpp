// _struct: values to bytes and back, by a format such as '<2hI'.
//
// A format is compiled once into fields (code, place, how often); pack and unpack walk them.
// Compiled formats of the module's functions are kept in a dict.

#include <bit>
#include <cmath>
#include <cstring>

#include "modules/exception_class.h"
#include "objects/bind.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/tuple.h"

namespace dx {
namespace {

TypeHandle struct_type, unpack_iterator_type;
Type* struct_error;  // the class struct.error; immortal

template <class... A>
Raised fail(Thread& thread, const char* format, A... arguments) {
  const FormatArgument list[] = {FormatArgument(""), FormatArgument(arguments)...};
  AnyResult text = format_text(thread, format, list + 1, sizeof...(A));
  if (text.raised()) return Raised{};
  AnyRef owned = text.take();
  return raise_value(thread, struct_error, owned);
}

// ---- formats ------------------------------------------------------------------------------------

struct FormatCode {
  char code;
  uint8_t size;       // native size; 0: only native ('n', 'N', 'P' in standard mode)
  uint8_t alignment;  // native
  uint8_t standard;   // size in standard mode
};
constexpr FormatCode format_codes[] = {
    {'x', 1, 1, 1}, {'c', 1, 1, 1}, {'s', 1, 1, 1}, {'p', 1, 1, 1}, {'b', 1, 1, 1},  {'B', 1, 1, 1},
    {'?', 1, 1, 1}, {'h', 2, 2, 2}, {'H', 2, 2, 2}, {'i', 4, 4, 4}, {'I', 4, 4, 4},  {'l', 8, 8, 4},
    {'L', 8, 8, 4}, {'q', 8, 8, 8}, {'Q', 8, 8, 8}, {'n', 8, 8, 0}, {'N', 8, 8, 0},  {'P', 8, 8, 0},
    {'e', 2, 2, 2}, {'f', 4, 4, 4}, {'d', 8, 8, 8}, {'F', 8, 4, 8}, {'D', 16, 8, 16}};

struct StructField {
  char code;
  uint8_t size;  // of one value; for s and p see `count`
  Word offset;
  Word count;  // values; for s and p the length of the one value
};

struct Struct : Object {
  Field<Object> format;  // str; empty until __init__
  StructField* fields;
  Word field_count;
  Word size;    // bytes
  Word values;  // how many pack takes
  bool little;
};

const FormatCode* find_code(char code, bool native) {
  for (const FormatCode& known : format_codes) {
    if (known.code == code && (native || known.standard)) return &known;
  }
  return nullptr;
}

// Goes through a format twice: counting (fields null), then filling.
struct FormatReader {
  std::string_view text;
  bool native = true, little = std::endian::native == std::endian::little;
  Word size = 0, values = 0, field_count = 0;

  Result<void> read(Thread& thread, StructField* fields) {
    size_t at = 0;
    size = values = field_count = 0;
    if (!text.empty()) {
      switch (text[0]) {
        case '@': at = 1; break;
        case '=':
          at = 1;
          native = false;
          break;
        case '<':
          at = 1;
          native = false;
          little = true;
          break;
        case '>':
        case '!':
          at = 1;
          native = false;
          little = false;
          break;
      }
    }
    while (at < text.size()) {
      char c = text[at++];
      if (c == ' ' || (c >= '\t' && c <= '\r')) continue;
      Word count = 1;
      if (c >= '0' && c <= '9') {
        count = c - '0';
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
          if (count > (INT64_MAX - 9) / 10) return fail(thread, "total struct size too long");
          count = count * 10 + (text[at++] - '0');
        }
        if (at == text.size()) return fail(thread, "repeat count given without format specifier");
        c = text[at++];
      }
      if (c == 0) return fail(thread, "embedded null character");
      const FormatCode* code = find_code(c, native);
      if (!code) return fail(thread, "bad char in struct format");
      Word one = native ? code->size : code->standard;
      if (native && code->alignment > 1) {
        Word padding = (code->alignment - size % code->alignment) % code->alignment;
        if (padding > INT64_MAX - size) return fail(thread, "total struct size too long");
        size += padding;
      }
      if (count > (INT64_MAX - size) / one) return fail(thread, "total struct size too long");
      if (c != 'x' && (count > 0 || c == 's' || c == 'p')) {
        if (fields) fields[field_count] = {c, static_cast<uint8_t>(one), size, count};
        ++field_count;
        values += c == 's' || c == 'p' ? 1 : count;
      }
      size += one * count;
    }
    return {};
  }
};

Result<void> struct_compile(Thread& thread, Borrowed<Struct> self, Any format) {
  AnyRef text = share(thread, format);
  std::string_view characters;
  if (is_str(format)) {
    StrView view = str_view(Borrowed<Str>(format.value()));
    if (!view.ascii) {
      AnyRef encoded = TRY(call_method(thread, format, NAME("encode"),
                                       {Value(static_cast<Object*>(NAME("ascii")))}));
      return fail(thread, "bad char in struct format");
    }
    characters = view.text();
  } else if (is_bytes(format)) {
    characters = static_cast<Bytes*>(format.object())->view();
    text = TRY(str_from_ascii(thread, characters));
  } else {
    return raise<TypeError>(thread, "Struct() argument 1 must be a str or bytes object, not {}",
                            type_name_in(format));
  }
  FormatReader reader{characters};
  TRY(reader.read(thread, nullptr));
  StructField* fields = nullptr;
  if (reader.field_count) {
    fields = static_cast<StructField*>(
        allocate_buffer(thread, static_cast<size_t>(reader.field_count) * sizeof(StructField)));
    if (!fields) return raise_memory_error(thread);
    TRY(reader.read(thread, fields));
  }
  if (self->fields) free_buffer(thread, self->fields);
  self->fields = fields;
  self->field_count = reader.field_count;
  self->size = reader.size;
  self->values = reader.values;
  self->little = reader.little;
  slot_write(thread, self.get(), self->format, std::move(text));
  return {};
}

Result<void> struct_check(Thread& thread, Borrowed<Struct> self) {
  if (self->format.raw()) return {};
  return raise<RuntimeError>(thread, "Struct object is not initialized");
}

// Formats used by the module's functions, compiled.
Result<Borrowed<Dict>> format_cache(Thread& thread) {
  static std::atomic<Dict*> cache{nullptr};
  Dict* known = cache.load(std::memory_order_acquire);
  if (!known) {
    Ref<Dict> fresh = TRY(dict_create(thread));
    Dict* dict = static_cast<Dict*>(fresh.release().object());
    make_immortal(dict);
    if (cache.compare_exchange_strong(known, dict, std::memory_order_acq_rel)) known = dict;
  }
  return Borrowed<Dict>(known);
}

Result<Ref<Struct>> struct_of(Thread& thread, Any format) {
  Borrowed<Dict> known = TRY(format_cache(thread));
  bool cacheable = is_exact(format, SHAPE(str)) || is_exact(format, SHAPE(bytes));
  if (cacheable) {
    AnyLookup found = dict_get(thread, known, format);
    if (found.raised()) return Raised{};
    if (found.found()) return Ref<Struct>::adopt(found.release());
  }
  AnyRef made = TRY(allocate_instance(thread, struct_type.type));
  TRY(struct_compile(thread, Borrowed<Struct>(made.value()), format));
  if (cacheable) {
    if (dict_size(known) >= 100) TRY(dict_clear(thread, known));
    TRY(dict_set(thread, known, format, made));
  }
  return Ref<Struct>::adopt(made.release());
}
Result<void> clear_cache(Thread& thread) { return dict_clear(thread, TRY(format_cache(thread))); }

// ---- one value ----------------------------------------------------------------------------------

void store(char* to, uint64_t bits, unsigned size, bool little) {
  for (unsigned i = 0; i < size; ++i)
    to[little ? i : size - 1 - i] = static_cast<char>(bits >> (8 * i));
}
uint64_t load(const char* from, unsigned size, bool little) {
  uint64_t bits = 0;
  for (unsigned i = 0; i < size; ++i)
    bits |= uint64_t{static_cast<uint8_t>(from[little ? i : size - 1 - i])} << (8 * i);
  return bits;
}

// IEEE half precision, rounded to nearest even. False: too large.
bool half_encode(double number, uint16_t& out) {
  uint16_t sign = std::signbit(number) ? 0x8000 : 0;
  if (std::isnan(number)) {
    out = sign | 0x7e00;
    return true;
  }
  if (std::isinf(number)) {
    out = sign | 0x7c00;
    return true;
  }
  double size = std::fabs(number);
  if (size == 0) {
    out = sign;
    return true;
  }
  int exponent;
  double fraction = std::frexp(size, &exponent);  // [0.5, 1)
  if (exponent > 16) return false;
  if (exponent < -24) {
    out = sign;
    return true;
  }
  // Subnormals have a fixed exponent.
  int shift = exponent < -13 ? exponent + 24 : 11;
  double scaled = std::ldexp(fraction, shift);
  uint32_t bits = static_cast<uint32_t>(std::nearbyint(scaled));
  uint32_t result =
      exponent < -13 ? bits : (static_cast<uint32_t>(exponent + 14) << 10) + bits - 0x400;
  if (result >= 0x7c00) return false;
  out = static_cast<uint16_t>(sign | result);
  return true;
}
double half_decode(uint16_t bits) {
  int exponent = (bits >> 10) & 31;
  double fraction = bits & 0x3ff;
  double number = exponent == 31 ? (fraction ? std::numeric_limits<double>::quiet_NaN() : HUGE_VAL)
                  : exponent     ? std::ldexp(fraction + 1024, exponent - 25)
                                 : std::ldexp(fraction, -24);
  return bits & 0x8000 ? -number : number;
}

struct IntRange {
  bool is_signed;
  unsigned size;
};
Raised fail_range(Thread& thread, char code, IntRange range) {
  char name[2] = {code, 0};
  unsigned bits = range.size * 8;
  if (range.is_signed) {
    int64_t high = bits == 64 ? INT64_MAX : (int64_t{1} << (bits - 1)) - 1;
    return fail(thread, "'{}' format requires {} <= number <= {}", static_cast<const char*>(name),
                -high - 1, high);
  }
  uint64_t high = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  return fail(thread, "'{}' format requires 0 <= number <= {}", static_cast<const char*>(name),
              high);
}

Result<uint64_t> pack_int(Thread& thread, char code, IntRange range, Any value) {
  if (!has_index(value)) return fail(thread, "required argument is not an integer");
  AnyRef number = TRY(to_index(thread, value));
  Word word;
  bool fits = int_to_word(number.value(), word);
  unsigned bits = range.size * 8;
  if (range.is_signed) {
    if (!fits ||
        (bits < 64 && (word < -(int64_t{1} << (bits - 1)) || word >= int64_t{1} << (bits - 1)))) {
      return fail_range(thread, code, range);
    }
    return static_cast<uint64_t>(word);
  }
  if (int_sign(number.value()) < 0) return fail_range(thread, code, range);
  if (fits) {
    if (bits < 64 && word >= int64_t{1} << bits) return fail_range(thread, code, range);
    return static_cast<uint64_t>(word);
  }
  if (bits < 64 || int_bit_length(number.value()) > 64) return fail_range(thread, code, range);
  return int_u64(thread, number.value());
}

Result<double> pack_float(Thread& thread, Any value) {
  Result<double> number = float_convert(thread, value);
  if (number.raised() && pending_is<TypeError>(thread)) {
    clear_exception(thread);
    return fail(thread, "required argument is not a float");
  }
  return number;
}
Result<void> store_float(Thread& thread, double number, char* to, bool little, unsigned size,
                         char code) {
  if (size == 8) {
    store(to, std::bit_cast<uint64_t>(number), 8, little);
    return {};
  }
  if (size == 2) {
    uint16_t bits;
    if (!half_encode(number, bits))
      return raise<OverflowError>(thread, "float too large to pack with e format");
    store(to, bits, 2, little);
    return {};
  }
  float narrow = static_cast<float>(number);
  if (std::isinf(narrow) && !std::isinf(number)) {
    char name[2] = {code, 0};
    return raise<OverflowError>(thread, "float too large to pack with {} format",
                                static_cast<const char*>(name));
  }
  store(to, std::bit_cast<uint32_t>(narrow), 4, little);
  return {};
}

// The parts of a complex number (or of a float).
Result<void> pack_complex(Thread& thread, const StructField& field, bool little, Any value,
                          char* to) {
  AnyLookup imaginary = lookup_attr(thread, value, NAME("imag"));
  if (imaginary.raised()) return Raised{};
  if (!imaginary.found()) return fail(thread, "required argument is not a complex");
  AnyRef real = TRY(get_attr(thread, value, NAME("real")));
  double parts[2] = {TRY(pack_float(thread, real)), TRY(pack_float(thread, imaginary.borrow()))};
  unsigned half = field.size / 2u;
  TRY(store_float(thread, parts[0], to, little, half, 'f'));
  return store_float(thread, parts[1], to + half, little, half, 'f');
}

Result<void> pack_value(Thread& thread, const StructField& field, bool little, Any value,
                        char* to) {
  switch (field.code) {
    case 'c': {
      if (!is_bytes(value) || static_cast<Bytes*>(value.object())->size != 1) {
        return fail(thread, "char format requires a bytes object of length 1");
      }
      *to = static_cast<Bytes*>(value.object())->data()[0];
      return {};
    }
    case '?': *to = static_cast<char>(TRY(is_true(thread, value))); return {};
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n': {
      uint64_t bits = TRY(pack_int(thread, field.code, {true, field.size}, value));
      store(to, bits, field.size, little);
      return {};
    }
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
    case 'N': {
      uint64_t bits = TRY(pack_int(thread, field.code, {false, field.size}, value));
      store(to, bits, field.size, little);
      return {};
    }
    case 'P': {
      if (!has_index(value)) return fail(thread, "required argument is not an integer");
      AnyRef number = TRY(to_index(thread, value));
      bool negative = int_sign(number.value()) < 0;
      store(to, TRY(pack_int(thread, 'P', {negative, 8}, number)), 8, little);
      return {};
    }
    case 'e':
    case 'f':
    case 'd': {
      double number = TRY(pack_float(thread, value));
      return store_float(thread, number, to, little, field.size, field.code);
    }
    default: return pack_complex(thread, field, little, value, to);
  }
}

Result<void> pack_text(Thread& thread, const StructField& field, Any value, char* to) {
  char name[2] = {field.code, 0};
  if (!is_bytes(value) && type_of(value) != TYPE(bytearray)) {
    return fail(thread, "argument for '{}' must be a bytes object", static_cast<const char*>(name));
  }
  BufferScope scope(thread);
  TRY(scope.acquire(value));
  std::string_view text = scope.text();
  size_t room = static_cast<size_t>(field.count);
  if (field.code == 's') {
    std::memcpy(to, text.data(), std::min(room, text.size()));
  } else if (room > 0) {
    size_t length = std::min(room - 1, text.size());
    std::memcpy(to + 1, text.data(), length);
    to[0] = static_cast<char>(std::min<size_t>(length, 255));
  }
  return {};
}

Result<void> pack_all(Thread& thread, Borrowed<Struct> self, const Value* values, char* to) {
  std::memset(to, 0, static_cast<size_t>(self->size));
  for (Word f = 0; f < self->field_count; ++f) {
    const StructField& field = self->fields[f];
    if (field.code == 's' || field.code == 'p') {
      TRY(pack_text(thread, field, *values++, to + field.offset));
      continue;
    }
    for (Word i = 0; i < field.count; ++i) {
      TRY(pack_value(thread, field, self->little, *values++, to + field.offset + i * field.size));
    }
  }
  return {};
}

AnyResult unpack_value(Thread& thread, const StructField& field, bool little, const char* from) {
  switch (field.code) {
    case 'c': return bytes_from(thread, std::string_view(from, 1));
    case '?': return truth(*from != 0);
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n': {
      unsigned unused = 64 - field.size * 8u;
      uint64_t bits = load(from, field.size, little) << unused;
      return int_from_word(thread, static_cast<Word>(bits) >> unused);
    }
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
    case 'N':
    case 'P': return int_from_u64(thread, load(from, field.size, little));
    case 'e':
      return float_from_double(thread, half_decode(static_cast<uint16_t>(load(from, 2, little))));
    case 'f':
      return float_from_double(thread,
                               std::bit_cast<float>(static_cast<uint32_t>(load(from, 4, little))));
    case 'd': return float_from_double(thread, std::bit_cast<double>(load(from, 8, little)));
    default: {
      unsigned half = field.size / 2u;
      StructField part{half == 4 ? 'f' : 'd', static_cast<uint8_t>(half), 0, 1};
      AnyRef real = TRY(unpack_value(thread, part, little, from));
      AnyRef imaginary = TRY(unpack_value(thread, part, little, from + half));
      return call(thread, TYPE(complex), {real.value(), imaginary.value()});
    }
  }
}

AnyResult unpack_all(Thread& thread, Borrowed<Struct> self, const char* from) {
  Ref<Tuple> values = TRY(tuple_create(thread, static_cast<size_t>(self->values)));
  Word at = 0;
  for (Word f = 0; f < self->field_count; ++f) {
    const StructField& field = self->fields[f];
    const char* place = from + field.offset;
    if (field.code == 's' || field.code == 'p') {
      size_t length = static_cast<size_t>(field.count);
      if (field.code == 'p') {
        length = length ? std::min<size_t>(static_cast<uint8_t>(place[0]), length - 1) : 0;
        if (field.count) ++place;
      }
      Ref<Bytes> text = TRY(bytes_from(thread, std::string_view(place, length)));
      slot_init(values.get(), values->items()[at++], std::move(text));
      continue;
    }
    for (Word i = 0; i < field.count; ++i) {
      AnyRef value = TRY(unpack_value(thread, field, self->little, place + i * field.size));
      slot_init(values.get(), values->items()[at++], std::move(value));
    }
  }
  return values;
}

// ---- operations ---------------------------------------------------------------------------------

Result<void> check_count(Thread& thread, Borrowed<Struct> self, const char* name, size_t given) {
  if (static_cast<size_t>(self->values) == given) return {};
  return fail(thread, "{} expected {} items for packing (got {})", name, self->values, given);
}

AnyResult pack_values(Thread& thread, Borrowed<Struct> self, const Value* values, size_t count) {
  TRY(check_count(thread, self, "pack", count));
  Ref<Bytes> packed = TRY(bytes_create(thread, static_cast<size_t>(self->size)));
  TRY(pack_all(thread, self, values, packed->data()));
  return packed;
}

AnyResult pack_values_into(Thread& thread, Borrowed<Struct> self, const Value* arguments,
                           size_t count) {
  if (count == 0) return fail(thread, "pack_into expected buffer argument");
  if (count == 1) return fail(thread, "pack_into expected offset argument");
  TRY(check_count(thread, self, "pack_into", count - 2));
  BufferScope scope(thread);
  Result<void> acquired = scope.acquire(arguments[0], kBufferWritable);
  if (acquired.raised()) {
    clear_exception(thread);
    return raise<TypeError>(thread, "argument must be read-write bytes-like object, not {}",
                            type_name_in(arguments[0]));
  }
  Word offset = TRY(index_word(thread, arguments[1]));
  Word size = scope.view.size;
  if (offset < 0) {
    if (offset + self->size > 0)
      return fail(thread, "no space to pack {} bytes at offset {}", self->size, offset);
    if (offset + size < 0)
      return fail(thread, "offset {} out of range for {}-byte buffer", offset, size);
    offset += size;
  }
  if (size - offset < self->size) {
    return fail(
        thread,
        "pack_into requires a buffer of at least {} bytes for packing {} bytes at offset {} "
        "(actual buffer size is {})",
        self->size + offset, self->size, offset, size);
  }
  TRY(pack_all(thread, self, arguments + 2, static_cast<char*>(scope.view.data) + offset));
  return AnyRef::adopt(kNone);
}

AnyResult unpack_buffer(Thread& thread, Borrowed<Struct> self, Any buffer) {
  BufferScope scope(thread);
  TRY(scope.acquire(buffer));
  if (scope.view.size != self->size)
    return fail(thread, "unpack requires a buffer of {} bytes", self->size);
  return unpack_all(thread, self, static_cast<const char*>(scope.view.data));
}

AnyResult unpack_buffer_from(Thread& thread, Borrowed<Struct> self, Any buffer, Word offset) {
  BufferScope scope(thread);
  TRY(scope.acquire(buffer));
  Word size = scope.view.size;
  if (offset < 0) {
    if (offset + self->size > 0)
      return fail(thread, "not enough data to unpack {} bytes at offset {}", self->size, offset);
    if (offset + size < 0)
      return fail(thread, "offset {} out of range for {}-byte buffer", offset, size);
    offset += size;
  }
  if (size - offset < self->size) {
    return fail(
        thread,
        "unpack_from requires a buffer of at least {} bytes for unpacking {} bytes at offset {} "
        "(actual buffer size is {})",
        self->size + offset, self->size, offset, size);
  }
  return unpack_all(thread, self, static_cast<const char*>(scope.view.data) + offset);
}

struct UnpackIterator : Object {
  Field<Struct> format;
  Field<Object> source;  // empty once exhausted
  BufferView view;       // of source
  Word offset;
};

AnyResult iterate(Thread& thread, Borrowed<Struct> self, Any buffer) {
  if (self->size == 0) return fail(thread, "cannot iteratively unpack with a struct of length 0");
  BufferScope scope(thread);
  TRY(scope.acquire(buffer));
  if (scope.view.size % self->size) {
    return fail(thread, "iterative unpacking requires a buffer of a multiple of {} bytes",
                self->size);
  }
  AnyRef made = TRY(allocate_instance(thread, unpack_iterator_type.type));
  UnpackIterator* iterator = static_cast<UnpackIterator*>(made.get());
  slot_init(iterator, iterator->format, share(thread, self));
  slot_init(iterator, iterator->source, share(thread, buffer));
  publish(thread, scope.view.owner);
  iterator->view = scope.view;  // the export is the iterator's now
  scope.view = BufferView{};
  return made;
}

void iterator_finish(Thread& thread, UnpackIterator* self) {
  if (self->view.owner) {
    BufferView view = self->view;
    self->view = BufferView{};
    buffer_release(thread, view);
  }
}
AnyResult unpack_iterator_iter(Thread& thread, Any self) { return share(thread, self); }
Step unpack_iterator_next(Thread& thread, Borrowed<UnpackIterator> self) {
  Maybe<Ref<Object>> source = field_load(thread, self.get(), self->source);
  if (!source) return Step::done();
  Borrowed<Struct> format = self->format.borrow();
  if (self->offset >= self->view.size) {
    slot_clear(thread, self.get(), self->source);
    iterator_finish(thread, self.get());
    return Step::done();
  }
  const char* from = static_cast<const char*>(self->view.data) + self->offset;
  self->offset += format->size;
  AnyRef values = TRY(unpack_all(thread, format, from));
  return values;
}
Word unpack_iterator_length_hint(Borrowed<UnpackIterator> self) {
  return self->source.raw() ? (self->view.size - self->offset) / self->format.borrow()->size : 0;
}
void unpack_iterator_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<UnpackIterator*>(object)->format);
  visitor(static_cast<UnpackIterator*>(object)->source);
}
void unpack_iterator_destroy(Thread& thread, Object* object) {
  iterator_finish(thread, static_cast<UnpackIterator*>(object));
}
const Layout unpack_iterator_layout{"unpack_iterator", sizeof(UnpackIterator), true,
                                    unpack_iterator_trace, unpack_iterator_destroy};
const SlotEntry unpack_iterator_slots[] = {
    slot<SlotId::iter, unpack_iterator_iter>(),
    slot<SlotId::next, unpack_iterator_next>(),
};
constexpr Method unpack_iterator_methods[] = {
    method<unpack_iterator_length_hint>("__length_hint__()"),
};
const TypeSpec unpack_iterator_spec{
    .name = "_struct.unpack_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &unpack_iterator_layout,
    .slots = unpack_iterator_slots,
    .methods = unpack_iterator_methods,
};

// ---- Struct -------------------------------------------------------------------------------------

AnyResult struct_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}
Result<void> struct_init(Thread& thread, Borrowed<Struct> self, const Arguments& arguments) {
  static const char* const names[] = {"format"};
  Value given[1] = {};
  if (!bind_new(thread, {"Struct", names, 1, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  return struct_compile(thread, self, given[0]);
}
AnyResult struct_repr(Thread& thread, Borrowed<Struct> self) {
  TRY(struct_check(thread, self));
  Ref<Str> name = Ref<Str>::share(thread, type_of(self)->name.borrow());
  const FormatArgument arguments[] = {FormatArgument(name),
                                      FormatArgument(repr_of(self->format.borrow()))};
  return format_text(thread, "{}({})", arguments, 2);
}
AnyResult struct_pack(Thread& thread, Borrowed<Struct> self, Arguments arguments) {
  TRY(struct_check(thread, self));
  return pack_values(thread, self, arguments.items, arguments.count);
}
AnyResult struct_pack_into(Thread& thread, Borrowed<Struct> self, Arguments arguments) {
  TRY(struct_check(thread, self));
  return pack_values_into(thread, self, arguments.items, arguments.count);
}
AnyResult struct_unpack(Thread& thread, Borrowed<Struct> self, Any buffer) {
  TRY(struct_check(thread, self));
  return unpack_buffer(thread, self, buffer);
}
AnyResult struct_unpack_from(Thread& thread, Borrowed<Struct> self, Any buffer, Word offset) {
  TRY(struct_check(thread, self));
  return unpack_buffer_from(thread, self, buffer, offset);
}
AnyResult struct_iter_unpack(Thread& thread, Borrowed<Struct> self, Any buffer) {
  TRY(struct_check(thread, self));
  return iterate(thread, self, buffer);
}
AnyResult struct_format(Thread& thread, Borrowed<Struct> self) {
  TRY(struct_check(thread, self));
  return AnyRef::adopt(slot_load(thread, self.get(), self->format));
}
AnyResult struct_size(Thread& thread, Borrowed<Struct> self) {
  TRY(struct_check(thread, self));
  return int_from_word(thread, self->size);
}
Word struct_sizeof(Borrowed<Struct> self) {
  return static_cast<Word>(sizeof(Struct) + (self->fields ? buffer_capacity(self->fields) : 0));
}

void struct_destroy(Thread& thread, Object* object) {
  if (StructField* fields = static_cast<Struct*>(object)->fields) free_buffer(thread, fields);
}
const Layout struct_layout{"Struct", sizeof(Struct), true, trace_fields<Struct, &Struct::format>,
                           struct_destroy};
const SlotEntry struct_slots[] = {
    slot<SlotId::new_, struct_new>(),
    slot<SlotId::init, struct_init>(),
    slot<SlotId::repr, struct_repr>(),
};
constexpr Method struct_methods[] = {
    method<struct_iter_unpack>(
        "iter_unpack(buffer, /)",
        "Return an iterator yielding tuples unpacked from the buffer, piece by piece.\n\n"
        "Requires that the bytes length be a multiple of the struct size."),
    method<struct_pack>(
        "pack(*values)",
        "S.pack(v1, v2, ...) -> bytes\n\nThe values, packed by the format S.format."),
    method<struct_pack_into>("pack_into(buffer, offset, /, *values)",
                             "S.pack_into(buffer, offset, v1, v2, ...)\n\n"
                             "Pack the values into the writable buffer from offset on; a negative "
                             "offset counts from the end."),
    method<struct_unpack>("unpack(buffer, /)",
                          "Return a tuple containing unpacked values; the buffer's size in bytes "
                          "must be Struct.size."),
    method<struct_unpack_from>(
        "unpack_from(buffer, offset=0)",
        "Return a tuple of the values found in the buffer from offset on; a negative offset counts "
        "from the end."),
    method<struct_sizeof>("__sizeof__()", "S.__sizeof__() -> size of S in memory, in bytes"),
};
const GetSet struct_getsets[] = {
    getter<struct_format>("format", "struct format string"),
    getter<struct_size>("size", "struct size in bytes"),
};
const TypeSpec struct_spec{
    .name = "_struct.Struct",
    .doc = "Struct(fmt) --> compiled struct object\n\n",
    .flags = kTypeBase | kTypeImmutable | kTypeWeakrefable,
    .layout = &struct_layout,
    .slots = struct_slots,
    .methods = struct_methods,
    .getsets = struct_getsets,
};

// ---- the module's functions ---------------------------------------------------------------------

Result<Word> calcsize(Thread& thread, Any format) { return TRY(struct_of(thread, format))->size; }
AnyResult pack(Thread& thread, Arguments arguments) {
  if (arguments.count == 0) return raise<TypeError>(thread, "missing format argument");
  Ref<Struct> format = TRY(struct_of(thread, arguments[0]));
  return pack_values(thread, format, arguments.items + 1, arguments.count - 1);
}
AnyResult pack_into(Thread& thread, Arguments arguments) {
  if (arguments.count == 0) return raise<TypeError>(thread, "missing format argument");
  Ref<Struct> format = TRY(struct_of(thread, arguments[0]));
  return pack_values_into(thread, format, arguments.items + 1, arguments.count - 1);
}
AnyResult unpack(Thread& thread, Any format, Any buffer) {
  Ref<Struct> compiled = TRY(struct_of(thread, format));
  return unpack_buffer(thread, compiled, buffer);
}
AnyResult unpack_from(Thread& thread, Any format, Any buffer, Word offset) {
  Ref<Struct> compiled = TRY(struct_of(thread, format));
  return unpack_buffer_from(thread, compiled, buffer, offset);
}
AnyResult iter_unpack(Thread& thread, Any format, Any buffer) {
  Ref<Struct> compiled = TRY(struct_of(thread, format));
  return iterate(thread, compiled, buffer);
}

constexpr Method functions[] = {
    function<clear_cache>("_clearcache()", "Clear the internal cache."),
    function<calcsize>("calcsize(format, /)",
                       "Return size in bytes of the struct described by the format string."),
    function<iter_unpack>(
        "iter_unpack(format, buffer, /)",
        "Return an iterator yielding tuples unpacked from the buffer, piece by piece."),
    function<pack>("pack(format, /, *values)",
                   "pack(format, v1, v2, ...) -> bytes\n\n"
                   "Return a bytes object containing the values v1, v2, ... packed according\n"
                   "to the format string.  See help(struct) for more on format strings."),
    function<pack_into>("pack_into(format, buffer, offset, /, *values)",
                        "pack_into(format, buffer, offset, v1, v2, ...)\n\n"
                        "Pack the values into the writable buffer from offset on; a negative "
                        "offset counts from the end."),
    function<unpack>("unpack(format, buffer, /)",
                     "Return a tuple containing values unpacked according to the format string.\n\n"
                     "The buffer's size in bytes must be calcsize(format).\n\n"
                     "See help(struct) for more on format strings."),
    function<unpack_from>(
        "unpack_from(format, /, buffer, offset=0)",
        "Return a tuple containing values unpacked according to the format string.\n\n"
        "The buffer's size, minus offset, must be at least calcsize(format);\n"
        "a negative offset counts from the end of the buffer."),
};
const ModuleType types[] = {
    {&struct_spec, &struct_type},
    {&unpack_iterator_spec, &unpack_iterator_type},
};

Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  return exception_class(thread, module, "struct", "error", EXCEPTION(Exception), struct_error);
}

}  // namespace

extern const ModuleSpec _struct_module;
const ModuleSpec _struct_module{
    .name = "_struct",
    .doc =
        "Functions to convert between Python values and C structs.\n"
        "Python bytes objects are used to hold the data representing the C struct\n"
        "and also as format strings (explained below) to describe the layout of data\n"
        "in the C struct.\n",
    .functions = functions,
    .types = types,
    .initialize = initialize,
};

}  // namespace dx
