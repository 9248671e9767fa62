// cmath: the elementary functions of complex numbers.
//
// The formulas are W. Kahan's, "Branch Cuts for Complex Elementary Functions, or Much Ado About
// Nothing's Sign Bit" (1987): the inverse functions come out of square roots and real functions, so
// that a zero's sign says on which side of a cut a number lies. Around them stands what keeps the
// ends of the range: huge parts are halved before hypot adds their squares, tiny ones are raised
// first, exp(x) beyond a double's range is e * exp(x - 1).
//
// Where a part is infinite or no number, the answer is read from a table: C99's Annex G, and
// CPython's choice where it leaves one. A function of i*z is the hyperbolic one turned by a right
// angle, special values too.

#include <cfloat>
#include <cmath>
#include <limits>

#include "objects/complex.h"
#include "objects/float.h"
#include "objects/module.h"
#include "objects/tuple.h"

namespace dx {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Beyond kLarge the sum of two parts may overflow, beyond kSqrtLarge a square, beyond kLogLarge
// exp.
constexpr double kLarge = DBL_MAX / 4;
const double kSqrtLarge = std::sqrt(kLarge), kLogLarge = std::log(kLarge),
             kSqrtSmallest = std::sqrt(DBL_MIN);
constexpr double kLog2 = M_LN2;
// So many bits make any subnormal a normal number. They are odd: with the halving under the square
// root they are an even number, half of which lowers the root again.
constexpr int kRaise = 53, kLower = (kRaise + 1) / 2;

enum class Trouble : uint8_t { none, domain, range };
struct Answer {
  ComplexNumber value{0, 0};
  Trouble trouble = Trouble::none;
};

bool finite(ComplexNumber z) { return std::isfinite(z.real) && std::isfinite(z.imag); }
bool tiny(ComplexNumber z) { return std::fabs(z.real) < DBL_MIN && std::fabs(z.imag) < DBL_MIN; }
bool large(ComplexNumber z) { return std::fabs(z.real) > kLarge || std::fabs(z.imag) > kLarge; }
ComplexNumber times_i(ComplexNumber z) { return {-z.imag, z.real}; }
ComplexNumber over_i(ComplexNumber z) { return {z.imag, -z.real}; }
// f(i * z) / i, for the odd functions.
template <Answer (*f)(ComplexNumber)>
Answer turned(ComplexNumber z) {
  Answer answer = f(times_i(z));
  answer.value = over_i(answer.value);
  return answer;
}

// ---- special values -----------------------------------------------------------------------------
// Rows by the real part, columns by the imaginary one, each: -inf, below 0, -0, 0, above 0, inf,
// nan. A cell is a real and an imaginary part:
//   0 1 i n   zero, one, infinity, not a number      q h t p   pi/4, pi/2, 3 pi/4, pi
//   o l I     and their negatives                    Q H T P
//   ..        never looked up                        !!        a domain error
struct SpecialTable {
  const char* rows[7];
};
size_t kind_of(double x) {
  if (std::isnan(x)) return 6;
  if (std::isinf(x)) return x < 0 ? 0 : 5;
  if (x == 0) return std::signbit(x) ? 2 : 3;
  return x < 0 ? 1 : 4;
}
double part_of(char mark) {
  switch (mark) {
    case '0': return 0;
    case 'o': return -0.0;
    case '1': return 1;
    case 'l': return -1;
    case 'i': return kInf;
    case 'I': return -kInf;
    case 'q': return M_PI_4;
    case 'Q': return -M_PI_4;
    case 'h': return M_PI_2;
    case 'H': return -M_PI_2;
    case 't': return 3 * M_PI_4;
    case 'T': return -3 * M_PI_4;
    case 'p': return M_PI;
    case 'P': return -M_PI;
    default: return kNan;
  }
}
Answer special(const SpecialTable& table, ComplexNumber z) {
  const char* cell = table.rows[kind_of(z.real)] + 3 * kind_of(z.imag);
  if (cell[0] == '!') return {{kNan, kNan}, Trouble::domain};
  return {{part_of(cell[0]), part_of(cell[1])}, Trouble::none};
}
// An infinite length in the direction of `angle`, which is neither zero nor special.
bool has_direction(ComplexNumber z) {
  return std::isinf(z.real) && std::isfinite(z.imag) && z.imag != 0;
}
ComplexNumber towards(double size, double angle) {
  return {std::copysign(size, std::cos(angle)), std::copysign(size, std::sin(angle))};
}

// clang-format off
constexpr SpecialTable kAcos = {{
    "ti pi pi pI pI tI ni",
    "hi .. .. .. .. hI nn",
    "hi .. .. .. .. hI hn",
    "hi .. .. .. .. hI hn",
    "hi .. .. .. .. hI nn",
    "qi 0i 0i 0I 0I qI ni",
    "ni nn nn nn nn nI nn",
}};
constexpr SpecialTable kAcosh = {{
    "iT iP iP ip ip it in",
    "iH .. .. .. .. ih nn",
    "iH .. .. .. .. ih nh",
    "iH .. .. .. .. ih nh",
    "iH .. .. .. .. ih nn",
    "iQ io io i0 i0 iq in",
    "in nn nn nn nn in nn",
}};
constexpr SpecialTable kAsinh = {{
    "IQ Io Io I0 I0 Iq In",
    "IH .. .. .. .. Ih nn",
    "IH .. .. .. .. Ih nn",
    "iH .. .. .. .. ih nn",
    "iH .. .. .. .. ih nn",
    "iQ io io i0 i0 iq in",
    "in nn no n0 nn in nn",
}};
constexpr SpecialTable kAtanh = {{
    "oH oH oH oh oh oh on",
    "oH .. .. .. .. oh nn",
    "oH .. .. .. .. oh on",
    "0H .. .. .. .. 0h 0n",
    "0H .. .. .. .. 0h nn",
    "0H 0H 0H 0h 0h 0h 0n",
    "0H nn nn nn nn 0h nn",
}};
constexpr SpecialTable kCosh = {{
    "!! .. i0 io .. !! in",
    "!! .. .. .. .. !! nn",
    "!! .. .. .. .. !! n0",
    "!! .. .. .. .. !! n0",
    "!! .. .. .. .. !! nn",
    "!! .. io i0 .. !! in",
    "nn nn n0 n0 nn nn nn",
}};
constexpr SpecialTable kExp = {{
    "00 .. 0o 00 .. 00 00",
    "!! .. .. .. .. !! nn",
    "!! .. .. .. .. !! nn",
    "!! .. .. .. .. !! nn",
    "!! .. .. .. .. !! nn",
    "!! .. io i0 .. !! in",
    "nn nn no n0 nn nn nn",
}};
constexpr SpecialTable kLog = {{
    "iT iP iP ip ip it in",
    "iH .. .. .. .. ih nn",
    "iH .. .. .. .. ih nn",
    "iH .. .. .. .. ih nn",
    "iH .. .. .. .. ih nn",
    "iQ io io i0 i0 iq in",
    "in nn nn nn nn in nn",
}};
constexpr SpecialTable kSinh = {{
    "!! .. Io I0 .. !! in",
    "!! .. .. .. .. !! nn",
    "!! .. .. .. .. !! 0n",
    "!! .. .. .. .. !! 0n",
    "!! .. .. .. .. !! nn",
    "!! .. io i0 .. !! in",
    "nn nn no n0 nn nn nn",
}};
constexpr SpecialTable kSqrt = {{
    "iI 0I 0I 0i 0i ii ni",
    "iI .. .. .. .. ii nn",
    "iI .. .. .. .. ii nn",
    "iI .. .. .. .. ii nn",
    "iI .. .. .. .. ii nn",
    "iI io io i0 i0 ii in",
    "iI nn nn nn nn ii nn",
}};
constexpr SpecialTable kTanh = {{
    "l0 .. lo l0 .. l0 l0",
    "!! .. .. .. .. !! nn",
    "!! .. .. .. .. !! on",
    "!! .. .. .. .. !! 0n",
    "!! .. .. .. .. !! nn",
    "10 .. 1o 10 .. 10 10",
    "nn nn no n0 nn nn nn",
}};
constexpr SpecialTable kRect = {{
    "!! .. I0 Io .. !! in",
    "!! .. .. .. .. !! nn",
    "00 .. .. .. .. 00 00",
    "00 .. .. .. .. 00 00",
    "!! .. .. .. .. !! nn",
    "!! .. io i0 .. !! in",
    "nn nn n0 n0 nn nn nn",
}};
// clang-format on

// ---- square root and logarithm ------------------------------------------------------------------
// sqrt((|x| + |z|) / 2) is one part, y over twice it the other.
Answer sqrt_of(ComplexNumber z) {
  if (!finite(z)) return special(kSqrt, z);
  if (z.real == 0 && z.imag == 0) return {{0, z.imag}};
  double x = std::fabs(z.real), y = std::fabs(z.imag), root;
  if (tiny(z)) {
    x = std::ldexp(x, kRaise);
    root = std::ldexp(std::sqrt(x + std::hypot(x, std::ldexp(y, kRaise))), -kLower);
  } else {
    x /= 8;
    root = 2 * std::sqrt(x + std::hypot(x, y / 8));
  }
  double other = y / (2 * root);
  if (z.real >= 0) return {{root, std::copysign(other, z.imag)}};
  return {{other, std::copysign(root, z.imag)}};
}

// log(|z|) of finite parts far from 1, also where |z| overflows.
double log_of_size(ComplexNumber z) { return std::log(std::hypot(z.real / 2, z.imag / 2)) + kLog2; }
Answer log_of(ComplexNumber z) {
  if (!finite(z)) return special(kLog, z);
  double x = std::fabs(z.real), y = std::fabs(z.imag), angle = std::atan2(z.imag, z.real);
  if (large(z)) return {{log_of_size(z), angle}};
  if (tiny(z)) {
    if (x == 0 && y == 0) return {{-kInf, angle}, Trouble::domain};
    double size = std::hypot(std::ldexp(x, DBL_MANT_DIG), std::ldexp(y, DBL_MANT_DIG));
    return {{std::log(size) - DBL_MANT_DIG * kLog2, angle}};
  }
  double size = std::hypot(x, y);
  if (size < 0.71 || size > 1.73) return {{std::log(size), angle}};
  // Near 1 the logarithm's digits are in size - 1, whose own come from the larger part.
  double most = std::fmax(x, y), least = std::fmin(x, y);
  return {{std::log1p((most - 1) * (most + 1) + least * least) / 2, angle}};
}
Answer log10_of(ComplexNumber z) {
  Answer answer = log_of(z);
  answer.value.real /= std::log(10.0);
  answer.value.imag /= std::log(10.0);
  return answer;
}

// ---- exponential and hyperbolic functions -------------------------------------------------------
Answer with_range(ComplexNumber value) {
  return {value, finite(value) ? Trouble::none : Trouble::range};
}

Answer exp_of(ComplexNumber z) {
  if (has_direction(z)) return {towards(z.real > 0 ? kInf : 0, z.imag)};
  if (!finite(z)) return special(kExp, z);
  if (z.real > kLogLarge) {
    double size = std::exp(z.real - 1);
    return with_range({size * std::cos(z.imag) * M_E, size * std::sin(z.imag) * M_E});
  }
  double size = std::exp(z.real);
  return with_range({size * std::cos(z.imag), size * std::sin(z.imag)});
}

Answer cosh_of(ComplexNumber z) {
  if (has_direction(z)) {
    ComplexNumber value = towards(kInf, z.imag);
    if (z.real < 0) value.imag = -value.imag;
    return {value};
  }
  if (!finite(z)) return special(kCosh, z);
  double cosine = std::cos(z.imag), sine = std::sin(z.imag);
  if (std::fabs(z.real) > kLogLarge) {
    double less = z.real - std::copysign(1.0, z.real);
    return with_range({cosine * std::cosh(less) * M_E, sine * std::sinh(less) * M_E});
  }
  return with_range({cosine * std::cosh(z.real), sine * std::sinh(z.real)});
}
Answer sinh_of(ComplexNumber z) {
  if (has_direction(z)) {
    ComplexNumber value = towards(kInf, z.imag);
    if (z.real < 0) value.real = -value.real;
    return {value};
  }
  if (!finite(z)) return special(kSinh, z);
  double cosine = std::cos(z.imag), sine = std::sin(z.imag);
  if (std::fabs(z.real) > kLogLarge) {
    double less = z.real - std::copysign(1.0, z.real);
    return with_range({cosine * std::sinh(less) * M_E, sine * std::cosh(less) * M_E});
  }
  return with_range({cosine * std::sinh(z.real), sine * std::cosh(z.real)});
}
// With t = tan(y) and h = tanh(x): (h (1 + t^2) + i t / cosh(x)^2) / (1 + h^2 t^2).
Answer tanh_of(ComplexNumber z) {
  double x = z.real, y = z.imag;
  if (has_direction(z))
    return {{std::copysign(1.0, x), std::copysign(0.0, 2 * std::sin(y) * std::cos(y))}};
  if (!finite(z)) return special(kTanh, z);
  if (std::fabs(x) > kLogLarge) {
    return {{std::copysign(1.0, x), 4 * std::sin(y) * std::cos(y) * std::exp(-2 * std::fabs(x))}};
  }
  double h = std::tanh(x), t = std::tan(y), inverse = 1 / std::cosh(x), ht = h * t;
  double divisor = 1 + ht * ht;
  return {{h * (1 + t * t) / divisor, t / divisor * inverse * inverse}};
}
Answer cos_of(ComplexNumber z) { return cosh_of(times_i(z)); }

// ---- inverse functions --------------------------------------------------------------------------
// sqrt(1 - z), sqrt(1 + z) and their like. Requires: finite parts.
ComplexNumber root(double real, double imag) { return sqrt_of({real, imag}).value; }
// log(2 |z|), what the inverse functions grow like.
double log_of_double_size(ComplexNumber z) {
  return std::log(std::hypot(z.real / 2, z.imag / 2)) + 2 * kLog2;
}

Answer acos_of(ComplexNumber z) {
  if (!finite(z)) return special(kAcos, z);
  if (large(z)) {
    double grown = log_of_double_size(z);
    return {{std::atan2(std::fabs(z.imag), z.real), std::copysign(grown, -z.imag)}};
  }
  ComplexNumber a = root(1 - z.real, -z.imag), b = root(1 + z.real, z.imag);
  return {{2 * std::atan2(a.real, b.real), std::asinh(b.real * a.imag - b.imag * a.real)}};
}
Answer acosh_of(ComplexNumber z) {
  if (!finite(z)) return special(kAcosh, z);
  if (large(z)) return {{log_of_double_size(z), std::atan2(z.imag, z.real)}};
  ComplexNumber a = root(z.real - 1, z.imag), b = root(z.real + 1, z.imag);
  return {{std::asinh(a.real * b.real + a.imag * b.imag), 2 * std::atan2(a.imag, b.real)}};
}
Answer asinh_of(ComplexNumber z) {
  if (!finite(z)) return special(kAsinh, z);
  if (large(z)) {
    return {{std::copysign(log_of_double_size(z), z.real), std::atan2(z.imag, std::fabs(z.real))}};
  }
  ComplexNumber a = root(1 + z.imag, -z.real), b = root(1 - z.imag, z.real);
  return {{std::asinh(a.real * b.imag - b.real * a.imag),
           std::atan2(z.imag, a.real * b.real - a.imag * b.imag)}};
}
Answer atanh_of(ComplexNumber z) {
  if (!finite(z)) return special(kAtanh, z);
  if (std::signbit(z.real)) {  // odd: only the right half is left to do
    Answer answer = atanh_of({-z.real, -z.imag});
    answer.value = {-answer.value.real, -answer.value.imag};
    return answer;
  }
  double x = z.real, y = std::fabs(z.imag);
  if (x > kSqrtLarge || y > kSqrtLarge) {
    // x / |z|^2, without the square; the angle keeps the sign of y, also of a zero.
    double half = std::hypot(x / 2, y / 2);
    return {{x / 4 / half / half, -std::copysign(M_PI_2, -z.imag)}};
  }
  if (x == 1 && y < kSqrtSmallest) {
    if (y == 0) return {{kInf, z.imag}, Trouble::domain};
    return {{-std::log(std::sqrt(y) / std::sqrt(std::hypot(y, 2.0))),
             std::copysign(std::atan2(2.0, -y) / 2, z.imag)}};
  }
  return {{std::log1p(4 * x / ((1 - x) * (1 - x) + y * y)) / 4,
           -std::atan2(-2 * z.imag, (1 - x) * (1 + x) - y * y) / 2}};
}

// ---- Python's functions -------------------------------------------------------------------------
Raised raise_trouble(Thread& thread, Trouble trouble) {
  if (trouble == Trouble::domain) return raise<ValueError>(thread, "math domain error");
  return raise<OverflowError>(thread, "math range error");
}
template <Answer (*f)(ComplexNumber)>
AnyResult one(Thread& thread, Any z) {
  Answer answer = f(TRY(complex_convert(thread, z)));
  if (answer.trouble != Trouble::none) return raise_trouble(thread, answer.trouble);
  return complex_create(thread, answer.value);
}

AnyResult cmath_log(Thread& thread, Any z, MaybeAny base) {
  ComplexNumber number = TRY(complex_convert(thread, z));
  Answer answer = log_of(number);
  if (base) {
    Answer divisor = log_of(TRY(complex_convert(thread, *base)));
    if (divisor.value.real == 0 && divisor.value.imag == 0) divisor.trouble = Trouble::domain;
    // What the base's logarithm says counts, as in CPython: log(0, 2) is -inf.
    answer.trouble = divisor.trouble;
    if (answer.trouble == Trouble::none)
      answer.value = complex_quotient(answer.value, divisor.value);
  }
  if (answer.trouble != Trouble::none) return raise_trouble(thread, answer.trouble);
  return complex_create(thread, answer.value);
}

Result<double> cmath_phase(Thread& thread, Any z) {
  ComplexNumber number = TRY(complex_convert(thread, z));
  double angle = std::atan2(number.imag, number.real);
  // Too small for a double: the C library calls that a range error, and so does CPython.
  if (angle == 0 && number.imag != 0 && std::isfinite(number.real))
    return raise_trouble(thread, Trouble::range);
  return angle;
}
AnyResult cmath_polar(Thread& thread, Any z) {
  ComplexNumber number = TRY(complex_convert(thread, z));
  double size = std::hypot(number.real, number.imag);
  if (std::isinf(size) && finite(number)) return raise_trouble(thread, Trouble::range);
  AnyRef r = TRY(float_from_double(thread, size));
  AnyRef phi = TRY(float_from_double(thread, std::atan2(number.imag, number.real)));
  return tuple_of(thread, {r.value(), phi.value()});
}
Answer rect_of(double r, double phi) {
  if (has_direction({r, phi})) {
    ComplexNumber value = towards(kInf, phi);
    return {r > 0 ? value : ComplexNumber{-value.real, -value.imag}};
  }
  if (!std::isfinite(r) || !std::isfinite(phi)) return special(kRect, {r, phi});
  if (phi == 0) return {{r, r * phi}};
  return {{r * std::cos(phi), r * std::sin(phi)}};
}
AnyResult cmath_rect(Thread& thread, double r, double phi) {
  Answer answer = rect_of(r, phi);
  if (answer.trouble != Trouble::none) return raise_trouble(thread, answer.trouble);
  return complex_create(thread, answer.value);
}

Result<bool> cmath_isfinite(Thread& thread, Any z) {
  return finite(TRY(complex_convert(thread, z)));
}
Result<bool> cmath_isnan(Thread& thread, Any z) {
  ComplexNumber number = TRY(complex_convert(thread, z));
  return std::isnan(number.real) || std::isnan(number.imag);
}
Result<bool> cmath_isinf(Thread& thread, Any z) {
  ComplexNumber number = TRY(complex_convert(thread, z));
  return std::isinf(number.real) || std::isinf(number.imag);
}
Result<bool> cmath_isclose(Thread& thread, Any a, Any b, MaybeAny rel_tol, MaybeAny abs_tol) {
  ComplexNumber left = TRY(complex_convert(thread, a)), right = TRY(complex_convert(thread, b));
  double relative = rel_tol ? TRY(float_convert(thread, *rel_tol)) : 1e-9;
  double absolute = abs_tol ? TRY(float_convert(thread, *abs_tol)) : 0;
  if (relative < 0 || absolute < 0)
    return raise<ValueError>(thread, "tolerances must be non-negative");
  if (left.real == right.real && left.imag == right.imag) return true;
  // Infinities are close only to themselves.
  if (std::isinf(left.real) || std::isinf(left.imag) || std::isinf(right.real) ||
      std::isinf(right.imag))
    return false;
  double difference = std::hypot(left.real - right.real, left.imag - right.imag);
  return difference <= relative * std::hypot(right.real, right.imag) ||
         difference <= relative * std::hypot(left.real, left.imag) || difference <= absolute;
}

Result<void> cmath_initialize(Thread& thread, Borrowed<Module> module) {
  AnyRef infj = TRY(complex_create(thread, {0, kInf})),
         nanj = TRY(complex_create(thread, {0, kNan}));
  TRY(module_set(thread, module, "infj", infj));
  return module_set(thread, module, "nanj", nanj);
}

constexpr Method cmath_functions[] = {
    function<one<acos_of>>("acos(z, /)", "Return the arc cosine of z."),
    function<one<acosh_of>>("acosh(z, /)", "Return the inverse hyperbolic cosine of z."),
    function<one<turned<asinh_of>>>("asin(z, /)", "Return the arc sine of z."),
    function<one<asinh_of>>("asinh(z, /)", "Return the inverse hyperbolic sine of z."),
    function<one<turned<atanh_of>>>("atan(z, /)", "Return the arc tangent of z."),
    function<one<atanh_of>>("atanh(z, /)", "Return the inverse hyperbolic tangent of z."),
    function<one<cos_of>>("cos(z, /)", "Return the cosine of z."),
    function<one<cosh_of>>("cosh(z, /)", "Return the hyperbolic cosine of z."),
    function<one<exp_of>>("exp(z, /)", "Return the exponential value e**z."),
    function<cmath_isclose>(
        "isclose(a, b, *, rel_tol=?, abs_tol=?)",
        "Determine whether two complex numbers are close in value.\n\n"
        "  rel_tol\n    maximum difference for being considered \"close\", relative to the\n"
        "    magnitude of the input values (1e-09)\n"
        "  abs_tol\n    maximum difference for being considered \"close\", regardless of the\n"
        "    magnitude of the input values (0.0)\n\n"
        "NaN is not close to anything, even itself.  inf and -inf are only close to themselves."),
    function<cmath_isfinite>("isfinite(z, /)",
                             "Return True if both the real and imaginary parts of z are finite, "
                             "else False."),
    function<cmath_isinf>("isinf(z, /)", "Checks if the real or imaginary part of z is infinite."),
    function<cmath_isnan>("isnan(z, /)", "Checks if the real or imaginary part of z not a number."),
    function<cmath_log>("log(z, base=?, /)",
                        "log(z[, base]) -> the logarithm of z to the given base.\n\n"
                        "If the base is not specified, returns the natural logarithm (base e) of "
                        "z."),
    function<one<log10_of>>("log10(z, /)", "Return the base-10 logarithm of z."),
    function<cmath_phase>("phase(z, /)",
                          "Return argument, also known as the phase angle, of a "
                          "complex."),
    function<cmath_polar>("polar(z, /)",
                          "Convert a complex from rectangular coordinates to polar coordinates.\n\n"
                          "r is the distance from 0 and phi the phase angle."),
    function<cmath_rect>("rect(r, phi, /)",
                         "Convert from polar coordinates to rectangular coordinates."),
    function<one<turned<sinh_of>>>("sin(z, /)", "Return the sine of z."),
    function<one<sinh_of>>("sinh(z, /)", "Return the hyperbolic sine of z."),
    function<one<sqrt_of>>("sqrt(z, /)", "Return the square root of z."),
    function<one<turned<tanh_of>>>("tan(z, /)", "Return the tangent of z."),
    function<one<tanh_of>>("tanh(z, /)", "Return the hyperbolic tangent of z."),
};
constexpr ModuleConstant cmath_constants[] = {
    constant_real("pi", M_PI), constant_real("e", M_E), constant_real("tau", 2 * M_PI),
    constant_real("inf", kInf), constant_real("nan", kNan)};

}  // namespace

extern const ModuleSpec cmath_module{
    .name = "cmath",
    .doc = "This module provides access to mathematical functions for complex\nnumbers.",
    .functions = cmath_functions,
    .constants = cmath_constants,
    .initialize = cmath_initialize};

}  // namespace dx
