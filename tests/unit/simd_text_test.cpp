// The vector kernels against the plain ones, on random texts of every length around a vector and at
// every offset.
#include "simd/text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "simd/text_scalar.h"
#include "simd/text_vector.h"

namespace dx::simd {
namespace {

template <class T>
std::vector<T> random_elements(std::mt19937& random, size_t size, uint32_t limit) {
  std::vector<T> data(size);
  for (T& element : data) element = static_cast<T>(random() % limit);
  return data;
}

constexpr size_t kLengths[] = {0,  1,  3,  15,  16,  17,  31,  32,  33,
                               63, 64, 65, 100, 127, 128, 129, 300, 1000};

template <class T>
void compare_searches(uint32_t limit) {
  std::mt19937 random(7);
  for (size_t size : kLengths) {
    for (int round = 0; round < 20; ++round) {
      std::vector<T> data = random_elements<T>(random, size + 8, limit);
      const T* from = data.data() + round % 5;
      T value = static_cast<T>(random() % limit), other = static_cast<T>(random() % limit);
      EXPECT_EQ(vector::find(from, size, value), scalar::find(from, size, value));
      EXPECT_EQ(vector::count(from, size, value), scalar::count(from, size, value));
      EXPECT_EQ(vector::or_all(from, size), scalar::or_all(from, size));
      EXPECT_EQ(vector::find_pair(from, size, value, other, 2),
                scalar::find_pair(from, size, value, other, 2));
    }
  }
}
TEST(SimdText, SearchesAgreeForEveryWidth) {
  compare_searches<uint8_t>(40);
  compare_searches<uint8_t>(256);
  compare_searches<uint16_t>(300);
  compare_searches<uint32_t>(0x110000);
  compare_searches<uint32_t>(50);
}

TEST(SimdText, AsciiKernelsAgree) {
  std::mt19937 random(11);
  for (size_t size : kLengths) {
    for (uint32_t limit : {128u, 140u, 256u}) {
      std::vector<uint8_t> data = random_elements<uint8_t>(random, size, limit);
      EXPECT_EQ(vector::ascii_prefix(data.data(), size), scalar::ascii_prefix(data.data(), size));
      EXPECT_EQ(vector::find_ascii_space(data.data(), size),
                scalar::find_ascii_space(data.data(), size));
      std::vector<uint8_t> a(size), b(size);
      vector::lower_ascii(a.data(), data.data(), size);
      scalar::lower_ascii(b.data(), data.data(), size);
      EXPECT_EQ(a, b);
      vector::upper_ascii(a.data(), data.data(), size);
      scalar::upper_ascii(b.data(), data.data(), size);
      EXPECT_EQ(a, b);
    }
  }
}

template <class To, class From>
void compare_widen(uint32_t limit) {
  std::mt19937 random(13);
  for (size_t size : kLengths) {
    std::vector<From> data = random_elements<From>(random, size, limit);
    std::vector<To> a(size), b(size);
    if constexpr (sizeof(To) > sizeof(From))
      vector::widen(a.data(), data.data(), size);
    else
      vector::narrow(a.data(), data.data(), size);
    scalar::convert(b.data(), data.data(), size);
    EXPECT_EQ(a, b);
  }
}
TEST(SimdText, WidthConversionsAgree) {
  compare_widen<uint16_t, uint8_t>(256);
  compare_widen<uint32_t, uint8_t>(256);
  compare_widen<uint32_t, uint16_t>(65536);
  compare_widen<uint8_t, uint16_t>(256);
  compare_widen<uint8_t, uint32_t>(256);
  compare_widen<uint16_t, uint32_t>(65536);
}

std::string random_utf8(std::mt19937& random, size_t characters, int script) {
  std::u32string text;
  for (size_t i = 0; i < characters; ++i) {
    uint32_t c = script == 0    ? random() % 128
                 : script == 1  ? random() % 256
                 : script == 2  ? random() % 0xd800
                 : random() % 4 ? random() % 128
                                : 0x10000 + random() % 0x100000;
    text.push_back(static_cast<char32_t>(c));
  }
  std::string bytes(text.size() * 4, 0);
  auto* end = scalar::utf8_encode(reinterpret_cast<uint8_t*>(bytes.data()),
                                  reinterpret_cast<const uint32_t*>(text.data()), text.size());
  bytes.resize(static_cast<size_t>(reinterpret_cast<char*>(end) - bytes.data()));
  return bytes;
}

// The class of the valid part is only promised when everything is valid: compare it then.
void expect_same_scan(const std::string& bytes, Surrogates surrogates) {
  auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  Utf8Scan got = utf8_scan(data, bytes.size(), surrogates),
           wanted = scalar::utf8_scan(data, bytes.size(), surrogates);
  ASSERT_EQ(got.valid, wanted.valid);
  ASSERT_EQ(got.code_points, wanted.code_points);
  if (wanted.valid == bytes.size()) ASSERT_EQ(got.widest, wanted.widest);
}

TEST(SimdText, Utf8IsScannedAndDecodedAlike) {
  std::mt19937 random(17);
  for (size_t size : kLengths) {
    for (int script = 0; script < 4; ++script) {
      for (int round = 0; round < 20; ++round) {
        std::string bytes = random_utf8(random, size, script);
        expect_same_scan(bytes, Surrogates::forbidden);
        auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
        size_t points = scalar::utf8_scan(data, bytes.size(), Surrogates::forbidden).code_points;
        std::vector<uint32_t> a(points), b(points);
        utf8_decode(a.data(), data, bytes.size());
        scalar::utf8_decode(b.data(), data, bytes.size());
        ASSERT_EQ(a, b);
      }
    }
  }
}

TEST(SimdText, BrokenUtf8IsFoundAtTheSamePlace) {
  std::mt19937 random(19);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = random_utf8(random, 20 + random() % 120, static_cast<int>(random() % 4));
    for (int damage = static_cast<int>(random() % 3); damage >= 0 && !bytes.empty(); --damage) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0 && !bytes.empty()) bytes.resize(random() % bytes.size());
    if (random() % 8 == 0) bytes += "\xed\xa0\x80";  // a surrogate
    expect_same_scan(bytes, Surrogates::forbidden);
    expect_same_scan(bytes, Surrogates::allowed);
  }
}

}  // namespace
}  // namespace dx::simd
