#pragma once
// What the tokenizer must know of Unicode: which characters make identifiers, which can be shown,
// and the NFKC form of an identifier. Tables are of Unicode 16, as Python 3.14's. The whole
// database belongs to a higher room.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dx::unicode {

// Length in bytes of the UTF-8 sequence at `text`, at least 1 and at most `size`; trusts the lead
// byte.
inline int sequence_length(const char* text, size_t size) {
  unsigned char lead = static_cast<unsigned char>(*text);
  int length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return static_cast<size_t>(length) > size ? static_cast<int>(size) : length;
}

// Decodes one sequence of valid UTF-8 (lone surrogates allowed) and returns its length. Requires:
// size > 0.
int decode(const char* text, size_t size, uint32_t& code_point);

void append_utf8(std::string& out, uint32_t code_point);

// Whether `text` is UTF-8 as Python decodes it (no surrogates, no overlong forms). Otherwise
// `bad_at` is the position of the first wrong byte.
bool is_valid_utf8(std::string_view text, size_t& bad_at);

bool is_identifier_start(uint32_t code_point);
bool is_identifier_part(uint32_t code_point);
bool is_printable(uint32_t code_point);

// Requires: `text` is an identifier in valid UTF-8.
std::string normalize_identifier(std::string_view text);

}  // namespace dx::unicode
