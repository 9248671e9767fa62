// The builtin types without fixed ids, and compile()'s dealings with syntax trees.

#include "objects/str.h"
#include "runtime/builtins_class.h"

namespace dx {

extern TypeHandle enumerate_type, reversed_type, zip_type, map_type, filter_type;

Result<void> builtins_add_iterators(Thread& thread, Borrowed<Module> module) {
  for (TypeHandle* handle : {&enumerate_type, &reversed_type, &zip_type, &map_type, &filter_type}) {
    TRY(dict_set_str(thread, module_dict(thread, module), handle->type->name.borrow(), Any(Value(handle->type))));
  }
  return {};
}

AnyLookup compile_ast_hook(Thread& thread, Any source, Borrowed<Str>, Borrowed<Str> mode, Word flags, const SourceOptions&) {
  constexpr Word kOnlyAst = 0x400;
  if ((flags & kOnlyAst) || str_equals_ascii(mode, "func_type")) {
    return raise<NotImplementedError>(thread, "dx-py: compile() to a syntax tree (the _ast module) is not there yet");
  }
  return AnyLookup::absent();
}

}  // namespace dx
