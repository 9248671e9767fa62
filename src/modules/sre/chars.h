#pragma once
// Characters as regular expressions see them: categories in their three flavours, case modes, and
// sets.

#include <cstddef>
#include <cstdint>

namespace dx::sre {

enum class CaseMode : uint8_t { exact, ascii, locale, unicode };

uint32_t lower_ascii(uint32_t c);
uint32_t lower_locale(uint32_t c);
uint32_t upper_locale(uint32_t c);
uint32_t lower_unicode(uint32_t c);
uint32_t upper_unicode(uint32_t c);
uint32_t lower(uint32_t c, CaseMode mode);

inline bool is_word_ascii(uint32_t c) { return (c | 32) - 'a' < 26 || c - '0' < 10 || c == '_'; }
bool is_word_locale(uint32_t c);
bool is_word_unicode(uint32_t c);

// The numbers that the compiler's CATEGORY_* constants have.
enum class Category : uint8_t {
  digit,
  not_digit,
  space,
  not_space,
  word,
  not_word,
  linebreak,
  not_linebreak,
  locale_word,
  locale_not_word,
  unicode_digit,
  unicode_not_digit,
  unicode_space,
  unicode_not_space,
  unicode_word,
  unicode_not_word,
  unicode_linebreak,
  unicode_not_linebreak,
  count,
};
bool in_category(Category category, uint32_t c);

// A test of one character. The bitmap answers for the first 256; above them the rule does.
struct CharClass {
  enum class Rule : uint8_t {
    none,
    all,
    equal,
    not_equal,  // to `value`
    lower_equal,
    lower_not_equal,  // the lower case of the character to `value`, by `mode`
    set,  // the set's code words, which start at code[value]; `mode` says how case counts
  };
  // How the bitmap looks, for scanning bytes.
  enum class Shape : uint8_t { bitmap, everything, all_but_one, one, dynamic };
  uint64_t bits[4] = {};
  uint32_t value = 0;
  Rule rule = Rule::none;
  CaseMode mode = CaseMode::exact;
  Shape shape = Shape::bitmap;
  uint8_t single = 0;  // the character that all_but_one and one speak of

  bool has(uint32_t c) const { return bits[c >> 6] >> (c & 63) & 1; }  // c < 256
  void add(uint32_t c) { bits[c >> 6] |= uint64_t{1} << (c & 63); }
  bool operator==(const CharClass&) const = default;
};

// Whether c passes the rule, whatever its value. `code`: the words that Rule::set speaks of.
bool passes_rule(const CharClass& set, const uint32_t* code, uint32_t c);
// Fills bitmap and shape from the rule. Classes that depend on the locale get the shape `dynamic`.
void finish_class(CharClass& set, const uint32_t* code, bool dynamic);

}  // namespace dx::sre
