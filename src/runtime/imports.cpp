// Imports: __import__ hands over to importlib._bootstrap, which is Python; the native modules it
// finds through _imp are here.

#include <cstring>

#include "interpreter/ops.h"
#include "objects/audit.h"
#include "objects/exception.h"
#include "objects/frame.h"
#include "objects/list.h"
#include "objects/traceback.h"
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
Borrowed<Dict> interpreter_sys(Thread& thread) {
  return Borrowed<Dict>(thread.interpreter->sys_dict);
}
Result<Ref<Dict>> sys_dict(Thread& thread) {
  return Ref<Dict>::share(thread, interpreter_sys(thread));
}

Result<Ref<Dict>> builtins_of(Thread& thread, Borrowed<Dict> globals) {
  AnyLookup found = dict_get_str(thread, globals, NAME("__builtins__"));
  if (found.raised()) return Raised{};
  if (found.found()) {
    if (is_dict(found.value())) return Ref<Dict>::adopt(found.release());
    if (TypeCheck<Module>::check(found.value()))
      return module_dict(thread, Borrowed<Module>(found.value()));
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

namespace {

// Takes importlib's own frames out of the pending exception's traceback, as CPython does: a program
// shows the import statement and the module's code, not the machinery between. All of them for an
// ImportError; for other exceptions those that lead up to _call_with_frames_removed.
void trim_importlib_frames(Thread& thread) {
  if (!is_exception(thread.exception)) return;
  Object* exception = thread.exception.object();
  bool always = is_subtype(type_of(thread.exception), EXCEPTION(ImportError));
  auto* raised = static_cast<BaseException*>(exception);
  Object* outer_holder =
      exception;  // holds the link to the first frame of the current run of importlib's frames
  Slot* outer = &raised->traceback;
  Object* holder = exception;
  Slot* link = &raised->traceback;
  bool in_run = false;
  while (Value at = slot_load(thread, holder, *link)) {
    AnyRef owned = AnyRef::adopt(at);
    auto* entry = static_cast<Traceback*>(at.object());
    Borrowed<Code> code = static_cast<FrameObject*>(entry->frame.borrow().object())->code.borrow();
    bool importlib =
        str_equals_ascii(code->filename.borrow(), "<frozen importlib._bootstrap>") ||
        str_equals_ascii(code->filename.borrow(), "<frozen importlib._bootstrap_external>");
    if (importlib && !in_run) {
      outer_holder = holder;
      outer = link;
    }
    in_run = importlib;
    holder = entry;
    link = &entry->next;
    if (!importlib ||
        !(always || str_equals_ascii(code->name.borrow(), "_call_with_frames_removed")))
      continue;
    slot_write(thread, outer_holder, *outer, slot_load(thread, entry, entry->next));
    holder = outer_holder;
    link = outer;
  }
}

}  // namespace

// lookup_attr, without making an AttributeError for a plain module that lacks the attribute.
static AnyLookup module_attribute(Thread& thread, Any module, Borrowed<Str> name) {
  if (type_of(module) != TYPE(module)) return lookup_attr(thread, module, name);
  Ref<Dict> dict = module_dict(thread, Borrowed<Module>(module.value()));
  AnyLookup found = dict_get_str(thread, dict, name);
  if (found.raised() || found.found()) return found;
  AnyLookup hook = dict_get_str(thread, dict, NAME("__getattr__"));
  if (hook.raised()) return Raised{};
  return hook.found() ? lookup_attr(thread, module, name) : AnyLookup::absent();
}

// The event of an import that has to look for the module.
static Result<void> audit_import(Thread& thread, Any name) {
  AnyRef parts[3] = {AnyRef::adopt(kNone), AnyRef::adopt(kNone), AnyRef::adopt(kNone)};
  Str* const names[] = {NAME("path"), NAME("meta_path"), NAME("path_hooks")};
  for (size_t i = 0; i < 3; ++i) {
    AnyLookup found = dict_get_str(thread, interpreter_sys(thread), names[i]);
    if (found.raised()) return Raised{};
    if (found.found()) parts[i] = found.take();
  }
  return audit(thread, "import",
               {name.value(), kNone, parts[0].value(), parts[1].value(), parts[2].value()});
}

AnyResult import_level(Thread& thread, Any name, Any globals, Any locals, Any from_list,
                       Any level) {
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
      AnyLookup spec = module_attribute(thread, found.borrow(), NAME("__spec__"));
      if (spec.raised()) return Raised{};
      bool initializing = false;
      if (spec.found() && !spec.value().is_none()) {
        AnyLookup flag = lookup_attr(thread, spec.borrow(), NAME("_initializing"));
        if (flag.raised()) return Raised{};
        if (flag.found()) initializing = TRY(is_true(thread, flag.borrow()));
      }
      if (!initializing) {
        if (plain_list) {
          StrView text = str_view(Borrowed<Str>(name.value()));
          bool dotted = false;
          for (Word i = 0; i < text.length && !dotted; ++i) dotted = text[i] == '.';
          if (!dotted) return found.take();
        } else {
          AnyLookup path = module_attribute(thread, found.borrow(), NAME("__path__"));
          if (path.raised()) return Raised{};
          if (path.is_absent()) return found.take();
        }
      }
    }
  }
  if (auditing() && level.value() == small_int(0)) {
    AnyLookup loaded = lookup_loaded_module(thread, name);
    if (loaded.raised()) return Raised{};
    if (loaded.is_absent()) TRY(audit_import(thread, name));
  }
  AnyResult imported =
      call(thread, Any(interpreter.import_function),
           {name.value(), globals.value(), locals.value(), list.value(), level.value()});
  if (imported.raised() && !interpreter.options.verbose) trim_importlib_frames(thread);
  return imported;
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
    const FormatArgument parts[] = {
        FormatArgument(repr_of(name)), FormatArgument(repr_of(shown)),
        FormatArgument(has_file ? file.borrow() : Any(Value(NAME("unknown location"))))};
    message = format_text(thread,
                          "cannot import name {} from partially initialized module {} (most likely "
                          "due to a circular import) ({})",
                          parts, 3);
  } else {
    const FormatArgument parts[] = {
        FormatArgument(repr_of(name)), FormatArgument(repr_of(shown)),
        FormatArgument(has_file ? file.borrow() : Any(Value(NAME("unknown location"))))};
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
