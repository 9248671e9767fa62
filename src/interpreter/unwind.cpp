// Leaving frames: by an exception (traceback entry, handler search, releasing temporaries) or for
// good.

#include "interpreter/observe.h"
#include "interpreter/ops.h"
#include "memory/heap.h"
#include "objects/exception.h"
#include "objects/traceback.h"

namespace dx {

void cut_context_chain(Thread& thread, Value handled, Value exception) {
  // A chain may run in a circle of its own: `slow` goes half as fast and is met there.
  Value slow = handled;
  bool odd = false;
  for (Value at = handled; at.is_object(); odd = !odd) {
    auto* link = static_cast<BaseException*>(at.object());
    Value next = link->context.raw();
    if (next == exception) {
      slot_clear(thread, link, link->context);
      return;
    }
    at = next;
    if (odd) slow = static_cast<BaseException*>(slow.object())->context.raw();
    if (at == slow) return;
  }
}

void set_exception_context(Thread& thread, Any exception) {
  Value handled = handled_exception(thread.context);
  if (!handled || handled == exception.value()) return;
  auto* raised = static_cast<BaseException*>(exception.object());
  if (raised->context.raw() || raised->traceback.raw()) return;
  cut_context_chain(thread, handled, exception.value());
  incref(thread, handled);
  slot_write(thread, raised, raised->context, handled);
}

const dpb::Instruction* unwind(Thread& thread, Value* base, Code* code,
                               const dpb::Instruction* ip) {
  uint32_t index = static_cast<uint32_t>(ip - code->instructions);
  Value pending = thread.exception;
  thread.exception = Value{};
  // `raise` alone raises nothing new, unless it failed.
  auto op = static_cast<dpb::Op>(ip->op);
  bool reraised = op == dpb::Op::RERAISE || op == dpb::Op::CLEANUP_THROW ||
                  op == dpb::Op::END_ASYNC_FOR ||
                  (op == dpb::Op::RAISE_VARARGS && (ip->aux >> 4 & 3) == 0 &&
                   pending == handled_exception(thread.context));
  // The traceback entry. When memory is too short for one, the exception goes on without it.
  {
    auto* exception = static_cast<BaseException*>(pending.object());
    if (!reraised) {
      Result<Ref<FrameObject>> frame = frame_object(thread, base);
      if (!frame.raised()) {
        Ref<FrameObject> owned = frame.take();
        Value next = slot_load(thread, exception, exception->traceback);
        Result<Ref<Traceback>> entry =
            traceback_create(thread, MaybeAny(next), owned, index, kLineLater);
        decref(thread, next);
        if (!entry.raised()) slot_write(thread, exception, exception->traceback, entry.take());
      }
      if (exception_pending(thread)) clear_exception(thread);
    }
  }
  bool observed = __builtin_expect(thread.observed.load(std::memory_order_relaxed), 0);
  if (observed) {
    pending = observe_exception(thread, base, code, index, reraised ? Event::reraise : Event::raise,
                                pending);
  }
  const dpb::ExceptionEntry* entry = code->view().handler_of(index);
  if (!entry) {
    if (observed) pending = observe_exception(thread, base, code, index, Event::py_unwind, pending);
    thread.exception = pending;
    return nullptr;
  }
  if (observed)
    pending =
        observe_exception(thread, base, code, entry->handler, Event::exception_handled, pending);
  Value* bottom = base + code->local_count + entry->depth;
  for (Value* at = base + code->register_count; at != bottom;) {
    Value old = *--at;
    if (old.is_object()) {
      *at = Value{};
      decref(thread, old.object());
    }
  }
  *bottom = pending;
  return code->instructions + entry->handler;
}

void frame_leave(Thread& thread, Value* base, Code* code) {
  Value pending = thread.exception;
  thread.exception = Value{};
  for (Value* at = base + code->register_count; at != base + code->local_count;) {
    Value old = *--at;
    if (old.is_object()) {
      *at = Value{};
      decref(thread, old.object());
    }
  }
  frame_release(thread, base, code);
  Value function = base[-3];
  base[-3] = Value{};
  decref(thread, function);
  thread.exception = pending;
}

// Everyone from the innermost, which is about to yield, outwards to one that is chained already or
// whose caller does not just hand on what it gets.
bool chain_extend(Thread& thread, Generator* innermost) {
  auto fits = [&](Generator* generator) {
    return is_mine(thread, generator) && !generator->base()[-4] &&
           generator->state.load(std::memory_order_relaxed) == GeneratorState::running &&
           (is_exact(Value(generator), SHAPE(generator)) ||
            is_exact(Value(generator), SHAPE(coroutine)));
  };
  Generator* outer = innermost;
  uint32_t count = 0;
  while (fits(outer)) {
    uint64_t link = outer->base()[-2].bits;
    Value* caller = frame_caller(outer->base());
    const dpb::Instruction* ip = link & kFrameEntry ? nullptr : frame_ip(caller);
    bool ends = !ip || !hands_on(ip);
    if (ends && (count == 0 || outer->has_flag(kFlagFinalized))) return false;
    Generator* root = outer;
    if (!ends) {
      ++count;
      outer = generator_of_base(caller);
      if (outer->state.load(std::memory_order_relaxed) != GeneratorState::chained) continue;
      root = outer->chain;
      if (!is_mine(thread, outer) || !is_mine(thread, root)) break;
    }
    Generator* end = ends ? root : outer;
    for (Generator* at = innermost; at != end;) {
      at->chain = root;
      at->state.store(GeneratorState::chained, std::memory_order_relaxed);
      at = generator_of_base(frame_caller(at->base()));
    }
    root->chain = innermost;
    root->chain_length += count;
    return true;
  }
  generator_settle(thread, outer);
  return false;
}

void generator_finish(Thread& thread, Generator* generator) {
  generator_settle(thread, generator);
  Value* base = generator->base();
  Code* code = frame_code(base);
  thread.context->handled = generator->handled.previous;
  generator->handled.previous = nullptr;
  Value handled = generator->handled.exception;
  generator->handled.exception = Value{};
  Value pending = thread.exception;
  thread.exception = Value{};
  decref(thread, handled);
  base[-2].bits = 1;
  Value* bottom = base[-4] ? base + code->local_count : base;
  for (Value* at = base + code->register_count; at != bottom;) {
    Value old = *--at;
    if (!is_counted(old)) continue;
    *at = Value{};
    decref(thread, old.object());
  }
  if (base[-4]) frame_release(thread, base, code);
  generator->state.store(GeneratorState::done, std::memory_order_release);
  // Its death has nothing to run any more.
  if (is_mine(thread, generator) && !is_exact(Value(generator), SHAPE(async_generator))) {
    generator->flags.store(generator->flags.load(std::memory_order_relaxed) | kFlagFinalized,
                           std::memory_order_relaxed);
  }
  thread.exception = pending;
}

void generator_ended(Thread& thread, Value iterator) {
  auto* generator = static_cast<Generator*>(iterator.object());
  Value* base = generator->base();
  const uint64_t held =
      generator->name.raw_relaxed().bits | generator->qualname.raw_relaxed().bits |
      generator->origin.raw_relaxed().bits | generator->handled.exception.bits | base[-4].bits;
  if (__builtin_expect(strong_load(generator) != 1 || weak_load(generator) != kWeakOne ||
                           !is_mine(thread, generator) || held ||
                           generator->has_flag(kFlagHasWeakrefs) ||
                           !generator->has_flag(kFlagFinalized) ||
                           generator->state.load(std::memory_order_relaxed) != GeneratorState::done,
                       0))
    return decref(thread, generator);
  Value function = base[-3];
  strong_store(generator, 0);
  free_object(thread, generator);
  decref(thread, function);
}

}  // namespace dx
