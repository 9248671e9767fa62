// sys.stdin, stdout and stderr, and warnings from C++.

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "objects/exception.h"
#include "objects/str.h"
#include "runtime/startup.h"
#include "runtime/warnings.h"

namespace dx {

namespace {
Result<void> open_stream(Thread& thread, Any io, int descriptor, const char* name, const char* mode, const char* errors, bool line_buffering, bool write_through) {
  Borrowed<Dict> sys = interpreter_sys(thread);
  Ref<Str> key = TRY(str_intern_ascii(thread, name)), dunder = TRY(str_intern_ascii(thread, std::string("__") + name + "__"));
  if (fcntl(descriptor, F_GETFD) < 0) {
    TRY(dict_set_str(thread, sys, key, kNone));
    return dict_set_str(thread, sys, dunder, kNone);
  }
  AnyRef open = TRY(get_attr(thread, io, NAME("open")));
  Ref<Str> binary_mode = TRY(str_from_ascii(thread, mode));
  // open(fd, mode, buffering, None, None, None, False): closefd is off.
  Value arguments[7] = {small_int(descriptor), binary_mode.value(), small_int(write_through ? 0 : -1), kNone, kNone, kNone, kFalse};
  AnyRef buffer = TRY(call(thread, open, Arguments{arguments, 7, nullptr}));
  AnyRef raw = share(thread, buffer);
  AnyLookup inner = lookup_attr(thread, buffer, NAME("raw"));
  if (inner.raised()) return Raised{};
  if (inner.found()) raw = inner.take();
  Ref<Str> shown = TRY(str_from_ascii(thread, std::string("<") + name + ">"));
  TRY(set_attr(thread, raw, NAME("name"), MaybeAny(shown.value())));
  AnyRef wrapper = TRY(get_attr(thread, io, NAME("TextIOWrapper")));
  Ref<Str> encoding = TRY(str_from_ascii(thread, "utf-8")), error_mode = TRY(str_from_ascii(thread, errors)), newline = TRY(str_from_ascii(thread, "\n"));
  Value text_arguments[6] = {buffer.value(), encoding.value(), error_mode.value(), newline.value(), bool_value(line_buffering), bool_value(write_through)};
  if (descriptor == 0) text_arguments[3] = kNone;
  AnyRef stream = TRY(call(thread, wrapper, Arguments{text_arguments, 6, nullptr}));
  Ref<Str> text_mode = TRY(str_from_ascii(thread, descriptor == 0 ? "r" : "w"));
  TRY(set_attr(thread, stream, NAME("mode"), MaybeAny(text_mode.value())));
  TRY(dict_set_str(thread, sys, key, stream.borrow()));
  return dict_set_str(thread, sys, dunder, stream.borrow());
}
}  // namespace

Result<void> streams_start(Thread& thread, Interpreter& interpreter) {
  if (!find_native_module("_io")->types.size()) return {};  // no streams yet: the printers stay
  Ref<Str> name = TRY(str_intern_ascii(thread, "io"));
  AnyRef io = TRY(import_module(thread, name));
  bool unbuffered = interpreter.options.unbuffered;
  const char* locale = std::getenv("LC_ALL");
  if (!locale || !*locale) locale = std::getenv("LC_CTYPE");
  if (!locale || !*locale) locale = std::getenv("LANG");
  bool c_locale = !locale || !*locale || !std::strcmp(locale, "C") || !std::strcmp(locale, "POSIX");
  const char* errors = c_locale ? "surrogateescape" : "strict";
  TRY(open_stream(thread, io, 0, "stdin", "rb", errors, false, false));
  TRY(open_stream(thread, io, 1, "stdout", "wb", errors, isatty(1), unbuffered));
  TRY(open_stream(thread, io, 2, "stderr", "wb", "backslashreplace", true, unbuffered));
  AnyRef open = TRY(get_attr(thread, io, NAME("open")));
  return dict_set_str(thread, Borrowed<Dict>(interpreter.builtins_dict), NAME("open"), open.borrow());
}

namespace {
// The warnings module; absent when the library needs a module that is not there yet. Then the warning goes to stderr as it is.
AnyLookup warnings_module(Thread& thread, Type* category, Any message) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "warnings"));
  AnyResult module = import_module(thread, name);
  if (!module.raised()) return module.take();
  if (!pending_is<ModuleNotFoundError>(thread)) return Raised{};
  clear_exception(thread);
  AnyLookup stream = dict_get_str(thread, interpreter_sys(thread), NAME("stderr"));
  if (stream.raised()) return Raised{};
  if (stream.found() && !stream.value().is_none()) {
    const FormatArgument parts[] = {FormatArgument(category->name.borrow()), FormatArgument(message)};
    AnyRef line = TRY(format_text(thread, "{}: {}\n", parts, 2));
    AnyRef done = TRY(call_method(thread, stream.borrow(), NAME("write"), {line.value()}));
  }
  return AnyLookup::absent();
}
}  // namespace

Result<void> warn_at_level(Thread& thread, Type* category, Any message, Word stack_level) {
  AnyLookup module = warnings_module(thread, category, message);
  if (module.raised()) return Raised{};
  if (module.is_absent()) return {};
  AnyRef done = TRY(call_method(thread, module.borrow(), NAME("warn"), {message.value(), Value(category), small_int(stack_level)}));
  return {};
}

Result<void> warn_explicit(Thread& thread, Type* category, Any message, Borrowed<Str> filename, Word line) {
  if (!interpreter_of(thread).import_function) return {};  // the library's own bootstrap warns about nothing
  AnyLookup module = warnings_module(thread, category, message);
  if (module.raised()) return Raised{};
  if (module.is_absent()) return {};
  AnyRef done = TRY(call_method(thread, module.borrow(), NAME("warn_explicit"), {message.value(), Value(category), filename.value(), small_int(line)}));
  return {};
}

}  // namespace dx
