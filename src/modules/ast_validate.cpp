// What a tree built by hand may get wrong: the parser never makes these, and the compiler relies on
// none of them being there. Texts and order are CPython's.

#include <string_view>

#include "modules/ast.h"
#include "objects/errors.h"

namespace dx {

using namespace ast;

namespace {

const char* context_name(ExprContext context) {
  return context == ExprContext::Load ? "Load" : context == ExprContext::Store ? "Store" : "Del";
}

class Validator {
 public:
  explicit Validator(Thread& thread) : thread_(thread) {}

  Result<void> mod(const Mod* mod) {
    switch (static_cast<ModKind>(mod->node_kind)) {
      case ModKind::Module: return statements(as<ast::Module>(mod)->body);
      case ModKind::Interactive: return statements(as<Interactive>(mod)->body);
      case ModKind::Expression: return expression(as<Expression>(mod)->body, ExprContext::Load);
      case ModKind::FunctionType:
        TRY(expressions(as<FunctionType>(mod)->argtypes, ExprContext::Load));
        return expression(as<FunctionType>(mod)->returns, ExprContext::Load);
    }
    return {};
  }

 private:
  template <class E = ValueError, class... A>
  Raised fail(const char* format, A... arguments) {
    return raise<E>(thread_, format, arguments...);
  }

  Result<void> place(const Located* at) {
    if (at->lineno > at->end_lineno) {
      return fail("AST node line range ({}, {}) is not valid", at->lineno, at->end_lineno);
    }
    if ((at->lineno < 0 && at->end_lineno != at->lineno) ||
        (at->col_offset < 0 && at->col_offset != at->end_col_offset)) {
      return fail("AST node column range ({}, {}) for line range ({}, {}) is not valid",
                  at->col_offset, at->end_col_offset, at->lineno, at->end_lineno);
    }
    if (at->lineno == at->end_lineno && at->col_offset > at->end_col_offset) {
      return fail("line {}, column {}-{} is not a valid range", at->lineno, at->col_offset,
                  at->end_col_offset);
    }
    return {};
  }

  Result<void> name(const Identifier* identifier) {
    if (!identifier) return {};
    for (const char* word : {"None", "True", "False"}) {
      if (*identifier == word) return fail("identifier field can't represent '{}' constant", word);
    }
    return {};
  }

  template <class T>
  Result<void> not_empty(const Seq<T>& items, const char* what, const char* owner) {
    if (items.size == 0) return fail("empty {} on {}", what, owner);
    return {};
  }

  Result<void> body(const Seq<Stmt*>& items, const char* owner) {
    TRY(not_empty(items, "body", owner));
    return statements(items);
  }
  Result<void> statements(const Seq<Stmt*>& items) {
    for (Stmt* item : items) {
      if (!item) return fail("None disallowed in statement list");
      TRY(statement(item));
    }
    return {};
  }
  enum class Null : uint8_t { no, yes };
  Result<void> expressions(const Seq<Expr*>& items, ExprContext context, Null null = Null::no) {
    for (Expr* item : items) {
      if (item)
        TRY(expression(item, context));
      else if (null == Null::no)
        return fail("None disallowed in expression list");
    }
    return {};
  }
  Result<void> optional(const Expr* item, ExprContext context = ExprContext::Load) {
    if (!item) return {};
    return expression(item, context);
  }

  Result<void> comprehensions(const Seq<Comprehension*>& items) {
    if (items.size == 0) return fail("comprehension with no generators");
    for (Comprehension* item : items) {
      if (!item) return fail("None disallowed in comprehension list");
      TRY(expression(item->target, ExprContext::Store));
      TRY(expression(item->iter, ExprContext::Load));
      TRY(expressions(item->ifs, ExprContext::Load));
    }
    return {};
  }
  Result<void> keywords(const Seq<Keyword*>& items) {
    for (Keyword* item : items) {
      if (!item) return fail("None disallowed in keyword list");
      TRY(expression(item->value, ExprContext::Load));
    }
    return {};
  }
  Result<void> argument(const Arg* arg) {
    if (!arg) return {};
    TRY(place(arg));
    TRY(name(arg->arg));
    return optional(arg->annotation);
  }
  Result<void> arguments(const ast::Arguments* all) {
    for (const Seq<Arg*>* list : {&all->posonlyargs, &all->args}) {
      for (Arg* arg : *list) {
        if (!arg) return fail("None disallowed in argument list");
        TRY(argument(arg));
      }
    }
    TRY(argument(all->vararg));
    for (Arg* arg : all->kwonlyargs) {
      if (!arg) return fail("None disallowed in argument list");
      TRY(argument(arg));
    }
    TRY(argument(all->kwarg));
    if (all->defaults.size > all->posonlyargs.size + all->args.size) {
      return fail("more positional defaults than args on arguments");
    }
    if (all->kw_defaults.size != all->kwonlyargs.size) {
      return fail("length of kwonlyargs is not the same as kw_defaults on arguments");
    }
    TRY(expressions(all->defaults, ExprContext::Load));
    return expressions(all->kw_defaults, ExprContext::Load, Null::yes);
  }
  Result<void> type_parameters(const Seq<TypeParam*>& items) {
    for (TypeParam* item : items) {
      if (!item) return fail("None disallowed in type parameter list");
      TRY(place(item));
      if (const TypeVar* variable = maybe_as<TypeVar>(static_cast<const Node*>(item))) {
        TRY(name(variable->name));
        TRY(optional(variable->bound));
        TRY(optional(variable->default_value));
      } else if (const ParamSpec* spec = maybe_as<ParamSpec>(static_cast<const Node*>(item))) {
        TRY(name(spec->name));
        TRY(optional(spec->default_value));
      } else {
        const TypeVarTuple* many = as<TypeVarTuple>(static_cast<const Node*>(item));
        TRY(name(many->name));
        TRY(optional(many->default_value));
      }
    }
    return {};
  }

  Result<void> expression(const Expr* node, ExprContext context) {
    TRY(place(node));
    const ExprContext* own = nullptr;
    switch (static_cast<ExprKind>(node->node_kind)) {
      case ExprKind::Attribute: own = &as<Attribute>(node)->ctx; break;
      case ExprKind::Subscript: own = &as<Subscript>(node)->ctx; break;
      case ExprKind::Starred: own = &as<Starred>(node)->ctx; break;
      case ExprKind::Name:
        TRY(name(as<Name>(node)->id));
        own = &as<Name>(node)->ctx;
        break;
      case ExprKind::List: own = &as<ast::List>(node)->ctx; break;
      case ExprKind::Tuple: own = &as<ast::Tuple>(node)->ctx; break;
      default:
        if (context != ExprContext::Load) {
          return fail("expression which can't be assigned to in {} context", context_name(context));
        }
    }
    if (own && *own != context) {
      return fail("expression must have {} context but has {} instead", context_name(context),
                  context_name(*own));
    }
    constexpr ExprContext kLoad = ExprContext::Load;
    switch (static_cast<ExprKind>(node->node_kind)) {
      case ExprKind::BoolOp:
        if (as<BoolOp>(node)->values.size < 2) return fail("BoolOp with less than 2 values");
        return expressions(as<BoolOp>(node)->values, kLoad);
      case ExprKind::NamedExpr:
        if (as<NamedExpr>(node)->target->node_kind != NodeKind::Name) {
          return fail<TypeError>("NamedExpr target must be a Name");
        }
        TRY(expression(as<NamedExpr>(node)->target, ExprContext::Store));
        return expression(as<NamedExpr>(node)->value, kLoad);
      case ExprKind::BinOp:
        TRY(expression(as<ast::BinOp>(node)->left, kLoad));
        return expression(as<ast::BinOp>(node)->right, kLoad);
      case ExprKind::UnaryOp: return expression(as<ast::UnaryOp>(node)->operand, kLoad);
      case ExprKind::Lambda:
        TRY(arguments(as<Lambda>(node)->args));
        return expression(as<Lambda>(node)->body, kLoad);
      case ExprKind::IfExp:
        TRY(expression(as<IfExp>(node)->test, kLoad));
        TRY(expression(as<IfExp>(node)->body, kLoad));
        return expression(as<IfExp>(node)->orelse, kLoad);
      case ExprKind::Dict:
        if (as<ast::Dict>(node)->keys.size != as<ast::Dict>(node)->values.size) {
          return fail("Dict doesn't have the same number of keys as values");
        }
        TRY(expressions(as<ast::Dict>(node)->keys, kLoad, Null::yes));
        return expressions(as<ast::Dict>(node)->values, kLoad);
      case ExprKind::Set: return expressions(as<ast::Set>(node)->elts, kLoad);
      case ExprKind::ListComp:
        TRY(comprehensions(as<ListComp>(node)->generators));
        return expression(as<ListComp>(node)->elt, kLoad);
      case ExprKind::SetComp:
        TRY(comprehensions(as<SetComp>(node)->generators));
        return expression(as<SetComp>(node)->elt, kLoad);
      case ExprKind::GeneratorExp:
        TRY(comprehensions(as<GeneratorExp>(node)->generators));
        return expression(as<GeneratorExp>(node)->elt, kLoad);
      case ExprKind::DictComp:
        TRY(comprehensions(as<DictComp>(node)->generators));
        TRY(expression(as<DictComp>(node)->key, kLoad));
        return expression(as<DictComp>(node)->value, kLoad);
      case ExprKind::Yield: return optional(as<Yield>(node)->value);
      case ExprKind::YieldFrom: return expression(as<YieldFrom>(node)->value, kLoad);
      case ExprKind::Await: return expression(as<Await>(node)->value, kLoad);
      case ExprKind::Compare: {
        const Compare* compare = as<Compare>(node);
        if (compare->comparators.size == 0) return fail("Compare with no comparators");
        if (compare->comparators.size != compare->ops.size) {
          return fail("Compare has a different number of comparators and operands");
        }
        TRY(expressions(compare->comparators, kLoad));
        return expression(compare->left, kLoad);
      }
      case ExprKind::Call:
        TRY(expression(as<Call>(node)->func, kLoad));
        TRY(expressions(as<Call>(node)->args, kLoad));
        return keywords(as<Call>(node)->keywords);
      case ExprKind::Constant: return {};  // its value was judged when it was read
      case ExprKind::FormattedValue:
        TRY(expression(as<FormattedValue>(node)->value, kLoad));
        return optional(as<FormattedValue>(node)->format_spec);
      case ExprKind::Interpolation:
        TRY(expression(as<Interpolation>(node)->value, kLoad));
        return optional(as<Interpolation>(node)->format_spec);
      case ExprKind::JoinedStr: return expressions(as<JoinedStr>(node)->values, kLoad);
      case ExprKind::TemplateStr: return expressions(as<TemplateStr>(node)->values, kLoad);
      case ExprKind::Attribute: return expression(as<Attribute>(node)->value, kLoad);
      case ExprKind::Subscript:
        TRY(expression(as<Subscript>(node)->slice, kLoad));
        return expression(as<Subscript>(node)->value, kLoad);
      case ExprKind::Starred: return expression(as<Starred>(node)->value, context);
      case ExprKind::List: return expressions(as<ast::List>(node)->elts, context);
      case ExprKind::Tuple: return expressions(as<ast::Tuple>(node)->elts, context);
      case ExprKind::Slice:
        TRY(optional(as<ast::Slice>(node)->lower));
        TRY(optional(as<ast::Slice>(node)->upper));
        return optional(as<ast::Slice>(node)->step);
      case ExprKind::Name: return {};
    }
    return {};
  }

  // ---- patterns ---------------------------------------------------------------------------------

  // A number, or a sum or difference of a real and an imaginary one.
  Result<void> pattern_value(const Expr* node) {
    TRY(expression(node, ExprContext::Load));
    switch (static_cast<ExprKind>(node->node_kind)) {
      case ExprKind::Constant: {
        ConstantKind kind = as<Constant>(node)->value.kind;
        if (kind == ConstantKind::Ellipsis || kind == ConstantKind::None ||
            kind == ConstantKind::True || kind == ConstantKind::False) {
          return fail("unexpected constant inside of a literal pattern");
        }
        return {};
      }
      case ExprKind::Attribute: return {};
      case ExprKind::UnaryOp: {
        const ast::UnaryOp* unary = as<ast::UnaryOp>(node);
        const Constant* operand = maybe_as<Constant>(static_cast<const Node*>(unary->operand));
        if (unary->op == UnaryOperator::USub && operand && is_number(operand)) return {};
        break;
      }
      case ExprKind::BinOp: {
        const ast::BinOp* sum = as<ast::BinOp>(node);
        const Node* left = sum->left;
        if (const ast::UnaryOp* minus = maybe_as<ast::UnaryOp>(left)) {
          if (minus->op == UnaryOperator::USub) left = minus->operand;
        }
        const Constant* real = maybe_as<Constant>(left);
        const Constant* imaginary = maybe_as<Constant>(static_cast<const Node*>(sum->right));
        if ((sum->op == Operator::Add || sum->op == Operator::Sub) && real && is_number(real) &&
            real->value.kind != ConstantKind::Complex && imaginary &&
            imaginary->value.kind == ConstantKind::Complex) {
          return {};
        }
        break;
      }
      case ExprKind::JoinedStr:
      case ExprKind::TemplateStr: return {};
      default: break;
    }
    return fail("patterns may only match literals and attribute lookups");
  }
  static bool is_number(const Constant* constant) {
    ConstantKind kind = constant->value.kind;
    return kind == ConstantKind::Int || kind == ConstantKind::BigInt ||
           kind == ConstantKind::Float || kind == ConstantKind::Complex;
  }
  Result<void> capture(const Identifier* identifier) {
    if (!identifier) return {};
    if (*identifier == "_") return fail("can't capture name '_' in patterns");
    return name(identifier);
  }
  Result<void> patterns(const Seq<Pattern*>& items, bool star) {
    for (Pattern* item : items) {
      if (!item) return fail("None disallowed in pattern list");
      TRY(pattern(item, star));
    }
    return {};
  }
  Result<void> pattern(const Pattern* node, bool star) {
    TRY(place(node));
    switch (static_cast<PatternKind>(node->node_kind)) {
      case PatternKind::MatchValue: return pattern_value(as<MatchValue>(node)->value);
      case PatternKind::MatchSingleton: {
        ConstantKind kind = as<MatchSingleton>(node)->value.kind;
        if (kind != ConstantKind::None && kind != ConstantKind::True &&
            kind != ConstantKind::False) {
          return fail("MatchSingleton can only contain True, False and None");
        }
        return {};
      }
      case PatternKind::MatchSequence: return patterns(as<MatchSequence>(node)->patterns, true);
      case PatternKind::MatchMapping: {
        const MatchMapping* mapping = as<MatchMapping>(node);
        if (mapping->keys.size != mapping->patterns.size) {
          return fail("MatchMapping doesn't have the same number of keys as patterns");
        }
        TRY(capture(mapping->rest));
        for (Expr* key : mapping->keys) {
          if (!key) return fail("None disallowed in expression list");
          if (const Constant* constant = maybe_as<Constant>(static_cast<const Node*>(key))) {
            ConstantKind kind = constant->value.kind;
            if (kind == ConstantKind::None || kind == ConstantKind::True ||
                kind == ConstantKind::False)
              continue;
          }
          TRY(pattern_value(key));
        }
        return patterns(mapping->patterns, false);
      }
      case PatternKind::MatchClass: {
        const MatchClass* match = as<MatchClass>(node);
        if (match->kwd_attrs.size != match->kwd_patterns.size) {
          return fail("MatchClass doesn't have the same number of keyword attributes as patterns");
        }
        TRY(expression(match->cls, ExprContext::Load));
        const Expr* cls = match->cls;
        while (const Attribute* attribute = maybe_as<Attribute>(static_cast<const Node*>(cls)))
          cls = attribute->value;
        if (!is<Name>(cls))
          return fail("MatchClass cls field can only contain Name or Attribute nodes.");
        for (const Identifier* attribute : match->kwd_attrs) TRY(name(attribute));
        TRY(patterns(match->patterns, false));
        return patterns(match->kwd_patterns, false);
      }
      case PatternKind::MatchStar:
        if (!star) return fail("can't use MatchStar here");
        return capture(as<MatchStar>(node)->name);
      case PatternKind::MatchAs: {
        const MatchAs* match = as<MatchAs>(node);
        TRY(capture(match->name));
        if (!match->pattern) return {};
        if (!match->name) return fail("MatchAs must specify a target name if a pattern is given");
        return pattern(match->pattern, false);
      }
      case PatternKind::MatchOr:
        if (as<MatchOr>(node)->patterns.size < 2)
          return fail("MatchOr requires at least 2 patterns");
        return patterns(as<MatchOr>(node)->patterns, false);
    }
    return {};
  }

  // ---- statements -------------------------------------------------------------------------------

  template <class T>
  Result<void> function(const T* node, const char* owner) {
    TRY(name(node->name));
    TRY(body(node->body, owner));
    TRY(type_parameters(node->type_params));
    TRY(arguments(node->args));
    TRY(expressions(node->decorator_list, ExprContext::Load));
    return optional(node->returns);
  }
  template <class T>
  Result<void> for_loop(const T* node, const char* owner) {
    TRY(expression(node->target, ExprContext::Store));
    TRY(expression(node->iter, ExprContext::Load));
    TRY(body(node->body, owner));
    return statements(node->orelse);
  }
  template <class T>
  Result<void> with(const T* node, const char* owner) {
    TRY(not_empty(node->items, "items", owner));
    for (WithItem* item : node->items) {
      if (!item) return fail("None disallowed in with item list");
      TRY(expression(item->context_expr, ExprContext::Load));
      TRY(optional(item->optional_vars, ExprContext::Store));
    }
    return body(node->body, owner);
  }
  template <class T>
  Result<void> try_statement(const T* node, const char* owner) {
    TRY(body(node->body, owner));
    if (node->handlers.size == 0 && node->finalbody.size == 0)
      return fail("{} has neither except handlers nor finalbody", owner);
    if (node->handlers.size == 0 && node->orelse.size != 0)
      return fail("{} has orelse but no except handlers", owner);
    for (ExceptHandlerBase* item : node->handlers) {
      if (!item) return fail("None disallowed in handler list");
      const ExceptHandler* handler = as<ExceptHandler>(static_cast<const Node*>(item));
      TRY(place(handler));
      TRY(optional(handler->type));
      TRY(name(handler->name));
      TRY(body(handler->body, "ExceptHandler"));
    }
    if (node->finalbody.size) TRY(statements(node->finalbody));
    return statements(node->orelse);
  }

  Result<void> statement(const Stmt* node) {
    constexpr ExprContext kLoad = ExprContext::Load, kStore = ExprContext::Store;
    TRY(place(node));
    switch (static_cast<StmtKind>(node->node_kind)) {
      case StmtKind::FunctionDef: return function(as<FunctionDef>(node), "FunctionDef");
      case StmtKind::AsyncFunctionDef:
        return function(as<AsyncFunctionDef>(node), "AsyncFunctionDef");
      case StmtKind::ClassDef: {
        const ClassDef* definition = as<ClassDef>(node);
        TRY(name(definition->name));
        TRY(body(definition->body, "ClassDef"));
        TRY(type_parameters(definition->type_params));
        TRY(expressions(definition->bases, kLoad));
        TRY(keywords(definition->keywords));
        return expressions(definition->decorator_list, kLoad);
      }
      case StmtKind::Return: return optional(as<Return>(node)->value);
      case StmtKind::Delete:
        TRY(not_empty(as<Delete>(node)->targets, "targets", "Delete"));
        return expressions(as<Delete>(node)->targets, ExprContext::Del);
      case StmtKind::Assign:
        TRY(not_empty(as<Assign>(node)->targets, "targets", "Assign"));
        TRY(expressions(as<Assign>(node)->targets, kStore));
        return expression(as<Assign>(node)->value, kLoad);
      case StmtKind::AugAssign: {
        const AugAssign* assign = as<AugAssign>(node);
        NodeKind target = assign->target->node_kind;
        if (target != NodeKind::Name && target != NodeKind::Attribute &&
            target != NodeKind::Subscript) {
          return fail<TypeError>("illegal expression for augmented assignment");
        }
        TRY(expression(assign->target, kStore));
        return expression(assign->value, kLoad);
      }
      case StmtKind::AnnAssign: {
        const AnnAssign* assign = as<AnnAssign>(node);
        NodeKind target = assign->target->node_kind;
        if (target != NodeKind::Name && assign->simple)
          return fail<TypeError>("AnnAssign with simple non-Name target");
        if (target != NodeKind::Name && target != NodeKind::Attribute &&
            target != NodeKind::Subscript) {
          return fail<TypeError>("illegal target for annotation");
        }
        TRY(expression(assign->target, kStore));
        TRY(optional(assign->value));
        return expression(assign->annotation, kLoad);
      }
      case StmtKind::TypeAlias:
        if (!is<Name>(as<TypeAlias>(node)->name))
          return fail<TypeError>("TypeAlias with non-Name name");
        TRY(expression(as<TypeAlias>(node)->name, kStore));
        TRY(type_parameters(as<TypeAlias>(node)->type_params));
        return expression(as<TypeAlias>(node)->value, kLoad);
      case StmtKind::For: return for_loop(as<For>(node), "For");
      case StmtKind::AsyncFor: return for_loop(as<AsyncFor>(node), "AsyncFor");
      case StmtKind::While:
        TRY(expression(as<While>(node)->test, kLoad));
        TRY(body(as<While>(node)->body, "While"));
        return statements(as<While>(node)->orelse);
      case StmtKind::If:
        TRY(expression(as<If>(node)->test, kLoad));
        TRY(body(as<If>(node)->body, "If"));
        return statements(as<If>(node)->orelse);
      case StmtKind::With: return with(as<With>(node), "With");
      case StmtKind::AsyncWith: return with(as<AsyncWith>(node), "AsyncWith");
      case StmtKind::Match:
        TRY(expression(as<ast::Match>(node)->subject, kLoad));
        TRY(not_empty(as<ast::Match>(node)->cases, "cases", "Match"));
        for (MatchCase* item : as<ast::Match>(node)->cases) {
          if (!item) return fail("None disallowed in case list");
          TRY(pattern(item->pattern, false));
          TRY(optional(item->guard));
          TRY(body(item->body, "match_case"));
        }
        return {};
      case StmtKind::Raise:
        if (as<ast::Raise>(node)->exc) {
          TRY(expression(as<ast::Raise>(node)->exc, kLoad));
          return optional(as<ast::Raise>(node)->cause);
        }
        if (as<ast::Raise>(node)->cause) return fail("Raise with cause but no exception");
        return {};
      case StmtKind::Try: return try_statement(as<Try>(node), "Try");
      case StmtKind::TryStar: return try_statement(as<TryStar>(node), "TryStar");
      case StmtKind::Assert:
        TRY(expression(as<Assert>(node)->test, kLoad));
        return optional(as<Assert>(node)->msg);
      case StmtKind::Import: return aliases(as<Import>(node)->names, "Import");
      case StmtKind::ImportFrom:
        if (as<ImportFrom>(node)->level < 0) return fail("Negative ImportFrom level");
        return aliases(as<ImportFrom>(node)->names, "ImportFrom");
      case StmtKind::Global: return names(as<Global>(node)->names, "Global");
      case StmtKind::Nonlocal: return names(as<Nonlocal>(node)->names, "Nonlocal");
      case StmtKind::ExprStmt: return expression(as<ExprStmt>(node)->value, kLoad);
      case StmtKind::Pass:
      case StmtKind::Break:
      case StmtKind::Continue: return {};
    }
    return {};
  }
  Result<void> aliases(const Seq<Alias*>& items, const char* owner) {
    TRY(not_empty(items, "names", owner));
    for (Alias* item : items) {
      if (!item) return fail("None disallowed in alias list");
      TRY(place(item));
      TRY(name(item->name));
      TRY(name(item->asname));
    }
    return {};
  }
  Result<void> names(const Seq<const Identifier*>& items, const char* owner) {
    TRY(not_empty(items, "names", owner));
    for (const Identifier* item : items) {
      if (!item) return fail("None disallowed in identifier list");
    }
    return {};
  }

  Thread& thread_;
};

}  // namespace

Result<void> validate_tree(Thread& thread, const Mod* mod) { return Validator(thread).mod(mod); }

}  // namespace dx
