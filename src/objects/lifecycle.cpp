#include "objects/lifecycle.h"

#include "memory/hooks.h"
#include "objects/errors.h"
#include "objects/protocol.h"
#include "objects/type.h"

namespace dx {
namespace {

void call_finalizer(Thread& thread, Object* object) {
  Type* type = type_of(Value(object));
  slot_function::Del finalizer = type->slot<SlotId::del>();
  if (!finalizer || !finalizer(thread, Any(Value(object))).raised()) return;
  AnyRef pending = take_exception(thread).take();
  Maybe<Ref<Object>> method = type_lookup(thread, type, NAME("__del__"));
  thread.exception = pending.release();
  report_unraisable(thread, "Exception ignored while calling deallocator",
                    method ? MaybeAny(method.value()) : MaybeAny());
}

void call_weakref_callback(Thread& thread, Object* reference, Value callback) {
  AnyResult result = call(thread, Any(callback), {Value(reference)});
  if (result.raised())
    report_unraisable(thread, "Exception ignored while calling weakref callback",
                      MaybeAny(callback));
}

}  // namespace

void lifecycle_initialize() {
  memory_hooks.call_finalizer = call_finalizer;
  memory_hooks.call_weakref_callback = call_weakref_callback;
}

}  // namespace dx
