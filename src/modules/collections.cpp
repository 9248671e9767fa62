// _collections: defaultdict, the getters of named tuples, counting; deque is in
// collections_deque.cpp.

#include "modules/collections.h"

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/tuple.h"

namespace dx {

extern const Layout dict_layout;
TypeHandle defaultdict_type, tuplegetter_type;

// ---- defaultdict --------------------------------------------------------------------------------

struct DefaultDict : Dict {
  Field<Object> factory;  // None or a callable; empty before __init__
};

static AnyResult default_factory_of(Thread& thread, Borrowed<DefaultDict> self) {
  Value factory = slot_load(thread, self.get(), self->factory);
  return AnyRef::adopt(factory ? factory : kNone);
}

static AnyResult defaultdict_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}

static Result<void> defaultdict_init(Thread& thread, Borrowed<DefaultDict> self,
                                     const Arguments& given) {
  Arguments arguments = given;  // what is left for dict
  Value factory = kNone;
  if (arguments.positional() > 0) {
    factory = arguments[0];
    if (!factory.is_none() && !is_callable(factory)) {
      return raise<TypeError>(thread, "first argument must be callable or None");
    }
    ++arguments.items;
    --arguments.count;
  }
  slot_write(thread, self.get(), self->factory, share(thread, factory));
  return dict_update_arguments(thread, self, "dict", arguments);
}

static AnyResult defaultdict_missing(Thread& thread, Borrowed<DefaultDict> self, Any key) {
  AnyRef factory = TRY(default_factory_of(thread, self));
  if (factory.value().is_none()) return raise_key_error(thread, key);
  AnyRef value = TRY(call(thread, factory, {}));
  TRY(set_item(thread, self, key, MaybeAny(value.value())));
  return value;
}

static AnyResult defaultdict_repr(Thread& thread, Borrowed<DefaultDict> self) {
  AnyRef contents = TRY(TYPE(dict)->slot<SlotId::repr>()(thread, self));
  AnyRef factory = TRY(default_factory_of(thread, self));
  Ref<Str> name = Ref<Str>::share(thread, type_of(self)->name.borrow());
  AnyRef shown = AnyRef::adopt(kNone);
  // The guard of the dict's own repr is over: a factory that refers back to this dict needs one of
  // its own.
  if (TRY(repr_enter(thread,
                     factory.value().is_object() ? factory.value().object() : self.get()))) {
    shown = TRY(str_from_ascii(thread, "..."));
  } else {
    ReprScope scope(thread, factory.value().is_object() ? factory.value().object() : self.get());
    shown = TRY(repr(thread, factory));
  }
  const FormatArgument arguments[] = {FormatArgument(name), FormatArgument(shown),
                                      FormatArgument(contents)};
  return format_text(thread, "{}({}, {})", arguments, 3);
}

static AnyResult defaultdict_made_like(Thread& thread, Borrowed<DefaultDict> self, Any items) {
  AnyRef factory = TRY(default_factory_of(thread, self));
  return call(thread, type_of(self), {factory.value(), items.value()});
}
static AnyResult defaultdict_copy(Thread& thread, Borrowed<DefaultDict> self) {
  return defaultdict_made_like(thread, self, self);
}

static AnyResult defaultdict_or(Thread& thread, Any left, Any right) {
  bool left_is = is_subtype(type_of(left), defaultdict_type);
  if (!is_dict(left_is ? right : left)) return not_implemented();
  AnyRef merged = TRY(
      defaultdict_made_like(thread, Borrowed<DefaultDict>((left_is ? left : right).value()), left));
  if (!is_dict(merged.value())) return not_implemented();
  TRY(dict_update(thread, Borrowed<Dict>(merged.value()), right));
  return merged;
}
static AnyResult defaultdict_ror(Thread& thread, Any self, Any other) {
  return defaultdict_or(thread, other, self);
}

static AnyResult defaultdict_reduce(Thread& thread, Borrowed<DefaultDict> self) {
  AnyRef factory = TRY(default_factory_of(thread, self));
  AnyRef items = TRY(call_method(thread, self, NAME("items"), {}));
  AnyRef iterator = TRY(get_iter(thread, items));
  Ref<Tuple> arguments = factory.value().is_none() ? Ref<Tuple>::adopt(tuple_empty())
                                                   : TRY(tuple_of(thread, {factory.value()}));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), arguments.value(), kNone,
                           kNone, iterator.value()});
}

static AnyResult defaultdict_get_factory(Thread& thread, Borrowed<DefaultDict> self) {
  return default_factory_of(thread, self);
}
static Result<void> defaultdict_set_factory(Thread& thread, Borrowed<DefaultDict> self,
                                            MaybeAny value) {
  slot_write(thread, self.get(), self->factory,
             value ? share(thread, *value) : AnyRef::adopt(kNone));
  return {};
}

static void defaultdict_trace(Object* object, SlotVisitor& visitor) {
  dict_layout.trace(object, visitor);
  visitor(static_cast<DefaultDict*>(object)->factory);
}
static void defaultdict_destroy(Thread& thread, Object* object) {
  dict_layout.destroy(thread, object);
}
static const Layout defaultdict_layout{"defaultdict", sizeof(DefaultDict), true, defaultdict_trace,
                                       defaultdict_destroy};

static const SlotEntry defaultdict_slots[] = {
    slot<SlotId::new_, defaultdict_new>(),  slot<SlotId::init, defaultdict_init>(),
    slot<SlotId::repr, defaultdict_repr>(), slot<SlotId::or_, defaultdict_or>(),
    slot<SlotId::ror, defaultdict_ror>(),
};
static constexpr Method defaultdict_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "defaultdicts are generic over two types, signifying "
                                "(respectively) the types of the dictionary's keys and values"),
    method<defaultdict_missing>(
        "__missing__(object, /)",
        "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n"
        "  if self.default_factory is None: raise KeyError((key,))\n"
        "  self[key] = value = self.default_factory()\n"
        "  return value\n"),
    method<defaultdict_copy>("copy()", "D.copy() -> a shallow copy of D."),
    method<defaultdict_copy>("__copy__()", "D.copy() -> a shallow copy of D."),
    method<defaultdict_reduce>("__reduce__()", "Return state information for pickling."),
};
static const GetSet defaultdict_getsets[] = {
    getset<defaultdict_get_factory, defaultdict_set_factory>(
        "default_factory", "Factory for default value called by __missing__()."),
};
extern const TypeSpec defaultdict_spec, tuplegetter_spec;
const TypeSpec defaultdict_spec{
    .name = "collections.defaultdict",
    .doc =
        "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\n"
        "Looking up a key that is not there calls the factory, and stores and returns what it "
        "gave.\n"
        "All other arguments are those of dict.\n",
    .flags = kTypeBase | kTypeImmutable | kTypeMapping,
    .shape_flags = kShapeDict,
    .layout = &defaultdict_layout,
    .base = TYPE_HANDLE(dict),
    .slots = defaultdict_slots,
    .methods = defaultdict_methods,
    .getsets = defaultdict_getsets,
};

// ---- _tuplegetter: the field descriptors of named tuples ----------------------------------------

struct TupleGetter : Object {
  Field<Object> doc;
  Word index;
};

static AnyResult tuplegetter_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(expect_positional(thread, "_tuplegetter", arguments, 2));
  Word index = TRY(index_word(thread, arguments[0]));
  AnyRef made = TRY(allocate_instance(thread, type));
  TupleGetter* self = static_cast<TupleGetter*>(made.get());
  self->index = index;
  slot_init(self, self->doc, share(thread, arguments[1]));
  return made;
}

static AnyResult tuplegetter_get(Thread& thread, Borrowed<TupleGetter> self, MaybeAny instance,
                                 MaybeAny) {
  if (!instance || instance.value().is_none()) return share(thread, self);
  if (!is_tuple(instance.value())) {
    return raise<TypeError>(
        thread, "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object",
        self->index, type_name_in(*instance));
  }
  Borrowed<Tuple> tuple(instance.value());
  if (self->index < 0 || self->index >= tuple->size)
    return raise<IndexError>(thread, "tuple index out of range");
  return share(thread, tuple->item(self->index));
}
static Result<void> tuplegetter_set(Thread& thread, Any, Any, MaybeAny value) {
  return raise<AttributeError>(thread, value ? "can't set attribute" : "can't delete attribute");
}
static AnyResult tuplegetter_repr(Thread& thread, Borrowed<TupleGetter> self) {
  const FormatArgument arguments[] = {FormatArgument(self->index),
                                      FormatArgument(repr_of(self->doc.borrow()))};
  return format_text(thread, "_tuplegetter({}, {})", arguments, 2);
}
static AnyResult tuplegetter_reduce(Thread& thread, Borrowed<TupleGetter> self) {
  Ref<Tuple> arguments =
      TRY(tuple_of(thread, {small_int(self->index), self->doc.borrow().value()}));
  return tuple_of(thread, {Value(static_cast<Object*>(type_of(self))), arguments.value()});
}
static AnyResult tuplegetter_get_doc(Thread& thread, Borrowed<TupleGetter> self) {
  return AnyRef::adopt(slot_load(thread, self.get(), self->doc));
}
static Result<void> tuplegetter_set_doc(Thread& thread, Borrowed<TupleGetter> self,
                                        MaybeAny value) {
  slot_write(thread, self.get(), self->doc, value ? share(thread, *value) : AnyRef::adopt(kNone));
  return {};
}

static const Layout tuplegetter_layout{"_tuplegetter", sizeof(TupleGetter), true,
                                       trace_fields<TupleGetter, &TupleGetter::doc>, nullptr};
static const SlotEntry tuplegetter_slots[] = {
    slot<SlotId::new_, tuplegetter_new>(),
    slot<SlotId::repr, tuplegetter_repr>(),
    slot<SlotId::descr_get, tuplegetter_get>(),
    slot<SlotId::descr_set, tuplegetter_set>(),
};
static constexpr Method tuplegetter_methods[] = {
    method<tuplegetter_reduce>("__reduce__()"),
};
static const GetSet tuplegetter_getsets[] = {
    getset<tuplegetter_get_doc, tuplegetter_set_doc>("__doc__"),
};
const TypeSpec tuplegetter_spec{
    .name = "collections._tuplegetter",
    .flags = kTypeImmutable,
    .layout = &tuplegetter_layout,
    .slots = tuplegetter_slots,
    .methods = tuplegetter_methods,
    .getsets = tuplegetter_getsets,
};

// ---- _count_elements ----------------------------------------------------------------------------

static bool inherits_from_dict(Thread& thread, Type* type, Str* name) {
  Maybe<Ref<Object>> own = type_lookup(thread, type, name),
                     plain = type_lookup(thread, TYPE(dict), name);
  return own && own.value() == plain.value();
}

static Result<void> count_elements(Thread& thread, Any mapping, Any iterable) {
  AnyRef iterator = TRY(get_iter(thread, iterable));
  Type* type = type_of(mapping);
  bool plain = is_dict(mapping) && inherits_from_dict(thread, type, NAME("get")) &&
               inherits_from_dict(thread, type, NAME("__setitem__"));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef item = step.take();
    if (plain) {
      Borrowed<Dict> dict(mapping.value());
      uint64_t hash = TRY(key_hash(thread, item));
      AnyLookup found = dict_get_hashed(thread, dict, item, hash);
      if (found.raised()) return Raised{};
      AnyRef count = found.found() ? found.take() : AnyRef::adopt(small_int(0));
      AnyRef next = is_exact_int(count.value())
                        ? TRY(int_add(thread, count, small_int(1)))
                        : TRY(binary_op(thread, BinaryOp::add, count, small_int(1)));
      TRY(dict_set_hashed(thread, dict, item, hash, next));
    } else {
      AnyRef count = TRY(call_method(thread, mapping, NAME("get"), {item.value(), small_int(0)}));
      AnyRef next = TRY(binary_op(thread, BinaryOp::add, count, small_int(1)));
      TRY(set_item(thread, mapping, item, MaybeAny(next.value())));
    }
  }
}

static constexpr Method collections_functions[] = {
    function<count_elements>("_count_elements(mapping, iterable, /)",
                             "Count elements in the iterable, updating the mapping"),
};
static const ModuleType collections_types[] = {
    {&deque_spec, &deque_type},
    {&defaultdict_spec, &defaultdict_type},
    {&deque_iterator_spec, &deque_iterator_type},
    {&deque_reverse_iterator_spec, &deque_reverse_iterator_type},
    {&tuplegetter_spec, &tuplegetter_type},
    {&ordered_dict_spec, &ordered_dict_type},
};
static Result<void> collections_initialize(Thread& thread, Borrowed<Module>) {
  return ordered_dict_initialize(thread);
}
extern const ModuleSpec _collections_module;
const ModuleSpec _collections_module{
    .name = "_collections",
    .doc =
        "High performance data structures.\n"
        "- deque:        ordered collection accessible from endpoints only\n"
        "- defaultdict:  dict subclass with a default value factory\n",
    .functions = collections_functions,
    .types = collections_types,
    .initialize = collections_initialize,
};

}  // namespace dx
