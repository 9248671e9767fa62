#pragma once
// Source text to code objects: parser, compiler, image; SyntaxErrors and warnings as Python sees
// them.

#include <string_view>

#include "compiler/diagnostics.h"
#include "objects/code.h"
#include "syntax/parse.h"

namespace dx {

enum class SourceMode : uint8_t { exec, eval, single };

struct SourceOptions {
  SourceMode mode = SourceMode::exec;
  int optimize = 0;
  uint32_t future_flags = 0;   // CO_FUTURE_*
  bool source_is_str = false;  // no encoding declaration is looked for
  bool dont_imply_dedent = false, allow_incomplete_input = false, top_level_await = false;
  bool optimize_tree = false;  // trees for Python: what preprocessing settles (PyCF_OPTIMIZED_AST)
  int feature_version = 14;
};

// `warned`, when given, becomes true when the source gave a warning.
Result<Ref<Code>> compile_source(Thread& thread, std::string_view source, Borrowed<Str> filename,
                                 const SourceOptions& options, bool* warned = nullptr);
// How much of the native stack parser and compiler may use from here.
size_t native_stack_left(Thread& thread);
// The tree alone, in `arena`; the source's warnings are issued.
Result<const ast::Mod*> parse_source(Thread& thread, ast::Arena& arena, std::string_view source,
                                     Borrowed<Str> filename, syntax::ParseMode mode,
                                     bool type_comments, const SourceOptions& options,
                                     bool* warned = nullptr);
// SyntaxError, or what else the parser or tokenizer found.
Raised raise_parse_error(Thread& thread, const syntax::SyntaxErrorInfo& error,
                         Borrowed<Str> filename, std::string_view source);
// SyntaxError, or what else the compiler or the symbol table found.
Raised raise_compile_error(Thread& thread, const compiler::CompileError& error,
                           Borrowed<Str> filename, std::string_view source);
// The same from a tree (compile() of an ast.AST); source gives the text of error lines and may be
// empty.
Result<Ref<Code>> compile_tree(Thread& thread, const ast::Mod* mod, std::string_view source,
                               Borrowed<Str> filename, const SourceOptions& options,
                               bool* warned = nullptr);
// A code object from the bytes of an image (what marshal stores). Untrusted bytes are verified:
// ValueError.
Result<Ref<Code>> code_from_image(Thread& thread, std::vector<uint8_t> bytes,
                                  Borrowed<Str> filename, bool verify);

}  // namespace dx
