#pragma once
// The memory of one parse: a bump allocator, sequences in it, and the identifiers it has interned.
//
//   chunk [----used----|....free....] -> next chunk ...     freed all at once with the Arena
//
// Invariant: within one Arena two equal identifiers are the same pointer.
// One thread at a time; memory exhaustion ends the process like every failed small allocation here.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

namespace dx::ast {

// An interned name, NFKC-normalised UTF-8.
struct Identifier {
  uint32_t size;
  uint32_t hash;
  mutable void*
      user;      // free for whoever walks the tree (the compiler keeps its own name number here)
  char text[1];  // size bytes, then a zero

  std::string_view view() const { return {text, size}; }
  bool operator==(std::string_view other) const { return view() == other; }
};

// A fixed sequence in the arena. Every Seq has the same layout whatever T is.
template <typename T>
struct Seq {
  T* items = nullptr;
  uint32_t size = 0;

  bool empty() const { return size == 0; }
  T& operator[](uint32_t index) const { return items[index]; }
  T* begin() const { return items; }
  T* end() const { return items + size; }
  T& front() const { return items[0]; }
  T& back() const { return items[size - 1]; }
};

class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(size_t size, size_t alignment = 8) {
    uintptr_t at = (reinterpret_cast<uintptr_t>(free_) + alignment - 1) & ~(alignment - 1);
    if (at + size > reinterpret_cast<uintptr_t>(end_)) return allocate_slow(size, alignment);
    free_ = reinterpret_cast<char*>(at + size);
    return reinterpret_cast<void*>(at);
  }

  template <typename T>
  Seq<T> make_seq(const T* items, size_t size) {
    if (size == 0) return {};
    T* copy = static_cast<T*>(allocate(size * sizeof(T), alignof(T)));
    std::memcpy(static_cast<void*>(copy), items, size * sizeof(T));
    return {copy, static_cast<uint32_t>(size)};
  }
  // A sequence of `size` zeroed items, to be filled by the caller.
  template <typename T>
  Seq<T> make_seq(size_t size) {
    if (size == 0) return {};
    T* items = static_cast<T*>(allocate(size * sizeof(T), alignof(T)));
    std::memset(static_cast<void*>(items), 0, size * sizeof(T));
    return {items, static_cast<uint32_t>(size)};
  }

  // A copy of `text` in the arena, followed by a zero byte; never null.
  std::string_view copy(std::string_view text);

  // The one Identifier with this text (already normalised).
  const Identifier* intern(std::string_view text);

  size_t bytes_used() const { return bytes_used_; }

 private:
  struct Chunk {
    Chunk* previous;
  };
  void* allocate_slow(size_t size, size_t alignment);
  void grow_names();

  char* free_ = nullptr;
  char* end_ = nullptr;
  Chunk* chunks_ = nullptr;
  size_t next_chunk_ = 16 * 1024;
  size_t bytes_used_ = 0;

  // Open addressing, capacity a power of two.
  const Identifier** names_ = nullptr;
  uint32_t names_capacity_ = 0;
  uint32_t names_count_ = 0;
};

}  // namespace dx::ast
