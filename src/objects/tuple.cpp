// Tuples carry *args and multiple returns, so creation is hot: items sit inline behind the header
// and never move. Invariant: every item is set before the tuple is visible to the collector or to
// Python. An instance of a subclass has its slots and attributes behind the items.

#include "objects/tuple.h"

#include <cstring>

#include "objects/container_support.h"
#include "objects/generic_alias.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/slice.h"
#include "objects/str_internal.h"

namespace dx {

// ---- construction from C++ ----------------------------------------------------------------------

constexpr size_t kMaxItems = (size_t{1} << 59) / sizeof(Slot);

static Tuple* tuple_allocate(Thread& thread, size_t size) {
  if (size > kMaxItems) return nullptr;
  size_t bytes = sizeof(Tuple) + size * sizeof(Slot);
  Object* object = allocate_object_uninitialized(thread, bytes, SHAPE(tuple), PageKind::traced);
  if (!object) return nullptr;
  Tuple* self = static_cast<Tuple*>(object);
  self->size = static_cast<Word>(size);
  self->hash_cache.store(0, std::memory_order_relaxed);
  return self;
}

Tuple* tuple_empty() {
  static std::atomic<Tuple*> empty{nullptr};
  Tuple* known = empty.load(std::memory_order_acquire);
  if (__builtin_expect(known != nullptr, 1)) return known;
  Tuple* fresh = tuple_allocate(current_thread(), 0);
  CHECK(fresh != nullptr);  // start-up makes it first
  make_immortal(fresh);
  // Two threads may make one each; the loser's is an immortal 32 bytes that nobody sees.
  return empty.compare_exchange_strong(known, fresh, std::memory_order_acq_rel) ? fresh : known;
}

Result<Ref<Tuple>> tuple_create(Thread& thread, size_t size) {
  if (size == 0) return Ref<Tuple>::adopt(tuple_empty());
  Tuple* self = tuple_allocate(thread, size);
  if (!self) return raise_memory_error(thread);
  for (size_t i = 0; i < size; ++i) slot_init(self, self->items()[i], Value{});
  return Ref<Tuple>::adopt(self);
}

Result<Ref<Tuple>> tuple_from(Thread& thread, const Value* items, size_t count) {
  if (count == 0) return Ref<Tuple>::adopt(tuple_empty());
  Tuple* self = tuple_allocate(thread, count);
  if (!self) return raise_memory_error(thread);
  for (size_t i = 0; i < count; ++i) {
    incref(thread, items[i]);
    slot_init(self, self->items()[i], items[i]);
  }
  return Ref<Tuple>::adopt(self);
}

Result<Ref<Tuple>> tuple_of(Thread& thread, std::initializer_list<Value> items) {
  return tuple_from(thread, items.begin(), items.size());
}

Result<Ref<Tuple>> tuple_adopt(Thread& thread, Value* items, size_t count) {
  if (count == 0) return Ref<Tuple>::adopt(tuple_empty());
  Tuple* self = tuple_allocate(thread, count);
  if (!self) {
    for (size_t i = 0; i < count; ++i) decref(thread, items[i]);
    return raise_memory_error(thread);
  }
  for (size_t i = 0; i < count; ++i) slot_init(self, self->items()[i], items[i]);
  return Ref<Tuple>::adopt(self);
}

static Ref<Tuple> share_tuple(Thread& thread, Borrowed<Tuple> self) {
  return Ref<Tuple>::share(thread, self);
}

// Items copied from `from` on, counted. Requires: room.
static void tuple_fill(Thread& thread, Tuple* self, Word at, Borrowed<Tuple> from) {
  for (Word i = 0; i < from->size; ++i) {
    Value item = from->item(i);
    incref(thread, item);
    slot_init(self, self->items()[at + i], item);
  }
}

Result<Ref<Tuple>> tuple_slice(Thread& thread, Borrowed<Tuple> self, Word start, Word stop) {
  if (start < 0) start = 0;
  if (stop > self->size) stop = self->size;
  if (start >= stop) return Ref<Tuple>::adopt(tuple_empty());
  if (start == 0 && stop == self->size && is_exact(self, SHAPE(tuple)))
    return share_tuple(thread, self);
  Tuple* part = tuple_allocate(thread, static_cast<size_t>(stop - start));
  if (!part) return raise_memory_error(thread);
  for (Word i = start; i < stop; ++i) {
    Value item = self->item(i);
    incref(thread, item);
    slot_init(part, part->items()[i - start], item);
  }
  return Ref<Tuple>::adopt(part);
}

// ---- construction from Python -------------------------------------------------------------------

static AnyResult tuple_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.keywords() && type->slot<SlotId::init>() == TYPE(tuple)->slot<SlotId::init>()) {
    return raise<TypeError>(thread, "tuple() takes no keyword arguments");
  }
  size_t positional = arguments.positional();
  if (positional > 1)
    return raise<TypeError>(thread, "tuple expected at most 1 argument, got {}", positional);
  if (type.get() == TYPE(tuple)) {
    if (positional == 0) return Ref<Tuple>::adopt(tuple_empty());
    return sequence_tuple(thread, arguments[0]);
  }
  AnyRef items =
      positional ? TRY(sequence_tuple(thread, arguments[0])) : AnyRef::adopt(tuple_empty());
  Borrowed<Tuple> source(items.value());
  size_t bytes = sizeof(Tuple) + static_cast<size_t>(source->size) * sizeof(Slot);
  AnyRef made = TRY(allocate_instance_sized(thread, type, bytes));
  Tuple* self = static_cast<Tuple*>(made.get());
  self->size = source->size;
  tuple_fill(thread, self, 0, source);
  return made;
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult tuple_repr(Thread& thread, Borrowed<Tuple> self) {
  if (self->size == 0) return str_from_ascii(thread, "()");
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "(...)");
  ReprScope scope(thread, self.get());
  StrBuilder text(thread);
  TRY(text.append('('));
  for (Word i = 0; i < self->size; ++i) {
    if (i) TRY(text.append(std::string_view(", ")));
    TRY(append_repr(thread, text, self->item(i)));
  }
  TRY(text.append(self->size == 1 ? std::string_view(",)") : std::string_view(")")));
  return text.finish();
}

// xxHash's rounds over the items' hashes; the numbers are CPython's, and so is every tuple's hash.
static Result<Word> tuple_hash(Thread& thread, Borrowed<Tuple> self) {
  constexpr uint64_t kPrime1 = 11400714785074694791u, kPrime2 = 14029467366897019727u,
                     kPrime5 = 2870177450012600261u;
  uint64_t known = self->hash_cache.load(std::memory_order_relaxed);
  if (known) return static_cast<Word>(known);
  uint64_t sum = kPrime5;
  for (Word i = 0; i < self->size; ++i) {
    sum += static_cast<uint64_t>(TRY(hash(thread, self->item(i)))) * kPrime2;
    sum = std::rotl(sum, 31) * kPrime1;
  }
  sum += static_cast<uint64_t>(self->size) ^ (kPrime5 ^ 3527539u);
  if (sum == ~uint64_t{0}) sum = 1546275796;
  self->hash_cache.store(sum, std::memory_order_relaxed);
  return static_cast<Word>(sum);
}

static int order_quick(Value x, Value y, int depth) {
  if (x == y) return 0;  // the same object counts as equal, a NaN too
  if (x.is_int() && y.is_int())
    return static_cast<int64_t>(x.bits) < static_cast<int64_t>(y.bits) ? -1 : 1;
  if (x.is_float() && y.is_float()) {
    double a = float_decode(x), b = float_decode(y);
    return a < b ? -1 : a > b;
  }
  if (x.is_bool() && y.is_bool()) return y.is_true() ? -1 : 1;
  if (is_exact(x, SHAPE(str)) && is_exact(y, SHAPE(str))) {
    return str_compare(static_cast<Str*>(x.object())->view(),
                       static_cast<Str*>(y.object())->view());
  }
  if (depth < 4 && is_exact(x, SHAPE(tuple)) && is_exact(y, SHAPE(tuple))) {
    return tuple_order_quick(Borrowed<Tuple>(x), Borrowed<Tuple>(y), depth + 1);
  }
  return kTupleOrderUnknown;
}
int tuple_order_quick(Borrowed<Tuple> left, Borrowed<Tuple> right, int depth) {
  Word common = left->size < right->size ? left->size : right->size;
  for (Word i = 0; i < common; ++i) {
    int order = order_quick(left->item(i), right->item(i), depth);
    if (order != 0) return order == kTupleOrderUnknown || order < 0 ? order : 1;
  }
  return left->size < right->size ? -1 : left->size > right->size;
}

template <CompareOp op>
static AnyResult tuple_compare(Thread& thread, Borrowed<Tuple> self, Any other) {
  if (!is_tuple(other)) return not_implemented();
  Borrowed<Tuple> right(other.value());
  if (int order = tuple_order_quick(self, right); order != kTupleOrderUnknown)
    return truth(order_holds(order, 0, op));
  // Lengths are compared last, as CPython does: an item's __eq__ can observe the order.
  Word common = self->size < right->size ? self->size : right->size;
  for (Word i = 0; i < common; ++i) {
    if (TRY(equal(thread, self->item(i), right->item(i)))) continue;
    if constexpr (op == CompareOp::eq) return truth(false);
    if constexpr (op == CompareOp::ne) return truth(true);
    return compare(thread, self->item(i), right->item(i), op);
  }
  return truth(order_holds(self->size, right->size, op));
}

static AnyResult tuple_iter(Thread& thread, Borrowed<Tuple> self);

static Word tuple_len(Borrowed<Tuple> self) { return self->size; }

static AnyResult tuple_getitem(Thread& thread, Borrowed<Tuple> self, Any key) {
  Value value = key;
  if (__builtin_expect(!is_slice(value), 1)) {
    Word index;
    if (value.is_int()) {
      index = small_int_value(value);
    } else {
      if (!has_index(key)) {
        return raise<TypeError>(thread, "tuple indices must be integers or slices, not {}",
                                type_name_in(key));
      }
      index = TRY(index_word(thread, key));
    }
    if (index < 0) index += self->size;
    if (index < 0 || index >= self->size)
      return raise<IndexError>(thread, "tuple index out of range");
    return share(thread, self->item(index));
  }
  SliceBounds bounds = TRY(slice_bounds(thread, Borrowed<Slice>(value)));
  SliceRange range = slice_apply(bounds, self->size);
  if (range.step == 1) return tuple_slice(thread, self, range.start, range.stop());
  Ref<Tuple> part = TRY(tuple_create(thread, static_cast<size_t>(range.count)));
  for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step) {
    Value item = self->item(at);
    incref(thread, item);
    slot_init(part.get(), part->items()[i], item);
  }
  return part;
}

static AnyResult tuple_add(Thread& thread, Borrowed<Tuple> self, Any other) {
  if (!is_tuple(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can only concatenate tuple (not \"{}\") to tuple",
                            type_name_in(other));
  }
  Borrowed<Tuple> right(other.value());
  if (self->size == 0 && is_exact(right, SHAPE(tuple))) return share_tuple(thread, right);
  if (right->size == 0 && is_exact(self, SHAPE(tuple))) return share_tuple(thread, self);
  if (self->size + right->size == 0) return Ref<Tuple>::adopt(tuple_empty());
  Tuple* joined = tuple_allocate(thread, static_cast<size_t>(self->size + right->size));
  if (!joined) return raise_memory_error(thread);
  tuple_fill(thread, joined, 0, self);
  tuple_fill(thread, joined, self->size, right);
  return Ref<Tuple>::adopt(joined);
}

static AnyResult tuple_mul(Thread& thread, Borrowed<Tuple> self, Any other) {
  if (!has_index(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::rmul>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  }
  Word times = TRY(repeat_count(thread, other));
  if ((self->size == 0 || times == 1) && is_exact(self, SHAPE(tuple)))
    return share_tuple(thread, self);
  if (self->size == 0 || times <= 0) return Ref<Tuple>::adopt(tuple_empty());
  if (static_cast<size_t>(times) > kMaxItems / static_cast<size_t>(self->size))
    return raise_memory_error(thread);
  Tuple* repeated = tuple_allocate(thread, static_cast<size_t>(self->size * times));
  if (!repeated) return raise_memory_error(thread);
  // All counts of an item at once, and then its places.
  for (Word i = 0; i < self->size; ++i) {
    Value item = self->item(i);
    if (item.is_object()) {
      for (Word n = 0; n < times; ++n) incref(thread, item.object());
    }
    for (Word n = 0, at = i; n < times; ++n, at += self->size)
      slot_init(repeated, repeated->items()[at], item);
  }
  return Ref<Tuple>::adopt(repeated);
}
// The left operand of * was asked before; a sequence there complains about this one.
static AnyResult tuple_rmul(Thread& thread, Borrowed<Tuple> self, Any other) {
  if (has_index(other) || !type_of(other)->slot<SlotId::getitem>())
    return tuple_mul(thread, self, other);
  return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                          type_name_in(self));
}

static Result<bool> tuple_contains(Thread& thread, Borrowed<Tuple> self, Any value) {
  for (Word i = 0; i < self->size; ++i) {
    if (self->item(i).is(value)) return true;
    if (value.value().is_int() && self->item(i).value().is_int()) continue;
    if (TRY(equal(thread, self->item(i), value))) return true;
  }
  return false;
}

// ---- methods ------------------------------------------------------------------------------------

static Result<Word> tuple_index(Thread& thread, Borrowed<Tuple> self, Any value, SliceBound start,
                                SliceBound stop) {
  for (Word at = start.clamp(self->size); at < stop.clamp(self->size); ++at) {
    if (TRY(equal(thread, self->item(at), value))) return at;
  }
  return raise<ValueError>(thread, "tuple.index(x): x not in tuple");
}

static Result<Word> tuple_count(Thread& thread, Borrowed<Tuple> self, Any value) {
  Word count = 0;
  for (Word i = 0; i < self->size; ++i) count += TRY(equal(thread, self->item(i), value));
  return count;
}

static AnyResult tuple_getnewargs(Thread& thread, Borrowed<Tuple> self) {
  Ref<Tuple> plain = TRY(tuple_create(thread, static_cast<size_t>(self->size)));
  if (self->size) tuple_fill(thread, plain.get(), 0, self);
  return tuple_of(thread, {plain.value()});
}

// ---- iterator -----------------------------------------------------------------------------------

TypeHandle tuple_iterator_type;

static AnyResult tuple_iter(Thread& thread, Borrowed<Tuple> self) {
  auto* iterator = iterator_allocate<TupleIterator>(thread, tuple_iterator_type);
  if (!iterator) return Raised{};
  slot_init(iterator, iterator->tuple, share(thread, self));
  return AnyRef::adopt(iterator);
}

static AnyResult tuple_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

static Step tuple_iterator_next(Thread& thread, Borrowed<TupleIterator> self) {
  if (is_mine(thread, self.get())) {
    Maybe<Borrowed<Tuple>> tuple = self->tuple.maybe();
    if (!tuple) return Step::done();
    if (self->index < tuple->size) return share(thread, tuple->item(self->index++));
    slot_clear(thread, self.get(), self->tuple);
    return Step::done();
  }
  Maybe<Ref<Tuple>> tuple = field_load(thread, self.get(), self->tuple);
  if (!tuple) return Step::done();
  Word index = std::atomic_ref<Word>(self->index).fetch_add(1, std::memory_order_relaxed);
  if (index < tuple->size) return share(thread, tuple->item(index));
  slot_clear(thread, self.get(), self->tuple);
  return Step::done();
}

static Word tuple_iterator_length_hint(Thread& thread, Borrowed<TupleIterator> self) {
  Maybe<Ref<Tuple>> tuple = field_load(thread, self.get(), self->tuple);
  return tuple && tuple->size > self->index ? tuple->size - self->index : 0;
}

static AnyResult tuple_iterator_reduce(Thread& thread, Borrowed<TupleIterator> self) {
  Maybe<Ref<Tuple>> tuple = field_load(thread, self.get(), self->tuple);
  if (!tuple) return reduce_with_builtin(thread, NAME("iter"), {Value(tuple_empty())});
  return reduce_with_builtin(thread, NAME("iter"), {tuple.value()},
                             MaybeAny(small_int(self->index)));
}

static Result<void> tuple_iterator_setstate(Thread& thread, Borrowed<TupleIterator> self,
                                            Word index) {
  Maybe<Ref<Tuple>> tuple = field_load(thread, self.get(), self->tuple);
  if (tuple) self->index = index < 0 ? 0 : index > tuple->size ? tuple->size : index;
  return {};
}

static void tuple_iterator_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<TupleIterator*>(object)->tuple);
}
static const Layout tuple_iterator_layout{
    "tuple_iterator", sizeof(TupleIterator),        true, tuple_iterator_trace, nullptr,
    nullptr,          drop_by<tuple_iterator_trace>};
static const SlotEntry tuple_iterator_slots[] = {
    slot<SlotId::iter, tuple_iterator_iter>(),
    slot<SlotId::next, tuple_iterator_next>(),
};
static constexpr Method tuple_iterator_methods[] = {
    method<tuple_iterator_length_hint>("__length_hint__()",
                                       "Private method returning an estimate of len(list(it))."),
    method<tuple_iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<tuple_iterator_setstate>("__setstate__(object, /)",
                                    "Set state information for unpickling."),
};
extern const TypeSpec tuple_iterator_spec;
const TypeSpec tuple_iterator_spec{
    .name = "tuple_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &tuple_iterator_layout,
    .slots = tuple_iterator_slots,
    .methods = tuple_iterator_methods,
};

// ---- type ---------------------------------------------------------------------------------------

static void tuple_trace(Object* object, SlotVisitor& visitor) {
  Tuple* self = static_cast<Tuple*>(object);
  if (self->size)
    visitor.range(self->items() + self->size - 1, -1, 1, static_cast<size_t>(self->size));
}
static void tuple_drop(Thread& thread, Object* object) {
  Tuple* self = static_cast<Tuple*>(object);
  for (Word i = self->size; i > 0; --i) slot_drop(thread, self->items()[i - 1]);
}
static size_t tuple_payload_size(const Object* object) {
  return sizeof(Tuple) +
         static_cast<size_t>(static_cast<const Tuple*>(object)->size) * sizeof(Slot);
}
static const Layout tuple_layout{"tuple", sizeof(Tuple),      true,      tuple_trace,
                                 nullptr, tuple_payload_size, tuple_drop};

static const SlotEntry tuple_slots[] = {
    slot<SlotId::new_, tuple_new>(),
    slot<SlotId::repr, tuple_repr>(),
    slot<SlotId::hash, tuple_hash>(),
    slot<SlotId::lt, tuple_compare<CompareOp::lt>>(),
    slot<SlotId::le, tuple_compare<CompareOp::le>>(),
    slot<SlotId::eq, tuple_compare<CompareOp::eq>>(),
    slot<SlotId::ne, tuple_compare<CompareOp::ne>>(),
    slot<SlotId::gt, tuple_compare<CompareOp::gt>>(),
    slot<SlotId::ge, tuple_compare<CompareOp::ge>>(),
    slot<SlotId::iter, tuple_iter>(),
    slot<SlotId::len, tuple_len>(),
    slot<SlotId::getitem, tuple_getitem>(),
    slot<SlotId::contains, tuple_contains>(),
    slot<SlotId::add, tuple_add>(),
    slot<SlotId::mul, tuple_mul>(),
    slot<SlotId::rmul, tuple_rmul>(),
};
static constexpr Method tuple_methods[] = {
    class_method<class_getitem>(
        "__class_getitem__(object, /)",
        "Tuples are generic over the types of their contents.\n\nFor example, use ``tuple[int, "
        "str]`` for a pair whose first element\nis an int and second element is a "
        "string.\n\nTuples also support the form ``tuple[T, ...]`` to indicate\nan arbitrary "
        "length tuple of elements of type T."),
    method<tuple_getnewargs>("__getnewargs__()"),
    method<tuple_index>(
        "index(value, start=0, stop=maxsize, /)",
        "Return first index of value.\n\nRaises ValueError if the value is not present."),
    method<tuple_count>("count(value, /)", "Return number of occurrences of value."),
};
const TypeSpec tuple_spec{
    .name = "tuple",
    .doc =
        "Built-in immutable sequence.\n\n"
        "If no argument is given, the constructor returns an empty tuple.\n"
        "If iterable is specified the tuple is initialized from iterable's items.\n\n"
        "If the argument is a tuple, the return value is the same object.",
    .flags = kTypeBase | kTypeImmutable | kTypeSequence,
    .shape_flags = kShapeTuple,
    .layout = &tuple_layout,
    .slots = tuple_slots,
    .methods = tuple_methods,
};

}  // namespace dx
