// _types: the builtin types that have no name in builtins. types.py takes them from here.
// Not here: CapsuleType, which belongs to the C API.

#include "objects/generic_alias.h"
#include "objects/mappingproxy.h"
#include "objects/module.h"
#include "objects/namespace.h"

namespace dx {

static Result<void> initialize(Thread& thread, Borrowed<Module> module) {
  const struct {
    const char* name;
    Type* type;
  } kTypes[] = {
      {"AsyncGeneratorType", TYPE(async_generator)},
      {"BuiltinFunctionType", TYPE(builtin_function_or_method)},
      {"BuiltinMethodType", TYPE(builtin_function_or_method)},
      {"CellType", TYPE(cell)},
      {"ClassMethodDescriptorType", TYPE(classmethod_descriptor)},
      {"CodeType", TYPE(code)},
      {"CoroutineType", TYPE(coroutine)},
      {"EllipsisType", TYPE(ellipsis)},
      {"FrameType", TYPE(frame)},
      {"FunctionType", TYPE(function)},
      {"GeneratorType", TYPE(generator)},
      {"GenericAlias", GenericAlias_type},
      {"GetSetDescriptorType", TYPE(getset_descriptor)},
      {"LambdaType", TYPE(function)},
      {"MappingProxyType", mappingproxy_type},
      {"MemberDescriptorType", TYPE(member_descriptor)},
      {"MethodDescriptorType", TYPE(method_descriptor)},
      {"MethodType", TYPE(method)},
      {"MethodWrapperType", TYPE(method_wrapper)},
      {"ModuleType", TYPE(module)},
      {"NoneType", TYPE(NoneType)},
      {"NotImplementedType", TYPE(NotImplementedType)},
      {"SimpleNamespace", SimpleNamespace_type},
      {"TracebackType", TYPE(traceback)},
      {"UnionType", Union_type},
      {"WrapperDescriptorType", TYPE(wrapper_descriptor)},
  };
  for (auto& [name, type] : kTypes) TRY(module_set(thread, module, name, type));
  return {};
}

extern const ModuleSpec _types_module;
const ModuleSpec _types_module{
    .name = "_types", .doc = "Define names for built-in types.", .initialize = initialize};

}  // namespace dx
