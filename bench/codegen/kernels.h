#pragma once
// The pieces of code whose speed decides the tiers' design, each as a unit for the code generator
// and as C++ beside it. Every kernel runs `count` rounds over a frame; its cost is the difference
// between two counts, so that entering and leaving cancel out. The value encodings are those of
// src/memory/value.h and counts.h, written out here as numbers so that the measurement stands on
// its own.
#include <cstdint>

#include "jit/stubs.h"

namespace dx::bench {

// Small ints are (i << 1) | 1; floats are rotated doubles with low bits 10.
constexpr uint64_t kFloatBias = uint64_t{1023 - 256} << 53;
constexpr uint64_t kFloatLimit = (uint64_t{1} << 62) - 2;
// Object header: u64 counts, u32 shape, u16 owner.
constexpr int32_t kCountsOffset = 0, kShapeOffset = 8, kOwnerOffset = 12;
constexpr uint64_t kStrongOne = uint64_t{1} << 32, kCountSlow = uint64_t{1} << 61;
constexpr uint64_t kOwnerTag = 7;

struct FakeObject {
  uint64_t counts = 1000 * kStrongOne | 1;
  uint32_t shape = 42;
  uint16_t owner = kOwnerTag;
  uint8_t flags = 0, lock = 0;
  uint64_t slots[4] = {};
};
struct CacheRecord {
  uint32_t shape, offset;
};

// The frame's registers. Index 0 is the number of rounds, as a small int.
enum FrameSlot : uint32_t {
  kCount,
  kI,
  kS,
  kX,
  kY,
  kObjects,     // 8 object pointers from here on
  kBack = 16,   // address of the first stencil
  kFirst = 32,  // 10 values for the exit
  kFrameWords = 64,
};

enum Helper : uint32_t { kNopHelper = 10, kNopThunk = 11, kMissHelper = 12, kMissThunk = 13 };

struct Kernel {
  const char* name;
  const char* what;
  jit::SsaBuffer (*unit)();
  uint64_t (*native)(uint64_t* frame, jit::MachineContext* context);
  uint32_t rounds_each;  // operations a round holds, for the "each" column
};
// Terminated by a null name.
extern const Kernel kKernels[];

// Units that kernels call or jump to; symbol 0 of those that name one.
jit::SsaBuffer callee_unit();
// The integer loop as three pieces that jump to each other, as copied stencils would.
jit::SsaBuffer stencil_add(), stencil_step(), stencil_test();
// A unit like the baseline tier would make: at least `insts` instructions of int and float adds,
// attribute loads, compares and calls on a frame, with slow paths in cold blocks.
// With `quick_answer` it returns that number at once as long as the first word of its data is zero.
jit::SsaBuffer baseline_like_unit(uint32_t insts, uint64_t seed, uint32_t data_bytes = 4096,
                                  uint32_t quick_answer = 0);
// A unit like the optimizing tier would make: loops on unboxed values, guards with exits, few
// calls.
jit::SsaBuffer optimized_like_unit(uint32_t insts, uint64_t seed);

extern "C" uint64_t bench_nop_helper(jit::MachineContext*, uint64_t a);
extern "C" uint64_t bench_callee(uint64_t a);
extern "C" uint64_t (*volatile bench_callee_pointer)(uint64_t);

}  // namespace dx::bench
