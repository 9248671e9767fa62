// The visit: flags of every name of every scope, and the SyntaxErrors that need no more than that.

#include "compiler/symtable.h"

#include "base/check.h"

namespace dx::compiler {

using namespace ast;

namespace {

constexpr uint32_t kFutureAnnotations = 0x1000000;

struct Feature {
  std::string_view name;
  uint32_t flag;
};
constexpr Feature kFeatures[] = {
    {"nested_scopes", 0},    {"generators", 0},
    {"division", 0},         {"absolute_import", 0},
    {"with_statement", 0},   {"print_function", 0},
    {"unicode_literals", 0}, {"barry_as_FLUFL", 0x400000},
    {"generator_stop", 0},   {"annotations", kFutureAnnotations},
};

bool is_string_statement(const Stmt* stmt) {
  const ExprStmt* expr = maybe_as<ExprStmt>(stmt);
  const Constant* constant = expr ? maybe_as<Constant>(expr->value) : nullptr;
  return constant != nullptr && constant->value.kind == ConstantKind::Str;
}

std::string quoted(Name name) { return "'" + *name + "'"; }

}  // namespace

FutureFeatures find_future_features(const Mod* mod, Diagnostics& diagnostics) {
  FutureFeatures found;
  Seq<Stmt*> body;
  if (const Module* module = maybe_as<Module>(mod)) {
    body = module->body;
  } else if (const Interactive* interactive = maybe_as<Interactive>(mod)) {
    body = interactive->body;
  }
  bool first = true;
  for (Stmt* stmt : body) {
    if (first && is_string_statement(stmt)) {
      first = false;
      continue;
    }
    first = false;
    const ImportFrom* import = maybe_as<ImportFrom>(stmt);
    if (import == nullptr || import->level != 0 || import->module == nullptr ||
        !(*import->module == "__future__"))
      break;
    for (Alias* alias : import->names) {
      std::string_view name = alias->name->view();
      bool known = false;
      for (const Feature& feature : kFeatures) {
        if (feature.name != name) continue;
        found.flags |= feature.flag;
        known = true;
      }
      if (!known) {
        diagnostics.fail(position_of(alias),
                         name == "braces" ? std::string("not a chance")
                                          : "future feature " + std::string(name.substr(0, 100)) +
                                                " is not defined");
        return found;
      }
    }
    found.last_line = stmt->lineno;
  }
  return found;
}

// ---- scopes ----

Scope* SymbolTable::new_scope(Name name, BlockKind kind, const Node* key, ScopeRole role,
                              const Position& where) {
  scopes_.push_back(std::make_unique<Scope>());
  Scope* scope = scopes_.back().get();
  scope->kind = kind;
  scope->name = name;
  scope->where = where;
  by_node_[static_cast<int>(role)][key] = scope;
  if (current_ != nullptr) {
    scope->nested = current_->nested || current_->function_like();
    scope->comp_iter_expr = current_->comp_iter_expr;
    scope->method = kind == BlockKind::function && current_->kind == BlockKind::class_;
    // Under `from __future__ import annotations` annotations have no effect on any scope.
    if (kind != BlockKind::annotation || !future_.annotations())
      current_->children.push_back(scope);
  }
  return scope;
}

void SymbolTable::enter(Scope* scope) {
  if (current_ != nullptr && current_->mangled_names && scope->kind != BlockKind::class_)
    scope->mangled_names = current_->mangled_names;
  stack_.push_back(scope);
  current_ = scope;
  if (scope->symbols.empty() &&
      (scope->kind == BlockKind::annotation || scope->kind == BlockKind::type_variable ||
       scope->kind == BlockKind::type_alias)) {
    add(names_.intern(".format"), kDefParam, scope->where);
  }
}

void SymbolTable::leave() {
  stack_.pop_back();
  current_ = stack_.empty() ? nullptr : stack_.back();
}

void SymbolTable::add_to(Scope* scope, Name name, uint32_t flag, const Position& where) {
  Name mangled = mangle(private_, current_, name);
  Symbol* symbol = scope->find(mangled);
  if (symbol == nullptr) {
    scope->index.emplace(mangled, static_cast<uint32_t>(scope->symbols.size()));
    scope->symbols.push_back({mangled, 0, ScopeOf::unknown});
    symbol = &scope->symbols.back();
  }
  if (flag & symbol->flags & kDefParam) {
    return diagnostics_.fail(where,
                             "duplicate argument " + quoted(name) + " in function definition");
  }
  if (flag & symbol->flags & kDefTypeParam) {
    return diagnostics_.fail(where, "duplicate type parameter " + quoted(name));
  }
  symbol->flags |= flag;
  if (scope->comp_iter_target) {
    if (symbol->flags & (kDefGlobal | kDefNonlocal)) {
      return diagnostics_.fail(
          where,
          "comprehension inner loop cannot rebind assignment expression target " + quoted(name));
    }
    symbol->flags |= kDefCompIter;
  }
  if (flag & kDefParam) {
    scope->params.push_back(mangled);
  } else if ((flag & kDefGlobal) && scope != top_) {
    Symbol* global = top_->find(mangled);
    if (global == nullptr) {
      top_->index.emplace(mangled, static_cast<uint32_t>(top_->symbols.size()));
      top_->symbols.push_back({mangled, 0, ScopeOf::unknown});
      global = &top_->symbols.back();
    }
    global->flags |= kDefGlobal;
  }
}

bool SymbolTable::check_name(Name name, const Position& where, ExprContext context) {
  if (context == ExprContext::Load || *name != "__debug__") return true;
  diagnostics_.fail(where, context == ExprContext::Store ? "cannot assign to __debug__"
                                                         : "cannot delete __debug__");
  return false;
}

void SymbolTable::add_checked(Name name, uint32_t flag, const Position& where,
                              ExprContext context) {
  if (check_name(name, where, context)) add(name, flag, where);
}

void SymbolTable::build(const Mod* mod) {
  Position start{0, 0, 0, 0};
  top_ = new_scope(names_.intern("top"), BlockKind::module, mod, ScopeRole::body, start);
  enter(top_);
  switch (mod->node_kind) {
    case NodeKind::Module:
      top_->has_docstring =
          !as<Module>(mod)->body.empty() && is_string_statement(as<Module>(mod)->body[0]);
      visit(as<Module>(mod)->body);
      break;
    case NodeKind::Interactive: visit(as<Interactive>(mod)->body); break;
    case NodeKind::Expression: visit(as<Expression>(mod)->body); break;
    default:
      diagnostics_.fail_with(CompileError::Kind::value_error,
                             "this compiler does not handle FunctionTypes");
  }
  leave();
  if (!diagnostics_.failed()) analyze();
}

// ---- statements ----

// Annotations under a condition are remembered as such (PEP 649).
struct SymbolTable::Conditional {
  explicit Conditional(Scope* scope) : scope(scope), before(scope->in_conditional_block) {
    scope->in_conditional_block = true;
  }
  ~Conditional() { scope->in_conditional_block = before; }
  Scope* scope;
  bool before;
};

void SymbolTable::visit(const Stmt* stmt) {
  if (!diagnostics_.may_descend()) return;
  switch (stmt->node_kind) {
    case NodeKind::FunctionDef: return visit_function(as<FunctionDef>(stmt));
    case NodeKind::AsyncFunctionDef: return visit_function(as<AsyncFunctionDef>(stmt));
    case NodeKind::ClassDef: return visit_class(as<ClassDef>(stmt));
    case NodeKind::TypeAlias: return visit_type_alias(as<TypeAlias>(stmt));
    case NodeKind::Return:
      if (const Expr* value = as<Return>(stmt)->value) {
        visit(value);
        current_->returns_value = true;
      }
      return;
    case NodeKind::Delete: return visit(as<Delete>(stmt)->targets);
    case NodeKind::Assign: visit(as<Assign>(stmt)->targets); return visit(as<Assign>(stmt)->value);
    case NodeKind::AnnAssign: return visit_ann_assign(as<AnnAssign>(stmt));
    case NodeKind::AugAssign:
      visit(as<AugAssign>(stmt)->target);
      return visit(as<AugAssign>(stmt)->value);
    case NodeKind::For: {
      const For* node = as<For>(stmt);
      visit(node->target);
      visit(node->iter);
      Conditional conditional(current_);
      visit(node->body);
      return visit(node->orelse);
    }
    case NodeKind::AsyncFor: {
      const AsyncFor* node = as<AsyncFor>(stmt);
      if (top_level_await_ && current_->kind == BlockKind::module) current_->coroutine = true;
      if (!allows_top_level_await() &&
          !(current_->kind == BlockKind::function && current_->coroutine)) {
        return diagnostics_.fail(position_of(stmt), "'async for' outside async function");
      }
      visit(node->target);
      visit(node->iter);
      Conditional conditional(current_);
      visit(node->body);
      return visit(node->orelse);
    }
    case NodeKind::While: {
      const While* node = as<While>(stmt);
      visit(node->test);
      Conditional conditional(current_);
      visit(node->body);
      return visit(node->orelse);
    }
    case NodeKind::If: {
      const If* node = as<If>(stmt);
      visit(node->test);
      Conditional conditional(current_);
      visit(node->body);
      return visit(node->orelse);
    }
    case NodeKind::Match: {
      const Match* node = as<Match>(stmt);
      visit(node->subject);
      Conditional conditional(current_);
      for (MatchCase* match_case : node->cases) {
        visit(match_case->pattern);
        if (match_case->guard != nullptr) visit(match_case->guard);
        visit(match_case->body);
      }
      return;
    }
    case NodeKind::Raise:
      if (as<Raise>(stmt)->exc != nullptr) visit(as<Raise>(stmt)->exc);
      if (as<Raise>(stmt)->cause != nullptr) visit(as<Raise>(stmt)->cause);
      return;
    case NodeKind::Try:
    case NodeKind::TryStar: {
      // Try and TryStar have the same fields.
      const Try* plain = maybe_as<Try>(stmt);
      const TryStar* star = maybe_as<TryStar>(stmt);
      Conditional conditional(current_);
      visit(plain ? plain->body : star->body);
      for (ExceptHandlerBase* base : plain ? plain->handlers : star->handlers) {
        const ExceptHandler* handler = as<ExceptHandler>(base);
        if (handler->type != nullptr) visit(handler->type);
        if (handler->name != nullptr) {
          add_checked(names_.of(handler->name), kDefLocal, position_of(handler),
                      ExprContext::Store);
        }
        visit(handler->body);
      }
      visit(plain ? plain->orelse : star->orelse);
      return visit(plain ? plain->finalbody : star->finalbody);
    }
    case NodeKind::Assert:
      visit(as<Assert>(stmt)->test);
      if (as<Assert>(stmt)->msg != nullptr) visit(as<Assert>(stmt)->msg);
      return;
    case NodeKind::Import:
      for (Alias* alias : as<Import>(stmt)->names) visit_alias(alias);
      return;
    case NodeKind::ImportFrom: {
      const ImportFrom* node = as<ImportFrom>(stmt);
      if (node->level == 0 && node->module != nullptr && *node->module == "__future__" &&
          stmt->lineno > future_.last_line) {
        return diagnostics_.fail(position_of(stmt),
                                 "from __future__ imports must occur at the beginning of the file");
      }
      for (Alias* alias : node->names) visit_alias(alias);
      return;
    }
    case NodeKind::Global: return visit_directive(stmt, as<Global>(stmt)->names, true);
    case NodeKind::Nonlocal: return visit_directive(stmt, as<Nonlocal>(stmt)->names, false);
    case NodeKind::ExprStmt: return visit(as<ExprStmt>(stmt)->value);
    case NodeKind::With:
    case NodeKind::AsyncWith: {
      if (stmt->node_kind == NodeKind::AsyncWith) {
        if (top_level_await_ && current_->kind == BlockKind::module) current_->coroutine = true;
        if (!allows_top_level_await() &&
            !(current_->kind == BlockKind::function && current_->coroutine)) {
          return diagnostics_.fail(position_of(stmt), "'async with' outside async function");
        }
      }
      const With* plain = maybe_as<With>(stmt);
      const AsyncWith* async = maybe_as<AsyncWith>(stmt);
      Conditional conditional(current_);
      for (WithItem* item : plain ? plain->items : async->items) {
        visit(item->context_expr);
        if (item->optional_vars != nullptr) visit(item->optional_vars);
      }
      return visit(plain ? plain->body : async->body);
    }
    default: return;  // pass, break, continue
  }
}

template <typename Function>
void SymbolTable::visit_function(const Function* node) {
  Position where = position_of(node);
  Name name = names_.of(node->name);
  add_checked(name, kDefLocal, where, ExprContext::Store);
  const Arguments* args = node->args;
  visit(args->defaults);
  bool has_kwdefaults = false;
  for (Expr* value : args->kw_defaults) {
    if (value == nullptr) continue;
    has_kwdefaults = true;
    visit(value);
  }
  visit(node->decorator_list);
  bool generic = !node->type_params.empty();
  if (generic) {
    // CPython lists .defaults whether there are any or not.
    enter_type_parameters(name, node, true, has_kwdefaults, false);
    for (TypeParam* param : node->type_params) visit(param);
  }
  // The body's scope is made after the annotations' one, as CPython orders them among the children.
  scopes_.push_back(std::make_unique<Scope>());
  Scope* scope = scopes_.back().get();
  scope->kind = BlockKind::function;
  scope->name = name;
  scope->where = where;
  scope->nested = current_->nested || current_->function_like();
  scope->method = current_->kind == BlockKind::class_;
  scope->has_docstring = !node->body.empty() && is_string_statement(node->body[0]);
  by_node_[0][node] = scope;
  visit_function_annotations(node, args, node->returns, scope);
  current_->children.push_back(scope);
  if constexpr (Function::kKind == NodeKind::AsyncFunctionDef) scope->coroutine = true;
  enter(scope);
  visit_arguments(args);
  visit(node->body);
  leave();
  if (generic) leave();
}

void SymbolTable::visit_class(const ClassDef* node) {
  Position where = position_of(node);
  Name name = names_.of(node->name);
  add_checked(name, kDefLocal, where, ExprContext::Store);
  visit(node->decorator_list);
  Name outer_private = private_;
  bool generic = !node->type_params.empty();
  if (generic) {
    enter_type_parameters(name, node, false, false, true);
    current_->mangled_names = std::make_shared<Names>();
    private_ = name;
    for (TypeParam* param : node->type_params) visit(param);
  }
  visit(node->bases);
  check_keywords(node->keywords);
  for (Keyword* keyword : node->keywords) visit(keyword->value);
  enter(new_scope(name, BlockKind::class_, node, ScopeRole::body, where));
  private_ = name;
  if (generic) {
    add(names_.intern("__type_params__"), kDefLocal, where);
    add(names_.intern(".type_params"), kUse, where);
  }
  current_->has_docstring = !node->body.empty() && is_string_statement(node->body[0]);
  visit(node->body);
  leave();
  if (generic) leave();
  private_ = outer_private;
}

void SymbolTable::enter_type_parameters(Name name, const Stmt* node, bool has_defaults,
                                        bool has_kwdefaults, bool is_class) {
  Position where = position_of(node);
  bool in_class = current_->kind == BlockKind::class_;
  enter(new_scope(name, BlockKind::type_parameters, node, ScopeRole::type_parameters, where));
  if (in_class) {
    current_->can_see_class_scope = true;
    add(names_.intern("__classdict__"), kUse, where);
  }
  if (is_class) {
    add(names_.intern(".type_params"), kDefLocal, where);
    add(names_.intern(".type_params"), kUse, where);
    add(names_.intern(".generic_base"), kDefLocal, where);
    add(names_.intern(".generic_base"), kUse, where);
  }
  if (has_defaults) add(names_.intern(".defaults"), kDefParam, where);
  if (has_kwdefaults) add(names_.intern(".kwdefaults"), kDefParam, where);
}

void SymbolTable::visit_type_alias(const TypeAlias* node) {
  visit(node->name);
  Name name = names_.of(as<ast::Name>(node->name)->id);
  bool in_class = current_->kind == BlockKind::class_;
  bool generic = !node->type_params.empty();
  if (generic) {
    enter_type_parameters(name, node, false, false, false);
    for (TypeParam* param : node->type_params) visit(param);
  }
  enter(new_scope(name, BlockKind::type_alias, node, ScopeRole::body, position_of(node)));
  if (in_class) {
    current_->can_see_class_scope = true;
    add(names_.intern("__classdict__"), kUse, position_of(node->value));
  }
  visit(node->value);
  leave();
  if (generic) leave();
}

void SymbolTable::visit_ann_assign(const AnnAssign* node) {
  current_->annotations_used = true;
  if (const ast::Name* target = maybe_as<ast::Name>(node->target)) {
    Name name = names_.of(target->id);
    uint32_t flags = lookup_flags(name);
    if ((flags & (kDefGlobal | kDefNonlocal)) && current_ != top_ && node->simple) {
      return diagnostics_.fail(position_of(node), "annotated name " + quoted(name) + " can't be " +
                                                      (flags & kDefGlobal ? "global" : "nonlocal"));
    }
    if (node->simple) {
      add_checked(name, kDefAnnot | kDefLocal, position_of(target), ExprContext::Store);
    } else if (node->value != nullptr) {
      add_checked(name, kDefLocal, position_of(target), ExprContext::Store);
    }
  } else {
    visit(node->target);
  }
  visit_annotation(node->annotation, node);
  if (node->value != nullptr) visit(node->value);
}

void SymbolTable::visit_annotation(const Expr* annotation, const void* key) {
  if (diagnostics_.failed()) return;
  Position where = position_of(annotation);
  // Annotations of a function's own variables are never evaluated.
  bool unevaluated = current_->kind == BlockKind::function;
  // A module may be executed in part only, so all its annotations count as conditional.
  if (!current_->has_conditional_annotations &&
      ((current_->kind == BlockKind::class_ && current_->in_conditional_block) ||
       current_->kind == BlockKind::module)) {
    current_->has_conditional_annotations = true;
    add(names_.intern("__conditional_annotations__"), kUse, where);
  }
  Scope* parent = current_;
  if (parent->annotation_block == nullptr) {
    Scope* scope = new_scope(names_.intern("__annotate__"), BlockKind::annotation, annotation,
                             ScopeRole::annotations, where);
    parent->annotation_block = scope;
    enter(scope);
    if (parent->kind == BlockKind::class_ && !future_.annotations()) {
      scope->can_see_class_scope = true;
      add(names_.intern("__classdict__"), kUse, where);
    }
  } else {
    enter(parent->annotation_block);
  }
  current_->in_unevaluated_annotation = unevaluated;
  visit(annotation);
  current_->in_unevaluated_annotation = false;
  leave();
}

void SymbolTable::visit_function_annotations(const Stmt* function, const Arguments* args,
                                             const Expr* returns, Scope* scope) {
  if (diagnostics_.failed()) return;
  bool sees_class = current_->can_see_class_scope || current_->kind == BlockKind::class_;
  Position where = position_of(function);
  Scope* block = new_scope(names_.intern("__annotate__"), BlockKind::annotation, args,
                           ScopeRole::annotations, where);
  enter(block);
  if (sees_class) {
    block->can_see_class_scope = true;
    add(names_.intern("__classdict__"), kUse, where);
  }
  auto annotate = [&](const Arg* arg) {
    if (arg == nullptr || arg->annotation == nullptr) return;
    visit(arg->annotation);
    block->annotations_used = true;
  };
  for (Arg* arg : args->posonlyargs) annotate(arg);
  for (Arg* arg : args->args) annotate(arg);
  annotate(args->vararg);
  annotate(args->kwarg);
  for (Arg* arg : args->kwonlyargs) annotate(arg);
  if (returns != nullptr) {
    visit(returns);
    block->annotations_used = true;
  }
  scope->annotations_used = block->annotations_used;
  leave();
}

void SymbolTable::visit_arguments(const Arguments* args) {
  auto add_parameter = [&](const Arg* arg) {
    add_checked(names_.of(arg->arg), kDefParam, position_of(arg), ExprContext::Store);
  };
  for (Arg* arg : args->posonlyargs) add_parameter(arg);
  for (Arg* arg : args->args) add_parameter(arg);
  for (Arg* arg : args->kwonlyargs) add_parameter(arg);
  if (args->vararg != nullptr) {
    add_parameter(args->vararg);
    current_->varargs = true;
  }
  if (args->kwarg != nullptr) {
    add_parameter(args->kwarg);
    current_->varkeywords = true;
  }
}

void SymbolTable::visit_alias(const Alias* alias) {
  Position where = position_of(alias);
  std::string_view text = (alias->asname != nullptr ? alias->asname : alias->name)->view();
  if (alias->asname == nullptr) text = text.substr(0, text.find('.'));
  if (text == "*") {
    if (current_->kind != BlockKind::module)
      diagnostics_.fail(where, "import * only allowed at module level");
    return;
  }
  add_checked(names_.intern(text), kDefImport, where, ExprContext::Store);
}

void SymbolTable::visit_directive(const Stmt* stmt, Seq<const Identifier*> list, bool global) {
  Position where = position_of(stmt);
  std::string what = global ? "global" : "nonlocal";
  for (const Identifier* identifier : list) {
    Name name = names_.of(identifier);
    uint32_t flags = lookup_flags(name);
    if (flags & (kDefParam | kDefLocal | kUse | kDefAnnot)) {
      std::string message;
      if (flags & kDefParam) {
        message = "name " + quoted(name) + " is parameter and " + what;
      } else if (flags & kUse) {
        message = "name " + quoted(name) + " is used prior to " + what + " declaration";
      } else if (flags & kDefAnnot) {
        message = "annotated name " + quoted(name) + " can't be " + what;
      } else {
        message = "name " + quoted(name) + " is assigned to before " + what + " declaration";
      }
      return diagnostics_.fail(where, message);
    }
    add(name, global ? kDefGlobal : kDefNonlocal, where);
    directive(name, where);
  }
}

// ---- expressions ----

bool SymbolTable::refuse_in_annotation(const char* what, const Expr* expr) {
  const char* place = nullptr;
  switch (current_->kind) {
    case BlockKind::annotation: place = "an annotation"; break;
    case BlockKind::type_variable:
      place = current_->info != nullptr ? current_->info : "a TypeVar bound";
      break;
    case BlockKind::type_alias: place = "a type alias"; break;
    case BlockKind::type_parameters: place = "the definition of a generic"; break;
    default: return false;
  }
  diagnostics_.fail(position_of(expr), std::string(what) + " cannot be used within " + place);
  return true;
}

void SymbolTable::check_keywords(Seq<Keyword*> keywords) {
  for (Keyword* keyword : keywords) {
    if (keyword->arg != nullptr)
      check_name(names_.of(keyword->arg), position_of(keyword), ExprContext::Store);
  }
}

void SymbolTable::visit(const Expr* expr) {
  if (!diagnostics_.may_descend()) return;
  switch (expr->node_kind) {
    case NodeKind::NamedExpr: return visit_named_expr(as<NamedExpr>(expr));
    case NodeKind::BoolOp: return visit(as<BoolOp>(expr)->values);
    case NodeKind::BinOp: visit(as<BinOp>(expr)->left); return visit(as<BinOp>(expr)->right);
    case NodeKind::UnaryOp: return visit(as<UnaryOp>(expr)->operand);
    case NodeKind::Lambda: {
      const Lambda* node = as<Lambda>(expr);
      visit(node->args->defaults);
      for (Expr* value : node->args->kw_defaults) {
        if (value != nullptr) visit(value);
      }
      enter(new_scope(names_.intern("<lambda>"), BlockKind::function, expr, ScopeRole::body,
                      position_of(expr)));
      visit_arguments(node->args);
      visit(node->body);
      return leave();
    }
    case NodeKind::IfExp:
      visit(as<IfExp>(expr)->test);
      visit(as<IfExp>(expr)->body);
      return visit(as<IfExp>(expr)->orelse);
    case NodeKind::Dict:
      for (Expr* key : as<Dict>(expr)->keys) {
        if (key != nullptr) visit(key);
      }
      return visit(as<Dict>(expr)->values);
    case NodeKind::Set: return visit(as<Set>(expr)->elts);
    case NodeKind::GeneratorExp:
      return visit_comprehension(expr, "<genexpr>", as<GeneratorExp>(expr)->generators,
                                 as<GeneratorExp>(expr)->elt, nullptr);
    case NodeKind::ListComp:
      return visit_comprehension(expr, "<listcomp>", as<ListComp>(expr)->generators,
                                 as<ListComp>(expr)->elt, nullptr);
    case NodeKind::SetComp:
      return visit_comprehension(expr, "<setcomp>", as<SetComp>(expr)->generators,
                                 as<SetComp>(expr)->elt, nullptr);
    case NodeKind::DictComp:
      return visit_comprehension(expr, "<dictcomp>", as<DictComp>(expr)->generators,
                                 as<DictComp>(expr)->key, as<DictComp>(expr)->value);
    case NodeKind::Yield:
    case NodeKind::YieldFrom: {
      if (refuse_in_annotation("yield expression", expr)) return;
      const Expr* value =
          expr->node_kind == NodeKind::Yield ? as<Yield>(expr)->value : as<YieldFrom>(expr)->value;
      if (value != nullptr) visit(value);
      current_->generator = true;
      if (current_->comprehension != Comprehension::none) {
        constexpr const char* kInside[] = {"", "list comprehension", "dict comprehension",
                                           "set comprehension", "generator expression"};
        diagnostics_.fail(
            position_of(expr),
            std::string("'yield' inside ") + kInside[static_cast<int>(current_->comprehension)]);
      }
      return;
    }
    case NodeKind::Await:
      if (refuse_in_annotation("await expression", expr)) return;
      if (!allows_top_level_await()) {
        if (!current_->function_like())
          return diagnostics_.fail(position_of(expr), "'await' outside function");
        if (!(current_->kind == BlockKind::function && current_->coroutine) &&
            current_->comprehension == Comprehension::none) {
          return diagnostics_.fail(position_of(expr), "'await' outside async function");
        }
      }
      visit(as<Await>(expr)->value);
      current_->coroutine = true;
      return;
    case NodeKind::Compare:
      visit(as<Compare>(expr)->left);
      return visit(as<Compare>(expr)->comparators);
    case NodeKind::Call: {
      const Call* node = as<Call>(expr);
      visit(node->func);
      visit(node->args);
      check_keywords(node->keywords);
      for (Keyword* keyword : node->keywords) visit(keyword->value);
      return;
    }
    case NodeKind::FormattedValue:
      visit(as<FormattedValue>(expr)->value);
      if (as<FormattedValue>(expr)->format_spec != nullptr)
        visit(as<FormattedValue>(expr)->format_spec);
      return;
    case NodeKind::Interpolation:
      visit(as<Interpolation>(expr)->value);
      if (as<Interpolation>(expr)->format_spec != nullptr)
        visit(as<Interpolation>(expr)->format_spec);
      return;
    case NodeKind::JoinedStr: return visit(as<JoinedStr>(expr)->values);
    case NodeKind::TemplateStr: return visit(as<TemplateStr>(expr)->values);
    case NodeKind::Attribute: {
      const Attribute* node = as<Attribute>(expr);
      if (node->ctx != ExprContext::Load &&
          !check_name(names_.of(node->attr), position_of(expr), node->ctx))
        return;
      return visit(node->value);
    }
    case NodeKind::Subscript:
      visit(as<Subscript>(expr)->value);
      return visit(as<Subscript>(expr)->slice);
    case NodeKind::Starred: return visit(as<Starred>(expr)->value);
    case NodeKind::Slice: {
      const Slice* node = as<Slice>(expr);
      if (node->lower != nullptr) visit(node->lower);
      if (node->upper != nullptr) visit(node->upper);
      if (node->step != nullptr) visit(node->step);
      return;
    }
    case NodeKind::Name: {
      if (current_->in_unevaluated_annotation) return;
      const ast::Name* node = as<ast::Name>(expr);
      Name name = names_.of(node->id);
      add_checked(name, node->ctx == ExprContext::Load ? kUse : kDefLocal, position_of(expr),
                  node->ctx);
      // `super` without arguments needs the class.
      if (node->ctx == ExprContext::Load && current_->function_like() && *name == "super") {
        add(names_.intern("__class__"), kUse, position_of(expr));
      }
      return;
    }
    case NodeKind::List: return visit(as<List>(expr)->elts);
    case NodeKind::Tuple: return visit(as<Tuple>(expr)->elts);
    default: return;  // a constant
  }
}

void SymbolTable::visit_named_expr(const NamedExpr* expr) {
  if (refuse_in_annotation("named expression", expr)) return;
  if (current_->comp_iter_expr > 0) {
    return diagnostics_.fail(
        position_of(expr),
        "assignment expression cannot be used in a comprehension iterable expression");
  }
  if (current_->comprehension != Comprehension::none) extend_named_expr_scope(expr->target);
  current_->walrus.insert(mangle(private_, current_, names_.of(as<ast::Name>(expr->target)->id)));
  visit(expr->value);
  visit(expr->target);
}

// A walrus inside a comprehension binds in the nearest function or module around it.
void SymbolTable::extend_named_expr_scope(const Expr* target) {
  if (diagnostics_.failed()) return;
  Name name = names_.of(as<ast::Name>(target)->id);
  Position where = position_of(target);
  for (size_t at = stack_.size(); at-- > 0;) {
    Scope* scope = stack_[at];
    scope->walrus.insert(mangle(private_, scope, name));
    uint32_t flags = scope->flags_of(mangle(private_, scope, name));
    if (scope->comprehension != Comprehension::none) {
      if ((flags & kDefCompIter) && (flags & (kDefLocal | kDefGlobal))) {
        return diagnostics_.fail(
            where,
            "assignment expression cannot rebind comprehension iteration variable " + quoted(name));
      }
      continue;
    }
    const char* place = nullptr;
    switch (scope->kind) {
      case BlockKind::function:
        add(name, flags & kDefGlobal ? kDefGlobal : kDefNonlocal, where);
        directive(name, where);
        return add_to(scope, name, kDefLocal, where);
      case BlockKind::module:
        add(name, kDefGlobal, where);
        directive(name, where);
        return add_to(scope, name, kDefGlobal, where);
      case BlockKind::class_: place = "cannot be used in a class body"; break;
      case BlockKind::type_parameters:
        place = "cannot be used within the definition of a generic";
        break;
      case BlockKind::type_alias: place = "cannot be used in a type alias"; break;
      case BlockKind::type_variable: place = "cannot be used in a TypeVar bound"; break;
      case BlockKind::annotation: continue;
    }
    return diagnostics_.fail(where,
                             std::string("assignment expression within a comprehension ") + place);
  }
}

void SymbolTable::visit_comprehension(const Expr* expr, std::string_view name,
                                      Seq<ast::Comprehension*> generators, const Expr* element,
                                      const Expr* value) {
  ast::Comprehension* outermost = generators[0];
  // The outermost iterable is evaluated in the enclosing scope.
  ++current_->comp_iter_expr;
  visit(outermost->iter);
  --current_->comp_iter_expr;
  Scope* scope =
      new_scope(names_.intern(name), BlockKind::function, expr, ScopeRole::body, position_of(expr));
  enter(scope);
  bool is_generator = expr->node_kind == NodeKind::GeneratorExp;
  scope->comprehension = expr->node_kind == NodeKind::ListComp  ? Comprehension::list
                         : expr->node_kind == NodeKind::SetComp ? Comprehension::set
                         : is_generator                         ? Comprehension::generator
                                                                : Comprehension::dict;
  if (outermost->is_async) scope->coroutine = true;
  add(names_.intern(".0"), kDefParam, position_of(expr));
  scope->comp_iter_target = true;
  visit(outermost->target);
  scope->comp_iter_target = false;
  visit(outermost->ifs);
  for (uint32_t i = 1; i < generators.size; ++i) {
    ast::Comprehension* generator = generators[i];
    scope->comp_iter_target = true;
    visit(generator->target);
    scope->comp_iter_target = false;
    ++scope->comp_iter_expr;
    visit(generator->iter);
    --scope->comp_iter_expr;
    visit(generator->ifs);
    if (generator->is_async) scope->coroutine = true;
  }
  if (value != nullptr) visit(value);
  visit(element);
  scope->generator = is_generator;
  bool is_async = scope->coroutine && !is_generator;
  leave();
  if (!is_async || diagnostics_.failed()) return;
  if (!(current_->kind == BlockKind::function && current_->coroutine) &&
      current_->comprehension == Comprehension::none && !allows_top_level_await()) {
    return diagnostics_.fail(position_of(expr),
                             "asynchronous comprehension outside of an asynchronous function");
  }
  current_->coroutine = true;
}

void SymbolTable::visit_bound_or_default(const Expr* expr, Name name, const TypeParam* param,
                                         ScopeRole role, const char* info) {
  if (*name == "__classdict__") {
    return diagnostics_.fail(position_of(param),
                             "reserved name '__classdict__' cannot be used for type parameter");
  }
  if (expr == nullptr || diagnostics_.failed()) return;
  bool in_class = current_->can_see_class_scope;
  enter(new_scope(name, BlockKind::type_variable, param, role, position_of(expr)));
  current_->can_see_class_scope = in_class;
  if (in_class) add(names_.intern("__classdict__"), kUse, position_of(expr));
  current_->info = info;
  visit(expr);
  leave();
}

void SymbolTable::visit(const TypeParam* param) {
  if (!diagnostics_.may_descend()) return;
  auto declare = [&](const Identifier* identifier) {
    Name name = names_.of(identifier);
    if (current_->mangled_names) current_->mangled_names->insert(name);
    add_checked(name, kDefTypeParam | kDefLocal, position_of(param), ExprContext::Store);
    return name;
  };
  switch (param->node_kind) {
    case NodeKind::TypeVar: {
      const TypeVar* node = as<TypeVar>(param);
      Name name = declare(node->name);
      bool constraints = node->bound != nullptr && is<Tuple>(node->bound);
      visit_bound_or_default(node->bound, name, param, ScopeRole::body,
                             constraints ? "a TypeVar constraint" : "a TypeVar bound");
      return visit_bound_or_default(node->default_value, name, param, ScopeRole::default_value,
                                    "a TypeVar default");
    }
    case NodeKind::TypeVarTuple: {
      const TypeVarTuple* node = as<TypeVarTuple>(param);
      return visit_bound_or_default(node->default_value, declare(node->name), param,
                                    ScopeRole::default_value, "a TypeVarTuple default");
    }
    default: {
      const ParamSpec* node = as<ParamSpec>(param);
      return visit_bound_or_default(node->default_value, declare(node->name), param,
                                    ScopeRole::default_value, "a ParamSpec default");
    }
  }
}

void SymbolTable::visit(const Pattern* pattern) {
  if (!diagnostics_.may_descend()) return;
  auto capture = [&](const Identifier* name) {
    if (name != nullptr)
      add_checked(names_.of(name), kDefLocal, position_of(pattern), ExprContext::Store);
  };
  switch (pattern->node_kind) {
    case NodeKind::MatchValue: return visit(as<MatchValue>(pattern)->value);
    case NodeKind::MatchSequence:
      for (Pattern* item : as<MatchSequence>(pattern)->patterns) visit(item);
      return;
    case NodeKind::MatchStar: return capture(as<MatchStar>(pattern)->name);
    case NodeKind::MatchMapping: {
      const MatchMapping* node = as<MatchMapping>(pattern);
      visit(node->keys);
      for (Pattern* item : node->patterns) visit(item);
      return capture(node->rest);
    }
    case NodeKind::MatchClass: {
      const MatchClass* node = as<MatchClass>(pattern);
      visit(node->cls);
      for (Pattern* item : node->patterns) visit(item);
      for (uint32_t i = 0; i < node->kwd_attrs.size; ++i) {
        check_name(names_.of(node->kwd_attrs[i]), position_of(node->kwd_patterns[i]),
                   ExprContext::Store);
      }
      for (Pattern* item : node->kwd_patterns) visit(item);
      return;
    }
    case NodeKind::MatchAs:
      if (as<MatchAs>(pattern)->pattern != nullptr) visit(as<MatchAs>(pattern)->pattern);
      return capture(as<MatchAs>(pattern)->name);
    case NodeKind::MatchOr:
      for (Pattern* item : as<MatchOr>(pattern)->patterns) visit(item);
      return;
    default: return;
  }
}

}  // namespace dx::compiler
