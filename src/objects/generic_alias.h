#pragma once
// types.GenericAlias (list[int]) and typing.Union (int | str): the types that subscripting and
// joining types make. type_parameters and substitute are what both do with type variables inside.

#include "objects/native.h"
#include "objects/protocol.h"
#include "objects/tuple.h"

namespace dx {

struct GenericAlias : Object {
  Field<Object> origin;
  Field<Tuple> arguments;
  Field<Tuple> parameters;  // empty until asked for
  bool starred;             // *tuple[int, str]
};
extern TypeHandle GenericAlias_type, generic_alias_iterator_type, Union_type;

// origin[arguments]; arguments that are no tuple become a tuple of one.
AnyResult generic_alias_create(Thread& thread, Any origin, Any arguments);
// For `class_method<class_getitem>("__class_getitem__(object, /)")` in the tables of generic
// builtins.
AnyResult class_getitem(Thread& thread, Borrowed<Type> type, Any arguments);

struct Union : Object {
  Field<Tuple> arguments;
  Field<Tuple> parameters;  // empty until asked for
};
// The union of all these: nested ones are flattened, equal ones dropped; None stands for its type,
// text for a ForwardRef.
AnyResult union_of(Thread& thread, Borrowed<Tuple> arguments);

// The type variables in arguments, each once, in order.
Result<Ref<Tuple>> type_parameters(Thread& thread, Borrowed<Tuple> arguments);
// arguments with parameters replaced by the items of `subscript`, as owner[subscript] wants it.
Result<Ref<Tuple>> substitute(Thread& thread, Any owner, Borrowed<Tuple> arguments,
                              Borrowed<Tuple> parameters, Any subscript);
// How an argument is shown inside [...].
Result<Ref<Str>> type_argument_repr(Thread& thread, Any argument);

}  // namespace dx
