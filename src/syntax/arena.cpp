#include "syntax/arena.h"

#include <cstdlib>

#include "base/check.h"

namespace dx::ast {

Arena::~Arena() {
  for (Chunk* chunk = chunks_; chunk != nullptr;) {
    Chunk* previous = chunk->previous;
    std::free(chunk);
    chunk = previous;
  }
  std::free(names_);
}

void* Arena::allocate_slow(size_t size, size_t alignment) {
  size_t wanted = sizeof(Chunk) + size + alignment;
  size_t chunk_size = next_chunk_;
  if (wanted > chunk_size) chunk_size = wanted;
  // Chunks grow so that a small eval() stays small and a huge file needs few of them.
  if (next_chunk_ < 1024 * 1024) next_chunk_ *= 2;
  Chunk* chunk = static_cast<Chunk*>(std::malloc(chunk_size));
  CHECK(chunk != nullptr);
  chunk->previous = chunks_;
  chunks_ = chunk;
  bytes_used_ += chunk_size;
  free_ = reinterpret_cast<char*>(chunk + 1);
  end_ = reinterpret_cast<char*>(chunk) + chunk_size;
  return allocate(size, alignment);
}

std::string_view Arena::copy(std::string_view text) {
  char* at = static_cast<char*>(allocate(text.size() + 1, 1));
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  at[text.size()] = 0;
  return {at, text.size()};
}

const Identifier* Arena::intern(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  if (names_count_ * 2 >= names_capacity_) grow_names();
  uint32_t mask = names_capacity_ - 1;
  uint32_t at = hash & mask;
  for (; names_[at] != nullptr; at = (at + 1) & mask) {
    const Identifier* name = names_[at];
    if (name->hash == hash && name->view() == text) return name;
  }
  void* memory = allocate(offsetof(Identifier, text) + text.size() + 1, alignof(Identifier));
  Identifier* name = static_cast<Identifier*>(memory);
  name->size = static_cast<uint32_t>(text.size());
  name->hash = hash;
  name->user = nullptr;
  std::memcpy(name->text, text.data(), text.size());
  name->text[text.size()] = 0;
  names_[at] = name;
  ++names_count_;
  return name;
}

void Arena::grow_names() {
  uint32_t capacity = names_capacity_ == 0 ? 256 : names_capacity_ * 2;
  auto** names = static_cast<const Identifier**>(std::calloc(capacity, sizeof(Identifier*)));
  CHECK(names != nullptr);
  for (uint32_t old = 0; old < names_capacity_; ++old) {
    if (names_[old] == nullptr) continue;
    uint32_t at = names_[old]->hash & (capacity - 1);
    while (names[at] != nullptr) at = (at + 1) & (capacity - 1);
    names[at] = names_[old];
  }
  std::free(names_);
  names_ = names;
  names_capacity_ = capacity;
}

}  // namespace dx::ast
