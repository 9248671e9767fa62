// Units compiled and run: the conventions between C++ and machine code, exits, cold calls, and
// refusals.
#include <gtest/gtest.h>

#ifndef __has_feature
#define __has_feature(name) 0  // g++
#endif

#include "jit/ssa_text.h"
#include "tests/jit/arena.h"

namespace dx::jit {
namespace {

class Compile : public ::testing::Test {
 protected:
  static std::unique_ptr<TestArena> arena_;
  static void SetUpTestSuite() {
    std::string error;
    if (Engine::create({}, error)) arena_ = std::make_unique<TestArena>(all_combinations(true));
  }
  static void TearDownTestSuite() { arena_.reset(); }
  void SetUp() override {
    if (!arena_) GTEST_SKIP() << engine_description();
  }

  SsaBuffer parse(const std::string& text) {
    std::string error;
    auto words = parse_ssa(text, error);
    EXPECT_TRUE(words) << error;
    return words.value_or(SsaBuffer{});
  }
  uint64_t run(const std::string& text, uint64_t argument = 0, Tier tier = Tier::optimizing) {
    CodeUnit* unit = arena_->install(parse(text), tier);
    EXPECT_NE(unit, nullptr) << arena_->compiler->error();
    if (!unit) return ~0ull;
    uint64_t result = arena_->run(unit, argument);
    arena_->drop(unit);
    return result;
  }
  std::string refusal(const std::string& text, CompileStatus expected = CompileStatus::bad_unit) {
    CodeView view;
    EXPECT_EQ(arena_->compiler->compile(Tier::optimizing, parse(text), view), expected);
    EXPECT_TRUE(view.bytes.empty());
    return arena_->compiler->error();
  }
};
std::unique_ptr<TestArena> Compile::arena_;

TEST_F(Compile, AUnitReturnsWhatItComputes) {
  constexpr const char* kText =
      "unit (i64) -> i64\n"
      "block0(v0: i64):\n"
      "  v1 = iconst.i64 3\n"
      "  v2 = imul.i64 v0, v1\n"
      "  ret v2\n";
  for (uint32_t tier = 0; tier < kTierCount; ++tier)
    EXPECT_EQ(run(kText, 14, static_cast<Tier>(tier)), 42u);
}

TEST_F(Compile, AnExitLeavesItsValuesInTheContext) {
  constexpr const char* kText =
      "unit (i64) -> i64\n"
      "exit0 []\n"
      "exit1 [v1, v0, v3]\n"
      "block0(v0: i64):\n"
      "  v1 = iconst.i8 -1\n"
      "  v2 = iconst.i64 100\n"
      "  v3 = int_to_float.f64 v0\n"
      "  v4 = icmp.i64 slt v0, v2\n"
      "  guard_true v4, exit1\n"
      "  ret v2\n";
  EXPECT_EQ(run(kText, 99), 100u);
  EXPECT_EQ(run(kText, 1000), kTookExit);
  EXPECT_EQ(arena_->context.exit_id, 1u);
  EXPECT_EQ(arena_->context.exit_values[0], 0xffu);  // small integers are widened with zeros
  EXPECT_EQ(arena_->context.exit_values[1], 1000u);
  EXPECT_EQ(std::bit_cast<double>(arena_->context.exit_values[2]), 1000.0);
}

TEST_F(Compile, EnteringRestoresTheRegisterOfTheCaller) {
  // The compiler may keep anything in r15 across the call, so look at the register itself. With
  // ASan's checks between the two looks it puts something else there.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
  uint64_t before, after;
  asm volatile("mov %%r15, %0" : "=r"(before));
  EXPECT_EQ(run("unit (i64) -> i64\nblock0(v0: i64):\n  v1 = context.i64\n  ret v1\n"),
            reinterpret_cast<uint64_t>(&arena_->context));
  asm volatile("mov %%r15, %0" : "=r"(after));
  EXPECT_EQ(before, after);
#endif
}

TEST_F(Compile, AColdCallKeepsEveryRegister) {
  // Six values live across the call, more than C lets a function keep in registers.
  std::string text =
      "unit (i64) -> i64\n"
      "sig0 = cold (i64)\n"
      "block0(v0: i64):\n";
  int next = 1;
  for (int i = 0; i < 6; ++i, ++next)
    text += "  v" + std::to_string(next) + " = load.i64 frame v0+" + std::to_string(8 * i) + "\n";
  text += "  call_cold sig0 #2 (v0)\n";
  for (int i = 1; i < 6; ++i, ++next) {
    text += "  v" + std::to_string(next) + " = iadd.i64 v" + std::to_string(i == 1 ? 1 : next - 1) +
            ", v" + std::to_string(i + 1) + "\n";
  }
  text += "  ret v" + std::to_string(next - 1) + "\n";
  arena_->frame.assign(kFrameBytes / 8, 0);
  for (uint64_t i = 0; i < 6; ++i) arena_->frame[i] = i + 1;
  EXPECT_EQ(run(text, reinterpret_cast<uint64_t>(arena_->frame.data())), 21u);
  EXPECT_EQ(arena_->context.cold_result,
            cold_helper_result(reinterpret_cast<uint64_t>(arena_->frame.data())));
  std::string machine = arena_->compiler->dump(Tier::optimizing, parse(text), DumpKind::machine);
  EXPECT_EQ(machine.find("(%rsp)"), std::string::npos) << machine;  // nothing is spilled
}

TEST_F(Compile, UnitDataIsWithinReachAndStartsAsZero) {
  constexpr const char* kText =
      "unit (i64) -> i64 data 64\n"
      "block0(v0: i64):\n"
      "  v1 = unit_data.i64 8\n"
      "  v2 = load.i64 unit_data v1+0\n"
      "  v3 = iadd.i64 v2, v0\n"
      "  store.i64 unit_data v3, v1+0\n"
      "  ret v2\n";
  CodeUnit* unit = arena_->install(parse(kText), Tier::optimizing);
  ASSERT_NE(unit, nullptr) << arena_->compiler->error();
  EXPECT_EQ(arena_->run(unit, 5), 0u);
  EXPECT_EQ(arena_->run(unit, 5), 5u);
  EXPECT_EQ(arena_->run(unit, 5), 10u);
  arena_->drop(unit);
}

TEST_F(Compile, UnreachableBlocksAreToleratedAndVanish) {
  EXPECT_EQ(run("unit (i64) -> i64\n"
                "block0(v0: i64):\n"
                "  ret v0\n"
                "block1:\n"
                "  v1 = iadd.i64 v0, v0\n"
                "  jump block1\n",
                7),
            7u);
}

TEST_F(Compile, MarksComeBackAsRanges) {
  CodeView view;
  SsaBuffer words = parse(
      "unit (i64) -> i64\n"
      "block0(v0: i64):\n"
      "  mark 3\n"
      "  v1 = load.i64 frame v0+0\n"
      "  mark 900\n"
      "  v2 = load.i64 frame v0+8\n"
      "  v3 = iadd.i64 v1, v2\n"
      "  ret v3\n");
  ASSERT_EQ(arena_->compiler->compile(Tier::baseline, words, view), CompileStatus::ok);
  ASSERT_GE(view.ranges.size(), 2u);
  EXPECT_EQ(view.ranges.front().mark, 3u);
  EXPECT_EQ(view.ranges.back().mark, 900u);
}

TEST_F(Compile, IllTypedUnitsAreRefusedWithAReason) {
  EXPECT_EQ(refusal("unit (i64) -> i64\nblock0(v0: i64):\n  v1 = iconst.i32 1\n  v2 = iadd.i64 v0, "
                    "v1\n  ret v2\n"),
            "word 17 (iadd): v1 is I32 where I64 is needed");
  EXPECT_EQ(refusal("unit (i64) -> i64\nblock0(v0: i64):\n  ret v1\n"),
            "word 14 (ret): v1 is not defined before");
  EXPECT_EQ(refusal("unit (i64) -> i64\n"
                    "block0(v0: i64):\n  branch v0, block1, block2\n"
                    "block1:\n  v1 = iconst.i64 1\n  jump block2\n"
                    "block2:\n  ret v1\n"),
            "word 30 (ret): v1 of block 1 is not defined on every path to block 2");
  EXPECT_EQ(refusal("unit (i64) -> i64\nblock0(v0: i64):\n  jump block0(v0)\n"),
            "block 0 jumps to the entry, which takes no jumps");
  EXPECT_EQ(refusal("unit (i64) -> i64\nblock0(v0: i64):\n  set_context.i64 v0\n  ret v0\n"),
            "word 14 (set_context): only a unit that C++ calls may set the context");
}

TEST_F(Compile, LimitsHoldBeforeCraneliftSeesAUnit) {
  // Thirty-three loops inside each other.
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  std::vector<BlockRef> heads;
  for (int i = 0; i < 33; ++i) {
    heads.push_back(b.block());
    b.jump(heads.back());
    b.open(heads.back());
  }
  for (int i = 32; i >= 0; --i) {
    BlockRef after = b.block();
    b.branch(b.param(0), heads[static_cast<size_t>(i)], {}, after, {});
    b.open(after);
  }
  b.ret(b.param(0));
  CodeView view;
  EXPECT_EQ(arena_->compiler->compile(Tier::optimizing, b.finish(), view),
            CompileStatus::too_large);
  EXPECT_EQ(arena_->compiler->error(), "nested loops: 33, the limit is 32");

  SsaBuilder many(Conv::unit, Type::i64, {Type::i64});
  for (uint32_t i = 0; i < DXCL_MAX_INSTS; ++i) many.fence();
  many.ret(many.param(0));
  EXPECT_EQ(arena_->compiler->compile(Tier::optimizing, many.finish(), view),
            CompileStatus::too_large);
  EXPECT_EQ(arena_->compiler->error(), "instructions: 16385, the limit is 16384");
}

TEST_F(Compile, TheLargestUnitsCompileInBoundedTime) {
  // Everything live across everything: as hard for the register allocator as the limits allow.
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  std::vector<Val> live;
  for (int i = 0; i < 1200; ++i) live.push_back(b.load(Type::i64, Region::any, b.param(0), 8 * i));
  for (int i = 0; i < 1200; ++i) {
    BlockRef a = b.block(), c = b.block();
    b.branch(live[static_cast<size_t>(i)], a, {}, c, {});
    b.open(a);
    b.store(Region::any, live[static_cast<size_t>(i)], b.param(0), 0);
    b.jump(c);
    b.open(c);
  }
  Val sum = live[0];
  for (Val value : live) sum = b.iadd(sum, value);
  b.ret(sum);
  SsaBuffer words = b.finish();
  std::string error;
  auto engine = Engine::create({}, error);  // the checkers are slower than what they check
  Compiler compiler(*engine);
  for (Tier tier : {Tier::baseline, Tier::optimizing}) {
    CodeView view;
    EXPECT_EQ(compiler.compile(tier, words, view), CompileStatus::ok) << compiler.error();
    EXPECT_LT(view.compile_ns, 30'000'000'000u);
    RecordProperty(tier == Tier::baseline ? "baseline_ms" : "optimizing_ms",
                   static_cast<int>(view.compile_ns / 1'000'000));
  }
}

TEST_F(Compile, WhatTheProcessorLacksIsSaidNotCalled) {
  EngineOptions options;
  options.host_features = false;
  std::string error;
  auto engine = Engine::create(options, error);
  Compiler compiler(*engine);
  CodeView view;
  SsaBuffer words = parse(
      "unit (i64) -> i64\nblock0(v0: i64):\n  v1 = int_to_float.f64 v0\n  v2 = floor.f64 v1\n"
      "  v3 = float_to_int.i64 v2\n  ret v3\n");
  EXPECT_EQ(compiler.compile(Tier::optimizing, words, view), CompileStatus::unsupported);
  EXPECT_EQ(compiler.error(), "word 16 (floor): this processor cannot round (no SSE4.1)");
}

TEST_F(Compile, AFingerprintDependsOnSettingsAndNothingElse) {
  std::string error;
  auto same = Engine::create(all_combinations(true), error), other = Engine::create({}, error);
  EXPECT_EQ(arena_->engine->fingerprint(Tier::baseline), same->fingerprint(Tier::baseline));
  EXPECT_NE(arena_->engine->fingerprint(Tier::baseline),
            arena_->engine->fingerprint(Tier::optimizing));
  EXPECT_NE(arena_->engine->fingerprint(Tier::baseline), other->fingerprint(Tier::baseline));
}

TEST_F(Compile, EqualUnitsGiveEqualBytes) {
  CodeView view;
  SsaBuffer words = RandomUnit(4711, 0x1000).make();
  ASSERT_EQ(arena_->compiler->compile(Tier::optimizing, words, view), CompileStatus::ok);
  std::vector<uint8_t> first(view.bytes.begin(), view.bytes.end());
  ASSERT_EQ(arena_->compiler->compile(Tier::baseline, RandomUnit(4712, 0x1000).make(), view),
            CompileStatus::ok);
  ASSERT_EQ(arena_->compiler->compile(Tier::optimizing, words, view), CompileStatus::ok);
  EXPECT_EQ(first, std::vector<uint8_t>(view.bytes.begin(), view.bytes.end()));
}

TEST_F(Compile, RandomUnitsAgreeWithTheReference) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SsaBuffer words = RandomUnit(seed, reinterpret_cast<uint64_t>(arena_->other)).make();
    ASSERT_EQ(arena_->compare(words, static_cast<Tier>(seed % kTierCount), seed), "")
        << "seed " << seed;
  }
}

TEST_F(Compile, TheContextCanBeAHiddenParameter) {
  EngineOptions options = all_combinations(true);
  options.context_in_register = false;
  TestArena hidden(options);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SsaBuffer words = RandomUnit(seed, reinterpret_cast<uint64_t>(hidden.other)).make();
    ASSERT_EQ(hidden.compare(words, static_cast<Tier>(seed % kTierCount), seed), "")
        << "seed " << seed;
  }
}

#ifdef DX_JIT
TEST(Abi, WrongArgumentsAreErrorsAndNothingElse) {
  char error[64] = "";
  EXPECT_EQ(dxcl_engine_new(nullptr, error, sizeof error), nullptr);
  EXPECT_STREQ(error, "no configuration");
  dxcl_config config = {};
  EXPECT_EQ(dxcl_engine_new(&config, error, sizeof error), nullptr);
  EXPECT_STREQ(error, "the library and its header are of different versions");
  config.abi_version = DXCL_ABI_VERSION;
  EXPECT_EQ(dxcl_engine_new(&config, error, 10), nullptr);
  EXPECT_STREQ(error, "the confi");  // cut, and ended
  EXPECT_EQ(dxcl_engine_new(&config, nullptr, 0), nullptr);
  config.tier_count = DXCL_MAX_TIERS + 1;
  EXPECT_EQ(dxcl_engine_new(&config, error, sizeof error), nullptr);
  config.tier_count = 1;
  config.helpers_offset = 4;  // not a multiple of eight
  EXPECT_EQ(dxcl_engine_new(&config, error, sizeof error), nullptr);
  config.helpers_offset = 8;
  dxcl_engine* engine = dxcl_engine_new(&config, error, sizeof error);
  ASSERT_NE(engine, nullptr) << error;
  uint8_t print[32];
  EXPECT_EQ(dxcl_fingerprint(engine, 1, print), DXCL_BAD_ARGUMENT);
  EXPECT_EQ(dxcl_fingerprint(engine, 0, nullptr), DXCL_BAD_ARGUMENT);
  EXPECT_EQ(dxcl_fingerprint(nullptr, 0, print), DXCL_BAD_ARGUMENT);
  EXPECT_EQ(dxcl_context_new(nullptr), nullptr);
  dxcl_context* context = dxcl_context_new(engine);
  dxcl_engine_free(engine);  // the context keeps what it needs
  dxcl_code code;
  uint32_t word = kSsaMagic;
  EXPECT_EQ(dxcl_compile(nullptr, 0, &word, 1, &code), DXCL_BAD_ARGUMENT);
  EXPECT_EQ(dxcl_compile(context, 0, &word, 1, nullptr), DXCL_BAD_ARGUMENT);
  EXPECT_EQ(dxcl_compile(context, 0, nullptr, 1, &code), DXCL_BAD_UNIT);
  EXPECT_EQ(dxcl_compile(context, 9, &word, 1, &code), DXCL_BAD_ARGUMENT);
  EXPECT_EQ(dxcl_compile(context, 0, &word, 1, &code), DXCL_BAD_UNIT);
  EXPECT_EQ(std::string(code.error, code.error_length), "this is not an SSA buffer");
  EXPECT_EQ(dxcl_dump(context, 0, &word, 1, DXCL_DUMP_CLIF, nullptr, nullptr), DXCL_BAD_ARGUMENT);
  auto ignore = [](void*, const char*, size_t) {};
  EXPECT_EQ(dxcl_dump(context, 0, &word, 1, 7, ignore, nullptr), DXCL_BAD_ARGUMENT);
  dxcl_context_free(context);
  dxcl_context_free(nullptr);
  dxcl_engine_free(nullptr);
}
#endif

}  // namespace
}  // namespace dx::jit
