// Compound statements, parameters and type parameters.
#include "syntax/parser.h"

namespace dx::syntax {

// `compound` says that the first token can begin nothing else, so that pass 1 need not try further.
Stmt* Parser::compound_stmt(bool& compound) {
  int first = pos_;
  switch (peek()) {
    case Tok::k_def: compound = true; return function_def(first, {});
    case Tok::AT: compound = true; return decorated();
    case Tok::k_if: compound = true; return if_stmt(Tok::k_if);
    case Tok::k_class: compound = true; return class_def(first, {});
    case Tok::k_with: compound = true; return with_stmt();
    case Tok::k_for: compound = true; return for_stmt();
    case Tok::k_try: compound = true; return try_stmt();
    case Tok::k_while: compound = true; return while_stmt();
    case Tok::k_async: {
      compound = true;
      if (second_pass_) {
        // The grammar asks each statement in turn, for what follows `async` is not looked at first.
        if (Stmt* node = function_def(first, {})) return node;
        if (stopped_) return nullptr;
        pos_ = first;
        if (Stmt* node = with_stmt()) return node;
        if (stopped_) return nullptr;
        pos_ = first;
        return for_stmt();
      }
      Tok next = peek(1);
      if (next == Tok::k_def) return function_def(first, {});
      if (next == Tok::k_with) return with_stmt();
      if (next == Tok::k_for) return for_stmt();
      return nullptr;
    }
    case Tok::NAME:
      if (!at_soft("match")) return nullptr;
      return match_stmt();
    default: return nullptr;
  }
}

// ---- Blocks ----

bool Parser::block(Seq<Stmt*>& out) {
  if (!second_pass_) return block_body(out);
  Seq<Stmt*>* body = memoized<Seq<Stmt*>>(Rule::block, [&]() -> Seq<Stmt*>* {
    Seq<Stmt*> items;
    if (!block_body(items)) return nullptr;
    return new (arena_.allocate(sizeof items)) Seq<Stmt*>(items);
  });
  if (body == nullptr) return false;
  out = *body;
  return true;
}

bool Parser::block_body(Seq<Stmt*>& out) {
  int first = pos_;
  List<Stmt*> body(*this);
  if (accept(Tok::NEWLINE) && accept(Tok::INDENT)) {
    if (statements(body, true) && accept(Tok::DEDENT)) {
      out = body.take();
      return true;
    }
    if (stopped_ || !second_pass_) return false;
    pos_ = first;
    body.clear();
  }
  if (stopped_) return false;
  pos_ = first;
  if (simple_stmts(body)) {
    out = body.take();
    return true;
  }
  if (diagnosing_ && !stopped_) {
    pos_ = first;
    wrong_block();
  }
  return false;
}

// ---- if, while, for ----

// Also for `elif`, which is an If in the orelse of the one before.
Stmt* Parser::if_stmt(Tok keyword) {
  Deeper deeper(*this);
  if (too_deep()) return nullptr;
  int first = pos_;
  if (diagnosing_) {
    wrong_if(keyword);
    if (stopped_) return nullptr;
    pos_ = first;
  }
  if (!accept(keyword)) return nullptr;
  If* node = start<If>(first);
  node->test = named_expression();
  if (node->test == nullptr || !accept(Tok::COLON) || !block(node->body)) return nullptr;
  if (peek() == Tok::k_elif) {
    int save = pos_;
    Stmt* next = if_stmt(Tok::k_elif);
    if (next != nullptr) {
      node->orelse = arena_.make_seq<Stmt*>(&next, 1);
      return finish(node);
    }
    if (stopped_ || !second_pass_) return nullptr;
    pos_ = save;
    return finish(node);
  }
  if (!else_block(node->orelse)) return nullptr;
  return finish(node);
}

// Optional; false only when it began and does not fit.
bool Parser::else_block(Seq<Stmt*>& out) {
  int first = pos_;
  if (peek() != Tok::k_else) return !stopped_;
  if (diagnosing_) {
    wrong_else();
    if (stopped_) return false;
    pos_ = first;
  }
  ++pos_;
  if (!demand(Tok::COLON, ":")) return false;
  if (block(out)) return true;
  if (stopped_ || !second_pass_) return false;
  pos_ = first;
  return true;
}

Stmt* Parser::while_stmt() {
  int first = pos_;
  if (diagnosing_) {
    wrong_while();
    if (stopped_) return nullptr;
    pos_ = first;
  }
  ++pos_;
  While* node = start<While>(first);
  node->test = named_expression();
  if (node->test == nullptr || !accept(Tok::COLON) || !block(node->body)) return nullptr;
  if (!else_block(node->orelse)) return nullptr;
  return finish(node);
}

Stmt* Parser::for_stmt() {
  int first = pos_;
  if (diagnosing_) {
    wrong_for();
    if (stopped_) return nullptr;
    pos_ = first;
  }
  bool async = accept(Tok::k_async);
  if (!accept(Tok::k_for)) return nullptr;
  Expr* target = star_targets();
  if (stopped_) return nullptr;
  if (target == nullptr || !accept(Tok::k_in)) {
    if (diagnosing_ && !stopped_) {
      pos_ = first;
      wrong_for_target();
    }
    return nullptr;
  }
  set_context(target, ExprContext::Store);
  Expr* iter = star_expressions();
  if (iter == nullptr || !accept(Tok::COLON)) return nullptr;
  std::string_view comment = type_comment();
  Seq<Stmt*> body, orelse;
  if (!block(body) || !else_block(orelse)) return nullptr;
  if (async && !version_at_least(5, "Async for loops are")) return nullptr;
  auto fill = [&](auto* node) -> Stmt* {
    node->target = target;
    node->iter = iter;
    node->body = body;
    node->orelse = orelse;
    node->type_comment = comment;
    return finish(node);
  };
  return async ? fill(start<AsyncFor>(first)) : fill(start<For>(first));
}

// ---- with ----

WithItem* Parser::with_item() {
  int first = pos_;
  WithItem* node = make<WithItem>(arena_);
  node->context_expr = expression();
  if (stopped_) return nullptr;
  if (node->context_expr != nullptr && peek() == Tok::k_as) {
    int save = pos_++;
    Expr* target = star_target();
    if (stopped_) return nullptr;
    Tok next = target != nullptr ? peek() : Tok::ERRORTOKEN;
    if (next == Tok::COMMA || next == Tok::RPAR || next == Tok::COLON) {
      set_context(target, ExprContext::Store);
      node->optional_vars = target;
      return node;
    }
    if (stopped_) return nullptr;
    pos_ = save;
  }
  if (diagnosing_) {
    int save = pos_;
    pos_ = first;
    wrong_with_item();
    if (stopped_) return nullptr;
    pos_ = save;
  }
  return node->context_expr == nullptr ? nullptr : node;
}

Stmt* Parser::with_stmt() {
  int first = pos_;
  if (diagnosing_) {
    wrong_with_indent();
    if (stopped_) return nullptr;
    pos_ = first;
  }
  bool async = accept(Tok::k_async);
  if (!accept(Tok::k_with)) return nullptr;
  int items_at = pos_;
  List<WithItem*> items(*this);
  Seq<Stmt*> body;
  std::string_view comment;
  // Brackets around the items, or around an expression: the colon after them decides.
  bool done = false;
  if (accept(Tok::LPAR)) {
    bool good = true;
    while (true) {
      WithItem* item = with_item();
      if (stopped_) return nullptr;
      if (item == nullptr) {
        good = items.size() > 0;
        break;
      }
      items.add(item);
      if (!accept(Tok::COMMA)) break;
      if (peek() == Tok::RPAR) break;
    }
    if (good && accept(Tok::RPAR) && accept(Tok::COLON)) {
      comment = type_comment();
      if (block(body))
        done = true;
      else if (!second_pass_)
        return nullptr;
    }
    if (stopped_) return nullptr;
    if (!done) {
      items.clear();
      pos_ = items_at;
    }
  }
  if (!done) {
    while (true) {
      int save = pos_;
      WithItem* item = with_item();
      if (stopped_) return nullptr;
      if (item == nullptr) {
        pos_ = save - 1;
        break;
      }
      items.add(item);
      if (!accept(Tok::COMMA)) break;
    }
    if (items.size() > 0 && accept(Tok::COLON)) {
      comment = type_comment();
      done = block(body);
    }
    if (stopped_) return nullptr;
  }
  if (!done) {
    if (diagnosing_) {
      pos_ = first;
      wrong_with();
    }
    return nullptr;
  }
  if (async && !version_at_least(5, "Async with statements are")) return nullptr;
  auto fill = [&](auto* node) -> Stmt* {
    node->items = items.take();
    node->body = body;
    node->type_comment = comment;
    return finish(node);
  };
  return async ? fill(start<AsyncWith>(first)) : fill(start<With>(first));
}

// ---- try ----

Stmt* Parser::try_stmt() {
  int first = pos_;
  if (diagnosing_) {
    wrong_try();
    if (stopped_) return nullptr;
    pos_ = first;
  }
  ++pos_;
  if (!demand(Tok::COLON, ":")) return nullptr;
  Seq<Stmt*> body, orelse, finalbody;
  if (!block(body)) return nullptr;
  List<ExceptHandlerBase*> handlers(*this);
  bool star = false;
  if (peek() == Tok::k_except) {
    star = peek(1) == Tok::STAR;
    while (peek() == Tok::k_except) {
      int save = pos_;
      ExceptHandlerBase* handler = except_block(star);
      if (stopped_) return nullptr;
      if (handler == nullptr) {
        pos_ = save;
        break;
      }
      handlers.add(handler);
    }
    if (handlers.size() == 0) return nullptr;
    if (!else_block(orelse)) return nullptr;
  }
  if (peek() == Tok::k_finally) {
    int save = pos_;
    if (!finally_block(finalbody)) {
      if (stopped_) return nullptr;
      pos_ = save;
    }
  }
  if (stopped_ || (handlers.size() == 0 && finalbody.empty())) return nullptr;
  if (star && !version_at_least(11, "Exception groups are")) return nullptr;
  auto fill = [&](auto* node) -> Stmt* {
    node->body = body;
    node->handlers = handlers.take();
    node->orelse = orelse;
    node->finalbody = finalbody;
    return finish(node);
  };
  return star ? fill(start<TryStar>(first)) : fill(start<Try>(first));
}

ExceptHandlerBase* Parser::except_block(bool star) {
  int first = pos_;
  if (diagnosing_) {
    wrong_except_indent(star);
    if (stopped_) return nullptr;
    pos_ = first;
  }
  ++pos_;
  ExceptHandler* node = start<ExceptHandler>(first);
  auto body = [&]() -> bool { return accept(Tok::COLON) && block(node->body); };
  if (star ? accept(Tok::STAR) : peek() != Tok::STAR) {
    if (!star && peek() == Tok::COLON) {
      if (body()) return finish(node);
    } else {
      int types = pos_;
      node->type = expression();
      if (stopped_) return nullptr;
      if (node->type != nullptr) {
        if (peek() == Tok::k_as && peek(1) == Tok::NAME) {
          ++pos_;
          node->name = identifier(tokens_[pos_++]);
          if (body()) return finish(node);
        } else if (peek() == Tok::COLON) {
          if (body()) return finish(node);
        } else if (peek() == Tok::COMMA) {
          // Several types without brackets, when no name is bound.
          pos_ = types;
          node->type = expressions();
          if (node->type != nullptr && body()) {
            if (!version_at_least(14, star ? "except* expressions without parentheses are"
                                           : "except expressions without parentheses are")) {
              return nullptr;
            }
            return finish(node);
          }
        }
      }
    }
  }
  if (diagnosing_ && !stopped_) {
    pos_ = first;
    wrong_except(star);
  }
  return nullptr;
}

bool Parser::finally_block(Seq<Stmt*>& out) {
  int first = pos_;
  if (diagnosing_) {
    wrong_finally();
    if (stopped_) return false;
    pos_ = first;
  }
  ++pos_;
  return demand(Tok::COLON, ":") && block(out);
}

// ---- def and class ----

Stmt* Parser::decorated() {
  int first = pos_;
  List<Expr*> decorators(*this);
  while (accept(Tok::AT)) {
    Expr* decorator = named_expression();
    if (decorator == nullptr || !accept(Tok::NEWLINE)) return nullptr;
    decorators.add(decorator);
  }
  if (stopped_) return nullptr;
  Seq<Expr*> taken = decorators.take();
  // The node itself begins at `def` or `class`.
  int def_at = pos_;
  if (second_pass_) {
    if (Stmt* node = function_def(def_at, taken)) return node;
    if (stopped_) return nullptr;
    pos_ = def_at;
    return peek() == Tok::k_class ? class_def(def_at, taken) : nullptr;
  }
  switch (peek()) {
    case Tok::k_class: return class_def(def_at, taken);
    case Tok::k_def: return function_def(def_at, taken);
    case Tok::k_async: return peek(1) == Tok::k_def ? function_def(def_at, taken) : nullptr;
    default: (void)first; return nullptr;
  }
}

Stmt* Parser::function_def(int first, Seq<Expr*> decorators) {
  if (diagnosing_) {
    wrong_def();
    if (stopped_) return nullptr;
    pos_ = first;
  }
  bool async = accept(Tok::k_async);
  if (!accept(Tok::k_def) || peek() != Tok::NAME) return nullptr;
  const Identifier* name = identifier(tokens_[pos_++]);
  Seq<TypeParam*> params;
  if (peek() == Tok::LSQB) {
    int save = pos_;
    if (!type_params(params)) {
      if (stopped_) return nullptr;
      pos_ = save;
    }
  }
  if (diagnosing_ ? !demand(Tok::LPAR, "(") : !accept(Tok::LPAR)) return nullptr;
  Arguments* args;
  if (peek() == Tok::RPAR) {
    args = empty_arguments();
  } else {
    int save = pos_;
    args = parameters(Params::def);
    if (stopped_) return nullptr;
    if (args == nullptr) {
      if (!second_pass_) return nullptr;
      pos_ = save;
      args = empty_arguments();
    }
  }
  if (!accept(Tok::RPAR)) return nullptr;
  Expr* returns = nullptr;
  if (peek() == Tok::RARROW) {
    int save = pos_++;
    returns = expression();
    if (stopped_) return nullptr;
    if (returns == nullptr) pos_ = save;
  }
  if (diagnosing_ ? !demand(Tok::COLON, ":") : !accept(Tok::COLON)) return nullptr;
  std::string_view comment = func_type_comment();
  Seq<Stmt*> body;
  if (stopped_ || !block(body)) return nullptr;
  if (async && !version_at_least(5, "Async functions are")) return nullptr;
  auto fill = [&](auto* node) -> Stmt* {
    node->name = name;
    node->args = args;
    node->body = body;
    node->decorator_list = decorators;
    node->returns = returns;
    node->type_comment = comment;
    node->type_params = params;
    return finish(node);
  };
  return async ? fill(start<AsyncFunctionDef>(first)) : fill(start<FunctionDef>(first));
}

Stmt* Parser::class_def(int first, Seq<Expr*> decorators) {
  if (diagnosing_) {
    wrong_class();
    if (stopped_) return nullptr;
    pos_ = first;
  }
  ++pos_;
  if (peek() != Tok::NAME) return nullptr;
  ClassDef* node = start<ClassDef>(first);
  node->name = identifier(tokens_[pos_++]);
  if (peek() == Tok::LSQB) {
    int save = pos_;
    if (!type_params(node->type_params)) {
      if (stopped_) return nullptr;
      pos_ = save;
    }
  }
  if (accept(Tok::LPAR)) {
    int save = pos_;
    CallParts parts;
    if (peek() != Tok::RPAR && !arguments(parts, Brackets::class_)) {
      if (stopped_ || !second_pass_) return nullptr;
      pos_ = save;
    }
    if (!accept(Tok::RPAR)) return nullptr;
    node->bases = parts.args;
    node->keywords = parts.keywords;
  }
  if (!accept(Tok::COLON) || !block(node->body)) return nullptr;
  node->decorator_list = decorators;
  return finish(node);
}

// ---- Type parameters ----

bool Parser::type_params(Seq<TypeParam*>& out) {
  ++pos_;
  if (second_pass_ && peek() == Tok::RSQB) {
    // Reported from the bracket to wherever the tokenizer stands.
    const Token& bracket = tokens_[pos_];
    raise_from(bracket.lineno, bracket.col_offset, "Type parameter list cannot be empty");
    return false;
  }
  List<TypeParam*> params(*this);
  while (true) {
    int save = pos_;
    TypeParam* param = type_param();
    if (stopped_) return false;
    if (param == nullptr) {
      if (params.size() == 0) return false;
      pos_ = save;
      break;
    }
    params.add(param);
    if (!accept(Tok::COMMA)) break;
    if (peek() == Tok::RSQB) break;
  }
  if (!accept(Tok::RSQB)) return false;
  if (!version_at_least(12, "Type parameter lists are")) return false;
  out = params.take();
  return true;
}

TypeParam* Parser::type_param() {
  int first = pos_;
  Tok stars = peek();
  if (stars == Tok::STAR || stars == Tok::DOUBLESTAR) {
    if (diagnosing_) {
      wrong_type_param();
      if (stopped_) return nullptr;
      pos_ = first;
    }
    ++pos_;
  }
  if (peek() != Tok::NAME) return nullptr;
  const Identifier* name = identifier(tokens_[pos_++]);
  Expr *bound = nullptr, *value = nullptr;
  if (stars == Tok::NAME && peek() == Tok::COLON) {
    int save = pos_++;
    bound = expression();
    if (stopped_) return nullptr;
    if (bound == nullptr) pos_ = save;
  }
  if (peek() == Tok::EQUAL) {
    int save = pos_++;
    value = stars == Tok::STAR ? star_expression() : expression();
    if (stopped_) return nullptr;
    if (value == nullptr)
      pos_ = save;
    else if (!version_at_least(13, "Type parameter defaults are"))
      return nullptr;
  }
  if (stars == Tok::STAR) {
    TypeVarTuple* node = start<TypeVarTuple>(first);
    node->name = name;
    node->default_value = value;
    return finish(node);
  }
  if (stars == Tok::DOUBLESTAR) {
    ParamSpec* node = start<ParamSpec>(first);
    node->name = name;
    node->default_value = value;
    return finish(node);
  }
  TypeVar* node = start<TypeVar>(first);
  node->name = name;
  node->bound = bound;
  node->default_value = value;
  return finish(node);
}

// ---- Parameters ----

Arguments* Parser::empty_arguments() { return make<Arguments>(arena_); }

// A name with its annotation. A function's `*args` may have a starred annotation.
Arg* Parser::parameter(Params kind, bool star_annotation) {
  if (peek() != Tok::NAME) return nullptr;
  int first = pos_;
  Arg* node = start<Arg>(first);
  node->arg = identifier(tokens_[pos_++]);
  if (kind == Params::def && peek() == Tok::COLON) {
    int save = pos_++;
    if (star_annotation && peek() == Tok::STAR) {
      if (!version_at_least(11, "Starred annotations are")) return nullptr;
      node->annotation = star_expression();
    } else {
      node->annotation = expression();
    }
    if (stopped_) return nullptr;
    if (node->annotation == nullptr) pos_ = save;
  }
  return finish(node);
}

// All parameters up to the closing token. Requires: there is at least one.
Arguments* Parser::parameters(Params kind) {
  int from = pos_;
  if (diagnosing_) {
    wrong_parameters(kind);
    if (stopped_) return nullptr;
    pos_ = from;
  }
  Tok closing = kind == Params::def ? Tok::RPAR : Tok::COLON;
  Arguments* node = empty_arguments();
  List<Arg*> plain(*this);
  std::vector<Arg*> kwonly;
  std::vector<Expr*> defaults, kw_defaults;
  bool seen_star = false;
  // A parameter is complete at a comma or the end, and its type comment stands behind that comma.
  auto end_of_parameter = [&](Arg* arg) -> bool {
    bool comma = accept(Tok::COMMA);
    if (flags_.type_comments && arg != nullptr && peek() == Tok::TYPE_COMMENT)
      arg->type_comment = type_comment();
    return comma || peek() == closing;
  };
  while (peek() != closing) {
    int first = pos_;
    Tok type = peek();
    if (type == Tok::SLASH) {
      if (seen_star || plain.size() == 0 || node->posonlyargs.size > 0) return nullptr;
      ++pos_;
      if (!version_at_least(8, "Positional-only parameters are")) return nullptr;
      node->posonlyargs = plain.take();
      plain.clear();
      if (!end_of_parameter(nullptr)) return nullptr;
      continue;
    }
    if (type == Tok::STAR) {
      if (seen_star) return nullptr;
      if (diagnosing_) {
        wrong_star_parameters(kind);
        if (stopped_) return nullptr;
        pos_ = first;
      }
      seen_star = true;
      ++pos_;
      if (accept(Tok::COMMA)) {
        if (peek() != Tok::NAME) return nullptr;
        continue;
      }
      node->vararg = parameter(kind, true);
      if (node->vararg == nullptr || !end_of_parameter(node->vararg)) return nullptr;
      continue;
    }
    if (type == Tok::DOUBLESTAR) {
      if (diagnosing_) {
        wrong_double_star_parameters(kind);
        if (stopped_) return nullptr;
        pos_ = first;
      }
      ++pos_;
      node->kwarg = parameter(kind, false);
      if (node->kwarg == nullptr || !end_of_parameter(node->kwarg) || peek() != closing)
        return nullptr;
      break;
    }
    Arg* arg = parameter(kind, false);
    if (arg == nullptr) return nullptr;
    Expr* value = nullptr;
    if (peek() == Tok::EQUAL) {
      ++pos_;
      if (diagnosing_ && (peek() == closing || peek() == Tok::COMMA)) {
        // Judged where the whole list has been read up to here; see wrong_parameters for what comes
        // before.
        Tok next = peek();
        if (!stopped_ && (next == Tok::COMMA || next == Tok::RPAR)) {
          raise_token(tokens_[pos_ - 1], "expected default value expression");
          return nullptr;
        }
      }
      value = expression();
      if (value == nullptr) return nullptr;
    }
    if (seen_star) {
      kwonly.push_back(arg);
      kw_defaults.push_back(value);
    } else {
      if (value != nullptr)
        defaults.push_back(value);
      else if (!defaults.empty())
        return nullptr;
      plain.add(arg);
    }
    if (!end_of_parameter(arg)) return nullptr;
  }
  if (stopped_) return nullptr;
  node->args = plain.take();
  node->kwonlyargs = arena_.make_seq<Arg*>(kwonly.data(), kwonly.size());
  node->defaults = arena_.make_seq<Expr*>(defaults.data(), defaults.size());
  node->kw_defaults = arena_.make_seq<Expr*>(kw_defaults.data(), kw_defaults.size());
  return node;
}

}  // namespace dx::syntax
