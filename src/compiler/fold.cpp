// Arithmetic on constants. Integers are folded while they fit 128 bits, as CPython bounds what it
// folds.

#include "compiler/fold.h"

#include <cmath>
#include <cstring>
#include <optional>

#include "dpb/verifier.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;
using Kind = dpb::Constant::Kind;
using Made = std::unique_ptr<Constant>;
using Wide = __int128;
using UnsignedWide = unsigned __int128;

namespace {

constexpr int kMaxIntBits = 128;
constexpr size_t kMaxCollection = 256, kMaxText = 4096, kMaxItems = 1024;

// Digits to limbs, least significant first.
std::vector<uint64_t> parse_digits(std::string_view digits, unsigned base) {
  std::vector<uint64_t> limbs;
  for (char digit : digits) {
    unsigned value = digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
    UnsignedWide carry = value;
    for (uint64_t& limb : limbs) {
      carry += static_cast<UnsignedWide>(limb) * base;
      limb = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    if (carry != 0) limbs.push_back(static_cast<uint64_t>(carry));
  }
  return limbs;
}

struct Integer {
  bool negative = false;
  UnsignedWide magnitude = 0;

  int bits() const {
    uint64_t high = static_cast<uint64_t>(magnitude >> 64), low = static_cast<uint64_t>(magnitude);
    return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
  }
};

bool is_integer(const Constant& constant) {
  return constant.kind == Kind::int64 || constant.kind == Kind::big_int ||
         constant.kind == Kind::true_value || constant.kind == Kind::false_value;
}

std::optional<Integer> integer_of(const Constant& constant) {
  switch (constant.kind) {
    case Kind::true_value: return Integer{false, 1};
    case Kind::false_value: return Integer{false, 0};
    case Kind::int64: {
      int64_t value = static_cast<int64_t>(constant.bits[0]);
      return Integer{value < 0,
                     value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value)};
    }
    case Kind::big_int:
      if (constant.limbs.size() > 2) return std::nullopt;
      return Integer{
          constant.negative,
          (constant.limbs.size() > 1 ? static_cast<UnsignedWide>(constant.limbs[1]) << 64 : 0) |
              constant.limbs[0]};
    default: return std::nullopt;
  }
}

Made made(Constant constant) { return std::make_unique<Constant>(std::move(constant)); }

Made make_integer(bool negative, UnsignedWide magnitude) {
  std::vector<uint64_t> limbs = {static_cast<uint64_t>(magnitude),
                                 static_cast<uint64_t>(magnitude >> 64)};
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  if (limbs.empty()) return made(Constant::integer(0));
  return made(Constant::big(negative, std::move(limbs)));
}

bool fits_signed(const Integer& value) { return value.bits() < 127; }
Wide to_signed(const Integer& value) {
  Wide magnitude = static_cast<Wide>(value.magnitude);
  return value.negative ? -magnitude : magnitude;
}
Made from_signed(Wide value) {
  return make_integer(value < 0, value < 0 ? 0 - static_cast<UnsignedWide>(value)
                                           : static_cast<UnsignedWide>(value));
}

double real_of(const Constant& constant) {
  double value;
  std::memcpy(&value, &constant.bits[0], sizeof value);
  return value;
}
double imaginary_of(const Constant& constant) {
  double value;
  std::memcpy(&value, &constant.bits[1], sizeof value);
  return value;
}

std::optional<double> float_of(const Constant& constant) {
  if (constant.kind == Kind::float64) return real_of(constant);
  std::optional<Integer> integer = integer_of(constant);
  if (!integer) return std::nullopt;
  double magnitude = static_cast<double>(integer->magnitude);
  return integer->negative ? -magnitude : magnitude;
}

Made fold_integers(const Integer& left, Operator op, const Integer& right) {
  bool both_signed = fits_signed(left) && fits_signed(right);
  bool negative = left.negative != right.negative;
  switch (op) {
    case Operator::Add:
    case Operator::Sub: {
      if (left.bits() >= 126 || right.bits() >= 126) return nullptr;
      Wide l = to_signed(left), r = to_signed(right);
      return from_signed(op == Operator::Add ? l + r : l - r);
    }
    case Operator::Mult:
      if (left.magnitude != 0 && right.magnitude != 0 && left.bits() + right.bits() > kMaxIntBits)
        return nullptr;
      return make_integer(negative && left.magnitude != 0 && right.magnitude != 0,
                          left.magnitude * right.magnitude);
    case Operator::FloorDiv:
    case Operator::Mod: {
      if (right.magnitude == 0 || !both_signed) return nullptr;
      Wide l = to_signed(left), r = to_signed(right);
      Wide quotient = l / r, remainder = l % r;
      if (remainder != 0 && (remainder < 0) != (r < 0)) {
        remainder += r;
        --quotient;
      }
      return from_signed(op == Operator::FloorDiv ? quotient : remainder);
    }
    case Operator::Div: {
      // Exact operands only: then one rounding gives the correctly rounded quotient.
      if (right.magnitude == 0 || left.bits() > 53 || right.bits() > 53) return nullptr;
      double quotient = static_cast<double>(left.magnitude) / static_cast<double>(right.magnitude);
      // 0 / -5 is -0.0, as for floats; but -0 is plain 0, so -0 / 5 is 0.0.
      bool minus = (left.negative && left.magnitude != 0) != right.negative;
      return made(Constant::real(minus ? -quotient : quotient));
    }
    case Operator::Pow: {
      if (right.negative) {
        if (left.magnitude == 0 || left.bits() > 53 || right.bits() > 53) return nullptr;
        double base = static_cast<double>(left.magnitude);
        return made(Constant::real(
            std::pow(left.negative ? -base : base, -static_cast<double>(right.magnitude))));
      }
      if (left.magnitude != 0 && right.magnitude != 0) {
        if (right.bits() > 32) return nullptr;
        if (static_cast<UnsignedWide>(left.bits()) * right.magnitude > kMaxIntBits) return nullptr;
      }
      if (right.magnitude > 128) return left.magnitude == 0 ? make_integer(false, 0) : nullptr;
      UnsignedWide result = 1;
      for (UnsignedWide i = 0; i < right.magnitude; ++i) result *= left.magnitude;
      return make_integer(left.negative && (right.magnitude & 1), result);
    }
    case Operator::LShift:
      if (right.negative) return nullptr;
      if (left.magnitude == 0) return make_integer(false, 0);
      if (right.magnitude > kMaxIntBits ||
          left.bits() + static_cast<int>(right.magnitude) > kMaxIntBits)
        return nullptr;
      return make_integer(left.negative, right.magnitude >= 128
                                             ? 0
                                             : left.magnitude << static_cast<int>(right.magnitude));
    case Operator::RShift: {
      if (right.negative || !fits_signed(left)) return nullptr;
      Wide value = to_signed(left);
      return from_signed(value >>
                         (right.magnitude > 126 ? 126 : static_cast<int>(right.magnitude)));
    }
    case Operator::BitAnd:
      return both_signed ? from_signed(to_signed(left) & to_signed(right)) : nullptr;
    case Operator::BitOr:
      return both_signed ? from_signed(to_signed(left) | to_signed(right)) : nullptr;
    case Operator::BitXor:
      return both_signed ? from_signed(to_signed(left) ^ to_signed(right)) : nullptr;
    case Operator::MatMult: return nullptr;
  }
  return nullptr;
}

Made fold_floats(double left, Operator op, double right) {
  switch (op) {
    case Operator::Add: return made(Constant::real(left + right));
    case Operator::Sub: return made(Constant::real(left - right));
    case Operator::Mult: return made(Constant::real(left * right));
    case Operator::Div: return right == 0 ? nullptr : made(Constant::real(left / right));
    case Operator::FloorDiv:
    case Operator::Mod: {
      if (right == 0) return nullptr;
      // Python's rules: the remainder has the divisor's sign, the quotient is floored and exact.
      double remainder = std::fmod(left, right);
      double quotient = (left - remainder) / right;
      if (remainder != 0) {
        if ((right < 0) != (remainder < 0)) {
          remainder += right;
          quotient -= 1.0;
        }
      } else {
        remainder = std::copysign(0.0, right);
      }
      if (op == Operator::Mod) return made(Constant::real(remainder));
      if (quotient == 0) return made(Constant::real(std::copysign(0.0, left / right)));
      double floored = std::floor(quotient);
      if (quotient - floored > 0.5) floored += 1.0;
      return made(Constant::real(floored));
    }
    case Operator::Pow: {
      if (left < 0 && right != std::floor(right)) return nullptr;  // complex
      if (left == 0 && right < 0) return nullptr;
      if (!std::isfinite(left) || !std::isfinite(right)) return nullptr;
      double result = std::pow(left, right);
      return std::isfinite(result) ? made(Constant::real(result)) : nullptr;
    }
    default: return nullptr;
  }
}

Made fold_complex(const Constant& left, Operator op, const Constant& right) {
  bool left_complex = left.kind == Kind::complex, right_complex = right.kind == Kind::complex;
  double a, b = 0, c, d = 0;
  if (left_complex) {
    a = real_of(left), b = imaginary_of(left);
  } else {
    std::optional<double> value = float_of(left);
    if (!value) return nullptr;
    a = *value;
  }
  if (right_complex) {
    c = real_of(right), d = imaginary_of(right);
  } else {
    std::optional<double> value = float_of(right);
    if (!value) return nullptr;
    c = *value;
  }
  switch (op) {
    // A real operand leaves the other's imaginary part alone (its zero may be negative).
    case Operator::Add:
      return made(Constant::imaginary(a + c, !right_complex ? b : !left_complex ? d : b + d));
    case Operator::Sub:
      return made(Constant::imaginary(a - c, !right_complex ? b : !left_complex ? -d : b - d));
    case Operator::Mult:
      if (!right_complex) return made(Constant::imaginary(a * c, b * c));
      if (!left_complex) return made(Constant::imaginary(a * c, a * d));
      if (!std::isfinite(a) || !std::isfinite(b) || !std::isfinite(c) || !std::isfinite(d))
        return nullptr;
      return made(Constant::imaginary(a * c - b * d, a * d + b * c));
    case Operator::Div:
      if (right_complex || c == 0) return nullptr;
      return made(Constant::imaginary(a / c, b / c));
    default: return nullptr;
  }
}

size_t total_items(const Constant& constant, size_t limit) {
  size_t total = constant.items.size();
  for (const Constant& item : constant.items) {
    if (item.kind == Kind::tuple && total <= limit) total += total_items(item, limit);
  }
  return total;
}

Made fold_sequences(const Constant& left, Operator op, const Constant& right) {
  bool left_text = left.kind == Kind::str || left.kind == Kind::bytes;
  if (op == Operator::Add) {
    if (left.kind != right.kind) return nullptr;
    if (left_text) {
      return made(left.kind == Kind::str ? Constant::string(left.text + right.text)
                                         : Constant::byte_string(left.text + right.text));
    }
    if (left.kind != Kind::tuple) return nullptr;
    std::vector<Constant> items = left.items;
    items.insert(items.end(), right.items.begin(), right.items.end());
    return made(Constant::tuple(std::move(items)));
  }
  if (op != Operator::Mult) return nullptr;
  const Constant& sequence = is_integer(left) ? right : left;
  std::optional<Integer> times = integer_of(is_integer(left) ? left : right);
  if (!times || times->bits() > 32) return nullptr;
  size_t count = times->negative ? 0 : static_cast<size_t>(times->magnitude);
  if (sequence.kind == Kind::str || sequence.kind == Kind::bytes) {
    size_t length = 0;
    for (char byte : sequence.text) length += sequence.kind == Kind::bytes || (byte & 0xC0) != 0x80;
    if (length != 0 && count > kMaxText / length) return nullptr;
    std::string text;
    for (size_t i = 0; i < count; ++i) text += sequence.text;
    return made(sequence.kind == Kind::str ? Constant::string(text) : Constant::byte_string(text));
  }
  if (sequence.kind == Kind::tuple) {
    size_t size = sequence.items.size();
    if (size != 0 &&
        (count > kMaxCollection / size || total_items(sequence, kMaxItems) * count > kMaxItems))
      return nullptr;
    std::vector<Constant> items;
    for (size_t i = 0; i < count; ++i)
      items.insert(items.end(), sequence.items.begin(), sequence.items.end());
    return made(Constant::tuple(std::move(items)));
  }
  return nullptr;
}

Made fold_binary(const Constant& left, Operator op, const Constant& right) {
  if (is_integer(left) && is_integer(right)) {
    std::optional<Integer> l = integer_of(left), r = integer_of(right);
    if (!l || !r) return nullptr;
    // bool & bool is a bool.
    bool bools = left.kind != Kind::int64 && left.kind != Kind::big_int &&
                 right.kind != Kind::int64 && right.kind != Kind::big_int;
    Made result = fold_integers(*l, op, *r);
    if (result && bools &&
        (op == Operator::BitAnd || op == Operator::BitOr || op == Operator::BitXor)) {
      return made(Constant::boolean(result->bits[0] != 0));
    }
    return result;
  }
  if (left.kind == Kind::complex || right.kind == Kind::complex)
    return fold_complex(left, op, right);
  if (left.kind == Kind::float64 || right.kind == Kind::float64) {
    std::optional<double> l = float_of(left), r = float_of(right);
    return l && r ? fold_floats(*l, op, *r) : nullptr;
  }
  return fold_sequences(left, op, right);
}

// Whether there are more than `levels` of containers within containers.
bool nested_deeper(const Constant& constant, int levels) {
  if (constant.items.empty()) return false;
  if (levels <= 0) return true;
  for (const Constant& item : constant.items) {
    if (nested_deeper(item, levels - 1)) return true;
  }
  return false;
}

// The code point of UTF-8 text at `index`, as text.
Made character_at(const std::string& text, int64_t index) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xC0) != 0x80) starts.push_back(i);
  }
  int64_t size = static_cast<int64_t>(starts.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return nullptr;
  size_t end = index + 1 < size ? starts[index + 1] : text.size();
  return made(Constant::string(text.substr(starts[index], end - starts[index])));
}

Made fold_subscript(const Constant& container, const Constant& key) {
  if (key.kind != Kind::int64) return nullptr;
  int64_t index = static_cast<int64_t>(key.bits[0]);
  if (container.kind == Kind::str) return character_at(container.text, index);
  if (container.kind == Kind::bytes) {
    int64_t size = static_cast<int64_t>(container.text.size());
    if (index < 0) index += size;
    if (index < 0 || index >= size) return nullptr;
    return made(Constant::integer(static_cast<uint8_t>(container.text[index])));
  }
  if (container.kind == Kind::tuple) {
    int64_t size = static_cast<int64_t>(container.items.size());
    if (index < 0) index += size;
    if (index < 0 || index >= size) return nullptr;
    return made(container.items[index]);
  }
  return nullptr;
}

}  // namespace

Constant literal(const ConstantValue& value) {
  switch (value.kind) {
    case ConstantKind::None: return Constant::none();
    case ConstantKind::True: return Constant::boolean(true);
    case ConstantKind::False: return Constant::boolean(false);
    case ConstantKind::Ellipsis: return Constant::ellipsis();
    case ConstantKind::Int: return Constant::integer(value.integer);
    case ConstantKind::BigInt: return Constant::big(false, parse_digits(value.text, value.base));
    case ConstantKind::Float: return Constant::real(value.number);
    case ConstantKind::Complex: return Constant::imaginary(0.0, value.number);
    case ConstantKind::Str: return Constant::string(std::string(value.text));
    case ConstantKind::Bytes: return Constant::byte_string(std::string(value.text));
    case ConstantKind::Opaque: return *static_cast<const Constant*>(value.opaque);
  }
  return Constant::none();
}

bool truth_of(const Constant& constant) {
  switch (constant.kind) {
    case Kind::none:
    case Kind::false_value: return false;
    case Kind::int64: return constant.bits[0] != 0;
    case Kind::float64: return real_of(constant) != 0;
    case Kind::complex: return real_of(constant) != 0 || imaginary_of(constant) != 0;
    case Kind::str:
    case Kind::bytes: return !constant.text.empty();
    case Kind::tuple:
    case Kind::frozenset: return !constant.items.empty();
    default: return true;
  }
}

bool equal_constants(const Constant& left, const Constant& right) {
  if (left == right) return true;
  if (left.kind == Kind::complex || right.kind == Kind::complex) {
    const Constant& number = left.kind == Kind::complex ? left : right;
    const Constant& other = left.kind == Kind::complex ? right : left;
    if (other.kind == Kind::complex)
      return real_of(number) == real_of(other) && imaginary_of(number) == imaginary_of(other);
    return imaginary_of(number) == 0 && equal_constants(Constant::real(real_of(number)), other);
  }
  std::optional<double> l = float_of(left), r = float_of(right);
  if (l && r) {
    // Through doubles only when one of them is one.
    if (left.kind == Kind::float64 || right.kind == Kind::float64) return *l == *r;
    std::optional<Integer> a = integer_of(left), b = integer_of(right);
    return a && b && a->magnitude == b->magnitude &&
           (a->negative == b->negative || a->magnitude == 0);
  }
  return false;
}

const Constant* Folder::fold(const Expr* expr) {
  switch (expr->node_kind) {
    case NodeKind::Constant:
    case NodeKind::UnaryOp:
    case NodeKind::BinOp:
    case NodeKind::Tuple:
    case NodeKind::Subscript: break;
    case NodeKind::Name:
      if (!(*as<ast::Name>(expr)->id == "__debug__") ||
          as<ast::Name>(expr)->ctx != ExprContext::Load)
        return nullptr;
      break;
    default: return nullptr;
  }
  if (!diagnostics_.may_descend()) return nullptr;
  auto at = known_.find(expr);
  if (at == known_.end()) at = known_.emplace(expr, compute(expr)).first;
  return at->second.get();
}

Made Folder::compute(const Expr* expr) {
  switch (expr->node_kind) {
    case NodeKind::Constant: return made(literal(as<ast::Constant>(expr)->value));
    case NodeKind::Name: return made(Constant::boolean(optimize_ == 0));
    case NodeKind::UnaryOp: {
      const UnaryOp* node = as<UnaryOp>(expr);
      const Constant* operand = fold(node->operand);
      if (operand == nullptr) return nullptr;
      if (node->op == UnaryOperator::Not) return made(Constant::boolean(!truth_of(*operand)));
      if (operand->kind == Kind::float64) {
        if (node->op == UnaryOperator::Invert) return nullptr;
        return made(Constant::real(node->op == UnaryOperator::USub ? -real_of(*operand)
                                                                   : real_of(*operand)));
      }
      if (operand->kind == Kind::complex) {
        if (node->op == UnaryOperator::Invert) return nullptr;
        if (node->op == UnaryOperator::UAdd) return made(*operand);
        return made(Constant::imaginary(-real_of(*operand), -imaginary_of(*operand)));
      }
      if (!is_integer(*operand)) return nullptr;
      if (operand->kind == Kind::big_int && node->op == UnaryOperator::USub) {
        return made(Constant::big(!operand->negative, operand->limbs));
      }
      std::optional<Integer> value = integer_of(*operand);
      if (!value) return nullptr;
      if (node->op == UnaryOperator::UAdd) return make_integer(value->negative, value->magnitude);
      if (node->op == UnaryOperator::USub)
        return make_integer(!value->negative && value->magnitude != 0, value->magnitude);
      // ~True warns at run time.
      if (operand->kind != Kind::int64 && operand->kind != Kind::big_int) return nullptr;
      return fits_signed(*value) ? from_signed(~to_signed(*value)) : nullptr;
    }
    case NodeKind::BinOp: {
      const BinOp* node = as<BinOp>(expr);
      const Constant* left = fold(node->left);
      const Constant* right = left != nullptr ? fold(node->right) : nullptr;
      return right != nullptr ? fold_binary(*left, node->op, *right) : nullptr;
    }
    case NodeKind::Subscript: {
      const Subscript* node = as<Subscript>(expr);
      if (node->ctx != ExprContext::Load) return nullptr;
      const Constant* container = fold(node->value);
      const Constant* key = container != nullptr ? fold(node->slice) : nullptr;
      return key != nullptr ? fold_subscript(*container, *key) : nullptr;
    }
    case NodeKind::Tuple: {
      const Tuple* node = as<Tuple>(expr);
      if (node->ctx != ExprContext::Load) return nullptr;
      std::vector<Constant> items;
      for (Expr* element : node->elts) {
        const Constant* item = fold(element);
        if (item == nullptr) return nullptr;
        if (nested_deeper(*item, dpb::kMaxConstantNesting - 1)) return nullptr;
        items.push_back(*item);
      }
      return made(Constant::tuple(std::move(items)));
    }
    default: return nullptr;
  }
}

}  // namespace dx::compiler
