// How a collection goes, and the rules for whoever edits it:
//
//   stop all threads
//     1 candidates: traced objects of the ages asked for, not immortal, not frozen; each gets a
//     number, its count 2 subtract one for every reference a candidate holds to a candidate 3 what
//     is left above 0 is held from outside: mark it and all candidates it reaches 4 the others are
//     garbage: pin them (+1), cut their weak references, remember the callbacks that are due
//   resume
//     5 callbacks of reachable weak references, then every __del__ that has not run
//     6 if any ran: stop, audit the garbage alone again (a pin counted out); what became reachable
//     stays; resume 7 empty the slots of the rest, then drop the pins: counting frees them
//
//   A. The numbers live in arrays beside the pages. Objects are not written to before step 4.
//   B. Nothing allocates objects, runs Python or drops a reference inside a stop.
//   C. A missing number (memory short) makes an object count as held from outside, never the other
//   way round. D. A reference the trace function does not show keeps its target alive; one shown
//   twice frees a live object.

#include "memory/collector.h"

#include <chrono>
#include <cstdio>

#include "base/pile.h"
#include "memory/epoch.h"
#include "memory/heap.h"
#include "memory/hooks.h"
#include "memory/layout.h"
#include "memory/publish.h"
#include "memory/safepoint.h"
#include "memory/weakref.h"

namespace dx {
namespace {

constexpr uint32_t kOutside = ~uint32_t{0};  // not a candidate
constexpr uint32_t kReached = uint32_t{1} << 31;
// Before its thread's objects are published all at once.
constexpr size_t kPublishedInAPause = 2000;
constexpr uint32_t kMistrusted = uint32_t{1}
                                 << 30;  // more references than its count: never free it

// ---- state of the process -----------------------------------------------------------------------
struct Settings {
  std::atomic<bool> enabled{true};
  std::atomic<int> thresholds[kGenerations] = {2000, 10, 10};
  std::atomic<int> debug{0};
};
Settings settings;

std::atomic<bool> collecting{false};
std::atomic<Word> collections_since[kGenerations] = {};  // [1], [2]: collections of the age below
std::atomic<uint64_t> totals[kGenerations][2] = {};      // collections, collected
std::atomic<uint64_t> pauses[40] = {};
std::atomic<uint64_t> longest_pause{0};
// Objects that reached age 2 since the last full collection, and how many survived that one: full
// collections wait until the old part of the heap has grown by a quarter, so that a growing heap
// costs linear time.
std::atomic<int64_t> old_pending{0};
std::atomic<int64_t> old_total{0};

void set_due() {
  int64_t threshold = settings.thresholds[0].load(std::memory_order_relaxed);
  if (!settings.enabled.load(std::memory_order_relaxed) || threshold <= 0) {
    threshold = INT64_MAX;
  } else if (threads_are_shared() && threshold >= 1000) {
    // Stopping many threads costs more than looking at a few more objects.
    threshold = std::max(threshold * 8, old_total.load(std::memory_order_relaxed) / 8);
  }
#ifdef DX_HOSTILE
  if (threshold != INT64_MAX) threshold = 1;
#endif
  collection_due_at.store(threshold, std::memory_order_relaxed);
}

uint64_t now_ns() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

void record_pause(uint64_t ns) {
  int bucket = ns < 2 ? 0 : 63 - __builtin_clzll(ns);
  pauses[bucket > 39 ? 39 : bucket].fetch_add(1, std::memory_order_relaxed);
  if (ns > longest_pause.load(std::memory_order_relaxed))
    longest_pause.store(ns, std::memory_order_relaxed);
}

// ---- the audit ----------------------------------------------------------------------------------
PageMarks* marks_of(Page* page) {
  if (!page->marks) {
    size_t words = (page->capacity + size_t{63}) / 64;
    auto* marks =
        static_cast<PageMarks*>(std::calloc(1, sizeof(PageMarks) + 2 * words * sizeof(uint64_t)));
    if (!marks) return nullptr;
    marks->words = words;
    page->marks = marks;
  }
  return page->marks;
}

int age_of(const Page* page, size_t index) {
  const PageMarks* marks = page->marks;
  if (!marks) return 0;
  int survived_one = marks->bits[index / 64] >> (index % 64) & 1;
  int survived_two = marks->bits[marks->words + index / 64] >> (index % 64) & 1;
  return survived_one + survived_two;
}

// The references of one object, its count on its class included.
template <class Visit>
struct EdgeVisitor : SlotVisitor {
  Visit& visit_value;
  explicit EdgeVisitor(Visit& visitor)
      : SlotVisitor{&visit_slot, &visit_slots}, visit_value(visitor) {}
  static void visit_slot(SlotVisitor& self, Slot& slot) {
    static_cast<EdgeVisitor&>(self).visit_value(slot.raw_relaxed());
  }
  static void visit_slots(SlotVisitor& self, Slot* first, ptrdiff_t stride, size_t group,
                          size_t count) {
    for (; count > 0; --count, first += stride) {
      for (size_t index = 0; index < group; ++index) {
        static_cast<EdgeVisitor&>(self).visit_value(first[index].raw_relaxed());
      }
    }
  }
};
template <class Visit>
void each_edge(Object* object, Visit visit) {
  EdgeVisitor<Visit> visitor(visit);
  trace_object(object, visitor);
  const Shape& shape = shape_of(object);
  if (shape.flags & kShapeHeapType) visit(Value{reinterpret_cast<Object*>(shape.type)});
}

// Debug builds: what a shared object refers to is shared, and what a thread owns refers to no other
// thread's. A generator may be running: its registers are its thread's.
void check_edge([[maybe_unused]] const Object* holder, [[maybe_unused]] Value value) {
#ifdef DX_DEBUG
  if (!is_counted(value)) return;
  const uint16_t owner = value.object()->owner.load(std::memory_order_relaxed);
  if (!is_live_tag(owner) || owner == holder->owner.load(std::memory_order_relaxed)) return;
  if (!(shape_of(holder).flags & kShapeGenerator)) store_not_published(holder, value.object());
#endif
}

class Audit {
 public:
  ~Audit() {
    for (Page* page : pages_) {
      std::free(page->marks->references);
      page->marks->references = nullptr;
    }
  }

  // Numbers for a page, all kOutside; false when memory is short.
  bool open(Page* page) {
    PageMarks* marks = marks_of(page);
    if (!marks) return false;
    if (marks->references) return true;
    if (!pages_.push(page)) return false;
    auto* references = static_cast<uint32_t*>(std::malloc(page->capacity * sizeof(uint32_t)));
    if (!references) {
      pages_.pop();
      return false;
    }
    std::memset(references, 0xff, page->capacity * sizeof(uint32_t));
    marks->references = references;
    return true;
  }

  void add(Page* page, size_t index, uint32_t references) {
    page->marks->references[index] = references;
  }

  // Steps 2 and 3; false when memory is short: nothing is known to be garbage then.
  bool run() {
    each([&](Object* object, uint32_t&) {
      each_edge(object, [&](Value value) {
        check_edge(object, value);
        uint32_t* number = find(value);
        if (!number) return;
        DCHECK(*number != 0);
        if (*number == 0)
          *number = kMistrusted;
        else if (*number < kMistrusted)
          --*number;
      });
    });
    bool complete = true;
    each([&](Object* object, uint32_t& number) {
      if (number == 0 || number >= kReached) return;
      number = kReached;
      complete &= reach_from(object);
    });
    return complete;
  }

  bool is_garbage(const Page* page, size_t index) const {
    return page->marks->references[index] == 0;
  }
  Pile<Page*>& pages() { return pages_; }

 private:
  // visit(object, number) for every candidate.
  template <class Visit>
  void each(Visit visit) {
    for (Page* page : pages_) {
      uint32_t* references = page->marks->references;
      char* block = page_start(page);
      size_t bytes = block_bytes(page);
      for (size_t index = 0; index < page->extended; ++index, block += bytes) {
        if (references[index] != kOutside)
          visit(reinterpret_cast<Object*>(block), references[index]);
      }
    }
  }

  static uint32_t* find(Value value) {
    if (!value.is_object() || !heap_contains(value.object())) return nullptr;
    Object* object = value.object();
    Page* page = page_of(object);
    if (!page->is_traced || !page->marks || !page->marks->references) return nullptr;
    uint32_t* number = &page->marks->references[block_index(page, object)];
    return *number == kOutside ? nullptr : number;
  }

  bool reach_from(Object* start) {
    bool complete = stack_.push(start);
    while (!stack_.empty()) {
      each_edge(stack_.pop(), [&](Value value) {
        uint32_t* number = find(value);
        if (!number || *number >= kReached) return;
        *number = kReached;
        complete &= stack_.push(value.object());
      });
    }
    return complete;
  }

  Pile<Page*> pages_;
  Pile<Object*> stack_;
};

// ---- one collection -----------------------------------------------------------------------------
class Collection {
 public:
  Collection(Thread& thread, int generation) : thread_(thread), generation_(generation) {}
  // What finding the garbage cost: the candidates, and a little for every block that was looked at.
  size_t work() const { return work_; }

  Word run() {
    stopped([&] { find_garbage(); });
    const bool ran_callbacks = callbacks_.count != 0;
    weakrefs_run(thread_, callbacks_);
    const bool ran_finalizers = finalize();
    if (ran_callbacks || ran_finalizers) stopped([&] { find_resurrected(); });
    const Word found = static_cast<Word>(garbage_.size());  // what was resurrected is not garbage
    dispose();
    return found;
  }

 private:
  template <class Body>
  void stopped(Body body) {
    uint64_t start = now_ns();
    stop_all(thread_);
    body();
    resume_all(thread_);
    record_pause(now_ns() - start);
  }

  static bool in_garbage(void*, Object* object) { return object->has_flag(kFlagInGarbage); }

  void find_garbage() {
    Audit audit;
    struct Scan {
      Audit& audit;
      int generation;
    } scan{audit, generation_};
    auto candidates = [](void* state, Page* page) {
      Scan& scan = *static_cast<Scan*>(state);
      if (!page->is_traced) return;
      if (scan.generation == 0 && !page->young) return;
      if (scan.generation == 1 && !page->young && !page->middle) return;
      if (page->marks && page->marks->references) return;  // listed twice
      if (!scan.audit.open(page)) return;
      page_each_object(page, [&](Object* object, size_t index, uint64_t counts) {
        if ((counts & kImmortal) || object->has_flag(kFlagFrozen) ||
            age_of(page, index) > scan.generation)
          return;
        scan.audit.add(page, index, static_cast<uint32_t>((counts & (kGuard - 1)) >> 32));
      });
    };
    if (generation_ == 0)
      heap_each_young_page(thread_, candidates, &scan);
    else
      heap_each_page(candidates, &scan);

    bool complete = audit.run();
    int64_t survivors = 0;
    for (Page* page : audit.pages()) {
      PageMarks* marks = page->marks;
      char* block = page_start(page);
      size_t bytes = block_bytes(page);
      for (size_t index = 0; index < page->extended; ++index, block += bytes) {
        uint32_t number = marks->references[index];
        if (number == kOutside) continue;
        if (complete && number == 0 && garbage_.push(reinterpret_cast<Object*>(block))) continue;
        ++survivors;
        uint64_t bit = uint64_t{1} << (index % 64);
        if (generation_ > 0 || (marks->bits[index / 64] & bit))
          marks->bits[marks->words + index / 64] |= bit;
        marks->bits[index / 64] |= bit;
      }
      work_ += page->extended / 16;
      page->young = false;
      page->middle = false;
      for (size_t word = 0; word < marks->words; ++word) {
        if (marks->bits[word] & ~marks->bits[marks->words + word]) page->middle = true;
      }
    }
    work_ += static_cast<size_t>(survivors) + garbage_.size();
    heap_forget_young(thread_);
    container_growth_total.store(0, std::memory_order_relaxed);
    for (Thread* thread = threads_first(); thread; thread = thread->next)
      thread->container_growth = 0;
    if (generation_ == 2) {
      old_total.store(survivors, std::memory_order_relaxed);
      old_pending.store(0, std::memory_order_relaxed);
    } else if (generation_ == 1) {
      old_pending.fetch_add(survivors, std::memory_order_relaxed);
    }
    // Other threads' garbage is disposed of here, and with it counts of what they still use.
    if (threads_are_shared()) {
      for (Object* object : garbage_) publish_foreign(thread_, object, kPublishedInAPause);
    }
    for (Object* object : garbage_) {
      incref(thread_, object);
      object->flags.fetch_or(kFlagInGarbage, std::memory_order_relaxed);
    }
    for (Object* object : garbage_) {
      if (object->has_flag(kFlagHasWeakrefs)) {
        weakrefs_detach_garbage(thread_, object, in_garbage, nullptr, callbacks_);
      }
    }
  }

  bool finalize() {
    bool any = false;
    for (Object* object : garbage_) {
      if (!(shape_of(object).flags & kShapeHasFinalizer)) continue;
      if (object->flags.fetch_or(kFlagFinalized, std::memory_order_relaxed) & kFlagFinalized)
        continue;
      any = true;
      if (memory_hooks.call_finalizer) {
        without_exception(thread_, [&] { memory_hooks.call_finalizer(thread_, object); });
      }
    }
    return any;
  }

  // Step 6. A resurrected object drops its pin after the stop.
  void find_resurrected() {
    Audit audit;
    bool complete = true;
    for (Object* object : garbage_) complete &= audit.open(page_of(object));
    if (complete) {
      for (Object* object : garbage_) {
        Page* page = page_of(object);
        audit.add(page, block_index(page, object), static_cast<uint32_t>(strong_count(object)) - 1);
      }
      complete = audit.run();
    }
    size_t kept = 0;
    for (Object* object : garbage_) {
      Page* page = page_of(object);
      if (complete && audit.is_garbage(page, block_index(page, object))) {
        garbage_[kept++] = object;
      } else {
        object->flags.fetch_and(static_cast<uint8_t>(~kFlagInGarbage), std::memory_order_relaxed);
        if (!resurrected_.push(object)) continue;  // its pin stays: it lives for ever
      }
    }
    garbage_.shrink_to(kept);
    // Weak references made by finalizers: cleared, no callbacks.
    WeakCallbacks none;
    for (Object* object : garbage_) {
      if (object->has_flag(kFlagHasWeakrefs)) {
        weakrefs_detach_garbage(
            thread_, object, [](void*, Object*) { return true; }, nullptr, none);
      }
    }
  }

  void dispose() {
    for (Object* object : resurrected_) decref(thread_, object);
    const int debug = settings.debug.load(std::memory_order_relaxed);
    if ((debug & kDebugCollectable) && memory_hooks.debug_collectable) {
      for (Object* object : garbage_) memory_hooks.debug_collectable(thread_, object);
    }
    if ((debug & kDebugSaveAll) && memory_hooks.save_garbage) {
      for (Object* object : garbage_) {
        object->flags.fetch_and(static_cast<uint8_t>(~kFlagInGarbage), std::memory_order_relaxed);
        memory_hooks.save_garbage(thread_, object);
      }
      return;
    }
    for (Object* object : garbage_) drop_references(thread_, object);
    for (Object* object : garbage_) decref(thread_, object);
  }

  Thread& thread_;
  const int generation_;
  size_t work_ = 0;
  Pile<Object*> garbage_;
  Pile<Object*> resurrected_;
  WeakCallbacks callbacks_;
};

#ifdef DX_HOSTILE
// The hostile build collects at every safepoint, and everything at every 64th, while that is little
// work. On a large heap it waits for as many safepoints as pay for the work, so that a program's
// time stays proportional to its own.
struct HostilePace {
  std::atomic<int64_t> until_young{0};
  std::atomic<int64_t> until_full{kFullEvery};
  static constexpr int64_t kFullEvery = 64;
  static constexpr int64_t kYoungWork = 256;  // objects a safepoint
  static constexpr int64_t kFullWork = 64;

  // The generation to collect at this safepoint, or -1.
  int due() {
    if (until_full.fetch_sub(1, std::memory_order_relaxed) <= 0) return 2;
    return until_young.fetch_sub(1, std::memory_order_relaxed) <= 0 ? 0 : -1;
  }
  void collected(int generation, size_t work) {
    const int64_t objects = static_cast<int64_t>(work);
    if (generation == 2)
      until_full.store(std::max(kFullEvery, objects / kFullWork), std::memory_order_relaxed);
    if (generation == 0) until_young.store(objects / kYoungWork, std::memory_order_relaxed);
  }
};
HostilePace hostile_pace;
#endif

int generation_due() {
  const auto threshold = [](int generation) {
    return settings.thresholds[generation].load(std::memory_order_relaxed);
  };
  if (collections_since[2].load(std::memory_order_relaxed) > threshold(2) &&
      old_pending.load(std::memory_order_relaxed) >=
          old_total.load(std::memory_order_relaxed) / 4) {
    return 2;
  }
  return collections_since[1].load(std::memory_order_relaxed) > threshold(1) ? 1 : 0;
}

// Two lines of gc.DEBUG_STATS.
void report_sizes(Thread& thread) {
  long long sizes[kGenerations] = {};
  for (int age = 0; age < kGenerations; ++age) {
    each_tracked_object(
        thread, age, [](void* size, Thread&, Object*) { ++*static_cast<long long*>(size); },
        &sizes[age]);
  }
  char line[128];
  std::snprintf(line, sizeof line, "gc: objects in each generation: %lld %lld %lld\n", sizes[0],
                sizes[1], sizes[2]);
  memory_hooks.debug_line(thread, line);
  std::snprintf(line, sizeof line, "gc: objects in permanent generation: %lld\n",
                static_cast<long long>(collector_frozen_count(thread)));
  memory_hooks.debug_line(thread, line);
}

}  // namespace

Word collect(Thread& thread, int generation) {
  if (collecting.exchange(true, std::memory_order_acquire)) return 0;
  if (memory_hooks.collection_callback) {
    without_exception(thread,
                      [&] { memory_hooks.collection_callback(thread, "start", generation, 0, 0); });
  }
  const bool report =
      (settings.debug.load(std::memory_order_relaxed) & kDebugStats) && memory_hooks.debug_line;
  const uint64_t start = report ? now_ns() : 0;
  if (report) {
    char line[64];
    std::snprintf(line, sizeof line, "gc: collecting generation %d...\n", generation);
    memory_hooks.debug_line(thread, line);
    report_sizes(thread);
  }
  for (int age = 1; age <= generation; ++age)
    collections_since[age].store(0, std::memory_order_relaxed);
  if (generation < 2) collections_since[generation + 1].fetch_add(1, std::memory_order_relaxed);

  Word found = 0;
  without_exception(thread, [&] {
    Collection collection(thread, generation);
    found = collection.run();
#ifdef DX_HOSTILE
    hostile_pace.collected(generation, collection.work());
#endif
  });

  // What the disposal freed was not made since this collection.
  if (thread.container_growth < 0) thread.container_growth = 0;
  totals[generation][0].fetch_add(1, std::memory_order_relaxed);
  totals[generation][1].fetch_add(static_cast<uint64_t>(found), std::memory_order_relaxed);
  set_due();
  if (report) {
    char line[128];
    std::snprintf(line, sizeof line, "gc: done, %lld unreachable, 0 uncollectable, %.4fs elapsed\n",
                  static_cast<long long>(found), static_cast<double>(now_ns() - start) * 1e-9);
    memory_hooks.debug_line(thread, line);
  }
  if (generation == 2) {
    epoch_flush(thread);
    StopAll stopped(thread);
    heap_trim(thread);
    if (tags_run_short()) tags_recycle();
  }
  collecting.store(false, std::memory_order_release);
  if (memory_hooks.collection_callback) {
    without_exception(
        thread, [&] { memory_hooks.collection_callback(thread, "stop", generation, found, 0); });
  }
  return found;
}

void collector_poll(Thread& thread) {
  thread.poll.fetch_and(~kPollGc, std::memory_order_relaxed);
  if (!settings.enabled.load(std::memory_order_relaxed)) return;
#ifdef DX_HOSTILE
  if (int generation = hostile_pace.due(); generation >= 0) collect(thread, generation);
#else
  int64_t growth = container_growth_total.load(std::memory_order_relaxed) + thread.container_growth;
  if (growth < collection_due_at.load(std::memory_order_relaxed)) return;
  collect(thread, generation_due());
#endif
}

// ---- settings -----------------------------------------------------------------------------------
void collector_enable(bool enabled) {
  settings.enabled.store(enabled, std::memory_order_relaxed);
  set_due();
}
bool collector_enabled() { return settings.enabled.load(std::memory_order_relaxed); }

CollectorThresholds collector_thresholds() {
  CollectorThresholds thresholds;
  for (int age = 0; age < kGenerations; ++age)
    thresholds.values[age] = settings.thresholds[age].load();
  return thresholds;
}
void collector_set_thresholds(const CollectorThresholds& thresholds) {
  for (int age = 0; age < kGenerations; ++age)
    settings.thresholds[age].store(thresholds.values[age]);
  set_due();
}

CollectorCounts collector_counts(const Thread& thread) {
  Word growth = container_growth_total.load(std::memory_order_relaxed) + thread.container_growth;
  return {{growth < 0 ? 0 : growth, collections_since[1].load(), collections_since[2].load()}};
}

GenerationStatistics collector_statistics(int generation) {
  return {totals[generation][0].load(), totals[generation][1].load(), 0};
}

int collector_debug() { return settings.debug.load(); }
void collector_set_debug(int flags) { settings.debug.store(flags); }

PauseHistogram collector_pauses() {
  PauseHistogram histogram{};
  for (int bucket = 0; bucket < 40; ++bucket) histogram.buckets[bucket] = pauses[bucket].load();
  histogram.longest = longest_pause.load();
  return histogram;
}

// ---- for the gc module --------------------------------------------------------------------------
bool is_tracked(Value value) {
  if (!value.is_object()) return false;
  return heap_contains(value.object()) && page_of(value.object())->is_traced;
}

namespace {

// visit(object) for every tracked object that is not being disposed of, with all other threads
// stopped.
template <class Visit>
void each_tracked(Thread& thread, Visit visit) {
  StopAll stopped(thread);
  heap_each_page(
      [](void* state, Page* page) {
        if (!page->is_traced) return;
        Visit& visit = *static_cast<Visit*>(state);
        page_each_object(page, [&](Object* object, size_t index, uint64_t) {
          if (!object->has_flag(kFlagInGarbage)) visit(object, page, index);
        });
      },
      &visit);
}

}  // namespace

namespace {
Word frozen_at_start = 0;                // written by the main thread before others run
std::atomic<bool> program_froze{false};  // then a frozen object may be anything
}  // namespace

void collector_freeze(Thread& thread) {
  program_froze.store(true, std::memory_order_relaxed);
  each_tracked(thread, [](Object* object, Page*, size_t) {
    if (!is_immortal(object)) object->flags.fetch_or(kFlagFrozen, std::memory_order_relaxed);
  });
}

void collector_unfreeze(Thread& thread) {
  each_tracked(thread, [](Object* object, Page*, size_t) {
    if (object->has_flag(kFlagFrozen)) {
      object->flags.fetch_and(static_cast<uint8_t>(~kFlagFrozen), std::memory_order_relaxed);
    }
  });
}

Word collector_frozen_count(Thread& thread) {
  Word count = 0;
  each_tracked(thread,
               [&](Object* object, Page*, size_t) { count += object->has_flag(kFlagFrozen); });
  return count < frozen_at_start ? 0 : count - frozen_at_start;
}

namespace {
bool death_is_observable(Object* object) {
  if (object->has_flag(kFlagFrozen) || is_immortal(object)) return false;
  const Shape& shape = shape_of(object);
  if (shape.flags & kShapeHasFinalizer) return true;
  return shape.layout && shape.layout->destroy == weakref_detach &&
         static_cast<WeakReference*>(object)->callback.raw();
}
}  // namespace

bool collector_death_is_observable(Thread& thread) {
  bool found = false;
  if (program_froze.load(std::memory_order_relaxed)) return true;
  // In sealed spans is only what start-up made and collector_freeze_start went over.
  StopAll stopped(thread);
  heap_each_page(
      [](void* state, Page* page) {
        bool& found = *static_cast<bool*>(state);
        if (!page->is_traced || page->sealed || found) return;
        page_each_object(page, [&](Object* object, size_t, uint64_t) {
          found = found || (!object->has_flag(kFlagInGarbage) && death_is_observable(object));
        });
      },
      &found);
  return found;
}

void collector_freeze_start_object(Object* object) {
  if (!death_is_observable(object)) return;
  object->flags.fetch_or(kFlagFrozen, std::memory_order_relaxed);
  ++frozen_at_start;
}

void collector_freeze_start(Thread& thread) {
  each_tracked(thread, [&](Object* object, Page*, size_t) {
    if (!death_is_observable(object)) return;
    object->flags.fetch_or(kFlagFrozen, std::memory_order_relaxed);
    ++frozen_at_start;
  });
  // The next collection is due after the program's own growth.
  container_growth_total.store(0, std::memory_order_relaxed);
  thread.container_growth = 0;
}

void each_tracked_object(Thread& thread, int generation, ObjectVisitor visitor, void* state) {
  StopAll stopped(thread);
  publish_everything_of_others(thread);
  each_tracked(thread, [&](Object* object, Page* page, size_t index) {
    if (generation >= 0 && age_of(page, index) != generation) return;
    if (!try_incref(thread, object)) return;
    visitor(state, thread, object);
    decref(thread, object);
  });
}

void each_referrer(Thread& thread, const Value* targets, size_t count, ObjectVisitor visitor,
                   void* state) {
  StopAll stopped(thread);
  publish_everything_of_others(thread);
  each_tracked(thread, [&](Object* object, Page*, size_t) {
    bool refers = false;
    each_edge(object, [&](Value value) {
      for (size_t index = 0; index < count; ++index) refers |= value == targets[index];
    });
    if (!refers || !try_incref(thread, object)) return;
    visitor(state, thread, object);
    decref(thread, object);
  });
}

void each_referent(Object* object, void (*visitor)(void* state, Value value), void* state) {
  each_edge(object, [&](Value value) {
    if (value.bits && value != kUnbound) visitor(state, value);
  });
}

}  // namespace dx
