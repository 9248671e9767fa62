// dict_keys, dict_values, dict_items and their six iterators.
//
// An iterator holds the dict, the entry it stands before and how many items it still expects. A
// change of the dict's size, or more items than expected, raise CPython's two errors.

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/item_loop.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/mappingproxy.h"
#include "objects/set.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle dict_keys_type, dict_values_type, dict_items_type;
TypeHandle dict_keyiterator_type, dict_valueiterator_type, dict_itemiterator_type;
TypeHandle dict_reversekeyiterator_type, dict_reversevalueiterator_type,
    dict_reverseitemiterator_type;

// ---- iterators ----------------------------------------------------------------------------------

struct DictIterator : Object {
  Field<Dict> dict;   // empty once exhausted
  Word position;      // entry it looks at next
  Word expected;      // items still to come; -1 after the size changed
  Word size;          // of the dict at the start
  Field<Tuple> pair;  // of items: the one given out last, used again when nobody else kept it
  DictPart part;
  DictOrder order;
};

AnyResult dict_iterator(Thread& thread, Borrowed<Dict> dict, DictPart part, DictOrder order) {
  static TypeHandle* const handles[2][3] = {
      {&dict_keyiterator_type, &dict_valueiterator_type, &dict_itemiterator_type},
      {&dict_reversekeyiterator_type, &dict_reversevalueiterator_type,
       &dict_reverseitemiterator_type}};
  auto* self = iterator_allocate<DictIterator>(
      thread, *handles[order == DictOrder::backward][static_cast<size_t>(part)]);
  if (!self) return Raised{};
  self->size = self->expected = dict_size(dict);
  DictTable* table = dict->table.load(std::memory_order_acquire);
  bool backward = order == DictOrder::backward;
  self->position = backward && table
                       ? static_cast<Word>(table->entries_used.load(std::memory_order_acquire)) - 1
                       : 0;
  self->part = part;
  self->order = order;
  slot_init(self, self->dict, share(thread, dict));
  return AnyRef::adopt(self);
}

// Forward, where nobody else can reach the iterator or the dict. Result: empty when the general way
// must say what is the matter.
static inline Value dict_iterator_next_mine(Thread& thread, DictIterator* self, Dict* dict) {
  DictTable* table = dict->table.load(std::memory_order_relaxed);
  if (!table || table->live.load(std::memory_order_relaxed) != self->size || self->expected == 0)
    return Value{};
  Word used = table->entries_used.load(std::memory_order_relaxed), position = self->position;
  while (position < used && table->key(static_cast<size_t>(position)).raw_relaxed().is_empty())
    ++position;
  if (position >= used) return Value{};
  size_t index = static_cast<size_t>(position);
  self->position = position + 1;
  --self->expected;
  if (self->part != DictPart::items) {
    Value found =
        (self->part == DictPart::keys ? table->key(index) : table->value(index)).raw_relaxed();
    incref(thread, found);
    return found;
  }
  AnyRef key = share(thread, table->key(index).raw_relaxed()),
         value = share(thread, table->value(index).raw_relaxed());
  return tuple_pair_reusing(thread, self, self->pair, std::move(key), std::move(value)).release();
}

PairStep dict_items_next_pair(Thread& thread, Any iterator, Value* pair) {
  auto* self = static_cast<DictIterator*>(iterator.object());
  Maybe<Borrowed<Dict>> dict = self->dict.maybe();
  if (!is_mine(thread, self) || !dict || !is_mine(thread, dict.get())) return PairStep::ordinary;
  DictTable* table = dict->table.load(std::memory_order_relaxed);
  if (!table || table->live.load(std::memory_order_relaxed) != self->size || self->expected <= 0)
    return PairStep::ordinary;
  Word used = table->entries_used.load(std::memory_order_relaxed), position = self->position;
  while (position < used && table->key(static_cast<size_t>(position)).raw_relaxed().is_empty())
    ++position;
  if (position >= used) return PairStep::ordinary;
  pair[0] = table->key(static_cast<size_t>(position)).raw_relaxed();
  pair[1] = table->value(static_cast<size_t>(position)).raw_relaxed();
  incref(thread, pair[0]);
  incref(thread, pair[1]);
  self->position = position + 1;
  --self->expected;
  return PairStep::pair;
}

static Step dict_iterator_next(Thread& thread, Borrowed<DictIterator> self) {
  if (__builtin_expect(self->order == DictOrder::forward && is_mine(thread, self.get()), 1)) {
    Maybe<Borrowed<Dict>> dict = self->dict.maybe();
    if (!dict) return Step::done();
    if (__builtin_expect(is_mine(thread, dict.get()) && self->position > 0, 1)) {
      Value item = dict_iterator_next_mine(thread, self.get(), dict.get());
      if (__builtin_expect(item.bits != 0, 1)) return Step::adopt(item);
      if (!thread.exception.is_empty()) return Raised{};
    }
  }
  Maybe<Ref<Dict>> dict = field_load(thread, self.get(), self->dict);
  if (!dict) return Step::done();
  if (dict_size(dict.borrow()) != self->size) {
    self->size = -1;  // and so for every later call
    return raise<RuntimeError>(thread, "dictionary changed size during iteration");
  }
  Value key, value;
  bool wants_key = self->part != DictPart::values, wants_value = self->part != DictPart::keys;
  Word position = self->position;
  bool found = dict_walk(thread, dict.borrow(), position, self->order, wants_key ? &key : nullptr,
                         wants_value ? &value : nullptr);
  self->position = position;
  if (!found) {
    slot_clear(thread, self.get(), self->dict);
    return Step::done();
  }
  if (self->expected == 0) {
    decref(thread, key);
    decref(thread, value);
    slot_clear(thread, self.get(), self->dict);
    return raise<RuntimeError>(thread, "dictionary keys changed during iteration");
  }
  --self->expected;
  if (self->part != DictPart::items) return AnyRef::adopt(wants_key ? key : value);
  Value pair[2] = {key, value};
  Result<Ref<Tuple>> item = tuple_adopt(thread, pair, 2);
  if (item.raised()) return Raised{};
  return item.take();
}

static AnyResult dict_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

static Word dict_iterator_length_hint(Thread& thread, Borrowed<DictIterator> self) {
  Maybe<Ref<Dict>> dict = field_load(thread, self.get(), self->dict);
  return dict && dict_size(dict.borrow()) == self->size ? self->expected : 0;
}

// (iter, ([the items still to come],)), leaving the iterator where it is.
static AnyResult dict_iterator_reduce(Thread& thread, Borrowed<DictIterator> self) {
  Word position = self->position, expected = self->expected, size = self->size;
  Ref<List> rest = TRY(list_create(thread));
  Maybe<Ref<Dict>> dict = field_load(thread, self.get(), self->dict);
  if (dict) {
    AnyRef copy = TRY(allocate_instance(thread, type_of(self.value())));
    DictIterator* twin = static_cast<DictIterator*>(copy.get());
    twin->position = position;
    twin->expected = expected;
    twin->size = size;
    twin->part = self->part;
    twin->order = self->order;
    slot_init(twin, twin->dict, dict.take());
    TRY(list_extend(thread, rest, copy));
  }
  return reduce_with_builtin(thread, NAME("iter"), {rest.value()});
}

static void dict_iterator_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<DictIterator*>(object)->dict);
  visitor(static_cast<DictIterator*>(object)->pair);
}
static const Layout dict_iterator_layout{
    "dict_iterator", sizeof(DictIterator),        true, dict_iterator_trace, nullptr,
    nullptr,         drop_by<dict_iterator_trace>};

static const SlotEntry dict_iterator_slots[] = {
    slot<SlotId::iter, dict_iterator_iter>(),
    slot<SlotId::next, dict_iterator_next>(),
};
static constexpr Method dict_iterator_methods[] = {
    method<dict_iterator_length_hint>("__length_hint__()",
                                      "Private method returning an estimate of len(list(it))."),
    method<dict_iterator_reduce>("__reduce__()", "Return state information for pickling."),
};
#define DX_DICT_ITERATOR(type_name)               \
  extern const TypeSpec type_name##_spec;         \
  const TypeSpec type_name##_spec{                \
      .name = #type_name,                         \
      .flags = kTypeImmutable | kTypeDisallowNew, \
      .layout = &dict_iterator_layout,            \
      .slots = dict_iterator_slots,               \
      .methods = dict_iterator_methods,           \
  };
DX_DICT_ITERATOR(dict_keyiterator)
DX_DICT_ITERATOR(dict_valueiterator)
DX_DICT_ITERATOR(dict_itemiterator)
DX_DICT_ITERATOR(dict_reversekeyiterator)
DX_DICT_ITERATOR(dict_reversevalueiterator)
DX_DICT_ITERATOR(dict_reverseitemiterator)

// ---- views --------------------------------------------------------------------------------------

AnyResult dict_view(Thread& thread, Borrowed<Dict> dict, DictPart part) {
  const TypeHandle& type = part == DictPart::keys     ? dict_keys_type
                           : part == DictPart::values ? dict_values_type
                                                      : dict_items_type;
  auto* self = iterator_allocate<DictView>(thread, type);
  if (!self) return Raised{};
  self->part = part;
  slot_init(self, self->dict, share(thread, dict));
  return AnyRef::adopt(self);
}

Maybe<Ref<Dict>> dict_behind(Thread& thread, Any object, DictPart& part) {
  part = DictPart::keys;
  if (is_exact(object, SHAPE(dict)))
    return Ref<Dict>::share(thread, Borrowed<Dict>(object.value()));
  if (!object.value().is_object()) return {};
  Type* type = type_of(object);
  if (type != dict_keys_type.type && type != dict_values_type.type && type != dict_items_type.type)
    return {};
  DictView* view = static_cast<DictView*>(object.object());
  part = view->part;
  return field_load(thread, view, view->dict);
}

// dict_keys or dict_items: the views that act as sets.
static bool is_set_view(Any value) {
  Type* type = type_of(value);
  if (type == dict_keys_type.type || type == dict_items_type.type) return true;
  return is_subtype(type, dict_keys_type) || is_subtype(type, dict_items_type);  // OrderedDict's
}

static AnyResult dict_view_iter(Thread& thread, Borrowed<DictView> self) {
  return dict_iterator(thread, self->dict.borrow(), self->part, DictOrder::forward);
}
static AnyResult dict_view_reversed(Thread& thread, Borrowed<DictView> self) {
  return dict_iterator(thread, self->dict.borrow(), self->part, DictOrder::backward);
}
static Result<Word> dict_view_len(Borrowed<DictView> self) {
  return dict_size(self->dict.borrow());
}

static AnyResult dict_view_repr(Thread& thread, Borrowed<DictView> self) {
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "...");
  ReprScope scope(thread, self.get());
  AnyRef items = TRY(sequence_list(thread, self));
  Ref<Str> text = TRY(repr(thread, items));
  const FormatArgument arguments[] = {FormatArgument(type_name_in(self)), FormatArgument(text)};
  return format_text(thread, "{}({})", arguments, 2);
}

static Result<bool> dict_view_contains(Thread& thread, Borrowed<DictView> self, Any item) {
  if (self->part == DictPart::keys) return dict_contains(thread, self->dict.borrow(), item);
  if (!is_tuple(item)) return false;
  Borrowed<Tuple> pair(item.value());
  if (pair->size != 2) return false;
  AnyLookup found = dict_get(thread, self->dict.borrow(), pair->item(0));
  if (found.raised()) return Raised{};
  if (found.is_absent()) return false;
  AnyRef value = found.take();
  return equal(thread, value, pair->item(1));
}

static Result<bool> all_contained(Thread& thread, Any items, Any container) {
  AnyRef iterator = TRY(get_iter(thread, items));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return true;
    AnyRef item = step.take();
    if (!TRY(contains(thread, container, item))) return false;
  }
}

static AnyResult dict_view_compare(Thread& thread, Borrowed<DictView> self, Any other,
                                   CompareOp op) {
  if (!is_any_set(other) && !is_set_view(other)) return not_implemented();
  Word mine = dict_size(self->dict.borrow());
  Word theirs = TRY(length(thread, other));
  bool fits = op == CompareOp::eq || op == CompareOp::ne ? mine == theirs
              : op == CompareOp::lt                      ? mine < theirs
              : op == CompareOp::le                      ? mine <= theirs
              : op == CompareOp::gt                      ? mine > theirs
                                                         : mine >= theirs;
  if (fits) {
    bool superset = op == CompareOp::gt || op == CompareOp::ge;
    fits = TRY(superset ? all_contained(thread, other, self) : all_contained(thread, self, other));
  }
  return truth(op == CompareOp::ne ? !fits : fits);
}
template <CompareOp op>
static AnyResult dict_view_richcompare(Thread& thread, Borrowed<DictView> self, Any other) {
  return dict_view_compare(thread, self, other, op);
}

static AnyResult dict_view_subtract(Thread& thread, Any left, Any right) {
  Ref<Set> result = TRY(set_from(thread, left));
  TRY(set_difference_update(thread, result, right));
  return result;
}
static AnyResult dict_view_rsub(Thread& thread, Any self, Any other) {
  return dict_view_subtract(thread, other, self);
}

// The smaller side is looked through, the larger one asked.
static AnyResult dict_view_intersect(Thread& thread, Any self, Any other) {
  Value view = self, items = other;
  if (is_set_view(other)) {
    Word theirs = TRY(length(thread, other)), mine = TRY(length(thread, self));
    if (theirs > mine) std::swap(view, items);
  }
  if (is_exact(items, SHAPE(set)) && TRY(length(thread, view)) <= TRY(length(thread, items))) {
    return call_method(thread, items, NAME("intersection"), {view});
  }
  Ref<Set> result = TRY(set_create(thread));
  AnyRef iterator = TRY(get_iter(thread, items));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return result;
    AnyRef item = step.take();
    if (TRY(contains(thread, view, item))) (void)TRY(set_add(thread, result, item));
  }
}

static AnyResult dict_view_union(Thread& thread, Any left, Any right) {
  Ref<Set> result = TRY(set_from(thread, left));
  TRY(set_update(thread, result, right));
  return result;
}
static AnyResult dict_view_ror(Thread& thread, Any self, Any other) {
  return dict_view_union(thread, other, self);
}

static AnyResult dict_view_xor(Thread& thread, Any left, Any right) {
  Ref<Set> result = TRY(set_from(thread, left));
  TRY(set_symmetric_difference_update(thread, result, right));
  return result;
}
static AnyResult dict_view_rxor(Thread& thread, Any self, Any other) {
  return dict_view_xor(thread, other, self);
}

static Result<bool> dict_view_isdisjoint(Thread& thread, Borrowed<DictView> self, Any other) {
  Word mine = dict_size(self->dict.borrow());
  if (other.is(self)) return mine == 0;
  Value view = self, items = other;
  if (is_any_set(other) || is_set_view(other)) {
    if (TRY(length(thread, other)) > mine) std::swap(view, items);
  }
  AnyRef iterator = TRY(get_iter(thread, items));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return true;
    AnyRef item = step.take();
    if (TRY(contains(thread, view, item))) return false;
  }
}

static AnyResult dict_view_mapping(Thread& thread, Borrowed<DictView> self) {
  return mappingproxy_create(thread, self->dict.borrow());
}

static void dict_view_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<DictView*>(object)->dict);
}
static const Layout dict_view_layout{
    "dict_view", sizeof(DictView),        true, dict_view_trace, nullptr,
    nullptr,     drop_by<dict_view_trace>};

static const SlotEntry dict_set_view_slots[] = {
    slot<SlotId::repr, dict_view_repr>(),
    slot<SlotId::lt, dict_view_richcompare<CompareOp::lt>>(),
    slot<SlotId::le, dict_view_richcompare<CompareOp::le>>(),
    slot<SlotId::eq, dict_view_richcompare<CompareOp::eq>>(),
    slot<SlotId::ne, dict_view_richcompare<CompareOp::ne>>(),
    slot<SlotId::gt, dict_view_richcompare<CompareOp::gt>>(),
    slot<SlotId::ge, dict_view_richcompare<CompareOp::ge>>(),
    slot<SlotId::iter, dict_view_iter>(),
    slot<SlotId::len, dict_view_len>(),
    slot<SlotId::contains, dict_view_contains>(),
    slot<SlotId::sub, dict_view_subtract>(),
    slot<SlotId::rsub, dict_view_rsub>(),
    slot<SlotId::and_, dict_view_intersect>(),
    slot<SlotId::rand, dict_view_intersect>(),
    slot<SlotId::xor_, dict_view_xor>(),
    slot<SlotId::rxor, dict_view_rxor>(),
    slot<SlotId::or_, dict_view_union>(),
    slot<SlotId::ror, dict_view_ror>(),
};
static const SlotEntry dict_values_slots[] = {
    slot<SlotId::repr, dict_view_repr>(),
    slot<SlotId::iter, dict_view_iter>(),
    slot<SlotId::len, dict_view_len>(),
};
static constexpr Method dict_set_view_methods[] = {
    method<dict_view_isdisjoint>(
        "isdisjoint(other, /)",
        "Return True if the view and the given iterable have a null intersection."),
    method<dict_view_reversed>("__reversed__()",
                               "Return a reverse iterator over the dict's items."),
};
static constexpr Method dict_values_methods[] = {
    method<dict_view_reversed>("__reversed__()", "Return a reverse iterator over the dict values."),
};
static const GetSet dict_view_getsets[] = {
    getter<dict_view_mapping>("mapping", "dictionary that this view refers to"),
};

extern const TypeSpec dict_keys_spec, dict_items_spec, dict_values_spec;
const TypeSpec dict_keys_spec{
    .name = "dict_keys",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &dict_view_layout,
    .slots = dict_set_view_slots,
    .methods = dict_set_view_methods,
    .getsets = dict_view_getsets,
};
const TypeSpec dict_items_spec{
    .name = "dict_items",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &dict_view_layout,
    .slots = dict_set_view_slots,
    .methods = dict_set_view_methods,
    .getsets = dict_view_getsets,
};
const TypeSpec dict_values_spec{
    .name = "dict_values",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &dict_view_layout,
    .slots = dict_values_slots,
    .methods = dict_values_methods,
    .getsets = dict_view_getsets,
};

}  // namespace dx
