// _imp: what importlib asks the runtime for.

#include "interpreter/ops.h"
#include "objects/bytes.h"
#include "objects/exception.h"
#include "objects/hash.h"
#include "objects/list.h"
#include "runtime/builtins_class.h"
#include "runtime/import_lock.h"
#include "runtime/interpreter_state.h"

namespace dx {

namespace {

AnyResult imp_create_builtin(Thread& thread, Any spec) {
  AnyRef name = TRY(get_attr(thread, spec, NAME("name")));
  if (!is_str(name.value()))
    return raise<TypeError>(thread, "name must be string, not {}", type_name_in(name.borrow()));
  std::string_view text = TRY(str_utf8(thread, Borrowed<Str>(name.value())));
  if (text == "sys") return share(thread, Any(interpreter_of(thread).sys_module));
  if (text == "builtins") return share(thread, Any(interpreter_of(thread).builtins_module));
  const ModuleSpec* module_spec = find_native_module(text);
  if (!module_spec) return AnyRef::adopt(kNone);
  return module_create(thread, Borrowed<Str>(name.value()), module_spec);
}
Result<Word> imp_exec_builtin(Thread& thread, Any module) {
  if (!TypeCheck<Module>::check(module.value())) return Word{0};
  Borrowed<Module> native(module.value());
  if (!native->spec || native->state) return Word{0};
  native->state = const_cast<ModuleSpec*>(native->spec);  // executed once
  TRY(module_execute(thread, native, *native->spec));
  return Word{0};
}
Result<Word> imp_is_builtin(Thread& thread, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "is_builtin() argument must be str, not {}",
                            type_name_in(name));
  std::string_view text = TRY(str_utf8(thread, Borrowed<Str>(name.value())));
  if (text == "sys" || text == "builtins") return Word{-1};
  return Word{find_native_module(text) ? 1 : 0};
}
bool imp_is_frozen(Thread&, Any name) {
  if (!is_str(name)) return false;
  Borrowed<Str> text(name.value());
  return str_equals_ascii(text, "_frozen_importlib") ||
         str_equals_ascii(text, "_frozen_importlib_external");
}
Value imp_find_frozen(Thread&, Any, bool) { return kNone; }
AnyResult imp_get_frozen_object(Thread& thread, Any name, Any) {
  return raise<ImportError>(thread, "No such frozen object named {}", name);
}
AnyResult imp_is_frozen_package(Thread& thread, Any name) {
  if (imp_is_frozen(thread, name)) return AnyRef::adopt(kFalse);
  return raise<ImportError>(thread, "No such frozen object named {}", name);
}
AnyResult imp_init_frozen(Thread&, Any) { return AnyRef::adopt(kNone); }
AnyResult imp_frozen_names(Thread& thread) { return list_create(thread); }
Result<void> imp_acquire_lock(Thread& thread) { return import_lock_acquire(thread); }
Result<void> imp_release_lock(Thread& thread) {
  if (!import_lock_release(thread))
    return raise<RuntimeError>(thread, "not holding the import lock");
  return {};
}
bool imp_lock_held(Thread&) { return import_lock_held(); }
AnyResult imp_extension_suffixes(Thread& thread) {
  return list_create(thread);
}  // no C extension can be loaded yet
AnyResult imp_create_dynamic(Thread& thread, Any spec, MaybeAny) {
  AnyRef name = TRY(get_attr(thread, spec, NAME("name")));
  return raise<ImportError>(thread, "dx-py: C extension modules cannot be loaded yet: {}", name);
}
Value imp_exec_dynamic(Thread&, Any) { return small_int(0); }
Result<void> imp_fix_co_filename(Thread& thread, Any code, Any path) {
  if (!TypeCheck<Code>::check(code.value()))
    return raise<TypeError>(thread, "_fix_co_filename() argument 1 must be code, not {}",
                            type_name_in(code));
  if (!is_str(path))
    return raise<TypeError>(thread, "_fix_co_filename() argument 2 must be str, not {}",
                            type_name_in(path));
  auto* object = static_cast<Code*>(code.object());
  slot_write(thread, object, object->filename, share(thread, path));
  return {};
}
Value imp_override(Thread&, Any) { return small_int(0); }

// SipHash-1-3 of the source with the key `key`: what hash-based .pyc files hold.
AnyResult imp_source_hash(Thread& thread, Word key, Any source) {
  AnyRef bytes = TRY(call(thread, Any(Value(TYPE(bytes))), {source.value()}));
  std::string_view text = bytes_view(bytes.value());
  uint64_t hash = siphash13(static_cast<uint64_t>(key), 0, text.data(), text.size());
  return bytes_from(thread, {reinterpret_cast<const char*>(&hash), 8});
}

constexpr Method imp_functions[] = {
    function<imp_create_builtin>("create_builtin(spec, /)", "Create an extension module."),
    function<imp_exec_builtin>("exec_builtin(mod, /)", "Initialize a built-in module."),
    function<imp_is_builtin>("is_builtin(name, /)",
                             "Returns True if the module name corresponds to a built-in module."),
    function<imp_is_frozen>("is_frozen(name, /)",
                            "Returns True if the module name corresponds to a frozen module."),
    function<imp_find_frozen>(
        "find_frozen(name, /, *, withdata=False)",
        "Return info about the corresponding frozen module (if there is one) or None."),
    function<imp_get_frozen_object>("get_frozen_object(name, data=None, /)",
                                    "Create a code object for a frozen module."),
    function<imp_is_frozen_package>("is_frozen_package(name, /)",
                                    "Returns True if the module name is of a frozen package."),
    function<imp_init_frozen>("init_frozen(name, /)", "Initializes a frozen module."),
    function<imp_frozen_names>("_frozen_module_names()",
                               "Returns the list of available frozen modules."),
    function<imp_acquire_lock>("acquire_lock()",
                               "Acquires the interpreter's import lock for the current thread."),
    function<imp_release_lock>("release_lock()", "Release the interpreter's import lock."),
    function<imp_lock_held>("lock_held()",
                            "Return True if the import lock is currently held, else False."),
    function<imp_extension_suffixes>(
        "extension_suffixes()",
        "Returns the list of file suffixes used to identify extension modules."),
    function<imp_create_dynamic>("create_dynamic(spec, file=?, /)", "Create an extension module."),
    function<imp_exec_dynamic>("exec_dynamic(mod, /)", "Initialize an extension module."),
    function<imp_fix_co_filename>("_fix_co_filename(code, path, /)",
                                  "Changes code.co_filename to specify the passed-in path."),
    function<imp_override>("_override_frozen_modules_for_tests(override, /)",
                           "There are no frozen modules to override."),
    function<imp_override>("_override_multi_interp_extensions_check(override, /)",
                           "There are no C extensions to check."),
    function<imp_source_hash>("source_hash(key, source)"),
};

Result<void> imp_initialize(Thread& thread, Borrowed<Module> module) {
  Ref<Str> mode = TRY(str_intern_ascii(thread, "default"));
  TRY(module_set(thread, module, "check_hash_based_pycs", mode));
  return module_set(thread, module, "pyc_magic_number_token", Any(small_int(kPycMagicToken)));
}
}  // namespace

extern const ModuleSpec _imp_module{
    .name = "_imp",
    .doc = "(Extremely) low-level import machinery bits as used by importlib.",
    .functions = imp_functions,
    .initialize = imp_initialize};

}  // namespace dx
