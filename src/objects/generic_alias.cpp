// types.GenericAlias: list[int] and its like.

#include "objects/generic_alias.h"

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/type_internal.h"

namespace dx {

TypeHandle GenericAlias_type, generic_alias_iterator_type;

static bool is_alias(Any value) { return is_subtype(type_of(value), GenericAlias_type); }

AnyResult generic_alias_create(Thread& thread, Any origin, Any arguments) {
  AnyRef packed = is_tuple(arguments) ? share(thread, arguments)
                                      : AnyRef(TRY(tuple_of(thread, {arguments.value()})));
  AnyRef made = TRY(allocate_instance(thread, GenericAlias_type.type));
  GenericAlias* self = static_cast<GenericAlias*>(made.get());
  slot_init(self, self->origin, share(thread, origin));
  slot_init(self, self->arguments, std::move(packed));
  return made;
}

AnyResult class_getitem(Thread& thread, Borrowed<Type> type, Any arguments) {
  return generic_alias_create(thread, type, arguments);
}

// ---- type variables -----------------------------------------------------------------------------

static Result<void> add_once(Thread& thread, Borrowed<List> list, Any item) {
  for (Word i = 0; i < list_length(list); ++i) {
    if (list_item(thread, list, i).value() == item.value()) return {};
  }
  return list_append(thread, list, share(thread, item));
}

static Result<void> collect_parameters(Thread& thread, Borrowed<Tuple> arguments,
                                       Borrowed<List> found) {
  for (Word i = 0; i < arguments->size; ++i) {
    Any argument = arguments->item(i);
    if (is_type(argument)) continue;
    if (is_tuple(argument) || is_list(argument)) {  // the list of a Callable
      AnyRef items = TRY(sequence_tuple(thread, argument));
      TRY(collect_parameters(thread, Borrowed<Tuple>(items.value()), found));
      continue;
    }
    AnyLookup substitution = lookup_attr(thread, argument, NAME("__typing_subst__"));
    if (substitution.raised()) return Raised{};
    if (substitution.found()) {
      TRY(add_once(thread, found, argument));
      continue;
    }
    AnyLookup inner = lookup_attr(thread, argument, NAME("__parameters__"));
    if (inner.raised()) return Raised{};
    if (!inner.found() || !is_tuple(inner.value())) continue;
    Borrowed<Tuple> parameters(inner.value());
    for (Word k = 0; k < parameters->size; ++k) TRY(add_once(thread, found, parameters->item(k)));
  }
  return {};
}

Result<Ref<Tuple>> type_parameters(Thread& thread, Borrowed<Tuple> arguments) {
  Ref<List> found = TRY(list_create(thread));
  TRY(collect_parameters(thread, arguments, found));
  return list_to_tuple(thread, found);
}

// The items of a subscript with *tuple[a, b] spread out.
static Result<Ref<Tuple>> spread(Thread& thread, Any subscript) {
  Ref<List> items = TRY(list_create(thread));
  Ref<Tuple> given = is_tuple(subscript)
                         ? Ref<Tuple>::share(thread, Borrowed<Tuple>(subscript.value()))
                         : TRY(tuple_of(thread, {subscript.value()}));
  for (Word i = 0; i < given->size; ++i) {
    Any item = given->item(i);
    if (!is_type(item)) {
      AnyLookup inner = lookup_attr(thread, item, NAME("__typing_unpacked_tuple_args__"));
      if (inner.raised()) return Raised{};
      if (inner.found() && is_tuple(inner.value())) {
        Borrowed<Tuple> parts(inner.value());
        bool open = parts->size > 0 && parts->item(parts->size - 1).value() == kEllipsis;
        if (!open) {
          TRY(list_extend(thread, items, parts));
          continue;
        }
      }
    }
    TRY(list_append(thread, items, share(thread, item)));
  }
  return list_to_tuple(thread, items);
}

static Word index_of(Borrowed<Tuple> tuple, Any item) {
  for (Word i = 0; i < tuple->size; ++i) {
    if (tuple->item(i).is(item)) return i;
  }
  return -1;
}

// argument[the values of its own parameters]
static AnyResult substitute_inside(Thread& thread, Any argument, Borrowed<Tuple> parameters,
                                   Borrowed<Tuple> values) {
  AnyLookup inner = lookup_attr(thread, argument, NAME("__parameters__"));
  if (inner.raised()) return Raised{};
  if (!inner.found() || !is_tuple(inner.value()) ||
      static_cast<Tuple*>(inner.value().object())->size == 0) {
    return share(thread, argument);
  }
  Borrowed<Tuple> own(inner.value());
  Ref<List> subscript = TRY(list_create(thread));
  for (Word i = 0; i < own->size; ++i) {
    Word at = index_of(parameters, own->item(i));
    if (at < 0) {
      TRY(list_append(thread, subscript, share(thread, own->item(i))));
    } else if (is_tuple(values->item(at)) && type_of(own->item(i))->slot<SlotId::iter>()) {
      TRY(list_extend(thread, subscript, values->item(at)));  // a TypeVarTuple stands for several
    } else {
      TRY(list_append(thread, subscript, share(thread, values->item(at))));
    }
  }
  Ref<Tuple> key = TRY(list_to_tuple(thread, subscript));
  return get_item(thread, argument, key);
}

static Result<Ref<Tuple>> substitute_each(Thread& thread, Any owner, Borrowed<Tuple> arguments,
                                          Borrowed<Tuple> parameters, Borrowed<Tuple> values) {
  Ref<List> result = TRY(list_create(thread));
  for (Word i = 0; i < arguments->size; ++i) {
    Any argument = arguments->item(i);
    if (is_type(argument)) {
      TRY(list_append(thread, result, share(thread, argument)));
      continue;
    }
    if (is_tuple(argument) || is_list(argument)) {
      AnyRef items = TRY(sequence_tuple(thread, argument));
      Ref<Tuple> replaced =
          TRY(substitute_each(thread, owner, Borrowed<Tuple>(items.value()), parameters, values));
      AnyRef shaped =
          is_list(argument) ? TRY(sequence_list(thread, replaced)) : share(thread, replaced);
      TRY(list_append(thread, result, std::move(shaped)));
      continue;
    }
    AnyLookup unpacked = lookup_attr(thread, argument, NAME("__typing_is_unpacked_typevartuple__"));
    if (unpacked.raised()) return Raised{};
    bool spreads = unpacked.found() && TRY(is_true(thread, unpacked.borrow()));
    AnyLookup substitution = lookup_attr(thread, argument, NAME("__typing_subst__"));
    if (substitution.raised()) return Raised{};
    AnyRef replaced = AnyRef::adopt(kNone);
    Word at = substitution.found() ? index_of(parameters, argument) : -1;
    if (at >= 0)
      replaced = TRY(call(thread, substitution.borrow(), {values->item(at).value()}));
    else
      replaced = TRY(substitute_inside(thread, argument, parameters, values));
    if (spreads && is_tuple(replaced.value()))
      TRY(list_extend(thread, result, replaced));
    else
      TRY(list_append(thread, result, std::move(replaced)));
  }
  return list_to_tuple(thread, result);
}

Result<Ref<Tuple>> substitute(Thread& thread, Any owner, Borrowed<Tuple> arguments,
                              Borrowed<Tuple> parameters, Any subscript) {
  if (parameters->size == 0)
    return raise<TypeError>(thread, "{} is not a generic class", repr_of(owner));
  AnyRef item = TRY(spread(thread, subscript));
  for (Word i = 0; i < parameters->size; ++i) {
    AnyLookup prepare = lookup_attr(thread, parameters->item(i), NAME("__typing_prepare_subst__"));
    if (prepare.raised()) return Raised{};
    if (!prepare.found() || prepare.value().is_none()) continue;
    AnyRef packed = is_tuple(item.value()) ? share(thread, item)
                                           : AnyRef(TRY(tuple_of(thread, {item.value()})));
    item = TRY(call(thread, prepare.borrow(), {owner.value(), packed.value()}));
  }
  Ref<Tuple> values = is_tuple(item.value())
                          ? Ref<Tuple>::share(thread, Borrowed<Tuple>(item.value()))
                          : TRY(tuple_of(thread, {item.value()}));
  if (values->size != parameters->size) {
    return raise<TypeError>(thread, "Too {} arguments for {}; actual {}, expected {}",
                            values->size > parameters->size ? "many" : "few", repr_of(owner),
                            values->size, parameters->size);
  }
  return substitute_each(thread, owner, arguments, parameters, values);
}

// ---- repr ---------------------------------------------------------------------------------------

Result<Ref<Str>> type_argument_repr(Thread& thread, Any argument) {
  if (argument.value() == kEllipsis) return str_from_ascii(thread, "...");
  if (argument.value() == Value(static_cast<Object*>(TYPE(NoneType))))
    return str_from_ascii(thread, "None");
  if (is_list(argument)) {
    AnyRef items = TRY(sequence_tuple(thread, argument));
    Borrowed<Tuple> tuple(items.value());
    StrBuilder text(thread);
    TRY(text.append('['));
    for (Word i = 0; i < tuple->size; ++i) {
      if (i) TRY(text.append(std::string_view(", ")));
      Ref<Str> item = TRY(type_argument_repr(thread, tuple->item(i)));
      TRY(text.append(item.borrow()));
    }
    TRY(text.append(']'));
    return text.finish();
  }
  AnyLookup origin = lookup_attr(thread, argument, NAME("__origin__"));
  if (origin.raised()) return Raised{};
  if (origin.found()) {
    AnyLookup arguments = lookup_attr(thread, argument, NAME("__args__"));
    if (arguments.raised()) return Raised{};
    if (arguments.found()) return repr(thread, argument);  // an alias
  }
  AnyLookup name = lookup_attr(thread, argument, NAME("__qualname__"));
  if (name.raised()) return Raised{};
  AnyLookup module = lookup_attr(thread, argument, NAME("__module__"));
  if (module.raised()) return Raised{};
  if (!name.found() || !module.found() || module.value().is_none()) return repr(thread, argument);
  if (is_str(module.value()) && str_equals_ascii(Borrowed<Str>(module.value()), "builtins")) {
    return str(thread, name.borrow());
  }
  const FormatArgument parts[] = {FormatArgument(module.borrow()), FormatArgument(name.borrow())};
  AnyRef full = TRY(format_text(thread, "{}.{}", parts, 2));
  return Ref<Str>::adopt(full.release());
}

static AnyResult GenericAlias_repr(Thread& thread, Borrowed<GenericAlias> self) {
  TRY_RECURSION(thread, " while getting the repr of an object");
  StrBuilder text(thread);
  if (self->starred) TRY(text.append('*'));
  Ref<Str> origin = TRY(type_argument_repr(thread, self->origin.borrow()));
  TRY(text.append(origin.borrow()));
  TRY(text.append('['));
  Borrowed<Tuple> arguments = self->arguments.borrow();
  for (Word i = 0; i < arguments->size; ++i) {
    if (i) TRY(text.append(std::string_view(", ")));
    Ref<Str> item = TRY(type_argument_repr(thread, arguments->item(i)));
    TRY(text.append(item.borrow()));
  }
  if (arguments->size == 0) TRY(text.append(std::string_view("()")));
  TRY(text.append(']'));
  return text.finish();
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult GenericAlias_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(expect_positional(thread, "GenericAlias", arguments, 2));
  AnyRef packed = is_tuple(arguments[1]) ? share(thread, arguments[1])
                                         : AnyRef(TRY(tuple_of(thread, {arguments[1].value()})));
  AnyRef made = TRY(allocate_instance(thread, type));
  GenericAlias* self = static_cast<GenericAlias*>(made.get());
  slot_init(self, self->origin, share(thread, arguments[0]));
  slot_init(self, self->arguments, std::move(packed));
  return made;
}

static Result<Word> GenericAlias_hash(Thread& thread, Borrowed<GenericAlias> self) {
  Word origin = TRY(hash(thread, self->origin.borrow()));
  Word arguments = TRY(hash(thread, self->arguments.borrow()));
  Word both = origin ^ arguments;
  return both == -1 ? -2 : both;
}

static AnyResult GenericAlias_eq(Thread& thread, Borrowed<GenericAlias> self, Any value) {
  if (!is_alias(value)) return not_implemented();
  Borrowed<GenericAlias> other(value.value());
  if (self->starred != other->starred) return truth(false);
  if (!TRY(equal(thread, self->origin.borrow(), other->origin.borrow()))) return truth(false);
  return truth(TRY(equal(thread, self->arguments.borrow(), other->arguments.borrow())));
}

static AnyResult GenericAlias_call(Thread& thread, Borrowed<GenericAlias> self,
                                   const Arguments& arguments) {
  AnyRef made = TRY(call(thread, self->origin.borrow(), arguments));
  // The object may not take attributes; it is none the worse for that.
  if (set_attr(thread, made, NAME("__orig_class__"), MaybeAny(self.value())).raised()) {
    if (!pending_is<AttributeError>(thread) && !pending_is<TypeError>(thread)) return Raised{};
    clear_exception(thread);
  }
  return made;
}

static bool is_own_attribute(Borrowed<Str> name) {
  static const char* const own[] = {"__class__",
                                    "__origin__",
                                    "__args__",
                                    "__unpacked__",
                                    "__parameters__",
                                    "__typing_unpacked_tuple_args__",
                                    "__mro_entries__",
                                    "__reduce_ex__",
                                    "__reduce__",
                                    "__bases__",
                                    "__copy__",
                                    "__deepcopy__",
                                    "__instancecheck__",
                                    "__subclasscheck__",
                                    "__getitem__",
                                    "__dir__",
                                    "__or__",
                                    "__ror__",
                                    "__call__",
                                    "__iter__"};
  for (const char* candidate : own) {
    if (str_equals_ascii(name, candidate)) return true;
  }
  return false;
}

static AnyResult GenericAlias_getattribute(Thread& thread, Borrowed<GenericAlias> self, Any name) {
  if (is_str(name) && !is_own_attribute(Borrowed<Str>(name.value()))) {
    return get_attr(thread, self->origin.borrow(), Borrowed<Str>(name.value()));
  }
  return generic_getattribute(thread, self, name);
}

static Result<Ref<Tuple>> parameters_of(Thread& thread, Borrowed<GenericAlias> self) {
  Maybe<Ref<Tuple>> known = field_load(thread, self.get(), self->parameters);
  if (known) return known.take();
  Ref<Tuple> parameters = TRY(type_parameters(thread, self->arguments.borrow()));
  slot_write(thread, self.get(), self->parameters, Ref<Tuple>::share(thread, parameters));
  return parameters;
}

static AnyResult GenericAlias_getitem(Thread& thread, Borrowed<GenericAlias> self, Any subscript) {
  Ref<Tuple> parameters = TRY(parameters_of(thread, self));
  Ref<Tuple> arguments =
      TRY(substitute(thread, self, self->arguments.borrow(), parameters, subscript));
  AnyRef made = TRY(generic_alias_create(thread, self->origin.borrow(), arguments));
  static_cast<GenericAlias*>(made.get())->starred = self->starred;
  return made;
}

static AnyResult GenericAlias_or(Thread& thread, Any left, Any right) {
  return union_create(thread, left, right);
}
static AnyResult GenericAlias_ror(Thread& thread, Any self, Any other) {
  return union_create(thread, other, self);
}

// ---- *alias -------------------------------------------------------------------------------------

struct AliasIterator : Object {
  Field<Object> alias;  // empty once given out
};
static AnyResult GenericAlias_iter(Thread& thread, Borrowed<GenericAlias> self) {
  AnyRef made = TRY(allocate_instance(thread, generic_alias_iterator_type.type));
  AliasIterator* iterator = static_cast<AliasIterator*>(made.get());
  slot_init(iterator, iterator->alias, share(thread, self));
  return made;
}
static AnyResult alias_iterator_iter(Thread& thread, Any self) { return share(thread, self); }
static Step alias_iterator_next(Thread& thread, Borrowed<AliasIterator> self) {
  Value taken = slot_take(thread, self.get(), self->alias);
  if (!taken) return Step::done();
  AnyRef owned = AnyRef::adopt(taken);
  Borrowed<GenericAlias> alias(taken);
  AnyRef made =
      TRY(generic_alias_create(thread, alias->origin.borrow(), alias->arguments.borrow()));
  static_cast<GenericAlias*>(made.get())->starred = true;
  return made;
}
static AnyResult alias_iterator_reduce(Thread& thread, Borrowed<AliasIterator> self) {
  Maybe<Ref<Object>> alias = field_load(thread, self.get(), self->alias);
  if (!alias) return reduce_with_builtin(thread, NAME("iter"), {Value(tuple_empty())});
  return reduce_with_builtin(thread, NAME("iter"), {alias.value()});
}
static const Layout alias_iterator_layout{"generic_alias_iterator", sizeof(AliasIterator), true,
                                          trace_fields<AliasIterator, &AliasIterator::alias>,
                                          nullptr};
static const SlotEntry alias_iterator_slots[] = {
    slot<SlotId::iter, alias_iterator_iter>(),
    slot<SlotId::next, alias_iterator_next>(),
};
static constexpr Method alias_iterator_methods[] = {
    method<alias_iterator_reduce>("__reduce__()", "Return state information for pickling."),
};
extern const TypeSpec generic_alias_iterator_spec, GenericAlias_spec;
const TypeSpec generic_alias_iterator_spec{
    .name = "generic_alias_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &alias_iterator_layout,
    .slots = alias_iterator_slots,
    .methods = alias_iterator_methods,
};

// ---- methods ------------------------------------------------------------------------------------

static AnyResult GenericAlias_mro_entries(Thread& thread, Borrowed<GenericAlias> self, Any) {
  return tuple_of(thread, {self->origin.borrow().value()});
}
static AnyResult GenericAlias_instancecheck(Thread& thread, Borrowed<GenericAlias>, Any) {
  return raise<TypeError>(thread, "isinstance() argument 2 cannot be a parameterized generic");
}
static AnyResult GenericAlias_subclasscheck(Thread& thread, Borrowed<GenericAlias>, Any) {
  return raise<TypeError>(thread, "issubclass() argument 2 cannot be a parameterized generic");
}
static AnyResult GenericAlias_reduce(Thread& thread, Borrowed<GenericAlias> self) {
  if (self->starred) {
    AnyRef plain =
        TRY(generic_alias_create(thread, self->origin.borrow(), self->arguments.borrow()));
    AnyRef iterator = TRY(get_iter(thread, plain));
    AnyRef next = TRY(builtin_function(thread, NAME("next")));
    Ref<Tuple> arguments = TRY(tuple_of(thread, {iterator.value()}));
    return tuple_of(thread, {next.value(), arguments.value()});
  }
  Ref<Tuple> arguments =
      TRY(tuple_of(thread, {self->origin.borrow().value(), self->arguments.borrow().value()}));
  return tuple_of(thread, {Value(static_cast<Object*>(GenericAlias_type.type)), arguments.value()});
}
static AnyResult GenericAlias_dir(Thread& thread, Borrowed<GenericAlias> self) {
  AnyRef names = TRY(call_method(thread, self->origin.borrow(), NAME("__dir__"), {}));
  AnyRef list = TRY(sequence_list(thread, names));
  for (Str* own :
       {NAME("__origin__"), NAME("__args__"), NAME("__unpacked__"), NAME("__parameters__"),
        NAME("__typing_unpacked_tuple_args__"), NAME("__mro_entries__")}) {
    if (!TRY(contains(thread, list, own)))
      TRY(list_append(thread, Borrowed<List>(list.value()), share(thread, own)));
  }
  return list;
}

static AnyResult GenericAlias_origin(Thread& thread, Borrowed<GenericAlias> self) {
  return share(thread, self->origin.borrow());
}
static AnyResult GenericAlias_args(Thread& thread, Borrowed<GenericAlias> self) {
  return share(thread, self->arguments.borrow());
}
static AnyResult GenericAlias_parameters(Thread& thread, Borrowed<GenericAlias> self) {
  return parameters_of(thread, self);
}
static AnyResult GenericAlias_unpacked(Thread&, Borrowed<GenericAlias> self) {
  return truth(self->starred);
}
static AnyResult GenericAlias_unpacked_args(Thread& thread, Borrowed<GenericAlias> self) {
  if (self->starred && self->origin.raw() == Value(static_cast<Object*>(TYPE(tuple)))) {
    return share(thread, self->arguments.borrow());
  }
  return AnyRef::adopt(kNone);
}

static const Layout GenericAlias_layout{
    "GenericAlias", sizeof(GenericAlias), true,
    trace_fields<GenericAlias, &GenericAlias::origin, &GenericAlias::arguments,
                 &GenericAlias::parameters>,
    nullptr};
static const SlotEntry GenericAlias_slots[] = {
    slot<SlotId::new_, GenericAlias_new>(),
    slot<SlotId::repr, GenericAlias_repr>(),
    slot<SlotId::hash, GenericAlias_hash>(),
    slot<SlotId::call, GenericAlias_call>(),
    slot<SlotId::getattribute, GenericAlias_getattribute>(),
    slot<SlotId::eq, GenericAlias_eq>(),
    slot<SlotId::iter, GenericAlias_iter>(),
    slot<SlotId::getitem, GenericAlias_getitem>(),
    slot<SlotId::or_, GenericAlias_or>(),
    slot<SlotId::ror, GenericAlias_ror>(),
};
static constexpr Method GenericAlias_methods[] = {
    method<GenericAlias_mro_entries>("__mro_entries__(bases, /)"),
    method<GenericAlias_instancecheck>("__instancecheck__(instance, /)"),
    method<GenericAlias_subclasscheck>("__subclasscheck__(cls, /)"),
    method<GenericAlias_reduce>("__reduce__()"),
    method<GenericAlias_dir>("__dir__()"),
};
static const GetSet GenericAlias_getsets[] = {
    getter<GenericAlias_origin>("__origin__"),
    getter<GenericAlias_args>("__args__"),
    getter<GenericAlias_unpacked>("__unpacked__"),
    getter<GenericAlias_parameters>("__parameters__", "Type variables in the GenericAlias."),
    getter<GenericAlias_unpacked_args>("__typing_unpacked_tuple_args__"),
};
const TypeSpec GenericAlias_spec{
    .name = "types.GenericAlias",
    .doc =
        "Represent a PEP 585 generic type\n\n"
        "For example, for t = list[int], t.__origin__ is list and t.__args__\nis (int,).",
    .flags = kTypeBase | kTypeImmutable | kTypeWeakrefable,
    .layout = &GenericAlias_layout,
    .slots = GenericAlias_slots,
    .methods = GenericAlias_methods,
    .getsets = GenericAlias_getsets,
};

}  // namespace dx
