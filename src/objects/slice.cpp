// slice objects and how sequences turn them into positions.

#include "objects/slice.h"

#include <algorithm>

#include "objects/container_support.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/tuple.h"

namespace dx {

constexpr Word kWordMax = INT64_MAX;

Result<Ref<Slice>> slice_create(Thread& thread, Any start, Any stop, Any step) {
  Object* object = allocate_object(thread, sizeof(Slice), SHAPE(slice), PageKind::traced);
  if (!object) return raise_memory_error(thread);
  Slice* self = static_cast<Slice*>(object);
  slot_init(self, self->start, share(thread, start));
  slot_init(self, self->stop, share(thread, stop));
  slot_init(self, self->step, share(thread, step));
  return Ref<Slice>::adopt(self);
}

// One of the three values; `otherwise` for None.
static Result<Word> slice_word(Thread& thread, Any value, Word otherwise) {
  if (value.value().is_int()) return small_int_value(value);
  if (value.is_none()) return otherwise;
  if (!has_index(value)) {
    return raise<TypeError>(thread,
                            "slice indices must be integers or None or have an __index__ method");
  }
  return index_word_clamped(thread, value);
}

Result<SliceBounds> slice_bounds(Thread& thread, Borrowed<Slice> self) {
  SliceBounds bounds;
  bounds.step = TRY(slice_word(thread, self->step.borrow(), 1));
  if (bounds.step == 0) return raise<ValueError>(thread, "slice step cannot be zero");
  if (bounds.step < -kWordMax) bounds.step = -kWordMax;  // so that it can be negated
  bounds.start = TRY(slice_word(thread, self->start.borrow(), bounds.step < 0 ? kWordMax : 0));
  bounds.stop =
      TRY(slice_word(thread, self->stop.borrow(), bounds.step < 0 ? INT64_MIN : kWordMax));
  return bounds;
}

// A bound as a position: counted from the end when negative, then kept within what the direction
// allows.
static Word clamp_bound(Word bound, Word length, Word step) {
  if (bound < 0) {
    bound += length;
    return bound >= 0 ? bound : step < 0 ? -1 : 0;
  }
  return bound < length ? bound : step < 0 ? length - 1 : length;
}

SliceRange slice_apply(SliceBounds bounds, Word length) {
  Word start = clamp_bound(bounds.start, length, bounds.step);
  Word stop = clamp_bound(bounds.stop, length, bounds.step);
  Word count = 0;
  if (bounds.step > 0 && start < stop) count = (stop - start - 1) / bounds.step + 1;
  if (bounds.step < 0 && stop < start) count = (start - stop - 1) / -bounds.step + 1;
  // Whoever walks adds the step once more after the last item. One that is longer than the sequence
  // meets at most one item whatever it is; kept short, the sum cannot overflow.
  Word step = std::clamp(bounds.step, -length - 2, length + 2);
  return {start, step, count};
}

// ---- Python face --------------------------------------------------------------------------------

static AnyResult slice_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.keywords()) return raise<TypeError>(thread, "slice() takes no keyword arguments");
  size_t count = arguments.count;
  if (count == 0) return raise<TypeError>(thread, "slice expected at least 1 argument, got 0");
  if (count > 3)
    return raise<TypeError>(thread, "slice expected at most 3 arguments, got {}", count);
  if (count == 1) return slice_create(thread, kNone, arguments[0], kNone);
  return slice_create(thread, arguments[0], arguments[1], count == 3 ? arguments[2] : Any(kNone));
}

static AnyResult slice_repr(Thread& thread, Borrowed<Slice> self) {
  const FormatArgument arguments[] = {FormatArgument(repr_of(self->start.borrow())),
                                      FormatArgument(repr_of(self->stop.borrow())),
                                      FormatArgument(repr_of(self->step.borrow()))};
  return format_text(thread, "slice({}, {}, {})", arguments, 3);
}

static Result<Ref<Tuple>> slice_triple(Thread& thread, Borrowed<Slice> self) {
  return tuple_of(thread, {self->start.borrow().value(), self->stop.borrow().value(),
                           self->step.borrow().value()});
}

static Result<Word> slice_hash(Thread& thread, Borrowed<Slice> self) {
  constexpr uint64_t kPrime1 = 11400714785074694791u, kPrime2 = 14029467366897019727u,
                     kPrime5 = 2870177450012600261u;
  uint64_t sum = kPrime5;
  for (Any part : {self->start.borrow(), self->stop.borrow(), self->step.borrow()}) {
    sum += static_cast<uint64_t>(TRY(hash(thread, part))) * kPrime2;
    sum = std::rotl(sum, 31) * kPrime1;
  }
  return static_cast<Word>(sum == ~uint64_t{0} ? 1546275796 : sum);
}

template <CompareOp op>
static AnyResult slice_compare(Thread& thread, Borrowed<Slice> self, Any other) {
  if (!is_slice(other)) return not_implemented();
  if (other.is(self))
    return truth(op == CompareOp::eq || op == CompareOp::le || op == CompareOp::ge);
  Ref<Tuple> left = TRY(slice_triple(thread, self));
  Ref<Tuple> right = TRY(slice_triple(thread, Borrowed<Slice>(other.value())));
  return compare(thread, left, right, op);
}

// ---- indices: any size of int -------------------------------------------------------------------

static AnyResult slice_index_or(Thread& thread, Any value, Any otherwise) {
  if (value.is_none()) return share(thread, otherwise);
  if (!has_index(value)) {
    return raise<TypeError>(thread,
                            "slice indices must be integers or None or have an __index__ method");
  }
  return exact_index(thread, value);
}

static AnyResult slice_clamped(Thread& thread, Any bound, Any length, Any low, Any high) {
  AnyRef at = share(thread, bound);
  if (int_sign(at.value()) < 0) {
    at = TRY(int_add(thread, at, length));
    if (int_compare(at.value(), low.value()) < 0) return share(thread, low);
  } else if (int_compare(at.value(), high.value()) > 0) {
    return share(thread, high);
  }
  return at;
}

AnyResult slice_indices(Thread& thread, Borrowed<Slice> self, Any length_argument) {
  AnyRef length = TRY(exact_index(thread, length_argument));
  if (int_sign(length.value()) < 0)
    return raise<ValueError>(thread, "length should not be negative");
  AnyRef step = TRY(slice_index_or(thread, self->step.borrow(), small_int(1)));
  if (int_sign(step.value()) == 0) return raise<ValueError>(thread, "slice step cannot be zero");
  bool backward = int_sign(step.value()) < 0;
  AnyRef low = AnyRef::adopt(small_int(backward ? -1 : 0));
  AnyRef high = backward ? TRY(int_add(thread, length, small_int(-1))) : share(thread, length);

  AnyRef start = share(thread, backward ? high : low), stop = share(thread, backward ? low : high);
  if (!self->start.borrow().is_none()) {
    AnyRef given = TRY(slice_index_or(thread, self->start.borrow(), kNone));
    start = TRY(slice_clamped(thread, given, length, low, high));
  }
  if (!self->stop.borrow().is_none()) {
    AnyRef given = TRY(slice_index_or(thread, self->stop.borrow(), kNone));
    stop = TRY(slice_clamped(thread, given, length, low, high));
  }
  return tuple_of(thread, {start.value(), stop.value(), step.value()});
}

static AnyResult slice_reduce(Thread& thread, Borrowed<Slice> self) {
  Ref<Tuple> parts = TRY(slice_triple(thread, self));
  return tuple_of(thread, {Value(static_cast<Object*>(TYPE(slice))), parts.value()});
}

static AnyResult slice_start(Thread& thread, Borrowed<Slice> self) {
  return share(thread, self->start.borrow());
}
static AnyResult slice_stop(Thread& thread, Borrowed<Slice> self) {
  return share(thread, self->stop.borrow());
}
static AnyResult slice_step(Thread& thread, Borrowed<Slice> self) {
  return share(thread, self->step.borrow());
}

static void slice_trace(Object* object, SlotVisitor& visitor) {
  Slice* self = static_cast<Slice*>(object);
  visitor(self->step);  // dies first in CPython
  visitor(self->start);
  visitor(self->stop);
}
static const Layout slice_layout{"slice", sizeof(Slice),       true, slice_trace, nullptr,
                                 nullptr, drop_by<slice_trace>};

static const SlotEntry slice_slots[] = {
    slot<SlotId::new_, slice_new>(),
    slot<SlotId::repr, slice_repr>(),
    slot<SlotId::hash, slice_hash>(),
    slot<SlotId::lt, slice_compare<CompareOp::lt>>(),
    slot<SlotId::le, slice_compare<CompareOp::le>>(),
    slot<SlotId::eq, slice_compare<CompareOp::eq>>(),
    slot<SlotId::ne, slice_compare<CompareOp::ne>>(),
    slot<SlotId::gt, slice_compare<CompareOp::gt>>(),
    slot<SlotId::ge, slice_compare<CompareOp::ge>>(),
};
static constexpr Method slice_methods[] = {
    method<slice_indices>("indices(object, /)",
                          "The start, stop and step that this slice means for a sequence of a "
                          "length, clipped as indexing does."),
    method<slice_reduce>("__reduce__()", "Return state information for pickling."),
};
static const GetSet slice_getsets[] = {
    getter<slice_start>("start"),
    getter<slice_stop>("stop"),
    getter<slice_step>("step"),
};
const TypeSpec slice_spec{
    .name = "slice",
    .doc =
        "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  "
        "This is used for extended slicing (e.g. a[0:10:2]).",
    .flags = kTypeImmutable,
    .layout = &slice_layout,
    .slots = slice_slots,
    .methods = slice_methods,
    .getsets = slice_getsets,
};

}  // namespace dx
