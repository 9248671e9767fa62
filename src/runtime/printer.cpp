// The streams of start-up: write() and flush() on a file descriptor, without buffering or encoding.
// sys.stdout and sys.stderr are these until the io module has been imported.

#include "runtime/printer.h"

#include <cerrno>
#include <unistd.h>

#include "memory/safepoint.h"
#include "objects/str.h"

namespace dx {

namespace {
struct Printer : Object {
  int descriptor;
};
TypeHandle printer_type;

Result<Word> printer_write(Thread& thread, Borrowed<Printer> self, Any text) {
  if (!is_str(text))
    return raise<TypeError>(thread, "write() argument must be str, not {}", type_name_in(text));
  Borrowed<Str> str(text.value());
  Result<std::string_view> utf8 = str_utf8(thread, str);
  Maybe<Ref<Str>> escaped;
  if (utf8.raised()) {
    if (!pending_is<UnicodeError>(thread)) return Raised{};
    clear_exception(thread);
    escaped = Maybe<Ref<Str>>(TRY(ascii(thread, text)));
    utf8 = str_utf8(thread, escaped.borrow());
    if (utf8.raised()) return Raised{};
  }
  std::string_view bytes = utf8.take();
  while (!bytes.empty()) {
    ssize_t written = ::write(self->descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        TRY(poll_signals(thread));
        continue;
      }
      return raise_os_error(thread, errno);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return str->length();
}
Value printer_flush(Thread&, Borrowed<Printer>) { return kNone; }
Value printer_close(Thread&, Borrowed<Printer>) { return kNone; }
Word printer_fileno(Borrowed<Printer> self) { return self->descriptor; }
bool printer_isatty(Borrowed<Printer> self) { return isatty(self->descriptor); }
AnyResult printer_encoding(Thread& thread, Any) { return str_intern_ascii(thread, "utf-8"); }
Value printer_closed(Thread&, Any) { return kFalse; }
AnyResult printer_mode(Thread& thread, Any) { return str_intern_ascii(thread, "w"); }

constexpr Method printer_methods[] = {
    method<printer_write>("write(text, /)"), method<printer_flush>("flush()"),
    method<printer_close>("close()"), method<printer_fileno>("fileno()"),
    method<printer_isatty>("isatty()")};
const GetSet printer_getsets[] = {getter<printer_encoding>("encoding"),
                                  getter<printer_closed>("closed"), getter<printer_mode>("mode")};
const Layout printer_layout{"stderrprinter", sizeof(Printer), false, nullptr, nullptr};
const TypeSpec printer_spec{.name = "stderrprinter",
                            .flags = kTypeDisallowNew,
                            .layout = &printer_layout,
                            .methods = printer_methods,
                            .getsets = printer_getsets};
}  // namespace

AnyResult printer_create(Thread& thread, int descriptor) {
  TRY(type_from_spec(thread, printer_spec, printer_type));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(printer_type.type)));
  static_cast<Printer*>(made.get())->descriptor = descriptor;
  return made;
}

}  // namespace dx
