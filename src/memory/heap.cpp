// The page heap behind heap.h: segments and spans for everybody (under one lock, once per 16 KiB),
// bins for each thread (no lock). Numbered rules for whoever edits it:
//   1. Only the owning heap's thread touches a span's free list, `used` and list membership. A heap
//   without a thread is
//      touched under idle_lock or inside stop_all.
//   2. Every block of an object span below `extended` has a valid first word: strong half 0 unless
//   it is an object.
//   3. pool_lock guards segments, page states and nothing else; it is never held while another lock
//   is taken, while
//      memory is touched that a bin owns, or at a safepoint.
//   4. Nothing here runs Python or collects; short memory is a null pointer.

#include "memory/heap.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "memory/epoch.h"
#include "memory/safepoint.h"
#include "memory/start_memory.h"

#ifdef DX_ASAN
#include <sanitizer/lsan_interface.h>
#endif

namespace dx {

std::atomic<int64_t> container_growth_total{0};
#ifdef DX_HOSTILE
std::atomic<int64_t> collection_due_at{1};
std::atomic<int64_t> hostile_allocations_left{-1};
constexpr size_t kExtendBytes = 1;  // one block at a time
#else
std::atomic<int64_t> collection_due_at{2000};
constexpr size_t kExtendBytes = 4096;  // a system page at a time, so that small programs stay small
#endif

uintptr_t heap_region_start = 0;
uintptr_t heap_region_bytes = 0;

namespace {

// ---- the pool of pages --------------------------------------------------------------------------
constexpr size_t kSmallestRegion = size_t{256} << 20;
#if defined(DX_ASAN) || defined(__SANITIZE_THREAD__)
constexpr size_t kLargestRegion = size_t{64} << 30;
#else
constexpr size_t kLargestRegion = size_t{1} << 40;
#endif
constexpr size_t kDirtyPagesKept =
    256;  // 4 MiB of freed pages stay mapped, or an eighth of those in use

std::mutex pool_lock;
char* region_start;
char* region_unused;  // segments from here on were never taken
char* region_end;
Segment* segments;
Segment* available;  // segments with free pages
size_t pages_in_use;
size_t dirty_pages;  // free pages whose memory the system has not got back
size_t reserved_total;
std::atomic<bool> young_anywhere{
    false};  // a traced block with pages of its own was made: look at all spans

// Memory of whole segments at a segment's address, mapped apart from the region; null when the
// system refuses.
char* map_aligned(size_t bytes) {
  size_t span = bytes + kSegmentBytes;
  void* mapped = mmap(nullptr, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  char* start = static_cast<char*>(mapped);
  char* aligned = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(start) + kSegmentBytes - 1) &
                                          ~(kSegmentBytes - 1));
  if (aligned != start) munmap(start, static_cast<size_t>(aligned - start));
  char* end = aligned + bytes;
  if (end != start + span) munmap(end, static_cast<size_t>(start + span - end));
  return aligned;
}

void list_segment(Segment* segment) {
  segment->header.previous = nullptr;
  segment->header.next = segments;
  if (segments) segments->header.previous = segment;
  segments = segment;
}

void unlist_segment(Segment* segment) {
  Segment::Header& header = segment->header;
  if (header.previous)
    header.previous->header.next = header.next;
  else
    segments = header.next;
  if (header.next) header.next->header.previous = header.previous;
}

Segment* new_segment() {
  char* memory = nullptr;
  bool in_region = region_unused < region_end;
  if (in_region) {
    memory = region_unused;
    if (mprotect(memory, kSegmentBytes, PROT_READ | PROT_WRITE) != 0) return nullptr;
    region_unused += kSegmentBytes;
  } else {
    memory = map_aligned(kSegmentBytes);
    if (!memory) return nullptr;
    madvise(memory, kSegmentBytes, MADV_NOHUGEPAGE);
  }
  Segment* segment = reinterpret_cast<Segment*>(memory);
  Segment::Header& header = segment->header;
  for (uint64_t& word : header.free_pages) word = ~uint64_t{0};
  header.free_pages[0] &= ~uint64_t{1};
  header.free_count = kPagesPerSegment - kFirstPage;
  header.in_region = in_region;
  header.is_available = true;
  header.next_available = available;
  available = segment;
  list_segment(segment);
#ifdef DX_ASAN
  __lsan_register_root_region(memory, kSegmentBytes);  // blocks point to memory of malloc
#endif
  reserved_total += kSegmentBytes;
  return segment;
}

bool page_is_free(const Segment* segment, size_t index) {
  return segment->header.free_pages[index / 64] >> (index % 64) & 1;
}

// The first of `count` free pages in a row; 0 when there is no such run.
size_t find_run(const Segment* segment, size_t count) {
  if (count == 1) {
    for (size_t word = 0; word < kPagesPerSegment / 64; ++word) {
      if (segment->header.free_pages[word]) {
        return word * 64 + static_cast<size_t>(__builtin_ctzll(segment->header.free_pages[word]));
      }
    }
    return 0;
  }
  size_t run = 0;
  for (size_t index = kFirstPage; index < kPagesPerSegment; ++index) {
    run = page_is_free(segment, index) ? run + 1 : 0;
    if (run == count) return index + 1 - count;
  }
  return 0;
}

// A run of pages with fresh records, its first as head; null when memory is short. Takes pool_lock.
Page* acquire_span(size_t count) {
  std::lock_guard<std::mutex> guard(pool_lock);
  Segment* segment = nullptr;
  size_t first = 0;
  // Full segments leave the list when they are met, so each is passed once.
  for (Segment** link = &available; *link;) {
    Segment* candidate = *link;
    if (candidate->header.free_count == 0) {
      *link = candidate->header.next_available;
      candidate->header.is_available = false;
      continue;
    }
    if (candidate->header.free_count >= count && (first = find_run(candidate, count)) != 0) {
      segment = candidate;
      break;
    }
    link = &candidate->header.next_available;
  }
  if (!segment) {
    segment = new_segment();
    if (!segment) return nullptr;
    first = find_run(segment, count);
  }
  segment->header.free_count = static_cast<uint16_t>(segment->header.free_count - count);
  for (size_t index = first; index < first + count; ++index) {
    segment->header.free_pages[index / 64] &= ~(uint64_t{1} << (index % 64));
    Page* page = &segment->pages[index];
    if (page->state == PageState::free) --dirty_pages;
    page->back = static_cast<uint8_t>(index - first);
    page->state = PageState::interior;
  }
  pages_in_use += count;
  Page* head = &segment->pages[first];
  head->block_pages = static_cast<uint32_t>(count);
  head->free = nullptr;
  head->next = head->previous = nullptr;
  head->marks = nullptr;
  head->extended = 0;
  head->is_current = head->in_partial = head->young = head->middle = head->sealed = false;
  return head;
}

// Gives the memory of free pages back to the system, keeping the records. Requires: pool_lock.
void purge_dirty_pages() {
  for (Segment* segment = segments; segment; segment = segment->header.next) {
    if (segment->header.huge_pages || segment->header.free_count == 0) continue;
    for (size_t index = kFirstPage; index < kPagesPerSegment;) {
      size_t end = index;
      while (end < kPagesPerSegment && page_is_free(segment, end) &&
             segment->pages[end].state == PageState::free)
        ++end;
      if (end == index) {
        ++index;
        continue;
      }
      char* start = reinterpret_cast<char*>(segment) + index * kPageBytes;
      madvise(start, (end - index) * kPageBytes, MADV_DONTNEED);
      for (; index < end; ++index) segment->pages[index].state = PageState::never_used;
    }
  }
  dirty_pages = 0;
}

// Takes pool_lock.
void release_span(Page* head) {
  std::free(head->marks);
  head->marks = nullptr;
  Segment* segment = segment_of(head);
  size_t count = head->block_pages;
  size_t first = static_cast<size_t>(head - segment->pages);
#ifdef DX_ASAN
  __asan_unpoison_memory_region(page_start(head), count * kPageBytes);
#endif
  std::lock_guard<std::mutex> guard(pool_lock);
  for (size_t index = first; index < first + count; ++index) {
    segment->header.free_pages[index / 64] |= uint64_t{1} << (index % 64);
    segment->pages[index].state = PageState::free;
    segment->pages[index].back = 0;
  }
  segment->header.free_count = static_cast<uint16_t>(segment->header.free_count + count);
  if (!segment->header.is_available) {
    segment->header.is_available = true;
    segment->header.next_available = available;
    available = segment;
  }
  pages_in_use -= count;
  dirty_pages += count;
  if (dirty_pages > kDirtyPagesKept && dirty_pages > pages_in_use / 8) purge_dirty_pages();
}

// ---- blocks with pages of their own -------------------------------------------------------------
void describe_single_block(Page* page, uint8_t kind, uint8_t size_class) {
  page->heap.store(nullptr, std::memory_order_relaxed);
  page->kind = kind;
  page->is_traced = kind == static_cast<uint8_t>(PageKind::traced);
  page->young = page->is_traced;
  page->middle = false;
  if (page->is_traced) young_anywhere.store(true, std::memory_order_relaxed);
  page->size_class = size_class;
  page->capacity = page->extended = 1;
  page->used = 1;
  *reinterpret_cast<uint64_t*>(page_start(page)) = 0;
  std::lock_guard<std::mutex> guard(pool_lock);
  page->state = PageState::head;
}

void* take_large(size_t bytes, uint8_t kind) {
  size_t count = (bytes + kPageBytes - 1) >> kPageShift;
  if (bytes <= kHugeBytes) {
    Page* page = acquire_span(count);
    if (!page) return nullptr;
    describe_single_block(page, kind, kClassLarge);
    return page_start(page);
  }
  if (bytes > (size_t{1} << 46)) return nullptr;
  char* memory = map_aligned((count + kFirstPage) * kPageBytes);
  if (!memory) return nullptr;
  Segment* segment = reinterpret_cast<Segment*>(memory);
  segment->header.huge_pages = static_cast<uint32_t>(count + kFirstPage);
  Page* page = &segment->pages[kFirstPage];
  page->block_pages = static_cast<uint32_t>(count);
  {
    std::lock_guard<std::mutex> guard(pool_lock);
    list_segment(segment);
    reserved_total += (count + kFirstPage) * kPageBytes;
  }
  describe_single_block(page, kind, kClassHuge);
  return page_start(page);
}

void give_large(Page* page) {
  if (page->size_class == kClassLarge) return release_span(page);
  std::free(page->marks);
  Segment* segment = segment_of(page);
  size_t bytes = size_t{segment->header.huge_pages} * kPageBytes;
  {
    std::lock_guard<std::mutex> guard(pool_lock);
    unlist_segment(segment);
    reserved_total -= bytes;
  }
  munmap(segment, bytes);
}

// ---- bins ---------------------------------------------------------------------------------------
Page no_page;  // stands for "no current page": never has a free block

std::mutex idle_lock;
ThreadHeap* idle_heaps;
std::atomic<int> idle_count{0};

void partial_push(ThreadHeap* heap, Page* page) {
  Page*& list = heap->partial[page->kind][page->size_class];
  page->previous = nullptr;
  page->next = list;
  if (list) list->previous = page;
  list = page;
  page->in_partial = true;
}

void partial_remove(ThreadHeap* heap, Page* page) {
  if (page->previous)
    page->previous->next = page->next;
  else
    heap->partial[page->kind][page->size_class] = page->next;
  if (page->next) page->next->previous = page->previous;
  page->in_partial = false;
}

// Links the next untouched blocks of a span. A few at a time: memory that is not needed is never
// touched.
void extend_page(Page* page) {
  size_t bytes = kSizes.bytes[page->size_class];
  size_t count = kExtendBytes / bytes;
  if (count == 0) count = 1;
  if (count > static_cast<size_t>(page->capacity - page->extended))
    count = page->capacity - page->extended;
  char* start = page_start(page) + page->extended * bytes;
  FreeBlock* next = page->free;
  for (size_t index = count; index-- > 0;) {
    FreeBlock* block = reinterpret_cast<FreeBlock*>(start + index * bytes);
    poison_block(block, bytes);
    block->counts = 0;
    block->next = next;
    next = block;
  }
  page->free = next;
  page->extended = static_cast<uint16_t>(page->extended + count);
}

Page* new_page(ThreadHeap* heap, uint8_t kind, size_t klass) {
  size_t count = span_pages(klass);
  Page* page = acquire_span(count);
  if (!page) return nullptr;
  page->heap.store(heap, std::memory_order_relaxed);
  page->kind = kind;
  page->is_traced = kind == static_cast<uint8_t>(PageKind::traced);
  page->size_class = static_cast<uint8_t>(klass);
  page->capacity = static_cast<uint16_t>(count * kPageBytes / kSizes.bytes[klass]);
  page->used = 0;
  std::lock_guard<std::mutex> guard(pool_lock);
  page->state = PageState::head;
  return page;
}

// Frees what other threads pushed. A block whose page has moved to another heap is passed on.
bool drain_remote(ThreadHeap* heap) {
  if (!heap->remote.load(std::memory_order_relaxed)) return false;
  FreeBlock* block = heap->remote.exchange(nullptr, std::memory_order_acquire);
  while (block) {
    FreeBlock* next = block->next;
    Page* page = page_of(block);
    ThreadHeap* owner = page->heap.load(std::memory_order_relaxed);
    if (owner != heap) {
      heap_push_remote(owner, block, block);
    } else {
      if (page->marks) forget_age(page, block);
      bool had_free = page->free != nullptr;
      block->next = page->free;
      page->free = block;
      if (--page->used == 0 || !had_free) give_block_slow(page, had_free);
    }
    block = next;
  }
  return true;
}

// A span with free blocks from a heap that has no thread; null when there is none.
Page* adopt_page(ThreadHeap* heap, uint8_t kind, size_t klass) {
  if (idle_count.load(std::memory_order_relaxed) == 0) return nullptr;
  std::lock_guard<std::mutex> guard(idle_lock);
  for (ThreadHeap* idle = idle_heaps; idle; idle = idle->next_idle) {
    drain_remote(idle);
    if (Page* page = idle->partial[kind][klass]) {
      partial_remove(idle, page);
      page->heap.store(heap, std::memory_order_relaxed);
      return page;
    }
  }
  return nullptr;
}

void* pop(Page* page, uint8_t kind, size_t bytes) {
  FreeBlock* block = page->free;
  page->free = block->next;
  unpoison_block(block, kind == static_cast<uint8_t>(PageKind::buffer) ? block_bytes(page) : bytes);
  return block;
}

void note_young(ThreadHeap* heap, Page* page) {
  if (page->young) return;
  page->young = true;
  if (heap->young_count < kYoungPages) heap->young_pages[heap->young_count] = page;
  ++heap->young_count;
}

// `used` of a page that is or was current, counted from its free list.
void settle_used(Page* page) {
  int32_t free_blocks = 0;
  for (FreeBlock* block = page->free; block; block = block->next) ++free_blocks;
  page->used = page->extended - free_blocks;
}

void trim_heap(ThreadHeap* heap) {
  drain_remote(heap);
  for (size_t kind = 0; kind < kPageKinds; ++kind) {
    for (size_t klass = 0; klass < kSizeClasses; ++klass) {
      for (Page* page = heap->partial[kind][klass]; page;) {
        Page* next = page->next;
        if (page->used == 0) {
          partial_remove(heap, page);
          release_span(page);
        }
        page = next;
      }
    }
  }
}

}  // namespace

void* take_block_slow(Thread& thread, size_t bytes, uint8_t kind) {
  if (kind == static_cast<uint8_t>(PageKind::traced)) {
    int64_t growth =
        container_growth_total.fetch_add(thread.container_growth, std::memory_order_relaxed);
    growth += thread.container_growth;
    thread.container_growth = 0;
    // Never below zero, as in CPython: freeing much that is old does not put the next collection
    // off.
    if (growth < 0) container_growth_total.store(0, std::memory_order_relaxed);
    if (growth >= collection_due_at.load(std::memory_order_relaxed)) {
      thread.poll.fetch_or(kPollGc, std::memory_order_relaxed);
    }
  }
  if (bytes > kMaxSmallBytes) return take_large(bytes, kind);
  ThreadHeap* heap = thread.heap;
  size_t klass = size_class(bytes);
  Page*& current = heap->current[kind][klass];
  drain_remote(heap);
  if (current->free) return pop(current, kind, bytes);
  if (current != &no_page) {
    if (current->extended < current->capacity) {
      extend_page(current);
      return pop(current, kind, bytes);
    }
    current->used = current->capacity;
    current->is_current = false;
    current = &no_page;
  }
  Page* page = heap->partial[kind][klass];
  if (page) {
    partial_remove(heap, page);
  } else if (!(page = adopt_page(heap, kind, klass))) {
    page = new_page(heap, kind, klass);
    if (!page) return nullptr;
  }
  page->is_current = true;
  page->sealed = false;
  if (page->is_traced) note_young(heap, page);
  page->used = page->capacity;
  if (!page->free) extend_page(page);
  current = page;
  return pop(page, kind, bytes);
}

void give_block_slow(Page* page, bool had_free) {
  if (page->is_current) {
    if (page->used <= 0) page->used = page->capacity;
    return;
  }
  ThreadHeap* heap = page->heap.load(std::memory_order_relaxed);
  if (!page->in_partial) partial_push(heap, page);
  // One empty span a bin stays, so that a program at a span's edge does not take and return it all
  // the time.
  bool is_only_one = !page->previous && !page->next;
  if (page->used == 0 && !is_only_one) {
    partial_remove(heap, page);
    release_span(page);
  }
}

void free_block_slow(Thread& thread, Page* page, void* memory) {
  ThreadHeap* heap = page->heap.load(std::memory_order_relaxed);
  if (!heap) return give_large(page);
  poison_block(memory, block_bytes(page));
  FreeBlock* block = static_cast<FreeBlock*>(memory);
  block->counts = 0;
  heap_push_remote(heap, block, block);
}

void heap_push_remote(ThreadHeap* heap, FreeBlock* first, FreeBlock* last) {
  FreeBlock* head = heap->remote.load(std::memory_order_relaxed);
  do {
    last->next = head;
  } while (!heap->remote.compare_exchange_weak(head, first, std::memory_order_release,
                                               std::memory_order_relaxed));
}

// ---- heaps of threads ---------------------------------------------------------------------------
ThreadHeap* heap_acquire() {
  {
    std::lock_guard<std::mutex> guard(idle_lock);
    if (ThreadHeap* heap = idle_heaps) {
      idle_heaps = heap->next_idle;
      idle_count.fetch_sub(1, std::memory_order_relaxed);
      return heap;
    }
  }
  ThreadHeap* heap = static_cast<ThreadHeap*>(std::calloc(1, sizeof(ThreadHeap)));
  if (!heap) return nullptr;
  for (auto& kind : heap->current) {
    for (Page*& page : kind) page = &no_page;
  }
  return heap;
}

void heap_release(ThreadHeap* heap) {
  drain_remote(heap);
  for (auto& kind : heap->current) {
    for (Page*& current : kind) {
      Page* page = current;
      if (page == &no_page) continue;
      current = &no_page;
      page->is_current = false;
      settle_used(page);
      if (page->used == 0)
        release_span(page);
      else if (page->free || page->extended < page->capacity)
        partial_push(heap, page);
    }
  }
  trim_heap(heap);
  std::lock_guard<std::mutex> guard(idle_lock);
  heap->next_idle = idle_heaps;
  idle_heaps = heap;
  idle_count.fetch_add(1, std::memory_order_relaxed);
}

void heap_seal_start(Thread& thread) {
  ThreadHeap* heap = thread.heap;
  drain_remote(heap);
  for (size_t kind = 0; kind < kPageKinds; ++kind) {
    for (size_t klass = 0; klass < kSizeClasses; ++klass) {
      if (Page*& current = heap->current[kind][klass]; current != &no_page) {
        current->is_current = false;
        settle_used(current);
        current = &no_page;
      }
      // A span comes back into its bin when its last block is freed (give_block_slow).
      while (Page* page = heap->partial[kind][klass]) partial_remove(heap, page);
    }
  }
  heap_each_page([](void*, Page* page) { page->sealed = true; }, nullptr);
}

void heap_trim(Thread& thread) {
  trim_heap(thread.heap);
  {
    std::lock_guard<std::mutex> guard(idle_lock);
    for (ThreadHeap* heap = idle_heaps; heap; heap = heap->next_idle) trim_heap(heap);
  }
  std::lock_guard<std::mutex> guard(pool_lock);
  if (dirty_pages > pages_in_use / 8) purge_dirty_pages();
}

void heap_each_page(PageVisitor visitor, void* state) {
  for (Segment* segment = segments; segment; segment = segment->header.next) {
    size_t end = segment->header.huge_pages ? kFirstPage + 1 : kPagesPerSegment;
    for (size_t index = kFirstPage; index < end; ++index) {
      Page* page = &segment->pages[index];
      if (page->state == PageState::head && page->kind != static_cast<uint8_t>(PageKind::buffer))
        visitor(state, page);
    }
  }
}

namespace {
template <class Visit>
void each_heap(Thread& thread, Visit visit) {
  for (Thread* other = threads_first(); other; other = other->next) {
    if (other->heap) visit(other->heap);  // a thread that is ending has given its heap back already
  }
  // A thread that is just starting takes its heap from the list before it can be stopped.
  std::lock_guard<std::mutex> guard(idle_lock);
  for (ThreadHeap* idle = idle_heaps; idle; idle = idle->next_idle) visit(idle);
}
}  // namespace

void heap_each_young_page(Thread& thread, PageVisitor visitor, void* state) {
  bool all = young_anywhere.load(std::memory_order_relaxed);
  each_heap(thread, [&](ThreadHeap* heap) { all |= heap->young_count > kYoungPages; });
  if (all) return heap_each_page(visitor, state);
  each_heap(thread, [&](ThreadHeap* heap) {
    for (size_t index = 0; index < heap->young_count; ++index) {
      Page* page = heap->young_pages[index];
      if (page->state == PageState::head && page->is_traced) visitor(state, page);
    }
  });
}

void heap_forget_young(Thread& thread) {
  young_anywhere.store(false, std::memory_order_relaxed);
  each_heap(thread, [&](ThreadHeap* heap) {
    heap->young_count = 0;
    for (Page* page : heap->current[static_cast<uint8_t>(PageKind::traced)]) {
      page->young = false;
      if (page != &no_page) note_young(heap, page);  // it goes on handing out blocks
    }
  });
}

HeapStatistics heap_statistics() {
  HeapStatistics statistics{};
  std::lock_guard<std::mutex> guard(pool_lock);
  statistics.reserved_bytes = reserved_total;
  statistics.retired_bytes = retired_bytes();
  for (Segment* segment = segments; segment; segment = segment->header.next) {
    size_t end = segment->header.huge_pages ? kFirstPage + 1 : kPagesPerSegment;
    for (size_t index = kFirstPage; index < end; ++index) {
      Page* page = &segment->pages[index];
      if (page->state != PageState::head) continue;
      uint64_t live = 0;
      if (page->kind == static_cast<uint8_t>(PageKind::buffer)) {
        // A current page's `used` only bounds it, and its free list is its thread's: counted as
        // full.
        live = page->is_current ? page->extended : static_cast<uint64_t>(page->used);
      } else {
        page_each_object(page, [&](Object*, size_t, uint64_t) { ++live; });
      }
      statistics.live_blocks += live;
      statistics.live_bytes += live * block_bytes(page);
    }
  }
  return statistics;
}

// ---- start --------------------------------------------------------------------------------------
void heap_reserve() {
  if (region_start) return;
  for (size_t bytes = kLargestRegion; bytes >= kSmallestRegion; bytes /= 2) {
    void* mapped = reserve_at(kHeapAddress, bytes, PROT_NONE);
    if (!mapped) continue;
    madvise(mapped, bytes, MADV_NOHUGEPAGE);  // a first touch of 2 MiB takes milliseconds
    uintptr_t start =
        (reinterpret_cast<uintptr_t>(mapped) + kSegmentBytes - 1) & ~(kSegmentBytes - 1);
    region_start = region_unused = reinterpret_cast<char*>(start);
    region_end = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(mapped) + bytes) &
                                         ~(kSegmentBytes - 1));
    heap_region_start = reinterpret_cast<uintptr_t>(region_start);
    heap_region_bytes = static_cast<uintptr_t>(region_end - region_start);
    return;
  }
  std::fprintf(stderr,
               "dx-py: cannot reserve %zu MiB of address space for the heap; "
               "raise the limit on virtual memory (ulimit -v)\n",
               kSmallestRegion >> 20);
  std::exit(1);
}

bool heap_start_piece(StartPiece& piece) {
  if (heap_region_start != kHeapAddress || idle_heaps) return false;
  size_t used = 0;
  for (Segment* segment = segments; segment; segment = segment->header.next) {
    if (!segment->header.in_region) return false;
    for (size_t index = kPagesPerSegment; index-- > 0;) {
      if (index >= kFirstPage && page_is_free(segment, index)) continue;
      size_t end = reinterpret_cast<uintptr_t>(segment) + (index + 1) * kPageBytes - kHeapAddress;
      if (end > used) used = end;
      break;
    }
  }
  piece = {kHeapAddress, heap_region_bytes, static_cast<size_t>(region_unused - region_start),
           used};
  return true;
}

void heap_scrub(char* copy) {
  auto zero = [&](const char* start, const char* end) {
    if (start < end)
      std::memset(copy + (reinterpret_cast<uintptr_t>(start) - kHeapAddress), 0,
                  static_cast<size_t>(end - start));
  };
  StartPiece piece;
  CHECK(heap_start_piece(piece));
  const char* limit = reinterpret_cast<const char*>(kHeapAddress + piece.used);
  for (Segment* segment = segments; segment; segment = segment->header.next) {
    for (size_t index = kFirstPage; index < kPagesPerSegment; ++index) {
      const char* start = reinterpret_cast<const char*>(segment) + index * kPageBytes;
      if (start >= limit) break;
      if (page_is_free(segment, index)) {
        zero(start, start + kPageBytes);
        continue;
      }
      const Page* page = &segment->pages[index];
      if (page->state != PageState::head || page->size_class >= kSizeClasses) continue;
      size_t bytes = kSizes.bytes[page->size_class];
      for (const FreeBlock* block = page->free; block; block = block->next) {
        zero(reinterpret_cast<const char*>(block + 1),
             reinterpret_cast<const char*>(block) + bytes);
      }
      zero(start + page->extended * bytes, start + page->block_pages * kPageBytes);
    }
  }
}

void heap_fork_child() {
  // Threads stop only where they hold none of these; a mutex that another thread was just releasing
  // starts over.
  new (&pool_lock) std::mutex;
  new (&idle_lock) std::mutex;
}

}  // namespace dx
