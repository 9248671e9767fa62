#pragma once
// What the str*.cpp files share: making strs to be filled, and walking characters of any width.

#include <charconv>

#include "objects/str.h"
#include "simd/text.h"

namespace dx {

// The UTF-8 of a str that is not ASCII, made on demand and kept until the str dies.
struct Utf8Cache {
  size_t size;
  char bytes[];
};
inline std::atomic<Utf8Cache*>& str_utf8_slot(Str* text) {
  return *reinterpret_cast<std::atomic<Utf8Cache*>*>(text + 1);
}

struct Block16 {
  uint64_t halves[2];
};

constexpr Word kMaxStrLength = (Word{1} << 46);

inline StrKind kind_for(char32_t widest) {
  return widest < 0x100 ? StrKind::one : widest < 0x10000 ? StrKind::two : StrKind::four;
}
// A str of `length` characters to be filled by the caller, up to `widest` (which must be reached in
// its class: below 0x80, 0x100, 0x10000 or above). The NUL is set. Length 0 is for str_empty.
// Result: MemoryError.
Result<Ref<Str>> str_create(Thread& thread, Word length, char32_t widest);
inline void* str_data(Str* text) { return const_cast<void*>(text->data()); }

// memcpy for what is mostly short: up to 32 bytes without a call, by two loads that may overlap.
inline void copy_bytes(void* to, const void* from, size_t n) {
  auto* out = static_cast<char*>(to);
  auto* in = static_cast<const char*>(from);
  auto both_ends = [&]<class T>(T) {
    T head, tail;
    __builtin_memcpy(&head, in, sizeof(T));
    __builtin_memcpy(&tail, in + n - sizeof(T), sizeof(T));
    __builtin_memcpy(out, &head, sizeof(T));
    __builtin_memcpy(out + n - sizeof(T), &tail, sizeof(T));
  };
  if (n > 32) {
    __builtin_memcpy(to, from, n);
  } else if (n >= 16) {
    both_ends(Block16{});
  } else if (n >= 8) {
    both_ends(uint64_t{});
  } else if (n >= 4) {
    both_ends(uint32_t{});
  } else if (n > 0) {
    char first = in[0], middle = in[n / 2], last = in[n - 1];
    out[0] = first;
    out[n / 2] = middle;
    out[n - 1] = last;
  }
}

// Calls f with the typed characters.
template <class F>
decltype(auto) visit_chars(StrView view, F&& f) {
  if (view.kind == StrKind::one) return f(static_cast<const uint8_t*>(view.data));
  if (view.kind == StrKind::two) return f(static_cast<const uint16_t*>(view.data));
  return f(static_cast<const uint32_t*>(view.data));
}
template <class F>
decltype(auto) visit_chars(StrKind kind, void* data, F&& f) {
  if (kind == StrKind::one) return f(static_cast<uint8_t*>(data));
  if (kind == StrKind::two) return f(static_cast<uint16_t*>(data));
  return f(static_cast<uint32_t*>(data));
}

// view[start:stop]; the ASCII flag is kept only when it is certain.
inline StrView view_slice(StrView view, Word start, Word stop) {
  return StrView{view.kind, view.ascii,
                 static_cast<const char*>(view.data) + start * static_cast<Word>(view.kind),
                 stop - start};
}
inline StrView ascii_view(std::string_view text) {
  return StrView{StrKind::one, true, text.data(), static_cast<Word>(text.size())};
}
// The characters or-ed together (only its class below 0x80, 0x100, 0x10000 or above matters).
char32_t view_widest(StrView view);
bool has_surrogates(StrView view);
// Writes the characters at index `at` of a buffer of to_kind. Requires: they fit.
void copy_chars(StrKind to_kind, void* to, Word at, StrView from);
void fill_chars(StrKind kind, void* to, Word at, char32_t c, Word count);

// A number's digits; what repr() gives, without a str in between for small ints and plain text
// (append_repr may run Python for everything else).
inline Result<void> append_int(StrBuilder& out, Word number) {
  char buffer[24];
  char* end = std::to_chars(buffer, buffer + sizeof(buffer), number).ptr;
  return out.append(std::string_view(buffer, static_cast<size_t>(end - buffer)));
}
Result<void> append_repr(Thread& thread, StrBuilder& out, Any value);

// For int() and float(): any decimal digit becomes its ASCII twin, any space ' '; the first other
// character outside ASCII becomes '?' and ends the text. out has room for all characters; returns
// what is used.
std::string_view narrow_digits(StrView view, char* out);

// Interning (str_intern.cpp).
void intern_forget(Str* text);  // from the layout's destroy
Str* latin1_char(uint8_t c);    // the immortal one-character str
Result<void> str_statics_initialize(Thread& thread);

extern TypeHandle str_iterator_type;
AnyResult str_iter(Thread& thread, Borrowed<Str> self);

}  // namespace dx
