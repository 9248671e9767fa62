#pragma once
// Signals: the C handler only notes that one came and sets kPollSignals on the main thread; the
// Python handler runs there, at its next poll_signals (back edges, calls, interrupted system
// calls).
//
//   signal --C handler--> tripped[n], main.poll |= kPollSignals, wakeup descriptor
//   main thread, poll_signals --> signals_run --> handler(n, frame)
//
// The table of Python handlers belongs to the process; only the main thread changes it. SIGINT has
// a handler from the start, which raises KeyboardInterrupt without any Python object being made for
// it.

#include <csignal>

#include "memory/safepoint.h"
#include "objects/native.h"

namespace dx {

constexpr int kSignalCount = NSIG;  // signals are 1 to kSignalCount - 1

enum class SignalAction : uint8_t {
  unasked,  // the kernel has not been asked yet; never leaves signals.cpp
  standard,
  ignored,
  interrupt,
  python,
  foreign  // installed by C code
};
struct SignalHandler {
  SignalAction action;
  Maybe<Ref<Object>> callable;  // python only
};

// Start-up, on the main thread: Ctrl-C is taken over unless it is ignored, SIGPIPE and SIGXFSZ are
// ignored.
void signals_start(Thread& main);
// The end of the process: standard actions again, handlers dropped.
void signals_finish(Thread& main);

SignalHandler signal_handler(Thread& thread, int number);
// Main thread only. OSError when the system refuses. `callable` only for SignalAction::python.
Result<void> signal_set(Thread& thread, int number, SignalAction action, MaybeAny callable);
// As if the signal had arrived; nothing happens unless Python handles it.
void signal_simulate(int number);
// The descriptor that the C handler writes the signal's number to, -1: none. Returns the old one.
int signal_wakeup(int descriptor, bool warn_when_full);

}  // namespace dx
