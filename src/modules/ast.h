#pragma once
// Syntax trees as Python objects: the classes of the ast module, and the way there and back.
//
//   source --parser--> ast::Mod --to objects--> ast.Module(...)      compile(source, name, mode,
//   PyCF_ONLY_AST) ast.Module(...) --from objects, checked--> ast::Mod --compiler--> code
//   compile(tree, name, mode)
//
// All of it follows the reflection table made from syntax/ast.def: no node is named by hand but
// where its meaning is checked. The classes are made when `_ast` is first imported (or a tree first
// asked for), once for the process.

#include <deque>

#include "dpb/code_unit.h"
#include "objects/native.h"
#include "runtime/compile_source.h"
#include "syntax/ast.h"

namespace dx {

Result<bool> is_tree(Thread& thread, Any object);  // an instance of ast.AST
AnyResult parse_tree_object(Thread& thread, std::string_view source, Borrowed<Str> filename,
                            syntax::ParseMode mode, bool type_comments,
                            const SourceOptions& options);
// What compile() gives for a tree when it is to stay one: itself, or what preprocessing makes of
// it. TypeError when it is none that fits the mode.
AnyResult keep_tree_object(Thread& thread, Any tree, Borrowed<Str> filename, syntax::ParseMode mode,
                           const SourceOptions& options);
AnyResult compile_tree_object(Thread& thread, Any tree, Borrowed<Str> filename,
                              syntax::ParseMode mode, const SourceOptions& options);

// ---- for ast*.cpp -------------------------------------------------------------------------------

constexpr int kMaxEnumItems = 16, kAstEnums = 8, kAstSums = 8, kAstFields = 8;
// Immortal all of them.
struct AstClasses {
  Type* base;
  Type* nodes[ast::kNodeKindCount];
  Type* sums[kAstSums];
  Type* enums[kAstEnums];
  Type* enum_items[kAstEnums][kMaxEnumItems];
  Object* enum_values[kAstEnums][kMaxEnumItems];  // the one Load() that parsing uses, and so on
  Str* field_names[ast::kNodeKindCount][kAstFields];
  Str* place_names[4];  // lineno, col_offset, end_lineno, end_col_offset
};
// Made on the first call.
Result<const AstClasses*> ast_classes(Thread& thread);

AnyResult tree_to_object(Thread& thread, const AstClasses& classes, const ast::Node* node);
// The tree of a mod object, not yet checked for sense. TypeError, ValueError.
// Constants that no literal can write are kept in `values`, which must live as long as the tree.
using TreeConstants = std::deque<dpb::Constant>;
Result<ast::Mod*> tree_from_object(Thread& thread, const AstClasses& classes, ast::Arena& arena,
                                   TreeConstants& values, Any object, ast::NodeKind expected);
// ValueError and TypeError with CPython's texts for a tree that no source gives.
Result<void> validate_tree(Thread& thread, const ast::Mod* mod);

}  // namespace dx
