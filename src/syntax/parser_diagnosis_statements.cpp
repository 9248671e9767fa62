// Pass 2: known mistakes in statements, parameters and patterns. See parser.h for when these run.
#include "syntax/parser.h"

namespace dx::syntax {

// Behind a head's colon: a new line without an indented block. `keyword` is the token that names
// the line.
bool Parser::missing_indent(int keyword, const char* what) {
  if (!accept(Tok::COLON)) return false;
  if (!accept(Tok::NEWLINE) || peek() == Tok::INDENT || stopped_) return false;
  raise_last(ErrorKind::indentation_error, std::string("expected an indented block after ") + what +
                                               " on line " +
                                               std::to_string(tokens_[keyword].lineno));
  return true;
}

void Parser::wrong_block() {
  if (accept(Tok::NEWLINE) && peek() != Tok::INDENT && !stopped_) {
    raise_last(ErrorKind::indentation_error, "expected an indented block");
  }
}

// ---- if, while, for, with ----

void Parser::wrong_if(Tok keyword) {
  int first = pos_;
  if (!accept(keyword) || named_expression() == nullptr) return;
  if (peek() == Tok::NEWLINE) {
    raise_last("expected ':'");
    return;
  }
  missing_indent(first, keyword == Tok::k_if ? "'if' statement" : "'elif' statement");
}

void Parser::wrong_else() {
  int first = pos_++;
  if (missing_indent(first, "'else' statement") || stopped_) return;
  pos_ = first + 1;
  Seq<Stmt*> body;
  if (accept(Tok::COLON) && block(body) && peek() == Tok::k_elif) {
    ++pos_;
    raise_last("'elif' block follows an 'else' block");
  }
}

void Parser::wrong_while() {
  int first = pos_++;
  if (named_expression() == nullptr) return;
  if (peek() == Tok::NEWLINE) {
    raise_last("expected ':'");
    return;
  }
  missing_indent(first, "'while' statement");
}

void Parser::wrong_for() {
  int first = pos_;
  if (accept(Tok::k_async)) ++first;
  if (!accept(Tok::k_for)) return;
  if (star_targets() == nullptr || !accept(Tok::k_in) || star_expressions() == nullptr) return;
  if (peek() == Tok::NEWLINE) {
    raise_last("expected ':'");
    return;
  }
  missing_indent(first, "'for' statement");
}

// The items of a with statement up to its colon, loosely read.
bool Parser::with_heads(bool parenthesized) {
  if (parenthesized && !accept(Tok::LPAR)) return false;
  bool any = false;
  while (true) {
    int save = pos_;
    Expr* item = parenthesized ? expressions() : expression();
    if (stopped_) return false;
    if (item == nullptr) {
      if (!any) return false;
      pos_ = save - 1;
      break;
    }
    any = true;
    if (peek() == Tok::k_as) {
      int before = pos_++;
      if (star_target() == nullptr) {
        if (stopped_) return false;
        pos_ = before;
      }
    }
    if (!accept(Tok::COMMA)) break;
  }
  if (!parenthesized) return true;
  accept(Tok::COMMA);
  return accept(Tok::RPAR);
}

void Parser::wrong_with_indent() {
  accept(Tok::k_async);
  int keyword = pos_;
  if (!accept(Tok::k_with)) return;
  int items = pos_;
  if (with_heads(false) && missing_indent(keyword, "'with' statement")) return;
  if (stopped_) return;
  pos_ = items;
  if (with_heads(true)) missing_indent(keyword, "'with' statement");
}

void Parser::wrong_with() {
  accept(Tok::k_async);
  if (!accept(Tok::k_with)) return;
  int items = pos_;
  if (with_heads(false) && peek() == Tok::NEWLINE) {
    raise_last("expected ':'");
    return;
  }
  if (stopped_) return;
  pos_ = items;
  if (with_heads(true) && peek() == Tok::NEWLINE) raise_last("expected ':'");
}

void Parser::wrong_with_item() {
  if (expression() == nullptr || !accept(Tok::k_as)) return;
  Expr* target = expression();
  if (stopped_ || target == nullptr) return;
  Tok next = peek();
  if (next != Tok::COMMA && next != Tok::RPAR && next != Tok::COLON) return;
  if (Expr* bad = invalid_target(target, Targets::star)) {
    raise_at(bad, std::string("cannot assign to ") + expression_name(bad));
  }
}

// ---- try ----

void Parser::wrong_try() {
  int first = pos_++;
  if (missing_indent(first, "'try' statement") || stopped_) return;
  pos_ = first + 1;
  if (!accept(Tok::COLON)) return;
  int body_at = pos_;
  Seq<Stmt*> body;
  if (block(body) && peek() != Tok::k_except && peek() != Tok::k_finally) {
    if (!stopped_) raise_last("expected 'except' or 'finally' block");
    return;
  }
  if (stopped_) return;
  // Handlers of both kinds: several of one, then one of the other.
  for (bool star : {false, true}) {
    pos_ = body_at;
    while (block(body)) {
    }
    if (stopped_) return;
    int handlers = 0;
    while (peek() == Tok::k_except) {
      int save = pos_;
      if (except_block(star) == nullptr) {
        if (stopped_) return;
        pos_ = save;
        break;
      }
      ++handlers;
    }
    if (stopped_) return;
    if (handlers == 0 || peek() != Tok::k_except) continue;
    int keyword = pos_++;
    const char* message = "cannot have both 'except' and 'except*' on the same 'try'";
    if (!star) {
      if (peek() != Tok::STAR) continue;
      int star_at = pos_++;
      if (expression() == nullptr) {
        if (stopped_) return;
        continue;
      }
      if (peek() == Tok::k_as && peek(1) == Tok::NAME) pos_ += 2;
      if (accept(Tok::COLON)) {
        raise_tokens(tokens_[keyword], tokens_[star_at], message);
        return;
      }
    } else {
      int save = pos_;
      if (expression() != nullptr) {
        if (peek() == Tok::k_as && peek(1) == Tok::NAME) pos_ += 2;
      } else {
        if (stopped_) return;
        pos_ = save;
      }
      if (accept(Tok::COLON)) {
        raise_token(tokens_[keyword], message);
        return;
      }
    }
    if (stopped_) return;
  }
}

void Parser::wrong_except_indent(bool star) {
  int first = pos_++;
  if (star) {
    if (!accept(Tok::STAR) || expression() == nullptr) return;
    if (peek() == Tok::k_as && peek(1) == Tok::NAME) pos_ += 2;
    missing_indent(first, "'except*' statement");
    return;
  }
  Expr* type = expression();
  if (stopped_) return;
  if (type != nullptr) {
    if (peek() == Tok::k_as && peek(1) == Tok::NAME) pos_ += 2;
    if (missing_indent(first, "'except' statement") || stopped_) return;
  }
  pos_ = first + 1;
  missing_indent(first, "'except' statement");
}

// For one kind of handler; at `except`.
void Parser::wrong_except(bool star) {
  ++pos_;
  if (star && !accept(Tok::STAR)) return;
  int types = pos_;
  Expr* type = expression();
  if (stopped_) return;
  if (type != nullptr) {
    int after = pos_;
    if (accept(Tok::COMMA)) {
      Expr* more = expressions();
      if (stopped_) return;
      if (more != nullptr && peek() == Tok::k_as && peek(1) == Tok::NAME && peek(2) == Tok::COLON) {
        pos_ += 3;
        raise_from(type->lineno, type->col_offset,
                   "multiple exception types must be parenthesized when using 'as'");
        return;
      }
      if (stopped_) return;
    }
    pos_ = after;
    if (peek() == Tok::k_as && peek(1) == Tok::NAME) pos_ += 2;
    if (peek() == Tok::NEWLINE) {
      raise_last("expected ':'");
      return;
    }
  }
  if (stopped_) return;
  pos_ = types;
  if (peek() == Tok::NEWLINE || (star && peek() == Tok::COLON)) {
    raise_last(star ? "expected one or more exception types" : "expected ':'");
    return;
  }
  if (stopped_) return;
  type = expression();
  if (stopped_ || type == nullptr || !accept(Tok::k_as)) return;
  Expr* target = expression();
  if (stopped_ || target == nullptr) return;
  Seq<Stmt*> body;
  if (accept(Tok::COLON) && block(body)) {
    raise_at(target, std::string(star ? "cannot use except* statement with "
                                      : "cannot use except statement with ") +
                         expression_name(target));
  }
}

void Parser::wrong_finally() {
  int first = pos_++;
  missing_indent(first, "'finally' statement");
}

// ---- def and class ----

void Parser::wrong_def() {
  if (accept(Tok::k_async)) {
  }
  int keyword = pos_;
  if (!accept(Tok::k_def) || !accept(Tok::NAME)) return;
  if (peek() == Tok::LSQB) {
    int save = pos_;
    Seq<TypeParam*> params;
    if (!type_params(params)) {
      if (stopped_) return;
      pos_ = save;
    }
  }
  if (!accept(Tok::LPAR)) return;
  if (peek() != Tok::RPAR) {
    int save = pos_;
    if (parameters(Params::def) == nullptr) {
      if (stopped_) return;
      pos_ = save;
    }
  }
  if (!accept(Tok::RPAR)) return;
  if (peek() == Tok::RARROW) {
    int save = pos_++;
    if (expression() == nullptr) {
      if (stopped_) return;
      pos_ = save;
    }
  }
  missing_indent(keyword, "function definition");
}

void Parser::wrong_class() {
  int first = pos_++;
  if (!accept(Tok::NAME)) return;
  if (peek() == Tok::LSQB) {
    int save = pos_;
    Seq<TypeParam*> params;
    if (!type_params(params)) {
      if (stopped_) return;
      pos_ = save;
    }
  }
  int brackets = pos_;
  if (accept(Tok::LPAR)) {
    int save = pos_;
    CallParts parts;
    if (!arguments(parts, Brackets::class_)) {
      if (stopped_) return;
      pos_ = save;
    }
    if (!accept(Tok::RPAR)) pos_ = brackets;
  }
  if (stopped_) return;
  if (peek() == Tok::NEWLINE) {
    raise_last("expected ':'");
    return;
  }
  missing_indent(first, "class definition");
}

void Parser::wrong_type_param() {
  Tok stars = tokens_[pos_++].type;
  if (!accept(Tok::NAME) || peek() != Tok::COLON) return;
  const Token colon = tokens_[pos_++];
  Expr* bound = expression();
  if (stopped_ || bound == nullptr) return;
  const char* which = stars == Tok::STAR ? "TypeVarTuple" : "ParamSpec";
  raise_from(colon.lineno, colon.col_offset,
             std::string(bound->kind() == ExprKind::Tuple ? "cannot use constraints with "
                                                          : "cannot use bound with ") +
                 which);
}

// ---- Imports ----

void Parser::wrong_import() {
  int first = pos_;
  if (!accept(Tok::k_import)) return;
  if (peek() == Tok::NEWLINE) {
    const Token newline = tokens_[pos_];
    // Judged after the other reading, which needs a name and cannot fit.
    raise_from(newline.lineno, newline.col_offset, "Expected one or more names after 'import'");
    return;
  }
  if (stopped_ || dotted_name() == nullptr) return;
  while (peek() == Tok::COMMA && peek(1) == Tok::NAME) {
    ++pos_;
    dotted_name();
  }
  if (stopped_ || !accept(Tok::k_from) || dotted_name() == nullptr || stopped_) return;
  const Token& keyword = tokens_[first];
  raise_from(keyword.lineno, keyword.col_offset,
             "Did you mean to use 'from ... import ...' instead?");
}

void Parser::wrong_alias(bool dotted) {
  if (dotted ? dotted_name() == nullptr : !accept(Tok::NAME)) return;
  if (!accept(Tok::k_as)) return;
  if (peek() == Tok::NAME) {
    Tok next = peek(1);
    if (next == Tok::COMMA || next == Tok::RPAR || next == Tok::SEMI || next == Tok::NEWLINE)
      return;
  }
  if (stopped_) return;
  Expr* target = expression();
  if (stopped_ || target == nullptr) return;
  raise_at(target, std::string("cannot use ") + expression_name(target) + " as import target");
}

void Parser::wrong_import_targets() {
  int first = pos_;
  {
    List<Alias*> names(*this);
    if (import_from_as_names(names) && peek() == Tok::COMMA && peek(1) == Tok::NEWLINE) {
      raise_last("trailing comma not allowed without surrounding parentheses");
      return;
    }
  }
  if (stopped_) return;
  pos_ = first;
  if (peek() == Tok::NEWLINE) {
    const Token newline = tokens_[pos_];
    raise_from(newline.lineno, newline.col_offset, "Expected one or more names after 'import'");
  }
}

// ---- match ----

void Parser::wrong_match() {
  int first = pos_++;
  if (subject_expr() == nullptr) return;
  if (peek() == Tok::NEWLINE) {
    if (version_at_least(10, "Pattern matching is")) raise_last("expected ':'");
    return;
  }
  missing_indent(first, "'match' statement");
}

void Parser::wrong_case() {
  int first = pos_++;
  Expr* condition = nullptr;
  if (patterns() == nullptr || !guard(condition)) return;
  if (peek() == Tok::NEWLINE) {
    raise_last("expected ':'");
    return;
  }
  missing_indent(first, "'case' statement");
}

// At `as`.
void Parser::wrong_as_pattern() {
  ++pos_;
  if (peek() == Tok::NAME && tokens_[pos_].text() == "_") {
    raise_token(tokens_[pos_], "cannot use '_' as a target");
    return;
  }
  Expr* target = expression();
  if (stopped_ || target == nullptr) return;
  raise_at(target, std::string("cannot use ") + expression_name(target) + " as pattern target");
}

// At the bracket of a class pattern: positional patterns after keyword ones.
void Parser::wrong_class_pattern(Expr*) {
  ++pos_;
  bool keywords = false;
  while (true) {
    if (peek() == Tok::NAME && peek(1) == Tok::EQUAL) {
      pos_ += 2;
      if (as_pattern() == nullptr) return;
      keywords = true;
    } else {
      if (stopped_) return;
      if (keywords) break;
      if (as_pattern() == nullptr) return;
    }
    if (!accept(Tok::COMMA)) return;
  }
  Pattern* first_late = as_pattern();
  if (stopped_ || first_late == nullptr) return;
  Pattern* last = first_late;
  while (peek() == Tok::COMMA) {
    int save = pos_++;
    if (peek() == Tok::NAME && peek(1) == Tok::EQUAL) {
      pos_ = save;
      break;
    }
    Pattern* next = as_pattern();
    if (stopped_) return;
    if (next == nullptr) {
      pos_ = save;
      break;
    }
    last = next;
  }
  raise_range(first_late, last, "positional patterns follow keyword patterns");
}

// ---- Parameters ----

// Reads the list loosely, item by item, and reports the first thing out of order. Items it cannot
// read end it: the strict reading that follows fails there too.
void Parser::wrong_parameters(Params kind) {
  Tok closing = kind == Params::def ? Tok::RPAR : Tok::COLON;
  const char* brackets = kind == Params::def
                             ? "Function parameters cannot be parenthesized"
                             : "Lambda expression parameters cannot be parenthesized";
  bool seen_default = false, seen_slash = false, any = false, seen_star = false;
  while (true) {
    Tok type = peek();
    if (stopped_ || type == closing || type == Tok::DOUBLESTAR) return;
    if (type == Tok::SLASH) {
      const Token slash = tokens_[pos_];
      if (seen_star) {
        raise_token(slash, "/ must be ahead of *");
        return;
      }
      if (seen_slash) {
        raise_token(slash, "/ may appear only once");
        return;
      }
      if (!any) {
        if (peek(1) == Tok::COMMA) raise_token(slash, "at least one argument must precede /");
        return;
      }
      seen_slash = true;
      ++pos_;
      if (peek() == Tok::STAR) {
        raise_token(tokens_[pos_], "expected comma between / and *");
        return;
      }
    } else if (type == Tok::STAR) {
      if (seen_star) return;
      seen_star = true;
      ++pos_;
      if (peek() == Tok::NAME) {
        if (parameter(kind, true) == nullptr) return;
      } else if (peek() != Tok::COMMA) {
        return;
      }
    } else if (type == Tok::LPAR) {
      if (seen_star || seen_default || seen_slash) return;
      int open = pos_++;
      int names = 0;
      bool good = true;
      while (peek() == Tok::NAME) {
        if (parameter(kind, false) == nullptr) return;
        ++names;
        if (peek() == Tok::EQUAL) good = false;
        if (!good || !accept(Tok::COMMA)) break;
      }
      if (good && names > 0 && peek() == Tok::RPAR) {
        raise_tokens(tokens_[open], tokens_[pos_], brackets);
      }
      return;
    } else if (type == Tok::NAME) {
      int first = pos_;
      Arg* arg = parameter(kind, false);
      if (arg == nullptr || stopped_) return;
      any = true;
      if (peek() == Tok::EQUAL) {
        const Token equal = tokens_[pos_++];
        Tok next = peek();
        if (next == Tok::RPAR || next == Tok::COMMA) {
          raise_token(equal, "expected default value expression");
          return;
        }
        if (expression() == nullptr) return;
        if (!seen_star) seen_default = true;
      } else if (seen_default && !seen_star) {
        if (peek() != Tok::COMMA && peek() != closing) return;
        if (peek() == Tok::COMMA) peek(1);  // where a type comment could stand
        if (stopped_) return;
        raise_at(arg, kind == Params::def
                          ? "parameter without a default follows parameter with a default"
                          : "parameter without a default follows parameter with a default");
        return;
      }
      (void)first;
    } else {
      return;
    }
    if (!accept(Tok::COMMA)) return;
    if (flags_.type_comments && peek() == Tok::TYPE_COMMENT) ++pos_;
  }
}

// At `*`.
void Parser::wrong_star_parameters(Params kind) {
  Tok closing = kind == Params::def ? Tok::RPAR : Tok::COLON;
  const Token star = tokens_[pos_++];
  auto nothing_follows = [&] {
    const char* message = "named arguments must follow bare *";
    if (kind == Params::def)
      raise_token(star, message);
    else
      raise_last(message);
  };
  if (peek() == closing) {
    nothing_follows();
    return;
  }
  if (peek() == Tok::COMMA) {
    Tok next = peek(1);
    if (next == closing || next == Tok::DOUBLESTAR) {
      nothing_follows();
      return;
    }
    if (next == Tok::TYPE_COMMENT) {
      raise_last("bare * has associated type comment");
      return;
    }
    ++pos_;
  } else {
    Arg* arg = parameter(kind, true);
    if (stopped_ || arg == nullptr) return;
    if (peek() == Tok::EQUAL) {
      raise_token(tokens_[pos_], "var-positional argument cannot have default value");
      return;
    }
    if (!accept(Tok::COMMA)) return;
  }
  while (peek() == Tok::NAME) {
    Arg* arg = parameter(kind, false);
    if (stopped_ || arg == nullptr) return;
    if (accept(Tok::EQUAL) && expression() == nullptr) return;
    if (!accept(Tok::COMMA)) return;
  }
  if (peek() == Tok::STAR) {
    const Token second = tokens_[pos_++];
    bool good = false;
    if (peek() == Tok::COMMA) {
      good = true;
    } else if (peek() == Tok::NAME) {
      Arg* arg = parameter(kind, false);
      good = arg != nullptr && (peek() == Tok::COMMA || peek() == closing);
    }
    if (good && !stopped_) raise_token(second, "* argument may appear only once");
  }
}

// At `**`.
void Parser::wrong_double_star_parameters(Params kind) {
  ++pos_;
  Arg* arg = parameter(kind, false);
  if (stopped_ || arg == nullptr) return;
  if (peek() == Tok::EQUAL) {
    raise_token(tokens_[pos_], "var-keyword argument cannot have default value");
    return;
  }
  if (!accept(Tok::COMMA)) return;
  Tok next = peek();
  if (next == Tok::NAME) {
    Arg* late = parameter(kind, false);
    if (stopped_ || late == nullptr) return;
    raise_at(late, "arguments cannot follow var-keyword argument");
  } else if (next == Tok::STAR || next == Tok::DOUBLESTAR || next == Tok::SLASH) {
    raise_token(tokens_[pos_], "arguments cannot follow var-keyword argument");
  }
}

}  // namespace dx::syntax
