// Text form: disassembling and assembling give the same bytes back, and editing the text changes
// exactly what it says.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dpb/assembler.h"
#include "dpb/disassembler.h"
#include "dpb/image.h"
#include "dpb/instruction_text.h"
#include "dpb/verifier.h"
#include "dpb/writer.h"

namespace dx::dpb {
namespace {

using namespace emit;

// def f(a, b=...): c = a + b; while c < 10: c += 1; try: return a.x finally...; with a nested
// lambda and odd names.
CodeUnit sample() {
  auto lambda = std::make_shared<CodeUnit>();
  lambda->name = "<lambda>", lambda->qualname = "f.<locals>.<lambda>";
  lambda->flags = kCoOptimized;
  lambda->freevars = {"a"};
  lambda->varnames = {".0", "odd name", "\xc3\xa9"};
  lambda->argument_count = 3;
  lambda->register_count = 5;
  lambda->instructions = {copy_free_vars(3, 1), load_deref(4, 3), return_value(4, kKillB)};

  CodeUnit unit;
  unit.name = unit.qualname = "f";
  unit.first_line = 10;
  unit.flags = kCoOptimized | kCoNewLocals | kCoHasDocstring;
  unit.argument_count = 2, unit.positional_only = 1;
  unit.varnames = {"a", "b", "c"};
  unit.cellvars = {"a"};
  unit.names = {"x"};
  unit.constants = {
      Constant::string("it's a \"doc\"; with\nlines \\ and \xed\xb2\x80\xf0\x9f\x90\x8d"),
      Constant::nested(lambda),
      Constant::tuple(
          {Constant::integer(1), Constant::tuple({Constant::none()}), Constant::tuple({})}),
      Constant::real(0.1),
      Constant::big(true, {0x123456789abcdef0, 1}),
      Constant::byte_string(std::string("a;'\0 \xff  ", 8)),
      Constant::frozen_set({Constant::string("k"), Constant::boolean(true)}),
      Constant::slice(Constant::none(), Constant::integer(-3), Constant::none()),
      Constant::imaginary(-0.0, INFINITY),
      Constant::real(1e308),
      Constant::real(-0.0),
      Constant::real(5.0),
      Constant::ellipsis(),
      Constant::real(std::numeric_limits<double>::quiet_NaN()),
      Constant::real(-std::nan("7")),
      Constant::integer(INT64_MIN),
      Constant::string(" ; | ")};
  unit.sites = {{SiteKind::attr_load, 0}, {SiteKind::call, CacheSite::kNoName}};
  unit.annotations = {{"b", "int"}, {"return", "'list[int]'"}};
  unit.register_count = 12;
  constexpr uint16_t a = 0, b = 1, c = 2, t0 = 3, t1 = 4;
  unit.instructions = {
      make_cell(a),                              // 0
      binary_add_int(c, b, -7),                  // 1
      jump(1),                                   // 2
      inplace_add_int(c, c, 1),                  // 3
      jump_if_lt_int(-2, c, 10),                 // 4
      jump_if(1, c, kSense),                     // 5
      is_op(c, b, c, kFlag),                     // 6
      move(t0, a),                               // 7: the cell
      build_tuple(t0, t0, 1),                    // 8
      make_function(t0, 1, t0, 8),               // 9
      format_value(t1, b, 0, kNoSpec | 2 << 4),  // 10
      clear(t1),                                 // 11
      call(t0, t0, 1, 0),                        // 12
      load_attr(t0, t0, 0, kKillB),              // 13, covered
      return_value(t0, kKillB),                  // 14
      raise_varargs(t0, 0, 1 << 4 | kKillB),     // 15: handler
  };
  unit.exceptions = {{12, 14, 15, 0}};
  for (int i = 0; i < 16; ++i) unit.positions.push_back({10 + i, 10 + i, 4, 10 + i});
  unit.positions[3] = {}, unit.positions[4] = {12, 12, -1, -1}, unit.positions[5] = {-1, 3, -1, 2};
  return unit;
}

ImageBytes image_of(const CodeUnit& unit) {
  ImageBytes bytes;
  EXPECT_EQ(write_image(unit, bytes), std::nullopt);
  return bytes;
}

CodeUnit read_back(const std::string& text) {
  CodeUnit unit;
  EXPECT_EQ(assemble(text, unit), std::nullopt);
  return unit;
}

std::string error_of(const std::string& text) {
  CodeUnit unit;
  return assemble(text, unit).value_or("assembled");
}

std::string replaced(std::string text, const std::string& part, const std::string& with) {
  size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), with);
}

// The line that contains `part`, with its newline.
std::string line_with(const std::string& text, const std::string& part) {
  size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  size_t start = text.rfind('\n', at) + 1;
  return text.substr(start, text.find('\n', at) + 1 - start);
}

TEST(Text, ReadingItBackGivesTheSameBytes) {
  CodeUnit unit = sample();
  std::string text = disassemble(unit);
  CodeUnit back = read_back(text);
  EXPECT_TRUE(same_unit(unit, back)) << text;
  EXPECT_EQ(image_of(back), image_of(unit));
  EXPECT_EQ(disassemble(back), text);
}

TEST(Text, IsPlainAsciiWithNamedOperands) {
  std::string text = disassemble(sample());
  for (char letter : text)
    EXPECT_TRUE(letter == '\n' || (letter >= ' ' && letter <= '~')) << int(letter);
  EXPECT_NE(text.find("LOAD_ATTR dst=t0 owner=t0! name=@0"), std::string::npos) << text;
  EXPECT_NE(text.find("JUMP_IF distance=L3 value=%c unless"), std::string::npos) << text;
  EXPECT_NE(text.find("BINARY_ADD_INT dst=%c left=%b right=-7"), std::string::npos) << text;
  EXPECT_NE(text.find("FORMAT_VALUE dst=t1 value=%b conversion=2 nospec"), std::string::npos)
      << text;
}

TEST(Text, AnEditedConstantIsTheOnlyChange) {
  CodeUnit expected = sample();
  expected.constants[3] = Constant::real(0.25);
  CodeUnit back = read_back(replaced(disassemble(sample()), "constant $3 0.1", "constant $3 0.25"));
  EXPECT_TRUE(same_unit(back, expected));
  EXPECT_NE(image_of(back), image_of(sample()));
}

TEST(Text, TwoSwappedInstructionsAreSwapped) {
  std::string text = disassemble(sample());
  std::string first = line_with(text, "FORMAT_VALUE"), second = line_with(text, "CLEAR");
  CodeUnit back = read_back(replaced(text, first + second, second + first));
  CodeUnit expected = sample();
  std::swap(expected.instructions[10], expected.instructions[11]);
  std::swap(expected.positions[10], expected.positions[11]);
  EXPECT_TRUE(same_unit(back, expected));
  ImageBytes bytes;  // and the verifier sees that t1 is now read before it is written
  EXPECT_NE(write_image(back, bytes).value_or("").find("CLEAR value=t1: value: t1 is not in use"),
            std::string::npos);
}

TEST(Text, ADeletedLabelIsAnErrorThatNamesTheLine) {
  std::string text = disassemble(sample());
  std::string error = error_of(replaced(text, "  L1:\n", ""));
  EXPECT_NE(error.find("there is no label L1"), std::string::npos) << error;
  EXPECT_EQ(error.find("line "), 0u);
}

TEST(Text, AnInsertedInstructionMovesLabelsAndDistances) {
  std::string text = disassemble(sample());
  std::string increment = line_with(text, "INPLACE_ADD_INT");
  CodeUnit back = read_back(replaced(text, increment, increment + "NOP | -\n"));
  EXPECT_EQ(back.instructions.size(), 17u);
  EXPECT_EQ(jump_distance(back.instructions[2]), 2);   // over the increment and the NOP
  EXPECT_EQ(jump_distance(back.instructions[5]), -3);  // back to the increment
  EXPECT_EQ(back.exceptions[0].start, 13u);
  ImageBytes bytes;
  EXPECT_EQ(write_image(back, bytes), std::nullopt);
}

TEST(Text, MistakesAreNamed) {
  std::string text = disassemble(sample());
  auto after = [&](const std::string& part, const std::string& with) {
    return error_of(replaced(text, part, with));
  };
  auto expect = [](const std::string& error, const std::string& part) {
    EXPECT_NE(error.find(part), std::string::npos) << error;
  };
  expect(after("BINARY_ADD_INT", "BINARY_ADDED"), "there is no op BINARY_ADDED");
  expect(after("left=%b", "left=%nobody"), "there is no register %nobody");
  expect(after("left=%b", "lift=%b"), "has no operand lift");
  expect(after("left=%b", ""), "operand left is missing");
  expect(after("left=%b", "left=%b left=%b"), "stands twice");
  expect(after("left=%b", "left=%b!"), "assembled");  // the verifier's business
  expect(after("value=%c unless", "value=%c not"), "has no word not");
  expect(after("MAKE_CELL variable=%a", "MAKE_CELL variable=%a!"), "cannot be killed");
  expect(after("right=-7", "right=-70000"), "not a number between");
  expect(after("name=@0", "name=0"), "an index with `@` is missing");
  expect(after("constant $3", "constant $4"), "expected $3 here");
  expect(after("constant $3 0.1", "constant $3 0.1 0.2"), "more on the line");
  expect(after("constant $3 0.1", "constant $3 zero"), "not a literal: zero");
  expect(after("constant $3 0.1", "constant $3 99999999999999999999"), "written in hexadecimal");
  expect(after("constant $1 code 1", "constant $1 code 2"), "does not exist");
  expect(after("constant $1 code 1", "constant $1 code 0"), "two places or of itself");
  expect(after("constant $1 code 1", "constant $1 None"), "no constant of a block before it");
  expect(after("code 1 '<lambda>'", "code 7 '<lambda>'"), "expected code 1 here");
  expect(after("dpb 1", "dpb 2"), "starts with `dpb 1`");
  expect(after("| 10:4-10:10", "| 10:4"), "a position is written");
  expect(after("| 10:4-10:10", ""), "the position is missing");
  expect(after("  L1:\n", "  L1:\n  L1:\n"), "label L1 stands twice");
  expect(after("argc=0", ""), "argc, mode, count or which is missing");
  expect(after("nospec", "nospec spec=%a"), "not used by this form");
  expect(error_of(""), "there is no code block");
  expect(error_of(text.substr(0, text.rfind("end"))), "does not end");
  expect(error_of(replaced(text, "flags 0x4000003", "fags 3")), "unknown line: fags");
}

TEST(Text, DeepAndStrangeInputEndsWithAnError) {
  std::string head = "dpb 1\ncode 0 'f' qualname 'f'\n";
  EXPECT_NE(error_of(head + "constant $0 " + std::string(100000, '(')).find("nested too deeply"),
            std::string::npos);
  EXPECT_NE(error_of(head + "constant $0 'abc"), "assembled");
  EXPECT_NE(error_of(head + "constant $0 '\\x4"), "assembled");
  EXPECT_NE(error_of(head + "constant $0 '\\U00110000'"), "assembled");
  EXPECT_NE(error_of(head + "constant $0 b'\\u0041'"), "assembled");
  EXPECT_NE(error_of(head + "constant $0 nan(0x1)"), "assembled");
  EXPECT_NE(error_of(head + std::string("constant $0 '\0'", 15)), "assembled");
}

TEST(Text, FarLabelsAreRefusedWhereTheOpCannotReach) {
  CodeUnit unit;
  unit.name = unit.qualname = "far";
  unit.flags = kCoOptimized;
  unit.varnames = {"a"}, unit.argument_count = 1, unit.register_count = 1;
  unit.constants = {Constant::none()};
  unit.instructions = {jump(40000)};
  unit.instructions.insert(unit.instructions.end(), 40000, nop());
  unit.instructions.push_back(return_const(0));
  std::string text = disassemble(unit);
  EXPECT_TRUE(same_unit(read_back(text), unit));  // JUMP reaches anywhere
  EXPECT_NE(error_of(replaced(text, "JUMP distance=L1", "JUMP_IF distance=L1 value=%a"))
                .find("too far away"),
            std::string::npos);
}

TEST(Text, EveryOpRoundTripsWithAllItsOperands) {
  // Bits are made to fit each op's form; the verifier is not asked.
  CodeUnit unit;
  unit.name = unit.qualname = "all";
  unit.flags = kCoOptimized;
  unit.varnames = {"a", "b"}, unit.register_count = 60000;
  for (int op = 0; op < kOpCount; ++op) {
    const OpInfo& facts = info(uint8_t(op));
    for (int variant = 0; variant < 4; ++variant) {
      Instruction made{uint8_t(op), 0, 0, 0, 0};
      uint16_t* fields[3] = {&made.a, &made.b, &made.c};
      switch (facts.aux) {
        case AuxKind::none: break;
        case AuxKind::kill: break;
        case AuxKind::argc:
        case AuxKind::mode: made.aux = uint8_t(variant * 85); break;
        case AuxKind::kill_sense:
        case AuxKind::kill_flag: made.aux = variant & 1 ? kFlag : 0; break;
        case AuxKind::kill_conversion:
          made.aux = uint8_t(variant << 4 | (variant & 1 ? kNoSpec : 0));
          break;
        case AuxKind::kill_count: made.aux = uint8_t(variant % 3 << 4); break;
        case AuxKind::kill_which: made.aux = uint8_t(variant * 5 << 4); break;
      }
      for (int operand = 0; operand < 3; ++operand) {
        if (!operand_used(made, operand)) continue;
        switch (facts.kinds[operand]) {
          case OperandKind::jump: *fields[operand] = uint16_t(-1); break;
          case OperandKind::jump32: made.set_wide(uint32_t(-1)); break;
          case OperandKind::constant32:
          case OperandKind::site32: made.set_wide(uint32_t(variant) * 0x12345678); break;
          case OperandKind::int32: made.set_wide(uint32_t(-variant * 100000)); break;
          default: *fields[operand] = uint16_t(variant * 17000);
        }
        const uint8_t bits[3] = {kKillA, kKillB, kKillC};
        bool kills = facts.aux >= AuxKind::kill && facts.aux <= AuxKind::kill_which;
        if (kills && facts.kinds[operand] == OperandKind::in && variant & 2)
          made.aux |= bits[operand];
      }
      unit.instructions.push_back(made);
    }
  }
  EXPECT_TRUE(same_unit(read_back(disassemble(unit)), unit));
}

TEST(Text, GeneralizedUtf8IsCheckedExactly) {
  EXPECT_TRUE(valid_text("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8d"));
  EXPECT_TRUE(valid_text("\xed\xa0\x80"));       // a lone surrogate
  EXPECT_FALSE(valid_text("\xc0\x80"));          // overlong
  EXPECT_FALSE(valid_text("\xe0\x80\x80"));      // overlong
  EXPECT_FALSE(valid_text("\xf0\x80\x80\x80"));  // overlong
  EXPECT_FALSE(valid_text("\xf4\x90\x80\x80"));  // above 0x10FFFF
  EXPECT_FALSE(valid_text("\xe2\x82"));          // cut off
  EXPECT_FALSE(valid_text("\x80"));
  EXPECT_EQ(quote("a'\\\n\x7f\xc3\xa9\xf0\x9f\x90\x8d"), "'a\\'\\\\\\n\\x7f\\xe9\\U0001f40d'");
}

}  // namespace
}  // namespace dx::dpb
