#pragma once
// weakref.ref and the proxies as Python sees them; the table of references is memory/weakref.h.

#include "memory/weakref.h"
#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

extern TypeHandle weakref_ref_type, weakref_proxy_type, weakref_callable_proxy_type;

inline bool is_weak_proxy(Value value) {
  Type* type = type_of(value);
  return type == weakref_proxy_type.type || type == weakref_callable_proxy_type.type;
}
bool is_weak_ref(Value value);  // weakref.ref or a subclass

// weakref.ref(object, callback) and weakref.proxy(object, callback); TypeError when the type does
// not allow it.
AnyResult weakref_create(Thread& thread, Borrowed<Type> type, Any object, MaybeAny callback);
AnyResult weakref_create_proxy(Thread& thread, Any object, MaybeAny callback);

}  // namespace dx
