#pragma once
// Template strings (PEP 750): string.templatelib.Template and Interpolation.

#include "objects/native.h"

namespace dx {

// strings: tuple of str, one more than interpolations (a tuple).
AnyResult template_create(Thread& thread, Any strings, Any interpolations);
// conversion: 0 none, 1 str, 2 repr, 3 ascii.
AnyResult interpolation_create(Thread& thread, Any value, Any expression, unsigned conversion,
                               Any format_spec);

}  // namespace dx
