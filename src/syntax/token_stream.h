#pragma once
// The tokens of a text as `_tokenize.TokenizerIter(readline, extra_tokens=True)` shows them to
// Lib/tokenize.py: comments and empty lines included, operators all of type OP, positions in
// characters, each with the source lines it stands on.
//
// The caller joins what readline returned (its newlines untouched) and makes Python tuples of the
// views. Invariant: views point into this object's copy of the text and live as long as it does.

#include <string>
#include <string_view>

#include "syntax/tokenizer.h"

namespace dx::syntax {

struct TokenView {
  int type = 0;  // the numbers of Python's `token` module
  std::string_view text;
  int lineno = 0, col = 0, end_lineno = 0, end_col = 0;
  std::string_view line;  // from the token's first line to the end of its last
};

class TokenStream {
 public:
  enum class Next : uint8_t { token, end, error };

  // Requires: `text` is valid UTF-8 without zero bytes.
  explicit TokenStream(std::string_view text);

  // After the ENDMARKER: end. After a mistake: error, described by error().
  Next next(TokenView& view);
  const SyntaxErrorInfo& error() const { return error_; }

 private:
  std::string text_;
  bool implicit_newline_;  // the text's last newline is ours
  bool done_ = false;
  Tokenizer tokenizer_;
  SyntaxErrorInfo error_;
};

}  // namespace dx::syntax
