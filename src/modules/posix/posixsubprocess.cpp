// _posixsubprocess: fork_exec, what subprocess.Popen is made of. Everything the child needs is made
// ready before the fork; the child then makes system calls only, until exec or _exit (with
// preexec_fn it runs Python in between).

#include <csignal>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "modules/posix/process.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/str.h"
#include "runtime/interpreter_state.h"

namespace dx {

namespace {

struct Plan {
  StringVector arguments, environment, executables;
  bool has_environment = false;
  Maybe<Ref<Bytes>> folder;
  std::vector<int> keep;  // sorted
  bool close_others, restore_signals, new_session;
  int p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, error_read, error_write;
  int process_group;
  bool set_gid = false, set_uid = false, set_groups = false;
  gid_t gid = 0;
  uid_t uid = 0;
  std::vector<gid_t> groups;
  int mask;
  Value preexec;
};

void make_inheritable(int descriptor) {
  int flags = fcntl(descriptor, F_GETFD);
  if (flags >= 0) fcntl(descriptor, F_SETFD, flags & ~FD_CLOEXEC);
}

// Every descriptor from 3 on but the kept ones.
void close_others(const std::vector<int>& keep) {
  int from = 3;
  for (int kept : keep) {
    if (kept < from) continue;
    if (kept > from) ::close_range(static_cast<unsigned>(from), static_cast<unsigned>(kept - 1), 0);
    from = kept + 1;
  }
  ::close_range(static_cast<unsigned>(from), ~0u, 0);
}

// In the child. Tells the parent through the pipe why it failed: "OSError:errno in hex:where", or
// "SubprocessError:0:...". where: "noexec" before the exec was tried, "noexec:chdir" when the
// folder is to blame, nothing for the exec itself.
[[noreturn]] void run_child(Thread& thread, Plan& plan, char** arguments, char** environment,
                            char** executables) {
  const char* where = "noexec";
  int error = 0;
  auto fail = [&](const char* kind, int number, const char* text) {
    char message[128];
    int length = std::snprintf(message, sizeof message, "%s:%X:%s", kind,
                               static_cast<unsigned>(number), text);
    ssize_t written = write(plan.error_write, message, static_cast<size_t>(length));
    (void)written;
    _exit(255);
  };
  auto check = [&](bool good) {
    if (!good) fail("OSError", errno, where);
  };
  for (int descriptor : plan.keep) {
    if (descriptor != plan.error_write) make_inheritable(descriptor);
  }
  if (plan.p2cwrite >= 0) check(close(plan.p2cwrite) == 0);
  if (plan.c2pread >= 0) check(close(plan.c2pread) == 0);
  if (plan.errread >= 0) check(close(plan.errread) == 0);
  check(close(plan.error_read) == 0);
  // A pipe's end may have the number of a standard stream that is set up before it.
  if (plan.c2pwrite == 0)
    check((plan.c2pwrite = dup(plan.c2pwrite)) >= 0), fcntl(plan.c2pwrite, F_SETFD, FD_CLOEXEC);
  while (plan.errwrite == 0 || plan.errwrite == 1)
    check((plan.errwrite = dup(plan.errwrite)) >= 0), fcntl(plan.errwrite, F_SETFD, FD_CLOEXEC);
  auto place = [&](int from, int to) {
    if (from == to)
      make_inheritable(from);
    else if (from >= 0)
      check(dup2(from, to) >= 0);
  };
  place(plan.p2cread, 0);
  place(plan.c2pwrite, 1);
  place(plan.errwrite, 2);
  where = "noexec:chdir";
  if (plan.folder) check(chdir(plan.folder->data()) == 0);
  where = "noexec";
  if (plan.mask >= 0) umask(static_cast<mode_t>(plan.mask));
  if (plan.restore_signals) {
    for (int signal : {SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_DFL);
  }
  if (plan.new_session) check(setsid() >= 0);
  if (plan.process_group >= 0) check(setpgid(0, plan.process_group) == 0);
  if (plan.set_groups) check(setgroups(plan.groups.size(), plan.groups.data()) == 0);
  if (plan.set_gid) check(setregid(plan.gid, plan.gid) == 0);
  if (plan.set_uid) check(setreuid(plan.uid, plan.uid) == 0);
  where = "";
  if (!plan.preexec.is_none()) {
    if (call(thread, Any(plan.preexec), {}).raised()) {
      clear_exception(thread);
      fail("SubprocessError", 0, "Exception occurred in preexec_fn.");
    }
  }
  if (plan.close_others) close_others(plan.keep);
  for (char** name = executables; *name; ++name) {
    if (environment)
      execve(*name, arguments, environment);
    else
      execv(*name, arguments);
    if (errno != ENOENT && errno != ENOTDIR && error == 0) error = errno;
  }
  fail("OSError", error ? error : errno, where);
  __builtin_unreachable();
}

AnyResult fork_exec(Thread& thread, Any process_args, Any executable_list, bool close_fds,
                    Any pass_fds, Any cwd, Any env, int p2cread, int p2cwrite, int c2pread,
                    int c2pwrite, int errread, int errwrite, int errpipe_read, int errpipe_write,
                    bool restore_signals, bool call_setsid, int pgid_to_set, Any gid,
                    Any extra_groups, Any uid, int child_umask, Any preexec_fn) {
  Plan plan;
  plan.close_others = close_fds;
  plan.restore_signals = restore_signals;
  plan.new_session = call_setsid;
  plan.p2cread = p2cread, plan.p2cwrite = p2cwrite, plan.c2pread = c2pread,
  plan.c2pwrite = c2pwrite, plan.errread = errread, plan.errwrite = errwrite;
  plan.error_read = errpipe_read, plan.error_write = errpipe_write;
  plan.process_group = pgid_to_set;
  plan.mask = child_umask;
  plan.preexec = preexec_fn.value();
  if (close_fds && errpipe_write < 3)
    return raise<ValueError>(thread, "errpipe_write must be >= 3");
  if (!is_tuple(pass_fds))
    return raise<TypeError>(thread, "fork_exec() argument 4 must be tuple, not {}",
                            type_name_in(pass_fds));
  Borrowed<Tuple> passed(pass_fds.value());
  for (Word i = 0; i < passed->size; ++i) {
    Any item = passed->item(i);
    Word descriptor = item.value().is_int() ? small_int_value(item.value()) : -1;
    if (descriptor < 0 || descriptor > INT32_MAX ||
        (!plan.keep.empty() && descriptor <= plan.keep.back())) {
      return raise<ValueError>(thread, "bad value(s) in fds_to_keep");
    }
    plan.keep.push_back(static_cast<int>(descriptor));
  }
  AnyRef executable_items = TRY(sequence_tuple(thread, executable_list));
  Borrowed<Tuple> executables(executable_items.value());
  for (Word i = 0; i < executables->size; ++i)
    TRY(plan.executables.add(thread, executables->item(i)));
  if (!process_args.is_none()) {
    AnyRef items = TRY(sequence_tuple(thread, process_args));
    Borrowed<Tuple> texts(items.value());
    for (Word i = 0; i < texts->size; ++i) TRY(plan.arguments.add(thread, texts->item(i)));
  }
  if (!env.is_none()) {
    AnyRef items = TRY(sequence_tuple(thread, env));
    Borrowed<Tuple> texts(items.value());
    for (Word i = 0; i < texts->size; ++i) TRY(plan.environment.add(thread, texts->item(i)));
    plan.has_environment = true;
  }
  if (!cwd.is_none()) {
    AnyRef path = TRY(posix_fspath(thread, cwd));
    plan.folder = Maybe<Ref<Bytes>>(TRY(bytes_from_path(thread, path)));
  }
  if (!extra_groups.is_none()) {
    AnyRef items = TRY(sequence_tuple(thread, extra_groups));
    Borrowed<Tuple> groups(items.value());
    for (Word i = 0; i < groups->size; ++i) {
      if (!is_int(groups->item(i)))
        return raise<TypeError>(thread, "extra_groups must be integers");
      Result<uint32_t> group = id_from(thread, groups->item(i), "gid");
      if (group.raised()) {
        if (!pending_is<OverflowError>(thread)) return Raised{};
        clear_exception(thread);
        return raise<ValueError>(thread, "invalid group id");
      }
      plan.groups.push_back(group.take());
    }
    plan.set_groups = true;
  }
  if (!gid.is_none()) plan.gid = TRY(id_from(thread, gid, "gid")), plan.set_gid = true;
  if (!uid.is_none()) plan.uid = TRY(id_from(thread, uid, "uid")), plan.set_uid = true;
  if (!preexec_fn.is_none() && interpreter_of(thread).finalizing) {
    return raise<PythonFinalizationError>(thread,
                                          "preexec_fn not supported at interpreter shutdown");
  }
  char** arguments = plan.arguments.data();
  char** environment = plan.has_environment ? plan.environment.data() : nullptr;
  char** programs = plan.executables.data();
  int child = TRY(fork_process(thread, !preexec_fn.is_none()));
  if (child == 0) run_child(thread, plan, arguments, environment, programs);
  return int_from_word(thread, child);
}

constexpr Method functions[] = {
    function<fork_exec>(
        "fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, "
        "c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, "
        "restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, "
        "preexec_fn, /)",
        "Spawn a fresh new child process."),
};

}  // namespace

extern const ModuleSpec _posixsubprocess_module{.name = "_posixsubprocess",
                                                .doc = "A POSIX helper for the subprocess module.",
                                                .functions = functions};

}  // namespace dx
