#pragma once
// memoryview: a window on an exporter's memory with a format, a shape and strides. All views made
// from one export share an Export record, which gives the memory back when the last of them is
// released or dies.

#include "objects/buffer.h"

namespace dx {

struct BufferExport {
  BufferView view;          // as the exporter filled it; its owner is counted here
  std::atomic<Word> users;  // memoryviews that are not released
};

struct MemoryView : Object {
  BufferExport* source;  // null once released
  char* data;
  Word size;  // bytes
  Word item_size;
  const char* format;  // native formats of casts are static; others live as long as the export
  Word* shape;  // `dimensions` of each; one allocation (dimensions > 1 or not), freed by destroy
  Word* strides;
  Word* suboffsets;  // null: none
  int dimensions;
  bool readonly;
  bool restricted;            // made by a cast of a view that must not leave (reserved)
  std::atomic<Word> exports;  // buffers taken from this view
  std::atomic<uint64_t> hash_cache;
};
inline bool is_memoryview(Value value) { return is_exact(value, SHAPE(memoryview)); }

AnyResult memoryview_from(Thread& thread, Any object);
// A view of memory that `owner` keeps alive.
AnyResult memoryview_from_memory(Thread& thread, Any owner, void* data, Word size, bool readonly);

}  // namespace dx
