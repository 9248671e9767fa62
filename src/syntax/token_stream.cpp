#include "syntax/token_stream.h"

#include <cstring>

namespace dx::syntax {
namespace {

std::string with_last_newline(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

}  // namespace

TokenStream::TokenStream(std::string_view text)
    : text_(with_last_newline(text)),
      implicit_newline_(text_.size() != text.size()),
      tokenizer_(text_, {.extra_tokens = true, .type_comments = false}) {}

TokenStream::Next TokenStream::next(TokenView& view) {
  if (done_) return Next::end;
  Token token;
  if (!tokenizer_.next(token)) {
    done_ = true;
    error_ = tokenizer_.error();
    int line = tokenizer_.lineno();
    const char* message = nullptr;
    switch (tokenizer_.state()) {
      case Tokenizer::State::raised: return Next::error;
      case Tokenizer::State::end_of_input:
        message = "unexpected EOF in multi-line statement";
        break;
      case Tokenizer::State::bad_dedent:
        message = "unindent does not match any outer indentation level";
        error_.kind = ErrorKind::indentation_error;
        break;
      case Tokenizer::State::bad_tabs:
        message = "inconsistent use of tabs and spaces in indentation";
        error_.kind = ErrorKind::tab_error;
        break;
      case Tokenizer::State::too_deep:
        message = "too many levels of indentation";
        error_.kind = ErrorKind::indentation_error;
        break;
      case Tokenizer::State::bad_continuation:
        message = "unexpected character after line continuation character";
        break;
      case Tokenizer::State::ok: message = "unknown tokenization error"; break;
    }
    error_.message = message;
    error_.line = error_.end_line = line;
    error_.col = error_.end_col =
        count_code_points({tokenizer_.line_start(),
                           static_cast<size_t>(tokenizer_.cursor() - tokenizer_.line_start())});
    error_.text.assign(tokenizer_.line_start(), tokenizer_.line_end());
    return Next::error;
  }
  const char* text_end = text_.data() + text_.size();
  const char* first_line = tokenizer_.line_start();
  if (token.start != nullptr && token.col_offset >= 0) first_line = token.start - token.col_offset;
  view.type = static_cast<int>(token.type);
  view.text = token.start == nullptr ? std::string_view() : token.text();
  view.lineno = token.lineno;
  view.end_lineno = token.end_lineno;
  const char* line_end = tokenizer_.line_end();
  view.line = {first_line, static_cast<size_t>(line_end - first_line)};
  view.col = token.col_offset < 0
                 ? -1
                 : count_code_points({first_line, static_cast<size_t>(token.col_offset)});
  const char* last_line = tokenizer_.line_start();
  view.end_col = token.end == nullptr
                     ? -1
                     : count_code_points({last_line, static_cast<size_t>(token.end - last_line)}) +
                           (token.type == Tok::NEWLINE);
  // What closes the text stands on the line after its last.
  bool closing =
      token.type == Tok::ENDMARKER ||
      (token.type == Tok::DEDENT && tokenizer_.state() == Tokenizer::State::end_of_input);
  if (closing) {
    view.lineno = view.end_lineno = token.lineno + 1;
    view.col = view.end_col = 0;
    view.line = view.text = {};
    done_ = token.type == Tok::ENDMARKER;
    return Next::token;
  }
  bool on_last_line = line_end == text_end;
  if (implicit_newline_ && on_last_line) {
    // The newline we added is not shown.
    view.line.remove_suffix(1);
    if (token.type == Tok::NL) view.text = {};
  }
  if (token.type > Tok::DEDENT && token.type < Tok::OP) {
    view.type = static_cast<int>(Tok::OP);
  } else if (token.type == Tok::NEWLINE) {
    bool ours = implicit_newline_ && on_last_line;
    view.text =
        ours ? std::string_view() : std::string_view(token.start, token.end + 1 - token.start);
  }
  return Next::token;
}

}  // namespace dx::syntax
