// The death of an object whose last reference went, in CPython's order:
//
//   1. __del__, once in its life, with the object alive again; who stored it somewhere has
//   resurrected it, and that is
//      the end of it
//   2. weak references are cleared, then their callbacks run
//   3. its references are dropped: slots behind the payload, __dict__, payload
//   4. what else it owns (Layout::destroy), its count on its class
//   5. the strong side's hold on the memory; at weak 0 the block goes back
//
// A reference dropped in 3 may be an object's last one: it dies there and then, by recursion, down
// to kDeepest. Below that such objects wait on the thread's explicit stack, so a list of a million
// linked nodes does not recurse: each is finished with all that hangs on it before its next sibling
// is begun, which is the order recursion has. Python code run in 1 and 2 starts a cascade of its
// own on top of the stack, so that what it drops dies before its statement ends.

#include <cstdlib>
#include <utility>

#include "memory/collector.h"
#include "memory/heap.h"
#include "memory/hooks.h"
#include "memory/layout.h"
#include "memory/safepoint.h"
#include "memory/weakref.h"

namespace dx {
namespace {

struct DeallocState {
  Object** waiting;
  size_t count;
  size_t capacity;
  size_t depth;  // how many objects are dropping their references; at kDeepest the newly dead wait
};

constexpr size_t kDeepest = 12;

constexpr size_t kFirstCapacity = 64;
constexpr size_t kKeptCapacity = 4096;  // a long cascade's stack is given back

DeallocState& state_of(Thread& thread) { return *static_cast<DeallocState*>(thread.dealloc_state); }

bool wait(DeallocState& state, Object* object) {
  if (state.count == state.capacity) {
    size_t capacity = state.capacity * 2;
    void* grown = std::realloc(state.waiting, capacity * sizeof(Object*));
    if (!grown) return false;
    state.waiting = static_cast<Object**>(grown);
    state.capacity = capacity;
  }
  state.waiting[state.count++] = object;
  return true;
}

// The strong side's weak count goes; without other holders so does the memory.
inline void leave_block(Thread& thread, Object* object) {
  if (__builtin_expect(weak_load(object) == kWeakOne,
                       1)) {  // the strong half is 0, or the object would not be dying
    return free_object(thread, object);
  }
  weak_decref(thread, object);
}

// Strong 0 -> 1: for __del__, and nobody else can do it.
void resurrect(Thread& thread, Object* object) {
  if (is_mine(thread, object)) {
    strong_store(object, strong_load(object) + 1);
  } else {
    object->counts.fetch_add(kStrongOne, std::memory_order_relaxed);
  }
}
// Takes that count back; whether the object is dead again.
bool die_again(Thread& thread, Object* object) {
  uint64_t counts = object->counts.load(std::memory_order_relaxed);
  if (counts >= kGuard) {
    if (counts & kImmortal) return false;
    counts = object->counts.fetch_and(~kTrap, std::memory_order_relaxed);
  }
  if (is_mine(thread, object)) {
    uint32_t strong = strong_load(object) - 1;
    strong_store(object, strong);
    return strong == 0;
  }
  return object->counts.fetch_sub(kStrongOne, std::memory_order_acq_rel) >> 32 == 1;
}

constexpr uint32_t kComplicated =
    kShapeHasFinalizer | kShapeHasDict | kShapeInlineSlots | kShapeHeapType;

// Nothing to run, nothing behind the payload: most objects, and functions, exceptions and
// generators that ran to their end whose __dict__ nobody asked for.
inline bool is_plain(const Shape& shape, const Object* object) {
  const uint8_t object_flags = object->flags.load(std::memory_order_relaxed);
  if (object_flags & kFlagHasWeakrefs) return false;
  const uint32_t extras = shape.flags & kComplicated;
  if (!extras) return true;
  if (extras & kShapeHeapType || shape.inline_capacity || shape.layout->payload_size) return false;
  if (extras & kShapeHasFinalizer && !(object_flags & kFlagFinalized)) return false;
  const auto* dict =
      reinterpret_cast<const Slot*>(reinterpret_cast<const char*>(object) + shape.dict_offset);
  return shape.dict_offset == 0 || dict->raw_relaxed().is_empty();
}

inline void dispose_plain(Thread& thread, const Layout& layout, Object* object) {
  if (layout.drop) {
    layout.drop(thread, object);
  } else if (layout.trace) {
    SlotDropper drop(thread);
    layout.trace(object, drop);
  }
  if (layout.destroy) layout.destroy(thread, object);
  leave_block(thread, object);
}

// A plain instance of a class made by Python: attribute slots, perhaps a __dict__, nothing else.
inline bool is_plain_instance(const Shape& shape, const Object* object) {
  constexpr uint32_t kMust = kShapeHeapType | kShapeBarePayload, kMustNot = kShapeHasFinalizer;
  return (shape.flags & (kMust | kMustNot)) == kMust && !object->has_flag(kFlagHasWeakrefs);
}
inline void dispose_instance(Thread& thread, const Shape& shape, Object* object) {
  Object* const type = reinterpret_cast<Object*>(shape.type);
  char* start = reinterpret_cast<char*>(object);
  const size_t dict_offset = shape.dict_offset;
  if (dict_offset && (shape.flags & kShapeHasDict)) {
    Value dict = reinterpret_cast<Slot*>(start + dict_offset)->raw_relaxed();
    if (__builtin_expect(dict.is_object(), 0) && memory_hooks.detach_dict)
      memory_hooks.detach_dict(thread, object, dict.object());
  }
  Slot* slots = reinterpret_cast<Slot*>(start + shape.inline_offset);
  for (Slot* const end = slots + shape.inline_capacity; slots != end; ++slots)
    slot_drop(thread, *slots);
  if (dict_offset) slot_drop(thread, *reinterpret_cast<Slot*>(start + dict_offset));
  leave_block(thread, object);
  decref(thread, type);
}

// With state.depth counting this object.
[[gnu::noinline]] void dispose_any(Thread& thread, DeallocState& state, Object* object) {
  const Shape* shape = &shape_of(object);
  const size_t depth = state.depth;
  if ((shape->flags & kShapeHasFinalizer) && !object->has_flag(kFlagFinalized)) {
    object->flags.fetch_or(kFlagFinalized, std::memory_order_relaxed);
    resurrect(thread, object);
    state.depth = 0;
    if (memory_hooks.call_finalizer) {
      without_exception(thread, [&] { memory_hooks.call_finalizer(thread, object); });
    }
    state.depth = depth;
    if (!die_again(thread, object)) return;
    shape = &shape_of(object);  // __del__ may have given it attributes or another class
  }
  if (object->has_flag(kFlagHasWeakrefs)) {
    state.depth = 0;
    weakrefs_object_died(thread, object);
    state.depth = depth;
  }
  drop_references(thread, object);
  Object* type = shape->flags & kShapeHeapType ? reinterpret_cast<Object*>(shape->type) : nullptr;
  if (shape->layout->destroy) shape->layout->destroy(thread, object);
  leave_block(thread, object);
  if (type) decref(thread, type);
}
inline void dispose(Thread& thread, DeallocState& state, const Shape& shape, Object* object) {
  if (is_plain(shape, object))
    dispose_plain(thread, *shape.layout, object);
  else if (is_plain_instance(shape, object))
    dispose_instance(thread, shape, object);
  else
    dispose_any(thread, state, object);
}

}  // namespace

void drop_references(Thread& thread, Object* object) {
  const Shape& shape = shape_of(object);
  if ((shape.flags & kShapeHasDict) && shape.dict_offset && memory_hooks.detach_dict) {
    Slot& slot = *reinterpret_cast<Slot*>(object_tail(object, shape) + shape.dict_offset);
    Value dict = slot.raw_relaxed();
    if (dict.is_object()) memory_hooks.detach_dict(thread, object, dict.object());
  }
  if (shape.flags & (kShapeInlineSlots | kShapeHasDict)) {
    char* tail = object_tail(object, shape);
    Slot* slots = reinterpret_cast<Slot*>(tail + shape.inline_offset);
    for (size_t index = 0; index < shape.inline_capacity; ++index) slot_drop(thread, slots[index]);
    if (shape.dict_offset) slot_drop(thread, *reinterpret_cast<Slot*>(tail + shape.dict_offset));
  }
  if (shape.layout->drop) return shape.layout->drop(thread, object);
  if (!shape.layout->trace) return;
  SlotDropper drop_all(thread);
  shape.layout->trace(object, drop_all);
}

namespace {

// The first dropped is the next to go.
inline void turn_round(DeallocState& state, size_t mark) {
  for (size_t low = mark, high = state.count; low + 1 < high; ++low) {
    std::swap(state.waiting[low], state.waiting[--high]);
  }
}

// What waits above `base`, each with all that hangs on it before its next sibling.
[[gnu::noinline]] void dispose_waiting(Thread& thread, DeallocState& state, size_t base) {
  turn_round(state, base);
  while (state.count != base) {
    Object* next = state.waiting[--state.count];
    const size_t mark = state.count;
    dispose(thread, state, shape_of(next), next);
    turn_round(state, mark);
  }
  if (__builtin_expect(base == 0 && state.capacity > kKeptCapacity, 0)) {
    if (void* smaller = std::realloc(state.waiting, kFirstCapacity * sizeof(Object*))) {
      state.waiting = static_cast<Object**>(smaller);
      state.capacity = kFirstCapacity;
    }
  }
}

}  // namespace

[[gnu::noinline]] static void holder_dead(Thread& thread, const Shape& shape, Object* object) {
  DeallocState& state = state_of(thread);
  if (__builtin_expect(state.depth >= kDeepest, 0) && wait(state, object)) return;
  // No memory for the stack: recursion serves, and is as deep as the cascade.
  const size_t base = state.count;
  ++state.depth;
  dispose(thread, state, shape, object);
  if (__builtin_expect(state.count != base, 0)) dispose_waiting(thread, state, base);
  --state.depth;
}

void object_dead(Thread& thread, Object* object) {
  const Shape& shape = shape_of(object);
  // A number or a text: nothing but its block.
  const Layout& layout = *shape.layout;
  if (!(shape.flags & kComplicated) && !layout.trace && !layout.destroy &&
      !object->has_flag(kFlagHasWeakrefs))
    return leave_block(thread, object);
  holder_dead(thread, shape, object);
}

bool dealloc_attach(Thread& thread) {
  DeallocState* state = static_cast<DeallocState*>(std::calloc(1, sizeof(DeallocState)));
  if (!state) return false;
  state->waiting = static_cast<Object**>(std::malloc(kFirstCapacity * sizeof(Object*)));
  if (!state->waiting) {
    std::free(state);
    return false;
  }
  state->capacity = kFirstCapacity;
  thread.dealloc_state = state;
  return true;
}

void dealloc_detach(Thread& thread) {
  DeallocState* state = static_cast<DeallocState*>(thread.dealloc_state);
  std::free(state->waiting);
  std::free(state);
  thread.dealloc_state = nullptr;
}

}  // namespace dx
