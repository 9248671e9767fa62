// BufferedReader, BufferedWriter, BufferedRandom and BufferedRWPair.
//
// Whatever touches the buffer holds the stream's lock, across the raw stream's calls too; a raw
// stream written in Python that calls back gets RuntimeError. The raw stream is called through its
// methods, or directly when it is a plain FileIO.

#include "modules/io/buffered.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "objects/bind.h"
#include "objects/bytearray.h"
#include "objects/container_support.h"
#include "objects/exception.h"
#include "objects/int.h"
#include "objects/memoryview.h"
#include "objects/str_internal.h"

namespace dx {

TypeHandle buffered_reader_type, buffered_writer_type, buffered_random_type, buffered_pair_type;

namespace {

Result<void> check_ready(Thread& thread, Buffered* self) {
  if (__builtin_expect(self->ready, 1)) return {};
  if (self->detached) return raise<ValueError>(thread, "raw stream has been detached");
  return raise<ValueError>(thread, "I/O operation on uninitialized object");
}
Result<void> check_open(Thread& thread, Any any, const char* message) {
  if (TRY(buffered_closed(thread, any))) return raise<ValueError>(thread, message);
  return {};
}
Result<Any> raw_of(Thread& thread, Buffered* self, AnyRef& keep) {
  TRY(check_ready(thread, self));
  keep = AnyRef::adopt(slot_load(thread, self, self->raw));
  if (keep.value().is_empty()) {
    keep = AnyRef::adopt(kNone);
    return raise<ValueError>(thread, "raw stream has been detached");
  }
  return keep.borrow();
}
#define RAW(name, self)                      \
  AnyRef name##_kept = AnyRef::adopt(kNone); \
  Any name = TRY(raw_of(thread, self, name##_kept))

Result<void> need_storage(Thread& thread, Buffered* self) {
  if (__builtin_expect(!self->storage.raw().is_empty(), 1)) return {};
  slot_write(thread, self, self->storage,
             TRY(bytes_create(thread, static_cast<size_t>(self->size))));
  return {};
}

// ---- the raw stream -----------------------------------------------------------------------------
// raw.name(view), called again after a signal's handlers have run.
AnyResult call_raw(Thread& thread, Any raw, Str* name, Any view) {
  for (;;) {
    AnyResult answer = call_method(thread, raw, name, {view.value()});
    if (!answer.raised() || !trap_interrupted(thread)) return answer;
    TRY(poll_signals(thread));
  }
}

// Bytes read into data (which `owner` keeps alive), 0 at the end, or kWouldBlock.
Result<Word> raw_read(Thread& thread, Buffered* self, Any owner, char* data, Word size) {
  RAW(raw, self);
  if (is_plain_fileio(thread, raw.value()) && static_cast<FileIO*>(raw.object())->readable &&
      fileio_open(raw.value())) {
    Word got = TRY(descriptor_read(thread, static_cast<FileIO*>(raw.object())->descriptor, data,
                                   std::min<Word>(size, 0x7ffff000)));
    if (got > 0 && self->raw_position >= 0) self->raw_position += got;
    return got;
  }
  AnyRef view = TRY(memoryview_from_memory(thread, owner, data, size, false));
  AnyRef answer = TRY(call_raw(thread, raw, NAME("readinto"), view));
  if (answer.value().is_none()) return kWouldBlock;
  Result<Word> count = index_word(thread, answer);
  if (count.raised()) {
    Maybe<Ref<Object>> cause = take_exception(thread);
    (void)raise<OSError>(thread, "raw readinto() failed");
    if (is_exception(thread.exception)) {
      auto* error = static_cast<BaseException*>(thread.exception.object());
      slot_write(thread, error, error->cause, share(thread, cause.borrow()).release());
      slot_write(thread, error, error->context, cause.take());
      error->suppress_context = 1;
    }
    return Raised{};
  }
  Word got = count.take();
  if (got < 0 || got > size) {
    return raise<OSError>(
        thread, "raw readinto() returned invalid length {} (should have been between 0 and {})",
        got, size);
  }
  if (got > 0 && self->raw_position >= 0) self->raw_position += got;
  return got;
}

// Bytes written, or kWouldBlock. `owner` keeps the data alive; none: they are only lent for the
// call.
Result<Word> raw_write(Thread& thread, Buffered* self, MaybeAny owner, const char* data,
                       Word size) {
  RAW(raw, self);
  if (is_plain_fileio(thread, raw.value()) && static_cast<FileIO*>(raw.object())->writable &&
      fileio_open(raw.value())) {
    Word written = TRY(descriptor_write(thread, static_cast<FileIO*>(raw.object())->descriptor,
                                        data, std::min<Word>(size, 0x7ffff000)));
    if (written > 0 && self->raw_position >= 0) self->raw_position += written;
    return written;
  }
  AnyRef copy = AnyRef::adopt(kNone);
  if (!owner) {
    copy = TRY(bytes_from(thread, std::string_view(data, static_cast<size_t>(size))));
    owner = MaybeAny(copy.value());
    data = static_cast<Bytes*>(copy.value().object())->data();
  }
  AnyRef view = TRY(memoryview_from_memory(thread, *owner, const_cast<char*>(data), size, true));
  AnyRef answer = TRY(call_raw(thread, raw, NAME("write"), view));
  if (answer.value().is_none()) return kWouldBlock;
  Word written = TRY(index_word(thread, answer));
  if (written < 0 || written > size) {
    return raise<OSError>(
        thread, "raw write() returned invalid length {} (should have been between 0 and {})",
        written, size);
  }
  if (written > 0 && self->raw_position >= 0) self->raw_position += written;
  return written;
}

Result<Word> checked_position(Thread& thread, Buffered* self, Any answer) {
  Word position = TRY(offset_from(thread, answer));
  if (position < 0)
    return raise<OSError>(thread, "Raw stream returned invalid position {}", position);
  self->raw_position = position;
  return position;
}
Result<Word> raw_tell(Thread& thread, Buffered* self) {
  RAW(raw, self);
  AnyRef answer = TRY(call_method(thread, raw, NAME("tell"), {}));
  return checked_position(thread, self, answer);
}
Result<Word> raw_known_position(Thread& thread, Buffered* self) {
  if (self->raw_position >= 0) return self->raw_position;
  return raw_tell(thread, self);
}
Result<Word> raw_seek(Thread& thread, Buffered* self, Word target, int whence) {
  RAW(raw, self);
  AnyRef offset = TRY(int_from_word(thread, target));
  AnyRef answer = TRY(call_method(thread, raw, NAME("seek"), {offset.value(), small_int(whence)}));
  return checked_position(thread, self, answer);
}

// ---- the buffer. All of these require the lock. -------------------------------------------------
void forget(Buffered* self) {
  self->mode = BufferMode::idle;
  self->position = self->filled = 0;
}

Raised raise_blocking(Thread& thread, const char* message, Word written) {
  Result<Ref<Str>> text = str_from_ascii(thread, message);
  if (text.raised()) return Raised{};
  AnyResult error = call(thread, Any(Value(EXCEPTION(BlockingIOError))),
                         {small_int(EAGAIN), Value(text.value()), small_int(written)});
  if (error.raised()) return Raised{};
  return raise_object(thread, error.take());
}

// Writes what waits. The mode is idle afterwards, unless it raised.
Result<void> flush_waiting(Thread& thread, Buffered* self) {
  if (self->mode != BufferMode::writing) return {};
  while (self->position < self->filled) {
    Ref<Bytes> storage = Ref<Bytes>::share(thread, self->storage.borrow());
    Word written = TRY(raw_write(thread, self, MaybeAny(storage.value()),
                                 storage->data() + self->position, self->filled - self->position));
    if (written == kWouldBlock)
      return raise_blocking(thread, "write could not complete without blocking", 0);
    self->position += written;
    TRY(poll_signals(thread));  // a raw stream that writes little should not keep signals waiting
  }
  forget(self);
  return {};
}
// Gives up what was read ahead: the raw stream goes back to the logical position.
Result<void> rewind(Thread& thread, Buffered* self) {
  if (self->mode != BufferMode::reading) return {};
  Word back = self->ahead();
  if (back) (void)TRY(raw_seek(thread, self, -back, 1));
  forget(self);
  return {};
}
Result<void> flush_and_rewind(Thread& thread, Buffered* self) {
  TRY(flush_waiting(thread, self));
  return self->readable ? rewind(thread, self) : Result<void>{};
}

// One raw read into the empty buffer: how much came, or kWouldBlock.
Result<Word> fill(Thread& thread, Buffered* self) {
  TRY(flush_waiting(thread, self));
  TRY(need_storage(thread, self));
  forget(self);
  Ref<Bytes> storage = Ref<Bytes>::share(thread, self->storage.borrow());
  Word got = TRY(raw_read(thread, self, storage, storage->data(), self->size));
  if (got > 0) {
    self->mode = BufferMode::reading;
    self->filled = got;
  }
  return got;
}

std::string_view readahead(Buffered* self) {
  Word ahead = self->ahead();
  if (ahead == 0) return std::string_view("", 0);
  return {self->data() + self->position, static_cast<size_t>(ahead)};
}

AnyResult read_size(Thread& thread, Buffered* self, Word size) {
  if (size <= self->ahead()) {
    Ref<Bytes> bytes =
        TRY(bytes_from(thread, readahead(self).substr(0, static_cast<size_t>(size))));
    self->position += size;
    return bytes;
  }
  Ref<Bytes> result = TRY(bytes_create(thread, static_cast<size_t>(size)));
  Word have = self->ahead();
  std::memcpy(result->data(), readahead(self).data(), static_cast<size_t>(have));
  TRY(flush_waiting(thread, self));
  forget(self);
  while (have < size) {
    Word wanted = size - have;
    Word whole = self->size > 1 ? wanted / self->size * self->size : wanted;
    if (whole > 0) {  // whole blocks go straight into the result
      Word got = TRY(raw_read(thread, self, result, result->data() + have, whole));
      if (got <= 0) {
        if (got == 0 || have > 0) break;
        return AnyRef::adopt(kNone);
      }
      have += got;
      continue;
    }
    Word got = TRY(fill(thread, self));
    if (got <= 0) {
      if (got == 0 || have > 0) break;
      return AnyRef::adopt(kNone);
    }
    Word part = std::min(got, wanted);
    std::memcpy(result->data() + have, self->data(), static_cast<size_t>(part));
    self->position = part;
    have += part;
  }
  return bytes_resize(thread, std::move(result), static_cast<size_t>(have));
}

AnyResult read_everything(Thread& thread, Buffered* self) {
  Ref<Bytes> first = TRY(bytes_from(thread, readahead(self)));
  TRY(flush_waiting(thread, self));
  forget(self);
  RAW(raw, self);
  auto joined = [&](std::string_view rest) -> AnyResult {
    Ref<Bytes> all = TRY(bytes_create(thread, static_cast<size_t>(first->size) + rest.size()));
    std::memcpy(all->data(), first->data(), static_cast<size_t>(first->size));
    std::memcpy(all->data() + first->size, rest.data(), rest.size());
    return all;
  };
  AnyRef rest = AnyRef::adopt(kNone);
  if (is_plain_fileio(thread, raw.value()) && static_cast<FileIO*>(raw.object())->readable &&
      fileio_open(raw.value())) {
    self->raw_position = -1;
    rest = TRY(fileio_readall(thread, Borrowed<FileIO>(raw.value())));
  } else {
    AnyLookup readall = lookup_attr(thread, raw, NAME("readall"));
    if (readall.raised()) return Raised{};
    self->raw_position = -1;
    if (readall.found()) {
      rest = TRY(call(thread, readall.borrow(), {}));
      if (!rest.value().is_none() && !is_bytes(rest.value()))
        return raise<TypeError>(thread, "readall() should return bytes");
    } else {
      Ref<ByteArray> all = TRY(bytearray_from(thread, first->view()));
      for (;;) {
        AnyRef part = TRY(call_method(thread, raw, NAME("read"), {}));
        if (!part.value().is_none() && !is_bytes(part.value()))
          return raise<TypeError>(thread, "read() should return bytes");
        std::string_view have = bytearray_view(all.get());
        if (part.value().is_none() || Borrowed<Bytes>(part.value())->size == 0) {
          if (have.empty()) return part;
          return bytes_from(thread, have);
        }
        Word at = static_cast<Word>(have.size());
        TRY(bytearray_splice(thread, all, at, at, Borrowed<Bytes>(part.value())->view()));
      }
    }
  }
  if (first->size == 0) return rest;
  return joined(rest.value().is_none() ? std::string_view("", 0)
                                       : Borrowed<Bytes>(rest.value())->view());
}

// ---- construction -------------------------------------------------------------------------------
Result<void> buffered_init(Thread& thread, Any any, Arguments arguments, const char* name,
                           bool readable, bool writable) {
  static const char* const names[] = {"raw", "buffer_size"};
  Value given[2] = {};
  if (!bind_new(thread, {name, names, 2, 0, 1, TooMany::takes}, arguments, given)) return Raised{};
  Buffered* self = buffered_of(any);
  Word size = kDefaultBufferSize;
  if (given[1]) {
    AnyRef index = TRY(to_index(thread, Any(given[1])));
    size = TRY(index_word(thread, index));
  }
  self->ready = false;
  self->detached = false;
  Any raw(given[0]);
  bool known = is_plain_fileio(thread, raw.value()) && fileio_open(raw.value());
  auto* file = static_cast<FileIO*>(raw.object());
  if (readable && writable) {
    bool seekable = known && file->seekable > 0;
    if (!seekable)
      TRY(io_check_ability(thread, raw, NAME("seekable"), "File or stream is not seekable."));
  }
  if (readable && !(known && file->readable))
    TRY(io_check_ability(thread, raw, NAME("readable"), "File or stream is not readable."));
  if (writable && !(known && file->writable))
    TRY(io_check_ability(thread, raw, NAME("writable"), "File or stream is not writable."));
  if (size <= 0) return raise<ValueError>(thread, "buffer size must be strictly positive");
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  slot_write(thread, self, self->raw, share(thread, raw).release());
  slot_clear(thread, self, self->storage);
  self->size = size;
  self->raw_position = -1;
  self->readable = readable;
  self->writable = writable;
  forget(self);
  self->ready = true;
  if (!known && raw_tell(thread, self).raised())
    clear_exception(thread);  // an unseekable stream is fine
  return {};
}
Result<void> buffered_reader_init(Thread& thread, Any self, const Arguments& arguments) {
  return buffered_init(thread, self, arguments, "BufferedReader", true, false);
}
Result<void> buffered_writer_init(Thread& thread, Any self, const Arguments& arguments) {
  return buffered_init(thread, self, arguments, "BufferedWriter", false, true);
}
Result<void> buffered_random_init(Thread& thread, Any self, const Arguments& arguments) {
  return buffered_init(thread, self, arguments, "BufferedRandom", true, true);
}

// ---- state --------------------------------------------------------------------------------------
template <FixedString name>
AnyResult ask_raw(Thread& thread, Any any) {
  RAW(raw, buffered_of(any));
  return call_method(thread, raw, NAME(name), {});
}
AnyResult buffered_name(Thread& thread, Any any) {
  RAW(raw, buffered_of(any));
  return get_attr(thread, raw, NAME("name"));
}
AnyResult buffered_mode(Thread& thread, Any any) {
  RAW(raw, buffered_of(any));
  return get_attr(thread, raw, NAME("mode"));
}
AnyResult buffered_raw(Thread& thread, Any any) {
  Value raw = slot_load(thread, any.object(), buffered_of(any)->raw);
  return AnyRef::adopt(raw ? raw : kNone);
}
AnyResult buffered_closed_get(Thread& thread, Any any) {
  RAW(raw, buffered_of(any));
  return get_attr(thread, raw, NAME("closed"));
}
bool buffered_finalizing(Thread&, Any any) { return buffered_of(any)->finalizing; }
Result<void> buffered_finalizing_set(Thread& thread, Any any, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete numeric/char attribute");
  if (!value.value().is_bool())
    return raise<TypeError>(thread, "attribute value type must be bool");
  buffered_of(any)->finalizing = value.value().is_true();
  return {};
}
Result<void> buffered_dealloc_warn(Thread& thread, Any any, Any source) {
  Buffered* self = buffered_of(any);
  if (!self->ready || self->raw.raw().is_empty()) return {};
  AnyRef raw = AnyRef::adopt(slot_load(thread, self, self->raw));
  if (call_method(thread, raw, NAME("_dealloc_warn"), {source.value()}).raised())
    clear_exception(thread);
  return {};
}

AnyResult buffered_close(Thread& thread, Any any) {
  Buffered* self = buffered_of(any);
  RAW(raw, self);
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  if (TRY(buffered_closed(thread, any))) return AnyRef::adopt(kNone);
  if (self->finalizing) TRY(buffered_dealloc_warn(thread, any, any));
  scope.leave();
  Maybe<Ref<Object>> earlier;
  if (call_method(thread, any, NAME("flush"), {}).raised()) earlier = take_exception(thread);
  TRY(scope.enter(thread, any));
  AnyResult closed = call_method(thread, raw, NAME("close"), {});
  slot_clear(thread, self, self->storage);
  forget(self);
  if (closed.raised() || earlier) return raise_after(thread, std::move(earlier));
  return closed.take();
}

AnyResult buffered_detach(Thread& thread, Any any) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  AnyRef flushed = TRY(call_method(thread, any, NAME("flush"), {}));
  Value raw = slot_take(thread, self, self->raw);
  self->detached = true;
  self->ready = false;
  return AnyRef::adopt(raw ? raw : kNone);
}

AnyResult buffered_simple_flush(Thread& thread, Any any) {
  RAW(raw, buffered_of(any));
  return call_method(thread, raw, NAME("flush"), {});
}
Result<void> buffered_flush_method(Thread& thread, Any any) {
  TRY(check_ready(thread, buffered_of(any)));
  TRY(check_open(thread, any, "flush of closed file"));
  return buffered_flush(thread, any);
}

Word buffered_sizeof(Thread&, Any any) {
  Buffered* self = buffered_of(any);
  return static_cast<Word>(type_of(any)->layout->size) + 8 + (self->storage.raw() ? self->size : 0);
}

// ---- position -----------------------------------------------------------------------------------
AnyResult buffered_tell(Thread& thread, Any any) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  Word position = TRY(raw_tell(thread, self));
  return int_from_word(thread, std::max<Word>(position - self->raw_offset(), 0));
}

AnyResult buffered_seek(Thread& thread, Any any, Any target_argument, int whence) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  if (whence < 0 || whence > 4)
    return raise<ValueError>(thread, "whence value {} unsupported", whence);
  TRY(check_open(thread, any, "seek of closed file"));
  {
    RAW(raw, self);
    if (!(is_plain_fileio(thread, raw.value()) &&
          static_cast<FileIO*>(raw.object())->seekable > 0)) {
      TRY(io_check_ability(thread, raw, NAME("seekable"), "File or stream is not seekable."));
    }
  }
  Word target = TRY(offset_from(thread, target_argument));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  // Inside what was read ahead no system call is needed.
  if (self->readable && whence < 2 && self->mode == BufferMode::reading) {
    Word raw_at = TRY(raw_known_position(thread, self));
    Word here = raw_at - self->raw_offset();
    Word distance = whence == 0 ? target - here : target;
    if (distance >= -self->position && distance <= self->ahead()) {
      self->position += distance;
      return int_from_word(thread,
                           std::max<Word>(here + distance, 0));  // a device's position may stay 0
    }
  }
  TRY(flush_waiting(thread, self));
  if (whence == 1) target -= self->raw_offset();
  self->raw_position = -1;
  Word at = TRY(raw_seek(thread, self, target, whence));
  forget(self);
  return int_from_word(thread, at);
}

AnyResult buffered_truncate(Thread& thread, Any any, Any size) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  TRY(check_open(thread, any, "truncate of closed file"));
  if (!self->writable) return raise_unsupported(thread, "truncate");
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  TRY(flush_and_rewind(thread, self));
  RAW(raw, self);
  AnyRef done = TRY(call_method(thread, raw, NAME("truncate"), {size.value()}));
  if (raw_tell(thread, self).raised()) clear_exception(thread);
  return done;
}

// ---- reading ------------------------------------------------------------------------------------
AnyResult buffered_read(Thread& thread, Any any, Any size_argument) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  Word size = -1;
  TRY(optional_size(thread, size_argument, size));
  if (size < -1) return raise<ValueError>(thread, "read length must be non-negative or -1");
  TRY(check_open(thread, any, "read of closed file"));
  if (size < 0) return buffered_read_all(thread, any);
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  return read_size(thread, self, size);
}
AnyResult buffered_read1_method(Thread& thread, Any any, Any size_argument) {
  TRY(check_ready(thread, buffered_of(any)));
  Word size = TRY(index_word(thread, TRY(to_index(thread, size_argument))));
  TRY(check_open(thread, any, "read of closed file"));
  return buffered_read1(thread, any, size);
}
AnyResult buffered_peek(Thread& thread, Any any, Word) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  TRY(check_open(thread, any, "peek of closed file"));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  if (self->writable) TRY(flush_waiting(thread, self));
  if (self->ahead() == 0) (void)TRY(fill(thread, self));
  return bytes_from(thread, readahead(self));
}

AnyResult read_into(Thread& thread, Any any, Any buffer, bool once) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  BufferScope into(thread);
  TRY(writable_buffer(thread, into, buffer, once ? "readinto1() argument" : "readinto() argument"));
  TRY(check_open(thread, any, "readinto of closed file"));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  char* data = static_cast<char*>(into.view.data);
  Word size = into.view.size, have = std::min(self->ahead(), size);
  std::memcpy(data, readahead(self).data(), static_cast<size_t>(have));
  self->position += have;
  if (have < size) {
    TRY(flush_waiting(thread, self));
    forget(self);
  }
  for (bool more = true; have < size && more; more = !once) {
    Word got = 0;
    if (size - have > self->size) {
      got = TRY(raw_read(thread, self, buffer, data + have, size - have));
    } else if (!(once && have)) {
      got = TRY(fill(thread, self));
      if (got > 0) {
        got = std::min(got, size - have);
        std::memcpy(data + have, self->data(), static_cast<size_t>(got));
        self->position = got;
      }
    }
    if (got == 0) break;
    if (got == kWouldBlock) {
      if (have) break;
      return AnyRef::adopt(kNone);
    }
    have += got;
  }
  return int_from_word(thread, have);
}
AnyResult buffered_readinto(Thread& thread, Any any, Any buffer) {
  return read_into(thread, any, buffer, false);
}
AnyResult buffered_readinto1(Thread& thread, Any any, Any buffer) {
  return read_into(thread, any, buffer, true);
}

Result<Ref<Bytes>> read_line(Thread& thread, Any any, Word limit) {
  Buffered* self = buffered_of(any);
  TRY(check_open(thread, any, "readline of closed file"));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  auto line_in = [&](std::string_view bytes, bool& whole) {
    if (limit >= 0 && static_cast<Word>(bytes.size()) > limit)
      bytes = bytes.substr(0, static_cast<size_t>(limit));
    const void* end = std::memchr(bytes.data(), '\n', bytes.size());
    if (end)
      bytes =
          bytes.substr(0, static_cast<size_t>(static_cast<const char*>(end) - bytes.data()) + 1);
    whole = end || (limit >= 0 && static_cast<Word>(bytes.size()) == limit);
    return bytes;
  };
  bool whole;
  std::string_view part = line_in(readahead(self), whole);
  if (whole) {
    Ref<Bytes> line = TRY(bytes_from(thread, part));
    self->position += line->size;
    return line;
  }
  Maybe<Ref<ByteArray>> parts;  // a line longer than what was read ahead
  for (;;) {
    if (!part.empty()) {
      if (!parts) parts = Maybe<Ref<ByteArray>>(TRY(bytearray_from(thread, "")));
      Word at = static_cast<Word>(bytearray_view(parts.get()).size());
      self->position += static_cast<Word>(part.size());
      if (limit >= 0) limit -= static_cast<Word>(part.size());
      TRY(bytearray_splice(thread, parts.borrow(), at, at, part));
      if (whole) break;
    }
    if (TRY(fill(thread, self)) <= 0) break;
    part = line_in(readahead(self), whole);
    if (whole && !parts) {
      Ref<Bytes> line = TRY(bytes_from(thread, part));
      self->position += line->size;
      return line;
    }
  }
  return bytes_from(thread, parts ? bytearray_view(parts.get()) : std::string_view("", 0));
}
AnyResult buffered_readline(Thread& thread, Any any, Any size_argument) {
  TRY(check_ready(thread, buffered_of(any)));
  Word limit = -1;
  TRY(optional_size(thread, size_argument, limit));
  return read_line(thread, any, limit);
}
Step buffered_next(Thread& thread, Any any) {
  TRY(check_ready(thread, buffered_of(any)));
  Type* type = type_of(any);
  if (type == buffered_reader_type.type || type == buffered_random_type.type) {
    Ref<Bytes> line = TRY(read_line(thread, any, -1));
    if (line->size == 0) return Step::done();
    return line;
  }
  AnyRef line = TRY(call_method(thread, any, NAME("readline"), {}));
  if (!is_bytes(line.value())) {
    return raise<OSError>(thread, "readline() should have returned a bytes object, not '{}'",
                          type_name_in(line.borrow()));
  }
  if (Borrowed<Bytes>(line.value())->size == 0) return Step::done();
  return line;
}

// ---- writing ------------------------------------------------------------------------------------
// The lock is held. `owner` as in raw_write.
Result<Word> write_bytes(Thread& thread, Buffered* self, MaybeAny owner, std::string_view bytes) {
  Word size = static_cast<Word>(bytes.size());
  if (self->mode == BufferMode::reading) TRY(rewind(thread, self));
  if (self->mode == BufferMode::idle) forget(self);
  TRY(need_storage(thread, self));
  auto keep = [&](std::string_view part) {  // Requires: room for it
    std::memcpy(self->data() + self->filled, part.data(), part.size());
    self->filled += static_cast<Word>(part.size());
    self->mode = BufferMode::writing;
  };
  if (size <= self->size - self->filled && size < self->size) {
    keep(bytes);
    return size;
  }
  if (flush_waiting(thread, self).raised()) {
    if (!pending_is<BlockingIOError>(thread)) return Raised{};
    // What is left moves to the front, and as much as fits goes behind it.
    if (self->position) {
      std::memmove(self->data(), self->data() + self->position,
                   static_cast<size_t>(self->filled - self->position));
      self->filled -= self->position;
      self->position = 0;
    }
    Word room = self->size - self->filled;
    if (size <= room) {
      clear_exception(thread);
      keep(bytes);
      return size;
    }
    keep(bytes.substr(0, static_cast<size_t>(room)));
    clear_exception(thread);
    return raise_blocking(thread, "write could not complete without blocking", room);
  }
  Word written = 0;
  while (size - written > self->size) {
    Word count = TRY(raw_write(thread, self, owner, bytes.data() + written, size - written));
    if (count == kWouldBlock) {
      if (size - written > self->size) {
        keep(bytes.substr(static_cast<size_t>(written), static_cast<size_t>(self->size)));
        return raise_blocking(thread, "write could not complete without blocking",
                              written + self->size);
      }
      break;
    }
    written += count;
    TRY(poll_signals(thread));
  }
  if (written < size) keep(bytes.substr(static_cast<size_t>(written)));
  return size;
}
AnyResult buffered_write_method(Thread& thread, Any any, Any data) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  BufferScope from(thread);
  TRY(from.acquire(data));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  TRY(check_open(thread, any, "write to closed file"));
  return int_from_word(
      thread, TRY(write_bytes(thread, self, is_bytes(data) ? MaybeAny(data.value()) : MaybeAny(),
                              from.text())));
}

void buffered_trace(Object* object, SlotVisitor& visitor) {
  auto* self = static_cast<Buffered*>(object);
  visitor(self->raw);
  visitor(self->storage);
}
const Layout buffered_layout{"Buffered", sizeof(Buffered), true, buffered_trace, nullptr};

const GetSet buffered_getsets[] = {
    getter<buffered_raw>("raw"),
    getset<buffered_finalizing, buffered_finalizing_set>("_finalizing"),
    getter<buffered_closed_get>("closed"),
    getter<buffered_name>("name"),
    getter<buffered_mode>("mode"),
};
#define BUFFERED_COMMON                                                                            \
  method<buffered_detach>("detach()"), method<buffered_close>("close()"),                          \
      method<ask_raw<"seekable">>("seekable()"), method<ask_raw<"fileno">>("fileno()"),            \
      method<ask_raw<"isatty">>("isatty()"),                                                       \
      method<buffered_dealloc_warn>("_dealloc_warn(source, /)"),                                   \
      method<buffered_seek>("seek(target, whence=0, /)"), method<buffered_tell>("tell()"),         \
      method<buffered_truncate>("truncate(pos=None, /)"), method<buffered_sizeof>("__sizeof__()"), \
      method<io_getstate>("__getstate__()")
#define BUFFERED_READING                                                                \
  method<ask_raw<"readable">>("readable()"), method<buffered_read>("read(size=-1, /)"), \
      method<buffered_peek>("peek(size=0, /)"),                                         \
      method<buffered_read1_method>("read1(size=-1, /)"),                               \
      method<buffered_readinto>("readinto(buffer, /)"),                                 \
      method<buffered_readinto1>("readinto1(buffer, /)"),                               \
      method<buffered_readline>("readline(size=-1, /)")
#define BUFFERED_WRITING                                                                        \
  method<ask_raw<"writable">>("writable()"), method<buffered_write_method>("write(buffer, /)"), \
      method<buffered_flush_method>("flush()")

constexpr Method buffered_reader_methods[] = {BUFFERED_COMMON, BUFFERED_READING,
                                              method<buffered_simple_flush>("flush()")};
constexpr Method buffered_writer_methods[] = {BUFFERED_COMMON, BUFFERED_WRITING};
constexpr Method buffered_random_methods[] = {BUFFERED_COMMON, BUFFERED_READING, BUFFERED_WRITING};
const SlotEntry buffered_reader_slots[] = {
    slot<SlotId::new_, io_new>(), slot<SlotId::init, buffered_reader_init>(),
    slot<SlotId::repr, io_named_repr>(), slot<SlotId::next, buffered_next>()};
const SlotEntry buffered_writer_slots[] = {slot<SlotId::new_, io_new>(),
                                           slot<SlotId::init, buffered_writer_init>(),
                                           slot<SlotId::repr, io_named_repr>()};
const SlotEntry buffered_random_slots[] = {
    slot<SlotId::new_, io_new>(), slot<SlotId::init, buffered_random_init>(),
    slot<SlotId::repr, io_named_repr>(), slot<SlotId::next, buffered_next>()};

// ---- BufferedRWPair -----------------------------------------------------------------------------
struct BufferedPair : Object {
  Field<Object> reader, writer;
};
BufferedPair* pair_of(Any self) { return static_cast<BufferedPair*>(self.object()); }

Result<void> pair_init(Thread& thread, Any any, const Arguments& arguments) {
  static const char* const names[] = {"reader", "writer", "buffer_size"};
  Value given[3] = {};
  if (!bind_new(thread, {"BufferedRWPair", names, 3, 3, 2, TooMany::expected}, arguments, given))
    return Raised{};
  TRY(io_check_ability(thread, Any(given[0]), NAME("readable"), "File or stream is not readable."));
  TRY(io_check_ability(thread, Any(given[1]), NAME("writable"), "File or stream is not writable."));
  Value size = given[2] ? given[2] : small_int(kDefaultBufferSize);
  AnyRef reader = TRY(call(thread, Any(Value(buffered_reader_type.type)), {given[0], size}));
  AnyRef writer = TRY(call(thread, Any(Value(buffered_writer_type.type)), {given[1], size}));
  slot_write(thread, any.object(), pair_of(any)->reader, std::move(reader));
  slot_write(thread, any.object(), pair_of(any)->writer, std::move(writer));
  return {};
}
AnyResult pair_forward(Thread& thread, Any any, Field<Object>& side, Str* name,
                       Arguments arguments) {
  AnyRef stream = AnyRef::adopt(slot_load(thread, any.object(), side));
  if (stream.value().is_empty())
    return raise<ValueError>(thread, "I/O operation on uninitialized object");
  AnyRef method = TRY(get_attr(thread, stream, name));
  return call(thread, method, arguments);
}
template <FixedString name>
AnyResult pair_read(Thread& thread, Any any, Rest arguments) {
  return pair_forward(thread, any, pair_of(any)->reader, NAME(name),
                      Arguments{arguments.items, arguments.count, nullptr});
}
template <FixedString name>
AnyResult pair_write(Thread& thread, Any any, Rest arguments) {
  return pair_forward(thread, any, pair_of(any)->writer, NAME(name),
                      Arguments{arguments.items, arguments.count, nullptr});
}
AnyResult pair_close(Thread& thread, Any any) {
  Maybe<Ref<Object>> earlier;
  if (pair_forward(thread, any, pair_of(any)->writer, NAME("close"), {}).raised())
    earlier = take_exception(thread);
  AnyResult closed = pair_forward(thread, any, pair_of(any)->reader, NAME("close"), {});
  if (closed.raised() || earlier) return raise_after(thread, std::move(earlier));
  return closed;
}
AnyResult pair_isatty(Thread& thread, Any any) {
  AnyRef answer = TRY(pair_forward(thread, any, pair_of(any)->writer, NAME("isatty"), {}));
  if (answer.value() != kFalse) return answer;
  return pair_forward(thread, any, pair_of(any)->reader, NAME("isatty"), {});
}
AnyResult pair_closed(Thread& thread, Any any) {
  AnyRef writer = AnyRef::adopt(slot_load(thread, any.object(), pair_of(any)->writer));
  if (writer.value().is_empty())
    return raise<RuntimeError>(thread, "the BufferedRWPair object is being garbage-collected");
  return get_attr(thread, writer, NAME("closed"));
}
const Layout pair_layout{"BufferedRWPair", sizeof(BufferedPair), true,
                         trace_fields<BufferedPair, &BufferedPair::reader, &BufferedPair::writer>,
                         nullptr};
const SlotEntry pair_slots[] = {slot<SlotId::new_, io_new>(), slot<SlotId::init, pair_init>()};
constexpr Method pair_methods[] = {
    method<pair_read<"read">>("read(*args)"),
    method<pair_read<"peek">>("peek(*args)"),
    method<pair_read<"read1">>("read1(*args)"),
    method<pair_read<"readinto">>("readinto(*args)"),
    method<pair_read<"readinto1">>("readinto1(*args)"),
    method<pair_write<"write">>("write(*args)"),
    method<pair_write<"flush">>("flush(*args)"),
    method<pair_read<"readable">>("readable(*args)"),
    method<pair_write<"writable">>("writable(*args)"),
    method<pair_close>("close()"),
    method<pair_isatty>("isatty()"),
};
const GetSet pair_getsets[] = {getter<pair_closed>("closed")};

constexpr uint32_t kStreamFlags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable;

}  // namespace

Result<bool> buffered_closed(Thread& thread, Any any) {
  // FileIO.closed is a data descriptor: nothing an instance has can stand in for it.
  Value now = buffered_of(any)->raw.raw();
  if (__builtin_expect(
          buffered_of(any)->ready && now.is_object() && type_of(now) == fileio_type.type, 1))
    return !fileio_open(now);
  RAW(raw, buffered_of(any));
  return io_closed(thread, raw);
}

Result<Ref<Str>> buffered_read_text(Thread& thread, Any any, Word& size, std::string& more) {
  Buffered* self = buffered_of(any);
  size = -1;
  Ref<Str> none = Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  if (self->mode != BufferMode::idle) return none;
  RAW(raw, self);
  if (!is_plain_fileio(thread, raw.value()) || !static_cast<FileIO*>(raw.object())->readable ||
      !fileio_open(raw.value()))
    return none;
  auto* file = static_cast<FileIO*>(raw.object());
  int descriptor = file->descriptor;
  Word expected = TRY(fileio_expected(thread, Borrowed<FileIO>(file)));
  if (expected < 2 || expected > (Word{1} << 31)) return none;
  Ref<Str> text = TRY(str_create(thread, expected, 0x7f));
  char* data = static_cast<char*>(str_data(text.get()));
  self->raw_position = -1;
  Word have = 0;
  for (;;) {
    char extra[512];
    bool full = have == expected;
    Word got = TRY(descriptor_read(thread, descriptor, full ? extra : data + have,
                                   full ? Word{sizeof extra} : expected - have));
    if (got <= 0) break;
    if (!full) {
      have += got;
      continue;
    }
    more.assign(extra, static_cast<size_t>(got));  // it has grown: the caller reads on
    break;
  }
  size = have;
  return text;
}

AnyResult buffered_read_all(Thread& thread, Any any) {
  Buffered* self = buffered_of(any);
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  return read_everything(thread, self);
}

AnyResult buffered_read1(Thread& thread, Any any, Word size) {
  Buffered* self = buffered_of(any);
  if (size < 0) size = self->size;
  if (size == 0) return bytes_from(thread, "");
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  if (Word have = self->ahead()) {
    Ref<Bytes> bytes = TRY(
        bytes_from(thread, readahead(self).substr(0, static_cast<size_t>(std::min(size, have)))));
    self->position += bytes->size;
    return bytes;
  }
  Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(size)));
  TRY(flush_waiting(thread, self));
  forget(self);
  Word got = TRY(raw_read(thread, self, bytes, bytes->data(), size));
  return bytes_resize(thread, std::move(bytes), static_cast<size_t>(std::max<Word>(got, 0)));
}

Result<Word> buffered_write(Thread& thread, Any any, std::string_view bytes) {
  Buffered* self = buffered_of(any);
  TRY(check_ready(thread, self));
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  TRY(check_open(thread, any, "write to closed file"));
  return write_bytes(thread, self, MaybeAny(), bytes);
}

Result<void> buffered_flush(Thread& thread, Any any) {
  Buffered* self = buffered_of(any);
  StreamScope scope(self->lock);
  TRY(scope.enter(thread, any));
  return flush_and_rewind(thread, self);
}

const TypeSpec buffered_reader_spec{
    .name = "_io.BufferedReader",
    .doc = "Create a new buffered reader using the given readable raw IO object.",
    .flags = kStreamFlags,
    .layout = &buffered_layout,
    .base = &buffered_io_base_type,
    .slots = buffered_reader_slots,
    .methods = buffered_reader_methods,
    .getsets = buffered_getsets};
const TypeSpec buffered_writer_spec{.name = "_io.BufferedWriter",
                                    .doc = "A buffer for a writeable sequential RawIO object.",
                                    .flags = kStreamFlags,
                                    .layout = &buffered_layout,
                                    .base = &buffered_io_base_type,
                                    .slots = buffered_writer_slots,
                                    .methods = buffered_writer_methods,
                                    .getsets = buffered_getsets};
const TypeSpec buffered_random_spec{.name = "_io.BufferedRandom",
                                    .doc = "A buffered interface to random access streams.",
                                    .flags = kStreamFlags,
                                    .layout = &buffered_layout,
                                    .base = &buffered_io_base_type,
                                    .slots = buffered_random_slots,
                                    .methods = buffered_random_methods,
                                    .getsets = buffered_getsets};
const TypeSpec buffered_pair_spec{.name = "_io.BufferedRWPair",
                                  .doc = "A buffered reader and writer object together.",
                                  .flags = kStreamFlags,
                                  .layout = &pair_layout,
                                  .base = &buffered_io_base_type,
                                  .slots = pair_slots,
                                  .methods = pair_methods,
                                  .getsets = pair_getsets};

}  // namespace dx
