// _io: a name that importlib needs. The streams are not there yet: each raises an error that says so.

#include "objects/module.h"
#include "objects/str.h"

namespace dx {

namespace {
AnyResult io_open_code(Thread& thread, Any path) {
  return raise<NotImplementedError>(thread, "dx-py: io.open_code is not there yet (opening {})", repr_of(path));
}
AnyResult io_open(Thread& thread, Arguments arguments) {
  return raise<NotImplementedError>(thread, "dx-py: open() is not there yet");
}
constexpr Method io_functions[] = {function<io_open_code>("open_code(path)", "Opens the provided file with the intent to import the contents."),
                                   function<io_open>("open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)", "Open file and return a stream.")};
}  // namespace

extern const ModuleSpec _io_module{.name = "_io", .functions = io_functions};

}  // namespace dx
