#pragma once
// What textio.cpp and textio_read.cpp share.

#include "modules/io/buffered.h"
#include "modules/io/textio.h"
#include "objects/str.h"

namespace dx {

inline bool is_plain_buffered(Value value) {
  return is_plain(value, buffered_reader_type) || is_plain(value, buffered_writer_type) ||
         is_plain(value, buffered_random_type);
}
Result<void> text_check_ready(Thread& thread, TextWrapper* self);
Result<void> text_check_open(Thread& thread, Any any);
Result<void> text_write_pending(Thread& thread, TextWrapper* self);

// What was decoded ahead, and its snapshot, are forgotten.
inline void text_forget_read(Thread& thread, TextWrapper* self) {
  if (self->decoded.raw()) slot_clear(thread, self, self->decoded);
  if (self->snapshot.raw()) slot_clear(thread, self, self->snapshot);
  self->decoded_used = 0;
}
Result<void> text_reset_decoder(Thread& thread, TextWrapper* self);

AnyResult text_read(Thread& thread, Any any, Any size_argument);
AnyResult text_readline(Thread& thread, Any any, Any size_argument);
Step text_next(Thread& thread, Any any);
AnyResult text_tell(Thread& thread, Any any);
AnyResult text_seek(Thread& thread, Any any, Any cookie, int whence);

}  // namespace dx
