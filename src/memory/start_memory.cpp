#include "memory/start_memory.h"

#include <sys/mman.h>

#include <cstring>

namespace dx {

thread_local constinit bool start_arena_is_open __attribute__((tls_model("initial-exec"))) = false;

namespace {

// Before every block: its size, of which the free lists and realloc speak.
struct BlockHeader {
  size_t bytes;
  BlockHeader* next_free;
};
static_assert(sizeof(BlockHeader) == 16);
constexpr size_t kStep = 16, kListed = 1024, kSystemPage = 4096;

char* arena_next;  // null until the arena was opened
char* arena_end;
BlockHeader* free_blocks[kListed / kStep + 1];

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kFixedAddresses = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kFixedAddresses = false;
#else
constexpr bool kFixedAddresses = true;
#endif
#else
constexpr bool kFixedAddresses = true;
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0
#endif

}  // namespace

void* reserve_at(uintptr_t wanted, size_t bytes, int protection, int more_flags) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | more_flags;
  if (kFixedAddresses && MAP_FIXED_NOREPLACE) {
    void* mapped = mmap(reinterpret_cast<void*>(wanted), bytes, protection,
                        flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (mapped == reinterpret_cast<void*>(wanted)) return mapped;
    if (mapped != MAP_FAILED) munmap(mapped, bytes);  // an old system takes the address for a wish
  }
  void* mapped = mmap(nullptr, bytes, protection, flags, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

bool start_arena_open() {
  void* mapped = reserve_at(kArenaAddress, kArenaBytes, PROT_READ | PROT_WRITE, MAP_NORESERVE);
  if (mapped != reinterpret_cast<void*>(kArenaAddress)) {
    if (mapped) munmap(mapped, kArenaBytes);
    return false;
  }
  arena_next = static_cast<char*>(mapped);
  arena_end = arena_next + kArenaBytes;
  start_arena_is_open = true;
  return true;
}

void start_arena_close() { start_arena_is_open = false; }

size_t start_arena_used() {
  return arena_next ? static_cast<size_t>(reinterpret_cast<uintptr_t>(arena_next) - kArenaAddress)
                    : 0;
}

void* start_arena_take(size_t bytes) {
  if (bytes > kArenaBytes) return nullptr;
  bytes = bytes ? (bytes + kStep - 1) & ~(kStep - 1) : kStep;
  BlockHeader** list = bytes <= kListed ? &free_blocks[bytes / kStep] : nullptr;
  if (list && *list) {
    BlockHeader* block = *list;
    *list = block->next_free;
    block->next_free = nullptr;
    return block + 1;
  }
  if (static_cast<size_t>(arena_end - arena_next) < bytes + sizeof(BlockHeader)) return nullptr;
  auto* block = reinterpret_cast<BlockHeader*>(arena_next);
  arena_next += bytes + sizeof(BlockHeader);
  block->bytes = bytes;
  return block + 1;
}

void* start_arena_take_aligned(size_t alignment, size_t bytes) {
  if (alignment <= kStep) return start_arena_take(bytes);
  if (bytes > kArenaBytes || alignment > kSystemPage) return nullptr;
  bytes = bytes ? (bytes + kStep - 1) & ~(kStep - 1) : kStep;
  uintptr_t block =
      (reinterpret_cast<uintptr_t>(arena_next) + sizeof(BlockHeader) + alignment - 1) &
      ~(alignment - 1);
  if (block + bytes > reinterpret_cast<uintptr_t>(arena_end)) return nullptr;
  auto* header = reinterpret_cast<BlockHeader*>(block) - 1;
  header->bytes = bytes;
  arena_next = reinterpret_cast<char*>(block + bytes);
  return header + 1;
}

void start_arena_give(void* memory) {
  if (!start_arena_is_open) return;
  BlockHeader* block = static_cast<BlockHeader*>(memory) - 1;
  std::memset(memory, 0, block->bytes);
  if (static_cast<char*>(memory) + block->bytes == arena_next) {
    arena_next = reinterpret_cast<char*>(block);
    block->bytes = 0;
    return;
  }
  if (block->bytes > kListed) return;
  block->next_free = free_blocks[block->bytes / kStep];
  free_blocks[block->bytes / kStep] = block;
}

size_t start_arena_block_bytes(const void* memory) {
  return (static_cast<const BlockHeader*>(memory) - 1)->bytes;
}

}  // namespace dx
