// Each tests/golden/syntax/NAME.py is shown by dx-syntax's own words (the tree, or the error); the
// whole must equal NAME.txt. DX_REBASELINE=1 rewrites the files: review the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/tools/syntax_dump.h"

namespace dx::syntax {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Golden, SourcesParseAsRecorded) {
  std::filesystem::path folder =
      std::filesystem::path(DX_SOURCE_DIR) / "tests" / "golden" / "syntax";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".py") continue;
    ++files;
    std::filesystem::path expected = entry.path();
    expected.replace_extension(".txt");
    std::string actual = describe(read_file(entry.path()), ParseMode::exec, {}) + "\n";
    if (std::getenv("DX_REBASELINE") != nullptr)
      std::ofstream(expected, std::ios::binary) << actual;
    EXPECT_EQ(read_file(expected), actual) << entry.path();
  }
  EXPECT_GE(files, 5);
}

}  // namespace
}  // namespace dx::syntax
