// The codecs written in C++.

#include <cstring>

#include "objects/bytes.h"
#include "objects/codecs.h"
#include "objects/dict.h"
#include "objects/errors.h"
#include "objects/float_internal.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"
#include "objects/unicode_data.h"
#include "base/unicode_names.h"

namespace dx {

namespace {

enum class Mode : uint8_t {
  strict,
  ignore,
  replace,
  backslashreplace,
  xmlcharrefreplace,
  surrogateescape,
  surrogatepass,
  registered
};
Mode mode_of(ErrorsName errors) {
  if (!errors) return Mode::strict;
  Borrowed<Str> name = *errors;
  static constexpr struct {
    const char* name;
    Mode mode;
  } known[] = {{"strict", Mode::strict},
               {"ignore", Mode::ignore},
               {"replace", Mode::replace},
               {"surrogateescape", Mode::surrogateescape},
               {"surrogatepass", Mode::surrogatepass},
               {"backslashreplace", Mode::backslashreplace},
               {"xmlcharrefreplace", Mode::xmlcharrefreplace}};
  for (auto& entry : known) {
    if (str_equals_ascii(name, entry.name)) return entry.mode;
  }
  return Mode::registered;
}

// Which Unicode form surrogatepass reads and writes.
enum class Form : uint8_t { other, utf8, utf16_little, utf16_big, utf32_little, utf32_big };

bool is_surrogate(char32_t c) { return c >= 0xd800 && c < 0xe000; }

// ---- decoding -----------------------------------------------------------------------------------
struct Decoder {
  Thread& thread;
  const char* encoding;
  std::string_view& bytes;      // the caller's: a handler may put other bytes into exc.object
  Maybe<Ref<Object>> replaced;  // holds those
  ErrorsName errors;
  Mode mode;
  Form form;
  StrBuilder out;

  Decoder(Thread& thread, const char* encoding, std::string_view& bytes, ErrorsName errors,
          Form form = Form::other)
      : thread(thread),
        encoding(encoding),
        bytes(bytes),
        errors(errors),
        mode(mode_of(errors)),
        form(form),
        out(thread) {}

  uint8_t at(size_t i) const { return static_cast<uint8_t>(bytes[i]); }

  // bytes[start:end] cannot be decoded: appends what the handler says and returns where to go on.
  Result<size_t> bad(size_t start, size_t end, const char* reason) {
    switch (mode) {
      case Mode::ignore: return end;
      case Mode::replace: TRY(out.append(char32_t{0xfffd})); return end;
      case Mode::backslashreplace:
        for (size_t i = start; i < end; ++i) TRY(append_escaped(out, at(i)));
        return end;
      case Mode::surrogateescape:
        if (at(start) >= 0x80) {
          size_t i = start;
          for (; i < end && at(i) >= 0x80; ++i)
            TRY(out.append(static_cast<char32_t>(0xdc00 + at(i))));
          return i;
        }
        break;
      case Mode::surrogatepass: {
        char32_t c = 0;
        size_t size = surrogate_at(start, c);
        if (size) {
          TRY(out.append(c));
          return start + size;
        }
        break;
      }
      case Mode::registered: return ask(start, end, reason);
      case Mode::xmlcharrefreplace:
        return raise<TypeError>(thread,
                                "don't know how to handle UnicodeDecodeError in error callback");
      case Mode::strict: break;
    }
    return raise_decode_error(thread, encoding, bytes, start, end, reason);
  }

  size_t surrogate_at(size_t start, char32_t& c) const {
    size_t left = bytes.size() - start;
    switch (form) {
      case Form::utf8:
        if (left < 3 || (at(start) & 0xf0) != 0xe0 || (at(start + 1) & 0xc0) != 0x80 ||
            (at(start + 2) & 0xc0) != 0x80)
          return 0;
        c = (at(start) & 0x0fu) << 12 | (at(start + 1) & 0x3fu) << 6 | (at(start + 2) & 0x3fu);
        return is_surrogate(c) ? 3 : 0;
      case Form::utf16_little:
      case Form::utf16_big:
        if (left < 2) return 0;
        c = form == Form::utf16_little ? at(start) | at(start + 1) << 8
                                       : at(start) << 8 | at(start + 1);
        return is_surrogate(c) ? 2 : 0;
      case Form::utf32_little:
      case Form::utf32_big:
        if (left < 4) return 0;
        c = unit32(start, form == Form::utf32_little);
        return is_surrogate(c) ? 4 : 0;
      default: return 0;
    }
  }
  char32_t unit32(size_t i, bool little) const {
    uint32_t word;
    memcpy(&word, bytes.data() + i, 4);
    return little ? word : __builtin_bswap32(word);
  }

  Result<size_t> ask(size_t start, size_t end, const char* reason) {
    (void)Raised(raise_decode_error(thread, encoding, bytes, start, end, reason));
    Maybe<Ref<Object>> error = take_exception(thread);
    if (!pending_type_is(error.borrow())) return raise_object(thread, error.take());
    HandlerAnswer answer;
    TRY(codecs_call_handler(thread, *errors, error.borrow(), static_cast<Word>(bytes.size()), false,
                            answer));
    TRY(out.append(Borrowed<Str>(answer.replacement.value())));
    AnyRef object = TRY(get_attr(thread, error.borrow(), NAME("object")));
    if (!is_bytes(object.value()))
      return raise<TypeError>(thread, "object attribute must be bytes");
    std::string_view now = Borrowed<Bytes>(object.value())->view();
    if (now != bytes) {
      replaced = Maybe<Ref<Object>>(std::move(object));
      bytes = now;
      if (static_cast<size_t>(answer.position) > bytes.size()) {
        return raise<IndexError>(thread, "position {} from error handler out of bounds",
                                 answer.position);
      }
    }
    return static_cast<size_t>(answer.position);
  }
  bool pending_type_is(Any error) {
    return is_subtype(type_of(error), EXCEPTION(UnicodeDecodeError));
  }
};

// ---- encoding -----------------------------------------------------------------------------------
struct Encoder {
  Thread& thread;
  const char* encoding;
  Borrowed<Str> text;
  StrView view;
  ErrorsName errors;
  Mode mode;
  Form form;
  CharBuffer out;
  // Appends one encodable character; false when it is not encodable.
  bool (*put)(Encoder&, char32_t);
  bool no_memory = false;

  Encoder(Thread& thread, const char* encoding, Borrowed<Str> text, ErrorsName errors,
          bool (*put)(Encoder&, char32_t), Form form = Form::other)
      : thread(thread),
        encoding(encoding),
        text(text),
        view(text->view()),
        errors(errors),
        mode(mode_of(errors)),
        form(form),
        put(put) {}

  void add(std::string_view bytes) { no_memory |= !out.append(bytes); }
  void add(uint8_t byte) { no_memory |= !out.append(static_cast<char>(byte)); }
  Result<void> check() {
    if (no_memory) return raise_memory_error(thread);
    return {};
  }
  Result<void> put_ascii(std::string_view ascii, Word start, Word end, const char* reason) {
    for (char c : ascii) {
      if (!put(*this, static_cast<char32_t>(c)))
        return raise_encode_error(thread, encoding, text, start, end, reason);
    }
    return check();
  }

  // text[start:end] cannot be encoded; returns where to go on.
  Result<Word> bad(Word start, Word end, const char* reason) {
    char buffer[24];
    switch (mode) {
      case Mode::ignore: return end;
      case Mode::replace:
        for (Word i = start; i < end; ++i) TRY(put_ascii("?", start, end, reason));
        return end;
      case Mode::backslashreplace:
        for (Word i = start; i < end; ++i) {
          unsigned c = view[i];
          snprintf(buffer, sizeof(buffer),
                   c < 0x100     ? "\\x%02x"
                   : c < 0x10000 ? "\\u%04x"
                                 : "\\U%08x",
                   c);
          TRY(put_ascii(buffer, start, end, reason));
        }
        return end;
      case Mode::xmlcharrefreplace:
        for (Word i = start; i < end; ++i) {
          snprintf(buffer, sizeof(buffer), "&#%u;", static_cast<unsigned>(view[i]));
          TRY(put_ascii(buffer, start, end, reason));
        }
        return end;
      case Mode::surrogateescape: {
        Word i = start;
        if (unit() > 1) break;  // single bytes would break the units
        for (; i < end && view[i] >= 0xdc80 && view[i] <= 0xdcff; ++i)
          add(static_cast<uint8_t>(view[i] - 0xdc00));
        if (i > start) {
          TRY(check());
          return i;
        }
        break;
      }
      case Mode::surrogatepass: {
        Word i = start;
        for (; i < end && is_surrogate(view[i]) && form != Form::other; ++i) add_surrogate(view[i]);
        if (i > start) {
          TRY(check());
          return i;
        }
        break;
      }
      case Mode::registered: return ask(start, end, reason);
      case Mode::strict: break;
    }
    return raise_encode_error(thread, encoding, text, start, end, reason);
  }

  size_t unit() const {
    return form == Form::utf16_little || form == Form::utf16_big   ? 2
           : form == Form::utf32_little || form == Form::utf32_big ? 4
                                                                   : 1;
  }
  void add_surrogate(char32_t c) {
    uint8_t high = static_cast<uint8_t>(c >> 8), low = static_cast<uint8_t>(c);
    switch (form) {
      case Form::utf8: {
        uint8_t bytes[3];
        uint16_t unit = static_cast<uint16_t>(c);
        simd::utf8_encode(bytes, &unit, 1);
        add(std::string_view(reinterpret_cast<char*>(bytes), 3));
        break;
      }
      case Form::utf16_little: add(low), add(high); break;
      case Form::utf16_big: add(high), add(low); break;
      case Form::utf32_little: add(low), add(high), add(uint8_t{0}), add(uint8_t{0}); break;
      case Form::utf32_big: add(uint8_t{0}), add(uint8_t{0}), add(high), add(low); break;
      default: break;
    }
  }

  Result<Word> ask(Word start, Word end, const char* reason) {
    (void)Raised(raise_encode_error(thread, encoding, text, start, end, reason));
    Maybe<Ref<Object>> error = take_exception(thread);
    if (!is_subtype(type_of(error.borrow()), EXCEPTION(UnicodeEncodeError)))
      return raise_object(thread, error.take());
    HandlerAnswer answer;
    TRY(codecs_call_handler(thread, *errors, error.borrow(), view.length, true, answer));
    if (is_bytes(answer.replacement.value())) {
      if (static_cast<size_t>(Borrowed<Bytes>(answer.replacement.value())->size) % unit() != 0) {
        return raise_object(thread, share(thread, error.borrow()));
      }
      add(Borrowed<Bytes>(answer.replacement.value())->view());
    } else {
      StrView replacement = Borrowed<Str>(answer.replacement.value())->view();
      for (Word i = 0; i < replacement.length; ++i) {
        if (!put(*this, replacement[i])) return raise_object(thread, share(thread, error.borrow()));
      }
    }
    TRY(check());
    return answer.position;
  }

  // Encodes everything with `put`; `reason` for what it refuses, runs of it together.
  Result<Ref<Bytes>> run(const char* reason) {
    for (Word i = 0; i < view.length;) {
      if (put(*this, view[i])) {
        ++i;
        continue;
      }
      Word end = i + 1;
      size_t size = out.size();
      while (end < view.length && !put(*this, view[end])) ++end;
      out.set_size(size);  // what the trial run of the next one appended
      i = TRY(bad(i, end, reason));
    }
    TRY(check());
    return bytes_from(thread, out.text());
  }
};

std::string_view latin1_text(StrView view) {
  return {static_cast<const char*>(view.data), static_cast<size_t>(view.length)};
}

}  // namespace

// ---- UTF-8, Latin-1, ASCII ----------------------------------------------------------------------
Result<Ref<Str>> decode_utf8(Thread& thread, std::string_view bytes, ErrorsName errors,
                             Word* consumed) {
  auto scan_from = [&](size_t start) {
    return simd::utf8_scan(reinterpret_cast<const uint8_t*>(bytes.data()) + start,
                           bytes.size() - start, simd::Surrogates::forbidden);
  };
  simd::Utf8Scan scan = scan_from(0);
  if (consumed) *consumed = static_cast<Word>(bytes.size());
  if (scan.valid == bytes.size()) return str_from_utf8(thread, bytes);
  Decoder decoder(thread, "utf-8", bytes, errors, Form::utf8);
  for (size_t at = 0; at < bytes.size(); scan = scan_from(at)) {
    if (scan.valid) {
      Ref<Str> part = TRY(str_from_utf8(thread, bytes.substr(at, scan.valid)));
      TRY(decoder.out.append(part.borrow()));
      at += scan.valid;
    }
    if (at == bytes.size()) break;
    Utf8Problem problem = utf8_problem(bytes, at);
    if (consumed && strcmp(problem.reason, "unexpected end of data") == 0) {
      *consumed = static_cast<Word>(at);
      break;
    }
    at = TRY(decoder.bad(at, at + problem.length, problem.reason));
  }
  return decoder.out.finish();
}

Result<Ref<Str>> decode_latin1(Thread& thread, std::string_view bytes) {
  return str_from_view(thread,
                       StrView{StrKind::one, false, bytes.data(), static_cast<Word>(bytes.size())});
}

Result<Ref<Str>> decode_ascii(Thread& thread, std::string_view bytes, ErrorsName errors) {
  auto prefix = [&](size_t start) {
    return simd::ascii_prefix(reinterpret_cast<const uint8_t*>(bytes.data()) + start,
                              bytes.size() - start);
  };
  size_t n = prefix(0);
  if (n == bytes.size()) return str_from_ascii(thread, bytes);
  Decoder decoder(thread, "ascii", bytes, errors);
  for (size_t at = 0; at < bytes.size(); n = prefix(at)) {
    TRY(decoder.out.append(bytes.substr(at, n)));
    at += n;
    if (at < bytes.size()) at = TRY(decoder.bad(at, at + 1, "ordinal not in range(128)"));
  }
  return decoder.out.finish();
}

Result<Ref<Bytes>> encode_utf8(Thread& thread, Borrowed<Str> text, ErrorsName errors) {
  StrView view = text->view();
  if (!has_surrogates(view)) {
    if (view.ascii) return bytes_from(thread, view.text());
    size_t n = static_cast<size_t>(view.length);
    return visit_chars(view, [&](auto* chars) -> Result<Ref<Bytes>> {
      Ref<Bytes> bytes = TRY(bytes_create(thread, simd::utf8_length(chars, n)));
      simd::utf8_encode(reinterpret_cast<uint8_t*>(bytes->data()), chars, n);
      return bytes;
    });
  }
  Encoder encoder(
      thread, "utf-8", text, errors,
      [](Encoder& self, char32_t c) {
        if (is_surrogate(c)) return false;
        uint8_t bytes[4];
        uint32_t unit = c;
        uint8_t* end = simd::utf8_encode(bytes, &unit, 1);
        self.add(
            std::string_view(reinterpret_cast<char*>(bytes), static_cast<size_t>(end - bytes)));
        return true;
      },
      Form::utf8);
  return encoder.run("surrogates not allowed");
}

static bool put_latin1(Encoder& self, char32_t c) {
  if (c > 0xff) return false;
  self.add(static_cast<uint8_t>(c));
  return true;
}
static bool put_ascii_only(Encoder& self, char32_t c) {
  if (c > 0x7f) return false;
  self.add(static_cast<uint8_t>(c));
  return true;
}
Result<Ref<Bytes>> encode_latin1(Thread& thread, Borrowed<Str> text, ErrorsName errors) {
  if (text->kind() == StrKind::one) return bytes_from(thread, latin1_text(text->view()));
  return Encoder(thread, "latin-1", text, errors, put_latin1).run("ordinal not in range(256)");
}
Result<Ref<Bytes>> encode_ascii(Thread& thread, Borrowed<Str> text, ErrorsName errors) {
  if (text->ascii()) return bytes_from(thread, text->view().text());
  return Encoder(thread, "ascii", text, errors, put_ascii_only).run("ordinal not in range(128)");
}
Result<Ref<Bytes>> str_to_filesystem(Thread& thread, Borrowed<Str> text) {
  if (text->ascii()) return bytes_from(thread, text->view().text());
  return encode_utf8(thread, text, ErrorsName(Borrowed<Str>(NAME("surrogateescape"))));
}

// ---- UTF-16, UTF-32 -----------------------------------------------------------------------------
static const char* utf_name(const char* little, const char* big, const char* marked,
                            ByteOrder order) {
  return order == ByteOrder::little ? little : order == ByteOrder::big ? big : marked;
}

Result<Ref<Str>> decode_utf16(Thread& thread, std::string_view bytes, ErrorsName errors,
                              ByteOrder& order, Word* consumed) {
  size_t at = 0;
  if (order == ByteOrder::native && bytes.size() >= 2) {
    uint8_t first = static_cast<uint8_t>(bytes[0]), second = static_cast<uint8_t>(bytes[1]);
    if (first == 0xff && second == 0xfe)
      order = ByteOrder::little, at = 2;
    else if (first == 0xfe && second == 0xff)
      order = ByteOrder::big, at = 2;
  }
  bool little = order != ByteOrder::big;
  Decoder decoder(thread, little ? "utf-16-le" : "utf-16-be", bytes, errors,
                  little ? Form::utf16_little : Form::utf16_big);
  auto unit = [&](size_t i) -> char32_t {
    return little ? decoder.at(i) | decoder.at(i + 1) << 8 : decoder.at(i) << 8 | decoder.at(i + 1);
  };
  if (consumed) *consumed = static_cast<Word>(bytes.size());
  while (at < bytes.size()) {
    size_t left = bytes.size() - at;
    if (left < 2) {
      if (consumed) {
        *consumed = static_cast<Word>(at);
        break;
      }
      at = TRY(decoder.bad(at, bytes.size(), "truncated data"));
      continue;
    }
    char32_t c = unit(at);
    if (!is_surrogate(c)) {
      TRY(decoder.out.append(c));
      at += 2;
      continue;
    }
    if (c >= 0xdc00) {
      at = TRY(decoder.bad(at, at + 2, "illegal encoding"));
      continue;
    }
    if (left < 4) {
      if (consumed) {
        *consumed = static_cast<Word>(at);
        break;
      }
      at = TRY(decoder.bad(at, bytes.size(), "unexpected end of data"));
      continue;
    }
    char32_t low = unit(at + 2);
    if (low >= 0xdc00 && low < 0xe000) {
      TRY(decoder.out.append(
          static_cast<char32_t>(0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00)))));
      at += 4;
    } else {
      at = TRY(decoder.bad(at, at + 2, "illegal UTF-16 surrogate"));
    }
  }
  return decoder.out.finish();
}

Result<Ref<Str>> decode_utf32(Thread& thread, std::string_view bytes, ErrorsName errors,
                              ByteOrder& order, Word* consumed) {
  size_t at = 0;
  if (order == ByteOrder::native && bytes.size() >= 4) {
    if (memcmp(bytes.data(), "\xff\xfe\0\0", 4) == 0)
      order = ByteOrder::little, at = 4;
    else if (memcmp(bytes.data(), "\0\0\xfe\xff", 4) == 0)
      order = ByteOrder::big, at = 4;
  }
  bool little = order != ByteOrder::big;
  Decoder decoder(thread, little ? "utf-32-le" : "utf-32-be", bytes, errors,
                  little ? Form::utf32_little : Form::utf32_big);
  if (consumed) *consumed = static_cast<Word>(bytes.size());
  while (at < bytes.size()) {
    if (bytes.size() - at < 4) {
      if (consumed) {
        *consumed = static_cast<Word>(at);
        break;
      }
      at = TRY(decoder.bad(at, bytes.size(), "truncated data"));
      continue;
    }
    char32_t c = decoder.unit32(at, little);
    if (c > 0x10ffff)
      at = TRY(decoder.bad(at, at + 4, "code point not in range(0x110000)"));
    else if (is_surrogate(c))
      at = TRY(decoder.bad(at, at + 4, "code point in surrogate code point range(0xd800, 0xe000)"));
    else {
      TRY(decoder.out.append(c));
      at += 4;
    }
  }
  return decoder.out.finish();
}

static bool put_utf16(Encoder& self, char32_t c, bool little) {
  if (is_surrogate(c)) return false;
  auto unit = [&](uint32_t u) {
    self.add(static_cast<uint8_t>(little ? u : u >> 8));
    self.add(static_cast<uint8_t>(little ? u >> 8 : u));
  };
  if (c >= 0x10000) {
    unit(0xd800 + ((c - 0x10000) >> 10));
    unit(0xdc00 + ((c - 0x10000) & 0x3ff));
  } else {
    unit(c);
  }
  return true;
}
static bool put_utf32(Encoder& self, char32_t c, bool little) {
  if (is_surrogate(c)) return false;
  for (int i = 0; i < 4; ++i) self.add(static_cast<uint8_t>(c >> (8 * (little ? i : 3 - i))));
  return true;
}
Result<Ref<Bytes>> encode_utf16(Thread& thread, Borrowed<Str> text, ErrorsName errors,
                                ByteOrder order) {
  bool little = order != ByteOrder::big;
  Encoder encoder(
      thread, utf_name("utf-16-le", "utf-16-be", "utf-16", order), text, errors,
      little ? +[](Encoder& self, char32_t c) { return put_utf16(self, c, true); }
             : +[](Encoder& self, char32_t c) { return put_utf16(self, c, false); },
      little ? Form::utf16_little : Form::utf16_big);
  if (order == ByteOrder::native) encoder.add(std::string_view("\xff\xfe", 2));
  return encoder.run("surrogates not allowed");
}
Result<Ref<Bytes>> encode_utf32(Thread& thread, Borrowed<Str> text, ErrorsName errors,
                                ByteOrder order) {
  bool little = order != ByteOrder::big;
  Encoder encoder(
      thread, utf_name("utf-32-le", "utf-32-be", "utf-32", order), text, errors,
      little ? +[](Encoder& self, char32_t c) { return put_utf32(self, c, true); }
             : +[](Encoder& self, char32_t c) { return put_utf32(self, c, false); },
      little ? Form::utf32_little : Form::utf32_big);
  if (order == ByteOrder::native) encoder.add(std::string_view("\xff\xfe\0\0", 4));
  return encoder.run("surrogates not allowed");
}

// ---- UTF-7 (RFC 2152) ---------------------------------------------------------------------------
static int base64_value(uint8_t c) {
  return c >= 'A' && c <= 'Z'   ? c - 'A'
         : c >= 'a' && c <= 'z' ? c - 'a' + 26
         : c >= '0' && c <= '9' ? c - '0' + 52
         : c == '+'             ? 62
         : c == '/'             ? 63
                                : -1;
}
// Characters that stand for themselves: RFC 2152's set D, the optional ones of set O, and white
// space.
static bool utf7_direct(char32_t c) {
  return c < 0x80 && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == 0 || c == '\t' || c == '\n' || c == '\r' || c == ' ' ||
                      strchr("'(),-./:?!\"#$%&*;<=>@[]^_`{|}", static_cast<int>(c)));
}

Result<Ref<Str>> decode_utf7(Thread& thread, std::string_view bytes, ErrorsName errors,
                             Word* consumed) {
  Decoder decoder(thread, "utf7", bytes, errors);
  size_t at = 0, shift_start = 0;
  bool shifted = false;
  uint32_t buffer = 0;
  int bits = 0;
  char32_t high = 0;
  Word safe_length = 0;
  size_t safe_at = 0;
  auto flush_high = [&]() -> Result<void> {
    if (high) TRY(decoder.out.append(high));
    high = 0;
    return {};
  };
  while (at < bytes.size()) {
    uint8_t c = decoder.at(at);
    if (shifted) {
      int value = base64_value(c);
      if (value >= 0) {
        buffer = buffer << 6 | static_cast<uint32_t>(value);
        bits += 6;
        ++at;
        if (bits >= 16) {
          char32_t unit = (buffer >> (bits - 16)) & 0xffff;
          bits -= 16;
          buffer &= (1u << bits) - 1;
          if (high && unit >= 0xdc00 && unit < 0xe000) {
            TRY(decoder.out.append(
                static_cast<char32_t>(0x10000 + ((high - 0xd800) << 10 | (unit - 0xdc00)))));
            high = 0;
          } else {
            TRY(flush_high());
            if (unit >= 0xd800 && unit < 0xdc00)
              high = unit;
            else
              TRY(decoder.out.append(unit));
          }
        }
        continue;
      }
      shifted = false;
      if (bits >= 6) {
        at = TRY(decoder.bad(shift_start, at + 1, "partial character in base64 sequence"));
        high = 0;
        continue;
      }
      if (bits > 0 && buffer != 0) {
        at = TRY(decoder.bad(shift_start, at + 1, "non-zero padding bits in base64 sequence"));
        high = 0;
        continue;
      }
      TRY(flush_high());
      if (c == '-')
        ++at;
      else if (c >= 0x80)
        at = TRY(decoder.bad(shift_start, at + 1, "ill-formed sequence"));
      continue;
    }
    if (c == '+') {
      safe_at = at;
      safe_length = decoder.out.length();
      if (at + 1 < bytes.size() && decoder.at(at + 1) == '-') {
        TRY(decoder.out.append('+'));
        at += 2;
      } else if (at + 1 < bytes.size() && base64_value(decoder.at(at + 1)) < 0) {
        at = TRY(decoder.bad(at, at + 2, "ill-formed sequence"));
      } else {
        shifted = true;
        shift_start = at++;
        buffer = 0;
        bits = 0;
        high = 0;
      }
    } else if (c < 0x80) {
      TRY(decoder.out.append(static_cast<char32_t>(c)));
      ++at;
    } else {
      at = TRY(decoder.bad(at, at + 1, "unexpected special character"));
    }
  }
  if (consumed) *consumed = static_cast<Word>(bytes.size());
  if (shifted) {
    if (consumed) {
      *consumed = static_cast<Word>(safe_at);
      Ref<Str> text = TRY(decoder.out.finish());
      return str_substring(thread, text, 0, safe_length);
    }
    if (high || bits >= 6 || (bits > 0 && buffer != 0)) {
      TRY(decoder.bad(shift_start, bytes.size(), "unterminated shift sequence"));
    }
  }
  return decoder.out.finish();
}

Result<Ref<Bytes>> encode_utf7(Thread& thread, Borrowed<Str> text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  StrView view = text->view();
  CharBuffer out;
  bool ok = true, shifted = false;
  uint32_t buffer = 0;
  int bits = 0;
  auto unit = [&](uint32_t u) {
    buffer = buffer << 16 | u;
    bits += 16;
    while (bits >= 6) {
      ok = ok && out.append(digits[buffer >> (bits - 6) & 63]);
      bits -= 6;
    }
    buffer &= (1u << bits) - 1;
  };
  for (Word i = 0; i < view.length; ++i) {
    char32_t c = view[i];
    if (utf7_direct(c)) {
      if (shifted) {
        if (bits) ok = ok && out.append(digits[buffer << (6 - bits) & 63]);
        if (base64_value(static_cast<uint8_t>(c)) >= 0 || c == '-') ok = ok && out.append('-');
        shifted = false;
        bits = 0;
        buffer = 0;
      }
      ok = ok && out.append(static_cast<char>(c));
      continue;
    }
    if (!shifted) {
      if (c == '+') {
        ok = ok && out.append("+-");
        continue;
      }
      ok = ok && out.append('+');
      shifted = true;
    }
    if (c >= 0x10000) {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
      unit(c);
    }
  }
  if (bits) ok = ok && out.append(digits[buffer << (6 - bits) & 63]);
  if (shifted) ok = ok && out.append('-');
  if (!ok) return raise_memory_error(thread);
  return bytes_from(thread, out.text());
}

// ---- unicode_escape, raw_unicode_escape ---------------------------------------------------------
static int hex_value(uint8_t c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

Result<Ref<Str>> decode_unicode_escape(Thread& thread, std::string_view bytes, ErrorsName errors,
                                       Word* consumed) {
  Decoder decoder(thread, "unicodeescape", bytes, errors);
  size_t at = 0;  // a handler may put other bytes in the place of these
  if (consumed) *consumed = static_cast<Word>(bytes.size());
  while (at < bytes.size()) {
    uint8_t c = decoder.at(at);
    if (c != '\\') {
      TRY(decoder.out.append(static_cast<char32_t>(c)));
      ++at;
      continue;
    }
    size_t start = at++;
    auto unfinished = [&] {  // more input may complete it
      if (!consumed) return false;
      *consumed = static_cast<Word>(start);
      return true;
    };
    if (at == bytes.size()) {
      if (unfinished()) break;
      at = TRY(decoder.bad(start, bytes.size(), "\\ at end of string"));
      continue;
    }
    c = decoder.at(at++);
    static constexpr char from[] = "\\'\"bfnrtva", to[] = "\\'\"\b\f\n\r\t\v\a";
    if (c == '\n') continue;
    if (const void* known = memchr(from, c, sizeof(from) - 1)) {
      TRY(decoder.out.append(static_cast<char32_t>(to[static_cast<const char*>(known) - from])));
    } else if (c >= '0' && c <= '7') {
      char32_t value = c - '0';
      int digits = 1;
      for (; digits < 3 && at < bytes.size() && decoder.at(at) >= '0' && decoder.at(at) <= '7';
           ++digits)
        value = value * 8 + (decoder.at(at++) - '0');
      if (digits < 3 && at == bytes.size() && unfinished()) break;
      TRY(decoder.out.append(value));
    } else if (c == 'x' || c == 'u' || c == 'U') {
      int wanted = c == 'x' ? 2 : c == 'u' ? 4 : 8, digits = 0;
      char32_t value = 0;
      for (; digits < wanted && at < bytes.size() && hex_value(decoder.at(at)) >= 0; ++digits)
        value = value << 4 | static_cast<char32_t>(hex_value(decoder.at(at++)));
      if (digits < wanted) {
        if (at == bytes.size() && unfinished()) break;
        at = TRY(decoder.bad(start, at,
                             c == 'x'   ? "truncated \\xXX escape"
                             : c == 'u' ? "truncated \\uXXXX escape"
                                        : "truncated \\UXXXXXXXX escape"));
      } else if (value > 0x10ffff) {
        at = TRY(decoder.bad(start, at, "illegal Unicode character"));
      } else {
        TRY(decoder.out.append(value));
      }
    } else if (c == 'N') {
      size_t end =
          at < bytes.size() && bytes[at] == '{' ? bytes.find('}', at) : std::string_view::npos;
      if (end == std::string_view::npos) {
        if ((at == bytes.size() || bytes[at] == '{') && unfinished()) break;
        at = TRY(decoder.bad(start, at < bytes.size() && bytes[at] == '{' ? bytes.size() : at,
                             "malformed \\N character escape"));
        continue;
      }
      uint32_t code;
      if (end > at + 1 && unicode::character_by_name(bytes.substr(at + 1, end - at - 1), code)) {
        TRY(decoder.out.append(static_cast<char32_t>(code)));
        at = end + 1;
      } else {
        at = TRY(decoder.bad(start, end + 1, "unknown Unicode character name"));
      }
    } else {
      TRY(decoder.out.append('\\'));
      TRY(decoder.out.append(static_cast<char32_t>(c)));
    }
  }
  return decoder.out.finish();
}

Result<Ref<Str>> decode_raw_unicode_escape(Thread& thread, std::string_view bytes,
                                           ErrorsName errors, Word* consumed) {
  Decoder decoder(thread, "rawunicodeescape", bytes, errors);
  size_t at = 0;  // a handler may put other bytes in the place of these
  if (consumed) *consumed = static_cast<Word>(bytes.size());
  while (at < bytes.size()) {
    uint8_t c = decoder.at(at);
    if (c != '\\' || (at + 1 == bytes.size() && !consumed)) {
      TRY(decoder.out.append(static_cast<char32_t>(c)));
      ++at;
      continue;
    }
    size_t start = at++;
    if (at == bytes.size()) {
      *consumed = static_cast<Word>(start);
      break;
    }
    c = decoder.at(at++);
    if (c != 'u' && c != 'U') {
      TRY(decoder.out.append('\\'));
      TRY(decoder.out.append(static_cast<char32_t>(c)));
      continue;
    }
    int wanted = c == 'u' ? 4 : 8, digits = 0;
    char32_t value = 0;
    for (; digits < wanted && at < bytes.size() && hex_value(decoder.at(at)) >= 0; ++digits)
      value = value << 4 | static_cast<char32_t>(hex_value(decoder.at(at++)));
    if (digits < wanted) {
      if (at == bytes.size() && consumed) {
        *consumed = static_cast<Word>(start);
        break;
      }
      at = TRY(decoder.bad(start, at,
                           c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape"));
    } else if (value > 0x10ffff) {
      at = TRY(decoder.bad(start, at, "\\Uxxxxxxxx out of range"));
    } else {
      TRY(decoder.out.append(value));
    }
  }
  return decoder.out.finish();
}

static bool append_escape(CharBuffer& out, char32_t c, bool with_x) {
  char text[12];
  int size = snprintf(text, sizeof(text),
                      with_x && c < 0x100 ? "\\x%02x"
                      : c < 0x10000       ? "\\u%04x"
                                          : "\\U%08x",
                      static_cast<unsigned>(c));
  return out.append(std::string_view(text, static_cast<size_t>(size)));
}
Result<Ref<Bytes>> encode_unicode_escape(Thread& thread, Borrowed<Str> text) {
  StrView view = text->view();
  CharBuffer out;
  bool ok = true;
  for (Word i = 0; i < view.length && ok; ++i) {
    char32_t c = view[i];
    if (c == '\\')
      ok = out.append("\\\\");
    else if (c == '\t')
      ok = out.append("\\t");
    else if (c == '\n')
      ok = out.append("\\n");
    else if (c == '\r')
      ok = out.append("\\r");
    else if (c >= ' ' && c < 0x7f)
      ok = out.append(static_cast<char>(c));
    else
      ok = append_escape(out, c, true);
  }
  if (!ok) return raise_memory_error(thread);
  return bytes_from(thread, out.text());
}
Result<Ref<Bytes>> encode_raw_unicode_escape(Thread& thread, Borrowed<Str> text) {
  StrView view = text->view();
  CharBuffer out;
  bool ok = true;
  for (Word i = 0; i < view.length && ok; ++i)
    ok = view[i] < 0x100 ? out.append(static_cast<char>(view[i]))
                         : append_escape(out, view[i], false);
  if (!ok) return raise_memory_error(thread);
  return bytes_from(thread, out.text());
}

// ---- charmap ------------------------------------------------------------------------------------
Result<Ref<Str>> decode_charmap(Thread& thread, std::string_view bytes, Any mapping,
                                ErrorsName errors) {
  if (mapping.is_none()) return decode_latin1(thread, bytes);
  Decoder decoder(thread, "charmap", bytes, errors);
  constexpr const char* reason = "character maps to <undefined>";
  for (size_t at = 0; at < bytes.size();) {
    uint8_t byte = decoder.at(at);
    if (is_str(mapping)) {
      StrView table = Borrowed<Str>(mapping.value())->view();
      char32_t c = byte < table.length ? table[byte] : 0xfffe;
      if (c == 0xfffe) {
        at = TRY(decoder.bad(at, at + 1, reason));
        continue;
      }
      TRY(decoder.out.append(c));
      ++at;
      continue;
    }
    AnyResult found = get_item(thread, mapping, Any(small_int(byte)));
    if (found.raised()) {
      if (!pending_is<LookupError>(thread)) return Raised{};
      clear_exception(thread);
      at = TRY(decoder.bad(at, at + 1, reason));
      continue;
    }
    AnyRef to = found.take();
    Word code = 0;
    if (to.value().is_none() || (to.value().is_int() && small_int_value(to.value()) == 0xfffe) ||
        (is_str(to.value()) && str_equals_ascii(Borrowed<Str>(to.value()), "\xff"))) {
      at = TRY(decoder.bad(at, at + 1, reason));
      continue;
    }
    if (is_int(to.value())) {
      if (!int_to_word(to.value(), code) || code < 0 || code > 0x10ffff) {
        return raise<TypeError>(thread, "character mapping must be in range(0x110000)");
      }
      TRY(decoder.out.append(static_cast<char32_t>(code)));
    } else if (is_str(to.value())) {
      Borrowed<Str> text(to.value());
      if (text->length() == 1 && text->view()[0] == 0xfffe) {
        at = TRY(decoder.bad(at, at + 1, reason));
        continue;
      }
      TRY(decoder.out.append(text));
    } else {
      return raise<TypeError>(thread, "character mapping must return integer, None or str");
    }
    ++at;
  }
  return decoder.out.finish();
}

namespace {
// Looks c up: appends its bytes; false: undefined. Python may run.
Result<bool> put_mapped(Thread& thread, Any mapping, char32_t c, CharBuffer& out) {
  AnyResult found = get_item(thread, mapping, Any(small_int(static_cast<Word>(c))));
  if (found.raised()) {
    if (!pending_is<LookupError>(thread)) return Raised{};
    clear_exception(thread);
    return false;
  }
  AnyRef to = found.take();
  if (to.value().is_none()) return false;
  if (is_int(to.value())) {
    Word code;
    if (!int_to_word(to.value(), code) || code < 0 || code > 255)
      return raise<TypeError>(thread, "character mapping must be in range(256)");
    if (!out.append(static_cast<char>(code))) return raise_memory_error(thread);
    return true;
  }
  if (is_bytes(to.value())) {
    if (!out.append(Borrowed<Bytes>(to.value())->view())) return raise_memory_error(thread);
    return true;
  }
  return raise<TypeError>(thread, "character mapping must return integer, bytes or None, not {}",
                          type_name_in(to.borrow()));
}
}  // namespace

Result<Ref<Bytes>> encode_charmap(Thread& thread, Borrowed<Str> text, Any mapping,
                                  ErrorsName errors) {
  if (mapping.is_none()) return encode_latin1(thread, text, errors);
  constexpr const char* reason = "character maps to <undefined>";
  // The encoder's `put` cannot look into a mapping (that may raise), so replacements are mapped by
  // encoding them again.
  Encoder encoder(thread, "charmap", text, errors, put_latin1);
  StrView view = text->view();
  for (Word i = 0; i < view.length;) {
    if (TRY(put_mapped(thread, mapping, view[i], encoder.out))) {
      ++i;
      continue;
    }
    Word end = i + 1;
    for (; end < view.length; ++end) {
      CharBuffer trial;
      if (TRY(put_mapped(thread, mapping, view[end], trial))) break;
    }
    size_t size = encoder.out.size();
    Word next = TRY(encoder.bad(i, end, reason));
    if (encoder.mode != Mode::surrogateescape) {
      CharBuffer added;
      if (!added.append(encoder.out.text().substr(size))) return raise_memory_error(thread);
      encoder.out.set_size(size);
      for (char c : added.text()) {
        if (!TRY(put_mapped(thread, mapping, static_cast<uint8_t>(c), encoder.out))) {
          return raise_encode_error(thread, "charmap", text, i, end, reason);
        }
      }
    }
    i = next;
  }
  return bytes_from(thread, encoder.out.text());
}

}  // namespace dx
