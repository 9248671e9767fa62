// Simple statements, imports, and the file as a whole.
#include "syntax/parser.h"

namespace dx::syntax {
namespace {

bool augmented_operator(Tok type, Operator& op) {
  switch (type) {
    case Tok::PLUSEQUAL: op = Operator::Add; return true;
    case Tok::MINEQUAL: op = Operator::Sub; return true;
    case Tok::STAREQUAL: op = Operator::Mult; return true;
    case Tok::ATEQUAL: op = Operator::MatMult; return true;
    case Tok::SLASHEQUAL: op = Operator::Div; return true;
    case Tok::PERCENTEQUAL: op = Operator::Mod; return true;
    case Tok::AMPEREQUAL: op = Operator::BitAnd; return true;
    case Tok::VBAREQUAL: op = Operator::BitOr; return true;
    case Tok::CIRCUMFLEXEQUAL: op = Operator::BitXor; return true;
    case Tok::LEFTSHIFTEQUAL: op = Operator::LShift; return true;
    case Tok::RIGHTSHIFTEQUAL: op = Operator::RShift; return true;
    case Tok::DOUBLESTAREQUAL: op = Operator::Pow; return true;
    case Tok::DOUBLESLASHEQUAL: op = Operator::FloorDiv; return true;
    default: return false;
  }
}

}  // namespace

// ---- The whole text ----

Mod* Parser::parse_mod() {
  switch (mode_) {
    case ParseMode::exec: {
      Module* mod = make<Module>(arena_);
      List<Stmt*> body(*this);
      if (peek() != Tok::ENDMARKER && !statements(body, false)) return nullptr;
      if (!accept(Tok::ENDMARKER)) return nullptr;
      mod->body = body.take();
      List<TypeIgnore*> ignores(*this);
      for (auto& [line, tag] : type_ignores_) {
        TypeIgnore* ignore = make<TypeIgnore>(arena_);
        ignore->lineno = line;
        ignore->tag = tag;
        ignores.add(ignore);
      }
      Seq<TypeIgnore*> taken = ignores.take();
      mod->type_ignores = {reinterpret_cast<TypeIgnoreBase**>(taken.items), taken.size};
      return mod;
    }
    case ParseMode::single: {
      Interactive* mod = make<Interactive>(arena_);
      List<Stmt*> body(*this);
      if (peek() == Tok::NEWLINE) {
        const Token& token = tokens_[pos_++];
        Pass* nothing = make<Pass>(arena_, token.lineno, token.col_offset, token.end_lineno,
                                   token.end_col_offset);
        body.add(nothing);
        // An empty line at the prompt.
        mod->body = body.take();
        return mod;
      }
      bool compound = false;
      Stmt* only = compound_stmt(compound);
      if (only != nullptr) {
        note_statement(only);
        if (!accept(Tok::NEWLINE)) return nullptr;
        body.add(only);
      } else {
        if (stopped_ || (compound && !second_pass_)) return nullptr;
        pos_ = 0;
        if (!simple_stmts(body)) return nullptr;
      }
      mod->body = body.take();
      // Only white space and comments may follow.
      const char* rest = tokenizer_.cursor();
      const char* end = text_.data() + text_.size();
      while (rest < end) {
        char c = *rest;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\f') {
          ++rest;
        } else if (c == '#') {
          while (rest < end && *rest != '\n') ++rest;
        } else {
          break;
        }
      }
      if (rest < end) {
        raise_last("multiple statements found while compiling a single statement");
        final_error_ = true;
        return nullptr;
      }
      return mod;
    }
    case ParseMode::eval: {
      Expression* mod = make<Expression>(arena_);
      mod->body = expressions();
      if (mod->body == nullptr) return nullptr;
      while (accept(Tok::NEWLINE)) {
      }
      return accept(Tok::ENDMARKER) ? mod : nullptr;
    }
    case ParseMode::func_type: {
      FunctionType* mod = make<FunctionType>(arena_);
      if (!accept(Tok::LPAR)) return nullptr;
      List<Expr*> argtypes(*this);
      bool star = false, double_star = false;
      while (peek() != Tok::RPAR) {
        if (double_star) return nullptr;
        if (accept(Tok::DOUBLESTAR)) {
          double_star = true;
        } else if (accept(Tok::STAR)) {
          if (star) return nullptr;
          star = true;
        } else if (star) {
          return nullptr;
        }
        Expr* type = expression();
        if (type == nullptr) return nullptr;
        argtypes.add(type);
        if (!accept(Tok::COMMA)) break;
        if (peek() == Tok::RPAR) return nullptr;
      }
      if (!accept(Tok::RPAR) || !accept(Tok::RARROW)) return nullptr;
      mod->returns = expression();
      if (mod->returns == nullptr) return nullptr;
      while (accept(Tok::NEWLINE)) {
      }
      mod->argtypes = argtypes.take();
      return accept(Tok::ENDMARKER) ? mod : nullptr;
    }
  }
  return nullptr;
}

// One or more statements. In pass 2 the first that does not fit just ends them, as in the grammar.
bool Parser::statements(List<Stmt*>& out, bool to_dedent) {
  size_t before = out.size();
  while (true) {
    Tok next = peek();
    if (next == Tok::ENDMARKER || next == Tok::DEDENT) break;
    int save = pos_;
    if (!statement(out)) {
      if (stopped_ || !second_pass_) return false;
      pos_ = save;
      break;
    }
  }
  return !stopped_ && out.size() > before;
}

// For SyntaxError._metadata: from here on the text may be worth looking at for mistyped keywords.
void Parser::note_statement(const Stmt* node) {
  if (node->kind() == StmtKind::FunctionDef || node->kind() == StmtKind::AsyncFunctionDef) return;
  if (statement_line_ > node->lineno) return;  // an enclosing one, completed later
  statement_line_ = node->lineno;
  statement_col_ = node->col_offset;
}

bool Parser::statement(List<Stmt*>& out) {
  int first = pos_;
  bool compound = false;
  Stmt* node = compound_stmt(compound);
  if (node != nullptr) {
    out.add(node);
    note_statement(node);
    return true;
  }
  if (stopped_ || (compound && !second_pass_)) return false;
  pos_ = first;
  return simple_stmts(out);
}

bool Parser::simple_stmts(List<Stmt*>& out) {
  size_t before = out.size();
  Stmt* node = simple_stmt();
  if (node == nullptr) return false;
  out.add(node);
  while (accept(Tok::SEMI)) {
    if (peek() == Tok::NEWLINE) break;
    int save = pos_;
    node = simple_stmt();
    if (node == nullptr) {
      pos_ = save;
      break;
    }
    out.add(node);
  }
  if (stopped_ || !accept(Tok::NEWLINE)) {
    while (out.size() > before) scratch_.pop_back();
    return false;
  }
  return true;
}

// ---- Simple statements ----

Stmt* Parser::simple_stmt() {
  if (!second_pass_) return simple_stmt_plain();
  return memoized<Stmt>(Rule::simple_stmt, [&] { return simple_stmt_second(); });
}

Stmt* Parser::simple_stmt_plain() {
  switch (peek()) {
    case Tok::k_return:
    case Tok::k_import:
    case Tok::k_from:
    case Tok::k_raise:
    case Tok::k_pass:
    case Tok::k_del:
    case Tok::k_yield:
    case Tok::k_assert:
    case Tok::k_break:
    case Tok::k_continue:
    case Tok::k_global:
    case Tok::k_nonlocal: return keyword_stmt();
    default: return expression_stmt();
  }
}

// The grammar's own order: assignments and their mistakes, then expressions, then the keywords.
Stmt* Parser::simple_stmt_second() {
  int first = pos_;
  Stmt* assignment = assignment_second();
  if (assignment != nullptr || stopped_) return assignment;
  pos_ = first;
  if (at_soft("type")) {
    if (Stmt* alias = type_alias()) return alias;
    if (stopped_) return nullptr;
    pos_ = first;
  }
  if (Expr* value = star_expressions()) {
    ExprStmt* node = start<ExprStmt>(first);
    node->value = value;
    return finish(node);
  }
  if (stopped_) return nullptr;
  pos_ = first;
  return keyword_stmt();
}

Stmt* Parser::keyword_stmt() {
  int first = pos_;
  switch (peek()) {
    case Tok::k_pass: ++pos_; return finish(start<Pass>(first));
    case Tok::k_break: ++pos_; return finish(start<Break>(first));
    case Tok::k_continue: ++pos_; return finish(start<Continue>(first));
    case Tok::k_return: return return_stmt();
    case Tok::k_import:
    case Tok::k_from: {
      if (diagnosing_) {
        wrong_import();
        if (stopped_) return nullptr;
        pos_ = first;
      }
      return peek() == Tok::k_import ? import_name() : import_from();
    }
    case Tok::k_raise: return raise_stmt();
    case Tok::k_del: return del_stmt();
    case Tok::k_assert: return assert_stmt();
    case Tok::k_global:
    case Tok::k_nonlocal: return scope_stmt();
    case Tok::k_yield: {
      if (!second_pass_) return expression_stmt();
      Expr* value = yield_expr();
      if (value == nullptr) return nullptr;
      ExprStmt* node = start<ExprStmt>(first);
      node->value = value;
      return finish(node);
    }
    default: return nullptr;
  }
}

// What begins with an expression: reads it once and lets the next token say what it was. Pass 1
// only.
Stmt* Parser::expression_stmt() {
  int first = pos_;
  if (at_soft("type")) {
    Tok next = peek(1);
    if (next == Tok::NAME) {
      if (Stmt* alias = type_alias()) return alias;
      if (stopped_) return nullptr;
      pos_ = first;
    }
  }
  bool yields = peek() == Tok::k_yield;
  Expr* value = annotated_rhs();
  if (value == nullptr) return nullptr;
  Tok next = peek();
  if (next == Tok::NEWLINE || next == Tok::SEMI) {
    ExprStmt* node = start<ExprStmt>(first);
    node->value = value;
    return finish(node);
  }
  Operator op;
  if (next == Tok::EQUAL) {
    if (yields || !is_target(value, false)) return nullptr;
    List<Expr*> targets(*this);
    while (accept(Tok::EQUAL)) {
      if (value->kind() == ExprKind::Yield || value->kind() == ExprKind::YieldFrom ||
          !is_target(value, false)) {
        return nullptr;
      }
      set_context(value, ExprContext::Store);
      targets.add(value);
      value = annotated_rhs();
      if (value == nullptr) return nullptr;
    }
    Assign* node = start<Assign>(first);
    node->targets = targets.take();
    node->value = value;
    node->type_comment = type_comment();
    return stopped_ ? nullptr : finish(node);
  }
  if (next == Tok::COLON) {
    if (!is_single_target(value)) return nullptr;
    bool bare_name = value->kind() == ExprKind::Name && tokens_[first].type == Tok::NAME;
    return finish_annotation(first, value, bare_name);
  }
  if (augmented_operator(next, op)) {
    if (!is_single_target(value)) return nullptr;
    ++pos_;
    set_context(value, ExprContext::Store);
    AugAssign* node = start<AugAssign>(first);
    node->target = value;
    node->op = op;
    node->value = annotated_rhs();
    if (node->value == nullptr) return nullptr;
    if (op == Operator::MatMult && !version_at_least(5, "The '@' operator is")) return nullptr;
    return finish(node);
  }
  ExprStmt* node = start<ExprStmt>(first);
  node->value = value;
  return stopped_ ? nullptr : finish(node);
}

// At the colon of `target: annotation [= value]`.
Stmt* Parser::finish_annotation(int first, Expr* target, int simple) {
  ++pos_;
  AnnAssign* node = start<AnnAssign>(first);
  set_context(target, ExprContext::Store);
  node->target = target;
  node->simple = simple;
  node->annotation = expression();
  if (node->annotation == nullptr) return nullptr;
  if (peek() == Tok::EQUAL) {
    int save = pos_++;
    node->value = annotated_rhs();
    if (node->value == nullptr) {
      if (stopped_) return nullptr;
      pos_ = save;
    }
  }
  if (!version_at_least(
          6, simple ? "Variable annotation syntax is" : "Variable annotations syntax is"))
    return nullptr;
  return stopped_ ? nullptr : finish(node);
}

// Only what the statement needs in pass 2: that it fits, and where it ends.
Stmt* Parser::assignment_second() {
  int first = pos_;
  if (peek() == Tok::NAME && peek(1) == Tok::COLON) {
    Expr* target = name_node(ExprContext::Store);
    Stmt* node = finish_annotation(first, target, 1);
    if (node != nullptr || stopped_) return node;
  }
  if (stopped_) return nullptr;
  pos_ = first;
  Expr* target = star_target();
  if (stopped_) return nullptr;
  if (target != nullptr && is_single_target(target) && peek() == Tok::COLON) {
    Stmt* node = finish_annotation(first, target, 0);
    if (node != nullptr || stopped_) return node;
  }
  if (stopped_) return nullptr;
  pos_ = first;
  int targets = 0;
  while (true) {
    int save = pos_;
    Expr* next = star_targets();
    if (stopped_) return nullptr;
    if (next == nullptr || !accept(Tok::EQUAL)) {
      pos_ = save;
      break;
    }
    ++targets;
  }
  if (targets > 0) {
    Expr* value = annotated_rhs();
    if (stopped_) return nullptr;
    if (value != nullptr && peek() != Tok::EQUAL) {
      Assign* node = start<Assign>(first);
      node->type_comment = type_comment();
      return finish(node);
    }
  }
  if (stopped_) return nullptr;
  pos_ = first;
  target = star_target();
  if (stopped_) return nullptr;
  Operator op;
  if (target != nullptr && is_single_target(target) && augmented_operator(peek(), op)) {
    ++pos_;
    if (annotated_rhs() != nullptr) return finish(start<AugAssign>(first));
    return nullptr;  // past the operator there is no other reading
  }
  if (stopped_) return nullptr;
  pos_ = first;
  wrong_assignment();
  pos_ = first;
  return nullptr;
}

Stmt* Parser::type_alias() {
  int first = pos_++;
  if (peek() != Tok::NAME) return nullptr;
  Name* name = name_node(ExprContext::Store);
  TypeAlias* node = start<TypeAlias>(first);
  node->name = name;
  if (peek() == Tok::LSQB && !type_params(node->type_params)) return nullptr;
  if (!accept(Tok::EQUAL)) return nullptr;
  node->value = expression();
  if (node->value == nullptr) return nullptr;
  if (!version_at_least(12, "Type statement is")) return nullptr;
  return finish(node);
}

Stmt* Parser::return_stmt() {
  int first = pos_++;
  Return* node = start<Return>(first);
  if (second_pass_ || (peek() != Tok::NEWLINE && peek() != Tok::SEMI)) {
    int save = pos_;
    node->value = star_expressions();
    if (stopped_) return nullptr;
    if (node->value == nullptr) pos_ = save;
  }
  return finish(node);
}

Stmt* Parser::raise_stmt() {
  int first = pos_++;
  Raise* node = start<Raise>(first);
  if (peek() == Tok::NEWLINE || peek() == Tok::SEMI) return finish(node);
  int save = pos_;
  node->exc = expression();
  if (stopped_) return nullptr;
  if (node->exc == nullptr) {
    pos_ = save;
    return finish(node);
  }
  if (peek() == Tok::k_from) {
    save = pos_++;
    node->cause = expression();
    if (stopped_) return nullptr;
    if (node->cause == nullptr) pos_ = save;
  }
  return finish(node);
}

Stmt* Parser::del_stmt() {
  int first = pos_++;
  List<Expr*> targets(*this);
  bool good = true;
  while (true) {
    int save = pos_;
    Expr* target = peek() == Tok::STAR ? nullptr : star_target();
    if (stopped_) return nullptr;
    if (target == nullptr || !is_del_target(target)) {
      pos_ = save;
      good = targets.size() > 0;
      break;
    }
    set_context(target, ExprContext::Del);
    targets.add(target);
    if (!accept(Tok::COMMA)) break;
    if (peek() == Tok::NEWLINE || peek() == Tok::SEMI) break;
  }
  Tok next = peek();
  if (good && (next == Tok::NEWLINE || next == Tok::SEMI)) {
    Delete* node = start<Delete>(first);
    node->targets = targets.take();
    return finish(node);
  }
  if (diagnosing_ && !stopped_) {
    pos_ = first;
    wrong_del();
    pos_ = first;
  }
  return nullptr;
}

Stmt* Parser::assert_stmt() {
  int first = pos_++;
  Assert* node = start<Assert>(first);
  node->test = expression();
  if (node->test == nullptr) return nullptr;
  if (peek() == Tok::COMMA) {
    int save = pos_++;
    node->msg = expression();
    if (stopped_) return nullptr;
    if (node->msg == nullptr) pos_ = save;
  }
  return finish(node);
}

Stmt* Parser::scope_stmt() {
  int first = pos_;
  bool global = tokens_[pos_++].type == Tok::k_global;
  List<const Identifier*> names(*this);
  while (true) {
    if (peek() != Tok::NAME) {
      if (names.size() == 0) return nullptr;
      --pos_;  // the comma does not belong
      break;
    }
    names.add(identifier(tokens_[pos_++]));
    if (!accept(Tok::COMMA)) break;
  }
  if (stopped_) return nullptr;
  if (global) {
    Global* node = start<Global>(first);
    node->names = names.take();
    return finish(node);
  }
  Nonlocal* node = start<Nonlocal>(first);
  node->names = names.take();
  return finish(node);
}

// ---- Imports ----

const Identifier* Parser::dotted_name() {
  if (peek() != Tok::NAME) return nullptr;
  const Identifier* name = identifier(tokens_[pos_++]);
  if (peek() != Tok::DOT) return name;
  std::string joined(name->view());
  while (peek() == Tok::DOT && peek(1) == Tok::NAME) {
    ++pos_;
    joined += '.';
    joined += identifier(tokens_[pos_++])->view();
  }
  return arena_.intern(joined);
}

Alias* Parser::dotted_as_name() {
  int first = pos_;
  if (diagnosing_) {
    wrong_alias(true);
    if (stopped_) return nullptr;
    pos_ = first;
  }
  const Identifier* name = dotted_name();
  if (name == nullptr) return nullptr;
  Alias* node = start<Alias>(first);
  node->name = name;
  if (peek() == Tok::k_as && peek(1) == Tok::NAME) {
    ++pos_;
    node->asname = identifier(tokens_[pos_++]);
  }
  return stopped_ ? nullptr : finish(node);
}

Stmt* Parser::import_name() {
  int first = pos_++;
  List<Alias*> names(*this);
  while (true) {
    int save = pos_;
    Alias* name = dotted_as_name();
    if (stopped_) return nullptr;
    if (name == nullptr) {
      if (names.size() == 0) return nullptr;
      pos_ = save - 1;
      break;
    }
    names.add(name);
    if (!accept(Tok::COMMA)) break;
  }
  Import* node = start<Import>(first);
  node->names = names.take();
  return finish(node);
}

Alias* Parser::import_from_as_name() {
  int first = pos_;
  if (diagnosing_) {
    wrong_alias(false);
    if (stopped_) return nullptr;
    pos_ = first;
  }
  if (peek() != Tok::NAME) return nullptr;
  Alias* node = start<Alias>(first);
  node->name = identifier(tokens_[pos_++]);
  if (peek() == Tok::k_as && peek(1) == Tok::NAME) {
    ++pos_;
    node->asname = identifier(tokens_[pos_++]);
  }
  return stopped_ ? nullptr : finish(node);
}

bool Parser::import_from_as_names(List<Alias*>& out) {
  while (true) {
    int save = pos_;
    Alias* name = import_from_as_name();
    if (stopped_) return false;
    if (name == nullptr) {
      if (out.size() == 0) return false;
      pos_ = save - 1;  // leaves the comma
      return true;
    }
    out.add(name);
    if (!accept(Tok::COMMA)) return !stopped_;
  }
}

// One future changes what the parser itself accepts.
void Parser::note_future(const ImportFrom* node) {
  if (node->module == nullptr || node->module->view() != "__future__") return;
  for (const Alias* name : node->names) barry_ |= name->name->view() == "barry_as_FLUFL";
}

Stmt* Parser::import_from() {
  int first = pos_++;
  ImportFrom* node = start<ImportFrom>(first);
  while (true) {
    if (accept(Tok::DOT))
      node->level += 1;
    else if (accept(Tok::ELLIPSIS))
      node->level += 3;
    else
      break;
  }
  if (peek() == Tok::NAME)
    node->module = dotted_name();
  else if (node->level == 0)
    return nullptr;
  if (!accept(Tok::k_import)) return nullptr;
  List<Alias*> names(*this);
  int targets = pos_;
  if (accept(Tok::LPAR)) {
    if (import_from_as_names(names)) {
      accept(Tok::COMMA);
      if (accept(Tok::RPAR)) {
        node->names = names.take();
        note_future(node);
        return finish(node);
      }
    }
  } else if (peek() == Tok::STAR) {
    Alias* all = start<Alias>(pos_++);
    all->name = arena_.intern("*");
    names.add(finish(all));
    node->names = names.take();
    return finish(node);
  } else if (import_from_as_names(names) && peek() != Tok::COMMA && !stopped_) {
    node->names = names.take();
    note_future(node);
    return finish(node);
  }
  if (diagnosing_ && !stopped_) {
    pos_ = targets;
    wrong_import_targets();
    pos_ = targets;
  }
  return nullptr;
}

// ---- Type comments ----

std::string_view Parser::type_comment() {
  if (peek() != Tok::TYPE_COMMENT) return {};
  return arena_.copy(tokens_[pos_++].text());
}

// After a function's colon, or alone on the body's first line.
std::string_view Parser::func_type_comment() {
  if (!flags_.type_comments) return {};
  if (peek() == Tok::NEWLINE && peek(1) == Tok::TYPE_COMMENT && peek(2) == Tok::NEWLINE &&
      peek(3) == Tok::INDENT) {
    if (stopped_) return {};
    std::string_view text = arena_.copy(tokens_[pos_ + 1].text());
    pos_ += 2;
    return text;
  }
  if (stopped_) return {};
  if (peek() == Tok::TYPE_COMMENT && peek(1) == Tok::NEWLINE && peek(2) == Tok::TYPE_COMMENT &&
      second_pass_) {
    raise_last("Cannot have two type comments on def");
    return {};
  }
  return type_comment();
}

}  // namespace dx::syntax
