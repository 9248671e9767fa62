// mmap: files, or memory of nobody's, as mutable bytes.
//
//   Mmap   data -----> [ size bytes of the address space ]     null: closed
//          descriptor  our own duplicate of the file's, for size() and resize(); -1: none
//          exports     buffers that others hold of it (memoryview, a search of re in progress)
//
// Threads: whatever touches the mapping, reading too, holds the object's lock for as long as it
// does, so that close() and resize() in another thread wait until it is done; the lock is skipped
// as long as the object is one thread's alone. Under the lock run copies, searches and the system
// calls that move the mapping, never Python: arguments are converted before, results made before or
// after. An export outlives the lock: while there is one, close() and resize() refuse. flush()
// alone works without the lock, because writing pages back may take seconds: what it does to
// addresses that were unmapped meanwhile, and given to somebody else, is harmless.
//
// A file that is cut under its mapping leaves pages without anything behind them: touching one is
// SIGBUS, which ends the process, as it ends CPython's.

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>

#include <cstring>

#include "memory/byte_lock.h"
#include "memory/heap.h"
#include "modules/posix/posix.h"
#include "objects/iter.h"
#include "objects/search.h"
#include "objects/slice.h"

namespace dx {

namespace {

TypeHandle mmap_type;

enum Access : int { kAccessDefault, kAccessRead, kAccessWrite, kAccessCopy };

struct Mmap : Object {
  char* data;  // null: closed
  Word size;
  Word position;  // of reads and writes; beyond the end after a resize to less
  Word offset;    // of the mapping in its file
  int flags;
  int descriptor;
  Access access;
  bool tracked;  // false: trackfd=False
  std::atomic<Word> exports;

  Word left() const { return position < size ? size - position : 0; }
  char* here() { return data + position; }
};
Borrowed<Mmap> mmap_of(Any self) { return Borrowed<Mmap>(self.value()); }

Raised raise_closed(Thread& thread) { return raise<ValueError>(thread, "mmap closed or invalid"); }
// Runs `body`, which neither raises nor runs Python, under the lock of an open mapping.
template <class Body>
Result<void> while_open(Thread& thread, Borrowed<Mmap> self, Body body) {
  {
    ObjectLock lock(thread, self.get());
    if (self->data) {
      body();
      return {};
    }
  }
  return raise_closed(thread);
}
Result<void> check_open(Thread& thread, Borrowed<Mmap> self) {
  return while_open(thread, self, [] {});
}
Result<void> check_writable(Thread& thread, Borrowed<Mmap> self) {
  if (self->access != kAccessRead) return {};
  return raise<TypeError>(thread, "mmap can't modify a readonly memory map.");
}

// ---- construction -------------------------------------------------------------------------------
constexpr const char* kParameters[] = {"fileno", "length", "flags",  "prot",
                                       "access", "offset", "trackfd"};
enum Parameter : size_t { kFileno, kLength, kFlags, kProt, kAccess, kOffset, kTrackfd, kCount };

// Binds by hand: CPython's messages name no function here.
Result<void> bind(Thread& thread, const Arguments& arguments, Value (&out)[kCount]) {
  size_t positional = arguments.positional();
  if (arguments.count > kCount) {
    return raise<TypeError>(thread, "function takes at most {} {}arguments ({} given)",
                            static_cast<size_t>(kCount), positional == 0 ? "keyword " : "",
                            arguments.count);
  }
  if (positional > kTrackfd) {
    return raise<TypeError>(thread, "function takes at most {} positional arguments ({} given)",
                            static_cast<size_t>(kTrackfd), positional);
  }
  for (size_t i = 0; i < positional; ++i) out[i] = arguments.items[i];
  for (size_t k = positional; k < arguments.count; ++k) {
    Any name = arguments.names->item(static_cast<Word>(k - positional));
    size_t at = 0;
    while (at < kCount && !str_equals_ascii(Borrowed<Str>(name.value()), kParameters[at])) ++at;
    if (at == kCount) {
      return raise<TypeError>(thread, "this function got an unexpected keyword argument '{}'",
                              name);
    }
    if (out[at]) {
      return raise<TypeError>(
          thread, "argument for function given by name ('{}') and position ({})", name, at + 1);
    }
    out[at] = arguments.items[k];
  }
  for (size_t i = 0; i <= kLength; ++i) {
    if (out[i]) continue;
    return raise<TypeError>(thread, "function missing required argument '{}' (pos {})",
                            kParameters[i], i + 1);
  }
  return {};
}
constexpr const char* kTooLarge = "Python int too large to convert to C ssize_t";
Result<Word> word_of(Thread& thread, Value given, Word fallback, const char* overflow) {
  if (!given) return fallback;
  AnyRef index = TRY(to_index(thread, Any(given)));
  return int_word(thread, index.value(), overflow);
}
Result<int> int_of(Thread& thread, Value given, int fallback) {
  Word word = TRY(word_of(thread, given, fallback, "Python int too large to convert to C int"));
  if (word > INT32_MAX)
    return raise<OverflowError>(thread, "signed integer is greater than maximum");
  if (word < INT32_MIN) return raise<OverflowError>(thread, "signed integer is less than minimum");
  return static_cast<int>(word);
}

// How the pages may be used, after flags, prot and access, which must not contradict each other.
struct Use {
  int flags, prot;
  Access access;
};
Result<Use> use_of(Thread& thread, int flags, int prot, int access) {
  constexpr int kBoth = PROT_READ | PROT_WRITE;
  if (access != kAccessDefault && (flags != MAP_SHARED || prot != kBoth)) {
    return raise<ValueError>(thread, "mmap can't specify both access and flags, prot.");
  }
  switch (access) {
    case kAccessRead: return Use{MAP_SHARED, PROT_READ, kAccessRead};
    case kAccessWrite: return Use{MAP_SHARED, kBoth, kAccessWrite};
    case kAccessCopy: return Use{MAP_PRIVATE, kBoth, kAccessCopy};
    case kAccessDefault: break;
    default: return raise<ValueError>(thread, "mmap invalid access parameter.");
  }
  if ((prot & kBoth) == kBoth) return Use{flags, prot, kAccessDefault};
  return Use{flags, prot, prot & PROT_WRITE ? kAccessWrite : kAccessRead};
}

AnyResult mmap_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  Value given[kCount];
  TRY(bind(thread, arguments, given));
  int fd = TRY(int_of(thread, given[kFileno], 0));
  Word length = TRY(word_of(thread, given[kLength], 0, kTooLarge));
  int flags = TRY(int_of(thread, given[kFlags], MAP_SHARED));
  int prot = TRY(int_of(thread, given[kProt], PROT_READ | PROT_WRITE));
  int access = TRY(int_of(thread, given[kAccess], kAccessDefault));
  Word offset =
      TRY(word_of(thread, given[kOffset], 0, "Python int too large to convert to C long"));
  bool tracked = given[kTrackfd] ? TRY(is_true(thread, Any(given[kTrackfd]))) : true;
  if (auditing()) {
    AnyRef bytes = TRY(int_from_word(thread, length)), from = TRY(int_from_word(thread, offset));
    TRY(audit(thread, "mmap.__new__",
              {small_int(fd), bytes.value(), small_int(access), from.value()}));
  }
  if (length < 0) return raise<OverflowError>(thread, "memory mapped length must be positive");
  if (offset < 0) return raise<OverflowError>(thread, "memory mapped offset must be positive");
  Use use = TRY(use_of(thread, flags, prot, access));

  struct stat info;
  int status = -1;
  if (fd != -1) {
    OfflineScope offline(thread);
    status = fstat(fd, &info);
  }
  if (status == 0 && S_ISREG(info.st_mode)) {
    Word size = info.st_size;
    if (length == 0) {
      if (size == 0) return raise<ValueError>(thread, "cannot mmap an empty file");
      if (offset >= size) return raise<ValueError>(thread, "mmap offset is greater than file size");
      length = size - offset;
    } else if (offset > size || size - offset < length) {
      return raise<ValueError>(thread, "mmap length is greater than file size");
    }
  }

  AnyRef made = TRY(allocate_instance(thread, type));
  Borrowed<Mmap> self = mmap_of(made);
  self->descriptor = -1;
  self->size = length;
  self->offset = offset;
  self->access = use.access;
  self->tracked = tracked;
  if (fd == -1) {
    use.flags |= MAP_ANONYMOUS;
  } else if (tracked) {
    self->descriptor = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (self->descriptor == -1) return raise_os_error(thread, errno);
  }
  self->flags = use.flags;
  void* data;
  int failed;
  {
    OfflineScope offline(thread);
    data = ::mmap(nullptr, static_cast<size_t>(length), use.prot, use.flags, fd, offset);
    failed = errno;
  }
  if (data == MAP_FAILED) return raise_os_error(thread, failed);
  self->data = static_cast<char*>(data);
  return made;
}

void unmap(char* data, Word size, int descriptor) {
  if (data) munmap(data, static_cast<size_t>(size));
  if (descriptor >= 0) ::close(descriptor);
}
void mmap_destroy(Thread&, Object* object) {
  auto* self = static_cast<Mmap*>(object);
  unmap(self->data, self->size, self->descriptor);
}

Result<void> mmap_close(Thread& thread, Borrowed<Mmap> self) {
  char* data = nullptr;
  Word size = 0;
  int descriptor = -1;
  bool exported;
  {
    ObjectLock lock(thread, self.get());
    exported = self->exports.load(std::memory_order_acquire) > 0;
    if (!exported) {
      data = std::exchange(self->data, nullptr);
      size = self->size;
      descriptor = std::exchange(self->descriptor, -1);
    }
  }
  if (exported) return raise<BufferError>(thread, "cannot close exported pointers exist");
  unmap(data, size, descriptor);
  return {};
}

// ---- as a sequence ------------------------------------------------------------------------------
Result<Word> mmap_len(Thread& thread, Any self) {
  Word size = 0;
  TRY(while_open(thread, mmap_of(self), [&] { size = mmap_of(self)->size; }));
  return size;
}

// The byte at `index` (below 0: from the end).
Result<uint8_t> byte_at(Thread& thread, Borrowed<Mmap> self, Word index) {
  int found = -1;
  TRY(while_open(thread, self, [&] {
    if (index < 0) index += self->size;
    if (index >= 0 && index < self->size) found = static_cast<uint8_t>(self->data[index]);
  }));
  if (found < 0) return raise<IndexError>(thread, "mmap index out of range");
  return static_cast<uint8_t>(found);
}
// What iterators get: bytes of length 1, where mmap[index] is an int.
AnyResult mmap_item(Thread& thread, Any self, Word index) {
  char byte = static_cast<char>(TRY(byte_at(thread, mmap_of(self), index)));
  return bytes_from(thread, std::string_view(&byte, 1));
}

void copy_slice(char* out, const char* data, SliceRange range) {
  if (range.step == 1) {
    std::memcpy(out, data + range.start, static_cast<size_t>(range.count));
    return;
  }
  for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step) out[i] = data[at];
}
AnyResult mmap_slice(Thread& thread, Borrowed<Mmap> self, SliceBounds bounds) {
  // Room for what the slice is now; once more when another thread made it longer meanwhile.
  for (;;) {
    Word room = 0, count = 0;
    auto measure = [&] {
      SliceRange range = slice_apply(bounds, self->size);
      if (range.count < 0) range.count = 0;
      return range;
    };
    TRY(while_open(thread, self, [&] { room = measure().count; }));
    Ref<Bytes> out = TRY(bytes_create(thread, static_cast<size_t>(room)));
    TRY(while_open(thread, self, [&] {
      SliceRange range = measure();
      count = range.count;
      if (count > 0 && count <= room) copy_slice(out->data(), self->data, range);
    }));
    if (count == room) return out;
    if (count < room) return bytes_resize(thread, std::move(out), static_cast<size_t>(count));
  }
}
AnyResult mmap_getitem(Thread& thread, Any self, Any key) {
  TRY(check_open(thread, mmap_of(self)));
  if (is_slice(key)) {
    return mmap_slice(thread, mmap_of(self),
                      TRY(slice_bounds(thread, Borrowed<Slice>(key.value()))));
  }
  if (!has_index(key)) return raise<TypeError>(thread, "mmap indices must be integers");
  Word index = TRY(index_word(thread, key));
  return AnyRef::adopt(small_int(TRY(byte_at(thread, mmap_of(self), index))));
}

Result<void> set_slice(Thread& thread, Borrowed<Mmap> self, SliceBounds bounds, MaybeAny value) {
  if (!value) return raise<TypeError>(thread, "mmap object doesn't support slice deletion");
  BufferScope scope(thread);
  TRY(scope.acquire(*value));
  std::string_view data = scope.text();
  bool fits = true;
  TRY(while_open(thread, self, [&] {
    SliceRange range = slice_apply(bounds, self->size);
    if (range.count < 0) range.count = 0;
    fits = range.count == static_cast<Word>(data.size());
    if (!fits || range.count == 0) return;
    if (range.step == 1) {
      std::memmove(self->data + range.start, data.data(), data.size());
    } else {
      for (Word i = 0, at = range.start; i < range.count; ++i, at += range.step)
        self->data[at] = data[static_cast<size_t>(i)];
    }
  }));
  if (!fits) return raise<IndexError>(thread, "mmap slice assignment is wrong size");
  return {};
}
Result<void> mmap_setitem(Thread& thread, Any object, Any key, MaybeAny value) {
  Borrowed<Mmap> self = mmap_of(object);
  TRY(check_writable(thread, self));
  if (is_slice(key)) {
    return set_slice(thread, self, TRY(slice_bounds(thread, Borrowed<Slice>(key.value()))), value);
  }
  if (!has_index(key)) return raise<TypeError>(thread, "mmap indices must be integer");
  Word index = TRY(index_word(thread, key));
  if (!value) return raise<TypeError>(thread, "mmap doesn't support item deletion");
  if (!has_index(*value)) return raise<TypeError>(thread, "mmap item value must be an int");
  AnyRef number = TRY(to_index(thread, *value));
  Word byte;
  if (!int_to_word(number.value(), byte)) {
    return raise<TypeError>(thread, "cannot fit '{}' into an index-sized integer",
                            type_name_in(*value));
  }
  if (byte < 0 || byte > 255)
    return raise<ValueError>(thread, "mmap item value must be in range(0, 256)");
  bool found = false;
  TRY(while_open(thread, self, [&] {
    if (index < 0) index += self->size;
    found = index >= 0 && index < self->size;
    if (found) self->data[index] = static_cast<char>(byte);
  }));
  if (!found) return raise<IndexError>(thread, "mmap index out of range");
  return {};
}

// ---- as a buffer --------------------------------------------------------------------------------
void release_export(Thread&, BufferView& view) {
  static_cast<Mmap*>(view.owner.object())->exports.fetch_sub(1, std::memory_order_release);
}
Result<void> mmap_buffer(Thread& thread, Any object, BufferView& view, int flags) {
  Borrowed<Mmap> self = mmap_of(object);
  bool readonly = self->access == kAccessRead, refused = readonly && (flags & kBufferWritable);
  TRY(while_open(thread, self, [&] {
    if (refused) return;
    self->exports.fetch_add(1, std::memory_order_relaxed);
    view.data = self->data;
    view.size = self->size;
  }));
  if (refused) return raise<BufferError>(thread, "Object is not writable.");
  view.readonly = readonly;
  view.owner = share(thread, object).release();
  view.release = release_export;
  return {};
}

// ---- as a file ----------------------------------------------------------------------------------
// The next bytes, as many as `measure` counts; it is asked under the lock.
template <class Measure>
AnyResult take(Thread& thread, Borrowed<Mmap> self, Measure measure) {
  for (;;) {
    Word room = 0, count = 0;
    TRY(while_open(thread, self, [&] { room = measure(); }));
    Ref<Bytes> out = TRY(bytes_create(thread, static_cast<size_t>(room)));
    TRY(while_open(thread, self, [&] {
      count = measure();
      if (count == 0 || count > room) return;
      std::memcpy(out->data(), self->here(), static_cast<size_t>(count));
      self->position += count;
    }));
    if (count == room) return out;
    if (count < room) return bytes_resize(thread, std::move(out), static_cast<size_t>(count));
  }
}
AnyResult mmap_read(Thread& thread, Borrowed<Mmap> self, Any n) {
  Word most = -1;
  if (!n.is_none()) {
    if (!has_index(n)) {
      return raise<TypeError>(thread, "argument should be integer or None, not '{}'",
                              type_name_in(n));
    }
    AnyRef index = TRY(to_index(thread, n));
    if (!int_to_word(index.value(), most)) {
      return raise<OverflowError>(thread, "cannot fit '{}' into an index-sized integer",
                                  type_name_in(n));
    }
  }
  return take(thread, self, [&] {
    Word left = self->left();
    return most < 0 || most > left ? left : most;
  });
}
AnyResult mmap_readline(Thread& thread, Borrowed<Mmap> self) {
  return take(thread, self, [&] {
    Word left = self->left();
    const void* end = left ? std::memchr(self->here(), '\n', static_cast<size_t>(left)) : nullptr;
    return end ? static_cast<const char*>(end) - self->here() + 1 : left;
  });
}
Result<Word> mmap_read_byte(Thread& thread, Borrowed<Mmap> self) {
  int byte = -1;
  TRY(while_open(thread, self, [&] {
    if (self->left()) byte = static_cast<uint8_t>(self->data[self->position++]);
  }));
  if (byte < 0) return raise<ValueError>(thread, "read byte out of range");
  return Word{byte};
}

Result<Word> mmap_write(Thread& thread, Borrowed<Mmap> self, Any bytes) {
  BufferScope scope(thread);
  TRY(scope.acquire(bytes));
  std::string_view data = scope.text();
  TRY(check_open(thread, self));
  TRY(check_writable(thread, self));
  bool fits = true;
  TRY(while_open(thread, self, [&] {
    fits = self->position <= self->size && static_cast<Word>(data.size()) <= self->left();
    if (!fits || data.empty()) return;
    std::memmove(self->here(), data.data(), data.size());
    self->position += static_cast<Word>(data.size());
  }));
  if (!fits) return raise<ValueError>(thread, "data out of range");
  return static_cast<Word>(data.size());
}
Result<void> mmap_write_byte(Thread& thread, Borrowed<Mmap> self, Any byte) {
  AnyRef number = TRY(to_index(thread, byte));
  Word value = TRY(int_word(thread, number.value(), "Python int too large to convert to C long"));
  if (value < 0) return raise<OverflowError>(thread, "unsigned byte integer is less than minimum");
  if (value > 255)
    return raise<OverflowError>(thread, "unsigned byte integer is greater than maximum");
  TRY(check_open(thread, self));
  TRY(check_writable(thread, self));
  bool fits = false;
  TRY(while_open(thread, self, [&] {
    fits = self->left() > 0;
    if (fits) self->data[self->position++] = static_cast<char>(value);
  }));
  if (!fits) return raise<ValueError>(thread, "write byte out of range");
  return {};
}

Result<Word> mmap_tell(Thread& thread, Borrowed<Mmap> self) {
  Word position = 0;
  TRY(while_open(thread, self, [&] { position = self->position; }));
  return position;
}
Result<Word> mmap_seek(Thread& thread, Borrowed<Mmap> self, Word pos, int whence) {
  Word to = 0;
  bool fine = true;
  TRY(check_open(thread, self));
  if (whence < 0 || whence > 2) return raise<ValueError>(thread, "unknown seek type");
  TRY(while_open(thread, self, [&] {
    Word from = whence == 0 ? 0 : whence == 1 ? self->position : self->size;
    fine = !__builtin_add_overflow(from, pos, &to) && to >= 0 && to <= self->size;
    if (fine) self->position = to;
  }));
  if (!fine) return raise<ValueError>(thread, "seek out of range");
  return to;
}
bool mmap_seekable(Borrowed<Mmap>) { return true; }

Result<Word> mmap_size(Thread& thread, Borrowed<Mmap> self) {
  struct stat info;
  int failed = 0;
  TRY(while_open(thread, self, [&] {
    if (fstat(self->descriptor, &info) != 0) failed = errno;
  }));
  if (failed) return raise_os_error(thread, failed);
  return static_cast<Word>(info.st_size);
}

// ---- searching and moving -----------------------------------------------------------------------
template <bool backwards>
Result<Word> mmap_search(Thread& thread, Borrowed<Mmap> self, Any view, Any start, Any end) {
  BufferScope scope(thread);
  TRY(scope.acquire(view));
  TRY(check_open(thread, self));
  Word first = start.is_none() ? 0 : TRY(word_of(thread, start.value(), 0, kTooLarge));
  Word last = end.is_none() ? INT64_MAX : TRY(word_of(thread, end.value(), 0, kTooLarge));
  std::string_view needle = scope.text();
  Word found = -1;
  TRY(while_open(thread, self, [&] {
    Word size = self->size;
    if (start.is_none()) first = self->position;
    auto clamp = [&](Word at) {
      if (at < 0) at += size;
      return at < 0 ? Word{0} : at > size ? size : at;
    };
    Word from = clamp(first), to = end.is_none() ? size : clamp(last);
    if (from > to) return;
    auto* hay = reinterpret_cast<const uint8_t*>(self->data) + from;
    auto* what = reinterpret_cast<const uint8_t*>(needle.data());
    size_t n = static_cast<size_t>(to - from);
    size_t at = backwards ? search::rfind(hay, n, what, needle.size())
                          : search::find(hay, n, what, needle.size());
    if (at != search::kNotFound) found = from + static_cast<Word>(at);
  }));
  return found;
}

Result<void> mmap_move(Thread& thread, Borrowed<Mmap> self, Word dest, Word src, Word count) {
  TRY(check_open(thread, self));
  TRY(check_writable(thread, self));
  bool fine = false;
  TRY(while_open(thread, self, [&] {
    fine = dest >= 0 && src >= 0 && count >= 0 && self->size - dest >= count &&
           self->size - src >= count;
    if (fine) std::memmove(self->data + dest, self->data + src, static_cast<size_t>(count));
  }));
  if (!fine) return raise<ValueError>(thread, "source, destination, or count out of range");
  return {};
}

// ---- the mapping --------------------------------------------------------------------------------
Result<void> mmap_flush(Thread& thread, Borrowed<Mmap> self, Word offset, Any size) {
  Word count = 0;
  if (!size.is_none()) count = TRY(word_of(thread, size.value(), 0, kTooLarge));
  char* data = nullptr;
  Word whole = 0;
  TRY(while_open(thread, self, [&] {
    data = self->data;
    whole = self->size;
  }));
  if (size.is_none()) count = whole;  // so only offset 0 goes without a size, as in CPython
  if (offset < 0 || count < 0 || offset > whole || whole - offset < count)
    return raise<ValueError>(thread, "flush values out of range");
  if (self->access == kAccessRead || self->access == kAccessCopy) return {};
  int failed = 0;
  {
    OfflineScope offline(thread);
    if (msync(data + offset, static_cast<size_t>(count), MS_SYNC) != 0) failed = errno;
  }
  if (failed) return raise_os_error(thread, failed);
  return {};
}

Result<void> mmap_madvise(Thread& thread, Borrowed<Mmap> self, int option, Word start, Any length) {
  Word count = 0;
  if (!length.is_none()) count = TRY(word_of(thread, length.value(), 0, kTooLarge));
  enum { fine, start_wrong, length_wrong, too_long, refused } outcome = fine;
  int failed = 0;
  // Under the lock: addresses that are somebody else's by now must not be advised.
  TRY(while_open(thread, self, [&] {
    if (length.is_none()) count = self->size;
    if (start < 0 || start >= self->size) {
      outcome = start_wrong;
    } else if (count < 0) {
      outcome = length_wrong;
    } else if (INT64_MAX - start < count) {
      outcome = too_long;
    } else {
      if (count > self->size - start) count = self->size - start;
      if (madvise(self->data + start, static_cast<size_t>(count), option) == 0) return;
      failed = errno;
      outcome = refused;
    }
  }));
  switch (outcome) {
    case fine: return {};
    case start_wrong: return raise<ValueError>(thread, "madvise start out of bounds");
    case length_wrong: return raise<ValueError>(thread, "madvise length invalid");
    case too_long: return raise<OverflowError>(thread, "madvise length too large");
    case refused: break;
  }
  return raise_os_error(thread, failed);
}

Result<void> mmap_resize(Thread& thread, Borrowed<Mmap> self, Word newsize) {
  enum { fine, exported, untracked, fixed, wrong_size, shared, refused } outcome = fine;
  int failed = 0;
  TRY(while_open(thread, self, [&] {
    if (self->exports.load(std::memory_order_acquire) > 0) {
      outcome = exported;
    } else if (!self->tracked) {
      outcome = untracked;
    } else if (self->access != kAccessWrite && self->access != kAccessDefault) {
      outcome = fixed;
    } else if (newsize < 0 || INT64_MAX - newsize < self->offset) {
      outcome = wrong_size;
    } else if (self->descriptor == -1 && !(self->flags & MAP_PRIVATE) && newsize > self->size) {
      // The system lets such a mapping grow, but there is nothing behind what is new.
      outcome = shared;
    } else {
      if (self->descriptor != -1 && ftruncate(self->descriptor, self->offset + newsize) != 0) {
        outcome = refused;
        failed = errno;
        return;
      }
      void* moved = mremap(self->data, static_cast<size_t>(self->size),
                           static_cast<size_t>(newsize), MREMAP_MAYMOVE);
      if (moved == MAP_FAILED) {
        outcome = refused;
        failed = errno;
        return;
      }
      self->data = static_cast<char*>(moved);
      self->size = newsize;
    }
  }));
  switch (outcome) {
    case fine: return {};
    case exported:
      return raise<BufferError>(thread, "mmap can't resize with extant buffers exported.");
    case untracked: return raise<ValueError>(thread, "mmap can't resize with trackfd=False.");
    case fixed:
      return raise<TypeError>(thread, "mmap can't resize a readonly or copy-on-write memory map.");
    case wrong_size: return raise<ValueError>(thread, "new size out of range");
    case shared: return raise<ValueError>(thread, "mmap: can't expand a shared anonymous mapping");
    case refused: break;
  }
  return raise_os_error(thread, failed);
}

// ---- the rest -----------------------------------------------------------------------------------
bool mmap_closed(Thread& thread, Borrowed<Mmap> self) {
  ObjectLock lock(thread, self.get());
  return self->data == nullptr;
}
AnyResult mmap_enter(Thread& thread, Borrowed<Mmap> self) {
  TRY(check_open(thread, self));
  return share(thread, self);
}
Result<void> mmap_exit(Thread& thread, Borrowed<Mmap> self, Any, Any, Any) {
  return mmap_close(thread, self);
}
AnyResult mmap_repr(Thread& thread, Any object) {
  static const char* const names[] = {"ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE",
                                      "ACCESS_COPY"};
  Borrowed<Mmap> self = mmap_of(object);
  bool open;
  Word size, position;
  {
    ObjectLock lock(thread, self.get());
    open = self->data != nullptr;
    size = self->size;
    position = self->position;
  }
  const char* type = type_name_of(thread, object);
  if (!open) {
    const FormatArgument arguments[] = {type};
    return format_text(thread, "<{} closed=True>", arguments, 1);
  }
  const FormatArgument arguments[] = {type, names[self->access], size, position, self->offset};
  return format_text(thread, "<{} closed=False, access={}, length={}, pos={}, offset={}>",
                     arguments, 5);
}

// ---- the type and the module --------------------------------------------------------------------
const Layout mmap_layout{"mmap", sizeof(Mmap), false, nullptr, mmap_destroy};
const SlotEntry mmap_slots[] = {
    slot<SlotId::new_, mmap_new>(),        slot<SlotId::repr, mmap_repr>(),
    slot<SlotId::len, mmap_len>(),         slot<SlotId::getitem, mmap_getitem>(),
    slot<SlotId::setitem, mmap_setitem>(), buffer_slot(mmap_buffer),
};
constexpr Method mmap_methods[] = {
    method<mmap_close>("close()"),
    method<mmap_search<false>>("find(view, start=None, end=None, /)"),
    method<mmap_flush>("flush(offset=0, size=None, /)"),
    method<mmap_madvise>("madvise(option, start=0, length=None, /)"),
    method<mmap_move>("move(dest, src, count, /)"),
    method<mmap_read>("read(n=None, /)"),
    method<mmap_read_byte>("read_byte()"),
    method<mmap_readline>("readline()"),
    method<mmap_resize>("resize(newsize, /)"),
    method<mmap_search<true>>("rfind(view, start=None, end=None, /)"),
    method<mmap_seek>("seek(pos, whence=0, /)"),
    method<mmap_seekable>("seekable()"),
    method<mmap_size>("size()"),
    method<mmap_tell>("tell()"),
    method<mmap_write>("write(bytes, /)"),
    method<mmap_write_byte>("write_byte(byte, /)"),
    method<mmap_enter>("__enter__()"),
    method<mmap_exit>("__exit__(exc_type, exc_value, traceback, /)"),
};
const GetSet mmap_getsets[] = {getter<mmap_closed>("closed")};
const TypeSpec mmap_spec{
    .name = "mmap.mmap",
    .doc =
        "mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])\n\n"
        "Maps length bytes of the file that the descriptor fileno refers to: all of it when length "
        "is 0.\nfileno -1 maps memory of its own. flags say how changes are shared (MAP_SHARED, "
        "the default, or\nMAP_PRIVATE), prot how the pages may be used; access says both in one "
        "word (ACCESS_READ,\nACCESS_WRITE, ACCESS_COPY).",
    .flags = kTypeBase | kTypeImmutable | kTypeWeakrefable,
    .layout = &mmap_layout,
    .slots = mmap_slots,
    .methods = mmap_methods,
    .getsets = mmap_getsets,
};

#define C(name) constant(#name, static_cast<Word>(name))
constexpr ModuleConstant constants[] = {
    C(PROT_EXEC),
    C(PROT_READ),
    C(PROT_WRITE),
    C(MAP_SHARED),
    C(MAP_PRIVATE),
    C(MAP_DENYWRITE),
    C(MAP_EXECUTABLE),
    C(MAP_ANON),
    C(MAP_ANONYMOUS),
    C(MAP_POPULATE),
    C(MAP_STACK),
    C(MAP_NORESERVE),
#ifdef MAP_32BIT
    C(MAP_32BIT),
#endif
    C(MADV_NORMAL),
    C(MADV_RANDOM),
    C(MADV_SEQUENTIAL),
    C(MADV_WILLNEED),
    C(MADV_DONTNEED),
    C(MADV_REMOVE),
    C(MADV_DONTFORK),
    C(MADV_DOFORK),
    C(MADV_HWPOISON),
    C(MADV_MERGEABLE),
    C(MADV_UNMERGEABLE),
    C(MADV_HUGEPAGE),
    C(MADV_NOHUGEPAGE),
    C(MADV_DONTDUMP),
    C(MADV_DODUMP),
    C(MADV_FREE),
    constant("ACCESS_DEFAULT", kAccessDefault),
    constant("ACCESS_READ", kAccessRead),
    constant("ACCESS_WRITE", kAccessWrite),
    constant("ACCESS_COPY", kAccessCopy),
};
#undef C
const ModuleType types[] = {{&mmap_spec, &mmap_type}};

Result<void> mmap_initialize(Thread& thread, Borrowed<Module> module) {
  static const OddItems items{mmap_type.type->slot<SlotId::getitem>(), mmap_item};
  odd_items.store(&items, std::memory_order_release);
  Any page(small_int(sysconf(_SC_PAGESIZE)));
  TRY(module_set(thread, module, "PAGESIZE", page));
  TRY(module_set(thread, module, "ALLOCATIONGRANULARITY", page));
  return module_set(thread, module, "error", Any(Value(EXCEPTION(OSError))));
}

}  // namespace

extern const ModuleSpec mmap_module;
const ModuleSpec mmap_module{
    .name = "mmap", .constants = constants, .types = types, .initialize = mmap_initialize};

}  // namespace dx
