#pragma once
// Weak references: which weakref objects refer to an object, in a table beside the heap.
//
//   object --(address)--> shard (64, one mutex each) --> entry: basic ref, basic proxy, then the
//   others, newest first
//
// An object has the flag kFlagHasWeakrefs from its first weak reference on; others pay nothing. A
// weak reference does not count its referent: death clears the references under the shard's lock
// before the memory can be reused, and a racing reader is protected by the epoch. Callbacks run
// after the lock is gone, newest first. The Python types (weakref.ref, the proxies) are
// objects/weakref.cpp; this file knows only the layout's prefix.

#include "memory/layout.h"
#include "memory/slots.h"

namespace dx {

enum class WeakKind : uint8_t {
  basic_ref,    // weakref.ref itself without callback: one for each referent, reused
  basic_proxy,  // the same for a proxy
  other,
};

struct WeakReference : Object {
  std::atomic<Object*> referent;  // null once it is dead; never counted, never traced
  Field<Object> callback;         // empty: none. Emptied when the referent dies
  WeakReference* next;            // the entry's list, under the shard's lock
  WeakReference* previous;
  Word hash;  // of the referent, -1: not known yet (objects/weakref.cpp)
  WeakKind kind;
};

// For the layouts of weakref types: their trace visits `callback`, their destroy calls
// weakref_detach.
void weakref_trace(Object* object, SlotVisitor& visitor);
void weakref_detach(Thread& thread, Object* reference);

// The existing basic reference of this shape, or null.
Maybe<Ref<WeakReference>> weakref_find(Thread& thread, Object* referent, WeakKind kind);
// Makes a filled, unattached reference (referent null) refer to `referent`. If another thread
// attached a basic one of the same kind first, `existing` is that one and `reference` stays
// unattached. False: memory is short.
bool weakref_attach(Thread& thread, WeakReference* reference, Object* referent, WeakKind kind,
                    Maybe<Ref<WeakReference>>& existing);
// A counted reference to the referent; empty when it is dead or dying.
Maybe<Ref<Object>> weakref_get(Thread& thread, const WeakReference* reference);
// How many references to this object are alive.
Word weakref_count(Object* referent);
// All of them, oldest kind first as weakref.getweakrefs lists them: up to `limit` counted
// references into `into`; how many there are.
size_t weakref_list(Thread& thread, Object* referent, Value* into, size_t limit);

// Death (dealloc.cpp): clears, then runs callbacks.
void weakrefs_object_died(Thread& thread, Object* object);

// Collector: clears all references to an object of the garbage. Those with a callback that are
// themselves reachable are put (counted) on `due`, whose callbacks the collector runs later; false
// when memory for that is short.
struct WeakCallbacks {
  struct Due {
    WeakReference* reference;
    Value callback;
  };
  Due* due = nullptr;
  size_t count = 0;
  size_t capacity = 0;
  bool reserve();  // room for one more; false when memory is short
};
using IsGarbage = bool (*)(void* state, Object* object);
bool weakrefs_detach_garbage(Thread& thread, Object* object, IsGarbage is_garbage, void* state,
                             WeakCallbacks& due);
void weakrefs_run(Thread& thread, WeakCallbacks& due);  // newest first, then frees the list

}  // namespace dx
