// Plain statements; those that change the flow of control are in codegen_control.cpp.

#include "compiler/codegen.h"
#include "compiler/docstring.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;
using dpb::SiteKind;

namespace {

const ast::Constant* docstring_of(Seq<Stmt*> statements) {
  if (statements.empty()) return nullptr;
  const ExprStmt* first = maybe_as<ExprStmt>(statements[0]);
  const ast::Constant* text = first ? maybe_as<ast::Constant>(first->value) : nullptr;
  return text != nullptr && text->value.kind == ConstantKind::Str ? text : nullptr;
}

}  // namespace

void CodeGenerator::body(Seq<Stmt*> statements) {
  for (Stmt* statement : statements) stmt(statement);
}

// A module or a class: its docstring becomes __doc__.
void CodeGenerator::body_with_docstring(Seq<Stmt*> statements, bool module) {
  Position start = statements.empty() ? Position{1, 1, 0, 0} : position_of(statements[0]);
  if (future_.annotations() && unit_->scope->annotations_used) {
    int mark = depth();
    Reg none = flow().alloc();
    Position where =
        module ? Position{0, 0, 0, 0} : Position{unit_->first_line, unit_->first_line, 0, 0};
    load_none(none, where);
    flow().current->insts.back().constant = -1;
    emit(Op::INTRINSIC_1, none, none, 9, dpb::kKillB, where);
    clear(none, where);
    release(mark);
  }
  uint32_t first = 0;
  if (const ast::Constant* text = docstring_of(statements); text != nullptr && !interactive_) {
    first = 1;
    if (options_.optimize < 2) {
      int mark = depth();
      Reg reg = flow().alloc();
      load_constant(Constant::string(clean_docstring(text->value.text)), reg, position_of(text),
                    false);
      store_name(names_.intern("__doc__"), {reg, true}, {});
      release(mark);
    }
  }
  for (uint32_t i = first; i < statements.size; ++i) stmt(statements[i]);
  if (!future_.annotations())
    emit_deferred_annotations(module ? start
                                     : Position{unit_->first_line, unit_->first_line, 0, 0});
}

void CodeGenerator::stmt(const Stmt* node) {
  if (!diagnostics_.may_descend()) return;
  Position where = position_of(node);
  switch (node->node_kind) {
    case NodeKind::ExprStmt: return expr_stmt(as<ExprStmt>(node)->value, where);
    case NodeKind::Assign: return assign_stmt(as<Assign>(node));
    case NodeKind::AugAssign: return aug_assign(as<AugAssign>(node));
    case NodeKind::AnnAssign: return ann_assign(as<AnnAssign>(node));
    case NodeKind::Return: return return_stmt(as<Return>(node));
    case NodeKind::If: return if_stmt(as<If>(node));
    case NodeKind::For: return for_stmt(as<For>(node));
    case NodeKind::While: return while_stmt(as<While>(node));
    case NodeKind::AsyncFor: return async_for(as<AsyncFor>(node));
    case NodeKind::Try:
      return try_stmt(node, as<Try>(node)->body, as<Try>(node)->handlers, as<Try>(node)->orelse,
                      as<Try>(node)->finalbody, false);
    case NodeKind::TryStar:
      return try_stmt(node, as<TryStar>(node)->body, as<TryStar>(node)->handlers,
                      as<TryStar>(node)->orelse, as<TryStar>(node)->finalbody, true);
    case NodeKind::With:
      return with_stmt(node, as<With>(node)->items, 0, as<With>(node)->body, false);
    case NodeKind::AsyncWith:
      return with_stmt(node, as<AsyncWith>(node)->items, 0, as<AsyncWith>(node)->body, true);
    case NodeKind::FunctionDef: return function_def(as<FunctionDef>(node), false);
    case NodeKind::AsyncFunctionDef: return function_def(as<AsyncFunctionDef>(node), true);
    case NodeKind::ClassDef: return class_def(as<ClassDef>(node));
    case NodeKind::TypeAlias: return type_alias(as<TypeAlias>(node));
    case NodeKind::Match: return match_stmt(as<Match>(node));
    case NodeKind::Delete:
      for (Expr* target : as<Delete>(node)->targets) delete_target(target);
      return;
    case NodeKind::Raise: return raise_stmt(as<Raise>(node));
    case NodeKind::Assert: return assert_stmt(as<Assert>(node));
    case NodeKind::Import: return import_stmt(as<Import>(node));
    case NodeKind::ImportFrom: return import_from(as<ImportFrom>(node));
    case NodeKind::Pass: emit(Op::NOP, 0, 0, 0, 0, where); return;
    case NodeKind::Break: return break_or_continue(true, where);
    case NodeKind::Continue: return break_or_continue(false, where);
    default: return;  // global, nonlocal
  }
}

void CodeGenerator::expr_stmt(const Expr* value, const Position& where) {
  int mark = depth();
  if (interactive_ && unit_->parent == nullptr) {
    Value shown = operand(value);
    release(mark);
    Reg result = flow().alloc();
    emit1(Op::INTRINSIC_1, result, shown, 1, where);
    clear(result, {});
    return release(mark);
  }
  if (is<ast::Constant>(value)) {
    emit(Op::NOP, 0, 0, 0, 0, where);
    return;
  }
  if (fold(value) != nullptr) {
    note_leaf_constants(value);
    emit(Op::NOP, 0, 0, 0, 0, where);
    return;
  }
  Value result = expr(value);
  if (result.owned) {
    clear(result.reg, {});
  } else {
    emit(Op::NOP, 0, 0, 0, 0, where);
  }
  release(mark);
}

void CodeGenerator::assign_stmt(const Assign* node) {
  int mark = depth();
  if (node->targets.size == 1) {
    const Expr* target = node->targets[0];
    Seq<Expr*> targets, values;
    if (const Tuple* tuple = maybe_as<Tuple>(target)) targets = tuple->elts;
    if (const List* list = maybe_as<List>(target)) targets = list->elts;
    if (const Tuple* tuple = maybe_as<Tuple>(node->value)) values = tuple->elts;
    if (const List* list = maybe_as<List>(node->value); list != nullptr && list->elts.size <= 3)
      values = list->elts;
    bool starred = false;
    for (Expr* element : targets) starred |= is<Starred>(element);
    for (Expr* element : values) starred |= is<Starred>(element);
    if (!targets.empty() && targets.size == values.size && !starred && targets.size <= 30) {
      return assign_parallel(targets, values, node->value);
    }
    Reg local = direct_local(target);
    if (local != kNoReg) {
      expr_into(node->value, local);
      return release(mark);
    }
  }
  Value value = operand(node->value, More::follows);
  if (node->targets.size > 1 && !value.owned) {
    // A target might rebind the local the value is in.
    bool names_only = true;
    for (Expr* target : node->targets) names_only &= is<ast::Name>(target);
    if (!names_only) {
      Reg copy = flow().alloc();
      move(copy, value, position_of(node->value));
      value = {copy, true};
    }
  }
  for (uint32_t i = 0; i < node->targets.size; ++i) {
    bool last = i + 1 == node->targets.size;
    assign(node->targets[i], last ? value : Value{value.reg, false});
  }
  release(mark);
}

void CodeGenerator::aug_assign(const AugAssign* node) {
  int mark = depth();
  Position where = position_of(node);
  Position at = position_of(node->target);
  switch (node->target->node_kind) {
    case NodeKind::Name: {
      Name name = names_.of(as<ast::Name>(node->target)->id);
      Value left = load_name(name, at, kNoReg);
      Binding binding = resolve(mangled(name));
      bool local = binding.kind == Binding::Kind::local;
      if (!left.owned && unit_->scope->walrus.contains(mangled(name))) {
        Reg copy = flow().alloc();
        move(copy, left, at);
        left = {copy, true};
      }
      Value result = arithmetic(node->op, true, node->target, left, node->value,
                                local ? binding.reg : kNoReg, mark, where);
      if (!local) store_name(name, result, at);
      break;
    }
    case NodeKind::Attribute: {
      const Attribute* target = as<Attribute>(node->target);
      Value owner = operand(target->value, More::follows);
      Position place = call_position(target, at);
      int above = depth();
      Reg old = flow().alloc();
      load_attribute(old, {owner.reg, false}, names_.of(target->attr), place);
      Value result =
          arithmetic(node->op, true, node->target, {old, true}, node->value, kNoReg, above, where);
      store_attribute(owner, result, names_.of(target->attr), place);
      break;
    }
    case NodeKind::Subscript: {
      const Subscript* target = as<Subscript>(node->target);
      Value container = operand(target->value, More::follows);
      const Slice* bounds = maybe_as<Slice>(target->slice);
      if (bounds != nullptr && bounds->step == nullptr &&
          !((bounds->lower == nullptr || is<ast::Constant>(bounds->lower)) &&
            (bounds->upper == nullptr || is<ast::Constant>(bounds->upper)))) {
        // The bounds are needed twice, and each use consumes its copy.
        Reg kept = flow().alloc(2);
        if (bounds->lower != nullptr) {
          expr_into(bounds->lower, kept);
        } else {
          load_none(kept, at);
        }
        if (bounds->upper != nullptr) {
          expr_into(bounds->upper, kept + 1);
        } else {
          load_none(kept + 1, at);
        }
        int above = depth();
        Reg copies = flow().alloc(2);
        move(copies, {kept, false}, at);
        move(copies + 1, {kept + 1, false}, at);
        release(above);
        Reg old = flow().alloc();
        emit(Op::BINARY_SLICE, old, container.reg, copies, 0, at);
        Value result = arithmetic(node->op, true, node->target, {old, true}, node->value, kNoReg,
                                  above, where);
        emit(Op::STORE_SLICE, result.reg, container.reg, kept,
             dpb::kKillA | (container.owned ? dpb::kKillB : 0), at);
        break;
      }
      Value key = operand(target->slice, More::follows);
      int above = depth();
      Reg old = flow().alloc();
      const Constant* constant = fold(target->slice);
      int64_t index = constant != nullptr && constant->kind == Constant::Kind::int64
                          ? static_cast<int64_t>(constant->bits[0])
                          : INT64_MAX;
      if (index >= -32768 && index <= 32767) {
        emit(Op::BINARY_SUBSCR_INT, old, container.reg, static_cast<int32_t>(index), 0, at);
      } else {
        emit2(Op::BINARY_SUBSCR, old, {container.reg, false}, {key.reg, false}, at);
      }
      Value result =
          arithmetic(node->op, true, node->target, {old, true}, node->value, kNoReg, above, where);
      emit(Op::STORE_SUBSCR, result.reg, container.reg, key.reg,
           dpb::kKillA | (container.owned ? dpb::kKillB : 0) | (key.owned ? dpb::kKillC : 0), at);
      break;
    }
    default: fail(at, "illegal expression for augmented assignment");
  }
  release(mark);
}

void CodeGenerator::evaluate_and_drop(const Expr* node) { discard(node); }

void CodeGenerator::check_annotation_subscript(const Expr* node) {
  if (const Slice* slice = maybe_as<Slice>(node)) {
    if (slice->lower != nullptr) evaluate_and_drop(slice->lower);
    if (slice->upper != nullptr) evaluate_and_drop(slice->upper);
    if (slice->step != nullptr) evaluate_and_drop(slice->step);
    return;
  }
  if (const Tuple* tuple = maybe_as<Tuple>(node)) {
    for (Expr* element : tuple->elts) check_annotation_subscript(element);
    return;
  }
  evaluate_and_drop(node);
}

void CodeGenerator::ann_assign(const AnnAssign* node) {
  Position where = position_of(node);
  int mark = depth();
  if (node->value != nullptr) {
    Reg local = direct_local(node->target);
    if (local != kNoReg) {
      expr_into(node->value, local);
    } else {
      Value value = operand(node->value, More::follows);
      assign(node->target, value);
    }
    release(mark);
  }
  bool kept = unit_->kind == UnitKind::module || unit_->kind == UnitKind::class_;
  switch (node->target->node_kind) {
    case NodeKind::Name: {
      if (!node->simple || !kept) break;
      Name name = mangled(names_.of(as<ast::Name>(node->target)->id));
      if (future_.annotations()) {
        Reg text = flow().alloc();
        annotation_value(node->annotation, text);
        Value map = load_name(names_.intern("__annotations__"), where, kNoReg);
        Reg key = flow().alloc();
        load_constant(Constant::string(*name), key, where, false);
        emit(Op::STORE_SUBSCR, text, map.reg, key, dpb::kKillA | dpb::kKillB | dpb::kKillC, where);
        break;
      }
      bool conditional = unit_->kind == UnitKind::module || unit_->conditional_depth > 0;
      int number = conditional && unit_->scope->has_conditional_annotations
                       ? unit_->conditional_count++
                       : -1;
      unit_->deferred_annotations.push_back({node, number});
      if (number >= 0) {
        // set |= {number}
        Name conditional_names = names_.intern("__conditional_annotations__");
        Reg set = flow().alloc();
        if (unit_->kind == UnitKind::class_) {
          emit(Op::LOAD_DEREF, set, unit_->cell_of[conditional_names], 0, 0, where);
        } else {
          load_name(conditional_names, where, set);
        }
        Reg item = flow().alloc();
        load_constant(Constant::integer(number), item, where, false);
        emit(Op::BUILD_SET, item, item, 1, 0, where);
        emit2(Op::INPLACE_OR, set, {set, true}, {item, true}, where);
        clear(set, where);
      }
      break;
    }
    case NodeKind::Attribute:
      if (node->value == nullptr) evaluate_and_drop(as<Attribute>(node->target)->value);
      break;
    case NodeKind::Subscript:
      if (node->value == nullptr) {
        evaluate_and_drop(as<Subscript>(node->target)->value);
        check_annotation_subscript(as<Subscript>(node->target)->slice);
      }
      break;
    default: fail(where, "invalid node type for annotated assignment");
  }
  release(mark);
}

void CodeGenerator::return_stmt(const Return* node) {
  Position where = position_of(node);
  if (!unit_->scope->function_like()) return fail(where, "'return' outside function");
  if (node->value != nullptr && (unit_->flags & dpb::kCoAsyncGenerator)) {
    return fail(where, "'return' with value in async generator");
  }
  const Constant* constant = node->value != nullptr ? fold(node->value) : nullptr;
  int mark = depth();
  int handler = flow().handler;
  if (node->value == nullptr || constant != nullptr) {
    Position at = where;
    if (node->value != nullptr && is<ast::Constant>(node->value) &&
        node->value->lineno == node->lineno) {
      at = position_of(node->value);
    }
    uint32_t index = 0;
    bool plain =
        node->value == nullptr || is<ast::Constant>(node->value) || is<ast::Name>(node->value);
    if (node->value != nullptr) {
      if (plain) {
        index = flow().constant(*constant);
      } else {
        note_leaf_constants(node->value);
        index = flow().late_constant(*constant);
      }
      emit(Op::NOP, 0, 0, 0, 0, position_of(node->value));
    }
    if (at == where) emit(Op::NOP, 0, 0, 0, 0, where);
    unwind_to(0, kNoReg, at);
    if (node->value == nullptr) index = flow().constant(Constant::none());
    emit(Op::RETURN_CONST, 0, static_cast<int32_t>(index), 0, 0, at);
    flow().handler = handler;
    return release(mark);
  }
  Value value = operand(node->value);
  // A local may be rebound by what runs on the way out.
  bool runs_code = false;
  for (const FrameBlock& frame : unit_->frames) {
    runs_code |= frame.kind == FrameBlock::Kind::finally_try ||
                 frame.kind == FrameBlock::Kind::handler_cleanup ||
                 frame.kind == FrameBlock::Kind::with || frame.kind == FrameBlock::Kind::async_with;
  }
  if (!value.owned && runs_code) {
    Reg copy = flow().alloc();
    move(copy, value, where);
    value = {copy, true};
  }
  if (node->value->lineno != node->lineno) emit(Op::NOP, 0, 0, 0, 0, where);
  Position at = where;
  unwind_to(0, value.owned ? value.reg : kNoReg, at);
  emit1(Op::RETURN_VALUE, 0, {value.reg, true}, 0, at);
  flow().handler = handler;
  release(mark);
}

void CodeGenerator::raise_stmt(const Raise* node) {
  Position where = position_of(node);
  int mark = depth();
  Value exception{kNoReg, false}, cause{kNoReg, false};
  int count = 0;
  if (node->exc != nullptr) {
    exception = operand(node->exc, node->cause != nullptr ? More::follows : More::none);
    count = 1;
    if (node->cause != nullptr) {
      cause = operand(node->cause);
      count = 2;
    }
  }
  emit2(Op::RAISE_VARARGS, 0, exception, cause, where, static_cast<uint8_t>(count << 4));
  release(mark);
}

void CodeGenerator::assert_stmt(const Assert* node) {
  Position where = position_of(node);
  const Tuple* tuple = maybe_as<Tuple>(node->test);
  const ast::Constant* text = maybe_as<ast::Constant>(node->test);
  (void)text;
  if (tuple != nullptr && !tuple->elts.empty()) {
    warn(where, "assertion is always true, perhaps remove parentheses?");
  }
  if (options_.optimize > 0) return;
  Block* end = flow().new_block();
  jump_if(node->test, end, true);
  int mark = depth();
  Position at = position_of(node->test);
  if (node->msg != nullptr) {
    Reg window = new_window();
    emit(Op::LOAD_COMMON_CONSTANT, window, 0, 0, 0, where);
    expr_into(node->msg, flow().alloc());
    release(mark);
    Reg exception = flow().alloc();
    emit_call(Op::CALL, exception, window, 1, where);
    emit(Op::RAISE_VARARGS, 0, exception, kNoReg, dpb::kKillB | 1 << 4, at);
  } else {
    Reg exception = flow().alloc();
    emit(Op::LOAD_COMMON_CONSTANT, exception, 0, 0, 0, where);
    emit(Op::RAISE_VARARGS, 0, exception, kNoReg, dpb::kKillB | 1 << 4, at);
  }
  release(mark);
  flow().use(end);
}

void CodeGenerator::import_stmt(const Import* node) {
  Position where = position_of(node);
  for (Alias* alias : node->names) {
    int mark = depth();
    Reg args = flow().alloc(2);
    load_constant(Constant::integer(0), args, where, false);
    load_none(args + 1, where);
    std::string_view text = alias->name->view();
    Reg module = args;
    emit(Op::IMPORT_NAME, module, args,
         static_cast<int32_t>(flow().site(SiteKind::import_name, names_.of(alias->name))), 0,
         where);
    release(mark + 1);
    size_t dot = text.find('.');
    if (alias->asname != nullptr && dot != std::string_view::npos) {
      // import a.b.c as d: the submodules one after the other.
      while (dot != std::string_view::npos) {
        size_t next = text.find('.', dot + 1);
        Name part = names_.intern(
            text.substr(dot + 1, next == std::string_view::npos ? next : next - dot - 1));
        Reg inner = flow().alloc();
        emit(Op::IMPORT_FROM, inner, module,
             static_cast<int32_t>(flow().site(SiteKind::import_from, part)), 0, where);
        move(module, {inner, true}, where);
        release(mark + 1);
        dot = next;
      }
      store_name(names_.of(alias->asname), {module, true}, where);
    } else if (alias->asname != nullptr) {
      store_name(names_.of(alias->asname), {module, true}, where);
    } else {
      store_name(names_.intern(text.substr(0, dot)), {module, true}, where);
    }
    release(mark);
  }
}

void CodeGenerator::import_from(const ImportFrom* node) {
  Position where = position_of(node);
  int mark = depth();
  Reg args = flow().alloc(2);
  load_constant(Constant::integer(node->level), args, where, false);
  std::vector<Constant> names;
  for (Alias* alias : node->names)
    names.push_back(Constant::string(std::string(alias->name->view())));
  load_constant(Constant::tuple(std::move(names)), args + 1, where, false);
  Name module_name = node->module != nullptr ? names_.of(node->module) : names_.intern("");
  Reg module = args;
  emit(Op::IMPORT_NAME, module, args,
       static_cast<int32_t>(flow().site(SiteKind::import_name, module_name)), 0, where);
  release(mark + 1);
  for (Alias* alias : node->names) {
    if (*alias->name == "*") {
      emit(Op::INTRINSIC_1, module, module, 2, dpb::kKillB, where);
      clear(module, {});
      return release(mark);
    }
    Name name = names_.of(alias->name);
    Name stored = alias->asname != nullptr ? names_.of(alias->asname) : name;
    int32_t site = static_cast<int32_t>(flow().site(SiteKind::import_from, name));
    Binding binding = resolve(mangled(stored));
    if (binding.kind == Binding::Kind::local) {
      emit(Op::IMPORT_FROM, binding.reg, module, site, 0, where);
    } else {
      Reg item = flow().alloc();
      emit(Op::IMPORT_FROM, item, module, site, 0, where);
      store_name(stored, {item, true}, where);
    }
    release(mark + 1);
  }
  clear(module, {});
  release(mark);
}

// ---- `return`, `break` and `continue` that leave a finally block ----

void CodeGenerator::check_finally(Seq<Stmt*> statements, bool in_finally, bool in_loop) {
  if (!diagnostics_.may_descend()) return;
  for (Stmt* node : statements) {
    switch (node->node_kind) {
      case NodeKind::Return:
        if (in_finally) warn(position_of(node), "'return' in a 'finally' block");
        break;
      case NodeKind::Break:
        if (in_finally && !in_loop) warn(position_of(node), "'break' in a 'finally' block");
        break;
      case NodeKind::Continue:
        if (in_finally && !in_loop) warn(position_of(node), "'continue' in a 'finally' block");
        break;
      case NodeKind::FunctionDef: check_finally(as<FunctionDef>(node)->body, false, false); break;
      case NodeKind::AsyncFunctionDef:
        check_finally(as<AsyncFunctionDef>(node)->body, false, false);
        break;
      case NodeKind::ClassDef: check_finally(as<ClassDef>(node)->body, false, false); break;
      case NodeKind::For:
        check_finally(as<For>(node)->body, in_finally, true);
        check_finally(as<For>(node)->orelse, in_finally, in_loop);
        break;
      case NodeKind::AsyncFor:
        check_finally(as<AsyncFor>(node)->body, in_finally, true);
        check_finally(as<AsyncFor>(node)->orelse, in_finally, in_loop);
        break;
      case NodeKind::While:
        check_finally(as<While>(node)->body, in_finally, true);
        check_finally(as<While>(node)->orelse, in_finally, in_loop);
        break;
      case NodeKind::If:
        check_finally(as<If>(node)->body, in_finally, in_loop);
        check_finally(as<If>(node)->orelse, in_finally, in_loop);
        break;
      case NodeKind::With: check_finally(as<With>(node)->body, in_finally, in_loop); break;
      case NodeKind::AsyncWith:
        check_finally(as<AsyncWith>(node)->body, in_finally, in_loop);
        break;
      case NodeKind::Match:
        for (MatchCase* match_case : as<Match>(node)->cases)
          check_finally(match_case->body, in_finally, in_loop);
        break;
      case NodeKind::Try:
      case NodeKind::TryStar: {
        const Try* plain = maybe_as<Try>(node);
        const TryStar* star = maybe_as<TryStar>(node);
        check_finally(plain ? plain->body : star->body, in_finally, in_loop);
        for (ExceptHandlerBase* handler : plain ? plain->handlers : star->handlers) {
          check_finally(as<ExceptHandler>(handler)->body, in_finally, in_loop);
        }
        check_finally(plain ? plain->orelse : star->orelse, in_finally, in_loop);
        check_finally(plain ? plain->finalbody : star->finalbody, true, false);
        break;
      }
      default: break;
    }
  }
}

}  // namespace dx::compiler
