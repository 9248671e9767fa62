// str.format, str.format_map and str.__format__.

#include "objects/str_format.h"

#include "objects/dict.h"
#include "objects/errors.h"
#include "objects/format_spec.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"

namespace dx {

// ---- reading ------------------------------------------------------------------------------------
// text[at] is just behind the '{'.
static Result<void> read_field(Thread& thread, FormatReader& reader, FormatPiece& piece) {
  StrView text = reader.text;
  Word& at = reader.at;
  Word start = at;
  char32_t c = 0;
  for (; at < text.length;) {
    c = text[at++];
    if (c == '{') return raise<ValueError>(thread, "unexpected '{{' in field name");
    if (c == '[') {
      while (at < text.length && text[at++] != ']') {
      }
    } else if (c == '}' || c == ':' || c == '!') {
      break;
    }
    c = 0;
  }
  piece.has_field = true;
  if (c == 0) return raise<ValueError>(thread, "expected '}}' before end of string");
  piece.name = view_slice(text, start, at - 1);
  if (c == '}') return {};
  if (c == '!') {
    if (at >= text.length)
      return raise<ValueError>(thread, "end of string while looking for conversion specifier");
    piece.conversion = text[at++];
    if (at < text.length) {
      c = text[at++];
      if (c == '}') return {};
      if (c != ':') return raise<ValueError>(thread, "expected ':' after conversion specifier");
    }
  }
  start = at;
  for (Word depth = 1; at < text.length; ++at) {
    if (text[at] == '{') {
      piece.nested = true;
      ++depth;
    } else if (text[at] == '}' && --depth == 0) {
      piece.spec = view_slice(text, start, at++);
      return {};
    }
  }
  return raise<ValueError>(thread, "unmatched '{{' in format spec");
}

Result<bool> format_next(Thread& thread, FormatReader& reader, FormatPiece& piece) {
  StrView text = reader.text;
  piece = FormatPiece();
  if (reader.at >= text.length) return false;
  Word start = reader.at;
  while (reader.at < text.length && text[reader.at] != '{' && text[reader.at] != '}') ++reader.at;
  piece.literal = view_slice(text, start, reader.at);
  if (reader.at == text.length) return true;
  char32_t c = text[reader.at++];
  bool doubled = reader.at < text.length && text[reader.at] == c;
  if (doubled) {  // the first of the two belongs to the literal
    piece.literal = view_slice(text, start, reader.at++);
    return true;
  }
  if (c == '}') return raise<ValueError>(thread, "Single '}}' encountered in format string");
  if (reader.at == text.length)
    return raise<ValueError>(thread, "Single '{{' encountered in format string");
  TRY(read_field(thread, reader, piece));
  return true;
}

// All digits: their value; -1 when not.
static Result<Word> name_index(Thread& thread, StrView text) {
  if (text.length == 0) return -1;
  Word number = 0;
  for (Word i = 0; i < text.length; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    if (__builtin_mul_overflow(number, Word{10}, &number) ||
        __builtin_add_overflow(number, static_cast<Word>(text[i] - '0'), &number)) {
      return raise<ValueError>(thread, "Too many decimal digits in format string");
    }
  }
  return number;
}

Result<void> format_name_first(Thread& thread, StrView name, StrView& first, Word& index,
                               NameReader& rest) {
  Word end = 0;
  while (end < name.length && name[end] != '.' && name[end] != '[') ++end;
  first = view_slice(name, 0, end);
  rest.rest = view_slice(name, end, name.length);
  index = TRY(name_index(thread, first));
  return {};
}

Result<bool> format_name_next(Thread& thread, NameReader& reader, NamePart& part) {
  StrView text = reader.rest;
  part = NamePart();
  if (text.length == 0) return false;
  Word end = 1;
  if (text[0] == '.') {
    part.attribute = true;
    while (end < text.length && text[end] != '.' && text[end] != '[') ++end;
    part.text = view_slice(text, 1, end);
    reader.rest = view_slice(text, end, text.length);
  } else if (text[0] == '[') {
    while (end < text.length && text[end] != ']') ++end;
    if (end == text.length) return raise<ValueError>(thread, "Missing ']' in format string");
    part.text = view_slice(text, 1, end);
    reader.rest = view_slice(text, end + 1, text.length);
    part.index = TRY(name_index(thread, part.text));
  } else {
    return raise<ValueError>(thread, "Only '.' or '[' may follow ']' in format field specifier");
  }
  if (part.text.length == 0) return raise<ValueError>(thread, "Empty attribute in format string");
  return true;
}

// ---- formatting ---------------------------------------------------------------------------------
namespace {

class Formatter {
 public:
  // arguments: of str.format; mapping: of format_map (then there are no positional values).
  Formatter(Thread& thread, const Arguments* arguments, MaybeAny mapping)
      : thread_(thread), arguments_(arguments), mapping_(mapping) {}

  Result<Ref<Str>> run(StrView text, int depth) {
    if (depth == 0) return raise<ValueError>(thread_, "Max string recursion exceeded");
    StrBuilder out(thread_);
    FormatReader reader{text};
    FormatPiece piece;
    while (TRY(format_next(thread_, reader, piece))) {
      TRY(out.append(piece.literal));
      if (piece.has_field) TRY(field(out, piece, depth));
    }
    return out.finish();
  }

 private:
  Result<void> field(StrBuilder& out, const FormatPiece& piece, int depth) {
    AnyRef value = TRY(lookup(piece.name));
    if (piece.conversion) {
      if (piece.conversion == 'r')
        value = TRY(repr(thread_, value));
      else if (piece.conversion == 's')
        value = TRY(str(thread_, value));
      else if (piece.conversion == 'a')
        value = TRY(ascii(thread_, value));
      else {
        if (piece.conversion > 32 && piece.conversion < 127) {
          Ref<Str> shown = TRY(str_from_char(thread_, piece.conversion));
          return raise<ValueError>(thread_, "Unknown conversion specifier {}", shown);
        }
        char shown[16];
        snprintf(shown, sizeof(shown), "\\x%x", static_cast<unsigned>(piece.conversion));
        return raise<ValueError>(thread_, "Unknown conversion specifier {}",
                                 static_cast<const char*>(shown));
      }
    }
    Ref<Str> spec =
        piece.nested ? TRY(run(piece.spec, depth - 1)) : TRY(str_from_view(thread_, piece.spec));
    if (spec->length() == 0 && is_exact(value.value(), SHAPE(str)))
      return out.append(Borrowed<Str>(value.value()));
    Ref<Str> text = TRY(format(thread_, value, spec));
    return out.append(text.borrow());
  }

  AnyResult lookup(StrView name) {
    StrView first = name;
    Word index;
    NameReader rest{name};
    TRY(format_name_first(thread_, name, first, index, rest));
    if (first.length == 0) {
      if (numbering_ == Numbering::manual) {
        return raise<ValueError>(
            thread_, "cannot switch from manual field specification to automatic field numbering");
      }
      numbering_ = Numbering::automatic;
      index = next_++;
    } else if (index >= 0) {
      if (numbering_ == Numbering::automatic) {
        return raise<ValueError>(
            thread_, "cannot switch from automatic field numbering to manual field specification");
      }
      numbering_ = Numbering::manual;
    }
    AnyRef value = TRY(index >= 0 ? positional(index) : keyword(first));
    NamePart part;
    while (TRY(format_name_next(thread_, rest, part))) {
      if (part.attribute) {
        Ref<Str> attribute = TRY(str_from_view(thread_, part.text));
        value = TRY(get_attr(thread_, value, attribute));
      } else if (part.index >= 0) {
        value = TRY(get_item(thread_, value, Any(small_int(part.index))));
      } else {
        Ref<Str> key = TRY(str_from_view(thread_, part.text));
        value = TRY(get_item(thread_, value, key));
      }
    }
    return value;
  }

  AnyResult positional(Word index) {
    if (arguments_ == nullptr)
      return raise<ValueError>(thread_, "Format string contains positional fields");
    if (static_cast<size_t>(index) >= arguments_->positional()) {
      return raise<IndexError>(
          thread_, "Replacement index {} out of range for positional args tuple", index);
    }
    return share(thread_, (*arguments_)[static_cast<size_t>(index)]);
  }

  AnyResult keyword(StrView name) {
    Ref<Str> key = TRY(str_from_view(thread_, name));
    if (mapping_) return get_item(thread_, *mapping_, key);
    size_t keywords = arguments_->keywords();
    for (size_t i = 0; i < keywords; ++i) {
      Any given = arguments_->names->item(static_cast<Word>(i));
      if (str_equal(Borrowed<Str>(given.value()), key))
        return share(thread_, (*arguments_)[arguments_->positional() + i]);
    }
    return raise_key_error(thread_, key);
  }

  Thread& thread_;
  const Arguments* arguments_;
  MaybeAny mapping_;
  enum class Numbering : uint8_t { unknown, manual, automatic } numbering_ = Numbering::unknown;
  Word next_ = 0;
};

}  // namespace

AnyResult str_format_method(Thread& thread, Borrowed<Str> self, Arguments arguments) {
  return Formatter(thread, &arguments, MaybeAny()).run(self->view(), 2);
}
AnyResult str_format_map(Thread& thread, Borrowed<Str> self, Any mapping) {
  return Formatter(thread, nullptr, MaybeAny(mapping)).run(self->view(), 2);
}
Result<Ref<Str>> str_format_dunder(Thread& thread, Borrowed<Str> self, Borrowed<Str> spec) {
  if (str_view(spec).length == 0 && !is_exact(self.value(), SHAPE(str))) return str(thread, self);
  return format_str(thread, self, spec);
}

}  // namespace dx
