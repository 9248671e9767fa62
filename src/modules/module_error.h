#pragma once
// The exception classes of native modules (zlib.error, csv.Error): made like those of a class
// statement, once a process, and immortal.

#include "objects/module.h"
#include "objects/tuple.h"

namespace dx {

// Puts the class `name` of `module_name` into the module; makes it when `type` is still null.
// Requires: the module's import lock is held, as it is in `initialize`.
inline Result<void> module_error(Thread& thread, Borrowed<Module> module, const char* module_name,
                                 const char* name, Type* base, Type*& type) {
  if (!type) {
    Ref<Tuple> bases = TRY(tuple_of(thread, {Value(static_cast<Object*>(base))}));
    Ref<Dict> body = TRY(dict_create(thread));
    Ref<Str> where = TRY(str_intern_ascii(thread, module_name));
    TRY(dict_set_str(thread, body, NAME("__module__"), where));
    Ref<Str> class_name = TRY(str_intern_ascii(thread, name));
    AnyRef made = TRY(call(thread, Any(Value(static_cast<Object*>(TYPE(type)))),
                           {class_name.value(), bases.value(), body.value()}));
    type = static_cast<Type*>(made.release().object());
    make_immortal(type);
  }
  return module_set(thread, module, name, Any(Value(static_cast<Object*>(type))));
}

}  // namespace dx
