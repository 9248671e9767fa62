// The flat SSA buffer in C++: what the builder writes, the text form says, and the text form reads
// back.
#include <gtest/gtest.h>

#include "jit/ssa_read.h"
#include "jit/ssa_text.h"
#include "tests/jit/random_unit.h"

namespace dx::jit {
namespace {

SsaBuffer counting_loop() {
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  ExitRef overflowed = b.exit({b.param(0)});
  BlockRef loop = b.block({Type::i64, Type::i64});
  BlockRef done = b.block();
  Val zero = b.iconst(0);
  b.jump(loop, {zero, zero});
  b.open(loop);
  Val i = b.block_param(loop, 0), sum = b.block_param(loop, 1);
  auto next = b.sadd_overflow(sum, i);
  b.guard_false(next.overflow, overflowed);
  Val i2 = b.iadd(i, b.iconst(1));
  b.branch(b.icmp(Cond::slt, i2, b.param(0)), loop, {i2, next.value}, done, {});
  b.open(done);
  b.ret(next.value);
  return b.finish();
}

TEST(Ssa, TextOfAUnitReadsLikeItsBuilder) {
  std::string error;
  EXPECT_EQ(print_ssa(counting_loop(), error).value_or(error),
            "unit (i64) -> i64\n"
            "exit0 [v0]\n"
            "block0(v0: i64):\n"
            "  v1 = iconst.i64 0\n"
            "  jump block1(v1, v1)\n"
            "block1(v2: i64, v3: i64):\n"
            "  v4, v5 = sadd_overflow.i64 v3, v2\n"
            "  guard_false v5, exit0\n"
            "  v6 = iconst.i64 1\n"
            "  v7 = iadd.i64 v2, v6\n"
            "  v8 = icmp.i64 slt v7, v0\n"
            "  branch v8, block1(v7, v4), block2\n"
            "block2:\n"
            "  ret v4\n");
}

TEST(Ssa, EqualExitsAreOneExit) {
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  ExitRef first = b.exit({b.param(0)}), second = b.exit({b.param(0)}), third = b.exit({});
  EXPECT_EQ(first.index, second.index);
  EXPECT_NE(first.index, third.index);
  b.leave(third);
  EXPECT_EQ(b.finish()[kHeadExits], 2u);
}

TEST(Ssa, BlocksAreNumberedInTheOrderTheyWereOpened) {
  SsaBuilder b(Conv::unit, Type::i64, {Type::i64});
  BlockRef late = b.block(), early = b.cold_block();
  b.branch(b.icmp(Cond::eq, b.param(0), b.param(0)), late, {}, early, {});
  b.open(early);
  b.ret(b.param(0));
  b.open(late);
  b.ret(b.iconst(7));
  std::string error, text = print_ssa(b.finish(), error).value_or(error);
  EXPECT_NE(text.find("branch v1, block2, block1"), std::string::npos) << text;
  EXPECT_NE(text.find("block1 cold:"), std::string::npos) << text;
}

TEST(Ssa, TextRoundTripsForEveryOperation) {
  bool seen[256] = {};
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    SsaBuffer words = RandomUnit(seed, 0x1000).make();
    std::string error;
    auto text = print_ssa(words, error);
    ASSERT_TRUE(text) << error;
    auto again = parse_ssa(*text, error);
    ASSERT_TRUE(again) << error << "\n" << *text;
    ASSERT_EQ(*again, words) << *text;
    auto unit = read_ssa(words, error);
    for (const SsaBlock& block : unit->blocks) {
      for (const SsaInst& inst : block.insts) seen[static_cast<int>(inst.op)] = true;
    }
  }
  // The others are written by hand, here.
  for (Op op : {Op::set_context, Op::stack_pointer, Op::unreachable, Op::smulhi, Op::umulhi,
                Op::tail_call}) {
    seen[static_cast<int>(op)] = true;
  }
  for (int op = 0; op < 256; ++op) {
    if (op_info(static_cast<uint8_t>(op)).name)
      EXPECT_TRUE(seen[op]) << op_info(static_cast<uint8_t>(op)).name;
  }
  constexpr const char* kRest =
      "system (i64, f64)\n"
      "block0(v0: i64, v1: f64):\n"
      "  set_context.i64 v0\n"
      "  v2 = stack_pointer.i64\n"
      "  v3 = smulhi.i64 v2, v0\n"
      "  v4 = umulhi.i64 v2, v3\n"
      "  v5 = load.f64 region9 v4-8 fixed\n"
      "  unreachable\n";
  std::string error;
  auto words = parse_ssa(kRest, error);
  ASSERT_TRUE(words) << error;
  EXPECT_EQ(print_ssa(*words, error).value_or(error), kRest);
}

TEST(Ssa, TextErrorsNameTheLine) {
  auto message = [](const char* text) {
    std::string error;
    EXPECT_FALSE(parse_ssa(text, error));
    return error;
  };
  EXPECT_EQ(message(""), "line 0: empty text");
  EXPECT_EQ(message("unit () -> i65\n"), "line 1: a type is expected, not `i65`");
  EXPECT_EQ(message("unit ()\nblock0:\n  v1 = iconst.i64 0\n"), "line 3: v0 comes next");
  EXPECT_EQ(message("unit ()\nblock0:\n  add v0\n"), "line 3: unknown operation `add`");
  EXPECT_EQ(message("unit ()\nblock0:\n  fence fence\n"), "line 3: unexpected `fence`");
  EXPECT_EQ(message("unit ()\nblock1:\n"), "line 2: number 0 comes next");
}

TEST(Ssa, DamagedBuffersAreErrorsThatNameTheWord) {
  std::string error;
  SsaBuffer good = counting_loop();
  EXPECT_FALSE(print_ssa({}, error));
  for (size_t length = 0; length < good.size(); ++length) {
    SsaBuffer cut(good.begin(), good.begin() + static_cast<long>(length));
    if (length > kHeadWords) cut[kHeadWords] = static_cast<uint32_t>(length);
    EXPECT_FALSE(read_ssa(cut, error)) << length;
  }
  SsaBuffer bad = good;
  bad[kSsaHeaderWords + 2 + 3] =
      9;  // the operation behind the exit and the block's head: number 9 is free
  EXPECT_FALSE(read_ssa(bad, error));
  EXPECT_EQ(error, "word 16: unknown operation");
}

}  // namespace
}  // namespace dx::jit
