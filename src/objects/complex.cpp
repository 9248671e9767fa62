// complex: arithmetic after C99's Annex G where a part is infinite or not a number, mixed with
// reals part by part as CPython 3.14 does (so that 1 - 0j keeps its signed zero).

#include "objects/complex.h"

#include <cmath>
#include <cstring>
#include <memory>

#include "memory/heap.h"
#include "objects/bind.h"
#include "objects/errors.h"
#include "objects/float_internal.h"
#include "objects/format_spec.h"
#include "objects/hash.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

static ComplexNumber number_of(Any self) { return static_cast<Complex*>(self.object())->value; }

AnyResult complex_create(Thread& thread, ComplexNumber number) {
  Object* object =
      allocate_object_uninitialized(thread, sizeof(Complex), SHAPE(complex), PageKind::leaf);
  if (object == nullptr) return raise_memory_error(thread);
  static_cast<Complex*>(object)->value = number;
  return AnyRef::adopt(object);
}

// ---- arithmetic ---------------------------------------------------------------------------------
// Annex G: an infinite operand becomes a unit in its direction.
static void box_infinity(ComplexNumber& z) {
  z.real = std::copysign(std::isinf(z.real) ? 1.0 : 0.0, z.real);
  z.imag = std::copysign(std::isinf(z.imag) ? 1.0 : 0.0, z.imag);
}
static void zero_nans(ComplexNumber& z) {
  if (std::isnan(z.real)) z.real = std::copysign(0.0, z.real);
  if (std::isnan(z.imag)) z.imag = std::copysign(0.0, z.imag);
}
static bool infinite(ComplexNumber z) { return std::isinf(z.real) || std::isinf(z.imag); }
static bool finite(ComplexNumber z) { return std::isfinite(z.real) && std::isfinite(z.imag); }

static ComplexNumber product(ComplexNumber a, ComplexNumber b) {
  double ac = a.real * b.real, bd = a.imag * b.imag, ad = a.real * b.imag, bc = a.imag * b.real;
  ComplexNumber z{ac - bd, ad + bc};
  if (std::isnan(z.real) && std::isnan(z.imag)) {
    bool recalculate = false;
    if (infinite(a)) {
      box_infinity(a);
      zero_nans(b);
      recalculate = true;
    }
    if (infinite(b)) {
      box_infinity(b);
      zero_nans(a);
      recalculate = true;
    }
    if (!recalculate && (std::isinf(ac) || std::isinf(bd) || std::isinf(ad) || std::isinf(bc))) {
      zero_nans(a);
      zero_nans(b);
      recalculate = true;
    }
    if (recalculate) {
      z.real = HUGE_VAL * (a.real * b.real - a.imag * b.imag);
      z.imag = HUGE_VAL * (a.real * b.imag + a.imag * b.real);
    }
  }
  return z;
}

// Smith's method: scaled by the larger part of the divisor. Requires: b is not zero.
ComplexNumber complex_quotient(ComplexNumber a, ComplexNumber b) {
  ComplexNumber z;
  if (std::fabs(b.real) >= std::fabs(b.imag)) {
    double ratio = b.imag / b.real, denominator = b.real + b.imag * ratio;
    z = {(a.real + a.imag * ratio) / denominator, (a.imag - a.real * ratio) / denominator};
  } else if (std::fabs(b.imag) >= std::fabs(b.real)) {
    double ratio = b.real / b.imag, denominator = b.real * ratio + b.imag;
    z = {(a.real * ratio + a.imag) / denominator, (a.imag * ratio - a.real) / denominator};
  } else {
    z = {std::nan(""), std::nan("")};
  }
  if (std::isnan(z.real) && std::isnan(z.imag)) {
    if (infinite(a) && finite(b)) {
      box_infinity(a);
      z = {HUGE_VAL * (a.real * b.real + a.imag * b.imag),
           HUGE_VAL * (a.imag * b.real - a.real * b.imag)};
    } else if (infinite(b) && finite(a)) {
      box_infinity(b);
      z = {0.0 * (a.real * b.real + a.imag * b.imag), 0.0 * (a.imag * b.real - a.real * b.imag)};
    }
  }
  return z;
}
// The same with a real dividend: no zero imaginary part that could change signs.
static ComplexNumber real_quotient(double a, ComplexNumber b) {
  ComplexNumber z;
  if (std::fabs(b.real) >= std::fabs(b.imag)) {
    double ratio = b.imag / b.real, denominator = b.real + b.imag * ratio;
    z = {a / denominator, (-a * ratio) / denominator};
  } else if (std::fabs(b.imag) >= std::fabs(b.real)) {
    double ratio = b.real / b.imag, denominator = b.real * ratio + b.imag;
    z = {(a * ratio) / denominator, -a / denominator};
  } else {
    z = {std::nan(""), std::nan("")};
  }
  if (std::isnan(z.real) && std::isnan(z.imag) && std::isfinite(a) && infinite(b)) {
    box_infinity(b);
    z = {0.0 * (a * b.real), 0.0 * (-a * b.imag)};
  }
  return z;
}

static ComplexNumber integer_power(ComplexNumber base, long exponent) {
  bool inverse = exponent < 0;
  ComplexNumber result{1, 0};
  for (unsigned long left = inverse ? static_cast<unsigned long>(-exponent)
                                    : static_cast<unsigned long>(exponent);
       left; left >>= 1) {
    if (left & 1) result = product(result, base);
    base = product(base, base);
  }
  return inverse ? complex_quotient({1, 0}, result) : result;
}

AnyResult complex_power(Thread& thread, ComplexNumber base, ComplexNumber exponent) {
  ComplexNumber result;
  if (exponent.real == 0 && exponent.imag == 0) {
    result = {1, 0};
  } else if (base.real == 0 && base.imag == 0) {
    if (exponent.imag != 0 || exponent.real < 0)
      return raise<ZeroDivisionError>(thread, "zero to a negative or complex power");
    result = {0, 0};
  } else if (exponent.imag == 0 && exponent.real == std::floor(exponent.real) &&
             std::fabs(exponent.real) <= 100) {
    result = integer_power(base, static_cast<long>(exponent.real));
  } else {
    double size = std::hypot(base.real, base.imag), angle = std::atan2(base.imag, base.real);
    double length = std::pow(size, exponent.real), phase = angle * exponent.real;
    if (exponent.imag != 0) {
      length *= std::exp(-angle * exponent.imag);
      phase += exponent.imag * std::log(size);
    }
    if (std::isinf(phase))
      return raise<ZeroDivisionError>(thread,
                                      "zero to a negative or complex power");  // no such angle
    result = {length * std::cos(phase), length * std::sin(phase)};
  }
  if (infinite(result)) return raise<OverflowError>(thread, "complex exponentiation");
  return complex_create(thread, result);
}

// An operand: complex, real, or no number (raised: an int too large).
struct ComplexOperand {
  enum Kind : uint8_t { complex, real, not_a_number, raised } kind;
  ComplexNumber number;
};
static ComplexOperand operand_of(Thread& thread, Any object) {
  if (is_complex(object)) return {ComplexOperand::complex, number_of(object)};
  double number = 0;
  switch (float_operand(thread, object, number)) {
    case Operand::ok: return {ComplexOperand::real, {number, 0}};
    case Operand::not_a_number: return {ComplexOperand::not_a_number, {}};
    case Operand::raised: break;
  }
  return {ComplexOperand::raised, {}};
}

using ComplexOperation = AnyResult (*)(Thread&, const ComplexOperand&, const ComplexOperand&);
template <ComplexOperation operation, bool swapped>
static AnyResult complex_binary(Thread& thread, Any self, Any other) {
  ComplexOperand a = operand_of(thread, swapped ? other : self);
  if (a.kind == ComplexOperand::raised) return Raised{};
  ComplexOperand b = operand_of(thread, swapped ? self : other);
  if (b.kind == ComplexOperand::raised) return Raised{};
  if (a.kind == ComplexOperand::not_a_number || b.kind == ComplexOperand::not_a_number)
    return AnyRef::adopt(kNotImplemented);
  return operation(thread, a, b);
}
static AnyResult add(Thread& thread, const ComplexOperand& a, const ComplexOperand& b) {
  double imag = a.kind == ComplexOperand::real   ? b.number.imag
                : b.kind == ComplexOperand::real ? a.number.imag
                                                 : a.number.imag + b.number.imag;
  return complex_create(thread, {a.number.real + b.number.real, imag});
}
static AnyResult subtract(Thread& thread, const ComplexOperand& a, const ComplexOperand& b) {
  double imag = a.kind == ComplexOperand::real   ? -b.number.imag
                : b.kind == ComplexOperand::real ? a.number.imag
                                                 : a.number.imag - b.number.imag;
  return complex_create(thread, {a.number.real - b.number.real, imag});
}
static AnyResult multiply(Thread& thread, const ComplexOperand& a, const ComplexOperand& b) {
  if (a.kind == ComplexOperand::real)
    return complex_create(thread, {a.number.real * b.number.real, a.number.real * b.number.imag});
  if (b.kind == ComplexOperand::real)
    return complex_create(thread, {a.number.real * b.number.real, a.number.imag * b.number.real});
  return complex_create(thread, product(a.number, b.number));
}
static AnyResult divide(Thread& thread, const ComplexOperand& a, const ComplexOperand& b) {
  if (b.number.real == 0 && b.number.imag == 0)
    return raise<ZeroDivisionError>(thread, "division by zero");
  if (b.kind == ComplexOperand::real)
    return complex_create(thread, {a.number.real / b.number.real, a.number.imag / b.number.real});
  return complex_create(thread, a.kind == ComplexOperand::real
                                    ? real_quotient(a.number.real, b.number)
                                    : complex_quotient(a.number, b.number));
}
static AnyResult raise_to(Thread& thread, const ComplexOperand& a, const ComplexOperand& b) {
  return complex_power(thread, a.number, b.number);
}
static AnyResult complex_pow(Thread& thread, Any self, Any other, Any modulus) {
  if (!modulus.is_none()) return raise<ValueError>(thread, "complex modulo");
  return complex_binary<raise_to, false>(thread, self, other);
}
static AnyResult complex_rpow(Thread& thread, Any self, Any other, Any modulus) {
  if (!modulus.is_none()) return raise<ValueError>(thread, "complex modulo");
  return complex_binary<raise_to, true>(thread, self, other);
}

static AnyResult complex_exact(Thread& thread, Any self) {
  if (is_exact(self, SHAPE(complex))) return share(thread, self);
  return complex_create(thread, number_of(self));
}
static AnyResult complex_negative(Thread& thread, Any self) {
  return complex_create(thread, {-number_of(self).real, -number_of(self).imag});
}
static AnyResult complex_absolute(Thread& thread, Any self) {
  ComplexNumber z = number_of(self);
  double size = std::hypot(z.real, z.imag);
  if (std::isinf(size) && finite(z))
    return raise<OverflowError>(thread, "absolute value too large");
  return float_from_double(thread, size);
}
static Result<bool> complex_bool(Thread&, Any self) {
  return number_of(self).real != 0 || number_of(self).imag != 0;
}
static Result<Word> complex_hash(Thread&, Any self) {
  ComplexNumber z = number_of(self);
  uint64_t hash = float_hash(z.real, self) + kHashImaginary * float_hash(z.imag, self);
  return static_cast<Word>(hash == ~uint64_t{0} ? ~uint64_t{1} : hash);
}

template <bool wanted>
static AnyResult complex_equality(Thread&, Any self, Any other) {
  ComplexNumber z = number_of(self);
  bool same;
  if (is_complex(other))
    same = z.real == number_of(other).real && z.imag == number_of(other).imag;
  else if (is_float(other))
    same = z.imag == 0 && z.real == float_value(other);
  else if (is_int(other))
    same = z.imag == 0 && !std::isnan(z.real) && float_compare_int(z.real, other) == 0;
  else
    return AnyRef::adopt(kNotImplemented);
  return AnyRef::adopt(bool_value(same == wanted));
}

static Result<Ref<Str>> complex_repr(Thread& thread, Any self) {
  ComplexNumber z = number_of(self);
  CharBuffer text;
  bool bare = z.real == 0 && !std::signbit(z.real);
  bool ok = true;
  if (!bare) {
    ok = text.append('(') && float_text(z.real, 'r', 0, 0, text);
    if (!std::signbit(z.imag) || std::isnan(z.imag)) ok = ok && text.append('+');
  }
  ok = ok && float_text(z.imag, 'r', 0, 0, text) && text.append('j') && (bare || text.append(')'));
  if (!ok) return raise_memory_error(thread);
  return str_from_ascii(thread, text.text());
}

// ---- parsing ------------------------------------------------------------------------------------
// How many characters at the start of text are a float (sign included); 0: none.
static size_t float_prefix(std::string_view text) {
  size_t at = 0;
  auto peek = [&](size_t i) { return i < text.size() ? text[i] : '\0'; };
  auto digits = [&] {
    size_t start = at;
    while (peek(at) >= '0' && peek(at) <= '9') ++at;
    return at - start;
  };
  if (peek(at) == '+' || peek(at) == '-') ++at;
  for (const char* word : {"infinity", "inf", "nan"}) {
    if (strncasecmp(text.data() + at, word, strlen(word)) == 0 && text.size() - at >= strlen(word))
      return at + strlen(word);
  }
  size_t count = digits();
  if (peek(at) == '.') {
    ++at;
    count += digits();
  }
  if (count == 0) return 0;
  if ((peek(at) | 32) == 'e') {
    size_t mark = at++;
    if (peek(at) == '+' || peek(at) == '-') ++at;
    if (digits() == 0) at = mark;
  }
  return at;
}

static bool parse_complex(std::string_view text, ComplexNumber& out) {
  auto space = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  auto trim = [&] {
    while (!text.empty() && space(text.front())) text.remove_prefix(1);
    while (!text.empty() && space(text.back())) text.remove_suffix(1);
  };
  trim();
  if (text.size() >= 2 && text.front() == '(' && text.back() == ')') {
    text = text.substr(1, text.size() - 2);
    trim();
  }
  out = {0, 0};
  // A lone imaginary unit may stand for 1.
  auto imaginary_unit = [](std::string_view rest, double& value) {
    bool sign = !rest.empty() && (rest[0] == '+' || rest[0] == '-');
    value = sign && rest[0] == '-' ? -1 : 1;
    rest.remove_prefix(sign);
    return rest == "j" || rest == "J";
  };
  auto ends_with_j = [](std::string_view rest) {
    return rest.size() == 1 && (rest[0] | 32) == 'j';
  };
  size_t size = float_prefix(text);
  if (size == 0) return imaginary_unit(text, out.imag);
  double first;
  if (!float_scan(text.substr(0, size), first)) return false;
  std::string_view rest = text.substr(size);
  if (ends_with_j(rest)) {
    out.imag = first;
    return true;
  }
  out.real = first;
  if (rest.empty()) return true;
  if (rest[0] != '+' && rest[0] != '-') return false;
  if (imaginary_unit(rest, out.imag)) return true;
  size = float_prefix(rest);
  return size != 0 && ends_with_j(rest.substr(size)) && float_scan(rest.substr(0, size), out.imag);
}

static Result<ComplexNumber> complex_from_text(Thread& thread, Borrowed<Str> text) {
  StrView view = text->view();
  std::unique_ptr<char, void (*)(void*)> narrow(
      static_cast<char*>(malloc(static_cast<size_t>(view.length) + 1)), free);
  if (!narrow) return raise_memory_error(thread);
  CharBuffer clean;
  bool no_memory = false;
  ComplexNumber number;
  bool clean_text = float_clean(narrow_digits(view, narrow.get()), clean, no_memory);
  if (clean_text && parse_complex(clean.text(), number)) return number;
  if (no_memory) return raise_memory_error(thread);
  if (!clean_text)
    return raise<ValueError>(thread, "could not convert string to complex: {}", repr_of(text));
  return raise<ValueError>(thread, "complex() arg is a malformed string");
}

// ---- construction -------------------------------------------------------------------------------
// type(object).__complex__(), or absent.
static AnyLookup by_complex_method(Thread& thread, Any object) {
  AnyLookup method = lookup_special(thread, object, Borrowed<Str>(NAME("__complex__")));
  if (!method.found()) return method;
  AnyRef function = method.take();
  AnyRef made = TRY(call(thread, function, {}));
  if (!is_complex(made.value())) {
    return raise<TypeError>(thread, "__complex__ returned non-complex (type {})",
                            type_name_in(made.borrow()));
  }
  if (!is_exact(made.value(), SHAPE(complex))) {
    TRY(warn<DeprecationWarning>(thread, 1,
                                 "__complex__ returned non-complex (type {}).  The ability to "
                                 "return an instance of a strict "
                                 "subclass of complex is deprecated, and may be removed in a "
                                 "future version of Python.",
                                 type_name_in(made.borrow())));
  }
  return made;
}
static bool is_real_number(Any object) {
  return is_float(object) || is_int(object) || type_of(object)->slot<SlotId::float_>() ||
         type_of(object)->slot<SlotId::index>();
}

Result<ComplexNumber> complex_convert(Thread& thread, Any object) {
  if (is_complex(object)) return number_of(object);
  AnyLookup made = by_complex_method(thread, object);
  if (made.raised()) return Raised{};
  if (made.found()) return number_of(made.borrow());
  return ComplexNumber{TRY(float_convert(thread, object)), 0};
}

static AnyResult complex_of_type(Thread& thread, Borrowed<Type> type, ComplexNumber number) {
  if (type.get() == TYPE(complex)) return complex_create(thread, number);
  AnyRef made = TRY(allocate_instance(thread, type));
  static_cast<Complex*>(made.borrow().object())->value = number;
  return made;
}

static AnyResult complex_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"real", "imag"};
  Value given[2];
  if (!bind_new(thread, {"complex", names, 2, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  if (given[0] && !given[1] && arguments.positional() == 1) {  // complex(real=x) is another thing
    Any object(given[0]);
    if (is_exact(object, SHAPE(complex)) && type.get() == TYPE(complex))
      return share(thread, object);
    if (is_str(object))
      return complex_of_type(thread, type, TRY(complex_from_text(thread, Borrowed<Str>(given[0]))));
    AnyLookup made = by_complex_method(thread, object);
    if (made.raised()) return Raised{};
    if (made.found()) return complex_of_type(thread, type, number_of(made.borrow()));
    if (is_complex(object)) return complex_of_type(thread, type, number_of(object));
    if (!is_real_number(object)) {
      return raise<TypeError>(thread, "complex() argument must be a string or a number, not {}",
                              type_name_in(object));
    }
    return complex_of_type(thread, type, {TRY(float_convert(thread, object)), 0});
  }
  ComplexOperand parts[2] = {{ComplexOperand::real, {0, 0}}, {ComplexOperand::real, {0, 0}}};
  for (int i = 0; i < 2; ++i) {
    if (!given[i]) continue;
    Any object(given[i]);
    AnyLookup made =
        i == 0 && !is_complex(object) ? by_complex_method(thread, object) : AnyLookup::absent();
    if (made.raised()) return Raised{};
    if (is_complex(object) || made.found()) {
      TRY(warn<DeprecationWarning>(thread, 1,
                                   "complex() argument '{}' must be a real number, not {}",
                                   names[i], type_name_in(object)));
      parts[i] = {ComplexOperand::complex,
                  made.found() ? number_of(made.borrow()) : number_of(object)};
    } else if (is_real_number(object)) {
      parts[i].number.real = TRY(float_convert(thread, object));
    } else {
      return raise<TypeError>(thread, "complex() argument '{}' must be a real number, not {}",
                              names[i], type_name_in(object));
    }
  }
  ComplexNumber number{parts[0].number.real, parts[1].number.real};
  if (parts[1].kind == ComplexOperand::complex) number.real -= parts[1].number.imag;
  if (parts[0].kind == ComplexOperand::complex) number.imag += parts[0].number.imag;
  return complex_of_type(thread, type, number);
}

// ---- methods ------------------------------------------------------------------------------------
static AnyResult complex_from_number(Thread& thread, Borrowed<Type> type, Any number) {
  if (is_exact(number, SHAPE(complex)) && type.get() == TYPE(complex)) return share(thread, number);
  ComplexNumber value = TRY(complex_convert(thread, number));
  if (type.get() == TYPE(complex)) return complex_create(thread, value);
  AnyRef made = TRY(complex_create(thread, value));
  return call(thread, type, {made.value()});
}
static AnyResult complex_conjugate(Thread& thread, Any self) {
  return complex_create(thread, {number_of(self).real, -number_of(self).imag});
}
static AnyResult complex_getnewargs(Thread& thread, Any self) {
  AnyRef real = TRY(float_from_double(thread, number_of(self).real));
  AnyRef imag = TRY(float_from_double(thread, number_of(self).imag));
  return tuple_of(thread, {real.value(), imag.value()});
}
static AnyResult complex_format(Thread& thread, Any self, Borrowed<Str> spec) {
  return format_complex(thread, self, spec);
}
static AnyResult complex_get_real(Thread& thread, Any self) {
  return float_from_double(thread, number_of(self).real);
}
static AnyResult complex_get_imag(Thread& thread, Any self) {
  return float_from_double(thread, number_of(self).imag);
}

static const SlotEntry complex_slots[] = {
    slot<SlotId::new_, complex_new>(),
    slot<SlotId::repr, complex_repr>(),
    slot<SlotId::hash, complex_hash>(),
    slot<SlotId::eq, complex_equality<true>>(),
    slot<SlotId::ne, complex_equality<false>>(),
    slot<SlotId::add, complex_binary<add, false>>(),
    slot<SlotId::radd, complex_binary<add, true>>(),
    slot<SlotId::sub, complex_binary<subtract, false>>(),
    slot<SlotId::rsub, complex_binary<subtract, true>>(),
    slot<SlotId::mul, complex_binary<multiply, false>>(),
    slot<SlotId::rmul, complex_binary<multiply, true>>(),
    slot<SlotId::pow, complex_pow>(),
    slot<SlotId::rpow, complex_rpow>(),
    slot<SlotId::neg, complex_negative>(),
    slot<SlotId::pos, complex_exact>(),
    slot<SlotId::abs, complex_absolute>(),
    slot<SlotId::bool_, complex_bool>(),
    slot<SlotId::truediv, complex_binary<divide, false>>(),
    slot<SlotId::rtruediv, complex_binary<divide, true>>(),
};
constexpr Method complex_methods[] = {
    class_method<complex_from_number>("from_number(number, /)",
                                      "Convert number to a complex floating-point number."),
    method<complex_conjugate>(
        "conjugate()", "Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j."),
    method<complex_exact>("__complex__()", "Convert this value to exact type complex."),
    method<complex_getnewargs>("__getnewargs__()"),
    method<complex_format>("__format__(format_spec, /)",
                           "Convert to a string according to format_spec."),
};
static const GetSet complex_getsets[] = {
    getter<complex_get_real>("real", "the real part of a complex number"),
    getter<complex_get_imag>("imag", "the imaginary part of a complex number"),
};
static const Layout complex_layout{"complex", sizeof(Complex), false, nullptr, nullptr};
const TypeSpec complex_spec{
    .name = "complex",
    .doc =
        "Create a complex number from a string or numbers.\n\n"
        "If a string is given, parse it as a complex number.\n"
        "If a single number is given, convert it to a complex number.\n"
        "If the 'real' or 'imag' arguments are given, create a complex number\n"
        "with the specified real and imaginary components.",
    .flags = kTypeBase,
    .shape_flags = kShapeComplex,
    .layout = &complex_layout,
    .slots = complex_slots,
    .methods = complex_methods,
    .getsets = complex_getsets,
};

}  // namespace dx
