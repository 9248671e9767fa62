#pragma once
// int: small ones are immediates (63 bits); the rest are GMP limbs behind the header, sign in
// `size`. bool is a subclass whose two instances are immediates. Code that accepts any int uses the
// accessors below, never the layout.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct Int : Object {
  Word size;  // number of limbs, negative for negative numbers; 0 only in instances of subclasses
  uint64_t* limbs() { return reinterpret_cast<uint64_t*>(this + 1); }
  const uint64_t* limbs() const { return reinterpret_cast<const uint64_t*>(this + 1); }
};

// int, bool or an instance of a Python subclass of int.
inline bool is_int(Value value) {
  return value.is_int() || value.is_bool() || has_layout(value, kShapeInt);
}
// int itself (immediate or big), neither bool nor a subclass.
inline bool is_exact_int(Value value) { return value.is_int() || is_exact(value, SHAPE(int)); }

// The number if it fits in 64 bits. Requires: is_int(value).
bool int_to_word(Value value, Word& out);
Result<Word> int_word(Thread& thread, Value value,
                      const char* overflow_message = nullptr);  // OverflowError
Result<uint64_t> int_u64(Thread& thread,
                         Value value);  // OverflowError; "can't convert negative int to unsigned"
uint64_t int_u64_mask(Value value);     // modulo 2**64
Result<double> int_double(Thread& thread, Value value);  // correctly rounded; OverflowError
int int_sign(Value value);
AnyResult int_from_word(Thread& thread, Word number);
AnyResult int_from_u64(Thread& thread, uint64_t number);
AnyResult int_from_double(Thread& thread,
                          double number);  // truncated; OverflowError, ValueError for inf and nan
// Two's complement bytes, as int.from_bytes / int.to_bytes.
AnyResult int_from_bytes(Thread& thread, const uint8_t* bytes, size_t count, bool little,
                         bool is_signed);
Result<void> int_to_bytes(Thread& thread, Value value, uint8_t* bytes, size_t count, bool little,
                          bool is_signed);
// Digits in base 2..36 with an optional sign, prefix (base 0 or matching) and underscores, as
// int(text, base).
AnyResult int_parse(Thread& thread, std::string_view text, int base);
Result<Ref<Str>> int_to_str(Thread& thread, Value value,
                            int base = 10);  // the 4,300-digit limit applies for base 10
// int(object): numbers by __int__ and __index__, text and buffers parsed. TypeError, ValueError.
AnyResult int_from_object(Thread& thread, Any object);
// sys.set_int_max_str_digits: decimal texts longer than this are refused; 0 = no limit.
extern std::atomic<Word> int_max_str_digits;
constexpr Word kDefaultMaxStrDigits = 4300;
Word int_bit_length(Value value);
uint64_t int_hash(Value value);

// Arithmetic on ints of any size (Requires: is_int of both). kNotImplemented is never returned.
AnyResult int_add(Thread& thread, Any left, Any right);
AnyResult int_subtract(Thread& thread, Any left, Any right);
AnyResult int_multiply(Thread& thread, Any left, Any right);
AnyResult int_floor_divide(Thread& thread, Any left, Any right);  // ZeroDivisionError
AnyResult int_remainder(Thread& thread, Any left, Any right);
AnyResult int_true_divide(Thread& thread, Any left, Any right);
AnyResult int_power(Thread& thread, Any base, Any exponent);
AnyResult int_lshift(Thread& thread, Any left, Any right);
AnyResult int_rshift(Thread& thread, Any left, Any right);
AnyResult int_and(Thread& thread, Any left, Any right);
AnyResult int_or(Thread& thread, Any left, Any right);
AnyResult int_xor(Thread& thread, Any left, Any right);
AnyResult int_negate(Thread& thread, Any value);
AnyResult int_invert(Thread& thread, Any value);
int int_compare(Value left, Value right);  // -1, 0, 1

}  // namespace dx
