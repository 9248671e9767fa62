// _stat: what the bits of st_mode mean on this system.

#include <sys/stat.h>

#include "objects/int.h"
#include "objects/str.h"

namespace dx {

namespace {

Result<mode_t> mode_of(Thread& thread, Any object) {
  AnyRef number = TRY(to_index(thread, object));
  if (int_sign(number.value()) < 0) {
    return raise<OverflowError>(thread, "can't convert negative value to unsigned int");
  }
  Word mode;
  if (!int_to_word(number.value(), mode)) {
    return raise<OverflowError>(thread, "Python int too large to convert to C unsigned long");
  }
  if (mode > static_cast<Word>(UINT32_MAX))
    return raise<OverflowError>(thread, "mode out of range");
  return static_cast<mode_t>(mode);
}

template <mode_t kind>
Result<bool> is_kind(Thread& thread, Any mode) {
  return (TRY(mode_of(thread, mode)) & S_IFMT) == kind;
}
Result<bool> is_never(Thread& thread, Any mode) {
  TRY(mode_of(thread, mode));
  return false;
}
Result<Word> imode(Thread& thread, Any mode) {
  return static_cast<Word>(TRY(mode_of(thread, mode)) & 07777);
}
Result<Word> ifmt(Thread& thread, Any mode) {
  return static_cast<Word>(TRY(mode_of(thread, mode)) & S_IFMT);
}

AnyResult filemode(Thread& thread, Any mode_value) {
  mode_t mode = TRY(mode_of(thread, mode_value));
  char text[10];
  text[0] = S_ISREG(mode)    ? '-'
            : S_ISDIR(mode)  ? 'd'
            : S_ISLNK(mode)  ? 'l'
            : S_ISBLK(mode)  ? 'b'
            : S_ISCHR(mode)  ? 'c'
            : S_ISFIFO(mode) ? 'p'
            : S_ISSOCK(mode) ? 's'
                             : '?';
  for (int i = 0; i < 9; ++i) text[i + 1] = mode & (0400 >> i) ? "rwx"[i % 3] : '-';
  if (mode & S_ISUID) text[3] = mode & S_IXUSR ? 's' : 'S';
  if (mode & S_ISGID) text[6] = mode & S_IXGRP ? 's' : 'S';
  if (mode & S_ISVTX) text[9] = mode & S_IXOTH ? 't' : 'T';
  return str_from_ascii(thread, {text, sizeof(text)});
}

constexpr Method functions[] = {
    function<is_kind<S_IFDIR>>("S_ISDIR(mode, /)",
                               "S_ISDIR(mode) -> bool\n\nReturn True if mode is from a directory."),
    function<is_kind<S_IFCHR>>(
        "S_ISCHR(mode, /)",
        "S_ISCHR(mode) -> bool\n\nReturn True if mode is from a character special device file."),
    function<is_kind<S_IFBLK>>(
        "S_ISBLK(mode, /)",
        "S_ISBLK(mode) -> bool\n\nReturn True if mode is from a block special device file."),
    function<is_kind<S_IFREG>>(
        "S_ISREG(mode, /)", "S_ISREG(mode) -> bool\n\nReturn True if mode is from a regular file."),
    function<is_kind<S_IFIFO>>(
        "S_ISFIFO(mode, /)",
        "S_ISFIFO(mode) -> bool\n\nReturn True if mode is from a FIFO (named pipe)."),
    function<is_kind<S_IFLNK>>(
        "S_ISLNK(mode, /)",
        "S_ISLNK(mode) -> bool\n\nReturn True if mode is from a symbolic link."),
    function<is_kind<S_IFSOCK>>("S_ISSOCK(mode, /)",
                                "S_ISSOCK(mode) -> bool\n\nReturn True if mode is from a socket."),
    function<is_never>("S_ISDOOR(mode, /)",
                       "S_ISDOOR(mode) -> bool\n\nReturn True if mode is from a door."),
    function<is_never>("S_ISPORT(mode, /)",
                       "S_ISPORT(mode) -> bool\n\nReturn True if mode is from an event port."),
    function<is_never>("S_ISWHT(mode, /)",
                       "S_ISWHT(mode) -> bool\n\nReturn True if mode is from a whiteout."),
    function<imode>("S_IMODE(mode, /)",
                    "Return the portion of the file's mode that can be set by os.chmod()."),
    function<ifmt>("S_IFMT(mode, /)",
                   "Return the portion of the file's mode that describes the file type."),
    function<filemode>("filemode(mode, /)",
                       "Convert a file's mode to a string of the form '-rwxrwxrwx'"),
};
constexpr ModuleConstant constants[] = {
    constant("S_IFDIR", S_IFDIR),
    constant("S_IFCHR", S_IFCHR),
    constant("S_IFBLK", S_IFBLK),
    constant("S_IFREG", S_IFREG),
    constant("S_IFIFO", S_IFIFO),
    constant("S_IFLNK", S_IFLNK),
    constant("S_IFSOCK", S_IFSOCK),
    constant("S_IFDOOR", 0),
    constant("S_IFPORT", 0),
    constant("S_IFWHT", 0),
    constant("S_ISUID", S_ISUID),
    constant("S_ISGID", S_ISGID),
    constant("S_ISVTX", S_ISVTX),
    constant("S_ENFMT", S_ISGID),
    constant("S_IREAD", S_IRUSR),
    constant("S_IWRITE", S_IWUSR),
    constant("S_IEXEC", S_IXUSR),
    constant("S_IRWXU", S_IRWXU),
    constant("S_IRUSR", S_IRUSR),
    constant("S_IWUSR", S_IWUSR),
    constant("S_IXUSR", S_IXUSR),
    constant("S_IRWXG", S_IRWXG),
    constant("S_IRGRP", S_IRGRP),
    constant("S_IWGRP", S_IWGRP),
    constant("S_IXGRP", S_IXGRP),
    constant("S_IRWXO", S_IRWXO),
    constant("S_IROTH", S_IROTH),
    constant("S_IWOTH", S_IWOTH),
    constant("S_IXOTH", S_IXOTH),
    constant("UF_SETTABLE", 0xffff),
    constant("UF_NODUMP", 1),
    constant("UF_IMMUTABLE", 2),
    constant("UF_APPEND", 4),
    constant("UF_OPAQUE", 8),
    constant("UF_NOUNLINK", 16),
    constant("UF_COMPRESSED", 32),
    constant("UF_TRACKED", 64),
    constant("UF_DATAVAULT", 128),
    constant("UF_HIDDEN", 0x8000),
    constant("SF_SETTABLE", 0xffff0000),
    constant("SF_ARCHIVED", 0x10000),
    constant("SF_IMMUTABLE", 0x20000),
    constant("SF_APPEND", 0x40000),
    constant("SF_NOUNLINK", 0x100000),
    constant("SF_SNAPSHOT", 0x200000),
    constant("SF_FIRMLINK", 0x800000),
    constant("SF_DATALESS", 0x40000000),
    constant("ST_MODE", 0),
    constant("ST_INO", 1),
    constant("ST_DEV", 2),
    constant("ST_NLINK", 3),
    constant("ST_UID", 4),
    constant("ST_GID", 5),
    constant("ST_SIZE", 6),
    constant("ST_ATIME", 7),
    constant("ST_MTIME", 8),
    constant("ST_CTIME", 9),
};

}  // namespace

extern const ModuleSpec _stat_module;
const ModuleSpec _stat_module{.name = "_stat",
                              .doc = "Constants and functions for the bits of st_mode.",
                              .functions = functions,
                              .constants = constants};

}  // namespace dx
