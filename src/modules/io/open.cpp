// io.open, open_code and text_encoding.

#include "modules/io/open.h"

#include <cstdlib>

#include "modules/io/textio.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/str.h"
#include "runtime/interpreter_state.h"

namespace dx {

namespace {

struct Mode {
  bool creating = false, reading = false, writing = false, appending = false, updating = false,
       text = false, binary = false;
};

Result<Mode> parse_mode(Thread& thread, Borrowed<Str> mode_text) {
  Mode mode;
  StrView view = mode_text->view();
  for (Word i = 0; i < view.length; ++i) {
    bool* flag;
    switch (view[i]) {
      case 'x': flag = &mode.creating; break;
      case 'r': flag = &mode.reading; break;
      case 'w': flag = &mode.writing; break;
      case 'a': flag = &mode.appending; break;
      case '+': flag = &mode.updating; break;
      case 't': flag = &mode.text; break;
      case 'b': flag = &mode.binary; break;
      default: flag = nullptr;
    }
    if (!flag || *flag) return raise<ValueError>(thread, "invalid mode: {}", repr_of(mode_text));
    *flag = true;
  }
  if (mode.text && mode.binary)
    return raise<ValueError>(thread, "can't have text and binary mode at once");
  if (mode.creating + mode.reading + mode.writing + mode.appending > 1) {
    return raise<ValueError>(thread, "must have exactly one of create/read/write/append mode");
  }
  return mode;
}

Result<void> text_or_none(Thread& thread, Any value, const char* name) {
  if (value.is_none() || is_str(value)) return {};
  return raise<TypeError>(thread, "open() argument '{}' must be str or None, not {}", name,
                          type_name_in(value));
}

AnyResult open_layers(Thread& thread, Any raw, const Mode& mode, Any mode_text, int buffering,
                      Any encoding, Any errors, Any newline, AnyRef& result) {
  auto* file = static_cast<FileIO*>(raw.object());
  bool plain = is_plain_fileio(thread, raw.value());
  bool terminal = false;
  if (buffering < 0) {
    if (!plain || file->character_device) {
      AnyRef answer = TRY(call_method(thread, raw, NAME("_isatty_open_only"), {}));
      terminal = TRY(is_true(thread, answer));
    }
  }
  bool line_buffering = buffering == 1 || terminal;
  Word size = buffering;
  if (buffering < 0 || (buffering == 1 && !mode.binary)) {
    Word block = plain ? file->block_size
                       : TRY(index_word(thread, TRY(get_attr(thread, raw, NAME("_blksize")))));
    size = std::max(std::min(block, Word{8} << 20), kDefaultBufferSize);
  } else if (buffering == 1) {
    size = kDefaultBufferSize;
  }
  if (buffering == 0) {
    if (!mode.binary) return raise<ValueError>(thread, "can't have unbuffered text I/O");
    return share(thread, raw);
  }
  const TypeHandle* layer = mode.updating ? &buffered_random_type
                            : mode.creating || mode.writing || mode.appending
                                ? &buffered_writer_type
                                : &buffered_reader_type;
  if (!mode.updating && !mode.creating && !mode.writing && !mode.appending && !mode.reading)
    return raise<ValueError>(thread, "unknown mode: '{}'", mode_text);
  AnyRef buffer = TRY(call(thread, Any(Value(layer->type)), {raw.value(), small_int(size)}));
  result = share(thread, buffer.borrow());
  if (mode.binary) return buffer;
  AnyRef wrapper = TRY(call(thread, Any(Value(text_wrapper_type.type)),
                            {buffer.value(), encoding.value(), errors.value(), newline.value(),
                             bool_value(line_buffering)}));
  result = share(thread, wrapper.borrow());
  TRY(set_attr(thread, wrapper, NAME("mode"), MaybeAny(mode_text.value())));
  return wrapper;
}

}  // namespace

AnyResult io_open(Thread& thread, Any file, Any mode_argument, int buffering, Any encoding,
                  Any errors, Any newline, bool closefd, Any opener) {
  if (!is_str(mode_argument)) {
    return raise<TypeError>(thread, "open() argument 'mode' must be str, not {}",
                            mode_argument.is_none() ? FormatArgument("None")
                                                    : FormatArgument(type_name_in(mode_argument)));
  }
  TRY(text_or_none(thread, encoding, "encoding"));
  TRY(text_or_none(thread, errors, "errors"));
  TRY(text_or_none(thread, newline, "newline"));
  AnyRef path = share(thread, file);
  if (!is_str(file) && !is_bytes(file) && !is_int(file)) {
    AnyLookup method = lookup_special(thread, file, NAME("__fspath__"));
    if (method.raised()) return Raised{};
    if (method.is_absent() || method.value().is_none()) {
      if (!has_index(file))
        return raise<TypeError>(thread, "expected str, bytes or os.PathLike object, not {}",
                                type_name_in(file));
      path = TRY(to_index(thread, file));
    } else {
      path = TRY(call(thread, method.borrow(), {}));
      if (!is_str(path.value()) && !is_bytes(path.value())) {
        return raise<TypeError>(thread, "expected {}.__fspath__() to return str or bytes, not {}",
                                type_name_in(file), type_name_in(path.borrow()));
      }
    }
  }
  Mode mode = TRY(parse_mode(thread, Borrowed<Str>(mode_argument.value())));
  if (mode.binary) {
    if (!encoding.is_none())
      return raise<ValueError>(thread, "binary mode doesn't take an encoding argument");
    if (!errors.is_none())
      return raise<ValueError>(thread, "binary mode doesn't take an errors argument");
    if (!newline.is_none())
      return raise<ValueError>(thread, "binary mode doesn't take a newline argument");
    if (buffering == 1) {
      TRY(warn<RuntimeWarning>(thread, 1,
                               "line buffering (buffering=1) isn't supported in binary mode, the "
                               "default buffer size will be used"));
    }
  }
  char raw_mode[6];
  size_t length = 0;
  if (mode.creating) raw_mode[length++] = 'x';
  if (mode.reading) raw_mode[length++] = 'r';
  if (mode.writing) raw_mode[length++] = 'w';
  if (mode.appending) raw_mode[length++] = 'a';
  if (mode.updating) raw_mode[length++] = '+';
  Ref<Str> raw_mode_text = TRY(str_intern_ascii(thread, std::string_view(raw_mode, length)));
  AnyRef raw =
      TRY(call(thread, Any(Value(fileio_type.type)),
               {path.value(), raw_mode_text.value(), bool_value(closefd), opener.value()}));
  AnyRef result = share(thread, raw.borrow());
  AnyResult opened =
      open_layers(thread, raw, mode, mode_argument, buffering, encoding, errors, newline, result);
  if (!opened.raised()) return opened;
  Maybe<Ref<Object>> error = take_exception(thread);
  (void)call_method(thread, result, NAME("close"), {}).raised();
  return raise_after(thread, std::move(error));
}

AnyResult io_open_code(Thread& thread, Any path) {
  if (!is_str(path))
    return raise<TypeError>(thread, "open_code() argument 'path' must be str, not {}",
                            type_name_in(path));
  return io_open(thread, path, Any(Value(NAME("rb"))), -1, kNone, kNone, kNone, true, kNone);
}

bool io_warns_default_encoding(Thread& thread) {
  const StartOptions& options = interpreter_of(thread).options;
  for (const std::string& option : options.x_options) {
    if (option == "warn_default_encoding") return true;
  }
  const char* variable =
      options.ignore_environment ? nullptr : std::getenv("PYTHONWARNDEFAULTENCODING");
  return variable && *variable;
}

AnyResult io_text_encoding(Thread& thread, Any encoding, int stacklevel) {
  if (!encoding.is_none()) return share(thread, encoding);
  if (io_warns_default_encoding(thread))
    TRY(warn<EncodingWarning>(thread, stacklevel, "'encoding' argument not specified"));
  return share(thread, Any(Value(interpreter_of(thread).options.utf8_mode ? NAME("utf-8")
                                                                          : NAME("locale"))));
}

}  // namespace dx
