// Chooses between the plain and the vector kernels: below kVectorFrom elements a loop is faster
// than the dispatch.

#include "simd/text.h"

#include "simd/text_scalar.h"
#include "simd/text_vector.h"

namespace dx::simd {

constexpr size_t kVectorFrom = 32;
#define DX_PICK(size, call) ((size) < kVectorFrom ? scalar::call : vector::call)

size_t ascii_prefix(const uint8_t* bytes, size_t size) {
  return DX_PICK(size, ascii_prefix(bytes, size));
}
uint32_t or_all(const uint8_t* data, size_t size) { return DX_PICK(size, or_all(data, size)); }
uint32_t or_all(const uint16_t* data, size_t size) { return DX_PICK(size, or_all(data, size)); }
uint32_t or_all(const uint32_t* data, size_t size) { return DX_PICK(size, or_all(data, size)); }
size_t find(const uint8_t* data, size_t size, uint8_t value) {
  return DX_PICK(size, find(data, size, value));
}
size_t find(const uint16_t* data, size_t size, uint16_t value) {
  return DX_PICK(size, find(data, size, value));
}
size_t find(const uint32_t* data, size_t size, uint32_t value) {
  return DX_PICK(size, find(data, size, value));
}
size_t count(const uint8_t* data, size_t size, uint8_t value) {
  return DX_PICK(size, count(data, size, value));
}
size_t count(const uint16_t* data, size_t size, uint16_t value) {
  return DX_PICK(size, count(data, size, value));
}
size_t count(const uint32_t* data, size_t size, uint32_t value) {
  return DX_PICK(size, count(data, size, value));
}
size_t find_pair(const uint8_t* data, size_t size, uint8_t first, uint8_t last, size_t distance) {
  return DX_PICK(size, find_pair(data, size, first, last, distance));
}
size_t find_pair(const uint16_t* data, size_t size, uint16_t first, uint16_t last,
                 size_t distance) {
  return DX_PICK(size, find_pair(data, size, first, last, distance));
}
size_t find_pair(const uint32_t* data, size_t size, uint32_t first, uint32_t last,
                 size_t distance) {
  return DX_PICK(size, find_pair(data, size, first, last, distance));
}
size_t find_ascii_space(const uint8_t* data, size_t size) {
  return DX_PICK(size, find_ascii_space(data, size));
}
void lower_ascii(uint8_t* to, const uint8_t* from, size_t size) {
  DX_PICK(size, lower_ascii(to, from, size));
}
void upper_ascii(uint8_t* to, const uint8_t* from, size_t size) {
  DX_PICK(size, upper_ascii(to, from, size));
}
void widen(uint16_t* to, const uint8_t* from, size_t size) {
  size < kVectorFrom ? scalar::convert(to, from, size) : vector::widen(to, from, size);
}
void widen(uint32_t* to, const uint8_t* from, size_t size) {
  size < kVectorFrom ? scalar::convert(to, from, size) : vector::widen(to, from, size);
}
void widen(uint32_t* to, const uint16_t* from, size_t size) {
  size < kVectorFrom ? scalar::convert(to, from, size) : vector::widen(to, from, size);
}
void narrow(uint8_t* to, const uint16_t* from, size_t size) {
  size < kVectorFrom ? scalar::convert(to, from, size) : vector::narrow(to, from, size);
}
void narrow(uint8_t* to, const uint32_t* from, size_t size) {
  size < kVectorFrom ? scalar::convert(to, from, size) : vector::narrow(to, from, size);
}
void narrow(uint16_t* to, const uint32_t* from, size_t size) {
  size < kVectorFrom ? scalar::convert(to, from, size) : vector::narrow(to, from, size);
}

Utf8Scan utf8_scan(const uint8_t* bytes, size_t size, Surrogates surrogates) {
  size_t at = ascii_prefix(bytes, size);
  size_t points = at;
  uint32_t widest = 0x7f;
  auto widen_to = [&](uint32_t other) { widest = other > widest ? other : widest; };
  if (size - at >= 2 * kVectorFrom) {
    // The vector kernel looks three bytes back: a few characters the plain way until there are
    // three.
    while (at < 3) {
      uint32_t c;
      size_t length = scalar::utf8_sequence(bytes + at, size - at, surrogates, c);
      if (length == 0) return {at, points, widest};
      at += length;
      ++points;
      widen_to(scalar::width_class(c));
    }
    size_t counted;
    uint32_t classes;
    size_t end =
        vector::utf8_valid(bytes, at, size, surrogates == Surrogates::allowed, &counted, &classes);
    widen_to(classes);
    points += counted;
    // The last character may reach beyond: it is looked at again.
    size_t back = end;
    while (back > at && end - back < 3 && (bytes[back - 1] & 0xc0) == 0x80) --back;
    if (back > at && bytes[back - 1] >= 0xc0) {
      --back;
      --points;
    } else {
      back = end;  // ASCII, or a complete character of four bytes
    }
    at = back;
  }
  Utf8Scan rest = scalar::utf8_scan(bytes + at, size - at, surrogates);
  widen_to(rest.code_points ? rest.widest : 0x7f);
  return {at + rest.valid, points + rest.code_points, widest};
}

// Decoding and encoding go by runs: ASCII is copied by the kernels above, the rest character by
// character.
template <class T>
static void copy_ascii(T* to, const uint8_t* from, size_t size) {
  if constexpr (sizeof(T) == 1)
    memcpy(to, from, size);
  else
    widen(to, from, size);
}
template <class T>
static void decode_runs(T* to, const uint8_t* bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    uint8_t lead = bytes[at];
    if (lead < 0x80) {
      uint64_t ahead = 0x80;
      if (size - at >= 8) memcpy(&ahead, bytes + at, 8);
      if (ahead & 0x8080808080808080u) {  // a few between other characters
        *to++ = lead;
        ++at;
        continue;
      }
      size_t run = ascii_prefix(bytes + at, size - at);
      copy_ascii(to, bytes + at, run);
      to += run;
      at += run;
    } else if (lead < 0xe0) {
      do {
        *to++ = static_cast<T>((lead & 0x1fu) << 6 | (bytes[at + 1] & 0x3fu));
        at += 2;
      } while (at < size && static_cast<uint8_t>((lead = bytes[at]) - 0xc0) < 0x20);
    } else if (lead < 0xf0) {
      do {
        *to++ = static_cast<T>((lead & 0x0fu) << 12 | (bytes[at + 1] & 0x3fu) << 6 |
                               (bytes[at + 2] & 0x3fu));
        at += 3;
      } while (at < size && static_cast<uint8_t>((lead = bytes[at]) - 0xe0) < 0x10);
    } else {
      scalar::utf8_decode(to, bytes + at, 4);
      ++to;
      at += 4;
    }
  }
}
void utf8_decode(uint8_t* to, const uint8_t* bytes, size_t size) { decode_runs(to, bytes, size); }
void utf8_decode(uint16_t* to, const uint8_t* bytes, size_t size) { decode_runs(to, bytes, size); }
void utf8_decode(uint32_t* to, const uint8_t* bytes, size_t size) { decode_runs(to, bytes, size); }
size_t utf8_length(const uint8_t* data, size_t size) { return scalar::utf8_length(data, size); }
size_t utf8_length(const uint16_t* data, size_t size) { return scalar::utf8_length(data, size); }
size_t utf8_length(const uint32_t* data, size_t size) { return scalar::utf8_length(data, size); }
uint8_t* utf8_encode(uint8_t* to, const uint8_t* data, size_t size) {
  return scalar::utf8_encode(to, data, size);
}
uint8_t* utf8_encode(uint8_t* to, const uint16_t* data, size_t size) {
  return scalar::utf8_encode(to, data, size);
}
uint8_t* utf8_encode(uint8_t* to, const uint32_t* data, size_t size) {
  return scalar::utf8_encode(to, data, size);
}

}  // namespace dx::simd
