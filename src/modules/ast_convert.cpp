// Trees to Python objects and back, driven by the reflection table of syntax/ast.h.

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "compiler/fold.h"
#include "dpb/verifier.h"
#include "modules/ast.h"
#include "objects/bytes.h"
#include "objects/complex.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/str.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

using namespace ast;
using NodeSeq = Seq<Node*>;
using NameSeq = Seq<const Identifier*>;
using ByteSeq = Seq<uint8_t>;

// ---- to objects ---------------------------------------------------------------------------------

namespace {

AnyResult constant_to_object(Thread& thread, const ConstantValue& value) {
  switch (value.kind) {
    case ConstantKind::None: return AnyRef::adopt(kNone);
    case ConstantKind::True: return AnyRef::adopt(kTrue);
    case ConstantKind::False: return AnyRef::adopt(kFalse);
    case ConstantKind::Ellipsis: return AnyRef::adopt(kEllipsis);
    case ConstantKind::Int: return int_from_word(thread, value.integer);
    case ConstantKind::BigInt: return int_parse(thread, value.text, value.base);
    case ConstantKind::Float: return float_from_double(thread, value.number);
    case ConstantKind::Complex: return complex_create(thread, {0.0, value.number});
    case ConstantKind::Str: return str_from_wtf8(thread, value.text);
    case ConstantKind::Bytes: return bytes_from(thread, value.text);
    case ConstantKind::Opaque: break;
  }
  // A number that preprocessing has folded.
  const auto& folded = *static_cast<const dpb::Constant*>(value.opaque);
  using Kind = dpb::Constant::Kind;
  switch (folded.kind) {
    case Kind::int64: return int_from_word(thread, static_cast<Word>(folded.bits[0]));
    case Kind::float64: return float_from_double(thread, std::bit_cast<double>(folded.bits[0]));
    case Kind::complex:
      return complex_create(
          thread, {std::bit_cast<double>(folded.bits[0]), std::bit_cast<double>(folded.bits[1])});
    case Kind::big_int: {
      AnyRef number =
          TRY(int_from_bytes(thread, reinterpret_cast<const uint8_t*>(folded.limbs.data()),
                             folded.limbs.size() * 8, true, false));
      return folded.negative ? int_negate(thread, number) : AnyResult(std::move(number));
    }
    default: return raise<SystemError>(thread, "a constant of a syntax tree is no number");
  }
}

AnyResult identifier_to_object(Thread& thread, const Identifier* name) {
  if (!name) return AnyRef::adopt(kNone);
  return str_intern(thread, TRY(str_from_wtf8(thread, name->view())));
}

AnyResult enum_to_object(Thread& thread, const AstClasses& classes, int index, uint8_t item) {
  return share(thread, Any(Value(classes.enum_values[index][item])));
}

AnyResult field_to_object(Thread& thread, const AstClasses& classes, const Node* node,
                          const FieldInfo& field) {
  if (!field.sequence) {
    switch (field.kind) {
      case FieldKind::identifier:
        return identifier_to_object(thread, field_of<const Identifier*>(node, field));
      case FieldKind::string: {
        std::string_view text = field_of<std::string_view>(node, field);
        if (!text.data()) return AnyRef::adopt(kNone);
        return str_from_wtf8(thread, text);
      }
      case FieldKind::integer: return int_from_word(thread, field_of<int32_t>(node, field));
      case FieldKind::constant:
        return constant_to_object(thread, field_of<ConstantValue>(node, field));
      case FieldKind::enumeration:
        return enum_to_object(thread, classes, field.enum_index, field_of<uint8_t>(node, field));
      case FieldKind::node: return tree_to_object(thread, classes, field_of<Node*>(node, field));
    }
  }
  uint32_t size = field_of<NodeSeq>(node, field).size;
  Ref<dx::List> list = TRY(list_create(thread, size));
  for (uint32_t i = 0; i < size; ++i) {
    AnyResult item =
        field.kind == FieldKind::identifier
            ? identifier_to_object(thread, field_of<NameSeq>(node, field)[i])
        : field.kind == FieldKind::enumeration
            ? enum_to_object(thread, classes, field.enum_index, field_of<ByteSeq>(node, field)[i])
            : tree_to_object(thread, classes, field_of<NodeSeq>(node, field)[i]);
    TRY(list_append(thread, list, TRY(std::move(item))));
  }
  return list;
}

}  // namespace

AnyResult tree_to_object(Thread& thread, const AstClasses& classes, const Node* node) {
  if (!node) return AnyRef::adopt(kNone);
  TRY_RECURSION(thread, " during ast construction");
  int kind = static_cast<int>(node->node_kind);
  const NodeInfo& info = node_info(node->node_kind);
  AnyRef made = TRY(allocate_instance(thread, classes.nodes[kind]));
  for (int i = 0; i < info.field_count; ++i) {
    AnyRef value = TRY(field_to_object(thread, classes, node, info.fields[i]));
    TRY(generic_setattr(thread, made, Any(Value(classes.field_names[kind][i])),
                        MaybeAny(value.value())));
  }
  if (info.located) {
    const Located* place = static_cast<const Located*>(node);
    const int32_t numbers[4] = {place->lineno, place->col_offset, place->end_lineno,
                                place->end_col_offset};
    for (int i = 0; i < 4; ++i) {
      TRY(generic_setattr(thread, made, Any(Value(classes.place_names[i])),
                          MaybeAny(small_int(numbers[i]))));
    }
  }
  return made;
}

// ---- from objects -------------------------------------------------------------------------------

namespace {

class Reader {
 public:
  Reader(Thread& thread, const AstClasses& classes, Arena& arena, TreeConstants& values)
      : thread_(thread), classes_(classes), arena_(arena), values_(values) {}

  // The node of an object that must belong to `type` ("expr", "arguments", ...); null for None.
  Result<Node*> node(Any object, const char* type) {
    if (object.is_none()) return static_cast<Node*>(nullptr);
    std::string where = std::string(" while traversing '") + type + "' node";
    TRY_RECURSION(thread_, where.c_str());
    int kind = TRY(kind_of(object, type));
    if (kind < 0)
      return raise<TypeError>(thread_, "expected some sort of {}, but got {}", type,
                              repr_of(object));
    const NodeInfo& info = node_info(static_cast<NodeKind>(kind));
    Node* made = static_cast<Node*>(arena_.allocate(info.size, 16));
    memset(static_cast<void*>(made), 0, info.size);
    made->node_kind = static_cast<NodeKind>(kind);
    // CPython reads the places of sums first, those of products last.
    if (info.located && info.sum_name) TRY(places(object, type, static_cast<Located*>(made)));
    for (int i = 0; i < info.field_count; ++i) TRY(field(object, kind, i, made));
    if (info.located && !info.sum_name) TRY(places(object, type, static_cast<Located*>(made)));
    if (replacement_) made = std::exchange(replacement_, nullptr);
    return made;
  }

 private:
  Result<int> kind_of(Any object, const char* type) {
    Type* exact = type_of(object);
    int first = 0, count = 0;
    for (int i = 0; i < sum_count(); ++i) {
      if (!strcmp(sum_info(i).name, type))
        first = sum_info(i).first_node, count = sum_info(i).node_count;
    }
    if (!count) {
      for (int i = 0; i < kNodeKindCount; ++i) {
        if (!node_info(static_cast<NodeKind>(i)).sum_name &&
            !strcmp(node_info(static_cast<NodeKind>(i)).name, type)) {
          return i;  // products are taken by their attributes, whatever they are
        }
      }
    }
    for (int i = first; i < first + count; ++i) {
      if (classes_.nodes[i] == exact) return i;
    }
    for (int i = first; i < first + count; ++i) {
      if (TRY(is_instance(thread_, object, Any(Value(classes_.nodes[i]))))) return i;
    }
    return -1;
  }

  Result<void> places(Any object, const char* type, Located* place) {
    int32_t* numbers[4] = {&place->lineno, &place->col_offset, &place->end_lineno,
                           &place->end_col_offset};
    for (int i = 0; i < 4; ++i) {
      Borrowed<Str> name(classes_.place_names[i]);
      AnyLookup found = lookup_attr(thread_, object, name);
      if (found.raised()) return Raised{};
      if (found.is_absent() || (i >= 2 && found.value().is_none())) {
        if (i < 2)
          return raise<TypeError>(thread_, "required field \"{}\" missing from {}", name, type);
        *numbers[i] = *numbers[i - 2];
        continue;
      }
      *numbers[i] = TRY(integer(found.borrow()));
    }
    return {};
  }

  Result<int> integer(Any value) {
    if (!is_int(value.value()))
      return raise<ValueError>(thread_, "invalid integer value: {}", repr_of(value));
    Word number = 0;
    if (!int_to_word(value.value(), number) || number < INT32_MIN || number > INT32_MAX) {
      return raise<OverflowError>(thread_, "Python int too large to convert to C int");
    }
    return static_cast<int>(number);
  }

  Result<std::string_view> text(Any value) {
    StrView view = str_view(Borrowed<Str>(value.value()));
    if (view.ascii) return arena_.copy(view.text());
    return visit_chars(view, [&](auto* chars) -> Result<std::string_view> {
      size_t size = simd::utf8_length(chars, static_cast<size_t>(view.length));
      std::string out(size, '\0');
      simd::utf8_encode(reinterpret_cast<uint8_t*>(out.data()), chars,
                        static_cast<size_t>(view.length));
      return arena_.copy(out);
    });
  }

  Result<const Identifier*> identifier(Any value) {
    if (value.is_none()) return static_cast<const Identifier*>(nullptr);
    if (!is_exact(value.value(), SHAPE(str)))
      return raise<TypeError>(thread_, "AST identifier must be of type str");
    return arena_.intern(TRY(text(value)));
  }

  Result<uint8_t> enumeration(Any value, int index) {
    const EnumInfo& info = enum_info(index);
    for (int i = 0; i < info.count; ++i) {
      if (type_of(value) == classes_.enum_items[index][i]) return static_cast<uint8_t>(i);
    }
    for (int i = 0; i < info.count; ++i) {
      if (TRY(is_instance(thread_, value, Any(Value(classes_.enum_items[index][i])))))
        return static_cast<uint8_t>(i);
    }
    return raise<TypeError>(thread_, "expected some sort of {}, but got {}", info.name,
                            repr_of(value));
  }

  // What the parser can write as one literal; anything else stays Opaque.
  Result<void> constant(Any value, ConstantValue& out) {
    out = ConstantValue{};
    Value word = value.value();
    if (value.is_none())
      out.kind = ConstantKind::None;
    else if (word == kTrue)
      out.kind = ConstantKind::True;
    else if (word == kFalse)
      out.kind = ConstantKind::False;
    else if (word == kEllipsis)
      out.kind = ConstantKind::Ellipsis;
    else if (is_exact_int(word) && int_to_word(word, out.integer))
      out.kind = ConstantKind::Int;
    else if (is_exact_float(word)) {
      out.kind = ConstantKind::Float;
      out.number = float_value(word);
    } else if (is_exact(word, SHAPE(str))) {
      out.kind = ConstantKind::Str;
      StrView view = str_view(Borrowed<Str>(word));
      out.all_ascii = view.ascii;
      for (Word i = 0; i < view.length && !view.ascii; ++i)
        out.has_surrogate |= view[i] >= 0xd800 && view[i] < 0xe000;
      out.text = TRY(text(value));
    } else if (is_exact(word, SHAPE(bytes))) {
      out.kind = ConstantKind::Bytes;
      out.text = arena_.copy(Borrowed<Bytes>(word)->view());
    } else {
      out.kind = ConstantKind::Opaque;
      out.opaque = word.is_object() ? word.object() : nullptr;
    }
    return {};
  }

  Result<void> field(Any object, int kind, int number, Node* made) {
    const NodeInfo& info = node_info(made->node_kind);
    const FieldInfo& field = info.fields[number];
    Borrowed<Str> name(classes_.field_names[kind][number]);
    AnyLookup found = lookup_attr(thread_, object, name);
    if (found.raised()) return Raised{};
    if (field.sequence) {
      if (found.is_absent()) return {};
      return sequence(found.borrow(), info, field, made);
    }
    if (found.is_absent()) {
      if (field.optional) return {};
      return raise<TypeError>(thread_, "required field \"{}\" missing from {}", name, info.name);
    }
    Any value = found.borrow();
    bool missing = value.is_none() && !field.optional && field.kind != FieldKind::constant;
    if (missing)
      return raise<ValueError>(thread_, "field '{}' is required for {}", name, info.name);
    switch (field.kind) {
      case FieldKind::identifier:
        field_of<const Identifier*>(made, field) = TRY(identifier(value));
        break;
      case FieldKind::string:
        if (value.is_none()) break;
        if (!is_str(value.value()) && !is_bytes(value.value())) {
          return raise<TypeError>(thread_, "AST string must be of type str");
        }
        field_of<std::string_view>(made, field) =
            is_str(value.value()) ? TRY(text(value))
                                  : arena_.copy(Borrowed<Bytes>(value.value())->view());
        break;
      case FieldKind::integer:
        field_of<int32_t>(made, field) = value.is_none() ? 0 : TRY(integer(value));
        break;
      case FieldKind::constant: {
        ConstantValue& out = field_of<ConstantValue>(made, field);
        TRY(constant(value, out));
        if (out.kind == ConstantKind::Opaque)
          return replace_constant(value, static_cast<Constant*>(made));
        break;
      }
      case FieldKind::enumeration:
        field_of<uint8_t>(made, field) = TRY(enumeration(value, field.enum_index));
        break;
      case FieldKind::node: field_of<Node*>(made, field) = TRY(node(value, field.type)); break;
    }
    return {};
  }

  Result<void> sequence(Any value, const NodeInfo& info, const FieldInfo& field, Node* made) {
    if (!is_list(value.value())) {
      return raise<TypeError>(thread_, "{} field \"{}\" must be a list, not a {}", info.name,
                              field.name, type_name_in(value));
    }
    Borrowed<dx::List> list(value.value());
    Word size = list_length(list);
    size_t count = static_cast<size_t>(size);
    NodeSeq nodes;
    NameSeq names;
    ByteSeq items;
    if (field.kind == FieldKind::identifier)
      names = arena_.make_seq<const Identifier*>(count);
    else if (field.kind == FieldKind::enumeration)
      items = arena_.make_seq<uint8_t>(count);
    else
      nodes = arena_.make_seq<Node*>(count);
    for (Word i = 0; i < size; ++i) {
      Maybe<Ref<Object>> item = list_item(thread_, list, i);
      if (!item) break;
      uint32_t at = static_cast<uint32_t>(i);
      if (field.kind == FieldKind::identifier)
        names[at] = TRY(identifier(item.borrow()));
      else if (field.kind == FieldKind::enumeration)
        items[at] = TRY(enumeration(item.borrow(), field.enum_index));
      else
        nodes[at] = TRY(node(item.borrow(), field.type));
      if (list_length(list) != size) {
        return raise<RuntimeError>(thread_, "{} field \"{}\" changed size during iteration",
                                   info.name, field.name);
      }
    }
    if (field.kind == FieldKind::identifier)
      field_of<NameSeq>(made, field) = names;
    else if (field.kind == FieldKind::enumeration)
      field_of<ByteSeq>(made, field) = items;
    else
      field_of<NodeSeq>(made, field) = nodes;
    return {};
  }

  // An expression without names that gives the value: big and negative ints, complex numbers,
  // tuples, frozensets.
  Result<Expr*> expression(Any value, const Located* where) {
    TRY_RECURSION(thread_, " while traversing 'expr' node");
    Constant* plain = make_at<Constant>(arena_, where);
    TRY(constant(value, plain->value));
    if (plain->value.kind != ConstantKind::Opaque) return static_cast<Expr*>(plain);
    Value word = value.value();
    if (is_exact_int(word)) {
      AnyRef magnitude = share(thread_, value);
      if (int_sign(word) < 0) magnitude = TRY(int_negate(thread_, value));
      Ref<Str> digits = TRY(int_to_str(thread_, magnitude.value(), 16));
      plain->value.kind = ConstantKind::BigInt;
      plain->value.base = 16;
      plain->value.text = arena_.copy(digits->view().text());
      if (int_sign(word) >= 0) return static_cast<Expr*>(plain);
      ast::UnaryOp* negative = make_at<ast::UnaryOp>(arena_, where);
      negative->op = UnaryOperator::USub;
      negative->operand = plain;
      return static_cast<Expr*>(negative);
    }
    if (is_exact(word, SHAPE(complex))) {
      ComplexNumber number = Borrowed<Complex>(word)->value;
      plain->value.kind = ConstantKind::Complex;
      plain->value.number = number.imag;
      if (number.real == 0.0 && !std::signbit(number.real)) return static_cast<Expr*>(plain);
      Constant* real = make_at<Constant>(arena_, where);
      real->value.kind = ConstantKind::Float;
      real->value.number = number.real;
      ast::BinOp* sum = make_at<ast::BinOp>(arena_, where);
      sum->left = real;
      sum->op = Operator::Add;
      sum->right = plain;
      return static_cast<Expr*>(sum);
    }
    if (is_exact(word, SHAPE(tuple))) {
      Borrowed<dx::Tuple> items(word);
      ast::Tuple* display = make_at<ast::Tuple>(arena_, where);
      display->elts = arena_.make_seq<Expr*>(static_cast<size_t>(items->size));
      for (Word i = 0; i < items->size; ++i) {
        display->elts[static_cast<uint32_t>(i)] = TRY(expression(items->item(i), where));
      }
      return static_cast<Expr*>(display);
    }
    if (is_exact(word, SHAPE(frozenset))) {
      TRY(constant_of(value, values_.emplace_back()));
      plain->value.opaque = &values_.back();
      return static_cast<Expr*>(plain);
    }
    return raise<TypeError>(thread_, "got an invalid type in Constant: {}", type_name_in(value));
  }

  // An item of a frozenset.
  Result<void> constant_of(Any value, dpb::Constant& out, int depth = 0) {
    if (depth >= dpb::kMaxConstantNesting)
      return raise<RecursionError>(thread_, "maximum recursion depth exceeded during compilation");
    TRY_RECURSION(thread_, " while traversing 'expr' node");
    ConstantValue simple;
    TRY(constant(value, simple));
    if (simple.kind != ConstantKind::Opaque) {
      out = compiler::literal(simple);
      return {};
    }
    Value word = value.value();
    if (is_exact_int(word)) {
      AnyRef magnitude = share(thread_, value);
      if (int_sign(word) < 0) magnitude = TRY(int_negate(thread_, value));
      Ref<Str> digits = TRY(int_to_str(thread_, magnitude.value(), 16));
      simple.kind = ConstantKind::BigInt;
      simple.base = 16;
      simple.text = arena_.copy(digits->view().text());
      out = compiler::literal(simple);
      if (int_sign(word) < 0) out = dpb::Constant::big(true, out.limbs);
      return {};
    }
    if (is_exact(word, SHAPE(complex))) {
      ComplexNumber number = Borrowed<Complex>(word)->value;
      out = dpb::Constant::imaginary(number.real, number.imag);
      return {};
    }
    bool is_set = is_exact(word, SHAPE(frozenset));
    if (!is_set && !is_exact(word, SHAPE(tuple)))
      return raise<TypeError>(thread_, "got an invalid type in Constant: {}", type_name_in(value));
    AnyRef items = TRY(sequence_tuple(thread_, value));
    std::vector<dpb::Constant> made;
    for (Word i = 0; i < Borrowed<dx::Tuple>(items.value())->size; ++i)
      TRY(constant_of(Borrowed<dx::Tuple>(items.value())->item(i), made.emplace_back(), depth + 1));
    out =
        is_set ? dpb::Constant::frozen_set(std::move(made)) : dpb::Constant::tuple(std::move(made));
    return {};
  }

  // The Constant becomes what expression() makes: node() puts it in the Constant's place.
  Result<void> replace_constant(Any value, Constant* made) {
    if (made->node_kind != NodeKind::Constant) {
      return raise<TypeError>(thread_, "got an invalid type in Constant: {}", type_name_in(value));
    }
    Expr* replacement = TRY(expression(value, made));
    if (is<Constant>(replacement)) {
      made->value = as<Constant>(replacement)->value;
      return {};
    }
    replacement_ = replacement;
    return {};
  }

  Expr* replacement_ = nullptr;  // for the Constant whose fields are being read
  Thread& thread_;
  const AstClasses& classes_;
  Arena& arena_;
  TreeConstants& values_;
};

}  // namespace

Result<Mod*> tree_from_object(Thread& thread, const AstClasses& classes, Arena& arena,
                              TreeConstants& values, Any object, NodeKind expected) {
  if (!TRY(is_instance(thread, object, Any(Value(classes.nodes[static_cast<int>(expected)]))))) {
    return raise<TypeError>(thread, "expected {} node, got {}", node_info(expected).name,
                            type_name_in(object));
  }
  Reader reader(thread, classes, arena, values);
  return static_cast<Mod*>(TRY(reader.node(object, "mod")));
}

}  // namespace dx
