// collections.OrderedDict: a dict that can also move keys to either end. The order is the dict's
// own; equality looks at it, and iterators refuse to go on after any change of the keys.
//
// A subclass that overrides __setitem__ or __getitem__ is asked for them wherever CPython asks;
// pop and popitem take the item from the dict itself, whatever a subclass overrides.

#include "modules/collections.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/tuple.h"

namespace dx {

extern const Layout dict_layout;
extern TypeHandle dict_keys_type, dict_values_type, dict_items_type;

TypeHandle ordered_dict_type, odict_iterator_type, odict_keys_type, odict_values_type,
    odict_items_type;

static bool is_ordered(Any value) { return is_subtype(type_of(value), ordered_dict_type); }
static bool is_plain(Borrowed<Dict> self) { return type_of(self) == ordered_dict_type.type; }

// ---- construction and update --------------------------------------------------------------------

static Result<void> ordered_store(Thread& thread, Borrowed<Dict> self, Any key, Any value) {
  if (is_plain(self)) return dict_set(thread, self, key, value);
  return set_item(thread, self, key, MaybeAny(value));
}

static Result<void> ordered_store_pairs(Thread& thread, Borrowed<Dict> self, Any pairs) {
  AnyRef iterator = TRY(get_iter(thread, pairs));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef item = step.take();
    AnyRef owned = TRY(sequence_tuple(thread, item));
    Borrowed<Tuple> pair(owned.value());
    if (pair->size < 2)
      return raise<ValueError>(thread, "need more than {} value{} to unpack", pair->size,
                               pair->size == 1 ? "" : "s");
    if (pair->size > 2) return raise<ValueError>(thread, "too many values to unpack (expected 2)");
    TRY(ordered_store(thread, self, pair->item(0), pair->item(1)));
  }
}

// What MutableMapping.update does with one argument.
static Result<void> ordered_update_from(Thread& thread, Borrowed<Dict> self, Any other) {
  if (is_exact(other, SHAPE(dict))) {
    AnyRef items = TRY(dict_view(thread, Borrowed<Dict>(other.value()), DictPart::items));
    return ordered_store_pairs(thread, self, items);
  }
  AnyLookup keys = lookup_attr(thread, other, NAME("keys"));
  if (keys.raised()) return Raised{};
  if (keys.found()) {
    AnyRef listed = TRY(call(thread, keys.borrow(), {}));
    AnyRef iterator = TRY(get_iter(thread, listed));
    for (;;) {
      Step step = iter_next(thread, iterator);
      if (step.raised()) return Raised{};
      if (step.is_done()) return {};
      AnyRef key = step.take();
      AnyRef value = TRY(get_item(thread, other, key));
      TRY(ordered_store(thread, self, key, value));
    }
  }
  AnyLookup items = lookup_attr(thread, other, NAME("items"));
  if (items.raised()) return Raised{};
  if (items.found()) {
    AnyRef listed = TRY(call(thread, items.borrow(), {}));
    return ordered_store_pairs(thread, self, listed);
  }
  return ordered_store_pairs(thread, self, other);
}

static Result<void> ordered_update(Thread& thread, Borrowed<Dict> self, Arguments arguments) {
  size_t positional = arguments.positional();
  if (positional > 1)
    return raise<TypeError>(thread, "update() takes at most 1 positional argument ({} given)",
                            positional);
  if (positional == 1) TRY(ordered_update_from(thread, self, arguments[0]));
  for (size_t i = positional; i < arguments.count; ++i) {
    TRY(ordered_store(thread, self, arguments.names->item(static_cast<Word>(i - positional)),
                      arguments[i]));
  }
  return {};
}

static AnyResult ordered_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}
static Result<void> ordered_init(Thread& thread, Borrowed<Dict> self, const Arguments& arguments) {
  size_t positional = arguments.positional();
  if (positional > 1)
    return raise<TypeError>(thread, "expected at most 1 argument, got {}", positional);
  return ordered_update(thread, self, arguments);
}

static AnyResult ordered_fromkeys(Thread& thread, Borrowed<Type> type, Any iterable, Any value) {
  AnyRef made = TRY(call(thread, type, {}));
  AnyRef iterator = TRY(get_iter(thread, iterable));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return made;
    AnyRef key = step.take();
    TRY(set_item(thread, made, key, MaybeAny(value)));
  }
}

// ---- iterators ----------------------------------------------------------------------------------

struct OrderedIterator : Object {
  Field<Dict> dict;  // empty once exhausted
  Word position;
  Word size;  // these three of the dict as it was at the start
  uint64_t version;
  uint32_t used;
  DictPart part;
  DictOrder order;
};

static uint32_t used_of(Borrowed<Dict> dict) {
  DictTable* table = dict->table.load(std::memory_order_acquire);
  return table ? table->entries_used.load(std::memory_order_acquire) : 0;
}

static AnyResult ordered_iterator(Thread& thread, Borrowed<Dict> dict, DictPart part,
                                  DictOrder order) {
  AnyRef made = TRY(allocate_instance(thread, odict_iterator_type.type));
  OrderedIterator* self = static_cast<OrderedIterator*>(made.get());
  self->size = dict_size(dict);
  self->version = dict->version.load(std::memory_order_acquire);
  self->used = used_of(dict);
  self->position = order == DictOrder::forward ? 0 : static_cast<Word>(self->used) - 1;
  self->part = part;
  self->order = order;
  slot_init(self, self->dict, share(thread, dict));
  return made;
}

// The keys of a dict as they are at one moment, to tell later whether they still are the same.
struct OrderedState {
  explicit OrderedState(Borrowed<Dict> dict)
      : version(dict->version.load(std::memory_order_acquire)), used(used_of(dict)) {}
  bool operator==(const OrderedState&) const = default;

  uint64_t version;  // grows with every removal
  uint32_t used;     // grows with every key added
};
static Raised raise_mutated(Thread& thread) {
  return raise<RuntimeError>(thread, "OrderedDict mutated during iteration");
}

static AnyResult odict_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

static Step odict_iterator_next(Thread& thread, Borrowed<OrderedIterator> self) {
  Maybe<Ref<Dict>> owned = field_load(thread, self.get(), self->dict);
  if (!owned) return Step::done();
  Borrowed<Dict> dict = owned.borrow();
  if (dict_size(dict) != self->size) {
    slot_clear(thread, self.get(), self->dict);
    return raise<RuntimeError>(thread, "OrderedDict changed size during iteration");
  }
  if (dict->version.load(std::memory_order_acquire) != self->version ||
      used_of(dict) != self->used) {
    slot_clear(thread, self.get(), self->dict);
    return raise_mutated(thread);
  }
  Value key_word;
  Word position = self->position;
  if (!dict_walk(thread, dict, position, self->order, &key_word, nullptr)) {
    slot_clear(thread, self.get(), self->dict);
    return Step::done();
  }
  self->position = position;
  AnyRef key = AnyRef::adopt(key_word);
  if (self->part == DictPart::keys) return key;
  AnyRef value = AnyRef::adopt(kNone);
  if (is_plain(dict)) {
    AnyLookup found = dict_get(thread, dict, key);
    if (found.raised()) return Raised{};
    if (!found.found()) return raise_key_error(thread, key);  // its hash has changed
    value = found.take();
  } else {
    value = TRY(get_item(thread, dict, key));
  }
  if (self->part == DictPart::values) return value;
  Value pair[2] = {key.release(), value.release()};
  Ref<Tuple> item = TRY(tuple_adopt(thread, pair, 2));
  return item;
}

static AnyResult odict_iterator_reduce(Thread& thread, Borrowed<OrderedIterator> self) {
  Ref<List> rest = TRY(list_create(thread));
  Maybe<Ref<Dict>> dict = field_load(thread, self.get(), self->dict);
  if (dict) {
    AnyRef copy = TRY(allocate_instance(thread, odict_iterator_type.type));
    OrderedIterator* twin = static_cast<OrderedIterator*>(copy.get());
    twin->position = self->position;
    twin->size = self->size;
    twin->version = self->version;
    twin->used = self->used;
    twin->part = self->part;
    twin->order = self->order;
    slot_init(twin, twin->dict, dict.take());
    TRY(list_extend(thread, rest, copy));
  }
  return reduce_with_builtin(thread, NAME("iter"), {rest.value()});
}

static const Layout odict_iterator_layout{"odict_iterator", sizeof(OrderedIterator), true,
                                          trace_fields<OrderedIterator, &OrderedIterator::dict>,
                                          nullptr};
static const SlotEntry odict_iterator_slots[] = {
    slot<SlotId::iter, odict_iterator_iter>(),
    slot<SlotId::next, odict_iterator_next>(),
};
static constexpr Method odict_iterator_methods[] = {
    method<odict_iterator_reduce>("__reduce__()", "Return state information for pickling"),
};
const TypeSpec odict_iterator_spec{
    .name = "odict_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &odict_iterator_layout,
    .slots = odict_iterator_slots,
    .methods = odict_iterator_methods,
};

// ---- views: those of dict, with these iterators -------------------------------------------------

static AnyResult odict_view(Thread& thread, Borrowed<Dict> dict, DictPart part) {
  TypeHandle* const handles[] = {&odict_keys_type, &odict_values_type, &odict_items_type};
  AnyRef made = TRY(allocate_instance(thread, handles[static_cast<size_t>(part)]->type));
  DictView* self = static_cast<DictView*>(made.get());
  self->part = part;
  slot_init(self, self->dict, share(thread, dict));
  return made;
}
static AnyResult odict_view_iter(Thread& thread, Borrowed<DictView> self) {
  return ordered_iterator(thread, self->dict.borrow(), self->part, DictOrder::forward);
}
static AnyResult odict_view_reversed(Thread& thread, Borrowed<DictView> self) {
  return ordered_iterator(thread, self->dict.borrow(), self->part, DictOrder::backward);
}
static const SlotEntry odict_view_slots[] = {slot<SlotId::iter, odict_view_iter>()};
static constexpr Method odict_view_methods[] = {method<odict_view_reversed>("__reversed__()")};
#define DX_ODICT_VIEW(part_)                      \
  const TypeSpec odict_##part_##_spec{            \
      .name = "odict_" #part_,                    \
      .flags = kTypeImmutable | kTypeDisallowNew, \
      .base = &dict_##part_##_type,               \
      .slots = odict_view_slots,                  \
      .methods = odict_view_methods,              \
  };
DX_ODICT_VIEW(keys)
DX_ODICT_VIEW(values)
DX_ODICT_VIEW(items)

// ---- slots --------------------------------------------------------------------------------------

static AnyResult ordered_repr(Thread& thread, Borrowed<Dict> self) {
  Ref<Str> name = Ref<Str>::share(thread, type_of(self)->name.borrow());
  FormatArgument shown_name(name);
  if (dict_size(self) == 0) return format_text(thread, "{}()", &shown_name, 1);
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "...");
  ReprScope scope(thread, self.get());
  AnyRef plain = AnyRef::adopt(kNone);
  if (is_plain(self)) {
    plain = TRY(dict_copy(thread, self));
  } else {
    AnyRef items = TRY(call_method(thread, self, NAME("items"), {}));
    plain = TRY(call(thread, TYPE(dict), {items.value()}));
  }
  const FormatArgument arguments[] = {shown_name, FormatArgument(repr_of(plain.borrow()))};
  return format_text(thread, "{}({})", arguments, 2);
}

static AnyResult ordered_iter(Thread& thread, Borrowed<Dict> self) {
  return ordered_iterator(thread, self, DictPart::keys, DictOrder::forward);
}
static AnyResult ordered_reversed(Thread& thread, Borrowed<Dict> self) {
  return ordered_iterator(thread, self, DictPart::keys, DictOrder::backward);
}

static Result<bool> same_order(Thread& thread, Borrowed<Dict> left, Borrowed<Dict> right) {
  if (dict_size(left) != dict_size(right)) return false;  // comparing the values may have done that
  const OrderedState left_state(left), right_state(right);
  Word at = 0, other_at = 0;
  Value key, other_key;
  while (dict_walk(thread, left, at, DictOrder::forward, &key, nullptr)) {
    AnyRef owned = AnyRef::adopt(key);
    if (!dict_walk(thread, right, other_at, DictOrder::forward, &other_key, nullptr)) return false;
    AnyRef other = AnyRef::adopt(other_key);
    bool same = TRY(equal(thread, owned, other));
    if (left_state != OrderedState(left) || right_state != OrderedState(right))
      return raise_mutated(thread);
    if (!same) return false;
  }
  return true;
}
static AnyResult ordered_eq(Thread& thread, Borrowed<Dict> self, Any other) {
  AnyRef answer = TRY(TYPE(dict)->slot<SlotId::eq>()(thread, self, other));
  if (answer.value() != kTrue || !is_ordered(other)) return answer;
  return truth(TRY(same_order(thread, self, Borrowed<Dict>(other.value()))));
}
static AnyResult ordered_ne(Thread& thread, Borrowed<Dict> self, Any other) {
  AnyRef answer = TRY(ordered_eq(thread, self, other));
  if (answer.value() == kNotImplemented) return answer;
  return truth(answer.value() != kTrue);
}

static AnyResult ordered_or(Thread& thread, Any left, Any right) {
  Type* type = is_ordered(left) ? type_of(left) : type_of(right);
  if (!is_dict(is_ordered(left) ? right : left)) return not_implemented();
  AnyRef merged = TRY(call(thread, type, {left.value()}));
  if (!is_dict(merged.value())) return not_implemented();
  TRY(ordered_update_from(thread, Borrowed<Dict>(merged.value()), right));
  return merged;
}
static AnyResult ordered_ror(Thread& thread, Any self, Any other) {
  return ordered_or(thread, other, self);
}
static AnyResult ordered_ior(Thread& thread, Borrowed<Dict> self, Any other) {
  TRY(ordered_update_from(thread, self, other));
  return share(thread, self);
}

// ---- methods ------------------------------------------------------------------------------------

static AnyResult ordered_setdefault(Thread& thread, Borrowed<Dict> self, Any key, Any fallback) {
  if (is_plain(self)) return dict_setdefault(thread, self, key, fallback);
  if (TRY(contains(thread, self, key))) return get_item(thread, self, key);
  TRY(set_item(thread, self, key, MaybeAny(fallback)));
  return share(thread, fallback);
}

static AnyResult ordered_pop(Thread& thread, Borrowed<Dict> self, Any key, MaybeAny fallback) {
  AnyLookup found = dict_pop(thread, self, key);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  if (fallback) return share(thread, *fallback);
  return raise_key_error(thread, key);
}

static AnyResult ordered_popitem(Thread& thread, Borrowed<Dict> self, bool last) {
  Maybe<Ref<Object>> key, value;
  bool some =
      last ? dict_popitem(thread, self, key, value) : dict_popfirst(thread, self, key, value);
  if (!some) return raise<KeyError>(thread, "dictionary is empty");
  Value pair[2] = {key.release(), value.release()};
  return tuple_adopt(thread, pair, 2);
}

static Result<void> ordered_move_to_end(Thread& thread, Borrowed<Dict> self, Any key, bool last) {
  uint64_t hash = TRY(key_hash(thread, key));
  if (TRY(dict_move_to_end(thread, self, key, hash,
                           last ? DictOrder::forward : DictOrder::backward)))
    return {};
  return raise_key_error(thread, key);
}

static Result<void> ordered_clear(Thread& thread, Borrowed<Dict> self) {
  return dict_clear(thread, self);
}

static AnyResult ordered_copy(Thread& thread, Borrowed<Dict> self) {
  AnyRef made = is_plain(self) ? TRY(allocate_instance(thread, ordered_dict_type.type))
                               : TRY(call(thread, type_of(self), {}));
  const OrderedState state(self);
  Word position = 0;
  Value key_word, value_word;
  while (dict_walk(thread, self, position, DictOrder::forward, &key_word, &value_word)) {
    AnyRef key = AnyRef::adopt(key_word), value = AnyRef::adopt(value_word);
    if (is_plain(self)) {
      TRY(dict_set(thread, Borrowed<Dict>(made.value()), key, value));
    } else {
      value = TRY(get_item(thread, self, key));
      TRY(set_item(thread, made, key, MaybeAny(value.value())));
    }
    if (state != OrderedState(self)) return raise_mutated(thread);
  }
  return made;
}

static AnyResult ordered_reduce(Thread& thread, Borrowed<Dict> self) {
  AnyRef state = TRY(call_method(thread, self, NAME("__getstate__"), {}));
  AnyRef items = TRY(call_method(thread, self, NAME("items"), {}));
  AnyRef iterator = TRY(get_iter(thread, items));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), Value(tuple_empty()),
                           state.value(), kNone, iterator.value()});
}
static Word ordered_sizeof(Borrowed<Dict> self) { return static_cast<Word>(dict_memory(self)); }
static AnyResult ordered_keys(Thread& thread, Borrowed<Dict> self) {
  return odict_view(thread, self, DictPart::keys);
}
static AnyResult ordered_values(Thread& thread, Borrowed<Dict> self) {
  return odict_view(thread, self, DictPart::values);
}
static AnyResult ordered_items(Thread& thread, Borrowed<Dict> self) {
  return odict_view(thread, self, DictPart::items);
}

static const SlotEntry ordered_slots[] = {
    slot<SlotId::new_, ordered_new>(),  slot<SlotId::init, ordered_init>(),
    slot<SlotId::repr, ordered_repr>(), slot<SlotId::eq, ordered_eq>(),
    slot<SlotId::ne, ordered_ne>(),     slot<SlotId::iter, ordered_iter>(),
    slot<SlotId::or_, ordered_or>(),    slot<SlotId::ror, ordered_ror>(),
    slot<SlotId::ior, ordered_ior>(),
};
static constexpr Method ordered_methods[] = {
    class_method<ordered_fromkeys>(
        "fromkeys(iterable, value=None)",
        "Create a new ordered dictionary with keys from iterable and values set to value."),
    method<ordered_sizeof>("__sizeof__()"),
    method<ordered_reduce>("__reduce__()", "Return state information for pickling"),
    method<ordered_setdefault>(
        "setdefault(key, default=None)",
        "Insert key with a value of default if key is not in the dictionary.\n\n"
        "Return the value for key if key is in the dictionary, else default."),
    method<ordered_pop>(
        "pop(key, default=?)",
        "Remove key and return its value; without the key, return default or raise KeyError."),
    method<ordered_popitem>(
        "popitem(last=True)",
        "Remove and return a (key, value) pair from the dictionary.\n\n"
        "Pairs are returned in LIFO order if last is true or FIFO order if\nfalse."),
    method<ordered_keys>("keys()"),
    method<ordered_values>("values()"),
    method<ordered_items>("items()"),
    method<ordered_update>("update(*args, **kwargs)"),
    method<ordered_clear>("clear()", "Remove all items from ordered dict."),
    method<ordered_copy>("copy()", "A shallow copy of ordered dict."),
    method<ordered_reversed>("__reversed__()", "od.__reversed__() <==> reversed(od)"),
    method<ordered_move_to_end>(
        "move_to_end(key, last=True)",
        "Move an existing element to the end (or beginning if last is false).\n\n"
        "Raise KeyError if the element does not exist."),
};
const TypeSpec ordered_dict_spec{
    .name = "collections.OrderedDict",
    .doc = "Dictionary that remembers insertion order",
    .flags = kTypeBase | kTypeImmutable | kTypeMapping | kTypeHasDict | kTypeWeakrefable,
    .shape_flags = kShapeDict,
    .layout = &dict_layout,
    .base = TYPE_HANDLE(dict),
    .slots = ordered_slots,
    .methods = ordered_methods,
};

Result<void> ordered_dict_initialize(Thread& thread) {
  TRY(type_from_spec(thread, odict_iterator_spec, odict_iterator_type));
  TRY(type_from_spec(thread, odict_keys_spec, odict_keys_type));
  TRY(type_from_spec(thread, odict_values_spec, odict_values_type));
  return type_from_spec(thread, odict_items_spec, odict_items_type);
}

}  // namespace dx
