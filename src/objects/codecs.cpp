#include "objects/codecs.h"

#include "objects/errors.h"
#include "objects/int.h"
#include "simd/text_scalar.h"

namespace dx {

Raised raise_decode_error(Thread& thread, const char* encoding, std::string_view bytes,
                          size_t start, size_t end, const char* reason) {
  Ref<Str> name = TRY(str_from_ascii(thread, encoding));
  Ref<Bytes> object = TRY(bytes_from(thread, bytes));
  Ref<Str> why = TRY(str_from_ascii(thread, reason));
  AnyRef error = TRY(call(thread, Any(EXCEPTION(UnicodeDecodeError)),
                          {name.value(), object.value(), small_int(static_cast<Word>(start)),
                           small_int(static_cast<Word>(end)), why.value()}));
  return raise_object(thread, std::move(error));
}

Raised raise_encode_error(Thread& thread, const char* encoding, Borrowed<Str> text, Word start,
                          Word end, const char* reason) {
  Ref<Str> name = TRY(str_from_ascii(thread, encoding));
  Ref<Str> why = TRY(str_from_ascii(thread, reason));
  AnyRef error =
      TRY(call(thread, Any(EXCEPTION(UnicodeEncodeError)),
               {name.value(), text.value(), small_int(start), small_int(end), why.value()}));
  return raise_object(thread, std::move(error));
}

// What is wrong at `start` and how many bytes to blame: the longest prefix of a well-formed
// sequence, at least one.
Utf8Problem utf8_problem(std::string_view bytes, size_t start) {
  auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[start + i]); };
  size_t left = bytes.size() - start;
  uint8_t lead = at(0);
  if (lead < 0xc2 || lead > 0xf4) return {1, "invalid start byte"};
  size_t wanted = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (size_t i = 1; i < wanted; ++i) {
    if (i == left) return {left, "unexpected end of data"};
    uint8_t c = at(i);
    bool fits = (c & 0xc0) == 0x80;
    if (i == 1 && fits) {
      if (lead == 0xe0) fits = c >= 0xa0;
      if (lead == 0xed) fits = c < 0xa0;  // surrogates
      if (lead == 0xf0) fits = c >= 0x90;
      if (lead == 0xf4) fits = c < 0x90;
    }
    if (!fits) return {i, "invalid continuation byte"};
  }
  return {1, "invalid start byte"};
}

Raised raise_utf8_decode_error(Thread& thread, std::string_view bytes, size_t start) {
  Utf8Problem problem = utf8_problem(bytes, start);
  return raise_decode_error(thread, "utf-8", bytes, start, start + problem.length, problem.reason);
}

}  // namespace dx
