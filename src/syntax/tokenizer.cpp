#include "syntax/tokenizer.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "base/unicode_identifier.h"

namespace dx::syntax {
namespace {

enum : uint8_t { kIdentifierStart = 1, kIdentifierPart = 2, kDigit = 4, kHexDigit = 8 };

struct CharTable {
  uint8_t flags[256] = {};
  constexpr CharTable() {
    for (int c = 0; c < 256; ++c) {
      bool digit = c >= '0' && c <= '9';
      bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
      if (letter) flags[c] |= kIdentifierStart | kIdentifierPart;
      if (digit) flags[c] |= kIdentifierPart | kDigit | kHexDigit;
      if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) flags[c] |= kHexDigit;
    }
  }
};
constexpr CharTable kChars;

bool has_flag(int c, uint8_t flag) { return c >= 0 && (kChars.flags[c] & flag) != 0; }
bool is_digit(int c) { return has_flag(c, kDigit); }
bool is_identifier_part(int c) { return has_flag(c, kIdentifierPart); }

Tok one_char(int c) {
  switch (c) {
    case '(': return Tok::LPAR;
    case ')': return Tok::RPAR;
    case '[': return Tok::LSQB;
    case ']': return Tok::RSQB;
    case ':': return Tok::COLON;
    case ',': return Tok::COMMA;
    case ';': return Tok::SEMI;
    case '+': return Tok::PLUS;
    case '-': return Tok::MINUS;
    case '*': return Tok::STAR;
    case '/': return Tok::SLASH;
    case '|': return Tok::VBAR;
    case '&': return Tok::AMPER;
    case '<': return Tok::LESS;
    case '>': return Tok::GREATER;
    case '=': return Tok::EQUAL;
    case '.': return Tok::DOT;
    case '%': return Tok::PERCENT;
    case '{': return Tok::LBRACE;
    case '}': return Tok::RBRACE;
    case '~': return Tok::TILDE;
    case '^': return Tok::CIRCUMFLEX;
    case '@': return Tok::AT;
    case '!': return Tok::EXCLAMATION;
    default: return Tok::OP;
  }
}

Tok two_chars(int c, int d) {
  if (d == '=') {
    switch (c) {
      case '!': return Tok::NOTEQUAL;
      case '%': return Tok::PERCENTEQUAL;
      case '&': return Tok::AMPEREQUAL;
      case '*': return Tok::STAREQUAL;
      case '+': return Tok::PLUSEQUAL;
      case '-': return Tok::MINEQUAL;
      case '/': return Tok::SLASHEQUAL;
      case ':': return Tok::COLONEQUAL;
      case '<': return Tok::LESSEQUAL;
      case '=': return Tok::EQEQUAL;
      case '>': return Tok::GREATEREQUAL;
      case '@': return Tok::ATEQUAL;
      case '^': return Tok::CIRCUMFLEXEQUAL;
      case '|': return Tok::VBAREQUAL;
      default: return Tok::OP;
    }
  }
  if (c == d) {
    switch (c) {
      case '*': return Tok::DOUBLESTAR;
      case '/': return Tok::DOUBLESLASH;
      case '<': return Tok::LEFTSHIFT;
      case '>': return Tok::RIGHTSHIFT;
      default: return Tok::OP;
    }
  }
  if (c == '-' && d == '>') return Tok::RARROW;
  return Tok::OP;
}

Tok three_chars(int c, int d, int e) {
  if (e == '=' && c == d) {
    switch (c) {
      case '*': return Tok::DOUBLESTAREQUAL;
      case '/': return Tok::DOUBLESLASHEQUAL;
      case '<': return Tok::LEFTSHIFTEQUAL;
      case '>': return Tok::RIGHTSHIFTEQUAL;
      default: break;
    }
  }
  return Tok::OP;
}

std::string format_text(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string format_text(const char* format, ...) {
  char buffer[256];
  va_list args;
  va_start(args, format);
  vsnprintf(buffer, sizeof buffer, format, args);
  va_end(args);
  return buffer;
}

}  // namespace

int count_code_points(std::string_view text) {
  int count = 0;
  size_t at = 0;
  while (at < text.size()) {
    at += unicode::sequence_length(text.data() + at, text.size() - at);
    ++count;
  }
  return count;
}

std::string invalid_escape_message(std::string_view escape, bool octal) {
  std::string text(escape);
  return "\"\\" + text + "\" is an invalid " + (octal ? "octal " : "") +
         "escape sequence. Such sequences will not work in the future. Did you mean \"\\\\" + text +
         "\"? A raw string is also an option.";
}

Tokenizer::Tokenizer(std::string_view text, const Options& options)
    : options_(options),
      text_start_(text.data()),
      text_end_(text.data() + text.size()),
      cur_(text.data()),
      line_start_(text.data()),
      line_end_(text.data()),
      buffer_start_(text.data()) {
  indent_columns_[0] = indent_alt_columns_[0] = 0;
  modes_.emplace_back();
}

// Requires: cur_ is at the end of the current line. Enters the next one and returns its first
// character.
int Tokenizer::enter_line() {
  if (state_ != State::ok) return kEnd;
  if (cur_ == text_end_) {
    state_ = State::end_of_input;
    return kEnd;
  }
  if (token_start_ == nullptr) buffer_start_ = cur_;
  line_start_ = cur_;
  ++lineno_;
  const void* newline = std::memchr(cur_, '\n', text_end_ - cur_);
  line_end_ = newline == nullptr ? text_end_ : static_cast<const char*>(newline) + 1;
  return static_cast<unsigned char>(*cur_++);
}

bool Tokenizer::emit(Token& token, Tok type, const char* start, const char* end) {
  bool multi_line = type == Tok::STRING || (type >= Tok::FSTRING_START && type <= Tok::TSTRING_END);
  const char* from = multi_line ? first_line_start_ : line_start_;
  token.type = type;
  token.soft_keyword = false;
  token.level = static_cast<uint8_t>(level_);
  token.lineno = multi_line ? first_lineno_ : lineno_;
  token.end_lineno = lineno_;
  token.start = start;
  token.end = end;
  token.col_offset = start != nullptr && start >= from ? static_cast<int32_t>(start - from) : -1;
  // Where the reading stopped: behind a newline, and behind both braces of `{{`.
  token.end_col_offset =
      end != nullptr && cur_ >= line_start_ ? static_cast<int32_t>(cur_ - line_start_) : -1;
  return true;
}

bool Tokenizer::fail(Token& token, State state) {
  emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
  state_ = state;
  return false;
}

// The text shown is the current line without its newline; columns count from 1.
void Tokenizer::set_error(std::string message, int col, int end_col) {
  if (col < 0) {
    col = count_code_points({line_start_, static_cast<size_t>(cur_ - line_start_)});
  }
  if (end_col < 0) end_col = col;
  const char* end =
      static_cast<const char*>(std::memchr(line_start_, '\n', text_end_ - line_start_));
  if (end == nullptr) end = text_end_;
  error_.kind = ErrorKind::syntax_error;
  error_.message = std::move(message);
  error_.line = error_.end_line = lineno_;
  error_.col = col;
  error_.end_col = end_col;
  error_.text.assign(line_start_, end);
  error_.has_position = true;
  state_ = State::raised;
}

bool Tokenizer::raise(Token& token, std::string message) {
  set_error(std::move(message), -1, -1);
  emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
  return false;
}

// Columns in bytes, counted from 1.
bool Tokenizer::raise_range(Token& token, int col, int end_col, std::string message) {
  col = count_code_points({line_start_, static_cast<size_t>(col)});
  end_col = count_code_points({line_start_, static_cast<size_t>(end_col)});
  set_error(std::move(message), col, end_col);
  emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
  return false;
}

bool Tokenizer::next(Token& token) {
  if (state_ == State::raised || (state_ != State::ok && state_ != State::end_of_input)) {
    emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
    return false;
  }
  return mode().in_text ? scan_text(token) : scan(token);
}

// Measures the white space a line begins with and compares it with the open blocks. Tabs count to
// the next multiple of eight, and once more as single columns: when the two measures order lines
// differently, the indentation is ambiguous.
bool Tokenizer::read_indentation(bool& blank_line, Token& token) {
  int column = 0, alt_column = 0, continued_column = 0;
  int c;
  while (true) {
    c = next_char();
    if (c == ' ') {
      ++column, ++alt_column;
    } else if (c == '\t') {
      column = (column / 8 + 1) * 8;
      ++alt_column;
    } else if (c == '\f') {
      column = alt_column = 0;
    } else if (c == '\\') {
      // Indentation cannot be split over lines: the first line's measure counts.
      if (continued_column == 0) continued_column = column;
      c = continuation();
      if (c == kEnd) {
        emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
        return false;
      }
    } else {
      break;
    }
  }
  back(c);
  if (c == '#' || c == '\n' || c == '\r') blank_line = true;
  if (blank_line || level_ > 0) return true;
  if (continued_column != 0) column = alt_column = continued_column;
  if (column == indent_columns_[indent_]) {
    if (alt_column != indent_alt_columns_[indent_]) {
      cur_ = line_end_;
      return fail(token, State::bad_tabs);
    }
    return true;
  }
  if (column > indent_columns_[indent_]) {
    if (indent_ + 1 >= kMaxIndents) {
      cur_ = line_end_;
      return fail(token, State::too_deep);
    }
    if (alt_column <= indent_alt_columns_[indent_]) {
      cur_ = line_end_;
      return fail(token, State::bad_tabs);
    }
    ++pending_;
    ++indent_;
    indent_columns_[indent_] = column;
    indent_alt_columns_[indent_] = alt_column;
    return true;
  }
  while (indent_ > 0 && column < indent_columns_[indent_]) {
    --pending_;
    --indent_;
  }
  if (column != indent_columns_[indent_]) {
    cur_ = line_end_;
    return fail(token, State::bad_dedent);
  }
  if (alt_column != indent_alt_columns_[indent_]) {
    cur_ = line_end_;
    return fail(token, State::bad_tabs);
  }
  return true;
}

// After a backslash: the next line must exist. Leaves the cursor at its first character, or returns
// kEnd with the state saying why.
int Tokenizer::continuation() {
  int c = next_char();
  if (c == '\r') c = next_char();
  if (c != '\n') {
    state_ = State::bad_continuation;
    return kEnd;
  }
  c = next_char();
  if (c == kEnd) {
    state_ = State::end_of_input;
    cur_ = line_end_;
    return kEnd;
  }
  back(c);
  return c;
}

bool Tokenizer::scan(Token& token) {
  bool blank_line;
  int c;
next_line:
  blank_line = false;
  token_start_ = nullptr;
  if (at_line_begin_) {
    at_line_begin_ = false;
    if (!read_indentation(blank_line, token)) return false;
  }
  token_start_ = cur_ == line_end_ ? text_end_ : cur_;
  if (pending_ < 0) {
    ++pending_;
    return options_.extra_tokens ? emit(token, Tok::DEDENT, cur_, cur_)
                                 : emit(token, Tok::DEDENT, nullptr, nullptr);
  }
  if (pending_ > 0) {
    --pending_;
    return options_.extra_tokens ? emit(token, Tok::INDENT, line_start_, cur_)
                                 : emit(token, Tok::INDENT, nullptr, nullptr);
  }
again:
  token_start_ = nullptr;
  do {
    c = next_char();
  } while (c == ' ' || c == '\t' || c == '\f');
  token_start_ = c == kEnd ? nullptr : cur_ - 1;

  if (c == '#') {
    bool produced = false;
    bool ok = scan_comment(token, produced, blank_line);
    if (produced) return ok;
    c = next_char();
    // A comment may be the last thing in the text.
    if (c != '\n' && c != kEnd) {
      back(c);
      goto again;
    }
    // A newline that ends a comment begins, as a token, where the comment did.
    if (c == kEnd || options_.extra_tokens) token_start_ = c == kEnd ? nullptr : cur_ - 1;
  }

  if (c == kEnd) {
    if (level_ > 0) return fail(token, State::end_of_input);
    const char* at = options_.extra_tokens ? cur_ : nullptr;
    return emit(token, state_ == State::end_of_input ? Tok::ENDMARKER : Tok::ERRORTOKEN, at, at);
  }
  if (has_flag(c, kIdentifierStart)) return scan_name(token, c);
  if (c == '\r') c = next_char();
  if (c == '\n') {
    at_line_begin_ = true;
    if (blank_line || level_ > 0) {
      comment_newline_ = false;
      if (options_.extra_tokens) return emit(token, Tok::NL, token_start_, cur_);
      goto next_line;
    }
    if (comment_newline_ && options_.extra_tokens) {
      comment_newline_ = false;
      return emit(token, Tok::NL, token_start_, cur_);
    }
    return emit(token, Tok::NEWLINE, token_start_, cur_ - 1);
  }
  if (c == '.') {
    c = next_char();
    if (is_digit(c)) return scan_fraction(token, c);
    if (c == '.') {
      c = next_char();
      if (c == '.') return emit(token, Tok::ELLIPSIS, token_start_, cur_);
      back(c);
      back('.');
    } else {
      back(c);
    }
    return emit(token, Tok::DOT, token_start_, cur_);
  }
  if (is_digit(c)) return scan_number(token, c);
  if (c == '\'' || c == '"') return scan_string(token, c);
  if (c == '\\') {
    if (continuation() == kEnd) {
      emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
      return false;
    }
    goto again;
  }
  return scan_operator(token, c);
}

// Skips a comment, or yields it (`produced`) when comments or type comments are wanted.
bool Tokenizer::scan_comment(Token& token, bool& produced, bool blank_line) {
  const char* start = cur_ - 1;
  const char* newline = static_cast<const char*>(std::memchr(cur_, '\n', line_end_ - cur_));
  cur_ = newline == nullptr ? line_end_ : newline;
  if (options_.extra_tokens) {
    if (cur_[-1] == '\r') --cur_;  // newlines are as they came
    produced = true;
    comment_newline_ = blank_line;
    return emit(token, Tok::COMMENT, start, cur_);
  }
  if (!options_.type_comments) return true;
  const char* at = start;
  for (const char* want = "# type: "; *want != 0; ++want) {
    if (*want == ' ') {
      while (at < cur_ && (*at == ' ' || *at == '\t')) ++at;
    } else if (at < cur_ && *at == *want) {
      ++at;
    } else {
      return true;
    }
  }
  produced = true;
  const char* ignore_end = at + 6;
  bool ignore =
      cur_ >= ignore_end && std::memcmp(at, "ignore", 6) == 0 &&
      !(cur_ > ignore_end &&
        (static_cast<unsigned char>(*ignore_end) >= 128 ||
         (is_identifier_part(static_cast<unsigned char>(*ignore_end)) && *ignore_end != '_')));
  if (ignore) {
    emit(token, Tok::TYPE_IGNORE, ignore_end, cur_);
    // Alone on its line, it takes the newline with it.
    if (blank_line) {
      next_char();
      at_line_begin_ = true;
    }
    return true;
  }
  return emit(token, Tok::TYPE_COMMENT, at, cur_);
}

bool Tokenizer::scan_name(Token& token, int c) {
  bool b = false, u = false, r = false, f = false, t = false;
  // Any run of prefix letters before a quote is a string; which letters may stand together is
  // judged after.
  while (true) {
    if (!b && (c == 'b' || c == 'B'))
      b = true;
    else if (!u && (c == 'u' || c == 'U'))
      u = true;
    else if (!r && (c == 'r' || c == 'R'))
      r = true;
    else if (!f && (c == 'f' || c == 'F'))
      f = true;
    else if (!t && (c == 't' || c == 'T'))
      t = true;
    else
      break;
    c = next_char();
    if (c != '"' && c != '\'') continue;
    struct {
      bool wrong;
      char first, second;
    } const clashes[] = {{u && b, 'u', 'b'}, {u && r, 'u', 'r'}, {u && f, 'u', 'f'},
                         {u && t, 'u', 't'}, {b && f, 'b', 'f'}, {b && t, 'b', 't'},
                         {f && t, 'f', 't'}};
    for (const auto& clash : clashes) {
      if (!clash.wrong) continue;
      return raise_range(
          token, static_cast<int>(token_start_ + 1 - line_start_),
          static_cast<int>(cur_ - line_start_),
          format_text("'%c' and '%c' prefixes are incompatible", clash.first, clash.second));
    }
    return f || t ? start_formatted_string(token, c, r, t) : scan_string(token, c);
  }
  bool ascii = c < 128;
  while (is_identifier_part(c)) {
    ascii &= c < 128;
    c = next_char();
  }
  back(c);
  if (!ascii && !verify_identifier()) {
    emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
    return false;
  }
  emit(token, Tok::NAME, token_start_, cur_);
  size_t size = cur_ - token_start_;
  if (size <= 5) {
    std::string_view name(token_start_, size);
    token.soft_keyword = name == "_" || name == "match" || name == "case" || name == "type";
  }
  return true;
}

bool Tokenizer::verify_identifier() {
  const char* at = token_start_;
  bool first = true;
  while (at < cur_) {
    uint32_t code_point;
    int length = unicode::decode(at, cur_ - at, code_point);
    bool good =
        first ? unicode::is_identifier_start(code_point) : unicode::is_identifier_part(code_point);
    if (!good) {
      cur_ = at + length;
      if (unicode::is_printable(code_point)) {
        set_error(format_text("invalid character '%.*s' (U+%04X)", length, at, code_point), -1, -1);
      } else {
        set_error(format_text("invalid non-printable character U+%04X", code_point), -1, -1);
      }
      return false;
    }
    first = false;
    at += length;
  }
  return true;
}

// Digits and underscores up to the first other character, which is returned; 0 after an error.
int Tokenizer::decimal_tail() {
  while (true) {
    int c;
    do {
      c = next_char();
    } while (is_digit(c));
    if (c != '_') return c;
    c = next_char();
    if (!is_digit(c)) {
      back(c);
      set_error("invalid decimal literal", -1, -1);
      return 0;
    }
  }
}

// Whether `word` and no further identifier character comes next; consumes nothing.
bool Tokenizer::follows(const char* word) {
  size_t size = std::strlen(word);
  if (static_cast<size_t>(line_end_ - cur_) < size || std::memcmp(cur_, word, size) != 0)
    return false;
  return !is_identifier_part(static_cast<unsigned char>(cur_[size]));
}

// A number may run into a keyword (`1or 2`, with a warning) but not into another name. `c` has been
// read.
bool Tokenizer::check_number_end(int c, const char* kind) {
  if (options_.extra_tokens) return true;
  bool keyword = false;
  switch (c) {
    case 'a': keyword = follows("nd"); break;
    case 'e': keyword = follows("lse"); break;
    case 'f': keyword = follows("or"); break;
    case 'i': {
      int d = cur_ != line_end_ ? *cur_ : 0;
      keyword = d == 'f' || d == 'n' || d == 's';
      break;
    }
    case 'o': keyword = follows("r"); break;
    case 'n': keyword = follows("ot"); break;
    default: break;
  }
  std::string message = format_text("invalid %s literal", kind);
  if (keyword) {
    back(c);
    SyntaxWarning warning;
    warning.message = message;
    warning.line = warning.end_line = lineno_;
    warning.col = warning.end_col =
        count_code_points({line_start_, static_cast<size_t>(cur_ - line_start_)});
    warnings_.push_back(std::move(warning));
    next_char();
    return true;
  }
  if (c < 128 && is_identifier_part(c)) {
    back(c);
    set_error(message, -1, -1);
    return false;
  }
  return true;
}

bool Tokenizer::scan_number(Token& token, int c) {
  auto error = [&] {
    emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
    return false;
  };
  auto done = [&](int last) {
    back(last);
    return emit(token, Tok::NUMBER, token_start_, cur_);
  };
  if (c != '0') {
    c = decimal_tail();
    if (c == 0) return error();
    if (c == '.') return scan_fraction(token, next_char());
    if (c == 'e' || c == 'E' || c == 'j' || c == 'J') return scan_exponent(token, c);
    return check_number_end(c, "decimal") ? done(c) : error();
  }
  c = next_char();
  if (c == 'x' || c == 'X') {
    c = next_char();
    do {
      if (c == '_') c = next_char();
      if (!has_flag(c, kHexDigit)) {
        back(c);
        return raise(token, "invalid hexadecimal literal");
      }
      do {
        c = next_char();
      } while (has_flag(c, kHexDigit));
    } while (c == '_');
    return check_number_end(c, "hexadecimal") ? done(c) : error();
  }
  if (c == 'o' || c == 'O' || c == 'b' || c == 'B') {
    bool octal = c == 'o' || c == 'O';
    char last_digit = octal ? '7' : '1';
    const char* kind = octal ? "octal" : "binary";
    auto good = [&](int d) { return d >= '0' && d <= last_digit; };
    c = next_char();
    do {
      if (c == '_') c = next_char();
      if (!good(c)) {
        if (is_digit(c))
          return raise(token, format_text("invalid digit '%c' in %s literal", c, kind));
        back(c);
        return raise(token, format_text("invalid %s literal", kind));
      }
      do {
        c = next_char();
      } while (good(c));
    } while (c == '_');
    if (is_digit(c)) return raise(token, format_text("invalid digit '%c' in %s literal", c, kind));
    return check_number_end(c, kind) ? done(c) : error();
  }
  bool nonzero = false;
  while (true) {
    if (c == '_') {
      c = next_char();
      if (!is_digit(c)) {
        back(c);
        return raise(token, "invalid decimal literal");
      }
    }
    if (c != '0') break;
    c = next_char();
  }
  const char* zeros_end = cur_;
  if (is_digit(c)) {
    nonzero = true;
    c = decimal_tail();
    if (c == 0) return error();
  }
  if (c == '.') return scan_fraction(token, next_char());
  if (c == 'e' || c == 'E' || c == 'j' || c == 'J') return scan_exponent(token, c);
  if (nonzero && !options_.extra_tokens) {
    back(c);
    return raise_range(
        token, static_cast<int>(token_start_ + 1 - line_start_),
        static_cast<int>(zeros_end - line_start_),
        "leading zeros in decimal integer literals are not permitted; use an 0o prefix for "
        "octal integers");
  }
  return check_number_end(c, "decimal") ? done(c) : error();
}

// After a decimal point; `c` is the character behind it.
bool Tokenizer::scan_fraction(Token& token, int c) {
  if (is_digit(c)) {
    c = decimal_tail();
    if (c == 0) {
      emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
      return false;
    }
  }
  return scan_exponent(token, c);
}

// What may follow the digits of a decimal number; `c` has been read.
bool Tokenizer::scan_exponent(Token& token, int c) {
  auto error = [&] {
    emit(token, Tok::ERRORTOKEN, nullptr, nullptr);
    return false;
  };
  if (c == 'e' || c == 'E') {
    int e = c;
    c = next_char();
    if (c == '+' || c == '-') {
      c = next_char();
      if (!is_digit(c)) {
        back(c);
        return raise(token, "invalid decimal literal");
      }
    } else if (!is_digit(c)) {
      back(c);
      if (!check_number_end(e, "decimal")) return error();
      back(e);
      return emit(token, Tok::NUMBER, token_start_, cur_);
    }
    c = decimal_tail();
    if (c == 0) return error();
  }
  if (c == 'j' || c == 'J') {
    c = next_char();
    if (!check_number_end(c, "imaginary")) return error();
  } else if (!check_number_end(c, "decimal")) {
    return error();
  }
  back(c);
  return emit(token, Tok::NUMBER, token_start_, cur_);
}

bool Tokenizer::scan_string(Token& token, int quote) {
  int quote_size = 1, closing = 0;
  bool escaped_quote = false;
  first_lineno_ = lineno_;
  first_line_start_ = line_start_;
  int c = next_char();
  if (c == quote) {
    c = next_char();
    if (c == quote)
      quote_size = 3;
    else
      closing = 1;
  }
  if (c != quote) back(c);
  while (closing != quote_size) {
    // The common stretch: anything but the quote, a backslash or the line's end.
    while (cur_ != line_end_ && *cur_ != quote && *cur_ != '\\' && *cur_ != '\n') {
      ++cur_;
      closing = 0;
    }
    c = next_char();
    if (c == kEnd || (quote_size == 1 && c == '\n')) {
      int detected = lineno_;
      ended_in_string_ = c == kEnd;
      // The error is shown at the opening quote.
      cur_ = token_start_ + 1;
      line_start_ = first_line_start_;
      lineno_ = first_lineno_;
      if (inside_string() && mode().quote == quote && mode().quote_size == quote_size) {
        ended_in_string_ = false;
        return raise(token, format_text("%c-string: expecting '}'", prefix_letter()));
      }
      if (quote_size == 3) {
        return raise(token,
                     format_text("unterminated triple-quoted string literal (detected at line %d)",
                                 detected));
      }
      return raise(token,
                   format_text(escaped_quote ? "unterminated string literal (detected at line %d); "
                                               "perhaps you escaped the end quote?"
                                             : "unterminated string literal (detected at line %d)",
                               detected));
    }
    if (c == quote) {
      ++closing;
      continue;
    }
    closing = 0;
    if (c == '\\') {
      c = next_char();
      if (c == quote) escaped_quote = true;
      if (c == '\r') next_char();
    }
  }
  return emit(token, Tok::STRING, token_start_, cur_);
}

bool Tokenizer::start_formatted_string(Token& token, int quote, bool raw, bool templated) {
  int quote_size = 1;
  first_lineno_ = lineno_;
  first_line_start_ = line_start_;
  int c = next_char();
  if (c == quote) {
    int d = next_char();
    if (d == quote) {
      quote_size = 3;
    } else {
      back(d);
      back(c);
    }
  } else {
    back(c);
  }
  if (static_cast<int>(modes_.size()) >= kMaxStringNesting) {
    return raise(token, "too many nested f-strings or t-strings");
  }
  Mode opened;
  opened.in_text = true;
  opened.raw = raw;
  opened.quote = static_cast<char>(quote);
  opened.quote_size = quote_size;
  opened.kind = templated ? StringKind::templated : StringKind::format;
  opened.first_line = lineno_;
  opened.start = token_start_;
  opened.first_line_start = line_start_;
  modes_.push_back(opened);
  return emit(token, templated ? Tok::TSTRING_START : Tok::FSTRING_START, token_start_, cur_);
}

// The text of an f-string or t-string up to the next replacement field or the closing quotes.
bool Tokenizer::scan_text(Token& token) {
  bool templated = mode().kind == StringKind::templated;
  Tok middle = templated ? Tok::TSTRING_MIDDLE : Tok::FSTRING_MIDDLE;
  token_start_ = cur_;
  first_lineno_ = lineno_;
  if (cur_ == line_end_ && cur_ != text_end_ && state_ == State::ok) {
    // Enter the line now, so that the text's own start is placed on it.
    int c = next_char();
    back(c);
    first_lineno_ = lineno_;
  }
  first_line_start_ = line_start_;
  auto open_field = [&]() -> bool {
    if (++mode().expression_depth >= kMaxExpressionNesting) return false;
    mode().in_text = false;
    return true;
  };
  const char* const too_deep = "%c-string: expressions nested too deeply";

  int c = next_char();
  if (c == '{') {
    int d = next_char();
    back(d);
    if (d != '{' || mode().in_format_spec) {
      back(c);
      if (!open_field()) {
        return raise(token, format_text(too_deep, prefix_letter()));
      }
      return scan(token);
    }
  }
  back(c);

  // The closing quotes?
  int seen = 0;
  while (seen < mode().quote_size) {
    c = next_char();
    if (c != mode().quote) {
      back(c);
      break;
    }
    ++seen;
  }
  if (seen == mode().quote_size) {
    modes_.pop_back();
    return emit(token, templated ? Tok::TSTRING_END : Tok::FSTRING_END, token_start_, cur_);
  }
  if (c != mode().quote) {
    for (; seen > 0; --seen) back(mode().quote);
  }

  int closing = 0;
  bool named_escape = false;
  while (closing != mode().quote_size) {
    c = next_char();
    bool in_spec = mode().in_format_spec && mode().expression_depth >= 0;
    if (c == kEnd || (mode().quote_size == 1 && c == '\n')) {
      if (in_spec && c == '\n') {
        return raise(
            token,
            format_text("%c-string: newlines are not allowed in format specifiers for single "
                        "quoted %c-strings",
                        prefix_letter(), prefix_letter()));
      }
      int detected = lineno_;
      ended_in_string_ = c == kEnd && mode().quote_size == 3;
      cur_ = mode().start + 1;
      line_start_ = mode().first_line_start;
      lineno_ = mode().first_line;
      return raise(
          token,
          format_text(mode().quote_size == 3
                          ? "unterminated triple-quoted %c-string literal (detected at line %d)"
                          : "unterminated %c-string literal (detected at line %d)",
                      prefix_letter(), detected));
    }
    if (c == mode().quote) {
      ++closing;
      continue;
    }
    closing = 0;
    if (c == '{') {
      int d = next_char();
      if (d != '{' || in_spec) {
        back(d);
        back(c);
        if (!open_field()) {
          return raise(token, format_text(too_deep, prefix_letter()));
        }
        return emit(token, middle, token_start_, cur_);
      }
      return emit(token, middle, token_start_, cur_ - 1);
    }
    if (c == '}') {
      if (named_escape) return emit(token, middle, token_start_, cur_);
      int d = next_char();
      if (d == '}' && !in_spec && mode().depth == 0)
        return emit(token, middle, token_start_, cur_ - 1);
      back(d);
      back(c);
      mode().in_text = false;
      return emit(token, middle, token_start_, cur_);
    }
    if (c == '\\') {
      int d = next_char();
      if (d == '\r') d = next_char();
      // `\{` still opens a field: the brace is looked at again.
      if (d == '{' || d == '}') {
        if (!mode().raw) {
          char brace[2] = {static_cast<char>(d), 0};
          SyntaxWarning warning;
          warning.message = invalid_escape_message(brace, false);
          warning.line = warning.end_line = lineno_;
          warning.col = warning.end_col =
              count_code_points({line_start_, static_cast<size_t>(cur_ - line_start_)});
          warnings_.push_back(std::move(warning));
        }
        back(d);
        continue;
      }
      if (!mode().raw && d == 'N') {
        d = next_char();
        if (d == '{')
          named_escape = true;
        else
          back(d);
      }
    }
  }
  cur_ -= mode().quote_size;
  return emit(token, middle, token_start_, cur_);
}

bool Tokenizer::scan_operator(Token& token, int c) {
  bool in_field = inside_string() && mode().expression_depth >= 0;
  if (in_field && (c == ':' || c == '}' || c == '!' || c == '{')) {
    // `{` has not been counted yet, so only the others see the depth they belong to.
    int depth = mode().depth - (c != '{');
    if (c == ':' && depth == mode().expression_depth) {
      mode().in_text = true;
      mode().in_format_spec = true;
      return emit(token, Tok::COLON, token_start_, cur_);
    }
  }
  int d = next_char();
  Tok type = two_chars(c, d);
  if (type != Tok::OP) {
    int e = next_char();
    Tok longer = three_chars(c, d, e);
    if (longer != Tok::OP)
      type = longer;
    else
      back(e);
    return emit(token, type, token_start_, cur_);
  }
  back(d);

  switch (c) {
    case '(':
    case '[':
    case '{':
      if (level_ >= kMaxBrackets) return raise(token, "too many nested parentheses");
      brackets_[level_++] = {static_cast<char>(c), lineno_,
                             static_cast<int32_t>(token_start_ - line_start_)};
      if (inside_string()) ++mode().depth;
      break;
    case ')':
    case ']':
    case '}':
      if (inside_string() && mode().depth == 0 && c == '}') {
        return raise(token, format_text("%c-string: single '}' is not allowed", prefix_letter()));
      }
      if (!options_.extra_tokens && level_ == 0)
        return raise(token, format_text("unmatched '%c'", c));
      if (level_ > 0) {
        const Bracket& open = brackets_[--level_];
        bool matches = (open.kind == '(' && c == ')') || (open.kind == '[' && c == ']') ||
                       (open.kind == '{' && c == '}');
        if (!options_.extra_tokens && !matches) {
          // A field's own brace is not offered as partner of a stray bracket inside it.
          if (inside_string() && open.kind == '{' && mode().depth - 1 == mode().expression_depth) {
            return raise(token, format_text("%c-string: unmatched '%c'", prefix_letter(), c));
          }
          if (open.lineno != lineno_) {
            return raise(
                token,
                format_text("closing parenthesis '%c' does not match opening parenthesis '%c' on "
                            "line %d",
                            c, open.kind, open.lineno));
          }
          return raise(
              token, format_text("closing parenthesis '%c' does not match opening parenthesis '%c'",
                                 c, open.kind));
        }
      }
      if (inside_string()) {
        Mode& m = mode();
        --m.depth;
        if (m.depth < 0)
          return raise(token, format_text("%c-string: unmatched '%c'", prefix_letter(), c));
        if (c == '}' && m.depth == m.expression_depth) {
          --m.expression_depth;
          m.in_text = true;
          m.in_format_spec = false;
          m.in_debug = false;
        }
      }
      break;
    default: break;
  }
  if (c < 0x20 || c == 0x7f)
    return raise(token, format_text("invalid non-printable character U+%04X", c));
  return emit(token, one_char(c), token_start_, cur_);
}

Tok keyword_token(std::string_view name) {
  // By first letter; each group is short.
  switch (name.size() < 2 || name.size() > 8 ? 0 : name[0]) {
#define KEYWORD(word) \
  if (name == #word) return Tok::k_##word;
    case 'F': KEYWORD(False) break;
    case 'N': KEYWORD(None) break;
    case 'T': KEYWORD(True) break;
    case 'a': KEYWORD(and) KEYWORD(as) KEYWORD(assert) KEYWORD(async) KEYWORD(await) break;
    case 'b': KEYWORD(break) break;
    case 'c': KEYWORD(class) KEYWORD(continue) break;
    case 'd': KEYWORD(def) KEYWORD(del) break;
    case 'e': KEYWORD(elif) KEYWORD(else) KEYWORD(except) break;
    case 'f': KEYWORD(finally) KEYWORD(for) KEYWORD(from) break;
    case 'g': KEYWORD(global) break;
    case 'i': KEYWORD(if) KEYWORD(import) KEYWORD(in) KEYWORD(is) break;
    case 'l': KEYWORD(lambda) break;
    case 'n': KEYWORD(nonlocal) KEYWORD(not) break;
    case 'o': KEYWORD(or) break;
    case 'p': KEYWORD(pass) break;
    case 'r': KEYWORD(raise) KEYWORD(return) break;
    case 't': KEYWORD(try) break;
    case 'w': KEYWORD(while) KEYWORD(with) break;
    case 'y': KEYWORD(yield) break;
#undef KEYWORD
    default: break;
  }
  return Tok::NAME;
}

}  // namespace dx::syntax
