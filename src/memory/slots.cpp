#include "memory/slots.h"

#include "memory/safepoint.h"

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

Value slot_exchange_shared(Thread& thread, Slot& slot, Value owned) {
  publish(thread, owned);
  return Value{slot.word().exchange(owned.bits, std::memory_order_acq_rel)};
}

bool slot_fill_shared(Thread& thread, Slot& slot, Value owned) {
  publish(thread, owned);
  uint64_t empty = Value{}.bits;
  return slot.word().compare_exchange_strong(empty, owned.bits, std::memory_order_acq_rel,
                                             std::memory_order_acquire);
}

#ifdef DX_DEBUG
void check_published(const Object* container, Value value) {
  if (!is_counted(value) || !threads_are_shared()) return;
  const uint16_t owner = container->owner.load(std::memory_order_relaxed);
  if (is_live_tag(owner)) return;
  if (is_live_tag(value.object()->owner.load(std::memory_order_relaxed)))
    store_not_published(container, value.object());
}
#endif

}  // namespace dx
