#pragma once
// Exceptions as objects. Every class has the base's fields; those with attributes of their own
// (StopIteration.value, OSError.errno, ...) share one wider layout whose fields the class's
// attribute table names.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct BaseException : Object {
  Field<Tuple> args;
  Field<Object> traceback;  // Traceback or empty
  Field<Object> context;    // exception or empty
  Field<Object> cause;      // exception or empty
  std::atomic<uint64_t> suppress_context;
};

constexpr size_t kExceptionFields = 9;
struct ExtendedException : BaseException {
  Field<Object> fields[kExceptionFields];  // empty: None
};

template <>
struct TypeCheck<BaseException> {
  static bool check(Value value) { return has_layout(value, kShapeException); }
  static constexpr const char* name = "BaseException";
};
inline bool is_exception(Value value) { return has_layout(value, kShapeException); }
// type(), as `raise type` makes it.
AnyResult exception_instance(Thread& thread, Borrowed<Type> type);
// Whether value is a class derived from BaseException.
bool is_exception_class(Value value);

// Field numbers of the wider classes.
namespace exception_field {
constexpr size_t stop_iteration_value = 0, system_exit_code = 0, name_error_name = 0;
constexpr size_t attribute_error_name = 0, attribute_error_obj = 1;
constexpr size_t import_msg = 0, import_name = 1, import_path = 2, import_name_from = 3;
constexpr size_t os_errno = 0, os_strerror = 1, os_filename = 2, os_filename2 = 3,
                 os_characters_written = 4;
constexpr size_t syntax_msg = 0, syntax_filename = 1, syntax_lineno = 2, syntax_offset = 3,
                 syntax_text = 4, syntax_end_lineno = 5, syntax_end_offset = 6,
                 syntax_print_file_and_line = 7, syntax_metadata = 8;
constexpr size_t unicode_encoding = 0, unicode_object = 1, unicode_start = 2, unicode_end = 3,
                 unicode_reason = 4;
constexpr size_t group_message = 0, group_exceptions = 1;
}  // namespace exception_field
AnyRef exception_field_get(Thread& thread, Any exception, size_t field);  // kNone when empty
void exception_field_set(Thread& thread, Any exception, size_t field, Any value);

// StopIteration's value from the pending exception, which is cleared. Requires:
// pending_is<StopIteration>.
AnyRef take_stop_iteration_value(Thread& thread);
Result<void> exceptions_initialize(Thread& thread);  // after types_initialize

// Raised by codecs, parsers.
Raised raise_syntax_error(Thread& thread, Type* type, Any message, Any filename, Word line,
                          Word offset, Any text, Word end_line, Word end_offset);
Raised raise_import_error(Thread& thread, Type* type, Any message, Any name, Any path);

}  // namespace dx
