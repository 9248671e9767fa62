// atexit: functions called, last registered first, when the interpreter ends.

#include "objects/list.h"
#include "objects/module.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {

// The registered calls live in the module's own namespace, as (function, args, keywords) tuples in
// a list.
Result<Ref<List>> registered(Thread& thread, Borrowed<Module> module) {
  AnyLookup found = dict_get_str(thread, module_dict(thread, module), NAME("_registered"));
  if (found.raised()) return Raised{};
  if (found.is_absent() || !is_list(found.value()))
    return raise<RuntimeError>(thread, "atexit lost its list of functions");
  return Ref<List>::adopt(found.release());
}
Borrowed<Module> self_module(Any self) { return Borrowed<Module>(self.value()); }

AnyResult atexit_register(Thread& thread, Any self, Arguments arguments) {
  if (arguments.positional() == 0)
    return raise<TypeError>(thread, "register() takes at least 1 argument (0 given)");
  if (!is_callable(arguments[0]))
    return raise<TypeError>(thread, "the first argument must be callable");
  Ref<List> list = TRY(registered(thread, self_module(self)));
  Ref<Tuple> positional = TRY(tuple_from(thread, arguments.items + 1, arguments.positional() - 1));
  Ref<Dict> keywords = TRY(dict_create(thread));
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    TRY(dict_set(thread, keywords, arguments.names->item(static_cast<Word>(k)),
                 arguments[arguments.positional() + k]));
  }
  TRY(list_append(
      thread, list,
      TRY(tuple_of(thread, {arguments.items[0], positional.value(), keywords.value()}))));
  return share(thread, arguments[0]);
}
Result<void> clear_list(Thread& thread, Borrowed<Module> module) {
  return module_set(thread, module, "_registered", TRY(list_create(thread)).borrow());
}
Result<void> atexit_clear(Thread& thread, Any self) {
  return clear_list(thread, self_module(self));
}
Result<void> atexit_unregister(Thread& thread, Any self, Any function) {
  Ref<List> list = TRY(registered(thread, self_module(self)));
  Ref<List> kept = TRY(list_create(thread));
  for (Word i = 0; i < list_length(list); ++i) {
    Maybe<Ref<Object>> entry = list_item(thread, list, i);
    if (!entry) break;
    if (TRY(compare_true(thread, Borrowed<Tuple>(entry.value())->item(0), function, CompareOp::eq)))
      continue;
    TRY(list_append(thread, kept, entry.take()));
  }
  return module_set(thread, self_module(self), "_registered", kept);
}
Result<void> atexit_run(Thread& thread, Any self) {
  for (;;) {
    Ref<List> list = TRY(registered(thread, self_module(self)));
    Word count = list_length(list);
    if (count == 0) return {};
    AnyRef entry = TRY(call_method(thread, list, NAME("pop"), {}));
    Borrowed<Tuple> parts(entry.value());
    AnyResult done = call_with(thread, parts->item(0), Borrowed<Tuple>(parts->item(1).value()),
                               Maybe<Borrowed<Dict>>(parts->item(2).value()));
    if (done.raised())
      report_unraisable(thread, "Exception ignored in atexit callback",
                        MaybeAny(parts->item(0).value()));
  }
}
Result<Word> atexit_count(Thread& thread, Any self) {
  return list_length(TRY(registered(thread, self_module(self))));
}

constexpr Method atexit_methods[] = {
    method<atexit_register>("register(func, *args, **kwargs)",
                            "Register a function to be executed upon normal program termination"),
    method<atexit_unregister>(
        "unregister(func, /)",
        "Unregister an exit function which was previously registered using atexit.register"),
    method<atexit_clear>("_clear()", "Clear the list of previously registered exit functions."),
    method<atexit_run>("_run_exitfuncs()", "Run all registered exit functions."),
    method<atexit_count>("_ncallbacks()", "Return the number of registered exit functions."),
};
Result<void> atexit_initialize(Thread& thread, Borrowed<Module> module) {
  return clear_list(thread, module);
}
}  // namespace

extern const ModuleSpec atexit_module{.name = "atexit",
                                      .doc =
                                          "allow programmer to define multiple exit functions to "
                                          "be executed\nupon normal program termination.",
                                      .functions = atexit_methods,
                                      .initialize = atexit_initialize};

}  // namespace dx
