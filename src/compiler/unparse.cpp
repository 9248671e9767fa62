// An expression as text, the way annotation strings under `from __future__ import annotations` are
// spelled.

#include <charconv>
#include <cmath>
#include <string>

#include "compiler/compile.h"

namespace dx::compiler {

using namespace ast;

namespace {

// How tightly an expression binds; one that binds looser than its place asks for gets parentheses.
enum Level {
  kTuple,
  kTest,
  kOr,
  kAnd,
  kNot,
  kCompare,
  kExpr,
  kBitXor,
  kBitAnd,
  kShift,
  kArith,
  kTerm,
  kFactor,
  kPower,
  kAwait,
  kAtom
};
constexpr Level kBitOr = kExpr;

Level tighter(Level level) { return static_cast<Level>(level + 1); }

std::string hex(uint32_t value, int digits) {
  std::string text;
  for (int i = digits - 1; i >= 0; --i) text.push_back("0123456789abcdef"[value >> (4 * i) & 15]);
  return text;
}

bool printable(uint32_t c) {
  if (c < 0x7F) return c >= 0x20;
  if (c < 0xA1 || c == 0xAD) return false;
  if (c >= 0xD800 && c <= 0xF8FF) return false;  // surrogates, private use
  if (c >= 0x2000 && c <= 0x200F) return false;
  if (c >= 0x2028 && c <= 0x202F) return false;
  if (c >= 0x205F && c <= 0x206F) return false;
  return c != 0x3000 && c != 0xFEFF && c != 0x1680 && c < 0xE0000;
}

std::string quoted(std::string_view text, bool bytes) {
  bool single = text.find('\'') != std::string_view::npos;
  bool twice = text.find('"') != std::string_view::npos;
  char quote = single && !twice ? '"' : '\'';
  std::string out(1, quote);
  for (size_t i = 0; i < text.size();) {
    unsigned char byte = static_cast<unsigned char>(text[i]);
    uint32_t c = byte;
    size_t length = 1;
    if (!bytes && byte >= 0x80) {
      length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
      c = byte & (0xFF >> (length + 1));
      for (size_t k = 1; k < length && i + k < text.size(); ++k) c = c << 6 | (text[i + k] & 0x3F);
    }
    if (c == static_cast<unsigned char>(quote) || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (bytes ? c >= 0x20 && c < 0x7F : printable(c)) {
      out.append(text, i, length);
    } else if (c < 0x100) {
      out += "\\x" + hex(c, 2);
    } else if (c < 0x10000) {
      out += "\\u" + hex(c, 4);
    } else {
      out += "\\U" + hex(c, 8);
    }
    i += length;
  }
  out.push_back(quote);
  return out;
}

// As repr() of a float; infinity is spelled as a literal that overflows.
std::string float_text(double value) {
  if (std::isinf(value)) return "1e309";
  char digits[40];
  auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
  std::string_view text(digits, static_cast<size_t>(end.ptr - digits));
  int exponent = std::stoi(std::string(text.substr(text.find('e') + 1)));
  if (exponent < -4 || exponent >= 16) return std::string(text);
  auto fixed = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed);
  std::string out(digits, fixed.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string decimal(std::string_view digits, unsigned base) {
  std::string out = "0";  // least significant first
  for (char digit : digits) {
    unsigned carry = static_cast<unsigned>(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
    for (char& place : out) {
      carry += static_cast<unsigned>(place - '0') * base;
      place = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry != 0; carry /= 10) out.push_back(static_cast<char>('0' + carry % 10));
  }
  return {out.rbegin(), out.rend()};
}

class Unparser {
 public:
  std::string out;

  void expr(const Expr* node, Level level) {
    switch (node->node_kind) {
      case NodeKind::BoolOp: {
        const BoolOp* op = as<BoolOp>(node);
        bool is_and = op->op == BoolOperator::And;
        Level own = is_and ? kAnd : kOr;
        Parens parens(*this, level > own);
        for (uint32_t i = 0; i < op->values.size; ++i) {
          if (i > 0) out += is_and ? " and " : " or ";
          expr(op->values[i], tighter(own));
        }
        return;
      }
      case NodeKind::BinOp: return binary(as<BinOp>(node), level);
      case NodeKind::UnaryOp: {
        const UnaryOp* op = as<UnaryOp>(node);
        Level own = op->op == UnaryOperator::Not ? kNot : kFactor;
        Parens parens(*this, level > own);
        out += op->op == UnaryOperator::Not      ? "not "
               : op->op == UnaryOperator::Invert ? "~"
               : op->op == UnaryOperator::UAdd   ? "+"
                                                 : "-";
        return expr(op->operand, own);
      }
      case NodeKind::Lambda: {
        const Lambda* lambda = as<Lambda>(node);
        Parens parens(*this, level > kTest);
        out += lambda->args->args.size + lambda->args->posonlyargs.size > 0 ? "lambda " : "lambda";
        arguments(lambda->args);
        out += ": ";
        return expr(lambda->body, kTest);
      }
      case NodeKind::IfExp: {
        const IfExp* choice = as<IfExp>(node);
        Parens parens(*this, level > kTest);
        expr(choice->body, tighter(kTest));
        out += " if ";
        expr(choice->test, tighter(kTest));
        out += " else ";
        return expr(choice->orelse, kTest);
      }
      case NodeKind::Dict: {
        const Dict* dict = as<Dict>(node);
        out += "{";
        for (uint32_t i = 0; i < dict->values.size; ++i) {
          if (i > 0) out += ", ";
          if (dict->keys[i] != nullptr) {
            expr(dict->keys[i], kTest);
            out += ": ";
            expr(dict->values[i], kTest);
          } else {
            out += "**";
            expr(dict->values[i], kExpr);
          }
        }
        out += "}";
        return;
      }
      case NodeKind::Set:
        out += "{";
        list(as<Set>(node)->elts, kTest);
        out += "}";
        return;
      case NodeKind::GeneratorExp:
        return comprehension("(", as<GeneratorExp>(node)->elt, nullptr,
                             as<GeneratorExp>(node)->generators, ")");
      case NodeKind::ListComp:
        return comprehension("[", as<ListComp>(node)->elt, nullptr, as<ListComp>(node)->generators,
                             "]");
      case NodeKind::SetComp:
        return comprehension("{", as<SetComp>(node)->elt, nullptr, as<SetComp>(node)->generators,
                             "}");
      case NodeKind::DictComp:
        return comprehension("{", as<DictComp>(node)->key, as<DictComp>(node)->value,
                             as<DictComp>(node)->generators, "}");
      case NodeKind::Compare: {
        const Compare* compare = as<Compare>(node);
        constexpr const char* kOps[] = {" == ", " != ", " < ",      " <= ", " > ",
                                        " >= ", " is ", " is not ", " in ", " not in "};
        Parens parens(*this, level > kCompare);
        expr(compare->left, tighter(kCompare));
        for (uint32_t i = 0; i < compare->ops.size; ++i) {
          out += kOps[static_cast<int>(compare->ops[i])];
          expr(compare->comparators[i], tighter(kCompare));
        }
        return;
      }
      case NodeKind::Call: return call(as<Call>(node));
      case NodeKind::Constant: {
        const ast::Constant* constant = as<ast::Constant>(node);
        out += constant->kind;
        return value(constant->value);
      }
      case NodeKind::JoinedStr:
        out += "f" + quoted(string_body(as<JoinedStr>(node)->values), false);
        return;
      case NodeKind::TemplateStr:
        out += "t" + quoted(string_body(as<TemplateStr>(node)->values), false);
        return;
      case NodeKind::FormattedValue:
        out += replacement(as<FormattedValue>(node)->value, as<FormattedValue>(node)->conversion,
                           as<FormattedValue>(node)->format_spec);
        return;
      case NodeKind::Interpolation:
        out += replacement(as<Interpolation>(node)->value, as<Interpolation>(node)->conversion,
                           as<Interpolation>(node)->format_spec);
        return;
      case NodeKind::Attribute: {
        const Attribute* attribute = as<Attribute>(node);
        expr(attribute->value, kAtom);
        const ast::Constant* number = maybe_as<ast::Constant>(attribute->value);
        bool is_int = number != nullptr && (number->value.kind == ConstantKind::Int ||
                                            number->value.kind == ConstantKind::BigInt);
        out += is_int ? " ." : ".";
        out += attribute->attr->view();
        return;
      }
      case NodeKind::Starred: out += "*"; return expr(as<Starred>(node)->value, kExpr);
      case NodeKind::Name: out += as<ast::Name>(node)->id->view(); return;
      case NodeKind::List:
        out += "[";
        list(as<List>(node)->elts, kTest);
        out += "]";
        return;
      case NodeKind::Tuple: {
        const Tuple* tuple = as<Tuple>(node);
        if (tuple->elts.empty()) {
          out += "()";
          return;
        }
        Parens parens(*this, level > kTuple);
        list(tuple->elts, kTest);
        if (tuple->elts.size == 1) out += ",";
        return;
      }
      case NodeKind::Subscript:
        expr(as<Subscript>(node)->value, kAtom);
        out += "[";
        expr(as<Subscript>(node)->slice, kTuple);
        out += "]";
        return;
      case NodeKind::Slice: {
        const Slice* slice = as<Slice>(node);
        if (slice->lower != nullptr) expr(slice->lower, kTest);
        out += ":";
        if (slice->upper != nullptr) expr(slice->upper, kTest);
        if (slice->step != nullptr) {
          out += ":";
          expr(slice->step, kTest);
        }
        return;
      }
      case NodeKind::Yield:
        if (as<Yield>(node)->value == nullptr) {
          out += "(yield)";
          return;
        }
        out += "(yield ";
        expr(as<Yield>(node)->value, kTest);
        out += ")";
        return;
      case NodeKind::YieldFrom:
        out += "(yield from ";
        expr(as<YieldFrom>(node)->value, kTest);
        out += ")";
        return;
      case NodeKind::Await: {
        Parens parens(*this, level > kAwait);
        out += "await ";
        return expr(as<Await>(node)->value, kAtom);
      }
      case NodeKind::NamedExpr: {
        Parens parens(*this, level > kTuple);
        expr(as<NamedExpr>(node)->target, kAtom);
        out += " := ";
        return expr(as<NamedExpr>(node)->value, kAtom);
      }
      default: return;
    }
  }

 private:
  struct Parens {
    Parens(Unparser& unparser, bool wanted) : unparser(unparser), wanted(wanted) {
      if (wanted) unparser.out += "(";
    }
    ~Parens() {
      if (wanted) unparser.out += ")";
    }
    Unparser& unparser;
    bool wanted;
  };

  void list(Seq<Expr*> elements, Level level) {
    for (uint32_t i = 0; i < elements.size; ++i) {
      if (i > 0) out += ", ";
      expr(elements[i], level);
    }
  }

  void value(const ConstantValue& constant) {
    switch (constant.kind) {
      case ConstantKind::None: out += "None"; return;
      case ConstantKind::True: out += "True"; return;
      case ConstantKind::False: out += "False"; return;
      case ConstantKind::Ellipsis: out += "..."; return;
      case ConstantKind::Int: out += std::to_string(constant.integer); return;
      case ConstantKind::BigInt: out += decimal(constant.text, constant.base); return;
      case ConstantKind::Float: out += float_text(constant.number); return;
      case ConstantKind::Complex: {
        std::string text = float_text(constant.number);
        if (text.ends_with(".0")) text.resize(text.size() - 2);
        out += text + "j";
        return;
      }
      case ConstantKind::Str: out += quoted(constant.text, false); return;
      case ConstantKind::Bytes: out += "b" + quoted(constant.text, true); return;
      case ConstantKind::Opaque: out += "<constant>"; return;
    }
  }

  void binary(const BinOp* node, Level level) {
    struct Entry {
      const char* text;
      Level level;
    };
    constexpr Entry kOps[] = {{" + ", kArith},  {" - ", kArith}, {" * ", kTerm},   {" @ ", kTerm},
                              {" / ", kTerm},   {" % ", kTerm},  {" ** ", kPower}, {" << ", kShift},
                              {" >> ", kShift}, {" | ", kBitOr}, {" ^ ", kBitXor}, {" & ", kBitAnd},
                              {" // ", kTerm}};
    const Entry& entry = kOps[static_cast<int>(node->op)];
    bool right_associative = node->op == Operator::Pow;
    Parens parens(*this, level > entry.level);
    expr(node->left, right_associative ? tighter(entry.level) : entry.level);
    out += entry.text;
    expr(node->right, right_associative ? entry.level : tighter(entry.level));
  }

  void arguments(const Arguments* args) {
    bool first = true;
    auto comma = [&] {
      if (!first) out += ", ";
      first = false;
    };
    uint32_t positional = args->posonlyargs.size + args->args.size;
    for (uint32_t i = 0; i < positional; ++i) {
      comma();
      bool positional_only = i < args->posonlyargs.size;
      const Arg* arg =
          positional_only ? args->posonlyargs[i] : args->args[i - args->posonlyargs.size];
      argument(arg);
      uint32_t without_default = positional - args->defaults.size;
      if (i >= without_default) {
        out += "=";
        expr(args->defaults[i - without_default], kTest);
      }
      if (positional_only && i + 1 == args->posonlyargs.size) out += ", /";
    }
    if (args->vararg != nullptr || !args->kwonlyargs.empty()) {
      comma();
      out += "*";
      if (args->vararg != nullptr) argument(args->vararg);
    }
    for (uint32_t i = 0; i < args->kwonlyargs.size; ++i) {
      comma();
      argument(args->kwonlyargs[i]);
      if (args->kw_defaults[i] != nullptr) {
        out += "=";
        expr(args->kw_defaults[i], kTest);
      }
    }
    if (args->kwarg != nullptr) {
      comma();
      out += "**";
      argument(args->kwarg);
    }
  }

  void argument(const Arg* arg) {
    out += arg->arg->view();
    if (arg->annotation == nullptr) return;
    out += ": ";
    expr(arg->annotation, kTest);
  }

  void comprehension(const char* open, const Expr* element, const Expr* value,
                     Seq<ast::Comprehension*> generators, const char* close) {
    out += open;
    expr(element, kTest);
    if (value != nullptr) {
      out += ": ";
      expr(value, kTest);
    }
    for (ast::Comprehension* generator : generators) {
      out += generator->is_async ? " async for " : " for ";
      expr(generator->target, kTuple);
      out += " in ";
      expr(generator->iter, tighter(kTest));
      for (Expr* condition : generator->ifs) {
        out += " if ";
        expr(condition, tighter(kTest));
      }
    }
    out += close;
  }

  void call(const Call* node) {
    expr(node->func, kAtom);
    if (node->args.size == 1 && node->keywords.empty() && is<GeneratorExp>(node->args[0])) {
      return expr(node->args[0], kTest);
    }
    out += "(";
    list(node->args, kTest);
    bool first = node->args.empty();
    for (Keyword* keyword : node->keywords) {
      if (!first) out += ", ";
      first = false;
      if (keyword->arg == nullptr) {
        out += "**";
      } else {
        out += keyword->arg->view();
        out += "=";
      }
      expr(keyword->value, kTest);
    }
    out += ")";
  }

  std::string string_body(Seq<Expr*> values) {
    std::string body;
    for (Expr* part : values) {
      if (const ast::Constant* constant = maybe_as<ast::Constant>(part)) {
        for (char c : constant->value.text) {
          body.push_back(c);
          if (c == '{' || c == '}') body.push_back(c);
        }
      } else if (const FormattedValue* value = maybe_as<FormattedValue>(part)) {
        body += replacement(value->value, value->conversion, value->format_spec);
      } else if (const Interpolation* item = maybe_as<Interpolation>(part)) {
        body += replacement(item->value, item->conversion, item->format_spec);
      } else if (const JoinedStr* joined = maybe_as<JoinedStr>(part)) {
        body += string_body(joined->values);
      }
    }
    return body;
  }

  std::string replacement(const Expr* node, int conversion, const Expr* spec) {
    Unparser inner;
    inner.expr(node, tighter(kTest));
    std::string text = inner.out.starts_with("{") ? "{ " : "{";
    text += inner.out;
    if (conversion > 0) {
      text += "!";
      text.push_back(static_cast<char>(conversion));
    }
    if (spec != nullptr) {
      text += ":";
      if (const JoinedStr* joined = maybe_as<JoinedStr>(spec)) {
        text += string_body(joined->values);
      } else if (const ast::Constant* constant = maybe_as<ast::Constant>(spec)) {
        text += constant->value.text;
      }
    }
    return text + "}";
  }
};

}  // namespace

std::string unparse(const Expr* expression) {
  Unparser unparser;
  unparser.expr(expression, kTest);
  return std::move(unparser.out);
}

}  // namespace dx::compiler
