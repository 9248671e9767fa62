#include "modules/sre/chars.h"

#include <bit>
#include <cctype>

#include "modules/sre/opcodes.h"
#include "objects/unicode_data.h"

namespace dx::sre {

uint32_t lower_ascii(uint32_t c) { return c - 'A' < 26 ? c + 32 : c; }
uint32_t lower_locale(uint32_t c) {
  return c < 256 ? static_cast<uint32_t>(tolower(static_cast<int>(c))) : c;
}
uint32_t upper_locale(uint32_t c) {
  return c < 256 ? static_cast<uint32_t>(toupper(static_cast<int>(c))) : c;
}
uint32_t lower_unicode(uint32_t c) {
  if (c < 0x80) return lower_ascii(c);
  if (c > 0x10ffff) return c;
  char32_t out[3];
  map_case(c, CaseMapping::lower, out);
  return out[0];
}
uint32_t upper_unicode(uint32_t c) {
  if (c > 0x10ffff) return c;
  char32_t out[3];
  map_case(c, CaseMapping::upper, out);
  return out[0];
}
uint32_t lower(uint32_t c, CaseMode mode) {
  switch (mode) {
    case CaseMode::exact: return c;
    case CaseMode::ascii: return lower_ascii(c);
    case CaseMode::locale: return lower_locale(c);
    case CaseMode::unicode: return lower_unicode(c);
  }
  return c;
}

static bool is_space_ascii(uint32_t c) { return c == ' ' || (c >= 9 && c <= 13); }
static bool in_unicode(uint32_t c, uint16_t flags) { return c <= 0x10ffff && unicode_is(c, flags); }

bool is_word_locale(uint32_t c) { return c < 256 && (isalnum(static_cast<int>(c)) || c == '_'); }
bool is_word_unicode(uint32_t c) {
  if (c < 0x80) return is_word_ascii(c);
  return in_unicode(c, kUnicode_alpha | kUnicode_decimal | kUnicode_digit | kUnicode_numeric);
}

bool in_category(Category category, uint32_t c) {
  switch (category) {
    case Category::digit: return c - '0' < 10;
    case Category::not_digit: return !(c - '0' < 10);
    case Category::space: return is_space_ascii(c);
    case Category::not_space: return !is_space_ascii(c);
    case Category::word: return is_word_ascii(c);
    case Category::not_word: return !is_word_ascii(c);
    case Category::linebreak: return c == '\n';
    case Category::not_linebreak: return c != '\n';
    case Category::locale_word: return is_word_locale(c);
    case Category::locale_not_word: return !is_word_locale(c);
    case Category::unicode_digit: return in_unicode(c, kUnicode_decimal);
    case Category::unicode_not_digit: return !in_unicode(c, kUnicode_decimal);
    case Category::unicode_space: return c <= 0x10ffff && is_unicode_space(c);
    case Category::unicode_not_space: return !(c <= 0x10ffff && is_unicode_space(c));
    case Category::unicode_word: return is_word_unicode(c);
    case Category::unicode_not_word: return !is_word_unicode(c);
    case Category::unicode_linebreak: return in_unicode(c, kUnicode_line_break);
    case Category::unicode_not_linebreak: return !in_unicode(c, kUnicode_line_break);
    case Category::count: break;
  }
  return false;
}

// Whether `c` is covered by one item of a set; `next` then is where the following item starts.
static bool in_item(Code op, const uint32_t* item, uint32_t c, const uint32_t*& next) {
  switch (op) {
    case Code::literal: next = item + 1; return c == item[0];
    case Code::category: next = item + 1; return in_category(static_cast<Category>(item[0]), c);
    case Code::charset:
      next = item + kCharsetWords;
      return c < 256 && (item[c >> 5] >> (c & 31) & 1);
    case Code::range: next = item + 2; return item[0] <= c && c <= item[1];
    case Code::range_unicode_ignore: {
      next = item + 2;
      uint32_t up = upper_unicode(c);
      return (item[0] <= c && c <= item[1]) || (item[0] <= up && up <= item[1]);
    }
    case Code::bigcharset: {
      // How many blocks, the block of each upper byte (four to a word), the blocks.
      next = item + 1 + kBlockIndexWords + size_t{item[0]} * kCharsetWords;
      if (c >= 0x10000) return false;
      uint32_t block = item[1 + (c >> 10)] >> ((c >> 8 & 3) * 8) & 255;
      const uint32_t* bits = item + 1 + kBlockIndexWords + block * kCharsetWords;
      return bits[(c & 255) >> 5] >> (c & 31) & 1;
    }
    default: next = item; return false;
  }
}

// Whether c is in the set whose checked words start at `set`; `twin` is its other case, or c again.
// A set that is negated (from NEGATE on, which may stand in the middle) holds neither when an item
// covers one of them.
static bool in_set(const uint32_t* set, uint32_t c, uint32_t twin) {
  bool found = true;
  for (;;) {
    Code op = static_cast<Code>(*set++);
    if (op == Code::failure) return !found;
    if (op == Code::negate) {
      found = !found;
      continue;
    }
    const uint32_t* next;
    if (in_item(op, set, c, next) || (twin != c && in_item(op, set, twin, next))) return found;
    set = next;
  }
}

bool passes_rule(const CharClass& set, const uint32_t* code, uint32_t c) {
  switch (set.rule) {
    case CharClass::Rule::none: return false;
    case CharClass::Rule::all: return true;
    case CharClass::Rule::equal: return c == set.value;
    case CharClass::Rule::not_equal: return c != set.value;
    case CharClass::Rule::lower_equal:
    case CharClass::Rule::lower_not_equal: {
      bool same = lower(c, set.mode) == set.value;
      // Under a locale both cases count, as written too.
      if (set.mode == CaseMode::locale)
        same = same || c == set.value || upper_locale(c) == set.value;
      return same == (set.rule == CharClass::Rule::lower_equal);
    }
    case CharClass::Rule::set: {
      uint32_t low = lower(c, set.mode);
      return in_set(code + set.value, low, set.mode == CaseMode::locale ? upper_locale(c) : low);
    }
  }
  return false;
}

void finish_class(CharClass& set, const uint32_t* code, bool dynamic) {
  if (dynamic) {
    set.shape = CharClass::Shape::dynamic;
    return;
  }
  int count = 0;
  for (uint32_t c = 0; c < 256; ++c) {
    if (!passes_rule(set, code, c)) continue;
    set.add(c);
    ++count;
  }
  if (count == 256) set.shape = CharClass::Shape::everything;
  if (count != 255 && count != 1) return;
  set.shape = count == 1 ? CharClass::Shape::one : CharClass::Shape::all_but_one;
  for (uint32_t word = 0; word < 4; ++word) {
    uint64_t bits = count == 1 ? set.bits[word] : ~set.bits[word];
    if (bits)
      set.single = static_cast<uint8_t>(word * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
  }
}

}  // namespace dx::sre
