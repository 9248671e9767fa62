#pragma once
// str: fixed-width storage as CPython's (1, 2 or 4 bytes a code point), NUL-terminated, with an
// ASCII flag, a cached hash and UTF-8 made on demand. Only objects/str*.cpp know the storage:
// everything else goes through StrView.

#include <string_view>

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

enum class StrKind : uint8_t {
  one = 1,
  two = 2,
  four = 4
};  // bytes a code point; `one` is Latin-1

struct StrView {
  StrKind kind;
  bool ascii;
  const void* data;
  Word length;  // code points

  char32_t operator[](Word i) const {
    if (kind == StrKind::one) return static_cast<const uint8_t*>(data)[i];
    if (kind == StrKind::two) return static_cast<const uint16_t*>(data)[i];
    return static_cast<const uint32_t*>(data)[i];
  }
  std::string_view text() const {
    return {static_cast<const char*>(data), static_cast<size_t>(length)};
  }  // Requires: ascii
};

//   16  hash      0 = not computed yet (or really 0, then it is computed again: the empty text)
//   24  length    code points (low 48 bits) | kind | ASCII | interned
//   32  utf8      only when not ASCII: cached UTF-8 (Utf8Cache) or null, published by
//   compare-and-swap then the characters and a NUL of the same width
// Invariant: the kind is the narrowest that holds the characters, so equal texts have equal bytes
// and equal hashes.
struct Str : Object {
  std::atomic<uint64_t> hash_cache;
  uint64_t length_and_state;  // length in the low 48 bits, state bits above
  static constexpr uint64_t kLengthMask = (uint64_t{1} << 48) - 1;
  static constexpr uint64_t kAscii = uint64_t{1} << 56, kInterned = uint64_t{1} << 57;
  static constexpr unsigned kKindShift = 48;

  Word length() const { return static_cast<Word>(length_and_state & kLengthMask); }
  StrKind kind() const { return static_cast<StrKind>((length_and_state >> kKindShift) & 7); }
  bool ascii() const { return length_and_state & kAscii; }
  bool interned() const {
    return std::atomic_ref<const uint64_t>(length_and_state).load(std::memory_order_relaxed) &
           kInterned;
  }
  const void* data() const { return reinterpret_cast<const char*>(this + 1) + (ascii() ? 0 : 8); }
  StrView view() const { return StrView{kind(), ascii(), data(), length()}; }
};
static_assert(sizeof(Str) == 32);
template <>
struct TypeCheck<Str> {
  static bool check(Value value) { return has_layout(value, kShapeStr); }
  static constexpr const char* name = "str";
};
inline bool is_str(Value value) { return has_layout(value, kShapeStr); }
inline StrView str_view(Borrowed<Str> text) { return text->view(); }

Result<Ref<Str>> str_from_ascii(Thread& thread, std::string_view text);
Result<Ref<Str>> str_from_utf8(Thread& thread,
                               std::string_view bytes);  // strict; UnicodeDecodeError
Result<Ref<Str>> str_from_wtf8(
    Thread& thread, std::string_view bytes);  // surrogates allowed, as the compiler's constants
Result<Ref<Str>> str_from_filesystem(Thread& thread,
                                     std::string_view bytes);  // UTF-8 with surrogateescape
Result<Ref<Str>> str_from_view(Thread& thread, StrView view);  // narrowed to the smallest kind
Result<Ref<Str>> str_from_char(Thread& thread, char32_t c);
Result<Ref<Str>> str_concat(Thread& thread, Borrowed<Str> left, Borrowed<Str> right);
Result<Ref<Str>> str_substring(Thread& thread, Borrowed<Str> text, Word start, Word stop);
Result<Ref<Str>> str_join(Thread& thread, Borrowed<Str> separator, const Value* items,
                          size_t count);  // all str
Str* str_empty();                         // immortal

// UTF-8 of text, valid while text lives. Surrogates: UnicodeEncodeError (strict).
Result<std::string_view> str_utf8(Thread& thread, Borrowed<Str> text);
bool str_equal(Borrowed<Str> left, Borrowed<Str> right);  // by characters; no Python
int str_compare(StrView left, StrView right);             // -1, 0, 1 by code points
uint64_t str_hash(Borrowed<Str> text);  // CPython's value (SipHash-1-3); no Python
bool str_equals_ascii(Borrowed<Str> text, std::string_view ascii);
bool str_equal(StrView left, StrView right);
// text itself when it is exactly a str, else a copy that is.
Result<Ref<Str>> str_exact(Thread& thread, Borrowed<Str> text);
// left + right where left is about to be forgotten: grows in place when nobody else can see it and
// its block has room.
Result<Ref<Str>> str_append(Thread& thread, Ref<Str> left, Borrowed<Str> right);
// The position of needle in haystack[start:stop], or -1 (str_find.cpp). No Python.
Word str_find(StrView haystack, StrView needle, Word start, Word stop);

// The one interned str with these characters. The intern table is weak. Consumes the reference.
Result<Ref<Str>> str_intern(Thread& thread, Ref<Str> text);
Result<Ref<Str>> str_intern_ascii(Thread& thread, std::string_view text);
Result<void> names_initialize(Thread& thread);  // every NAME(...); start-up

// Builds text piece by piece, widening as needed; fails with MemoryError only.
class StrBuilder {
 public:
  explicit StrBuilder(Thread& thread) : thread_(thread) {}
  ~StrBuilder();
  StrBuilder(const StrBuilder&) = delete;
  StrBuilder& operator=(const StrBuilder&) = delete;
  Result<void> append(char32_t c);
  Result<void> append(std::string_view ascii);
  Result<void> append(StrView view);
  Result<void> append(Borrowed<Str> text) { return append(text->view()); }
  Result<void> append_repeated(char32_t c, Word count);
  Word length() const { return length_; }
  Result<Ref<Str>> finish();

 private:
  Result<void> reserve(Word more, char32_t widest);
  Thread& thread_;
  void* data_ = inline_;
  Word length_ = 0, capacity_ = kInlineBytes;
  StrKind kind_ = StrKind::one;
  char32_t widest_ = 0;  // all characters so far or-ed together
  static constexpr Word kInlineBytes = 192;
  alignas(8) char inline_[kInlineBytes];
};

}  // namespace dx
