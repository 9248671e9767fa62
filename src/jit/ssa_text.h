#pragma once
// The text form of a flat SSA buffer, for people, golden tests and bug reports. Printing and
// parsing are inverse: what print_ssa gives, parse_ssa turns back into the same words. The text
// says everything the buffer says and no more. A semicolon starts a comment.
//
//   unit (i64) -> i64
//   exit0 [v0]
//   block0(v0: i64):
//     v1 = load.i64 frame v0+16
//     v2, v3 = sadd_overflow.i64 v1, v1
//     guard_false v3, exit0
//     ret v2
#include <optional>
#include <string_view>

#include "jit/ssa.h"

namespace dx::jit {

// Null with a message in `error` when the buffer is damaged.
std::optional<std::string> print_ssa(std::span<const uint32_t> words, std::string& error);
// Null with `line N: ...` in `error`. Accepts units that the code generator will refuse, so that
// tests can write them.
std::optional<SsaBuffer> parse_ssa(std::string_view text, std::string& error);

const char* type_name(Type type);

}  // namespace dx::jit
