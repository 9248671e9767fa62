// Owner tags, and how objects stop being one thread's own (the picture is in publish.h).

#include "memory/publish.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>

#include "base/pile.h"
#include "memory/heap.h"
#include "memory/layout.h"
#include "memory/safepoint.h"

namespace dx {
namespace {

// More objects than this at once, and giving the thread a new tag is the cheaper way.
constexpr size_t kPublishLimit = size_t{1} << 20;

// Tags are handed out once; those that nobody carries any more are usable again after tags_recycle.
enum TagState : uint8_t { kTagFree, kTagLive, kTagStale };
constexpr size_t kTags = size_t{kSharedTag} + 1;
std::atomic<std::atomic<uint8_t>*> tag_states{nullptr};  // made when the second thread starts
std::mutex tags_lock;
size_t next_tag = kMainTag + 1;  // where the search for a free one goes on
std::atomic<size_t> stale_tags{0};

// A free tag, or kSharedTag when all are used up: the thread then owns nothing, which is always
// right.
uint16_t take_tag() {
  std::lock_guard<std::mutex> guard(tags_lock);
  auto* states = tag_states.load(std::memory_order_relaxed);
  if (!states) {
    states = static_cast<std::atomic<uint8_t>*>(std::calloc(kTags, sizeof(std::atomic<uint8_t>)));
    if (!states) return kSharedTag;
    tag_states.store(states, std::memory_order_release);
  }
  for (; next_tag < kSharedTag; ++next_tag) {
    if (states[next_tag].load(std::memory_order_relaxed) != kTagFree) continue;
    states[next_tag].store(kTagLive, std::memory_order_relaxed);
    return static_cast<uint16_t>(next_tag++);
  }
  return kSharedTag;
}

// Everything that `start` reaches and `owner` owns becomes shared. False: more than `limit`
// objects, or no memory to remember them; some have become shared then.
//
// An object is marked before it is traced, so that rings end; what it refers to that is not
// `owner`'s is shared already.
class Publisher : public SlotVisitor {
 public:
  Publisher(uint16_t owner, size_t limit)
      : SlotVisitor{&visit_slot, &visit_slots}, owner_(owner), left_(limit) {}

  bool run(Object* start) {
    see(start);
    while (complete_ && (near_count_ || !stack_.empty())) {
      Object* object = stack_.empty() ? near_[--near_count_] : stack_.pop();
      trace_object(object, *this);
      const Shape& shape = shape_of(object);
      if (shape.flags & kShapeHeapType) see(reinterpret_cast<Object*>(shape.type));
    }
    return complete_;
  }

 private:
  void see(Object* object) {
    if (object->owner.load(std::memory_order_relaxed) != owner_) return;
    object->owner.store(0, std::memory_order_relaxed);
    const Shape& shape = shape_of(object);
    constexpr uint32_t kHolds = kShapeHeapType | kShapeHasDict | kShapeInlineSlots;
    if (!(shape.flags & kHolds) && !shape.layout->trace) return;
    if (near_count_ < kNear) {
      near_[near_count_++] = object;
    } else {
      complete_ = complete_ && left_ > 0 && stack_.push(object);
      --left_;
    }
  }
  void see(Value value) {
    if (is_counted(value)) see(value.object());
  }
  static void visit_slot(SlotVisitor& self, Slot& slot) {
    static_cast<Publisher&>(self).see(slot.raw_relaxed());
  }
  static void visit_slots(SlotVisitor& self, Slot* first, ptrdiff_t stride, size_t group,
                          size_t count) {
    for (; count > 0; --count, first += stride) {
      for (size_t index = 0; index < group; ++index)
        static_cast<Publisher&>(self).see(first[index].raw_relaxed());
    }
  }

  static constexpr size_t kNear = 24;  // what is published is small, mostly

  const uint16_t owner_;
  size_t left_;
  bool complete_ = true;
  size_t near_count_ = 0;
  Object* near_[kNear];
  Pile<Object*> stack_;
};

}  // namespace

void tag_begin(Thread& thread) {
  uint16_t tag = take_tag();
  thread.tag = tag;
  thread.new_owner = tag == kSharedTag ? 0 : tag;
}

void tag_end(Thread& thread) {
  if (thread.tag == kSharedTag) return;
  if (auto* states = tag_states.load(std::memory_order_acquire))
    states[thread.tag].store(kTagStale, std::memory_order_relaxed);
  stale_tags.fetch_add(1, std::memory_order_relaxed);
  thread.tag = kSharedTag;
  thread.new_owner = 0;
}

void publish_everything_of(Thread& thread) {
  if (thread.tag == kSharedTag) return;
  tag_end(thread);
  tag_begin(thread);
}

void publish_everything_of_others(Thread& self) {
  if (!threads_are_shared()) return;
  for (Thread* thread = threads_first(); thread; thread = thread->next) {
    if (thread != &self) publish_everything_of(*thread);
  }
}

void publish_slow(Thread& thread, Object* object) {
  // With one thread nothing is shared; when the second one starts, everything is at once.
  if (!threads_are_shared()) return;
  if (!Publisher(thread.tag, kPublishLimit).run(object)) publish_everything_of(thread);
}

void publish_items_of(Thread& thread, Object* container) {
  struct Visitor : SlotVisitor {
    Thread& thread;
    explicit Visitor(Thread& publishing) : SlotVisitor{&visit_slot, nullptr}, thread(publishing) {}
    static void visit_slot(SlotVisitor& self, Slot& slot) {
      publish(static_cast<Visitor&>(self).thread, slot.raw_relaxed());
    }
  } visitor(thread);
  if (threads_are_shared()) trace_object(container, visitor);
}

void publish_foreign(Thread& self, Object* object, size_t limit) {
  const uint16_t owner = object->owner.load(std::memory_order_relaxed);
  if (!is_live_tag(owner) || owner == self.tag) return;
  if (Publisher(owner, limit).run(object)) return;
  for (Thread* thread = threads_first(); thread; thread = thread->next) {
    if (thread->tag == owner) publish_everything_of(*thread);
  }
}

bool is_live_tag(uint16_t owner) {
  auto* states = tag_states.load(std::memory_order_acquire);
  return owner != 0 && states && states[owner].load(std::memory_order_relaxed) == kTagLive;
}

bool tags_run_short() { return stale_tags.load(std::memory_order_relaxed) > kSharedTag / 2; }

void tags_recycle() {
  heap_each_page(
      [](void*, Page* page) {
        char* block = page_start(page);
        const size_t bytes = block_bytes(page);
        for (size_t index = 0; index < page->extended; ++index, block += bytes) {
          Object* object = reinterpret_cast<Object*>(block);
          // Dead ones too, whose memory a weak count keeps. A free block has no counts.
          if (object->counts.load(std::memory_order_relaxed) == 0) continue;
          if (!is_live_tag(object->owner.load(std::memory_order_relaxed)))
            object->owner.store(0, std::memory_order_relaxed);
        }
      },
      nullptr);
  {
    std::lock_guard<std::mutex> guard(tags_lock);
    auto* states = tag_states.load(std::memory_order_relaxed);
    for (size_t tag = 0; states && tag < kTags; ++tag) {
      if (states[tag].load(std::memory_order_relaxed) == kTagStale)
        states[tag].store(kTagFree, std::memory_order_relaxed);
    }
    stale_tags.store(0, std::memory_order_relaxed);
    next_tag = kMainTag + 1;
  }
  for (Thread* thread = threads_first(); thread; thread = thread->next) {
    if (thread->tag == kSharedTag) tag_begin(*thread);
  }
}

void tags_fork_child() { new (&tags_lock) std::mutex; }

void store_not_published(const Object* container, const Object* value) {
  const auto name = [](const Object* object) {
    const Layout* layout = shape_of(object).layout;
    return layout ? layout->name : "?";
  };
  std::fprintf(
      stderr, "dx-py: a %s of thread tag %u was stored into a shared %s without being published\n",
      name(value), unsigned{value->owner.load(std::memory_order_relaxed)}, name(container));
  std::abort();
}

void owner_violated(const Thread& thread, const Object* object) {
  std::fprintf(stderr, "dx-py: an object that thread tag %u owns was reached by tag %u: %p, %s\n",
               unsigned{object->owner.load(std::memory_order_relaxed)}, unsigned{thread.tag},
               static_cast<const void*>(object),
               shape_of(object).layout ? shape_of(object).layout->name : "?");
  std::abort();
}

}  // namespace dx
