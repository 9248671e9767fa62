// The match statement and its patterns.
#include "syntax/parser.h"

namespace dx::syntax {

// `match` is a statement only if the whole head fits; otherwise it was a name. Null leaves the
// position anywhere.
Stmt* Parser::match_stmt() {
  int first = pos_++;
  Expr* subject = subject_expr();
  if (stopped_) return nullptr;
  if (subject != nullptr && accept(Tok::COLON) && accept(Tok::NEWLINE) && accept(Tok::INDENT)) {
    List<MatchCase*> cases(*this);
    while (at_soft("case")) {
      int save = pos_;
      MatchCase* one = case_block();
      if (stopped_) return nullptr;
      if (one == nullptr) {
        pos_ = save;
        break;
      }
      cases.add(one);
    }
    if (cases.size() > 0 && accept(Tok::DEDENT)) {
      if (!version_at_least(10, "Pattern matching is")) return nullptr;
      Match* node = start<Match>(first);
      node->subject = subject;
      node->cases = cases.take();
      return finish(node);
    }
  }
  if (diagnosing_ && !stopped_) {
    pos_ = first;
    wrong_match();
    pos_ = first;
  }
  return nullptr;
}

// A lone starred subject needs a comma.
Expr* Parser::subject_expr() {
  int first = pos_;
  Expr* only = star_named_expression();
  if (only == nullptr) return nullptr;
  if (peek() != Tok::COMMA) return only->kind() == ExprKind::Starred ? nullptr : only;
  List<Expr*> items(*this);
  items.add(only);
  ++pos_;
  int save = pos_;
  if (!star_named_expressions(items)) {
    if (stopped_) return nullptr;
    pos_ = save;
  }
  Tuple* tuple = start<Tuple>(first);
  tuple->elts = items.take();
  return finish(tuple);
}

bool Parser::guard(Expr*& out) {
  if (peek() != Tok::k_if) return !stopped_;
  int save = pos_++;
  out = named_expression();
  if (out == nullptr) pos_ = save;
  return !stopped_;
}

MatchCase* Parser::case_block() {
  int first = pos_;
  if (diagnosing_) {
    wrong_case();
    if (stopped_) return nullptr;
    pos_ = first;
  }
  ++pos_;
  MatchCase* node = make<MatchCase>(arena_);
  node->pattern = patterns();
  if (node->pattern == nullptr || !guard(node->guard)) return nullptr;
  if (!accept(Tok::COLON) || !block(node->body)) return nullptr;
  return node;
}

// An open sequence (`case a, *b:`) or one pattern.
Pattern* Parser::patterns() {
  int first = pos_;
  Pattern* only = maybe_star_pattern();
  if (only == nullptr) return nullptr;
  if (peek() != Tok::COMMA) {
    // A lone star needs its comma.
    return only->kind() == PatternKind::MatchStar ? nullptr : only;
  }
  List<Pattern*> items(*this);
  items.add(only);
  while (accept(Tok::COMMA)) {
    int save = pos_;
    Pattern* item = maybe_star_pattern();
    if (stopped_) return nullptr;
    if (item == nullptr) {
      pos_ = save;
      break;
    }
    items.add(item);
  }
  MatchSequence* node = start<MatchSequence>(first);
  node->patterns = items.take();
  return finish(node);
}

Pattern* Parser::maybe_star_pattern() {
  return peek() == Tok::STAR ? star_pattern() : as_pattern();
}

Pattern* Parser::star_pattern() {
  int first = pos_++;
  if (peek() != Tok::NAME) return nullptr;
  MatchStar* node = start<MatchStar>(first);
  const Token token = tokens_[pos_++];
  if (token.text() != "_") node->name = identifier(token);
  return finish(node);
}

Pattern* Parser::as_pattern() {
  Deeper deeper(*this);
  if (too_deep()) return nullptr;
  int first = pos_;
  Pattern* pattern = or_pattern();
  if (pattern == nullptr || peek() != Tok::k_as) return stopped_ ? nullptr : pattern;
  if (peek(1) == Tok::NAME && tokens_[pos_ + 1].text() != "_") {
    // `as x.y`, `as x(` and `as x =` are no targets.
    Tok next = peek(2);
    if (next != Tok::DOT && next != Tok::LPAR && next != Tok::EQUAL && !stopped_) {
      ++pos_;
      MatchAs* node = start<MatchAs>(first);
      node->pattern = pattern;
      node->name = identifier(tokens_[pos_++]);
      return finish(node);
    }
  }
  if (stopped_) return nullptr;
  if (diagnosing_) {
    int save = pos_;
    wrong_as_pattern();
    if (stopped_) return nullptr;
    pos_ = save;
  }
  return pattern;
}

Pattern* Parser::or_pattern() {
  int first = pos_;
  Pattern* only = closed_pattern();
  if (only == nullptr || peek() != Tok::VBAR) return stopped_ ? nullptr : only;
  List<Pattern*> items(*this);
  items.add(only);
  while (peek() == Tok::VBAR) {
    int save = pos_++;
    Pattern* item = closed_pattern();
    if (stopped_) return nullptr;
    if (item == nullptr) {
      pos_ = save;
      break;
    }
    items.add(item);
  }
  if (items.size() == 1) return only;
  MatchOr* node = start<MatchOr>(first);
  node->patterns = items.take();
  return finish(node);
}

Pattern* Parser::closed_pattern() {
  if (!second_pass_) return closed_pattern_plain();
  return memoized<Pattern>(Rule::closed_pattern, [&] { return closed_pattern_plain(); });
}

Pattern* Parser::closed_pattern_plain() {
  int first = pos_;
  switch (peek()) {
    case Tok::NUMBER:
    case Tok::MINUS: {
      Expr* value = signed_or_complex_number();
      if (value == nullptr) return nullptr;
      MatchValue* node = start<MatchValue>(first);
      node->value = value;
      return finish(node);
    }
    case Tok::STRING:
    case Tok::FSTRING_START:
    case Tok::TSTRING_START: {
      Expr* value = strings();
      if (value == nullptr) return nullptr;
      MatchValue* node = start<MatchValue>(first);
      node->value = value;
      return finish(node);
    }
    case Tok::k_None:
    case Tok::k_True:
    case Tok::k_False: {
      Tok type = tokens_[pos_].type;
      MatchSingleton* node = start<MatchSingleton>(pos_++);
      node->value.kind = type == Tok::k_None   ? ConstantKind::None
                         : type == Tok::k_True ? ConstantKind::True
                                               : ConstantKind::False;
      return finish(node);
    }
    case Tok::NAME: return capture_or_value_pattern();
    case Tok::LPAR:
    case Tok::LSQB: return group_or_sequence_pattern();
    case Tok::LBRACE: return mapping_pattern();
    default: return nullptr;
  }
}

namespace {
bool is_imaginary(Expr* number) {
  return as<Constant>(number)->value.kind == ConstantKind::Complex;
}
}  // namespace

Expr* Parser::signed_or_complex_number() {
  int first = pos_;
  auto signed_number = [&]() -> Expr* {
    int start_at_token = pos_;
    bool negative = accept(Tok::MINUS);
    if (peek() != Tok::NUMBER) return nullptr;
    Expr* value = number();
    if (value == nullptr || !negative) return value;
    UnaryOp* node = start<UnaryOp>(start_at_token);
    node->op = UnaryOperator::USub;
    node->operand = value;
    return finish(node);
  };
  Expr* left = signed_number();
  if (left == nullptr) return nullptr;
  Tok sign = peek();
  if (sign != Tok::PLUS && sign != Tok::MINUS) return stopped_ ? nullptr : left;
  int save = pos_;
  if (peek(1) != Tok::NUMBER) return stopped_ ? nullptr : left;
  Expr* real = left->kind() == ExprKind::UnaryOp ? as<UnaryOp>(left)->operand : left;
  if (is_imaginary(real)) {
    raise_at(left, "real number required in complex literal");
    return nullptr;
  }
  ++pos_;
  Expr* imaginary = number();
  if (imaginary == nullptr) return nullptr;
  if (!is_imaginary(imaginary)) {
    raise_at(imaginary, "imaginary number required in complex literal");
    return nullptr;
  }
  (void)save;
  BinOp* node = start<BinOp>(first);
  node->left = left;
  node->op = sign == Tok::PLUS ? Operator::Add : Operator::Sub;
  node->right = imaginary;
  return finish(node);
}

// A dotted name.
Expr* Parser::name_or_attr() {
  int first = pos_;
  Expr* node = name_node(ExprContext::Load);
  while (peek() == Tok::DOT && peek(1) == Tok::NAME) {
    ++pos_;
    Attribute* attribute = start<Attribute>(first);
    attribute->value = node;
    attribute->attr = identifier(tokens_[pos_++]);
    node = finish(attribute);
  }
  return node;
}

Pattern* Parser::capture_or_value_pattern() {
  int first = pos_;
  Tok next = peek(1);
  if (stopped_) return nullptr;
  const Token token = tokens_[pos_];
  if (next != Tok::DOT && next != Tok::LPAR && next != Tok::EQUAL) {
    ++pos_;
    MatchAs* node = start<MatchAs>(first);
    if (token.text() != "_") node->name = identifier(token);
    return finish(node);
  }
  Expr* value = name_or_attr();
  if (stopped_) return nullptr;
  next = peek();
  if (next == Tok::LPAR) return class_pattern(value, first);
  if (value->kind() == ExprKind::Name || next == Tok::DOT || next == Tok::EQUAL) return nullptr;
  MatchValue* node = start<MatchValue>(first);
  node->value = value;
  return finish(node);
}

bool Parser::sequence_items(List<Pattern*>& out, Tok closing) {
  while (peek() != closing) {
    Pattern* item = maybe_star_pattern();
    if (item == nullptr) return false;
    out.add(item);
    if (!accept(Tok::COMMA)) break;
  }
  return !stopped_;
}

Pattern* Parser::group_or_sequence_pattern() {
  int first = pos_;
  Tok opening = tokens_[pos_++].type;
  Tok closing = opening == Tok::LPAR ? Tok::RPAR : Tok::RSQB;
  List<Pattern*> items(*this);
  if (!sequence_items(items, closing)) return nullptr;
  bool comma = items.size() > 0 && tokens_[pos_ - 1].type == Tok::COMMA;
  if (!accept(closing)) return nullptr;
  if (opening == Tok::LPAR && items.size() == 1 && !comma) {
    // (p) is p itself; (*p) does not exist.
    return items[0]->kind() == PatternKind::MatchStar ? nullptr : items[0];
  }
  MatchSequence* node = start<MatchSequence>(first);
  node->patterns = items.take();
  return finish(node);
}

Pattern* Parser::mapping_pattern() {
  int first = pos_++;
  MatchMapping* node = start<MatchMapping>(first);
  List<Expr*> keys(*this);
  std::vector<Pattern*> values;
  while (peek() != Tok::RBRACE) {
    if (accept(Tok::DOUBLESTAR)) {
      if (peek() != Tok::NAME) return nullptr;
      const Token token = tokens_[pos_];
      if (token.text() == "_") return nullptr;
      Tok next = peek(1);
      if (stopped_ || next == Tok::DOT || next == Tok::LPAR || next == Tok::EQUAL) return nullptr;
      node->rest = identifier(token);
      ++pos_;
      accept(Tok::COMMA);
      break;
    }
    Expr* key = nullptr;
    int key_at = pos_;
    switch (peek()) {
      case Tok::NUMBER:
      case Tok::MINUS: key = signed_or_complex_number(); break;
      case Tok::STRING:
      case Tok::FSTRING_START:
      case Tok::TSTRING_START: key = strings(); break;
      case Tok::k_None:
      case Tok::k_True:
      case Tok::k_False: key = atom(); break;
      case Tok::NAME: {
        key = name_or_attr();
        if (stopped_ || key->kind() == ExprKind::Name) return nullptr;
        break;
      }
      default: break;
    }
    (void)key_at;
    if (key == nullptr || !accept(Tok::COLON)) return nullptr;
    Pattern* value = as_pattern();
    if (value == nullptr) return nullptr;
    keys.add(key);
    values.push_back(value);
    if (!accept(Tok::COMMA)) break;
  }
  if (!accept(Tok::RBRACE)) return nullptr;
  node->keys = keys.take();
  node->patterns = arena_.make_seq<Pattern*>(values.data(), values.size());
  return finish(node);
}

// At the opening bracket behind `cls`: positional patterns, then keyword ones.
Pattern* Parser::class_pattern(Expr* cls, int first) {
  int open = pos_++;
  MatchClass* node = start<MatchClass>(first);
  node->cls = cls;
  List<Pattern*> positional(*this);
  std::vector<const Identifier*> names;
  std::vector<Pattern*> values;
  bool good = true;
  while (peek() != Tok::RPAR) {
    if (peek() == Tok::NAME && peek(1) == Tok::EQUAL) {
      names.push_back(identifier(tokens_[pos_]));
      pos_ += 2;
      Pattern* value = as_pattern();
      if (value == nullptr) {
        good = false;
        break;
      }
      values.push_back(value);
    } else {
      Pattern* value = stopped_ || !names.empty() ? nullptr : as_pattern();
      if (value == nullptr) {
        good = false;
        break;
      }
      positional.add(value);
    }
    if (!accept(Tok::COMMA)) break;
  }
  if (good && accept(Tok::RPAR)) {
    node->patterns = positional.take();
    node->kwd_attrs = arena_.make_seq<const Identifier*>(names.data(), names.size());
    node->kwd_patterns = arena_.make_seq<Pattern*>(values.data(), values.size());
    return finish(node);
  }
  if (diagnosing_ && !stopped_) {
    pos_ = open;
    wrong_class_pattern(cls);
  }
  return nullptr;
}

}  // namespace dx::syntax
