#include "runtime/signals.h"

#include <cerrno>
#include <pthread.h>
#include <unistd.h>

#include "interpreter/context.h"
#include "memory/hooks.h"
#include "memory/roots.h"
#include "objects/frame.h"
#include "objects/protocol.h"
#include "objects/str.h"

namespace dx {

namespace {

struct Entry {
  std::atomic<bool> tripped{false};
  std::atomic<SignalAction> action{SignalAction::unasked};
  Slot callable;  // of shared_root
};
Entry entries[kSignalCount];
std::atomic<bool> any_tripped{false};
Thread* main_thread;
std::atomic<int> wakeup_descriptor{-1};
std::atomic<bool> wakeup_warns{true};
std::atomic<int> wakeup_error{0};  // errno of a write that failed, to be reported at the next poll

static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

// Runs inside the signal handler: atomics and write() only.
void trip(int number) {
  entries[number].tripped.store(true, std::memory_order_relaxed);
  any_tripped.store(true, std::memory_order_release);
  main_thread->poll.fetch_or(kPollSignals, std::memory_order_release);
  int descriptor = wakeup_descriptor.load(std::memory_order_relaxed);
  if (descriptor < 0) return;
  unsigned char byte = static_cast<unsigned char>(number);
  if (write(descriptor, &byte, 1) == 1) return;
  bool full = errno == EAGAIN || errno == EWOULDBLOCK;
  if (!full || wakeup_warns.load(std::memory_order_relaxed))
    wakeup_error.store(errno, std::memory_order_relaxed);
}

void on_signal(int number) {
  int saved = errno;
  trip(number);
  errno = saved;
}

bool install(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, nullptr) == 0;
}

SignalAction installed_action(int number) {
  struct sigaction action;
  if (sigaction(number, nullptr, &action) != 0) return SignalAction::foreign;
  if (action.sa_handler == SIG_DFL) return SignalAction::standard;
  return action.sa_handler == SIG_IGN ? SignalAction::ignored : SignalAction::foreign;
}

// Sixty-four questions to the kernel at each start would be for nothing: few programs ask for the
// action of a signal that they do not set.
SignalAction action_of(Entry& entry) {
  SignalAction known = entry.action.load(std::memory_order_acquire);
  if (known != SignalAction::unasked) return known;
  SignalAction found = installed_action(static_cast<int>(&entry - entries));
  return entry.action.compare_exchange_strong(known, found) ? found : known;
}

Result<void> run_handler(Thread& thread, int number) {
  Entry& entry = entries[number];
  switch (entry.action.load(std::memory_order_acquire)) {
    case SignalAction::interrupt:
      return raise_object(
          thread, TRY(call(thread, Value(static_cast<Object*>(EXCEPTION(KeyboardInterrupt))), {})));
    case SignalAction::python: break;
    default: return {};  // changed after the signal came
  }
  Maybe<Ref<Object>> callable =
      Maybe<Ref<Object>>::adopt(slot_load(thread, &shared_root, entry.callable));
  if (!callable) return {};
  AnyRef frame = AnyRef::adopt(kNone);
  if (thread.context && thread.context->frame)
    frame = TRY(frame_object(thread, thread.context->frame));
  AnyRef ignored = TRY(call(thread, callable.borrow(), {small_int(number), frame.value()}));
  return {};
}

void report_wakeup_error(Thread& thread) {
  int error = wakeup_error.exchange(0);
  if (!error) return;
  (void)raise_os_error(thread, error);
  report_unraisable(thread, "Exception ignored when trying to write to the signal wakeup fd", {});
}

// Every handler that is due, by number. One that raises ends the round; the others stay due.
Result<void> signals_run(Thread& thread) {
  report_wakeup_error(thread);
  if (!any_tripped.exchange(false, std::memory_order_acquire)) return {};
  for (int number = 1; number < kSignalCount; ++number) {
    if (!entries[number].tripped.exchange(false, std::memory_order_relaxed)) continue;
    if (!run_handler(thread, number).raised()) continue;
    any_tripped.store(true, std::memory_order_release);
    thread.poll.fetch_or(kPollSignals, std::memory_order_release);
    return Raised{};
  }
  return {};
}

Result<void> handle_pending(Thread& thread) {
  if (thread.poll.load(std::memory_order_relaxed) & kPollSignals) {
    thread.poll.fetch_and(~uint32_t{kPollSignals}, std::memory_order_acq_rel);
    if (thread.is_main) return signals_run(thread);
  }
  return {};
}

}  // namespace

void signals_start(Thread& main) {
  main_thread = &main;
  memory_hooks.handle_pending = handle_pending;
  install(SIGPIPE, SIG_IGN);
  install(SIGXFSZ, SIG_IGN);
  for (int number = 1; number < kSignalCount; ++number) {
    entries[number].action.store(SignalAction::unasked, std::memory_order_relaxed);
  }
  if (action_of(entries[SIGINT]) == SignalAction::standard && install(SIGINT, on_signal)) {
    entries[SIGINT].action.store(SignalAction::interrupt, std::memory_order_release);
  }
}

void signals_finish(Thread& main) {
  wakeup_descriptor.store(-1);
  for (int number = 1; number < kSignalCount; ++number) {
    Entry& entry = entries[number];
    SignalAction action = entry.action.load();
    if (action != SignalAction::interrupt && action != SignalAction::python) continue;
    install(number, SIG_DFL);
    entry.action.store(SignalAction::standard);
    slot_clear(main, &shared_root, entry.callable);
  }
}

SignalHandler signal_handler(Thread& thread, int number) {
  Entry& entry = entries[number];
  SignalHandler found{action_of(entry), {}};
  if (found.action == SignalAction::python) {
    found.callable = Maybe<Ref<Object>>::adopt(slot_load(thread, &shared_root, entry.callable));
  }
  return found;
}

Result<void> signal_set(Thread& thread, int number, SignalAction action, MaybeAny callable) {
  void (*handler)(int) = action == SignalAction::standard  ? SIG_DFL
                         : action == SignalAction::ignored ? SIG_IGN
                                                           : on_signal;
  Entry& entry = entries[number];
  // The new handler is in its place before a signal can ask for it.
  AnyRef kept = callable ? share(thread, callable.value()) : AnyRef::adopt(kNone);
  SignalAction old_action = action_of(entry);
  Value old =
      slot_exchange(thread, &shared_root, entry.callable, callable ? kept.release() : Value{});
  entry.action.store(action, std::memory_order_release);
  if (!install(number, handler)) {
    int error = errno;
    entry.action.store(old_action, std::memory_order_release);
    slot_write(thread, &shared_root, entry.callable, old);
    return raise_os_error(thread, error);
  }
  decref(thread, old);
  return {};
}

void signal_simulate(int number) {
  SignalAction action = entries[number].action.load(std::memory_order_acquire);
  if (action == SignalAction::interrupt || action == SignalAction::python) trip(number);
}

int signal_wakeup(int descriptor, bool warn_when_full) {
  wakeup_warns.store(warn_when_full);
  return wakeup_descriptor.exchange(descriptor);
}

}  // namespace dx
