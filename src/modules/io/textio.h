#pragma once
// TextIOWrapper's layout, and what print() and input() call directly.

#include "modules/io/io.h"

namespace dx {

// Codecs done here, without decoder and encoder objects; the others go through codecs' incremental
// ones.
enum class TextCodec : uint8_t { foreign, utf8, ascii, latin1 };

// Between calls, with Python code possibly running in them, the state is consistent: what is about
// to be written has been taken out of `pending`, what was decoded is in `decoded`. So the lock may
// be entered again by its own thread.
struct TextWrapper : Object {
  Field<Object> buffer;
  Field<Object> encoding, errors;  // str
  Field<Object> decoder, encoder;  // foreign codecs only
  Field<Object> decoded;           // text read but not given out yet (str), or empty
  Field<Object> snapshot;          // the bytes `decoded` came from, for tell(); empty: none
  Word decoded_used;               // characters of `decoded` given out
  Word snapshot_flags;             // the decoder's state before those bytes
  Word chunk_size, next_chunk;
  char* pending;  // encoded, not written yet
  Word pending_size, pending_capacity;
  double bytes_per_character;  // of the last piece decoded: a guess how much to read
  NewlineState newlines;
  LineEnding ending;   // of lines that are read
  char write_text[3];  // what '\n' becomes
  uint8_t write_size;  // 0: it stays
  TextCodec codec;
  bool strict;   // errors == 'strict'
  char tail[4];  // the start of a character whose rest was not read yet (utf8)
  uint8_t tail_size;
  bool ready, detached, finalizing, readable, writable, line_buffering, write_through, seekable,
      telling, has_read1;
  StreamLock lock;
};
inline TextWrapper* text_of(Any self) { return static_cast<TextWrapper*>(self.object()); }

// Whether write() of this object is certainly TextIOWrapper.write: then text_write may be called
// instead.
inline bool is_plain_text(Thread& thread, Value value) {
  return is_plain_but_for(thread, value, text_wrapper_type, NAME("mode"));
}
Result<void> text_write(Thread& thread, Any self, Borrowed<Str> text);
Result<void> text_flush(Thread& thread, Any self);
// The encoding of text files when none is given: the locale's, or utf-8 in UTF-8 mode.
Result<Ref<Str>> locale_encoding(Thread& thread);

}  // namespace dx
