// int to text and back. Both directions are sub-quadratic (GMP's mpn_get_str and mpn_set_str);
// decimal texts beyond int_max_str_digits are refused first, as in CPython, because even so a long
// one can stall a server.

#include <atomic>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>

#include "objects/errors.h"
#include "objects/int_internal.h"
#include "objects/str.h"

namespace dx {

std::atomic<Word> int_max_str_digits{kDefaultMaxStrDigits};

// ---- parsing ------------------------------------------------------------------------------------
static int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}
static bool is_space(char c) { return c == ' ' || (c >= 9 && c <= 13); }

static AnyResult parse_digits(Thread& thread, const uint8_t* digits, size_t count, int base,
                              bool negative) {
  while (count > 0 && *digits == 0) ++digits, --count;
  if (count == 0) return AnyRef::adopt(small_int(0));
  mp_size_t room = static_cast<mp_size_t>(static_cast<double>(count) * std::log2(base) / 64) + 2;
  Ref<Int> number = TRY(int_allocate(thread, room));
  if (!scratch_available(static_cast<size_t>(room) * 4)) return raise_memory_error(thread);
  mp_size_t size = mpn_set_str(limbs_of(number), digits, count, base);
  return int_finish(thread, std::move(number), size, negative);
}

AnyLookup int_parse_lookup(Thread& thread, std::string_view text, int base) {
  const char *at = text.data(), *end = at + text.size();
  while (at < end && is_space(*at)) ++at;
  while (at < end && is_space(end[-1])) --end;
  bool negative = false;
  if (at < end && (*at == '+' || *at == '-')) negative = *at++ == '-';
  bool must_be_zero = false;
  bool prefix = false;
  if (end - at >= 2 && *at == '0') {
    char c = static_cast<char>(at[1] | 0x20);
    int named = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
    if (named != 0 && (base == 0 || base == named)) {
      base = named;
      at += 2;
      prefix = true;
    }
  }
  if (base == 0) {
    base = 10;
    must_be_zero = at < end && *at == '0';  // 012 is an error, 00 is not
  }
  if (prefix && at < end && *at == '_') ++at;
  if (at >= end) return AnyLookup::absent();
  size_t length = static_cast<size_t>(end - at);
  if (length <= 11) {  // 36**11 fits an immediate
    uint64_t number = 0;
    bool after_digit = false;
    for (; at < end; ++at) {
      if (*at == '_' && after_digit) {
        after_digit = false;
        continue;
      }
      int digit = digit_value(*at);
      if (digit >= base) return AnyLookup::absent();
      number = number * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
      after_digit = true;
    }
    if (!after_digit || (must_be_zero && number != 0)) return AnyLookup::absent();
    Word signed_number = static_cast<Word>(number);
    return AnyRef::adopt(small_int(negative ? -signed_number : signed_number));
  }
  std::unique_ptr<uint8_t, void (*)(void*)> digits(static_cast<uint8_t*>(malloc(length)), free);
  if (!digits) return raise_memory_error(thread);
  size_t count = 0;
  bool after_digit = false, nonzero = false;
  for (; at < end; ++at) {
    if (*at == '_' && after_digit) {
      after_digit = false;
      continue;
    }
    int digit = digit_value(*at);
    if (digit >= base) return AnyLookup::absent();
    digits.get()[count++] = static_cast<uint8_t>(digit);
    nonzero |= digit != 0;
    after_digit = true;
  }
  if (!after_digit || (must_be_zero && nonzero)) return AnyLookup::absent();
  Word limit = int_max_str_digits.load(std::memory_order_relaxed);
  if ((base & (base - 1)) != 0 && limit > 0 && static_cast<Word>(count) > limit) {
    return raise<ValueError>(
        thread,
        "Exceeds the limit ({} digits) for integer string conversion: value has {} digits; use "
        "sys.set_int_max_str_digits() to increase the limit",
        limit, count);
  }
  return TRY(parse_digits(thread, digits.get(), count, base, negative));
}

AnyResult int_parse(Thread& thread, std::string_view text, int base) {
  AnyLookup found = int_parse_lookup(thread, text, base);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  Ref<Str> shown = TRY(str_from_utf8(thread, text));
  return raise<ValueError>(thread, "invalid literal for int() with base {}: {}", base,
                           repr_of(shown));
}

// ---- printing -----------------------------------------------------------------------------------
static Raised too_long(Thread& thread, Word limit) {
  return raise<ValueError>(thread,
                           "Exceeds the limit ({} digits) for integer string conversion; use "
                           "sys.set_int_max_str_digits() to increase the limit",
                           limit);
}

Result<Ref<Str>> int_to_str(Thread& thread, Value value, int base) {
  static const char symbols[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  IntView view(value);
  if (view.size <= 1) {
    char buffer[66];
    buffer[0] = '-';
    const bool negative = view.negative && view.size;
    auto end = std::to_chars(buffer + negative, buffer + sizeof(buffer),
                             view.size ? view.limbs[0] : 0, base);
    return str_from_ascii(thread, std::string_view(buffer, static_cast<size_t>(end.ptr - buffer)));
  }
  Word limit = base == 10 ? int_max_str_digits.load(std::memory_order_relaxed) : 0;
  double digits = static_cast<double>(view.size) * 64 / std::log2(base);
  if (limit > 0 && digits - 20 > static_cast<double>(limit)) return too_long(thread, limit);
  size_t room = static_cast<size_t>(digits) + 3;
  Scratch copy(static_cast<size_t>(view.size) + 1);
  std::unique_ptr<char, void (*)(void*)> text(static_cast<char*>(malloc(room + 1)), free);
  if (!copy || !text || !scratch_available(static_cast<size_t>(view.size) * 8))
    return raise_memory_error(thread);
  mpn_copyi(copy.get(), view.limbs, view.size);
  char* first = text.get() + 1;
  size_t count = mpn_get_str(reinterpret_cast<unsigned char*>(first), base, copy.get(), view.size);
  while (count > 1 && *first == 0) ++first, --count;
  if (limit > 0 && static_cast<Word>(count) > limit) return too_long(thread, limit);
  for (size_t i = 0; i < count; ++i) first[i] = symbols[static_cast<uint8_t>(first[i])];
  if (view.negative) {
    *--first = '-';
    ++count;
  }
  return str_from_ascii(thread, std::string_view(first, count));
}

}  // namespace dx
