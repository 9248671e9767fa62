// typing.Union: int | str.

#include "objects/container_support.h"
#include "objects/generic_alias.h"
#include "objects/iter.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/type_internal.h"

namespace dx {

TypeHandle Union_type;

static bool is_union(Any value) { return type_of(value) == Union_type.type; }

// The name under which typing keeps the type of `type X = ...`; no C++ handle is needed for one
// comparison.
static bool joins(Thread& thread, Any value) {
  if (value.is_none() || is_type(value) || is_union(value)) return true;
  if (is_subtype(type_of(value), GenericAlias_type)) return true;
  return std::string_view(type_name_of(thread, value)) == "typing.TypeAliasType";
}

// typing.ForwardRef(text)
static AnyResult forward_reference(Thread& thread, Any text) {
  AnyRef import = TRY(builtin_function(thread, NAME("__import__")));
  AnyRef typing = TRY(call(thread, import, {Value(static_cast<Object*>(NAME("typing")))}));
  return call_method(thread, typing, NAME("ForwardRef"), {text.value()});
}

static Result<void> add_member(Thread& thread, Borrowed<List> members, Any value) {
  AnyRef member = share(thread, value);
  if (value.is_none())
    member = share(thread, TYPE(NoneType));
  else if (is_str(value))
    member = TRY(forward_reference(thread, value));
  else if (is_union(value)) {
    Borrowed<Tuple> inner = static_cast<Union*>(value.object())->arguments.borrow();
    for (Word i = 0; i < inner->size; ++i) TRY(add_member(thread, members, inner->item(i)));
    return {};
  }
  for (Word i = 0; i < list_length(members); ++i) {
    Maybe<Ref<Object>> known = list_item(thread, members, i);
    if (known && TRY(equal(thread, known.borrow(), member))) return {};
  }
  return list_append(thread, members, std::move(member));
}

AnyResult union_of(Thread& thread, Borrowed<Tuple> arguments) {
  if (arguments->size == 0) return raise<TypeError>(thread, "Cannot take a Union of no types.");
  Ref<List> members = TRY(list_create(thread));
  for (Word i = 0; i < arguments->size; ++i) TRY(add_member(thread, members, arguments->item(i)));
  Ref<Tuple> packed = TRY(list_to_tuple(thread, members));
  if (packed->size == 1) return share(thread, packed->item(0));
  AnyRef made = TRY(allocate_instance(thread, Union_type.type));
  Union* self = static_cast<Union*>(made.get());
  slot_init(self, self->arguments, std::move(packed));
  return made;
}

AnyResult union_create(Thread& thread, Any left, Any right) {
  bool joined = is_union(left) || is_union(right);
  if (!joined && (!joins(thread, left) || !joins(thread, right))) return not_implemented();
  Ref<Tuple> both = TRY(tuple_of(thread, {left.value(), right.value()}));
  return union_of(thread, both);
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult Union_repr(Thread& thread, Borrowed<Union> self) {
  StrBuilder text(thread);
  Borrowed<Tuple> arguments = self->arguments.borrow();
  for (Word i = 0; i < arguments->size; ++i) {
    if (i) TRY(text.append(std::string_view(" | ")));
    Ref<Str> item = TRY(type_argument_repr(thread, arguments->item(i)));
    TRY(text.append(item.borrow()));
  }
  return text.finish();
}

static Result<Word> Union_hash(Thread& thread, Borrowed<Union> self) {
  Ref<Set> members = TRY(frozenset_from(thread, self->arguments.borrow()));
  return hash(thread, members);
}

static Result<bool> holds(Thread& thread, Borrowed<Tuple> members, Any item) {
  for (Word i = 0; i < members->size; ++i) {
    if (TRY(equal(thread, members->item(i), item))) return true;
  }
  return false;
}
static AnyResult Union_eq(Thread& thread, Borrowed<Union> self, Any other) {
  if (!is_union(other)) return not_implemented();
  Borrowed<Tuple> mine = self->arguments.borrow(),
                  theirs = static_cast<Union*>(other.object())->arguments.borrow();
  if (mine->size != theirs->size) return truth(false);
  for (Word i = 0; i < mine->size; ++i) {  // neither holds anything twice
    if (!TRY(holds(thread, theirs, mine->item(i)))) return truth(false);
  }
  return truth(true);
}

static AnyResult Union_or(Thread& thread, Any left, Any right) {
  return union_create(thread, left, right);
}
static AnyResult Union_ror(Thread& thread, Any self, Any other) {
  return union_create(thread, other, self);
}

static Result<Ref<Tuple>> parameters_of(Thread& thread, Borrowed<Union> self) {
  Maybe<Ref<Tuple>> known = field_load(thread, self.get(), self->parameters);
  if (known) return known.take();
  Ref<Tuple> parameters = TRY(type_parameters(thread, self->arguments.borrow()));
  slot_write(thread, self.get(), self->parameters, Ref<Tuple>::share(thread, parameters));
  return parameters;
}

static AnyResult Union_getitem(Thread& thread, Borrowed<Union> self, Any subscript) {
  Ref<Tuple> parameters = TRY(parameters_of(thread, self));
  Ref<Tuple> arguments =
      TRY(substitute(thread, self, self->arguments.borrow(), parameters, subscript));
  return union_of(thread, arguments);
}

static Result<bool> Union_instancecheck(Thread& thread, Borrowed<Union> self, Any instance) {
  Borrowed<Tuple> arguments = self->arguments.borrow();
  for (Word i = 0; i < arguments->size; ++i) {
    if (TRY(is_instance(thread, instance, arguments->item(i)))) return true;
  }
  return false;
}
static Result<bool> Union_subclasscheck(Thread& thread, Borrowed<Union> self, Any derived) {
  if (!is_type(derived)) return raise<TypeError>(thread, "issubclass() arg 1 must be a class");
  Borrowed<Tuple> arguments = self->arguments.borrow();
  for (Word i = 0; i < arguments->size; ++i) {
    if (TRY(is_subclass(thread, derived, arguments->item(i)))) return true;
  }
  return false;
}

static AnyResult Union_mro_entries(Thread& thread, Borrowed<Union> self, Any) {
  return raise<TypeError>(thread, "Cannot subclass {}", repr_of(self));
}
static AnyResult Union_class_getitem(Thread& thread, Borrowed<Type>, Any arguments) {
  if (is_tuple(arguments)) return union_of(thread, Borrowed<Tuple>(arguments.value()));
  Ref<Tuple> one = TRY(tuple_of(thread, {arguments.value()}));
  return union_of(thread, one);
}

static AnyResult Union_args(Thread& thread, Borrowed<Union> self) {
  return share(thread, self->arguments.borrow());
}
static AnyResult Union_parameters(Thread& thread, Borrowed<Union> self) {
  return parameters_of(thread, self);
}
static AnyResult Union_origin(Thread& thread, Any) { return share(thread, Union_type.type); }
static AnyResult Union_name(Thread& thread, Any) { return share(thread, NAME("Union")); }

static const Layout Union_layout{"Union", sizeof(Union), true,
                                 trace_fields<Union, &Union::arguments, &Union::parameters>,
                                 nullptr};
static const SlotEntry Union_slots[] = {
    slot<SlotId::repr, Union_repr>(), slot<SlotId::hash, Union_hash>(),
    slot<SlotId::eq, Union_eq>(),     slot<SlotId::getitem, Union_getitem>(),
    slot<SlotId::or_, Union_or>(),    slot<SlotId::ror, Union_ror>(),
};
static constexpr Method Union_methods[] = {
    method<Union_instancecheck>("__instancecheck__(instance, /)"),
    method<Union_subclasscheck>("__subclasscheck__(cls, /)"),
    method<Union_mro_entries>("__mro_entries__(bases, /)"),
    class_method<Union_class_getitem>("__class_getitem__(args, /)"),
};
static const GetSet Union_getsets[] = {
    getter<Union_args>("__args__"),
    getter<Union_name>("__name__", "Name of the type"),
    getter<Union_name>("__qualname__", "Qualified name of the type"),
    getter<Union_origin>("__origin__", "Always returns the type"),
    getter<Union_parameters>("__parameters__", "Type variables in the types.UnionType."),
};
extern const TypeSpec Union_spec;
const TypeSpec Union_spec{
    .name = "typing.Union",
    .doc = "Represent a union type\n\nE.g. for int | str",
    .flags = kTypeImmutable | kTypeDisallowNew | kTypeWeakrefable,
    .layout = &Union_layout,
    .slots = Union_slots,
    .methods = Union_methods,
    .getsets = Union_getsets,
};

}  // namespace dx
