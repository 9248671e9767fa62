#pragma once
// Pile: an array that grows and says so when it cannot, for plain data in places where memory may
// be short.

#include <cstdlib>
#include <type_traits>

namespace dx {

template <class T>
class Pile {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Pile() = default;
  Pile(const Pile&) = delete;
  Pile& operator=(const Pile&) = delete;
  ~Pile() { std::free(items_); }

  [[nodiscard]] bool push(T item) {
    if (size_ == capacity_ && !grow()) return false;
    items_[size_++] = item;
    return true;
  }
  T pop() { return items_[--size_]; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t index) { return items_[index]; }
  T* begin() { return items_; }
  T* end() { return items_ + size_; }
  void shrink_to(size_t size) { size_ = size; }  // Requires: size <= size()

 private:
  bool grow() {
    size_t capacity = capacity_ ? capacity_ * 2 : 64;
    void* grown = std::realloc(static_cast<void*>(items_), capacity * sizeof(T));
    if (!grown) return false;
    items_ = static_cast<T*>(grown);
    capacity_ = capacity;
    return true;
  }
  T* items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace dx
