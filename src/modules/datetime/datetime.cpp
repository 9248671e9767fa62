// datetime: a date and a time of it, perhaps with a zone.

#include "modules/datetime/datetime.h"
#include "objects/bytes.h"
#include "objects/hash.h"
#include "objects/hooks.h"

namespace dx {

TypeHandle datetime_type;

static void fill(DateTime* self, const DateParts& date, const TimeParts& time) {
  self->year = static_cast<uint16_t>(date.year);
  self->month = static_cast<uint8_t>(date.month);
  self->day = static_cast<uint8_t>(date.day);
  self->hour = static_cast<uint8_t>(time.hour);
  self->minute = static_cast<uint8_t>(time.minute);
  self->second = static_cast<uint8_t>(time.second);
  self->fold = static_cast<uint8_t>(time.fold);
  self->microsecond = static_cast<uint32_t>(time.microsecond);
}

Result<Ref<DateTime>> datetime_create(Thread& thread, const DateParts& date, const TimeParts& time,
                                      Any tzinfo) {
  auto* self = allocate_native<DateTime>(thread, datetime_type, PageKind::traced);
  if (!self) return raise_memory_error(thread);
  self->hash_cache.store(0, std::memory_order_relaxed);
  fill(self, date, time);
  slot_init(self, self->tzinfo, share(thread, tzinfo));
  return Ref<DateTime>::adopt(self);
}

AnyResult datetime_create_of(Thread& thread, Borrowed<Type> type, const DateParts& date,
                             const TimeParts& time, Any tzinfo) {
  TRY(check_time(thread, {0, 0, 0, 0, time.fold}));
  if (type.get() == datetime_type.type) {
    TRY(check_date(thread, date));
    TRY(check_time(thread, time));
    TRY(check_tzinfo(thread, tzinfo));
    return datetime_create(thread, date, time, tzinfo);
  }
  AnyRef made = TRY(call(thread, type,
                         {small_int(date.year), small_int(date.month), small_int(date.day),
                          small_int(time.hour), small_int(time.minute), small_int(time.second),
                          small_int(time.microsecond), tzinfo.value()}));
  // Constructors of subclasses need not know of fold. The object is new, as far as we can tell.
  if (time.fold && is_datetime(made.value()))
    static_cast<DateTime*>(made.get())->fold = static_cast<uint8_t>(time.fold);
  return made;
}

static TimeParts time_of_day(Word second, Word microsecond) {
  unsigned at = static_cast<unsigned>(second);
  return {static_cast<int>(at / 3600), static_cast<int>(at / 60 % 60), static_cast<int>(at % 60),
          static_cast<int>(microsecond), 0};
}
Result<ClockParts> clock_parts(Thread& thread, Word days, Word seconds, Word microseconds) {
  carry(seconds, microseconds, kMicrosPerSecond);
  carry(days, seconds, kSecondsPerDay);
  if (days < 1 || days > kMaxOrdinal)
    return raise<OverflowError>(thread, "date value out of range");
  return ClockParts{date_of(days), time_of_day(seconds, microseconds)};
}

static Word second_of_day(const DateTime* self) {
  return self->hour * 3600 + self->minute * 60 + self->second;
}
static Result<ClockParts> shifted_parts(Thread& thread, Borrowed<DateTime> self, Word days,
                                        Word seconds, Word microseconds) {
  seconds += second_of_day(self.get());
  microseconds += self->microsecond;
  carry(seconds, microseconds, kMicrosPerSecond);
  carry(days, seconds, kSecondsPerDay);
  Word day = self->day + days;
  if (day >= 1 && day <= 28 && self->day <= 31) {  // the same month: no calendar needed
    return ClockParts{{self->year, self->month, static_cast<int>(day)},
                      time_of_day(seconds, microseconds)};
  }
  return clock_parts(thread, ordinal_of(self->date()) + days, seconds, microseconds);
}

AnyResult datetime_add_span(Thread& thread, Borrowed<DateTime> self, Word days, Word seconds,
                            Word microseconds) {
  ClockParts sum = TRY(shifted_parts(thread, self, days, seconds, microseconds));
  if (type_of(self) == datetime_type.type)
    return datetime_create(thread, sum.date, sum.time, self->tzinfo.borrow());
  return datetime_create_of(thread, type_of(self), sum.date, sum.time, self->tzinfo.borrow());
}

namespace {

// ---- construction -------------------------------------------------------------------------------

bool sane_datetime_state(const uint8_t* state) {
  return (state[2] & 0x7f) >= 1 && (state[2] & 0x7f) <= 12;
}

AnyResult make(Thread& thread, Borrowed<Type> type, const DateParts& date, const TimeParts& time,
               Any tzinfo) {
  if (type.get() == datetime_type.type) return datetime_create(thread, date, time, tzinfo);
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<DateTime*>(made.get());
  fill(self, date, time);
  slot_init(self, self->tzinfo, share(thread, tzinfo));
  return made;
}

const char* const field_names[] = {"year",   "month",       "day",    "hour", "minute",
                                   "second", "microsecond", "tzinfo", "fold"};

AnyResult datetime_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  size_t positional = arguments.positional();
  if (positional >= 1 && positional <= 2) {
    uint8_t state[10];
    if (TRY(packed_state(thread, arguments.items[0], state, 10, "datetime", sane_datetime_state))) {
      Any tzinfo = positional == 2 ? arguments[1] : Any(kNone);
      if (!tzinfo.is_none() && !is_tzinfo(tzinfo))
        return raise<TypeError>(thread, "bad tzinfo state arg");
      return make(
          thread, type, {state[0] * 256 + state[1], state[2] & 0x7f, state[3]},
          {state[4], state[5], state[6], state[7] << 16 | state[8] << 8 | state[9], state[2] >> 7},
          tzinfo);
    }
  }
  Value given[9];
  if (!bind_fields(thread, {field_names, 9, 1, 3, nullptr, true}, arguments, given))
    return Raised{};
  DateParts date{TRY(int_argument(thread, given[0])), TRY(int_argument(thread, given[1])),
                 TRY(int_argument(thread, given[2]))};
  TimeParts time{TRY(int_argument(thread, MaybeAny(given[3]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[4]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[5]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[6]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[8]), 0))};
  Any tzinfo = given[7] ? Any(given[7]) : Any(kNone);
  TRY(check_date(thread, date));
  TRY(check_time(thread, time));
  TRY(check_tzinfo(thread, tzinfo));
  return make(thread, type, date, time, tzinfo);
}

// In the zone's own time when there is one: made as UTC, then asked.
AnyResult at_moment(Thread& thread, Borrowed<Type> type, Timestamp moment, Any tzinfo) {
  AnyRef made = TRY(datetime_from_timestamp(thread, type, moment,
                                            tzinfo.is_none() ? Zone::local : Zone::utc, tzinfo));
  if (tzinfo.is_none()) return made;
  return zone_from_utc(thread, tzinfo, made);
}
AnyResult datetime_now(Thread& thread, Borrowed<Type> type, Any tz) {
  TRY(check_tzinfo(thread, tz));
  return at_moment(thread, type, timestamp_now(), tz);
}
AnyResult datetime_fromtimestamp(Thread& thread, Borrowed<Type> type, Any timestamp, Any tz) {
  TRY(check_tzinfo(thread, tz));
  Timestamp moment = TRY(timestamp_argument(thread, timestamp));
  return at_moment(thread, type, moment, tz);
}
AnyResult datetime_utcnow(Thread& thread, Borrowed<Type> type) {
  TRY(warn<DeprecationWarning>(
      thread, 1,
      "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. "
      "Use timezone-aware objects to represent datetimes in UTC: "
      "datetime.datetime.now(datetime.UTC)."));
  return datetime_from_timestamp(thread, type, timestamp_now(), Zone::utc, kNone);
}
AnyResult datetime_utcfromtimestamp(Thread& thread, Borrowed<Type> type, Any timestamp) {
  TRY(warn<DeprecationWarning>(
      thread, 1,
      "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a future "
      "version. Use timezone-aware objects to represent datetimes in UTC: "
      "datetime.datetime.fromtimestamp(timestamp, datetime.UTC)."));
  Timestamp moment = TRY(timestamp_argument(thread, timestamp));
  return datetime_from_timestamp(thread, type, moment, Zone::utc, kNone);
}

AnyResult datetime_combine(Thread& thread, Borrowed<Type> type, Any date, Any time,
                           MaybeAny tzinfo) {
  if (!is_date(date)) {
    return raise<TypeError>(thread, "combine() argument 1 must be datetime.date, not {}",
                            type_name_in(date));
  }
  if (!is_time(time)) {
    return raise<TypeError>(thread, "combine() argument 2 must be datetime.time, not {}",
                            type_name_in(time));
  }
  auto* time_part = static_cast<Time*>(time.object());
  return datetime_create_of(thread, type, static_cast<Date*>(date.object())->date(),
                            time_part->time(), tzinfo ? *tzinfo : time_part->tzinfo.borrow());
}

AnyResult datetime_fromisoformat(Thread& thread, Borrowed<Type> type, Any string) {
  if (!is_str(string)) return raise<TypeError>(thread, "fromisoformat: argument must be str");
  IsoText text{Borrowed<Str>(string.value())};
  std::string_view view = text.view();
  size_t end = view.size() < 7 ? std::string_view::npos : iso_date_end(view);
  DateParts date;
  IsoTime time;
  IsoFault fault = IsoFault::none;
  if (end > view.size() || !parse_iso_date(view.substr(0, end), date))
    fault = IsoFault::malformed;
  else if (view.size() > end)
    fault = parse_iso_time(view.substr(end + 1), time);
  if (fault == IsoFault::malformed)
    return raise<ValueError>(thread, "Invalid isoformat string: {}", repr_of(string));
  if (fault == IsoFault::midnight) {
    return raise<ValueError>(thread, "minute, second, and microsecond must be 0 when hour is 24");
  }
  if (time.next_day && date.year >= 1 && date.month >= 1 && date.month <= 12) {
    int days = days_in_month(date.year, date.month);
    if (date.day < days) {
      ++date.day;
    } else if (date.day == days) {
      date.day = 1;
      if (++date.month > 12) {
        date.month = 1;
        ++date.year;
      }
    }
  }
  AnyRef zone = AnyRef::adopt(kNone);
  if (time.offset.known) zone = TRY(timezone_of_offset(thread, time.offset.microseconds));
  return datetime_create_of(thread, type, date, time.time, zone);
}
AnyResult datetime_strptime(Thread& thread, Borrowed<Type> type, Borrowed<Str> string,
                            Borrowed<Str> format) {
  return strptime_by(thread, NAME("_strptime_datetime_datetime"), type, string, format);
}

// ---- the zone's answers -------------------------------------------------------------------------

Result<Offset> offset_of(Thread& thread, Borrowed<DateTime> self) {
  return zone_offset(thread, self->tzinfo.borrow(), self);
}
// utcoffset() of the same time with the other fold.
Result<Offset> flipped_offset(Thread& thread, Borrowed<DateTime> self) {
  Any tzinfo = self->tzinfo.borrow();
  if (tzinfo.is_none() || is_timezone(tzinfo)) return zone_offset(thread, tzinfo, self);
  TimeParts time = self->time();
  time.fold = !time.fold;
  Ref<DateTime> flipped = TRY(datetime_create(thread, self->date(), time, tzinfo));
  return zone_offset(thread, tzinfo, flipped);
}
AnyResult datetime_utcoffset(Thread& thread, Borrowed<DateTime> self) {
  return zone_delta(thread, self->tzinfo.borrow(), NAME("utcoffset"), self);
}
AnyResult datetime_dst(Thread& thread, Borrowed<DateTime> self) {
  return zone_delta(thread, self->tzinfo.borrow(), NAME("dst"), self);
}
AnyResult datetime_tzname(Thread& thread, Borrowed<DateTime> self) {
  return zone_name(thread, self->tzinfo.borrow(), self);
}

// ---- text ---------------------------------------------------------------------------------------

AnyResult datetime_repr(Thread& thread, Borrowed<DateTime> self) {
  std::string text = type_name(thread, type_of(self));
  text += '(' + std::to_string(self->year);
  for (int field : {int{self->month}, int{self->day}, int{self->hour}, int{self->minute}})
    text += ", " + std::to_string(field);
  if (self->second || self->microsecond) text += ", " + std::to_string(self->second);
  if (self->microsecond) text += ", " + std::to_string(self->microsecond);
  if (self->fold) text += ", fold=1";
  if (self->tzinfo.borrow().is_none()) return formatted(thread, "{})", std::string_view(text));
  return formatted(thread, "{}, tzinfo={})", std::string_view(text),
                   repr_of(self->tzinfo.borrow()));
}

AnyResult isoformat(Thread& thread, Borrowed<DateTime> self, char32_t separator,
                    MaybeAny timespec) {
  char text[kIsoRoom];
  char* middle = put_date(text, self->date());
  *middle = static_cast<char>(separator);
  char* end = put_time(middle + 1, self->time(), timespec);
  if (!end) return raise<ValueError>(thread, "Unknown timespec value");
  end = put_offset(end, TRY(offset_of(thread, self)), ':');
  std::string_view all(text, static_cast<size_t>(end - text));
  if (separator < 128) return str_from_ascii(thread, all);
  size_t at = static_cast<size_t>(middle - text);
  StrBuilder builder(thread);
  TRY(builder.append(all.substr(0, at)));
  TRY(builder.append(separator));
  TRY(builder.append(all.substr(at + 1)));
  return builder.finish();
}
AnyResult datetime_isoformat(Thread& thread, Borrowed<DateTime> self, MaybeAny sep,
                             MaybeAny timespec) {
  char32_t separator = 'T';
  if (sep) {
    if (!is_str(sep.value())) {
      return raise<TypeError>(thread, "isoformat() argument 1 must be a unicode character, not {}",
                              type_name_in(*sep));
    }
    StrView view = static_cast<Str*>(sep.value().object())->view();
    if (view.length != 1) {
      return raise<TypeError>(thread,
                              "isoformat() argument 1 must be a unicode character, not a string "
                              "of length {}",
                              view.length);
    }
    separator = view[0];
  }
  if (timespec) TRY(str_argument(thread, *timespec, "isoformat", " 2"));
  return isoformat(thread, self, separator, timespec);
}
AnyResult datetime_str(Thread& thread, Borrowed<DateTime> self) {
  if (type_of(self) == datetime_type.type) return isoformat(thread, self, ' ', {});
  return call_method(thread, self, NAME("isoformat"), {Value(NAME(" "))});
}
AnyResult datetime_ctime(Thread& thread, Borrowed<DateTime> self) {
  return ctime_text(thread, self->date(), self->time());
}

// ---- comparison, hash ---------------------------------------------------------------------------

// All fields in one number; two of one clock order as they do.
uint64_t sort_key(const DateTime* self) {
  uint64_t date = uint64_t{self->year} << 16 | uint64_t{self->month} << 8 | self->day;
  uint64_t time = uint64_t{self->hour} << 16 | uint64_t{self->minute} << 8 | self->second;
  return date << 24 | time;
}
int compare_fields(const DateTime* left, const DateTime* right) {
  uint64_t a = sort_key(left), b = sort_key(right);
  if (a != b) return a < b ? -1 : 1;
  return left->microsecond < right->microsecond ? -1 : left->microsecond > right->microsecond;
}
// Microseconds from right to left on one clock.
__int128 micros_between(const DateTime* left, const DateTime* right) {
  Word seconds =
      clock_seconds(left->date(), left->time()) - clock_seconds(right->date(), right->time());
  return static_cast<__int128>(seconds) * kMicrosPerSecond + left->microsecond -
         static_cast<Word>(right->microsecond);
}

template <CompareOp op>
AnyResult datetime_order(Thread& thread, Borrowed<DateTime> self, Any other_value) {
  if (!is_datetime(other_value)) return not_implemented();
  Borrowed<DateTime> other(other_value.value());
  if (self->tzinfo.borrow().is(other->tzinfo.borrow()))
    return truth(order_holds(compare_fields(self.get(), other.get()), 0, op));
  Offset offset = TRY(offset_of(thread, self)), other_offset = TRY(offset_of(thread, other));
  constexpr bool equality = op == CompareOp::eq || op == CompareOp::ne;
  if (offset.known != other_offset.known) {
    if (equality) return truth(op == CompareOp::ne);
    return raise<TypeError>(thread, "can't compare offset-naive and offset-aware datetimes");
  }
  int difference;
  if (offset == other_offset) {
    difference = compare_fields(self.get(), other.get());
  } else {
    __int128 micros =
        micros_between(self.get(), other.get()) - offset.microseconds + other_offset.microseconds;
    difference = micros < 0 ? -1 : micros > 0;
  }
  // A time whose offset depends on its fold equals none of another zone: its hash could not.
  if (equality && difference == 0 &&
      (TRY(flipped_offset(thread, self)) != offset ||
       TRY(flipped_offset(thread, other)) != other_offset))
    difference = 1;
  return truth(order_holds(difference, 0, op));
}

void put_datetime_state(uint8_t* out, const DateTime* self, bool fold) {
  out[0] = static_cast<uint8_t>(self->year >> 8);
  out[1] = static_cast<uint8_t>(self->year);
  out[2] = static_cast<uint8_t>(self->month | (fold ? self->fold << 7 : 0));
  out[3] = self->day;
  out[4] = self->hour;
  out[5] = self->minute;
  out[6] = self->second;
  out[7] = static_cast<uint8_t>(self->microsecond >> 16);
  out[8] = static_cast<uint8_t>(self->microsecond >> 8);
  out[9] = static_cast<uint8_t>(self->microsecond);
}
Result<Word> datetime_hash(Thread& thread, Borrowed<DateTime> self) {
  return cached_hash(self.get(), [&]() -> Result<Word> {
    // fold has no part in the hash, also where the zone's offset depends on it.
    Offset offset = self->fold ? TRY(flipped_offset(thread, self)) : TRY(offset_of(thread, self));
    if (!offset.known) {
      uint8_t state[10];
      put_datetime_state(state, self.get(), false);
      return static_cast<Word>(hash_bytes(state, sizeof(state)));
    }
    Ref<TimeDelta> since_start =
        TRY(timedelta_create(thread, ordinal_of(self->date()), second_of_day(self.get()),
                             Word{self->microsecond} - offset.microseconds));
    return timedelta_hash(thread, since_start);
  });
}

// ---- arithmetic ---------------------------------------------------------------------------------

AnyResult shift(Thread& thread, Any self, Any delta_value, int sign) {
  auto* delta = static_cast<TimeDelta*>(delta_value.object());
  return datetime_add_span(thread, Borrowed<DateTime>(self.value()), Word{sign} * delta->days,
                           sign * delta->seconds, sign * delta->microseconds);
}
AnyResult datetime_add(Thread& thread, Any self, Any other) {
  if (!is_timedelta(other)) return not_implemented();
  return shift(thread, self, other, 1);
}
AnyResult datetime_difference(Thread& thread, Any left_value, Any right_value) {
  if (!is_datetime(left_value)) return not_implemented();
  if (is_timedelta(right_value)) return shift(thread, left_value, right_value, -1);
  if (!is_datetime(right_value)) return not_implemented();
  Borrowed<DateTime> left(left_value.value()), right(right_value.value());
  Word correction = 0;
  if (!left->tzinfo.borrow().is(right->tzinfo.borrow())) {
    Offset offset = TRY(offset_of(thread, left)), other_offset = TRY(offset_of(thread, right));
    if (offset.known != other_offset.known) {
      return raise<TypeError>(thread, "can't subtract offset-naive and offset-aware datetimes");
    }
    correction = other_offset.microseconds - offset.microseconds;
  }
  return timedelta_create(
      thread, ordinal_of(left->date()) - ordinal_of(right->date()),
      second_of_day(left.get()) - second_of_day(right.get()),
      Word{left->microsecond} - static_cast<Word>(right->microsecond) + correction);
}
AnyResult datetime_rsub(Thread& thread, Any self, Any other) {
  return datetime_difference(thread, other, self);
}

// ---- conversions --------------------------------------------------------------------------------

AnyResult datetime_timetuple(Thread& thread, Borrowed<DateTime> self) {
  AnyRef dst = TRY(datetime_dst(thread, self));
  int flag = -1;
  if (!dst.value().is_none()) flag = timedelta_micros(static_cast<TimeDelta*>(dst.get())) != 0;
  return struct_time_create(thread, self->date(), self->time(), flag);
}
AnyResult datetime_utctimetuple(Thread& thread, Borrowed<DateTime> self) {
  Offset offset = TRY(offset_of(thread, self));
  if (!offset.known) return struct_time_create(thread, self->date(), self->time(), 0);
  ClockParts utc = TRY(shifted_parts(thread, self, 0, 0, -offset.microseconds));
  return struct_time_create(thread, utc.date, utc.time, 0);
}
AnyResult datetime_timestamp(Thread& thread, Borrowed<DateTime> self) {
  if (self->tzinfo.borrow().is_none()) {
    Word seconds = TRY(local_timestamp(thread, self->date(), self->time()));
    return AnyRef::adopt(double_to_value(
        thread, static_cast<double>(seconds) + static_cast<double>(self->microsecond) / 1e6));
  }
  Offset offset = TRY(offset_of(thread, self));
  if (!offset.known)
    return raise<TypeError>(thread, "can't subtract offset-naive and offset-aware datetimes");
  Word seconds = clock_seconds(self->date(), self->time()) - kEpochSeconds;
  Ref<TimeDelta> since_epoch =
      TRY(timedelta_create(thread, 0, seconds, Word{self->microsecond} - offset.microseconds));
  return timedelta_total_seconds(thread, since_epoch);
}
AnyResult datetime_date(Thread& thread, Borrowed<DateTime> self) {
  return date_create(thread, self->date());
}
AnyResult datetime_time(Thread& thread, Borrowed<DateTime> self) {
  return time_create(thread, self->time(), kNone);
}
AnyResult datetime_timetz(Thread& thread, Borrowed<DateTime> self) {
  return time_create(thread, self->time(), self->tzinfo.borrow());
}
AnyResult datetime_replace(Thread& thread, Borrowed<DateTime> self, Arguments arguments) {
  Value given[9];
  if (!bind_fields(thread, {field_names, 9, 1, 0, "replace"}, arguments, given)) return Raised{};
  DateParts date{TRY(int_argument(thread, MaybeAny(given[0]), self->year)),
                 TRY(int_argument(thread, MaybeAny(given[1]), self->month)),
                 TRY(int_argument(thread, MaybeAny(given[2]), self->day))};
  TimeParts time{TRY(int_argument(thread, MaybeAny(given[3]), self->hour)),
                 TRY(int_argument(thread, MaybeAny(given[4]), self->minute)),
                 TRY(int_argument(thread, MaybeAny(given[5]), self->second)),
                 TRY(int_argument(thread, MaybeAny(given[6]), static_cast<int>(self->microsecond))),
                 TRY(int_argument(thread, MaybeAny(given[8]), self->fold))};
  return datetime_create_of(thread, type_of(self), date, time,
                            given[7] ? Any(given[7]) : self->tzinfo.borrow());
}

AnyResult datetime_astimezone(Thread& thread, Borrowed<DateTime> self, Any tz) {
  TRY(check_tzinfo(thread, tz));
  if (!tz.is_none() && self->tzinfo.borrow().is(tz)) return share(thread, self);
  Offset offset = TRY(offset_of(thread, self));
  if (!offset.known) {  // local time
    AnyRef local = TRY(local_timezone_of(thread, self));
    offset = TRY(zone_offset(thread, local, self));
  }
  ClockParts utc = TRY(shifted_parts(thread, self, 0, 0, -offset.microseconds));
  AnyRef zone = share(thread, tz);
  if (tz.is_none())
    zone = TRY(local_timezone_at(thread, clock_seconds(utc.date, utc.time) - kEpochSeconds));
  AnyRef moment = TRY(datetime_create_of(thread, type_of(self), utc.date, utc.time, zone));
  return zone_from_utc(thread, zone, moment);
}

AnyResult reduce(Thread& thread, Borrowed<DateTime> self, int protocol) {
  uint8_t state[10];
  put_datetime_state(state, self.get(), protocol > 3);
  Ref<Bytes> bytes = TRY(bytes_from(thread, {reinterpret_cast<char*>(state), sizeof(state)}));
  Any tzinfo = self->tzinfo.borrow();
  Ref<Tuple> fields = tzinfo.is_none() ? TRY(tuple_of(thread, {bytes.value()}))
                                       : TRY(tuple_of(thread, {bytes.value(), tzinfo.value()}));
  return tuple_of(thread, {type_object(thread, self).value(), fields.value()});
}
AnyResult datetime_reduce_ex(Thread& thread, Borrowed<DateTime> self, int protocol) {
  return reduce(thread, self, protocol);
}
AnyResult datetime_reduce(Thread& thread, Borrowed<DateTime> self) {
  return reduce(thread, self, 2);
}

Value datetime_hour(Borrowed<DateTime> self) { return small_int(self->hour); }
Value datetime_minute(Borrowed<DateTime> self) { return small_int(self->minute); }
Value datetime_second(Borrowed<DateTime> self) { return small_int(self->second); }
Value datetime_microsecond(Borrowed<DateTime> self) { return small_int(self->microsecond); }
Value datetime_fold(Borrowed<DateTime> self) { return small_int(self->fold); }
AnyRef datetime_tzinfo(Thread& thread, Borrowed<DateTime> self) {
  return share(thread, self->tzinfo.borrow());
}

const SlotEntry datetime_slots[] = {
    slot<SlotId::new_, datetime_new>(),
    slot<SlotId::repr, datetime_repr>(),
    slot<SlotId::str, datetime_str>(),
    slot<SlotId::hash, datetime_hash>(),
    slot<SlotId::lt, datetime_order<CompareOp::lt>>(),
    slot<SlotId::le, datetime_order<CompareOp::le>>(),
    slot<SlotId::eq, datetime_order<CompareOp::eq>>(),
    slot<SlotId::ne, datetime_order<CompareOp::ne>>(),
    slot<SlotId::gt, datetime_order<CompareOp::gt>>(),
    slot<SlotId::ge, datetime_order<CompareOp::ge>>(),
    slot<SlotId::add, datetime_add>(),
    slot<SlotId::radd, datetime_add>(),
    slot<SlotId::sub, datetime_difference>(),
    slot<SlotId::rsub, datetime_rsub>(),
};
constexpr Method datetime_methods[] = {
    class_method<datetime_now>("now(tz=None)",
                               "Returns new datetime object representing current time local to tz."
                               "\n\n  tz\n    Timezone object.\n\n"
                               "If no tz is specified, uses local timezone."),
    class_method<datetime_utcnow>("utcnow()",
                                  "Return a new datetime representing UTC day and time."),
    class_method<datetime_fromtimestamp>(
        "fromtimestamp(timestamp, tz=None)",
        "timestamp[, tz] -> tz's local time from POSIX timestamp."),
    class_method<datetime_utcfromtimestamp>(
        "utcfromtimestamp(timestamp, /)", "Construct a naive UTC datetime from a POSIX timestamp."),
    class_method<datetime_strptime>(
        "strptime(string, format, /)",
        "string, format -> new datetime parsed from a string (like time.strptime())."),
    class_method<datetime_combine>("combine(date, time, tzinfo=?)",
                                   "date, time -> datetime with same date and time fields"),
    class_method<datetime_fromisoformat>(
        "fromisoformat(string, /)", "string -> datetime from a string in most ISO 8601 formats"),
    method<datetime_date>("date()", "Return date object with same year, month and day."),
    method<datetime_time>("time()", "Return time object with same time but with tzinfo=None."),
    method<datetime_timetz>("timetz()", "Return time object with same time and tzinfo."),
    method<datetime_ctime>("ctime()", "Return ctime() style string."),
    method<datetime_timetuple>("timetuple()",
                               "Return time tuple, compatible with time.localtime()."),
    method<datetime_timestamp>("timestamp()", "Return POSIX timestamp as float."),
    method<datetime_utctimetuple>("utctimetuple()",
                                  "Return UTC time tuple, compatible with time.localtime()."),
    method<datetime_isoformat>(
        "isoformat(sep=?, timespec='auto')",
        "Return the time formatted according to ISO.\n\n"
        "The full format looks like 'YYYY-MM-DD HH:MM:SS.mmmmmm'.\n"
        "By default, the fractional part is omitted if self.microsecond == 0.\n\n"
        "If self.tzinfo is not None, the UTC offset is also attached, giving\n"
        "a full format of 'YYYY-MM-DD HH:MM:SS.mmmmmm+HH:MM'.\n\n"
        "Optional argument sep specifies the separator between date and\n"
        "time, default 'T'.\n\n"
        "The optional argument timespec specifies the number of additional\n"
        "terms of the time to include. Valid options are 'auto', 'hours',\n"
        "'minutes', 'seconds', 'milliseconds' and 'microseconds'."),
    method<datetime_utcoffset>("utcoffset()", "Return self.tzinfo.utcoffset(self)."),
    method<datetime_tzname>("tzname()", "Return self.tzinfo.tzname(self)."),
    method<datetime_dst>("dst()", "Return self.tzinfo.dst(self)."),
    method<datetime_replace>("replace(year=?, month=?, day=?, hour=?, minute=?, second=?, "
                             "microsecond=?, tzinfo=?, *, fold=?)",
                             "Return datetime with new specified fields."),
    method<datetime_replace>("__replace__(year=?, month=?, day=?, hour=?, minute=?, second=?, "
                             "microsecond=?, tzinfo=?, *, fold=?)",
                             "The same as replace()."),
    method<datetime_astimezone>("astimezone(tz=None)",
                                "tz -> convert to local time in new timezone tz"),
    method<datetime_reduce_ex>("__reduce_ex__(proto, /)", "__reduce_ex__(proto) -> (cls, state)"),
    method<datetime_reduce>("__reduce__()", "__reduce__() -> (cls, state)"),
};
const GetSet datetime_getsets[] = {
    getter<datetime_hour>("hour"),     getter<datetime_minute>("minute"),
    getter<datetime_second>("second"), getter<datetime_microsecond>("microsecond"),
    getter<datetime_tzinfo>("tzinfo"), getter<datetime_fold>("fold"),
};
void datetime_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<DateTime*>(object)->tzinfo);
}

}  // namespace

const Layout datetime_layout{"datetime", sizeof(DateTime),       true, datetime_trace, nullptr,
                             nullptr,    drop_by<datetime_trace>};
const TypeSpec datetime_spec{
    .name = "datetime.datetime",
    .doc =
        "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\n"
        "The year, month and day arguments are required. tzinfo may be None, or an\n"
        "instance of a tzinfo subclass. The remaining arguments may be ints.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &datetime_layout,
    .base = &date_type,
    .slots = datetime_slots,
    .methods = datetime_methods,
    .getsets = datetime_getsets,
};

}  // namespace dx
