#include "memory/weakref.h"

#include <cstdlib>
#include <mutex>
#include <new>

#include "memory/byte_lock.h"
#include "memory/hooks.h"
#include "memory/safepoint.h"

namespace dx {
namespace {

// Open addressing with linear probing; a deleted place is closed by moving its followers back.
struct alignas(128) Shard {
  std::mutex lock;
  struct Entry {
    Object* object;
    WeakReference* first;
  };
  Entry* entries = nullptr;
  size_t capacity = 0;  // a power of two
  size_t count = 0;
};
constexpr size_t kShards = 64;
Shard shards[kShards];

uint64_t hash_of(const Object* object) {
  return (reinterpret_cast<uintptr_t>(object) >> 3) * 0x9E3779B97F4A7C15u;
}
Shard& shard_of(const Object* object) { return shards[hash_of(object) >> 58]; }

class ShardLock {
 public:
  explicit ShardLock(Shard& shard) : guard_(shard.lock) { note_internal_lock(+1); }
  ~ShardLock() { note_internal_lock(-1); }

 private:
  std::lock_guard<std::mutex> guard_;
};

Shard::Entry* find(Shard& shard, const Object* object) {
  if (shard.capacity == 0) return nullptr;
  size_t mask = shard.capacity - 1;
  for (size_t at = hash_of(object) & mask; shard.entries[at].object; at = (at + 1) & mask) {
    if (shard.entries[at].object == object) return &shard.entries[at];
  }
  return nullptr;
}

bool grow(Shard& shard) {
  size_t capacity = shard.capacity ? shard.capacity * 2 : 8;
  auto* entries = static_cast<Shard::Entry*>(std::calloc(capacity, sizeof(Shard::Entry)));
  if (!entries) return false;
  for (size_t old = 0; old < shard.capacity; ++old) {
    if (!shard.entries[old].object) continue;
    size_t at = hash_of(shard.entries[old].object) & (capacity - 1);
    while (entries[at].object) at = (at + 1) & (capacity - 1);
    entries[at] = shard.entries[old];
  }
  std::free(shard.entries);
  shard.entries = entries;
  shard.capacity = capacity;
  return true;
}

Shard::Entry* find_or_add(Shard& shard, Object* object) {
  if (Shard::Entry* entry = find(shard, object)) return entry;
  if ((shard.count + 1) * 4 > shard.capacity * 3 && !grow(shard)) return nullptr;
  size_t mask = shard.capacity - 1;
  size_t at = hash_of(object) & mask;
  while (shard.entries[at].object) at = (at + 1) & mask;
  shard.entries[at] = {object, nullptr};
  ++shard.count;
  return &shard.entries[at];
}

void remove(Shard& shard, Shard::Entry* entry) {
  size_t mask = shard.capacity - 1;
  size_t hole = static_cast<size_t>(entry - shard.entries);
  for (size_t at = (hole + 1) & mask; shard.entries[at].object; at = (at + 1) & mask) {
    size_t home = hash_of(shard.entries[at].object) & mask;
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      shard.entries[hole] = shard.entries[at];
      hole = at;
    }
  }
  shard.entries[hole] = {nullptr, nullptr};
  --shard.count;
}

void unlink(Shard::Entry* entry, WeakReference* reference) {
  if (reference->previous)
    reference->previous->next = reference->next;
  else
    entry->first = reference->next;
  if (reference->next) reference->next->previous = reference->previous;
  reference->next = reference->previous = nullptr;
}

// Basic references lead the list, the proxy behind the ref; others follow them, the newest first.
void link(Shard::Entry* entry, WeakReference* reference, WeakKind kind) {
  WeakReference* before = nullptr;
  for (WeakReference* at = entry->first; at && at->kind < kind && at->kind != WeakKind::other;
       at = at->next)
    before = at;
  reference->previous = before;
  reference->next = before ? before->next : entry->first;
  if (before)
    before->next = reference;
  else
    entry->first = reference;
  if (reference->next) reference->next->previous = reference;
}

// Callbacks of one dying object; a few need no memory.
void run_callback(Thread& thread, WeakReference* reference, Value callback) {
  if (memory_hooks.call_weakref_callback) {
    without_exception(thread,
                      [&] { memory_hooks.call_weakref_callback(thread, reference, callback); });
  }
  decref(thread, callback);
  decref(thread, reference);
}

}  // namespace

void weakref_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<WeakReference*>(object)->callback);
}

void weakref_detach(Thread& thread, Object* object) {
  auto* reference = static_cast<WeakReference*>(object);
  Object* referent = reference->referent.load(std::memory_order_acquire);
  if (!referent) return;
  Shard& shard = shard_of(referent);
  ShardLock lock(shard);
  // The referent may have died meanwhile; its address is only compared.
  if (reference->referent.load(std::memory_order_relaxed) != referent) return;
  Shard::Entry* entry = find(shard, referent);
  unlink(entry, reference);
  reference->referent.store(nullptr, std::memory_order_release);
  if (!entry->first) {
    // The entry goes with its last reference; the referent's flag stays, which only costs its death
    // one look.
    remove(shard, entry);
  }
}

Maybe<Ref<WeakReference>> weakref_find(Thread& thread, Object* referent, WeakKind kind) {
  if (!referent->has_flag(kFlagHasWeakrefs)) return {};
  Shard& shard = shard_of(referent);
  ShardLock lock(shard);
  Shard::Entry* entry = find(shard, referent);
  for (WeakReference* at = entry ? entry->first : nullptr; at && at->kind <= kind; at = at->next) {
    if (at->kind == kind && try_incref(thread, at)) return Ref<WeakReference>::adopt(at);
  }
  return {};
}

bool weakref_attach(Thread& thread, WeakReference* reference, Object* referent, WeakKind kind,
                    Maybe<Ref<WeakReference>>& existing) {
  // Through the table every thread reaches both: the dying referent's clears the reference, the
  // reference gives it out.
  publish(thread, Value(referent));
  publish(thread, Value(reference));
  Shard& shard = shard_of(referent);
  ShardLock lock(shard);
  Shard::Entry* entry = find_or_add(shard, referent);
  if (!entry) return false;
  if (kind != WeakKind::other) {
    for (WeakReference* at = entry->first; at && at->kind <= kind; at = at->next) {
      if (at->kind == kind && try_incref(thread, at)) {
        existing = Ref<WeakReference>::adopt(at);
        return true;
      }
    }
  }
  reference->kind = kind;
  link(entry, reference, kind);
  referent->flags.fetch_or(kFlagHasWeakrefs, std::memory_order_relaxed);
  reference->referent.store(referent, std::memory_order_release);
  return true;
}

Maybe<Ref<Object>> weakref_get(Thread& thread, const WeakReference* reference) {
  for (int spin = 0;; ++spin) {
    Object* referent = reference->referent.load(std::memory_order_acquire);
    if (!referent) return {};
    if (try_incref(thread, referent)) return Ref<Object>::adopt(referent);
    // Count 0, not cleared yet: another thread is about to let it die, or to run its __del__ with
    // it alive.
    const bool may_return =
        shape_of(referent).flags & kShapeHasFinalizer && !referent->has_flag(kFlagFinalized);
    if (!threads_are_shared() || !may_return || spin == 1000) return {};
    cpu_relax();
  }
}

Word weakref_count(Object* referent) {
  if (!referent->has_flag(kFlagHasWeakrefs)) return 0;
  Shard& shard = shard_of(referent);
  ShardLock lock(shard);
  Shard::Entry* entry = find(shard, referent);
  Word count = 0;
  for (WeakReference* at = entry ? entry->first : nullptr; at; at = at->next)
    count += strong_count(at) > 0;
  return count;
}

size_t weakref_list(Thread& thread, Object* referent, Value* into, size_t limit) {
  if (!referent->has_flag(kFlagHasWeakrefs)) return 0;
  Shard& shard = shard_of(referent);
  ShardLock lock(shard);
  Shard::Entry* entry = find(shard, referent);
  size_t count = 0;
  for (WeakReference* at = entry ? entry->first : nullptr; at; at = at->next) {
    if (count >= limit) {
      count += strong_count(at) > 0;
    } else if (try_incref(thread, at)) {
      into[count++] = Value{at};
    }
  }
  return count;
}

void weakrefs_object_died(Thread& thread, Object* object) {
  WeakCallbacks due;
  weakrefs_detach_garbage(thread, object, nullptr, nullptr, due);
  weakrefs_run(thread, due);
}

bool WeakCallbacks::reserve() {
  if (count < capacity) return true;
  size_t larger = capacity ? capacity * 2 : 4;
  void* grown = std::realloc(due, larger * sizeof(Due));
  if (!grown) return false;
  due = static_cast<Due*>(grown);
  capacity = larger;
  return true;
}

bool weakrefs_detach_garbage(Thread& thread, Object* object, IsGarbage is_garbage, void* state,
                             WeakCallbacks& due) {
  bool complete = true;
  Shard& shard = shard_of(object);
  ShardLock lock(shard);
  Shard::Entry* entry = find(shard, object);
  if (!entry) return true;
  for (WeakReference* at = entry->first; at;) {
    WeakReference* next = at->next;
    at->next = at->previous = nullptr;
    if (at->callback.raw_relaxed().bits && !(is_garbage && is_garbage(state, at))) {
      if (!due.reserve()) {
        complete = false;  // the reference is cleared all the same; its callback is lost
      } else if (try_incref(thread, at)) {
        due.due[due.count++] = {at, slot_take(thread, at, at->callback)};
      }
    }
    at->referent.store(nullptr, std::memory_order_release);
    at = next;
  }
  remove(shard, entry);
  return complete;
}

void weakrefs_run(Thread& thread, WeakCallbacks& due) {
  for (size_t index = 0; index < due.count; ++index)
    run_callback(thread, due.due[index].reference, due.due[index].callback);
  std::free(due.due);
  due = WeakCallbacks{};
}

void weakrefs_fork_child() {
  for (Shard& shard : shards) new (&shard.lock) std::mutex;
}

}  // namespace dx
