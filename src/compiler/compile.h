#pragma once
// The entry of the compiler: a syntax tree in, one tree of CodeUnits or one error out, and warnings
// either way.
//
//   ast::Mod ──> symbol table ──> code generator ──> flow graph ──> dpb::CodeUnit
//
// Used by compile(), exec(), eval(), imports and the prompt, after syntax/parse.h. No Python
// objects, no global state: any thread, any number at once.

#include <cstdint>
#include <memory>
#include <vector>

#include "compiler/diagnostics.h"
#include "compiler/symtable.h"
#include "dpb/code_unit.h"
#include "syntax/ast.h"

namespace dx::compiler {

enum class CompileMode : uint8_t { exec, eval, single };

struct CompileOptions {
  int optimize = 0;              // 1: no asserts, 2: no docstrings either
  uint32_t future_flags = 0;     // CO_FUTURE_* inherited from the code that called compile()
  bool top_level_await = false;  // PyCF_ALLOW_TOP_LEVEL_AWAIT
  size_t stack_limit =
      3u << 20;  // how much native stack the compiler may use from where it is called
};

struct CompileResult {
  std::shared_ptr<dpb::CodeUnit> code;  // null: look at error
  CompileError error;
  std::vector<CompileWarning> warnings;
};

CompileResult compile(const ast::Mod* mod, CompileMode mode, const CompileOptions& options);

// The symbol table alone, for the `symtable` module. `table` stays valid as long as `names`.
struct SymbolTableResult {
  std::unique_ptr<NameTable> names;
  std::unique_ptr<SymbolTable> table;  // null: look at error
  CompileError error;
};
SymbolTableResult build_symbol_table(const ast::Mod* mod, const CompileOptions& options);

// The text of an expression as an annotation string under `from __future__ import annotations`.
std::string unparse(const ast::Expr* expression);

}  // namespace dx::compiler
