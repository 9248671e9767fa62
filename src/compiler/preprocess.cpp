// Rewriting a tree in place; the walk follows the reflection table of syntax/ast.h.

#include "compiler/preprocess.h"

#include <cstring>

#include "compiler/symtable.h"

namespace dx::compiler {

using namespace ast;
using NodeSeq = Seq<Node*>;

namespace {

const ast::Constant* leading_text(Seq<Stmt*> statements) {
  if (statements.empty()) return nullptr;
  const ExprStmt* first = maybe_as<ExprStmt>(static_cast<const Node*>(statements[0]));
  if (first == nullptr) return nullptr;
  const ast::Constant* text = maybe_as<ast::Constant>(static_cast<const Node*>(first->value));
  return text != nullptr && text->value.kind == ConstantKind::Str ? text : nullptr;
}

void set_text(Arena& arena, ast::Constant* node, std::string_view text) {
  node->value.kind = ConstantKind::Str;
  node->value.text = arena.copy(text);
}

bool is_annotation(NodeKind owner, const FieldInfo& field) {
  switch (owner) {
    case NodeKind::Arg:
    case NodeKind::AnnAssign: return !std::strcmp(field.name, "annotation");
    case NodeKind::FunctionDef:
    case NodeKind::AsyncFunctionDef: return !std::strcmp(field.name, "returns");
    default: return false;
  }
}

}  // namespace

bool Preprocessor::run(Mod* mod) {
  FutureFeatures future = find_future_features(mod, diagnostics_);
  future.flags |= future_flags_;
  text_annotations_ = future.annotations();
  if (!diagnostics_.failed()) visit(mod);
  return !diagnostics_.failed();
}

// What stands in the node's place afterwards.
Node* Preprocessor::visit(Node* node) {
  if (node == nullptr || !diagnostics_.may_descend()) return node;
  switch (node->node_kind) {
    case NodeKind::Name: {
      ast::Name* name = as<ast::Name>(node);
      if (name->ctx != ExprContext::Load || !(*name->id == "__debug__")) return node;
      ast::Constant* value = make_at<ast::Constant>(arena_, name);
      value->value.kind = optimize_ == 0 ? ConstantKind::True : ConstantKind::False;
      return value;
    }
    case NodeKind::BinOp: {
      visit_fields(node);
      Expr* format = percent_format(as<BinOp>(node));
      return format != nullptr ? format : node;
    }
    case NodeKind::MatchValue: {
      MatchValue* pattern = as<MatchValue>(node);
      pattern->value = number(pattern->value);
      return node;
    }
    case NodeKind::MatchMapping: {
      for (Expr*& key : as<MatchMapping>(node)->keys) key = number(key);
      for (Pattern* item : as<MatchMapping>(node)->patterns) visit(item);
      return node;
    }
    default: visit_fields(node); return node;
  }
}

void Preprocessor::visit_fields(Node* node) {
  const NodeInfo& info = node_info(node->node_kind);
  bool has_docstring =
      node->node_kind == NodeKind::Module || node->node_kind == NodeKind::FunctionDef ||
      node->node_kind == NodeKind::AsyncFunctionDef || node->node_kind == NodeKind::ClassDef;
  for (int i = 0; i < info.field_count; ++i) {
    const FieldInfo& field = info.fields[i];
    if (field.kind != FieldKind::node) continue;
    if (text_annotations_ && is_annotation(node->node_kind, field)) continue;
    if (has_docstring && !std::strcmp(field.name, "body")) {
      body(field_of<Seq<Stmt*>>(node, field));
    } else if (field.sequence) {
      for (Node*& item : field_of<NodeSeq>(node, field)) item = visit(item);
    } else {
      Node*& item = field_of<Node*>(node, field);
      item = visit(item);
    }
  }
}

void Preprocessor::body(Seq<Stmt*>& statements) {
  const ast::Constant* text = leading_text(statements);
  if (text != nullptr && optimize_ >= 2) {
    const Stmt* docstring = statements[0];
    if (statements.size == 1) {
      statements = arena_.make_seq<Stmt*>(1);
      statements[0] = make<Pass>(arena_, docstring->lineno, docstring->col_offset,
                                 docstring->lineno, docstring->col_offset + 4);
    } else {
      statements = arena_.make_seq<Stmt*>(statements.items + 1, statements.size - 1);
    }
    text = nullptr;
  }
  for (Stmt*& statement : statements) statement = static_cast<Stmt*>(visit(statement));
  // A text that has come first only now is no docstring: as an f-string it is never taken for one.
  if (text == nullptr && leading_text(statements) != nullptr) {
    ExprStmt* first = as<ExprStmt>(static_cast<Node*>(statements[0]));
    JoinedStr* joined = make_at<JoinedStr>(arena_, first->value);
    joined->values = arena_.make_seq<Expr*>(&first->value, 1);
    first->value = joined;
  }
}

Expr* Preprocessor::percent_format(const BinOp* node) {
  const ast::Constant* format = maybe_as<ast::Constant>(static_cast<const Node*>(node->left));
  const Tuple* values = maybe_as<Tuple>(static_cast<const Node*>(node->right));
  if (node->op != Operator::Mod || format == nullptr || values == nullptr ||
      format->value.kind != ConstantKind::Str)
    return nullptr;
  for (const Expr* value : values->elts) {
    if (is<Starred>(value)) return nullptr;
  }
  std::vector<FormatPiece> pieces;
  if (!parse_percent_format(format->value.text, values->elts, pieces)) return nullptr;
  JoinedStr* joined = make_at<JoinedStr>(arena_, node);
  joined->values = arena_.make_seq<Expr*>(pieces.size());
  for (size_t i = 0; i < pieces.size(); ++i) {
    const FormatPiece& piece = pieces[i];
    // Literal parts have no place of their own.
    ast::Constant* text = nullptr;
    if (!piece.text.empty()) {
      text = make<ast::Constant>(arena_, -1, -1, -1, -1);
      set_text(arena_, text, piece.text);
    }
    Expr*& made = joined->values[static_cast<uint32_t>(i)];
    if (piece.value == nullptr) {
      made = text;
      continue;
    }
    FormattedValue* value = make_at<FormattedValue>(arena_, piece.value);
    value->value = const_cast<Expr*>(piece.value);
    value->conversion = piece.conversion;
    value->format_spec = text;
    made = value;
  }
  return joined;
}

// -1, 1 + 2j and -1 - 2j; other values of patterns are visited as any expression.
Expr* Preprocessor::number(Expr* expr) {
  if (expr == nullptr) return expr;
  bool sum = is<BinOp>(expr) && (as<BinOp>(static_cast<Node*>(expr))->op == Operator::Add ||
                                 as<BinOp>(static_cast<Node*>(expr))->op == Operator::Sub);
  bool minus =
      is<UnaryOp>(expr) && as<UnaryOp>(static_cast<Node*>(expr))->op == UnaryOperator::USub;
  if (!sum && !minus) return static_cast<Expr*>(visit(expr));
  const dpb::Constant* value = folder_.fold(expr);
  if (value == nullptr) return expr;
  ast::Constant* made = make_at<ast::Constant>(arena_, expr);
  made->value.kind = ConstantKind::Opaque;
  made->value.opaque = const_cast<dpb::Constant*>(value);
  return made;
}

}  // namespace dx::compiler
