// Numeric operators: dispatch between the two operands' slots, with int and float answered at once.

#include "objects/float.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/int_internal.h"
#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/type_internal.h"

namespace dx {

namespace {
struct BinaryNames {
  SlotId slot, reflected, inplace;
  const char* text;
  const char* inplace_text;
};
constexpr BinaryNames binary_names[] = {
    {SlotId::add, SlotId::radd, SlotId::iadd, "+", "+="},
    {SlotId::sub, SlotId::rsub, SlotId::isub, "-", "-="},
    {SlotId::mul, SlotId::rmul, SlotId::imul, "*", "*="},
    {SlotId::truediv, SlotId::rtruediv, SlotId::itruediv, "/", "/="},
    {SlotId::floordiv, SlotId::rfloordiv, SlotId::ifloordiv, "//", "//="},
    {SlotId::mod, SlotId::rmod, SlotId::imod, "%", "%="},
    {SlotId::pow, SlotId::rpow, SlotId::ipow, "** or pow()", "**="},
    {SlotId::matmul, SlotId::rmatmul, SlotId::imatmul, "@", "@="},
    {SlotId::lshift, SlotId::rlshift, SlotId::ilshift, "<<", "<<="},
    {SlotId::rshift, SlotId::rrshift, SlotId::irshift, ">>", ">>="},
    {SlotId::and_, SlotId::rand, SlotId::iand, "&", "&="},
    {SlotId::or_, SlotId::ror, SlotId::ior, "|", "|="},
    {SlotId::xor_, SlotId::rxor, SlotId::ixor, "^", "^="},
};

void* slot_pointer(Type* type, SlotId id) {
  return type->slots[static_cast<size_t>(id)].load(std::memory_order_relaxed);
}

AnyResult call_binary(Thread& thread, void* function, SlotId id, Any self, Any other) {
  if (id == SlotId::pow || id == SlotId::rpow)
    return reinterpret_cast<slot_function::Ternary>(function)(thread, self, other, kNone);
  return reinterpret_cast<slot_function::Binary>(function)(thread, self, other);
}

// A subclass on the right goes first when it overrides the reflected method. Classes made in Python
// share the C++ function of it; then their attributes tell.
bool right_goes_first(Thread& thread, Type* left, Type* right, SlotId reflected) {
  void* reverse = slot_pointer(right, reflected);
  if (!reverse || left == right || !is_subtype(right, left)) return false;
  if (reverse != slot_pointer(left, reflected)) return true;
  auto index = static_cast<size_t>(reflected);
  if (reverse != slot_trampolines[index]) return false;
  Str* name = slot_names[index];
  Maybe<Ref<Object>> old = type_lookup(thread, left, name), own = type_lookup(thread, right, name);
  return own && !(old && old.value() == own.value());
}

// kNotImplemented when neither side knows.
AnyResult binary_sides(Thread& thread, SlotId slot, SlotId reflected, Any left, Any right) {
  Type* left_type = type_of(left);
  Type* right_type = type_of(right);
  void* function = slot_pointer(left_type, slot);
  void* reverse = left_type == right_type ? nullptr : slot_pointer(right_type, reflected);
  if (reverse && right_goes_first(thread, left_type, right_type, reflected)) {
    AnyRef result = TRY(call_binary(thread, reverse, reflected, right, left));
    if (result.value() != kNotImplemented) return result;
    reverse = nullptr;
  }
  if (function) {
    AnyRef result = TRY(call_binary(thread, function, slot, left, right));
    if (result.value() != kNotImplemented) return result;
  }
  if (reverse) return call_binary(thread, reverse, reflected, right, left);
  return AnyRef::adopt(kNotImplemented);
}

Raised unsupported(Thread& thread, const char* text, Any left, Any right) {
  return raise<TypeError>(thread, "unsupported operand type(s) for {}: '{}' and '{}'", text,
                          type_name_in(left), type_name_in(right));
}
}  // namespace

AnyResult binary_op(Thread& thread, BinaryOp op, Any left, Any right) {
  if (left.value().is_int() && right.value().is_int()) {
    Word a = small_int_value(left), b = small_int_value(right), number;
    switch (op) {
      case BinaryOp::add: return int_from_word(thread, a + b);  // of 63 bits each: no overflow
      case BinaryOp::subtract: return int_from_word(thread, a - b);
      case BinaryOp::multiply:
        if (!__builtin_mul_overflow(a, b, &number)) return int_from_word(thread, number);
        break;
      case BinaryOp::and_: return AnyRef::adopt(small_int(a & b));
      case BinaryOp::or_: return AnyRef::adopt(small_int(a | b));
      case BinaryOp::xor_: return AnyRef::adopt(small_int(a ^ b));
      default: break;
    }
  }
  const BinaryNames& names = binary_names[static_cast<size_t>(op)];
  AnyRef result = TRY(binary_sides(thread, names.slot, names.reflected, left, right));
  if (__builtin_expect(result.value() != kNotImplemented, 1)) return result;
  return binary_refused(thread, op, left, right);
}

Raised binary_refused(Thread& thread, BinaryOp op, Any left, Any right) {
  const BinaryNames& names = binary_names[static_cast<size_t>(op)];
  if (op == BinaryOp::multiply) {
    // A sequence times something that is no integer.
    bool left_sequence = type_of(left)->has_flag(kTypeSequence) || is_str(left);
    bool right_sequence = type_of(right)->has_flag(kTypeSequence) || is_str(right);
    if (left_sequence && !has_index(right))
      return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                              type_name_in(right));
    if (right_sequence && !has_index(left))
      return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                              type_name_in(left));
  }
  if (op == BinaryOp::rshift && type_of(left) == TYPE(builtin_function_or_method)) {
    AnyLookup name = lookup_attr(thread, left, NAME("__name__"));
    if (name.raised()) clear_exception(thread);
    if (name.found() && is_str(name.value()) &&
        str_equals_ascii(Borrowed<Str>(name.value()), "print")) {
      return raise<TypeError>(thread,
                              "unsupported operand type(s) for {}: '{}' and '{}'. Did you mean "
                              "\"print(<message>, file=<output_stream>)\"?",
                              names.text, type_name_in(left), type_name_in(right));
    }
  }
  return unsupported(thread, names.text, left, right);
}

AnyResult inplace_op(Thread& thread, BinaryOp op, Any left, Any right) {
  const BinaryNames& names = binary_names[static_cast<size_t>(op)];
  if (void* function = slot_pointer(type_of(left), names.inplace)) {
    AnyRef result = TRY(reinterpret_cast<slot_function::Binary>(function)(thread, left, right));
    if (result.value() != kNotImplemented) return result;
  }
  AnyRef result = TRY(binary_sides(thread, names.slot, names.reflected, left, right));
  if (result.value() != kNotImplemented) return result;
  return inplace_refused(thread, op, left, right);
}

Raised inplace_refused(Thread& thread, BinaryOp op, Any left, Any right) {
  if (op == BinaryOp::multiply)
    return binary_refused(thread, op, left, right);  // its message speaks of sequences
  return unsupported(thread, binary_names[static_cast<size_t>(op)].inplace_text, left, right);
}

AnyResult power(Thread& thread, Any base, Any exponent, Any modulus) {
  if (modulus.is_none()) return binary_op(thread, BinaryOp::power, base, exponent);
  bool first = right_goes_first(thread, type_of(base), type_of(exponent), SlotId::rpow);
  if (first) {
    AnyRef result = TRY(type_of(exponent)->slot<SlotId::rpow>()(thread, exponent, base, modulus));
    if (result.value() != kNotImplemented) return result;
  }
  if (auto function = type_of(base)->slot<SlotId::pow>()) {
    AnyRef result = TRY(function(thread, base, exponent, modulus));
    if (result.value() != kNotImplemented) return result;
  }
  if (!first && type_of(base) != type_of(exponent)) {
    if (auto function = type_of(exponent)->slot<SlotId::rpow>()) {
      AnyRef result = TRY(function(thread, exponent, base, modulus));
      if (result.value() != kNotImplemented) return result;
    }
  }
  return raise<TypeError>(thread, "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
                          type_name_in(base), type_name_in(exponent), type_name_in(modulus));
}

AnyResult number_divmod(Thread& thread, Any left, Any right) {
  AnyRef result = TRY(binary_sides(thread, SlotId::divmod, SlotId::rdivmod, left, right));
  if (result.value() != kNotImplemented) return result;
  return unsupported(thread, "divmod()", left, right);
}

AnyResult unary_op(Thread& thread, UnaryOp op, Any operand) {
  constexpr SlotId slots[] = {SlotId::neg, SlotId::pos, SlotId::invert, SlotId::abs};
  constexpr const char* messages[] = {
      "bad operand type for unary -: '{}'", "bad operand type for unary +: '{}'",
      "bad operand type for unary ~: '{}'", "bad operand type for abs(): '{}'"};
  void* function = slot_pointer(type_of(operand), slots[static_cast<size_t>(op)]);
  if (!function)
    return raise<TypeError>(thread, messages[static_cast<size_t>(op)], type_name_in(operand));
  return reinterpret_cast<slot_function::Unary>(function)(thread, operand);
}

bool has_index(Any object) {
  return is_int(object) || type_of(object)->slot<SlotId::index>() != nullptr;
}

AnyResult to_index(Thread& thread, Any object) {
  if (is_int(object)) return share(thread, object);
  auto function = type_of(object)->slot<SlotId::index>();
  if (!function)
    return raise<TypeError>(thread, "'{}' object cannot be interpreted as an integer",
                            type_name_in(object));
  AnyRef result = TRY(function(thread, object));
  if (!is_int(result.value()))
    return raise<TypeError>(thread, "__index__ returned non-int (type {})",
                            type_name_in(result.borrow()));
  if (!is_exact_int(result.value())) {
    TRY(warn<DeprecationWarning>(
        thread, 1,
        "__index__ returned non-int (type {}).  The ability to return an instance of a strict "
        "subclass of int is deprecated, and may be removed in a future version of Python.",
        type_name_in(result.borrow())));
    return int_exact(thread, result);
  }
  return result;
}

Result<Word> index_word(Thread& thread, Any object) {
  if (object.value().is_int()) return small_int_value(object.value());
  AnyRef index = TRY(to_index(thread, object));
  Word word;
  if (int_to_word(index.value(), word)) return word;
  return raise<IndexError>(thread, "cannot fit '{}' into an index-sized integer",
                           type_name_in(object));
}

Result<Word> index_word_clamped(Thread& thread, Any object) {
  if (object.value().is_int()) return small_int_value(object.value());
  AnyRef index = TRY(to_index(thread, object));
  Word word;
  if (int_to_word(index.value(), word)) return word;
  return int_sign(index.value()) < 0 ? INT64_MIN : INT64_MAX;
}

}  // namespace dx
