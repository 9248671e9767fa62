// itertools: the streams, and the module itself. Every object may be shared between threads: its
// fields are slots, and what two threads calling next() at once get is some interleaving, never a
// crash.

#include "modules/itertools.h"

#include "memory/byte_lock.h"
#include "objects/bind.h"
#include "objects/generic_alias.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/list.h"

namespace dx {

// ---- count --------------------------------------------------------------------------------------

struct Count : Object {
  Field<Object> next, step;
};

static bool is_number(Any value) {
  Type* type = type_of(value);
  return type->slot<SlotId::index>() || type->slot<SlotId::int_>() || type->slot<SlotId::float_>();
}

static Result<bool> counts(Thread& thread, Any value) {
  if (is_number(value)) return true;
  AnyLookup complex = lookup_special(thread, value, NAME("__complex__"));
  if (complex.raised()) return Raised{};
  return complex.found();
}

static AnyResult count_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"start", "step"};
  Value given[2] = {};
  if (!bind_new(thread, {"count", names, 2, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  for (Value value : given) {
    if (value && !TRY(counts(thread, value)))
      return raise<TypeError>(thread, "a number is required");
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  Count* self = static_cast<Count*>(made.get());
  slot_init(self, self->next, share(thread, given[0] ? given[0] : small_int(0)));
  slot_init(self, self->step, share(thread, given[1] ? given[1] : small_int(1)));
  return made;
}

// No number is given out twice, as programs that number things in threads rely on: who finds that
// another thread was faster counts on from there.
static Step count_next(Thread& thread, Borrowed<Count> self) {
  Any step = self->step.borrow();
  for (;;) {
    AnyRef item = AnyRef::adopt(slot_load(thread, self.get(), self->next));
    AnyRef next = is_exact_int(item.value()) && is_exact_int(step)
                      ? TRY(int_add(thread, item, step))
                      : TRY(binary_op(thread, BinaryOp::add, item, step));
    ObjectLock lock(thread, self.get());
    if (self->next.raw() != item.value()) continue;
    slot_write(thread, self.get(), self->next, std::move(next));
    return item;
  }
}

static AnyResult count_repr(Thread& thread, Borrowed<Count> self) {
  AnyRef next = AnyRef::adopt(slot_load(thread, self.get(), self->next));
  Ref<Str> name = Ref<Str>::share(thread, type_of(self)->name.borrow());
  const FormatArgument arguments[] = {FormatArgument(name), FormatArgument(repr_of(next.borrow())),
                                      FormatArgument(repr_of(self->step.borrow()))};
  if (self->step.raw() == small_int(1)) return format_text(thread, "{}({})", arguments, 2);
  return format_text(thread, "{}({}, {})", arguments, 3);
}

static const Layout count_layout{"count",
                                 sizeof(Count),
                                 true,
                                 trace_fields<Count, &Count::next, &Count::step>,
                                 nullptr,
                                 nullptr,
                                 drop_by<trace_fields<Count, &Count::next, &Count::step>>};
static const SlotEntry count_slots[] = {
    slot<SlotId::new_, count_new>(),
    slot<SlotId::repr, count_repr>(),
    slot<SlotId::iter, itertools_iter_self>(),
    slot<SlotId::next, count_next>(),
};
TypeHandle itertools_count_type;
const TypeSpec itertools_count_spec{
    .name = "itertools.count",
    .doc =
        "count(start=0, step=1)\n--\n\nAn endless iterator: start, start + step, start + 2 * step, "
        "...",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &count_layout,
    .slots = count_slots,
};

// ---- cycle --------------------------------------------------------------------------------------

struct Cycle : Object {
  Field<Object> iterator;  // empty after the first round
  Field<List> saved;
  Word index;
};

static AnyResult cycle_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  TRY(expect_positional_new(thread, "cycle", arguments, 1, type));
  AnyRef iterator = TRY(get_iter(thread, arguments[0]));
  Ref<List> saved = TRY(list_create(thread));
  AnyRef made = TRY(allocate_instance(thread, type));
  Cycle* self = static_cast<Cycle*>(made.get());
  slot_init(self, self->iterator, std::move(iterator));
  slot_init(self, self->saved, std::move(saved));
  return made;
}

static Step cycle_next(Thread& thread, Borrowed<Cycle> self) {
  Maybe<Ref<Object>> iterator = field_load(thread, self.get(), self->iterator);
  Borrowed<List> saved = self->saved.borrow();
  if (iterator) {
    Step step = iter_next(thread, iterator.borrow());
    if (step.raised()) return step;
    if (!step.is_done()) {
      AnyRef item = step.take();
      TRY(list_append(thread, saved, share(thread, item)));
      return item;
    }
    slot_clear(thread, self.get(), self->iterator);
  }
  Word length = list_length(saved);
  if (length == 0) return Step::done();
  Word index = self->index;
  if (index >= length) index = 0;
  self->index = index + 1;
  Maybe<Ref<Object>> item = list_item(thread, saved, index);
  if (!item) return Step::done();
  return item.take();
}
DX_ITERTOOLS_SPEC(cycle, Cycle, "cycle(iterable, /)\n--\n\nThe items of iterable, over and over.",
                  cycle_new, cycle_next, &Cycle::iterator, &Cycle::saved)

// ---- repeat -------------------------------------------------------------------------------------

struct Repeat : Object {
  Field<Object> item;
  Word left;  // -1: for ever
};

static AnyResult repeat_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"object", "times"};
  Value given[2] = {};
  if (!bind_new(thread, {"repeat", names, 2, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  Word left = -1;
  if (given[1]) {
    left = TRY(index_word(thread, given[1]));
    if (left < 0) left = 0;
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  Repeat* self = static_cast<Repeat*>(made.get());
  self->left = left;
  slot_init(self, self->item, share(thread, given[0]));
  return made;
}
static Step repeat_next(Thread& thread, Borrowed<Repeat> self) {
  if (self->left == 0) return Step::done();
  if (self->left > 0) --self->left;
  return share(thread, self->item.borrow());
}
static AnyResult repeat_repr(Thread& thread, Borrowed<Repeat> self) {
  Ref<Str> name = Ref<Str>::share(thread, type_of(self)->name.borrow());
  const FormatArgument arguments[] = {FormatArgument(name),
                                      FormatArgument(repr_of(self->item.borrow())),
                                      FormatArgument(self->left)};
  return format_text(thread, self->left < 0 ? "{}({})" : "{}({}, {})", arguments,
                     self->left < 0 ? 2 : 3);
}
static Result<Word> repeat_length_hint(Thread& thread, Borrowed<Repeat> self) {
  if (self->left < 0) return raise<TypeError>(thread, "len() of unsized object");
  return self->left;
}

static const Layout repeat_layout{"repeat",
                                  sizeof(Repeat),
                                  true,
                                  trace_fields<Repeat, &Repeat::item>,
                                  nullptr,
                                  nullptr,
                                  drop_by<trace_fields<Repeat, &Repeat::item>>};
static const SlotEntry repeat_slots[] = {
    slot<SlotId::new_, repeat_new>(),
    slot<SlotId::repr, repeat_repr>(),
    slot<SlotId::iter, itertools_iter_self>(),
    slot<SlotId::next, repeat_next>(),
};
static constexpr Method repeat_methods[] = {
    method<repeat_length_hint>("__length_hint__()",
                               "Private method returning an estimate of len(list(it))."),
};
TypeHandle itertools_repeat_type;
const TypeSpec itertools_repeat_spec{
    .name = "itertools.repeat",
    .doc = "repeat(object [,times]) -> the object, so many times, or for ever.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &repeat_layout,
    .slots = repeat_slots,
    .methods = repeat_methods,
};

// ---- accumulate ---------------------------------------------------------------------------------

struct Accumulate : Object {
  Field<Object> iterator, function, total, initial;  // function, initial: empty for None
};

static AnyResult accumulate_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  static const char* const names[] = {"iterable", "func", "initial"};
  Value given[3] = {};
  if (arguments.positional() > 2) {
    return raise<TypeError>(thread, "accumulate() takes at most 2 positional arguments ({} given)",
                            arguments.positional());
  }
  if (!bind_new(thread, {"accumulate", names, 3, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  AnyRef iterator = TRY(get_iter(thread, given[0]));
  AnyRef made = TRY(allocate_instance(thread, type));
  Accumulate* self = static_cast<Accumulate*>(made.get());
  slot_init(self, self->iterator, std::move(iterator));
  if (given[1] && !given[1].is_none()) slot_init(self, self->function, share(thread, given[1]));
  if (given[2] && !given[2].is_none()) slot_init(self, self->initial, share(thread, given[2]));
  return made;
}

static Step accumulate_next(Thread& thread, Borrowed<Accumulate> self) {
  Value initial = slot_take(thread, self.get(), self->initial);
  if (initial) {
    AnyRef first = AnyRef::adopt(initial);
    slot_write(thread, self.get(), self->total, share(thread, first));
    return first;
  }
  Step step = iter_next(thread, self->iterator.borrow());
  if (step.raised() || step.is_done()) return step;
  AnyRef item = step.take();
  Maybe<Ref<Object>> total = field_load(thread, self.get(), self->total);
  if (total) {
    item = self->function.raw()
               ? TRY(call(thread, self->function.borrow(), {total.value(), item.value()}))
               : TRY(binary_op(thread, BinaryOp::add, total.borrow(), item));
  }
  slot_write(thread, self.get(), self->total, share(thread, item));
  return item;
}
DX_ITERTOOLS_SPEC(accumulate, Accumulate,
                  "accumulate(iterable, func=None, *, initial=None)\n--\n\n"
                  "Return series of accumulated sums (or other binary function results).",
                  accumulate_new, accumulate_next, &Accumulate::iterator, &Accumulate::function,
                  &Accumulate::total, &Accumulate::initial)

// ---- chain --------------------------------------------------------------------------------------

struct Chain : Object {
  Field<Object> source;  // an iterator of iterables; empty once exhausted
  Field<Object> active;  // the iterator in use, or empty
};

static AnyResult chain_of(Thread& thread, Borrowed<Type> type, AnyRef source) {
  AnyRef made = TRY(allocate_instance(thread, type));
  Chain* self = static_cast<Chain*>(made.get());
  slot_init(self, self->source, std::move(source));
  return made;
}
static AnyResult chain_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.keywords() && must_refuse_keywords(type)) {
    return raise<TypeError>(thread, "chain() takes no keyword arguments");
  }
  Ref<Tuple> iterables = TRY(tuple_from(thread, arguments.items, arguments.positional()));
  AnyRef source = TRY(get_iter(thread, iterables));
  return chain_of(thread, type, std::move(source));
}
static AnyResult chain_from_iterable(Thread& thread, Borrowed<Type> type, Any iterable) {
  AnyRef source = TRY(get_iter(thread, iterable));
  return chain_of(thread, type, std::move(source));
}

static Step chain_next(Thread& thread, Borrowed<Chain> self) {
  for (;;) {
    Maybe<Ref<Object>> active = field_load(thread, self.get(), self->active);
    if (active) {
      Step step = iter_next(thread, active.borrow());
      if (step.raised() || !step.is_done()) return step;
      slot_clear(thread, self.get(), self->active);
    }
    Maybe<Ref<Object>> source = field_load(thread, self.get(), self->source);
    if (!source) return Step::done();
    Step step = iter_next(thread, source.borrow());
    if (step.raised() || step.is_done()) {
      slot_clear(thread, self.get(), self->source);
      return step;
    }
    AnyRef iterable = step.take();
    AnyResult iterator = get_iter(thread, iterable);
    if (iterator.raised()) {
      slot_clear(thread, self.get(), self->source);
      return Raised{};
    }
    slot_write(thread, self.get(), self->active, iterator.take());
  }
}

static const Layout chain_layout{"chain",
                                 sizeof(Chain),
                                 true,
                                 trace_fields<Chain, &Chain::source, &Chain::active>,
                                 nullptr,
                                 nullptr,
                                 drop_by<trace_fields<Chain, &Chain::source, &Chain::active>>};
static const SlotEntry chain_slots[] = {
    slot<SlotId::new_, chain_new>(),
    slot<SlotId::iter, itertools_iter_self>(),
    slot<SlotId::next, chain_next>(),
};
static constexpr Method chain_methods[] = {
    class_method<class_getitem>(
        "__class_getitem__(object, /)",
        "'itertools.chain' objects are generic over the type of their contents"),
    class_method<chain_from_iterable>(
        "from_iterable(iterable, /)",
        "Alternative chain() constructor taking a single iterable argument that evaluates lazily."),
};
TypeHandle itertools_chain_type;
const TypeSpec itertools_chain_spec{
    .name = "itertools.chain",
    .doc =
        "chain(*iterables)\n--\n\nThe items of the first iterable, then those of the next one, and "
        "so on.",
    .flags = kTypeBase | kTypeImmutable,
    .layout = &chain_layout,
    .slots = chain_slots,
    .methods = chain_methods,
};

// ---- compress -----------------------------------------------------------------------------------

struct TwoFields : Object {
  Field<Object> first, second;
  uint8_t state;
};

// Both fields from two positional arguments; the second (or both) as an iterator.
static AnyResult make_two(Thread& thread, Borrowed<Type> type, AnyRef first, AnyRef second) {
  AnyRef made = TRY(allocate_instance(thread, type));
  TwoFields* self = static_cast<TwoFields*>(made.get());
  slot_init(self, self->first, std::move(first));
  slot_init(self, self->second, std::move(second));
  return made;
}

static AnyResult compress_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  static const char* const names[] = {"data", "selectors"};
  Value given[2] = {};
  if (!bind_new(thread, {"compress", names, 2, 0, 2, TooMany::takes}, arguments, given))
    return Raised{};
  AnyRef data = TRY(get_iter(thread, given[0]));
  AnyRef selectors = TRY(get_iter(thread, given[1]));
  return make_two(thread, type, std::move(data), std::move(selectors));
}
static Step compress_next(Thread& thread, Borrowed<TwoFields> self) {
  for (;;) {
    Step datum = iter_next(thread, self->first.borrow());
    if (datum.raised() || datum.is_done()) return datum;
    AnyRef item = datum.take();
    Step selector = iter_next(thread, self->second.borrow());
    if (selector.raised() || selector.is_done()) return selector;
    AnyRef wanted = selector.take();
    if (TRY(is_true(thread, wanted))) return item;
  }
}
DX_ITERTOOLS_SPEC(compress, TwoFields,
                  "compress(data, selectors)\n--\n\nThe data items whose selector is true.",
                  compress_new, compress_next, &TwoFields::first, &TwoFields::second)

// ---- dropwhile, takewhile, filterfalse, starmap -------------------------------------------------

template <size_t n>
struct Text {
  char text[n];
  constexpr Text(const char (&literal)[n]) {
    for (size_t i = 0; i < n; ++i) text[i] = literal[i];
  }
};
// __new__ of a type that takes a function and an iterable.
template <Text name>
static AnyResult function_and_iterable_new(Thread& thread, Borrowed<Type> type,
                                           Arguments arguments) {
  TRY(expect_positional_new(thread, name.text, arguments, 2, type));
  AnyRef iterator = TRY(get_iter(thread, arguments[1]));
  return make_two(thread, type, share(thread, arguments[0]), std::move(iterator));
}

static Step dropwhile_next(Thread& thread, Borrowed<TwoFields> self) {
  for (;;) {
    Step step = iter_next(thread, self->second.borrow());
    if (step.raised() || step.is_done() || self->state) return step;
    AnyRef item = step.take();
    AnyRef answer = TRY(call(thread, self->first.borrow(), {item.value()}));
    if (TRY(is_true(thread, answer))) continue;
    self->state = 1;  // from here on everything passes
    return item;
  }
}
DX_ITERTOOLS_SPEC(dropwhile, TwoFields,
                  "dropwhile(predicate, iterable, /)\n--\n\nDrop items from the iterable while "
                  "predicate(item) is true.\n\n"
                  "Afterwards, return every element until the iterable is exhausted.",
                  function_and_iterable_new<"dropwhile">, dropwhile_next, &TwoFields::first,
                  &TwoFields::second)

static Step takewhile_next(Thread& thread, Borrowed<TwoFields> self) {
  if (self->state) return Step::done();
  Step step = iter_next(thread, self->second.borrow());
  if (step.raised() || step.is_done()) return step;
  AnyRef item = step.take();
  AnyRef answer = TRY(call(thread, self->first.borrow(), {item.value()}));
  if (TRY(is_true(thread, answer))) return item;
  self->state = 1;
  return Step::done();
}
DX_ITERTOOLS_SPEC(takewhile, TwoFields,
                  "takewhile(predicate, iterable, /)\n--\n\n"
                  "The items up to the first one for which the predicate is false.",
                  function_and_iterable_new<"takewhile">, takewhile_next, &TwoFields::first,
                  &TwoFields::second)

static Step filterfalse_next(Thread& thread, Borrowed<TwoFields> self) {
  Any function = self->first.borrow();
  bool plain = function.is_none() || function.value() == Value(static_cast<Object*>(TYPE(bool)));
  for (;;) {
    Step step = iter_next(thread, self->second.borrow());
    if (step.raised() || step.is_done()) return step;
    AnyRef item = step.take();
    bool passes;
    if (plain) {
      passes = TRY(is_true(thread, item));
    } else {
      AnyRef answer = TRY(call(thread, function, {item.value()}));
      passes = TRY(is_true(thread, answer));
    }
    if (!passes) return item;
  }
}
DX_ITERTOOLS_SPEC(filterfalse, TwoFields,
                  "filterfalse(function, iterable, /)\n--\n\nReturn those items of iterable for "
                  "which function(item) is "
                  "false.\n\nIf function is None, return the items that are false.",
                  function_and_iterable_new<"filterfalse">, filterfalse_next, &TwoFields::first,
                  &TwoFields::second)

static Step starmap_next(Thread& thread, Borrowed<TwoFields> self) {
  Step step = iter_next(thread, self->second.borrow());
  if (step.raised() || step.is_done()) return step;
  AnyRef item = step.take();
  AnyRef arguments = TRY(sequence_tuple(thread, item));
  AnyRef result =
      TRY(call_with(thread, self->first.borrow(), Borrowed<Tuple>(arguments.value()), {}));
  return result;
}
DX_ITERTOOLS_SPEC(starmap, TwoFields,
                  "starmap(function, iterable, /)\n--\n\nThe function's results for tuples of "
                  "arguments taken from iterable.",
                  function_and_iterable_new<"starmap">, starmap_next, &TwoFields::first,
                  &TwoFields::second)

// ---- islice -------------------------------------------------------------------------------------

struct Islice : Object {
  Field<Object> iterator;  // empty once exhausted
  Word next, stop, step;   // stop -1: none
  Word seen;               // items taken from the iterator
};

// An argument as a number; `otherwise` for None, -1 for what is none (its error is forgotten, as
// CPython does).
static Word islice_number(Thread& thread, Value value, Word otherwise) {
  if (!value || value.is_none()) return otherwise;
  Result<Word> number = index_word(thread, value);
  if (!number.raised()) return number.take();
  clear_exception(thread);
  return -1;
}

static AnyResult islice_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  static const char* const bad_stop =
      "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
  if (arguments.keywords() && must_refuse_keywords(type))
    return raise<TypeError>(thread, "islice() takes no keyword arguments");
  size_t count = arguments.positional();
  if (count < 2)
    return raise<TypeError>(thread, "islice expected at least 2 arguments, got {}", count);
  if (count > 4)
    return raise<TypeError>(thread, "islice expected at most 4 arguments, got {}", count);
  Value start_value = count > 2 ? arguments.items[1] : Value{};
  Value stop_value = count > 2 ? arguments.items[2] : arguments.items[1];
  Word start = islice_number(thread, start_value, 0);
  Word stop = -1;
  if (!stop_value.is_none()) {
    stop = islice_number(thread, stop_value, -1);
    if (stop == -1) return raise<ValueError>(thread, bad_stop);
  }
  if (start < 0 || stop < -1) {
    return raise<ValueError>(
        thread, "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
  }
  Word step = islice_number(thread, count > 3 ? arguments.items[3] : Value{}, 1);
  if (step < 1)
    return raise<ValueError>(thread, "Step for islice() must be a positive integer or None.");
  AnyRef iterator = TRY(get_iter(thread, arguments[0]));
  AnyRef made = TRY(allocate_instance(thread, type));
  Islice* self = static_cast<Islice*>(made.get());
  self->next = start;
  self->stop = stop;
  self->step = step;
  slot_init(self, self->iterator, std::move(iterator));
  return made;
}

static Step islice_next(Thread& thread, Borrowed<Islice> self) {
  Maybe<Ref<Object>> iterator = field_load(thread, self.get(), self->iterator);
  if (!iterator) return Step::done();
  auto finish = [&](Step step) {
    slot_clear(thread, self.get(), self->iterator);
    return step;
  };
  while (self->seen < self->next) {
    Step skipped = iter_next(thread, iterator.borrow());
    if (skipped.raised() || skipped.is_done()) return finish(std::move(skipped));
    {
      AnyRef unwanted = skipped.take();
    }
    ++self->seen;
  }
  if (self->stop != -1 && self->seen >= self->stop) return finish(Step::done());
  Step step = iter_next(thread, iterator.borrow());
  if (step.raised() || step.is_done()) return finish(std::move(step));
  ++self->seen;
  Word next;
  if (__builtin_add_overflow(self->next, self->step, &next) ||
      (self->stop != -1 && next > self->stop)) {
    next = self->stop == -1 ? INT64_MAX : self->stop;
  }
  self->next = next;
  return step;
}
DX_ITERTOOLS_SPEC(islice, Islice,
                  "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) "
                  "--> islice object\n\n"
                  "The items that a slice with these bounds would pick from a list, one by one.",
                  islice_new, islice_next, &Islice::iterator)

// ---- pairwise -----------------------------------------------------------------------------------

static AnyResult pairwise_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  TRY(expect_positional_new(thread, "pairwise", arguments, 1, type));
  AnyRef iterator = TRY(get_iter(thread, arguments[0]));
  AnyRef made = TRY(allocate_instance(thread, type));
  TwoFields* self = static_cast<TwoFields*>(made.get());
  slot_init(self, self->first, std::move(iterator));
  return made;
}

// first: the iterator, empty once exhausted; second: the item before.
static Step pairwise_next(Thread& thread, Borrowed<TwoFields> self) {
  Maybe<Ref<Object>> iterator = field_load(thread, self.get(), self->first);
  if (!iterator) return Step::done();
  auto finish = [&](Step step) {
    slot_clear(thread, self.get(), self->first);
    slot_clear(thread, self.get(), self->second);
    return step;
  };
  if (!self->second.raw()) {
    Step first = iter_next(thread, iterator.borrow());
    if (first.raised() || first.is_done()) return finish(std::move(first));
    slot_write(thread, self.get(), self->second, first.take());
    if (!self->first.raw()) return finish(Step::done());  // exhausted by a next() inside next()
  }
  Maybe<Ref<Object>> before = field_load(thread, self.get(), self->second);
  Step step = iter_next(thread, iterator.borrow());
  if (step.raised() || step.is_done()) return finish(std::move(step));
  AnyRef item = step.take();
  slot_write(thread, self.get(), self->second, share(thread, item));
  if (!before) return finish(Step::done());
  Value pair[2] = {before.release(), item.release()};
  Ref<Tuple> result = TRY(tuple_adopt(thread, pair, 2));
  return result;
}
DX_ITERTOOLS_SPEC(pairwise, TwoFields,
                  "pairwise(iterable, /)\n--\n\nReturn an iterator of overlapping pairs taken from "
                  "the input iterator.\n\n"
                  "    s -> (s0,s1), (s1,s2), (s2, s3), ...",
                  pairwise_new, pairwise_next, &TwoFields::first, &TwoFields::second)

// ---- zip_longest --------------------------------------------------------------------------------

struct ZipLongest : Object {
  Field<Tuple> iterators;  // ours alone: an exhausted iterator's slot becomes empty
  Field<Object> fill;
  Word active;
};

static AnyResult zip_longest_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  Value fill = kNone;
  size_t positional = arguments.positional();
  for (size_t i = positional; i < arguments.count; ++i) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(i - positional)).value());
    if (!str_equals_ascii(name, "fillvalue")) {
      return raise<TypeError>(thread, "zip_longest() got an unexpected keyword argument");
    }
    fill = arguments[i];
  }
  Ref<Tuple> iterators = TRY(tuple_create(thread, positional));
  for (size_t i = 0; i < positional; ++i) {
    AnyRef iterator = TRY(get_iter(thread, arguments[i]));
    slot_init(iterators.get(), iterators->items()[i], std::move(iterator));
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  ZipLongest* self = static_cast<ZipLongest*>(made.get());
  self->active = static_cast<Word>(positional);
  slot_init(self, self->iterators, std::move(iterators));
  slot_init(self, self->fill, share(thread, fill));
  return made;
}

static Step zip_longest_next(Thread& thread, Borrowed<ZipLongest> self) {
  Borrowed<Tuple> iterators = self->iterators.borrow();
  if (iterators->size == 0 || self->active <= 0) return Step::done();
  Ref<Tuple> items = TRY(tuple_create(thread, static_cast<size_t>(iterators->size)));
  for (Word i = 0; i < iterators->size; ++i) {
    Slot& slot = iterators->items()[i];
    Maybe<Ref<Object>> iterator =
        Maybe<Ref<Object>>::adopt(slot_load(thread, iterators.get(), slot));
    AnyRef item = share(thread, self->fill.borrow());
    if (iterator) {
      Step step = iter_next(thread, iterator.borrow());
      if (step.raised()) {
        self->active = 0;
        return step;
      }
      if (step.is_done()) {
        if (--self->active <= 0) return Step::done();
        slot_clear(thread, iterators.get(), slot);
      } else {
        item = step.take();
      }
    }
    slot_init(items.get(), items->items()[i], std::move(item));
  }
  return items;
}
DX_ITERTOOLS_SPEC(zip_longest, ZipLongest,
                  "zip_longest(*iterables, fillvalue=None)\n--\n\n"
                  "Tuples of one item of each iterable, until the longest one ends; fillvalue "
                  "stands in for what the "
                  "others lack.",
                  zip_longest_new, zip_longest_next, &ZipLongest::iterators, &ZipLongest::fill)

// ---- the module ---------------------------------------------------------------------------------

static constexpr Method itertools_functions[] = {
    function<itertools_tee>("tee(iterable, n=2, /)", "Returns a tuple of n independent iterators."),
};
#define DX_TYPE_ROW(id) \
  ModuleType { &itertools_##id##_spec, &itertools_##id##_type }
static const ModuleType itertools_types[] = {
    DX_TYPE_ROW(accumulate),
    DX_TYPE_ROW(batched),
    DX_TYPE_ROW(chain),
    DX_TYPE_ROW(combinations),
    DX_TYPE_ROW(compress),
    DX_TYPE_ROW(count),
    DX_TYPE_ROW(combinations_with_replacement),
    DX_TYPE_ROW(cycle),
    DX_TYPE_ROW(dropwhile),
    DX_TYPE_ROW(filterfalse),
    DX_TYPE_ROW(groupby),
    DX_TYPE_ROW(grouper),
    DX_TYPE_ROW(islice),
    DX_TYPE_ROW(pairwise),
    DX_TYPE_ROW(permutations),
    DX_TYPE_ROW(product),
    DX_TYPE_ROW(repeat),
    DX_TYPE_ROW(starmap),
    DX_TYPE_ROW(takewhile),
    DX_TYPE_ROW(tee),
    DX_TYPE_ROW(tee_dataobject),
    DX_TYPE_ROW(zip_longest),
};
#undef DX_TYPE_ROW
extern const ModuleSpec itertools_module;
const ModuleSpec itertools_module{
    .name = "itertools",
    .doc = "Functional tools for creating and using iterators.",
    .functions = itertools_functions,
    .types = itertools_types,
};

}  // namespace dx
