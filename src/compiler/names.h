#pragma once
// Names inside one compilation: interned strings compared by address, private-name mangling, source
// positions.
//
// A Name lives as long as the NameTable that made it, which is as long as one compile() call.
// Thread: whoever compiles.

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "syntax/ast.h"

namespace dx::compiler {

using Name = const std::string*;

// Where something stands in the source: lines from 1, columns in UTF-8 bytes from 0. line < 0:
// nowhere.
struct Position {
  int line = -1;
  int end_line = -1;
  int col = -1;
  int end_col = -1;

  bool known() const { return line >= 0; }
  bool operator==(const Position&) const = default;
};

// A tree built by hand may say anything: what is negative is nowhere.
inline Position position_of(const ast::Located* node) {
  auto known = [](int32_t number) { return number < 0 ? -1 : number; };
  return {known(node->lineno), known(node->end_lineno), known(node->col_offset),
          known(node->end_col_offset)};
}

class NameTable {
 public:
  Name intern(std::string_view text) { return &*names_.emplace(text).first; }

  Name of(const ast::Identifier* identifier) {
    auto [at, fresh] = identifiers_.try_emplace(identifier, nullptr);
    if (fresh) at->second = intern(identifier->view());
    return at->second;
  }

  // `__x` inside `class C` is `_C__x`; names that end with two underscores or contain a dot stay as
  // they are.
  Name mangle(Name class_name, Name name) {
    if (class_name == nullptr || name->size() < 2 || (*name)[0] != '_' || (*name)[1] != '_')
      return name;
    if (name->ends_with("__") || name->find('.') != std::string::npos) return name;
    size_t start = class_name->find_first_not_of('_');
    if (start == std::string::npos) return name;
    std::string mangled = "_";
    mangled.append(*class_name, start, std::string::npos).append(*name);
    return intern(mangled);
  }

 private:
  std::unordered_set<std::string> names_;
  std::unordered_map<const ast::Identifier*, Name> identifiers_;
};

}  // namespace dx::compiler
