// The codec registry: search functions, found codecs, named error handlers; and the way from an
// encoding's name to a codec. All of it is Python objects made once and kept for the life of the
// process; dict and list guard themselves, so any thread may use the registry.

#include <atomic>
#include <cstring>
#include <mutex>

#include "objects/buffer.h"
#include "objects/codecs.h"
#include "objects/dict.h"
#include "objects/errors.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"

namespace dx {

namespace {

struct Registry {
  Value search_path;  // list
  Value cache;        // dict: normalized name -> CodecInfo
  Value errors;       // dict: name -> handler
  std::atomic<bool> imported{false};
};
Registry registry;
std::atomic<bool> registry_ready{false};
std::mutex registry_mutex;

Result<void> registry_open(Thread& thread) {
  if (registry_ready.load(std::memory_order_acquire)) return {};
  Ref<List> path = TRY(list_create(thread));
  Ref<Dict> cache = TRY(dict_create(thread));
  Ref<Dict> errors = TRY(dict_create(thread));
  for (Value made : {path.value(), cache.value(), errors.value()}) publish(thread, made);
  std::lock_guard lock(registry_mutex);
  if (registry_ready.load(std::memory_order_relaxed)) return {};
  registry.search_path = path.release();
  registry.cache = cache.release();
  registry.errors = errors.release();
  registry_ready.store(true, std::memory_order_release);
  return {};
}

// Lower case; every run of other characters than letters, digits and '.' becomes one '_'.
bool normalize(StrView name, char* out, size_t room) {
  size_t size = 0;
  bool gap = false;
  for (Word i = 0; i < name.length; ++i) {
    char32_t c = name[i];
    bool word =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
    if (!word) {
      gap = true;
      continue;
    }
    if (size + 3 > room) return false;
    if (gap && size) out[size++] = '_';
    gap = false;
    out[size++] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  out[size] = 0;
  return true;
}

enum class Known : uint8_t {
  none,
  utf8,
  latin1,
  ascii,
  utf16,
  utf16_le,
  utf16_be,
  utf32,
  utf32_le,
  utf32_be
};
// Names of the codecs that need no registry.
Known known_codec(Maybe<Borrowed<Str>> encoding) {
  if (!encoding) return Known::utf8;
  if ((*encoding)->ascii()) {  // as they are mostly written
    std::string_view text = (*encoding)->view().text();
    if (text == "utf-8") return Known::utf8;
    if (text == "ascii") return Known::ascii;
    if (text == "latin-1") return Known::latin1;
  }
  char name[32];
  if (!normalize((*encoding)->view(), name, sizeof(name))) return Known::none;
  static constexpr struct {
    const char* name;
    Known codec;
  } table[] = {
      {"utf_8", Known::utf8},        {"utf8", Known::utf8},          {"ascii", Known::ascii},
      {"us_ascii", Known::ascii},    {"latin_1", Known::latin1},     {"latin1", Known::latin1},
      {"iso_8859_1", Known::latin1}, {"iso8859_1", Known::latin1},   {"utf_16", Known::utf16},
      {"utf16", Known::utf16},       {"utf_16_le", Known::utf16_le}, {"utf_16_be", Known::utf16_be},
      {"utf_32", Known::utf32},      {"utf32", Known::utf32},        {"utf_32_le", Known::utf32_le},
      {"utf_32_be", Known::utf32_be}};
  for (auto& entry : table) {
    if (strcmp(entry.name, name) == 0) return entry.codec;
  }
  return Known::none;
}

}  // namespace

Result<void> codecs_register(Thread& thread, Any search_function) {
  if (!is_callable(search_function)) return raise<TypeError>(thread, "argument must be callable");
  TRY(registry_open(thread));
  registry.imported.store(true, std::memory_order_relaxed);
  return list_append(thread, Borrowed<List>(registry.search_path), share(thread, search_function));
}

Result<void> codecs_unregister(Thread& thread, Any search_function) {
  TRY(registry_open(thread));
  Borrowed<List> path(registry.search_path);
  Ref<List> kept = TRY(list_create(thread));
  bool found = false;
  for (Word i = 0;; ++i) {
    Maybe<Ref<Object>> item = list_item(thread, path, i);
    if (!item) break;
    if (!found && item.value() == search_function.value())
      found = true;
    else
      TRY(list_append(thread, kept, item.take()));
  }
  if (!found) return {};
  publish(thread, kept.value());
  registry.search_path = kept.release();  // the old list stays with whoever is walking it
  return dict_clear(thread, Borrowed<Dict>(registry.cache));
}

AnyResult codecs_lookup(Thread& thread, Borrowed<Str> encoding) {
  TRY(registry_open(thread));
  if (!registry.imported.exchange(true)) {
    AnyRef import = TRY(builtin_function(thread, Borrowed<Str>(NAME("__import__"))));
    (void)TRY(call(thread, import, {Value(NAME("encodings"))}));
  }
  char name[256];
  if (!normalize(encoding->view(), name, sizeof(name)))
    return raise<LookupError>(thread, "unknown encoding: {}", encoding);
  Ref<Str> normalized = TRY(str_from_ascii(thread, name));
  Borrowed<Dict> cache(registry.cache);
  AnyLookup cached = dict_get(thread, cache, normalized);
  if (cached.raised()) return Raised{};
  if (cached.found()) return cached.take();
  Borrowed<List> path(registry.search_path);
  for (Word i = 0;; ++i) {
    Maybe<Ref<Object>> function = list_item(thread, path, i);
    if (!function) break;
    AnyRef found = TRY(call(thread, function.borrow(), {normalized.value()}));
    if (found.value().is_none()) continue;
    if (!is_tuple(found.value()) || Borrowed<Tuple>(found.value())->size != 4) {
      return raise<TypeError>(thread, "codec search functions must return 4-tuples");
    }
    TRY(dict_set(thread, cache, normalized, found));
    return found;
  }
  return raise<LookupError>(thread, "unknown encoding: {}", encoding);
}

// ---- error handlers -----------------------------------------------------------------------------
Result<void> codecs_register_error(Thread& thread, Borrowed<Str> name, Any handler) {
  if (!is_callable(handler)) return raise<TypeError>(thread, "handler must be callable");
  TRY(registry_open(thread));
  return dict_set(thread, Borrowed<Dict>(registry.errors), name, handler);
}

Result<bool> codecs_unregister_error(Thread& thread, Borrowed<Str> name) {
  TRY(registry_open(thread));
  return dict_delete(thread, Borrowed<Dict>(registry.errors), name);
}

AnyResult codecs_lookup_error(Thread& thread, Borrowed<Str> name) {
  TRY(registry_open(thread));
  AnyLookup found = dict_get(thread, Borrowed<Dict>(registry.errors), name);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  return raise<LookupError>(thread, "unknown error handler name '{}'", name);
}

Result<void> codecs_call_handler(Thread& thread, Borrowed<Str> name, Any error, Word length,
                                 bool encoding, HandlerAnswer& answer) {
  AnyRef handler = TRY(codecs_lookup_error(thread, name));
  AnyRef result = TRY(call(thread, handler, {error.value()}));
  const char* expected = encoding ? "encoding error handler must return (str/bytes, int) tuple"
                                  : "decoding error handler must return (str, int) tuple";
  if (!is_tuple(result.value()) || Borrowed<Tuple>(result.value())->size != 2)
    return raise<TypeError>(thread, "{}", expected);
  Any replacement = Borrowed<Tuple>(result.value())->item(0),
      position = Borrowed<Tuple>(result.value())->item(1);
  if (!is_int(position) || !(is_str(replacement) || (encoding && is_bytes(replacement))))
    return raise<TypeError>(thread, "{}", expected);
  Word at = TRY(index_word_clamped(thread, position));
  Word from_start = at < 0 ? at + length : at;
  if (from_start < 0 || from_start > length) {
    return raise<IndexError>(thread, "position {} from error handler out of bounds", at);
  }
  answer.replacement = share(thread, replacement);
  answer.position = from_start;
  return {};
}

// ---- str.encode, bytes.decode -------------------------------------------------------------------
static AnyResult text_codec(Thread& thread, Borrowed<Str> encoding, const char* alternative) {
  AnyRef codec = TRY(codecs_lookup(thread, encoding));
  if (!is_exact(codec.value(), SHAPE(tuple))) {
    AnyLookup flag = lookup_attr(thread, codec, Borrowed<Str>(NAME("_is_text_encoding")));
    if (flag.raised()) return Raised{};
    if (flag.found()) {
      AnyRef value = flag.take();
      if (!TRY(is_true(thread, value))) {
        return raise<LookupError>(thread,
                                  "'{}' is not a text encoding; use {} to handle arbitrary codecs",
                                  encoding, alternative);
      }
    }
  }
  return codec;
}

AnyResult encode_text(Thread& thread, Borrowed<Str> text, Borrowed<Str> encoding,
                      Borrowed<Str> errors) {
  ErrorsName mode(errors);
  switch (known_codec(Maybe<Borrowed<Str>>(encoding))) {
    case Known::utf8: return encode_utf8(thread, text, mode);
    case Known::latin1: return encode_latin1(thread, text, mode);
    case Known::ascii: return encode_ascii(thread, text, mode);
    case Known::utf16: return encode_utf16(thread, text, mode, ByteOrder::native);
    case Known::utf16_le: return encode_utf16(thread, text, mode, ByteOrder::little);
    case Known::utf16_be: return encode_utf16(thread, text, mode, ByteOrder::big);
    case Known::utf32: return encode_utf32(thread, text, mode, ByteOrder::native);
    case Known::utf32_le: return encode_utf32(thread, text, mode, ByteOrder::little);
    case Known::utf32_be: return encode_utf32(thread, text, mode, ByteOrder::big);
    case Known::none: break;
  }
  AnyRef codec = TRY(text_codec(thread, encoding, "codecs.encode()"));
  AnyRef result =
      TRY(call(thread, Borrowed<Tuple>(codec.value())->item(0), {text.value(), errors.value()}));
  if (!is_tuple(result.value()) || Borrowed<Tuple>(result.value())->size != 2) {
    return raise<TypeError>(thread, "encoder must return a tuple (object, integer)");
  }
  Any bytes = Borrowed<Tuple>(result.value())->item(0);
  if (is_bytes(bytes)) return share(thread, bytes);
  if (has_layout(bytes, kShapeByteArray)) {
    BufferScope buffer(thread);
    TRY(buffer.acquire(bytes));
    return bytes_from(thread, buffer.text());
  }
  return raise<TypeError>(thread,
                          "'{}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to "
                          "encode to arbitrary types",
                          encoding, type_name_in(bytes));
}

AnyResult decode_object(Thread& thread, Any object, Maybe<Borrowed<Str>> encoding,
                        ErrorsName errors) {
  if (is_str(object)) return raise<TypeError>(thread, "decoding str is not supported");
  if (!has_buffer(object)) {
    return raise<TypeError>(thread, "decoding to str: need a bytes-like object, {} found",
                            type_name_in(object));
  }
  BufferScope buffer(thread);
  TRY(buffer.acquire(object));
  std::string_view bytes = buffer.text();
  ByteOrder order = ByteOrder::native;
  switch (known_codec(encoding)) {
    case Known::utf8: return decode_utf8(thread, bytes, errors);
    case Known::latin1: return decode_latin1(thread, bytes);
    case Known::ascii: return decode_ascii(thread, bytes, errors);
    case Known::utf16: return decode_utf16(thread, bytes, errors, order);
    case Known::utf16_le:
      order = ByteOrder::little;
      return decode_utf16(thread, bytes, errors, order);
    case Known::utf16_be: order = ByteOrder::big; return decode_utf16(thread, bytes, errors, order);
    case Known::utf32: return decode_utf32(thread, bytes, errors, order);
    case Known::utf32_le:
      order = ByteOrder::little;
      return decode_utf32(thread, bytes, errors, order);
    case Known::utf32_be: order = ByteOrder::big; return decode_utf32(thread, bytes, errors, order);
    case Known::none: break;
  }
  AnyRef codec = TRY(text_codec(thread, *encoding, "codecs.decode()"));
  Ref<Bytes> copy = TRY(bytes_from(thread, bytes));
  Value mode = errors ? errors.value() : Value(NAME("strict"));
  AnyRef result = TRY(call(thread, Borrowed<Tuple>(codec.value())->item(1),
                           {is_bytes(object) ? object.value() : copy.value(), mode}));
  if (!is_tuple(result.value()) || Borrowed<Tuple>(result.value())->size != 2) {
    return raise<TypeError>(thread, "decoder must return a tuple (object,integer)");
  }
  Any text = Borrowed<Tuple>(result.value())->item(0);
  if (is_str(text)) return share(thread, text);
  return raise<TypeError>(thread,
                          "'{}' decoder returned '{}' instead of 'str'; use codecs.decode() to "
                          "decode to arbitrary types",
                          *encoding, type_name_in(text));
}

}  // namespace dx
