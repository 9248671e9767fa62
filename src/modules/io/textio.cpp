// TextIOWrapper: text over a buffered byte stream. Construction, state, position and writing;
// reading is textio_read.cpp.

#include "modules/io/textio_internal.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/locale.h"
#include "objects/bind.h"
#include "objects/codecs.h"
#include "objects/container_support.h"
#include "modules/io/open.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"
#include "runtime/interpreter_state.h"

namespace dx {

TypeHandle text_wrapper_type;

Result<void> text_check_ready(Thread& thread, TextWrapper* self) {
  if (__builtin_expect(self->ready && !self->detached, 1)) return {};
  if (!self->ready) return raise<ValueError>(thread, "I/O operation on uninitialized object");
  return raise<ValueError>(thread, "underlying buffer has been detached");
}
Result<void> text_check_open(Thread& thread, Any any) {
  TextWrapper* self = text_of(any);
  TRY(text_check_ready(thread, self));
  // `closed` of these types cannot be shadowed, so knowing the types is enough.
  Value buffer = self->buffer.raw();
  if (__builtin_expect(
          buffer.is_object() && shape_of(buffer.object()).layout == buffered_reader_spec.layout,
          1)) {
    Type* type = type_of(buffer);
    if (type == buffered_reader_type.type || type == buffered_writer_type.type ||
        type == buffered_random_type.type) {
      auto* buffered = static_cast<Buffered*>(buffer.object());
      Value raw = buffered->raw.raw();
      if (__builtin_expect(buffered->ready && raw.is_object() && type_of(raw) == fileio_type.type,
                           1)) {
        if (__builtin_expect(fileio_open(raw), 1)) return {};
        return raise<ValueError>(thread, "I/O operation on closed file.");
      }
    }
  }
  return io_check_open(thread, type_of(any) == text_wrapper_type.type ? Any(buffer) : any);
}

Result<Ref<Str>> locale_encoding(Thread& thread) {
  if (interpreter_of(thread).options.utf8_mode)
    return Ref<Str>::share(thread, Borrowed<Str>(NAME("utf-8")));
  return str_intern_ascii(thread, locale_codeset());
}

// ---- codecs -------------------------------------------------------------------------------------
namespace {

TextCodec known_codec(Borrowed<Str> encoding) {
  if (!encoding->ascii()) return TextCodec::foreign;
  std::string name;
  for (char c : encoding->view().text()) {
    bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (word)
      name += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  for (const char* known : {"utf_8", "utf8", "u8", "utf", "cp65001"}) {
    if (name == known) return TextCodec::utf8;
  }
  for (const char* known : {"ascii", "us_ascii", "646", "ansi_x3_4_1968"}) {
    if (name == known) return TextCodec::ascii;
  }
  for (const char* known : {"latin_1", "latin1", "iso_8859_1", "iso8859_1", "8859", "cp819",
                            "latin", "l1", "iso8859"}) {
    if (name == known) return TextCodec::latin1;
  }
  return TextCodec::foreign;
}

// The CodecInfo of a text encoding.
AnyResult text_codec(Thread& thread, Borrowed<Str> encoding) {
  AnyRef info = TRY(codecs_lookup(thread, encoding));
  AnyLookup text = lookup_attr(thread, info, NAME("_is_text_encoding"));
  if (text.raised()) return Raised{};
  if (text.found() && !TRY(is_true(thread, text.borrow())))
    return raise<LookupError>(thread, "{} is not a text encoding", repr_of(encoding));
  return info;
}

// Sets codec, decoder and encoder. The old ones stay when it raises.
Result<void> choose_codec(Thread& thread, TextWrapper* self, Borrowed<Str> encoding,
                          Borrowed<Str> errors) {
  TextCodec codec = known_codec(encoding);
  AnyRef decoder = AnyRef::adopt(Value{}), encoder = AnyRef::adopt(Value{});
  if (codec == TextCodec::foreign) {
    AnyRef info = TRY(text_codec(thread, encoding));
    if (self->readable)
      decoder = TRY(call_method(thread, info, NAME("incrementaldecoder"), {errors.value()}));
    if (self->writable)
      encoder = TRY(call_method(thread, info, NAME("incrementalencoder"), {errors.value()}));
  }
  slot_write(thread, self, self->decoder, decoder.release());
  slot_write(thread, self, self->encoder, encoder.release());
  slot_write(thread, self, self->encoding, share(thread, encoding).release());
  slot_write(thread, self, self->errors, share(thread, errors).release());
  self->codec = codec;
  self->strict = str_equals_ascii(errors, "strict");
  self->tail_size = 0;
  return {};
}

void choose_newline(TextWrapper* self, const LineEnding& ending) {
  self->ending = ending;
  self->newlines = NewlineState{ending.translate, false, 0};
  // newline=None writes os.linesep, which is '\n' here; '' and '\n' leave it as well.
  self->write_size = !ending.universal && ending.text[0] == '\r' ? ending.size : 0;
  std::memcpy(self->write_text, ending.text, sizeof(self->write_text));
}

// A foreign encoder must not write another byte order mark into the middle of a file.
Result<void> fix_encoder(Thread& thread, TextWrapper* self) {
  if (!self->encoder.raw() || !self->seekable) return {};
  AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer)),
         encoder = AnyRef::adopt(slot_load(thread, self, self->encoder));
  AnyRef position = TRY(call_method(thread, buffer, NAME("tell"), {}));
  if (!TRY(equal(thread, position, small_int(0))))
    AnyRef done = TRY(call_method(thread, encoder, NAME("setstate"), {small_int(0)}));
  return {};
}

Result<Ref<Str>> text_argument(Thread& thread, Value value, const char* function,
                               const char* name) {
  if (!is_str(value))
    return raise<TypeError>(thread, "{}() argument '{}' must be str or None, not {}", function,
                            name, type_name_in(value));
  std::string_view text =
      TRY(str_utf8(thread, Borrowed<Str>(value)));  // UnicodeEncodeError for surrogates
  if (text.find('\0') != std::string_view::npos)
    return raise<ValueError>(thread, "embedded null character");
  return str_exact(thread, Borrowed<Str>(value));
}

Result<void> text_init(Thread& thread, Any any, const Arguments& arguments) {
  static const char* const names[] = {"buffer",  "encoding",       "errors",
                                      "newline", "line_buffering", "write_through"};
  Value given[6] = {};
  if (!bind_new(thread, {"TextIOWrapper", names, 6, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  for (Value& value : given) {
    if (!value) value = kNone;
  }
  TextWrapper* self = text_of(any);
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  self->ready = false;
  self->detached = false;
  if (given[1].is_none() && io_warns_default_encoding(thread)) {
    TRY(warn<EncodingWarning>(thread, 1, "'encoding' argument not specified"));
  }
  Ref<Str> encoding = given[1].is_none()
                          ? TRY(locale_encoding(thread))
                          : TRY(text_argument(thread, given[1], "TextIOWrapper", "encoding"));
  if (str_equals_ascii(encoding, "locale")) encoding = TRY(locale_encoding(thread));
  Ref<Str> errors = given[2].is_none()
                        ? Ref<Str>::share(thread, Borrowed<Str>(NAME("strict")))
                        : TRY(text_argument(thread, given[2], "TextIOWrapper", "errors"));
  if (!given[3].is_none()) (void)TRY(text_argument(thread, given[3], "TextIOWrapper", "newline"));
  LineEnding ending;
  if (!line_ending_from(Any(given[3]), ending))
    return raise<ValueError>(thread, "illegal newline value: {}", Any(given[3]));
  bool line_buffering = !given[4].is_none() && TRY(is_true(thread, Any(given[4])));
  bool write_through = !given[5].is_none() && TRY(is_true(thread, Any(given[5])));
  Any buffer(given[0]);
  bool known = is_plain_buffered(buffer.value());
  if (known) {
    auto* buffered = static_cast<Buffered*>(buffer.object());
    Value raw = buffered->raw.raw();
    known = buffered->ready && raw.is_object() && is_plain_fileio(thread, raw) &&
            fileio_open(raw) && static_cast<FileIO*>(raw.object())->seekable > 0;
  }
  if (known) {
    auto* buffered = static_cast<Buffered*>(buffer.object());
    self->readable = buffered->readable;
    self->writable = buffered->writable;
    self->seekable = true;
    self->has_read1 = true;
  } else {
    auto ask = [&](Str* method) -> Result<bool> {
      AnyRef answer = TRY(call_method(thread, buffer, method, {}));
      return is_true(thread, answer);
    };
    if (known_codec(encoding) == TextCodec::foreign) (void)TRY(text_codec(thread, encoding));
    self->readable = TRY(ask(NAME("readable")));
    self->writable = TRY(ask(NAME("writable")));
    self->seekable = TRY(ask(NAME("seekable")));
    AnyLookup read1 = lookup_attr(thread, buffer, NAME("read1"));
    if (read1.raised()) return Raised{};
    self->has_read1 = read1.found();
  }
  TRY(choose_codec(thread, self, encoding, errors));
  choose_newline(self, ending);
  slot_write(thread, self, self->buffer, share(thread, buffer).release());
  text_forget_read(thread, self);
  self->pending_size = 0;
  self->chunk_size = self->next_chunk = 8192;
  self->bytes_per_character = 0;
  self->line_buffering = line_buffering;
  self->write_through = write_through;
  self->telling = self->seekable;
  TRY(fix_encoder(thread, self));
  self->ready = true;
  return {};
}

// ---- writing ------------------------------------------------------------------------------------
bool pending_room(TextWrapper* self, Word more) {
  Word wanted = self->pending_size + more;
  if (__builtin_expect(wanted <= self->pending_capacity, 1)) return true;
  Word capacity = std::max<Word>({wanted, self->chunk_size, self->pending_capacity * 2});
  char* grown = static_cast<char*>(std::realloc(self->pending, static_cast<size_t>(capacity)));
  if (!grown) return false;
  self->pending = grown;
  self->pending_capacity = capacity;
  return true;
}

Result<void> write_to_buffer(Thread& thread, TextWrapper* self, std::string_view bytes) {
  AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer));
  if (is_plain_buffered(buffer.value())) {
    (void)TRY(buffered_write(thread, buffer, bytes));
    return {};
  }
  if (is_plain_fileio(thread, buffer.value()) && fileio_open(buffer.value()) &&
      static_cast<FileIO*>(buffer.value().object())->writable) {
    // Unbuffered: one write, however much of it is taken, as FileIO.write() does.
    (void)TRY(descriptor_write(thread, static_cast<FileIO*>(buffer.value().object())->descriptor,
                               bytes.data(), static_cast<Word>(bytes.size())));
    return {};
  }
  Ref<Bytes> copy = TRY(bytes_from(thread, bytes));
  while (call_method(thread, buffer, NAME("write"), {copy.value()}).raised()) {
    if (!trap_interrupted(thread)) return Raised{};
  }
  return {};
}

}  // namespace

// What waits goes to the buffer. The lock is held.
Result<void> text_write_pending(Thread& thread, TextWrapper* self) {
  if (__builtin_expect(self->pending_size == 0, 1)) return {};
  char* data = self->pending;
  Word size = self->pending_size, capacity = self->pending_capacity;
  self->pending = nullptr;
  self->pending_size = self->pending_capacity = 0;
  Result<void> written =
      write_to_buffer(thread, self, std::string_view(data, static_cast<size_t>(size)));
  if (!self->pending) {
    self->pending = data;
    self->pending_capacity = capacity;
  } else {
    std::free(data);
  }
  return written;
}

namespace {
// text with every '\n' replaced.
Result<Ref<Str>> translate_written(Thread& thread, TextWrapper* self, Borrowed<Str> text) {
  StrBuilder out(thread);
  StrView view = text->view();
  LineEnding feed;
  for (Word start = 0; start < view.length;) {
    Word consumed;
    Word end = find_line_end(feed, view, start, &consumed);
    if (end < 0) {
      TRY(out.append(view_slice(view, start, view.length)));
      break;
    }
    TRY(out.append(view_slice(view, start, end - 1)));
    TRY(out.append(std::string_view(self->write_text, self->write_size)));
    start = end;
  }
  return out.finish();
}

AnyResult encode_text(Thread& thread, TextWrapper* self, Borrowed<Str> text) {
  AnyRef errors = AnyRef::adopt(slot_load(thread, self, self->errors));
  ErrorsName handler = self->strict ? ErrorsName() : ErrorsName(Borrowed<Str>(errors.value()));
  switch (self->codec) {
    case TextCodec::utf8: return encode_utf8(thread, text, handler);
    case TextCodec::ascii: return encode_ascii(thread, text, handler);
    case TextCodec::latin1: return encode_latin1(thread, text, handler);
    case TextCodec::foreign: break;
  }
  AnyRef encoder = AnyRef::adopt(slot_load(thread, self, self->encoder));
  AnyRef bytes = TRY(call_method(thread, encoder, NAME("encode"), {text.value()}));
  if (!is_bytes(bytes.value()))
    return raise<TypeError>(thread, "encoder should return a bytes object, not '{}'",
                            type_name_in(bytes.borrow()));
  return bytes;
}

bool has_char(StrView view, char32_t c) {
  return visit_chars(view, [&](auto* chars) {
    using C = std::remove_const_t<std::remove_pointer_t<decltype(chars)>>;
    return simd::find(chars, static_cast<size_t>(view.length), static_cast<C>(c)) !=
           simd::kNotFound;
  });
}

// The lock is held; the stream is open and writable.
Result<void> write_locked(Thread& thread, TextWrapper* self, Borrowed<Str> text) {
  bool flush_buffer = false;
  Maybe<Ref<Str>> translated;
  if (__builtin_expect(self->line_buffering || self->write_size, 0)) {
    StrView view = text->view();
    bool has_feed = has_char(view, '\n');
    if (has_feed && self->write_size) {
      translated = Maybe<Ref<Str>>(TRY(translate_written(thread, self, text)));
      text = translated.borrow();
    }
    flush_buffer = self->line_buffering && (has_feed || has_char(view, '\r'));
  }
  AnyRef encoded = AnyRef::adopt(Value{});
  std::string_view bytes;
  if (__builtin_expect(text->ascii() && self->codec != TextCodec::foreign, 1)) {
    bytes = text->view().text();
  } else {
    encoded = TRY(encode_text(thread, self, text));
    bytes = static_cast<Bytes*>(encoded.value().object())->view();
  }
  Word size = static_cast<Word>(bytes.size());
  // What the write of a Python stream put here meanwhile goes first.
  while (self->pending_size && self->pending_size + size > self->chunk_size)
    TRY(text_write_pending(thread, self));
  bool through = self->write_through || flush_buffer;
  if (size >= self->chunk_size || (through && self->pending_size == 0 && size > 256)) {
    TRY(write_to_buffer(thread, self, bytes));
  } else {
    if (!pending_room(self, size)) return raise_memory_error(thread);
    std::memcpy(self->pending + self->pending_size, bytes.data(), bytes.size());
    self->pending_size += size;
    if (self->pending_size >= self->chunk_size || through) TRY(text_write_pending(thread, self));
  }
  if (flush_buffer) {
    AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer));
    if (is_plain_buffered(buffer.value()))
      TRY(buffered_flush(thread, buffer));
    else
      AnyRef done = TRY(call_method(thread, buffer, NAME("flush"), {}));
  }
  if (self->readable) {
    if (self->snapshot.raw()) text_forget_read(thread, self);
    TRY(text_reset_decoder(thread, self));
  }
  return {};
}
}  // namespace

Result<void> text_write(Thread& thread, Any any, Borrowed<Str> text) {
  TextWrapper* self = text_of(any);
  TRY(text_check_open(thread, any));
  if (!self->writable) return raise_unsupported(thread, "not writable");
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  return write_locked(thread, self, text);
}
Result<void> text_flush(Thread& thread, Any any) {
  TextWrapper* self = text_of(any);
  TRY(text_check_open(thread, any));
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  self->telling = self->seekable;
  TRY(text_write_pending(thread, self));
  AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer));
  AnyRef done = TRY(call_method(thread, buffer, NAME("flush"), {}));
  return {};
}

namespace {

AnyResult text_write_method(Thread& thread, Any any, Any text) {
  if (!is_str(text))
    return raise<TypeError>(thread, "write() argument must be str, not {}", type_name_in(text));
  TRY(text_write(thread, any, Borrowed<Str>(text.value())));
  return AnyRef::adopt(small_int(Borrowed<Str>(text.value())->length()));
}

// ---- state --------------------------------------------------------------------------------------
AnyResult buffer_of(Thread& thread, TextWrapper* self) {
  TRY(text_check_ready(thread, self));
  return AnyRef::adopt(slot_load(thread, self, self->buffer));
}
template <FixedString name>
AnyResult ask_buffer(Thread& thread, Any any) {
  AnyRef buffer = TRY(buffer_of(thread, text_of(any)));
  return call_method(thread, buffer, NAME(name), {});
}
template <FixedString name>
AnyResult buffer_attribute(Thread& thread, Any any) {
  AnyRef buffer = TRY(buffer_of(thread, text_of(any)));
  return get_attr(thread, buffer, NAME(name));
}
template <auto field>
AnyResult text_field(Thread& thread, Any any) {
  Value value = slot_load(thread, any.object(), text_of(any)->*field);
  return AnyRef::adopt(value ? value : kNone);
}
bool text_line_buffering(Thread&, Any any) { return text_of(any)->line_buffering; }
bool text_write_through(Thread&, Any any) { return text_of(any)->write_through; }
bool text_finalizing(Thread&, Any any) { return text_of(any)->finalizing; }
Result<void> text_finalizing_set(Thread& thread, Any any, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete numeric/char attribute");
  if (!value.value().is_bool())
    return raise<TypeError>(thread, "attribute value type must be bool");
  text_of(any)->finalizing = value.value().is_true();
  return {};
}
AnyResult text_errors(Thread& thread, Any any) {
  if (!text_of(any)->ready)
    return raise<ValueError>(thread, "I/O operation on uninitialized object");
  return text_field<&TextWrapper::errors>(thread, any);
}
AnyResult text_newlines(Thread& thread, Any any) {
  TRY(text_check_ready(thread, text_of(any)));
  TextWrapper* self = text_of(any);
  if (!self->readable || !self->ending.universal) return AnyRef::adopt(kNone);
  return newlines_seen(thread, self->newlines.seen);
}
AnyResult text_chunk_size(Thread& thread, Any any) {
  TRY(text_check_ready(thread, text_of(any)));
  return int_from_word(thread, text_of(any)->chunk_size);
}
Result<void> text_chunk_size_set(Thread& thread, Any any, MaybeAny value) {
  TRY(text_check_ready(thread, text_of(any)));
  if (!value)
    return raise<AttributeError>(
        thread, "attribute '_CHUNK_SIZE' of '_io.TextIOWrapper' objects cannot be deleted");
  AnyRef index = TRY(to_index(thread, *value));
  Word size;
  if (!int_to_word(index.value(), size))
    return raise<ValueError>(thread, "cannot fit '{}' into an index-sized integer",
                             type_name_in(*value));
  if (size <= 0) return raise<ValueError>(thread, "a strictly positive integer is required");
  text_of(any)->chunk_size = text_of(any)->next_chunk = size;
  return {};
}

AnyResult text_repr(Thread& thread, Any any) {
  TextWrapper* self = text_of(any);
  if (!self->ready) return raise<ValueError>(thread, "I/O operation on uninitialized object");
  if (TRY(repr_enter(thread, any.object())))
    return raise<RuntimeError>(thread, "reentrant call inside {}.__repr__", type_name_in(any));
  ReprScope scope(thread, any.object());
  auto attribute = [&](Str* name) -> AnyLookup {
    AnyLookup found = lookup_attr(thread, any, name);
    if (found.raised() && pending_is<ValueError>(thread)) {
      clear_exception(thread);
      return AnyLookup::absent();
    }
    return found;
  };
  StrBuilder text(thread);
  auto add = [&](const char* format, FormatArgument argument) -> Result<void> {
    AnyRef part = TRY(format_text(thread, format, &argument, 1));
    return text.append(Borrowed<Str>(part.value()));
  };
  TRY(add("<{}", type_name_in(any)));
  AnyLookup name = attribute(NAME("name"));
  if (name.raised()) return Raised{};
  if (name.found()) TRY(add(" name={}", repr_of(name.borrow())));
  AnyLookup mode = attribute(NAME("mode"));
  if (mode.raised()) return Raised{};
  if (mode.found()) TRY(add(" mode={}", repr_of(mode.borrow())));
  AnyRef encoding = TRY(text_field<&TextWrapper::encoding>(thread, any));
  TRY(add(" encoding={}>", repr_of(encoding.borrow())));
  return text.finish();
}

Result<void> text_flush_method(Thread& thread, Any any) { return text_flush(thread, any); }

AnyResult text_close(Thread& thread, Any any) {
  TextWrapper* self = text_of(any);
  AnyRef buffer = TRY(buffer_of(thread, self));
  if (TRY(io_closed(thread, any)) || self->detached)
    return AnyRef::adopt(kNone);  // `closed` may have run Python
  if (self->finalizing &&
      call_method(thread, buffer, NAME("_dealloc_warn"), {any.value()}).raised())
    clear_exception(thread);
  Maybe<Ref<Object>> earlier;
  if (call_method(thread, any, NAME("flush"), {}).raised()) earlier = take_exception(thread);
  AnyResult closed = call_method(thread, buffer, NAME("close"), {});
  if (closed.raised() || earlier) return raise_after(thread, std::move(earlier));
  return closed;
}
AnyResult text_detach(Thread& thread, Any any) {
  TextWrapper* self = text_of(any);
  TRY(text_check_ready(thread, self));
  AnyRef done = TRY(call_method(thread, any, NAME("flush"), {}));
  TRY(text_check_ready(thread, self));
  self->detached = true;
  return AnyRef::adopt(slot_take(thread, self, self->buffer));
}

AnyResult text_reconfigure(Thread& thread, Any any, Any encoding, Any errors,
                           MaybeAny newline_argument, Any line_buffering, Any write_through) {
  TextWrapper* self = text_of(any);
  TRY(text_check_ready(thread, self));
  bool newline_given = bool(newline_argument);
  Any newline = newline_given ? *newline_argument : Any(kNone);
  bool changes = newline_given || !encoding.is_none() || !errors.is_none();
  if (changes && (self->decoded.raw() || self->snapshot.raw())) {
    return raise_unsupported(
        thread, "It is not possible to set the encoding or newline of stream after the first read");
  }
  LineEnding ending = self->ending;
  if (newline_given) {
    if (!newline.is_none()) (void)TRY(text_argument(thread, newline, "reconfigure", "newline"));
    if (!line_ending_from(newline, ending))
      return raise<ValueError>(thread, "illegal newline value: {}", newline);
  }
  Maybe<Ref<Str>> new_encoding, new_errors;
  if (!encoding.is_none()) {
    new_encoding = Maybe<Ref<Str>>(TRY(text_argument(thread, encoding, "reconfigure", "encoding")));
    if (str_equals_ascii(new_encoding.borrow(), "locale"))
      new_encoding = Maybe<Ref<Str>>(TRY(locale_encoding(thread)));
  }
  if (!errors.is_none())
    new_errors = Maybe<Ref<Str>>(TRY(text_argument(thread, errors, "reconfigure", "errors")));
  auto flag = [&](Any given, bool now) -> Result<bool> {
    if (given.is_none()) return now;
    return TRY(index_word(thread, TRY(to_index(thread, given)))) != 0;
  };
  bool lines = TRY(flag(line_buffering, self->line_buffering)),
       through = TRY(flag(write_through, self->write_through));
  AnyRef done = TRY(call_method(thread, any, NAME("flush"), {}));
  self->bytes_per_character = 0;
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  if (changes) {
    if (new_encoding || new_errors) {
      Ref<Str> chosen = new_encoding ? new_encoding.take()
                                     : Ref<Str>::adopt(slot_load(thread, self, self->encoding));
      Ref<Str> handler = new_errors ? new_errors.take()
                         : encoding.is_none()
                             ? Ref<Str>::adopt(slot_load(thread, self, self->errors))
                             : Ref<Str>::share(thread, Borrowed<Str>(NAME("strict")));
      TRY(choose_codec(thread, self, chosen, handler));
      TRY(fix_encoder(thread, self));
    }
    if (newline_given) choose_newline(self, ending);
  }
  self->line_buffering = lines;
  self->write_through = through;
  return AnyRef::adopt(kNone);
}

AnyResult text_truncate(Thread& thread, Any any, Any size) {
  AnyRef buffer = TRY(buffer_of(thread, text_of(any)));
  AnyRef done = TRY(call_method(thread, any, NAME("flush"), {}));
  return call_method(thread, buffer, NAME("truncate"), {size.value()});
}

AnyResult text_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}

void text_trace(Object* object, SlotVisitor& visitor) {
  auto* self = static_cast<TextWrapper*>(object);
  visitor(self->buffer);
  visitor(self->encoding);
  visitor(self->errors);
  visitor(self->decoder);
  visitor(self->encoder);
  visitor(self->decoded);
  visitor(self->snapshot);
}
void text_destroy(Thread&, Object* object) {
  std::free(static_cast<TextWrapper*>(object)->pending);
}
const Layout text_layout{"TextIOWrapper", sizeof(TextWrapper), true, text_trace, text_destroy};
const SlotEntry text_slots[] = {slot<SlotId::new_, text_new>(), slot<SlotId::init, text_init>(),
                                slot<SlotId::repr, text_repr>(), slot<SlotId::next, text_next>()};
constexpr Method text_methods[] = {
    method<text_detach>("detach()"),
    method<text_reconfigure>("reconfigure(*, encoding=None, errors=None, newline=?, "
                             "line_buffering=None, write_through=None)",
                             "Reconfigure the text stream with new parameters.\n\nThis also does "
                             "an implicit stream flush."),
    method<text_write_method>("write(text, /)"),
    method<text_read>("read(size=-1, /)"),
    method<text_readline>("readline(size=-1, /)"),
    method<text_flush_method>("flush()"),
    method<text_close>("close()"),
    method<ask_buffer<"fileno">>("fileno()"),
    method<ask_buffer<"seekable">>("seekable()"),
    method<ask_buffer<"readable">>("readable()"),
    method<ask_buffer<"writable">>("writable()"),
    method<ask_buffer<"isatty">>("isatty()"),
    method<text_seek>("seek(cookie, whence=0, /)"),
    method<text_tell>("tell()"),
    method<text_truncate>("truncate(pos=None, /)"),
    method<io_getstate>("__getstate__()"),
};
const GetSet text_getsets[] = {
    getter<text_field<&TextWrapper::encoding>>("encoding"),
    getter<text_field<&TextWrapper::buffer>>("buffer"),
    getter<text_line_buffering>("line_buffering"),
    getter<text_write_through>("write_through"),
    getset<text_finalizing, text_finalizing_set>("_finalizing"),
    getter<buffer_attribute<"name">>("name"),
    getter<buffer_attribute<"closed">>("closed"),
    getter<text_newlines>("newlines"),
    getter<text_errors>("errors"),
    getset<text_chunk_size, text_chunk_size_set>("_CHUNK_SIZE"),
};

}  // namespace

const TypeSpec text_wrapper_spec{
    .name = "_io.TextIOWrapper",
    .doc = "Character and line based layer over a BufferedIOBase object, buffer.",
    .flags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable,
    .layout = &text_layout,
    .base = &text_io_base_type,
    .slots = text_slots,
    .methods = text_methods,
    .getsets = text_getsets};

}  // namespace dx
