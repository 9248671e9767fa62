// Expressions into registers, conditions into branches.

#include "base/check.h"
#include "compiler/codegen.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;
using Kind = dpb::Constant::Kind;

namespace {

constexpr uint32_t kMaxRun =
    400;  // longer displays are built in pieces, so that no frame becomes huge

bool fits_int16(const Constant* constant) {
  if (constant == nullptr || constant->kind != Kind::int64) return false;
  int64_t value = static_cast<int64_t>(constant->bits[0]);
  return value >= -32768 && value <= 32767;
}
int64_t int_of(const Constant* constant) { return static_cast<int64_t>(constant->bits[0]); }
bool is_small(int64_t value) {
  return value >= 0 && value <= 255;
}  // not in co_consts, as in CPython

Op binary_op(Operator op, bool inplace) {
  constexpr Op plain[] = {
      Op::BINARY_ADD,         Op::BINARY_SUBTRACT,  Op::BINARY_MULTIPLY, Op::BINARY_MATRIX_MULTIPLY,
      Op::BINARY_TRUE_DIVIDE, Op::BINARY_REMAINDER, Op::BINARY_POWER,    Op::BINARY_LSHIFT,
      Op::BINARY_RSHIFT,      Op::BINARY_OR,        Op::BINARY_XOR,      Op::BINARY_AND,
      Op::BINARY_FLOOR_DIVIDE};
  constexpr Op in_place[] = {Op::INPLACE_ADD,         Op::INPLACE_SUBTRACT,
                             Op::INPLACE_MULTIPLY,    Op::INPLACE_MATRIX_MULTIPLY,
                             Op::INPLACE_TRUE_DIVIDE, Op::INPLACE_REMAINDER,
                             Op::INPLACE_POWER,       Op::INPLACE_LSHIFT,
                             Op::INPLACE_RSHIFT,      Op::INPLACE_OR,
                             Op::INPLACE_XOR,         Op::INPLACE_AND,
                             Op::INPLACE_FLOOR_DIVIDE};
  return (inplace ? in_place : plain)[static_cast<int>(op)];
}

// The form with an immediate; NOP when there is none.
Op immediate_op(Operator op, bool inplace) {
  switch (op) {
    case Operator::Add: return inplace ? Op::INPLACE_ADD_INT : Op::BINARY_ADD_INT;
    case Operator::Sub: return inplace ? Op::INPLACE_SUBTRACT_INT : Op::BINARY_SUBTRACT_INT;
    case Operator::Mult: return inplace ? Op::NOP : Op::BINARY_MULTIPLY_INT;
    case Operator::FloorDiv: return inplace ? Op::NOP : Op::BINARY_FLOOR_DIVIDE_INT;
    case Operator::Mod: return inplace ? Op::NOP : Op::BINARY_REMAINDER_INT;
    case Operator::BitAnd: return inplace ? Op::NOP : Op::BINARY_AND_INT;
    case Operator::LShift: return inplace ? Op::NOP : Op::BINARY_LSHIFT_INT;
    case Operator::RShift: return inplace ? Op::NOP : Op::BINARY_RSHIFT_INT;
    default: return Op::NOP;
  }
}

bool constant_slice(const Expr* node) {
  const Slice* slice = maybe_as<Slice>(node);
  auto plain = [](const Expr* part) { return part == nullptr || is<ast::Constant>(part); };
  return slice != nullptr && plain(slice->lower) && plain(slice->upper) && plain(slice->step);
}

bool is_none(const Expr* node) {
  const ast::Constant* constant = maybe_as<ast::Constant>(node);
  return constant != nullptr && constant->value.kind == ConstantKind::None;
}

// The type of what an expression gives, when it is plain to see; for warnings.
const char* inferred_type(const Expr* node) {
  switch (node->node_kind) {
    case NodeKind::Tuple: return "tuple";
    case NodeKind::List:
    case NodeKind::ListComp: return "list";
    case NodeKind::Dict:
    case NodeKind::DictComp: return "dict";
    case NodeKind::Set:
    case NodeKind::SetComp: return "set";
    case NodeKind::GeneratorExp: return "generator";
    case NodeKind::Lambda: return "function";
    case NodeKind::TemplateStr:
    case NodeKind::Interpolation: return "string.templatelib.Template";
    case NodeKind::JoinedStr:
    case NodeKind::FormattedValue: return "str";
    case NodeKind::Constant:
      switch (as<ast::Constant>(node)->value.kind) {
        case ConstantKind::None: return "NoneType";
        case ConstantKind::True:
        case ConstantKind::False: return "bool";
        case ConstantKind::Ellipsis: return "ellipsis";
        case ConstantKind::Int:
        case ConstantKind::BigInt: return "int";
        case ConstantKind::Float: return "float";
        case ConstantKind::Complex: return "complex";
        case ConstantKind::Str: return "str";
        case ConstantKind::Bytes: return "bytes";
        case ConstantKind::Opaque: return nullptr;
      }
      return nullptr;
    default: return nullptr;
  }
}

}  // namespace

// ---- the dispatcher ----

void CodeGenerator::expr_into(const Expr* node, Reg into) {
  Value value = expr(node, into);
  if (value.reg != into) move(into, value, position_of(node));
}

Value CodeGenerator::operand(const Expr* node, More more) {
  Value value = expr(node);
  if (more == More::follows && !value.owned && is_local(value.reg) &&
      !unit_->scope->walrus.empty() && unit_->scope->walrus.contains(flow().varnames[value.reg])) {
    Reg copy = flow().alloc();
    move(copy, value, position_of(node));
    return {copy, true};
  }
  return value;
}

// The value is in `into` when that is given; else in a local of its own or in the next temporary.
Value CodeGenerator::expr(const Expr* node, Reg into) {
  if (!diagnostics_.may_descend()) return {target_or_temp(into), true};
  Position where = position_of(node);
  if (const Constant* constant = fold(node)) return constant_expr(*constant, node, into);
  switch (node->node_kind) {
    case NodeKind::Name: return load_name(names_.of(as<ast::Name>(node)->id), where, into);
    case NodeKind::BinOp: return binary(as<BinOp>(node), into);
    case NodeKind::UnaryOp: return unary(as<UnaryOp>(node), into);
    case NodeKind::BoolOp: return bool_op(as<BoolOp>(node), into);
    case NodeKind::IfExp: return if_exp(as<IfExp>(node), into);
    case NodeKind::Compare: return compare(as<Compare>(node), into);
    case NodeKind::Call: return call(as<Call>(node), into);
    case NodeKind::Attribute: {
      const Attribute* attribute = as<Attribute>(node);
      if (is_super_call(attribute->value, attribute->attr)) return super_attribute(attribute, into);
      int mark = depth();
      Value owner = operand(attribute->value);
      release(mark);
      Reg dst = target_or_temp(into);
      load_attribute(dst, owner, names_.of(attribute->attr), call_position(node, where));
      return {dst, is_temp(dst)};
    }
    case NodeKind::Subscript: return subscript(as<Subscript>(node), into);
    case NodeKind::Slice: return slice(as<Slice>(node), into);
    case NodeKind::Tuple: return tuple_or_list(node, as<Tuple>(node)->elts, Op::BUILD_TUPLE, into);
    case NodeKind::List: return tuple_or_list(node, as<List>(node)->elts, Op::BUILD_LIST, into);
    case NodeKind::Set: return set_display(as<Set>(node), into);
    case NodeKind::Dict: return dict_display(as<Dict>(node), into);
    case NodeKind::JoinedStr: return joined_str(as<JoinedStr>(node), into);
    case NodeKind::FormattedValue: {
      Reg dst = target_or_temp(into);
      formatted_value(as<FormattedValue>(node), dst);
      return {dst, is_temp(dst)};
    }
    case NodeKind::TemplateStr: return template_str(as<TemplateStr>(node), into);
    case NodeKind::NamedExpr: return named_expr(as<NamedExpr>(node), into);
    case NodeKind::Lambda: return lambda(as<Lambda>(node), into);
    case NodeKind::ListComp:
    case NodeKind::SetComp:
    case NodeKind::DictComp:
    case NodeKind::GeneratorExp: return comprehension(node, into);
    case NodeKind::Await:
    case NodeKind::YieldFrom: return await_or_yield_from(node, into);
    case NodeKind::Yield: return yield_expr(as<Yield>(node), into);
    case NodeKind::Starred:
      fail(where, as<Starred>(node)->ctx == ExprContext::Store
                      ? "starred assignment target must be in a list or tuple"
                      : "can't use starred expression here");
      return {target_or_temp(into), true};
    default: fail(where, "this constant cannot be compiled"); return {target_or_temp(into), true};
  }
}

Value CodeGenerator::finish_work(Reg work, Reg into, int mark, const Position& where) {
  release(mark);
  if (into == kNoReg) {
    // The work register is the first temporary above the mark.
    Reg dst = flow().alloc();
    move(dst, {work, true}, where);
    return {dst, true};
  }
  move(into, {work, true}, where);
  return {into, is_temp(into)};
}

// ---- constants ----

void CodeGenerator::load_constant(const Constant& value, Reg dst, const Position& where,
                                  bool late) {
  int32_t index = static_cast<int32_t>(late ? flow().late_constant(value) : flow().constant(value));
  int which = -1;
  switch (value.kind) {
    case Kind::none: which = 0; break;
    case Kind::true_value: which = 1; break;
    case Kind::false_value: which = 2; break;
    case Kind::ellipsis: which = 3; break;
    case Kind::int64: {
      int64_t number = static_cast<int64_t>(value.bits[0]);
      if (number < INT32_MIN || number > INT32_MAX) break;
      Inst& inst = emit(Op::LOAD_INT, dst, static_cast<int32_t>(number), 0, 0, where);
      if (!is_small(number)) inst.constant = index;
      return;
    }
    default: break;
  }
  if (which >= 0) {
    emit(Op::LOAD_SINGLETON, dst, which, 0, 0, where).constant = index;
  } else {
    emit(Op::LOAD_CONST, dst, index, 0, 0, where);
  }
}

// CPython lists the constants of an expression before it folds them: where each is first met
// decides its place.
void CodeGenerator::note_leaf_constants(const Expr* node) {
  switch (node->node_kind) {
    case NodeKind::BinOp:
      note_leaf_constants(as<BinOp>(node)->left);
      return note_leaf_constants(as<BinOp>(node)->right);
    case NodeKind::UnaryOp: return note_leaf_constants(as<UnaryOp>(node)->operand);
    case NodeKind::Subscript:
      note_leaf_constants(as<Subscript>(node)->value);
      return note_leaf_constants(as<Subscript>(node)->slice);
    case NodeKind::Tuple:
      for (Expr* element : as<Tuple>(node)->elts) note_leaf_constants(element);
      return;
    default:
      if (const Constant* constant = fold(node)) flow().constant(*constant);
  }
}

Value CodeGenerator::constant_expr(const Constant& value, const Expr* node, Reg into) {
  Reg dst = target_or_temp(into);
  bool late = !is<ast::Constant>(node) && !is<ast::Name>(node);
  if (late) note_leaf_constants(node);
  load_constant(value, dst, position_of(node), late);
  return {dst, is_temp(dst)};
}

// Evaluates for the effects.
void CodeGenerator::discard(const Expr* node) {
  int mark = depth();
  Value value = expr(node);
  if (value.owned) clear(value.reg, position_of(node));
  release(mark);
}

// ---- operators ----

Value CodeGenerator::binary(const BinOp* node, Reg into) {
  if (node->op == Operator::Mod) {
    Value formatted = percent_format(node, into);
    if (formatted.reg != kNoReg) return formatted;
  }
  int mark = depth();
  Value left = operand(node->left, More::follows);
  return arithmetic(node->op, false, node->left, left, node->right, into, mark, position_of(node));
}

Value CodeGenerator::arithmetic(Operator op, bool inplace, const Expr* left_node, Value left,
                                const Expr* right, Reg into, int mark, const Position& where) {
  const Constant* constant = fold(right);
  Op immediate = fits_int16(constant) ? immediate_op(op, inplace) : Op::NOP;
  if (immediate != Op::NOP) {
    bool late = !is<ast::Constant>(right);
    if (late) note_leaf_constants(right);
    uint32_t index = late ? flow().late_constant(*constant) : flow().constant(*constant);
    release(mark);
    Reg dst = target_or_temp(into);
    Inst& inst = emit(immediate, dst, left.reg, static_cast<int32_t>(int_of(constant)),
                      left.owned ? dpb::kKillB : 0, where);
    if (!is_small(int_of(constant))) inst.constant = static_cast<int32_t>(index);
    return {dst, is_temp(dst)};
  }
  Value right_value = operand(right);
  release(mark);
  Reg dst = target_or_temp(into);
  emit2(binary_op(op, inplace), dst, left, right_value, where);
  return {dst, is_temp(dst)};
}

Value CodeGenerator::unary(const UnaryOp* node, Reg into) {
  Position where = position_of(node);
  int mark = depth();
  if (node->op == UnaryOperator::Not) {
    // `not a in b` is one instruction.
    const Compare* compare = maybe_as<Compare>(node->operand);
    if (compare != nullptr && compare->ops.size == 1) {
      CompareOperator op = compare->ops[0];
      CompareOperator opposite = op == CompareOperator::Is      ? CompareOperator::IsNot
                                 : op == CompareOperator::IsNot ? CompareOperator::Is
                                 : op == CompareOperator::In    ? CompareOperator::NotIn
                                 : op == CompareOperator::NotIn ? CompareOperator::In
                                                                : op;
      if (opposite != op) {
        check_compare(compare);
        Value left = operand(compare->left, More::follows);
        Value right = membership_operand(compare->comparators[0], op);
        release(mark);
        Reg dst = target_or_temp(into);
        compare_op(opposite, dst, left, right, position_of(compare));
        return {dst, is_temp(dst)};
      }
    }
  }
  Value value = operand(node->operand);
  release(mark);
  Reg dst = target_or_temp(into);
  Op op = node->op == UnaryOperator::Not    ? Op::UNARY_NOT
          : node->op == UnaryOperator::USub ? Op::UNARY_NEGATIVE
          : node->op == UnaryOperator::UAdd ? Op::UNARY_POSITIVE
                                            : Op::UNARY_INVERT;
  emit1(op, dst, value, 0, where);
  return {dst, is_temp(dst)};
}

Value CodeGenerator::bool_op(const BoolOp* node, Reg into) {
  Position where = position_of(node);
  int mark = depth();
  Reg work = work_register(into);
  Block* end = flow().new_block();
  bool_op_part(node, work, end, end);
  flow().use(end);
  return finish_work(work, into, mark, where);
}

// The value of `node` goes to `work`; where its truth is known on the way, the code goes on at
// on_true or on_false. So `a and b or c` asks a false `a` once only.
void CodeGenerator::bool_op_part(const BoolOp* node, Reg work, Block* on_true, Block* on_false) {
  if (!diagnostics_.may_descend()) return;
  Position where = position_of(node);
  bool is_or = node->op == BoolOperator::Or;
  Block* decided = is_or ? on_true : on_false;
  for (uint32_t i = 0; i < node->values.size; ++i) {
    const Expr* value = node->values[i];
    bool last = i + 1 == node->values.size;
    const Constant* constant = last ? nullptr : fold(value);
    if (constant != nullptr) {
      note_leaf_constants(value);
      if (truth_of(*constant) != is_or) continue;  // never the result
      expr_into(value, work);
      flow().jump(decided, where);
      flow().use(flow().new_block());
      continue;
    }
    const BoolOp* inner = maybe_as<BoolOp>(value);
    if (inner == nullptr) {
      expr_into(value, work);
      if (!last) branch1(Op::JUMP_IF, {work, false}, 0, is_or, decided, where);
    } else if (last) {
      bool_op_part(inner, work, on_true, on_false);
    } else {
      Block* next = flow().new_block();
      bool_op_part(inner, work, is_or ? on_true : next, is_or ? next : on_false);
      branch1(Op::JUMP_IF, {work, false}, 0, is_or, decided, where);
      flow().use(next);
    }
  }
}

Value CodeGenerator::if_exp(const IfExp* node, Reg into) {
  Reg dst = target_or_temp(into);
  int mark = depth();
  Block* otherwise = flow().new_block();
  Block* end = flow().new_block();
  jump_if(node->test, otherwise, false);
  expr_into(node->body, dst);
  release(mark);
  flow().jump(end, {});
  flow().use(otherwise);
  expr_into(node->orelse, dst);
  release(mark);
  flow().use(end);
  return {dst, is_temp(dst)};
}

// ---- comparisons ----

void CodeGenerator::compare_op(CompareOperator op, Reg dst, Value left, Value right,
                               const Position& where) {
  switch (op) {
    case CompareOperator::Is: return emit2(Op::IS_OP, dst, left, right, where);
    case CompareOperator::IsNot: return emit2(Op::IS_OP, dst, left, right, where, dpb::kFlag);
    case CompareOperator::In: return emit2(Op::CONTAINS_OP, dst, left, right, where);
    case CompareOperator::NotIn: return emit2(Op::CONTAINS_OP, dst, left, right, where, dpb::kFlag);
    case CompareOperator::Eq: return emit2(Op::COMPARE_EQ, dst, left, right, where);
    case CompareOperator::NotEq: return emit2(Op::COMPARE_NE, dst, left, right, where);
    case CompareOperator::Lt: return emit2(Op::COMPARE_LT, dst, left, right, where);
    case CompareOperator::LtE: return emit2(Op::COMPARE_LE, dst, left, right, where);
    case CompareOperator::Gt: return emit2(Op::COMPARE_GT, dst, left, right, where);
    case CompareOperator::GtE: return emit2(Op::COMPARE_GE, dst, left, right, where);
  }
}

Value CodeGenerator::membership_operand(const Expr* node, CompareOperator op) {
  if (op != CompareOperator::In && op != CompareOperator::NotIn) return operand(node);
  Position where = position_of(node);
  if (const List* list = maybe_as<List>(node)) {
    std::vector<Constant> items;
    bool starred = false;
    for (Expr* element : list->elts) {
      starred |= is<Starred>(element);
      const Constant* item = fold(element);
      if (item != nullptr) items.push_back(*item);
    }
    if (items.size() == list->elts.size) {
      for (Expr* element : list->elts) note_leaf_constants(element);
      Reg dst = flow().alloc();
      load_constant(Constant::tuple(std::move(items)), dst, where, true);
      return {dst, true};
    }
    if (!starred && list->elts.size <= 30)
      return tuple_or_list(node, list->elts, Op::BUILD_TUPLE, kNoReg);
  } else if (const Set* set = maybe_as<Set>(node)) {
    std::vector<Constant> items;
    for (Expr* element : set->elts) {
      const Constant* item = fold(element);
      if (item != nullptr) items.push_back(*item);
    }
    if (items.size() == set->elts.size) {
      for (Expr* element : set->elts) note_leaf_constants(element);
      Reg dst = flow().alloc();
      load_constant(Constant::frozen_set(std::move(items)), dst, where, true);
      return {dst, true};
    }
  }
  return operand(node);
}

Value CodeGenerator::compare(const Compare* node, Reg into) {
  Position where = position_of(node);
  check_compare(node);
  int mark = depth();
  if (node->ops.size == 1) {
    Value left = operand(node->left, More::follows);
    Value right = membership_operand(node->comparators[0], node->ops[0]);
    release(mark);
    Reg dst = target_or_temp(into);
    compare_op(node->ops[0], dst, left, right, where);
    return {dst, is_temp(dst)};
  }
  // a < b < c: the result register first, then b, which two instructions read.
  Reg result = work_register(into);
  int above = depth();
  Block* cleanup = flow().new_block();
  Block* end = flow().new_block();
  Value left = operand(node->left, More::follows);
  Reg middle = kNoReg;
  for (uint32_t i = 0; i < node->ops.size; ++i) {
    bool last = i + 1 == node->ops.size;
    if (last) {
      Value right = membership_operand(node->comparators[i], node->ops[i]);
      compare_op(node->ops[i], result, left, right, where);
      break;
    }
    // Every operand between two operators lives in the same temporary, so that one cleanup serves
    // all exits.
    Value right = operand(node->comparators[i], More::follows);
    if (left.owned && left.reg == kTempBase + above && i > 0) {
      compare_op(node->ops[i], result, left, {right.reg, false}, where);
      move(left.reg, right, where);
      right = {left.reg, true};
    } else if (!right.owned || right.reg != kTempBase + above) {
      compare_op(node->ops[i], result, left, {right.reg, false}, where);
      move(kTempBase + above, right, where);
      right = {kTempBase + above, true};
    } else {
      compare_op(node->ops[i], result, left, {right.reg, false}, where);
    }
    release(above);
    middle = flow().alloc();
    left = {middle, true};
    branch1(Op::JUMP_IF, {result, false}, 0, false, cleanup, where);
  }
  flow().jump(end, {});
  flow().use(cleanup);
  clear(middle, where);
  flow().use(end);
  return finish_work(result, into, mark, where);
}

void CodeGenerator::branch_compare(CompareOperator op, Value left, Value right, bool sense,
                                   Block* target, const Position& where) {
  switch (op) {
    case CompareOperator::Is: return branch2(Op::JUMP_IF_IS, left, right, sense, target, where);
    case CompareOperator::IsNot: return branch2(Op::JUMP_IF_IS, left, right, !sense, target, where);
    case CompareOperator::In:
      return branch2(Op::JUMP_IF_CONTAINS, left, right, sense, target, where);
    case CompareOperator::NotIn:
      return branch2(Op::JUMP_IF_CONTAINS, left, right, !sense, target, where);
    case CompareOperator::Eq: return branch2(Op::JUMP_IF_EQ, left, right, sense, target, where);
    case CompareOperator::NotEq: return branch2(Op::JUMP_IF_NE, left, right, sense, target, where);
    case CompareOperator::Lt: return branch2(Op::JUMP_IF_LT, left, right, sense, target, where);
    case CompareOperator::LtE: return branch2(Op::JUMP_IF_LE, left, right, sense, target, where);
    case CompareOperator::Gt: return branch2(Op::JUMP_IF_GT, left, right, sense, target, where);
    case CompareOperator::GtE: return branch2(Op::JUMP_IF_GE, left, right, sense, target, where);
  }
}

void CodeGenerator::jump_if_compare(const Compare* node, Block* target, bool sense) {
  Position where = position_of(node);
  check_compare(node);
  int mark = depth();
  auto last_branch = [&](CompareOperator op, Value left, const Expr* right_node) {
    bool is_op = op == CompareOperator::Is || op == CompareOperator::IsNot;
    if (is_op && is_none(right_node)) {
      flow().constant(Constant::none());
      release(mark);
      return branch1(Op::JUMP_IF_NONE, left, 0, (op == CompareOperator::Is) == sense, target,
                     where);
    }
    const Constant* constant = fold(right_node);
    if (fits_int16(constant) && op <= CompareOperator::GtE) {
      Op immediate = op == CompareOperator::Eq      ? Op::JUMP_IF_EQ_INT
                     : op == CompareOperator::NotEq ? Op::JUMP_IF_NE_INT
                     : op == CompareOperator::Lt    ? Op::JUMP_IF_LT_INT
                     : op == CompareOperator::LtE   ? Op::JUMP_IF_LE_INT
                     : op == CompareOperator::Gt    ? Op::JUMP_IF_GT_INT
                                                    : Op::JUMP_IF_GE_INT;
      bool late = !is<ast::Constant>(right_node);
      if (late) note_leaf_constants(right_node);
      uint32_t index = late ? flow().late_constant(*constant) : flow().constant(*constant);
      release(mark);
      Inst& inst = emit(immediate, 0, left.reg, static_cast<int32_t>(int_of(constant)),
                        (left.owned ? dpb::kKillB : 0) | (sense ? 0 : dpb::kSense), where);
      inst.target = target;
      if (!is_small(int_of(constant))) inst.constant = static_cast<int32_t>(index);
      return flow().use(flow().new_block());
    }
    Value right = membership_operand(right_node, op);
    release(mark);
    branch_compare(op, left, right, sense, target, where);
  };
  if (node->ops.size == 1) {
    Value left = operand(node->left, More::follows);
    return last_branch(node->ops[0], left, node->comparators[0]);
  }
  // A false link leaves with its right operand still held, in the same temporary whichever link it
  // is.
  Reg held = flow().alloc();
  int above = depth();
  Block* cleanup = flow().new_block();
  Block* no = sense ? flow().new_block() : target;
  Value left = operand(node->left, More::follows);
  bool any_held = false;
  for (uint32_t i = 0; i + 1 < node->ops.size; ++i) {
    Value right = operand(node->comparators[i], More::follows);
    if (!right.owned && node->ops.size == 2) {
      // The middle operand is a local: nothing to clean up.
      branch_compare(node->ops[i], left, right, false, no, where);
      left = right;
    } else {
      any_held = true;
      if (i > 0) {
        // The left operand occupies the place: compare first, then put the right one there.
        Reg answer = flow().alloc();
        compare_op(node->ops[i], answer, left, {right.reg, false}, where);
        move(held, right, where);
        branch1(Op::JUMP_IF, {answer, true}, 0, false, cleanup, where);
      } else {
        move(held, right, where);
        branch_compare(node->ops[i], left, {held, false}, false, cleanup, where);
      }
      left = {held, true};
    }
    release(above);
  }
  last_branch(node->ops[node->ops.size - 1], left, node->comparators[node->ops.size - 1]);
  release(mark);
  if (any_held) {
    Block* go_on = flow().new_block();
    flow().jump(go_on, {});
    flow().use(cleanup);
    clear(held, where);
    if (!sense) flow().jump(target, {});
    if (sense) flow().jump(no, {});
    flow().use(go_on);
  }
  if (sense) flow().use(no);
}

void CodeGenerator::jump_if(const Expr* node, Block* target, bool sense) {
  if (!diagnostics_.may_descend()) return;
  Position where = position_of(node);
  if (const Constant* constant = fold(node)) {
    note_leaf_constants(node);
    if (is<ast::Constant>(node)) flow().constant(*constant);
    if (truth_of(*constant) == sense) {
      flow().jump(target, where);
      flow().use(flow().new_block());
    } else {
      emit(Op::NOP, 0, 0, 0, 0, where);
    }
    return;
  }
  switch (node->node_kind) {
    case NodeKind::UnaryOp:
      if (as<UnaryOp>(node)->op == UnaryOperator::Not)
        return jump_if(as<UnaryOp>(node)->operand, target, !sense);
      break;
    case NodeKind::BoolOp: {
      const BoolOp* bools = as<BoolOp>(node);
      bool is_or = bools->op == BoolOperator::Or;
      Block* end = nullptr;
      Block* shortcut = target;
      if (is_or != sense) {
        end = flow().new_block();
        shortcut = end;
      }
      for (uint32_t i = 0; i + 1 < bools->values.size; ++i)
        jump_if(bools->values[i], shortcut, is_or);
      jump_if(bools->values.back(), target, sense);
      if (end != nullptr) flow().use(end);
      return;
    }
    case NodeKind::IfExp: {
      const IfExp* choice = as<IfExp>(node);
      Block* otherwise = flow().new_block();
      Block* end = flow().new_block();
      jump_if(choice->test, otherwise, false);
      jump_if(choice->body, target, sense);
      flow().jump(end, {});
      flow().use(otherwise);
      jump_if(choice->orelse, target, sense);
      flow().use(end);
      return;
    }
    case NodeKind::Compare: return jump_if_compare(as<Compare>(node), target, sense);
    default: break;
  }
  int mark = depth();
  Value value = operand(node);
  release(mark);
  branch1(Op::JUMP_IF, value, 0, sense, target, where);
}

// ---- subscripts and displays ----

Value CodeGenerator::subscript(const Subscript* node, Reg into) {
  Position where = position_of(node);
  check_subscripter(node->value);
  check_index(node->value, node->slice);
  int mark = depth();
  Value container = operand(node->value, More::follows);
  const Slice* bounds = maybe_as<Slice>(node->slice);
  if (bounds != nullptr && bounds->step == nullptr && !constant_slice(bounds)) {
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
    release(mark);
    Reg dst = target_or_temp(into);
    emit1(Op::BINARY_SLICE, dst, container, low, where);
    return {dst, is_temp(dst)};
  }
  const Constant* key = fold(node->slice);
  if (fits_int16(key)) {
    bool late = !is<ast::Constant>(node->slice);
    if (late) note_leaf_constants(node->slice);
    uint32_t index = late ? flow().late_constant(*key) : flow().constant(*key);
    release(mark);
    Reg dst = target_or_temp(into);
    Inst& inst = emit(Op::BINARY_SUBSCR_INT, dst, container.reg, static_cast<int32_t>(int_of(key)),
                      container.owned ? dpb::kKillB : 0, where);
    if (!is_small(int_of(key))) inst.constant = static_cast<int32_t>(index);
    return {dst, is_temp(dst)};
  }
  Value key_value = operand(node->slice);
  release(mark);
  Reg dst = target_or_temp(into);
  emit2(Op::BINARY_SUBSCR, dst, container, key_value, where);
  return {dst, is_temp(dst)};
}

Value CodeGenerator::slice(const Slice* node, Reg into) {
  Position where = position_of(node);
  if (constant_slice(node)) {
    auto part = [&](const Expr* bound) {
      return bound != nullptr ? *fold(bound) : Constant::none();
    };
    Reg dst = target_or_temp(into);
    load_constant(Constant::slice(part(node->lower), part(node->upper), part(node->step)), dst,
                  where, false);
    return {dst, is_temp(dst)};
  }
  int mark = depth();
  int count = node->step != nullptr ? 3 : 2;
  Reg parts = flow().alloc(count);
  const Expr* bounds[3] = {node->lower, node->upper, node->step};
  for (int i = 0; i < count; ++i) {
    if (bounds[i] != nullptr) {
      expr_into(bounds[i], parts + i);
    } else {
      load_none(parts + i, where);
    }
  }
  release(mark);
  Reg dst = target_or_temp(into);
  emit(Op::BUILD_SLICE, dst, parts, count, 0, where);
  return {dst, is_temp(dst)};
}

Value CodeGenerator::tuple_or_list(const Expr* node, Seq<Expr*> elements, Op build, Reg into) {
  Position where = position_of(node);
  bool starred = false;
  for (Expr* element : elements) starred |= is<Starred>(element);
  if (build == Op::BUILD_LIST && elements.size >= 3 && !starred) {
    std::vector<Constant> items;
    for (Expr* element : elements) {
      const Constant* item = fold(element);
      if (item == nullptr) break;
      items.push_back(*item);
    }
    if (items.size() == elements.size) {
      for (Expr* element : elements) note_leaf_constants(element);
      int mark = depth();
      Reg list = work_register(into);
      emit(Op::BUILD_LIST, list, flow().alloc(), 0, 0, where);
      Reg source = flow().alloc();
      load_constant(Constant::tuple(std::move(items)), source, where, true);
      emit(Op::LIST_EXTEND, list, source, 0, dpb::kKillB, where);
      return finish_work(list, into, mark, where);
    }
  }
  if (starred || elements.size > kMaxRun) return sequence_in_pieces(elements, build, into, where);
  int mark = depth();
  Reg items = kTempBase + depth();
  for (Expr* element : elements) expr_into(element, flow().alloc());
  flow().reserve(1);
  release(mark);
  Reg dst = target_or_temp(into);
  emit(build, dst, items, static_cast<int32_t>(elements.size), 0, where);
  return {dst, is_temp(dst)};
}

// [a, *b, c]: a list that grows; tuples are made of it at the end.
Value CodeGenerator::sequence_in_pieces(Seq<Expr*> elements, Op build, Reg into,
                                        const Position& where) {
  int mark = depth();
  Reg work = work_register(into);
  int above = depth();
  uint32_t at = 0;
  Reg items = kTempBase + above;
  while (at < elements.size && at < kMaxRun && !is<Starred>(elements[at]))
    expr_into(elements[at++], flow().alloc());
  flow().reserve(1);
  emit(build == Op::BUILD_SET ? Op::BUILD_SET : Op::BUILD_LIST, work, items,
       static_cast<int32_t>(at), 0, where);
  release(above);
  for (; at < elements.size; ++at) {
    const Starred* star = maybe_as<Starred>(elements[at]);
    Value value = operand(star != nullptr ? star->value : elements[at]);
    Op op = build == Op::BUILD_SET ? (star != nullptr ? Op::SET_UPDATE : Op::SET_ADD)
                                   : (star != nullptr ? Op::LIST_EXTEND : Op::LIST_APPEND);
    emit1(op, work, value, 0, where);
    release(above);
  }
  if (build == Op::BUILD_TUPLE) {
    release(mark);
    Reg dst = target_or_temp(into);
    emit(Op::LIST_TO_TUPLE, dst, work, 0, dpb::kKillB, where);
    return {dst, is_temp(dst)};
  }
  return finish_work(work, into, mark, where);
}

Value CodeGenerator::set_display(const Set* node, Reg into) {
  Position where = position_of(node);
  bool starred = false;
  for (Expr* element : node->elts) starred |= is<Starred>(element);
  if (node->elts.size >= 3 && !starred) {
    std::vector<Constant> items;
    for (Expr* element : node->elts) {
      const Constant* item = fold(element);
      if (item == nullptr) break;
      items.push_back(*item);
    }
    if (items.size() == node->elts.size) {
      for (Expr* element : node->elts) note_leaf_constants(element);
      int mark = depth();
      Reg set = work_register(into);
      emit(Op::BUILD_SET, set, flow().alloc(), 0, 0, where);
      Reg source = flow().alloc();
      load_constant(Constant::frozen_set(std::move(items)), source, where, true);
      emit(Op::SET_UPDATE, set, source, 0, dpb::kKillB, where);
      return finish_work(set, into, mark, where);
    }
  }
  if (starred || node->elts.size > kMaxRun)
    return sequence_in_pieces(node->elts, Op::BUILD_SET, into, where);
  int mark = depth();
  Reg items = kTempBase + depth();
  for (Expr* element : node->elts) expr_into(element, flow().alloc());
  flow().reserve(1);
  release(mark);
  Reg dst = target_or_temp(into);
  emit(Op::BUILD_SET, dst, items, static_cast<int32_t>(node->elts.size), 0, where);
  return {dst, is_temp(dst)};
}

Value CodeGenerator::dict_display(const Dict* node, Reg into) {
  Position where = position_of(node);
  int mark = depth();
  uint32_t first = 0;
  while (first < node->keys.size && first < kMaxRun / 4 && node->keys[first] != nullptr) ++first;
  bool whole = first == node->keys.size;
  Reg work = whole ? kNoReg : work_register(into);
  int above = depth();
  Reg items = kTempBase + depth();
  for (uint32_t i = 0; i < first; ++i) {
    expr_into(node->keys[i], flow().alloc());
    expr_into(node->values[i], flow().alloc());
  }
  flow().reserve(1);
  if (whole) {
    release(mark);
    Reg dst = target_or_temp(into);
    emit(Op::BUILD_MAP, dst, items, static_cast<int32_t>(first), 0, where);
    return {dst, is_temp(dst)};
  }
  emit(Op::BUILD_MAP, work, items, static_cast<int32_t>(first), 0, where);
  release(above);
  for (uint32_t i = first; i < node->keys.size; ++i) {
    if (node->keys[i] == nullptr) {
      Value other = operand(node->values[i]);
      emit1(Op::DICT_UPDATE, work, other, 0, where);
    } else {
      Value key = operand(node->keys[i], More::follows);
      Value value = operand(node->values[i]);
      emit2(Op::MAP_ADD, work, key, value, where);
    }
    release(above);
  }
  return finish_work(work, into, mark, where);
}

// ---- walrus, await, yield ----

Value CodeGenerator::named_expr(const NamedExpr* node, Reg into) {
  // x := y := 1 meets y first.
  Reg local =
      is<NamedExpr>(node->value) ? direct_local(node->target) : local_register(node->target);
  if (local != kNoReg) {
    int mark = depth();
    expr_into(node->value, local);
    release(mark);
    if (into == kNoReg) return {local, false};
    move(into, {local, false}, position_of(node));
    return {into, is_temp(into)};
  }
  Reg dst = target_or_temp(into);
  expr_into(node->value, dst);
  assign(node->target, {dst, false});
  return {dst, is_temp(dst)};
}

// value = iter.send(value) until iter returns; the iterator is the temporary on top.
void CodeGenerator::send_loop(Reg value, const Position& where) {
  Reg iter = kTempBase + depth() - 1;
  Block* send = flow().new_block();
  Block* thrown = flow().new_block();
  Block* end = flow().new_block();
  flow().use(send);
  emit(Op::SEND, value, iter, 0, 0, where).target = end;
  flow().use(flow().new_block());
  int outer = flow().handler;
  flow().handler = add_handler(thrown, depth());
  emit(Op::YIELD_VALUE, value, value, iter, dpb::kKillB | dpb::kFlag, where);
  flow().handler = outer;
  flow().jump(send, where);
  flow().use(thrown);
  Reg exception = flow().alloc();
  emit(Op::CLEANUP_THROW, value, iter, exception, 0, where);
  release(depth() - 1);
  flow().use(end);
}

Value CodeGenerator::await_or_yield_from(const Expr* node, Reg into) {
  Position where = position_of(node);
  bool is_await = is<Await>(node);
  if (!is_await) {
    if (!unit_->scope->function_like()) fail(where, "'yield from' outside function");
    if (unit_->kind == UnitKind::async_function) fail(where, "'yield from' inside async function");
  } else if (!(unit_->flags & (dpb::kCoCoroutine | dpb::kCoAsyncGenerator))) {
    fail(where, "'await' outside async function");
  }
  int mark = depth();
  Value source = operand(is_await ? as<Await>(node)->value : as<YieldFrom>(node)->value);
  release(mark);
  Reg value = work_register(into);
  Reg iter = flow().alloc();
  // The source may be the very register the value goes to: it is consumed first.
  emit1(is_await ? Op::GET_AWAITABLE : Op::GET_YIELD_FROM_ITER, iter, source, 0, where);
  load_none(value, where);
  send_loop(value, where);
  return finish_work(value, into, mark, where);
}

// reg = await reg, for what the statements call themselves; the register is the temporary on top.
void CodeGenerator::await_register(Reg value, int context, const Position& where) {
  Reg iter = flow().alloc();
  emit1(Op::GET_AWAITABLE, iter, {value, true}, context, where);
  load_none(value, where);
  send_loop(value, where);
  release(depth() - 1);
}

Value CodeGenerator::yield_expr(const Yield* node, Reg into) {
  Position where = position_of(node);
  if (!unit_->scope->function_like()) {
    fail(where, "'yield' outside function");
    return {target_or_temp(into), true};
  }
  int mark = depth();
  Value value;
  if (node->value != nullptr) {
    value = operand(node->value);
  } else {
    value = {flow().alloc(), true};
    load_none(value.reg, where);
  }
  release(mark);
  if (unit_->flags & dpb::kCoAsyncGenerator) {
    Reg wrapped = flow().alloc();
    emit1(Op::ASYNC_GEN_WRAP, wrapped, value, 0, where);
    release(mark);
    value = {wrapped, true};
  }
  Reg dst = target_or_temp(into);
  emit(Op::YIELD_VALUE, dst, value.reg, kNoReg, value.owned ? dpb::kKillB : 0, where);
  return {dst, is_temp(dst)};
}

// ---- warnings ----

void CodeGenerator::check_compare(const Compare* node) {
  // A tuple of nothing but literals counts as one.
  std::function<bool(const Expr*)> literal_tuple = [&](const Expr* side) {
    if (is<ast::Constant>(side)) return true;
    const Tuple* tuple = maybe_as<Tuple>(side);
    if (tuple == nullptr) return false;
    for (Expr* element : tuple->elts) {
      if (!literal_tuple(element)) return false;
    }
    return true;
  };
  auto no_literal = [&](const Expr* side) {
    if (is<Tuple>(side)) return !literal_tuple(side);
    const ast::Constant* constant = maybe_as<ast::Constant>(side);
    if (constant == nullptr) return true;
    switch (constant->value.kind) {
      case ConstantKind::None:
      case ConstantKind::True:
      case ConstantKind::False:
      case ConstantKind::Ellipsis:
      case ConstantKind::Opaque: return true;
      default: return false;
    }
  };
  const Expr* left = node->left;
  for (uint32_t i = 0; i < node->ops.size; ++i) {
    const Expr* right = node->comparators[i];
    bool is_not = node->ops[i] == CompareOperator::IsNot;
    if ((node->ops[i] == CompareOperator::Is || is_not) &&
        (!no_literal(left) || !no_literal(right))) {
      const char* type = inferred_type(no_literal(left) ? right : left);
      warn(position_of(node), std::string(is_not ? "\"is not\"" : "\"is\"") + " with '" + type +
                                  "' literal. Did you mean \"" + (is_not ? "!=" : "==") + "\"?");
      return;
    }
    left = right;
  }
}

void CodeGenerator::check_caller(const Expr* node) {
  switch (node->node_kind) {
    case NodeKind::Constant:
    case NodeKind::Tuple:
    case NodeKind::List:
    case NodeKind::ListComp:
    case NodeKind::Dict:
    case NodeKind::DictComp:
    case NodeKind::Set:
    case NodeKind::SetComp:
    case NodeKind::GeneratorExp:
    case NodeKind::JoinedStr:
    case NodeKind::FormattedValue:
    case NodeKind::TemplateStr:
    case NodeKind::Interpolation:
      if (const char* type = inferred_type(node)) {
        warn(position_of(node),
             std::string("'") + type + "' object is not callable; perhaps you missed a comma?");
      }
      return;
    default: return;
  }
}

void CodeGenerator::check_subscripter(const Expr* node) {
  switch (node->node_kind) {
    case NodeKind::Constant: {
      ConstantKind kind = as<ast::Constant>(node)->value.kind;
      if (kind == ConstantKind::Str || kind == ConstantKind::Bytes || kind == ConstantKind::Opaque)
        return;
      break;
    }
    case NodeKind::Set:
    case NodeKind::SetComp:
    case NodeKind::GeneratorExp:
    case NodeKind::TemplateStr:
    case NodeKind::Interpolation:
    case NodeKind::Lambda: break;
    default: return;
  }
  warn(position_of(node), std::string("'") + inferred_type(node) +
                              "' object is not subscriptable; perhaps you missed a comma?");
}

void CodeGenerator::check_index(const Expr* node, const Expr* index) {
  const char* index_type = inferred_type(index);
  if (index_type == nullptr) return;
  std::string_view index_name = index_type;
  if (index_name == "int" || index_name == "bool") return;
  switch (node->node_kind) {
    case NodeKind::Constant: {
      ConstantKind kind = as<ast::Constant>(node)->value.kind;
      if (kind != ConstantKind::Str && kind != ConstantKind::Bytes) return;
      break;
    }
    case NodeKind::Tuple:
    case NodeKind::List:
    case NodeKind::ListComp:
    case NodeKind::JoinedStr:
    case NodeKind::FormattedValue: break;
    default: return;
  }
  warn(position_of(node), std::string(inferred_type(node)) +
                              " indices must be integers or slices, not " + index_type +
                              "; perhaps you missed a comma?");
}

}  // namespace dx::compiler
