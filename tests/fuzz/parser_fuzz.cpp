// needs: src/syntax/parser.cpp src/syntax/tokenizer.cpp
// Any bytes are source text: the parser answers with a tree or with a SyntaxError, soon and without a crash.
// The first byte picks the mode and the flags, the rest is the source. Seeds: the Python files of tests/.
#include <cstdlib>

#include "syntax/parse.h"

using namespace dx;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  syntax::ParseFlags flags;
  flags.type_comments = data[0] & 4;
  flags.is_utf8_str = data[0] & 8;
  flags.dont_imply_dedent = data[0] & 16;
  flags.allow_incomplete_input = data[0] & 32;
  ast::Arena arena;
  std::string_view source(reinterpret_cast<const char*>(data) + 1, size - 1);
  syntax::ParseResult result = syntax::parse(arena, source, syntax::ParseMode(data[0] & 3), flags);
  // Exactly one of the two answers, and a position inside the text's lines.
  if ((result.mod == nullptr) == result.error.message.empty()) abort();
  if (result.mod == nullptr && result.error.has_position && result.error.line < 0) abort();
  return 0;
}
