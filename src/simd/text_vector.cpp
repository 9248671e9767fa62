// The kernels of simd/text.h written once with Highway and compiled for every instruction set it
// knows (SSE2 to AVX-512 on x86-64, NEON on ARM); the best one for the processor is chosen at run
// time. Each function works on whole vectors and leaves the rest (less than one vector) to
// simd/text_scalar.h.

#include <cstddef>
#include <cstdint>

#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

#include "simd/text_scalar.h"
#include "simd/text_vector.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/text_vector.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace dx::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Full = hn::ScalableTag<T>;

size_t AsciiPrefix(const uint8_t* bytes, size_t size) {
  const Full<int8_t> d;
  const size_t n = hn::Lanes(d);
  size_t i = 0;
  for (; i + n <= size; i += n) {
    const auto v = hn::LoadU(d, reinterpret_cast<const int8_t*>(bytes) + i);
    const intptr_t at = hn::FindFirstTrue(d, hn::Lt(v, hn::Zero(d)));
    if (at >= 0) return i + static_cast<size_t>(at);
  }
  return i + scalar::ascii_prefix(bytes + i, size - i);
}

template <class T>
uint32_t OrAll(const T* data, size_t size) {
  const Full<T> d;
  const size_t n = hn::Lanes(d);
  auto all = hn::Zero(d);
  size_t i = 0;
  for (; i + n <= size; i += n) all = hn::Or(all, hn::LoadU(d, data + i));
  HWY_ALIGN T lanes[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(all, d, lanes);
  return scalar::or_all(lanes, n) | scalar::or_all(data + i, size - i);
}
uint32_t OrAll8(const uint8_t* data, size_t size) { return OrAll(data, size); }
uint32_t OrAll16(const uint16_t* data, size_t size) { return OrAll(data, size); }
uint32_t OrAll32(const uint32_t* data, size_t size) { return OrAll(data, size); }

template <class T>
size_t Find(const T* data, size_t size, T value) {
  const Full<T> d;
  const size_t n = hn::Lanes(d);
  const auto wanted = hn::Set(d, value);
  size_t i = 0;
  for (; i + n <= size; i += n) {
    const intptr_t at = hn::FindFirstTrue(d, hn::Eq(hn::LoadU(d, data + i), wanted));
    if (at >= 0) return i + static_cast<size_t>(at);
  }
  const size_t rest = scalar::find(data + i, size - i, value);
  return rest == kNotFound ? kNotFound : i + rest;
}
size_t Find8(const uint8_t* data, size_t size, uint8_t value) { return Find(data, size, value); }
size_t Find16(const uint16_t* data, size_t size, uint16_t value) { return Find(data, size, value); }
size_t Find32(const uint32_t* data, size_t size, uint32_t value) { return Find(data, size, value); }

template <class T>
size_t Count(const T* data, size_t size, T value) {
  const Full<T> d;
  const size_t n = hn::Lanes(d);
  const auto wanted = hn::Set(d, value);
  size_t total = 0, i = 0;
  for (; i + n <= size; i += n) total += hn::CountTrue(d, hn::Eq(hn::LoadU(d, data + i), wanted));
  return total + scalar::count(data + i, size - i, value);
}
size_t Count8(const uint8_t* data, size_t size, uint8_t value) { return Count(data, size, value); }
size_t Count16(const uint16_t* data, size_t size, uint16_t value) {
  return Count(data, size, value);
}
size_t Count32(const uint32_t* data, size_t size, uint32_t value) {
  return Count(data, size, value);
}

template <class T>
size_t FindPair(const T* data, size_t size, T first, T last, size_t distance) {
  const Full<T> d;
  const size_t n = hn::Lanes(d);
  const auto wanted_first = hn::Set(d, first), wanted_last = hn::Set(d, last);
  size_t i = 0;
  for (; i + n <= size; i += n) {
    const auto both = hn::And(hn::Eq(hn::LoadU(d, data + i), wanted_first),
                              hn::Eq(hn::LoadU(d, data + i + distance), wanted_last));
    const intptr_t at = hn::FindFirstTrue(d, both);
    if (at >= 0) return i + static_cast<size_t>(at);
  }
  const size_t rest = scalar::find_pair(data + i, size - i, first, last, distance);
  return rest == kNotFound ? kNotFound : i + rest;
}
size_t FindPair8(const uint8_t* data, size_t size, uint8_t a, uint8_t b, size_t distance) {
  return FindPair(data, size, a, b, distance);
}
size_t FindPair16(const uint16_t* data, size_t size, uint16_t a, uint16_t b, size_t distance) {
  return FindPair(data, size, a, b, distance);
}
size_t FindPair32(const uint32_t* data, size_t size, uint32_t a, uint32_t b, size_t distance) {
  return FindPair(data, size, a, b, distance);
}

// Lanes in [low, low + span]: subtracting low makes the others larger than span (unsigned).
template <class D, class V>
auto InRange(D d, V v, uint8_t low, uint8_t span) {
  const auto shifted = hn::Sub(v, hn::Set(d, low));
  return hn::Eq(hn::Min(shifted, hn::Set(d, span)), shifted);
}

size_t FindAsciiSpace(const uint8_t* data, size_t size) {
  const Full<uint8_t> d;
  const size_t n = hn::Lanes(d);
  size_t i = 0;
  for (; i + n <= size; i += n) {
    const auto v = hn::LoadU(d, data + i);
    const intptr_t at = hn::FindFirstTrue(d, hn::Or(InRange(d, v, 9, 4), InRange(d, v, 28, 4)));
    if (at >= 0) return i + static_cast<size_t>(at);
  }
  const size_t rest = scalar::find_ascii_space(data + i, size - i);
  return rest == kNotFound ? kNotFound : i + rest;
}

void LowerAscii(uint8_t* to, const uint8_t* from, size_t size) {
  const Full<uint8_t> d;
  const size_t n = hn::Lanes(d);
  size_t i = 0;
  for (; i + n <= size; i += n) {
    const auto v = hn::LoadU(d, from + i);
    hn::StoreU(hn::Xor(v, hn::IfThenElseZero(InRange(d, v, 'A', 25), hn::Set(d, 32))), d, to + i);
  }
  scalar::lower_ascii(to + i, from + i, size - i);
}
void UpperAscii(uint8_t* to, const uint8_t* from, size_t size) {
  const Full<uint8_t> d;
  const size_t n = hn::Lanes(d);
  size_t i = 0;
  for (; i + n <= size; i += n) {
    const auto v = hn::LoadU(d, from + i);
    hn::StoreU(hn::Xor(v, hn::IfThenElseZero(InRange(d, v, 'a', 25), hn::Set(d, 32))), d, to + i);
  }
  scalar::upper_ascii(to + i, from + i, size - i);
}

// Widening and narrowing: one full vector of the wider type at a time.
template <class To, class From>
void Widen(To* to, const From* from, size_t size) {
  const Full<To> d;
  const hn::Rebind<From, Full<To>> narrow;
  const size_t n = hn::Lanes(d);
  size_t i = 0;
  for (; i + n <= size; i += n)
    hn::StoreU(hn::PromoteTo(d, hn::LoadU(narrow, from + i)), d, to + i);
  scalar::convert(to + i, from + i, size - i);
}
void Widen8To16(uint16_t* to, const uint8_t* from, size_t size) { Widen(to, from, size); }
void Widen8To32(uint32_t* to, const uint8_t* from, size_t size) { Widen(to, from, size); }
void Widen16To32(uint32_t* to, const uint16_t* from, size_t size) { Widen(to, from, size); }

template <class To, class From, class Signed>
void Narrow(To* to, const From* from, size_t size) {
  const Full<Signed> d;
  const hn::Rebind<To, Full<Signed>> narrow;
  const size_t n = hn::Lanes(d);
  size_t i = 0;
  for (; i + n <= size; i += n) {
    hn::StoreU(hn::DemoteTo(narrow, hn::LoadU(d, reinterpret_cast<const Signed*>(from) + i)),
               narrow, to + i);
  }
  scalar::convert(to + i, from + i, size - i);
}
void Narrow16To8(uint8_t* to, const uint16_t* from, size_t size) {
  Narrow<uint8_t, uint16_t, int16_t>(to, from, size);
}
void Narrow32To8(uint8_t* to, const uint32_t* from, size_t size) {
  Narrow<uint8_t, uint32_t, int32_t>(to, from, size);
}
void Narrow32To16(uint16_t* to, const uint32_t* from, size_t size) {
  Narrow<uint16_t, uint32_t, int32_t>(to, from, size);
}

// UTF-8 validation after Keiser and Lemire ("Validating UTF-8 in less than one instruction per
// byte", 2020): three look-ups by nibble, of the previous byte's halves and of this byte's upper
// half, whose common bits name an error; what must be a second or third continuation byte is told
// from the bytes two and three before. The bytes before are simply loaded again, so the scan starts
// where three bytes precede.
size_t Utf8Valid(const uint8_t* bytes, size_t start, size_t size, int surrogates_allowed,
                 size_t* code_points, uint32_t* classes) {
  const Full<uint8_t> d;
  const size_t n = hn::Lanes(d);
  constexpr uint8_t kTooShort = 1, kTooLong = 2, kOverlong3 = 4, kTooLarge = 8, kSurrogate = 16,
                    kOverlong2 = 32, kTooLarge1000 = 64, kOverlong4 = 64, kTwoContinuations = 128;
  constexpr uint8_t kCarry = kTooShort | kTooLong | kTwoContinuations;
  alignas(16) static constexpr uint8_t previous_high[16] = {
      kTooLong,
      kTooLong,
      kTooLong,
      kTooLong,
      kTooLong,
      kTooLong,
      kTooLong,
      kTooLong,
      kTwoContinuations,
      kTwoContinuations,
      kTwoContinuations,
      kTwoContinuations,
      kTooShort | kOverlong2,
      kTooShort,
      kTooShort | kOverlong3 | kSurrogate,
      kTooShort | kTooLarge | kTooLarge1000 | kOverlong4};
  constexpr uint8_t kLarge = kCarry | kTooLarge | kTooLarge1000;
  alignas(16) static constexpr uint8_t previous_low[16] = {
      kCarry | kOverlong3 | kOverlong2 | kOverlong4,
      kCarry | kOverlong2,
      kCarry,
      kCarry,
      kCarry | kTooLarge,
      kLarge,
      kLarge,
      kLarge,
      kLarge,
      kLarge,
      kLarge,
      kLarge,
      kLarge,
      kLarge | kSurrogate,
      kLarge,
      kLarge};
  constexpr uint8_t kContinuation = kTooLong | kOverlong2 | kTwoContinuations;
  alignas(16) static constexpr uint8_t this_high[16] = {
      kTooShort,
      kTooShort,
      kTooShort,
      kTooShort,
      kTooShort,
      kTooShort,
      kTooShort,
      kTooShort,
      kContinuation | kOverlong3 | kTooLarge1000 | kOverlong4,
      kContinuation | kOverlong3 | kTooLarge,
      kContinuation | kSurrogate | kTooLarge,
      kContinuation | kSurrogate | kTooLarge,
      kTooShort,
      kTooShort,
      kTooShort,
      kTooShort};
  const auto table1 = hn::LoadDup128(d, previous_high), table2 = hn::LoadDup128(d, previous_low),
             table3 = hn::LoadDup128(d, this_high);
  const auto low_nibble = hn::Set(d, 15);
  const auto reported = hn::Set(d, static_cast<uint8_t>(surrogates_allowed ? ~kSurrogate : 0xff));
  const auto high_bit = hn::Set(d, 0x80);
  auto highest = hn::Zero(d);
  size_t i = start, points = 0;
  for (; i + n <= size; i += n) {
    const auto now = hn::LoadU(d, bytes + i);
    const auto before1 = hn::LoadU(d, bytes + i - 1), before2 = hn::LoadU(d, bytes + i - 2),
               before3 = hn::LoadU(d, bytes + i - 3);
    const auto special = hn::And(
        reported, hn::And(hn::TableLookupBytes(table1, hn::ShiftRight<4>(before1)),
                          hn::And(hn::TableLookupBytes(table2, hn::And(before1, low_nibble)),
                                  hn::TableLookupBytes(table3, hn::ShiftRight<4>(now)))));
    // Saturation leaves the top bit set only for leads of three (two before) and four bytes (three
    // before).
    const auto third = hn::SaturatedSub(before2, hn::Set(d, 0xe0 - 0x80)),
               fourth = hn::SaturatedSub(before3, hn::Set(d, 0xf0 - 0x80));
    const auto must_continue = hn::And(hn::Or(third, fourth), high_bit);
    if (!hn::AllTrue(d, hn::Eq(hn::Xor(must_continue, special), hn::Zero(d)))) break;
    highest = hn::Max(highest, now);
    // Every byte but a continuation (10xxxxxx, -128 to -65 as signed) begins a character.
    const Full<int8_t> signed_d;
    points += hn::CountTrue(
        signed_d, hn::Gt(hn::BitCast(signed_d, now), hn::Set(signed_d, static_cast<int8_t>(-65))));
  }
  HWY_ALIGN uint8_t lanes[HWY_MAX_BYTES];
  hn::Store(highest, d, lanes);
  uint8_t top = 0;
  for (size_t lane = 0; lane < n; ++lane) top = lanes[lane] > top ? lanes[lane] : top;
  *classes = top < 0x80 ? 0x7f : top < 0xc4 ? 0xff : top < 0xf0 ? 0xffff : 0x10ffff;
  *code_points = points;
  return i;
}

}  // namespace dx::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dx::simd::vector {

#if HWY_TARGETS == HWY_STATIC_TARGET

#define DX_KERNEL(result, name, function, parameters, arguments) \
  result name parameters { return HWY_STATIC_DISPATCH(function) arguments; }

#else

namespace {

// The choice is made here rather than by libhwy: loading that library measures the processor's
// timer, three milliseconds of every start.
int64_t processor_targets() {
  int64_t targets = 0;  // the plain C++ form is always among them
// The C library has asked the processor already; asking again is slow in a virtual machine.
#if __has_include(<sys/platform/x86.h>)
#define DX_HAS(name, feature) (CPU_FEATURE_ACTIVE(feature) != 0)
#else
#define DX_HAS(name, feature) (__builtin_cpu_supports(name) != 0)
#endif
  if (!DX_HAS("ssse3", SSSE3)) return targets;
  targets |= HWY_SSSE3;
  if (!DX_HAS("sse4.1", SSE4_1) || !DX_HAS("sse4.2", SSE4_2) || !DX_HAS("aes", AES) ||
      !DX_HAS("pclmul", PCLMULQDQ))
    return targets;
  targets |= HWY_SSE4;
  if (!DX_HAS("avx2", AVX2) || !DX_HAS("fma", FMA) || !DX_HAS("bmi", BMI1) ||
      !DX_HAS("bmi2", BMI2) || !DX_HAS("popcnt", POPCNT))
    return targets;
  targets |= HWY_AVX2;
  if (!DX_HAS("avx512f", AVX512F) || !DX_HAS("avx512vl", AVX512VL) ||
      !DX_HAS("avx512dq", AVX512DQ) || !DX_HAS("avx512bw", AVX512BW) ||
      !DX_HAS("avx512cd", AVX512CD))
    return targets;
  targets |= HWY_AVX3;
  if (!DX_HAS("avx512vnni", AVX512_VNNI) || !DX_HAS("avx512vbmi", AVX512_VBMI) ||
      !DX_HAS("avx512vbmi2", AVX512_VBMI2) || !DX_HAS("avx512bitalg", AVX512_BITALG) ||
      !DX_HAS("avx512vpopcntdq", AVX512_VPOPCNTDQ) || !DX_HAS("vpclmulqdq", VPCLMULQDQ) ||
      !DX_HAS("gfni", GFNI)) {
    return targets;
  }
#undef DX_HAS
  return targets | HWY_AVX3_DL;
}

// Set once, by whoever asks first: every thread would set the same.
size_t target_index() {
  static hwy::ChosenTarget chosen;
  if (HWY_UNLIKELY(!chosen.IsInitialized())) chosen.Update(processor_targets());
  return chosen.GetIndex();
}

}  // namespace

// A table's first entry stands for "not chosen yet" in Highway's numbering.
#define DX_KERNEL(result, name, function, parameters, arguments)                   \
  result name parameters {                                                         \
    static constexpr decltype(&HWY_STATIC_DISPATCH(                                \
        function)) targets[HWY_MAX_DYNAMIC_TARGETS + 2] = {                        \
        nullptr, HWY_CHOOSE_TARGET_LIST(function), HWY_CHOOSE_FALLBACK(function)}; \
    return targets[target_index()] arguments;                                      \
  }

#endif

#include "simd/kernels.def"
#undef DX_KERNEL

}  // namespace dx::simd::vector

uint64_t dx::simd::processor_kind() {
#if HWY_TARGETS == HWY_STATIC_TARGET
  return 0;
#else
  return static_cast<uint64_t>(vector::processor_targets());
#endif
}
#endif  // HWY_ONCE
