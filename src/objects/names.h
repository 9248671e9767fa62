#pragma once
// Statically known names: NAME("__init__") is the interned, immortal Str of that text, one load
// away. Each use registers itself before main; start-up interns them all (names_initialize).

#include <cstddef>

namespace dx {
struct Str;

struct StaticName {
  const char* text;
  size_t length;
  Str* value = nullptr;
  StaticName* next;
  static StaticName* head;
  StaticName(const char* characters, size_t count) : text(characters), length(count), next(head) {
    head = this;
  }
};

template <size_t N>
struct FixedString {
  char text[N];
  constexpr FixedString(const char (&literal)[N]) {
    for (size_t i = 0; i < N; ++i) text[i] = literal[i];
  }
};

template <FixedString S>
inline StaticName static_name{S.text, sizeof(S.text) - 1};

#define NAME(literal) (::dx::static_name<literal>.value)

}  // namespace dx
