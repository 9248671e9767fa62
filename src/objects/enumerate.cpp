// enumerate and reversed.

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/int.h"
#include "objects/item_loop.h"
#include "objects/iter.h"
#include "objects/range.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle enumerate_type, reversed_type;

struct Enumerate : Object {
  Field<Object> iterator;
  Field<Object> count;  // the next number, an int of any size
  Field<Tuple> pair;    // the one given out last, used again when nobody else kept it
};

static AnyResult enumerate_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.count > 2) {
    return raise<TypeError>(thread, "enumerate() takes at most 2 arguments ({} given)",
                            arguments.count);
  }
  Value iterable, start;
  size_t positional = arguments.positional();
  if (positional > 0) iterable = arguments[0];
  if (positional > 1) start = arguments[1];
  for (size_t i = positional; i < arguments.count; ++i) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(i - positional)).value());
    bool names_iterable = str_equals_ascii(name, "iterable"),
         names_start = str_equals_ascii(name, "start");
    if (names_iterable && !iterable)
      iterable = arguments[i];
    else if (names_start && !start && (iterable || arguments.count == 2))
      start = arguments[i];
    else
      return raise<TypeError>(thread, "'{}' is an invalid keyword argument for enumerate()", name);
  }
  if (!iterable)
    return raise<TypeError>(thread, "enumerate() missing required argument 'iterable'");
  AnyRef count = start ? TRY(exact_index(thread, start)) : AnyRef::adopt(small_int(0));
  AnyRef iterator = TRY(get_iter(thread, iterable));
  AnyRef made = TRY(allocate_instance(thread, type));
  Enumerate* self = static_cast<Enumerate*>(made.get());
  slot_init(self, self->iterator, std::move(iterator));
  slot_init(self, self->count, std::move(count));
  return made;
}

static AnyResult enumerate_iter(Thread& thread, Any self) { return share(thread, self); }

// (number, item), and the number goes up.
static Result<Ref<Tuple>> enumerate_number(Thread& thread, Borrowed<Enumerate> self, AnyRef item) {
  AnyRef number = AnyRef::adopt(slot_load(thread, self.get(), self->count));
  if (number.value().is_int() && small_int_value(number.value()) < kSmallIntMax) {
    slot_write(thread, self.get(), self->count, small_int(small_int_value(number.value()) + 1));
  } else {
    AnyRef next = TRY(int_add(thread, number, small_int(1)));
    slot_write(thread, self.get(), self->count, std::move(next));
  }
  return tuple_pair_reusing(thread, self.get(), self->pair, std::move(number), std::move(item));
}
static Step enumerate_next(Thread& thread, Borrowed<Enumerate> self) {
  Step step = iter_next(thread, self->iterator.borrow());
  if (step.raised() || step.is_done()) return step;
  Ref<Tuple> both = TRY(enumerate_number(thread, self, step.take()));
  return both;
}

PairStep enumerate_next_pair(Thread& thread, Any iterator, Value* pair) {
  auto* self = static_cast<Enumerate*>(iterator.object());
  Value number = self->count.raw_relaxed();
  if (!is_mine(thread, self) || !number.is_int() || small_int_value(number) == kSmallIntMax)
    return PairStep::ordinary;
  Step step = iter_next(thread, self->iterator.borrow());
  if (step.raised()) return PairStep::raised;
  if (step.is_done()) return PairStep::done;
  number = self->count.raw_relaxed();  // iterating may have come here again
  if (!number.is_int() || small_int_value(number) == kSmallIntMax) {
    AnyRef item = step.take();
    Result<Ref<Tuple>> made = enumerate_number(thread, Borrowed<Enumerate>(self), std::move(item));
    if (made.raised()) return PairStep::raised;
    Ref<Tuple> both = made.take();
    for (Word i = 0; i < 2; ++i) pair[i] = share(thread, both->item(i)).release();
    return PairStep::pair;
  }
  slot_write(thread, self, self->count, small_int(small_int_value(number) + 1));
  pair[0] = number;
  pair[1] = step.release();
  return PairStep::pair;
}

static AnyResult enumerate_reduce(Thread& thread, Borrowed<Enumerate> self) {
  AnyRef number = AnyRef::adopt(slot_load(thread, self.get(), self->count));
  Ref<Tuple> arguments = TRY(tuple_of(thread, {self->iterator.borrow().value(), number.value()}));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), arguments.value()});
}

static void enumerate_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<Enumerate*>(object)->iterator);
  visitor(static_cast<Enumerate*>(object)->count);
  visitor(static_cast<Enumerate*>(object)->pair);
}
static const Layout enumerate_layout{
    "enumerate", sizeof(Enumerate),       true, enumerate_trace, nullptr,
    nullptr,     drop_by<enumerate_trace>};
static const SlotEntry enumerate_slots[] = {
    slot<SlotId::new_, enumerate_new>(),
    slot<SlotId::iter, enumerate_iter>(),
    slot<SlotId::next, enumerate_next>(),
};
static constexpr Method enumerate_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "'enumerate' objects are generic over the type of their values"),
    method<enumerate_reduce>("__reduce__()", "Return state information for pickling."),
};
extern const TypeSpec enumerate_spec, reversed_spec;
const TypeSpec enumerate_spec{
    .name = "enumerate",
    .doc =
        "enumerate(iterable, start=0)\n--\n\nPairs of a number, counting from start, and an item "
        "of the iterable.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &enumerate_layout,
    .slots = enumerate_slots,
    .methods = enumerate_methods,
};

// ---- reversed -----------------------------------------------------------------------------------

struct Reversed : Object {
  Field<Object> sequence;  // empty once exhausted
  Word index;              // of the next item
};

static AnyResult reversed_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(expect_positional_new(thread, "reversed", arguments, 1, type));
  Any sequence = arguments[0];
  if (is_range(sequence.value()))  // what its __reversed__ does
    return range_reversed(thread, Borrowed<Range>(sequence.value()));
  AnyLookup method = lookup_special(thread, sequence, NAME("__reversed__"));
  if (method.raised()) return Raised{};
  if (method.found()) {
    AnyRef function = method.take();
    if (!function.value().is_none()) return call(thread, function, {});
    return raise<TypeError>(thread, "'{}' object is not reversible", type_name_in(sequence));
  }
  if (!has_sequence_items(sequence)) {
    return raise<TypeError>(thread, "'{}' object is not reversible", type_name_in(sequence));
  }
  Word size = TRY(length(thread, sequence));
  AnyRef made = TRY(allocate_instance(thread, type));
  Reversed* self = static_cast<Reversed*>(made.get());
  self->index = size - 1;
  slot_init(self, self->sequence, share(thread, sequence));
  return made;
}

static Step reversed_next(Thread& thread, Borrowed<Reversed> self) {
  Maybe<Ref<Object>> sequence = field_load(thread, self.get(), self->sequence);
  if (!sequence) return Step::done();
  Word index = self->index;
  if (index >= 0) {
    AnyResult item = sequence_item(thread, sequence.borrow(), index);
    if (!item.raised()) {
      self->index = index - 1;
      return item.take();
    }
    if (!pending_is<IndexError>(thread) && !pending_is<StopIteration>(thread)) return Raised{};
    clear_exception(thread);
  }
  self->index = -1;
  slot_clear(thread, self.get(), self->sequence);
  return Step::done();
}

static Result<Word> reversed_length_hint(Thread& thread, Borrowed<Reversed> self) {
  Maybe<Ref<Object>> sequence = field_load(thread, self.get(), self->sequence);
  if (!sequence) return Word{0};
  Word size = TRY(length(thread, sequence.borrow()));
  Word left = self->index + 1;
  return size < left ? Word{0} : left;
}

static AnyResult reversed_reduce(Thread& thread, Borrowed<Reversed> self) {
  Maybe<Ref<Object>> sequence = field_load(thread, self.get(), self->sequence);
  Value type = Value(static_cast<Object*>(type_of(self)));
  Ref<Tuple> arguments =
      TRY(tuple_of(thread, {sequence ? sequence.value() : Value(tuple_empty())}));
  if (!sequence) return tuple_of(thread, {type, arguments.value()});
  return tuple_of(thread, {type, arguments.value(), small_int(self->index)});
}

static Result<void> reversed_setstate(Thread& thread, Borrowed<Reversed> self, Word index) {
  Maybe<Ref<Object>> sequence = field_load(thread, self.get(), self->sequence);
  if (!sequence) return {};
  Word size = TRY(length(thread, sequence.borrow()));
  self->index = index < -1 ? -1 : index > size - 1 ? size - 1 : index;
  return {};
}

static void reversed_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<Reversed*>(object)->sequence);
}
static const Layout reversed_layout{
    "reversed", sizeof(Reversed), true, reversed_trace, nullptr, nullptr, drop_by<reversed_trace>};
static const SlotEntry reversed_slots[] = {
    slot<SlotId::new_, reversed_new>(),
    slot<SlotId::iter, enumerate_iter>(),
    slot<SlotId::next, reversed_next>(),
};
static constexpr Method reversed_methods[] = {
    method<reversed_length_hint>("__length_hint__()",
                                 "Private method returning an estimate of len(list(it))."),
    method<reversed_reduce>("__reduce__()", "Return state information for pickling."),
    method<reversed_setstate>("__setstate__(object, /)", "Set state information for unpickling."),
};
const TypeSpec reversed_spec{
    .name = "reversed",
    .doc =
        "reversed(object, /)\n--\n\nReturn a reverse iterator over the values of the given "
        "sequence.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &reversed_layout,
    .slots = reversed_slots,
    .methods = reversed_methods,
};

}  // namespace dx
