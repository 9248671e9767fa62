// raise, except, except*.

#include <vector>

#include "interpreter/ops.h"
#include "objects/exception.h"
#include "objects/exception_group.h"
#include "objects/list.h"
#include "objects/traceback.h"
#include "objects/tuple.h"

namespace dx {

namespace {
// An exception instance from what `raise` was given; empty: another error is pending.
Value exception_from(Thread& thread, Any value, const char* error) {
  if (is_exception(value)) {
    incref(thread, value.value());
    return value.value();
  }
  if (is_exception_class(value)) {
    AnyResult made = exception_instance(thread, Borrowed<Type>(value.value()));
    if (made.raised()) return Value{};
    AnyRef exception = made.take();
    if (!is_exception(exception.value())) {
      (void)raise<TypeError>(thread,
                             "calling {} should have returned an instance of BaseException, not {}",
                             value, Any(Value(type_of(exception.value()))));
      return Value{};
    }
    return exception.release();
  }
  (void)raise<TypeError>(thread, "{}", error);
  return Value{};
}
}  // namespace

void op_raise(Thread& thread, Value exception, Value cause, unsigned count) {
  if (count == 0) {
    Value handled = handled_exception(thread.context);
    if (!handled) {
      (void)raise<RuntimeError>(thread, "No active exception to reraise");
      return;
    }
    incref(thread, handled);
    thread.exception = handled;
    return;
  }
  Value raised =
      exception_from(thread, Any(exception), "exceptions must derive from BaseException");
  if (!raised) return;
  auto* object = static_cast<BaseException*>(raised.object());
  if (count == 2) {
    if (cause.is_none()) {
      slot_clear(thread, object, object->cause);
    } else {
      Value reason =
          exception_from(thread, Any(cause), "exception causes must derive from BaseException");
      if (!reason) {
        decref(thread, raised);
        return;
      }
      slot_write(thread, object, object->cause, reason);
    }
    object->suppress_context.store(1, std::memory_order_relaxed);
  }
  // An explicit raise sets the context anew, also of an exception that was raised before.
  Value handled = handled_exception(thread.context);
  if (handled && handled != raised) {
    cut_context_chain(thread, handled, raised);
    incref(thread, handled);
    slot_write(thread, object, object->context, handled);
  }
  thread.exception = raised;
}

namespace {
constexpr const char* kNotExceptionClass =
    "catching classes that do not inherit from BaseException is not allowed";

bool check_catchable(Thread& thread, Any type) {
  if (is_tuple(type)) {
    Borrowed<Tuple> types(type.value());
    for (Word i = 0; i < types->size; ++i) {
      if (is_exception_class(types->item(i))) continue;
      (void)raise<TypeError>(thread, kNotExceptionClass);
      return false;
    }
    return true;
  }
  if (is_exception_class(type)) return true;
  (void)raise<TypeError>(thread, kNotExceptionClass);
  return false;
}
}  // namespace

int op_exception_matches(Thread& thread, Any exception, Any type) {
  Type* actual = type_of(exception);
  if (Value(actual) == type.value()) return 1;
  if (!check_catchable(thread, type)) return -1;
  if (!is_tuple(type)) return is_subtype(actual, static_cast<Type*>(type.object()));
  Borrowed<Tuple> types(type.value());
  for (Word i = 0; i < types->size; ++i) {
    if (is_subtype(actual, static_cast<Type*>(types->item(i).object()))) return 1;
  }
  return 0;
}

bool op_exception_group_match(Thread& thread, Value* matched, Any exception, Any type) {
  if (!check_catchable(thread, type)) return false;
  auto is_group_class = [](Any candidate) {
    return is_subtype(static_cast<Type*>(candidate.object()), EXCEPTION(BaseExceptionGroup));
  };
  bool bad = false;
  if (is_tuple(type)) {
    Borrowed<Tuple> types(type.value());
    for (Word i = 0; i < types->size; ++i) bad |= is_group_class(types->item(i));
  } else {
    bad = is_group_class(type);
  }
  if (bad) {
    (void)raise<TypeError>(
        thread, "catching ExceptionGroup with except* is not allowed. Use except instead.");
    return false;
  }
  Value found = kNone, rest = kNone;
  bool wrapped = false;
  if (!exception_group_split(thread, exception, type, found, rest, wrapped)) return false;
  if (wrapped) {
    // The group that a plain exception is wrapped in is raised here, as far as its traceback tells.
    auto* group = static_cast<BaseException*>(found.object());
    Value* base = thread.context->frame;
    Code* code = frame_code(base);
    auto index = static_cast<uint32_t>(frame_ip(base) - code->instructions);
    Result<Ref<FrameObject>> frame = frame_object(thread, base);
    Result<Ref<Traceback>> entry = Raised{};
    if (!frame.raised()) {
      Ref<FrameObject> owned = frame.take();
      entry = traceback_create(thread, MaybeAny(), owned, index, kLineLater);
    }
    if (entry.raised()) {
      decref(thread, found);
      return false;
    }
    slot_write(thread, group, group->traceback, entry.take());
  }
  if (!found.is_none()) {
    // Inside the body the matched part is the handled exception.
    incref(thread, found);
    Value old = thread.context->handled->exception;
    thread.context->handled->exception = found;
    decref(thread, old);
  }
  Value old[2] = {matched[0], matched[1]};
  matched[0] = found;
  matched[1] = rest;
  decref(thread, old[0]);
  decref(thread, old[1]);
  return true;
}

Value op_prep_reraise_star(Thread& thread, Any original, Any raised) {
  return exception_group_reraise(thread, original, raised).release();
}

}  // namespace dx
