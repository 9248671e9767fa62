#pragma once
// Allocation of objects and of raw buffers, retiring, and what the collector needs to know about
// pages.
//
// Objects live in pages of one block size and one kind (leaf: holds no references, never scanned;
// traced). Buffers (list storage, dict tables) come from pages of their own kind. Page metadata
// holds allocation and mark bits. Freeing: what only this thread could reach is reused at once;
// what other threads may still read is *retired* and reused after every thread passed a safepoint
// (memory/epoch.h). Retired blocks stay intact until then.

#include "memory/thread.h"

namespace dx {

enum class PageKind : uint8_t { leaf, traced, buffer };

// A block with its header set (counts 1/1, owner, shape) and a zeroed payload; null when memory is
// short (the caller returns raise_memory_error(thread)). Never runs Python and never collects.
Object* allocate_object(Thread& thread, size_t bytes, ShapeId shape, PageKind kind);
// The same with the payload left as it is: the caller fills every slot before any safepoint.
Object* allocate_object_uninitialized(Thread& thread, size_t bytes, ShapeId shape, PageKind kind);

// Returns an object's block (after its fields are gone): at once when it is this thread's, retired
// otherwise.
void free_object(Thread& thread, Object* object);

// Raw 8-aligned memory, contents undefined; null when memory is short.
void* allocate_buffer(Thread& thread, size_t bytes);
// The bytes really usable in a buffer (its block size).
size_t buffer_capacity(const void* buffer);
void free_buffer(Thread& thread, void* buffer);  // nobody else can be reading it
void retire_buffer(Thread& thread,
                   void* buffer);  // other threads may be: reused after the grace period

size_t object_block_size(const Object* object);

// Every live object once, counted while the visitor looks at it. Stops all other threads meanwhile.
using HeapVisitor = void (*)(void* state, Thread& thread, Object* object);
void heap_walk(Thread& thread, HeapVisitor visitor, void* state);

struct HeapStatistics {
  uint64_t live_bytes, live_blocks, reserved_bytes, retired_bytes;
};
HeapStatistics heap_statistics();

}  // namespace dx

#include "memory/heap_inline.h"  // the fast paths of allocate_object, allocate_buffer and free_object
