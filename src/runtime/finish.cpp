// The end: threads joined, atexit, streams flushed. The process's memory goes with it.

#include <algorithm>

#include "memory/collector.h"
#include "memory/heap.h"
#include "memory/safepoint.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/weakref.h"
#include "runtime/signals.h"
#include "runtime/startup.h"

namespace dx {

namespace {
// sys.modules[name].function(), when the module was imported at all.
void call_in_loaded(Thread& thread, const char* name, Str* function) {
  Result<Ref<Str>> text = str_intern_ascii(thread, name);
  if (text.raised()) return clear_exception(thread);
  AnyLookup module = lookup_loaded_module(thread, text.take().borrow());
  if (module.raised()) return clear_exception(thread);
  if (module.is_absent()) return;
  AnyLookup method = lookup_attr(thread, module.borrow(), function);
  if (method.raised()) return clear_exception(thread);
  if (method.is_absent()) return;
  if (call(thread, method.borrow(), {}).raised())
    report_unraisable(thread, "Exception ignored on threading shutdown",
                      module.found() ? MaybeAny(module.value()) : MaybeAny());
}

bool flush(Thread& thread, Str* name, bool report) {
  AnyLookup stream = dict_get_str(thread, interpreter_sys(thread), name);
  if (stream.raised()) {
    clear_exception(thread);
    return true;
  }
  if (stream.is_absent() || stream.value().is_none()) return true;
  AnyLookup closed = lookup_attr(thread, stream.borrow(), NAME("closed"));
  if (closed.raised())
    clear_exception(thread);
  else if (closed.found() && closed.value().is_true())
    return true;
  if (!call_method(thread, stream.borrow(), NAME("flush"), {}).raised()) return true;
  if (report)
    report_unraisable(thread, "Exception ignored while flushing sys.stdout", MaybeAny());
  else
    clear_exception(thread);
  return false;
}

bool is_start_module(Thread& thread, Value module) {
  const std::vector<Value>& start = interpreter_of(thread).start_modules;
  return std::find(start.begin(), start.end(), module) != start.end();
}

// Sets entries of a namespace from this position on to None: those with one leading underscore
// first, then all others but __builtins__. Whether there were any.
bool clear_namespace(Thread& thread, Borrowed<Dict> dict, size_t from = 0) {
  bool any = false;
  for (int pass = 0; pass < 2; ++pass) {
    size_t at = from;
    Maybe<Ref<Object>> name, item;
    std::vector<AnyRef> names;
    while (dict_next(thread, dict, at, name, item)) {
      if (!is_str(name.value()) || item.value().is_none()) continue;
      StrView text = str_view(Borrowed<Str>(name.value()));
      bool private_name = text.length > 1 && text[0] == '_' && text[1] != '_';
      if (pass == 0 ? !private_name : str_equals_ascii(Borrowed<Str>(name.value()), "__builtins__"))
        continue;
      names.push_back(AnyRef::adopt(name.release()));
    }
    for (AnyRef& key : names) {
      any = true;
      if (dict_set(thread, dict, key.borrow(), kNone).raised()) clear_exception(thread);
    }
  }
  return any;
}

// The program's modules go as in CPython: sys gives up what could bring imports back, sys.modules
// is emptied, cycles are collected, and what is still alive then has its namespace cleared, the
// last imported first. Modules of start-up stay: they hold nothing of the program's but what it put
// into sys and builtins, which goes last.
void tear_down_modules(Thread& thread) {
  Interpreter& interpreter = interpreter_of(thread);
  Borrowed<Dict> sys(interpreter.sys_dict);
  for (Str* name :
       {NAME("path"), NAME("argv"), NAME("ps1"), NAME("ps2"), NAME("last_exc"), NAME("last_type"),
        NAME("last_value"), NAME("last_traceback"), NAME("path_hooks"), NAME("path_importer_cache"),
        NAME("meta_path"), NAME("__interactivehook__")}) {
    if (dict_entry_index(sys, Borrowed<Str>(name)) >= 0 &&
        dict_set_str(thread, sys, name, kNone).raised())
      clear_exception(thread);
  }
  for (auto [name, original] : {std::pair{NAME("stdin"), NAME("__stdin__")},
                                {NAME("stdout"), NAME("__stdout__")},
                                {NAME("stderr"), NAME("__stderr__")}}) {
    AnyLookup stream = dict_get_str(thread, sys, original);
    if (stream.raised() ||
        (stream.found() && dict_set_str(thread, sys, name, stream.borrow()).raised()))
      clear_exception(thread);
  }
  std::vector<AnyRef>
      references;  // weak ones: a module lives as long as the program's objects hold it
  if (is_dict(interpreter.modules)) {
    Borrowed<Dict> modules(interpreter.modules);
    std::vector<AnyRef> names;
    size_t position = 0;
    Maybe<Ref<Object>> key, value;
    while (dict_next(thread, modules, position, key, value)) {
      if (is_start_module(thread, value.value())) continue;
      names.push_back(AnyRef::adopt(key.release()));
      if (!TypeCheck<Module>::check(value.value())) continue;
      AnyResult reference =
          weakref_create(thread, Borrowed<Type>(weakref_ref_type.type), value.borrow(), MaybeAny());
      if (reference.raised())
        clear_exception(thread);
      else
        references.push_back(reference.take());
    }
    value = {};
    for (AnyRef& name : names) {
      if (dict_set(thread, modules, name.borrow(), kNone).raised()) clear_exception(thread);
    }
    for (AnyRef& name : names) {
      if (dict_delete(thread, modules, name.borrow()).raised()) clear_exception(thread);
    }
  }
  if (collector_death_is_observable(thread)) collect(thread, kGenerations - 1);
  bool cleared = false;
  for (auto reference = references.rbegin(); reference != references.rend(); ++reference) {
    AnyResult module = call(thread, reference->borrow(), {});
    if (module.raised()) {
      clear_exception(thread);
      continue;
    }
    AnyRef alive = module.take();
    if (!TypeCheck<Module>::check(alive.value())) continue;
    Ref<Dict> dict = module_dict(thread, Borrowed<Module>(alive.value()));
    cleared |= clear_namespace(thread, dict);
  }
  cleared |= clear_namespace(thread, sys, interpreter.start_sys_entries);
  cleared |= clear_namespace(thread, Borrowed<Dict>(interpreter.builtins_dict),
                             interpreter.start_builtins_entries);
  if (cleared && collector_death_is_observable(thread)) collect(thread, kGenerations - 1);
}

// No code would run if everything died now, so the end of the process may free it: nothing of the
// program's has a finalizer or is watched, and the last flush is that of start-up's own streams.
bool nobody_would_notice(Thread& thread) {
  for (Str* name : {NAME("stdout"), NAME("stderr")}) {
    AnyLookup stream = dict_get_str(thread, interpreter_sys(thread), name);
    if (stream.raised()) return clear_exception(thread), false;
    if (stream.found() && !stream.value().is_none() &&
        !(stream.value().is_object() && stream.value().object()->has_flag(kFlagFrozen)))
      return false;
  }
  return !collector_death_is_observable(thread);
}

// The position after the last entry. Looking at those before it again would touch every object of
// start-up.
size_t end_of(Thread& thread, Value dict) {
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, Borrowed<Dict>(dict), position, key, value)) continue;
  return position;
}

}  // namespace

void runtime_started(Thread& thread) {
  Interpreter& interpreter = interpreter_of(thread);
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, Borrowed<Dict>(interpreter.modules), position, key, value)) {
    if (TypeCheck<Module>::check(value.value()) &&
        !str_equals_ascii(Borrowed<Str>(key.value()), "__main__")) {
      interpreter.start_modules.push_back(value.value());
    }
  }
  interpreter.start_sys_entries = end_of(thread, interpreter.sys_dict);
  interpreter.start_builtins_entries = end_of(thread, interpreter.builtins_dict);
  collector_freeze_start(thread);
  heap_seal_start(thread);
  collector_enable(true);
}

int runtime_finish(Thread& thread, int exit_code) {
  call_in_loaded(thread, "threading", NAME("_shutdown"));
  call_in_loaded(thread, "atexit", NAME("_run_exitfuncs"));
  bool flushed = flush(thread, NAME("stdout"), true);
  flush(thread, NAME("stderr"), false);
  signals_finish(thread);
  interpreter_of(thread).finalizing = true;
  park_other_threads(thread);
  if (nobody_would_notice(thread)) return flushed ? exit_code : 120;
  tear_down_modules(thread);
  if (!flush(thread, NAME("stdout"), false)) flushed = false;
  flush(thread, NAME("stderr"), false);
  return flushed ? exit_code : 120;
}

}  // namespace dx
