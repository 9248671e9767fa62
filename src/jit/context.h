#pragma once
// What machine code finds behind its context register: one block of plain words for each thread
// that runs units. The code generator knows the offsets of the helper table and of the exit cells
// through its configuration; everything else is loaded by units with ordinary loads in
// Region::context.
//
// Machine code is entered only through `enter` (the trampoline compiled at start-up), which puts
// the context into the register and puts the caller's back afterwards. C++ helpers may use the
// register freely in between: it is one that every C function preserves.
#include <cstddef>
#include <cstdint>

namespace dx::jit {

constexpr uint32_t kHelperCount = 256;
constexpr uint32_t kExitValueCount = 128;

struct MachineContext {
  uint64_t exit_id = 0;      // which exit a unit took, when it returned kTookExit
  uint64_t cold_result = 0;  // result of the last cold call
  uint64_t stack_limit = 0;  // machine code below this address must not call deeper
  uint64_t interrupt = 0;    // polled by back edges
  uint64_t owner_tag = 0;    // this thread's tag, compared with an object's owner
  uint64_t exit_values[kExitValueCount] = {};
  const void* helpers[kHelperCount] = {};
};

// Returned by a unit that left through an exit; no Value has these bits.
constexpr uint64_t kTookExit = 0xdeade000'00000004;

// Units take the address of a frame and return one word.
using EnterUnit = uint64_t (*)(MachineContext* context, uint64_t frame, const void* code);

}  // namespace dx::jit
