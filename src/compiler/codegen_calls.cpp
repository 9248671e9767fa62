// Calls: the window at the top of the temporaries, and the long way round for * and ** arguments.

#include "compiler/codegen.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;
using dpb::SiteKind;

namespace {

constexpr uint32_t kMaxArguments = 255;  // what the aux byte of a call can say

Op heap_form(Op op) {
  switch (op) {
    case Op::CALL: return Op::CALL_HEAP;
    case Op::CALL_METHOD: return Op::CALL_METHOD_HEAP;
    case Op::CALL_KW: return Op::CALL_KW_HEAP;
    default: return Op::CALL_FUNCTION_EX_HEAP;
  }
}

bool plain_arguments(Seq<Expr*> args, Seq<Keyword*> keywords) {
  for (Expr* arg : args) {
    if (is<Starred>(arg)) return false;
  }
  for (Keyword* keyword : keywords) {
    if (keyword->arg == nullptr) return false;
  }
  return true;
}

}  // namespace

// For CALL and CALL_METHOD `argc` is the argument count, for CALL_FUNCTION_EX whether there is a
// w[8].
void CodeGenerator::emit_call(Op op, Reg dst, Reg window, int argc, const Position& where) {
  int32_t site = 0;
  if (op == Op::CALL || op == Op::CALL_METHOD)
    site = static_cast<int32_t>(flow().site(SiteKind::call, nullptr));
  emit(unit_->heap() ? heap_form(op) : op, dst, window, site, static_cast<uint8_t>(argc), where);
}

void CodeGenerator::check_keywords(Seq<Keyword*> keywords) {
  std::unordered_map<std::string_view, int> seen;
  for (Keyword* keyword : keywords) {
    if (keyword->arg == nullptr) continue;
    if (++seen[keyword->arg->view()] > 1) {
      return fail(position_of(keyword),
                  "keyword argument repeated: " + std::string(keyword->arg->view()));
    }
  }
}

Value CodeGenerator::call(const Call* node, Reg into) {
  Position where = position_of(node);
  check_keywords(node->keywords);
  int mark = depth();
  const Attribute* method = maybe_as<Attribute>(node->func);
  bool plain = plain_arguments(node->args, node->keywords);
  bool many = node->args.size + node->keywords.size > kMaxArguments;
  if (method != nullptr && plain && !many && !many_sites() &&
      !is_super_call(method->value, method->attr)) {
    Reg window = new_window();
    int above = depth();
    Value owner = operand(method->value);
    Position at = call_position(method, position_of(method));
    emit1(Op::LOAD_METHOD, window, owner,
          static_cast<int32_t>(flow().site(SiteKind::method, mangled(names_.of(method->attr)))),
          at);
    release(above);
    Reg dst = into != kNoReg ? into : kTempBase + mark;
    arguments_and_call(window, true, 0, node->args, node->keywords, dst, mark,
                       call_position(method, where));
    if (into == kNoReg) flow().alloc();
    return {dst, is_temp(dst)};
  }
  // any(... for ...), all(...), tuple(...), list(...), set(...): the loop runs here, without a call
  // for each item, while the name means the builtin.
  const ast::Name* callee = maybe_as<ast::Name>(node->func);
  if (callee != nullptr && node->args.size == 1 && node->keywords.empty() &&
      is<GeneratorExp>(node->args[0]) && !symbols_.lookup(node->args[0])->coroutine) {
    int which = *callee->id == "tuple"  ? 2
                : *callee->id == "all"  ? 3
                : *callee->id == "any"  ? 4
                : *callee->id == "list" ? 5
                : *callee->id == "set"  ? 6
                                        : -1;
    if (which >= 0) return call_over_generator(node, which, into);
  }
  check_caller(node->func);
  Reg window = new_window();
  int above = depth();
  // Super without a method form: the attribute, then a plain call.
  expr_into(node->func, window);
  release(above);
  Reg dst = into != kNoReg ? into : kTempBase + mark;
  arguments_and_call(window, false, 0, node->args, node->keywords, dst, mark,
                     call_position(node->func, where));
  if (into == kNoReg) flow().alloc();
  return {dst, is_temp(dst)};
}

// `which` is the number of the builtin in LOAD_COMMON_CONSTANT: tuple 2, all 3, any 4, list 5,
// set 6.
Value CodeGenerator::call_over_generator(const Call* node, int which, Reg into) {
  Position where = position_of(node->func);
  int mark = depth();
  Reg result = work_register(into);
  int above = depth();
  Block* otherwise = flow().new_block();
  Block* found = flow().new_block();
  Block* loop_body = flow().new_block();
  Block* next = flow().new_block();
  Block* end = flow().new_block();
  Reg callee = flow().alloc();
  expr_into(node->func, callee);
  Reg builtin = flow().alloc();
  emit(Op::LOAD_COMMON_CONSTANT, builtin, which, 0, 0, where);
  release(above);
  branch2(Op::JUMP_IF_IS, {callee, false}, {builtin, true}, false, otherwise, where);
  clear(callee, where);
  bool collects = which != 3 && which != 4;
  Reg list = kNoReg;  // or the set
  if (collects) {
    list = flow().alloc();
    flow().reserve(1);
    emit(which == 6 ? Op::BUILD_SET : Op::BUILD_LIST, list, list, 0, 0, where);
  }
  Reg iter = flow().alloc();
  expr_into(node->args[0], iter);
  flow().jump(next, where);
  flow().use(loop_body);
  Reg item = flow().alloc();
  release(depth() - 1);
  if (collects) {
    emit1(which == 6 ? Op::SET_ADD : Op::LIST_APPEND, list, {item, true}, 0, where);
  } else {
    branch1(Op::JUMP_IF, {item, true}, 0, which == 4, found, where);
  }
  flow().use(next);
  emit(Op::FOR_ITER, item, iter, 0, 0, where).target = loop_body;
  flow().use(flow().new_block());
  if (which == 2) {
    emit(Op::LIST_TO_TUPLE, result, list, 0, dpb::kKillB, where);
  } else if (collects) {
    move(result, {list, true}, where);
  } else {
    load_constant(Constant::boolean(which == 3), result, where, false);
  }
  flow().jump(end, where);
  if (!collects) {
    flow().use(found);
    clear(iter, where);
    load_constant(Constant::boolean(which == 4), result, where, false);
    flow().jump(end, where);
  }
  // The name means something else: an ordinary call. The callable stands where its window begins.
  flow().use(otherwise);
  release(above);
  Reg window = new_window();
  Reg argument = flow().alloc();
  ++quiet_;
  expr_into(node->args[0], argument);
  --quiet_;
  release(above);
  emit_call(Op::CALL, result, window, 1, position_of(node));
  flow().use(end);
  return finish_work(result, into, mark, position_of(node));
}

// The callable stands in w[0] (and a self in w[6] when `method`), the first arguments from w[7] on.
void CodeGenerator::arguments_and_call(Reg window, bool method, int first, Seq<Expr*> args,
                                       Seq<Keyword*> keywords, Reg dst, int mark,
                                       const Position& where, Reg generic_base) {
  uint32_t total =
      static_cast<uint32_t>(first) + args.size + keywords.size + (generic_base != kNoReg);
  if (!plain_arguments(args, keywords) || total > kMaxArguments) {
    call_with_unpacking(window, first, args, keywords, generic_base, where);
    bool has_keywords = keywords.size > 0;
    release(mark);
    return emit_call(Op::CALL_FUNCTION_EX, dst, window, has_keywords, where);
  }
  for (Expr* arg : args) expr_into(arg, flow().alloc());
  if (generic_base != kNoReg) move(flow().alloc(), {generic_base, false}, where);
  if (keywords.empty()) {
    release(mark);
    return emit_call(method ? Op::CALL_METHOD : Op::CALL, dst, window, static_cast<int>(total),
                     where);
  }
  std::vector<Constant> names;
  for (Keyword* keyword : keywords) {
    expr_into(keyword->value, flow().alloc());
    names.push_back(Constant::string(std::string(keyword->arg->view())));
  }
  if (!method) emit(Op::PUSH_NULL, window, 0, 0, 0, where);
  int32_t names_index = static_cast<int32_t>(flow().constant(Constant::tuple(std::move(names))));
  release(mark);
  emit(unit_->heap() ? Op::CALL_KW_HEAP : Op::CALL_KW, dst, window, names_index,
       static_cast<uint8_t>(total), where);
}

// Fills w[7] with the positional arguments and w[8] with the dict of keywords.
void CodeGenerator::call_with_unpacking(Reg window, int first, Seq<Expr*> args,
                                        Seq<Keyword*> keywords, Reg generic_base,
                                        const Position& where) {
  Reg positional = window + 7;
  if (first == 0 && args.size == 1 && generic_base == kNoReg && is<Starred>(args[0])) {
    // f(*x): the call itself makes a tuple of x.
    flow().alloc();
    expr_into(as<Starred>(args[0])->value, positional);
  } else if (first == 0 && args.empty() && generic_base == kNoReg) {
    load_constant(Constant::tuple({}), flow().alloc(), where, true);
  } else {
    // The first arguments are in place already: they become the first items.
    bool starred = false;
    for (Expr* arg : args) starred |= is<Starred>(arg);
    if (first == 0) flow().reserve(1);
    if (!starred && args.size <= kMaxArguments) {
      for (Expr* arg : args) expr_into(arg, flow().alloc());
      if (generic_base != kNoReg) move(flow().alloc(), {generic_base, false}, where);
      int count = first + static_cast<int>(args.size) + (generic_base != kNoReg);
      emit(Op::BUILD_TUPLE, positional, positional, count, 0, where);
    } else {
      uint32_t at = 0;
      while (at < args.size && at < kMaxArguments && !is<Starred>(args[at])) {
        expr_into(args[at++], flow().alloc());
      }
      emit(Op::BUILD_LIST, positional, positional, first + static_cast<int>(at), 0, where);
      int above = positional + 1 - kTempBase;
      release(above);
      flow().reserve(0);
      for (; at < args.size; ++at) {
        const Starred* star = maybe_as<Starred>(args[at]);
        Value value = operand(star != nullptr ? star->value : args[at]);
        emit1(star != nullptr ? Op::LIST_EXTEND : Op::LIST_APPEND, positional, value, 0, where);
        release(above);
      }
      if (generic_base != kNoReg) emit(Op::LIST_APPEND, positional, generic_base, 0, 0, where);
      emit(Op::LIST_TO_TUPLE, positional, positional, 0, dpb::kKillB, where);
    }
    release(positional + 1 - kTempBase);
  }
  if (keywords.empty()) return;
  Reg map = flow().alloc();
  int above = depth();
  uint32_t at = 0;
  Reg pairs = kTempBase + depth();
  while (at < keywords.size && keywords[at]->arg != nullptr && at < 100) {
    load_constant(Constant::string(std::string(keywords[at]->arg->view())), flow().alloc(), where,
                  false);
    expr_into(keywords[at]->value, flow().alloc());
    ++at;
  }
  flow().reserve(1);
  emit(Op::BUILD_MAP, map, pairs, static_cast<int32_t>(at), 0, where);
  release(above);
  for (; at < keywords.size; ++at) {
    if (keywords[at]->arg == nullptr) {
      Value other = operand(keywords[at]->value);
      emit(Op::DICT_MERGE, map, other.reg, window, other.owned ? dpb::kKillB : 0, where);
    } else {
      // Merged, so that a repetition is noticed.
      Reg single = flow().alloc();
      Reg pair = flow().alloc(2);
      load_constant(Constant::string(std::string(keywords[at]->arg->view())), pair, where, false);
      expr_into(keywords[at]->value, pair + 1);
      emit(Op::BUILD_MAP, single, pair, 1, 0, where);
      emit(Op::DICT_MERGE, map, single, window, dpb::kKillB, where);
    }
    release(above);
  }
}

// ---- super ----

// super().name or super(a, b).name where `super` is the builtin as far as scopes can tell.
bool CodeGenerator::is_super_call(const Expr* value, const Identifier* attr) {
  const Call* call = maybe_as<Call>(value);
  if (call == nullptr || *attr == "__class__") return false;
  const ast::Name* name = maybe_as<ast::Name>(call->func);
  if (name == nullptr || !(*name->id == "super") || !call->keywords.empty()) return false;
  // Assigned somewhere in the module or here: not certainly the builtin.
  Name super_name = names_.of(name->id);
  Binding binding = resolve(mangled(super_name));
  if (binding.kind != Binding::Kind::global_implicit) return false;
  ScopeOf global = symbols_.top()->scope_of(super_name);
  if (global != ScopeOf::unknown && (symbols_.top()->flags_of(super_name) & kDefBound))
    return false;
  if (many_sites()) return false;
  if (call->args.size == 2) {
    return !is<Starred>(call->args[0]) && !is<Starred>(call->args[1]);
  }
  if (!call->args.empty()) return false;
  // Without arguments it needs a first parameter and the cell __class__.
  if (!unit_->scope->function_like() || unit_->argument_count == 0 || unit_->params.empty())
    return false;
  if (!unit_->overrides.empty() && unit_->overrides.back().contains(unit_->params[0])) return false;
  return unit_->scope->scope_of(names_.intern("__class__")) == ScopeOf::free;
}

Value CodeGenerator::super_attribute(const Attribute* node, Reg into) {
  const Call* call = as<Call>(node->value);
  Position where = position_of(node);
  Position call_where = position_of(call);
  int mark = depth();
  Reg run = flow().alloc(3);
  expr_into(call->func, run);
  bool zero = call->args.empty();
  if (zero) {
    Name dunder_class = names_.intern("__class__");
    emit(Op::LOAD_DEREF, run + 1, resolve(dunder_class).reg, 0, 0, call_where);
    Name self = unit_->params[0];
    Binding binding = resolve(self);
    if (binding.kind == Binding::Kind::local) {
      emit(Op::CHECK_BOUND, 0, binding.reg, 0, 0, call_where);
      move(run + 2, {binding.reg, false}, call_where);
    } else {
      emit(Op::LOAD_DEREF, run + 2, binding.reg, 0, 0, call_where);
    }
  } else {
    expr_into(call->args[0], run + 1);
    expr_into(call->args[1], run + 2);
  }
  release(mark);
  Reg dst = target_or_temp(into);
  emit(Op::LOAD_SUPER_ATTR, dst, run,
       static_cast<int32_t>(flow().site(SiteKind::super_attr, mangled(names_.of(node->attr)))),
       zero ? 1 : 0, call_position(node, where));
  return {dst, is_temp(dst)};
}

}  // namespace dx::compiler
