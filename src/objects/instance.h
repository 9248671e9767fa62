#pragma once
// Instances of Python classes and their attributes.
//
//   [header 16] [payload of the builtin base] [__dict__ word] [__slots__ members ...] [attribute
//   slots ...]
//
// Attribute slots are bound to a name by the shape, for the object's life. Asking for __dict__,
// deleting an attribute, assigning __class__, or running out of slots moves all of them, once, into
// a real dict held in the __dict__ word (the shape then says kShapeDictMode and the slots stay
// empty): a reader racing with that finds an empty slot and takes the slow path. Payloads of
// variable size (tuple, int, str, bytes subclasses) put everything behind the payload; the shape's
// offsets then count from the end of it (instance_tail).

#include "objects/str.h"

namespace dx {

struct Dict;

// Names of the attribute slots of a shape, in order. Immutable; lives as long as the process.
struct PropertyTable {
  uint32_t count;
  Str* names[];  // interned
};

// Where the dict word and slots of an object start (the object itself unless its payload has a
// variable size).
inline char* instance_tail(Object* object) { return object_tail(object, shape_of(object)); }

inline Slot& instance_slot(Object* object, const Shape& shape, size_t index) {
  return *reinterpret_cast<Slot*>(instance_tail(object) + shape.inline_offset + 8 * index);
}

// The slot index of an interned name among a shape's attributes, or -1.
Word shape_find(const Shape& shape, const Str* name);
// The shape after adding name, or 0 when the object must go to dict mode. Thread-safe.
ShapeId shape_add(Thread& thread, const Shape& shape, Str* name);

// The attribute in slot or dict. No descriptors, no Python for str keys.
AnyLookup instance_get(Thread& thread, Object* object, Borrowed<Str> name);
// Stores or deletes. False: the object cannot have attributes of its own, or (deleting) has no such
// one.
Result<bool> instance_set(Thread& thread, Object* object, Borrowed<Str> name, MaybeAny value);
// The real dict, made on demand. Requires: shape has kShapeHasDict.
Result<Ref<Dict>> instance_materialize(Thread& thread, Object* object);
Result<void> instance_replace_dict(Thread& thread, Object* object, Ref<Dict> dict);
// object.__class__ = type: TypeError when layouts differ.
Result<void> instance_set_class(Thread& thread, Object* object, Borrowed<Type> type);

}  // namespace dx
