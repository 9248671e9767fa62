#pragma once
// _datetime: dates, times, durations and time zones.
//
//   timedelta   days | seconds | microseconds, normalized: 0 <= seconds < 86400, 0 <= us < 10**6
//   date        year | month | day
//   datetime    a date, then hour | minute | second | fold | microsecond | tzinfo
//   time        hour | minute | second | fold | microsecond | tzinfo
//   tzinfo      nothing: what Python subclasses derive from
//   timezone    offset | name
//
// Objects are immutable: fields are written before anybody else can see the object, so every thread
// reads them without a lock. The hash is cached in an atomic (0: not computed yet).
//
// A tzinfo may be Python code: whatever asks it (`zone_offset` and its kin) may run anything.
// Internally its answer is an Offset, a number; only Python sees a timedelta.
//
// Objects made from pickled bytes have the fields those bytes say, also absurd ones (minute 255):
// all arithmetic here is defined for any field values, with 1 <= month <= 12.

#include <atomic>
#include <ctime>
#include <string>

#include "modules/datetime/calendar.h"
#include "objects/container_support.h"
#include "objects/int.h"
#include "objects/native.h"
#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

struct TimeDelta : Object {
  std::atomic<Word> hash_cache;
  int32_t days, seconds, microseconds;
};
struct Date : Object {
  std::atomic<Word> hash_cache;
  uint16_t year;
  uint8_t month, day;

  DateParts date() const { return {year, month, day}; }
};
struct DateTime : Date {
  uint8_t hour, minute, second, fold;
  uint32_t microsecond;
  Field<Object> tzinfo;  // or None

  TimeParts time() const { return {hour, minute, second, static_cast<int>(microsecond), fold}; }
};
struct Time : Object {
  std::atomic<Word> hash_cache;
  uint8_t hour, minute, second, fold;
  uint32_t microsecond;
  Field<Object> tzinfo;  // or None

  TimeParts time() const { return {hour, minute, second, static_cast<int>(microsecond), fold}; }
};
struct TimeZone : Object {
  Field<TimeDelta> offset;
  Field<Object> name;  // str, or None: made from the offset
};

extern TypeHandle timedelta_type, date_type, datetime_type, time_type, tzinfo_type, timezone_type,
    iso_calendar_date_type;
extern const TypeSpec timedelta_spec, date_spec, datetime_spec, time_spec, tzinfo_spec,
    timezone_spec, iso_calendar_date_spec;
extern const Layout timedelta_layout, date_layout, datetime_layout, time_layout;

// Python subclasses keep the layout of their native base, so one load tells what an object is.
inline const Layout* layout_of(Value value) {
  return value.is_object() ? shape_of(value.object()).layout : nullptr;
}
inline bool is_timedelta(Value value) { return layout_of(value) == &timedelta_layout; }
inline bool is_datetime(Value value) { return layout_of(value) == &datetime_layout; }
inline bool is_date(Value value) { return layout_of(value) == &date_layout || is_datetime(value); }
inline bool is_time(Value value) { return layout_of(value) == &time_layout; }
inline bool is_tzinfo(Value value) {
  return value.is_object() && is_subtype(type_of(value), tzinfo_type);
}
inline bool is_timezone(Value value) {
  return value.is_object() && type_of(value) == timezone_type.type;
}

// ---- arguments ----------------------------------------------------------------------------------
// A number as the constructors take it: __index__, in the range of a C int.
Result<int> int_argument(Thread& thread, Value value);
// The same for a field that may be left out.
inline Result<int> int_argument(Thread& thread, MaybeAny value, int otherwise) {
  if (!value) return otherwise;
  return int_argument(thread, value.value());
}
// Binds a constructor's arguments; the last `keyword_only` of the names are for keywords only.
// False: TypeError pending.
struct FieldNames {
  const char* const* names;
  size_t count, keyword_only, required;
  const char* function = nullptr;  // null: errors speak of "function"
  bool numbers = false;            // the required ones are numbers
};
bool bind_fields(Thread& thread, const FieldNames& names, const Arguments& arguments, Value* out);
// `which`: "", or the argument's number as " 1".
Result<Borrowed<Str>> str_argument(Thread& thread, Any given, const char* function,
                                   const char* which);
Result<void> check_date(Thread& thread, const DateParts& date);
Result<void> check_time(Thread& thread, const TimeParts& time);
Result<void> check_tzinfo(Thread& thread, Any tzinfo);
// The fields in `size` bytes as a pickle hands them to a constructor: bytes, or the str that an old
// protocol made of them. False: `given` is no such thing, or `sane` says that its bytes are not.
// ValueError for a str that is not Latin-1; `kind` names the class.
Result<bool> packed_state(Thread& thread, Value given, uint8_t* out, size_t size, const char* kind,
                          bool (*sane)(const uint8_t* state));

// ---- timedelta ----------------------------------------------------------------------------------
// The duration of so many days, seconds and microseconds, each any number below 2**62 and of any
// sign. OverflowError.
Result<Ref<TimeDelta>> timedelta_create(Thread& thread, Word days, Word seconds, Word microseconds);
// Microseconds in all. Requires: less than 290,000 years (offsets are below a day).
inline Word timedelta_micros(const TimeDelta* self) {
  return (self->days * kSecondsPerDay + self->seconds) * kMicrosPerSecond + self->microseconds;
}
int timedelta_compare(const TimeDelta* left, const TimeDelta* right);
Result<Word> timedelta_hash(Thread& thread, Borrowed<TimeDelta> self);
AnyResult timedelta_total_seconds(Thread& thread, Borrowed<TimeDelta> self);

// ---- date, time, datetime -----------------------------------------------------------------------
// Of the type itself. Requires: fields in range.
Result<Ref<Date>> date_create(Thread& thread, const DateParts& date);
Result<Ref<Time>> time_create(Thread& thread, const TimeParts& time, Any tzinfo);
Result<Ref<DateTime>> datetime_create(Thread& thread, const DateParts& date, const TimeParts& time,
                                      Any tzinfo);
// Of any class: the type itself with its fields checked, or what the Python class makes of them.
AnyResult date_create_of(Thread& thread, Borrowed<Type> type, const DateParts& date);
AnyResult time_create_of(Thread& thread, Borrowed<Type> type, const TimeParts& time, Any tzinfo);
AnyResult datetime_create_of(Thread& thread, Borrowed<Type> type, const DateParts& date,
                             const TimeParts& time, Any tzinfo);
AnyResult datetime_add_span(Thread& thread, Borrowed<DateTime> self, Word days, Word seconds,
                            Word microseconds);
// Where a datetime stands on its own clock: seconds as calendar.h counts them.
inline Word clock_seconds(const DateParts& date, const TimeParts& time) {
  return ordinal_of(date) * kSecondsPerDay + time.hour * 3600 + time.minute * 60 + time.second;
}
// The fields of a place on a clock. OverflowError "date value out of range".
struct ClockParts {
  DateParts date;
  TimeParts time;
};
Result<ClockParts> clock_parts(Thread& thread, Word days, Word seconds, Word microseconds);
// "Sun Feb  3 04:05:06 2001"
AnyResult ctime_text(Thread& thread, const DateParts& date, const TimeParts& time);
AnyResult struct_time_create(Thread& thread, const DateParts& date, const TimeParts& time, int dst);

// ---- time zones ---------------------------------------------------------------------------------
struct Offset {
  bool known = false;     // false: None
  Word microseconds = 0;  // east of UTC, less than a day
  bool operator==(const Offset&) const = default;
};
// tzinfo.utcoffset(moment), checked; not known when tzinfo is None. moment: a datetime, or None.
Result<Offset> zone_offset(Thread& thread, Any tzinfo, Any moment);
// The answers of utcoffset() and dst() as objects, checked; None when tzinfo is None.
AnyResult zone_delta(Thread& thread, Any tzinfo, Borrowed<Str> method, Any moment);
// The answer of tzname(), checked.
AnyResult zone_name(Thread& thread, Any tzinfo, Any moment);
extern Value timezone_utc;  // immortal, set when the module is made
AnyResult timezone_create(Thread& thread, Borrowed<TimeDelta> offset, MaybeAny name);
// timezone.utc or timezone(timedelta(microseconds=...)). ValueError from a day on.
AnyResult timezone_of_offset(Thread& thread, Word microseconds);
// zone.fromutc(moment).
AnyResult zone_from_utc(Thread& thread, Any zone, Any moment);

// ---- the system's clock and zone (clock.cpp) ----------------------------------------------------
enum class Zone : uint8_t { local, utc };
Result<void> broken_down_time(Thread& thread, time_t moment, Zone zone, struct tm& out);
struct Timestamp {
  time_t seconds;
  int microseconds;
};
Timestamp timestamp_now();
// What Python code passes to fromtimestamp(), rounded to microseconds, or down to seconds.
Result<Timestamp> timestamp_argument(Thread& thread, Any given);
Result<time_t> timestamp_seconds(Thread& thread, Any given);
AnyResult datetime_from_timestamp(Thread& thread, Borrowed<Type> type, Timestamp moment, Zone zone,
                                  Any tzinfo);
// Unix seconds of a local time; fold chooses between two, in a gap the other way round.
Result<Word> local_timestamp(Thread& thread, const DateParts& date, const TimeParts& time);
AnyResult local_timezone_at(Thread& thread, Word timestamp);
AnyResult local_timezone_of(Thread& thread, Borrowed<DateTime> self);

// ---- text (iso_text.cpp, strftime.cpp) ----------------------------------------------------------
// Writing digits: what they return is where to go on. Fields of any size fit, padded to the width.
char* put_number(char* out, unsigned number, int width);
char* put_date(char* out, const DateParts& date);                   // 2001-02-03
char* put_offset(char* out, const Offset& offset, char separator);  // +01:30; separator 0: none
constexpr size_t kIsoRoom = 96;
// hh:mm:ss as timespec says; null: unknown timespec.
char* put_time(char* out, const TimeParts& time, MaybeAny timespec);

enum class IsoFault : uint8_t { none, malformed, midnight };  // midnight: 24:00:00.5
struct IsoTime {
  TimeParts time;
  bool next_day = false;  // it said 24:00
  Offset offset;
};
bool parse_iso_date(std::string_view text, DateParts& out);
IsoFault parse_iso_time(std::string_view text, IsoTime& out);
// Where the date ends; or npos. Requires: at least 7 characters.
size_t iso_date_end(std::string_view text);
// One char a character, '?' + 128 for what is not ASCII (only allowed as the separator).
class IsoText {
 public:
  explicit IsoText(Borrowed<Str> text);
  std::string_view view() const { return view_; }

 private:
  std::string kept_;
  std::string_view view_;
};
// The Gregorian date of an ISO one; ValueError.
Result<DateParts> date_of_iso(Thread& thread, int year, int week, int weekday);
// The same without the error.
bool iso_date_valid(int year, int week, int weekday);

// time.strftime(format, time_tuple) after what the C library does not know was put in: the
// microsecond, and what tzinfo says when asked with zone_argument.
AnyResult wrapped_strftime(Thread& thread, Borrowed<Str> format, Any time_tuple, Any zone_argument,
                           int microsecond, Any tzinfo);
// cls.strptime through _strptime's function of that name.
AnyResult strptime_by(Thread& thread, Borrowed<Str> function, Borrowed<Type> type,
                      Borrowed<Str> text, Borrowed<Str> format);
// format(self, spec): str(self), or self.strftime(spec).
AnyResult format_by_strftime(Thread& thread, Any self, Any spec);

// ---- small helpers ------------------------------------------------------------------------------
template <class... A>
AnyResult formatted(Thread& thread, const char* format, A&&... arguments) {
  const FormatArgument list[] = {FormatArgument(arguments)...};
  return format_text(thread, format, list, sizeof...(A));
}
// A fresh object of a native type itself, payload undefined: the caller writes every field.
template <class T>
T* allocate_native(Thread& thread, const TypeHandle& handle, PageKind kind) {
  return static_cast<T*>(allocate_object_uninitialized(
      thread, sizeof(T), handle.type->instance_shape.load(std::memory_order_relaxed), kind));
}
// A hash that is remembered: 0 stands for "not yet", so an object whose hash is 0 computes it anew.
template <class T, class Compute>
Result<Word> cached_hash(T* self, Compute compute) {
  Word known = self->hash_cache.load(std::memory_order_relaxed);
  if (known) return known;
  Word computed = TRY(compute());
  self->hash_cache.store(computed, std::memory_order_relaxed);
  return computed;
}
inline AnyRef type_object(Thread& thread, Any self) {
  return share(thread, Any(Value(static_cast<Object*>(type_of(self)))));
}

}  // namespace dx
