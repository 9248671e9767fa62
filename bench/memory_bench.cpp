// Nanoseconds of what memory/ does all the time: counting, allocating, dying, retiring, collecting;
// and of three ways to have 0.0 as an immediate. Prints one line a figure; the median of 9 rounds,
// the loop's own cost included.
//
//   cmake --build build/release --target memory_bench && build/release/bench/memory_bench
//
// In single-threaded mode first, then once more after threads_share (atomic counts, retired
// blocks).

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "memory/collector.h"
#include "memory/epoch.h"
#include "memory/heap.h"
#include "memory/layout.h"
#include "memory/safepoint.h"
#include "memory/slots.h"
#include "memory/weakref.h"

namespace dx {
namespace {

struct Node : Object {
  Slot left, right;
};
const Layout leaf_layout{"leaf", 32, false, nullptr, nullptr};
const Layout node_layout{"node", sizeof(Node), true,
                         [](Object* object, SlotVisitor& visitor) {
                           visitor(static_cast<Node*>(object)->left);
                           visitor(static_cast<Node*>(object)->right);
                         },
                         nullptr};
ShapeId leaf_shape, node_shape;

// Of this thread: other programs on the machine do not count.
double cpu_nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) * 1e9 + double(now.tv_nsec);
}

template <class Body>
double nanoseconds(size_t operations, Body body) {
  std::vector<double> rounds;
  for (int round = 0; round < 9; ++round) {
    double start = cpu_nanoseconds();
    body();
    rounds.push_back((cpu_nanoseconds() - start) / static_cast<double>(operations));
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[4];
}
void report(const char* mode, const char* what, double ns) {
  std::printf("%-8s %-44s %8.2f ns\n", mode, what, ns);
}

void keep(const void* pointer) { asm volatile("" : : "r"(pointer) : "memory"); }

Node* new_node(Thread& thread) {
  return static_cast<Node*>(allocate_object(thread, sizeof(Node), node_shape, PageKind::traced));
}

void measure(Thread& thread, const char* mode) {
  constexpr size_t kMany = 1000000;
  Object* object = allocate_object(thread, 32, leaf_shape, PageKind::leaf);
  report(mode, "count pair (incref, decref)", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i) {
             incref(thread, object);
             keep(object);
             decref(thread, object);
           }
         }));
  report(mode, "try_incref, decref", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i) {
             (void)try_incref(thread, object);
             keep(object);
             decref(thread, object);
           }
         }));
  make_immortal(object);
  report(mode, "count pair, immortal", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i) {
             incref(thread, object);
             keep(object);
             decref(thread, object);
           }
         }));
  report(mode, "leaf of 32 bytes: make and drop", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i) {
             Object* leaf = allocate_object(thread, 32, leaf_shape, PageKind::leaf);
             keep(leaf);
             decref(thread, leaf);
             if (i % 64 == 0) poll_gc(thread);
           }
         }));
  report(mode, "traced object of 32 bytes: make and drop", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i) {
             Node* node = new_node(thread);
             keep(node);
             decref(thread, node);
             if (i % 64 == 0) poll_gc(thread);
           }
         }));
  report(mode, "buffer of 64 bytes: make and free", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i) {
             void* buffer = allocate_buffer(thread, 64);
             keep(buffer);
             free_buffer(thread, buffer);
           }
         }));
  constexpr size_t kLive = 100000;
  std::vector<Object*> live(kLive);
  report(mode, "100,000 leaves made, then dropped: each", nanoseconds(kLive, [&] {
           for (Object*& slot : live)
             slot = allocate_object(thread, 32, leaf_shape, PageKind::leaf);
           for (Object* leaf : live) decref(thread, leaf);
           poll_gc(thread);
         }));
  report(mode, "linked list of 100,000: each node's death", nanoseconds(kLive, [&] {
           Node* head = nullptr;
           for (size_t i = 0; i < kLive; ++i) {
             Node* node = new_node(thread);
             if (head) slot_init(node, node->left, Value{head});
             head = node;
           }
           decref(thread, head);
           poll_gc(thread);
         }));
  Node* container = new_node(thread);
  slot_init(container, container->left, Value{new_node(thread)});
  report(mode, "slot_load, decref", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i)
             decref(thread, slot_load(thread, container, container->left));
         }));
  report(mode, "slot_write of a small int", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i)
             slot_write(thread, container, container->right, small_int(Word(i)));
         }));
  report(mode, "poll_gc, nothing asked for", nanoseconds(kMany, [&] {
           for (size_t i = 0; i < kMany; ++i) {
             poll_gc(thread);
             keep(&thread);
           }
         }));
  decref(thread, container);

  // A live binary tree of a million nodes and a garbage ring beside it: what one full collection
  // costs a live object.
  constexpr size_t kTree = 1000000;
  std::vector<Node*> tree(kTree);
  for (Node*& node : tree) node = new_node(thread);
  for (size_t i = 1; i < kTree; ++i) {
    Node* parent = tree[(i - 1) / 2];
    slot_init(parent, i % 2 ? parent->left : parent->right, Value{tree[i]});
  }
  report(mode, "full collection, a live object's share",
         nanoseconds(kTree, [&] { collect(thread, 2); }));
  report(mode, "young collection of 2,000 dead rings, each", nanoseconds(2000, [&] {
           for (int i = 0; i < 2000; ++i) {
             Node* node = new_node(thread);
             slot_init(node, node->left, Value{node});
           }
           collect(thread, 0);
         }));
  decref(thread, tree[0]);
}

// ---- 0.0 as an immediate
// ------------------------------------------------------------------------------------------------
// Each adds a million doubles through encode and decode, as an interpreter's += on a float does.
struct WithoutZero {  // 0.0 is a heap float: what the others are compared with
  static Value encode(double number) {
    uint64_t payload = std::rotl(std::bit_cast<uint64_t>(number), 1) - kFloatBias;
    return payload >> 62 ? Value{} : Value{payload << 2 | 2};
  }
  static double decode(Value value) {
    return std::bit_cast<double>(std::rotr((value.bits >> 2) + kFloatBias, 1));
  }
};
struct ZeroInPlaceOfSmallest {  // memory/value.h
  static Value encode(double number) { return float_encode(number); }
  static double decode(Value value) { return float_decode(value); }
};
struct ZeroBySpecialWord {  // two words outside the range, tested for on both sides
  static Value encode(double number) {
    uint64_t bits = std::bit_cast<uint64_t>(number);
    if (__builtin_expect((bits << 1) == 0, 0)) return Value{bits >> 63 ? 6u : 2u};
    uint64_t payload = std::rotl(bits, 1) - kFloatBias;
    return payload >> 62 || payload <= 1 ? Value{} : Value{payload << 2 | 2};
  }
  static double decode(Value value) {
    if (__builtin_expect(value.bits <= 6, 0)) return value.bits == 6 ? -0.0 : 0.0;
    return std::bit_cast<double>(std::rotr((value.bits >> 2) + kFloatBias, 1));
  }
};
struct ZeroByMask {  // no test: the bias is masked away when the payload is 0 or 1
  static Value encode(double number) { return float_encode(number); }
  static double decode(Value value) {
    uint64_t payload = value.bits >> 2;
    uint64_t mask = ~(static_cast<uint64_t>(payload > 1) - 1);
    return std::bit_cast<double>(std::rotr(payload + (kFloatBias & mask), 1));
  }
};

template <class Encoding>
void measure_floats(const char* name) {
  constexpr size_t kMany = 1000000;
  static std::vector<Value> numbers(1024);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = Encoding::encode(1.0 + double(i));
  double total = nanoseconds(kMany, [&] {
    Value sum = Encoding::encode(1.5);
    for (size_t i = 0; i < kMany; ++i) {
      sum = Encoding::encode(Encoding::decode(sum) + Encoding::decode(numbers[i & 1023]));
      if (__builtin_expect(sum.is_empty(), 0)) std::abort();
    }
    keep(&sum);
  });
  report("float", name, total);
}

}  // namespace
}  // namespace dx

int main() {
  using namespace dx;
  static Thread thread;
  memory_start(thread);
  leaf_shape = shape_allocate();
  shape_table[leaf_shape].layout = &leaf_layout;
  node_shape = shape_allocate();
  shape_table[node_shape].layout = &node_layout;
  collector_enable(false);
  measure(thread, "single");
  threads_share(thread);
  measure(thread, "threads");
  measure_floats<WithoutZero>("0.0 on the heap (for comparison)");
  measure_floats<ZeroInPlaceOfSmallest>("0.0 in the place of 2**-256 (chosen)");
  measure_floats<ZeroBySpecialWord>("0.0 as a word of its own, tested");
  measure_floats<ZeroByMask>("0.0 by masking the bias");
  PauseHistogram pauses = collector_pauses();
  std::printf("%-8s %-44s %8.2f ms\n", "pause", "longest stop of other threads",
              double(pauses.longest) * 1e-6);
}
