// float without its type: text in and out, division, comparison with int, conversion.

#include "objects/float.h"

#include <bit>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstring>

#include "memory/heap.h"
#include "objects/complex.h"
#include "objects/errors.h"
#include "objects/float_internal.h"
#include "objects/hash.h"
#include "objects/int_internal.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

// ---- CharBuffer ---------------------------------------------------------------------------------
bool CharBuffer::reserve(size_t more) {
  if (capacity_ - size_ >= more) return true;
  size_t wanted = size_ + more + size_ / 2;
  char* bigger = static_cast<char*>(malloc(wanted));
  if (bigger == nullptr) return false;
  memcpy(bigger, data_, size_);
  if (data_ != inline_) free(data_);
  data_ = bigger;
  capacity_ = wanted;
  return true;
}
bool CharBuffer::append(std::string_view text) {
  if (!reserve(text.size())) return false;
  memcpy(end(), text.data(), text.size());
  size_ += text.size();
  return true;
}
bool CharBuffer::append(char c, size_t count) {
  if (!reserve(count)) return false;
  memset(end(), c, count);
  size_ += count;
  return true;
}
bool CharBuffer::insert(size_t at, char c) {
  if (!reserve(1)) return false;
  memmove(data_ + at + 1, data_ + at, size_ - at);
  data_[at] = c;
  ++size_;
  return true;
}

// ---- making -------------------------------------------------------------------------------------
AnyResult float_from_double(Thread& thread, double number) {
  Value immediate = float_encode(number);
  if (__builtin_expect(bool(immediate), 1)) return AnyRef::adopt(immediate);
  Object* object =
      allocate_object_uninitialized(thread, sizeof(Float), SHAPE(float), PageKind::leaf);
  if (object == nullptr) return raise_memory_error(thread);
  static_cast<Float*>(object)->value = number;
  return AnyRef::adopt(object);
}

Operand float_operand(Thread& thread, Any object, double& out) {
  if (is_float(object)) {
    out = float_value(object);
    return Operand::ok;
  }
  if (!is_int(object)) return Operand::not_a_number;
  Result<double> number = int_double(thread, object);
  if (number.raised()) return Operand::raised;
  out = number.take();
  return Operand::ok;
}

Result<double> float_convert(Thread& thread, Any object) {
  if (is_float(object)) return float_value(object);
  if (is_exact_int(object)) return int_double(thread, object);
  if (auto function = type_of(object)->slot<SlotId::float_>()) {
    AnyRef number = TRY(function(thread, object));
    if (!is_float(number.value())) {
      return raise<TypeError>(thread, "{}.__float__ returned non-float (type {})",
                              type_name_in(object), type_name_in(number.borrow()));
    }
    return float_value(number.value());
  }
  if (has_index(object)) {
    AnyRef number = TRY(to_index(thread, object));
    return int_double(thread, number.value());
  }
  return raise<TypeError>(thread, "must be real number, not {}", type_name_in(object));
}

// ---- text out -----------------------------------------------------------------------------------
// Rewrites to_chars' exponent ("1e+05", "1e5") as Python prints it: a sign and at least two digits.
static bool finish_exponent(CharBuffer& out, int exponent, bool upper) {
  char text[8];
  int magnitude = exponent < 0 ? -exponent : exponent;
  int length = 0;
  text[length++] = upper ? 'E' : 'e';
  text[length++] = exponent < 0 ? '-' : '+';
  if (magnitude >= 100) text[length++] = static_cast<char>('0' + magnitude / 100);
  text[length++] = static_cast<char>('0' + magnitude / 10 % 10);
  text[length++] = static_cast<char>('0' + magnitude % 10);
  return out.append(std::string_view(text, static_cast<size_t>(length)));
}

// Shortest or rounded decimal digits of a finite, non-negative number, and the power of ten of the
// first one.
struct Digits {
  CharBuffer digits;
  int exponent = 0;
};
static bool scientific(double number, int precision, Digits& out) {
  size_t room = precision < 0 ? 40 : static_cast<size_t>(precision) + 40;
  if (!out.digits.reserve(room)) return false;
  char* first = out.digits.data();
  auto end =
      precision < 0
          ? std::to_chars(first, first + room, number, std::chars_format::scientific)
          : std::to_chars(first, first + room, number, std::chars_format::scientific, precision);
  char* e = static_cast<char*>(memchr(first, 'e', static_cast<size_t>(end.ptr - first)));
  out.exponent = 0;
  for (char* at = e + 2; at < end.ptr; ++at) out.exponent = out.exponent * 10 + (*at - '0');
  if (e[1] == '-') out.exponent = -out.exponent;
  size_t count = static_cast<size_t>(e - first);
  if (count > 1) {  // drop the point
    memmove(first + 1, first + 2, count - 2);
    --count;
  }
  out.digits.set_size(count);
  return true;
}

// The digits with the point where the exponent puts it, or with an exponent.
static bool lay_out(const Digits& number, bool with_exponent, unsigned flags, CharBuffer& out) {
  std::string_view digits = number.digits.text();
  bool ok = true;
  if (with_exponent) {
    ok = ok && out.append(digits.substr(0, 1));
    if (digits.size() > 1 || (flags & kFloatAlternate)) ok = ok && out.append('.');
    return ok && out.append(digits.substr(1)) &&
           finish_exponent(out, number.exponent, flags & kFloatUpper);
  }
  if (number.exponent < 0) {
    return out.append("0.") && out.append('0', static_cast<size_t>(-number.exponent - 1)) &&
           out.append(digits);
  }
  size_t whole = static_cast<size_t>(number.exponent) + 1;
  if (digits.size() <= whole) {
    ok = ok && out.append(digits) && out.append('0', whole - digits.size());
    if (flags & kFloatDotZero)
      ok = ok && out.append(".0");
    else if (flags & kFloatAlternate)
      ok = ok && out.append('.');
    return ok;
  }
  return out.append(digits.substr(0, whole)) && out.append('.') && out.append(digits.substr(whole));
}

bool float_scaled(double number, int precision, uint64_t& out) {
  static constexpr uint64_t kTens[] = {1,
                                       10,
                                       100,
                                       1000,
                                       10000,
                                       100000,
                                       1000000,
                                       10000000,
                                       100000000,
                                       1000000000,
                                       10000000000,
                                       100000000000,
                                       1000000000000,
                                       10000000000000,
                                       100000000000000,
                                       1000000000000000};
  if (precision < 0 || precision > 15) return false;
  uint64_t bits = std::bit_cast<uint64_t>(number);
  int exponent = static_cast<int>(bits >> 52) - 1075;
  if (exponent < -1074 || exponent >= 0)
    return false;  // zero, denormal, or an integer of 53 bits and more
  uint64_t mantissa = (bits & ((uint64_t{1} << 52) - 1)) | uint64_t{1} << 52;
  unsigned __int128 product = static_cast<unsigned __int128>(mantissa) * kTens[precision];
  int shift = -exponent;
  if (shift > 120) {  // less than half of the last place
    out = 0;
    return true;
  }
  unsigned __int128 one = 1, rest = product & ((one << shift) - 1), half = one << (shift - 1);
  product >>= shift;
  if (rest > half || (rest == half && (product & 1))) ++product;
  if (product >> 63) return false;
  out = static_cast<uint64_t>(product);
  return true;
}

bool float_text(double number, char type, int precision, unsigned flags, CharBuffer& out) {
  bool upper = flags & kFloatUpper;
  if (std::isnan(number)) return out.append(upper ? "NAN" : "nan");
  bool negative = std::signbit(number);
  size_t sign_at = out.size();
  if (negative && !out.append('-')) return false;
  if (std::isinf(number)) return out.append(upper ? "INF" : "inf");
  number = std::fabs(number);
  bool ok = true;
  if (type == 'f') {
    size_t room = static_cast<size_t>(precision) + 320;
    uint64_t scaled;
    if (precision > 0 && float_scaled(number, precision, scaled)) {
      char digits[24];
      size_t count =
          static_cast<size_t>(std::to_chars(digits, digits + sizeof(digits), scaled).ptr - digits);
      size_t behind = static_cast<size_t>(precision);
      ok = count > behind ? out.append(std::string_view(digits, count - behind)) : out.append('0');
      ok = ok && out.append('.');
      if (count < behind) ok = ok && out.append('0', behind - count);
      ok = ok && out.append(std::string_view(digits + (count > behind ? count - behind : 0),
                                             count < behind ? count : behind));
    } else {
      if (!out.reserve(room)) return false;
      auto end =
          std::to_chars(out.end(), out.end() + room, number, std::chars_format::fixed, precision);
      out.set_size(static_cast<size_t>(end.ptr - out.data()));
    }
    if (precision == 0 && (flags & kFloatAlternate)) ok = out.append('.');
  } else {
    Digits digits;
    if (type == 'g' && precision == 0) precision = 1;
    if (!scientific(number, type == 'r' ? -1 : type == 'e' ? precision : precision - 1, digits))
      return false;
    if (type == 'e') {
      ok = lay_out(digits, true, flags, out);
    } else {
      int limit = type == 'r' ? 16 : precision - (flags & kFloatDotZero ? 1 : 0);  // room for ".0"
      bool with_exponent = digits.exponent < -4 || digits.exponent >= limit;
      if (type == 'g' && !(flags & kFloatAlternate)) {
        size_t size = digits.digits.size();
        while (size > 1 && digits.digits.data()[size - 1] == '0') --size;
        digits.digits.set_size(size);
      }
      ok = lay_out(digits, with_exponent, flags, out);
    }
  }
  if (ok && negative && (flags & kFloatNoNegativeZero)) {
    std::string_view text = out.text().substr(sign_at + 1);
    bool zero = true;
    for (char c : text) {
      if (c == 'e' || c == 'E') break;
      if (c >= '1' && c <= '9') zero = false;
    }
    if (zero) {
      memmove(out.data() + sign_at, out.data() + sign_at + 1, text.size());
      out.set_size(out.size() - 1);
    }
  }
  return ok;
}

Result<Ref<Str>> float_repr(Thread& thread, double number) {
  // Shortest and without exponent, as long as every integer is its own shortest text.
  if (double magnitude = std::fabs(number); magnitude >= 1e-4 && magnitude < 9007199254740992.0) {
    char buffer[48];
    char* end =
        std::to_chars(buffer, buffer + sizeof(buffer) - 2, number, std::chars_format::fixed).ptr;
    if (!memchr(buffer, '.', static_cast<size_t>(end - buffer))) {
      *end++ = '.';
      *end++ = '0';
    }
    return str_from_ascii(thread, std::string_view(buffer, static_cast<size_t>(end - buffer)));
  }
  CharBuffer text;
  if (!float_text(number, 'r', 0, kFloatDotZero, text)) return raise_memory_error(thread);
  return str_from_ascii(thread, text.text());
}

// ---- text in ------------------------------------------------------------------------------------
static bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

static locale_t c_locale() {
  static locale_t made = newlocale(LC_ALL_MASK, "C", nullptr);
  return made;
}

bool float_scan(std::string_view text, double& out) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  if (equals_lower(text, "inf") || equals_lower(text, "infinity")) {
    out = negative ? -HUGE_VAL : HUGE_VAL;
    return true;
  }
  if (equals_lower(text, "nan")) {
    out = negative ? -std::nan("") : std::nan("");
    return true;
  }
  if (text[0] != '.' && (text[0] < '0' || text[0] > '9')) return false;
  double number = 0;
  auto end =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::general);
  if (end.ptr != text.data() + text.size() || end.ec == std::errc::invalid_argument) return false;
  if (end.ec == std::errc::result_out_of_range) {
    // Too large or too small, and from_chars does not say which.
    CharBuffer copy;
    if (!copy.append(text) || !copy.append('\0')) return false;
    number = strtod_l(copy.data(), nullptr, c_locale());
  }
  out = negative ? -number : number;
  return true;
}

bool float_clean(std::string_view text, CharBuffer& out, bool& no_memory) {
  auto space = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  no_memory = !out.reserve(text.size());
  if (no_memory) return false;
  char previous = 0;
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (char c : text) {
    if (c == '_') {
      if (!digit(previous)) return false;
    } else {
      if (previous == '_' && !digit(c)) return false;
      (void)out.append(c);  // reserved above
    }
    previous = c;
  }
  return previous != '_';
}

Result<double> float_parse(Thread& thread, std::string_view text) {
  CharBuffer clean;
  bool no_memory = false;
  double number;
  if (float_clean(text, clean, no_memory) && float_scan(clean.text(), number)) return number;
  if (no_memory) return raise_memory_error(thread);
  Ref<Str> shown = TRY(str_from_filesystem(thread, text));
  return raise<ValueError>(thread, "could not convert string to float: {}", repr_of(shown));
}

// ---- arithmetic ---------------------------------------------------------------------------------
double float_remainder(double left, double right) {
  double remainder = std::fmod(left, right);
  if (remainder != 0) {
    if ((right < 0) != (remainder < 0)) remainder += right;
    return remainder;
  }
  return std::copysign(0.0, right);
}

double float_floor_divide(double left, double right) {
  double remainder = std::fmod(left, right);
  double quotient = (left - remainder) / right;
  if (remainder != 0 && (right < 0) != (remainder < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, left / right);
  double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

AnyResult float_power(Thread& thread, double base, double exponent) {
  if (exponent == 0) return float_from_double(thread, 1);
  if (std::isnan(base)) return float_from_double(thread, base);
  if (std::isnan(exponent)) return float_from_double(thread, base == 1 ? 1 : exponent);
  if (std::isinf(exponent)) {
    double magnitude = std::fabs(base);
    if (magnitude == 1) return float_from_double(thread, 1);
    return float_from_double(thread, (exponent > 0) == (magnitude > 1) ? HUGE_VAL : 0.0);
  }
  bool odd = std::fmod(std::fabs(exponent), 2) == 1;
  if (std::isinf(base)) {
    if (exponent > 0) return float_from_double(thread, odd ? base : std::fabs(base));
    return float_from_double(thread, odd ? std::copysign(0.0, base) : 0.0);
  }
  if (base == 0) {
    if (exponent < 0) return raise<ZeroDivisionError>(thread, "zero to a negative power");
    return float_from_double(thread, odd ? base : 0.0);
  }
  bool negate = false;
  if (base < 0) {
    if (exponent != std::floor(exponent)) return complex_power(thread, {base, 0}, {exponent, 0});
    base = -base;
    negate = odd;
  }
  if (base == 1) return float_from_double(thread, negate ? -1.0 : 1.0);
  double result = std::pow(base, exponent);
  if (std::isinf(result)) return raise_range_error(thread);
  return float_from_double(thread, negate ? -result : result);
}

Raised raise_range_error(Thread& thread) {
  Ref<Str> text = TRY(str_from_ascii(thread, "Numerical result out of range"));
  Ref<Tuple> arguments = TRY(tuple_of(thread, {small_int(34), text.value()}));  // ERANGE
  return raise_value(thread, EXCEPTION(OverflowError), arguments);
}

// ---- hash, comparison ---------------------------------------------------------------------------
uint64_t float_hash(double number, Value identity) {
  if (std::isnan(number)) return hash_pointer(identity.is_object() ? identity.object() : nullptr);
  return hash_double(number);
}

int float_compare_int(double number, Value integer) {
  Word word;  // an int of a subclass may be small without being an immediate
  if (int_to_word(integer, word) && word > -(Word{1} << 53) && word < (Word{1} << 53)) {
    double exact = static_cast<double>(word);
    return number < exact ? -1 : number > exact;
  }
  if (std::isinf(number)) return number > 0 ? 1 : -1;
  int sign = int_sign(integer);
  int number_sign = number > 0 ? 1 : number < 0 ? -1 : 0;
  if (number_sign != sign) return number_sign < sign ? -1 : 1;
  // Same sign, and the int has more than 53 bits: compare magnitudes by their length, then by the
  // leading 53 bits.
  int exponent;
  double mantissa = std::frexp(std::fabs(number), &exponent);
  Word bits = int_bit_length(integer);
  int order;
  if (exponent != bits) {
    order = exponent < bits ? -1 : 1;
  } else {
    uint64_t leading = static_cast<uint64_t>(std::ldexp(mantissa, 53));
    IntView view(integer);
    Word shift = bits - 53;
    mp_size_t word = shift / 64;
    unsigned bit = static_cast<unsigned>(shift % 64);
    uint64_t top = view.limbs[word] >> bit;
    if (bit && word + 1 < view.size) top |= view.limbs[word + 1] << (64 - bit);
    if (leading != top) {
      order = leading < top ? -1 : 1;
    } else {
      bool rest = (view.limbs[word] & ((uint64_t{1} << bit) - 1)) != 0;
      for (mp_size_t i = 0; i < word && !rest; ++i) rest = view.limbs[i] != 0;
      order = rest ? -1 : 0;
    }
  }
  return sign < 0 ? -order : order;
}

}  // namespace dx
