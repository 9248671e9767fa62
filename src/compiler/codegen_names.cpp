// Names, attributes and assignment targets.

#include "compiler/codegen.h"

#include "base/check.h"

namespace dx::compiler {

using namespace ast;
using dpb::SiteKind;

Binding CodeGenerator::resolve(Name name) {
  for (size_t i = unit_->overrides.size(); i-- > 0;) {
    auto at = unit_->overrides[i].find(name);
    if (at != unit_->overrides[i].end()) return at->second;
  }
  const Scope* scope = unit_->scope;
  bool function_like = scope->function_like();
  switch (scope->scope_of(name)) {
    case ScopeOf::local:
      if (function_like) return {Binding::Kind::local, flow().local(name)};
      return {Binding::Kind::name};
    case ScopeOf::free: {
      auto at = unit_->free_of.find(name);
      CHECK(at != unit_->free_of.end());
      return {Binding::Kind::free, at->second};
    }
    case ScopeOf::cell: {
      auto at = unit_->cell_of.find(name);
      CHECK(at != unit_->cell_of.end());
      return {Binding::Kind::cell, at->second};
    }
    case ScopeOf::global_explicit: return {Binding::Kind::global};
    case ScopeOf::global_implicit:
      return {function_like ? Binding::Kind::global_implicit : Binding::Kind::name};
    case ScopeOf::unknown: break;
  }
  return {function_like ? Binding::Kind::global_implicit : Binding::Kind::name};
}

Value CodeGenerator::load_name(Name plain, const Position& where, Reg into) {
  Name name = mangled(plain);
  Binding binding = resolve(name);
  const Scope* scope = unit_->scope;
  bool in_comprehension = !unit_->overrides.empty();
  switch (binding.kind) {
    case Binding::Kind::local:
    case Binding::Kind::hidden: {
      Reg checked = binding.reg;
      // A comprehension's variable read before its own `for`: always an error at run time.
      if (!binding.bound) checked = flow().empty_local(name);
      if (binding.kind == Binding::Kind::local || !binding.bound)
        emit(Op::CHECK_BOUND, 0, checked, 0, 0, where);
      if (into == kNoReg) return {binding.reg, false};
      move(into, {binding.reg, false}, where);
      return {into, is_temp(into)};
    }
    case Binding::Kind::cell:
    case Binding::Kind::free: {
      Reg dst = target_or_temp(into);
      bool from_class = scope->kind == BlockKind::class_ && !in_comprehension;
      if (from_class || scope->can_see_class_scope) {
        int mark = depth();
        Reg mapping = is_temp(dst) ? dst : flow().alloc();
        if (from_class) {
          emit(Op::LOAD_LOCALS, mapping, 0, 0, 0, where);
        } else {
          emit(Op::LOAD_DEREF, mapping, resolve(names_.intern("__classdict__")).reg, 0, 0, where);
        }
        emit(Op::LOAD_FROM_DICT_OR_DEREF, dst, mapping, binding.reg, dpb::kKillB, where);
        release(mark);
      } else {
        emit(Op::LOAD_DEREF, dst, binding.reg, 0, 0, where);
      }
      return {dst, is_temp(dst)};
    }
    case Binding::Kind::global:
    case Binding::Kind::global_implicit: {
      Reg dst = target_or_temp(into);
      if (binding.kind == Binding::Kind::global_implicit && scope->can_see_class_scope) {
        int mark = depth();
        Reg mapping = is_temp(dst) ? dst : flow().alloc();
        emit(Op::LOAD_DEREF, mapping, resolve(names_.intern("__classdict__")).reg, 0, 0, where);
        emit(Op::LOAD_FROM_DICT_OR_GLOBALS, dst, mapping,
             flow().site(SiteKind::dict_or_global, name), dpb::kKillB, where);
        release(mark);
      } else {
        emit(Op::LOAD_GLOBAL, dst, flow().site(SiteKind::global_load, name), 0, 0, where);
      }
      return {dst, is_temp(dst)};
    }
    case Binding::Kind::name: {
      Reg dst = target_or_temp(into);
      if (scope->kind == BlockKind::class_ && in_comprehension) {
        emit(Op::LOAD_GLOBAL, dst, flow().site(SiteKind::global_load, name), 0, 0, where);
      } else {
        emit(Op::LOAD_NAME, dst, flow().site(SiteKind::name_load, name), 0, 0, where);
      }
      return {dst, is_temp(dst)};
    }
  }
  __builtin_unreachable();
}

void CodeGenerator::store_name(Name plain, Value value, const Position& where) {
  Name name = mangled(plain);
  Binding binding = resolve(name);
  switch (binding.kind) {
    case Binding::Kind::local:
    case Binding::Kind::hidden: return move(binding.reg, value, where);
    case Binding::Kind::cell:
    case Binding::Kind::free: return emit1(Op::STORE_DEREF, binding.reg, value, 0, where);
    case Binding::Kind::global:
    case Binding::Kind::global_implicit:
      emit(Op::STORE_GLOBAL, value.reg, flow().site(SiteKind::global_store, name), 0,
           value.owned ? dpb::kKillA : 0, where);
      return;
    case Binding::Kind::name:
      emit(Op::STORE_NAME, value.reg, flow().site(SiteKind::name_store, name), 0,
           value.owned ? dpb::kKillA : 0, where);
      return;
  }
}

void CodeGenerator::delete_name(Name plain, const Position& where) {
  Name name = mangled(plain);
  Binding binding = resolve(name);
  switch (binding.kind) {
    case Binding::Kind::local: emit(Op::DELETE_FAST, 0, binding.reg, 0, 0, where); return;
    case Binding::Kind::hidden:
      fail(where, "cannot delete a comprehension's variable");  // no syntax reaches this
      return;
    case Binding::Kind::cell:
    case Binding::Kind::free: emit(Op::DELETE_DEREF, 0, binding.reg, 0, 0, where); return;
    case Binding::Kind::global:
    case Binding::Kind::global_implicit:
      emit(Op::DELETE_GLOBAL, 0, flow().site(SiteKind::global_delete, name), 0, 0, where);
      return;
    case Binding::Kind::name:
      emit(Op::DELETE_NAME, 0, flow().site(SiteKind::name_delete, name), 0, 0, where);
      return;
  }
}

Reg CodeGenerator::local_register(const Expr* target) {
  const ast::Name* name = maybe_as<ast::Name>(target);
  if (name == nullptr) return kNoReg;
  Binding binding = resolve(mangled(names_.of(name->id)));
  return binding.kind == Binding::Kind::local ? binding.reg : kNoReg;
}

// The same, for a value that is about to be computed straight into it. A comprehension or walrus in
// the value must take its place among the local variables first, as in CPython.
Reg CodeGenerator::direct_local(const Expr* target) {
  const ast::Name* name = maybe_as<ast::Name>(target);
  if (name == nullptr) return kNoReg;
  const Scope* scope = unit_->scope;
  if ((scope->has_inlined || !scope->walrus.empty()) &&
      !flow().has_local(mangled(names_.of(name->id))))
    return kNoReg;
  return local_register(target);
}

// ---- attributes ----

void CodeGenerator::load_attribute(Reg dst, Value owner, Name name, const Position& where) {
  name = mangled(name);
  if (many_sites()) {
    int mark = depth();
    // The owner may stand where the next temporary would.
    if (owner.owned && owner.reg - kTempBase >= mark) release(owner.reg - kTempBase + 1);
    Reg text = flow().alloc();
    load_constant(dpb::Constant::string(*name), text, where, true);
    emit2(Op::GETATTR, dst, owner, {text, true}, where);
    return release(mark);
  }
  emit1(Op::LOAD_ATTR, dst, owner, flow().site(SiteKind::attr_load, name), where);
}

void CodeGenerator::store_attribute(Value owner, Value value, Name name, const Position& where) {
  name = mangled(name);
  uint8_t kills = (owner.owned ? dpb::kKillA : 0) | (value.owned ? dpb::kKillB : 0);
  if (many_sites()) {
    int mark = depth();
    Reg text = flow().alloc();
    load_constant(dpb::Constant::string(*name), text, where, true);
    emit(Op::SETATTR, owner.reg, value.reg, text, kills | dpb::kKillC, where);
    return release(mark);
  }
  emit(Op::STORE_ATTR, owner.reg, value.reg, flow().site(SiteKind::attr_store, name), kills, where);
}

void CodeGenerator::delete_attribute(Value owner, Name name, const Position& where) {
  name = mangled(name);
  if (many_sites()) {
    int mark = depth();
    Reg text = flow().alloc();
    load_constant(dpb::Constant::string(*name), text, where, true);
    emit(Op::DELATTR, 0, owner.reg, text, (owner.owned ? dpb::kKillB : 0) | dpb::kKillC, where);
    return release(mark);
  }
  emit(Op::DELETE_ATTR, 0, owner.reg, flow().site(SiteKind::attr_delete, name),
       owner.owned ? dpb::kKillB : 0, where);
}

// An attribute on a later line than its owner's start is shown at its own name.
Position CodeGenerator::call_position(const Expr* node, Position where) {
  const Attribute* attribute = maybe_as<Attribute>(node);
  if (attribute == nullptr || where.line == attribute->end_lineno) return where;
  where.line = attribute->end_lineno;
  int length = 0;
  for (char byte : attribute->attr->view()) length += (byte & 0xC0) != 0x80;
  if (length <= attribute->end_col_offset) {
    where.col = attribute->end_col_offset - length;
  } else {
    where.col = where.end_col = -1;
  }
  return where;
}

// ---- assignment ----

// Consumes `value` if it is owned; temporaries above are as before.
void CodeGenerator::assign(const Expr* target, Value value) {
  if (!diagnostics_.may_descend()) return;
  Position where = position_of(target);
  int mark = depth();
  switch (target->node_kind) {
    case NodeKind::Name: return store_name(names_.of(as<ast::Name>(target)->id), value, where);
    case NodeKind::Attribute: {
      const Attribute* node = as<Attribute>(target);
      Value owner = operand(node->value);
      // `self.x = ...` in a method gives the class its __static_attributes__.
      if (const ast::Name* self = maybe_as<ast::Name>(node->value);
          self != nullptr && *self->id == "self") {
        for (Unit* unit = unit_; unit != nullptr; unit = unit->parent) {
          if (unit->kind == UnitKind::class_) {
            if (unit != unit_) unit->static_attributes.insert(std::string(node->attr->view()));
            break;
          }
        }
      }
      store_attribute(owner, value, names_.of(node->attr), call_position(target, where));
      return release(mark);
    }
    case NodeKind::Subscript: {
      const Subscript* node = as<Subscript>(target);
      Value container = operand(node->value, More::follows);
      const Slice* bounds = maybe_as<Slice>(node->slice);
      if (bounds != nullptr && bounds->step == nullptr && fold(node->slice) == nullptr) {
        Reg low = flow().alloc(2);
        if (bounds->lower != nullptr) {
          expr_into(bounds->lower, low);
        } else {
          load_none(low, where);
        }
        if (bounds->upper != nullptr) {
          expr_into(bounds->upper, low + 1);
        } else {
          load_none(low + 1, where);
        }
        emit(Op::STORE_SLICE, value.reg, container.reg, low,
             (value.owned ? dpb::kKillA : 0) | (container.owned ? dpb::kKillB : 0), where);
        return release(mark);
      }
      Value key = operand(node->slice);
      emit(Op::STORE_SUBSCR, value.reg, container.reg, key.reg,
           (value.owned ? dpb::kKillA : 0) | (container.owned ? dpb::kKillB : 0) |
               (key.owned ? dpb::kKillC : 0),
           where);
      return release(mark);
    }
    case NodeKind::Tuple: return assign_sequence(target, as<Tuple>(target)->elts, value);
    case NodeKind::List: return assign_sequence(target, as<List>(target)->elts, value);
    case NodeKind::Starred:
      return fail(where, "starred assignment target must be in a list or tuple");
    default: return fail(where, "cannot assign to this expression");
  }
}

void CodeGenerator::assign_sequence(const Expr* target, Seq<Expr*> elements, Value value) {
  Position where = position_of(target);
  int mark = depth();
  int star = -1;
  for (uint32_t i = 0; i < elements.size; ++i) {
    if (!is<Starred>(elements[i])) continue;
    if (star >= 0) return fail(where, "multiple starred expressions in assignment");
    star = static_cast<int>(i);
    if (i >= 256 || elements.size - i - 1 >= 256) {
      return fail(where, "too many expressions in star-unpacking assignment");
    }
  }
  auto element = [&](uint32_t i) -> const Expr* {
    return static_cast<int>(i) == star ? as<Starred>(elements[i])->value : elements[i];
  };
  // Straight into the locals, when they stand side by side.
  Reg first = kNoReg;
  bool straight = elements.size > 0;
  for (uint32_t i = 0; i < elements.size && straight; ++i) {
    straight = is<ast::Name>(element(i));
  }
  for (uint32_t i = 0; i < elements.size && straight; ++i) {
    Reg reg = local_register(element(i));
    if (i == 0) first = reg;
    straight = reg != kNoReg && reg == first + static_cast<Reg>(i);
  }
  Reg items = straight ? first : flow().alloc(static_cast<int>(elements.size));
  uint8_t kill = value.owned ? dpb::kKillB : 0;
  if (star >= 0) {
    // The aux byte counts the items after the star; the kill bit of the value has no place in it.
    Value source = value;
    uint8_t after = static_cast<uint8_t>(elements.size - star - 1);
    emit(Op::UNPACK_EX, items, source.reg, star, after, where);
    if (source.owned) clear(source.reg, where);
  } else {
    emit(Op::UNPACK_SEQUENCE, items, value.reg, static_cast<int32_t>(elements.size), kill, where);
  }
  if (!straight) {
    for (uint32_t i = 0; i < elements.size; ++i)
      assign(element(i), {items + static_cast<Reg>(i), true});
  }
  release(mark);
}

namespace {
// Does assigning to `target` rebind the local `reg`?
bool rebinds(const Expr* target, const std::function<Reg(const Expr*)>& local, Reg reg) {
  switch (target->node_kind) {
    case NodeKind::Name: return local(target) == reg;
    case NodeKind::Tuple:
      for (Expr* element : as<Tuple>(target)->elts) {
        if (rebinds(element, local, reg)) return true;
      }
      return false;
    case NodeKind::List:
      for (Expr* element : as<List>(target)->elts) {
        if (rebinds(element, local, reg)) return true;
      }
      return false;
    case NodeKind::Starred: return rebinds(as<Starred>(target)->value, local, reg);
    default: return false;
  }
}
}  // namespace

// `a, b = b, a`: all values first, then the targets in order, without a tuple in between.
void CodeGenerator::assign_parallel(Seq<Expr*> targets, Seq<Expr*> values, const Expr* value_node) {
  int mark = depth();
  std::vector<Value> held;
  auto local = [this](const Expr* target) { return local_register(target); };
  const dpb::Constant* folded = fold(value_node);
  for (uint32_t i = 0; i < values.size; ++i) {
    Value value = operand(values[i], More::follows);
    if (i == 0 && folded != nullptr && !flow().current->insts.empty()) {
      // The tuple is in co_consts, although nothing loads it.
      flow().current->insts.back().constant = static_cast<int32_t>(flow().late_constant(*folded));
    }
    bool endangered = false;
    for (uint32_t before = 0; before < i && !value.owned; ++before) {
      endangered |= rebinds(targets[before], local, value.reg);
    }
    if (endangered) {
      Reg copy = flow().alloc();
      move(copy, value, position_of(values[i]));
      value = {copy, true};
    }
    held.push_back(value);
  }
  for (uint32_t i = 0; i < targets.size; ++i) assign(targets[i], held[i]);
  release(mark);
}

void CodeGenerator::delete_target(const Expr* target) {
  if (!diagnostics_.may_descend()) return;
  Position where = position_of(target);
  int mark = depth();
  switch (target->node_kind) {
    case NodeKind::Name: delete_name(names_.of(as<ast::Name>(target)->id), where); break;
    case NodeKind::Attribute:
      delete_attribute(operand(as<Attribute>(target)->value),
                       names_.of(as<Attribute>(target)->attr), call_position(target, where));
      break;
    case NodeKind::Subscript: {
      const Subscript* node = as<Subscript>(target);
      Value container = operand(node->value, More::follows);
      Value key = operand(node->slice);
      emit(Op::DELETE_SUBSCR, 0, container.reg, key.reg,
           (container.owned ? dpb::kKillB : 0) | (key.owned ? dpb::kKillC : 0), where);
      break;
    }
    case NodeKind::Tuple:
      for (Expr* element : as<Tuple>(target)->elts) delete_target(element);
      break;
    case NodeKind::List:
      for (Expr* element : as<List>(target)->elts) delete_target(element);
      break;
    default: fail(where, "cannot delete this expression");
  }
  release(mark);
}

}  // namespace dx::compiler
