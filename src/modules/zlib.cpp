// zlib: compression (RFC 1950 to 1952) and checksums, by the zlib library.
//
//   the caller's buffer --> z_stream --> Output (C heap) --> bytes
//
// An object's stream belongs to one thread at a time: its Turn, which others wait for offline. No
// Python runs during a turn (buffers are exported before it), so a thread never waits for itself.
// The work itself goes on offline when it is long: it touches the caller's buffer, the stream and
// the C heap, nothing that the collector knows. A fork() in the middle of somebody's turn leaves
// the child an object whose turn never comes, as a lock would.
//
// The counts of a z_stream have 32 bits: more than 4 GB go through in pieces.

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <optional>

#define ZLIB_CONST
#include <zlib.h>

#include "modules/exception_class.h"
#include "modules/thread_lock.h"
#include "objects/bind.h"
#include "objects/buffer.h"
#include "objects/bytes.h"
#include "objects/container_support.h"
#include "objects/int.h"

namespace dx {

static TypeHandle compress_type, decompress_type, zlib_decompressor_type;

namespace {

constexpr Word kBufferSize = 16384;  // DEF_BUF_SIZE
constexpr int kMemoryLevel = 8;      // DEF_MEM_LEVEL
constexpr size_t kLongestBytes = size_t{1} << 46;
constexpr size_t kLongWork = 4096;       // bytes in or out from which a call goes offline
constexpr size_t kLongChecksum = 65536;  // the same for checksums: 20 us or so

Type* error_type;  // zlib.error, immortal

// ---- results ------------------------------------------------------------------------------------

constexpr int kNoRoom = 1000;  // beside zlib's own numbers: no memory for the output

// What came of a piece of work, kept until the turn is over.
struct Outcome {
  int result;
  const char* message;  // the library's, static; or null
  const char* action;   // "while decompressing data"
};
Outcome outcome_of(const z_stream& stream, int result, const char* action) {
  return Outcome{result, stream.msg, action};
}

Raised fail(Thread& thread, Outcome outcome) {
  if (outcome.result == kNoRoom)
    return raise<MemoryError>(thread, "Unable to allocate output buffer.");
  const char* message = outcome.message;
  if (outcome.result == Z_VERSION_ERROR) message = "library version mismatch";
  if (!message) {
    switch (outcome.result) {
      case Z_BUF_ERROR: message = "incomplete or truncated stream"; break;
      case Z_STREAM_ERROR: message = "inconsistent stream state"; break;
      case Z_DATA_ERROR: message = "invalid input data"; break;
      default: break;
    }
  }
  const FormatArgument parts[] = {FormatArgument(static_cast<Word>(outcome.result)), outcome.action,
                                  message ? message : ""};
  AnyRef text = message ? TRY(format_text(thread, "Error {} {}: {}", parts, 3))
                        : TRY(format_text(thread, "Error {} {}", parts, 2));
  return raise_value(thread, error_type, text);
}
Raised fail(Thread& thread, const char* message) {
  Ref<Str> text = TRY(str_from_ascii(thread, message));
  return raise_value(thread, error_type, text);
}

// What a stream has given so far: on the stack while it is little, never more than `limit` bytes.
class Output {
 public:
  explicit Output(size_t limit = SIZE_MAX)
      : limit_(limit), capacity_(limit < sizeof(inline_) ? limit : sizeof(inline_)) {}
  ~Output() {
    if (data_ != inline_) std::free(data_);
  }
  Output(const Output&) = delete;

  // False: memory is short.
  [[nodiscard]] bool reserve(size_t wanted) {
    if (wanted > limit_) wanted = limit_;
    if (wanted <= capacity_) return true;
    if (wanted > kLongestBytes) return false;
    void* bigger = std::realloc(data_ == inline_ ? nullptr : data_, wanted);
    if (!bigger) return false;
    if (data_ == inline_) std::memcpy(bigger, inline_, size_);
    data_ = static_cast<char*>(bigger);
    capacity_ = wanted;
    return true;
  }
  // Gives the stream room for one more step: none only at the limit. False: memory is short.
  [[nodiscard]] bool offer(z_stream& stream) {
    if (size_ == capacity_ && size_ < limit_) {
      size_t wanted = capacity_ < 65536 ? capacity_ + 65536 : capacity_ * 2;
      if (capacity_ > SIZE_MAX / 2 || !reserve(wanted)) return false;
    }
    stream.next_out = reinterpret_cast<Bytef*>(data_ + size_);
    stream.avail_out = static_cast<uInt>(std::min<size_t>(capacity_ - size_, UINT_MAX));
    return true;
  }
  void accept(const z_stream& stream) {
    size_ = static_cast<size_t>(reinterpret_cast<char*>(stream.next_out) - data_);
  }
  bool full() const { return size_ == limit_; }
  size_t size() const { return size_; }
  AnyResult bytes(Thread& thread) const {
    return AnyRef(TRY(bytes_from(thread, std::string_view(data_, size_))));
  }

 private:
  size_t limit_;
  size_t capacity_;
  size_t size_ = 0;
  char* data_ = inline_;
  char inline_[kBufferSize];
};

// ---- turns and steps ----------------------------------------------------------------------------

class Turn {
 public:
  Turn() = default;
  ~Turn() { leave(); }
  Turn(const Turn&) = delete;
  Result<void> take(Thread& thread, LockWord& word) {
    (void)TRY(word.acquire(thread, kNoDeadline));
    word_ = &word;
    return {};
  }
  void leave() {
    if (word_) word_->release();
    word_ = nullptr;
  }

 private:
  LockWord* word_ = nullptr;
};

const Bytef* bytes_at(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

// Hands a piece of the input to the stream; whether it is the last one.
bool hand_over(z_stream& stream, std::string_view input) {
  stream.next_in = bytes_at(input);
  stream.avail_in = static_cast<uInt>(std::min<size_t>(input.size(), UINT_MAX));
  return stream.avail_in == input.size();
}

// All of the input through deflate(), the last piece with `flush`. Nothing of it remains unless
// this fails.
Outcome deflate_all(Thread& thread, z_stream& stream, std::string_view input, int flush,
                    Output& out, const char* action) {
  std::optional<OfflineScope> offline;
  if (input.size() >= kLongWork) offline.emplace(thread);
  int result;
  for (;;) {
    const bool last = hand_over(stream, input);
    const size_t piece = stream.avail_in;
    do {
      if (!offline && out.size() >= kLongWork) offline.emplace(thread);
      if (!out.offer(stream)) return outcome_of(stream, kNoRoom, action);
      result = deflate(&stream, last ? flush : Z_NO_FLUSH);
      out.accept(stream);
      if (result == Z_STREAM_ERROR) return outcome_of(stream, result, action);
    } while (stream.avail_out == 0);
    input.remove_prefix(piece);
    if (last) return outcome_of(stream, result, action);
  }
}

// The input through inflate() up to its end, the end of the stream or the output's limit; `input`
// is what remains. A preset dictionary is handed over when the stream asks for it.
Outcome inflate_all(Thread& thread, z_stream& stream, std::string_view& input, int flush,
                    Output& out, std::optional<std::string_view> dictionary) {
  constexpr const char* kAction = "while decompressing data";
  std::optional<OfflineScope> offline;
  if (input.size() >= kLongWork) offline.emplace(thread);
  for (;;) {
    const bool last = hand_over(stream, input);
    int result;
    for (;;) {
      if (!offline && out.size() >= kLongWork) offline.emplace(thread);
      if (!out.offer(stream)) return outcome_of(stream, kNoRoom, kAction);
      const size_t before = stream.avail_in;
      result = inflate(&stream, last ? flush : Z_NO_FLUSH);
      out.accept(stream);
      input.remove_prefix(before - stream.avail_in);
      if (result == Z_NEED_DICT && dictionary) {
        result = inflateSetDictionary(&stream, bytes_at(*dictionary),
                                      static_cast<uInt>(dictionary->size()));
        if (result != Z_OK) return outcome_of(stream, result, "while setting zdict");
        continue;
      }
      if (result != Z_OK && result != Z_BUF_ERROR) return outcome_of(stream, result, kAction);
      if (stream.avail_out != 0) break;
      if (out.full()) return outcome_of(stream, result, kAction);
    }
    if (input.empty() || last) return outcome_of(stream, result, kAction);
  }
}
// Whether a decompressor goes on after this.
bool inflated(int result) {
  return result == Z_OK || result == Z_BUF_ERROR || result == Z_STREAM_END;
}

// ---- whole messages -----------------------------------------------------------------------------

AnyResult zlib_compress(Thread& thread, Any data, int level, int wbits) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  z_stream stream{};
  int result = deflateInit2(&stream, level, Z_DEFLATED, wbits, kMemoryLevel, Z_DEFAULT_STRATEGY);
  if (result == Z_MEM_ERROR)
    return raise<MemoryError>(thread, "Out of memory while compressing data");
  if (result == Z_STREAM_ERROR) return fail(thread, "Bad compression level");
  if (result != Z_OK) return fail(thread, outcome_of(stream, result, "while compressing data"));
  Output out;
  Outcome outcome =
      deflate_all(thread, stream, scope.text(), Z_FINISH, out, "while compressing data");
  result = deflateEnd(&stream);
  if (outcome.result != Z_STREAM_END) return fail(thread, outcome);
  if (result != Z_OK)
    return fail(thread, outcome_of(stream, result, "while finishing compression"));
  return out.bytes(thread);
}

AnyResult zlib_decompress(Thread& thread, Any data, int wbits, Word bufsize) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  if (bufsize < 0) return raise<ValueError>(thread, "bufsize must be non-negative");
  z_stream stream{};
  int result = inflateInit2(&stream, wbits);
  if (result == Z_MEM_ERROR)
    return raise<MemoryError>(thread, "Out of memory while decompressing data");
  if (result != Z_OK)
    return fail(thread, outcome_of(stream, result, "while preparing to decompress data"));
  Output out;
  std::string_view input = scope.text();
  Outcome outcome = out.reserve(static_cast<size_t>(bufsize))
                        ? inflate_all(thread, stream, input, Z_FINISH, out, std::nullopt)
                        : outcome_of(stream, kNoRoom, "");
  result = inflateEnd(&stream);
  if (outcome.result == Z_MEM_ERROR)
    return raise<MemoryError>(thread, "Out of memory while decompressing data");
  if (outcome.result != Z_STREAM_END) return fail(thread, outcome);
  if (result != Z_OK)
    return fail(thread, outcome_of(stream, result, "while finishing decompression"));
  return out.bytes(thread);
}

template <auto checksum>
AnyResult zlib_checksum(Thread& thread, Any data, Any value) {
  AnyRef index = TRY(to_index(thread, value));
  auto sum = static_cast<uint32_t>(int_u64_mask(index.value()));
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  {
    std::optional<OfflineScope> offline;
    if (scope.text().size() >= kLongChecksum) offline.emplace(thread);
    // Without data the library takes a null pointer for a question about its start value.
    if (!scope.text().empty())
      sum = static_cast<uint32_t>(checksum(sum, bytes_at(scope.text()), scope.text().size()));
  }
  return int_from_u64(thread, sum);
}

// ---- Compress -----------------------------------------------------------------------------------

struct Compress : Object {
  z_stream stream;  // all that follows is touched in turn
  LockWord turn;
  bool ready;  // the stream is to be ended one day
};

AnyResult zlib_compressobj(Thread& thread, int level, int method, int wbits, int memory_level,
                           int strategy, MaybeAny zdict) {
  BufferScope dictionary(thread);
  if (zdict) {
    TRY(dictionary.acquire(*zdict));
    if (dictionary.text().size() > UINT_MAX)
      return raise<OverflowError>(thread, "zdict length does not fit in an unsigned int");
  }
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(compress_type.type)));
  auto* self = static_cast<Compress*>(made.get());
  int result = deflateInit2(&self->stream, level, method, wbits, memory_level, strategy);
  if (result == Z_MEM_ERROR)
    return raise<MemoryError>(thread, "Can't allocate memory for compression object");
  if (result == Z_STREAM_ERROR) return raise<ValueError>(thread, "Invalid initialization option");
  if (result != Z_OK)
    return fail(thread, outcome_of(self->stream, result, "while creating compression object"));
  self->ready = true;
  if (zdict) {
    result = deflateSetDictionary(&self->stream, bytes_at(dictionary.text()),
                                  static_cast<uInt>(dictionary.text().size()));
    if (result == Z_STREAM_ERROR) return raise<ValueError>(thread, "Invalid dictionary");
    if (result != Z_OK) return raise<ValueError>(thread, "deflateSetDictionary()");
  }
  return made;
}

AnyResult compress_compress(Thread& thread, Borrowed<Compress> self, Any data) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  Output out;
  Turn turn;
  TRY(turn.take(thread, self->turn));
  Outcome outcome =
      deflate_all(thread, self->stream, scope.text(), Z_NO_FLUSH, out, "while compressing data");
  turn.leave();
  if (outcome.result == Z_STREAM_ERROR || outcome.result == kNoRoom) return fail(thread, outcome);
  return out.bytes(thread);
}

AnyResult compress_flush(Thread& thread, Borrowed<Compress> self, int mode) {
  Output out;
  if (mode == Z_NO_FLUSH) return out.bytes(thread);
  Turn turn;
  TRY(turn.take(thread, self->turn));
  Outcome outcome = deflate_all(thread, self->stream, {}, mode, out, "while flushing");
  if (outcome.result == Z_STREAM_END && mode == Z_FINISH) {
    int result = deflateEnd(&self->stream);
    self->ready = result != Z_OK;
    outcome = outcome_of(self->stream, result, "while finishing compression");
  }
  turn.leave();
  if (outcome.result != Z_OK && outcome.result != Z_BUF_ERROR) return fail(thread, outcome);
  return out.bytes(thread);
}

AnyResult compress_copy(Thread& thread, Borrowed<Compress> self) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(compress_type.type)));
  auto* copy = static_cast<Compress*>(made.get());
  Turn turn;
  TRY(turn.take(thread, self->turn));
  int result = deflateCopy(&copy->stream, &self->stream);
  copy->ready = result == Z_OK;
  Outcome outcome = outcome_of(self->stream, result, "while copying compression object");
  turn.leave();
  if (result == Z_OK) return made;
  if (result == Z_STREAM_ERROR) return raise<ValueError>(thread, "Inconsistent stream state");
  if (result == Z_MEM_ERROR)
    return raise<MemoryError>(thread, "Can't allocate memory for compression object");
  return fail(thread, outcome);
}
AnyResult compress_deepcopy(Thread& thread, Borrowed<Compress> self, Any) {
  return compress_copy(thread, self);
}

void compress_destroy(Thread&, Object* object) {
  auto* self = static_cast<Compress*>(object);
  if (self->ready) deflateEnd(&self->stream);
}

// ---- Decompress ---------------------------------------------------------------------------------

struct Decompress : Object {
  Field<Bytes> unused_data;      // what follows the compressed stream
  Field<Bytes> unconsumed_tail;  // input behind the last call's limit
  Field<Object> dictionary;      // set once; empty: none
  z_stream stream;               // the rest is touched in turn
  LockWord turn;
  std::atomic<bool> eof;
  bool ready;
};

// A preset dictionary's bytes, exported before the turn.
class Dictionary {
 public:
  explicit Dictionary(Thread& thread) : thread_(thread), scope_(thread) {}
  Result<void> acquire(Any object) {
    TRY(scope_.acquire(object));
    if (scope_.text().size() > UINT_MAX)
      return raise<OverflowError>(thread_, "zdict length does not fit in an unsigned int");
    text = scope_.text();
    return {};
  }
  std::optional<std::string_view> text;

 private:
  Thread& thread_;
  BufferScope scope_;
};

// Starts a stream for decompression. A raw one never asks for its dictionary: it gets it now.
Result<void> start_inflating(Thread& thread, z_stream& stream, bool& ready, int wbits,
                             MaybeAny zdict) {
  Dictionary dictionary(thread);
  if (zdict && wbits < 0) TRY(dictionary.acquire(*zdict));
  int result = inflateInit2(&stream, wbits);
  if (result == Z_MEM_ERROR)
    return raise<MemoryError>(thread, "Can't allocate memory for decompression object");
  if (result == Z_STREAM_ERROR) return raise<ValueError>(thread, "Invalid initialization option");
  if (result != Z_OK)
    return fail(thread, outcome_of(stream, result, "while creating decompression object"));
  ready = true;
  if (!dictionary.text) return {};
  result = inflateSetDictionary(&stream, bytes_at(*dictionary.text),
                                static_cast<uInt>(dictionary.text->size()));
  if (result != Z_OK) return fail(thread, outcome_of(stream, result, "while setting zdict"));
  return {};
}

AnyResult zlib_decompressobj(Thread& thread, int wbits, MaybeAny zdict) {
  if (zdict && !has_buffer(*zdict))
    return raise<TypeError>(thread, "zdict argument must support the buffer protocol");
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(decompress_type.type)));
  auto* self = static_cast<Decompress*>(made.get());
  slot_init(self, self->unused_data, TRY(bytes_create(thread, 0)));
  slot_init(self, self->unconsumed_tail, TRY(bytes_create(thread, 0)));
  if (zdict) slot_init(self, self->dictionary, share(thread, *zdict));
  TRY(start_inflating(thread, self->stream, self->ready, wbits, zdict));
  return made;
}

// In turn: keeps what a call left of its input.
Result<void> decompress_keep(Thread& thread, Borrowed<Decompress> self, int result,
                             std::string_view rest) {
  if (result == Z_STREAM_END && !rest.empty()) {
    std::string_view before = self->unused_data.borrow()->view();
    Ref<Bytes> joined = TRY(bytes_create(thread, before.size() + rest.size()));
    std::copy(before.begin(), before.end(), joined->data());
    std::copy(rest.begin(), rest.end(), joined->data() + before.size());
    slot_write(thread, self.get(), self->unused_data, std::move(joined));
    rest = {};
  }
  if (rest.empty() && self->unconsumed_tail.borrow()->size == 0) return {};
  Ref<Bytes> tail = TRY(bytes_from(thread, rest));
  slot_write(thread, self.get(), self->unconsumed_tail, std::move(tail));
  return {};
}

AnyResult decompress_decompress(Thread& thread, Borrowed<Decompress> self, Any data,
                                Word max_length) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  if (max_length < 0) return raise<ValueError>(thread, "max_length must be non-negative");
  Dictionary dictionary(thread);
  if (auto zdict = self->dictionary.maybe()) TRY(dictionary.acquire(*zdict));
  Output out(max_length ? static_cast<size_t>(max_length) : SIZE_MAX);
  Turn turn;
  TRY(turn.take(thread, self->turn));
  std::string_view rest = scope.text();
  Outcome outcome = inflate_all(thread, self->stream, rest, Z_SYNC_FLUSH, out, dictionary.text);
  if (outcome.result != kNoRoom) TRY(decompress_keep(thread, self, outcome.result, rest));
  if (outcome.result == Z_STREAM_END) self->eof.store(true, std::memory_order_relaxed);
  turn.leave();
  if (!inflated(outcome.result)) return fail(thread, outcome);
  return out.bytes(thread);
}

AnyResult decompress_flush(Thread& thread, Borrowed<Decompress> self, Word length) {
  if (length <= 0) return raise<ValueError>(thread, "length must be greater than zero");
  Dictionary dictionary(thread);
  if (auto zdict = self->dictionary.maybe()) TRY(dictionary.acquire(*zdict));
  Output out;
  Turn turn;
  TRY(turn.take(thread, self->turn));
  if (!self->ready) return out.bytes(thread);
  Ref<Bytes> tail = Ref<Bytes>::share(thread, self->unconsumed_tail.borrow());
  std::string_view rest = tail->view();
  Outcome outcome = out.reserve(static_cast<size_t>(length))
                        ? inflate_all(thread, self->stream, rest, Z_FINISH, out, dictionary.text)
                        : outcome_of(self->stream, kNoRoom, "");
  if (outcome.result != kNoRoom) TRY(decompress_keep(thread, self, outcome.result, rest));
  if (outcome.result == Z_STREAM_END) {
    self->eof.store(true, std::memory_order_relaxed);
    int result = inflateEnd(&self->stream);
    self->ready = false;
    outcome = outcome_of(self->stream, result, "while finishing decompression");
  }
  turn.leave();
  if (!inflated(outcome.result)) return fail(thread, outcome);
  return out.bytes(thread);
}

AnyResult decompress_copy(Thread& thread, Borrowed<Decompress> self) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(decompress_type.type)));
  auto* copy = static_cast<Decompress*>(made.get());
  if (auto zdict = self->dictionary.maybe())
    slot_init(copy, copy->dictionary, share(thread, *zdict));
  Turn turn;
  TRY(turn.take(thread, self->turn));
  int result = inflateCopy(&copy->stream, &self->stream);
  copy->ready = result == Z_OK;
  slot_init(copy, copy->unused_data, Ref<Bytes>::share(thread, self->unused_data.borrow()));
  slot_init(copy, copy->unconsumed_tail, Ref<Bytes>::share(thread, self->unconsumed_tail.borrow()));
  copy->eof.store(self->eof.load(std::memory_order_relaxed), std::memory_order_relaxed);
  Outcome outcome = outcome_of(self->stream, result, "while copying decompression object");
  turn.leave();
  if (result == Z_OK) return made;
  if (result == Z_STREAM_ERROR) return raise<ValueError>(thread, "Inconsistent stream state");
  if (result == Z_MEM_ERROR)
    return raise<MemoryError>(thread, "Can't allocate memory for decompression object");
  return fail(thread, outcome);
}
AnyResult decompress_deepcopy(Thread& thread, Borrowed<Decompress> self, Any) {
  return decompress_copy(thread, self);
}

void decompress_destroy(Thread&, Object* object) {
  auto* self = static_cast<Decompress*>(object);
  if (self->ready) inflateEnd(&self->stream);
}

// The attributes of both decompressors.
template <class T, auto field>
AnyResult bytes_field(Thread& thread, Borrowed<T> self) {
  return field_load(thread, self.get(), self.get()->*field).take();
}
template <class T, auto flag>
Value flag_field(Thread&, Borrowed<T> self) {
  return bool_value((self.get()->*flag).load(std::memory_order_relaxed));
}
Result<void> refuse_write(Thread& thread, Any, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}

// ---- _ZlibDecompressor --------------------------------------------------------------------------
// One stream, and no limit to how slowly it is taken out: input that was not needed yet is kept.

struct ZlibDecompressor : Object {
  Field<Bytes> unused_data;
  Field<Object> dictionary;  // set once; empty: none
  z_stream stream;           // the rest is touched in turn
  LockWord turn;
  char* kept;  // input for the next call
  size_t kept_size;
  std::atomic<bool> eof, needs_input;
  bool ready;
};

Result<int> int_argument(Thread& thread, Any object) {
  AnyRef index = TRY(to_index(thread, object));
  Word number;
  if (!int_to_word(index.value(), number) || number > INT_MAX || number < INT_MIN)
    return raise<OverflowError>(thread, "Python int too large to convert to C int");
  return static_cast<int>(number);
}

AnyResult zlib_decompressor_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"wbits", "zdict"};
  Value given[2] = {};
  if (!bind_new(thread, {"_ZlibDecompressor", names, 2, 0, 0, TooMany::takes}, arguments, given))
    return Raised{};
  int wbits = given[0] ? TRY(int_argument(thread, Any(given[0]))) : MAX_WBITS;
  AnyRef made = TRY(allocate_instance(thread, type));
  auto* self = static_cast<ZlibDecompressor*>(made.get());
  slot_init(self, self->unused_data, TRY(bytes_create(thread, 0)));
  if (given[1]) slot_init(self, self->dictionary, share(thread, Any(given[1])));
  self->needs_input.store(true, std::memory_order_relaxed);
  TRY(start_inflating(thread, self->stream, self->ready, wbits, MaybeAny(given[1])));
  return made;
}

// In turn: the input of this call, behind what the last one kept. False: memory is short.
bool join_input(ZlibDecompressor* self, std::string_view& input) {
  if (self->kept_size == 0) return true;
  char* joined = static_cast<char*>(std::realloc(self->kept, self->kept_size + input.size()));
  if (!joined) return false;
  std::copy(input.begin(), input.end(), joined + self->kept_size);
  self->kept = joined;
  self->kept_size += input.size();
  input = {self->kept, self->kept_size};
  return true;
}
// In turn: keeps the rest, which may lie in what was kept before. False: memory is short.
bool keep_input(ZlibDecompressor* self, std::string_view rest) {
  if (self->kept_size != 0) {
    if (!rest.empty()) std::memmove(self->kept, rest.data(), rest.size());
  } else if (!rest.empty()) {
    char* kept = static_cast<char*>(std::realloc(self->kept, rest.size()));
    if (!kept) return false;
    std::memcpy(kept, rest.data(), rest.size());
    self->kept = kept;
  }
  self->kept_size = rest.size();
  if (rest.empty()) {
    std::free(self->kept);
    self->kept = nullptr;
  }
  return true;
}

AnyResult zlib_decompressor_decompress(Thread& thread, Borrowed<ZlibDecompressor> self, Any data,
                                       Word max_length) {
  BufferScope scope(thread);
  TRY(scope.acquire(data));
  Dictionary dictionary(thread);
  auto zdict = self->dictionary.maybe();
  if (zdict && has_buffer(*zdict)) TRY(dictionary.acquire(*zdict));
  Output out(max_length < 0 ? SIZE_MAX : static_cast<size_t>(max_length));
  Turn turn;
  TRY(turn.take(thread, self->turn));
  if (self->eof.load(std::memory_order_relaxed))
    return raise<EOFError>(thread, "End of stream already reached");
  std::string_view input = scope.text();
  if (!join_input(self.get(), input)) return raise_memory_error(thread);
  Outcome outcome = inflate_all(thread, self->stream, input, Z_SYNC_FLUSH, out, dictionary.text);
  if (outcome.result == Z_STREAM_END) {
    if (!input.empty()) {
      Ref<Bytes> unused = TRY(bytes_from(thread, input));
      slot_write(thread, self.get(), self->unused_data, std::move(unused));
    }
    self->eof.store(true, std::memory_order_relaxed);
    self->needs_input.store(false, std::memory_order_relaxed);
    input = {};
  } else if (inflated(outcome.result)) {
    self->needs_input.store(input.empty(), std::memory_order_relaxed);
  } else {
    input = {};  // what follows an error is worth nothing
  }
  if (!keep_input(self.get(), input)) outcome.result = kNoRoom;
  turn.leave();
  if (outcome.result == Z_NEED_DICT && zdict && !has_buffer(*zdict))
    return raise<TypeError>(thread, "a bytes-like object is required, not '{}'",
                            type_name_in(*zdict));
  if (!inflated(outcome.result)) return fail(thread, outcome);
  return out.bytes(thread);
}

void zlib_decompressor_destroy(Thread&, Object* object) {
  auto* self = static_cast<ZlibDecompressor*>(object);
  if (self->ready) inflateEnd(&self->stream);
  std::free(self->kept);
}

// ---- tables -------------------------------------------------------------------------------------

const Layout compress_layout{"Compress", sizeof(Compress), false, nullptr, compress_destroy};
constexpr Method compress_methods[] = {
    method<compress_compress>("compress(data, /)",
                              "Takes data in; gives what output is ready by now."),
    method<compress_copy>("copy()", "A second object in the same state."),
    method<compress_copy>("__copy__()"),
    method<compress_deepcopy>("__deepcopy__(memo, /)"),
    method<compress_flush>("flush(mode=4, /)",
                           "Gives the output still held back. After mode Z_FINISH the object is "
                           "done; after the other modes it goes on."),
};
const TypeSpec compress_spec{.name = "zlib.Compress",
                             .flags = kTypeImmutable | kTypeDisallowNew,
                             .layout = &compress_layout,
                             .methods = compress_methods};

const Layout decompress_layout{"Decompress", sizeof(Decompress), true,
                               trace_fields<Decompress, &Decompress::unused_data,
                                            &Decompress::unconsumed_tail, &Decompress::dictionary>,
                               decompress_destroy};
constexpr Method decompress_methods[] = {
    method<decompress_copy>("copy()", "A second object in the same state."),
    method<decompress_copy>("__copy__()"),
    method<decompress_deepcopy>("__deepcopy__(memo, /)"),
    method<decompress_decompress>("decompress(data, /, max_length=0)",
                                  "Takes data in and gives what it stands for, at most max_length "
                                  "bytes unless that is 0. Input behind the limit is left in "
                                  "unconsumed_tail."),
    method<decompress_flush>("flush(length=16384, /)",
                             "Gives all that remains. length: the room to begin with."),
};
const GetSet decompress_getsets[] = {
    getset<bytes_field<Decompress, &Decompress::unused_data>, refuse_write>("unused_data"),
    getset<bytes_field<Decompress, &Decompress::unconsumed_tail>, refuse_write>("unconsumed_tail"),
    getset<flag_field<Decompress, &Decompress::eof>, refuse_write>("eof"),
};
const TypeSpec decompress_spec{.name = "zlib.Decompress",
                               .flags = kTypeImmutable | kTypeDisallowNew,
                               .layout = &decompress_layout,
                               .methods = decompress_methods,
                               .getsets = decompress_getsets};

const Layout zlib_decompressor_layout{
    "_ZlibDecompressor", sizeof(ZlibDecompressor), true,
    trace_fields<ZlibDecompressor, &ZlibDecompressor::unused_data, &ZlibDecompressor::dictionary>,
    zlib_decompressor_destroy};
constexpr Method zlib_decompressor_methods[] = {
    method<zlib_decompressor_decompress>(
        "decompress(data, max_length=-1)",
        "Takes data in and gives what it stands for, at most max_length bytes unless that is "
        "negative.\n\n"
        "While needs_input is false there is more to come: call again, with b'' if you like.\n"
        "After the end of the stream this raises EOFError; what follows it is in unused_data."),
};
const GetSet zlib_decompressor_getsets[] = {
    getset<flag_field<ZlibDecompressor, &ZlibDecompressor::eof>, refuse_write>(
        "eof", "Whether the end of the stream was reached."),
    getset<bytes_field<ZlibDecompressor, &ZlibDecompressor::unused_data>, refuse_write>(
        "unused_data", "What was found behind the end of the stream."),
    getset<flag_field<ZlibDecompressor, &ZlibDecompressor::needs_input>, refuse_write>(
        "needs_input", "Whether more input is needed before there can be more output."),
};
const SlotEntry zlib_decompressor_slots[] = {slot<SlotId::new_, zlib_decompressor_new>()};
const TypeSpec zlib_decompressor_spec{
    .name = "zlib._ZlibDecompressor",
    .doc =
        "Decompresses one stream piece by piece.\n\n"
        "zdict is the preset dictionary that the compressor had, if it had one.",
    .flags = kTypeImmutable,
    .layout = &zlib_decompressor_layout,
    .slots = zlib_decompressor_slots,
    .methods = zlib_decompressor_methods,
    .getsets = zlib_decompressor_getsets};

constexpr Method zlib_functions[] = {
    function<zlib_checksum<adler32_z>>("adler32(data, value=1, /)",
                                       "Adler-32 checksum of data, going on from value."),
    function<zlib_compress>("compress(data, /, level=-1, wbits=15)",
                            "data compressed. level: 0 to 9, or -1 for the usual; wbits: the "
                            "window's size and the container."),
    function<zlib_compressobj>(
        "compressobj(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=?)",
        "An object that compresses piece by piece.\n\n"
        "wbits: 9 to 15 for a zlib container, negative for none, 25 to 31 for gzip's.\n"
        "memLevel: 1 to 9, more memory for more speed. strategy: one of the constants.\n"
        "zdict: a dictionary of byte sequences that are likely to occur."),
    function<zlib_checksum<crc32_z>>("crc32(data, value=0, /)",
                                     "CRC-32 checksum of data, going on from value."),
    function<zlib_decompress>("decompress(data, /, wbits=15, bufsize=16384)",
                              "data decompressed. bufsize: the room to begin with."),
    function<zlib_decompressobj>("decompressobj(wbits=15, zdict=?)",
                                 "An object that decompresses piece by piece.\n\n"
                                 "zdict: the dictionary that the compressor had."),
};
constexpr ModuleConstant zlib_constants[] = {
    constant_text("__version__", "1.0"),
    constant_text("ZLIB_VERSION", ZLIB_VERSION),
    constant("DEFLATED", Z_DEFLATED),
    constant("DEF_BUF_SIZE", kBufferSize),
    constant("DEF_MEM_LEVEL", kMemoryLevel),
    constant("MAX_WBITS", MAX_WBITS),
    constant("Z_BEST_COMPRESSION", Z_BEST_COMPRESSION),
    constant("Z_BEST_SPEED", Z_BEST_SPEED),
    constant("Z_BLOCK", Z_BLOCK),
    constant("Z_DEFAULT_COMPRESSION", Z_DEFAULT_COMPRESSION),
    constant("Z_DEFAULT_STRATEGY", Z_DEFAULT_STRATEGY),
    constant("Z_FILTERED", Z_FILTERED),
    constant("Z_FINISH", Z_FINISH),
    constant("Z_FIXED", Z_FIXED),
    constant("Z_FULL_FLUSH", Z_FULL_FLUSH),
    constant("Z_HUFFMAN_ONLY", Z_HUFFMAN_ONLY),
    constant("Z_NO_COMPRESSION", Z_NO_COMPRESSION),
    constant("Z_NO_FLUSH", Z_NO_FLUSH),
    constant("Z_PARTIAL_FLUSH", Z_PARTIAL_FLUSH),
    constant("Z_RLE", Z_RLE),
    constant("Z_SYNC_FLUSH", Z_SYNC_FLUSH),
    constant("Z_TREES", Z_TREES),
};
const ModuleType zlib_types[] = {{&zlib_decompressor_spec, &zlib_decompressor_type}};

Result<void> zlib_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(type_from_spec(thread, compress_spec, compress_type));  // these two have no name outside
  TRY(type_from_spec(thread, decompress_spec, decompress_type));
  TRY(exception_class(thread, module, "zlib", "error", EXCEPTION(Exception), error_type));
  Ref<Str> version = TRY(str_from_ascii(thread, zlibVersion()));
  return module_set(thread, module, "ZLIB_RUNTIME_VERSION", version);
}

}  // namespace

extern const ModuleSpec zlib_module;
const ModuleSpec zlib_module{
    .name = "zlib",
    .doc =
        "Compression by the zlib library.\n\n"
        "compress() and decompress() take a message whole, compressobj() and decompressobj() make\n"
        "objects that take it in pieces; adler32() and crc32() are checksums.",
    .functions = zlib_functions,
    .constants = zlib_constants,
    .types = zlib_types,
    .initialize = zlib_initialize};

}  // namespace dx
