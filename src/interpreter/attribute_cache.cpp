// The second level of the attribute caches: one table a thread, asked when a site's own cell does
// not know the object's shape. A site that sees several shapes keeps the first in its cell and
// finds the others here.
//
//   cell (a site, shared by threads)  --miss-->  entry at hash(shape, name) (this thread's)
//   --miss-->  the full lookup
//
// Invariant: an entry's type pointer and value may be dead; they are good once the object has the
// entry's shape (whose type is alive, because the object is; or, for a class, when it is that very
// type) and the type has the entry's version (whose namespaces hold the value).

#include <cstdlib>

#include "interpreter/ops.h"

namespace dx {

namespace {

constexpr size_t kEntries = 1024;
constexpr uint64_t kUseSpecial = 3;  // beside CacheUse: found by the type's version, not by a shape
constexpr uint64_t kUseSuper = 4;    // likewise, and by the class that super() starts behind
constexpr uint64_t kOneUse = uint64_t{1} << 48;

inline AttributeEntry* entry_of(void* table, ShapeId shape, uint64_t name) {
  size_t index = (shape * 0x9E3779B1u >> 20 ^ (name >> 4) ^ name << 5) & (kEntries - 1);
  return static_cast<AttributeEntry*>(table) + index;
}
AttributeEntry* entry_at(Thread& thread, ShapeId shape, uint64_t name) {
  if (__builtin_expect(!thread.attribute_cache, 0)) {
    thread.attribute_cache = std::calloc(kEntries, sizeof(AttributeEntry));
    if (!thread.attribute_cache) return nullptr;
  }
  return entry_of(thread.attribute_cache, shape, name);
}

}  // namespace

void cell_fill(CacheCell* cell, CacheUse use, uint64_t key, uint64_t data, Type* type) {
  if (static_cast<uint32_t>(key) >> kCacheKindShift != kCacheSlot)
    return cache_fill(cell, key, data, reinterpret_cast<uint64_t>(type));
  uint64_t offset = use == CacheUse::store ? data & 0xffffffff : data;
  uint64_t next_shape = use == CacheUse::store ? data >> 32 : 0;
  // The epoch first, then the version that the answer was good for (slot_epoch_for).
  uint64_t epoch = slot_epoch_for(type);
  if (epoch == kNoSlotEpoch || offset > kMaxSlotOffset ||
      type->version.load(std::memory_order_seq_cst) != key >> 32)
    return;
  cache_fill(cell, static_cast<uint32_t>(key) | offset << 32 | epoch, next_shape, 0);
}

namespace {

// `name` is tagged with its use; the entry holds the text.
void remember(Thread& thread, AttributeEntry* entry, uint64_t name, uint64_t key, uint64_t data,
              const Type* type) {
  constexpr uint64_t kText = ~uint64_t{7};
  Value old(entry->name & kText);
  incref(thread, Value(name & kText));
  *entry = AttributeEntry{name, key, data, reinterpret_cast<uint64_t>(type)};
  decref(thread, old);
}

// A site that has turned to this shape for good gets it into its cell; one that sees many is rarely
// written to.
[[gnu::noinline]] void used_often(AttributeEntry* entry, CacheCell* cell) {
  uint64_t uses = entry->extra >> 48;
  if ((uses & (uses < 512 ? 7 : 255)) == 7) {
    cell_fill(cell, static_cast<CacheUse>(entry->name & 7), entry->key, entry->data, entry->type());
  }
}
inline void count_use(AttributeEntry* entry, CacheCell* cell) {
  entry->extra += kOneUse;
  if (__builtin_expect((entry->extra >> 48 & 7) == 7, 0)) used_often(entry, cell);
}

// The entry for the object's shape when it says one of these two kinds of a type that is as it was,
// or null.
inline AttributeEntry* find_kind(Thread& thread, Object* object, CacheCell* cell, CacheUse use,
                                 CacheKind kind, CacheKind other) {
  if (__builtin_expect(!thread.attribute_cache, 0)) return nullptr;
  ShapeId shape = object->shape();
  uint64_t name = reinterpret_cast<uint64_t>(cell->name) | static_cast<uint64_t>(use);
  AttributeEntry* entry = entry_of(thread.attribute_cache, shape, name);
  uint32_t key = static_cast<uint32_t>(entry->key);
  if (entry->name != name || (key != (shape | uint32_t{kind} << kCacheKindShift) &&
                              key != (shape | uint32_t{other} << kCacheKindShift)))
    return nullptr;
  if (entry->type()->version.load(std::memory_order_acquire) != entry->key >> 32) return nullptr;
  count_use(entry, cell);
  return entry;
}

}  // namespace

Value attribute_cache_load(Thread& thread, Object* object, CacheCell* cell) {
  AttributeEntry* entry = find_kind(thread, object, cell, CacheUse::load, kCacheSlot, kCacheValue);
  if (!entry) return Value{};
  Value value = entry->kind() == kCacheSlot ? raw_slot(object, entry->data) : Value(entry->data);
  return value && share_racy(thread, value) ? value : Value{};
}

Value attribute_cache_method(Thread& thread, Object* object, CacheCell* cell) {
  AttributeEntry* entry =
      find_kind(thread, object, cell, CacheUse::method, kCacheMethod, kCacheMethod);
  if (!entry) return Value{};
  Value function(entry->data);
  return share_racy_object(thread, function.object()) ? function : Value{};
}

Value attribute_cache_special(Thread& thread, Type* type, Str* name) {
  uint32_t version = type->version.load(std::memory_order_acquire);
  uint64_t key = uint64_t{version} << 32, tagged = reinterpret_cast<uint64_t>(name) | kUseSpecial;
  if (__builtin_expect(thread.attribute_cache && version, 1)) {
    AttributeEntry* entry = entry_of(thread.attribute_cache, version, tagged);
    // The version is the type's and current, so its namespaces hold the function.
    if (__builtin_expect(entry->name == tagged && entry->key == key &&
                             share_racy_object(thread, Value(entry->data).object()),
                         1)) {
      return Value(entry->data);
    }
  }
  Maybe<Ref<Object>> found = type_lookup(thread, type, name);
  if (!found || !is_exact(found.value(), SHAPE(function))) return Value{};
  if (version && version == type->version.load(std::memory_order_acquire) && name->interned()) {
    if (AttributeEntry* entry = entry_at(thread, version, tagged)) {
      remember(thread, entry, tagged, key, found.value().bits, type);
    }
  }
  return found.release();
}

namespace {
// Of a method that each class of a chain overrides and calls, the entries lie apart.
inline uint32_t super_index(uint32_t version, const Type* type) {
  return version ^ static_cast<uint32_t>(reinterpret_cast<uint64_t>(type) >> 6);
}
}  // namespace

// An entry's key is the version of `start`, and bit 0 says that it was the object itself: an
// object's class is then known to be below `type` too. A change of any class in its MRO changes the
// version.
Value attribute_cache_super(Thread& thread, Type* start, bool on_class, Type* type, Str* name) {
  uint32_t version = start->version.load(std::memory_order_acquire);
  if (!version || !thread.attribute_cache) return Value{};
  uint64_t tagged = reinterpret_cast<uint64_t>(name) | kUseSuper;
  AttributeEntry* entry = entry_of(thread.attribute_cache, super_index(version, type), tagged);
  if (entry->name != tagged || entry->key != (uint64_t{version} << 32 | on_class) ||
      entry->extra != reinterpret_cast<uint64_t>(type))
    return Value{};
  Value found(entry->data);
  return share_racy(thread, found) ? found : Value{};
}

void attribute_cache_fill_super(Thread& thread, Type* start, bool on_class, Type* type, Str* name,
                                uint32_t version, Value found) {
  if (!version || version != start->version.load(std::memory_order_acquire) || !name->interned())
    return;
  uint64_t tagged = reinterpret_cast<uint64_t>(name) | kUseSuper;
  AttributeEntry* entry = entry_at(thread, super_index(version, type), tagged);
  if (!entry) return;
  remember(thread, entry, tagged, uint64_t{version} << 32 | on_class, found.bits, type);
}

const AttributeEntry* attribute_cache_find(Thread& thread, const Object* owner, ShapeId shape,
                                           CacheCell* cell, CacheUse use) {
  uint64_t name = reinterpret_cast<uint64_t>(cell->name) | static_cast<uint64_t>(use);
  AttributeEntry* entry = entry_at(thread, shape, name);
  if (!entry || entry->name != name) return nullptr;
  if ((entry->key & ((uint64_t{1} << kCacheKindShift) - 1)) != shape) return nullptr;
  // All classes of a metaclass have one shape, and the entry's type is one of them: perhaps dead.
  if (shape_of(shape).flags & kShapeType && static_cast<const Object*>(entry->type()) != owner)
    return nullptr;
  if (entry->kind() != kCacheModule &&
      entry->type()->version.load(std::memory_order_acquire) != entry->key >> 32)
    return nullptr;
  count_use(entry, cell);
  return entry;
}

void attribute_cache_fill(Thread& thread, CacheCell* cell, CacheUse use, uint64_t key,
                          uint64_t data, Type* type) {
  cell_fill(cell, use, key, data, type);
  uint64_t name = reinterpret_cast<uint64_t>(cell->name) | static_cast<uint64_t>(use);
  ShapeId shape = static_cast<ShapeId>(key & ((uint64_t{1} << kCacheKindShift) - 1));
  AttributeEntry* entry = entry_at(thread, shape, name);
  if (!entry || !cell->name->interned()) return;
  remember(thread, entry, name, key, data, type);
}

}  // namespace dx
