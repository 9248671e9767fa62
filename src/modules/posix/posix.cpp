// The posix module: the system calls os.py is made of. Functions that are not there are
// AttributeErrors of os; each one that is there is whole.

#include "modules/posix/posix.h"

#include <csignal>
#include <cstdio>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <sysexits.h>
#include <unistd.h>

#include "objects/list.h"
#include "objects/str.h"

namespace dx {

namespace {
constexpr StructField stat_fields[] = {{"st_mode", "protection bits"},
                                       {"st_ino", "inode"},
                                       {"st_dev", "device"},
                                       {"st_nlink", "number of hard links"},
                                       {"st_uid", "user ID of owner"},
                                       {"st_gid", "group ID of owner"},
                                       {"st_size", "total size, in bytes"},
                                       {nullptr, "integer time of last access"},
                                       {nullptr, "integer time of last modification"},
                                       {nullptr, "integer time of last change"},
                                       {"st_atime", "time of last access"},
                                       {"st_mtime", "time of last modification"},
                                       {"st_ctime", "time of last change"},
                                       {"st_atime_ns", "time of last access in nanoseconds"},
                                       {"st_mtime_ns", "time of last modification in nanoseconds"},
                                       {"st_ctime_ns", "time of last change in nanoseconds"},
                                       {"st_blksize", "blocksize for filesystem I/O"},
                                       {"st_blocks", "number of blocks allocated"},
                                       {"st_rdev", "device type (if inode device)"}};
constexpr StructField statvfs_fields[] = {
    {"f_bsize", nullptr},  {"f_frsize", nullptr},  {"f_blocks", nullptr}, {"f_bfree", nullptr},
    {"f_bavail", nullptr}, {"f_files", nullptr},   {"f_ffree", nullptr},  {"f_favail", nullptr},
    {"f_flag", nullptr},   {"f_namemax", nullptr}, {"f_fsid", nullptr}};
constexpr StructField terminal_fields[] = {
    {"columns", "width of the terminal window in characters"},
    {"lines", "height of the terminal window in characters"}};
constexpr StructField uname_fields[] = {
    {"sysname", "operating system name"},
    {"nodename", "name of machine on network (implementation-defined)"},
    {"release", "operating system release"},
    {"version", "operating system version"},
    {"machine", "hardware identifier"}};
constexpr StructField times_fields[] = {
    {"user", "user time"},
    {"system", "system time"},
    {"children_user", "user time of children"},
    {"children_system", "system time of children"},
    {"elapsed", "elapsed time since an arbitrary point in the past"}};
constexpr StructField waitid_fields[] = {{"si_pid", nullptr},
                                         {"si_uid", nullptr},
                                         {"si_signo", nullptr},
                                         {"si_status", nullptr},
                                         {"si_code", nullptr}};
constexpr StructField sched_param_fields[] = {{"sched_priority", "the scheduling priority"}};
}  // namespace

StructSequence stat_result{.name = "os.stat_result",
                           .doc = "stat_result: Result from stat, fstat, or lstat.",
                           .fields = stat_fields,
                           .visible = 10};
StructSequence statvfs_result{.name = "os.statvfs_result",
                              .doc = "statvfs_result: Result from statvfs or fstatvfs.",
                              .fields = statvfs_fields,
                              .visible = 10};
StructSequence terminal_size{.name = "os.terminal_size",
                             .doc = "A tuple of (columns, lines) for holding terminal window size.",
                             .fields = terminal_fields,
                             .visible = 2};
StructSequence uname_result{.name = "posix.uname_result",
                            .doc = "uname_result: Result from os.uname().",
                            .fields = uname_fields,
                            .visible = 5};
StructSequence times_result{.name = "posix.times_result",
                            .doc = "times_result: Result from os.times().",
                            .fields = times_fields,
                            .visible = 5};
StructSequence waitid_result{.name = "posix.waitid_result",
                             .doc = "waitid_result: Result from waitid.",
                             .fields = waitid_fields,
                             .visible = 5};
StructSequence sched_param{.name = "posix.sched_param",
                           .doc = "Currently has only one field: sched_priority",
                           .fields = sched_param_fields,
                           .visible = 1};

namespace {

constexpr ModuleConstant posix_constants[] = {
    constant("CLD_CONTINUED", static_cast<Word>(CLD_CONTINUED)),
    constant("CLD_DUMPED", static_cast<Word>(CLD_DUMPED)),
    constant("CLD_EXITED", static_cast<Word>(CLD_EXITED)),
    constant("CLD_KILLED", static_cast<Word>(CLD_KILLED)),
    constant("CLD_STOPPED", static_cast<Word>(CLD_STOPPED)),
    constant("CLD_TRAPPED", static_cast<Word>(CLD_TRAPPED)),
    constant("CLONE_FILES", static_cast<Word>(CLONE_FILES)),
    constant("CLONE_FS", static_cast<Word>(CLONE_FS)),
    constant("CLONE_NEWCGROUP", static_cast<Word>(CLONE_NEWCGROUP)),
    constant("CLONE_NEWIPC", static_cast<Word>(CLONE_NEWIPC)),
    constant("CLONE_NEWNET", static_cast<Word>(CLONE_NEWNET)),
    constant("CLONE_NEWNS", static_cast<Word>(CLONE_NEWNS)),
    constant("CLONE_NEWPID", static_cast<Word>(CLONE_NEWPID)),
    constant("CLONE_NEWTIME", static_cast<Word>(CLONE_NEWTIME)),
    constant("CLONE_NEWUSER", static_cast<Word>(CLONE_NEWUSER)),
    constant("CLONE_NEWUTS", static_cast<Word>(CLONE_NEWUTS)),
    constant("CLONE_SIGHAND", static_cast<Word>(CLONE_SIGHAND)),
    constant("CLONE_SYSVSEM", static_cast<Word>(CLONE_SYSVSEM)),
    constant("CLONE_THREAD", static_cast<Word>(CLONE_THREAD)),
    constant("CLONE_VM", static_cast<Word>(CLONE_VM)),
    constant("EFD_CLOEXEC", static_cast<Word>(EFD_CLOEXEC)),
    constant("EFD_NONBLOCK", static_cast<Word>(EFD_NONBLOCK)),
    constant("EFD_SEMAPHORE", static_cast<Word>(EFD_SEMAPHORE)),
    constant("F_LOCK", static_cast<Word>(F_LOCK)),
    constant("F_OK", static_cast<Word>(F_OK)),
    constant("F_TEST", static_cast<Word>(F_TEST)),
    constant("F_TLOCK", static_cast<Word>(F_TLOCK)),
    constant("F_ULOCK", static_cast<Word>(F_ULOCK)),
    constant("GRND_NONBLOCK", static_cast<Word>(GRND_NONBLOCK)),
    constant("GRND_RANDOM", static_cast<Word>(GRND_RANDOM)),
    constant("MFD_ALLOW_SEALING", static_cast<Word>(MFD_ALLOW_SEALING)),
    constant("MFD_CLOEXEC", static_cast<Word>(MFD_CLOEXEC)),
    constant("MFD_HUGETLB", static_cast<Word>(MFD_HUGETLB)),
    constant("MFD_HUGE_16GB", static_cast<Word>(MFD_HUGE_16GB)),
    constant("MFD_HUGE_16MB", static_cast<Word>(MFD_HUGE_16MB)),
    constant("MFD_HUGE_1GB", static_cast<Word>(MFD_HUGE_1GB)),
    constant("MFD_HUGE_1MB", static_cast<Word>(MFD_HUGE_1MB)),
    constant("MFD_HUGE_256MB", static_cast<Word>(MFD_HUGE_256MB)),
    constant("MFD_HUGE_2GB", static_cast<Word>(MFD_HUGE_2GB)),
    constant("MFD_HUGE_2MB", static_cast<Word>(MFD_HUGE_2MB)),
    constant("MFD_HUGE_32MB", static_cast<Word>(MFD_HUGE_32MB)),
    constant("MFD_HUGE_512KB", static_cast<Word>(MFD_HUGE_512KB)),
    constant("MFD_HUGE_512MB", static_cast<Word>(MFD_HUGE_512MB)),
    constant("MFD_HUGE_64KB", static_cast<Word>(MFD_HUGE_64KB)),
    constant("MFD_HUGE_8MB", static_cast<Word>(MFD_HUGE_8MB)),
    constant("MFD_HUGE_MASK", static_cast<Word>(MFD_HUGE_MASK)),
    constant("MFD_HUGE_SHIFT", static_cast<Word>(MFD_HUGE_SHIFT)),
    constant("O_ACCMODE", static_cast<Word>(O_ACCMODE)),
    constant("O_APPEND", static_cast<Word>(O_APPEND)),
    constant("O_ASYNC", static_cast<Word>(O_ASYNC)),
    constant("O_CLOEXEC", static_cast<Word>(O_CLOEXEC)),
    constant("O_CREAT", static_cast<Word>(O_CREAT)),
    constant("O_DIRECT", static_cast<Word>(O_DIRECT)),
    constant("O_DIRECTORY", static_cast<Word>(O_DIRECTORY)),
    constant("O_DSYNC", static_cast<Word>(O_DSYNC)),
    constant("O_EXCL", static_cast<Word>(O_EXCL)),
    constant("O_FSYNC", static_cast<Word>(O_FSYNC)),
    constant("O_LARGEFILE", static_cast<Word>(O_LARGEFILE)),
    constant("O_NDELAY", static_cast<Word>(O_NDELAY)),
    constant("O_NOATIME", static_cast<Word>(O_NOATIME)),
    constant("O_NOCTTY", static_cast<Word>(O_NOCTTY)),
    constant("O_NOFOLLOW", static_cast<Word>(O_NOFOLLOW)),
    constant("O_NONBLOCK", static_cast<Word>(O_NONBLOCK)),
    constant("O_PATH", static_cast<Word>(O_PATH)),
    constant("O_RDONLY", static_cast<Word>(O_RDONLY)),
    constant("O_RDWR", static_cast<Word>(O_RDWR)),
    constant("O_RSYNC", static_cast<Word>(O_RSYNC)),
    constant("O_SYNC", static_cast<Word>(O_SYNC)),
    constant("O_TMPFILE", static_cast<Word>(O_TMPFILE)),
    constant("O_TRUNC", static_cast<Word>(O_TRUNC)),
    constant("O_WRONLY", static_cast<Word>(O_WRONLY)),
    constant("POSIX_FADV_DONTNEED", static_cast<Word>(POSIX_FADV_DONTNEED)),
    constant("POSIX_FADV_NOREUSE", static_cast<Word>(POSIX_FADV_NOREUSE)),
    constant("POSIX_FADV_NORMAL", static_cast<Word>(POSIX_FADV_NORMAL)),
    constant("POSIX_FADV_RANDOM", static_cast<Word>(POSIX_FADV_RANDOM)),
    constant("POSIX_FADV_SEQUENTIAL", static_cast<Word>(POSIX_FADV_SEQUENTIAL)),
    constant("POSIX_FADV_WILLNEED", static_cast<Word>(POSIX_FADV_WILLNEED)),
    constant("PRIO_PGRP", static_cast<Word>(PRIO_PGRP)),
    constant("PRIO_PROCESS", static_cast<Word>(PRIO_PROCESS)),
    constant("PRIO_USER", static_cast<Word>(PRIO_USER)),
    constant("P_ALL", static_cast<Word>(P_ALL)),
    constant("P_PGID", static_cast<Word>(P_PGID)),
    constant("P_PID", static_cast<Word>(P_PID)),
    constant("RTLD_DEEPBIND", static_cast<Word>(RTLD_DEEPBIND)),
    constant("RTLD_GLOBAL", static_cast<Word>(RTLD_GLOBAL)),
    constant("RTLD_LAZY", static_cast<Word>(RTLD_LAZY)),
    constant("RTLD_LOCAL", static_cast<Word>(RTLD_LOCAL)),
    constant("RTLD_NODELETE", static_cast<Word>(RTLD_NODELETE)),
    constant("RTLD_NOLOAD", static_cast<Word>(RTLD_NOLOAD)),
    constant("RTLD_NOW", static_cast<Word>(RTLD_NOW)),
    constant("RWF_APPEND", static_cast<Word>(RWF_APPEND)),
    constant("RWF_DSYNC", static_cast<Word>(RWF_DSYNC)),
    constant("RWF_HIPRI", static_cast<Word>(RWF_HIPRI)),
    constant("RWF_NOWAIT", static_cast<Word>(RWF_NOWAIT)),
    constant("RWF_SYNC", static_cast<Word>(RWF_SYNC)),
    constant("R_OK", static_cast<Word>(R_OK)),
    constant("SCHED_BATCH", static_cast<Word>(SCHED_BATCH)),
    constant("SCHED_FIFO", static_cast<Word>(SCHED_FIFO)),
    constant("SCHED_IDLE", static_cast<Word>(SCHED_IDLE)),
    constant("SCHED_OTHER", static_cast<Word>(SCHED_OTHER)),
    constant("SCHED_RESET_ON_FORK", static_cast<Word>(SCHED_RESET_ON_FORK)),
    constant("SCHED_RR", static_cast<Word>(SCHED_RR)),
    constant("SEEK_DATA", static_cast<Word>(SEEK_DATA)),
    constant("SEEK_HOLE", static_cast<Word>(SEEK_HOLE)),
    constant("SPLICE_F_MORE", static_cast<Word>(SPLICE_F_MORE)),
    constant("SPLICE_F_MOVE", static_cast<Word>(SPLICE_F_MOVE)),
    constant("SPLICE_F_NONBLOCK", static_cast<Word>(SPLICE_F_NONBLOCK)),
    constant("ST_APPEND", static_cast<Word>(ST_APPEND)),
    constant("ST_MANDLOCK", static_cast<Word>(ST_MANDLOCK)),
    constant("ST_NOATIME", static_cast<Word>(ST_NOATIME)),
    constant("ST_NODEV", static_cast<Word>(ST_NODEV)),
    constant("ST_NODIRATIME", static_cast<Word>(ST_NODIRATIME)),
    constant("ST_NOEXEC", static_cast<Word>(ST_NOEXEC)),
    constant("ST_NOSUID", static_cast<Word>(ST_NOSUID)),
    constant("ST_RDONLY", static_cast<Word>(ST_RDONLY)),
    constant("ST_RELATIME", static_cast<Word>(ST_RELATIME)),
    constant("ST_SYNCHRONOUS", static_cast<Word>(ST_SYNCHRONOUS)),
    constant("ST_WRITE", static_cast<Word>(ST_WRITE)),
    constant("TMP_MAX", static_cast<Word>(TMP_MAX)),
    constant("WCONTINUED", static_cast<Word>(WCONTINUED)),
    constant("WEXITED", static_cast<Word>(WEXITED)),
    constant("WNOHANG", static_cast<Word>(WNOHANG)),
    constant("WNOWAIT", static_cast<Word>(WNOWAIT)),
    constant("WSTOPPED", static_cast<Word>(WSTOPPED)),
    constant("WUNTRACED", static_cast<Word>(WUNTRACED)),
    constant("W_OK", static_cast<Word>(W_OK)),
    constant("X_OK", static_cast<Word>(X_OK)),
    constant("EX_CANTCREAT", static_cast<Word>(EX_CANTCREAT)),
    constant("EX_CONFIG", static_cast<Word>(EX_CONFIG)),
    constant("EX_DATAERR", static_cast<Word>(EX_DATAERR)),
    constant("EX_IOERR", static_cast<Word>(EX_IOERR)),
    constant("EX_NOHOST", static_cast<Word>(EX_NOHOST)),
    constant("EX_NOINPUT", static_cast<Word>(EX_NOINPUT)),
    constant("EX_NOPERM", static_cast<Word>(EX_NOPERM)),
    constant("EX_NOUSER", static_cast<Word>(EX_NOUSER)),
    constant("EX_OK", static_cast<Word>(EX_OK)),
    constant("EX_OSERR", static_cast<Word>(EX_OSERR)),
    constant("EX_OSFILE", static_cast<Word>(EX_OSFILE)),
    constant("EX_PROTOCOL", static_cast<Word>(EX_PROTOCOL)),
    constant("EX_SOFTWARE", static_cast<Word>(EX_SOFTWARE)),
    constant("EX_TEMPFAIL", static_cast<Word>(EX_TEMPFAIL)),
    constant("EX_UNAVAILABLE", static_cast<Word>(EX_UNAVAILABLE)),
    constant("EX_USAGE", static_cast<Word>(EX_USAGE)),
    constant("XATTR_CREATE", static_cast<Word>(XATTR_CREATE)),
    constant("XATTR_REPLACE", static_cast<Word>(XATTR_REPLACE)),
    // The system's headers name these differently from version to version.
    constant("NGROUPS_MAX", 65536),
    constant("PIDFD_NONBLOCK", O_NONBLOCK),
    constant("P_PIDFD", 3),
    constant("SCHED_NORMAL", 0),
    constant("SCHED_DEADLINE", 6),
    constant("XATTR_SIZE_MAX", 65536),
    constant("POSIX_SPAWN_OPEN", 0),
    constant("POSIX_SPAWN_CLOSE", 1),
    constant("POSIX_SPAWN_DUP2", 2),
    constant("POSIX_SPAWN_CLOSEFROM", 3),
};

// What the library may pass: os.supports_dir_fd, supports_fd, supports_follow_symlinks are computed
// from these.
constexpr const char* kHave[] = {
    "HAVE_FACCESSAT", "HAVE_FCHDIR",    "HAVE_FCHMOD",    "HAVE_FCHMODAT",  "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",  "HAVE_FEXECVE",   "HAVE_FDOPENDIR", "HAVE_FPATHCONF", "HAVE_FSTATAT",
    "HAVE_FSTATVFS",  "HAVE_FTRUNCATE", "HAVE_FUTIMENS",  "HAVE_FUTIMES",   "HAVE_FUTIMESAT",
    "HAVE_LINKAT",    "HAVE_LCHOWN",    "HAVE_LSTAT",     "HAVE_LUTIMES",   "HAVE_MEMFD_CREATE",
    "HAVE_MKDIRAT",   "HAVE_MKFIFOAT",  "HAVE_MKNODAT",   "HAVE_OPENAT",    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",  "HAVE_SYMLINKAT", "HAVE_UNLINKAT",  "HAVE_UTIMENSAT", "HAVE_EVENTFD"};

Result<void> add_names(Thread& thread, Borrowed<Module> module, const char* name,
                       std::span<const SystemName> names) {
  Ref<Dict> dict = TRY(dict_create(thread));
  for (const SystemName& entry : names) {
    Ref<Str> key = TRY(str_intern_ascii(thread, entry.name));
    TRY(dict_set_str(thread, dict, key, Any(small_int(entry.value))));
  }
  return module_set(thread, module, name, dict);
}

Result<void> posix_initialize(Thread& thread, Borrowed<Module> module) {
  Ref<Str> module_name = TRY(str_intern_ascii(thread, "posix"));
  for (std::span<const Method> table :
       {posix_file_functions, posix_scandir_functions, posix_descriptor_functions,
        posix_process_functions, posix_system_functions}) {
    for (const Method& method : table) {
      Ref<NativeFunction> function = TRY(native_function_create(
          thread, method, MaybeAny(module.value()), MaybeAny(module_name.value())));
      TRY(module_set(thread, module, std::string(method.signature, method.name_length).c_str(),
                     function.borrow()));
    }
  }
  struct {
    const char* name;
    StructSequence* kind;
  } results[] = {{"stat_result", &stat_result},     {"statvfs_result", &statvfs_result},
                 {"terminal_size", &terminal_size}, {"uname_result", &uname_result},
                 {"times_result", &times_result},   {"waitid_result", &waitid_result},
                 {"sched_param", &sched_param}};
  for (auto& result : results) {
    TRY(structseq_ready(thread, *result.kind));
    TRY(module_set(thread, module, result.name, Any(Value(result.kind->type.type))));
  }
  TRY(type_from_spec(thread, scandir_spec, scandir_type));
  TRY(module_set(thread, module, "error", Any(Value(EXCEPTION(OSError)))));
  AnyRef create = TRY(get_attr(thread, module, NAME("_create_environ")));
  TRY(module_set(thread, module, "environ", TRY(call(thread, create, {})).borrow()));
  TRY(add_names(thread, module, "pathconf_names", pathconf_names));
  TRY(add_names(thread, module, "sysconf_names", sysconf_names));
  TRY(add_names(thread, module, "confstr_names", confstr_names));
  Ref<List> have = TRY(list_create(thread));
  for (const char* name : kHave) TRY(list_append(thread, have, TRY(str_from_ascii(thread, name))));
  return module_set(thread, module, "_have_functions", have);
}

const ModuleType posix_types[] = {{&dir_entry_spec, &dir_entry_type}};
}  // namespace

extern const ModuleSpec posix_module{
    .name = "posix",
    .doc =
        "This module provides access to operating system functionality that is\nstandardized by "
        "the C Standard and the POSIX standard.",
    .constants = posix_constants,
    .types = posix_types,
    .initialize = posix_initialize};

}  // namespace dx
