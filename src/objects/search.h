#pragma once
// Searching and cutting of character arrays of any width; shared by str, bytes and bytearray. Time
// is linear even for hostile needles: a vector scan for the needle's ends comes first, and when it
// meets too many false starts the two-way algorithm (Crochemore and Perrin, 1991) takes over.

#include <cstdlib>
#include <cstring>
#include <type_traits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "objects/list.h"
#include "objects/tuple.h"
#include "simd/text.h"

namespace dx::search {

using simd::kNotFound;

// The start of the maximal suffix of needle under < (or >), and its period.
template <class N>
size_t maximal_suffix(const N* needle, size_t m, bool greater, size_t& period) {
  size_t start = 0, candidate = 1, k = 0;
  period = 1;
  while (candidate + k < m) {
    N a = needle[candidate + k], b = needle[start + k];
    if (greater ? a > b : a < b) {
      candidate += k + 1;
      k = 0;
      period = candidate - start;
    } else if (a == b) {
      if (k + 1 == period) {
        candidate += period;
        k = 0;
      } else {
        ++k;
      }
    } else {
      start = candidate++;
      k = 0;
      period = 1;
    }
  }
  return start;
}

template <class H, class N>
size_t find_two_way(const H* hay, size_t n, const N* needle, size_t m) {
  size_t period, other_period;
  size_t cut = maximal_suffix(needle, m, false, period);
  size_t other = maximal_suffix(needle, m, true, other_period);
  if (other > cut) {
    cut = other;
    period = other_period;
  }
  bool periodic = period + cut <= m;
  for (size_t i = 0; periodic && i < cut; ++i) periodic = needle[i] == needle[i + period];
  size_t memory = 0;
  if (!periodic) period = (cut > m - cut ? cut : m - cut) + 1;
  for (size_t at = 0; at + m <= n;) {
    size_t i = cut > memory ? cut : memory;
    while (i < m && hay[at + i] == needle[i]) ++i;
    if (i < m) {
      at += i - cut + 1;
      memory = 0;
      continue;
    }
    i = cut;
    while (i > memory && hay[at + i - 1] == needle[i - 1]) --i;
    if (i <= memory) return at;
    at += period;
    memory = periodic ? m - period : 0;
  }
  return kNotFound;
}

// simd::find_pair without its dispatch for the first bytes: matches are mostly near.
inline size_t find_pair_near(const uint8_t* data, size_t size, uint8_t first, uint8_t last,
                             size_t distance) {
#if defined(__SSE2__)
  size_t at = 0;
  const __m128i firsts = _mm_set1_epi8(static_cast<char>(first)),
                lasts = _mm_set1_epi8(static_cast<char>(last));
  for (; at + 16 <= size && at < 256; at += 16) {
    __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
    __m128i there = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at + distance));
    unsigned both = static_cast<unsigned>(_mm_movemask_epi8(
        _mm_and_si128(_mm_cmpeq_epi8(here, firsts), _mm_cmpeq_epi8(there, lasts))));
    if (both) return at + static_cast<size_t>(__builtin_ctz(both));
  }
  if (size - at < 16) {
    for (; at < size; ++at) {
      if (data[at] == first && data[at + distance] == last) return at;
    }
    return kNotFound;
  }
  size_t rest = simd::find_pair(data + at, size - at, first, last, distance);
  return rest == kNotFound ? kNotFound : at + rest;
#else
  return simd::find_pair(data, size, first, last, distance);
#endif
}

// First position of needle in hay. Requires: N is not wider than H.
template <class H, class N>
size_t find(const H* hay, size_t n, const N* needle, size_t m) {
  if (m == 0) return 0;
  if (m > n) return kNotFound;
  if (m == 1) {
    if constexpr (sizeof(H) == 1) {
      const void* at = memchr(hay, needle[0], n);
      return at ? static_cast<size_t>(static_cast<const H*>(at) - hay) : kNotFound;
    }
    return simd::find(hay, n, static_cast<H>(needle[0]));
  }
  {
    H first = needle[0], last = needle[m - 1];
    size_t at = 0, starts = n - m + 1, budget = 64;
    while (at < starts) {
      size_t next;
      if constexpr (sizeof(H) == 1)
        next = find_pair_near(hay + at, starts - at, first, last, m - 1);
      else
        next = simd::find_pair(hay + at, starts - at, first, last, m - 1);
      if (next == kNotFound) return kNotFound;
      at += next;
      size_t i = 1;
      while (i < m - 1 && hay[at + i] == needle[i]) ++i;
      if (i >= m - 1) return at;
      ++at;
      budget = i > budget ? 0 : budget - i + (next >> 2);
      if (budget == 0) {
        size_t rest = find_two_way(hay + at, n - at, needle, m);
        return rest == kNotFound ? kNotFound : at + rest;
      }
    }
    return kNotFound;
  }
}

template <class H, class N>
size_t rfind(const H* hay, size_t n, const N* needle, size_t m) {
  if (m > n) return kNotFound;
  if (m == 0) return n;
  for (size_t at = n - m + 1; at > 0;) {
    if constexpr (sizeof(H) == 1) {
      const void* found = memrchr(hay, needle[0], at);
      if (!found) return kNotFound;
      at = static_cast<size_t>(static_cast<const H*>(found) - hay);
    } else {
      do {
        if (at == 0) return kNotFound;
        --at;
      } while (hay[at] != static_cast<H>(needle[0]));
    }
    size_t i = 1;
    while (i < m && hay[at + i] == needle[i]) ++i;
    if (i == m) return at;
  }
  return kNotFound;
}

template <class H, class N>
size_t count(const H* hay, size_t n, const N* needle, size_t m, size_t limit) {
  if (m == 0) return n + 1 < limit ? n + 1 : limit;
  if (m == 1 && limit == ~size_t{0}) return simd::count(hay, n, static_cast<H>(needle[0]));
  size_t total = 0;
  for (size_t at = 0; total < limit;) {
    size_t next = find(hay + at, n - at, needle, m);
    if (next == kNotFound) break;
    at += next + m;
    ++total;
  }
  return total;
}

// ---- pieces: the parts a text is cut into, made into Python objects at the end ------------------
struct Piece {
  Word start, stop;
};
class Pieces {
 public:
  ~Pieces() {
    if (pieces_ != inline_) free(pieces_);
  }
  Pieces() = default;
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;
  [[nodiscard]] bool add(Word start, Word stop) {
    if (size_ == capacity_) {
      auto* bigger = static_cast<Piece*>(malloc(capacity_ * 2 * sizeof(Piece)));
      if (bigger == nullptr) return false;
      memcpy(bigger, pieces_, size_ * sizeof(Piece));
      if (pieces_ != inline_) free(pieces_);
      pieces_ = bigger;
      capacity_ *= 2;
    }
    pieces_[size_++] = {start, stop};
    return true;
  }
  void reverse() {
    for (size_t i = 0; i < size_ / 2; ++i) std::swap(pieces_[i], pieces_[size_ - 1 - i]);
  }
  size_t size() const { return size_; }
  const Piece& operator[](size_t i) const { return pieces_[i]; }

 private:
  Piece inline_[32];
  Piece* pieces_ = inline_;
  size_t size_ = 0, capacity_ = 32;
};

// The list of make(start, stop) for each piece.
template <class Make>
AnyResult list_of_pieces(Thread& thread, const Pieces& pieces, Make make) {
  size_t n = pieces.size();
  Value inline_items[32];
  Value* items = n <= 32 ? inline_items : static_cast<Value*>(malloc(n * sizeof(Value)));
  if (items == nullptr) return raise_memory_error(thread);
  size_t made = 0;
  bool failed = false;
  for (; made < n; ++made) {
    auto item = make(pieces[made].start, pieces[made].stop);
    if (item.raised()) {
      failed = true;
      break;
    }
    items[made] = item.take().release();
  }
  AnyResult list = Raised{};
  if (failed) {
    for (size_t i = 0; i < made; ++i) decref(thread, items[i]);
  } else {
    list = list_adopt(thread, items, n);
  }
  if (items != inline_items) free(items);
  return list;
}

// Each function fills pieces and returns false when memory is short. limit: cuts at most; negative
// = as many as there are.
template <class C, class Space>
bool split_space(const C* text, Word n, Word limit, Space space, Pieces& out) {
  Word at = 0;
  if (limit < 0) limit = INT64_MAX;
  for (;;) {
    while (at < n && space(text[at])) ++at;
    if (at == n) return true;
    if (limit-- == 0) return out.add(at, n);
    Word start = at;
    while (at < n && !space(text[at])) ++at;
    if (!out.add(start, at)) return false;
  }
}
template <class C, class Space>
bool rsplit_space(const C* text, Word n, Word limit, Space space, Pieces& out) {
  Word at = n;
  if (limit < 0) limit = INT64_MAX;
  for (;;) {
    while (at > 0 && space(text[at - 1])) --at;
    if (at == 0) break;
    if (limit-- == 0) {
      if (!out.add(0, at)) return false;
      break;
    }
    Word stop = at;
    while (at > 0 && !space(text[at - 1])) --at;
    if (!out.add(at, stop)) return false;
  }
  out.reverse();
  return true;
}
template <class C, class N>
bool split_by(const C* text, Word n, const N* separator, Word m, Word limit, Pieces& out) {
  Word at = 0;
  for (; limit != 0; --limit) {
    size_t next = find(text + at, static_cast<size_t>(n - at), separator, static_cast<size_t>(m));
    if (next == kNotFound) break;
    if (!out.add(at, at + static_cast<Word>(next))) return false;
    at += static_cast<Word>(next) + m;
  }
  return out.add(at, n);
}
template <class C, class N>
bool rsplit_by(const C* text, Word n, const N* separator, Word m, Word limit, Pieces& out) {
  Word stop = n;
  for (; limit != 0; --limit) {
    size_t at = rfind(text, static_cast<size_t>(stop), separator, static_cast<size_t>(m));
    if (at == kNotFound) break;
    if (!out.add(static_cast<Word>(at) + m, stop)) return false;
    stop = static_cast<Word>(at);
  }
  if (!out.add(0, stop)) return false;
  out.reverse();
  return true;
}
template <class C, class Break>
bool split_lines(const C* text, Word n, bool keep_ends, Break is_break, Pieces& out) {
  for (Word at = 0; at < n;) {
    Word start = at;
    while (at < n && !is_break(text[at])) ++at;
    Word end = at;
    if (at < n) at += text[at] == '\r' && at + 1 < n && text[at + 1] == '\n' ? 2 : 1;
    if (!out.add(start, keep_ends ? at : end)) return false;
  }
  return true;
}

// start and end as methods take them (None or an index), against a length. Result: TypeError.
struct Range {
  Word start, stop;
};
inline Result<Word> range_bound(Thread& thread, Any bound, Word fallback) {
  if (bound.is_none()) return fallback;
  if (!has_index(bound))
    return raise<TypeError>(thread,
                            "slice indices must be integers or None or have an __index__ method");
  return index_word_clamped(thread, bound);
}
// Python may run for the bounds: length(), called afterwards, gives the length.
template <class Length>
Result<Range> range_of(Thread& thread, Any start, Any end, Length length) {
  Word first = TRY(range_bound(thread, start, 0));
  Word last = TRY(range_bound(thread, end, INT64_MAX));
  Word n = length();
  if (last > n) last = n;
  if (last < 0) last = last + n < 0 ? 0 : last + n;
  if (first < 0) first = first + n < 0 ? 0 : first + n;
  return Range{first, last};
}

}  // namespace dx::search
