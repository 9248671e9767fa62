#pragma once
// Type parameters and aliases (PEP 695, 696), the native part of typing. Evaluators are functions called when the bound,
// constraints, default or value is first asked for.

#include "objects/dict.h"

namespace dx {

AnyResult typevar_create(Thread& thread, Any name, MaybeAny bound_evaluator, MaybeAny constraints_evaluator);
AnyResult paramspec_create(Thread& thread, Any name);
AnyResult typevartuple_create(Thread& thread, Any name);
AnyResult type_parameter_default(Thread& thread, Any parameter, Any evaluator);  // returns parameter
AnyResult generic_subscript(Thread& thread, Any parameters);                     // typing.Generic[parameters]
AnyResult type_alias_create(Thread& thread, Any parts);                          // (name, type parameters or None, evaluator)
// sys.__dict__ of the current interpreter.
Result<Ref<Dict>> sys_dict(Thread& thread);

}  // namespace dx
