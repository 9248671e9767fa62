#pragma once
// The format mini-language:
// [[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type], read once and applied
// to text, ints, floats and complexes. Also used by %-formatting (percent.cpp) after translating
// its flags.

#include "objects/str.h"

namespace dx {

struct FormatSpec {
  char32_t fill = ' ';
  char align = 0;  // '<' '>' '^' '=' or 0: the type's default
  bool fill_given = false;
  char sign = 0;  // '+', '-', ' ' or 0
  bool no_negative_zero = false;
  bool alternate = false;
  Word width = -1;
  char grouping = 0;  // ',' '_' or 0
  Word precision = -1;
  char fraction_grouping = 0;
  char32_t type = 0;  // 0: the default
};
// ValueError with CPython's texts; `object` names the type in them. default_type and default_align:
// the type's own.
Result<FormatSpec> format_spec_parse(Thread& thread, StrView text, Any object, char default_type,
                                     char default_align);

Result<Ref<Str>> format_str(Thread& thread, Borrowed<Str> text, Borrowed<Str> spec);
Result<Ref<Str>> format_int(Thread& thread, Any number, Borrowed<Str> spec);
Result<Ref<Str>> format_float(Thread& thread, Any number, Borrowed<Str> spec);
Result<Ref<Str>> format_complex(Thread& thread, Any number, Borrowed<Str> spec);
// The pieces, for %-formatting and f-strings that know the spec.
Result<void> append_formatted_str(StrBuilder& builder, StrView text, const FormatSpec& spec);
Result<void> append_formatted_int(Thread& thread, StrBuilder& builder, Any number,
                                  const FormatSpec& spec);
Result<void> append_formatted_float(Thread& thread, StrBuilder& builder, double number,
                                    const FormatSpec& spec);

}  // namespace dx
