#pragma once
// Tokens: what the tokenizer yields and the parser reads. The numbers up to kTokenCount are those
// of Python's `token` module, because the _tokenize module shows them; keywords follow, known to
// the parser only.

#include <cstdint>
#include <string_view>

namespace dx::syntax {

enum class Tok : uint8_t {
  ENDMARKER,
  NAME,
  NUMBER,
  STRING,
  NEWLINE,
  INDENT,
  DEDENT,
  LPAR,
  RPAR,
  LSQB,
  RSQB,
  COLON,
  COMMA,
  SEMI,
  PLUS,
  MINUS,
  STAR,
  SLASH,
  VBAR,
  AMPER,
  LESS,
  GREATER,
  EQUAL,
  DOT,
  PERCENT,
  LBRACE,
  RBRACE,
  EQEQUAL,
  NOTEQUAL,
  LESSEQUAL,
  GREATEREQUAL,
  TILDE,
  CIRCUMFLEX,
  LEFTSHIFT,
  RIGHTSHIFT,
  DOUBLESTAR,
  PLUSEQUAL,
  MINEQUAL,
  STAREQUAL,
  SLASHEQUAL,
  PERCENTEQUAL,
  AMPEREQUAL,
  VBAREQUAL,
  CIRCUMFLEXEQUAL,
  LEFTSHIFTEQUAL,
  RIGHTSHIFTEQUAL,
  DOUBLESTAREQUAL,
  DOUBLESLASH,
  DOUBLESLASHEQUAL,
  AT,
  ATEQUAL,
  RARROW,
  ELLIPSIS,
  COLONEQUAL,
  EXCLAMATION,
  OP,
  TYPE_IGNORE,
  TYPE_COMMENT,
  SOFT_KEYWORD,
  FSTRING_START,
  FSTRING_MIDDLE,
  FSTRING_END,
  TSTRING_START,
  TSTRING_MIDDLE,
  TSTRING_END,
  COMMENT,
  NL,
  ERRORTOKEN,
  ENCODING,
  kTokenCount,
  // Keywords, in the parser's tokens only.
  k_False = 80,
  k_None,
  k_True,
  k_and,
  k_as,
  k_assert,
  k_async,
  k_await,
  k_break,
  k_class,
  k_continue,
  k_def,
  k_del,
  k_elif,
  k_else,
  k_except,
  k_finally,
  k_for,
  k_from,
  k_global,
  k_if,
  k_import,
  k_in,
  k_is,
  k_lambda,
  k_nonlocal,
  k_not,
  k_or,
  k_pass,
  k_raise,
  k_return,
  k_try,
  k_while,
  k_with,
  k_yield,
};

struct Token {
  Tok type = Tok::ENDMARKER;
  bool soft_keyword = false;  // a NAME that is match, case, type or _
  uint8_t level = 0;          // open brackets after this token
  int32_t lineno = 0;
  int32_t col_offset = -1;  // bytes; -1 when the token has no text
  int32_t end_lineno = 0;
  int32_t end_col_offset = -1;
  const char* start = nullptr;
  const char* end = nullptr;

  std::string_view text() const { return {start, static_cast<size_t>(end - start)}; }
};

// The Tok of a keyword, or NAME.
Tok keyword_token(std::string_view name);

}  // namespace dx::syntax
