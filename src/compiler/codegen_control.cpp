// Loops, try, with, and how return, break and continue leave them.
//
// Loops are tested at the bottom: for = JUMP next; body...; next: FOR_ITER -> body. Handlers start
// with the exception in the temporary number `depth` of their entry; PUSH_EXC_INFO puts what was
// handled before beside it, and whatever ends the handler gives it back with POP_EXCEPT, also when
// the handler itself raises (cleanup_and_reraise).

#include <algorithm>

#include "compiler/codegen.h"

namespace dx::compiler {

using namespace ast;
using dpb::Constant;
using Frame = FrameBlock::Kind;

namespace {

constexpr size_t kMaxFrames = 21;

// A list that is only iterated over need not be a list.
bool plain_elements(Seq<Expr*> elements) {
  for (Expr* element : elements) {
    if (is<Starred>(element)) return false;
  }
  return true;
}

}  // namespace

bool CodeGenerator::push_frame(FrameBlock frame, const Position& where) {
  if (unit_->frames.size() >= kMaxFrames) {
    fail(where, "too many statically nested blocks");
    return false;
  }
  frame.depth = depth();
  unit_->frames.push_back(frame);
  return true;
}

// Ends a handler: what was handled before is handled again, the exception is dropped.
void CodeGenerator::pop_handled(Reg exception, const Position& where) {
  emit(Op::POP_EXCEPT, 0, exception + 1, 0, 0, where);
  clear(exception, where);
}

// name = None; del name
void CodeGenerator::unbind(Name name, const Position& where) {
  Binding binding = resolve(mangled(name));
  if (binding.kind == Binding::Kind::local) {
    load_none(binding.reg, where);
  } else {
    int mark = depth();
    Reg none = flow().alloc();
    load_none(none, where);
    store_name(name, {none, true}, where);
    release(mark);
  }
  delete_name(name, where);
}

// The landing of exceptions raised inside a handler: the exception is the temporary on top.
void CodeGenerator::cleanup_and_reraise(Block* block, Reg saved) {
  flow().use(block);
  int mark = depth();
  Reg exception = flow().alloc();
  emit(Op::POP_EXCEPT, 0, saved, 0, 0, {});
  emit(Op::RERAISE, 0, exception, 0, dpb::kKillB, {});
  release(mark);
}

// ---- leaving ----

// `value`: the register of a value about to be returned, which stays on top, or kNoReg.
void CodeGenerator::unwind(const FrameBlock& frame, Reg value, Position& where) {
  if (value == kNoReg) release(frame.depth);
  switch (frame.kind) {
    case Frame::while_loop:
    case Frame::generator_body: return;
    case Frame::for_loop:
    case Frame::async_for_loop:
    case Frame::pending_return: return clear(frame.reg, where);
    case Frame::try_except: flow().handler = frame.outer_handler; return;
    case Frame::finally_try: {
      flow().handler = frame.outer_handler;
      // The block may leave in another way, which drops the value.
      if (value != kNoReg) {
        unit_->frames.push_back({.kind = Frame::pending_return, .reg = value, .depth = depth()});
      }
      ++quiet_;
      body(frame.body);
      --quiet_;
      if (value != kNoReg) unit_->frames.pop_back();
      // What follows seems to happen where the finally block ended.
      where = {};
      return;
    }
    case Frame::finally_end:
      flow().handler = frame.outer_handler;
      return pop_handled(frame.reg, where);
    case Frame::with:
    case Frame::async_with:
      flow().handler = frame.outer_handler;
      call_exit(frame.reg, value == kNoReg, frame.kind == Frame::async_with, frame.where);
      where = {};
      return;
    case Frame::handler_cleanup:
      flow().handler = frame.outer_handler;
      pop_handled(frame.reg, where);
      if (frame.name != nullptr) unbind(frame.name, where);
      return;
    case Frame::star_handler:
      return fail(where, "'break', 'continue' and 'return' cannot appear in an except* block");
  }
}

void CodeGenerator::unwind_to(size_t down_to, Reg value, Position& where) {
  std::vector<FrameBlock> left;
  while (unit_->frames.size() > down_to && !diagnostics_.failed()) {
    FrameBlock frame = unit_->frames.back();
    unit_->frames.pop_back();
    left.push_back(frame);
    unwind(frame, value, where);
  }
  unit_->frames.insert(unit_->frames.end(), left.rbegin(), left.rend());
}

void CodeGenerator::break_or_continue(bool is_break, const Position& where) {
  size_t at = unit_->frames.size();
  while (at > 0) {
    Frame kind = unit_->frames[at - 1].kind;
    if (kind == Frame::star_handler) {
      return fail(where, "'break', 'continue' and 'return' cannot appear in an except* block");
    }
    if (kind == Frame::while_loop || kind == Frame::for_loop || kind == Frame::async_for_loop)
      break;
    --at;
  }
  if (at == 0)
    return fail(where, is_break ? "'break' outside loop" : "'continue' not properly in loop");
  emit(Op::NOP, 0, 0, 0, 0, where);
  int mark = depth();
  int handler = flow().handler;
  FrameBlock loop = unit_->frames[at - 1];
  Position here = where;
  unwind_to(is_break ? at - 1 : at, kNoReg, here);
  flow().jump(is_break ? loop.exit : loop.again, here);
  flow().handler = handler;
  release(mark);
}

// ---- if and loops ----

void CodeGenerator::if_stmt(const If* node) {
  Block* end = flow().new_block();
  Block* otherwise = node->orelse.empty() ? end : flow().new_block();
  jump_if(node->test, otherwise, false);
  ++unit_->conditional_depth;
  body(node->body);
  if (!node->orelse.empty()) {
    flow().jump(end, {});
    flow().use(otherwise);
    body(node->orelse);
  }
  --unit_->conditional_depth;
  flow().use(end);
}

void CodeGenerator::while_stmt(const While* node) {
  Block* loop_body = flow().new_block();
  Block* test = flow().new_block();
  Block* end = flow().new_block();
  const Constant* constant = fold(node->test);
  bool forever = constant != nullptr && truth_of(*constant);
  if (forever) {
    note_leaf_constants(node->test);
    if (is<ast::Constant>(node->test)) flow().constant(*constant);
    emit(Op::NOP, 0, 0, 0, 0, position_of(node->test));
    test = loop_body;
  } else {
    flow().jump(test, position_of(node->test));
  }
  if (!push_frame({.kind = Frame::while_loop, .exit = end, .again = test}, position_of(node)))
    return;
  ++unit_->conditional_depth;
  if (forever) {
    flow().use(loop_body);
    body(node->body);
    flow().jump(loop_body, {});
  } else {
    // The test is generated first, for the order of names, and stands last.
    size_t first = flow().layout.size();
    flow().use(test);
    jump_if(node->test, loop_body, true);
    size_t second = flow().layout.size();
    flow().use(loop_body);
    body(node->body);
    auto begin = flow().layout.begin();
    std::rotate(begin + static_cast<ptrdiff_t>(first), begin + static_cast<ptrdiff_t>(second),
                flow().layout.end());
  }
  --unit_->conditional_depth;
  pop_frame();
  flow().use(flow().new_block());
  ++unit_->conditional_depth;
  body(node->orelse);
  --unit_->conditional_depth;
  flow().use(end);
}

void CodeGenerator::for_stmt(const For* node) {
  int mark = depth();
  Position at = position_of(node->iter);
  Block* loop_body = flow().new_block();
  Block* next = flow().new_block();
  Block* end = flow().new_block();
  const List* list = maybe_as<List>(node->iter);
  Value source = list != nullptr && plain_elements(list->elts)
                     ? membership_operand(node->iter, CompareOperator::In)
                 : is<Set>(node->iter) ? membership_operand(node->iter, CompareOperator::In)
                                       : operand(node->iter);
  release(mark);
  Reg iter = flow().alloc();
  emit1(Op::GET_ITER, iter, source, 0, at);
  if (!push_frame({.kind = Frame::for_loop, .reg = iter, .exit = end, .again = next},
                  position_of(node)))
    return;
  flow().jump(next, at);
  flow().use(loop_body);
  Reg item = local_register(node->target);
  if (item == kNoReg) {
    item = flow().alloc();
    assign(node->target, {item, true});
    release(mark + 1);
  }
  ++unit_->conditional_depth;
  body(node->body);
  flow().use(next);
  emit(Op::FOR_ITER, item, iter, 0, 0, at).target = loop_body;
  flow().use(flow().new_block());
  pop_frame();
  release(mark);
  body(node->orelse);
  --unit_->conditional_depth;
  flow().use(end);
}

void CodeGenerator::async_for(const AsyncFor* node) {
  int mark = depth();
  Position at = position_of(node->iter);
  Block* start = flow().new_block();
  Block* finished = flow().new_block();
  Block* end = flow().new_block();
  Value source = operand(node->iter);
  release(mark);
  Reg aiter = flow().alloc();
  emit1(Op::GET_AITER, aiter, source, 0, at);
  int outer = flow().handler;
  if (!push_frame({.kind = Frame::async_for_loop, .reg = aiter, .exit = end, .again = start},
                  position_of(node)))
    return;
  flow().use(start);
  flow().handler = add_handler(finished, mark + 1);
  Reg item = flow().alloc();
  Reg awaited = flow().alloc();
  emit(Op::GET_ANEXT, awaited, aiter, 0, 0, at);
  load_none(item, at);
  send_loop(item, at);
  release(mark + 2);
  flow().handler = outer;
  assign(node->target, {item, true});
  release(mark + 1);
  ++unit_->conditional_depth;
  body(node->body);
  flow().jump(start, {});
  pop_frame();
  flow().use(finished);
  Reg exception = flow().alloc();
  emit(Op::END_ASYNC_FOR, 0, aiter, exception, 0, at);
  release(mark);
  body(node->orelse);
  --unit_->conditional_depth;
  flow().use(end);
}

// ---- try ----

void CodeGenerator::try_stmt(const Stmt* node, Seq<Stmt*> statements,
                             Seq<ExceptHandlerBase*> handlers, Seq<Stmt*> orelse,
                             Seq<Stmt*> finalbody, bool star) {
  ++unit_->conditional_depth;
  auto guarded = [&] {
    if (handlers.empty()) {
      body(statements);
    } else if (star) {
      try_star(node, statements, handlers, orelse);
    } else {
      try_except(node, statements, handlers, orelse);
    }
  };
  if (finalbody.empty()) {
    guarded();
    --unit_->conditional_depth;
    return;
  }
  int mark = depth();
  int outer = flow().handler;
  Block* landing = flow().new_block();
  Block* end = flow().new_block();
  Position where = position_of(node);
  emit(Op::NOP, 0, 0, 0, 0, where);
  flow().handler = add_handler(landing, mark);
  if (!push_frame({.kind = Frame::finally_try, .outer_handler = outer, .body = finalbody}, where))
    return;
  guarded();
  pop_frame();
  flow().handler = outer;
  body(finalbody);
  flow().jump(end, {});

  flow().use(landing);
  Reg exception = flow().alloc();
  Reg saved = flow().alloc();
  emit(Op::PUSH_EXC_INFO, saved, exception, 0, 0, {});
  Block* cleanup = flow().new_block();
  flow().handler = add_handler(cleanup, mark + 2);
  if (!push_frame({.kind = Frame::finally_end, .reg = exception, .outer_handler = outer}, where))
    return;
  ++quiet_;
  body(finalbody);
  --quiet_;
  pop_frame();
  emit(Op::RERAISE, 0, exception, 0, dpb::kKillB, {});
  flow().handler = outer;
  cleanup_and_reraise(cleanup, saved);
  release(mark);
  flow().use(end);
  --unit_->conditional_depth;
}

void CodeGenerator::try_except(const Stmt* node, Seq<Stmt*> statements,
                               Seq<ExceptHandlerBase*> handlers, Seq<Stmt*> orelse) {
  int mark = depth();
  int outer = flow().handler;
  Block* landing = flow().new_block();
  Block* end = flow().new_block();
  emit(Op::NOP, 0, 0, 0, 0, position_of(node));
  flow().handler = add_handler(landing, mark);
  if (!push_frame({.kind = Frame::try_except, .outer_handler = outer}, position_of(node))) return;
  body(statements);
  pop_frame();
  flow().handler = outer;
  body(orelse);
  flow().jump(end, {});

  flow().use(landing);
  Reg exception = flow().alloc();
  Reg saved = flow().alloc();
  emit(Op::PUSH_EXC_INFO, saved, exception, 0, 0, {});
  Block* cleanup = flow().new_block();
  int cleanup_handler = add_handler(cleanup, mark + 2);
  flow().handler = cleanup_handler;
  for (uint32_t i = 0; i < handlers.size; ++i) {
    const ExceptHandler* handler = as<ExceptHandler>(handlers[i]);
    Position where = position_of(handler);
    if (handler->type == nullptr && i + 1 < handlers.size)
      return fail(where, "default 'except:' must be last");
    Block* next = flow().new_block();
    if (handler->type != nullptr) {
      int above = depth();
      Value type = operand(handler->type);
      release(above);
      Reg matches = flow().alloc();
      emit(Op::CHECK_EXC_MATCH, matches, exception, type.reg, type.owned ? dpb::kKillC : 0, where);
      release(above);
      branch1(Op::JUMP_IF, {matches, true}, 0, false, next, where);
    }
    Name name = handler->name != nullptr ? names_.of(handler->name) : nullptr;
    Block* raised = flow().new_block();
    if (name != nullptr) {
      store_name(name, {exception, false}, where);
      flow().handler = add_handler(raised, mark + 2);
    } else {
      emit(Op::NOP, 0, 0, 0, 0, where);  // a bare `except:` is a line of its own
    }
    if (!push_frame({.kind = Frame::handler_cleanup,
                     .reg = exception,
                     .outer_handler = outer,
                     .name = name},
                    where))
      return;
    body(handler->body);
    pop_frame();
    flow().handler = outer;
    pop_handled(exception, {});
    if (name != nullptr) unbind(name, {});
    flow().jump(end, {});
    flow().handler = cleanup_handler;
    if (name != nullptr) {
      flow().use(raised);
      int above = depth();
      Reg second = flow().alloc();
      unbind(name, {});
      emit(Op::RERAISE, 0, second, 0, dpb::kKillB, {});
      release(above);
    }
    flow().use(next);
  }
  emit(Op::RERAISE, 0, exception, 0, dpb::kKillB, {});
  flow().handler = outer;
  cleanup_and_reraise(cleanup, saved);
  release(mark);
  flow().use(end);
}

// except*: registers from `mark` on: the exception, what was handled, the list of what the bodies
// raised, the unmatched rest.
void CodeGenerator::try_star(const Stmt* node, Seq<Stmt*> statements,
                             Seq<ExceptHandlerBase*> handlers, Seq<Stmt*> orelse) {
  int mark = depth();
  int outer = flow().handler;
  Block* landing = flow().new_block();
  Block* otherwise = flow().new_block();
  Block* end = flow().new_block();
  emit(Op::NOP, 0, 0, 0, 0, position_of(node));
  flow().handler = add_handler(landing, mark);
  if (!push_frame({.kind = Frame::try_except, .outer_handler = outer}, position_of(node))) return;
  body(statements);
  pop_frame();
  flow().handler = outer;
  flow().jump(otherwise, {});

  flow().use(landing);
  Reg exception = flow().alloc();
  Reg saved = flow().alloc();
  emit(Op::PUSH_EXC_INFO, saved, exception, 0, 0, {});
  Block* cleanup = flow().new_block();
  int cleanup_handler = add_handler(cleanup, mark + 2);
  flow().handler = cleanup_handler;
  Reg raised_list = flow().alloc();
  Reg rest = flow().alloc();
  emit(Op::BUILD_LIST, raised_list, rest, 0, 0, {});
  move(rest, {exception, false}, {});
  int above = depth();
  for (ExceptHandlerBase* base : handlers) {
    const ExceptHandler* handler = as<ExceptHandler>(base);
    Position where = position_of(handler);
    Block* next = flow().new_block();
    Block* no_match = flow().new_block();
    Block* raised = flow().new_block();
    if (handler->type == nullptr) return fail(where, "expected one or more exception types");
    Value type = operand(handler->type);
    release(above);
    Reg match = flow().alloc(2);
    emit(Op::CHECK_EG_MATCH, match, rest, type.reg, dpb::kKillB | (type.owned ? dpb::kKillC : 0),
         where);
    move(rest, {match + 1, true}, where);
    branch1(Op::JUMP_IF_NONE, {match, false}, 0, true, no_match, where);
    Name name = handler->name != nullptr ? names_.of(handler->name) : nullptr;
    if (name != nullptr) {
      store_name(name, {match, true}, where);
    } else {
      clear(match, where);
    }
    release(above);
    flow().handler = add_handler(raised, above);
    if (!push_frame({.kind = Frame::star_handler}, where)) return;
    body(handler->body);
    pop_frame();
    flow().handler = cleanup_handler;
    if (name != nullptr) unbind(name, {});
    flow().jump(next, {});
    flow().use(raised);
    Reg second = flow().alloc();
    if (name != nullptr) unbind(name, {});
    emit1(Op::LIST_APPEND, raised_list, {second, true}, 0, {});
    release(above);
    flow().jump(next, {});
    flow().use(no_match);
    clear(match, where);
    flow().use(next);
  }
  emit1(Op::LIST_APPEND, raised_list, {rest, true}, 0, {});
  release(mark + 2);
  Reg result = flow().alloc();
  emit2(Op::PREP_RERAISE_STAR, result, {exception, true}, {raised_list, true}, {});
  Block* reraise = flow().new_block();
  flow().branch(Op::JUMP_IF_NONE, 0, result, 0, dpb::kSense, reraise, {});
  flow().handler = outer;
  clear(result, {});
  emit(Op::POP_EXCEPT, 0, saved, 0, 0, {});
  flow().jump(end, {});
  flow().use(reraise);
  emit(Op::POP_EXCEPT, 0, saved, 0, 0, {});
  emit(Op::RERAISE, 0, result, 0, dpb::kKillB, {});
  release(mark + 2);
  cleanup_and_reraise(cleanup, saved);
  release(mark);
  flow().use(otherwise);
  body(orelse);
  flow().use(end);
}

// ---- with ----

// __exit__(None, None, None). In place: the window is on top; else it moves above what is.
void CodeGenerator::call_exit(Reg window, bool in_place, bool async, const Position& where) {
  int mark = depth();
  if (!in_place) {
    Reg top = new_window();
    move(top, {window, true}, where);
    move(top + 6, {window + 6, true}, where);
    window = top;
  }
  Reg args = flow().alloc(3);
  for (int i = 0; i < 3; ++i) load_none(args + i, where);
  release(window - kTempBase);
  Reg result = flow().alloc();
  emit_call(Op::CALL_METHOD, result, window, 3, where);
  if (async) await_register(result, 2, where);
  clear(result, where);
  release(in_place ? window - kTempBase : mark);
}

void CodeGenerator::with_stmt(const Stmt* node, Seq<WithItem*> items, uint32_t at,
                              Seq<Stmt*> statements, bool async) {
  if (!diagnostics_.may_descend()) return;
  const WithItem* item = items[at];
  Position where = position_of(item->context_expr);
  int mark = depth();
  int outer = flow().handler;
  Block* landing = flow().new_block();
  Block* end = flow().new_block();
  Reg window = new_window();
  int above = depth();
  Value manager = operand(item->context_expr);
  emit1(Op::LOAD_SPECIAL, window, {manager.reg, false}, async ? 3 : 1, where);
  Reg enter = new_window();
  emit1(Op::LOAD_SPECIAL, enter, manager, async ? 2 : 0, where);
  release(above);
  Reg local =
      item->optional_vars != nullptr && !async ? local_register(item->optional_vars) : kNoReg;
  Reg entered = local != kNoReg ? local : flow().alloc();
  emit_call(Op::CALL_METHOD, entered, enter, 0, where);
  if (async) await_register(entered, 1, where);

  flow().handler = add_handler(landing, above);
  int here = depth();
  release(above);
  if (!push_frame({.kind = async ? Frame::async_with : Frame::with,
                   .reg = window,
                   .outer_handler = outer,
                   .where = where},
                  position_of(node))) {
    return;
  }
  flow().depth = here;
  ++unit_->conditional_depth;
  if (item->optional_vars == nullptr) {
    clear(entered, where);
  } else if (local == kNoReg) {
    assign(item->optional_vars, {entered, true});
  }
  release(above);
  if (at + 1 < items.size) {
    with_stmt(node, items, at + 1, statements, async);
  } else {
    body(statements);
  }
  --unit_->conditional_depth;
  pop_frame();
  flow().handler = outer;
  call_exit(window, true, async, where);
  flow().jump(end, where);

  flow().depth = above;
  flow().use(landing);
  Reg exception = flow().alloc();
  Reg saved = flow().alloc();
  emit(Op::PUSH_EXC_INFO, saved, exception, 0, 0, where);
  Block* cleanup = flow().new_block();
  Block* suppressed = flow().new_block();
  flow().handler = add_handler(cleanup, above + 2);
  Reg top = new_window();
  move(top, {window, true}, where);
  move(top + 6, {window + 6, true}, where);
  emit(Op::WITH_EXCEPT_ARGS, top, exception, 0, 0, where);
  flow().alloc(3);
  release(above + 2);
  Reg answer = flow().alloc();
  emit_call(Op::CALL_METHOD, answer, top, 3, where);
  if (async) await_register(answer, 2, where);
  release(above + 2);
  branch1(Op::JUMP_IF, {answer, true}, 0, true, suppressed, where);
  emit(Op::RERAISE, 0, exception, 0, dpb::kKillB, where);
  flow().handler = outer;
  flow().use(suppressed);
  pop_handled(exception, {});
  flow().jump(end, {});
  cleanup_and_reraise(cleanup, saved);
  release(mark);
  flow().use(end);
}

}  // namespace dx::compiler
