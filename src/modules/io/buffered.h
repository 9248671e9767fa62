#pragma once
// The buffered streams' layout, and what TextIOWrapper calls directly when its buffer is plainly
// one of them.

#include <string>

#include "modules/io/io.h"

namespace dx {

// BufferedReader, BufferedWriter and BufferedRandom are one layout. The buffer is in one of three
// modes:
//
//   idle     nothing in it: the raw stream stands at the logical position
//   reading  storage[position, filled) was read ahead: the raw stream stands at `filled`
//   writing  storage[position, filled) waits to be written: the raw stream stands at `position`
//
// Changing from reading to writing seeks the raw stream back first; from writing to reading
// flushes.
enum class BufferMode : uint8_t { idle, reading, writing };

struct Buffered : Object {
  Field<Object> raw;
  Field<Bytes> storage;  // made at the first use; memoryviews given to a raw stream keep it alive
  Word size;             // of the buffer
  Word position, filled;
  Word raw_position;  // where the raw stream stands, -1: not known
  BufferMode mode;
  bool ready, detached, readable, writable, finalizing;
  StreamLock lock;

  char* data() { return static_cast<Bytes*>(storage.raw().object())->data(); }
  Word ahead() const { return mode == BufferMode::reading ? filled - position : 0; }
  // The raw stream's position minus the logical one.
  Word raw_offset() const {
    return mode == BufferMode::idle      ? 0
           : mode == BufferMode::reading ? filled - position
                                         : position - filled;
  }
};
inline Buffered* buffered_of(Any self) { return static_cast<Buffered*>(self.object()); }

// All of these take the lock. `size` -1: the buffer's size. Result: bytes, or None when the raw
// stream would block.
AnyResult buffered_read1(Thread& thread, Any self, Word size);
AnyResult buffered_read_all(Thread& thread, Any self);
// The rest of a regular file, as the system says how long it is, read straight into the characters
// of an ASCII str. The caller finds out whether they are ASCII (else they are only bytes). more:
// the first bytes after them, if the file has grown meanwhile: then the caller reads on. size -1:
// not possible here, nothing was read.
Result<Ref<Str>> buffered_read_text(Thread& thread, Any self, Word& size, std::string& more);
Result<Word> buffered_write(Thread& thread, Any self, std::string_view bytes);
Result<void> buffered_flush(Thread& thread, Any self);
// Whether the raw stream is closed, asking a plain FileIO directly.
Result<bool> buffered_closed(Thread& thread, Any self);

}  // namespace dx
