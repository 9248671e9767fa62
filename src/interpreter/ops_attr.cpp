// Attributes: the slow halves of LOAD_ATTR, STORE_ATTR, LOAD_METHOD and their kin, and the filling of their caches.
//
// What is cached (key = shape | version of its type << 32; both are looked at on a hit):
//   kCacheSlot      the attribute is in a slot of the instance, and no data descriptor of the type hides it
//   kCacheValue     the type's namespace has a plain value and the instance cannot shadow it
//   kCacheMethod    the type's namespace has something that LOAD_METHOD binds without an object
//   kCacheTypeAttr  the owner is that very class, and the value comes from its MRO

#include "interpreter/ops.h"
#include "objects/exception.h"
#include "objects/instance.h"
#include "objects/module.h"
#include "objects/type_internal.h"

namespace dx {

namespace {

bool generic_lookup(Type* type) {
  static const void* generic = TYPE(object)->slots[static_cast<size_t>(SlotId::getattribute)].load();
  return type->slots[static_cast<size_t>(SlotId::getattribute)].load(std::memory_order_relaxed) == generic;
}

uint64_t make_key(ShapeId shape, uint32_t version) { return shape | static_cast<uint64_t>(version) << 32; }

uint64_t slot_offset(Object* object, const Shape& shape, Word index) {
  return static_cast<uint64_t>(reinterpret_cast<char*>(&instance_slot(object, shape, static_cast<size_t>(index))) - reinterpret_cast<char*>(object));
}

// Objects with a fixed payload have their slots at the same offset in every instance of a shape.
bool fixed_offsets(const Shape& shape) { return !(shape.flags & (kShapeTuple | kShapeInt | kShapeStr | kShapeBytes)); }

void try_cache_attribute(Thread& thread, Object* object, CacheCell* cell) {
  ShapeId id = object->shape();
  const Shape& shape = shape_of(id);
  Type* type = shape.type;
  uint32_t version = type->version.load(std::memory_order_acquire);
  if (!version || !generic_lookup(type)) return;
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, cell->name);
  if (attribute) {
    Value found = attribute.value();
    Type* kind = type_of(found);
    if (kind->slot<SlotId::descr_set>()) {
      if (kind == TYPE(member_descriptor) && fixed_offsets(shape)) {
        auto* member = static_cast<MemberDescriptor*>(found.object());
        uint64_t offset = static_cast<uint64_t>(instance_tail(object) - reinterpret_cast<char*>(object)) + member->offset;
        cache_fill(cell, make_key(id, version), offset, reinterpret_cast<uint64_t>(type) | kCacheSlot);
      }
      return;
    }
  }
  if (shape.flags & kShapeHasDict) {
    if (shape.flags & kShapeDictMode) return;
    Word index = shape_find(shape, cell->name);
    if (index >= 0) {
      if (fixed_offsets(shape)) cache_fill(cell, make_key(id, version), slot_offset(object, shape, index), reinterpret_cast<uint64_t>(type) | kCacheSlot);
      return;
    }
  }
  if (!attribute || type_of(attribute.value())->slot<SlotId::descr_get>()) return;
  cache_fill(cell, make_key(id, version), attribute.value().bits, reinterpret_cast<uint64_t>(type) | kCacheValue);
}

void try_cache_class_attribute(Thread& thread, Type* owner, CacheCell* cell) {
  static const void* type_getattribute = TYPE(type)->slots[static_cast<size_t>(SlotId::getattribute)].load();
  Type* meta = type_of(Value(owner));
  if (meta->slots[static_cast<size_t>(SlotId::getattribute)].load() != type_getattribute) return;
  uint32_t version = owner->version.load(std::memory_order_acquire);
  if (!version || !meta->version.load()) return;
  if (meta != TYPE(type)) return;  // a metaclass attribute could change without the class's version
  if (type_lookup(thread, meta, cell->name)) return;
  Maybe<Ref<Object>> attribute = type_lookup(thread, owner, cell->name);
  if (!attribute) return;
  Type* kind = type_of(attribute.value());
  if (kind->slot<SlotId::descr_get>() && kind != TYPE(function)) return;  // a function looked up on a class is itself
  cache_fill(cell, make_key(static_cast<Object*>(owner)->shape(), version), attribute.value().bits, reinterpret_cast<uint64_t>(owner) | kCacheTypeAttr);
}

}  // namespace

Value op_load_attr(Thread& thread, Any owner, CacheCell* cell) {
  if (owner.value().is_object()) {
    if (is_type(owner)) try_cache_class_attribute(thread, static_cast<Type*>(owner.object()), cell);
    else try_cache_attribute(thread, owner.object(), cell);
  }
  return get_attr(thread, owner, Borrowed<Str>(cell->name)).release();
}

bool op_store_attr(Thread& thread, Any owner, Any value, CacheCell* cell) {
  static const void* generic = TYPE(object)->slots[static_cast<size_t>(SlotId::setattr)].load();
  Type* type = type_of(owner);
  if (owner.value().is_object() && type->slots[static_cast<size_t>(SlotId::setattr)].load() == generic && is_mine(thread, owner.object())) {
    Object* object = owner.object();
    ShapeId id = object->shape();
    const Shape& shape = shape_of(id);
    uint32_t version = type->version.load(std::memory_order_acquire);
    if (version && fixed_offsets(shape)) {
      Maybe<Ref<Object>> attribute = type_lookup(thread, type, cell->name);
      bool data_descriptor = attribute && type_of(attribute.value())->slot<SlotId::descr_set>();
      uint64_t extra = reinterpret_cast<uint64_t>(type) | kCacheSlot;
      if (data_descriptor && type_of(attribute.value()) == TYPE(member_descriptor)) {
        auto* member = static_cast<MemberDescriptor*>(attribute.value().object());
        cache_fill(cell, make_key(id, version), static_cast<uint64_t>(instance_tail(object) - reinterpret_cast<char*>(object)) + member->offset, extra);
      } else if (!data_descriptor && (shape.flags & kShapeHasDict) && !(shape.flags & kShapeDictMode)) {
        Word index = shape_find(shape, cell->name);
        if (index >= 0) {
          cache_fill(cell, make_key(id, version), slot_offset(object, shape, index), extra);
        } else if (ShapeId next = shape_add(thread, shape, cell->name)) {
          cache_fill(cell, make_key(id, version), slot_offset(object, shape, shape.inline_used) | static_cast<uint64_t>(next) << 32, extra);
        }
      }
    }
  }
  return !set_attr(thread, owner, Borrowed<Str>(cell->name), MaybeAny(value.value())).raised();
}

bool op_load_method(Thread& thread, Value* window, Any owner, CacheCell* cell) {
  Type* type = type_of(owner);
  Value callable, self;
  if (generic_lookup(type)) {
    Maybe<Ref<Object>> attribute = type_lookup(thread, type, cell->name);
    if (attribute && type_of(attribute.value())->has_flag(kTypeMethodDescriptor)) {
      AnyLookup own = owner.value().is_object() ? instance_get(thread, owner.object(), Borrowed<Str>(cell->name)) : AnyLookup::absent();
      if (own.raised()) return false;
      if (own.is_absent()) {
        uint32_t version = type->version.load(std::memory_order_acquire);
        if (owner.value().is_object() && version) {
          ShapeId id = owner.object()->shape();
          const Shape& shape = shape_of(id);
          // Without a dict, or with one whose names the shape knows, the instance cannot shadow the method.
          if (!(shape.flags & kShapeDictMode)) {
            cache_fill(cell, make_key(id, version), attribute.value().bits, reinterpret_cast<uint64_t>(type) | kCacheMethod);
          }
        }
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

bool op_load_special(Thread& thread, Value* window, Any owner, unsigned which) {
  Str* const names[] = {NAME("__enter__"), NAME("__exit__"), NAME("__aenter__"), NAME("__aexit__")};
  Type* type = type_of(owner);
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, names[which]);
  if (!attribute) {
    bool async_with = which >= 2;
    const char* missed = which == 0 ? "__enter__" : which == 1 ? "__exit__" : which == 2 ? "__aenter__" : "__aexit__";
    Str* other_enter = async_with ? NAME("__enter__") : NAME("__aenter__");
    Str* other_exit = async_with ? NAME("__exit__") : NAME("__aexit__");
    bool suggests = type_lookup(thread, type, other_enter) && type_lookup(thread, type, other_exit);
    if (!async_with) {
      (void)raise<TypeError>(thread, "'{}' object does not support the context manager protocol (missed {} method){}", type_name_in(owner), missed,
                             suggests ? " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?" : "");
    } else {
      (void)raise<TypeError>(thread, "'{}' object does not support the asynchronous context manager protocol (missed {} method){}", type_name_in(owner),
                             missed, suggests ? " but it supports the context manager protocol. Did you mean to use 'with'?" : "");
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
    AnyResult bound = get(thread, attribute.borrow(), MaybeAny(owner.value()), MaybeAny(Value(type)));
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
