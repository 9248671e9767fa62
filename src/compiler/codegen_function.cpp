// Code objects: entering and leaving them, functions, lambdas, annotations, type parameters.

#include "base/check.h"
#include "compiler/codegen.h"
#include "compiler/docstring.h"

#include <algorithm>

namespace dx::compiler {

using namespace ast;
using dpb::Constant;
using Code = std::shared_ptr<dpb::CodeUnit>;

// ---- units ----

void CodeGenerator::set_qualname(Unit& unit) {
  unit.qualname = unit.name;
  const Unit* parent = unit.parent;
  if (parent == nullptr) return;
  if (parent->kind == UnitKind::annotations) {
    if (parent->parent == nullptr || parent->parent->parent == nullptr) return;
    parent = parent->parent;
  }
  if (parent->parent == nullptr) return;  // directly in the module
  if (unit.kind == UnitKind::function || unit.kind == UnitKind::async_function ||
      unit.kind == UnitKind::class_) {
    Name own = names_.mangle(parent->private_name, names_.intern(unit.name));
    if (parent->scope->scope_of(own) == ScopeOf::global_explicit) return;
  }
  std::string base = parent->qualname;
  if (parent->kind == UnitKind::function || parent->kind == UnitKind::async_function ||
      parent->kind == UnitKind::lambda) {
    base += ".<locals>";
  }
  unit.qualname = base + "." + unit.name;
}

void CodeGenerator::enter(UnitKind kind, Scope* scope, std::string name, int first_line,
                          Name private_name) {
  CHECK(scope != nullptr);
  units_.push_back(std::make_unique<Unit>());
  Unit& unit = *units_.back();
  unit.kind = kind;
  unit.scope = scope;
  unit.parent = unit_;
  unit.private_name = private_name;
  unit.name = std::move(name);
  unit.first_line = first_line;
  uint32_t flags = future_.flags;
  if (scope->function_like()) {
    flags |= dpb::kCoOptimized | dpb::kCoNewLocals;
    if (scope->nested) flags |= dpb::kCoNested;
    if (scope->varargs) flags |= dpb::kCoVarArgs;
    if (scope->varkeywords) flags |= dpb::kCoVarKeywords;
    if (scope->method) flags |= dpb::kCoMethod;
    if (scope->generator && scope->coroutine) {
      flags |= dpb::kCoAsyncGenerator;
    } else if (scope->generator) {
      flags |= dpb::kCoGenerator;
    } else if (scope->coroutine) {
      flags |= dpb::kCoCoroutine;
    }
    if (scope->has_docstring && options_.optimize < 2 &&
        (kind == UnitKind::function || kind == UnitKind::async_function)) {
      flags |= dpb::kCoHasDocstring;
    }
  } else if (kind == UnitKind::module && scope->coroutine) {
    flags |= scope->generator ? dpb::kCoAsyncGenerator : dpb::kCoCoroutine;
  }
  unit.flags = flags;
  unit.params = scope->params;
  for (Name param : scope->params) unit.flow.local(param);
  for (const Symbol& symbol : scope->symbols) {
    if (symbol.scope == ScopeOf::cell || (symbol.flags & kDefCompCell))
      unit.cells.push_back(symbol.name);
    if (symbol.scope == ScopeOf::free || (symbol.flags & kDefFreeClass))
      unit.frees.push_back(symbol.name);
  }
  auto by_text = [](Name left, Name right) { return *left < *right; };
  std::sort(unit.cells.begin(), unit.cells.end(), by_text);
  std::sort(unit.frees.begin(), unit.frees.end(), by_text);
  auto add_cell = [&](const char* text) {
    Name cell = names_.intern(text);
    if (std::find(unit.cells.begin(), unit.cells.end(), cell) == unit.cells.end())
      unit.cells.push_back(cell);
  };
  if (scope->needs_class_closure) add_cell("__class__");
  if (scope->needs_classdict) add_cell("__classdict__");
  if (scope->has_conditional_annotations) add_cell("__conditional_annotations__");
  // co_cellvars lists the parameters among them first, in their order.
  std::vector<Name> sorted = std::move(unit.cells);
  unit.cells.clear();
  auto is_param = [&](Name name) {
    return std::find(unit.params.begin(), unit.params.end(), name) != unit.params.end();
  };
  for (Name param : unit.params) {
    if (std::find(sorted.begin(), sorted.end(), param) != sorted.end()) unit.cells.push_back(param);
  }
  for (Name cell : sorted) {
    if (!is_param(cell)) unit.cells.push_back(cell);
  }
  for (size_t i = 0; i < unit.cells.size(); ++i)
    unit.cell_of[unit.cells[i]] = kCellBase + static_cast<Reg>(i);
  for (size_t i = 0; i < unit.frees.size(); ++i)
    unit.free_of[unit.frees[i]] = kFreeBase + static_cast<Reg>(i);
  set_qualname(unit);
  unit_ = &unit;
}

Code CodeGenerator::leave() {
  Unit& unit = *unit_;
  auto code = std::make_shared<dpb::CodeUnit>();
  code->name = unit.name;
  code->qualname = unit.qualname;
  code->first_line = static_cast<uint32_t>(unit.first_line);
  code->flags = unit.flags;
  code->argument_count = unit.argument_count;
  code->positional_only = unit.positional_only;
  code->keyword_only = unit.keyword_only;
  code->annotations = std::move(unit.annotations);
  std::string trouble;
  if (!diagnostics_.failed() &&
      !unit.flow.finish(*code, unit.params, unit.cells, unit.frees, unit.first_line, trouble)) {
    fail({unit.first_line, unit.first_line, 0, 0}, trouble);
  }
  unit_ = unit.parent;
  units_.pop_back();
  return code;
}

// Every exception that leaves a generator passes here, so that StopIteration becomes RuntimeError.
void CodeGenerator::wrap_stop_iteration() {
  if (!(unit_->flags & dpb::kCoHeapFrame) || unit_->kind == UnitKind::module) return;
  unit_->stop_iteration = flow().new_block();
  flow().handler = add_handler(unit_->stop_iteration, 0);
}

// The implicit `return None`.
void CodeGenerator::finish_function_code() {
  release(0);
  emit(Op::RETURN_CONST, 0, static_cast<int32_t>(flow().constant(Constant::none())), 0, 0, {});
  if (unit_->stop_iteration == nullptr) return;
  flow().handler = -1;
  flow().use(unit_->stop_iteration);
  Reg exception = flow().alloc();
  emit(Op::INTRINSIC_1, exception, exception, 3, dpb::kKillB, {});
  emit(Op::RERAISE, 0, exception, 0, dpb::kKillB, {});
  release(0);
}

Code CodeGenerator::generate(const Mod* mod, CompileMode mode) {
  (void)mode;
  interactive_ = is<Interactive>(mod);
  Seq<Stmt*> statements;
  if (const Module* module = maybe_as<Module>(mod)) statements = module->body;
  if (interactive_) statements = as<Interactive>(mod)->body;
  check_finally(statements, false, false);
  enter(UnitKind::module, symbols_.top(), "<module>", 1, nullptr);
  Position start = statements.empty() ? Position{1, 1, 0, 0} : position_of(statements[0]);
  if (const Expression* expression = maybe_as<Expression>(mod)) {
    Value value = operand(expression->body);
    emit1(Op::RETURN_VALUE, 0, {value.reg, true}, 0, position_of(expression->body));
    release(0);
  } else {
    unit_->annotations_block = flow().new_block();
    flow().use(unit_->annotations_block);
    flow().use(flow().new_block());
    if (unit_->scope->has_conditional_annotations) {
      Reg set = flow().alloc();
      emit(Op::BUILD_SET, set, set, 0, 0, start);
      store_name(names_.intern("__conditional_annotations__"), {set, true}, start);
      release(0);
    }
    body_with_docstring(statements, true);
  }
  finish_function_code();
  return leave();
}

// ---- making functions ----

Reg CodeGenerator::closure_register(Name name) {
  for (size_t i = unit_->overrides.size(); i-- > 0;) {
    auto at = unit_->overrides[i].find(name);
    if (at == unit_->overrides[i].end()) continue;
    if (at->second.kind == Binding::Kind::cell || at->second.kind == Binding::Kind::free)
      return at->second.reg;
  }
  if (unit_->scope->scope_of(name) == ScopeOf::free) {
    auto at = unit_->free_of.find(name);
    if (at != unit_->free_of.end()) return at->second;
  }
  auto cell = unit_->cell_of.find(name);
  if (cell != unit_->cell_of.end()) return cell->second;
  auto free = unit_->free_of.find(name);
  CHECK(free != unit_->free_of.end());
  return free->second;
}

void CodeGenerator::make_closure(const Code& code, uint8_t parts, Reg first, Reg dst,
                                 const Position& where) {
  if (diagnostics_.failed()) return;
  int mark = depth();
  if (!code->freevars.empty()) {
    Reg cells = kTempBase + depth();
    for (const std::string& name : code->freevars) {
      emit(Op::MOVE, flow().alloc(), closure_register(names_.intern(name)), 0, 0, where);
    }
    int count = static_cast<int>(code->freevars.size());
    emit(Op::BUILD_TUPLE, cells, cells, count, 0, where);
    parts |= 8;
  }
  flow().reserve(1);
  emit(Op::MAKE_FUNCTION, dst, static_cast<int32_t>(flow().constant(Constant::nested(code))), first,
       parts, where);
  release(mark);
}

void CodeGenerator::set_parameters(const Arguments* args) {
  unit_->argument_count = args->posonlyargs.size + args->args.size;
  unit_->positional_only = args->posonlyargs.size;
  unit_->keyword_only = args->kwonlyargs.size;
}

uint8_t CodeGenerator::default_values(const Arguments* args, const Position& where) {
  uint8_t parts = 0;
  if (!args->defaults.empty()) {
    parts |= 1;
    std::vector<Constant> constants;
    for (Expr* value : args->defaults) {
      const Constant* constant = fold(value);
      if (constant != nullptr) constants.push_back(*constant);
    }
    int mark = depth();
    if (constants.size() == args->defaults.size) {
      for (Expr* value : args->defaults) note_leaf_constants(value);
      load_constant(Constant::tuple(std::move(constants)), flow().alloc(), where, true);
    } else {
      Reg items = kTempBase + mark;
      for (Expr* value : args->defaults) expr_into(value, flow().alloc());
      emit(Op::BUILD_TUPLE, items, items, static_cast<int32_t>(args->defaults.size), 0, where);
      release(mark + 1);
    }
  }
  int mark = depth();
  Reg pairs = kTempBase + mark;
  int count = 0;
  for (uint32_t i = 0; i < args->kwonlyargs.size; ++i) {
    if (args->kw_defaults[i] == nullptr) continue;
    load_constant(Constant::string(*mangled(names_.of(args->kwonlyargs[i]->arg))), flow().alloc(),
                  where, false);
    expr_into(args->kw_defaults[i], flow().alloc());
    ++count;
  }
  if (count > 0) {
    parts |= 2;
    emit(Op::BUILD_MAP, pairs, pairs, count, 0, where);
    release(mark + 1);
  }
  return parts;
}

std::vector<Reg> CodeGenerator::open_decorators(Seq<Expr*> decorators) {
  std::vector<Reg> windows;
  for (Expr* decorator : decorators) {
    Reg window = new_window();
    windows.push_back(window);
    int above = depth();
    expr_into(decorator, window);
    release(above);
  }
  return windows;
}

// The decorated object stands in the next free temporary; afterwards it stands where the first
// window began.
void CodeGenerator::apply_decorators(Seq<Expr*> decorators, const std::vector<Reg>& windows) {
  for (uint32_t i = decorators.size; i-- > 0;) {
    emit_call(Op::CALL, windows[i], windows[i], 1, position_of(decorators[i]));
    release(windows[i] - kTempBase);
  }
}

void CodeGenerator::call_type_parameter_scope(const Code& code, Reg window, int argc, Reg dst,
                                              const Position& where) {
  make_closure(code, 0, kTempBase + depth(), window, where);
  emit_call(Op::CALL, dst, window, argc, where);
}

template <typename Function>
void CodeGenerator::plain_function(const Function* node, bool async, int first_line, uint8_t parts,
                                   Reg first, Reg dst) {
  Position where = position_of(node);
  if (function_annotations(node, node->args, node->returns)) parts |= 4;
  Scope* scope = symbols_.lookup(node);
  enter(async ? UnitKind::async_function : UnitKind::function, scope, *names_.of(node->name),
        first_line, unit_->private_name);
  set_parameters(node->args);
  auto hint = [&](const Identifier* name, const Expr* annotation) {
    if (annotation != nullptr)
      unit_->annotations.push_back({std::string(name->view()), unparse(annotation)});
  };
  for (Arg* arg : node->args->posonlyargs) hint(arg->arg, arg->annotation);
  for (Arg* arg : node->args->args) hint(arg->arg, arg->annotation);
  for (Arg* arg : node->args->kwonlyargs) hint(arg->arg, arg->annotation);
  if (node->returns != nullptr) unit_->annotations.push_back({"return", unparse(node->returns)});
  uint32_t at = 0;
  if (scope->has_docstring) {
    at = 1;
    if (options_.optimize < 2) {
      const ast::Constant* text = as<ast::Constant>(as<ExprStmt>(node->body[0])->value);
      flow().constant(Constant::string(clean_docstring(text->value.text)));
    }
  }
  wrap_stop_iteration();
  for (; at < node->body.size; ++at) stmt(node->body[at]);
  finish_function_code();
  Code code = leave();
  make_closure(code, parts, first, dst, where);
}

template <typename Function>
void CodeGenerator::function_def(const Function* node, bool async) {
  int mark = depth();
  Position where = position_of(node);
  int first_line = node->decorator_list.empty() ? node->lineno : node->decorator_list[0]->lineno;
  std::vector<Reg> windows = open_decorators(node->decorator_list);
  Reg dst = flow().alloc();
  int base = depth();
  if (node->type_params.empty()) {
    Reg first = kTempBase + depth();
    uint8_t parts = default_values(node->args, where);
    plain_function(node, async, first_line, parts, first, dst);
  } else {
    // The type parameters live in a function of their own, called at once with the default values.
    Reg window = new_window();
    uint8_t parts = default_values(node->args, where);
    int argc = (parts & 1) + (parts >> 1 & 1);
    Scope* scope = symbols_.lookup(node, ScopeRole::type_parameters);
    std::string name(node->name->view());
    enter(UnitKind::annotations, scope, "<generic parameters of " + name + ">", first_line,
          unit_->private_name);
    unit_->argument_count = static_cast<uint32_t>(argc);
    Reg parameters = flow().alloc();
    type_parameters(node->type_params, parameters, where);
    Reg function = flow().alloc();
    Reg first = kTempBase + depth();
    // Copies made here, so that the verifier knows what they are.
    Reg local = 0;
    if (parts & 1) {
      Reg copy = flow().alloc();
      emit(Op::BUILD_LIST, copy, copy, 0, 0, where);
      emit(Op::LIST_EXTEND, copy, local++, 0, 0, where);
      emit(Op::LIST_TO_TUPLE, copy, copy, 0, dpb::kKillB, where);
    }
    if (parts & 2) {
      Reg copy = flow().alloc();
      emit(Op::BUILD_MAP, copy, copy, 0, 0, where);
      emit(Op::DICT_UPDATE, copy, local, 0, 0, where);
    }
    plain_function(node, async, first_line, parts, first, function);
    release(2);
    emit2(Op::INTRINSIC_2, parameters, {function, true}, {parameters, true}, where, 3 << 4);
    emit1(Op::RETURN_VALUE, 0, {parameters, true}, 0, where);
    finish_function_code();
    Code code = leave();
    call_type_parameter_scope(code, window, argc, dst, where);
  }
  release(base);
  apply_decorators(node->decorator_list, windows);
  Reg result = windows.empty() ? dst : windows[0];
  store_name(names_.of(node->name), {result, true}, where);
  release(mark);
}

template void CodeGenerator::function_def(const FunctionDef*, bool);
template void CodeGenerator::function_def(const AsyncFunctionDef*, bool);

Value CodeGenerator::lambda(const Lambda* node, Reg into) {
  Position where = position_of(node);
  int mark = depth();
  Reg first = kTempBase + mark;
  uint8_t parts = default_values(node->args, where);
  enter(UnitKind::lambda, symbols_.lookup(node), "<lambda>", node->lineno, unit_->private_name);
  set_parameters(node->args);
  wrap_stop_iteration();
  Value value = operand(node->body);
  emit1(Op::RETURN_VALUE, 0, {value.reg, true}, 0, position_of(node->body));
  finish_function_code();
  Code code = leave();
  Reg dst = into != kNoReg ? into : first;
  make_closure(code, parts, first, dst, where);
  release(mark);
  if (into == kNoReg) flow().alloc();
  return {dst, is_temp(dst)};
}

// ---- annotations ----

// Annotation scopes refuse formats they cannot serve: `if format > 2: raise NotImplementedError`.
void CodeGenerator::enter_annotation_scope(Scope* scope, std::string name, int first_line,
                                           const Position& where) {
  enter(UnitKind::annotations, scope, std::move(name), first_line, unit_->private_name);
  unit_->argument_count = 1;
  unit_->positional_only = 1;
  Block* start = flow().new_block();
  flow().constant(Constant::integer(2));
  flow().branch(Op::JUMP_IF_GT_INT, 0, 0, 2, dpb::kSense, start, where);
  Reg exception = flow().alloc();
  emit(Op::LOAD_COMMON_CONSTANT, exception, 1, 0, 0, where);
  emit(Op::RAISE_VARARGS, 0, exception, kNoReg, dpb::kKillB | 1 << 4, where);
  release(0);
  flow().use(start);
}

void CodeGenerator::annotation_value(const Expr* node, Reg into) {
  Position where = position_of(node);
  if (future_.annotations())
    return load_constant(Constant::string(unparse(node)), into, where, false);
  if (const Starred* star = maybe_as<Starred>(node)) {
    // *args: *Ts stands for the one item of Ts unpacked.
    int mark = depth();
    Value value = operand(star->value);
    emit1(Op::UNPACK_SEQUENCE, into, value, 1, where);
    return release(mark);
  }
  expr_into(node, into);
}

bool CodeGenerator::function_annotations(const Stmt* node, const Arguments* args,
                                         const Expr* returns) {
  Scope* scope = symbols_.lookup(args, ScopeRole::annotations);
  if (scope == nullptr || !scope->annotations_used || diagnostics_.failed()) return false;
  Position where = position_of(node);
  Reg dst = flow().alloc();
  enter_annotation_scope(scope, "__annotate__", node->lineno, where);
  Reg pairs = kTempBase + depth();
  int count = 0;
  auto annotate = [&](Name name, const Expr* annotation) {
    if (annotation == nullptr) return;
    load_constant(Constant::string(*names_.mangle(unit_->private_name, name)), flow().alloc(),
                  where, false);
    annotation_value(annotation, flow().alloc());
    ++count;
  };
  for (Arg* arg : args->args) annotate(names_.of(arg->arg), arg->annotation);
  for (Arg* arg : args->posonlyargs) annotate(names_.of(arg->arg), arg->annotation);
  if (args->vararg != nullptr) annotate(names_.of(args->vararg->arg), args->vararg->annotation);
  for (Arg* arg : args->kwonlyargs) annotate(names_.of(arg->arg), arg->annotation);
  if (args->kwarg != nullptr) annotate(names_.of(args->kwarg->arg), args->kwarg->annotation);
  annotate(names_.intern("return"), returns);
  emit(Op::BUILD_MAP, pairs, pairs, count, 0, where);
  emit1(Op::RETURN_VALUE, 0, {pairs, true}, 0, where);
  finish_function_code();
  flow().varnames[0] = names_.intern("format");  // as inspect.signature() should show it
  Code code = leave();
  int above = depth();
  make_closure(code, 0, kTempBase + above, dst, where);
  release(above);
  return true;
}

// One __annotate__ function for all annotated names of a module or class.
void CodeGenerator::emit_deferred_annotations(const Position& where) {
  if (unit_->deferred_annotations.empty() || diagnostics_.failed()) return;
  Scope* scope = unit_->scope->annotation_block;
  bool in_class = unit_->kind == UnitKind::class_;
  auto deferred = std::move(unit_->deferred_annotations);
  enter_annotation_scope(scope, "__annotate__", where.line, where);
  Name conditional_names = names_.intern("__conditional_annotations__");
  Reg map = flow().alloc();
  emit(Op::BUILD_MAP, map, flow().alloc(), 0, 0, where);
  int above = 1;
  release(above);
  for (const Unit::DeferredAnnotation& item : deferred) {
    Position at = position_of(item.node);
    Block* skip = flow().new_block();
    if (item.conditional >= 0) {
      Reg number = flow().alloc();
      load_constant(Constant::integer(item.conditional), number, at, false);
      Reg set = flow().alloc();
      if (in_class) {
        emit(Op::LOAD_DEREF, set, closure_register(conditional_names), 0, 0, at);
      } else {
        emit(Op::LOAD_GLOBAL, set,
             static_cast<int32_t>(flow().site(dpb::SiteKind::global_load, conditional_names)), 0, 0,
             at);
      }
      branch2(Op::JUMP_IF_CONTAINS, {number, true}, {set, true}, false, skip, at);
      release(above);
    }
    Reg value = flow().alloc();
    annotation_value(item.node->annotation, value);
    Reg key = flow().alloc();
    Name name = names_.mangle(unit_->private_name, names_.of(as<ast::Name>(item.node->target)->id));
    load_constant(Constant::string(*name), key, at, false);
    emit(Op::STORE_SUBSCR, value, map, key, dpb::kKillA | dpb::kKillC, where);
    release(above);
    flow().use(skip);
  }
  emit1(Op::RETURN_VALUE, 0, {map, true}, 0, where);
  finish_function_code();
  flow().varnames[0] = names_.intern("format");
  Code code = leave();
  if (diagnostics_.failed()) return;
  // A module sets __annotate__ before its first statement, so that it is there while the module
  // runs.
  Block* resume = flow().current;
  if (!in_class) flow().current = unit_->annotations_block;
  int mark = depth();
  Reg function = flow().alloc();
  make_closure(code, 0, kTempBase + depth(), function, where);
  store_name(names_.intern(in_class ? "__annotate_func__" : "__annotate__"), {function, true},
             where);
  release(mark);
  if (!in_class) flow().current = resume;
}

// ---- type parameters ----

// dst = a function that evaluates a bound, constraint, default or alias when it is asked for.
void CodeGenerator::type_parameter_evaluator(const Expr* node, Scope* scope, Name name,
                                             bool allow_starred, Reg dst) {
  Position where = position_of(node);
  int mark = depth();
  Reg defaults = flow().alloc();
  load_constant(Constant::tuple({Constant::integer(1)}), defaults, where, false);
  enter_annotation_scope(scope, *name, node->lineno, where);
  Reg value = flow().alloc();
  const Starred* star = maybe_as<Starred>(node);
  if (allow_starred && star != nullptr) {
    Value source = operand(star->value);
    emit1(Op::UNPACK_SEQUENCE, value, source, 1, where);
  } else {
    expr_into(node, value);
  }
  release(1);
  emit1(Op::RETURN_VALUE, 0, {value, true}, 0, where);
  finish_function_code();
  Code code = leave();
  make_closure(code, 1, defaults, dst, where);
  release(mark);
}

void CodeGenerator::type_parameters(Seq<TypeParam*> params, Reg dst, const Position& where) {
  int mark = depth();
  bool seen_default = false;
  for (TypeParam* param : params) {
    Position at = position_of(param);
    Reg made = flow().alloc();
    const TypeVar* variable = maybe_as<TypeVar>(param);
    const TypeVarTuple* pack = maybe_as<TypeVarTuple>(param);
    const ParamSpec* spec = maybe_as<ParamSpec>(param);
    Name name = names_.of(variable != nullptr ? variable->name
                          : pack != nullptr   ? pack->name
                                              : spec->name);
    const Expr* default_value = variable != nullptr ? variable->default_value
                                : pack != nullptr   ? pack->default_value
                                                    : spec->default_value;
    load_constant(Constant::string(*name), made, at, false);
    if (variable != nullptr && variable->bound != nullptr) {
      Reg evaluator = flow().alloc();
      type_parameter_evaluator(variable->bound, symbols_.lookup(param), name, false, evaluator);
      bool constraints = is<Tuple>(variable->bound);
      emit2(Op::INTRINSIC_2, made, {made, true}, {evaluator, true}, at,
            static_cast<uint8_t>((constraints ? 2 : 1) << 4));
      release(depth() - 1);
    } else {
      emit1(Op::INTRINSIC_1, made, {made, true},
            variable != nullptr ? 4
            : pack != nullptr   ? 6
                                : 5,
            at);
    }
    if (default_value != nullptr) {
      seen_default = true;
      Reg evaluator = flow().alloc();
      type_parameter_evaluator(default_value, symbols_.lookup(param, ScopeRole::default_value),
                               name, pack != nullptr, evaluator);
      emit2(Op::INTRINSIC_2, made, {made, true}, {evaluator, true}, at, 4 << 4);
      release(depth() - 1);
    } else if (seen_default) {
      return fail(at, "non-default type parameter '" + *name + "' follows default type parameter");
    }
    store_name(name, {made, false}, at);
  }
  emit(Op::BUILD_TUPLE, dst, kTempBase + mark, static_cast<int32_t>(params.size), 0, where);
  release(mark);
}

void CodeGenerator::type_alias_parts(const TypeAlias* node, Reg dst) {
  Position where = position_of(node);
  int mark = depth();
  Name name = names_.of(as<ast::Name>(node->name)->id);
  Reg parts = flow().alloc(3);
  load_constant(Constant::string(*name), parts, where, false);
  if (node->type_params.empty()) {
    load_none(parts + 1, where);
  } else {
    type_parameters(node->type_params, parts + 1, where);
  }
  int above = depth();
  Reg defaults = flow().alloc();
  load_constant(Constant::tuple({Constant::integer(1)}), defaults, where, false);
  enter_annotation_scope(symbols_.lookup(node), *name, node->lineno, where);
  Value value = operand(node->value);
  emit1(Op::RETURN_VALUE, 0, {value.reg, true}, 0, where);
  finish_function_code();
  Code code = leave();
  make_closure(code, 1, defaults, parts + 2, where);
  release(above);
  emit(Op::BUILD_TUPLE, dst, parts, 3, 0, where);
  emit(Op::INTRINSIC_1, dst, dst, 8, dpb::kKillB, where);
  release(mark);
}

void CodeGenerator::type_alias(const TypeAlias* node) {
  Position where = position_of(node);
  int mark = depth();
  Reg dst = flow().alloc();
  if (node->type_params.empty()) {
    type_alias_parts(node, dst);
  } else {
    std::string name(as<ast::Name>(node->name)->id->view());
    Reg window = new_window();
    enter(UnitKind::annotations, symbols_.lookup(node, ScopeRole::type_parameters),
          "<generic parameters of " + name + ">", node->lineno, unit_->private_name);
    Reg alias = flow().alloc();
    type_alias_parts(node, alias);
    emit1(Op::RETURN_VALUE, 0, {alias, true}, 0, where);
    finish_function_code();
    call_type_parameter_scope(leave(), window, 0, dst, where);
  }
  store_name(names_.of(as<ast::Name>(node->name)->id), {dst, true}, where);
  release(mark);
}

}  // namespace dx::compiler
