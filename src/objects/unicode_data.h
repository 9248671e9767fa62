#pragma once
// What str's methods must know of every character (Unicode 16, as Python 3.14): classes, case
// mappings, digit values. The tables are generated (tools/unicode_tables.py); everything here is a
// table look-up without Python or allocation.

#include <cstdint>

namespace dx {

struct UnicodeRecord {
  uint16_t flags;
  int32_t lower, title, upper;  // distance to the mapped character; unused when special
  uint8_t digit;
};
// Mappings to more than one character, or a case folding that is not the lower case.
// Zero-terminated.
struct SpecialCasing {
  uint32_t code;
  uint32_t lower[4], title[4], upper[4], fold[4];
};
#include "objects/unicode_tables.inc"  // NOLINT

inline const UnicodeRecord& unicode_record(char32_t c) {
  if (c > 0x10ffff) c = 0x10ffff;
  return kUnicodeRecords[kUnicodeIndex[kUnicodeBlocks[c >> 7] * 128 + (c & 127)]];
}
inline bool unicode_is(char32_t c, uint16_t flags) { return unicode_record(c).flags & flags; }
inline bool is_unicode_space(char32_t c) {
  if (c < 0x80) return (c >= 9 && c <= 13) || (c >= 28 && c <= 32);
  return unicode_is(c, kUnicode_space);
}
// The decimal digit's value, or -1.
inline int decimal_value(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9' ? static_cast<int>(c - '0') : -1;
  const UnicodeRecord& record = unicode_record(c);
  return record.flags & kUnicode_decimal ? record.digit : -1;
}

enum class CaseMapping : uint8_t { lower, title, upper, fold };
// Writes the 1 to 3 characters c maps to; returns how many. The final sigma is the caller's affair.
int map_case(char32_t c, CaseMapping mapping, char32_t out[3]);

}  // namespace dx
