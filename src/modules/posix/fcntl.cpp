// fcntl: control of file descriptors, and locks on files.

#include <fcntl.h>
#include <cstring>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "modules/posix/posix.h"
#include "objects/bytearray.h"
#include "objects/str.h"

namespace dx {

namespace {

constexpr size_t kRoom =
    1024;  // a system call's argument may not be larger, unless it is the caller's own memory

// A call whose third argument is a number or bytes that the system fills in: the result, or the
// bytes.
template <class Call>
AnyResult with_argument(Thread& thread, Any argument, const char* function, Call call) {
  if (is_str(argument) || has_buffer(argument)) {
    char room[kRoom + 8];
    size_t size;
    if (is_str(argument)) {
      std::string_view text = TRY(str_utf8(thread, Borrowed<Str>(argument.value())));
      size = text.size();
      if (size > kRoom) return raise<ValueError>(thread, "{} string arg too long", function);
      std::memcpy(room, text.data(), size);
    } else {
      BufferScope scope(thread);
      TRY(scope.acquire(argument));
      size = scope.text().size();
      if (size > kRoom) return raise<ValueError>(thread, "{} argument 3 is too long", function);
      std::memcpy(room, scope.text().data(), size);
    }
    room[size] = 0;
    (void)TRY(system_call(thread, [&] { return call(reinterpret_cast<unsigned long>(room)); }));
    return bytes_from(thread, std::string_view(room, size));
  }
  if (!has_index(argument)) {
    return raise<TypeError>(
        thread, "{} argument 3 must be an integer, a bytes-like object, or a string, not {}",
        function, type_name_in(argument));
  }
  AnyRef index = TRY(to_index(thread, argument));
  unsigned long number = int_u64_mask(index.value());
  return int_from_word(thread, TRY(system_call(thread, [&] { return call(number); })));
}
AnyResult fcntl_fcntl(Thread& thread, Any fd, int cmd, Any arg) {
  int descriptor = TRY(descriptor_from(thread, fd));
  TRY(audit(thread, "fcntl.fcntl", {small_int(descriptor), small_int(cmd), arg.value()}));
  return with_argument(thread, arg, "fcntl()",
                       [&](unsigned long value) { return ::fcntl(descriptor, cmd, value); });
}
AnyResult fcntl_ioctl(Thread& thread, Any fd, Any request, Any arg, bool mutate_arg) {
  int descriptor = TRY(descriptor_from(thread, fd));
  AnyRef index = TRY(to_index(thread, request));
  unsigned long code = int_u64_mask(index.value());
  TRY(audit(thread, "fcntl.ioctl", {small_int(descriptor), index.value(), arg.value()}));
  if (mutate_arg && has_buffer(arg)) {
    BufferScope scope(thread);
    if (scope.acquire(arg, kBufferWritable).raised())
      clear_exception(thread);
    else if (!scope.view.readonly) {
      return int_from_word(
          thread,
          TRY(system_call(thread, [&] { return ::ioctl(descriptor, code, scope.view.data); })));
    }
  }
  return with_argument(thread, arg, "ioctl()",
                       [&](unsigned long value) { return ::ioctl(descriptor, code, value); });
}
Result<void> fcntl_flock(Thread& thread, Any fd, int operation) {
  int descriptor = TRY(descriptor_from(thread, fd));
  TRY(audit(thread, "fcntl.flock", {small_int(descriptor), small_int(operation)}));
  (void)TRY(system_call(thread, [&] { return ::flock(descriptor, operation); }));
  return {};
}
AnyResult fcntl_lockf(Thread& thread, Any fd, int cmd, Any len, Any start, int whence) {
  int descriptor = TRY(descriptor_from(thread, fd));
  TRY(audit(
      thread, "fcntl.lockf",
      {small_int(descriptor), small_int(cmd), len.value(), start.value(), small_int(whence)}));
  struct flock range{};
  if (cmd == LOCK_UN)
    range.l_type = F_UNLCK;
  else if (cmd & LOCK_SH)
    range.l_type = F_RDLCK;
  else if (cmd & LOCK_EX)
    range.l_type = F_WRLCK;
  else
    return raise<ValueError>(thread, "unrecognized lockf argument");
  auto offset = [&](Any value) -> Result<Word> {
    return int_word(thread, TRY(to_index(thread, value)).value());
  };
  range.l_len = TRY(offset(len));
  range.l_start = TRY(offset(start));
  range.l_whence = static_cast<short>(whence);
  return int_from_word(thread, TRY(system_call(thread, [&] {
                         return ::fcntl(descriptor, cmd & LOCK_NB ? F_SETLK : F_SETLKW, &range);
                       })));
}

constexpr Method functions[] = {
    function<fcntl_fcntl>("fcntl(fd, cmd, arg=0, /)",
                          "Perform the operation `cmd` on file descriptor fd."),
    function<fcntl_ioctl>("ioctl(fd, request, arg=0, mutate_flag=True, /)",
                          "Perform the operation request on file descriptor fd."),
    function<fcntl_flock>("flock(fd, operation, /)",
                          "Perform the lock operation on file descriptor fd."),
    function<fcntl_lockf>("lockf(fd, cmd, len=0, start=0, whence=0, /)",
                          "A wrapper around the fcntl() locking calls."),
};
#define C(name) constant(#name, static_cast<Word>(name))
constexpr ModuleConstant constants[] = {
    C(DN_ACCESS),
    C(DN_ATTRIB),
    C(DN_CREATE),
    C(DN_DELETE),
    C(DN_MODIFY),
    C(DN_MULTISHOT),
    C(DN_RENAME),
    C(FASYNC),
    C(FD_CLOEXEC),
    C(F_ADD_SEALS),
    C(F_DUPFD),
    C(F_DUPFD_CLOEXEC),
    C(F_EXLCK),
    C(F_GETFD),
    C(F_GETFL),
    C(F_GETLEASE),
    C(F_GETLK),
    C(F_GETLK64),
    C(F_GETOWN),
    C(F_GETPIPE_SZ),
    C(F_GETSIG),
    C(F_GET_SEALS),
    C(F_NOTIFY),
    C(F_OFD_GETLK),
    C(F_OFD_SETLK),
    C(F_OFD_SETLKW),
    C(F_RDLCK),
    C(F_SEAL_GROW),
    C(F_SEAL_SEAL),
    C(F_SEAL_SHRINK),
    C(F_SEAL_WRITE),
    C(F_SETFD),
    C(F_SETFL),
    C(F_SETLEASE),
    C(F_SETLK),
    C(F_SETLK64),
    C(F_SETLKW),
    C(F_SETLKW64),
    C(F_SETOWN),
    C(F_SETPIPE_SZ),
    C(F_SETSIG),
    C(F_SHLCK),
    C(F_UNLCK),
    C(F_WRLCK),
    C(LOCK_EX),
    C(LOCK_MAND),
    C(LOCK_NB),
    C(LOCK_READ),
    C(LOCK_RW),
    C(LOCK_SH),
    C(LOCK_UN),
    C(LOCK_WRITE),
    constant("FICLONE", 0x40049409),
    constant("FICLONERANGE", 0x4020940d),
    constant("F_SEAL_FUTURE_WRITE", 16),
    constant("F_GETOWN_EX", 16),
    constant("F_SETOWN_EX", 15),
    constant("F_OWNER_TID", 0),
    constant("F_OWNER_PID", 1),
    constant("F_OWNER_PGRP", 2),
};
#undef C

}  // namespace

extern const ModuleSpec fcntl_module{
    .name = "fcntl",
    .doc = "This module performs file control and I/O control on file descriptors.",
    .functions = functions,
    .constants = constants};

}  // namespace dx
