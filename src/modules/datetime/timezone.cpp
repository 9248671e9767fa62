// tzinfo, the base of zones written in Python; timezone, a fixed offset; and how the other types
// ask a zone: by calling its methods and checking what comes back.

#include "modules/datetime/datetime.h"

namespace dx {

TypeHandle tzinfo_type, timezone_type;
Value timezone_utc;

static const TimeZone* zone_in(Any value) { return static_cast<TimeZone*>(value.object()); }

static Raised raise_offset_range(Thread& thread, Any offset) {
  return raise<ValueError>(thread,
                           "offset must be a timedelta strictly between -timedelta(hours=24) and "
                           "timedelta(hours=24), not {}",
                           repr_of(offset));
}
static bool within_a_day(const TimeDelta* offset) {
  return offset->days == 0 ||
         (offset->days == -1 && (offset->seconds > 0 || offset->microseconds > 0));
}

// ---- asking -------------------------------------------------------------------------------------

AnyResult zone_delta(Thread& thread, Any tzinfo, Borrowed<Str> method, Any moment) {
  if (tzinfo.is_none()) return AnyRef::adopt(kNone);
  AnyRef answer = TRY(call_method(thread, tzinfo, method, {moment.value()}));
  if (answer.value().is_none()) return answer;
  if (!is_timedelta(answer.value())) {
    return raise<TypeError>(thread, "tzinfo.{}() must return None or timedelta, not '{}'", method,
                            type_name_in(answer));
  }
  if (!within_a_day(static_cast<TimeDelta*>(answer.get())))
    return raise_offset_range(thread, answer);
  return answer;
}
Result<Offset> zone_offset(Thread& thread, Any tzinfo, Any moment) {
  if (tzinfo.is_none()) return Offset{};
  if (is_timezone(tzinfo))
    return Offset{true, timedelta_micros(zone_in(tzinfo)->offset.borrow().get())};
  AnyRef answer = TRY(zone_delta(thread, tzinfo, NAME("utcoffset"), moment));
  if (answer.value().is_none()) return Offset{};
  return Offset{true, timedelta_micros(static_cast<TimeDelta*>(answer.get()))};
}
AnyResult zone_name(Thread& thread, Any tzinfo, Any moment) {
  if (tzinfo.is_none()) return AnyRef::adopt(kNone);
  AnyRef answer = TRY(call_method(thread, tzinfo, NAME("tzname"), {moment.value()}));
  if (answer.value().is_none() || is_str(answer.value())) return answer;
  return raise<TypeError>(thread, "tzinfo.tzname() must return None or a string, not '{}'",
                          type_name_in(answer));
}

// ---- tzinfo -------------------------------------------------------------------------------------

namespace {

AnyResult tzinfo_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}
Raised raise_abstract(Thread& thread, const char* method) {
  return raise<NotImplementedError>(thread, "a tzinfo subclass must implement {}()", method);
}
AnyResult tzinfo_tzname(Thread& thread, Any, Any) { return raise_abstract(thread, "tzname"); }
AnyResult tzinfo_utcoffset(Thread& thread, Any, Any) { return raise_abstract(thread, "utcoffset"); }
AnyResult tzinfo_dst(Thread& thread, Any, Any) { return raise_abstract(thread, "dst"); }

AnyResult shifted(Thread& thread, Any moment, Word microseconds) {
  return datetime_add_span(thread, Borrowed<DateTime>(moment.value()), 0, 0, microseconds);
}

// From UTC to the zone's clock, for zones whose utcoffset() and dst() take the zone's own time: the
// standard offset is utcoffset() - dst(); what dst() says at the time shifted by that is added.
AnyResult tzinfo_fromutc(Thread& thread, Any self, Any moment) {
  if (!is_datetime(moment)) return raise<TypeError>(thread, "fromutc: argument must be a datetime");
  auto* utc = static_cast<DateTime*>(moment.object());
  if (!utc->tzinfo.borrow().is(self))
    return raise<ValueError>(thread, "fromutc: dt.tzinfo is not self");
  Offset offset = TRY(zone_offset(thread, self, moment));
  if (!offset.known)
    return raise<ValueError>(thread, "fromutc: non-None utcoffset() result required");
  AnyRef dst = TRY(zone_delta(thread, self, NAME("dst"), moment));
  if (dst.value().is_none())
    return raise<ValueError>(thread, "fromutc: non-None dst() result required");
  Word standard = offset.microseconds - timedelta_micros(static_cast<TimeDelta*>(dst.get()));
  AnyRef local = TRY(shifted(thread, moment, standard));
  // A subclass of datetime may have made something else of it.
  if (!is_datetime(local.value()))
    return raise<TypeError>(thread, "fromutc: argument must be a datetime");
  AnyRef local_zone = share(thread, static_cast<DateTime*>(local.get())->tzinfo.borrow());
  dst = TRY(zone_delta(thread, local_zone, NAME("dst"), local));
  if (dst.value().is_none()) {
    return raise<ValueError>(thread, "fromutc: tz.dst() gave inconsistent results; cannot convert");
  }
  Word summer = timedelta_micros(static_cast<TimeDelta*>(dst.get()));
  if (summer == 0) return local;
  return shifted(thread, local, summer);
}

AnyResult tzinfo_reduce(Thread& thread, Any self) {
  Ref<Tuple> arguments = Ref<Tuple>::adopt(tuple_empty());
  AnyLookup get_arguments = lookup_attr(thread, self, NAME("__getinitargs__"));
  if (get_arguments.raised()) return Raised{};
  if (get_arguments.found()) {
    AnyRef given = TRY(call(thread, get_arguments.borrow(), Arguments{}));
    AnyRef items = TRY(sequence_tuple(thread, given));
    arguments = Ref<Tuple>::adopt(items.release());
  }
  AnyRef state = TRY(call_method(thread, self, NAME("__getstate__"), {}));
  return tuple_of(thread, {type_object(thread, self).value(), arguments.value(), state.value()});
}

const SlotEntry tzinfo_slots[] = {
    slot<SlotId::new_, tzinfo_new>(),
};
constexpr Method tzinfo_methods[] = {
    method<tzinfo_tzname>("tzname(dt, /)", "datetime -> string name of time zone."),
    method<tzinfo_utcoffset>(
        "utcoffset(dt, /)",
        "datetime -> timedelta showing offset from UTC, negative values indicating West of UTC"),
    method<tzinfo_dst>("dst(dt, /)", "datetime -> DST offset as timedelta positive east of UTC."),
    method<tzinfo_fromutc>("fromutc(dt, /)", "datetime in UTC -> datetime in local time."),
    method<tzinfo_reduce>("__reduce__()", "-> (cls, state)"),
};

}  // namespace

const TypeSpec tzinfo_spec{
    .name = "datetime.tzinfo",
    .doc =
        "Abstract base class for time zone info objects.\n\n"
        "tzinfo(*args, **kwargs)",
    .flags = kTypeBase | kTypeImmutable,
    .slots = tzinfo_slots,
    .methods = tzinfo_methods,
};

// ---- timezone -----------------------------------------------------------------------------------

AnyResult timezone_create(Thread& thread, Borrowed<TimeDelta> offset, MaybeAny name) {
  if (!name && timezone_utc && offset->days == 0 && offset->seconds == 0 &&
      offset->microseconds == 0)
    return AnyRef::adopt(timezone_utc);
  if (!within_a_day(offset.get())) return raise_offset_range(thread, offset);
  auto* self = allocate_native<TimeZone>(thread, timezone_type, PageKind::traced);
  if (!self) return raise_memory_error(thread);
  slot_init(self, self->offset, share(thread, offset));
  slot_init(self, self->name, share(thread, name ? *name : Any(kNone)));
  return AnyRef::adopt(Value(self));
}
AnyResult timezone_of_offset(Thread& thread, Word microseconds) {
  if (microseconds == 0) return AnyRef::adopt(timezone_utc);
  Ref<TimeDelta> offset = TRY(timedelta_create(thread, 0, 0, microseconds));
  return timezone_create(thread, offset, {});
}

namespace {

AnyResult timezone_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  static const char* const names[] = {"offset", "name"};
  Value given[2];
  if (!bind_fields(thread, {names, 2, 0, 1, "timezone"}, arguments, given)) return Raised{};
  if (!is_timedelta(given[0])) {
    return raise<TypeError>(thread, "timezone() argument 1 must be datetime.timedelta, not {}",
                            type_name_in(given[0]));
  }
  if (given[1]) TRY(str_argument(thread, given[1], "timezone", " 2"));
  return timezone_create(thread, Borrowed<TimeDelta>(given[0]), MaybeAny(given[1]));
}

Borrowed<TimeDelta> offset_of(Borrowed<TimeZone> self) { return self->offset.borrow(); }

// The name given, or UTC+01:30.
AnyResult name_of(Thread& thread, Borrowed<TimeZone> self) {
  if (!self->name.borrow().is_none()) return share(thread, self->name.borrow());
  Word micros = timedelta_micros(offset_of(self).get());
  char text[kIsoRoom] = "UTC";
  char* end = text + 3;
  if (micros) end = put_offset(end, {true, micros}, ':');
  return str_from_ascii(thread, std::string_view(text, static_cast<size_t>(end - text)));
}

AnyResult timezone_repr(Thread& thread, Borrowed<TimeZone> self) {
  // The type cannot be subclassed.
  if (self.value() == timezone_utc) return str_from_ascii(thread, "datetime.timezone.utc");
  const char* type = type_name(thread, type_of(self));
  if (self->name.borrow().is_none())
    return formatted(thread, "{}({})", type, repr_of(offset_of(self)));
  return formatted(thread, "{}({}, {})", type, repr_of(offset_of(self)),
                   repr_of(self->name.borrow()));
}
AnyResult timezone_str(Thread& thread, Borrowed<TimeZone> self) { return name_of(thread, self); }
Result<Word> timezone_hash(Thread& thread, Borrowed<TimeZone> self) {
  return timedelta_hash(thread, offset_of(self));
}
template <bool equal>
AnyResult timezone_same(Borrowed<TimeZone> self, Any other) {
  if (!is_timezone(other)) return not_implemented();
  bool same = timedelta_compare(offset_of(self).get(), zone_in(other)->offset.borrow().get()) == 0;
  return truth(same == equal);
}

Result<void> check_moment(Thread& thread, Any moment, const char* method) {
  if (moment.is_none() || is_datetime(moment)) return {};
  return raise<TypeError>(thread, "{}(dt) argument must be a datetime instance or None, not {}",
                          method, type_name_in(moment));
}
AnyResult timezone_utcoffset(Thread& thread, Borrowed<TimeZone> self, Any moment) {
  TRY(check_moment(thread, moment, "utcoffset"));
  return share(thread, offset_of(self));
}
AnyResult timezone_dst(Thread& thread, Borrowed<TimeZone>, Any moment) {
  TRY(check_moment(thread, moment, "dst"));
  return AnyRef::adopt(kNone);
}
AnyResult timezone_tzname(Thread& thread, Borrowed<TimeZone> self, Any moment) {
  TRY(check_moment(thread, moment, "tzname"));
  return name_of(thread, self);
}
AnyResult timezone_fromutc(Thread& thread, Borrowed<TimeZone> self, Any moment) {
  if (!is_datetime(moment)) return raise<TypeError>(thread, "fromutc: argument must be a datetime");
  if (!static_cast<DateTime*>(moment.object())->tzinfo.borrow().is(self))
    return raise<ValueError>(thread, "fromutc: dt.tzinfo is not self");
  return shifted(thread, moment, timedelta_micros(offset_of(self).get()));
}
AnyResult timezone_getinitargs(Thread& thread, Borrowed<TimeZone> self) {
  if (self->name.borrow().is_none()) return tuple_of(thread, {offset_of(self).value()});
  return tuple_of(thread, {offset_of(self).value(), self->name.borrow().value()});
}

const SlotEntry timezone_slots[] = {
    slot<SlotId::new_, timezone_new>(),      slot<SlotId::repr, timezone_repr>(),
    slot<SlotId::str, timezone_str>(),       slot<SlotId::hash, timezone_hash>(),
    slot<SlotId::eq, timezone_same<true>>(), slot<SlotId::ne, timezone_same<false>>(),
};
constexpr Method timezone_methods[] = {
    method<timezone_tzname>("tzname(dt, /)",
                            "If name is specified when timezone is created, returns the name.  "
                            "Otherwise returns offset as 'UTC(+|-)HH:MM'."),
    method<timezone_utcoffset>("utcoffset(dt, /)", "Return fixed offset."),
    method<timezone_dst>("dst(dt, /)", "Return None."),
    method<timezone_fromutc>("fromutc(dt, /)", "datetime in UTC -> datetime in local time."),
    method<timezone_getinitargs>("__getinitargs__()", "pickle support"),
};
const Layout timezone_layout{"timezone", sizeof(TimeZone), true,
                             trace_fields<TimeZone, &TimeZone::offset, &TimeZone::name>, nullptr};

}  // namespace

const TypeSpec timezone_spec{
    .name = "datetime.timezone",
    .doc = "Fixed offset from UTC implementation of tzinfo.",
    .flags = kTypeImmutable,
    .layout = &timezone_layout,
    .base = &tzinfo_type,
    .slots = timezone_slots,
    .methods = timezone_methods,
};

AnyResult zone_from_utc(Thread& thread, Any zone, Any moment) {
  if (is_timezone(zone)) return timezone_fromutc(thread, Borrowed<TimeZone>(zone.value()), moment);
  return call_method(thread, zone, NAME("fromutc"), {moment.value()});
}

}  // namespace dx
