// The cycle collector's part of a safepoint.

#include "memory/heap.h"
#include "memory/heap_pages.h"
#include "memory/safepoint.h"

namespace dx {

void collector_poll(Thread& thread) {
  thread.poll.fetch_and(~kPollGc, std::memory_order_relaxed);
  // Cycles are found from the next change on; until then only counting frees, and the next look is
  // after twice as many.
  collection_due_at.store(collection_due_at.load() * 2);
}

}  // namespace dx
