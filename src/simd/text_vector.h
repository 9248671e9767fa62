#pragma once
// The vector kernels behind simd/text.h, for its dispatch by size and for the tests.

#include <cstddef>
#include <cstdint>

namespace dx::simd::vector {

#define DX_KERNEL(result, name, function, parameters, arguments) result name parameters;
#include "simd/kernels.def"
#undef DX_KERNEL

// utf8_valid: bytes[start:end] is well-formed up to the returned position, in steps of a vector (a
// sequence may be cut there); counts the characters that begin in it and the class of the largest.
// Requires: start >= 3, a character begins at start.

}  // namespace dx::simd::vector
