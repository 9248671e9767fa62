#pragma once
// Type parameters and aliases (PEP 695, 696): typing.TypeVar, ParamSpec, TypeVarTuple,
// TypeAliasType and Generic, which the compiler makes for `def f[T]`, `class C[T]` and `type X =
// ...`, and which typing gets from the module _typing.
//
// Bounds, constraints, defaults and values are evaluated when first asked for: the object keeps an
// evaluator, a function called with the format of annotationlib (1: the value), and the value once
// it is known. What is more than a container is asked of the library's typing module (substitution,
// subscripts of Generic), which is imported then.

#include "objects/dict.h"

namespace dx {

AnyResult typevar_create(Thread& thread, Any name, MaybeAny bound_evaluator,
                         MaybeAny constraints_evaluator);
AnyResult paramspec_create(Thread& thread, Any name);
AnyResult typevartuple_create(Thread& thread, Any name);
AnyResult type_parameter_default(Thread& thread, Any parameter,
                                 Any evaluator);              // returns parameter
AnyResult generic_subscript(Thread& thread, Any parameters);  // typing.Generic[parameters]
AnyResult type_alias_create(Thread& thread,
                            Any parts);  // (name, type parameters or None, evaluator)

extern TypeHandle TypeVar_type, ParamSpec_type, TypeVarTuple_type, ParamSpecArgs_type,
    ParamSpecKwargs_type, TypeAliasType_type, Generic_type, NoDefault_type;
Result<void> typing_ready(Thread& thread);  // makes the types; idempotent
AnyResult no_default(Thread& thread);       // the singleton typing.NoDefault

// sys.__dict__ of the current interpreter.
Result<Ref<Dict>> sys_dict(Thread& thread);

}  // namespace dx
