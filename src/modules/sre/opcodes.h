#pragma once
// The words of the library's regular expression compiler (re/_constants.py), in its order.

#include <cstdint>

namespace dx::sre {

constexpr uint32_t kMagic = 20230612;
constexpr uint32_t kCharsetWords = 8;      // 256 bits
constexpr uint32_t kBlockIndexWords = 64;  // 256 bytes

enum class Code : uint32_t {
  failure,
  success,
  any,
  any_all,
  assert_,
  assert_not,
  at,
  branch,
  category,
  charset,
  bigcharset,
  groupref,
  groupref_exists,
  in,
  info,
  jump,
  literal,
  mark,
  max_until,
  min_until,
  not_literal,
  negate,
  range,
  repeat,
  repeat_one,
  subpattern,
  min_repeat_one,
  atomic_group,
  possessive_repeat,
  possessive_repeat_one,
  groupref_ignore,
  in_ignore,
  literal_ignore,
  not_literal_ignore,
  groupref_locale_ignore,
  in_locale_ignore,
  literal_locale_ignore,
  not_literal_locale_ignore,
  groupref_unicode_ignore,
  in_unicode_ignore,
  literal_unicode_ignore,
  not_literal_unicode_ignore,
  range_unicode_ignore,
  count,
};

enum Flags : uint32_t {
  kIgnoreCase = 2,
  kLocale = 4,
  kMultiline = 8,
  kDotAll = 16,
  kUnicode = 32,
  kVerbose = 64,
  kDebug = 128,
  kAscii = 256,
};

}  // namespace dx::sre
