// INTRINSIC_1 and INTRINSIC_2: rare operations that are calls in disguise.

#include "interpreter/ops.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/typing.h"

namespace dx {

namespace {
Value print_expression(Thread& thread, Any value) {
  Result<Ref<Dict>> sys = sys_dict(thread);
  if (sys.raised()) return Value{};
  AnyLookup hook = dict_get_str(thread, sys.take(), NAME("displayhook"));
  if (hook.raised()) return Value{};
  if (hook.is_absent()) {
    (void)raise<RuntimeError>(thread, "lost sys.displayhook");
    return Value{};
  }
  return call(thread, hook.borrow(), {value.value()}).release();
}

// A StopIteration that escapes from a generator's body becomes RuntimeError.
Value stop_iteration_error(Thread& thread, Value* base, Any exception) {
  Code* code = frame_code(base);
  bool async = code->has_flag(dpb::kCoAsyncGenerator);
  const char* kind = async                               ? "async generator"
                     : code->has_flag(dpb::kCoCoroutine) ? "coroutine"
                                                         : "generator";
  const char* what = nullptr;
  if (is_subtype(type_of(exception), EXCEPTION(StopIteration)))
    what = "StopIteration";
  else if (async && is_subtype(type_of(exception), EXCEPTION(StopAsyncIteration)))
    what = "StopAsyncIteration";
  if (!what) {
    incref(thread, exception.value());
    return exception.value();
  }
  const FormatArgument parts[] = {FormatArgument(kind), FormatArgument(what)};
  AnyResult text = format_text(thread, "{} raised {}", parts, 2);
  if (text.raised()) return Value{};
  AnyRef message = text.take();
  AnyResult made = call(thread, Any(Value(EXCEPTION(RuntimeError))), {message.value()});
  if (made.raised()) return Value{};
  AnyRef error = made.take();
  auto* object = static_cast<BaseException*>(error.get());
  slot_write(thread, object, object->cause, share(thread, exception));
  slot_write(thread, object, object->context, share(thread, exception));
  object->suppress_context.store(1);
  return error.release();
}
}  // namespace

Value op_intrinsic_1(Thread& thread, Value* base, unsigned which, Any value) {
  switch (which) {
    case 1: return print_expression(thread, value);
    case 2: return op_import_star(thread, base, value) ? kNone : Value{};
    case 3:
      return stop_iteration_error(thread, base,
                                  value);  // RERAISE follows, which adds no traceback entry
    case 4: return typevar_create(thread, value, MaybeAny(), MaybeAny()).release();
    case 5: return paramspec_create(thread, value).release();
    case 6: return typevartuple_create(thread, value).release();
    case 7: return generic_subscript(thread, value).release();
    case 8: return type_alias_create(thread, value).release();
    case 9: {
      AnyLookup known = dict_get_str(thread, Borrowed<Dict>(base[0]), NAME("__annotations__"));
      if (known.raised()) return Value{};
      if (known.found()) return kNone;
      Result<Ref<Dict>> made = dict_create(thread);
      if (made.raised()) return Value{};
      Ref<Dict> annotations = made.take();
      return dict_set_str(thread, Borrowed<Dict>(base[0]), NAME("__annotations__"),
                          annotations.borrow())
                     .raised()
                 ? Value{}
                 : kNone;
    }
    default: (void)raise<SystemError>(thread, "unknown intrinsic {}", which); return Value{};
  }
}

Value op_intrinsic_2(Thread& thread, unsigned which, Any left, Any right) {
  switch (which) {
    case 1: return typevar_create(thread, left, MaybeAny(right.value()), MaybeAny()).release();
    case 2: return typevar_create(thread, left, MaybeAny(), MaybeAny(right.value())).release();
    case 3: {
      auto* function = static_cast<Function*>(left.object());
      slot_write(thread, function, function->type_params, share(thread, right));
      return share(thread, left).release();
    }
    case 4: return type_parameter_default(thread, left, right).release();
    default: (void)raise<SystemError>(thread, "unknown intrinsic {}", which); return Value{};
  }
}

}  // namespace dx
