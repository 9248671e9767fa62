// dx-syntax: shows what the front end makes of a file, in the words of Python's ast.dump, so that
// the two can be compared byte for byte.
//
//   dx-syntax dump FILE        the tree with positions, or the SyntaxError
//   dx-syntax serve            many sources over a pipe: "MODE FLAGS SIZE\n" and SIZE bytes in,
//   "SIZE\n" and the answer out dx-syntax time FILE...     lines a second dx-syntax tokens FILE the
//   tokens as _tokenize sees them
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "syntax/token_stream.h"
#include "tests/tools/syntax_dump.h"

namespace {

using namespace dx;
using namespace dx::ast;
using namespace dx::syntax;

std::string read_file(const char* name) {
  std::ifstream in(name, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

int serve() {
  char mode_name[16];
  unsigned flag_bits;
  size_t size;
  while (std::scanf("%15s %u %zu", mode_name, &flag_bits, &size) == 3) {
    std::getchar();
    std::string source(size, 0);
    if (std::fread(source.data(), 1, size, stdin) != size) return 1;
    ParseMode mode = !std::strcmp(mode_name, "eval")     ? ParseMode::eval
                     : !std::strcmp(mode_name, "single") ? ParseMode::single
                     : !std::strcmp(mode_name, "func")   ? ParseMode::func_type
                                                         : ParseMode::exec;
    ParseFlags flags;
    flags.is_utf8_str = flag_bits & 1;
    flags.type_comments = flag_bits & 2;
    flags.allow_incomplete_input = flag_bits & 4;
    flags.dont_imply_dedent = flag_bits & 8;
    std::string answer = describe(source, mode, flags);
    std::printf("%zu\n", answer.size());
    std::fwrite(answer.data(), 1, answer.size(), stdout);
    std::fflush(stdout);
  }
  return 0;
}

int tokens(const char* name) {
  TokenStream stream(read_file(name));
  TokenView view;
  while (true) {
    switch (stream.next(view)) {
      case TokenStream::Next::end: return 0;
      case TokenStream::Next::error:
        std::printf("error: %s\n", stream.error().message.c_str());
        return 1;
      case TokenStream::Next::token: break;
    }
    Dumper text;
    text.repr_text(view.text, false);
    text.out += ' ';
    text.repr_text(view.line, false);
    std::printf("%d (%d, %d)-(%d, %d) %s\n", view.type, view.lineno, view.col, view.end_lineno,
                view.end_col, text.out.c_str());
  }
}

int time_files(int count, char** names) {
  std::vector<std::string> sources;
  size_t lines = 0, bytes = 0;
  for (int i = 0; i < count; ++i) {
    sources.push_back(read_file(names[i]));
    for (char c : sources.back()) lines += c == '\n';
    bytes += sources.back().size();
  }
  for (int round = 0; round < 5; ++round) {
    auto start = std::chrono::steady_clock::now();
    for (const std::string& source : sources) {
      Arena arena;
      parse(arena, source, ParseMode::exec, {});
    }
    double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%zu lines, %zu bytes in %.3f s: %.0f lines/s\n", lines, bytes, seconds,
                lines / seconds);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "dump" && argc == 3) {
    std::cout << describe(read_file(argv[2]), ParseMode::exec, {}) << "\n";
    return 0;
  }
  if (command == "serve") return serve();
  if (command == "tokens" && argc == 3) return tokens(argv[2]);
  if (command == "time" && argc > 2) return time_files(argc - 2, argv + 2);
  std::fprintf(stderr, "usage: dx-syntax dump FILE | serve | tokens FILE | time FILE...\n");
  return 2;
}
