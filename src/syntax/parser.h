#pragma once
// Tokens -> tree, by recursive descent. Private to this room; the entry is parse().
//
// Two passes, as the language's reference implementation makes them, because programs depend on
// which error is reported where:
//   pass 1  builds the tree. On the first thing that does not fit it gives up, remembering only how
//   far it read. pass 2  runs only after a failure that raised nothing, with `second_pass_` and
//   `diagnosing_` set. The same functions then try, at fixed places, patterns
//           of known mistakes (parser_diagnosis*.cpp, functions named `wrong_...`) and raise the
//           first that fits. If none does, the error is "invalid syntax" at the last token pass 1
//           had read.
// Because the first fitting pattern wins, the order in which alternatives are tried in pass 2 is
// part of the behaviour.
//
// Conventions of all rule functions:
//   - null (or false) means "does not fit here"; the caller restores `pos_` if it wants to try
//   something else.
//   - `stopped_` set means an error has been raised (or the tokenizer failed): everything returns
//   null from there on.
//   - Pass 2 remembers results per token and rule, so that trying alternatives stays linear.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "syntax/ast.h"
#include "syntax/parse.h"
#include "syntax/tokenizer.h"

namespace dx::syntax {

using namespace dx::ast;

class Parser {
 public:
  Parser(Arena& arena, std::string_view text, ParseMode mode, const ParseFlags& flags,
         bool columns_in_bytes);

  ParseResult run();

 private:
  // ---- Tokens ----
  static constexpr int kCurrent = -5;  // an end position: where the tokenizer stands

  const Token& at(int index) {
    while (index >= static_cast<int>(tokens_.size())) fetch();
    return tokens_[index];
  }
  Tok peek() {
    if (pos_ >= static_cast<int>(tokens_.size()) && !stopped_) fetch();
    return stopped_ ? Tok::ERRORTOKEN : tokens_[pos_].type;
  }
  Tok peek(int ahead) {
    while (!stopped_ && pos_ + ahead >= static_cast<int>(tokens_.size())) fetch();
    return stopped_ ? Tok::ERRORTOKEN : tokens_[pos_ + ahead].type;
  }
  bool accept(Tok type) {
    if (peek() != type) return false;
    ++pos_;
    return true;
  }
  // As accept, but what else stands there is an error at once: "expected ':'".
  bool demand(Tok type, const char* text);
  bool at_soft(std::string_view word) {
    return peek() == Tok::NAME && tokens_[pos_].soft_keyword && tokens_[pos_].text() == word;
  }
  void fetch();
  const Token& last_read() const { return tokens_.back(); }
  const Token& last_visible() const;  // the last consumed token that has text

  template <typename T>
  T* start(int first) {
    const Token& token = tokens_[first];
    T* node = make<T>(arena_);
    node->lineno = token.lineno;
    node->col_offset = token.col_offset;
    return node;
  }
  // Ends `node` at the last consumed token with text.
  template <typename T>
  T* finish(T* node) {
    const Token& token = last_visible();
    node->end_lineno = token.end_lineno;
    node->end_col_offset = token.end_col_offset;
    return node;
  }
  const Identifier* identifier(const Token& token);
  Name* name_node(ExprContext ctx);  // Requires: at a NAME. Consumes it.

  // ---- Scratch lists: items collect on one growing stack and move to the arena when complete ----
  template <typename T>
  class List {
   public:
    explicit List(Parser& parser) : parser_(parser), base_(parser.scratch_.size()) {}
    ~List() { parser_.scratch_.resize(base_); }
    List(const List&) = delete;
    List& operator=(const List&) = delete;
    void add(T item) {
      parser_.scratch_.push_back(const_cast<void*>(static_cast<const void*>(item)));
    }
    size_t size() const { return parser_.scratch_.size() - base_; }
    T operator[](size_t i) const { return static_cast<T>(parser_.scratch_[base_ + i]); }
    T back() const { return static_cast<T>(parser_.scratch_.back()); }
    void clear() { parser_.scratch_.resize(base_); }
    Seq<T> take() {
      Seq<T> seq = parser_.arena_.make_seq<T>(size());
      for (size_t i = 0; i < seq.size; ++i) seq[i] = (*this)[i];
      return seq;
    }

   private:
    Parser& parser_;
    size_t base_;
  };

  // ---- Depth ----
  static constexpr int kMaxDepth = 6000;
  bool too_deep();
  struct Deeper {
    explicit Deeper(Parser& parser) : parser(parser) { ++parser.depth_; }
    ~Deeper() { --parser.depth_; }
    Parser& parser;
  };

  // ---- Memory of pass 2 ----
  enum class Rule : uint8_t {
    expression,
    star_expression,
    disjunction,
    conjunction,
    inversion,
    bitwise_or,
    factor,
    await_primary,
    primary,
    strings,
    arguments,
    block,
    simple_stmt,
    star_target,
    named_expression,
    wrong_named_expression,
    atom_group,
    closed_pattern,
    target_primary,
  };
  struct Memo {
    Rule rule;
    int32_t end;
    void* result;
    int32_t next;
  };
  bool recall(Rule rule, void*& result);
  void* remember(Rule rule, int from, void* result);
  template <typename T, typename F>
  T* memoized(Rule rule, F parse_it) {
    void* found;
    if (recall(rule, found)) return static_cast<T*>(found);
    int from = pos_;
    T* result = parse_it();
    remember(rule, from, result);
    return result;
  }

  // ---- Errors ----
  void raise(ErrorKind kind, int line, int col, int end_line, int end_col, std::string message);
  std::nullptr_t raise_last(std::string message);  // at the last token read
  std::nullptr_t raise_last(ErrorKind kind, std::string message);
  std::nullptr_t raise_at(const Located* node, std::string message);
  std::nullptr_t raise_range(const Located* first, const Located* last, std::string message);
  std::nullptr_t raise_token(const Token& token, std::string message);
  std::nullptr_t raise_tokens(const Token& first, const Token& last, std::string message);
  std::nullptr_t raise_from(int line, int col,
                            std::string message);  // up to where the tokenizer stands
  std::nullptr_t raise_next(std::string message);  // at the next token
  void raise_tokenizer_error();
  void raise_unclosed();
  void raise_generic(int last_token);
  void check_rest_of_source(int last_token);
  std::string shown_line(int line);
  bool at_end_of_source();

  // ---- Statements (parser_statements.cpp) ----
  Mod* parse_mod();
  bool statements(List<Stmt*>& out, bool to_dedent);
  bool statement(List<Stmt*>& out);
  void note_statement(const Stmt* node);
  bool simple_stmts(List<Stmt*>& out);
  Stmt* simple_stmt();
  Stmt* simple_stmt_plain();
  Stmt* simple_stmt_second();
  Stmt* expression_stmt();
  Stmt* assignment_second();
  Stmt* keyword_stmt();
  Stmt* finish_annotation(int first, Expr* target, int simple);
  Stmt* type_alias();
  Stmt* return_stmt();
  Stmt* raise_stmt();
  Stmt* del_stmt();
  Stmt* assert_stmt();
  Stmt* scope_stmt();
  Stmt* import_name();
  Stmt* import_from();
  void note_future(const ImportFrom* node);
  Alias* dotted_as_name();
  Alias* import_from_as_name();
  bool import_from_as_names(List<Alias*>& out);
  const Identifier* dotted_name();
  Stmt* compound_stmt(bool& compound);
  bool block(Seq<Stmt*>& out);
  bool block_body(Seq<Stmt*>& out);
  Stmt* if_stmt(Tok keyword);
  bool else_block(Seq<Stmt*>& out);
  Stmt* while_stmt();
  Stmt* for_stmt();
  Stmt* with_stmt();
  WithItem* with_item();
  Stmt* try_stmt();
  ExceptHandlerBase* except_block(bool star);
  bool finally_block(Seq<Stmt*>& out);
  Stmt* function_def(int first, Seq<Expr*> decorators);
  Stmt* class_def(int first, Seq<Expr*> decorators);
  Stmt* decorated();
  bool type_params(Seq<TypeParam*>& out);
  TypeParam* type_param();
  std::string_view type_comment();
  std::string_view func_type_comment();
  // Parameters of def (annotations, up to `)`) and of lambda (up to `:`).
  enum class Params : uint8_t { def, lambda };
  Arguments* parameters(Params kind);
  Arg* parameter(Params kind, bool star_annotation);
  Arguments* empty_arguments();

  // ---- match (parser_patterns.cpp) ----
  Stmt* match_stmt();
  MatchCase* case_block();
  Pattern* patterns();
  Pattern* maybe_star_pattern();
  Pattern* star_pattern();
  Pattern* as_pattern();
  Pattern* or_pattern();
  Pattern* closed_pattern();
  Pattern* closed_pattern_plain();
  Pattern* group_or_sequence_pattern();
  Pattern* mapping_pattern();
  Pattern* class_pattern(Expr* cls, int first);
  Pattern* capture_or_value_pattern();
  Expr* signed_or_complex_number();
  Expr* name_or_attr();
  bool sequence_items(List<Pattern*>& out, Tok closing);
  Expr* subject_expr();
  bool guard(Expr*& out);

  // ---- Expressions (parser_expressions.cpp) ----
  Expr* expressions();
  Expr* expression();
  Expr* expression_plain();
  Expr* expression_second();
  Expr* star_expressions();
  Expr* star_expression();
  Expr* star_named_expression();
  bool star_named_expressions(List<Expr*>& out);
  Expr* named_expression();
  Expr* named_expression_diagnosing();
  Expr* assignment_expression();
  Expr* assignment_or_expression();  // NAME := ... or an expression not followed by :=
  Expr* annotated_rhs();
  Expr* yield_expr();
  Expr* disjunction();
  Expr* conjunction();
  Expr* inversion();
  Expr* comparison();
  Expr* bitwise_or();
  Expr* binary(int min_precedence);
  Expr* factor();
  Expr* factor_plain();
  Expr* power();
  Expr* await_primary();
  Expr* primary();
  enum class Suffixes : uint8_t { all, target };
  Expr* primary_plain(Suffixes suffixes = Suffixes::all);
  Expr* primary_suffix(Expr* base, bool& more);
  Expr* call(Expr* func, int first);
  Expr* slices();
  Expr* slice();
  Expr* atom();
  Expr* parenthesized();
  Expr* list_or_listcomp();
  Expr* dict_or_set();
  Expr* dict_or_set_second();
  Expr* lambda();
  Expr* starred_expression();
  bool for_if_clauses(Seq<Comprehension*>& out);
  Comprehension* for_if_clause();
  bool at_for();
  bool kvpair(Expr*& key, Expr*& value);
  bool double_starred_kvpair(Expr*& key, Expr*& value);
  // The inside of call brackets; `call` receives args and keywords. False: does not fit.
  struct CallParts {
    Seq<Expr*> args;
    Seq<Keyword*> keywords;
    bool present = false;
  };
  // A call's may be a lone generator expression without brackets of its own; a class's may not.
  enum class Brackets : uint8_t { call, class_ };
  bool arguments(CallParts& out, Brackets brackets);
  bool args(CallParts& out, Brackets brackets = Brackets::class_);
  CallParts* arguments_memoized();

  // Targets.
  enum class Targets : uint8_t { star, del, for_ };
  Expr* star_targets();
  Expr* star_target();
  bool is_target(Expr* expression, bool inside_star) const;
  bool is_single_target(Expr* expression) const;
  bool is_del_target(Expr* expression) const;
  void set_context(Expr* expression, ExprContext ctx);
  Expr* invalid_target(Expr* expression, Targets kind);

  // ---- Literals (parser_strings.cpp, literals.cpp) ----
  Expr* number();
  Expr* strings();
  Expr* strings_plain();
  Expr* formatted_string(List<Expr*>& parts);
  enum class FieldNode : uint8_t { formatted_value, interpolation };
  bool replacement_field(List<Expr*>& parts, bool templated, FieldNode node, bool raw);
  Expr* format_spec(int colon, bool templated, bool raw);
  Expr* string_part(const Token& token, bool raw);
  Expr* middle_part(int index);
  Expr* plain_string(const Token& token);
  Seq<Expr*> merge_constants(const List<Expr*>& parts);
  bool decode_string(const Token& token, const Token& place, std::string_view body, bool raw,
                     ConstantValue& out);
  bool decode_bytes(const Token& token, std::string_view body, bool raw, ConstantValue& out);
  bool warn_escape(const Token& place, std::string_view before, std::string_view escape,
                   bool octal);
  std::string_view field_text(const char* from, const char* to);

  // ---- Known mistakes (parser_diagnosis.cpp); Requires: diagnosing_ ----
  // Each tries its patterns from the current position, raises if one fits, and restores the
  // position otherwise.
  void wrong_expression();
  void wrong_legacy_expression();
  void wrong_named_expression();
  void wrong_assignment();
  void wrong_arguments();
  void wrong_keyword_argument();
  void wrong_starred_expression();
  void wrong_group();
  void wrong_comprehension(Tok opening);
  void wrong_dict_comprehension();
  void wrong_dict_items();
  void wrong_dict_item();
  void wrong_dict_key(Expr* key);
  void wrong_dict_value(int colon_at);
  void wrong_for_target();
  void wrong_for_if_clause();
  void wrong_del();
  void wrong_block();
  void wrong_import();
  void wrong_alias(bool dotted);
  void wrong_import_targets();
  void wrong_with();
  void wrong_with_indent();
  void wrong_with_item();
  void wrong_try();
  void wrong_except_indent(bool star);
  void wrong_except(bool star);
  void wrong_finally();
  void wrong_if(Tok keyword);
  void wrong_else();
  void wrong_while();
  void wrong_for();
  void wrong_def();
  void wrong_class();
  void wrong_match();
  void wrong_case();
  void wrong_as_pattern();
  void wrong_class_pattern(Expr* cls);
  void wrong_parameters(Params kind);
  void wrong_star_parameters(Params kind);
  void wrong_double_star_parameters(Params kind);
  void wrong_type_param();
  void wrong_replacement_field(bool templated);
  void wrong_arithmetic();
  void wrong_factor();
  void wrong_string_break();
  Expr* expression_without_diagnosis();
  bool is_legacy_name(Expr* expression) const;
  bool missing_indent(int keyword,
                      const char* what);  // after ':' NEWLINE: raises unless INDENT follows
  bool with_heads(bool parenthesized);
  Expr* annotation_target();

  bool version_at_least(int minor, const char* what);

  Arena& arena_;
  std::string_view text_;
  ParseMode mode_;
  const ParseFlags& flags_;
  bool columns_in_bytes_;
  Tokenizer tokenizer_;
  std::vector<Token> tokens_;
  std::vector<std::pair<int, std::string_view>> type_ignores_;
  int pos_ = 0;
  bool stopped_ = false;
  bool raised_ = false;
  bool second_pass_ = false;  // the grammar's own order, with memory
  bool diagnosing_ = false;   // known mistakes are looked for; off for a while inside some of them
  bool barry_ = false;        // the joke future is in force
  bool parsing_started_ = false;
  bool final_error_ = false;  // no later error may take this one's place
  int depth_ = 0;
  uintptr_t stack_bottom_ = 0;
  SyntaxErrorInfo error_;
  int statement_line_ = 0;
  int statement_col_ = 0;
  std::vector<void*> scratch_;
  std::vector<Memo> memos_;
  std::vector<int32_t> memo_heads_;
  std::vector<SyntaxWarning> warnings_;
  std::string buffer_;
  friend struct Deeper;
};

}  // namespace dx::syntax
