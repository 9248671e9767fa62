// float as Python sees it: construction, slots that also take ints, methods.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "memory/heap.h"
#include "objects/bind.h"
#include "objects/buffer.h"
#include "objects/errors.h"
#include "objects/float_internal.h"
#include "objects/format_spec.h"
#include "objects/hooks.h"
#include "objects/int_internal.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

// ---- construction -------------------------------------------------------------------------------
static AnyResult parse_or_raise(Thread& thread, std::string_view text, Any shown) {
  CharBuffer clean;
  bool no_memory = false;
  double number;
  if (float_clean(text, clean, no_memory) && float_scan(clean.text(), number))
    return float_from_double(thread, number);
  if (no_memory) return raise_memory_error(thread);
  return raise<ValueError>(thread, "could not convert string to float: {}", repr_of(shown));
}

static AnyResult float_exact(Thread& thread, Any self) {
  if (is_exact_float(self)) return share(thread, self);
  return float_from_double(thread, float_value(self));
}

AnyResult float_from_object(Thread& thread, Any object) {
  if (is_exact_float(object)) return share(thread, object);
  if (is_str(object) && !type_of(object)->slot<SlotId::float_>()) {
    Borrowed<Str> text(object.value());
    StrView view = text->view();
    std::unique_ptr<char, void (*)(void*)> digits(
        static_cast<char*>(malloc(static_cast<size_t>(view.length) + 1)), free);
    if (!digits) return raise_memory_error(thread);
    return parse_or_raise(thread, narrow_digits(view, digits.get()), object);
  }
  if (auto function = type_of(object)->slot<SlotId::float_>()) {
    AnyRef number = TRY(function(thread, object));
    if (is_exact_float(number.value())) return number;
    if (!is_float(number.value())) {
      return raise<TypeError>(thread, "{}.__float__ returned non-float (type {})",
                              type_name_in(object), type_name_in(number.borrow()));
    }
    TRY(warn<DeprecationWarning>(
        thread, 1,
        "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict "
        "subclass of float is deprecated, and may be removed in a future version of Python.",
        type_name_in(object), type_name_in(number.borrow())));
    return float_exact(thread, number);
  }
  if (type_of(object)->slot<SlotId::index>()) {
    AnyRef number = TRY(to_index(thread, object));
    return float_from_double(thread, TRY(int_double(thread, number.value())));
  }
  if (has_buffer(object)) {
    BufferScope buffer(thread);
    TRY(buffer.acquire(object));
    return parse_or_raise(thread, buffer.text(), object);
  }
  return raise<TypeError>(thread, "float() argument must be a string or a real number, not '{}'",
                          type_name_in(object));
}

AnyResult to_int(Thread& thread, Any object) { return int_from_object(thread, object); }
AnyResult to_float(Thread& thread, Any object) { return float_from_object(thread, object); }

static AnyResult float_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[1];
  if (arguments.positional() == 1 && type.get() != TYPE(float) &&
      type->slot<SlotId::init>() != TYPE(float)->slot<SlotId::init>()) {
    given[0] = arguments.items[0];  // the keywords are for a subclass's __init__
  } else if (arguments.count == 1 && !arguments.names)
    given[0] = arguments.items[0];
  else if (!bind_new(thread, {"float", nullptr, 1, 1, 0, TooMany::expected}, arguments, given))
    return Raised{};
  AnyRef number =
      given[0] ? TRY(float_from_object(thread, Any(given[0]))) : TRY(float_from_double(thread, 0));
  if (type.get() == TYPE(float)) return number;
  AnyRef made = TRY(allocate_instance(thread, type));
  static_cast<Float*>(made.borrow().object())->value = float_value(number.value());
  return made;
}

// ---- slots --------------------------------------------------------------------------------------
static Result<Ref<Str>> float_repr_slot(Thread& thread, Any self) {
  return float_repr(thread, float_value(self));
}
static Result<Word> float_hash_slot(Thread&, Any self) {
  return static_cast<Word>(float_hash(float_value(self), self));
}

template <CompareOp op>
static AnyResult float_compare_slot(Thread&, Any self, Any other) {
  double left = float_value(self);
  bool truth;
  auto decide = [](auto a, auto b) {
    return op == CompareOp::lt   ? a < b
           : op == CompareOp::le ? a <= b
           : op == CompareOp::eq ? a == b
           : op == CompareOp::ne ? a != b
           : op == CompareOp::gt ? a > b
                                 : a >= b;
  };
  if (is_float(other))
    truth = decide(left, float_value(other));
  else if (!is_int(other))
    return AnyRef::adopt(kNotImplemented);
  else if (std::isnan(left))
    truth = op == CompareOp::ne;
  else
    truth = decide(float_compare_int(left, other), 0);
  return AnyRef::adopt(bool_value(truth));
}

// left and right as doubles, then `operation`; NotImplemented when either is no number.
template <AnyResult (*operation)(Thread&, double, double), bool swapped>
static AnyResult float_binary(Thread& thread, Any self, Any other) {
  double a, b;
  Operand left = float_operand(thread, self, a);
  if (left == Operand::raised) return Raised{};
  Operand right = left == Operand::ok ? float_operand(thread, other, b) : Operand::not_a_number;
  if (right == Operand::raised) return Raised{};
  if (right == Operand::not_a_number) return AnyRef::adopt(kNotImplemented);
  return swapped ? operation(thread, b, a) : operation(thread, a, b);
}
static AnyResult add(Thread& thread, double a, double b) {
  return float_from_double(thread, a + b);
}
static AnyResult subtract(Thread& thread, double a, double b) {
  return float_from_double(thread, a - b);
}
static AnyResult multiply(Thread& thread, double a, double b) {
  return float_from_double(thread, a * b);
}
static AnyResult divide(Thread& thread, double a, double b) {
  if (b == 0) return raise<ZeroDivisionError>(thread, "division by zero");
  return float_from_double(thread, a / b);
}
static AnyResult floor_divide(Thread& thread, double a, double b) {
  if (b == 0) return raise<ZeroDivisionError>(thread, "division by zero");
  return float_from_double(thread, float_floor_divide(a, b));
}
static AnyResult remainder(Thread& thread, double a, double b) {
  if (b == 0) return raise<ZeroDivisionError>(thread, "division by zero");
  return float_from_double(thread, float_remainder(a, b));
}
static AnyResult divide_both(Thread& thread, double a, double b) {
  if (b == 0) return raise<ZeroDivisionError>(thread, "division by zero");
  AnyRef quotient = TRY(float_from_double(thread, float_floor_divide(a, b)));
  AnyRef rest = TRY(float_from_double(thread, float_remainder(a, b)));
  return tuple_of(thread, {quotient.value(), rest.value()});
}

static AnyResult float_pow(Thread& thread, Any self, Any other, Any modulus) {
  if (!modulus.is_none()) {
    return raise<TypeError>(thread,
                            "pow() 3rd argument not allowed unless all arguments are integers");
  }
  return float_binary<float_power, false>(thread, self, other);
}
static AnyResult float_rpow(Thread& thread, Any self, Any other, Any modulus) {
  if (!modulus.is_none()) {
    return raise<TypeError>(thread,
                            "pow() 3rd argument not allowed unless all arguments are integers");
  }
  return float_binary<float_power, true>(thread, self, other);
}

static AnyResult float_negative(Thread& thread, Any self) {
  return float_from_double(thread, -float_value(self));
}
static AnyResult float_absolute(Thread& thread, Any self) {
  return float_from_double(thread, std::fabs(float_value(self)));
}
static Result<bool> float_bool(Thread&, Any self) { return float_value(self) != 0; }

// ---- methods ------------------------------------------------------------------------------------
static AnyResult float_from_number(Thread& thread, Borrowed<Type> type, Any number) {
  if (is_exact_float(number) && type.get() == TYPE(float)) return share(thread, number);
  AnyRef made = TRY(float_from_double(thread, TRY(float_convert(thread, number))));
  if (type.get() == TYPE(float)) return made;
  return call(thread, type, {made.value()});
}
static AnyResult float_trunc(Thread& thread, Any self) {
  return int_from_double(thread, float_value(self));
}
static AnyResult float_floor(Thread& thread, Any self) {
  return int_from_double(thread, std::floor(float_value(self)));
}
static AnyResult float_ceil(Thread& thread, Any self) {
  return int_from_double(thread, std::ceil(float_value(self)));
}
static bool float_is_integer(Any self) {
  double number = float_value(self);
  return std::isfinite(number) && std::floor(number) == number;
}

// The multiple of 10**places nearest to number, ties to even; exact, because it works on all the
// decimal digits.
static bool round_to_tens(double number, Word places, double& out) {
  CharBuffer digits;
  double whole = std::trunc(std::fabs(number));
  bool fraction = whole != std::fabs(number);
  if (!float_text(whole, 'f', 0, 0, digits)) return false;
  std::string_view text = digits.text();
  Word keep = static_cast<Word>(text.size()) - places;
  if (keep < 0) {
    out = std::copysign(0.0, number);
    return true;
  }
  std::string_view rest = text.substr(static_cast<size_t>(keep));
  bool tail = fraction;
  for (char c : rest.substr(1)) tail |= c != '0';
  bool odd = keep > 0 && (text[static_cast<size_t>(keep) - 1] & 1);
  bool up = rest[0] > '5' || (rest[0] == '5' && (tail || odd));
  for (size_t i = static_cast<size_t>(keep); i < text.size(); ++i) digits.data()[i] = '0';
  Word at = keep - 1;
  while (up && at >= 0) {
    char& c = digits.data()[at--];
    up = c == '9';
    c = up ? '0' : static_cast<char>(c + 1);
  }
  if (up && !digits.insert(0, '1')) return false;
  double magnitude = 0;
  float_scan(digits.text(), magnitude);
  out = std::copysign(magnitude, number);
  return true;
}

AnyResult float_round(Thread& thread, Any self, Any ndigits) {
  double number = float_value(self);
  if (ndigits.is_none()) {
    double rounded = std::nearbyint(number);  // the default rounding mode: ties to even
    return int_from_double(thread, rounded);
  }
  Word places = TRY(index_word_clamped(thread, ndigits));
  if (!std::isfinite(number) || places > 323) return float_exact(thread, self);
  if (places < -308) return float_from_double(thread, std::copysign(0.0, number));
  double rounded = 0;
  CharBuffer text;
  uint64_t scaled;
  if (places >= 0 && places <= 15 &&
      float_scaled(std::fabs(number), static_cast<int>(places), scaled) &&
      scaled < (uint64_t{1} << 53)) {
    // Both are exact, so their quotient is the double nearest to the rounded decimal.
    static constexpr double kTens[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    return float_from_double(thread,
                             std::copysign(static_cast<double>(scaled) / kTens[places], number));
  }
  if (places >= 0) {
    if (!float_text(number, 'f', static_cast<int>(places), 0, text))
      return raise_memory_error(thread);
    float_scan(text.text(), rounded);
  } else if (!round_to_tens(number, -places, rounded)) {
    return raise_memory_error(thread);
  }
  if (std::isinf(rounded))
    return raise<OverflowError>(thread, "rounded value too large to represent");
  return float_from_double(thread, rounded);
}

static AnyResult float_as_integer_ratio(Thread& thread, Any self) {
  double number = float_value(self);
  if (std::isnan(number)) return raise<ValueError>(thread, "cannot convert NaN to integer ratio");
  if (std::isinf(number))
    return raise<OverflowError>(thread, "cannot convert Infinity to integer ratio");
  int exponent;
  double mantissa = std::frexp(number, &exponent);
  for (int i = 0; i < 300 && mantissa != std::floor(mantissa); ++i) {
    mantissa *= 2;
    --exponent;
  }
  AnyRef numerator = TRY(int_from_double(thread, mantissa));
  AnyRef power = TRY(
      int_lshift(thread, Any(small_int(1)), Any(small_int(exponent < 0 ? -exponent : exponent))));
  if (exponent > 0) {
    AnyRef product = TRY(int_multiply(thread, numerator, power));
    return tuple_of(thread, {product.value(), small_int(1)});
  }
  return tuple_of(thread, {numerator.value(), power.value()});
}

// [sign] [0x] digits [. digits] [p exponent], or inf, infinity, nan, with spaces around.
static bool hex_shape(std::string_view text, bool& prefixed, bool& finite) {
  size_t at = 0;
  auto peek = [&] { return at < text.size() ? static_cast<char>(text[at] | 0x20) : '\0'; };
  auto hex = [&] { return at < text.size() && isxdigit(static_cast<unsigned char>(text[at])); };
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  std::string_view word = text.substr(at);
  auto is = [&](const char* name) {
    return word.size() == strlen(name) && strncasecmp(word.data(), name, word.size()) == 0;
  };
  finite = !(is("inf") || is("infinity") || is("nan"));
  prefixed = true;
  if (!finite) return true;
  prefixed = word.size() >= 2 && word[0] == '0' && (word[1] | 0x20) == 'x';
  if (prefixed) at += 2;
  size_t digits = 0;
  for (; hex(); ++at) ++digits;
  if (at < text.size() && text[at] == '.') {
    ++at;
    for (; hex(); ++at) ++digits;
  }
  if (digits == 0) return false;
  if (peek() == 'p') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == start) return false;
  }
  return at == text.size();
}

// The value of digits that hex_shape has accepted (after sign and prefix), rounded to nearest even.
// The C library's own conversion is not used: some round subnormal numbers wrongly.
static double hex_value(std::string_view digits) {
  uint64_t mantissa = 0;
  long exponent = 0;
  bool sticky = false, fraction = false;
  size_t at = 0;
  constexpr long kFar = 1'000'000'000;
  for (; at < digits.size() && (digits[at] | 0x20) != 'p'; ++at) {
    if (digits[at] == '.') {
      fraction = true;
      continue;
    }
    char c = static_cast<char>(digits[at] | 0x20);
    unsigned digit =
        c >= 'a' ? static_cast<unsigned>(c - 'a' + 10) : static_cast<unsigned>(digits[at] - '0');
    if (mantissa >> 60) {
      sticky |= digit != 0;
      if (!fraction) exponent += 4;
    } else {
      mantissa = mantissa << 4 | digit;
      if (fraction) exponent -= 4;
    }
  }
  if (at < digits.size()) {
    ++at;
    bool negative = digits[at] == '-';
    if (digits[at] == '-' || digits[at] == '+') ++at;
    long power = 0;
    for (; at < digits.size(); ++at) power = std::min(power * 10 + (digits[at] - '0'), kFar);
    exponent += negative ? -power : power;
  }
  if (mantissa == 0) return 0;
  // mantissa * 2**exponent; bits below the last one a double of this size keeps are rounded away.
  long top = 63 - __builtin_clzll(mantissa);
  long drop = std::max(top - 52, -1074 - exponent);
  if (drop > 0) {
    constexpr uint64_t kTop = uint64_t{1} << 63;
    if (drop > 63)
      return drop == 64 && (mantissa > kTop || (mantissa == kTop && sticky))
                 ? std::ldexp(1.0, -1074)
                 : 0;
    uint64_t rest = mantissa & ((uint64_t{1} << drop) - 1), half = uint64_t{1} << (drop - 1);
    mantissa >>= drop;
    if (rest > half || (rest == half && (sticky || (mantissa & 1)))) ++mantissa;
    exponent += drop;
  }
  return std::ldexp(static_cast<double>(mantissa),
                    static_cast<int>(std::clamp(exponent, -5000l, 5000l)));
}

static AnyResult float_fromhex(Thread& thread, Borrowed<Type> type, Any object) {
  if (!is_str(object)) return raise<TypeError>(thread, "bad argument type for built-in operation");
  std::string_view text = TRY(str_utf8(thread, Borrowed<Str>(object.value())));
  auto space = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  bool prefixed = false, finite = false;
  if (!hex_shape(text, prefixed, finite))
    return raise<ValueError>(thread, "invalid hexadecimal floating-point string");
  size_t sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  double number;
  if (finite)
    number = hex_value(text.substr(sign + (prefixed ? 2 : 0)));
  else
    number = (text[sign] | 0x20) == 'i' ? std::numeric_limits<double>::infinity()
                                        : std::numeric_limits<double>::quiet_NaN();
  if (sign && text[0] == '-') number = -number;
  if (finite && std::isinf(number))
    return raise<OverflowError>(thread, "hexadecimal value too large to represent as a float");
  AnyRef made = TRY(float_from_double(thread, number));
  if (type.get() == TYPE(float)) return made;
  return call(thread, type, {made.value()});
}

static Result<Ref<Str>> float_hex(Thread& thread, Any self) {
  double number = float_value(self);
  if (!std::isfinite(number)) return float_repr(thread, number);
  uint64_t bits = std::bit_cast<uint64_t>(number);
  uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  int exponent = static_cast<int>(bits >> 52 & 0x7ff);
  const char* sign = bits >> 63 ? "-" : "";
  char text[64];
  if (number == 0) return str_from_ascii(thread, bits >> 63 ? "-0x0.0p+0" : "0x0.0p+0");
  snprintf(text, sizeof(text), "%s0x%d.%013llxp%+d", sign, exponent != 0,
           static_cast<unsigned long long>(fraction), exponent == 0 ? -1022 : exponent - 1023);
  return str_from_ascii(thread, text);
}

static AnyResult float_getnewargs(Thread& thread, Any self) {
  AnyRef number = TRY(float_from_double(thread, float_value(self)));
  return tuple_of(thread, {number.value()});
}
static AnyResult float_getformat(Thread& thread, Borrowed<Type>, Borrowed<Str> kind) {
  if (!str_equals_ascii(kind, "double") && !str_equals_ascii(kind, "float")) {
    return raise<ValueError>(thread, "__getformat__() argument 1 must be 'double' or 'float'");
  }
  return str_from_ascii(thread, std::endian::native == std::endian::little ? "IEEE, little-endian"
                                                                           : "IEEE, big-endian");
}
static AnyResult float_format(Thread& thread, Any self, Borrowed<Str> spec) {
  return format_float(thread, self, spec);
}
static AnyResult float_get_imag(Thread& thread, Any) { return float_from_double(thread, 0); }

// ---- the type -----------------------------------------------------------------------------------
static const SlotEntry float_slots[] = {
    slot<SlotId::new_, float_new>(),
    slot<SlotId::repr, float_repr_slot>(),
    slot<SlotId::hash, float_hash_slot>(),
    slot<SlotId::lt, float_compare_slot<CompareOp::lt>>(),
    slot<SlotId::le, float_compare_slot<CompareOp::le>>(),
    slot<SlotId::eq, float_compare_slot<CompareOp::eq>>(),
    slot<SlotId::ne, float_compare_slot<CompareOp::ne>>(),
    slot<SlotId::gt, float_compare_slot<CompareOp::gt>>(),
    slot<SlotId::ge, float_compare_slot<CompareOp::ge>>(),
    slot<SlotId::add, float_binary<add, false>>(),
    slot<SlotId::radd, float_binary<add, true>>(),
    slot<SlotId::sub, float_binary<subtract, false>>(),
    slot<SlotId::rsub, float_binary<subtract, true>>(),
    slot<SlotId::mul, float_binary<multiply, false>>(),
    slot<SlotId::rmul, float_binary<multiply, true>>(),
    slot<SlotId::mod, float_binary<remainder, false>>(),
    slot<SlotId::rmod, float_binary<remainder, true>>(),
    slot<SlotId::divmod, float_binary<divide_both, false>>(),
    slot<SlotId::rdivmod, float_binary<divide_both, true>>(),
    slot<SlotId::pow, float_pow>(),
    slot<SlotId::rpow, float_rpow>(),
    slot<SlotId::neg, float_negative>(),
    slot<SlotId::pos, float_exact>(),
    slot<SlotId::abs, float_absolute>(),
    slot<SlotId::bool_, float_bool>(),
    slot<SlotId::int_, float_trunc>(),
    slot<SlotId::float_, float_exact>(),
    slot<SlotId::floordiv, float_binary<floor_divide, false>>(),
    slot<SlotId::rfloordiv, float_binary<floor_divide, true>>(),
    slot<SlotId::truediv, float_binary<divide, false>>(),
    slot<SlotId::rtruediv, float_binary<divide, true>>(),
};

constexpr Method float_methods[] = {
    class_method<float_from_number>("from_number(number, /)",
                                    "Convert real number to a floating-point number."),
    method<float_exact>("conjugate()", "Return self, the complex conjugate of any float."),
    method<float_trunc>("__trunc__()", "Return the Integral closest to x between 0 and x."),
    method<float_floor>("__floor__()", "Return the floor as an Integral."),
    method<float_ceil>("__ceil__()", "Return the ceiling as an Integral."),
    method<float_round>("__round__(ndigits=None, /)",
                        "Return the Integral closest to x, rounding half toward even.\n\nWhen an "
                        "argument is passed, work like built-in round(x, ndigits)."),
    method<float_as_integer_ratio>(
        "as_integer_ratio()",
        "Return a pair of integers, whose ratio is exactly equal to the original float."),
    class_method<float_fromhex>("fromhex(string, /)",
                                "Create a floating-point number from a hexadecimal string."),
    method<float_hex>("hex()", "Return a hexadecimal representation of a floating-point number."),
    method<float_is_integer>("is_integer()", "Return True if the float is an integer."),
    method<float_getnewargs>("__getnewargs__()"),
    class_method<float_getformat>("__getformat__(typestr, /)",
                                  "You probably don't want to use this function."),
    method<float_format>("__format__(format_spec, /)",
                         "Formats the float according to format_spec."),
};
static const GetSet float_getsets[] = {
    getter<float_exact>("real", "the real part of a complex number"),
    getter<float_get_imag>("imag", "the imaginary part of a complex number"),
};
static const Layout float_layout{"float", sizeof(Float), false, nullptr, nullptr};
const TypeSpec float_spec{
    .name = "float",
    .doc = "Convert a string or number to a floating-point number, if possible.",
    .flags = kTypeBase,
    .shape_flags = kShapeFloat,
    .layout = &float_layout,
    .slots = float_slots,
    .methods = float_methods,
    .getsets = float_getsets,
};

}  // namespace dx
