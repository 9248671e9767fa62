// f-strings, t-strings and the % formatting that is an f-string in disguise.

#include "compiler/codegen.h"
#include "compiler/preprocess.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;

namespace {

constexpr int kMaxPieces = 400;  // more are joined in steps, so that no frame becomes huge

}  // namespace

bool parse_percent_format(std::string_view text, Seq<Expr*> values,
                          std::vector<FormatPiece>& pieces) {
  uint32_t used = 0;
  auto digits = [&](size_t& at) {
    std::string found;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') found.push_back(text[at++]);
    return found;
  };
  for (size_t at = 0; at < text.size();) {
    std::string plain;
    while (at < text.size() && (text[at] != '%' || (at + 1 < text.size() && text[at + 1] == '%'))) {
      if (text[at] == '%') ++at;
      plain.push_back(text[at++]);
    }
    if (!plain.empty()) pieces.push_back({plain, nullptr, 0});
    if (at >= text.size()) break;
    ++at;
    bool left = false;
    for (; at < text.size() && std::string_view("-+ #0").find(text[at]) != std::string_view::npos;
         ++at) {
      left |= text[at] == '-';
    }
    std::string spec = digits(at);
    if (spec.size() > 2) return false;
    if (!spec.empty() && !left) spec = ">" + spec;
    if (at < text.size() && text[at] == '.') {
      ++at;
      std::string precision = digits(at);
      if (precision.size() > 2) return false;
      spec += "." + (precision.empty() ? "0" : precision);
    }
    if (at >= text.size() || used >= values.size) return false;
    char kind = text[at++];
    if (kind != 's' && kind != 'r' && kind != 'a') return false;
    pieces.push_back({spec, values[used++], kind});
  }
  return used == values.size;
}

void CodeGenerator::formatted_value(const FormattedValue* node, Reg dst) {
  Position where = position_of(node);
  int mark = depth();
  Value value = operand(node->value, node->format_spec != nullptr ? More::follows : More::none);
  int conversion = node->conversion == 's'   ? 1
                   : node->conversion == 'r' ? 2
                   : node->conversion == 'a' ? 3
                                             : 0;
  uint8_t aux = static_cast<uint8_t>(conversion << 4);
  if (node->format_spec == nullptr) {
    emit(Op::FORMAT_VALUE, dst, value.reg, kNoReg,
         aux | dpb::kNoSpec | (value.owned ? dpb::kKillB : 0), where);
  } else {
    Reg spec = flow().alloc();
    expr_into(node->format_spec, spec);
    emit2(Op::FORMAT_VALUE, dst, value, {spec, true}, where, aux);
  }
  release(mark);
}

void CodeGenerator::string_piece(const Expr* node, Reg dst) {
  if (const FormattedValue* value = maybe_as<FormattedValue>(node))
    return formatted_value(value, dst);
  expr_into(node, dst);
}

Value CodeGenerator::joined_str(const JoinedStr* node, Reg into) {
  Position where = position_of(node);
  if (node->values.empty()) {
    Reg dst = target_or_temp(into);
    load_constant(Constant::string(""), dst, where, false);
    return {dst, is_temp(dst)};
  }
  if (node->values.size == 1) {
    Reg dst = target_or_temp(into);
    string_piece(node->values[0], dst);
    return {dst, is_temp(dst)};
  }
  int mark = depth();
  Reg pieces = kTempBase + mark;
  int count = 0;
  for (Expr* value : node->values) {
    string_piece(value, flow().alloc());
    if (++count == kMaxPieces) {
      // Many pieces: join what there is and go on with the result as the first piece.
      emit(Op::BUILD_STRING, pieces, pieces, count, 0, where);
      release(mark + 1);
      count = 1;
    }
  }
  release(mark);
  Reg dst = target_or_temp(into);
  emit(Op::BUILD_STRING, dst, pieces, count, 0, where);
  return {dst, is_temp(dst)};
}

Value CodeGenerator::template_str(const TemplateStr* node, Reg into) {
  Position where = position_of(node);
  int mark = depth();
  std::vector<Constant> strings;
  bool after_interpolation = true;
  for (Expr* value : node->values) {
    if (is<Interpolation>(value)) {
      if (after_interpolation) strings.push_back(Constant::string(""));
      after_interpolation = true;
    } else {
      const Constant* text = fold(value);
      if (text != nullptr) strings.push_back(*text);
      after_interpolation = false;
    }
  }
  if (after_interpolation) strings.push_back(Constant::string(""));
  Reg texts = flow().alloc();
  load_constant(Constant::tuple(std::move(strings)), texts, where, true);
  Reg first = kTempBase + depth();
  int count = 0;
  for (Expr* value : node->values) {
    const Interpolation* item = maybe_as<Interpolation>(value);
    if (item == nullptr) continue;
    Position at = position_of(item);
    int here = depth();
    Reg parts = flow().alloc(3);
    expr_into(item->value, parts);
    load_constant(literal(item->str), parts + 1, at, false);
    if (item->format_spec != nullptr) {
      expr_into(item->format_spec, parts + 2);
    } else {
      load_constant(Constant::string(""), parts + 2, at, true);
    }
    int conversion = item->conversion == 's'   ? 1
                     : item->conversion == 'r' ? 2
                     : item->conversion == 'a' ? 3
                                               : 0;
    release(here);
    emit(Op::BUILD_INTERPOLATION, flow().alloc(), parts, conversion, 0, at);
    ++count;
  }
  flow().reserve(1);
  emit(Op::BUILD_TUPLE, first, first, count, 0, where);
  release(mark);
  Reg dst = target_or_temp(into);
  emit2(Op::BUILD_TEMPLATE, dst, {texts, true}, {first, true}, where);
  return {dst, is_temp(dst)};
}

// '%s: %r' % (a, b) with nothing but %s, %r and %a is an f-string written differently.
Value CodeGenerator::percent_format(const BinOp* node, Reg into) {
  const ast::Constant* format = maybe_as<ast::Constant>(node->left);
  const Tuple* values = maybe_as<Tuple>(node->right);
  if (format == nullptr || format->value.kind != ConstantKind::Str || values == nullptr) return {};
  for (Expr* value : values->elts) {
    if (is<Starred>(value)) return {};
  }
  std::vector<FormatPiece> pieces;
  if (!parse_percent_format(format->value.text, values->elts, pieces) || pieces.empty()) return {};
  Position where = position_of(node);
  int mark = depth();
  Reg first = kTempBase + mark;
  for (const FormatPiece& piece : pieces) {
    Reg dst = flow().alloc();
    int above = depth();
    if (piece.value == nullptr) {
      load_constant(Constant::string(piece.text), dst, where, false);
      continue;
    }
    Position at = position_of(piece.value);
    Value value = operand(piece.value);
    int conversion = piece.conversion == 's' ? 1 : piece.conversion == 'r' ? 2 : 3;
    uint8_t aux = static_cast<uint8_t>(conversion << 4);
    if (piece.text.empty()) {
      emit(Op::FORMAT_VALUE, dst, value.reg, kNoReg,
           aux | dpb::kNoSpec | (value.owned ? dpb::kKillB : 0), at);
    } else {
      Reg spec = flow().alloc();
      load_constant(Constant::string(piece.text), spec, at, false);
      emit2(Op::FORMAT_VALUE, dst, value, {spec, true}, at, aux);
    }
    release(above);
  }
  release(mark);
  Reg dst = target_or_temp(into);
  if (pieces.size() == 1) {
    move(dst, {first, true}, where);
  } else {
    emit(Op::BUILD_STRING, dst, first, static_cast<int32_t>(pieces.size()), 0, where);
  }
  return {dst, is_temp(dst)};
}

}  // namespace dx::compiler
