#pragma once
// module objects: a namespace dict in the instance's __dict__ word.

#include "objects/dict.h"

namespace dx {

struct Module : Object {
  const ModuleSpec* spec;  // native modules; null otherwise
  void* state;             // the native module's own
};
template <>
struct TypeCheck<Module> {
  static bool check(Value value) { return has_layout(value, kShapeModule); }
  static constexpr const char* name = "module";
};
Result<Ref<Module>> module_create(Thread& thread, Borrowed<Str> name,
                                  const ModuleSpec* spec = nullptr);
Ref<Dict> module_dict(Thread& thread, Borrowed<Module> module);
Result<void> module_set(Thread& thread, Borrowed<Module> module, const char* name, Any value);
// Functions, constants and types of the spec, then spec.initialize.
Result<void> module_execute(Thread& thread, Borrowed<Module> module, const ModuleSpec& spec);

// importlib's import of an absolute module name; the module itself (not its top package).
AnyResult import_module(Thread& thread, Borrowed<Str> name);
// sys.modules[name].
AnyLookup lookup_loaded_module(Thread& thread, Any name);
// ImportError "cannot import name 'x' from 'm' (file)", with the circular import and shadowing
// hints.
void raise_cannot_import(Thread& thread, Any module, Any module_name, Any name);

}  // namespace dx
