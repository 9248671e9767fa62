#pragma once
// The cycle collector: finds groups of objects that only refer to each other, by auditing counts.
//
// No roots are needed: a candidate whose count is larger than the references found inside the
// candidates is held from outside (a frame's register, a Ref, an older object), and so is what it
// reaches. The rest is garbage. The audit runs with all other threads stopped; finalizers and
// callbacks run afterwards, on the collecting thread. See docs/internals/collector.md.
//
// Ages: 0 never survived a collection, 1 survived one, 2 survived two, or a full one. collect(g)
// looks at ages 0..g.

#include "memory/ref.h"

namespace dx {

constexpr int kGenerations = 3;

// Runs a collection now; how many objects were garbage. 0 when one is under way already, or memory
// is too short. May run Python (finalizers, callbacks); raises nothing.
Word collect(Thread& thread, int generation);
// Whether the death of anything alive and not frozen could be noticed: it has a finalizer, or is a
// weak reference with a callback. When not, a last collection before the process ends would change
// nothing.
bool collector_death_is_observable(Thread& thread);
// Leaves what start-up made and whose death could be noticed (the standard streams) out of
// collections and of the question above; not counted by collector_frozen_count.
void collector_freeze_start(Thread& thread);
void collector_freeze_start_object(Object* object);  // one that comes after

void collector_enable(bool enabled);  // automatic collections
bool collector_enabled();

struct CollectorThresholds {
  int values[kGenerations];
};
CollectorThresholds collector_thresholds();
void collector_set_thresholds(const CollectorThresholds& thresholds);
// gc.get_count(): containers made minus freed, and collections of ages 0 and 1, since the next
// older collection.
struct CollectorCounts {
  Word values[kGenerations];
};
CollectorCounts collector_counts(const Thread& thread);

struct GenerationStatistics {
  uint64_t collections, collected, uncollectable;
};
GenerationStatistics collector_statistics(int generation);

enum CollectorDebug : int {
  kDebugStats = 1,
  kDebugCollectable = 2,
  kDebugUncollectable = 4,
  kDebugSaveAll = 32,
};
int collector_debug();
void collector_set_debug(int flags);

// Time other threads were stopped: bucket i counts the pauses of [2**i, 2**(i+1)) nanoseconds.
struct PauseHistogram {
  uint64_t buckets[40];
  uint64_t longest;
};
PauseHistogram collector_pauses();

// ---- for the gc module --------------------------------------------------------------------------
bool is_tracked(Value value);  // may be part of a cycle
inline bool is_finalized(const Object* object) { return object->has_flag(kFlagFinalized); }

void collector_freeze(Thread& thread);  // everything alive now is left out of collections
void collector_unfreeze(Thread& thread);
Word collector_frozen_count(Thread& thread);

// Visitors get the object held by a count of the walk's; they may allocate but not run Python.
using ObjectVisitor = void (*)(void* state, Thread& thread, Object* object);
void each_tracked_object(Thread& thread, int generation, ObjectVisitor visitor,
                         void* state);  // -1: all ages
// Every tracked object with a reference to one of the targets.
void each_referrer(Thread& thread, const Value* targets, size_t count, ObjectVisitor visitor,
                   void* state);
// Every value an object refers to directly, its class included.
void each_referent(Object* object, void (*visitor)(void* state, Value value), void* state);

// For dealloc.cpp and collector.cpp: empties every slot of an object, dropping the references.
void drop_references(Thread& thread, Object* object);

}  // namespace dx
