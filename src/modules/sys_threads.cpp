// sys._current_frames and sys._current_exceptions: what the other threads are doing.
//
// A running thread's frames change under the reader's feet, so other threads are shown as copies:
// frame objects that own the variables as they were while everybody stood still, linked by f_back.
// The caller's own frames are the real ones.

#include <vector>

#include "interpreter/context.h"
#include "memory/safepoint.h"
#include "objects/audit.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/int.h"

namespace dx {

namespace {

// Requires: the thread stands still. Empty: memory is short.
Value frame_copy(Thread& thread, Value* base) {
  Code* code = frame_code(base);
  size_t slots = code->local_count;
  auto* copy = static_cast<FrameObject*>(
      allocate_object(thread, sizeof(FrameObject) + 8 * slots, SHAPE(frame), PageKind::traced));
  if (!copy) return Value{};
  copy->slot_count = static_cast<uint32_t>(slots);
  copy->instruction = static_cast<uint32_t>(frame_ip(base) - code->instructions);
  copy->trace_lines = true;
  slot_init(copy, copy->function, Ref<Function>::share(thread, Borrowed<Function>(base[-3])));
  slot_init(copy, copy->code, Ref<Code>::share(thread, Borrowed<Code>(code)));
  for (size_t i = 0; i < slots; ++i) {
    incref(thread, base[i]);
    slot_init(copy, copy->slots()[i], base[i]);
  }
  return Value(copy);
}

// The frames of a thread that stands still, innermost first; owned. False: memory is short.
bool stack_copy(Thread& thread, Value* base, std::vector<Value>& frames) {
  for (; base; base = frame_caller(base)) {
    Value copy = frame_copy(thread, base);
    if (!copy) return false;
    frames.push_back(copy);
  }
  return true;
}

struct Seen {
  uint64_t ident;
  std::vector<Value> values;  // owned: frames, innermost first; or the handled exception
};

// Calls look(thread, seen) for every other thread while all stand still. False: memory is short.
template <class Look>
bool look_at_others(Thread& thread, std::vector<Seen>& all, Look look) {
  StopAll stop(thread);
  publish_everything_of_others(thread);
  for (Thread* other = threads_first(); other; other = other->next) {
    if (other == &thread || !other->context) continue;
    all.push_back(Seen{other->ident, {}});
    if (!look(*other, all.back())) return false;
  }
  return true;
}

void drop_all(Thread& thread, std::vector<Seen>& all) {
  for (Seen& seen : all) {
    for (Value value : seen.values) decref(thread, value);
    seen.values.clear();
  }
}

Result<void> put(Thread& thread, Borrowed<Dict> result, uint64_t ident, Any value) {
  AnyRef key = TRY(int_from_u64(thread, ident));
  return dict_set(thread, result, key, value);
}

}  // namespace

AnyResult sys_current_frames(Thread& thread) {
  TRY(audit(thread, "sys._current_frames"));
  Ref<Dict> result = TRY(dict_create(thread));
  if (thread.context->frame) {
    Ref<FrameObject> mine = TRY(frame_object(thread, thread.context->frame));
    TRY(put(thread, result, thread.ident, mine));
  }
  std::vector<Seen> all;
  bool good = look_at_others(thread, all, [&](Thread& other, Seen& seen) {
    return stack_copy(thread, other.context->frame, seen.values);
  });
  if (!good) {
    drop_all(thread, all);
    return raise_memory_error(thread);
  }
  for (Seen& seen : all) {
    for (size_t i = seen.values.size(); i-- > 1;) {
      auto* inner = static_cast<FrameObject*>(seen.values[i - 1].object());
      slot_init(inner, inner->back, seen.values[i]);
      seen.values.pop_back();
    }
    if (!seen.values.empty() && put(thread, result, seen.ident, Any(seen.values[0])).raised()) {
      drop_all(thread, all);
      return Raised{};
    }
  }
  drop_all(thread, all);
  return result;
}

AnyResult sys_current_exceptions(Thread& thread) {
  TRY(audit(thread, "sys._current_exceptions"));
  Ref<Dict> result = TRY(dict_create(thread));
  Value own = handled_exception(thread.context);
  TRY(put(thread, result, thread.ident, Any(own ? own : kNone)));
  std::vector<Seen> all;
  look_at_others(thread, all, [&](Thread& other, Seen& seen) {
    Value handled = handled_exception(other.context);
    if (!handled) handled = kNone;
    incref(thread, handled);
    seen.values.push_back(handled);
    return true;
  });
  for (Seen& seen : all) {
    if (put(thread, result, seen.ident, Any(seen.values[0])).raised()) {
      drop_all(thread, all);
      return Raised{};
    }
  }
  drop_all(thread, all);
  return result;
}

}  // namespace dx
