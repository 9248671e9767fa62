// The builtin exception classes. A class without fields of its own is made from a table line; the
// others add an __init__ and, where CPython's differs, a __str__.

#include "objects/exception.h"

#include <cerrno>
#include <cstring>

#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/exception_group.h"
#include "objects/instance.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/traceback.h"
#include "objects/tuple.h"

namespace dx {

Type* exception_types[static_cast<size_t>(ExceptionId::count)];

namespace {

ExtendedException* extended(Any exception) {
  return static_cast<ExtendedException*>(exception.object());
}
AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}
AnyRef none() { return AnyRef::adopt(kNone); }

void trace_exception(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<BaseException*>(object);
  visit(self->args);
  visit(self->traceback);
  visit(self->context);
  visit(self->cause);
}
void trace_extended(Object* object, SlotVisitor& visit) {
  trace_exception(object, visit);
  for (Field<Object>& field : static_cast<ExtendedException*>(object)->fields) visit(field);
}

// ---- BaseException ------------------------------------------------------------------------------

AnyResult exception_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  AnyRef self = TRY(allocate_instance(thread, type));
  auto* exception = static_cast<BaseException*>(self.get());
  slot_init(exception, exception->args,
            TRY(tuple_from(thread, arguments.items, arguments.positional())));
  return self;
}

Result<void> no_keywords(Thread& thread, Any self, const Arguments& arguments) {
  if (!arguments.keywords()) return {};
  return raise<TypeError>(thread, "{}() takes no keyword arguments", type_of(self)->name.borrow());
}
Result<void> set_args(Thread& thread, Any self, const Arguments& arguments) {
  auto* exception = static_cast<BaseException*>(self.object());
  // Mostly __new__ has just put the same ones there.
  if (Maybe<Ref<Tuple>> known = field_load(thread, exception, exception->args);
      known && static_cast<size_t>(known->size) == arguments.positional()) {
    size_t same = 0;
    while (same < arguments.positional() &&
           known->item(static_cast<Word>(same)).is(arguments[same]))
      ++same;
    if (same == arguments.positional()) return {};
  }
  slot_write(thread, exception, exception->args,
             TRY(tuple_from(thread, arguments.items, arguments.positional())));
  return {};
}
Result<void> exception_init(Thread& thread, Any self, const Arguments& arguments) {
  TRY(no_keywords(thread, self, arguments));
  return set_args(thread, self, arguments);
}

AnyResult exception_str(Thread& thread, Any self) {
  Maybe<Ref<Tuple>> args =
      field_load(thread, self.object(), static_cast<BaseException*>(self.object())->args);
  if (!args || args->size == 0) return Ref<Str>::share(thread, str_empty());
  if (args->size == 1) return str(thread, args->item(0));
  return str(thread, args.borrow());
}

AnyResult exception_repr(Thread& thread, Any self) {
  Maybe<Ref<Tuple>> args =
      field_load(thread, self.object(), static_cast<BaseException*>(self.object())->args);
  if (args && args->size == 1)
    return text(thread, "{}({})", {type_of(self)->name.borrow(), repr_of(args->item(0))});
  return text(thread, "{}{}", {type_of(self)->name.borrow(), repr_of(args.borrow())});
}

AnyResult get_args(Thread& thread, Borrowed<BaseException> self) {
  return field_load(thread, self.get(), self->args).take();
}
Result<void> set_args_attribute(Thread& thread, Borrowed<BaseException> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "args may not be deleted");
  slot_write(thread, self.get(), self->args, TRY(sequence_tuple(thread, *value)));
  return {};
}
AnyRef load_or_none(Thread& thread, Object* container, const Field<Object>& field) {
  Maybe<Ref<Object>> value = field_load(thread, container, field);
  return value ? value.take() : none();
}
AnyRef get_traceback(Thread& thread, Borrowed<BaseException> self) {
  return load_or_none(thread, self.get(), self->traceback);
}
Result<void> set_traceback(Thread& thread, Borrowed<BaseException> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "__traceback__ may not be deleted");
  if (!value.value().is_none() && type_of(value.value()) != TYPE(traceback)) {
    return raise<TypeError>(thread, "__traceback__ must be a traceback or None");
  }
  if (value.value().is_none())
    slot_clear(thread, self.get(), self->traceback);
  else
    slot_write(thread, self.get(), self->traceback, share(thread, *value));
  return {};
}
Result<void> set_chain(Thread& thread, Borrowed<BaseException> self, Field<Object>& field,
                       MaybeAny value, const char* what) {
  if (!value) return raise<TypeError>(thread, "{} may not be deleted", what);
  if (value.value().is_none()) {
    slot_clear(thread, self.get(), field);
    return {};
  }
  if (!is_exception(value.value())) {
    return raise<TypeError>(thread, "exception {} must be None or derive from BaseException",
                            std::strcmp(what, "__cause__") == 0 ? "cause" : "context");
  }
  slot_write(thread, self.get(), field, share(thread, *value));
  return {};
}
AnyRef get_context(Thread& thread, Borrowed<BaseException> self) {
  return load_or_none(thread, self.get(), self->context);
}
Result<void> set_context(Thread& thread, Borrowed<BaseException> self, MaybeAny value) {
  return set_chain(thread, self, self->context, value, "__context__");
}
AnyRef get_cause(Thread& thread, Borrowed<BaseException> self) {
  return load_or_none(thread, self.get(), self->cause);
}
Result<void> set_cause(Thread& thread, Borrowed<BaseException> self, MaybeAny value) {
  TRY(set_chain(thread, self, self->cause, value, "__cause__"));
  self->suppress_context.store(1, std::memory_order_relaxed);
  return {};
}
bool get_suppress(Borrowed<BaseException> self) {
  return self->suppress_context.load(std::memory_order_relaxed);
}
Result<void> set_suppress(Thread& thread, Borrowed<BaseException> self, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "can't delete numeric/char attribute");
  if (!value.value().is_bool())
    return raise<TypeError>(thread, "attribute value type must be bool");
  self->suppress_context.store(value.value().is_true(), std::memory_order_relaxed);
  return {};
}

AnyResult exception_with_traceback(Thread& thread, Borrowed<BaseException> self, Any traceback) {
  TRY(set_traceback(thread, self, MaybeAny(traceback.value())));
  return share(thread, self);
}
Result<void> exception_add_note(Thread& thread, Borrowed<BaseException> self, Any note) {
  if (!is_str(note))
    return raise<TypeError>(thread, "note must be a str, not '{}'", type_name_in(note));
  AnyLookup notes = lookup_attr(thread, self, NAME("__notes__"));
  if (notes.raised()) return Raised{};
  if (notes.is_absent()) {
    Ref<List> fresh = TRY(list_create(thread));
    TRY(set_attr(thread, self, NAME("__notes__"), MaybeAny(fresh.value())));
    return list_append(thread, fresh, share(thread, note));
  }
  if (!is_list(notes.value()))
    return raise<TypeError>(thread, "Cannot add note: __notes__ is not a list");
  return list_append(thread, Borrowed<List>(notes.value()), share(thread, note));
}
AnyResult exception_reduce(Thread& thread, Borrowed<BaseException> self) {
  Maybe<Ref<Tuple>> args = field_load(thread, self.get(), self->args);
  if (shape_of(self.get()).flags & kShapeHasDict) {
    Ref<Dict> dict = TRY(instance_materialize(thread, self.get()));
    if (dict_size(dict))
      return tuple_of(thread, {Value(type_of(self)), args.value(), dict.value()});
  }
  return tuple_of(thread, {Value(type_of(self)), args.value()});
}
Result<void> exception_setstate(Thread& thread, Borrowed<BaseException> self, Any state) {
  if (state.is_none()) return {};
  if (!is_dict(state)) return raise<TypeError>(thread, "state is not a dictionary");
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, Borrowed<Dict>(state.value()), position, key, value)) {
    if (!is_str(key.value())) return raise<TypeError>(thread, "attribute name must be string");
    TRY(set_attr(thread, self, Borrowed<Str>(key.value()), MaybeAny(value.value())));
  }
  return {};
}

// ---- fields by number ---------------------------------------------------------------------------

template <size_t field>
AnyResult field_get(Thread& thread, Any self) {
  return exception_field_get(thread, self, field);
}
template <size_t field>
Result<void> field_set(Thread& thread, Any self, MaybeAny value) {
  if (value)
    exception_field_set(thread, self, field, *value);
  else
    slot_clear(thread, self.object(), extended(self)->fields[field]);
  return {};
}
template <size_t field>
constexpr GetSet attribute(const char* name) {
  return GetSet{name, &field_get<field>, &field_set<field>, nullptr};
}

// Takes the keywords a class knows out of the arguments; the positional ones become args.
Result<void> init_with_keywords(Thread& thread, Any self, const Arguments& arguments,
                                std::initializer_list<std::pair<const char*, size_t>> known) {
  for (size_t k = 0; k < arguments.keywords(); ++k) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(k)).value());
    bool found = false;
    for (auto [text, field] : known) {
      if (!str_equals_ascii(name, text)) continue;
      exception_field_set(thread, self, field, arguments[arguments.positional() + k]);
      found = true;
    }
    if (!found) {
      return raise<TypeError>(thread, "{}() got an unexpected keyword argument '{}'",
                              type_of(self)->name.borrow(), name);
    }
  }
  return set_args(thread, self, arguments);
}

Result<void> stop_iteration_init(Thread& thread, Any self, const Arguments& arguments) {
  TRY(exception_init(thread, self, arguments));
  exception_field_set(thread, self, 0, arguments.count ? arguments[0] : Any(kNone));
  return {};
}
Result<void> system_exit_init(Thread& thread, Any self, const Arguments& arguments) {
  TRY(exception_init(thread, self, arguments));
  if (arguments.count == 1) exception_field_set(thread, self, 0, arguments[0]);
  if (arguments.count > 1)
    exception_field_set(thread, self, 0,
                        TRY(tuple_from(thread, arguments.items, arguments.count)).borrow());
  return {};
}
Result<void> name_error_init(Thread& thread, Any self, const Arguments& arguments) {
  return init_with_keywords(thread, self, arguments, {{"name", exception_field::name_error_name}});
}
Result<void> attribute_error_init(Thread& thread, Any self, const Arguments& arguments) {
  return init_with_keywords(thread, self, arguments,
                            {{"name", exception_field::attribute_error_name},
                             {"obj", exception_field::attribute_error_obj}});
}
// What is pickled of an exception beside args: its __dict__ and the fields that have a value.
Result<Ref<Dict>> own_attributes(Thread& thread, Borrowed<BaseException> self) {
  if (!(shape_of(self.get()).flags & kShapeHasDict)) return dict_create(thread);
  Ref<Dict> dict = TRY(instance_materialize(thread, self.get()));
  return dict_copy(thread, dict);
}
Result<void> add_field(Thread& thread, Borrowed<BaseException> self, Borrowed<Dict> state,
                       Str* name, size_t field) {
  AnyRef value = exception_field_get(thread, self, field);
  if (value.value().is_none()) return {};
  return dict_set_str(thread, state, Borrowed<Str>(name), value);
}
// The object is left out, as it often cannot be pickled.
AnyResult attribute_error_getstate(Thread& thread, Borrowed<BaseException> self) {
  Ref<Dict> state = TRY(own_attributes(thread, self));
  TRY(add_field(thread, self, state, NAME("name"), exception_field::attribute_error_name));
  TRY(dict_set_str(thread, state, NAME("args"), TRY(get_args(thread, self)).borrow()));
  return state;
}
AnyResult attribute_error_reduce(Thread& thread, Borrowed<BaseException> self) {
  AnyRef args = TRY(get_args(thread, self)), state = TRY(attribute_error_getstate(thread, self));
  return tuple_of(thread, {Value(type_of(self)), args.value(), state.value()});
}
AnyResult import_error_reduce(Thread& thread, Borrowed<BaseException> self) {
  using namespace exception_field;
  AnyRef args = TRY(get_args(thread, self));
  Ref<Dict> state = TRY(own_attributes(thread, self));
  TRY(add_field(thread, self, state, NAME("name"), import_name));
  TRY(add_field(thread, self, state, NAME("path"), import_path));
  TRY(add_field(thread, self, state, NAME("name_from"), import_name_from));
  if (dict_size(state) == 0) return tuple_of(thread, {Value(type_of(self)), args.value()});
  return tuple_of(thread, {Value(type_of(self)), args.value(), state.value()});
}
Result<void> import_error_init(Thread& thread, Any self, const Arguments& arguments) {
  using namespace exception_field;
  // A second call forgets what the first one set.
  for (size_t field : {import_msg, import_name, import_path, import_name_from})
    slot_clear(thread, self.object(), extended(self)->fields[field]);
  TRY(init_with_keywords(
      thread, self, arguments,
      {{"name", import_name}, {"path", import_path}, {"name_from", import_name_from}}));
  if (arguments.positional() == 1) exception_field_set(thread, self, import_msg, arguments[0]);
  return {};
}
AnyResult import_error_str(Thread& thread, Any self) {
  AnyRef message = exception_field_get(thread, self, exception_field::import_msg);
  if (is_exact(message.value(), SHAPE(str))) return message;
  return exception_str(thread, self);
}
AnyResult key_error_str(Thread& thread, Any self) {
  Maybe<Ref<Tuple>> args =
      field_load(thread, self.object(), static_cast<BaseException*>(self.object())->args);
  if (args && args->size == 1) return repr(thread, args->item(0));
  return exception_str(thread, self);
}

// ---- OSError ------------------------------------------------------------------------------------

ExceptionId os_error_class(Word error) {
  switch (error) {
    case EAGAIN:
    case EALREADY:
    case EINPROGRESS: return ExceptionId::BlockingIOError;
    case EPIPE:
    case ESHUTDOWN: return ExceptionId::BrokenPipeError;
    case ECHILD: return ExceptionId::ChildProcessError;
    case ECONNABORTED: return ExceptionId::ConnectionAbortedError;
    case ECONNREFUSED: return ExceptionId::ConnectionRefusedError;
    case ECONNRESET: return ExceptionId::ConnectionResetError;
    case EEXIST: return ExceptionId::FileExistsError;
    case ENOENT: return ExceptionId::FileNotFoundError;
    case EISDIR: return ExceptionId::IsADirectoryError;
    case ENOTDIR: return ExceptionId::NotADirectoryError;
    case EINTR: return ExceptionId::InterruptedError;
    case EACCES:
    case EPERM: return ExceptionId::PermissionError;
    case ESRCH: return ExceptionId::ProcessLookupError;
    case ETIMEDOUT: return ExceptionId::TimeoutError;
    default: return ExceptionId::OSError;
  }
}

Result<void> os_error_fill(Thread& thread, Any self, const Arguments& arguments) {
  using namespace exception_field;
  TRY(no_keywords(thread, self, arguments));
  auto* exception = extended(self);
  size_t count = arguments.count;
  if (count < 2 || count > 5) return set_args(thread, self, arguments);
  exception_field_set(thread, self, os_errno, arguments[0]);
  exception_field_set(thread, self, os_strerror, arguments[1]);
  bool filename = count >= 3 && !arguments[2].is_none();
  if (filename) {
    if (type_of(self) == EXCEPTION(BlockingIOError) && is_int(arguments.items[2])) {
      exception_field_set(thread, self, os_characters_written, arguments[2]);
      return set_args(thread, self, arguments);
    }
    exception_field_set(thread, self, os_filename, arguments[2]);
    if (count == 5 && !arguments[4].is_none())
      exception_field_set(thread, self, os_filename2, arguments[4]);
  }
  slot_write(thread, exception, exception->args,
             TRY(tuple_from(thread, arguments.items, filename ? 2 : count)));
  return {};
}
AnyResult os_error_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Type* actual = type.get();
  Word error;
  if (actual == EXCEPTION(OSError) && arguments.positional() >= 2 && is_int(arguments.items[0]) &&
      int_to_word(arguments.items[0], error)) {
    actual = exception_types[static_cast<size_t>(os_error_class(error))];
  }
  AnyRef self = TRY(exception_new(thread, Borrowed<Type>(actual),
                                  Arguments{arguments.items, arguments.positional(), nullptr}));
  // A subclass with its own __init__ and OSError's __new__ has its fields filled here, as the
  // arguments are known now.
  TRY(os_error_fill(thread, self, Arguments{arguments.items, arguments.positional(), nullptr}));
  return self;
}
Result<void> os_error_init(Thread& thread, Any self, const Arguments& arguments) {
  return os_error_fill(thread, self, arguments);
}
AnyResult os_error_str(Thread& thread, Any self) {
  using namespace exception_field;
  AnyRef filename = exception_field_get(thread, self, os_filename),
         filename2 = exception_field_get(thread, self, os_filename2);
  AnyRef error = exception_field_get(thread, self, os_errno),
         message = exception_field_get(thread, self, os_strerror);
  if (!filename.value().is_none()) {
    if (!filename2.value().is_none())
      return text(thread, "[Errno {}] {}: {} -> {}",
                  {error, message, repr_of(filename), repr_of(filename2)});
    return text(thread, "[Errno {}] {}: {}", {error, message, repr_of(filename)});
  }
  if (!error.value().is_none() && !message.value().is_none())
    return text(thread, "[Errno {}] {}", {error, message});
  return exception_str(thread, self);
}
AnyResult os_error_reduce(Thread& thread, Borrowed<BaseException> self) {
  using namespace exception_field;
  Maybe<Ref<Tuple>> args = field_load(thread, self.get(), self->args);
  AnyRef filename = exception_field_get(thread, self, os_filename),
         filename2 = exception_field_get(thread, self, os_filename2);
  Ref<Tuple> arguments = args.take();
  if (arguments->size == 2 && !filename.value().is_none()) {
    if (filename2.value().is_none()) {
      arguments = TRY(tuple_of(thread, {arguments->item(0), arguments->item(1), filename.value()}));
    } else {
      arguments = TRY(tuple_of(thread, {arguments->item(0), arguments->item(1), filename.value(),
                                        kNone, filename2.value()}));
    }
  }
  Ref<Dict> dict = TRY(instance_materialize(thread, self.get()));
  if (dict_size(dict))
    return tuple_of(thread, {Value(type_of(self)), arguments.value(), dict.value()});
  return tuple_of(thread, {Value(type_of(self)), arguments.value()});
}
AnyResult os_characters_written_get(Thread& thread, Any self) {
  AnyRef value = exception_field_get(thread, self, exception_field::os_characters_written);
  if (value.value().is_none()) return raise<AttributeError>(thread, "characters_written");
  return value;
}

// ---- SyntaxError --------------------------------------------------------------------------------

Result<void> syntax_error_init(Thread& thread, Any self, const Arguments& arguments) {
  using namespace exception_field;
  TRY(exception_init(thread, self, arguments));
  if (arguments.count >= 1) exception_field_set(thread, self, syntax_msg, arguments[0]);
  if (arguments.count == 2) {
    AnyRef details = TRY(sequence_tuple(thread, arguments[1]));
    auto* tuple = static_cast<Tuple*>(details.get());
    if (tuple->size < 4 || tuple->size > 7) {
      return raise<TypeError>(thread, "function missing required argument 'filename' (pos 1)");
    }
    for (size_t field : {syntax_end_lineno, syntax_end_offset, syntax_metadata})
      slot_clear(thread, self.object(), extended(self)->fields[field]);
    for (Word i = 0; i < tuple->size && i < 6; ++i)
      exception_field_set(thread, self, syntax_filename + static_cast<size_t>(i), tuple->item(i));
    if (tuple->size == 7) exception_field_set(thread, self, syntax_metadata, tuple->item(6));
    if (tuple->size >= 5 && tuple->size < 6)
      return raise<TypeError>(thread, "end_offset must be provided when end_lineno is provided");
  }
  return {};
}
AnyResult syntax_error_str(Thread& thread, Any self) {
  using namespace exception_field;
  AnyRef message = exception_field_get(thread, self, syntax_msg),
         filename = exception_field_get(thread, self, syntax_filename),
         line = exception_field_get(thread, self, syntax_lineno);
  Ref<Str> shown = TRY(str(thread, message));
  bool has_line = is_int(line.value());
  if (!is_str(filename.value())) {
    if (!has_line) return shown;
    return text(thread, "{} (line {})", {shown, line});
  }
  // Only the file's name, without its folders.
  Borrowed<Str> path(filename.value());
  StrView view = str_view(path);
  Word start = 0;
  for (Word i = 0; i < view.length; ++i) {
    if (view[i] == '/') start = i + 1;
  }
  Ref<Str> base = TRY(str_substring(thread, path, start, view.length));
  if (!has_line) return text(thread, "{} ({})", {shown, base});
  return text(thread, "{} ({}, line {})", {shown, base, line});
}

// ---- UnicodeError -------------------------------------------------------------------------------

// Bytes as they are; of another buffer a copy, which later changes do not reach.
AnyResult bytes_snapshot(Thread& thread, Any object) {
  if (is_bytes(object.value())) return share(thread, object);
  BufferScope buffer(thread);
  TRY(buffer.acquire(object));
  return bytes_from(thread, buffer.text());
}
Result<void> unicode_init(Thread& thread, Any self, Arguments arguments, bool decoding,
                          bool with_encoding) {
  using namespace exception_field;
  TRY(exception_init(thread, self, arguments));
  size_t wanted = with_encoding ? 5 : 4;
  if (arguments.count != wanted) {
    return raise<TypeError>(thread, "function takes exactly {} arguments ({} given)", wanted,
                            arguments.count);
  }
  size_t first = with_encoding ? 0 : 1;
  for (size_t i = 0; i < wanted; ++i) {
    size_t field = first + i;
    if (field == unicode_start || field == unicode_end) {
      AnyRef index = TRY(int_from_word(thread, TRY(index_word(thread, arguments[i]))));
      exception_field_set(thread, self, field, index);
    } else if (field == unicode_object && decoding) {
      AnyRef bytes = TRY(bytes_snapshot(thread, arguments[i]));
      exception_field_set(thread, self, field, bytes);
    } else {
      if (!is_str(arguments.items[i])) {
        return raise<TypeError>(thread, "argument {} must be str, not {}", i + 1,
                                type_name_in(arguments[i]));
      }
      exception_field_set(thread, self, field, arguments[i]);
    }
  }
  return {};
}
Result<void> unicode_decode_init(Thread& thread, Any self, const Arguments& arguments) {
  return unicode_init(thread, self, arguments, true, true);
}
Result<void> unicode_encode_init(Thread& thread, Any self, const Arguments& arguments) {
  return unicode_init(thread, self, arguments, false, true);
}
Result<void> unicode_translate_init(Thread& thread, Any self, const Arguments& arguments) {
  return unicode_init(thread, self, arguments, false, false);
}

AnyResult unicode_str(Thread& thread, Any self, bool decoding, bool with_encoding) {
  using namespace exception_field;
  if (exception_field_get(thread, self, unicode_object).value().is_none())
    return Ref<Str>::share(thread, str_empty());
  AnyRef encoding_object = exception_field_get(thread, self, unicode_encoding),
         reason_object = exception_field_get(thread, self, unicode_reason);
  Ref<Str> encoding = TRY(str(thread, encoding_object)), reason = TRY(str(thread, reason_object));
  // Only now: a __str__ of these two may have changed it.
  AnyRef object = exception_field_get(thread, self, unicode_object);
  if (object.value().is_none())
    return raise<TypeError>(thread, "UnicodeError 'object' attribute is not set");
  if (decoding ? !is_bytes(object.value()) : !is_str(object.value())) {
    return raise<TypeError>(thread, "UnicodeError 'object' attribute must be a {}",
                            decoding ? "bytes" : "string");
  }
  AnyRef start_object = exception_field_get(thread, self, unicode_start),
         end_object = exception_field_get(thread, self, unicode_end);
  Word start = 0, end = 0;
  if (is_int(start_object.value())) (void)int_to_word(start_object.value(), start);
  if (is_int(end_object.value())) (void)int_to_word(end_object.value(), end);
  const char* verb = decoding ? "decode" : with_encoding ? "encode" : "translate";
  Word size = TRY(length(thread, object));
  char what[64];
  if (start >= 0 && start < size && end == start + 1) {
    AnyRef item = TRY(get_item(thread, object, small_int(start)));
    if (decoding) {
      Word byte = TRY(index_word(thread, item));
      std::snprintf(what, sizeof what, "byte 0x%02x in position %lld", static_cast<unsigned>(byte),
                    static_cast<long long>(start));
    } else {
      char32_t c = is_str(item.value()) ? str_view(Borrowed<Str>(item.value()))[0] : 0;
      std::snprintf(what, sizeof what,
                    c <= 0xff     ? "character '\\x%02x' in position %lld"
                    : c <= 0xffff ? "character '\\u%04x' in position %lld"
                                  : "character '\\U%08x' in position %lld",
                    static_cast<unsigned>(c), static_cast<long long>(start));
    }
  } else {
    std::snprintf(what, sizeof what, "%s in position %lld-%lld", decoding ? "bytes" : "characters",
                  static_cast<long long>(start), static_cast<long long>(end - 1));
  }
  if (!with_encoding) return text(thread, "can't translate {}: {}", {what, reason});
  return text(thread, "'{}' codec can't {} {}: {}", {encoding, verb, what, reason});
}
AnyResult unicode_decode_str(Thread& thread, Any self) {
  return unicode_str(thread, self, true, true);
}
AnyResult unicode_encode_str(Thread& thread, Any self) {
  return unicode_str(thread, self, false, true);
}
AnyResult unicode_translate_str(Thread& thread, Any self) {
  return unicode_str(thread, self, false, false);
}

// ---- the tables ---------------------------------------------------------------------------------

}  // namespace

AnyResult exception_instance(Thread& thread, Borrowed<Type> type) {
  static const auto plain_new = EXCEPTION(BaseException)->slot<SlotId::new_>();
  static const auto plain_init = EXCEPTION(BaseException)->slot<SlotId::init>();
  bool plain = type->slot<SlotId::new_>() == plain_new &&
               type->slot<SlotId::init>() == plain_init && type_of(type) == TYPE(type);
  if (!plain) return call(thread, type, Arguments{});
  AnyRef self = TRY(allocate_instance(thread, type));
  auto* exception = static_cast<BaseException*>(self.get());
  slot_init(exception, exception->args, Value(tuple_empty()));
  return self;
}

namespace {

const SlotEntry base_slots[] = {
    slot<SlotId::new_, exception_new>(), slot<SlotId::init, exception_init>(),
    slot<SlotId::str, exception_str>(), slot<SlotId::repr, exception_repr>()};
constexpr Method base_methods[] = {
    method<exception_with_traceback>("with_traceback(object, /)",
                                     "Set self.__traceback__ to tb and return self."),
    method<exception_add_note>("add_note(object, /)", "Add a note to the exception"),
    method<exception_reduce>("__reduce__()"),
    method<exception_setstate>("__setstate__(object, /)"),
};
const GetSet base_getsets[] = {getset<get_args, set_args_attribute>("args"),
                               getset<get_traceback, set_traceback>("__traceback__"),
                               getset<get_context, set_context>("__context__"),
                               getset<get_cause, set_cause>("__cause__"),
                               getset<get_suppress, set_suppress>("__suppress_context__")};
const Layout exception_layout{
    "BaseException", sizeof(BaseException),   true, trace_exception, nullptr,
    nullptr,         drop_by<trace_exception>};
const Layout extended_layout{
    "ExtendedException",    sizeof(ExtendedException), true, trace_extended, nullptr, nullptr,
    drop_by<trace_extended>};

const SlotEntry stop_iteration_slots[] = {slot<SlotId::init, stop_iteration_init>()};
const GetSet stop_iteration_getsets[] = {attribute<0>("value")};
const SlotEntry system_exit_slots[] = {slot<SlotId::init, system_exit_init>()};
const GetSet system_exit_getsets[] = {attribute<0>("code")};
const SlotEntry name_error_slots[] = {slot<SlotId::init, name_error_init>()};
const GetSet name_error_getsets[] = {attribute<0>("name")};
const SlotEntry attribute_error_slots[] = {slot<SlotId::init, attribute_error_init>()};
const GetSet attribute_error_getsets[] = {attribute<0>("name"), attribute<1>("obj")};
const SlotEntry import_error_slots[] = {slot<SlotId::init, import_error_init>(),
                                        slot<SlotId::str, import_error_str>()};
const GetSet import_error_getsets[] = {attribute<0>("msg"), attribute<1>("name"),
                                       attribute<2>("path"), attribute<3>("name_from")};
constexpr Method attribute_error_methods[] = {
    method<attribute_error_reduce>("__reduce__()"),
    method<attribute_error_getstate>("__getstate__()"),
};
constexpr Method import_error_methods[] = {method<import_error_reduce>("__reduce__()")};
const SlotEntry key_error_slots[] = {slot<SlotId::str, key_error_str>()};
const SlotEntry os_error_slots[] = {slot<SlotId::new_, os_error_new>(),
                                    slot<SlotId::init, os_error_init>(),
                                    slot<SlotId::str, os_error_str>()};
constexpr Method os_error_methods[] = {method<os_error_reduce>("__reduce__()")};
const GetSet os_error_getsets[] = {
    attribute<0>("errno"), attribute<1>("strerror"), attribute<2>("filename"),
    attribute<3>("filename2"),
    GetSet{"characters_written", &os_characters_written_get, &field_set<4>, nullptr}};
const SlotEntry syntax_error_slots[] = {slot<SlotId::init, syntax_error_init>(),
                                        slot<SlotId::str, syntax_error_str>()};
const GetSet syntax_error_getsets[] = {
    attribute<0>("msg"),        attribute<1>("filename"),
    attribute<2>("lineno"),     attribute<3>("offset"),
    attribute<4>("text"),       attribute<5>("end_lineno"),
    attribute<6>("end_offset"), attribute<7>("print_file_and_line"),
    attribute<8>("_metadata")};
const GetSet unicode_getsets[] = {attribute<0>("encoding"), attribute<1>("object"),
                                  attribute<2>("start"), attribute<3>("end"),
                                  attribute<4>("reason")};
const SlotEntry unicode_decode_slots[] = {slot<SlotId::init, unicode_decode_init>(),
                                          slot<SlotId::str, unicode_decode_str>()};
const SlotEntry unicode_encode_slots[] = {slot<SlotId::init, unicode_encode_init>(),
                                          slot<SlotId::str, unicode_encode_str>()};
const SlotEntry unicode_translate_slots[] = {slot<SlotId::init, unicode_translate_init>(),
                                             slot<SlotId::str, unicode_translate_str>()};

}  // namespace

const TypeSpec BaseException_spec{.name = "BaseException",
                                  .doc = "Common base class for all exceptions.",
                                  .flags = kTypeBase | kTypeHasDict,
                                  .shape_flags = kShapeException,
                                  .layout = &exception_layout,
                                  .slots = base_slots,
                                  .methods = base_methods,
                                  .getsets = base_getsets};

bool is_exception_class(Value value) {
  if (!is_type(value)) return false;
  ShapeId instances =
      static_cast<Type*>(value.object())->instance_shape.load(std::memory_order_acquire);
  return shape_of(instances).flags & kShapeException;
}

AnyRef exception_field_get(Thread& thread, Any exception, size_t field) {
  return load_or_none(thread, exception.object(), extended(exception)->fields[field]);
}
void exception_field_set(Thread& thread, Any exception, size_t field, Any value) {
  slot_write(thread, exception.object(), extended(exception)->fields[field], share(thread, value));
}

AnyRef take_stop_iteration_value(Thread& thread) {
  Maybe<Ref<Object>> exception = take_exception(thread);
  return exception_field_get(thread, exception.borrow(), exception_field::stop_iteration_value);
}

Result<void> exceptions_initialize(Thread& thread) {
  exception_types[0] = TYPE(BaseException);
  struct Extra {
    ExceptionId id;
    std::span<const SlotEntry> slots;
    std::span<const Method> methods;
    std::span<const GetSet> getsets;
  };
  const Extra extras[] = {
      {ExceptionId::StopIteration, stop_iteration_slots, {}, stop_iteration_getsets},
      {ExceptionId::SystemExit, system_exit_slots, {}, system_exit_getsets},
      {ExceptionId::NameError, name_error_slots, {}, name_error_getsets},
      {ExceptionId::AttributeError, attribute_error_slots, attribute_error_methods,
       attribute_error_getsets},
      {ExceptionId::ImportError, import_error_slots, import_error_methods, import_error_getsets},
      {ExceptionId::OSError, os_error_slots, os_error_methods, os_error_getsets},
      {ExceptionId::SyntaxError, syntax_error_slots, {}, syntax_error_getsets},
      {ExceptionId::UnicodeDecodeError, unicode_decode_slots, {}, unicode_getsets},
      {ExceptionId::UnicodeEncodeError, unicode_encode_slots, {}, unicode_getsets},
      {ExceptionId::UnicodeTranslateError, unicode_translate_slots, {}, unicode_getsets},
  };
  struct Line {
    ExceptionId id, base;
    const char* name;
  };
  static const Line lines[] = {
#define X(name, base) {ExceptionId::name, ExceptionId::base, #name},
      DX_FOR_EACH_EXCEPTION(X)
#undef X
  };
  static TypeHandle handles[static_cast<size_t>(ExceptionId::count)];
  handles[0].type = TYPE(BaseException);
  static TypeSpec specs[static_cast<size_t>(ExceptionId::count)];
  for (const Line& line : lines) {
    auto at = static_cast<size_t>(line.id);
    TypeSpec spec{.name = line.name,
                  .flags = kTypeBase | kTypeHasDict,
                  .base = &handles[static_cast<size_t>(line.base)]};
    for (const Extra& extra : extras) {
      if (extra.id != line.id) continue;
      spec.layout = &extended_layout;
      spec.slots = extra.slots;
      spec.methods = extra.methods;
      spec.getsets = extra.getsets;
    }
    if (line.id == ExceptionId::KeyError) spec.slots = key_error_slots;
    if (line.id == ExceptionId::BaseExceptionGroup) {
      spec.doc = "A combination of multiple unrelated exceptions.";
      spec.layout = &exception_group_layout;
      spec.slots = exception_group_slot_table();
      spec.methods = exception_group_method_table();
      spec.getsets = exception_group_getset_table();
    }
    std::memcpy(static_cast<void*>(&specs[at]), &spec, sizeof spec);
    TRY(type_from_spec(thread, specs[at], handles[at]));
    exception_types[at] = handles[at].type;
  }
  return {};
}

}  // namespace dx
