// sys.stdin, stdout and stderr, and warnings from C++.

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "base/locale.h"
#include "memory/collector.h"
#include "objects/codecs.h"
#include "objects/exception.h"
#include "objects/str.h"
#include "runtime/startup.h"
#include "runtime/warnings.h"

namespace dx {

namespace {
struct StreamText {
  std::string encoding, errors;
};

// sys.stdin, sys.stdout or sys.stderr over a descriptor; None when it is closed.
Result<void> open_stream(Thread& thread, Any io, int descriptor, const char* name,
                         const StreamText& text) {
  Borrowed<Dict> sys = interpreter_sys(thread);
  Ref<Str> key = TRY(str_intern_ascii(thread, name)),
           dunder = TRY(str_intern_ascii(thread, std::string("__") + name + "__"));
  if (fcntl(descriptor, F_GETFD) < 0) {
    TRY(dict_set_str(thread, sys, key, kNone));
    return dict_set_str(thread, sys, dunder, kNone);
  }
  bool writing = descriptor != 0, unbuffered = interpreter_of(thread).options.unbuffered;
  AnyRef open = TRY(get_attr(thread, io, NAME("open")));
  Ref<Str> binary_mode = TRY(str_from_ascii(thread, writing ? "wb" : "rb"));
  // open(fd, mode, buffering, None, None, None, False): closefd is off.
  Value arguments[7] = {small_int(descriptor),
                        binary_mode.value(),
                        small_int(writing && unbuffered ? 0 : -1),
                        kNone,
                        kNone,
                        kNone,
                        kFalse};
  AnyRef buffer = TRY(call(thread, open, Arguments{arguments, 7, nullptr}));
  AnyRef raw = share(thread, buffer);
  AnyLookup inner = lookup_attr(thread, buffer, NAME("raw"));
  if (inner.raised()) return Raised{};
  if (inner.found()) raw = inner.take();
  Ref<Str> shown = TRY(str_from_ascii(thread, std::string("<") + name + ">"));
  TRY(set_attr(thread, raw, NAME("name"), MaybeAny(shown.value())));
  bool line_buffering = !unbuffered && (isatty(descriptor) || descriptor == 2);
  AnyRef wrapper = TRY(get_attr(thread, io, NAME("TextIOWrapper")));
  Ref<Str> encoding = TRY(str_from_utf8(thread, text.encoding)),
           errors = TRY(str_from_utf8(thread, text.errors)),
           newline = TRY(str_from_ascii(thread, "\n"));
  Value text_arguments[6] = {buffer.value(),  encoding.value(),           errors.value(),
                             newline.value(), bool_value(line_buffering), bool_value(unbuffered)};
  AnyRef stream = TRY(call(thread, wrapper, Arguments{text_arguments, 6, nullptr}));
  Ref<Str> text_mode = TRY(str_from_ascii(thread, writing ? "w" : "r"));
  TRY(set_attr(thread, stream, NAME("mode"), MaybeAny(text_mode.value())));
  for (const AnyRef* part : {&raw, &buffer, &stream})
    collector_freeze_start_object(part->value().object());
  TRY(dict_set_str(thread, sys, key, stream.borrow()));
  return dict_set_str(thread, sys, dunder, stream.borrow());
}

// The name by which codecs knows an encoding ("latin-1": "iso8859-1"), as sys.stdout.encoding shows
// it.
Result<void> codec_name(Thread& thread, std::string& encoding) {
  if (encoding == "UTF-8") encoding = "utf-8";
  if (encoding == "utf-8") return {};
  Ref<Str> text = TRY(str_from_utf8(thread, encoding));
  AnyRef info = TRY(codecs_lookup(thread, text));
  AnyRef name = TRY(get_attr(thread, info, NAME("name")));
  if (!is_str(name.value())) return raise<TypeError>(thread, "codec name is not a str");
  encoding = TRY(str_utf8(thread, Borrowed<Str>(name.value())));
  return {};
}

// The locale's encoding and error handler, PYTHONIOENCODING=encoding:errors over them.
Result<void> stream_text(Thread& thread, const StartOptions& options, StreamText& text) {
  std::string_view name = locale_name();
  // In these the bytes of names and data may be anything.
  bool lenient = options.utf8_mode || name == "C" || name == "POSIX" || name == "C.UTF-8" ||
                 name == "C.utf8" || name == "UTF-8";
  text.encoding = options.utf8_mode ? "utf-8" : locale_codeset();
  text.errors = lenient ? "surrogateescape" : "strict";
  const char* wanted = options.ignore_environment ? nullptr : std::getenv("PYTHONIOENCODING");
  if (wanted && *wanted) {
    std::string_view all = wanted;
    size_t colon = all.find(':');
    std::string_view encoding = all.substr(0, colon);
    if (!encoding.empty()) text.encoding = encoding;
    if (colon != std::string_view::npos && colon + 1 < all.size())
      text.errors = all.substr(colon + 1);
    else if (!encoding.empty())
      text.errors = "strict";
  }
  return codec_name(thread, text.encoding);
}
}  // namespace

Result<void> streams_start(Thread& thread, Interpreter& interpreter) {
  Ref<Str> name = TRY(
      str_intern_ascii(thread, "_io"));  // io itself, and abc with it, is imported by who needs it
  AnyRef io = TRY(import_module(thread, name));
  StreamText text;
  TRY(stream_text(thread, interpreter.options, text));
  TRY(open_stream(thread, io, 0, "stdin", text));
  TRY(open_stream(thread, io, 1, "stdout", text));
  text.errors = "backslashreplace";
  TRY(open_stream(thread, io, 2, "stderr", text));
  AnyRef open = TRY(get_attr(thread, io, NAME("open")));
  return dict_set_str(thread, Borrowed<Dict>(interpreter.builtins_dict), NAME("open"),
                      open.borrow());
}

namespace {
// The warnings module; absent when the library needs a module that is not there yet. Then the
// warning goes to stderr as it is.
AnyLookup warnings_module(Thread& thread, Type* category, Any message) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "warnings"));
  AnyResult module = import_module(thread, name);
  if (!module.raised()) return module.take();
  if (!pending_is<ModuleNotFoundError>(thread)) return Raised{};
  clear_exception(thread);
  // What the default filters ignore.
  for (Type* ignored : {EXCEPTION(ResourceWarning), EXCEPTION(DeprecationWarning),
                        EXCEPTION(PendingDeprecationWarning), EXCEPTION(ImportWarning)}) {
    if (is_subtype(category, ignored)) return AnyLookup::absent();
  }
  AnyLookup stream = dict_get_str(thread, interpreter_sys(thread), NAME("stderr"));
  if (stream.raised()) return Raised{};
  if (stream.found() && !stream.value().is_none()) {
    const FormatArgument parts[] = {FormatArgument(category->name.borrow()),
                                    FormatArgument(message)};
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
  AnyRef done = TRY(call_method(thread, module.borrow(), NAME("warn"),
                                {message.value(), Value(category), small_int(stack_level)}));
  return {};
}

Result<void> warn_resource(Thread& thread, Any message, Any source) {
  AnyLookup module = warnings_module(thread, EXCEPTION(ResourceWarning), message);
  if (module.raised()) return Raised{};
  if (module.is_absent()) return {};
  AnyRef done = TRY(call_method(
      thread, module.borrow(), NAME("warn"),
      {message.value(), Value(EXCEPTION(ResourceWarning)), small_int(1), source.value()}));
  return {};
}

Result<void> warn_explicit(Thread& thread, Type* category, Any message, Borrowed<Str> filename,
                           Word line) {
  if (!interpreter_of(thread).import_function)
    return {};  // the library's own bootstrap warns about nothing
  AnyLookup module = warnings_module(thread, category, message);
  if (module.raised()) return Raised{};
  if (module.is_absent()) return {};
  AnyRef done =
      TRY(call_method(thread, module.borrow(), NAME("warn_explicit"),
                      {message.value(), Value(category), filename.value(), small_int(line)}));
  return {};
}

}  // namespace dx
