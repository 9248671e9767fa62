// The end: threads joined, atexit, streams flushed. The process's memory goes with it.

#include "memory/collector.h"
#include "memory/safepoint.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/str.h"
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
  if (call(thread, method.borrow(), {}).raised()) report_unraisable(thread, "Exception ignored on threading shutdown", module.found() ? MaybeAny(module.value()) : MaybeAny());
}

bool flush(Thread& thread, Str* name, bool report) {
  AnyLookup stream = dict_get_str(thread, interpreter_sys(thread), name);
  if (stream.raised()) {
    clear_exception(thread);
    return true;
  }
  if (stream.is_absent() || stream.value().is_none()) return true;
  AnyLookup closed = lookup_attr(thread, stream.borrow(), NAME("closed"));
  if (closed.raised()) clear_exception(thread);
  else if (closed.found() && closed.value().is_true()) return true;
  if (!call_method(thread, stream.borrow(), NAME("flush"), {}).raised()) return true;
  if (report) report_unraisable(thread, "Exception ignored while flushing sys.stdout", MaybeAny(stream.value()));
  else clear_exception(thread);
  return false;
}

// Module globals go in CPython's order as far as destructors can tell: __main__ first, then what was imported last.
void clear_modules(Thread& thread) {
  Interpreter& interpreter = interpreter_of(thread);
  Borrowed<Dict> modules(interpreter.modules);
  std::vector<Value> all;
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, modules, position, key, value)) {
    if (!TypeCheck<Module>::check(value.value()) || value.value() == interpreter.sys_module || value.value() == interpreter.builtins_module) continue;
    all.push_back(value.release());
  }
  auto clear_one = [&](Value module) {
    Ref<Dict> dict = module_dict(thread, Borrowed<Module>(module));
    // Names with one leading underscore go first, then the others, __builtins__ last of all: as CPython clears them.
    for (int pass = 0; pass < 2; ++pass) {
      size_t at = 0;
      Maybe<Ref<Object>> name, item;
      std::vector<Value> names;
      while (dict_next(thread, dict, at, name, item)) {
        if (!is_str(name.value()) || item.value().is_none()) continue;
        StrView text = str_view(Borrowed<Str>(name.value()));
        bool underscore = text.length > 1 && text[0] == '_' && text[1] != '_';
        if (pass == 0 ? !underscore : str_equals_ascii(Borrowed<Str>(name.value()), "__builtins__")) continue;
        names.push_back(name.release());
      }
      for (Value key_value : names) {
        if (dict_set(thread, dict, Any(key_value), kNone).raised()) clear_exception(thread);
        decref(thread, key_value);
      }
    }
  };
  for (size_t i = 0; i < all.size(); ++i) {
    Ref<Dict> dict = module_dict(thread, Borrowed<Module>(all[i]));
    AnyLookup name = dict_get_str(thread, dict, NAME("__name__"));
    if (name.raised()) clear_exception(thread);
    else if (name.found() && is_str(name.value()) && str_equals_ascii(Borrowed<Str>(name.value()), "__main__")) clear_one(all[i]);
  }
  for (Value module : all) decref(thread, module);
  collect(thread, kGenerations - 1);  // destructors of what only cycles kept run too
}
}  // namespace

int runtime_finish(Thread& thread, int exit_code) {
  call_in_loaded(thread, "threading", NAME("_shutdown"));
  call_in_loaded(thread, "atexit", NAME("_run_exitfuncs"));
  bool flushed = flush(thread, NAME("stdout"), true);
  flush(thread, NAME("stderr"), false);
  signals_finish(thread);
  interpreter_of(thread).finalizing = true;
  park_other_threads(thread);
  clear_modules(thread);
  if (!flush(thread, NAME("stdout"), false)) flushed = false;
  flush(thread, NAME("stderr"), false);
  return flushed ? exit_code : 120;
}

}  // namespace dx
