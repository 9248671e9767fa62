// posix: the system calls os.py is made of. Functions that are not here are AttributeErrors of os; each one here is whole.

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "memory/safepoint.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/structseq.h"

extern char** environ;

namespace dx {

namespace {

constexpr StructField stat_fields[] = {
    {"st_mode", "protection bits"}, {"st_ino", "inode"}, {"st_dev", "device"}, {"st_nlink", "number of hard links"}, {"st_uid", "user ID of owner"},
    {"st_gid", "group ID of owner"}, {"st_size", "total size, in bytes"}, {nullptr, "integer time of last access"}, {nullptr, "integer time of last modification"},
    {nullptr, "integer time of last change"}, {"st_atime", "time of last access"}, {"st_mtime", "time of last modification"}, {"st_ctime", "time of last change"},
    {"st_atime_ns", "time of last access in nanoseconds"}, {"st_mtime_ns", "time of last modification in nanoseconds"},
    {"st_ctime_ns", "time of last change in nanoseconds"}, {"st_blksize", "blocksize for filesystem I/O"}, {"st_blocks", "number of blocks allocated"},
    {"st_rdev", "device type (if inode device)"}};
StructSequence stat_result{.name = "os.stat_result", .doc = "stat_result: Result from stat, fstat, or lstat.", .fields = stat_fields, .visible = 10};
constexpr StructField terminal_fields[] = {{"columns", "width of the terminal window in characters"}, {"lines", "height of the terminal window in characters"}};
StructSequence terminal_size{.name = "os.terminal_size", .doc = "A tuple of (columns, lines) for holding terminal window size.", .fields = terminal_fields, .visible = 2};
constexpr StructField uname_fields[] = {{"sysname", nullptr}, {"nodename", nullptr}, {"release", nullptr}, {"version", nullptr}, {"machine", nullptr}};
StructSequence uname_result{.name = "posix.uname_result", .doc = "uname_result: Result from os.uname().", .fields = uname_fields, .visible = 5};

// A path argument: the bytes for the system, or a file descriptor where those are allowed.
struct Path {
  Maybe<Ref<Bytes>> bytes;
  int descriptor = -1;
  bool was_bytes = false;
  const char* text() const { return bytes->data(); }
};
Result<void> path_from(Thread& thread, Any value, Path& path, bool allow_descriptor = false) {
  if (allow_descriptor && is_int(value)) {
    Word number = TRY(int_word(thread, value, "fd is greater than maximum"));
    if (number > INT_MAX) return raise<OverflowError>(thread, "fd is greater than maximum");
    if (number < INT_MIN) return raise<OverflowError>(thread, "fd is less than minimum");
    path.descriptor = static_cast<int>(number);
    return {};
  }
  path.was_bytes = is_bytes(value);
  path.bytes = Maybe<Ref<Bytes>>(TRY(bytes_from_path(thread, value)));
  return {};
}
AnyResult path_text(Thread& thread, const Path& path, const char* text) {
  if (path.was_bytes) return bytes_from(thread, text);
  return str_from_filesystem(thread, text);
}
Result<void> no_directory_descriptor(Thread& thread, Any dir_fd, const char* function) {
  if (dir_fd.is_none()) return {};
  return raise<NotImplementedError>(thread, "{}: dir_fd unavailable on this platform", function);
}

// Retries a call that a signal interrupted, after its handler ran.
template <class Call>
Result<long> retry(Thread& thread, Call call) {
  for (;;) {
    long result;
    int error;
    {
      OfflineScope offline(thread);
      result = call();
      error = errno;
    }
    if (result >= 0 || error != EINTR) {
      errno = error;
      return result;
    }
    TRY(poll_signals(thread));
  }
}

AnyResult stat_object(Thread& thread, const struct stat& info) {
  Value fields[19];
  size_t count = 0;
  bool failed = false;
  auto add = [&](AnyResult value) {
    if (failed || value.raised()) failed = true;
    else fields[count++] = value.release();
  };
  auto word = [&](Word number) { add(int_from_word(thread, number)); };
  word(info.st_mode);
  add(int_from_u64(thread, info.st_ino));
  add(int_from_u64(thread, info.st_dev));
  word(static_cast<Word>(info.st_nlink));
  word(info.st_uid);
  word(info.st_gid);
  word(info.st_size);
  const struct timespec* times[] = {&info.st_atim, &info.st_mtim, &info.st_ctim};
  for (const struct timespec* at : times) word(at->tv_sec);
  for (const struct timespec* at : times) add(float_from_double(thread, static_cast<double>(at->tv_sec) + 1e-9 * static_cast<double>(at->tv_nsec)));
  for (const struct timespec* at : times) word(at->tv_sec * Word{1000000000} + at->tv_nsec);
  word(info.st_blksize);
  word(info.st_blocks);
  add(int_from_u64(thread, info.st_rdev));
  if (failed) {
    for (size_t i = 0; i < count; ++i) decref(thread, fields[i]);
    return Raised{};
  }
  return structseq_create(thread, stat_result, fields);
}

AnyResult do_stat(Thread& thread, Any path_value, Any dir_fd, bool follow, const char* function) {
  TRY(no_directory_descriptor(thread, dir_fd, function));
  Path path;
  TRY(path_from(thread, path_value, path, follow));
  struct stat info;
  long done = TRY(retry(thread, [&] { return path.descriptor >= 0 || !path.bytes ? fstat(path.descriptor, &info) : follow ? stat(path.text(), &info) : lstat(path.text(), &info); }));
  if (done < 0) return raise_os_error(thread, errno, MaybeAny(path_value.value()));
  return stat_object(thread, info);
}
AnyResult posix_stat(Thread& thread, Any path, Any dir_fd, bool follow_symlinks) { return do_stat(thread, path, dir_fd, follow_symlinks, "stat"); }
AnyResult posix_lstat(Thread& thread, Any path, Any dir_fd) { return do_stat(thread, path, dir_fd, false, "lstat"); }
AnyResult posix_fstat(Thread& thread, int fd) {
  struct stat info;
  if (TRY(retry(thread, [&] { return fstat(fd, &info); })) < 0) return raise_os_error(thread, errno);
  return stat_object(thread, info);
}

Result<bool> posix_access(Thread& thread, Any path_value, int mode, Any dir_fd, bool effective_ids, bool follow_symlinks) {
  TRY(no_directory_descriptor(thread, dir_fd, "access"));
  Path path;
  TRY(path_from(thread, path_value, path));
  int flags = (effective_ids ? AT_EACCESS : 0) | (follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW);
  return TRY(retry(thread, [&] { return faccessat(AT_FDCWD, path.text(), mode, flags); })) == 0;
}

AnyResult posix_listdir(Thread& thread, Any path_value) {
  Path path;
  Ref<Str> here = TRY(str_from_ascii(thread, "."));
  TRY(path_from(thread, path_value.is_none() ? Any(here.borrow()) : path_value, path, true));
  DIR* folder = path.bytes ? opendir(path.text()) : fdopendir(dup(path.descriptor));
  if (!folder) return raise_os_error(thread, errno, MaybeAny(path_value.value()));
  Ref<List> names = TRY(list_create(thread));
  for (;;) {
    errno = 0;
    struct dirent* entry = readdir(folder);
    if (!entry) break;
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    AnyResult text = path_text(thread, path, entry->d_name);
    if (text.raised() || list_append(thread, names, text.take()).raised()) {
      closedir(folder);
      return Raised{};
    }
  }
  int error = errno;
  closedir(folder);
  if (error) return raise_os_error(thread, error, MaybeAny(path_value.value()));
  return names;
}

AnyResult posix_getcwd(Thread& thread) {
  char buffer[PATH_MAX];
  if (!getcwd(buffer, sizeof buffer)) return raise_os_error(thread, errno);
  return str_from_filesystem(thread, buffer);
}
AnyResult posix_getcwdb(Thread& thread) {
  char buffer[PATH_MAX];
  if (!getcwd(buffer, sizeof buffer)) return raise_os_error(thread, errno);
  return bytes_from(thread, buffer);
}

template <class Call>
Result<void> path_call(Thread& thread, Any path_value, Call call) {
  Path path;
  TRY(path_from(thread, path_value, path));
  if (TRY(retry(thread, [&] { return call(path.text()); })) < 0) return raise_os_error(thread, errno, MaybeAny(path_value.value()));
  return {};
}
Result<void> posix_chdir(Thread& thread, Any path) { return path_call(thread, path, [](const char* text) { return chdir(text); }); }
Result<void> posix_rmdir(Thread& thread, Any path, Any dir_fd) {
  TRY(no_directory_descriptor(thread, dir_fd, "rmdir"));
  return path_call(thread, path, [](const char* text) { return rmdir(text); });
}
Result<void> posix_unlink(Thread& thread, Any path, Any dir_fd) {
  TRY(no_directory_descriptor(thread, dir_fd, "unlink"));
  return path_call(thread, path, [](const char* text) { return unlink(text); });
}
Result<void> posix_mkdir(Thread& thread, Any path, int mode, Any dir_fd) {
  TRY(no_directory_descriptor(thread, dir_fd, "mkdir"));
  return path_call(thread, path, [mode](const char* text) { return mkdir(text, static_cast<mode_t>(mode)); });
}
Result<void> posix_chmod(Thread& thread, Any path, int mode, Any dir_fd, bool) {
  TRY(no_directory_descriptor(thread, dir_fd, "chmod"));
  return path_call(thread, path, [mode](const char* text) { return chmod(text, static_cast<mode_t>(mode)); });
}
Result<void> two_paths(Thread& thread, Any source, Any target, int (*call)(const char*, const char*)) {
  Path from, to;
  TRY(path_from(thread, source, from));
  TRY(path_from(thread, target, to));
  if (TRY(retry(thread, [&] { return call(from.text(), to.text()); })) < 0) {
    return raise_os_error(thread, errno, MaybeAny(source.value()), MaybeAny(target.value()));
  }
  return {};
}
Result<void> posix_rename(Thread& thread, Any src, Any dst, Any src_dir_fd, Any dst_dir_fd) {
  TRY(no_directory_descriptor(thread, src_dir_fd, "rename"));
  TRY(no_directory_descriptor(thread, dst_dir_fd, "rename"));
  return two_paths(thread, src, dst, rename);
}
Result<void> posix_symlink(Thread& thread, Any src, Any dst, bool, Any dir_fd) {
  TRY(no_directory_descriptor(thread, dir_fd, "symlink"));
  return two_paths(thread, src, dst, symlink);
}
AnyResult posix_readlink(Thread& thread, Any path_value, Any dir_fd) {
  TRY(no_directory_descriptor(thread, dir_fd, "readlink"));
  Path path;
  TRY(path_from(thread, path_value, path));
  char buffer[PATH_MAX];
  long size = TRY(retry(thread, [&] { return readlink(path.text(), buffer, sizeof buffer - 1); }));
  if (size < 0) return raise_os_error(thread, errno, MaybeAny(path_value.value()));
  buffer[size] = 0;
  return path_text(thread, path, buffer);
}

Result<Word> posix_open(Thread& thread, Any path_value, int flags, int mode, Any dir_fd) {
  TRY(no_directory_descriptor(thread, dir_fd, "open"));
  Path path;
  TRY(path_from(thread, path_value, path));
  long descriptor = TRY(retry(thread, [&] { return open(path.text(), flags | O_CLOEXEC, mode); }));
  if (descriptor < 0) return raise_os_error(thread, errno, MaybeAny(path_value.value()));
  return Word{descriptor};
}
Result<void> posix_close(Thread& thread, int fd) {
  if (close(fd) < 0 && errno != EINTR) return raise_os_error(thread, errno);
  return {};
}
AnyResult posix_read(Thread& thread, int fd, Word length) {
  if (length < 0) return raise_os_error(thread, EINVAL);
  Ref<Bytes> buffer = TRY(bytes_create(thread, static_cast<size_t>(length)));
  long got = TRY(retry(thread, [&] { return ::read(fd, buffer->data(), static_cast<size_t>(length)); }));
  if (got < 0) return raise_os_error(thread, errno);
  if (got == length) return buffer;
  return bytes_resize(thread, std::move(buffer), static_cast<size_t>(got));
}
Result<Word> posix_write(Thread& thread, int fd, Any data) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  std::string_view bytes = scope.text();
  long written = TRY(retry(thread, [&] { return ::write(fd, bytes.data(), bytes.size()); }));
  if (written < 0) return raise_os_error(thread, errno);
  return Word{written};
}
AnyResult posix_lseek(Thread& thread, int fd, Word position, int how) {
  long at = TRY(retry(thread, [&] { return lseek(fd, position, how); }));
  if (at < 0) return raise_os_error(thread, errno);
  return int_from_word(thread, at);
}
bool posix_isatty(Thread&, int fd) { return isatty(fd); }
AnyResult posix_fspath(Thread& thread, Any path) {
  if (is_str(path) || is_bytes(path)) return share(thread, path);
  AnyLookup method = lookup_special(thread, path, NAME("__fspath__"));
  if (method.raised()) return Raised{};
  if (method.is_absent()) return raise<TypeError>(thread, "expected str, bytes or os.PathLike object, not {}", type_name_in(path));
  AnyRef result = TRY(call(thread, method.borrow(), {}));
  if (is_str(result.value()) || is_bytes(result.value())) return result;
  return raise<TypeError>(thread, "expected {}.__fspath__() to return str or bytes, not {}", type_name_in(path), type_name_in(result.borrow()));
}
Word posix_getpid(Thread&) { return getpid(); }
Word posix_getppid(Thread&) { return getppid(); }
Word posix_getuid(Thread&) { return getuid(); }
Word posix_geteuid(Thread&) { return geteuid(); }
Word posix_getgid(Thread&) { return getgid(); }
Word posix_getegid(Thread&) { return getegid(); }
Result<void> posix_exit(Thread&, int status) { _exit(status); }
AnyResult posix_strerror(Thread& thread, int code) { return str_from_filesystem(thread, strerror(code)); }
AnyResult posix_urandom(Thread& thread, Word size) {
  if (size < 0) return raise<ValueError>(thread, "negative argument not allowed");
  Ref<Bytes> bytes = TRY(bytes_create(thread, static_cast<size_t>(size)));
  for (Word done = 0; done < size;) {
    long got = TRY(retry(thread, [&] { return getrandom(bytes->data() + done, static_cast<size_t>(size - done), 0); }));
    if (got < 0) return raise_os_error(thread, errno);
    done += got;
  }
  return bytes;
}
AnyResult posix_cpu_count(Thread&) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return AnyRef::adopt(count < 1 ? kNone : small_int(count));
}
Result<void> posix_putenv(Thread& thread, Any name, Any value) {
  Ref<Bytes> key = TRY(bytes_from_path(thread, name)), text = TRY(bytes_from_path(thread, value));
  if (key->view().find('=') != std::string_view::npos) return raise<ValueError>(thread, "illegal environment variable name");
  if (setenv(key->data(), text->data(), 1) < 0) return raise_os_error(thread, errno);
  return {};
}
Result<void> posix_unsetenv(Thread& thread, Any name) {
  Ref<Bytes> key = TRY(bytes_from_path(thread, name));
  if (unsetenv(key->data()) < 0) return raise_os_error(thread, errno);
  return {};
}

// (drive, root, rest) of a path: on POSIX there are no drives, and two leading slashes are a root of their own.
AnyResult posix_path_splitroot_ex(Thread& thread, Any path) {
  AnyRef text = TRY(posix_fspath(thread, path));
  bool is_text = is_str(text.value());
  auto at = [&](Word i) -> int {
    if (is_text) {
      StrView view = str_view(Borrowed<Str>(text.value()));
      return i < view.length ? static_cast<int>(view[i]) : -1;
    }
    std::string_view view = Borrowed<Bytes>(text.value())->view();
    return i < static_cast<Word>(view.size()) ? view[static_cast<size_t>(i)] : -1;
  };
  Word root = at(0) != '/' ? 0 : at(1) == '/' && at(2) != '/' ? 2 : 1;
  if (is_text) {
    Borrowed<Str> str(text.value());
    Ref<Str> head = TRY(str_substring(thread, str, 0, root)), rest = TRY(str_substring(thread, str, root, str->length()));
    return tuple_of(thread, {Value(str_empty()), head.value(), rest.value()});
  }
  std::string_view view = Borrowed<Bytes>(text.value())->view();
  Ref<Bytes> drive = TRY(bytes_from(thread, "")), head = TRY(bytes_from(thread, view.substr(0, static_cast<size_t>(root)))),
             rest = TRY(bytes_from(thread, view.substr(static_cast<size_t>(root))));
  return tuple_of(thread, {drive.value(), head.value(), rest.value()});
}

// posixpath.normpath.
AnyResult posix_path_normpath(Thread& thread, Any path) {
  Path given;
  AnyRef text = TRY(posix_fspath(thread, path));
  given.was_bytes = is_bytes(text.value());
  std::string source;
  if (given.was_bytes) {
    source = Borrowed<Bytes>(text.value())->view();
  } else {
    Ref<Bytes> bytes = TRY(bytes_from_path(thread, text));
    source = bytes->view();
  }
  if (source.empty()) return path_text(thread, given, ".");
  size_t slashes = source[0] != '/' ? 0 : source.size() > 1 && source[1] == '/' && !(source.size() > 2 && source[2] == '/') ? 2 : 1;
  std::vector<std::string> parts;
  for (size_t start = 0; start <= source.size();) {
    size_t end = source.find('/', start);
    if (end == std::string::npos) end = source.size();
    std::string part = source.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != ".." || (!slashes && parts.empty()) || (!parts.empty() && parts.back() == "..")) parts.push_back(part);
    else if (!parts.empty()) parts.pop_back();
  }
  std::string joined(slashes, '/');
  for (size_t i = 0; i < parts.size(); ++i) joined += (i ? "/" : "") + parts[i];
  return path_text(thread, given, joined.empty() ? "." : joined.c_str());
}

constexpr Method posix_functions[] = {
    function<posix_stat>("stat(path, *, dir_fd=None, follow_symlinks=True)", "Perform a stat system call on the given path."),
    function<posix_lstat>("lstat(path, *, dir_fd=None)", "Perform a stat system call on the given path, without following symbolic links."),
    function<posix_fstat>("fstat(fd)", "Perform a stat system call on the given file descriptor."),
    function<posix_access>("access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)", "Use the real uid/gid to test for access to a path."),
    function<posix_listdir>("listdir(path=None)", "Return a list containing the names of the files in the directory."),
    function<posix_getcwd>("getcwd()", "Return a unicode string representing the current working directory."),
    function<posix_getcwdb>("getcwdb()", "Return a bytes string representing the current working directory."),
    function<posix_chdir>("chdir(path)", "Change the current working directory to the specified path."),
    function<posix_rmdir>("rmdir(path, *, dir_fd=None)", "Remove a directory."),
    function<posix_unlink>("unlink(path, *, dir_fd=None)", "Remove a file (same as remove())."),
    function<posix_unlink>("remove(path, *, dir_fd=None)", "Remove a file (same as unlink())."),
    function<posix_mkdir>("mkdir(path, mode=511, *, dir_fd=None)", "Create a directory."),
    function<posix_chmod>("chmod(path, mode, *, dir_fd=None, follow_symlinks=True)", "Change the access permissions of a file."),
    function<posix_rename>("rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Rename a file or directory."),
    function<posix_rename>("replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Rename a file or directory, overwriting the destination."),
    function<posix_symlink>("symlink(src, dst, target_is_directory=False, *, dir_fd=None)", "Create a symbolic link pointing to src named dst."),
    function<posix_readlink>("readlink(path, *, dir_fd=None)", "Return a string representing the path to which the symbolic link points."),
    function<posix_open>("open(path, flags, mode=511, *, dir_fd=None)", "Open a file for low level IO.  Returns a file descriptor (integer)."),
    function<posix_close>("close(fd)", "Close a file descriptor."),
    function<posix_read>("read(fd, length, /)", "Read from a file descriptor.  Returns a bytes object."),
    function<posix_write>("write(fd, data, /)", "Write a bytes object to a file descriptor."),
    function<posix_lseek>("lseek(fd, position, whence, /)", "Set the position of a file descriptor.  Return the new position."),
    function<posix_isatty>("isatty(fd, /)", "Return True if the fd is connected to a terminal."),
    function<posix_fspath>("fspath(path)", "Return the file system path representation of the object."),
    function<posix_getpid>("getpid()", "Return the current process id."),
    function<posix_getppid>("getppid()", "Return the parent's process id."),
    function<posix_getuid>("getuid()", "Return the current process's user id."),
    function<posix_geteuid>("geteuid()", "Return the current process's effective user id."),
    function<posix_getgid>("getgid()", "Return the current process's group id."),
    function<posix_getegid>("getegid()", "Return the current process's effective group id."),
    function<posix_exit>("_exit(status)", "Exit to the system with specified status, without normal exit processing."),
    function<posix_strerror>("strerror(code, /)", "Translate an error code to a message string."),
    function<posix_urandom>("urandom(size, /)", "Return a bytes object containing random bytes suitable for cryptographic use."),
    function<posix_cpu_count>("cpu_count()", "Return the number of logical CPUs in the system."),
    function<posix_putenv>("putenv(name, value, /)", "Change or add an environment variable."),
    function<posix_unsetenv>("unsetenv(name, /)", "Delete an environment variable."),
    function<posix_path_splitroot_ex>("_path_splitroot_ex(path, /)", "Split a pathname into drive, root and tail."),
    function<posix_path_normpath>("_path_normpath(path, /)", "Normalize path, eliminating double slashes, etc."),
};

constexpr ModuleConstant posix_constants[] = {
    constant("F_OK", F_OK), constant("R_OK", R_OK), constant("W_OK", W_OK), constant("X_OK", X_OK), constant("O_RDONLY", O_RDONLY),
    constant("O_WRONLY", O_WRONLY), constant("O_RDWR", O_RDWR), constant("O_CREAT", O_CREAT), constant("O_EXCL", O_EXCL), constant("O_TRUNC", O_TRUNC),
    constant("O_APPEND", O_APPEND), constant("O_NONBLOCK", O_NONBLOCK), constant("O_CLOEXEC", O_CLOEXEC), constant("O_NOFOLLOW", O_NOFOLLOW),
    constant("O_DIRECTORY", O_DIRECTORY), constant("O_SYNC", O_SYNC), constant("O_NOCTTY", O_NOCTTY), constant("EX_OK", 0),
};

Result<void> posix_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(structseq_ready(thread, stat_result));
  TRY(structseq_ready(thread, terminal_size));
  TRY(structseq_ready(thread, uname_result));
  TRY(module_set(thread, module, "stat_result", Any(Value(stat_result.type.type))));
  TRY(module_set(thread, module, "terminal_size", Any(Value(terminal_size.type.type))));
  TRY(module_set(thread, module, "uname_result", Any(Value(uname_result.type.type))));
  TRY(module_set(thread, module, "error", Any(Value(EXCEPTION(OSError)))));
  Ref<Dict> environment = TRY(dict_create(thread));
  for (char** entry = environ; *entry; ++entry) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    Ref<Bytes> key = TRY(bytes_from(thread, text.substr(0, equals))), value = TRY(bytes_from(thread, text.substr(equals + 1)));
    TRY(dict_set(thread, environment, key.borrow(), value.borrow()));
  }
  TRY(module_set(thread, module, "environ", environment));
  Ref<List> have = TRY(list_create(thread));
  return module_set(thread, module, "_have_functions", have);
}
}  // namespace

extern const ModuleSpec posix_module{.name = "posix", .doc = "This module provides access to operating system functionality that is\nstandardized by the C Standard and the POSIX standard.",
                                     .functions = posix_functions, .constants = posix_constants, .initialize = posix_initialize};

}  // namespace dx
