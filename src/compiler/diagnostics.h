#pragma once
// How a compilation reports trouble: the first error wins and stops the walk, warnings are
// collected in order.
//
// There are no C++ exceptions here: after fail() every visitor returns early and what was built is
// thrown away.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "compiler/names.h"

namespace dx::compiler {

struct CompileError {
  enum class Kind : uint8_t { none, syntax_error, recursion_error, value_error, overflow_error };
  Kind kind = Kind::none;
  std::string message;
  // As in SyntaxError: lines and byte columns from 1; line 0 when unknown. The text of the line is
  // for the caller to find (CPython reads it from the file of that name when it can).
  int line = 0;
  int col = 0;
  int end_line = 0;
  int end_col = 0;
};

// To be issued by the caller in order, before it looks at the result. When the filters make an
// error of it, the SyntaxError raised instead has this message and range.
struct CompileWarning {
  std::string message;
  int line = 0;
  int col = 0;
  int end_line = 0;
  int end_col = 0;
};

class Diagnostics {
 public:
  explicit Diagnostics(size_t stack_limit)
      : stack_bottom_(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - stack_limit) {}

  bool failed() const { return error.kind != CompileError::Kind::none; }

  void fail(const Position& where, std::string message) {
    if (failed()) return;
    error = {CompileError::Kind::syntax_error,
             std::move(message),
             where.line,
             where.col + 1,
             where.end_line,
             where.end_col + 1};
  }
  void fail_with(CompileError::Kind kind, std::string message) {
    if (failed()) return;
    error.kind = kind;
    error.message = std::move(message);
  }
  void warn(const Position& where, std::string message) {
    warnings.push_back(
        {std::move(message), where.line, where.col + 1, where.end_line, where.end_col + 1});
  }

  // To be asked on entry to every recursive visitor: false once something failed, or when the tree
  // is too deep.
  bool may_descend() {
    if (__builtin_expect(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < stack_bottom_,
                         0)) {
      fail_with(CompileError::Kind::recursion_error,
                "maximum recursion depth exceeded during compilation");
    }
    return !failed();
  }

  CompileError error;
  std::vector<CompileWarning> warnings;

 private:
  uintptr_t stack_bottom_;
};

}  // namespace dx::compiler
