// Operators beyond two small ints or two immediate floats: int and float mixed, then the protocol.

#include "interpreter/ops.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/dict.h"
#include "objects/list.h"
#include "objects/set.h"

namespace dx {

namespace {

// Both operands as doubles, when one is a float and the other a float or a small int that converts
// exactly.
bool as_doubles(Value left, Value right, double& x, double& y) {
  if (!is_exact_float(left) && !is_exact_float(right)) return false;
  if (is_exact_float(left))
    x = float_value(left);
  else if (left.is_int() &&
           small_int_value(left) == static_cast<Word>(static_cast<double>(small_int_value(left))))
    x = static_cast<double>(small_int_value(left));
  else
    return false;
  if (is_exact_float(right))
    y = float_value(right);
  else if (right.is_int() &&
           small_int_value(right) == static_cast<Word>(static_cast<double>(small_int_value(right))))
    y = static_cast<double>(small_int_value(right));
  else
    return false;
  return true;
}

// Arithmetic on ints that do not fit a word or whose operator has no fast path; empty without a
// pending exception when it is none. Requires: both are exact ints.
Value int_arithmetic(Thread& thread, BinaryOp op, Any l, Any r) {
  switch (op) {
    case BinaryOp::add: return int_add(thread, l, r).release();
    case BinaryOp::subtract: return int_subtract(thread, l, r).release();
    case BinaryOp::multiply: return int_multiply(thread, l, r).release();
    case BinaryOp::true_divide: return int_true_divide(thread, l, r).release();
    case BinaryOp::floor_divide: return int_floor_divide(thread, l, r).release();
    case BinaryOp::remainder: return int_remainder(thread, l, r).release();
    case BinaryOp::lshift: return int_lshift(thread, l, r).release();
    case BinaryOp::rshift: return int_rshift(thread, l, r).release();
    case BinaryOp::and_: return int_and(thread, l, r).release();
    case BinaryOp::or_: return int_or(thread, l, r).release();
    case BinaryOp::xor_: return int_xor(thread, l, r).release();
    default: return Value{};
  }
}

// Arithmetic on floats and ints; empty without a pending exception when it does not apply.
Value quick(Thread& thread, BinaryOp op, Value left, Value right) {
  if (is_exact_int(left) && is_exact_int(right))
    return int_arithmetic(thread, op, Any(left), Any(right));
  double x, y;
  if (as_doubles(left, right, x, y)) {
    switch (op) {
      case BinaryOp::add: return double_to_value(thread, x + y);
      case BinaryOp::subtract: return double_to_value(thread, x - y);
      case BinaryOp::multiply: return double_to_value(thread, x * y);
      case BinaryOp::true_divide: return y != 0 ? double_to_value(thread, x / y) : Value{};
      default: return Value{};
    }
  }
  if (op == BinaryOp::add && is_exact(left, SHAPE(str)) && is_exact(right, SHAPE(str))) {
    return str_concat(thread, Borrowed<Str>(left), Borrowed<Str>(right)).release();
  }
  return Value{};
}

}  // namespace

// Two objects of one class whose operator is C++ (lists, sets, tuples ...): its answer, or
// kNotImplemented; empty: raised. In BinaryOp's order; no power, which takes three.
constexpr SlotId kBinarySlots[] = {SlotId::add,      SlotId::sub,    SlotId::mul,   SlotId::truediv,
                                   SlotId::floordiv, SlotId::mod,    SlotId::count, SlotId::matmul,
                                   SlotId::lshift,   SlotId::rshift, SlotId::and_,  SlotId::or_,
                                   SlotId::xor_};
constexpr SlotId kInplaceSlots[] = {
    SlotId::iadd, SlotId::isub,  SlotId::imul,    SlotId::itruediv, SlotId::ifloordiv,
    SlotId::imod, SlotId::count, SlotId::imatmul, SlotId::ilshift,  SlotId::irshift,
    SlotId::iand, SlotId::ior,   SlotId::ixor};
static inline Value binary_natively(Thread& thread, const SlotId* slots, BinaryOp op, Value left,
                                    Value right) {
  if (!left.is_object() || !right.is_object() || op == BinaryOp::power) return kNotImplemented;
  ShapeId shape = left.object()->shape();
  if (shape != right.object()->shape() || shape == SHAPE(int) || shape == SHAPE(str))
    return kNotImplemented;
  size_t slot = static_cast<size_t>(slots[static_cast<size_t>(op)]);
  void* function = shape_of(shape).type->slots[slot].load(std::memory_order_relaxed);
  if (!function || function == slot_trampolines[slot]) return kNotImplemented;
  return reinterpret_cast<slot_function::Binary>(function)(thread, Any(left), Any(right)).release();
}

Value op_binary(Thread& thread, BinaryOp op, Value left, Value right) {
  if (Value answer = binary_natively(thread, kBinarySlots, op, left, right);
      answer != kNotImplemented)
    return answer;
  Value value = quick(thread, op, left, right);
  if (value || exception_pending(thread)) return value;
  return binary_op(thread, op, Any(left), Any(right)).release();
}

Value op_add_lists(Thread& thread, Value left, bool left_dies, Value right, bool right_dies) {
  if (!is_mine(thread, left.object()) || !is_mine(thread, right.object()))
    return op_binary(thread, BinaryOp::add, left, right);
  return list_join(thread, Borrowed<List>(left), left_dies, Borrowed<List>(right), right_dies)
      .release();
}

Value op_inplace(Thread& thread, BinaryOp op, Value left, Value right) {
  if (Value answer = binary_natively(thread, kInplaceSlots, op, left, right);
      answer != kNotImplemented)
    return answer;
  Value value = quick(thread, op, left, right);
  if (value || exception_pending(thread)) return value;
  return inplace_op(thread, op, Any(left), Any(right)).release();
}

Value op_append_str(Thread& thread, Value left, Value right) {
  return str_append(thread, Ref<Str>::adopt(left), Borrowed<Str>(right)).release();
}

Value op_unary(Thread& thread, UnaryOp op, Value operand) {
  return unary_op(thread, op, Any(operand)).release();
}

// Two objects of one class that compares in C++: its answer, or kNotImplemented; empty: raised.
static inline Value compare_natively(Thread& thread, CompareOp op, Value left, Value right) {
  constexpr SlotId slots[] = {SlotId::lt, SlotId::le, SlotId::eq,
                              SlotId::ne, SlotId::gt, SlotId::ge};
  if (!left.is_object() || !right.is_object() || left.object()->shape() != right.object()->shape())
    return kNotImplemented;
  size_t slot = static_cast<size_t>(slots[static_cast<size_t>(op)]);
  void* function = shape_of(left.object()).type->slots[slot].load(std::memory_order_relaxed);
  if (!function || function == slot_trampolines[slot]) return kNotImplemented;
  return reinterpret_cast<slot_function::Binary>(function)(thread, Any(left), Any(right)).release();
}

// == and != of two objects whose classes leave both to object: whether they are the same one.
static bool compares_by_identity(Value left, Value right) {
  static const void* const eq = TYPE(object)->slots[static_cast<size_t>(SlotId::eq)].load();
  static const void* const ne = TYPE(object)->slots[static_cast<size_t>(SlotId::ne)].load();
  auto plain = [](Value value) {
    if (value.bits & 3) return false;
    Type* type = type_of(value);
    return type->slots[static_cast<size_t>(SlotId::eq)].load(std::memory_order_relaxed) == eq &&
           type->slots[static_cast<size_t>(SlotId::ne)].load(std::memory_order_relaxed) == ne;
  };
  return plain(left) && plain(right);
}

Value op_compare(Thread& thread, CompareOp op, Value left, Value right) {
  if ((op == CompareOp::eq || op == CompareOp::ne) && compares_by_identity(left, right)) {
    return bool_value((left == right) == (op == CompareOp::eq));
  }
  if (is_exact(left, SHAPE(str)) && is_exact(right, SHAPE(str))) {
    Borrowed<Str> l(left), r(right);
    switch (op) {
      case CompareOp::eq: return bool_value(str_equal(l, r));
      case CompareOp::ne: return bool_value(!str_equal(l, r));
      case CompareOp::lt: return bool_value(str_compare(l->view(), r->view()) < 0);
      case CompareOp::le: return bool_value(str_compare(l->view(), r->view()) <= 0);
      case CompareOp::gt: return bool_value(str_compare(l->view(), r->view()) > 0);
      case CompareOp::ge: return bool_value(str_compare(l->view(), r->view()) >= 0);
    }
  }
  if (Value answer = compare_natively(thread, op, left, right); answer != kNotImplemented)
    return answer;
  double x, y;
  if (as_doubles(left, right, x, y)) {
    switch (op) {
      case CompareOp::lt: return bool_value(x < y);
      case CompareOp::le: return bool_value(x <= y);
      case CompareOp::eq: return bool_value(x == y);
      case CompareOp::ne: return bool_value(x != y);
      case CompareOp::gt: return bool_value(x > y);
      case CompareOp::ge: return bool_value(x >= y);
    }
  }
  return compare(thread, Any(left), Any(right), op).release();
}

int op_is_true(Thread& thread, Value value) {
  if (value.is_object()) {
    switch (value.object()->shape()) {
      case SHAPE(list): return list_length(Borrowed<List>(value)) != 0;
      case SHAPE(tuple): return static_cast<Tuple*>(value.object())->size != 0;
      case SHAPE(dict): return dict_size(Borrowed<Dict>(value)) != 0;
      case SHAPE(str): return Borrowed<Str>(value)->length() != 0;
      default: break;
    }
  }
  Result<bool> truth = is_true(thread, Any(value));
  return truth.raised() ? -1 : truth.take();
}

int op_compare_true(Thread& thread, CompareOp op, Value left, Value right) {
  Value value = op_compare(thread, op, left, right);
  if (!value) return -1;
  if (value.is_bool()) return value.is_true();
  AnyRef owned = AnyRef::adopt(value);
  return op_is_true(thread, value);
}

int op_contains(Thread& thread, Value item, Value container) {
  Result<bool> found = false;
  ShapeId shape = container.is_object() ? container.object()->shape() : 0;
  if (shape == SHAPE(dict))
    found = dict_contains(thread, Borrowed<Dict>(container), Any(item));
  else if (shape == SHAPE(set) || shape == SHAPE(frozenset))
    found = set_contains(thread, Borrowed<Set>(container), Any(item));
  else if (shape == SHAPE(list))
    found = list_contains(thread, Borrowed<List>(container), Any(item));
  else
    found = contains(thread, Any(container), Any(item));
  return found.raised() ? -1 : found.take();
}

}  // namespace dx
