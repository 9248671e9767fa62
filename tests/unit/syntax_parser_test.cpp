// What the sweeps cannot see from outside: limits, flags, identifiers, encodings, the tokens of
// _tokenize.
#include <gtest/gtest.h>

#include <string>

#ifndef __has_feature
#define __has_feature(name) 0  // g++
#endif

#include "base/unicode_identifier.h"
#include "base/unicode_names.h"
#include "syntax/decode.h"
#include "syntax/parse.h"
#include "syntax/token_stream.h"

namespace dx::syntax {
namespace {

using namespace dx::ast;

struct Parsed {
  Arena arena;
  ParseResult result;
  explicit Parsed(std::string_view source, ParseMode mode = ParseMode::exec,
                  ParseFlags flags = {}) {
    result = parse(arena, source, mode, flags);
  }
  const Expr* expression() const {
    return as<Expression>(static_cast<const Node*>(result.mod))->body;
  }
  const ConstantValue& constant() const { return as<Constant>(expression())->value; }
};

std::string message(std::string_view source, ParseFlags flags = {}) {
  Parsed parsed(source, ParseMode::exec, flags);
  return parsed.result.mod != nullptr ? "" : parsed.result.error.message;
}

TEST(Syntax, EqualNamesAreOnePointerWhateverTheirSpelling) {
  Parsed parsed("ﬁx = fix", ParseMode::exec);  // the first begins with the ligature U+FB01
  const Assign* assign =
      as<Assign>(as<Module>(static_cast<const Node*>(parsed.result.mod))->body[0]);
  EXPECT_EQ(as<Name>(assign->targets[0])->id, as<Name>(assign->value)->id);  // NFKC makes them one
}

TEST(Syntax, IntegersKeepTheirDigitsWhenTheyDoNotFit) {
  Parsed fits("9_223_372_036_854_775_807", ParseMode::eval);
  EXPECT_EQ(fits.constant().kind, ConstantKind::Int);
  EXPECT_EQ(fits.constant().integer, INT64_MAX);
  Parsed big("0x1_0000_0000_0000_0000", ParseMode::eval);
  EXPECT_EQ(big.constant().kind, ConstantKind::BigInt);
  EXPECT_EQ(big.constant().base, 16);
  EXPECT_EQ(big.constant().text, "10000000000000000");
}

TEST(Syntax, DecimalIntegersHaveALimitThatHexadecimalHasNot) {
  std::string digits(4301, '7');
  EXPECT_NE(message("x = " + digits).find("Exceeds the limit (4300 digits)"), std::string::npos);
  EXPECT_EQ(message("x = 0x" + digits), "");
  ParseFlags flags;
  flags.int_max_str_digits = 0;
  EXPECT_EQ(message("x = " + digits, flags), "");
}

TEST(Syntax, FloatsBeyondTheRangeAreInfinityOrZero) {
  EXPECT_EQ(Parsed("1e400", ParseMode::eval).constant().number, __builtin_inf());
  EXPECT_EQ(Parsed("0." + std::string(400, '0') + "1", ParseMode::eval).constant().number, 0.0);
  EXPECT_EQ(Parsed("1" + std::string(400, '0') + ".", ParseMode::eval).constant().number,
            __builtin_inf());
}

TEST(Syntax, LoneSurrogatesStayInStrings) {
  Parsed parsed("'\\ud800a'", ParseMode::eval);
  EXPECT_EQ(parsed.constant().text,
            "\xED\xA0\x80"
            "a");
  EXPECT_TRUE(parsed.constant().has_surrogate);
}

TEST(Syntax, DepthIsBoundedByRulesAndByTheStack) {
  EXPECT_EQ(message(std::string(5000, '-') + "1"), "");
  EXPECT_EQ(message(std::string(7000, '-') + "1"), "Parser stack overflowed - Memory Error");
  EXPECT_EQ(message(std::string(201, '(') + "1"), "too many nested parentheses");
#if !defined(__SANITIZE_ADDRESS__) && \
    !__has_feature(address_sanitizer)  // ASan keeps locals off the stack
  ParseFlags small;
  small.stack_limit = 16 * 1024;  // a thread with a tiny stack
  Parsed parsed(std::string(150, '(') + "1" + std::string(150, ')'), ParseMode::exec, small);
  EXPECT_EQ(parsed.result.error.kind, ErrorKind::memory_error);
#endif
}

TEST(Syntax, WarningsComeInOrderWithTheRangeOfTheirError) {
  Parsed parsed("x = '\\d'\ny = 1or 2\n");
  ASSERT_NE(parsed.result.mod, nullptr);
  ASSERT_EQ(parsed.result.warnings.size(), 2u);
  int escape = parsed.result.warnings[0].line == 1 ? 0 : 1;
  EXPECT_EQ(parsed.result.warnings[escape].col, 5);
  EXPECT_EQ(parsed.result.warnings[escape].end_col, 9);
  EXPECT_EQ(parsed.result.warnings[1 - escape].message, "invalid decimal literal");
}

TEST(Syntax, AnOlderGrammarCanBeAsked) {
  ParseFlags flags;
  flags.feature_version = 7;
  EXPECT_EQ(message("(x := 1)", flags),
            "Assignment expressions are only supported in Python 3.8 and greater");
  flags.feature_version = 8;
  EXPECT_EQ(message("(x := 1)", flags), "");
}

TEST(Syntax, UnfinishedInputIsToldFromWrongInput) {
  ParseFlags flags;
  flags.allow_incomplete_input = flags.dont_imply_dedent = true;
  EXPECT_EQ(Parsed("if x:", ParseMode::single, flags).result.error.kind,
            ErrorKind::incomplete_input);
  EXPECT_EQ(Parsed("'''a", ParseMode::single, flags).result.error.kind,
            ErrorKind::incomplete_input);
  EXPECT_EQ(Parsed("a b\n", ParseMode::single, flags).result.error.kind, ErrorKind::syntax_error);
}

TEST(Syntax, TypeCommentsAndIgnoresAreKeptWhenAsked) {
  ParseFlags flags;
  flags.type_comments = true;
  Parsed parsed("x = 1  # type: int\ny = 2  # type: ignore[tag]\n", ParseMode::exec, flags);
  const Module* module = as<Module>(static_cast<const Node*>(parsed.result.mod));
  EXPECT_EQ(as<Assign>(module->body[0])->type_comment, "int");
  ASSERT_EQ(module->type_ignores.size, 1u);
  EXPECT_EQ(as<TypeIgnore>(module->type_ignores[0])->tag, "[tag]");
}

TEST(Syntax, EncodingsComeFromMarkCommentOrDefault) {
  EXPECT_EQ(decode_source("# coding: latin-1\nx='\xE9'", ParseMode::exec, {}).text,
            "# coding: latin-1\nx='é'\n");
  EXPECT_EQ(
      decode_source("#\n# vim: set fileencoding=koi8-r :\nx='\xC1'", ParseMode::exec, {}).text,
      "#\n# vim: set fileencoding=koi8-r :\nx='а'\n");
  EXPECT_EQ(decode_source("\xEF\xBB\xBFx", ParseMode::exec, {}).text, "x\n");
  EXPECT_EQ(decode_source("a\r\nb\rc", ParseMode::exec, {}).text, "a\nb\nc\n");
  EXPECT_EQ(decode_source("a\r\nb", ParseMode::eval, {}).text, "a\nb");
  EXPECT_FALSE(decode_source("# coding: nonsense\n", ParseMode::exec, {}).good);
}

TEST(Syntax, CharactersHaveTheirNamesAliasesAndRuns) {
  uint32_t c;
  EXPECT_TRUE(unicode::character_by_name("bullet", c) && c == 0x2022);
  EXPECT_TRUE(unicode::character_by_name("LINE FEED", c) && c == 0x0A);
  EXPECT_TRUE(unicode::character_by_name("CJK UNIFIED IDEOGRAPH-4E2D", c) && c == 0x4E2D);
  EXPECT_TRUE(unicode::character_by_name("HANGUL SYLLABLE GGWALM", c) && c == 0xAF52);
  EXPECT_FALSE(unicode::character_by_name("CJK UNIFIED IDEOGRAPH-0041", c));
  EXPECT_FALSE(unicode::character_by_name("BULLE", c));
}

std::string token_types(std::string_view text) {
  TokenStream stream(text);
  TokenView view;
  std::string out;
  while (true) {
    switch (stream.next(view)) {
      case TokenStream::Next::end: return out;
      case TokenStream::Next::error: return out + stream.error().message;
      case TokenStream::Next::token: out += std::to_string(view.type) + " ";
    }
  }
}

TEST(Syntax, TokenizeSeesCommentsAndEmptyLines) {
  // COMMENT 65, NL 66, NAME 1, NEWLINE 4, ENDMARKER 0, OP 55, NUMBER 2
  EXPECT_EQ(token_types("# hi\n\nx # y\n"), "65 66 66 1 65 4 0 ");
  // Wrong brackets and numbers are the caller's to judge.
  EXPECT_EQ(token_types(")077\n"), "55 2 4 0 ");
  EXPECT_EQ(token_types("x = 'a"), "1 55 unterminated string literal (detected at line 1)");
}

TEST(Syntax, TokenizeKeepsNewlinesAsTheyCame) {
  TokenStream stream("é\r\nb");
  TokenView view;
  stream.next(view);
  EXPECT_EQ(view.end_col, 1);  // characters, not bytes
  stream.next(view);
  EXPECT_EQ(view.text, "\r\n");
  stream.next(view);
  stream.next(view);
  EXPECT_EQ(view.text, "");  // the last line had no newline of its own
}

}  // namespace
}  // namespace dx::syntax
