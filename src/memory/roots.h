#pragma once
// SharedRoot: the container that slots outside of any object name (a module table, an intern table,
// a thread's start arguments), so that the slot functions treat them as shared. It is immortal and
// owned by no thread.

#include "memory/slots.h"

namespace dx {

struct SharedRoot : Object {
  SharedRoot() {
    counts.store(kImmortalCounts, std::memory_order_relaxed);
    owner.store(0, std::memory_order_relaxed);
    shape_id.store(0, std::memory_order_relaxed);
    flags.store(0, std::memory_order_relaxed);
    lock.store(0, std::memory_order_relaxed);
  }
};
inline SharedRoot shared_root;

}  // namespace dx
