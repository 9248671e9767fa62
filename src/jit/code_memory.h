#pragma once
// Where machine code lives. One reservation of address space holds code and the units' data, so
// that both are within reach of a 32-bit displacement. The code pages are mapped twice, once
// executable and once writable at another address, so that none is ever both and publishing code
// changes no protection.
//
//   run_base_    | code, r-x ............ | unit data, rw- .... |   one reservation, below 2 GB
//   write_base_  | the same pages, rw- .. |                         elsewhere
//
// Code is written once, before anyone can know its address, and never touched again until nobody
// can be running it. Blocks are rounded to size classes (at most 25 % more than asked for), kept in
// one bin a class, split when a larger one must serve, and merged with free neighbours when they
// come back.
//
// Freeing: whoever makes a unit unreachable calls retire(); the memory returns when every thread
// that might still be inside has left or said where it stands.
//   - A thread runs machine code only between CodeThread::enter and leave; entering stores the
//     current epoch.
//   - retire() stamps the unit with the epoch and starts the next one.
//   - reclaim() frees a stamped unit when every thread that is inside entered in a later epoch.
// A thread that stays inside for long calls still_inside() at a safepoint with the return addresses
// into code that its stack holds: it then counts as freshly entered, and the units it named stay
// until it says otherwise.
//
// Pages that are mapped twice are shared with a forked child as well, so fork must be announced:
// before_fork() in the parent, after_fork() in both; the child then gets pages of its own at the
// same addresses.
//
// Rules for whoever edits this:
//  1. unlink the last pointer to a unit (sequentially consistent) before retire();
//  2. load a pointer to a unit only between enter and leave;
//  3. nothing is taken under `mutex_` that may call back into here.
// Threads: everything may be called from any thread; a CodeThread belongs to one.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "jit/engine.h"

namespace dx::jit {

class CodeNames;
class CodeThread;

// Free ranges of one arena, in granules of 64 bytes.
class CodeArena {
 public:
  static constexpr uint32_t kGranule = 64;
  explicit CodeArena(uint32_t capacity);
  // Offset, or kNone when there is no room. `room` is what was really taken.
  static constexpr uint32_t kNone = ~0u;
  uint32_t allocate(uint32_t size, uint32_t& room);
  void release(uint32_t offset, uint32_t room);
  uint32_t used() const { return used_; }
  uint32_t largest_free() const;
  // Rounded up to its class; what allocate() takes.
  static uint32_t class_size(uint32_t size);

 private:
  void put(uint32_t offset, uint32_t size);
  void take(uint32_t offset, uint32_t size);
  std::map<uint32_t, uint32_t> ranges_;   // offset -> size, neighbours always merged
  std::vector<std::set<uint32_t>> bins_;  // by the largest class that fits in the range
  uint32_t used_ = 0;
};

struct CodeUnit {
  const uint8_t* code = nullptr;
  uint8_t* data = nullptr;  // null when the unit has none
  uint32_t code_size = 0, data_size = 0;
  // Moved on by touch(), or by machine code itself (the word never moves): eviction takes the least
  // recently used.
  std::atomic<uint32_t> last_used{0};
  std::string name;

 private:
  friend class CodeMemory;
  friend class CodeThread;
  uint32_t code_offset_ = 0, code_room_ = 0, data_offset_ = 0, data_room_ = 0;
  uint64_t retired_at_ = 0;
  uint32_t pins_ = 0;
  bool retired_ = false;
};

class CodeMemory {
 public:
  struct Sizes {
    uint32_t code = 64u << 20, data = 32u << 20;
  };
  // Null with a message in `error` when the system refuses executable memory.
  static std::unique_ptr<CodeMemory> create(Sizes sizes, CodeNames* names, std::string& error);
  ~CodeMemory();
  CodeMemory(const CodeMemory&) = delete;
  CodeMemory& operator=(const CodeMemory&) = delete;

  // Makes a compiled unit callable: copies it in, fills the displacements to its data and to
  // `symbols`. Null when there is no room, or when a fixup names something that was not given.
  CodeUnit* install(const CodeView& view, uint32_t data_size, std::span<const void* const> symbols,
                    std::string name);
  // The unit will not be found any more; its memory returns later.
  void retire(CodeUnit* unit);
  // Returns the memory of retired units that no thread can be in; how many units that were.
  size_t reclaim();

  // Every sweep of the eviction clock ages all units by one.
  uint32_t tick() { return clock_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void touch(CodeUnit* unit) {
    unit->last_used.store(clock_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  // Chooses the least recently used units until what remains is at most `budget` bytes of code, and
  // gives each to `unlink`, which makes it unreachable and returns true, or returns false to keep
  // it. Chosen units are retired. Returns how many. `unlink` must not call into this object, and
  // nobody else may retire units meanwhile.
  template <typename Unlink>
  size_t evict(uint32_t budget, Unlink&& unlink) {
    size_t count = 0;
    for (CodeUnit* unit : eviction_order(budget)) {
      if (!unlink(unit)) continue;
      retire(unit);
      ++count;
    }
    return count;
  }

  // Around fork(), which must find no other thread in the middle of install(). `survivor` is the
  // calling thread's, or null; all other threads are gone in the child. False, and no machine code
  // may be written or freed any more, when the child could not get pages of its own.
  enum class Side { parent, child };
  void before_fork() { mutex_.lock(); }
  bool after_fork(Side side, CodeThread* survivor);

  // The unit whose code holds this address, or null; for profilers, tracebacks and exits.
  CodeUnit* find(const void* address);
  uint32_t
  code_used();  // bytes taken, rounding included; retired units count until they are reclaimed
  uint32_t data_used();
  size_t unit_count();
  size_t retired_count();

 private:
  friend class CodeThread;
  struct alignas(64) Slot {
    std::atomic<uint64_t> entered{0};  // epoch, 0 when outside
    std::atomic<bool> taken{false};
    std::vector<CodeUnit*> pinned;  // under mutex_
  };
  static constexpr uint32_t kMaxThreads = 512;

  CodeMemory(Sizes sizes, CodeNames* names)
      : sizes_(sizes), names_(names), code_(sizes.code), data_(sizes.data) {}
  bool map(std::string& error);
  bool map_code(std::string& error);
  std::vector<CodeUnit*> eviction_order(uint32_t budget);
  CodeUnit* find_locked(const void* address);
  void unpin_locked(Slot& slot);

  const Sizes sizes_;
  CodeNames* const names_;
  uint8_t* run_base_ = nullptr;    // code, then data
  uint8_t* write_base_ = nullptr;  // the same code
  std::atomic<uint64_t> epoch_{1};
  std::atomic<uint32_t> clock_{1};
  Slot slots_[kMaxThreads];

  std::mutex mutex_;  // guards everything below
  CodeArena code_, data_;
  std::map<uint32_t, std::unique_ptr<CodeUnit>> units_;  // by code offset
  std::vector<CodeUnit*> limbo_;
};

// One thread's permission to run machine code.
class CodeThread {
 public:
  explicit CodeThread(CodeMemory& memory);
  ~CodeThread();
  CodeThread(const CodeThread&) = delete;
  CodeThread& operator=(const CodeThread&) = delete;

  void enter() {
    if (depth_++) return;
    slot_->entered.store(memory_.epoch_.load(std::memory_order_seq_cst), std::memory_order_seq_cst);
  }
  void leave() {
    if (--depth_) return;
    if (pins_) drop_pins();
    slot_->entered.store(0, std::memory_order_release);
  }
  // Requires: entered, and holding no pointer to a unit except those of the frames whose return
  // addresses are given.
  void still_inside(std::span<const uintptr_t> return_addresses);

 private:
  friend class CodeMemory;
  void drop_pins();
  CodeMemory& memory_;
  CodeMemory::Slot* slot_;
  uint32_t depth_ = 0;
  bool pins_ = false;
};

}  // namespace dx::jit
