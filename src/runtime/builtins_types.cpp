// The builtin types without fixed ids.

#include "objects/str.h"
#include "runtime/builtins_class.h"

namespace dx {

extern TypeHandle enumerate_type, reversed_type, zip_type, map_type, filter_type;

Result<void> builtins_add_iterators(Thread& thread, Borrowed<Module> module) {
  for (TypeHandle* handle : {&enumerate_type, &reversed_type, &zip_type, &map_type, &filter_type}) {
    TRY(dict_set_str(thread, module_dict(thread, module), handle->type->name.borrow(),
                     Any(Value(handle->type))));
  }
  return {};
}

}  // namespace dx
