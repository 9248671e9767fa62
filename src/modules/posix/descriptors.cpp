// posix: open files by descriptor.

#include <climits>
#include <fcntl.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>
#include <vector>

#include "base/locale.h"
#include "modules/io/io.h"
#include "modules/posix/posix.h"
#include "objects/list.h"
#include "objects/str.h"
#include "runtime/interpreter_state.h"

namespace dx {

namespace {

constexpr Word kMostAtOnce = 0x7ffff000;  // what Linux transfers in one call

Result<Word> offset_of(Thread& thread, Any value) {
  AnyRef index = TRY(to_index(thread, value));
  return int_word(thread, index.value());
}

// ---- opening and closing ------------------------------------------------------------------------
Result<Word> posix_open(Thread& thread, Any path_value, int flags, int mode, Any dir_fd) {
  Path path;
  TRY(path_from(thread, path_value, path, "open"));
  int directory = TRY(directory_from(thread, dir_fd));
  TRY(audit(thread, "open", {path_value.value(), kNone, small_int(flags | O_CLOEXEC)}));
  long descriptor =
      TRY(retry(thread, [&] { return openat(directory, path.text(), flags | O_CLOEXEC, mode); }));
  if (descriptor < 0) return raise_path_error(thread, errno, path);
  return Word{descriptor};
}
Result<void> posix_close(Thread& thread, int fd) {
  int failed, error;
  {
    OfflineScope offline(thread);
    failed = close(fd);
    error = errno;
  }
  if (failed < 0 && error != EINTR) return raise_os_error(thread, error);
  return {};
}
void posix_closerange(Thread& thread, int low, int high) {
  OfflineScope offline(thread);
  if (low < 0) low = 0;
  if (high > low) ::close_range(static_cast<unsigned>(low), static_cast<unsigned>(high - 1), 0);
}
Result<Word> posix_dup(Thread& thread, int fd) {
  return Word{TRY(system_call(thread, [&] { return fcntl(fd, F_DUPFD_CLOEXEC, 0); }))};
}
Result<Word> posix_dup2(Thread& thread, int fd, int fd2, bool inheritable) {
  if (fd < 0 || fd2 < 0) return raise_os_error(thread, EBADF);
  // dup3 refuses equal descriptors; dup2 checks the first and changes nothing.
  return Word{TRY(system_call(thread, [&] {
    return inheritable || fd == fd2 ? dup2(fd, fd2) : dup3(fd, fd2, O_CLOEXEC);
  }))};
}
AnyResult pipe_pair(Thread& thread, int flags) {
  int ends[2];
  (void)TRY(system_call(thread, [&] { return pipe2(ends, flags); }));
  return tuple_of(thread, {small_int(ends[0]), small_int(ends[1])});
}
AnyResult posix_pipe(Thread& thread) { return pipe_pair(thread, O_CLOEXEC); }
AnyResult posix_pipe2(Thread& thread, int flags) { return pipe_pair(thread, flags); }
AnyResult posix_memfd_create(Thread& thread, Any name_value, int flags) {
  Ref<Bytes> name = TRY(bytes_from_path(thread, name_value));
  return number(thread, system_call(thread, [&] {
                  return memfd_create(name->data(), static_cast<unsigned>(flags));
                }));
}
AnyResult posix_eventfd(Thread& thread, Any initial, int flags) {
  uint64_t value = TRY(int_u64(thread, TRY(to_index(thread, initial)).value()));
  return number(thread,
                system_call(thread, [&] { return eventfd(static_cast<unsigned>(value), flags); }));
}
AnyResult posix_eventfd_read(Thread& thread, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  eventfd_t value;
  (void)TRY(system_call(thread, [&] { return eventfd_read(descriptor, &value); }));
  return int_from_u64(thread, value);
}
Result<void> posix_eventfd_write(Thread& thread, Any fd, Any value) {
  int descriptor = TRY(descriptor_from(thread, fd));
  uint64_t amount = TRY(int_u64(thread, TRY(to_index(thread, value)).value()));
  return done(system_call(thread, [&] { return eventfd_write(descriptor, amount); }));
}

// ---- reading and writing ------------------------------------------------------------------------
AnyResult posix_read(Thread& thread, int fd, Word length) {
  if (length < 0) return raise_os_error(thread, EINVAL);
  length = std::min(length, kMostAtOnce);
  Ref<Bytes> buffer = TRY(bytes_create(thread, static_cast<size_t>(length)));
  long got = TRY(
      system_call(thread, [&] { return ::read(fd, buffer->data(), static_cast<size_t>(length)); }));
  return bytes_resize(thread, std::move(buffer), static_cast<size_t>(got));
}
AnyResult posix_readinto(Thread& thread, int fd, Any target) {
  BufferScope scope(thread);
  TRY(writable_buffer(thread, scope, target, "readinto() argument 2"));
  Word size = std::min(scope.view.size, kMostAtOnce);
  return number(thread, system_call(thread, [&] {
                  return ::read(fd, scope.view.data, static_cast<size_t>(size));
                }));
}
AnyResult posix_write(Thread& thread, int fd, Any data) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  std::string_view bytes = scope.text().substr(0, static_cast<size_t>(kMostAtOnce));
  return number(thread,
                system_call(thread, [&] { return ::write(fd, bytes.data(), bytes.size()); }));
}
AnyResult posix_pread(Thread& thread, int fd, Word length, Any offset) {
  if (length < 0) return raise_os_error(thread, EINVAL);
  Word at = TRY(offset_of(thread, offset));
  length = std::min(length, kMostAtOnce);
  Ref<Bytes> buffer = TRY(bytes_create(thread, static_cast<size_t>(length)));
  long got = TRY(system_call(
      thread, [&] { return ::pread(fd, buffer->data(), static_cast<size_t>(length), at); }));
  return bytes_resize(thread, std::move(buffer), static_cast<size_t>(got));
}
AnyResult posix_pwrite(Thread& thread, int fd, Any data, Any offset) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  Word at = TRY(offset_of(thread, offset));
  std::string_view bytes = scope.text().substr(0, static_cast<size_t>(kMostAtOnce));
  return number(thread,
                system_call(thread, [&] { return ::pwrite(fd, bytes.data(), bytes.size(), at); }));
}

// The buffers of a sequence, held until the end of the call.
class Vector {
 public:
  explicit Vector(Thread& thread) : thread_(thread) {}
  ~Vector() {
    for (BufferView& view : views_) buffer_release(thread_, view);
  }
  Result<void> acquire(Any buffers, int flags, const char* function) {
    Type* type = type_of(buffers);
    if (!type->slot<SlotId::len>() || !type->slot<SlotId::getitem>() || is_dict(buffers)) {
      return raise<TypeError>(thread_, "{}() arg 2 must be a sequence", function);
    }
    AnyRef items = TRY(sequence_tuple(thread_, buffers));
    Borrowed<Tuple> tuple(items.value());
    for (Word i = 0; i < tuple->size; ++i) {
      BufferView view;
      TRY(buffer_get(thread_, tuple->item(i), view, flags));
      views_.push_back(view);
      parts.push_back({view.data, static_cast<size_t>(view.size)});
      if ((flags & kBufferWritable) && view.readonly)
        return raise<BufferError>(thread_, "Object is not writable.");
    }
    return {};
  }
  std::vector<struct iovec> parts;
  int count() const { return static_cast<int>(parts.size()); }

 private:
  Thread& thread_;
  std::vector<BufferView> views_;
};
AnyResult posix_readv(Thread& thread, int fd, Any buffers) {
  Vector vector(thread);
  TRY(vector.acquire(buffers, kBufferWritable, "readv"));
  return number(
      thread, system_call(thread, [&] { return readv(fd, vector.parts.data(), vector.count()); }));
}
AnyResult posix_writev(Thread& thread, int fd, Any buffers) {
  Vector vector(thread);
  TRY(vector.acquire(buffers, kBufferSimple, "writev"));
  return number(
      thread, system_call(thread, [&] { return writev(fd, vector.parts.data(), vector.count()); }));
}
AnyResult posix_preadv(Thread& thread, int fd, Any buffers, Any offset, int flags) {
  Vector vector(thread);
  TRY(vector.acquire(buffers, kBufferWritable, "preadv"));
  Word at = TRY(offset_of(thread, offset));
  return number(thread, system_call(thread, [&] {
                  return preadv2(fd, vector.parts.data(), vector.count(), at, flags);
                }));
}
AnyResult posix_pwritev(Thread& thread, int fd, Any buffers, Any offset, int flags) {
  Vector vector(thread);
  TRY(vector.acquire(buffers, kBufferSimple, "pwritev"));
  Word at = TRY(offset_of(thread, offset));
  return number(thread, system_call(thread, [&] {
                  return pwritev2(fd, vector.parts.data(), vector.count(), at, flags);
                }));
}
AnyResult posix_sendfile(Thread& thread, int out_fd, int in_fd, Any offset, Word count) {
  off_t at = 0;
  bool has_offset = !offset.is_none();
  if (has_offset) at = TRY(offset_of(thread, offset));
  return number(thread, system_call(thread, [&] {
                  return sendfile(out_fd, in_fd, has_offset ? &at : nullptr,
                                  static_cast<size_t>(count));
                }));
}
AnyResult posix_copy_file_range(Thread& thread, int src, int dst, Word count, Any offset_src,
                                Any offset_dst) {
  if (count < 0) return raise<ValueError>(thread, "negative value for 'count' not allowed");
  off64_t from = 0, to = 0;
  if (!offset_src.is_none()) from = TRY(offset_of(thread, offset_src));
  if (!offset_dst.is_none()) to = TRY(offset_of(thread, offset_dst));
  return number(thread, system_call(thread, [&] {
                  return copy_file_range(src, offset_src.is_none() ? nullptr : &from, dst,
                                         offset_dst.is_none() ? nullptr : &to,
                                         static_cast<size_t>(count), 0);
                }));
}
AnyResult posix_splice(Thread& thread, int src, int dst, Word count, Any offset_src, Any offset_dst,
                       int flags) {
  if (count < 0) return raise<ValueError>(thread, "negative value for 'count' not allowed");
  off64_t from = 0, to = 0;
  if (!offset_src.is_none()) from = TRY(offset_of(thread, offset_src));
  if (!offset_dst.is_none()) to = TRY(offset_of(thread, offset_dst));
  return number(thread, system_call(thread, [&] {
                  return splice(src, offset_src.is_none() ? nullptr : &from, dst,
                                offset_dst.is_none() ? nullptr : &to, static_cast<size_t>(count),
                                static_cast<unsigned>(flags));
                }));
}
AnyResult posix_lseek(Thread& thread, int fd, Any position, int whence) {
  Word at = TRY(offset_of(thread, position));
  return number(thread, system_call(thread, [&] { return lseek(fd, at, whence); }));
}
Result<void> posix_fsync(Thread& thread, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  return done(system_call(thread, [&] { return fsync(descriptor); }));
}
Result<void> posix_fdatasync(Thread& thread, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  return done(system_call(thread, [&] { return fdatasync(descriptor); }));
}
void posix_sync(Thread& thread) {
  OfflineScope offline(thread);
  sync();
}
Result<void> posix_fallocate_call(Thread& thread, int fd, Any offset, Any length) {
  Word at = TRY(offset_of(thread, offset)), size = TRY(offset_of(thread, length));
  long error = TRY(retry(thread, [&] { return posix_fallocate(fd, at, size); }));
  if (error) return raise_os_error(thread, static_cast<int>(error));
  return {};
}
Result<void> posix_fadvise_call(Thread& thread, int fd, Any offset, Any length, int advice) {
  Word at = TRY(offset_of(thread, offset)), size = TRY(offset_of(thread, length));
  long error = TRY(retry(thread, [&] { return posix_fadvise(fd, at, size, advice); }));
  if (error) return raise_os_error(thread, static_cast<int>(error));
  return {};
}
Result<void> posix_lockf(Thread& thread, int fd, int command, Any length) {
  Word size = TRY(offset_of(thread, length));
  TRY(audit(thread, "os.lockf", {small_int(fd), small_int(command), length.value()}));
  return done(system_call(thread, [&] { return lockf(fd, command, size); }));
}

// ---- flags --------------------------------------------------------------------------------------
Result<bool> posix_get_blocking(Thread& thread, int fd) {
  return !(TRY(system_call(thread, [&] { return fcntl(fd, F_GETFL); })) & O_NONBLOCK);
}
Result<void> posix_set_blocking(Thread& thread, int fd, bool blocking) {
  long flags = TRY(system_call(thread, [&] { return fcntl(fd, F_GETFL); }));
  long wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  return done(system_call(thread, [&] { return fcntl(fd, F_SETFL, wanted); }));
}
Result<bool> posix_get_inheritable(Thread& thread, int fd) {
  return !(TRY(system_call(thread, [&] { return fcntl(fd, F_GETFD); })) & FD_CLOEXEC);
}
Result<void> posix_set_inheritable(Thread& thread, int fd, bool inheritable) {
  long flags = TRY(system_call(thread, [&] { return fcntl(fd, F_GETFD); }));
  long wanted = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
  return done(system_call(thread, [&] { return fcntl(fd, F_SETFD, wanted); }));
}

// ---- terminals ----------------------------------------------------------------------------------
bool posix_isatty(Thread&, int fd) { return isatty(fd); }
AnyResult posix_get_terminal_size(Thread& thread, MaybeAny fd) {
  int descriptor = 1;
  if (fd) {
    Word given = TRY(index_word(thread, *fd));
    descriptor = static_cast<int>(given);
  }
  struct winsize size;
  (void)TRY(system_call(thread, [&] { return ioctl(descriptor, TIOCGWINSZ, &size); }));
  Value fields[] = {small_int(size.ws_col), small_int(size.ws_row)};
  return structseq_create(thread, terminal_size, fields);
}
Result<void> posix_login_tty(Thread& thread, Any fd) {
  int descriptor = TRY(descriptor_from(thread, fd));
  return done(system_call(thread, [&] { return login_tty(descriptor); }));
}
AnyResult posix_openpty(Thread& thread) {
  int master, slave;
  (void)TRY(
      system_call(thread, [&] { return openpty(&master, &slave, nullptr, nullptr, nullptr); }));
  fcntl(master, F_SETFD, FD_CLOEXEC);
  fcntl(slave, F_SETFD, FD_CLOEXEC);
  return tuple_of(thread, {small_int(master), small_int(slave)});
}
AnyResult posix_ttyname(Thread& thread, int fd) {
  char name[PATH_MAX];
  int error = ttyname_r(fd, name, sizeof name);
  if (error) return raise_os_error(thread, error);
  return str_from_filesystem(thread, name);
}
AnyResult posix_ctermid(Thread& thread) {
  char name[L_ctermid];
  return str_from_filesystem(thread, ctermid(name));
}
AnyResult posix_tcgetpgrp(Thread& thread, int fd) {
  return number(thread, system_call(thread, [&] { return tcgetpgrp(fd); }));
}
Result<void> posix_tcsetpgrp(Thread& thread, int fd, int pgid) {
  return done(system_call(thread, [&] { return tcsetpgrp(fd, pgid); }));
}
AnyResult posix_device_encoding(Thread& thread, int fd) {
  if (!isatty(fd)) return AnyRef::adopt(kNone);
  if (interpreter_of(thread).options.utf8_mode) return str_from_ascii(thread, "utf-8");
  return str_from_ascii(thread, locale_codeset());
}

// What C code may have run while a terminal is waited for (a window system's events): there is no C
// API to install it with.
bool posix_is_inputhook_installed(Thread&) { return false; }
Result<void> posix_inputhook(Thread& thread) {
  return raise<RuntimeError>(thread, "no input hook is installed");
}

constexpr Method functions[] = {
    function<posix_is_inputhook_installed>("_is_inputhook_installed()",
                                           "Whether an input hook is installed."),
    function<posix_inputhook>("_inputhook()", "Run the input hook."),
    function<posix_open>("open(path, flags, mode=511, *, dir_fd=None)",
                         "Open a file for low level IO.  Returns a file descriptor (integer)."),
    function<posix_close>("close(fd)", "Close a file descriptor."),
    function<posix_closerange>(
        "closerange(fd_low, fd_high, /)",
        "Closes all file descriptors in [fd_low, fd_high), ignoring errors."),
    function<posix_dup>("dup(fd, /)", "Return a duplicate of a file descriptor."),
    function<posix_dup2>("dup2(fd, fd2, inheritable=True)", "Duplicate file descriptor."),
    function<posix_pipe>("pipe()", "Create a pipe."),
    function<posix_pipe2>("pipe2(flags, /)", "Create a pipe with flags set atomically."),
    function<posix_memfd_create>("memfd_create(name, flags=1)"),
    function<posix_eventfd>("eventfd(initval, flags=524288)",
                            "Creates and returns an event notification file descriptor."),
    function<posix_eventfd_read>("eventfd_read(fd)", "Read eventfd value"),
    function<posix_eventfd_write>("eventfd_write(fd, value)", "Write eventfd value."),
    function<posix_read>("read(fd, length, /)",
                         "Read from a file descriptor.  Returns a bytes object."),
    function<posix_readinto>("readinto(fd, buffer, /)",
                             "Read into a buffer object from a file descriptor."),
    function<posix_write>("write(fd, data, /)", "Write a bytes object to a file descriptor."),
    function<posix_pread>(
        "pread(fd, length, offset, /)",
        "Read a number of bytes from a file descriptor starting at a particular offset."),
    function<posix_pwrite>("pwrite(fd, buffer, offset, /)",
                           "Write bytes to a file descriptor starting at a particular offset."),
    function<posix_readv>("readv(fd, buffers, /)",
                          "Read from a file descriptor fd into an iterable of buffers."),
    function<posix_writev>(
        "writev(fd, buffers, /)",
        "Iterate over buffers, and write the contents of each to a file descriptor."),
    function<posix_preadv>(
        "preadv(fd, buffers, offset, flags=0, /)",
        "Reads from a file descriptor into a number of mutable bytes-like objects."),
    function<posix_pwritev>(
        "pwritev(fd, buffers, offset, flags=0, /)",
        "Writes the contents of bytes-like objects to a file descriptor at a given offset."),
    function<posix_sendfile>(
        "sendfile(out_fd, in_fd, offset, count)",
        "Copy count bytes from file descriptor in_fd to file descriptor out_fd."),
    function<posix_copy_file_range>(
        "copy_file_range(src, dst, count, offset_src=None, offset_dst=None)",
        "Copy count bytes from one file descriptor to another."),
    function<posix_splice>("splice(src, dst, count, offset_src=None, offset_dst=None, flags=0)",
                           "Transfer count bytes from one pipe to a descriptor or vice versa."),
    function<posix_lseek>("lseek(fd, position, whence, /)",
                          "Set the position of a file descriptor.  Return the new position."),
    function<posix_fsync>("fsync(fd)", "Force write of fd to disk."),
    function<posix_fdatasync>("fdatasync(fd)",
                              "Force write of fd to disk without forcing update of metadata."),
    function<posix_sync>("sync()", "Force write of everything to disk."),
    function<posix_fallocate_call>(
        "posix_fallocate(fd, offset, length, /)",
        "Ensure a file has allocated at least a particular number of bytes on disk."),
    function<posix_fadvise_call>("posix_fadvise(fd, offset, length, advice, /)",
                                 "Announce an intention to access data in a specific pattern."),
    function<posix_lockf>("lockf(fd, command, length, /)",
                          "Apply, test or remove a POSIX lock on an open file descriptor."),
    function<posix_get_blocking>("get_blocking(fd, /)",
                                 "Get the blocking mode of the file descriptor."),
    function<posix_set_blocking>("set_blocking(fd, blocking, /)",
                                 "Set the blocking mode of the specified file descriptor."),
    function<posix_get_inheritable>("get_inheritable(fd, /)",
                                    "Get the close-on-exe flag of the specified file descriptor."),
    function<posix_set_inheritable>("set_inheritable(fd, inheritable, /)",
                                    "Set the inheritable flag of the specified file descriptor."),
    function<posix_isatty>("isatty(fd, /)", "Return True if the fd is connected to a terminal."),
    function<posix_get_terminal_size>(
        "get_terminal_size(fd=?, /)",
        "Return the size of the terminal window as (columns, lines)."),
    function<posix_openpty>("openpty()", "Open a pseudo-terminal."),
    function<posix_login_tty>(
        "login_tty(fd, /)",
        "Prepare the tty of which fd is a file descriptor for a new login session.\n\n"
        "Make the calling process a session leader; make the tty the controlling tty, and the\n"
        "stdin, stdout and stderr, of the calling process; close fd."),
    function<posix_ttyname>("ttyname(fd, /)",
                            "Return the name of the terminal device connected to 'fd'."),
    function<posix_ctermid>("ctermid()",
                            "Return the name of the controlling terminal for this process."),
    function<posix_tcgetpgrp>(
        "tcgetpgrp(fd, /)",
        "Return the process group associated with the terminal specified by fd."),
    function<posix_tcsetpgrp>(
        "tcsetpgrp(fd, pgid, /)",
        "Set the process group associated with the terminal specified by fd."),
    function<posix_device_encoding>(
        "device_encoding(fd)",
        "Return a string describing the encoding of a terminal's file descriptor."),
};

}  // namespace

const std::span<const Method> posix_descriptor_functions = functions;

}  // namespace dx
