// generator and coroutine (async generators: async_generator.cpp).

#include "objects/audit.h"
#include "objects/generator.h"

#include <cstdio>

#include "memory/safepoint.h"
#include "objects/async_generator.h"
#include "objects/exception.h"
#include "objects/generic_alias.h"
#include "objects/hooks.h"
#include "objects/module.h"
#include "objects/traceback.h"
#include "objects/type_internal.h"

namespace dx {

// Plainly: only this thread can reach the chain, or every other one stands still.
static void settle_alone(Generator* generator) {
  GeneratorState state = generator->state.load(std::memory_order_relaxed);
  if (state < GeneratorState::chain_root) return;
  Generator* root = state == GeneratorState::chained ? generator->chain : generator;
  bool runs = root->state.load(std::memory_order_relaxed) == GeneratorState::running;
  Value* top = root->chain->stack_top;
  for (Generator* at = root->chain; at != root;) {
    Generator* outer = generator_of_base(frame_caller(at->base()));
    if (runs) {
      at->stack_top = top;
    } else {
      at->base()[-2].bits = 1;
      // It stands at the SEND; by itself it stops at the YIELD_VALUE behind it.
      frame_save_ip(outer->base(), frame_ip(outer->base()) + 1);
    }
    at->state.store(runs ? GeneratorState::running : GeneratorState::suspended,
                    std::memory_order_release);
    at = outer;
  }
  root->chain_length = 0;
  if (runs) {
    root->stack_top = top;
  } else {
    root->state.store(GeneratorState::suspended, std::memory_order_release);
  }
}
void generator_settle_slow(Thread& thread, Generator* generator) {
  if (!threads_are_shared()) return settle_alone(generator);
  StopAll stopped(thread);
  settle_alone(generator);
}

Value generator_delegate(Thread& thread, Generator* generator) {
  generator_settle(thread, generator);
  if (generator->state.load(std::memory_order_acquire) != GeneratorState::suspended) return Value{};
  const dpb::Instruction* ip = frame_ip(generator->base());
  if (static_cast<dpb::Op>(ip->op) != dpb::Op::YIELD_VALUE || !(ip->aux & 16)) return Value{};
  return generator->base()[ip->c];
}

Step generator_drain(Thread& thread, Borrowed<Generator> generator, ItemSink& sink) {
  if (generator->state.load(std::memory_order_acquire) == GeneratorState::done) return Step::done();
  Maybe<Ref<Object>> returned;
  Step step = object_hooks.drain_generator(thread, generator, sink, returned);
  if (__builtin_expect(step.raised(), 0) && pending_is<StopIteration>(thread)) {
    clear_exception(thread);
    return Step::done();
  }
  return step;
}

namespace {

AnyRef load_or_none(Thread& thread, Object* container, const Slot& slot) {
  Value value = slot_load(thread, container, slot);
  return AnyRef::adopt(value ? value : kNone);
}
const char* kind_name(Borrowed<Generator> self) {
  if (is_exact(self, SHAPE(coroutine))) return "coroutine";
  if (is_exact(self, SHAPE(async_generator))) return "async generator";
  return "generator";
}

// What a resumption gave, as send() and throw() report it: an item, or StopIteration.
AnyResult step_result(Thread& thread, Step step, Maybe<Ref<Object>>& returned) {
  if (step.raised()) return Raised{};
  if (!step.is_done()) return step.take();
  Any value = returned ? returned.borrow() : Any(kNone);
  return raise_stop_iteration(thread, value);
}

Result<void> check_reusable(Thread& thread, Borrowed<Generator> self) {
  if (is_exact(self, SHAPE(coroutine)) && self->state.load() == GeneratorState::done) {
    return raise<RuntimeError>(thread, "cannot reuse already awaited coroutine");
  }
  return {};
}

Step generator_next(Thread& thread, Borrowed<Generator> self) {
  Maybe<Ref<Object>> returned;
  if (self->state.load(std::memory_order_acquire) == GeneratorState::done) return Step::done();
  Step step = object_hooks.resume_generator(thread, self, kNone, returned);
  if (step.is_done() && returned && !returned.value().is_none())
    return raise_stop_iteration(thread, returned.borrow());
  return step;
}

AnyResult generator_send(Thread& thread, Borrowed<Generator> self, Any value) {
  TRY(check_reusable(thread, self));
  if (self->state.load() == GeneratorState::created && !value.is_none()) {
    return raise<TypeError>(thread, "can't send non-None value to a just-started {}",
                            kind_name(self));
  }
  Maybe<Ref<Object>> returned;
  Step step = object_hooks.resume_generator(thread, self, value, returned);
  return step_result(thread, std::move(step), returned);
}

AnyResult close_iterator(Thread& thread, Any iterator) {
  AnyLookup method = lookup_attr(thread, iterator, NAME("close"));
  if (method.raised()) return Raised{};
  if (method.is_absent()) return AnyRef::adopt(kNone);
  return call(thread, method.borrow(), {});
}

// The delegate as an owned reference; the generator counts as running while it is called.
AnyRef delegate_of(Thread& thread, Borrowed<Generator> self) {
  Value value = generator_delegate(thread, self.get());
  incref(thread, value);
  return AnyRef::adopt(value);
}

// While it lives, the generator counts as running: its delegate is closed.
class MarkRunning {
 public:
  explicit MarkRunning(Generator* generator) : generator_(generator) {
    GeneratorState expected = GeneratorState::suspended;
    marked_ = generator->state.compare_exchange_strong(expected, GeneratorState::running);
  }
  ~MarkRunning() {
    if (marked_) generator_->state.store(GeneratorState::suspended, std::memory_order_release);
  }
  MarkRunning(const MarkRunning&) = delete;
  bool marked() const { return marked_; }

 private:
  Generator* generator_;
  bool marked_;
};

// While it lives, the generator is the running frame: what its delegate runs has it for a caller.
class EnterGenerator {
 public:
  EnterGenerator(Thread& thread, Borrowed<Generator> generator)
      : thread_(thread),
        generator_(generator),
        entered_(object_hooks.enter_generator(thread, generator)) {}
  ~EnterGenerator() {
    if (entered_) object_hooks.leave_generator(thread_, generator_);
  }
  EnterGenerator(const EnterGenerator&) = delete;
  bool entered() const { return entered_; }

 private:
  Thread& thread_;
  Borrowed<Generator> generator_;
  bool entered_;
};

// Puts what throw() was given on the thread as the pending exception. False: another error is
// pending.
bool set_thrown(Thread& thread, Any type, Any value, Any traceback) {
  if (!traceback.is_none() && !is_exact(traceback, SHAPE(traceback))) {
    (void)raise<TypeError>(thread, "throw() third argument must be a traceback object");
    return false;
  }
  Value exception;
  if (is_exception_class(type)) {
    AnyResult made = Raised{};
    if (is_exception(value) && is_subtype(type_of(value), static_cast<Type*>(type.object())))
      made = share(thread, value);
    else if (value.is_none())
      made = call(thread, type, Arguments{});
    else if (is_tuple(value))
      made = call_with(thread, type, Borrowed<Tuple>(value.value()), Maybe<Borrowed<Dict>>());
    else
      made = call(thread, type, {value.value()});
    if (made.raised()) return true;  // what its constructor raises is thrown instead
    AnyRef owned = made.take();
    if (!is_exception(owned.value())) {
      (void)raise<TypeError>(thread,
                             "calling {} should have returned an instance of BaseException, not {}",
                             type, type_name_in(owned));
      return true;
    }
    exception = owned.release();
  } else if (is_exception(type)) {
    if (!value.is_none()) {
      (void)raise<TypeError>(thread, "instance exception may not have a separate value");
      return false;
    }
    incref(thread, type.value());
    exception = type.value();
  } else {
    (void)raise<TypeError>(
        thread, "exceptions must be classes or instances deriving from BaseException, not {}",
        type_name_in(type));
    return false;
  }
  if (!traceback.is_none()) {
    auto* object = static_cast<BaseException*>(exception.object());
    slot_write(thread, object, object->traceback, share(thread, traceback));
  }
  thread.exception = exception;
  return true;
}

}  // namespace

Step generator_throw(Thread& thread, Borrowed<Generator> self, Any type, Any value, Any traceback,
                     Maybe<Ref<Object>>& returned, bool close_delegate) {
  AnyRef delegate = delegate_of(thread, self);
  if (delegate.value()) {
    bool exits = (is_type(type) &&
                  is_subtype(static_cast<Type*>(type.object()), EXCEPTION(GeneratorExit))) ||
                 (is_exception(type) && is_subtype(type_of(type), EXCEPTION(GeneratorExit)));
    AnyResult inner = AnyRef::adopt(kNone);
    bool thrown = false;
    if (exits && close_delegate) {
      MarkRunning running(self.get());
      if (!running.marked())
        return raise<ValueError>(thread, "{} already executing", kind_name(self));
      inner = close_iterator(thread, delegate);
    } else {
      EnterGenerator running(thread, self);
      if (!running.entered()) return Raised{};
      if (is_exact(delegate.value(), SHAPE(generator)) ||
          is_exact(delegate.value(), SHAPE(coroutine))) {
        Maybe<Ref<Object>> inner_returned;
        Step step = generator_throw(thread, Borrowed<Generator>(delegate.value()), type, value,
                                    traceback, inner_returned, close_delegate);
        inner = step_result(thread, std::move(step), inner_returned);
        thrown = true;
      } else {
        AnyLookup method = lookup_attr(thread, delegate, NAME("throw"));
        if (method.raised()) return Raised{};
        if (method.found()) {
          if (value.is_none() && traceback.is_none())
            inner = call(thread, method.borrow(), {type.value()});
          else if (traceback.is_none())
            inner = call(thread, method.borrow(), {type.value(), value.value()});
          else
            inner = call(thread, method.borrow(), {type.value(), value.value(), traceback.value()});
          thrown = true;
        }
      }
    }
    if (thrown && !inner.raised()) return Step(inner.take());
    if (inner.raised())
      return object_hooks.throw_generator(thread, self, returned);  // CLEANUP_THROW sorts it out
  }
  if (!set_thrown(thread, type, value, traceback)) return Raised{};
  return object_hooks.throw_generator(thread, self, returned);
}

// Whether a suspended generator has code to run when it is closed: an except, finally or with
// around its yield. What every generator has around its whole body (StopIteration becomes
// RuntimeError) lets GeneratorExit pass.
static bool would_notice_close(Generator* generator) {
  Code* code = frame_code(generator->base());
  const dpb::ExceptionEntry* entry = code->view().handler_of(
      static_cast<uint32_t>(frame_ip(generator->base()) - code->instructions));
  if (!entry) return false;
  const dpb::Instruction& first = code->instructions[entry->handler];
  return !(static_cast<dpb::Op>(first.op) == dpb::Op::INTRINSIC_1 && first.c == 3);
}

// Ends a generator that runs no code of its own any more: what its frame holds goes, as when a
// frame is left.
static AnyResult end_unfinished(Thread& thread, Borrowed<Generator> self, GeneratorState state) {
  if (!self->state.compare_exchange_strong(state, GeneratorState::running))
    return raise<ValueError>(thread, "{} already executing", kind_name(self));
  Value* base = self->base();
  Code* code = frame_code(base);
  for (size_t i = self->register_count; i-- > code->local_count;) {
    Value old = base[i];
    base[i] = Value{};
    decref(thread, old);
  }
  frame_release(thread, base, code);
  self->state.store(GeneratorState::done, std::memory_order_release);
  return AnyRef::adopt(kNone);
}

AnyResult generator_close(Thread& thread, Borrowed<Generator> self) {
  generator_settle(thread, self.get());
  GeneratorState state = self->state.load(std::memory_order_acquire);
  if (state == GeneratorState::done) return AnyRef::adopt(kNone);
  if (state == GeneratorState::created) {
    return end_unfinished(thread, self, state);
  }
  bool observed = thread.observed.load(std::memory_order_relaxed) && !thread.observing;
  if (!observed && !would_notice_close(self.get())) return end_unfinished(thread, self, state);
  Maybe<Ref<Object>> returned;
  AnyRef delegate = delegate_of(thread, self);
  Step step = Step::done();
  bool failed = false;
  if (delegate.value()) {
    MarkRunning running(self.get());
    if (!running.marked())
      return raise<ValueError>(thread, "{} already executing", kind_name(self));
    failed = close_iterator(thread, delegate).raised();
  }
  if (!failed) {
    AnyResult made = call(thread, Any(Value(EXCEPTION(GeneratorExit))), Arguments{});
    if (made.raised()) return Raised{};
    (void)raise_object(thread, made.take());
  }
  step = object_hooks.throw_generator(thread, self, returned);
  if (step.is_done()) return returned ? returned.take() : AnyRef::adopt(kNone);
  if (step.raised()) {
    if (!pending_is<GeneratorExit>(thread) && !pending_is<StopIteration>(thread)) return Raised{};
    clear_exception(thread);
    return AnyRef::adopt(kNone);
  }
  return raise<RuntimeError>(thread, "{} ignored GeneratorExit", kind_name(self));
}

namespace {

AnyResult generator_throw_method(Thread& thread, Borrowed<Generator> self, Any type, MaybeAny value,
                                 MaybeAny traceback) {
  TRY(warn_throw_signature(thread, value, traceback));
  TRY(check_reusable(thread, self));
  Maybe<Ref<Object>> returned;
  Step step = generator_throw(thread, self, type, value ? *value : Any(kNone),
                              traceback ? *traceback : Any(kNone), returned, true);
  return step_result(thread, std::move(step), returned);
}

}  // namespace

Result<void> warn_throw_signature(Thread& thread, MaybeAny value, MaybeAny traceback) {
  if (!value && !traceback) return {};
  return warn<DeprecationWarning>(thread, 1,
                                  "the (type, exc, tb) signature of throw() is deprecated, use the "
                                  "single-arg signature instead.");
}

namespace {
// Through the warnings module, which can show where the coroutine was made.
void warn_unawaited_coroutine(Thread& thread, Borrowed<Generator> self) {
  auto attempt = [&]() -> Result<void> {
    AnyLookup module = lookup_loaded_module(thread, Any(Value(NAME("warnings"))));
    if (module.raised()) return Raised{};
    AnyLookup function =
        module.found() ? lookup_attr(thread, module.borrow(), NAME("_warn_unawaited_coroutine"))
                       : AnyLookup::absent();
    if (function.raised()) return Raised{};
    if (function.found()) {
      AnyRef ignored = TRY(call(thread, function.borrow(), {self.value()}));
      return {};
    }
    AnyRef name = load_or_none(thread, self.get(), self->qualname);
    if (!is_str(name.value())) name = share(thread, frame_code(self->base())->qualname.borrow());
    return warn<RuntimeWarning>(thread, 1, "coroutine '{}' was never awaited", name);
  };
  if (attempt().raised())
    report_unraisable(thread, "Exception ignored while finalizing coroutine",
                      MaybeAny(self.value()));
}
}  // namespace

// A suspended generator that nobody can reach any more runs its finally blocks.
Result<void> generator_del(Thread& thread, Any self) {
  Borrowed<Generator> generator(self.value());
  generator_settle(thread, generator.get());
  GeneratorState state = generator->state.load(std::memory_order_acquire);
  if (state == GeneratorState::done) return {};
  if (is_exact(self, SHAPE(async_generator)) && TRY(async_generator_finalize(thread, generator)))
    return {};
  if (state == GeneratorState::created) {
    if (is_exact(self, SHAPE(coroutine))) {
      warn_unawaited_coroutine(thread, generator);
    }
  }
  if (state == GeneratorState::created || !would_notice_close(generator.get())) {
    // Its registers are dropped with its other references: a long chain of generators is freed
    // without recursion. A frame object that somebody holds takes them over.
    if (generator->base()[-4]) (void)TRY(end_unfinished(thread, generator, state));
    return {};
  }
  AnyResult closed = generator_close(thread, generator);
  if (closed.raised())
    report_unraisable(thread, "Exception ignored while closing generator", MaybeAny(self.value()));
  return {};
}

AnyResult generator_name(Thread& thread, Borrowed<Generator> self) {
  Value value = slot_load(thread, self.get(), self->name);
  if (value) return AnyRef::adopt(value);
  return load_or_none(thread, frame_function(self->base()), frame_function(self->base())->name);
}
AnyResult generator_qualname(Thread& thread, Borrowed<Generator> self) {
  Value value = slot_load(thread, self.get(), self->qualname);
  if (value) return AnyRef::adopt(value);
  return load_or_none(thread, frame_function(self->base()), frame_function(self->base())->qualname);
}
Result<void> generator_set_name(Thread& thread, Borrowed<Generator> self, MaybeAny value) {
  if (!value || !is_str(value.value()))
    return raise<TypeError>(thread, "__name__ must be set to a string object");
  slot_write(thread, self.get(), self->name, share(thread, *value));
  return {};
}
Result<void> generator_set_qualname(Thread& thread, Borrowed<Generator> self, MaybeAny value) {
  if (!value || !is_str(value.value()))
    return raise<TypeError>(thread, "__qualname__ must be set to a string object");
  slot_write(thread, self.get(), self->qualname, share(thread, *value));
  return {};
}
AnyResult generator_repr(Thread& thread, Borrowed<Generator> self) {
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx",
                static_cast<unsigned long long>(self.value().bits));
  AnyRef name = TRY(generator_qualname(thread, self));
  const char* kind = is_exact(self, SHAPE(async_generator)) ? "async_generator" : kind_name(self);
  const FormatArgument parts[] = {FormatArgument(kind), FormatArgument(name),
                                  FormatArgument(address)};
  return format_text(thread, "<{} object {} at {}>", parts, 3);
}
// gi_frame, cr_frame, ag_frame; gi_code, ...: the attribute's name as audit events show it.
static const char* attribute_of(Borrowed<Generator> self, const char* generator,
                                const char* coroutine, const char* async_generator) {
  if (is_exact(self, SHAPE(coroutine))) return coroutine;
  return is_exact(self, SHAPE(async_generator)) ? async_generator : generator;
}
AnyResult generator_frame(Thread& thread, Borrowed<Generator> self) {
  TRY(audit_get(thread, self.value(), attribute_of(self, "gi_frame", "cr_frame", "ag_frame")));
  generator_settle(thread, self.get());
  if (self->state.load() == GeneratorState::done) return AnyRef::adopt(kNone);
  if (is_mine(thread, self.get()) || !threads_are_shared())
    return frame_object(thread, self->base());
  // Another thread may be running it, or asking for its frame too.
  StopAll stopped(thread);
  publish_everything_of_others(thread);
  if (self->state.load() == GeneratorState::done) return AnyRef::adopt(kNone);
  Ref<FrameObject> frame = TRY(frame_object(thread, self->base()));
  publish(thread, frame.value());
  return frame;
}
Value generator_suspended(Thread& thread, Borrowed<Generator> self) {
  generator_settle(thread, self.get());
  return self->state.load() == GeneratorState::suspended ? kTrue : kFalse;
}
AnyResult generator_code(Thread& thread, Borrowed<Generator> self) {
  TRY(audit_get(thread, self.value(), attribute_of(self, "gi_code", "cr_code", "ag_code")));
  return share(thread, Any(Value(frame_code(self->base()))));
}
AnyRef generator_yield_from(Thread& thread, Borrowed<Generator> self) {
  AnyRef delegate = delegate_of(thread, self);
  if (!delegate.value()) return AnyRef::adopt(kNone);
  return delegate;
}
namespace {
Value generator_running(Thread& thread, Borrowed<Generator> self) {
  generator_settle(thread, self.get());
  return self->state.load() == GeneratorState::running ? kTrue : kFalse;
}
AnyResult coroutine_origin(Thread& thread, Borrowed<Generator> self) {
  return load_or_none(thread, self.get(), self->origin);
}
AnyResult self_iter(Thread& thread, Any self) { return share(thread, self); }

void trace_generator(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<Generator*>(object);
  visit(self->name);
  visit(self->qualname);
  visit(self->origin);
  visit(reinterpret_cast<Slot&>(self->handled.exception));
  Value* base = self->base();
  visit(reinterpret_cast<Slot&>(base[-3]));
  visit(reinterpret_cast<Slot&>(base[-4]));
  for (size_t i = self->register_count; i-- > 0;) visit(reinterpret_cast<Slot&>(base[i]));
}
// The same when it dies. One that ran to its end has released its registers.
void generator_drop(Thread& thread, Object* object) {
  auto* self = static_cast<Generator*>(object);
  slot_drop(thread, self->name);
  slot_drop(thread, self->qualname);
  slot_drop(thread, self->origin);
  slot_drop(thread, reinterpret_cast<Slot&>(self->handled.exception));
  Value* base = self->base();
  slot_drop(thread, reinterpret_cast<Slot&>(base[-3]));
  slot_drop(thread, reinterpret_cast<Slot&>(base[-4]));
  if (self->state.load(std::memory_order_relaxed) == GeneratorState::done) return;
  for (size_t i = self->register_count; i-- > 0;)
    slot_drop(thread, reinterpret_cast<Slot&>(base[i]));
}

// coroutine.__await__() gives an iterator over the coroutine.
struct CoroutineWrapper : Object {
  Field<Generator> coroutine;
};
TypeHandle coroutine_wrapper_type;
AnyResult coroutine_await(Thread& thread, Any self) {
  AnyRef wrapper = TRY(allocate_instance(thread, Borrowed<Type>(coroutine_wrapper_type.type)));
  slot_init(wrapper.get(), static_cast<CoroutineWrapper*>(wrapper.get())->coroutine,
            share(thread, self));
  return wrapper;
}
Step wrapper_next(Thread& thread, Borrowed<CoroutineWrapper> self) {
  Borrowed<Generator> coroutine = self->coroutine.borrow();
  TRY(check_reusable(thread, coroutine));
  return generator_next(thread, coroutine);
}
AnyResult wrapper_send(Thread& thread, Borrowed<CoroutineWrapper> self, Any value) {
  return generator_send(thread, self->coroutine.borrow(), value);
}
AnyResult wrapper_throw(Thread& thread, Borrowed<CoroutineWrapper> self, Any type, MaybeAny value,
                        MaybeAny traceback) {
  return generator_throw_method(thread, self->coroutine.borrow(), type, value, traceback);
}
AnyResult wrapper_close(Thread& thread, Borrowed<CoroutineWrapper> self) {
  return generator_close(thread, self->coroutine.borrow());
}
void trace_wrapper(Object* object, SlotVisitor& visit) {
  visit(static_cast<CoroutineWrapper*>(object)->coroutine);
}
const SlotEntry wrapper_slots[] = {slot<SlotId::iter, self_iter>(),
                                   slot<SlotId::next, wrapper_next>()};
constexpr Method wrapper_methods[] = {method<wrapper_send>("send(value, /)"),
                                      method<wrapper_throw>("throw(type, value=?, traceback=?, /)"),
                                      method<wrapper_close>("close()")};
const Layout wrapper_layout{"coroutine_wrapper", sizeof(CoroutineWrapper), true, trace_wrapper,
                            nullptr};
const TypeSpec coroutine_wrapper_spec{.name = "coroutine_wrapper",
                                      .flags = kTypeDisallowNew,
                                      .layout = &wrapper_layout,
                                      .slots = wrapper_slots,
                                      .methods = wrapper_methods};

constexpr Method coroutine_methods[] = {
    method<generator_send>("send(arg, /)",
                           "send(arg) -> send 'arg' into coroutine,\nreturn next iterated value or "
                           "raise StopIteration."),
    method<generator_throw_method>("throw(type, value=?, traceback=?, /)",
                                   "throw(value)\n\nRaise exception in coroutine, return next "
                                   "iterated value or raise\nStopIteration."),
    method<generator_close>("close()", "close() -> raise GeneratorExit inside coroutine."),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585")};
const SlotEntry generator_slots[] = {
    slot<SlotId::iter, self_iter>(), slot<SlotId::next, generator_next>(),
    slot<SlotId::repr, generator_repr>(), slot<SlotId::del, generator_del>()};
const SlotEntry coroutine_slots[] = {slot<SlotId::await, coroutine_await>(),
                                     slot<SlotId::repr, generator_repr>(),
                                     slot<SlotId::del, generator_del>()};
constexpr Method generator_methods[] = {
    method<generator_send>("send(arg, /)",
                           "send(value) -> send 'value' into generator,\nreturn next yielded value "
                           "or raise StopIteration."),
    method<generator_throw_method>("throw(type, value=?, traceback=?, /)",
                                   "Raise exception in generator."),
    method<generator_close>("close()", "close() -> raise GeneratorExit inside generator."),
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585")};
const GetSet generator_getsets[] = {
    getset<generator_name, generator_set_name>("__name__"),
    getset<generator_qualname, generator_set_qualname>("__qualname__"),
    getter<generator_frame>("gi_frame"),
    getter<generator_running>("gi_running"),
    getter<generator_suspended>("gi_suspended"),
    getter<generator_code>("gi_code"),
    getter<generator_yield_from>("gi_yieldfrom")};
const GetSet coroutine_getsets[] = {
    getset<generator_name, generator_set_name>("__name__", "name of the coroutine"),
    getset<generator_qualname, generator_set_qualname>("__qualname__",
                                                       "qualified name of the coroutine"),
    getter<generator_frame>("cr_frame"),
    getter<generator_running>("cr_running"),
    getter<generator_suspended>("cr_suspended"),
    getter<generator_code>("cr_code"),
    getter<generator_yield_from>("cr_await"),
    getter<coroutine_origin>("cr_origin")};
}  // namespace

extern const Layout generator_layout;
const Layout generator_layout{"generator", sizeof(Generator), true,          trace_generator,
                              nullptr,     nullptr,           generator_drop};

const TypeSpec generator_spec{.name = "generator",
                              .flags = kTypeDisallowNew | kTypeWeakrefable,
                              .shape_flags = kShapeGenerator,
                              .layout = &generator_layout,
                              .slots = generator_slots,
                              .methods = generator_methods,
                              .getsets = generator_getsets};
const TypeSpec coroutine_spec{.name = "coroutine",
                              .flags = kTypeDisallowNew | kTypeWeakrefable,
                              .shape_flags = kShapeGenerator,
                              .layout = &generator_layout,
                              .slots = coroutine_slots,
                              .methods = coroutine_methods,
                              .getsets = coroutine_getsets};

Result<void> generators_initialize(Thread& thread) {
  TRY(type_from_spec(thread, coroutine_wrapper_spec, coroutine_wrapper_type));
  return async_generators_initialize(thread);
}

}  // namespace dx
