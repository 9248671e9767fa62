#pragma once
// The buffer protocol inside the runtime: a view of an exporter's memory, held until released.

#include "objects/native.h"

namespace dx {

constexpr int kMaxDimensions = 64;
enum BufferFlags : int {
  kBufferSimple = 0,
  kBufferWritable = 1,
  kBufferFormat = 4,
  kBufferNd = 8,
  kBufferStrides = 16 | 8,
  kBufferFull = 1 | 4 | 24,
  kBufferFullRo = 4 | 24
};

struct BufferView {
  void* data = nullptr;
  Word size = 0;  // bytes
  Word item_size = 1;
  bool readonly = true;
  int dimensions = 1;
  const char* format = "B";  // struct-module syntax; lives as long as the exporter's export
  Word* shape = nullptr;     // null: one dimension of size / item_size
  Word* strides = nullptr;   // null: C order
  Word* suboffsets = nullptr;
  Value owner;                                                  // the exporter, counted
  void (*release)(Thread& thread, BufferView& view) = nullptr;  // undoes the export; may be null
  void* state = nullptr;                                        // the exporter's own
};

// TypeError "a bytes-like object is required, not 'T'"; BufferError when not writable.
Result<void> buffer_get(Thread& thread, Any object, BufferView& view, int flags = kBufferSimple);
void buffer_release(Thread& thread, BufferView& view);
bool has_buffer(Any object);

// The buffer slot takes its view by reference, which slot<>() does not adapt: the function is named
// directly.
inline SlotEntry buffer_slot(slot_function::Buffer function) {
  return {SlotId::buffer, reinterpret_cast<void*>(function)};
}

class BufferScope {
 public:
  explicit BufferScope(Thread& thread) : thread_(thread) {}
  ~BufferScope() {
    if (view.owner) buffer_release(thread_, view);
  }
  Result<void> acquire(Any object, int flags = kBufferSimple) {
    return buffer_get(thread_, object, view, flags);
  }
  std::string_view text() const {
    return {static_cast<const char*>(view.data), static_cast<size_t>(view.size)};
  }
  BufferView view;

 private:
  Thread& thread_;
};

}  // namespace dx
