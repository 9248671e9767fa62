#pragma once
// A syntax tree as ast.parse(..., optimize=1) shows it: what CPython settles in the tree itself,
// before any code is generated. The code generator does the same on its way and needs none of this.
//
//   __debug__                 -> True, or False when optimizing
//   '%s, %5r' % (a, b)        -> the f-string that means the same
//   case -1: case 1 + 2j:     -> the number itself
//   a docstring               -> nothing (`pass`, where a body would be left empty) at level 2
//
// Annotations that stay text (from __future__ import annotations) are left as they are written.
// Works in place, in the arena of the tree.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics.h"
#include "compiler/fold.h"
#include "dpb/code_unit.h"
#include "syntax/ast.h"

namespace dx::compiler {

class Preprocessor {
 public:
  Preprocessor(ast::Arena& arena, int optimize, uint32_t future_flags, size_t stack_limit)
      : arena_(arena),
        optimize_(optimize),
        future_flags_(future_flags),
        diagnostics_(stack_limit),
        folder_(diagnostics_, optimize) {}

  // False: look at error(). Folded numbers belong to the Preprocessor (ConstantKind::Opaque).
  bool run(ast::Mod* mod);
  const CompileError& error() const { return diagnostics_.error; }

 private:
  ast::Node* visit(ast::Node* node);
  void visit_fields(ast::Node* node);
  void body(ast::Seq<ast::Stmt*>& statements);
  ast::Expr* percent_format(const ast::BinOp* node);
  ast::Expr* number(ast::Expr* expr);  // of a pattern

  ast::Arena& arena_;
  int optimize_;
  uint32_t future_flags_;
  bool text_annotations_ = false;
  Diagnostics diagnostics_;
  Folder folder_;
};

struct FormatPiece {
  std::string text;        // literal text, or the format specification of `value`
  const ast::Expr* value;  // null: literal text
  int conversion;          // 's', 'r' or 'a'
};
// False: something else than %s, %r, %a and %%, or another number of values.
bool parse_percent_format(std::string_view text, ast::Seq<ast::Expr*> values,
                          std::vector<FormatPiece>& pieces);

}  // namespace dx::compiler
