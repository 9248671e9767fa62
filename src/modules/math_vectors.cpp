// Norms and dot products whose rounding errors are carried along: the error-free transformations of
// Dekker and Knuth, as used by Ogita, Rump and Oishi, "Accurate Sum and Dot Product" (2005).

#include "modules/math_vectors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "objects/float.h"
#include "objects/int.h"

namespace dx {

namespace {

struct Double2 {
  double high, low;
};
// high + low == a + b exactly; the second form requires |a| >= |b|.
Double2 two_sum(double a, double b) {
  double sum = a + b, part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}
Double2 fast_two_sum(double a, double b) {
  double sum = a + b;
  return {sum, (a - sum) + b};
}
Double2 two_product(double a, double b) {
  double product = a * b;
  return {product, std::fma(a, b, -product)};
}

// A running sum of products: about three doubles of precision.
struct DotProduct {
  double high = 0, low = 0, tiny = 0;
  void add(double x, double y) {
    Double2 product = two_product(x, y), sum = two_sum(high, product.high),
            rest = two_sum(low, product.low);
    Double2 both = two_sum(rest.high, sum.low);
    high = sum.high;
    low = both.high;
    tiny += rest.low + both.low;
  }
  double value() const { return high + (low + tiny); }
};

bool is_float_like(Value value) { return is_exact_float(value); }
bool is_plain_int(Value value) {
  return value.is_int() || value.is_bool() || is_exact(value, SHAPE(int));
}

}  // namespace

double vector_norm(double* values, size_t count) {
  double largest = 0;
  bool nan = false;
  for (size_t i = 0; i < count; ++i) {
    nan |= std::isnan(values[i]);
    largest = std::max(largest, values[i]);
  }
  if (std::isinf(largest)) return largest;
  if (nan) return std::numeric_limits<double>::quiet_NaN();
  if (largest == 0 || count <= 1) return largest;
  int exponent;
  std::frexp(largest, &exponent);
  if (exponent < -1023) {
    // 1 / 2**exponent would overflow: scale subnormals up first.
    for (size_t i = 0; i < count; ++i) values[i] /= std::numeric_limits<double>::min();
    return std::numeric_limits<double>::min() * vector_norm(values, count);
  }
  double scale = std::ldexp(1.0, -exponent);
  double sum = 1, product_errors = 0, sum_errors = 0;
  for (size_t i = 0; i < count; ++i) {
    double x = values[i] * scale;
    Double2 square = two_product(x, x), next = fast_two_sum(sum, square.high);
    sum = next.high;
    product_errors += square.low;
    sum_errors += next.low;
  }
  double root = std::sqrt(sum - 1.0 + (product_errors + sum_errors));
  // One Newton step on the exact remainder.
  Double2 square = two_product(-root, root), next = fast_two_sum(sum, square.high);
  double remainder = next.high - 1.0 + ((product_errors + square.low) + (sum_errors + next.low));
  root += remainder / (2.0 * root);
  return root / scale;
}

// sum(x * y for x, y in zip(p, q, strict=True)): exact for ints, with one rounding at the end for
// floats, and with the objects' own operators from the first pair that is neither.
AnyResult math_sumprod(Thread& thread, Any p, Any q) {
  AnyRef left = TRY(get_iter(thread, p)), right = TRY(get_iter(thread, q));
  AnyRef total = AnyRef::adopt(small_int(0)), ints = AnyRef::adopt(small_int(0));
  DotProduct floats;
  bool ints_open = true, floats_open = true, any_int = false, any_float = false;
  auto flush_ints = [&]() -> Result<void> {
    ints_open = false;
    if (any_int) total = TRY(binary_op(thread, BinaryOp::add, total, ints));
    any_int = false;
    return {};
  };
  auto flush_floats = [&]() -> Result<void> {
    floats_open = false;
    if (any_float) {
      AnyRef sum = AnyRef::adopt(double_to_value(thread, floats.value()));
      if (sum.value().is_empty()) return Raised{};
      total = TRY(binary_op(thread, BinaryOp::add, total, sum));
    }
    any_float = false;
    return {};
  };
  for (;;) {
    Step a = iter_next(thread, left);
    if (a.raised()) return Raised{};
    Step b = iter_next(thread, right);
    if (b.raised()) return Raised{};
    if (a.is_done() != b.is_done())
      return raise<ValueError>(thread, "Inputs are not the same length");
    if (a.is_done()) break;
    AnyRef x = a.take(), y = b.take();
    if (ints_open) {
      if (is_plain_int(x.value()) && is_plain_int(y.value())) {
        AnyRef product = TRY(int_multiply(thread, x, y));
        ints = TRY(int_add(thread, ints, product));
        any_int = true;
        continue;
      }
      TRY(flush_ints());
    }
    if (floats_open) {
      bool fits =
          (is_float_like(x.value()) && (is_float_like(y.value()) || is_plain_int(y.value()))) ||
          (is_plain_int(x.value()) && is_float_like(y.value()));
      if (fits) {
        auto number = [&](Value value, double& out) {
          if (is_float_like(value)) {
            out = float_value(value);
            return true;
          }
          Result<double> converted = int_double(thread, value);
          if (converted.raised()) return false;
          out = converted.take();
          return true;
        };
        double u, v;
        if (!number(x.value(), u) || !number(y.value(), v)) return Raised{};
        DotProduct before = floats;
        floats.add(u, v);
        if (std::isfinite(floats.high)) {
          any_float = true;
          continue;
        }
        floats = before;  // an infinity or NaN: by the plain operators
      }
      TRY(flush_floats());
    }
    AnyRef product = TRY(binary_op(thread, BinaryOp::multiply, x, y));
    total = TRY(binary_op(thread, BinaryOp::add, total, product));
  }
  if (ints_open) TRY(flush_ints());
  if (floats_open) TRY(flush_floats());
  return total;
}

AnyResult math_lcm(Thread& thread, Value* integers, size_t count) {
  AnyRef result = AnyRef::adopt(small_int(1));
  for (size_t i = 0; i < count; ++i) {
    AnyRef number = TRY(to_index(thread, Any(integers[i])));
    if (int_sign(number.value()) == 0 || int_sign(result.value()) == 0) {
      result = AnyRef::adopt(small_int(0));
      continue;
    }
    AnyRef a = share(thread, result.borrow()), b = share(thread, number.borrow());
    while (int_sign(b.value())) {
      AnyRef rest = TRY(int_remainder(thread, a, b));
      a = std::move(b);
      b = std::move(rest);
    }
    AnyRef part = TRY(int_floor_divide(thread, result, a));
    result = TRY(int_multiply(thread, part, number));
    if (int_sign(result.value()) < 0) result = TRY(int_negate(thread, result));
  }
  return result;
}

// n * (n-1) * ... over k factors, halved down to a tree so that the operands of long
// multiplications have like lengths.
static AnyResult falling_product(Thread& thread, Any n, Word from, Word count) {
  if (count == 0) return AnyRef::adopt(small_int(1));
  if (count == 1) return int_subtract(thread, n, Any(small_int(from)));
  AnyRef left = TRY(falling_product(thread, n, from, count / 2));
  AnyRef right = TRY(falling_product(thread, n, from + count / 2, count - count / 2));
  return int_multiply(thread, left, right);
}

static Result<bool> choose_arguments(Thread& thread, AnyRef& n, AnyRef& k) {
  if (int_sign(n.value()) < 0) return raise<ValueError>(thread, "n must be a non-negative integer");
  if (int_sign(k.value()) < 0) return raise<ValueError>(thread, "k must be a non-negative integer");
  return int_compare(k.value(), n.value()) <= 0;
}

AnyResult math_perm(Thread& thread, Any n_given, Any k_given) {
  AnyRef n = TRY(to_index(thread, n_given)),
         k = k_given.is_none() ? share(thread, n.borrow()) : TRY(to_index(thread, k_given));
  if (!TRY(choose_arguments(thread, n, k))) return AnyRef::adopt(small_int(0));
  Word count;
  if (!int_to_word(k.value(), count))
    return raise<OverflowError>(thread, "k must not exceed {}", INT64_MAX);
  return falling_product(thread, n, 0, count);
}

AnyResult math_comb(Thread& thread, Any n_given, Any k_given) {
  AnyRef n = TRY(to_index(thread, n_given)), k = TRY(to_index(thread, k_given));
  if (!TRY(choose_arguments(thread, n, k))) return AnyRef::adopt(small_int(0));
  AnyRef other = TRY(int_subtract(thread, n, k));
  if (int_compare(other.value(), k.value()) < 0) k = std::move(other);
  Word count;
  if (!int_to_word(k.value(), count))
    return raise<OverflowError>(thread, "min(n - k, k) must not exceed {}", INT64_MAX);
  AnyRef numerator = TRY(falling_product(thread, n, 0, count)),
         denominator = TRY(falling_product(thread, k, 0, count));
  return int_floor_divide(thread, numerator, denominator);
}

}  // namespace dx
