#pragma once
// Everything a test needs to run units: an engine, code memory, the entry trampoline, the helpers
// that random units call, and a frame. One for each thread that runs units.
#include <cmath>
#include <memory>

#include "jit/stubs.h"
#include "tests/jit/random_unit.h"
#include "tests/jit/reference.h"

namespace dx::jit {

extern "C" inline uint64_t jit_test_plain_helper(uint64_t a, uint64_t b) {
  return plain_helper_result(a, b);
}
extern "C" inline uint64_t jit_test_cold_helper(MachineContext*, uint64_t a) {
  return cold_helper_result(a);
}

inline const void* code_address(auto* function) {
  return reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(function));
}

inline SsaBuffer other_unit() {
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  b.ret(b.iadd(b.imul(b.param(0), b.iconst(3)), b.iconst(1)));
  return b.finish();
}

// The combinations of settings under their tier's slot: none or speed, single-pass or backtracking.
inline EngineOptions all_combinations(bool check) {
  EngineOptions options;
  options.tiers = {{{.optimize = false, .single_pass = true},
                    {.optimize = true, .alias_analysis = true},
                    {.optimize = false, .single_pass = false},
                    {.optimize = true, .single_pass = true, .alias_analysis = true}}};
  options.verify_ir = options.check_allocation = check;
  return options;
}

class TestArena {
 public:
  explicit TestArena(const EngineOptions& options, CodeNames* names = nullptr) {
    std::string error;
    engine = Engine::create(options, error);
    if (!engine) {
      std::fprintf(stderr, "%s\n", error.c_str());
      return;
    }
    compiler = std::make_unique<Compiler>(*engine);
    memory = CodeMemory::create({16u << 20, 4u << 20}, names, error);
    CHECK(memory != nullptr);
    enter = make_enter(*compiler, *memory, error);
    CHECK(enter != nullptr);
    context.helpers[kPlainHelper] = code_address(&jit_test_plain_helper);
    context.helpers[kColdHelper] = code_address(&jit_test_cold_helper);
    context.helpers[kColdThunk] = make_cold_thunk(*compiler, *memory, kColdHelper, 1, error);
    CHECK(context.helpers[kColdThunk] != nullptr);
    CodeUnit* unit = install(other_unit(), Tier::optimizing);
    CHECK(unit != nullptr);
    other = unit->code;
  }

  CodeUnit* install(const SsaBuffer& words, Tier tier) {
    CodeView view;
    status = compiler->compile(tier, words, view);
    if (status != CompileStatus::ok) return nullptr;
    const void* symbols[] = {other};
    return memory->install(view, words[kHeadDataSize], symbols, "test unit");
  }
  void drop(CodeUnit* unit) {
    memory->retire(unit);
    memory->reclaim();
  }

  uint64_t run(const CodeUnit* unit, uint64_t frame_address) {
    return enter(&context, frame_address, unit->code);
  }

  // Runs the unit both ways from the same memory. Empty when they agree, else what differs.
  std::string compare(const SsaBuffer& words, Tier tier, uint64_t seed) {
    std::string error;
    std::optional<SsaUnit> unit = read_ssa(words, error);
    if (!unit) return "cannot be read: " + error;
    CodeUnit* installed = install(words, tier);
    if (!installed) return "does not compile: " + compiler->error();
    std::vector<uint64_t> start(kFrameBytes / 8), after;
    Rng rng(seed ^ 0xabcdef);
    for (uint64_t& cell : start) cell = rng.one_in(2) ? rng.next() : rng.below(100);

    frame = start;
    ReferenceWorld world;
    world.context = reinterpret_cast<uint64_t>(&context);
    world.unit_data = reinterpret_cast<uint64_t>(installed->data);
    world.call = [&](Op op, uint64_t target, std::span<const uint64_t> args) -> uint64_t {
      if (op == Op::call_helper) return plain_helper_result(args[0], args[1]);
      if (op == Op::call_cold) return context.cold_result = cold_helper_result(args[0]);
      if (op == Op::call_pointer && args.size() == 2) return plain_helper_result(args[0], args[1]);
      return other_unit_result(args[0]);
    };
    std::memset(installed->data, 0, installed->data_size);
    context.cold_result = 0;
    uint64_t parameters[] = {reinterpret_cast<uint64_t>(frame.data())};
    ReferenceResult expected = Reference(*unit, world).run(parameters);
    after = frame;
    std::vector<uint8_t> data_after(installed->data, installed->data + installed->data_size);

    frame = start;
    std::memset(installed->data, 0, installed->data_size);
    context.cold_result = 0;
    uint64_t value = run(installed, parameters[0]);
    std::string wrong;
    auto differs = [&](const char* what, uint64_t a, uint64_t b) {
      char text[120];
      std::snprintf(text, sizeof text, "%s: machine %llx, reference %llx", what,
                    static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
      if (wrong.empty()) wrong = text;
    };
    if (value != expected.value) differs("result", value, expected.value);
    if (expected.left) {
      if (context.exit_id != expected.exit) differs("exit", context.exit_id, expected.exit);
      for (size_t i = 0; i < expected.exit_values.size() && wrong.empty(); ++i) {
        uint64_t a = context.exit_values[i], b = expected.exit_values[i];
        bool nans = unit->types[unit->exits[expected.exit][i]] == Type::f64 &&
                    std::isnan(std::bit_cast<double>(a)) && std::isnan(std::bit_cast<double>(b));
        if (a != b && !nans) differs("exit value", a, b);
      }
    }
    for (size_t i = 0; i < frame.size(); ++i) {
      if (frame[i] != after[i]) differs("frame", frame[i], after[i]);
    }
    if (std::memcmp(installed->data, data_after.data(), data_after.size()) != 0)
      wrong = "unit data differs";
    drop(installed);
    return wrong;
  }

  std::unique_ptr<Engine> engine;
  std::unique_ptr<Compiler> compiler;
  std::unique_ptr<CodeMemory> memory;
  EnterUnit enter = nullptr;
  MachineContext context;
  const void* other = nullptr;
  CompileStatus status = CompileStatus::ok;
  std::vector<uint64_t> frame;
};

}  // namespace dx::jit
