#pragma once
// Reference counts. One unsigned compare sends immortal, trapped and near-overflow objects to the slow path; there are
// no unconditional increments anywhere. Plain while owner == thread.tag, atomic otherwise.
//
// try_incref is the only way from an unowned pointer to a reference; it fails once the strong half is 0.

#include "memory/thread.h"

namespace dx {

void incref_slow(Thread& thread, Object* object);
void decref_slow(Thread& thread, Object* object);
// The last reference went: __del__, weak references, fields, memory (memory/dealloc.cpp). Never recurses deeply.
void object_dead(Thread& thread, Object* object);

inline void incref(Thread& thread, Object* object) {
  uint64_t counts = object->counts.load(std::memory_order_relaxed);
  if (__builtin_expect(counts >= kGuard, 0)) {
    if (__builtin_expect(counts & kImmortal, 1)) return;
    return incref_slow(thread, object);
  }
  if (__builtin_expect(object->owner.load(std::memory_order_relaxed) == thread.tag, 1)) {
    object->counts.store(counts + kStrongOne, std::memory_order_relaxed);
  } else {
    object->counts.fetch_add(kStrongOne, std::memory_order_relaxed);
  }
}

inline void decref(Thread& thread, Object* object) {
  uint64_t counts = object->counts.load(std::memory_order_relaxed);
  if (__builtin_expect(counts >= kGuard, 0)) {
    if (__builtin_expect(counts & kImmortal, 1)) return;
    return decref_slow(thread, object);
  }
  if (__builtin_expect(object->owner.load(std::memory_order_relaxed) == thread.tag, 1)) {
    object->counts.store(counts - kStrongOne, std::memory_order_relaxed);
    if (__builtin_expect(counts - kStrongOne < kStrongOne, 0)) object_dead(thread, object);
  } else if ((object->counts.fetch_sub(kStrongOne, std::memory_order_acq_rel) >> 32) == 1) {
    object_dead(thread, object);
  }
}

// Value::is_object for words that are often immediates: two branches, the first of which ends it for those. The empty
// statement keeps the compiler from making one branch of both, which costs four instructions more.
inline bool is_counted(Value value) {
  if (value.bits & 7) return false;
  __asm__ volatile("");
  return value.bits != 0;
}
inline void incref(Thread& thread, Value value) {
  if (is_counted(value)) incref(thread, value.object());
}
inline void decref(Thread& thread, Value value) {
  if (is_counted(value)) decref(thread, value.object());
}

// Requires: the memory is an object until this thread's next safepoint (it was just loaded from a live slot).
bool try_incref(Thread& thread, Object* object);

// The weak half keeps a block's memory (not the object) from being reused. Rare: one CAS loop, sticky when full.
void weak_incref(Object* object);
void weak_decref(Thread& thread, Object* object);

inline Word strong_count(const Object* object) {
  return static_cast<Word>((object->counts.load(std::memory_order_relaxed) & (kGuard - 1)) >> 32);
}
inline bool is_immortal(const Object* object) {
  return object->counts.load(std::memory_order_relaxed) & kImmortal;
}
// Only before the object is visible to other threads, or in a handshake.
inline void make_immortal(Object* object) {
  object->counts.store(kImmortalCounts, std::memory_order_relaxed);
  object->owner.store(0, std::memory_order_relaxed);
}
// Whether only this thread can reach the object: its byte lock may be skipped.
inline bool is_mine(const Thread& thread, const Object* object) {
  return object->owner.load(std::memory_order_relaxed) == thread.tag;
}

}  // namespace dx
