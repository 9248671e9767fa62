#pragma once
// float to text, for repr, %-formatting and format(). No Python.

#include <cstdlib>
#include <string_view>

#include "objects/float.h"

namespace dx {

// A text of unknown length on the C heap, inline while it is short; appending fails when memory is
// short.
class CharBuffer {
 public:
  CharBuffer() = default;
  ~CharBuffer() {
    if (data_ != inline_) free(data_);
  }
  CharBuffer(const CharBuffer&) = delete;
  CharBuffer& operator=(const CharBuffer&) = delete;
  [[nodiscard]] bool reserve(size_t more);  // room for that many behind the end
  char* end() { return data_ + size_; }
  char* data() { return data_; }
  size_t size() const { return size_; }
  size_t room() const { return capacity_ - size_; }
  void set_size(size_t size) { size_ = size; }  // Requires: within the capacity
  [[nodiscard]] bool append(std::string_view text);
  [[nodiscard]] bool append(char c, size_t count = 1);
  [[nodiscard]] bool insert(size_t at, char c);
  std::string_view text() const { return {data_, size_}; }

 private:
  char inline_[400];
  char* data_ = inline_;
  size_t size_ = 0, capacity_ = sizeof(inline_);
};

enum FloatTextFlags : unsigned {
  kFloatAlternate = 1,       // '#': always a point, g keeps trailing zeros
  kFloatDotZero = 2,         // repr: "1.0", not "1"
  kFloatUpper = 4,           // E, INF, NAN
  kFloatNoNegativeZero = 8,  // 'z': what rounds to -0 is 0
};
// type: 'r' (shortest that reads back), 'e', 'f', 'g'; precision is ignored for 'r'. False: memory
// is short.
[[nodiscard]] bool float_text(double number, char type, int precision, unsigned flags,
                              CharBuffer& out);

// Parses all of text (ASCII, no spaces around); false when it is no float. Out of range gives inf
// or 0.
bool float_scan(std::string_view text, double& out);
// Copies text without surrounding spaces and without valid underscores; false when an underscore is
// misplaced or memory is short (then out is empty and no_memory is set).
bool float_clean(std::string_view text, CharBuffer& out, bool& no_memory);

// The operand as double: ok for float, int, bool and their subclasses; not_a_number otherwise;
// raised: OverflowError.
enum class Operand : uint8_t { ok, not_a_number, raised };
Operand float_operand(Thread& thread, Any object, double& out);

// float.__round__; ndigits: None for an int.
AnyResult float_round(Thread& thread, Any self, Any ndigits);

// number * 10**precision, rounded to the nearest integer, ties to even: exact. False: outside what
// it serves. Requires: number is finite and not negative.
bool float_scaled(double number, int precision, uint64_t& out);

}  // namespace dx
