#include "objects/format_spec.h"

#include <charconv>
#include <clocale>
#include <cmath>
#include <cstring>
#include <cwchar>

#include "base/locale.h"
#include "objects/complex.h"
#include "objects/errors.h"
#include "objects/float_internal.h"
#include "objects/int.h"
#include "objects/str_internal.h"

namespace dx {

// ---- reading a spec -----------------------------------------------------------------------------
static bool is_align(char32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

// Digits at `at`; -1 when there are none.
static Result<Word> read_number(Thread& thread, StrView text, Word& at) {
  Word number = -1;
  for (; at < text.length && text[at] >= '0' && text[at] <= '9'; ++at) {
    if (number < 0) number = 0;
    if (__builtin_mul_overflow(number, Word{10}, &number) ||
        __builtin_add_overflow(number, static_cast<Word>(text[at] - '0'), &number)) {
      return raise<ValueError>(thread, "Too many decimal digits in format string");
    }
  }
  return number;
}

static Raised bad_separator(Thread& thread, char separator, char32_t type) {
  char shown[16];
  if (type > 32 && type < 128)
    snprintf(shown, sizeof(shown), "%c", static_cast<char>(type));
  else
    snprintf(shown, sizeof(shown), "\\x%x", static_cast<unsigned>(type));
  char text[2] = {separator, 0};
  return raise<ValueError>(thread, "Cannot specify '{}' with '{}'.", static_cast<const char*>(text),
                           static_cast<const char*>(shown));
}

static Raised unknown_code(Thread& thread, char32_t type, Any object) {
  char shown[16];
  if (type > 32 && type < 128)
    snprintf(shown, sizeof(shown), "%c", static_cast<char>(type));
  else
    snprintf(shown, sizeof(shown), "\\x%x", static_cast<unsigned>(type));
  return raise<ValueError>(thread, "Unknown format code '{}' for object of type '{}'",
                           static_cast<const char*>(shown), type_name_in(object));
}

// ',' or '_' at `at`, not both.
static Result<char> read_grouping(Thread& thread, StrView text, Word& at) {
  char grouping = 0;
  if (at < text.length && text[at] == ',') grouping = ',', ++at;
  if (at < text.length && text[at] == '_') {
    if (grouping) return raise<ValueError>(thread, "Cannot specify both ',' and '_'.");
    grouping = '_', ++at;
  }
  if (at < text.length && text[at] == ',' && grouping == '_')
    return raise<ValueError>(thread, "Cannot specify both ',' and '_'.");
  return grouping;
}

Result<FormatSpec> format_spec_parse(Thread& thread, StrView text, Any object, char default_type,
                                     char default_align) {
  FormatSpec spec;
  spec.type = static_cast<char32_t>(default_type);
  Word at = 0;
  auto next_is = [&](char c) { return at < text.length && text[at] == static_cast<char32_t>(c); };
  if (text.length >= 2 && is_align(text[1])) {
    spec.fill = text[0];
    spec.align = static_cast<char>(text[1]);
    spec.fill_given = true;
    at = 2;
  } else if (text.length >= 1 && is_align(text[0])) {
    spec.align = static_cast<char>(text[0]);
    at = 1;
  }
  bool align_given = spec.align != 0;
  if (!align_given) spec.align = default_align;
  if (next_is('+') || next_is('-') || next_is(' ')) spec.sign = static_cast<char>(text[at++]);
  if (next_is('z')) spec.no_negative_zero = true, ++at;
  if (next_is('#')) spec.alternate = true, ++at;
  if (!spec.fill_given && next_is('0')) {
    spec.fill = '0';
    if (!align_given && default_align == '>') spec.align = '=';
    ++at;
  }
  spec.width = TRY(read_number(thread, text, at));
  spec.grouping = TRY(read_grouping(thread, text, at));
  if (next_is('.')) {
    ++at;
    spec.precision = TRY(read_number(thread, text, at));
    spec.fraction_grouping = TRY(read_grouping(thread, text, at));
    if (spec.precision < 0 && !spec.fraction_grouping)
      return raise<ValueError>(thread, "Format specifier missing precision");
  }
  if (text.length - at > 1) {
    Ref<Str> shown = TRY(str_from_view(thread, text));
    return raise<ValueError>(thread, "Invalid format specifier '{}' for object of type '{}'", shown,
                             type_name_in(object));
  }
  if (at < text.length) spec.type = text[at];
  if (spec.fraction_grouping && spec.type == 'n')
    return bad_separator(thread, spec.fraction_grouping, spec.type);
  if (char separator = spec.grouping) {
    switch (spec.type) {
      case 'd':
      case 'e':
      case 'f':
      case 'g':
      case 'E':
      case 'G':
      case '%':
      case 'F':
      case 0: break;
      case 'b':
      case 'o':
      case 'x':
      case 'X':
        if (separator == '_') break;
        [[fallthrough]];
      default: return bad_separator(thread, separator, spec.type);
    }
  }
  return spec;
}

// ---- text ---------------------------------------------------------------------------------------
Result<void> append_formatted_str(StrBuilder& builder, StrView text, const FormatSpec& spec) {
  Word length = spec.precision >= 0 && spec.precision < text.length ? spec.precision : text.length;
  Word pad = spec.width > length ? spec.width - length : 0;
  Word left = spec.align == '>' ? pad : spec.align == '^' ? pad / 2 : 0;
  TRY(builder.append_repeated(spec.fill, left));
  TRY(builder.append(view_slice(text, 0, length)));
  return builder.append_repeated(spec.fill, pad - left);
}

Result<Ref<Str>> format_str(Thread& thread, Borrowed<Str> text, Borrowed<Str> format) {
  if (format->length() == 0) return str_exact(thread, text);
  FormatSpec spec = TRY(format_spec_parse(thread, format->view(), text, 's', '<'));
  if (spec.type != 's') return unknown_code(thread, spec.type, text);
  if (spec.sign) {
    return raise<ValueError>(thread, spec.sign == ' '
                                         ? "Space not allowed in string format specifier"
                                         : "Sign not allowed in string format specifier");
  }
  if (spec.no_negative_zero)
    return raise<ValueError>(thread,
                             "Negative zero coercion (z) not allowed in string format specifier");
  if (spec.alternate)
    return raise<ValueError>(thread, "Alternate form (#) not allowed in string format specifier");
  if (spec.align == '=')
    return raise<ValueError>(thread, "'=' alignment not allowed in string format specifier");
  StrBuilder builder(thread);
  TRY(append_formatted_str(builder, text->view(), spec));
  return builder.finish();
}

// ---- numbers ------------------------------------------------------------------------------------
// Where separators go: from the spec, or from the C locale for type 'n'.
struct Separators {
  char32_t thousands = 0, fraction = 0, point = '.';
  const char* grouping = "";  // sizes from the right, the last repeats; empty: none
};
static char32_t first_char(const LocaleLock& lock, const char* text, char32_t fallback) {
  LocaleText decoded;
  locale_text(lock, text, LC_NUMERIC, decoded);
  return decoded.characters.empty() ? fallback : decoded.characters[0];
}
static Separators separators_of(const FormatSpec& spec) {
  Separators out;
  if (spec.type == 'n') {
    LocaleLock lock;
    const lconv* locale = localeconv();
    out.point = first_char(lock, locale->decimal_point, '.');
    out.thousands = first_char(lock, locale->thousands_sep, 0);
    // The C library never unloads what was a global locale once: the text outlives the lock.
    out.grouping = out.thousands ? locale->grouping : "";
  } else if (spec.grouping) {
    out.thousands = static_cast<char32_t>(spec.grouping);
    bool fours = spec.type == 'b' || spec.type == 'o' || spec.type == 'x' || spec.type == 'X';
    out.grouping = fours ? "\4" : "\3";
  }
  out.fraction = static_cast<char32_t>(spec.fraction_grouping);
  return out;
}

// The whole part with separators and leading zeros up to min_width characters, written backwards
// into `out` (reversed).
static bool group_digits(std::string_view digits, Word min_width, const Separators& separators,
                         CharBuffer& out) {
  Word left = static_cast<Word>(digits.size());
  const char* grouping = separators.grouping;
  Word size = *grouping > 0 && *grouping != 127 ? *grouping : INT64_MAX;
  for (bool first = true;; first = false) {
    if (!first && !out.append(',')) return false;  // stands for the separator
    Word wanted = left > min_width ? left : min_width;
    if (wanted < 1) wanted = 1;
    if (wanted > size) wanted = size;
    Word chars = left < wanted ? left : wanted;
    for (Word i = 0; i < chars; ++i) {
      if (!out.append(digits[static_cast<size_t>(left - 1 - i)])) return false;
    }
    if (wanted > chars && !out.append('0', static_cast<size_t>(wanted - chars))) return false;
    left -= chars;
    min_width -= wanted;
    if (left <= 0 && min_width <= 0) return true;
    min_width -= 1;
    if (size != INT64_MAX && grouping[1] != 0) {
      ++grouping;
      size = *grouping > 0 && *grouping != 127 ? *grouping : INT64_MAX;
    }
  }
}

// number: ASCII, without sign: digits, then optionally a point and more, then what else ("e+05",
// "%", "j").
static Result<void> append_number(StrBuilder& builder, bool negative, std::string_view prefix,
                                  std::string_view number, const FormatSpec& spec) {
  Separators separators = separators_of(spec);
  size_t whole = 0;
  while (whole < number.size() && ((number[whole] >= '0' && number[whole] <= '9') ||
                                   (!prefix.empty() || spec.type == 'x' || spec.type == 'X'
                                        ? isxdigit(static_cast<unsigned char>(number[whole]))
                                        : false))) {
    ++whole;
  }
  std::string_view digits = number.substr(0, whole), rest = number.substr(whole);
  bool point = !rest.empty() && rest[0] == '.';
  size_t fraction = 0;
  if (point) {
    rest.remove_prefix(1);
    while (fraction < rest.size() && rest[fraction] >= '0' && rest[fraction] <= '9') ++fraction;
  }
  Word fraction_separators =
      separators.fraction && fraction > 0 ? static_cast<Word>((fraction - 1) / 3) : 0;
  char sign = negative ? '-' : spec.sign == '+' ? '+' : spec.sign == ' ' ? ' ' : 0;
  Word fixed = (sign != 0) + static_cast<Word>(prefix.size()) + point +
               static_cast<Word>(rest.size()) + fraction_separators;
  CharBuffer grouped;
  Word grouped_size = 0;
  if (!digits.empty()) {
    Word min_width = spec.fill == '0' && spec.align == '=' ? spec.width - fixed : 0;
    if (*separators.grouping == 0) {
      // Plain digits: nothing to group, zeros come from the padding below.
      grouped_size = static_cast<Word>(digits.size());
    } else {
      if (min_width > kMaxStrLength) return raise_memory_error(current_thread());
      if (!group_digits(digits, min_width, separators, grouped))
        return raise_memory_error(current_thread());
      grouped_size = static_cast<Word>(grouped.size());
    }
  }
  Word pad = spec.width > fixed + grouped_size ? spec.width - fixed - grouped_size : 0;
  char align = spec.align ? spec.align : '>';
  Word left = align == '>' ? pad : align == '^' ? pad / 2 : 0;
  TRY(builder.append_repeated(spec.fill, left));
  if (sign) TRY(builder.append(static_cast<char32_t>(sign)));
  TRY(builder.append(prefix));
  if (align == '=') {
    TRY(builder.append_repeated(spec.fill, pad));
    left = pad;
  }
  if (*separators.grouping == 0) {
    TRY(builder.append(digits));
  } else {
    for (size_t i = grouped.size(); i-- > 0;) {
      char c = grouped.data()[i];
      TRY(builder.append(c == ',' ? separators.thousands : static_cast<char32_t>(c)));
    }
  }
  if (point) TRY(builder.append(separators.point));
  if (fraction_separators) {
    for (size_t i = 0; i < fraction; ++i) {
      if (i > 0 && i % 3 == 0) TRY(builder.append(separators.fraction));
      TRY(builder.append(static_cast<char32_t>(rest[i])));
    }
    TRY(builder.append(rest.substr(fraction)));
  } else {
    TRY(builder.append(rest));
  }
  return builder.append_repeated(spec.fill, pad - left);
}

Result<void> append_formatted_int(Thread& thread, StrBuilder& builder, Any number,
                                  const FormatSpec& spec) {
  if (spec.type == 'c') {
    Word code = TRY(int_word(thread, number, "Python int too large to convert to C long"));
    if (code < 0 || code > 0x10ffff) {
      return raise<OverflowError>(thread, "%c arg not in range(0x110000)");
    }
    char32_t c = static_cast<char32_t>(code);
    StrView one{StrKind::four, false, &c, 1};
    FormatSpec text = spec;
    if (text.align == '=') text.align = '>';
    return append_formatted_str(builder, one, text);
  }
  int base = spec.type == 'b'                       ? 2
             : spec.type == 'o'                     ? 8
             : spec.type == 'x' || spec.type == 'X' ? 16
                                                    : 10;
  Ref<Str> digits = TRY(int_to_str(thread, number, base));
  std::string_view text = digits->view().text();
  bool negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  std::string_view prefix;
  if (spec.alternate)
    prefix = base == 2    ? "0b"
             : base == 8  ? "0o"
             : base == 16 ? (spec.type == 'X' ? "0X" : "0x")
                          : "";
  if (spec.type != 'X') return append_number(builder, negative, prefix, text, spec);
  CharBuffer upper;
  if (!upper.append(text)) return raise_memory_error(thread);
  simd::upper_ascii(reinterpret_cast<uint8_t*>(upper.data()),
                    reinterpret_cast<const uint8_t*>(upper.data()), upper.size());
  return append_number(builder, negative, prefix, upper.text(), spec);
}

static bool is_float_type(char32_t type) {
  return type == 'e' || type == 'E' || type == 'f' || type == 'F' || type == 'g' || type == 'G' ||
         type == '%';
}

// The everyday forms of a small int: [<>^] [#] [0] [width] [d x X o b]. False: the general way must
// look at it.
static bool format_small_int(Word number, std::string_view spec, char* out, size_t room,
                             size_t& size) {
  const char *at = spec.data(), *end = at + spec.size();
  char align = '>';
  bool aligned = at < end && (*at == '<' || *at == '>' || *at == '^');
  if (aligned) align = *at++;
  bool alternate = at < end && *at == '#';
  at += alternate;
  bool zeros = at < end && *at == '0';
  if (zeros && aligned) return false;  // the zero is the fill then
  size_t width = 0;
  for (; at < end && *at >= '0' && *at <= '9'; ++at) {
    width = width * 10 + static_cast<size_t>(*at - '0');
    if (width > 100) return false;
  }
  char type = at < end ? *at++ : 'd';
  if (at != end) return false;
  int base = type == 'd'                  ? 10
             : type == 'x' || type == 'X' ? 16
             : type == 'o'                ? 8
             : type == 'b'                ? 2
                                          : 0;
  if (base == 0) return false;
  char digits[72];
  uint64_t magnitude = number < 0 ? -static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
  size_t count = static_cast<size_t>(
      std::to_chars(digits, digits + sizeof(digits), magnitude, base).ptr - digits);
  if (type == 'X')
    simd::upper_ascii(reinterpret_cast<uint8_t*>(digits), reinterpret_cast<const uint8_t*>(digits),
                      count);
  char head[3];
  size_t before = 0;
  if (number < 0) head[before++] = '-';
  if (alternate && base != 10) {
    head[before++] = '0';
    head[before++] = type;
  }
  size_t filled = before + count, pad = width > filled ? width - filled : 0;
  if (filled + pad > room) return false;
  size_t left = zeros ? 0 : align == '>' ? pad : align == '^' ? pad / 2 : 0;
  std::memset(out, ' ', left);
  std::memcpy(out + left, head, before);
  char* rest = out + left + before;
  if (zeros) {
    std::memset(rest, '0', pad);
    rest += pad;
  }
  std::memcpy(rest, digits, count);
  rest += count;
  if (!zeros) std::memset(rest, ' ', pad - left);
  size = filled + pad;
  return true;
}

Result<Ref<Str>> format_int(Thread& thread, Any number, Borrowed<Str> format) {
  if (format->length() == 0) return str(thread, number);
  if (number.value().is_int() && format->ascii()) {
    char text[192];
    size_t size;
    if (format_small_int(small_int_value(number), format->view().text(), text, sizeof(text),
                         size)) {
      return str_from_ascii(thread, std::string_view(text, size));
    }
  }
  FormatSpec spec = TRY(format_spec_parse(thread, format->view(), number, 'd', '>'));
  StrBuilder builder(thread);
  if (is_float_type(spec.type)) {
    double value = TRY(int_double(thread, number));
    TRY(append_formatted_float(thread, builder, value, spec));
    return builder.finish();
  }
  switch (spec.type) {
    case 'b':
    case 'c':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
    case 'n': break;
    default: return unknown_code(thread, spec.type, number);
  }
  if (spec.precision >= 0)
    return raise<ValueError>(thread, "Precision not allowed in integer format specifier");
  if (spec.no_negative_zero)
    return raise<ValueError>(thread,
                             "Negative zero coercion (z) not allowed in integer format specifier");
  if (spec.type == 'c') {
    if (spec.sign)
      return raise<ValueError>(thread, "Sign not allowed with integer format specifier 'c'");
    if (spec.alternate)
      return raise<ValueError>(thread,
                               "Alternate form (#) not allowed with integer format specifier 'c'");
  }
  TRY(append_formatted_int(thread, builder, number, spec));
  return builder.finish();
}

// The digits of one double as the spec wants them, sign included in `out` when negative.
static Result<void> float_digits(Thread& thread, double number, const FormatSpec& spec,
                                 bool complex_part, CharBuffer& out) {
  if (spec.precision > INT32_MAX) return raise<ValueError>(thread, "precision too big");
  char32_t type = spec.type;
  unsigned flags = (spec.alternate ? unsigned{kFloatAlternate} : 0) |
                   (spec.no_negative_zero ? unsigned{kFloatNoNegativeZero} : 0);
  int precision = spec.precision < 0 ? 6 : static_cast<int>(spec.precision);
  char kind = 'g';
  if (type == 0) {
    if (!complex_part) flags |= kFloatDotZero;
    kind = spec.precision < 0 ? 'r' : 'g';
  } else if (type == 'e' || type == 'E') {
    kind = 'e';
  } else if (type == 'f' || type == 'F' || type == '%') {
    kind = 'f';
  }
  if (type == 'E' || type == 'F' || type == 'G') flags |= kFloatUpper;
  if (type == '%') number *= 100;
  if (!float_text(number, kind, precision, flags, out)) return raise_memory_error(thread);
  if (type == '%' && !out.append('%')) return raise_memory_error(thread);
  return {};
}

Result<void> append_formatted_float(Thread& thread, StrBuilder& builder, double number,
                                    const FormatSpec& spec) {
  CharBuffer text;
  TRY(float_digits(thread, number, spec, false, text));
  bool negative = text.text()[0] == '-';
  return append_number(builder, negative, "", text.text().substr(negative), spec);
}

Result<Ref<Str>> format_float(Thread& thread, Any number, Borrowed<Str> format) {
  if (format->length() == 0) return str(thread, number);
  if (format->ascii() && format->length() == 3) {  // ".2f" and its like
    std::string_view spec = format->view().text();
    double value = float_value(number);
    if (spec[0] == '.' && spec[1] >= '0' && spec[1] <= '9' && spec[2] == 'f' &&
        std::isfinite(value)) {
      CharBuffer text;
      if (!float_text(value, 'f', spec[1] - '0', 0, text)) return raise_memory_error(thread);
      return str_from_ascii(thread, text.text());
    }
  }
  FormatSpec spec = TRY(format_spec_parse(thread, format->view(), number, 0, '>'));
  if (spec.type != 0 && spec.type != 'n' && !is_float_type(spec.type))
    return unknown_code(thread, spec.type, number);
  StrBuilder builder(thread);
  TRY(append_formatted_float(thread, builder, float_value(number), spec));
  return builder.finish();
}

Result<Ref<Str>> format_complex(Thread& thread, Any number, Borrowed<Str> format) {
  if (format->length() == 0) return str(thread, number);
  FormatSpec spec = TRY(format_spec_parse(thread, format->view(), number, 0, '>'));
  if (spec.type != 0 && spec.type != 'n' && (!is_float_type(spec.type) || spec.type == '%')) {
    return unknown_code(thread, spec.type, number);
  }
  if (spec.fill == '0')
    return raise<ValueError>(thread, "Zero padding is not allowed in complex format specifier");
  if (spec.align == '=')
    return raise<ValueError>(thread,
                             "'=' alignment flag is not allowed in complex format specifier");
  ComplexNumber value = static_cast<Complex*>(number.object())->value;
  // Without a type it looks like repr: parentheses, and no real part when that is +0.
  bool bare = spec.type == 0 && value.real == 0 && !std::signbit(value.real);
  CharBuffer real, imag;
  if (!bare) TRY(float_digits(thread, value.real, spec, true, real));
  TRY(float_digits(thread, value.imag, spec, true, imag));
  if (!imag.append('j')) return raise_memory_error(thread);
  FormatSpec part = spec;
  part.width = -1;
  StrBuilder inner(thread);
  if (spec.type == 0 && !bare) TRY(inner.append("("));
  if (!bare) {
    bool negative = real.text()[0] == '-';
    TRY(append_number(inner, negative, "", real.text().substr(negative), part));
    part.sign = '+';
  }
  bool negative = imag.text()[0] == '-';
  TRY(append_number(inner, negative, "", imag.text().substr(negative), part));
  if (spec.type == 0 && !bare) TRY(inner.append(")"));
  Ref<Str> text = TRY(inner.finish());
  FormatSpec outer = spec;
  outer.precision = -1;
  StrBuilder builder(thread);
  TRY(append_formatted_str(builder, text->view(), outer));
  return builder.finish();
}

}  // namespace dx
