#pragma once
// complex: two doubles.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct ComplexNumber {
  double real, imag;
};
struct Complex : Object {
  ComplexNumber value;
};
template <>
struct TypeCheck<Complex> {
  static bool check(Value value) { return has_layout(value, kShapeComplex); }
  static constexpr const char* name = "complex";
};
inline bool is_complex(Value value) { return has_layout(value, kShapeComplex); }

AnyResult complex_create(Thread& thread, ComplexNumber number);
AnyResult complex_power(Thread& thread, ComplexNumber base, ComplexNumber exponent);
ComplexNumber complex_quotient(ComplexNumber a, ComplexNumber b);  // Requires: b is not zero
// A complex, or a number with __complex__, __float__ or __index__; TypeError otherwise.
Result<ComplexNumber> complex_convert(Thread& thread, Any object);

}  // namespace dx
