#pragma once
// Safepoints: where a thread may be stopped, and what may happen there. Three kinds, because not
// everything may happen everywhere:
//
//   poll_epoch    no Python, never stops: announces that this thread holds no racy pointer. The
//   only one inside an
//                 object's critical section.
//   poll_gc       stops for handshakes; may run finalizers and weak reference callbacks.
//   poll_signals  poll_gc, then signal handlers and asynchronous exceptions; may raise. Back edges,
//   calls, EINTR.
//
// Threads are running (touch the heap freely), offline (in a blocking call: touch nothing) or
// stopped (at a safepoint, for somebody's handshake). stop_all returns when no other thread is
// running; fork, the collector, heap walks and the first second thread use it.
//
//   running --poll--> stopped --resume--> running          running --OfflineScope--> offline --its
//   end--> running
//                                                                                  (waits there
//                                                                                  while stopped)
//
// Rules: no internal lock (byte lock, shard, pool) is held at poll_gc, poll_signals, OfflineScope
// or stop_all; racy pointers do not survive any of the three polls or an OfflineScope.

#include "memory/ref.h"

namespace dx {

enum ThreadState : uint32_t { kThreadRunning, kThreadOffline, kThreadStopped, kThreadParked };

#ifdef DX_HOSTILE
constexpr bool kHostile = true;  // every safepoint collects
#else
constexpr bool kHostile = false;
#endif

void poll_epoch_slow(Thread& thread);
void poll_gc_slow(Thread& thread);
Result<void> poll_signals_slow(Thread& thread);

inline void poll_epoch(Thread& thread) {
  if (__builtin_expect(thread.poll.load(std::memory_order_relaxed) & kPollEpoch, 0))
    poll_epoch_slow(thread);
}
inline void poll_gc(Thread& thread) {
  constexpr uint32_t kMine = kPollStop | kPollGc | kPollEpoch | kPollDie;
  if (__builtin_expect(thread.poll.load(std::memory_order_relaxed) & kMine, 0) || kHostile)
    poll_gc_slow(thread);
}
inline Result<void> poll_signals(Thread& thread) {
  if (__builtin_expect(thread.poll.load(std::memory_order_relaxed) != 0, 0) || kHostile)
    return poll_signals_slow(thread);
  return {};
}

// Around a blocking call. Inside, no object may be touched and no Value read from the heap.
class OfflineScope {
 public:
  explicit OfflineScope(Thread& thread) : thread_(thread) { enter(); }
  ~OfflineScope() { leave(); }
  OfflineScope(const OfflineScope&) = delete;
  OfflineScope& operator=(const OfflineScope&) = delete;

 private:
  void enter();
  void leave();
  Thread& thread_;
};

// Stops every other thread at a safepoint; nests. Requires: no internal lock held.
void stop_all(Thread& self);
void resume_all(Thread& self);
class StopAll {
 public:
  explicit StopAll(Thread& self) : self_(self) { stop_all(self); }
  ~StopAll() { resume_all(self_); }
  StopAll(const StopAll&) = delete;
  StopAll& operator=(const StopAll&) = delete;

 private:
  Thread& self_;
};

// Every attached thread, newest first. Only inside stop_all.
Thread* threads_first();

// Called before a second thread starts: from here on counts are atomic. Cheap when it has happened.
void threads_share(Thread& self);
extern std::atomic<bool> threads_shared;
inline bool threads_are_shared() { return threads_shared.load(std::memory_order_relaxed); }

// Sets poll bits of another thread. Requires: the thread cannot end meanwhile.
inline void thread_request(Thread& thread, uint32_t bits) {
  thread.poll.fetch_or(bits, std::memory_order_release);
}

// fork: prepare stops everybody, so that nothing is half-done; then one of the other two runs. In
// the child only the calling thread exists; the structures of the others are unlinked (their Thread
// memory belongs to runtime/).
void fork_prepare(Thread& self);
void fork_parent(Thread& self);
void fork_child(Thread& self);

// Shutdown: every other thread waits for ever at its next safepoint, or where its blocking call
// returns.
void park_other_threads(Thread& self);

// For epoch.cpp.
uint64_t threads_oldest_epoch();
void threads_request_epoch();
// The collector's part of poll_gc (collector.cpp).
void collector_poll(Thread& thread);

inline void cpu_relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Parts of memory_start and fork_child.
void shapes_reserve();
bool dealloc_attach(Thread& thread);
void dealloc_detach(Thread& thread);
void byte_locks_fork_child();
void weakrefs_fork_child();

}  // namespace dx
