#pragma once
// The code generator as C++ sees it: an Engine holds the settings of each tier, a Compiler is one
// thread's workshop, and compile() turns a flat SSA buffer into bytes and tables. All of it is a
// thin skin over codegen/include/dxclif.h. In a build without Cranelift everything still links;
// Engine::create then says why it cannot.
//
// Threads: an Engine may be shared; a Compiler serves one thread at a time. The tables of a
// CodeView live until the Compiler's next call.
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "dxclif.h"
#include "jit/ssa.h"

namespace dx::jit {

// Each tier is one set of settings.
enum class Tier : uint8_t { baseline, optimizing, ahead_of_time, stubs };
constexpr uint32_t kTierCount = 4;

struct TierSettings {
  bool optimize = false;     // GVN, local rules, loop-invariant code motion of pure operations
  bool single_pass = false;  // the fast register allocator
  bool alias_analysis =
      false;  // redundant loads, dead stores; young in this Cranelift, hence a switch
  uint8_t log2_align = 4;
};

struct EngineOptions {
  std::array<TierSettings, kTierCount> tiers = {{
      {.optimize = false},  // backtracking: docs/decisions/2026-11-22-codegen-measurements.md
      {.optimize = true, .alias_analysis = true, .log2_align = 5},
      {.optimize = true, .alias_analysis = true, .log2_align = 5},
      {.optimize = true},
  }};
  bool context_in_register = true;  // r15; false passes it as a hidden parameter
  bool host_features = true;        // use what this processor has beyond the baseline
  bool verify_ir = false;           // Cranelift's verifier, for tests
  bool check_allocation = false;    // proves every register allocation, for tests
};

enum class CompileStatus : int {
  ok = DXCL_OK,
  bad_unit = DXCL_BAD_UNIT,
  too_large = DXCL_TOO_LARGE,
  unsupported = DXCL_UNSUPPORTED,
  panic = DXCL_PANIC,
  codegen = DXCL_CODEGEN,
  bad_argument = DXCL_BAD_ARGUMENT,
};

struct CodeView {
  std::span<const uint8_t> bytes;
  std::span<const dxcl_fixup> fixups;
  std::span<const dxcl_range> ranges;
  std::span<const uint32_t> call_returns;
  uint32_t align = 1, frame_bytes = 0, clif_inst_count = 0;
  uint64_t check_ns = 0, build_ns = 0, compile_ns = 0;
};

enum class DumpKind : int {
  clif = DXCL_DUMP_CLIF,
  optimized = DXCL_DUMP_OPTIMIZED,
  machine = DXCL_DUMP_MACHINE
};

class Engine {
 public:
  // Null with a message in `error` when this build or this machine cannot generate code.
  static std::unique_ptr<Engine> create(const EngineOptions& options, std::string& error);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Changes with the generator's version, the tier's settings and the processor: part of every
  // cache key.
  std::array<uint8_t, 32> fingerprint(Tier tier) const;

 private:
  friend class Compiler;
  explicit Engine(dxcl_engine* raw) : raw_(raw) {}
  [[maybe_unused]] dxcl_engine* raw_;
};

class Compiler {
 public:
  explicit Compiler(const Engine& engine);
  ~Compiler();
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  CompileStatus compile(Tier tier, std::span<const uint32_t> words, CodeView& out);
  // The last compile()'s message when it failed.
  const std::string& error() const { return error_; }
  // CLIF or machine code as text; a failure's message instead when the unit is refused (`ok`
  // tells).
  std::string dump(Tier tier, std::span<const uint32_t> words, DumpKind kind, bool* ok = nullptr);

 private:
  [[maybe_unused]] dxcl_context* raw_;
  std::string error_;
};

// One line for `-VV`: which generator is built in, or how to get one.
const char* engine_description();

}  // namespace dx::jit
