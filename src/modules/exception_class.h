#pragma once
// Exception classes that a native module brings along: classes like those of a class statement, so
// that programs may add attributes to them.

#include "objects/native.h"

namespace dx {

// module.name, derived from `base`; immortal. Null: raised.
Type* exception_class(Thread& thread, const char* module, const char* name, Type* base);
// Raises type(number, text of the system's error `number`), as OSError would look, for classes that
// are none.
Raised raise_numbered(Thread& thread, Type* type, int number);

}  // namespace dx
