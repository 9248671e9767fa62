// Literals: numbers, strings with their escapes, f-strings and t-strings.
#include <charconv>
#include <cstdio>
#include <cstring>

#include "base/unicode_identifier.h"
#include "base/unicode_names.h"
#include "syntax/parser.h"

namespace dx::syntax {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  return c - 'A' + 10;
}
bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The double nearest to a decimal literal without underscores.
double to_double(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  // Too large or too small: the place of the first digit that is not zero says which.
  long magnitude = 0, exponent = 0;
  bool seen_point = false, seen_digit = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == 'e' || c == 'E') {
      exponent = text[i + 1] == '-' ? -100000 : 100000;
      const char* from = text.data() + i + 1 + (text[i + 1] == '+');
      std::from_chars(from, text.data() + text.size(), exponent);
      break;
    }
    if (c == '.') {
      seen_point = true;
    } else if (c != '0' || seen_digit) {
      seen_digit = true;
      if (!seen_point) ++magnitude;
    } else if (seen_point) {
      --magnitude;
    }
  }
  return magnitude + exponent > 0 ? __builtin_inf() : 0.0;
}

}  // namespace

Expr* Parser::number() {
  const Token token = tokens_[pos_++];
  std::string_view text = token.text();
  Constant* node = make<Constant>(arena_, token.lineno, token.col_offset, token.end_lineno,
                                  token.end_col_offset);
  ConstantValue& value = node->value;
  if (text.find('_') != std::string_view::npos) {
    if (flags_.feature_version < 6) {
      return raise_last(
          "Underscores in numeric literals are only supported in Python 3.6 and greater");
    }
    buffer_.clear();
    for (char c : text) {
      if (c != '_') buffer_ += c;
    }
    text = buffer_;
  }
  int base = 10;
  if (text.size() > 2 && text[0] == '0') {
    char mark = text[1] | 0x20;
    base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
  }
  if (base == 10) {
    char last = text.back();
    if (last == 'j' || last == 'J') {
      value.kind = ConstantKind::Complex;
      value.number = to_double(text.substr(0, text.size() - 1));
      return node;
    }
    if (text.find_first_of(".eE") != std::string_view::npos) {
      value.kind = ConstantKind::Float;
      value.number = to_double(text);
      return node;
    }
  } else {
    text.remove_prefix(2);
  }
  while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
  int64_t integer = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer, base);
  if (error == std::errc()) {
    value.kind = ConstantKind::Int;
    value.integer = integer;
    return node;
  }
  if (base == 10 && flags_.int_max_str_digits > 0 &&
      text.size() > static_cast<size_t>(flags_.int_max_str_digits)) {
    char message[400];
    std::snprintf(
        message, sizeof message,
        "Exceeds the limit (%d digits) for integer string conversion: value has %zu digits; use "
        "sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge "
        "integer "
        "literals to avoid decimal conversion limits.",
        flags_.int_max_str_digits, text.size());
    return raise_at(node, message);
  }
  value.kind = ConstantKind::BigInt;
  value.base = static_cast<uint8_t>(base);
  value.text = arena_.copy(text);
  return node;
}

// ---- Escapes ----

bool Parser::warn_escape(const Token& place, std::string_view before, std::string_view escape,
                         bool octal) {
  if (diagnosing_) return true;
  SyntaxWarning warning;
  warning.message = invalid_escape_message(escape, octal);
  // The warning names the line of the escape, the error it may become the whole token. In an
  // f-string's text the token is the closing quotes, for CPython decodes the text when it meets
  // them.
  warning.line = place.lineno;
  for (char c : before) warning.line += c == '\n';
  warning.col = place.col_offset + 1;
  warning.end_line = place.end_lineno;
  warning.end_col = place.end_col_offset + 1;
  warning.error_line = place.lineno;
  warnings_.push_back(std::move(warning));
  return true;
}

// `body` is the text between the quotes, or a piece of an f-string.
bool Parser::decode_string(const Token& token, const Token& place, std::string_view body, bool raw,
                           ConstantValue& out) {
  out.kind = ConstantKind::Str;
  const char* end = body.data() + body.size();
  const char* backslash =
      raw ? nullptr : static_cast<const char*>(std::memchr(body.data(), '\\', body.size()));
  if (backslash == nullptr) {
    out.text = arena_.copy(body);
  } else {
    std::string text;
    text.reserve(body.size());
    const char* at = body.data();
    // Positions in messages count the characters of the text with what is not ASCII written as
    // \UXXXXXXXX (and a backslash before it as \u005c).
    auto position = [&](const char* where) {
      size_t count = 0;
      for (const char* c = body.data(); c < where; ++c) {
        unsigned char byte = static_cast<unsigned char>(*c);
        if (byte < 0x80)
          ++count;
        else if (byte >= 0xC0)
          count += 10 + (c > body.data() && c[-1] == '\\' ? 5 : 0);
      }
      return count;
    };
    auto wrong = [&](const char* from, const char* to, const char* reason) {
      // The last position belongs to the escape.
      char message[200];
      size_t first = position(from), last = position(to) - 1;
      if (first == last) {
        std::snprintf(
            message, sizeof message,
            "(unicode error) 'unicodeescape' codec can't decode byte 0x%02x in position %zu: %s",
            '\\', first, reason);
      } else {
        std::snprintf(
            message, sizeof message,
            "(unicode error) 'unicodeescape' codec can't decode bytes in position %zu-%zu: %s",
            first, last, reason);
      }
      raise_last(message);
      return false;
    };
    const char* bad_escape = nullptr;
    bool bad_octal = false;
    while (at < end) {
      const char* next = static_cast<const char*>(std::memchr(at, '\\', end - at));
      if (next == nullptr) next = end;
      text.append(at, next);
      if (next == end) break;
      at = next + 1;
      if (at == end) {  // before a replacement field
        text += '\\';
        break;
      }
      char c = *at++;
      switch (c) {
        case '\n': break;
        case '\\':
        case '\'':
        case '"': text += c; break;
        case 'b': text += '\b'; break;
        case 'f': text += '\f'; break;
        case 't': text += '\t'; break;
        case 'n': text += '\n'; break;
        case 'r': text += '\r'; break;
        case 'v': text += '\v'; break;
        case 'a': text += '\a'; break;
        case '0':
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
        case '7': {
          uint32_t value = c - '0';
          const char* digits = at - 1;
          for (int i = 0; i < 2 && at < end && *at >= '0' && *at <= '7'; ++i)
            value = value * 8 + (*at++ - '0');
          if (value > 0377 && bad_escape == nullptr) {
            bad_escape = digits;
            bad_octal = true;
          }
          unicode::append_utf8(text, value);
          break;
        }
        case 'x':
        case 'u':
        case 'U': {
          int count = c == 'x' ? 2 : c == 'u' ? 4 : 8;
          uint32_t value = 0;
          int i = 0;
          for (; i < count && at < end && is_hex(*at); ++i) value = value * 16 + digit_value(*at++);
          if (i < count) {
            return wrong(next, at,
                         c == 'x'   ? "truncated \\xXX escape"
                         : c == 'u' ? "truncated \\uXXXX escape"
                                    : "truncated \\UXXXXXXXX escape");
          }
          if (value > 0x10FFFF) return wrong(next, at, "illegal Unicode character");
          if (value >= 0xD800 && value < 0xE000) out.has_surrogate = true;
          unicode::append_utf8(text, value);
          break;
        }
        case 'N': {
          const char* close = nullptr;
          if (at < end && *at == '{') {
            close = static_cast<const char*>(std::memchr(at, '}', end - at));
            if (close == nullptr) return wrong(next, end, "malformed \\N character escape");
          }
          if (close == nullptr || close == at + 1) {
            return wrong(next, close == nullptr ? at : close + 1, "malformed \\N character escape");
          }
          uint32_t value;
          if (!unicode::character_by_name({at + 1, static_cast<size_t>(close - at - 1)}, value)) {
            return wrong(next, close + 1, "unknown Unicode character name");
          }
          at = close + 1;
          unicode::append_utf8(text, value);
          break;
        }
        default:
          // Only an ASCII character after the backslash is worth a warning.
          if (bad_escape == nullptr && static_cast<unsigned char>(c) < 0x80) bad_escape = at - 1;
          text += '\\';
          text += c;
          break;
      }
    }
    if (bad_escape != nullptr) {
      // Only the first is worth a warning; `\{` in an f-string has had its own.
      const char* stop = bad_escape + 1;
      if (bad_octal) {
        while (stop < end && stop < bad_escape + 3 && *stop >= '0' && *stop <= '7') ++stop;
      } else {
        stop = bad_escape + 1;
      }
      bool formatted = token.type == Tok::FSTRING_MIDDLE || token.type == Tok::TSTRING_MIDDLE;
      if (!(formatted && (*bad_escape == '{' || *bad_escape == '}'))) {
        warn_escape(place, {body.data(), static_cast<size_t>(bad_escape - body.data())},
                    {bad_escape, static_cast<size_t>(stop - bad_escape)}, bad_octal);
      }
    }
    out.text = arena_.copy(text);
  }
  out.all_ascii = true;
  for (char c : out.text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      out.all_ascii = false;
      break;
    }
  }
  return true;
}

bool Parser::decode_bytes(const Token& token, std::string_view body, bool raw, ConstantValue& out) {
  out.kind = ConstantKind::Bytes;
  for (char c : body) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      raise_token(token, "bytes can only contain ASCII literal characters");
      return false;
    }
  }
  if (raw || body.find('\\') == std::string_view::npos) {
    out.text = arena_.copy(body);
    return true;
  }
  std::string text;
  const char* at = body.data();
  const char* end = at + body.size();
  const char* bad_escape = nullptr;
  bool bad_octal = false;
  while (at < end) {
    if (*at != '\\') {
      text += *at++;
      continue;
    }
    const char* start = at++;
    if (at == end) {
      raise_last("(value error) Trailing \\ in string");
      return false;
    }
    char c = *at++;
    switch (c) {
      case '\n': break;
      case '\\':
      case '\'':
      case '"': text += c; break;
      case 'b': text += '\b'; break;
      case 'f': text += '\f'; break;
      case 't': text += '\t'; break;
      case 'n': text += '\n'; break;
      case 'r': text += '\r'; break;
      case 'v': text += '\v'; break;
      case 'a': text += '\a'; break;
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7': {
        int value = c - '0';
        const char* digits = at - 1;
        for (int i = 0; i < 2 && at < end && *at >= '0' && *at <= '7'; ++i)
          value = value * 8 + (*at++ - '0');
        if (value > 0377 && bad_escape == nullptr) {
          bad_escape = digits;
          bad_octal = true;
        }
        text += static_cast<char>(value);
        break;
      }
      case 'x':
        if (at + 1 < end && is_hex(at[0]) && is_hex(at[1])) {
          text += static_cast<char>(digit_value(at[0]) * 16 + digit_value(at[1]));
          at += 2;
          break;
        }
        raise_last("(value error) invalid \\x escape at position " +
                   std::to_string(start - body.data()));
        return false;
      default:
        if (bad_escape == nullptr) bad_escape = at - 1;
        text += '\\';
        text += c;
    }
  }
  if (bad_escape != nullptr) {
    warn_escape(token, body.substr(0, bad_escape - body.data()),
                {bad_escape, static_cast<size_t>(bad_octal ? 3 : 1)}, bad_octal);
  }
  out.text = arena_.copy(text);
  return true;
}

// ---- Strings ----

Expr* Parser::plain_string(const Token& token) {
  std::string_view text = token.text();
  bool bytes = false, raw = false, unicode_mark = text[0] == 'u';
  while (text[0] != '\'' && text[0] != '"') {
    char c = text[0] | 0x20;
    bytes |= c == 'b';
    raw |= c == 'r';
    text.remove_prefix(1);
  }
  size_t quotes = text.size() >= 6 && text[0] == text[1] && text[0] == text[2] ? 3 : 1;
  text = text.substr(quotes, text.size() - 2 * quotes);
  Constant* node = make<Constant>(arena_, token.lineno, token.col_offset, token.end_lineno,
                                  token.end_col_offset);
  if (unicode_mark) node->kind = "u";
  bool good = bytes ? decode_bytes(token, text, raw, node->value)
                    : decode_string(token, token, text, raw, node->value);
  return good ? node : nullptr;
}

// A MIDDLE token; `{{` and `}}` leave one brace at its end, decided by the tokenizer.
Expr* Parser::string_part(const Token& token, bool raw) {
  std::string_view text = token.text();
  Constant* node = make<Constant>(arena_, token.lineno, token.col_offset, token.end_lineno,
                                  token.end_col_offset);
  if (!decode_string(token, token, text, raw, node->value)) return nullptr;
  return node;
}

// A MIDDLE token whose text is decoded later: its value is the token's number until then.
Expr* Parser::middle_part(int index) {
  const Token& token = tokens_[index];
  Constant* node = make<Constant>(arena_, token.lineno, token.col_offset, token.end_lineno,
                                  token.end_col_offset);
  node->value.kind = ConstantKind::Opaque;
  node->value.integer = index;
  return node;
}

// The source of a replacement field's expression with its comments cut out.
std::string_view Parser::field_text(const char* from, const char* to) {
  std::string text;
  bool in_string = false;
  char quote = 0;
  for (const char* c = from; c < to; ++c) {
    if (*c == '\\' && c + 1 < to) {
      text += *c++;
      text += *c;
      continue;
    }
    if (*c == '"' || *c == '\'') {
      if (!in_string) {
        in_string = true;
        quote = *c;
      } else if (*c == quote) {
        in_string = false;
      }
    } else if (*c == '#' && !in_string) {
      while (c < to && *c != '\n') ++c;
      if (c == to) break;
    }
    text += *c;
  }
  return arena_.copy(text);
}

namespace {
Constant* text_constant(Arena& arena, std::string_view text) {
  Constant* node = make<Constant>(arena);
  node->value.kind = ConstantKind::Str;
  node->value.text = text;
  node->value.all_ascii = true;
  for (char c : text) node->value.all_ascii &= static_cast<unsigned char>(c) < 0x80;
  return node;
}
}  // namespace

// At `{`. Adds the field to `parts`, and before it the text of a debug field (`{x=}`).
bool Parser::replacement_field(List<Expr*>& parts, bool templated, FieldNode kind, bool raw) {
  Deeper deeper(*this);
  if (too_deep()) return false;
  int first = pos_;
  const Token open = tokens_[pos_++];
  char prefix = templated ? 't' : 'f';
  auto wrong = [&] {
    if (diagnosing_ && !stopped_) {
      pos_ = first;
      wrong_replacement_field(templated);
    }
    return false;
  };
  Expr* value = annotated_rhs();
  if (value == nullptr) return wrong();
  const char* text_end = nullptr;
  bool debug = false;
  if (peek() == Tok::EQUAL) {
    debug = true;
    text_end = tokens_[pos_++].start;
  }
  int conversion = -1;
  const char* debug_end = nullptr;
  int debug_line = 0, debug_col = 0;
  auto note_end = [&] {
    if (debug_end != nullptr || stopped_) return;
    const Token& token = tokens_[pos_];
    if (text_end == nullptr) text_end = token.start;
    debug_end = token.start;
    debug_line = token.lineno;
    debug_col = token.col_offset;
  };
  peek();
  note_end();
  if (peek() == Tok::EXCLAMATION) {
    const Token mark = tokens_[pos_++];
    // A keyword is no conversion name.
    if (peek() != Tok::NAME) return wrong();
    const Token name = tokens_[pos_++];
    if (mark.lineno != name.lineno || mark.end_col_offset != name.col_offset) {
      raise_tokens(mark, name,
                   std::string(1, prefix) +
                       "-string: conversion type must come right after the exclamation mark");
      return false;
    }
    std::string_view text = name.text();
    if (text != "s" && text != "r" && text != "a") {
      raise_token(name, std::string(1, prefix) + "-string: invalid conversion character '" +
                            std::string(identifier(name)->view()) + "': expected 's', 'r', or 'a'");
      return false;
    }
    conversion = text[0];
  }
  Expr* spec = nullptr;
  if (peek() == Tok::COLON) {
    int colon = pos_++;
    spec = format_spec(colon, templated, raw);
    if (spec == nullptr) return wrong();
  }
  if (!accept(Tok::RBRACE)) return wrong();
  if (debug && conversion < 0 && spec == nullptr) conversion = 'r';
  if (debug) {
    Constant* text = text_constant(arena_, field_text(open.end, debug_end));
    text->lineno = open.lineno;
    text->col_offset = open.col_offset + 1;
    text->end_lineno = debug_line;
    text->end_col_offset = debug_col;
    parts.add(text);
  }
  if (kind == FieldNode::interpolation) {
    Interpolation* node = start<Interpolation>(first);
    node->value = value;
    node->str.kind = ConstantKind::Str;
    node->str.text = field_text(open.end, text_end);
    node->str.all_ascii = true;
    for (char c : node->str.text) node->str.all_ascii &= static_cast<unsigned char>(c) < 0x80;
    node->conversion = conversion;
    node->format_spec = spec;
    parts.add(finish(node));
  } else {
    FormattedValue* node = start<FormattedValue>(first);
    node->value = value;
    node->conversion = conversion;
    node->format_spec = spec;
    parts.add(finish(node));
  }
  return true;
}

// After the colon of a field, up to its closing brace.
Expr* Parser::format_spec(int colon, bool templated, bool raw) {
  JoinedStr* node = start<JoinedStr>(colon);
  List<Expr*> parts(*this);
  Tok middle = templated ? Tok::TSTRING_MIDDLE : Tok::FSTRING_MIDDLE;
  while (true) {
    if (peek() == middle) {
      const Token token = tokens_[pos_++];
      Expr* part = string_part(token, raw);
      if (part == nullptr) return nullptr;
      parts.add(part);
    } else if (peek() == Tok::LBRACE) {
      int save = pos_;
      // Fields of a format spec are formatted values, in t-strings too.
      size_t before = parts.size();
      if (!replacement_field(parts, templated, FieldNode::formatted_value, raw)) {
        if (stopped_) return nullptr;
        pos_ = save;
        while (parts.size() > before) scratch_.pop_back();
        break;
      }
    } else {
      break;
    }
  }
  if (stopped_) return nullptr;
  node->values = merge_constants(parts);
  return finish(node);
}

Expr* Parser::formatted_string(List<Expr*>& parts) {
  const Token open = tokens_[pos_++];
  bool templated = open.type == Tok::TSTRING_START;
  bool raw = open.text().find_first_of("rR") != std::string_view::npos;
  Tok middle = templated ? Tok::TSTRING_MIDDLE : Tok::FSTRING_MIDDLE;
  Tok end = templated ? Tok::TSTRING_END : Tok::FSTRING_END;
  size_t before = parts.size();
  while (true) {
    Tok type = peek();
    if (type == middle) {
      parts.add(middle_part(pos_++));
    } else if (type == Tok::LBRACE) {
      FieldNode kind = templated ? FieldNode::interpolation : FieldNode::formatted_value;
      if (!replacement_field(parts, templated, kind, raw)) return nullptr;
    } else {
      break;
    }
  }
  if (!accept(end)) return nullptr;
  if (templated && !version_at_least(14, "t-strings are")) return nullptr;
  // Only now is the text decoded: a mistake in a field is reported before one in the text around
  // it.
  for (size_t i = before; i < parts.size(); ++i) {
    Constant* part = maybe_as<Constant>(parts[i]);
    if (part == nullptr || part->value.kind != ConstantKind::Opaque) continue;
    const Token token = tokens_[part->value.integer];
    const Token end_token = tokens_[pos_ - 1];
    if (!decode_string(token, end_token, token.text(), raw, part->value)) return nullptr;
  }
  // Only "not null" matters to the caller; the parts are in the list.
  return make<JoinedStr>(arena_);
}

// Neighbouring texts become one; empty ones vanish.
Seq<Expr*> Parser::merge_constants(const List<Expr*>& parts) {
  size_t count = parts.size();
  List<Expr*> merged(*this);
  for (size_t i = 0; i < count;) {
    Expr* part = parts[i];
    if (part->kind() != ExprKind::Constant) {
      merged.add(part);
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < count && parts[end]->kind() == ExprKind::Constant) ++end;
    Constant* first = as<Constant>(part);
    if (end > i + 1) {
      Constant* last = as<Constant>(parts[end - 1]);
      std::string text;
      bool ascii = true, surrogate = false;
      for (size_t j = i; j < end; ++j) {
        const ConstantValue& value = as<Constant>(parts[j])->value;
        text.append(value.text);
        ascii &= value.all_ascii;
        surrogate |= value.has_surrogate;
      }
      Constant* joined = make<Constant>(arena_, first->lineno, first->col_offset, last->end_lineno,
                                        last->end_col_offset);
      joined->kind = first->kind;
      joined->value.kind = ConstantKind::Str;
      joined->value.text = arena_.copy(text);
      joined->value.all_ascii = ascii;
      joined->value.has_surrogate = surrogate;
      first = joined;
    }
    if (!first->value.text.empty()) merged.add(first);
    i = end;
  }
  return merged.take();
}

Expr* Parser::strings() {
  if (!second_pass_) return strings_plain();
  return memoized<Expr>(Rule::strings, [&] { return strings_plain(); });
}

// One or more string tokens side by side make one node.
Expr* Parser::strings_plain() {
  int first = pos_;
  List<Expr*> parts(*this);
  bool any_bytes = false, any_text = false, formatted = false, templated = false, plain = false;
  const Token first_token = tokens_[first];
  if (first_token.type == Tok::STRING) {
    // Decoded before the next token is asked for: an error or warning in it comes first.
    ++pos_;
    Expr* part = plain_string(first_token);
    if (part == nullptr) return nullptr;
    Tok next = peek();
    if (next != Tok::STRING && next != Tok::FSTRING_START && next != Tok::TSTRING_START) {
      return stopped_ ? nullptr : part;
    }
    bool bytes = as<Constant>(part)->value.kind == ConstantKind::Bytes;
    any_bytes |= bytes;
    any_text |= !bytes;
    plain = true;
    parts.add(part);
  }
  int mixed_at = -1;  // the first token of the other kind
  int last_before = first;
  while (true) {
    Tok type = peek();
    bool template_next = type == Tok::TSTRING_START;
    bool text_next = type == Tok::STRING || type == Tok::FSTRING_START;
    if ((template_next && (plain || formatted)) || (text_next && templated)) {
      // t-strings stand alone. In pass 1 the other kind simply does not belong.
      mixed_at = pos_;
      break;
    }
    if (template_next || text_next) last_before = pos_;
    if (type == Tok::STRING) {
      const Token token = tokens_[pos_++];
      Expr* part = plain_string(token);
      if (part == nullptr) return nullptr;
      bool bytes = as<Constant>(part)->value.kind == ConstantKind::Bytes;
      any_bytes |= bytes;
      any_text |= !bytes;
      plain = true;
      parts.add(part);
    } else if (type == Tok::FSTRING_START || type == Tok::TSTRING_START) {
      size_t before = parts.size();
      int save = pos_;
      if (formatted_string(parts) == nullptr) {
        if (stopped_ || (!plain && !formatted && !templated)) return nullptr;
        // What came before it stands.
        while (parts.size() > before) scratch_.pop_back();
        pos_ = save;
        break;
      }
      (type == Tok::TSTRING_START ? templated : formatted) = true;
    } else {
      break;
    }
  }
  if (stopped_) return nullptr;
  if (mixed_at >= 0 && diagnosing_ && !(any_bytes && (any_text || formatted))) {
    // From the last of one kind to the first of the other.
    if (peek() == Tok::STRING) {
      ++pos_;
    } else {
      List<Expr*> other(*this);
      if (formatted_string(other) == nullptr) return nullptr;
    }
    return raise_tokens(tokens_[last_before], tokens_[pos_ - 1],
                        "cannot mix t-string literals with string or bytes literals");
  }
  if (any_bytes && (any_text || formatted)) {
    return raise_last("cannot mix bytes and nonbytes literals");
  }
  if (templated) {
    TemplateStr* node = start<TemplateStr>(first);
    node->values = merge_constants(parts);
    return finish(node);
  }
  if (formatted) {
    JoinedStr* node = start<JoinedStr>(first);
    node->values = merge_constants(parts);
    return finish(node);
  }
  Constant* node = start<Constant>(first);
  std::string text;
  node->value.all_ascii = true;
  for (size_t i = 0; i < parts.size(); ++i) {
    const ConstantValue& value = as<Constant>(parts[i])->value;
    text.append(value.text);
    node->value.all_ascii &= value.all_ascii;
    node->value.has_surrogate |= value.has_surrogate;
  }
  node->value.kind = any_bytes ? ConstantKind::Bytes : ConstantKind::Str;
  node->value.text = arena_.copy(text);
  node->kind = as<Constant>(parts[0])->kind;
  return finish(node);
}

}  // namespace dx::syntax
