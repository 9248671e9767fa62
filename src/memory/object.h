#pragma once
// The 16-byte header of every heap object.
//
//    0  u64 counts  high half strong (top 3 bits are state: IMMORTAL, TRAP, guard), low half weak
//    (1 = strong side alive) 8  u32 shape   index into the shape table: type, layout, trace
//    function; one 32-bit compare guards them
//   12  u16 owner   tag of the only thread that can reach the object; 0 = shared
//   14  u8  flags   below; changed by atomic OR/AND only
//   15  u8  lock    two-bit parking-lot mutex (memory/byte_lock.h); spare bit: DEALLOCATING
//
// There is no separate collector header: mark, tracked and age bits live in page metadata
// (memory/heap.h). A dead block keeps header and payload intact until its grace period ends: racing
// readers may still look at it.

#include <atomic>

#include "memory/value.h"

namespace dx {

using ShapeId = uint32_t;

constexpr uint64_t kStrongOne = uint64_t{1} << 32;
constexpr uint64_t kWeakOne = 1;
constexpr uint64_t kGuard = uint64_t{1} << 61;
constexpr uint64_t kTrap = uint64_t{1} << 62;
constexpr uint64_t kImmortal = uint64_t{1} << 63;
constexpr uint64_t kFreshCounts = kStrongOne | kWeakOne;
constexpr uint64_t kImmortalCounts = kImmortal | kStrongOne | kWeakOne;

constexpr uint8_t kFlagFinalized = 1;    // __del__ has run
constexpr uint8_t kFlagHasWeakrefs = 2;  // death must look into the weak reference table
constexpr uint8_t kFlagInGarbage = 4;    // the collector is disposing of it
constexpr uint8_t kFlagCondemned = 8;    // reserved for the concurrent audit
constexpr uint8_t kFlagFrozen = 16;      // gc.freeze()
constexpr uint8_t kFlagDeferred = 32;    // reserved: counted per thread
constexpr uint8_t kFlagHasSide = 64;     // a page side record exists (C view, ...)
constexpr uint8_t kFlagOwnsShare = 128;  // reserved

struct Object {
  std::atomic<uint64_t> counts;
  std::atomic<ShapeId> shape_id;
  std::atomic<uint16_t> owner;
  std::atomic<uint8_t> flags;
  std::atomic<uint8_t> lock;

  // Acquire: the entry of the shape table was filled before the id was stored.
  ShapeId shape() const { return shape_id.load(std::memory_order_acquire); }
  bool has_flag(uint8_t flag) const { return flags.load(std::memory_order_relaxed) & flag; }
};
static_assert(sizeof(Object) == 16);

}  // namespace dx
