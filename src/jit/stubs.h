#pragma once
// The few pieces of machine code that every process needs, compiled once at start-up with the
// `stubs` settings:
//   enter       the only way from C++ into a unit: saves the context register, sets it, calls, and
//               restores
//   cold thunk  calls a C helper and keeps every register, so that a unit's hot path never spills
//               for a rare call; the helper gets the context and the arguments, and its result lies
//               in `cold_result`
#include "jit/code_memory.h"
#include "jit/context.h"

namespace dx::jit {

// The units are installed in `memory` and live as long as it does.
EnterUnit make_enter(Compiler& compiler, CodeMemory& memory, std::string& error);
// A thunk for the helper at `helper` in the table, which takes the context and `arg_count` words
// and returns one word. Its address belongs into a slot of the table that `call_cold` names.
const void* make_cold_thunk(Compiler& compiler, CodeMemory& memory, uint32_t helper,
                            uint32_t arg_count, std::string& error);

SsaBuffer enter_unit();
SsaBuffer cold_thunk_unit(uint32_t helper, uint32_t arg_count);

}  // namespace dx::jit
