#include "jit/engine.h"

#include "jit/context.h"

namespace dx::jit {

#ifdef DX_JIT

std::unique_ptr<Engine> Engine::create(const EngineOptions& options, std::string& error) {
  if (dxcl_abi_version() != DXCL_ABI_VERSION) {
    error = "the code generator library is of another version than this build";
    return nullptr;
  }
  dxcl_config config = {};
  config.abi_version = DXCL_ABI_VERSION;
  config.flags = (options.context_in_register ? DXCL_CONTEXT_IN_REGISTER : 0) |
                 (options.host_features ? 0 : DXCL_BASELINE_CPU);
  config.tier_count = kTierCount;
  config.helpers_offset = offsetof(MachineContext, helpers);
  config.helper_count = kHelperCount;
  config.exit_values_offset = offsetof(MachineContext, exit_values);
  config.exit_values_count = kExitValueCount;
  config.exit_id_offset = offsetof(MachineContext, exit_id);
  config.exit_result = kTookExit;
  for (uint32_t i = 0; i < kTierCount; ++i) {
    const TierSettings& from = options.tiers[i];
    dxcl_tier& to = config.tiers[i];
    to.opt_level = from.optimize;
    to.single_pass = from.single_pass;
    to.alias_analysis = from.alias_analysis;
    to.verifier = options.verify_ir;
    to.regalloc_checker = options.check_allocation;
    to.log2_align = from.log2_align;
  }
  char message[256] = "";
  dxcl_engine* raw = dxcl_engine_new(&config, message, sizeof message);
  if (!raw) {
    error = message;
    return nullptr;
  }
  return std::unique_ptr<Engine>(new Engine(raw));
}

Engine::~Engine() { dxcl_engine_free(raw_); }

std::array<uint8_t, 32> Engine::fingerprint(Tier tier) const {
  std::array<uint8_t, 32> out;
  CHECK(dxcl_fingerprint(raw_, static_cast<uint32_t>(tier), out.data()) == DXCL_OK);
  return out;
}

Compiler::Compiler(const Engine& engine) : raw_(dxcl_context_new(engine.raw_)) {}
Compiler::~Compiler() { dxcl_context_free(raw_); }

CompileStatus Compiler::compile(Tier tier, std::span<const uint32_t> words, CodeView& out) {
  dxcl_code code;
  int status = dxcl_compile(raw_, static_cast<uint32_t>(tier), words.data(), words.size(), &code);
  error_.assign(code.error, code.error_length);
  out.bytes = {code.bytes, code.byte_count};
  out.fixups = {code.fixups, code.fixup_count};
  out.ranges = {code.ranges, code.range_count};
  out.call_returns = {code.call_returns, code.call_return_count};
  out.align = code.align;
  out.frame_bytes = code.frame_bytes;
  out.clif_inst_count = code.clif_inst_count;
  out.check_ns = code.check_ns;
  out.build_ns = code.build_ns;
  out.compile_ns = code.compile_ns;
  return static_cast<CompileStatus>(status);
}

std::string Compiler::dump(Tier tier, std::span<const uint32_t> words, DumpKind kind, bool* ok) {
  std::string text;
  auto append = [](void* opaque, const char* piece, size_t length) {
    static_cast<std::string*>(opaque)->append(piece, length);
  };
  int status = dxcl_dump(raw_, static_cast<uint32_t>(tier), words.data(), words.size(),
                         static_cast<int>(kind), append, &text);
  if (ok) *ok = status == DXCL_OK;
  return text;
}

const char* engine_description() { return "Cranelift 0.135 (x86-64)"; }

#else  // without Cranelift

#define DX_JIT_MISSING "not built in; install Rust 1.95 or later and configure with -DDX_JIT=ON"

std::unique_ptr<Engine> Engine::create(const EngineOptions&, std::string& error) {
  error = DX_JIT_MISSING;
  return nullptr;
}
Engine::~Engine() {}
std::array<uint8_t, 32> Engine::fingerprint(Tier) const { return {}; }
Compiler::Compiler(const Engine&) : raw_(nullptr) { CHECK(!"no Engine exists in this build"); }
Compiler::~Compiler() {}
CompileStatus Compiler::compile(Tier, std::span<const uint32_t>, CodeView&) {
  return CompileStatus::unsupported;
}
std::string Compiler::dump(Tier, std::span<const uint32_t>, DumpKind, bool* ok) {
  if (ok) *ok = false;
  return DX_JIT_MISSING;
}
const char* engine_description() { return DX_JIT_MISSING; }

#endif

}  // namespace dx::jit
