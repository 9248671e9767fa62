// math: the C library's functions with Python's errors.

#include <cerrno>
#include <cmath>
#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <vector>

#include "modules/math_vectors.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/item_loop.h"
#include "objects/list.h"
#include "objects/tuple.h"
#include "objects/module.h"

namespace dx {

namespace {

// A function of one number: inf and nan pass as the C library does it; a new nan is a domain error,
// a new inf an overflow.
template <double (*f)(double), bool can_overflow>
Result<double> one(Thread& thread, double x) {
  double result = f(x);
  if (std::isnan(result) && !std::isnan(x)) return raise<ValueError>(thread, "math domain error");
  if (std::isinf(result) && std::isfinite(x)) {
    if (can_overflow) return raise<OverflowError>(thread, "math range error");
    return raise<ValueError>(thread, "math domain error");
  }
  return result;
}
Result<double> math_sqrt(Thread& thread, double x) {
  if (x < 0)
    return raise<ValueError>(thread, "expected a nonnegative input, got {}",
                             Any(Value(double_to_value(thread, x))));
  return std::sqrt(x);
}
Result<double> two_nan_check(Thread& thread, double result, double x, double y) {
  if (std::isnan(result) && !std::isnan(x) && !std::isnan(y))
    return raise<ValueError>(thread, "math domain error");
  return result;
}
Result<double> math_atan2(Thread&, double y, double x) { return std::atan2(y, x); }
Result<double> math_copysign(Thread&, double x, double y) { return std::copysign(x, y); }
Result<double> math_fmod(Thread& thread, double x, double y) {
  if (std::isinf(y) && std::isfinite(x)) return x;
  return two_nan_check(thread, std::fmod(x, y), x, y);
}
Result<double> math_pow(Thread& thread, double x, double y) {
  double result = std::pow(x, y);
  if (std::isnan(result) && !std::isnan(x) && !std::isnan(y))
    return raise<ValueError>(thread, "math domain error");
  if (std::isinf(result) && std::isfinite(x) && std::isfinite(y)) {
    if (x == 0) return raise<ValueError>(thread, "math domain error");
    return raise<OverflowError>(thread, "math range error");
  }
  return result;
}
Result<double> math_hypot(Thread& thread, Rest coordinates) {
  std::vector<double> values;
  for (size_t i = 0; i < coordinates.count; ++i)
    values.push_back(std::fabs(TRY(float_convert(thread, coordinates[i]))));
  return vector_norm(values.data(), values.size());
}
Result<double> math_dist(Thread& thread, Any p, Any q) {
  AnyRef left = TRY(sequence_tuple(thread, p)), right = TRY(sequence_tuple(thread, q));
  Borrowed<Tuple> a(left.value()), b(right.value());
  if (a->size != b->size)
    return raise<ValueError>(thread, "both points must have the same number of dimensions");
  std::vector<double> values;
  for (Word i = 0; i < a->size; ++i) {
    double x = TRY(float_convert(thread, a->item(i)));
    values.push_back(std::fabs(x - TRY(float_convert(thread, b->item(i)))));
  }
  return vector_norm(values.data(), values.size());
}
Result<double> math_remainder(Thread& thread, double x, double y) {
  return two_nan_check(thread, std::remainder(x, y), x, y);
}
Result<double> math_fma(Thread& thread, double x, double y, double z) {
  double result = std::fma(x, y, z);
  if (std::isnan(result) && !std::isnan(x) && !std::isnan(y) && !std::isnan(z))
    return raise<ValueError>(thread, "invalid operation in fma");
  if (std::isinf(result) && std::isfinite(x) && std::isfinite(y) && std::isfinite(z))
    return raise<OverflowError>(thread, "overflow in fma");
  return result;
}
double math_ulp(Thread&, double x) {
  if (std::isnan(x)) return x;
  x = std::fabs(x);
  if (std::isinf(x)) return x;
  double next = std::nextafter(x, HUGE_VAL);
  return std::isinf(next) ? x - std::nextafter(x, -HUGE_VAL) : next - x;
}
// Doubles in their order, as integers: -0.0 and 0.0 are both 0.
int64_t double_order(double x) {
  int64_t bits = std::bit_cast<int64_t>(x);
  return bits < 0 ? INT64_MIN - bits : bits;
}
Result<double> math_nextafter(Thread& thread, double x, double y, Any steps) {
  if (steps.is_none()) return std::nextafter(x, y);
  AnyRef index = TRY(to_index(thread, steps));
  if (int_sign(index.value()) < 0)
    return raise<ValueError>(thread, "steps must be a non-negative integer");
  Word count;
  if (!int_to_word(index.value(), count)) count = INT64_MAX;
  if (std::isnan(x)) return x;
  if (std::isnan(y)) return y;
  if (count == 0) return x;
  int64_t from = double_order(x), to = double_order(y);
  uint64_t distance = from < to ? static_cast<uint64_t>(to) - static_cast<uint64_t>(from)
                                : static_cast<uint64_t>(from) - static_cast<uint64_t>(to);
  if (static_cast<uint64_t>(count) >= distance) return y;
  int64_t at = from < to ? from + count : from - count;
  if (at == 0) return std::copysign(0.0, x);
  return std::bit_cast<double>(at < 0 ? INT64_MIN - at : at);
}
AnyResult math_lcm_of(Thread& thread, Rest integers) {
  return math_lcm(thread, integers.items, integers.count);
}
AnyResult rounded(Thread& thread, Any x, Str* dunder, double (*round)(double)) {
  if (!is_exact_float(x)) {
    AnyLookup method = lookup_special(thread, x, Borrowed<Str>(dunder));
    if (method.raised()) return Raised{};
    if (method.found()) return call(thread, method.borrow(), {});
  }
  return int_from_double(thread, round(TRY(float_convert(thread, x))));
}
AnyResult math_floor(Thread& thread, Any x) {
  return rounded(thread, x, NAME("__floor__"), [](double v) { return std::floor(v); });
}
AnyResult math_ceil(Thread& thread, Any x) {
  return rounded(thread, x, NAME("__ceil__"), [](double v) { return std::ceil(v); });
}
AnyResult math_trunc(Thread& thread, Any x) {
  if (is_exact_float(x)) return int_from_double(thread, float_value(x));
  AnyLookup method = lookup_special(thread, x, NAME("__trunc__"));
  if (method.raised()) return Raised{};
  if (method.is_absent())
    return raise<TypeError>(thread, "type {} doesn't define __trunc__ method", type_name_in(x));
  return call(thread, method.borrow(), {});
}
double math_fabs(Thread&, double x) { return std::fabs(x); }
bool math_isnan(Thread&, double x) { return std::isnan(x); }
bool math_isinf(Thread&, double x) { return std::isinf(x); }
bool math_isfinite(Thread&, double x) { return std::isfinite(x); }
double math_degrees(Thread&, double x) { return x * (180.0 / M_PI); }
double math_radians(Thread&, double x) { return x * (M_PI / 180.0); }
AnyResult math_modf(Thread& thread, double x) {
  double whole, fraction = std::isinf(x) ? std::copysign(0.0, x) : 0;
  if (std::isinf(x))
    whole = x;
  else
    fraction = std::modf(x, &whole);
  AnyRef a = AnyRef::adopt(double_to_value(thread, fraction)),
         b = AnyRef::adopt(double_to_value(thread, whole));
  return tuple_of(thread, {a.value(), b.value()});
}
AnyResult math_frexp(Thread& thread, double x) {
  int exponent = 0;
  double mantissa = std::isfinite(x) ? std::frexp(x, &exponent) : x;
  AnyRef a = AnyRef::adopt(double_to_value(thread, mantissa));
  return tuple_of(thread, {a.value(), small_int(exponent)});
}
Result<double> math_ldexp(Thread& thread, double x, Any exponent) {
  if (!is_int(exponent))
    return raise<TypeError>(thread, "Expected an int as second argument to ldexp.");
  Word power;
  if (!int_to_word(exponent, power)) power = int_sign(exponent) < 0 ? -100000 : 100000;
  if (x == 0 || !std::isfinite(x)) return x;
  double result = std::ldexp(x, static_cast<int>(std::clamp<Word>(power, -100000, 100000)));
  if (std::isinf(result)) return raise<OverflowError>(thread, "math range error");
  return result;
}
// log of any int, also one beyond a double's range: log(m * 2**e) = log(m) + e * log(2).
Result<double> any_log(Thread& thread, Any x, double (*log)(double)) {
  if (is_int(x)) {
    if (int_sign(x) <= 0) return raise<ValueError>(thread, "expected a positive input");
    Result<double> direct = int_double(thread, x);
    if (!direct.raised()) return log(direct.take());
    if (!pending_is<OverflowError>(thread)) return Raised{};
    clear_exception(thread);
    Word bits = int_bit_length(x);
    AnyRef shifted = TRY(int_rshift(thread, x, Any(small_int(bits - 64))));
    return log(TRY(int_double(thread, shifted.value()))) +
           static_cast<double>(bits - 64) * log(2.0);
  }
  double number = TRY(float_convert(thread, x));
  if (!(number > 0) && !std::isnan(number))
    return raise<ValueError>(thread, "expected a positive input{}{}", number == 0 ? "" : ", got ",
                             number == 0 ? FormatArgument("") : FormatArgument(x));
  return log(number);
}
Result<double> math_log(Thread& thread, Any x, MaybeAny base) {
  double value = TRY(any_log(thread, x, [](double v) { return std::log(v); }));
  if (!base) return value;
  double divisor = TRY(any_log(thread, *base, [](double v) { return std::log(v); }));
  if (divisor == 0) return raise<ZeroDivisionError>(thread, "division by zero");
  return value / divisor;
}
Result<double> math_log2(Thread& thread, Any x) {
  return any_log(thread, x, [](double v) { return std::log2(v); });
}
Result<double> math_log10(Thread& thread, Any x) {
  return any_log(thread, x, [](double v) { return std::log10(v); });
}

AnyResult math_gcd(Thread& thread, Rest integers) {
  if (integers.count == 2 && integers[0].value().is_int() && integers[1].value().is_int()) {
    return int_from_word(thread, std::gcd(small_int_value(integers[0].value()),
                                          small_int_value(integers[1].value())));
  }
  AnyRef result = AnyRef::adopt(small_int(0));
  for (size_t i = 0; i < integers.count; ++i) {
    AnyRef other = TRY(to_index(thread, integers[i]));
    while (int_sign(other.value())) {
      if (result.value().is_int() && other.value().is_int()) {
        result = TRY(int_from_word(
            thread, std::gcd(small_int_value(result.value()), small_int_value(other.value()))));
        break;
      }
      AnyRef rest = TRY(int_remainder(thread, result, other));
      result = std::move(other);
      other = std::move(rest);
    }
  }
  if (int_sign(result.value()) < 0) return int_negate(thread, result);
  return result;
}
AnyResult math_factorial(Thread& thread, Any n) {
  AnyRef index = TRY(to_index(thread, n));
  if (int_sign(index.value()) < 0)
    return raise<ValueError>(thread, "factorial() not defined for negative values");
  Word count;
  if (!int_to_word(index.value(), count) || count > INT32_MAX)
    return raise<OverflowError>(thread, "factorial() argument should not exceed {}", INT64_MAX);
  // Factors are gathered in a word as long as they fit, so that long multiplications are few.
  AnyRef result = AnyRef::adopt(small_int(1));
  Word gathered = 1;
  for (Word i = 2; i <= count; ++i) {
    Word next;
    if (!__builtin_mul_overflow(gathered, i, &next) && next <= kSmallIntMax) {
      gathered = next;
      continue;
    }
    result = TRY(int_multiply(thread, result, Any(small_int(gathered))));
    gathered = i;
  }
  return int_multiply(thread, result, Any(small_int(gathered)));
}
// Newton's method on integers, from above.
AnyResult math_isqrt(Thread& thread, Any n) {
  AnyRef number = TRY(to_index(thread, n));
  if (int_sign(number.value()) < 0)
    return raise<ValueError>(thread, "isqrt() argument must be nonnegative");
  if (int_sign(number.value()) == 0) return AnyRef::adopt(small_int(0));
  if (number.value().is_int()) {
    Word word = small_int_value(number.value());
    Word root = static_cast<Word>(std::sqrt(static_cast<double>(word)));  // off by one at most
    while (root * root > word) --root;
    while ((root + 1) * (root + 1) <= word) ++root;
    return AnyRef::adopt(small_int(root));
  }
  AnyRef guess = TRY(int_lshift(thread, Any(small_int(1)),
                                Any(small_int((int_bit_length(number.value()) + 1) / 2))));
  for (;;) {
    AnyRef quotient = TRY(int_floor_divide(thread, number, guess));
    AnyRef sum = TRY(int_add(thread, guess, quotient));
    AnyRef next = TRY(int_rshift(thread, sum, Any(small_int(1))));
    if (int_compare(next.value(), guess.value()) >= 0) return guess;
    guess = std::move(next);
  }
}
Result<bool> math_isclose(Thread& thread, double a, double b, Any rel, Any abs) {
  double relative = rel.is_none() ? 1e-9 : TRY(float_convert(thread, rel)),
         absolute = abs.is_none() ? 0 : TRY(float_convert(thread, abs));
  if (relative < 0 || absolute < 0)
    return raise<ValueError>(thread, "tolerances must be non-negative");
  if (a == b) return true;
  if (std::isinf(a) || std::isinf(b)) return false;
  double difference = std::fabs(b - a);
  return difference <= std::fabs(relative * b) || difference <= std::fabs(relative * a) ||
         difference <= absolute;
}
// Shewchuk's exact partial sums; the result is correctly rounded.
Result<double> math_fsum(Thread& thread, Any seq) {
  ItemLoop loop(thread);
  TRY(loop.begin(seq));
  std::vector<double> partials;  // they do not overlap: seldom more than a handful
  double special = 0;
  bool has_special = false;
  for (;;) {
    Step step = loop.next();
    if (step.raised()) return Raised{};
    if (step.is_done()) break;
    AnyRef item = step.take();
    double x = TRY(float_convert(thread, item));
    if (!std::isfinite(x)) {
      special += x;
      has_special = true;
      continue;
    }
    size_t kept = 0;
    for (size_t i = 0; i < partials.size(); ++i) {
      double y = partials[i];
      if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
      double high = x + y, low = y - (high - x);
      if (low != 0) partials[kept++] = low;
      x = high;
    }
    if (!std::isfinite(x)) return raise<OverflowError>(thread, "intermediate overflow in fsum");
    partials.resize(kept);
    if (x != 0) partials.push_back(x);
  }
  if (has_special) {
    if (std::isnan(special)) return raise<ValueError>(thread, "-inf + inf in fsum");
    return special;
  }
  double total = 0;
  size_t n = partials.size();
  if (n) {
    total = partials[--n];
    double low = 0;
    while (n) {
      double x = total, y = partials[--n];
      total = x + y;
      low = y - (total - x);
      if (low) break;
    }
    if (n && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
      double y = low * 2, x = total + y;
      if (y == x - total) total = x;
    }
  }
  return total;
}
AnyResult math_prod(Thread& thread, Any iterable, Any start) {
  AnyRef result = share(thread, start);
  AnyRef iterator = TRY(get_iter(thread, iterable));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return result;
    AnyRef item = step.take();
    result = TRY(binary_op(thread, BinaryOp::multiply, result, item));
  }
}

constexpr Method math_functions[] = {
    function<math_sqrt>("sqrt(x, /)", "Return the square root of x."),
    function<one<std::sin, false>>("sin(x, /)", "Return the sine of x (measured in radians)."),
    function<one<std::cos, false>>("cos(x, /)", "Return the cosine of x (measured in radians)."),
    function<one<std::tan, false>>("tan(x, /)", "Return the tangent of x (measured in radians)."),
    function<one<std::asin, false>>("asin(x, /)",
                                    "Return the arc sine (measured in radians) of x."),
    function<one<std::acos, false>>("acos(x, /)",
                                    "Return the arc cosine (measured in radians) of x."),
    function<one<std::atan, false>>("atan(x, /)",
                                    "Return the arc tangent (measured in radians) of x."),
    function<one<std::sinh, true>>("sinh(x, /)", "Return the hyperbolic sine of x."),
    function<one<std::cosh, true>>("cosh(x, /)", "Return the hyperbolic cosine of x."),
    function<one<std::tanh, false>>("tanh(x, /)", "Return the hyperbolic tangent of x."),
    function<one<std::asinh, false>>("asinh(x, /)", "Return the inverse hyperbolic sine of x."),
    function<one<std::acosh, false>>("acosh(x, /)", "Return the inverse hyperbolic cosine of x."),
    function<one<std::atanh, false>>("atanh(x, /)", "Return the inverse hyperbolic tangent of x."),
    function<one<std::exp, true>>("exp(x, /)", "Return e raised to the power of x."),
    function<one<std::exp2, true>>("exp2(x, /)", "Return 2 raised to the power of x."),
    function<one<std::expm1, true>>("expm1(x, /)", "Return exp(x)-1."),
    function<one<std::log1p, false>>("log1p(x, /)",
                                     "Return the natural logarithm of 1+x (base e)."),
    function<one<std::cbrt, false>>("cbrt(x, /)", "Return the cube root of x."),
    function<one<std::erf, false>>("erf(x, /)", "Error function at x."),
    function<one<std::erfc, false>>("erfc(x, /)", "Complementary error function at x."),
    function<math_atan2>("atan2(y, x, /)", "Return the arc tangent (measured in radians) of y/x."),
    function<math_copysign>(
        "copysign(x, y, /)",
        "Return a float with the magnitude (absolute value) of x but the sign of y."),
    function<math_fmod>("fmod(x, y, /)", "Return fmod(x, y), according to platform C."),
    function<math_pow>("pow(x, y, /)", "Return x**y (x to the power of y)."),
    function<math_hypot>("hypot(*coordinates)",
                         "Multidimensional Euclidean distance from the origin to a point."),
    function<math_floor>("floor(x, /)", "Return the floor of x as an Integral."),
    function<math_ceil>("ceil(x, /)", "Return the ceiling of x as an Integral."),
    function<math_trunc>("trunc(x, /)", "Truncates the Real x to the nearest Integral toward 0."),
    function<math_fabs>("fabs(x, /)", "Return the absolute value of the float x."),
    function<math_isnan>("isnan(x, /)",
                         "Return True if x is a NaN (not a number), and False otherwise."),
    function<math_isinf>(
        "isinf(x, /)", "Return True if x is a positive or negative infinity, and False otherwise."),
    function<math_isfinite>(
        "isfinite(x, /)",
        "Return True if x is neither an infinity nor a NaN, and False otherwise."),
    function<math_degrees>("degrees(x, /)", "Convert angle x from radians to degrees."),
    function<math_radians>("radians(x, /)", "Convert angle x from degrees to radians."),
    function<math_modf>("modf(x, /)", "Return the fractional and integer parts of x."),
    function<math_frexp>("frexp(x, /)", "Return the mantissa and exponent of x, as pair (m, e)."),
    function<math_ldexp>("ldexp(x, i, /)", "Return x * (2**i)."),
    function<math_log>("log(x, base=?, /)",
                       "log(x, [base=math.e])\nReturn the logarithm of x to the given base."),
    function<math_log2>("log2(x, /)", "Return the base 2 logarithm of x."),
    function<math_log10>("log10(x, /)", "Return the base 10 logarithm of x."),
    function<math_gcd>("gcd(*integers)", "Greatest Common Divisor."),
    function<math_factorial>("factorial(n, /)", "Find n!."),
    function<math_isqrt>("isqrt(n, /)", "Return the integer part of the square root of the input."),
    function<math_isclose>("isclose(a, b, *, rel_tol=None, abs_tol=None)",
                           "Determine whether two floating-point numbers are close in value."),
    function<math_fsum>("fsum(seq, /)",
                        "Return an accurate floating-point sum of values in the iterable seq."),
    function<one<std::lgamma, true>>("lgamma(x, /)",
                                     "Natural logarithm of absolute value of Gamma function at x."),
    function<one<std::tgamma, true>>("gamma(x, /)", "Gamma function at x."),
    function<math_dist>("dist(p, q, /)",
                        "Return the Euclidean distance between two points p and q."),
    function<math_remainder>("remainder(x, y, /)",
                             "Difference between x and the closest integer multiple of y."),
    function<math_fma>("fma(x, y, z, /)",
                       "Fused multiply-add operation: (x * y) + z with a single rounding."),
    function<math_ulp>("ulp(x, /)",
                       "Return the value of the least significant bit of the float x."),
    function<math_nextafter>(
        "nextafter(x, y, /, *, steps=None)",
        "Return the floating-point value the given number of steps after x towards y."),
    function<math_sumprod>("sumprod(p, q, /)",
                           "Return the sum of products of values from two iterables p and q."),
    function<math_lcm_of>("lcm(*integers)", "Least Common Multiple."),
    function<math_comb>(
        "comb(n, k, /)",
        "Number of ways to choose k items from n items without repetition and without order."),
    function<math_perm>(
        "perm(n, k=None, /)",
        "Number of ways to choose k items from n items without repetition and with order."),
    function<math_prod>("prod(iterable, /, *, start=1)",
                        "Calculate the product of all the elements in the input iterable."),
};
constexpr ModuleConstant math_constants[] = {
    constant_real("pi", M_PI), constant_real("e", M_E), constant_real("tau", 2 * M_PI),
    constant_real("inf", std::numeric_limits<double>::infinity()),
    constant_real("nan", std::numeric_limits<double>::quiet_NaN())};
}  // namespace

extern const ModuleSpec math_module{
    .name = "math",
    .doc = "This module provides access to the mathematical functions\ndefined by the C standard.",
    .functions = math_functions,
    .constants = math_constants};

}  // namespace dx
