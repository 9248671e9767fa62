#pragma once
// The plain versions of the kernels in simd/text.h: what every processor can run, what short inputs
// use, and what the tests compare the vector versions with.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "simd/text.h"

namespace dx::simd::scalar {

inline size_t ascii_prefix(const uint8_t* bytes, size_t size) {
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, 8);
    if (word & 0x8080808080808080u) break;
  }
  while (i < size && bytes[i] < 0x80) ++i;
  return i;
}

template <class T>
inline uint32_t or_all(const T* data, size_t size) {
  T all = 0;
  for (size_t i = 0; i < size; ++i) all |= data[i];
  return all;
}

template <class T>
inline size_t find(const T* data, size_t size, T value) {
  for (size_t i = 0; i < size; ++i) {
    if (data[i] == value) return i;
  }
  return kNotFound;
}

template <class T>
inline size_t count(const T* data, size_t size, T value) {
  size_t total = 0;
  for (size_t i = 0; i < size; ++i) total += data[i] == value;
  return total;
}

template <class T>
inline size_t find_pair(const T* data, size_t size, T first, T last, size_t distance) {
  for (size_t i = 0; i < size; ++i) {
    if (data[i] == first && data[i + distance] == last) return i;
  }
  return kNotFound;
}

inline bool is_ascii_space(uint8_t c) { return (c >= 9 && c <= 13) || (c >= 28 && c <= 32); }
inline size_t find_ascii_space(const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (is_ascii_space(data[i])) return i;
  }
  return kNotFound;
}

inline void lower_ascii(uint8_t* to, const uint8_t* from, size_t size) {
  for (size_t i = 0; i < size; ++i)
    to[i] = from[i] + (static_cast<uint8_t>(from[i] - 'A') < 26 ? 32 : 0);
}
inline void upper_ascii(uint8_t* to, const uint8_t* from, size_t size) {
  for (size_t i = 0; i < size; ++i)
    to[i] = from[i] - (static_cast<uint8_t>(from[i] - 'a') < 26 ? 32 : 0);
}

template <class To, class From>
inline void convert(To* to, const From* from, size_t size) {
  for (size_t i = 0; i < size; ++i) to[i] = static_cast<To>(from[i]);
}

inline uint32_t width_class(uint32_t bits) {
  return bits < 0x80 ? 0x7f : bits < 0x100 ? 0xff : bits < 0x10000 ? 0xffff : 0x10ffff;
}

// One sequence at bytes[0]; its length, or 0 when ill-formed. size > 0.
inline size_t utf8_sequence(const uint8_t* bytes, size_t size, Surrogates surrogates, uint32_t& c) {
  uint8_t lead = bytes[0];
  auto tail = [&](size_t i) { return i < size && (bytes[i] & 0xc0) == 0x80; };
  if (lead < 0x80) {
    c = lead;
    return 1;
  }
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) {
    if (!tail(1)) return 0;
    c = (lead & 0x1fu) << 6 | (bytes[1] & 0x3fu);
    return 2;
  }
  if (lead < 0xf0) {
    if (!tail(1) || !tail(2)) return 0;
    c = (lead & 0x0fu) << 12 | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
    if (c < 0x800 || (surrogates == Surrogates::forbidden && c >= 0xd800 && c < 0xe000)) return 0;
    return 3;
  }
  if (lead < 0xf5) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    c = (lead & 7u) << 18 | (bytes[1] & 0x3fu) << 12 | (bytes[2] & 0x3fu) << 6 | (bytes[3] & 0x3fu);
    return c < 0x10000 || c > 0x10ffff ? 0 : 4;
  }
  return 0;
}

inline Utf8Scan utf8_scan(const uint8_t* bytes, size_t size, Surrogates surrogates) {
  size_t at = 0, points = 0;
  uint32_t bits = 0;
  while (at < size) {
    uint32_t c;
    size_t length = utf8_sequence(bytes + at, size - at, surrogates, c);
    if (length == 0) break;
    at += length;
    ++points;
    bits |= c;
  }
  return {at, points, width_class(bits)};
}

template <class T>
inline void utf8_decode(T* to, const uint8_t* bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    uint8_t lead = bytes[at];
    if (lead < 0x80) {
      *to++ = lead;
      at += 1;
    } else if (lead < 0xe0) {
      *to++ = static_cast<T>((lead & 0x1fu) << 6 | (bytes[at + 1] & 0x3fu));
      at += 2;
    } else if (lead < 0xf0) {
      *to++ = static_cast<T>((lead & 0x0fu) << 12 | (bytes[at + 1] & 0x3fu) << 6 |
                             (bytes[at + 2] & 0x3fu));
      at += 3;
    } else {
      *to++ = static_cast<T>((lead & 7u) << 18 | (bytes[at + 1] & 0x3fu) << 12 |
                             (bytes[at + 2] & 0x3fu) << 6 | (bytes[at + 3] & 0x3fu));
      at += 4;
    }
  }
}

template <class T>
inline size_t utf8_length(const T* data, size_t size) {
  size_t total = size;
  constexpr size_t kBlock =
      8192;  // three a character at most: the sum of a block fits the narrow type the loop adds in
  using Sum = std::conditional_t<sizeof(T) == 4, uint32_t, uint16_t>;
  for (size_t at = 0; at < size; at += kBlock) {
    size_t end = size - at < kBlock ? size : at + kBlock;
    Sum more = 0;
    for (size_t i = at; i < end; ++i) {
      uint32_t c = data[i];
      more = static_cast<Sum>(more + static_cast<Sum>(c >= 0x80));
      if constexpr (sizeof(T) > 1) more = static_cast<Sum>(more + static_cast<Sum>(c >= 0x800));
      if constexpr (sizeof(T) > 2) more = static_cast<Sum>(more + static_cast<Sum>(c >= 0x10000));
    }
    total += more;
  }
  return total;
}

template <class T>
inline uint8_t* utf8_encode(uint8_t* to, const T* data, size_t size) {
  const T* end = data + size;
  while (data < end) {
    uint32_t c = *data;
    if (c < 0x80) {
      do *to++ = static_cast<uint8_t>(c);
      while (++data < end && (c = *data) < 0x80);
    } else if (c < 0x800) {
      do {
        uint16_t pair = static_cast<uint16_t>((0xc0 | c >> 6) | (0x80 | (c & 0x3f)) << 8);
        if constexpr (std::endian::native == std::endian::big) pair = __builtin_bswap16(pair);
        memcpy(to, &pair, 2);
        to += 2;
      } while (++data < end && (c = *data) - 0x80 < 0x780);
    } else if (c < 0x10000) {
      do {
        to[0] = static_cast<uint8_t>(0xe0 | c >> 12);
        to[1] = static_cast<uint8_t>(0x80 | (c >> 6 & 0x3f));
        to[2] = static_cast<uint8_t>(0x80 | (c & 0x3f));
        to += 3;
      } while (++data < end && (c = *data) - 0x800 < 0xf800);
    } else {
      to[0] = static_cast<uint8_t>(0xf0 | c >> 18);
      to[1] = static_cast<uint8_t>(0x80 | (c >> 12 & 0x3f));
      to[2] = static_cast<uint8_t>(0x80 | (c >> 6 & 0x3f));
      to[3] = static_cast<uint8_t>(0x80 | (c & 0x3f));
      to += 4;
      ++data;
    }
  }
  return to;
}

}  // namespace dx::simd::scalar
