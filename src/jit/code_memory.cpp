#include "jit/code_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "jit/code_names.h"

namespace dx::jit {
namespace {

// Classes in granules: 1..16, then four steps for each doubling. Class k of the latter holds (4 +
// step) << shift.
uint32_t class_up(uint32_t granules) {
  if (granules <= 16) return granules - 1;
  uint32_t shift = static_cast<uint32_t>(std::bit_width(granules - 1)) - 3;
  uint32_t steps = (granules + (1u << shift) - 1) >> shift;  // 5..8
  return 16 + (shift - 2) * 4 + (steps - 5);
}

uint32_t granules_of(uint32_t index) {
  if (index < 16) return index + 1;
  uint32_t shift = (index - 16) / 4 + 2, steps = (index - 16) % 4 + 5;
  return steps << shift;
}

uint32_t class_down(uint32_t granules) {
  uint32_t index = class_up(granules);
  return granules_of(index) > granules ? index - 1 : index;
}

uint32_t granules(uint32_t size) {
  return std::max(1u, size / CodeArena::kGranule + (size % CodeArena::kGranule != 0));
}

}  // namespace

// ---------------------------------------------------------------- the arena

CodeArena::CodeArena(uint32_t capacity) {
  CHECK(capacity >= kGranule && capacity % kGranule == 0);
  bins_.resize(class_down(capacity / kGranule) + 1);
  put(0, capacity);
}

uint32_t CodeArena::class_size(uint32_t size) {
  return granules_of(class_up(granules(size))) * kGranule;
}

void CodeArena::put(uint32_t offset, uint32_t size) {
  ranges_[offset] = size;
  bins_[class_down(size / kGranule)].insert(offset);
}

void CodeArena::take(uint32_t offset, uint32_t size) {
  ranges_.erase(offset);
  bins_[class_down(size / kGranule)].erase(offset);
}

uint32_t CodeArena::allocate(uint32_t size, uint32_t& room) {
  if (size > 1u << 30) return kNone;
  uint32_t index = class_up(granules(size));
  room = granules_of(index) * kGranule;
  for (; index < bins_.size(); ++index) {
    if (bins_[index].empty()) continue;
    uint32_t offset = *bins_[index].begin(), whole = ranges_[offset];
    take(offset, whole);
    if (whole > room) put(offset + room, whole - room);
    used_ += room;
    return offset;
  }
  return kNone;
}

void CodeArena::release(uint32_t offset, uint32_t room) {
  used_ -= room;
  auto after = ranges_.lower_bound(offset);
  if (after != ranges_.end() && after->first == offset + room) {
    uint32_t size = after->second;
    take(offset + room, size);
    room += size;
    after = ranges_.lower_bound(offset);
  }
  if (after != ranges_.begin()) {
    auto before = std::prev(after);
    uint32_t start = before->first, size = before->second;
    if (start + size == offset) {
      take(start, size);
      offset = start;
      room += size;
    }
  }
  put(offset, room);
}

uint32_t CodeArena::largest_free() const {
  uint32_t largest = 0;
  for (auto [offset, size] : ranges_) largest = std::max(largest, size);
  return largest;
}

// ---------------------------------------------------------------- mappings

std::unique_ptr<CodeMemory> CodeMemory::create(Sizes sizes, CodeNames* names, std::string& error) {
  uint32_t page = static_cast<uint32_t>(sysconf(_SC_PAGESIZE));
  CHECK(sizes.code % page == 0 && sizes.data % page == 0 && sizes.code <= 1u << 29 &&
        sizes.data <= 1u << 29);
  std::unique_ptr<CodeMemory> memory(new CodeMemory(sizes, names));
  if (!memory->map(error)) return nullptr;
  return memory;
}

namespace {
bool failed(std::string& error, const char* what) {
  error = std::string("no memory for machine code: ") + what + ": " + std::strerror(errno);
  return false;
}
}  // namespace

bool CodeMemory::map(std::string& error) {
  constexpr int kAnywhere = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* base = mmap(nullptr, size_t{sizes_.code} + sizes_.data, PROT_NONE, kAnywhere, -1, 0);
  if (base == MAP_FAILED) return failed(error, "reserving addresses");
  run_base_ = static_cast<uint8_t*>(base);
  if (mprotect(run_base_ + sizes_.code, sizes_.data, PROT_READ | PROT_WRITE) != 0) {
    return failed(error, "unit data");
  }
  return map_code(error);
}

// Fresh pages under both addresses. They are shared anonymous memory and not a memory file, because
// perf looks names up in its map only for what seems to belong to no file.
bool CodeMemory::map_code(std::string& error) {
  constexpr int kShared = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
  void* writable = mmap(nullptr, sizes_.code, PROT_READ | PROT_WRITE, kShared, -1, 0);
  if (writable == MAP_FAILED) return failed(error, "writable pages");
  if (write_base_) {
    // After fork: what is in use moves over before the executable address changes hands. The caller
    // may come back into that code, which is why the switch is one system call.
    for (auto& [offset, unit] : units_) {
      std::memcpy(static_cast<uint8_t*>(writable) + offset, run_base_ + offset, unit->code_room_);
    }
    munmap(write_base_, sizes_.code);
  }
  write_base_ = static_cast<uint8_t*>(writable);
  // An old size of zero asks for a second mapping of the same pages.
  void* run = mremap(writable, 0, sizes_.code, MREMAP_MAYMOVE | MREMAP_FIXED, run_base_);
  if (run == MAP_FAILED || mprotect(run_base_, sizes_.code, PROT_READ | PROT_EXEC) != 0) {
    return failed(error, "executable pages");
  }
  return true;
}

bool CodeMemory::after_fork(Side side, CodeThread* survivor) {
  bool good = true;
  if (side == Side::child) {
    for (Slot& slot : slots_) {
      if (survivor && &slot == survivor->slot_) continue;
      unpin_locked(slot);
      slot.entered.store(0, std::memory_order_relaxed);
      slot.taken.store(false, std::memory_order_relaxed);
    }
    std::string error;
    good = map_code(error);
  }
  mutex_.unlock();
  return good;
}

CodeMemory::~CodeMemory() {
  for (Slot& slot : slots_) CHECK(!slot.taken.load());
  if (names_) {
    for (auto& [offset, unit] : units_) names_->removed(*unit);
  }
  if (write_base_) munmap(write_base_, sizes_.code);
  if (run_base_) munmap(run_base_, size_t{sizes_.code} + sizes_.data);
}

// ---------------------------------------------------------------- installing

CodeUnit* CodeMemory::install(const CodeView& view, uint32_t data_size,
                              std::span<const void* const> symbols, std::string name) {
  CHECK(view.align <= CodeArena::kGranule && !view.bytes.empty());
  auto unit = std::make_unique<CodeUnit>();
  unit->code_size = static_cast<uint32_t>(view.bytes.size());
  unit->data_size = data_size;
  {
    std::lock_guard lock(mutex_);
    unit->code_offset_ = code_.allocate(unit->code_size, unit->code_room_);
    if (unit->code_offset_ == CodeArena::kNone) return nullptr;
    if (data_size) {
      unit->data_offset_ = data_.allocate(data_size, unit->data_room_);
      if (unit->data_offset_ == CodeArena::kNone) {
        code_.release(unit->code_offset_, unit->code_room_);
        return nullptr;
      }
    }
  }
  // From here on the memory is ours alone: nobody else can reach it before this function returns.
  unit->code = run_base_ + unit->code_offset_;
  if (data_size) {
    unit->data = run_base_ + sizes_.code + unit->data_offset_;
    std::memset(unit->data, 0, unit->data_room_);
  }
  uint8_t* out = write_base_ + unit->code_offset_;
  std::memcpy(out, view.bytes.data(), view.bytes.size());
  std::memset(out + view.bytes.size(), 0xcc, unit->code_room_ - view.bytes.size());
  bool fits = true;
  for (const dxcl_fixup& fixup : view.fixups) {
    const uint8_t* target = fixup.symbol == 0 ? unit->data
                            : fixup.symbol <= symbols.size()
                                ? static_cast<const uint8_t*>(symbols[fixup.symbol - 1])
                                : nullptr;
    int64_t distance = reinterpret_cast<intptr_t>(target) + fixup.addend -
                       reinterpret_cast<intptr_t>(unit->code + fixup.offset);
    if (!target || distance != static_cast<int32_t>(distance)) {
      fits = false;
      break;
    }
    int32_t displacement = static_cast<int32_t>(distance);
    std::memcpy(out + fixup.offset, &displacement, sizeof displacement);
  }
  // x86 keeps instruction fetch coherent with the other mapping; other processors need the flush.
  __builtin___clear_cache(
      reinterpret_cast<char*>(run_base_ + unit->code_offset_),
      reinterpret_cast<char*>(run_base_ + unit->code_offset_ + unit->code_size));
  unit->name = std::move(name);
  touch(unit.get());

  std::lock_guard lock(mutex_);
  if (!fits) {
    code_.release(unit->code_offset_, unit->code_room_);
    if (data_size) data_.release(unit->data_offset_, unit->data_room_);
    return nullptr;
  }
  CodeUnit* made = unit.get();
  units_[made->code_offset_] = std::move(unit);
  if (names_) names_->added(*made);
  return made;
}

// ---------------------------------------------------------------- freeing

void CodeMemory::retire(CodeUnit* unit) {
  std::lock_guard lock(mutex_);
  CHECK(!unit->retired_);
  unit->retired_ = true;
  unit->retired_at_ = epoch_.fetch_add(1, std::memory_order_seq_cst);
  limbo_.push_back(unit);
}

size_t CodeMemory::reclaim() {
  std::lock_guard lock(mutex_);
  if (limbo_.empty()) return 0;
  uint64_t oldest = ~uint64_t{0};
  for (Slot& slot : slots_) {
    uint64_t entered = slot.entered.load(std::memory_order_seq_cst);
    if (entered) oldest = std::min(oldest, entered);
  }
  size_t count = 0;
  std::erase_if(limbo_, [&](CodeUnit* unit) {
    if (unit->retired_at_ >= oldest || unit->pins_) return false;
    if (names_) names_->removed(*unit);
    // Whoever jumps here now meets a breakpoint instruction instead of another unit's middle.
    std::memset(write_base_ + unit->code_offset_, 0xcc, unit->code_room_);
    code_.release(unit->code_offset_, unit->code_room_);
    if (unit->data) data_.release(unit->data_offset_, unit->data_room_);
    units_.erase(unit->code_offset_);
    ++count;
    return true;
  });
  return count;
}

std::vector<CodeUnit*> CodeMemory::eviction_order(uint32_t budget) {
  std::lock_guard lock(mutex_);
  struct Candidate {
    uint32_t age;
    CodeUnit* unit;
  };
  std::vector<Candidate> candidates;
  uint32_t now = clock_.load(std::memory_order_relaxed);
  uint32_t live = 0;
  for (auto& [offset, unit] : units_) {
    if (unit->retired_) continue;
    live += unit->code_room_;
    candidates.push_back({now - unit->last_used.load(std::memory_order_relaxed), unit.get()});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.age != b.age ? a.age > b.age : a.unit->code < b.unit->code;
  });
  std::vector<CodeUnit*> chosen;
  for (const Candidate& candidate : candidates) {
    if (live <= budget) break;
    live -= candidate.unit->code_room_;
    chosen.push_back(candidate.unit);
  }
  return chosen;
}

CodeUnit* CodeMemory::find_locked(const void* address) {
  const uint8_t* at = static_cast<const uint8_t*>(address);
  if (at < run_base_ || at >= run_base_ + sizes_.code) return nullptr;
  auto next = units_.upper_bound(static_cast<uint32_t>(at - run_base_));
  if (next == units_.begin()) return nullptr;
  CodeUnit* unit = std::prev(next)->second.get();
  return at < unit->code + unit->code_size ? unit : nullptr;
}

CodeUnit* CodeMemory::find(const void* address) {
  std::lock_guard lock(mutex_);
  return find_locked(address);
}

uint32_t CodeMemory::code_used() {
  std::lock_guard lock(mutex_);
  return code_.used();
}
uint32_t CodeMemory::data_used() {
  std::lock_guard lock(mutex_);
  return data_.used();
}
size_t CodeMemory::unit_count() {
  std::lock_guard lock(mutex_);
  return units_.size() - limbo_.size();
}
size_t CodeMemory::retired_count() {
  std::lock_guard lock(mutex_);
  return limbo_.size();
}

// ---------------------------------------------------------------- threads

CodeThread::CodeThread(CodeMemory& memory) : memory_(memory), slot_(nullptr) {
  for (CodeMemory::Slot& slot : memory.slots_) {
    if (!slot.taken.exchange(true, std::memory_order_acquire)) {
      slot_ = &slot;
      break;
    }
  }
  CHECK(slot_ != nullptr);  // more threads than kMaxThreads run machine code
}

CodeThread::~CodeThread() {
  CHECK(depth_ == 0);
  slot_->taken.store(false, std::memory_order_release);
}

void CodeMemory::unpin_locked(Slot& slot) {
  for (CodeUnit* unit : slot.pinned) --unit->pins_;
  slot.pinned.clear();
}

void CodeThread::still_inside(std::span<const uintptr_t> return_addresses) {
  CHECK(depth_ > 0);
  std::lock_guard lock(memory_.mutex_);
  memory_.unpin_locked(*slot_);
  for (uintptr_t address : return_addresses) {
    // The instruction before the return address is the call; a call can be the unit's last
    // instruction.
    if (CodeUnit* unit = memory_.find_locked(reinterpret_cast<const void*>(address - 1))) {
      ++unit->pins_;
      slot_->pinned.push_back(unit);
    }
  }
  pins_ = !slot_->pinned.empty();
  slot_->entered.store(memory_.epoch_.load(std::memory_order_seq_cst), std::memory_order_seq_cst);
}

void CodeThread::drop_pins() {
  std::lock_guard lock(memory_.mutex_);
  memory_.unpin_locked(*slot_);
  pins_ = false;
}

}  // namespace dx::jit
