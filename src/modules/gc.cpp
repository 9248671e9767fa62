// gc: the cycle collector's switches, counters and views of the heap (memory/collector.h).

#include <string>

#include "base/pile.h"
#include "memory/collector.h"
#include "memory/hooks.h"
#include "memory/safepoint.h"
#include "objects/dict.h"
#include "objects/audit.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type.h"

namespace dx {
namespace {

// gc.callbacks and gc.garbage: made once, held for ever. Collections happen in any module's code,
// so they cannot hang on the module object.
List* callbacks;
List* garbage;

// ---- hooks of the collector ---------------------------------------------------------------------
Result<void> call_callbacks(Thread& thread, const char* phase, int generation, Word collected,
                            Word uncollectable) {
  Ref<Dict> info = TRY(dict_create(thread));
  TRY(dict_set_str(thread, info, NAME("generation"), small_int(generation)));
  TRY(dict_set_str(thread, info, NAME("collected"), small_int(collected)));
  TRY(dict_set_str(thread, info, NAME("uncollectable"), small_int(uncollectable)));
  Ref<Str> name = TRY(str_from_ascii(thread, phase));
  for (Word index = 0; index < list_length(callbacks); ++index) {
    Maybe<Ref<Object>> callback = list_item(thread, callbacks, index);
    if (!callback) break;
    AnyResult result = call(thread, callback.borrow(), {name.value(), info.value()});
    if (result.raised())
      report_unraisable(thread, "Exception ignored while calling GC callback",
                        MaybeAny(callback.value()));
  }
  return {};
}
void collection_callback(Thread& thread, const char* phase, int generation, Word collected,
                         Word uncollectable) {
  if (list_length(callbacks) == 0) return;
  if (call_callbacks(thread, phase, generation, collected, uncollectable).raised()) {
    report_unraisable(thread, "Exception ignored while calling GC callback", {});
  }
}
void save_garbage(Thread& thread, Object* object) {
  if (list_append(thread, garbage, AnyRef::adopt(object)).raised()) clear_exception(thread);
}
void debug_line(Thread&, const char* line) { std::fputs(line, stderr); }
void debug_collectable(Thread& thread, Object* object) {
  std::fprintf(stderr, "gc: collectable <%s %p>\n", type_name_of(thread, Value(object)),
               static_cast<void*>(object));
}

// ---- functions ----------------------------------------------------------------------------------
Result<Word> gc_collect(Thread& thread, int generation) {
  if (generation < 0 || generation >= kGenerations)
    return raise<ValueError>(thread, "invalid generation");
  return collect(thread, generation);
}
void gc_enable(Thread&) { collector_enable(true); }
void gc_disable(Thread&) { collector_enable(false); }
bool gc_isenabled(Thread&) { return collector_enabled(); }
void gc_set_debug(Thread&, int flags) { collector_set_debug(flags); }
int gc_get_debug(Thread&) { return collector_debug(); }

AnyResult gc_get_count(Thread& thread) {
  CollectorCounts counts = collector_counts(thread);
  return tuple_of(thread, {small_int(counts.values[0]), small_int(counts.values[1]),
                           small_int(counts.values[2])});
}

Result<void> gc_set_threshold(Thread& thread, Arguments arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "gc.set_threshold() takes no keyword arguments");
  if (arguments.count < 1 || arguments.count > 3) {
    return raise<TypeError>(thread, "gc.set_threshold requires 1 to 3 arguments");
  }
  CollectorThresholds thresholds = collector_thresholds();
  for (size_t age = 0; age < arguments.count; ++age) {
    AnyRef number = TRY(to_index(thread, arguments[age]));
    Word value = TRY(int_word(thread, number.value(), "Python int too large to convert to C int"));
    if (value != static_cast<int>(value)) {
      return raise<OverflowError>(thread, "Python int too large to convert to C int");
    }
    thresholds.values[age] = static_cast<int>(value);
  }
  collector_set_thresholds(thresholds);
  return {};
}
AnyResult gc_get_threshold(Thread& thread) {
  CollectorThresholds thresholds = collector_thresholds();
  return tuple_of(thread, {small_int(thresholds.values[0]), small_int(thresholds.values[1]),
                           small_int(thresholds.values[2])});
}

AnyResult gc_get_stats(Thread& thread) {
  Ref<List> list = TRY(list_create(thread, kGenerations));
  for (int age = 0; age < kGenerations; ++age) {
    GenerationStatistics statistics = collector_statistics(age);
    Ref<Dict> row = TRY(dict_create(thread));
    TRY(dict_set_str(thread, row, NAME("collections"),
                     small_int(static_cast<Word>(statistics.collections))));
    TRY(dict_set_str(thread, row, NAME("collected"),
                     small_int(static_cast<Word>(statistics.collected))));
    TRY(dict_set_str(thread, row, NAME("uncollectable"),
                     small_int(static_cast<Word>(statistics.uncollectable))));
    TRY(list_append(thread, list, std::move(row)));
  }
  return list;
}

// What a walk found, each counted; becomes a list when the threads run again.
struct Found {
  Pile<Value> items;
  bool complete = true;

  static void add(void* state, Thread& thread, Object* object) {
    Found& found = *static_cast<Found*>(state);
    incref(thread, object);
    if (found.items.push(Value(object))) return;
    decref(thread, object);
    found.complete = false;
  }
  AnyResult to_list(Thread& thread) {
    if (!complete) {
      for (Value item : items) decref(thread, item);
      return raise_memory_error(thread);
    }
    return list_adopt(thread, items.begin(), items.size());
  }
};

AnyResult gc_get_objects(Thread& thread, Any generation) {
  Word age = -1;
  if (!generation.is_none()) {
    if (!has_index(generation)) {
      return raise<TypeError>(thread, "argument should be integer or None, not '{}'",
                              type_name_in(generation));
    }
    age = TRY(index_word_clamped(thread, generation));
    if (age >= kGenerations) {
      return raise<ValueError>(
          thread, "generation parameter must be less than the number of available generations ({})",
          kGenerations);
    }
    if (age < 0) return raise<ValueError>(thread, "generation parameter cannot be negative");
  }
  TRY(audit(thread, "gc.get_objects", {small_int(age)}));
  Found found;
  each_tracked_object(thread, static_cast<int>(age), Found::add, &found);
  return found.to_list(thread);
}

AnyResult gc_get_referrers(Thread& thread, Rest objects) {
  if (auditing()) {
    Ref<Tuple> shown = TRY(tuple_from(thread, objects.items, objects.count));
    TRY(audit(thread, "gc.get_referrers", {shown.value()}));
  }
  Found found;
  each_referrer(thread, objects.items, objects.count, Found::add, &found);
  return found.to_list(thread);
}

AnyResult gc_get_referents(Thread& thread, Rest objects) {
  if (auditing()) {
    Ref<Tuple> shown = TRY(tuple_from(thread, objects.items, objects.count));
    TRY(audit(thread, "gc.get_referents", {shown.value()}));
  }
  struct Referents {
    Thread& thread;
    Pile<Value> items;
    bool complete;
  } state{thread, {}, true};
  auto add = [](void* opaque, Value value) {
    Referents& state = *static_cast<Referents*>(opaque);
    if (value.is_object() && !try_incref(state.thread, value.object())) return;
    if (state.items.push(value)) return;
    decref(state.thread, value);
    state.complete = false;
  };
  {
    StopAll stopped(thread);
    for (size_t index = 0; index < objects.count; ++index) {
      Value object = objects.items[index];
      if (!object.is_object()) continue;
      if (is_list(object)) {  // buffers of numbers are not traced
        Borrowed<List> list(object);
        for (Word at = 0; at < list_length(list); ++at) {
          Maybe<Ref<Object>> item = list_item(thread, list, at);
          if (item) add(&state, item.value());
        }
        continue;
      }
      each_referent(object.object(), add, &state);
    }
  }
  if (!state.complete) {
    for (Value item : state.items) decref(thread, item);
    return raise_memory_error(thread);
  }
  return list_adopt(thread, state.items.begin(), state.items.size());
}

// CPython does not track its native types, and stops tracking a tuple of things that cannot be part
// of a cycle.
bool gc_is_tracked(Thread&, Any object) {
  if (!is_tracked(object)) return false;
  if (is_type(object.value()) &&
      !(static_cast<Type*>(object.object())->flags.load(std::memory_order_relaxed) & kTypeHeap))
    return false;
  if (!is_exact(object, SHAPE(tuple))) return true;
  Borrowed<Tuple> tuple(object.value());
  for (Word index = 0; index < tuple->size; ++index) {
    if (is_tracked(tuple->item(index))) return true;
  }
  return false;
}
bool gc_is_finalized(Thread&, Any object) {
  return object.value().is_object() && is_finalized(object.object());
}
void gc_freeze(Thread& thread) { collector_freeze(thread); }
void gc_unfreeze(Thread& thread) { collector_unfreeze(thread); }
Word gc_get_freeze_count(Thread& thread) { return collector_frozen_count(thread); }

Result<void> gc_initialize(Thread& thread, Borrowed<Module> module) {
  if (!callbacks) {
    callbacks = static_cast<List*>(TRY(list_create(thread)).release().object());
    garbage = static_cast<List*>(TRY(list_create(thread)).release().object());
    for (List* list : {callbacks, garbage}) publish(thread, Value(list));
    memory_hooks.collection_callback = collection_callback;
    memory_hooks.save_garbage = save_garbage;
    memory_hooks.debug_line = debug_line;
    memory_hooks.debug_collectable = debug_collectable;
  }
  TRY(module_set(thread, module, "callbacks", Value(callbacks)));
  return module_set(thread, module, "garbage", Value(garbage));
}

constexpr Method gc_functions[] = {
    function<gc_enable>("enable()", "Enable automatic garbage collection."),
    function<gc_disable>("disable()", "Disable automatic garbage collection."),
    function<gc_isenabled>("isenabled()",
                           "Returns true if automatic garbage collection is enabled."),
    function<gc_set_debug>(
        "set_debug(flags, /)",
        "Set the garbage collection debugging flags: a sum of DEBUG_STATS, DEBUG_COLLECTABLE,\n"
        "DEBUG_UNCOLLECTABLE and DEBUG_SAVEALL. Debugging information is written to sys.stderr."),
    function<gc_get_debug>("get_debug()", "Get the garbage collection debugging flags."),
    function<gc_get_count>("get_count()", "Return a three-tuple of the current collection counts."),
    function<gc_set_threshold>("set_threshold(threshold0, threshold1=?, threshold2=?, /)",
                               "Set the collection thresholds (the collection frequency).\n\n"
                               "Setting 'threshold0' to zero disables collection."),
    function<gc_get_threshold>("get_threshold()", "Return the current collection thresholds."),
    function<gc_collect>(
        "collect(generation=2)",
        "Run a collection of this generation and the younger ones; a full one by default.\n\n"
        "The number of unreachable objects is returned."),
    function<gc_get_objects>(
        "get_objects(generation=None)",
        "Return a list of objects tracked by the collector (excluding the list returned):\n"
        "all, or those of one generation."),
    function<gc_get_stats>("get_stats()",
                           "Return a list of dictionaries containing per-generation statistics."),
    function<gc_is_tracked>("is_tracked(obj, /)",
                            "Returns true if the object is tracked by the garbage collector."),
    function<gc_is_finalized>("is_finalized(obj, /)",
                              "Returns true if the object has been already finalized by the GC."),
    function<gc_get_referrers>("get_referrers(*objs)",
                               "Return the list of objects that directly refer to any of 'objs'."),
    function<gc_get_referents>(
        "get_referents(*objs)",
        "Return the list of objects that are directly referred to by 'objs'."),
    function<gc_freeze>(
        "freeze()", "Freeze all current tracked objects and ignore them for future collections."),
    function<gc_unfreeze>("unfreeze()", "Unfreeze all objects in the permanent generation."),
    function<gc_get_freeze_count>("get_freeze_count()",
                                  "Return the number of objects in the permanent generation."),
};
constexpr ModuleConstant gc_constants[] = {
    constant("DEBUG_STATS", kDebugStats),
    constant("DEBUG_COLLECTABLE", kDebugCollectable),
    constant("DEBUG_UNCOLLECTABLE", kDebugUncollectable),
    constant("DEBUG_SAVEALL", kDebugSaveAll),
    constant("DEBUG_LEAK", kDebugCollectable | kDebugUncollectable | kDebugSaveAll),
};

}  // namespace

extern const ModuleSpec gc_module;
const ModuleSpec gc_module{
    .name = "gc",
    .doc = "This module provides access to the garbage collector for reference cycles.",
    .functions = gc_functions,
    .constants = gc_constants,
    .initialize = gc_initialize,
};

}  // namespace dx
