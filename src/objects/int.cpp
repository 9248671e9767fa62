// int arithmetic. Small operands take the first lines of each function; the rest works on limbs
// with GMP's mpn layer, which allocates nothing for results and never sees Python objects.

#include "objects/int.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "memory/heap.h"
#include "objects/errors.h"
#include "objects/float.h"
#include "objects/hash.h"
#include "objects/int_internal.h"
#include "objects/tuple.h"

namespace dx {

constexpr mp_size_t kMaxLimbs = mp_size_t{1} << 40;

// ---- storage ------------------------------------------------------------------------------------
Result<Ref<Int>> int_allocate(Thread& thread, mp_size_t size) {
  if (size > kMaxLimbs) return raise_memory_error(thread);
  Object* object = allocate_object_uninitialized(
      thread, sizeof(Int) + static_cast<size_t>(size) * sizeof(mp_limb_t), SHAPE(int),
      PageKind::leaf);
  if (object == nullptr) return raise_memory_error(thread);
  static_cast<Int*>(object)->size = size;
  return Ref<Int>::adopt(static_cast<Int*>(object));
}

AnyRef int_finish(Thread& thread, Ref<Int> number, mp_size_t size, bool negative) {
  mp_limb_t* limbs = limbs_of(number);
  while (size > 0 && limbs[size - 1] == 0) --size;
  if (size <= 1) {
    uint64_t magnitude = size == 0 ? 0 : limbs[0];
    if (magnitude <= static_cast<uint64_t>(kSmallIntMax) + negative) {
      drop(thread, std::move(number));
      return AnyRef::adopt(small_int(static_cast<Word>(negative ? -magnitude : magnitude)));
    }
  }
  number->size = negative ? -size : size;
  return number;
}

static AnyResult int_from_magnitude(Thread& thread, unsigned __int128 magnitude, bool negative) {
  if (magnitude <= static_cast<uint64_t>(kSmallIntMax) + negative) {
    uint64_t low = static_cast<uint64_t>(magnitude);
    return AnyRef::adopt(small_int(static_cast<Word>(negative ? -low : low)));
  }
  const uint64_t high = static_cast<uint64_t>(magnitude >> 64);
  const mp_size_t size = high ? 2 : 1;
  Ref<Int> number = TRY(int_allocate(thread, size));
  limbs_of(number)[0] = static_cast<uint64_t>(magnitude);
  if (high) limbs_of(number)[1] = high;
  number->size = negative ? -size : size;
  return number;
}

AnyResult int_from_word(Thread& thread, Word number) {
  if (__builtin_expect(fits_small_int(number), 1)) return AnyRef::adopt(small_int(number));
  return int_from_magnitude(
      thread, number < 0 ? -static_cast<uint64_t>(number) : static_cast<uint64_t>(number),
      number < 0);
}

AnyResult int_from_u64(Thread& thread, uint64_t number) {
  return int_from_magnitude(thread, number, false);
}

static AnyResult copy_view(Thread& thread, const IntView& view, bool negative) {
  Ref<Int> copy = TRY(int_allocate(thread, view.size));
  if (view.size) mpn_copyi(limbs_of(copy), view.limbs, view.size);
  return int_finish(thread, std::move(copy), view.size, negative);
}

AnyResult int_exact(Thread& thread, Any value) {
  if (value.value().is_int() || is_exact(value, SHAPE(int))) return share(thread, value);
  if (value.value().is_bool()) return AnyRef::adopt(small_int(value.value().is_true()));
  IntView view(value);
  return copy_view(thread, view, view.negative);
}

// ---- conversions --------------------------------------------------------------------------------
bool int_to_word(Value value, Word& out) {
  if (is_small(value)) {
    out = small_value(value);
    return true;
  }
  IntView view(value);
  if (view.size > 1) return false;
  uint64_t magnitude = view.size == 0 ? 0 : view.limbs[0];
  if (magnitude > static_cast<uint64_t>(INT64_MAX) + view.negative) return false;
  out = static_cast<Word>(view.negative ? -magnitude : magnitude);
  return true;
}

Result<Word> int_word(Thread& thread, Value value, const char* overflow_message) {
  Word out;
  if (int_to_word(value, out)) return out;
  return raise<OverflowError>(
      thread, "{}",
      overflow_message ? overflow_message : "Python int too large to convert to C ssize_t");
}

Result<uint64_t> int_u64(Thread& thread, Value value) {
  IntView view(value);
  if (view.negative && view.size != 0)
    return raise<OverflowError>(thread, "can't convert negative int to unsigned");
  if (view.size > 1)
    return raise<OverflowError>(thread, "Python int too large to convert to C unsigned long");
  return view.size == 0 ? 0 : view.limbs[0];
}

uint64_t int_u64_mask(Value value) {
  IntView view(value);
  uint64_t low = view.size == 0 ? 0 : view.limbs[0];
  return view.negative ? -low : low;
}

int int_sign(Value value) {
  IntView view(value);
  return view.size == 0 ? 0 : view.negative ? -1 : 1;
}

static size_t bit_length(const IntView& view) {
  if (view.size == 0) return 0;
  return static_cast<size_t>(view.size) * 64 -
         static_cast<size_t>(std::countl_zero(static_cast<uint64_t>(view.limbs[view.size - 1])));
}
Word int_bit_length(Value value) {
  IntView view(value);
  return static_cast<Word>(bit_length(view));
}

// The double nearest to bits * 2**exponent (ties to even); `sticky` says that nonzero bits were cut
// off below.
static double round_to_double(unsigned __int128 bits, bool sticky, Word exponent) {
  if (bits == 0) return 0;
  uint64_t high = static_cast<uint64_t>(bits >> 64);
  Word length =
      high ? 128 - std::countl_zero(high) : 64 - std::countl_zero(static_cast<uint64_t>(bits));
  Word cut = length - 53;
  if (exponent + cut < -1074) cut = -1074 - exponent;  // subnormal: fewer bits
  if (cut > 0) {
    if (cut > length + 1) return 0;
    unsigned __int128 mask = (static_cast<unsigned __int128>(1) << cut) - 1,
                      half = static_cast<unsigned __int128>(1) << (cut - 1);
    unsigned __int128 below = bits & mask;
    bits = cut >= 128 ? 0 : bits >> cut;
    if (below > half || (below == half && (sticky || (bits & 1)))) ++bits;
    exponent += cut;
  }
  if (exponent > 2000) return HUGE_VAL;
  return std::ldexp(static_cast<double>(static_cast<uint64_t>(bits)), static_cast<int>(exponent));
}

// The magnitude as double, infinity when too large.
static double magnitude_double(const IntView& view) {
  if (view.size == 0) return 0;
  if (view.size == 1) return round_to_double(view.limbs[0], false, 0);
  size_t length = bit_length(view);
  if (length > 1025) return HUGE_VAL;
  // The top 128 bits decide, with a sticky bit for the rest.
  mp_size_t top = view.size - 1;
  unsigned __int128 bits =
      static_cast<unsigned __int128>(view.limbs[top]) << 64 | view.limbs[top - 1];
  bool sticky = false;
  if (top >= 2) {
    int shift = std::countl_zero(static_cast<uint64_t>(view.limbs[top]));
    uint64_t next = view.limbs[top - 2];
    if (shift) {
      bits = bits << shift | next >> (64 - shift);
      next <<= shift;
    }
    sticky = next != 0;
    for (mp_size_t i = 0; i < top - 2 && !sticky; ++i) sticky = view.limbs[i] != 0;
    return round_to_double(bits, sticky, static_cast<Word>(length) - 128);
  }
  return round_to_double(bits, false, 0);
}

Result<double> int_double(Thread& thread, Value value) {
  if (is_small(value)) return static_cast<double>(small_value(value));
  IntView view(value);
  double magnitude = magnitude_double(view);
  if (std::isinf(magnitude))
    return raise<OverflowError>(thread, "int too large to convert to float");
  return view.negative ? -magnitude : magnitude;
}

AnyResult int_from_double(Thread& thread, double number) {
  if (std::isnan(number)) return raise<ValueError>(thread, "cannot convert float NaN to integer");
  if (std::isinf(number))
    return raise<OverflowError>(thread, "cannot convert float infinity to integer");
  number = std::trunc(number);
  if (number >= -4611686018427387904.0 && number < 4611686018427387904.0) {
    return AnyRef::adopt(small_int(static_cast<Word>(number)));
  }
  int exponent;
  double mantissa = std::frexp(std::fabs(number), &exponent);
  uint64_t bits = static_cast<uint64_t>(std::ldexp(mantissa, 53));
  int shift = exponent - 53;  // >= 9 here: |number| >= 2**62
  mp_size_t size = shift / 64 + 2;
  Ref<Int> result = TRY(int_allocate(thread, size));
  mp_limb_t* limbs = limbs_of(result);
  mpn_zero(limbs, size);
  limbs[shift / 64] = bits << (shift % 64);
  if (shift % 64) limbs[shift / 64 + 1] = bits >> (64 - shift % 64);
  return int_finish(thread, std::move(result), size, number < 0);
}

AnyResult int_from_bytes(Thread& thread, const uint8_t* bytes, size_t count, bool little,
                         bool is_signed) {
  mp_size_t size = static_cast<mp_size_t>((count + 7) / 8);
  bool negative = is_signed && count > 0 && (bytes[little ? count - 1 : 0] & 0x80);
  Ref<Int> number = TRY(int_allocate(thread, size));
  mp_limb_t* limbs = limbs_of(number);
  for (mp_size_t i = 0; i < size; ++i) {
    mp_limb_t limb = negative ? ~mp_limb_t{0} : 0;
    size_t from = static_cast<size_t>(i) * 8;
    for (size_t j = 0; j < 8 && from + j < count; ++j) {
      uint64_t byte = bytes[little ? from + j : count - 1 - from - j];
      limb = (limb & ~(uint64_t{0xff} << (8 * j))) | byte << (8 * j);
    }
    limbs[i] = limb;
  }
  if (negative) mpn_neg(limbs, limbs, size);
  return int_finish(thread, std::move(number), size, negative);
}

Result<void> int_to_bytes(Thread& thread, Value value, uint8_t* bytes, size_t count, bool little,
                          bool is_signed) {
  IntView view(value);
  bool negative = view.negative && view.size != 0;
  if (negative && !is_signed)
    return raise<OverflowError>(thread, "can't convert negative int to unsigned");
  size_t bits = bit_length(view);
  if (is_signed && view.size != 0) {
    // -2**k needs no bit more than 2**k - 1 does.
    bool power = negative && mpn_popcount(view.limbs, view.size) == 1;
    bits += power ? 0 : 1;
  }
  if (bits > count * 8) return raise<OverflowError>(thread, "int too big to convert");
  bool borrow = true;
  for (size_t i = 0; i < count; ++i) {
    uint8_t byte = i / 8 < static_cast<size_t>(view.size)
                       ? static_cast<uint8_t>(view.limbs[i / 8] >> (8 * (i % 8)))
                       : 0;
    if (negative) {
      byte = static_cast<uint8_t>(~byte + borrow);
      borrow = borrow && byte == 0;
    }
    bytes[little ? i : count - 1 - i] = byte;
  }
  return {};
}

// ---- hash and comparison ------------------------------------------------------------------------
uint64_t int_hash(Value value) {
  IntView view(value);
  uint64_t hash;
  if (view.size == 0) return 0;
  if (view.size == 1)
    hash = view.limbs[0] % kHashModulus;
  else
    hash = mpn_mod_1(view.limbs, view.size, kHashModulus);
  if (view.negative) hash = -hash;
  return hash == ~uint64_t{0} ? ~uint64_t{1} : hash;
}

int int_compare(Value left, Value right) {
  if (is_small(left) && is_small(right)) {
    Word a = small_value(left), b = small_value(right);
    return a < b ? -1 : a > b;
  }
  IntView a(left), b(right);
  bool a_negative = a.negative && a.size, b_negative = b.negative && b.size;
  if (a_negative != b_negative) return a_negative ? -1 : 1;
  int order = a.size != b.size ? (a.size < b.size ? -1 : 1)
              : a.size == 0    ? 0
                               : mpn_cmp(a.limbs, b.limbs, a.size);
  order = order < 0 ? -1 : order > 0;
  return a_negative ? -order : order;
}

// ---- sum, product -------------------------------------------------------------------------------
static AnyResult add_slow(Thread& thread, Value left, Value right, bool subtract) {
  IntView first(left), second(right);
  const IntView *a = &first, *b = &second;
  bool a_negative = a->negative, b_negative = b->negative != subtract;
  if (a->size < b->size) {
    std::swap(a, b);
    std::swap(a_negative, b_negative);
  }
  Ref<Int> result = TRY(int_allocate(thread, a->size + 1));
  mp_limb_t* limbs = limbs_of(result);
  if (b->size == 0) {
    if (a->size) mpn_copyi(limbs, a->limbs, a->size);
    return int_finish(thread, std::move(result), a->size, a_negative);
  }
  if (a_negative == b_negative) {
    limbs[a->size] = mpn_add(limbs, a->limbs, a->size, b->limbs, b->size);
    return int_finish(thread, std::move(result), a->size + 1, a_negative);
  }
  if (a->size == b->size && mpn_cmp(a->limbs, b->limbs, a->size) < 0) {
    std::swap(a, b);
    std::swap(a_negative, b_negative);
  }
  mpn_sub(limbs, a->limbs, a->size, b->limbs, b->size);
  return int_finish(thread, std::move(result), a->size, a_negative);
}

AnyResult int_add(Thread& thread, Any left, Any right) {
  if (is_small(left) && is_small(right))
    return int_from_word(thread, small_value(left) + small_value(right));
  return add_slow(thread, left, right, false);
}

AnyResult int_subtract(Thread& thread, Any left, Any right) {
  if (is_small(left) && is_small(right))
    return int_from_word(thread, small_value(left) - small_value(right));
  return add_slow(thread, left, right, true);
}

AnyResult int_multiply(Thread& thread, Any left, Any right) {
  if (is_small(left) && is_small(right)) {
    __int128 product = static_cast<__int128>(small_value(left)) * small_value(right);
    return int_from_magnitude(
        thread, static_cast<unsigned __int128>(product < 0 ? -product : product), product < 0);
  }
  IntView first(left), second(right);
  const IntView *a = &first, *b = &second;
  if (a->size < b->size) std::swap(a, b);
  if (b->size == 0) return AnyRef::adopt(small_int(0));
  Ref<Int> result = TRY(int_allocate(thread, a->size + b->size));
  if (!scratch_available(static_cast<size_t>(a->size + b->size) * 4))
    return raise_memory_error(thread);
  if (a->limbs == b->limbs && a->size == b->size)
    mpn_sqr(limbs_of(result), a->limbs, a->size);
  else
    mpn_mul(limbs_of(result), a->limbs, a->size, b->limbs, b->size);
  return int_finish(thread, std::move(result), a->size + b->size,
                    first.negative != second.negative);
}

// ---- quotient, remainder ------------------------------------------------------------------------
struct Division {
  Maybe<Ref<Object>> quotient, remainder;
};

// Floor division of anything by anything but zero; both results, unless not wanted.
static Result<void> divide(Thread& thread, Value left, Value right, Division& out,
                           bool want_quotient, bool want_remainder) {
  if (int_sign(right) == 0) return raise<ZeroDivisionError>(thread, "division by zero");
  if (is_small(left) && is_small(right)) {
    Word a = small_value(left), b = small_value(right);
    Word quotient = a / b, remainder = a % b;
    if (remainder != 0 && (remainder < 0) != (b < 0)) {
      remainder += b;
      --quotient;
    }
    if (want_quotient) out.quotient = TRY(int_from_word(thread, quotient));
    out.remainder = AnyRef::adopt(small_int(remainder));
    return {};
  }
  IntView a(left), b(right);
  bool negative = a.negative != b.negative;
  if (a.size < b.size) {
    if (a.size == 0 || !negative) {
      out.quotient = AnyRef::adopt(small_int(0));
      if (want_remainder) out.remainder = TRY(int_exact(thread, left));
    } else {
      out.quotient = AnyRef::adopt(small_int(-1));
      if (want_remainder) out.remainder = TRY(int_add(thread, left, right));
    }
    return {};
  }
  Ref<Int> quotient = TRY(int_allocate(thread, a.size - b.size + 2));
  Ref<Int> remainder = TRY(int_allocate(thread, b.size));
  if (!scratch_available(static_cast<size_t>(a.size) * 4)) return raise_memory_error(thread);
  mpn_tdiv_qr(limbs_of(quotient), limbs_of(remainder), 0, a.limbs, a.size, b.limbs, b.size);
  mp_size_t size = a.size - b.size + 1;
  if (negative && !mpn_zero_p(limbs_of(remainder), b.size)) {
    // Towards minus infinity: one less, and the remainder takes the divisor's sign.
    mpn_sub_n(limbs_of(remainder), b.limbs, limbs_of(remainder), b.size);
    limbs_of(quotient)[size] = mpn_add_1(limbs_of(quotient), limbs_of(quotient), size, 1);
    ++size;
  }
  if (want_quotient) out.quotient = int_finish(thread, std::move(quotient), size, negative);
  if (want_remainder) out.remainder = int_finish(thread, std::move(remainder), b.size, b.negative);
  return {};
}

AnyResult int_floor_divide(Thread& thread, Any left, Any right) {
  Division division;
  TRY(divide(thread, left, right, division, true, false));
  return division.quotient.take();
}

AnyResult int_remainder(Thread& thread, Any left, Any right) {
  Division division;
  TRY(divide(thread, left, right, division, false, true));
  return division.remainder.take();
}

AnyResult int_divmod(Thread& thread, Any left, Any right) {
  Division division;
  TRY(divide(thread, left, right, division, true, true));
  return tuple_of(thread, {division.quotient.value(), division.remainder.value()});
}

// The double nearest to left / right: a quotient of 66 or 67 bits, a sticky bit for the remainder,
// one rounding.
AnyResult int_true_divide(Thread& thread, Any left, Any right) {
  if (int_sign(right) == 0) return raise<ZeroDivisionError>(thread, "division by zero");
  if (is_small(left) && is_small(right)) {
    constexpr Word exact = Word{1} << 53;
    Word a = small_value(left), b = small_value(right);
    if (a >= -exact && a <= exact && b >= -exact && b <= exact) {
      return float_from_double(thread, static_cast<double>(a) / static_cast<double>(b));
    }
  }
  IntView a(left), b(right);
  bool negative = a.negative != b.negative;
  if (a.size == 0) return float_from_double(thread, negative ? -0.0 : 0.0);
  Word a_bits = static_cast<Word>(bit_length(a)), b_bits = static_cast<Word>(bit_length(b));
  if (a_bits - b_bits > 1030)
    return raise<OverflowError>(thread, "integer division result too large for a float");
  if (a_bits - b_bits < -1200) return float_from_double(thread, negative ? -0.0 : 0.0);
  Word shift = 66 - (a_bits - b_bits);  // left / right * 2**shift has 66 or 67 bits
  mp_size_t words = shift > 0 ? shift / 64 : 0;
  mp_size_t size = a.size + words + 1;
  Scratch numerator(static_cast<size_t>(size)), quotient(static_cast<size_t>(size) + 1),
      remainder(static_cast<size_t>(b.size));
  if (!numerator || !quotient || !remainder || !scratch_available(static_cast<size_t>(size) * 4))
    return raise_memory_error(thread);
  bool sticky = false;
  mp_limb_t* n = numerator.get();
  if (shift >= 0) {
    mpn_zero(n, words);
    unsigned bits = static_cast<unsigned>(shift % 64);
    if (bits)
      n[size - 1] = mpn_lshift(n + words, a.limbs, a.size, bits);
    else {
      mpn_copyi(n + words, a.limbs, a.size);
      n[size - 1] = 0;
    }
  } else {
    mp_size_t cut = -shift / 64;
    unsigned bits = static_cast<unsigned>(-shift % 64);
    for (mp_size_t i = 0; i < cut && !sticky; ++i) sticky = a.limbs[i] != 0;
    size = a.size - cut;
    if (bits)
      sticky |= mpn_rshift(n, a.limbs + cut, size, bits) != 0;
    else
      mpn_copyi(n, a.limbs + cut, size);
  }
  while (size > 0 && n[size - 1] == 0) --size;
  mpn_tdiv_qr(quotient.get(), remainder.get(), 0, n, size, b.limbs, b.size);
  sticky |= !mpn_zero_p(remainder.get(), b.size);
  mp_size_t q_size = size - b.size + 1;
  unsigned __int128 bits = quotient.get()[0];
  if (q_size > 1) bits |= static_cast<unsigned __int128>(quotient.get()[1]) << 64;
  double result = round_to_double(bits, sticky, -shift);
  if (std::isinf(result))
    return raise<OverflowError>(thread, "integer division result too large for a float");
  return float_from_double(thread, negative ? -result : result);
}

// ---- powers -------------------------------------------------------------------------------------
AnyResult int_power(Thread& thread, Any base, Any exponent) {
  if (int_sign(exponent) < 0) {
    AnyRef left = TRY(float_from_double(thread, TRY(int_double(thread, base))));
    AnyRef right = TRY(float_from_double(thread, TRY(int_double(thread, exponent))));
    return float_power(thread, float_value(left.value()), float_value(right.value()));
  }
  IntView b(base), e(exponent);
  if (e.size == 0) return AnyRef::adopt(small_int(1));
  if (b.size == 0) return AnyRef::adopt(small_int(0));
  bool odd = e.limbs[0] & 1;
  bool negative = b.negative && odd;
  if (b.size == 1 && b.limbs[0] == 1) return AnyRef::adopt(small_int(negative ? -1 : 1));
  // At least bit_length - 1 bits a factor: what cannot be stored is refused before any work.
  if (e.size > 1) return raise_memory_error(thread);
  uint64_t count = e.limbs[0];
  unsigned __int128 bits = static_cast<unsigned __int128>(bit_length(b)) * count;
  if (bits / 64 >= static_cast<unsigned __int128>(kMaxLimbs)) return raise_memory_error(thread);
  if (b.size == 1) {
    // Small results in registers.
    if (bits <= 128) {
      unsigned __int128 result = 1, factor = b.limbs[0];
      for (uint64_t left = count; left; left >>= 1) {
        if (left & 1) result *= factor;
        if (left > 1) factor *= factor;
      }
      return int_from_magnitude(thread, result, negative);
    }
    if (std::has_single_bit(static_cast<uint64_t>(b.limbs[0]))) {
      AnyRef one = AnyRef::adopt(small_int(negative ? -1 : 1));
      return int_lshift(thread, one,
                        Any(small_int(static_cast<Word>(count) *
                                      std::countr_zero(static_cast<uint64_t>(b.limbs[0])))));
    }
  }
  mp_size_t room = static_cast<mp_size_t>(bits / 64) + 2;
  Ref<Int> result = TRY(int_allocate(thread, room));
  Scratch other(static_cast<size_t>(room));
  if (!other || !scratch_available(static_cast<size_t>(room) * 4))
    return raise_memory_error(thread);
  mp_limb_t *now = limbs_of(result), *next = other.get();
  mp_size_t size = b.size;
  mpn_copyi(now, b.limbs, size);
  for (int bit = 62 - std::countl_zero(count); bit >= 0; --bit) {
    mpn_sqr(next, now, size);
    size = 2 * size - (next[2 * size - 1] == 0);
    std::swap(now, next);
    if (count >> bit & 1) {
      if (b.size == 1) {
        mp_limb_t carry = mpn_mul_1(now, now, size, b.limbs[0]);
        if (carry) now[size++] = carry;
      } else {
        mpn_mul(next, now, size, b.limbs, b.size);
        size += b.size;
        size -= next[size - 1] == 0;
        std::swap(now, next);
      }
    }
  }
  if (now != limbs_of(result)) mpn_copyi(limbs_of(result), now, size);
  return int_finish(thread, std::move(result), size, negative);
}

static AnyResult from_mpz(Thread& thread, const mpz_t number) {
  mp_size_t size = static_cast<mp_size_t>(mpz_size(number));
  Ref<Int> result = TRY(int_allocate(thread, size));
  if (size) mpn_copyi(limbs_of(result), mpz_limbs_read(number), size);
  return int_finish(thread, std::move(result), size, mpz_sgn(number) < 0);
}

AnyResult int_power_modulo(Thread& thread, Any base, Any exponent, Any modulus) {
  IntView b(base), e(exponent), m(modulus);
  if (m.size == 0) return raise<ValueError>(thread, "pow() 3rd argument cannot be 0");
  // Everything GMP allocates here is bounded by the modulus and the base.
  if (!scratch_available(static_cast<size_t>(m.size) * 40 + static_cast<size_t>(b.size) * 4))
    return raise_memory_error(thread);
  mpz_t base_z, exponent_z, modulus_z, result, inverse;
  mpz_roinit_n(base_z, b.limbs, b.negative ? -b.size : b.size);
  mpz_roinit_n(exponent_z, e.limbs, e.size);
  mpz_roinit_n(modulus_z, m.limbs, m.size);
  mpz_init(result);
  mpz_init(inverse);
  bool possible = true;
  if (m.size == 1 && m.limbs[0] == 1) {
    mpz_set_ui(result, 0);
  } else if (e.negative && e.size) {
    possible = mpz_invert(inverse, base_z, modulus_z) != 0;
    if (possible) mpz_powm(result, inverse, exponent_z, modulus_z);
  } else {
    mpz_powm(result, base_z, exponent_z, modulus_z);
  }
  if (possible && m.negative && mpz_sgn(result) != 0) mpz_sub(result, result, modulus_z);
  AnyResult answer =
      possible
          ? from_mpz(thread, result)
          : AnyResult(raise<ValueError>(thread, "base is not invertible for the given modulus"));
  mpz_clear(result);
  mpz_clear(inverse);
  return answer;
}

// ---- bits ---------------------------------------------------------------------------------------
AnyResult int_lshift(Thread& thread, Any left, Any right) {
  int sign = int_sign(right);
  if (sign < 0) return raise<ValueError>(thread, "negative shift count");
  IntView a(left);
  if (a.size == 0) return AnyRef::adopt(small_int(0));
  Word count;
  if (!int_to_word(right, count) || count / 64 >= kMaxLimbs)
    return raise<OverflowError>(thread, "too many digits in integer");
  if (a.size == 1 && count < 64)
    return int_from_magnitude(thread, static_cast<unsigned __int128>(a.limbs[0]) << count,
                              a.negative);
  mp_size_t words = count / 64;
  Ref<Int> result = TRY(int_allocate(thread, a.size + words + 1));
  mp_limb_t* limbs = limbs_of(result);
  mpn_zero(limbs, words);
  limbs[a.size + words] = 0;
  if (count % 64)
    limbs[a.size + words] =
        mpn_lshift(limbs + words, a.limbs, a.size, static_cast<unsigned>(count % 64));
  else
    mpn_copyi(limbs + words, a.limbs, a.size);
  return int_finish(thread, std::move(result), a.size + words + 1, a.negative);
}

AnyResult int_rshift(Thread& thread, Any left, Any right) {
  int sign = int_sign(right);
  if (sign < 0) return raise<ValueError>(thread, "negative shift count");
  Word count;
  bool huge = !int_to_word(right, count);
  if (is_small(left)) {
    Word number = small_value(left);
    return AnyRef::adopt(small_int(huge || count > 63 ? (number < 0 ? -1 : 0) : number >> count));
  }
  IntView a(left);
  mp_size_t words = huge ? a.size : static_cast<mp_size_t>(count / 64);
  if (words >= a.size) return AnyRef::adopt(small_int(a.negative && a.size ? -1 : 0));
  mp_size_t size = a.size - words;
  Ref<Int> result = TRY(int_allocate(thread, size + 1));
  mp_limb_t* limbs = limbs_of(result);
  bool lost = false;
  if (count % 64)
    lost = mpn_rshift(limbs, a.limbs + words, size, static_cast<unsigned>(count % 64)) != 0;
  else
    mpn_copyi(limbs, a.limbs + words, size);
  limbs[size] = 0;
  if (a.negative) {
    for (mp_size_t i = 0; i < words && !lost; ++i) lost = a.limbs[i] != 0;
    if (lost) limbs[size] = mpn_add_1(limbs, limbs, size, 1);
  }
  return int_finish(thread, std::move(result), size + 1, a.negative);
}

// Reads limb after limb of a number in two's complement.
struct TwosComplement {
  const IntView& view;
  bool negative;
  bool carry = true;
  explicit TwosComplement(const IntView& of) : view(of), negative(of.negative && of.size) {}
  uint64_t next(mp_size_t i) {
    uint64_t limb = i < view.size ? view.limbs[i] : 0;
    if (!negative) return limb;
    limb = ~limb + carry;
    carry = carry && limb == 0;
    return limb;
  }
};

template <class F>
static AnyResult bitwise(Thread& thread, Value left, Value right, F f) {
  if (is_small(left) && is_small(right)) {
    return AnyRef::adopt(small_int(static_cast<Word>(
        f(static_cast<uint64_t>(small_value(left)), static_cast<uint64_t>(small_value(right))))));
  }
  Word first, second;
  if (int_to_word(left, first) && int_to_word(right, second)) {
    return int_from_word(
        thread, static_cast<Word>(f(static_cast<uint64_t>(first), static_cast<uint64_t>(second))));
  }
  IntView a(left), b(right);
  mp_size_t size = (a.size > b.size ? a.size : b.size) + 1;
  Ref<Int> result = TRY(int_allocate(thread, size));
  mp_limb_t* limbs = limbs_of(result);
  TwosComplement x(a), y(b);
  for (mp_size_t i = 0; i < size; ++i) limbs[i] = f(x.next(i), y.next(i));
  bool negative = limbs[size - 1] >> 63;
  if (negative) mpn_neg(limbs, limbs, size);
  return int_finish(thread, std::move(result), size, negative);
}

AnyResult int_and(Thread& thread, Any left, Any right) {
  return bitwise(thread, left, right, [](uint64_t a, uint64_t b) { return a & b; });
}
AnyResult int_or(Thread& thread, Any left, Any right) {
  return bitwise(thread, left, right, [](uint64_t a, uint64_t b) { return a | b; });
}
AnyResult int_xor(Thread& thread, Any left, Any right) {
  return bitwise(thread, left, right, [](uint64_t a, uint64_t b) { return a ^ b; });
}

AnyResult int_negate(Thread& thread, Any value) {
  if (is_small(value)) return int_from_word(thread, -small_value(value));
  IntView view(value);
  return copy_view(thread, view, !view.negative);
}

AnyResult int_invert(Thread& thread, Any value) {
  if (is_small(value)) return AnyRef::adopt(small_int(~small_value(value)));
  AnyRef negated = TRY(int_negate(thread, value));
  return int_subtract(thread, negated, Any(small_int(1)));
}

}  // namespace dx
