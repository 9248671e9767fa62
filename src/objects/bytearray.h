#pragma once
// bytearray: one pointer to a buffer that carries its own size, so that a reader without a lock
// never pairs data and size of different buffers. Growing replaces the buffer with release and
// retires the old one: what a reader got from bytearray_view stays readable until its next
// safepoint. Mutators hold the byte lock. While a buffer is exported (memoryview, an os.read in
// progress) nothing may change its size: BufferError.

#include <atomic>
#include <string_view>

#include "objects/bytes.h"

namespace dx {

struct ByteBuffer {
  std::atomic<Word> size;
  Word capacity;  // a NUL follows the bytes, not counted here
  char* data() { return reinterpret_cast<char*>(this + 1); }
};

struct ByteArray : Object {
  std::atomic<ByteBuffer*> buffer;  // null: empty
  std::atomic<Word> exports;
};
template <>
struct TypeCheck<ByteArray> {
  static bool check(Value value) { return has_layout(value, kShapeByteArray); }
  static constexpr const char* name = "bytearray";
};
inline bool is_bytearray(Value value) { return has_layout(value, kShapeByteArray); }

// What it holds now. Valid until the next safepoint (no Python in between).
inline std::string_view bytearray_view(const ByteArray* self) {
  ByteBuffer* buffer = self->buffer.load(std::memory_order_acquire);
  if (buffer == nullptr) return std::string_view("", 0);
  return {buffer->data(), static_cast<size_t>(buffer->size.load(std::memory_order_acquire))};
}
Result<Ref<ByteArray>> bytearray_from(Thread& thread, std::string_view data);
Result<Ref<ByteArray>> bytearray_create(Thread& thread, size_t size);  // contents undefined
// Replaces self[start:stop] by data. BufferError, MemoryError.
Result<void> bytearray_splice(Thread& thread, Borrowed<ByteArray> self, Word start, Word stop,
                              std::string_view data);

}  // namespace dx
