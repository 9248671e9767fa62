// StringIO: text in memory, in one buffer of the narrowest width that holds what was written so
// far.
//
// The buffer is worked on under the object's lock; nothing that may run Python happens meanwhile.

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "memory/byte_lock.h"
#include "modules/io/io.h"
#include "objects/bind.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle stringio_type;

namespace {

struct StringIO : Object {
  char* data;
  Word length, capacity;  // characters
  Word position;
  StrKind kind;
  bool ready, closed;
  bool decodes;     // newline=None or '': what is written goes through `newlines`
  bool only_ascii;  // certainly
  NewlineState newlines;
  LineEnding ending;   // when reading
  uint8_t write_size;  // of what '\n' becomes when writing: ending.text; 0: stays
};

Result<void> check(Thread& thread, Borrowed<StringIO> self) {
  if (__builtin_expect(self->ready && !self->closed, 1)) return {};
  if (!self->ready) return raise<ValueError>(thread, "I/O operation on uninitialized object");
  return raise<ValueError>(thread, "I/O operation on closed file");
}

// Room for `length` characters of a kind. Under the lock. False: no memory.
bool make_room(StringIO* self, Word length, StrKind kind) {
  if (kind > self->kind) {
    Word capacity = std::max<Word>(length, self->capacity);
    char* wide =
        static_cast<char*>(std::malloc(static_cast<size_t>(capacity) * static_cast<size_t>(kind)));
    if (!wide) return false;
    copy_chars(kind, wide, 0,
               StrView{self->kind, false, self->data ? self->data : "", self->length});
    std::free(self->data);
    self->data = wide;
    self->capacity = capacity;
    self->kind = kind;
  }
  if (length <= self->capacity) return true;
  Word capacity = std::max<Word>({length, self->capacity + self->capacity / 2, 64});
  if (length > kMaxStrLength) return false;
  void* grown =
      std::realloc(self->data, static_cast<size_t>(capacity) * static_cast<size_t>(self->kind));
  if (!grown) return false;
  self->data = static_cast<char*>(grown);
  self->capacity = capacity;
  return true;
}

// text over or after what is at the position.
Result<void> put(Thread& thread, Borrowed<StringIO> self, StrView text) {
  if (text.length == 0) return {};
  ObjectLock lock(thread, self.get());
  Word end = self->position + text.length;
  if (__builtin_expect(end > self->capacity || text.kind > self->kind, 0)) {
    if (!make_room(self.get(), end, std::max(text.kind, self->kind))) {
      lock.unlock();
      return raise_memory_error(thread);
    }
  }
  if (!text.ascii) self->only_ascii = false;
  if (__builtin_expect(self->position > self->length,
                       0)) {  // a gap after seek() is filled with NULs
    size_t width = static_cast<size_t>(self->kind);
    std::memset(self->data + static_cast<size_t>(self->length) * width, 0,
                static_cast<size_t>(self->position - self->length) * width);
  }
  if (self->kind == text.kind) {
    size_t width = static_cast<size_t>(text.kind);
    std::memcpy(self->data + static_cast<size_t>(self->position) * width, text.data,
                static_cast<size_t>(text.length) * width);
  } else {
    copy_chars(self->kind, self->data, self->position, text);
  }
  self->position = end;
  if (end > self->length) self->length = end;
  return {};
}

Result<void> write_text(Thread& thread, Borrowed<StringIO> self, Borrowed<Str> text) {
  if (__builtin_expect(!self->decodes && !self->write_size, 1))
    return put(thread, self, text->view());
  Ref<Str> piece = Ref<Str>::share(thread, text);
  if (self->decodes) piece = TRY(newlines_decode(thread, self->newlines, std::move(piece), true));
  if (!self->write_size) return put(thread, self, piece->view());
  StrView view = piece->view();
  for (Word start = 0; start < view.length;) {
    Word consumed = 0;
    LineEnding feed;
    Word end = find_line_end(feed, view, start, &consumed);
    if (end < 0) return put(thread, self, view_slice(view, start, view.length));
    TRY(put(thread, self, view_slice(view, start, end - 1)));
    TRY(put(thread, self, ascii_view(std::string_view(self->ending.text, self->write_size))));
    start = end;
  }
  return {};
}

// The characters from start to stop as a str. Under no lock.
Result<Ref<Str>> copy_out(Thread& thread, Borrowed<StringIO> self, Word start, Word stop) {
  for (;;) {
    // The str must be made outside the lock, but its width is known only inside: look, make, look
    // again.
    char32_t widest = 0;
    StrKind kind;
    Word length;
    {
      ObjectLock lock(thread, self.get());
      stop = std::min(stop, self->length);
      if (start >= stop) {
        lock.unlock();
        return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
      }
      kind = self->kind;
      length = stop - start;
      StrView part{kind, false, self->data + start * static_cast<Word>(kind), length};
      widest = self->only_ascii ? 0x7f : view_widest(part);
    }
    if (length == 1 && widest < 0x100) {
      ObjectLock lock(thread, self.get());
      if (self->kind != kind || stop > self->length) continue;
      char32_t c = StrView{kind, false, self->data, self->length}[start];
      lock.unlock();
      return str_from_char(thread, c);
    }
    Ref<Str> made = TRY(str_create(thread, length, widest));
    {
      ObjectLock lock(thread, self.get());
      StrView part{kind, false, self->data + start * static_cast<Word>(kind), length};
      bool same = self->kind == kind && stop <= self->length;
      if (same && !is_mine(thread, self.get())) {
        char32_t now = self->only_ascii ? 0x7f : view_widest(part);
        same = kind_for(now) == kind_for(widest) && (now < 0x80) == (widest < 0x80);
      }
      if (same) {
        if (made->kind() == kind)
          std::memcpy(str_data(made.get()), part.data,
                      static_cast<size_t>(length) * static_cast<size_t>(kind));
        else
          visit_chars(part, [&](auto* from) {
            visit_chars(made->kind(), str_data(made.get()), [&](auto* to) {
              for (Word i = 0; i < length; ++i)
                to[i] = static_cast<std::remove_pointer_t<decltype(to)>>(from[i]);
            });
          });
        lock.unlock();
        return made;
      }
    }
  }
}

// ---- construction -------------------------------------------------------------------------------
Result<void> set_newline(Thread& thread, Borrowed<StringIO> self, Any newline) {
  if (!newline.is_none() && !is_str(newline))
    return raise<TypeError>(thread, "newline must be str or None, not {}", type_name_in(newline));
  LineEnding ending;
  if (!line_ending_from(newline, ending))
    return raise<ValueError>(thread, "illegal newline value: {}", repr_of(newline));
  self->ending = ending;
  self->decodes = ending.universal;
  self->newlines = NewlineState{ending.translate, false, 0};
  self->write_size = !ending.universal && ending.text[0] == '\r' ? ending.size : 0;
  return {};
}

Result<void> stringio_init(Thread& thread, Any any, const Arguments& arguments) {
  static const char* const names[] = {"initial_value", "newline"};
  Value given[2] = {};
  if (!bind_new(thread, {"StringIO", names, 2, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  Borrowed<StringIO> self(any.value());
  self->ready = false;
  TRY(set_newline(thread, self, Any(given[1] ? given[1] : Value(NAME("\n")))));
  Value initial = given[0] ? given[0] : kNone;
  if (!initial.is_none() && !is_str(initial))
    return raise<TypeError>(thread, "initial_value must be str or None, not {}",
                            type_name_in(initial));
  {
    ObjectLock lock(thread, self.get());
    self->length = self->position = 0;
    self->only_ascii = true;
    if (self->kind != StrKind::one) {
      std::free(self->data);
      self->data = nullptr;
      self->capacity = 0;
      self->kind = StrKind::one;
    }
  }
  if (is_str(initial)) TRY(write_text(thread, self, Borrowed<Str>(initial)));
  self->position = 0;
  self->closed = false;
  self->ready = true;
  return {};
}
AnyResult stringio_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<StringIO*>(made.value().object());
  self->kind = StrKind::one;
  self->only_ascii = true;
  return made;
}

// ---- methods ------------------------------------------------------------------------------------
AnyResult stringio_write(Thread& thread, Borrowed<StringIO> self, Any text) {
  TRY(check(thread, self));
  if (!is_str(text))
    return raise<TypeError>(thread, "string argument expected, got '{}'", type_name_in(text));
  Borrowed<Str> str(text.value());
  StrView view = str->view();
  Word end = self->position + view.length;
  // Straight behind what is there, in a stream that only this thread has.
  if (__builtin_expect(!self->decodes && !self->write_size && self->position == self->length &&
                           view.kind == self->kind && end <= self->capacity &&
                           is_mine(thread, self.get()),
                       1)) {
    if (!view.ascii) self->only_ascii = false;
    std::memcpy(self->data + self->position * static_cast<Word>(view.kind), view.data,
                static_cast<size_t>(view.length * static_cast<Word>(view.kind)));
    self->position = self->length = end;
    return AnyRef::adopt(small_int(view.length));
  }
  TRY(write_text(thread, self, str));
  return AnyRef::adopt(small_int(str->length()));
}
AnyResult stringio_getvalue(Thread& thread, Borrowed<StringIO> self) {
  TRY(check(thread, self));
  return copy_out(thread, self, 0, self->length);
}
AnyResult stringio_read(Thread& thread, Borrowed<StringIO> self, Any size_argument) {
  TRY(check(thread, self));
  Word size = -1;
  TRY(optional_size(thread, size_argument, size));
  Word start = self->position, left = std::max<Word>(self->length - start, 0);
  if (size < 0 || size > left) size = left;
  Ref<Str> text = TRY(copy_out(thread, self, start, start + size));
  self->position = start + text->length();
  return text;
}
Result<Ref<Str>> next_line(Thread& thread, Borrowed<StringIO> self, Word limit) {
  Word start, end;
  {
    ObjectLock lock(thread, self.get());
    start = self->position;
    Word left = self->length - start;
    if (left <= 0) {
      lock.unlock();
      return Ref<Str>::share(thread, Borrowed<Str>(str_empty()));
    }
    if (limit < 0 || limit > left) limit = left;
    Word consumed;
    StrView view{self->kind, false, self->data, start + limit};
    end = find_line_end(self->ending, view, start, &consumed);
    if (end < 0) end = start + limit;
    self->position = end;
  }
  return copy_out(thread, self, start, end);
}
AnyResult stringio_readline(Thread& thread, Borrowed<StringIO> self, Any size_argument) {
  TRY(check(thread, self));
  Word limit = -1;
  TRY(optional_size(thread, size_argument, limit));
  return next_line(thread, self, limit);
}
Step stringio_next(Thread& thread, Any any) {
  Borrowed<StringIO> self(any.value());
  TRY(check(thread, self));
  if (type_of(any) == stringio_type.type) {
    Ref<Str> line = TRY(next_line(thread, self, -1));
    if (line->length() == 0) return Step::done();
    return line;
  }
  AnyRef line = TRY(call_method(thread, any, NAME("readline"), {}));
  if (!is_str(line.value())) {
    return raise<OSError>(thread, "readline() should have returned a str object, not '{}'",
                          type_name_in(line.borrow()));
  }
  if (Borrowed<Str>(line.value())->length() == 0) return Step::done();
  return line;
}
AnyResult stringio_tell(Thread& thread, Borrowed<StringIO> self) {
  TRY(check(thread, self));
  return AnyRef::adopt(small_int(self->position));
}
AnyResult stringio_truncate(Thread& thread, Borrowed<StringIO> self, Any size_argument) {
  TRY(check(thread, self));
  Word size = self->position;
  TRY(optional_size(thread, size_argument, size));
  if (size < 0) return raise<ValueError>(thread, "Negative size value {}", size);
  ObjectLock lock(thread, self.get());
  if (size < self->length) self->length = size;
  lock.unlock();
  return int_from_word(thread, size);
}
AnyResult stringio_seek(Thread& thread, Borrowed<StringIO> self, Any offset, int whence) {
  TRY(check(thread, self));
  AnyRef index = TRY(to_index(thread, offset));
  Word position = TRY(index_word(thread, index));
  if (whence < 0 || whence > 2)
    return raise<ValueError>(thread, "Invalid whence ({}, should be 0, 1 or 2)", whence);
  if (position < 0 && whence == 0)
    return raise<ValueError>(thread, "Negative seek position {}", position);
  if (whence != 0 && position != 0)
    return raise<OSError>(thread, "Can't do nonzero cur-relative seeks");
  ObjectLock lock(thread, self.get());
  if (whence == 1) position = self->position;
  if (whence == 2) position = self->length;
  self->position = position;
  lock.unlock();
  return int_from_word(thread, position);
}
Result<void> stringio_close(Thread& thread, Borrowed<StringIO> self) {
  ObjectLock lock(thread, self.get());
  self->closed = true;
  std::free(self->data);
  self->data = nullptr;
  self->length = self->capacity = 0;
  self->kind = StrKind::one;
  self->only_ascii = true;
  return {};
}
Result<bool> stringio_yes(Thread& thread, Borrowed<StringIO> self) {
  TRY(check(thread, self));
  return true;
}
Result<bool> stringio_closed(Thread& thread, Borrowed<StringIO> self) {
  if (!self->ready) return raise<ValueError>(thread, "I/O operation on uninitialized object");
  return self->closed;
}
Result<bool> stringio_line_buffering(Thread& thread, Borrowed<StringIO> self) {
  TRY(check(thread, self));
  return false;
}
AnyResult stringio_newlines(Thread& thread, Borrowed<StringIO> self) {
  TRY(check(thread, self));
  if (!self->decodes) return AnyRef::adopt(kNone);
  return newlines_seen(thread, self->newlines.seen);
}

// (text, newline, position, __dict__)
AnyResult stringio_getstate(Thread& thread, Any any) {
  Borrowed<StringIO> self(any.value());
  TRY(check(thread, self));
  Ref<Str> text = TRY(copy_out(thread, self, 0, self->length));
  Value newline = kNone;
  if (!self->ending.translate || !self->ending.universal) {
    newline = Value(self->ending.universal         ? NAME("")
                    : self->ending.size == 2       ? NAME("\r\n")
                    : self->ending.text[0] == '\r' ? NAME("\r")
                                                   : NAME("\n"));
  }
  AnyRef copy = TRY(io_attributes(thread, any));
  return tuple_of(thread, {text.value(), newline, small_int(self->position), copy.value()});
}
Result<void> stringio_setstate(Thread& thread, Any any, Any state) {
  Borrowed<StringIO> self(any.value());
  if (self->closed) return raise<ValueError>(thread, "I/O operation on closed file");
  if (!is_tuple(state) || Borrowed<Tuple>(state.value())->size < 4) {
    return raise<TypeError>(thread, "{}.__setstate__ argument should be 4-tuple, got {}",
                            type_name_in(any), type_name_in(state));
  }
  Borrowed<Tuple> tuple(state.value());
  Value arguments[2] = {tuple->item(0).value(), tuple->item(1).value()};
  TRY(stringio_init(thread, any, Arguments{arguments, 2, nullptr}));
  if (is_str(arguments[0])) {  // as it was, without translating newlines a second time
    {
      ObjectLock lock(thread, self.get());
      self->length = self->position = 0;
    }
    TRY(put(thread, self, str_view(Borrowed<Str>(arguments[0]))));
  }
  Any position = tuple->item(2);
  if (!is_int(position))
    return raise<TypeError>(thread, "third item of state must be an integer, got {}",
                            type_name_in(position));
  Word at = TRY(index_word(thread, position));
  if (at < 0) return raise<ValueError>(thread, "position value cannot be negative");
  self->position = at;
  return io_set_attributes(thread, any, tuple->item(3),
                           "fourth item of state should be a dict, got a {}");
}

void stringio_destroy(Thread&, Object* object) { std::free(static_cast<StringIO*>(object)->data); }
const Layout stringio_layout{"StringIO", sizeof(StringIO), false, nullptr, stringio_destroy};
const SlotEntry stringio_slots[] = {slot<SlotId::new_, stringio_new>(),
                                    slot<SlotId::init, stringio_init>(),
                                    slot<SlotId::next, stringio_next>()};
constexpr Method stringio_methods[] = {
    method<stringio_close>("close()", "Close the IO object."),
    method<stringio_getvalue>("getvalue()", "Retrieve the entire contents of the object."),
    method<stringio_read>("read(size=-1, /)",
                          "Read at most size characters, returned as a string."),
    method<stringio_readline>("readline(size=-1, /)", "Read until newline or EOF."),
    method<stringio_tell>("tell()", "Tell the current file position."),
    method<stringio_truncate>("truncate(pos=None, /)", "Truncate size to pos."),
    method<stringio_seek>("seek(pos, whence=0, /)", "Change stream position."),
    method<stringio_write>("write(s, /)", "Write string to file."),
    method<stringio_yes>("seekable()", "Returns True if the IO object can be seeked."),
    method<stringio_yes>("readable()", "Returns True if the IO object can be read."),
    method<stringio_yes>("writable()", "Returns True if the IO object can be written."),
    method<stringio_getstate>("__getstate__()"),
    method<stringio_setstate>("__setstate__(state, /)"),
};
const GetSet stringio_getsets[] = {getter<stringio_closed>("closed"),
                                   getter<stringio_newlines>("newlines"),
                                   getter<stringio_line_buffering>("line_buffering")};

}  // namespace

const TypeSpec stringio_spec{.name = "_io.StringIO",
                             .doc = "Text I/O implementation using an in-memory buffer.",
                             .flags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable,
                             .layout = &stringio_layout,
                             .base = &text_io_base_type,
                             .slots = stringio_slots,
                             .methods = stringio_methods,
                             .getsets = stringio_getsets};

}  // namespace dx
