#pragma once
// Warnings from C++: through the warnings module's filters (modules/_warnings.cpp).

#include "objects/protocol.h"

namespace dx {

// warnings.warn_explicit(message, category, filename, line).
Result<void> warn_explicit(Thread& thread, Type* category, Any message, Borrowed<Str> filename,
                           Word line);

// ResourceWarning about `source`, where the running Python code is.
Result<void> warn_resource(Thread& thread, Any message, Any source);

}  // namespace dx
