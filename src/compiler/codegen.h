#pragma once
// The code generator: walks the tree of one code object after the other and emits blocks of
// register instructions.
//
//   statement ──> emits; leaves no temporaries behind
//   expression ──> Value: a local itself, or a temporary on top of the stack of temporaries, or the
//   register asked for
//
// Rules for whoever edits this:
//  1. `expr(e, into)` with a local as `into` writes it in its last instruction only: an exception
//  or a later operand must
//     still see the old value. What needs a place to work in takes a temporary and moves.
//  2. A temporary is consumed by exactly one instruction (Value::owned), and none is in use at a
//  jump that the target
//     does not expect.
//  3. Evaluation order and source positions are CPython's, they are visible; so are names and
//  constants in the order
//     of their first use.
//  4. An operand that a later operand may rebind (`x + (x := 1)`) is copied first: operand(e,
//  More::follows).
// Split by family: codegen_expr, _calls, _stmt, _control (loops, try, with), _function, _class,
// _match, _names .cpp.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/flow.h"
#include "compiler/fold.h"
#include "compiler/symtable.h"

namespace dx::compiler {

enum class UnitKind : uint8_t {
  module,
  class_,
  function,
  async_function,
  lambda,
  comprehension,
  annotations
};

// What a name means in the code object being generated.
struct Binding {
  enum class Kind : uint8_t { local, hidden, cell, free, global, global_implicit, name };
  Kind kind;
  Reg reg = kNoReg;   // local, hidden (a temporary of an inlined comprehension), cell, free
  bool bound = true;  // hidden: something was stored already
};

// A construct that `return`, `break` and `continue` must leave in order.
struct FrameBlock {
  enum class Kind : uint8_t {
    while_loop,
    for_loop,        // reg: the iterator
    async_for_loop,  // reg: the asynchronous iterator
    try_except,
    finally_try,  // body: what to run on the way out
    finally_end,  // reg: the exception, reg + 1 what was handled before
    with,         // reg: window of __exit__
    async_with,
    handler_cleanup,  // as finally_end, and `name` to unbind
    star_handler,     // inside `except*`: may not be left by these statements
    generator_body,
    pending_return,  // reg: the value that a finally block keeps while it runs
  };
  Kind kind;
  Reg reg = kNoReg;
  int outer_handler = -1;
  int depth = 0;           // temporaries in use inside, its own included
  Block* exit = nullptr;   // loops: where break goes
  Block* again = nullptr;  // loops: where continue goes
  ast::Seq<ast::Stmt*> body{};
  Name name = nullptr;
  Position where = {};
};

struct Unit {
  UnitKind kind;
  Scope* scope;
  Unit* parent;
  Name private_name = nullptr;
  std::string name, qualname;
  int first_line = 1;
  uint32_t argument_count = 0, positional_only = 0, keyword_only = 0;
  uint32_t flags = 0;
  FlowGraph flow;
  std::vector<Name> params, cells, frees;
  std::unordered_map<Name, Reg> cell_of, free_of;
  std::vector<FrameBlock> frames;
  std::vector<std::unordered_map<Name, Binding>>
      overrides;  // names of the inlined comprehensions around
  std::set<std::string> static_attributes;
  // Generator expressions that stand twice in the code: any(x for x in y).
  std::unordered_map<const ast::Expr*, std::shared_ptr<dpb::CodeUnit>> generator_codes;
  struct DeferredAnnotation {
    const ast::AnnAssign* node;
    int conditional;  // its number in __conditional_annotations__, or -1
  };
  std::vector<DeferredAnnotation> deferred_annotations;
  int conditional_count = 0;
  int conditional_depth = 0;  // inside if, for, ...: annotations are conditional
  Block* annotations_block =
      nullptr;  // module: where `__annotate__ = ...` goes, before everything else
  std::vector<dpb::TypeAnnotation> annotations;
  Block* stop_iteration = nullptr;  // generators: the landing of every exception
  bool heap() const { return (flags & dpb::kCoHeapFrame) != 0; }
};

enum class More : uint8_t { none, follows };

class CodeGenerator {
 public:
  CodeGenerator(const CompileOptions& options, NameTable& names, Diagnostics& diagnostics,
                SymbolTable& symbols, FutureFeatures future)
      : options_(options),
        names_(names),
        diagnostics_(diagnostics),
        symbols_(symbols),
        future_(future),
        folder_(diagnostics, options.optimize) {}

  std::shared_ptr<dpb::CodeUnit> generate(const ast::Mod* mod, CompileMode mode);

 private:
  struct PatternContext;
  using Strings = std::vector<std::string>;

  // ---- units (codegen_function.cpp)
  void enter(UnitKind kind, Scope* scope, std::string name, int first_line, Name private_name);
  std::shared_ptr<dpb::CodeUnit> leave();
  void set_qualname(Unit& unit);

  // ---- emission helpers
  FlowGraph& flow() { return unit_->flow; }
  int depth() const { return unit_->flow.depth; }
  void release(int depth) { unit_->flow.depth = depth; }
  Inst& emit(Op op, int32_t a, int32_t b, int32_t c, uint8_t aux, const Position& where) {
    return unit_->flow.emit(op, a, b, c, aux, where);
  }
  // op dst, value
  void emit1(Op op, Reg dst, Value value, int32_t c, const Position& where, uint8_t aux = 0) {
    emit(op, dst, value.reg, c, aux | (value.owned ? dpb::kKillB : 0), where);
  }
  // op dst, left, right
  void emit2(Op op, Reg dst, Value left, Value right, const Position& where, uint8_t aux = 0) {
    emit(op, dst, left.reg, right.reg,
         aux | (left.owned ? dpb::kKillB : 0) | (right.owned ? dpb::kKillC : 0), where);
  }
  void branch1(Op op, Value value, int32_t c, bool sense, Block* target, const Position& where) {
    flow().branch(op, 0, value.reg, c, (value.owned ? dpb::kKillB : 0) | (sense ? 0 : dpb::kSense),
                  target, where);
  }
  void branch2(Op op, Value left, Value right, bool sense, Block* target, const Position& where) {
    flow().branch(op, 0, left.reg, right.reg,
                  (left.owned ? dpb::kKillB : 0) | (right.owned ? dpb::kKillC : 0) |
                      (sense ? 0 : dpb::kSense),
                  target, where);
  }
  void move(Reg dst, Value value, const Position& where) {
    if (value.reg != dst) emit1(Op::MOVE, dst, value, 0, where);
  }
  void clear(Reg reg, const Position& where) { emit(Op::CLEAR, 0, reg, 0, 0, where); }
  void load_none(Reg dst, const Position& where) {
    load_constant(dpb::Constant::none(), dst, where, false);
  }
  void load_constant(const dpb::Constant& value, Reg dst, const Position& where, bool late);
  Reg target_or_temp(Reg into) { return into != kNoReg ? into : flow().alloc(); }
  // A temporary to work in, when `into` is a local.
  Reg work_register(Reg into) { return into != kNoReg && is_temp(into) ? into : flow().alloc(); }
  Value finish_work(Reg work, Reg into, int mark, const Position& where);
  int add_handler(Block* block, int depth) {
    flow().handlers.push_back({block, depth});
    return static_cast<int>(flow().handlers.size()) - 1;
  }
  void warn(const Position& where, std::string message) {
    if (quiet_ == 0) diagnostics_.warn(where, std::move(message));
  }
  void fail(const Position& where, std::string message) {
    diagnostics_.fail(where, std::move(message));
  }

  // ---- names (codegen_names.cpp)
  Name mangled(Name name) { return symbols_.mangle(unit_->private_name, unit_->scope, name); }
  Binding resolve(Name mangled_name);
  Value load_name(Name name, const Position& where, Reg into);
  void store_name(Name name, Value value, const Position& where);
  void delete_name(Name name, const Position& where);
  // The register of a name that is a plain local here, else kNoReg.
  Reg local_register(const ast::Expr* target);
  Reg direct_local(const ast::Expr* target);
  void load_attribute(Reg dst, Value owner, Name name, const Position& where);
  void store_attribute(Value owner, Value value, Name name, const Position& where);
  void delete_attribute(Value owner, Name name, const Position& where);
  bool many_sites() { return flow().sites.size() >= 0xFFF0; }

  // ---- expressions (codegen_expr.cpp)
  Value expr(const ast::Expr* node, Reg into = kNoReg);
  void expr_into(const ast::Expr* node, Reg into);
  Value operand(const ast::Expr* node, More more = More::none);
  Value constant_expr(const dpb::Constant& value, const ast::Expr* node, Reg into);
  void note_leaf_constants(const ast::Expr* node);
  void discard(const ast::Expr* node);
  Value binary(const ast::BinOp* node, Reg into);
  Value arithmetic(ast::Operator op, bool inplace, const ast::Expr* left, Value left_value,
                   const ast::Expr* right, Reg into, int mark, const Position& where);
  Value unary(const ast::UnaryOp* node, Reg into);
  Value bool_op(const ast::BoolOp* node, Reg into);
  void bool_op_part(const ast::BoolOp* node, Reg work, Block* on_true, Block* on_false);
  Value if_exp(const ast::IfExp* node, Reg into);
  Value compare(const ast::Compare* node, Reg into);
  void compare_op(ast::CompareOperator op, Reg dst, Value left, Value right, const Position& where);
  Value subscript(const ast::Subscript* node, Reg into);
  Value slice(const ast::Slice* node, Reg into);
  Value tuple_or_list(const ast::Expr* node, ast::Seq<ast::Expr*> elements, Op build, Reg into);
  Value set_display(const ast::Set* node, Reg into);
  Value dict_display(const ast::Dict* node, Reg into);
  Value sequence_in_pieces(ast::Seq<ast::Expr*> elements, Op build, Reg into,
                           const Position& where);
  Value percent_format(const ast::BinOp* node, Reg into);
  Value joined_str(const ast::JoinedStr* node, Reg into);
  void formatted_value(const ast::FormattedValue* node, Reg dst);
  Value template_str(const ast::TemplateStr* node, Reg into);
  void string_piece(const ast::Expr* node, Reg dst);
  Value named_expr(const ast::NamedExpr* node, Reg into);
  Value await_or_yield_from(const ast::Expr* node, Reg into);
  Value yield_expr(const ast::Yield* node, Reg into);
  void send_loop(Reg value, const Position& where);
  void await_register(Reg value, int context, const Position& where);
  void jump_if(const ast::Expr* node, Block* target, bool sense);
  void jump_if_compare(const ast::Compare* node, Block* target, bool sense);
  void branch_compare(ast::CompareOperator op, Value left, Value right, bool sense, Block* target,
                      const Position& where);
  // Constant `right` of `left in right`: a list becomes a tuple, a set a frozenset.
  Value membership_operand(const ast::Expr* node, ast::CompareOperator op);
  const dpb::Constant* fold(const ast::Expr* node) { return folder_.fold(node); }
  void check_compare(const ast::Compare* node);
  void check_subscripter(const ast::Expr* node);
  void check_index(const ast::Expr* node, const ast::Expr* index);
  void check_caller(const ast::Expr* node);

  // ---- assignment (codegen_names.cpp)
  void assign(const ast::Expr* target, Value value);
  void assign_sequence(const ast::Expr* target, ast::Seq<ast::Expr*> elements, Value value);
  void assign_parallel(ast::Seq<ast::Expr*> targets, ast::Seq<ast::Expr*> values,
                       const ast::Expr* value_node);
  void delete_target(const ast::Expr* target);

  // ---- calls (codegen_calls.cpp)
  Value call(const ast::Call* node, Reg into);
  Value call_over_generator(const ast::Call* node, int which, Reg into);
  Value super_attribute(const ast::Attribute* node, Reg into);
  bool is_super_call(const ast::Expr* value, const ast::Identifier* attr);
  void arguments_and_call(Reg window, bool method, int first_argument_count,
                          ast::Seq<ast::Expr*> args, ast::Seq<ast::Keyword*> keywords, Reg dst,
                          int mark, const Position& where, Reg generic_base = kNoReg);
  void call_with_unpacking(Reg window, int first_argument_count, ast::Seq<ast::Expr*> args,
                           ast::Seq<ast::Keyword*> keywords, Reg generic_base,
                           const Position& where);
  void check_keywords(ast::Seq<ast::Keyword*> keywords);
  void emit_call(Op op, Reg dst, Reg window, int argc, const Position& where);
  Position call_position(const ast::Expr* attribute, Position where);
  Reg new_window() { return flow().alloc(7); }

  // ---- statements (codegen_stmt.cpp)
  void body(ast::Seq<ast::Stmt*> statements);
  void body_with_docstring(ast::Seq<ast::Stmt*> statements, bool module);
  void stmt(const ast::Stmt* node);
  void assign_stmt(const ast::Assign* node);
  void aug_assign(const ast::AugAssign* node);
  void ann_assign(const ast::AnnAssign* node);
  void check_annotation_subscript(const ast::Expr* node);
  void evaluate_and_drop(const ast::Expr* node);
  void expr_stmt(const ast::Expr* value, const Position& where);
  void return_stmt(const ast::Return* node);
  void raise_stmt(const ast::Raise* node);
  void assert_stmt(const ast::Assert* node);
  void import_stmt(const ast::Import* node);
  void import_from(const ast::ImportFrom* node);

  // ---- control (codegen_control.cpp)
  void if_stmt(const ast::If* node);
  void while_stmt(const ast::While* node);
  void for_stmt(const ast::For* node);
  void async_for(const ast::AsyncFor* node);
  void try_stmt(const ast::Stmt* node, ast::Seq<ast::Stmt*> body,
                ast::Seq<ast::ExceptHandlerBase*> handlers, ast::Seq<ast::Stmt*> orelse,
                ast::Seq<ast::Stmt*> finalbody, bool star);
  void try_except(const ast::Stmt* node, ast::Seq<ast::Stmt*> body,
                  ast::Seq<ast::ExceptHandlerBase*> handlers, ast::Seq<ast::Stmt*> orelse);
  void try_star(const ast::Stmt* node, ast::Seq<ast::Stmt*> body,
                ast::Seq<ast::ExceptHandlerBase*> handlers, ast::Seq<ast::Stmt*> orelse);
  void with_stmt(const ast::Stmt* node, ast::Seq<ast::WithItem*> items, uint32_t at,
                 ast::Seq<ast::Stmt*> body, bool async);
  void call_exit(Reg window, bool in_place, bool async, const Position& where);
  bool push_frame(FrameBlock frame, const Position& where);
  void pop_frame() { unit_->frames.pop_back(); }
  void unwind(const FrameBlock& frame, Reg value, Position& where);
  // Leaves all constructs from frames[down_to] up; a value on top of the temporaries may have to
  // survive. `where` becomes the place that what follows should show. The caller restores handler
  // and depth.
  void unwind_to(size_t down_to, Reg value, Position& where);
  void break_or_continue(bool is_break, const Position& where);
  void pop_handled(Reg exception, const Position& where);
  void unbind(Name name, const Position& where);
  void cleanup_and_reraise(Block* block, Reg saved);

  // ---- functions, classes, comprehensions
  template <typename Function>
  void function_def(const Function* node, bool async);
  template <typename Function>
  void plain_function(const Function* node, bool async, int first_line, uint8_t parts, Reg first,
                      Reg dst);
  Value lambda(const ast::Lambda* node, Reg into);
  // Evaluates the defaults into the next temporaries; the result says which of the two parts there
  // are.
  uint8_t default_values(const ast::Arguments* args, const Position& where);
  // Puts the function's __annotate__ into the next temporary, if it needs one.
  bool function_annotations(const ast::Stmt* node, const ast::Arguments* args,
                            const ast::Expr* returns);
  void enter_annotation_scope(Scope* scope, std::string name, int first_line,
                              const Position& where);
  void annotation_value(const ast::Expr* node, Reg into);
  // dst = the function of `code`; its parts stand from `first` on, and its closure is added to
  // them.
  void make_closure(const std::shared_ptr<dpb::CodeUnit>& code, uint8_t parts, Reg first, Reg dst,
                    const Position& where);
  Reg closure_register(Name name);
  // Evaluates decorators, each in the window of its call; afterwards the argument of the innermost
  // call is on top.
  std::vector<Reg> open_decorators(ast::Seq<ast::Expr*> decorators);
  void apply_decorators(ast::Seq<ast::Expr*> decorators, const std::vector<Reg>& windows);
  void call_type_parameter_scope(const std::shared_ptr<dpb::CodeUnit>& code, Reg window, int argc,
                                 Reg dst, const Position& where);
  void type_parameters(ast::Seq<ast::TypeParam*> params, Reg dst, const Position& where);
  void type_parameter_evaluator(const ast::Expr* node, Scope* scope, Name name, bool allow_starred,
                                Reg dst);
  void type_alias(const ast::TypeAlias* node);
  void type_alias_parts(const ast::TypeAlias* node, Reg dst);
  void class_def(const ast::ClassDef* node);
  std::shared_ptr<dpb::CodeUnit> class_body(const ast::ClassDef* node, int first_line);
  void emit_deferred_annotations(const Position& where);
  void set_parameters(const ast::Arguments* args);
  void finish_function_code();
  void wrap_stop_iteration();
  Value comprehension(const ast::Expr* node, Reg into);
  Value inlined_comprehension(const ast::Expr* node, Scope* scope,
                              ast::Seq<ast::Comprehension*> generators, Reg into);
  Value comprehension_function(const ast::Expr* node, Scope* scope,
                               ast::Seq<ast::Comprehension*> generators, Reg into);
  void comprehension_start(const ast::Expr* node, Reg result);
  void comprehension_loops(const ast::Expr* node, ast::Seq<ast::Comprehension*> generators,
                           uint32_t at, Reg result, Reg iter);
  void comprehension_element(const ast::Expr* node, Reg result);
  Reg comprehension_target(const ast::Expr* target);
  void mark_bound(const ast::Expr* target);

  // ---- match (codegen_match.cpp)
  void match_stmt(const ast::Match* node);
  void pattern(const ast::Pattern* node, Value subject, PatternContext& context);
  void capture(Name name, Value value, PatternContext& context, const Position& where);
  // Where a failing test goes when the temporaries in `live` are in use.
  Block* pattern_exit(PatternContext& context, const std::vector<Reg>& live);
  void emit_pattern_exits(PatternContext& context);

  // ---- warnings about `finally`
  void check_finally(ast::Seq<ast::Stmt*> statements, bool in_finally, bool in_loop);

  const CompileOptions& options_;
  NameTable& names_;
  Diagnostics& diagnostics_;
  SymbolTable& symbols_;
  FutureFeatures future_;
  Folder folder_;
  Unit* unit_ = nullptr;
  std::vector<std::unique_ptr<Unit>> units_;
  int quiet_ = 0;  // the second copy of a finally body warns of nothing
  bool interactive_ = false;
};

}  // namespace dx::compiler
