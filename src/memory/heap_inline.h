#pragma once
// The fast paths of heap.h: allocating is a pop from the current page's free list, freeing a push
// onto the block's page. Inlined because the interpreter makes floats, tuples and instances all the
// time; with a constant size and kind the size class folds away.

#include <cstring>

#include "memory/counts.h"
#include "memory/heap.h"
#include "memory/heap_pages.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DX_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define DX_ASAN 1
#endif
#ifdef DX_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace dx {

// The first 16 bytes of a block stay readable: walks and free lists use them.
inline void poison_block(void* block, size_t bytes) {
#ifdef DX_HOSTILE
  std::memset(static_cast<char*>(block) + sizeof(FreeBlock), 0xDB, bytes - sizeof(FreeBlock));
#endif
#ifdef DX_ASAN
  __asan_poison_memory_region(static_cast<char*>(block) + sizeof(FreeBlock),
                              bytes - sizeof(FreeBlock));
#endif
}
inline void unpoison_block(void* block, size_t bytes) {
#ifdef DX_ASAN
  __asan_unpoison_memory_region(block, bytes);
#endif
}

inline void* take_block(Thread& thread, size_t bytes, PageKind kind) {
#ifdef DX_HOSTILE
  if (hostile_allocation_fails()) return nullptr;
#endif
  if (__builtin_expect(bytes <= kMaxSmallBytes, 1)) {
    Page* page = thread.heap->current[static_cast<uint8_t>(kind)][size_class(bytes)];
    FreeBlock* block = page->free;
    if (__builtin_expect(block != nullptr, 1)) {
      page->free = block->next;
      unpoison_block(block, kind == PageKind::buffer ? block_bytes(page) : bytes);
      return block;
    }
  }
  return take_block_slow(thread, bytes, static_cast<uint8_t>(kind));
}

inline Object* allocate_object_uninitialized(Thread& thread, size_t bytes, ShapeId shape,
                                             PageKind kind) {
  void* block = take_block(thread, bytes, kind);
  if (__builtin_expect(block == nullptr, 0)) return nullptr;
  if (kind == PageKind::traced) ++thread.container_growth;
  Object* object = static_cast<Object*>(block);
  // Shape, owner, flags and lock in one store; the counts last, because a strong half above 0 is
  // what makes it an object.
  __atomic_store_n(reinterpret_cast<uint64_t*>(&object->shape_id),
                   static_cast<uint64_t>(shape) | static_cast<uint64_t>(thread.new_owner) << 32,
                   __ATOMIC_RELAXED);
  object->counts.store(kFreshCounts, std::memory_order_release);
  return object;
}

inline Object* allocate_object(Thread& thread, size_t bytes, ShapeId shape, PageKind kind) {
  Object* object = allocate_object_uninitialized(thread, bytes, shape, kind);
  if (__builtin_expect(object != nullptr, 1)) {
    std::memset(reinterpret_cast<char*>(object) + sizeof(Object), 0, bytes - sizeof(Object));
  }
  return object;
}

// The block is free: what comes next in it is young. Most blocks die young, so nothing is written
// for them.
inline void forget_age(Page* page, void* block) {
  PageMarks* marks = page->marks;
  size_t index = block_index(page, block);
  uint64_t bit = uint64_t{1} << (index % 64);
  uint64_t& survived_one = marks->bits[index / 64];
  if (__builtin_expect((survived_one & bit) == 0, 1)) return;  // who survived twice survived once
  survived_one &= ~bit;
  marks->bits[marks->words + index / 64] &= ~bit;
}

// A block that nobody else can be reading, back to its page. Requires: its strong count is 0, or it
// is no object.
inline void free_block(Thread& thread, void* memory) {
  Page* page = page_of(memory);
  thread.container_growth -= page->is_traced;
  if (__builtin_expect(page->heap.load(std::memory_order_relaxed) != thread.heap, 0)) {
    return free_block_slow(thread, page, memory);
  }
  poison_block(memory, block_bytes(page));
  if (__builtin_expect(page->marks != nullptr, 0)) forget_age(page, memory);
  FreeBlock* block = static_cast<FreeBlock*>(memory);
  FreeBlock* next = page->free;
  block->counts = 0;
  block->next = next;
  page->free = block;
  if (__builtin_expect((--page->used == 0) | (next == nullptr), 0))
    give_block_slow(page, next != nullptr);
}

void retire_object(Thread& thread, Object* object);

inline void free_object(Thread& thread, Object* object) {
  if (__builtin_expect(is_mine(thread, object), 1)) return free_block(thread, object);
  retire_object(thread, object);
}

inline void* allocate_buffer(Thread& thread, size_t bytes) {
  return take_block(thread, bytes, PageKind::buffer);
}
inline size_t buffer_capacity(const void* buffer) { return block_bytes(page_of(buffer)); }
inline size_t object_block_size(const Object* object) { return block_bytes(page_of(object)); }
inline void free_buffer(Thread& thread, void* buffer) { free_block(thread, buffer); }

}  // namespace dx
