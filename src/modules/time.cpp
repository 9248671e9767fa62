// time: clocks, sleeping, and the calendar as the C library knows it.

#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>

#include "memory/safepoint.h"
#include "objects/codecs.h"
#include "objects/audit.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/namespace.h"
#include "objects/str.h"
#include "objects/structseq.h"

namespace dx {

namespace {

constexpr Word kBillion = 1000000000;

// ---- clocks -------------------------------------------------------------------------------------
Result<Word> clock_nanoseconds(Thread& thread, clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) < 0) return raise_os_error(thread, errno);
  return now.tv_sec * kBillion + now.tv_nsec;
}
template <clockid_t clock>
Result<double> seconds(Thread& thread) {
  Word now = TRY(clock_nanoseconds(thread, clock));
  return static_cast<double>(now) / 1e9;
}
template <clockid_t clock>
AnyResult nanoseconds(Thread& thread) {
  return int_from_word(thread, TRY(clock_nanoseconds(thread, clock)));
}
Result<double> time_clock_gettime(Thread& thread, int clock) {
  return static_cast<double>(TRY(clock_nanoseconds(thread, clock))) / 1e9;
}
AnyResult time_clock_gettime_ns(Thread& thread, int clock) {
  return int_from_word(thread, TRY(clock_nanoseconds(thread, clock)));
}
Result<double> time_clock_getres(Thread& thread, int clock) {
  struct timespec step;
  if (clock_getres(clock, &step) < 0) return raise_os_error(thread, errno);
  return static_cast<double>(step.tv_sec) + 1e-9 * static_cast<double>(step.tv_nsec);
}
Result<void> set_clock(Thread& thread, clockid_t clock, const struct timespec& now) {
  if (clock_settime(clock, &now) < 0) return raise_os_error(thread, errno);
  return {};
}
Result<void> time_clock_settime(Thread& thread, int clock, Any time) {
  double now = TRY(float_convert(thread, time));
  if (std::isnan(now)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  double whole = std::floor(now);
  if (!(whole >= -9.2e18 && whole <= 9.2e18))
    return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
  return set_clock(thread, clock,
                   {static_cast<time_t>(whole), static_cast<long>((now - whole) * 1e9)});
}
Result<void> time_clock_settime_ns(Thread& thread, int clock, Any time) {
  AnyRef index = TRY(to_index(thread, time));
  Word now = TRY(int_word(thread, index.value()));
  Word second = now >= 0 ? now / kBillion : -((-now + kBillion - 1) / kBillion);
  return set_clock(thread, clock, {second, now - second * kBillion});
}
AnyResult time_pthread_getcpuclockid(Thread& thread, Any ident) {
  AnyRef index = TRY(to_index(thread, ident));
  clockid_t clock;
  int error =
      pthread_getcpuclockid(static_cast<pthread_t>(TRY(int_u64(thread, index.value()))), &clock);
  if (error) return raise_os_error(thread, error);
  return int_from_word(thread, clock);
}

AnyResult time_get_clock_info(Thread& thread, Borrowed<Str> name) {
  static constexpr struct {
    const char* name;
    const char* implementation;
    clockid_t clock;
    bool monotonic;
  } clocks[] = {
      {"time", "clock_gettime(CLOCK_REALTIME)", CLOCK_REALTIME, false},
      {"monotonic", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true},
      {"perf_counter", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true},
      {"process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", CLOCK_PROCESS_CPUTIME_ID, true},
      {"thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", CLOCK_THREAD_CPUTIME_ID, true}};
  for (auto& clock : clocks) {
    if (!str_equals_ascii(name, clock.name)) continue;
    Ref<Dict> fields = TRY(dict_create(thread));
    Ref<Str> implementation = TRY(str_from_ascii(thread, clock.implementation));
    AnyRef resolution =
        AnyRef::adopt(double_to_value(thread, TRY(time_clock_getres(thread, clock.clock))));
    TRY(dict_set_str(thread, fields, NAME("implementation"), implementation.borrow()));
    TRY(dict_set_str(thread, fields, NAME("monotonic"), Any(bool_value(clock.monotonic))));
    TRY(dict_set_str(thread, fields, NAME("adjustable"), Any(bool_value(!clock.monotonic))));
    TRY(dict_set_str(thread, fields, NAME("resolution"), resolution.borrow()));
    return namespace_create(thread, fields);
  }
  return raise<ValueError>(thread, "unknown clock");
}

Result<void> time_sleep(Thread& thread, Any duration) {
  TRY(audit(thread, "time.sleep", {duration.value()}));
  if (!is_int(duration) && !duration.value().is_float() && !has_layout(duration, kShapeFloat) &&
      !has_index(duration)) {
    return raise<TypeError>(thread, "'{}' object cannot be interpreted as an integer or float",
                            type_name_in(duration));
  }
  double wanted = TRY(float_convert(thread, duration));
  if (std::isnan(wanted)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  if (wanted * 1e9 >= 9223372036854775808.0 || wanted * 1e9 < -9223372036854775808.0)
    return raise<OverflowError>(thread, "timestamp out of range for C PyTime_t");
  if (wanted < 0) return raise<ValueError>(thread, "sleep length must be non-negative");
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  double whole;
  long fraction = static_cast<long>(std::ceil(std::modf(wanted, &whole) * 1e9));
  until.tv_sec += static_cast<time_t>(whole);
  until.tv_nsec += fraction;
  if (until.tv_nsec >= kBillion) {
    until.tv_nsec -= kBillion;
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

// ---- struct_time --------------------------------------------------------------------------------
constexpr StructField struct_time_fields[] = {
    {"tm_year", "year, for example, 1993"},
    {"tm_mon", "month of year, range [1, 12]"},
    {"tm_mday", "day of month, range [1, 31]"},
    {"tm_hour", "hours, range [0, 23]"},
    {"tm_min", "minutes, range [0, 59]"},
    {"tm_sec", "seconds, range [0, 61])"},
    {"tm_wday", "day of week, range [0, 6], Monday is 0"},
    {"tm_yday", "day of year, range [1, 366]"},
    {"tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"},
    {"tm_zone", "abbreviation of timezone name"},
    {"tm_gmtoff", "offset from UTC in seconds"}};
StructSequence struct_time{.name = "time.struct_time",
                           .doc =
                               "The time value as returned by gmtime(), localtime(), and "
                               "strptime(), and\n accepted by asctime(), mktime() and strftime().",
                           .fields = struct_time_fields,
                           .visible = 9};

AnyResult time_object(Thread& thread, const struct tm& at) {
  Ref<Str> zone = TRY(str_from_filesystem(thread, at.tm_zone ? at.tm_zone : ""));
  Value fields[11] = {small_int(Word{at.tm_year} + 1900),
                      small_int(at.tm_mon + 1),
                      small_int(at.tm_mday),
                      small_int(at.tm_hour),
                      small_int(at.tm_min),
                      small_int(at.tm_sec),
                      small_int((at.tm_wday + 6) % 7),
                      small_int(at.tm_yday + 1),
                      small_int(at.tm_isdst),
                      zone.release(),
                      small_int(at.tm_gmtoff)};
  return structseq_create(thread, struct_time, fields);
}

// Seconds since the epoch, rounded down; None: now.
Result<time_t> moment_from(Thread& thread, MaybeAny given) {
  if (!given || given.value().is_none()) return ::time(nullptr);
  if (given.value().is_float() || has_layout(given.value(), kShapeFloat)) {
    double number = TRY(float_convert(thread, *given));
    if (std::isnan(number)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
    number = std::floor(number);
    if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0))
      return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
    return static_cast<time_t>(number);
  }
  AnyRef index = TRY(to_index(thread, *given));
  Word number;
  if (!int_to_word(index.value(), number))
    return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
  return static_cast<time_t>(number);
}
Result<struct tm> calendar(Thread& thread, MaybeAny given,
                           struct tm* (*convert)(const time_t*, struct tm*)) {
  time_t moment = TRY(moment_from(thread, given));
  struct tm at;
  errno = 0;
  if (!convert(&moment, &at)) return raise_os_error(thread, errno ? errno : EINVAL);
  return at;
}
AnyResult time_gmtime(Thread& thread, MaybeAny when) {
  return time_object(thread, TRY(calendar(thread, when, gmtime_r)));
}
AnyResult time_localtime(Thread& thread, MaybeAny when) {
  return time_object(thread, TRY(calendar(thread, when, localtime_r)));
}

// Nine numbers, as they stand.
Result<struct tm> fields_from(Thread& thread, Any given, const char* function) {
  if (!is_tuple(given)) return raise<TypeError>(thread, "Tuple or struct_time argument required");
  Borrowed<Tuple> tuple(given.value());
  if (tuple->size != 9)
    return raise<TypeError>(thread, "{}(): illegal time tuple argument", function);
  int numbers[9];
  for (Word i = 0; i < 9; ++i) {
    AnyRef index = TRY(to_index(thread, tuple->item(i)));
    Word number;
    if (!int_to_word(index.value(), number) || number > INT_MAX || number < INT_MIN) {
      return raise<OverflowError>(thread, int_sign(index.value()) < 0
                                              ? "signed integer is less than minimum"
                                              : "signed integer is greater than maximum");
    }
    numbers[i] = static_cast<int>(number);
  }
  if (numbers[0] < INT_MIN + 1900) return raise<OverflowError>(thread, "year out of range");
  struct tm at{};
  at.tm_year = numbers[0] - 1900;
  at.tm_mon = numbers[1] - 1;
  at.tm_mday = numbers[2];
  at.tm_hour = numbers[3];
  at.tm_min = numbers[4];
  at.tm_sec = numbers[5];
  at.tm_wday = (numbers[6] + 1) % 7;
  at.tm_yday = numbers[7] - 1;
  at.tm_isdst = numbers[8];
  return at;
}
// Numbers that a text can be made of: 0 stands for the first month, day and day of the year.
Result<void> check_fields(Thread& thread, struct tm& at) {
  if (at.tm_mon == -1) at.tm_mon = 0;
  if (at.tm_mon < 0 || at.tm_mon > 11) return raise<ValueError>(thread, "month out of range");
  if (at.tm_mday == 0) at.tm_mday = 1;
  if (at.tm_mday < 0 || at.tm_mday > 31)
    return raise<ValueError>(thread, "day of month out of range");
  if (at.tm_hour < 0 || at.tm_hour > 23) return raise<ValueError>(thread, "hour out of range");
  if (at.tm_min < 0 || at.tm_min > 59) return raise<ValueError>(thread, "minute out of range");
  if (at.tm_sec < 0 || at.tm_sec > 61) return raise<ValueError>(thread, "seconds out of range");
  if (at.tm_wday < 0) return raise<ValueError>(thread, "day of week out of range");
  if (at.tm_yday == -1) at.tm_yday = 0;
  if (at.tm_yday < 0 || at.tm_yday > 365)
    return raise<ValueError>(thread, "day of year out of range");
  return {};
}

AnyResult asctime_text(Thread& thread, const struct tm& at) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[96];
  std::snprintf(text, sizeof text, "%s %s%3d %.2d:%.2d:%.2d %lld", days[at.tm_wday],
                months[at.tm_mon], at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec,
                1900LL + at.tm_year);
  return str_from_ascii(thread, text);
}
AnyResult time_asctime(Thread& thread, MaybeAny when) {
  if (!when) return asctime_text(thread, TRY(calendar(thread, when, localtime_r)));
  struct tm at = TRY(fields_from(thread, *when, "asctime"));
  TRY(check_fields(thread, at));
  return asctime_text(thread, at);
}
AnyResult time_ctime(Thread& thread, MaybeAny when) {
  return asctime_text(thread, TRY(calendar(thread, when, localtime_r)));
}

Result<double> time_mktime(Thread& thread, Any when) {
  struct tm at = TRY(fields_from(thread, when, "mktime"));
  at.tm_wday = -1;  // stays so when the time cannot be represented
  time_t moment = ::mktime(&at);
  if (moment == -1 && at.tm_wday == -1)
    return raise<OverflowError>(thread, "mktime argument out of range");
  return static_cast<double>(moment);
}

AnyResult time_strftime(Thread& thread, Any format, MaybeAny when) {
  if (!is_str(format))
    return raise<TypeError>(thread, "strftime() argument 1 must be str, not {}",
                            type_name_in(format));
  struct tm at;
  if (!when) {
    at = TRY(calendar(thread, when, localtime_r));
  } else {
    at = TRY(fields_from(thread, *when, "strftime"));
    TRY(check_fields(thread, at));
    // The zone of a struct_time that knows it; otherwise the one its isdst names.
    if (type_of(*when) == struct_time.type.type) {
      AnyRef offset = TRY(get_attr(thread, *when, NAME("tm_gmtoff")));
      if (offset.value().is_int())
        at.tm_gmtoff = static_cast<long>(small_int_value(offset.value()));
      AnyRef zone = TRY(get_attr(thread, *when, NAME("tm_zone")));
      if (is_str(zone.value())) {
        static thread_local std::string kept;
        Ref<Bytes> bytes = TRY(str_to_filesystem(thread, Borrowed<Str>(zone.value())));
        kept = bytes->data();
        at.tm_zone = kept.c_str();
      }
    }
    if (at.tm_isdst < -1) at.tm_isdst = -1;
    if (at.tm_isdst > 1) at.tm_isdst = 1;
  }
  if (!at.tm_zone) at.tm_zone = tzname[at.tm_isdst > 0];
  ErrorsName any_character = ErrorsName(Borrowed<Str>(NAME("surrogatepass")));
  Ref<Bytes> pattern = TRY(encode_utf8(thread, Borrowed<Str>(format.value()), any_character));
  // The C function takes no NULs, and tells an empty result from a too small room only with a
  // character of ours.
  std::string out;
  std::string_view all = pattern->view();
  for (size_t start = 0;;) {
    size_t end = std::min(all.find('\0', start), all.size());
    std::string part = std::string(all.substr(start, end - start)) + " ";
    for (size_t room = 128 + part.size() * 4;; room *= 2) {
      std::string text(room, '\0');
      size_t size = ::strftime(text.data(), room, part.c_str(), &at);
      if (size > 0) {
        out.append(text, 0, size - 1);
        break;
      }
      if (room > 256 * part.size() + 1024)
        return raise<ValueError>(thread, "Invalid format string");
    }
    if (end == all.size()) break;
    out += '\0';
    start = end + 1;
  }
  return decode_utf8(thread, out, any_character);
}

AnyResult time_strptime(Thread& thread, Rest arguments) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "_strptime"));
  AnyRef module = TRY(import_module(thread, name));
  AnyRef parse = TRY(get_attr(thread, module, NAME("_strptime_time")));
  return call(thread, parse, Arguments{arguments.items, arguments.count, nullptr});
}

// ---- the time zone ------------------------------------------------------------------------------
// timezone, altzone, daylight and tzname, from what holds in January and in July of this year.
Result<void> set_zone(Thread& thread, Borrowed<Module> module) {
  time_t now = ::time(nullptr);
  struct tm at;
  localtime_r(&now, &at);
  auto probe = [&](int month, long& offset, std::string& name) {
    struct tm when{};
    when.tm_year = at.tm_year;
    when.tm_mon = month;
    when.tm_mday = 1;
    when.tm_hour = 12;
    when.tm_isdst = -1;
    time_t moment = ::mktime(&when);
    localtime_r(&moment, &when);
    offset = -when.tm_gmtoff;
    name = when.tm_zone ? when.tm_zone : "   ";
  };
  long january, july;
  std::string january_name, july_name;
  probe(0, january, january_name);
  probe(6, july, july_name);
  if (january < july) {  // summer is in January
    std::swap(january, july);
    std::swap(january_name, july_name);
  }
  TRY(module_set(thread, module, "timezone", Any(small_int(january))));
  TRY(module_set(thread, module, "altzone", Any(small_int(july))));
  TRY(module_set(thread, module, "daylight", Any(small_int(january != july))));
  Ref<Str> standard = TRY(str_from_filesystem(thread, january_name)),
           summer = TRY(str_from_filesystem(thread, july_name));
  Ref<Tuple> names = TRY(tuple_of(thread, {standard.value(), summer.value()}));
  return module_set(thread, module, "tzname", names);
}
Result<void> time_tzset(Thread& thread) {
  ::tzset();
  Ref<Str> name = TRY(str_intern_ascii(thread, "time"));
  AnyRef module = TRY(import_module(thread, name));
  if (!TypeCheck<Module>::check(module.value()))
    return raise<RuntimeError>(thread, "sys.modules['time'] is no module");
  return set_zone(thread, Borrowed<Module>(module.value()));
}

Result<void> time_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(structseq_ready(thread, struct_time));
  TRY(module_set(thread, module, "struct_time", Any(Value(struct_time.type.type))));
  ::tzset();
  return set_zone(thread, module);
}

constexpr Method time_functions[] = {
    function<seconds<CLOCK_REALTIME>>("time()",
                                      "Return the current time in seconds since the Epoch."),
    function<nanoseconds<CLOCK_REALTIME>>(
        "time_ns()", "Return the current time in nanoseconds since the Epoch."),
    function<seconds<CLOCK_MONOTONIC>>("monotonic()", "Monotonic clock, cannot go backward."),
    function<nanoseconds<CLOCK_MONOTONIC>>("monotonic_ns()",
                                           "Monotonic clock, cannot go backward, as nanoseconds."),
    function<seconds<CLOCK_MONOTONIC>>("perf_counter()", "Performance counter for benchmarking."),
    function<nanoseconds<CLOCK_MONOTONIC>>("perf_counter_ns()",
                                           "Performance counter for benchmarking as nanoseconds."),
    function<seconds<CLOCK_PROCESS_CPUTIME_ID>>(
        "process_time()", "Process time for profiling: sum of the kernel and user-space CPU time."),
    function<nanoseconds<CLOCK_PROCESS_CPUTIME_ID>>("process_time_ns()",
                                                    "Process time for profiling as nanoseconds."),
    function<seconds<CLOCK_THREAD_CPUTIME_ID>>("thread_time()", "Thread time for profiling."),
    function<nanoseconds<CLOCK_THREAD_CPUTIME_ID>>("thread_time_ns()",
                                                   "Thread time for profiling as nanoseconds."),
    function<time_clock_gettime>("clock_gettime(clk_id, /)",
                                 "Return the time of the specified clock clk_id as a float."),
    function<time_clock_gettime_ns>(
        "clock_gettime_ns(clk_id, /)",
        "Return the time of the specified clock clk_id as nanoseconds (int)."),
    function<time_clock_getres>("clock_getres(clk_id, /)",
                                "Return the resolution (precision) of the specified clock clk_id."),
    function<time_clock_settime>("clock_settime(clk_id, time, /)",
                                 "Set the time of the specified clock clk_id."),
    function<time_clock_settime_ns>("clock_settime_ns(clk_id, time, /)",
                                    "Set the time of the specified clock clk_id with nanoseconds."),
    function<time_pthread_getcpuclockid>("pthread_getcpuclockid(thread_id, /)",
                                         "Return the clk_id of a thread's CPU time clock."),
    function<time_get_clock_info>("get_clock_info(name, /)",
                                  "Get information of the specified clock."),
    function<time_sleep>("sleep(seconds, /)", "Delay execution for a given number of seconds."),
    function<time_gmtime>(
        "gmtime(seconds=?, /)",
        "Convert seconds since the Epoch to a time tuple expressing UTC (a.k.a. GMT)."),
    function<time_localtime>(
        "localtime(seconds=?, /)",
        "Convert seconds since the Epoch to a time tuple expressing local time."),
    function<time_asctime>("asctime(tuple=?, /)",
                           "Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'."),
    function<time_ctime>("ctime(seconds=?, /)",
                         "Convert a time in seconds since the Epoch to a string in local time."),
    function<time_mktime>("mktime(tuple, /)",
                          "Convert a time tuple in local time to seconds since the Epoch."),
    function<time_strftime>(
        "strftime(format, tuple=?, /)",
        "Convert a time tuple to a string according to a format specification."),
    function<time_strptime>("strptime(*args)",
                            "Parse a string to a time tuple according to a format specification."),
    function<time_tzset>(
        "tzset()",
        "Initialize, or reinitialize, the local timezone to the value stored in os.environ['TZ']."),
};
constexpr ModuleConstant time_constants[] = {
    constant("CLOCK_REALTIME", CLOCK_REALTIME),
    constant("CLOCK_MONOTONIC", CLOCK_MONOTONIC),
    constant("CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW),
    constant("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID),
    constant("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID),
    constant("CLOCK_BOOTTIME", CLOCK_BOOTTIME),
    constant("CLOCK_TAI", 11),
    constant("_STRUCT_TM_ITEMS", 11)};
}  // namespace

extern const ModuleSpec time_module{
    .name = "time",
    .doc = "This module provides various functions to manipulate time values.",
    .functions = time_functions,
    .constants = time_constants,
    .initialize = time_initialize};

}  // namespace dx
