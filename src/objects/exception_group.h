#pragma once
// ExceptionGroup (PEP 654): what `except*` needs of it.

#include "objects/exception.h"

namespace dx {

// Splits exception by type (a class or tuple of classes): owned parts, kNone where there is nothing. A plain exception that
// matches is wrapped in a group for `found`. False: raised.
bool exception_group_split(Thread& thread, Any exception, Any type, Value& found, Value& rest);
// What to raise after the bodies of `except*`: raised is the list of exceptions they raised (None: a handled part).
AnyResult exception_group_reraise(Thread& thread, Any original, Any raised);

}  // namespace dx
