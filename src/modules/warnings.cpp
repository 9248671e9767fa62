// _warnings: only what importlib reaches for. The filters are the library's own (_py_warnings),
// which warnings.py uses when this module does not offer them.

#include "objects/module.h"
#include "objects/str.h"

namespace dx {

namespace {
AnyResult warnings_warn(Thread& thread, Arguments arguments) {
  Ref<Str> name = TRY(str_intern_ascii(thread, "warnings"));
  AnyRef module = TRY(import_module(thread, name));
  AnyRef warn = TRY(get_attr(thread, module, NAME("warn")));
  return call(thread, warn, arguments);
}
constexpr Method warnings_functions[] = {function<warnings_warn>(
    "warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=?)",
    "Issue a warning, or maybe ignore it or raise an exception.")};
}  // namespace

extern const ModuleSpec _warnings_module{
    .name = "_warnings",
    .doc = "_warnings provides basic warning filtering support.",
    .functions = warnings_functions};

}  // namespace dx
