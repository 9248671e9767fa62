// timedelta: durations in exact microseconds.
//
// Sums work on the three fields. Products and quotients work on the number of microseconds, which
// needs 77 bits: an __int128, and Python's ints where an intermediate does not fit that.

#include <cmath>
#include <cstdio>
#include <cstring>

#include "modules/datetime/datetime.h"
#include "objects/float.h"
#include "objects/hash.h"

namespace dx {

TypeHandle timedelta_type;

namespace {

using Micros = __int128;

constexpr Word kMaxDays = 999999999;

// ---- microseconds -------------------------------------------------------------------------------

Micros micros_of(const TimeDelta* self) {
  return static_cast<Micros>(self->days * kSecondsPerDay + self->seconds) * kMicrosPerSecond +
         self->microseconds;
}
int bit_length(Micros number) {
  unsigned __int128 magnitude =
      number < 0 ? -static_cast<unsigned __int128>(number) : static_cast<unsigned __int128>(number);
  uint64_t high = static_cast<uint64_t>(magnitude >> 64), low = static_cast<uint64_t>(magnitude);
  return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
}
// False: the product needs more than 126 bits, or nearly.
bool multiply(Micros a, Micros b, Micros& product) {
  if (bit_length(a) + bit_length(b) > 126) return false;
  product = a * b;
  return true;
}
bool fits_word(Micros number) { return number == static_cast<Word>(number); }

// An int whose magnitude is below 2**126; false: it is larger.
Result<bool> int_micros(Thread& thread, Value value, Micros& out) {
  Word word;
  if (int_to_word(value, word)) {
    out = word;
    return true;
  }
  if (int_bit_length(value) > 126) return false;
  uint8_t bytes[16];
  TRY(int_to_bytes(thread, value, bytes, sizeof(bytes), true, true));
  std::memcpy(&out, bytes, sizeof(out));
  return true;
}
AnyResult int_from_micros(Thread& thread, Micros number) {
  if (fits_word(number)) return int_from_word(thread, static_cast<Word>(number));
  uint8_t bytes[16];
  std::memcpy(bytes, &number, sizeof(bytes));
  return int_from_bytes(thread, bytes, sizeof(bytes), true, true);
}

Micros floor_quotient(Micros a, Micros b) {
  Micros quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}
// To the nearest, halves to the even one. Requires: b != 0, |a| and |b| below 2**126.
Micros nearest_quotient(Micros a, Micros b) {
  if (b < 0) {
    a = -a;
    b = -b;
  }
  Micros quotient = floor_quotient(a, b);
  Micros twice = 2 * (a - quotient * b);
  return twice > b || (twice == b && (quotient & 1)) ? quotient + 1 : quotient;
}

Raised raise_too_large(Thread& thread) {
  return raise<OverflowError>(thread, "Python int too large to convert to C int");
}

// ---- construction -------------------------------------------------------------------------------

Result<Ref<TimeDelta>> create_of(Thread& thread, Borrowed<Type> type, Word days, Word seconds,
                                 Word microseconds) {
  carry(seconds, microseconds, kMicrosPerSecond);
  carry(days, seconds, kSecondsPerDay);
  if (__builtin_expect(days > kMaxDays || days < -kMaxDays, 0)) {
    if (days != static_cast<int32_t>(days)) return raise_too_large(thread);
    return raise<OverflowError>(thread, "days={}; must have magnitude <= {}", days, kMaxDays);
  }
  TimeDelta* self;
  if (type.get() == timedelta_type.type) {
    self = allocate_native<TimeDelta>(thread, timedelta_type, PageKind::leaf);
    if (!self) return raise_memory_error(thread);
    self->hash_cache.store(0, std::memory_order_relaxed);
  } else {
    self = static_cast<TimeDelta*>(TRY(allocate_instance(thread, type)).release().object());
  }
  self->days = static_cast<int32_t>(days);
  self->seconds = static_cast<int32_t>(seconds);
  self->microseconds = static_cast<int32_t>(microseconds);
  return Ref<TimeDelta>::adopt(self);
}

Result<Ref<TimeDelta>> create_from_micros(Thread& thread, Borrowed<Type> type, Micros micros) {
  if (fits_word(micros)) return create_of(thread, type, 0, 0, static_cast<Word>(micros));
  Micros days = floor_quotient(micros, kMicrosPerDay);
  if (days != static_cast<int32_t>(days)) return raise_too_large(thread);
  return create_of(thread, type, static_cast<Word>(days), 0,
                   static_cast<Word>(micros - days * kMicrosPerDay));
}
Result<Ref<TimeDelta>> create_from_micros(Thread& thread, Micros micros) {
  return create_from_micros(thread, timedelta_type.type, micros);
}
Result<Ref<TimeDelta>> create_from_int(Thread& thread, Any number) {
  Micros micros;
  if (!TRY(int_micros(thread, number, micros))) return raise_too_large(thread);
  return create_from_micros(thread, micros);
}

// The components of a constructor call, smallest first: the order in which fractions add up is
// part of the result.
struct Component {
  const char* name;
  size_t parameter;  // its place in the signature
  Word micros;
};
constexpr Component components[] = {
    {"microseconds", 2, 1},
    {"milliseconds", 3, 1000},
    {"seconds", 1, kMicrosPerSecond},
    {"minutes", 4, 60 * kMicrosPerSecond},
    {"hours", 5, 3600 * kMicrosPerSecond},
    {"days", 0, kMicrosPerDay},
    {"weeks", 6, 7 * kMicrosPerDay},
};

// A sum of microseconds. Numbers too large for `near` go to `far`, an int of any size: they may
// cancel.
class MicrosSum {
 public:
  explicit MicrosSum(Thread& thread) : thread_(thread), far_(AnyRef::adopt(small_int(0))) {}

  Result<void> add_int(Value number, Word unit) {
    Word word;
    if (int_to_word(number, word)) {
      near_ += static_cast<Micros>(word) * unit;
      return {};
    }
    AnyRef product = TRY(int_multiply(thread_, number, small_int(unit)));
    far_ = TRY(int_add(thread_, far_, product));
    return {};
  }
  // The whole part is exact; what a fraction of the unit leaves below a microsecond is kept as a
  // float until the end.
  Result<void> add_double(double number, Word unit) {
    double whole, fraction = std::modf(number, &whole);
    AnyRef exact = TRY(int_from_double(thread_, whole));
    TRY(add_int(exact.value(), unit));
    if (fraction == 0) return {};
    double part, rest = std::modf(static_cast<double>(unit) * fraction, &part);
    near_ += static_cast<Word>(part);
    fraction_ += rest;
    return {};
  }
  Result<Ref<TimeDelta>> finish(Borrowed<Type> type) {
    Micros sum = near_;
    if (far_.value() != small_int(0)) {
      AnyRef near = TRY(int_from_micros(thread_, near_));
      AnyRef total = TRY(int_add(thread_, far_, near));
      if (!TRY(int_micros(thread_, total.value(), sum))) return raise_too_large(thread_);
    }
    if (fraction_ != 0) {
      double whole = std::round(fraction_);
      if (std::fabs(whole - fraction_) == 0.5) {  // a tie goes to the even sum
        int odd = static_cast<int>(sum & 1);
        whole = 2.0 * std::round((fraction_ + odd) * 0.5) - odd;
      }
      sum += static_cast<Word>(whole);
    }
    return create_from_micros(thread_, type, sum);
  }

 private:
  Thread& thread_;
  Micros near_ = 0;
  AnyRef far_;
  double fraction_ = 0;
};

AnyResult timedelta_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"days",    "seconds", "microseconds", "milliseconds",
                                      "minutes", "hours",   "weeks"};
  constexpr Word kSmall = Word{1} << 40;  // so that no sum below overflows
  Value given[7];
  if (!bind_fields(thread, {names, 7, 0, 0, "__new__"}, arguments, given)) return Raised{};
  Word small[7];
  bool all_small = true;
  for (size_t i = 0; i < 7; ++i) {
    small[i] = 0;
    if (!given[i]) continue;
    if (given[i].is_int()) small[i] = small_int_value(given[i]);
    all_small &= given[i].is_int() && small[i] < kSmall && small[i] > -kSmall;
  }
  if (all_small) {
    return create_of(thread, type, small[0] + 7 * small[6],
                     small[1] + 60 * small[4] + 3600 * small[5], small[2] + 1000 * small[3]);
  }
  MicrosSum sum(thread);
  for (const Component& component : components) {
    Value number = given[component.parameter];
    if (!number) continue;
    if (is_int(number)) {
      TRY(sum.add_int(number, component.micros));
    } else if (is_float(number)) {
      TRY(sum.add_double(float_value(number), component.micros));
    } else {
      return raise<TypeError>(thread, "unsupported type for timedelta {} component: {}",
                              component.name, type_name_in(number));
    }
  }
  return sum.finish(type);
}

}  // namespace

Result<Ref<TimeDelta>> timedelta_create(Thread& thread, Word days, Word seconds,
                                        Word microseconds) {
  return create_of(thread, timedelta_type.type, days, seconds, microseconds);
}
int timedelta_compare(const TimeDelta* left, const TimeDelta* right) {
  if (left->days != right->days) return left->days < right->days ? -1 : 1;
  if (left->seconds != right->seconds) return left->seconds < right->seconds ? -1 : 1;
  return left->microseconds < right->microseconds ? -1 : left->microseconds > right->microseconds;
}
Result<Word> timedelta_hash(Thread& thread, Borrowed<TimeDelta> self) {
  return cached_hash(self.get(), [&]() -> Result<Word> {
    Ref<Tuple> fields = TRY(tuple_of(
        thread, {small_int(self->days), small_int(self->seconds), small_int(self->microseconds)}));
    return hash(thread, fields);
  });
}
AnyResult timedelta_total_seconds(Thread& thread, Borrowed<TimeDelta> self) {
  Micros micros = micros_of(self.get());
  constexpr Micros kExact = Micros{1} << 53;
  if (micros <= kExact && micros >= -kExact)
    return AnyRef::adopt(
        double_to_value(thread, static_cast<double>(static_cast<Word>(micros)) / 1e6));
  AnyRef number = TRY(int_from_micros(thread, micros));
  return int_true_divide(thread, number, small_int(kMicrosPerSecond));
}

namespace {

// ---- text ---------------------------------------------------------------------------------------

AnyResult timedelta_repr(Thread& thread, Borrowed<TimeDelta> self) {
  std::string text = type_name(thread, type_of(self));
  text += '(';
  const char* separator = "";
  auto field = [&](const char* name, int32_t number) {
    if (number == 0) return;
    text += separator;
    text += name;
    text += '=';
    text += std::to_string(number);
    separator = ", ";
  };
  field("days", self->days);
  field("seconds", self->seconds);
  field("microseconds", self->microseconds);
  text += *separator ? ")" : "0)";
  return str_from_utf8(thread, text);
}

AnyResult timedelta_str(Thread& thread, Borrowed<TimeDelta> self) {
  char text[64];
  char* end = text;
  if (self->days) {
    bool one = self->days == 1 || self->days == -1;
    end += std::snprintf(text, sizeof(text), "%d day%s, ", self->days, one ? "" : "s");
  }
  end = put_number(end, static_cast<unsigned>(self->seconds / 3600), 1);
  *end++ = ':';
  end = put_number(end, static_cast<unsigned>(self->seconds / 60 % 60), 2);
  *end++ = ':';
  end = put_number(end, static_cast<unsigned>(self->seconds % 60), 2);
  if (self->microseconds) {
    *end++ = '.';
    end = put_number(end, static_cast<unsigned>(self->microseconds), 6);
  }
  return str_from_ascii(thread, std::string_view(text, static_cast<size_t>(end - text)));
}

// ---- comparison, truth --------------------------------------------------------------------------

template <CompareOp op>
AnyResult timedelta_order(Borrowed<TimeDelta> self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  return truth(
      order_holds(timedelta_compare(self.get(), static_cast<TimeDelta*>(other.object())), 0, op));
}
Result<bool> timedelta_bool(Borrowed<TimeDelta> self) {
  return self->days != 0 || self->seconds != 0 || self->microseconds != 0;
}

// ---- arithmetic ---------------------------------------------------------------------------------
// Results are exact timedeltas, whatever the operands' class.

const TimeDelta* delta_in(Any value) { return static_cast<TimeDelta*>(value.object()); }

AnyResult sum_of(Thread& thread, const TimeDelta* left, const TimeDelta* right, int sign) {
  return timedelta_create(thread, left->days + Word{sign} * right->days,
                          left->seconds + sign * right->seconds,
                          left->microseconds + sign * right->microseconds);
}
AnyResult timedelta_add(Thread& thread, Any self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  return sum_of(thread, delta_in(self), delta_in(other), 1);
}
AnyResult timedelta_radd(Thread& thread, Any self, Any other) {
  return timedelta_add(thread, self, other);
}
AnyResult timedelta_sub(Thread& thread, Any self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  return sum_of(thread, delta_in(self), delta_in(other), -1);
}
AnyResult timedelta_rsub(Thread& thread, Any self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  return sum_of(thread, delta_in(other), delta_in(self), -1);
}
AnyResult timedelta_neg(Thread& thread, Borrowed<TimeDelta> self) {
  return timedelta_create(thread, -Word{self->days}, -self->seconds, -self->microseconds);
}
AnyResult timedelta_pos(Thread& thread, Borrowed<TimeDelta> self) {
  return timedelta_create(thread, self->days, self->seconds, self->microseconds);
}
AnyResult timedelta_abs(Thread& thread, Borrowed<TimeDelta> self) {
  return self->days < 0 ? timedelta_neg(thread, self) : timedelta_pos(thread, self);
}

// A finite float as odd * 2**exponent, or 0.
struct Dyadic {
  Word odd;
  int exponent;
};
Result<Dyadic> dyadic_of(Thread& thread, double number) {
  if (std::isinf(number))
    return raise<OverflowError>(thread, "cannot convert Infinity to integer ratio");
  if (std::isnan(number)) return raise<ValueError>(thread, "cannot convert NaN to integer ratio");
  if (number == 0) return Dyadic{0, 0};
  int exponent;
  Word digits = static_cast<Word>(std::ldexp(std::frexp(number, &exponent), 53));
  int zeros = __builtin_ctzll(static_cast<uint64_t>(digits));
  return Dyadic{digits >> zeros, exponent - 53 + zeros};
}

// nearest_quotient for ints of any size: (numerator << up) / (denominator << down). Requires:
// denominator > 0.
AnyResult quotient_slow(Thread& thread, AnyRef numerator, int up, AnyRef denominator, int down) {
  AnyRef a = TRY(int_lshift(thread, numerator, small_int(up)));
  AnyRef b = TRY(int_lshift(thread, denominator, small_int(down)));
  AnyRef quotient = TRY(int_floor_divide(thread, a, b));
  AnyRef rest = TRY(int_remainder(thread, a, b));
  AnyRef twice = TRY(int_lshift(thread, rest, small_int(1)));
  int order = int_compare(twice.value(), b.value());
  if (order > 0 || (order == 0 && (int_u64_mask(quotient.value()) & 1)))
    quotient = TRY(int_add(thread, quotient, small_int(1)));
  return create_from_int(thread, quotient);
}

AnyResult times_float(Thread& thread, Micros micros, double factor) {
  Dyadic dyadic = TRY(dyadic_of(thread, factor));
  if (micros == 0 || dyadic.odd == 0) return create_from_micros(thread, 0);
  int up = dyadic.exponent > 0 ? dyadic.exponent : 0;
  int down = dyadic.exponent < 0 ? -dyadic.exponent : 0;
  if (up > 90) return raise_too_large(thread);
  Micros product;
  if (multiply(micros, dyadic.odd, product)) {
    int bits = bit_length(product);
    if (bits + up <= 126 && down <= 125)
      return create_from_micros(thread,
                                nearest_quotient(product * (Micros{1} << up), Micros{1} << down));
    if (down > bits + 1) return create_from_micros(thread, 0);  // less than a half
  }
  AnyRef exact = TRY(int_from_micros(thread, micros));
  exact = TRY(int_multiply(thread, exact, small_int(dyadic.odd)));
  return quotient_slow(thread, std::move(exact), up, AnyRef::adopt(small_int(1)), down);
}

Raised raise_zero_division(Thread& thread) {
  return raise<ZeroDivisionError>(thread, "division by zero");
}

AnyResult over_float(Thread& thread, Micros micros, double divisor) {
  Dyadic dyadic = TRY(dyadic_of(thread, divisor));
  if (dyadic.odd == 0) return raise_zero_division(thread);
  if (micros == 0) return create_from_micros(thread, 0);
  int up = dyadic.exponent < 0 ? -dyadic.exponent : 0;
  int down = dyadic.exponent > 0 ? dyadic.exponent : 0;
  int bits = bit_length(micros), divisor_bits = bit_length(dyadic.odd);
  if (divisor_bits + down > bits + up + 2)
    return create_from_micros(thread, 0);  // less than a half
  if (bits + up - divisor_bits > 100) return raise_too_large(thread);
  if (bits + up <= 126)
    return create_from_micros(
        thread, nearest_quotient(micros * (Micros{1} << up),
                                 static_cast<Micros>(dyadic.odd) * (Micros{1} << down)));
  bool negative = dyadic.odd < 0;
  AnyRef numerator = TRY(int_from_micros(thread, negative ? -micros : micros));
  return quotient_slow(thread, std::move(numerator), up,
                       AnyRef::adopt(small_int(negative ? -dyadic.odd : dyadic.odd)), down);
}

// Times or over an instance of a subclass of float, whose as_integer_ratio() may be its own.
AnyResult scaled_by_ratio(Thread& thread, Micros micros, Any number, bool divide) {
  AnyRef ratio = TRY(call_method(thread, number, NAME("as_integer_ratio"), {}));
  if (!is_tuple(ratio.value())) {
    return raise<TypeError>(
        thread, "unexpected return type from as_integer_ratio(): expected tuple, not '{}'",
        type_name_in(ratio));
  }
  auto* pair = static_cast<Tuple*>(ratio.get());
  if (pair->size != 2) return raise<ValueError>(thread, "as_integer_ratio() must return a 2-tuple");
  for (Word i = 0; i < 2; ++i) {
    if (is_int(pair->item(i))) continue;
    return raise<TypeError>(thread, "'{}' object cannot be interpreted as an integer",
                            type_name_in(pair->item(i)));
  }
  AnyRef numerator = TRY(int_from_micros(thread, micros));
  numerator = TRY(int_multiply(thread, numerator, pair->item(divide ? 1 : 0)));
  AnyRef denominator = share(thread, pair->item(divide ? 0 : 1));
  int sign = int_sign(denominator.value());
  if (sign == 0) return raise_zero_division(thread);
  if (sign < 0) {
    numerator = TRY(int_negate(thread, numerator));
    denominator = TRY(int_negate(thread, denominator));
  }
  return quotient_slow(thread, std::move(numerator), 0, std::move(denominator), 0);
}

AnyResult timedelta_mul(Thread& thread, Any self, Any other) {
  Micros micros = micros_of(delta_in(self));
  if (is_int(other)) {
    Micros factor, product;
    if (micros == 0) return create_from_micros(thread, 0);
    if (!TRY(int_micros(thread, other, factor)) || !multiply(micros, factor, product))
      return raise_too_large(thread);
    return create_from_micros(thread, product);
  }
  if (is_exact_float(other)) return times_float(thread, micros, float_value(other));
  if (is_float(other)) return scaled_by_ratio(thread, micros, other, false);
  return not_implemented();
}
AnyResult timedelta_rmul(Thread& thread, Any self, Any other) {
  return timedelta_mul(thread, self, other);
}

// The quotient of two durations, floored.
AnyResult whole_quotient(Thread& thread, Micros left, Micros right) {
  if (right == 0) return raise_zero_division(thread);
  if (fits_word(left) && fits_word(right) && right > 0)
    return int_from_word(thread, floor_divide(static_cast<Word>(left), static_cast<Word>(right)));
  return int_from_micros(thread, floor_quotient(left, right));
}
AnyResult true_quotient(Thread& thread, Micros left, Micros right) {
  if (right == 0) return raise_zero_division(thread);
  constexpr Micros kExact = Micros{1} << 53;
  if (left <= kExact && left >= -kExact && right <= kExact && right >= -kExact)
    return AnyRef::adopt(
        double_to_value(thread, static_cast<double>(static_cast<Word>(left)) /
                                    static_cast<double>(static_cast<Word>(right))));
  AnyRef a = TRY(int_from_micros(thread, left)), b = TRY(int_from_micros(thread, right));
  return int_true_divide(thread, a, b);
}
AnyResult rest_of(Thread& thread, Micros left, Micros right) {
  if (right == 0) return raise_zero_division(thread);
  if (fits_word(left) && fits_word(right) && right > 0) {
    Word rest = static_cast<Word>(left) % static_cast<Word>(right);
    return timedelta_create(thread, 0, 0, rest < 0 ? rest + static_cast<Word>(right) : rest);
  }
  return create_from_micros(thread, left - floor_quotient(left, right) * right);
}

AnyResult timedelta_floordiv(Thread& thread, Any self, Any other) {
  Micros micros = micros_of(delta_in(self));
  if (is_timedelta(other)) return whole_quotient(thread, micros, micros_of(delta_in(other)));
  if (!is_int(other)) return not_implemented();
  Micros divisor;
  if (!TRY(int_micros(thread, other, divisor))) {  // larger than any duration
    bool below = micros != 0 && (micros < 0) != (int_sign(other) < 0);
    return create_from_micros(thread, below ? -1 : 0);
  }
  if (divisor == 0) return raise_zero_division(thread);
  return create_from_micros(thread, floor_quotient(micros, divisor));
}
AnyResult timedelta_truediv(Thread& thread, Any self, Any other) {
  Micros micros = micros_of(delta_in(self));
  if (is_timedelta(other)) return true_quotient(thread, micros, micros_of(delta_in(other)));
  if (is_exact_float(other)) return over_float(thread, micros, float_value(other));
  if (is_float(other)) return scaled_by_ratio(thread, micros, other, true);
  if (!is_int(other)) return not_implemented();
  Micros divisor;
  if (!TRY(int_micros(thread, other, divisor))) return create_from_micros(thread, 0);
  if (divisor == 0) return raise_zero_division(thread);
  return create_from_micros(thread, nearest_quotient(micros, divisor));
}
AnyResult timedelta_mod(Thread& thread, Any self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  return rest_of(thread, micros_of(delta_in(self)), micros_of(delta_in(other)));
}
AnyResult timedelta_divmod(Thread& thread, Any self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  Micros left = micros_of(delta_in(self)), right = micros_of(delta_in(other));
  AnyRef quotient = TRY(whole_quotient(thread, left, right));
  AnyRef rest = TRY(rest_of(thread, left, right));
  return tuple_of(thread, {quotient.value(), rest.value()});
}
// The reflected forms: only another timedelta divides into one.
template <AnyResult (*operation)(Thread&, Any, Any)>
AnyResult reflected(Thread& thread, Any self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  return operation(thread, other, self);
}

// ---- the rest -----------------------------------------------------------------------------------

AnyResult timedelta_reduce(Thread& thread, Borrowed<TimeDelta> self) {
  Ref<Tuple> fields = TRY(tuple_of(
      thread, {small_int(self->days), small_int(self->seconds), small_int(self->microseconds)}));
  return tuple_of(thread, {type_object(thread, self).value(), fields.value()});
}
Value timedelta_days(Borrowed<TimeDelta> self) { return small_int(self->days); }
Value timedelta_seconds(Borrowed<TimeDelta> self) { return small_int(self->seconds); }
Value timedelta_microseconds(Borrowed<TimeDelta> self) { return small_int(self->microseconds); }

const SlotEntry timedelta_slots[] = {
    slot<SlotId::new_, timedelta_new>(),
    slot<SlotId::repr, timedelta_repr>(),
    slot<SlotId::str, timedelta_str>(),
    slot<SlotId::hash, timedelta_hash>(),
    slot<SlotId::lt, timedelta_order<CompareOp::lt>>(),
    slot<SlotId::le, timedelta_order<CompareOp::le>>(),
    slot<SlotId::eq, timedelta_order<CompareOp::eq>>(),
    slot<SlotId::ne, timedelta_order<CompareOp::ne>>(),
    slot<SlotId::gt, timedelta_order<CompareOp::gt>>(),
    slot<SlotId::ge, timedelta_order<CompareOp::ge>>(),
    slot<SlotId::bool_, timedelta_bool>(),
    slot<SlotId::add, timedelta_add>(),
    slot<SlotId::radd, timedelta_radd>(),
    slot<SlotId::sub, timedelta_sub>(),
    slot<SlotId::rsub, timedelta_rsub>(),
    slot<SlotId::mul, timedelta_mul>(),
    slot<SlotId::rmul, timedelta_rmul>(),
    slot<SlotId::truediv, timedelta_truediv>(),
    slot<SlotId::rtruediv, reflected<timedelta_truediv>>(),
    slot<SlotId::floordiv, timedelta_floordiv>(),
    slot<SlotId::rfloordiv, reflected<timedelta_floordiv>>(),
    slot<SlotId::mod, timedelta_mod>(),
    slot<SlotId::rmod, reflected<timedelta_mod>>(),
    slot<SlotId::divmod, timedelta_divmod>(),
    slot<SlotId::rdivmod, reflected<timedelta_divmod>>(),
    slot<SlotId::neg, timedelta_neg>(),
    slot<SlotId::pos, timedelta_pos>(),
    slot<SlotId::abs, timedelta_abs>(),
};
constexpr Method timedelta_methods[] = {
    method<timedelta_total_seconds>("total_seconds()", "Total seconds in the duration."),
    method<timedelta_reduce>("__reduce__()", "__reduce__() -> (cls, state)"),
};
const GetSet timedelta_getsets[] = {
    getter<timedelta_days>("days", "Number of days."),
    getter<timedelta_seconds>("seconds", "Number of seconds (>= 0 and less than 1 day)."),
    getter<timedelta_microseconds>("microseconds",
                                   "Number of microseconds (>= 0 and less than 1 second)."),
};

}  // namespace

const Layout timedelta_layout{"timedelta", sizeof(TimeDelta), false, nullptr, nullptr};
const TypeSpec timedelta_spec{
    .name = "datetime.timedelta",
    .doc =
        "Difference between two datetime values.\n\n"
        "timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, "
        "weeks=0)\n\n"
        "All arguments are optional and default to 0.\n"
        "Arguments may be integers or floats, and may be positive or negative.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &timedelta_layout,
    .slots = timedelta_slots,
    .methods = timedelta_methods,
    .getsets = timedelta_getsets,
};

}  // namespace dx
