// _ast: the classes of syntax trees, made from the reflection table of syntax/ast.h, and their base
// ast.AST.

#include "modules/ast.h"

#include <cstring>
#include <sched.h>
#include <string>

#include "compiler/preprocess.h"
#include "memory/safepoint.h"
#include "objects/container_support.h"
#include "objects/generic_alias.h"
#include "objects/hooks.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/set.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

using namespace ast;

namespace {

TypeHandle ast_type;
AstClasses all;
std::atomic<bool> ready{false};

// ---- AST itself ---------------------------------------------------------------------------------

// type(self).name as a tuple.
Result<Ref<dx::Tuple>> names_of(Thread& thread, Any owner, Str* name) {
  AnyRef found = TRY(get_attr(thread, owner, name));
  AnyRef items = TRY(sequence_tuple(thread, found));
  return Ref<dx::Tuple>::adopt(items.release());
}

Result<Word> position_in(Thread& thread, Borrowed<dx::Tuple> names, Any name) {
  for (Word i = 0; i < names->size; ++i) {
    if (TRY(equal(thread, names->item(i), name))) return i;
  }
  return Word{-1};
}

// A subclass may call its fields anything.
Result<Borrowed<Str>> field_name(Thread& thread, Any name) {
  if (is_str(name.value())) return Borrowed<Str>(name.value());
  return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
}

// A field that was not given: optional ones have their default on the class, lists start empty,
// contexts are Load.
Result<void> ast_fill_field(Thread& thread, Any self, Any field_types, Any name) {
  AnyRef type = AnyRef::adopt(kNone);
  if (is_dict(field_types.value())) {
    AnyLookup found = dict_get(thread, Borrowed<dx::Dict>(field_types.value()), name);
    if (found.raised()) return Raised{};
    if (found.is_absent()) {
      return warn<DeprecationWarning>(
          thread, 1,
          "Field {} is missing from {}._field_types. This will become an error in Python 3.15.",
          repr_of(name), type_name_in(self));
    }
    type = found.take();
  }
  Type* kind = type_of(type.value());
  if (kind == Union_type.type) return {};
  if (kind == GenericAlias_type.type) {
    Ref<dx::List> list = TRY(list_create(thread));
    return set_attr(thread, self, TRY(field_name(thread, name)), MaybeAny(list.value()));
  }
  if (type.value() == Value(static_cast<Object*>(all.enums[0]))) {
    return set_attr(thread, self, TRY(field_name(thread, name)),
                    MaybeAny(Value(all.enum_values[0][0])));
  }
  return warn<DeprecationWarning>(thread, 1,
                                  "{}.__init__ missing 1 required positional argument: '{}'. This "
                                  "will become an error in Python 3.15.",
                                  type_name_in(self), name);
}

Result<void> ast_init(Thread& thread, Any self, const dx::Arguments& arguments) {
  Any type(Value(static_cast<Object*>(type_of(self))));
  Ref<dx::Tuple> fields = TRY(names_of(thread, type, NAME("_fields")));
  Word given = static_cast<Word>(arguments.positional());
  if (given > fields->size) {
    return raise<TypeError>(thread, "{} constructor takes at most {} positional argument{}",
                            type_name_in(self), fields->size, fields->size == 1 ? "" : "s");
  }
  std::vector<bool> filled(static_cast<size_t>(fields->size), false);
  for (Word i = 0; i < given; ++i) {
    if (!is_str(fields->item(i).value()))
      return raise<TypeError>(thread, "attribute name must be string, not '{}'",
                              type_name_in(fields->item(i)));
    TRY(set_attr(thread, self, Borrowed<Str>(fields->item(i).value()),
                 MaybeAny(arguments[static_cast<size_t>(i)])));
    filled[static_cast<size_t>(i)] = true;
  }
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(k)).value());
    Word at = TRY(position_in(thread, fields, name));
    if (at >= 0) {
      if (filled[static_cast<size_t>(at)]) {
        return raise<TypeError>(thread, "{} got multiple values for argument {}",
                                type_name_in(self), repr_of(name));
      }
      filled[static_cast<size_t>(at)] = true;
    } else {
      Ref<dx::Tuple> attributes = TRY(names_of(thread, type, NAME("_attributes")));
      if (TRY(position_in(thread, attributes, name)) < 0) {
        TRY(warn<DeprecationWarning>(thread, 1,
                                     "{}.__init__ got an unexpected keyword argument {}. Support "
                                     "for arbitrary keyword arguments "
                                     "is deprecated and will be removed in Python 3.15.",
                                     type_name_in(self), repr_of(name)));
      }
    }
    TRY(set_attr(thread, self, name, MaybeAny(arguments[arguments.positional() + k])));
  }
  AnyRef field_types = AnyRef::adopt(kNone);
  bool looked = false;
  for (Word i = 0; i < fields->size; ++i) {
    if (filled[static_cast<size_t>(i)]) continue;
    if (!looked) {
      AnyLookup found = lookup_attr(thread, type, NAME("_field_types"));
      if (found.raised()) return Raised{};
      if (found.is_absent()) return {};
      field_types = found.take();
      looked = true;
    }
    TRY(ast_fill_field(thread, self, field_types, fields->item(i)));
  }
  return {};
}

bool is_ast(Any value) { return is_subtype(type_of(value), ast_type.type); }

Result<void> append_ast(Thread& thread, StrBuilder& out, Any self, int depth);

Result<void> append_value(Thread& thread, StrBuilder& out, Any value, int depth) {
  if (is_ast(value)) return append_ast(thread, out, value, depth);
  Ref<Str> text = TRY(repr(thread, value));
  return out.append(text);
}

// Of a longer list only the ends.
Result<void> append_items(Thread& thread, StrBuilder& out, Any items_value, int depth) {
  bool is_list_value = is_list(items_value.value());
  AnyRef items = TRY(sequence_tuple(thread, items_value));
  Borrowed<dx::Tuple> all_items(items.value());
  TRY(out.append(is_list_value ? "[" : "("));
  for (Word i = 0; i < all_items->size && i < 2; ++i) {
    if (i) TRY(out.append(all_items->size > 2 ? ", ..., " : ", "));
    TRY(append_value(thread, out, all_items->item(i ? all_items->size - 1 : 0), depth));
  }
  return out.append(is_list_value ? "]" : ")");
}

Result<void> append_ast(Thread& thread, StrBuilder& out, Any self, int depth) {
  TRY_RECURSION(thread, " while getting the repr of an object");
  TRY(out.append(type_name(thread, type_of(self))));
  if (depth <= 0) return out.append("(...)");
  if (TRY(repr_enter(thread, self.object()))) return out.append("(...)");
  ReprScope scope(thread, self.object());
  Ref<dx::Tuple> fields =
      TRY(names_of(thread, Value(static_cast<Object*>(type_of(self))), NAME("_fields")));
  TRY(out.append("("));
  for (Word i = 0; i < fields->size; ++i) {
    if (!is_str(fields->item(i).value()))
      return raise<TypeError>(thread, "attribute name must be string, not '{}'",
                              type_name_in(fields->item(i)));
    Borrowed<Str> name(fields->item(i).value());
    AnyRef value = TRY(get_attr(thread, self, name));
    if (i) TRY(out.append(", "));
    TRY(out.append(name));
    TRY(out.append("="));
    if (is_list(value.value()) || is_tuple(value.value()))
      TRY(append_items(thread, out, value, depth - 1));
    else
      TRY(append_value(thread, out, value, depth - 1));
  }
  return out.append(")");
}

AnyResult ast_repr(Thread& thread, Any self) {
  StrBuilder out(thread);
  TRY(append_ast(thread, out, self, 3));
  return out.finish();
}

AnyResult ast_reduce(Thread& thread, Any self) {
  AnyLookup dict = instance_dict(thread, self);
  if (dict.raised()) return Raised{};
  Value type(static_cast<Object*>(type_of(self)));
  if (dict.is_absent()) return tuple_of(thread, {type, Value(tuple_empty())});
  Ref<dx::Dict> copy = TRY(dict_copy(thread, Borrowed<dx::Dict>(dict.value())));
  // None for every leading field that is there: the constructor must not miss it. The state then
  // sets the real one.
  Ref<dx::Tuple> fields = TRY(names_of(thread, type, NAME("_fields")));
  size_t count = 0;
  while (count < static_cast<size_t>(fields->size) &&
         TRY(dict_contains(thread, copy, fields->item(static_cast<Word>(count)))))
    ++count;
  std::vector<Value> nothing(count, kNone);
  Ref<dx::Tuple> positional = TRY(tuple_from(thread, nothing.data(), count));
  return tuple_of(thread, {type, positional.value(), copy.value()});
}

AnyResult ast_replace(Thread& thread, Any self, dx::Arguments arguments) {
  if (arguments.positional())
    return raise<TypeError>(thread, "__replace__() takes no positional arguments");
  Any type(Value(static_cast<Object*>(type_of(self))));
  Ref<dx::Tuple> fields = TRY(names_of(thread, type, NAME("_fields")));
  Ref<dx::Tuple> attributes = TRY(names_of(thread, type, NAME("_attributes")));
  AnyLookup dict = instance_dict(thread, self);
  if (dict.raised()) return Raised{};
  Ref<dx::Dict> values = TRY(dict_create(thread));
  auto expects = [&](Any name) -> Result<bool> {
    return TRY(position_in(thread, fields, name)) >= 0 ||
           TRY(position_in(thread, attributes, name)) >= 0;
  };
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Any name = arguments.names->item(static_cast<Word>(k));
    if (!TRY(expects(name))) {
      return raise<TypeError>(thread, "{}.__replace__ got an unexpected keyword argument '{}'.",
                              type_name_in(self), name);
    }
  }
  if (dict.found()) {
    size_t position = 0;
    Maybe<Ref<Object>> key, value;
    while (dict_next(thread, Borrowed<dx::Dict>(dict.value()), position, key, value)) {
      if (TRY(expects(key.borrow()))) TRY(dict_set(thread, values, key.borrow(), value.borrow()));
    }
  }
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    TRY(dict_set(thread, values, arguments.names->item(static_cast<Word>(k)), arguments[k]));
  }
  // Required fields that neither the node nor the caller has.
  AnyLookup types = lookup_attr(thread, type, NAME("_field_types"));
  if (types.raised()) return Raised{};
  std::string missing;
  int count = 0;
  for (Word i = 0; i < fields->size; ++i) {
    Any name = fields->item(i);
    if (TRY(dict_contains(thread, values, name))) continue;
    if (types.found() && is_dict(types.value())) {
      AnyLookup kind = dict_get(thread, Borrowed<dx::Dict>(types.value()), name);
      if (kind.raised()) return Raised{};
      if (kind.found() && type_of(kind.value()) == Union_type.type) continue;
    }
    Ref<Str> text = TRY(repr(thread, name));
    if (count++) missing += ", ";
    missing += TRY(str_utf8(thread, text));
  }
  if (count) {
    return raise<TypeError>(thread, "{}.__replace__ missing {} keyword argument{}: {}.",
                            type_name_in(self), count, count == 1 ? "" : "s",
                            std::string_view(missing));
  }
  return call_with(thread, type, Borrowed<dx::Tuple>(tuple_empty()),
                   Maybe<Borrowed<dx::Dict>>(values.borrow()));
}

const Layout ast_layout{"ast.AST", sizeof(Object), false, nullptr, nullptr};
AnyResult ast_new(Thread& thread, Borrowed<Type> type, const dx::Arguments&) {
  return allocate_instance(thread, type);
}
const SlotEntry ast_slots[] = {
    slot<SlotId::new_, ast_new>(),
    slot<SlotId::init, ast_init>(),
    slot<SlotId::repr, ast_repr>(),
};
constexpr Method ast_methods[] = {
    method<ast_reduce>("__reduce__()"),
    method<ast_replace>("__replace__(**fields)",
                        "Return a copy of the AST node with new values for the specified fields."),
};
const TypeSpec ast_spec{
    .name = "ast.AST",
    .flags = kTypeBase | kTypeHasDict,
    .layout = &ast_layout,
    .slots = ast_slots,
    .methods = ast_methods,
};

// ---- making the classes -------------------------------------------------------------------------

std::string field_doc(const FieldInfo& field) {
  std::string text = field.type;
  if (field.optional) text += '?';
  if (field.sequence) text += '*';
  return text + ' ' + field.name;
}
std::string node_doc(const NodeInfo& info) {
  std::string text = info.name;
  if (info.field_count == 0) return text;
  text += '(';
  for (int i = 0; i < info.field_count; ++i) {
    if (i) text += ", ";
    text += field_doc(info.fields[i]);
  }
  return text + ')';
}

Result<Ref<Str>> name_str(Thread& thread, const char* text) {
  return str_intern_ascii(thread, text);
}

Result<Type*> make_class(Thread& thread, const char* name, Type* base, const std::string& doc,
                         Borrowed<dx::Tuple> fields) {
  Ref<dx::Tuple> bases = TRY(tuple_of(thread, {Value(static_cast<Object*>(base))}));
  Ref<dx::Dict> body = TRY(dict_create(thread));
  TRY(dict_set_str(thread, body, NAME("_fields"), fields));
  TRY(dict_set_str(thread, body, NAME("__match_args__"), fields));
  TRY(dict_set_str(thread, body, NAME("__module__"), Value(NAME("ast"))));
  Ref<Str> text = TRY(str_from_ascii(thread, doc));
  TRY(dict_set_str(thread, body, NAME("__doc__"), text));
  Ref<Str> class_name = TRY(name_str(thread, name));
  AnyRef made = TRY(call(thread, TYPE(type), {class_name.value(), bases.value(), body.value()}));
  Type* type = static_cast<Type*>(made.release().object());
  make_immortal(type);
  return type;
}

Result<void> set_on(Thread& thread, Type* type, Str* name, Any value) {
  return type_set_attribute(thread, Borrowed<Type>(type), Borrowed<Str>(name),
                            MaybeAny(value.value()));
}

// _attributes, and the places of the end, which may be left out.
Result<void> set_places(Thread& thread, Type* type, bool located) {
  if (!located) return set_on(thread, type, NAME("_attributes"), Value(tuple_empty()));
  Ref<dx::Tuple> places =
      TRY(tuple_of(thread, {Value(all.place_names[0]), Value(all.place_names[1]),
                            Value(all.place_names[2]), Value(all.place_names[3])}));
  TRY(set_on(thread, type, NAME("_attributes"), places));
  TRY(set_on(thread, type, all.place_names[2], kNone));
  return set_on(thread, type, all.place_names[3], kNone);
}

Result<void> make_bases(Thread& thread) {
  TRY(type_from_spec(thread, ast_spec, ast_type));
  all.base = ast_type.type;
  all.base->flags.fetch_and(
      ~uint32_t{kTypeImmutable});  // as the classes below it, which Python makes
  const char* places[4] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};
  for (int i = 0; i < 4; ++i)
    all.place_names[i] = static_cast<Str*>(TRY(name_str(thread, places[i])).release().object());
  for (Str* name : {NAME("_fields"), NAME("__match_args__"), NAME("_attributes")}) {
    TRY(set_on(thread, all.base, name, Value(tuple_empty())));
  }
  for (int i = 0; i < sum_count(); ++i) {
    const SumInfo& sum = sum_info(i);
    std::string doc = std::string(sum.name) + " = ";
    for (int k = 0; k < sum.node_count; ++k) {
      if (k) doc += "\n" + std::string(strlen(sum.name) + 1, ' ') + "| ";
      doc += node_doc(node_info(static_cast<NodeKind>(sum.first_node + k)));
    }
    all.sums[i] =
        TRY(make_class(thread, sum.name, all.base, doc, Borrowed<dx::Tuple>(tuple_empty())));
    TRY(set_places(thread, all.sums[i], sum.located));
  }
  for (int i = 0; i < enum_count(); ++i) {
    const EnumInfo& info = enum_info(i);
    std::string doc = std::string(info.name) + " = ";
    for (int k = 0; k < info.count; ++k) doc += std::string(k ? " | " : "") + info.items[k];
    all.enums[i] =
        TRY(make_class(thread, info.name, all.base, doc, Borrowed<dx::Tuple>(tuple_empty())));
    TRY(set_places(thread, all.enums[i], false));
    for (int k = 0; k < info.count; ++k) {
      all.enum_items[i][k] = TRY(make_class(thread, info.items[k], all.enums[i], info.items[k],
                                            Borrowed<dx::Tuple>(tuple_empty())));
      AnyRef value = TRY(allocate_instance(thread, all.enum_items[i][k]));
      all.enum_values[i][k] = value.release().object();
      make_immortal(all.enum_values[i][k]);
    }
  }
  return {};
}

Result<void> make_nodes(Thread& thread) {
  for (int kind = 0; kind < kNodeKindCount; ++kind) {
    const NodeInfo& info = node_info(static_cast<NodeKind>(kind));
    Type* base = all.base;
    for (int i = 0; i < sum_count(); ++i) {
      if (info.sum_name && !strcmp(info.sum_name, sum_info(i).name)) base = all.sums[i];
    }
    Ref<dx::Tuple> fields = TRY(tuple_create(thread, static_cast<size_t>(info.field_count)));
    for (int i = 0; i < info.field_count; ++i) {
      Ref<Str> name = TRY(name_str(thread, info.fields[i].name));
      make_immortal(name.get());
      all.field_names[kind][i] = name.get();
      slot_init(fields.get(), fields->items()[i], std::move(name));
    }
    all.nodes[kind] = TRY(make_class(thread, info.name, base, node_doc(info), fields));
    if (!info.sum_name) TRY(set_places(thread, all.nodes[kind], info.located));
    for (int i = 0; i < info.field_count; ++i) {
      if (info.fields[i].optional && !info.fields[i].sequence)
        TRY(set_on(thread, all.nodes[kind], all.field_names[kind][i], kNone));
    }
  }
  return {};
}

Type* class_named(const char* name) {
  for (int i = 0; i < sum_count(); ++i) {
    if (!strcmp(sum_info(i).name, name)) return all.sums[i];
  }
  for (int i = 0; i < enum_count(); ++i) {
    if (!strcmp(enum_info(i).name, name)) return all.enums[i];
  }
  for (int i = 0; i < kNodeKindCount; ++i) {
    if (!strcmp(node_info(static_cast<NodeKind>(i)).name, name)) return all.nodes[i];
  }
  return TYPE(object);
}

AnyResult field_type(Thread& thread, const FieldInfo& field) {
  Type* type = field.kind == FieldKind::identifier || field.kind == FieldKind::string ? TYPE(str)
               : field.kind == FieldKind::integer                                     ? TYPE(int)
               : field.kind == FieldKind::constant                                    ? TYPE(object)
                                                   : class_named(field.type);
  Value value(static_cast<Object*>(type));
  if (field.sequence)
    return generic_alias_create(thread, Value(static_cast<Object*>(TYPE(list))), value);
  if (field.optional) {
    Ref<dx::Tuple> both = TRY(tuple_of(thread, {value, kNone}));
    return union_of(thread, both);
  }
  return share(thread, Any(value));
}

// _field_types of all classes: the constructor asks it what may be left out.
Result<void> make_field_types(Thread& thread) {
  for (int kind = 0; kind < kNodeKindCount; ++kind) {
    const NodeInfo& info = node_info(static_cast<NodeKind>(kind));
    Ref<dx::Dict> types = TRY(dict_create(thread));
    for (int i = 0; i < info.field_count; ++i) {
      AnyRef type = TRY(field_type(thread, info.fields[i]));
      TRY(dict_set_str(thread, types, Borrowed<Str>(all.field_names[kind][i]), type));
    }
    TRY(set_on(thread, all.nodes[kind], NAME("_field_types"), types));
    TRY(set_on(thread, all.nodes[kind], NAME("__annotations_cache__"), types));
  }
  Ref<dx::Dict> none = TRY(dict_create(thread));
  for (int i = 0; i < enum_count(); ++i) {
    for (int k = 0; k < enum_info(i).count; ++k)
      TRY(set_on(thread, all.enum_items[i][k], NAME("_field_types"), none));
  }
  return {};
}

}  // namespace

Result<const AstClasses*> ast_classes(Thread& thread) {
  if (ready.load(std::memory_order_acquire)) return static_cast<const AstClasses*>(&all);
  // The classes are made by Python calls, which may switch threads: one thread makes them, the
  // others wait outside.
  static std::atomic<Thread*> maker{nullptr};
  for (;;) {
    Thread* expected = nullptr;
    if (maker.compare_exchange_strong(expected, &thread)) break;
    if (ready.load(std::memory_order_acquire)) return static_cast<const AstClasses*>(&all);
    TRY(poll_signals(thread));
    OfflineScope offline(thread);
    sched_yield();
  }
  auto make = [&]() -> Result<void> {
    if (ready.load(std::memory_order_acquire)) return {};
    TRY(make_bases(thread));
    TRY(make_nodes(thread));
    TRY(make_field_types(thread));
    ready.store(true, std::memory_order_release);
    return {};
  };
  Result<void> made = make();
  maker.store(nullptr);
  if (made.raised()) return Raised{};
  return static_cast<const AstClasses*>(&all);
}

Result<bool> is_tree(Thread& thread, Any object) {
  if (!ready.load(std::memory_order_acquire)) return false;  // nobody can have made one
  return is_instance(thread, object, Any(Value(static_cast<Object*>(all.base))));
}

static AnyResult preprocessed(Thread& thread, const AstClasses& classes, Arena& arena, Mod* mod,
                              Borrowed<Str> filename, const SourceOptions& options) {
  compiler::Preprocessor preprocessor(arena, options.optimize, options.future_flags,
                                      native_stack_left(thread));
  if (!preprocessor.run(mod))
    return raise_compile_error(thread, preprocessor.error(), filename, {});
  return tree_to_object(thread, classes, mod);
}

AnyResult parse_tree_object(Thread& thread, std::string_view source, Borrowed<Str> filename,
                            syntax::ParseMode mode, bool type_comments,
                            const SourceOptions& options) {
  const AstClasses* classes = TRY(ast_classes(thread));
  Arena arena;
  const Mod* mod = TRY(parse_source(thread, arena, source, filename, mode, type_comments, options));
  if (!options.optimize_tree) return tree_to_object(thread, *classes, mod);
  return preprocessed(thread, *classes, arena, const_cast<Mod*>(mod), filename, options);
}

static NodeKind kind_of_mode(syntax::ParseMode mode) {
  return mode == syntax::ParseMode::exec     ? NodeKind::Module
         : mode == syntax::ParseMode::eval   ? NodeKind::Expression
         : mode == syntax::ParseMode::single ? NodeKind::Interactive
                                             : NodeKind::FunctionType;
}

AnyResult keep_tree_object(Thread& thread, Any tree, Borrowed<Str> filename, syntax::ParseMode mode,
                           const SourceOptions& options) {
  const AstClasses* classes = TRY(ast_classes(thread));
  NodeKind expected = kind_of_mode(mode);
  if (!options.optimize_tree) {
    Any type(Value(static_cast<Object*>(classes->nodes[static_cast<int>(expected)])));
    if (TRY(is_instance(thread, tree, type))) return share(thread, tree);
    return raise<TypeError>(thread, "expected {} node, got {}", node_info(expected).name,
                            type_name_in(tree));
  }
  Arena arena;
  TreeConstants values;
  Mod* mod = TRY(tree_from_object(thread, *classes, arena, values, tree, expected));
  TRY(validate_tree(thread, mod));
  return preprocessed(thread, *classes, arena, mod, filename, options);
}

AnyResult compile_tree_object(Thread& thread, Any tree, Borrowed<Str> filename,
                              syntax::ParseMode mode, const SourceOptions& options) {
  const AstClasses* classes = TRY(ast_classes(thread));
  Arena arena;
  TreeConstants values;
  Mod* mod = TRY(tree_from_object(thread, *classes, arena, values, tree, kind_of_mode(mode)));
  TRY(validate_tree(thread, mod));
  return compile_tree(thread, mod, {}, filename, options);
}

// ---- the module ---------------------------------------------------------------------------------

static constexpr ModuleConstant constants[] = {
    constant("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
    constant("PyCF_ONLY_AST", 0x400),
    constant("PyCF_OPTIMIZED_AST", 0x8400),
    constant("PyCF_TYPE_COMMENTS", 0x1000),
};

static Result<void> initialize(Thread& thread, Borrowed<dx::Module> module) {
  const AstClasses* classes = TRY(ast_classes(thread));
  auto add = [&](Type* type) -> Result<void> {
    Ref<dx::Dict> names = module_dict(thread, module);
    return dict_set_str(thread, names, type->name.borrow(), Value(static_cast<Object*>(type)));
  };
  TRY(module_set(thread, module, "AST", Value(static_cast<Object*>(classes->base))));
  for (int i = 0; i < sum_count(); ++i) TRY(add(classes->sums[i]));
  for (int i = 0; i < kNodeKindCount; ++i) TRY(add(classes->nodes[i]));
  for (int i = 0; i < enum_count(); ++i) {
    TRY(add(classes->enums[i]));
    for (int k = 0; k < enum_info(i).count; ++k) TRY(add(classes->enum_items[i][k]));
  }
  return {};
}

extern const ModuleSpec _ast_module;
const ModuleSpec _ast_module{.name = "_ast", .constants = constants, .initialize = initialize};

}  // namespace dx
