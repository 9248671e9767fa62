#pragma once
// The page heap's data structures, shared by the inlined fast paths (heap_inline.h), heap.cpp,
// epoch.cpp and the collector. Nobody outside memory/ looks in here.
//
//   reserved region: 4 MiB aligned segments           (bigger blocks: a segment of their own,
//   mapped separately)
//   +-----------+--------+--------+-- ... --+---------+
//   | 256 Page  | page 1 | page 2 |         | page 255|   address & ~(4 MiB - 1) finds the segment,
//   | records   | 16 KiB |        |         |         |   bits 14..21 the page record
//   +-----------+--------+--------+-- ... --+---------+
//
// A *span* is 1 page of blocks up to 4 KiB, 4 pages of blocks up to 16 KiB, or the run of pages of
// one larger block. Invariant: a block that is not a live object reads 0 in the strong half of its
// first word, so that a walk over a page needs no allocation bitmap; free blocks are linked through
// their second word. A span belongs to one ThreadHeap, and only that heap's thread touches its free
// list; other threads push the blocks they free on the heap's `remote` stack, and the owner takes
// the whole stack at its next refill.

#include "memory/counts.h"

namespace dx {

constexpr size_t kSegmentBytes = size_t{4} << 20;
constexpr size_t kPageShift = 14;
constexpr size_t kPageBytes = size_t{1} << kPageShift;
constexpr size_t kPagesPerSegment = kSegmentBytes / kPageBytes;
constexpr size_t kPageKinds = 3;

// ---- size classes: every 8 bytes to 128, every 16 to 512, then what a span holds 31, 30 ... 4 of,
// then a span of 4 pages
// ---------------------------------------
constexpr size_t kMaxSmallBytes = 16384;  // larger blocks get pages of their own
constexpr size_t kOnePageBytes = 4096;    // blocks above this share spans of 4 pages
constexpr size_t kMediumSpanPages = 4;
constexpr size_t kSizeClasses = 79;
constexpr uint8_t kClassLarge = 255;  // one block in a run of pages
constexpr uint8_t kClassHuge = 254;   // one block in a mapping of its own
constexpr size_t kHugeBytes = size_t{1} << 20;

struct SizeClasses {
  uint16_t bytes[kSizeClasses];
  uint32_t reciprocal[kSizeClasses];   // block index = (offset / 8 * reciprocal) >> 32
  uint8_t of[kMaxSmallBytes / 8 + 1];  // (bytes + 7) / 8 -> class

  consteval SizeClasses() : bytes{}, reciprocal{}, of{} {
    size_t count = 0;
    for (size_t size = 16; size <= 512; size += size < 128 ? 8 : 16)
      bytes[count++] = static_cast<uint16_t>(size);
    for (size_t blocks = 31; blocks >= 4; --blocks)
      bytes[count++] = static_cast<uint16_t>(kPageBytes / blocks / 8 * 8);
    for (size_t blocks = 15; blocks >= 4; --blocks) {
      bytes[count++] = static_cast<uint16_t>(kMediumSpanPages * kPageBytes / blocks / 8 * 8);
    }
    size_t klass = 0;
    for (size_t words = 0; words <= kMaxSmallBytes / 8; ++words) {
      while (bytes[klass] < words * 8) ++klass;
      of[words] = static_cast<uint8_t>(klass);
    }
    for (size_t index = 0; index < kSizeClasses; ++index) {
      uint64_t words = bytes[index] / 8;
      reciprocal[index] = static_cast<uint32_t>(((uint64_t{1} << 32) + words - 1) / words);
    }
  }
};
inline constexpr SizeClasses kSizes;
static_assert(kSizes.bytes[kSizeClasses - 1] == kMaxSmallBytes);

constexpr size_t size_class(size_t bytes) { return kSizes.of[(bytes + 7) >> 3]; }
constexpr size_t span_pages(size_t klass) {
  return kSizes.bytes[klass] <= kOnePageBytes ? 1 : kMediumSpanPages;
}

// ---- pages --------------------------------------------------------------------------------------
struct FreeBlock {
  uint64_t counts;  // 0: not an object
  FreeBlock* next;
};

enum class PageState : uint8_t { never_used, free, head, interior, reserved };

// What the collector keeps about a span that survived a collection. Allocated with two bitmaps of
// `words` words behind it: blocks of age 1 or 2, blocks of age 2.
struct PageMarks {
  uint32_t* references;  // during an audit: a number for each block (collector.cpp); null otherwise
  size_t words;
  uint64_t bits[];
};

struct alignas(64) Page {
  FreeBlock* free;                // owner thread only
  std::atomic<ThreadHeap*> heap;  // null for large and huge blocks
  Page* next;                     // partial spans of the heap's bin
  Page* previous;
  PageMarks* marks;  // collector.cpp; null until the span survived a collection
  // Blocks in use. Exact while the span is not its bin's current one; there it only counts down
  // with the frees and is wound up again when it reaches 0, so that allocating need not touch it.
  int32_t used;
  uint32_t block_pages;  // pages in the span
  uint16_t capacity;     // blocks in the span
  uint16_t extended;     // blocks ever handed out or linked; those behind are untouched memory
  uint8_t kind;          // PageKind
  uint8_t size_class;
  uint8_t back;  // pages to the head of the span
  PageState state;
  bool is_current;
  bool in_partial;
  bool is_traced;  // kind == traced, as a number to add
  bool young;      // traced: blocks were handed out since the last collection
  bool middle;     // traced: has blocks of age 1 (collector.cpp)
  bool sealed;     // start-up's (heap_seal_start): no block was handed out since
};
static_assert(sizeof(Page) == 64);

struct Segment {
  // Instead of a record for page 0, which holds the records themselves.
  struct alignas(64) Header {
    Segment* next;  // all segments
    Segment* previous;
    Segment* next_available;                     // those with free pages
    uint64_t free_pages[kPagesPerSegment / 64];  // set: free
    uint16_t free_count;
    bool is_available;
    bool in_region;       // false: mapped separately
    uint32_t huge_pages;  // pages of the mapping if it serves one huge block
  };
  union {
    Header header;
    Page pages[kPagesPerSegment];
  };
};
static_assert(sizeof(Segment::Header) == 64);
static_assert(sizeof(Segment) == kPageBytes);
constexpr size_t kFirstPage = 1;

inline Segment* segment_of(const void* address) {
  return reinterpret_cast<Segment*>(reinterpret_cast<uintptr_t>(address) & ~(kSegmentBytes - 1));
}
inline Page* page_of(const void* block) {
  size_t index = (reinterpret_cast<uintptr_t>(block) >> kPageShift) & (kPagesPerSegment - 1);
  Page* page = &segment_of(block)->pages[index];
  return page - page->back;
}
inline char* page_start(const Page* page) {
  Segment* segment = segment_of(page);
  return reinterpret_cast<char*>(segment) +
         (static_cast<size_t>(page - segment->pages) << kPageShift);
}
inline size_t block_bytes(const Page* page) {
  if (page->size_class < kSizeClasses) return kSizes.bytes[page->size_class];
  return static_cast<size_t>(page->block_pages) << kPageShift;
}
inline size_t block_index(const Page* page, const void* block) {
  if (page->size_class >= kSizeClasses) return 0;
  uint64_t words = static_cast<uint64_t>(static_cast<const char*>(block) - page_start(page)) >> 3;
  return (words * kSizes.reciprocal[page->size_class]) >> 32;
}

// The reserved region. What lies outside is a block in a mapping of its own, or a static object
// (always immortal), which has no page.
extern uintptr_t heap_region_start;
extern uintptr_t heap_region_bytes;
inline bool heap_contains(const Object* object) {
  return reinterpret_cast<uintptr_t>(object) - heap_region_start < heap_region_bytes ||
         !is_immortal(object);
}

// ---- heaps --------------------------------------------------------------------------------------
// What one thread allocates from. A heap whose thread ended waits, pages and all, for the next
// thread (heap_release).
constexpr size_t kYoungPages = 256;

struct ThreadHeap {
  Page* current[kPageKinds]
               [kSizeClasses];  // never null: a page without free blocks stands for none
  Page* partial[kPageKinds][kSizeClasses];  // spans with free blocks
  // Traced spans that became current since the last collection, so that a young collection need not
  // look at all spans. Entries may be stale (given back meanwhile) or double; when there are more,
  // all spans are looked at.
  Page* young_pages[kYoungPages];
  size_t young_count;
  std::atomic<FreeBlock*> remote;  // blocks of this heap freed by other threads
  ThreadHeap* next_idle;
};

// Containers allocated minus freed, as far as the threads have added their own count up (heap.cpp,
// at every refill), and the sum at which the collector is asked for (collector.cpp sets it).
extern std::atomic<int64_t> container_growth_total;
extern std::atomic<int64_t> collection_due_at;

void heap_reserve();         // at start: address space, or a clear message and exit status 1
void heap_fork_child();      // the child of fork(): the locks start over
ThreadHeap* heap_acquire();  // null when memory is short
void heap_release(ThreadHeap* heap);  // of a thread that ends
// Gives wholly free spans of this heap and of heaps without a thread back, and their memory to the
// system. Only inside stop_all, or while this is the only thread.
void heap_trim(Thread& thread);

// The program begins: what is allocated from now on lies in other spans than what start-up made. So
// the end of a process can tell the two apart by span, and pages of a start image that nobody
// writes to stay shared.
void heap_seal_start(Thread& thread);
// Every span of objects (leaf and traced). Only inside stop_all.
using PageVisitor = void (*)(void* state, Page* page);
void heap_each_page(PageVisitor visitor, void* state);
// Every span that may hold young traced objects (some twice, some without any). Only inside
// stop_all.
void heap_each_young_page(Thread& thread, PageVisitor visitor, void* state);
// After a collection: what is handed out from now on is young.
void heap_forget_young(Thread& thread);
// The live objects of a page, in address order.
template <class Visit>
inline void page_each_object(Page* page, Visit visit) {
  char* block = page_start(page);
  size_t bytes = block_bytes(page);
  for (size_t index = 0; index < page->extended; ++index, block += bytes) {
    Object* object = reinterpret_cast<Object*>(block);
    uint64_t counts = object->counts.load(std::memory_order_relaxed);
    if (counts >= kStrongOne) visit(object, index, counts);
  }
}

// Slow halves of heap_inline.h.
void* take_block_slow(Thread& thread, size_t bytes, uint8_t kind);
void give_block_slow(Page* page, bool had_free);
void free_block_slow(Thread& thread, Page* page, void* block);
// A chain of blocks that belong to this heap, linked through FreeBlock::next.
void heap_push_remote(ThreadHeap* heap, FreeBlock* first, FreeBlock* last);

// Failing allocations on purpose, in every build that tests them (DX_HOSTILE): the countdown
// reaches 0 and every allocation fails until it is set again. Negative: never.
#ifdef DX_HOSTILE
extern std::atomic<int64_t> hostile_allocations_left;
inline bool hostile_allocation_fails() {
  if (hostile_allocations_left.load(std::memory_order_relaxed) < 0) return false;
  int64_t left = hostile_allocations_left.fetch_sub(1, std::memory_order_relaxed);
  if (left > 0) return false;
  hostile_allocations_left.store(0, std::memory_order_relaxed);
  return true;
}
#endif

}  // namespace dx
