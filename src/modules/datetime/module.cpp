// The _datetime module: the types' constants and timezone.utc.

#include "modules/datetime/datetime.h"
#include "objects/dict.h"
#include "objects/module.h"

namespace dx {

namespace {

Result<void> set_constants(Thread& thread, Type* type, Any least, Any most, Any resolution) {
  Borrowed<Dict> dict = type_dict(thread, type);
  TRY(dict_set_str(thread, dict, NAME("min"), least));
  TRY(dict_set_str(thread, dict, NAME("max"), most));
  if (resolution.is_none()) return {};
  return dict_set_str(thread, dict, NAME("resolution"), resolution);
}

Result<void> make_constants(Thread& thread) {
  TimeParts last{23, 59, 59, 999999, 0};
  Ref<TimeDelta> micro = TRY(timedelta_create(thread, 0, 0, 1));
  Ref<TimeDelta> day = TRY(timedelta_create(thread, 1, 0, 0));
  Ref<TimeDelta> none = TRY(timedelta_create(thread, 0, 0, 0));

  Ref<TimeDelta> shortest = TRY(timedelta_create(thread, -999999999, 0, 0));
  Ref<TimeDelta> longest = TRY(timedelta_create(thread, 999999999, 86399, 999999));
  TRY(set_constants(thread, timedelta_type, shortest, longest, micro));

  Ref<Date> first_date = TRY(date_create(thread, {kMinYear, 1, 1}));
  Ref<Date> last_date = TRY(date_create(thread, {kMaxYear, 12, 31}));
  TRY(set_constants(thread, date_type, first_date, last_date, day));

  Ref<Time> first_time = TRY(time_create(thread, {}, kNone));
  Ref<Time> last_time = TRY(time_create(thread, last, kNone));
  TRY(set_constants(thread, time_type, first_time, last_time, micro));

  Ref<DateTime> first = TRY(datetime_create(thread, {kMinYear, 1, 1}, {}, kNone));
  Ref<DateTime> end = TRY(datetime_create(thread, {kMaxYear, 12, 31}, last, kNone));
  TRY(set_constants(thread, datetime_type, first, end, micro));

  // To the minute, though the constructor takes more since.
  AnyRef utc = TRY(timezone_create(thread, none, {}));
  Ref<TimeDelta> west = TRY(timedelta_create(thread, -1, 60, 0));
  Ref<TimeDelta> east = TRY(timedelta_create(thread, 0, 86340, 0));
  AnyRef westmost = TRY(timezone_create(thread, west, {}));
  AnyRef eastmost = TRY(timezone_create(thread, east, {}));
  TRY(set_constants(thread, timezone_type, westmost, eastmost, kNone));
  TRY(dict_set_str(thread, type_dict(thread, timezone_type), NAME("utc"), utc));
  make_immortal(utc.value().object());
  timezone_utc = utc.release();
  return {};
}

Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  TRY(type_from_spec(thread, iso_calendar_date_spec, iso_calendar_date_type));
  if (!timezone_utc) TRY(make_constants(thread));
  return module_set(thread, module, "UTC", Any(timezone_utc));
}

constexpr ModuleConstant constants[] = {
    constant("MINYEAR", kMinYear),
    constant("MAXYEAR", kMaxYear),
};
const ModuleType types[] = {
    {&date_spec, &date_type},     {&datetime_spec, &datetime_type},
    {&time_spec, &time_type},     {&timedelta_spec, &timedelta_type},
    {&tzinfo_spec, &tzinfo_type}, {&timezone_spec, &timezone_type},
};

}  // namespace

extern const ModuleSpec _datetime_module;
const ModuleSpec _datetime_module{
    .name = "_datetime",
    .doc = "Fast implementation of the datetime module.",
    .constants = constants,
    .types = types,
    .initialize = initialize,
};

}  // namespace dx
