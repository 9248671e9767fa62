#pragma once
// What the memory tests share: a started heap, three shapes with their layouts, threads that are
// attached.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "memory/epoch.h"
#include "memory/heap.h"
#include "memory/hooks.h"
#include "memory/layout.h"
#include "memory/safepoint.h"
#include "memory/slots.h"
#include "memory/weakref.h"

namespace dx {

// A fixed number of slots, then a serial number for tests to tell nodes apart.
struct Node : Object {
  Slot left, right;
  uint64_t serial;
};
inline void node_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<Node*>(object)->left);
  visitor(static_cast<Node*>(object)->right);
}

struct TestShapes {
  ShapeId leaf, node, finalized_node, weak;
};

inline std::vector<uint64_t>& destroyed_serials() {
  static std::vector<uint64_t> serials;
  return serials;
}
inline bool& record_destroyed() {
  static bool record = false;
  return record;
}
inline void node_destroy(Thread&, Object* object) {
  if (record_destroyed()) destroyed_serials().push_back(static_cast<Node*>(object)->serial);
}

inline const Layout kLeafLayout{"leaf", sizeof(Object), false, nullptr, nullptr};
inline const Layout kNodeLayout{"node", sizeof(Node), true, node_trace, node_destroy};
inline const Layout kWeakLayout{"weakref", sizeof(WeakReference), true, weakref_trace,
                                weakref_detach};

inline ShapeId new_shape(const Layout* layout, uint32_t flags) {
  ShapeId id = shape_allocate();
  shape_table[id].layout = layout;
  shape_table[id].flags = flags;
  return id;
}

inline TestShapes& test_shapes() {
  static TestShapes shapes{new_shape(&kLeafLayout, 0), new_shape(&kNodeLayout, 0),
                           new_shape(&kNodeLayout, kShapeHasFinalizer), new_shape(&kWeakLayout, 0)};
  return shapes;
}

inline Object* make_leaf(size_t bytes) {
  return allocate_object(current_thread(), bytes, test_shapes().leaf, PageKind::leaf);
}
inline Node* make_node(Thread& thread, uint64_t serial = 0, ShapeId shape = 0) {
  Object* object =
      allocate_object(thread, sizeof(Node), shape ? shape : test_shapes().node, PageKind::traced);
  static_cast<Node*>(object)->serial = serial;
  return static_cast<Node*>(object);
}
inline WeakReference* make_weak(Thread& thread) {
  auto* reference = static_cast<WeakReference*>(
      allocate_object(thread, sizeof(WeakReference), test_shapes().weak, PageKind::traced));
  reference->kind = WeakKind::other;
  return reference;
}

// Runs bodies on attached threads of their own while `self` waits offline.
inline void run_attached_all(Thread& self, std::vector<std::function<void(Thread&)>> bodies) {
  threads_share(self);
  std::vector<std::thread> threads;
  for (auto& body : bodies) {
    threads.emplace_back([&body] {
      Thread thread;
      ASSERT_TRUE(thread_attach(thread));
      body(thread);
      thread_detach(thread);
    });
  }
  OfflineScope waiting(self);
  for (std::thread& thread : threads) thread.join();
}
inline void run_attached(Thread& self, std::function<void(Thread&)> body) {
  run_attached_all(self, {std::move(body)});
}

// The heap starts before the first test of the executable.
class MemoryEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    memory_start(main_thread);
    test_shapes();
  }
  void TearDown() override { thread_detach(main_thread); }
  Thread main_thread;
};
inline auto* const kMemoryEnvironment = ::testing::AddGlobalTestEnvironment(new MemoryEnvironment);

}  // namespace dx
