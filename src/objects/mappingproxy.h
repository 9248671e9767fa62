#pragma once
// types.MappingProxyType: a read-only view of a mapping; what type.__dict__ gives.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct MappingProxy : Object {
  Field<Object> mapping;
};
extern TypeHandle mappingproxy_type;
AnyResult mappingproxy_create(Thread& thread, Any mapping);  // of any mapping, unchecked

}  // namespace dx
