// yield from, await, async for.

#include "interpreter/ops.h"
#include "objects/async_generator.h"
#include "objects/exception.h"
#include "objects/hooks.h"

namespace dx {

namespace {
bool is_coroutine_like(Any value) {
  if (is_exact(value, SHAPE(coroutine))) return true;
  if (!is_exact(value, SHAPE(generator))) return false;
  auto* generator = static_cast<Generator*>(value.object());
  return frame_code(generator->base())->has_flag(dpb::kCoIterableCoroutine);
}

// The iterator `await value` drives.
AnyResult awaitable_iterator(Thread& thread, Any value) {
  if (is_coroutine_like(value)) return share(thread, value);
  auto await = type_of(value)->slot<SlotId::await>();
  if (!await) return raise<TypeError>(thread, "'{}' object can't be awaited", type_name_in(value));
  AnyRef iterator = TRY(await(thread, value));
  if (is_coroutine_like(iterator))
    return raise<TypeError>(thread, "__await__() returned a coroutine");
  if (!is_iterator(iterator))
    return raise<TypeError>(thread, "__await__() returned non-iterator of type '{}'",
                            type_name_in(iterator.borrow()));
  return iterator;
}
}  // namespace

Value op_get_aiter(Thread& thread, Any value) {
  auto aiter = type_of(value)->slot<SlotId::aiter>();
  if (!aiter) {
    (void)raise<TypeError>(thread, "'async for' requires an object with __aiter__ method, got {}",
                           type_name_in(value));
    return Value{};
  }
  AnyResult made = aiter(thread, value);
  if (made.raised()) return Value{};
  AnyRef iterator = made.take();
  if (!type_of(iterator.value())->slot<SlotId::anext>()) {
    (void)raise<TypeError>(
        thread,
        "'async for' received an object from __aiter__ that does not implement __anext__: {}",
        type_name_in(iterator.borrow()));
    return Value{};
  }
  return iterator.release();
}

Value op_get_anext(Thread& thread, Any aiter) {
  auto anext = type_of(aiter)->slot<SlotId::anext>();
  if (!anext) {
    (void)raise<TypeError>(thread, "'async for' requires an iterator with __anext__ method, got {}",
                           type_name_in(aiter));
    return Value{};
  }
  AnyResult made = anext(thread, aiter);
  if (made.raised()) return Value{};
  AnyRef awaitable = made.take();
  if (is_exact(aiter, SHAPE(async_generator))) return awaitable.release();
  AnyResult iterator = awaitable_iterator(thread, awaitable);
  if (!iterator.raised()) return iterator.release();
  if (pending_is<TypeError>(thread)) {
    Maybe<Ref<Object>> cause = take_exception(thread);
    (void)raise<TypeError>(thread, "'async for' received an invalid object from __anext__: {}",
                           type_name_in(awaitable.borrow()));
    if (exception_pending(thread)) {
      auto* exception = static_cast<BaseException*>(thread.exception.object());
      slot_write(thread, exception, exception->cause, cause.release());
    }
  }
  return Value{};
}

Value op_get_awaitable(Thread& thread, Any value, unsigned context) {
  AnyResult iterator = awaitable_iterator(thread, value);
  if (iterator.raised()) {
    if (context && !type_of(value)->slot<SlotId::await>() && pending_is<TypeError>(thread)) {
      clear_exception(thread);
      (void)raise<TypeError>(
          thread, "'async with' received an object from {} that does not implement __await__: {}",
          context == 1 ? "__aenter__" : "__aexit__", type_name_in(value));
    }
    return Value{};
  }
  AnyRef owned = iterator.take();
  if (is_exact(owned.value(), SHAPE(coroutine))) {
    auto* coroutine = static_cast<Generator*>(owned.get());
    if (generator_delegate(thread, coroutine)) {
      (void)raise<RuntimeError>(thread, "coroutine is being awaited already");
      return Value{};
    }
  }
  return owned.release();
}

Value op_get_yield_from_iter(Thread& thread, Any value, bool in_coroutine) {
  if (is_coroutine_like(value)) {
    if (is_exact(value, SHAPE(coroutine)) && !in_coroutine) {
      (void)raise<TypeError>(thread,
                             "cannot 'yield from' a coroutine object in a non-coroutine generator");
      return Value{};
    }
    return share(thread, value).release();
  }
  if (is_exact(value, SHAPE(generator))) return share(thread, value).release();
  return get_iter(thread, value).release();
}

Value op_send(Thread& thread, Any iter, Any value, Value* returned) {
  if (is_exact(iter, SHAPE(generator)) || is_exact(iter, SHAPE(coroutine))) {
    auto* generator = static_cast<Generator*>(iter.object());
    if (generator->state.load() == GeneratorState::created && !value.is_none()) {
      (void)raise<TypeError>(thread, "can't send non-None value to a just-started {}",
                             is_exact(iter, SHAPE(coroutine)) ? "coroutine" : "generator");
      return Value{};
    }
    if (generator->state.load() == GeneratorState::done && is_exact(iter, SHAPE(coroutine))) {
      (void)raise<RuntimeError>(thread, "cannot reuse already awaited coroutine");
      return Value{};
    }
    Maybe<Ref<Object>> result;
    Step step =
        object_hooks.resume_generator(thread, Borrowed<Generator>(generator), value, result);
    if (step.raised()) return Value{};
    if (!step.is_done()) return step.release();
    *returned = result.release();
    return kExhausted;
  }
  if (is_async_generator_step(iter)) {
    Maybe<Ref<Object>> result;
    Step step = async_generator_step(thread, iter, value, result);
    if (!step.raised() && !step.is_done()) return step.release();
    if (step.is_done()) {
      *returned = result.release();
      return kExhausted;
    }
    return Value{};
  }
  auto next = type_of(iter)->slot<SlotId::next>();
  if (value.is_none() && next) {
    Step step = next(thread, iter);
    if (!step.raised() && !step.is_done()) return step.release();
    if (step.is_done()) {
      *returned = kNone;
      return kExhausted;
    }
  } else {
    AnyResult item = call_method(thread, iter, NAME("send"), {value.value()});
    if (!item.raised()) return item.release();
  }
  if (!pending_is<StopIteration>(thread)) return Value{};
  *returned = take_stop_iteration_value(thread).release();
  return kExhausted;
}

Value op_cleanup_throw(Thread& thread, Any exception) {
  if (is_subtype(type_of(exception), EXCEPTION(StopIteration))) {
    return exception_field_get(thread, exception, exception_field::stop_iteration_value).release();
  }
  incref(thread, exception.value());
  thread.exception = exception.value();
  return Value{};
}

bool op_end_async_for(Thread& thread, Any exception) {
  if (is_subtype(type_of(exception), EXCEPTION(StopAsyncIteration))) return true;
  incref(thread, exception.value());
  thread.exception = exception.value();
  return false;
}

Value op_async_gen_wrap(Thread& thread, Any value) {
  return async_generator_wrap(thread, value).release();
}

}  // namespace dx
