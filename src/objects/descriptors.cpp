// property, staticmethod, classmethod, super, and the __dict__ / __weakref__ descriptors of
// classes.

#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/function.h"
#include "objects/instance.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type_internal.h"

namespace dx {

TypeHandle property_type, staticmethod_type, classmethod_type, super_type_handle;
bool (*find_super_arguments)(Thread& thread, Value& type, Value& object);
Type* super_type() { return super_type_handle.type; }

namespace {

AnyRef load_or_none(Thread& thread, Object* container, const Slot& slot) {
  Value value = slot_load(thread, container, slot);
  return AnyRef::adopt(value ? value : kNone);
}
AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}

// ---- property -----------------------------------------------------------------------------------

struct Property : Object {
  Field<Object> get, set, del, doc, name;
  std::atomic<uint64_t> getter_doc;
};
}  // namespace

Value property_getter(Thread& thread, Any property) {
  auto* self = static_cast<Property*>(property.object());
  return slot_load(thread, self, self->get);
}

namespace {
void trace_property(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<Property*>(object);
  visit(self->get);
  visit(self->set);
  visit(self->del);
  visit(self->doc);
  visit(self->name);
}

void put(Thread& thread, Property* self, Field<Object>& field, Any value) {
  if (value.is_none())
    slot_clear(thread, self, field);
  else
    slot_write(thread, self, field, share(thread, value));
}

Result<void> property_init_fields(Thread& thread, Borrowed<Property> self, Any get, Any set,
                                  Any del, Any doc) {
  put(thread, self.get(), self->get, get);
  put(thread, self.get(), self->set, set);
  put(thread, self.get(), self->del, del);
  slot_clear(thread, self.get(), self->doc);
  self->getter_doc.store(0);
  AnyRef shown = share(thread, doc);
  if (doc.is_none() && !get.is_none()) {
    AnyLookup getter_doc = lookup_attr(thread, get, NAME("__doc__"));
    if (getter_doc.raised()) return Raised{};
    if (getter_doc.found() && !getter_doc.value().is_none()) {
      shown = getter_doc.take();
      self->getter_doc.store(1);
    }
  }
  if (type_of(self) != property_type.type) {
    // A subclass keeps it in its instance, where it can be seen as an attribute.
    Result<void> stored = set_attr(thread, self, NAME("__doc__"), MaybeAny(shown.value()));
    if (stored.raised()) {
      if (!pending_is<AttributeError>(thread)) return Raised{};
      clear_exception(thread);
    }
    return {};
  }
  put(thread, self.get(), self->doc, shown);
  return {};
}
Result<void> property_init(Thread& thread, Any self, const Arguments& arguments) {
  static const char* const names[] = {"fget", "fset", "fdel", "doc"};
  Value given[4] = {kNone, kNone, kNone, kNone};
  if (arguments.count > 4)
    return raise<TypeError>(thread, "property() takes at most 4 {}arguments ({} given)",
                            arguments.positional() == 0 ? "keyword " : "", arguments.count);
  for (size_t i = 0; i < arguments.positional(); ++i) given[i] = arguments.items[i];
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> keyword(arguments.names->item(static_cast<Word>(k)).value());
    size_t index = 0;
    while (index < 4 && !str_equals_ascii(keyword, names[index])) ++index;
    if (index == 4)
      return raise<TypeError>(thread, "property() got an unexpected keyword argument '{}'",
                              keyword);
    if (index < arguments.positional())
      return raise<TypeError>(thread,
                              "argument for property() given by name ('{}') and position ({})",
                              keyword, index + 1);
    given[index] = arguments.items[arguments.positional() + k];
  }
  return property_init_fields(thread, Borrowed<Property>(self.value()), given[0], given[1],
                              given[2], given[3]);
}
AnyResult plain_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}

Raised property_missing(Thread& thread, Borrowed<Property> self, Any instance, const char* what) {
  AnyRef name = load_or_none(thread, self.get(), self->name);
  Borrowed<Str> qualname = type_of(instance)->qualname.borrow();
  if (!name.value().is_none())
    return raise<AttributeError>(thread, "property {} of {} object has no {}", repr_of(name),
                                 repr_of(qualname), what);
  return raise<AttributeError>(thread, "property of {} object has no {}", repr_of(qualname), what);
}
AnyResult property_get(Thread& thread, Borrowed<Property> self, MaybeAny instance, MaybeAny) {
  if (!instance || instance.value().is_none()) return share(thread, self);
  AnyRef function = load_or_none(thread, self.get(), self->get);
  if (function.value().is_none()) return property_missing(thread, self, *instance, "getter");
  return call(thread, function, {instance.value()});
}
Result<void> property_set(Thread& thread, Borrowed<Property> self, Any instance, MaybeAny value) {
  AnyRef function = load_or_none(thread, self.get(), value ? self->set : self->del);
  if (function.value().is_none())
    return property_missing(thread, self, instance, value ? "setter" : "deleter");
  AnyResult done = value ? call(thread, function, {instance.value(), value.value()})
                         : call(thread, function, {instance.value()});
  if (done.raised()) return Raised{};
  return {};
}
AnyResult property_copy(Thread& thread, Borrowed<Property> self, MaybeAny get, MaybeAny set,
                        MaybeAny del) {
  AnyRef old_get = load_or_none(thread, self.get(), self->get),
         old_set = load_or_none(thread, self.get(), self->set),
         old_del = load_or_none(thread, self.get(), self->del),
         doc = load_or_none(thread, self.get(), self->doc);
  Any new_get = get && !get.value().is_none() ? *get : Any(old_get.borrow());
  if (self->getter_doc.load() && get && !get.value().is_none()) doc = AnyRef::adopt(kNone);
  AnyRef made =
      TRY(call(thread, Any(Value(type_of(self))),
               {new_get.value(), set && !set.value().is_none() ? set.value() : old_set.value(),
                del && !del.value().is_none() ? del.value() : old_del.value(),
                self->getter_doc.load() ? kNone : doc.value()}));
  if (is_subtype(type_of(made.value()), property_type.type)) {
    auto* copy = static_cast<Property*>(made.get());
    AnyRef name = load_or_none(thread, self.get(), self->name);
    put(thread, copy, copy->name, name);
  }
  return made;
}
AnyResult property_getter(Thread& thread, Borrowed<Property> self, Any function) {
  return property_copy(thread, self, MaybeAny(function.value()), {}, {});
}
AnyResult property_setter(Thread& thread, Borrowed<Property> self, Any function) {
  return property_copy(thread, self, {}, MaybeAny(function.value()), {});
}
AnyResult property_deleter(Thread& thread, Borrowed<Property> self, Any function) {
  return property_copy(thread, self, {}, {}, MaybeAny(function.value()));
}
Result<void> property_set_name(Thread& thread, Borrowed<Property> self, Arguments arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "property.__set_name__() takes no keyword arguments");
  if (arguments.count != 2) {
    return raise<TypeError>(thread, "__set_name__() takes 2 positional arguments but {} {} given",
                            arguments.count, arguments.count == 1 ? "was" : "were");
  }
  Any name = arguments[1];
  put(thread, self.get(), self->name, name);
  return {};
}
Result<void> property_function_set(Thread& thread, Borrowed<Property>, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}
AnyRef property_fget(Thread& thread, Borrowed<Property> self) {
  return load_or_none(thread, self.get(), self->get);
}
AnyRef property_fset(Thread& thread, Borrowed<Property> self) {
  return load_or_none(thread, self.get(), self->set);
}
AnyRef property_fdel(Thread& thread, Borrowed<Property> self) {
  return load_or_none(thread, self.get(), self->del);
}
AnyRef property_doc(Thread& thread, Borrowed<Property> self) {
  return load_or_none(thread, self.get(), self->doc);
}
Result<void> property_set_doc(Thread& thread, Borrowed<Property> self, MaybeAny value) {
  put(thread, self.get(), self->doc, value ? *value : Any(kNone));
  return {};
}
AnyResult property_name(Thread& thread, Borrowed<Property> self) {
  Value own = slot_load(thread, self.get(), self->name);
  if (own) return AnyRef::adopt(own);
  AnyRef function = load_or_none(thread, self.get(), self->get);
  AnyLookup name = lookup_attr(thread, function, NAME("__name__"));
  if (name.raised()) return Raised{};
  if (name.is_absent()) return raise_attribute_error(thread, self, NAME("__name__"));
  return name.take();
}
Result<void> property_set_dunder_name(Thread& thread, Borrowed<Property> self, MaybeAny value) {
  if (value)
    slot_write(thread, self.get(), self->name, share(thread, *value));
  else
    slot_clear(thread, self.get(), self->name);
  return {};
}
Result<bool> abstract_flag(Thread& thread, Any function) {
  if (function.is_none()) return false;
  AnyLookup flag = lookup_attr(thread, function, NAME("__isabstractmethod__"));
  if (flag.raised()) return Raised{};
  if (flag.is_absent()) return false;
  return is_true(thread, flag.borrow());
}
Result<bool> property_abstract(Thread& thread, Borrowed<Property> self) {
  for (Field<Object>* field : {&self->get, &self->set, &self->del}) {
    AnyRef function = load_or_none(thread, self.get(), *field);
    if (TRY(abstract_flag(thread, function))) return true;
  }
  return false;
}

// ---- staticmethod, classmethod ------------------------------------------------------------------

struct Wrapper : Object {
  Field<Object> function;
};
void trace_wrapper(Object* object, SlotVisitor& visit) {
  visit(static_cast<Wrapper*>(object)->function);
}

Result<void> wrapper_init(Thread& thread, Any self, const Arguments& arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "{}() takes no keyword arguments",
                            type_of(self)->name.borrow());
  if (arguments.count != 1)
    return raise<TypeError>(thread, "{} expected 1 argument, got {}", type_of(self)->name.borrow(),
                            arguments.count);
  auto* wrapper = static_cast<Wrapper*>(self.object());
  slot_write(thread, wrapper, wrapper->function, share(thread, arguments[0]));
  // What functools.wraps would copy.
  for (Str* name : {NAME("__module__"), NAME("__name__"), NAME("__qualname__"), NAME("__doc__")}) {
    AnyLookup value = lookup_attr(thread, arguments[0], name);
    if (value.raised()) return Raised{};
    if (value.is_absent()) continue;
    TRY(instance_set(thread, self.object(), name, MaybeAny(value.value())));
  }
  return {};
}
AnyResult staticmethod_get(Thread& thread, Borrowed<Wrapper> self, MaybeAny, MaybeAny) {
  Value function = slot_load(thread, self.get(), self->function);
  if (!function) return raise<RuntimeError>(thread, "uninitialized staticmethod object");
  return AnyRef::adopt(function);
}
AnyResult staticmethod_call(Thread& thread, Borrowed<Wrapper> self, const Arguments& arguments) {
  AnyRef function = load_or_none(thread, self.get(), self->function);
  return call(thread, function, arguments);
}
AnyResult classmethod_get(Thread& thread, Borrowed<Wrapper> self, MaybeAny instance,
                          MaybeAny owner) {
  Value function = slot_load(thread, self.get(), self->function);
  if (!function) return raise<RuntimeError>(thread, "uninitialized classmethod object");
  AnyRef owned = AnyRef::adopt(function);
  Value cls = owner ? owner.value() : Value(type_of(instance.value()));
  return bound_method_create(thread, owned, Any(cls));
}
AnyRef wrapper_function(Thread& thread, Borrowed<Wrapper> self) {
  return load_or_none(thread, self.get(), self->function);
}
Result<bool> wrapper_abstract(Thread& thread, Borrowed<Wrapper> self) {
  AnyRef function = load_or_none(thread, self.get(), self->function);
  return abstract_flag(thread, function);
}
// The wrapper's own once it was asked for or set; until then, and after del, the function's.
AnyResult wrapper_attribute(Thread& thread, Borrowed<Wrapper> self, Str* name) {
  AnyLookup own = instance_get(thread, self.get(), name);
  if (own.raised()) return Raised{};
  if (own.found()) return own.take();
  AnyRef function = load_or_none(thread, self.get(), self->function);
  AnyRef value = TRY(get_attr(thread, function, Borrowed<Str>(name)));
  TRY(instance_set(thread, self.get(), name, MaybeAny(value.value())));
  return value;
}
Result<void> wrapper_set_attribute(Thread& thread, Borrowed<Wrapper> self, Str* name,
                                   MaybeAny value) {
  if (TRY(instance_set(thread, self.get(), name, value))) return {};
  return raise_attribute_error(thread, self, name);
}
AnyResult wrapper_annotations(Thread& thread, Borrowed<Wrapper> self) {
  return wrapper_attribute(thread, self, NAME("__annotations__"));
}
Result<void> wrapper_set_annotations(Thread& thread, Borrowed<Wrapper> self, MaybeAny value) {
  return wrapper_set_attribute(thread, self, NAME("__annotations__"), value);
}
AnyResult wrapper_annotate(Thread& thread, Borrowed<Wrapper> self) {
  return wrapper_attribute(thread, self, NAME("__annotate__"));
}
Result<void> wrapper_set_annotate(Thread& thread, Borrowed<Wrapper> self, MaybeAny value) {
  return wrapper_set_attribute(thread, self, NAME("__annotate__"), value);
}
AnyResult staticmethod_repr(Thread& thread, Borrowed<Wrapper> self) {
  AnyRef function = load_or_none(thread, self.get(), self->function);
  return text(thread, "<staticmethod({})>", {repr_of(function)});
}
AnyResult classmethod_repr(Thread& thread, Borrowed<Wrapper> self) {
  AnyRef function = load_or_none(thread, self.get(), self->function);
  return text(thread, "<classmethod({})>", {repr_of(function)});
}

// ---- super --------------------------------------------------------------------------------------

struct Super : Object {
  Field<Object> type;    // the class after which the search starts
  Field<Object> object;  // or empty
  Field<Object> object_type;
};
void trace_super(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<Super*>(object);
  visit(self->type);
  visit(self->object);
  visit(self->object_type);
}

// The class whose MRO is searched: object itself when it is a class below type, else its class.
AnyResult super_check(Thread& thread, Type* type, Any object) {
  if (is_type(object) && is_subtype(static_cast<Type*>(object.object()), type))
    return share(thread, object);
  if (is_subtype(type_of(object), type)) return share(thread, Any(Value(type_of(object))));
  AnyLookup cls = lookup_attr(thread, object, NAME("__class__"));
  if (cls.raised()) return Raised{};
  if (cls.found() && is_type(cls.value()) &&
      is_subtype(static_cast<Type*>(cls.value().object()), type))
    return cls.take();
  return raise<TypeError>(
      thread, "super(type, obj): obj ({} {}) is not an instance or subtype of type ({}).",
      is_type(object) ? "type" : "instance of",
      is_type(object) ? static_cast<Type*>(object.object())->name.borrow()
                      : type_of(object)->name.borrow(),
      type->name.borrow());
}

Result<void> super_init(Thread& thread, Any self, const Arguments& arguments) {
  if (arguments.keywords()) return raise<TypeError>(thread, "super() takes no keyword arguments");
  if (arguments.count == 0) {
    Value type, object;
    if (!find_super_arguments(thread, type, object)) return Raised{};
    Value both[2] = {type, object};
    AnyRef keep_type = AnyRef::adopt(type), keep_object = AnyRef::adopt(object);
    return super_init(thread, self, Arguments{both, 2, nullptr});
  }
  if (arguments.count > 2)
    return raise<TypeError>(thread, "super expected at most 2 arguments, got {}", arguments.count);
  if (!is_type(arguments.items[0]))
    return raise<TypeError>(thread, "super() argument 1 must be a type, not {}",
                            type_name_in(arguments[0]));
  auto* proxy = static_cast<Super*>(self.object());
  slot_write(thread, proxy, proxy->type, share(thread, arguments[0]));
  if (arguments.count == 2 && !arguments[1].is_none()) {
    AnyRef object_type =
        TRY(super_check(thread, static_cast<Type*>(arguments.items[0].object()), arguments[1]));
    slot_write(thread, proxy, proxy->object, share(thread, arguments[1]));
    slot_write(thread, proxy, proxy->object_type, std::move(object_type));
  }
  return {};
}

AnyResult super_getattribute(Thread& thread, Any self, Any name) {
  auto* proxy = static_cast<Super*>(self.object());
  Value object_type = proxy->object_type.raw();
  if (object_type && is_str(name) && !str_equals_ascii(Borrowed<Str>(name.value()), "__class__")) {
    auto* start = static_cast<Type*>(object_type.object());
    Maybe<Ref<Tuple>> mro = field_load(thread, start, start->mro);
    if (mro) {
      Word i = 0;
      while (i < mro->size && mro->item(i).value() != proxy->type.raw()) ++i;
      for (++i; i < mro->size; ++i) {
        auto* type = static_cast<Type*>(mro->item(i).object());
        AnyLookup found =
            dict_get_str(thread, type_dict(thread, type), Borrowed<Str>(name.value()));
        if (found.raised()) return Raised{};
        if (found.is_absent()) continue;
        auto get = type_of(found.value())->slot<SlotId::descr_get>();
        if (!get) return found.take();
        Value object = proxy->object.raw();
        // A class method's or a class's own lookup has no instance.
        return get(thread, found.borrow(), object == object_type ? MaybeAny() : MaybeAny(object),
                   MaybeAny(object_type));
      }
    }
  }
  return generic_getattribute(thread, self, name);
}
}  // namespace

AnyLookup super_attribute(Thread& thread, Type* type, Any object, Borrowed<Str> name, Value* raw) {
  Type* start = nullptr;
  bool on_class = is_type(object) && is_subtype(static_cast<Type*>(object.object()), type);
  if (on_class)
    start = static_cast<Type*>(object.object());
  else if (is_subtype(type_of(object), type))
    start = type_of(object);
  Maybe<Ref<Tuple>> mro;
  if (start && name.get() != NAME("__class__")) mro = field_load(thread, start, start->mro);
  if (!mro) return AnyLookup::absent();
  Word i = 0;
  while (i < mro->size && mro->item(i).value() != Value(type)) ++i;
  for (++i; i < mro->size; ++i) {
    AnyLookup found =
        dict_get_str(thread, type_dict(thread, static_cast<Type*>(mro->item(i).object())), name);
    if (found.raised()) return Raised{};
    if (found.is_absent()) continue;
    if (raw) {
      incref(thread, found.value());
      *raw = found.value();
    }
    auto get = type_of(found.value())->slot<SlotId::descr_get>();
    if (!get) return found;
    AnyResult bound = get(thread, found.borrow(), on_class ? MaybeAny() : MaybeAny(object.value()),
                          MaybeAny(Value(start)));
    if (bound.raised()) return Raised{};
    return AnyLookup(bound.take());
  }
  return AnyLookup::absent();
}

Value wrapped_function(Thread& thread, Any wrapper) {
  auto* self = static_cast<Wrapper*>(wrapper.object());
  return slot_load(thread, self, self->function);
}

namespace {
AnyResult super_get(Thread& thread, Borrowed<Super> self, MaybeAny instance, MaybeAny) {
  if (!instance || instance.value().is_none() || self->object.raw() || !self->type.raw())
    return share(thread, self);
  return call(thread, Any(Value(type_of(self))), {self->type.raw(), instance.value()});
}
AnyResult super_repr(Thread& thread, Borrowed<Super> self) {
  AnyRef type = load_or_none(thread, self.get(), self->type),
         object_type = load_or_none(thread, self.get(), self->object_type);
  Any shown = type.value().is_none() ? Any(Value(NAME("NULL")))
                                     : Any(static_cast<Type*>(type.get())->name.raw());
  if (object_type.value().is_none()) return text(thread, "<super: <class '{}'>, NULL>", {shown});
  return text(thread, "<super: <class '{}'>, <{} object>>",
              {shown, static_cast<Type*>(object_type.get())->name.borrow()});
}
AnyRef super_thisclass(Thread& thread, Borrowed<Super> self) {
  return load_or_none(thread, self.get(), self->type);
}
AnyRef super_self(Thread& thread, Borrowed<Super> self) {
  return load_or_none(thread, self.get(), self->object);
}
AnyRef super_self_class(Thread& thread, Borrowed<Super> self) {
  return load_or_none(thread, self.get(), self->object_type);
}

// ---- __dict__ and __weakref__ -------------------------------------------------------------------

AnyResult instance_dict_get(Thread& thread, Any self) {
  if (is_type(self.value())) {  // a metaclass with a further base: what type itself answers
    Maybe<Ref<Object>> own = type_lookup(thread, TYPE(type), NAME("__dict__"));
    if (own && type_of(own.value()) == TYPE(getset_descriptor))
      return static_cast<GetSetDescriptor*>(own.value().object())->getset->get(thread, self);
  }
  AnyLookup dict = instance_dict(thread, self);
  if (dict.raised()) return Raised{};
  if (dict.is_absent()) return raise_attribute_error(thread, self, NAME("__dict__"));
  return dict.take();
}
// Whatever class's descriptor is asked: a class's and a module's own dict stays.
Result<void> instance_dict_set(Thread& thread, Any self, MaybeAny value) {
  if (is_type(self.value()))
    return raise<AttributeError>(thread, "attribute '__dict__' of 'type' objects is not writable");
  if (has_layout(self, kShapeModule)) return raise<AttributeError>(thread, "readonly attribute");
  // A builtin class with a __dict__ wants one, in its subclasses too.
  Type* builtin = type_of(self);
  while (builtin->has_flag(kTypeHeap)) builtin = builtin->base;
  if (!value && builtin->has_flag(kTypeHasDict))
    return raise<TypeError>(thread, "cannot delete __dict__");
  if (value && !is_dict(value.value()))
    return raise<TypeError>(thread, "__dict__ must be set to a dictionary, not a '{}'",
                            type_name_in(*value));
  Ref<Dict> dict =
      value ? Ref<Dict>::share(thread, Borrowed<Dict>(value.value())) : TRY(dict_create(thread));
  return instance_replace_dict(thread, self.object(), std::move(dict));
}
AnyResult instance_weakref_get(Thread& thread, Any self) { return first_weakref(thread, self); }
const GetSet dict_getset{"__dict__", &instance_dict_get, &instance_dict_set,
                         "dictionary for instance variables"};
const GetSet weakref_getset{"__weakref__", &instance_weakref_get, nullptr,
                            "list of weak references to the object"};

AnyResult getset_create(Thread& thread, Type* owner, const GetSet& getset) {
  auto* descriptor = static_cast<GetSetDescriptor*>(
      allocate_object(thread, sizeof(GetSetDescriptor), SHAPE(getset_descriptor), PageKind::leaf));
  if (!descriptor) return raise_memory_error(thread);
  descriptor->owner = owner;
  descriptor->getset = &getset;
  return AnyRef::adopt(Value(descriptor));
}

const SlotEntry property_slots[] = {
    slot<SlotId::new_, plain_new>(), slot<SlotId::init, property_init>(),
    slot<SlotId::descr_get, property_get>(), slot<SlotId::descr_set, property_set>()};
constexpr Method property_methods[] = {
    method<property_getter>("getter(fget, /)",
                            "Descriptor to obtain a copy of the property with a different getter."),
    method<property_setter>("setter(fset, /)",
                            "Descriptor to obtain a copy of the property with a different setter."),
    method<property_deleter>(
        "deleter(fdel, /)",
        "Descriptor to obtain a copy of the property with a different deleter."),
    method<property_set_name>("__set_name__(owner, name, /)", "Method to set name of a property.")};
const GetSet property_getsets[] = {getset<property_fget, property_function_set>("fget"),
                                   getset<property_fset, property_function_set>("fset"),
                                   getset<property_fdel, property_function_set>("fdel"),
                                   getset<property_doc, property_set_doc>("__doc__"),
                                   getset<property_name, property_set_dunder_name>("__name__"),
                                   getter<property_abstract>("__isabstractmethod__")};
const SlotEntry staticmethod_slots[] = {
    slot<SlotId::new_, plain_new>(), slot<SlotId::init, wrapper_init>(),
    slot<SlotId::descr_get, staticmethod_get>(), slot<SlotId::call, staticmethod_call>(),
    slot<SlotId::repr, staticmethod_repr>()};
const SlotEntry classmethod_slots[] = {
    slot<SlotId::new_, plain_new>(), slot<SlotId::init, wrapper_init>(),
    slot<SlotId::descr_get, classmethod_get>(), slot<SlotId::repr, classmethod_repr>()};
const GetSet wrapper_getsets[] = {
    getter<wrapper_function>("__func__"),
    getter<wrapper_function>("__wrapped__"),
    getter<wrapper_abstract>("__isabstractmethod__"),
    getset<instance_dict_get, instance_dict_set>("__dict__"),
    getset<wrapper_annotations, wrapper_set_annotations>("__annotations__"),
    getset<wrapper_annotate, wrapper_set_annotate>("__annotate__")};
const SlotEntry super_slots[] = {slot<SlotId::new_, plain_new>(), slot<SlotId::init, super_init>(),
                                 slot<SlotId::getattribute, super_getattribute>(),
                                 slot<SlotId::descr_get, super_get>(),
                                 slot<SlotId::repr, super_repr>()};
const GetSet super_getsets[] = {getter<super_thisclass>("__thisclass__"),
                                getter<super_self>("__self__"),
                                getter<super_self_class>("__self_class__")};
const Layout property_layout{"property", sizeof(Property), true, trace_property, nullptr};
const Layout wrapper_layout{"staticmethod", sizeof(Wrapper), true, trace_wrapper, nullptr};
const Layout super_layout{"super", sizeof(Super),       true, trace_super, nullptr,
                          nullptr, drop_by<trace_super>};
const TypeSpec property_spec{.name = "property",
                             .doc = "Property attribute.",
                             .flags = kTypeBase,
                             .layout = &property_layout,
                             .slots = property_slots,
                             .methods = property_methods,
                             .getsets = property_getsets};
const TypeSpec staticmethod_spec{.name = "staticmethod",
                                 .doc = "Convert a function to be a static method.",
                                 .flags = kTypeBase | kTypeHasDict,
                                 .layout = &wrapper_layout,
                                 .slots = staticmethod_slots,
                                 .getsets = wrapper_getsets};
const TypeSpec classmethod_spec{.name = "classmethod",
                                .doc = "Convert a function to be a class method.",
                                .flags = kTypeBase | kTypeHasDict,
                                .layout = &wrapper_layout,
                                .slots = classmethod_slots,
                                .getsets = wrapper_getsets};
const TypeSpec super_spec{.name = "super",
                          .doc = "super() -> same as super(__class__, <first argument>)",
                          .flags = kTypeBase,
                          .layout = &super_layout,
                          .slots = super_slots,
                          .getsets = super_getsets};

AnyResult wrapper_create(Thread& thread, Type* type, Any function) {
  return call(thread, Any(Value(type)), {function.value()});
}
}  // namespace

AnyResult dict_descriptor(Thread& thread, Type* owner) {
  return getset_create(thread, owner, dict_getset);
}
AnyResult weakref_descriptor(Thread& thread, Type* owner) {
  return getset_create(thread, owner, weakref_getset);
}
AnyResult staticmethod_create(Thread& thread, Any function) {
  return wrapper_create(thread, staticmethod_type.type, function);
}
AnyResult classmethod_create(Thread& thread, Any function) {
  return wrapper_create(thread, classmethod_type.type, function);
}

Result<void> descriptors_initialize(Thread& thread) {
  TRY(type_from_spec(thread, property_spec, property_type));
  TRY(type_from_spec(thread, staticmethod_spec, staticmethod_type));
  TRY(type_from_spec(thread, classmethod_spec, classmethod_type));
  return type_from_spec(thread, super_spec, super_type_handle);
}

}  // namespace dx
