// TextIOWrapper: reading, and positions.
//
// A piece of bytes is read from the buffer, decoded as a whole into `decoded`, and given out from
// there. For tell(), the snapshot remembers the bytes the piece came from and the decoder's state
// before them: the position of a character inside the piece is found by decoding again. It is a
// number that packs (docs/internals/io.md):
//
//   bits 0..63 where the snapshot starts, 64..95 decoder state, 96..127 bytes to feed, 128..159
//   characters to skip, 160..167 whether the feeding ended with the end of the file

#include <cmath>
#include <cstring>

#include "modules/io/textio_internal.h"
#include "objects/codecs.h"
#include "objects/exception.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

namespace {

ErrorsName errors_of(TextWrapper* self, AnyRef& keep) {
  if (self->strict) return ErrorsName();
  keep = AnyRef::adopt(slot_load(current_thread(), self, self->errors));
  return ErrorsName(Borrowed<Str>(keep.value()));
}

// Decodes one more piece; what is left of a character at its end is kept for the next.
Result<Ref<Str>> decode_piece(Thread& thread, TextWrapper* self, Any piece, bool final) {
  AnyRef text = AnyRef::adopt(kNone);
  if (self->codec == TextCodec::foreign) {
    AnyRef decoder = AnyRef::adopt(slot_load(thread, self, self->decoder));
    text = TRY(call_method(thread, decoder, NAME("decode"), {piece.value(), bool_value(final)}));
    if (!is_str(text.value()))
      return raise<TypeError>(thread, "decoder should return a string result, not '{}'",
                              type_name_in(text.borrow()));
  } else {
    BufferScope scope(thread);
    TRY(scope.acquire(piece));
    std::string_view bytes = scope.text();
    AnyRef joined = AnyRef::adopt(kNone), keep = AnyRef::adopt(kNone);
    if (self->tail_size) {
      Ref<Bytes> both = TRY(bytes_create(thread, self->tail_size + bytes.size()));
      std::memcpy(both->data(), self->tail, self->tail_size);
      std::memcpy(both->data() + self->tail_size, bytes.data(), bytes.size());
      bytes = both->view();
      joined = std::move(both);
      self->tail_size = 0;
    }
    ErrorsName errors = errors_of(self, keep);
    if (self->codec == TextCodec::latin1) {
      text = TRY(decode_latin1(thread, bytes));
    } else if (self->codec == TextCodec::ascii) {
      text = TRY(decode_ascii(thread, bytes, errors));
    } else {
      Word consumed = static_cast<Word>(bytes.size());
      text = TRY(decode_utf8(thread, bytes, errors, final ? nullptr : &consumed));
      if (consumed < static_cast<Word>(bytes.size())) {
        std::string_view rest = bytes.substr(static_cast<size_t>(consumed));
        CHECK(rest.size() <= sizeof(self->tail));
        std::memcpy(self->tail, rest.data(), rest.size());
        self->tail_size = static_cast<uint8_t>(rest.size());
      }
    }
  }
  Ref<Str> result = Ref<Str>::adopt(text.release());
  if (!self->ending.universal) return result;
  return newlines_decode(thread, self->newlines, std::move(result), final);
}

// The decoder's state before the next piece: bytes held back, and flags.
Result<void> decoder_state(Thread& thread, TextWrapper* self, Maybe<Ref<Object>>& held,
                           Word& flags) {
  flags = 0;
  if (self->codec == TextCodec::foreign) {
    AnyRef decoder = AnyRef::adopt(slot_load(thread, self, self->decoder));
    AnyRef state = TRY(call_method(thread, decoder, NAME("getstate"), {}));
    if (!is_tuple(state.value())) return raise<TypeError>(thread, "illegal decoder state");
    Borrowed<Tuple> pair(state.value());
    if (pair->size != 2) return raise<TypeError>(thread, "illegal decoder state");
    if (!is_bytes(pair->item(0)))
      return raise<TypeError>(
          thread, "illegal decoder state: the first item should be a bytes object, not '{}'",
          type_name_in(pair->item(0)));
    if (!is_int(pair->item(1))) return raise<TypeError>(thread, "illegal decoder state");
    if (Borrowed<Bytes>(pair->item(0).value())->size)
      held = Maybe<Ref<Object>>(share(thread, pair->item(0)));
    flags = static_cast<Word>(int_u64_mask(pair->item(1)));
  } else if (self->tail_size) {
    held =
        Maybe<Ref<Object>>(TRY(bytes_from(thread, std::string_view(self->tail, self->tail_size))));
  }
  if (self->ending.universal) flags = flags << 1 | self->newlines.pending_cr;
  return {};
}
Result<void> set_decoder_state(Thread& thread, TextWrapper* self, Any held, Word flags) {
  if (self->ending.universal) {
    self->newlines.pending_cr = flags & 1;
    flags >>= 1;
  }
  if (self->codec == TextCodec::foreign) {
    AnyRef decoder = AnyRef::adopt(slot_load(thread, self, self->decoder));
    Ref<Tuple> state = TRY(tuple_of(thread, {held.value(), small_int(flags)}));
    AnyRef done = TRY(call_method(thread, decoder, NAME("setstate"), {state.value()}));
    return {};
  }
  std::string_view bytes = Borrowed<Bytes>(held.value())->view();
  self->tail_size = static_cast<uint8_t>(std::min(bytes.size(), sizeof(self->tail)));
  std::memcpy(self->tail, bytes.data(), self->tail_size);
  return {};
}

AnyResult read_from_buffer(Thread& thread, TextWrapper* self, Word size) {
  AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer));
  if (is_plain_buffered(buffer.value())) {
    if (TRY(buffered_closed(thread, buffer)))
      return raise<ValueError>(thread, "read of closed file");
    return buffered_read1(thread, buffer, size);
  }
  AnyRef wanted = TRY(int_from_word(thread, size));
  return call_method(thread, buffer, self->has_read1 ? NAME("read1") : NAME("read"),
                     {wanted.value()});
}

// Fills `decoded` with the next piece; false at the end of the file. wanted: about how many
// characters (0: a chunk).
Result<bool> read_piece(Thread& thread, TextWrapper* self, Word wanted) {
  if (!self->readable) return raise_unsupported(thread, "not readable");
  Maybe<Ref<Object>> held;
  Word flags = 0;
  if (self->telling) TRY(decoder_state(thread, self, held, flags));
  // Reading on and on takes larger and larger pieces.
  Word size = self->next_chunk;
  if (self->chunk_size == 8192 && self->next_chunk < 65536) self->next_chunk *= 2;
  if (wanted > 0)
    size = std::max(size, static_cast<Word>(std::max(self->bytes_per_character, 1.0) *
                                            static_cast<double>(wanted)));
  AnyRef piece = TRY(read_from_buffer(thread, self, size));
  if (!has_buffer(piece.borrow())) {
    return raise<TypeError>(thread,
                            "underlying {}() should have returned a bytes-like object, not '{}'",
                            self->has_read1 ? "read1" : "read", type_name_in(piece.borrow()));
  }
  Word bytes;
  if (is_bytes(piece.value())) {
    bytes = Borrowed<Bytes>(piece.value())->size;
  } else {
    BufferScope scope(thread);
    TRY(scope.acquire(piece));
    bytes = scope.view.size;
  }
  bool end = bytes == 0;
  Ref<Str> text = TRY(decode_piece(thread, self, piece, end));
  Word characters = text->length();
  self->bytes_per_character =
      characters ? static_cast<double>(bytes) / static_cast<double>(characters) : 0;
  slot_write(thread, self, self->decoded, std::move(text));
  self->decoded_used = 0;
  if (characters) end = false;
  if (self->telling) {
    if (held || !is_bytes(piece.value())) {
      BufferScope scope(thread);
      TRY(scope.acquire(piece));
      std::string_view before =
          held ? Borrowed<Bytes>(held.value())->view() : std::string_view("", 0);
      Ref<Bytes> both = TRY(bytes_create(thread, before.size() + scope.text().size()));
      std::memcpy(both->data(), before.data(), before.size());
      std::memcpy(both->data() + before.size(), scope.text().data(), scope.text().size());
      piece = std::move(both);
    }
    slot_write(thread, self, self->snapshot, piece.release());
    self->snapshot_flags = flags;
  } else if (self->snapshot.raw()) {
    slot_clear(thread, self, self->snapshot);
  }
  return !end;
}

Str* decoded_of(TextWrapper* self) { return static_cast<Str*>(self->decoded.raw().object()); }
Word left_of(TextWrapper* self) {
  return self->decoded.raw() ? decoded_of(self)->length() - self->decoded_used : 0;
}

// Up to `size` characters of `decoded` (-1: all of them).
Result<Ref<Str>> take_decoded(Thread& thread, TextWrapper* self, Word size) {
  Word left = left_of(self);
  if (size < 0 || size > left) size = left;
  if (size == 0) return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  Word start = self->decoded_used;
  self->decoded_used += size;
  Ref<Str> all = Ref<Str>::share(thread, Borrowed<Str>(decoded_of(self)));
  if (size == all->length()) return all;
  return str_substring(thread, all, start, start + size);
}

// all[start:end], without looking at the characters of an ASCII text.
Result<Ref<Str>> piece_of(Thread& thread, Borrowed<Str> all, Word start, Word end) {
  if (!all->ascii() || end - start < 2) return str_substring(thread, all, start, end);
  Ref<Str> piece = TRY(str_create(thread, end - start, 0x7f));
  std::memcpy(str_data(piece.get()), static_cast<const char*>(all->data()) + start,
              static_cast<size_t>(end - start));
  return piece;
}

Result<Ref<Str>> read_line(Thread& thread, TextWrapper* self, Word limit) {
  TRY(text_write_pending(thread, self));
  // The most usual case by itself: '\n' ends the line, and it is there.
  if (__builtin_expect(self->ending.translate && limit < 0 && self->decoded.raw(), 1)) {
    Borrowed<Str> all(decoded_of(self));
    if (all->kind() == StrKind::one) {
      const char* characters = static_cast<const char*>(all->data());
      Word start = self->decoded_used;
      if (const void* feed =
              std::memchr(characters + start, '\n', static_cast<size_t>(all->length() - start))) {
        Word end = static_cast<const char*>(feed) - characters + 1;
        self->decoded_used = end;
        return piece_of(thread, all, start, end);
      }
    }
  }
  // The usual case: the whole line is there.
  if (left_of(self) > 0 || TRY(read_piece(thread, self, 0))) {
    if (left_of(self) > 0) {
      Ref<Str> all = Ref<Str>::share(thread, Borrowed<Str>(decoded_of(self)));
      Word start = self->decoded_used, consumed;
      Word end = find_line_end(self->ending, all->view(), start, &consumed);
      if (limit >= 0 && (end < 0 ? all->length() : end) - start >= limit) end = start + limit;
      if (end >= 0) {
        self->decoded_used = end;
        return piece_of(thread, all, start, end);
      }
    }
  } else {
    text_forget_read(thread, self);
    return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  }
  // It goes over the end of the piece. `rest` is what must be looked at again together with the
  // next one.
  StrBuilder line(thread);
  Maybe<Ref<Str>> rest;
  for (;;) {
    if (Word left = left_of(self); left > 0) {
      Ref<Str> piece = Ref<Str>::share(thread, Borrowed<Str>(decoded_of(self)));
      Word start = self->decoded_used, before = 0;
      if (rest) {
        before = rest->length();
        Ref<Str> tail = TRY(str_substring(thread, piece, start, piece->length()));
        piece = TRY(str_concat(thread, rest.borrow(), tail));
        rest = Maybe<Ref<Str>>();
        start = 0;
      }
      Word consumed = 0;
      Word end = find_line_end(self->ending, piece->view(), start, &consumed);
      Word length = (end < 0 ? piece->length() : end) - start;
      bool whole = end >= 0;
      if (limit >= 0 && line.length() + length >= limit) {
        length = limit - line.length();
        end = start + length;
        whole = true;
      }
      if (whole) {
        TRY(line.append(view_slice(piece->view(), start, end)));
        self->decoded_used += std::max<Word>(length - before, 0);
        return line.finish();
      }
      TRY(line.append(view_slice(piece->view(), start, consumed)));
      if (consumed < piece->length())
        rest = Maybe<Ref<Str>>(TRY(str_substring(thread, piece, consumed, piece->length())));
      self->decoded_used += left;
    }
    Result<bool> more = read_piece(thread, self, 0);
    if (more.raised()) {
      if (trap_interrupted(thread)) continue;
      return Raised{};
    }
    if (!more.take()) break;
  }
  text_forget_read(thread, self);
  if (rest) TRY(line.append(rest.borrow()));
  return line.finish();
}

// ---- positions ----------------------------------------------------------------------------------
struct Cookie {
  Word start = 0;
  Word flags = 0, bytes_to_feed = 0, characters_to_skip = 0;
  bool need_end = false;
};
AnyResult pack_cookie(Thread& thread, const Cookie& cookie) {
  uint8_t bytes[21] = {};
  std::memcpy(bytes, &cookie.start, 8);
  std::memcpy(bytes + 8, &cookie.flags, 4);
  std::memcpy(bytes + 12, &cookie.bytes_to_feed, 4);
  std::memcpy(bytes + 16, &cookie.characters_to_skip, 4);
  bytes[20] = cookie.need_end;
  return int_from_bytes(thread, bytes, sizeof bytes, true, false);
}
Result<void> unpack_cookie(Thread& thread, Any number, Cookie& cookie) {
  uint8_t bytes[21] = {};
  TRY(int_to_bytes(thread, number.value(), bytes, sizeof bytes, true, false));
  std::memcpy(&cookie.start, bytes, 8);
  std::memcpy(&cookie.flags, bytes + 8, 4);
  std::memcpy(&cookie.bytes_to_feed, bytes + 12, 4);
  std::memcpy(&cookie.characters_to_skip, bytes + 16, 4);
  cookie.need_end = bytes[20];
  return {};
}

// Native codecs: how many bytes of the snapshot make the first `characters` of `decoded`. -1: it
// takes a real decoder to say (ill-formed bytes, a state in the middle of a newline).
Word bytes_for_characters(TextWrapper* self, std::string_view bytes, Word flags, Word characters) {
  if (flags) return -1;
  if (self->codec == TextCodec::utf8) {
    if (simd::utf8_scan(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                        simd::Surrogates::forbidden)
                .valid +
            3 <
        bytes.size())
      return -1;
  } else if (self->codec == TextCodec::ascii &&
             simd::ascii_prefix(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) !=
                 bytes.size()) {
    return -1;
  }
  size_t at = 0;
  for (; characters > 0; --characters) {
    if (at >= bytes.size()) return -1;
    uint8_t first = static_cast<uint8_t>(bytes[at]);
    if (first == '\r' && self->ending.translate && at + 1 < bytes.size() && bytes[at + 1] == '\n')
      ++at;
    at += self->codec != TextCodec::utf8 || first < 0x80 ? 1
          : first < 0xe0                                 ? 2
          : first < 0xf0                                 ? 3
                                                         : 4;
  }
  if (at > bytes.size()) return -1;
  // Behind a '\r' the decoder waits for a '\n': such a position has a state.
  if (self->ending.universal && at > 0 && bytes[at - 1] == '\r') return -1;
  return static_cast<Word>(at);
}

// A decoder of the wrapper's encoding as codecs knows it, universal newlines included.
AnyResult real_decoder(Thread& thread, TextWrapper* self) {
  AnyRef encoding = AnyRef::adopt(slot_load(thread, self, self->encoding)),
         errors = AnyRef::adopt(slot_load(thread, self, self->errors));
  AnyRef info = TRY(codecs_lookup(thread, Borrowed<Str>(encoding.value())));
  AnyRef decoder = TRY(call_method(thread, info, NAME("incrementaldecoder"), {errors.value()}));
  if (!self->ending.universal) return decoder;
  return call(thread, Any(Value(newline_decoder_type.type)),
              {decoder.value(), bool_value(self->ending.translate)});
}

Result<void> restart_decoder(Thread& thread, Any decoder, Word flags) {
  Ref<Bytes> nothing = TRY(bytes_from(thread, ""));
  Ref<Tuple> state = TRY(tuple_of(thread, {nothing.value(), small_int(flags)}));
  AnyRef done = TRY(call_method(thread, decoder, NAME("setstate"), {state.value()}));
  return {};
}

// Decodes the snapshot again, byte by byte, moving the cookie's start to each place where the
// decoder holds nothing.
Result<void> search_position(Thread& thread, TextWrapper* self, std::string_view bytes,
                             Cookie& cookie) {
  AnyRef decoder = TRY(real_decoder(thread, self));
  TRY(restart_decoder(thread, decoder, cookie.flags));
  Word fed = 0, decoded = 0;
  auto feed = [&](std::string_view part, bool final) -> Result<void> {
    Ref<Bytes> piece = TRY(bytes_from(thread, part));
    AnyRef text =
        TRY(call_method(thread, decoder, NAME("decode"), {piece.value(), bool_value(final)}));
    if (!is_str(text.value()))
      return raise<TypeError>(thread, "decoder should return a string result, not '{}'",
                              type_name_in(text.borrow()));
    decoded += Borrowed<Str>(text.value())->length();
    return {};
  };
  for (size_t i = 0; i < bytes.size(); ++i) {
    TRY(feed(bytes.substr(i, 1), false));
    ++fed;
    AnyRef state = TRY(call_method(thread, decoder, NAME("getstate"), {}));
    if (!is_tuple(state.value()) || Borrowed<Tuple>(state.value())->size != 2)
      return raise<TypeError>(thread, "illegal decoder state");
    Any held = Borrowed<Tuple>(state.value())->item(0),
        flags = Borrowed<Tuple>(state.value())->item(1);
    if (is_bytes(held) && Borrowed<Bytes>(held.value())->size == 0 &&
        decoded <= cookie.characters_to_skip) {
      cookie.start += fed;
      cookie.characters_to_skip -= decoded;
      cookie.flags = static_cast<Word>(int_u64_mask(flags));
      fed = decoded = 0;
    }
    if (decoded >= cookie.characters_to_skip) {
      cookie.bytes_to_feed = fed;
      return {};
    }
  }
  TRY(feed("", true));
  cookie.need_end = true;
  cookie.bytes_to_feed = fed;
  if (decoded < cookie.characters_to_skip)
    return raise<OSError>(thread, "can't reconstruct logical file position");
  return {};
}

}  // namespace

Result<void> text_reset_decoder(Thread& thread, TextWrapper* self) {
  self->tail_size = 0;
  self->newlines.pending_cr = false;
  self->newlines.seen = 0;
  AnyRef decoder = AnyRef::adopt(slot_load(thread, self, self->decoder));
  if (decoder.value().is_object())
    AnyRef done = TRY(call_method(thread, decoder, NAME("reset"), {}));
  return {};
}

AnyResult text_read(Thread& thread, Any any, Any size_argument) {
  TextWrapper* self = text_of(any);
  Word size = -1;
  TRY(optional_size(thread, size_argument, size));
  TRY(text_check_open(thread, any));
  if (!self->readable) return raise_unsupported(thread, "not readable");
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  TRY(text_write_pending(thread, self));
  if (size < 0) {
    AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer));
    if (is_plain_buffered(buffer.value()) && self->codec != TextCodec::foreign &&
        !self->tail_size && !self->newlines.pending_cr && left_of(self) == 0) {
      Word got;
      std::string rest;
      Ref<Str> text = TRY(buffered_read_text(thread, buffer, got, rest));
      if (got >= 0) {
        if (!rest.empty()) {
          AnyRef tail = TRY(buffered_read_all(thread, buffer));
          if (is_bytes(tail.value())) rest += Borrowed<Bytes>(tail.value())->view();
        }
        const uint8_t* data = static_cast<const uint8_t*>(text->data());
        text_forget_read(thread, self);
        bool whole = rest.empty() && got == text->length();
        if (whole &&
            simd::ascii_prefix(data, static_cast<size_t>(got)) == static_cast<size_t>(got)) {
          return self->ending.universal
                     ? newlines_decode(thread, self->newlines, std::move(text), true)
                     : Result<Ref<Str>>(std::move(text));
        }
        std::string_view first(reinterpret_cast<const char*>(data), static_cast<size_t>(got));
        if (whole && self->codec == TextCodec::utf8) {
          AnyRef keep = AnyRef::adopt(kNone);
          Ref<Str> decoded = TRY(decode_utf8(thread, first, errors_of(self, keep)));
          return self->ending.universal
                     ? newlines_decode(thread, self->newlines, std::move(decoded), true)
                     : Result<Ref<Str>>(std::move(decoded));
        }
        Ref<Bytes> all = TRY(bytes_create(thread, first.size() + rest.size()));
        std::memcpy(all->data(), first.data(), first.size());
        std::memcpy(all->data() + first.size(), rest.data(), rest.size());
        return decode_piece(thread, self, all, true);
      }
    }
    AnyRef rest = is_plain_buffered(buffer.value())
                      ? TRY(buffered_read_all(thread, buffer))
                      : TRY(call_method(thread, buffer, NAME("read"), {}));
    if (rest.value().is_none()) return raise<BlockingIOError>(thread, "Read returned None.");
    Ref<Str> decoded = TRY(decode_piece(thread, self, rest, true));
    Ref<Str> first = TRY(take_decoded(thread, self, -1));
    text_forget_read(thread, self);
    if (first->length() == 0) return decoded;
    return str_concat(thread, first, decoded);
  }
  Ref<Str> first = TRY(take_decoded(thread, self, size));
  if (first->length() == size) return first;
  StrBuilder text(thread);
  TRY(text.append(first.borrow()));
  while (text.length() < size) {
    Result<bool> more = read_piece(thread, self, size - text.length());
    if (more.raised()) {
      if (trap_interrupted(thread)) continue;
      return Raised{};
    }
    if (!more.take()) break;
    Ref<Str> part = TRY(take_decoded(thread, self, size - text.length()));
    if (text.length() == 0 && part->length() == size) return part;
    TRY(text.append(part.borrow()));
  }
  return text.finish();
}

AnyResult text_readline(Thread& thread, Any any, Any size_argument) {
  TextWrapper* self = text_of(any);
  Word limit = -1;
  if (size_argument.value() != small_int(-1))
    limit = TRY(index_word(thread, TRY(to_index(thread, size_argument))));
  TRY(text_check_open(thread, any));
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  return read_line(thread, self, limit);
}

Step text_next(Thread& thread, Any any) {
  TextWrapper* self = text_of(any);
  TRY(text_check_ready(thread, self));
  self->telling = false;
  if (__builtin_expect(type_of(any) == text_wrapper_type.type, 1)) {
    TRY(text_check_open(thread, any));
    StreamScope scope(self->lock);
    TRY(scope.enter_again(thread, any));
    Ref<Str> line = TRY(read_line(thread, self, -1));
    if (__builtin_expect(line->length() > 0, 1)) return line;
    text_forget_read(thread, self);
    self->telling = self->seekable;
    return Step::done();
  }
  AnyRef line = TRY(call_method(thread, any, NAME("readline"), {}));
  if (!is_str(line.value()))
    return raise<OSError>(thread, "readline() should have returned a str object, not '{}'",
                          type_name_in(line.borrow()));
  if (Borrowed<Str>(line.value())->length() > 0) return line;
  text_forget_read(thread, self);
  self->telling = self->seekable;
  return Step::done();
}

AnyResult text_tell(Thread& thread, Any any) {
  TextWrapper* self = text_of(any);
  TRY(text_check_open(thread, any));
  if (!self->seekable) return raise_unsupported(thread, "underlying stream is not seekable");
  if (!self->telling) return raise<OSError>(thread, "telling position disabled by next() call");
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  TRY(text_write_pending(thread, self));
  AnyRef flushed = TRY(call_method(thread, any, NAME("flush"), {}));
  AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer));
  AnyRef position = TRY(call_method(thread, buffer, NAME("tell"), {}));
  AnyRef snapshot = AnyRef::adopt(slot_load(thread, self, self->snapshot));
  if (!self->readable || snapshot.value().is_empty()) return position;
  std::string_view bytes = Borrowed<Bytes>(snapshot.value())->view();
  Cookie cookie;
  cookie.start = TRY(offset_from(thread, position)) - static_cast<Word>(bytes.size());
  cookie.flags = self->snapshot_flags;
  cookie.characters_to_skip = self->decoded_used;
  if (cookie.characters_to_skip == 0) return pack_cookie(thread, cookie);
  if (self->codec != TextCodec::foreign) {
    Word used = bytes_for_characters(self, bytes, cookie.flags, cookie.characters_to_skip);
    if (used >= 0) {
      cookie.start += used;
      cookie.characters_to_skip = 0;
      return pack_cookie(thread, cookie);
    }
  }
  TRY(search_position(thread, self, bytes, cookie));
  return pack_cookie(thread, cookie);
}

namespace {
// The foreign encoder learns whether it is at the start of the file, where a byte order mark goes.
Result<void> place_encoder(Thread& thread, TextWrapper* self, bool at_start) {
  AnyRef encoder = AnyRef::adopt(slot_load(thread, self, self->encoder));
  if (!encoder.value().is_object()) return {};
  AnyRef done = at_start ? TRY(call_method(thread, encoder, NAME("reset"), {}))
                         : TRY(call_method(thread, encoder, NAME("setstate"), {small_int(0)}));
  return {};
}
}  // namespace

AnyResult text_seek(Thread& thread, Any any, Any target, int whence) {
  TextWrapper* self = text_of(any);
  TRY(text_check_open(thread, any));
  StreamScope scope(self->lock);
  TRY(scope.enter_again(thread, any));
  if (!self->seekable) return raise_unsupported(thread, "underlying stream is not seekable");
  AnyRef position = share(thread, target);
  AnyRef buffer = AnyRef::adopt(slot_load(thread, self, self->buffer));
  if (whence == 1) {
    if (!TRY(equal(thread, target, small_int(0))))
      return raise_unsupported(thread, "can't do nonzero cur-relative seeks");
    position = TRY(call_method(thread, any, NAME("tell"), {}));
  } else if (whence == 2) {
    if (!TRY(equal(thread, target, small_int(0))))
      return raise_unsupported(thread, "can't do nonzero end-relative seeks");
    AnyRef flushed = TRY(call_method(thread, any, NAME("flush"), {}));
    text_forget_read(thread, self);
    TRY(text_reset_decoder(thread, self));
    AnyRef end = TRY(call_method(thread, buffer, NAME("seek"), {small_int(0), small_int(2)}));
    TRY(place_encoder(thread, self, TRY(equal(thread, end, small_int(0)))));
    return end;
  } else if (whence != 0) {
    return raise<ValueError>(thread, "invalid whence ({}, should be 0, 1 or 2)", whence);
  }
  if (TRY(compare_true(thread, position, small_int(0), CompareOp::lt)))
    return raise<ValueError>(thread, "negative seek position {}", repr_of(position.borrow()));
  AnyRef flushed = TRY(call_method(thread, any, NAME("flush"), {}));
  AnyRef number = TRY(to_index(thread, position));
  Cookie cookie;
  TRY(unpack_cookie(thread, number, cookie));
  AnyRef start = TRY(int_from_word(thread, cookie.start));
  AnyRef there = TRY(call_method(thread, buffer, NAME("seek"), {start.value()}));
  text_forget_read(thread, self);
  Ref<Bytes> nothing = TRY(bytes_from(thread, ""));
  if (self->readable) {
    if (cookie.start == 0 && cookie.flags == 0)
      TRY(text_reset_decoder(thread, self));
    else
      TRY(set_decoder_state(thread, self, nothing, cookie.flags));
  }
  if (cookie.characters_to_skip) {
    AnyRef size = TRY(int_from_word(thread, cookie.bytes_to_feed));
    AnyRef piece = TRY(call_method(thread, buffer, NAME("read"), {size.value()}));
    if (!is_bytes(piece.value()))
      return raise<TypeError>(thread,
                              "underlying read() should have returned a bytes object, not '{}'",
                              type_name_in(piece.borrow()));
    Ref<Str> text = TRY(decode_piece(thread, self, piece, cookie.need_end));
    Word characters = text->length();
    slot_write(thread, self, self->snapshot, share(thread, piece.borrow()).release());
    self->snapshot_flags = cookie.flags;
    slot_write(thread, self, self->decoded, std::move(text));
    self->decoded_used = std::min(cookie.characters_to_skip, characters);
    if (characters < cookie.characters_to_skip)
      return raise<OSError>(thread, "can't restore logical file position");
  } else if (self->readable) {
    slot_write(thread, self, self->snapshot, std::move(nothing));
    self->snapshot_flags = cookie.flags;
  }
  TRY(place_encoder(thread, self, cookie.start == 0 && cookie.flags == 0));
  return position;
}

}  // namespace dx
