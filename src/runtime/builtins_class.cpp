// The class statement, the builtins namespace, and small services of the builtins module.

#include "runtime/builtins_class.h"

#include <vector>

#include "interpreter/ops.h"
#include "objects/bytes.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/type_internal.h"
#include "runtime/interpreter_state.h"

namespace dx {

extern TypeHandle property_type, staticmethod_type, classmethod_type;

namespace {

// Bases with __mro_entries__ replaced by what it gives.
Result<Ref<Tuple>> resolve_bases(Thread& thread, Borrowed<Tuple> bases) {
  std::vector<Value> out;
  bool changed = false;
  auto drop_all = [&] {
    for (Value value : out) decref(thread, value);
  };
  for (Word i = 0; i < bases->size; ++i) {
    Any base = bases->item(i);
    if (is_type(base)) {
      incref(thread, base.value());
      out.push_back(base.value());
      continue;
    }
    AnyLookup entries = lookup_attr(thread, base, NAME("__mro_entries__"));
    if (entries.raised()) {
      drop_all();
      return Raised{};
    }
    if (entries.is_absent()) {
      incref(thread, base.value());
      out.push_back(base.value());
      continue;
    }
    AnyResult given = call(thread, entries.borrow(), {bases.value()});
    if (given.raised()) {
      drop_all();
      return Raised{};
    }
    AnyRef tuple = given.take();
    if (!is_tuple(tuple.value())) {
      drop_all();
      return raise<TypeError>(thread, "__mro_entries__ must return a tuple");
    }
    changed = true;
    Borrowed<Tuple> items(tuple.value());
    for (Word k = 0; k < items->size; ++k) {
      incref(thread, items->item(k).value());
      out.push_back(items->item(k).value());
    }
  }
  if (!changed) {
    drop_all();
    return Ref<Tuple>::share(thread, bases);
  }
  return tuple_adopt(thread, out.data(), out.size());
}

}  // namespace

AnyResult builtins_build_class(Thread& thread, Arguments arguments) {
  size_t positional = arguments.positional();
  if (positional < 2) return raise<TypeError>(thread, "__build_class__: not enough arguments");
  if (!TypeCheck<Function>::check(arguments.items[0]))
    return raise<TypeError>(thread, "__build_class__: func must be a function");
  if (!is_str(arguments.items[1]))
    return raise<TypeError>(thread, "__build_class__: name is not a string");
  Borrowed<Function> function(arguments.items[0]);
  Ref<Tuple> original = TRY(tuple_from(thread, arguments.items + 2, positional - 2));
  Ref<Tuple> bases = TRY(resolve_bases(thread, original));
  // metaclass=... is taken out of the keywords.
  AnyRef meta = AnyRef::adopt(kNone);
  bool meta_given = false;
  std::vector<Value> keyword_values;
  std::vector<Value> keyword_names;
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(k)).value());
    if (str_equals_ascii(name, "metaclass")) {
      meta = share(thread, arguments[positional + k]);
      meta_given = true;
    } else {
      keyword_names.push_back(name.value());
      keyword_values.push_back(arguments.items[positional + k]);
    }
  }
  if (!meta_given)
    meta = share(thread, Any(Value(bases->size ? type_of(bases->item(0)) : TYPE(type))));
  if (is_type(meta.value())) {
    // The most derived metaclass of the bases.
    auto* winner = static_cast<Type*>(meta.value().object());
    for (Word i = 0; i < bases->size; ++i) {
      Type* candidate = type_of(bases->item(i));
      if (is_subtype(winner, candidate)) continue;
      if (is_subtype(candidate, winner)) {
        winner = candidate;
        continue;
      }
      return raise<TypeError>(thread,
                              "metaclass conflict: the metaclass of a derived class must be a "
                              "(non-strict) subclass of the metaclasses of all its bases");
    }
    meta = share(thread, Any(Value(winner)));
  }
  Ref<Tuple> names = TRY(tuple_from(thread, keyword_names.data(), keyword_names.size()));
  auto with_keywords = [&](std::initializer_list<Value> first) {
    std::vector<Value> window(first);
    window.insert(window.end(), keyword_values.begin(), keyword_values.end());
    return window;
  };
  AnyRef name_space = AnyRef::adopt(kNone);
  AnyLookup prepare = lookup_attr(thread, meta, NAME("__prepare__"));
  if (prepare.raised()) return Raised{};
  if (prepare.found()) {
    std::vector<Value> window = with_keywords({arguments.items[1], bases.value()});
    name_space =
        TRY(call(thread, prepare.borrow(),
                 Arguments{window.data(), window.size(), names->size ? names.get() : nullptr}));
  } else {
    name_space = TRY(dict_create(thread));
  }
  if (!type_of(name_space.value())->slot<SlotId::getitem>()) {
    return raise<TypeError>(
        thread, "{}.__prepare__() must return a mapping, not {}",
        is_type(meta.value())
            ? FormatArgument(static_cast<Type*>(meta.value().object())->name.borrow())
            : FormatArgument("<metaclass>"),
        type_name_in(name_space.borrow()));
  }
  Value closure = function->closure.raw();
  AnyRef cell = TRY(run_code(thread, function->code.borrow(), function->globals.borrow(),
                             name_space, closure ? MaybeAny(closure) : MaybeAny()));
  if (bases.value() != original.value()) {
    TRY(set_item(thread, name_space, Any(Value(NAME("__orig_bases__"))),
                 MaybeAny(original.value())));
  }
  std::vector<Value> window =
      with_keywords({arguments.items[1], bases.value(), name_space.value()});
  AnyRef cls = TRY(call(
      thread, meta, Arguments{window.data(), window.size(), names->size ? names.get() : nullptr}));
  if (is_type(cls.value()) && TypeCheck<Cell>::check(cell.value())) {
    Value content = static_cast<Cell*>(cell.value().object())->content.raw();
    if (!content) {
      return raise<RuntimeError>(
          thread,
          "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
          repr_of(arguments[1]), repr_of(cls));
    }
    if (content != cls.value())
      return raise<TypeError>(thread, "__class__ set to {} defining {} as {}",
                              repr_of(Any(content)), repr_of(arguments[1]), repr_of(cls));
  }
  return cls;
}

Result<void> builtins_add_types(Thread& thread, Borrowed<Module> module) {
  Type* const types[] = {TYPE(object),
                         TYPE(type),
                         TYPE(int),
                         TYPE(bool),
                         TYPE(float),
                         TYPE(complex),
                         TYPE(str),
                         TYPE(bytes),
                         TYPE(bytearray),
                         TYPE(memoryview),
                         TYPE(tuple),
                         TYPE(list),
                         TYPE(dict),
                         TYPE(set),
                         TYPE(frozenset),
                         TYPE(slice),
                         TYPE(range),
                         property_type.type,
                         staticmethod_type.type,
                         classmethod_type.type,
                         super_type()};
  Ref<Dict> dict = module_dict(thread, module);
  for (auto [name, kept] : {std::pair{NAME("all"), &object_hooks.builtin_all},
                            std::pair{NAME("any"), &object_hooks.builtin_any}}) {
    AnyLookup function = dict_get_str(thread, dict, Borrowed<Str>(name));
    if (function.raised()) return Raised{};
    *kept = function.value();  // immortal, as all functions of modules
  }
  for (Type* type : types) TRY(dict_set_str(thread, dict, type->name.borrow(), Any(Value(type))));
  for (size_t i = 0; i < static_cast<size_t>(ExceptionId::count); ++i) {
    if (Type* type = exception_types[i])
      TRY(dict_set_str(thread, dict, type->name.borrow(), Any(Value(type))));
  }
  TRY(module_set(thread, module, "EnvironmentError", Any(Value(EXCEPTION(OSError)))));
  TRY(module_set(thread, module, "IOError", Any(Value(EXCEPTION(OSError)))));
  TRY(module_set(thread, module, "None", kNone));
  TRY(module_set(thread, module, "True", kTrue));
  TRY(module_set(thread, module, "False", kFalse));
  TRY(module_set(thread, module, "Ellipsis", kEllipsis));
  TRY(module_set(thread, module, "NotImplemented", kNotImplemented));
  TRY(module_set(thread, module, "__debug__",
                 bool_value(interpreter_of(thread).options.optimize == 0)));
  return builtins_add_iterators(thread, module);
}

Result<Ref<Str>> filename_text(Thread& thread, Any filename) {
  AnyRef path = share(thread, filename);
  if (!is_str(filename) && !is_bytes(filename)) {
    AnyLookup method = lookup_special(thread, filename, NAME("__fspath__"));
    if (method.raised()) return Raised{};
    if (method.found()) {
      path = TRY(call(thread, method.borrow(), {}));
      if (!is_str(path.value()) && !is_bytes(path.value()))
        return raise<TypeError>(thread, "expected {}.__fspath__() to return str or bytes, not {}",
                                type_name_in(filename), type_name_in(path.borrow()));
    }
  }
  if (!is_str(path.value())) {
    Ref<Bytes> bytes = TRY(bytes_from_path(thread, path));
    return str_from_filesystem(thread, bytes->view());
  }
  Ref<Str> text = Ref<Str>::share(thread, Borrowed<Str>(path.value()));
  StrView characters = str_view(text.borrow());
  for (Word i = 0; i < characters.length; ++i) {
    if (characters[i] == 0) return raise<ValueError>(thread, "embedded null character");
  }
  return text;
}
bool has_buffer_protocol(Any object) { return type_of(object)->slot<SlotId::buffer>() != nullptr; }
std::string_view bytes_view(Value bytes) { return static_cast<Bytes*>(bytes.object())->view(); }

}  // namespace dx
