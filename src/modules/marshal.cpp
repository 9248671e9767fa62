// marshal: values of the core types as bytes. The format is CPython's version 5 for all of them but
// code objects, which are stored as 'D', a file name, the size and a DPB image; bytes that hold one
// are verified before use.
//
// An object that is met again is a reference to the first time ('r' and its number): objects to
// which only one reference exists cannot be, and take no number. So a list may contain itself.

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "dpb/writer.h"
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
#include "objects/slice.h"
#include "runtime/compile_source.h"

namespace dx {

namespace {

constexpr int kMaxDepth = 2000;
constexpr int kVersion = 5;
constexpr int kFlagReference = 0x80;  // of a type code: the object has a number

struct Writer {
  Thread& thread;
  int version = kVersion;
  bool allow_code = true;
  std::string out = {};
  int depth = 0;
  int flag = 0;  // of the object being written
  std::unordered_map<uint64_t, uint32_t> numbers = {};
  std::vector<uint64_t> open = {};  // slices being written, which cannot be read before their parts

  // The type code of an object that may have a number.
  void tag(char code) { byte(code | flag); }
  // Whether the object was met before; then its reference is written.
  Result<bool> met_before(Value value) {
    flag = 0;
    if (version < 3 || !value.is_object() ||
        (strong_count(value.object()) == 1 && !is_immortal(value.object())))
      return false;
    auto [at, fresh] = numbers.try_emplace(value.bits, static_cast<uint32_t>(numbers.size()));
    if (fresh) {
      flag = kFlagReference;
      return false;
    }
    if (std::find(open.begin(), open.end(), value.bits) != open.end())
      return raise<ValueError>(thread, "unmarshallable object");
    byte('r');
    u32(at->second);
    return true;
  }

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
    size_t digits = static_cast<size_t>((bits + 14) / 15),
           bytes = static_cast<size_t>((bits + 7) / 8);
    std::vector<uint8_t> magnitude(bytes + 8);
    AnyRef positive = int_sign(value) < 0 ? TRY(int_negate(thread, value)) : share(thread, value);
    TRY(int_to_bytes(thread, positive.value(), magnitude.data(), bytes, true, false));
    tag('l');
    u32(static_cast<uint32_t>(int_sign(value) < 0 ? -static_cast<int32_t>(digits)
                                                  : static_cast<int32_t>(digits)));
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

  // Items of a set, in the order of their own bytes: equal sets give equal bytes.
  Result<void> set_items(Any set, char code) {
    tag(code);
    AnyRef list = TRY(sequence_list(thread, set));
    std::vector<std::pair<std::string, Word>> order;
    Borrowed<List> items(list.value());
    for (Word i = 0; i < list_length(items); ++i) {
      AnyRef item = list_item(thread, items, i).take();
      Writer alone{thread, version, allow_code};
      alone.depth = depth;
      TRY(alone.write(item));
      order.emplace_back(std::move(alone.out), i);
    }
    std::sort(order.begin(), order.end());
    u32(order.size());
    for (auto& [bytes, index] : order) {
      AnyRef item = list_item(thread, items, index).take();
      TRY(write(item));
    }
    return {};
  }
  Result<void> items(Any iterable, char code, Word count) {
    if (code == '(' && version >= 4 && count < 256) {
      tag(')');
      byte(static_cast<int>(count));
    } else {
      tag(code);
      u32(static_cast<uint64_t>(count));
    }
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
    if (++depth > kMaxDepth)
      return raise<ValueError>(thread, "object too deeply nested to marshal");
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
    if (TRY(met_before(value))) return {};
    if (is_exact_int(value)) {
      Word number;
      if (int_to_word(value, number) && number >= INT32_MIN && number <= INT32_MAX) {
        tag('i');
        u32(static_cast<uint32_t>(number));
        return {};
      }
      return big(object);
    }
    if (is_exact_float(value)) return tag('g'), number(float_value(value)), Result<void>();
    if (is_exact(value, SHAPE(complex))) {
      AnyRef real = TRY(get_attr(thread, object, NAME("real"))),
             imaginary = TRY(get_attr(thread, object, NAME("imag")));
      tag('y');
      number(float_value(real.value()));
      number(float_value(imaginary.value()));
      return {};
    }
    if (is_exact(value, SHAPE(str))) return write_str(Borrowed<Str>(value));
    if (is_exact(value, SHAPE(bytes)))
      return tag('s'), text(Borrowed<Bytes>(value)->view()), Result<void>();
    if (is_exact(value, SHAPE(tuple))) return items(object, '(', Borrowed<Tuple>(value)->size);
    if (is_exact(value, SHAPE(list))) return items(object, '[', list_length(Borrowed<List>(value)));
    if (is_exact(value, SHAPE(set))) return set_items(object, '<');
    if (is_exact(value, SHAPE(frozenset))) return set_items(object, '>');
    if (is_exact(value, SHAPE(dict))) {
      tag('{');
      size_t position = 0;
      Maybe<Ref<Object>> key, item;
      while (dict_next(thread, Borrowed<Dict>(value), position, key, item)) {
        TRY(write(key.borrow()));
        TRY(write(item.borrow()));
      }
      byte('0');
      return {};
    }
    if (is_exact(value, SHAPE(slice))) {
      if (version < 5) return raise<ValueError>(thread, "unmarshallable object");
      tag(':');
      open.push_back(value.bits);
      for (Str* part : {NAME("start"), NAME("stop"), NAME("step")}) {
        AnyRef bound = TRY(get_attr(thread, object, Borrowed<Str>(part)));
        TRY(write(bound));
      }
      open.pop_back();
      return {};
    }
    if (TypeCheck<Code>::check(value)) return write_code(Borrowed<Code>(value));
    if (type_of(value)->slot<SlotId::buffer>()) {
      BufferScope scope(thread);
      TRY(scope.acquire(object));
      tag('s');
      text(scope.text());
      return {};
    }
    return raise<ValueError>(thread, "unmarshallable object");
  }

  Result<void> write_str(Borrowed<Str> str) {
    StrView view = str_view(str);
    bool ascii = true;
    for (Word i = 0; i < view.length && ascii; ++i) ascii = view[i] < 0x80;
    bool interned = str->interned();
    if (ascii && version >= 4) {
      bool small = view.length < 256;
      tag(small ? (interned ? 'Z' : 'z') : (interned ? 'A' : 'a'));
      if (small)
        byte(static_cast<int>(view.length));
      else
        u32(static_cast<uint64_t>(view.length));
      for (Word i = 0; i < view.length; ++i) byte(static_cast<int>(view[i]));
      return {};
    }
    // Lone surrogates as three bytes, which CPython calls surrogatepass.
    std::string utf8;
    for (Word i = 0; i < view.length; ++i) {
      char32_t c = view[i];
      if (c < 0x80)
        utf8 += static_cast<char>(c);
      else if (c < 0x800) {
        utf8 += static_cast<char>(0xc0 | c >> 6);
        utf8 += static_cast<char>(0x80 | (c & 63));
      } else if (c < 0x10000) {
        utf8 += static_cast<char>(0xe0 | c >> 12);
        utf8 += static_cast<char>(0x80 | (c >> 6 & 63));
        utf8 += static_cast<char>(0x80 | (c & 63));
      } else {
        utf8 += static_cast<char>(0xf0 | c >> 18);
        utf8 += static_cast<char>(0x80 | (c >> 12 & 63));
        utf8 += static_cast<char>(0x80 | (c >> 6 & 63));
        utf8 += static_cast<char>(0x80 | (c & 63));
      }
    }
    tag(interned && version >= 3 ? 't' : 'u');
    text(utf8);
    return {};
  }

  // The image as it is when the code is its root; else an image of the nested unit alone, with what
  // replace() has changed.
  Result<void> write_code(Borrowed<Code> code) {
    if (!allow_code) return raise<ValueError>(thread, "marshalling code objects is disallowed");
    tag('D');
    AnyRef filename = share(thread, code->filename.borrow());
    TRY(write(filename));
    dpb::ImageView view = code->image->view();
    dpb::CodeUnit unit;
    if (auto error = dpb::decode_image(view.bytes(), unit, code->unit))
      return raise<SystemError>(thread, "code object cannot be decoded: {}", error->c_str());
    std::string name(TRY(str_utf8(thread, code->name.borrow()))),
        qualname(TRY(str_utf8(thread, code->qualname.borrow())));
    if (code->unit == 0 && unit.name == name && unit.qualname == qualname &&
        unit.flags == code->flags && unit.first_line == code->first_line) {
      text({reinterpret_cast<const char*>(view.bytes().data()), view.bytes().size()});
      return {};
    }
    unit.name = std::move(name);
    unit.qualname = std::move(qualname);
    unit.flags = code->flags;
    unit.first_line = code->first_line;
    dpb::ImageBytes bytes;
    if (auto error = dpb::write_image(unit, bytes))
      return raise<SystemError>(thread, "code object cannot be written: {}", error->c_str());
    text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return {};
  }
};

// Reads from bytes, or from a file: then exactly those of one value, so that the file stands behind
// it.
struct Reader {
  Thread& thread;
  std::string_view data;
  bool allow_code = true;
  MaybeAny file = {};
  std::string piece = {};  // the file's bytes that text() gave last
  size_t at = 0;
  int depth = 0;
  std::vector<Value> known =
      {};  // owned: objects by their numbers; empty while the object is being read
  ~Reader() {
    for (Value value : known) decref(thread, value);
  }

  // A number for the object whose type code was read, if it takes one.
  static constexpr size_t kNone = SIZE_MAX;
  size_t reserve(bool numbered) {
    if (!numbered) return kNone;
    known.push_back(Value{});
    return known.size() - 1;
  }
  void remember(size_t number, Any value) {
    if (number == kNone || known[number]) return;
    known[number] = share(thread, value).release();
  }

  Raised short_data() { return raise<EOFError>(thread, "marshal data too short"); }
  Result<int> byte() { return static_cast<unsigned char>(TRY(text(1))[0]); }
  Result<uint32_t> u32() {
    uint32_t value;
    std::memcpy(&value, TRY(text(4)).data(), 4);
    return value;
  }
  Result<double> number() {
    double value;
    std::memcpy(&value, TRY(text(8)).data(), 8);
    return value;
  }
  // The next bytes; valid until the next call.
  Result<std::string_view> text(size_t size) {
    if (file) return file_text(size);
    if (data.size() - at < size) return short_data();
    std::string_view bytes = data.substr(at, size);
    at += size;
    return bytes;
  }
  // A size that the data lies about costs no more memory than the file has bytes.
  Result<std::string_view> file_text(size_t size) {
    constexpr size_t kStep = size_t{1} << 20;
    piece.clear();
    while (piece.size() < size) {
      size_t wanted = std::min(size - piece.size(), kStep);
      AnyRef bytes =
          TRY(call(thread, Any(Value(TYPE(bytearray))), {small_int(static_cast<Word>(wanted))}));
      AnyRef answer = TRY(call_method(thread, *file, NAME("readinto"), {bytes.value()}));
      Word got = answer.value().is_none() ? 0 : TRY(index_word(thread, answer));
      if (got > static_cast<Word>(wanted)) {
        return raise<ValueError>(
            thread, "read() returned too much data: {} bytes requested, {} returned", wanted, got);
      }
      if (got < static_cast<Word>(wanted))
        return raise<EOFError>(thread, "EOF read where not expected");
      BufferScope scope(thread);
      TRY(scope.acquire(bytes));
      if (scope.text().size() < wanted)
        return raise<EOFError>(thread, "EOF read where not expected");
      piece.append(scope.text().substr(0, wanted));
    }
    return std::string_view(piece);
  }
  Result<size_t> count() {
    uint32_t size = TRY(u32());
    if (size > INT32_MAX) return raise<ValueError>(thread, "bad marshal data (size out of range)");
    if (!file && size > data.size() - at) return short_data();
    return static_cast<size_t>(size);
  }

  AnyResult read() {
    if (++depth > kMaxDepth) return raise<ValueError>(thread, "recursion limit exceeded");
    AnyRef value = TRY(read_one());
    --depth;
    return value;
  }
  // A tuple with a number may hold a list or dict that holds the tuple. It is filled with None
  // first: what looks at it before it is complete sees a valid tuple.
  AnyResult read_tuple(size_t size, size_t place = kNone) {
    Ref<Tuple> tuple = TRY(tuple_create(thread, size));
    if (place == kNone) {
      for (size_t i = 0; i < size; ++i) slot_init(tuple.get(), tuple->items()[i], TRY(read()));
      return tuple;
    }
    for (size_t i = 0; i < size; ++i)
      slot_init(tuple.get(), tuple->items()[i], AnyRef::adopt(dx::kNone));
    remember(place, tuple);
    for (size_t i = 0; i < size; ++i) {
      AnyRef item = TRY(read());
      slot_write(thread, tuple.get(), tuple->items()[i], std::move(item));
    }
    return tuple;
  }
  AnyResult read_one() { return read_coded(TRY(byte())); }
  AnyResult read_coded(int code) {
    size_t number = reserve(code & kFlagReference);
    AnyRef value = TRY(read_as(code & ~kFlagReference, number));
    remember(number, value);
    return value;
  }
  AnyResult read_as(int code, size_t place) {
    switch (code) {
      case 'N': return AnyRef::adopt(dx::kNone);
      case 'r': {
        uint32_t index = TRY(u32());
        if (index >= known.size() || !known[index])
          return raise<ValueError>(thread, "bad marshal data (invalid reference)");
        return share(thread, Any(known[index]));
      }
      case 'I': {
        std::string_view bytes = TRY(text(8));
        int64_t wide;
        std::memcpy(&wide, bytes.data(), 8);
        return int_from_word(thread, wide);
      }
      case 'f': {
        AnyRef digits = TRY(str_from_wtf8(thread, TRY(text(static_cast<size_t>(TRY(byte()))))));
        return call(thread, Any(Value(TYPE(float))), {digits.value()});
      }
      case ':': {
        AnyRef start = TRY(read()), stop = TRY(read()), step = TRY(read());
        return slice_create(thread, start, stop, step);
      }
      case 'T': return AnyRef::adopt(kTrue);
      case 'F': return AnyRef::adopt(kFalse);
      case '.': return AnyRef::adopt(kEllipsis);
      case 'S': return share(thread, Any(Value(EXCEPTION(StopIteration))));
      case 'i': return AnyRef::adopt(small_int(static_cast<int32_t>(TRY(u32()))));
      case 'g': return float_from_double(thread, TRY(number()));
      case 'y': {
        double real = TRY(number()), imaginary = TRY(number());
        AnyRef x = AnyRef::adopt(double_to_value(thread, real)),
               y = AnyRef::adopt(double_to_value(thread, imaginary));
        return call(thread, Any(Value(TYPE(complex))), {x.value(), y.value()});
      }
      case 'l': {
        int32_t digits = static_cast<int32_t>(TRY(u32()));
        size_t size = static_cast<size_t>(digits < 0 ? -static_cast<int64_t>(digits) : digits);
        std::string_view bytes = TRY(text(2 * size));
        std::vector<uint8_t> magnitude(size * 15 / 8 + 8);
        if (size && !bytes[2 * size - 1] && !bytes[2 * size - 2])
          return raise<ValueError>(thread, "bad marshal data (unnormalized long data)");
        for (size_t i = 0; i < size; ++i) {
          uint32_t digit = static_cast<unsigned char>(bytes[2 * i]) |
                           static_cast<uint32_t>(static_cast<unsigned char>(bytes[2 * i + 1])) << 8;
          if (digit > 0x7fff)
            return raise<ValueError>(thread, "bad marshal data (digit out of range in long)");
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
      case 'u':
      case 'a': return str_from_wtf8(thread, TRY(text(TRY(count()))));
      case 't':
      case 'A': return str_intern(thread, TRY(str_from_wtf8(thread, TRY(text(TRY(count()))))));
      case 'z': return str_from_wtf8(thread, TRY(text(static_cast<size_t>(TRY(byte())))));
      case 'Z':
        return str_intern(thread,
                          TRY(str_from_wtf8(thread, TRY(text(static_cast<size_t>(TRY(byte())))))));
      case 's': return bytes_from(thread, TRY(text(TRY(count()))));
      case '(': return read_tuple(TRY(count()), place);
      case ')': return read_tuple(static_cast<size_t>(TRY(byte())), place);
      case '[': {
        size_t size = TRY(count());
        Ref<List> list = TRY(list_create(thread));
        remember(place, list);
        for (size_t i = 0; i < size; ++i) TRY(list_append(thread, list, TRY(read())));
        return list;
      }
      case '<': {
        size_t size = TRY(count());
        Ref<Set> set = TRY(set_from(thread, Any(Value(tuple_empty()))));
        remember(place, set);
        for (size_t i = 0; i < size; ++i) {
          AnyRef item = TRY(read());
          TRY(set_add(thread, set, item));
        }
        return set;
      }
      case '>': return frozenset_from(thread, TRY(read_tuple(TRY(count()))).borrow());
      case '{': {
        Ref<Dict> dict = TRY(dict_create(thread));
        remember(place, dict);
        for (;;) {
          int code = TRY(byte());
          if (code == '0') return dict;
          AnyRef key = TRY(read_coded(code));
          AnyRef value = TRY(read());
          TRY(dict_set(thread, dict, key, value));
        }
      }
      case 'D': {
        if (!allow_code)
          return raise<ValueError>(thread, "unmarshalling code objects is disallowed");
        AnyRef filename = TRY(read());
        if (!is_str(filename.value()))
          return raise<ValueError>(thread, "bad marshal data (code without a file name)");
        std::string_view bytes = TRY(text(TRY(count())));
        return code_from_image(thread, std::vector<uint8_t>(bytes.begin(), bytes.end()),
                               Borrowed<Str>(filename.value()), true);
      }
      default: return raise<ValueError>(thread, "bad marshal data (unknown type code)");
    }
  }
};

AnyResult marshal_dumps(Thread& thread, Any value, int version, bool allow_code) {
  TRY(audit(thread, "marshal.dumps", {value.value(), small_int(version)}));
  Writer writer{thread, version, allow_code};
  TRY(writer.write(value));
  return bytes_from(thread, writer.out);
}
AnyResult loads(Thread& thread, Any bytes, bool allow_code) {
  BufferScope scope(thread);
  TRY(scope.acquire(bytes));
  Reader reader{thread, scope.text(), allow_code};
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
  // What is no binary file says so before anything is read.
  AnyRef probe = TRY(call_method(thread, file, NAME("read"), {small_int(0)}));
  if (!is_bytes(probe.value()))
    return raise<TypeError>(thread, "file.read() returned not bytes but {}",
                            type_name_in(probe.borrow()));
  Reader reader{thread, {}, allow_code, MaybeAny(file.value())};
  return reader.read();
}

constexpr Method marshal_functions[] = {
    function<marshal_dump>("dump(value, file, version=5, /, *, allow_code=True)",
                           "Write the value on the open file."),
    function<marshal_load>("load(file, /, *, allow_code=True)",
                           "Read one value from the open file and return it."),
    function<marshal_dumps>(
        "dumps(value, version=5, /, *, allow_code=True)",
        "Return the bytes object that would be written to a file by dump(value, file)."),
    function<marshal_loads>("loads(bytes, /, *, allow_code=True)",
                            "Convert the bytes-like object to a value."),
};
constexpr ModuleConstant marshal_constants[] = {constant("version", 5)};
}  // namespace

extern const ModuleSpec marshal_module{
    .name = "marshal",
    .doc =
        "This module contains functions that can read and write Python values in\na binary format.",
    .functions = marshal_functions,
    .constants = marshal_constants};

}  // namespace dx
