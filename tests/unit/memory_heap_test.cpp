// The page heap: size classes, reuse, remote frees, large blocks, walks.
#include "memory/heap.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "memory/epoch.h"
#include "memory/layout.h"
#include "memory/safepoint.h"
#include "memory_fixture.h"

namespace dx {
namespace {

TEST(SizeClasses, EveryRequestFitsAndWastesLittle) {
  for (size_t bytes = 1; bytes <= kMaxSmallBytes; ++bytes) {
    size_t block = kSizes.bytes[size_class(bytes)];
    EXPECT_GE(block, bytes);
    if (bytes >= 16 && bytes <= 128) EXPECT_LT(block - bytes, 8u);   // every 8 bytes
    if (bytes > 128 && bytes <= 256) EXPECT_LT(block - bytes, 16u);  // every 16
    if (bytes > 256) EXPECT_LE(double(block), double(bytes) * 4 / 3 + 8);
  }
}

TEST(Heap, AFreshObjectHasItsHeaderAndAZeroedPayload) {
  Object* object = make_leaf(64);
  EXPECT_EQ(object->counts.load(), kFreshCounts);
  EXPECT_EQ(object->shape(), test_shapes().leaf);
  EXPECT_EQ(object->owner.load(), current_thread().new_owner);
  EXPECT_EQ(object->flags.load(), 0);
  for (size_t at = sizeof(Object); at < 64; ++at) EXPECT_EQ(reinterpret_cast<char*>(object)[at], 0);
  decref(current_thread(), object);
}

TEST(Heap, BlocksOfEverySizeAreDistinctAlignedAndUsable) {
  Thread& thread = current_thread();
  std::vector<std::pair<char*, size_t>> blocks;
  for (size_t bytes = 8; bytes < 6000000; bytes = bytes * 5 / 4 + 8) {
    for (int copy = 0; copy < 3; ++copy) {
      char* block = static_cast<char*>(allocate_buffer(thread, bytes));
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 8, 0u);
      EXPECT_GE(buffer_capacity(block), bytes);
      std::memset(block, int(blocks.size() & 0xff), bytes);
      blocks.push_back({block, bytes});
    }
  }
  for (size_t index = 0; index < blocks.size(); ++index) {
    auto [block, bytes] = blocks[index];
    EXPECT_EQ(static_cast<unsigned char>(block[0]), index & 0xff);
    EXPECT_EQ(static_cast<unsigned char>(block[bytes - 1]), index & 0xff);
    free_buffer(thread, block);
  }
}

TEST(Heap, AFreedBlockIsTheNextOneOfItsSize) {
  Thread& thread = current_thread();
  void* first = allocate_buffer(thread, 40);
  free_buffer(thread, first);
  void* second = allocate_buffer(thread, 40);
  EXPECT_EQ(first, second);
  free_buffer(thread, second);
}

TEST(Heap, MemoryOfFreedObjectsIsReused) {
  Thread& thread = current_thread();
  uint64_t reserved = 0;
  for (int round = 0; round < 10; ++round) {
    std::vector<void*> blocks;
    for (int index = 0; index < 100000; ++index)
      blocks.push_back(allocate_buffer(thread, 48 + round * 8));
    for (void* block : blocks) free_buffer(thread, block);
    if (round == 1) reserved = heap_statistics().reserved_bytes;
  }
  EXPECT_LE(heap_statistics().reserved_bytes, reserved + (size_t{4} << 20));
}

TEST(Heap, ImpossibleSizesAreNullNotACrash) {
  Thread& thread = current_thread();
  EXPECT_EQ(allocate_buffer(thread, size_t{1} << 62), nullptr);
  EXPECT_EQ(allocate_buffer(thread, SIZE_MAX), nullptr);
  EXPECT_EQ(allocate_buffer(thread, size_t{1} << 46), nullptr);
}

TEST(Heap, AWalkMeetsEveryLiveObjectOnceAndNoDeadOne) {
  Thread& thread = current_thread();
  std::vector<Object*> objects;
  for (int index = 0; index < 5000; ++index) objects.push_back(make_leaf(16 + index % 700 * 8));
  std::set<Object*> expected;
  for (size_t index = 0; index < objects.size(); ++index) {
    if (index % 3)
      expected.insert(objects[index]);
    else
      decref(thread, objects[index]);
  }
  expected.insert(objects[1] = make_leaf(5 << 20));
  std::multiset<Object*> met;
  heap_walk(
      thread,
      [](void* state, Thread&, Object* object) {
        if (object->shape() == test_shapes().leaf)
          static_cast<std::multiset<Object*>*>(state)->insert(object);
      },
      &met);
  for (Object* object : expected) EXPECT_EQ(met.count(object), 1u);
  EXPECT_EQ(met.size(), expected.size());
  for (Object* object : expected) decref(thread, object);
}

TEST(Heap, InteriorBlocksOfFourPageSpansFindTheirPage) {
  Thread& thread = current_thread();
  std::vector<void*> blocks;
  for (int index = 0; index < 40; ++index) {
    blocks.push_back(allocate_buffer(thread, 10000));
    Page* page = page_of(blocks.back());
    EXPECT_EQ(page->block_pages, kMediumSpanPages);
    EXPECT_EQ(page_start(page) + block_index(page, blocks.back()) * block_bytes(page),
              blocks.back());
  }
  for (void* block : blocks) free_buffer(thread, block);
}

// The rest runs with several threads: from here on this process counts atomically.
TEST(HeapThreads, BlocksFreedByAnotherThreadComeBackToTheirHeap) {
  Thread& thread = current_thread();
  uint64_t reserved = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<void*> blocks;
    for (int index = 0; index < 50000; ++index) blocks.push_back(allocate_buffer(thread, 64));
    run_attached(thread, [&](Thread& other) {
      for (void* block : blocks) free_buffer(other, block);
    });
    if (round == 1) reserved = heap_statistics().reserved_bytes;
  }
  EXPECT_LE(heap_statistics().reserved_bytes, reserved + (size_t{8} << 20));
}

TEST(HeapThreads, MemoryOfAnEndedThreadIsAdopted) {
  Thread& thread = current_thread();
  std::vector<void*> blocks;
  run_attached(thread, [&](Thread& other) {
    for (int index = 0; index < 200000; ++index) blocks.push_back(allocate_buffer(other, 72));
  });
  for (void* block : blocks) free_buffer(thread, block);
  uint64_t reserved = heap_statistics().reserved_bytes;
  blocks.clear();
  for (int index = 0; index < 200000; ++index) blocks.push_back(allocate_buffer(thread, 72));
  EXPECT_LE(heap_statistics().reserved_bytes, reserved + (size_t{4} << 20));
  for (void* block : blocks) free_buffer(thread, block);
}

TEST(HeapThreads, ProducersAndConsumersPassBlocks) {
  constexpr int kPairs = 2;
  constexpr int kBlocks = kHostile ? 300 : 30000;  // hostile: every turn of a waiting loop collects
  Thread& thread = current_thread();
  std::atomic<uint64_t*> boxes[kPairs] = {};
  std::atomic<uint64_t> sum{0};
  std::vector<std::function<void(Thread&)>> bodies;
  for (int pair = 0; pair < kPairs; ++pair) {
    bodies.push_back([&, pair](Thread& self) {
      for (int index = 0; index < kBlocks; ++index) {
        auto* block = static_cast<uint64_t*>(allocate_buffer(self, 16 + index % 500));
        block[0] = uint64_t(index);
        uint64_t* empty = nullptr;
        while (!boxes[pair].compare_exchange_weak(empty, block)) {
          empty = nullptr;
          poll_gc(self);
        }
      }
    });
    bodies.push_back([&, pair](Thread& self) {
      for (int index = 0; index < kBlocks; ++index) {
        uint64_t* block = nullptr;
        while (!(block = boxes[pair].exchange(nullptr))) poll_gc(self);
        sum += block[0];
        free_buffer(self, block);
      }
    });
  }
  run_attached_all(thread, bodies);
  EXPECT_EQ(sum.load(), uint64_t(kPairs) * kBlocks * (kBlocks - 1) / 2);
}

}  // namespace
}  // namespace dx
