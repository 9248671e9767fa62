// Imports: __import__ hands over to importlib._bootstrap, which is Python; the native modules it finds through _imp are here.

#include <cstring>

#include "interpreter/ops.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/typing.h"
#include "runtime/builtins_class.h"
#include "runtime/interpreter_state.h"

namespace dx {

#define DX_MODULE(name) extern const ModuleSpec name##_module;
DX_MODULE(builtins)
#include "modules/modules.def"
#undef DX_MODULE

namespace {
const ModuleSpec* const native_modules[] = {
    &builtins_module,
#define DX_MODULE(name) &name##_module,
#include "modules/modules.def"
#undef DX_MODULE
};
}  // namespace

const ModuleSpec* find_native_module(std::string_view name) {
  for (const ModuleSpec* spec : native_modules) {
    if (name == spec->name) return spec;
  }
  return nullptr;
}

std::vector<std::string_view> native_module_names() {
  std::vector<std::string_view> names;
  for (const ModuleSpec* spec : native_modules) names.push_back(spec->name);
  return names;
}

Interpreter& interpreter_of(Thread& thread) { return *thread.interpreter; }
Borrowed<Dict> interpreter_sys(Thread& thread) { return Borrowed<Dict>(thread.interpreter->sys_dict); }
Result<Ref<Dict>> sys_dict(Thread& thread) { return Ref<Dict>::share(thread, interpreter_sys(thread)); }

Result<Ref<Dict>> builtins_of(Thread& thread, Borrowed<Dict> globals) {
  AnyLookup found = dict_get_str(thread, globals, NAME("__builtins__"));
  if (found.raised()) return Raised{};
  if (found.found()) {
    if (is_dict(found.value())) return Ref<Dict>::adopt(found.release());
    if (TypeCheck<Module>::check(found.value())) return module_dict(thread, Borrowed<Module>(found.value()));
  }
  return Ref<Dict>::share(thread, Borrowed<Dict>(thread.interpreter->builtins_dict));
}

AnyLookup lookup_loaded_module(Thread& thread, Any name) {
  AnyLookup modules = dict_get_str(thread, interpreter_sys(thread), NAME("modules"));
  if (modules.raised()) return Raised{};
  if (modules.is_absent()) {
    (void)raise<RuntimeError>(thread, "unable to get sys.modules");
    return Raised{};
  }
  if (is_dict(modules.value())) return dict_get(thread, Borrowed<Dict>(modules.value()), name);
  AnyResult item = get_item(thread, modules.borrow(), name);
  if (!item.raised()) return item.take();
  if (!pending_is<KeyError>(thread)) return Raised{};
  clear_exception(thread);
  return AnyLookup::absent();
}

AnyResult import_level(Thread& thread, Any name, Any globals, Any locals, Any from_list, Any level) {
  Interpreter& interpreter = interpreter_of(thread);
  if (!is_str(name)) return raise<TypeError>(thread, "module name must be a string");
  if (!interpreter.import_function) {
    // Before importlib is there: only what is loaded already.
    AnyLookup found = lookup_loaded_module(thread, name);
    if (found.raised()) return Raised{};
    if (found.found()) return found.take();
    return raise<ImportError>(thread, "import of {} before importlib is there", repr_of(name));
  }
  Any list = from_list.is_none() ? Any(Value(tuple_empty())) : from_list;
  // An absolute import of a loaded, fully initialized module: no Python runs.
  if (level.value() == small_int(0)) {
    AnyLookup found = lookup_loaded_module(thread, name);
    if (found.raised()) return Raised{};
    bool plain_list = is_exact(list, SHAPE(tuple)) && Borrowed<Tuple>(list.value())->size == 0;
    if (found.found() && !found.value().is_none() && TypeCheck<Module>::check(found.value())) {
      AnyLookup spec = lookup_attr(thread, found.borrow(), NAME("__spec__"));
      if (spec.raised()) return Raised{};
      bool initializing = false;
      if (spec.found() && !spec.value().is_none()) {
        AnyLookup flag = lookup_attr(thread, spec.borrow(), NAME("_initializing"));
        if (flag.raised()) return Raised{};
        if (flag.found()) initializing = TRY(is_true(thread, flag.borrow()));
      }
      StrView text = str_view(Borrowed<Str>(name.value()));
      bool dotted = false;
      for (Word i = 0; i < text.length; ++i) dotted |= text[i] == '.';
      AnyLookup path = lookup_attr(thread, found.borrow(), NAME("__path__"));
      if (path.raised()) return Raised{};
      if (!initializing && ((plain_list && !dotted) || (!plain_list && path.is_absent()))) return found.take();
    }
  }
  return call(thread, Any(interpreter.import_function), {name.value(), globals.value(), locals.value(), list.value(), level.value()});
}

AnyResult import_module(Thread& thread, Borrowed<Str> name) {
  AnyLookup loaded = lookup_loaded_module(thread, name);
  if (loaded.raised()) return Raised{};
  if (loaded.found() && !loaded.value().is_none()) return loaded.take();
  Ref<Tuple> list = TRY(tuple_of(thread, {Value(NAME("*"))}));
  Ref<Dict> globals = TRY(dict_create(thread));
  AnyRef module = TRY(import_level(thread, name, globals, kNone, list, Any(small_int(0))));
  loaded = lookup_loaded_module(thread, name);
  if (loaded.raised()) return Raised{};
  if (loaded.found()) return loaded.take();
  return module;
}

void raise_cannot_import(Thread& thread, Any module, Any module_name, Any name) {
  Any shown = is_str(module_name) ? module_name : Any(Value(NAME("<unknown module name>")));
  AnyLookup file = lookup_attr(thread, module, NAME("__file__"));
  if (file.raised()) return;
  bool has_file = file.found() && is_str(file.value());
  AnyLookup spec = lookup_attr(thread, module, NAME("__spec__"));
  if (spec.raised()) return;
  bool initializing = false;
  if (spec.found() && !spec.value().is_none()) {
    AnyLookup flag = lookup_attr(thread, spec.borrow(), NAME("_initializing"));
    if (flag.raised()) return;
    if (flag.found()) {
      Result<bool> truth = is_true(thread, flag.borrow());
      if (truth.raised()) return;
      initializing = truth.take();
    }
  }
  AnyResult message = Raised{};
  if (initializing) {
    const FormatArgument parts[] = {FormatArgument(repr_of(name)), FormatArgument(repr_of(shown)), FormatArgument(has_file ? file.borrow() : Any(Value(NAME("unknown location"))))};
    message = format_text(thread, "cannot import name {} from partially initialized module {} (most likely due to a circular import) ({})", parts, 3);
  } else {
    const FormatArgument parts[] = {FormatArgument(repr_of(name)), FormatArgument(repr_of(shown)), FormatArgument(has_file ? file.borrow() : Any(Value(NAME("unknown location"))))};
    message = format_text(thread, "cannot import name {} from {} ({})", parts, 3);
  }
  if (message.raised()) return;
  AnyRef text = message.take();
  AnyResult made = call(thread, Any(Value(EXCEPTION(ImportError))), {text.value()});
  if (made.raised()) return;
  AnyRef error = made.take();
  exception_field_set(thread, error, exception_field::import_name, module_name);
  if (has_file) exception_field_set(thread, error, exception_field::import_path, file.borrow());
  exception_field_set(thread, error, exception_field::import_name_from, name);
  (void)raise_object(thread, std::move(error));
}

}  // namespace dx
