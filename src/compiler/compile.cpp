#include "compiler/compile.h"

#include "compiler/codegen.h"

namespace dx::compiler {

CompileResult compile(const ast::Mod* mod, CompileMode mode, const CompileOptions& options) {
  CompileResult result;
  Diagnostics diagnostics(options.stack_limit);
  NameTable names;
  FutureFeatures future = find_future_features(mod, diagnostics);
  future.flags |= options.future_flags;
  SymbolTable symbols(names, diagnostics, future, options.top_level_await);
  if (!diagnostics.failed()) symbols.build(mod);
  if (!diagnostics.failed()) {
    CodeGenerator generator(options, names, diagnostics, symbols, future);
    result.code = generator.generate(mod, mode);
    if (diagnostics.failed()) result.code = nullptr;
  }
  result.error = std::move(diagnostics.error);
  result.warnings = std::move(diagnostics.warnings);
  return result;
}

SymbolTableResult build_symbol_table(const ast::Mod* mod, const CompileOptions& options) {
  SymbolTableResult result;
  Diagnostics diagnostics(options.stack_limit);
  result.names = std::make_unique<NameTable>();
  FutureFeatures future = find_future_features(mod, diagnostics);
  future.flags |= options.future_flags;
  // The table refers to the diagnostics while it is built only.
  auto table =
      std::make_unique<SymbolTable>(*result.names, diagnostics, future, options.top_level_await);
  if (!diagnostics.failed()) table->build(mod);
  if (!diagnostics.failed()) result.table = std::move(table);
  result.error = std::move(diagnostics.error);
  return result;
}

}  // namespace dx::compiler
