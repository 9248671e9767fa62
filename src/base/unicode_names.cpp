#include "base/unicode_names.h"

#include <cstdio>
#include <cstring>
#include <iterator>
#include <string>

namespace dx::unicode {
namespace {

struct NameRun {
  const char* prefix;
  uint32_t first, last;
};

#include "base/unicode_names_tables.h"

// The letters of Hangul syllables, in the order their code points are computed from.
constexpr const char* kLeadNames[] = {"G",  "GG", "N", "D",  "DD", "R", "M", "B", "BB", "S",
                                      "SS", "",   "J", "JJ", "C",  "K", "T", "P", "H"};
constexpr const char* kVowelNames[] = {"A",   "AE", "YA", "YAE", "EO", "E",  "YEO",
                                       "YE",  "O",  "WA", "WAE", "OE", "YO", "U",
                                       "WEO", "WE", "WI", "YU",  "EU", "YI", "I"};
constexpr const char* kTrailNames[] = {"",   "G",  "GG", "GS", "N",  "NJ", "NH", "D", "L",  "LG",
                                       "LM", "LB", "LS", "LT", "LP", "LH", "M",  "B", "BS", "S",
                                       "SS", "NG", "J",  "C",  "K",  "T",  "P",  "H"};

// Index of the longest of `names` that begins `text`; removes it.
template <size_t N>
int take_longest(std::string_view& text, const char* const (&names)[N]) {
  int best = -1;
  size_t best_size = 0;
  for (size_t i = 0; i < N; ++i) {
    size_t size = std::strlen(names[i]);
    if (text.substr(0, size) == names[i] && (best < 0 || size > best_size)) {
      best = static_cast<int>(i);
      best_size = size;
    }
  }
  if (best >= 0) text.remove_prefix(best_size);
  return best;
}

bool hangul_syllable(std::string_view text, uint32_t& code_point) {
  int lead = take_longest(text, kLeadNames);
  int vowel = take_longest(text, kVowelNames);
  int trail = take_longest(text, kTrailNames);
  if (lead < 0 || vowel < 0 || trail < 0 || !text.empty()) return false;
  code_point = 0xAC00 + (static_cast<uint32_t>(lead) * 21 + vowel) * 28 + trail;
  return true;
}

bool in_run(const NameRun& run, std::string_view digits, uint32_t& code_point) {
  if (digits.size() != 4 && digits.size() != 5) return false;
  uint32_t value = 0;
  for (char c : digits) {
    if (c >= '0' && c <= '9')
      value = value * 16 + (c - '0');
    else if (c >= 'A' && c <= 'F')
      value = value * 16 + (c - 'A' + 10);
    else
      return false;
  }
  code_point = value;
  return value >= run.first && value <= run.last;
}

}  // namespace

bool character_by_name(std::string_view name, uint32_t& code_point) {
  if (name.size() > 256) return false;
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  std::string_view wanted = upper;
  constexpr std::string_view kHangul = "HANGUL SYLLABLE ";
  if (wanted.substr(0, kHangul.size()) == kHangul &&
      hangul_syllable(wanted.substr(kHangul.size()), code_point)) {
    return true;
  }
  for (const NameRun& run : kNameRuns) {
    std::string_view prefix = run.prefix;
    if (wanted.substr(0, prefix.size()) == prefix &&
        in_run(run, wanted.substr(prefix.size()), code_point))
      return true;
  }
  size_t low = 0, high = std::size(kNameCodePoints);
  while (low < high) {
    size_t middle = (low + high) / 2;
    std::string_view entry(kNameText + kNamePlaces[middle],
                           kNamePlaces[middle + 1] - kNamePlaces[middle]);
    if (entry == wanted) {
      code_point = kNameCodePoints[middle];
      return true;
    }
    if (entry < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

bool name_entry(size_t i, std::string_view& name, uint32_t& code_point) {
  if (i >= std::size(kNameCodePoints)) return false;
  name = std::string_view(kNameText + kNamePlaces[i], kNamePlaces[i + 1] - kNamePlaces[i]);
  code_point = kNameCodePoints[i];
  return true;
}

bool composed_name(uint32_t code_point, std::string& name) {
  if (code_point >= 0xAC00 && code_point < 0xAC00 + 19 * 21 * 28) {
    uint32_t syllable = code_point - 0xAC00;
    name = "HANGUL SYLLABLE ";
    name += kLeadNames[syllable / (21 * 28)];
    name += kVowelNames[syllable / 28 % 21];
    name += kTrailNames[syllable % 28];
    return true;
  }
  for (const NameRun& run : kNameRuns) {
    if (code_point < run.first || code_point > run.last) continue;
    char digits[8];
    std::snprintf(digits, sizeof(digits), "%04X", static_cast<unsigned>(code_point));
    name = run.prefix;
    name += digits;
    return true;
  }
  return false;
}

}  // namespace dx::unicode
