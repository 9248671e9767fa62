// time: the time of a day, perhaps with a zone.

#include "modules/datetime/datetime.h"
#include "objects/bytes.h"
#include "objects/hash.h"

namespace dx {

TypeHandle time_type;

static void fill(Time* self, const TimeParts& time) {
  self->hour = static_cast<uint8_t>(time.hour);
  self->minute = static_cast<uint8_t>(time.minute);
  self->second = static_cast<uint8_t>(time.second);
  self->fold = static_cast<uint8_t>(time.fold);
  self->microsecond = static_cast<uint32_t>(time.microsecond);
}

Result<Ref<Time>> time_create(Thread& thread, const TimeParts& time, Any tzinfo) {
  auto* self = allocate_native<Time>(thread, time_type, PageKind::traced);
  if (!self) return raise_memory_error(thread);
  self->hash_cache.store(0, std::memory_order_relaxed);
  fill(self, time);
  slot_init(self, self->tzinfo, share(thread, tzinfo));
  return Ref<Time>::adopt(self);
}

AnyResult time_create_of(Thread& thread, Borrowed<Type> type, const TimeParts& time, Any tzinfo) {
  TRY(check_time(thread, {0, 0, 0, 0, time.fold}));
  if (type.get() == time_type.type) {
    TRY(check_time(thread, time));
    TRY(check_tzinfo(thread, tzinfo));
    return time_create(thread, time, tzinfo);
  }
  AnyRef made = TRY(call(thread, type,
                         {small_int(time.hour), small_int(time.minute), small_int(time.second),
                          small_int(time.microsecond), tzinfo.value()}));
  // Constructors of subclasses need not know of fold. The object is new, as far as we can tell.
  if (time.fold && is_time(made.value()))
    static_cast<Time*>(made.get())->fold = static_cast<uint8_t>(time.fold);
  return made;
}

namespace {

// ---- construction -------------------------------------------------------------------------------

bool sane_time_state(const uint8_t* state) { return (state[0] & 0x7f) < 24; }

AnyResult make(Thread& thread, Borrowed<Type> type, const TimeParts& time, Any tzinfo) {
  if (type.get() == time_type.type) return time_create(thread, time, tzinfo);
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<Time*>(made.get());
  fill(self, time);
  slot_init(self, self->tzinfo, share(thread, tzinfo));
  return made;
}

const char* const field_names[] = {"hour", "minute", "second", "microsecond", "tzinfo", "fold"};

AnyResult time_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  size_t positional = arguments.positional();
  if (positional >= 1 && positional <= 2) {
    uint8_t state[6];
    if (TRY(packed_state(thread, arguments.items[0], state, 6, "time", sane_time_state))) {
      Any tzinfo = positional == 2 ? arguments[1] : Any(kNone);
      if (!tzinfo.is_none() && !is_tzinfo(tzinfo))
        return raise<TypeError>(thread, "bad tzinfo state arg");
      return make(thread, type,
                  {state[0] & 0x7f, state[1], state[2], state[3] << 16 | state[4] << 8 | state[5],
                   state[0] >> 7},
                  tzinfo);
    }
  }
  Value given[6];
  if (!bind_fields(thread, {field_names, 6, 1, 0}, arguments, given)) return Raised{};
  TimeParts time{TRY(int_argument(thread, MaybeAny(given[0]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[1]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[2]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[3]), 0)),
                 TRY(int_argument(thread, MaybeAny(given[5]), 0))};
  Any tzinfo = given[4] ? Any(given[4]) : Any(kNone);
  TRY(check_time(thread, time));
  TRY(check_tzinfo(thread, tzinfo));
  return make(thread, type, time, tzinfo);
}

AnyResult time_fromisoformat(Thread& thread, Borrowed<Type> type, Any string) {
  if (!is_str(string)) return raise<TypeError>(thread, "fromisoformat: argument must be str");
  IsoText text{Borrowed<Str>(string.value())};
  std::string_view view = text.view();
  if (view.starts_with('T')) view.remove_prefix(1);
  IsoTime time;
  switch (parse_iso_time(view, time)) {
    case IsoFault::none: break;
    case IsoFault::midnight:
      return raise<ValueError>(thread, "minute, second, and microsecond must be 0 when hour is 24");
    case IsoFault::malformed:
      return raise<ValueError>(thread, "Invalid isoformat string: {}", repr_of(string));
  }
  AnyRef zone = AnyRef::adopt(kNone);
  if (time.offset.known) zone = TRY(timezone_of_offset(thread, time.offset.microseconds));
  return time_create_of(thread, type, time.time, zone);
}
AnyResult time_strptime(Thread& thread, Borrowed<Type> type, Borrowed<Str> string,
                        Borrowed<Str> format) {
  return strptime_by(thread, NAME("_strptime_datetime_time"), type, string, format);
}

// ---- the zone's answers -------------------------------------------------------------------------

AnyResult time_utcoffset(Thread& thread, Borrowed<Time> self) {
  return zone_delta(thread, self->tzinfo.borrow(), NAME("utcoffset"), kNone);
}
AnyResult time_dst(Thread& thread, Borrowed<Time> self) {
  return zone_delta(thread, self->tzinfo.borrow(), NAME("dst"), kNone);
}
AnyResult time_tzname(Thread& thread, Borrowed<Time> self) {
  return zone_name(thread, self->tzinfo.borrow(), kNone);
}

// ---- text ---------------------------------------------------------------------------------------

AnyResult time_repr(Thread& thread, Borrowed<Time> self) {
  std::string text = type_name(thread, type_of(self));
  text += '(' + std::to_string(self->hour) + ", " + std::to_string(self->minute);
  if (self->second || self->microsecond) text += ", " + std::to_string(self->second);
  if (self->microsecond) text += ", " + std::to_string(self->microsecond);
  const char* end = self->fold ? ", fold=1)" : ")";
  if (self->tzinfo.borrow().is_none())
    return formatted(thread, "{}{}", std::string_view(text), end);
  return formatted(thread, "{}, tzinfo={}{}", std::string_view(text),
                   repr_of(self->tzinfo.borrow()), end);
}
AnyResult time_isoformat(Thread& thread, Borrowed<Time> self, MaybeAny timespec) {
  if (timespec) TRY(str_argument(thread, *timespec, "isoformat", " 1"));
  char text[kIsoRoom];
  char* end = put_time(text, self->time(), timespec);
  if (!end) return raise<ValueError>(thread, "Unknown timespec value");
  end = put_offset(end, TRY(zone_offset(thread, self->tzinfo.borrow(), kNone)), ':');
  return str_from_ascii(thread, std::string_view(text, static_cast<size_t>(end - text)));
}
AnyResult time_str(Thread& thread, Borrowed<Time> self) {
  if (type_of(self) == time_type.type) return time_isoformat(thread, self, {});
  return call_method(thread, self, NAME("isoformat"), {});
}
AnyResult time_strftime(Thread& thread, Borrowed<Time> self, Any given) {
  Borrowed<Str> format = TRY(str_argument(thread, given, "strftime", " 1"));
  // The C library wants a date too: January 1 of 1900.
  Ref<Tuple> fields =
      TRY(tuple_of(thread, {small_int(1900), small_int(1), small_int(1), small_int(self->hour),
                            small_int(self->minute), small_int(self->second), small_int(0),
                            small_int(1), small_int(-1)}));
  return wrapped_strftime(thread, format, fields, kNone, static_cast<int>(self->microsecond),
                          self->tzinfo.borrow());
}
AnyResult time_format(Thread& thread, Any self, Any spec) {
  return format_by_strftime(thread, self, spec);
}

// ---- comparison, hash ---------------------------------------------------------------------------

// Microseconds since midnight.
Word micros_of(const Time* self) {
  return (self->hour * 3600 + self->minute * 60 + self->second) * kMicrosPerSecond +
         self->microsecond;
}

template <CompareOp op>
AnyResult time_order(Thread& thread, Borrowed<Time> self, Any other_value) {
  if (!is_time(other_value)) return not_implemented();
  Borrowed<Time> other(other_value.value());
  Word left = micros_of(self.get()), right = micros_of(other.get());
  Any zone = self->tzinfo.borrow(), other_zone = other->tzinfo.borrow();
  if (!zone.is(other_zone)) {
    Offset offset = TRY(zone_offset(thread, zone, kNone));
    Offset other_offset = TRY(zone_offset(thread, other_zone, kNone));
    if (offset.known != other_offset.known) {
      if (op == CompareOp::eq) return truth(false);
      if (op == CompareOp::ne) return truth(true);
      return raise<TypeError>(thread, "can't compare offset-naive and offset-aware times");
    }
    left -= offset.microseconds;
    right -= other_offset.microseconds;
  }
  return truth(order_holds(left, right, op));
}

void put_time_state(uint8_t* out, const Time* self, bool fold) {
  out[0] = static_cast<uint8_t>(self->hour | (fold ? self->fold << 7 : 0));
  out[1] = self->minute;
  out[2] = self->second;
  out[3] = static_cast<uint8_t>(self->microsecond >> 16);
  out[4] = static_cast<uint8_t>(self->microsecond >> 8);
  out[5] = static_cast<uint8_t>(self->microsecond);
}
Result<Word> time_hash(Thread& thread, Borrowed<Time> self) {
  return cached_hash(self.get(), [&]() -> Result<Word> {
    // fold has no part in a time's hash, also where the zone's offset depends on it.
    Offset offset;
    if (!self->tzinfo.borrow().is_none()) {
      AnyRef plain = share(thread, self);
      if (self->fold) {
        TimeParts time = self->time();
        time.fold = 0;
        plain = TRY(time_create(thread, time, self->tzinfo.borrow()));
      }
      AnyRef zone = share(thread, static_cast<Time*>(plain.get())->tzinfo.borrow());
      offset = TRY(zone_offset(thread, zone, kNone));
    }
    if (!offset.known) {
      uint8_t state[6];
      put_time_state(state, self.get(), false);
      return static_cast<Word>(hash_bytes(state, sizeof(state)));
    }
    Ref<TimeDelta> since_midnight =
        TRY(timedelta_create(thread, 0, 0, micros_of(self.get()) - offset.microseconds));
    return timedelta_hash(thread, since_midnight);
  });
}

// ---- methods ------------------------------------------------------------------------------------

AnyResult time_replace(Thread& thread, Borrowed<Time> self, Arguments arguments) {
  Value given[6];
  if (!bind_fields(thread, {field_names, 6, 1, 0, "replace"}, arguments, given)) return Raised{};
  TimeParts time{TRY(int_argument(thread, MaybeAny(given[0]), self->hour)),
                 TRY(int_argument(thread, MaybeAny(given[1]), self->minute)),
                 TRY(int_argument(thread, MaybeAny(given[2]), self->second)),
                 TRY(int_argument(thread, MaybeAny(given[3]), static_cast<int>(self->microsecond))),
                 TRY(int_argument(thread, MaybeAny(given[5]), self->fold))};
  return time_create_of(thread, type_of(self), time,
                        given[4] ? Any(given[4]) : self->tzinfo.borrow());
}
AnyResult reduce(Thread& thread, Borrowed<Time> self, int protocol) {
  uint8_t state[6];
  put_time_state(state, self.get(), protocol > 3);
  Ref<Bytes> bytes = TRY(bytes_from(thread, {reinterpret_cast<char*>(state), sizeof(state)}));
  Any tzinfo = self->tzinfo.borrow();
  Ref<Tuple> fields = tzinfo.is_none() ? TRY(tuple_of(thread, {bytes.value()}))
                                       : TRY(tuple_of(thread, {bytes.value(), tzinfo.value()}));
  return tuple_of(thread, {type_object(thread, self).value(), fields.value()});
}
AnyResult time_reduce_ex(Thread& thread, Borrowed<Time> self, int protocol) {
  return reduce(thread, self, protocol);
}
AnyResult time_reduce(Thread& thread, Borrowed<Time> self) { return reduce(thread, self, 2); }

Value time_hour(Borrowed<Time> self) { return small_int(self->hour); }
Value time_minute(Borrowed<Time> self) { return small_int(self->minute); }
Value time_second(Borrowed<Time> self) { return small_int(self->second); }
Value time_microsecond(Borrowed<Time> self) { return small_int(self->microsecond); }
Value time_fold(Borrowed<Time> self) { return small_int(self->fold); }
AnyRef time_tzinfo(Thread& thread, Borrowed<Time> self) {
  return share(thread, self->tzinfo.borrow());
}

const SlotEntry time_slots[] = {
    slot<SlotId::new_, time_new>(),
    slot<SlotId::repr, time_repr>(),
    slot<SlotId::str, time_str>(),
    slot<SlotId::hash, time_hash>(),
    slot<SlotId::lt, time_order<CompareOp::lt>>(),
    slot<SlotId::le, time_order<CompareOp::le>>(),
    slot<SlotId::eq, time_order<CompareOp::eq>>(),
    slot<SlotId::ne, time_order<CompareOp::ne>>(),
    slot<SlotId::gt, time_order<CompareOp::gt>>(),
    slot<SlotId::ge, time_order<CompareOp::ge>>(),
};
constexpr Method time_methods[] = {
    class_method<time_fromisoformat>("fromisoformat(string, /)",
                                     "Construct a time from a string in ISO 8601 format."),
    class_method<time_strptime>(
        "strptime(string, format, /)",
        "string, format -> new time parsed from a string (like time.strptime())."),
    method<time_isoformat>(
        "isoformat(timespec='auto')",
        "Return the time formatted according to ISO.\n\n"
        "The full format is 'HH:MM:SS.mmmmmm+zz:zz'. By default, the fractional\n"
        "part is omitted if self.microsecond == 0.\n\n"
        "The optional argument timespec specifies the number of additional\n"
        "terms of the time to include. Valid options are 'auto', 'hours',\n"
        "'minutes', 'seconds', 'milliseconds' and 'microseconds'."),
    method<time_strftime>("strftime(format)", "format -> strftime() style string."),
    method<time_format>("__format__(format_spec, /)", "Formats self with strftime."),
    method<time_utcoffset>("utcoffset()", "Return self.tzinfo.utcoffset(self)."),
    method<time_tzname>("tzname()", "Return self.tzinfo.tzname(self)."),
    method<time_dst>("dst()", "Return self.tzinfo.dst(self)."),
    method<time_replace>("replace(hour=?, minute=?, second=?, microsecond=?, tzinfo=?, *, fold=?)",
                         "Return time with new specified fields."),
    method<time_replace>(
        "__replace__(hour=?, minute=?, second=?, microsecond=?, tzinfo=?, *, fold=?)",
        "The same as replace()."),
    method<time_reduce_ex>("__reduce_ex__(proto, /)", "__reduce_ex__(proto) -> (cls, state)"),
    method<time_reduce>("__reduce__()", "__reduce__() -> (cls, state)"),
};
const GetSet time_getsets[] = {
    getter<time_hour>("hour"),     getter<time_minute>("minute"),
    getter<time_second>("second"), getter<time_microsecond>("microsecond"),
    getter<time_tzinfo>("tzinfo"), getter<time_fold>("fold"),
};
void time_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<Time*>(object)->tzinfo);
}

}  // namespace

const Layout time_layout{"time",  sizeof(Time),       true, time_trace, nullptr,
                         nullptr, drop_by<time_trace>};
const TypeSpec time_spec{
    .name = "datetime.time",
    .doc =
        "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\n"
        "All arguments are optional. tzinfo may be None, or an instance of\n"
        "a tzinfo subclass. The remaining arguments may be ints.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &time_layout,
    .slots = time_slots,
    .methods = time_methods,
    .getsets = time_getsets,
};

}  // namespace dx
