// The Python face of set and frozenset: operators, methods, iterator, type tables. Storage is in
// set.cpp. Which side of an operation is walked and which is asked follows CPython, because the
// result's iteration order depends on it.

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/item_loop.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

extern const Layout set_layout;

// ---- construction -------------------------------------------------------------------------------

static Type* base_type_of(Borrowed<Set> self) {
  return has_layout(self, kShapeFrozenSet) ? TYPE(frozenset) : TYPE(set);
}

Result<void> set_update(Thread& thread, Borrowed<Set> self, Any iterable) {
  if (is_any_set(iterable)) return set_merge(thread, self, Borrowed<Set>(iterable.value()));
  if (is_exact(iterable, SHAPE(list)) || is_exact(iterable, SHAPE(tuple)))
    return set_add_items(thread, self, iterable);
  if (is_exact(iterable, SHAPE(dict))) {
    Borrowed<Dict> dict(iterable.value());
    TRY(set_presize(thread, self, dict_size(dict)));
    Word position = 0;
    Value key;
    Ref<Dict> stable = TRY(dict_stable(thread, dict));
    while (dict_walk(thread, stable, position, DictOrder::forward, &key, nullptr)) {
      AnyRef owned = AnyRef::adopt(key);
      (void)TRY(set_add(thread, self, owned));
    }
    return {};
  }
  ValueRun run(thread);
  if (TRY(snapshot_items(thread, iterable, run))) {  // views
    for (size_t i = 0; i < run.count; ++i) (void)TRY(set_add(thread, self, Any(run.items[i])));
    return {};
  }
  struct AddSink : ItemSink {
    Set* set;
    explicit AddSink(Borrowed<Set> self) : ItemSink{&add}, set(self.get()) {}
    static bool add(ItemSink& sink, Thread& thread, Value item) {
      if (!set_add_quick(thread, Borrowed<Set>(static_cast<AddSink&>(sink).set), Any(item)))
        return false;
      decref(thread, item);
      return true;
    }
  };
  ItemLoop loop(thread);
  TRY(loop.begin(iterable));
  AddSink sink(self);
  for (;;) {
    Step step = loop.next(sink);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef item = step.take();
    (void)TRY(set_add(thread, self, item));
  }
}

static Result<Ref<Set>> set_made_of(Thread& thread, Borrowed<Type> type, MaybeAny iterable) {
  Ref<Set> self = TRY(set_make(thread, type));
  if (iterable) TRY(set_update(thread, self, *iterable));
  return self;
}

Result<Ref<Set>> set_from(Thread& thread, Any iterable) {
  return set_made_of(thread, TYPE(set), MaybeAny(iterable));
}

static Result<Ref<Set>> frozenset_of(Thread& thread, Borrowed<Type> type, MaybeAny iterable) {
  if (type.get() == TYPE(frozenset) && iterable && is_exact(*iterable, SHAPE(frozenset))) {
    return Ref<Set>::share(thread, Borrowed<Set>(iterable.value()));
  }
  return set_made_of(thread, type, iterable);
}
Result<Ref<Set>> frozenset_from(Thread& thread, Any iterable) {
  return frozenset_of(thread, TYPE(frozenset), MaybeAny(iterable));
}

static AnyResult set_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return set_make(thread, type);
}

static Result<void> set_init(Thread& thread, Borrowed<Set> self, const Arguments& arguments) {
  if (arguments.keywords()) {
    return raise<TypeError>(thread, "set() takes no keyword arguments");
  }
  size_t positional = arguments.positional();
  if (positional > 1)
    return raise<TypeError>(thread, "set expected at most 1 argument, got {}", positional);
  set_clear(thread, self);
  self->hash_cache.store(0, std::memory_order_relaxed);
  if (positional) return set_update(thread, self, arguments[0]);
  return {};
}

static AnyResult frozenset_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.keywords() && type->slot<SlotId::init>() == TYPE(frozenset)->slot<SlotId::init>()) {
    return raise<TypeError>(thread, "frozenset() takes no keyword arguments");
  }
  size_t positional = arguments.positional();
  if (positional > 1)
    return raise<TypeError>(thread, "frozenset expected at most 1 argument, got {}", positional);
  return frozenset_of(thread, type, positional ? MaybeAny(arguments[0]) : MaybeAny());
}

// ---- operations between sets and iterables ------------------------------------------------------

// A fresh set or frozenset with these items (also of an instance of a subclass).
static Result<Ref<Set>> set_copy_of(Thread& thread, Borrowed<Set> self) {
  return set_made_of(thread, base_type_of(self), MaybeAny(Any(self)));
}

static Result<Ref<Set>> set_intersection_of(Thread& thread, Borrowed<Set> self, Any other) {
  if (other.is(self)) return set_copy_of(thread, self);
  Ref<Set> result = TRY(set_make(thread, base_type_of(self)));
  if (is_any_set(other)) {
    Borrowed<Set> asked = self, walked(other.value());
    if (set_size(walked) > set_size(asked)) std::swap(asked, walked);
    if (set_filter_quick(thread, result, walked, asked, true)) return result;
    Ref<Set> stable = TRY(set_stable(thread, walked));
    size_t position = 0;
    Value item;
    uint64_t hash;
    while (set_walk(thread, stable, position, item, hash)) {
      AnyRef owned = AnyRef::adopt(item);
      if (TRY(set_contains_hashed(thread, asked, owned, hash))) {
        (void)TRY(set_add_hashed(thread, result, owned, hash));
      }
    }
    return result;
  }
  AnyRef iterator = TRY(get_iter(thread, other));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return result;
    AnyRef item = step.take();
    uint64_t hash = TRY(key_hash(thread, item, "a set element"));
    if (TRY(set_contains_hashed(thread, self, item, hash)))
      (void)TRY(set_add_hashed(thread, result, item, hash));
  }
}

Result<void> set_difference_update(Thread& thread, Borrowed<Set> self, Any iterable) {
  if (iterable.is(self)) {
    set_clear(thread, self);
    return {};
  }
  if (is_any_set(iterable)) {
    Borrowed<Set> other(iterable.value());
    // Of a much larger set only the common part matters.
    Ref<Set> walked = (set_size(other) >> 3) > set_size(self)
                          ? TRY(set_intersection_of(thread, self, other))
                          : Ref<Set>::share(thread, other);
    size_t position = 0;
    Value item;
    uint64_t hash;
    Ref<Set> stable = TRY(set_stable(thread, walked));
    while (set_walk(thread, stable, position, item, hash)) {
      AnyRef owned = AnyRef::adopt(item);
      (void)TRY(set_discard_hashed(thread, self, owned, hash));
    }
  } else {
    AnyRef iterator = TRY(get_iter(thread, iterable));
    for (;;) {
      Step step = iter_next(thread, iterator);
      if (step.raised()) return Raised{};
      if (step.is_done()) break;
      AnyRef item = step.take();
      uint64_t hash = TRY(key_hash(thread, item, "a set element"));
      (void)TRY(set_discard_hashed(thread, self, item, hash));
    }
  }
  return set_shed_removed(thread, self);
}

static Result<Ref<Set>> set_difference_of(Thread& thread, Borrowed<Set> self, Any other) {
  bool is_set = is_any_set(other), is_plain_dict = is_exact(other, SHAPE(dict));
  Word other_size = is_set          ? set_size(Borrowed<Set>(other.value()))
                    : is_plain_dict ? dict_size(Borrowed<Dict>(other.value()))
                                    : 0;
  if ((!is_set && !is_plain_dict) || (set_size(self) >> 2) > other_size) {
    Ref<Set> result = TRY(set_copy_of(thread, self));
    TRY(set_difference_update(thread, result, other));
    return result;
  }
  Ref<Set> result = TRY(set_make(thread, base_type_of(self)));
  if (is_set && set_filter_quick(thread, result, self, Borrowed<Set>(other.value()), false))
    return result;
  Ref<Set> stable = TRY(set_stable(thread, self));
  size_t position = 0;
  Value item;
  uint64_t hash;
  while (set_walk(thread, stable, position, item, hash)) {
    AnyRef owned = AnyRef::adopt(item);
    bool common;
    if (is_set) {
      common = TRY(set_contains_hashed(thread, Borrowed<Set>(other.value()), owned, hash));
    } else {
      AnyLookup found = dict_get_hashed(thread, Borrowed<Dict>(other.value()), owned, hash);
      if (found.raised()) return Raised{};
      common = found.found();
    }
    if (!common) (void)TRY(set_add_hashed(thread, result, owned, hash));
  }
  return result;
}

static Result<void> set_toggle(Thread& thread, Borrowed<Set> self, Any item, uint64_t hash) {
  if (!TRY(set_discard_hashed(thread, self, item, hash)))
    (void)TRY(set_add_hashed(thread, self, item, hash));
  return {};
}

Result<void> set_symmetric_difference_update(Thread& thread, Borrowed<Set> self, Any iterable) {
  if (iterable.is(self)) {
    set_clear(thread, self);
    return {};
  }
  if (is_exact(iterable, SHAPE(dict))) {
    Ref<Dict> stable = TRY(dict_stable(thread, Borrowed<Dict>(iterable.value())));
    Word position = 0;
    Value key;
    while (dict_walk(thread, stable, position, DictOrder::forward, &key, nullptr)) {
      AnyRef owned = AnyRef::adopt(key);
      uint64_t hash = TRY(key_hash(thread, owned, "a set element"));
      TRY(set_toggle(thread, self, owned, hash));
    }
    return {};
  }
  Ref<Set> other = is_any_set(iterable)
                       ? TRY(set_stable(thread, Borrowed<Set>(iterable.value())))
                       : TRY(set_made_of(thread, base_type_of(self), MaybeAny(iterable)));
  size_t position = 0;
  Value item;
  uint64_t hash;
  while (set_walk(thread, other, position, item, hash)) {
    AnyRef owned = AnyRef::adopt(item);
    TRY(set_toggle(thread, self, owned, hash));
  }
  return {};
}

static Result<Ref<Set>> set_symmetric_difference_of(Thread& thread, Borrowed<Set> self, Any other) {
  Ref<Set> result = TRY(set_made_of(thread, base_type_of(self), MaybeAny(other)));
  TRY(set_symmetric_difference_update(thread, result, self));
  return result;
}

// Every item of self is in other.
static Result<bool> set_within(Thread& thread, Borrowed<Set> self, Borrowed<Set> other) {
  if (set_size(self) > set_size(other)) return false;
  if (int known = set_within_quick(thread, self, other); known >= 0) return known == 1;
  Ref<Set> stable = TRY(set_stable(thread, self));
  size_t position = 0;
  Value item;
  uint64_t hash;
  while (set_walk(thread, stable, position, item, hash)) {
    AnyRef owned = AnyRef::adopt(item);
    if (!TRY(set_contains_hashed(thread, other, owned, hash))) return false;
  }
  return true;
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult set_repr(Thread& thread, Borrowed<Set> self) {
  FormatArgument name(type_name_in(self));
  if (TRY(repr_enter(thread, self.get()))) return format_text(thread, "{}(...)", &name, 1);
  ReprScope scope(thread, self.get());
  if (set_size(self) == 0) return format_text(thread, "{}()", &name, 1);
  AnyRef items = TRY(sequence_list(thread, self));
  Ref<Str> listed = TRY(repr(thread, items));
  Ref<Str> inner = TRY(str_substring(thread, listed, 1, listed->length() - 1));
  if (type_of(self) == TYPE(set)) {
    const FormatArgument plain[] = {FormatArgument(inner)};
    return format_text(thread, "{{{}}}", plain, 1);
  }
  const FormatArgument arguments[] = {name, FormatArgument(inner)};
  return format_text(thread, "{}({{{}}})", arguments, 2);
}

static Result<Word> frozenset_hash(Thread& thread, Borrowed<Set> self) {
  uint64_t known = self->hash_cache.load(std::memory_order_relaxed);
  if (!known) {
    known = set_content_hash(thread, self);
    self->hash_cache.store(known, std::memory_order_relaxed);
  }
  return static_cast<Word>(known);
}

static Result<bool> set_equal(Thread& thread, Borrowed<Set> self, Borrowed<Set> other) {
  if (set_size(self) != set_size(other)) return false;
  uint64_t mine = self->hash_cache.load(std::memory_order_relaxed);
  uint64_t theirs = other->hash_cache.load(std::memory_order_relaxed);
  if (mine && theirs && mine != theirs) return false;
  return set_within(thread, self, other);
}

template <CompareOp op>
static AnyResult set_compare(Thread& thread, Borrowed<Set> self, Any value) {
  if (!is_any_set(value)) return not_implemented();
  Borrowed<Set> other(value.value());
  switch (op) {
    case CompareOp::eq: return truth(TRY(set_equal(thread, self, other)));
    case CompareOp::ne: return truth(!TRY(set_equal(thread, self, other)));
    case CompareOp::le: return truth(TRY(set_within(thread, self, other)));
    case CompareOp::ge: return truth(TRY(set_within(thread, other, self)));
    case CompareOp::lt:
      if (set_size(self) >= set_size(other)) return truth(false);
      return truth(TRY(set_within(thread, self, other)));
    case CompareOp::gt:
      if (set_size(self) <= set_size(other)) return truth(false);
      return truth(TRY(set_within(thread, other, self)));
  }
}

static Word set_len(Borrowed<Set> self) { return set_size(self); }

static Result<Ref<Set>> set_union_of(Thread& thread, Borrowed<Set> self, Any other) {
  Ref<Set> result = TRY(set_copy_of(thread, self));
  if (!other.is(self)) TRY(set_update(thread, result, other));
  return result;
}

// a OP b where both must be sets. CPython gives the result the type of the left operand.
template <Result<Ref<Set>> (*operation)(Thread&, Borrowed<Set>, Any)>
static AnyResult set_operator(Thread& thread, Any left, Any right) {
  if (!is_any_set(left) || !is_any_set(right)) return not_implemented();
  return operation(thread, Borrowed<Set>(left.value()), right);
}
template <Result<Ref<Set>> (*operation)(Thread&, Borrowed<Set>, Any)>
static AnyResult set_reflected_operator(Thread& thread, Any self, Any other) {
  return set_operator<operation>(thread, other, self);
}

static AnyResult set_ior(Thread& thread, Borrowed<Set> self, Any other) {
  if (!is_any_set(other)) return not_implemented();
  TRY(set_update(thread, self, other));
  return share(thread, self);
}
static AnyResult set_isub(Thread& thread, Borrowed<Set> self, Any other) {
  if (!is_any_set(other)) return not_implemented();
  TRY(set_difference_update(thread, self, other));
  return share(thread, self);
}
static AnyResult set_ixor(Thread& thread, Borrowed<Set> self, Any other) {
  if (!is_any_set(other)) return not_implemented();
  TRY(set_symmetric_difference_update(thread, self, other));
  return share(thread, self);
}
static AnyResult set_iand(Thread& thread, Borrowed<Set> self, Any other) {
  if (!is_any_set(other)) return not_implemented();
  Ref<Set> common = TRY(set_intersection_of(thread, self, other));
  set_swap(thread, self, common);
  return share(thread, self);
}

// ---- methods ------------------------------------------------------------------------------------

static Result<void> set_add_method(Thread& thread, Borrowed<Set> self, Any item) {
  (void)TRY(set_add(thread, self, item));
  return {};
}
static Result<void> set_discard_method(Thread& thread, Borrowed<Set> self, Any item) {
  (void)TRY(set_discard(thread, self, item));
  return {};
}
static Result<void> set_remove(Thread& thread, Borrowed<Set> self, Any item) {
  if (!TRY(set_discard(thread, self, item))) return raise_key_error(thread, item);
  return {};
}
static AnyResult set_pop_method(Thread& thread, Borrowed<Set> self) {
  Maybe<Ref<Object>> item = set_pop(thread, self);
  if (!item) return raise<KeyError>(thread, "pop from an empty set");
  return item.take();
}
static void set_clear_method(Thread& thread, Borrowed<Set> self) { set_clear(thread, self); }
static Result<Ref<Set>> set_copy(Thread& thread, Borrowed<Set> self) {
  return set_copy_of(thread, self);
}
static Result<Ref<Set>> frozenset_copy(Thread& thread, Borrowed<Set> self) {
  if (is_exact(self, SHAPE(frozenset))) return Ref<Set>::share(thread, self);
  return set_copy_of(thread, self);
}

static Result<Ref<Set>> set_union(Thread& thread, Borrowed<Set> self, Rest others) {
  Ref<Set> result = TRY(set_copy_of(thread, self));
  for (size_t i = 0; i < others.count; ++i) {
    if (!others[i].is(self)) TRY(set_update(thread, result, others[i]));
  }
  return result;
}
static Result<void> set_update_method(Thread& thread, Borrowed<Set> self, Rest others) {
  for (size_t i = 0; i < others.count; ++i) TRY(set_update(thread, self, others[i]));
  return {};
}
static Result<Ref<Set>> set_intersection(Thread& thread, Borrowed<Set> self, Rest others) {
  if (others.count == 0) return set_copy_of(thread, self);
  Ref<Set> result = Ref<Set>::share(thread, self);
  for (size_t i = 0; i < others.count; ++i)
    result = TRY(set_intersection_of(thread, result, others[i]));
  return result;
}
static Result<void> set_intersection_update(Thread& thread, Borrowed<Set> self, Rest others) {
  Ref<Set> common = TRY(set_intersection(thread, self, others));
  set_swap(thread, self, common);
  return {};
}
static Result<Ref<Set>> set_difference(Thread& thread, Borrowed<Set> self, Rest others) {
  if (others.count == 0) return set_copy_of(thread, self);
  Ref<Set> result = TRY(set_difference_of(thread, self, others[0]));
  for (size_t i = 1; i < others.count; ++i) TRY(set_difference_update(thread, result, others[i]));
  return result;
}
static Result<void> set_difference_update_method(Thread& thread, Borrowed<Set> self, Rest others) {
  for (size_t i = 0; i < others.count; ++i) TRY(set_difference_update(thread, self, others[i]));
  return {};
}
static Result<Ref<Set>> set_symmetric_difference(Thread& thread, Borrowed<Set> self, Any other) {
  return set_symmetric_difference_of(thread, self, other);
}
static Result<void> set_symmetric_difference_update_method(Thread& thread, Borrowed<Set> self,
                                                           Any other) {
  return set_symmetric_difference_update(thread, self, other);
}

static Result<bool> set_isdisjoint(Thread& thread, Borrowed<Set> self, Any other) {
  if (other.is(self)) return set_size(self) == 0;
  if (is_exact(other, SHAPE(set)) || is_exact(other, SHAPE(frozenset))) {
    Borrowed<Set> asked = self, walked(other.value());
    if (set_size(walked) > set_size(asked)) std::swap(asked, walked);
    Ref<Set> stable = TRY(set_stable(thread, walked));
    size_t position = 0;
    Value item;
    uint64_t hash;
    while (set_walk(thread, stable, position, item, hash)) {
      AnyRef owned = AnyRef::adopt(item);
      if (TRY(set_contains_hashed(thread, asked, owned, hash))) return false;
    }
    return true;
  }
  AnyRef iterator = TRY(get_iter(thread, other));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return true;
    AnyRef item = step.take();
    if (TRY(set_contains(thread, self, item))) return false;
  }
}

static Result<bool> set_issubset(Thread& thread, Borrowed<Set> self, Any other) {
  if (is_any_set(other)) return set_within(thread, self, Borrowed<Set>(other.value()));
  Ref<Set> common = TRY(set_intersection_of(thread, self, other));
  return set_size(common) == set_size(self);
}
static Result<bool> set_issuperset(Thread& thread, Borrowed<Set> self, Any other) {
  if (is_any_set(other)) return set_within(thread, Borrowed<Set>(other.value()), self);
  AnyRef iterator = TRY(get_iter(thread, other));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return true;
    AnyRef item = step.take();
    if (!TRY(set_contains(thread, self, item))) return false;
  }
}

static AnyResult set_reduce(Thread& thread, Borrowed<Set> self) {
  AnyRef items = TRY(sequence_list(thread, self));
  Ref<Tuple> arguments = TRY(tuple_of(thread, {items.value()}));
  AnyRef state = TRY(call_method(thread, self, NAME("__getstate__"), {}));
  return tuple_of(thread,
                  {Value(static_cast<Object*>(type_of(self))), arguments.value(), state.value()});
}
static Word set_sizeof(Borrowed<Set> self) { return static_cast<Word>(set_memory(self)); }

// ---- iterator -----------------------------------------------------------------------------------

TypeHandle set_iterator_type;

struct SetIterator : Object {
  Field<Set> set;   // empty once exhausted
  size_t position;  // entry it looks at next
  Word size;        // of the set at the start
  Word left;
};

static AnyResult set_iter(Thread& thread, Borrowed<Set> self) {
  auto* iterator = iterator_allocate<SetIterator>(thread, set_iterator_type);
  if (!iterator) return Raised{};
  iterator->size = iterator->left = set_size(self);
  slot_init(iterator, iterator->set, share(thread, self));
  return AnyRef::adopt(iterator);
}
static AnyResult set_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

Value set_iterator_quick(Thread& thread, Any iterator) {
  auto* self = static_cast<SetIterator*>(iterator.object());
  Maybe<Borrowed<Set>> set = self->set.maybe();
  if (!set || !is_mine(thread, set.get()) || set_size(*set) != self->size) return Value{};
  SetTable* table = set->table.load(std::memory_order_relaxed);
  if (!table) return Value{};
  size_t position = table->next_used(self->position);
  if (__builtin_expect(position > table->mask, 0)) return Value{};
  Value item = table->entries()[position].key.raw_relaxed();
  incref(thread, item);
  self->position = position + 1;
  --self->left;
  return item;
}

static Step set_iterator_next(Thread& thread, Borrowed<SetIterator> self) {
  if (__builtin_expect(is_mine(thread, self.get()), 1)) {
    if (Value item = set_iterator_quick(thread, Any(Value(self.get())))) return Step::adopt(item);
  }
  Maybe<Ref<Set>> set = field_load(thread, self.get(), self->set);
  if (!set) return Step::done();
  if (set_size(set.borrow()) != self->size) {
    self->size = -1;  // and so for every later call
    return raise<RuntimeError>(thread, "Set changed size during iteration");
  }
  size_t position = self->position;
  Value item;
  uint64_t hash;
  bool found = set_walk(thread, set.borrow(), position, item, hash);
  self->position = position;
  if (found) {
    --self->left;
    return AnyRef::adopt(item);
  }
  slot_clear(thread, self.get(), self->set);
  return Step::done();
}

static Word set_iterator_length_hint(Thread& thread, Borrowed<SetIterator> self) {
  Maybe<Ref<Set>> set = field_load(thread, self.get(), self->set);
  return set && set_size(set.borrow()) == self->size ? self->left : 0;
}

static AnyResult set_iterator_reduce(Thread& thread, Borrowed<SetIterator> self) {
  Ref<List> rest = TRY(list_create(thread));
  Maybe<Ref<Set>> set = field_load(thread, self.get(), self->set);
  if (set) {
    AnyRef copy = TRY(allocate_instance(thread, set_iterator_type.type));
    SetIterator* twin = static_cast<SetIterator*>(copy.get());
    twin->position = self->position;
    twin->size = self->size;
    twin->left = self->left;
    slot_init(twin, twin->set, set.take());
    TRY(list_extend(thread, rest, copy));
  }
  return reduce_with_builtin(thread, NAME("iter"), {rest.value()});
}

static void set_iterator_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<SetIterator*>(object)->set);
}
static const Layout set_iterator_layout{
    "set_iterator", sizeof(SetIterator),        true, set_iterator_trace, nullptr,
    nullptr,        drop_by<set_iterator_trace>};
static const SlotEntry set_iterator_slots[] = {
    slot<SlotId::iter, set_iterator_iter>(),
    slot<SlotId::next, set_iterator_next>(),
};
static constexpr Method set_iterator_methods[] = {
    method<set_iterator_length_hint>("__length_hint__()",
                                     "Private method returning an estimate of len(list(it))."),
    method<set_iterator_reduce>("__reduce__()", "Return state information for pickling."),
};
extern const TypeSpec set_iterator_spec;
const TypeSpec set_iterator_spec{
    .name = "set_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &set_iterator_layout,
    .slots = set_iterator_slots,
    .methods = set_iterator_methods,
};

// ---- types --------------------------------------------------------------------------------------

#define DX_SET_COMMON_SLOTS                                                           \
  slot<SlotId::repr, set_repr>(), slot<SlotId::lt, set_compare<CompareOp::lt>>(),     \
      slot<SlotId::le, set_compare<CompareOp::le>>(),                                 \
      slot<SlotId::eq, set_compare<CompareOp::eq>>(),                                 \
      slot<SlotId::ne, set_compare<CompareOp::ne>>(),                                 \
      slot<SlotId::gt, set_compare<CompareOp::gt>>(),                                 \
      slot<SlotId::ge, set_compare<CompareOp::ge>>(), slot<SlotId::iter, set_iter>(), \
      slot<SlotId::len, set_len>(), slot<SlotId::contains, set_contains>(),           \
      slot<SlotId::sub, set_operator<set_difference_of>>(),                           \
      slot<SlotId::rsub, set_reflected_operator<set_difference_of>>(),                \
      slot<SlotId::and_, set_operator<set_intersection_of>>(),                        \
      slot<SlotId::rand, set_reflected_operator<set_intersection_of>>(),              \
      slot<SlotId::xor_, set_operator<set_symmetric_difference_of>>(),                \
      slot<SlotId::rxor, set_reflected_operator<set_symmetric_difference_of>>(),      \
      slot<SlotId::or_, set_operator<set_union_of>>(),                                \
      slot<SlotId::ror, set_reflected_operator<set_union_of>>()

#define DX_SET_COMMON_METHODS                                                                      \
  method<set_difference>("difference(*others)",                                                    \
                         "Return a new set with elements in the set that are not in the others."), \
      method<set_intersection>(                                                                    \
          "intersection(*others)",                                                                 \
          "Return a new set with elements common to the set and all others."),                     \
      method<set_isdisjoint>("isdisjoint(other, /)",                                               \
                             "Return True if two sets have a null intersection."),                 \
      method<set_issubset>("issubset(other, /)", "Report whether another set contains this set."), \
      method<set_issuperset>("issuperset(other, /)",                                               \
                             "Report whether this set contains another set."),                     \
      method<set_reduce>("__reduce__()", "Return state information for pickling."),                \
      method<set_sizeof>("__sizeof__()", "S.__sizeof__() -> size of S in memory, in bytes."),      \
      method<set_symmetric_difference>(                                                            \
          "symmetric_difference(other, /)",                                                        \
          "Return a new set with elements in either the set or other but not both."),              \
      method<set_union>("union(*others)",                                                          \
                        "Return a new set with elements from the set and all others.")

static const SlotEntry set_slots[] = {
    slot<SlotId::new_, set_new>(),
    slot<SlotId::init, set_init>(),
    slot<SlotId::isub, set_isub>(),
    slot<SlotId::iand, set_iand>(),
    slot<SlotId::ixor, set_ixor>(),
    slot<SlotId::ior, set_ior>(),
    DX_SET_COMMON_SLOTS,
};
static const SlotEntry frozenset_slots[] = {
    slot<SlotId::new_, frozenset_new>(),
    slot<SlotId::hash, frozenset_hash>(),
    DX_SET_COMMON_SLOTS,
};

static constexpr Method set_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "sets are generic over the type of their elements"),
    method<set_add_method>(
        "add(object, /)",
        "Add an element to a set.\n\nThis has no effect if the element is already present."),
    method<set_clear_method>("clear()", "Remove all elements from this set."),
    method<set_copy>("copy()", "Return a shallow copy of a set."),
    method<set_discard_method>("discard(object, /)",
                               "Remove an element from a set if it is a member.\n\n"
                               "Unlike set.remove(), the discard() method does not raise\n"
                               "an exception when an element is missing from the set."),
    method<set_difference_update_method>("difference_update(*others)",
                                         "Update the set, removing elements found in others."),
    method<set_intersection_update>(
        "intersection_update(*others)",
        "Update the set, keeping only elements found in it and all others."),
    method<set_pop_method>(
        "pop()",
        "Remove and return an arbitrary set element.\n\nRaises KeyError if the set is empty."),
    method<set_remove>("remove(object, /)",
                       "Remove an element from a set; it must be a member.\n\n"
                       "If the element is not a member, raise a KeyError."),
    method<set_symmetric_difference_update_method>(
        "symmetric_difference_update(other, /)",
        "Update the set, keeping only elements found in either set, but not in both."),
    method<set_update_method>("update(*others)",
                              "Update the set, adding elements from all others."),
    DX_SET_COMMON_METHODS,
};
static constexpr Method frozenset_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "frozensets are generic over the type of their elements"),
    method<frozenset_copy>("copy()", "Return a shallow copy of a set."),
    DX_SET_COMMON_METHODS,
};

const TypeSpec set_spec{
    .name = "set",
    .doc = "Build an unordered collection of unique elements.",
    .flags = kTypeBase | kTypeImmutable | kTypeWeakrefable,
    .shape_flags = kShapeSet,
    .layout = &set_layout,
    .slots = set_slots,
    .methods = set_methods,
};
const TypeSpec frozenset_spec{
    .name = "frozenset",
    .doc = "Build an immutable unordered collection of unique elements.",
    .flags = kTypeBase | kTypeImmutable | kTypeWeakrefable,
    .shape_flags = kShapeFrozenSet,
    .layout = &set_layout,
    .slots = frozenset_slots,
    .methods = frozenset_methods,
};

}  // namespace dx
