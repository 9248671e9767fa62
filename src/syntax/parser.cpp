// Tokens, errors and the two passes. The rules themselves are in parser_*.cpp.
#include "syntax/parser.h"

#include <cstring>

#include "base/unicode_identifier.h"
#include "syntax/decode.h"

namespace dx::syntax {

Parser::Parser(Arena& arena, std::string_view text, ParseMode mode, const ParseFlags& flags,
               bool columns_in_bytes)
    : arena_(arena),
      text_(text),
      mode_(mode),
      flags_(flags),
      columns_in_bytes_(columns_in_bytes),
      tokenizer_(text, {.extra_tokens = false, .type_comments = flags.type_comments}) {
  barry_ = flags.barry_as_bdfl;
  tokens_.reserve(64 + text.size() / 4);
  uintptr_t stack = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  stack_bottom_ = stack > flags.stack_limit ? stack - flags.stack_limit : 0;
}

bool Parser::too_deep() {
  if (depth_<kMaxDepth&& reinterpret_cast<uintptr_t>(__builtin_frame_address(0))> stack_bottom_)
    return false;
  if (!stopped_) {
    stopped_ = raised_ = true;
    error_ = {};
    error_.kind = ErrorKind::memory_error;
    error_.message = "Parser stack overflowed - Memory Error";
    error_.has_position = false;
  }
  return true;
}

void Parser::fetch() {
  Token token;
  bool good;
  while (true) {
    good = tokenizer_.next(token);
    if (good && token.type == Tok::TYPE_IGNORE) {
      type_ignores_.emplace_back(token.lineno, arena_.copy(token.text()));
      continue;
    }
    break;
  }
  if (good && token.type == Tok::NAME) token.type = keyword_token(token.text());
  // A lone statement at the prompt ends with the text, with or without a newline.
  if (mode_ == ParseMode::single && token.type == Tok::ENDMARKER && parsing_started_) {
    token.type = Tok::NEWLINE;
    parsing_started_ = false;
    if (tokenizer_.has_indent() && !flags_.dont_imply_dedent) tokenizer_.close_blocks();
  } else {
    parsing_started_ = true;
  }
  tokens_.push_back(token);
  if (!good) {
    stopped_ = true;
    if (!raised_) raise_tokenizer_error();
  }
}

const Token& Parser::last_visible() const {
  int index = pos_ - 1;
  while (index > 0) {
    Tok type = tokens_[index].type;
    if (type != Tok::NEWLINE && type != Tok::INDENT && type != Tok::DEDENT &&
        type != Tok::ENDMARKER)
      break;
    --index;
  }
  return tokens_[index < 0 ? 0 : index];
}

bool Parser::demand(Tok type, const char* text) {
  if (accept(type)) return true;
  if (!stopped_) raise_token(tokens_[pos_], std::string("expected '") + text + "'");
  return false;
}

const Identifier* Parser::identifier(const Token& token) {
  std::string_view text = token.text();
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) continue;
    std::string normal = unicode::normalize_identifier(text);
    if ((normal == "None" || normal == "True" || normal == "False") && !raised_) {
      // Written with look-alikes it is no keyword, and then no name either.
      stopped_ = raised_ = final_error_ = true;
      error_ = {};
      error_.kind = ErrorKind::value_error;
      error_.message = "identifier field can't represent '" + normal + "' constant";
      error_.has_position = false;
    }
    return arena_.intern(normal);
  }
  return arena_.intern(text);
}

Name* Parser::name_node(ExprContext ctx) {
  const Token& token = tokens_[pos_++];
  Name* name =
      make<Name>(arena_, token.lineno, token.col_offset, token.end_lineno, token.end_col_offset);
  name->id = identifier(token);
  name->ctx = ctx;
  return name;
}

// ---- Memory of pass 2 ----

bool Parser::recall(Rule rule, void*& result) {
  if (pos_ >= static_cast<int>(memo_heads_.size())) return false;
  for (int32_t i = memo_heads_[pos_]; i >= 0; i = memos_[i].next) {
    if (memos_[i].rule != rule) continue;
    result = memos_[i].result;
    pos_ = memos_[i].end;
    return true;
  }
  return false;
}

void* Parser::remember(Rule rule, int from, void* result) {
  if (stopped_) return nullptr;
  if (from >= static_cast<int>(memo_heads_.size())) memo_heads_.resize(tokens_.size() + 64, -1);
  memos_.push_back({rule, pos_, result, memo_heads_[from]});
  memo_heads_[from] = static_cast<int32_t>(memos_.size()) - 1;
  return result;
}

// ---- Errors ----

// Text of a line as an error shows it. The line the tokenizer is on is shown with its newline, an
// earlier one without; of a string that the input does not end, all lines.
std::string Parser::shown_line(int line) {
  const char* from = tokenizer_.line_start();
  if (tokenizer_.lineno() <= line && tokenizer_.line_end() > from) {
    return std::string(from, tokenizer_.line_end());
  }
  const char* at = text_.data();
  const char* end = at + text_.size();
  for (int i = 0; i < line - 1; ++i) {
    const char* newline = static_cast<const char*>(std::memchr(at, '\n', end - at));
    if (newline == nullptr || newline + 1 > tokenizer_.line_end()) break;
    at = newline + 1;
  }
  const char* newline = static_cast<const char*>(std::memchr(at, '\n', end - at));
  return std::string(at, newline == nullptr ? end : newline);
}

// Columns come in bytes from 1 (0 when unknown) and leave in characters.
void Parser::raise(ErrorKind kind, int line, int col, int end_line, int end_col,
                   std::string message) {
  if (raised_) return;
  stopped_ = raised_ = true;
  error_ = {};
  error_.kind = kind;
  error_.message = std::move(message);
  if (end_line == kCurrent) end_line = tokenizer_.lineno();
  if (end_col == kCurrent)
    end_col = static_cast<int>(tokenizer_.cursor() - tokenizer_.line_start());
  error_.line = line;
  error_.end_line = end_line;
  error_.text = shown_line(line);
  auto characters = [&](int bytes) {
    if (bytes < 0) return -1;
    size_t size = bytes;
    if (size > error_.text.size() + 1) size = error_.text.size() + 1;
    // One byte past the text is the zero that ends it.
    int extra = size > error_.text.size() ? 1 : 0;
    return count_code_points({error_.text.data(), size - extra}) + extra;
  };
  error_.col = columns_in_bytes_ ? col : characters(col);
  error_.end_col = columns_in_bytes_ ? end_col : characters(end_col);
}

std::nullptr_t Parser::raise_last(std::string message) {
  return raise_last(ErrorKind::syntax_error, std::move(message));
}

std::nullptr_t Parser::raise_last(ErrorKind kind, std::string message) {
  if (raised_) return nullptr;
  if (tokens_.empty()) {
    raise(kind, 0, 0, 0, 0, std::move(message));
    return nullptr;
  }
  const Token& token = tokens_.back();
  int col, end_col = -1;
  if (token.type == Tok::ERRORTOKEN && tokenizer_.state() == Tokenizer::State::end_of_input) {
    if (tokenizer_.level() > 0) {
      raise_unclosed();
      return nullptr;
    }
    message = kind == ErrorKind::incomplete_input ? message : "unexpected EOF while parsing";
  }
  if (token.col_offset == -1) {
    col = tokenizer_.cursor() == tokenizer_.buffer_start()
              ? 0
              : static_cast<int>(tokenizer_.cursor() - tokenizer_.line_start());
  } else {
    col = token.col_offset + 1;
  }
  if (token.end_col_offset != -1) end_col = token.end_col_offset + 1;
  raise(kind, token.lineno, col, token.end_lineno, end_col, std::move(message));
  return nullptr;
}

std::nullptr_t Parser::raise_at(const Located* node, std::string message) {
  return raise_range(node, node, std::move(message));
}

std::nullptr_t Parser::raise_range(const Located* first, const Located* last, std::string message) {
  raise(ErrorKind::syntax_error, first->lineno, first->col_offset + 1, last->end_lineno,
        last->end_col_offset + 1, std::move(message));
  return nullptr;
}

std::nullptr_t Parser::raise_token(const Token& token, std::string message) {
  return raise_tokens(token, token, std::move(message));
}

std::nullptr_t Parser::raise_tokens(const Token& first, const Token& last, std::string message) {
  raise(ErrorKind::syntax_error, first.lineno, first.col_offset + 1, last.end_lineno,
        last.end_col_offset + 1, std::move(message));
  return nullptr;
}

std::nullptr_t Parser::raise_from(int line, int col, std::string message) {
  raise(ErrorKind::syntax_error, line, col + 1, kCurrent, kCurrent, std::move(message));
  return nullptr;
}

std::nullptr_t Parser::raise_next(std::string message) {
  const Token& token = at(pos_);
  if (stopped_) return nullptr;
  int col = token.col_offset == -1 ? static_cast<int>(tokenizer_.cursor() - tokenizer_.line_start())
                                   : token.col_offset + 1;
  int end_col = token.end_col_offset == -1 ? -1 : token.end_col_offset + 1;
  raise(ErrorKind::syntax_error, token.lineno, col, token.end_lineno, end_col, std::move(message));
  return nullptr;
}

void Parser::raise_unclosed() {
  const Tokenizer::Bracket& bracket = tokenizer_.innermost_bracket();
  raise(ErrorKind::syntax_error, bracket.lineno, bracket.col + 1, bracket.lineno, 0,
        std::string("'") + bracket.kind + "' was never closed");
}

void Parser::raise_tokenizer_error() {
  const char* message = nullptr;
  ErrorKind kind = ErrorKind::syntax_error;
  int col = 0;
  switch (tokenizer_.state()) {
    case Tokenizer::State::raised:
      raised_ = true;
      error_ = tokenizer_.error();
      return;
    case Tokenizer::State::end_of_input:
      if (tokenizer_.level() > 0)
        raise_unclosed();
      else
        raise_last("unexpected EOF while parsing");
      return;
    case Tokenizer::State::bad_dedent:
      raise_last(ErrorKind::indentation_error,
                 "unindent does not match any outer indentation level");
      return;
    case Tokenizer::State::bad_tabs:
      kind = ErrorKind::tab_error;
      message = "inconsistent use of tabs and spaces in indentation";
      break;
    case Tokenizer::State::too_deep:
      kind = ErrorKind::indentation_error;
      message = "too many levels of indentation";
      break;
    case Tokenizer::State::bad_continuation:
      col = static_cast<int>(tokenizer_.cursor() - tokenizer_.buffer_start()) - 1;
      message = "unexpected character after line continuation character";
      break;
    case Tokenizer::State::ok: message = "unknown parsing error"; break;
  }
  raise(kind, tokenizer_.lineno(), col >= 0 ? col + 1 : 1, tokenizer_.lineno(), 0, message);
}

// Whether the parser failed because the text ended: the next line may still complete it.
bool Parser::at_end_of_source() {
  return tokenizer_.state() == Tokenizer::State::end_of_input || tokenizer_.ended_in_string();
}

// An error of the parser gives way to one the tokenizer would have met further on: an unclosed
// bracket or string there is more likely the cause.
void Parser::check_rest_of_source(int last_token) {
  SyntaxErrorInfo kept = std::move(error_);
  int line = tokens_[last_token].lineno;
  raised_ = false;
  Token token;
  while (true) {
    if (tokenizer_.next(token)) {
      if (token.type == Tok::ENDMARKER) break;
      continue;
    }
    if (tokenizer_.state() == Tokenizer::State::raised) {
      // Inside an f-string the later error is most likely only the consequence of the earlier.
      if (tokenizer_.inside_string()) break;
      error_ = tokenizer_.error();
      raised_ = true;
      return;
    }
    if (tokenizer_.level() > 0 && !tokenizer_.inside_string() &&
        line > tokenizer_.innermost_bracket().lineno) {
      raise_unclosed();
      return;
    }
    break;
  }
  error_ = std::move(kept);
  raised_ = true;
}

void Parser::raise_generic(int last) {
  if (tokens_.empty()) {
    raise_last("error at start before reading any input");
    return;
  }
  const Token token = tokens_[last];
  if (token.type == Tok::ERRORTOKEN && tokenizer_.state() == Tokenizer::State::end_of_input) {
    if (tokenizer_.level() > 0)
      raise_unclosed();
    else
      raise_last("unexpected EOF while parsing");
    return;
  }
  if (token.type == Tok::INDENT || token.type == Tok::DEDENT) {
    raise_last(ErrorKind::indentation_error,
               token.type == Tok::INDENT ? "unexpected indent" : "unexpected unindent");
    return;
  }
  raise_token(token, "invalid syntax");
  check_rest_of_source(static_cast<int>(tokens_.size()) - 1);
}

ParseResult Parser::run() {
  ParseResult result;
  Mod* mod = parse_mod();
  auto tokenizer_is_fine = [&] { return tokenizer_.state() == Tokenizer::State::ok; };
  auto fail = [&] {
    error_.statement_line = statement_line_;
    error_.statement_col = statement_col_;
    result.error = std::move(error_);
  };
  if (mod != nullptr && !stopped_) {
    result.mod = mod;
  } else if (final_error_ && error_.kind == ErrorKind::syntax_error) {
    fail();
  } else if (flags_.allow_incomplete_input && at_end_of_source()) {
    raised_ = false;
    // Not through raise_last: an unclosed bracket is what makes it incomplete.
    if (tokens_.empty()) {
      raise(ErrorKind::incomplete_input, 0, 0, 0, -1, "incomplete input");
    } else {
      const Token token = tokens_.back();
      bool blank = token.col_offset == -1;
      raise(ErrorKind::incomplete_input, token.lineno,
            blank ? static_cast<int>(tokenizer_.cursor() - tokenizer_.line_start())
                  : token.col_offset + 1,
            token.end_lineno, token.end_col_offset == -1 ? -1 : token.end_col_offset + 1,
            "incomplete input");
    }
    statement_line_ = statement_col_ = 0;
    fail();
  } else if (raised_ && (error_.kind == ErrorKind::memory_error || final_error_)) {
    fail();
  } else {
    // Only what pass 2 reads counts as a whole statement.
    statement_line_ = statement_col_ = 0;
    if (raised_) {
      if (tokenizer_is_fine()) check_rest_of_source(static_cast<int>(tokens_.size()) - 1);
    } else {
      int last_token = static_cast<int>(tokens_.size()) - 1;
      second_pass_ = diagnosing_ = true;
      pos_ = 0;
      scratch_.clear();
      parse_mod();
      if (raised_) {
        if (error_.kind != ErrorKind::memory_error && !final_error_ && tokenizer_is_fine()) {
          check_rest_of_source(static_cast<int>(tokens_.size()) - 1);
        }
      } else {
        raise_generic(last_token);
      }
    }
    fail();
  }
  result.warnings = std::move(warnings_);
  std::vector<SyntaxWarning>& early = tokenizer_.warnings();
  result.warnings.insert(result.warnings.begin(), early.begin(), early.end());
  return result;
}

bool Parser::version_at_least(int minor, const char* what) {
  if (flags_.feature_version >= minor) return true;
  raise_last(std::string(what) + " only supported in Python 3." + std::to_string(minor) +
             " and greater");
  return false;
}

ParseResult parse(Arena& arena, std::string_view source, ParseMode mode, const ParseFlags& flags) {
  ParseResult result;
  DecodedSource decoded = decode_source(source, mode, flags);
  if (!decoded.good) {
    result.error = std::move(decoded.error);
    return result;
  }
  Parser parser(arena, decoded.text, mode, flags, false);
  return parser.run();
}

}  // namespace dx::syntax
