#pragma once
// Hashes equal CPython's: SipHash-1-3 for str and bytes under a key that PYTHONHASHSEED fixes,
// arithmetic modulo 2**61 - 1 for numbers. No Python code, no allocation; the key is set once at
// start-up, before any text is hashed.

#include <cstddef>
#include <cstdint>

namespace dx {

constexpr uint64_t kHashModulus = (uint64_t{1} << 61) - 1;
constexpr uint64_t kHashInfinity = 314159;
constexpr uint64_t kHashImaginary = 1000003;

// seed: the text of PYTHONHASHSEED, or null for a random key. False: it is neither "random" nor
// 0..4294967295. The key is derived as CPython does, so hash('abc') under PYTHONHASHSEED=42 is the
// same number.
bool hash_seed_set(const char* seed);
// The key itself, and whether it was drawn at random.
struct HashKey {
  uint64_t words[2];
  bool random;
};
HashKey hash_key();
void hash_key_set(const HashKey& key);
void hash_seed_ensure();  // from the environment, when nobody has set a seed yet
uint64_t hash_bytes(const void* data, size_t size);  // never -1; 0 for no bytes
// SipHash-1-3 under a given key; any result.
uint64_t siphash13(uint64_t key0, uint64_t key1, const void* data, size_t size);
uint64_t hash_double(double number);  // Requires: not a NaN
uint64_t hash_pointer(const void* pointer);
// x * 2**shift modulo kHashModulus. Requires: x < kHashModulus, 0 <= shift < 61.
inline uint64_t hash_rotate(uint64_t x, int shift) {
  return ((x << shift) & kHashModulus) | (shift == 0 ? 0 : x >> (61 - shift));
}

}  // namespace dx
