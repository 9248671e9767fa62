#include "objects/hash.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace dx {

static uint64_t sip_key[2];

// The generator CPython fills its key with for a fixed seed: a linear congruence, bits 16..23 of
// every step.
static void fill_from_seed(uint32_t seed, uint8_t* out, size_t size) {
  uint32_t state = seed;
  for (size_t i = 0; i < size; ++i) {
    state = state * 214013 + 2531011;
    out[i] = static_cast<uint8_t>(state >> 16);
  }
}

static bool seeded, key_is_random;

HashKey hash_key() { return {{sip_key[0], sip_key[1]}, key_is_random}; }
void hash_key_set(const HashKey& key) {
  memcpy(sip_key, key.words, sizeof sip_key);
  key_is_random = key.random;
  seeded = true;
}

void hash_seed_ensure() {
  if (!seeded && !hash_seed_set(getenv("PYTHONHASHSEED"))) hash_seed_set(nullptr);
}

bool hash_seed_set(const char* seed) {
  seeded = true;
  key_is_random = seed == nullptr || *seed == 0 || strcmp(seed, "random") == 0;
  if (key_is_random) {
    if (getrandom(sip_key, sizeof(sip_key), GRND_NONBLOCK) != sizeof(sip_key)) {
      // No entropy yet at boot: hashes are then only as unpredictable as addresses.
      sip_key[0] = reinterpret_cast<uint64_t>(&sip_key) * 0x9e3779b97f4a7c15u;
      sip_key[1] = static_cast<uint64_t>(getpid()) * 0xbf58476d1ce4e5b9u;
    }
    return true;
  }
  uint64_t number = 0;
  for (const char* at = seed; *at; ++at) {
    if (*at < '0' || *at > '9') return false;
    number = number * 10 + static_cast<uint64_t>(*at - '0');
    if (number > 4294967295u) return false;
  }
  if (number == 0) {
    sip_key[0] = sip_key[1] = 0;
  } else {
    uint8_t bytes[16];
    fill_from_seed(static_cast<uint32_t>(number), bytes, sizeof(bytes));
    memcpy(sip_key, bytes, sizeof(bytes));
  }
  return true;
}

// SipHash with one round a word and three at the end (Aumasson and Bernstein, 2012), as its paper
// describes it.
struct SipState {
  uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

uint64_t siphash13(uint64_t key0, uint64_t key1, const void* data, size_t size) {
  SipState state{key0 ^ 0x736f6d6570736575u, key1 ^ 0x646f72616e646f6du, key0 ^ 0x6c7967656e657261u,
                 key1 ^ 0x7465646279746573u};
  const char* at = static_cast<const char*>(data);
  size_t left = size;
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    state.absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(size) << 56;
  uint64_t tail = 0;
  // The last 1 to 7 bytes by loads of fixed size, which may overlap.
  if (left >= 4) {
    uint32_t low, high;
    memcpy(&low, at, 4);
    memcpy(&high, at + left - 4, 4);
    tail = low | static_cast<uint64_t>(high) << (8 * (left - 4));
  } else if (left > 0) {
    auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<uint8_t>(at[i])); };
    tail = byte(0) | byte(left / 2) << (8 * (left / 2)) | byte(left - 1) << (8 * (left - 1));
  }
  state.absorb(last | tail);
  state.v2 ^= 0xff;
  state.round();
  state.round();
  state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

uint64_t hash_bytes(const void* data, size_t size) {
  if (size == 0) return 0;
  uint64_t hash = siphash13(sip_key[0], sip_key[1], data, size);
  return hash == ~uint64_t{0} ? ~uint64_t{1} : hash;
}

uint64_t hash_double(double number) {
  if (std::isinf(number)) return number > 0 ? kHashInfinity : -kHashInfinity;
  int exponent;
  double mantissa = std::frexp(number, &exponent);
  bool negative = mantissa < 0;
  if (negative) mantissa = -mantissa;
  // The value modulo 2**61 - 1: 28 bits of the mantissa at a time, each step a multiplication by
  // 2**28.
  uint64_t hash = 0;
  while (mantissa != 0) {
    hash = hash_rotate(hash, 28);
    mantissa *= 268435456.0;
    exponent -= 28;
    uint64_t digit = static_cast<uint64_t>(mantissa);
    mantissa -= static_cast<double>(digit);
    hash += digit;
    if (hash >= kHashModulus) hash -= kHashModulus;
  }
  exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
  hash = hash_rotate(hash, exponent);
  if (negative) hash = -hash;
  return hash == ~uint64_t{0} ? ~uint64_t{1} : hash;
}

uint64_t hash_pointer(const void* pointer) {
  uint64_t hash = std::rotr(reinterpret_cast<uint64_t>(pointer), 4);
  return hash == ~uint64_t{0} ? ~uint64_t{1} : hash;
}

}  // namespace dx
