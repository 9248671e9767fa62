// posix: processes.

#include "modules/posix/process.h"

#include <csignal>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory/roots.h"
#include "modules/io/io.h"
#include "objects/exception.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/list.h"
#include "objects/str.h"
#include "runtime/import_lock.h"
#include "runtime/interpreter_state.h"

namespace dx {

extern char** environ_of_process();

// ---- vectors of texts ---------------------------------------------------------------------------
Result<void> StringVector::add(Thread& thread, Any text) {
  AnyRef path = TRY(posix_fspath(thread, text));
  Result<Ref<Bytes>> bytes = bytes_from_path(thread, path);
  if (bytes.raised()) {
    if (pending_is<ValueError>(thread) && !pending_is<UnicodeError>(thread)) {
      clear_exception(thread);
      return raise<ValueError>(thread, "embedded null byte");
    }
    return Raised{};
  }
  texts_.push_back(bytes.take());
  return {};
}
void StringVector::add_raw(Ref<Bytes> text) { texts_.push_back(std::move(text)); }
char** StringVector::data() {
  pointers_.clear();
  for (Ref<Bytes>& text : texts_) pointers_.push_back(text->data());
  pointers_.push_back(nullptr);
  return pointers_.data();
}

// ---- fork ---------------------------------------------------------------------------------------
namespace {
struct ForkHooks {
  Slot before, in_child, in_parent;  // of shared_root: lists that only grow, or empty
};
ForkHooks fork_hooks;

void run_hooks(Thread& thread, const Slot& slot, bool newest_first, const char* what) {
  if (!slot.raw()) return;
  AnyResult copied = sequence_tuple(thread, Any(slot.raw()));
  if (copied.raised()) return clear_exception(thread);
  AnyRef hooks = copied.take();
  Borrowed<Tuple> tuple(hooks.value());
  for (Word i = 0; i < tuple->size; ++i) {
    Any hook = tuple->item(newest_first ? tuple->size - 1 - i : i);
    if (call(thread, hook, {}).raised()) report_unraisable(thread, what, MaybeAny(hook.value()));
  }
}
Result<void> add_hook(Thread& thread, Slot& slot, MaybeAny hook) {
  if (!hook) return {};
  if (!slot.raw()) {
    Ref<List> list = TRY(list_create(thread));
    if (slot_fill_shared(thread, slot, list.borrow().value())) (void)list.release();
  }
  return list_append(thread, Borrowed<List>(slot.raw()), share(thread, *hook));
}
Result<void> posix_register_at_fork(Thread& thread, MaybeAny before, MaybeAny after_in_child,
                                    MaybeAny after_in_parent) {
  if (!before && !after_in_child && !after_in_parent)
    return raise<TypeError>(thread, "At least one argument is required.");
  auto check = [&](MaybeAny hook, const char* name) -> Result<void> {
    if (hook && !is_callable(*hook))
      return raise<TypeError>(thread, "'{}' must be callable, not {}", name, type_name_in(*hook));
    return {};
  };
  TRY(check(before, "before"));
  TRY(check(after_in_child, "after_in_child"));
  TRY(check(after_in_parent, "after_in_parent"));
  TRY(add_hook(thread, fork_hooks.before, before));
  TRY(add_hook(thread, fork_hooks.in_child, after_in_child));
  return add_hook(thread, fork_hooks.in_parent, after_in_parent);
}
}  // namespace

Result<int> fork_process(Thread& thread, bool hooks) {
  if (hooks && interpreter_of(thread).finalizing)
    return raise<PythonFinalizationError>(thread, "can't fork at interpreter shutdown");
  if (hooks) {
    run_hooks(thread, fork_hooks.before, true, "Exception ignored in before-fork callback");
    TRY(import_lock_acquire(thread));
  }
  fork_prepare(thread);
  int others = 0;
  for (Thread* other = threads_first(); other; other = other->next) others += other != &thread;
  pid_t child = ::fork();
  int error = errno;
  if (child == 0) {
    fork_child(thread);
    ++StreamLock::fork_epoch;
    thread.is_main = true;
  } else {
    fork_parent(thread);
  }
  if (hooks) {
    import_lock_release(thread);
    if (child == 0)
      run_hooks(thread, fork_hooks.in_child, false, "Exception ignored in after-fork callback");
    else
      run_hooks(thread, fork_hooks.in_parent, false, "Exception ignored in after-fork callback");
    if (child > 0 && others > 0) {
      TRY(warn<DeprecationWarning>(thread, 1,
                                   "This process (pid={}) is multi-threaded, use of fork() may "
                                   "lead to deadlocks in the child.",
                                   getpid()));
    }
  }
  if (child < 0) return raise_os_error(thread, error);
  return static_cast<int>(child);
}

namespace {

Result<Word> posix_fork(Thread& thread) {
  TRY(audit(thread, "os.fork"));
  return Word{TRY(fork_process(thread, true))};
}

// ---- exec and spawn -----------------------------------------------------------------------------
Result<void> argument_vector(Thread& thread, Any argv, StringVector& vector, const char* function,
                             const char* sequence_text) {
  if (!is_list(argv) && !is_tuple(argv))
    return raise<TypeError>(thread, "{} must be a tuple or list", sequence_text);
  AnyRef items = TRY(sequence_tuple(thread, argv));
  Borrowed<Tuple> tuple(items.value());
  if (tuple->size == 0) return raise<ValueError>(thread, "{} must not be empty", sequence_text);
  for (Word i = 0; i < tuple->size; ++i) TRY(vector.add(thread, tuple->item(i)));
  if (vector[0][0] == 0)
    return raise<ValueError>(thread, "{} first element cannot be empty", sequence_text);
  return {};
}
Result<void> environment_vector(Thread& thread, Any environment, StringVector& vector,
                                const char* not_mapping) {
  if (!type_of(environment)->slot<SlotId::getitem>() || is_list(environment) ||
      is_tuple(environment) || is_str(environment) || is_bytes(environment)) {
    return raise<TypeError>(thread, "{}", not_mapping);
  }
  AnyRef keys = TRY(call_method(thread, environment, NAME("keys"), {}));
  AnyRef values = TRY(call_method(thread, environment, NAME("values"), {}));
  AnyRef key_items = TRY(sequence_tuple(thread, keys)),
         value_items = TRY(sequence_tuple(thread, values));
  Borrowed<Tuple> names(key_items.value()), texts(value_items.value());
  if (names->size != texts->size)
    return raise<RuntimeError>(thread, "environment changed size during iteration");
  for (Word i = 0; i < names->size; ++i) {
    StringVector pair;
    TRY(pair.add(thread, names->item(i)));
    TRY(pair.add(thread, texts->item(i)));
    std::string name = pair[0];
    if (name.empty() || name.find('=') != std::string::npos)
      return raise<ValueError>(thread, "illegal environment variable name");
    vector.add_raw(TRY(bytes_from(thread, name + "=" + pair[1])));
  }
  return {};
}
Result<void> posix_execv(Thread& thread, Any path_value, Any argv) {
  Path path;
  TRY(path_from(thread, path_value, path, "execv"));
  StringVector arguments;
  TRY(argument_vector(thread, argv, arguments, "execv", "execv() arg 2"));
  TRY(audit(thread, "os.exec", {path_value.value(), argv.value(), kNone}));
  ::execv(path.text(), arguments.data());
  return raise_os_error(thread, errno);
}
Result<void> posix_execve(Thread& thread, Any path_value, Any argv, Any env) {
  Path path;
  TRY(path_from(thread, path_value, path, "execve", "path", kPathOrDescriptor));
  StringVector arguments, environment;
  TRY(argument_vector(thread, argv, arguments, "execve", "execve: argv"));
  TRY(environment_vector(thread, env, environment, "execve: environment must be a mapping object"));
  TRY(audit(thread, "os.exec", {path_value.value(), argv.value(), env.value()}));
  if (path.is_descriptor)
    ::fexecve(path.descriptor, arguments.data(), environment.data());
  else
    ::execve(path.text(), arguments.data(), environment.data());
  return raise_path_error(thread, errno, path);
}

enum SpawnAction { kSpawnOpen, kSpawnClose, kSpawnDup2, kSpawnCloseFrom };

struct SpawnPlan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};
Result<void> signal_set(Thread& thread, Any iterable, sigset_t& set) {
  sigemptyset(&set);
  AnyRef items = TRY(sequence_tuple(thread, iterable));
  Borrowed<Tuple> tuple(items.value());
  for (Word i = 0; i < tuple->size; ++i) {
    Word number = TRY(index_word(thread, tuple->item(i)));
    if (number < 1 || number >= NSIG)
      return raise<ValueError>(thread, "signal number {} out of range [1; {}]", number, NSIG - 1);
    sigaddset(&set, static_cast<int>(number));
  }
  return {};
}
Result<void> spawn_actions(Thread& thread, Any given, SpawnPlan& plan,
                           std::vector<Ref<Bytes>>& keep) {
  if (given.is_none()) return {};
  if (!is_list(given) && !is_tuple(given) &&
      !(type_of(given)->slot<SlotId::len>() && type_of(given)->slot<SlotId::getitem>() &&
        !is_dict(given))) {
    return raise<TypeError>(thread, "file_actions must be a sequence or None");
  }
  AnyRef items = TRY(sequence_tuple(thread, given));
  Borrowed<Tuple> actions(items.value());
  for (Word i = 0; i < actions->size; ++i) {
    Any item = actions->item(i);
    if (!is_tuple(item) || Borrowed<Tuple>(item.value())->size == 0)
      return raise<TypeError>(thread, "Each file_actions element must be a non-empty tuple");
    Borrowed<Tuple> action(item.value());
    Word kind = TRY(index_word(thread, action->item(0)));
    auto descriptor = [&](Word at) -> Result<int> {
      return static_cast<int>(TRY(index_word(thread, action->item(at))));
    };
    auto size_is = [&](Word size, const char* text) -> Result<void> {
      if (action->size != size)
        return raise<TypeError>(thread, "A {} file_action tuple must have {} elements", text, size);
      return {};
    };
    int error = 0;
    if (kind == kSpawnOpen) {
      TRY(size_is(5, "open"));
      AnyRef path = TRY(posix_fspath(thread, action->item(2)));
      keep.push_back(TRY(bytes_from_path(thread, path)));
      error = posix_spawn_file_actions_addopen(&plan.actions, TRY(descriptor(1)),
                                               keep.back()->data(), TRY(descriptor(3)),
                                               static_cast<mode_t>(TRY(descriptor(4))));
    } else if (kind == kSpawnClose) {
      TRY(size_is(2, "close"));
      error = posix_spawn_file_actions_addclose(&plan.actions, TRY(descriptor(1)));
    } else if (kind == kSpawnDup2) {
      TRY(size_is(3, "dup2"));
      error =
          posix_spawn_file_actions_adddup2(&plan.actions, TRY(descriptor(1)), TRY(descriptor(2)));
    } else if (kind == kSpawnCloseFrom) {
      TRY(size_is(2, "closefrom"));
      error = posix_spawn_file_actions_addclosefrom_np(&plan.actions, TRY(descriptor(1)));
    } else {
      return raise<TypeError>(thread, "Unknown file_actions identifier");
    }
    if (error) return raise_os_error(thread, error);
  }
  return {};
}
AnyResult spawn(Thread& thread, bool search, Any path_value, Any argv, Any env, Any file_actions,
                MaybeAny setpgroup, bool resetids, bool setsid, Any setsigmask, Any setsigdef,
                Any scheduler) {
  const char* function = search ? "posix_spawnp" : "posix_spawn";
  Path path;
  TRY(path_from(thread, path_value, path, function));
  StringVector arguments, environment;
  TRY(argument_vector(thread, argv, arguments, function,
                      search ? "posix_spawnp: argv" : "posix_spawn: argv"));
  if (!env.is_none())
    TRY(environment_vector(thread, env, environment,
                           search ? "posix_spawnp: environment must be a mapping object or None"
                                  : "posix_spawn: environment must be a mapping object or None"));
  SpawnPlan plan;
  std::vector<Ref<Bytes>> keep;
  TRY(spawn_actions(thread, file_actions, plan, keep));
  short flags = 0;
  if (setpgroup && !setpgroup.value().is_none()) {
    posix_spawnattr_setpgroup(&plan.attributes,
                              static_cast<pid_t>(TRY(index_word(thread, *setpgroup))));
    flags |= POSIX_SPAWN_SETPGROUP;
  }
  if (resetids) flags |= POSIX_SPAWN_RESETIDS;
  if (setsid) flags |= POSIX_SPAWN_SETSID;
  sigset_t set;
  if (TRY(length_hint(thread, setsigmask, 1)) > 0) {
    TRY(signal_set(thread, setsigmask, set));
    posix_spawnattr_setsigmask(&plan.attributes, &set);
    flags |= POSIX_SPAWN_SETSIGMASK;
  }
  if (TRY(length_hint(thread, setsigdef, 1)) > 0) {
    TRY(signal_set(thread, setsigdef, set));
    posix_spawnattr_setsigdefault(&plan.attributes, &set);
    flags |= POSIX_SPAWN_SETSIGDEF;
  }
  if (!scheduler.is_none()) {
    if (!is_tuple(scheduler)) return raise<TypeError>(thread, "scheduler must be a tuple or None");
    if (Borrowed<Tuple>(scheduler.value())->size != 2)
      return raise<TypeError>(thread, "A scheduler tuple must have two elements");
    Borrowed<Tuple> pair(scheduler.value());
    if (!pair->item(0).is_none()) {
      posix_spawnattr_setschedpolicy(&plan.attributes,
                                     static_cast<int>(TRY(index_word(thread, pair->item(0)))));
      flags |= POSIX_SPAWN_SETSCHEDULER;
    }
    Any parameters = pair->item(1);
    if (type_of(parameters) != dx::sched_param.type.type)
      return raise<TypeError>(thread, "must have a sched_param object");
    struct sched_param priority{};
    priority.sched_priority =
        static_cast<int>(TRY(index_word(thread, Borrowed<Tuple>(parameters.value())->item(0))));
    posix_spawnattr_setschedparam(&plan.attributes, &priority);
    flags |= POSIX_SPAWN_SETSCHEDPARAM;
  }
  posix_spawnattr_setflags(&plan.attributes, flags);
  pid_t child;
  char** variables = env.is_none() ? environ_of_process() : environment.data();
  int error = (search ? posix_spawnp : posix_spawn)(&child, path.text(), &plan.actions,
                                                    &plan.attributes, arguments.data(), variables);
  if (error) return raise_path_error(thread, error, path);
  return int_from_word(thread, child);
}
AnyResult posix_spawn_call(Thread& thread, Any path, Any argv, Any env, Any file_actions,
                           MaybeAny setpgroup, bool resetids, bool setsid, Any setsigmask,
                           Any setsigdef, Any scheduler) {
  TRY(audit(thread, "os.posix_spawn", {path.value(), argv.value(), env.value()}));
  auto or_empty = [](Any value) { return value.is_none() ? Any(Value(tuple_empty())) : value; };
  return spawn(thread, false, path, argv, env, file_actions, setpgroup, resetids, setsid,
               or_empty(setsigmask), or_empty(setsigdef), scheduler);
}
AnyResult posix_spawnp_call(Thread& thread, Any path, Any argv, Any env, Any file_actions,
                            MaybeAny setpgroup, bool resetids, bool setsid, Any setsigmask,
                            Any setsigdef, Any scheduler) {
  TRY(audit(thread, "os.posix_spawn", {path.value(), argv.value(), env.value()}));
  auto or_empty = [](Any value) { return value.is_none() ? Any(Value(tuple_empty())) : value; };
  return spawn(thread, true, path, argv, env, file_actions, setpgroup, resetids, setsid,
               or_empty(setsigmask), or_empty(setsigdef), scheduler);
}
Result<Word> posix_system(Thread& thread, Any command) {
  AnyRef path = TRY(posix_fspath(thread, command));
  Ref<Bytes> text = TRY(bytes_from_path(thread, path));
  TRY(audit(thread, "os.system", {text.value()}));
  OfflineScope offline(thread);
  return Word{::system(text->data())};
}

// ---- waiting ------------------------------------------------------------------------------------
AnyResult pair_of(Thread& thread, long first, long second) {
  return tuple_of(thread, {small_int(first), small_int(second)});
}
AnyResult posix_waitpid(Thread& thread, int pid, int options) {
  int status = 0;
  long child = TRY(system_call(thread, [&] { return waitpid(pid, &status, options); }));
  return pair_of(thread, child, status);
}
AnyResult posix_wait(Thread& thread) {
  int status = 0;
  long child = TRY(system_call(thread, [&] { return wait(&status); }));
  return pair_of(thread, child, status);
}
AnyResult usage_object(Thread& thread, const struct rusage& usage) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "resource"));
  AnyRef module = TRY(import_module(thread, name));
  AnyRef kind = TRY(get_attr(thread, module, NAME("struct_rusage")));
  auto seconds = [](const struct timeval& at) {
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_usec) * 1e-6;
  };
  Value fields[16];
  fields[0] = double_to_value(thread, seconds(usage.ru_utime));
  fields[1] = double_to_value(thread, seconds(usage.ru_stime));
  long counts[] = {usage.ru_maxrss,  usage.ru_ixrss,  usage.ru_idrss,  usage.ru_isrss,
                   usage.ru_minflt,  usage.ru_majflt, usage.ru_nswap,  usage.ru_inblock,
                   usage.ru_oublock, usage.ru_msgsnd, usage.ru_msgrcv, usage.ru_nsignals,
                   usage.ru_nvcsw,   usage.ru_nivcsw};
  for (size_t i = 0; i < 14; ++i) fields[2 + i] = small_int(counts[i]);
  Ref<Tuple> items = TRY(tuple_adopt(thread, fields, 16));
  return call(thread, kind, {items.value()});
}
AnyResult posix_wait4(Thread& thread, int pid, int options) {
  int status = 0;
  struct rusage usage{};
  long child = TRY(system_call(thread, [&] { return wait4(pid, &status, options, &usage); }));
  AnyRef used = TRY(usage_object(thread, usage));
  return tuple_of(thread, {small_int(child), small_int(status), used.value()});
}
AnyResult posix_wait3(Thread& thread, int options) { return posix_wait4(thread, -1, options); }
AnyResult posix_waitid(Thread& thread, int idtype, int id, int options) {
  siginfo_t info{};
  (void)TRY(system_call(thread, [&] {
    return waitid(static_cast<idtype_t>(idtype), static_cast<id_t>(id), &info, options);
  }));
  if (info.si_pid == 0) return AnyRef::adopt(kNone);
  Value fields[] = {small_int(info.si_pid), small_int(info.si_uid), small_int(info.si_signo),
                    small_int(info.si_status), small_int(info.si_code)};
  return structseq_create(thread, waitid_result, fields);
}
bool posix_WCOREDUMP(Thread&, int status) { return WCOREDUMP(status); }
bool posix_WIFCONTINUED(Thread&, int status) { return WIFCONTINUED(status); }
bool posix_WIFSTOPPED(Thread&, int status) { return WIFSTOPPED(status); }
bool posix_WIFSIGNALED(Thread&, int status) { return WIFSIGNALED(status); }
bool posix_WIFEXITED(Thread&, int status) { return WIFEXITED(status); }
Word posix_WEXITSTATUS(Thread&, int status) { return WEXITSTATUS(status); }
Word posix_WTERMSIG(Thread&, int status) { return WTERMSIG(status); }
Word posix_WSTOPSIG(Thread&, int status) { return WSTOPSIG(status); }
Result<Word> posix_waitstatus_to_exitcode(Thread& thread, int status) {
  if (WIFEXITED(status)) return Word{WEXITSTATUS(status)};
  if (WIFSIGNALED(status)) return Word{-WTERMSIG(status)};
  if (WIFSTOPPED(status))
    return raise<ValueError>(thread, "process stopped by delivery of signal {}", WSTOPSIG(status));
  return raise<ValueError>(thread, "invalid wait status: {}", status);
}
AnyResult posix_pidfd_open(Thread& thread, int pid, int flags) {
  return number(thread, system_call(thread, [&] { return ::syscall(SYS_pidfd_open, pid, flags); }));
}

// ---- signals, ending ----------------------------------------------------------------------------
Result<void> posix_kill(Thread& thread, int pid, int signal) {
  TRY(audit(thread, "os.kill", {small_int(pid), small_int(signal)}));
  (void)TRY(system_call(thread, [&] { return kill(pid, signal); }));
  return poll_signals(thread);  // it may have been sent to this process
}
Result<void> posix_killpg(Thread& thread, int pgid, int signal) {
  TRY(audit(thread, "os.killpg", {small_int(pgid), small_int(signal)}));
  (void)TRY(system_call(thread, [&] { return killpg(pgid, signal); }));
  return poll_signals(thread);
}
Result<void> posix__exit(Thread&, int status) { _exit(status); }
void posix_abort(Thread&) { std::abort(); }

// ---- identity -----------------------------------------------------------------------------------
Word posix_getpid(Thread&) { return getpid(); }
Word posix_getppid(Thread&) { return getppid(); }
AnyResult posix_getuid(Thread& thread) { return id_value(thread, getuid()); }
AnyResult posix_geteuid(Thread& thread) { return id_value(thread, geteuid()); }
AnyResult posix_getgid(Thread& thread) { return id_value(thread, getgid()); }
AnyResult posix_getegid(Thread& thread) { return id_value(thread, getegid()); }
template <int (*call)(uint32_t)>
Result<void> set_user(Thread& thread, Any id) {
  uint32_t number = TRY(id_from(thread, id, "uid"));
  return done(system_call(thread, [&] { return call(number); }));
}
template <int (*call)(uint32_t)>
Result<void> set_group(Thread& thread, Any id) {
  uint32_t number = TRY(id_from(thread, id, "gid"));
  return done(system_call(thread, [&] { return call(number); }));
}
Result<void> posix_setreuid(Thread& thread, Any ruid, Any euid) {
  uint32_t real = TRY(id_from(thread, ruid, "uid")), effective = TRY(id_from(thread, euid, "uid"));
  return done(system_call(thread, [&] { return setreuid(real, effective); }));
}
Result<void> posix_setregid(Thread& thread, Any rgid, Any egid) {
  uint32_t real = TRY(id_from(thread, rgid, "gid")), effective = TRY(id_from(thread, egid, "gid"));
  return done(system_call(thread, [&] { return setregid(real, effective); }));
}
Result<void> posix_setresuid(Thread& thread, Any ruid, Any euid, Any suid) {
  uint32_t a = TRY(id_from(thread, ruid, "uid")), b = TRY(id_from(thread, euid, "uid")),
           c = TRY(id_from(thread, suid, "uid"));
  return done(system_call(thread, [&] { return setresuid(a, b, c); }));
}
Result<void> posix_setresgid(Thread& thread, Any rgid, Any egid, Any sgid) {
  uint32_t a = TRY(id_from(thread, rgid, "gid")), b = TRY(id_from(thread, egid, "gid")),
           c = TRY(id_from(thread, sgid, "gid"));
  return done(system_call(thread, [&] { return setresgid(a, b, c); }));
}
AnyResult posix_getresuid(Thread& thread) {
  uid_t a, b, c;
  (void)TRY(system_call(thread, [&] { return getresuid(&a, &b, &c); }));
  return tuple_of(thread, {small_int(a), small_int(b), small_int(c)});
}
AnyResult posix_getresgid(Thread& thread) {
  gid_t a, b, c;
  (void)TRY(system_call(thread, [&] { return getresgid(&a, &b, &c); }));
  return tuple_of(thread, {small_int(a), small_int(b), small_int(c)});
}
AnyResult id_list(Thread& thread, const std::vector<gid_t>& ids) {
  Ref<List> list = TRY(list_create(thread));
  for (gid_t id : ids) TRY(list_append(thread, list, TRY(id_value(thread, id))));
  return list;
}
AnyResult posix_getgroups(Thread& thread) {
  int count = getgroups(0, nullptr);
  if (count < 0) return raise_os_error(thread, errno);
  std::vector<gid_t> ids(static_cast<size_t>(count));
  count = getgroups(count, ids.data());
  if (count < 0) return raise_os_error(thread, errno);
  ids.resize(static_cast<size_t>(count));
  return id_list(thread, ids);
}
Result<void> posix_setgroups(Thread& thread, Any groups) {
  if (!type_of(groups)->slot<SlotId::len>() || !type_of(groups)->slot<SlotId::getitem>())
    return raise<TypeError>(thread, "setgroups argument must be a sequence");
  AnyRef items = TRY(sequence_tuple(thread, groups));
  Borrowed<Tuple> tuple(items.value());
  std::vector<gid_t> ids;
  for (Word i = 0; i < tuple->size; ++i) {
    if (!is_int(tuple->item(i))) return raise<TypeError>(thread, "groups must be integers");
    ids.push_back(TRY(id_from(thread, tuple->item(i), "gid")));
  }
  return done(system_call(thread, [&] { return setgroups(ids.size(), ids.data()); }));
}
AnyResult posix_getgrouplist(Thread& thread, Any user, Any group) {
  if (!is_str(user))
    return raise<TypeError>(thread, "getgrouplist() argument 1 must be str, not {}",
                            type_name_in(user));
  Ref<Bytes> name = TRY(bytes_from_path(thread, user));
  gid_t base = TRY(id_from(thread, group, "gid"));
  int count = 64;
  std::vector<gid_t> ids(static_cast<size_t>(count));
  while (getgrouplist(name->data(), base, ids.data(), &count) < 0)
    ids.resize(static_cast<size_t>(count));
  ids.resize(static_cast<size_t>(count));
  return id_list(thread, ids);
}
Result<void> posix_initgroups(Thread& thread, Any user, Any gid) {
  Ref<Bytes> name = TRY(bytes_from_path(thread, user));
  gid_t group = TRY(id_from(thread, gid, "gid"));
  return done(system_call(thread, [&] { return initgroups(name->data(), group); }));
}
AnyResult posix_getlogin(Thread& thread) {
  char name[256];
  int error = getlogin_r(name, sizeof name);
  if (error) return raise_os_error(thread, error);
  return str_from_filesystem(thread, name);
}
Word posix_getpgrp(Thread&) { return getpgrp(); }
Result<void> posix_setpgrp(Thread& thread) {
  return done(system_call(thread, [] { return setpgid(0, 0); }));
}
AnyResult posix_getpgid(Thread& thread, int pid) {
  return number(thread, system_call(thread, [&] { return getpgid(pid); }));
}
Result<void> posix_setpgid(Thread& thread, int pid, int pgrp) {
  return done(system_call(thread, [&] { return setpgid(pid, pgrp); }));
}
AnyResult posix_getsid(Thread& thread, int pid) {
  return number(thread, system_call(thread, [&] { return getsid(pid); }));
}
Result<void> posix_setsid(Thread& thread) {
  return done(system_call(thread, [] { return setsid(); }));
}

// ---- scheduling ---------------------------------------------------------------------------------
AnyResult posix_nice(Thread& thread, int increment) {
  errno = 0;
  int value = nice(increment);
  if (value == -1 && errno) return raise_os_error(thread, errno);
  return int_from_word(thread, value);
}
AnyResult posix_getpriority(Thread& thread, int which, int who) {
  errno = 0;
  int value = getpriority(static_cast<__priority_which_t>(which), static_cast<id_t>(who));
  if (value == -1 && errno) return raise_os_error(thread, errno);
  return int_from_word(thread, value);
}
Result<void> posix_setpriority(Thread& thread, int which, int who, int priority) {
  return done(system_call(thread, [&] {
    return setpriority(static_cast<__priority_which_t>(which), static_cast<id_t>(who), priority);
  }));
}
void posix_sched_yield(Thread& thread) {
  OfflineScope offline(thread);
  sched_yield();
}
AnyResult posix_sched_get_priority_max(Thread& thread, int policy) {
  return number(thread, system_call(thread, [&] { return sched_get_priority_max(policy); }));
}
AnyResult posix_sched_get_priority_min(Thread& thread, int policy) {
  return number(thread, system_call(thread, [&] { return sched_get_priority_min(policy); }));
}
AnyResult posix_sched_getscheduler(Thread& thread, int pid) {
  return number(thread, system_call(thread, [&] { return sched_getscheduler(pid); }));
}
AnyResult posix_sched_getparam(Thread& thread, int pid) {
  struct sched_param parameters;
  (void)TRY(system_call(thread, [&] { return sched_getparam(pid, &parameters); }));
  Value fields[] = {small_int(parameters.sched_priority)};
  return structseq_create(thread, dx::sched_param, fields);
}
Result<struct sched_param> parameters_from(Thread& thread, Any given) {
  if (type_of(given) != dx::sched_param.type.type)
    return raise<TypeError>(thread, "must have a sched_param object");
  struct sched_param parameters{};
  parameters.sched_priority =
      static_cast<int>(TRY(index_word(thread, Borrowed<Tuple>(given.value())->item(0))));
  return parameters;
}
Result<void> posix_sched_setparam(Thread& thread, int pid, Any param) {
  struct sched_param parameters = TRY(parameters_from(thread, param));
  return done(system_call(thread, [&] { return sched_setparam(pid, &parameters); }));
}
Result<void> posix_sched_setscheduler(Thread& thread, int pid, int policy, Any param) {
  struct sched_param parameters = TRY(parameters_from(thread, param));
  return done(system_call(thread, [&] { return sched_setscheduler(pid, policy, &parameters); }));
}
Result<double> posix_sched_rr_get_interval(Thread& thread, int pid) {
  struct timespec interval;
  (void)TRY(system_call(thread, [&] { return sched_rr_get_interval(pid, &interval); }));
  return static_cast<double>(interval.tv_sec) + 1e-9 * static_cast<double>(interval.tv_nsec);
}
constexpr size_t kMostCpus = 8192;
AnyResult posix_sched_getaffinity(Thread& thread, int pid) {
  std::vector<unsigned long> mask(kMostCpus / (8 * sizeof(long)));
  (void)TRY(system_call(thread, [&] {
    return sched_getaffinity(pid, mask.size() * sizeof(long),
                             reinterpret_cast<cpu_set_t*>(mask.data()));
  }));
  Ref<List> list = TRY(list_create(thread));
  for (size_t cpu = 0; cpu < kMostCpus; ++cpu) {
    if (mask[cpu / (8 * sizeof(long))] >> (cpu % (8 * sizeof(long))) & 1)
      TRY(list_append(thread, list, AnyRef::adopt(small_int(static_cast<Word>(cpu)))));
  }
  return call(thread, Any(Value(TYPE(set))), {list.value()});
}
Result<void> posix_sched_setaffinity(Thread& thread, int pid, Any cpus) {
  std::vector<unsigned long> mask(kMostCpus / (8 * sizeof(long)));
  AnyRef iterator = TRY(get_iter(thread, cpus));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) break;
    AnyRef item = step.take();
    if (!is_int(item.value()))
      return raise<TypeError>(thread, "expected an iterator of ints, but iterator yielded {}",
                              repr_of(Any(Value(type_of(item.value())))));
    Word cpu = TRY(int_word(thread, item.value(), "CPU number too large"));
    if (cpu < 0) return raise<ValueError>(thread, "negative CPU number");
    if (cpu >= static_cast<Word>(kMostCpus))
      return raise<OverflowError>(thread, "CPU number too large");
    mask[static_cast<size_t>(cpu) / (8 * sizeof(long))] |=
        1ul << (static_cast<size_t>(cpu) % (8 * sizeof(long)));
  }
  return done(system_call(thread, [&] {
    return sched_setaffinity(pid, mask.size() * sizeof(long),
                             reinterpret_cast<cpu_set_t*>(mask.data()));
  }));
}
AnyResult posix_times(Thread& thread) {
  struct tms used;
  clock_t elapsed = times(&used);
  double tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  Value fields[5];
  clock_t clocks[] = {used.tms_utime, used.tms_stime, used.tms_cutime, used.tms_cstime, elapsed};
  for (size_t i = 0; i < 5; ++i)
    fields[i] = double_to_value(thread, static_cast<double>(clocks[i]) / tick);
  return structseq_create(thread, times_result, fields);
}

constexpr Method functions[] = {
    function<posix_fork>(
        "fork()",
        "Fork a child process.\n\nReturn 0 to child process and PID of child to parent process."),
    function<posix_register_at_fork>(
        "register_at_fork(*, before=?, after_in_child=?, after_in_parent=?)",
        "Register callables to be called when forking a new process."),
    function<posix_execv>("execv(path, argv, /)",
                          "Execute an executable path with arguments, replacing current process."),
    function<posix_execve>("execve(path, argv, env)",
                           "Execute an executable path with arguments, replacing current process."),
    function<posix_spawn_call>(
        "posix_spawn(path, argv, env, /, *, file_actions=None, setpgroup=?, resetids=False, "
        "setsid=False, setsigmask=None, setsigdef=None, scheduler=None)",
        "Execute the program specified by path in a new process."),
    function<posix_spawnp_call>(
        "posix_spawnp(path, argv, env, /, *, file_actions=None, setpgroup=?, resetids=False, "
        "setsid=False, setsigmask=None, setsigdef=None, scheduler=None)",
        "Execute the program specified by path in a new process."),
    function<posix_system>("system(command)", "Execute the command in a subshell."),
    function<posix_wait>("wait()", "Wait for completion of a child process."),
    function<posix_waitpid>("waitpid(pid, options, /)",
                            "Wait for completion of a given child process."),
    function<posix_wait3>("wait3(options)", "Wait for completion of a child process."),
    function<posix_wait4>("wait4(pid, options)",
                          "Wait for completion of a specific child process."),
    function<posix_waitid>("waitid(idtype, id, options, /)",
                           "Returns the result of waiting for a process or processes."),
    function<posix_WCOREDUMP>(
        "WCOREDUMP(status, /)",
        "Return True if the process returning status was dumped to a core file."),
    function<posix_WIFCONTINUED>("WIFCONTINUED(status)"),
    function<posix_WIFSTOPPED>("WIFSTOPPED(status)"),
    function<posix_WIFSIGNALED>("WIFSIGNALED(status)"),
    function<posix_WIFEXITED>("WIFEXITED(status)"),
    function<posix_WEXITSTATUS>("WEXITSTATUS(status)"),
    function<posix_WTERMSIG>("WTERMSIG(status)"),
    function<posix_WSTOPSIG>("WSTOPSIG(status)"),
    function<posix_waitstatus_to_exitcode>("waitstatus_to_exitcode(status)",
                                           "Convert a wait status to an exit code."),
    function<posix_pidfd_open>("pidfd_open(pid, flags=0)",
                               "Return a file descriptor referring to the process *pid*."),
    function<posix_kill>("kill(pid, signal, /)", "Kill a process with a signal."),
    function<posix_killpg>("killpg(pgid, signal, /)", "Kill a process group with a signal."),
    function<posix__exit>(
        "_exit(status)",
        "Exit to the system with specified status, without normal exit processing."),
    function<posix_abort>("abort()", "Abort the interpreter immediately."),
    function<posix_getpid>("getpid()", "Return the current process id."),
    function<posix_getppid>("getppid()", "Return the parent's process id."),
    function<posix_getuid>("getuid()", "Return the current process's user id."),
    function<posix_geteuid>("geteuid()", "Return the current process's effective user id."),
    function<posix_getgid>("getgid()", "Return the current process's group id."),
    function<posix_getegid>("getegid()", "Return the current process's effective group id."),
    function<set_user<setuid>>("setuid(uid, /)", "Set the current process's user id."),
    function<set_user<seteuid>>("seteuid(euid, /)", "Set the current process's effective user id."),
    function<set_group<setgid>>("setgid(gid, /)", "Set the current process's group id."),
    function<set_group<setegid>>("setegid(egid, /)",
                                 "Set the current process's effective group id."),
    function<posix_setreuid>("setreuid(ruid, euid, /)"),
    function<posix_setregid>("setregid(rgid, egid, /)"),
    function<posix_setresuid>("setresuid(ruid, euid, suid, /)"),
    function<posix_setresgid>("setresgid(rgid, egid, sgid, /)"),
    function<posix_getresuid>("getresuid()"),
    function<posix_getresgid>("getresgid()"),
    function<posix_getgroups>("getgroups()",
                              "Return list of supplemental group IDs for the process."),
    function<posix_setgroups>("setgroups(groups, /)",
                              "Set the groups of the current process to list."),
    function<posix_getgrouplist>("getgrouplist(user, group, /)",
                                 "Returns a list of groups to which a user belongs."),
    function<posix_initgroups>("initgroups(username, gid, /)"),
    function<posix_getlogin>("getlogin()", "Return the actual login name."),
    function<posix_getpgrp>("getpgrp()", "Return the current process group id."),
    function<posix_setpgrp>("setpgrp()",
                            "Make the current process the leader of its process group."),
    function<posix_getpgid>("getpgid(pid)"),
    function<posix_setpgid>("setpgid(pid, pgrp, /)"),
    function<posix_getsid>("getsid(pid, /)"),
    function<posix_setsid>("setsid()"),
    function<posix_nice>("nice(increment, /)",
                         "Add increment to the priority of process and return the new priority."),
    function<posix_getpriority>("getpriority(which, who)"),
    function<posix_setpriority>("setpriority(which, who, priority)"),
    function<posix_sched_yield>("sched_yield()", "Voluntarily relinquish the CPU."),
    function<posix_sched_get_priority_max>("sched_get_priority_max(policy)"),
    function<posix_sched_get_priority_min>("sched_get_priority_min(policy)"),
    function<posix_sched_getscheduler>("sched_getscheduler(pid, /)"),
    function<posix_sched_setscheduler>("sched_setscheduler(pid, policy, param, /)"),
    function<posix_sched_getparam>("sched_getparam(pid, /)"),
    function<posix_sched_setparam>("sched_setparam(pid, param, /)"),
    function<posix_sched_rr_get_interval>("sched_rr_get_interval(pid, /)"),
    function<posix_sched_getaffinity>("sched_getaffinity(pid, /)"),
    function<posix_sched_setaffinity>("sched_setaffinity(pid, mask, /)"),
    function<posix_times>("times()", "Return a collection containing process timing information."),
};

}  // namespace

const std::span<const Method> posix_process_functions = functions;

}  // namespace dx
