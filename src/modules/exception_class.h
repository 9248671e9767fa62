#pragma once
// Exception classes that a native module brings along: classes like those of a class statement, so
// that programs may add attributes to them; once a process, and immortal.

#include "objects/module.h"

namespace dx {

// Puts the class `name`, derived from `base`, into the module; makes it when `type` is still null.
// Requires: the module's import lock is held, as it is in `initialize`.
Result<void> exception_class(Thread& thread, Borrowed<Module> module, const char* module_name,
                             const char* name, Type* base, Type*& type);
// Raises type(number, text of the system's error `number`), as OSError would look, for classes that
// are none.
Raised raise_numbered(Thread& thread, Type* type, int number);

}  // namespace dx
