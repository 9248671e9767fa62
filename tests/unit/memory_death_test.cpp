// What happens when the last reference goes: order, resurrection, cascades, weak references.
#include "memory/collector.h"
#include "memory_fixture.h"

namespace dx {
namespace {

std::vector<std::string> events;
Value stored;          // what a finalizer kept
Object* to_resurrect;  // which object's finalizer keeps it
WeakReference* watched;

class Death : public ::testing::Test {
 protected:
  void SetUp() override {
    events.clear();
    stored = Value{};
    to_resurrect = nullptr;
    watched = nullptr;
    destroyed_serials().clear();
    record_destroyed() = true;
    memory_hooks.call_finalizer = [](Thread& thread, Object* object) {
      EXPECT_TRUE(thread.exception.is_empty());
      std::string event = "del " + std::to_string(static_cast<Node*>(object)->serial);
      if (watched) {
        Maybe<Ref<Object>> seen = weakref_get(thread, watched);
        event += seen ? " seen" : " gone";
      }
      events.push_back(event);
      if (object == to_resurrect) {
        incref(thread, object);
        stored = Value{object};
      }
    };
    memory_hooks.call_weakref_callback = [](Thread& thread, Object* reference, Value callback) {
      EXPECT_FALSE(weakref_get(thread, static_cast<WeakReference*>(reference)));
      events.push_back("callback " + std::to_string(small_int_value(callback)));
    };
  }
  void TearDown() override {
    record_destroyed() = false;
    memory_hooks = {};
  }
  Thread& thread = current_thread();
  ShapeId finalized = test_shapes().finalized_node;

  WeakReference* weak_to(Object* referent, int callback, WeakKind kind = WeakKind::other) {
    WeakReference* reference = make_weak(thread);
    if (callback) slot_init(reference, reference->callback, small_int(callback));
    Maybe<Ref<WeakReference>> existing;
    EXPECT_TRUE(weakref_attach(thread, reference, referent, kind, existing));
    EXPECT_FALSE(existing);
    return reference;
  }
};

TEST_F(Death, AFinalizerRunsOnceBeforeTheFieldsGo) {
  Node* node = make_node(thread, 1, finalized);
  slot_init(node, node->left, Value{make_node(thread, 2, finalized)});
  decref(thread, node);
  EXPECT_EQ(events, (std::vector<std::string>{"del 1", "del 2"}));
  EXPECT_EQ(destroyed_serials(), (std::vector<uint64_t>{2, 1}));  // what hangs on it goes first
}

TEST_F(Death, AResurrectedObjectLivesAndItsFinalizerDoesNotRunAgain) {
  Node* node = make_node(thread, 1, finalized);
  slot_init(node, node->left, Value{make_node(thread, 2)});
  to_resurrect = node;
  decref(thread, node);
  EXPECT_EQ(strong_count(node), 1);
  EXPECT_TRUE(destroyed_serials().empty());
  EXPECT_TRUE(node->left.raw().is_object());
  decref(thread, stored);
  EXPECT_EQ(events, (std::vector<std::string>{"del 1"}));
  EXPECT_EQ(destroyed_serials(), (std::vector<uint64_t>{2, 1}));  // what hangs on it goes first
}

TEST_F(Death, ThePendingExceptionSurvivesFinalizers) {
  Node* pending = make_node(thread, 7);
  thread.exception = Value{pending};
  decref(thread, make_node(thread, 1, finalized));
  EXPECT_EQ(thread.exception, Value{pending});
  thread.exception = Value{};
  decref(thread, pending);
  EXPECT_EQ(events.size(), 1u);
}

// 1 holds 2 and 3; 2 holds 4. Recursion would finish 2 with all that hangs on it before 3.
TEST_F(Death, SiblingsWaitForAllThatHangsOnTheFirst) {
  Node* nodes[5];
  for (int serial = 1; serial < 5; ++serial)
    nodes[serial] = make_node(thread, uint64_t(serial), finalized);
  slot_init(nodes[1], nodes[1]->left, Value{nodes[2]});
  slot_init(nodes[1], nodes[1]->right, Value{nodes[3]});
  slot_init(nodes[2], nodes[2]->left, Value{nodes[4]});
  decref(thread, nodes[1]);
  EXPECT_EQ(events, (std::vector<std::string>{"del 1", "del 2", "del 4", "del 3"}));
}

// What Python code inside a finalizer drops dies before that statement ends, not when the outer
// cascade goes on.
TEST_F(Death, AFinalizersOwnDropsDoNotWait) {
  static Object* inner = nullptr;
  memory_hooks.call_finalizer = [](Thread& thread, Object* object) {
    uint64_t serial = static_cast<Node*>(object)->serial;
    events.push_back("enter " + std::to_string(serial));
    if (serial == 2 && inner) {
      Object* dropped = inner;
      inner = nullptr;
      decref(thread, dropped);
    }
    events.push_back("leave " + std::to_string(serial));
  };
  Node* outer = make_node(thread, 1, finalized);
  slot_init(outer, outer->left, Value{make_node(thread, 2, finalized)});
  slot_init(outer, outer->right, Value{make_node(thread, 3, finalized)});
  inner = make_node(thread, 9, finalized);
  decref(thread, outer);
  EXPECT_EQ(events, (std::vector<std::string>{"enter 1", "leave 1", "enter 2", "enter 9", "leave 9",
                                              "leave 2", "enter 3", "leave 3"}));
}

TEST_F(Death, AMillionLinkedNodesDoNotRecurse) {
  record_destroyed() = false;
  uint64_t before = heap_statistics().live_blocks;
  Node* head = nullptr;
  for (int index = 0; index < 1000000; ++index) {
    Node* node = make_node(thread);
    if (head) slot_init(node, node->left, Value{head});
    head = node;
  }
  decref(thread, head);
  epoch_flush(thread);
  EXPECT_EQ(heap_statistics().live_blocks, before);
}

TEST_F(Death, SlotsBehindThePayloadThenTheDictThenThePayload) {
  struct Instance : Node {
    Slot dict;
    Slot slots[2];
  };
  ShapeId id = new_shape(&kNodeLayout,
                         kShapeInlineSlots | kShapeHasDict | kShapeHasFinalizer | kShapeHeapType);
  Node* type = make_node(thread, 100, finalized);
  shape_table[id].type = reinterpret_cast<Type*>(type);
  shape_table[id].dict_offset = sizeof(Node);
  shape_table[id].inline_offset = sizeof(Node) + sizeof(Slot);
  shape_table[id].inline_capacity = 2;
  auto* instance =
      static_cast<Instance*>(allocate_object(thread, sizeof(Instance), id, PageKind::traced));
  incref(thread, type);
  decref(thread, type);  // held by the instance alone from here on
  instance->serial = 1;
  slot_init(instance, instance->left, Value{make_node(thread, 5, finalized)});
  slot_init(instance, instance->dict, Value{make_node(thread, 4, finalized)});
  slot_init(instance, instance->slots[0], Value{make_node(thread, 2, finalized)});
  slot_init(instance, instance->slots[1], Value{make_node(thread, 3, finalized)});
  memory_hooks.detach_dict = [](Thread&, Object* object, Object* dict) {
    events.push_back("detach " + std::to_string(static_cast<Node*>(dict)->serial));
  };
  decref(thread, instance);
  EXPECT_EQ(events, (std::vector<std::string>{"del 1", "detach 4", "del 2", "del 3", "del 4",
                                              "del 5", "del 100"}));
}

TEST_F(Death, WeakReferencesAreClearedAfterTheFinalizerAndCalledNewestFirst) {
  Node* node = make_node(thread, 1, finalized);
  watched = weak_to(node, 0, WeakKind::basic_ref);
  WeakReference* first = weak_to(node, 11);
  WeakReference* second = weak_to(node, 22);
  EXPECT_EQ(weakref_count(node), 3);
  decref(thread, node);
  EXPECT_EQ(events, (std::vector<std::string>{"del 1 seen", "callback 22", "callback 11"}));
  EXPECT_FALSE(weakref_get(thread, watched));
  for (WeakReference* reference : {watched, first, second}) decref(thread, reference);
}

TEST_F(Death, ADeadWeakReferenceIsNotCalled) {
  Node* node = make_node(thread, 1);
  decref(thread, weak_to(node, 11));
  EXPECT_EQ(weakref_count(node), 0);
  decref(thread, node);
  EXPECT_TRUE(events.empty());
}

TEST_F(Death, TheBasicReferenceIsReusedAndListedFirst) {
  Node* node = make_node(thread, 1);
  WeakReference* plain = weak_to(node, 11);
  WeakReference* proxy = weak_to(node, 0, WeakKind::basic_proxy);
  WeakReference* basic = weak_to(node, 0, WeakKind::basic_ref);
  EXPECT_EQ(weakref_find(thread, node, WeakKind::basic_ref).get(), basic);
  EXPECT_EQ(weakref_find(thread, node, WeakKind::basic_proxy).get(), proxy);
  WeakReference* second = make_weak(thread);
  Maybe<Ref<WeakReference>> existing;
  EXPECT_TRUE(weakref_attach(thread, second, node, WeakKind::basic_ref, existing));
  EXPECT_EQ(existing.get(), basic);
  Value listed[4];
  ASSERT_EQ(weakref_list(thread, node, listed, 4), 3u);
  EXPECT_EQ(listed[0], Value{basic});
  EXPECT_EQ(listed[1], Value{proxy});
  EXPECT_EQ(listed[2], Value{plain});
  for (int index = 0; index < 3; ++index) decref(thread, listed[index]);
  existing = {};
  for (WeakReference* reference : {plain, proxy, basic, second}) decref(thread, reference);
  decref(thread, node);
}

TEST_F(Death, ThousandsOfReferentsInTheTable) {
  std::vector<Node*> nodes;
  std::vector<WeakReference*> weak;
  for (int index = 0; index < 5000; ++index) {
    nodes.push_back(make_node(thread, uint64_t(index)));
    weak.push_back(weak_to(nodes.back(), 0, WeakKind::basic_ref));
  }
  for (size_t index = 0; index < nodes.size(); index += 2) decref(thread, nodes[index]);
  for (size_t index = 0; index < nodes.size(); ++index) {
    Maybe<Ref<Object>> seen = weakref_get(thread, weak[index]);
    EXPECT_EQ(bool(seen), index % 2 == 1);
    if (seen) EXPECT_EQ(seen.get(), nodes[index]);
  }
  for (size_t index = 1; index < nodes.size(); index += 2) decref(thread, nodes[index]);
  for (WeakReference* reference : weak) decref(thread, reference);
}

TEST_F(Death, AWeakHoldKeepsTheMemoryNotTheObject) {
  Node* node = make_node(thread, 1);
  weak_incref(node);
  decref(thread, node);
  EXPECT_EQ(destroyed_serials(), (std::vector<uint64_t>{1}));
  EXPECT_FALSE(try_incref(thread, node));
  Node* other = make_node(thread, 2);
  EXPECT_NE(other, node);  // the block is not handed out again
  weak_decref(thread, node);
  decref(thread, other);
}

TEST_F(Death, CountsStayExactNearTheGuardAndStickBeyondIt) {
  Node* node = make_node(thread, 1);
  node->counts.store((kGuard - kStrongOne) | kWeakOne);
  incref(thread, node);  // reaches the guard
  incref(thread, node);  // the slow path makes it immortal
  EXPECT_TRUE(is_immortal(node));
  for (int index = 0; index < 5; ++index) decref(thread, node);
  EXPECT_TRUE(destroyed_serials().empty());
}

}  // namespace
}  // namespace dx
