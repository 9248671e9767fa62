// The cycle collector: what is garbage, in which order it is disposed of, ages, freezing,
// introspection.
#include "memory/collector.h"

#include <algorithm>
#include <random>
#include <set>

#include "memory_fixture.h"

namespace dx {
namespace {

std::vector<std::string> events;
Value stored;
uint64_t serial_to_keep;

class Collector : public ::testing::Test {
 protected:
  void SetUp() override {
    memory_hooks = {};
    collector_enable(false);
    collect(thread, 2);
    events.clear();
    stored = Value{};
    serial_to_keep = ~uint64_t{0};
    destroyed_serials().clear();
    record_destroyed() = true;
    memory_hooks.call_finalizer = [](Thread& thread, Object* object) {
      uint64_t serial = static_cast<Node*>(object)->serial;
      events.push_back("del " + std::to_string(serial));
      if (serial == serial_to_keep) {
        incref(thread, object);
        stored = Value{object};
      }
    };
    memory_hooks.call_weakref_callback = [](Thread& thread, Object* reference, Value callback) {
      events.push_back("callback " + std::to_string(small_int_value(callback)));
    };
  }
  void TearDown() override {
    record_destroyed() = false;
    memory_hooks = {};
  }
  Thread& thread = current_thread();

  // A ring of nodes with these serials; the caller holds nothing.
  Node* ring(std::vector<uint64_t> serials, ShapeId shape = 0) {
    std::vector<Node*> nodes;
    for (uint64_t serial : serials) nodes.push_back(make_node(thread, serial, shape));
    for (size_t index = 0; index < nodes.size(); ++index) {
      slot_init(nodes[index], nodes[index]->left, Value{nodes[(index + 1) % nodes.size()]});
    }
    return nodes[0];  // each node's one count is its predecessor's slot
  }
  WeakReference* weak_to(Object* referent, int callback) {
    WeakReference* reference = make_weak(thread);
    if (callback) slot_init(reference, reference->callback, small_int(callback));
    Maybe<Ref<WeakReference>> existing;
    EXPECT_TRUE(weakref_attach(thread, reference, referent, WeakKind::other, existing));
    return reference;
  }
  std::vector<uint64_t> destroyed() {
    std::sort(destroyed_serials().begin(), destroyed_serials().end());
    return destroyed_serials();
  }
};

TEST_F(Collector, ARingNobodyHoldsIsFreed) {
  ring({1, 2, 3});
  EXPECT_EQ(collect(thread, 0), 3);
  EXPECT_EQ(destroyed(), (std::vector<uint64_t>{1, 2, 3}));
}

TEST_F(Collector, AHeldRingStaysWithAllItReaches) {
  Node* held = ring({1, 2, 3});
  incref(thread, held);
  Node* hanging = make_node(thread, 4);
  slot_init(held, held->right, Value{hanging});
  EXPECT_EQ(collect(thread, 2), 0);
  EXPECT_TRUE(destroyed_serials().empty());
  decref(thread, held);
  EXPECT_EQ(collect(thread, 2), 4);
  EXPECT_EQ(destroyed(), (std::vector<uint64_t>{1, 2, 3, 4}));
}

TEST_F(Collector, WhatGarbageReachesIsHeldByAnOutsider) {
  Node* kept = make_node(thread, 9);
  Node* first = ring({1, 2});
  incref(thread, kept);
  slot_init(first, first->right, Value{kept});
  EXPECT_EQ(collect(thread, 2), 2);
  EXPECT_EQ(strong_count(kept), 1);
  decref(thread, kept);
}

TEST_F(Collector, OldObjectsAreLeftToOlderCollections) {
  Node* held = ring({1, 2});
  incref(thread, held);
  collect(thread, 0);  // age 1
  decref(thread, held);
  EXPECT_EQ(collect(thread, 0), 0);
  EXPECT_EQ(collect(thread, 1), 2);

  held = ring({3, 4});
  incref(thread, held);
  collect(thread, 0);
  collect(thread, 1);  // age 2
  decref(thread, held);
  EXPECT_EQ(collect(thread, 0), 0);
  EXPECT_EQ(collect(thread, 1), 0);
  EXPECT_EQ(collect(thread, 2), 2);
}

TEST_F(Collector, ANewObjectInAnOldBlockIsYoung) {
  Node* old = make_node(thread, 1);
  collect(thread, 2);
  decref(thread, old);
  Node* young = ring({2});
  EXPECT_EQ(young, old);  // the same block
  EXPECT_EQ(collect(thread, 0), 1);
}

TEST_F(Collector, AYoungObjectHeldByAnOldOneStays) {
  Node* old = make_node(thread, 1);
  collect(thread, 2);
  slot_init(old, old->left, Value{ring({2, 3})});
  incref(thread, old->left.raw());
  EXPECT_EQ(collect(thread, 0), 0);
  decref(thread, old);
  EXPECT_EQ(collect(thread, 2), 2);
}

// The order of CPython 3.14: weak references are cut and called back first, then all finalizers.
TEST_F(Collector, CallbacksThenFinalizersThenMemory) {
  Node* first = ring({1, 2}, test_shapes().finalized_node);
  WeakReference* outside = weak_to(first, 7);
  Node* second = static_cast<Node*>(first->left.raw().object());
  slot_init(second, second->right, Value{weak_to(first, 8)});  // itself garbage: no callback
  EXPECT_EQ(collect(thread, 2), 3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0], "callback 7");
  // Among finalizers the order is that of addresses.
  EXPECT_EQ((std::set<std::string>{events[1], events[2]}),
            (std::set<std::string>{"del 1", "del 2"}));
  EXPECT_EQ(destroyed(), (std::vector<uint64_t>{1, 2}));
  EXPECT_FALSE(weakref_get(thread, outside));
  decref(thread, outside);
}

TEST_F(Collector, AResurrectedRingStaysWholeAndTheRestGoes) {
  serial_to_keep = 2;
  ring({1, 2}, test_shapes().finalized_node);
  ring({3, 4}, test_shapes().finalized_node);
  EXPECT_EQ(collect(thread, 2), 2);  // the ring that was kept does not count
  EXPECT_EQ(destroyed(), (std::vector<uint64_t>{3, 4}));
  Node* kept = static_cast<Node*>(stored.object());
  EXPECT_EQ(strong_count(kept), 2);  // the ring and us
  EXPECT_FALSE(kept->has_flag(kFlagInGarbage));
  decref(thread, stored);
  events.clear();
  EXPECT_EQ(collect(thread, 2), 2);
  EXPECT_TRUE(events.empty());  // finalizers run once
  EXPECT_EQ(destroyed(), (std::vector<uint64_t>{1, 2, 3, 4}));
}

TEST_F(Collector, AnInstanceAndItsClassGoTogether) {
  ShapeId id = new_shape(&kNodeLayout, kShapeHeapType);
  Node* type = make_node(thread, 1);
  shape_table[id].type = reinterpret_cast<Type*>(type);
  Node* instance = make_node(thread, 2, id);  // holds type's one count
  slot_init(type, type->left, Value{instance});
  EXPECT_EQ(collect(thread, 2), 2);
  EXPECT_EQ(destroyed(), (std::vector<uint64_t>{1, 2}));
}

TEST_F(Collector, FrozenObjectsAreLeftAlone) {
  ring({1, 2});
  collector_freeze(thread);
  EXPECT_GE(collector_frozen_count(thread), 2);
  EXPECT_EQ(collect(thread, 2), 0);
  collector_unfreeze(thread);
  EXPECT_EQ(collector_frozen_count(thread), 0);
  EXPECT_EQ(collect(thread, 2), 2);
}

TEST_F(Collector, GarbageIsSavedWhenAsked) {
  static std::vector<Object*> saved;
  memory_hooks.save_garbage = [](Thread&, Object* object) { saved.push_back(object); };
  collector_set_debug(kDebugSaveAll);
  ring({1, 2});
  EXPECT_EQ(collect(thread, 2), 2);
  collector_set_debug(0);
  EXPECT_TRUE(destroyed_serials().empty());
  ASSERT_EQ(saved.size(), 2u);
  for (Object* object : saved) decref(thread, object);
  EXPECT_EQ(collect(thread, 2), 2);
}

TEST_F(Collector, CountsAndStatisticsFollowCPython) {
  collect(thread, 2);
  CollectorCounts counts = collector_counts(thread);
  EXPECT_EQ(counts.values[1], 0);
  EXPECT_EQ(counts.values[2], 0);
  Node* node = make_node(thread);
  EXPECT_EQ(collector_counts(thread).values[0], counts.values[0] + 1);
  collect(thread, 0);
  counts = collector_counts(thread);
  EXPECT_EQ(counts.values[1], 1);
  EXPECT_EQ(counts.values[2], 0);
  collect(thread, 1);
  counts = collector_counts(thread);
  EXPECT_EQ(counts.values[1], 0);
  EXPECT_EQ(counts.values[2], 1);
  uint64_t before = collector_statistics(2).collected;
  ring({1, 2});
  collect(thread, 2);
  EXPECT_EQ(collector_statistics(2).collected, before + 2);
  decref(thread, node);
}

TEST_F(Collector, CollectionsStartByThemselvesWhenContainersPileUp) {
  record_destroyed() = false;
  collector_enable(true);
  uint64_t before = collector_statistics(0).collections;
  for (int index = 0; index < 20000; ++index) {
    ring({1});
    poll_gc(thread);
  }
  collector_enable(false);
  EXPECT_GE(collector_statistics(0).collections, before + 5);
  EXPECT_LT(collector_counts(thread).values[0], 5000);
}

TEST_F(Collector, ReferrersAndReferents) {
  Node* target = make_node(thread, 1);
  Node* holder = make_node(thread, 2);
  Node* other = make_node(thread, 3);
  slot_init(holder, holder->right, Value{target});
  slot_init(holder, holder->left, small_int(5));
  Value targets[] = {Value{target}};
  std::set<Object*> met;
  each_referrer(
      thread, targets, 1,
      [](void* state, Thread&, Object* object) {
        static_cast<std::set<Object*>*>(state)->insert(object);
      },
      &met);
  EXPECT_EQ(met, (std::set<Object*>{holder}));
  std::vector<Value> referents;
  each_referent(
      holder,
      [](void* state, Value value) { static_cast<std::vector<Value>*>(state)->push_back(value); },
      &referents);
  EXPECT_EQ(referents.size(), 2u);
  EXPECT_EQ(referents[0], small_int(5));
  EXPECT_TRUE(is_tracked(Value{holder}));
  EXPECT_FALSE(is_tracked(small_int(1)));
  decref(thread, holder);
  decref(thread, other);
}

// Random graphs against a model: after a full collection exactly what the roots reach is alive.
TEST_F(Collector, RandomGraphsKeepExactlyWhatIsReachable) {
  std::mt19937 random(12345);
  for (int round = 0; round < 60; ++round) {
    destroyed_serials().clear();
    const size_t count = 2 + random() % 200;
    std::vector<Node*> nodes;
    for (size_t index = 0; index < count; ++index) {
      nodes.push_back(make_node(thread, index, random() % 4 ? 0 : test_shapes().finalized_node));
    }
    std::vector<std::pair<int, int>> edges(count, {-1, -1});
    for (size_t index = 0; index < count; ++index) {
      for (int side = 0; side < 2; ++side) {
        if (random() % 3 == 0) continue;
        size_t target = random() % count;
        incref(thread, nodes[target]);
        slot_init(nodes[index], side ? nodes[index]->right : nodes[index]->left,
                  Value{nodes[target]});
        (side ? edges[index].second : edges[index].first) = int(target);
      }
    }
    std::set<size_t> alive;
    std::vector<size_t> stack;
    std::vector<size_t> roots;
    for (size_t index = 0; index < count; ++index) {
      if (random() % 10 == 0) roots.push_back(index);
    }
    stack = roots;
    while (!stack.empty()) {
      size_t index = stack.back();
      stack.pop_back();
      if (!alive.insert(index).second) continue;
      if (edges[index].first >= 0) stack.push_back(size_t(edges[index].first));
      if (edges[index].second >= 0) stack.push_back(size_t(edges[index].second));
    }
    std::set<size_t> root_set(roots.begin(), roots.end());
    for (size_t index = 0; index < count; ++index) {
      if (!root_set.count(index)) decref(thread, nodes[index]);
    }
    collect(thread, 2);
    EXPECT_EQ(destroyed_serials().size(), count - alive.size());
    for (uint64_t serial : destroyed_serials()) EXPECT_FALSE(alive.count(serial));
    for (size_t root : roots) decref(thread, nodes[root]);
    collect(thread, 2);
    EXPECT_EQ(destroyed_serials().size(), count);
  }
}

#ifdef DX_HOSTILE
TEST_F(Collector, FailingAllocationsAreNull) {
  hostile_allocations_left = 2;
  EXPECT_NE(allocate_buffer(thread, 40), nullptr);
  EXPECT_NE(allocate_buffer(thread, 40), nullptr);
  EXPECT_EQ(allocate_buffer(thread, 40), nullptr);
  EXPECT_EQ(allocate_object(thread, 48, test_shapes().node, PageKind::traced), nullptr);
  hostile_allocations_left = -1;
  EXPECT_NE(allocate_buffer(thread, 40), nullptr);
}
#endif

}  // namespace
}  // namespace dx
