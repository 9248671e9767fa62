// Owner tags: what a thread makes is its own until it is stored where others reach it.
#include "memory/byte_lock.h"
#include "memory/collector.h"
#include "memory/publish.h"
#include "memory_fixture.h"

namespace dx {
namespace {

class Publish : public ::testing::Test {
 protected:
  void SetUp() override {
    memory_hooks = {};
    record_destroyed() = false;
    threads_share(thread);
  }
  Node* shared_node() {
    Node* node = make_node(thread);
    publish(thread, Value{node});
    return node;
  }
  Thread& thread = current_thread();
};

TEST_F(Publish, ThreadsHaveTagsOfTheirOwnAndNoneIsZero) {
  EXPECT_NE(thread.tag, 0);
  EXPECT_NE(thread.tag, kSharedTag);
  run_attached(thread, [this](Thread& other) {
    EXPECT_NE(other.tag, 0);
    EXPECT_NE(other.tag, thread.tag);
    Node* node = make_node(other);
    EXPECT_TRUE(is_mine(other, node));
    EXPECT_FALSE(is_mine(thread, node));
    decref(other, node);
  });
}

TEST_F(Publish, AStoreIntoASharedObjectPublishesAllThatTheValueReaches) {
  Node* container = shared_node();
  Node* first = make_node(thread);
  Node* second = make_node(thread);
  Node* own = make_node(thread);
  slot_init(first, first->left, Value{second});
  incref(thread, first);
  slot_init(second, second->right, Value{first});  // a ring
  EXPECT_TRUE(is_mine(thread, first));
  slot_write(thread, container, container->left, Value{first});
  EXPECT_FALSE(is_mine(thread, first));
  EXPECT_FALSE(is_mine(thread, second));
  EXPECT_TRUE(is_mine(thread, own));
  slot_clear(thread, second, second->right);
  decref(thread, container);
  decref(thread, own);
}

TEST_F(Publish, AStoreIntoAnObjectOfOnesOwnPublishesNothing) {
  Node* container = make_node(thread);
  Node* value = make_node(thread);
  slot_write(thread, container, container->left, Value{value});
  EXPECT_TRUE(is_mine(thread, value));
  decref(thread, container);
}

TEST_F(Publish, ANewTagSharesEverythingAtOnce) {
  Node* before = make_node(thread);
  publish_everything_of(thread);
  Node* after = make_node(thread);
  EXPECT_FALSE(is_mine(thread, before));
  EXPECT_FALSE(is_live_tag(before->owner.load()));
  EXPECT_TRUE(is_mine(thread, after));
  decref(thread, before);
  decref(thread, after);
}

TEST_F(Publish, WeaklyReferencedObjectsAreShared) {
  Node* node = make_node(thread);
  WeakReference* reference = make_weak(thread);
  Maybe<Ref<WeakReference>> existing;
  ASSERT_TRUE(weakref_attach(thread, reference, node, WeakKind::other, existing));
  EXPECT_FALSE(is_mine(thread, node));
  EXPECT_FALSE(is_mine(thread, reference));
  decref(thread, node);
  decref(thread, reference);
}

// Garbage of another thread is disposed of here; what it refers to is that thread's and lives.
TEST_F(Publish, GarbageOfAnotherThreadIsSharedBeforeItGoes) {
  static std::atomic<int> step{0};
  step = 0;
  const bool automatic = collector_enabled();
  collector_enable(false);  // in the hostile build the thread would find its garbage itself
  std::atomic<bool> shared{false};
  run_attached_all(thread, {[&shared](Thread& other) {
                              Node* kept = make_node(other);
                              Node* garbage = make_node(other);
                              slot_init(garbage, garbage->left, Value{garbage});
                              incref(other, kept);
                              slot_init(garbage, garbage->right, Value{kept});
                              EXPECT_TRUE(is_mine(other, kept));
                              step = 1;
                              while (step != 2) poll_gc(other);
                              shared = !is_mine(other, kept);
                              EXPECT_EQ(strong_count(kept), 1);
                              decref(other, kept);
                            },
                            [](Thread& other) {
                              while (step != 1) poll_gc(other);
                              collect(other, 2);
                              step = 2;
                            }});
  collector_enable(automatic);
  EXPECT_TRUE(shared);
}

// More tags than there are: the thread goes on without one, and gets one again when the heap was
// cleaned.
TEST_F(Publish, TagsAreUsedAgain) {
  Node* old = make_node(thread);
  const uint16_t old_tag = thread.tag;
  for (int round = 0; round < 70000; ++round) publish_everything_of(thread);
  EXPECT_EQ(thread.tag, kSharedTag);
  Node* shared = make_node(thread);
  EXPECT_EQ(shared->owner.load(), 0);
  EXPECT_FALSE(is_mine(thread, shared));
  EXPECT_TRUE(tags_run_short());
  collect(thread, 2);
  EXPECT_FALSE(tags_run_short());
  EXPECT_NE(thread.tag, kSharedTag);
  EXPECT_EQ(old->owner.load(), 0);  // or it would belong to whoever gets old_tag
  bool again = thread.tag == old_tag;
  for (int round = 0; round < 60000 && !again; ++round) {
    publish_everything_of(thread);
    again = thread.tag == old_tag;
  }
  EXPECT_TRUE(again);
  EXPECT_FALSE(is_mine(thread, old));
  decref(thread, old);
  decref(thread, shared);
}

}  // namespace
}  // namespace dx
