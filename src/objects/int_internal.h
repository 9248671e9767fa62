#pragma once
// Shared by the int_*.cpp files: an int of any form as sign and limbs, and results being built.

#include <gmp.h>

#include <cstdlib>
#include <utility>

#include "objects/int.h"

namespace dx {

static_assert(sizeof(mp_limb_t) == 8);

// Sign and magnitude of any int. Points into itself for immediates, into the object otherwise:
// neither copied nor kept beyond the object's life. No leading zero limbs; size 0 is zero.
struct IntView {
  uint64_t small = 0;
  const mp_limb_t* limbs = nullptr;
  mp_size_t size = 0;
  bool negative = false;
  explicit IntView(Value value) {
    Word number;
    if (value.is_int())
      number = small_int_value(value);
    else if (value.is_bool())
      number = value.is_true();
    else {
      auto* object = static_cast<const Int*>(value.object());
      negative = object->size < 0;
      size = negative ? -object->size : object->size;
      limbs = reinterpret_cast<const mp_limb_t*>(object->limbs());
      return;
    }
    negative = number < 0;
    small = negative ? -static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
    size = small != 0;
    limbs = reinterpret_cast<const mp_limb_t*>(&small);
  }
  IntView(const IntView&) = delete;
  IntView& operator=(const IntView&) = delete;
};

inline bool is_small(Value value) { return value.is_int() || value.is_bool(); }
inline Word small_value(Value value) {
  return value.is_int() ? small_int_value(value) : value.is_true();
}

inline mp_limb_t* limbs_of(const Ref<Int>& number) {
  return reinterpret_cast<mp_limb_t*>(number->limbs());
}
// Room for `size` limbs, contents undefined. Result: MemoryError.
Result<Ref<Int>> int_allocate(Thread& thread, mp_size_t size);
// The value of `size` limbs in `number` with that sign: an immediate when it fits, leading zeros
// dropped.
AnyRef int_finish(Thread& thread, Ref<Int> number, mp_size_t size, bool negative);

// Working memory beyond the results: malloc that reports failure. GMP's own allocations abort when
// memory is short, so every operation that lets GMP allocate first asks here whether as much as it
// will need is to be had.
class Scratch {
 public:
  explicit Scratch(size_t limbs)
      : limbs_(static_cast<mp_limb_t*>(malloc((limbs + 1) * sizeof(mp_limb_t)))) {}
  ~Scratch() { free(limbs_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  explicit operator bool() const { return limbs_ != nullptr; }
  mp_limb_t* get() const { return limbs_; }

 private:
  mp_limb_t* limbs_;
};
inline bool scratch_available(size_t limbs) {
  if (limbs < 4096) return true;
  return bool(Scratch(limbs));
}

// The exact int of the same value: value itself unless it is a bool or an instance of a subclass.
AnyResult int_exact(Thread& thread, Any value);
// int(text, base) without the wording of the error: absent when text is no such literal.
AnyLookup int_parse_lookup(Thread& thread, std::string_view text, int base);
AnyResult int_divmod(Thread& thread, Any left, Any right);
AnyResult int_power_modulo(Thread& thread, Any base, Any exponent, Any modulus);

}  // namespace dx
