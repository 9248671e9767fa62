// module objects and the making of native modules.

#include "objects/module.h"

#include "objects/exception.h"
#include "objects/float.h"
#include "objects/function.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

Ref<Dict> module_dict(Thread& thread, Borrowed<Module> module) {
  return MUST(instance_materialize(thread, module.get()));  // module_create made it
}

namespace {
Result<void> module_fill(Thread& thread, Borrowed<Module> module, Any name, Any doc) {
  Ref<Dict> dict = TRY(instance_materialize(thread, module.get()));
  TRY(dict_set_str(thread, dict, NAME("__name__"), name));
  TRY(dict_set_str(thread, dict, NAME("__doc__"), doc));
  for (Str* key : {NAME("__package__"), NAME("__loader__"), NAME("__spec__")}) {
    if (!TRY(dict_contains(thread, dict, Any(Value(key)))))
      TRY(dict_set_str(thread, dict, key, kNone));
  }
  return {};
}
}  // namespace

Result<Ref<Module>> module_create(Thread& thread, Borrowed<Str> name, const ModuleSpec* spec) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(TYPE(module))));
  auto* module = static_cast<Module*>(made.get());
  module->spec = spec;
  Maybe<Ref<Str>> doc;
  if (spec && spec->doc) doc = Maybe<Ref<Str>>(TRY(str_from_utf8(thread, spec->doc)));
  TRY(module_fill(thread, Borrowed<Module>(module), name, doc ? Any(doc.value()) : Any(kNone)));
  return Ref<Module>::adopt(made.release());
}

Result<void> module_set(Thread& thread, Borrowed<Module> module, const char* name, Any value) {
  Ref<Str> key = TRY(str_intern_ascii(thread, name));
  Ref<Dict> dict = TRY(instance_materialize(thread, module.get()));
  return dict_set_str(thread, dict, key, value);
}

Result<void> module_execute(Thread& thread, Borrowed<Module> module, const ModuleSpec& spec) {
  Ref<Dict> dict = TRY(instance_materialize(thread, module.get()));
  Ref<Str> name = TRY(str_intern_ascii(thread, spec.name));
  for (const Method& method : spec.functions) {
    Ref<NativeFunction> function = TRY(
        native_function_create(thread, method, MaybeAny(module.value()), MaybeAny(name.value())));
    // The description lives for ever anyway, and programs share and drop `len` all the time.
    make_immortal(function.get());
    TRY(dict_set_str(thread, dict, function->info->name, function.borrow()));
  }
  for (const ModuleConstant& constant : spec.constants) {
    AnyRef value = AnyRef::adopt(kNone);
    switch (constant.kind) {
      case ModuleConstant::Kind::integer:
        value = TRY(int_from_word(thread, constant.integer));
        break;
      case ModuleConstant::Kind::real: value = TRY(float_from_double(thread, constant.real)); break;
      case ModuleConstant::Kind::text: value = TRY(str_from_utf8(thread, constant.text)); break;
    }
    TRY(module_set(thread, module, constant.name, value));
  }
  for (const ModuleType& type : spec.types) {
    TRY(type_from_spec(thread, *type.spec, *type.handle));
    TRY(dict_set_str(thread, dict, type.handle->type->name.borrow(),
                     Any(Value(type.handle->type))));
  }
  if (spec.initialize) TRY(spec.initialize(thread, module));
  return {};
}

namespace {

AnyResult module_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}
Result<void> module_init(Thread& thread, Borrowed<Module> self, const Arguments& arguments) {
  Value name, doc = kNone;
  if (arguments.positional() > 2)
    return raise<TypeError>(thread, "module() takes at most 2 arguments ({} given)",
                            arguments.count);
  if (arguments.positional() > 0) name = arguments.items[0];
  if (arguments.positional() > 1) doc = arguments.items[1];
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> keyword(arguments.names->item(static_cast<Word>(k)).value());
    Value value = arguments.items[arguments.positional() + k];
    if (str_equals_ascii(keyword, "name"))
      name = value;
    else if (str_equals_ascii(keyword, "doc"))
      doc = value;
    else
      return raise<TypeError>(thread, "module() got an unexpected keyword argument '{}'", keyword);
  }
  if (!name) return raise<TypeError>(thread, "module() missing required argument 'name' (pos 1)");
  if (!is_str(name))
    return raise<TypeError>(thread, "module() argument 'name' must be str, not {}",
                            type_name_in(Any(name)));
  return module_fill(thread, self, Any(name), Any(doc));
}
// Whether the module's body still runs: importlib notes it in the spec.
Result<bool> is_initializing(Thread& thread, Any module) {
  AnyLookup spec = instance_get(thread, module.object(), NAME("__spec__"));
  if (spec.raised()) return Raised{};
  if (spec.is_absent() || spec.value().is_none()) return false;
  AnyLookup flag = lookup_attr(thread, spec.borrow(), NAME("_initializing"));
  if (flag.raised()) return Raised{};
  return flag.found() && TRY(is_true(thread, flag.borrow()));
}

// module.__getattr__ (PEP 562), and the message of a missing attribute.
AnyResult module_getattribute(Thread& thread, Any self, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  Borrowed<Str> key(name.value());
  AnyLookup own = generic_lookup_attr(thread, self, key);
  if (own.raised()) return Raised{};
  if (own.found()) return own.take();
  AnyLookup hook = instance_get(thread, self.object(), NAME("__getattr__"));
  if (hook.raised()) return Raised{};
  if (hook.found()) return call(thread, hook.borrow(), {name.value()});
  AnyLookup module_name = instance_get(thread, self.object(), NAME("__name__"));
  if (module_name.raised()) return Raised{};
  bool named = module_name.found() && is_str(module_name.value());
  bool initializing = TRY(is_initializing(thread, self));
  if (!named)
    (void)raise<AttributeError>(thread, "module has no attribute '{}'", name);
  else if (initializing)
    (void)raise<AttributeError>(thread,
                                "partially initialized module '{}' has no attribute '{}' (most "
                                "likely due to a circular import)",
                                module_name.borrow(), name);
  else
    (void)raise<AttributeError>(thread, "module '{}' has no attribute '{}'", module_name.borrow(),
                                name);
  if (pending_is<AttributeError>(thread)) {
    exception_field_set(thread, Any(thread.exception), exception_field::attribute_error_name, name);
    exception_field_set(thread, Any(thread.exception), exception_field::attribute_error_obj, self);
  }
  return Raised{};
}
AnyResult module_repr(Thread& thread, Any self) {
  // importlib knows how a module's origin is shown.
  Ref<Str> name = TRY(str_intern_ascii(thread, "_frozen_importlib"));
  AnyLookup bootstrap = lookup_loaded_module(thread, name);
  if (bootstrap.raised()) return Raised{};
  if (bootstrap.found())
    return call_method(thread, bootstrap.borrow(), NAME("_module_repr"), {self.value()});
  AnyLookup own = instance_get(thread, self.object(), NAME("__name__"));
  if (own.raised()) return Raised{};
  const FormatArgument parts[] = {FormatArgument(repr_of(own.found() ? own.borrow() : Any(kNone)))};
  return format_text(thread, "<module {}>", parts, 1);
}
AnyResult module_get_dict(Thread& thread, Any self) {
  return instance_materialize(thread, self.object());
}
AnyResult module_dir(Thread& thread, Any self) {
  AnyRef found = TRY(get_attr(thread, self, NAME("__dict__")));  // a subclass may have its own
  if (!is_dict(found.value()))
    return raise<TypeError>(thread, "<module>.__dict__ is not a dictionary");
  Borrowed<Dict> dict(found.value());
  AnyLookup hook = dict_get_str(thread, dict, NAME("__dir__"));
  if (hook.raised()) return Raised{};
  if (hook.found()) return call(thread, hook.borrow(), {});
  return sequence_list(thread, dict);
}
AnyResult module_annotations(Thread& thread, Any self) {
  Ref<Dict> dict = TRY(instance_materialize(thread, self.object()));
  AnyLookup own = dict_get_str(thread, dict, NAME("__annotations__"));
  if (own.raised()) return Raised{};
  if (own.found()) return own.take();
  AnyLookup annotate = dict_get_str(thread, dict, NAME("__annotate__"));
  if (annotate.raised()) return Raised{};
  AnyRef made = TRY(annotations_from(thread, annotate.found() ? annotate.borrow() : Any(kNone)));
  // While its body runs, there may be more of them to come.
  if (!TRY(is_initializing(thread, self)))
    TRY(dict_set_str(thread, dict, NAME("__annotations__"), made.borrow()));
  return made;
}
Result<void> module_set_annotations(Thread& thread, Any self, MaybeAny value) {
  Ref<Dict> dict = TRY(instance_materialize(thread, self.object()));
  if (value)
    TRY(dict_set_str(thread, dict, NAME("__annotations__"), *value));
  else if (!TRY(dict_delete(thread, dict, Any(Value(NAME("__annotations__"))))))
    return raise<AttributeError>(thread, "__annotations__");
  (void)TRY(dict_delete(thread, dict, Any(Value(NAME("__annotate__")))));
  return {};
}
AnyResult module_annotate(Thread& thread, Any self) {
  Ref<Dict> dict = TRY(instance_materialize(thread, self.object()));
  AnyLookup own = dict_get_str(thread, dict, NAME("__annotate__"));
  if (own.raised()) return Raised{};
  if (own.found()) return own.take();
  TRY(dict_set_str(thread, dict, NAME("__annotate__"), kNone));
  return AnyRef::adopt(kNone);
}
Result<void> module_set_annotate(Thread& thread, Any self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "cannot delete __annotate__ attribute");
  if (!value.value().is_none() && !is_callable(*value))
    return raise<TypeError>(thread, "__annotate__ must be callable or None");
  Ref<Dict> dict = TRY(instance_materialize(thread, self.object()));
  TRY(dict_set_str(thread, dict, NAME("__annotate__"), *value));
  if (!value.value().is_none())
    (void)TRY(dict_delete(thread, dict, Any(Value(NAME("__annotations__")))));
  return {};
}

const SlotEntry module_slots[] = {
    slot<SlotId::new_, module_new>(), slot<SlotId::init, module_init>(),
    slot<SlotId::getattribute, module_getattribute>(), slot<SlotId::repr, module_repr>()};
constexpr Method module_methods[] = {
    method<module_dir>("__dir__()", "__dir__() -> list\nspecialized dir() implementation")};
const GetSet module_getsets[] = {
    getter<module_get_dict>("__dict__"),
    getset<module_annotations, module_set_annotations>("__annotations__"),
    getset<module_annotate, module_set_annotate>("__annotate__")};
const Layout module_layout{"module", sizeof(Module), true, nullptr, nullptr};
}  // namespace

const TypeSpec module_spec{.name = "module",
                           .doc = "Create a module object.",
                           .flags = kTypeBase | kTypeHasDict | kTypeWeakrefable,
                           .shape_flags = kShapeModule,
                           .layout = &module_layout,
                           .slots = module_slots,
                           .methods = module_methods,
                           .getsets = module_getsets};

}  // namespace dx
