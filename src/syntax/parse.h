#pragma once
// The entry of the front end: source bytes in, a syntax tree or one SyntaxError out.
//
//   bytes --decode--> UTF-8 --tokenizer--> tokens --parser--> ast::Mod
//
// Used by compile(), eval(), exec(), ast.parse (through compile), imports and the interactive
// prompt. No Python objects, no global state: any thread, any number at once, each with its own
// Arena.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/ast.h"

namespace dx::syntax {

enum class ParseMode : uint8_t { exec, eval, single, func_type };

struct ParseFlags {
  bool type_comments = false;  // PyCF_TYPE_COMMENTS: fill type_comment fields and type_ignores
  bool is_utf8_str =
      false;  // the source was a str: no BOM or cookie decides its encoding (PyCF_IGNORE_COOKIE)
  bool dont_imply_dedent =
      false;  // PyCF_DONT_IMPLY_DEDENT: no DEDENTs invented at the end of input
  bool allow_incomplete_input =
      false;  // PyCF_ALLOW_INCOMPLETE_INPUT: ErrorKind::incomplete_input at the end of input
  bool barry_as_bdfl = false;  // from __future__ import barry_as_FLUFL was already in force
  int feature_version =
      14;  // minor version of Python 3 whose grammar is accepted (ast.parse's feature_version)
  // How much native stack the parser may use from where it is called. Past it:
  // ErrorKind::memory_error.
  size_t stack_limit = 3u << 20;
  int int_max_str_digits = 4300;  // longest decimal integer literal; 0: any
};

enum class ErrorKind : uint8_t {
  syntax_error,
  indentation_error,
  tab_error,
  incomplete_input,  // _IncompleteInputError, a SyntaxError
  memory_error,      // "Parser stack overflowed - Memory Error"
  overflow_error,    // a column or a line too large
  unicode_error,     // compile() shows it as SyntaxError too; message is complete
  value_error,
  system_error,
};

// What SyntaxError's constructor needs besides the file name. Columns count characters from 1, as
// SyntaxError.offset.
struct SyntaxErrorInfo {
  ErrorKind kind = ErrorKind::syntax_error;
  std::string message;
  bool has_position = true;  // false: only the message was given (lineno, offset, text are None)
  bool has_text = true;      // false: text is None
  bool has_end = true;       // false: end_lineno and end_offset are None
  int line = 0;
  int col = 0;
  int end_line = 0;
  int end_col = 0;
  std::string text;  // the source line, UTF-8
  // SyntaxError._metadata: where the last whole statement began (the source itself is the
  // caller's).
  int statement_line = 0;
  int statement_col = 0;
};

// To be issued by the caller in order, before it looks at the result; if the filter turns one into
// an error, the SyntaxError raised instead has this message and range.
struct SyntaxWarning {
  enum class Category : uint8_t { syntax, deprecation } category = Category::syntax;
  std::string message;
  int line = 0;        // where warnings.warn_explicit says it is
  int error_line = 0;  // the range of the SyntaxError
  int col = 0, end_line = 0, end_col = 0;
};

struct ParseResult {
  ast::Mod* mod = nullptr;  // null: look at error
  SyntaxErrorInfo error;
  std::vector<SyntaxWarning> warnings;
};

// Requires: `source` stays alive during the call only; the tree copies what it keeps.
ParseResult parse(ast::Arena& arena, std::string_view source, ParseMode mode,
                  const ParseFlags& flags);

// "BinOp" nodes and so on as CPython names them in messages: "expression", "function call",
// "literal", ...
const char* expression_name(const ast::Expr* expression);

}  // namespace dx::syntax
