// object, and the types of None, Ellipsis and NotImplemented.

#include <cstdio>

#include "objects/audit.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type_internal.h"

namespace dx {

namespace {

AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}

bool overrides(Type* type, SlotId id) {
  size_t index = static_cast<size_t>(id);
  return type->slots[index].load() != TYPE(object)->slots[index].load();
}

AnyResult object_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.count) {
    if (overrides(type.get(), SlotId::new_))
      return raise<TypeError>(
          thread, "object.__new__() takes exactly one argument (the type to instantiate)");
    if (!overrides(type.get(), SlotId::init))
      return raise<TypeError>(thread, "{}() takes no arguments", type->name.borrow());
  }
  if (type->has_flag(kTypeAbstract)) {
    AnyRef abstract = TRY(get_attr(thread, type, NAME("__abstractmethods__")));
    AnyRef names = TRY(sequence_list(thread, abstract));
    TRY(list_sort(thread, Borrowed<List>(names.value()), kNone, false));
    Word count = list_length(Borrowed<List>(names.value()));
    Ref<Str> comma = TRY(str_from_ascii(thread, "', '"));
    AnyRef joined = TRY(call_method(thread, comma, NAME("join"), {names.value()}));
    return raise<TypeError>(
        thread,
        "Can't instantiate abstract class {} without an implementation for abstract method{} '{}'",
        type->name.borrow(), count == 1 ? "" : "s", joined);
  }
  return allocate_instance(thread, type);
}

Result<void> object_init(Thread& thread, Any self, const Arguments& arguments) {
  if (!arguments.count) return {};
  Type* type = type_of(self);
  if (overrides(type, SlotId::init))
    return raise<TypeError>(
        thread, "object.__init__() takes exactly one argument (the instance to initialize)");
  if (!overrides(type, SlotId::new_))
    return raise<TypeError>(thread,
                            "{}.__init__() takes exactly one argument (the instance to initialize)",
                            type->name.borrow());
  return {};
}

AnyResult object_repr(Thread& thread, Any self) {
  Type* type = type_of(self);
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx",
                static_cast<unsigned long long>(self.value().bits));
  AnyLookup module = lookup_attr(thread, Any(Value(type)), NAME("__module__"));
  if (module.raised()) return Raised{};
  if (module.found() && is_str(module.value()) &&
      !str_equals_ascii(Borrowed<Str>(module.value()), "builtins")) {
    return text(thread, "<{}.{} object at {}>",
                {module.borrow(), type->qualname.borrow(), address});
  }
  return text(thread, "<{} object at {}>", {type->name.borrow(), address});
}
AnyResult object_str(Thread& thread, Any self) { return repr(thread, self); }
Result<Word> object_hash(Any self) {
  uint64_t bits = self.value().bits;
  Word number = static_cast<Word>((bits >> 4) | (bits << 60));
  return number == -1 ? Word{-2} : number;
}
AnyResult object_eq(Any self, Any other) {
  return AnyRef::adopt(self.is(other) ? kTrue : kNotImplemented);
}
AnyResult object_ne(Thread& thread, Any self, Any other) {
  auto eq = type_of(self)->slot<SlotId::eq>();
  if (!eq) return AnyRef::adopt(kNotImplemented);
  AnyRef result = TRY(eq(thread, self, other));
  if (result.value() == kNotImplemented) return result;
  return AnyRef::adopt(bool_value(!TRY(is_true(thread, result))));
}
AnyResult object_order(Any, Any) { return AnyRef::adopt(kNotImplemented); }

AnyRef object_class(Thread& thread, Any self) { return share(thread, Any(Value(type_of(self)))); }
Result<void> object_set_class(Thread& thread, Any self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete __class__ attribute");
  if (!is_type(value.value()))
    return raise<TypeError>(thread, "__class__ must be set to a class, not '{}' object",
                            type_name_in(*value));
  if (!self.value().is_object())
    return raise<TypeError>(
        thread, "__class__ assignment only supported for mutable types or ModuleType subclasses");
  TRY(audit_set(thread, self.value(), "__class__", value));
  return instance_set_class(thread, self.object(), Borrowed<Type>(value.value()));
}

AnyResult object_format(Thread& thread, Any self, Any spec) {
  if (!is_str(spec))
    return raise<TypeError>(thread, "__format__() argument must be str, not {}",
                            type_name_in(spec));
  if (Borrowed<Str>(spec.value())->length())
    return raise<TypeError>(thread, "unsupported format string passed to {}.__format__",
                            type_name_in(self));
  return str(thread, self);
}

AnyResult copyreg_function(Thread& thread, const char* name) {
  Ref<Str> module_name = TRY(str_intern_ascii(thread, "copyreg"));
  AnyRef module = TRY(import_module(thread, module_name));
  Ref<Str> attribute = TRY(str_intern_ascii(thread, name));
  return get_attr(thread, module, attribute);
}

AnyResult object_getstate(Thread& thread, Any self) {
  AnyRef state = AnyRef::adopt(kNone);
  AnyLookup dict = lookup_attr(thread, self, NAME("__dict__"));
  if (dict.raised()) return Raised{};
  if (dict.found()) {
    state = is_dict(dict.value()) ? AnyRef(TRY(dict_copy(thread, Borrowed<Dict>(dict.value()))))
                                  : dict.take();
    if (is_dict(state.value()) && dict_size(Borrowed<Dict>(state.value())) == 0)
      state = AnyRef::adopt(kNone);
  }
  AnyRef slotnames_function = TRY(copyreg_function(thread, "_slotnames"));
  AnyRef names = TRY(call(thread, slotnames_function, {Value(type_of(self))}));
  if (is_list(names.value()) && list_length(Borrowed<List>(names.value()))) {
    Ref<Dict> slots = TRY(dict_create(thread));
    Borrowed<List> list(names.value());
    for (Word i = 0; i < list_length(list); ++i) {
      Maybe<Ref<Object>> slot_name = list_item(thread, list, i);
      if (!slot_name || !is_str(slot_name.value())) continue;
      AnyLookup value = lookup_attr(thread, self, Borrowed<Str>(slot_name.value()));
      if (value.raised()) return Raised{};
      if (value.found()) TRY(dict_set(thread, slots, slot_name.borrow(), value.borrow()));
    }
    if (dict_size(slots)) return tuple_of(thread, {state.value(), slots.value()});
  }
  return state;
}

AnyResult object_reduce_ex(Thread& thread, Any self, int protocol) {
  Type* type = type_of(self);
  AnyLookup reduce = lookup_attr(thread, self, NAME("__reduce__"));
  if (reduce.raised()) return Raised{};
  Maybe<Ref<Object>> own = type_lookup(thread, type, NAME("__reduce__")),
                     base = type_lookup(thread, TYPE(object), NAME("__reduce__"));
  if (reduce.found() && own && own.value() != base.value())
    return call(thread, reduce.borrow(), {});
  if (protocol < 2) {
    AnyRef function = TRY(copyreg_function(thread, "_reduce_ex"));
    return call(thread, function, {self.value(), small_int(protocol)});
  }
  // copyreg.__newobj__, with what __getnewargs_ex__ or __getnewargs__ say.
  if (type->spec && !type->slot<SlotId::new_>())
    return raise<TypeError>(thread, "cannot pickle '{}' object", type_name_in(self));
  AnyRef arguments = AnyRef::adopt(Value(tuple_empty()));
  AnyRef keywords = AnyRef::adopt(kNone);
  AnyLookup extended = lookup_special(thread, self, NAME("__getnewargs_ex__"));
  if (extended.raised()) return Raised{};
  bool has_arguments = false;
  if (extended.found()) {
    AnyRef pair = TRY(call(thread, extended.borrow(), {}));
    if (!is_tuple(pair.value()))
      return raise<TypeError>(thread, "__getnewargs_ex__ should return a tuple, not '{}'",
                              type_name_in(pair.borrow()));
    Borrowed<Tuple> tuple(pair.value());
    if (tuple->size != 2)
      return raise<ValueError>(
          thread, "__getnewargs_ex__ should return a tuple of length 2, not {}", tuple->size);
    if (!is_tuple(tuple->item(0)))
      return raise<TypeError>(
          thread, "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
          type_name_in(tuple->item(0)));
    if (!is_dict(tuple->item(1)))
      return raise<TypeError>(
          thread, "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
          type_name_in(tuple->item(1)));
    arguments = share(thread, tuple->item(0));
    keywords = share(thread, tuple->item(1));
    has_arguments = true;
  } else {
    AnyLookup plain = lookup_special(thread, self, NAME("__getnewargs__"));
    if (plain.raised()) return Raised{};
    if (plain.found()) {
      arguments = TRY(call(thread, plain.borrow(), {}));
      if (!is_tuple(arguments.value()))
        return raise<TypeError>(thread, "__getnewargs__ should return a tuple, not '{}'",
                                type_name_in(arguments.borrow()));
      has_arguments = true;
    }
  }
  // A native payload that nothing describes cannot be copied. A __getstate__ of its own describes
  // it, or says that.
  Maybe<Ref<Object>> own_state = type_lookup(thread, type, NAME("__getstate__")),
                     base_state = type_lookup(thread, TYPE(object), NAME("__getstate__"));
  if (!has_arguments && own_state.value() == base_state.value() &&
      type->layout != TYPE(object)->layout && !is_list(self) && !is_dict(self)) {
    return raise<TypeError>(thread, "cannot pickle '{}' object", type_name_in(self));
  }
  AnyRef getstate = TRY(get_attr(thread, self, NAME("__getstate__")));
  AnyRef state = TRY(call(thread, getstate, {}));
  AnyRef list_items = AnyRef::adopt(kNone), dict_items = AnyRef::adopt(kNone);
  if (is_list(self)) list_items = TRY(get_iter(thread, self));
  if (is_dict(self)) {
    AnyRef items = TRY(call_method(thread, self, NAME("items"), {}));
    dict_items = TRY(get_iter(thread, items));
  }
  Borrowed<Tuple> positional(arguments.value());
  if (!keywords.value().is_none() && dict_size(Borrowed<Dict>(keywords.value()))) {
    AnyRef function = TRY(copyreg_function(thread, "__newobj_ex__"));
    Ref<Tuple> full = TRY(tuple_of(thread, {Value(type), arguments.value(), keywords.value()}));
    return tuple_of(thread, {function.value(), full.value(), state.value(), list_items.value(),
                             dict_items.value()});
  }
  AnyRef function = TRY(copyreg_function(thread, "__newobj__"));
  Ref<Tuple> full = TRY(tuple_create(thread, static_cast<size_t>(positional->size) + 1));
  slot_init(full.get(), full->items()[0], share(thread, Any(Value(type))));
  for (Word i = 0; i < positional->size; ++i)
    slot_init(full.get(), full->items()[i + 1], share(thread, positional->item(i)));
  return tuple_of(thread, {function.value(), full.value(), state.value(), list_items.value(),
                           dict_items.value()});
}
AnyResult object_reduce(Thread& thread, Any self) {
  AnyRef function = TRY(copyreg_function(thread, "_reduce_ex"));
  return call(thread, function, {self.value(), small_int(0)});
}

AnyResult merge_names(Thread& thread, Borrowed<Dict> into, Any from) {
  AnyLookup dict = lookup_attr(thread, from, NAME("__dict__"));
  if (dict.raised()) return Raised{};
  if (dict.found()) TRY(dict_update(thread, into, dict.borrow()));
  return AnyRef::adopt(kNone);
}
Result<void> merge_class_names(Thread& thread, Borrowed<Dict> into, Any cls) {
  AnyRef done = TRY(merge_names(thread, into, cls));
  AnyLookup bases = lookup_attr(thread, cls, NAME("__bases__"));
  if (bases.raised()) return Raised{};
  if (bases.is_absent() || !is_tuple(bases.value())) return {};
  Borrowed<Tuple> tuple(bases.value());
  for (Word i = 0; i < tuple->size; ++i) TRY(merge_class_names(thread, into, tuple->item(i)));
  return {};
}
AnyResult object_dir(Thread& thread, Any self) {
  Ref<Dict> names = TRY(dict_create(thread));
  AnyLookup dict = lookup_attr(thread, self, NAME("__dict__"));
  if (dict.raised()) return Raised{};
  if (dict.found() && is_dict(dict.value())) TRY(dict_update(thread, names, dict.borrow()));
  AnyLookup cls = lookup_attr(thread, self, NAME("__class__"));
  if (cls.raised()) return Raised{};
  if (cls.found()) TRY(merge_class_names(thread, names, cls.borrow()));
  return sequence_list(thread, names);
}

AnyResult object_init_subclass(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "{}.__init_subclass__() takes no keyword arguments",
                            type->qualname.borrow());
  if (arguments.count)
    return raise<TypeError>(thread, "{}.__init_subclass__() takes no arguments ({} given)",
                            type->qualname.borrow(), arguments.count);
  return AnyRef::adopt(kNone);
}
AnyResult object_subclasshook(Thread&, Borrowed<Type>, Any) {
  return AnyRef::adopt(kNotImplemented);
}
AnyResult object_sizeof(Any self) {
  if (!self.value().is_object()) return AnyRef::adopt(small_int(0));
  return AnyRef::adopt(small_int(static_cast<Word>(object_block_size(self.object()))));
}

const SlotEntry object_slots[] = {
    slot<SlotId::new_, object_new>(),        slot<SlotId::init, object_init>(),
    slot<SlotId::repr, object_repr>(),       slot<SlotId::str, object_str>(),
    slot<SlotId::hash, object_hash>(),       slot<SlotId::eq, object_eq>(),
    slot<SlotId::ne, object_ne>(),           slot<SlotId::lt, object_order>(),
    slot<SlotId::le, object_order>(),        slot<SlotId::gt, object_order>(),
    slot<SlotId::ge, object_order>(),        slot<SlotId::getattribute, generic_getattribute>(),
    slot<SlotId::setattr, generic_setattr>()};
constexpr Method object_methods[] = {
    method<object_format>("__format__(format_spec, /)", "Default object formatter."),
    method<object_reduce_ex>("__reduce_ex__(protocol, /)", "Helper for pickle."),
    method<object_reduce>("__reduce__()", "Helper for pickle."),
    method<object_getstate>("__getstate__()", "Helper for pickle."),
    method<object_dir>("__dir__()", "Default dir() implementation."),
    method<object_sizeof>("__sizeof__()", "Size of object in memory, in bytes."),
    class_method<object_init_subclass>("__init_subclass__()",
                                       "This method is called when a class is subclassed."),
    class_method<object_subclasshook>(
        "__subclasshook__(object, /)",
        "Abstract classes can override this to customize issubclass()."),
};
const GetSet object_getsets[] = {
    getset<object_class, object_set_class>("__class__", "the object's class")};
const Layout object_layout{"object", sizeof(Object), false, nullptr, nullptr};

// ---- the singletons -----------------------------------------------------------------------------

template <uint64_t bits>
AnyResult singleton_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.count)
    return raise<TypeError>(thread, "{} takes no arguments", type->name.borrow());
  return AnyRef::adopt(Value(bits));
}
AnyResult none_repr(Thread& thread, Any) { return str_intern_ascii(thread, "None"); }
bool none_bool(Any) { return false; }
Word none_hash(Any) { return Word{0xfca86420}; }
AnyResult ellipsis_repr(Thread& thread, Any) { return str_intern_ascii(thread, "Ellipsis"); }
AnyResult ellipsis_reduce(Thread& thread, Any) { return str_intern_ascii(thread, "Ellipsis"); }
AnyResult not_implemented_repr(Thread& thread, Any) {
  return str_intern_ascii(thread, "NotImplemented");
}
AnyResult not_implemented_reduce(Thread& thread, Any) {
  return str_intern_ascii(thread, "NotImplemented");
}
Result<bool> not_implemented_bool(Thread& thread, Any) {
  return raise<TypeError>(thread, "NotImplemented should not be used in a boolean context");
}

const SlotEntry none_slots[] = {slot<SlotId::new_, singleton_new<0x04>>(),
                                slot<SlotId::repr, none_repr>(), slot<SlotId::bool_, none_bool>(),
                                slot<SlotId::hash, none_hash>()};
const SlotEntry ellipsis_slots[] = {slot<SlotId::new_, singleton_new<0x0c>>(),
                                    slot<SlotId::repr, ellipsis_repr>()};
constexpr Method ellipsis_methods[] = {method<ellipsis_reduce>("__reduce__()")};
const SlotEntry not_implemented_slots[] = {slot<SlotId::new_, singleton_new<0x24>>(),
                                           slot<SlotId::repr, not_implemented_repr>(),
                                           slot<SlotId::bool_, not_implemented_bool>()};
constexpr Method not_implemented_methods[] = {method<not_implemented_reduce>("__reduce__()")};
}  // namespace

const TypeSpec object_spec{
    .name = "object",
    .doc =
        "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and "
        "returns a new featureless\n"
        "instance that has no instance attributes and cannot be given any.\n",
    .flags = kTypeBase,
    .layout = &object_layout,
    .slots = object_slots,
    .methods = object_methods,
    .getsets = object_getsets};
const TypeSpec NoneType_spec{
    .name = "NoneType", .doc = "The type of the None singleton.", .slots = none_slots};
const TypeSpec ellipsis_spec{.name = "ellipsis",
                             .doc = "The type of the Ellipsis singleton.",
                             .slots = ellipsis_slots,
                             .methods = ellipsis_methods};
const TypeSpec NotImplementedType_spec{.name = "NotImplementedType",
                                       .doc = "The type of the NotImplemented singleton.",
                                       .slots = not_implemented_slots,
                                       .methods = not_implemented_methods};

}  // namespace dx
