#include "simd/text.h"

#include "simd/text_scalar.h"

namespace dx::simd {

size_t ascii_prefix(const uint8_t* bytes, size_t size) { return scalar::ascii_prefix(bytes, size); }
uint32_t or_all(const uint8_t* data, size_t size) { return scalar::or_all(data, size); }
uint32_t or_all(const uint16_t* data, size_t size) { return scalar::or_all(data, size); }
uint32_t or_all(const uint32_t* data, size_t size) { return scalar::or_all(data, size); }
size_t find(const uint8_t* data, size_t size, uint8_t value) {
  const void* at = size == 0 ? nullptr : memchr(data, value, size);
  return at ? static_cast<size_t>(static_cast<const uint8_t*>(at) - data) : kNotFound;
}
size_t find(const uint16_t* data, size_t size, uint16_t value) { return scalar::find(data, size, value); }
size_t find(const uint32_t* data, size_t size, uint32_t value) { return scalar::find(data, size, value); }
size_t count(const uint8_t* data, size_t size, uint8_t value) { return scalar::count(data, size, value); }
size_t count(const uint16_t* data, size_t size, uint16_t value) { return scalar::count(data, size, value); }
size_t count(const uint32_t* data, size_t size, uint32_t value) { return scalar::count(data, size, value); }
size_t find_pair(const uint8_t* data, size_t size, uint8_t first, uint8_t last, size_t distance) {
  return scalar::find_pair(data, size, first, last, distance);
}
size_t find_pair(const uint16_t* data, size_t size, uint16_t first, uint16_t last, size_t distance) {
  return scalar::find_pair(data, size, first, last, distance);
}
size_t find_pair(const uint32_t* data, size_t size, uint32_t first, uint32_t last, size_t distance) {
  return scalar::find_pair(data, size, first, last, distance);
}
size_t find_ascii_space(const uint8_t* data, size_t size) { return scalar::find_ascii_space(data, size); }
void lower_ascii(uint8_t* to, const uint8_t* from, size_t size) { scalar::lower_ascii(to, from, size); }
void upper_ascii(uint8_t* to, const uint8_t* from, size_t size) { scalar::upper_ascii(to, from, size); }
void widen(uint16_t* to, const uint8_t* from, size_t size) { scalar::convert(to, from, size); }
void widen(uint32_t* to, const uint8_t* from, size_t size) { scalar::convert(to, from, size); }
void widen(uint32_t* to, const uint16_t* from, size_t size) { scalar::convert(to, from, size); }
void narrow(uint8_t* to, const uint16_t* from, size_t size) { scalar::convert(to, from, size); }
void narrow(uint8_t* to, const uint32_t* from, size_t size) { scalar::convert(to, from, size); }
void narrow(uint16_t* to, const uint32_t* from, size_t size) { scalar::convert(to, from, size); }
Utf8Scan utf8_scan(const uint8_t* bytes, size_t size, Surrogates surrogates) {
  size_t ascii = ascii_prefix(bytes, size);
  if (ascii == size) return {size, size, 0x7f};
  Utf8Scan rest = scalar::utf8_scan(bytes + ascii, size - ascii, surrogates);
  return {ascii + rest.valid, ascii + rest.code_points, rest.widest};
}
void utf8_decode(uint8_t* to, const uint8_t* bytes, size_t size) { scalar::utf8_decode(to, bytes, size); }
void utf8_decode(uint16_t* to, const uint8_t* bytes, size_t size) { scalar::utf8_decode(to, bytes, size); }
void utf8_decode(uint32_t* to, const uint8_t* bytes, size_t size) { scalar::utf8_decode(to, bytes, size); }
size_t utf8_length(const uint8_t* data, size_t size) { return scalar::utf8_length(data, size); }
size_t utf8_length(const uint16_t* data, size_t size) { return scalar::utf8_length(data, size); }
size_t utf8_length(const uint32_t* data, size_t size) { return scalar::utf8_length(data, size); }
uint8_t* utf8_encode(uint8_t* to, const uint8_t* data, size_t size) { return scalar::utf8_encode(to, data, size); }
uint8_t* utf8_encode(uint8_t* to, const uint16_t* data, size_t size) { return scalar::utf8_encode(to, data, size); }
uint8_t* utf8_encode(uint8_t* to, const uint32_t* data, size_t size) { return scalar::utf8_encode(to, data, size); }

}  // namespace dx::simd
