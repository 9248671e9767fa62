#pragma once
// Reads a flat SSA buffer back into pieces, for printing, for the tests' interpreter and for
// whoever wants to look at a unit. Every read is bounds-checked, so a damaged buffer gives an error
// that names the word; types and dominance are the code generator's business
// (codegen/src/check.rs).
#include <optional>

#include "jit/ssa.h"

namespace dx::jit {

struct SsaInst {
  Op op{};
  Shape shape{};
  Type type{};
  uint8_t third = 0;                // condition or memory flags
  std::span<const uint32_t> words;  // operands, the instruction's own word not among them
  uint32_t first_result = 0, result_count = 0;
};

struct SsaBlock {
  uint32_t first_param = 0;
  std::vector<Type> params;
  bool cold = false;
  std::vector<SsaInst> insts;
};

struct SsaUnit {
  Signature sig;
  std::vector<Signature> sigs;
  std::vector<std::span<const uint32_t>> exits;
  std::vector<SsaBlock> blocks;
  std::vector<Type> types;  // of every value
  uint32_t symbol_count = 0, data_size = 0;
};

// Null with a message in `error` when the buffer is damaged. The unit points into `words`.
std::optional<SsaUnit> read_ssa(std::span<const uint32_t> words, std::string& error);

}  // namespace dx::jit
