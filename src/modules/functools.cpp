// _functools: partial and Placeholder, reduce, cmp_to_key; lru_cache is in functools_cache.cpp.

#include "modules/functools.h"

#include "objects/bind.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/function.h"
#include "objects/generic_alias.h"
#include "objects/instance.h"
#include "objects/iter.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle placeholder_type, partial_type, key_wrapper_type;

// ---- Placeholder --------------------------------------------------------------------------------

static AnyResult placeholder(Thread& thread) {
  static std::atomic<Object*> known{nullptr};
  Object* object = known.load(std::memory_order_acquire);
  if (!object) {
    AnyRef made = TRY(allocate_instance(thread, placeholder_type.type));
    Object* fresh = made.release().object();
    make_immortal(fresh);
    if (known.compare_exchange_strong(object, fresh, std::memory_order_acq_rel)) object = fresh;
  }
  return AnyRef::adopt(Value(object));
}
static bool is_placeholder(Any value) { return type_of(value) == placeholder_type.type; }

static AnyResult placeholder_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.count) return raise<TypeError>(thread, "PlaceholderType takes no arguments");
  return placeholder(thread);
}
static AnyResult placeholder_repr(Thread& thread, Any) {
  return str_from_ascii(thread, "Placeholder");
}
static AnyResult placeholder_reduce(Thread& thread, Any) {
  return str_from_ascii(thread, "Placeholder");
}

static const Layout placeholder_layout{"_PlaceholderType", sizeof(Object), false, nullptr, nullptr};
static const SlotEntry placeholder_slots[] = {
    slot<SlotId::new_, placeholder_new>(),
    slot<SlotId::repr, placeholder_repr>(),
};
static constexpr Method placeholder_methods[] = {
    method<placeholder_reduce>("__reduce__()"),
};
static const TypeSpec placeholder_spec{
    .name = "functools._PlaceholderType",
    .doc = "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    .flags = kTypeImmutable,
    .layout = &placeholder_layout,
    .slots = placeholder_slots,
    .methods = placeholder_methods,
};

// ---- partial ------------------------------------------------------------------------------------
// Arguments given first, with holes (Placeholder) that a call fills in order before it adds its
// own.

struct Partial : Object {
  Field<Object> function;
  Field<Tuple> arguments;
  Field<Dict> keywords;
  std::atomic<Word> holes;
};

static Word count_holes(Borrowed<Tuple> arguments) {
  Word holes = 0;
  for (Word i = 0; i < arguments->size; ++i) holes += is_placeholder(arguments->item(i));
  return holes;
}

// base with its holes filled from given, and the rest of given behind; `missing` holes stay holes.
static Result<Ref<Tuple>> fill_holes(Thread& thread, Borrowed<Tuple> base, const Value* given,
                                     size_t count) {
  size_t holes = static_cast<size_t>(count_holes(base));
  size_t extra = count > holes ? count - holes : 0;
  Ref<Tuple> filled = TRY(tuple_create(thread, static_cast<size_t>(base->size) + extra));
  size_t next = 0;
  for (Word i = 0; i < base->size; ++i) {
    Value item = base->item(i);
    if (next < count && is_placeholder(item)) item = given[next++];
    slot_init(filled.get(), filled->items()[i], share(thread, item));
  }
  for (size_t i = 0; i < extra; ++i) {
    slot_init(filled.get(), filled->items()[static_cast<size_t>(base->size) + i],
              share(thread, given[next + i]));
  }
  return filled;
}

static bool has_own_dict(Thread& thread, Any self) {
  AnyLookup dict = instance_dict(thread, self);
  if (dict.raised()) clear_exception(thread);
  return dict.found() && dict_size(Borrowed<Dict>(dict.value())) > 0;
}

static AnyResult partial_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  size_t positional = arguments.positional();
  if (positional == 0)
    return raise<TypeError>(thread, "type 'partial' takes at least one argument");
  Any given = arguments[0];
  if (!is_callable(given)) return raise<TypeError>(thread, "the first argument must be callable");
  for (size_t i = positional; i < arguments.count; ++i) {
    if (is_placeholder(arguments[i])) {
      return raise<TypeError>(thread, "Placeholder cannot be passed as a keyword argument");
    }
  }
  if (positional > 1 && is_placeholder(arguments[positional - 1])) {
    return raise<TypeError>(thread, "trailing Placeholders are not allowed");
  }

  AnyRef function = share(thread, given);
  Ref<Tuple> items = TRY(tuple_from(thread, arguments.items + 1, positional - 1));
  Ref<Dict> keywords = TRY(dict_create(thread));
  // A partial of a partial is flattened, unless somebody gave the inner one attributes.
  if (is_subtype(type_of(given), partial_type) && !has_own_dict(thread, given)) {
    Borrowed<Partial> inner(given.value());
    function = share(thread, inner->function.borrow());
    items = TRY(fill_holes(thread, inner->arguments.borrow(), arguments.items + 1, positional - 1));
    TRY(dict_update(thread, keywords, inner->keywords.borrow()));
  }
  for (size_t i = positional; i < arguments.count; ++i) {
    TRY(dict_set(thread, keywords, arguments.names->item(static_cast<Word>(i - positional)),
                 arguments[i]));
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  Partial* self = static_cast<Partial*>(made.get());
  self->holes.store(count_holes(items), std::memory_order_relaxed);
  slot_init(self, self->function, std::move(function));
  slot_init(self, self->arguments, std::move(items));
  slot_init(self, self->keywords, std::move(keywords));
  return made;
}

static AnyResult partial_call(Thread& thread, Borrowed<Partial> self, const Arguments& arguments) {
  constexpr size_t kInPlace = 12;
  Ref<Tuple> base = Ref<Tuple>::adopt(slot_load(thread, self.get(), self->arguments));
  AnyRef function = AnyRef::adopt(slot_load(thread, self.get(), self->function));
  Ref<Dict> keywords = Ref<Dict>::adopt(slot_load(thread, self.get(), self->keywords));
  size_t positional = arguments.positional();
  Word holes = self->holes.load(std::memory_order_relaxed);
  if (static_cast<Word>(positional) < holes) {
    return raise<TypeError>(
        thread, "missing positional arguments in 'partial' call; expected at least {}, got {}",
        holes, positional);
  }
  size_t total = static_cast<size_t>(base->size - holes) + arguments.count;
  if (dict_size(keywords) > 0 || total > kInPlace) {
    Ref<Tuple> filled = TRY(fill_holes(thread, base, arguments.items, positional));
    Ref<Dict> merged = TRY(dict_copy(thread, keywords));
    for (size_t i = positional; i < arguments.count; ++i) {
      TRY(dict_set(thread, merged, arguments.names->item(static_cast<Word>(i - positional)),
                   arguments[i]));
    }
    return call_with(thread, function, filled, Maybe<Borrowed<Dict>>(merged.borrow()));
  }
  Value window[kInPlace];
  size_t count = 0, next = 0;
  for (Word i = 0; i < base->size; ++i) {
    Value item = base->item(i);
    if (holes && is_placeholder(item)) item = arguments.items[next++];
    window[count++] = item;
  }
  for (; next < arguments.count; ++next) window[count++] = arguments.items[next];
  return call(thread, function, Arguments{window, count, arguments.names});
}

static AnyResult partial_get(Thread& thread, Borrowed<Partial> self, MaybeAny instance, MaybeAny) {
  if (!instance || instance.value().is_none()) return share(thread, self);
  return bound_method_create(thread, self, *instance);
}

static AnyResult partial_repr(Thread& thread, Borrowed<Partial> self) {
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "...");
  ReprScope scope(thread, self.get());
  StrBuilder text(thread);
  AnyRef module = TRY(get_attr(thread, type_of(self), NAME("__module__")));
  AnyRef name = TRY(get_attr(thread, type_of(self), NAME("__qualname__")));
  Ref<Str> module_text = TRY(str(thread, module)), name_text = TRY(str(thread, name));
  TRY(text.append(module_text.borrow()));
  TRY(text.append('.'));
  TRY(text.append(name_text.borrow()));
  TRY(text.append('('));
  // All three at once: a repr that calls __setstate__ does not change what is shown.
  AnyRef function = AnyRef::adopt(slot_load(thread, self.get(), self->function));
  Ref<Tuple> arguments = Ref<Tuple>::adopt(slot_load(thread, self.get(), self->arguments));
  Ref<Dict> keywords = Ref<Dict>::adopt(slot_load(thread, self.get(), self->keywords));
  Ref<Str> function_text = TRY(repr(thread, function));
  TRY(text.append(function_text.borrow()));
  for (Word i = 0; i < arguments->size; ++i) {
    TRY(text.append(std::string_view(", ")));
    Ref<Str> item = TRY(repr(thread, arguments->item(i)));
    TRY(text.append(item.borrow()));
  }
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, keywords, position, key, value)) {
    TRY(text.append(std::string_view(", ")));
    Ref<Str> shown_key = TRY(str(thread, key.borrow()));
    TRY(text.append(shown_key.borrow()));
    TRY(text.append('='));
    Ref<Str> shown = TRY(repr(thread, value.borrow()));
    TRY(text.append(shown.borrow()));
  }
  TRY(text.append(')'));
  return text.finish();
}

static AnyResult partial_reduce(Thread& thread, Borrowed<Partial> self) {
  AnyRef function = AnyRef::adopt(slot_load(thread, self.get(), self->function));
  AnyRef arguments = AnyRef::adopt(slot_load(thread, self.get(), self->arguments));
  AnyRef keywords = AnyRef::adopt(slot_load(thread, self.get(), self->keywords));
  AnyLookup dict = instance_dict(thread, self);
  if (dict.raised()) return Raised{};
  Value attributes =
      dict.found() && dict_size(Borrowed<Dict>(dict.value())) > 0 ? dict.value() : kNone;
  Ref<Tuple> first = TRY(tuple_of(thread, {function.value()}));
  Ref<Tuple> state =
      TRY(tuple_of(thread, {function.value(), arguments.value(), keywords.value(), attributes}));
  return tuple_of(thread,
                  {Value(static_cast<Object*>(type_of(self))), first.value(), state.value()});
}

static Result<void> partial_setstate(Thread& thread, Borrowed<Partial> self, Any state) {
  Value parts[4] = {};
  bool valid = is_tuple(state) && static_cast<Tuple*>(state.object())->size == 4;
  if (valid) {
    for (Word i = 0; i < 4; ++i) parts[i] = static_cast<Tuple*>(state.object())->item(i);
    valid =
        is_callable(parts[0]) && is_tuple(parts[1]) && (parts[2].is_none() || is_dict(parts[2]));
  }
  if (!valid) return raise<TypeError>(thread, "invalid partial state");
  // Exact tuples and dicts are taken as they are, so that a copy shares them.
  auto* given = static_cast<Tuple*>(parts[1].object());
  AnyRef packed = is_exact(parts[1], SHAPE(tuple))
                      ? share(thread, Any(parts[1]))
                      : TRY(tuple_from(thread, reinterpret_cast<const Value*>(given->items()),
                                       static_cast<size_t>(given->size)));
  Borrowed<Tuple> items(packed.value());
  if (items->size && is_placeholder(items->item(items->size - 1))) {
    return raise<TypeError>(thread, "trailing Placeholders are not allowed");
  }
  Ref<Dict> keywords = parts[2].is_none() ? TRY(dict_create(thread))
                       : is_exact(parts[2], SHAPE(dict))
                           ? Ref<Dict>::share(thread, Borrowed<Dict>(parts[2]))
                           : TRY(dict_copy(thread, Borrowed<Dict>(parts[2])));
  if (!parts[3].is_none()) {
    if (!is_dict(parts[3])) return raise<TypeError>(thread, "invalid partial state");
    TRY(instance_replace_dict(thread, self.get(),
                              Ref<Dict>::share(thread, Borrowed<Dict>(parts[3]))));
  } else if (has_own_dict(thread, self)) {
    TRY(instance_replace_dict(thread, self.get(), TRY(dict_create(thread))));
  }
  self->holes.store(count_holes(items), std::memory_order_relaxed);
  slot_write(thread, self.get(), self->function, share(thread, parts[0]));
  slot_write(thread, self.get(), self->arguments, std::move(packed));
  slot_write(thread, self.get(), self->keywords, std::move(keywords));
  return {};
}

static AnyResult partial_func(Thread& thread, Borrowed<Partial> self) {
  return AnyRef::adopt(slot_load(thread, self.get(), self->function));
}
static AnyResult partial_args(Thread& thread, Borrowed<Partial> self) {
  return AnyRef::adopt(slot_load(thread, self.get(), self->arguments));
}
static AnyResult partial_keywords(Thread& thread, Borrowed<Partial> self) {
  return AnyRef::adopt(slot_load(thread, self.get(), self->keywords));
}
static Result<void> readonly(Thread& thread, Any, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}

static const Layout partial_layout{
    "partial", sizeof(Partial), true,
    trace_fields<Partial, &Partial::function, &Partial::arguments, &Partial::keywords>, nullptr};
static const SlotEntry partial_slots[] = {
    slot<SlotId::new_, partial_new>(),
    slot<SlotId::repr, partial_repr>(),
    slot<SlotId::call, partial_call>(),
    slot<SlotId::descr_get, partial_get>(),
};
static constexpr Method partial_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "partial is generic over the wrapped function's return type"),
    method<partial_reduce>("__reduce__()"),
    method<partial_setstate>("__setstate__(object, /)"),
};
static const GetSet partial_getsets[] = {
    getset<partial_func, readonly>("func", "function object to use in future partial calls"),
    getset<partial_args, readonly>("args", "tuple of arguments to future partial calls"),
    getset<partial_keywords, readonly>("keywords",
                                       "dictionary of keyword arguments to future partial calls"),
};
static const TypeSpec partial_spec{
    .name = "functools.partial",
    .doc =
        "partial(func, /, *args, **keywords)\n--\n\n"
        "Create a new function with partial application of the given arguments\nand keywords.",
    .flags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable,
    .layout = &partial_layout,
    .slots = partial_slots,
    .methods = partial_methods,
    .getsets = partial_getsets,
};

// ---- cmp_to_key ---------------------------------------------------------------------------------

struct KeyWrapper : Object {
  Field<Object> compare;
  Field<Object> object;  // empty in what cmp_to_key returns
};

static AnyResult key_wrapper_create(Thread& thread, Any compare, MaybeAny object) {
  AnyRef made = TRY(allocate_instance(thread, key_wrapper_type.type));
  KeyWrapper* self = static_cast<KeyWrapper*>(made.get());
  slot_init(self, self->compare, share(thread, compare));
  if (object) slot_init(self, self->object, share(thread, *object));
  return made;
}
static AnyResult cmp_to_key(Thread& thread, Any mycmp) {
  return key_wrapper_create(thread, mycmp, {});
}

static AnyResult key_wrapper_call(Thread& thread, Borrowed<KeyWrapper> self,
                                  const Arguments& arguments) {
  static const char* const names[] = {"obj"};
  Value given[1] = {};
  if (!bind_new(thread, {"K", names, 1, 0, 1, TooMany::takes}, arguments, given)) return Raised{};
  return key_wrapper_create(thread, self->compare.borrow(), MaybeAny(given[0]));
}

template <CompareOp op>
static AnyResult key_wrapper_compare(Thread& thread, Borrowed<KeyWrapper> self, Any value) {
  if (type_of(value) != key_wrapper_type.type)
    return raise<TypeError>(thread, "other argument must be K instance");
  Borrowed<KeyWrapper> other(value.value());
  Maybe<Ref<Object>> left = field_load(thread, self.get(), self->object);
  Maybe<Ref<Object>> right = field_load(thread, other.get(), other->object);
  if (!left || !right) return raise<AttributeError>(thread, "object");
  AnyRef order = TRY(call(thread, self->compare.borrow(), {left.value(), right.value()}));
  return compare(thread, order, small_int(0), op);
}
static AnyResult key_wrapper_get(Thread& thread, Borrowed<KeyWrapper> self) {
  Value object = slot_load(thread, self.get(), self->object);
  return AnyRef::adopt(object ? object : kNone);
}
static Result<void> key_wrapper_set(Thread& thread, Borrowed<KeyWrapper> self, MaybeAny value) {
  slot_write(thread, self.get(), self->object,
             value ? share(thread, *value) : AnyRef::adopt(kNone));
  return {};
}
static AnyResult key_wrapper_text_signature(Thread& thread, Borrowed<KeyWrapper>) {
  return str_from_ascii(thread, "(obj)");
}
static const Layout key_wrapper_layout{
    "KeyWrapper", sizeof(KeyWrapper), true,
    trace_fields<KeyWrapper, &KeyWrapper::compare, &KeyWrapper::object>, nullptr};
static const SlotEntry key_wrapper_slots[] = {
    slot<SlotId::call, key_wrapper_call>(),
    slot<SlotId::lt, key_wrapper_compare<CompareOp::lt>>(),
    slot<SlotId::le, key_wrapper_compare<CompareOp::le>>(),
    slot<SlotId::eq, key_wrapper_compare<CompareOp::eq>>(),
    slot<SlotId::ne, key_wrapper_compare<CompareOp::ne>>(),
    slot<SlotId::gt, key_wrapper_compare<CompareOp::gt>>(),
    slot<SlotId::ge, key_wrapper_compare<CompareOp::ge>>(),
};
static const GetSet key_wrapper_getsets[] = {
    getset<key_wrapper_get, key_wrapper_set>("obj", "Value wrapped by a key function."),
    getter<key_wrapper_text_signature>("__text_signature__"),
};
static const TypeSpec key_wrapper_spec{
    .name = "functools.KeyWrapper",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &key_wrapper_layout,
    .slots = key_wrapper_slots,
    .getsets = key_wrapper_getsets,
};

// ---- reduce -------------------------------------------------------------------------------------

static AnyResult reduce(Thread& thread, Any function, Any iterable, MaybeAny initial) {
  AnyResult started = get_iter(thread, iterable);
  if (started.raised()) {
    if (!pending_is<TypeError>(thread)) return Raised{};
    clear_exception(thread);
    return raise<TypeError>(thread, "reduce() arg 2 must support iteration");
  }
  AnyRef iterator = started.take();
  Maybe<Ref<Object>> total;
  if (initial) total = Maybe<Ref<Object>>(share(thread, *initial));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) break;
    AnyRef item = step.take();
    if (!total)
      total = Maybe<Ref<Object>>(std::move(item));
    else
      total = Maybe<Ref<Object>>(TRY(call(thread, function, {total.value(), item.value()})));
  }
  if (!total) return raise<TypeError>(thread, "reduce() of empty iterable with no initial value");
  return total.take();
}

static constexpr Method functools_functions[] = {
    function<reduce>("reduce(function, iterable, /, initial=?)",
                     "Apply a function of two arguments cumulatively to the items of an iterable, "
                     "from left to right.\n\n"
                     "With initial, it starts from that; without, from the first item."),
    function<cmp_to_key>("cmp_to_key(mycmp)",
                         "Convert a cmp= function into a key= function.\n\n"
                         "  mycmp\n    Function that compares two objects."),
};
static const ModuleType functools_types[] = {
    {&placeholder_spec, &placeholder_type},
    {&partial_spec, &partial_type},
    {&key_wrapper_spec, &key_wrapper_type},
    {&lru_cache_wrapper_spec, &lru_cache_wrapper_type},
};
static Result<void> functools_initialize(Thread& thread, Borrowed<Module> module) {
  AnyRef singleton = TRY(placeholder(thread));
  return module_set(thread, module, "Placeholder", singleton);
}
extern const ModuleSpec _functools_module;
const ModuleSpec _functools_module{
    .name = "_functools",
    .doc = "Tools that operate on functions.",
    .functions = functools_functions,
    .types = functools_types,
    .initialize = functools_initialize,
};

}  // namespace dx
