#pragma once
// Small things that every container type needs.

#include "objects/protocol.h"
#include "objects/str.h"

namespace dx {

// Leaves the repr guard at the end of the scope. Requires: repr_enter said false.
class ReprScope {
 public:
  ReprScope(Thread& thread, Object* object) : thread_(thread), object_(object) {}
  ~ReprScope() { repr_leave(thread_, object_); }
  ReprScope(const ReprScope&) = delete;

 private:
  Thread& thread_;
  Object* object_;
};

// Whether type(object) has __iter__ or the old __getitem__ protocol. No Python.
inline bool has_iter(Any object) {
  Type* type = type_of(object);
  return type->slot<SlotId::iter>() || type->slot<SlotId::getitem>();
}

// Adds a note (PEP 678) to the pending exception; `{}` is the number.
void add_pending_note(Thread& thread, const char* format, Word number);

inline AnyResult not_implemented() { return AnyRef::adopt(kNotImplemented); }
inline AnyResult truth(bool value) { return AnyRef::adopt(bool_value(value)); }

}  // namespace dx
