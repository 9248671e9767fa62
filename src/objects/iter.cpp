// iter(sequence) by __getitem__ ("iterator"), iter(callable, sentinel), and what iterators share
// for pickling.

#include "objects/iter.h"

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/function.h"
#include "objects/int.h"

namespace dx {

AnyResult builtin_function(Thread& thread, Borrowed<Str> name) {
  Ref<Dict> no_globals = TRY(dict_create(thread));
  Ref<Dict> builtins = TRY(builtins_of(thread, no_globals));
  AnyLookup found = dict_get_str(thread, builtins, name);
  if (found.raised()) return Raised{};
  if (found.is_absent())
    return raise<AttributeError>(thread, "module 'builtins' has no attribute '{}'", name);
  return found.take();
}

AnyResult reduce_with_builtin(Thread& thread, Borrowed<Str> name,
                              std::initializer_list<Value> arguments, MaybeAny state) {
  AnyRef function = TRY(builtin_function(thread, name));
  Ref<Tuple> packed = TRY(tuple_of(thread, arguments));
  if (state) return tuple_of(thread, {function.value(), packed.value(), state.value()});
  return tuple_of(thread, {function.value(), packed.value()});
}

// ---- iterator over __getitem__ ------------------------------------------------------------------

TypeHandle iterator_type, callable_iterator_type;

struct SequenceIterator : Object {
  Field<Object> sequence;  // empty once exhausted
  Word index;
};

AnyResult sequence_iterator(Thread& thread, Any sequence) {
  AnyRef made = TRY(allocate_instance(thread, iterator_type.type));
  SequenceIterator* self = static_cast<SequenceIterator*>(made.get());
  self->index = 0;
  slot_init(self, self->sequence, share(thread, sequence));
  return made;
}

std::atomic<const OddItems*> odd_items{nullptr};

AnyResult sequence_item(Thread& thread, Any sequence, Word index) {
  const OddItems* odd = odd_items.load(std::memory_order_acquire);
  if (odd && type_of(sequence)->slot<SlotId::getitem>() == odd->getitem)
    return odd->item(thread, sequence, index);
  AnyRef key = TRY(int_from_word(thread, index));
  return get_item(thread, sequence, key);
}

static AnyResult iterator_iter(Thread& thread, Any self) { return share(thread, self); }

static Step iterator_next(Thread& thread, Borrowed<SequenceIterator> self) {
  Maybe<Ref<Object>> sequence = field_load(thread, self.get(), self->sequence);
  if (!sequence) return Step::done();
  Word index = self->index;
  if (index == INT64_MAX) return raise<OverflowError>(thread, "iter index too large");
  AnyResult item = sequence_item(thread, sequence.borrow(), index);
  if (!item.raised()) {
    self->index = index + 1;
    return item.take();
  }
  if (!pending_is<IndexError>(thread) && !pending_is<StopIteration>(thread)) return Raised{};
  clear_exception(thread);
  slot_clear(thread, self.get(), self->sequence);
  return Step::done();
}

static AnyResult iterator_length_hint(Thread& thread, Borrowed<SequenceIterator> self) {
  Maybe<Ref<Object>> sequence = field_load(thread, self.get(), self->sequence);
  if (!sequence) return AnyRef::adopt(small_int(0));
  if (!type_of(sequence.value())->slot<SlotId::len>()) return not_implemented();
  Word left = TRY(length(thread, sequence.borrow())) - self->index;
  return int_from_word(thread, left < 0 ? 0 : left);
}

static AnyResult iterator_reduce(Thread& thread, Borrowed<SequenceIterator> self) {
  Maybe<Ref<Object>> sequence = field_load(thread, self.get(), self->sequence);
  if (!sequence) return reduce_with_builtin(thread, NAME("iter"), {Value(tuple_empty())});
  return reduce_with_builtin(thread, NAME("iter"), {sequence.value()},
                             MaybeAny(small_int(self->index)));
}

static void iterator_setstate(Borrowed<SequenceIterator> self, Word index) {
  if (self->sequence.maybe()) self->index = index < 0 ? 0 : index;
}

static void iterator_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<SequenceIterator*>(object)->sequence);
}
static const Layout iterator_layout{
    "iterator", sizeof(SequenceIterator), true, iterator_trace, nullptr,
    nullptr,    drop_by<iterator_trace>};
static const SlotEntry iterator_slots[] = {
    slot<SlotId::iter, iterator_iter>(),
    slot<SlotId::next, iterator_next>(),
};
static constexpr Method iterator_methods[] = {
    method<iterator_length_hint>("__length_hint__()",
                                 "Private method returning an estimate of len(list(it))."),
    method<iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<iterator_setstate>("__setstate__(object, /)", "Set state information for unpickling."),
};
extern const TypeSpec iterator_spec, callable_iterator_spec;
const TypeSpec iterator_spec{
    .name = "iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &iterator_layout,
    .slots = iterator_slots,
    .methods = iterator_methods,
};

// ---- iter(callable, sentinel) -------------------------------------------------------------------

struct CallableIterator : Object {
  Field<Object> callable;  // empty once exhausted
  Field<Object> sentinel;
};

AnyResult callable_iterator(Thread& thread, Any callable, Any sentinel) {
  AnyRef made = TRY(allocate_instance(thread, callable_iterator_type.type));
  CallableIterator* self = static_cast<CallableIterator*>(made.get());
  slot_init(self, self->callable, share(thread, callable));
  slot_init(self, self->sentinel, share(thread, sentinel));
  return made;
}

static Step callable_iterator_next(Thread& thread, Borrowed<CallableIterator> self) {
  Maybe<Ref<Object>> callable = field_load(thread, self.get(), self->callable);
  if (!callable) return Step::done();
  AnyResult made = call(thread, callable.borrow(), {});
  if (made.raised()) {
    if (!pending_is<StopIteration>(thread)) return Raised{};
    clear_exception(thread);
  } else {
    AnyRef item = made.take();
    Maybe<Ref<Object>> sentinel = field_load(thread, self.get(), self->sentinel);
    if (!sentinel) return Step::done();  // exhausted by a call inside the call
    if (!TRY(equal(thread, sentinel.borrow(), item))) return item;
  }
  slot_clear(thread, self.get(), self->callable);
  slot_clear(thread, self.get(), self->sentinel);
  return Step::done();
}

static AnyResult callable_iterator_reduce(Thread& thread, Borrowed<CallableIterator> self) {
  Maybe<Ref<Object>> callable = field_load(thread, self.get(), self->callable);
  Maybe<Ref<Object>> sentinel = field_load(thread, self.get(), self->sentinel);
  if (!callable || !sentinel)
    return reduce_with_builtin(thread, NAME("iter"), {Value(tuple_empty())});
  return reduce_with_builtin(thread, NAME("iter"), {callable.value(), sentinel.value()});
}

static void callable_iterator_trace(Object* object, SlotVisitor& visitor) {
  CallableIterator* self = static_cast<CallableIterator*>(object);
  visitor(self->callable);
  visitor(self->sentinel);
}
static const Layout callable_iterator_layout{"callable_iterator", sizeof(CallableIterator), true,
                                             callable_iterator_trace, nullptr};
static const SlotEntry callable_iterator_slots[] = {
    slot<SlotId::iter, iterator_iter>(),
    slot<SlotId::next, callable_iterator_next>(),
};
static constexpr Method callable_iterator_methods[] = {
    method<callable_iterator_reduce>("__reduce__()", "Return state information for pickling."),
};
const TypeSpec callable_iterator_spec{
    .name = "callable_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &callable_iterator_layout,
    .slots = callable_iterator_slots,
    .methods = callable_iterator_methods,
};

}  // namespace dx
