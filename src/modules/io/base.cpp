// _IOBase and the three bases that say what a raw, a buffered and a text stream can do. Nearly
// everything goes through Python methods of self: these classes are there to be derived from.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "modules/io/io.h"
#include "objects/bytearray.h"
#include "objects/exception.h"
#include "objects/hooks.h"
#include "objects/int.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "runtime/interpreter_state.h"
#include "runtime/warnings.h"

namespace dx {

TypeHandle io_base_type, raw_io_base_type, buffered_io_base_type, text_io_base_type;
Type* unsupported_operation;
uint32_t StreamLock::fork_epoch;

// ---- helpers ------------------------------------------------------------------------------------
Raised raise_unsupported(Thread& thread, const char* text) {
  Result<Ref<Str>> message = str_from_ascii(thread, text);
  if (message.raised()) return Raised{};
  return raise_value(thread, unsupported_operation, message.take());
}

Result<bool> io_closed(Thread& thread, Any object) {
  AnyRef closed = TRY(get_attr(thread, object, NAME("closed")));
  return is_true(thread, closed);
}

Result<void> io_check_open(Thread& thread, Any object) {
  if (TRY(io_closed(thread, object)))
    return raise<ValueError>(thread, "I/O operation on closed file.");
  return {};
}

Result<void> io_check_ability(Thread& thread, Any object, Str* method, const char* text) {
  AnyRef answer = TRY(call_method(thread, object, method, {}));
  if (answer.value() != kTrue) return raise_unsupported(thread, text);
  return {};
}

Result<void> optional_size(Thread& thread, Any value, Word& size) {
  if (value.is_none()) return {};
  if (value.value().is_int()) {
    size = small_int_value(value.value());
    return {};
  }
  if (!has_index(value))
    return raise<TypeError>(thread, "argument should be integer or None, not '{}'",
                            type_name_in(value));
  size = TRY(index_word(thread, value));
  return {};
}

Result<Word> offset_from(Thread& thread, Any value) {
  AnyRef index = TRY(to_index(thread, value));
  return int_word(thread, index.value(), "Python int too large to convert to C long");
}

Result<void> writable_buffer(Thread& thread, BufferScope& scope, Any object, const char* what) {
  if (has_buffer(object)) {
    if (!scope.acquire(object, kBufferWritable).raised()) {
      if (!scope.view.readonly) return {};
    } else if (!pending_is<BufferError>(thread)) {
      return Raised{};
    } else {
      clear_exception(thread);
    }
  }
  return raise<TypeError>(thread, "{} must be read-write bytes-like object, not {}", what,
                          type_name_in(object));
}

Raised raise_after(Thread& thread, Maybe<Ref<Object>> earlier) {
  if (!earlier) return Raised{};
  if (!exception_pending(thread)) return raise_object(thread, earlier.take());
  Value now = thread.exception;
  if (now != earlier.value() && is_exception(now)) {
    auto* exception = static_cast<BaseException*>(now.object());
    slot_write(thread, exception, exception->context, earlier.take());
  }
  return Raised{};
}

bool trap_interrupted(Thread& thread) {
  if (!pending_is<OSError>(thread)) return false;
  AnyRef number = exception_field_get(thread, Any(thread.exception), exception_field::os_errno);
  if (number.value() != small_int(EINTR)) return false;
  clear_exception(thread);
  return true;
}

AnyResult io_getstate(Thread& thread, Any self) {
  return raise<TypeError>(thread, "cannot pickle '{}' instances", type_of(self)->name.borrow());
}
AnyResult io_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}

void io_report_finalizing(Thread& thread, Any file) {
  AnyRef error = take_exception(thread).take();
  std::string context = "Exception ignored while finalizing file";
  const FormatArgument parts[] = {repr_of(file)};
  AnyResult text = format_text(thread, "Exception ignored while finalizing file {}", parts, 1);
  if (!text.raised()) {
    Result<std::string_view> utf8 = str_utf8(thread, Borrowed<Str>(text.value()));
    if (!utf8.raised()) context = utf8.take();
  }
  if (exception_pending(thread)) clear_exception(thread);
  (void)raise_object(thread, std::move(error));
  report_unraisable(thread, context.c_str(), MaybeAny());
}

void io_warn_unclosed(Thread& thread, Any file, Any source) {
  const FormatArgument parts[] = {repr_of(source)};
  AnyResult text = format_text(thread, "unclosed file {}", parts, 1);
  if (text.raised()) return clear_exception(thread);
  if (!warn_resource(thread, Any(text.value()), source).raised()) return;
  if (pending_is<Warning>(thread))
    io_report_finalizing(thread, file);
  else
    clear_exception(thread);
}

AnyResult io_attributes(Thread& thread, Any self) {
  Type* type = type_of(self);
  if (type->spec && is_plain_but_for(thread, self, TypeHandle{type}, NAME("")))
    return AnyRef::adopt(kNone);
  AnyLookup attributes = instance_dict(thread, self);
  if (attributes.raised()) return Raised{};
  if (attributes.is_absent()) return AnyRef::adopt(kNone);
  return dict_copy(thread, Borrowed<Dict>(attributes.value()));
}
Result<void> io_set_attributes(Thread& thread, Any self, Any attributes, const char* message) {
  if (attributes.is_none()) return {};
  if (!is_dict(attributes)) return raise<TypeError>(thread, message, type_name_in(attributes));
  AnyLookup own = instance_dict(thread, self);
  if (own.raised()) return Raised{};
  if (own.is_absent()) return {};
  return dict_update(thread, Borrowed<Dict>(own.value()), attributes);
}

AnyResult io_named_repr(Thread& thread, Any self) {
  AnyLookup name = lookup_attr(thread, self, NAME("name"));
  if (name.raised()) {
    if (!pending_is<ValueError>(thread)) return Raised{};
    clear_exception(thread);
  }
  if (!name.found()) {
    const FormatArgument parts[] = {type_name_in(self)};
    return format_text(thread, "<{}>", parts, 1);
  }
  if (TRY(repr_enter(thread, self.object()))) {
    return raise<RuntimeError>(thread, "reentrant call inside {}.__repr__", type_name_in(self));
  }
  const FormatArgument parts[] = {type_name_in(self), repr_of(name.borrow())};
  AnyResult text = format_text(thread, "<{} name={}>", parts, 2);
  repr_leave(thread, self.object());
  return text;
}

bool is_plain_but_for(Thread& thread, Value value, const TypeHandle& handle, Str* name) {
  if (!value.is_object() || !handle.type) return false;
  Object* object = value.object();
  if (object->shape() != handle.type->instance_shape.load(std::memory_order_relaxed)) return false;
  Value dict = slot_load(
      thread, object,
      *reinterpret_cast<Slot*>(reinterpret_cast<char*>(object) + handle.type->dict_offset));
  if (dict.is_empty()) return true;
  Ref<Dict> attributes = Ref<Dict>::adopt(dict);
  Word size = dict_size(attributes);
  return size == 0 || (size == 1 && dict_entry_index(attributes, name) >= 0);
}

// ---- StreamLock ---------------------------------------------------------------------------------
Result<void> StreamLock::enter_slow(Thread& thread, Any stream) {
  uint32_t free = 0;
  if (word_.compare_exchange_strong(free, 1, std::memory_order_acquire, std::memory_order_relaxed))
    return {};
  for (;;) {
    if (epoch_.load(std::memory_order_relaxed) != fork_epoch) {  // its owner stayed in the parent
      epoch_.store(fork_epoch, std::memory_order_relaxed);
      word_.store(0, std::memory_order_relaxed);
    }
    bool ending = interpreter_of(thread).finalizing;
    int64_t deadline = ending ? monotonic_ns() + 1000000000 : kNoDeadline;
    Wait result;
    {
      OfflineScope waiting(thread);
      // Taken as "somebody waits" even when nobody does: others may have gone to sleep meanwhile.
      if (word_.exchange(2, std::memory_order_acquire) == 0) return {};
      result = futex_wait(word_, 2, deadline);
    }
    if (result == Wait::timed_out && ending) {
      // Its owner stands still for ever: what is in the buffer is lost, and that must be seen.
      Result<Ref<Str>> shown = repr(thread, stream);
      Result<std::string_view> text = shown.raised()
                                          ? Result<std::string_view>(std::string_view("a stream"))
                                          : str_utf8(thread, Borrowed<Str>(shown.value()));
      std::string name(text.raised() ? std::string_view("a stream") : text.take());
      std::fprintf(stderr,
                   "Fatal Python error: _enter_buffered_busy: could not acquire lock for %s at "
                   "interpreter shutdown, possibly due to daemon threads\n",
                   name.c_str());
      std::abort();
    }
    TRY(poll_signals(thread));
  }
}

Result<void> StreamScope::enter(Thread& thread, Any stream) {
  if (__builtin_expect(lock_.mine(thread), 0))
    return raise<RuntimeError>(thread, "reentrant call inside {}", repr_of(stream));
  TRY(lock_.enter(thread, stream));
  held_ = true;
  return {};
}

namespace {

// ---- _IOBase ------------------------------------------------------------------------------------
// Whether _IOBase.close() ran: it leaves an attribute. (`closed` itself may be overridden.)
Result<bool> base_is_closed(Thread& thread, Any self) {
  AnyLookup mark = lookup_attr(thread, self, NAME("__IOBase_closed"));
  if (mark.raised()) return Raised{};
  return mark.found();
}

AnyResult base_seek(Thread& thread, Any, Any, Any) { return raise_unsupported(thread, "seek"); }
AnyResult base_tell(Thread& thread, Any self) {
  return call_method(thread, self, NAME("seek"), {small_int(0), small_int(1)});
}
AnyResult base_truncate(Thread& thread, Any, Any) { return raise_unsupported(thread, "truncate"); }
AnyResult base_fileno(Thread& thread, Any) { return raise_unsupported(thread, "fileno"); }

Result<void> base_flush(Thread& thread, Any self) {
  if (TRY(base_is_closed(thread, self)))
    return raise<ValueError>(thread, "I/O operation on closed file.");
  return {};
}

Result<void> base_close(Thread& thread, Any self) {
  if (TRY(base_is_closed(thread, self))) return {};
  AnyResult flushed = call_method(thread, self, NAME("flush"), {});
  Maybe<Ref<Object>> earlier;
  if (flushed.raised()) earlier = take_exception(thread);
  if (set_attr(thread, self, NAME("__IOBase_closed"), MaybeAny(kTrue)).raised() || earlier)
    return raise_after(thread, std::move(earlier));
  return {};
}

AnyResult base_closed(Thread& thread, Any self) {
  return AnyRef::adopt(bool_value(TRY(base_is_closed(thread, self))));
}
bool base_no(Thread&, Any) { return false; }
Result<void> base_check_closed(Thread& thread, Any self) { return io_check_open(thread, self); }
AnyResult base_check(Thread& thread, Any self, Str* method, const char* text) {
  TRY(io_check_ability(thread, self, method, text));
  return AnyRef::adopt(kTrue);
}
AnyResult base_check_seekable(Thread& thread, Any self) {
  return base_check(thread, self, NAME("seekable"), "File or stream is not seekable.");
}
AnyResult base_check_readable(Thread& thread, Any self) {
  return base_check(thread, self, NAME("readable"), "File or stream is not readable.");
}
AnyResult base_check_writable(Thread& thread, Any self) {
  return base_check(thread, self, NAME("writable"), "File or stream is not writable.");
}

Result<bool> base_isatty(Thread& thread, Any self) {
  TRY(io_check_open(thread, self));
  return false;
}
AnyResult base_enter(Thread& thread, Any self) {
  TRY(io_check_open(thread, self));
  return share(thread, self);
}
AnyResult base_exit(Thread& thread, Any self, Rest) {
  return call_method(thread, self, NAME("close"), {});
}
AnyResult base_iter(Thread& thread, Any self) { return base_enter(thread, self); }
Step base_next(Thread& thread, Any self) {
  AnyRef line = TRY(call_method(thread, self, NAME("readline"), {}));
  if (TRY(length(thread, line)) == 0) return Step::done();
  return line;
}

// What peek() or read() gave, which must be bytes.
Result<void> expect_bytes(Thread& thread, Any got, const char* method) {
  if (is_bytes(got)) return {};
  return raise<OSError>(thread, "{}() should have returned a bytes object, not '{}'", method,
                        type_name_in(got));
}

// Byte by byte, unless peek() says how far the line may go.
AnyResult base_readline(Thread& thread, Any self, Any size_argument) {
  Word limit = -1;
  TRY(optional_size(thread, size_argument, limit));
  AnyLookup peek = lookup_attr(thread, self, NAME("peek"));
  if (peek.raised()) return Raised{};
  Ref<ByteArray> line = TRY(bytearray_from(thread, ""));
  for (;;) {
    Word have = static_cast<Word>(bytearray_view(line.get()).size());
    if (limit >= 0 && have >= limit) break;
    Word wanted = 1;
    if (peek.found()) {
      AnyResult ahead = call(thread, peek.borrow(), {small_int(1)});
      if (ahead.raised()) {
        if (trap_interrupted(thread)) continue;
        return Raised{};
      }
      TRY(expect_bytes(thread, Any(ahead.value()), "peek"));
      std::string_view bytes = Borrowed<Bytes>(ahead.value())->view();
      if (!bytes.empty()) {
        if (limit >= 0) bytes = bytes.substr(0, static_cast<size_t>(limit - have));
        size_t end = bytes.find('\n');
        wanted = static_cast<Word>(end == std::string_view::npos ? bytes.size() : end + 1);
      }
    }
    AnyResult got = call_method(thread, self, NAME("read"), {small_int(wanted)});
    if (got.raised()) {
      if (trap_interrupted(thread)) continue;
      return Raised{};
    }
    TRY(expect_bytes(thread, Any(got.value()), "read"));
    std::string_view bytes = Borrowed<Bytes>(got.value())->view();
    if (bytes.empty()) break;
    TRY(bytearray_splice(thread, line, have, have, bytes));
    if (bytes.back() == '\n') break;
  }
  return bytes_from(thread, bytearray_view(line.get()));
}

AnyResult base_readlines(Thread& thread, Any self, Any hint_argument) {
  Word hint = -1;
  TRY(optional_size(thread, hint_argument, hint));
  Ref<List> lines = TRY(list_create(thread));
  if (hint <= 0) {
    TRY(list_extend(thread, lines, self));
    return lines;
  }
  AnyRef iterator = TRY(get_iter(thread, self));
  for (Word total = 0;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) break;
    AnyRef line = step.take();
    Word size = TRY(length(thread, line));
    TRY(list_append(thread, lines, std::move(line)));
    if (size > hint - total) break;
    total += size;
  }
  return lines;
}

Result<void> base_writelines(Thread& thread, Any self, Any lines) {
  TRY(io_check_open(thread, self));
  AnyRef iterator = TRY(get_iter(thread, lines));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef line = step.take();
    while (call_method(thread, self, NAME("write"), {line.value()}).raised()) {
      if (!trap_interrupted(thread)) return Raised{};
    }
  }
}

// Closes what is still open. Errors of close() are reported, those of finding out are not.
Result<void> base_del(Thread& thread, Any self) {
  AnyLookup closed = lookup_attr(thread, self, NAME("closed"));
  bool is_closed = true;
  if (closed.raised()) {
    clear_exception(thread);
  } else if (closed.found()) {
    Result<bool> truth = is_true(thread, closed.borrow());
    if (truth.raised())
      clear_exception(thread);
    else
      is_closed = truth.take();
  } else {
    is_closed = false;
  }
  if (is_closed) return {};
  if (set_attr(thread, self, NAME("_finalizing"), MaybeAny(kTrue)).raised())
    clear_exception(thread);
  if (call_method(thread, self, NAME("close"), {}).raised()) {
    io_report_finalizing(thread, self);
  }
  return {};
}

const SlotEntry base_slots[] = {slot<SlotId::iter, base_iter>(), slot<SlotId::next, base_next>(),
                                slot<SlotId::del, base_del>()};
constexpr Method base_methods[] = {
    method<base_seek>("seek(offset, whence=0, /)",
                      "Change the stream position to the given byte offset."),
    method<base_tell>("tell()", "Return current stream position."),
    method<base_truncate>("truncate(size=None, /)", "Truncate file to size bytes."),
    method<base_flush>("flush()", "Flush write buffers, if applicable."),
    method<base_close>("close()",
                       "Flush and close the IO object.\n\nThis method has no effect if the file is "
                       "already closed."),
    method<base_no>("seekable()", "Return whether object supports random access."),
    method<base_no>("readable()", "Return whether object was opened for reading."),
    method<base_no>("writable()", "Return whether object was opened for writing."),
    method<base_check_closed>("_checkClosed()"),
    method<base_check_seekable>("_checkSeekable()"),
    method<base_check_readable>("_checkReadable()"),
    method<base_check_writable>("_checkWritable()"),
    method<base_fileno>("fileno()", "Return underlying file descriptor if one exists."),
    method<base_isatty>("isatty()", "Return whether this is an 'interactive' stream."),
    method<base_enter>("__enter__()"),
    method<base_exit>("__exit__(*args)"),
    method<base_readline>("readline(size=-1, /)", "Read and return a line from the stream."),
    method<base_readlines>("readlines(hint=-1, /)", "Return a list of lines from the stream."),
    method<base_writelines>("writelines(lines, /)", "Write a list of lines to stream."),
};
const GetSet base_getsets[] = {getter<base_closed>("closed")};

// ---- _RawIOBase ---------------------------------------------------------------------------------
AnyResult raw_read(Thread& thread, Any self, Any size_argument) {
  Word size = -1;
  TRY(optional_size(thread, size_argument, size));
  if (size < 0) return call_method(thread, self, NAME("readall"), {});
  Ref<ByteArray> room = TRY(bytearray_from(thread, std::string(static_cast<size_t>(size), '\0')));
  AnyRef got = TRY(call_method(thread, self, NAME("readinto"), {room.value()}));
  if (got.value().is_none()) return got;
  Word count = TRY(index_word(thread, got));
  std::string_view bytes = bytearray_view(room.get());
  if (count < 0 || count > static_cast<Word>(bytes.size())) {
    return raise<ValueError>(thread, "readinto returned {} outside buffer size {}", count,
                             bytes.size());
  }
  return bytes_from(thread, bytes.substr(0, static_cast<size_t>(count)));
}
AnyResult raw_readall(Thread& thread, Any self) {
  Ref<ByteArray> all = TRY(bytearray_from(thread, ""));
  for (bool first = true;; first = false) {
    AnyResult got = call_method(thread, self, NAME("read"), {small_int(kDefaultBufferSize)});
    if (got.raised()) {
      if (trap_interrupted(thread)) continue;
      return Raised{};
    }
    if (got.value().is_none()) {
      if (first || bytearray_view(all.get()).empty()) return AnyRef::adopt(kNone);
      break;
    }
    if (!is_bytes(got.value())) return raise<TypeError>(thread, "read() should return bytes");
    std::string_view bytes = Borrowed<Bytes>(got.value())->view();
    if (bytes.empty()) break;
    Word at = static_cast<Word>(bytearray_view(all.get()).size());
    TRY(bytearray_splice(thread, all, at, at, bytes));
  }
  return bytes_from(thread, bytearray_view(all.get()));
}
AnyResult raw_not_implemented(Thread& thread, Any, Any) {
  return raise_object(thread, TRY(call(thread, Any(Value(EXCEPTION(NotImplementedError))), {})));
}
constexpr Method raw_methods[] = {
    method<raw_read>("read(size=-1, /)"),
    method<raw_readall>("readall()", "Read until EOF, using multiple read() call."),
    method<raw_not_implemented>("readinto(buffer, /)"),
    method<raw_not_implemented>("write(b, /)"),
};

// ---- _BufferedIOBase ----------------------------------------------------------------------------
AnyResult buffered_base_detach(Thread& thread, Any) { return raise_unsupported(thread, "detach"); }
AnyResult buffered_base_read(Thread& thread, Any, Any) { return raise_unsupported(thread, "read"); }
AnyResult buffered_base_read1(Thread& thread, Any, Any) {
  return raise_unsupported(thread, "read1");
}
AnyResult buffered_base_write(Thread& thread, Any, Any) {
  return raise_unsupported(thread, "write");
}
AnyResult read_into(Thread& thread, Any self, Any buffer, Str* method, const char* what) {
  BufferScope scope(thread);
  TRY(writable_buffer(thread, scope, buffer, what));
  AnyRef size = TRY(int_from_word(thread, scope.view.size));
  AnyRef data = TRY(call_method(thread, self, method, {size.value()}));
  if (!is_bytes(data.value())) return raise<TypeError>(thread, "read() should return bytes");
  std::string_view bytes = Borrowed<Bytes>(data.value())->view();
  if (static_cast<Word>(bytes.size()) > scope.view.size) {
    return raise<ValueError>(thread,
                             "read() returned too much data: {} bytes requested, {} returned",
                             scope.view.size, bytes.size());
  }
  std::memcpy(scope.view.data, bytes.data(), bytes.size());
  return int_from_word(thread, static_cast<Word>(bytes.size()));
}
AnyResult buffered_base_readinto(Thread& thread, Any self, Any buffer) {
  return read_into(thread, self, buffer, NAME("read"), "readinto() argument");
}
AnyResult buffered_base_readinto1(Thread& thread, Any self, Any buffer) {
  return read_into(thread, self, buffer, NAME("read1"), "readinto1() argument");
}
constexpr Method buffered_base_methods[] = {
    method<buffered_base_detach>(
        "detach()", "Disconnect this buffer from its underlying raw stream and return it."),
    method<buffered_base_read>("read(size=-1, /)", "Read and return up to n bytes."),
    method<buffered_base_read1>("read1(size=-1, /)",
                                "Read and return up to size bytes, with at most one read() call to "
                                "the underlying raw stream."),
    method<buffered_base_readinto>("readinto(buffer, /)"),
    method<buffered_base_readinto1>("readinto1(buffer, /)"),
    method<buffered_base_write>("write(b, /)", "Write buffer b to the IO stream."),
};

// ---- _TextIOBase --------------------------------------------------------------------------------
AnyResult text_base_detach(Thread& thread, Any) { return raise_unsupported(thread, "detach"); }
AnyResult text_base_read(Thread& thread, Any, Any) { return raise_unsupported(thread, "read"); }
AnyResult text_base_readline(Thread& thread, Any, Any) {
  return raise_unsupported(thread, "readline");
}
AnyResult text_base_write(Thread& thread, Any, Any) { return raise_unsupported(thread, "write"); }
Value text_base_none(Thread&, Any) { return kNone; }
constexpr Method text_base_methods[] = {
    method<text_base_detach>("detach()",
                             "Separate the underlying buffer from the TextIOBase and return it."),
    method<text_base_read>("read(size=-1, /)", "Read at most size characters from stream."),
    method<text_base_readline>("readline(size=-1, /)", "Read until newline or EOF."),
    method<text_base_write>("write(s, /)", "Write string s to stream."),
};
const GetSet text_base_getsets[] = {
    getter<text_base_none>("encoding", "Encoding of the text stream."),
    getter<text_base_none>("newlines", "Line endings translated so far."),
    getter<text_base_none>("errors", "The error setting of the decoder or encoder."),
};

constexpr uint32_t kStreamFlags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable;

}  // namespace

const TypeSpec io_base_spec{.name = "_io._IOBase",
                            .doc = "The abstract base class for all I/O classes.",
                            .flags = kStreamFlags,
                            .slots = base_slots,
                            .methods = base_methods,
                            .getsets = base_getsets};
const TypeSpec raw_io_base_spec{.name = "_io._RawIOBase",
                                .doc = "Base class for raw binary I/O.",
                                .flags = kStreamFlags,
                                .base = &io_base_type,
                                .methods = raw_methods};
const TypeSpec buffered_io_base_spec{.name = "_io._BufferedIOBase",
                                     .doc = "Base class for buffered IO objects.",
                                     .flags = kStreamFlags,
                                     .base = &io_base_type,
                                     .methods = buffered_base_methods};
const TypeSpec text_io_base_spec{.name = "_io._TextIOBase",
                                 .doc = "Base class for text I/O.",
                                 .flags = kStreamFlags,
                                 .base = &io_base_type,
                                 .methods = text_base_methods,
                                 .getsets = text_base_getsets};

}  // namespace dx
