// _codecs: the codec registry and the codecs written in C++, as the library's codecs and encodings
// packages use them. The codecs themselves are objects/codecs_native.cpp; the named error handlers
// that Python code may call are here.

#include "objects/codecs.h"

#include <cstring>

#include "objects/buffer.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/errors.h"
#include "objects/float_internal.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/module.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"

namespace dx {
namespace {

// ---- registry -----------------------------------------------------------------------------------
Result<void> register_search(Thread& thread, Any search_function) {
  return codecs_register(thread, search_function);
}
Result<void> unregister_search(Thread& thread, Any search_function) {
  return codecs_unregister(thread, search_function);
}
AnyResult lookup(Thread& thread, Borrowed<Str> encoding) { return codecs_lookup(thread, encoding); }
Result<void> register_error(Thread& thread, Borrowed<Str> errors, Any handler) {
  return codecs_register_error(thread, errors, handler);
}

constexpr const char* kBuiltinHandlers[] = {
    "strict",           "ignore",      "replace",       "xmlcharrefreplace",
    "backslashreplace", "namereplace", "surrogatepass", "surrogateescape"};
Result<bool> unregister_error(Thread& thread, Borrowed<Str> errors) {
  for (const char* name : kBuiltinHandlers) {
    if (str_equals_ascii(errors, name))
      return raise<ValueError>(thread, "cannot un-register built-in error handler '{}'", errors);
  }
  return codecs_unregister_error(thread, errors);
}
AnyResult lookup_error(Thread& thread, Borrowed<Str> name) {
  return codecs_lookup_error(thread, name);
}

// obj through the codec's encoder (0) or decoder (1).
AnyResult run_codec(Thread& thread, Any object, Borrowed<Str> encoding, Borrowed<Str> errors,
                    Word which) {
  AnyRef codec = TRY(codecs_lookup(thread, encoding));
  AnyRef result = TRY(
      call(thread, Borrowed<Tuple>(codec.value())->item(which), {object.value(), errors.value()}));
  if (!is_tuple(result.value()) || Borrowed<Tuple>(result.value())->size != 2) {
    return raise<TypeError>(thread, which == 0 ? "encoder must return a tuple (object, integer)"
                                               : "decoder must return a tuple (object,integer)");
  }
  return share(thread, Borrowed<Tuple>(result.value())->item(0));
}
AnyResult encode(Thread& thread, Any object, Borrowed<Str> encoding, Borrowed<Str> errors) {
  return run_codec(thread, object, encoding, errors, 0);
}
AnyResult decode(Thread& thread, Any object, Borrowed<Str> encoding, Borrowed<Str> errors) {
  return run_codec(thread, object, encoding, errors, 1);
}

// ---- codecs as functions: (result, how much was consumed) ---------------------------------------
AnyResult pair(Thread& thread, Value result, Word consumed) {
  return tuple_of(thread, {result, small_int(consumed)});
}
using Errors = Maybe<Borrowed<Str>>;

template <class R>
AnyResult encoded(Thread& thread, Borrowed<Str> text, R result) {
  auto bytes = TRY(std::move(result));
  return pair(thread, bytes.value(), text->length());
}
// Decodes a buffer with f(view, consumed or null when final).
template <class F>
AnyResult decoded(Thread& thread, Any data, bool final, F f) {
  BufferScope buffer(thread);
  if (is_str(data)) return raise<TypeError>(thread, "a bytes-like object is required, not 'str'");
  TRY(buffer.acquire(data));
  Word consumed = buffer.view.size;
  Ref<Str> text = TRY(f(buffer.text(), final ? nullptr : &consumed));
  return pair(thread, text.value(), final ? buffer.view.size : consumed);
}

AnyResult utf_8_encode(Thread& thread, Borrowed<Str> text, Errors errors) {
  return encoded(thread, text, encode_utf8(thread, text, errors));
}
AnyResult utf_8_decode(Thread& thread, Any data, Errors errors, bool final) {
  return decoded(thread, data, final, [&](std::string_view view, Word* consumed) {
    return decode_utf8(thread, view, errors, consumed);
  });
}
AnyResult utf_7_encode(Thread& thread, Borrowed<Str> text, Errors) {
  return encoded(thread, text, encode_utf7(thread, text));
}
AnyResult utf_7_decode(Thread& thread, Any data, Errors errors, bool final) {
  return decoded(thread, data, final, [&](std::string_view view, Word* consumed) {
    return decode_utf7(thread, view, errors, consumed);
  });
}
AnyResult latin_1_encode(Thread& thread, Borrowed<Str> text, Errors errors) {
  return encoded(thread, text, encode_latin1(thread, text, errors));
}
AnyResult latin_1_decode(Thread& thread, Any data, Errors) {
  return decoded(thread, data, true,
                 [&](std::string_view view, Word*) { return decode_latin1(thread, view); });
}
AnyResult ascii_encode(Thread& thread, Borrowed<Str> text, Errors errors) {
  return encoded(thread, text, encode_ascii(thread, text, errors));
}
AnyResult ascii_decode(Thread& thread, Any data, Errors errors) {
  return decoded(thread, data, true,
                 [&](std::string_view view, Word*) { return decode_ascii(thread, view, errors); });
}

using UtfEncoder = Result<Ref<Bytes>> (*)(Thread&, Borrowed<Str>, ErrorsName, ByteOrder);
using UtfDecoder = Result<Ref<Str>> (*)(Thread&, std::string_view, ErrorsName, ByteOrder&, Word*);
ByteOrder order_from(int number) {
  return number < 0 ? ByteOrder::little : number > 0 ? ByteOrder::big : ByteOrder::native;
}
template <UtfEncoder encoder>
AnyResult utf_encode(Thread& thread, Borrowed<Str> text, Errors errors, int order) {
  return encoded(thread, text, encoder(thread, text, errors, order_from(order)));
}
template <UtfEncoder encoder, ByteOrder order>
AnyResult utf_encode_in(Thread& thread, Borrowed<Str> text, Errors errors) {
  return encoded(thread, text, encoder(thread, text, errors, order));
}
template <UtfDecoder decoder, ByteOrder order>
AnyResult utf_decode(Thread& thread, Any data, Errors errors, bool final) {
  return decoded(thread, data, final, [&](std::string_view view, Word* consumed) {
    ByteOrder from = order;
    return decoder(thread, view, errors, from, consumed);
  });
}
template <UtfDecoder decoder>
AnyResult utf_ex_decode(Thread& thread, Any data, Errors errors, int order, bool final) {
  BufferScope buffer(thread);
  TRY(buffer.acquire(data));
  ByteOrder found = order_from(order);
  Word consumed = buffer.view.size;
  Ref<Str> text = TRY(decoder(thread, buffer.text(), errors, found, final ? nullptr : &consumed));
  return tuple_of(thread, {text.value(), small_int(consumed), small_int(static_cast<int>(found))});
}

// These also take text, as ASCII bytes.
template <class F>
AnyResult decoded_escape(Thread& thread, Any data, bool final, F f) {
  if (!is_str(data)) return decoded(thread, data, final, f);
  std::string_view view = TRY(str_utf8(thread, Borrowed<Str>(data.value())));
  Word consumed = static_cast<Word>(view.size());
  Ref<Str> text = TRY(f(view, final ? nullptr : &consumed));
  return pair(thread, text.value(), consumed);
}
AnyResult unicode_escape_encode(Thread& thread, Borrowed<Str> text, Errors) {
  return encoded(thread, text, encode_unicode_escape(thread, text));
}
AnyResult unicode_escape_decode(Thread& thread, Any data, Errors errors, bool final) {
  return decoded_escape(thread, data, final, [&](std::string_view view, Word* consumed) {
    return decode_unicode_escape(thread, view, errors, consumed);
  });
}
AnyResult raw_unicode_escape_encode(Thread& thread, Borrowed<Str> text, Errors) {
  return encoded(thread, text, encode_raw_unicode_escape(thread, text));
}
AnyResult raw_unicode_escape_decode(Thread& thread, Any data, Errors errors, bool final) {
  return decoded_escape(thread, data, final, [&](std::string_view view, Word* consumed) {
    return decode_raw_unicode_escape(thread, view, errors, consumed);
  });
}
AnyResult charmap_encode(Thread& thread, Borrowed<Str> text, Errors errors, Any mapping) {
  return encoded(thread, text, encode_charmap(thread, text, mapping, errors));
}
AnyResult charmap_decode(Thread& thread, Any data, Errors errors, Any mapping) {
  return decoded(thread, data, true, [&](std::string_view view, Word*) {
    return decode_charmap(thread, view, mapping, errors);
  });
}
// What charmap_encode wants, from a text of 256 characters.
AnyResult charmap_build(Thread& thread, Borrowed<Str> map) {
  Ref<Dict> table = TRY(dict_create(thread));
  StrView view = map->view();
  for (Word i = 0; i < view.length && i < 256; ++i) {
    if (view[i] != 0xfffe)
      TRY(dict_set(thread, table, Any(small_int(static_cast<Word>(view[i]))), Any(small_int(i))));
  }
  return table;
}
AnyResult readbuffer_encode(Thread& thread, Any data, Errors) {
  if (is_str(data)) {
    std::string_view view = TRY(str_utf8(thread, Borrowed<Str>(data.value())));
    Ref<Bytes> bytes = TRY(bytes_from(thread, view));
    return pair(thread, bytes.value(), bytes->size);
  }
  BufferScope buffer(thread);
  TRY(buffer.acquire(data));
  Ref<Bytes> bytes = TRY(bytes_from(thread, buffer.text()));
  return pair(thread, bytes.value(), bytes->size);
}

// ---- escapes of bytes literals ------------------------------------------------------------------
AnyResult escape_encode(Thread& thread, Borrowed<Bytes> data, Errors) {
  CharBuffer out;
  bool ok = true;
  for (char ch : data->view()) {
    uint8_t c = static_cast<uint8_t>(ch);
    char hex[5];
    if (c == '\'' || c == '\\')
      ok = ok && out.append('\\') && out.append(ch);
    else if (c == '\t')
      ok = ok && out.append("\\t");
    else if (c == '\n')
      ok = ok && out.append("\\n");
    else if (c == '\r')
      ok = ok && out.append("\\r");
    else if (c < ' ' || c >= 0x7f) {
      snprintf(hex, sizeof(hex), "\\x%02x", c);
      ok = ok && out.append(hex);
    } else {
      ok = ok && out.append(ch);
    }
  }
  if (!ok) return raise_memory_error(thread);
  Ref<Bytes> bytes = TRY(bytes_from(thread, out.text()));
  return pair(thread, bytes.value(), data->size);
}

AnyResult escape_decode(Thread& thread, Any data, Errors errors) {
  BufferScope buffer(thread);
  std::string_view text;
  if (is_str(data)) {
    text = TRY(str_utf8(thread, Borrowed<Str>(data.value())));
  } else {
    TRY(buffer.acquire(data));
    text = buffer.text();
  }
  CharBuffer out;
  bool ok = true;
  auto hex = [&](size_t i) {
    char c = i < text.size() ? text[i] : 0;
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
  };
  for (size_t at = 0; at < text.size() && ok;) {
    char c = text[at++];
    if (c != '\\') {
      ok = out.append(c);
      continue;
    }
    if (at == text.size()) return raise<ValueError>(thread, "Trailing \\ in string");
    c = text[at++];
    static constexpr char from[] = "\\'\"bfnrtva", to[] = "\\'\"\b\f\n\r\t\v\a";
    if (c == '\n') continue;
    if (const void* known = memchr(from, c, sizeof(from) - 1)) {
      ok = out.append(to[static_cast<const char*>(known) - from]);
    } else if (c >= '0' && c <= '7') {
      int value = c - '0';
      for (int digits = 1; digits < 3 && at < text.size() && text[at] >= '0' && text[at] <= '7';
           ++digits)
        value = value * 8 + (text[at++] - '0');
      ok = out.append(static_cast<char>(value));
    } else if (c == 'x') {
      if (hex(at) >= 0 && hex(at + 1) >= 0) {
        ok = out.append(static_cast<char>(hex(at) << 4 | hex(at + 1)));
        at += 2;
        continue;
      }
      size_t start = at - 2;
      if (hex(at) >= 0) ++at;
      if (!errors || str_equals_ascii(*errors, "strict")) {
        return raise<ValueError>(thread, "invalid \\x escape at position {}", start);
      }
      if (str_equals_ascii(*errors, "replace"))
        ok = out.append('?');
      else if (!str_equals_ascii(*errors, "ignore")) {
        return raise<ValueError>(thread, "decoding error; unknown error handling code: {}",
                                 *errors);
      }
    } else {
      ok = out.append('\\') && out.append(c);
    }
  }
  if (!ok) return raise_memory_error(thread);
  Ref<Bytes> bytes = TRY(bytes_from(thread, out.text()));
  return pair(thread, bytes.value(), static_cast<Word>(text.size()));
}

// ---- error handlers -----------------------------------------------------------------------------
// What a UnicodeError is about.
struct Problem {
  enum Kind : uint8_t { encode, decode, translate } kind;
  AnyRef object;
  Word start, end, length;
};
Raised cannot_handle(Thread& thread, Any error) {
  return raise<TypeError>(thread, "don't know how to handle {} in error callback",
                          type_name_in(error));
}
struct ProblemOrRaised {
  bool raised_;
  std::optional<Problem> problem;
  bool raised() const { return raised_; }
  Problem take() { return std::move(*problem); }
};
ProblemOrRaised raised_problem(Raised) { return {true, std::nullopt}; }

ProblemOrRaised problem_of(Thread& thread, Any error) {
  Type* type = type_of(error);
  Problem::Kind kind;
  if (is_subtype(type, EXCEPTION(UnicodeEncodeError)))
    kind = Problem::encode;
  else if (is_subtype(type, EXCEPTION(UnicodeDecodeError)))
    kind = Problem::decode;
  else if (is_subtype(type, EXCEPTION(UnicodeTranslateError)))
    kind = Problem::translate;
  else
    return raised_problem(cannot_handle(thread, error));
  AnyResult object = get_attr(thread, error, Borrowed<Str>(NAME("object")));
  if (object.raised()) return {true, std::nullopt};
  AnyResult start = get_attr(thread, error, Borrowed<Str>(NAME("start")));
  if (start.raised()) return {true, std::nullopt};
  AnyResult end = get_attr(thread, error, Borrowed<Str>(NAME("end")));
  if (end.raised()) return {true, std::nullopt};
  AnyRef about = object.take(), from = start.take(), to = end.take();
  bool fits = kind == Problem::decode ? is_bytes(about.value()) : is_str(about.value());
  Word first, last;
  if (!fits || !is_int(from.value()) || !is_int(to.value()) || !int_to_word(from.value(), first) ||
      !int_to_word(to.value(), last)) {
    return raised_problem(raise<TypeError>(thread, "{} attribute must be {}",
                                           fits ? "start and end" : "object",
                                           fits                      ? "int"
                                           : kind == Problem::decode ? "bytes"
                                                                     : "unicode"));
  }
  Word length = kind == Problem::decode ? Borrowed<Bytes>(about.value())->size
                                        : Borrowed<Str>(about.value())->length();
  if (first < 0) first = 0;
  if (first >= length) first = length == 0 ? 0 : length - 1;
  if (last < 1) last = 1;
  if (last > length) last = length;
  return {false, Problem{kind, std::move(about), first, last, length}};
}

AnyResult answer(Thread& thread, Any replacement, Word position) {
  return tuple_of(thread, {replacement.value(), small_int(position)});
}

AnyResult strict_errors(Thread& thread, Any error) {
  if (!is_subtype(type_of(error), EXCEPTION(BaseException)))
    return raise<TypeError>(thread, "codec must pass exception instance");
  return raise_object(thread, share(thread, error));
}
AnyResult ignore_errors(Thread& thread, Any error) {
  Problem problem = TRY(problem_of(thread, error));
  return answer(thread, Any(str_empty()), problem.end);
}
AnyResult replace_errors(Thread& thread, Any error) {
  Problem problem = TRY(problem_of(thread, error));
  StrBuilder out(thread);
  TRY(out.append_repeated(problem.kind == Problem::encode ? '?' : 0xfffd,
                          problem.kind == Problem::decode ? 1 : problem.end - problem.start));
  Ref<Str> text = TRY(out.finish());
  return answer(thread, text, problem.end);
}
AnyResult xmlcharrefreplace_errors(Thread& thread, Any error) {
  Problem problem = TRY(problem_of(thread, error));
  if (problem.kind != Problem::encode) return cannot_handle(thread, error);
  StrBuilder out(thread);
  for (Word i = problem.start; i < problem.end; ++i) {
    char text[16];
    snprintf(text, sizeof(text), "&#%u;",
             static_cast<unsigned>(Borrowed<Str>(problem.object.value())->view()[i]));
    TRY(out.append(std::string_view(text)));
  }
  Ref<Str> text = TRY(out.finish());
  return answer(thread, text, problem.end);
}
AnyResult backslashreplace_errors(Thread& thread, Any error) {
  Problem problem = TRY(problem_of(thread, error));
  StrBuilder out(thread);
  for (Word i = problem.start; i < problem.end; ++i) {
    char32_t c = problem.kind == Problem::decode
                     ? static_cast<uint8_t>(Borrowed<Bytes>(problem.object.value())->data()[i])
                     : Borrowed<Str>(problem.object.value())->view()[i];
    TRY(append_escaped(out, c));
  }
  Ref<Str> text = TRY(out.finish());
  return answer(thread, text, problem.end);
}
AnyResult namereplace_errors(Thread& thread, Any error) {
  Problem problem = TRY(problem_of(thread, error));
  if (problem.kind != Problem::encode) return cannot_handle(thread, error);
  AnyRef import = TRY(builtin_function(thread, Borrowed<Str>(NAME("__import__"))));
  AnyRef database = TRY(call(thread, import, {Value(NAME("unicodedata"))}));
  StrBuilder out(thread);
  for (Word i = problem.start; i < problem.end; ++i) {
    char32_t c = Borrowed<Str>(problem.object.value())->view()[i];
    Ref<Str> character = TRY(str_from_char(thread, c));
    AnyRef name =
        TRY(call_method(thread, database, Borrowed<Str>(NAME("name")), {character.value(), kNone}));
    if (!is_str(name.value())) {
      TRY(append_escaped(out, c));
      continue;
    }
    TRY(out.append("\\N{"));
    TRY(out.append(Borrowed<Str>(name.value())));
    TRY(out.append("}"));
  }
  Ref<Str> text = TRY(out.finish());
  return answer(thread, text, problem.end);
}
AnyResult surrogateescape_errors(Thread& thread, Any error) {
  Problem problem = TRY(problem_of(thread, error));
  if (problem.kind == Problem::encode) {
    StrView view = Borrowed<Str>(problem.object.value())->view();
    Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(problem.end - problem.start)));
    for (Word i = problem.start; i < problem.end; ++i) {
      if (view[i] < 0xdc80 || view[i] > 0xdcff) return raise_object(thread, share(thread, error));
      bytes->data()[i - problem.start] = static_cast<char>(view[i] - 0xdc00);
    }
    return answer(thread, bytes, problem.end);
  }
  if (problem.kind == Problem::translate) return cannot_handle(thread, error);
  std::string_view bytes = Borrowed<Bytes>(problem.object.value())->view();
  StrBuilder out(thread);
  Word at = problem.start;
  for (; at < problem.end && at < problem.start + 4 &&
         static_cast<uint8_t>(bytes[static_cast<size_t>(at)]) >= 0x80;
       ++at) {
    TRY(out.append(
        static_cast<char32_t>(0xdc00 + static_cast<uint8_t>(bytes[static_cast<size_t>(at)]))));
  }
  if (at == problem.start) return raise_object(thread, share(thread, error));
  Ref<Str> text = TRY(out.finish());
  return answer(thread, text, at);
}

// Which Unicode form an encoding's name means: 8, 16 or 32 bits a unit, and the byte order; 0: none
// of them.
int unicode_form(std::string_view name, bool& little) {
  little = true;
  char clean[16] = {};
  size_t size = 0;
  for (char c : name) {
    if (c == '-' || c == '_') continue;
    if (size == sizeof(clean) - 1) return 0;
    clean[size++] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  std::string_view text(clean, size);
  if (text.ends_with("be")) little = false;
  if (text.ends_with("be") || text.ends_with("le")) text.remove_suffix(2);
  return text == "utf8" || text == "cputf8" ? 8 : text == "utf16" ? 16 : text == "utf32" ? 32 : 0;
}
AnyResult surrogatepass_errors(Thread& thread, Any error) {
  Problem problem = TRY(problem_of(thread, error));
  if (problem.kind == Problem::translate) return cannot_handle(thread, error);
  AnyRef encoding = TRY(get_attr(thread, error, Borrowed<Str>(NAME("encoding"))));
  if (!is_str(encoding.value()))
    return raise<TypeError>(thread, "encoding attribute must be unicode");
  bool little;
  int bits = unicode_form(TRY(str_utf8(thread, Borrowed<Str>(encoding.value()))), little);
  if (bits == 0) return raise_object(thread, share(thread, error));
  if (problem.kind == Problem::encode) {
    CharBuffer out;
    StrView view = Borrowed<Str>(problem.object.value())->view();
    for (Word i = problem.start; i < problem.end; ++i) {
      char32_t c = view[i];
      if (c < 0xd800 || c > 0xdfff) return raise_object(thread, share(thread, error));
      char high = static_cast<char>(c >> 8), low = static_cast<char>(c);
      bool ok;
      if (bits == 8) {
        ok = out.append(static_cast<char>(0xe0 | c >> 12)) &&
             out.append(static_cast<char>(0x80 | (c >> 6 & 0x3f))) &&
             out.append(static_cast<char>(0x80 | (c & 0x3f)));
      } else {
        ok = little ? out.append(low) && out.append(high) && (bits == 16 || out.append('\0', 2))
                    : (bits == 16 || out.append('\0', 2)) && out.append(high) && out.append(low);
      }
      if (!ok) return raise_memory_error(thread);
    }
    Ref<Bytes> bytes = TRY(bytes_from(thread, out.text()));
    return answer(thread, bytes, problem.end);
  }
  std::string_view bytes =
      Borrowed<Bytes>(problem.object.value())->view().substr(static_cast<size_t>(problem.start));
  auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
  size_t size = bits == 8 ? 3 : static_cast<size_t>(bits / 8);
  char32_t c = 0;
  if (bytes.size() >= size) {
    if (bits == 8 && (at(0) & 0xf0) == 0xe0 && (at(1) & 0xc0) == 0x80 && (at(2) & 0xc0) == 0x80) {
      c = (at(0) & 15) << 12 | (at(1) & 63) << 6 | (at(2) & 63);
    } else if (bits != 8) {
      for (size_t i = 0; i < size; ++i) c |= at(i) << (8 * (little ? i : size - 1 - i));
    }
  }
  if (c < 0xd800 || c > 0xdfff) return raise_object(thread, share(thread, error));
  Ref<Str> text = TRY(str_from_char(thread, c));
  return answer(thread, text, problem.start + static_cast<Word>(size));
}

// ---- the module ---------------------------------------------------------------------------------
constexpr Method error_handlers[] = {
    function<strict_errors>(
        "strict_errors(exception, /)",
        "Implements the 'strict' error handling, which raises a UnicodeError on coding errors."),
    function<ignore_errors>(
        "ignore_errors(exception, /)",
        "Implements the 'ignore' error handling, which ignores malformed data and continues."),
    function<replace_errors>("replace_errors(exception, /)",
                             "Implements the 'replace' error handling, which replaces malformed "
                             "data with a replacement marker."),
    function<xmlcharrefreplace_errors>(
        "xmlcharrefreplace_errors(exception, /)",
        "Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable "
        "character with the appropriate XML character reference."),
    function<backslashreplace_errors>(
        "backslashreplace_errors(exception, /)",
        "Implements the 'backslashreplace' error handling, which replaces malformed data with a "
        "backslashed escape sequence."),
    function<namereplace_errors>("namereplace_errors(exception, /)",
                                 "Implements the 'namereplace' error handling, which replaces an "
                                 "unencodable character with a \\N{...} escape sequence."),
    function<surrogatepass_errors>("surrogatepass(exception, /)"),
    function<surrogateescape_errors>("surrogateescape(exception, /)"),
};

constexpr Method codecs_functions[] = {
    function<register_search>("register(search_function, /)", "Register a codec search function."),
    function<unregister_search>(
        "unregister(search_function, /)",
        "Unregister a codec search function and clear the registry's cache."),
    function<lookup>(
        "lookup(encoding, /)",
        "Looks up a codec tuple in the Python codec registry and returns a CodecInfo object."),
    function<encode>("encode(obj, encoding='utf-8', errors='strict')",
                     "Encodes obj using the codec registered for encoding."),
    function<decode>("decode(obj, encoding='utf-8', errors='strict')",
                     "Decodes obj using the codec registered for encoding."),
    function<register_error>("register_error(errors, handler, /)",
                             "Register the specified error handler under the name errors."),
    function<unregister_error>(
        "_unregister_error(errors, /)",
        "Un-register the specified error handler for the error handling `errors'."),
    function<lookup_error>("lookup_error(name, /)", "lookup_error(errors) -> handler"),
    function<escape_encode>("escape_encode(data, errors=None, /)"),
    function<escape_decode>("escape_decode(data, errors=None, /)"),
    function<utf_8_encode>("utf_8_encode(str, errors=None, /)"),
    function<utf_8_decode>("utf_8_decode(data, errors=None, final=False, /)"),
    function<utf_7_encode>("utf_7_encode(str, errors=None, /)"),
    function<utf_7_decode>("utf_7_decode(data, errors=None, final=False, /)"),
    function<utf_encode<encode_utf16>>("utf_16_encode(str, errors=None, byteorder=0, /)"),
    function<utf_encode_in<encode_utf16, ByteOrder::little>>(
        "utf_16_le_encode(str, errors=None, /)"),
    function<utf_encode_in<encode_utf16, ByteOrder::big>>("utf_16_be_encode(str, errors=None, /)"),
    function<utf_decode<decode_utf16, ByteOrder::native>>(
        "utf_16_decode(data, errors=None, final=False, /)"),
    function<utf_decode<decode_utf16, ByteOrder::little>>(
        "utf_16_le_decode(data, errors=None, final=False, /)"),
    function<utf_decode<decode_utf16, ByteOrder::big>>(
        "utf_16_be_decode(data, errors=None, final=False, /)"),
    function<utf_ex_decode<decode_utf16>>(
        "utf_16_ex_decode(data, errors=None, byteorder=0, final=False, /)"),
    function<utf_encode<encode_utf32>>("utf_32_encode(str, errors=None, byteorder=0, /)"),
    function<utf_encode_in<encode_utf32, ByteOrder::little>>(
        "utf_32_le_encode(str, errors=None, /)"),
    function<utf_encode_in<encode_utf32, ByteOrder::big>>("utf_32_be_encode(str, errors=None, /)"),
    function<utf_decode<decode_utf32, ByteOrder::native>>(
        "utf_32_decode(data, errors=None, final=False, /)"),
    function<utf_decode<decode_utf32, ByteOrder::little>>(
        "utf_32_le_decode(data, errors=None, final=False, /)"),
    function<utf_decode<decode_utf32, ByteOrder::big>>(
        "utf_32_be_decode(data, errors=None, final=False, /)"),
    function<utf_ex_decode<decode_utf32>>(
        "utf_32_ex_decode(data, errors=None, byteorder=0, final=False, /)"),
    function<unicode_escape_encode>("unicode_escape_encode(str, errors=None, /)"),
    function<unicode_escape_decode>("unicode_escape_decode(data, errors=None, final=True, /)"),
    function<raw_unicode_escape_encode>("raw_unicode_escape_encode(str, errors=None, /)"),
    function<raw_unicode_escape_decode>(
        "raw_unicode_escape_decode(data, errors=None, final=True, /)"),
    function<latin_1_encode>("latin_1_encode(str, errors=None, /)"),
    function<latin_1_decode>("latin_1_decode(data, errors=None, /)"),
    function<ascii_encode>("ascii_encode(str, errors=None, /)"),
    function<ascii_decode>("ascii_decode(data, errors=None, /)"),
    function<charmap_encode>("charmap_encode(str, errors=None, mapping=None, /)"),
    function<charmap_decode>("charmap_decode(data, errors=None, mapping=None, /)"),
    function<charmap_build>("charmap_build(map, /)"),
    function<readbuffer_encode>("readbuffer_encode(data, errors=None, /)"),
};

Result<void> initialize(Thread& thread, Borrowed<Module>) {
  for (size_t i = 0; i < std::size(error_handlers); ++i) {
    Ref<Str> name = TRY(str_intern_ascii(thread, kBuiltinHandlers[i]));
    Ref<NativeFunction> handler =
        TRY(native_function_create(thread, error_handlers[i], MaybeAny(), MaybeAny()));
    TRY(codecs_register_error(thread, name, handler));
  }
  return {};
}

}  // namespace

extern const ModuleSpec _codecs_module{
    .name = "_codecs", .functions = codecs_functions, .initialize = initialize};

}  // namespace dx
