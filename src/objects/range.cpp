// range objects. Small ints are reckoned as machine words (any sum of two fits), the rest by int's
// own arithmetic.

#include "objects/range.h"

#include "objects/container_support.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/slice.h"
#include "objects/tuple.h"

namespace dx {
namespace {

inline Value field(const Field<Object>& slot) { return slot.raw_relaxed(); }

bool all_small(Borrowed<Range> self) {
  return field(self->start).is_int() && field(self->step).is_int() &&
         field(self->length).is_int() && field(self->stop).is_int();
}

// How many items lie in [start, stop) at this step.
AnyResult count_items(Thread& thread, Any start, Any stop, Any step) {
  bool backward = int_sign(step) < 0;
  Any low = backward ? stop : start, high = backward ? start : stop;
  if (low.value().is_int() && high.value().is_int() && step.value().is_int()) {
    Word from = small_int_value(low), to = small_int_value(high), by = small_int_value(step);
    if (from >= to) return AnyRef::adopt(small_int(0));
    uint64_t size = by < 0 ? -static_cast<uint64_t>(by) : static_cast<uint64_t>(by);
    uint64_t count = (static_cast<uint64_t>(to) - static_cast<uint64_t>(from) - 1) / size + 1;
    return int_from_u64(thread, count);
  }
  if (int_compare(low.value(), high.value()) >= 0) return AnyRef::adopt(small_int(0));
  AnyRef span = TRY(int_subtract(thread, high, low));
  span = TRY(int_subtract(thread, span, small_int(1)));
  AnyRef size = backward ? TRY(int_negate(thread, step)) : share(thread, step);
  span = TRY(int_floor_divide(thread, span, size));
  return int_add(thread, span, small_int(1));
}

// start + index * step
AnyResult item_at(Thread& thread, Borrowed<Range> self, Any index) {
  AnyRef offset = TRY(int_multiply(thread, index, field(self->step)));
  return int_add(thread, field(self->start), offset);
}

AnyResult number_in(Thread& thread, Any argument) { return exact_index(thread, argument); }

}  // namespace

Result<Ref<Range>> range_create(Thread& thread, Any start, Any stop, Any step) {
  if (int_sign(step) == 0) return raise<ValueError>(thread, "range() arg 3 must not be zero");
  AnyRef length = TRY(count_items(thread, start, stop, step));
  Object* object = allocate_object(thread, sizeof(Range), SHAPE(range), PageKind::traced);
  if (!object) return raise_memory_error(thread);
  Range* self = static_cast<Range*>(object);
  slot_init(self, self->start, share(thread, start));
  slot_init(self, self->stop, share(thread, stop));
  slot_init(self, self->step, share(thread, step));
  slot_init(self, self->length, std::move(length));
  return Ref<Range>::adopt(self);
}

// ---- construction -------------------------------------------------------------------------------

static AnyResult range_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.keywords()) return raise<TypeError>(thread, "range() takes no keyword arguments");
  size_t count = arguments.count;
  if (count == 0) return raise<TypeError>(thread, "range expected at least 1 argument, got 0");
  if (count > 3)
    return raise<TypeError>(thread, "range expected at most 3 arguments, got {}", count);
  if (count == 1) {
    AnyRef stop = TRY(number_in(thread, arguments[0]));
    return range_create(thread, small_int(0), stop, small_int(1));
  }
  AnyRef start = TRY(number_in(thread, arguments[0]));
  AnyRef stop = TRY(number_in(thread, arguments[1]));
  AnyRef step = count == 3 ? TRY(number_in(thread, arguments[2])) : AnyRef::adopt(small_int(1));
  return range_create(thread, start, stop, step);
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult range_repr(Thread& thread, Borrowed<Range> self) {
  const FormatArgument arguments[] = {FormatArgument(repr_of(field(self->start))),
                                      FormatArgument(repr_of(field(self->stop))),
                                      FormatArgument(repr_of(field(self->step)))};
  bool unit = field(self->step) == small_int(1);
  return format_text(thread, unit ? "range({}, {})" : "range({}, {}, {})", arguments, unit ? 2 : 3);
}

// Ranges are equal when their items are.
static bool range_equal(Borrowed<Range> self, Borrowed<Range> other) {
  if (int_compare(field(self->length), field(other->length)) != 0) return false;
  if (field(self->length) == small_int(0)) return true;
  if (int_compare(field(self->start), field(other->start)) != 0) return false;
  return field(self->length) == small_int(1) ||
         int_compare(field(self->step), field(other->step)) == 0;
}

static AnyResult range_eq(Thread& thread, Borrowed<Range> self, Any other) {
  if (!is_range(other)) return not_implemented();
  return truth(range_equal(self, Borrowed<Range>(other.value())));
}
static AnyResult range_ne(Thread& thread, Borrowed<Range> self, Any other) {
  if (!is_range(other)) return not_implemented();
  return truth(!range_equal(self, Borrowed<Range>(other.value())));
}

static Result<Word> range_hash(Thread& thread, Borrowed<Range> self) {
  Value length = field(self->length);
  Value start = length == small_int(0) ? kNone : field(self->start);
  Value step = length == small_int(0) || length == small_int(1) ? kNone : field(self->step);
  Ref<Tuple> parts = TRY(tuple_of(thread, {length, start, step}));
  return hash(thread, parts);
}

static Result<bool> range_bool(Borrowed<Range> self) { return field(self->length) != small_int(0); }

static Result<Word> range_len(Thread& thread, Borrowed<Range> self) {
  return int_word(thread, field(self->length), "Python int too large to convert to C ssize_t");
}

static AnyResult range_getitem(Thread& thread, Borrowed<Range> self, Any key) {
  if (is_slice(key)) {
    AnyRef owned = TRY(slice_indices(thread, Borrowed<Slice>(key.value()), field(self->length)));
    Borrowed<Tuple> bounds(owned.value());
    AnyRef start = TRY(item_at(thread, self, bounds->item(0)));
    AnyRef stop = TRY(item_at(thread, self, bounds->item(1)));
    AnyRef step = TRY(int_multiply(thread, field(self->step), bounds->item(2)));
    return range_create(thread, start, stop, step);
  }
  if (!has_index(key)) {
    return raise<TypeError>(thread, "range indices must be integers or slices, not {}",
                            type_name_in(key));
  }
  AnyRef index = TRY(to_index(thread, key));
  if (int_sign(index.value()) < 0) index = TRY(int_add(thread, index, field(self->length)));
  if (int_sign(index.value()) < 0 || int_compare(index.value(), field(self->length)) >= 0) {
    return raise<IndexError>(thread, "range object index out of range");
  }
  return item_at(thread, self, index);
}

// Whether an int is one of the items; runs no Python.
static Result<bool> range_holds(Thread& thread, Borrowed<Range> self, Any number) {
  Value start = field(self->start), stop = field(self->stop), step = field(self->step);
  if (int_sign(step) > 0) {
    if (int_compare(number, start) < 0 || int_compare(number, stop) >= 0) return false;
  } else {
    if (int_compare(number, start) > 0 || int_compare(number, stop) <= 0) return false;
  }
  AnyRef offset = TRY(int_subtract(thread, number, start));
  AnyRef rest = TRY(int_remainder(thread, offset, step));
  return int_sign(rest.value()) == 0;
}

static bool counts_as_int(Value value) { return is_exact_int(value) || value.is_bool(); }

// Other values are compared with every item. Index of the first equal one, or -1; `count`: how many
// there are.
static Result<Word> range_search(Thread& thread, Borrowed<Range> self, Any value, Word* count) {
  AnyRef iterator = TRY(range_iter(thread, self));
  for (Word index = 0;; ++index) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return Word{-1};
    AnyRef item = step.take();
    if (!TRY(equal(thread, item, value))) continue;
    if (!count) return index;
    ++*count;
  }
}

static Result<bool> range_contains(Thread& thread, Borrowed<Range> self, Any value) {
  if (counts_as_int(value)) return range_holds(thread, self, value);
  return TRY(range_search(thread, self, value, nullptr)) >= 0;
}

// ---- methods ------------------------------------------------------------------------------------

static Result<Word> range_count(Thread& thread, Borrowed<Range> self, Any value) {
  if (counts_as_int(value)) return Word{TRY(range_holds(thread, self, value))};
  Word count = 0;
  (void)TRY(range_search(thread, self, value, &count));
  return count;
}

static AnyResult range_index(Thread& thread, Borrowed<Range> self, Any value) {
  if (!counts_as_int(value)) {
    Word index = TRY(range_search(thread, self, value, nullptr));
    if (index < 0) return raise<ValueError>(thread, "sequence.index(x): x not in sequence");
    return int_from_word(thread, index);
  }
  if (!TRY(range_holds(thread, self, value)))
    return raise<ValueError>(thread, "range.index(x): x not in range");
  AnyRef offset = TRY(int_subtract(thread, value, field(self->start)));
  return int_floor_divide(thread, offset, field(self->step));
}

static AnyResult range_reduce(Thread& thread, Borrowed<Range> self) {
  Ref<Tuple> parts =
      TRY(tuple_of(thread, {field(self->start), field(self->stop), field(self->step)}));
  return tuple_of(thread, {Value(static_cast<Object*>(TYPE(range))), parts.value()});
}

static AnyResult range_start(Thread& thread, Borrowed<Range> self) {
  return share(thread, field(self->start));
}
static AnyResult range_stop(Thread& thread, Borrowed<Range> self) {
  return share(thread, field(self->stop));
}
static AnyResult range_step(Thread& thread, Borrowed<Range> self) {
  return share(thread, field(self->step));
}

// ---- iterators ----------------------------------------------------------------------------------

TypeHandle range_iterator_type, longrange_iterator_type;

struct LongRangeIterator : Object {
  Field<Object> next, step, left;
};

static AnyResult range_iterator_create(Thread& thread, Word next, Word step, Word left) {
  auto* self = iterator_allocate<RangeIterator, PageKind::leaf>(thread, range_iterator_type);
  if (!self) return Raised{};
  self->next = next;
  self->step = step;
  self->left = left;
  return AnyRef::adopt(self);
}
static AnyResult longrange_iterator_create(Thread& thread, Any next, Any step, Any left) {
  AnyRef made = TRY(allocate_instance(thread, longrange_iterator_type.type));
  LongRangeIterator* self = static_cast<LongRangeIterator*>(made.get());
  slot_init(self, self->next, share(thread, next));
  slot_init(self, self->step, share(thread, step));
  slot_init(self, self->left, share(thread, left));
  return made;
}

AnyResult range_iter(Thread& thread, Borrowed<Range> self) {
  if (all_small(self)) {
    return range_iterator_create(thread, small_int_value(field(self->start)),
                                 small_int_value(field(self->step)),
                                 small_int_value(field(self->length)));
  }
  return longrange_iterator_create(thread, field(self->start), field(self->step),
                                   field(self->length));
}

AnyResult range_reversed(Thread& thread, Borrowed<Range> self) {
  if (all_small(self)) {
    Word step = small_int_value(field(self->step)), length = small_int_value(field(self->length));
    Word back, last;
    if (!__builtin_mul_overflow(step, length - 1, &back) &&
        !__builtin_add_overflow(small_int_value(field(self->start)), back, &last) &&
        fits_small_int(last) && fits_small_int(-step))
      return range_iterator_create(thread, last, -step, length);
  }
  AnyRef last_index = TRY(int_subtract(thread, field(self->length), small_int(1)));
  AnyRef last = TRY(item_at(thread, self, last_index));
  AnyRef step = TRY(int_negate(thread, field(self->step)));
  if (all_small(self) && last.value().is_int() && step.value().is_int()) {
    return range_iterator_create(thread, small_int_value(last.value()),
                                 small_int_value(step.value()),
                                 small_int_value(field(self->length)));
  }
  return longrange_iterator_create(thread, last, step, field(self->length));
}

static AnyResult range_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

static Step range_iterator_next(Thread& thread, Borrowed<RangeIterator> self) {
  if (self->left <= 0) return Step::done();
  Word item = self->next;
  --self->left;
  // Past the last item the sum may leave the range of small ints; it is not used then.
  self->next = static_cast<Word>(static_cast<uint64_t>(item) + static_cast<uint64_t>(self->step));
  return AnyRef::adopt(small_int(item));
}
static Word range_iterator_length_hint(Borrowed<RangeIterator> self) { return self->left; }

static AnyResult range_iterator_reduce(Thread& thread, Borrowed<RangeIterator> self) {
  AnyRef start = TRY(int_from_word(thread, self->next));
  AnyRef step = TRY(int_from_word(thread, self->step));
  AnyRef span = TRY(int_multiply(thread, step, small_int(self->left)));
  AnyRef stop = TRY(int_add(thread, start, span));
  Ref<Range> rest = TRY(range_create(thread, start, stop, step));
  return reduce_with_builtin(thread, NAME("iter"), {rest.value()}, MaybeAny(kNone));
}
static void range_iterator_setstate(Borrowed<RangeIterator> self, Word index) {
  Word skip = index < 0 ? 0 : index > self->left ? self->left : index;
  self->next += skip * self->step;
  self->left -= skip;
}

static Step longrange_iterator_next(Thread& thread, Borrowed<LongRangeIterator> self) {
  AnyRef left = AnyRef::adopt(slot_load(thread, self.get(), self->left));
  if (int_sign(left.value()) <= 0) return Step::done();
  AnyRef item = AnyRef::adopt(slot_load(thread, self.get(), self->next));
  AnyRef next = TRY(int_add(thread, item, field(self->step)));
  AnyRef fewer = TRY(int_subtract(thread, left, small_int(1)));
  slot_write(thread, self.get(), self->next, std::move(next));
  slot_write(thread, self.get(), self->left, std::move(fewer));
  return item;
}
static AnyResult longrange_iterator_length_hint(Thread& thread, Borrowed<LongRangeIterator> self) {
  return AnyRef::adopt(slot_load(thread, self.get(), self->left));
}
static AnyResult longrange_iterator_reduce(Thread& thread, Borrowed<LongRangeIterator> self) {
  AnyRef left = AnyRef::adopt(slot_load(thread, self.get(), self->left));
  AnyRef start = AnyRef::adopt(slot_load(thread, self.get(), self->next));
  AnyRef span = TRY(int_multiply(thread, left, field(self->step)));
  AnyRef stop = TRY(int_add(thread, start, span));
  Ref<Range> rest = TRY(range_create(thread, start, stop, field(self->step)));
  return reduce_with_builtin(thread, NAME("iter"), {rest.value()}, MaybeAny(kNone));
}
static Result<void> longrange_iterator_setstate(Thread& thread, Borrowed<LongRangeIterator> self,
                                                Any state) {
  if (!is_int(state)) return raise<TypeError>(thread, "an integer is required");
  AnyRef left = AnyRef::adopt(slot_load(thread, self.get(), self->left));
  AnyRef skip = int_sign(state) < 0 ? AnyRef::adopt(small_int(0)) : share(thread, state);
  if (int_compare(skip.value(), left.value()) > 0) skip = share(thread, left);
  AnyRef next = AnyRef::adopt(slot_load(thread, self.get(), self->next));
  AnyRef span = TRY(int_multiply(thread, skip, field(self->step)));
  next = TRY(int_add(thread, next, span));
  left = TRY(int_subtract(thread, left, skip));
  slot_write(thread, self.get(), self->next, std::move(next));
  slot_write(thread, self.get(), self->left, std::move(left));
  return {};
}

static void longrange_iterator_trace(Object* object, SlotVisitor& visitor) {
  LongRangeIterator* self = static_cast<LongRangeIterator*>(object);
  visitor(self->next);
  visitor(self->step);
  visitor(self->left);
}
static const Layout range_iterator_layout{"range_iterator", sizeof(RangeIterator), false, nullptr,
                                          nullptr};
static const Layout longrange_iterator_layout{"longrange_iterator", sizeof(LongRangeIterator), true,
                                              longrange_iterator_trace, nullptr};

static const SlotEntry range_iterator_slots[] = {
    slot<SlotId::iter, range_iterator_iter>(),
    slot<SlotId::next, range_iterator_next>(),
};
static const SlotEntry longrange_iterator_slots[] = {
    slot<SlotId::iter, range_iterator_iter>(),
    slot<SlotId::next, longrange_iterator_next>(),
};
static constexpr Method range_iterator_methods[] = {
    method<range_iterator_length_hint>("__length_hint__()",
                                       "Private method returning an estimate of len(list(it))."),
    method<range_iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<range_iterator_setstate>("__setstate__(object, /)",
                                    "Set state information for unpickling."),
};
static constexpr Method longrange_iterator_methods[] = {
    method<longrange_iterator_length_hint>(
        "__length_hint__()", "Private method returning an estimate of len(list(it))."),
    method<longrange_iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<longrange_iterator_setstate>("__setstate__(object, /)",
                                        "Set state information for unpickling."),
};
extern const TypeSpec range_iterator_spec, longrange_iterator_spec;
const TypeSpec range_iterator_spec{
    .name = "range_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &range_iterator_layout,
    .slots = range_iterator_slots,
    .methods = range_iterator_methods,
};
const TypeSpec longrange_iterator_spec{
    .name = "longrange_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &longrange_iterator_layout,
    .slots = longrange_iterator_slots,
    .methods = longrange_iterator_methods,
};

// ---- type ---------------------------------------------------------------------------------------

static void range_trace(Object* object, SlotVisitor& visitor) {
  Range* self = static_cast<Range*>(object);
  visitor(self->start);
  visitor(self->stop);
  visitor(self->step);
  visitor(self->length);
}
static const Layout range_layout{"range", sizeof(Range),       true, range_trace, nullptr,
                                 nullptr, drop_by<range_trace>};

static const SlotEntry range_slots[] = {
    slot<SlotId::new_, range_new>(),        slot<SlotId::repr, range_repr>(),
    slot<SlotId::hash, range_hash>(),       slot<SlotId::eq, range_eq>(),
    slot<SlotId::ne, range_ne>(),           slot<SlotId::iter, range_iter>(),
    slot<SlotId::bool_, range_bool>(),      slot<SlotId::len, range_len>(),
    slot<SlotId::getitem, range_getitem>(), slot<SlotId::contains, range_contains>(),
};
static constexpr Method range_methods[] = {
    method<range_reversed>("__reversed__()", "Return a reverse iterator."),
    method<range_reduce>("__reduce__()"),
    method<range_count>(
        "count(object, /)",
        "rangeobject.count(value) -> integer -- return number of occurrences of value"),
    method<range_index>("index(object, /)",
                        "rangeobject.index(value) -> integer -- return index of value.\n"
                        "Raise ValueError if the value is not present."),
};
static const GetSet range_getsets[] = {
    getter<range_start>("start"),
    getter<range_stop>("stop"),
    getter<range_step>("step"),
};
const TypeSpec range_spec{
    .name = "range",
    .doc =
        "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\n"
        "The ints from start (inclusive, 0 when left out) to stop (exclusive) by step.\n"
        "A negative step counts down.",
    .flags = kTypeImmutable | kTypeSequence,
    .layout = &range_layout,
    .slots = range_slots,
    .methods = range_methods,
    .getsets = range_getsets,
};

}  // namespace dx
