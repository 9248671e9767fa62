#pragma once
// Start memory: addresses that are the same in every process, so that what start-up made can be
// written to a file and mapped by the next process where it was (runtime/start_image.h).
//
//   0x1000'0000'0000   arena    what C++ code got from malloc while the arena was open
//   0x1100'0000'0000   shapes   the shape table (memory/shapes.cpp)
//   0x1200'0000'0000   stack    the main thread's VM stack (interpreter/entry.cpp)
//   0x2000'0000'0000   heap     segments of pages (memory/heap.cpp)
//
// When an address is taken (no such address space, a sanitizer's shadow), everything lies where the
// system puts it and there are no start images.
//
// The arena is open on one thread only, from the beginning of start-up until its end. While it is
// open, malloc and its kin take from it (cli/wrapped_malloc.cpp sends them here); a block of the
// arena that is freed later is forgotten. Blocks taken are always zeroed, and freed ones are zeroed
// at once: what a process forgets must not get into a file.

#include <cstddef>
#include <cstdint>

namespace dx {

constexpr uintptr_t kArenaAddress = uintptr_t{0x1000} << 32,
                    kShapesAddress = uintptr_t{0x1100} << 32;
constexpr uintptr_t kStackAddress = uintptr_t{0x1200} << 32, kHeapAddress = uintptr_t{0x2000} << 32;
constexpr size_t kArenaBytes = size_t{64} << 20;

// Private anonymous memory at this address, or anywhere when that one is taken; null when there is
// none.
void* reserve_at(uintptr_t wanted, size_t bytes, int protection, int more_flags = 0);

// One piece of what start-up filled: `used` bytes at `start` are worth keeping, `writable` bytes
// can be written, `reserved` are taken.
struct StartPiece {
  uintptr_t start = 0;
  size_t reserved = 0, writable = 0, used = 0;
};
bool heap_start_piece(StartPiece& piece);    // false: the heap is not (only) at its fixed address
bool shapes_start_piece(StartPiece& piece);  // likewise
// Zeroes, in a copy of the heap's piece, what no block holds.
void heap_scrub(char* copy);

bool start_arena_open();  // false: its address is taken
void start_arena_close();
extern thread_local constinit bool start_arena_is_open __attribute__((tls_model("initial-exec")));
size_t start_arena_used();
inline bool start_arena_has(const void* block) {
  return reinterpret_cast<uintptr_t>(block) - kArenaAddress < kArenaBytes;
}
void* start_arena_take(size_t bytes);  // null: full. Requires: it is open on this thread
void* start_arena_take_aligned(size_t alignment, size_t bytes);
void start_arena_give(void* block);  // any thread, open or not
size_t start_arena_block_bytes(const void* block);

}  // namespace dx
