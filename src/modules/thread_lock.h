#pragma once
// What _thread's files share: the word under a Python lock, timeouts, and the records of running
// threads.

#include "base/futex.h"
#include "memory/safepoint.h"
#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

// 0 free, 1 locked, 2 locked and somebody may be waiting.
class LockWord {
 public:
  bool is_locked() const { return word_.load(std::memory_order_relaxed) != 0; }
  bool try_acquire() {
    uint32_t free = 0;
    return word_.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }
  // Waits offline; signal handlers run meanwhile and may raise. False: the deadline passed.
  Result<bool> acquire(Thread& thread, int64_t deadline_ns);
  bool release();  // false: it was not locked
  void reset() { word_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<uint32_t> word_;
};

// Seconds (int, float) as a deadline; ValueError for NaN, OverflowError when out of range.
Result<int64_t> deadline_in(Thread& thread, Any seconds);
constexpr double kTimeoutMax = 9223372036.0;

extern TypeHandle thread_lock_type, thread_rlock_type, thread_local_type, thread_handle_type;
extern const TypeSpec thread_lock_spec, thread_rlock_spec, thread_local_spec, thread_handle_spec;

// thread_local.cpp: the values an ending thread has in _local objects.
void thread_locals_clear(Thread& thread);

}  // namespace dx
