#pragma once
// Publishing: an object belongs to the thread that made it until it is stored where other threads
// can reach it.
//
//   made by thread T         owner = T's tag: plain counts, no locks, freed at once
//      | T stores it, or something that refers to it, into an object that is not T's alone
//      v
//   shared                   owner = 0: atomic counts, locks, freed after a grace period; for the
//   rest of its life
//
// The invariant: what a shared object refers to is shared. So a store into a container that is not
// this thread's alone first publishes the value and all that it reaches (`publish`, called by
// slot_write and its kin), and readers elsewhere never meet an object of this thread. Only T writes
// the owner of T's objects, before the store that lets others see them (or another thread while all
// are stopped), so nobody sees it change.
//
// Everything T owns becomes shared at once, without a walk, when T gets a new tag: owners that name
// its old tag are nobody's any more. That is done when there is much to publish, when a heap walk
// hands out any object (gc.get_objects), when another thread looks at a running frame, and to the
// first thread when the second one starts.
//
// What cannot be a store into a container calls `publish` itself: arguments of a new thread,
// registers of a shared generator when it is suspended, of a shared frame object when its frame
// ends, weakly referenced objects, classes, interned strings. Debug builds check at every count
// operation that the object is no other thread's.

#include "memory/counts.h"

namespace dx {

// The value, and all that it reaches and this thread owns, becomes shared. Nothing with one thread.
// Runs no Python.
void publish_slow(Thread& thread, Object* object);
inline void publish(Thread& thread, Value value) {
  if (is_counted(value) && is_mine(thread, value.object())) publish_slow(thread, value.object());
}
// Before a store into a container that goes around the slot functions.
inline void publish_into(Thread& thread, const Object* container, Value value) {
  if (__builtin_expect(!is_mine(thread, container), 0)) publish(thread, value);
}
// All that a container refers to, when it was filled while it was this thread's and is not any
// more.
void publish_items_of(Thread& thread, Object* container);

// Gives the thread a new tag. Its own thread calls it, or another one while all are stopped.
void publish_everything_of(Thread& thread);
// Before a heap walk hands out objects of any thread. Only inside stop_all.
void publish_everything_of_others(Thread& self);
// What another thread owns (garbage that this one disposes of, and what it refers to). Only inside
// stop_all.
void publish_foreign(Thread& self, Object* object, size_t limit);

// For debug builds: ends the process with a message.
[[noreturn]] void store_not_published(const Object* container, const Object* value);

// A thread's tag, from its start to its end.
void tag_begin(Thread& thread);
void tag_end(Thread& thread);
// Whether a thread carries this tag: its objects are nobody else's business.
bool is_live_tag(uint16_t owner);
// Tags are 16 bits, and each is used once until the heap was cleaned of its traces. Only inside
// stop_all.
bool tags_run_short();
void tags_recycle();
void tags_fork_child();

}  // namespace dx
