#include "memory/slots.h"

namespace dx {

void range_move(Object* container, Slot* to, Slot* from, size_t n) {
  if (to == from) return;
  if (to < from) {
    for (size_t index = 0; index < n; ++index) {
      to[index].word().store(from[index].raw_relaxed().bits, std::memory_order_release);
    }
  } else {
    for (size_t index = n; index-- > 0;) {
      to[index].word().store(from[index].raw_relaxed().bits, std::memory_order_release);
    }
  }
}

}  // namespace dx
