// From nothing to a running interpreter, and back. The order matters: memory, types, exceptions,
// sys and builtins, importlib, the io streams, site.

#include "runtime/signals.h"
#include "runtime/startup.h"

#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interpreter/ops.h"
#include "memory/collector.h"
#include "memory/safepoint.h"
#include "memory/start_memory.h"
#include "objects/bytes.h"
#include "objects/exception_group.h"
#include "objects/hooks.h"
#include "objects/list.h"
#include "objects/type_internal.h"
#include "runtime/code_cache.h"
#include "runtime/printer.h"
#include "runtime/warnings.h"

namespace dx {

void unraisable_hook(Thread& thread, const char* context, MaybeAny object);
void print_exception_plainly(Thread& thread, Any exception);

namespace {

constexpr size_t kMainStackBytes = size_t{4}
                                   << 30;  // reserved, not used: pages appear when touched

Value globals_of_running_function(Thread& thread) {
  Value* base = thread.context ? thread.context->frame : nullptr;
  return base ? frame_function(base)->globals.raw() : Value{};
}

// super() without arguments: the running function's __class__ cell and first parameter.
bool super_arguments(Thread& thread, Value& type, Value& object) {
  Value* base = thread.context->frame;
  if (!base) {
    (void)raise<RuntimeError>(thread, "super(): no current frame");
    return false;
  }
  Code* code = frame_code(base);
  if (code->argument_count == 0 || code->first_local) {
    (void)raise<RuntimeError>(thread, "super(): no arguments");
    return false;
  }
  Value first = base[code->first_local];
  bool first_is_cell = false;
  for (uint32_t reg : code->view().cell_registers()) first_is_cell |= reg == code->first_local;
  if (first_is_cell && is_exact(first, SHAPE(cell)))
    first = static_cast<Cell*>(first.object())->content.raw();
  if (!first) {
    (void)raise<RuntimeError>(thread, "super(): arg[0] deleted");
    return false;
  }
  dpb::ImageView image = code->image->view();
  auto free = code->view().freevars();
  for (size_t i = 0; i < free.size(); ++i) {
    if (image.text(free[i]).view() != "__class__") continue;
    Value cell = base[code->view().first_free() + i];
    Value cls = is_exact(cell, SHAPE(cell))
                    ? slot_load(thread, cell.object(), static_cast<Cell*>(cell.object())->content)
                    : Value{};
    if (!cls) {
      (void)raise<RuntimeError>(thread, "super(): empty __class__ cell");
      return false;
    }
    type = cls;
    incref(thread, first);
    object = first;
    return true;
  }
  (void)raise<RuntimeError>(thread, "super(): __class__ cell not found");
  return false;
}

Result<void> make_namespaces(Thread& thread, Interpreter& interpreter) {
  Ref<Dict> modules = TRY(dict_create(thread));
  auto add = [&](const char* name, Value& module_out, Value& dict_out) -> Result<void> {
    const ModuleSpec* spec = find_native_module(name);
    CHECK(spec);
    Ref<Str> text = TRY(str_intern_ascii(thread, name));
    Ref<Module> module = TRY(module_create(thread, text, spec));
    Ref<Dict> dict = module_dict(thread, module);
    TRY(dict_set_str(thread, modules, text, module.borrow()));
    dict_out = dict.release();
    module_out = module.release();
    return {};
  };
  TRY(add("builtins", interpreter.builtins_module, interpreter.builtins_dict));
  TRY(add("sys", interpreter.sys_module, interpreter.sys_dict));
  interpreter.modules = modules.value();
  incref(thread, interpreter.modules);
  TRY(dict_set_str(thread, Borrowed<Dict>(interpreter.sys_dict), NAME("modules"),
                   modules.borrow()));
  AnyRef out = TRY(printer_create(thread, 1)), err = TRY(printer_create(thread, 2));
  Borrowed<Dict> sys(interpreter.sys_dict);
  TRY(dict_set_str(thread, sys, NAME("stdout"), out.borrow()));
  TRY(dict_set_str(thread, sys, NAME("stderr"), err.borrow()));
  TRY(module_execute(thread, Borrowed<Module>(interpreter.builtins_module),
                     *find_native_module("builtins")));
  TRY(module_execute(thread, Borrowed<Module>(interpreter.sys_module), *find_native_module("sys")));
  return {};
}

}  // namespace

// Runs a library file as a module body in a fresh module of this name.
Result<Ref<Module>> run_library_module(Thread& thread, const char* name, const std::string& path) {
  Ref<Str> module_name = TRY(str_intern_ascii(thread, name));
  Ref<Str> filename = TRY(str_from_filesystem(
      thread, std::string("<frozen ") +
                  (path.find("_external") != std::string::npos ? "importlib._bootstrap_external"
                                                               : "importlib._bootstrap") +
                  ">"));
  SourceOptions options;
  options.optimize = interpreter_of(thread).options.optimize;
  Ref<Code> code = TRY(code_of_file(thread, path, filename, options, false));
  Ref<Module> module = TRY(module_create(thread, module_name));
  Ref<Dict> dict = module_dict(thread, module);
  TRY(dict_set_str(thread, dict, NAME("__builtins__"),
                   Any(interpreter_of(thread).builtins_module)));
  // importlib turns this into the module's spec, as it does for frozen modules.
  Ref<Str> origin = TRY(str_intern_ascii(thread, path.find("_external") != std::string::npos
                                                     ? "importlib._bootstrap_external"
                                                     : "importlib._bootstrap"));
  TRY(dict_set_str(thread, dict, NAME("__origname__"), origin.borrow()));
  AnyRef done = TRY(run_code(thread, code, dict, dict));
  return module;
}

Result<void> imports_start(Thread& thread, Interpreter& interpreter) {
  std::string folder = interpreter.options.prefix + "/lib/python3.14/importlib/";
  Ref<Module> bootstrap =
      TRY(run_library_module(thread, "_frozen_importlib", folder + "_bootstrap.py"));
  Borrowed<Dict> modules(interpreter.modules);
  TRY(dict_set(thread, modules, TRY(str_intern_ascii(thread, "_frozen_importlib")).borrow(),
               bootstrap.borrow()));
  // _imp is what importlib asks for native modules.
  const ModuleSpec* imp_spec = find_native_module("_imp");
  if (!imp_spec) return raise<ImportError>(thread, "dx-py: no _imp module");
  Ref<Str> imp_name = TRY(str_intern_ascii(thread, "_imp"));
  Ref<Module> imp = TRY(module_create(thread, imp_name, imp_spec));
  TRY(module_execute(thread, imp, *imp_spec));
  TRY(dict_set(thread, modules, imp_name.borrow(), imp.borrow()));
  AnyRef installed =
      TRY(call_method(thread, bootstrap, NAME("_install"), {interpreter.sys_module, imp.value()}));
  interpreter.import_function = TRY(get_attr(thread, bootstrap, NAME("__import__"))).release();
  Ref<Module> external = TRY(
      run_library_module(thread, "_frozen_importlib_external", folder + "_bootstrap_external.py"));
  TRY(dict_set(thread, modules,
               TRY(str_intern_ascii(thread, "_frozen_importlib_external")).borrow(),
               external.borrow()));
  TRY(module_set(thread, bootstrap, "_bootstrap_external", external.borrow()));
  AnyRef external_installed =
      TRY(call_method(thread, external, NAME("_install"), {bootstrap.value()}));
  TRY(module_set(thread, external, "_bootstrap", bootstrap.borrow()));
  interpreter.bootstrap = bootstrap.release();
  interpreter.bootstrap_external = external.release();
  return {};
}

namespace {

// What get_code of a SourceFileLoader calls, and what importlib itself put there: the native
// get_code stands for these alone.
struct LoaderParts {
  Value get_code, get_data, path_stats,
      source_to_code;  // borrowed: the class and its bases hold them
};
LoaderParts loader_parts;

// Only compared, or held by the class for as long as the interpreter lives.
Value class_value(Thread& thread, Type* type, Str* name) {
  Maybe<Ref<Object>> found = type_lookup(thread, type, name);
  return found ? found.value() : Value{};
}

bool is_as_shipped(Thread& thread, Type* type) {
  auto same = [&](Str* name, Value shipped) { return class_value(thread, type, name) == shipped; };
  return same(NAME("get_data"), loader_parts.get_data) &&
         same(NAME("path_stats"), loader_parts.path_stats) &&
         same(NAME("source_to_code"), loader_parts.source_to_code);
}

// SourceFileLoader.get_code(self, fullname): the file's code from the cache of compiled code, or
// compiled. A class that changes how sources are read or compiled gets importlib's own get_code.
AnyResult source_file_code(Thread& thread, Any self, Any fullname) {
  if (!is_as_shipped(thread, type_of(self.value())))
    return call(thread, Any(loader_parts.get_code), {self.value(), fullname.value()});
  AnyRef path = TRY(get_attr(thread, self, NAME("path")));
  Ref<Bytes> file = TRY(bytes_from_path(thread, path));
  Ref<Str> filename = TRY(str_from_filesystem(thread, file->view()));
  SourceOptions options;
  options.optimize = interpreter_of(thread).options.optimize;
  return code_of_file(thread, std::string(file->view()), filename, options, false);
}
constexpr Method source_file_code_method =
    method<source_file_code>("get_code(fullname, /)", "The code object of a source file.");

// A path hook for zip files: zipimport.zipimporter, imported when a path first leads through a
// file. Folders, which nearly all entries of sys.path are, cost one stat.
AnyResult zip_path_hook(Thread& thread, Any path) {
  Ref<Bytes> name = TRY(bytes_from_path(thread, path));
  std::string at(name->view());
  struct stat facts;
  while (!at.empty() && stat(at.c_str(), &facts) != 0) {
    size_t slash = at.rfind('/');
    at.resize(slash == std::string::npos ? 0 : slash);
  }
  // While zipimport itself is looked for, a zip file on the path has no importer; the outer call's
  // answer replaces that.
  static thread_local bool importing = false;
  if (at.empty() || !S_ISREG(facts.st_mode) || importing) {
    Ref<Str> message = TRY(str_from_ascii(thread, "not a Zip file"));
    return raise_import_error(thread, EXCEPTION(ImportError), Any(message.value()), kNone, path);
  }
  Ref<Str> zipimport = TRY(str_intern_ascii(thread, "zipimport"));
  importing = true;
  AnyResult imported = import_module(thread, zipimport);
  importing = false;
  AnyRef module = TRY(std::move(imported));
  return call_method(thread, module, NAME("zipimporter"), {path.value()});
}
constexpr Method zip_path_hook_method = function<zip_path_hook>(
    "zip_path_hook(path, /)", "The importer of a zip file; ImportError for anything else.");

}  // namespace

Result<void> loader_start(Thread& thread, Interpreter& interpreter) {
  AnyRef loader =
      TRY(get_attr(thread, Any(interpreter.bootstrap_external), NAME("SourceFileLoader")));
  auto* type = static_cast<Type*>(loader.value().object());
  loader_parts = {class_value(thread, type, NAME("get_code")),
                  class_value(thread, type, NAME("get_data")),
                  class_value(thread, type, NAME("path_stats")),
                  class_value(thread, type, NAME("source_to_code"))};
  if (!loader_parts.get_code || !loader_parts.get_data || !loader_parts.path_stats ||
      !loader_parts.source_to_code) {
    return raise<ImportError>(thread,
                              "dx-py: importlib's SourceFileLoader is not the one of Python 3.14");
  }
  NativeInfo* info = native_info_create(thread, source_file_code_method, TYPE(object));
  if (!info) return Raised{};
  auto* descriptor = static_cast<MethodDescriptor*>(
      allocate_object(thread, sizeof(MethodDescriptor), SHAPE(method_descriptor), PageKind::leaf));
  if (!descriptor) return raise_memory_error(thread);
  descriptor->info = info;
  AnyRef owned = AnyRef::adopt(Value(descriptor));
  TRY(set_attr(thread, loader, NAME("get_code"), MaybeAny(owned.value())));
  AnyRef hooks = TRY(get_attr(thread, Any(interpreter.sys_module), NAME("path_hooks")));
  Ref<NativeFunction> hook =
      TRY(native_function_create(thread, zip_path_hook_method, MaybeAny(), MaybeAny()));
  if (!is_list(hooks.value())) return raise<ImportError>(thread, "sys.path_hooks is not a list");
  return list_insert(thread, Borrowed<List>(hooks.value()), 0, AnyRef(std::move(hook)));
}

void native_stack_measure(Thread& thread) {
  struct rlimit limit;
  size_t native_stack = size_t{8} << 20;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    native_stack = limit.rlim_cur;
  thread.native_stack_limit =
      static_cast<char*>(__builtin_frame_address(0)) - native_stack + (size_t{256} << 10);
}

bool runtime_start(Thread& thread, Interpreter& interpreter) {
  thread.is_main = true;
  thread.interpreter = &interpreter;
  memory_start(thread);
  collector_enable(false);  // until runtime_started: start-up makes no garbage worth looking for
  native_stack_measure(thread);
  thread.context = context_create(kMainStackBytes, kStackAddress);
  if (!thread.context) {
    std::fprintf(stderr, "dx-py: not enough address space for the VM stack\n");
    return false;
  }
  object_hooks.unraisable = unraisable_hook;
  object_hooks.warn = warn_at_level;
  find_super_arguments = super_arguments;
  running_globals = globals_of_running_function;
  interpreter_initialize();
  signals_start(thread);
  auto stages = [&]() -> Result<void> {
    TRY(types_initialize(thread));
    loop_initialize();
    loop_observed_initialize();
    TRY(exceptions_initialize(thread));
    TRY(descriptors_initialize(thread));
    TRY(generators_initialize(thread));
    TRY(exception_group_initialize(thread));
    TRY(make_namespaces(thread, interpreter));
    TRY(imports_start(thread, interpreter));
    TRY(loader_start(thread, interpreter));
    return streams_start(thread, interpreter);
  };
  if (!stages().raised()) return true;
  if (EXCEPTION(MemoryError) && interpreter.sys_dict) {
    std::fprintf(stderr, "dx-py: start-up failed\n");
    AnyRef exception = take_exception(thread).take();
    print_exception_plainly(thread, exception);
    clear_exception(thread);
  } else {
    std::fprintf(stderr, "dx-py: start-up failed before exceptions could be shown\n");
  }
  return false;
}

}  // namespace dx
