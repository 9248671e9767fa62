#pragma once
// Reading "{name.attr[key]!r:spec}" texts; used by str.format and by the _string module
// (string.Formatter).

#include "objects/str.h"

namespace dx {

// One step through a format text: literal text, then perhaps a field.
struct FormatPiece {
  StrView literal{StrKind::one, true, "", 0};
  bool has_field = false;
  StrView name{StrKind::one, true, "", 0};
  StrView spec{StrKind::one, true, "", 0};
  char32_t conversion = 0;
  bool nested = false;  // the spec has fields of its own
};
struct FormatReader {
  StrView text;
  Word at = 0;
};
// The next piece; false at the end. ValueError.
Result<bool> format_next(Thread& thread, FormatReader& reader, FormatPiece& piece);

// The parts of a field's name behind the first: ".attr" or "[index]".
struct NamePart {
  bool attribute = false;
  StrView text{StrKind::one, true, "", 0};
  Word index = -1;  // of "[7]"; -1 when it is no number
};
struct NameReader {
  StrView rest;
};
// Splits the first part off: a name, or a number in `index` (else -1).
Result<void> format_name_first(Thread& thread, StrView name, StrView& first, Word& index,
                               NameReader& rest);
Result<bool> format_name_next(Thread& thread, NameReader& reader, NamePart& part);

}  // namespace dx
