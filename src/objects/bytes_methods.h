#pragma once
// The methods that bytes and bytearray share, written once for both: `kind` says what self is and
// what results are made of. A view of self is taken after every argument has been converted,
// because converting may run Python.

#include <cstring>

#include "objects/buffer.h"
#include "objects/bytearray.h"
#include "objects/bytes.h"
#include "objects/container_support.h"
#include "objects/errors.h"
#include "objects/int.h"
#include "objects/percent.h"
#include "objects/search.h"
#include "objects/slice.h"
#include "objects/str_internal.h"
#include "objects/str_methods.h"
#include "objects/tuple.h"
#include "simd/text_scalar.h"

namespace dx {

enum class ByteKind : uint8_t { bytes, bytearray };

template <ByteKind kind>
std::string_view view_of(Any self) {
  if constexpr (kind == ByteKind::bytes)
    return Borrowed<Bytes>(self.value())->view();
  else
    return bytearray_view(static_cast<const ByteArray*>(self.object()));
}
template <ByteKind kind>
AnyResult make_bytes(Thread& thread, std::string_view data) {
  if constexpr (kind == ByteKind::bytes)
    return bytes_from(thread, data);
  else
    return bytearray_from(thread, data);
}
// self unchanged: bytes share themselves, bytearrays are copied.
template <ByteKind kind>
AnyResult unchanged(Thread& thread, Any self) {
  if constexpr (kind == ByteKind::bytes) {
    if (is_exact(self, SHAPE(bytes))) return share(thread, self);
  }
  return make_bytes<kind>(thread, view_of<kind>(self));
}
inline const uint8_t* octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
inline Word size_of(std::string_view text) { return static_cast<Word>(text.size()); }

// tuple(iterable); TypeError "can only join an iterable".
AnyResult sequence_tuple_for_join(Thread& thread, Any iterable);
// 0..255. ValueError "byte must be in range(0, 256)".
Result<uint8_t> byte_from(Thread& thread, Any object);

// An argument that is bytes-like, or (where allowed) one byte.
class Needle {
 public:
  explicit Needle(Thread& thread) : thread_(thread), scope_(thread) {}
  Result<void> acquire(Any object) {
    TRY(scope_.acquire(object));
    view_ = scope_.text();
    return {};
  }
  Result<void> acquire_or_byte(Any object) {
    if (has_buffer(object)) return acquire(object);
    if (!has_index(object)) {
      return raise<TypeError>(thread_, "argument should be integer or bytes-like object, not '{}'",
                              type_name_in(object));
    }
    byte_ = static_cast<char>(TRY(byte_from(thread_, object)));
    view_ = std::string_view(&byte_, 1);
    return {};
  }
  std::string_view view() const { return view_; }
  const uint8_t* data() const { return octets(view_); }
  size_t size() const { return view_.size(); }

 private:
  Thread& thread_;
  BufferScope scope_;
  char byte_ = 0;
  std::string_view view_;
};

// ---- searching ----------------------------------------------------------------------------------
enum class Direction : uint8_t { forward, backward };

template <ByteKind kind, Direction direction>
Result<Word> bytes_search(Thread& thread, Any self, Any sub, Any start, Any end) {
  Needle needle(thread);
  TRY(needle.acquire_or_byte(sub));
  search::Range range =
      TRY(search::range_of(thread, start, end, [&] { return size_of(view_of<kind>(self)); }));
  std::string_view text = view_of<kind>(self);
  if (range.stop > size_of(text) || range.start > range.stop) return -1;
  size_t n = static_cast<size_t>(range.stop - range.start);
  const uint8_t* from = octets(text) + range.start;
  size_t at = direction == Direction::forward
                  ? search::find(from, n, needle.data(), needle.size())
                  : search::rfind(from, n, needle.data(), needle.size());
  if (needle.size() > n) at = search::kNotFound;
  return at == search::kNotFound ? -1 : range.start + static_cast<Word>(at);
}
template <ByteKind kind, Direction direction>
Result<Word> bytes_index(Thread& thread, Any self, Any sub, Any start, Any end) {
  Word at = TRY((bytes_search<kind, direction>(thread, self, sub, start, end)));
  if (at < 0) return raise<ValueError>(thread, "subsection not found");
  return at;
}
template <ByteKind kind>
Result<Word> bytes_count(Thread& thread, Any self, Any sub, Any start, Any end) {
  Needle needle(thread);
  TRY(needle.acquire_or_byte(sub));
  search::Range range =
      TRY(search::range_of(thread, start, end, [&] { return size_of(view_of<kind>(self)); }));
  std::string_view text = view_of<kind>(self);
  if (range.stop > size_of(text) || range.start > range.stop) return 0;
  return static_cast<Word>(search::count(octets(text) + range.start,
                                         static_cast<size_t>(range.stop - range.start),
                                         needle.data(), needle.size(), ~size_t{0}));
}
template <ByteKind kind>
Result<bool> bytes_contains(Thread& thread, Any self, Any item) {
  if (!has_buffer(item) && has_index(item)) {
    uint8_t byte = TRY(byte_from(thread, item));
    std::string_view text = view_of<kind>(self);
    return simd::find(octets(text), text.size(), byte) != search::kNotFound;
  }
  Needle needle(thread);
  TRY(needle.acquire(item));
  std::string_view text = view_of<kind>(self);
  return search::find(octets(text), text.size(), needle.data(), needle.size()) != search::kNotFound;
}
template <ByteKind kind, Direction direction>
Result<bool> bytes_affix(Thread& thread, Any self, Any part, Any start, Any end) {
  constexpr const char* method = direction == Direction::forward ? "startswith" : "endswith";
  search::Range range =
      TRY(search::range_of(thread, start, end, [&] { return size_of(view_of<kind>(self)); }));
  auto matches = [&](Any candidate) -> Result<bool> {
    Needle needle(thread);
    TRY(needle.acquire(candidate));
    std::string_view text = view_of<kind>(self);
    if (range.stop > size_of(text) || range.start > range.stop) return false;
    std::string_view inside = text.substr(static_cast<size_t>(range.start),
                                          static_cast<size_t>(range.stop - range.start));
    return direction == Direction::forward ? inside.starts_with(needle.view())
                                           : inside.ends_with(needle.view());
  };
  if (is_tuple(part)) {
    Borrowed<Tuple> parts(part.value());
    for (Word i = 0; i < parts->size; ++i) {
      if (TRY(matches(parts->item(i)))) return true;
    }
    return false;
  }
  if (!has_buffer(part)) {
    return raise<TypeError>(thread, "{} first arg must be bytes or a tuple of bytes, not {}",
                            method, type_name_in(part));
  }
  return matches(part);
}
template <ByteKind kind, Direction direction>
AnyResult bytes_remove_affix(Thread& thread, Any self, Any part) {
  Needle needle(thread);
  TRY(needle.acquire(part));
  std::string_view text = view_of<kind>(self);
  if (needle.size() > 0 && direction == Direction::forward && text.starts_with(needle.view())) {
    return make_bytes<kind>(thread, text.substr(needle.size()));
  }
  if (needle.size() > 0 && direction == Direction::backward && text.ends_with(needle.view())) {
    return make_bytes<kind>(thread, text.substr(0, text.size() - needle.size()));
  }
  return unchanged<kind>(thread, self);
}

// ---- making new ones ----------------------------------------------------------------------------
// A result of known size, filled by f(char*); `kind` decides the type.
template <ByteKind kind, class F>
AnyResult make_filled(Thread& thread, size_t size, F f) {
  if constexpr (kind == ByteKind::bytes) {
    Ref<Bytes> made = TRY(bytes_create(thread, size));
    if (size) f(made->data());
    return made;
  } else {
    Ref<ByteArray> made = TRY(bytearray_create(thread, size));
    if (size) f(made->buffer.load(std::memory_order_relaxed)->data());
    return made;
  }
}

template <ByteKind kind>
AnyResult bytes_replace(Thread& thread, Any self, Any old, Any replacement, Word limit) {
  Needle from(thread), to(thread);
  TRY(from.acquire(old));
  TRY(to.acquire(replacement));
  std::string_view text = view_of<kind>(self);
  size_t most = limit < 0 ? ~size_t{0} : static_cast<size_t>(limit);
  size_t found =
      most == 0 ? 0 : search::count(octets(text), text.size(), from.data(), from.size(), most);
  if (found == 0) return unchanged<kind>(thread, self);
  Word growth, total;
  if (__builtin_mul_overflow(static_cast<Word>(to.size()) - static_cast<Word>(from.size()),
                             static_cast<Word>(found), &growth) ||
      __builtin_add_overflow(size_of(text), growth, &total)) {
    return raise<OverflowError>(thread, "replace bytes is too long");
  }
  return make_filled<kind>(thread, static_cast<size_t>(total), [&](char* out) {
    auto put = [&](std::string_view part) {
      if (!part.empty()) memcpy(out, part.data(), part.size());
      out += part.size();
    };
    size_t read = 0;
    for (size_t i = 0; i < found; ++i) {
      if (from.size() == 0) {
        put(to.view());
        if (i + 1 < found) put(text.substr(read++, 1));
        continue;
      }
      size_t at =
          read + search::find(octets(text) + read, text.size() - read, from.data(), from.size());
      put(text.substr(read, at - read));
      put(to.view());
      read = at + from.size();
    }
    put(text.substr(read));
  });
}

inline bool is_byte_space(uint8_t c) { return (c >= 9 && c <= 13) || c == ' '; }

template <ByteKind kind>
AnyResult pieces_of(Thread& thread, std::string_view text, const search::Pieces& pieces) {
  return search::list_of_pieces(thread, pieces, [&](Word start, Word stop) {
    return make_bytes<kind>(
        thread, text.substr(static_cast<size_t>(start), static_cast<size_t>(stop - start)));
  });
}
template <ByteKind kind, Direction direction>
AnyResult bytes_split(Thread& thread, Any self, Any separator, Word limit) {
  search::Pieces pieces;
  Needle needle(thread);
  if (!separator.is_none()) {
    TRY(needle.acquire(separator));
    if (needle.size() == 0) return raise<ValueError>(thread, "empty separator");
  }
  std::string_view text = view_of<kind>(self);
  const uint8_t* data = octets(text);
  Word n = size_of(text), m = static_cast<Word>(needle.size());
  bool ok;
  if (separator.is_none()) {
    ok = direction == Direction::forward
             ? search::split_space(data, n, limit, is_byte_space, pieces)
             : search::rsplit_space(data, n, limit, is_byte_space, pieces);
  } else {
    ok = direction == Direction::forward
             ? search::split_by(data, n, needle.data(), m, limit, pieces)
             : search::rsplit_by(data, n, needle.data(), m, limit, pieces);
  }
  if (!ok) return raise_memory_error(thread);
  return pieces_of<kind>(thread, text, pieces);
}
template <ByteKind kind>
AnyResult bytes_splitlines(Thread& thread, Any self, bool keep_ends) {
  search::Pieces pieces;
  std::string_view text = view_of<kind>(self);
  if (!search::split_lines(
          octets(text), size_of(text), keep_ends, [](uint8_t c) { return c == '\n' || c == '\r'; },
          pieces)) {
    return raise_memory_error(thread);
  }
  return pieces_of<kind>(thread, text, pieces);
}
template <ByteKind kind, Direction direction>
AnyResult bytes_partition(Thread& thread, Any self, Any separator) {
  Needle needle(thread);
  TRY(needle.acquire(separator));
  if (needle.size() == 0) return raise<ValueError>(thread, "empty separator");
  std::string_view text = view_of<kind>(self);
  size_t at = direction == Direction::forward
                  ? search::find(octets(text), text.size(), needle.data(), needle.size())
                  : search::rfind(octets(text), text.size(), needle.data(), needle.size());
  std::string_view before = text, middle = "", after = "";
  if (at != search::kNotFound) {
    before = text.substr(0, at);
    middle = needle.view();
    after = text.substr(at + needle.size());
  } else if (direction == Direction::backward) {
    before = "";
    after = text;
  }
  AnyRef first = TRY(make_bytes<kind>(thread, before));
  // bytes give the separator itself back, bytearrays a bytearray.
  AnyRef second = kind == ByteKind::bytes && at != search::kNotFound
                      ? share(thread, separator)
                      : TRY(make_bytes<kind>(thread, middle));
  AnyRef third = TRY(make_bytes<kind>(thread, after));
  return tuple_of(thread, {first.value(), second.value(), third.value()});
}
template <ByteKind kind, bool left, bool right>
AnyResult bytes_strip(Thread& thread, Any self, Any chars) {
  Needle set(thread);
  if (!chars.is_none()) TRY(set.acquire(chars));
  std::string_view text = view_of<kind>(self);
  auto drops = [&](char c) {
    return chars.is_none() ? is_byte_space(static_cast<uint8_t>(c))
                           : set.view().find(c) != std::string_view::npos;
  };
  size_t start = 0, stop = text.size();
  while (left && start < stop && drops(text[start])) ++start;
  while (right && stop > start && drops(text[stop - 1])) --stop;
  if (start == 0 && stop == text.size()) return unchanged<kind>(thread, self);
  return make_bytes<kind>(thread, text.substr(start, stop - start));
}

// ---- case, classes ------------------------------------------------------------------------------
inline bool is_lower(uint8_t c) { return static_cast<uint8_t>(c - 'a') < 26; }
inline bool is_upper(uint8_t c) { return static_cast<uint8_t>(c - 'A') < 26; }
inline bool is_digit(uint8_t c) { return static_cast<uint8_t>(c - '0') < 10; }
inline bool is_letter(uint8_t c) { return is_lower(c | 32); }

template <ByteKind kind, void (*kernel)(uint8_t*, const uint8_t*, size_t)>
AnyResult bytes_mapped(Thread& thread, Any self) {
  std::string_view text = view_of<kind>(self);
  return make_filled<kind>(thread, text.size(), [&](char* out) {
    kernel(reinterpret_cast<uint8_t*>(out), octets(text), text.size());
  });
}
inline void title_kernel(uint8_t* to, const uint8_t* from, size_t size) {
  bool in_word = false;
  for (size_t i = 0; i < size; ++i) {
    uint8_t c = from[i];
    to[i] = is_letter(c) ? static_cast<uint8_t>(in_word ? c | 32 : c & ~32) : c;
    in_word = is_letter(c);
  }
}
inline void capitalize_kernel(uint8_t* to, const uint8_t* from, size_t size) {
  simd::lower_ascii(to, from, size);
  if (size && is_lower(to[0])) to[0] -= 32;
}
inline void swapcase_kernel(uint8_t* to, const uint8_t* from, size_t size) {
  for (size_t i = 0; i < size; ++i) to[i] = is_letter(from[i]) ? from[i] ^ 32 : from[i];
}
template <ByteKind kind, bool (*test)(uint8_t)>
bool bytes_all(Any self) {
  std::string_view text = view_of<kind>(self);
  for (char c : text) {
    if (!test(static_cast<uint8_t>(c))) return false;
  }
  return !text.empty();
}
inline bool is_alnum(uint8_t c) { return is_letter(c) || is_digit(c); }
template <ByteKind kind>
bool bytes_isascii(Any self) {
  std::string_view text = view_of<kind>(self);
  return simd::ascii_prefix(octets(text), text.size()) == text.size();
}
template <ByteKind kind, bool (*wanted)(uint8_t), bool (*other)(uint8_t)>
bool bytes_one_case(Any self) {
  bool seen = false;
  for (char c : view_of<kind>(self)) {
    if (other(static_cast<uint8_t>(c))) return false;
    seen |= wanted(static_cast<uint8_t>(c));
  }
  return seen;
}
template <ByteKind kind>
bool bytes_istitle(Any self) {
  bool in_word = false, seen = false;
  for (char c : view_of<kind>(self)) {
    uint8_t byte = static_cast<uint8_t>(c);
    if (is_upper(byte)) {
      if (in_word) return false;
      in_word = seen = true;
    } else if (is_lower(byte)) {
      if (!in_word) return false;
    } else {
      in_word = false;
    }
  }
  return seen;
}

// ---- padding, translation -----------------------------------------------------------------------
template <ByteKind kind>
AnyResult padded_bytes(Thread& thread, Any self, Word left, Word right, char fill) {
  std::string_view text = view_of<kind>(self);
  Word total;
  if (__builtin_add_overflow(left, right, &total) ||
      __builtin_add_overflow(total, size_of(text), &total)) {
    return raise_memory_error(thread);
  }
  return make_filled<kind>(thread, static_cast<size_t>(total), [&](char* out) {
    memset(out, fill, static_cast<size_t>(left));
    if (!text.empty()) memcpy(out + left, text.data(), text.size());
    memset(out + left + text.size(), fill, static_cast<size_t>(right));
  });
}
Result<char> fill_byte(Thread& thread, const char* method, MaybeAny fill);
enum class Justify : uint8_t { left, right, center };
template <ByteKind kind, Justify justify>
AnyResult bytes_justify(Thread& thread, Any self, Word width, MaybeAny fill) {
  constexpr const char* names[] = {"ljust", "rjust", "center"};
  char c = TRY(fill_byte(thread, names[static_cast<size_t>(justify)], fill));
  Word pad = width - size_of(view_of<kind>(self));
  if (width <= 0 || pad <= 0) return unchanged<kind>(thread, self);
  Word left = justify == Justify::left    ? 0
              : justify == Justify::right ? pad
                                          : pad / 2 + (pad & width & 1);
  return padded_bytes<kind>(thread, self, left, pad - left, c);
}
template <ByteKind kind>
AnyResult bytes_zfill(Thread& thread, Any self, Word width) {
  std::string_view text = view_of<kind>(self);
  if (width <= size_of(text)) return unchanged<kind>(thread, self);
  bool sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  size_t zeros = static_cast<size_t>(width) - text.size();
  return make_filled<kind>(thread, static_cast<size_t>(width), [&](char* out) {
    if (sign) *out++ = text[0];
    memset(out, '0', zeros);
    if (text.size() > sign) memcpy(out + zeros, text.data() + sign, text.size() - sign);
  });
}
template <ByteKind kind>
AnyResult bytes_expandtabs(Thread& thread, Any self, int tab_size) {
  std::string_view text = view_of<kind>(self);
  size_t size = 0, column = 0;
  auto each = [&](auto put) -> bool {
    column = 0;
    for (char c : text) {
      if (c == '\t') {
        size_t spaces = tab_size > 0
                            ? static_cast<size_t>(tab_size) - column % static_cast<size_t>(tab_size)
                            : 0;
        if (!put(' ', spaces)) return false;
        column += spaces;
      } else {
        if (!put(c, 1)) return false;
        column = c == '\n' || c == '\r' ? 0 : column + 1;
      }
    }
    return true;
  };
  if (!each([&](char, size_t count) {
        return !__builtin_add_overflow(size, count, &size) && size < size_t{1} << 62;
      })) {
    return raise<OverflowError>(thread, "result too long");
  }
  return make_filled<kind>(thread, size, [&](char* out) {
    each([&](char c, size_t count) {
      memset(out, c, count);
      out += count;
      return true;
    });
  });
}
template <ByteKind kind>
AnyResult bytes_translate(Thread& thread, Any self, Any table, MaybeAny deleted) {
  Needle map(thread), drop(thread);
  if (!table.is_none()) {
    TRY(map.acquire(table));
    if (map.size() != 256)
      return raise<ValueError>(thread, "translation table must be 256 characters long");
  }
  if (deleted) TRY(drop.acquire(*deleted));
  bool drops[256] = {};
  for (char c : drop.view()) drops[static_cast<uint8_t>(c)] = true;
  std::string_view text = view_of<kind>(self);
  size_t kept = 0;
  for (char c : text) kept += !drops[static_cast<uint8_t>(c)];
  return make_filled<kind>(thread, kept, [&](char* out) {
    for (char c : text) {
      if (!drops[static_cast<uint8_t>(c)])
        *out++ = table.is_none() ? c : map.view()[static_cast<uint8_t>(c)];
    }
  });
}
AnyResult bytes_maketrans(Thread& thread, Any from, Any to);

// ---- joining, repeating, slots ------------------------------------------------------------------
template <ByteKind kind>
AnyResult bytes_join(Thread& thread, Any self, Any iterable) {
  AnyRef held = TRY(sequence_tuple_for_join(thread, iterable));
  Borrowed<Tuple> items(held.value());
  // All items exported at once, as their sizes must not change between measuring and copying.
  size_t count = static_cast<size_t>(items->size);
  auto* views = static_cast<BufferView*>(malloc((count + 1) * sizeof(BufferView)));
  if (views == nullptr) return raise_memory_error(thread);
  size_t got = 0, total = 0;
  AnyResult result = Raised{};
  bool ok = true;
  for (; got < count && ok; ++got) {
    Any item = items->item(static_cast<Word>(got));
    new (&views[got]) BufferView();
    if (!has_buffer(item)) {
      (void)Raised(raise<TypeError>(thread,
                                    "sequence item {}: expected a bytes-like object, {} found", got,
                                    type_name_in(item)));
      ok = false;
      break;
    }
    if (buffer_get(thread, item, views[got]).raised()) {
      ok = false;
      break;
    }
    total += static_cast<size_t>(views[got].size);
  }
  if (ok) {
    std::string_view between = view_of<kind>(self);
    if (count > 1) total += between.size() * (count - 1);
    result = make_filled<kind>(thread, total, [&](char* out) {
      for (size_t i = 0; i < count; ++i) {
        if (i > 0 && !between.empty()) {
          memcpy(out, between.data(), between.size());
          out += between.size();
        }
        if (views[i].size) memcpy(out, views[i].data, static_cast<size_t>(views[i].size));
        out += views[i].size;
      }
    });
  }
  for (size_t i = 0; i < got; ++i) buffer_release(thread, views[i]);
  free(views);
  return result;
}

template <ByteKind kind>
AnyResult bytes_repeat(Thread& thread, Any self, Word count) {
  std::string_view text = view_of<kind>(self);
  if (count < 0) count = 0;
  Word total;
  if (__builtin_mul_overflow(size_of(text), count, &total)) return raise_memory_error(thread);
  if (count == 1 && kind == ByteKind::bytes) return unchanged<kind>(thread, self);
  return make_filled<kind>(thread, static_cast<size_t>(total), [&](char* out) {
    if (text.size() == 1) {
      memset(out, text[0], static_cast<size_t>(total));
      return;
    }
    size_t filled = text.size(), size = static_cast<size_t>(total);
    memcpy(out, text.data(), filled);
    while (filled < size) {
      size_t step = filled < size - filled ? filled : size - filled;
      memcpy(out + filled, out, step);
      filled += step;
    }
  });
}
template <ByteKind kind>
AnyResult bytes_rmul(Thread& thread, Any self, Any other) {
  if (!has_index(other))
    return raise<TypeError>(thread, "can't multiply sequence by non-int of type '{}'",
                            type_name_in(other));
  Word count = TRY(repeat_count(thread, other));
  return bytes_repeat<kind>(thread, self, count);
}
template <ByteKind kind>
AnyResult bytes_mul(Thread& thread, Any self, Any other) {
  if (!other.value().is_int()) {
    AnyRef answer = TRY(try_reflected<SlotId::rmul>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
  }
  return bytes_rmul<kind>(thread, self, other);
}
template <ByteKind kind>
AnyResult bytes_add(Thread& thread, Any self, Any other) {
  if (!has_buffer(other)) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, other));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread, "can't concat {} to {}", type_name_in(other),
                            type_name_in(self));
  }
  Needle right(thread);
  TRY(right.acquire(other));
  std::string_view text = view_of<kind>(self);
  return make_filled<kind>(thread, text.size() + right.size(), [&](char* out) {
    if (!text.empty()) memcpy(out, text.data(), text.size());
    if (right.size()) memcpy(out + text.size(), right.view().data(), right.size());
  });
}
template <ByteKind kind>
Result<Word> bytes_length(Thread&, Any self) {
  return size_of(view_of<kind>(self));
}

template <ByteKind kind, CompareOp op>
AnyResult bytes_compare(Thread& thread, Any self, Any other) {
  if (!has_buffer(other) || (kind == ByteKind::bytes && !is_bytes(other)))
    return AnyRef::adopt(kNotImplemented);
  Needle right(thread);
  TRY(right.acquire(other));
  std::string_view text = view_of<kind>(self);
  int order = text.compare(right.view());
  bool truth = op == CompareOp::lt   ? order < 0
               : op == CompareOp::le ? order <= 0
               : op == CompareOp::eq ? order == 0
               : op == CompareOp::ne ? order != 0
               : op == CompareOp::gt ? order > 0
                                     : order >= 0;
  return AnyRef::adopt(bool_value(truth));
}

template <ByteKind kind>
AnyResult bytes_mod(Thread& thread, Any self, Any arguments) {
  AnyRef held = TRY(make_bytes<ByteKind::bytes>(thread, view_of<kind>(self)));
  std::string_view text = Borrowed<Bytes>(held.value())->view();
  Ref<Str> formatted =
      TRY(percent_format(thread, StrView{StrKind::one, false, text.data(), size_of(text)},
                         arguments, PercentMode::bytes));
  StrView view = formatted->view();
  return make_bytes<kind>(thread, std::string_view(static_cast<const char*>(view.data),
                                                   static_cast<size_t>(view.length)));
}
template <ByteKind kind>
AnyResult bytes_rmod(Thread& thread, Any self, Any format) {
  if constexpr (kind == ByteKind::bytes) {
    if (is_bytes(format)) return bytes_mod<kind>(thread, format, self);
  } else {
    if (is_bytearray(format)) return bytes_mod<kind>(thread, format, self);
  }
  return AnyRef::adopt(kNotImplemented);
}

// ---- text ---------------------------------------------------------------------------------------
Result<void> append_bytes_repr(StrBuilder& builder, std::string_view data, ByteKind kind);
AnyResult hex_of(Thread& thread, std::string_view data, MaybeAny separator, Word group);
// The bytes a text of hexadecimal digits stands for; ValueError.
AnyResult from_hex(Thread& thread, Any text);
template <ByteKind kind>
AnyResult bytes_hex(Thread& thread, Any self, MaybeAny separator, int group) {
  // len(separator) may run Python: a bytearray keeps its size until it is done.
  BufferScope held(thread);
  if constexpr (kind == ByteKind::bytearray) TRY(held.acquire(self));
  return hex_of(thread, view_of<kind>(self), separator, group);
}
template <ByteKind kind>
AnyResult bytes_decode(Thread& thread, Any self, Borrowed<Str> encoding, Borrowed<Str> errors) {
  if constexpr (kind == ByteKind::bytes) {
    return decode_object(thread, self, Maybe<Borrowed<Str>>(encoding),
                         Maybe<Borrowed<Str>>(errors));
  } else {  // a snapshot: error handlers may run Python
    Ref<Bytes> copy = TRY(bytes_from(thread, view_of<kind>(self)));
    return decode_object(thread, copy, Maybe<Borrowed<Str>>(encoding),
                         Maybe<Borrowed<Str>>(errors));
  }
}

// The method table lines both types have in common.
#define DX_BYTES_METHODS(kind)                                                                     \
  method<bytes_mapped<kind, capitalize_kernel>>("capitalize()", "B.capitalize() -> copy of B"),    \
      method<bytes_justify<kind, Justify::center>>("center(width, fillchar=?, /)",                 \
                                                   "Return a centered string of length width."),   \
      method<bytes_count<kind>>("count(sub, start=None, end=None, /)",                             \
                                "Return the number of non-overlapping occurrences of subsection "  \
                                "'sub' in bytes B[start:end]."),                                   \
      method<bytes_decode<kind>>("decode(encoding='utf-8', errors='strict')",                      \
                                 "Decode the bytes using the codec registered for encoding."),     \
      method<bytes_affix<kind, Direction::backward>>(                                              \
          "endswith(suffix, start=None, end=None, /)",                                             \
          "Return True if the bytes ends with the specified suffix, False otherwise."),            \
      method<bytes_expandtabs<kind>>(                                                              \
          "expandtabs(tabsize=8)",                                                                 \
          "Return a copy where all tab characters are expanded using spaces."),                    \
      method<bytes_search<kind, Direction::forward>>(                                              \
          "find(sub, start=None, end=None, /)",                                                    \
          "Return the lowest index in B where subsection 'sub' is found, such that 'sub' is "      \
          "contained within B[start,end]."),                                                       \
      method<bytes_hex<kind>>("hex(sep=?, bytes_per_sep=1)",                                       \
                              "Create a string of hexadecimal numbers from a bytes object."),      \
      method<bytes_index<kind, Direction::forward>>(                                               \
          "index(sub, start=None, end=None, /)",                                                   \
          "Return the lowest index in B where subsection 'sub' is found, such that 'sub' is "      \
          "contained within B[start,end]."),                                                       \
      method<bytes_all<kind, is_alnum>>("isalnum()", "B.isalnum() -> bool"),                       \
      method<bytes_all<kind, is_letter>>("isalpha()", "B.isalpha() -> bool"),                      \
      method<bytes_isascii<kind>>("isascii()", "B.isascii() -> bool"),                             \
      method<bytes_all<kind, is_digit>>("isdigit()", "B.isdigit() -> bool"),                       \
      method<bytes_one_case<kind, is_lower, is_upper>>("islower()", "B.islower() -> bool"),        \
      method<bytes_all<kind, is_byte_space>>("isspace()", "B.isspace() -> bool"),                  \
      method<bytes_istitle<kind>>("istitle()", "B.istitle() -> bool"),                             \
      method<bytes_one_case<kind, is_upper, is_lower>>("isupper()", "B.isupper() -> bool"),        \
      method<bytes_join<kind>>("join(iterable_of_bytes, /)",                                       \
                               "Concatenate any number of bytes objects."),                        \
      method<bytes_justify<kind, Justify::left>>(                                                  \
          "ljust(width, fillchar=?, /)", "Return a left-justified string of length width."),       \
      method<bytes_mapped<kind, simd::lower_ascii>>("lower()", "B.lower() -> copy of B"),          \
      method<bytes_strip<kind, true, false>>("lstrip(bytes=None, /)",                              \
                                             "Strip leading bytes contained in the argument."),    \
      static_method<bytes_maketrans>(                                                              \
          "maketrans(frm, to, /)",                                                                 \
          "Return a translation table usable for the bytes or bytearray translate method."),       \
      method<bytes_partition<kind, Direction::forward>>(                                           \
          "partition(sep, /)", "Partition the bytes into three parts using the given separator."), \
      method<bytes_replace<kind>>(                                                                 \
          "replace(old, new, count=-1, /)",                                                        \
          "Return a copy with all occurrences of substring old replaced by new."),                 \
      method<bytes_remove_affix<kind, Direction::forward>>(                                        \
          "removeprefix(prefix, /)",                                                               \
          "Return a copy with the given prefix string removed if present."),                       \
      method<bytes_remove_affix<kind, Direction::backward>>(                                       \
          "removesuffix(suffix, /)",                                                               \
          "Return a copy with the given suffix string removed if present."),                       \
      method<bytes_search<kind, Direction::backward>>(                                             \
          "rfind(sub, start=None, end=None, /)",                                                   \
          "Return the highest index in B where subsection 'sub' is found, such that 'sub' is "     \
          "contained within B[start,end]."),                                                       \
      method<bytes_index<kind, Direction::backward>>(                                              \
          "rindex(sub, start=None, end=None, /)",                                                  \
          "Return the highest index in B where subsection 'sub' is found, such that 'sub' is "     \
          "contained within B[start,end]."),                                                       \
      method<bytes_justify<kind, Justify::right>>(                                                 \
          "rjust(width, fillchar=?, /)", "Return a right-justified string of length width."),      \
      method<bytes_partition<kind, Direction::backward>>(                                          \
          "rpartition(sep, /)",                                                                    \
          "Partition the bytes into three parts using the given separator."),                      \
      method<bytes_split<kind, Direction::backward>>(                                              \
          "rsplit(sep=None, maxsplit=-1)",                                                         \
          "Return a list of the sections in the bytes, using sep as the delimiter."),              \
      method<bytes_strip<kind, false, true>>("rstrip(bytes=None, /)",                              \
                                             "Strip trailing bytes contained in the argument."),   \
      method<bytes_split<kind, Direction::forward>>(                                               \
          "split(sep=None, maxsplit=-1)",                                                          \
          "Return a list of the sections in the bytes, using sep as the delimiter."),              \
      method<bytes_splitlines<kind>>(                                                              \
          "splitlines(keepends=False)",                                                            \
          "Return a list of the lines in the bytes, breaking at line boundaries."),                \
      method<bytes_affix<kind, Direction::forward>>(                                               \
          "startswith(prefix, start=None, end=None, /)",                                           \
          "Return True if the bytes starts with the specified prefix, False otherwise."),          \
      method<bytes_strip<kind, true, true>>(                                                       \
          "strip(bytes=None, /)", "Strip leading and trailing bytes contained in the argument."),  \
      method<bytes_mapped<kind, swapcase_kernel>>("swapcase()", "B.swapcase() -> copy of B"),      \
      method<bytes_mapped<kind, title_kernel>>("title()", "B.title() -> copy of B"),               \
      method<bytes_translate<kind>>(                                                               \
          "translate(table, /, delete=?)",                                                         \
          "Return a copy with each character mapped by the given translation table."),             \
      method<bytes_mapped<kind, simd::upper_ascii>>("upper()", "B.upper() -> copy of B"),          \
      method<bytes_zfill<kind>>(                                                                   \
          "zfill(width, /)",                                                                       \
          "Pad a numeric string with zeros on the left, to fill a field of the given width.")

}  // namespace dx
