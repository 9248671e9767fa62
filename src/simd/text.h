#pragma once
// Kernels over raw text: scanning, converting between storage widths, UTF-8. They know nothing of
// Python objects; every one has a plain version (simd/text_scalar.h) that the tests compare
// against.

#include <cstddef>
#include <cstdint>

namespace dx::simd {

constexpr size_t kNotFound = ~size_t{0};

uint64_t processor_kind();  // which forms of the kernels this processor runs: the same number, the
                            // same choice

size_t ascii_prefix(const uint8_t* bytes,
                    size_t size);  // how many bytes at the start are below 0x80
// All elements or-ed together: tells the widest kind needed.
uint32_t or_all(const uint8_t* data, size_t size);
uint32_t or_all(const uint16_t* data, size_t size);
uint32_t or_all(const uint32_t* data, size_t size);

size_t find(const uint8_t* data, size_t size, uint8_t value);
size_t find(const uint16_t* data, size_t size, uint16_t value);
size_t find(const uint32_t* data, size_t size, uint32_t value);
size_t count(const uint8_t* data, size_t size, uint8_t value);
size_t count(const uint16_t* data, size_t size, uint16_t value);
size_t count(const uint32_t* data, size_t size, uint32_t value);
// First position whose element equals `first` with `last` `distance` further on. Requires: data has
// size + distance elements.
size_t find_pair(const uint8_t* data, size_t size, uint8_t first, uint8_t last, size_t distance);
size_t find_pair(const uint16_t* data, size_t size, uint16_t first, uint16_t last, size_t distance);
size_t find_pair(const uint32_t* data, size_t size, uint32_t first, uint32_t last, size_t distance);
size_t find_ascii_space(const uint8_t* data, size_t size);  // 9..13, 28..31, 32, or kNotFound

void lower_ascii(uint8_t* to, const uint8_t* from, size_t size);
void upper_ascii(uint8_t* to, const uint8_t* from, size_t size);

void widen(uint16_t* to, const uint8_t* from, size_t size);
void widen(uint32_t* to, const uint8_t* from, size_t size);
void widen(uint32_t* to, const uint16_t* from, size_t size);
// Requires: every element fits.
void narrow(uint8_t* to, const uint16_t* from, size_t size);
void narrow(uint8_t* to, const uint32_t* from, size_t size);
void narrow(uint16_t* to, const uint32_t* from, size_t size);

// A look at UTF-8 before decoding it.
struct Utf8Scan {
  size_t valid;        // bytes up to the first ill-formed sequence
  size_t code_points;  // in them
  uint32_t widest;  // 0x7f, 0xff, 0xffff or 0x10ffff: the class of the largest code point in them
};
enum class Surrogates { forbidden, allowed };
Utf8Scan utf8_scan(const uint8_t* bytes, size_t size, Surrogates surrogates);
// Decodes well-formed UTF-8. Requires: utf8_scan says that all is valid and fits the width.
void utf8_decode(uint8_t* to, const uint8_t* bytes, size_t size);
void utf8_decode(uint16_t* to, const uint8_t* bytes, size_t size);
void utf8_decode(uint32_t* to, const uint8_t* bytes, size_t size);
// Bytes needed for the elements (surrogates count as three), and the encoding itself; returns the
// end.
size_t utf8_length(const uint8_t* data, size_t size);
size_t utf8_length(const uint16_t* data, size_t size);
size_t utf8_length(const uint32_t* data, size_t size);
uint8_t* utf8_encode(uint8_t* to, const uint8_t* data, size_t size);
uint8_t* utf8_encode(uint8_t* to, const uint16_t* data, size_t size);
uint8_t* utf8_encode(uint8_t* to, const uint32_t* data, size_t size);

}  // namespace dx::simd
