// Each tests/golden/ir/NAME.ssa is parsed, printed, and shown as CLIF and as machine code of two
// tiers; the whole must equal NAME.txt. DX_REBASELINE=1 rewrites the files: review the difference.
// Features of this processor are off, so that the text is the same everywhere.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "jit/engine.h"
#include "jit/ssa_text.h"
#include "jit/stubs.h"

namespace dx::jit {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Golden, UnitsTranslateAsRecorded) {
  EngineOptions options;
  options.host_features = false;
  options.verify_ir = options.check_allocation = true;
  std::string error;
  auto engine = Engine::create(options, error);
  if (!engine) GTEST_SKIP() << error;
  Compiler compiler(*engine);
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DX_GOLDEN_DIR)) {
    std::filesystem::path path = entry.path();
    if (path.extension() != ".ssa") continue;
    ++count;
    auto words = parse_ssa(read_file(path), error);
    ASSERT_TRUE(words) << path << ": " << error;
    std::string out = print_ssa(*words, error).value_or(error);
    auto section = [&](const char* title, Tier tier, DumpKind kind) {
      bool ok = false;
      std::string text = compiler.dump(tier, *words, kind, &ok);
      EXPECT_TRUE(ok) << path << ": " << text;
      out += std::string("\n==== ") + title + "\n" + text;
      if (out.back() != '\n') out += '\n';
    };
    section("CLIF", Tier::optimizing, DumpKind::clif);
    section("CLIF, optimized", Tier::optimizing, DumpKind::optimized);
    section("machine code, optimizing", Tier::optimizing, DumpKind::machine);
    section("machine code, baseline", Tier::baseline, DumpKind::machine);
    path.replace_extension(".txt");
    if (std::getenv("DX_REBASELINE")) {
      std::ofstream(path) << out;
    } else {
      EXPECT_EQ(read_file(path), out) << path;
    }
  }
  EXPECT_GT(count, 5);
}

TEST(Golden, TheStubsAreTheRecordedOnes) {
  std::string error, text = read_file(std::string(DX_GOLDEN_DIR) + "/enter.ssa");
  EXPECT_EQ(parse_ssa(text, error), enter_unit());
  text = read_file(std::string(DX_GOLDEN_DIR) + "/cold_thunk.ssa");
  EXPECT_EQ(parse_ssa(text, error), cold_thunk_unit(9, 1));
}

}  // namespace
}  // namespace dx::jit
