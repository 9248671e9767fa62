#pragma once
// The slot API: every reference in the heap is a Slot, and every write names the object that
// contains it: what goes into a container that other threads can reach is published first
// (memory/publish.h), and the collector's barrier will depend on the container. Field<T> has no
// assignment operator.
//
// Readers without a lock load a word and try_incref it (slot_load); writers of shared containers
// hold the container's byte lock and store with release. A slot in shared C++ state names a
// SharedRoot (memory/roots.h) as its container.

#include "memory/publish.h"
#include "memory/ref.h"

namespace dx {

class Slot {
 public:
  Slot() = default;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  Value raw() const { return Value{word_.load(std::memory_order_acquire)}; }
  Value raw_relaxed() const { return Value{word_.load(std::memory_order_relaxed)}; }
  std::atomic<uint64_t>& word() { return word_; }  // for memory/ and the slot functions below only

 private:
  std::atomic<uint64_t> word_;
};
static_assert(sizeof(Slot) == 8);

// Debug builds: what is stored into a shared container is shared.
#ifdef DX_DEBUG
void check_published(const Object* container, Value value);
#else
inline void check_published(const Object*, Value) {}
#endif
// slot_exchange where others may be reading and writing: publishes the value.
Value slot_exchange_shared(Thread& thread, Slot& slot, Value owned);
// The same only if the slot is empty: of several threads that ask, one gets true. False leaves the
// value with the caller.
bool slot_fill_shared(Thread& thread, Slot& slot, Value owned);

// A typed slot inside an object layout.
template <class T>
class Field : public Slot {
 public:
  // Requires: an owner of the container is in scope and nothing can rewrite the slot meanwhile
  // (immutable after creation, or the byte lock is held, or the object is this thread's alone and
  // no Python runs).
  Borrowed<T> borrow() const { return Borrowed<T>(raw()); }
  Maybe<Borrowed<T>> maybe() const { return Maybe<Borrowed<T>>(raw()); }
};

// The first value of a slot in an object that nobody else can reach yet. In a shared one (a free
// entry of a table): of a value that was published before, with `publish_into`.
inline void slot_init(Object* container, Slot& slot, Value owned) {
  check_published(container, owned);
  slot.word().store(owned.bits, std::memory_order_relaxed);
}
inline void slot_init(Object* container, Slot& slot, OwnedWord&& value) {
  slot_init(container, slot, value.release());
}

// Replaces the slot's value and gives the old one to the caller (drop it after unlocking).
inline Value slot_exchange(Thread& thread, Object* container, Slot& slot, Value owned) {
  if (__builtin_expect(is_mine(thread, container), 1)) {
    Value old = slot.raw_relaxed();
    slot.word().store(owned.bits, std::memory_order_release);
    return old;
  }
  return slot_exchange_shared(thread, slot, owned);
}
// Replaces the slot's value; the old one is released afterwards, which may run Python: not under a
// byte lock.
inline void slot_write(Thread& thread, Object* container, Slot& slot, Value owned) {
  decref(thread, slot_exchange(thread, container, slot, owned));
}
inline void slot_write(Thread& thread, Object* container, Slot& slot, OwnedWord&& value) {
  slot_write(thread, container, slot, value.release());
}
// Moves the value out, leaving the slot empty; no count changes.
inline Value slot_take(Thread& thread, Object* container, Slot& slot) {
  return slot_exchange(thread, container, slot, Value{});
}
inline void slot_clear(Thread& thread, Object* container, Slot& slot) {
  slot_write(thread, container, slot, Value{});
}

// A counted reference to what the slot holds now, or empty. Safe against concurrent writers.
inline Value slot_load(Thread& thread, const Object* container, const Slot& slot) {
  if (__builtin_expect(is_mine(thread, container), 1)) {
    Value value = slot.raw_relaxed();
    incref(thread, value);
    return value;
  }
  for (;;) {
    Value value = slot.raw();
    if (!value.is_object() || try_incref(thread, value.object())) return value;
  }
}
template <class T>
inline Maybe<Ref<T>> field_load(Thread& thread, const Object* container, const Field<T>& field) {
  return Maybe<Ref<T>>::adopt(slot_load(thread, container, field));
}

// Moves n slots within or between buffers of the container, whole words at a time (racing readers
// see duplicates at worst); no count changes.
void range_move(Object* container, Slot* to, Slot* from, size_t n);

}  // namespace dx
