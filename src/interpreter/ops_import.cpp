// import statements: through builtins.__import__, which anybody may replace.

#include "interpreter/ops.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/module.h"

namespace dx {

Value op_import_name(Thread& thread, Value* base, Str* name, Any level, Any from_list) {
  Function* function = frame_function(base);
  Any builtins(function->builtins.raw());
  AnyLookup import =
      is_exact(builtins, SHAPE(dict))
          ? dict_get_str(thread, Borrowed<Dict>(builtins.value()), NAME("__import__"))
          : AnyLookup::absent();
  if (import.raised()) return Value{};
  if (import.is_absent()) {
    (void)raise<ImportError>(thread, "__import__ not found");
    return Value{};
  }
  Value globals = function->globals.raw();
  Value locals = frame_code(base)->first_local ? base[0] : kNone;
  return call(thread, import.borrow(),
              {Value(name), globals, locals, from_list.value(), level.value()})
      .release();
}

Value op_import_from(Thread& thread, Any module, Str* name) {
  AnyLookup attribute = lookup_attr(thread, module, Borrowed<Str>(name));
  if (attribute.raised()) return Value{};
  if (attribute.found()) return attribute.release();
  // A submodule that is being imported is in sys.modules, but not yet an attribute.
  AnyLookup package = lookup_attr(thread, module, NAME("__name__"));
  if (package.raised()) return Value{};
  bool named = package.found() && is_str(package.value());
  if (named) {
    const FormatArgument parts[] = {FormatArgument(package.borrow()),
                                    FormatArgument(Any(Value(name)))};
    AnyResult full = format_text(thread, "{}.{}", parts, 2);
    if (full.raised()) return Value{};
    AnyRef full_name = full.take();
    AnyLookup found = lookup_loaded_module(thread, full_name);
    if (found.raised()) return Value{};
    if (found.found()) return found.release();
  }
  raise_cannot_import(thread, module, named ? package.borrow() : Any(kNone), Any(Value(name)));
  return Value{};
}

bool op_import_star(Thread& thread, Value* base, Any module) {
  AnyLookup all = lookup_attr(thread, module, NAME("__all__"));
  if (all.raised()) return false;
  bool skip_private = false;
  Maybe<Ref<Object>> names;
  if (all.found()) {
    names = Maybe<Ref<Object>>(all.take());
  } else {
    AnyLookup dict = lookup_attr(thread, module, NAME("__dict__"));
    if (dict.raised()) return false;
    if (dict.is_absent()) {
      (void)raise<ImportError>(thread, "from-import-* object has no __dict__ and no __all__");
      return false;
    }
    AnyResult keys = sequence_list(thread, dict.borrow());
    if (keys.raised()) return false;
    names = Maybe<Ref<Object>>(keys.take());
    skip_private = true;
  }
  AnyResult iterator = get_iter(thread, names.borrow());
  if (iterator.raised()) return false;
  AnyRef owned = iterator.take();
  for (;;) {
    Step step = iter_next(thread, owned);
    if (step.raised()) return false;
    if (step.is_done()) return true;
    AnyRef name = step.take();
    if (!is_str(name.value())) {
      AnyLookup module_name = lookup_attr(thread, module, NAME("__name__"));
      if (module_name.raised()) return false;
      Any shown = module_name.found() ? module_name.borrow() : Any(kNone);
      (void)raise<TypeError>(thread, "{} in {}.{} must be str, not {}",
                             skip_private ? "Key" : "Item", shown,
                             skip_private ? "__dict__" : "__all__", type_name_in(name.borrow()));
      return false;
    }
    Borrowed<Str> text(name.value());
    if (skip_private && text->length() && str_view(text)[0] == '_') continue;
    AnyResult value = get_attr(thread, module, text);
    if (value.raised()) return false;
    AnyRef item = value.take();
    if (!op_store_name(thread, base, text.get(), MaybeAny(item.value()))) return false;
  }
}

}  // namespace dx
