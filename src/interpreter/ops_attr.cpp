// Attributes: the slow halves of LOAD_ATTR, STORE_ATTR, LOAD_METHOD and their kin, and the filling
// of their caches.
//
// What is cached (key = shape, kind, version of its type; shape and version are looked at on a
// hit):
//   kCacheSlot      the attribute is in a slot of the instance, and no data descriptor of the type
//   hides it kCacheValue     the type's namespace has a plain value and the instance cannot shadow
//   it kCacheMethod    the type's namespace has something that LOAD_METHOD binds without an object
//   kCacheTypeAttr  the owner is that very class, and the value comes from its MRO
//   kCacheModule    the attribute is an entry of the module's dict; in place of the version: the id
//   of the dict's table kCacheProperty  the type has a property (the value), whose getter is called
//   when it is a plain function kCacheWrapped   the type's namespace has a classmethod or
//   staticmethod (the value) kCacheGetSet    the type has a getset_descriptor of its own (the
//   value) kCacheClassMethod  the owner is that very class, and the value a native class method of
//   its MRO kCacheStore     STORE_ATTR: offset of the slot | next shape << 32; in
//   a cell the kind is left 0

#include "interpreter/ops.h"
#include "objects/exception.h"
#include "objects/instance.h"
#include "objects/module.h"
#include "objects/type_internal.h"

namespace dx {

namespace {

bool generic_lookup(Type* type) {
  static const void* generic =
      TYPE(object)->slots[static_cast<size_t>(SlotId::getattribute)].load();
  return type->slots[static_cast<size_t>(SlotId::getattribute)].load(std::memory_order_relaxed) ==
         generic;
}

uint64_t slot_offset(Object* object, const Shape& shape, Word index) {
  return static_cast<uint64_t>(
      reinterpret_cast<char*>(&instance_slot(object, shape, static_cast<size_t>(index))) -
      reinterpret_cast<char*>(object));
}

// Objects with a fixed payload have their slots at the same offset in every instance of a shape.
bool fixed_offsets(const Shape& shape) {
  return !(shape.flags & (kShapeTuple | kShapeInt | kShapeStr | kShapeBytes));
}

// What LOAD_ATTR and LOAD_METHOD fill in: the same for both, but for what LOAD_METHOD binds.
void try_cache_attribute(Thread& thread, Object* object, CacheCell* cell, CacheUse use) {
  ShapeId id = object->shape();
  const Shape& shape = shape_of(id);
  Type* type = shape.type;
  uint32_t version = type->version.load(std::memory_order_acquire);
  if (!version || !generic_lookup(type)) return;
  auto fill = [&](CacheKind kind, uint64_t data) {
    attribute_cache_fill(thread, cell, use, cache_key(id, kind, version), data, type);
  };
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, cell->name);
  Type* kind = attribute ? type_of(attribute.value()) : nullptr;
  if (kind && kind->slot<SlotId::descr_set>()) {
    if (kind == TYPE(member_descriptor) && fixed_offsets(shape)) {
      auto* member = static_cast<MemberDescriptor*>(attribute.value().object());
      fill(kCacheSlot,
           static_cast<uint64_t>(instance_tail(object) - reinterpret_cast<char*>(object)) +
               member->offset);
    } else if (kind == property_type.type) {
      fill(kCacheProperty, attribute.value().bits);
    } else if (kind == TYPE(getset_descriptor) && !type->has_flag(kTypeHasGetattr) &&
               is_subtype(type, static_cast<GetSetDescriptor*>(attribute.get())->owner)) {
      fill(kCacheGetSet, attribute.value().bits);
    }
    return;
  }
  if (shape.flags & kShapeHasDict) {
    if (shape.flags & kShapeDictMode) return;
    Word index = shape_find(shape, cell->name);
    if (index >= 0) {
      if (fixed_offsets(shape)) fill(kCacheSlot, slot_offset(object, shape, index));
      return;
    }
  }
  if (!attribute) return;
  if (kind->has_flag(kTypeMethodDescriptor)) return fill(kCacheMethod, attribute.value().bits);
  if (!kind->slot<SlotId::descr_get>())
    fill(kCacheValue, attribute.value().bits);
  else if (kind == classmethod_type.type || kind == staticmethod_type.type)
    fill(kCacheWrapped, attribute.value().bits);
}

void try_cache_class_attribute(Thread& thread, Type* owner, CacheCell* cell, CacheUse use) {
  static const void* type_getattribute =
      TYPE(type)->slots[static_cast<size_t>(SlotId::getattribute)].load();
  Type* meta = type_of(Value(owner));
  if (meta->slots[static_cast<size_t>(SlotId::getattribute)].load() != type_getattribute) return;
  // A metaclass that changes renews its classes' versions, once it is known that caches hold them.
  if (meta != TYPE(type) && !meta->has_flag(kTypeClassesCached))
    meta->flags.fetch_or(kTypeClassesCached, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  uint32_t version = owner->version.load(std::memory_order_acquire);
  if (!version || !meta->version.load()) return;
  if (Maybe<Ref<Object>> of_meta = type_lookup(thread, meta, cell->name);
      of_meta && type_of(of_meta.value())->slot<SlotId::descr_set>())
    return;  // a data descriptor comes first
  Maybe<Ref<Object>> attribute = type_lookup(thread, owner, cell->name);
  if (!attribute) return;
  Type* kind = type_of(attribute.value());
  bool wrapped = kind == classmethod_type.type || kind == staticmethod_type.type;
  // A function looked up on a class is itself.
  bool native = kind == TYPE(classmethod_descriptor);
  if (kind->slot<SlotId::descr_get>() && kind != TYPE(function) && !wrapped && !native) return;
  CacheKind cached = wrapped ? kCacheWrapped : native ? kCacheClassMethod : kCacheTypeAttr;
  uint64_t key = cache_key(static_cast<Object*>(owner)->shape(), cached, version);
  attribute_cache_fill(thread, cell, use, key, attribute.value().bits, owner);
}

// The dict of a plain module, borrowed: a module keeps its dict for life.
Dict* plain_module_dict(Object* object) {
  const Shape& shape = shape_of(object);
  if (shape.type != TYPE(module) || !(shape.flags & kShapeDictMode)) return nullptr;
  return static_cast<Dict*>(
      reinterpret_cast<Slot*>(instance_tail(object) + shape.dict_offset)->raw().object());
}

void try_cache_module_attribute(Thread& thread, Object* object, CacheCell* cell, CacheUse use) {
  Dict* dict = plain_module_dict(object);
  if (!dict || type_lookup(thread, TYPE(module), cell->name)) return;
  Word index = dict_entry_index(Borrowed<Dict>(dict), Borrowed<Str>(cell->name));
  uint32_t id = dict_table_id(thread, Borrowed<Dict>(dict));
  if (index < 0 || !id) return;
  uint64_t key = cache_key(object->shape(), kCacheModule, id);
  attribute_cache_fill(thread, cell, use, key, static_cast<uint64_t>(index), TYPE(module));
}

void try_cache(Thread& thread, Object* object, CacheCell* cell, CacheUse use) {
  uint32_t flags = shape_of(object).flags;
  if (flags & kShapeType)
    try_cache_class_attribute(thread, static_cast<Type*>(object), cell, use);
  else if (flags & kShapeModule)
    try_cache_module_attribute(thread, object, cell, use);
  else
    try_cache_attribute(thread, object, cell, use);
}

// What a module's dict has in the place that the entry remembers, not counted; empty: it has
// another table now.
inline Value module_value(Object* object, const AttributeEntry& entry) {
  Dict* dict = plain_module_dict(object);
  DictTable* table = dict ? dict->table.load(std::memory_order_acquire) : nullptr;
  bool same = table && table->id.load(std::memory_order_relaxed) == entry.key >> 32;
  return same ? table->value(entry.data).raw() : Value{};
}

// What the entry says of this object, counted; empty: nothing, or an exception is pending. With
// `self`, a method may be given unbound: *self (counted) is then its first argument.
Value cached_value(Thread& thread, Object* object, const AttributeEntry& entry,
                   Value* self = nullptr) {
  Value value;
  switch (entry.kind()) {
    case kCacheSlot: value = raw_slot(object, entry.data); break;
    case kCacheValue: value = Value(entry.data); break;
    case kCacheTypeAttr:
      if (static_cast<Object*>(entry.type()) == object) value = Value(entry.data);
      break;
    case kCacheWrapped: {
      // The wrapper is held by the namespace; what it wraps may be replaced (by __init__).
      bool on_class = is_type(Value(object));
      if ((on_class && static_cast<Object*>(entry.type()) != object) ||
          !share_racy(thread, Value(entry.data)))
        return Value{};
      AnyRef wrapper = AnyRef::adopt(Value(entry.data));
      AnyRef function = AnyRef::adopt(wrapped_function(thread, wrapper));
      if (!function.value()) return Value{};
      if (type_of(wrapper.value()) == staticmethod_type.type) return function.release();
      Value cls(static_cast<Object*>(entry.type()));
      if (!self) return bound_method_create(thread, function, Any(cls)).release();
      incref(thread, cls);
      *self = cls;
      return function.release();
    }
    case kCacheModule: value = module_value(object, entry); break;
    case kCacheGetSet: {
      // The descriptor's memory stays what it is until this thread's next safepoint, and the table
      // it points to for ever.
      const GetSet* getset = static_cast<GetSetDescriptor*>(Value(entry.data).object())->getset;
      return getset->get(thread, Any(Value(object))).release();
    }
    case kCacheClassMethod: {
      if (static_cast<Object*>(entry.type()) != object || !share_racy(thread, Value(entry.data)))
        return Value{};
      AnyRef method = AnyRef::adopt(Value(entry.data));
      if (!self) {
        auto get = type_of(method.value())->slot<SlotId::descr_get>();
        return get(thread, method, MaybeAny(), MaybeAny(Value(object))).release();
      }
      incref(thread, object);
      *self = Value(object);
      return method.release();
    }
    case kCacheMethod: {  // LOAD_ATTR: a bound method
      if (!share_racy(thread, Value(entry.data))) return Value{};
      AnyRef function = AnyRef::adopt(Value(entry.data));
      if (is_exact(function.value(), SHAPE(function)))
        return bound_method_create(thread, function, Any(Value(object))).release();
      auto get = type_of(function.value())->slot<SlotId::descr_get>();
      return get(thread, function, MaybeAny(Value(object)), MaybeAny(Value(type_of(Value(object)))))
          .release();
    }
    case kCacheProperty: {
      // The namespace holds the property; its getter may be replaced (by __init__).
      if (!share_racy(thread, Value(entry.data))) return Value{};
      AnyRef property = AnyRef::adopt(Value(entry.data));
      Value getter = property_getter(thread, property);
      AnyRef owned = AnyRef::adopt(getter);
      Value receiver(object);
      if (!is_exact(getter, SHAPE(function))) return Value{};
      return interpreter_call(thread, static_cast<Function*>(getter.object()), &receiver, 1,
                              nullptr);
    }
    default: break;
  }
  return value && share_racy(thread, value) ? value : Value{};
}

}  // namespace

Value op_load_attr(Thread& thread, Any owner, CacheCell* cell) {
  if (owner.value().is_object()) {
    if (const AttributeEntry* entry = attribute_cache_find(
            thread, owner.object(), owner.object()->shape(), cell, CacheUse::load)) {
      Value value = cached_value(thread, owner.object(), *entry);
      if (value || exception_pending(thread)) return value;
    }
    try_cache(thread, owner.object(), cell, CacheUse::load);
  }
  return get_attr(thread, owner, Borrowed<Str>(cell->name)).release();
}

bool op_store_attr(Thread& thread, Any owner, Any value, CacheCell* cell) {
  static const void* generic = TYPE(object)->slots[static_cast<size_t>(SlotId::setattr)].load();
  if (owner.value().is_object() && is_mine(thread, owner.object())) {
    Object* object = owner.object();
    ShapeId id = object->shape();
    if (const AttributeEntry* entry =
            attribute_cache_find(thread, object, id, cell, CacheUse::store)) {
      Slot& slot =
          *reinterpret_cast<Slot*>(reinterpret_cast<char*>(object) + (entry->data & 0xffffffff));
      incref(thread, value.value());
      Value old = slot_exchange(thread, object, slot, value.value());
      if (ShapeId next = static_cast<ShapeId>(entry->data >> 32))
        object->shape_id.store(next, std::memory_order_release);
      decref(thread, old);
      return true;
    }
    const Shape& shape = shape_of(id);
    Type* type = shape.type;
    uint32_t version = type->version.load(std::memory_order_acquire);
    bool plain = type->slots[static_cast<size_t>(SlotId::setattr)].load() == generic;
    if (plain && version && fixed_offsets(shape)) {
      auto fill = [&](uint64_t data) {
        attribute_cache_fill(thread, cell, CacheUse::store, cache_key(id, kCacheSlot, version),
                             data, type);
      };
      Maybe<Ref<Object>> attribute = type_lookup(thread, type, cell->name);
      bool data_descriptor = attribute && type_of(attribute.value())->slot<SlotId::descr_set>();
      if (data_descriptor && type_of(attribute.value()) == TYPE(member_descriptor)) {
        auto* member = static_cast<MemberDescriptor*>(attribute.value().object());
        fill(static_cast<uint64_t>(instance_tail(object) - reinterpret_cast<char*>(object)) +
             member->offset);
      } else if (!data_descriptor && (shape.flags & kShapeHasDict) &&
                 !(shape.flags & kShapeDictMode)) {
        Word index = shape_find(shape, cell->name);
        if (index >= 0)
          fill(slot_offset(object, shape, index));
        else if (ShapeId next = shape_add(thread, shape, cell->name))
          fill(slot_offset(object, shape, shape.inline_used) | static_cast<uint64_t>(next) << 32);
      }
    }
  }
  return !set_attr(thread, owner, Borrowed<Str>(cell->name), MaybeAny(value.value())).raised();
}

namespace {
// Methods of immediates (ints, floats, bools, None): none of them has attributes of its own.
bool load_immediate_method(Thread& thread, Value* window, Any owner, CacheCell* cell, Type* type) {
  ShapeId shape = type->instance_shape.load(std::memory_order_acquire);
  const AttributeEntry* entry =
      attribute_cache_find(thread, nullptr, shape, cell, CacheUse::method);
  if (!entry) {
    uint32_t version = type->version.load(std::memory_order_acquire);
    Maybe<Ref<Object>> attribute = type_lookup(thread, type, cell->name);
    if (!version || !attribute || !type_of(attribute.value())->has_flag(kTypeMethodDescriptor) ||
        !generic_lookup(type))
      return false;
    attribute_cache_fill(thread, cell, CacheUse::method, cache_key(shape, kCacheMethod, version),
                         attribute.value().bits, type);
    window[0] = attribute.release();
  } else {
    if (entry->kind() != kCacheMethod || !share_racy(thread, Value(entry->data))) return false;
    window[0] = Value(entry->data);
  }
  window[kWindowSelf] = owner.value();
  return true;
}
}  // namespace

namespace {
bool load_method_fully(Thread& thread, Value* window, Any owner, CacheCell* cell);

// A function of a module or class, or an attribute of the instance that is called: no self, or the
// class. False: the entry says something else, or does not hold any more.
inline bool load_function(Thread& thread, Value* window, Object* object,
                          const AttributeEntry& entry) {
  Value function, self;
  switch (entry.kind()) {
    case kCacheSlot: function = raw_slot(object, entry.data); break;
    case kCacheTypeAttr: function = Value(entry.data); break;
    case kCacheModule: function = module_value(object, entry); break;
    case kCacheClassMethod:
      if (static_cast<Object*>(entry.type()) != object) return false;
      function = Value(entry.data);
      self = Value(object);
      break;
    case kCacheWrapped: {
      // The wrapper's memory stays what it is until this thread's next safepoint.
      Any wrapper{Value(entry.data)};
      function = wrapped_function(thread, wrapper);
      if (!function) return false;
      if (type_of(wrapper) != staticmethod_type.type) {
        self = Value(static_cast<Object*>(entry.type()));
        incref(thread, self);
      }
      window[0] = function;
      window[kWindowSelf] = self;
      return true;
    }
    default: return false;
  }
  if (!function || !share_racy(thread, function)) return false;
  incref(thread, self);
  window[0] = function;
  window[kWindowSelf] = self;
  return true;
}
}  // namespace

bool op_load_method(Thread& thread, Value* window, Any owner, CacheCell* cell) {
  if (__builtin_expect(owner.value().is_object(), 1)) {
    const AttributeEntry* entry = attribute_cache_find(
        thread, owner.object(), owner.object()->shape(), cell, CacheUse::method);
    if (entry && load_function(thread, window, owner.object(), *entry)) return true;
  }
  return load_method_fully(thread, window, owner, cell);
}

namespace {
[[gnu::noinline]] bool load_method_fully(Thread& thread, Value* window, Any owner,
                                         CacheCell* cell) {
  Type* type = type_of(owner);
  Value callable, self;
  if (owner.value().bits & 7 && load_immediate_method(thread, window, owner, cell, type))
    return true;
  if (owner.value().is_object()) {
    Object* object = owner.object();
    if (const AttributeEntry* entry =
            attribute_cache_find(thread, object, object->shape(), cell, CacheUse::method)) {
      if (entry->kind() == kCacheMethod) {
        callable = Value(entry->data);
        if (share_racy(thread, callable)) {
          incref(thread, object);
          window[0] = callable;
          window[kWindowSelf] = owner.value();
          return true;
        }
        callable = Value{};
      } else {
        callable = cached_value(thread, object, *entry, &self);
        if (!callable && exception_pending(thread)) return false;
        if (!callable)
          try_cache(thread, object, cell, CacheUse::method);  // the entry speaks of another class
      }
    } else {
      try_cache(thread, object, cell, CacheUse::method);
    }
  }
  if (!callable && generic_lookup(type)) {
    Maybe<Ref<Object>> attribute = type_lookup(thread, type, cell->name);
    if (attribute && type_of(attribute.value())->has_flag(kTypeMethodDescriptor)) {
      AnyLookup own = owner.value().is_object()
                          ? instance_get(thread, owner.object(), Borrowed<Str>(cell->name))
                          : AnyLookup::absent();
      if (own.raised()) return false;
      if (own.is_absent()) {
        callable = attribute.release();
        self = owner.value();
        incref(thread, self);
      } else {
        callable = own.release();
      }
    }
  }
  if (!callable) {
    AnyResult value = get_attr(thread, owner, Borrowed<Str>(cell->name));
    if (value.raised()) return false;
    callable = value.release();
  }
  window[0] = callable;
  window[kWindowSelf] = self;
  return true;
}
}  // namespace

bool op_load_special(Thread& thread, Value* window, Any owner, unsigned which) {
  Str* const names[] = {NAME("__enter__"), NAME("__exit__"), NAME("__aenter__"), NAME("__aexit__")};
  Type* type = type_of(owner);
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, names[which]);
  if (!attribute) {
    bool async_with = which >= 2;
    const char* missed = which == 0   ? "__enter__"
                         : which == 1 ? "__exit__"
                         : which == 2 ? "__aenter__"
                                      : "__aexit__";
    Str* other_enter = async_with ? NAME("__enter__") : NAME("__aenter__");
    Str* other_exit = async_with ? NAME("__exit__") : NAME("__aexit__");
    bool suggests = type_lookup(thread, type, other_enter) && type_lookup(thread, type, other_exit);
    if (!async_with) {
      (void)raise<TypeError>(
          thread, "'{}' object does not support the context manager protocol (missed {} method){}",
          type_name_in(owner), missed,
          suggests ? " but it supports the asynchronous context manager protocol. Did you mean to "
                     "use 'async with'?"
                   : "");
    } else {
      (void)raise<TypeError>(
          thread,
          "'{}' object does not support the asynchronous context manager protocol (missed {} "
          "method){}",
          type_name_in(owner), missed,
          suggests ? " but it supports the context manager protocol. Did you mean to use 'with'?"
                   : "");
    }
    return false;
  }
  if (type_of(attribute.value())->has_flag(kTypeMethodDescriptor)) {
    incref(thread, owner.value());
    window[kWindowSelf] = owner.value();
    window[0] = attribute.release();
    return true;
  }
  if (auto get = type_of(attribute.value())->slot<SlotId::descr_get>()) {
    AnyResult bound =
        get(thread, attribute.borrow(), MaybeAny(owner.value()), MaybeAny(Value(type)));
    if (bound.raised()) return false;
    window[kWindowSelf] = Value{};
    window[0] = bound.release();
    return true;
  }
  window[kWindowSelf] = Value{};
  window[0] = attribute.release();
  return true;
}

Value op_load_super_attr(Thread& thread, Value* run, Str* name, bool zero_argument) {
  if (run[0] == Value(super_type()) && is_type(run[1]) && run[2]) {
    auto* type = static_cast<Type*>(run[1].object());
    const Any object(run[2]);
    bool on_class = is_type(object);
    Type* start = on_class ? static_cast<Type*>(object.object()) : type_of(object);
    if (Value known = attribute_cache_super(thread, start, on_class, type, name)) {
      AnyRef found = AnyRef::adopt(known);
      if (is_exact(known, SHAPE(function)) && !on_class)
        return bound_method_create(thread, found, object).release();
      auto get = type_of(known)->slot<SlotId::descr_get>();
      if (!get) return found.release();
      return get(thread, found, on_class ? MaybeAny() : MaybeAny(object.value()),
                 MaybeAny(Value(start)))
          .release();
    }
    uint32_t version = start->version.load(std::memory_order_acquire);
    on_class = on_class && is_subtype(start, type);
    Value raw;
    AnyLookup found = super_attribute(thread, type, object, Borrowed<Str>(name), &raw);
    AnyRef owned_raw = AnyRef::adopt(raw);
    if (found.raised()) return Value{};
    if (found.found()) {
      // A class that is not below `type` is an object like any other, of its metaclass: too rare.
      if (on_class || !is_type(object))
        attribute_cache_fill_super(thread, start, on_class, type, name, version, raw);
      return found.release();
    }
  }
  AnyResult proxy = Raised{};
  if (zero_argument && run[0] != Value(TYPE(type)) && type_of(run[0]) != TYPE(type)) {
    proxy = call(thread, Any(run[0]), Arguments{});
  } else if (zero_argument && run[2].is_empty()) {
    (void)raise<RuntimeError>(thread, "super(): arg[0] deleted");
    return Value{};
  } else {
    proxy = call(thread, Any(run[0]), {run[1], run[2]});
  }
  if (proxy.raised()) return Value{};
  AnyRef owned = proxy.take();
  return get_attr(thread, owned, Borrowed<Str>(name)).release();
}

}  // namespace dx
