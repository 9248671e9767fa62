// posix: names in the file system.

#include "modules/posix/posix.h"

#include <climits>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/list.h"
#include "objects/str.h"

namespace dx {

Result<void> path_from(Thread& thread, Any value, Path& path, const char* function,
                       const char* argument, unsigned form) {
  if (value.is_none() && (form & kPathOrNone)) {
    path.bytes = Maybe<Ref<Bytes>>(TRY(bytes_from(thread, ".")));
    return {};
  }
  AnyRef object = share(thread, value);
  if (!is_str(value) && !is_bytes(value)) {
    AnyLookup method = lookup_special(thread, value, NAME("__fspath__"));
    if (method.raised()) return Raised{};
    if (method.found() && !method.value().is_none()) {
      object = TRY(call(thread, method.borrow(), {}));
      if (!is_str(object.value()) && !is_bytes(object.value())) {
        return raise<TypeError>(thread, "expected {}.__fspath__() to return str or bytes, not {}",
                                type_name_in(value), type_name_in(object.borrow()));
      }
    } else if ((form & kPathOrDescriptor) && has_index(value)) {
      if (value.value().is_bool())
        TRY(warn<RuntimeWarning>(thread, 1, "bool is used as a file descriptor"));
      AnyRef number = TRY(to_index(thread, value));
      Word descriptor;
      if (!int_to_word(number.value(), descriptor) || descriptor > INT_MAX ||
          descriptor < INT_MIN) {
        return raise<OverflowError>(thread, int_sign(number.value()) < 0
                                                ? "fd is less than minimum"
                                                : "fd is greater than maximum");
      }
      path.descriptor = static_cast<int>(descriptor);
      path.is_descriptor = true;
      path.object = std::move(object);
      return {};
    } else {
      const char* allowed = form == 0                   ? "string, bytes or os.PathLike"
                            : form == kPathOrDescriptor ? "string, bytes, os.PathLike or integer"
                            : form == kPathOrNone       ? "string, bytes, os.PathLike or None"
                                                  : "string, bytes, os.PathLike, integer or None";
      return raise<TypeError>(thread, "{}: {} should be {}, not {}", function, argument, allowed,
                              type_name_in(value));
    }
  }
  path.was_bytes = is_bytes(object.value());
  Result<Ref<Bytes>> bytes = bytes_from_path(thread, object);
  if (bytes.raised()) {
    if (!pending_is<ValueError>(thread) || pending_is<UnicodeError>(thread)) return Raised{};
    clear_exception(thread);
    return raise<ValueError>(thread, "{}: embedded null character in {}", function, argument);
  }
  path.bytes = Maybe<Ref<Bytes>>(bytes.take());
  path.object = std::move(object);
  return {};
}
AnyResult path_text(Thread& thread, const Path& path, std::string_view text) {
  if (path.was_bytes) return bytes_from(thread, text);
  return str_from_filesystem(thread, text);
}
Raised raise_path_error(Thread& thread, int error, const Path& path) {
  if (path.object.value().is_none()) return raise_os_error(thread, error);
  return raise_os_error(thread, error, MaybeAny(path.object.value()));
}

Result<int> directory_from(Thread& thread, Any dir_fd) {
  if (dir_fd.is_none()) return AT_FDCWD;
  if (!has_index(dir_fd))
    return raise<TypeError>(thread, "argument should be integer or None, not {}",
                            type_name_in(dir_fd));
  AnyRef index = TRY(to_index(thread, dir_fd));
  Word number;
  if (!int_to_word(index.value(), number) || number > INT_MAX || number < INT_MIN) {
    return raise<OverflowError>(thread, int_sign(index.value()) < 0 ? "fd is less than minimum"
                                                                    : "fd is greater than maximum");
  }
  return static_cast<int>(number);
}
Result<int> descriptor_from(Thread& thread, Any object) {
  AnyRef number = share(thread, object);
  if (object.value().is_bool())
    TRY(warn<RuntimeWarning>(thread, 1, "bool is used as a file descriptor"));
  if (!is_int(object)) {
    AnyLookup method = lookup_attr(thread, object, NAME("fileno"));
    if (method.raised()) return Raised{};
    if (method.is_absent())
      return raise<TypeError>(thread, "argument must be an int, or have a fileno() method.");
    number = TRY(call(thread, method.borrow(), {}));
    if (!is_int(number.value())) return raise<TypeError>(thread, "fileno() returned a non-integer");
  }
  Word descriptor;
  if (!int_to_word(number.value(), descriptor) || descriptor > INT_MAX || descriptor < INT_MIN) {
    return raise<OverflowError>(thread, "Python int too large to convert to C int");
  }
  if (descriptor < 0)
    return raise<ValueError>(thread, "file descriptor cannot be a negative integer ({})",
                             descriptor);
  return static_cast<int>(descriptor);
}
Result<uint32_t> id_from(Thread& thread, Any value, const char* what) {
  if (!has_index(value))
    return raise<TypeError>(thread, "{} should be integer, not {}", what, type_name_in(value));
  AnyRef number = TRY(to_index(thread, value));
  Word id;
  if (!int_to_word(number.value(), id) || id > UINT32_MAX || id < -1) {
    return raise<OverflowError>(
        thread,
        int_sign(number.value()) < 0 ? "{} is less than minimum" : "{} is greater than maximum",
        what);
  }
  return static_cast<uint32_t>(id);
}
AnyResult id_value(Thread& thread, uint32_t id) {
  return int_from_word(thread, id == UINT32_MAX ? -1 : Word{id});
}

AnyResult stat_object(Thread& thread, const struct stat& info) {
  Value fields[19];
  size_t count = 0;
  bool failed = false;
  auto add = [&](AnyResult value) {
    if (failed || value.raised())
      failed = true;
    else
      fields[count++] = value.release();
  };
  auto word = [&](Word number) { add(int_from_word(thread, number)); };
  word(info.st_mode);
  add(int_from_u64(thread, info.st_ino));
  add(int_from_u64(thread, info.st_dev));
  word(static_cast<Word>(info.st_nlink));
  add(id_value(thread, info.st_uid));
  add(id_value(thread, info.st_gid));
  word(info.st_size);
  const struct timespec* times[] = {&info.st_atim, &info.st_mtim, &info.st_ctim};
  for (const struct timespec* at : times) word(at->tv_sec);
  for (const struct timespec* at : times)
    add(float_from_double(
        thread, static_cast<double>(at->tv_sec) + 1e-9 * static_cast<double>(at->tv_nsec)));
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

namespace {

// The checks that come with dir_fd and follow_symlinks where a path may be a descriptor.
Result<int> place_of(Thread& thread, const Path& path, Any dir_fd, bool follow,
                     const char* function) {
  int directory = TRY(directory_from(thread, dir_fd));
  if (path.is_descriptor && directory != AT_FDCWD)
    return raise<ValueError>(thread, "{}: can't specify dir_fd without matching path", function);
  if (path.is_descriptor && !follow)
    return raise<ValueError>(thread, "{}: cannot use fd and follow_symlinks together", function);
  return directory;
}
// One call about one path.
template <class Call>
Result<long> path_call(Thread& thread, const Path& path, Call call) {
  long result = TRY(retry(thread, call));
  if (result < 0) return raise_path_error(thread, errno, path);
  return result;
}

// ---- stat ---------------------------------------------------------------------------------------
AnyResult do_stat(Thread& thread, Any path_value, Any dir_fd, bool follow, const char* function,
                  unsigned form) {
  Path path;
  TRY(path_from(thread, path_value, path, function, "path", form));
  int directory = TRY(place_of(thread, path, dir_fd, follow || form == kPathOnly, function));
  struct stat info;
  (void)TRY(path_call(thread, path, [&] {
    return path.is_descriptor
               ? fstat(path.descriptor, &info)
               : fstatat(directory, path.text(), &info, follow ? 0 : AT_SYMLINK_NOFOLLOW);
  }));
  return stat_object(thread, info);
}
AnyResult posix_stat(Thread& thread, Any path, Any dir_fd, bool follow_symlinks) {
  return do_stat(thread, path, dir_fd, follow_symlinks, "stat", kPathOrDescriptor);
}
AnyResult posix_lstat(Thread& thread, Any path, Any dir_fd) {
  return do_stat(thread, path, dir_fd, false, "lstat", kPathOnly);
}
AnyResult posix_fstat(Thread& thread, int fd) {
  struct stat info;
  (void)TRY(system_call(thread, [&] { return fstat(fd, &info); }));
  return stat_object(thread, info);
}
Result<bool> posix_access(Thread& thread, Any path_value, int mode, Any dir_fd, bool effective_ids,
                          bool follow_symlinks) {
  Path path;
  TRY(path_from(thread, path_value, path, "access"));
  int directory = TRY(directory_from(thread, dir_fd));
  int flags = (effective_ids ? AT_EACCESS : 0) | (follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW);
  return TRY(retry(thread, [&] { return faccessat(directory, path.text(), mode, flags); })) == 0;
}
AnyResult statvfs_object(Thread& thread, const struct statvfs& info) {
  uint64_t numbers[] = {info.f_bsize,  info.f_frsize,  info.f_blocks, info.f_bfree,
                        info.f_bavail, info.f_files,   info.f_ffree,  info.f_favail,
                        info.f_flag,   info.f_namemax, info.f_fsid};
  Value fields[11];
  for (size_t i = 0; i < 11; ++i) {
    AnyResult number = int_from_u64(thread, numbers[i]);
    if (number.raised()) {
      while (i > 0) decref(thread, fields[--i]);
      return Raised{};
    }
    fields[i] = number.release();
  }
  return structseq_create(thread, statvfs_result, fields);
}
AnyResult posix_statvfs(Thread& thread, Any path_value) {
  Path path;
  TRY(path_from(thread, path_value, path, "statvfs", "path", kPathOrDescriptor));
  struct statvfs info;
  (void)TRY(path_call(thread, path, [&] {
    return path.is_descriptor ? fstatvfs(path.descriptor, &info) : statvfs(path.text(), &info);
  }));
  return statvfs_object(thread, info);
}
AnyResult posix_fstatvfs(Thread& thread, int fd) {
  struct statvfs info;
  (void)TRY(system_call(thread, [&] { return fstatvfs(fd, &info); }));
  return statvfs_object(thread, info);
}

// ---- directories --------------------------------------------------------------------------------
AnyResult posix_listdir(Thread& thread, Any path_value) {
  TRY(audit(thread, "os.listdir", {path_value.value()}));
  Path path;
  TRY(path_from(thread, path_value, path, "listdir", "path", kPathOrDescriptor | kPathOrNone));
  DIR* folder = nullptr;
  int error = 0;
  {
    OfflineScope offline(thread);
    int own = path.is_descriptor ? fcntl(path.descriptor, F_DUPFD_CLOEXEC, 0) : -1;
    if (!path.is_descriptor || own >= 0)
      folder = path.is_descriptor ? fdopendir(own) : opendir(path.text());
    error = errno;
    if (!folder && own >= 0) close(own);
    if (folder && path.is_descriptor) rewinddir(folder);
  }
  if (!folder) return raise_path_error(thread, error, path);
  Ref<List> names = TRY(list_create(thread));
  for (;;) {
    struct dirent* entry;
    {
      OfflineScope offline(thread);
      errno = 0;
      entry = readdir(folder);
      error = errno;
    }
    if (!entry) break;
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    AnyResult text = path_text(thread, path, name);
    if (text.raised() || list_append(thread, names, text.take()).raised()) {
      closedir(folder);
      return Raised{};
    }
  }
  if (path.is_descriptor) rewinddir(folder);
  closedir(folder);
  if (error) return raise_path_error(thread, error, path);
  return names;
}
template <class Call>
Result<void> one_path(Thread& thread, Any path_value, Any dir_fd, const char* function, Call call) {
  Path path;
  TRY(path_from(thread, path_value, path, function));
  int directory = TRY(directory_from(thread, dir_fd));
  return done(path_call(thread, path, [&] { return call(directory, path.text()); }));
}
Result<void> posix_chdir(Thread& thread, Any path_value) {
  TRY(audit(thread, "os.chdir", {path_value.value()}));
  Path path;
  TRY(path_from(thread, path_value, path, "chdir", "path", kPathOrDescriptor));
  return done(path_call(thread, path, [&] {
    return path.is_descriptor ? fchdir(path.descriptor) : chdir(path.text());
  }));
}
Result<void> posix_fchdir(Thread& thread, Any fd) {
  TRY(audit(thread, "os.chdir", {fd.value()}));
  int descriptor = TRY(descriptor_from(thread, fd));
  return done(system_call(thread, [&] { return fchdir(descriptor); }));
}
Result<void> posix_chroot(Thread& thread, Any path) {
  return one_path(thread, path, kNone, "chroot",
                  [](int, const char* text) { return chroot(text); });
}
AnyResult working_directory(Thread& thread, bool bytes) {
  std::string room(PATH_MAX, '\0');
  while (!getcwd(room.data(), room.size())) {
    if (errno != ERANGE) return raise_os_error(thread, errno);
    room.resize(room.size() * 2);
  }
  std::string_view text = room.c_str();
  return bytes ? AnyResult(bytes_from(thread, text)) : AnyResult(str_from_filesystem(thread, text));
}
AnyResult posix_getcwd(Thread& thread) { return working_directory(thread, false); }
AnyResult posix_getcwdb(Thread& thread) { return working_directory(thread, true); }
Result<void> posix_rmdir(Thread& thread, Any path, Any dir_fd) {
  TRY(audit(thread, "os.rmdir", {path.value(), shown_directory(dir_fd)}));
  return one_path(thread, path, dir_fd, "rmdir",
                  [](int at, const char* text) { return unlinkat(at, text, AT_REMOVEDIR); });
}
Result<void> posix_mkdir(Thread& thread, Any path, int mode, Any dir_fd) {
  TRY(audit(thread, "os.mkdir", {path.value(), small_int(mode), shown_directory(dir_fd)}));
  return one_path(thread, path, dir_fd, "mkdir", [&](int at, const char* text) {
    return mkdirat(at, text, static_cast<mode_t>(mode));
  });
}
Result<void> posix_unlink(Thread& thread, Any path, Any dir_fd) {
  TRY(audit(thread, "os.remove", {path.value(), shown_directory(dir_fd)}));
  return one_path(thread, path, dir_fd, "unlink",
                  [](int at, const char* text) { return unlinkat(at, text, 0); });
}
Result<void> posix_remove(Thread& thread, Any path, Any dir_fd) {
  TRY(audit(thread, "os.remove", {path.value(), shown_directory(dir_fd)}));
  return one_path(thread, path, dir_fd, "remove",
                  [](int at, const char* text) { return unlinkat(at, text, 0); });
}
Result<void> posix_mkfifo(Thread& thread, Any path_value, int mode, Any dir_fd) {
  Path path;
  TRY(path_from(thread, path_value, path, "mkfifo"));
  int directory = TRY(directory_from(thread, dir_fd));
  return done(system_call(
      thread, [&] { return mkfifoat(directory, path.text(), static_cast<mode_t>(mode)); }));
}
Result<void> posix_mknod(Thread& thread, Any path_value, int mode, Any device, Any dir_fd) {
  Path path;
  TRY(path_from(thread, path_value, path, "mknod"));
  int directory = TRY(directory_from(thread, dir_fd));
  AnyRef number = TRY(to_index(thread, device));
  uint64_t dev = TRY(int_u64(thread, number.value()));
  return done(system_call(
      thread, [&] { return mknodat(directory, path.text(), static_cast<mode_t>(mode), dev); }));
}
AnyResult posix_major(Thread& thread, Any device) {
  AnyRef number = TRY(to_index(thread, device));
  return int_from_word(thread, major(TRY(int_u64(thread, number.value()))));
}
AnyResult posix_minor(Thread& thread, Any device) {
  AnyRef number = TRY(to_index(thread, device));
  return int_from_word(thread, minor(TRY(int_u64(thread, number.value()))));
}
// A half of a device number; -1 is "no device".
Result<unsigned> device_half(Thread& thread, Any value) {
  AnyRef index = TRY(to_index(thread, value));
  if (index.value() == small_int(-1)) return ~0u;
  uint64_t number = TRY(int_u64(thread, index.value()));
  if (number > UINT32_MAX)
    return raise<OverflowError>(thread, "Python int too large to convert to C unsigned int");
  return static_cast<unsigned>(number);
}
AnyResult posix_makedev(Thread& thread, Any high, Any low) {
  unsigned high_half = TRY(device_half(thread, high)), low_half = TRY(device_half(thread, low));
  return int_from_u64(thread, makedev(high_half, low_half));
}

// ---- two paths ----------------------------------------------------------------------------------
template <class Call>
Result<void> two_paths(Thread& thread, Any source, Any target, Any source_fd, Any target_fd,
                       const char* function, Call call) {
  Path from, to;
  TRY(path_from(thread, source, from, function, "src"));
  TRY(path_from(thread, target, to, function, "dst"));
  int source_directory = TRY(directory_from(thread, source_fd)),
      target_directory = TRY(directory_from(thread, target_fd));
  if (TRY(retry(thread, [&] {
        return call(source_directory, from.text(), target_directory, to.text());
      })) < 0) {
    return raise_os_error(thread, errno, MaybeAny(from.object.value()),
                          MaybeAny(to.object.value()));
  }
  return {};
}
Result<void> posix_rename(Thread& thread, Any src, Any dst, Any src_dir_fd, Any dst_dir_fd) {
  TRY(audit(thread, "os.rename",
            {src.value(), dst.value(), shown_directory(src_dir_fd), shown_directory(dst_dir_fd)}));
  return two_paths(thread, src, dst, src_dir_fd, dst_dir_fd, "rename", renameat);
}
Result<void> posix_replace(Thread& thread, Any src, Any dst, Any src_dir_fd, Any dst_dir_fd) {
  TRY(audit(thread, "os.rename",
            {src.value(), dst.value(), shown_directory(src_dir_fd), shown_directory(dst_dir_fd)}));
  return two_paths(thread, src, dst, src_dir_fd, dst_dir_fd, "replace", renameat);
}
Result<void> posix_link(Thread& thread, Any src, Any dst, Any src_dir_fd, Any dst_dir_fd,
                        bool follow_symlinks) {
  TRY(audit(thread, "os.link",
            {src.value(), dst.value(), shown_directory(src_dir_fd), shown_directory(dst_dir_fd)}));
  return two_paths(thread, src, dst, src_dir_fd, dst_dir_fd, "link",
                   [&](int a, const char* from, int b, const char* to) {
                     return linkat(a, from, b, to, follow_symlinks ? AT_SYMLINK_FOLLOW : 0);
                   });
}
Result<void> posix_symlink(Thread& thread, Any src, Any dst, bool, Any dir_fd) {
  TRY(audit(thread, "os.symlink", {src.value(), dst.value(), shown_directory(dir_fd)}));
  return two_paths(
      thread, src, dst, kNone, dir_fd, "symlink",
      [](int, const char* from, int at, const char* to) { return symlinkat(from, at, to); });
}
AnyResult posix_readlink(Thread& thread, Any path_value, Any dir_fd) {
  Path path;
  TRY(path_from(thread, path_value, path, "readlink"));
  int directory = TRY(directory_from(thread, dir_fd));
  char buffer[PATH_MAX + 1];
  long size = TRY(path_call(thread, path,
                            [&] { return readlinkat(directory, path.text(), buffer, PATH_MAX); }));
  return path_text(thread, path, std::string_view(buffer, static_cast<size_t>(size)));
}

// ---- modes, owners, times, sizes ----------------------------------------------------------------
Result<void> posix_chmod(Thread& thread, Any path_value, int mode, Any dir_fd,
                         bool follow_symlinks) {
  TRY(audit(thread, "os.chmod", {path_value.value(), small_int(mode), shown_directory(dir_fd)}));
  Path path;
  TRY(path_from(thread, path_value, path, "chmod", "path", kPathOrDescriptor));
  int directory = TRY(place_of(thread, path, dir_fd, follow_symlinks, "chmod"));
  int flags = follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW;
  long result = TRY(retry(thread, [&] {
    return path.is_descriptor ? fchmod(path.descriptor, static_cast<mode_t>(mode))
                              : fchmodat(directory, path.text(), static_cast<mode_t>(mode), flags);
  }));
  if (result < 0 && flags && (errno == ENOTSUP || errno == EOPNOTSUPP)) {
    return raise<NotImplementedError>(thread,
                                      "chmod: follow_symlinks unavailable on this platform");
  }
  if (result < 0) return raise_path_error(thread, errno, path);
  return {};
}
Result<void> posix_fchmod(Thread& thread, int fd, int mode) {
  TRY(audit(thread, "os.chmod", {small_int(fd), small_int(mode), small_int(-1)}));
  return done(system_call(thread, [&] { return fchmod(fd, static_cast<mode_t>(mode)); }));
}
Result<void> posix_chown(Thread& thread, Any path_value, Any uid, Any gid, Any dir_fd,
                         bool follow_symlinks) {
  TRY(audit(thread, "os.chown",
            {path_value.value(), uid.value(), gid.value(), shown_directory(dir_fd)}));
  Path path;
  TRY(path_from(thread, path_value, path, "chown", "path", kPathOrDescriptor));
  uint32_t user = TRY(id_from(thread, uid, "uid")), group = TRY(id_from(thread, gid, "gid"));
  int directory = TRY(place_of(thread, path, dir_fd, follow_symlinks, "chown"));
  return done(path_call(thread, path, [&] {
    return path.is_descriptor ? fchown(path.descriptor, user, group)
                              : fchownat(directory, path.text(), user, group,
                                         follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW);
  }));
}
Result<void> posix_fchown(Thread& thread, int fd, Any uid, Any gid) {
  TRY(audit(thread, "os.chown", {small_int(fd), uid.value(), gid.value(), small_int(-1)}));
  uint32_t user = TRY(id_from(thread, uid, "uid")), group = TRY(id_from(thread, gid, "gid"));
  return done(system_call(thread, [&] { return fchown(fd, user, group); }));
}
Result<void> posix_lchown(Thread& thread, Any path_value, Any uid, Any gid) {
  TRY(audit(thread, "os.chown", {path_value.value(), uid.value(), gid.value(), small_int(-1)}));
  Path path;
  TRY(path_from(thread, path_value, path, "lchown"));
  uint32_t user = TRY(id_from(thread, uid, "uid")), group = TRY(id_from(thread, gid, "gid"));
  return done(path_call(thread, path, [&] { return lchown(path.text(), user, group); }));
}

// Seconds (int or float, rounded down) as a timespec.
Result<void> timespec_from(Thread& thread, Any value, struct timespec& out) {
  if (value.value().is_float() || has_layout(value, kShapeFloat)) {
    double seconds = TRY(float_convert(thread, value));
    if (std::isnan(seconds)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
    double whole = std::floor(seconds);
    if (!(whole >= -9.2e18 && whole <= 9.2e18))
      return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
    out.tv_sec = static_cast<time_t>(whole);
    out.tv_nsec = static_cast<long>(std::floor((seconds - whole) * 1e9));
    if (out.tv_nsec > 999999999) out.tv_nsec = 999999999;
    return {};
  }
  AnyRef index = TRY(to_index(thread, value));
  Word seconds;
  if (!int_to_word(index.value(), seconds))
    return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
  out.tv_sec = seconds;
  out.tv_nsec = 0;
  return {};
}
Result<void> nanoseconds_from(Thread& thread, Any value, struct timespec& out) {
  AnyRef billion = AnyRef::adopt(small_int(1000000000));
  AnyRef pair = TRY(number_divmod(thread, value, billion));
  if (!is_tuple(pair.value()) || Borrowed<Tuple>(pair.value())->size != 2) {
    return raise<TypeError>(thread, "{}.__divmod__() must return a 2-tuple, not {}",
                            type_name_in(value), type_name_in(pair.borrow()));
  }
  Any seconds = Borrowed<Tuple>(pair.value())->item(0),
      rest = Borrowed<Tuple>(pair.value())->item(1);
  out.tv_sec = TRY(int_word(thread, TRY(to_index(thread, seconds)).value(),
                            "timestamp out of range for platform time_t"));
  out.tv_nsec = TRY(index_word(thread, rest));
  return {};
}
Result<void> posix_utime(Thread& thread, Any path_value, Any times, MaybeAny ns, Any dir_fd,
                         bool follow_symlinks) {
  TRY(audit(thread, "os.utime",
            {path_value.value(), times.value(), ns ? ns.value() : kNone, shown_directory(dir_fd)}));
  Path path;
  TRY(path_from(thread, path_value, path, "utime", "path", kPathOrDescriptor));
  struct timespec at[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
  if (!times.is_none() && ns)
    return raise<ValueError>(thread, "utime: you may specify either 'times' or 'ns' but not both");
  if (!times.is_none()) {
    if (!is_tuple(times) || Borrowed<Tuple>(times.value())->size != 2)
      return raise<TypeError>(thread, "utime: 'times' must be either a tuple of two ints or None");
    for (Word i = 0; i < 2; ++i)
      TRY(timespec_from(thread, Borrowed<Tuple>(times.value())->item(i), at[i]));
  }
  if (ns) {
    if (!is_tuple(ns.value()) || Borrowed<Tuple>(ns.value())->size != 2)
      return raise<TypeError>(thread, "utime: 'ns' must be a tuple of two ints");
    for (Word i = 0; i < 2; ++i)
      TRY(nanoseconds_from(thread, Borrowed<Tuple>(ns.value())->item(i), at[i]));
  }
  int directory = TRY(place_of(thread, path, dir_fd, follow_symlinks, "utime"));
  return done(path_call(thread, path, [&] {
    return path.is_descriptor
               ? futimens(path.descriptor, at)
               : utimensat(directory, path.text(), at, follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW);
  }));
}
Result<void> posix_truncate(Thread& thread, Any path_value, Any length) {
  TRY(audit(thread, "os.truncate", {path_value.value(), length.value()}));
  Path path;
  TRY(path_from(thread, path_value, path, "truncate", "path", kPathOrDescriptor));
  AnyRef index = TRY(to_index(thread, length));
  Word size = TRY(int_word(thread, index.value()));
  return done(path_call(thread, path, [&] {
    return path.is_descriptor ? ftruncate(path.descriptor, size) : truncate(path.text(), size);
  }));
}
Result<void> posix_ftruncate(Thread& thread, int fd, Word length) {
  TRY(audit(thread, "os.truncate", {small_int(fd), small_int(length)}));
  return done(system_call(thread, [&] { return ftruncate(fd, length); }));
}
Word posix_umask(Thread&, int mask) { return umask(static_cast<mode_t>(mask)); }

AnyResult posix_pathconf(Thread& thread, Any path_value, Any name) {
  Path path;
  TRY(path_from(thread, path_value, path, "pathconf", "path", kPathOrDescriptor));
  int what = TRY(name_value(thread, name, pathconf_names));
  errno = 0;
  long value = path.is_descriptor ? fpathconf(path.descriptor, what) : pathconf(path.text(), what);
  if (value == -1 && errno) return raise_path_error(thread, errno, path);
  return int_from_word(thread, value);
}
AnyResult posix_fpathconf(Thread& thread, Any fd, Any name) {
  int descriptor = TRY(descriptor_from(thread, fd)),
      what = TRY(name_value(thread, name, pathconf_names));
  errno = 0;
  long value = fpathconf(descriptor, what);
  if (value == -1 && errno) return raise_os_error(thread, errno);
  return int_from_word(thread, value);
}

// ---- extended attributes ------------------------------------------------------------------------
Result<void> attribute_path(Thread& thread, Any path_value, Path& path, bool follow,
                            const char* function, unsigned form = kPathOrDescriptor) {
  TRY(path_from(thread, path_value, path, function, "path", form));
  if (path.is_descriptor && !follow)
    return raise<ValueError>(thread, "{}: cannot use fd and follow_symlinks together", function);
  return {};
}
AnyResult posix_getxattr(Thread& thread, Any path_value, Any attribute, bool follow_symlinks) {
  TRY(audit(thread, "os.getxattr", {path_value.value(), attribute.value()}));
  Path path, name;
  TRY(attribute_path(thread, path_value, path, follow_symlinks, "getxattr"));
  TRY(path_from(thread, attribute, name, "getxattr", "attribute"));
  for (size_t room : {size_t{128}, size_t{65536}}) {
    Ref<Bytes> value = TRY(bytes_create(thread, room));
    long size = TRY(retry(thread, [&] {
      return path.is_descriptor ? fgetxattr(path.descriptor, name.text(), value->data(), room)
             : follow_symlinks  ? getxattr(path.text(), name.text(), value->data(), room)
                                : lgetxattr(path.text(), name.text(), value->data(), room);
    }));
    if (size >= 0) return bytes_resize(thread, std::move(value), static_cast<size_t>(size));
    if (errno != ERANGE) break;
  }
  return raise_path_error(thread, errno, path);
}
Result<void> posix_setxattr(Thread& thread, Any path_value, Any attribute, Any value, int flags,
                            bool follow_symlinks) {
  TRY(audit(thread, "os.setxattr",
            {path_value.value(), attribute.value(), value.value(), small_int(flags)}));
  Path path, name;
  TRY(attribute_path(thread, path_value, path, follow_symlinks, "setxattr"));
  TRY(path_from(thread, attribute, name, "setxattr", "attribute"));
  BufferScope scope(thread);
  TRY(scope.acquire(value));
  std::string_view data = scope.text();
  return done(path_call(thread, path, [&] {
    return path.is_descriptor
               ? fsetxattr(path.descriptor, name.text(), data.data(), data.size(), flags)
           : follow_symlinks ? setxattr(path.text(), name.text(), data.data(), data.size(), flags)
                             : lsetxattr(path.text(), name.text(), data.data(), data.size(), flags);
  }));
}
Result<void> posix_removexattr(Thread& thread, Any path_value, Any attribute,
                               bool follow_symlinks) {
  TRY(audit(thread, "os.removexattr", {path_value.value(), attribute.value()}));
  Path path, name;
  TRY(attribute_path(thread, path_value, path, follow_symlinks, "removexattr"));
  TRY(path_from(thread, attribute, name, "removexattr", "attribute"));
  return done(path_call(thread, path, [&] {
    return path.is_descriptor ? fremovexattr(path.descriptor, name.text())
           : follow_symlinks  ? removexattr(path.text(), name.text())
                              : lremovexattr(path.text(), name.text());
  }));
}
AnyResult posix_listxattr(Thread& thread, Any path_value, bool follow_symlinks) {
  TRY(audit(thread, "os.listxattr", {path_value.value()}));
  Path path;
  TRY(attribute_path(thread, path_value, path, follow_symlinks, "listxattr",
                     kPathOrDescriptor | kPathOrNone));
  std::string room(65536, '\0');
  long size = TRY(path_call(thread, path, [&] {
    return path.is_descriptor ? flistxattr(path.descriptor, room.data(), room.size())
           : follow_symlinks  ? listxattr(path.text(), room.data(), room.size())
                              : llistxattr(path.text(), room.data(), room.size());
  }));
  Ref<List> names = TRY(list_create(thread));
  for (long at = 0; at < size;) {
    std::string_view name = room.data() + at;
    TRY(list_append(thread, names, TRY(str_from_filesystem(thread, name))));
    at += static_cast<long>(name.size()) + 1;
  }
  return names;
}

constexpr Method functions[] = {
    function<posix_stat>("stat(path, *, dir_fd=None, follow_symlinks=True)",
                         "Perform a stat system call on the given path."),
    function<posix_lstat>(
        "lstat(path, *, dir_fd=None)",
        "Perform a stat system call on the given path, without following symbolic links."),
    function<posix_fstat>("fstat(fd)", "Perform a stat system call on the given file descriptor."),
    function<posix_access>(
        "access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)",
        "Use the real uid/gid to test for access to a path."),
    function<posix_statvfs>("statvfs(path)", "Perform a statvfs system call on the given path."),
    function<posix_fstatvfs>("fstatvfs(fd, /)", "Perform an fstatvfs system call on the given fd."),
    function<posix_listdir>("listdir(path=None)",
                            "Return a list containing the names of the files in the directory."),
    function<posix_getcwd>("getcwd()",
                           "Return a unicode string representing the current working directory."),
    function<posix_getcwdb>("getcwdb()",
                            "Return a bytes string representing the current working directory."),
    function<posix_chdir>("chdir(path)",
                          "Change the current working directory to the specified path."),
    function<posix_fchdir>("fchdir(fd)", "Change to the directory of the given file descriptor."),
    function<posix_chroot>("chroot(path)", "Change root directory to path."),
    function<posix_rmdir>("rmdir(path, *, dir_fd=None)", "Remove a directory."),
    function<posix_mkdir>("mkdir(path, mode=511, *, dir_fd=None)", "Create a directory."),
    function<posix_mkfifo>("mkfifo(path, mode=438, *, dir_fd=None)",
                           "Create a \"fifo\" (a POSIX named pipe)."),
    function<posix_mknod>("mknod(path, mode=384, device=0, *, dir_fd=None)",
                          "Create a node in the file system."),
    function<posix_major>("major(device, /)",
                          "Extracts a device major number from a raw device number."),
    function<posix_minor>("minor(device, /)",
                          "Extracts a device minor number from a raw device number."),
    function<posix_makedev>(
        "makedev(major, minor, /)",
        "Composes a raw device number from the major and minor device numbers."),
    function<posix_unlink>("unlink(path, *, dir_fd=None)", "Remove a file (same as remove())."),
    function<posix_remove>("remove(path, *, dir_fd=None)", "Remove a file (same as unlink())."),
    function<posix_rename>("rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
                           "Rename a file or directory."),
    function<posix_replace>("replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
                            "Rename a file or directory, overwriting the destination."),
    function<posix_link>(
        "link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)",
        "Create a hard link to a file."),
    function<posix_symlink>("symlink(src, dst, target_is_directory=False, *, dir_fd=None)",
                            "Create a symbolic link pointing to src named dst."),
    function<posix_readlink>(
        "readlink(path, *, dir_fd=None)",
        "Return a string representing the path to which the symbolic link points."),
    function<posix_chmod>("chmod(path, mode, *, dir_fd=None, follow_symlinks=True)",
                          "Change the access permissions of a file."),
    function<posix_fchmod>(
        "fchmod(fd, mode)",
        "Change the access permissions of the file given by file descriptor fd."),
    function<posix_chown>("chown(path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
                          "Change the owner and group id of path to the numeric uid and gid."),
    function<posix_fchown>(
        "fchown(fd, uid, gid)",
        "Change the owner and group id of the file specified by file descriptor."),
    function<posix_lchown>(
        "lchown(path, uid, gid)",
        "Change the owner and group id of path; symbolic links are not followed."),
    function<posix_utime>("utime(path, times=None, *, ns=?, dir_fd=None, follow_symlinks=True)",
                          "Set the access and modified time of path."),
    function<posix_truncate>("truncate(path, length)",
                             "Truncate a file, specified by path, to a specific length."),
    function<posix_ftruncate>(
        "ftruncate(fd, length, /)",
        "Truncate a file, specified by file descriptor, to a specific length."),
    function<posix_umask>("umask(mask, /)",
                          "Set the current numeric umask and return the previous umask."),
    function<posix_pathconf>("pathconf(path, name)",
                             "Return the configuration limit name for the file or directory path."),
    function<posix_fpathconf>("fpathconf(fd, name, /)",
                              "Return the configuration limit name for the file descriptor fd."),
    function<posix_getxattr>("getxattr(path, attribute, *, follow_symlinks=True)",
                             "Return the value of extended attribute attribute on path."),
    function<posix_setxattr>("setxattr(path, attribute, value, flags=0, *, follow_symlinks=True)",
                             "Set extended attribute attribute on path to value."),
    function<posix_removexattr>("removexattr(path, attribute, *, follow_symlinks=True)",
                                "Remove extended attribute attribute on path."),
    function<posix_listxattr>("listxattr(path=None, *, follow_symlinks=True)",
                              "Return a list of extended attributes on path."),
};

}  // namespace

const std::span<const Method> posix_file_functions = functions;

}  // namespace dx
