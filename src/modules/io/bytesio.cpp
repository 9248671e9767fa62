// BytesIO: bytes in memory. The contents are either a bytes object that others may hold too (what
// it was made from, what getvalue() gave out), or a buffer of its own that grows; the first write
// after sharing copies.
//
// Contents and position are worked on under the object's lock, and no Python runs meanwhile. While
// getbuffer() views exist, nothing may change the size: BufferError.

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "memory/byte_lock.h"
#include "modules/io/io.h"
#include "objects/bind.h"
#include "objects/container_support.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/memoryview.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle bytesio_type, bytesio_buffer_type;

namespace {

struct BytesIO : Object {
  Field<Bytes> shared;  // the contents, or empty: they are in `data`
  char* data;
  Word length, capacity, position;
  std::atomic<Word> exports;
  bool closed;

  const char* contents() const {
    return shared.raw() ? static_cast<Bytes*>(shared.raw().object())->data() : data;
  }
};

Result<void> check_open(Thread& thread, Borrowed<BytesIO> self) {
  if (__builtin_expect(!self->closed, 1)) return {};
  return raise<ValueError>(thread, "I/O operation on closed file.");
}
Result<void> check_exports(Thread& thread, Borrowed<BytesIO> self) {
  if (__builtin_expect(self->exports.load(std::memory_order_relaxed) == 0, 1)) return {};
  return raise<BufferError>(thread, "Existing exports of data: object cannot be re-sized");
}

// Makes the contents its own with room for `wanted` bytes. Under the lock; what was shared is given
// to the caller, to be dropped after it. False: no memory.
bool own(Thread& thread, BytesIO* self, Word wanted, Value& dropped) {
  Value shared = self->shared.raw();
  if (!shared && wanted <= self->capacity) return true;
  Word capacity =
      std::max<Word>({wanted, shared ? self->length : self->capacity + self->capacity / 2, 64});
  char* grown = static_cast<char*>(
      std::realloc(shared ? nullptr : self->data, static_cast<size_t>(capacity)));
  if (!grown) return false;
  if (shared) {
    std::memcpy(grown, static_cast<Bytes*>(shared.object())->data(),
                static_cast<size_t>(self->length));
    dropped = slot_take(thread, self, self->shared);
  }
  self->data = grown;
  self->capacity = capacity;
  return true;
}

Result<void> put(Thread& thread, Borrowed<BytesIO> self, std::string_view bytes) {
  if (bytes.empty()) return {};
  Value dropped;
  bool good;
  {
    ObjectLock lock(thread, self.get());
    Word size = static_cast<Word>(bytes.size()), end;
    good = !__builtin_add_overflow(self->position, size, &end) &&
           own(thread, self.get(), end, dropped);
    if (good) {
      if (self->position > self->length) {  // a gap after seek() is filled with NULs
        std::memset(self->data + self->length, 0,
                    static_cast<size_t>(self->position - self->length));
      }
      std::memcpy(self->data + self->position, bytes.data(), bytes.size());
      self->position = end;
      if (end > self->length) self->length = end;
    }
  }
  decref(thread, dropped);
  if (!good) return raise_memory_error(thread);
  return {};
}

// Up to `size` bytes (-1: all) from the position, which moves on.
Result<Ref<Bytes>> take(Thread& thread, Borrowed<BytesIO> self, Word size) {
  ObjectLock lock(thread, self.get());
  Word left = std::max<Word>(self->length - self->position, 0);
  if (size < 0 || size > left) size = left;
  Word start = self->position;
  self->position += size;
  Value shared = self->shared.raw();
  if (shared && start == 0 && size == self->length && size > 1)
    return Ref<Bytes>::share(thread, Borrowed<Bytes>(shared));
  return bytes_from(
      thread, std::string_view(size ? self->contents() + start : "", static_cast<size_t>(size)));
}

// The length of the line at the position, at most `limit` (-1: any). Under no lock: a hint for
// take().
Word line_length(Thread& thread, Borrowed<BytesIO> self, Word limit) {
  ObjectLock lock(thread, self.get());
  Word left = std::max<Word>(self->length - self->position, 0);
  if (limit >= 0 && limit < left) left = limit;
  if (left == 0) return 0;
  const char* start = self->contents() + self->position;
  const void* end = std::memchr(start, '\n', static_cast<size_t>(left));
  return end ? static_cast<const char*>(end) - start + 1 : left;
}

// ---- construction -------------------------------------------------------------------------------
Result<void> bytesio_init(Thread& thread, Any any, const Arguments& arguments) {
  static const char* const names[] = {"initial_bytes"};
  Value given[1] = {};
  if (!bind_new(thread, {"BytesIO", names, 1, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  Borrowed<BytesIO> self(any.value());
  TRY(check_exports(thread, self));
  Value dropped;
  bool shares = given[0] && is_exact(given[0], SHAPE(bytes));
  {
    ObjectLock lock(thread, self.get());
    self->position = 0;
    self->length = shares ? Borrowed<Bytes>(given[0])->size : 0;
    self->closed = false;
    dropped = slot_exchange(thread, self.get(), self->shared,
                            shares ? share(thread, Any(given[0])).release() : Value{});
    if (shares) {
      std::free(self->data);
      self->data = nullptr;
      self->capacity = 0;
    }
  }
  decref(thread, dropped);
  if (shares || !given[0] || given[0].is_none()) return {};
  BufferScope scope(thread);
  TRY(scope.acquire(Any(given[0])));
  TRY(put(thread, self, scope.text()));
  self->position = 0;
  return {};
}

// ---- methods ------------------------------------------------------------------------------------
AnyResult bytesio_write(Thread& thread, Borrowed<BytesIO> self, Any data) {
  TRY(check_open(thread, self));
  TRY(check_exports(thread, self));
  if (is_bytes(data)) {
    std::string_view bytes = Borrowed<Bytes>(data.value())->view();
    TRY(put(thread, self, bytes));
    return AnyRef::adopt(small_int(static_cast<Word>(bytes.size())));
  }
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  TRY(check_open(thread, self));  // the exporter may have run Python
  TRY(check_exports(thread, self));
  TRY(put(thread, self, scope.text()));
  return int_from_word(thread, scope.view.size);
}
Result<void> bytesio_writelines(Thread& thread, Borrowed<BytesIO> self, Any lines) {
  TRY(check_open(thread, self));
  AnyRef iterator = TRY(get_iter(thread, lines));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef line = step.take();
    AnyRef done = TRY(bytesio_write(thread, self, line));
  }
}
AnyResult bytesio_read(Thread& thread, Borrowed<BytesIO> self, Any size_argument) {
  TRY(check_open(thread, self));
  Word size = -1;
  TRY(optional_size(thread, size_argument, size));
  return take(thread, self, size);
}
AnyResult bytesio_readline(Thread& thread, Borrowed<BytesIO> self, Any size_argument) {
  TRY(check_open(thread, self));
  Word limit = -1;
  TRY(optional_size(thread, size_argument, limit));
  return take(thread, self, line_length(thread, self, limit));
}
AnyResult bytesio_readlines(Thread& thread, Borrowed<BytesIO> self, Any hint_argument) {
  TRY(check_open(thread, self));
  Word hint = 0;
  TRY(optional_size(thread, hint_argument, hint));
  Ref<List> lines = TRY(list_create(thread));
  for (Word total = 0;;) {
    Word size = line_length(thread, self, -1);
    if (size == 0) break;
    Ref<Bytes> line = TRY(take(thread, self, size));
    TRY(list_append(thread, lines, std::move(line)));
    total += size;
    if (hint > 0 && total >= hint) break;
  }
  return lines;
}
Step bytesio_next(Thread& thread, Any any) {
  Borrowed<BytesIO> self(any.value());
  TRY(check_open(thread, self));
  Word size = line_length(thread, self, -1);
  if (size == 0) return Step::done();
  return TRY(take(thread, self, size));
}
AnyResult bytesio_readinto(Thread& thread, Borrowed<BytesIO> self, Any buffer) {
  BufferScope scope(thread);
  TRY(writable_buffer(thread, scope, buffer, "readinto() argument"));
  TRY(check_open(thread, self));
  ObjectLock lock(thread, self.get());
  Word size = std::min(std::max<Word>(self->length - self->position, 0), scope.view.size);
  if (size)
    std::memmove(scope.view.data, self->contents() + self->position, static_cast<size_t>(size));
  self->position += size;
  lock.unlock();
  return int_from_word(thread, size);
}
AnyResult bytesio_getvalue(Thread& thread, Borrowed<BytesIO> self) {
  TRY(check_open(thread, self));
  char* freed = nullptr;
  AnyResult value = [&]() -> AnyResult {
    ObjectLock lock(thread, self.get());
    if (Value shared = self->shared.raw()) return share(thread, Any(shared));
    Ref<Bytes> copy = TRY(bytes_from(
        thread, std::string_view(self->data ? self->data : "", static_cast<size_t>(self->length))));
    // Asked for again, it is the same object. Views of the buffer must keep seeing what is written
    // through them.
    if (self->exports.load(std::memory_order_relaxed) == 0 && self->length > 1) {
      publish_into(thread, self.get(), copy.value());
      slot_init(self.get(), self->shared, Ref<Bytes>::share(thread, copy.borrow()));
      freed = self->data;
      self->data = nullptr;
      self->capacity = 0;
    }
    return copy;
  }();
  std::free(freed);
  return value;
}
AnyResult bytesio_tell(Thread& thread, Borrowed<BytesIO> self) {
  TRY(check_open(thread, self));
  return int_from_word(thread, self->position);
}
Result<Word> whole_number(Thread& thread, Any value) {
  AnyRef index = TRY(to_index(thread, value));
  return int_word(thread, index.value(), "Python int too large to convert to C ssize_t");
}
AnyResult bytesio_seek(Thread& thread, Borrowed<BytesIO> self, Any offset, int whence) {
  Word position = TRY(whole_number(thread, offset));
  TRY(check_open(thread, self));
  if (position < 0 && whence == 0)
    return raise<ValueError>(thread, "negative seek value {}", position);
  Word from = 0;
  if (whence == 1)
    from = self->position;
  else if (whence == 2)
    from = self->length;
  else if (whence != 0)
    return raise<ValueError>(thread, "invalid whence ({}, should be 0, 1 or 2)", whence);
  if (position > INT64_MAX - from) return raise<OverflowError>(thread, "new position too large");
  position = std::max<Word>(position + from, 0);
  self->position = position;
  return int_from_word(thread, position);
}
AnyResult bytesio_truncate(Thread& thread, Borrowed<BytesIO> self, Any size_argument) {
  TRY(check_open(thread, self));
  TRY(check_exports(thread, self));
  Word size = self->position;
  if (!size_argument.is_none()) {
    AnyRef index = TRY(to_index(thread, size_argument));
    size = TRY(index_word(thread, index));
    if (size < 0) return raise<ValueError>(thread, "negative size value {}", size);
    TRY(check_exports(thread, self));
  }
  Value dropped;
  bool good = true;
  {
    ObjectLock lock(thread, self.get());
    if (size < self->length) {
      self->length = size;
      if (self->shared.raw()) good = own(thread, self.get(), size, dropped);
    }
  }
  decref(thread, dropped);
  if (!good) return raise_memory_error(thread);
  return int_from_word(thread, size);
}
Result<void> bytesio_close(Thread& thread, Borrowed<BytesIO> self) {
  TRY(check_exports(thread, self));
  Value dropped;
  {
    ObjectLock lock(thread, self.get());
    self->closed = true;
    dropped = slot_take(thread, self.get(), self->shared);
    std::free(self->data);
    self->data = nullptr;
    self->length = self->capacity = 0;
  }
  decref(thread, dropped);
  return {};
}
Result<bool> bytesio_yes(Thread& thread, Borrowed<BytesIO> self) {
  TRY(check_open(thread, self));
  return true;
}
Result<bool> bytesio_isatty(Thread& thread, Borrowed<BytesIO> self) {
  TRY(check_open(thread, self));
  return false;
}
Result<void> bytesio_flush(Thread& thread, Borrowed<BytesIO> self) {
  return check_open(thread, self);
}
bool bytesio_closed(Borrowed<BytesIO> self) { return self->closed; }
AnyResult bytesio_iter(Thread& thread, Any self) { return share(thread, self); }
Word bytesio_sizeof(Borrowed<BytesIO> self) {
  Value shared = self->shared.raw();
  Word extra = shared && strong_count(shared.object()) == 1
                   ? static_cast<Word>(sizeof(Bytes)) + self->length + 1
                   : self->capacity;
  return static_cast<Word>(type_of(self)->layout->size) + 8 + extra;
}

// (bytes, position, __dict__)
AnyResult bytesio_getstate(Thread& thread, Any any) {
  Borrowed<BytesIO> self(any.value());
  AnyRef value = TRY(bytesio_getvalue(thread, self));
  AnyRef copy = TRY(io_attributes(thread, any));
  AnyRef position = TRY(int_from_word(thread, self->position));
  return tuple_of(thread, {value.value(), position.value(), copy.value()});
}
Result<void> bytesio_setstate(Thread& thread, Any any, Any state) {
  Borrowed<BytesIO> self(any.value());
  if (!is_tuple(state) || Borrowed<Tuple>(state.value())->size < 3) {
    return raise<TypeError>(thread, "{}.__setstate__ argument should be 3-tuple, got {}",
                            type_name_in(any), type_name_in(state));
  }
  TRY(check_open(thread, self));
  TRY(check_exports(thread, self));
  Borrowed<Tuple> tuple(state.value());
  {
    ObjectLock lock(thread, self.get());
    self->length = self->position = 0;
  }
  slot_clear(thread, self.get(), self->shared);
  AnyRef done = TRY(bytesio_write(thread, self, tuple->item(0)));
  self->position = 0;
  Any position = tuple->item(1);
  if (!is_int(position))
    return raise<TypeError>(thread, "second item of state must be an integer, not {}",
                            type_name_in(position));
  Word at = TRY(index_word(thread, position));
  if (at < 0) return raise<ValueError>(thread, "position value cannot be negative");
  self->position = at;
  return io_set_attributes(thread, any, tuple->item(2),
                           "third item of state should be a dict, got a {}");
}

// ---- getbuffer() --------------------------------------------------------------------------------
struct BytesIOBuffer : Object {
  Field<BytesIO> source;
};
void buffer_released(Thread&, BufferView& view) {
  auto* self = static_cast<BytesIOBuffer*>(view.owner.object());
  static_cast<BytesIO*>(self->source.raw().object())->exports.fetch_sub(1);
}
Result<void> bytesio_buffer(Thread& thread, Any any, BufferView& view, int) {
  auto* self = static_cast<BytesIOBuffer*>(any.object());
  BytesIO* source = static_cast<BytesIO*>(self->source.raw().object());
  Value dropped;
  bool good;
  {
    ObjectLock lock(thread, source);
    good = own(thread, source, source->length, dropped);
    if (good) {
      source->exports.fetch_add(1);
      view.data = source->data;
      view.size = source->length;
    }
  }
  decref(thread, dropped);
  if (!good) return raise_memory_error(thread);
  static char nothing[1];
  if (!view.data) view.data = nothing;
  view.readonly = false;
  view.owner = share(thread, any).release();
  view.release = buffer_released;
  return {};
}
AnyResult bytesio_getbuffer(Thread& thread, Any any) {
  TRY(check_open(thread, Borrowed<BytesIO>(any.value())));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(bytesio_buffer_type.type)));
  auto* buffer = static_cast<BytesIOBuffer*>(made.value().object());
  slot_init(buffer, buffer->source, share(thread, any));
  return memoryview_from(thread, made);
}
void buffer_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<BytesIOBuffer*>(object)->source);
}
const Layout bytesio_buffer_layout{"_BytesIOBuffer", sizeof(BytesIOBuffer), true, buffer_trace,
                                   nullptr};
const SlotEntry bytesio_buffer_slots[] = {buffer_slot(bytesio_buffer)};

void bytesio_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<BytesIO*>(object)->shared);
}
void bytesio_destroy(Thread&, Object* object) { std::free(static_cast<BytesIO*>(object)->data); }
const Layout bytesio_layout{"BytesIO", sizeof(BytesIO), true, bytesio_trace, bytesio_destroy};
const SlotEntry bytesio_slots[] = {slot<SlotId::new_, io_new>(), slot<SlotId::init, bytesio_init>(),
                                   slot<SlotId::iter, bytesio_iter>(),
                                   slot<SlotId::next, bytesio_next>()};
constexpr Method bytesio_methods[] = {
    method<bytesio_yes>("readable()", "Returns True if the IO object can be read."),
    method<bytesio_yes>("seekable()", "Returns True if the IO object can be seeked."),
    method<bytesio_yes>("writable()", "Returns True if the IO object can be written."),
    method<bytesio_close>("close()", "Disable all I/O operations."),
    method<bytesio_flush>("flush()", "Does nothing."),
    method<bytesio_isatty>("isatty()", "Always returns False."),
    method<bytesio_tell>("tell()", "Current file position, an integer."),
    method<bytesio_write>("write(b, /)", "Write bytes to file."),
    method<bytesio_writelines>("writelines(lines, /)", "Write lines to the file."),
    method<bytesio_read>("read1(size=-1, /)",
                         "Read at most size bytes, returned as a bytes object."),
    method<bytesio_readinto>("readinto(buffer, /)", "Read bytes into buffer."),
    method<bytesio_readline>("readline(size=-1, /)", "Next line from the file, as a bytes object."),
    method<bytesio_readlines>("readlines(size=None, /)",
                              "List of bytes objects, each a line from the file."),
    method<bytesio_read>("read(size=-1, /)",
                         "Read at most size bytes, returned as a bytes object."),
    method<bytesio_getbuffer>("getbuffer()",
                              "Get a read-write view over the contents of the BytesIO object."),
    method<bytesio_getvalue>("getvalue()", "Retrieve the entire contents of the BytesIO object."),
    method<bytesio_seek>("seek(pos, whence=0, /)", "Change stream position."),
    method<bytesio_truncate>("truncate(size=None, /)", "Truncate the file to at most size bytes."),
    method<bytesio_getstate>("__getstate__()"),
    method<bytesio_setstate>("__setstate__(state, /)"),
    method<bytesio_sizeof>("__sizeof__()"),
};
const GetSet bytesio_getsets[] = {getter<bytesio_closed>("closed", "True if the file is closed.")};

}  // namespace

const TypeSpec bytesio_spec{.name = "_io.BytesIO",
                            .doc = "Buffered I/O implementation using an in-memory bytes buffer.",
                            .flags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable,
                            .layout = &bytesio_layout,
                            .base = &buffered_io_base_type,
                            .slots = bytesio_slots,
                            .methods = bytesio_methods,
                            .getsets = bytesio_getsets};
const TypeSpec bytesio_buffer_spec{.name = "_io._BytesIOBuffer",
                                   .flags = kTypeImmutable | kTypeDisallowNew,
                                   .layout = &bytesio_buffer_layout,
                                   .slots = bytesio_buffer_slots};

}  // namespace dx
