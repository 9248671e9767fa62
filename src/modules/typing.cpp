// _typing: the types that typing shares with the compiler.

#include "objects/typing.h"

#include "objects/generic_alias.h"
#include "objects/module.h"

namespace dx {

namespace {

AnyRef typing_idfunc(Thread& thread, Any argument) { return share(thread, argument); }

Result<void> typing_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(typing_ready(thread));
  for (TypeHandle* type :
       {&TypeVar_type, &ParamSpec_type, &TypeVarTuple_type, &ParamSpecArgs_type,
        &ParamSpecKwargs_type, &TypeAliasType_type, &Generic_type, &Union_type}) {
    Ref<Str> name = Ref<Str>::share(thread, type->type->name.borrow());
    Ref<Dict> dict = module_dict(thread, module);
    TRY(dict_set_str(thread, dict, name, Any(Value(type->type))));
  }
  AnyRef absent = TRY(no_default(thread));
  return module_set(thread, module, "NoDefault", absent);
}

constexpr Method typing_functions[] = {function<typing_idfunc>("_idfunc(object, /)")};

}  // namespace

extern const ModuleSpec _typing_module{.name = "_typing",
                                       .doc = "Primitives and accelerators for the typing module.",
                                       .functions = typing_functions,
                                       .initialize = typing_initialize};

}  // namespace dx
