// malloc and its kin as this program's own code calls them (the linker sends them here,
// cmake/start_image.cmake): from the start arena while that is open on this thread, else the C
// library's. The C library's own calls do not pass here.

#include <cstdlib>
#include <cstring>

#include "memory/start_memory.h"

extern "C" {

void* __real_malloc(size_t bytes);
void* __real_calloc(size_t count, size_t bytes);
void* __real_realloc(void* block, size_t bytes);
void __real_free(void* block);
void* __real_aligned_alloc(size_t alignment, size_t bytes);

void* __wrap_aligned_alloc(size_t alignment, size_t bytes) {
  if (__builtin_expect(dx::start_arena_is_open, 0)) {
    if (void* block = dx::start_arena_take_aligned(alignment, bytes)) return block;
  }
  return __real_aligned_alloc(alignment, bytes);
}

void* __wrap_malloc(size_t bytes) {
  if (__builtin_expect(dx::start_arena_is_open, 0)) {
    if (void* block = dx::start_arena_take(bytes)) return block;
  }
  return __real_malloc(bytes);
}

void* __wrap_calloc(size_t count, size_t bytes) {
  size_t total;
  if (__builtin_expect(dx::start_arena_is_open, 0) &&
      !__builtin_mul_overflow(count, bytes, &total)) {
    if (void* block = dx::start_arena_take(total)) return block;  // zeroed
  }
  return __real_calloc(count, bytes);
}

void __wrap_free(void* block) {
  if (__builtin_expect(dx::start_arena_has(block), 0)) return dx::start_arena_give(block);
  __real_free(block);
}

void* __wrap_realloc(void* block, size_t bytes) {
  if (!block) return __wrap_malloc(bytes);
  if (__builtin_expect(!dx::start_arena_has(block), 1)) return __real_realloc(block, bytes);
  size_t held = dx::start_arena_block_bytes(block);
  if (bytes != 0 && bytes <= held) return block;
  void* moved = __wrap_malloc(bytes);
  if (!moved) return nullptr;
  std::memcpy(moved, block, held < bytes ? held : bytes);
  dx::start_arena_give(block);
  return moved;
}

}  // extern "C"
