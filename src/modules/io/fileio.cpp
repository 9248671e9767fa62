// FileIO: a file descriptor as a raw stream. Calls that may block go offline; EINTR runs signal
// handlers and tries again.

#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modules/io/io.h"
#include "objects/audit.h"
#include "objects/bind.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/str.h"

namespace dx {

TypeHandle fileio_type;

Result<Word> descriptor_read(Thread& thread, int descriptor, char* data, Word size) {
  for (;;) {
    ssize_t got;
    int error;
    {
      OfflineScope offline(thread);
      got = ::read(descriptor, data, static_cast<size_t>(size));
      error = errno;
    }
    if (got >= 0) return Word{got};
    if (error == EAGAIN || error == EWOULDBLOCK) return kWouldBlock;
    if (error != EINTR) return raise_os_error(thread, error);
    TRY(poll_signals(thread));
  }
}

Result<Word> descriptor_write(Thread& thread, int descriptor, const char* data, Word size) {
  for (;;) {
    ssize_t written;
    int error;
    {
      OfflineScope offline(thread);
      written = ::write(descriptor, data, static_cast<size_t>(size));
      error = errno;
    }
    if (written >= 0) return Word{written};
    if (error == EAGAIN || error == EWOULDBLOCK) return kWouldBlock;
    if (error != EINTR) return raise_os_error(thread, error);
    TRY(poll_signals(thread));
  }
}

namespace {

FileIO* file_of(Any self) { return static_cast<FileIO*>(self.object()); }
int descriptor_of(Borrowed<FileIO> self) {
  return self->descriptor.load(std::memory_order_relaxed);
}

Raised raise_closed(Thread& thread) {
  return raise<ValueError>(thread, "I/O operation on closed file");
}
Result<int> open_descriptor(Thread& thread, Borrowed<FileIO> self) {
  int descriptor = descriptor_of(self);
  if (descriptor < 0) return raise_closed(thread);
  return descriptor;
}
Result<int> readable_descriptor(Thread& thread, Borrowed<FileIO> self) {
  int descriptor = TRY(open_descriptor(thread, self));
  if (!self->readable) return raise_unsupported(thread, "File not open for reading");
  return descriptor;
}
Result<int> writable_descriptor(Thread& thread, Borrowed<FileIO> self) {
  int descriptor = TRY(open_descriptor(thread, self));
  if (!self->writable) return raise_unsupported(thread, "File not open for writing");
  return descriptor;
}

// ---- construction -------------------------------------------------------------------------------
AnyResult fileio_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  AnyRef made = TRY(allocate_instance(thread, type));
  FileIO* self = file_of(made);
  self->descriptor = -1;
  self->seekable = -1;
  self->close_descriptor = true;
  return made;
}

Result<int> mode_flags(Thread& thread, Borrowed<FileIO> self, Borrowed<Str> mode_text) {
  std::string_view mode = TRY(str_utf8(thread, mode_text));
  self->created = self->readable = self->writable = self->appending = false;
  int flags = 0;
  bool kind = false, plus = false;
  for (char c : mode) {
    if (c == 'b') continue;
    if (c == '+') {
      if (plus)
        return raise<ValueError>(
            thread, "Must have exactly one of create/read/write/append mode and at most one plus");
      self->readable = self->writable = plus = true;
      continue;
    }
    if (c != 'x' && c != 'r' && c != 'w' && c != 'a')
      return raise<ValueError>(thread, "invalid mode: {}", mode_text);
    if (kind)
      return raise<ValueError>(
          thread, "Must have exactly one of create/read/write/append mode and at most one plus");
    kind = true;
    if (c == 'r') {
      self->readable = true;
      continue;
    }
    self->writable = true;
    if (c == 'x') {
      self->created = true;
      flags |= O_EXCL | O_CREAT;
    } else if (c == 'w') {
      flags |= O_CREAT | O_TRUNC;
    } else {
      self->appending = true;
      flags |= O_APPEND | O_CREAT;
    }
  }
  if (!kind)
    return raise<ValueError>(
        thread, "Must have exactly one of create/read/write/append mode and at most one plus");
  flags |= self->readable && self->writable ? O_RDWR : self->readable ? O_RDONLY : O_WRONLY;
  return flags | O_CLOEXEC;
}

Result<int> call_opener(Thread& thread, Any opener, Any name, int flags) {
  AnyRef answer = TRY(call(thread, opener, {name.value(), small_int(flags)}));
  if (!has_index(answer.borrow())) return raise<TypeError>(thread, "expected integer from opener");
  Word number = TRY(index_word(thread, answer));
  if (number < 0 || number > INT_MAX)
    return raise<ValueError>(thread, "opener returned {}", number);
  int descriptor = static_cast<int>(number);
  int old = fcntl(descriptor, F_GETFD);
  if (old < 0) return raise_os_error(thread, errno);
  fcntl(descriptor, F_SETFD, old | FD_CLOEXEC);
  return descriptor;
}

Result<void> close_descriptor(Thread& thread, Borrowed<FileIO> self) {
  int descriptor = self->descriptor.exchange(-1);
  if (descriptor < 0) return {};
  int failed, error;
  {
    OfflineScope offline(thread);
    failed = ::close(descriptor);
    error = errno;
  }
  if (failed < 0 && error != EINTR) return raise_os_error(thread, error);
  return {};
}

// After the descriptor is known: what kind of file it is. Directories are refused.
Result<void> inspect(Thread& thread, Borrowed<FileIO> self, Any name) {
  struct stat info;
  int failed, error;
  int descriptor = descriptor_of(self);
  {
    OfflineScope offline(thread);
    failed = fstat(descriptor, &info);
    error = errno;
  }
  self->block_size = kDefaultBufferSize;
  self->opening_size = -1;
  if (failed < 0) {
    if (error == EBADF) return raise_os_error(thread, EBADF);
    return {};
  }
  if (S_ISDIR(info.st_mode)) return raise_os_error(thread, EISDIR, MaybeAny(name.value()));
  if (info.st_blksize > 1) self->block_size = info.st_blksize;
  self->character_device = S_ISCHR(info.st_mode);
  if (S_ISREG(info.st_mode)) {
    self->seekable = 1;
    self->opening_size = info.st_size;
  }
  return {};
}

Result<void> fileio_init(Thread& thread, Any any, const Arguments& arguments) {
  static const char* const names[] = {"file", "mode", "closefd", "opener"};
  Value given[4] = {};
  if (!bind_new(thread, {"FileIO", names, 4, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  Borrowed<FileIO> self(any.value());
  if (descriptor_of(self) >= 0) {
    if (self->close_descriptor)
      TRY(close_descriptor(thread, self));
    else
      self->descriptor = -1;
  }
  Any name(given[0]);
  Value mode = given[1] ? given[1] : Value(NAME("r"));
  if (!is_str(mode))
    return raise<TypeError>(
        thread, "FileIO() argument 'mode' must be str, not {}",
        mode.is_none() ? FormatArgument("None") : FormatArgument(type_name_in(mode)));
  bool close = given[2] ? TRY(is_true(thread, Any(given[2]))) : true;
  if (name.value().is_bool())
    TRY(warn<RuntimeWarning>(thread, 1, "bool is used as a file descriptor"));
  int flags = TRY(mode_flags(thread, self, Borrowed<Str>(mode)));
  int descriptor = -1;
  if (is_int(name)) {
    Word number;
    if (int_to_word(name.value(), number) && number >= INT_MIN && number <= INT_MAX) {
      if (number < 0) return raise<ValueError>(thread, "negative file descriptor");
      descriptor = static_cast<int>(number);
    }
  }
  TRY(audit(thread, "open", {name.value(), mode, small_int(flags)}));
  self->close_descriptor = close;
  self->seekable = -1;
  bool opened = descriptor < 0;
  if (!opened) {
    self->descriptor = descriptor;
  } else {
    AnyRef path = is_str(name) || is_bytes(name) ? share(thread, name) : AnyRef::adopt(kNone);
    if (path.value().is_none()) {
      AnyLookup method = lookup_special(thread, name, NAME("__fspath__"));
      if (method.raised()) return Raised{};
      if (method.is_absent() || method.value().is_none())
        return raise<TypeError>(thread, "expected str, bytes or os.PathLike object, not {}",
                                type_name_in(name));
      path = TRY(call(thread, method.borrow(), {}));
      if (!is_str(path.value()) && !is_bytes(path.value())) {
        return raise<TypeError>(thread, "expected {}.__fspath__() to return str or bytes, not {}",
                                type_name_in(name), type_name_in(path.borrow()));
      }
    }
    Result<Ref<Bytes>> system = bytes_from_path(thread, path);
    if (system.raised()) {
      if (!pending_is<ValueError>(thread) || pending_is<UnicodeError>(thread)) return Raised{};
      clear_exception(thread);
      return raise<ValueError>(thread, "embedded null byte");
    }
    Ref<Bytes> system_path = system.take();
    if (!close) return raise<ValueError>(thread, "Cannot use closefd=False with file name");
    if (given[3] && !given[3].is_none()) {
      self->descriptor = TRY(call_opener(thread, Any(given[3]), name, flags));
    } else {
      for (;;) {
        int error;
        {
          OfflineScope offline(thread);
          descriptor = ::open(system_path->data(), flags, 0666);
          error = errno;
        }
        if (descriptor >= 0) break;
        if (error != EINTR) return raise_os_error(thread, error, MaybeAny(name.value()));
        TRY(poll_signals(thread));
      }
      self->descriptor = descriptor;
    }
  }
  // From here on a failure closes what was opened here.
  auto fail = [&]() -> Raised {
    AnyRef error = take_exception(thread).take();
    if (!opened)
      self->descriptor = -1;
    else if (close_descriptor(thread, self).raised())
      clear_exception(thread);
    return raise_object(thread, std::move(error));
  };
  if (inspect(thread, self, name).raised()) return fail();
  if (set_attr(thread, any, NAME("name"), MaybeAny(name.value())).raised()) return fail();
  if (self->appending) {
    if (lseek(descriptor_of(self), 0, SEEK_END) < 0 && errno != ESPIPE) {
      (void)raise_os_error(thread, errno);
      return fail();
    }
  }
  return {};
}

// ---- reading and writing ------------------------------------------------------------------------
constexpr Word kMostAtOnce = 0x7ffff000;  // what Linux transfers in one call

AnyResult fileio_read(Thread& thread, Borrowed<FileIO> self, Any size_argument) {
  int descriptor = TRY(readable_descriptor(thread, self));
  Word size = -1;
  TRY(optional_size(thread, size_argument, size));
  if (size < 0) return fileio_readall(thread, self);
  size = std::min(size, kMostAtOnce);
  Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(size)));
  Word got = TRY(descriptor_read(thread, descriptor, bytes->data(), size));
  TRY(poll_signals(thread));  // it may have been a signal that ended the call early
  if (got == kWouldBlock) return AnyRef::adopt(kNone);
  return bytes_resize(thread, std::move(bytes), static_cast<size_t>(got));
}
AnyResult fileio_readall_method(Thread& thread, Borrowed<FileIO> self) {
  TRY(readable_descriptor(thread, self));
  return fileio_readall(thread, self);
}
AnyResult fileio_readinto(Thread& thread, Borrowed<FileIO> self, Any buffer) {
  BufferScope scope(thread);
  TRY(writable_buffer(thread, scope, buffer, "readinto() argument 1"));
  int descriptor = TRY(readable_descriptor(thread, self));
  Word got = TRY(descriptor_read(thread, descriptor, static_cast<char*>(scope.view.data),
                                 std::min(scope.view.size, kMostAtOnce)));
  return AnyRef::adopt(got == kWouldBlock ? kNone : small_int(got));
}
AnyResult fileio_write(Thread& thread, Borrowed<FileIO> self, Any data) {
  int descriptor = TRY(writable_descriptor(thread, self));
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  Word written = TRY(descriptor_write(thread, descriptor, scope.text().data(),
                                      std::min(scope.view.size, kMostAtOnce)));
  TRY(poll_signals(thread));  // it may have been a signal that ended the call early
  return AnyRef::adopt(written == kWouldBlock ? kNone : small_int(written));
}

// ---- position -----------------------------------------------------------------------------------
Result<Word> seek_to(Thread& thread, Borrowed<FileIO> self, Word position, int whence) {
  int descriptor = descriptor_of(self);
  off_t at;
  int error;
  {
    OfflineScope offline(thread);
    at = lseek(descriptor, position, whence);
    error = errno;
  }
  if (self->seekable < 0) self->seekable = at >= 0;
  if (at < 0) return raise_os_error(thread, error);
  return Word{at};
}
AnyResult fileio_seek(Thread& thread, Borrowed<FileIO> self, Any position, int whence) {
  TRY(open_descriptor(thread, self));
  return int_from_word(thread,
                       TRY(seek_to(thread, self, TRY(offset_from(thread, position)), whence)));
}
AnyResult fileio_tell(Thread& thread, Borrowed<FileIO> self) {
  TRY(open_descriptor(thread, self));
  return int_from_word(thread, TRY(seek_to(thread, self, 0, SEEK_CUR)));
}
AnyResult fileio_truncate(Thread& thread, Borrowed<FileIO> self, Any size) {
  int descriptor = TRY(writable_descriptor(thread, self));
  Word length =
      size.is_none() ? TRY(seek_to(thread, self, 0, SEEK_CUR)) : TRY(offset_from(thread, size));
  int failed, error;
  {
    OfflineScope offline(thread);
    failed = ftruncate(descriptor, length);
    error = errno;
  }
  if (failed < 0) return raise_os_error(thread, error);
  return size.is_none() ? int_from_word(thread, length) : AnyResult(share(thread, size));
}

// ---- state --------------------------------------------------------------------------------------
Result<void> fileio_close(Thread& thread, Any any) {
  Borrowed<FileIO> self(any.value());
  AnyRef base_close = TRY(get_attr(thread, Any(Value(raw_io_base_type.type)), NAME("close")));
  if (!self->close_descriptor) {
    AnyResult done = call(thread, base_close, {any.value()});
    self->descriptor = -1;
    if (done.raised()) return Raised{};
    return {};
  }
  Maybe<Ref<Object>> earlier;
  if (call(thread, base_close, {any.value()}).raised()) earlier = take_exception(thread);
  if (self->finalizing && descriptor_of(self) >= 0) io_warn_unclosed(thread, any, any);
  if (close_descriptor(thread, self).raised() || earlier)
    return raise_after(thread, std::move(earlier));
  return {};
}
Result<bool> fileio_seekable(Thread& thread, Borrowed<FileIO> self) {
  TRY(open_descriptor(thread, self));
  if (self->seekable < 0 && seek_to(thread, self, 0, SEEK_CUR).raised()) clear_exception(thread);
  return self->seekable > 0;
}
Result<bool> fileio_readable(Thread& thread, Borrowed<FileIO> self) {
  TRY(open_descriptor(thread, self));
  return self->readable;
}
Result<bool> fileio_writable(Thread& thread, Borrowed<FileIO> self) {
  TRY(open_descriptor(thread, self));
  return self->writable;
}
Result<int> fileio_fileno(Thread& thread, Borrowed<FileIO> self) {
  return open_descriptor(thread, self);
}
Result<bool> fileio_isatty(Thread& thread, Borrowed<FileIO> self) {
  int descriptor = TRY(open_descriptor(thread, self));
  OfflineScope offline(thread);
  return ::isatty(descriptor) == 1;
}
// At the opening the fstat is fresh: what is no character device is no terminal either.
Result<bool> fileio_isatty_open_only(Thread& thread, Borrowed<FileIO> self) {
  if (descriptor_of(self) >= 0 && !self->character_device) return false;
  return fileio_isatty(thread, self);
}
void fileio_dealloc_warn(Thread& thread, Any any, Any source) {
  FileIO* self = file_of(any);
  if (self->descriptor >= 0 && self->close_descriptor) io_warn_unclosed(thread, any, source);
}

const char* mode_text(Borrowed<FileIO> self) {
  if (self->created) return self->readable ? "xb+" : "xb";
  if (self->appending) return self->readable ? "ab+" : "ab";
  if (self->readable) return self->writable ? "rb+" : "rb";
  return "wb";
}
AnyResult fileio_repr(Thread& thread, Any any) {
  Borrowed<FileIO> self(any.value());
  if (descriptor_of(self) < 0) {
    const FormatArgument parts[] = {type_name_in(any)};
    return format_text(thread, "<{} [closed]>", parts, 1);
  }
  const char* closes = self->close_descriptor ? "True" : "False";
  AnyLookup name = lookup_attr(thread, any, NAME("name"));
  if (name.raised()) return Raised{};
  if (name.is_absent()) {
    const FormatArgument parts[] = {type_name_in(any), descriptor_of(self), mode_text(self),
                                    closes};
    return format_text(thread, "<{} fd={} mode='{}' closefd={}>", parts, 4);
  }
  if (TRY(repr_enter(thread, any.object())))
    return raise<RuntimeError>(thread, "reentrant call inside {}.__repr__", type_name_in(any));
  const FormatArgument parts[] = {type_name_in(any), repr_of(name.borrow()), mode_text(self),
                                  closes};
  AnyResult text = format_text(thread, "<{} name={} mode='{}' closefd={}>", parts, 4);
  repr_leave(thread, any.object());
  return text;
}
bool fileio_closed(Borrowed<FileIO> self) { return descriptor_of(self) < 0; }
bool fileio_closefd(Borrowed<FileIO> self) { return self->close_descriptor; }
AnyResult fileio_mode(Thread& thread, Borrowed<FileIO> self) {
  return str_intern_ascii(thread, mode_text(self));
}
AnyResult fileio_blksize(Thread& thread, Borrowed<FileIO> self) {
  return int_from_word(thread, self->block_size);
}
bool fileio_finalizing(Borrowed<FileIO> self) { return self->finalizing; }
Result<void> fileio_finalizing_set(Thread& thread, Borrowed<FileIO> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete numeric/char attribute");
  if (!value.value().is_bool())
    return raise<TypeError>(thread, "attribute value type must be bool");
  self->finalizing = value.value().is_true();
  return {};
}
const Layout fileio_layout{"FileIO", sizeof(FileIO), false, nullptr, nullptr};
const SlotEntry fileio_slots[] = {slot<SlotId::new_, fileio_new>(),
                                  slot<SlotId::init, fileio_init>(),
                                  slot<SlotId::repr, fileio_repr>()};
constexpr Method fileio_methods[] = {
    method<fileio_read>("read(size=-1, /)", "Read at most size bytes, returned as bytes."),
    method<fileio_readall_method>("readall()", "Read all data from the file, returned as bytes."),
    method<fileio_readinto>("readinto(buffer, /)", "Same as RawIOBase.readinto()."),
    method<fileio_write>("write(b, /)", "Write buffer b to file, return number of bytes written."),
    method<fileio_seek>("seek(pos, whence=0, /)",
                        "Move to new file position and return the file position."),
    method<fileio_tell>("tell()", "Current file position."),
    method<fileio_truncate>(
        "truncate(size=None, /)",
        "Truncate the file to at most size bytes and return the truncated size."),
    method<fileio_close>("close()", "Close the file."),
    method<fileio_seekable>("seekable()", "True if file supports random-access."),
    method<fileio_readable>("readable()", "True if file was opened in a read mode."),
    method<fileio_writable>("writable()", "True if file was opened in a write mode."),
    method<fileio_fileno>("fileno()", "Return the underlying file descriptor (an integer)."),
    method<fileio_isatty>("isatty()", "True if the file is connected to a TTY device."),
    method<fileio_isatty_open_only>("_isatty_open_only()"),
    method<fileio_dealloc_warn>("_dealloc_warn(object, /)"),
    method<io_getstate>("__getstate__()"),
};
const GetSet fileio_getsets[] = {
    getter<fileio_closed>("closed", "True if the file is closed"),
    getter<fileio_closefd>("closefd", "True if the file descriptor will be closed by close()."),
    getter<fileio_mode>("mode", "String giving the file mode"),
    getter<fileio_blksize>("_blksize", "Stat st_blksize if available"),
    getset<fileio_finalizing, fileio_finalizing_set>("_finalizing"),
};

}  // namespace

Result<Word> fileio_expected(Thread& thread, Borrowed<FileIO> self) {
  Word size = self->opening_size;
  if (size <= 0) return Word{0};
  // For a large file it is worth asking where in it we are.
  if (size < 65536) return size;
  OfflineScope offline(thread);
  off_t at = lseek(descriptor_of(self), 0, SEEK_CUR);
  return at >= 0 && at <= size ? size - at : size;
}

AnyResult fileio_readall(Thread& thread, Borrowed<FileIO> self) {
  int descriptor = descriptor_of(self);
  Word expected = TRY(fileio_expected(thread, self));
  // One byte more than expected, so that the read after the last one sees the end of the file.
  size_t room = static_cast<size_t>(expected ? expected + 1 : 8192), size = 0;
  Ref<Bytes> bytes = TRY(bytes_create(thread, room));
  for (;;) {
    if (size == room) {
      room += std::max<size_t>(room / 2, 65536);
      Ref<Bytes> larger = TRY(bytes_create(thread, room));
      std::memcpy(larger->data(), bytes->data(), size);
      bytes = std::move(larger);
    }
    Word got = TRY(descriptor_read(thread, descriptor, bytes->data() + size,
                                   std::min(static_cast<Word>(room - size), kMostAtOnce)));
    if (got == kWouldBlock) {
      if (size == 0) return AnyRef::adopt(kNone);
      break;
    }
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  return bytes_resize(thread, std::move(bytes), size);
}

const TypeSpec fileio_spec{.name = "_io.FileIO",
                           .doc = "Open a file.",
                           .flags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable,
                           .layout = &fileio_layout,
                           .base = &raw_io_base_type,
                           .slots = fileio_slots,
                           .methods = fileio_methods,
                           .getsets = fileio_getsets};

}  // namespace dx
