// The list of threads and the stop-all handshake.
//
// One mutex guards the list and who is stopping. The state word and the poll word of a thread are
// written and then the other one read, both sequentially consistent, by the two sides of the
// handshake: at least one of them sees the other.

#include "memory/safepoint.h"

#include <pthread.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <condition_variable>
#include <mutex>
#include <new>

#include "memory/byte_lock.h"
#include "memory/epoch.h"
#include "memory/heap.h"
#include "memory/hooks.h"
#include "memory/publish.h"

namespace dx {

thread_local constinit Thread* current_thread_ptr __attribute__((tls_model("initial-exec"))) =
    nullptr;
std::atomic<bool> threads_shared{false};
MemoryHooks memory_hooks;

namespace {

struct World {
  std::mutex lock;
  std::condition_variable changed;
  Thread* first = nullptr;
  Thread* stopper = nullptr;
  int depth = 0;
};
// Never destroyed: other threads may still wait on it when main() has returned, and a condition
// variable's destructor waits for them.
alignas(World) char world_memory[sizeof(World)];
World& world = *new (world_memory) World;

void set_state(Thread& thread, ThreadState state) {
  thread.state.store(state, std::memory_order_seq_cst);
}

void check_no_locks() {
#ifdef DX_DEBUG
  CHECK(internal_locks_held == 0);
#endif
}

void come_online(Thread& thread) {
  thread.epoch.store(global_epoch.load(std::memory_order_acquire), std::memory_order_release);
}

// Waits, counted as `state`, until nobody stops this thread. Requires: the lock.
void wait_for_stopper(std::unique_lock<std::mutex>& guard, Thread& thread) {
  while (world.stopper && world.stopper != &thread) {
    set_state(thread, kThreadStopped);
    world.changed.notify_all();
    world.changed.wait(guard);
  }
  if (thread.poll.load(std::memory_order_relaxed) & kPollDie) {
    set_state(thread, kThreadParked);
    world.changed.notify_all();
    for (;;) world.changed.wait(guard);
  }
  set_state(thread, kThreadRunning);
  come_online(thread);
}

bool others_run(const Thread& self) {
  for (Thread* thread = world.first; thread; thread = thread->next) {
    // Read-modify-write, so that a thread that comes online later sees all that was unlinked
    // before.
    if (thread != &self && thread->state.fetch_add(0, std::memory_order_seq_cst) == kThreadRunning)
      return true;
  }
  return false;
}

void stop_locked(std::unique_lock<std::mutex>& guard, Thread& self) {
  if (world.stopper == &self) {
    ++world.depth;
    return;
  }
  wait_for_stopper(guard, self);
  world.stopper = &self;
  world.depth = 1;
  for (Thread* thread = world.first; thread; thread = thread->next) {
    if (thread != &self) thread->poll.fetch_or(kPollStop, std::memory_order_seq_cst);
  }
  while (others_run(self)) world.changed.wait(guard);
}

void resume_locked(Thread& self) {
  if (--world.depth > 0) return;
  world.stopper = nullptr;
  for (Thread* thread = world.first; thread; thread = thread->next) {
    // Release: a thread that comes online later, without waiting, sees what was done to it
    // meanwhile (its tag).
    thread->poll.fetch_and(~kPollStop, std::memory_order_release);
  }
  world.changed.notify_all();
}

void share_locked() {
  for (Thread* thread = world.first; thread; thread = thread->next) {
    publish_everything_of(*thread);
  }
  threads_shared.store(true, std::memory_order_relaxed);
}

uint64_t native_thread_id() {
#if defined(__linux__)
  return static_cast<uint64_t>(syscall(SYS_gettid));
#else
  return static_cast<uint64_t>(pthread_self());
#endif
}

void insert(Thread& thread) {
  thread.previous = nullptr;
  thread.next = world.first;
  if (world.first) world.first->previous = &thread;
  world.first = &thread;
}

void unlink(Thread& thread) {
  if (thread.previous)
    thread.previous->next = thread.next;
  else
    world.first = thread.next;
  if (thread.next) thread.next->previous = thread.previous;
  thread.next = thread.previous = nullptr;
}

}  // namespace

// ---- threads ------------------------------------------------------------------------------------
void thread_adopt(Thread& main) {
  main.ident = static_cast<uint64_t>(pthread_self());
  main.native_id = native_thread_id();
  current_thread_ptr = &main;
}

void memory_start(Thread& main) {
  heap_reserve();
  shapes_reserve();
  main.is_main = true;
  CHECK(thread_attach(main));
}

bool thread_attach(Thread& thread) {
  thread.ident = static_cast<uint64_t>(pthread_self());
  thread.native_id = native_thread_id();
  thread.heap = heap_acquire();
  if (!thread.heap) return false;
  if (!epoch_attach(thread)) {
    heap_release(thread.heap);
    return false;
  }
  if (!dealloc_attach(thread)) {
    epoch_detach(thread);
    heap_release(thread.heap);
    return false;
  }
  std::unique_lock<std::mutex> guard(world.lock);
  thread.poll.fetch_and(~kPollStop, std::memory_order_relaxed);
  set_state(thread, kThreadStopped);
  wait_for_stopper(guard, thread);
  insert(thread);
  current_thread_ptr = &thread;
  if (threads_are_shared()) {
    tag_begin(thread);
  } else if (thread.next) {
    stop_locked(guard, thread);
    share_locked();
    resume_locked(thread);
  }
  return true;
}

void thread_detach(Thread& thread) {
  CHECK(current_thread_ptr == &thread);
  dealloc_detach(thread);
  epoch_detach(thread);
  heap_release(thread.heap);
  thread.heap = nullptr;
  container_growth_total.fetch_add(thread.container_growth, std::memory_order_relaxed);
  std::unique_lock<std::mutex> guard(world.lock);
  wait_for_stopper(guard, thread);
  set_state(thread, kThreadOffline);
  tag_end(thread);
  unlink(thread);
  current_thread_ptr = nullptr;
  world.changed.notify_all();
}

Thread* threads_first() { return world.first; }

void threads_share(Thread& self) {
  if (threads_are_shared()) return;
  std::unique_lock<std::mutex> guard(world.lock);
  stop_locked(guard, self);
  share_locked();
  resume_locked(self);
}

// ---- polls --------------------------------------------------------------------------------------
void poll_epoch_slow(Thread& thread) { epoch_announce(thread); }

void poll_gc_slow(Thread& thread) {
  check_no_locks();
  uint32_t poll = thread.poll.load(std::memory_order_seq_cst);
  if (poll & (kPollStop | kPollDie)) {
    std::unique_lock<std::mutex> guard(world.lock);
    wait_for_stopper(guard, thread);
  }
  if (poll & kPollEpoch) epoch_announce(thread);
  if ((poll & kPollGc) || kHostile) collector_poll(thread);
}

Result<void> poll_signals_slow(Thread& thread) {
  poll_gc_slow(thread);
  constexpr uint32_t kRaising = kPollSignals | kPollAsync | kPollTrace;
  if ((thread.poll.load(std::memory_order_relaxed) & kRaising) && memory_hooks.handle_pending) {
    return memory_hooks.handle_pending(thread);
  }
  return {};
}

void OfflineScope::enter() {
  check_no_locks();
  set_state(thread_, kThreadOffline);
  if (thread_.poll.load(std::memory_order_seq_cst) & kPollStop) {
    std::lock_guard<std::mutex> guard(world.lock);
    world.changed.notify_all();
  }
}

void OfflineScope::leave() {
  set_state(thread_, kThreadRunning);
  if (thread_.poll.load(std::memory_order_seq_cst) & (kPollStop | kPollDie)) {
    std::unique_lock<std::mutex> guard(world.lock);
    wait_for_stopper(guard, thread_);
  }
  come_online(thread_);
}

// ---- handshakes ---------------------------------------------------------------------------------
void stop_all(Thread& self) {
  check_no_locks();
  std::unique_lock<std::mutex> guard(world.lock);
  stop_locked(guard, self);
}

void resume_all(Thread& self) {
  std::lock_guard<std::mutex> guard(world.lock);
  CHECK(world.stopper == &self);
  resume_locked(self);
}

void park_other_threads(Thread& self) {
  std::unique_lock<std::mutex> guard(world.lock);
  stop_locked(guard, self);
  for (Thread* thread = world.first; thread; thread = thread->next) {
    if (thread != &self) thread->poll.fetch_or(kPollDie, std::memory_order_seq_cst);
  }
  resume_locked(self);
}

uint64_t threads_oldest_epoch() {
  std::lock_guard<std::mutex> guard(world.lock);
  uint64_t oldest = global_epoch.load(std::memory_order_acquire);
  for (Thread* thread = world.first; thread; thread = thread->next) {
    // Offline, stopped and parked threads hold no racy pointers; they announce when they come back.
    if (thread->state.fetch_add(0, std::memory_order_seq_cst) != kThreadRunning) continue;
    uint64_t epoch = thread->epoch.load(std::memory_order_acquire);
    if (epoch < oldest) oldest = epoch;
  }
  return oldest;
}

void threads_request_epoch() {
  std::lock_guard<std::mutex> guard(world.lock);
  uint64_t now = global_epoch.load(std::memory_order_acquire);
  for (Thread* thread = world.first; thread; thread = thread->next) {
    if (thread->epoch.load(std::memory_order_relaxed) < now) {
      thread->poll.fetch_or(kPollEpoch, std::memory_order_relaxed);
    }
  }
}

// ---- fork ---------------------------------------------------------------------------------------
void fork_prepare(Thread& self) { stop_all(self); }
void fork_parent(Thread& self) { resume_all(self); }

void fork_child(Thread& self) {
  new (&world.lock) std::mutex;
  new (&world.changed) std::condition_variable;
  heap_fork_child();
  byte_locks_fork_child();
  epoch_fork_child(self);
  weakrefs_fork_child();
  tags_fork_child();
  world.stopper = nullptr;
  world.depth = 0;
  for (Thread* thread = world.first; thread;) {
    Thread* next = thread->next;
    if (thread != &self) {
      // What a vanished thread retired and its pages serve the survivor; its registers' references
      // are lost, as in CPython. Its retired chunks pass to the others under the epoch that
      // everybody has now left.
      thread->state.store(kThreadOffline, std::memory_order_relaxed);
      if (thread->heap) {  // else it was ending and waits for the stop with nothing left
                           // (thread_detach)
        dealloc_detach(*thread);
        epoch_detach(*thread);
        heap_release(thread->heap);
        thread->heap = nullptr;
      }
      tag_end(*thread);
      unlink(*thread);
    }
    thread = next;
  }
  self.native_id = native_thread_id();
  self.poll.fetch_and(~kPollStop, std::memory_order_relaxed);
  set_state(self, kThreadRunning);
  if (memory_hooks.after_fork_child) memory_hooks.after_fork_child(self);
}

}  // namespace dx
