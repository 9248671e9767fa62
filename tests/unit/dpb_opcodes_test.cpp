// The opcode table as C++ sees it: encoding, assembler functions, facts.
#include <gtest/gtest.h>

#include "dpb/code_unit.h"

namespace dx::dpb {
namespace {

#define COUNT(name) +1
static_assert(0 DX_FOR_EACH_OP(COUNT) == kOpCount);
static_assert(0 DX_FOR_EACH_OP_SLOT(COUNT) == 256);  // a dispatch table built from it has no hole

TEST(Opcodes, NamesFollowTheEnumeration){
#define CHECK_NAME(op) EXPECT_STREQ(info(Op::op).name, #op);
    DX_FOR_EACH_OP(CHECK_NAME)}

TEST(Opcodes, EveryOpIsFoundByItsNameAndOthersAreNot) {
  for (int op = 0; op < kOpCount; ++op) {
    bool found = false;
    EXPECT_EQ(int(op_named(kOpInfo[op].name, found)), op);
    EXPECT_TRUE(found);
  }
  bool found = true;
  op_named("LOAD_NOTHING", found);
  EXPECT_FALSE(found);
}

TEST(Opcodes, UnusedValuesHaveNoFacts) {
  for (int op = kOpCount; op < 256; ++op) EXPECT_EQ(kOpInfo[op].name, nullptr);
}

TEST(Opcodes, BytesAreOpAuxThenThreeLittleEndianOperands) {
  Instruction add = emit::binary_add(0x1234, 2, 3, kKillB);
  unsigned char bytes[8];
  std::memcpy(bytes, &add, 8);
  unsigned char expected[8] = {uint8_t(Op::BINARY_ADD), 1, 0x34, 0x12, 2, 0, 3, 0};
  EXPECT_EQ(std::memcmp(bytes, expected, 8), 0);
}

TEST(Opcodes, WideOperandsLieInBAndC) {
  EXPECT_EQ(emit::load_const(1, 0x12345).wide(), 0x12345u);
  EXPECT_EQ(emit::load_int(1, -70000).signed_wide(), -70000);
  EXPECT_EQ(jump_distance(emit::jump(-3)), -3);
  EXPECT_EQ(jump_distance(emit::for_iter(0, 1, -9)), -9);
  EXPECT_EQ(jump_distance(emit::jump_if_lt_int(-4, 1, -5, kSense)), -4);
  EXPECT_EQ(emit::jump_if_lt_int(-4, 1, -5).signed_c(), -5);
}

TEST(Opcodes, RunsHaveTheLengthTheTableStates) {
  EXPECT_EQ(run_length(emit::build_tuple(0, 1, 3)), 3u);
  EXPECT_EQ(run_length(emit::build_map(0, 1, 3)), 6u);              // pairs
  EXPECT_EQ(run_length(emit::make_function(0, 1, 2, 0b1001)), 2u);  // one for each bit of aux
  EXPECT_EQ(run_length(emit::binary_slice(0, 1, 2)), 2u);
}

TEST(Opcodes, ShorthandLinesHaveTheStatedEffects) {
  EXPECT_EQ(info(Op::BINARY_XOR).effects, kRaises | kPython);
  EXPECT_EQ(info(Op::JUMP_IF_GE_INT).effects, kRaises | kPython | kPolls | kJumps);
  EXPECT_EQ(info(Op::JUMP_IF_GE_INT).aux, AuxKind::kill_sense);
  EXPECT_EQ(info(Op::LOAD_GLOBAL).site, SiteKind::global_load);
}

TEST(CodeUnit, RegistersFollowTheDocumentedOrder) {
  CodeUnit unit;
  unit.flags = kCoOptimized | kCoVarArgs;
  unit.argument_count = 1;
  unit.keyword_only = 1;
  unit.varnames = {"a", "k", "args", "local"};
  unit.cellvars = {"k", "own", "args", "other"};
  unit.freevars = {"free"};
  EXPECT_EQ(unit.parameter_count(), 3u);  // a, k, *args
  EXPECT_EQ(unit.cell_register(0), 1u);   // a parameter keeps its register
  EXPECT_EQ(unit.cell_register(1), 4u);   // the first own cell follows varnames
  EXPECT_EQ(unit.cell_register(2), 2u);
  EXPECT_EQ(unit.cell_register(3), 5u);
  EXPECT_EQ(unit.first_free(), 6u);
  EXPECT_EQ(unit.first_temporary(), 7u);
  unit.flags = 0;  // a module keeps its namespace in register 0
  unit.varnames.clear(), unit.cellvars.clear(), unit.freevars.clear();
  EXPECT_EQ(unit.first_temporary(), 1u);
}

TEST(Constants, AreEqualOnlyWhenKindAndBitsAre) {
  EXPECT_FALSE(Constant::real(0.0) == Constant::real(-0.0));
  EXPECT_FALSE(Constant::integer(1) == Constant::boolean(true));
  EXPECT_FALSE(Constant::string("a") == Constant::byte_string("a"));
  EXPECT_TRUE(Constant::tuple({Constant::integer(1)}) == Constant::tuple({Constant::integer(1)}));
  EXPECT_EQ(Constant::real(2.5).hash(), Constant::real(2.5).hash());
  EXPECT_NE(Constant::real(0.0).hash(), Constant::real(-0.0).hash());
}

TEST(Constants, BigIntegersThatFitBecomeSmall) {
  uint64_t top = uint64_t{1} << 63;
  EXPECT_TRUE(Constant::big(true, {top}) == Constant::integer(INT64_MIN));
  EXPECT_EQ(Constant::big(false, {top}).kind, Constant::Kind::big_int);  // one more than INT64_MAX
  EXPECT_TRUE(Constant::big(true, {0, 0}) == Constant::integer(0));
  EXPECT_EQ(Constant::big(false, {1, 1, 0}).limbs.size(), 2u);  // leading zero limbs go
}

}  // namespace
}  // namespace dx::dpb
