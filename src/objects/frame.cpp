// frame and traceback objects.

#include "objects/frame.h"

#include <cstdio>
#include <cstdint>

#include "memory/safepoint.h"
#include "objects/async_generator.h"
#include "objects/audit.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/traceback.h"

namespace dx {

namespace {
AnyRef load_or_none(Thread& thread, Object* container, const Slot& slot) {
  Value value = slot_load(thread, container, slot);
  return AnyRef::adopt(value ? value : kNone);
}
// Whether the registers are in a generator, past its RETURN_GENERATOR; before that they are on the
// stack, as any function's.
bool has_begun_in_generator(Value* base, Code* code) {
  for (const dpb::Instruction *at = code->instructions, *ip = frame_ip(base); at < ip; ++at) {
    if (static_cast<dpb::Op>(at->op) == dpb::Op::RETURN_GENERATOR) return true;
  }
  return false;
}
}  // namespace

Result<Ref<FrameObject>> frame_object(Thread& thread, Value* base) {
  if (base[-4]) return Ref<FrameObject>::share(thread, Borrowed<FrameObject>(base[-4]));
  Code* code = frame_code(base);
  // Who holds its frame sees whether a generator runs, and where it stands: no chain for it.
  if (code->has_flag(dpb::kCoHeapFrame) && has_begun_in_generator(base, code))
    generator_settle(thread, generator_of_base(base));
  size_t slots = code->local_count;
  auto* frame = static_cast<FrameObject*>(
      allocate_object(thread, sizeof(FrameObject) + 8 * slots, SHAPE(frame), PageKind::traced));
  if (!frame) return raise_memory_error(thread);
  frame->slot_count = static_cast<uint32_t>(slots);
  frame->base.store(base, std::memory_order_release);
  frame->trace_lines = true;
  slot_init(frame, frame->function, Ref<Function>::share(thread, Borrowed<Function>(base[-3])));
  slot_init(frame, frame->code, Ref<Code>::share(thread, Borrowed<Code>(code)));
  base[-4] = Value(frame);  // the frame's own count
  return Ref<FrameObject>::share(thread, Borrowed<FrameObject>(frame));
}

FrameHold::FrameHold(Thread& thread, FrameObject* frame) {
  if (is_mine(thread, frame) || !threads_are_shared() ||
      !frame->base.load(std::memory_order_acquire))
    return;
  stop_all(thread);
  publish_everything_of_others(thread);
  stopper_ = &thread;
}
FrameHold::~FrameHold() {
  if (stopper_) resume_all(*stopper_);
}

void frame_release(Thread& thread, Value* base, Code* code) {
  Value object = base[-4];
  base[-4] = Value{};
  if (object && strong_count(object.object()) > 1) {
    auto* frame = static_cast<FrameObject*>(object.object());
    frame->instruction = static_cast<uint32_t>(frame_ip(base) - code->instructions);
    // Observers of an ended frame can still walk outwards.
    Value* caller = frame_caller(base);
    if (caller && !frame->back.raw()) {
      Result<Ref<FrameObject>> back = frame_object(thread, caller);
      if (back.raised()) {
        thread.exception = Value{};
      } else {
        Ref<FrameObject> outer = back.take();
        publish_into(thread, frame, outer.value());
        slot_init(frame, frame->back, std::move(outer));
      }
    }
    for (size_t i = 0; i < frame->slot_count; ++i) {
      publish_into(thread, frame, base[i]);
      slot_init(frame, frame->slots()[i], base[i]);
      base[i] = Value{};
    }
    frame->base.store(nullptr, std::memory_order_release);
    decref(thread, object);
    return;
  }
  for (Value* at = base + code->local_count; at != base;) {
    Value old = *--at;
    *at = Value{};
    decref(thread, old);
  }
  if (object) {
    auto* frame = static_cast<FrameObject*>(object.object());
    frame->base.store(nullptr, std::memory_order_release);
    decref(thread, object);
  }
}

int32_t traceback_line_of(Borrowed<Traceback> entry) {
  std::atomic_ref<int32_t> line(entry->line);
  int32_t known = line.load(std::memory_order_relaxed);
  if (known != kLineLater) return known;
  known = code_line(static_cast<FrameObject*>(entry->frame.borrow().object())->code.borrow(),
                    entry->instruction);
  line.store(known, std::memory_order_relaxed);
  return known;
}

Result<Ref<Traceback>> traceback_create(Thread& thread, MaybeAny next, Any frame,
                                        uint32_t instruction, int32_t line) {
  auto* entry = static_cast<Traceback*>(
      allocate_object(thread, sizeof(Traceback), SHAPE(traceback), PageKind::traced));
  if (!entry) return raise_memory_error(thread);
  incref(thread, next.value());
  slot_init(entry, entry->next, next.value());
  slot_init(entry, entry->frame, share(thread, frame));
  entry->instruction = instruction;
  entry->line = line;
  return Ref<Traceback>::adopt(entry);
}

namespace {

// ---- traceback ----------------------------------------------------------------------------------

AnyRef traceback_next(Thread& thread, Borrowed<Traceback> self) {
  return load_or_none(thread, self.get(), self->next);
}
Result<void> traceback_set_next(Thread& thread, Borrowed<Traceback> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete tb_next attribute");
  if (value.value().is_none()) {
    slot_clear(thread, self.get(), self->next);
    return {};
  }
  if (!is_exact(value.value(), SHAPE(traceback)))
    return raise<TypeError>(thread, "expected traceback object, got '{}'", type_name_in(*value));
  for (Value at = value.value(); at;) {
    if (at == self.value()) return raise<ValueError>(thread, "traceback loop detected");
    at = static_cast<Traceback*>(at.object())->next.raw();
  }
  slot_write(thread, self.get(), self->next, share(thread, *value));
  return {};
}
AnyResult traceback_frame(Thread& thread, Borrowed<Traceback> self) {
  TRY(audit_get(thread, self.value(), "tb_frame"));
  return load_or_none(thread, self.get(), self->frame);
}
Value traceback_lasti(Thread&, Borrowed<Traceback> self) {
  return small_int(2 * Word{self->instruction});
}
Value traceback_line(Thread&, Borrowed<Traceback> self) {
  int32_t line = traceback_line_of(self);
  return line < 0 ? kNone : small_int(line);
}
AnyResult traceback_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.count != 4)
    return raise<TypeError>(thread, "traceback() missing required argument 'tb_next' (pos 1)");
  if (!arguments[0].is_none() && !is_exact(arguments[0], SHAPE(traceback))) {
    return raise<TypeError>(thread, "expected traceback object or None, got '{}'",
                            type_name_in(arguments[0]));
  }
  if (!is_exact(arguments[1], SHAPE(frame))) {
    return raise<TypeError>(thread, "traceback() argument 'tb_frame' must be frame, not {}",
                            type_name_in(arguments[1]));
  }
  Word lasti = TRY(index_word(thread, arguments[2])), line = TRY(index_word(thread, arguments[3]));
  return traceback_create(
      thread, arguments[0].is_none() ? MaybeAny() : MaybeAny(arguments[0].value()), arguments[1],
      static_cast<uint32_t>(lasti / 2), static_cast<int32_t>(line));
}
void trace_traceback(Object* object, SlotVisitor& visit) {
  visit(static_cast<Traceback*>(object)->next);
  visit(static_cast<Traceback*>(object)->frame);
}

// ---- frame --------------------------------------------------------------------------------------

uint32_t frame_instruction(Borrowed<FrameObject> self) {
  Value* base = self->base.load(std::memory_order_acquire);
  if (!base) return self->instruction;
  auto* code = static_cast<Code*>(self->code.raw().object());
  return static_cast<uint32_t>(frame_ip(base) - code->instructions);
}
AnyResult frame_back(Thread& thread, Borrowed<FrameObject> self) {
  FrameHold hold(thread, self.get());
  Value* base = self->base.load(std::memory_order_acquire);
  if (!base) return load_or_none(thread, self.get(), self->back);
  Value* caller = frame_caller(base);
  if (!caller) return AnyRef::adopt(kNone);
  Ref<FrameObject> back = TRY(frame_object(thread, caller));
  publish_into(thread, self.get(), back.value());  // it may be another thread's frame
  return back;
}
AnyResult frame_code_object(Thread& thread, Borrowed<FrameObject> self) {
  TRY(audit_get(thread, self.value(), "f_code"));
  return load_or_none(thread, self.get(), self->code);
}
AnyRef frame_globals(Thread& thread, Borrowed<FrameObject> self) {
  Borrowed<Function> function = self->function.borrow();
  return load_or_none(thread, function.get(), function->globals);
}
AnyRef frame_builtins(Thread& thread, Borrowed<FrameObject> self) {
  Borrowed<Function> function = self->function.borrow();
  return load_or_none(thread, function.get(), function->builtins);
}
// While observers are told that a function begins, before its first instruction: where co_lines()
// has the line of its def.
Value frame_lasti(Thread& thread, Borrowed<FrameObject> self) {
  FrameHold hold(thread, self.get());
  if (!self->line) return small_int(2 * Word{frame_instruction(self)});
  Borrowed<Code> code = self->code.borrow();
  return small_int(
      code->first_local || code_line(code, 0) == static_cast<int32_t>(code->first_line) ? 0 : -2);
}
// What the compiler adds (the end of a finally, of a with) has no line of its own: it goes on with
// the line before it.
int32_t line_before(Code* code, uint32_t instruction) {
  dpb::PositionReader reader = code->view().positions();
  int32_t line = -1;
  for (uint32_t at = 0; at < instruction && reader.next(); at += reader.run()) {
    if (reader.position().line >= 0) line = reader.position().line;
  }
  return line;
}
Value frame_line(Thread& thread, Borrowed<FrameObject> self) {
  FrameHold hold(thread, self.get());
  if (self->line) return small_int(self->line);
  int32_t line = code_line(self->code.borrow(), frame_instruction(self));
  if (line < 0 && self->last_line) line = self->last_line;
  if (line < 0) line = line_before(self->code.borrow().get(), frame_instruction(self));
  return line < 0 ? kNone : small_int(line);
}
Result<void> frame_set_line(Thread& thread, Borrowed<FrameObject> self, MaybeAny value) {
  if (!value)
    return raise<AttributeError>(thread,
                                 "attribute 'f_lineno' of 'frame' objects cannot be deleted");
  if (!is_exact_int(value.value())) return raise<ValueError>(thread, "lineno must be an integer");
  switch (self->event) {
    case FrameEvent::line:
    case FrameEvent::resumed: break;
    case FrameEvent::none:
      return raise<ValueError>(thread, "f_lineno can only be set in a trace function");
    case FrameEvent::call:
      return raise<ValueError>(thread, "can't jump from the 'call' trace event of a new frame");
    case FrameEvent::other:
      return raise<ValueError>(thread, "can only jump from a 'line' trace event");
  }
  Word line;
  if (!int_to_word(value.value(), line) || line < INT32_MIN || line > INT32_MAX)
    return raise<ValueError>(thread, "lineno out of range");
  return object_hooks.jump_to_line(thread, self.get(), line);
}
AnyRef frame_trace(Thread& thread, Borrowed<FrameObject> self) {
  return load_or_none(thread, self.get(), self->trace);
}
Result<void> frame_set_trace(Thread& thread, Borrowed<FrameObject> self, MaybeAny value) {
  incref(thread, value.value());
  slot_write(thread, self.get(), self->trace, value.value().is_none() ? Value{} : value.value());
  return {};
}
AnyResult frame_repr(Thread& thread, Borrowed<FrameObject> self) {
  char address[32];
  std::snprintf(address, sizeof address, "0x%llx",
                static_cast<unsigned long long>(self.value().bits));
  Borrowed<Code> code = self->code.borrow();
  const FormatArgument parts[] = {
      FormatArgument(address), FormatArgument(repr_of(code->filename.borrow())),
      FormatArgument(Any(frame_line(thread, self))), FormatArgument(code->name.borrow())};
  return format_text(thread, "<frame at {}, file {}, line {}, code {}>", parts, 4);
}
bool get_trace_lines(Borrowed<FrameObject> self) { return self->trace_lines; }
Result<void> set_trace_lines(Thread& thread, Borrowed<FrameObject> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete numeric/char attribute");
  if (!value.value().is_bool())
    return raise<TypeError>(thread, "attribute value type must be bool");
  self->trace_lines = value.value().is_true();
  return {};
}
bool get_trace_opcodes(Borrowed<FrameObject> self) { return self->trace_opcodes; }
Result<void> set_trace_opcodes(Thread& thread, Borrowed<FrameObject> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete numeric/char attribute");
  if (!value.value().is_bool())
    return raise<TypeError>(thread, "attribute value type must be bool");
  self->trace_opcodes = value.value().is_true();
  return {};
}

Result<void> frame_clear(Thread& thread, Borrowed<FrameObject> self) {
  Value* base = self->base.load(std::memory_order_acquire);
  if (base) {
    // A generator's frame, at its base in the generator, can be cleared before it has begun.
    if (!self->code.borrow()->has_flag(dpb::kCoHeapFrame))
      return raise<RuntimeError>(thread, "cannot clear an executing frame");
    Generator* generator = generator_of_base(base);
    generator_settle(thread, generator);
    GeneratorState state = generator->state.load();
    if (state == GeneratorState::running)
      return raise<RuntimeError>(thread, "cannot clear an executing frame");
    if (state == GeneratorState::suspended)
      return raise<RuntimeError>(thread, "cannot clear a suspended frame");
    Maybe<Ref<Generator>> kept;
    {
      FrameHold hold(thread, self.get());
      if (self->base.load(std::memory_order_acquire) != base) return {};
      kept = Ref<Generator>::share(thread, Borrowed<Generator>(generator));
    }
    Ref<Generator> keep = kept.take();
    TRY(generator_del(thread, keep));
    AnyRef ignored = TRY(call_method(thread, keep, NAME("close"), {}));
    return {};
  }
  for (size_t i = self->slot_count; i-- > 0;) slot_clear(thread, self.get(), self->slots()[i]);
  return {};
}

void trace_frame(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<FrameObject*>(object);
  for (size_t i = self->slot_count; i-- > 0;)
    visit(self->slots()[i]);  // the last variable dies first, as on exit
  visit(self->function);
  visit(self->code);
  visit(self->back);
  visit(self->trace);
  visit(self->extra_locals);
}

const SlotEntry traceback_slots[] = {slot<SlotId::new_, traceback_new>()};
const GetSet traceback_getsets[] = {
    getset<traceback_next, traceback_set_next>("tb_next"), getter<traceback_frame>("tb_frame"),
    getter<traceback_lasti>("tb_lasti"), getter<traceback_line>("tb_lineno")};
const SlotEntry frame_slots[] = {slot<SlotId::repr, frame_repr>()};
constexpr Method frame_methods[] = {
    method<frame_clear>("clear()", "F.clear(): clear most references held by the frame")};
const GetSet frame_getsets[] = {getter<frame_back>("f_back"),
                                getter<frame_code_object>("f_code"),
                                getter<frame_globals>("f_globals"),
                                getter<frame_builtins>("f_builtins"),
                                getter<frame_lasti>("f_lasti"),
                                getset<frame_line, frame_set_line>("f_lineno"),
                                getter<frame_locals>("f_locals"),
                                getset<frame_trace, frame_set_trace>("f_trace"),
                                getset<get_trace_lines, set_trace_lines>("f_trace_lines"),
                                getset<get_trace_opcodes, set_trace_opcodes>("f_trace_opcodes")};
const Layout traceback_layout{"traceback", sizeof(Traceback),       true, trace_traceback, nullptr,
                              nullptr,     drop_by<trace_traceback>};
const Layout frame_layout{"frame", sizeof(FrameObject), true, trace_frame, nullptr,
                          nullptr, drop_by<trace_frame>};
}  // namespace

const TypeSpec traceback_spec{.name = "traceback",
                              .doc = "Create a new traceback object.",
                              .layout = &traceback_layout,
                              .slots = traceback_slots,
                              .getsets = traceback_getsets};
const TypeSpec frame_spec{.name = "frame",
                          .flags = kTypeDisallowNew,
                          .layout = &frame_layout,
                          .slots = frame_slots,
                          .methods = frame_methods,
                          .getsets = frame_getsets};

}  // namespace dx
