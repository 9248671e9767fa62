// Exceptions nobody handled: sys.excepthook, sys.unraisablehook, and plain printing when those
// cannot run.

#include <cstdio>
#include <string>

#include "interpreter/ops.h"
#include "objects/audit.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/traceback.h"
#include "runtime/code_cache.h"
#include "runtime/interpreter_state.h"

namespace dx {

namespace {

std::string text_of(Thread& thread, Any value) {
  Result<Ref<Str>> text = str(thread, value);
  if (text.raised()) {
    clear_exception(thread);
    return "<exception str() failed>";
  }
  Ref<Str> owned = text.take();
  Result<std::string_view> utf8 = str_utf8(thread, owned);
  if (utf8.raised()) {
    clear_exception(thread);
    return "<unprintable>";
  }
  return std::string(utf8.take());
}

void write_stderr(Thread& thread, const std::string& text) {
  AnyLookup stream = dict_get_str(thread, interpreter_sys(thread), NAME("stderr"));
  if (stream.raised()) clear_exception(thread);
  if (stream.found() && !stream.value().is_none()) {
    Result<Ref<Str>> message = str_from_wtf8(thread, text);
    if (!message.raised()) {
      Ref<Str> owned = message.take();
      AnyResult done = call_method(thread, stream.borrow(), NAME("write"), {owned.value()});
      if (!done.raised()) return;
    }
    clear_exception(thread);
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

namespace {
// A line of a source file, read anew: this must work while nothing can be imported.
std::string source_line(Thread& thread, Code* code, int32_t line) {
  std::string path = text_of(thread, code->filename.borrow());
  if (line <= 0 || path.empty() || path[0] == '<') return "";
  std::string source;
  if (!read_file(path, source)) return "";
  size_t begin = 0;
  for (int32_t i = 1; i < line; ++i) {
    begin = source.find('\n', begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  std::string text = source.substr(begin, source.find('\n', begin) - begin);
  size_t start = text.find_first_not_of(" \t\f"), end = text.find_last_not_of(" \t\r\n");
  return start == std::string::npos ? "" : text.substr(start, end - start + 1);
}
}  // namespace

// Files, lines and the message, without marks: finalizers' errors, and what is left when the
// traceback module cannot be used.
void print_exception_plainly(Thread& thread, Any exception) {
  auto* object = static_cast<BaseException*>(exception.object());
  Value traceback = object->traceback.raw();
  std::string out;
  if (traceback) out += "Traceback (most recent call last):\n";
  for (Value at = traceback; at;) {
    auto* entry = static_cast<Traceback*>(at.object());
    auto* frame = static_cast<FrameObject*>(entry->frame.raw().object());
    auto* code = static_cast<Code*>(frame->code.raw().object());
    int32_t line = traceback_line_of(Borrowed<Traceback>(entry));
    out += "  File \"" + text_of(thread, code->filename.borrow()) + "\", line " +
           std::to_string(line) + ", in " + text_of(thread, code->name.borrow()) + "\n";
    std::string source = source_line(thread, code, line);
    if (!source.empty()) out += "    " + source + "\n";
    at = entry->next.raw();
  }
  std::string name = text_of(thread, type_of(exception)->qualname.borrow()),
              message = text_of(thread, exception);
  out += name + (message.empty() ? "" : ": " + message) + "\n";
  write_stderr(thread, out);
}

// Through the traceback module, which knows marks, hints, notes, chains, groups and colours.
void print_exception(Thread& thread, Any exception) {
  Result<Ref<Str>> name = str_intern_ascii(thread, "traceback");
  if (!name.raised()) {
    AnyResult module = import_module(thread, name.take());
    if (!module.raised()) {
      AnyRef owned = module.take();
      AnyResult done =
          call_method(thread, owned, NAME("_print_exception_bltin"), {exception.value()});
      if (!done.raised()) return;
    }
  }
  clear_exception(thread);
  print_exception_plainly(thread, exception);
}

// Gives linecache the source of -c, which has no file, so that the traceback shows its lines.
// CPython does it before the code runs; here a start does not wait for linecache.
static void register_command_source(Thread& thread) {
  Interpreter& interpreter = interpreter_of(thread);
  if (!interpreter.command_code) return;
  Result<Ref<Str>> name = str_intern_ascii(thread, "linecache");
  if (name.raised()) return clear_exception(thread);
  AnyResult module = import_module(thread, name.take());
  if (module.raised()) return clear_exception(thread);
  Borrowed<Code> code(interpreter.command_code);
  AnyRef linecache = module.take();
  AnyResult done =
      call_method(thread, linecache, NAME("_register_code"),
                  {interpreter.command_code, interpreter.command_source, code->filename.raw()});
  if (done.raised()) clear_exception(thread);
}

int handle_top_level_exception(Thread& thread) {
  Maybe<Ref<Object>> pending = take_exception(thread);
  if (!pending) return 1;
  AnyRef exception = pending.take();
  if (is_subtype(type_of(exception.value()), EXCEPTION(SystemExit)) &&
      !interpreter_of(thread).options.inspect) {
    AnyRef code = exception_field_get(thread, exception, exception_field::system_exit_code);
    if (code.value().is_none()) return 0;
    if (is_int(code.value())) {
      Word number;
      return int_to_word(code.value(), number) ? static_cast<int>(number & 0xff) : 255;
    }
    write_stderr(thread, text_of(thread, code) + "\n");
    return 1;
  }
  register_command_source(thread);
  bool interrupted = is_subtype(type_of(exception.value()), EXCEPTION(KeyboardInterrupt));
  auto* object = static_cast<BaseException*>(exception.get());
  Value traceback = slot_load(thread, object, object->traceback);
  AnyRef shown = AnyRef::adopt(traceback ? traceback : kNone);
  Borrowed<Dict> sys = interpreter_sys(thread);
  for (auto [name, value] : {std::pair{NAME("last_exc"), exception.value()},
                             {NAME("last_type"), Value(type_of(exception.value()))},
                             {NAME("last_value"), exception.value()},
                             {NAME("last_traceback"), shown.value()}}) {
    if (dict_set_str(thread, sys, name, Any(value)).raised()) clear_exception(thread);
  }
  AnyLookup hook = dict_get_str(thread, sys, NAME("excepthook"));
  if (hook.raised()) clear_exception(thread);
  Value hook_shown = hook.found() ? hook.value() : kNone;
  if (audit(thread, "sys.excepthook",
            {hook_shown, Value(type_of(exception.value())), exception.value(), shown.value()})
          .raised()) {
    // An audit hook that raises RuntimeError wants nothing shown.
    bool silent = pending_is<RuntimeError>(thread);
    if (!silent) report_unraisable(thread, "in audit hook", {});
    clear_exception(thread);
    if (silent) return interrupted ? 130 : 1;
  }
  if (hook.found()) {
    AnyResult done = call(thread, hook.borrow(),
                          {Value(type_of(exception.value())), exception.value(), shown.value()});
    if (done.raised()) {
      if (pending_is<SystemExit>(thread)) return handle_top_level_exception(thread);
      AnyRef second = take_exception(thread).take();
      write_stderr(thread, "Error in sys.excepthook:\n");
      print_exception(thread, second);
      write_stderr(thread, "\nOriginal exception was:\n");
      print_exception(thread, exception);
    }
  } else {
    write_stderr(thread, "sys.excepthook is missing\n");
    print_exception(thread, exception);
  }
  return interrupted ? 130 : 1;
}

void unraisable_hook(Thread& thread, const char* context, MaybeAny object) {
  Maybe<Ref<Object>> pending = take_exception(thread);
  if (!pending) return;
  AnyRef exception = pending.take();
  Borrowed<Dict> sys = interpreter_sys(thread);
  AnyLookup hook = dict_get_str(thread, sys, NAME("unraisablehook"));
  if (hook.raised()) clear_exception(thread);
  AnyLookup make = dict_get_str(thread, sys, NAME("UnraisableHookArgs"));
  if (make.raised()) clear_exception(thread);
  if (hook.found() && make.found()) {
    auto* raised = static_cast<BaseException*>(exception.get());
    Value traceback = slot_load(thread, raised, raised->traceback);
    AnyRef shown = AnyRef::adopt(traceback ? traceback : kNone);
    AnyRef message = AnyRef::adopt(kNone);
    if (context) {
      // What it concerns is part of the message; args.object is for errors that come without one.
      const FormatArgument parts[] = {
          FormatArgument(context), object ? FormatArgument(repr_of(*object)) : FormatArgument("")};
      AnyResult text = format_text(thread, object ? "{} {}" : "{}{}", parts, 2);
      if (text.raised())
        clear_exception(thread);
      else
        message = text.take();
      object = MaybeAny();
    }
    Result<Ref<Tuple>> fields =
        tuple_of(thread, {Value(type_of(exception.value())), exception.value(), shown.value(),
                          message.value(), object ? object.value() : kNone});
    if (!fields.raised()) {
      Ref<Tuple> tuple = fields.take();
      AnyResult arguments = call(thread, make.borrow(), {tuple.value()});
      if (!arguments.raised()) {
        AnyRef owned = arguments.take();
        AnyResult done = call(thread, hook.borrow(), {owned.value()});
        if (!done.raised()) return;
      }
    }
    clear_exception(thread);
  }
  std::string intro = "Exception ignored";
  if (context) intro = context;
  if (object) {
    Result<Ref<Str>> shown = repr(thread, *object);
    if (shown.raised())
      clear_exception(thread);
    else
      intro += " in: " + text_of(thread, shown.take());
  }
  write_stderr(thread, intro + "\n");
  print_exception_plainly(thread, exception);
}

}  // namespace dx
