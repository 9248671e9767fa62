#pragma once
// + and * of sequences. CPython asks the other operand's number slots (__radd__, __rmul__) before it concatenates or
// repeats, and its own wording ends the search; so a sequence's slot asks them itself and then raises.

#include "objects/type.h"

namespace dx {

// other's reflected operator, or kNotImplemented.
template <SlotId id>
AnyResult reflected(Thread& thread, Any self, Any other) {
  auto function = type_of(other)->slot<id>();
  if (function == nullptr || type_of(other) == type_of(self)) return AnyRef::adopt(kNotImplemented);
  return function(thread, other, self);
}

}  // namespace dx
