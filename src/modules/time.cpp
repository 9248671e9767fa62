// time: clocks and sleeping. Calendar functions (strftime and its kin) are not there yet.

#include <cerrno>
#include <cmath>
#include <ctime>

#include "memory/safepoint.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/str.h"

namespace dx {

namespace {
Result<Word> clock_nanoseconds(Thread& thread, clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) < 0) return raise_os_error(thread, errno);
  return now.tv_sec * Word{1000000000} + now.tv_nsec;
}
template <clockid_t clock>
Result<double> seconds(Thread& thread) {
  Word now = TRY(clock_nanoseconds(thread, clock));
  return static_cast<double>(now) * 1e-9;
}
template <clockid_t clock>
AnyResult nanoseconds(Thread& thread) { return int_from_word(thread, TRY(clock_nanoseconds(thread, clock))); }
Result<double> time_clock_gettime(Thread& thread, int clock) { return static_cast<double>(TRY(clock_nanoseconds(thread, clock))) * 1e-9; }
AnyResult time_clock_gettime_ns(Thread& thread, int clock) { return int_from_word(thread, TRY(clock_nanoseconds(thread, clock))); }

Result<void> time_sleep(Thread& thread, Any duration) {
  double wanted = TRY(float_convert(thread, duration));
  if (std::isnan(wanted)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  if (wanted < 0) return raise<ValueError>(thread, "sleep length must be non-negative");
  if (wanted > 9e9) return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  double whole;
  long fraction = static_cast<long>(std::modf(wanted, &whole) * 1e9);
  until.tv_sec += static_cast<time_t>(whole);
  until.tv_nsec += fraction;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    ++until.tv_sec;
  }
  for (;;) {
    int error;
    {
      OfflineScope offline(thread);
      error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    }
    TRY(poll_signals(thread));
    if (error == 0) return {};
    if (error != EINTR) return raise_os_error(thread, error);
  }
}

constexpr Method time_functions[] = {
    function<seconds<CLOCK_REALTIME>>("time()", "Return the current time in seconds since the Epoch."),
    function<nanoseconds<CLOCK_REALTIME>>("time_ns()", "Return the current time in nanoseconds since the Epoch."),
    function<seconds<CLOCK_MONOTONIC>>("monotonic()", "Monotonic clock, cannot go backward."),
    function<nanoseconds<CLOCK_MONOTONIC>>("monotonic_ns()", "Monotonic clock, cannot go backward, as nanoseconds."),
    function<seconds<CLOCK_MONOTONIC>>("perf_counter()", "Performance counter for benchmarking."),
    function<nanoseconds<CLOCK_MONOTONIC>>("perf_counter_ns()", "Performance counter for benchmarking as nanoseconds."),
    function<seconds<CLOCK_PROCESS_CPUTIME_ID>>("process_time()", "Process time for profiling: sum of the kernel and user-space CPU time."),
    function<nanoseconds<CLOCK_PROCESS_CPUTIME_ID>>("process_time_ns()", "Process time for profiling as nanoseconds."),
    function<seconds<CLOCK_THREAD_CPUTIME_ID>>("thread_time()", "Thread time for profiling."),
    function<nanoseconds<CLOCK_THREAD_CPUTIME_ID>>("thread_time_ns()", "Thread time for profiling as nanoseconds."),
    function<time_clock_gettime>("clock_gettime(clk_id, /)", "Return the time of the specified clock clk_id as a float."),
    function<time_clock_gettime_ns>("clock_gettime_ns(clk_id, /)", "Return the time of the specified clock clk_id as nanoseconds (int)."),
    function<time_sleep>("sleep(seconds, /)", "Delay execution for a given number of seconds."),
};
constexpr ModuleConstant time_constants[] = {constant("CLOCK_REALTIME", CLOCK_REALTIME), constant("CLOCK_MONOTONIC", CLOCK_MONOTONIC),
                                             constant("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID),
                                             constant("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID), constant("CLOCK_BOOTTIME", CLOCK_BOOTTIME)};
}  // namespace

extern const ModuleSpec time_module{.name = "time", .doc = "This module provides various functions to manipulate time values.", .functions = time_functions, .constants = time_constants};

}  // namespace dx
