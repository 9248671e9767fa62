#pragma once
// float: most are immediates (memory/value.h); the rest, every NaN among them, are heap floats.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct Float : Object {
  double value;
};

inline bool is_float(Value value) { return value.is_float() || has_layout(value, kShapeFloat); }
inline bool is_exact_float(Value value) {
  return value.is_float() || is_exact(value, SHAPE(float));
}
// Requires: is_float(value).
inline double float_value(Value value) {
  return value.is_float() ? float_decode(value) : static_cast<Float*>(value.object())->value;
}
AnyResult float_from_double(Thread& thread, double number);
// A float, int, or anything with __float__ or __index__; TypeError "must be real number, not T".
Result<double> float_convert(Thread& thread, Any object);
AnyResult float_power(Thread& thread, double base,
                      double exponent);    // a complex for (-8) ** 0.5; ZeroDivisionError
Raised raise_range_error(Thread& thread);  // OverflowError(34, 'Numerical result out of range')
// float(object): numbers by __float__ and __index__, text and buffers parsed. TypeError,
// ValueError.
AnyResult float_from_object(Thread& thread, Any object);
uint64_t float_hash(double number, Value identity);
int float_compare_int(double number, Value integer);  // exact; Requires: number is not NaN
// Python's formatting: repr gives the shortest digits that read back ('r'), or %-style e f g with
// precision.
Result<Ref<Str>> float_repr(Thread& thread, double number);
Result<double> float_parse(Thread& thread,
                           std::string_view text);  // whole text, underscores, inf, nan; ValueError
double float_floor_divide(double left, double right);  // Requires: right != 0
double float_remainder(double left, double right);

}  // namespace dx
