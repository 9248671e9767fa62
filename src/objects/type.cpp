// Making types, looking attributes up in them, making their instances. The lock order: the type
// lock is taken before any byte lock and never held while Python runs.

#include "objects/type.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "objects/dict.h"
#include "objects/lifecycle.h"
#include "objects/instance.h"
#include "objects/native.h"
#include "objects/tuple.h"
#include "objects/type_internal.h"

namespace dx {

TypeHandle builtin_types[static_cast<size_t>(TypeId::count)];

#define DX_EXTRA_TYPE(id)          \
  extern const TypeSpec id##_spec; \
  extern TypeHandle id##_type;
#include "objects/extra_types.def"
#undef DX_EXTRA_TYPE

namespace {

// Recursive: refreshing slots looks types up.
std::recursive_mutex type_mutex;
std::atomic<uint32_t> next_version{1};

uint32_t fresh_version() {
  uint32_t version = next_version.load(std::memory_order_relaxed);
  while (version && !next_version.compare_exchange_weak(version, version + 1)) {
  }
  return version;  // 0 once they ran out: such types are never cached
}

struct SubclassList {
  std::vector<Type*> types;  // unowned; a dying type takes itself out
};

std::unordered_set<SubclassList*>
    all_subclass_lists;  // guarded by the type lock; bounded by the number of classes

struct CacheEntry {
  uint32_t version;
  Str* name;    // counted
  Value value;  // borrowed from the namespace; empty: known to be absent
};
constexpr size_t kCacheSize = 2048;

size_t cache_index(uint32_t version, const Str* name) {
  return (version * 31 + (reinterpret_cast<uintptr_t>(name) >> 4)) & (kCacheSize - 1);
}

Result<void> set_native_name(Thread& thread, Type* type, const char* full_name) {
  const char* dot = std::strrchr(full_name, '.');
  const char* short_name = dot ? dot + 1 : full_name;
  Ref<Str> name = TRY(str_intern_ascii(thread, short_name));
  slot_write(thread, type, type->qualname, Ref<Str>::share(thread, name));
  slot_write(thread, type, type->name, std::move(name));
  return {};
}

// The type object alone: no namespace yet.
Type* make_type_object(Thread& thread, const TypeSpec& spec, Type* base, ShapeId instance_shape) {
  auto* type =
      static_cast<Type*>(allocate_object(thread, sizeof(Type), SHAPE(type), PageKind::traced));
  if (!type) return nullptr;
  type->spec = &spec;
  type->base = base;
  type->layout = spec.layout ? spec.layout : base->layout;
  type->flags.store(spec.flags | kTypeImmutable, std::memory_order_relaxed);
  type->instance_shape.store(instance_shape, std::memory_order_relaxed);
  type->payload_size = static_cast<uint16_t>(type->layout->size);
  Shape& shape = shape_of(instance_shape);
  shape.type = type;
  shape.layout = type->layout;
  shape.id = instance_shape;
  uint32_t inherited = base ? shape_of(base->instance_shape.load()).flags & 0xfffff : 0;
  shape.flags = spec.shape_flags | inherited | kShapeExact;
  if (base) {
    // A native type inherits what its base's instances carry behind the payload (a __dict__ word).
    if (type->has_flag(kTypeHasDict) || base->has_flag(kTypeHasDict)) {
      type->flags.fetch_or(kTypeHasDict);
      shape.flags |= kShapeHasDict | kShapeDictMode;
      type->dict_offset = shape.dict_offset = type->payload_size;
      type->inline_offset = shape.inline_offset = type->payload_size + 8;
      type->dict_shape.store(instance_shape);
    } else {
      type->inline_offset = shape.inline_offset = type->payload_size;
    }
    if (base->has_flag(kTypeWeakrefable)) type->flags.fetch_or(kTypeWeakrefable);
  } else {
    type->inline_offset = shape.inline_offset = type->payload_size;
  }
  make_immortal(type);
  return type;
}

Result<void> ready_native_type(Thread& thread, Type* type) {
  const TypeSpec& spec = *type->spec;
  TRY(set_native_name(thread, type, spec.name));
  if (!type->dict.raw()) slot_write(thread, type, type->dict, TRY(dict_create(thread)));
  if (type->base) {
    slot_write(thread, type, type->bases, TRY(tuple_of(thread, {Value(type->base)})));
  } else {
    slot_write(thread, type, type->bases, Ref<Tuple>::share(thread, tuple_empty()));
  }
  if (!type->mro.raw()) slot_write(thread, type, type->mro, TRY(type_compute_mro(thread, type)));
  TRY(type_fill_slots(thread, type));
  type->version.store(fresh_version(), std::memory_order_release);
  if (type->base) type_add_subclass(type->base, type);
  type->flags.fetch_or(kTypeReady | kTypeMembersPending);
  return {};
}

}  // namespace

size_t Arguments::positional() const { return count - keywords(); }
size_t Arguments::keywords() const { return names ? static_cast<size_t>(names->size) : 0; }

void type_lock() { type_mutex.lock(); }
void type_unlock() { type_mutex.unlock(); }

Type* type_of_immediate(Value value) {
  if (value.is_int()) return TYPE(int);
  if (value.is_float()) return TYPE(float);
  if (value.is_bool()) return TYPE(bool);
  if (value.is_none()) return TYPE(NoneType);
  if (value == kEllipsis) return TYPE(ellipsis);
  if (value == kNotImplemented) return TYPE(NotImplementedType);
  CHECK(!"a mark or an empty word has no type");
}

Result<void> types_initialize(Thread& thread) {
  for (size_t i = 1; i < static_cast<size_t>(TypeId::count); ++i) CHECK(shape_allocate() == i);
  static const TypeSpec* const specs[] = {
#define DX_TYPE(id, layout) &id##_spec,
#include "objects/types.def"
#undef DX_TYPE
  };
  for (size_t i = 1; i < static_cast<size_t>(TypeId::count); ++i) {
    const TypeSpec& spec = *specs[i - 1];
    Type* base = spec.base ? spec.base->type : i == 1 ? nullptr : TYPE(object);
    CHECK(i == 1 || base);  // types.def lists bases first
    Type* type = make_type_object(thread, spec, base, static_cast<ShapeId>(i));
    if (!type) return raise_memory_error(thread);
    builtin_types[i].type = type;
  }
  TRY(names_initialize(thread));
  for (size_t i = 0; i < kSlotCount; ++i) {
    Ref<Str> dunder = TRY(str_intern_ascii(thread, slot_infos[i].dunder));
    make_immortal(dunder.get());  // before the reference goes: interning alone keeps nothing alive
    slot_names[i] = dunder.get();
    if (slot_infos[i].twin[0]) {
      Ref<Str> twin = TRY(str_intern_ascii(thread, slot_infos[i].twin));
      make_immortal(twin.get());
      slot_twin_names[i] = twin.get();
    }
  }
  for (size_t i = 1; i < static_cast<size_t>(TypeId::count); ++i)
    TRY(ready_native_type(thread, builtin_types[i].type));
#define DX_EXTRA_TYPE(id) TRY(type_from_spec(thread, id##_spec, id##_type));
#include "objects/extra_types.def"
#undef DX_EXTRA_TYPE
  lifecycle_initialize();
  return {};
}

Result<void> type_from_spec(Thread& thread, const TypeSpec& spec, TypeHandle& handle) {
  std::lock_guard<std::recursive_mutex> guard(type_mutex);
  if (handle.type) return {};
  ShapeId shape = shape_allocate();
  Type* base = spec.base ? spec.base->type : TYPE(object);
  CHECK(base);
  Type* type = shape ? make_type_object(thread, spec, base, shape) : nullptr;
  if (!type) return raise_memory_error(thread);
  TRY(ready_native_type(thread, type));
  const char* dot = std::strrchr(spec.name, '.');
  bool own_module =
      false;  // instances have a __module__ each: the class's own is told from its name
  for (const GetSet& getset : spec.getsets)
    own_module |= std::string_view(getset.name) == "__module__";
  if (dot && !own_module) {
    Ref<Str> module = TRY(str_intern_ascii(
        thread, std::string_view(spec.name, static_cast<size_t>(dot - spec.name))));
    TRY(dict_set_str(thread, type->dict.borrow(), NAME("__module__"), module.borrow()));
  }
  handle.type = type;
  return {};
}

bool is_subtype(Type* type, Type* of) {
  if (type == of) return true;
  Value mro = type->mro.raw();
  if (mro) {
    auto* tuple = static_cast<Tuple*>(mro.object());
    for (Word i = 0; i < tuple->size; ++i) {
      if (tuple->items()[i].raw_relaxed() == Value(of)) return true;
    }
    return false;
  }
  for (; type; type = type->base) {
    if (type == of) return true;
  }
  return false;
}

// When memory is too short the namespace stays as it is, and the next look tries again.
void type_add_pending_members(Thread& thread, Type* type) {
  std::lock_guard<std::recursive_mutex> guard(type_mutex);
  if (!type->has_flag(kTypeMembersPending)) return;
  AnyRef pending = AnyRef::adopt(std::exchange(thread.exception, Value{}));
  if (type_add_native_members(thread, type, *type->spec).raised()) {
    clear_exception(thread);
  } else {
    type->flags.fetch_and(~uint32_t{kTypeMembersPending}, std::memory_order_release);
  }
  thread.exception = pending.release();
}

void type_cache_clear(Thread& thread) {
  auto* cache = static_cast<CacheEntry*>(thread.type_cache);
  for (size_t i = 0; cache && i < kCacheSize; ++i) {
    Str* name = std::exchange(cache[i].name, nullptr);
    cache[i].version = 0;
    if (name) decref(thread, Value(name));
  }
}

Maybe<Ref<Object>> type_lookup(Thread& thread, Type* type, Str* name) {
  uint32_t version = type->version.load(std::memory_order_acquire);
  auto* cache = static_cast<CacheEntry*>(thread.type_cache);
  CacheEntry* entry = nullptr;
  if (version && name->interned()) {
    if (!cache)
      thread.type_cache = cache =
          static_cast<CacheEntry*>(std::calloc(kCacheSize, sizeof(CacheEntry)));
    if (cache) {
      entry = &cache[cache_index(version, name)];
      if (entry->version == version && entry->name == name) {
        if (!entry->value.is_object()) return Maybe<Ref<Object>>::adopt(entry->value);
        // The version was current when we looked, so the namespace held the value after our last
        // safepoint.
        if (try_incref(thread, entry->value.object()))
          return Maybe<Ref<Object>>::adopt(entry->value);
      }
    }
  }
  Value found;
  Maybe<Ref<Tuple>> mro = field_load(thread, type, type->mro);
  if (mro) {
    for (Word i = 0; i < mro->size && !found; ++i) {
      Value base = mro->items()[i].raw_relaxed();
      if (!is_type(base)) continue;
      auto* owner = static_cast<Type*>(base.object());
      if (owner->has_flag(kTypeMembersPending)) type_add_pending_members(thread, owner);
      // Slots are refreshed down the subclass tree, where a class may be dying in another thread
      // and have no namespace left.
      Maybe<Ref<Dict>> names = field_load(thread, owner, owner->dict);
      if (!names) continue;
      AnyLookup item = dict_get_str(thread, names.borrow(), name);
      if (item.raised())
        clear_exception(thread);  // a namespace of str keys cannot raise
      else if (item.found())
        found = item.release();
    }
  }
  if (entry && type->version.load(std::memory_order_acquire) == version) {
    if (entry->name != name) {
      Str* old = entry->name;
      incref(thread, Value(name));
      entry->version = 0;
      entry->name = name;
      if (old) decref(thread, Value(old));
    }
    entry->value = found;
    entry->version = version;
  }
  return Maybe<Ref<Object>>::adopt(found);
}

// The metaclass's own attributes come before those of its classes (data descriptors) or after them.
static void renew_classes_of(Type* metaclass, Type* above) {
  auto* list = static_cast<SubclassList*>(above->subclasses);
  if (!list) return;
  for (Type* type : list->types) {
    if (type_of(Value(type)) == metaclass)
      type->version.store(fresh_version(), std::memory_order_release);
    renew_classes_of(metaclass, type);
  }
}

std::atomic<uint64_t> slot_epoch{uint64_t{1} << kSlotEpochShift};

uint64_t slot_epoch_for(Type* type) {
  // The flag is there before anything is looked up, and a writer looks at it after its write: one
  // of the two sees the other.
  if (!type->has_flag(kTypeSlotsCached)) type->flags.fetch_or(kTypeSlotsCached);
  return slot_epoch.load(std::memory_order_seq_cst);
}

namespace {
bool slots_cached_below(Type* type) {
  if (type->flags.load(std::memory_order_seq_cst) & kTypeSlotsCached) return true;
  auto* list = static_cast<SubclassList*>(type->subclasses);
  return list && std::any_of(list->types.begin(), list->types.end(), slots_cached_below);
}
void end_slot_epoch() {
  uint64_t epoch = slot_epoch.load(std::memory_order_relaxed);
  if (epoch != kNoSlotEpoch)
    slot_epoch.store(epoch + (uint64_t{1} << kSlotEpochShift), std::memory_order_seq_cst);
}
bool is_data_descriptor(Value value) {
  return value && type_of(value)->slot<SlotId::descr_set>() != nullptr;
}
// Whether a new value of a class attribute may change where an instance's attribute is found.
bool moves_slots(Str* name, Value replaced, Value value) {
  return is_data_descriptor(replaced) || is_data_descriptor(value) ||
         name == NAME("__getattribute__") || name == NAME("__getattr__") ||
         name == NAME("__setattr__") || name == NAME("__delattr__");
}
}  // namespace

void type_descriptors_changed() {
  type_modified(TYPE(object));
  end_slot_epoch();
}

void type_bases_changed(Type* type) {
  type_modified(type);
  if (slots_cached_below(type)) end_slot_epoch();
}

void type_modified(Type* type) {
  type->version.store(fresh_version(), std::memory_order_release);
  // Who caches sets the flag and then looks; here it is written first and then looked at the flag.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (type->has_flag(kTypeClassesCached)) {
    type->flags.fetch_and(~uint32_t{kTypeClassesCached}, std::memory_order_seq_cst);
    renew_classes_of(type, TYPE(object));
  }
  if (auto* list = static_cast<SubclassList*>(type->subclasses)) {
    for (Type* subclass : list->types) type_modified(subclass);
  }
}

void type_add_subclass(Type* base, Type* subclass) {
  publish(current_thread(), Value(subclass));  // others find it below its base from now on
  std::lock_guard<std::recursive_mutex> guard(type_mutex);
  if (!base->subclasses) {
    base->subclasses = new SubclassList;
    all_subclass_lists.insert(static_cast<SubclassList*>(base->subclasses));
  }
  static_cast<SubclassList*>(base->subclasses)->types.push_back(subclass);
}

void type_remove_subclass(Type* base, Type* subclass) {
  std::lock_guard<std::recursive_mutex> guard(type_mutex);
  auto* list = static_cast<SubclassList*>(base->subclasses);
  if (!list) return;
  std::erase(list->types, subclass);
}

void type_forget(Type* type) {
  std::lock_guard<std::recursive_mutex> guard(type_mutex);
  for (auto* list : all_subclass_lists) std::erase(list->types, type);
  if (auto* own = static_cast<SubclassList*>(type->subclasses)) {
    all_subclass_lists.erase(own);
    delete own;
    type->subclasses = nullptr;
  }
}

Result<Ref<Tuple>> type_subclasses(Thread& thread, Type* type) {
  std::vector<Value> alive;  // bounded by the number of classes
  {
    std::lock_guard<std::recursive_mutex> guard(type_mutex);
    if (auto* list = static_cast<SubclassList*>(type->subclasses)) {
      for (Type* subclass : list->types) {
        if (try_incref(thread, subclass)) alive.push_back(Value(subclass));
      }
    }
  }
  return tuple_adopt(thread, alive.data(), alive.size());
}

namespace {
// Refreshes slots down the subclass tree after a write to `name`, where a subclass does not
// override it.
void update_slots_below(Thread& thread, Type* type, Str* name) {
  type_update_slot(thread, type, name);
  auto* list = static_cast<SubclassList*>(type->subclasses);
  if (!list) return;
  for (Type* subclass : list->types) update_slots_below(thread, subclass, name);
}
}  // namespace

Result<void> type_set_attribute(Thread& thread, Borrowed<Type> type, Borrowed<Str> name,
                                MaybeAny value) {
  if (type->has_flag(kTypeImmutable)) {
    return raise<TypeError>(thread, "cannot set {} attribute of immutable type '{}'", repr_of(name),
                            type_name(thread, type.get()));
  }
  Ref<Str> interned = TRY(str_intern(thread, Ref<Str>::share(thread, name)));
  Ref<Dict> dict = Ref<Dict>::share(thread, type_dict(thread, type.get()));
  Maybe<Ref<Object>> replaced;  // dropped after the lock: it may run Python
  {
    std::lock_guard<std::recursive_mutex> guard(type_mutex);
    AnyLookup old = dict_get_str(thread, dict, interned);
    if (old.raised()) return Raised{};
    if (!value && old.is_absent()) {
      return raise<AttributeError>(thread, "type object '{}' has no attribute '{}'",
                                   type->name.borrow(), name);
    }
    if (old.found()) replaced = Maybe<Ref<Object>>(old.take());
    if (value) {
      TRY(dict_set_str(thread, dict, interned, *value));
    } else {
      (void)TRY(dict_delete(thread, dict, interned.borrow()));
    }
    DescriptorKind before(type.get());
    if (is_slot_name(interned.get())) update_slots_below(thread, type.get(), interned.get());
    type_modified(type.get());
    if (!(before == DescriptorKind(type.get()))) type_descriptors_changed();
    Value old_value = replaced ? replaced.value() : Value{};
    if (moves_slots(interned.get(), old_value, value.value()) && slots_cached_below(type.get()))
      end_slot_epoch();
  }
  return {};
}

void type_grow_instances(Type* type, uint32_t attributes) {
  attributes = std::min(attributes, kMaxInlineAttributes);
  std::lock_guard<std::recursive_mutex> guard(type_mutex);
  const Shape& old = shape_of(type->instance_shape.load());
  if (!(old.flags & kShapeHasDict) || old.inline_capacity >= type->member_count + attributes)
    return;
  ShapeId id = shape_allocate();
  if (!id) return;
  Shape& shape = shape_of(id);
  shape.type = type;
  shape.layout = old.layout;
  shape.properties = nullptr;
  shape.id = id;
  shape.flags = old.flags;
  shape.inline_offset = old.inline_offset;
  shape.inline_capacity = static_cast<uint16_t>(type->member_count + attributes);
  shape.inline_used = type->member_count;
  shape.dict_offset = old.dict_offset;
  shape.parent = 0;
  type->attribute_hint = attributes;
  type->instance_shape.store(id, std::memory_order_release);
}

// Clears the words behind the header. Mostly they are a few: storing them costs less than calling
// memset, which the compiler would make of a plain loop.
static inline void clear_payload(Object* object, size_t bytes) {
  auto* words = reinterpret_cast<uint64_t*>(object + 1);
  for (size_t left = (bytes - sizeof(Object)) / 8; left > 0; --left) {
    *words++ = 0;
    __asm__ volatile("" : "+r"(words));
  }
}

AnyResult allocate_instance(Thread& thread, Borrowed<Type> type) {
  ShapeId id = type->instance_shape.load(std::memory_order_acquire);
  if (size_t bytes = shape_of(id).instance_bytes.load(std::memory_order_relaxed)) {
    Object* object = allocate_object_uninitialized(thread, bytes, id, PageKind::traced);
    if (__builtin_expect(object != nullptr, 1)) {
      clear_payload(object, bytes);
      incref(thread, type.get());  // native classes are immortal
      return AnyRef::adopt(Value(object));
    }
  }
  return allocate_instance_sized(thread, type, type->layout->size);
}

AnyResult allocate_instance_sized(Thread& thread, Borrowed<Type> type, size_t payload_bytes) {
  ShapeId id = type->instance_shape.load(std::memory_order_acquire);
  const Shape& shape = shape_of(id);
  size_t bytes = payload_bytes;
  if (shape.flags & (kShapeHasDict | kShapeInlineSlots)) {
    CHECK(payload_bytes == shape.layout->size || shape.layout->payload_size);
    bytes = (payload_bytes + 7) / 8 * 8 + (shape.inline_offset - shape.layout->size) +
            8 * shape.inline_capacity;
    if ((shape.flags & kShapeHasDict) && shape.dict_offset > shape.inline_offset)
      bytes += 8;  // the dict word behind the members
  }
  bool traced = shape.layout->traced || bytes != payload_bytes || (shape.flags & kShapeHeapType);
  Object* object =
      allocate_object_uninitialized(thread, bytes, id, traced ? PageKind::traced : PageKind::leaf);
  if (!object) return raise_memory_error(thread);
  if (bytes > 256) {
    std::memset(static_cast<void*>(object + 1), 0, bytes - sizeof(Object));
  } else {
    clear_payload(object, bytes);
    if (bytes % 8) std::memset(reinterpret_cast<char*>(object) + bytes / 8 * 8, 0, bytes % 8);
  }
  if (shape.flags & kShapeHeapType) incref(thread, Value(type.get()));
  if (traced && !shape.layout->payload_size && bytes % 8 == 0 && bytes <= 256 &&
      payload_bytes == shape.layout->size) {
    const_cast<Shape&>(shape).instance_bytes.store(static_cast<uint32_t>(bytes),
                                                   std::memory_order_relaxed);
  }
  return AnyRef::adopt(Value(object));
}

const char* type_name(Thread& thread, Type* type) {
  if (type->spec) return type->spec->name;
  Result<std::string_view> text = str_utf8(thread, type->name.borrow());
  if (text.raised()) {
    clear_exception(thread);
    return "?";
  }
  return text.take().data();
}
const char* type_name_of(Thread& thread, Value value) { return type_name(thread, type_of(value)); }

// ---- C3 -----------------------------------------------------------------------------------------

Result<Ref<Tuple>> type_compute_mro(Thread& thread, Borrowed<Type> type) {
  Borrowed<Tuple> bases = type->bases.borrow();
  if (bases->size == 1 && static_cast<Type*>(bases->item(0).object())->mro.raw()) {
    Borrowed<Tuple> above = static_cast<Type*>(bases->item(0).object())->mro.borrow();
    Ref<Tuple> order = TRY(tuple_create(thread, static_cast<size_t>(above->size) + 1));
    slot_init(order.get(), order->items()[0], AnyRef::share(thread, Any(type.value())));
    for (Word i = 0; i < above->size; ++i)
      slot_init(order.get(), order->items()[i + 1], AnyRef::share(thread, above->item(i)));
    return order;
  }
  // Rows to merge: every base's MRO, then the bases themselves.
  std::vector<std::vector<Type*>> rows;
  for (Word i = 0; i < bases->size; ++i) {
    auto* base = static_cast<Type*>(bases->item(i).object());
    std::vector<Type*> row;
    if (base->mro.raw()) {
      Borrowed<Tuple> mro = base->mro.borrow();
      for (Word k = 0; k < mro->size; ++k) row.push_back(static_cast<Type*>(mro->item(k).object()));
    } else {
      for (Type* above = base; above; above = above->base) row.push_back(above);
    }
    rows.push_back(std::move(row));
  }
  std::vector<Type*> direct;
  for (Word i = 0; i < bases->size; ++i)
    direct.push_back(static_cast<Type*>(bases->item(i).object()));
  for (size_t i = 0; i < direct.size(); ++i) {
    for (size_t k = i + 1; k < direct.size(); ++k) {
      if (direct[i] == direct[k])
        return raise<TypeError>(thread, "duplicate base class {}", type_name(thread, direct[i]));
    }
  }
  rows.push_back(direct);
  std::vector<Value> merged{type.value()};
  std::vector<size_t> at(rows.size(), 0);
  for (;;) {
    bool empty = true;
    Type* next = nullptr;
    for (size_t r = 0; r < rows.size() && !next; ++r) {
      if (at[r] >= rows[r].size()) continue;
      empty = false;
      Type* candidate = rows[r][at[r]];
      bool in_tail = false;
      for (size_t q = 0; q < rows.size() && !in_tail; ++q) {
        for (size_t k = at[q] + 1; k < rows[q].size(); ++k) {
          if (rows[q][k] == candidate) {
            in_tail = true;
            break;
          }
        }
      }
      if (!in_tail) next = candidate;
    }
    if (empty) break;
    if (!next) {
      StrBuilder names(thread);
      TRY(names.append("Cannot create a consistent method resolution order (MRO) for bases "));
      bool first = true;
      std::vector<Type*> listed;
      for (size_t r = 0; r < rows.size(); ++r) {
        if (at[r] >= rows[r].size()) continue;
        Type* head = rows[r][at[r]];
        bool seen = false;
        for (Type* other : listed) seen |= other == head;
        if (seen) continue;
        listed.push_back(head);
        if (!first) TRY(names.append(", "));
        first = false;
        TRY(names.append(head->name.borrow()));
      }
      return raise<TypeError>(thread, "{}", TRY(names.finish()));
    }
    merged.push_back(Value(next));
    for (size_t r = 0; r < rows.size(); ++r) {
      if (at[r] < rows[r].size() && rows[r][at[r]] == next) ++at[r];
    }
  }
  return tuple_from(thread, merged.data(), merged.size());
}

}  // namespace dx
