// needs: src/syntax/parser.cpp src/syntax/tokenizer.cpp
// Any bytes are source text: the parser answers with a tree or with a SyntaxError, soon and without
// a crash. The first byte picks the mode and the flags, the rest is the source. Seeds: the Python
// files of tests/. A tree must be whole: what may not be absent is there, kinds fit their fields,
// positions are ordered and inside the text. The same text must give the same answer again, and
// _tokenize's tokens must come to an end.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "syntax/decode.h"
#include "syntax/parse.h"
#include "syntax/tokenizer.h"

using namespace dx;

namespace {

struct Walk {
  int lines;
  uint64_t hash = 1469598103934665603u;

  void mix(uint64_t value) { hash = (hash ^ value) * 1099511628211u; }
  void mix(std::string_view text) {
    for (char c : text) mix(static_cast<unsigned char>(c));
  }
  static void demand(bool condition) {
    if (!condition) abort();
  }

  void one(const ast::FieldInfo& field, const char* at, bool may_be_absent) {
    switch (field.kind) {
      case ast::FieldKind::identifier: {
        const auto* name = *reinterpret_cast<const ast::Identifier* const*>(at);
        demand(name != nullptr || may_be_absent);
        if (name != nullptr) mix(name->view());
        break;
      }
      case ast::FieldKind::string: mix(*reinterpret_cast<const std::string_view*>(at)); break;
      case ast::FieldKind::integer: mix(*reinterpret_cast<const int32_t*>(at)); break;
      case ast::FieldKind::constant: {
        const auto& value = *reinterpret_cast<const ast::ConstantValue*>(at);
        demand(value.kind < ast::ConstantKind::Opaque);
        mix(static_cast<uint64_t>(value.kind));
        mix(value.text);
        break;
      }
      case ast::FieldKind::enumeration: {
        uint8_t value = *reinterpret_cast<const uint8_t*>(at);
        demand(value < ast::enum_info(field.enum_index).count);
        mix(value);
        break;
      }
      case ast::FieldKind::node: {
        const auto* child = *reinterpret_cast<const ast::Node* const*>(at);
        demand(child != nullptr || may_be_absent);
        if (child == nullptr) break;
        const ast::NodeInfo& info = ast::node_info(child->node_kind);
        std::string_view type = field.type;
        demand(info.sum_name != nullptr ? type == info.sum_name : type == info.name);
        node(child);
        break;
      }
    }
  }

  void node(const ast::Node* node) {
    const ast::NodeInfo& info = ast::node_info(node->node_kind);
    mix(static_cast<uint64_t>(node->node_kind));
    if (info.located) {
      const auto* where = static_cast<const ast::Located*>(node);
      demand(where->lineno >= 1 && where->end_lineno <= lines + 1);
      demand(where->col_offset >= 0 && where->end_col_offset >= 0);
      demand(where->lineno < where->end_lineno ||
             (where->lineno == where->end_lineno && where->col_offset <= where->end_col_offset));
      mix(static_cast<uint64_t>(where->lineno) << 32 | where->col_offset);
      mix(static_cast<uint64_t>(where->end_lineno) << 32 | where->end_col_offset);
    }
    for (int i = 0; i < info.field_count; ++i) {
      const ast::FieldInfo& field = info.fields[i];
      const char* at = reinterpret_cast<const char*>(node) + field.offset;
      if (!field.sequence) {
        one(field, at, field.optional);
        continue;
      }
      const auto& seq = *reinterpret_cast<const ast::Seq<char>*>(at);
      size_t step = field.kind == ast::FieldKind::enumeration ? 1 : sizeof(void*);
      mix(seq.size);
      for (uint32_t j = 0; j < seq.size; ++j) one(field, seq.items + j * step, field.optional);
    }
  }
};

uint64_t answer(std::string_view source, syntax::ParseMode mode, const syntax::ParseFlags& flags) {
  ast::Arena arena;
  syntax::ParseResult result = syntax::parse(arena, source, mode, flags);
  // Exactly one of the two answers, and a position inside the text's lines.
  if ((result.mod == nullptr) == result.error.message.empty()) abort();
  Walk walk{static_cast<int>(std::count_if(source.begin(), source.end(),
                                           [](char c) { return c == '\n' || c == '\r'; })) +
            1};
  if (result.mod != nullptr) {
    walk.node(result.mod);
  } else {
    if (result.error.has_position && (result.error.line < 0 || result.error.line > walk.lines + 1))
      abort();
    walk.mix(result.error.message);
    walk.mix(result.error.line);
    walk.mix(result.error.col);
  }
  return walk.hash;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  syntax::ParseFlags flags;
  flags.type_comments = data[0] & 4;
  flags.is_utf8_str = data[0] & 8;
  flags.dont_imply_dedent = data[0] & 16;
  flags.allow_incomplete_input = data[0] & 32;
  flags.barry_as_bdfl = data[0] & 64;
  flags.feature_version = data[0] & 128 ? 4 : 14;
  std::string_view source(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto mode = syntax::ParseMode(data[0] & 3);
  if (answer(source, mode, flags) != answer(source, mode, flags)) abort();

  syntax::DecodedSource decoded = syntax::decode_source(source, mode, flags);
  if (!decoded.good) return 0;
  syntax::Tokenizer tokenizer(decoded.text, {.extra_tokens = true, .type_comments = false});
  syntax::Token token;
  for (size_t count = 0; tokenizer.next(token) && token.type != syntax::Tok::ENDMARKER; ++count) {
    if (count > 3 * decoded.text.size() + 300) abort();
  }
  return 0;
}
