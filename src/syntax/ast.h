#pragma once
// The syntax tree: what the parser hands to the compiler, and what the `_ast` module shows to
// Python.
//
//   Arena ── owns ──> nodes (plain structs from ast.def), sequences, identifiers, constant texts
//
// A node is a struct from ast.def behind its sum's base (Expr, Stmt, Pattern, ...). The first byte
// of every node is its NodeKind, so `expr->kind()` can be switched on and `as<Call>(expr)` is a
// checked downcast. Everything lives until the Arena dies; nothing has a destructor; nothing here
// knows Python objects. An Arena and its trees belong to one thread at a time.

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/check.h"
#include "syntax/arena.h"

namespace dx::ast {

enum class NodeKind : uint8_t;

struct Node {
  NodeKind node_kind;
};

// Lines count from 1; columns count UTF-8 bytes from 0, as in Python's ast module.
struct Located : Node {
  int32_t lineno = 0;
  int32_t col_offset = 0;
  int32_t end_lineno = 0;
  int32_t end_col_offset = 0;
};

enum class ConstantKind : uint8_t {
  None,
  True,
  False,
  Ellipsis,
  Int,     // fits int64
  BigInt,  // does not fit: digits without prefix or underscores, and their base
  Float,
  Complex,  // a pure imaginary literal
  Str,      // UTF-8; lone surrogates as their three-byte form
  Bytes,
  Opaque,  // never from the parser: a dpb::Constant, owned by whoever built the tree (compile() of
           // an ast.AST, folding in a tree)
};

struct ConstantValue {
  ConstantKind kind = ConstantKind::None;
  uint8_t base = 10;           // BigInt: 2, 8, 10 or 16
  bool all_ascii = false;      // Str: every byte is below 0x80
  bool has_surrogate = false;  // Str: contains a lone surrogate
  union {
    int64_t integer = 0;
    double number;  // Float, and the imaginary part of Complex
    void* opaque;
  };
  std::string_view text;  // BigInt, Str, Bytes
};

}  // namespace dx::ast

#include "syntax/ast_nodes.h"

namespace dx::ast {

template <typename T>
bool is(const Node* node) {
  return node->node_kind == T::kKind;
}

// Requires: node is a T.
template <typename T>
T* as(Node* node) {
  DCHECK(node->node_kind == T::kKind);
  return static_cast<T*>(node);
}
template <typename T>
const T* as(const Node* node) {
  DCHECK(node->node_kind == T::kKind);
  return static_cast<const T*>(node);
}

template <typename T>
T* maybe_as(Node* node) {
  return node != nullptr && node->node_kind == T::kKind ? static_cast<T*>(node) : nullptr;
}
template <typename T>
const T* maybe_as(const Node* node) {
  return node != nullptr && node->node_kind == T::kKind ? static_cast<const T*>(node) : nullptr;
}

// A zeroed node of type T with its kind set.
template <typename T>
T* make(Arena& arena) {
  static_assert(std::is_trivially_destructible_v<T>);
  T* node = new (arena.allocate(sizeof(T), alignof(T))) T{};
  node->node_kind = T::kKind;
  return node;
}
template <typename T>
T* make(Arena& arena, int32_t lineno, int32_t col_offset, int32_t end_lineno,
        int32_t end_col_offset) {
  T* node = make<T>(arena);
  node->lineno = lineno;
  node->col_offset = col_offset;
  node->end_lineno = end_lineno;
  node->end_col_offset = end_col_offset;
  return node;
}
// A node of type T at the place of `where`.
template <typename T>
T* make_at(Arena& arena, const Located* where) {
  return make<T>(arena, where->lineno, where->col_offset, where->end_lineno, where->end_col_offset);
}

// ---- Reflection, so that dumping and conversion to and from Python objects are written once for
// all nodes ----

enum class FieldKind : uint8_t {
  identifier,   // const Identifier*, null when absent
  string,       // std::string_view, data() null when absent
  integer,      // int32_t
  constant,     // ConstantValue
  enumeration,  // one byte; `enum_index` names its EnumInfo
  node,         // Node*, null when absent
};

struct FieldInfo {
  const char* name;
  const char* type;  // as in ast.def: "expr", "identifier", "operator", ...
  FieldKind kind;
  bool optional;
  bool sequence;  // then the field is a Seq of the above (every Seq has the same layout)
  int enum_index;
  uint32_t offset;  // from the start of the node
};

struct NodeInfo {
  const char* name;      // as Python spells it
  const char* sum_name;  // "expr", "stmt", ... or null for a product
  bool located;
  int field_count;
  const FieldInfo* fields;
  uint32_t size;
};

struct EnumInfo {
  const char* name;  // "operator", ...
  int count;
  const char* const* items;  // "Add", ...
};

struct SumInfo {
  const char* name;
  bool located;
  int first_node;  // NodeKind of the first member; members are consecutive
  int node_count;
};

const NodeInfo& node_info(NodeKind kind);
const EnumInfo& enum_info(int index);
int enum_count();
const SumInfo& sum_info(int index);
int sum_count();

template <typename T>
const T& field_of(const Node* node, const FieldInfo& field) {
  return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(node) + field.offset);
}
template <typename T>
T& field_of(Node* node, const FieldInfo& field) {
  return *reinterpret_cast<T*>(reinterpret_cast<char*>(node) + field.offset);
}

}  // namespace dx::ast
