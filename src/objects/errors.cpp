// Raising: text for messages, and the pending exception of a thread.

#include "objects/errors.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "objects/exception.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {

Result<void> append_argument(Thread& thread, StrBuilder& builder, const FormatArgument& argument) {
  using Kind = FormatArgument::Kind;
  switch (argument.kind) {
    case Kind::text: {
      Ref<Str> text = TRY(str_from_filesystem(thread, argument.text));
      return builder.append(text.borrow());
    }
    case Kind::integer: return builder.append(std::to_string(argument.integer));
    case Kind::unsigned_:
      return builder.append(std::to_string(static_cast<uint64_t>(argument.integer)));
    case Kind::value: {
      if (is_str(argument.value)) return builder.append(Borrowed<Str>(argument.value));
      Ref<Str> text = TRY(str(thread, Any(argument.value)));
      return builder.append(text.borrow());
    }
    case Kind::repr: {
      Ref<Str> text = TRY(repr(thread, Any(argument.value)));
      return builder.append(text.borrow());
    }
    case Kind::type_name: {
      Ref<Str> text = TRY(str_from_filesystem(thread, type_name_of(thread, argument.value)));
      return builder.append(text.borrow());
    }
  }
  return {};
}

void set_pending(Thread& thread, Value owned) {
  Value old = thread.exception;
  thread.exception = owned;
  decref(thread, old);
}

Value preallocated_memory_error;  // made by the first raise_memory_error that succeeds in making
                                  // one, at start-up

}  // namespace

AnyResult format_text(Thread& thread, const char* format, const FormatArgument* arguments,
                      size_t count) {
  StrBuilder builder(thread);
  size_t used = 0;
  for (const char* at = format; *at; ++at) {
    if ((at[0] == '{' && at[1] == '{') || (at[0] == '}' && at[1] == '}')) {
      TRY(builder.append(static_cast<char32_t>(*at++)));
    } else if (at[0] == '{' && at[1] == '}') {
      CHECK(used < count);
      TRY(append_argument(thread, builder, arguments[used++]));
      ++at;
    } else {
      const char* end = at;
      while (*end && *end != '{' && *end != '}') ++end;
      if (end == at) ++end;
      TRY(builder.append(std::string_view(at, static_cast<size_t>(end - at))));
      at = end - 1;
    }
  }
  return builder.finish();
}

Raised raise_formatted(Thread& thread, ExceptionId id, const char* format,
                       const FormatArgument* arguments, size_t count) {
  AnyResult text = format_text(thread, format, arguments, count);
  if (text.raised()) return Raised{};  // MemoryError, or what __str__ of an argument raised
  return raise_value(thread, exception_types[static_cast<size_t>(id)], text.take().borrow());
}

Raised raise_value(Thread& thread, Type* type, Any argument) {
  AnyResult exception = call(thread, Any(Value(type)), {argument.value()});
  if (exception.raised()) return Raised{};
  return raise_object(thread, exception.take());
}

Raised raise_object(Thread& thread, AnyRef exception) {
  set_pending(thread, exception.release());
  return Raised{};
}

Raised raise_memory_error(Thread& thread) {
  if (!preallocated_memory_error) {
    Type* type = EXCEPTION(MemoryError);
    CHECK(type);  // memory ran out before start-up finished
    AnyResult made = type->slot<SlotId::new_>()(thread, Borrowed<Type>(type), Arguments{});
    CHECK(!made.raised());
    preallocated_memory_error = made.release();
    make_immortal(preallocated_memory_error.object());
  }
  set_pending(thread, preallocated_memory_error);
  return Raised{};
}

Raised raise_key_error(Thread& thread, Any key) {
  // A tuple key must stay one argument.
  AnyResult exception = call(thread, Any(Value(EXCEPTION(KeyError))), {key.value()});
  if (exception.raised()) return Raised{};
  return raise_object(thread, exception.take());
}

Raised raise_stop_iteration(Thread& thread, Any value) {
  if (value.is_none()) {
    AnyResult plain = call(thread, Any(Value(EXCEPTION(StopIteration))), Arguments{});
    if (plain.raised()) return Raised{};
    return raise_object(thread, plain.take());
  }
  return raise_value(thread, EXCEPTION(StopIteration), value);
}

Raised raise_os_error(Thread& thread, int error_number, MaybeAny filename, MaybeAny filename2) {
  Result<Ref<Str>> text = str_from_filesystem(thread, std::strerror(error_number));
  if (text.raised()) return Raised{};
  Ref<Str> message = text.take();
  AnyResult exception = Raised{};
  Any type = Value(EXCEPTION(OSError));
  if (filename2) {
    exception = call(
        thread, type,
        {small_int(error_number), message.value(), filename.value(), kNone, filename2.value()});
  } else if (filename) {
    exception = call(thread, type, {small_int(error_number), message.value(), filename.value()});
  } else {
    exception = call(thread, type, {small_int(error_number), message.value()});
  }
  if (exception.raised()) return Raised{};
  return raise_object(thread, exception.take());
}

Raised raise_attribute_error(Thread& thread, Any object, Any name) {
  if (is_type(object)) {
    (void)raise<AttributeError>(thread, "type object '{}' has no attribute '{}'",
                                type_name(thread, static_cast<Type*>(object.object())), name);
  } else {
    (void)raise<AttributeError>(thread, "'{}' object has no attribute '{}'", type_name_in(object),
                                name);
  }
  if (pending_is<AttributeError>(thread)) {
    Any exception(thread.exception);
    exception_field_set(thread, exception, exception_field::attribute_error_name, name);
    exception_field_set(thread, exception, exception_field::attribute_error_obj, object);
  }
  return Raised{};
}

bool pending_is(Thread& thread, ExceptionId id) {
  return thread.exception &&
         is_subtype(type_of(thread.exception), exception_types[static_cast<size_t>(id)]);
}

Maybe<Ref<Object>> take_exception(Thread& thread) {
  Value exception = thread.exception;
  thread.exception = Value{};
  return Maybe<Ref<Object>>::adopt(exception);
}

void clear_exception(Thread& thread) { set_pending(thread, Value{}); }

Raised raise_import_error(Thread& thread, Type* type, Any message, Any name, Any path) {
  AnyResult exception = call(thread, Any(Value(type)), {message.value()});
  if (exception.raised()) return Raised{};
  AnyRef made = exception.take();
  exception_field_set(thread, made, exception_field::import_name, name);
  exception_field_set(thread, made, exception_field::import_path, path);
  return raise_object(thread, std::move(made));
}

Raised raise_syntax_error(Thread& thread, Type* type, Any message, Any filename, Word line,
                          Word offset, Any text, Word end_line, Word end_offset) {
  Result<Ref<Tuple>> details =
      tuple_of(thread, {filename.value(), small_int(line), small_int(offset), text.value(),
                        small_int(end_line), small_int(end_offset)});
  if (details.raised()) return Raised{};
  Ref<Tuple> owned = details.take();
  AnyResult exception = call(thread, Any(Value(type)), {message.value(), owned.value()});
  if (exception.raised()) return Raised{};
  return raise_object(thread, exception.take());
}

}  // namespace dx
