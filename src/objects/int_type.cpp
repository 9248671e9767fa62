// int as Python sees it: construction, slots with NotImplemented for what is no int, methods, and
// bool.

#include <cmath>
#include <cstring>
#include <memory>

#include "memory/heap.h"
#include "objects/bind.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/codecs.h"
#include "objects/errors.h"
#include "objects/float.h"
#include "objects/format_spec.h"
#include "objects/hooks.h"
#include "objects/int_internal.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"
#include "objects/unicode_data.h"

namespace dx {

// ---- construction -------------------------------------------------------------------------------
// A base for int(text, base): 0 or 2..36.
static Result<int> base_from(Thread& thread, Any object) {
  AnyRef index = TRY(to_index(thread, object));
  Word base;
  if (!int_to_word(index.value(), base) || (base != 0 && (base < 2 || base > 36))) {
    return raise<ValueError>(thread, "int() base must be >= 2 and <= 36, or 0");
  }
  return static_cast<int>(base);
}

static AnyResult int_from_text(Thread& thread, std::string_view text, int base, Any shown) {
  AnyLookup found = int_parse_lookup(thread, text, base);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  Ref<Str> literal = TRY(repr(thread, shown));
  Ref<Str> start = TRY(str_substring(thread, literal, 0, 200));  // as much as CPython shows
  return raise<ValueError>(thread, "invalid literal for int() with base {}: {}", base, start);
}

static AnyResult int_from_str(Thread& thread, Borrowed<Str> text, int base) {
  if (text->ascii() && !memchr(text->data(), 28, static_cast<size_t>(text->length()))) {
    StrView view = text->view();
    bool separators = false;  // U+001C..1F are spaces of str, not of bytes
    for (Word i = 0; i < view.length; ++i) separators |= view[i] >= 28 && view[i] < 32;
    if (!separators) return int_from_text(thread, view.text(), base, text);
  }
  StrView view = text->view();
  std::unique_ptr<char, void (*)(void*)> digits(
      static_cast<char*>(malloc(static_cast<size_t>(view.length) + 1)), free);
  if (!digits) return raise_memory_error(thread);
  return int_from_text(thread, narrow_digits(view, digits.get()), base, text);
}

std::string_view narrow_digits(StrView view, char* out) {
  Word i = 0;
  while (i < view.length) {
    char32_t c = view[i];
    int digit = decimal_value(c);
    out[i++] = digit >= 0            ? static_cast<char>('0' + digit)
               : is_unicode_space(c) ? ' '
               : c < 0x80            ? static_cast<char>(c)
                                     : '?';
    if (out[i - 1] == '?' && c != '?') break;
  }
  return {out, static_cast<size_t>(i)};
}

AnyResult int_from_object(Thread& thread, Any object) {
  if (object.value().is_int() || is_exact(object, SHAPE(int))) return share(thread, object);
  if (auto function = type_of(object)->slot<SlotId::int_>()) {
    AnyRef number = TRY(function(thread, object));
    if (!is_int(number.value()))
      return raise<TypeError>(thread, "__int__ returned non-int (type {})",
                              type_name_in(number.borrow()));
    if (!is_exact_int(number.value())) {  // bool, or a Python class
      TRY(warn<DeprecationWarning>(
          thread, 1,
          "__int__ returned non-int (type {}).  The ability to return an instance of a strict "
          "subclass of int is deprecated, and may be removed in a future version of Python.",
          type_name_in(number.borrow())));
    }
    return int_exact(thread, number);
  }
  if (type_of(object)->slot<SlotId::index>()) {
    AnyRef number = TRY(to_index(thread, object));
    return int_exact(thread, number);
  }
  if (is_str(object)) return int_from_str(thread, Borrowed<Str>(object.value()), 10);
  if (has_buffer(object)) {
    BufferScope buffer(thread);
    TRY(buffer.acquire(object));
    if (is_bytes(object) || has_layout(object, kShapeByteArray))
      return int_from_text(thread, buffer.text(), 10, object);
    Ref<Bytes> copy = TRY(bytes_from(thread, buffer.text()));
    return int_from_text(thread, copy->view(), 10, copy);
  }
  return raise<TypeError>(
      thread, "int() argument must be a string, a bytes-like object or a real number, not '{}'",
      type_name_in(object));
}

// An instance of a subclass. Requires: type is neither int nor bool.
static AnyResult int_subclass_instance(Thread& thread, Borrowed<Type> type, Value number) {
  IntView view(number);
  AnyRef made =
      TRY(allocate_instance_sized(thread, type, sizeof(Int) + static_cast<size_t>(view.size) * 8));
  Int* copy = static_cast<Int*>(made.borrow().object());
  copy->size = view.negative ? -view.size : view.size;
  if (view.size) memcpy(copy->limbs(), view.limbs, static_cast<size_t>(view.size) * 8);
  return made;
}

static AnyResult int_from_arguments(Thread& thread, Value x, Value base) {
  if (!base) return x ? int_from_object(thread, Any(x)) : AnyResult(AnyRef::adopt(small_int(0)));
  if (!x) return raise<TypeError>(thread, "int() missing string argument");
  int radix = TRY(base_from(thread, Any(base)));
  if (is_str(x)) return int_from_str(thread, Borrowed<Str>(x), radix);
  if (is_bytes(x) || has_layout(x, kShapeByteArray)) {
    BufferScope buffer(thread);
    TRY(buffer.acquire(Any(x)));
    return int_from_text(thread, buffer.text(), radix, Any(x));
  }
  return raise<TypeError>(thread, "int() can't convert non-string with explicit base");
}

static AnyResult int_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"", "base"};
  Value given[2];
  if (arguments.count == 1 && !arguments.names)
    given[0] = arguments.items[0];
  else if (!bind_new(thread, {"int", names, 2, 1, 0, TooMany::expected}, arguments, given))
    return Raised{};
  AnyRef number = TRY(int_from_arguments(thread, given[0], given[1]));
  if (type.get() == TYPE(int)) return number;
  return int_subclass_instance(thread, type, number.value());
}

// ---- slots --------------------------------------------------------------------------------------
static Result<Ref<Str>> int_repr(Thread& thread, Any self) { return int_to_str(thread, self, 10); }
static Result<Word> int_hash_slot(Thread&, Any self) { return static_cast<Word>(int_hash(self)); }

template <AnyResult (*operation)(Thread&, Any, Any)>
static AnyResult forward(Thread& thread, Any self, Any other) {
  if (!is_int(self) || !is_int(other)) return AnyRef::adopt(kNotImplemented);
  return operation(thread, self, other);
}
template <AnyResult (*operation)(Thread&, Any, Any)>
static AnyResult reverse(Thread& thread, Any self, Any other) {
  if (!is_int(self) || !is_int(other)) return AnyRef::adopt(kNotImplemented);
  return operation(thread, other, self);
}
template <CompareOp op>
static AnyResult int_compare_slot(Thread&, Any self, Any other) {
  if (!is_int(self) || !is_int(other)) return AnyRef::adopt(kNotImplemented);
  int order = int_compare(self, other);
  bool truth = op == CompareOp::lt   ? order < 0
               : op == CompareOp::le ? order <= 0
               : op == CompareOp::eq ? order == 0
               : op == CompareOp::ne ? order != 0
               : op == CompareOp::gt ? order > 0
                                     : order >= 0;
  return AnyRef::adopt(bool_value(truth));
}

static AnyResult int_pow(Thread& thread, Any self, Any exponent, Any modulus) {
  if (!is_int(self) || !is_int(exponent)) return AnyRef::adopt(kNotImplemented);
  if (modulus.is_none()) return int_power(thread, self, exponent);
  if (!is_int(modulus)) return AnyRef::adopt(kNotImplemented);
  return int_power_modulo(thread, self, exponent, modulus);
}
static AnyResult int_rpow(Thread& thread, Any self, Any base, Any modulus) {
  return int_pow(thread, base, self, modulus);
}

static AnyResult int_absolute(Thread& thread, Any self) {
  return int_sign(self) < 0 ? int_negate(thread, self) : int_exact(thread, self);
}
static Result<bool> int_bool(Thread&, Any self) { return int_sign(self) != 0; }
static AnyResult int_float(Thread& thread, Any self) {
  return float_from_double(thread, TRY(int_double(thread, self)));
}

// ---- methods ------------------------------------------------------------------------------------
static AnyResult int_conjugate(Thread& thread, Any self) { return int_exact(thread, self); }
static Word int_bit_length_method(Any self) { return int_bit_length(self); }
static Word int_bit_count(Any self) {
  IntView view(self);
  return view.size == 0 ? 0 : static_cast<Word>(mpn_popcount(view.limbs, view.size));
}

static Result<bool> is_little(Thread& thread, Borrowed<Str> order) {
  if (str_equals_ascii(order, "little")) return true;
  if (str_equals_ascii(order, "big")) return false;
  return raise<ValueError>(thread, "byteorder must be either 'little' or 'big'");
}

static AnyResult int_to_bytes_method(Thread& thread, Any self, Word length, Borrowed<Str> order,
                                     bool is_signed) {
  bool little = TRY(is_little(thread, order));
  if (length < 0) return raise<ValueError>(thread, "length argument must be non-negative");
  Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(length)));
  if (length == 0 && int_sign(self) == 0) return bytes;
  TRY(int_to_bytes(thread, self, reinterpret_cast<uint8_t*>(bytes->data()),
                   static_cast<size_t>(length), little, is_signed));
  return bytes;
}

static AnyResult int_from_bytes_method(Thread& thread, Borrowed<Type> type, Any object,
                                       Borrowed<Str> order, bool is_signed) {
  bool little = TRY(is_little(thread, order));
  AnyRef bytes = TRY(bytes_of_object(thread, object));
  std::string_view data = Borrowed<Bytes>(bytes.value())->view();
  AnyRef number = TRY(int_from_bytes(thread, reinterpret_cast<const uint8_t*>(data.data()),
                                     data.size(), little, is_signed));
  if (type.get() == TYPE(int)) return number;
  return call(thread, type, {number.value()});
}

static AnyResult int_as_integer_ratio(Thread& thread, Any self) {
  AnyRef exact = TRY(int_exact(thread, self));
  return tuple_of(thread, {exact.value(), small_int(1)});
}

// round(n, -k): the nearest multiple of 10**k, ties to the even one.
static AnyResult int_round(Thread& thread, Any self, Any ndigits) {
  if (ndigits.is_none()) return int_exact(thread, self);
  AnyRef digits = TRY(to_index(thread, ndigits));
  if (int_sign(digits.value()) >= 0) return int_exact(thread, self);
  // 10**k far beyond the number: no need to compute it.
  Word count;
  if (!int_to_word(digits.value(), count) || -count > int_bit_length(self))
    return AnyRef::adopt(small_int(0));
  AnyRef unit = TRY(int_power(thread, Any(small_int(10)), Any(small_int(-count))));
  AnyRef below = TRY(int_remainder(thread, self, unit));
  AnyRef floor = TRY(int_subtract(thread, self, below));
  AnyRef twice = TRY(int_add(thread, below, below));
  int order = int_compare(twice.value(), unit.value());
  if (order == 0) {
    AnyRef quotient = TRY(int_floor_divide(thread, floor, unit));
    order = int_u64_mask(quotient.value()) & 1 ? 1 : -1;
  }
  return order > 0 ? int_add(thread, floor, unit) : AnyResult(std::move(floor));
}

static AnyResult int_getnewargs(Thread& thread, Any self) {
  AnyRef exact = TRY(int_exact(thread, self));
  return tuple_of(thread, {exact.value()});
}
static Word int_sizeof(Any self) {
  IntView view(self);
  return static_cast<Word>(sizeof(Int)) + view.size * 8;
}
static bool int_is_integer(Any) { return true; }
static AnyResult int_format(Thread& thread, Any self, Borrowed<Str> spec) {
  return format_int(thread, self, spec);
}

static AnyResult int_get_zero(Thread&, Any) { return AnyRef::adopt(small_int(0)); }
static AnyResult int_get_one(Thread&, Any) { return AnyRef::adopt(small_int(1)); }

// ---- the type -----------------------------------------------------------------------------------
static const SlotEntry int_slots[] = {
    slot<SlotId::new_, int_new>(),
    slot<SlotId::repr, int_repr>(),
    slot<SlotId::hash, int_hash_slot>(),
    slot<SlotId::lt, int_compare_slot<CompareOp::lt>>(),
    slot<SlotId::le, int_compare_slot<CompareOp::le>>(),
    slot<SlotId::eq, int_compare_slot<CompareOp::eq>>(),
    slot<SlotId::ne, int_compare_slot<CompareOp::ne>>(),
    slot<SlotId::gt, int_compare_slot<CompareOp::gt>>(),
    slot<SlotId::ge, int_compare_slot<CompareOp::ge>>(),
    slot<SlotId::add, forward<int_add>>(),
    slot<SlotId::radd, reverse<int_add>>(),
    slot<SlotId::sub, forward<int_subtract>>(),
    slot<SlotId::rsub, reverse<int_subtract>>(),
    slot<SlotId::mul, forward<int_multiply>>(),
    slot<SlotId::rmul, reverse<int_multiply>>(),
    slot<SlotId::mod, forward<int_remainder>>(),
    slot<SlotId::rmod, reverse<int_remainder>>(),
    slot<SlotId::divmod, forward<int_divmod>>(),
    slot<SlotId::rdivmod, reverse<int_divmod>>(),
    slot<SlotId::pow, int_pow>(),
    slot<SlotId::rpow, int_rpow>(),
    slot<SlotId::neg, int_negate>(),
    slot<SlotId::pos, int_exact>(),
    slot<SlotId::abs, int_absolute>(),
    slot<SlotId::bool_, int_bool>(),
    slot<SlotId::invert, int_invert>(),
    slot<SlotId::lshift, forward<int_lshift>>(),
    slot<SlotId::rlshift, reverse<int_lshift>>(),
    slot<SlotId::rshift, forward<int_rshift>>(),
    slot<SlotId::rrshift, reverse<int_rshift>>(),
    slot<SlotId::and_, forward<int_and>>(),
    slot<SlotId::rand, reverse<int_and>>(),
    slot<SlotId::xor_, forward<int_xor>>(),
    slot<SlotId::rxor, reverse<int_xor>>(),
    slot<SlotId::or_, forward<int_or>>(),
    slot<SlotId::ror, reverse<int_or>>(),
    slot<SlotId::int_, int_exact>(),
    slot<SlotId::float_, int_float>(),
    slot<SlotId::floordiv, forward<int_floor_divide>>(),
    slot<SlotId::rfloordiv, reverse<int_floor_divide>>(),
    slot<SlotId::truediv, forward<int_true_divide>>(),
    slot<SlotId::rtruediv, reverse<int_true_divide>>(),
    slot<SlotId::index, int_exact>(),
};

constexpr Method int_methods[] = {
    method<int_conjugate>("conjugate()", "Returns self, the complex conjugate of any int."),
    method<int_bit_length_method>("bit_length()",
                                  "Number of bits necessary to represent self in binary."),
    method<int_bit_count>(
        "bit_count()",
        "Number of ones in the binary representation of the absolute value of self."),
    method<int_to_bytes_method>("to_bytes(length=1, byteorder='big', *, signed=False)",
                                "Return an array of bytes representing an integer."),
    class_method<int_from_bytes_method>(
        "from_bytes(bytes, byteorder='big', *, signed=False)",
        "Return the integer represented by the given array of bytes."),
    method<int_as_integer_ratio>(
        "as_integer_ratio()",
        "Return a pair of integers, whose ratio is equal to the original int."),
    method<int_conjugate>("__trunc__()", "Truncating an Integral returns itself."),
    method<int_conjugate>("__floor__()", "Flooring an Integral returns itself."),
    method<int_conjugate>("__ceil__()", "Ceiling of an Integral returns itself."),
    method<int_round>("__round__(ndigits=None, /)",
                      "Rounding an Integral returns itself.\n\nRounding with an ndigits argument "
                      "also returns an integer."),
    method<int_getnewargs>("__getnewargs__()"),
    method<int_format>("__format__(format_spec, /)",
                       "Convert to a string according to format_spec."),
    method<int_sizeof>("__sizeof__()", "Returns size in memory, in bytes."),
    method<int_is_integer>(
        "is_integer()", "Returns True. Exists for duck type compatibility with float.is_integer."),
};

static const GetSet int_getsets[] = {
    getter<int_exact>("real", "the real part of a complex number"),
    getter<int_get_zero>("imag", "the imaginary part of a complex number"),
    getter<int_exact>("numerator", "the numerator of a rational number in lowest terms"),
    getter<int_get_one>("denominator", "the denominator of a rational number in lowest terms"),
};

static size_t int_payload_size(const Object* object) {
  Word size = static_cast<const Int*>(object)->size;
  return sizeof(Int) + static_cast<size_t>(size < 0 ? -size : size) * 8;
}
static const Layout int_layout{"int", sizeof(Int), false, nullptr, nullptr, int_payload_size};
const TypeSpec int_spec{
    .name = "int",
    .doc =
        "int([x]) -> integer\nint(x, base=10) -> integer\n\n"
        "Convert a number or string to an integer, or return 0 if no arguments\n"
        "are given.  If x is a number, return x.__int__().  For floating-point\n"
        "numbers, this truncates towards zero.\n\n"
        "If x is not a number or if base is given, then x must be a string,\n"
        "bytes, or bytearray instance representing an integer literal in the\n"
        "given base.  The literal can be preceded by '+' or '-' and be surrounded\n"
        "by whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.\n"
        "Base 0 means to interpret the base from the string as an integer literal.\n"
        ">>> int('0b100', base=0)\n4",
    .flags = kTypeBase,
    .shape_flags = kShapeInt,
    .layout = &int_layout,
    .slots = int_slots,
    .methods = int_methods,
    .getsets = int_getsets,
};

// ---- bool ---------------------------------------------------------------------------------------
static AnyResult bool_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[1];
  if (arguments.count == 1 && !arguments.names)
    given[0] = arguments.items[0];
  else if (!bind_new(thread, {"bool", nullptr, 1, 1, 0, TooMany::expected}, arguments, given))
    return Raised{};
  if (!given[0]) return AnyRef::adopt(kFalse);
  return AnyRef::adopt(bool_value(TRY(is_true(thread, Any(given[0])))));
}
static Result<Ref<Str>> bool_repr(Thread& thread, Any self) {
  return Ref<Str>::share(thread,
                         Borrowed<Str>(self.value().is_true() ? NAME("True") : NAME("False")));
}
template <Value (*operation)(bool, bool), AnyResult (*number)(Thread&, Any, Any)>
static AnyResult bool_operator(Thread& thread, Any self, Any other) {
  if (self.value().is_bool() && other.value().is_bool()) {
    return AnyRef::adopt(operation(self.value().is_true(), other.value().is_true()));
  }
  return forward<number>(thread, self, other);
}
static Value bool_and(bool a, bool b) { return bool_value(a && b); }
static Value bool_or(bool a, bool b) { return bool_value(a || b); }
static Value bool_xor(bool a, bool b) { return bool_value(a != b); }
static AnyResult bool_invert(Thread& thread, Any self) {
  TRY(warn<DeprecationWarning>(
      thread, 1,
      "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This "
      "returns "
      "the bitwise inversion of the underlying int object and is usually not what you expect from "
      "the negation of a bool object. Use the 'not' operator for boolean negation or ~int(x) for "
      "the "
      "bitwise inversion of the underlying int."));
  return int_invert(thread, self);
}

static const SlotEntry bool_slots[] = {
    slot<SlotId::new_, bool_new>(),
    slot<SlotId::repr, bool_repr>(),
    slot<SlotId::invert, bool_invert>(),
    slot<SlotId::and_, bool_operator<bool_and, int_and>>(),
    slot<SlotId::rand, bool_operator<bool_and, int_and>>(),
    slot<SlotId::xor_, bool_operator<bool_xor, int_xor>>(),
    slot<SlotId::rxor, bool_operator<bool_xor, int_xor>>(),
    slot<SlotId::or_, bool_operator<bool_or, int_or>>(),
    slot<SlotId::ror, bool_operator<bool_or, int_or>>(),
};
const TypeSpec bool_spec{
    .name = "bool",
    .doc =
        "Returns True when the argument is true, False otherwise.\n"
        "The builtins True and False are the only two instances of the class bool.\n"
        "The class bool is a subclass of the class int, and cannot be subclassed.",
    .base = TYPE_HANDLE(int),
    .slots = bool_slots,
};

}  // namespace dx
