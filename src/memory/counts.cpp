// The cold halves of counting: immortal, trapped and near-overflow objects; references from unowned
// pointers.

#include "memory/counts.h"

#include "memory/heap.h"
#include "memory/publish.h"

namespace dx {
namespace {

constexpr uint32_t kWeakSticky = uint32_t{1} << 31;

// What the top bits mean for a count operation: true when the count is not to be changed.
bool settle_state(Object* object, uint64_t counts) {
  if (counts & kImmortal) return true;
  if (counts & kTrap) {
    object->counts.fetch_and(~kTrap, std::memory_order_relaxed);
    return false;
  }
  // 2**29 references: it lives for ever from now on, as in CPython.
  object->counts.fetch_or(kImmortal, std::memory_order_relaxed);
  return true;
}

}  // namespace

void incref_slow(Thread& thread, Object* object) {
  if (settle_state(object, object->counts.load(std::memory_order_relaxed))) return;
  object->counts.fetch_add(kStrongOne, std::memory_order_relaxed);
}

void decref_slow(Thread& thread, Object* object) {
  if (settle_state(object, object->counts.load(std::memory_order_relaxed))) return;
  if ((object->counts.fetch_sub(kStrongOne, std::memory_order_acq_rel) >> 32) == 1)
    object_dead(thread, object);
}

void make_immortal(Object* object) {
  if (current_thread_ptr) publish(*current_thread_ptr, Value(object));
  object->counts.store(kImmortalCounts, std::memory_order_relaxed);
  object->owner.store(0, std::memory_order_relaxed);
}

bool try_incref(Thread& thread, Object* object) {
  uint32_t strong = strong_load(object);
  if (strong) check_owner(thread, object);
  for (;;) {
    if (strong == 0) return false;
    if (__builtin_expect(strong >= kStrongGuard, 0)) {
      if (settle_state(object, object->counts.load(std::memory_order_relaxed))) return true;
      strong = strong_load(object);
      continue;
    }
    if (is_mine(thread, object)) {
      strong_store(object, strong + 1);
      return true;
    }
    if (__atomic_compare_exchange_n(strong_half(object), &strong, strong + 1, true,
                                    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
      return true;
    }
  }
}

// Never fetch_add: a carry out of the weak half would be a strong reference.
void weak_incref(Object* object) {
  uint64_t counts = object->counts.load(std::memory_order_relaxed);
  do {
    if (static_cast<uint32_t>(counts) >= kWeakSticky) return;
  } while (
      !object->counts.compare_exchange_weak(counts, counts + kWeakOne, std::memory_order_relaxed));
}

void weak_decref(Thread& thread, Object* object) {
  uint64_t counts = object->counts.load(std::memory_order_relaxed);
  do {
    if (static_cast<uint32_t>(counts) >= kWeakSticky || (counts & kImmortal)) return;
  } while (!object->counts.compare_exchange_weak(
      counts, counts - kWeakOne, std::memory_order_acq_rel, std::memory_order_relaxed));
  if (counts == kWeakOne) free_object(thread, object);
}

}  // namespace dx
