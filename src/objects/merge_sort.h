#pragma once
// A stable merge sort that takes what order it finds: runs, ascending or descending, are kept
// (short ones are filled up by binary insertion) and merged in the order powersort prescribes,
// which is close to optimal for their lengths. Merging gallops while one side keeps winning.
//
// Which pairs are compared, and in which order, is what CPython's list.sort does: with items of
// mixed kinds the same pair raises, and an __lt__ that counts or logs sees the same calls.
// tests/python/list/sort_compares_as_cpython.py has the proof; whoever changes a search here
// changes what programs observe.
//
// T is trivially copyable. less(a, b, answer) returns false when it raised; the sort then stops
// with the items being some permutation of what came in, which is what owners of counted references
// need.

#include <algorithm>
#include <cstring>

#include "memory/heap.h"

namespace dx {

template <class T, class Less>
class MergeSort {
 public:
  enum class Outcome : uint8_t { sorted, raised, out_of_memory };

  MergeSort(Thread& thread, T* items, Word count, Less& less)
      : thread_(thread), items_(items), count_(count), less_(less) {}
  ~MergeSort() {
    if (room_) free_buffer(thread_, room_);
  }

  Outcome run() {
    if (count_ < 2) return Outcome::sorted;
    Word shortest = shortest_run(count_);
    for (Word at = 0; at < count_;) {
      Word length = 0;
      if (!natural_run(items_ + at, count_ - at, length)) return Outcome::raised;
      if (length < shortest) {
        Word wanted = shortest < count_ - at ? shortest : count_ - at;
        if (!insert_rest(items_ + at, length, wanted)) return Outcome::raised;
        length = wanted;
      }
      if (depth_ > 0) {
        int power = boundary_power(runs_[depth_ - 1].start, runs_[depth_ - 1].length, length);
        while (depth_ > 1 && runs_[depth_ - 2].power > power) {
          if (Outcome outcome = merge_at(depth_ - 2); outcome != Outcome::sorted) return outcome;
        }
        runs_[depth_ - 1].power = power;
      }
      runs_[depth_++] = {at, length, 0};
      at += length;
    }
    while (depth_ > 1) {
      int at = depth_ - 2;
      if (at > 0 && runs_[at - 1].length < runs_[at + 1].length) --at;
      if (Outcome outcome = merge_at(at); outcome != Outcome::sorted) return outcome;
    }
    return Outcome::sorted;
  }

 private:
  struct Run {
    Word start, length;
    int power;  // of the boundary to the next run
  };
  static constexpr int kMaxRuns = 90;
  static constexpr Word kGallopAfter = 7;

  static Word shortest_run(Word count) {
    Word rest = 0;
    while (count >= 64) {
      rest |= count & 1;
      count >>= 1;
    }
    return count + rest;
  }

  // An ascending run stays. Otherwise the run descends: groups of equal items inside it are turned
  // around first, so that turning the whole keeps their order; what goes on ascending from its end
  // belongs to it.
  bool natural_run(T* run, Word left, Word& length) {
    Word n = 1;
    bool smaller = false;
    for (; n < left; ++n) {
      if (!less_(run[n], run[n - 1], smaller)) return false;
      if (smaller) break;
    }
    length = n;
    if (n == left) return true;
    if (n > 1) {
      bool ascends;
      if (!less_(run[0], run[n - 1], ascends)) return false;
      if (ascends) return true;
      std::reverse(run, run + n);  // all equal so far
    }
    Word equal_steps = 0;
    auto turn_equal = [&](Word end) {
      if (equal_steps) std::reverse(run + end - equal_steps - 1, run + end);
      equal_steps = 0;
    };
    for (++n; n < left; ++n) {
      if (!less_(run[n], run[n - 1], smaller)) return false;
      if (smaller) {
        turn_equal(n);
        continue;
      }
      bool larger;
      if (!less_(run[n - 1], run[n], larger)) return false;
      if (larger) break;
      ++equal_steps;
    }
    turn_equal(n);
    std::reverse(run, run + n);
    for (; n < left; ++n) {
      if (!less_(run[n], run[n - 1], smaller)) return false;
      if (smaller) break;
    }
    length = n;
    return true;
  }

  // Binary insertion of items [sorted, wanted) of the run.
  bool insert_rest(T* run, Word sorted, Word wanted) {
    for (Word next = sorted; next < wanted; ++next) {
      T item = run[next];
      Word low = 0, high = next;
      while (low < high) {
        Word middle = low + (high - low) / 2;
        bool before;
        if (!less_(item, run[middle], before)) return false;
        if (before)
          high = middle;
        else
          low = middle + 1;
      }
      move(run + low + 1, run + low, next - low);
      run[low] = item;
    }
    return true;
  }

  // In the ideal binary tree over all items, the depth of the node where these two neighbours would
  // be merged.
  int boundary_power(Word start, Word length, Word next_length) const {
    uint64_t n = static_cast<uint64_t>(count_);
    uint64_t left = 2 * static_cast<uint64_t>(start) + static_cast<uint64_t>(length);
    uint64_t right = left + static_cast<uint64_t>(length) + static_cast<uint64_t>(next_length);
    int power = 0;
    for (;;) {  // both midpoints (in halves of an item) as binary fractions of 2n: the first digit
                // where they differ
      ++power;
      if (left >= n) {
        left -= n;
        right -= n;
      } else if (right >= n) {
        return power;
      }
      left <<= 1;
      right <<= 1;
    }
  }

  Outcome merge_at(int at) {
    Run a = runs_[at], b = runs_[at + 1];
    runs_[at].length += b.length;
    // A run above the two moves down. The powers are used no more then, except in the last round,
    // which has none.
    if (at == depth_ - 3) runs_[at + 1] = runs_[at + 2];
    --depth_;
    T* left = items_ + a.start;
    T* right = items_ + b.start;
    Word left_count = a.length, right_count = b.length;
    // What already stands where it belongs on both outer sides needs no merging.
    Word skip;
    if (!upper_bound(right[0], left, left_count, 0, skip)) return Outcome::raised;
    left += skip;
    left_count -= skip;
    if (left_count == 0) return Outcome::sorted;
    if (!lower_bound(left[left_count - 1], right, right_count, right_count - 1, right_count))
      return Outcome::raised;
    if (right_count == 0) return Outcome::sorted;
    if (!reserve(std::min(left_count, right_count))) return Outcome::out_of_memory;
    bool done = left_count <= right_count ? merge_forward(left, left_count, right, right_count)
                                          : merge_backward(left, left_count, right, right_count);
    return done ? Outcome::sorted : Outcome::raised;
  }

  bool reserve(Word count) {
    if (count <= room_count_) return true;
    if (room_) free_buffer(thread_, room_);
    room_ = static_cast<T*>(allocate_buffer(thread_, static_cast<size_t>(count) * sizeof(T)));
    room_count_ = room_ ? count : 0;
    return room_ != nullptr;
  }

  // How many of the sorted items are before key. With after_equal those equal to key count too.
  // Looks at `hint` first, then away from it at distances 1, 3, 7, ..., then halves what is left.
  template <bool after_equal>
  bool gallop(const T& key, const T* items, Word count, Word hint, Word& found) {
    auto before = [&](Word at, bool& answer) {  // does items[at] count?
      if constexpr (after_equal) {
        if (!less_(key, items[at], answer)) return false;
        answer = !answer;
        return true;
      } else {
        return less_(items[at], key, answer);
      }
    };
    bool counts;
    if (!before(hint, counts)) return false;
    Word low, high;  // items before low count, those from high on do not
    Word near = 0, far = 1;
    if (counts) {
      Word most = count - hint;
      while (far < most) {
        if (!before(hint + far, counts)) return false;
        if (!counts) break;
        near = far;
        far = 2 * far + 1;
      }
      low = hint + near + 1;
      high = hint + std::min(far, most);
    } else {
      Word most = hint + 1;
      while (far < most) {
        if (!before(hint - far, counts)) return false;
        if (counts) break;
        near = far;
        far = 2 * far + 1;
      }
      low = hint - std::min(far, most) + 1;
      high = hint - near;
    }
    while (low < high) {
      Word middle = low + (high - low) / 2;
      if (!before(middle, counts)) return false;
      if (counts)
        low = middle + 1;
      else
        high = middle;
    }
    found = low;
    return true;
  }
  bool lower_bound(const T& key, const T* items, Word count, Word hint, Word& found) {
    return gallop<false>(key, items, count, hint, found);
  }
  bool upper_bound(const T& key, const T* items, Word count, Word hint, Word& found) {
    return gallop<true>(key, items, count, hint, found);
  }

  static void copy(T* to, const T* from, Word count) {
    std::memcpy(static_cast<void*>(to), from, static_cast<size_t>(count) * sizeof(T));
  }
  static void move(T* to, const T* from, Word count) {
    std::memmove(static_cast<void*>(to), from, static_cast<size_t>(count) * sizeof(T));
  }

  // The left side waits in room_; its gap opens at `out` and is filled from both sides. It is known
  // that the first item of the right side comes first and the last of the left side last, so
  // neither is asked for. However this ends, what is left of the left side fits the gap.
  bool merge_forward(T* left, Word left_count, T* right, Word right_count) {
    copy(room_, left, left_count);
    const T* a = room_;
    const T* b = right;
    T* out = left;
    auto take_left = [&](Word n) {
      copy(out, a, n);
      out += n, a += n, left_count -= n;
    };
    auto take_right = [&](Word n) {
      move(out, b, n);
      out += n, b += n, right_count -= n;
    };
    bool fine = true;
    take_right(1);
    while (right_count > 0 && left_count > 1) {
      Word left_wins = 0, right_wins = 0;
      while (left_wins < gallop_after_ && right_wins < gallop_after_) {
        bool right_first;
        if (!(fine = less_(*b, *a, right_first))) goto rest;
        if (right_first) {
          take_right(1);
          ++right_wins, left_wins = 0;
          if (right_count == 0) goto rest;
        } else {
          take_left(1);
          ++left_wins, right_wins = 0;
          if (left_count == 1) goto rest;
        }
      }
      ++gallop_after_;
      do {  // each success makes galloping easier to enter
        if (gallop_after_ > 1) --gallop_after_;
        if (!(fine = upper_bound(*b, a, left_count, 0, left_wins))) goto rest;
        take_left(left_wins);
        if (left_count <= 1) goto rest;
        take_right(1);
        if (right_count == 0) goto rest;
        if (!(fine = lower_bound(*a, b, right_count, 0, right_wins))) goto rest;
        take_right(right_wins);
        if (right_count == 0) goto rest;
        take_left(1);
        if (left_count == 1) goto rest;
      } while (left_wins >= kGallopAfter || right_wins >= kGallopAfter);
      ++gallop_after_;
    }
  rest:
    if (fine && left_count == 1)
      take_right(right_count);  // the last of the left side is the largest
    copy(out, a, left_count);
    return fine;
  }

  // The same from the other end: the right side waits in room_.
  bool merge_backward(T* left, Word left_count, T* right, Word right_count) {
    copy(room_, right, right_count);
    T* out = right + right_count;  // one past the next place
    auto take_left = [&](Word n) {
      out -= n, left_count -= n;
      move(out, left + left_count, n);
    };
    auto take_right = [&](Word n) {
      out -= n, right_count -= n;
      copy(out, room_ + right_count, n);
    };
    bool fine = true;
    take_left(1);
    while (left_count > 0 && right_count > 1) {
      Word left_wins = 0, right_wins = 0;
      while (left_wins < gallop_after_ && right_wins < gallop_after_) {
        bool left_last;
        if (!(fine = less_(room_[right_count - 1], left[left_count - 1], left_last))) goto rest;
        if (left_last) {
          take_left(1);
          ++left_wins, right_wins = 0;
          if (left_count == 0) goto rest;
        } else {
          take_right(1);
          ++right_wins, left_wins = 0;
          if (right_count == 1) goto rest;
        }
      }
      ++gallop_after_;
      do {
        if (gallop_after_ > 1) --gallop_after_;
        Word keep;
        if (!(fine = upper_bound(room_[right_count - 1], left, left_count, left_count - 1, keep)))
          goto rest;
        left_wins = left_count - keep;
        take_left(left_wins);
        if (left_count == 0) goto rest;
        take_right(1);
        if (right_count == 1) goto rest;
        if (!(fine = lower_bound(left[left_count - 1], room_, right_count, right_count - 1, keep)))
          goto rest;
        right_wins = right_count - keep;
        take_right(right_wins);
        if (right_count <= 1) goto rest;
        take_left(1);
        if (left_count == 0) goto rest;
      } while (left_wins >= kGallopAfter || right_wins >= kGallopAfter);
      ++gallop_after_;
    }
  rest:
    if (fine && right_count == 1)
      take_left(left_count);  // the first of the right side is the smallest
    copy(out - right_count, room_, right_count);
    return fine;
  }

  Thread& thread_;
  T* items_;
  Word count_;
  Less& less_;
  T* room_ = nullptr;
  Word room_count_ = 0;
  Word gallop_after_ = kGallopAfter;
  Run runs_[kMaxRuns];
  int depth_ = 0;
};

}  // namespace dx
