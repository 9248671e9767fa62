// Expressions, call arguments, comprehensions and assignment targets.
#include "syntax/parser.h"

namespace dx::syntax {
namespace {

struct BinaryOperator {
  int8_t precedence;  // 0: no binary operator
  Operator op;
};

enum : int8_t { kOr = 1, kXor, kAnd, kShift, kSum, kTerm };

BinaryOperator binary_operator(Tok type) {
  switch (type) {
    case Tok::VBAR: return {kOr, Operator::BitOr};
    case Tok::CIRCUMFLEX: return {kXor, Operator::BitXor};
    case Tok::AMPER: return {kAnd, Operator::BitAnd};
    case Tok::LEFTSHIFT: return {kShift, Operator::LShift};
    case Tok::RIGHTSHIFT: return {kShift, Operator::RShift};
    case Tok::PLUS: return {kSum, Operator::Add};
    case Tok::MINUS: return {kSum, Operator::Sub};
    case Tok::STAR: return {kTerm, Operator::Mult};
    case Tok::SLASH: return {kTerm, Operator::Div};
    case Tok::DOUBLESLASH: return {kTerm, Operator::FloorDiv};
    case Tok::PERCENT: return {kTerm, Operator::Mod};
    case Tok::AT: return {kTerm, Operator::MatMult};
    default: return {0, Operator::Add};
  }
}

// Whether an expression may begin with this token; what cannot is not worth trying after a comma.
bool begins_expression(Tok type) {
  switch (type) {
    case Tok::NAME:
    case Tok::NUMBER:
    case Tok::STRING:
    case Tok::FSTRING_START:
    case Tok::TSTRING_START:
    case Tok::LPAR:
    case Tok::LSQB:
    case Tok::LBRACE:
    case Tok::PLUS:
    case Tok::MINUS:
    case Tok::TILDE:
    case Tok::ELLIPSIS:
    case Tok::k_True:
    case Tok::k_False:
    case Tok::k_None:
    case Tok::k_not:
    case Tok::k_lambda:
    case Tok::k_await: return true;
    default: return false;
  }
}

}  // namespace

// ---- Lists of expressions ----

Expr* Parser::expressions() {
  int first = pos_;
  Expr* only = expression();
  if (only == nullptr || peek() != Tok::COMMA) return only;
  List<Expr*> items(*this);
  items.add(only);
  while (accept(Tok::COMMA)) {
    int save = pos_;
    Expr* item = second_pass_ || begins_expression(peek()) ? expression() : nullptr;
    if (item == nullptr) {
      if (stopped_) return nullptr;
      pos_ = save;
      break;
    }
    items.add(item);
  }
  Tuple* tuple = start<Tuple>(first);
  tuple->elts = items.take();
  return finish(tuple);
}

Expr* Parser::star_expressions() {
  int first = pos_;
  Expr* only = star_expression();
  if (only == nullptr || peek() != Tok::COMMA) return stopped_ ? nullptr : only;
  List<Expr*> items(*this);
  items.add(only);
  while (accept(Tok::COMMA)) {
    int save = pos_;
    Expr* item = second_pass_ || peek() == Tok::STAR || begins_expression(peek())
                     ? star_expression()
                     : nullptr;
    if (item == nullptr) {
      if (stopped_) return nullptr;
      pos_ = save;
      break;
    }
    items.add(item);
  }
  Tuple* tuple = start<Tuple>(first);
  tuple->elts = items.take();
  return finish(tuple);
}

Expr* Parser::star_expression() {
  auto parse_it = [&]() -> Expr* {
    int first = pos_;
    if (!accept(Tok::STAR)) return expression();
    Starred* node = start<Starred>(first);
    node->value = bitwise_or();
    if (node->value != nullptr) return finish(node);
    if (stopped_) return nullptr;
    pos_ = first;
    return second_pass_ ? expression() : nullptr;
  };
  return second_pass_ ? memoized<Expr>(Rule::star_expression, parse_it) : parse_it();
}

Expr* Parser::star_named_expression() {
  int first = pos_;
  if (!accept(Tok::STAR)) return named_expression();
  Starred* node = start<Starred>(first);
  node->value = bitwise_or();
  if (node->value != nullptr) return finish(node);
  if (stopped_) return nullptr;
  pos_ = first;
  return second_pass_ ? named_expression() : nullptr;
}

// One or more, with an optional comma at the end.
bool Parser::star_named_expressions(List<Expr*>& out) {
  Expr* item = star_named_expression();
  if (item == nullptr) return false;
  out.add(item);
  while (accept(Tok::COMMA)) {
    int save = pos_;
    item = second_pass_ || peek() == Tok::STAR || begins_expression(peek())
               ? star_named_expression()
               : nullptr;
    if (item == nullptr) {
      if (stopped_) return false;
      pos_ = save;
      break;
    }
    out.add(item);
  }
  return !stopped_;
}

Expr* Parser::assignment_expression() {
  if (peek() != Tok::NAME || peek(1) != Tok::COLONEQUAL) return nullptr;
  int first = pos_;
  Name* target = name_node(ExprContext::Store);
  ++pos_;
  NamedExpr* node = start<NamedExpr>(first);
  node->target = target;
  node->value = expression();
  if (node->value == nullptr) return nullptr;
  if (!version_at_least(8, "Assignment expressions are")) return nullptr;
  return finish(node);
}

Expr* Parser::assignment_or_expression() {
  if (peek() == Tok::NAME && peek(1) == Tok::COLONEQUAL) return assignment_expression();
  Expr* node = expression();
  if (node == nullptr || peek() == Tok::COLONEQUAL) return nullptr;
  return stopped_ ? nullptr : node;
}

Expr* Parser::named_expression() {
  return diagnosing_ ? named_expression_diagnosing() : assignment_or_expression();
}

Expr* Parser::named_expression_diagnosing() {
  int first = pos_;
  if (peek() == Tok::NAME && peek(1) == Tok::COLONEQUAL) return assignment_expression();
  if (stopped_) return nullptr;
  wrong_named_expression();
  if (stopped_) return nullptr;
  pos_ = first;
  Expr* node = expression();
  if (node == nullptr || peek() == Tok::COLONEQUAL) return nullptr;
  return stopped_ ? nullptr : node;
}

Expr* Parser::annotated_rhs() { return peek() == Tok::k_yield ? yield_expr() : star_expressions(); }

Expr* Parser::yield_expr() {
  int first = pos_;
  if (!accept(Tok::k_yield)) return nullptr;
  if (peek() == Tok::k_from) {
    ++pos_;
    YieldFrom* node = start<YieldFrom>(first);
    node->value = expression();
    if (node->value != nullptr) return finish(node);
    if (stopped_) return nullptr;
    pos_ = first + 1;
  }
  Yield* node = start<Yield>(first);
  int save = pos_;
  if (second_pass_ || peek() == Tok::STAR || begins_expression(peek())) {
    node->value = star_expressions();
    if (stopped_) return nullptr;
    if (node->value == nullptr) pos_ = save;
  }
  return stopped_ ? nullptr : finish(node);
}

// ---- Conditionals and boolean operators ----

Expr* Parser::expression() {
  Deeper deeper(*this);
  if (too_deep()) return nullptr;
  return second_pass_ ? expression_second() : expression_plain();
}

Expr* Parser::expression_plain() {
  if (peek() == Tok::k_lambda) return lambda();
  int first = pos_;
  Expr* body = disjunction();
  if (body == nullptr || peek() != Tok::k_if) return body;
  int save = pos_++;
  Expr* test = disjunction();
  if (test != nullptr && accept(Tok::k_else)) {
    if (Expr* orelse = expression()) {
      IfExp* node = start<IfExp>(first);
      node->test = test;
      node->body = body;
      node->orelse = orelse;
      return finish(node);
    }
  }
  if (stopped_) return nullptr;
  pos_ = save;
  return body;
}

Expr* Parser::expression_second() {
  return memoized<Expr>(Rule::expression, [&]() -> Expr* {
    int first = pos_;
    if (diagnosing_) {
      wrong_expression();
      if (stopped_) return nullptr;
      pos_ = first;
      wrong_legacy_expression();
      if (stopped_) return nullptr;
      pos_ = first;
    }
    return expression_plain();
  });
}

namespace {
constexpr int kNoPrecedence = 0;
}

Expr* Parser::disjunction() {
  auto parse_it = [&]() -> Expr* {
    int first = pos_;
    Expr* left = conjunction();
    if (left == nullptr || peek() != Tok::k_or) return stopped_ ? nullptr : left;
    List<Expr*> values(*this);
    values.add(left);
    while (peek() == Tok::k_or) {
      int save = pos_++;
      Expr* right = conjunction();
      if (right == nullptr) {
        if (stopped_) return nullptr;
        pos_ = save;
        break;
      }
      values.add(right);
    }
    if (stopped_) return nullptr;
    if (values.size() == 1) return left;
    BoolOp* node = start<BoolOp>(first);
    node->op = BoolOperator::Or;
    node->values = values.take();
    return finish(node);
  };
  return second_pass_ ? memoized<Expr>(Rule::disjunction, parse_it) : parse_it();
}

Expr* Parser::conjunction() {
  auto parse_it = [&]() -> Expr* {
    int first = pos_;
    Expr* left = inversion();
    if (left == nullptr || peek() != Tok::k_and) return stopped_ ? nullptr : left;
    List<Expr*> values(*this);
    values.add(left);
    while (peek() == Tok::k_and) {
      int save = pos_++;
      Expr* right = inversion();
      if (right == nullptr) {
        if (stopped_) return nullptr;
        pos_ = save;
        break;
      }
      values.add(right);
    }
    if (stopped_) return nullptr;
    if (values.size() == 1) return left;
    BoolOp* node = start<BoolOp>(first);
    node->op = BoolOperator::And;
    node->values = values.take();
    return finish(node);
  };
  return second_pass_ ? memoized<Expr>(Rule::conjunction, parse_it) : parse_it();
}

Expr* Parser::inversion() {
  if (peek() != Tok::k_not) return comparison();
  Deeper deeper(*this);
  if (too_deep()) return nullptr;
  auto parse_it = [&]() -> Expr* {
    int first = pos_++;
    Expr* operand = inversion();
    if (operand == nullptr) return nullptr;
    UnaryOp* node = start<UnaryOp>(first);
    node->op = UnaryOperator::Not;
    node->operand = operand;
    return finish(node);
  };
  return second_pass_ ? memoized<Expr>(Rule::inversion, parse_it) : parse_it();
}

Expr* Parser::comparison() {
  int first = pos_;
  Expr* left = bitwise_or();
  if (left == nullptr) return nullptr;
  CompareOperator ops_inline[8];
  std::vector<CompareOperator> ops_many;
  size_t count = 0;
  List<Expr*> comparators(*this);
  while (true) {
    int save = pos_;
    CompareOperator op;
    switch (peek()) {
      case Tok::EQEQUAL: op = CompareOperator::Eq; break;
      case Tok::NOTEQUAL:
        if (barry_) {
          raise_last("with Barry as BDFL, use '<>' instead of '!='");
          return nullptr;
        }
        op = CompareOperator::NotEq;
        break;
      case Tok::LESSEQUAL: op = CompareOperator::LtE; break;
      case Tok::LESS:
        op = CompareOperator::Lt;
        if ((diagnosing_ || barry_) && peek(1) == Tok::GREATER &&
            tokens_[pos_].end == tokens_[pos_ + 1].start) {
          // `<>` is an operator only under the joke future, which in turn takes `!=` away.
          if (!barry_) {
            return raise_tokens(tokens_[pos_], tokens_[pos_ + 1],
                                "invalid syntax.  Maybe you meant '!=' instead of '<>'?");
          }
          ++pos_;
          op = CompareOperator::NotEq;
        }
        break;
      case Tok::GREATEREQUAL: op = CompareOperator::GtE; break;
      case Tok::GREATER: op = CompareOperator::Gt; break;
      case Tok::k_in: op = CompareOperator::In; break;
      case Tok::k_not:
        if (peek(1) != Tok::k_in) goto done;
        ++pos_;
        op = CompareOperator::NotIn;
        break;
      case Tok::k_is:
        op = CompareOperator::Is;
        if (peek(1) == Tok::k_not) {
          // `is not x`, unless what follows only makes sense as `is (not x)`, which it never does.
          ++pos_;
          op = CompareOperator::IsNot;
        }
        break;
      default: goto done;
    }
    ++pos_;
    Expr* right = bitwise_or();
    if (right == nullptr) {
      if (stopped_) return nullptr;
      pos_ = save;
      break;
    }
    comparators.add(right);
    if (count < 8)
      ops_inline[count] = op;
    else
      ops_many.push_back(op);
    ++count;
  }
done:
  if (stopped_) return nullptr;
  if (count == 0) return left;
  Compare* node = start<Compare>(first);
  node->left = left;
  node->comparators = comparators.take();
  node->ops = arena_.make_seq<CompareOperator>(count);
  for (size_t i = 0; i < count; ++i) node->ops[i] = i < 8 ? ops_inline[i] : ops_many[i - 8];
  return finish(node);
}

// ---- Arithmetic ----

Expr* Parser::bitwise_or() {
  if (!second_pass_) return binary(kOr);
  return memoized<Expr>(Rule::bitwise_or, [&] { return binary(kOr); });
}

// Operands joined by operators of at least this precedence, grouped to the left.
Expr* Parser::binary(int min_precedence) {
  int first = pos_;
  Expr* left = factor();
  if (left == nullptr) return nullptr;
  while (true) {
    BinaryOperator next = binary_operator(peek());
    if (next.precedence == kNoPrecedence || next.precedence < min_precedence) break;
    int save = pos_++;
    if (diagnosing_ && next.precedence >= kSum && peek() == Tok::k_not) {
      wrong_arithmetic();
      if (stopped_) return nullptr;
    }
    Expr* right = binary(next.precedence + 1);
    if (right == nullptr) {
      if (stopped_) return nullptr;
      pos_ = save;
      break;
    }
    if (next.op == Operator::MatMult && !version_at_least(5, "The '@' operator is")) return nullptr;
    BinOp* node = start<BinOp>(first);
    node->left = left;
    node->op = next.op;
    node->right = right;
    left = finish(node);
  }
  return stopped_ ? nullptr : left;
}

Expr* Parser::factor() {
  switch (peek()) {
    case Tok::PLUS:
    case Tok::MINUS:
    case Tok::TILDE: break;
    default: return second_pass_ ? memoized<Expr>(Rule::factor, [&] { return power(); }) : power();
  }
  Deeper deeper(*this);
  if (too_deep()) return nullptr;
  return second_pass_ ? memoized<Expr>(Rule::factor, [&] { return factor_plain(); })
                      : factor_plain();
}

Expr* Parser::factor_plain() {
  int first = pos_;
  Tok sign = tokens_[pos_++].type;
  if (diagnosing_ && peek() == Tok::k_not) {
    wrong_factor();
    if (stopped_) return nullptr;
  }
  Expr* operand = factor();
  if (operand == nullptr) return nullptr;
  UnaryOp* node = start<UnaryOp>(first);
  node->op = sign == Tok::PLUS    ? UnaryOperator::UAdd
             : sign == Tok::MINUS ? UnaryOperator::USub
                                  : UnaryOperator::Invert;
  node->operand = operand;
  return finish(node);
}

Expr* Parser::power() {
  int first = pos_;
  Expr* base = await_primary();
  if (base == nullptr || peek() != Tok::DOUBLESTAR) return stopped_ ? nullptr : base;
  Deeper deeper(*this), twice(*this);
  if (too_deep()) return nullptr;
  int save = pos_++;
  Expr* exponent = factor();
  if (exponent == nullptr) {
    if (stopped_) return nullptr;
    pos_ = save;
    return base;
  }
  BinOp* node = start<BinOp>(first);
  node->left = base;
  node->op = Operator::Pow;
  node->right = exponent;
  return finish(node);
}

Expr* Parser::await_primary() {
  if (peek() != Tok::k_await) return primary();
  int first = pos_++;
  Expr* value = primary();
  if (value == nullptr) return nullptr;
  if (!version_at_least(5, "Await expressions are")) return nullptr;
  Await* node = start<Await>(first);
  node->value = value;
  return finish(node);
}

Expr* Parser::primary() {
  if (!second_pass_) return primary_plain();
  return memoized<Expr>(Rule::primary, [&] { return primary_plain(); });
}

Expr* Parser::primary_plain(Suffixes suffixes) {
  int first = pos_;
  Expr* node = atom();
  while (node != nullptr) {
    Tok next = peek();
    if (diagnosing_ && (next == Tok::LSQB || (next == Tok::LBRACE && suffixes == Suffixes::all))) {
      // Where a generator expression's brackets might stand, wrong brackets around a comprehension
      // are looked for.
      int save = pos_;
      wrong_comprehension(next);
      if (stopped_) return nullptr;
      pos_ = save;
    }
    switch (next) {
      case Tok::DOT: {
        if (peek(1) != Tok::NAME) return stopped_ ? nullptr : node;
        ++pos_;
        Attribute* attribute = start<Attribute>(first);
        attribute->value = node;
        attribute->attr = identifier(tokens_[pos_++]);
        attribute->ctx = ExprContext::Load;
        node = finish(attribute);
        break;
      }
      case Tok::LPAR: {
        int save = pos_;
        Expr* result = call(node, first);
        if (result == nullptr) {
          if (stopped_) return nullptr;
          pos_ = save;
          return node;
        }
        node = result;
        break;
      }
      case Tok::LSQB: {
        int save = pos_++;
        Expr* index = slices();
        if (index == nullptr || !accept(Tok::RSQB)) {
          if (stopped_) return nullptr;
          pos_ = save;
          return node;
        }
        Subscript* subscript = start<Subscript>(first);
        subscript->value = node;
        subscript->slice = index;
        subscript->ctx = ExprContext::Load;
        node = finish(subscript);
        break;
      }
      default: return stopped_ ? nullptr : node;
    }
  }
  return nullptr;
}

// ---- Calls ----

// At `(` behind `func`.
Expr* Parser::call(Expr* func, int first) {
  int open = pos_;
  Call* node = start<Call>(first);
  node->func = func;
  if (peek(1) == Tok::RPAR) {
    pos_ += 2;
    return finish(node);
  }
  if (second_pass_) {
    // A lone generator expression is tried first, as a whole bracket.
    Expr* generator = nullptr;
    ++pos_;
    Expr* element = nullptr;
    if (peek() == Tok::NAME && peek(1) == Tok::COLONEQUAL)
      element = assignment_expression();
    else if (!stopped_)
      element = assignment_or_expression();
    if (stopped_) return nullptr;
    Seq<Comprehension*> clauses;
    if (element != nullptr && at_for() && for_if_clauses(clauses) && accept(Tok::RPAR)) {
      GeneratorExp* whole = start<GeneratorExp>(open);
      whole->elt = element;
      whole->generators = clauses;
      generator = finish(whole);
    }
    if (stopped_) return nullptr;
    if (generator == nullptr) {
      pos_ = open;
      if (diagnosing_) wrong_comprehension(Tok::LPAR);
      if (stopped_) return nullptr;
      pos_ = open + 1;
    } else {
      node->args = arena_.make_seq<Expr*>(&generator, 1);
      return finish(node);
    }
  } else {
    ++pos_;
  }
  CallParts parts;
  if (!arguments(parts, Brackets::call)) {
    if (stopped_) return nullptr;
    if (!second_pass_) return nullptr;
    pos_ = open + 1;  // the arguments are optional to the grammar
  }
  if (!accept(Tok::RPAR)) return nullptr;
  node->args = parts.args;
  node->keywords = parts.keywords;
  // f(x for x in y): the generator's brackets are the call's.
  if (node->args.size == 1 && node->args[0]->kind() == ExprKind::GeneratorExp && !second_pass_ &&
      node->args[0]->col_offset == -2) {
    Expr* generator = node->args[0];
    generator->lineno = tokens_[open].lineno;
    generator->col_offset = tokens_[open].col_offset;
    finish(generator);
  }
  return finish(node);
}

Parser::CallParts* Parser::arguments_memoized() {
  return memoized<CallParts>(Rule::arguments, [&]() -> CallParts* {
    int first = pos_;
    CallParts* parts = new (arena_.allocate(sizeof(CallParts))) CallParts{};
    if (args(*parts)) {
      accept(Tok::COMMA);
      if (peek() == Tok::RPAR) return parts;
    }
    if (stopped_) return nullptr;
    pos_ = first;
    if (diagnosing_) wrong_arguments();
    pos_ = first;
    return nullptr;
  });
}

// What stands between call brackets, up to and without `)`.
bool Parser::arguments(CallParts& out, Brackets brackets) {
  if (second_pass_) {
    CallParts* parts = arguments_memoized();
    if (parts != nullptr) out = *parts;
    return parts != nullptr;
  }
  if (!args(out, brackets)) return false;
  accept(Tok::COMMA);
  return peek() == Tok::RPAR;
}

// Positional and starred arguments, then keywords; `*x` may follow a keyword but not `**x`. In pass
// 2 what does not belong ends the list, in pass 1 too: the caller finds no closing bracket.
bool Parser::args(CallParts& out, Brackets brackets) {
  List<Expr*> positional(*this);
  std::vector<Keyword*> keywords;
  bool seen_keyword = false, seen_double = false;
  int last_good = pos_;
  while (true) {
    int first = pos_;
    Tok type = peek();
    if (type == Tok::DOUBLESTAR) {
      if (diagnosing_) {
        wrong_keyword_argument();
        if (stopped_) return false;
        pos_ = first;
      }
      ++pos_;
      Expr* value = expression();
      if (value == nullptr) {
        if (stopped_) return false;
        pos_ = last_good;
        break;
      }
      Keyword* keyword = start<Keyword>(first);
      keyword->value = value;
      keywords.push_back(finish(keyword));
      seen_keyword = seen_double = true;
    } else if (type == Tok::STAR) {
      if (seen_double) {
        pos_ = last_good;
        break;
      }
      if (diagnosing_ && seen_keyword) {
        wrong_keyword_argument();
        if (stopped_) return false;
        pos_ = first;
      }
      Expr* value = starred_expression();
      if (value == nullptr) {
        if (stopped_) return false;
        pos_ = last_good;
        break;
      }
      positional.add(value);
    } else {
      bool named = type == Tok::NAME && peek(1) == Tok::EQUAL;
      Expr* value = nullptr;
      if (!named && !seen_keyword && !stopped_) {
        value = assignment_or_expression();
        if (stopped_) return false;
        if (value != nullptr && peek() == Tok::EQUAL) value = nullptr;
        if (value != nullptr && brackets == Brackets::call && !second_pass_ &&
            positional.size() == 0 && at_for()) {
          // A generator without brackets of its own, as the only argument; the caller knows the
          // brackets.
          Seq<Comprehension*> clauses;
          if (!for_if_clauses(clauses) || peek() != Tok::RPAR) return false;
          GeneratorExp* generator = make<GeneratorExp>(arena_);
          generator->elt = value;
          generator->generators = clauses;
          generator->col_offset = -2;
          value = generator;
        }
        if (value != nullptr) positional.add(value);
      }
      if (value == nullptr) {
        // A keyword argument, or the end.
        pos_ = first;
        if (diagnosing_) {
          // Before the keywords start, a positional argument had its chance above.
          wrong_keyword_argument();
          if (stopped_) return false;
          pos_ = first;
        }
        if (named) {
          const Token name = tokens_[pos_];
          pos_ += 2;
          Expr* keyword_value = expression();
          if (keyword_value != nullptr) {
            Keyword* keyword = start<Keyword>(first);
            keyword->arg = identifier(name);
            keyword->value = keyword_value;
            keywords.push_back(finish(keyword));
            seen_keyword = true;
            value = keyword_value;
          }
        }
        if (value == nullptr) {
          if (stopped_) return false;
          pos_ = last_good;
          break;
        }
      }
    }
    last_good = pos_;
    if (!accept(Tok::COMMA)) break;
    if (peek() == Tok::RPAR) {
      pos_ = last_good;
      break;
    }
  }
  if (stopped_ || (positional.size() == 0 && keywords.empty())) return false;
  out.args = positional.take();
  out.keywords = arena_.make_seq<Keyword*>(keywords.data(), keywords.size());
  out.present = true;
  return true;
}

Expr* Parser::starred_expression() {
  int first = pos_;
  if (!accept(Tok::STAR)) return nullptr;
  if (diagnosing_) {
    pos_ = first;
    wrong_starred_expression();
    if (stopped_) return nullptr;
    pos_ = first + 1;
  }
  Expr* value = expression();
  if (value == nullptr) {
    if (diagnosing_ && !stopped_) raise_last("Invalid star expression");
    return nullptr;
  }
  Starred* node = start<Starred>(first);
  node->value = value;
  return finish(node);
}

// ---- Subscripts ----

Expr* Parser::slices() {
  int first = pos_;
  Expr* only = peek() == Tok::STAR ? starred_expression() : slice();
  if (only == nullptr) return nullptr;
  if (only->kind() != ExprKind::Starred && peek() != Tok::COMMA) return stopped_ ? nullptr : only;
  List<Expr*> items(*this);
  items.add(only);
  while (accept(Tok::COMMA)) {
    int save = pos_;
    Expr* item = peek() == Tok::STAR   ? starred_expression()
                 : peek() == Tok::RSQB ? nullptr
                                       : slice();
    if (item == nullptr) {
      if (stopped_) return nullptr;
      pos_ = save;
      break;
    }
    items.add(item);
  }
  if (stopped_) return nullptr;
  Tuple* tuple = start<Tuple>(first);
  tuple->elts = items.take();
  return finish(tuple);
}

Expr* Parser::slice() {
  int first = pos_;
  Expr* lower = nullptr;
  if (peek() != Tok::COLON) {
    if (second_pass_) {
      lower = expression();
      if (stopped_) return nullptr;
      if (lower == nullptr || peek() != Tok::COLON) {
        pos_ = first;
        return stopped_ ? nullptr : named_expression();
      }
    } else {
      lower = named_expression();
      if (lower == nullptr || peek() != Tok::COLON || lower->kind() == ExprKind::NamedExpr) {
        // `a[x:=1]` is one item; in `a[(x:=1):2]` the bracketed one is a bound.
        bool bare = lower != nullptr && lower->kind() == ExprKind::NamedExpr &&
                    tokens_[first].type == Tok::NAME && peek() == Tok::COLON;
        if (lower == nullptr || peek() != Tok::COLON || bare) return stopped_ ? nullptr : lower;
      }
    }
  }
  ++pos_;
  Slice* node = start<Slice>(first);
  node->lower = lower;
  auto optional_bound = [&]() -> Expr* {
    int save = pos_;
    if (!second_pass_ && !begins_expression(peek())) return nullptr;
    Expr* bound = expression();
    if (bound == nullptr) pos_ = save;
    return bound;
  };
  node->upper = optional_bound();
  if (stopped_) return nullptr;
  if (accept(Tok::COLON)) {
    node->step = optional_bound();
    if (stopped_) return nullptr;
  }
  return stopped_ ? nullptr : finish(node);
}

// ---- Atoms ----

Expr* Parser::atom() {
  switch (peek()) {
    case Tok::NAME: return name_node(ExprContext::Load);
    case Tok::NUMBER: return number();
    case Tok::STRING:
    case Tok::FSTRING_START:
    case Tok::TSTRING_START: return strings();
    case Tok::LPAR:
      return second_pass_ ? memoized<Expr>(Rule::atom_group, [&] { return parenthesized(); })
                          : parenthesized();
    case Tok::LSQB:
      return second_pass_ ? memoized<Expr>(Rule::atom_group, [&] { return list_or_listcomp(); })
                          : list_or_listcomp();
    case Tok::LBRACE:
      return second_pass_ ? memoized<Expr>(Rule::atom_group, [&] { return dict_or_set_second(); })
                          : dict_or_set();
    case Tok::k_True:
    case Tok::k_False:
    case Tok::k_None:
    case Tok::ELLIPSIS: {
      Tok type = tokens_[pos_].type;
      Constant* node = start<Constant>(pos_++);
      node->value.kind = type == Tok::k_True    ? ConstantKind::True
                         : type == Tok::k_False ? ConstantKind::False
                         : type == Tok::k_None  ? ConstantKind::None
                                                : ConstantKind::Ellipsis;
      return finish(node);
    }
    default: return nullptr;
  }
}

bool Parser::at_for() {
  Tok type = peek();
  return type == Tok::k_for || (type == Tok::k_async && peek(1) == Tok::k_for);
}

// A tuple, a bracketed expression or a generator expression.
Expr* Parser::parenthesized() {
  int first = pos_++;
  if (accept(Tok::RPAR)) return finish(start<Tuple>(first));
  Expr* item = nullptr;
  if (peek() == Tok::k_yield) {
    item = yield_expr();
    if (item != nullptr && accept(Tok::RPAR)) return item;
  } else {
    item = star_named_expression();
    if (item != nullptr) {
      bool starred = item->kind() == ExprKind::Starred;
      if (peek() == Tok::RPAR && !starred) {
        ++pos_;
        return item;
      }
      if (accept(Tok::COMMA)) {
        List<Expr*> items(*this);
        items.add(item);
        int save = pos_;
        if (second_pass_ || peek() != Tok::RPAR) {
          if (!star_named_expressions(items)) {
            if (stopped_) return nullptr;
            pos_ = save;
          }
        }
        if (accept(Tok::RPAR)) {
          Tuple* tuple = start<Tuple>(first);
          tuple->elts = items.take();
          return finish(tuple);
        }
      } else if (!starred && at_for()) {
        if (diagnosing_) {
          // The bracketed expression has failed; its mistakes come before the generator's.
          int save = pos_;
          pos_ = first;
          wrong_group();
          if (stopped_) return nullptr;
          pos_ = save;
        }
        Seq<Comprehension*> clauses;
        if (for_if_clauses(clauses) && accept(Tok::RPAR)) {
          GeneratorExp* node = start<GeneratorExp>(first);
          node->elt = item;
          node->generators = clauses;
          return finish(node);
        }
      }
    }
  }
  if (diagnosing_ && !stopped_) {
    pos_ = first;
    wrong_group();
    if (stopped_) return nullptr;
    pos_ = first;
    wrong_comprehension(Tok::LPAR);
    pos_ = first;
  }
  return nullptr;
}

Expr* Parser::list_or_listcomp() {
  int first = pos_++;
  if (accept(Tok::RSQB)) return finish(start<ast::List>(first));
  Expr* item = star_named_expression();
  if (item != nullptr) {
    if (at_for() && item->kind() != ExprKind::Starred) {
      Seq<Comprehension*> clauses;
      if (for_if_clauses(clauses) && accept(Tok::RSQB)) {
        ListComp* node = start<ListComp>(first);
        node->elt = item;
        node->generators = clauses;
        return finish(node);
      }
    } else if (!stopped_) {
      List<Expr*> items(*this);
      items.add(item);
      if (accept(Tok::COMMA) && (second_pass_ || peek() != Tok::RSQB)) {
        int save = pos_;
        if (!star_named_expressions(items)) {
          if (stopped_) return nullptr;
          pos_ = save;
        }
      }
      if (accept(Tok::RSQB)) {
        ast::List* node = start<ast::List>(first);
        node->elts = items.take();
        return finish(node);
      }
    }
  }
  if (diagnosing_ && !stopped_) {
    pos_ = first;
    wrong_comprehension(Tok::LSQB);
    pos_ = first;
  }
  return nullptr;
}

bool Parser::kvpair(Expr*& key, Expr*& value) {
  key = expression();
  if (key == nullptr || !accept(Tok::COLON)) return false;
  value = expression();
  return value != nullptr;
}

bool Parser::double_starred_kvpair(Expr*& key, Expr*& value) {
  if (accept(Tok::DOUBLESTAR)) {
    key = nullptr;
    value = bitwise_or();
    return value != nullptr;
  }
  return kvpair(key, value);
}

Expr* Parser::dict_or_set() {
  int first = pos_++;
  if (accept(Tok::RBRACE)) return finish(start<Dict>(first));
  bool is_dict = peek() == Tok::DOUBLESTAR;
  Expr *key = nullptr, *value = nullptr;
  if (!is_dict) {
    key = star_named_expression();
    if (key == nullptr) return nullptr;
    is_dict = peek() == Tok::COLON && key->kind() != ExprKind::Starred &&
              !(key->kind() == ExprKind::NamedExpr && tokens_[first + 1].type == Tok::NAME);
  }
  if (is_dict) {
    List<Expr*> keys(*this);
    std::vector<Expr*> values;
    if (key != nullptr) {
      int colon = pos_++;
      value = expression();
      if (value == nullptr) {
        wrong_dict_value(colon);
        return nullptr;
      }
      if (at_for()) {
        Seq<Comprehension*> clauses;
        if (!for_if_clauses(clauses) || !accept(Tok::RBRACE)) return nullptr;
        DictComp* node = start<DictComp>(first);
        node->key = key;
        node->value = value;
        node->generators = clauses;
        return finish(node);
      }
    } else if (!double_starred_kvpair(key, value)) {
      return nullptr;
    }
    keys.add(key);
    values.push_back(value);
    while (accept(Tok::COMMA)) {
      if (peek() == Tok::RBRACE) break;
      key = nullptr;
      if (accept(Tok::DOUBLESTAR)) {
        value = bitwise_or();
        if (value == nullptr) return nullptr;
      } else {
        key = expression();
        if (key == nullptr) return nullptr;
        if (peek() != Tok::COLON) {
          wrong_dict_key(key);
          return nullptr;
        }
        int colon = pos_++;
        value = expression();
        if (value == nullptr) {
          wrong_dict_value(colon);
          return nullptr;
        }
      }
      keys.add(key);
      values.push_back(value);
    }
    if (!accept(Tok::RBRACE)) return nullptr;
    Dict* node = start<Dict>(first);
    node->keys = keys.take();
    node->values = arena_.make_seq<Expr*>(values.data(), values.size());
    return finish(node);
  }
  if (at_for()) {
    Seq<Comprehension*> clauses;
    if (key->kind() == ExprKind::Starred || !for_if_clauses(clauses) || !accept(Tok::RBRACE))
      return nullptr;
    SetComp* node = start<SetComp>(first);
    node->elt = key;
    node->generators = clauses;
    return finish(node);
  }
  List<Expr*> items(*this);
  items.add(key);
  if (accept(Tok::COMMA) && peek() != Tok::RBRACE && !star_named_expressions(items)) return nullptr;
  if (!accept(Tok::RBRACE)) return nullptr;
  Set* node = start<Set>(first);
  node->elts = items.take();
  return finish(node);
}

// The four meanings of braces one after the other, each with its mistakes.
Expr* Parser::dict_or_set_second() {
  int first = pos_++;
  Expr *key, *value;
  // dict
  int save = pos_;
  bool any = false;
  while (double_starred_kvpair(key, value)) {
    any = true;
    save = pos_;
    if (!accept(Tok::COMMA)) break;
  }
  if (stopped_) return nullptr;
  pos_ = save;
  if (any) accept(Tok::COMMA);
  if (accept(Tok::RBRACE)) return finish(start<Dict>(first));
  if (stopped_) return nullptr;
  pos_ = first + 1;
  wrong_dict_items();
  if (stopped_) return nullptr;
  // set
  pos_ = first + 1;
  {
    List<Expr*> items(*this);
    if (star_named_expressions(items) && accept(Tok::RBRACE)) {
      Set* node = start<Set>(first);
      node->elts = items.take();
      return finish(node);
    }
  }
  if (stopped_) return nullptr;
  // dict comprehension
  pos_ = first + 1;
  Seq<Comprehension*> clauses;
  if (kvpair(key, value) && for_if_clauses(clauses) && accept(Tok::RBRACE))
    return finish(start<DictComp>(first));
  if (stopped_) return nullptr;
  pos_ = first;
  if (diagnosing_) wrong_dict_comprehension();
  if (stopped_) return nullptr;
  // set comprehension
  pos_ = first + 1;
  Expr* element = named_expression();
  if (element != nullptr && for_if_clauses(clauses) && accept(Tok::RBRACE))
    return finish(start<SetComp>(first));
  if (stopped_) return nullptr;
  pos_ = first;
  if (diagnosing_) wrong_comprehension(Tok::LBRACE);
  pos_ = first;
  return nullptr;
}

Expr* Parser::lambda() {
  int first = pos_;
  if (!accept(Tok::k_lambda)) return nullptr;
  Deeper deeper(*this);
  if (too_deep()) return nullptr;
  Lambda* node = start<Lambda>(first);
  if (peek() == Tok::COLON) {
    node->args = empty_arguments();
  } else {
    node->args = parameters(Params::lambda);
    if (stopped_) return nullptr;
    if (node->args == nullptr) {
      pos_ = first + 1;
      node->args = empty_arguments();
    }
  }
  if (!accept(Tok::COLON)) return nullptr;
  node->body = expression();
  if (node->body == nullptr) return nullptr;
  return finish(node);
}

// ---- Comprehensions ----

bool Parser::for_if_clauses(Seq<Comprehension*>& out) {
  List<Comprehension*> clauses(*this);
  while (at_for()) {
    int save = pos_;
    Comprehension* clause = for_if_clause();
    if (clause == nullptr) {
      if (stopped_) return false;
      pos_ = save;
      break;
    }
    clauses.add(clause);
  }
  if (stopped_ || clauses.size() == 0) return false;
  out = clauses.take();
  return true;
}

Comprehension* Parser::for_if_clause() {
  int first = pos_;
  Comprehension* node = make<Comprehension>(arena_);
  node->is_async = accept(Tok::k_async);
  ++pos_;  // for
  node->target = star_targets();
  if (node->target != nullptr && accept(Tok::k_in)) {
    if (node->is_async && !version_at_least(6, "Async comprehensions are")) return nullptr;
    set_context(node->target, ExprContext::Store);
    node->iter = disjunction();
    // After `in` there is no way back: no other mistake is looked for.
    if (node->iter == nullptr) return nullptr;
    List<Expr*> ifs(*this);
    while (peek() == Tok::k_if) {
      int save = pos_++;
      Expr* test = disjunction();
      if (test == nullptr) {
        if (stopped_) return nullptr;
        pos_ = save;
        break;
      }
      ifs.add(test);
    }
    if (stopped_) return nullptr;
    node->ifs = ifs.take();
    return node;
  }
  if (diagnosing_ && !stopped_) {
    pos_ = first;
    wrong_for_if_clause();
    if (stopped_) return nullptr;
    pos_ = first;
    wrong_for_target();
    pos_ = first;
  }
  return nullptr;
}

// ---- Targets ----

// Targets are read as expressions and then judged: every target is one.
bool Parser::is_target(Expr* node, bool inside_star) const {
  switch (node->kind()) {
    case ExprKind::Name:
    case ExprKind::Attribute:
    case ExprKind::Subscript: return true;
    case ExprKind::Starred: return !inside_star && is_target(as<Starred>(node)->value, true);
    case ExprKind::Tuple:
      for (Expr* item : as<Tuple>(node)->elts) {
        if (!is_target(item, false)) return false;
      }
      return true;
    case ExprKind::List:
      for (Expr* item : as<ast::List>(node)->elts) {
        if (!is_target(item, false)) return false;
      }
      return true;
    default: return false;
  }
}

bool Parser::is_single_target(Expr* node) const {
  return node->kind() == ExprKind::Name || node->kind() == ExprKind::Attribute ||
         node->kind() == ExprKind::Subscript;
}

bool Parser::is_del_target(Expr* node) const {
  switch (node->kind()) {
    case ExprKind::Name:
    case ExprKind::Attribute:
    case ExprKind::Subscript: return true;
    case ExprKind::Tuple:
      for (Expr* item : as<Tuple>(node)->elts) {
        if (!is_del_target(item)) return false;
      }
      return true;
    case ExprKind::List:
      for (Expr* item : as<ast::List>(node)->elts) {
        if (!is_del_target(item)) return false;
      }
      return true;
    default: return false;
  }
}

void Parser::set_context(Expr* node, ExprContext ctx) {
  switch (node->kind()) {
    case ExprKind::Name: as<Name>(node)->ctx = ctx; break;
    case ExprKind::Attribute: as<Attribute>(node)->ctx = ctx; break;
    case ExprKind::Subscript: as<Subscript>(node)->ctx = ctx; break;
    case ExprKind::Starred:
      as<Starred>(node)->ctx = ctx;
      set_context(as<Starred>(node)->value, ctx);
      break;
    case ExprKind::Tuple:
      as<Tuple>(node)->ctx = ctx;
      for (Expr* item : as<Tuple>(node)->elts) set_context(item, ctx);
      break;
    case ExprKind::List:
      as<ast::List>(node)->ctx = ctx;
      for (Expr* item : as<ast::List>(node)->elts) set_context(item, ctx);
      break;
    default: break;
  }
}

Expr* Parser::star_target() {
  int first = pos_;
  if (accept(Tok::STAR)) {
    if (peek() == Tok::STAR) return nullptr;
    Expr* value = star_target();
    if (value == nullptr) return nullptr;
    Starred* node = start<Starred>(first);
    node->value = value;
    return finish(node);
  }
  switch (peek()) {
    case Tok::NAME:
    case Tok::LPAR:
    case Tok::LSQB:
    case Tok::NUMBER:
    case Tok::STRING:
    case Tok::FSTRING_START:
    case Tok::TSTRING_START:
    case Tok::LBRACE:
    case Tok::k_True:
    case Tok::k_False:
    case Tok::k_None:
    case Tok::ELLIPSIS: break;
    default: return nullptr;
  }
  Expr* node = second_pass_ ? memoized<Expr>(Rule::target_primary,
                                             [&] { return primary_plain(Suffixes::target); })
                            : primary_plain();
  return node == nullptr || !is_target(node, false) ? nullptr : node;
}

Expr* Parser::star_targets() {
  int first = pos_;
  Expr* only = star_target();
  if (only == nullptr || peek() != Tok::COMMA) return stopped_ ? nullptr : only;
  List<Expr*> items(*this);
  items.add(only);
  while (accept(Tok::COMMA)) {
    int save = pos_;
    Expr* item = star_target();
    if (item == nullptr) {
      if (stopped_) return nullptr;
      pos_ = save;
      break;
    }
    items.add(item);
  }
  if (stopped_) return nullptr;
  Tuple* tuple = start<Tuple>(first);
  tuple->elts = items.take();
  return finish(tuple);
}

}  // namespace dx::syntax
