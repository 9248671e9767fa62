// str's case mappings, character classes, padding and translation.

#include <cstring>

#include "objects/dict.h"
#include "objects/errors.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/unicode_data.h"

namespace dx {

// ---- case ---------------------------------------------------------------------------------------
// A capital sigma at the end of a word has a lower case of its own.
static char32_t lower_sigma(StrView text, Word at) {
  auto cased_beyond = [&](Word from, Word step) {
    for (Word i = from; i >= 0 && i < text.length; i += step) {
      uint16_t flags = unicode_record(text[i]).flags;
      if (!(flags & kUnicode_case_ignorable)) return bool(flags & kUnicode_cased);
    }
    return false;
  };
  return cased_beyond(at - 1, -1) && !cased_beyond(at + 1, 1) ? 0x3c2 : 0x3c3;
}

static Result<void> append_mapped(StrBuilder& builder, StrView text, Word at, CaseMapping mapping) {
  char32_t c = text[at];
  if (c == 0x3a3 && mapping == CaseMapping::lower) return builder.append(lower_sigma(text, at));
  char32_t mapped[3];
  int count = map_case(c, mapping, mapped);
  for (int i = 0; i < count; ++i) TRY(builder.append(mapped[i]));
  return {};
}

static Result<Ref<Str>> ascii_mapped(Thread& thread, StrView text,
                                     void (*kernel)(uint8_t*, const uint8_t*, size_t)) {
  if (text.length == 0) return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  if (text.length == 1) {
    uint8_t c;
    kernel(&c, static_cast<const uint8_t*>(text.data), 1);
    return str_from_char(thread, c);
  }
  Ref<Str> result = TRY(str_create(thread, text.length, 0x7f));
  kernel(static_cast<uint8_t*>(str_data(result.get())), static_cast<const uint8_t*>(text.data),
         static_cast<size_t>(text.length));
  return result;
}

// Text whose characters all map to one character of the same width: into a str made at once. False:
// some do not.
template <class C>
static bool map_same_width(C* to, const C* from, Word length, CaseMapping mapping,
                           char32_t& widest) {
  constexpr char32_t kMost = static_cast<C>(-1);
  char32_t all = 0;
  for (Word i = 0; i < length; ++i) {
    char32_t c = from[i];
    const UnicodeRecord& record = unicode_record(c);
    if ((record.flags & kUnicode_special) || c == 0x3a3) return false;
    c += static_cast<char32_t>(mapping == CaseMapping::upper ? record.upper : record.lower);
    if (c > kMost) return false;
    to[i] = static_cast<C>(c);
    all |= c;
  }
  widest = all;
  return true;
}

static Result<Ref<Str>> mapped(Thread& thread, Borrowed<Str> self, CaseMapping mapping) {
  StrView text = self->view();
  if (text.ascii)
    return ascii_mapped(thread, text,
                        mapping == CaseMapping::upper ? simd::upper_ascii : simd::lower_ascii);
  {
    Ref<Str> result = TRY(str_create(thread, text.length,
                                     text.kind == StrKind::one   ? 0xff
                                     : text.kind == StrKind::two ? 0xffff
                                                                 : 0x10ffff));
    char32_t widest = 0;
    bool done = visit_chars(text, [&](auto* from) {
      using C = std::remove_cvref_t<decltype(*from)>;
      return map_same_width(static_cast<C*>(str_data(result.get())), from, text.length, mapping,
                            widest);
    });
    if (done && text.length > 1 && widest >= 0x80 && kind_for(widest) == text.kind) return result;
    if (done) return str_from_view(thread, result->view());
  }
  StrBuilder builder(thread);
  for (Word i = 0; i < text.length; ++i) TRY(append_mapped(builder, text, i, mapping));
  return builder.finish();
}
Result<Ref<Str>> str_lower(Thread& thread, Borrowed<Str> self) {
  return mapped(thread, self, CaseMapping::lower);
}
Result<Ref<Str>> str_upper(Thread& thread, Borrowed<Str> self) {
  return mapped(thread, self, CaseMapping::upper);
}
Result<Ref<Str>> str_casefold(Thread& thread, Borrowed<Str> self) {
  return mapped(thread, self, CaseMapping::fold);
}

// A copy of ASCII text with each character put through change(c, i).
template <class Change>
static Result<Ref<Str>> ascii_changed(Thread& thread, StrView text, Change change) {
  auto* from = static_cast<const uint8_t*>(text.data);
  if (text.length == 0) return Ref<Str>::adopt(str_empty());
  if (text.length == 1) return str_from_char(thread, change(from[0], Word{0}));
  Ref<Str> result = TRY(str_create(thread, text.length, 0x7f));
  auto* to = static_cast<uint8_t*>(str_data(result.get()));
  for (Word i = 0; i < text.length; ++i) to[i] = change(from[i], i);
  return result;
}
static uint8_t ascii_lower(uint8_t c) {
  return static_cast<uint8_t>(c + (static_cast<uint8_t>(c - 'A') < 26 ? 32 : 0));
}
static uint8_t ascii_upper(uint8_t c) {
  return static_cast<uint8_t>(c - (static_cast<uint8_t>(c - 'a') < 26 ? 32 : 0));
}
static bool is_ascii_letter(uint8_t c) { return static_cast<uint8_t>((c | 32) - 'a') < 26; }

Result<Ref<Str>> str_title(Thread& thread, Borrowed<Str> self) {
  StrView text = self->view();
  if (text.ascii) {
    bool inside = false;
    return ascii_changed(thread, text, [&](uint8_t c, Word) {
      uint8_t changed = inside ? ascii_lower(c) : ascii_upper(c);
      inside = is_ascii_letter(c);
      return changed;
    });
  }
  StrBuilder builder(thread);
  bool in_word = false;
  for (Word i = 0; i < text.length; ++i) {
    TRY(append_mapped(builder, text, i, in_word ? CaseMapping::lower : CaseMapping::title));
    in_word = unicode_is(text[i], kUnicode_cased);
  }
  return builder.finish();
}
Result<Ref<Str>> str_capitalize(Thread& thread, Borrowed<Str> self) {
  StrView text = self->view();
  if (text.ascii) {
    return ascii_changed(
        thread, text, [](uint8_t c, Word i) { return i == 0 ? ascii_upper(c) : ascii_lower(c); });
  }
  StrBuilder builder(thread);
  for (Word i = 0; i < text.length; ++i)
    TRY(append_mapped(builder, text, i, i == 0 ? CaseMapping::title : CaseMapping::lower));
  return builder.finish();
}
Result<Ref<Str>> str_swapcase(Thread& thread, Borrowed<Str> self) {
  StrView text = self->view();
  if (text.ascii) {
    return ascii_changed(thread, text, [](uint8_t c, Word) {
      return static_cast<uint8_t>(is_ascii_letter(c) ? c ^ 32 : c);
    });
  }
  StrBuilder builder(thread);
  for (Word i = 0; i < text.length; ++i) {
    uint16_t flags = unicode_record(text[i]).flags;
    if (flags & kUnicode_upper) {
      TRY(append_mapped(builder, text, i, CaseMapping::lower));
    } else if (flags & kUnicode_lower) {
      TRY(append_mapped(builder, text, i, CaseMapping::upper));
    } else {
      TRY(builder.append(text[i]));
    }
  }
  return builder.finish();
}

// ---- classes ------------------------------------------------------------------------------------
static bool all_are(Borrowed<Str> self, uint16_t flags) {
  StrView text = self->view();
  return text.length > 0 && visit_chars(text, [&](auto* chars) {
           for (Word i = 0; i < text.length; ++i) {
             if (!unicode_is(chars[i], flags)) return false;
           }
           return true;
         });
}
bool str_isascii(Borrowed<Str> self) { return self->ascii(); }
bool str_isspace(Borrowed<Str> self) { return all_are(self, kUnicode_space); }
bool str_isdecimal(Borrowed<Str> self) { return all_are(self, kUnicode_decimal); }
bool str_isdigit(Borrowed<Str> self) { return all_are(self, kUnicode_digit); }
bool str_isnumeric(Borrowed<Str> self) { return all_are(self, kUnicode_numeric); }
bool str_isalpha(Borrowed<Str> self) { return all_are(self, kUnicode_alpha); }
bool str_isalnum(Borrowed<Str> self) {
  return all_are(self, kUnicode_alpha | kUnicode_decimal | kUnicode_digit | kUnicode_numeric);
}
bool str_isprintable(Borrowed<Str> self) {
  return self->length() == 0 || all_are(self, kUnicode_printable);
}
bool str_isidentifier(Borrowed<Str> self) {
  return self->length() > 0 && unicode_is(self->view()[0], kUnicode_identifier_start) &&
         all_are(self, kUnicode_identifier_part);
}

static bool one_case(Borrowed<Str> self, uint16_t wanted, uint16_t others) {
  StrView text = self->view();
  bool seen = false;
  for (Word i = 0; i < text.length; ++i) {
    uint16_t flags = unicode_record(text[i]).flags;
    if (flags & others) return false;
    seen |= bool(flags & wanted);
  }
  return seen;
}
bool str_islower(Borrowed<Str> self) {
  return one_case(self, kUnicode_lower, kUnicode_upper | kUnicode_title);
}
bool str_isupper(Borrowed<Str> self) {
  return one_case(self, kUnicode_upper, kUnicode_lower | kUnicode_title);
}
bool str_istitle(Borrowed<Str> self) {
  StrView text = self->view();
  bool in_word = false, seen = false;
  for (Word i = 0; i < text.length; ++i) {
    uint16_t flags = unicode_record(text[i]).flags;
    if (flags & (kUnicode_upper | kUnicode_title)) {
      if (in_word) return false;
      in_word = seen = true;
    } else if (flags & kUnicode_lower) {
      if (!in_word) return false;
      seen = true;
    } else {
      in_word = false;
    }
  }
  return seen;
}

// ---- padding ------------------------------------------------------------------------------------
static Result<char32_t> fill_of(Thread& thread, Any fill) {
  if (!is_str(fill)) {
    return raise<TypeError>(thread, "The fill character must be a unicode character, not {}",
                            type_name_in(fill));
  }
  StrView view = Borrowed<Str>(fill.value())->view();
  if (view.length != 1)
    return raise<TypeError>(thread, "The fill character must be exactly one character long");
  return view[0];
}
static AnyResult padded(Thread& thread, Borrowed<Str> self, Word left, Word right, char32_t fill) {
  if (left <= 0 && right <= 0) return str_exact(thread, self);
  Word total;
  if (self->ascii() && fill < 0x80 &&
      !__builtin_add_overflow(left + self->length(), right, &total) && total > 1 &&
      total < kMaxStrLength) {
    Ref<Str> result = TRY(str_create(thread, total, 0x7f));
    char* out = static_cast<char*>(str_data(result.get()));
    memset(out, static_cast<int>(fill), static_cast<size_t>(left));
    copy_bytes(out + left, self->data(), static_cast<size_t>(self->length()));
    memset(out + left + self->length(), static_cast<int>(fill), static_cast<size_t>(right));
    return result;
  }
  StrBuilder builder(thread);
  TRY(builder.append_repeated(fill, left));
  TRY(builder.append(self));
  TRY(builder.append_repeated(fill, right));
  return builder.finish();
}
AnyResult str_center(Thread& thread, Borrowed<Str> self, Word width, Any fill) {
  char32_t c = TRY(fill_of(thread, fill));
  if (width <= self->length()) return str_exact(thread, self);
  Word pad = width - self->length();
  Word left = pad / 2 + (pad & width & 1);  // the odd one goes left when the width is odd too
  return padded(thread, self, left, pad - left, c);
}
AnyResult str_ljust(Thread& thread, Borrowed<Str> self, Word width, Any fill) {
  char32_t c = TRY(fill_of(thread, fill));
  return width <= self->length() ? str_exact(thread, self)
                                 : padded(thread, self, 0, width - self->length(), c);
}
AnyResult str_rjust(Thread& thread, Borrowed<Str> self, Word width, Any fill) {
  char32_t c = TRY(fill_of(thread, fill));
  return width <= self->length() ? str_exact(thread, self)
                                 : padded(thread, self, width - self->length(), 0, c);
}
AnyResult str_zfill(Thread& thread, Borrowed<Str> self, Word width) {
  StrView text = self->view();
  if (width <= text.length) return str_exact(thread, self);
  StrBuilder builder(thread);
  bool sign = text.length > 0 && (text[0] == '+' || text[0] == '-');
  if (sign) TRY(builder.append(text[0]));
  TRY(builder.append_repeated('0', width - text.length));
  TRY(builder.append(view_slice(text, sign, text.length)));
  return builder.finish();
}
AnyResult str_expandtabs(Thread& thread, Borrowed<Str> self, int tab_size) {
  StrView text = self->view();
  StrBuilder builder(thread);
  Word column = 0, done = 0;
  for (Word i = 0; i < text.length; ++i) {
    char32_t c = text[i];
    if (c != '\t') {
      column = c == '\n' || c == '\r' ? 0 : column + 1;
      continue;
    }
    TRY(builder.append(view_slice(text, done, i)));
    done = i + 1;
    if (tab_size > 0) {
      Word spaces = tab_size - column % tab_size;
      if (builder.length() > kMaxStrLength - spaces)
        return raise<OverflowError>(thread, "new string is too long");
      TRY(builder.append_repeated(' ', spaces));
      column += spaces;
    }
  }
  if (done == 0) return str_exact(thread, self);
  TRY(builder.append(view_slice(text, done, text.length)));
  return builder.finish();
}

// ---- translation --------------------------------------------------------------------------------
// What table maps c to: appended to builder. The lookup runs Python.
static Result<void> append_translated(Thread& thread, StrBuilder& builder, Any table, char32_t c) {
  AnyResult found = get_item(thread, table, Any(small_int(static_cast<Word>(c))));
  if (found.raised()) {
    if (!pending_is<LookupError>(thread)) return Raised{};
    clear_exception(thread);
    return builder.append(c);
  }
  AnyRef to = found.take();
  if (to.value().is_none()) return {};
  if (is_str(to.value())) return builder.append(Borrowed<Str>(to.value()));
  if (!is_int(to.value()))
    return raise<TypeError>(thread, "character mapping must return integer, None or str");
  Word code;
  if (!int_to_word(to.value(), code) || code < 0 || code > 0x10ffff) {
    return raise<ValueError>(thread, "character mapping must be in range(0x110000)");
  }
  return builder.append(static_cast<char32_t>(code));
}

// ASCII text through a dict: each character is looked up once, and what is not ASCII again goes the
// long way. Nothing when it has to.
static Result<void> ascii_translated(Thread& thread, StrView text, Borrowed<Dict> table,
                                     Maybe<Ref<Str>>& out) {
  enum : uint8_t { kUnknown = 0xff, kGone = 0xfe };
  uint8_t known[128];
  memset(known, kUnknown, sizeof known);
  StrBuilder builder(thread);
  for (Word i = 0; i < text.length; ++i) {
    uint8_t c = static_cast<uint8_t>(text.text()[static_cast<size_t>(i)]);
    if (known[c] == kUnknown) {
      AnyLookup found = dict_get(thread, table, Any(small_int(c)));
      if (found.raised()) return Raised{};
      Word code = -1;
      if (found.is_absent()) {
        code = c;
      } else if (found.value().is_none()) {
        code = kGone;
      } else if (is_exact(found.value(), SHAPE(str)) &&
                 Borrowed<Str>(found.value())->length() == 1) {
        code = static_cast<Word>(Borrowed<Str>(found.value())->view()[0]);
        if (code >= 128) code = -1;
      } else if (found.value().is_int()) {
        code = small_int_value(found.value());
        if (code < 0 || code >= 128) code = -1;
      }
      if (code < 0) return {};
      known[c] = static_cast<uint8_t>(code);
    }
    if (known[c] != kGone) TRY(builder.append(static_cast<char32_t>(known[c])));
  }
  out = Maybe<Ref<Str>>(TRY(builder.finish()));
  return {};
}

AnyResult str_translate(Thread& thread, Borrowed<Str> self, Any table) {
  StrView text = self->view();
  if (text.ascii && is_exact(table, SHAPE(dict))) {
    Maybe<Ref<Str>> quick;
    TRY(ascii_translated(thread, text, Borrowed<Dict>(table.value()), quick));
    if (quick) return quick.take();
  }
  StrBuilder builder(thread);
  for (Word i = 0; i < text.length; ++i) TRY(append_translated(thread, builder, table, text[i]));
  return builder.finish();
}

AnyResult str_maketrans(Thread& thread, Any x, MaybeAny y, MaybeAny z) {
  Ref<Dict> table = TRY(dict_create(thread));
  auto code_at = [](Borrowed<Str> text, Word i) {
    return Any(small_int(static_cast<Word>(text->view()[i])));
  };
  if (y) {
    if (!is_str(x)) {
      return raise<TypeError>(
          thread, "first maketrans argument must be a string if there is a second argument");
    }
    for (MaybeAny other : {y, z}) {
      if (other && !is_str(other.value())) {
        return raise<TypeError>(thread, "maketrans() argument {} must be str, not {}",
                                other.value() == y.value() ? 2 : 3, type_name_in(*other));
      }
    }
    Borrowed<Str> from(x.value()), to(y.value());
    if (from->length() != to->length()) {
      return raise<ValueError>(thread, "the first two maketrans arguments must have equal length");
    }
    for (Word i = 0; i < from->length(); ++i)
      TRY(dict_set(thread, table, code_at(from, i), code_at(to, i)));
    if (z) {
      Borrowed<Str> removed(z.value());
      for (Word i = 0; i < removed->length(); ++i)
        TRY(dict_set(thread, table, code_at(removed, i), Any(kNone)));
    }
    return table;
  }
  if (!is_exact(x, SHAPE(dict))) {
    return raise<TypeError>(thread, "if you give only one argument to maketrans it must be a dict");
  }
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, Borrowed<Dict>(x.value()), position, key, value)) {
    if (is_str(key.value())) {
      Borrowed<Str> text(key.value());
      if (text->length() != 1)
        return raise<ValueError>(thread, "string keys in translatetable must be of length 1");
      TRY(dict_set(thread, table, code_at(text, 0), value.borrow()));
    } else if (is_int(key.value())) {
      TRY(dict_set(thread, table, key.borrow(), value.borrow()));
    } else {
      return raise<TypeError>(thread, "keys in translate table mustbe strings or integers");
    }
  }
  return table;
}

}  // namespace dx
