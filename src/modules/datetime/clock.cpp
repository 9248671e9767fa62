// The system's clock and its time zone: timestamps to fields and back, through the C library.

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "modules/datetime/datetime.h"
#include "objects/float.h"

namespace dx {

Result<void> broken_down_time(Thread& thread, time_t moment, Zone zone, struct tm& out) {
  errno = 0;
  if (!(zone == Zone::local ? localtime_r(&moment, &out) : gmtime_r(&moment, &out)))
    return raise_os_error(thread, errno ? errno : EINVAL);
  return {};
}

// ---- timestamps ---------------------------------------------------------------------------------

Timestamp timestamp_now() {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec, static_cast<int>(now.tv_nsec / 1000)};
}

static Raised raise_timestamp_range(Thread& thread) {
  return raise<OverflowError>(thread, "timestamp out of range for platform time_t");
}
static Result<time_t> time_of_int(Thread& thread, Any given) {
  AnyRef index = TRY(to_index(thread, given));
  Word seconds;
  if (!int_to_word(index.value(), seconds)) return raise_timestamp_range(thread);
  return seconds;
}
static Result<time_t> time_of_double(Thread& thread, double whole) {
  if (!(whole >= -0x1p63 && whole < 0x1p63)) return raise_timestamp_range(thread);
  return static_cast<time_t>(whole);
}
static Raised raise_not_a_number(Thread& thread) {
  return raise<ValueError>(thread, "Invalid value NaN (not a number)");
}

Result<time_t> timestamp_seconds(Thread& thread, Any given) {
  if (!is_float(given)) return time_of_int(thread, given);
  double number = float_value(given);
  if (std::isnan(number)) return raise_not_a_number(thread);
  return time_of_double(thread, std::floor(number));
}
Result<Timestamp> timestamp_argument(Thread& thread, Any given) {
  if (!is_float(given)) {
    if (!has_index(given)) {
      return raise<TypeError>(thread, "argument must be int or float, not {}", type_name_in(given));
    }
    return Timestamp{TRY(time_of_int(thread, given)), 0};
  }
  double number = float_value(given);
  if (std::isnan(number)) return raise_not_a_number(thread);
  double whole, fraction = std::modf(number, &whole);
  double micros = std::nearbyint(fraction * 1e6);  // halves to even
  if (micros >= 1e6) {
    micros -= 1e6;
    whole += 1;
  } else if (micros < 0) {
    micros += 1e6;
    whole -= 1;
  }
  return Timestamp{TRY(time_of_double(thread, whole)), static_cast<int>(micros)};
}

// ---- local time ---------------------------------------------------------------------------------

// The longest that clocks have been turned back by: 23 hours, in Kwajalein in 1969.
constexpr Word kLongestFold = 24 * 3600;

// What the local clock shows at `moment`, as calendar.h counts; both scales are.
static Result<Word> local_clock(Thread& thread, Word moment) {
  struct tm at;
  TRY(broken_down_time(thread, moment - kEpochSeconds, Zone::local, at));
  DateParts date{at.tm_year + 1900, at.tm_mon + 1, at.tm_mday};
  TRY(check_date(thread, date));
  return clock_seconds(date, {at.tm_hour, at.tm_min, at.tm_sec, 0, 0});
}

// Solves local_clock(u) = t for u. Two guesses, with the offsets before and after a possible
// transition; when both are right, fold chooses; when none is, t is in a gap.
Result<Word> local_timestamp(Thread& thread, const DateParts& date, const TimeParts& time) {
  Word t = clock_seconds(date, time);
  Word offset = TRY(local_clock(thread, t)) - t;
  Word first = t - offset;
  Word shown = TRY(local_clock(thread, first));
  Word other_offset;
  if (shown == t) {
    Word probe = time.fold ? first + kLongestFold : first - kLongestFold;
    other_offset = TRY(local_clock(thread, probe)) - probe;
    if (other_offset == offset) return first - kEpochSeconds;
  } else {
    other_offset = shown - first;
  }
  Word second = t - other_offset;
  if (TRY(local_clock(thread, second)) == t) return second - kEpochSeconds;
  if (shown == t) return first - kEpochSeconds;
  return (time.fold ? std::min(first, second) : std::max(first, second)) - kEpochSeconds;
}

AnyResult datetime_from_timestamp(Thread& thread, Borrowed<Type> type, Timestamp moment, Zone zone,
                                  Any tzinfo) {
  struct tm at;
  TRY(broken_down_time(thread, moment.seconds, zone, at));
  DateParts date{at.tm_year + 1900, at.tm_mon + 1, at.tm_mday};
  TimeParts time{at.tm_hour, at.tm_min, std::min(at.tm_sec, 59), moment.microseconds, 0};
  if (tzinfo.is_none() && zone == Zone::local) {
    TRY(check_date(thread, date));
    // Did the clock show this before? Only if it was turned back within the last day.
    Word shown = clock_seconds(date, time);
    Word at_moment = kEpochSeconds + moment.seconds;
    Word before = TRY(local_clock(thread, at_moment - kLongestFold));
    Word turned = shown - before - kLongestFold;
    if (turned < 0) time.fold = TRY(local_clock(thread, at_moment + turned)) == shown;
  }
  return datetime_create_of(thread, type, date, time, tzinfo);
}

AnyResult local_timezone_at(Thread& thread, Word timestamp) {
  struct tm at;
  TRY(broken_down_time(thread, timestamp, Zone::local, at));
  Ref<TimeDelta> offset = TRY(timedelta_create(thread, 0, at.tm_gmtoff, 0));
  Ref<Str> name = TRY(str_from_filesystem(thread, at.tm_zone ? at.tm_zone : ""));
  return timezone_create(thread, offset, MaybeAny(name.value()));
}
AnyResult local_timezone_of(Thread& thread, Borrowed<DateTime> self) {
  TimeParts time = self->time();
  Word timestamp = TRY(local_timestamp(thread, self->date(), time));
  time.fold = !time.fold;
  Word other = TRY(local_timestamp(thread, self->date(), time));
  // In a gap fold means the opposite.
  if (other != timestamp && (other > timestamp) == bool(self->fold)) timestamp = other;
  return local_timezone_at(thread, timestamp);
}

}  // namespace dx
