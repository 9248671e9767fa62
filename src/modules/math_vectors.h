#pragma once
// Sums of products in double-length arithmetic, for math.hypot, dist and sumprod.

#include "objects/protocol.h"

namespace dx {

// The Euclidean norm of magnitudes (not negative), rounded nearly correctly. Sorts nothing,
// overwrites `values`.
double vector_norm(double* values, size_t count);

AnyResult math_sumprod(Thread& thread, Any p, Any q);
AnyResult math_lcm(Thread& thread, Value* integers, size_t count);
AnyResult math_comb(Thread& thread, Any n, Any k);
AnyResult math_perm(Thread& thread, Any n, Any k);

}  // namespace dx
