#pragma once
// The symbol table: which scope every name of a module belongs to, found before any code is
// generated.
//
//   AST ──visit──> tree of Scopes, each with its symbols' flags ──analyze──> scope of every symbol
//
// Two passes over the tree of scopes, as in CPython, because flags and order are visible through
// the `symtable` module and in SyntaxErrors. A comprehension may be *inlined*: its symbols are then
// merged into the enclosing scope, and the code generator emits it in place (PEP 709). Invariant:
// `symbols` keeps the order of first appearance; flags are CPython's numbers.

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "compiler/diagnostics.h"
#include "compiler/names.h"
#include "syntax/ast.h"

namespace dx::compiler {

enum class BlockKind : uint8_t {
  function,
  class_,
  module,
  annotation,
  type_alias,
  type_parameters,
  type_variable
};

enum class Comprehension : uint8_t { none, list, dict, set, generator };

enum SymbolFlag : uint32_t {
  kDefGlobal = 1,  // a global statement
  kDefLocal = 2,   // assigned
  kDefParam = 4,
  kDefNonlocal = 8,  // a nonlocal statement
  kUse = 16,
  kDefFreeClass = 64,  // free in a method, while the class itself has the name too
  kDefImport = 128,
  kDefAnnot = 256,
  kDefCompIter = 512,  // a comprehension's iteration variable
  kDefTypeParam = 1024,
  kDefCompCell = 2048,  // a cell because an inlined comprehension needs it
  kDefBound = kDefLocal | kDefParam | kDefImport | kDefTypeParam,
};

enum class ScopeOf : uint8_t {
  unknown = 0,
  local = 1,
  global_explicit = 2,
  global_implicit = 3,
  free = 4,
  cell = 5
};

struct Symbol {
  Name name;
  uint32_t flags;
  ScopeOf scope;
  bool merged = false;  // only an inlined comprehension has this name here
};

struct Scope {
  BlockKind kind;
  Comprehension comprehension = Comprehension::none;
  Name name;
  Position where;
  const char* info = nullptr;  // what a type variable's scope is, for messages ("a TypeVar bound")
  std::vector<Symbol> symbols;
  std::unordered_map<Name, uint32_t> index;
  std::vector<Name> params;
  std::vector<Scope*> children;
  std::vector<std::pair<Name, Position>> directives;  // global and nonlocal statements
  Scope* annotation_block = nullptr;
  std::unordered_set<Name> walrus;  // names that `:=` may rebind in the middle of an expression
  // Around a generic class and in the scopes of its type parameters and bases: only the names of
  // its type parameters are mangled.
  std::shared_ptr<std::unordered_set<Name>> mangled_names;
  int comp_iter_expr = 0;

  bool nested = false;
  bool generator = false;
  bool coroutine = false;
  bool varargs = false;
  bool varkeywords = false;
  bool returns_value = false;
  bool annotations_used = false;
  bool needs_class_closure = false;
  bool needs_classdict = false;
  bool has_conditional_annotations = false;
  bool in_conditional_block = false;
  bool in_unevaluated_annotation = false;
  bool comp_iter_target = false;
  bool can_see_class_scope = false;
  bool inlined = false;
  bool has_docstring = false;
  bool has_inlined = false;  // some comprehension was merged into this scope
  bool method = false;

  bool function_like() const { return kind != BlockKind::class_ && kind != BlockKind::module; }
  const Symbol* find(Name name) const {
    auto at = index.find(name);
    return at == index.end() ? nullptr : &symbols[at->second];
  }
  Symbol* find(Name name) {
    auto at = index.find(name);
    return at == index.end() ? nullptr : &symbols[at->second];
  }
  uint32_t flags_of(Name name) const {
    const Symbol* symbol = find(name);
    return symbol ? symbol->flags : 0;
  }
  ScopeOf scope_of(Name name) const {
    const Symbol* symbol = find(name);
    return symbol ? symbol->scope : ScopeOf::unknown;
  }
};

// One syntax node can own several scopes: a function and its annotations, a TypeVar's bound and
// default.
enum class ScopeRole : uint8_t { body, type_parameters, annotations, default_value };

struct FutureFeatures {
  uint32_t flags = 0;  // CO_FUTURE_*
  int last_line = -1;  // line of the last `from __future__ import`
  bool annotations() const { return (flags & 0x1000000) != 0; }
};

class SymbolTable {
 public:
  SymbolTable(NameTable& names, Diagnostics& diagnostics, FutureFeatures future,
              bool top_level_await)
      : names_(names),
        diagnostics_(diagnostics),
        future_(future),
        top_level_await_(top_level_await) {}

  // Builds and analyzes; look at the diagnostics afterwards.
  void build(const ast::Mod* mod);

  Scope* top() const { return top_; }
  Scope* lookup(const ast::Node* node, ScopeRole role = ScopeRole::body) const {
    auto at = by_node_[static_cast<int>(role)].find(node);
    return at == by_node_[static_cast<int>(role)].end() ? nullptr : at->second;
  }

  // The name as the scope stores it: mangled inside a class, except around a generic class where
  // only its own type parameters are.
  Name mangle(Name class_name, const Scope* scope, Name name) const {
    if (scope->mangled_names && !scope->mangled_names->contains(name)) return name;
    return names_.mangle(class_name, name);
  }

 private:
  struct Conditional;
  using Names = std::unordered_set<Name>;

  // symtable.cpp: the visit
  Scope* new_scope(Name name, BlockKind kind, const ast::Node* key, ScopeRole role,
                   const Position& where);
  void enter(Scope* scope);
  void leave();
  void add(Name name, uint32_t flag, const Position& where) { add_to(current_, name, flag, where); }
  void add_to(Scope* scope, Name name, uint32_t flag, const Position& where);
  void add_checked(Name name, uint32_t flag, const Position& where, ast::ExprContext context);
  bool check_name(Name name, const Position& where, ast::ExprContext context);
  void directive(Name name, const Position& where) {
    current_->directives.emplace_back(names_.mangle(private_, name), where);
  }
  uint32_t lookup_flags(Name name) { return current_->flags_of(mangle(private_, current_, name)); }

  void visit(ast::Seq<ast::Stmt*> body) {
    for (ast::Stmt* stmt : body) visit(stmt);
  }
  void visit(ast::Seq<ast::Expr*> list) {
    for (ast::Expr* expr : list) visit(expr);
  }
  void visit(const ast::Stmt* stmt);
  void visit(const ast::Expr* expr);
  void visit(const ast::Pattern* pattern);
  void visit(const ast::TypeParam* param);
  template <typename Function>
  void visit_function(const Function* function);
  void visit_class(const ast::ClassDef* node);
  void visit_type_alias(const ast::TypeAlias* node);
  void visit_ann_assign(const ast::AnnAssign* node);
  void visit_annotation(const ast::Expr* annotation, const void* key);
  void visit_function_annotations(const ast::Stmt* function, const ast::Arguments* args,
                                  const ast::Expr* returns, Scope* scope);
  void visit_arguments(const ast::Arguments* args);
  void visit_alias(const ast::Alias* alias);
  void visit_directive(const ast::Stmt* stmt, ast::Seq<const ast::Identifier*> names, bool global);
  void visit_named_expr(const ast::NamedExpr* expr);
  void extend_named_expr_scope(const ast::Expr* target);
  void visit_comprehension(const ast::Expr* expr, std::string_view name,
                           ast::Seq<ast::Comprehension*> generators, const ast::Expr* element,
                           const ast::Expr* value);
  void visit_bound_or_default(const ast::Expr* expr, Name name, const ast::TypeParam* param,
                              ScopeRole role, const char* info);
  void enter_type_parameters(Name name, const ast::Stmt* node, bool has_defaults,
                             bool has_kwdefaults, bool is_class);
  void check_keywords(ast::Seq<ast::Keyword*> keywords);
  bool refuse_in_annotation(const char* what, const ast::Expr* expr);

  // scope_analysis.cpp: the resolution
  void analyze();
  void analyze_block(Scope* scope, const Names* bound, Names& free, Names& global,
                     Names& type_params, const Scope* class_scope);
  void analyze_name(Scope* scope, Symbol& symbol, const Names* bound, Names& local, Names& free,
                    Names& global, Names& type_params, const Scope* class_scope, Names& bound_here);
  void inline_comprehension(Scope* scope, Scope* comprehension, Names& child_free,
                            Names& inlined_cells);
  void fail_at_directive(Scope* scope, Name name, std::string message);

  NameTable& names_;
  Diagnostics& diagnostics_;
  FutureFeatures future_;
  bool top_level_await_;
  // Only in the module's own code, not in the functions and classes inside.
  bool allows_top_level_await() const {
    return top_level_await_ && current_->kind == BlockKind::module;
  }
  Scope* top_ = nullptr;
  Scope* current_ = nullptr;
  Name private_ = nullptr;
  std::vector<Scope*> stack_;
  std::vector<std::unique_ptr<Scope>> scopes_;
  std::unordered_map<const ast::Node*, Scope*> by_node_[4];
};

// The features of the `from __future__` imports at the top of `mod`.
FutureFeatures find_future_features(const ast::Mod* mod, Diagnostics& diagnostics);

}  // namespace dx::compiler
