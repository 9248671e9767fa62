#pragma once
// bytes: characters inline, NUL-terminated. bytearray and memoryview have files of their own;
// buffer.h is how C++ reads any of them.

#include <string_view>

#include "objects/native.h"
#include "objects/protocol.h"
#include "objects/str.h"

namespace dx {

struct Bytes : Object {
  std::atomic<uint64_t> hash_cache;  // 0 = not computed
  Word size;
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view view() const { return {data(), static_cast<size_t>(size)}; }
};
template <>
struct TypeCheck<Bytes> {
  static bool check(Value value) { return has_layout(value, kShapeBytes); }
  static constexpr const char* name = "bytes";
};
inline bool is_bytes(Value value) { return has_layout(value, kShapeBytes); }

Result<Ref<Bytes>> bytes_from(Thread& thread, std::string_view data);
Result<Ref<Bytes>> bytes_from_latin1(Thread& thread, StrView text);  // Requires: text.kind is one
Result<Ref<Bytes>> bytes_create(Thread& thread, size_t size);        // contents undefined, NUL set
Result<Ref<Bytes>> bytes_resize(Thread& thread, Ref<Bytes> self,
                                size_t size);  // a fresh one unless it shrinks in place
// bytes(object) as C++ functions take "bytes-like or iterable of ints": buffers, lists, tuples,
// iterables (int.from_bytes).
Result<Ref<Bytes>> bytes_of_object(Thread& thread, Any object);
// os.fsencode: str (surrogateescape) or bytes, no embedded NUL (ValueError).
Result<Ref<Bytes>> bytes_from_path(Thread& thread, Any path);

}  // namespace dx
