#include "base/unicode_identifier.h"

#include <algorithm>
#include <vector>

namespace dx::unicode {
namespace {

#include "base/unicode_identifier_tables.inc"

template <size_t N>
bool in_ranges(const uint32_t (&ranges)[N], uint32_t code_point) {
  // The first number above the code point ends a range exactly when its index is odd.
  size_t at = std::upper_bound(ranges, ranges + N, code_point) - ranges;
  if (at % 2 == 1) return true;
  return at > 0 && ranges[at - 1] == code_point;
}

// Hangul syllables are composed by arithmetic (Unicode, section 3.12).
constexpr uint32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTrails = 0x11A7;
constexpr uint32_t kVowelCount = 21, kTrailCount = 28, kLeadCount = 19;

int combining_class(uint32_t code_point) {
  size_t low = 0, high = std::size(kCombiningRanges) / 3;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const uint32_t* entry = kCombiningRanges + middle * 3;
    if (code_point < entry[0])
      high = middle;
    else if (code_point > entry[1])
      low = middle + 1;
    else
      return static_cast<int>(entry[2]);
  }
  return 0;
}

void decompose(uint32_t code_point, std::vector<uint32_t>& out) {
  if (code_point < 0x80) {
    out.push_back(code_point);
    return;
  }
  if (code_point >= kSyllables &&
      code_point < kSyllables + kLeadCount * kVowelCount * kTrailCount) {
    uint32_t index = code_point - kSyllables;
    out.push_back(kLeads + index / (kVowelCount * kTrailCount));
    out.push_back(kVowels + index % (kVowelCount * kTrailCount) / kTrailCount);
    if (index % kTrailCount != 0) out.push_back(kTrails + index % kTrailCount);
    return;
  }
  const uint32_t* end = std::end(kDecompositionKeys);
  const uint32_t* key = std::lower_bound(std::begin(kDecompositionKeys), end, code_point);
  if (key == end || *key != code_point) {
    out.push_back(code_point);
    return;
  }
  uint32_t place = kDecompositionPlaces[key - kDecompositionKeys];
  for (uint32_t i = 0; i < (place & 31); ++i) out.push_back(kDecompositionPool[(place >> 5) + i]);
}

// The composition of two characters, or 0.
uint32_t compose(uint32_t first, uint32_t second) {
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels &&
      second < kVowels + kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTrailCount;
  }
  if (first >= kSyllables && first < kSyllables + kLeadCount * kVowelCount * kTrailCount &&
      (first - kSyllables) % kTrailCount == 0 && second > kTrails &&
      second < kTrails + kTrailCount) {
    return first + (second - kTrails);
  }
  size_t low = 0, high = std::size(kCompositions) / 3;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const uint32_t* entry = kCompositions + middle * 3;
    if (entry[0] < first || (entry[0] == first && entry[1] < second))
      low = middle + 1;
    else if (entry[0] == first && entry[1] == second)
      return entry[2];
    else
      high = middle;
  }
  return 0;
}

}  // namespace

int decode(const char* text, size_t size, uint32_t& code_point) {
  int length = sequence_length(text, size);
  auto byte = [&](int i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  switch (length) {
    case 1: code_point = byte(0); break;
    case 2: code_point = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F); break;
    case 3: code_point = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F); break;
    default:
      code_point = (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
                   (byte(3) & 0x3F);
  }
  return length;
}

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

bool is_valid_utf8(std::string_view text, size_t& bad_at) {
  size_t at = 0, size = text.size();
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  while (at < size) {
    // Eight ASCII bytes at a time.
    while (at + 8 <= size) {
      uint64_t word;
      __builtin_memcpy(&word, text.data() + at, 8);
      if ((word & 0x8080808080808080u) != 0) break;
      at += 8;
    }
    if (at >= size) break;
    unsigned char lead = byte(at);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    int extra = lead >= 0xC2 && lead <= 0xDF   ? 1
                : lead >= 0xE0 && lead <= 0xEF ? 2
                : lead >= 0xF0 && lead <= 0xF4 ? 3
                                               : 0;
    bool good = extra != 0 && at + extra < size;
    for (int i = 1; good && i <= extra; ++i) good = (byte(at + i) & 0xC0) == 0x80;
    if (good && lead == 0xE0) good = byte(at + 1) >= 0xA0;
    if (good && lead == 0xED) good = byte(at + 1) < 0xA0;
    if (good && lead == 0xF0) good = byte(at + 1) >= 0x90;
    if (good && lead == 0xF4) good = byte(at + 1) < 0x90;
    if (!good) {
      bad_at = at;
      return false;
    }
    at += extra + 1;
  }
  return true;
}

bool is_identifier_start(uint32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  return in_ranges(kStartRanges, c);
}

bool is_identifier_part(uint32_t c) {
  if (c < 0x80) return is_identifier_start(c) || (c >= '0' && c <= '9');
  return in_ranges(kPartRanges, c);
}

bool is_printable(uint32_t c) {
  if (c < 0x80) return c >= 0x20 && c != 0x7F;
  return in_ranges(kPrintableRanges, c);
}

std::string normalize_identifier(std::string_view text) {
  std::vector<uint32_t> points;
  for (size_t at = 0; at < text.size();) {
    uint32_t code_point;
    at += decode(text.data() + at, text.size() - at, code_point);
    decompose(code_point, points);
  }
  // Canonical ordering: marks sort by class between characters of class zero.
  for (size_t i = 0; i < points.size();) {
    if (combining_class(points[i]) == 0) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < points.size() && combining_class(points[end]) != 0) ++end;
    for (size_t j = i + 1; j < end; ++j) {
      uint32_t mark = points[j];
      size_t k = j;
      for (; k > i && combining_class(points[k - 1]) > combining_class(mark); --k)
        points[k] = points[k - 1];
      points[k] = mark;
    }
    i = end;
  }
  // Composition: a character joins the last starter unless a mark of the same or a higher class
  // stands between.
  size_t out = 0, starter = SIZE_MAX;
  int last_class = -1;
  for (size_t i = 0; i < points.size(); ++i) {
    uint32_t point = points[i];
    int cls = combining_class(point);
    if (starter != SIZE_MAX && (last_class < cls || last_class == -1)) {
      if (uint32_t joined = compose(points[starter], point)) {
        points[starter] = joined;
        continue;
      }
    }
    if (cls == 0) {
      starter = out;
      last_class = -1;
    } else {
      last_class = cls;
    }
    points[out++] = point;
  }
  std::string result;
  for (size_t i = 0; i < out; ++i) append_utf8(result, points[i]);
  return result;
}

}  // namespace dx::unicode
