// typing.TypeVar, ParamSpec, TypeVarTuple, TypeAliasType and what belongs to them.

#include "objects/typing.h"

#include <mutex>
#include <vector>

#include "objects/container_support.h"
#include "objects/generic_alias.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/tuple.h"
#include "objects/type_internal.h"

namespace dx {

TypeHandle TypeVar_type, ParamSpec_type, TypeVarTuple_type, ParamSpecArgs_type,
    ParamSpecKwargs_type, TypeAliasType_type, Generic_type, NoDefault_type;

namespace {

TypeHandle const_evaluator_type;
Value no_default_object;  // immortal

// One layout for the three kinds of parameter; a kind leaves what it has not empty.
struct TypeParameter : Object {
  Field<Object> name;
  Field<Object> bound, bound_evaluator;
  Field<Object> constraints, constraints_evaluator;
  Field<Object> default_value, default_evaluator;
  bool covariant, contravariant, infer_variance;
};
struct TypeAlias : Object {
  Field<Object> name;
  Field<Object> parameters;  // tuple, or empty
  Field<Object> value, evaluator;
  Field<Object> module;
};
struct ParamSpecPart : Object {  // P.args, P.kwargs
  Field<Object> origin;
};
struct ConstEvaluator : Object {  // an evaluator of what is known already
  Field<Object> value;
};

using Parameter = Borrowed<TypeParameter>;

// ---- shared services ----------------------------------------------------------------------------

AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}
AnyRef none() { return AnyRef::adopt(kNone); }
AnyRef load_or_none(Thread& thread, Object* container, const Field<Object>& field) {
  Value value = slot_load(thread, container, field);
  return AnyRef::adopt(value ? value : kNone);
}
template <class T, auto field>
AnyResult field_get(Thread& thread, Any self) {
  return load_or_none(thread, self.object(), static_cast<T*>(self.object())->*field);
}
template <class T, auto field>
bool flag_get(Any self) {
  return static_cast<T*>(self.object())->*field;
}
Result<void> readonly(Thread& thread, Any, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}
// What CPython has as members: their error differs from that of getters.
template <class T, auto field>
constexpr GetSet member(const char* name) {
  return GetSet{name, &field_get<T, field>, &readonly, nullptr};
}

AnyResult typing_function(Thread& thread, Borrowed<Str> name) {
  AnyRef module = TRY(import_module(thread, Borrowed<Str>(NAME("typing"))));
  return get_attr(thread, module, name);
}
AnyResult call_typing(Thread& thread, Borrowed<Str> name, std::initializer_list<Value> arguments) {
  AnyRef function = TRY(typing_function(thread, name));
  return call(thread, function, arguments);
}

// __name__ of the module whose code makes the object by a call; None when there is no Python code.
AnyResult calling_module(Thread& thread) {
  Ref<Dict> sys = TRY(sys_dict(thread));
  AnyLookup function = dict_get_str(thread, sys, NAME("_getframemodulename"));
  if (function.raised()) return Raised{};
  if (function.is_absent()) return none();
  return call(thread, function.borrow(), {small_int(0)});
}
Result<void> set_module(Thread& thread, Any object) {
  AnyRef module = TRY(calling_module(thread));
  if (module.value().is_none()) return {};
  return set_attr(thread, object, NAME("__module__"), MaybeAny(module.value()));
}

// The value of a lazily evaluated field: what is kept, or what the evaluator gives, kept from then
// on. fallback: there is neither.
AnyResult evaluated(Thread& thread, Object* self, Field<Object>& value, Field<Object>& evaluator,
                    Value fallback) {
  if (Value known = slot_load(thread, self, value)) return AnyRef::adopt(known);
  AnyRef function = load_or_none(thread, self, evaluator);
  if (function.value().is_none()) return AnyRef::adopt(fallback);
  AnyRef result = TRY(call(thread, function, {small_int(1)}));
  slot_write(thread, self, value, share(thread, result));
  return result;
}
AnyResult const_evaluator(Thread& thread, Any value) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(const_evaluator_type.type)));
  slot_init(made.get(), static_cast<ConstEvaluator*>(made.get())->value, share(thread, value));
  return made;
}
AnyResult evaluator_of(Thread& thread, Object* self, Field<Object>& value,
                       Field<Object>& evaluator) {
  if (Value function = slot_load(thread, self, evaluator)) return AnyRef::adopt(function);
  AnyRef known = load_or_none(thread, self, value);
  if (known.value().is_none()) return none();
  return const_evaluator(thread, known);
}

// bound= of a constructor: checked by typing unless it is plainly a type.
AnyResult checked_bound(Thread& thread, Any bound) {
  if (is_type(bound)) return share(thread, bound);
  Ref<Str> message = TRY(str_from_ascii(thread, "Bound must be a type."));
  return call_typing(thread, NAME("_type_check"), {bound.value(), message.value()});
}

// Parameters of the constructors: `names` may come by keyword, the first `positional` also by
// position.
Result<void> bind(Thread& thread, const char* function, const Arguments& arguments,
                  std::initializer_list<const char*> names, size_t positional, size_t required,
                  bool rest, Value* out) {
  size_t given = arguments.positional();
  if (given > positional && !rest) {
    if (names.size() > positional) {  // the others by keyword only
      return raise<TypeError>(thread, "{}() takes exactly {} positional argument{} ({} given)",
                              function, positional, positional == 1 ? "" : "s", given);
    }
    return raise<TypeError>(thread, "{}() takes at most {} argument{} ({} given)", function,
                            positional, positional == 1 ? "" : "s", given);
  }
  for (size_t i = 0; i < names.size(); ++i)
    out[i] = i < given && i < positional ? arguments.items[i] : Value{};
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(k)).value());
    size_t at = 0;
    while (at < names.size() && !str_equals_ascii(name, names.begin()[at])) ++at;
    if (at == names.size())
      return raise<TypeError>(thread, "{}() got an unexpected keyword argument '{}'", function,
                              name);
    if (out[at])
      return raise<TypeError>(thread, "argument for {}() given by name ('{}') and position ({})",
                              function, name, at + 1);
    out[at] = arguments.items[given + k];
  }
  for (size_t i = 0; i < required; ++i) {
    if (!out[i])
      return raise<TypeError>(thread, "{}() missing required argument '{}' (pos {})", function,
                              names.begin()[i], i + 1);
  }
  if (!std::string_view(names.begin()[0]).compare("name") && !is_str(out[0])) {
    return raise<TypeError>(thread, "{}() argument 'name' must be str, not {}", function,
                            type_name_in(Any(out[0])));
  }
  return {};
}

// ---- what the kinds of parameters share ---------------------------------------------------------

Result<Ref<TypeParameter>> parameter_create(Thread& thread, Type* type, Any name) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(type)));
  slot_init(made.get(), static_cast<TypeParameter*>(made.get())->name, share(thread, name));
  return Ref<TypeParameter>::adopt(made.release());
}
void keep(Thread& thread, Ref<TypeParameter>& self, Field<Object>& field, Value value) {
  if (value) slot_init(self.get(), field, share(thread, Any(value)));
}

Result<void> set_variance(Thread& thread, Ref<TypeParameter>& self, Value covariant,
                          Value contravariant, Value infer) {
  bool co = covariant && TRY(is_true(thread, Any(covariant)));
  bool contra = contravariant && TRY(is_true(thread, Any(contravariant)));
  bool inferred = infer && TRY(is_true(thread, Any(infer)));
  if (co && contra) return raise<ValueError>(thread, "Bivariant types are not supported.");
  if (inferred && (co || contra))
    return raise<ValueError>(thread, "Variance cannot be specified with infer_variance.");
  self->covariant = co;
  self->contravariant = contra;
  self->infer_variance = inferred;
  return {};
}

AnyResult parameter_repr(Thread& thread, Parameter self) {
  if (self->infer_variance || type_of(self) == TypeVarTuple_type.type)
    return share(thread, self->name.borrow());
  return text(thread, "{}{}",
              {self->covariant       ? "+"
               : self->contravariant ? "-"
                                     : "~",
               self->name.borrow()});
}
AnyResult parameter_or(Thread& thread, Any left, Any right) {
  Ref<Tuple> both = TRY(tuple_of(thread, {left.value(), right.value()}));
  return union_of(thread, both);
}
AnyResult parameter_ror(Thread& thread, Any self, Any other) {
  return parameter_or(thread, other, self);
}
AnyResult parameter_default(Thread& thread, Parameter self) {
  return evaluated(thread, self.get(), self->default_value, self->default_evaluator,
                   no_default_object);
}
AnyResult parameter_default_evaluator(Thread& thread, Parameter self) {
  return evaluator_of(thread, self.get(), self->default_value, self->default_evaluator);
}
bool parameter_has_default(Parameter self) {
  if (self->default_evaluator.raw()) return true;
  Value value = self->default_value.raw();
  return value && value != no_default_object;
}
AnyResult parameter_bound(Thread& thread, Parameter self) {
  return evaluated(thread, self.get(), self->bound, self->bound_evaluator, kNone);
}
AnyResult parameter_bound_evaluator(Thread& thread, Parameter self) {
  return evaluator_of(thread, self.get(), self->bound, self->bound_evaluator);
}
AnyResult parameter_reduce(Thread& thread, Parameter self) {
  return share(thread, self->name.borrow());
}
AnyResult not_a_base(Thread& thread, Any self, Any) {
  std::string_view name = type_name_of(thread, self);
  return raise<TypeError>(thread, "Cannot subclass an instance of {}",
                          name.substr(name.rfind('.') + 1));
}

// ---- TypeVar ------------------------------------------------------------------------------------

AnyResult TypeVar_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[6];
  TRY(bind(thread, "typevar", arguments,
           {"name", "bound", "default", "covariant", "contravariant", "infer_variance"}, 1, 1, true,
           given));
  Ref<TypeParameter> self = TRY(parameter_create(thread, type.get(), Any(given[0])));
  TRY(set_variance(thread, self, given[3], given[4], given[5]));
  size_t positional = arguments.positional();
  size_t constraints = positional > 1 ? positional - 1 : 0;
  if (given[1] && !given[1].is_none()) {
    AnyRef bound = TRY(checked_bound(thread, Any(given[1])));
    slot_init(self.get(), self->bound, std::move(bound));
  }
  if (constraints == 1) return raise<TypeError>(thread, "A single constraint is not allowed");
  if (constraints) {
    if (self->bound.raw())
      return raise<TypeError>(thread, "Constraints cannot be combined with bound=...");
    slot_init(self.get(), self->constraints,
              TRY(tuple_from(thread, arguments.items + 1, constraints)));
  }
  slot_init(self.get(), self->default_value,
            share(thread, Any(given[2] ? given[2] : no_default_object)));
  TRY(set_module(thread, self));
  return self;
}
AnyResult TypeVar_constraints(Thread& thread, Parameter self) {
  return evaluated(thread, self.get(), self->constraints, self->constraints_evaluator,
                   Value(tuple_empty()));
}
AnyResult TypeVar_constraints_evaluator(Thread& thread, Parameter self) {
  return evaluator_of(thread, self.get(), self->constraints, self->constraints_evaluator);
}
AnyResult TypeVar_subst(Thread& thread, Parameter self, Any argument) {
  return call_typing(thread, NAME("_typevar_subst"), {self.value(), argument.value()});
}
// The arguments for alias[arguments], with this parameter's default added when they end just before
// it.
AnyResult TypeVar_prepare_subst(Thread& thread, Parameter self, Any alias, Any arguments) {
  AnyRef parameters = TRY(get_attr(thread, alias, NAME("__parameters__")));
  AnyRef all = TRY(sequence_tuple(thread, parameters));
  Borrowed<Tuple> items(all.value());
  Word index = 0;
  while (index < items->size && !TRY(equal(thread, items->item(index), self))) ++index;
  if (index == items->size)
    return raise<ValueError>(thread, "sequence.index(x): x not in sequence");
  Word given = TRY(length(thread, arguments));
  if (index < given) return share(thread, arguments);
  if (index > given) return raise<TypeError>(thread, "Too few arguments for {}", alias);
  AnyRef fallback = TRY(parameter_default(thread, self));
  if (fallback.value() == no_default_object)
    return raise<TypeError>(thread, "Too few arguments for {}", alias);
  Ref<Tuple> more = TRY(tuple_of(thread, {fallback.value()}));
  return binary_op(thread, BinaryOp::add, arguments, more);
}

// ---- ParamSpec ----------------------------------------------------------------------------------

AnyResult ParamSpec_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[6];
  TRY(bind(thread, "paramspec", arguments,
           {"name", "bound", "default", "covariant", "contravariant", "infer_variance"}, 1, 1,
           false, given));
  Ref<TypeParameter> self = TRY(parameter_create(thread, type.get(), Any(given[0])));
  TRY(set_variance(thread, self, given[3], given[4], given[5]));
  if (given[1] && !given[1].is_none()) {
    AnyRef bound = TRY(checked_bound(thread, Any(given[1])));
    slot_init(self.get(), self->bound, std::move(bound));
  }
  slot_init(self.get(), self->default_value,
            share(thread, Any(given[2] ? given[2] : no_default_object)));
  TRY(set_module(thread, self));
  return self;
}
AnyResult ParamSpec_part(Thread& thread, Any self, TypeHandle& type) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(type.type)));
  slot_init(made.get(), static_cast<ParamSpecPart*>(made.get())->origin, share(thread, self));
  return made;
}
AnyResult ParamSpec_args(Thread& thread, Any self) {
  return ParamSpec_part(thread, self, ParamSpecArgs_type);
}
AnyResult ParamSpec_kwargs(Thread& thread, Any self) {
  return ParamSpec_part(thread, self, ParamSpecKwargs_type);
}
AnyResult ParamSpec_subst(Thread& thread, Any self, Any argument) {
  return call_typing(thread, NAME("_paramspec_subst"), {self.value(), argument.value()});
}
AnyResult ParamSpec_prepare_subst(Thread& thread, Any self, Any alias, Any arguments) {
  return call_typing(thread, NAME("_paramspec_prepare_subst"),
                     {self.value(), alias.value(), arguments.value()});
}

AnyResult part_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value origin;
  TRY(bind(thread, type.get() == ParamSpecArgs_type.type ? "paramspecargs" : "paramspeckwargs",
           arguments, {"origin"}, 1, 1, false, &origin));
  AnyRef made = TRY(allocate_instance(thread, type));
  slot_init(made.get(), static_cast<ParamSpecPart*>(made.get())->origin,
            share(thread, Any(origin)));
  return made;
}
AnyResult part_repr(Thread& thread, Borrowed<ParamSpecPart> self) {
  Any origin = self->origin.borrow();
  const char* which = type_of(self) == ParamSpecArgs_type.type ? "args" : "kwargs";
  if (type_of(origin) == ParamSpec_type.type)
    return text(thread, "{}.{}",
                {static_cast<TypeParameter*>(origin.object())->name.borrow(), which});
  return text(thread, "{}.{}", {repr_of(origin), which});
}
AnyResult part_eq(Thread& thread, Borrowed<ParamSpecPart> self, Any other) {
  if (type_of(other) != type_of(self)) return not_implemented();
  return compare(thread, self->origin.borrow(),
                 static_cast<ParamSpecPart*>(other.object())->origin.borrow(), CompareOp::eq);
}
// Equality without a hash: as in CPython, whose type does not define one.
Result<Word> part_hash(Thread& thread, Any self) {
  return raise<TypeError>(thread, "unhashable type: '{}'", type_name_in(self));
}

// ---- TypeVarTuple -------------------------------------------------------------------------------

AnyResult TypeVarTuple_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[2];
  TRY(bind(thread, "typevartuple", arguments, {"name", "default"}, 1, 1, false, given));
  Ref<TypeParameter> self = TRY(parameter_create(thread, type.get(), Any(given[0])));
  slot_init(self.get(), self->default_value,
            share(thread, Any(given[1] ? given[1] : no_default_object)));
  TRY(set_module(thread, self));
  return self;
}
AnyResult unpack(Thread& thread, Any value) {
  AnyRef form = TRY(typing_function(thread, NAME("Unpack")));
  return get_item(thread, form, value);
}
AnyResult iterate_unpacked(Thread& thread, Any self) {
  AnyRef unpacked = TRY(unpack(thread, self));
  Ref<Tuple> one = TRY(tuple_of(thread, {unpacked.value()}));
  return get_iter(thread, one);
}
AnyResult TypeVarTuple_subst(Thread& thread, Any, Any) {
  return raise<TypeError>(thread, "Substitution of bare TypeVarTuple is not supported");
}
AnyResult TypeVarTuple_prepare_subst(Thread& thread, Any self, Any alias, Any arguments) {
  return call_typing(thread, NAME("_typevartuple_prepare_subst"),
                     {self.value(), alias.value(), arguments.value()});
}

// A tuple of parameters with *Ts for every TypeVarTuple.
Result<Ref<Tuple>> unpack_tuples(Thread& thread, Borrowed<Tuple> parameters) {
  std::vector<Value> items;
  auto fail = [&] {
    for (Value item : items) decref(thread, item);
    return Raised{};
  };
  for (Word i = 0; i < parameters->size; ++i) {
    Any item = parameters->item(i);
    if (type_of(item) != TypeVarTuple_type.type) {
      items.push_back(share(thread, item).release());
      continue;
    }
    AnyResult unpacked = unpack(thread, item);
    if (unpacked.raised()) return fail();
    items.push_back(unpacked.release());
  }
  return tuple_adopt(thread, items.data(), items.size());
}

// ---- Generic ------------------------------------------------------------------------------------

// typing.function(cls, ...) with whatever was given.
AnyResult delegate(Thread& thread, Borrowed<Str> name, Borrowed<Type> type, Rest rest,
                   Maybe<Borrowed<Dict>> keywords) {
  AnyRef function = TRY(typing_function(thread, name));
  std::vector<Value> items{type.value()};
  items.insert(items.end(), rest.items, rest.items + rest.count);
  Ref<Tuple> arguments = TRY(tuple_from(thread, items.data(), items.size()));
  return call_with(thread, function, arguments, keywords);
}
AnyResult Generic_class_getitem(Thread& thread, Borrowed<Type> type, Rest rest,
                                Maybe<Borrowed<Dict>> keywords) {
  return delegate(thread, NAME("_generic_class_getitem"), type, rest, keywords);
}
AnyResult Generic_init_subclass(Thread& thread, Borrowed<Type> type, Rest rest,
                                Maybe<Borrowed<Dict>> keywords) {
  return delegate(thread, NAME("_generic_init_subclass"), type, rest, keywords);
}

// ---- TypeAliasType ------------------------------------------------------------------------------

using Alias = Borrowed<TypeAlias>;

Result<void> check_parameters(Thread& thread, Borrowed<Tuple> parameters) {
  bool default_seen = false;
  for (Word i = 0; i < parameters->size; ++i) {
    Any item = parameters->item(i);
    Type* type = type_of(item);
    if (type != TypeVar_type.type && type != ParamSpec_type.type &&
        type != TypeVarTuple_type.type) {
      return raise<TypeError>(thread, "Expected a type param, got {}", repr_of(item));
    }
    AnyRef fallback = TRY(parameter_default(thread, Parameter(item.value())));
    if (fallback.value() != no_default_object) {
      default_seen = true;
    } else if (default_seen) {
      return raise<TypeError>(
          thread, "non-default type parameter '{}' follows default type parameter", repr_of(item));
    }
  }
  return {};
}
AnyResult TypeAliasType_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[3];
  TRY(bind(thread, "typealias", arguments, {"name", "value", "type_params"}, 2, 2, false, given));
  if (given[2]) {
    if (!is_tuple(given[2])) return raise<TypeError>(thread, "type_params must be a tuple");
    TRY(check_parameters(thread, Borrowed<Tuple>(given[2])));
  }
  AnyRef module = TRY(calling_module(thread));
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<TypeAlias*>(made.get());
  slot_init(self, self->name, share(thread, Any(given[0])));
  if (given[2] && static_cast<Tuple*>(given[2].object())->size)
    slot_init(self, self->parameters, share(thread, Any(given[2])));
  slot_init(self, self->value, share(thread, Any(given[1])));
  if (!module.value().is_none()) slot_init(self, self->module, std::move(module));
  return made;
}
AnyResult TypeAliasType_value(Thread& thread, Alias self) {
  return evaluated(thread, self.get(), self->value, self->evaluator, kNone);
}
AnyResult TypeAliasType_evaluator(Thread& thread, Alias self) {
  if (Value function = slot_load(thread, self.get(), self->evaluator))
    return AnyRef::adopt(function);
  return const_evaluator(thread, self->value.borrow());
}
AnyResult TypeAliasType_type_params(Thread& thread, Alias self) {
  Value parameters = self->parameters.raw();
  return share(thread, Any(parameters ? parameters : Value(tuple_empty())));
}
AnyResult TypeAliasType_parameters(Thread& thread, Alias self) {
  Value parameters = self->parameters.raw();
  if (!parameters) return share(thread, Any(Value(tuple_empty())));
  return unpack_tuples(thread, Borrowed<Tuple>(parameters));
}
AnyResult TypeAliasType_module(Thread& thread, Alias self) {
  if (Value module = slot_load(thread, self.get(), self->module)) return AnyRef::adopt(module);
  Value evaluator = self->evaluator.raw();
  if (!evaluator) return none();
  return get_attr(thread, Any(evaluator), NAME("__module__"));
}
AnyResult TypeAliasType_repr(Thread& thread, Alias self) {
  return share(thread, self->name.borrow());
}
AnyResult TypeAliasType_reduce(Thread& thread, Alias self) {
  return share(thread, self->name.borrow());
}
AnyResult TypeAliasType_getitem(Thread& thread, Alias self, Any arguments) {
  if (!self->parameters.raw())
    return raise<TypeError>(thread, "Only generic type aliases are subscriptable");
  return generic_alias_create(thread, self, arguments);
}
AnyResult TypeAliasType_or(Thread& thread, Any left, Any right) {
  return union_create(thread, left, right);
}
AnyResult TypeAliasType_ror(Thread& thread, Any self, Any other) {
  return union_create(thread, other, self);
}

// ---- NoDefault, evaluators ----------------------------------------------------------------------

AnyResult NoDefault_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.count) return raise<TypeError>(thread, "NoDefaultType takes no arguments");
  return AnyRef::adopt(no_default_object);
}
AnyResult NoDefault_repr(Thread& thread, Any) { return str_from_ascii(thread, "typing.NoDefault"); }
AnyResult NoDefault_reduce(Thread& thread, Any) { return str_from_ascii(thread, "NoDefault"); }

constexpr Word kFormatString = 4;  // annotationlib.Format.STRING
AnyResult const_evaluator_call(Thread& thread, Any self, const Arguments& arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "constevaluator.__call__() takes no keyword arguments");
  if (arguments.count != 1)
    return raise<TypeError>(thread, "constevaluator.__call__() takes exactly 1 argument ({} given)",
                            arguments.count);
  Word format = TRY(index_word(thread, arguments[0]));
  Any value = static_cast<ConstEvaluator*>(self.object())->value.borrow();
  if (format != kFormatString) return share(thread, value);
  if (!is_tuple(value)) return type_argument_repr(thread, value);
  StrBuilder shown(thread);
  TRY(shown.append('('));
  Borrowed<Tuple> items(value.value());
  for (Word i = 0; i < items->size; ++i) {
    if (i) TRY(shown.append(std::string_view(", ")));
    Ref<Str> item = TRY(type_argument_repr(thread, items->item(i)));
    TRY(shown.append(item.borrow()));
  }
  TRY(shown.append(')'));
  return shown.finish();
}
AnyResult const_evaluator_repr(Thread& thread, Any self) {
  return text(thread, "<constevaluator {}>",
              {repr_of(static_cast<ConstEvaluator*>(self.object())->value.borrow())});
}

// ---- the tables ---------------------------------------------------------------------------------

using T = TypeParameter;
const Layout parameter_layout{
    "type parameter", sizeof(TypeParameter), true,
    trace_fields<T, &T::name, &T::bound, &T::bound_evaluator, &T::constraints,
                 &T::constraints_evaluator, &T::default_value, &T::default_evaluator>,
    nullptr};
const Layout alias_layout{
    "type alias", sizeof(TypeAlias), true,
    trace_fields<TypeAlias, &TypeAlias::name, &TypeAlias::parameters, &TypeAlias::value,
                 &TypeAlias::evaluator, &TypeAlias::module>,
    nullptr};
const Layout part_layout{"ParamSpec part", sizeof(ParamSpecPart), true,
                         trace_fields<ParamSpecPart, &ParamSpecPart::origin>, nullptr};
const Layout evaluator_layout{"constevaluator", sizeof(ConstEvaluator), true,
                              trace_fields<ConstEvaluator, &ConstEvaluator::value>, nullptr};

constexpr uint32_t kParameterFlags = kTypeImmutable | kTypeHasDict | kTypeWeakrefable;

const SlotEntry TypeVar_slots[] = {
    slot<SlotId::new_, TypeVar_new>(), slot<SlotId::repr, parameter_repr>(),
    slot<SlotId::or_, parameter_or>(), slot<SlotId::ror, parameter_ror>()};
constexpr Method TypeVar_methods[] = {
    method<TypeVar_subst>("__typing_subst__(arg, /)"),
    method<TypeVar_prepare_subst>("__typing_prepare_subst__(alias, args, /)"),
    method<parameter_reduce>("__reduce__()"),
    method<parameter_has_default>("has_default()"),
    method<not_a_base>("__mro_entries__(object, /)"),
};
const GetSet TypeVar_getsets[] = {
    member<T, &T::name>("__name__"),
    getter<flag_get<T, &T::covariant>>("__covariant__"),
    getter<flag_get<T, &T::contravariant>>("__contravariant__"),
    getter<flag_get<T, &T::infer_variance>>("__infer_variance__"),
    getter<parameter_bound>("__bound__"),
    getter<TypeVar_constraints>("__constraints__"),
    getter<parameter_default>("__default__"),
    getter<parameter_bound_evaluator>("evaluate_bound"),
    getter<TypeVar_constraints_evaluator>("evaluate_constraints"),
    getter<parameter_default_evaluator>("evaluate_default"),
};
const TypeSpec TypeVar_spec{
    .name = "typing.TypeVar",
    .doc =
        "Type variable.\n\nMade by `def f[T]`, `class C[T]` and `type A[T]`, or by TypeVar('T').",
    .flags = kParameterFlags,
    .layout = &parameter_layout,
    .slots = TypeVar_slots,
    .methods = TypeVar_methods,
    .getsets = TypeVar_getsets};

const SlotEntry ParamSpec_slots[] = {
    slot<SlotId::new_, ParamSpec_new>(), slot<SlotId::repr, parameter_repr>(),
    slot<SlotId::or_, parameter_or>(), slot<SlotId::ror, parameter_ror>()};
constexpr Method ParamSpec_methods[] = {
    method<ParamSpec_subst>("__typing_subst__(arg, /)"),
    method<ParamSpec_prepare_subst>("__typing_prepare_subst__(alias, args, /)"),
    method<parameter_reduce>("__reduce__()"),
    method<parameter_has_default>("has_default()"),
    method<not_a_base>("__mro_entries__(object, /)"),
};
const GetSet ParamSpec_getsets[] = {
    member<T, &T::name>("__name__"),
    member<T, &T::bound>("__bound__"),
    getter<flag_get<T, &T::covariant>>("__covariant__"),
    getter<flag_get<T, &T::contravariant>>("__contravariant__"),
    getter<flag_get<T, &T::infer_variance>>("__infer_variance__"),
    getter<ParamSpec_args>("args", "Represents positional arguments."),
    getter<ParamSpec_kwargs>("kwargs", "Represents keyword arguments."),
    getter<parameter_default>("__default__", "The default value for this ParamSpec."),
    getter<parameter_default_evaluator>("evaluate_default"),
};
const TypeSpec ParamSpec_spec{.name = "typing.ParamSpec",
                              .doc =
                                  "Parameter specification variable.\n\nMade by `**P` in a list of "
                                  "type parameters, or by ParamSpec('P').",
                              .flags = kParameterFlags,
                              .layout = &parameter_layout,
                              .slots = ParamSpec_slots,
                              .methods = ParamSpec_methods,
                              .getsets = ParamSpec_getsets};

const SlotEntry TypeVarTuple_slots[] = {slot<SlotId::new_, TypeVarTuple_new>(),
                                        slot<SlotId::repr, parameter_repr>(),
                                        slot<SlotId::iter, iterate_unpacked>()};
constexpr Method TypeVarTuple_methods[] = {
    method<TypeVarTuple_subst>("__typing_subst__(arg, /)"),
    method<TypeVarTuple_prepare_subst>("__typing_prepare_subst__(alias, args, /)"),
    method<parameter_reduce>("__reduce__()"),
    method<parameter_has_default>("has_default()"),
    method<not_a_base>("__mro_entries__(object, /)"),
};
const GetSet TypeVarTuple_getsets[] = {
    member<T, &T::name>("__name__"),
    getter<parameter_default>("__default__", "The default value for this TypeVarTuple."),
    getter<parameter_default_evaluator>("evaluate_default"),
};
const TypeSpec TypeVarTuple_spec{
    .name = "typing.TypeVarTuple",
    .doc =
        "Type variable tuple: stands for any number of types.\n\nMade by `*Ts` in a list of type "
        "parameters, or by TypeVarTuple('Ts').",
    .flags = kParameterFlags,
    .layout = &parameter_layout,
    .slots = TypeVarTuple_slots,
    .methods = TypeVarTuple_methods,
    .getsets = TypeVarTuple_getsets};

const SlotEntry part_slots[] = {slot<SlotId::new_, part_new>(), slot<SlotId::repr, part_repr>(),
                                slot<SlotId::eq, part_eq>(), slot<SlotId::hash, part_hash>()};
constexpr Method part_methods[] = {method<not_a_base>("__mro_entries__(object, /)")};
const GetSet part_getsets[] = {member<ParamSpecPart, &ParamSpecPart::origin>("__origin__")};
const TypeSpec ParamSpecArgs_spec{.name = "typing.ParamSpecArgs",
                                  .doc = "The args for a ParamSpec object.",
                                  .flags = kTypeImmutable | kTypeWeakrefable,
                                  .layout = &part_layout,
                                  .slots = part_slots,
                                  .methods = part_methods,
                                  .getsets = part_getsets};
const TypeSpec ParamSpecKwargs_spec{.name = "typing.ParamSpecKwargs",
                                    .doc = "The kwargs for a ParamSpec object.",
                                    .flags = kTypeImmutable | kTypeWeakrefable,
                                    .layout = &part_layout,
                                    .slots = part_slots,
                                    .methods = part_methods,
                                    .getsets = part_getsets};

const SlotEntry TypeAliasType_slots[] = {
    slot<SlotId::new_, TypeAliasType_new>(),        slot<SlotId::repr, TypeAliasType_repr>(),
    slot<SlotId::getitem, TypeAliasType_getitem>(), slot<SlotId::iter, iterate_unpacked>(),
    slot<SlotId::or_, TypeAliasType_or>(),          slot<SlotId::ror, TypeAliasType_ror>()};
constexpr Method TypeAliasType_methods[] = {method<TypeAliasType_reduce>("__reduce__()")};
const GetSet TypeAliasType_getsets[] = {
    member<TypeAlias, &TypeAlias::name>("__name__"),
    getter<TypeAliasType_value>("__value__"),
    getter<TypeAliasType_type_params>("__type_params__"),
    getter<TypeAliasType_parameters>("__parameters__"),
    getter<TypeAliasType_module>("__module__"),
    getter<TypeAliasType_evaluator>("evaluate_value"),
};
const TypeSpec TypeAliasType_spec{.name = "typing.TypeAliasType",
                                  .doc =
                                      "Type alias.\n\nMade by the statement `type Alias = int`; "
                                      "its value is evaluated when __value__ is first asked for.",
                                  .flags = kTypeImmutable | kTypeWeakrefable,
                                  .layout = &alias_layout,
                                  .slots = TypeAliasType_slots,
                                  .methods = TypeAliasType_methods,
                                  .getsets = TypeAliasType_getsets};

constexpr Method Generic_methods[] = {
    class_method<Generic_class_getitem>("__class_getitem__(*args, **kwargs)",
                                        "Parameterizes a generic class."),
    class_method<Generic_init_subclass>("__init_subclass__(*args, **kwargs)",
                                        "Function to initialize subclasses."),
};
const TypeSpec Generic_spec{.name = "typing.Generic",
                            .doc =
                                "Abstract base class for generic types.\n\nA class with type "
                                "parameters (`class C[T]`) inherits from it.",
                            .flags = kTypeBase | kTypeImmutable,
                            .methods = Generic_methods};

const SlotEntry NoDefault_slots[] = {slot<SlotId::new_, NoDefault_new>(),
                                     slot<SlotId::repr, NoDefault_repr>()};
constexpr Method NoDefault_methods[] = {method<NoDefault_reduce>("__reduce__()")};
const TypeSpec NoDefault_spec{.name = "NoDefaultType",
                              .doc = "The type of the NoDefault singleton.",
                              .flags = kTypeImmutable,
                              .slots = NoDefault_slots,
                              .methods = NoDefault_methods};

const SlotEntry const_evaluator_slots[] = {slot<SlotId::call, const_evaluator_call>(),
                                           slot<SlotId::repr, const_evaluator_repr>()};
const TypeSpec const_evaluator_spec{.name = "_typing._ConstEvaluator",
                                    .flags = kTypeDisallowNew | kTypeImmutable,
                                    .layout = &evaluator_layout,
                                    .slots = const_evaluator_slots};

}  // namespace

Result<void> typing_ready(Thread& thread) {
  static std::atomic<bool> ready;
  if (ready.load(std::memory_order_acquire)) return {};
  TRY(type_from_spec(thread, TypeVar_spec, TypeVar_type));
  TRY(type_from_spec(thread, ParamSpec_spec, ParamSpec_type));
  TRY(type_from_spec(thread, TypeVarTuple_spec, TypeVarTuple_type));
  TRY(type_from_spec(thread, ParamSpecArgs_spec, ParamSpecArgs_type));
  TRY(type_from_spec(thread, ParamSpecKwargs_spec, ParamSpecKwargs_type));
  TRY(type_from_spec(thread, TypeAliasType_spec, TypeAliasType_type));
  TRY(type_from_spec(thread, Generic_spec, Generic_type));
  TRY(type_from_spec(thread, NoDefault_spec, NoDefault_type));
  TRY(type_from_spec(thread, const_evaluator_spec, const_evaluator_type));
  static std::mutex once;
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(NoDefault_type.type)));
  std::lock_guard<std::mutex> guard(once);
  if (!no_default_object) {
    make_immortal(made.get());
    no_default_object = made.release();
  }
  ready.store(true, std::memory_order_release);
  return {};
}

AnyResult no_default(Thread& thread) {
  TRY(typing_ready(thread));
  return AnyRef::adopt(no_default_object);
}

AnyResult typevar_create(Thread& thread, Any name, MaybeAny bound_evaluator,
                         MaybeAny constraints_evaluator) {
  TRY(typing_ready(thread));
  Ref<TypeParameter> self = TRY(parameter_create(thread, TypeVar_type.type, name));
  keep(thread, self, self->bound_evaluator, bound_evaluator.value());
  keep(thread, self, self->constraints_evaluator, constraints_evaluator.value());
  self->infer_variance = true;
  return self;
}
AnyResult paramspec_create(Thread& thread, Any name) {
  TRY(typing_ready(thread));
  Ref<TypeParameter> self = TRY(parameter_create(thread, ParamSpec_type.type, name));
  self->infer_variance = true;
  return self;
}
AnyResult typevartuple_create(Thread& thread, Any name) {
  TRY(typing_ready(thread));
  return parameter_create(thread, TypeVarTuple_type.type, name);
}
AnyResult type_parameter_default(Thread& thread, Any parameter, Any evaluator) {
  auto* self = static_cast<TypeParameter*>(parameter.object());
  slot_write(thread, self, self->default_evaluator, share(thread, evaluator));
  return share(thread, parameter);
}
AnyResult generic_subscript(Thread& thread, Any parameters) {
  TRY(typing_ready(thread));
  Ref<Tuple> unpacked = TRY(unpack_tuples(thread, Borrowed<Tuple>(parameters.value())));
  return call_typing(thread, NAME("_GenericAlias"), {Value(Generic_type.type), unpacked.value()});
}
AnyResult type_alias_create(Thread& thread, Any parts) {
  TRY(typing_ready(thread));
  Borrowed<Tuple> tuple(parts.value());
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(TypeAliasType_type.type)));
  auto* self = static_cast<TypeAlias*>(made.get());
  slot_init(self, self->name, share(thread, tuple->item(0)));
  if (!tuple->item(1).is_none()) slot_init(self, self->parameters, share(thread, tuple->item(1)));
  slot_init(self, self->evaluator, share(thread, tuple->item(2)));
  return made;
}

}  // namespace dx
