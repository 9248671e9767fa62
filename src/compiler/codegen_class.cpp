// Classes and comprehensions.

#include <algorithm>

#include "base/check.h"
#include "compiler/codegen.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;
using Code = std::shared_ptr<dpb::CodeUnit>;

// ---- classes ----

Code CodeGenerator::class_body(const ClassDef* node, int first_line) {
  Name name = names_.of(node->name);
  enter(UnitKind::class_, symbols_.lookup(node), *name, first_line, name);
  Position where{first_line, first_line, 0, 0};
  Reg reg = flow().alloc();
  auto set = [&](const char* attribute) {
    store_name(names_.intern(attribute), {reg, true}, where);
  };
  load_name(names_.intern("__name__"), where, reg);
  set("__module__");
  load_constant(Constant::string(unit_->qualname), reg, where, false);
  set("__qualname__");
  load_constant(Constant::integer(first_line), reg, where, false);
  set("__firstlineno__");
  if (!node->type_params.empty()) {
    load_name(names_.intern(".type_params"), where, reg);
    set("__type_params__");
  }
  Name classdict = names_.intern("__classdict__");
  if (unit_->scope->needs_classdict) {
    emit(Op::LOAD_LOCALS, reg, 0, 0, 0, where);
    emit(Op::STORE_DEREF, unit_->cell_of[classdict], reg, 0, dpb::kKillB, where);
  }
  if (unit_->scope->has_conditional_annotations) {
    emit(Op::BUILD_SET, reg, reg, 0, 0, where);
    emit(Op::STORE_DEREF, unit_->cell_of[names_.intern("__conditional_annotations__")], reg, 0,
         dpb::kKillB, where);
  }
  release(0);
  body_with_docstring(node->body, false);
  reg = flow().alloc();
  std::vector<Constant> attributes;
  for (const std::string& attribute : unit_->static_attributes)
    attributes.push_back(Constant::string(attribute));
  Position nowhere;
  load_constant(Constant::tuple(std::move(attributes)), reg, nowhere, false);
  store_name(names_.intern("__static_attributes__"), {reg, true}, nowhere);
  if (unit_->scope->needs_classdict) {
    emit(Op::MOVE, reg, unit_->cell_of[classdict], 0, 0, nowhere);
    store_name(names_.intern("__classdictcell__"), {reg, true}, nowhere);
  }
  if (unit_->scope->needs_class_closure) {
    emit(Op::MOVE, reg, unit_->cell_of[names_.intern("__class__")], 0, 0, nowhere);
    store_name(names_.intern("__classcell__"), {reg, false}, nowhere);
    emit1(Op::RETURN_VALUE, 0, {reg, true}, 0, nowhere);
    release(0);
  } else {
    release(0);
    finish_function_code();
  }
  return leave();
}

void CodeGenerator::class_def(const ClassDef* node) {
  int mark = depth();
  Position where = position_of(node);
  int first_line = node->decorator_list.empty() ? node->lineno : node->decorator_list[0]->lineno;
  std::vector<Reg> windows = open_decorators(node->decorator_list);
  Name name = names_.of(node->name);
  bool generic = !node->type_params.empty();
  Reg dst = flow().alloc();
  int base = depth();
  Reg outer_window = kNoReg;
  Name type_params_name = names_.intern(".type_params");
  if (generic) {
    outer_window = new_window();
    enter(UnitKind::annotations, symbols_.lookup(node, ScopeRole::type_parameters),
          "<generic parameters of " + *name + ">", first_line, name);
    Reg parameters = flow().alloc();
    type_parameters(node->type_params, parameters, where);
    store_name(type_params_name, {parameters, true}, where);
    release(0);
  }
  Reg made = generic ? flow().alloc() : dst;
  int inner = depth();
  check_keywords(node->keywords);
  Code code = class_body(node, first_line);
  Reg window = new_window();
  emit(Op::LOAD_BUILD_CLASS, window, 0, 0, 0, where);
  Reg function = flow().alloc();
  make_closure(code, 0, kTempBase + depth(), function, where);
  load_constant(Constant::string(*name), flow().alloc(), where, false);
  Reg generic_base = kNoReg;
  if (generic) {
    int above = depth();
    Value parameters = load_name(type_params_name, where, kNoReg);
    release(above);
    Reg base_value = flow().alloc();
    emit1(Op::INTRINSIC_1, base_value, parameters, 7, where);
    store_name(names_.intern(".generic_base"), {base_value, true}, where);
    release(above);
    generic_base = resolve(names_.intern(".generic_base")).reg;
  }
  arguments_and_call(window, false, 2, node->bases, node->keywords, made, inner, where,
                     generic_base);
  if (generic) {
    emit1(Op::RETURN_VALUE, 0, {made, true}, 0, where);
    finish_function_code();
    call_type_parameter_scope(leave(), outer_window, 0, dst, where);
  }
  release(base);
  apply_decorators(node->decorator_list, windows);
  store_name(name, {windows.empty() ? dst : windows[0], true}, where);
  release(mark);
}

// ---- comprehensions ----

namespace {

Seq<ast::Comprehension*> generators_of(const Expr* node) {
  switch (node->node_kind) {
    case NodeKind::ListComp: return as<ListComp>(node)->generators;
    case NodeKind::SetComp: return as<SetComp>(node)->generators;
    case NodeKind::DictComp: return as<DictComp>(node)->generators;
    default: return as<GeneratorExp>(node)->generators;
  }
}

}  // namespace

Value CodeGenerator::comprehension(const Expr* node, Reg into) {
  Scope* scope = symbols_.lookup(node);
  CHECK(scope != nullptr);
  Seq<ast::Comprehension*> generators = generators_of(node);
  if (scope->inlined) return inlined_comprehension(node, scope, generators, into);
  return comprehension_function(node, scope, generators, into);
}

void CodeGenerator::comprehension_start(const Expr* node, Reg result) {
  Op op = is<ListComp>(node) ? Op::BUILD_LIST : is<SetComp>(node) ? Op::BUILD_SET : Op::BUILD_MAP;
  flow().reserve(1);
  emit(op, result, kTempBase + depth(), 0, 0, position_of(node));
}

// The register a loop can write its item to directly.
Reg CodeGenerator::comprehension_target(const Expr* target) {
  const ast::Name* name = maybe_as<ast::Name>(target);
  if (name == nullptr) return kNoReg;
  Binding binding = resolve(mangled(names_.of(name->id)));
  return binding.kind == Binding::Kind::local || binding.kind == Binding::Kind::hidden ? binding.reg
                                                                                       : kNoReg;
}

void CodeGenerator::mark_bound(const Expr* target) {
  if (unit_->overrides.empty()) return;
  switch (target->node_kind) {
    case NodeKind::Name: {
      auto at = unit_->overrides.back().find(mangled(names_.of(as<ast::Name>(target)->id)));
      if (at != unit_->overrides.back().end()) at->second.bound = true;
      return;
    }
    case NodeKind::Tuple:
      for (Expr* element : as<Tuple>(target)->elts) mark_bound(element);
      return;
    case NodeKind::List:
      for (Expr* element : as<List>(target)->elts) mark_bound(element);
      return;
    case NodeKind::Starred: return mark_bound(as<Starred>(target)->value);
    default: return;
  }
}

// In place. Its variables are invisible to the code around it:
//   - a name nobody else uses here is a local of its own, emptied afterwards;
//   - a name that means something else here lives in a temporary meanwhile;
//   - a variable that a nested function captures gets a new cell in its cell register; the old one,
//   saved in a temporary,
//     comes back afterwards, also when an exception leaves.
Value CodeGenerator::inlined_comprehension(const Expr* node, Scope* scope,
                                           Seq<ast::Comprehension*> generators, Reg into) {
  Position where = position_of(node);
  int mark = depth();
  const Scope* around = unit_->scope;
  bool in_class = around->kind == BlockKind::class_;
  Reg result = work_register(into);
  struct Saved {
    Reg cell, old;
  };
  std::vector<Saved> cells;
  std::vector<Reg> temporaries, locals;
  std::unordered_map<Name, Binding> bindings;
  auto overridden = [&](Name name) {
    for (const auto& level : unit_->overrides) {
      if (level.contains(name)) return true;
    }
    return false;
  };
  std::vector<Name> own_locals;
  for (const Symbol& symbol : scope->symbols) {
    Name name = symbol.name;
    if (symbol.flags & kDefParam) continue;
    if ((symbol.flags & kDefLocal) && !(symbol.flags & (kDefNonlocal | kDefGlobal))) {
      if (symbol.scope == ScopeOf::cell || (symbol.flags & kDefCompCell)) {
        Reg cell = unit_->cell_of.at(name);
        cells.push_back({cell, flow().alloc()});
        bindings[name] = {Binding::Kind::cell, cell};
        continue;
      }
      const Symbol* outer = around->find(name);
      bool own = !overridden(name) &&
                 (!around->function_like() ||
                  (outer != nullptr && (outer->merged || outer->scope != ScopeOf::local) &&
                   !(outer->flags & kDefParam)));
      if (own) {
        own_locals.push_back(name);
      } else {
        own_locals.push_back(name);
        Reg reg = flow().alloc();
        temporaries.push_back(reg);
        bindings[name] = {Binding::Kind::hidden, reg, false};
      }
    } else if (in_class) {
      switch (symbol.scope) {
        case ScopeOf::free:
          if (unit_->free_of.contains(name))
            bindings[name] = {Binding::Kind::free, unit_->free_of.at(name)};
          break;
        case ScopeOf::global_explicit: bindings[name] = {Binding::Kind::global}; break;
        default: bindings[name] = {Binding::Kind::global_implicit};
      }
    } else if (symbol.scope == ScopeOf::global_implicit && around->function_like()) {
      // A local here only for the sake of another comprehension: for this one the name is global.
      const Symbol* outer = around->find(name);
      if (outer != nullptr && outer->merged && outer->scope == ScopeOf::local)
        bindings[name] = {Binding::Kind::global_implicit};
    }
  }
  int above = depth();
  ast::Comprehension* outermost = generators[0];
  Position at = position_of(outermost->iter);
  const List* list = maybe_as<List>(outermost->iter);
  Value source = list != nullptr || is<Set>(outermost->iter)
                     ? membership_operand(outermost->iter, CompareOperator::In)
                     : operand(outermost->iter);
  release(above);
  Reg iter = flow().alloc();
  emit1(outermost->is_async ? Op::GET_AITER : Op::GET_ITER, iter, source, 0, at);
  // Locals are numbered after the names of the iterable.
  for (Name name : own_locals) {
    Reg reg = flow().local(name);
    if (bindings.contains(name)) continue;
    locals.push_back(reg);
    bindings[name] = {Binding::Kind::local, reg};
  }
  unit_->overrides.push_back(std::move(bindings));
  for (Reg reg : temporaries) emit(Op::LOAD_SINGLETON, reg, 0, 0, 0, where);
  for (const Saved& saved : cells) {
    emit(Op::MOVE, saved.old, saved.cell, 0, 0, where);
  }
  int outer_handler = flow().handler;
  Block* landing = flow().new_block();
  if (!locals.empty() || !cells.empty()) flow().handler = add_handler(landing, above);
  for (const Saved& saved : cells) {
    clear(saved.cell, where);
    emit(Op::MAKE_CELL, 0, saved.cell, 0, 0, where);
  }
  comprehension_start(node, result);
  comprehension_loops(node, generators, 0, result, iter);
  release(above);
  flow().handler = outer_handler;
  unit_->overrides.pop_back();
  auto restore = [&](const Position& place) {
    for (Reg reg : locals) clear(reg, place);
    for (const Saved& saved : cells) move(saved.cell, {saved.old, true}, place);
  };
  restore(where);
  for (size_t i = temporaries.size(); i-- > 0;) clear(temporaries[i], where);
  if (!locals.empty() || !cells.empty()) {
    Block* end = flow().new_block();
    flow().jump(end, {});
    flow().use(landing);
    Reg exception = flow().alloc();
    // No handler covers the way back: in between, a cell register may hold no cell.
    flow().handler = -1;
    restore(where);
    flow().handler = outer_handler;
    emit(Op::RERAISE, 0, exception, 0, dpb::kKillB, where);
    release(above);
    flow().use(end);
  }
  return finish_work(result, into, mark, where);
}

Value CodeGenerator::comprehension_function(const Expr* node, Scope* scope,
                                            Seq<ast::Comprehension*> generators, Reg into) {
  Position where = position_of(node);
  int mark = depth();
  bool is_generator = is<GeneratorExp>(node);
  ast::Comprehension* outermost = generators[0];
  bool is_async = scope->coroutine && !is_generator;
  auto known = unit_->generator_codes.find(node);
  Code code = known != unit_->generator_codes.end() ? known->second : nullptr;
  if (code == nullptr) {
    enter(UnitKind::comprehension, scope, *scope->name, node->lineno, unit_->private_name);
    unit_->argument_count = 1;
    wrap_stop_iteration();
    Reg result = kNoReg;
    if (!is_generator) {
      result = flow().alloc();
      comprehension_start(node, result);
    }
    Reg own_iter = flow().alloc();
    move(own_iter, {0, false}, position_of(outermost->iter));
    comprehension_loops(node, generators, 0, result, own_iter);
    if (!is_generator) emit1(Op::RETURN_VALUE, 0, {result, true}, 0, where);
    finish_function_code();
    code = leave();
    if (is_generator) unit_->generator_codes[node] = code;
  }

  Reg window = new_window();
  make_closure(code, 0, kTempBase + depth(), window, where);
  Reg argument = flow().alloc();
  Position at = position_of(outermost->iter);
  int above = depth();
  Value source = operand(outermost->iter);
  emit1(outermost->is_async ? Op::GET_AITER : Op::GET_ITER, argument, source, 0, at);
  release(above);
  release(mark);
  if (!is_async || is_generator) {
    Reg dst = target_or_temp(into);
    emit_call(Op::CALL, dst, window, 1, where);
    return {dst, is_temp(dst)};
  }
  Reg dst = flow().alloc();
  emit_call(Op::CALL, dst, window, 1, where);
  await_register(dst, 0, where);
  return finish_work(dst, into, mark, where);
}

void CodeGenerator::comprehension_element(const Expr* node, Reg result) {
  int mark = depth();
  switch (node->node_kind) {
    case NodeKind::ListComp:
      emit1(Op::LIST_APPEND, result, operand(as<ListComp>(node)->elt), 0,
            position_of(as<ListComp>(node)->elt));
      break;
    case NodeKind::SetComp:
      emit1(Op::SET_ADD, result, operand(as<SetComp>(node)->elt), 0,
            position_of(as<SetComp>(node)->elt));
      break;
    case NodeKind::DictComp: {
      const DictComp* dict = as<DictComp>(node);
      Value key = operand(dict->key, More::follows);
      Value value = operand(dict->value);
      Position at = position_of(dict->key);
      at.end_line = dict->value->end_lineno;
      at.end_col = dict->value->end_col_offset;
      emit2(Op::MAP_ADD, result, key, value, at);
      break;
    }
    default: {
      const Expr* element = as<GeneratorExp>(node)->elt;
      Position at = position_of(element);
      Value value = operand(element);
      release(mark);
      if (unit_->flags & dpb::kCoAsyncGenerator) {
        Reg wrapped = flow().alloc();
        emit1(Op::ASYNC_GEN_WRAP, wrapped, value, 0, at);
        release(mark);
        value = {wrapped, true};
      }
      Reg sent = flow().alloc();
      emit(Op::YIELD_VALUE, sent, value.reg, kNoReg, value.owned ? dpb::kKillB : 0, at);
      clear(sent, at);
    }
  }
  release(mark);
}

// `iter` is the iterator of the outermost loop, the temporary on top; it is gone afterwards.
void CodeGenerator::comprehension_loops(const Expr* node, Seq<ast::Comprehension*> generators,
                                        uint32_t at, Reg result, Reg iter) {
  if (!diagnostics_.may_descend()) return;
  ast::Comprehension* generator = generators[at];
  Position where = position_of(generator->iter);
  Block* loop_body = flow().new_block();
  Block* next = flow().new_block();
  auto inner = [&] {
    for (Expr* condition : generator->ifs) jump_if(condition, next, false);
    if (at + 1 < generators.size) {
      comprehension_loops(node, generators, at + 1, result, kNoReg);
    } else {
      comprehension_element(node, result);
    }
  };
  int mark = depth();
  if (at > 0) {
    // `for x in [value]` is an assignment.
    Seq<Expr*> single;
    if (const List* list = maybe_as<List>(generator->iter)) single = list->elts;
    if (const Tuple* tuple = maybe_as<Tuple>(generator->iter)) single = tuple->elts;
    if (!generator->is_async && single.size == 1 && !is<Starred>(single[0])) {
      Value value = operand(single[0]);
      mark_bound(generator->target);
      assign(generator->target, value);
      release(mark);
      inner();
      flow().use(next);
      return;
    }
    const List* list = maybe_as<List>(generator->iter);
    Value source = list != nullptr || is<Set>(generator->iter)
                       ? membership_operand(generator->iter, CompareOperator::In)
                       : operand(generator->iter);
    release(mark);
    iter = flow().alloc();
    emit1(generator->is_async ? Op::GET_AITER : Op::GET_ITER, iter, source, 0, where);
  }
  int above = depth();
  if (generator->is_async) {
    Block* finished = flow().new_block();
    int outer = flow().handler;
    flow().use(next);
    flow().handler = add_handler(finished, above);
    Reg item = flow().alloc();
    Reg awaited = flow().alloc();
    emit(Op::GET_ANEXT, awaited, iter, 0, 0, where);
    load_none(item, where);
    send_loop(item, where);
    release(above + 1);
    flow().handler = outer;
    mark_bound(generator->target);
    assign(generator->target, {item, true});
    release(above);
    inner();
    flow().jump(next, where);
    flow().use(finished);
    Reg exception = flow().alloc();
    emit(Op::END_ASYNC_FOR, 0, iter, exception, 0, where);
    release(above - 1);
    return;
  }
  flow().jump(next, where);
  flow().use(loop_body);
  mark_bound(generator->target);
  Reg item = comprehension_target(generator->target);
  if (item == kNoReg) {
    item = flow().alloc();
    assign(generator->target, {item, true});
    release(above);
  }
  inner();
  flow().use(next);
  emit(Op::FOR_ITER, item, iter, 0, 0, where).target = loop_body;
  flow().use(flow().new_block());
  release(above - 1);
}

}  // namespace dx::compiler
