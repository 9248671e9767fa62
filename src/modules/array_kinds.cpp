// See array_kinds.h. The messages of range errors are CPython's, which differ from kind to kind.

#include "modules/array_kinds.h"

#include <bit>
#include <cstring>

#include "objects/float.h"
#include "objects/int.h"
#include "objects/str.h"

namespace dx {
namespace {

template <class T>
AnyResult load_int(Thread& thread, const char* item) {
  T number;
  std::memcpy(&number, item, sizeof number);
  if constexpr (std::is_signed_v<T>)
    return int_from_word(thread, number);
  else
    return int_from_u64(thread, number);
}

template <class T>
AnyResult load_float(Thread& thread, const char* item) {
  T number;
  std::memcpy(&number, item, sizeof number);
  return float_from_double(thread, number);
}

AnyResult load_character(Thread& thread, const char* item) {
  uint32_t character;
  std::memcpy(&character, item, sizeof character);
  if (character > 0x10ffff) {
    return raise<ValueError>(thread, "character U+{} is not in range [U+0000; U+10ffff]",
                             static_cast<Word>(character));
  }
  return str_from_char(thread, character);
}

template <class T>
void put(char* item, Word number) {
  T narrow = static_cast<T>(number);
  std::memcpy(item, &narrow, sizeof narrow);
}

struct Limit {
  Word low, high;
  const char* name;
};
// Limits are checked one after the other, as CPython converts in steps (through short or int).
Result<Word> limited(Thread& thread, Any value, std::initializer_list<Limit> limits) {
  AnyRef number = TRY(to_index(thread, value));
  Word word = TRY(int_word(thread, number.value(), "Python int too large to convert to C long"));
  for (const Limit& limit : limits) {
    if (word < limit.low)
      return raise<OverflowError>(thread, "{} is less than minimum", limit.name);
    if (word > limit.high)
      return raise<OverflowError>(thread, "{} is greater than maximum", limit.name);
  }
  return word;
}

constexpr Limit kShort{INT16_MIN, INT16_MAX, "signed short integer"};
constexpr Limit kInt{INT32_MIN, INT32_MAX, "signed integer"};

Result<void> store_b(Thread& thread, Any value, char* item) {
  put<int8_t>(item,
              TRY(limited(thread, value, {kInt, kShort, {INT8_MIN, INT8_MAX, "signed char"}})));
  return {};
}
Result<void> store_B(Thread& thread, Any value, char* item) {
  put<uint8_t>(item, TRY(limited(thread, value,
                                 {{INT32_MIN, INT32_MAX, "signed integer"},
                                  {0, UINT8_MAX, "unsigned byte integer"}})));
  return {};
}
Result<void> store_h(Thread& thread, Any value, char* item) {
  put<int16_t>(item, TRY(limited(thread, value, {kShort})));
  return {};
}
Result<void> store_H(Thread& thread, Any value, char* item) {
  put<uint16_t>(item, TRY(limited(thread, value, {kInt, {0, UINT16_MAX, "unsigned short"}})));
  return {};
}
Result<void> store_i(Thread& thread, Any value, char* item) {
  put<int32_t>(item, TRY(limited(thread, value, {kInt})));
  return {};
}
Result<void> store_l(Thread& thread, Any value, char* item) {
  put<int64_t>(item, TRY(limited(thread, value, {})));
  return {};
}
Result<void> store_I(Thread& thread, Any value, char* item) {
  AnyRef number = TRY(to_index(thread, value));
  if (int_sign(number.value()) < 0)
    return raise<OverflowError>(thread, "can't convert negative value to unsigned int");
  Word word;
  if (!int_to_word(number.value(), word) && int_bit_length(number.value()) > 64) {
    return raise<OverflowError>(thread, "Python int too large to convert to C unsigned long");
  }
  if (!int_to_word(number.value(), word) || word > UINT32_MAX) {
    return raise<OverflowError>(thread, "unsigned int is greater than maximum");
  }
  put<uint32_t>(item, word);
  return {};
}
Result<void> store_u64(Thread& thread, Any value, char* item, const char* negative,
                       const char* too_large) {
  AnyRef number = TRY(to_index(thread, value));
  if (int_sign(number.value()) < 0) return raise<OverflowError>(thread, negative);
  if (int_bit_length(number.value()) > 64) return raise<OverflowError>(thread, too_large);
  uint64_t bits = TRY(int_u64(thread, number.value()));
  std::memcpy(item, &bits, sizeof bits);
  return {};
}
Result<void> store_L(Thread& thread, Any value, char* item) {
  return store_u64(thread, value, item, "can't convert negative value to unsigned int",
                   "Python int too large to convert to C unsigned long");
}
Result<void> store_Q(Thread& thread, Any value, char* item) {
  return store_u64(thread, value, item, "can't convert negative int to unsigned",
                   "int too big to convert");
}
Result<void> store_q(Thread& thread, Any value, char* item) {
  AnyRef number = TRY(to_index(thread, value));
  put<int64_t>(item, TRY(int_word(thread, number.value(), "int too big to convert")));
  return {};
}
Result<void> store_f(Thread& thread, Any value, char* item) {
  float number = static_cast<float>(TRY(float_convert(thread, value)));
  std::memcpy(item, &number, sizeof number);
  return {};
}
Result<void> store_d(Thread& thread, Any value, char* item) {
  double number = TRY(float_convert(thread, value));
  std::memcpy(item, &number, sizeof number);
  return {};
}
Result<void> store_character(Thread& thread, Any value, char* item) {
  if (!is_str(value)) {
    return raise<TypeError>(thread, "array item must be a unicode character, not {}",
                            type_name_in(value));
  }
  StrView text = str_view(Borrowed<Str>(value.value()));
  if (text.length != 1) {
    return raise<TypeError>(
        thread, "array item must be a unicode character, not a string of length {}", text.length);
  }
  uint32_t character = text[0];
  std::memcpy(item, &character, sizeof character);
  return {};
}

constexpr bool kLittle = std::endian::native == std::endian::little;
constexpr int8_t native(int8_t little) {
  return kLittle ? little : static_cast<int8_t>(little + 1);
}

const ArrayKind kinds[] = {
    {'b', 1, 1, "b", load_int<int8_t>, store_b},
    {'B', 1, 0, "B", load_int<uint8_t>, store_B},
    {'u', 4, native(20), "w", load_character, store_character},
    {'w', 4, native(20), "w", load_character, store_character},
    {'h', 2, native(4), "h", load_int<int16_t>, store_h},
    {'H', 2, native(2), "H", load_int<uint16_t>, store_H},
    {'i', 4, native(8), "i", load_int<int32_t>, store_i},
    {'I', 4, native(6), "I", load_int<uint32_t>, store_I},
    {'l', 8, native(12), "l", load_int<int64_t>, store_l},
    {'L', 8, native(10), "L", load_int<uint64_t>, store_L},
    {'q', 8, native(12), "q", load_int<int64_t>, store_q},
    {'Q', 8, native(10), "Q", load_int<uint64_t>, store_Q},
    {'f', 4, native(14), "f", load_float<float>, store_f},
    {'d', 8, native(16), "d", load_float<double>, store_d},
};

}  // namespace

const ArrayKind* array_kind(char32_t code) {
  for (const ArrayKind& kind : kinds) {
    if (static_cast<char32_t>(kind.code) == code) return &kind;
  }
  return nullptr;
}

MachineFormat machine_format(Word number) {
  if (number < 2) return {1, true, number == 1, false, false};
  bool little = number % 2 == 0;
  switch (number / 2) {
    case 1: return {2, little, false, false, false};
    case 2: return {2, little, true, false, false};
    case 3: return {4, little, false, false, false};
    case 4: return {4, little, true, false, false};
    case 5: return {8, little, false, false, false};
    case 6: return {8, little, true, false, false};
    case 7: return {4, little, false, true, false};
    case 8: return {8, little, false, true, false};
    case 9: return {2, little, false, false, true};
    default: return {4, little, false, false, true};
  }
}

AnyResult machine_value(Thread& thread, MachineFormat format, const char* item) {
  uint8_t bytes[8];
  for (int i = 0; i < format.size; ++i) {
    bytes[i] = static_cast<uint8_t>(item[format.little ? i : format.size - 1 - i]);
  }
  if (!format.real)
    return int_from_bytes(thread, bytes, static_cast<size_t>(format.size), true, format.is_signed);
  uint64_t bits = 0;
  for (int i = 0; i < format.size; ++i) bits |= uint64_t{bytes[i]} << (8 * i);
  if (format.size == 4)
    return float_from_double(thread, std::bit_cast<float>(static_cast<uint32_t>(bits)));
  return float_from_double(thread, std::bit_cast<double>(bits));
}

}  // namespace dx
