#pragma once
// A tree or an error in the words of Python's ast.dump(include_attributes=True) and of
// SyntaxError's arguments, for dx-syntax and the golden test.

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/unicode_identifier.h"
#include "syntax/parse.h"

namespace dx::syntax {

using namespace dx::ast;

struct Dumper {
  std::string out;

  void repr_double(double value) {
    if (value != value) {
      out += "nan";
      return;
    }
    if (value == __builtin_inf()) {
      out += "inf";
      return;
    }
    char digits[64];
    // Shortest digits in scientific form, then laid out as repr() does.
    auto [end, ignored] =
        std::to_chars(digits, digits + sizeof digits - 1, value, std::chars_format::scientific);
    *end = 0;
    std::string_view text(digits, end - digits);
    size_t e = text.find('e');
    std::string mantissa;
    for (char c : text.substr(0, e)) {
      if (c != '.') mantissa += c;
    }
    int exponent = std::atoi(text.data() + e + 1);
    if (exponent < -4 || exponent >= 16) {
      out += mantissa[0];
      if (mantissa.size() > 1) out.append(".").append(mantissa.substr(1));
      char buffer[16];
      std::snprintf(buffer, sizeof buffer, "e%c%02d", exponent < 0 ? '-' : '+',
                    exponent < 0 ? -exponent : exponent);
      out += buffer;
    } else if (exponent < 0) {
      out += "0." + std::string(-exponent - 1, '0') + mantissa;
    } else if (static_cast<size_t>(exponent) + 1 >= mantissa.size()) {
      out += mantissa + std::string(exponent + 1 - mantissa.size(), '0') + ".0";
    } else {
      out += mantissa.substr(0, exponent + 1) + "." + mantissa.substr(exponent + 1);
    }
  }

  void repr_text(std::string_view text, bool bytes) {
    if (bytes) out += 'b';
    char quote =
        text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos
            ? '"'
            : '\'';
    out += quote;
    for (size_t i = 0; i < text.size();) {
      unsigned char c = text[i];
      uint32_t point = c;
      int length = bytes ? 1 : unicode::decode(text.data() + i, text.size() - i, point);
      char buffer[16];
      if (c == quote || c == '\\') {
        out += '\\';
        out += static_cast<char>(c);
      } else if (c == '\n') {
        out += "\\n";
      } else if (c == '\r') {
        out += "\\r";
      } else if (c == '\t') {
        out += "\\t";
      } else if (bytes ? (c < 0x20 || c >= 0x7F) : !unicode::is_printable(point)) {
        std::snprintf(buffer, sizeof buffer,
                      point < 0x100     ? "\\x%02x"
                      : point < 0x10000 ? "\\u%04x"
                                        : "\\U%08x",
                      point);
        out += buffer;
      } else {
        out.append(text.substr(i, length));
      }
      i += length;
    }
    out += quote;
  }

  // Digits in any base as decimal.
  void repr_big(std::string_view digits, int base) {
    std::vector<uint32_t> limbs{0};  // base 10^9, lowest first
    for (char c : digits) {
      uint64_t carry = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      for (uint32_t& limb : limbs) {
        carry += static_cast<uint64_t>(limb) * base;
        limb = carry % 1000000000;
        carry /= 1000000000;
      }
      if (carry != 0) limbs.push_back(static_cast<uint32_t>(carry));
    }
    char buffer[16];
    for (size_t i = limbs.size(); i-- > 0;) {
      std::snprintf(buffer, sizeof buffer, i + 1 == limbs.size() ? "%u" : "%09u", limbs[i]);
      out += buffer;
    }
  }

  void constant(const ConstantValue& value) {
    switch (value.kind) {
      case ConstantKind::None: out += "None"; break;
      case ConstantKind::True: out += "True"; break;
      case ConstantKind::False: out += "False"; break;
      case ConstantKind::Ellipsis: out += "Ellipsis"; break;
      case ConstantKind::Int: out += std::to_string(value.integer); break;
      case ConstantKind::BigInt: repr_big(value.text, value.base); break;
      case ConstantKind::Float: repr_double(value.number); break;
      case ConstantKind::Complex: {
        size_t start = out.size();
        repr_double(value.number);
        if (out.ends_with(".0") && out.size() - start > 2) out.resize(out.size() - 2);
        out += 'j';
        break;
      }
      case ConstantKind::Str: repr_text(value.text, false); break;
      case ConstantKind::Bytes: repr_text(value.text, true); break;
      case ConstantKind::Opaque: out += "<opaque>"; break;
    }
  }

  void one(const FieldInfo& field, const char* at) {
    switch (field.kind) {
      case FieldKind::identifier: {
        const Identifier* name = *reinterpret_cast<const Identifier* const*>(at);
        if (name == nullptr)
          out += "None";
        else
          repr_text(name->view(), false);
        break;
      }
      case FieldKind::string:
        repr_text(*reinterpret_cast<const std::string_view*>(at), false);
        break;
      case FieldKind::integer: out += std::to_string(*reinterpret_cast<const int32_t*>(at)); break;
      case FieldKind::constant: constant(*reinterpret_cast<const ConstantValue*>(at)); break;
      case FieldKind::enumeration:
        out.append(enum_info(field.enum_index).items[*reinterpret_cast<const uint8_t*>(at)])
            .append("()");
        break;
      case FieldKind::node: {
        const Node* child = *reinterpret_cast<const Node* const*>(at);
        if (child == nullptr)
          out += "None";
        else
          node(child);
        break;
      }
    }
  }

  // ast.dump leaves out what is None by default and empty lists.
  void node(const Node* node) {
    const NodeInfo& info = node_info(node->node_kind);
    out.append(info.name).append("(");
    bool first = true;
    auto name = [&](const char* text) {
      if (!first) out += ", ";
      first = false;
      out.append(text).append("=");
    };
    for (int i = 0; i < info.field_count; ++i) {
      const FieldInfo& field = info.fields[i];
      const char* at = reinterpret_cast<const char*>(node) + field.offset;
      if (field.sequence) {
        const Seq<char>& seq = *reinterpret_cast<const Seq<char>*>(at);
        if (seq.size == 0) continue;
        name(field.name);
        out += '[';
        size_t step = field.kind == FieldKind::enumeration ? 1 : sizeof(void*);
        for (uint32_t j = 0; j < seq.size; ++j) {
          if (j > 0) out += ", ";
          one(field, seq.items + j * step);
        }
        out += ']';
        continue;
      }
      if (field.optional) {
        bool absent = field.kind == FieldKind::string
                          ? reinterpret_cast<const std::string_view*>(at)->data() == nullptr
                      : field.kind == FieldKind::integer
                          ? false
                          : *reinterpret_cast<void* const*>(at) == nullptr;
        if (absent) continue;
      }
      name(field.name);
      one(field, at);
    }
    if (info.located) {
      const Located* where = static_cast<const Located*>(node);
      name("lineno");
      out += std::to_string(where->lineno);
      name("col_offset");
      out += std::to_string(where->col_offset);
      name("end_lineno");
      out += std::to_string(where->end_lineno);
      name("end_col_offset");
      out += std::to_string(where->end_col_offset);
    }
    out += ')';
  }
};

inline const char* kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::syntax_error: return "SyntaxError";
    case ErrorKind::indentation_error: return "IndentationError";
    case ErrorKind::tab_error: return "TabError";
    case ErrorKind::incomplete_input: return "_IncompleteInputError";
    case ErrorKind::memory_error: return "MemoryError";
    case ErrorKind::overflow_error: return "OverflowError";
    case ErrorKind::unicode_error: return "UnicodeError";
    case ErrorKind::value_error: return "ValueError";
    case ErrorKind::system_error: return "SystemError";
  }
  return "?";
}

inline std::string describe(std::string_view source, ParseMode mode, const ParseFlags& flags) {
  Arena arena;
  ParseResult result = parse(arena, source, mode, flags);
  Dumper dumper;
  if (result.mod != nullptr) {
    dumper.node(result.mod);
  } else {
    const SyntaxErrorInfo& error = result.error;
    dumper.out = std::string(kind_name(error.kind)) + ": " + error.message;
    if (error.has_position) {
      dumper.out += " (" + std::to_string(error.line) + ", " + std::to_string(error.col) + ", ";
      if (error.has_end)
        dumper.out += std::to_string(error.end_line) + ", " + std::to_string(error.end_col) + ", ";
      else
        dumper.out += "None, None, ";
      if (error.has_text)
        dumper.repr_text(error.text, false);
      else
        dumper.out += "None";
      dumper.out += ") [" + std::to_string(error.statement_line) + ", " +
                    std::to_string(error.statement_col) + "]";
    }
  }
  for (const SyntaxWarning& warning : result.warnings) {
    dumper.out += "\nSyntaxWarning " + std::to_string(warning.line) + ": " + warning.message;
  }
  return std::move(dumper.out);
}

}  // namespace dx::syntax
