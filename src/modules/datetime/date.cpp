// date, and the named triple that isocalendar() gives.

#include "modules/datetime/datetime.h"
#include "objects/bytes.h"
#include "objects/hash.h"
#include "objects/module.h"

namespace dx {

TypeHandle date_type, iso_calendar_date_type;

Result<Ref<Date>> date_create(Thread& thread, const DateParts& date) {
  auto* self = allocate_native<Date>(thread, date_type, PageKind::leaf);
  if (!self) return raise_memory_error(thread);
  self->hash_cache.store(0, std::memory_order_relaxed);
  self->year = static_cast<uint16_t>(date.year);
  self->month = static_cast<uint8_t>(date.month);
  self->day = static_cast<uint8_t>(date.day);
  return Ref<Date>::adopt(self);
}

AnyResult date_create_of(Thread& thread, Borrowed<Type> type, const DateParts& date) {
  if (type.get() != date_type.type)
    return call(thread, type, {small_int(date.year), small_int(date.month), small_int(date.day)});
  TRY(check_date(thread, date));
  return date_create(thread, date);
}

AnyResult struct_time_create(Thread& thread, const DateParts& date, const TimeParts& time,
                             int dst) {
  Word ordinal = ordinal_of(date);
  AnyRef module = TRY(import_module(thread, NAME("time")));
  AnyRef type = TRY(get_attr(thread, module, NAME("struct_time")));
  Ref<Tuple> fields = TRY(tuple_of(
      thread,
      {small_int(date.year), small_int(date.month), small_int(date.day), small_int(time.hour),
       small_int(time.minute), small_int(time.second), small_int(weekday_of(ordinal)),
       small_int(days_before_month(date.year, date.month) + date.day), small_int(dst)}));
  return call(thread, type, {fields.value()});
}

namespace {

// ---- construction -------------------------------------------------------------------------------

bool sane_date_state(const uint8_t* state) { return state[2] >= 1 && state[2] <= 12; }

AnyResult make(Thread& thread, Borrowed<Type> type, const DateParts& date) {
  if (type.get() == date_type.type) return date_create(thread, date);
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<Date*>(made.get());
  self->year = static_cast<uint16_t>(date.year);
  self->month = static_cast<uint8_t>(date.month);
  self->day = static_cast<uint8_t>(date.day);
  return made;
}

const char* const field_names[] = {"year", "month", "day"};

AnyResult date_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.count == 1 && !arguments.names) {
    uint8_t state[4];
    if (TRY(packed_state(thread, arguments.items[0], state, 4, "date", sane_date_state)))
      return make(thread, type, {state[0] * 256 + state[1], state[2], state[3]});
  }
  Value given[3];
  if (!bind_fields(thread, {field_names, 3, 0, 3, nullptr, true}, arguments, given))
    return Raised{};
  DateParts date{TRY(int_argument(thread, given[0])), TRY(int_argument(thread, given[1])),
                 TRY(int_argument(thread, given[2]))};
  TRY(check_date(thread, date));
  return make(thread, type, date);
}

AnyResult date_fromtimestamp(Thread& thread, Borrowed<Type> type, Any timestamp) {
  time_t moment = TRY(timestamp_seconds(thread, timestamp));
  struct tm at;
  TRY(broken_down_time(thread, moment, Zone::local, at));
  return date_create_of(thread, type, {at.tm_year + 1900, at.tm_mon + 1, at.tm_mday});
}
AnyResult date_today(Thread& thread, Borrowed<Type> type) {
  if (type.get() == date_type.type) {
    struct tm at;
    TRY(broken_down_time(thread, timestamp_now().seconds, Zone::local, at));
    return date_create_of(thread, type, {at.tm_year + 1900, at.tm_mon + 1, at.tm_mday});
  }
  // A subclass may have a fromtimestamp() of its own.
  AnyRef module = TRY(import_module(thread, NAME("time")));
  AnyRef now = TRY(call_method(thread, module, NAME("time"), {}));
  return call_method(thread, type, NAME("fromtimestamp"), {now.value()});
}
AnyResult date_fromordinal(Thread& thread, Borrowed<Type> type, int ordinal) {
  if (ordinal < 1) return raise<ValueError>(thread, "ordinal must be >= 1");
  return date_create_of(thread, type, date_of(ordinal));
}
AnyResult date_fromisoformat(Thread& thread, Borrowed<Type> type, Any string) {
  if (!is_str(string)) return raise<TypeError>(thread, "fromisoformat: argument must be str");
  IsoText text{Borrowed<Str>(string.value())};
  DateParts date;
  if (!parse_iso_date(text.view(), date))
    return raise<ValueError>(thread, "Invalid isoformat string: {}", repr_of(string));
  return date_create_of(thread, type, date);
}
AnyResult date_fromisocalendar(Thread& thread, Borrowed<Type> type, Any year, Any week, Any day) {
  int parts[3];
  size_t i = 0;
  for (Any given : {year, week, day}) {
    Result<int> part = int_argument(thread, given);
    if (part.raised()) {
      if (!pending_is<OverflowError>(thread)) return Raised{};
      clear_exception(thread);
      return raise<ValueError>(thread, "ISO calendar component out of range");
    }
    parts[i++] = part.take();
  }
  return date_create_of(thread, type, TRY(date_of_iso(thread, parts[0], parts[1], parts[2])));
}
AnyResult date_strptime(Thread& thread, Borrowed<Type> type, Borrowed<Str> string,
                        Borrowed<Str> format) {
  return strptime_by(thread, NAME("_strptime_datetime_date"), type, string, format);
}

// ---- text ---------------------------------------------------------------------------------------

AnyResult date_repr(Thread& thread, Borrowed<Date> self) {
  return formatted(thread, "{}({}, {}, {})", type_name(thread, type_of(self)), self->year,
                   self->month, self->day);
}
AnyResult date_isoformat(Thread& thread, Borrowed<Date> self) {
  char text[kIsoRoom];
  char* end = put_date(text, self->date());
  return str_from_ascii(thread, std::string_view(text, static_cast<size_t>(end - text)));
}
AnyResult date_str(Thread& thread, Borrowed<Date> self) {
  if (type_of(self) == date_type.type) return date_isoformat(thread, self);
  return call_method(thread, self, NAME("isoformat"), {});
}
AnyResult date_ctime(Thread& thread, Borrowed<Date> self) {
  return ctime_text(thread, self->date(), {});
}
AnyResult date_timetuple(Thread& thread, Borrowed<Date> self) {
  return struct_time_create(thread, self->date(), {}, -1);
}
AnyResult date_strftime(Thread& thread, Borrowed<Date> self, Any given) {
  Borrowed<Str> format = TRY(str_argument(thread, given, "strftime", " 1"));
  AnyRef fields = TRY(call_method(thread, self, NAME("timetuple"), {}));
  MaybeAny tzinfo;
  int microsecond = 0;
  if (is_datetime(self)) {
    auto* moment = static_cast<DateTime*>(self.get());
    tzinfo = moment->tzinfo.borrow();
    microsecond = static_cast<int>(moment->microsecond);
  }
  return wrapped_strftime(thread, format, fields, self, microsecond, tzinfo ? *tzinfo : Any(kNone));
}
AnyResult date_format(Thread& thread, Any self, Any spec) {
  return format_by_strftime(thread, self, spec);
}

// ---- comparison, hash ---------------------------------------------------------------------------

int date_compare(const Date* left, const Date* right) {
  uint32_t a = uint32_t{left->year} << 16 | uint32_t{left->month} << 8 | left->day;
  uint32_t b = uint32_t{right->year} << 16 | uint32_t{right->month} << 8 | right->day;
  return a < b ? -1 : a > b;
}
template <CompareOp op>
AnyResult date_order(Borrowed<Date> self, Any other) {
  // A datetime is a date too, but one does not order with the other.
  if (layout_of(other) != &date_layout) return not_implemented();
  return truth(order_holds(date_compare(self.get(), static_cast<Date*>(other.object())), 0, op));
}
void put_date_state(uint8_t* out, const Date* self) {
  out[0] = static_cast<uint8_t>(self->year >> 8);
  out[1] = static_cast<uint8_t>(self->year);
  out[2] = self->month;
  out[3] = self->day;
}
Result<Word> date_hash(Thread& thread, Borrowed<Date> self) {
  return cached_hash(self.get(), [&]() -> Result<Word> {
    uint8_t state[4];
    put_date_state(state, self.get());
    return static_cast<Word>(hash_bytes(state, sizeof(state)));
  });
}

// ---- arithmetic ---------------------------------------------------------------------------------

AnyResult date_shift(Thread& thread, Borrowed<Date> self, Word days) {
  Word ordinal = ordinal_of(self->date()) + days;
  if (ordinal < 1 || ordinal > kMaxOrdinal)
    return raise<OverflowError>(thread, "date value out of range");
  if (type_of(self) == date_type.type) return date_create(thread, date_of(ordinal));
  return date_create_of(thread, type_of(self), date_of(ordinal));
}
AnyResult date_add(Thread& thread, Any self, Any other) {
  if (is_datetime(self) || !is_timedelta(other)) return not_implemented();
  return date_shift(thread, Borrowed<Date>(self.value()),
                    static_cast<TimeDelta*>(other.object())->days);
}
AnyResult date_difference(Thread& thread, Any left, Any right) {
  if (layout_of(left) != &date_layout || is_datetime(right)) return not_implemented();
  Borrowed<Date> date(left.value());
  if (is_date(right)) {
    return timedelta_create(
        thread, ordinal_of(date->date()) - ordinal_of(static_cast<Date*>(right.object())->date()),
        0, 0);
  }
  if (!is_timedelta(right)) return not_implemented();
  return date_shift(thread, date, -Word{static_cast<TimeDelta*>(right.object())->days});
}
AnyResult date_rsub(Thread& thread, Any self, Any other) {
  return date_difference(thread, other, self);
}

// ---- methods ------------------------------------------------------------------------------------

Value date_toordinal(Thread&, Borrowed<Date> self) { return small_int(ordinal_of(self->date())); }
Value date_weekday(Thread&, Borrowed<Date> self) {
  return small_int(weekday_of(ordinal_of(self->date())));
}
Value date_isoweekday(Thread&, Borrowed<Date> self) {
  return small_int(weekday_of(ordinal_of(self->date())) + 1);
}
AnyResult iso_calendar_create(Thread& thread, Borrowed<Type> type, Value year, Value week,
                              Value weekday);
AnyResult date_isocalendar(Thread& thread, Borrowed<Date> self) {
  IsoDate date = iso_date_of(self->date());
  return iso_calendar_create(thread, iso_calendar_date_type.type, small_int(date.year),
                             small_int(date.week), small_int(date.weekday));
}
AnyResult date_replace(Thread& thread, Borrowed<Date> self, Arguments arguments) {
  Value given[3];
  if (!bind_fields(thread, {field_names, 3, 0, 0, "replace"}, arguments, given)) return Raised{};
  DateParts date{TRY(int_argument(thread, MaybeAny(given[0]), self->year)),
                 TRY(int_argument(thread, MaybeAny(given[1]), self->month)),
                 TRY(int_argument(thread, MaybeAny(given[2]), self->day))};
  return date_create_of(thread, type_of(self), date);
}
AnyResult date_reduce(Thread& thread, Borrowed<Date> self) {
  uint8_t state[4];
  put_date_state(state, self.get());
  Ref<Bytes> bytes = TRY(bytes_from(thread, {reinterpret_cast<char*>(state), sizeof(state)}));
  Ref<Tuple> fields = TRY(tuple_of(thread, {bytes.value()}));
  return tuple_of(thread, {type_object(thread, self).value(), fields.value()});
}
Value date_year(Borrowed<Date> self) { return small_int(self->year); }
Value date_month(Borrowed<Date> self) { return small_int(self->month); }
Value date_day(Borrowed<Date> self) { return small_int(self->day); }

// ---- IsoCalendarDate: a tuple whose class pickles do not name -----------------------------------

AnyResult iso_calendar_create(Thread& thread, Borrowed<Type> type, Value year, Value week,
                              Value weekday) {
  AnyRef made = TRY(allocate_instance_sized(thread, type, sizeof(Tuple) + 3 * sizeof(Slot)));
  auto* self = static_cast<Tuple*>(made.get());
  self->size = 3;
  Value items[3] = {year, week, weekday};
  for (int i = 0; i < 3; ++i) slot_init(self, self->items()[i], share(thread, items[i]));
  return made;
}
AnyResult iso_calendar_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"year", "week", "weekday"};
  Value given[3];
  if (!bind_fields(thread, {names, 3, 0, 3, "IsoCalendarDate"}, arguments, given)) return Raised{};
  return iso_calendar_create(thread, type, given[0], given[1], given[2]);
}
AnyResult iso_calendar_repr(Thread& thread, Borrowed<Tuple> self) {
  return formatted(thread, "{}(year={}, week={}, weekday={})", type_name(thread, type_of(self)),
                   self->item(0), self->item(1), self->item(2));
}
template <int index>
AnyRef iso_calendar_item(Thread& thread, Borrowed<Tuple> self) {
  return share(thread, self->item(index));
}
AnyResult iso_calendar_reduce(Thread& thread, Borrowed<Tuple> self) {
  Ref<Tuple> items =
      TRY(tuple_of(thread, {self->item(0).value(), self->item(1).value(), self->item(2).value()}));
  Ref<Tuple> arguments = TRY(tuple_of(thread, {items.value()}));
  return tuple_of(thread, {Value(static_cast<Object*>(TYPE(tuple))), arguments.value()});
}

const SlotEntry iso_calendar_slots[] = {
    slot<SlotId::new_, iso_calendar_new>(),
    slot<SlotId::repr, iso_calendar_repr>(),
};
constexpr Method iso_calendar_methods[] = {
    method<iso_calendar_reduce>("__reduce__()"),
};
const GetSet iso_calendar_getsets[] = {
    getter<iso_calendar_item<0>>("year"),
    getter<iso_calendar_item<1>>("week"),
    getter<iso_calendar_item<2>>("weekday"),
};

// ---- type ---------------------------------------------------------------------------------------

const SlotEntry date_slots[] = {
    slot<SlotId::new_, date_new>(),
    slot<SlotId::repr, date_repr>(),
    slot<SlotId::str, date_str>(),
    slot<SlotId::hash, date_hash>(),
    slot<SlotId::lt, date_order<CompareOp::lt>>(),
    slot<SlotId::le, date_order<CompareOp::le>>(),
    slot<SlotId::eq, date_order<CompareOp::eq>>(),
    slot<SlotId::ne, date_order<CompareOp::ne>>(),
    slot<SlotId::gt, date_order<CompareOp::gt>>(),
    slot<SlotId::ge, date_order<CompareOp::ge>>(),
    slot<SlotId::add, date_add>(),
    slot<SlotId::radd, date_add>(),
    slot<SlotId::sub, date_difference>(),
    slot<SlotId::rsub, date_rsub>(),
};
constexpr Method date_methods[] = {
    class_method<date_fromtimestamp>(
        "fromtimestamp(timestamp, /)",
        "Create a date from a POSIX timestamp.\n\n"
        "The timestamp is a number, e.g. created via time.time(), that is interpreted\n"
        "as local time."),
    class_method<date_fromordinal>("fromordinal(ordinal, /)",
                                   "int -> date corresponding to a proleptic Gregorian ordinal."),
    class_method<date_fromisoformat>("fromisoformat(string, /)",
                                     "str -> Construct a date from a string in ISO 8601 format."),
    class_method<date_fromisocalendar>(
        "fromisocalendar(year, week, day)",
        "int, int, int -> Construct a date from the ISO year, week number and weekday.\n\n"
        "This is the inverse of the function date.isocalendar()"),
    class_method<date_strptime>(
        "strptime(string, format, /)",
        "string, format -> new date parsed from a string (like time.strptime())."),
    class_method<date_today>(
        "today()", "Current date or datetime:  same as self.__class__.fromtimestamp(time.time())."),
    method<date_ctime>("ctime()", "Return ctime() style string."),
    method<date_strftime>("strftime(format)", "format -> strftime() style string."),
    method<date_format>("__format__(format_spec, /)", "Formats self with strftime."),
    method<date_timetuple>("timetuple()", "Return time tuple, compatible with time.localtime()."),
    method<date_isocalendar>("isocalendar()",
                             "Return a named tuple containing ISO year, week number, and weekday."),
    method<date_isoformat>("isoformat()", "Return string in ISO 8601 format, YYYY-MM-DD."),
    method<date_isoweekday>(
        "isoweekday()",
        "Return the day of the week represented by the date.\nMonday == 1 ... Sunday == 7"),
    method<date_toordinal>("toordinal()",
                           "Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1."),
    method<date_weekday>(
        "weekday()",
        "Return the day of the week represented by the date.\nMonday == 0 ... Sunday == 6"),
    method<date_replace>("replace(year=?, month=?, day=?)",
                         "Return date with new specified fields."),
    method<date_replace>("__replace__(year=?, month=?, day=?)", "The same as replace()."),
    method<date_reduce>("__reduce__()", "__reduce__() -> (cls, state)"),
};
const GetSet date_getsets[] = {
    getter<date_year>("year"),
    getter<date_month>("month"),
    getter<date_day>("day"),
};

}  // namespace

const Layout date_layout{"date", sizeof(Date), false, nullptr, nullptr};
const TypeSpec date_spec{
    .name = "datetime.date",
    .doc = "date(year, month, day) --> date object",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &date_layout,
    .slots = date_slots,
    .methods = date_methods,
    .getsets = date_getsets,
};
const TypeSpec iso_calendar_date_spec{
    .name = "datetime.IsoCalendarDate",
    .doc =
        "The result of date.isocalendar() or datetime.isocalendar()\n\n"
        "This object may be accessed either as a tuple of\n"
        "  ((year, week, weekday))\n"
        "or via the object attributes as named in the above tuple.",
    .flags = kTypeImmutable,
    .base = TYPE_HANDLE(tuple),
    .slots = iso_calendar_slots,
    .methods = iso_calendar_methods,
    .getsets = iso_calendar_getsets,
};

}  // namespace dx
