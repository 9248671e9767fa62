// The _io module.

#include "modules/io/io.h"

#include "modules/io/open.h"
#include "objects/exception.h"
#include "objects/module.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {

constexpr Method io_functions[] = {
    function<io_open>("open(file, mode='r', buffering=-1, encoding=None, errors=None, "
                      "newline=None, closefd=True, opener=None)",
                      "Open file and return a stream.  Raise OSError upon failure."),
    function<io_open_code>("open_code(path)",
                           "Opens the provided file with the intent to import the contents."),
    function<io_text_encoding>("text_encoding(encoding, stacklevel=2, /)",
                               "A helper function to choose the text encoding."),
};
constexpr ModuleConstant io_constants[] = {constant("DEFAULT_BUFFER_SIZE", kDefaultBufferSize)};
const ModuleType io_types[] = {
    {&io_base_spec, &io_base_type},
    {&raw_io_base_spec, &raw_io_base_type},
    {&buffered_io_base_spec, &buffered_io_base_type},
    {&text_io_base_spec, &text_io_base_type},
    {&fileio_spec, &fileio_type},
    {&bytesio_spec, &bytesio_type},
    {&bytesio_buffer_spec, &bytesio_buffer_type},
    {&stringio_spec, &stringio_type},
    {&buffered_reader_spec, &buffered_reader_type},
    {&buffered_writer_spec, &buffered_writer_type},
    {&buffered_random_spec, &buffered_random_type},
    {&buffered_pair_spec, &buffered_pair_type},
    {&text_wrapper_spec, &text_wrapper_type},
    {&newline_decoder_spec, &newline_decoder_type},
};

Result<void> io_initialize(Thread& thread, Borrowed<Module> module) {
  if (!unsupported_operation) {
    Ref<Tuple> bases =
        TRY(tuple_of(thread, {Value(EXCEPTION(OSError)), Value(EXCEPTION(ValueError))}));
    Ref<Dict> body = TRY(dict_create(thread));
    TRY(dict_set_str(thread, body, NAME("__module__"), Any(Value(NAME("io")))));
    AnyRef made = TRY(call(thread, Any(Value(TYPE(type))),
                           {Value(NAME("UnsupportedOperation")), bases.value(), body.value()}));
    make_immortal(made.value().object());
    unsupported_operation = static_cast<Type*>(made.value().object());
  }
  TRY(module_set(thread, module, "UnsupportedOperation", Any(Value(unsupported_operation))));
  return module_set(thread, module, "BlockingIOError", Any(Value(EXCEPTION(BlockingIOError))));
}

}  // namespace

extern const ModuleSpec _io_module{
    .name = "_io",
    .doc = "The io module provides the Python interfaces to stream handling.",
    .functions = io_functions,
    .constants = io_constants,
    .types = io_types,
    .initialize = io_initialize};

}  // namespace dx
