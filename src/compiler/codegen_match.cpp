// match statements.
//
// Parts of the subject live in temporaries; a captured part stays where it is until the whole
// pattern has matched, then all names are bound in order. `live` lists the temporaries in use; a
// test that fails jumps to a block that empties exactly those and goes on with the next case.
// Blocks are shared by their tails.

#include <algorithm>
#include <map>

#include "compiler/codegen.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;

struct CodeGenerator::PatternContext {
  Block* next = nullptr;  // where a failure ends, with no temporary of ours in use
  bool allow_irrefutable = false;
  std::vector<std::pair<Name, Reg>> captures;
  std::vector<Reg> live;
  std::map<std::vector<Reg>, Block*> exits;

  void drop(Reg reg) { std::erase(live, reg); }
};

namespace {

bool is_wildcard(const Pattern* node) {
  const MatchAs* as_pattern = maybe_as<MatchAs>(node);
  return as_pattern != nullptr && as_pattern->name == nullptr && as_pattern->pattern == nullptr;
}
bool is_star_wildcard(const Pattern* node) {
  const MatchStar* star = maybe_as<MatchStar>(node);
  return star != nullptr && star->name == nullptr;
}

void collect_names(NameTable& names, const Pattern* node, std::vector<Name>& into) {
  auto add = [&](const Identifier* name) {
    if (name != nullptr) into.push_back(names.of(name));
  };
  switch (node->node_kind) {
    case NodeKind::MatchSequence:
      for (Pattern* item : as<MatchSequence>(node)->patterns) collect_names(names, item, into);
      return;
    case NodeKind::MatchStar: return add(as<MatchStar>(node)->name);
    case NodeKind::MatchMapping:
      for (Pattern* item : as<MatchMapping>(node)->patterns) collect_names(names, item, into);
      return add(as<MatchMapping>(node)->rest);
    case NodeKind::MatchClass:
      for (Pattern* item : as<MatchClass>(node)->patterns) collect_names(names, item, into);
      for (Pattern* item : as<MatchClass>(node)->kwd_patterns) collect_names(names, item, into);
      return;
    case NodeKind::MatchAs:
      if (as<MatchAs>(node)->pattern != nullptr)
        collect_names(names, as<MatchAs>(node)->pattern, into);
      return add(as<MatchAs>(node)->name);
    case NodeKind::MatchOr: return collect_names(names, as<MatchOr>(node)->patterns[0], into);
    default: return;
  }
}

}  // namespace

void CodeGenerator::match_stmt(const Match* node) {
  int mark = depth();
  Reg subject = flow().alloc();
  expr_into(node->subject, subject);
  int base = depth();
  Block* end = flow().new_block();
  ++unit_->conditional_depth;
  for (uint32_t i = 0; i < node->cases.size; ++i) {
    const MatchCase* match_case = node->cases[i];
    Position at = position_of(match_case->pattern);
    bool last = i + 1 == node->cases.size;
    PatternContext context;
    context.next = flow().new_block();
    context.allow_irrefutable = match_case->guard != nullptr || last;
    if (last && node->cases.size > 1 && is_wildcard(match_case->pattern)) {
      // case _: nothing to test.
      emit(Op::NOP, 0, 0, 0, 0, at);
    } else {
      pattern(match_case->pattern, {subject, false}, context);
    }
    for (auto [name, reg] : context.captures) store_name(name, {reg, true}, at);
    release(base);
    if (match_case->guard != nullptr) jump_if(match_case->guard, context.next, false);
    clear(subject, at);
    body(match_case->body);
    flow().jump(end, {});
    emit_pattern_exits(context);
    flow().use(context.next);
    if (diagnostics_.failed()) return;
  }
  --unit_->conditional_depth;
  // Nothing matched: still the line of the last pattern.
  clear(subject, position_of(node->cases[node->cases.size - 1]->pattern));
  release(mark);
  flow().use(end);
}

Block* CodeGenerator::pattern_exit(PatternContext& context, const std::vector<Reg>& live) {
  if (live.empty()) return context.next;
  auto [at, fresh] = context.exits.try_emplace(live, nullptr);
  if (fresh) {
    at->second = flow().new_block();
    Block* made = at->second;
    pattern_exit(context, {live.begin() + 1, live.end()});
    return made;
  }
  return at->second;
}

void CodeGenerator::emit_pattern_exits(PatternContext& context) {
  for (auto& [live, block] : context.exits) {
    flow().use(block);
    clear(live[0], {});
    flow().jump(pattern_exit(context, {live.begin() + 1, live.end()}), {});
  }
}

void CodeGenerator::capture(Name name, Value value, PatternContext& context,
                            const Position& where) {
  for (auto [known, reg] : context.captures) {
    (void)reg;
    if (known == name)
      return fail(where, "multiple assignments to name '" + *name + "' in pattern");
  }
  if (!value.owned) {
    Reg copy = flow().alloc();
    move(copy, value, where);
    context.live.push_back(copy);
    value = {copy, true};
  }
  context.captures.emplace_back(name, value.reg);
}

// Matches `subject`; an owned one is listed as live and is consumed or captured.
void CodeGenerator::pattern(const Pattern* node, Value subject, PatternContext& context) {
  if (!diagnostics_.may_descend()) return;
  Position where = position_of(node);
  auto consumed = [&] {
    if (!subject.owned) return;
    clear(subject.reg, where);
    context.drop(subject.reg);
  };
  auto sub = [&](const Pattern* item, Value value) {
    bool outer = context.allow_irrefutable;
    context.allow_irrefutable = true;
    pattern(item, value, context);
    context.allow_irrefutable = outer;
  };
  // A test that gives a bool.
  auto require = [&](Op op) {
    Reg answer = flow().alloc();
    emit(op, answer, subject.reg, 0, 0, where);
    release(depth() - 1);
    branch1(Op::JUMP_IF, {answer, true}, 0, false, pattern_exit(context, context.live), where);
  };
  auto require_length = [&](Op op, uint32_t size) {
    Reg length = flow().alloc();
    emit(Op::GET_LEN, length, subject.reg, 0, 0, where);
    flow().constant(Constant::integer(size));
    if (size <= 32767) {
      release(depth() - 1);
      branch1(op, {length, true}, static_cast<int32_t>(size), false,
              pattern_exit(context, context.live), where);
    } else {
      Reg number = flow().alloc();
      load_constant(Constant::integer(size), number, where, false);
      release(depth() - 2);
      branch2(op == Op::JUMP_IF_EQ_INT ? Op::JUMP_IF_EQ : Op::JUMP_IF_GE, {length, true},
              {number, true}, false, pattern_exit(context, context.live), where);
    }
  };
  // The parts of an unpacked value, each matched in turn.
  auto match_parts = [&](Reg items, const std::vector<const Pattern*>& parts) {
    for (size_t i = 0; i < parts.size(); ++i) context.live.push_back(items + static_cast<Reg>(i));
    for (size_t i = 0; i < parts.size(); ++i) sub(parts[i], {items + static_cast<Reg>(i), true});
  };

  switch (node->node_kind) {
    case NodeKind::MatchValue: {
      const Expr* value_node = as<MatchValue>(node)->value;
      if (fold(value_node) == nullptr && !is<Attribute>(value_node)) {
        return fail(where, "patterns may only match literals and attribute lookups");
      }
      int mark = depth();
      std::vector<Reg> after = context.live;
      if (subject.owned) std::erase(after, subject.reg);
      Value value = operand(value_node);
      release(mark);
      branch2(Op::JUMP_IF_EQ, subject, value, false, pattern_exit(context, after), where);
      context.live = after;
      return;
    }
    case NodeKind::MatchSingleton: {
      std::vector<Reg> after = context.live;
      if (subject.owned) std::erase(after, subject.reg);
      Constant constant = literal(as<MatchSingleton>(node)->value);
      if (constant.kind == Constant::Kind::none) {
        flow().constant(constant);
        branch1(Op::JUMP_IF_NONE, subject, 0, false, pattern_exit(context, after), where);
      } else {
        Reg value = flow().alloc();
        load_constant(constant, value, where, false);
        release(depth() - 1);
        branch2(Op::JUMP_IF_IS, subject, {value, true}, false, pattern_exit(context, after), where);
      }
      context.live = after;
      return;
    }
    case NodeKind::MatchAs: {
      const MatchAs* as_pattern = as<MatchAs>(node);
      if (as_pattern->pattern == nullptr) {
        if (!context.allow_irrefutable) {
          return fail(where, as_pattern->name != nullptr
                                 ? "name capture '" + *names_.of(as_pattern->name) +
                                       "' makes remaining patterns unreachable"
                                 : "wildcard makes remaining patterns unreachable");
        }
        if (as_pattern->name == nullptr) return consumed();
        return capture(names_.of(as_pattern->name), subject, context, where);
      }
      pattern(as_pattern->pattern, {subject.reg, false}, context);
      return capture(names_.of(as_pattern->name), subject, context, where);
    }
    case NodeKind::MatchStar:
      if (as<MatchStar>(node)->name == nullptr) return consumed();
      return capture(names_.of(as<MatchStar>(node)->name), subject, context, where);
    case NodeKind::MatchSequence: {
      Seq<Pattern*> patterns = as<MatchSequence>(node)->patterns;
      int star = -1;
      bool only_wildcard = true, star_wildcard = false;
      std::vector<const Pattern*> parts;
      for (uint32_t i = 0; i < patterns.size; ++i) {
        parts.push_back(patterns[i]);
        if (!is<MatchStar>(patterns[i])) {
          only_wildcard &= is_wildcard(patterns[i]);
          continue;
        }
        if (star >= 0) return fail(where, "multiple starred names in sequence pattern");
        star = static_cast<int>(i);
        star_wildcard = is_star_wildcard(patterns[i]);
        only_wildcard &= star_wildcard;
      }
      require(Op::MATCH_SEQUENCE);
      if (star < 0) {
        require_length(Op::JUMP_IF_EQ_INT, patterns.size);
      } else if (patterns.size > 1) {
        require_length(Op::JUMP_IF_GE_INT, patterns.size - 1);
      }
      if (only_wildcard) return consumed();
      if (star_wildcard) {
        // [a, *_, b]: the items one by one, nothing is unpacked.
        for (uint32_t i = 0; i < patterns.size; ++i) {
          if (static_cast<int>(i) == star || is_wildcard(patterns[i])) continue;
          Reg item = flow().alloc();
          if (static_cast<int>(i) < star && i <= 32767) {
            emit(Op::BINARY_SUBSCR_INT, item, subject.reg, static_cast<int32_t>(i), 0, where);
          } else {
            emit(Op::GET_LEN, item, subject.reg, 0, 0, where);
            emit(Op::BINARY_SUBTRACT_INT, item, item, static_cast<int32_t>(patterns.size - i),
                 dpb::kKillB, where);
            emit(Op::BINARY_SUBSCR, item, subject.reg, item, dpb::kKillC, where);
          }
          context.live.push_back(item);
          sub(patterns[i], {item, true});
        }
        return consumed();
      }
      Reg items = flow().alloc(static_cast<int>(patterns.size));
      if (star < 0) {
        emit(Op::UNPACK_SEQUENCE, items, subject.reg, static_cast<int32_t>(patterns.size),
             subject.owned ? dpb::kKillB : 0, where);
        if (subject.owned) context.drop(subject.reg);
      } else {
        uint32_t after = patterns.size - static_cast<uint32_t>(star) - 1;
        if (star >= 256 || after >= 256)
          return fail(where, "too many expressions in star-unpacking sequence pattern");
        emit(Op::UNPACK_EX, items, subject.reg, star, static_cast<uint8_t>(after), where);
        consumed();
      }
      return match_parts(items, parts);
    }
    case NodeKind::MatchMapping: {
      const MatchMapping* mapping = as<MatchMapping>(node);
      uint32_t size = mapping->keys.size;
      require(Op::MATCH_MAPPING);
      if (size == 0 && mapping->rest == nullptr) return consumed();
      if (size > 0) require_length(Op::JUMP_IF_GE_INT, size);
      std::vector<Constant> seen;
      Reg keys = flow().alloc();
      int above = depth();
      Reg items = keys;
      release(above - 1);
      for (uint32_t i = 0; i < size; ++i) {
        const Expr* key = mapping->keys[i];
        if (const Constant* constant = fold(key)) {
          for (const Constant& other : seen) {
            if (equal_constants(other, *constant))
              return fail(where, "mapping pattern checks duplicate key (" + unparse(key) + ")");
          }
          seen.push_back(*constant);
        } else if (!is<Attribute>(key)) {
          return fail(where, "mapping pattern keys may only match literals and attribute lookups");
        }
        expr_into(key, flow().alloc());
      }
      flow().reserve(1);
      emit(Op::BUILD_TUPLE, keys, items, static_cast<int32_t>(size), 0, where);
      release(above);
      context.live.push_back(keys);
      if (size > 0) {
        Reg values = flow().alloc();
        emit(Op::MATCH_KEYS, values, subject.reg, keys, 0, where);
        context.live.push_back(values);
        branch1(Op::JUMP_IF_NONE, {values, false}, 0, true, pattern_exit(context, context.live),
                where);
        Reg parts = flow().alloc(static_cast<int>(size));
        emit(Op::UNPACK_SEQUENCE, parts, values, static_cast<int32_t>(size), dpb::kKillB, where);
        context.drop(values);
        match_parts(parts, {mapping->patterns.begin(), mapping->patterns.end()});
      }
      if (mapping->rest == nullptr) {
        clear(keys, where);
        context.drop(keys);
        return consumed();
      }
      Reg rest = flow().alloc();
      emit(Op::BUILD_MAP, rest, flow().alloc(), 0, 0, where);
      emit(Op::DICT_UPDATE, rest, subject.reg, 0, 0, where);
      int here = depth();
      Reg each = flow().alloc(static_cast<int>(size) + 1);
      emit(Op::UNPACK_SEQUENCE, each, keys, static_cast<int32_t>(size), dpb::kKillB, where);
      context.drop(keys);
      for (uint32_t i = 0; i < size; ++i) {
        emit(Op::DELETE_SUBSCR, 0, rest, each + static_cast<Reg>(i), dpb::kKillC, where);
      }
      release(here);
      context.live.push_back(rest);
      consumed();
      return capture(names_.of(mapping->rest), {rest, true}, context, where);
    }
    case NodeKind::MatchClass: {
      const MatchClass* match_class = as<MatchClass>(node);
      for (uint32_t i = 0; i < match_class->kwd_attrs.size; ++i) {
        for (uint32_t j = i + 1; j < match_class->kwd_attrs.size; ++j) {
          if (match_class->kwd_attrs[i]->view() == match_class->kwd_attrs[j]->view()) {
            return fail(position_of(match_class->kwd_patterns[j]),
                        "attribute name repeated in class pattern: " +
                            std::string(match_class->kwd_attrs[j]->view()));
          }
        }
      }
      if (match_class->patterns.size > 255)
        return fail(where, "too many sub-patterns in class pattern");
      Reg args = flow().alloc(2);
      expr_into(match_class->cls, args);
      std::vector<Constant> attributes;
      for (const Identifier* attribute : match_class->kwd_attrs) {
        attributes.push_back(Constant::string(std::string(attribute->view())));
      }
      load_constant(Constant::tuple(std::move(attributes)), args + 1, where, false);
      release(depth() - 2);
      Reg found = flow().alloc();
      emit(Op::MATCH_CLASS, found, subject.reg, args,
           static_cast<uint8_t>(match_class->patterns.size), where);
      context.live.push_back(found);
      branch1(Op::JUMP_IF_NONE, {found, false}, 0, true, pattern_exit(context, context.live),
              where);
      std::vector<const Pattern*> parts(match_class->patterns.begin(), match_class->patterns.end());
      parts.insert(parts.end(), match_class->kwd_patterns.begin(), match_class->kwd_patterns.end());
      flow().reserve(1);
      Reg items = flow().alloc(static_cast<int>(parts.size()));
      emit(Op::UNPACK_SEQUENCE, items, found, static_cast<int32_t>(parts.size()), dpb::kKillB,
           where);
      context.drop(found);
      consumed();
      return match_parts(items, parts);
    }
    case NodeKind::MatchOr: {
      Seq<Pattern*> alternatives = as<MatchOr>(node)->patterns;
      std::vector<Name> names;
      collect_names(names_, alternatives[0], names);
      Reg captured = flow().alloc(static_cast<int>(names.size()));
      int above = depth();
      Block* matched = flow().new_block();
      for (uint32_t i = 0; i < alternatives.size; ++i) {
        bool last = i + 1 == alternatives.size;
        std::vector<Name> own;
        collect_names(names_, alternatives[i], own);
        PatternContext inner;
        inner.next = flow().new_block();
        inner.allow_irrefutable = last && context.allow_irrefutable;
        pattern(alternatives[i], {subject.reg, false}, inner);
        if (diagnostics_.failed()) return;
        bool same = own.size() == names.size();
        for (Name name : own) same &= std::find(names.begin(), names.end(), name) != names.end();
        if (!same) return fail(where, "alternative patterns bind different names");
        for (size_t n = 0; n < names.size(); ++n) {
          for (auto [name, reg] : inner.captures) {
            if (name == names[n]) move(captured + static_cast<Reg>(n), {reg, true}, where);
          }
        }
        release(above);
        flow().jump(matched, {});
        emit_pattern_exits(inner);
        flow().use(inner.next);
      }
      flow().jump(pattern_exit(context, context.live), where);
      flow().use(matched);
      for (size_t n = 0; n < names.size(); ++n)
        context.live.push_back(captured + static_cast<Reg>(n));
      for (size_t n = 0; n < names.size(); ++n) {
        capture(names[n], {captured + static_cast<Reg>(n), true}, context, where);
      }
      return consumed();
    }
    default: return fail(where, "invalid pattern");
  }
}

}  // namespace dx::compiler
