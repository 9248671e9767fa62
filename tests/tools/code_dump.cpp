// dx-code: what the compiler makes of Python sources, as JSON for comparison with another Python's
// compile().
//
//   dx-code [--optimize N] < list of files     one JSON object a line: {"file", "codes": [...],
//   "error", "warnings"} dx-code --snippets < file                  the same for sources separated
//   by a line "----"
//
// A code object gives what inspect and dis show of it, and for each instruction its name and
// position.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "compiler/compile.h"
#include "dpb/disassembler.h"
#include "dpb/verifier.h"
#include "syntax/parse.h"

namespace {

using dx::dpb::CodeUnit;
using dx::dpb::Constant;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + "\"";
}

std::string list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (size_t i = 0; i < items.size(); ++i) out += (i ? "," : "") + quoted(items[i]);
  return out + "]";
}

const char* type_name(const Constant& constant) {
  switch (constant.kind) {
    case Constant::Kind::none: return "NoneType";
    case Constant::Kind::true_value:
    case Constant::Kind::false_value: return "bool";
    case Constant::Kind::ellipsis: return "ellipsis";
    case Constant::Kind::int64:
    case Constant::Kind::big_int: return "int";
    case Constant::Kind::float64: return "float";
    case Constant::Kind::complex: return "complex";
    case Constant::Kind::str: return "str";
    case Constant::Kind::bytes: return "bytes";
    case Constant::Kind::tuple: return "tuple";
    case Constant::Kind::frozenset: return "frozenset";
    case Constant::Kind::slice: return "slice";
    case Constant::Kind::code: return "code";
  }
  return "?";
}

void print_code(const CodeUnit& unit, bool& first) {
  std::string consts = "[";
  for (size_t i = 0; i < unit.constants.size(); ++i) {
    consts += (i ? "," : "") + quoted(type_name(unit.constants[i]));
  }
  std::string doc = "null";
  if (unit.flags & dx::dpb::kCoHasDocstring) doc = quoted(unit.constants[0].text);
  std::printf("%s{\"name\":%s,\"qualname\":%s,\"firstlineno\":%u,\"flags\":%u,\"args\":[%u,%u,%u],",
              first ? "" : ",", quoted(unit.name).c_str(), quoted(unit.qualname).c_str(),
              unit.first_line, unit.flags, unit.argument_count, unit.positional_only,
              unit.keyword_only);
  first = false;
  std::printf(
      "\"names\":%s,\"varnames\":%s,\"cellvars\":%s,\"freevars\":%s,\"consts\":%s],\"doc\":%s,"
      "\"ops\":[",
      list(unit.names).c_str(), list(unit.varnames).c_str(), list(unit.cellvars).c_str(),
      list(unit.freevars).c_str(), consts.c_str(), doc.c_str());
  for (size_t i = 0; i < unit.instructions.size(); ++i) {
    const dx::dpb::SourcePosition& at = unit.positions[i];
    std::printf("%s[\"%s\",%d,%d,%d,%d]", i ? "," : "",
                dx::dpb::info(unit.instructions[i].code()).name, at.line, at.end_line, at.column,
                at.end_column);
  }
  std::printf("]}");
  for (const Constant& constant : unit.constants) {
    if (constant.code) print_code(*constant.code, first);
  }
}

void dump(const std::string& name, const std::string& source, bool is_text,
          const dx::compiler::CompileOptions& options) {
  dx::ast::Arena arena;
  dx::syntax::ParseFlags flags;
  flags.is_utf8_str = is_text;
  dx::syntax::ParseResult parsed =
      dx::syntax::parse(arena, source, dx::syntax::ParseMode::exec, flags);
  std::printf("{\"file\":%s", quoted(name).c_str());
  if (parsed.mod == nullptr) {
    std::printf(",\"error\":[%s,%d,%d,%d,%d],\"parser\":true}\n",
                quoted(parsed.error.message).c_str(), parsed.error.line, parsed.error.col,
                parsed.error.end_line, parsed.error.end_col);
    return;
  }
  dx::compiler::CompileResult result =
      dx::compiler::compile(parsed.mod, dx::compiler::CompileMode::exec, options);
  std::printf(",\"warnings\":[");
  for (size_t i = 0; i < result.warnings.size(); ++i) {
    std::printf("%s[%s,%d]", i ? "," : "", quoted(result.warnings[i].message).c_str(),
                result.warnings[i].line);
  }
  std::printf("]");
  if (result.code == nullptr) {
    std::printf(",\"error\":[%s,%d,%d,%d,%d]}\n", quoted(result.error.message).c_str(),
                result.error.line, result.error.col, result.error.end_line, result.error.end_col);
    return;
  }
  if (auto wrong = dx::dpb::verify(*result.code))
    std::printf(",\"verifier\":%s", quoted(*wrong).c_str());
  std::printf(",\"codes\":[");
  bool first = true;
  print_code(*result.code, first);
  std::printf("]}\n");
}

}  // namespace

int main(int argc, char** argv) {
  dx::compiler::CompileOptions options;
  bool snippets = false;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--snippets")) {
      snippets = true;
    } else if (!std::strcmp(argv[i], "--optimize") && i + 1 < argc) {
      options.optimize = std::atoi(argv[++i]);
    } else {
      std::fprintf(stderr, "dx-code: unknown option %s\n", argv[i]);
      return 2;
    }
  }
  std::string line, source;
  if (snippets) {
    int number = 0;
    bool more = true;
    while (more) {
      more = static_cast<bool>(std::getline(std::cin, line));
      if (more && line != "----") {
        source += line + "\n";
        continue;
      }
      if (!source.empty()) dump(std::to_string(number++), source, true, options);
      source.clear();
    }
    return 0;
  }
  while (std::getline(std::cin, line)) {
    std::ifstream file(line, std::ios::binary);
    source.assign(std::istreambuf_iterator<char>(file), {});
    dump(line, source, false, options);
  }
  return 0;
}
