// async_generator, the awaitables its methods give, and anext() with a default.

#include "objects/async_generator.h"

#include "objects/container_support.h"
#include "objects/exception.h"
#include "objects/generic_alias.h"
#include "objects/hooks.h"
#include "objects/traceback.h"
#include "objects/type_internal.h"

namespace dx {

namespace {

using Gen = Borrowed<Generator>;

struct WrappedValue : Object {
  Field<Object> value;
};
enum class StepState : uint32_t { fresh, running, closed };
struct AsyncSend : Object {  // what __anext__() and asend() give
  Field<Generator> generator;
  Field<Object> sent;
  std::atomic<StepState> state;
};
struct AsyncThrow : Object {  // what athrow() and aclose() give
  Field<Generator> generator;
  Field<Object> type, value, traceback;  // type is empty: aclose()
  std::atomic<StepState> state;
};
struct AnextAwaitable : Object {
  Field<Object> awaitable, fallback;
};
TypeHandle wrapped_type, send_type, throw_type, anext_type;

AnyRef none() { return AnyRef::adopt(kNone); }
Any or_none(MaybeAny value) { return value ? *value : Any(kNone); }
Raised raise_plain(Thread& thread, ExceptionId id) {
  AnyResult made = call(thread, Any(Value(exception_types[static_cast<size_t>(id)])), Arguments{});
  if (made.raised()) return Raised{};
  return raise_object(thread, made.take());
}
Raised raise_stop_async(Thread& thread) {
  return raise_plain(thread, ExceptionId::StopAsyncIteration);
}

// The first time a generator is used: sys.set_asyncgen_hooks' functions.
Result<void> run_hooks(Thread& thread, Gen self) {
  if (self->hooks_done.fetch_or(kAsyncHooksDone) & kAsyncHooksDone) return {};
  if (Value finalizer = thread.async_finalizer)
    slot_write(thread, self.get(), self->origin, share(thread, Any(finalizer)));
  if (!thread.async_first_iteration) return {};
  AnyRef hook = share(thread, Any(thread.async_first_iteration));
  AnyRef ignored = TRY(call(thread, hook, {self.value()}));
  return {};
}

Raised raise_running(Thread& thread, const char* method) {
  return raise<RuntimeError>(thread, "{}: asynchronous generator is already running", method);
}

// Resumes the generator, as gen.send() would.
Step resume(Thread& thread, Gen generator, Any sent) {
  if (generator->state.load() == GeneratorState::created && !sent.is_none()) {
    return raise<TypeError>(thread, "can't send non-None value to a just-started async generator");
  }
  Maybe<Ref<Object>> returned;
  Step step = object_hooks.resume_generator(thread, generator, sent, returned);
  if (step.is_done()) return raise_stop_async(thread);
  return step;
}
Step throw_into(Thread& thread, Gen generator, Any type, Any value, Any traceback) {
  Maybe<Ref<Object>> returned;
  Step step = generator_throw(thread, generator, type, value, traceback, returned, false);
  if (step.is_done()) return raise_stop_async(thread);
  return step;
}

// What a resumption means for the awaitable: a wrapped value is its result.
Step unwrap(Thread& thread, Gen generator, Step step, Maybe<Ref<Object>>& returned) {
  if (step.raised()) {
    if (pending_is<StopAsyncIteration>(thread) || pending_is<GeneratorExit>(thread))
      generator->hooks_done.fetch_or(kAsyncClosed);
    generator->running_async.store(0);
    return Raised{};
  }
  AnyRef item = step.take();
  if (type_of(item.value()) != wrapped_type.type) return Step(std::move(item));
  generator->running_async.store(0);
  returned =
      Maybe<Ref<Object>>(share(thread, static_cast<WrappedValue*>(item.get())->value.borrow()));
  return Step::done();
}

// As a method reports a step: an item, or StopIteration with the result.
AnyResult report(Thread& thread, Step step, Maybe<Ref<Object>>& returned) {
  if (step.raised()) return Raised{};
  if (!step.is_done()) return step.take();
  return raise_stop_iteration(thread, returned ? returned.borrow() : Any(kNone));
}
// close() of an awaitable, after GeneratorExit was thrown into it.
AnyResult closed(Thread& thread, AnyResult thrown) {
  if (!thrown.raised()) return raise<RuntimeError>(thread, "coroutine ignored GeneratorExit");
  if (!pending_is<StopIteration>(thread) && !pending_is<StopAsyncIteration>(thread) &&
      !pending_is<GeneratorExit>(thread))
    return Raised{};
  clear_exception(thread);
  return none();
}
Any generator_exit() { return Any(Value(EXCEPTION(GeneratorExit))); }

Result<void> warn_unawaited(Thread& thread, Gen generator, const char* method) {
  Value name = slot_load(thread, generator.get(), generator->qualname);
  AnyRef shown =
      name ? AnyRef::adopt(name) : share(thread, frame_code(generator->base())->qualname.borrow());
  return warn<RuntimeWarning>(thread, 1, "coroutine method '{}' of '{}' was never awaited", method,
                              shown);
}

// ---- __anext__(), asend() -----------------------------------------------------------------------

constexpr const char* kSendReused = "cannot reuse already awaited __anext__()/asend()";

Step send_step(Thread& thread, Borrowed<AsyncSend> self, Any given, Maybe<Ref<Object>>& returned) {
  StepState state = self->state.load();
  if (state == StepState::closed) return raise<RuntimeError>(thread, kSendReused);
  Ref<Generator> generator = Ref<Generator>::share(thread, self->generator.borrow());
  AnyRef sent = share(thread, given);
  if (state == StepState::fresh) {
    if (generator->running_async.exchange(1)) {
      self->state.store(StepState::closed);
      return raise_running(thread, "anext()");
    }
    if (given.is_none()) sent = share(thread, self->sent.borrow());
    self->state.store(StepState::running);
  }
  generator->running_async.store(1);
  Step step = unwrap(thread, generator, resume(thread, generator, sent), returned);
  if (step.raised() || step.is_done()) self->state.store(StepState::closed);
  return step;
}
AnyResult send_send(Thread& thread, Borrowed<AsyncSend> self, Any value) {
  Maybe<Ref<Object>> returned;
  return report(thread, send_step(thread, self, value, returned), returned);
}
Step send_next(Thread& thread, Borrowed<AsyncSend> self) {
  Maybe<Ref<Object>> returned;
  Step step = send_step(thread, self, kNone, returned);
  if (step.is_done()) return raise_stop_iteration(thread, returned.borrow());
  return step;
}
AnyResult send_throw(Thread& thread, Borrowed<AsyncSend> self, Any type, MaybeAny value,
                     MaybeAny traceback) {
  TRY(warn_throw_signature(thread, value, traceback));
  StepState state = self->state.load();
  if (state == StepState::closed) return raise<RuntimeError>(thread, kSendReused);
  Ref<Generator> generator = Ref<Generator>::share(thread, self->generator.borrow());
  if (state == StepState::fresh) {
    if (generator->running_async.exchange(1)) {
      self->state.store(StepState::closed);
      return raise_running(thread, "anext()");
    }
    self->state.store(StepState::running);
  }
  Maybe<Ref<Object>> returned;
  Step step =
      unwrap(thread, generator,
             throw_into(thread, generator, type, or_none(value), or_none(traceback)), returned);
  if (step.raised() || step.is_done()) self->state.store(StepState::closed);
  return report(thread, std::move(step), returned);
}
AnyResult send_close(Thread& thread, Borrowed<AsyncSend> self) {
  if (self->state.load() == StepState::closed) return none();
  return closed(thread, send_throw(thread, self, generator_exit(), MaybeAny(), MaybeAny()));
}
Result<void> send_del(Thread& thread, Any self) {
  auto* step = static_cast<AsyncSend*>(self.object());
  if (step->state.load() != StepState::fresh) return {};
  return warn_unawaited(thread, step->generator.borrow(), "asend");
}

// ---- athrow(), aclose() -------------------------------------------------------------------------

constexpr const char* kThrowReused = "cannot reuse already awaited aclose()/athrow()";

bool is_close(Borrowed<AsyncThrow> self) { return self->type.raw().is_empty(); }
// Ends the awaitable with the pending exception; aclose() takes those that only say the generator
// has ended as success.
AnyResult throw_failed(Thread& thread, Borrowed<AsyncThrow> self, Gen generator) {
  generator->running_async.store(0);
  self->state.store(StepState::closed);
  if (is_close(self) &&
      (pending_is<StopAsyncIteration>(thread) || pending_is<GeneratorExit>(thread))) {
    clear_exception(thread);
    return raise_stop_iteration(thread, kNone);
  }
  return Raised{};
}
// What throwing into (or resuming) the generator gave.
AnyResult throw_outcome(Thread& thread, Borrowed<AsyncThrow> self, Gen generator, Step step) {
  if (!is_close(self)) {
    Maybe<Ref<Object>> returned;
    Step result = unwrap(thread, generator, std::move(step), returned);
    if (result.raised()) return throw_failed(thread, self, generator);
    if (result.is_done()) self->state.store(StepState::closed);
    return report(thread, std::move(result), returned);
  }
  if (step.raised()) return throw_failed(thread, self, generator);
  AnyRef item = step.take();
  if (type_of(item.value()) != wrapped_type.type) return item;
  generator->running_async.store(0);
  self->state.store(StepState::closed);
  return raise<RuntimeError>(thread, "async generator ignored GeneratorExit");
}
// Claims the generator for a fresh awaitable.
Result<void> throw_begin(Thread& thread, Borrowed<AsyncThrow> self, Gen generator) {
  if (generator->running_async.exchange(1)) {
    self->state.store(StepState::closed);
    return raise_running(thread, is_close(self) ? "aclose()" : "athrow()");
  }
  return {};
}

AnyResult throw_send(Thread& thread, Borrowed<AsyncThrow> self, Any sent) {
  StepState state = self->state.load();
  if (state == StepState::closed) return raise<RuntimeError>(thread, kThrowReused);
  Ref<Generator> generator = Ref<Generator>::share(thread, self->generator.borrow());
  if (generator->state.load() == GeneratorState::done) {
    self->state.store(StepState::closed);
    return raise_stop_iteration(thread, kNone);
  }
  if (state == StepState::running)
    return throw_outcome(thread, self, generator, resume(thread, generator, sent));
  TRY(throw_begin(thread, self, generator));
  if (generator->hooks_done.load() & kAsyncClosed) {
    generator->running_async.store(0);
    self->state.store(StepState::closed);
    return raise_stop_async(thread);
  }
  if (!sent.is_none()) {
    generator->running_async.store(0);
    return raise<RuntimeError>(thread, "can't send non-None value to a just-started coroutine");
  }
  self->state.store(StepState::running);
  if (is_close(self)) {
    generator->hooks_done.fetch_or(kAsyncClosed);
    return throw_outcome(thread, self, generator,
                         throw_into(thread, generator, generator_exit(), kNone, kNone));
  }
  return throw_outcome(thread, self, generator,
                       throw_into(thread, generator, self->type.borrow(), self->value.borrow(),
                                  self->traceback.borrow()));
}
Step throw_next(Thread& thread, Borrowed<AsyncThrow> self) {
  AnyRef item = TRY(throw_send(thread, self, kNone));
  return Step(std::move(item));
}
AnyResult throw_throw(Thread& thread, Borrowed<AsyncThrow> self, Any type, MaybeAny value,
                      MaybeAny traceback) {
  TRY(warn_throw_signature(thread, value, traceback));
  StepState state = self->state.load();
  if (state == StepState::closed) return raise<RuntimeError>(thread, kThrowReused);
  Ref<Generator> generator = Ref<Generator>::share(thread, self->generator.borrow());
  if (state == StepState::fresh) {
    TRY(throw_begin(thread, self, generator));
    self->state.store(StepState::running);
  }
  return throw_outcome(thread, self, generator,
                       throw_into(thread, generator, type, or_none(value), or_none(traceback)));
}
AnyResult throw_close(Thread& thread, Borrowed<AsyncThrow> self) {
  if (self->state.load() == StepState::closed) return none();
  return closed(thread, throw_throw(thread, self, generator_exit(), MaybeAny(), MaybeAny()));
}
Result<void> throw_del(Thread& thread, Any self) {
  auto* step = static_cast<AsyncThrow*>(self.object());
  if (step->state.load() != StepState::fresh) return {};
  return warn_unawaited(thread, step->generator.borrow(), step->type.raw() ? "athrow" : "aclose");
}

// ---- async_generator ----------------------------------------------------------------------------

AnyResult send_create(Thread& thread, Gen self, Any value) {
  TRY(run_hooks(thread, self));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(send_type.type)));
  auto* step = static_cast<AsyncSend*>(made.get());
  slot_init(step, step->generator, Ref<Generator>::share(thread, self));
  slot_init(step, step->sent, share(thread, value));
  return made;
}
AnyResult async_generator_anext(Thread& thread, Gen self) {
  return send_create(thread, self, kNone);
}
AnyResult async_generator_asend(Thread& thread, Gen self, Any value) {
  return send_create(thread, self, value);
}
AnyResult throw_create(Thread& thread, Gen self, Value type, Any value, Any traceback) {
  TRY(run_hooks(thread, self));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(throw_type.type)));
  auto* step = static_cast<AsyncThrow*>(made.get());
  slot_init(step, step->generator, Ref<Generator>::share(thread, self));
  if (type) slot_init(step, step->type, share(thread, Any(type)));
  slot_init(step, step->value, share(thread, value));
  slot_init(step, step->traceback, share(thread, traceback));
  return made;
}
AnyResult async_generator_athrow(Thread& thread, Gen self, Any type, MaybeAny value,
                                 MaybeAny traceback) {
  if (value || traceback) {
    TRY(warn<DeprecationWarning>(thread, 1,
                                 "the (type, exc, tb) signature of athrow() is deprecated, use the "
                                 "single-arg signature instead."));
  }
  return throw_create(thread, self, type, or_none(value), or_none(traceback));
}
AnyResult async_generator_aclose(Thread& thread, Gen self) {
  return throw_create(thread, self, Value{}, kNone, kNone);
}

// ---- anext() with a default ---------------------------------------------------------------------

// The iterator `await` would drive, with a __next__ of its own (a coroutine has none).
AnyResult anext_iterator(Thread& thread, Borrowed<AnextAwaitable> self) {
  AnyRef awaitable = share(thread, self->awaitable.borrow());
  bool plain = is_exact(awaitable.value(), SHAPE(generator)) &&
               frame_code(static_cast<Generator*>(awaitable.get())->base())
                   ->has_flag(dpb::kCoIterableCoroutine);
  if (plain) return awaitable;
  auto await = type_of(awaitable.value())->slot<SlotId::await>();
  if (!await)
    return raise<TypeError>(thread, "'{}' object can't be awaited",
                            type_name_in(awaitable.borrow()));
  AnyRef iterator = TRY(await(thread, awaitable));
  if (!is_iterator(iterator))
    return raise<TypeError>(thread, "__await__() returned non-iterator of type '{}'",
                            type_name_in(iterator.borrow()));
  return iterator;
}
// StopAsyncIteration becomes the default, as the awaitable's result.
AnyResult anext_result(Thread& thread, Borrowed<AnextAwaitable> self, AnyResult result) {
  if (!result.raised() || !pending_is<StopAsyncIteration>(thread)) return result;
  clear_exception(thread);
  return raise_stop_iteration(thread, self->fallback.borrow());
}
Step anext_next(Thread& thread, Borrowed<AnextAwaitable> self) {
  AnyRef iterator = TRY(anext_iterator(thread, self));
  Step step = type_of(iterator.value())->slot<SlotId::next>()(thread, iterator);
  if (step.is_done()) return raise_stop_iteration(thread, kNone);
  if (step.raised()) {
    (void)anext_result(thread, self, Raised{});
    return Raised{};
  }
  return step;
}
AnyResult anext_proxy(Thread& thread, Borrowed<AnextAwaitable> self, Borrowed<Str> method,
                      std::initializer_list<Value> arguments) {
  AnyRef iterator = TRY(anext_iterator(thread, self));
  return anext_result(thread, self, call_method(thread, iterator, method, arguments));
}
AnyResult anext_send(Thread& thread, Borrowed<AnextAwaitable> self, Any value) {
  return anext_proxy(thread, self, NAME("send"), {value.value()});
}
AnyResult anext_throw(Thread& thread, Borrowed<AnextAwaitable> self, Any type, MaybeAny value,
                      MaybeAny traceback) {
  if (traceback)
    return anext_proxy(thread, self, NAME("throw"),
                       {type.value(), value.value(), traceback.value()});
  if (value) return anext_proxy(thread, self, NAME("throw"), {type.value(), value.value()});
  return anext_proxy(thread, self, NAME("throw"), {type.value()});
}
AnyResult anext_close(Thread& thread, Borrowed<AnextAwaitable> self) {
  return anext_proxy(thread, self, NAME("close"), {});
}

// ---- the tables ---------------------------------------------------------------------------------

AnyResult itself(Thread& thread, Any self) { return share(thread, self); }

const Layout wrapped_layout{"async_generator_wrapped_value", sizeof(WrappedValue), true,
                            trace_fields<WrappedValue, &WrappedValue::value>, nullptr};
const TypeSpec wrapped_spec{.name = "async_generator_wrapped_value",
                            .flags = kTypeDisallowNew | kTypeImmutable,
                            .layout = &wrapped_layout};

const Layout send_layout{"async_generator_asend", sizeof(AsyncSend), true,
                         trace_fields<AsyncSend, &AsyncSend::generator, &AsyncSend::sent>, nullptr};
const SlotEntry send_slots[] = {slot<SlotId::iter, itself>(), slot<SlotId::await, itself>(),
                                slot<SlotId::next, send_next>(), slot<SlotId::del, send_del>()};
constexpr Method send_methods[] = {method<send_send>("send(value, /)"),
                                   method<send_throw>("throw(type, value=?, traceback=?, /)"),
                                   method<send_close>("close()")};
const TypeSpec send_spec{.name = "async_generator_asend",
                         .flags = kTypeDisallowNew | kTypeImmutable,
                         .layout = &send_layout,
                         .slots = send_slots,
                         .methods = send_methods};

const Layout throw_layout{"async_generator_athrow", sizeof(AsyncThrow), true,
                          trace_fields<AsyncThrow, &AsyncThrow::generator, &AsyncThrow::type,
                                       &AsyncThrow::value, &AsyncThrow::traceback>,
                          nullptr};
const SlotEntry throw_slots[] = {slot<SlotId::iter, itself>(), slot<SlotId::await, itself>(),
                                 slot<SlotId::next, throw_next>(), slot<SlotId::del, throw_del>()};
constexpr Method throw_methods[] = {method<throw_send>("send(value, /)"),
                                    method<throw_throw>("throw(type, value=?, traceback=?, /)"),
                                    method<throw_close>("close()")};
const TypeSpec throw_spec{.name = "async_generator_athrow",
                          .flags = kTypeDisallowNew | kTypeImmutable,
                          .layout = &throw_layout,
                          .slots = throw_slots,
                          .methods = throw_methods};

const Layout anext_layout{
    "anext_awaitable", sizeof(AnextAwaitable), true,
    trace_fields<AnextAwaitable, &AnextAwaitable::awaitable, &AnextAwaitable::fallback>, nullptr};
const SlotEntry anext_slots[] = {slot<SlotId::iter, itself>(), slot<SlotId::await, itself>(),
                                 slot<SlotId::next, anext_next>()};
constexpr Method anext_methods[] = {method<anext_send>("send(value, /)"),
                                    method<anext_throw>("throw(type, value=?, traceback=?, /)"),
                                    method<anext_close>("close()")};
const TypeSpec anext_spec{.name = "anext_awaitable",
                          .flags = kTypeDisallowNew | kTypeImmutable,
                          .layout = &anext_layout,
                          .slots = anext_slots,
                          .methods = anext_methods};

const SlotEntry async_generator_slots[] = {
    slot<SlotId::aiter, itself>(), slot<SlotId::anext, async_generator_anext>(),
    slot<SlotId::repr, generator_repr>(), slot<SlotId::del, generator_del>()};
constexpr Method async_generator_methods[] = {
    method<async_generator_asend>("asend(value, /)", "asend(v) -> send 'v' in generator."),
    method<async_generator_athrow>("athrow(type, value=?, traceback=?, /)",
                                   "raise exception in generator."),
    method<async_generator_aclose>("aclose()", "aclose() -> raise GeneratorExit inside generator."),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
};
bool async_generator_running(Gen self) { return self->running_async.load(); }
const GetSet async_generator_getsets[] = {
    getset<generator_name, generator_set_name>("__name__"),
    getset<generator_qualname, generator_set_qualname>("__qualname__"),
    getter<generator_frame>("ag_frame"),
    getter<async_generator_running>("ag_running"),
    getter<generator_suspended>("ag_suspended"),
    getter<generator_code>("ag_code"),
    getter<generator_yield_from>("ag_await")};

}  // namespace

extern const Layout generator_layout;
const TypeSpec async_generator_spec{.name = "async_generator",
                                    .flags = kTypeDisallowNew | kTypeWeakrefable,
                                    .shape_flags = kShapeGenerator,
                                    .layout = &generator_layout,
                                    .slots = async_generator_slots,
                                    .methods = async_generator_methods,
                                    .getsets = async_generator_getsets};

AnyResult async_generator_wrap(Thread& thread, Any value) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(wrapped_type.type)));
  slot_init(made.get(), static_cast<WrappedValue*>(made.get())->value, share(thread, value));
  return made;
}

bool is_async_generator_step(Any awaitable) { return type_of(awaitable) == send_type.type; }
Step async_generator_step(Thread& thread, Any awaitable, Any sent, Maybe<Ref<Object>>& returned) {
  return send_step(thread, Borrowed<AsyncSend>(awaitable.value()), sent, returned);
}

Result<bool> async_generator_finalize(Thread& thread, Borrowed<Generator> self) {
  Value hook = slot_load(thread, self.get(), self->origin);
  if (!hook) return false;
  AnyRef finalizer = AnyRef::adopt(hook);
  if (self->hooks_done.load() & kAsyncClosed) return false;
  AnyRef ignored = TRY(call(thread, finalizer, {self.value()}));
  return true;
}

AnyResult anext_with_default(Thread& thread, Any awaitable, Any fallback) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(anext_type.type)));
  auto* self = static_cast<AnextAwaitable*>(made.get());
  slot_init(self, self->awaitable, share(thread, awaitable));
  slot_init(self, self->fallback, share(thread, fallback));
  return made;
}

Result<void> async_generators_initialize(Thread& thread) {
  TRY(type_from_spec(thread, wrapped_spec, wrapped_type));
  TRY(type_from_spec(thread, send_spec, send_type));
  TRY(type_from_spec(thread, throw_spec, throw_type));
  return type_from_spec(thread, anext_spec, anext_type);
}

}  // namespace dx
