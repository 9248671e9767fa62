// Several threads: atomic counts, racing readers against the epoch, byte locks, handshakes, weak
// references, fork.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "memory/byte_lock.h"
#include "memory/collector.h"
#include "memory/publish.h"
#include "memory_fixture.h"

namespace dx {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = kHostile ? 200 : 20000;

class Threads : public ::testing::Test {
 protected:
  void SetUp() override {
    memory_hooks = {};
    record_destroyed() = false;
  }
  Thread& thread = current_thread();
  // For objects that reach the threads by the test's own variables.
  Node* make_shared(uint64_t serial = 0) {
    threads_share(thread);
    Node* node = make_node(thread, serial);
    publish(thread, Value{node});
    return node;
  }
  void on_all(std::function<void(Thread&, int)> body) {
    std::vector<std::function<void(Thread&)>> bodies;
    for (int index = 0; index < kThreads; ++index) {
      bodies.push_back([=](Thread& self) { body(self, index); });
    }
    run_attached_all(thread, bodies);
  }
};

TEST_F(Threads, CountsStayExactWhenAllThreadsCount) {
  Node* node = make_shared();
  on_all([node](Thread& self, int) {
    for (int round = 0; round < kRounds; ++round) {
      incref(self, node);
      EXPECT_TRUE(try_incref(self, node));
      decref(self, node);
      decref(self, node);
      poll_gc(self);
    }
  });
  EXPECT_EQ(strong_count(node), 1);
  decref(thread, node);
}

// Writers replace what a slot holds while readers load it: a reader gets a live object of the right
// kind, always.
TEST_F(Threads, ReadersOfASlotMeetLiveObjectsOnly) {
  Node* container = make_shared();
  slot_write(thread, container, container->left, Value{make_node(thread, 42)});
  on_all([container](Thread& self, int index) {
    for (int round = 0; round < kRounds; ++round) {
      if (index % 2 == 0) {
        slot_write(self, container, container->left, Value{make_node(self, 42)});
      } else {
        Value seen = slot_load(self, container, container->left);
        ASSERT_TRUE(seen.is_object());
        EXPECT_EQ(static_cast<Node*>(seen.object())->serial, 42u);
        decref(self, seen);
      }
      poll_gc(self);
    }
  });
  decref(thread, container);
}

TEST_F(Threads, RetiredBuffersStayIntactUntilEverybodyPassedASafepoint) {
  std::atomic<uint64_t*> shared{static_cast<uint64_t*>(allocate_buffer(thread, 256))};
  for (int word = 0; word < 32; ++word) shared.load()[word] = 7;
  on_all([&shared](Thread& self, int index) {
    for (int round = 0; round < kRounds; ++round) {
      if (index == 0) {
        auto* fresh = static_cast<uint64_t*>(allocate_buffer(self, 256));
        for (int word = 0; word < 32; ++word) {
          __atomic_store_n(&fresh[word], uint64_t(7), __ATOMIC_RELAXED);
        }
        uint64_t* old = shared.exchange(fresh, std::memory_order_acq_rel);
        retire_buffer(self, old);
      } else {
        uint64_t* seen = shared.load(std::memory_order_acquire);
        for (int word = 0; word < 32; word += 5) {
          ASSERT_EQ(__atomic_load_n(&seen[word], __ATOMIC_RELAXED), 7u);
        }
      }
      poll_epoch(self);
    }
  });
  free_buffer(thread, shared.load());
}

// A racing reader may look at a dead object until its next safepoint: header and payload are what
// they were.
TEST_F(Threads, ADeadBlockStaysIntactThroughTheGracePeriod) {
  threads_share(thread);
  Node* node = make_shared(4711);
  decref(thread, node);
  EXPECT_EQ(strong_count(node), 0);
  EXPECT_FALSE(try_incref(thread, node));
  EXPECT_EQ(node->shape(), test_shapes().node);
  EXPECT_EQ(node->serial, 4711u);
  std::vector<Node*> others;
  for (int index = 0; index < 1000; ++index) {
    others.push_back(make_shared());
    EXPECT_NE(others.back(), node);  // not handed out again
  }
  for (Node* other : others) decref(thread, other);
  for (int round = 0; round < 3; ++round) epoch_flush(thread);
  bool reused = false;
  for (int index = 0; index < 3000; ++index) {
    others[size_t(index) % 1000] = make_shared();
    reused |= others[size_t(index) % 1000] == node;
  }
  EXPECT_TRUE(reused);
}

TEST_F(Threads, WhatIsRetiredIsBounded) {
  threads_share(thread);
  uint64_t most = 0;
  on_all([&most](Thread& self, int index) {
    for (int round = 0; round < kRounds; ++round) {
      retire_buffer(self, allocate_buffer(self, 4096));
      poll_epoch(self);
      if (index == 0 && retired_bytes() > most) most = retired_bytes();
    }
  });
  // 256 KiB a thread, plus what is sealed while some thread is not running just now (more threads
  // than cores here).
  EXPECT_LT(most, uint64_t{kThreads} * kRounds * 4096 / 2);
  for (int round = 0; round < 4; ++round) epoch_flush(thread);
  EXPECT_EQ(retired_bytes(), 0u);
}

TEST_F(Threads, AByteLockExcludesAndParksWaiters) {
  Node* node = make_shared();
  uint64_t plain = 0;
  on_all([node, &plain](Thread& self, int) {
    for (int round = 0; round < kRounds; ++round) {
      {
        ObjectLock lock(self, node);
        plain = plain + 1;
        if (round % 1000 == 0) usleep(200);  // the others park
      }
      poll_gc(self);
    }
  });
  EXPECT_EQ(plain, uint64_t(kThreads) * kRounds);
  EXPECT_EQ(node->lock.load(), 0);
  decref(thread, node);
}

TEST_F(Threads, PairsAreLockedWithoutDeadlock) {
  Node* a = make_shared();
  Node* b = make_shared();
  uint64_t plain = 0;
  on_all([&](Thread& self, int index) {
    for (int round = 0; round < kRounds; ++round) {
      {
        ObjectPairLock lock(self, index % 2 ? a : b, index % 2 ? b : a);
        plain = plain + 1;
      }
      {
        ObjectPairLock same(self, a, a);
      }
      poll_gc(self);
    }
  });
  EXPECT_EQ(plain, uint64_t(kThreads) * kRounds);
  decref(thread, a);
  decref(thread, b);
}

TEST_F(Threads, WhoStopsAllIsAlone) {
  threads_share(thread);
  std::atomic<int> running{0};
  on_all([&running](Thread& self, int index) {
    for (int round = 0; round < kRounds / 20; ++round) {
      if (round % 7 == index) {
        StopAll stopped(self);
        StopAll nested(self);
        EXPECT_EQ(running.load(), 0);
      }
      running.fetch_add(1);
      running.fetch_sub(1);
      poll_gc(self);
      if (round % 50 == 0) {
        OfflineScope blocking(self);
        usleep(50);
      }
    }
  });
}

TEST_F(Threads, WeakReferencesRaceWithDeath) {
  std::atomic<WeakReference*> shared{nullptr};
  std::atomic<bool> done{false};
  threads_share(thread);
  run_attached_all(
      thread, {
                  [&](Thread& self) {
                    for (int round = 0; round < kRounds / 4; ++round) {
                      Node* node = make_node(self, 42);
                      WeakReference* reference = make_weak(self);
                      Maybe<Ref<WeakReference>> existing;
                      ASSERT_TRUE(weakref_attach(self, reference, node, WeakKind::other, existing));
                      WeakReference* old = shared.exchange(reference);
                      decref(self, node);
                      if (old) decref(self, old);
                      poll_gc(self);
                    }
                    done = true;
                  },
                  [&](Thread& self) {
                    int seen = 0;
                    while (!done) {
                      WeakReference* reference = shared.load();
                      if (reference && try_incref(self, reference)) {
                        Maybe<Ref<Object>> referent = weakref_get(self, reference);
                        if (referent) {
                          EXPECT_EQ(static_cast<Node*>(referent.get())->serial, 42u);
                          ++seen;
                        }
                        decref(self, reference);
                      }
                      poll_gc(self);
                    }
                  },
              });
  decref(thread, shared.load());
}

// Threads build and drop rings while collections run in all of them.
TEST_F(Threads, CollectionsWhileOthersMutate) {
  collector_enable(true);
  static std::atomic<uint64_t> freed{0};
  static const Layout layout{"counted", sizeof(Node), true, node_trace,
                             [](Thread&, Object*) { ++freed; }};
  ShapeId shape = new_shape(&layout, 0);
  threads_share(thread);
  freed = 0;
  on_all([shape](Thread& self, int index) {
    for (int round = 0; round < kRounds; ++round) {
      Node* a = make_node(self, 0, shape);
      Node* b = make_node(self, 0, shape);
      slot_init(a, a->left, Value{b});
      incref(self, a);
      slot_init(b, b->left, Value{a});
      decref(self, a);
      poll_gc(self);
      if (index == 0 && round % 1000 == 0) collect(self, round % 3);
    }
  });
  collect(thread, 2);
  for (int round = 0; round < 3; ++round) epoch_flush(thread);
  EXPECT_EQ(freed.load(), uint64_t(kThreads) * kRounds * 2);
  collector_enable(false);
}

TEST_F(Threads, ForkWhileOthersHammer) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "the child of a threaded process is not supported by TSan";
#endif
#endif
  threads_share(thread);
  std::atomic<bool> done{false};
  Node* container = make_shared();
  slot_write(thread, container, container->left, Value{make_node(thread, 42)});
  std::vector<std::function<void(Thread&)>> bodies;
  bodies.push_back([&](Thread& self) {
    for (int round = 0; round < 20; ++round) {
      fork_prepare(self);
      pid_t child = fork();
      if (child == 0) {
        fork_child(self);
        // The child writes what the others hammered, collects and allocates.
        slot_write(self, container, container->left, Value{make_node(self, 43)});
        for (int index = 0; index < 1000; ++index) decref(self, make_node(self));
        collect(self, 2);
        for (int flush = 0; flush < 3; ++flush) epoch_flush(self);
        _exit(static_cast<Node*>(container->left.raw().object())->serial == 43 ? 0 : 1);
      }
      fork_parent(self);
      int status = 0;
      {
        OfflineScope waiting(self);
        ASSERT_EQ(waitpid(child, &status, 0), child);
      }
      EXPECT_EQ(status, 0);
    }
    done = true;
  });
  for (int index = 1; index < 3; ++index) {
    bodies.push_back([&](Thread& self) {
      while (!done) {
        slot_write(self, container, container->left, Value{make_node(self, 42)});
        {
          ObjectLock lock(self, container);
        }
        poll_gc(self);
      }
    });
  }
  run_attached_all(thread, bodies);
  decref(thread, container);
}

TEST_F(Threads, ParkedThreadsNeverComeBack) {
  // In a child, because parked threads stay for ever.
  threads_share(thread);
  fork_prepare(thread);
  pid_t child = fork();
  if (child == 0) {
    fork_child(thread);
    static std::atomic<uint64_t> turns{0};
    static std::atomic<bool> attached{false};
    std::thread([] {
      static Thread daemon;
      if (!thread_attach(daemon)) _exit(3);
      attached = true;
      for (;;) {
        ++turns;
        poll_gc(daemon);
      }
    }).detach();
    while (!attached) {
      OfflineScope waiting(thread);
      usleep(100);
    }
    park_other_threads(thread);
    uint64_t before = turns;
    usleep(20000);
    collect(thread, 2);  // a parked thread holds nobody up
    _exit(turns == before ? 0 : 1);
  }
  fork_parent(thread);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace dx
