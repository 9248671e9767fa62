// What Python cannot easily reach of the compiler: limits, recursion, the forms an instruction
// takes, rejected input. Behaviour is tested in tests/python, listings in tests/golden/dpb,
// agreement with CPython in tests/sweep.

#include "compiler/compile.h"

#include <gtest/gtest.h>

#include "dpb/disassembler.h"
#include "dpb/verifier.h"
#include "syntax/parse.h"

namespace dx::compiler {
namespace {

CompileResult compiled(const std::string& source, CompileOptions options = {},
                       CompileMode mode = CompileMode::exec) {
  ast::Arena arena;
  syntax::ParseMode parse_mode = mode == CompileMode::eval     ? syntax::ParseMode::eval
                                 : mode == CompileMode::single ? syntax::ParseMode::single
                                                               : syntax::ParseMode::exec;
  syntax::ParseResult parsed = syntax::parse(arena, source, parse_mode, {});
  EXPECT_NE(parsed.mod, nullptr) << parsed.error.message;
  if (parsed.mod == nullptr) return {};
  CompileResult result = compile(parsed.mod, mode, options);
  if (result.code != nullptr) {
    auto wrong = dpb::verify(*result.code);
    EXPECT_FALSE(wrong.has_value()) << *wrong << "\n" << source.substr(0, 500);
  }
  return result;
}

// The number of instructions named `op` in the unit and those nested in it.
int count(const dpb::CodeUnit& unit, dpb::Op op) {
  int found = 0;
  for (dpb::Instruction instruction : unit.instructions) found += instruction.code() == op;
  for (const dpb::Constant& constant : unit.constants) {
    if (constant.code) found += count(*constant.code, op);
  }
  return found;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Compiler, ValueGoesStraightIntoTheLocal) {
  CompileResult result = compiled("def f(a, b):\n  x = a + b\n  return x\n");
  ASSERT_NE(result.code, nullptr);
  EXPECT_EQ(count(*result.code, dpb::Op::MOVE), 0);
  EXPECT_EQ(count(*result.code, dpb::Op::CHECK_BOUND), 0);
}

TEST(Compiler, WalrusDoesNotChangeAnOperandReadBefore) {
  // The left operand is copied before the walrus rebinds it.
  CompileResult result = compiled("def f(x):\n  return x + (x := 1)\n");
  ASSERT_NE(result.code, nullptr);
  EXPECT_EQ(count(*result.code, dpb::Op::MOVE), 1);
}

TEST(Compiler, ChecksOnlyLocalsThatMayBeUnbound) {
  EXPECT_EQ(
      count(*compiled("def f(a):\n  if a:\n    b = 1\n  return b, b\n").code, dpb::Op::CHECK_BOUND),
      1);
  EXPECT_EQ(count(*compiled("def f():\n  try:\n    b = g()\n  except E:\n    return b\n").code,
                  dpb::Op::CHECK_BOUND),
            1);
  EXPECT_EQ(count(*compiled("def f(a):\n  del a\n  return a\n").code, dpb::Op::CHECK_BOUND), 1);
}

TEST(Compiler, MoreThan255ArgumentsGoThroughATuple) {
  CompileResult few = compiled("f(" + repeated("a,", 255) + ")");
  EXPECT_EQ(count(*few.code, dpb::Op::CALL), 1);
  CompileResult many = compiled("f(" + repeated("a,", 256) + ")");
  EXPECT_EQ(count(*many.code, dpb::Op::CALL), 0);
  EXPECT_EQ(count(*many.code, dpb::Op::CALL_FUNCTION_EX), 1);
}

TEST(Compiler, LargeDisplaysAreBuiltInPieces) {
  CompileResult result = compiled("x = [" + repeated("a,", 100000) + "]");
  ASSERT_NE(result.code, nullptr);
  EXPECT_LT(result.code->register_count, 1000u);
  ASSERT_NE(compiled("x = {" + repeated("a: b,", 70000) + "}").code, nullptr);
  ASSERT_NE(compiled("x = {" + repeated("a,", 70000) + "}").code, nullptr);
}

TEST(Compiler, MoreThan65535NamesAndConstants) {
  std::string source;
  for (int i = 0; i < 70000; ++i)
    source += "n" + std::to_string(i) + " = '" + std::to_string(i) + "'\n";
  source += "o.a\no.b = f(k=1)\ndef g(): return 'end'\n";
  CompileResult result = compiled(source);
  ASSERT_NE(result.code, nullptr) << result.error.message;
  EXPECT_GT(result.code->names.size(), 70000u);
}

TEST(Compiler, MoreThan65535Attributes) {
  std::string source = repeated("a.b.c = d.e(f.g)\n", 25000) + "del a.b\n";
  CompileResult result = compiled(source);
  ASSERT_NE(result.code, nullptr) << result.error.message;
  EXPECT_GT(count(*result.code, dpb::Op::GETATTR), 0);
  EXPECT_GT(count(*result.code, dpb::Op::SETATTR), 0);
  EXPECT_EQ(count(*result.code, dpb::Op::DELATTR), 1);
}

TEST(Compiler, JumpsTooFarForSixteenBitsTakeADetour) {
  std::string body = repeated("  x = a + b + c\n", 20000);
  ASSERT_NE(compiled("for i in y:\n" + body).code, nullptr);
  ASSERT_NE(compiled("while i < y:\n" + body).code, nullptr);
  ASSERT_NE(compiled("if i in y:\n" + body + "else:\n" + body).code, nullptr);
}

TEST(Compiler, DeepTreesAreARecursionError) {
  // Built by hand: the parser has a limit of its own.
  ast::Arena arena;
  ast::Expr* tree = ast::make<ast::Name>(arena, 1, 0, 1, 1);
  static_cast<ast::Name*>(tree)->id = arena.intern("a");
  for (int i = 0; i < 200000; ++i) {
    ast::UnaryOp* outer = ast::make<ast::UnaryOp>(arena, 1, 0, 1, 1);
    outer->op = ast::UnaryOperator::USub;
    outer->operand = tree;
    tree = outer;
  }
  ast::Expression* mod = ast::make<ast::Expression>(arena);
  mod->body = tree;
  CompileResult result = compile(mod, CompileMode::eval, {});
  EXPECT_EQ(result.code, nullptr);
  EXPECT_EQ(result.error.kind, CompileError::Kind::recursion_error);
  EXPECT_EQ(result.error.message, "maximum recursion depth exceeded during compilation");
}

TEST(Compiler, OptimizationDropsAssertsAndDocstrings) {
  std::string source = "def f():\n  'doc'\n  assert x\n  return __debug__\n";
  EXPECT_EQ(count(*compiled(source).code, dpb::Op::RAISE_VARARGS), 1);
  CompileResult optimized = compiled(source, {.optimize = 2});
  EXPECT_EQ(count(*optimized.code, dpb::Op::RAISE_VARARGS), 0);
  EXPECT_EQ(optimized.code->constants[0].code->flags & dpb::kCoHasDocstring, 0u);
}

TEST(Compiler, TheModes) {
  CompileResult single = compiled("a\n", {}, CompileMode::single);
  EXPECT_EQ(count(*single.code, dpb::Op::INTRINSIC_1), 1);  // the display hook
  CompileResult eval = compiled("a + 1", {}, CompileMode::eval);
  EXPECT_EQ(eval.code->instructions.back().code(), dpb::Op::RETURN_VALUE);
}

TEST(Compiler, ErrorsSayWhatCPythonSays) {
  CompileResult result = compiled("def f():\n  x = 1\n  global x\n");
  EXPECT_EQ(result.code, nullptr);
  EXPECT_EQ(result.error.message, "name 'x' is assigned to before global declaration");
  EXPECT_EQ(result.error.line, 3);
  EXPECT_EQ(result.error.col, 3);
  EXPECT_EQ(result.error.end_col, 11);
  EXPECT_EQ(compiled("return 1").error.message, "'return' outside function");
}

TEST(Compiler, WarningsComeInOrder) {
  CompileResult result = compiled("x is 1\n1()\nassert (1, 2)\n");
  ASSERT_EQ(result.warnings.size(), 3u);
  EXPECT_EQ(result.warnings[0].message, "\"is\" with 'int' literal. Did you mean \"==\"?");
  EXPECT_EQ(result.warnings[1].message,
            "'int' object is not callable; perhaps you missed a comma?");
  EXPECT_EQ(result.warnings[2].message, "assertion is always true, perhaps remove parentheses?");
  EXPECT_EQ(result.warnings[2].line, 3);
}

TEST(Unparse, SpellsAnnotationsAsCPython) {
  auto text = [](const std::string& source) {
    ast::Arena arena;
    syntax::ParseResult parsed = syntax::parse(arena, source, syntax::ParseMode::eval, {});
    return unparse(ast::as<ast::Expression>(parsed.mod)->body);
  };
  EXPECT_EQ(text("Dict [ str,(int ,'x') ]|None"), "Dict[str, (int, 'x')] | None");
  EXPECT_EQ(text("(a+b)*c**-d"), "(a + b) * c ** (-d)");
  EXPECT_EQ(text("lambda x,*,y=1:(x,)"), "lambda x, *, y=1: (x,)");
  EXPECT_EQ(text("1e300*1e300 if a else 0xff"), "1e+300 * 1e+300 if a else 255");
}

}  // namespace
}  // namespace dx::compiler
