#pragma once
// Text to bytes and back, natively. Each codec decodes or encodes what it can and asks an error
// handler about the rest: the handlers known by name (strict, ignore, replace, ...) run here, any
// other through codecs' registry (codecs_registry.cpp), which the codecs module of the library
// fills.

#include "objects/bytes.h"
#include "objects/str.h"

namespace dx {

struct Tuple;

Raised raise_decode_error(Thread& thread, const char* encoding, std::string_view bytes,
                          size_t start, size_t end, const char* reason);
Raised raise_encode_error(Thread& thread, const char* encoding, Borrowed<Str> text, Word start,
                          Word end, const char* reason);
// UnicodeDecodeError for the ill-formed sequence at `start`.
Raised raise_utf8_decode_error(Thread& thread, std::string_view bytes, size_t start);
struct Utf8Problem {
  size_t length;       // bytes to blame
  const char* reason;  // "invalid start byte" ...
};
Utf8Problem utf8_problem(std::string_view bytes, size_t start);

// str.encode and bytes.decode: a codec known here by its name, or the registry's. Empty errors mean
// strict.
using ErrorsName = Maybe<Borrowed<Str>>;
AnyResult encode_text(Thread& thread, Borrowed<Str> text, Borrowed<Str> encoding,
                      Borrowed<Str> errors);
AnyResult decode_object(Thread& thread, Any object, Maybe<Borrowed<Str>> encoding,
                        ErrorsName errors);
Result<Ref<Bytes>> str_to_filesystem(Thread& thread,
                                     Borrowed<Str> text);  // UTF-8 with surrogateescape

// ---- native codecs (codecs_native.cpp) ----------------------------------------------------------
// consumed: null when the input is complete; otherwise an unfinished sequence at the end is left
// alone and *consumed says where it starts.
enum class ByteOrder : int8_t {
  little = -1,
  native = 0,
  big = 1
};  // native: with a byte order mark
Result<Ref<Str>> decode_utf8(Thread& thread, std::string_view bytes, ErrorsName errors,
                             Word* consumed = nullptr);
Result<Ref<Str>> decode_latin1(Thread& thread, std::string_view bytes);
Result<Ref<Str>> decode_ascii(Thread& thread, std::string_view bytes, ErrorsName errors);
// order: what to assume; set to what the byte order mark said.
Result<Ref<Str>> decode_utf16(Thread& thread, std::string_view bytes, ErrorsName errors,
                              ByteOrder& order, Word* consumed = nullptr);
Result<Ref<Str>> decode_utf32(Thread& thread, std::string_view bytes, ErrorsName errors,
                              ByteOrder& order, Word* consumed = nullptr);
Result<Ref<Str>> decode_utf7(Thread& thread, std::string_view bytes, ErrorsName errors,
                             Word* consumed = nullptr);
Result<Ref<Str>> decode_unicode_escape(Thread& thread, std::string_view bytes, ErrorsName errors,
                                       Word* consumed = nullptr);
Result<Ref<Str>> decode_raw_unicode_escape(Thread& thread, std::string_view bytes,
                                           ErrorsName errors, Word* consumed = nullptr);
// mapping: a str of 256 characters (U+FFFE: undefined) or anything subscriptable by a byte; none:
// Latin-1.
Result<Ref<Str>> decode_charmap(Thread& thread, std::string_view bytes, Any mapping,
                                ErrorsName errors);

Result<Ref<Bytes>> encode_utf8(Thread& thread, Borrowed<Str> text, ErrorsName errors);
Result<Ref<Bytes>> encode_latin1(Thread& thread, Borrowed<Str> text, ErrorsName errors);
Result<Ref<Bytes>> encode_ascii(Thread& thread, Borrowed<Str> text, ErrorsName errors);
Result<Ref<Bytes>> encode_utf16(Thread& thread, Borrowed<Str> text, ErrorsName errors,
                                ByteOrder order);
Result<Ref<Bytes>> encode_utf32(Thread& thread, Borrowed<Str> text, ErrorsName errors,
                                ByteOrder order);
Result<Ref<Bytes>> encode_utf7(Thread& thread, Borrowed<Str> text);
Result<Ref<Bytes>> encode_unicode_escape(Thread& thread, Borrowed<Str> text);
Result<Ref<Bytes>> encode_raw_unicode_escape(Thread& thread, Borrowed<Str> text);
Result<Ref<Bytes>> encode_charmap(Thread& thread, Borrowed<Str> text, Any mapping,
                                  ErrorsName errors);

// ---- the registry (codecs_registry.cpp) ---------------------------------------------------------
Result<void> codecs_register(Thread& thread, Any search_function);
Result<void> codecs_unregister(Thread& thread, Any search_function);
// The CodecInfo tuple. LookupError "unknown encoding: x". Imports the encodings package when
// nothing is registered yet.
AnyResult codecs_lookup(Thread& thread, Borrowed<Str> encoding);
Result<void> codecs_register_error(Thread& thread, Borrowed<Str> name, Any handler);
Result<bool> codecs_unregister_error(Thread& thread, Borrowed<Str> name);
// The handler function. LookupError "unknown error handler name 'x'".
AnyResult codecs_lookup_error(Thread& thread, Borrowed<Str> name);
// Calls the named handler about an exception: the replacement (str, or bytes when encoding) and
// where to go on.
struct HandlerAnswer {
  Maybe<Ref<Object>> replacement;
  Word position = 0;
};
Result<void> codecs_call_handler(Thread& thread, Borrowed<Str> name, Any error, Word length,
                                 bool encoding, HandlerAnswer& answer);

}  // namespace dx
