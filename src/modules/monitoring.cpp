// sys.monitoring: tools, their events and callbacks (interpreter/observe.h fires them).

#include "interpreter/observe.h"
#include "memory/roots.h"
#include "objects/audit.h"
#include "objects/dict.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/namespace.h"

namespace dx {

namespace {

struct EventName {
  const char* name;
  uint32_t bit;
};
const EventName kEvents[] = {{"PY_START", 1u << 0},
                             {"PY_RESUME", 1u << 1},
                             {"PY_RETURN", 1u << 2},
                             {"PY_YIELD", 1u << 3},
                             {"CALL", 1u << 4},
                             {"LINE", 1u << 5},
                             {"INSTRUCTION", 1u << 6},
                             {"JUMP", 1u << 7},
                             {"BRANCH_LEFT", 1u << 8},
                             {"BRANCH_RIGHT", 1u << 9},
                             {"STOP_ITERATION", 1u << 10},
                             {"RAISE", 1u << 11},
                             {"EXCEPTION_HANDLED", 1u << 12},
                             {"PY_UNWIND", 1u << 13},
                             {"PY_THROW", 1u << 14},
                             {"RERAISE", 1u << 15},
                             {"C_RETURN", 1u << 16},
                             {"C_RAISE", 1u << 17},
                             {"BRANCH", 1u << 18},
                             {"NO_EVENTS", 0}};
constexpr uint32_t kOfCalls = event_bit(Event::c_return) | event_bit(Event::c_raise);

Result<unsigned> tool_number(Thread& thread, int tool) {
  if (tool < 0 || tool >= static_cast<int>(kToolCount))
    return raise<ValueError>(thread, "invalid tool {} (must be between 0 and 5)", tool);
  return static_cast<unsigned>(tool);
}
Result<unsigned> tool_in_use(Thread& thread, int tool) {
  unsigned number = TRY(tool_number(thread, tool));
  if (!monitoring_tools().names[number].raw())
    return raise<ValueError>(thread, "tool {} is not in use", tool);
  return number;
}
// An event set as given: C_RETURN and C_RAISE come with CALL, never alone.
Result<uint32_t> event_set(Thread& thread, int events, uint32_t allowed, const char* kind) {
  auto set = static_cast<uint32_t>(events);
  if (events < 0 || (set & ~kAllEvents)) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%x", set);
    return raise<ValueError>(thread, "invalid {}event set {}", kind,
                             static_cast<const char*>(text));
  }
  if ((set & kOfCalls) &&
      (set & (kOfCalls | event_bit(Event::call))) != (kOfCalls | event_bit(Event::call))) {
    return raise<ValueError>(thread, "cannot set C_RETURN or C_RAISE events independently");
  }
  set &= ~kOfCalls;
  if (set & event_bit(Event::branch)) {  // the older name for both
    set &= ~event_bit(Event::branch);
    set |= event_bit(Event::branch_left) | event_bit(Event::branch_right);
  }
  if (set & ~allowed) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%x", set);
    return raise<ValueError>(thread, "invalid {}event set {}", kind,
                             static_cast<const char*>(text));
  }
  return set;
}

Result<void> monitoring_use_tool_id(Thread& thread, int tool, Any name) {
  unsigned number = TRY(tool_number(thread, tool));
  if (!is_str(name)) return raise<ValueError>(thread, "tool name must be a str");
  Slot& known = monitoring_tools().names[number];
  AnyRef taken = share(thread, name);
  if (!slot_fill_shared(thread, known, taken.value()))
    return raise<ValueError>(thread, "tool {} is already in use", tool);
  (void)taken.release();
  return {};
}
Result<void> monitoring_clear_tool_id(Thread& thread, int tool) {
  unsigned number = TRY(tool_number(thread, tool));
  if (monitoring_tools().names[number].raw()) monitoring_clear(thread, number);
  return {};
}
Result<void> monitoring_free_tool_id(Thread& thread, int tool) {
  unsigned number = TRY(tool_number(thread, tool));
  Slot& known = monitoring_tools().names[number];
  if (!known.raw()) return {};
  monitoring_clear(thread, number);
  slot_clear(thread, &shared_root, known);
  return {};
}
AnyResult monitoring_get_tool(Thread& thread, int tool) {
  unsigned number = TRY(tool_number(thread, tool));
  Value name = slot_load(thread, &shared_root, monitoring_tools().names[number]);
  return AnyRef::adopt(name ? name : kNone);
}
AnyResult monitoring_register_callback(Thread& thread, int tool, int event, Any function) {
  TRY(audit(thread, "sys.monitoring.register_callback", {function.value()}));
  unsigned number = TRY(tool_number(thread, tool));
  auto bit = static_cast<uint32_t>(event);
  if (event <= 0 || (bit & (bit - 1)))
    return raise<ValueError>(thread, "The callback can only be set for one event at a time");
  if (bit & ~kAllEvents) return raise<ValueError>(thread, "invalid event {}", event);
  Slot& slot = monitoring_tools().callbacks[number][__builtin_ctz(bit)];
  Value callback = function.is_none() ? Value{} : share(thread, function).release();
  Value old = slot_exchange(thread, &shared_root, slot, callback);
  return AnyRef::adopt(old ? old : kNone);
}
Result<Word> monitoring_get_events(Thread& thread, int tool) {
  return Word{monitoring_tools().events[TRY(tool_number(thread, tool))].load()};
}
Result<int> int_argument(Thread& thread, Value value) {
  AnyRef index = TRY(to_index(thread, Any(value)));
  Word number = TRY(int_word(thread, index.value(), "Python int too large to convert to C int"));
  if (number != static_cast<int>(number))
    return raise<OverflowError>(thread, "Python int too large to convert to C int");
  return static_cast<int>(number);
}
Result<void> takes(Thread& thread, const char* name, Word count, const Arguments& arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "monitoring.{}() takes no keyword arguments", name);
  if (static_cast<Word>(arguments.positional()) != count)
    return raise<TypeError>(thread, "{} expected {} arguments, got {}", name, count,
                            arguments.positional());
  return {};
}
Result<void> change_events(Thread& thread, Arguments arguments) {
  TRY(takes(thread, "set_events", 2, arguments));
  int tool = TRY(int_argument(thread, arguments[0].value()));
  int events = TRY(int_argument(thread, arguments[1].value()));
  unsigned number = TRY(tool_number(thread, tool));
  uint32_t set = TRY(event_set(thread, events, kAllEvents, ""));
  TRY(tool_in_use(thread, tool));
  monitoring_tools().events[number] = set;
  monitoring_changed(thread);
  return {};
}
// What is asked for is told from the next instruction on.
Value monitoring_set_events(Thread& thread, Arguments arguments) {
  bool plain_loop = !must_switch(thread);
  if (change_events(thread, arguments).raised()) return Value{};
  return observed_from_here(thread, plain_loop, arguments.items);
}
Result<Word> monitoring_get_local_events(Thread& thread, int tool, Any code) {
  if (!is_exact(code, SHAPE(code))) return raise<TypeError>(thread, "code must be a code object");
  unsigned number = TRY(tool_in_use(thread, tool));
  return Word{monitoring_local_events(static_cast<Code*>(code.object()), number)};
}
Result<void> change_local_events(Thread& thread, Arguments arguments) {
  TRY(takes(thread, "set_local_events", 3, arguments));
  int tool = TRY(int_argument(thread, arguments[0].value()));
  Any code = arguments[1];
  int events = TRY(int_argument(thread, arguments[2].value()));
  if (!is_exact(code, SHAPE(code))) return raise<TypeError>(thread, "code must be a code object");
  unsigned number = TRY(tool_in_use(thread, tool));
  uint32_t set = TRY(event_set(thread, events, kLocalEvents | event_bit(Event::branch), "local "));
  monitoring_set_local_events(thread, static_cast<Code*>(code.object()), number, set);
  return {};
}
Value monitoring_set_local(Thread& thread, Arguments arguments) {
  bool plain_loop = !must_switch(thread);
  if (change_local_events(thread, arguments).raised()) return Value{};
  return observed_from_here(thread, plain_loop, arguments.items);
}
Result<void> monitoring_restart_events(Thread& thread) {
  monitoring_restart(thread);
  return {};
}
AnyResult monitoring_all_events(Thread& thread) {
  Ref<Dict> all = TRY(dict_create(thread));
  for (const EventName& event : kEvents) {
    uint32_t mask = 0;
    for (unsigned tool = 0; tool < kToolCount; ++tool) {
      if (monitoring_tools().events[tool] & event.bit) mask |= 1u << tool;
    }
    Ref<Str> name = TRY(str_intern_ascii(thread, event.name));
    if (mask) TRY(dict_set_str(thread, all, name, small_int(mask)));
  }
  return all;
}

Result<void> monitoring_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(monitoring_ready(thread));
  TRY(module_set(thread, module, "DISABLE", Any(monitoring_disable())));
  TRY(module_set(thread, module, "MISSING", Any(monitoring_missing())));
  Ref<Dict> names = TRY(dict_create(thread));
  for (const EventName& event : kEvents) {
    Ref<Str> name = TRY(str_intern_ascii(thread, event.name));
    TRY(dict_set_str(thread, names, name, small_int(event.bit)));
  }
  AnyRef events = TRY(namespace_create(thread, names));
  return module_set(thread, module, "events", events);
}

constexpr Method monitoring_functions[] = {
    function<monitoring_use_tool_id>("use_tool_id(tool_id, name, /)"),
    function<monitoring_clear_tool_id>("clear_tool_id(tool_id, /)"),
    function<monitoring_free_tool_id>("free_tool_id(tool_id, /)"),
    function<monitoring_get_tool>("get_tool(tool_id, /)"),
    function<monitoring_register_callback>("register_callback(tool_id, event, func, /)"),
    function<monitoring_get_events>("get_events(tool_id, /)"),
    function<monitoring_set_events>("set_events(tool_id, event_set, /)"),
    function<monitoring_get_local_events>("get_local_events(tool_id, code, /)"),
    function<monitoring_set_local>("set_local_events(tool_id, code, event_set, /)"),
    function<monitoring_restart_events>("restart_events()"),
    function<monitoring_all_events>("_all_events()"),
};
constexpr ModuleConstant monitoring_constants[] = {
    constant("DEBUGGER_ID", 0), constant("COVERAGE_ID", 1), constant("PROFILER_ID", 2),
    constant("OPTIMIZER_ID", 5)};
const ModuleSpec monitoring_module{.name = "sys.monitoring",
                                   .doc = nullptr,
                                   .functions = monitoring_functions,
                                   .constants = monitoring_constants,
                                   .initialize = monitoring_initialize};

}  // namespace

// sys.monitoring; made when sys is.
AnyResult monitoring_module_create(Thread& thread) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "sys.monitoring"));
  Ref<Module> module = TRY(module_create(thread, name, &monitoring_module));
  TRY(module_execute(thread, module, monitoring_module));
  return module;
}

}  // namespace dx
