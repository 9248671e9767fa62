// Pass 2: known mistakes in expressions, assignments and calls. See parser.h for when these run.
#include "syntax/parser.h"

namespace dx::syntax {

const char* expression_name(const Expr* node) {
  switch (node->kind()) {
    case ExprKind::Attribute: return "attribute";
    case ExprKind::Subscript: return "subscript";
    case ExprKind::Starred: return "starred";
    case ExprKind::Name: return "name";
    case ExprKind::List: return "list";
    case ExprKind::Tuple: return "tuple";
    case ExprKind::Lambda: return "lambda";
    case ExprKind::Call: return "function call";
    case ExprKind::BoolOp:
    case ExprKind::BinOp:
    case ExprKind::UnaryOp: return "expression";
    case ExprKind::GeneratorExp: return "generator expression";
    case ExprKind::Yield:
    case ExprKind::YieldFrom: return "yield expression";
    case ExprKind::Await: return "await expression";
    case ExprKind::ListComp: return "list comprehension";
    case ExprKind::SetComp: return "set comprehension";
    case ExprKind::DictComp: return "dict comprehension";
    case ExprKind::Dict: return "dict literal";
    case ExprKind::Set: return "set display";
    case ExprKind::JoinedStr:
    case ExprKind::FormattedValue: return "f-string expression";
    case ExprKind::TemplateStr:
    case ExprKind::Interpolation: return "t-string expression";
    case ExprKind::Constant:
      switch (as<Constant>(node)->value.kind) {
        case ConstantKind::None: return "None";
        case ConstantKind::False: return "False";
        case ConstantKind::True: return "True";
        case ConstantKind::Ellipsis: return "ellipsis";
        default: return "literal";
      }
    case ExprKind::Compare: return "comparison";
    case ExprKind::IfExp: return "conditional expression";
    case ExprKind::NamedExpr: return "named expression";
    case ExprKind::Slice: return "slice";
  }
  return "expression";
}

bool Parser::is_legacy_name(Expr* node) const {
  if (node->kind() != ExprKind::Name) return false;
  std::string_view name = as<Name>(node)->id->view();
  return name == "print" || name == "exec";
}

// An expression in whose parts no mistakes are looked for.
Expr* Parser::expression_without_diagnosis() {
  bool kept = diagnosing_;
  diagnosing_ = false;
  Expr* node = nullptr;
  int first = pos_;
  {
    // Pass 1's functions do not restore on failure; this place does.
    node = expression_plain();
    if (node == nullptr) pos_ = first;
  }
  diagnosing_ = kept;
  return node;
}

// "a" b "c": what stands between two plain strings was perhaps to be inside one.
void Parser::wrong_string_break() {
  ++pos_;
  Expr *from = nullptr, *to = nullptr;
  while (peek() != Tok::STRING && !stopped_) {
    Expr* next = expression_without_diagnosis();
    if (stopped_ || next == nullptr) return;
    if (from == nullptr) from = next;
    to = next;
  }
  if (from != nullptr && peek() == Tok::STRING) {
    raise_range(from, to, "invalid syntax. Is this intended to be part of the string?");
  }
}

void Parser::wrong_expression() {
  int first = pos_;
  if (peek() == Tok::STRING) {
    wrong_string_break();
    if (stopped_) return;
    pos_ = first;
  }
  // Two expressions side by side inside brackets. A name before a string may be a wrong string
  // prefix, and a soft keyword may begin a statement.
  bool prefix = peek() == Tok::NAME && peek(1) == Tok::STRING;
  bool soft = peek() == Tok::NAME && tokens_[pos_].soft_keyword;
  if (stopped_) return;
  Expr* left = nullptr;
  if (!prefix && !soft) {
    left = disjunction();
    if (stopped_) return;
    if (left != nullptr) {
      Expr* right = expression_without_diagnosis();
      if (stopped_) return;
      if (right != nullptr && !is_legacy_name(left) && tokens_[pos_ - 1].level != 0) {
        raise_range(left, right, "invalid syntax. Perhaps you forgot a comma?");
      }
      if (right != nullptr) return;  // it fitted, even if it was no mistake
    }
  }
  pos_ = first;
  left = disjunction();
  if (stopped_) return;
  if (left != nullptr && accept(Tok::k_if)) {
    Expr* test = disjunction();
    if (stopped_) return;
    if (test != nullptr) {
      Tok next = peek();
      if (stopped_) return;
      if (next != Tok::k_else && next != Tok::COLON) {
        raise_range(left, test, "expected 'else' after 'if' expression");
        return;
      }
      if (next == Tok::k_else) {
        int after = ++pos_;
        Expr* orelse = expression();
        if (stopped_) return;
        if (orelse == nullptr) {
          pos_ = after;
          raise_next("expected expression after 'else', but statement is given");
          return;
        }
      }
    }
  }
  pos_ = first;
  Tok statement = peek();
  if ((statement == Tok::k_pass || statement == Tok::k_break || statement == Tok::k_continue) &&
      peek(1) == Tok::k_if) {
    pos_ += 2;
    Expr* test = disjunction();
    if (stopped_) return;
    if (test != nullptr && accept(Tok::k_else) && simple_stmt() != nullptr) {
      raise_token(tokens_[first], "expected expression before 'if', but statement is given");
    }
    if (stopped_) return;
  }
  pos_ = first;
  if (peek() == Tok::k_lambda) {
    ++pos_;
    int save = pos_;
    if (peek() != Tok::COLON && parameters(Params::lambda) == nullptr) {
      if (stopped_) return;
      pos_ = save;
    }
    if (peek() == Tok::COLON) {
      int colon = pos_++;
      Tok next = peek();
      if (stopped_) return;
      // The colon ended a field's expression, so the lambda never got its body.
      if (next == Tok::FSTRING_MIDDLE || next == Tok::TSTRING_MIDDLE || next == Tok::LBRACE ||
          next == Tok::RBRACE) {
        // Only inside a string: the tokenizer has gone to text mode there.
        bool in_string = next == Tok::FSTRING_MIDDLE || next == Tok::TSTRING_MIDDLE;
        if (in_string) {
          raise_tokens(tokens_[first], tokens_[colon],
                       next == Tok::FSTRING_MIDDLE
                           ? "f-string: lambda expressions are not allowed without parentheses"
                           : "t-string: lambda expressions are not allowed without parentheses");
          return;
        }
      }
    }
  }
}

// print "x" and exec "x".
void Parser::wrong_legacy_expression() {
  if (peek() != Tok::NAME || peek(1) == Tok::LPAR || stopped_) return;
  std::string_view name = tokens_[pos_].text();
  bool legacy = name == "print" || name == "exec";
  Expr* function = name_node(ExprContext::Load);
  // The rest is read even when the name is another: reading it may meet a mistake.
  Expr* argument = star_expressions();
  if (stopped_ || argument == nullptr || !legacy) return;
  std::string word(name);
  raise_range(function, argument,
              "Missing parentheses in call to '" + word + "'. Did you mean " + word + "(...)?");
}

void Parser::wrong_named_expression() {
  void* found;
  int first = pos_;
  if (recall(Rule::wrong_named_expression, found)) {
    pos_ = first;
    return;
  }
  Expr* left = expression();
  if (stopped_) return;
  if (left != nullptr && accept(Tok::COLONEQUAL)) {
    Expr* right = expression();
    if (stopped_) return;
    if (right != nullptr) {
      raise_at(left,
               std::string("cannot use assignment expressions with ") + expression_name(left));
      return;
    }
  }
  pos_ = first;
  if (peek() == Tok::NAME && peek(1) == Tok::EQUAL) {
    Expr* name = name_node(ExprContext::Load);
    ++pos_;
    Expr* right = bitwise_or();
    if (stopped_) return;
    if (right != nullptr && peek() != Tok::EQUAL && peek() != Tok::COLONEQUAL) {
      raise_range(name, right, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
      return;
    }
  }
  if (stopped_) return;
  pos_ = first;
  Tok type = peek();
  bool excluded = type == Tok::k_True || type == Tok::k_None || type == Tok::k_False;
  if (!excluded && (type == Tok::LPAR || type == Tok::LSQB)) {
    // A list, a tuple or a generator expression may be a target of its own. Read afresh: what was
    // remembered of this bracket may have been read with mistakes ignored.
    Expr* bracketed = type == Tok::LPAR ? parenthesized() : list_or_listcomp();
    if (stopped_) return;
    if (bracketed != nullptr) {
      ExprKind kind = bracketed->kind();
      const Token& opening = tokens_[first];
      bool own = bracketed->lineno == opening.lineno && bracketed->col_offset == opening.col_offset;
      excluded = own && (kind == ExprKind::List || kind == ExprKind::Tuple ||
                         kind == ExprKind::GeneratorExp);
    }
    pos_ = first;
  }
  if (!excluded) {
    left = bitwise_or();
    if (stopped_) return;
    if (left != nullptr && accept(Tok::EQUAL)) {
      Expr* right = bitwise_or();
      if (stopped_) return;
      if (right != nullptr && peek() != Tok::EQUAL && peek() != Tok::COLONEQUAL && !stopped_) {
        raise_at(left, std::string("cannot assign to ") + expression_name(left) +
                           " here. Maybe you meant '==' instead of '='?");
        return;
      }
    }
  }
  if (stopped_) return;
  pos_ = first;
  remember(Rule::wrong_named_expression, first, nullptr);
}

// ---- Assignments ----

// The part of `node` that cannot be a target, or null.
Expr* Parser::invalid_target(Expr* node, Targets kind) {
  if (node == nullptr) return nullptr;
  auto visit = [&](Seq<Expr*> items) -> Expr* {
    for (Expr* item : items) {
      if (Expr* bad = invalid_target(item, kind)) return bad;
    }
    return nullptr;
  };
  switch (node->kind()) {
    case ExprKind::List: return visit(as<ast::List>(node)->elts);
    case ExprKind::Tuple: return visit(as<Tuple>(node)->elts);
    case ExprKind::Starred:
      if (kind == Targets::del) return node;
      return invalid_target(as<Starred>(node)->value, kind);
    case ExprKind::Compare: {
      // `for x in y` read as a comparison: its left side is the target.
      if (kind == Targets::for_) {
        Compare* compare = as<Compare>(node);
        if (compare->ops[0] == CompareOperator::In) return invalid_target(compare->left, kind);
        return nullptr;
      }
      return node;
    }
    case ExprKind::Name:
    case ExprKind::Subscript:
    case ExprKind::Attribute: return nullptr;
    default: return node;
  }
}

// A list or tuple, however often bracketed, in front of an annotation.
Expr* Parser::annotation_target() {
  int first = pos_;
  Tok type = peek();
  if (type == Tok::LSQB || type == Tok::LPAR) {
    Expr* node = atom();
    if (stopped_) return nullptr;
    if (node != nullptr && (node->kind() == ExprKind::List || node->kind() == ExprKind::Tuple))
      return node;
  }
  pos_ = first;
  return nullptr;
}

void Parser::wrong_assignment() {
  int first = pos_;
  Expr* target = annotation_target();
  if (stopped_) return;
  if (target != nullptr && accept(Tok::COLON)) {
    if (expression() != nullptr) {
      raise_at(target, std::string("only single target (not ") + expression_name(target) +
                           ") can be annotated");
      return;
    }
  }
  if (stopped_) return;
  pos_ = first;
  target = star_named_expression();
  if (stopped_) return;
  if (target != nullptr && accept(Tok::COMMA)) {
    while (true) {
      int save = pos_;
      List<Expr*> rest(*this);
      bool good = star_named_expressions(rest);
      if (stopped_) return;
      if (!good) {
        pos_ = save;
        break;
      }
    }
    if (accept(Tok::COLON) && expression() != nullptr) {
      raise_at(target, "only single target (not tuple) can be annotated");
      return;
    }
  }
  if (stopped_) return;
  pos_ = first;
  target = expression();
  if (stopped_) return;
  if (target != nullptr && accept(Tok::COLON) && expression() != nullptr) {
    raise_at(target, "illegal target for annotation");
    return;
  }
  if (stopped_) return;

  pos_ = first;
  auto skip_targets = [&] {
    while (true) {
      int save = pos_;
      Expr* one = star_targets();
      if (stopped_) return;
      if (one == nullptr || !accept(Tok::EQUAL)) {
        pos_ = save;
        return;
      }
    }
  };
  skip_targets();
  if (stopped_) return;
  int after_targets = pos_;
  Expr* value = star_expressions();
  if (stopped_) return;
  if (value != nullptr && accept(Tok::EQUAL)) {
    if (Expr* bad = invalid_target(value, Targets::star)) {
      raise_at(bad, std::string("cannot assign to ") + expression_name(bad));
    }
    return;
  }
  if (stopped_) return;
  pos_ = after_targets;
  value = peek() == Tok::k_yield ? yield_expr() : nullptr;
  if (stopped_) return;
  if (value != nullptr && accept(Tok::EQUAL)) {
    raise_at(value, "assignment to yield expression not possible");
    return;
  }
  if (stopped_) return;
  pos_ = first;
  value = star_expressions();
  if (stopped_) return;
  if (value != nullptr) {
    switch (peek()) {
      case Tok::PLUSEQUAL:
      case Tok::MINEQUAL:
      case Tok::STAREQUAL:
      case Tok::ATEQUAL:
      case Tok::SLASHEQUAL:
      case Tok::PERCENTEQUAL:
      case Tok::AMPEREQUAL:
      case Tok::VBAREQUAL:
      case Tok::CIRCUMFLEXEQUAL:
      case Tok::LEFTSHIFTEQUAL:
      case Tok::RIGHTSHIFTEQUAL:
      case Tok::DOUBLESTAREQUAL:
      case Tok::DOUBLESLASHEQUAL:
        ++pos_;
        if (annotated_rhs() != nullptr) {
          raise_at(value, std::string("'") + expression_name(value) +
                              "' is an illegal expression for augmented assignment");
        }
        return;
      default: break;
    }
  }
}

void Parser::wrong_del() {
  ++pos_;
  Expr* value = star_expressions();
  if (stopped_ || value == nullptr) return;
  if (Expr* bad = invalid_target(value, Targets::del)) {
    raise_at(bad, std::string("cannot delete ") + expression_name(bad));
  }
}

// ---- Calls ----

namespace {
// The last thing a comprehension clause says.
const Located* last_of(const Comprehension* clause) {
  return clause->ifs.empty() ? clause->iter : clause->ifs.back();
}
}  // namespace

void Parser::wrong_arguments() {
  int first = pos_;
  // f(**a, *b)
  {
    CallParts parts;
    if (args(parts) && parts.keywords.size > 0 && peek() == Tok::COMMA) {
      const Token comma = tokens_[pos_++];
      int items = 0;
      while (peek() == Tok::STAR) {
        Expr* item = starred_expression();
        if (stopped_) return;
        if (item == nullptr || peek() == Tok::EQUAL) break;
        ++items;
        int save = pos_;
        if (!accept(Tok::COMMA) || peek() != Tok::STAR) {
          pos_ = save;
          break;
        }
      }
      if (stopped_) return;
      if (items > 0) {
        raise_from(comma.lineno, comma.col_offset,
                   "iterable argument unpacking follows keyword argument unpacking");
        return;
      }
    }
    if (stopped_) return;
  }
  // f(x for x in y, 1)
  pos_ = first;
  Expr* item = expression();
  if (stopped_) return;
  Seq<Comprehension*> clauses;
  if (item != nullptr && at_for() && for_if_clauses(clauses) && accept(Tok::COMMA)) {
    int save = pos_;
    CallParts rest;
    if (!args(rest)) {
      if (stopped_) return;
      pos_ = save;
      Expr* second = expression();
      if (stopped_) return;
      Seq<Comprehension*> more;
      if (second != nullptr) for_if_clauses(more);
      if (stopped_) return;
    }
    raise_range(item, last_of(clauses.back()), "Generator expression must be parenthesized");
    return;
  }
  if (stopped_) return;
  // f(x=i for i in y)
  pos_ = first;
  if (peek() == Tok::NAME && peek(1) == Tok::EQUAL) {
    pos_ += 2;
    Expr* value = expression();
    if (stopped_) return;
    if (value != nullptr && for_if_clauses(clauses)) {
      raise_tokens(tokens_[first], tokens_[first + 1],
                   "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
      return;
    }
  }
  if (stopped_) return;
  // f(1, x for x in y)
  pos_ = first;
  CallParts parts;
  bool some = args(parts);
  if (stopped_) return;
  if (some) {
    int after = pos_;
    if (for_if_clauses(clauses)) {
      if (parts.args.size > 1) {
        raise_range(parts.args.back(), last_of(clauses.back()),
                    "Generator expression must be parenthesized");
      }
      return;
    }
    if (stopped_) return;
    pos_ = after;
    if (accept(Tok::COMMA)) {
      int save = pos_;
      item = expression();
      if (stopped_) return;
      if (item != nullptr && for_if_clauses(clauses)) {
        raise_range(item, last_of(clauses.back()), "Generator expression must be parenthesized");
        return;
      }
      if (stopped_) return;
      pos_ = save;
      CallParts rest;
      if (args(rest)) {
        bool unpacking = false;
        for (Keyword* keyword : parts.keywords) unpacking |= keyword->arg == nullptr;
        raise_last(unpacking ? "positional argument follows keyword argument unpacking"
                             : "positional argument follows keyword argument");
        return;
      }
    }
  }
}

void Parser::wrong_keyword_argument() {
  int first = pos_;
  Tok type = peek();
  if (type == Tok::DOUBLESTAR) {
    ++pos_;
    if (expression() == nullptr || !accept(Tok::EQUAL)) return;
    Expr* value = expression();
    if (stopped_ || value == nullptr) return;
    const Token& stars = tokens_[first];
    raise(ErrorKind::syntax_error, stars.lineno, stars.col_offset + 1, value->end_lineno,
          value->end_col_offset + 1, "cannot assign to keyword argument unpacking");
    return;
  }
  if ((type == Tok::k_True || type == Tok::k_False || type == Tok::k_None) &&
      peek(1) == Tok::EQUAL) {
    raise_tokens(tokens_[first], tokens_[first + 1],
                 "cannot assign to " + std::string(tokens_[first].text()));
    return;
  }
  if (stopped_) return;
  if (type == Tok::NAME && peek(1) == Tok::EQUAL) {
    pos_ += 2;
    Expr* value = expression();
    if (stopped_) return;
    Seq<Comprehension*> clauses;
    if (value != nullptr && for_if_clauses(clauses)) {
      raise_tokens(tokens_[first], tokens_[first + 1],
                   "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
      return;
    }
    if (stopped_) return;
    pos_ = first + 2;
    if (peek() == Tok::COMMA || peek() == Tok::RPAR) {
      raise_tokens(tokens_[first], tokens_[first + 1], "expected argument value expression");
    }
    return;
  }
  if (stopped_) return;
  Expr* value = expression();
  if (stopped_) return;
  if (value != nullptr && peek() == Tok::EQUAL) {
    const Token equal = tokens_[pos_];
    raise(ErrorKind::syntax_error, value->lineno, value->col_offset + 1, equal.end_lineno,
          equal.end_col_offset + 1,
          "expression cannot contain assignment, perhaps you meant \"==\"?");
  }
}

void Parser::wrong_starred_expression() {
  int first = pos_++;
  Expr* value = expression();
  if (stopped_) return;
  if (value != nullptr && accept(Tok::EQUAL)) {
    Expr* right = expression();
    if (stopped_) return;
    if (right != nullptr) {
      const Token& star = tokens_[first];
      raise(ErrorKind::syntax_error, star.lineno, star.col_offset + 1, right->end_lineno,
            right->end_col_offset + 1, "cannot assign to iterable argument unpacking");
    }
  }
}

// ---- Brackets ----

void Parser::wrong_group() {
  int first = pos_++;
  if (peek() == Tok::STAR) {
    Expr* item = starred_expression();
    if (stopped_) return;
    if (item != nullptr && accept(Tok::RPAR)) {
      raise_at(item, "cannot use starred expression here");
      return;
    }
  }
  if (stopped_) return;
  pos_ = first + 1;
  if (accept(Tok::DOUBLESTAR)) {
    Expr* item = expression();
    if (stopped_) return;
    if (item != nullptr && accept(Tok::RPAR)) {
      raise_token(tokens_[first + 1], "cannot use double starred expression here");
    }
  }
}

void Parser::wrong_comprehension(Tok opening) {
  int first = pos_++;
  Seq<Comprehension*> clauses;
  if (peek() == Tok::STAR) {
    Expr* item = starred_expression();
    if (stopped_) return;
    if (item != nullptr && for_if_clauses(clauses)) {
      raise_at(item, "iterable unpacking cannot be used in comprehension");
      return;
    }
  }
  if (stopped_ || opening == Tok::LPAR) return;
  pos_ = first + 1;
  Expr* item = star_named_expression();
  if (stopped_) return;
  if (item == nullptr || peek() != Tok::COMMA) return;
  const Token comma = tokens_[pos_++];
  int save = pos_;
  {
    List<Expr*> rest(*this);
    if (star_named_expressions(rest)) {
      Expr* last = rest.back();
      if (for_if_clauses(clauses)) {
        raise_range(item, last, "did you forget parentheses around the comprehension target?");
        return;
      }
    }
    if (stopped_) return;
  }
  pos_ = save;
  if (for_if_clauses(clauses)) {
    raise(ErrorKind::syntax_error, item->lineno, item->col_offset + 1, comma.end_lineno,
          comma.end_col_offset + 1, "did you forget parentheses around the comprehension target?");
  }
}

void Parser::wrong_dict_comprehension() {
  int first = pos_++;
  if (!accept(Tok::DOUBLESTAR)) return;
  Expr* value = bitwise_or();
  if (stopped_) return;
  Seq<Comprehension*> clauses;
  if (value != nullptr && for_if_clauses(clauses) && accept(Tok::RBRACE)) {
    raise_token(tokens_[first + 1], "dict unpacking cannot be used in dict comprehension");
  }
}

// Behind `{`.
void Parser::wrong_dict_items() {
  int first = pos_;
  Expr *key, *value;
  bool any = false;
  // All good items, then a comma and a bad one.
  int after_item = pos_;
  while (true) {
    if (!double_starred_kvpair(key, value)) {
      if (stopped_) return;
      break;
    }
    any = true;
    after_item = pos_;
    if (!accept(Tok::COMMA)) break;
  }
  if (stopped_) return;
  if (any) {
    pos_ = after_item;
    if (accept(Tok::COMMA)) {
      wrong_dict_item();
      if (stopped_) return;
    }
  }
  pos_ = first;
  Expr* only = expression();
  if (stopped_ || only == nullptr || peek() != Tok::COLON) return;
  wrong_dict_value(pos_);
}

void Parser::wrong_dict_item() {
  Expr* key = expression();
  if (stopped_ || key == nullptr) return;
  if (peek() != Tok::COLON) {
    wrong_dict_key(key);
    return;
  }
  wrong_dict_value(pos_);
}

// These two run in pass 1 too: CPython names mistakes in a dict as soon as it meets them.

// A key that no colon follows, behind other items.
void Parser::wrong_dict_key(Expr* key) {
  if (stopped_) return;
  raise(ErrorKind::syntax_error, key->lineno, key->end_col_offset, key->end_lineno, 0,
        "':' expected after dictionary key");
}

// Behind a key's colon, where no expression begins.
void Parser::wrong_dict_value(int colon_at) {
  if (stopped_) return;
  const Token colon = tokens_[colon_at];
  pos_ = colon_at + 1;
  if (peek() == Tok::STAR) {
    const Token star = tokens_[pos_++];
    Expr* starred = bitwise_or();
    if (stopped_) return;
    if (starred != nullptr) {
      raise_from(star.lineno, star.col_offset,
                 "cannot use a starred expression in a dictionary value");
    }
    return;
  }
  if (peek() == Tok::RBRACE || peek() == Tok::COMMA) {
    raise_token(colon, "expression expected after dictionary key and ':'");
  }
}

// ---- Operators ----

// At `not` behind an arithmetic operator.
void Parser::wrong_arithmetic() {
  int first = pos_;
  Expr* operand = inversion();
  if (stopped_) return;
  if (operand != nullptr) {
    const Token& token = tokens_[first];
    raise(ErrorKind::syntax_error, token.lineno, token.col_offset + 1, operand->end_lineno,
          operand->end_col_offset + 1, "'not' after an operator must be parenthesized");
    return;
  }
  pos_ = first;
}

void Parser::wrong_factor() {
  int first = pos_++;
  Expr* operand = factor();
  if (stopped_) return;
  if (operand != nullptr) {
    const Token& token = tokens_[first];
    raise(ErrorKind::syntax_error, token.lineno, token.col_offset + 1, operand->end_lineno,
          operand->end_col_offset + 1, "'not' after an operator must be parenthesized");
    return;
  }
  pos_ = first;
}

// ---- Targets of for ----

void Parser::wrong_for_if_clause() {
  accept(Tok::k_async);
  if (!accept(Tok::k_for)) return;
  Expr* item = bitwise_or();
  if (stopped_ || item == nullptr) return;
  while (accept(Tok::COMMA)) {
    int save = pos_;
    item = bitwise_or();
    if (stopped_) return;
    if (item == nullptr) {
      pos_ = save;
      break;
    }
  }
  if (stopped_) return;
  if (peek() != Tok::k_in && !stopped_) raise_last("'in' expected after for-loop variables");
}

void Parser::wrong_for_target() {
  accept(Tok::k_async);
  if (!accept(Tok::k_for)) return;
  Expr* value = star_expressions();
  if (stopped_ || value == nullptr) return;
  if (Expr* bad = invalid_target(value, Targets::for_)) {
    raise_at(bad, std::string("cannot assign to ") + expression_name(bad));
  }
}

// ---- Replacement fields; at `{` ----

void Parser::wrong_replacement_field(bool templated) {
  std::string prefix = templated ? "t-string: " : "f-string: ";
  int first = pos_++;
  Tok type = peek();
  if (stopped_) return;
  if (type == Tok::EQUAL || type == Tok::EXCLAMATION || type == Tok::COLON || type == Tok::RBRACE) {
    raise_token(tokens_[pos_], prefix + "valid expression required before '" +
                                   std::string(tokens_[pos_].text()) + "'");
    return;
  }
  Expr* value = annotated_rhs();
  if (stopped_) return;
  if (value == nullptr) {
    pos_ = first + 1;
    raise_next(prefix + "expecting a valid expression after '{'");
    return;
  }
  auto field_end = [](Tok t) {
    return t == Tok::EXCLAMATION || t == Tok::COLON || t == Tok::RBRACE;
  };
  Tok next = peek();
  if (stopped_) return;
  if (next != Tok::EQUAL && !field_end(next)) {
    raise_next(prefix + "expecting '=', or '!', or ':', or '}'");
    return;
  }
  if (next == Tok::EQUAL) {
    ++pos_;
    next = peek();
    if (stopped_) return;
    if (!field_end(next)) {
      raise_next(prefix + "expecting '!', or ':', or '}'");
      return;
    }
  }
  if (next == Tok::EXCLAMATION) {
    ++pos_;
    next = peek();
    if (stopped_) return;
    if (next == Tok::COLON || next == Tok::RBRACE) {
      raise_next(prefix + "missing conversion character");
      return;
    }
    if (next != Tok::NAME) {
      raise_next(prefix + "invalid conversion character");
      return;
    }
    ++pos_;
    next = peek();
    if (stopped_) return;
    if (next != Tok::COLON && next != Tok::RBRACE) {
      raise_next(prefix + "expecting ':' or '}'");
      return;
    }
  }
  if (next == Tok::COLON) {
    int colon = pos_++;
    // A t-string's specs are read here by the f-string's rules, as CPython does.
    Expr* spec = format_spec(colon, false, false);
    if (stopped_ || spec == nullptr) return;
    if (peek() != Tok::RBRACE) {
      if (stopped_) return;
      raise_next(prefix + "expecting '}', or format specs");
      return;
    }
  } else if (next != Tok::RBRACE) {
    raise_next(prefix + "expecting '}'");
  }
}

}  // namespace dx::syntax
