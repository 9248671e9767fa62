#pragma once
// types.SimpleNamespace: attributes and nothing else; sys.implementation is one.

#include "objects/dict.h"

namespace dx {

extern TypeHandle SimpleNamespace_type;
AnyResult namespace_create(Thread& thread, Borrowed<Dict> attributes);  // copied

}  // namespace dx
