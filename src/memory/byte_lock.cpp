// The parking lot behind the objects' one-byte locks: threads that cannot have a lock at once wait
// here, in one of 256 places chosen by the object's address.
//
// Invariant: the waiters bit is set before anybody sleeps and only under the place's mutex, and
// whoever unlocks with the bit set clears both bits under the same mutex: no wake-up is lost. All
// sleepers of a place wake and try again.

#include "memory/byte_lock.h"

#include <condition_variable>
#include <mutex>
#include <new>

#include "memory/safepoint.h"

namespace dx {

#ifdef DX_DEBUG
thread_local int internal_locks_held = 0;
#endif

namespace {

constexpr uint8_t kLocked = 1;
constexpr uint8_t kWaiters = 2;
constexpr int kSpins = 40;  // holders finish within a few dozen instructions

struct alignas(128) Place {
  std::mutex mutex;
  std::condition_variable freed;
};
constexpr size_t kPlaces = 256;
// Never destroyed: threads may wait here while the process exits. Never constructed either: zeroes
// are what PTHREAD_MUTEX_INITIALIZER and PTHREAD_COND_INITIALIZER are, and memory that no thread
// waits in stays untouched.
alignas(Place) constinit char places_memory[kPlaces * sizeof(Place)] = {};
Place* const places = reinterpret_cast<Place*>(places_memory);

Place& place_of(const Object* object) {
  uint64_t address = reinterpret_cast<uintptr_t>(object) >> 3;
  return places[(address * 0x9E3779B97F4A7C15u) >> 56];
}

bool take(Object* object, uint8_t& seen) {
  while (!(seen & kLocked)) {
    if (object->lock.compare_exchange_weak(seen, seen | kLocked, std::memory_order_acquire,
                                           std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void byte_lock_slow(Thread& thread, Object* object) {
  uint8_t seen = object->lock.load(std::memory_order_relaxed);
  for (int spin = 0; spin < kSpins; ++spin) {
    if (take(object, seen)) return;
    cpu_relax();
    seen = object->lock.load(std::memory_order_relaxed);
  }
  Place& place = place_of(object);
  std::unique_lock<std::mutex> guard(place.mutex);
  for (;;) {
    seen = object->lock.load(std::memory_order_relaxed);
    if (take(object, seen)) return;
    if (!(seen & kWaiters) &&
        !object->lock.compare_exchange_strong(seen, seen | kWaiters, std::memory_order_relaxed)) {
      continue;
    }
    place.freed.wait(guard);
  }
}

void byte_unlock_slow(Thread& thread, Object* object) {
  Place& place = place_of(object);
  {
    std::lock_guard<std::mutex> guard(place.mutex);
    object->lock.fetch_and(static_cast<uint8_t>(~(kLocked | kWaiters)), std::memory_order_release);
  }
  place.freed.notify_all();
}

void byte_locks_fork_child() {
  for (size_t index = 0; index < kPlaces; ++index) new (&places[index]) Place;
}

}  // namespace dx
