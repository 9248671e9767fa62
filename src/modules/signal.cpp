// _signal: Python's side of runtime/signals.h, and the system's calls about signals.

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "modules/exception_class.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/audit.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/set.h"
#include "objects/str.h"
#include "objects/structseq.h"
#include "runtime/signals.h"

namespace dx {

namespace {

Type* itimer_error;   // the class signal.ItimerError; immortal
Object* int_handler;  // the function default_int_handler; immortal

constexpr StructField siginfo_fields[] = {{"si_signo", "signal number"},
                                          {"si_code", "signal code"},
                                          {"si_errno", "errno associated with this signal"},
                                          {"si_pid", "sending process ID"},
                                          {"si_uid", "real user ID of sending process"},
                                          {"si_status", "exit value or signal"},
                                          {"si_band", "band event for SIGPOLL"}};
StructSequence siginfo_type{
    .name = "signal.struct_siginfo",
    .doc =
        "struct_siginfo: Result from sigwaitinfo or sigtimedwait.\n\n"
        "This object may be accessed either as a tuple of\n"
        "(si_signo, si_code, si_errno, si_pid, si_uid, si_status, si_band),\n"
        "or via the attributes si_signo, si_code, and so on.",
    .fields = siginfo_fields,
    .visible = 7};

Result<void> check_number(Thread& thread, int number) {
  if (number < 1 || number >= kSignalCount)
    return raise<ValueError>(thread, "signal number out of range");
  return {};
}

// ---- handlers -----------------------------------------------------------------------------------

AnyResult handler_object(Thread& thread, SignalHandler handler) {
  switch (handler.action) {
    case SignalAction::standard: return int_from_word(thread, 0);
    case SignalAction::ignored: return int_from_word(thread, 1);
    case SignalAction::interrupt: return share(thread, Any(Value(int_handler)));
    case SignalAction::unasked:
    case SignalAction::foreign: return AnyRef::adopt(kNone);
    case SignalAction::python:
      if (handler.callable) return handler.callable.take();
  }
  return AnyRef::adopt(kNone);
}

AnyResult signal_signal(Thread& thread, int signalnum, Any handler) {
  if (!thread.is_main) {
    return raise<ValueError>(thread, "signal only works in main thread of the main interpreter");
  }
  TRY(check_number(thread, signalnum));
  SignalAction action;
  if (handler.value() == Value(int_handler)) {
    action = SignalAction::interrupt;
  } else if (is_callable(handler)) {
    action = SignalAction::python;
  } else {
    Word number = -1;
    if (is_int(handler.value())) (void)int_to_word(handler.value(), number);
    if (number != 0 && number != 1) {
      return raise<TypeError>(
          thread, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
    }
    action = number == 0 ? SignalAction::standard : SignalAction::ignored;
  }
  TRY(poll_signals(thread));  // what came before belongs to the old handler
  AnyRef old = TRY(handler_object(thread, signal_handler(thread, signalnum)));
  bool callable = action == SignalAction::python;
  TRY(signal_set(thread, signalnum, action, callable ? MaybeAny(handler) : MaybeAny()));
  return old;
}

AnyResult signal_getsignal(Thread& thread, int signalnum) {
  TRY(check_number(thread, signalnum));
  return handler_object(thread, signal_handler(thread, signalnum));
}

AnyResult signal_default_int_handler(Thread& thread, Any, Any) {
  return raise_object(
      thread, TRY(call(thread, Value(static_cast<Object*>(EXCEPTION(KeyboardInterrupt))), {})));
}

Result<Word> signal_set_wakeup_fd(Thread& thread, Any fd, bool warn_on_full_buffer) {
  AnyRef number = TRY(to_index(thread, fd));
  Word word = TRY(int_word(thread, number.value(), "Python int too large to convert to C int"));
  if (!thread.is_main) {
    return raise<ValueError>(thread,
                             "set_wakeup_fd only works in main thread of the main interpreter");
  }
  int descriptor = word < 0 || word > INT32_MAX ? -1 : static_cast<int>(word);
  if (word > INT32_MAX)
    return raise<OverflowError>(thread, "Python int too large to convert to C int");
  if (descriptor >= 0) {
    struct stat info;
    if (fstat(descriptor, &info) != 0) return raise_os_error(thread, errno);
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return raise_os_error(thread, errno);
    if (!(flags & O_NONBLOCK))
      return raise<ValueError>(thread, "the fd {} must be in non-blocking mode", descriptor);
  }
  return static_cast<Word>(signal_wakeup(descriptor, warn_on_full_buffer));
}

Result<void> signal_siginterrupt(Thread& thread, int signalnum, int flag) {
  TRY(check_number(thread, signalnum));
  struct sigaction action;
  if (sigaction(signalnum, nullptr, &action) != 0) return raise_os_error(thread, errno);
  if (flag)
    action.sa_flags &= ~SA_RESTART;
  else
    action.sa_flags |= SA_RESTART;
  if (sigaction(signalnum, &action, nullptr) != 0) return raise_os_error(thread, errno);
  return {};
}

// ---- sending ------------------------------------------------------------------------------------

Result<void> signal_raise_signal(Thread& thread, int signalnum) {
  if (::raise(signalnum) != 0) return raise_os_error(thread, errno);
  return poll_signals(thread);
}

Result<void> signal_pthread_kill(Thread& thread, Any thread_id, int signalnum) {
  TRY(audit(thread, "signal.pthread_kill", {thread_id.value(), small_int(signalnum)}));
  AnyRef number = TRY(to_index(thread, thread_id));
  uint64_t ident = int_u64_mask(number.value());
  int error = ESRCH;
  {
    // The C library takes any number for a thread and crashes when it is none.
    StopAll stopped(thread);
    for (Thread* known = threads_first(); known; known = known->next) {
      if (known->ident == ident) error = pthread_kill(static_cast<pthread_t>(ident), signalnum);
    }
  }
  if (error != 0) return raise_os_error(thread, error);
  return poll_signals(thread);
}

Result<void> signal_pidfd_send_signal(Thread& thread, int pidfd, int signalnum, Any siginfo,
                                      int flags) {
  if (!siginfo.is_none()) return raise<TypeError>(thread, "siginfo must be None");
  if (syscall(SYS_pidfd_send_signal, pidfd, signalnum, nullptr, flags) < 0)
    return raise_os_error(thread, errno);
  return poll_signals(thread);  // it may have been sent to this process
}

// ---- sets of signals ----------------------------------------------------------------------------

Result<void> sigset_from(Thread& thread, Any iterable, sigset_t& set) {
  sigemptyset(&set);
  AnyRef iterator = TRY(get_iter(thread, iterable));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef item = step.take();
    AnyRef index = TRY(to_index(thread, item));
    Word number = TRY(int_word(thread, index.value()));
    if (number < 1 || number >= kSignalCount) {
      return raise<ValueError>(thread, "signal number {} out of range [1; {}]", number,
                               kSignalCount - 1);
    }
    if (sigaddset(&set, static_cast<int>(number)) == 0) continue;
    if (errno != EINVAL) return raise_os_error(thread, errno);
    // The C library keeps a few real-time signals to itself.
    TRY(warn<RuntimeWarning>(thread, 1, "invalid signal number {}, please use valid_signals()",
                             number));
  }
}

AnyResult sigset_to(Thread& thread, const sigset_t& set) {
  Ref<Set> result = TRY(set_create(thread));
  for (int number = 1; number < kSignalCount; ++number) {
    if (sigismember(&set, number) == 1) TRY(set_add(thread, result, small_int(number)));
  }
  return result;
}

AnyResult signal_pthread_sigmask(Thread& thread, int how, Any mask) {
  sigset_t set, old;
  TRY(sigset_from(thread, mask, set));
  int error = pthread_sigmask(how, &set, &old);
  if (error != 0) return raise_os_error(thread, error);
  TRY(poll_signals(thread));  // what was held back may have come
  return sigset_to(thread, old);
}

AnyResult signal_sigpending(Thread& thread) {
  sigset_t set;
  if (sigpending(&set) != 0) return raise_os_error(thread, errno);
  return sigset_to(thread, set);
}

AnyResult signal_valid_signals(Thread& thread) {
  sigset_t set;
  sigfillset(&set);
  return sigset_to(thread, set);
}

// ---- waiting ------------------------------------------------------------------------------------

AnyResult signal_sigwait(Thread& thread, Any sigset) {
  sigset_t set;
  TRY(sigset_from(thread, sigset, set));
  int number, error;
  {
    OfflineScope offline(thread);
    error = sigwait(&set, &number);
  }
  if (error != 0) return raise_os_error(thread, error);
  return int_from_word(thread, number);
}

AnyResult siginfo_object(Thread& thread, const siginfo_t& info) {
  Value fields[7] = {small_int(info.si_signo), small_int(info.si_code), small_int(info.si_errno),
                     small_int(info.si_pid),   small_int(info.si_uid),  small_int(info.si_status),
                     small_int(info.si_band)};
  return structseq_create(thread, siginfo_type, fields);
}

AnyResult signal_sigwaitinfo(Thread& thread, Any sigset) {
  sigset_t set;
  TRY(sigset_from(thread, sigset, set));
  for (;;) {
    siginfo_t info;
    int number, error;
    {
      OfflineScope offline(thread);
      number = sigwaitinfo(&set, &info);
      error = errno;
    }
    if (number >= 0) return siginfo_object(thread, info);
    if (error != EINTR) return raise_os_error(thread, error);
    TRY(poll_signals(thread));
  }
}

double now() {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + 1e-9 * static_cast<double>(at.tv_nsec);
}

// A double as seconds and a smaller unit, rounded up: a wait is never shorter than asked for.
template <class Time, class Small>
Time time_from(double seconds, Small Time::* small, double units) {
  Time time{};
  double whole = std::floor(seconds);
  double rest = std::ceil((seconds - whole) * units);
  if (rest >= units) {
    whole += 1;
    rest = 0;
  }
  time.tv_sec = static_cast<time_t>(whole);
  time.*small = static_cast<Small>(rest);
  return time;
}

AnyResult signal_sigtimedwait(Thread& thread, Any sigset, Any timeout) {
  double seconds = TRY(float_convert(thread, timeout));
  if (std::isnan(seconds)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  if (seconds < 0) return raise<ValueError>(thread, "timeout must be non-negative");
  if (seconds > 9.2e9) return raise<OverflowError>(thread, "timestamp out of range for C PyTime_t");
  sigset_t set;
  TRY(sigset_from(thread, sigset, set));
  double deadline = now() + seconds;
  for (;;) {
    struct timespec left = time_from(seconds, &timespec::tv_nsec, 1e9);
    siginfo_t info;
    int number, error;
    {
      OfflineScope offline(thread);
      number = sigtimedwait(&set, &info, &left);
      error = errno;
    }
    if (number >= 0) return siginfo_object(thread, info);
    if (error == EAGAIN) return AnyRef::adopt(kNone);
    if (error != EINTR) return raise_os_error(thread, error);
    TRY(poll_signals(thread));
    seconds = deadline - now();
    if (seconds < 0) return AnyRef::adopt(kNone);
  }
}

Result<void> signal_pause(Thread& thread) {
  {
    OfflineScope offline(thread);
    (void)pause();
  }
  return poll_signals(thread);
}

// ---- timers -------------------------------------------------------------------------------------

Word signal_alarm(Thread&, int seconds) { return alarm(static_cast<unsigned>(seconds)); }

double timeval_seconds(const struct timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}
AnyResult itimer_object(Thread& thread, const struct itimerval& timer) {
  AnyRef value = TRY(float_from_double(thread, timeval_seconds(timer.it_value)));
  AnyRef interval = TRY(float_from_double(thread, timeval_seconds(timer.it_interval)));
  return tuple_of(thread, {value.value(), interval.value()});
}

Result<double> timer_seconds(Thread& thread, Any object) {
  double seconds = TRY(float_convert(thread, object));
  if (std::isnan(seconds)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  if (std::fabs(seconds) > 9.2e18)
    return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
  return seconds;
}

AnyResult signal_setitimer(Thread& thread, int which, Any seconds, Any interval) {
  double first = TRY(timer_seconds(thread, seconds)), every = TRY(timer_seconds(thread, interval));
  struct itimerval wanted, old;
  wanted.it_value = time_from(first, &timeval::tv_usec, 1e6);
  wanted.it_interval = time_from(every, &timeval::tv_usec, 1e6);
  if (setitimer(static_cast<__itimer_which>(which), &wanted, &old) != 0)
    return raise_numbered(thread, itimer_error, errno);
  return itimer_object(thread, old);
}
AnyResult signal_getitimer(Thread& thread, int which) {
  struct itimerval timer;
  if (getitimer(static_cast<__itimer_which>(which), &timer) != 0)
    return raise_numbered(thread, itimer_error, errno);
  return itimer_object(thread, timer);
}

AnyResult signal_strsignal(Thread& thread, int signalnum) {
  TRY(check_number(thread, signalnum));
  const char* text = strsignal(signalnum);
  if (!text || strncmp(text, "Unknown signal", 14) == 0) return AnyRef::adopt(kNone);
  return str_from_utf8(thread, text);
}

// ---- the module ---------------------------------------------------------------------------------

constexpr Method functions[] = {
    function<signal_default_int_handler>("default_int_handler(signalnum, frame, /)",
                                         "The default handler for SIGINT installed by Python.\n\n"
                                         "It raises KeyboardInterrupt."),
    function<signal_signal>(
        "signal(signalnum, handler, /)",
        "Set the action for the given signal.\n\n"
        "The action can be SIG_DFL, SIG_IGN, or a callable Python object.\n"
        "The previous action is returned.  See getsignal() for possible return values.\n\n"
        "*** IMPORTANT NOTICE ***\n"
        "A signal handler function is called with two arguments:\n"
        "the first is the signal number, the second is the interrupted stack frame."),
    function<signal_getsignal>("getsignal(signalnum, /)",
                               "Return the current action for the given signal.\n\n"
                               "The return value can be:\n"
                               "  SIG_IGN -- if the signal is being ignored\n"
                               "  SIG_DFL -- if the default action for the signal is in effect\n"
                               "  None    -- if an unknown handler is in effect\n"
                               "  anything else -- the callable Python object used as a handler"),
    function<signal_set_wakeup_fd>(
        "set_wakeup_fd(fd, /, *, warn_on_full_buffer=True)",
        "Sets the fd to be written to (with the signal number) when a signal comes in.\n\n"
        "A library can use this to wakeup select or poll.\n"
        "The previous fd or -1 is returned.\n\n"
        "The fd must be non-blocking."),
    function<signal_siginterrupt>(
        "siginterrupt(signalnum, flag, /)",
        "Change system call restart behaviour.\n\n"
        "If flag is False, system calls will be restarted when interrupted by\n"
        "signal sig, else system calls will be interrupted."),
    function<signal_raise_signal>("raise_signal(signalnum, /)",
                                  "Send a signal to the executing process."),
    function<signal_pthread_kill>("pthread_kill(thread_id, signalnum, /)",
                                  "Send a signal to a thread."),
    function<signal_pidfd_send_signal>(
        "pidfd_send_signal(pidfd, signalnum, siginfo=None, flags=0, /)",
        "Send a signal to a process referred to by a pid file descriptor."),
    function<signal_pthread_sigmask>("pthread_sigmask(how, mask, /)",
                                     "Fetch and/or change the signal mask of the calling thread."),
    function<signal_sigpending>("sigpending()",
                                "Examine pending signals.\n\n"
                                "Returns a set of signal numbers that are pending for delivery to\n"
                                "the calling thread."),
    function<signal_valid_signals>(
        "valid_signals()",
        "Return a set of valid signal numbers on this platform.\n\n"
        "The signal numbers returned by this function can be safely passed to\n"
        "functions like `pthread_kill`."),
    function<signal_sigwait>(
        "sigwait(sigset, /)",
        "Wait for a signal.\n\n"
        "Suspend execution of the calling thread until the delivery of one of the\n"
        "signals specified in the signal set sigset.  The function accepts the signal\n"
        "and returns the signal number."),
    function<signal_sigwaitinfo>(
        "sigwaitinfo(sigset, /)",
        "Wait synchronously until one of the signals in *sigset* is delivered.\n\n"
        "Returns a struct_siginfo containing information about the signal."),
    function<signal_sigtimedwait>(
        "sigtimedwait(sigset, timeout, /)",
        "Like sigwaitinfo(), but with a timeout.\n\n"
        "The timeout is specified in seconds, rounded up to nanoseconds."),
    function<signal_pause>("pause()", "Wait until a signal arrives."),
    function<signal_alarm>("alarm(seconds, /)",
                           "Arrange for SIGALRM to arrive after the given number of seconds."),
    function<signal_setitimer>(
        "setitimer(which, seconds, interval=0, /)",
        "Sets given itimer (one of ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF).\n\n"
        "The timer will fire after value seconds and after that every interval seconds.\n"
        "The itimer can be cleared by setting seconds to zero.\n\n"
        "Returns old values as a tuple: (delay, interval)."),
    function<signal_getitimer>("getitimer(which, /)", "Returns current value of given itimer."),
    function<signal_strsignal>(
        "strsignal(signalnum, /)",
        "Return the system description of the given signal.\n\n"
        "Returns the description of signal *signalnum*, such as \"Interrupt\"\n"
        "for :const:`SIGINT`. Returns :const:`None` if *signalnum* has no\n"
        "description. Raises :exc:`ValueError` if *signalnum* is invalid."),
};
constexpr ModuleConstant constants[] = {
    constant("NSIG", kSignalCount),
    constant("SIG_DFL", 0),
    constant("SIG_IGN", 1),
    constant("SIG_BLOCK", SIG_BLOCK),
    constant("SIG_UNBLOCK", SIG_UNBLOCK),
    constant("SIG_SETMASK", SIG_SETMASK),
    constant("ITIMER_REAL", ITIMER_REAL),
    constant("ITIMER_VIRTUAL", ITIMER_VIRTUAL),
    constant("ITIMER_PROF", ITIMER_PROF),
    constant("SIGHUP", SIGHUP),
    constant("SIGINT", SIGINT),
    constant("SIGQUIT", SIGQUIT),
    constant("SIGILL", SIGILL),
    constant("SIGTRAP", SIGTRAP),
    constant("SIGIOT", SIGABRT),
    constant("SIGABRT", SIGABRT),
    constant("SIGFPE", SIGFPE),
    constant("SIGKILL", SIGKILL),
    constant("SIGBUS", SIGBUS),
    constant("SIGSEGV", SIGSEGV),
    constant("SIGSYS", SIGSYS),
    constant("SIGPIPE", SIGPIPE),
    constant("SIGALRM", SIGALRM),
    constant("SIGTERM", SIGTERM),
    constant("SIGUSR1", SIGUSR1),
    constant("SIGUSR2", SIGUSR2),
    constant("SIGCLD", SIGCHLD),
    constant("SIGCHLD", SIGCHLD),
    constant("SIGPWR", SIGPWR),
    constant("SIGIO", SIGIO),
    constant("SIGURG", SIGURG),
    constant("SIGWINCH", SIGWINCH),
    constant("SIGPOLL", SIGPOLL),
    constant("SIGSTOP", SIGSTOP),
    constant("SIGTSTP", SIGTSTP),
    constant("SIGCONT", SIGCONT),
    constant("SIGTTIN", SIGTTIN),
    constant("SIGTTOU", SIGTTOU),
    constant("SIGVTALRM", SIGVTALRM),
    constant("SIGPROF", SIGPROF),
    constant("SIGXCPU", SIGXCPU),
    constant("SIGXFSZ", SIGXFSZ),
    constant("SIGSTKFLT", SIGSTKFLT),
};

Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  TRY(module_set(thread, module, "SIGRTMIN", small_int(SIGRTMIN)));
  TRY(module_set(thread, module, "SIGRTMAX", small_int(SIGRTMAX)));
  TRY(structseq_ready(thread, siginfo_type));
  TRY(module_set(thread, module, "struct_siginfo",
                 Value(static_cast<Object*>(siginfo_type.type.type))));
  TRY(exception_class(thread, module, "signal", "ItimerError", EXCEPTION(OSError), itimer_error));
  if (!int_handler) {
    AnyRef made = TRY(get_attr(thread, module, NAME("default_int_handler")));
    int_handler = made.release().object();
    make_immortal(int_handler);
  }
  return {};
}

}  // namespace

extern const ModuleSpec _signal_module;
const ModuleSpec _signal_module{
    .name = "_signal",
    .doc = "This module provides mechanisms to use signal handlers in Python.",
    .functions = functions,
    .constants = constants,
    .initialize = initialize,
};

}  // namespace dx
