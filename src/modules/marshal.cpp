// marshal: values of the core types as bytes. The format is CPython's version 5 for all of them but code objects, which are
// stored as 'D', the size, a file name and a DPB image; bytes that hold one are verified before use.

#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "objects/audit.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/code.h"
#include "objects/dict.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/set.h"
#include "runtime/compile_source.h"

namespace dx {

namespace {

constexpr int kMaxDepth = 2000;

struct Writer {
  Thread& thread;
  std::string out;
  int depth = 0;

  void byte(int value) { out.push_back(static_cast<char>(value)); }
  void u32(uint64_t value) {
    for (int shift = 0; shift < 32; shift += 8) byte(static_cast<int>(value >> shift & 0xff));
  }
  void number(double value) {
    uint64_t bits = std::bit_cast<uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<int>(bits >> shift & 0xff));
  }
  void text(std::string_view bytes) {
    u32(bytes.size());
    out.append(bytes);
  }

  // Digits of 15 bits, the count negative for negative numbers.
  Result<void> big(Any value) {
    Word bits = int_bit_length(value);
    size_t digits = static_cast<size_t>((bits + 14) / 15), bytes = static_cast<size_t>((bits + 7) / 8);
    std::vector<uint8_t> magnitude(bytes + 8);
    AnyRef positive = int_sign(value) < 0 ? TRY(int_negate(thread, value)) : share(thread, value);
    TRY(int_to_bytes(thread, positive.value(), magnitude.data(), bytes, true, false));
    byte('l');
    u32(static_cast<uint32_t>(int_sign(value) < 0 ? -static_cast<int32_t>(digits) : static_cast<int32_t>(digits)));
    for (size_t i = 0; i < digits; ++i) {
      size_t bit = i * 15;
      uint32_t window = 0;
      std::memcpy(&window, magnitude.data() + bit / 8, 4);
      uint32_t digit = window >> (bit % 8) & 0x7fff;
      byte(static_cast<int>(digit & 0xff));
      byte(static_cast<int>(digit >> 8));
    }
    return {};
  }

  Result<void> items(Any iterable, char tag, Word count) {
    byte(tag);
    u32(static_cast<uint64_t>(count));
    AnyRef iterator = TRY(get_iter(thread, iterable));
    for (;;) {
      Step step = iter_next(thread, iterator);
      if (step.raised()) return Raised{};
      if (step.is_done()) return {};
      AnyRef item = step.take();
      TRY(write(item));
    }
  }

  Result<void> write(Any object) {
    if (++depth > kMaxDepth) return raise<ValueError>(thread, "object too deeply nested to marshal");
    TRY(write_one(object));
    --depth;
    return {};
  }
  Result<void> write_one(Any object) {
    Value value = object.value();
    if (value.is_none()) return byte('N'), Result<void>();
    if (value.is_bool()) return byte(value.is_true() ? 'T' : 'F'), Result<void>();
    if (value == kEllipsis) return byte('.'), Result<void>();
    if (value == Value(EXCEPTION(StopIteration))) return byte('S'), Result<void>();
    if (is_exact_int(value)) {
      Word number;
      if (int_to_word(value, number) && number >= INT32_MIN && number <= INT32_MAX) {
        byte('i');
        u32(static_cast<uint32_t>(number));
        return {};
      }
      return big(object);
    }
    if (is_exact_float(value)) return byte('g'), number(float_value(value)), Result<void>();
    if (is_exact(value, SHAPE(complex))) {
      AnyRef real = TRY(get_attr(thread, object, NAME("real"))), imaginary = TRY(get_attr(thread, object, NAME("imag")));
      byte('y');
      number(float_value(real.value()));
      number(float_value(imaginary.value()));
      return {};
    }
    if (is_exact(value, SHAPE(str))) {
      // Lone surrogates as three bytes, which CPython calls surrogatepass.
      StrView view = str_view(Borrowed<Str>(value));
      std::string utf8;
      for (Word i = 0; i < view.length; ++i) {
        char32_t c = view[i];
        if (c < 0x80) utf8 += static_cast<char>(c);
        else if (c < 0x800) { utf8 += static_cast<char>(0xc0 | c >> 6); utf8 += static_cast<char>(0x80 | (c & 63)); }
        else if (c < 0x10000) { utf8 += static_cast<char>(0xe0 | c >> 12); utf8 += static_cast<char>(0x80 | (c >> 6 & 63)); utf8 += static_cast<char>(0x80 | (c & 63)); }
        else { utf8 += static_cast<char>(0xf0 | c >> 18); utf8 += static_cast<char>(0x80 | (c >> 12 & 63)); utf8 += static_cast<char>(0x80 | (c >> 6 & 63)); utf8 += static_cast<char>(0x80 | (c & 63)); }
      }
      byte(Borrowed<Str>(value)->interned() ? 't' : 'u');
      text(utf8);
      return {};
    }
    if (is_exact(value, SHAPE(bytes))) return byte('s'), text(Borrowed<Bytes>(value)->view()), Result<void>();
    if (is_exact(value, SHAPE(tuple))) return items(object, '(', Borrowed<Tuple>(value)->size);
    if (is_exact(value, SHAPE(list))) return items(object, '[', list_length(Borrowed<List>(value)));
    if (is_exact(value, SHAPE(set))) return items(object, '<', set_size(Borrowed<Set>(value)));
    if (is_exact(value, SHAPE(frozenset))) return items(object, '>', set_size(Borrowed<Set>(value)));
    if (is_exact(value, SHAPE(dict))) {
      byte('{');
      size_t position = 0;
      Maybe<Ref<Object>> key, item;
      while (dict_next(thread, Borrowed<Dict>(value), position, key, item)) {
        TRY(write(key.borrow()));
        TRY(write(item.borrow()));
      }
      byte('0');
      return {};
    }
    if (TypeCheck<Code>::check(value)) {
      Borrowed<Code> code(value);
      if (code->unit != 0) return raise<ValueError>(thread, "dx-py: a nested code object cannot be marshalled on its own yet");
      dpb::ImageView view = code->image->view();
      byte('D');
      TRY(write(code->filename.borrow()));
      text({reinterpret_cast<const char*>(view.bytes().data()), view.bytes().size()});
      return {};
    }
    if (type_of(value)->slot<SlotId::buffer>()) {
      BufferScope scope(thread);
      TRY(scope.acquire(object));
      byte('s');
      text(scope.text());
      return {};
    }
    return raise<ValueError>(thread, "unmarshallable object");
  }
};

struct Reader {
  Thread& thread;
  std::string_view data;
  size_t at = 0;
  int depth = 0;

  Raised short_data() { return raise<EOFError>(thread, "marshal data too short"); }
  Result<int> byte() {
    if (at >= data.size()) return short_data();
    return static_cast<unsigned char>(data[at++]);
  }
  Result<uint32_t> u32() {
    if (data.size() - at < 4) return short_data();
    uint32_t value;
    std::memcpy(&value, data.data() + at, 4);
    at += 4;
    return value;
  }
  Result<double> number() {
    if (data.size() - at < 8) return short_data();
    double value;
    std::memcpy(&value, data.data() + at, 8);
    at += 8;
    return value;
  }
  Result<std::string_view> text(size_t size) {
    if (data.size() - at < size) return short_data();
    std::string_view bytes = data.substr(at, size);
    at += size;
    return bytes;
  }
  Result<size_t> count() {
    uint32_t size = TRY(u32());
    if (size > data.size() - at) return raise<ValueError>(thread, "bad marshal data (size out of range)");
    return static_cast<size_t>(size);
  }

  AnyResult read() {
    if (++depth > kMaxDepth) return raise<ValueError>(thread, "recursion limit exceeded");
    AnyRef value = TRY(read_one());
    --depth;
    return value;
  }
  AnyResult read_tuple(size_t size) {
    Ref<Tuple> tuple = TRY(tuple_create(thread, size));
    for (size_t i = 0; i < size; ++i) slot_init(tuple.get(), tuple->items()[i], TRY(read()));
    return tuple;
  }
  AnyResult read_one() {
    int tag = TRY(byte()) & 0x7f;  // the high bit announces a reference that this writer never makes
    switch (tag) {
      case 'N': return AnyRef::adopt(kNone);
      case 'T': return AnyRef::adopt(kTrue);
      case 'F': return AnyRef::adopt(kFalse);
      case '.': return AnyRef::adopt(kEllipsis);
      case 'S': return share(thread, Any(Value(EXCEPTION(StopIteration))));
      case 'i': return AnyRef::adopt(small_int(static_cast<int32_t>(TRY(u32()))));
      case 'g': return float_from_double(thread, TRY(number()));
      case 'y': {
        double real = TRY(number()), imaginary = TRY(number());
        AnyRef x = AnyRef::adopt(double_to_value(thread, real)), y = AnyRef::adopt(double_to_value(thread, imaginary));
        return call(thread, Any(Value(TYPE(complex))), {x.value(), y.value()});
      }
      case 'l': {
        int32_t digits = static_cast<int32_t>(TRY(u32()));
        size_t size = static_cast<size_t>(digits < 0 ? -static_cast<int64_t>(digits) : digits);
        std::string_view bytes = TRY(text(2 * size));
        std::vector<uint8_t> magnitude(size * 15 / 8 + 8);
        for (size_t i = 0; i < size; ++i) {
          uint32_t digit = static_cast<unsigned char>(bytes[2 * i]) | static_cast<uint32_t>(static_cast<unsigned char>(bytes[2 * i + 1])) << 8;
          if (digit > 0x7fff) return raise<ValueError>(thread, "bad marshal data (digit out of range in long)");
          size_t bit = i * 15;
          uint32_t window;
          std::memcpy(&window, magnitude.data() + bit / 8, 4);
          window |= digit << (bit % 8);
          std::memcpy(magnitude.data() + bit / 8, &window, 4);
        }
        AnyRef value = TRY(int_from_bytes(thread, magnitude.data(), magnitude.size(), true, false));
        if (digits < 0) return int_negate(thread, value);
        return value;
      }
      case 'u': case 'A': case 'a': return str_from_wtf8(thread, TRY(text(TRY(count()))));
      case 't': return str_intern(thread, TRY(str_from_wtf8(thread, TRY(text(TRY(count()))))));
      case 'z': case 'Z': return str_from_wtf8(thread, TRY(text(static_cast<size_t>(TRY(byte())))));
      case 's': return bytes_from(thread, TRY(text(TRY(count()))));
      case '(': return read_tuple(TRY(count()));
      case ')': return read_tuple(static_cast<size_t>(TRY(byte())));
      case '[': {
        AnyRef tuple = TRY(read_tuple(TRY(count())));
        return sequence_list(thread, tuple);
      }
      case '<': {
        AnyRef tuple = TRY(read_tuple(TRY(count())));
        return call(thread, Any(Value(TYPE(set))), {tuple.value()});
      }
      case '>': return frozenset_from(thread, TRY(read_tuple(TRY(count()))).borrow());
      case '{': {
        Ref<Dict> dict = TRY(dict_create(thread));
        for (;;) {
          if (at < data.size() && data[at] == '0') {
            ++at;
            return dict;
          }
          AnyRef key = TRY(read());
          AnyRef value = TRY(read());
          TRY(dict_set(thread, dict, key, value));
        }
      }
      case 'D': {
        AnyRef filename = TRY(read());
        if (!is_str(filename.value())) return raise<ValueError>(thread, "bad marshal data (code without a file name)");
        std::string_view bytes = TRY(text(TRY(count())));
        return code_from_image(thread, std::vector<uint8_t>(bytes.begin(), bytes.end()), Borrowed<Str>(filename.value()), true);
      }
      default: return raise<ValueError>(thread, "bad marshal data (unknown type code)");
    }
  }
};

AnyResult marshal_dumps(Thread& thread, Any value, int version, bool) {
  TRY(audit(thread, "marshal.dumps", {value.value(), small_int(version)}));
  Writer writer{thread, {}, 0};
  TRY(writer.write(value));
  return bytes_from(thread, writer.out);
}
AnyResult loads(Thread& thread, Any bytes, bool) {
  BufferScope scope(thread);
  TRY(scope.acquire(bytes));
  Reader reader{thread, scope.text()};
  return reader.read();
}
AnyResult marshal_loads(Thread& thread, Any bytes, bool allow_code) {
  TRY(audit(thread, "marshal.loads", {bytes.value()}));
  return loads(thread, bytes, allow_code);
}
AnyResult marshal_dump(Thread& thread, Any value, Any file, int version, bool allow_code) {
  AnyRef bytes = TRY(marshal_dumps(thread, value, version, allow_code));
  return call_method(thread, file, NAME("write"), {bytes.value()});
}
AnyResult marshal_load(Thread& thread, Any file, bool allow_code) {
  TRY(audit(thread, "marshal.load"));
  AnyRef bytes = TRY(call_method(thread, file, NAME("read"), {}));
  return loads(thread, bytes, allow_code);
}

constexpr Method marshal_functions[] = {
    function<marshal_dump>("dump(value, file, version=5, /, *, allow_code=True)", "Write the value on the open file."),
    function<marshal_load>("load(file, /, *, allow_code=True)", "Read one value from the open file and return it."),
    function<marshal_dumps>("dumps(value, version=5, /, *, allow_code=True)", "Return the bytes object that would be written to a file by dump(value, file)."),
    function<marshal_loads>("loads(bytes, /, *, allow_code=True)", "Convert the bytes-like object to a value."),
};
constexpr ModuleConstant marshal_constants[] = {constant("version", 5)};
}  // namespace

extern const ModuleSpec marshal_module{.name = "marshal", .doc = "This module contains functions that can read and write Python values in\na binary format.",
                                       .functions = marshal_functions, .constants = marshal_constants};

}  // namespace dx
