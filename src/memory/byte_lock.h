#pragma once
// The two-bit mutex in every object's header (bit 0 locked, bit 1 has waiters), with waiting
// threads parked outside. Mutators of shared containers hold it; it is skipped when the object is
// this thread's alone. No Python code, and no safepoint other than poll_epoch, is reached while one
// is held; at most one is held at a time (two: by address order).

#include <optional>

#include "memory/counts.h"

namespace dx {

void byte_lock_slow(Thread& thread, Object* object);
void byte_unlock_slow(Thread& thread, Object* object);

// Debug builds count the locks a thread holds; a safepoint checks that there are none.
#ifdef DX_DEBUG
extern thread_local int internal_locks_held;
inline void note_internal_lock(int change) { internal_locks_held += change; }
#else
inline void note_internal_lock(int) {}
#endif

class ObjectLock {
 public:
  ObjectLock(Thread& thread, Object* object)
      : thread_(thread), object_(is_mine(thread, object) ? nullptr : object) {
    if (__builtin_expect(object_ != nullptr, 0)) lock();
  }
  ~ObjectLock() { unlock(); }
  ObjectLock(const ObjectLock&) = delete;
  ObjectLock& operator=(const ObjectLock&) = delete;
  void unlock() {
    if (!object_) return;
    note_internal_lock(-1);
    uint8_t expected = 1;
    if (!object_->lock.compare_exchange_strong(expected, 0, std::memory_order_release)) {
      byte_unlock_slow(thread_, object_);
    }
    object_ = nullptr;
  }

 private:
  void lock() {
    note_internal_lock(+1);
    uint8_t expected = 0;
    if (!object_->lock.compare_exchange_strong(expected, 1, std::memory_order_acquire)) {
      byte_lock_slow(thread_, object_);
    }
  }
  Thread& thread_;
  Object* object_;
};

// Both objects' locks, taken in address order; one lock when they are the same object.
class ObjectPairLock {
 public:
  ObjectPairLock(Thread& thread, Object* a, Object* b)
      : first_(thread, a < b ? a : b), second_(thread, a < b ? b : a, a == b) {}

 private:
  ObjectLock first_;
  struct Second {
    Second(Thread& thread, Object* object, bool same) {
      if (!same) lock.emplace(thread, object);
    }
    std::optional<ObjectLock> lock;
  } second_;
};

}  // namespace dx
