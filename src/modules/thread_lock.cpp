// _thread.lock and _thread.RLock.

#include "modules/thread_lock.h"

#include <climits>
#include <cmath>

#include "memory/heap.h"
#include "objects/container_support.h"
#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle thread_lock_type, thread_rlock_type;

Result<bool> LockWord::acquire(Thread& thread, int64_t deadline_ns) {
  if (try_acquire()) return true;
  for (;;) {
    Wait result;
    {
      OfflineScope waiting(thread);
      // From here on whoever unlocks wakes one waiter, this thread's own later unlock too.
      if (word_.exchange(2, std::memory_order_acquire) == 0) return true;
      result = futex_wait(word_, 2, deadline_ns);
    }
    if (result == Wait::timed_out) return word_.exchange(2, std::memory_order_acquire) == 0;
    TRY(poll_signals(thread));
  }
}

bool LockWord::release() {
  uint32_t old = word_.exchange(0, std::memory_order_release);
  if (old == 2) futex_wake(word_, 1);
  return old != 0;
}

Result<int64_t> deadline_in(Thread& thread, Any seconds) {
  double number = TRY(float_convert(thread, seconds));
  if (std::isnan(number)) return raise<ValueError>(thread, "Invalid value NaN (not a number)");
  if (number > kTimeoutMax) {
    if (number * 1e9 >= 9223372036854775807.0) {
      return raise<OverflowError>(thread, "timestamp out of range for C PyTime_t");
    }
    return raise<OverflowError>(thread, "timeout value is too large");
  }
  int64_t now = monotonic_ns();
  double wait = std::ceil(number * 1e9);
  return wait > static_cast<double>(INT64_MAX - now) ? INT64_MAX : now + static_cast<int64_t>(wait);
}

namespace {

struct Lock : Object {
  LockWord word;
};
struct RLock : Object {
  LockWord word;
  std::atomic<uint64_t> owner;  // ident of the thread that holds it, or 0
  uint64_t count;               // the owner's
};
Lock* lock_of(Any self) { return static_cast<Lock*>(self.object()); }
RLock* rlock_of(Any self) { return static_cast<RLock*>(self.object()); }

// acquire(blocking=True, timeout=-1): the deadline, or 0 for "do not wait".
Result<int64_t> acquire_deadline(Thread& thread, bool blocking, Any timeout) {
  bool default_timeout = timeout.value() == small_int(-1);
  if (!blocking) {
    if (!default_timeout)
      return raise<ValueError>(thread, "can't specify a timeout for a non-blocking call");
    return int64_t{0};
  }
  if (default_timeout) return kNoDeadline;
  double number = TRY(float_convert(thread, timeout));
  if (number < 0) {
    if (number == -1) return kNoDeadline;
    return raise<ValueError>(thread, "timeout value must be a non-negative number");
  }
  if (number == 0) return int64_t{0};
  return deadline_in(thread, timeout);
}

Result<bool> acquire_word(Thread& thread, LockWord& word, bool blocking, Any timeout) {
  int64_t deadline = TRY(acquire_deadline(thread, blocking, timeout));
  if (deadline == 0) return word.try_acquire();
  return word.acquire(thread, deadline);
}

AnyResult expect_nothing(Thread& thread, const char* name, Borrowed<Type> type,
                         Arguments arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "{}() takes no keyword arguments", name);
  if (arguments.count)
    return raise<TypeError>(thread, "{} expected 0 arguments, got {}", name, arguments.count);
  return allocate_instance(thread, type);
}

// ---- lock ---------------------------------------------------------------------------------------
AnyResult lock_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  return expect_nothing(thread, "lock", type, arguments);
}
Result<bool> lock_acquire(Thread& thread, Any self, bool blocking, Any timeout) {
  return acquire_word(thread, lock_of(self)->word, blocking, timeout);
}
Result<bool> lock_enter(Thread& thread, Any self) {
  return lock_of(self)->word.acquire(thread, kNoDeadline);
}
Result<void> lock_release(Thread& thread, Any self) {
  if (!lock_of(self)->word.release()) return raise<RuntimeError>(thread, "release unlocked lock");
  return {};
}
Result<void> lock_exit(Thread& thread, Any self, Rest) { return lock_release(thread, self); }
bool lock_locked(Thread&, Any self) { return lock_of(self)->word.is_locked(); }
void lock_at_fork_reinit(Thread&, Any self) { lock_of(self)->word.reset(); }

AnyResult lock_repr(Thread& thread, Any self) {
  char address[32];
  std::snprintf(address, sizeof address, "%p", static_cast<void*>(self.object()));
  const FormatArgument parts[] = {lock_of(self)->word.is_locked() ? "locked" : "unlocked",
                                  type_name_in(self), address};
  return format_text(thread, "<{} {} object at {}>", parts, 3);
}

const Layout lock_layout{"lock", sizeof(Lock), false, nullptr, nullptr};
const SlotEntry lock_slots[] = {slot<SlotId::new_, lock_new>(), slot<SlotId::repr, lock_repr>()};
constexpr const char* kAcquireDoc =
    "Lock the lock. Without arguments this waits until the lock is free; with blocking=False it "
    "returns at once.\n"
    "A timeout in seconds bounds the wait. Returns whether the lock was acquired.";
constexpr const char* kReleaseDoc =
    "Release the lock, allowing another thread that is blocked waiting for it to go on.";
constexpr Method lock_methods[] = {
    method<lock_acquire>("acquire(blocking=True, timeout=-1)", kAcquireDoc),
    method<lock_acquire>("acquire_lock(blocking=True, timeout=-1)",
                         "An obsolete synonym of acquire()."),
    method<lock_release>("release()", kReleaseDoc),
    method<lock_release>("release_lock()", "An obsolete synonym of release()."),
    method<lock_locked>("locked()", "Return whether the lock is in the locked state."),
    method<lock_locked>("locked_lock()", "An obsolete synonym of locked()."),
    method<lock_enter>("__enter__()", "Lock the lock."),
    method<lock_exit>("__exit__(*exc_info)", "Release the lock."),
    method<lock_at_fork_reinit>("_at_fork_reinit()"),
};

// ---- RLock --------------------------------------------------------------------------------------
AnyResult rlock_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  if (arguments.count && must_refuse_keywords(type)) {
    TRY(warn<DeprecationWarning>(
        thread, 1, "Passing arguments to RLock is deprecated and will be removed in 3.15"));
  }
  return allocate_instance(thread, type);
}
bool rlock_mine(const Thread& thread, RLock* self) {
  return self->owner.load(std::memory_order_relaxed) == thread.ident;
}
void rlock_take(Thread& thread, RLock* self, uint64_t count) {
  self->owner.store(thread.ident, std::memory_order_relaxed);
  self->count = count;
}
Result<bool> rlock_acquire(Thread& thread, Any any, bool blocking, Any timeout) {
  RLock* self = rlock_of(any);
  if (rlock_mine(thread, self)) {
    TRY(acquire_deadline(thread, blocking, timeout));  // the arguments must make sense all the same
    ++self->count;
    return true;
  }
  bool acquired = TRY(acquire_word(thread, self->word, blocking, timeout));
  if (acquired) rlock_take(thread, self, 1);
  return acquired;
}
Result<bool> rlock_enter(Thread& thread, Any self) {
  return rlock_acquire(thread, self, true, small_int(-1));
}
Result<void> rlock_release(Thread& thread, Any any) {
  RLock* self = rlock_of(any);
  if (!rlock_mine(thread, self))
    return raise<RuntimeError>(thread, "cannot release un-acquired lock");
  if (--self->count == 0) {
    self->owner.store(0, std::memory_order_relaxed);
    self->word.release();
  }
  return {};
}
Result<void> rlock_exit(Thread& thread, Any self, Rest) { return rlock_release(thread, self); }
bool rlock_locked(Thread&, Any self) { return rlock_of(self)->word.is_locked(); }
bool rlock_is_owned(Thread& thread, Any self) { return rlock_mine(thread, rlock_of(self)); }
Word rlock_recursion_count(Thread& thread, Any self) {
  return rlock_mine(thread, rlock_of(self)) ? static_cast<Word>(rlock_of(self)->count) : 0;
}
// What Condition.wait needs: give the lock up however often it is held, and take it back the same.
AnyResult rlock_release_save(Thread& thread, Any any) {
  RLock* self = rlock_of(any);
  if (!rlock_mine(thread, self))
    return raise<RuntimeError>(thread, "cannot release un-acquired lock");
  Ref<Tuple> state = TRY(tuple_of(thread, {small_int(static_cast<Word>(self->count)),
                                           small_int(static_cast<Word>(thread.ident))}));
  self->owner.store(0, std::memory_order_relaxed);
  self->count = 0;
  self->word.release();
  return state;
}
Result<void> rlock_acquire_restore(Thread& thread, Any any, Borrowed<Tuple> state) {
  if (state->size != 2 || !state->item(0).value().is_int()) {
    return raise<TypeError>(thread,
                            "_acquire_restore() argument must be what _release_save() returned");
  }
  RLock* self = rlock_of(any);
  TRY(self->word.acquire(thread, kNoDeadline));
  rlock_take(thread, self, static_cast<uint64_t>(small_int_value(state->item(0).value())));
  return {};
}
void rlock_at_fork_reinit(Thread&, Any any) {
  RLock* self = rlock_of(any);
  self->word.reset();
  self->owner.store(0, std::memory_order_relaxed);
  self->count = 0;
}

AnyResult rlock_repr(Thread& thread, Any self) {
  char address[32];
  std::snprintf(address, sizeof address, "%p", static_cast<void*>(self.object()));
  RLock* lock = rlock_of(self);
  const FormatArgument parts[] = {lock->word.is_locked() ? "locked" : "unlocked",
                                  type_name_in(self), lock->owner.load(std::memory_order_relaxed),
                                  lock->count, address};
  return format_text(thread, "<{} {} object owner={} count={} at {}>", parts, 5);
}

const Layout rlock_layout{"RLock", sizeof(RLock), false, nullptr, nullptr};
const SlotEntry rlock_slots[] = {slot<SlotId::new_, rlock_new>(), slot<SlotId::repr, rlock_repr>()};
constexpr Method rlock_methods[] = {
    method<rlock_acquire>("acquire(blocking=True, timeout=-1)", kAcquireDoc),
    method<rlock_release>("release()", kReleaseDoc),
    method<rlock_locked>("locked()", "Return whether the lock is held by any thread."),
    method<rlock_enter>("__enter__()", "Lock the lock."),
    method<rlock_exit>("__exit__(*exc_info)", "Release the lock."),
    method<rlock_is_owned>("_is_owned()", "For internal use by `threading.Condition`."),
    method<rlock_recursion_count>("_recursion_count()", "For internal use by reentrancy checks."),
    method<rlock_release_save>("_release_save()", "For internal use by `threading.Condition`."),
    method<rlock_acquire_restore>("_acquire_restore(state, /)",
                                  "For internal use by `threading.Condition`."),
    method<rlock_at_fork_reinit>("_at_fork_reinit()"),
};

}  // namespace

const TypeSpec thread_lock_spec{
    .name = "_thread.lock",
    .doc =
        "A lock is either free or held by one thread; acquire() takes it, waiting while it is "
        "held, release() frees it.",
    .flags = kTypeWeakrefable,
    .layout = &lock_layout,
    .slots = lock_slots,
    .methods = lock_methods,
};
const TypeSpec thread_rlock_spec{
    .name = "_thread.RLock",
    .flags = kTypeBase | kTypeWeakrefable,
    .layout = &rlock_layout,
    .slots = rlock_slots,
    .methods = rlock_methods,
};

}  // namespace dx
