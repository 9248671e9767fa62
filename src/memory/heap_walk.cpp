// heap_walk: all live objects for gc.get_objects, get_referrers, tracemalloc. Threads are stopped
// meanwhile; each object is held by a count of its own, so that nothing the visitor does can free
// it under the walk.

#include "memory/heap.h"
#include "memory/publish.h"
#include "memory/safepoint.h"

namespace dx {

void heap_walk(Thread& thread, HeapVisitor visitor, void* state) {
  struct Walk {
    HeapVisitor visitor;
    void* state;
    Thread& thread;
  } walk{visitor, state, thread};
  StopAll stopped(thread);
  publish_everything_of_others(thread);
  heap_each_page(
      [](void* opaque, Page* page) {
        Walk& walk = *static_cast<Walk*>(opaque);
        page_each_object(page, [&](Object* object, size_t, uint64_t) {
          if (!try_incref(walk.thread, object)) return;
          walk.visitor(walk.state, walk.thread, object);
          decref(walk.thread, object);
        });
      },
      &walk);
}

}  // namespace dx
