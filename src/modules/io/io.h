#pragma once
// What the files of _io share: its types, the lock of a stream, and small helpers.
//
//   _IOBase <- _RawIOBase      <- FileIO fileio.cpp
//           <- _BufferedIOBase <- BufferedReader, BufferedWriter, BufferedRandom, RWPair
//           buffered.cpp
//                              <- BytesIO bytesio.cpp
//           <- _TextIOBase     <- TextIOWrapper, StringIO textio.cpp, stringio.cpp
//
// The layers speak to each other through Python methods, as CPython's do, so any of them may be a
// Python class. Where a layer is exactly ours and has no attributes of its own (is_plain), the
// layer above calls its C++ functions directly.

#include <atomic>

#include "base/futex.h"
#include "memory/safepoint.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

constexpr Word kDefaultBufferSize = 131072;

extern TypeHandle io_base_type, raw_io_base_type, buffered_io_base_type, text_io_base_type;
extern TypeHandle fileio_type, bytesio_type, bytesio_buffer_type, stringio_type, text_wrapper_type,
    newline_decoder_type;
extern TypeHandle buffered_reader_type, buffered_writer_type, buffered_random_type,
    buffered_pair_type;
extern const TypeSpec io_base_spec, raw_io_base_spec, buffered_io_base_spec, text_io_base_spec;
extern const TypeSpec fileio_spec, bytesio_spec, bytesio_buffer_spec, stringio_spec,
    text_wrapper_spec, newline_decoder_spec;
extern const TypeSpec buffered_reader_spec, buffered_writer_spec, buffered_random_spec,
    buffered_pair_spec;
extern Type* unsupported_operation;  // io.UnsupportedOperation, immortal

// io.UnsupportedOperation(text)
Raised raise_unsupported(Thread& thread, const char* text);
// object.closed, as a truth value.
Result<bool> io_closed(Thread& thread, Any object);
// ValueError when object.closed.
Result<void> io_check_open(Thread& thread, Any object);
// object.readable() and its kin; UnsupportedOperation "File or stream is not readable." when false.
Result<void> io_check_ability(Thread& thread, Any object, Str* method, const char* text);
// A size argument: None keeps `size`.
Result<void> optional_size(Thread& thread, Any value, Word& size);
// A file offset (any int; OverflowError beyond 64 bits).
Result<Word> offset_from(Thread& thread, Any value);
// Memory to read into; TypeError "readinto() argument must be read-write bytes-like object, not T".
Result<void> writable_buffer(Thread& thread, BufferScope& scope, Any object, const char* what);
// With an exception pending and an earlier one at hand: the earlier becomes its context. Else the
// earlier is raised again.
Raised raise_after(Thread& thread, Maybe<Ref<Object>> earlier);
// Whether the pending exception is an OSError of EINTR, which is cleared then: try again.
bool trap_interrupted(Thread& thread);
// TypeError "cannot pickle 'T' instances".
AnyResult io_getstate(Thread& thread, Any self);
// __new__ of types whose __init__ does it all.
AnyResult io_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments);
// ResourceWarning "unclosed file <source>"; reported as unraisable when a filter makes it an error.
void io_warn_unclosed(Thread& thread, Any file, Any source);
// The pending exception through sys.unraisablehook.
void io_report_finalizing(Thread& thread, Any file);
// For pickling: a copy of the instance's __dict__, or None when it has none yet; and such a dict
// put back.
AnyResult io_attributes(Thread& thread, Any self);
Result<void> io_set_attributes(Thread& thread, Any self, Any attributes, const char* message);
// "<type name='...'>", or without the name.
AnyResult io_named_repr(Thread& thread, Any self);

// Exactly this type, with no instance attribute that could stand in for a method.
inline bool is_plain(Value value, const TypeHandle& handle) {
  if (!value.is_object()) return false;
  Object* object = value.object();
  if (object->shape() != handle.type->instance_shape.load(std::memory_order_relaxed)) return false;
  return reinterpret_cast<Slot*>(reinterpret_cast<char*>(object) + handle.type->dict_offset)
      ->raw()
      .is_empty();
}
// The same where start-up or open() leave one harmless attribute (`name` of FileIO, `mode` of
// TextIOWrapper).
bool is_plain_but_for(Thread& thread, Value value, const TypeHandle& handle, Str* name);

// The lock of a stream: held while its buffer is worked on, across system calls and Python code.
// Waiting is done offline. Free of atomic operations while there is one thread. A lock that a
// thread of the parent held at fork() is free in the child.
class StreamLock {
 public:
  bool mine(const Thread& thread) const {
    return word_.load(std::memory_order_relaxed) != 0 &&
           owner_.load(std::memory_order_relaxed) == thread.ident &&
           epoch_.load(std::memory_order_relaxed) == fork_epoch;
  }
  // Requires: !mine(thread). Raises what signal handlers raise while waiting. At shutdown, a lock
  // that a standing thread holds ends the process with a message.
  Result<void> enter(Thread& thread, Any stream) {
    if (!threads_are_shared() && word_.load(std::memory_order_relaxed) == 0) {
      word_.store(1, std::memory_order_relaxed);
    } else {
      TRY(enter_slow(thread, stream));
    }
    owner_.store(thread.ident, std::memory_order_relaxed);
    epoch_.store(fork_epoch, std::memory_order_relaxed);
    return {};
  }
  void leave() {
    owner_.store(0, std::memory_order_relaxed);
    if (!threads_are_shared()) {
      word_.store(0, std::memory_order_relaxed);
    } else if (word_.exchange(0, std::memory_order_release) == 2) {
      futex_wake(word_, 1);
    }
  }
  static uint32_t fork_epoch;  // how many fork()s this process descends from

 private:
  Result<void> enter_slow(Thread& thread, Any stream);
  std::atomic<uint32_t> word_{0};  // 0 free, 1 held, 2 held and somebody waits
  std::atomic<uint32_t> epoch_{0};
  std::atomic<uint64_t> owner_{0};
};

// Holds a stream's lock; the same thread entering again is RuntimeError "reentrant call inside
// ...".
class StreamScope {
 public:
  explicit StreamScope(StreamLock& lock) : lock_(lock) {}
  ~StreamScope() { leave(); }
  StreamScope(const StreamScope&) = delete;
  Result<void> enter(Thread& thread, Any stream);
  // For a stream whose state is consistent whenever Python runs: the same thread may enter again.
  Result<void> enter_again(Thread& thread, Any stream) {
    if (__builtin_expect(lock_.mine(thread), 0)) return {};
    TRY(lock_.enter(thread, stream));
    held_ = true;
    return {};
  }
  void leave() {
    if (held_) lock_.leave();
    held_ = false;
  }

 private:
  StreamLock& lock_;
  bool held_ = false;
};

// ---- FileIO (fileio.cpp) ------------------------------------------------------------------------
struct FileIO : Object {
  std::atomic<int> descriptor;  // -1: closed
  bool created, readable, writable, appending, close_descriptor, finalizing;
  bool character_device;              // as fstat said at the opening
  std::atomic<signed char> seekable;  // -1: not known yet
  Word block_size;
  Word opening_size;  // of a regular file, as fstat said at the opening; -1: not known
};
// About how many bytes are left to read in a regular file; 0: not known.
Result<Word> fileio_expected(Thread& thread, Borrowed<FileIO> self);
inline bool is_plain_fileio(Thread& thread, Value value) {
  return is_plain_but_for(thread, value, fileio_type, NAME("name"));
}
inline bool fileio_open(Value file) {
  return static_cast<FileIO*>(file.object())->descriptor.load(std::memory_order_relaxed) >= 0;
}
constexpr Word kWouldBlock = -2;
// read(2) and write(2), again after EINTR and its signal handlers; kWouldBlock for EAGAIN.
Result<Word> descriptor_read(Thread& thread, int descriptor, char* data, Word size);
Result<Word> descriptor_write(Thread& thread, int descriptor, const char* data, Word size);
// Everything up to the end of the file, or None when nothing could be had without blocking.
AnyResult fileio_readall(Thread& thread, Borrowed<FileIO> self);

// ---- newlines (textio_newlines.cpp) -------------------------------------------------------------
struct NewlineState {
  bool translate = false;
  bool pending_cr = false;  // a '\r' was held back: the next character may be its '\n'
  uint8_t seen = 0;         // kSeen*
};
constexpr uint8_t kSeenCr = 1, kSeenLf = 2, kSeenCrLf = 4;
// What universal newline reading makes of one more piece of text.
Result<Ref<Str>> newlines_decode(Thread& thread, NewlineState& state, Ref<Str> text, bool final);
AnyResult newlines_seen(Thread& thread, uint8_t seen);  // None, '\n' or a tuple
// How lines end in a stream: '\n' only, universally, or with `text`.
struct LineEnding {
  bool translate = true;  // everything is '\n' already
  bool universal = false;
  char text[3] = "\n";
  uint8_t size = 1;
};
// Fills ending from a newline argument. ValueError, TypeError are the caller's.
bool line_ending_from(Any newline, LineEnding& ending);
// Index behind the first line's end at or after `start`, or -1; then *consumed is where to go on
// when more text comes.
Word find_line_end(const LineEnding& ending, StrView text, Word start, Word* consumed);

}  // namespace dx
