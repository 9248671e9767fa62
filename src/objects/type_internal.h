#pragma once
// What the files that make up the type machinery share: type.cpp (making, looking up),
// type_slots.cpp (slots <-> dunders), type_object.cpp (type as Python sees it), instance.cpp
// (attributes of instances).

#include "objects/protocol.h"
#include "objects/type.h"

namespace dx {

constexpr uint32_t kMaxInlineAttributes = 32;

extern Str* slot_names[kSlotCount];       // "__add__" ..., interned
extern Str* slot_twin_names[kSlotCount];  // "__delitem__" ..., or null

// Slots of a type from its own namespace and its bases. Requires: the type lock, or a type nobody
// else sees yet.
Result<void> type_fill_slots(Thread& thread, Type* type);
// The slots that `name` decides, recomputed for type alone.
void type_update_slot(Thread& thread, Type* type, Str* name);
bool is_slot_name(Str* name);
// The TypeError of an operator whose methods all answered NotImplemented (protocol_number.cpp).
Raised binary_refused(Thread& thread, BinaryOp op, Any left, Any right);
Raised inplace_refused(Thread& thread, BinaryOp op, Any left, Any right);
// Adds slot wrappers, methods and getsets of a native spec to the namespace.
Result<void> type_add_native_members(Thread& thread, Type* type, const TypeSpec& spec);
// The globals of the function that runs in this thread; empty when none does. Filled in by the
// interpreter.
extern Value (*running_globals)(Thread& thread);
// Forgets what type_lookup has found for this thread.
void type_cache_clear(Thread& thread);
// C3 linearization of bases (a tuple of types), type first.
Result<Ref<Tuple>> type_compute_mro(Thread& thread, Borrowed<Type> type);
// A root shape for instances with room for `attributes` more attribute slots, now given to new
// instances.
void type_grow_instances(Type* type, uint32_t attributes);
// Fresh versions for type and everything below it. Requires: the type lock.
void type_modified(Type* type);
// What lookups through other classes ask of an attribute's type: whether it has __get__ and
// __set__. When that changes for a type, or an object gets a type of another kind, the versions of
// all classes change (type_descriptors_changed): their namespaces may hold such attributes, and
// caches know them. Requires: the type lock.
struct DescriptorKind {
  bool get, set;
  explicit DescriptorKind(const Type* type)
      : get(type->slot<SlotId::descr_get>()), set(type->slot<SlotId::descr_set>()) {}
  bool operator==(const DescriptorKind&) const = default;
};
void type_descriptors_changed();
void type_bases_changed(Type* type);  // the same after a write to __bases__

// An attribute cell that found a slot of the instance has shape, offset and this word in its key:
// as long as the word stands, no class that had such a cell got or lost a data descriptor, other
// bases, or its own way of attribute access. One compare then answers for the class, which is not
// touched. The epoch is in the top 16 bits; when they are used up nothing is cached this way any
// more (kNoSlotEpoch). Written under the type lock.
extern std::atomic<uint64_t> slot_epoch;
constexpr unsigned kSlotEpochShift = 48;
constexpr uint64_t kNoSlotEpoch = uint64_t{0xffff} << kSlotEpochShift;
// The epoch for cells about instances of type, asked before the look-up whose answer they keep.
uint64_t slot_epoch_for(Type* type);
void type_lock();
void type_unlock();
void type_add_subclass(Type* base, Type* subclass);
void type_remove_subclass(Type* base, Type* subclass);
Result<Ref<Tuple>> type_subclasses(Thread& thread, Type* type);

// A dying type leaves its bases' lists.
void type_forget(Type* type);
// The __dict__ and __weakref__ descriptors of a class (descriptors.cpp).
AnyResult dict_descriptor(Thread& thread, Type* owner);
AnyResult weakref_descriptor(Thread& thread, Type* owner);
extern TypeHandle property_type;
Value property_getter(Thread& thread, Any property);  // counted; empty: it has none
extern TypeHandle staticmethod_type, classmethod_type;
Value wrapped_function(Thread& thread,
                       Any wrapper);  // what a staticmethod or classmethod wraps; counted, or empty
Type* super_type();
// super(type, object).name without the proxy; absent: the proxy has to be asked. `raw`: where to
// put the attribute as the namespace has it, counted, when it is found.
AnyLookup super_attribute(Thread& thread, Type* type, Any object, Borrowed<Str> name,
                          Value* raw = nullptr);
// For super() without arguments: __class__ and the first argument of the running function, both
// owned. False: RuntimeError. Filled in by the interpreter.
extern bool (*find_super_arguments)(Thread& thread, Value& type, Value& object);
// The newest weak reference without callback, or None (weakref.cpp).
AnyResult first_weakref(Thread& thread, Any object);
Result<void> descriptors_initialize(Thread& thread);
Result<void> generators_initialize(Thread& thread);
Result<void> async_generators_initialize(Thread& thread);
// X | Y (union.cpp); kNotImplemented when one is no type-like thing.
AnyResult union_create(Thread& thread, Any left, Any right);

}  // namespace dx
