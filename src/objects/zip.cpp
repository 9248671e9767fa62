// zip, map and filter.

#include "objects/container_support.h"
#include "objects/item_loop.h"
#include "objects/iter.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle zip_type, map_type, filter_type;

// One struct for zip and map: map has a function, zip an empty slot.
struct ZipMap : Object {
  Field<Object> function;
  Field<Tuple> iterators;
  Field<Tuple> pair;  // zip of two: the one given out last, used again when nobody else kept it
  bool strict;
};

// Takes strict=... out of the keywords; any other one is an error.
static Result<bool> parse_strict(Thread& thread, const char* name, const Arguments& arguments) {
  bool strict = false;
  size_t positional = arguments.positional();
  for (size_t i = positional; i < arguments.count; ++i) {
    Borrowed<Str> keyword(arguments.names->item(static_cast<Word>(i - positional)).value());
    if (!str_equals_ascii(keyword, "strict")) {
      return raise<TypeError>(thread, "{}() got an unexpected keyword argument '{}'", name,
                              keyword);
    }
    strict = TRY(is_true(thread, arguments[i]));
  }
  return strict;
}

static Result<Ref<Tuple>> iterators_of(Thread& thread, const Value* iterables, size_t count) {
  Ref<Tuple> iterators = TRY(tuple_create(thread, count));
  for (size_t i = 0; i < count; ++i) {
    AnyRef iterator = TRY(get_iter(thread, iterables[i]));
    slot_init(iterators.get(), iterators->items()[i], std::move(iterator));
  }
  return iterators;
}

static AnyResult zip_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  // A subclass with an __init__ of its own may take keywords of its own.
  bool strict = false;
  if (type.get() == zip_type || arguments.keywords())
    strict = TRY(parse_strict(thread, "zip", arguments));
  Ref<Tuple> iterators = TRY(iterators_of(thread, arguments.items, arguments.positional()));
  AnyRef made = TRY(allocate_instance(thread, type));
  ZipMap* self = static_cast<ZipMap*>(made.get());
  self->strict = strict;
  slot_init(self, self->iterators, std::move(iterators));
  return made;
}

static AnyResult iter_self(Thread& thread, Any self) { return share(thread, self); }

// Iterator `at` ended where strict wants equal lengths: `at` 0 is fine when all others end too.
static Step strict_end(Thread& thread, const char* name, Borrowed<Tuple> iterators, Word at) {
  auto complain = [&](Word which, const char* how) {
    if (which == 1)
      return raise<ValueError>(thread, "{}() argument 2 is {} than argument 1", name, how);
    return raise<ValueError>(thread, "{}() argument {} is {} than arguments 1-{}", name, which + 1,
                             how, which);
  };
  if (at > 0) return complain(at, "shorter");
  for (Word i = 1; i < iterators->size; ++i) {
    Step step = iter_next(thread, iterators->item(i));
    if (step.raised()) return step;
    if (!step.is_done()) {
      {
        AnyRef unwanted = step.take();
      }
      return complain(i, "longer");
    }
  }
  return Step::done();
}

// Of two iterators: the pair given out last comes again when nobody else kept it.
static Step zip_next_pair(Thread& thread, Borrowed<ZipMap> self, Borrowed<Tuple> iterators) {
  Maybe<Borrowed<Tuple>> known = self->pair.maybe();
  bool again = known && tuple_is_ours(thread, known.get());
  Ref<Tuple> pair = again ? Ref<Tuple>::share(thread, *known) : TRY(tuple_create(thread, 2));
  if (again) pair->hash_cache.store(0, std::memory_order_relaxed);
  for (Word i = 0; i < 2; ++i) {
    Step step = iter_next(thread, iterators->item(i));
    if (step.raised()) return step;
    if (step.is_done())
      return self->strict ? strict_end(thread, "zip", iterators, i) : Step::done();
    Value old = slot_exchange(thread, pair.get(), pair->items()[i], step.release());
    decref(thread, old);
  }
  if (!again) slot_write(thread, self.get(), self->pair, Ref<Tuple>::share(thread, pair));
  return pair;
}

PairStep zip_next_two(Thread& thread, Any iterator, Value* pair) {
  auto* self = static_cast<ZipMap*>(iterator.object());
  Borrowed<Tuple> iterators = self->iterators.borrow();
  if (!is_mine(thread, self) || iterators->size != 2) return PairStep::ordinary;
  for (Word i = 0; i < 2; ++i) {
    Step step = iter_next(thread, iterators->item(i));
    if (step.raised() || step.is_done()) {
      bool raised =
          step.raised() || (self->strict && strict_end(thread, "zip", iterators, i).raised());
      if (i == 1) decref(thread, pair[0]);
      return raised ? PairStep::raised : PairStep::done;
    }
    pair[i] = step.release();
  }
  return PairStep::pair;
}

static Step zip_next(Thread& thread, Borrowed<ZipMap> self) {
  Borrowed<Tuple> iterators = self->iterators.borrow();
  if (iterators->size == 0) return Step::done();
  if (iterators->size == 2 && is_mine(thread, self.get()))
    return zip_next_pair(thread, self, iterators);
  Ref<Tuple> items = TRY(tuple_create(thread, static_cast<size_t>(iterators->size)));
  for (Word i = 0; i < iterators->size; ++i) {
    Step step = iter_next(thread, iterators->item(i));
    if (step.raised()) return step;
    if (step.is_done())
      return self->strict ? strict_end(thread, "zip", iterators, i) : Step::done();
    slot_init(items.get(), items->items()[i], step.take());
  }
  return items;
}

static AnyResult zip_reduce(Thread& thread, Borrowed<ZipMap> self) {
  Value type = Value(static_cast<Object*>(type_of(self)));
  Value iterators = self->iterators.borrow();
  if (self->strict) return tuple_of(thread, {type, iterators, kTrue});
  return tuple_of(thread, {type, iterators});
}

static Result<void> zip_setstate(Thread& thread, Borrowed<ZipMap> self, Any state) {
  self->strict = TRY(is_true(thread, state));
  return {};
}

static void zip_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<ZipMap*>(object)->function);
  visitor(static_cast<ZipMap*>(object)->iterators);
  visitor(static_cast<ZipMap*>(object)->pair);
}
static const Layout zip_layout{"zip",   sizeof(ZipMap),    true, zip_trace, nullptr,
                               nullptr, drop_by<zip_trace>};
static const SlotEntry zip_slots[] = {
    slot<SlotId::new_, zip_new>(),
    slot<SlotId::iter, iter_self>(),
    slot<SlotId::next, zip_next>(),
};
static constexpr Method zip_methods[] = {
    method<zip_reduce>("__reduce__()", "Return state information for pickling."),
    method<zip_setstate>("__setstate__(object, /)", "Set state information for unpickling."),
};
extern const TypeSpec zip_spec, map_spec, filter_spec;
const TypeSpec zip_spec{
    .name = "zip",
    .doc =
        "zip(*iterables, strict=False)\n--\n\n"
        "Tuples of one item of each iterable, until the shortest one ends.\n\n"
        "   >>> list(zip('abc', range(3)))\n"
        "   [('a', 0), ('b', 1), ('c', 2)]\n\n"
        "With strict=True, iterables of different lengths raise a ValueError.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &zip_layout,
    .slots = zip_slots,
    .methods = zip_methods,
};

// ---- map ----------------------------------------------------------------------------------------

static AnyResult map_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  bool strict = false;
  if (type.get() == map_type || arguments.keywords())
    strict = TRY(parse_strict(thread, "map", arguments));
  size_t positional = arguments.positional();
  if (positional < 2) return raise<TypeError>(thread, "map() must have at least two arguments.");
  Ref<Tuple> iterators = TRY(iterators_of(thread, arguments.items + 1, positional - 1));
  AnyRef made = TRY(allocate_instance(thread, type));
  ZipMap* self = static_cast<ZipMap*>(made.get());
  self->strict = strict;
  slot_init(self, self->function, share(thread, arguments[0]));
  slot_init(self, self->iterators, std::move(iterators));
  return made;
}

static Step map_next(Thread& thread, Borrowed<ZipMap> self) {
  constexpr Word kInPlace = 8;
  Borrowed<Tuple> iterators = self->iterators.borrow();
  Word count = iterators->size;
  if (count == 1) {
    Step step = iter_next(thread, iterators->item(0));
    if (step.raised() || step.is_done()) return step;
    AnyRef item = step.take();
    Value window[1] = {item.value()};
    AnyResult outcome = call(thread, self->function.borrow(), Arguments{window, 1, nullptr});
    return Step::adopt(outcome.release());
  }
  Value small[kInPlace];
  Value* window = small;
  if (count > kInPlace) {
    window =
        static_cast<Value*>(allocate_buffer(thread, static_cast<size_t>(count) * sizeof(Value)));
    if (!window) return raise_memory_error(thread);
  }
  Word filled = 0;
  Value outcome;  // empty: raised
  for (; filled < count; ++filled) {
    Step step = iter_next(thread, iterators->item(filled));
    if (step.raised()) break;
    if (step.is_done()) {
      Step end = self->strict ? strict_end(thread, "map", iterators, filled) : Step::done();
      outcome = end.release();
      break;
    }
    window[filled] = step.take().release();
  }
  if (filled == count) {
    Arguments arguments{window, static_cast<size_t>(count), nullptr};
    outcome = call(thread, self->function.borrow(), arguments).release();
  }
  for (Word i = 0; i < filled; ++i) decref(thread, window[i]);
  if (window != small) free_buffer(thread, window);
  return Step::adopt(outcome);
}

static AnyResult map_reduce(Thread& thread, Borrowed<ZipMap> self) {
  Borrowed<Tuple> iterators = self->iterators.borrow();
  Ref<Tuple> arguments = TRY(tuple_create(thread, static_cast<size_t>(iterators->size + 1)));
  slot_init(arguments.get(), arguments->items()[0], share(thread, self->function.borrow()));
  for (Word i = 0; i < iterators->size; ++i) {
    slot_init(arguments.get(), arguments->items()[i + 1], share(thread, iterators->item(i)));
  }
  Value type = Value(static_cast<Object*>(type_of(self)));
  if (self->strict) return tuple_of(thread, {type, arguments.value(), kTrue});
  return tuple_of(thread, {type, arguments.value()});
}

static const SlotEntry map_slots[] = {
    slot<SlotId::new_, map_new>(),
    slot<SlotId::iter, iter_self>(),
    slot<SlotId::next, map_next>(),
};
static constexpr Method map_methods[] = {
    method<map_reduce>("__reduce__()", "Return state information for pickling."),
    method<zip_setstate>("__setstate__(object, /)", "Set state information for unpickling."),
};
const TypeSpec map_spec{
    .name = "map",
    .doc =
        "map(function, iterable, /, *iterables, strict=False)\n--\n\n"
        "The function's results for one item of each iterable, until the shortest one ends.\n\n"
        "With strict=True, iterables of different lengths raise a ValueError.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &zip_layout,
    .slots = map_slots,
    .methods = map_methods,
};

// ---- filter -------------------------------------------------------------------------------------

struct Filter : Object {
  Field<Object> function;  // None or bool: the item's own truth
  Field<Object> iterator;
};

static AnyResult filter_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.keywords() &&
      (type.get() == filter_type || !type->slot<SlotId::init>() ||
       type->slot<SlotId::init>() == filter_type.type->slot<SlotId::init>())) {
    return raise<TypeError>(thread, "filter() takes no keyword arguments");
  }
  size_t positional = arguments.positional();
  if (positional != 2)
    return raise<TypeError>(thread, "filter expected 2 arguments, got {}", positional);
  AnyRef iterator = TRY(get_iter(thread, arguments[1]));
  AnyRef made = TRY(allocate_instance(thread, type));
  Filter* self = static_cast<Filter*>(made.get());
  slot_init(self, self->function, share(thread, arguments[0]));
  slot_init(self, self->iterator, std::move(iterator));
  return made;
}

static Step filter_next(Thread& thread, Borrowed<Filter> self) {
  Any function = self->function.borrow();
  bool plain = function.is_none() || function.value() == Value(static_cast<Object*>(TYPE(bool)));
  for (;;) {
    Step step = iter_next(thread, self->iterator.borrow());
    if (step.raised() || step.is_done()) return step;
    AnyRef item = step.take();
    bool wanted;
    if (plain) {
      wanted = TRY(is_true(thread, item));
    } else {
      AnyRef answer = TRY(call(thread, function, {item.value()}));
      wanted = TRY(is_true(thread, answer));
    }
    if (wanted) return item;
  }
}

static AnyResult filter_reduce(Thread& thread, Borrowed<Filter> self) {
  Ref<Tuple> arguments =
      TRY(tuple_of(thread, {self->function.borrow().value(), self->iterator.borrow().value()}));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), arguments.value()});
}

static void filter_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<Filter*>(object)->function);
  visitor(static_cast<Filter*>(object)->iterator);
}
static const Layout filter_layout{"filter", sizeof(Filter),       true, filter_trace, nullptr,
                                  nullptr,  drop_by<filter_trace>};
static const SlotEntry filter_slots[] = {
    slot<SlotId::new_, filter_new>(),
    slot<SlotId::iter, iter_self>(),
    slot<SlotId::next, filter_next>(),
};
static constexpr Method filter_methods[] = {
    method<filter_reduce>("__reduce__()", "Return state information for pickling."),
};
const TypeSpec filter_spec{
    .name = "filter",
    .doc =
        "filter(function, iterable, /)\n--\n\n"
        "The items for which function(item) is true. If function is None, the items that are true.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &filter_layout,
    .slots = filter_slots,
    .methods = filter_methods,
};

}  // namespace dx
