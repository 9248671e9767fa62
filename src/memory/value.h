#pragma once
// Value: one 64-bit word for every Python value. What fits in it is neither allocated nor counted.
//
//   ......1   small int, 63-bit signed: (i << 1) | 1
//   .....10   float: a rotated double (see "Floats" below); the rest are heap floats
//   ....000   pointer to a heap object (8-byte aligned); the word 0 is *empty*
//   ....100   None, True, False, Ellipsis, NotImplemented, and internal marks
//
// In memory, zero is empty: fresh pages and cleared registers are valid. In a Result, zero is
// *raised*. Marks never enter the heap, except kUnbound in cells.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace dx {

using Word = int64_t;  // Py_ssize_t: lengths, indexes

struct Object;

struct Value {
  uint64_t bits = 0;

  constexpr Value() = default;
  constexpr explicit Value(uint64_t word) : bits(word) {}
  Value(const Object* object) : bits(reinterpret_cast<uint64_t>(object)) {}

  constexpr bool operator==(const Value&) const = default;

  constexpr bool is_empty() const { return bits == 0; }
  constexpr explicit operator bool() const { return bits != 0; }
  constexpr bool is_int() const { return bits & 1; }                         // a small int
  constexpr bool is_float() const { return (bits & 3) == 2; }                // an immediate float
  constexpr bool is_object() const { return (bits & 7) == 0 && bits != 0; }  // a heap object
  constexpr bool is_mark() const { return (bits & 7) == 4; }
  constexpr bool is_none() const { return bits == 0x04; }
  constexpr bool is_bool() const { return (bits & ~uint64_t{8}) == 0x14; }
  constexpr bool is_true() const { return bits == 0x1c; }

  Object* object() const { return reinterpret_cast<Object*>(bits); }
};

constexpr Value kNone{0x04};
constexpr Value kEllipsis{0x0c};
constexpr Value kFalse{0x14};
constexpr Value kTrue{0x1c};
constexpr Value kNotImplemented{0x24};
constexpr Value kUnbound{0x2c};    // an empty cell
constexpr Value kAbsent{0x34};     // Lookup: not found
constexpr Value kExhausted{0x3c};  // Step: no further item

constexpr Value bool_value(bool truth) { return truth ? kTrue : kFalse; }

// ---- small ints ---------------------------------------------------------------------------------
constexpr Word kSmallIntMax = (Word{1} << 62) - 1;
constexpr Word kSmallIntMin = -(Word{1} << 62);
constexpr bool fits_small_int(Word number) {
  return number >= kSmallIntMin && number <= kSmallIntMax;
}
constexpr Value small_int(Word number) { return Value{(static_cast<uint64_t>(number) << 1) | 1}; }
constexpr Word small_int_value(Value value) { return static_cast<Word>(value.bits) >> 1; }

// ---- floats -------------------------------------------------------------------------------------
// The double is rotated left by one, so the exponent is on top and the sign at the bottom;
// subtracting kFloatBias moves 512 exponents (2**-256 up to 2**256) to where the top two bits are
// zero. +0.0 and -0.0 keep their rotated words 0 and 1, in the place of +-2**-256, which are heap
// floats. A NaN is always a heap float and keeps its identity.
constexpr uint64_t kFloatBias = uint64_t{1023 - 256} << 53;

inline double float_decode(Value value) {
  uint64_t payload = value.bits >> 2;
  uint64_t rotated = payload + (payload > 1 ? kFloatBias : 0);
  return std::bit_cast<double>(std::rotr(rotated, 1));
}

// The immediate for number, or empty when it needs a heap float.
inline Value float_encode(double number) {
  uint64_t rotated = std::rotl(std::bit_cast<uint64_t>(number), 1);
  uint64_t payload = rotated - kFloatBias;
  if (__builtin_expect(payload - 2 < (uint64_t{1} << 62) - 2, 1)) return Value{(payload << 2) | 2};
  if (rotated <= 1) return Value{(rotated << 2) | 2};
  return Value{};
}

}  // namespace dx
