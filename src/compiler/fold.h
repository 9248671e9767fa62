#pragma once
// Constant folding, with CPython's limits: what it folds, this folds, so that co_consts look the
// same.
//
// An expression is folded on demand while code is generated; the answer is remembered for each
// inner node, so that a deep expression costs linear time. Errors (division by zero) and results
// that would be large are left to run time.

#include <memory>
#include <unordered_map>

#include "compiler/diagnostics.h"
#include "dpb/code_unit.h"
#include "syntax/ast.h"

namespace dx::compiler {

// The constant a literal stands for.
dpb::Constant literal(const ast::ConstantValue& value);

// What bool() gives for a constant.
bool truth_of(const dpb::Constant& constant);

// Whether == holds between two constants: 1, 1.0 and True are equal.
bool equal_constants(const dpb::Constant& left, const dpb::Constant& right);

class Folder {
 public:
  Folder(Diagnostics& diagnostics, int optimize) : diagnostics_(diagnostics), optimize_(optimize) {}

  // The value of `expr` when it is constant, else null. Valid as long as the Folder.
  const dpb::Constant* fold(const ast::Expr* expr);

 private:
  std::unique_ptr<dpb::Constant> compute(const ast::Expr* expr);

  Diagnostics& diagnostics_;
  int optimize_;
  std::unordered_map<const ast::Expr*, std::unique_ptr<dpb::Constant>> known_;
};

}  // namespace dx::compiler
