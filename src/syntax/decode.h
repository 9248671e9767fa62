#pragma once
// Source bytes -> the text the tokenizer reads: UTF-8, newlines all \n, a newline at the end of a
// file's text, and a zero byte after it. Finds the encoding by byte order mark or by the `coding:`
// comment (PEP 263).

#include <string>
#include <string_view>

#include "syntax/parse.h"

namespace dx::syntax {

struct DecodedSource {
  bool good = false;
  std::string text;
  std::string encoding;  // "utf-8" unless declared otherwise
  SyntaxErrorInfo error;
};

DecodedSource decode_source(std::string_view source, ParseMode mode, const ParseFlags& flags);

// The encoding named by a `coding:` comment in one line, normalised as Python spells it; empty if
// there is none.
std::string coding_comment(std::string_view line);

}  // namespace dx::syntax
