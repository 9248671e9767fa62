#include "modules/sre/chars.h"

#include <bit>
#include <cctype>

#include "modules/sre/opcodes.h"
#include "objects/unicode_data.h"

namespace dx::sre {

uint32_t lower_ascii(uint32_t c) { return c - 'A' < 26 ? c + 32 : c; }
uint32_t lower_locale(uint32_t c) { return c < 256 ? static_cast<uint32_t>(tolower(static_cast<int>(c))) : c; }
uint32_t upper_locale(uint32_t c) { return c < 256 ? static_cast<uint32_t>(toupper(static_cast<int>(c))) : c; }
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

// Whether c is in the set whose checked words start at `set`.
static bool in_set(const uint32_t* set, uint32_t c) {
  bool found = true;
  for (;;) {
    switch (static_cast<Code>(*set++)) {
      case Code::literal:
        if (c == set[0]) return found;
        set += 1;
        break;
      case Code::category:
        if (in_category(static_cast<Category>(set[0]), c)) return found;
        set += 1;
        break;
      case Code::charset:
        if (c < 256 && (set[c >> 5] >> (c & 31) & 1)) return found;
        set += kCharsetWords;
        break;
      case Code::range:
        if (set[0] <= c && c <= set[1]) return found;
        set += 2;
        break;
      case Code::range_unicode_ignore:
        if (set[0] <= c && c <= set[1]) return found;
        if (uint32_t up = upper_unicode(c); set[0] <= up && up <= set[1]) return found;
        set += 2;
        break;
      case Code::negate: found = !found; break;
      case Code::bigcharset: {
        // How many blocks, the block of each upper byte (four to a word), the blocks.
        uint32_t blocks = *set++;
        if (c < 0x10000) {
          uint32_t block = set[c >> 10] >> ((c >> 8 & 3) * 8) & 255;
          const uint32_t* bits = set + kBlockIndexWords + block * kCharsetWords;
          if (bits[(c & 255) >> 5] >> (c & 31) & 1) return found;
        }
        set += kBlockIndexWords + size_t{blocks} * kCharsetWords;
        break;
      }
      default: return !found;  // Code::failure ends the set
    }
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
      if (set.mode == CaseMode::locale) same = same || c == set.value || upper_locale(c) == set.value;
      return same == (set.rule == CharClass::Rule::lower_equal);
    }
    case CharClass::Rule::set: {
      const uint32_t* words = code + set.value;
      uint32_t low = lower(c, set.mode);
      if (in_set(words, low)) return true;
      if (set.mode != CaseMode::locale) return false;
      uint32_t up = upper_locale(c);
      return up != low && in_set(words, up);
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
    if (bits) set.single = static_cast<uint8_t>(word * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
  }
}

}  // namespace dx::sre
