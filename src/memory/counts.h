#pragma once
// Reference counts. One unsigned compare sends immortal, trapped and near-overflow objects to the
// slow path; there are no unconditional increments anywhere. Plain while owner == thread.tag,
// atomic otherwise.
//
// Objects that other threads can reach have no owner (memory/publish.h); debug builds check that
// nobody counts on an object of another thread.
//
// try_incref is the only way from an unowned pointer to a reference; it fails once the strong half
// is 0.

#include "memory/thread.h"

namespace dx {

// The strong half by itself. Counting touches only these 32 bits: its constants fit into the
// instructions, and what was stored last is loaded with the same width, which the processor
// forwards.
static_assert(std::endian::native == std::endian::little);
using CountHalf = uint32_t __attribute__((may_alias));
constexpr uint32_t kStrongGuard = kGuard >> 32;
constexpr uint32_t kStrongImmortal = kImmortal >> 32;
inline CountHalf* strong_half(const Object* object) {
  return reinterpret_cast<CountHalf*>(const_cast<Object*>(object)) + 1;
}
inline uint32_t strong_load(const Object* object) {
  return __atomic_load_n(strong_half(object), __ATOMIC_RELAXED);
}
inline void strong_store(Object* object, uint32_t strong) {
  __atomic_store_n(strong_half(object), strong, __ATOMIC_RELAXED);
}
inline uint32_t weak_load(const Object* object) {
  return __atomic_load_n(strong_half(object) - 1, __ATOMIC_RELAXED);
}
// For an object that other threads reach: true when it was the last reference.
inline bool strong_take_atomic(Object* object) {
  return __atomic_fetch_sub(strong_half(object), 1, __ATOMIC_ACQ_REL) == 1;
}

void incref_slow(Thread& thread, Object* object);
void decref_slow(Thread& thread, Object* object);
// The last reference went: __del__, weak references, fields, memory (memory/dealloc.cpp). Never
// recurses deeply.
void object_dead(Thread& thread, Object* object);

#ifdef DX_DEBUG
bool is_live_tag(uint16_t owner);  // memory/publish.h
[[noreturn]] void owner_violated(const Thread& thread, const Object* object);
inline void check_owner(const Thread& thread, const Object* object) {
  uint16_t owner = object->owner.load(std::memory_order_relaxed);
  if (__builtin_expect(owner != 0 && owner != thread.tag && is_live_tag(owner), 0))
    owner_violated(thread, object);
}
#else
inline void check_owner(const Thread&, const Object*) {}
#endif

inline void incref(Thread& thread, Object* object) {
  check_owner(thread, object);
  uint32_t strong = strong_load(object);
  if (__builtin_expect(strong >= kStrongGuard, 0)) {
    if (__builtin_expect(strong & kStrongImmortal, 1)) return;
    return incref_slow(thread, object);
  }
  if (__builtin_expect(object->owner.load(std::memory_order_relaxed) == thread.tag, 1)) {
    strong_store(object, strong + 1);
  } else {
    __atomic_fetch_add(strong_half(object), 1, __ATOMIC_RELAXED);
  }
}

inline void decref(Thread& thread, Object* object) {
  check_owner(thread, object);
  uint32_t strong = strong_load(object);
  if (__builtin_expect(strong >= kStrongGuard, 0)) {
    if (__builtin_expect(strong & kStrongImmortal, 1)) return;
    return decref_slow(thread, object);
  }
  if (__builtin_expect(object->owner.load(std::memory_order_relaxed) == thread.tag, 1)) {
    strong_store(object, strong - 1);
    if (__builtin_expect(strong == 1, 0)) object_dead(thread, object);
  } else if (strong_take_atomic(object)) {
    object_dead(thread, object);
  }
}

// Value::is_object for words that are often immediates: two branches, the first of which ends it
// for those. The empty statement keeps the compiler from making one branch of both, which costs
// four instructions more.
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

// Requires: the memory is an object until this thread's next safepoint (it was just loaded from a
// live slot).
bool try_incref(Thread& thread, Object* object);

// The weak half keeps a block's memory (not the object) from being reused. Rare: one CAS loop,
// sticky when full.
void weak_incref(Object* object);
void weak_decref(Thread& thread, Object* object);

inline Word strong_count(const Object* object) {
  return static_cast<Word>(strong_load(object) & (kStrongGuard - 1));
}
inline bool is_immortal(const Object* object) { return strong_load(object) & kStrongImmortal; }
// Only before the object is visible to other threads, or in a handshake. What it refers to is
// published.
void make_immortal(Object* object);
// Whether only this thread can reach the object: its byte lock may be skipped.
inline bool is_mine(const Thread& thread, const Object* object) {
  return object->owner.load(std::memory_order_relaxed) == thread.tag;
}

}  // namespace dx
