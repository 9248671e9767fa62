#include "objects/instance.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "memory/byte_lock.h"
#include "objects/dict.h"
#include "objects/type_internal.h"

namespace dx {

namespace {

constexpr uint32_t kMaxTransitions =
    64;  // more than this from one shape: the class is used like a dict

struct Transition {
  Str* name;
  ShapeId child;
  uint32_t depth;  // number of transitions, this one included
  Transition* next;
};

std::mutex shape_mutex;  // adding transitions; never held at a safepoint

Transition* find_transition(const Shape& shape, const Str* name) {
  auto* at = static_cast<Transition*>(shape.transitions.load(std::memory_order_acquire));
  while (at && at->name != name) at = at->next;
  return at;
}

// The type's shape for instances whose attributes live in the dict.
ShapeId dict_mode_shape(Type* type) {
  ShapeId id = type->dict_shape.load(std::memory_order_acquire);
  if (id) return id;
  std::lock_guard<std::mutex> guard(shape_mutex);
  id = type->dict_shape.load(std::memory_order_acquire);
  if (id) return id;
  const Shape& root = shape_of(type->instance_shape.load(std::memory_order_relaxed));
  id = shape_allocate();
  CHECK(id != 0);
  Shape& shape = shape_of(id);
  shape.type = type;
  shape.layout = root.layout;
  shape.properties = nullptr;
  shape.id = id;
  shape.flags = root.flags | kShapeDictMode;
  shape.inline_offset = root.inline_offset;
  shape.inline_capacity = type->member_count;  // the attribute slots stay empty
  shape.inline_used = type->member_count;
  shape.dict_offset = root.dict_offset;
  shape.parent = root.id;
  type->dict_shape.store(id, std::memory_order_release);
  return id;
}

Slot& dict_slot(Object* object, const Shape& shape) {
  return *reinterpret_cast<Slot*>(instance_tail(object) + shape.dict_offset);
}

}  // namespace

Word shape_find(const Shape& shape, const Str* name) {
  const PropertyTable* table = shape.properties;
  if (!table) return -1;
  for (uint32_t i = 0; i < table->count; ++i) {
    if (table->names[i] == name) return shape.type->member_count + static_cast<Word>(i);
  }
  return -1;
}

ShapeId shape_add(Thread& thread, const Shape& shape, Str* name) {
  if (Transition* known = find_transition(shape, name)) return known->child;
  if (shape.inline_used >= shape.inline_capacity) {
    type_grow_instances(shape.type, shape.inline_capacity - shape.type->member_count + 4);
    return 0;
  }
  std::lock_guard<std::mutex> guard(shape_mutex);
  if (Transition* known = find_transition(shape, name)) return known->child;
  auto* first = static_cast<Transition*>(shape.transitions.load(std::memory_order_relaxed));
  if (first && first->depth >= kMaxTransitions) return 0;
  uint32_t count = shape.properties ? shape.properties->count : 0;
  auto* table =
      static_cast<PropertyTable*>(std::malloc(sizeof(PropertyTable) + (count + 1) * sizeof(Str*)));
  auto* transition = static_cast<Transition*>(std::malloc(sizeof(Transition)));
  ShapeId id = table && transition ? shape_allocate() : 0;
  if (!id) {
    std::free(table);
    std::free(transition);
    return 0;
  }
  table->count = count + 1;
  if (count) std::memcpy(table->names, shape.properties->names, count * sizeof(Str*));
  table->names[count] = name;
  incref(thread, name);  // shapes live for ever
  Shape& child = shape_of(id);
  child.type = shape.type;
  child.layout = shape.layout;
  child.properties = table;
  child.id = id;
  child.flags = shape.flags;
  child.inline_offset = shape.inline_offset;
  child.inline_capacity = shape.inline_capacity;
  child.inline_used = shape.inline_used + 1;
  child.dict_offset = shape.dict_offset;
  child.parent = shape.id;
  *transition = Transition{name, id, first ? first->depth + 1 : 1, first};
  const_cast<Shape&>(shape).transitions.store(transition, std::memory_order_release);
  return id;
}

AnyLookup instance_get(Thread& thread, Object* object, Borrowed<Str> name) {
  const Shape& shape = shape_of(object);
  if (!(shape.flags & kShapeHasDict)) return AnyLookup::absent();
  if (!(shape.flags & kShapeDictMode)) {
    Word index = shape_find(shape, name.get());
    if (index < 0 && !name->interned() && shape.properties) {
      for (uint32_t i = 0; i < shape.properties->count; ++i) {
        if (str_equal(shape.properties->names[i], name))
          index = shape.type->member_count + static_cast<Word>(i);
      }
    }
    if (index < 0) {
      if (&shape_of(object) == &shape) return AnyLookup::absent();
      return instance_get(thread, object, name);  // another thread changed the shape meanwhile
    }
    Value value = slot_load(thread, object, instance_slot(object, shape, index));
    if (value) return AnyLookup::adopt(value);
    if (!(shape_of(object).flags & kShapeDictMode)) return AnyLookup::absent();
  }
  Value dict = slot_load(thread, object, dict_slot(object, shape_of(object)));
  if (!dict) return AnyLookup::absent();
  Ref<Dict> owned = Ref<Dict>::adopt(dict);
  return dict_get_str(thread, owned, name);
}

Result<bool> instance_set(Thread& thread, Object* object, Borrowed<Str> name, MaybeAny value) {
  if (!(shape_of(object).flags & kShapeHasDict)) return false;
  if (!(shape_of(object).flags & kShapeDictMode) && value) {
    Ref<Str> interned = TRY(str_intern(thread, Ref<Str>::share(thread, name)));
    Value old;
    bool stored = false;
    incref(thread, value.value());
    {
      ObjectLock lock(thread, object);
      const Shape& shape = shape_of(object);
      if (!(shape.flags & kShapeDictMode)) {
        Word index = shape_find(shape, interned.get());
        if (index >= 0) {
          old = slot_exchange(thread, object, instance_slot(object, shape, index), value.value());
          stored = true;
        } else if (ShapeId id = shape_add(thread, shape, interned.get())) {
          publish_into(thread, object, value.value());
          slot_init(object, instance_slot(object, shape, shape.inline_used), value.value());
          object->shape_id.store(id, std::memory_order_release);
          stored = true;
        }
      }
    }
    decref(thread, stored ? old : value.value());
    if (stored) return true;
  }
  Ref<Dict> dict = TRY(instance_materialize(thread, object));
  if (value) {
    TRY(dict_set_str(thread, dict, name, *value));
    return true;
  }
  return dict_delete(thread, dict, name);
}

Result<Ref<Dict>> instance_materialize(Thread& thread, Object* object) {
  {
    const Shape& shape = shape_of(object);
    Value dict = slot_load(thread, object, dict_slot(object, shape));
    if (dict) return Ref<Dict>::adopt(dict);
  }
  Ref<Dict> dict = TRY(dict_create(thread));
  // The dict is this thread's alone until it is stored: filling it runs no Python and takes no lock
  // but its own.
  Value moved[kMaxInlineAttributes + 1];
  uint32_t count = 0;
  const PropertyTable* table = nullptr;
  {
    ObjectLock lock(thread, object);
    const Shape& shape = shape_of(object);
    if (Value other = dict_slot(object, shape).raw()) {
      incref(thread, other);
      return Ref<Dict>::adopt(other);
    }
    table = shape.properties;
    count = table && !(shape.flags & kShapeDictMode) ? table->count : 0;
    for (uint32_t i = 0; i < count; ++i) {
      moved[i] = instance_slot(object, shape, shape.type->member_count + i).raw();
      if (!moved[i]) continue;
      if (dict_set_str(thread, dict, table->names[i], Any(moved[i])).raised()) return Raised{};
    }
    ShapeId id = dict_mode_shape(shape.type);
    incref(thread, dict.value());
    publish_into(thread, object, dict.value());
    dict_slot(object, shape).word().store(dict.value().bits, std::memory_order_release);
    object->shape_id.store(id, std::memory_order_release);
    for (uint32_t i = 0; i < count; ++i) {
      moved[i] =
          slot_take(thread, object, instance_slot(object, shape, shape.type->member_count + i));
    }
  }
  for (uint32_t i = 0; i < count; ++i) decref(thread, moved[i]);
  return dict;
}

Result<void> instance_replace_dict(Thread& thread, Object* object, Ref<Dict> dict) {
  Ref<Dict> old =
      TRY(instance_materialize(thread, object));  // from here on attributes live in the dict word
  slot_write(thread, object, dict_slot(object, shape_of(object)), std::move(dict));
  return {};
}

Result<void> instance_set_class(Thread& thread, Object* object, Borrowed<Type> type) {
  Type* old = type_of(Value(object));
  if (old == type.get()) return {};
  bool modules = has_layout(object, kShapeModule) && type->layout == old->layout;
  if (!(old->has_flag(kTypeHeap) && type->has_flag(kTypeHeap)) && !modules) {
    return raise<TypeError>(
        thread, "__class__ assignment only supported for mutable types or ModuleType subclasses");
  }
  const Shape& shape = shape_of(object);
  const Shape& target = shape_of(type->instance_shape.load(std::memory_order_acquire));
  if (old->layout != type->layout || old->member_count != type->member_count ||
      old->dict_offset != type->dict_offset || old->inline_offset != type->inline_offset) {
    return raise<TypeError>(thread, "__class__ assignment: '{}' object layout differs from '{}'",
                            type_name(thread, type.get()), type_name(thread, old));
  }
  (void)target;
  if (shape.flags & kShapeHasDict) (void)TRY(instance_materialize(thread, object));
  ShapeId id =
      (shape.flags & kShapeHasDict) ? dict_mode_shape(type.get()) : type->instance_shape.load();
  if (type->has_flag(kTypeHeap)) incref(thread, type.value());
  object->shape_id.store(id, std::memory_order_release);
  if (!(DescriptorKind(old) == DescriptorKind(type.get()))) {
    type_lock();
    type_descriptors_changed();
    type_unlock();
  }
  if (old->has_flag(kTypeHeap)) decref(thread, Value(old));
  return {};
}

}  // namespace dx
