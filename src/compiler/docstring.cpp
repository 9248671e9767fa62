// Docstrings are stored without the indentation of the code around them, as inspect.cleandoc()
// would leave them, but for blank lines at the ends.

#include <algorithm>
#include <cstdint>

#include "compiler/docstring.h"

namespace dx::compiler {

namespace {

std::string expand_tabs(std::string_view text) {
  std::string out;
  size_t column = 0;
  for (char c : text) {
    if (c == '\t') {
      size_t spaces = 8 - column % 8;
      out.append(spaces, ' ');
      column += spaces;
      continue;
    }
    out.push_back(c);
    if (c == '\n' || c == '\r') {
      column = 0;
    } else if ((c & 0xC0) != 0x80) {
      ++column;
    }
  }
  return out;
}

}  // namespace

std::string clean_docstring(std::string_view source) {
  std::string text = expand_tabs(source);
  size_t margin = SIZE_MAX;
  size_t line = text.find('\n');
  while (line != std::string::npos) {
    size_t start = line + 1;
    size_t first = start;
    while (first < text.size() && text[first] == ' ') ++first;
    if (first < text.size() && text[first] != '\n') margin = std::min(margin, first - start);
    line = text.find('\n', first);
  }
  if (margin == SIZE_MAX) margin = 0;
  size_t at = 0;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at == 0 && margin == 0) return text;
  std::string out;
  while (at < text.size()) {
    size_t end = text.find('\n', at);
    end = end == std::string::npos ? text.size() : end + 1;
    out.append(text, at, end - at);
    at = end;
    for (size_t i = 0; i < margin && at < text.size() && text[at] == ' '; ++i) ++at;
  }
  return out;
}

}  // namespace dx::compiler
