#pragma once
// What the str*.cpp files share: making strs to be filled, and walking characters of any width.

#include "objects/str.h"
#include "simd/text.h"

namespace dx {

// The UTF-8 of a str that is not ASCII, made on demand and kept until the str dies.
struct Utf8Cache {
  size_t size;
  char bytes[];
};
inline std::atomic<Utf8Cache*>& str_utf8_slot(Str* text) { return *reinterpret_cast<std::atomic<Utf8Cache*>*>(text + 1); }

constexpr Word kMaxStrLength = (Word{1} << 46);

inline StrKind kind_for(char32_t widest) {
  return widest < 0x100 ? StrKind::one : widest < 0x10000 ? StrKind::two : StrKind::four;
}
// A str of `length` characters to be filled by the caller, up to `widest` (which must be reached in its class: below
// 0x80, 0x100, 0x10000 or above). The NUL is set. Length 0 is for str_empty. Result: MemoryError.
Result<Ref<Str>> str_create(Thread& thread, Word length, char32_t widest);
inline void* str_data(Str* text) { return const_cast<void*>(text->data()); }

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
  return StrView{view.kind, view.ascii, static_cast<const char*>(view.data) + start * static_cast<Word>(view.kind), stop - start};
}
inline StrView ascii_view(std::string_view text) {
  return StrView{StrKind::one, true, text.data(), static_cast<Word>(text.size())};
}
// The characters or-ed together (only its class below 0x80, 0x100, 0x10000 or above matters).
char32_t view_widest(StrView view);
// Writes the characters at index `at` of a buffer of to_kind. Requires: they fit.
void copy_chars(StrKind to_kind, void* to, Word at, StrView from);
void fill_chars(StrKind kind, void* to, Word at, char32_t c, Word count);

// For int() and float(): any decimal digit becomes its ASCII twin, any space ' '; the first other character outside ASCII
// becomes '?' and ends the text. out has room for all characters; returns what is used.
std::string_view narrow_digits(StrView view, char* out);

// Interning (str_intern.cpp).
void intern_forget(Str* text);           // from the layout's destroy
Str* latin1_char(uint8_t c);             // the immortal one-character str
Result<void> str_statics_initialize(Thread& thread);

extern TypeHandle str_iterator_type;
AnyResult str_iter(Thread& thread, Borrowed<Str> self);

}  // namespace dx
