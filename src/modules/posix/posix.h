#pragma once
// What the files of the posix module share: paths, descriptors, calls that are tried again after a
// signal.
//
//   files.cpp        names in the file system: stat, directories, links, attributes
//   scandir.cpp      scandir() and DirEntry
//   descriptors.cpp  open files: reading, writing, pipes, flags, terminals
//   process.cpp      fork, exec, spawn, wait, signals to processes, ids, scheduling
//   system.cpp       the environment, configuration values, randomness, path texts
//   posix.cpp        the module: constants, result types, the table of all these

#include <cerrno>
#include <span>
#include <string>

#include "memory/safepoint.h"
#include "objects/audit.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/native.h"
#include "objects/protocol.h"
#include "objects/structseq.h"

struct stat;

namespace dx {

extern StructSequence stat_result, statvfs_result, terminal_size, uname_result, times_result,
    waitid_result, sched_param;
extern TypeHandle dir_entry_type, scandir_type;
extern const TypeSpec dir_entry_spec, scandir_spec;
extern const std::span<const Method> posix_file_functions, posix_scandir_functions,
    posix_descriptor_functions, posix_process_functions, posix_system_functions;

// What a path argument may be besides str, bytes and os.PathLike.
enum PathForm : unsigned { kPathOnly = 0, kPathOrDescriptor = 1, kPathOrNone = 2 };

// A path argument: the bytes for the system, or a file descriptor where those are allowed.
struct Path {
  AnyRef object = AnyRef::adopt(
      kNone);  // as it was given, or what __fspath__ gave: for error messages and results' kind
  Maybe<Ref<Bytes>> bytes;
  int descriptor = -1;
  bool is_descriptor = false;
  bool was_bytes = false;
  const char* text() const { return bytes->data(); }
};
Result<void> path_from(Thread& thread, Any value, Path& path, const char* function,
                       const char* argument = "path", unsigned form = kPathOnly);
// A name from the system, as bytes or str like the path it belongs to.
AnyResult path_text(Thread& thread, const Path& path, std::string_view text);
Raised raise_path_error(Thread& thread, int error, const Path& path);

// dir_fd=None or a descriptor: AT_FDCWD or the number.
Result<int> directory_from(Thread& thread, Any dir_fd);
// dir_fd as audit events show it: -1 for None.
inline Value shown_directory(Any dir_fd) {
  return dir_fd.is_none() ? small_int(-1) : dir_fd.value();
}
// An int, or an object with fileno().
Result<int> descriptor_from(Thread& thread, Any object);
// uid_t and gid_t arguments; -1 means "leave as it is".
Result<uint32_t> id_from(Thread& thread, Any value, const char* what);
AnyResult id_value(Thread& thread, uint32_t id);

// Calls offline; after a signal, handlers run and it is called again. The result, or negative with
// errno set.
template <class Call>
Result<long> retry(Thread& thread, Call call) {
  for (;;) {
    long result;
    int error;
    {
      OfflineScope offline(thread);
      result = static_cast<long>(call());
      error = errno;
    }
    if (result >= 0 || error != EINTR) {
      errno = error;
      return result;
    }
    TRY(poll_signals(thread));
  }
}
// What a Python function returns of such a call: None, or the number.
inline Result<void> done(Result<long> result) {
  if (result.raised()) return Raised{};
  return {};
}
inline AnyResult number(Thread& thread, Result<long> result) {
  if (result.raised()) return Raised{};
  return int_from_word(thread, result.take());
}
// The same, with OSError for a failure.
template <class Call>
Result<long> system_call(Thread& thread, Call call) {
  long result = TRY(retry(thread, call));
  if (result < 0) return raise_os_error(thread, errno);
  return result;
}

AnyResult stat_object(Thread& thread, const struct stat& info);
AnyResult posix_fspath(Thread& thread, Any path);
// One of a table's names ("SC_OPEN_MAX"), or a number.
struct SystemName {
  const char* name;
  int value;
};
Result<int> name_value(Thread& thread, Any given, std::span<const SystemName> names);
extern const std::span<const SystemName> pathconf_names, sysconf_names, confstr_names;

}  // namespace dx
