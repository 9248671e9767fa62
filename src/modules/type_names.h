#pragma once
// A type's name as error messages with CPython's %T print it: "package.module.Outer.Inner", without
// the module for builtins and the main program.

#include "objects/errors.h"
#include "objects/protocol.h"
#include "objects/str.h"

namespace dx {

// Of object's type. Never raises: falls back to the bare name.
inline Ref<Str> full_type_name(Thread& thread, Any object) {
  Type* type = type_of(object);
  Ref<Str> plain = Ref<Str>::share(thread, type->qualname.borrow());
  AnyLookup module =
      lookup_attr(thread, Any(Value(static_cast<Object*>(type))), NAME("__module__"));
  if (module.raised()) clear_exception(thread);
  if (!module.found() || !is_str(module.value())) return plain;
  Borrowed<Str> name(module.value());
  if (str_equals_ascii(name, "builtins") || str_equals_ascii(name, "__main__")) return plain;
  const FormatArgument parts[] = {FormatArgument(module.borrow()), FormatArgument(plain)};
  AnyResult full = format_text(thread, "{}.{}", parts, 2);
  if (full.raised()) {
    clear_exception(thread);
    return plain;
  }
  return Ref<Str>::adopt(full.release());
}

}  // namespace dx
