#pragma once
// UTF-8 text -> tokens, one at a time, as the parser asks for them.
//
//   buffer:  ...previous lines...\n|  current line  \n|...
//                                  ^line_start  ^cur   ^line_end
//
// A line is "entered" only when its first character is asked for: `lineno` therefore stays on the
// line of the last character read, and errors at the end of input name the last real line, as
// Python programs expect.
//
// f-strings and t-strings make the tokenizer a stack of modes: text mode yields START, MIDDLE, END
// and enters expression mode at `{`; expression mode is ordinary tokenizing until the bracket depth
// returns to where the brace opened.
//
// The tokenizer owns no memory but its error text; tokens point into the caller's buffer, which
// must end with a zero byte and have no other, and whose newlines are all \n (see decode.h).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/parse.h"
#include "syntax/token.h"

namespace dx::syntax {

class Tokenizer {
 public:
  struct Options {
    bool extra_tokens =
        false;  // for _tokenize: COMMENT and NL are yielded, brackets and numbers are judged mildly
    bool type_comments = false;
  };
  // Why the last token is an ERRORTOKEN, or whether the end has been reached.
  enum class State : uint8_t {
    ok,
    end_of_input,
    raised /* error() is set */,
    bad_dedent,
    bad_tabs,
    too_deep,
    bad_continuation,
  };
  static constexpr int kMaxIndents = 100;
  static constexpr int kMaxBrackets = 200;
  static constexpr int kMaxStringNesting = 150;
  static constexpr int kMaxExpressionNesting = 3;

  Tokenizer(std::string_view text, const Options& options);

  // Fills `token`; false when it is an ERRORTOKEN. After ENDMARKER every call yields ENDMARKER
  // again.
  bool next(Token& token);

  State state() const { return state_; }
  const SyntaxErrorInfo& error() const { return error_; }
  std::vector<SyntaxWarning>& warnings() { return warnings_; }

  // Where the tokenizer stands, for the placing of errors.
  int lineno() const { return lineno_; }
  const char* cursor() const { return cur_; }
  const char* line_start() const { return line_start_; }
  const char* line_end() const { return line_end_; }
  const char* text_start() const { return text_start_; }
  // Start of the first line of the token being read; a column is counted from here in one error.
  const char* buffer_start() const { return buffer_start_; }

  int level() const { return level_; }
  struct Bracket {
    char kind;
    int32_t lineno;
    int32_t col;
  };
  const Bracket& innermost_bracket() const { return brackets_[level_ - 1]; }
  bool inside_string() const { return modes_.size() > 1; }  // in an f-string or t-string
  // The error was that the input ended inside a string that more input could complete.
  bool ended_in_string() const { return ended_in_string_; }

  // The parser, in `single` mode, closes all blocks at the end of input.
  void close_blocks() {
    pending_ = -indent_;
    indent_ = 0;
  }
  bool has_indent() const { return indent_ > 0; }

 private:
  static constexpr int kEnd = -1;
  enum class StringKind : uint8_t { format, templated };
  struct Mode {
    bool in_text = false;
    bool raw = false;
    bool in_format_spec = false;
    bool in_debug = false;
    char quote = 0;
    StringKind kind = StringKind::format;
    int quote_size = 0;
    int first_line = 0;
    int depth = 0;              // brackets open inside this string's expressions
    int expression_depth = -1;  // nesting of replacement fields, -1 in the text itself
    const char* start = nullptr;
    const char* first_line_start = nullptr;
  };

  int next_char() {
    if (cur_ != line_end_) return static_cast<unsigned char>(*cur_++);
    return enter_line();
  }
  int enter_line();
  void back(int c) {
    if (c != kEnd) --cur_;
  }
  Mode& mode() { return modes_.back(); }
  char prefix_letter() { return mode().kind == StringKind::templated ? 't' : 'f'; }

  bool scan(Token& token);
  bool scan_text(Token& token);
  bool scan_name(Token& token, int c);
  bool scan_number(Token& token, int c);
  bool scan_fraction(Token& token, int c);
  bool scan_exponent(Token& token, int c);
  bool scan_string(Token& token, int quote);
  bool start_formatted_string(Token& token, int quote, bool raw, bool templated);
  bool scan_operator(Token& token, int c);
  bool scan_comment(Token& token, bool& produced, bool blank_line);
  bool read_indentation(bool& blank_line, Token& token);
  int continuation();
  int decimal_tail();
  bool check_number_end(int c, const char* kind);
  bool follows(const char* word);
  bool verify_identifier();

  bool emit(Token& token, Tok type, const char* start, const char* end);
  bool fail(Token& token, State state);
  bool raise(Token& token, std::string message);
  bool raise_range(Token& token, int col, int end_col, std::string message);
  void set_error(std::string message, int col, int end_col);

  Options options_;
  const char* text_start_;
  const char* text_end_;
  const char* cur_;
  const char* line_start_;
  const char* line_end_;
  const char* buffer_start_;
  const char* token_start_ = nullptr;
  // Start of the string token being read.
  const char* first_line_start_ = nullptr;
  int first_lineno_ = 0;
  int lineno_ = 0;
  State state_ = State::ok;

  bool at_line_begin_ = true;
  bool comment_newline_ = false;
  bool ended_in_string_ = false;
  int indent_ = 0;
  int pending_ = 0;  // >0 INDENTs, <0 DEDENTs still to be yielded
  int indent_columns_[kMaxIndents];
  int indent_alt_columns_[kMaxIndents];

  int level_ = 0;
  Bracket brackets_[kMaxBrackets];
  std::vector<Mode> modes_;

  SyntaxErrorInfo error_;
  std::vector<SyntaxWarning> warnings_;
};

// Number of code points in UTF-8 text; a broken or cut sequence counts as one, as decoding with
// "replace" does.
int count_code_points(std::string_view text);

// The warning for `\c`, shared by the tokenizer and the string decoder.
std::string invalid_escape_message(std::string_view escape, bool octal);

}  // namespace dx::syntax
