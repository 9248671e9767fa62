#pragma once
// Raising. raise<ValueError>(thread, "invalid literal: {}", repr_of(value)) stores a new exception
// on the thread and returns Raised, which converts to any Result. `{}` takes text (const char*,
// std::string_view), integers, Any (its str()), repr_of(x) and type_of_(x) (the type's name). `{{`
// and `}}` are braces.

#include <string_view>

#include "memory/ref.h"
#include "objects/names.h"

namespace dx {

struct Type;
struct BaseException;

// Every builtin exception class, in an order where bases come first: DX_EXCEPTION(Name, Base).
// clang-format off
#define DX_FOR_EACH_EXCEPTION(X) \
  X(Exception, BaseException) \
  X(GeneratorExit, BaseException) \
  X(KeyboardInterrupt, BaseException) \
  X(SystemExit, BaseException) \
  X(BaseExceptionGroup, BaseException) \
  X(ArithmeticError, Exception) \
  X(AssertionError, Exception) \
  X(AttributeError, Exception) \
  X(BufferError, Exception) \
  X(EOFError, Exception) \
  X(ImportError, Exception) \
  X(LookupError, Exception) \
  X(MemoryError, Exception) \
  X(NameError, Exception) \
  X(OSError, Exception) \
  X(ReferenceError, Exception) \
  X(RuntimeError, Exception) \
  X(StopAsyncIteration, Exception) \
  X(StopIteration, Exception) \
  X(SyntaxError, Exception) \
  X(SystemError, Exception) \
  X(TypeError, Exception) \
  X(ValueError, Exception) \
  X(Warning, Exception) \
  X(FloatingPointError, ArithmeticError) \
  X(OverflowError, ArithmeticError) \
  X(ZeroDivisionError, ArithmeticError) \
  X(ModuleNotFoundError, ImportError) \
  X(IndexError, LookupError) \
  X(KeyError, LookupError) \
  X(UnboundLocalError, NameError) \
  X(BlockingIOError, OSError) \
  X(ChildProcessError, OSError) \
  X(ConnectionError, OSError) \
  X(FileExistsError, OSError) \
  X(FileNotFoundError, OSError) \
  X(InterruptedError, OSError) \
  X(IsADirectoryError, OSError) \
  X(NotADirectoryError, OSError) \
  X(PermissionError, OSError) \
  X(ProcessLookupError, OSError) \
  X(TimeoutError, OSError) \
  X(BrokenPipeError, ConnectionError) \
  X(ConnectionAbortedError, ConnectionError) \
  X(ConnectionRefusedError, ConnectionError) \
  X(ConnectionResetError, ConnectionError) \
  X(NotImplementedError, RuntimeError) \
  X(PythonFinalizationError, RuntimeError) \
  X(RecursionError, RuntimeError) \
  X(IndentationError, SyntaxError) \
  X(_IncompleteInputError, SyntaxError) \
  X(TabError, IndentationError) \
  X(UnicodeError, ValueError) \
  X(UnicodeDecodeError, UnicodeError) \
  X(UnicodeEncodeError, UnicodeError) \
  X(UnicodeTranslateError, UnicodeError) \
  X(BytesWarning, Warning) \
  X(DeprecationWarning, Warning) \
  X(EncodingWarning, Warning) \
  X(FutureWarning, Warning) \
  X(ImportWarning, Warning) \
  X(PendingDeprecationWarning, Warning) \
  X(ResourceWarning, Warning) \
  X(RuntimeWarning, Warning) \
  X(SyntaxWarning, Warning) \
  X(UnicodeWarning, Warning) \
  X(UserWarning, Warning)
// clang-format on

enum class ExceptionId : uint8_t {
  BaseException,
#define X(name, base) name,
  DX_FOR_EACH_EXCEPTION(X)
#undef X
      ExceptionGroup,  // two bases: BaseExceptionGroup and Exception
  count
};
extern Type* exception_types[static_cast<size_t>(ExceptionId::count)];
// EXCEPTION(KeyError): the class.
#define EXCEPTION(name) (::dx::exception_types[static_cast<size_t>(::dx::ExceptionId::name)])

// Tags for raise<>.
#define X(name, base)                                    \
  struct name {                                          \
    static constexpr ExceptionId id = ExceptionId::name; \
  };
DX_FOR_EACH_EXCEPTION(X)
#undef X

struct ReprOf {
  Value value;
};
inline ReprOf repr_of(Any value) { return ReprOf{value}; }
struct TypeNameOf {
  Value value;
};
inline TypeNameOf type_name_in(Any value) { return TypeNameOf{value}; }

struct FormatArgument {
  enum class Kind : uint8_t { text, integer, unsigned_, value, repr, type_name } kind;
  std::string_view text;
  int64_t integer = 0;
  Value value;
  FormatArgument(const char* s) : kind(Kind::text), text(s) {}
  FormatArgument(std::string_view s) : kind(Kind::text), text(s) {}
  template <class T>
    requires std::is_integral_v<T>
  FormatArgument(T number)
      : kind(std::is_signed_v<T> ? Kind::integer : Kind::unsigned_),
        integer(static_cast<int64_t>(number)) {}
  FormatArgument(Any any) : kind(Kind::value), value(any) {}
  template <class T>
  FormatArgument(Borrowed<T> any) : kind(Kind::value), value(any) {}
  template <class T>
  FormatArgument(const Ref<T>& any) : kind(Kind::value), value(any.value()) {}
  template <class T>
    requires std::is_base_of_v<Object, T>
  FormatArgument(T* object) : kind(Kind::value), value(object) {}
  FormatArgument(ReprOf repr) : kind(Kind::repr), value(repr.value) {}
  FormatArgument(TypeNameOf of) : kind(Kind::type_name), value(of.value) {}
};

Raised raise_formatted(Thread& thread, ExceptionId id, const char* format,
                       const FormatArgument* arguments, size_t count);
template <class E, class... A>
Raised raise(Thread& thread, const char* format, A&&... arguments) {
  if constexpr (sizeof...(A) == 0) {
    return raise_formatted(thread, E::id, format, nullptr, 0);
  } else {
    const FormatArgument list[] = {FormatArgument(arguments)...};
    return raise_formatted(thread, E::id, format, list, sizeof...(A));
  }
}
// The str that raise would use.
AnyResult format_text(Thread& thread, const char* format, const FormatArgument* arguments,
                      size_t count);

// Raises exception class `type` called with one argument (KeyError(key), StopIteration(value)) or
// with a tuple's items.
Raised raise_value(Thread& thread, Type* type, Any argument);
// Raises an instance.
Raised raise_object(Thread& thread, AnyRef exception);
Raised raise_memory_error(Thread& thread);  // preallocated when memory is short
Raised raise_key_error(Thread& thread, Any key);
Raised raise_stop_iteration(Thread& thread, Any value);
Raised raise_os_error(Thread& thread, int error_number, MaybeAny filename = {},
                      MaybeAny filename2 = {});
Raised raise_attribute_error(Thread& thread, Any object,
                             Any name);  // "'T' object has no attribute 'n'", with name and obj

inline bool exception_pending(const Thread& thread) { return bool(thread.exception); }
// Whether the pending exception is an instance of E (BaseException subclasses by MRO, no hooks).
bool pending_is(Thread& thread, ExceptionId id);
template <class E>
bool pending_is(Thread& thread) {
  return pending_is(thread, E::id);
}
Maybe<Ref<Object>> take_exception(Thread& thread);  // clears the pending exception
void clear_exception(Thread& thread);
// Reports the pending exception through sys.unraisablehook and clears it.
void report_unraisable(Thread& thread, const char* context, MaybeAny object);

}  // namespace dx
