#pragma once
// Text to bytes and back, natively. Each codec decodes or encodes what it can and asks an error handler about the rest:
// the handlers known by name (strict, ignore, replace, ...) run here, any other through codecs' registry
// (codecs_lookup_error in objects/codecs_registry.cpp).

#include "objects/bytes.h"
#include "objects/str.h"

namespace dx {

Raised raise_decode_error(Thread& thread, const char* encoding, std::string_view bytes, size_t start, size_t end,
                          const char* reason);
Raised raise_encode_error(Thread& thread, const char* encoding, Borrowed<Str> text, Word start, Word end,
                          const char* reason);
// UnicodeDecodeError for the ill-formed sequence at `start`.
Raised raise_utf8_decode_error(Thread& thread, std::string_view bytes, size_t start);
struct Utf8Problem {
  size_t length;       // bytes to blame
  const char* reason;  // "invalid start byte" ...
};
Utf8Problem utf8_problem(std::string_view bytes, size_t start);

}  // namespace dx
