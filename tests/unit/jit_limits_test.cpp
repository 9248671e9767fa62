// Units built to be as hard as the limits allow, each along one dimension: whatever is accepted
// must compile in bounded time and on a thread's ordinary stack. A unit may also be refused as too
// large, but never panic.
#include <gtest/gtest.h>

#include <functional>

#include "jit/engine.h"

namespace dx::jit {
namespace {

constexpr Type w = Type::i64;

// Every value live from here to the end.
std::vector<Val> many_live(SsaBuilder& b, int count) {
  std::vector<Val> live;
  for (int i = 0; i < count; ++i) live.push_back(b.load(w, Region::frame, b.param(0), 8 * i));
  return live;
}
Val use_all(SsaBuilder& b, const std::vector<Val>& live) {
  Val sum = live[0];
  for (Val value : live) sum = b.iadd(sum, value);
  return sum;
}

// Tables whose every edge needs a block of its own, with values live across all of them.
SsaBuffer wide_tables(int live_count) {
  SsaBuilder b(Conv::unit, w, {w});
  auto live = many_live(b, live_count);
  std::vector<BlockRef> targets;
  for (int i = 0; i < 60; ++i) targets.push_back(b.block());
  BlockRef out = b.block();
  std::vector<BlockRef> wide;
  for (int i = 0; i < 500; ++i) wide.push_back(targets[static_cast<size_t>(i) % targets.size()]);
  b.jump(targets[0]);
  for (size_t i = 0; i < targets.size(); ++i) {
    b.open(targets[i]);
    b.jump_table(b.load(Type::i32, Region::any, b.param(0), 0), out, wide);
  }
  b.open(out);
  b.ret(use_all(b, live));
  return b.finish();
}

SsaBuffer loops_with_many_parameters() {
  SsaBuilder b(Conv::unit, w, {w});
  std::vector<Type> types(120, w);
  std::vector<Val> values = many_live(b, 120);
  for (int loop = 0; loop < 100; ++loop) {
    BlockRef head = b.block(types), next = b.block();
    b.jump(head, values);
    b.open(head);
    std::vector<Val> params;
    for (uint32_t i = 0; i < 120; ++i)
      params.push_back(b.block_param(head, (i + 1) % 120));  // rotated
    b.branch(b.load(w, Region::any, b.param(0), 0), head, params, next, {});
    b.open(next);
    values = params;
  }
  b.ret(use_all(b, values));
  return b.finish();
}

SsaBuffer calls_between_many_values() {
  SsaBuilder b(Conv::unit, w, {w});
  SigRef helper = b.signature(Conv::system, w, {w, w});
  auto live = many_live(b, 300);
  for (size_t i = 0; i < 4000; ++i) {
    size_t at = i % live.size();
    live[at] = b.call_helper(helper, 1, {live[at], live[(at * 7 + 1) % live.size()]});
  }
  b.ret(use_all(b, live));
  return b.finish();
}

SsaBuffer long_chain(Op op, bool constants) {
  SsaBuilder b(Conv::unit, w, {w});
  Val value = b.param(0);
  while (b.inst_count() < DXCL_MAX_INSTS - 4) {
    if (op == Op::bnot) {
      value = b.bnot(value);
    } else {
      value = b.binary(op, value,
                       constants ? b.iconst(static_cast<int64_t>(b.inst_count()) | 1) : value);
    }
  }
  b.ret(value);
  return b.finish();
}

SsaBuffer chain_of_blocks() {
  SsaBuilder b(Conv::unit, w, {w});
  BlockRef last = b.cold_block();
  for (int i = 0; i < 2000; ++i) {
    BlockRef next = b.block();
    b.branch(b.load(w, Region::any, b.param(0), i), next, {}, last, {});
    b.open(next);
  }
  b.ret(b.param(0));
  b.open(last);
  b.ret(b.iconst(1));
  return b.finish();
}

SsaBuffer many_exits() {
  SsaBuilder b(Conv::unit, w, {w});
  auto live = many_live(b, 100);
  for (size_t i = 0; i < 1500; ++i) {
    std::vector<Val> values;
    for (size_t k = 0; k < 10; ++k) values.push_back(live[(i * 13 + k * k) % live.size()]);
    b.guard_true(live[i % live.size()], b.exit(values));
    live[(i * 31) % live.size()] = b.iadd(live[i % live.size()], b.iconst(static_cast<int64_t>(i)));
  }
  b.ret(use_all(b, live));
  return b.finish();
}

SsaBuffer many_stores_and_loads() {
  SsaBuilder b(Conv::unit, w, {w});
  Val sum = b.param(0);
  for (int i = 0; b.inst_count() < DXCL_MAX_INSTS - 8; ++i) {
    b.store(static_cast<Region>(i % 8), sum, b.param(0), 8 * (i % 1000));
    sum =
        b.bxor(sum, b.load(w, static_cast<Region>((i + 3) % 8), b.param(0), 8 * ((i * 7) % 1000)));
  }
  b.ret(sum);
  return b.finish();
}

// Every block of a ring can be entered from outside it: no header dominates.
SsaBuffer irreducible() {
  SsaBuilder b(Conv::unit, w, {w});
  auto live = many_live(b, 200);
  std::vector<BlockRef> ring;
  for (int i = 0; i < 1000; ++i) ring.push_back(b.block());
  BlockRef out = b.block();
  b.jump_table(b.load(Type::i32, Region::any, b.param(0), 0), out, ring);
  for (size_t i = 0; i < ring.size(); ++i) {
    b.open(ring[i]);
    b.store(Region::any, live[i % live.size()], b.param(0), 8);
    b.branch(b.load(w, Region::any, b.param(0), 0), ring[(i + 1) % ring.size()], {},
             ring[(i * 17 + 5) % ring.size()], {});
  }
  b.open(out);
  b.ret(use_all(b, live));
  return b.finish();
}

SsaBuffer nested_loops() {
  SsaBuilder b(Conv::unit, w, {w});
  auto live = many_live(b, 400);
  std::vector<BlockRef> heads;
  for (uint32_t i = 0; i < DXCL_MAX_LOOP_DEPTH; ++i) {
    heads.push_back(b.block());
    b.jump(heads.back());
    b.open(heads.back());
    for (size_t k = 0; k < 20; ++k)
      b.store(Region::any, live[(i * 20 + k) % live.size()], b.param(0), 0);
  }
  for (size_t i = heads.size(); i-- > 0;) {
    BlockRef after = b.block();
    b.branch(b.load(w, Region::any, b.param(0), 0), heads[i], {}, after, {});
    b.open(after);
  }
  b.ret(use_all(b, live));
  return b.finish();
}

struct Hard {
  const char* name;
  std::function<SsaBuffer()> make;
};
class Limits : public ::testing::TestWithParam<Hard> {};

TEST_P(Limits, TheHardestUnitsCompileInBoundedTimeOrAreRefused) {
  EngineOptions options;
  options.tiers[2] = {.optimize = true, .single_pass = true, .alias_analysis = true};
  std::string error;
  auto engine = Engine::create(options, error);
  if (!engine) GTEST_SKIP() << error;
  Compiler compiler(*engine);
  SsaBuffer words = GetParam().make();
  std::string times;
  for (Tier tier : {Tier::baseline, Tier::optimizing, Tier::ahead_of_time}) {
    CodeView view;
    CompileStatus status = compiler.compile(tier, words, view);
    if (status == CompileStatus::too_large) {
      times += " refused (" + compiler.error() + ")";
      continue;
    }
    EXPECT_EQ(status, CompileStatus::ok) << compiler.error();
    EXPECT_LT(view.compile_ns,
              20'000'000'000u);  // generous: the machine may be busy, the build slow
    times += " " + std::to_string(view.compile_ns / 1'000'000) + " ms";
  }
  std::printf("%-20s %6u instructions, %4u blocks:%s\n", GetParam().name, words[kHeadInsts],
              words[kHeadBlocks], times.c_str());
}

INSTANTIATE_TEST_SUITE_P(
    Everything, Limits,
    ::testing::Values(Hard{"wide_tables", [] { return wide_tables(100); }},
                      Hard{"wide_tables_live", [] { return wide_tables(1000); }},
                      Hard{"loop_parameters", loops_with_many_parameters},
                      Hard{"calls", calls_between_many_values},
                      Hard{"chain_bnot", [] { return long_chain(Op::bnot, false); }},
                      Hard{"chain_iadd", [] { return long_chain(Op::iadd, true); }},
                      Hard{"chain_double", [] { return long_chain(Op::iadd, false); }},
                      Hard{"chain_imul", [] { return long_chain(Op::imul, true); }},
                      Hard{"chain_bxor", [] { return long_chain(Op::bxor, true); }},
                      Hard{"blocks", chain_of_blocks}, Hard{"exits", many_exits},
                      Hard{"memory", many_stores_and_loads}, Hard{"irreducible", irreducible},
                      Hard{"nested_loops", nested_loops}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace dx::jit
