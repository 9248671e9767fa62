#pragma once
// The verifier: proves of an untrusted CodeUnit that the interpreter may run it without looking at
// registers, indices and jumps again. docs/internals/dpb-verifier.md states what exactly is proved,
// and what is not.
//
// It also computes the live depth of each instruction, the number the unwinder, generator close,
// root scans and `f_lineno =` use. Any thread; allocates, takes no lock. Time is bounded by a
// budget, so that no input hangs it.

#include <optional>
#include <string>
#include <vector>

#include "dpb/code_unit.h"

namespace dx::dpb {

inline constexpr uint16_t kUnreached = 0xFFFF;   // live depth of an instruction no path leads to
inline constexpr int kMaxCodeNesting = 500;      // code objects within code objects
inline constexpr int kMaxConstantNesting = 200;  // tuples within tuples

// One more than the highest temporary in use before each instruction.
using LiveDepths = std::vector<uint16_t>;

// Checks `unit` and all units nested in it. Gives the first error, which names code, instruction
// and operand; nothing when all is well. `depths`, when given, receives the live depths of all
// units: a unit, then those nested in it, in the order of its constants.
[[nodiscard]] std::optional<std::string> verify(const CodeUnit& unit,
                                                std::vector<LiveDepths>* depths = nullptr);

// What is known of a register before an instruction, as much of it as a jump from elsewhere has to
// know.
class RegisterState {
 public:
  explicit RegisterState(uint32_t bits = 0) : bits_(bits) {}
  bool in_use() const;  // holds something, or may
  bool is_cell() const;
  bool is_saved() const;                    // what POP_EXCEPT restores
  bool accepts(RegisterState other) const;  // what `other` may hold is expected here too

 private:
  uint32_t bits_;
};
// For each of the instructions the state of all registers before it; an empty list where no path
// leads. False when the unit does not verify.
[[nodiscard]] bool states_before(const CodeUnit& unit, const std::vector<uint32_t>& instructions,
                                 std::vector<std::vector<RegisterState>>& states);

}  // namespace dx::dpb
