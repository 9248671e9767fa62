#include "objects/unicode_data.h"

#include <algorithm>
#include <iterator>

namespace dx {

int map_case(char32_t c, CaseMapping mapping, char32_t out[3]) {
  const UnicodeRecord& record = unicode_record(c);
  if (__builtin_expect(!(record.flags & kUnicode_special), 1)) {
    int32_t distance = mapping == CaseMapping::title   ? record.title
                       : mapping == CaseMapping::upper ? record.upper
                                                       : record.lower;
    out[0] = static_cast<char32_t>(static_cast<int32_t>(c) + distance);
    return 1;
  }
  const SpecialCasing* special =
      std::lower_bound(std::begin(kSpecialCasing), std::end(kSpecialCasing), c,
                       [](const SpecialCasing& a, char32_t b) { return a.code < b; });
  const uint32_t* mapped = mapping == CaseMapping::lower   ? special->lower
                           : mapping == CaseMapping::title ? special->title
                           : mapping == CaseMapping::upper ? special->upper
                                                           : special->fold;
  int count = 0;
  while (count < 3 && mapped[count] != 0) {
    out[count] = mapped[count];
    ++count;
  }
  if (count == 0) {  // U+0000 is not special; kept so that a table error cannot drop a character
    out[0] = c;
    return 1;
  }
  return count;
}

}  // namespace dx
