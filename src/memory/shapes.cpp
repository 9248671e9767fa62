// The shape table: reserved address space, made writable in steps as ids are given out, so entries
// never move.

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "memory/layout.h"
#include "memory/safepoint.h"
#include "memory/start_memory.h"

namespace dx {

Shape* shape_table;

namespace {
constexpr size_t kMostShapes = size_t{1} << 22;
constexpr size_t kFewestShapes = size_t{1} << 16;
constexpr size_t kShapesPerStep = 1024;  // 64 KiB
std::mutex shapes_lock;
size_t shapes_limit;     // ids below have reserved address space
size_t shapes_usable;    // ids below have writable entries
size_t shapes_used = 1;  // id 0 is no shape
}  // namespace

void shapes_reserve() {
  if (shape_table) return;
  for (size_t count = kMostShapes; count >= kFewestShapes; count /= 2) {
    void* mapped = reserve_at(kShapesAddress, count * sizeof(Shape), PROT_NONE);
    if (!mapped) continue;
    shape_table = static_cast<Shape*>(mapped);
    shapes_limit = count;
    return;
  }
  std::fprintf(stderr,
               "dx-py: cannot reserve %zu MiB of address space for shapes; "
               "raise the limit on virtual memory (ulimit -v)\n",
               kFewestShapes * sizeof(Shape) >> 20);
  std::exit(1);
}

bool shapes_start_piece(StartPiece& piece) {
  piece = {kShapesAddress, shapes_limit * sizeof(Shape), shapes_usable * sizeof(Shape),
           shapes_used * sizeof(Shape)};
  return reinterpret_cast<uintptr_t>(shape_table) == kShapesAddress;
}

ShapeId shape_allocate() {
  std::lock_guard<std::mutex> guard(shapes_lock);
  if (shapes_used == shapes_limit) return 0;
  if (shapes_used >= shapes_usable) {
    if (mprotect(shape_table + shapes_usable, kShapesPerStep * sizeof(Shape),
                 PROT_READ | PROT_WRITE) != 0)
      return 0;
    shapes_usable += kShapesPerStep;
  }
  size_t id = shapes_used++;
  shape_table[id].id = static_cast<uint32_t>(id);
  return static_cast<ShapeId>(id);
}

}  // namespace dx
