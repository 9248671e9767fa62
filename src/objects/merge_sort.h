#pragma once
// A stable merge sort that takes what order it finds: runs, ascending or strictly descending, are kept (short ones are
// filled up by binary insertion) and merged in the order powersort prescribes, which is close to optimal for their
// lengths. Merging gallops when one side keeps winning.
//
// T is trivially copyable. less(a, b, answer) returns false when it raised; the sort then stops with the items being some
// permutation of what came in, which is what owners of counted references need.

#include <bit>
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
      if (!natural_run(at, length)) return Outcome::raised;
      if (length < shortest) {
        Word wanted = shortest < count_ - at ? shortest : count_ - at;
        if (!insert_rest(at, length, wanted)) return Outcome::raised;
        length = wanted;
      }
      if (depth_ > 0) {
        int power = boundary_power(runs_[depth_ - 1].start, runs_[depth_ - 1].length, length);
        while (depth_ > 1 && runs_[depth_ - 2].power > power) {
          if (Outcome outcome = merge_top(); outcome != Outcome::sorted) return outcome;
        }
        runs_[depth_ - 1].power = power;
      }
      runs_[depth_++] = {at, length, 0};
      at += length;
    }
    while (depth_ > 1) {
      if (Outcome outcome = merge_top(); outcome != Outcome::sorted) return outcome;
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

  static void reverse(T* low, T* high) {
    for (--high; low < high; ++low, --high) std::swap(*low, *high);
  }

  bool natural_run(Word start, Word& length) {
    T* at = items_ + start;
    Word left = count_ - start;
    length = left < 2 ? left : 2;
    if (left < 2) return true;
    bool before;
    if (!less_(at[1], at[0], before)) return false;
    if (before) {
      for (; length < left; ++length) {
        if (!less_(at[length], at[length - 1], before)) return false;
        if (!before) break;
      }
      reverse(at, at + length);
    } else {
      for (; length < left; ++length) {
        if (!less_(at[length], at[length - 1], before)) return false;
        if (before) break;
      }
    }
    return true;
  }

  // Binary insertion of items [sorted, wanted) of the run at start.
  bool insert_rest(Word start, Word sorted, Word wanted) {
    T* run = items_ + start;
    for (Word next = sorted; next < wanted; ++next) {
      T item = run[next];
      Word low = 0, high = next;
      while (low < high) {
        Word middle = low + (high - low) / 2;
        bool before;
        if (!less_(item, run[middle], before)) return false;
        if (before) high = middle;
        else low = middle + 1;
      }
      std::memmove(static_cast<void*>(run + low + 1), run + low, static_cast<size_t>(next - low) * sizeof(T));
      run[low] = item;
    }
    return true;
  }

  // In the ideal binary tree over all items, the depth of the node where these two neighbours would be merged.
  int boundary_power(Word start, Word length, Word next_length) const {
    uint64_t n = static_cast<uint64_t>(count_);
    uint64_t left = 2 * static_cast<uint64_t>(start) + static_cast<uint64_t>(length);
    uint64_t right = left + static_cast<uint64_t>(length) + static_cast<uint64_t>(next_length);
    int power = 0;
    for (;;) {  // both midpoints (in halves of an item) as binary fractions of 2n: the first digit where they differ
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

  Outcome merge_top() {
    Run& a = runs_[depth_ - 2];
    Run b = runs_[depth_ - 1];
    T* left = items_ + a.start;
    T* right = items_ + b.start;
    Word left_count = a.length, right_count = b.length;
    a.length += b.length;
    a.power = b.power;
    --depth_;
    // What already stands where it belongs on both outer sides needs no merging.
    Word skip;
    if (!first_above(right[0], left, left_count, skip)) return Outcome::raised;
    left += skip;
    left_count -= skip;
    if (left_count == 0) return Outcome::sorted;
    if (!last_below(left[left_count - 1], right, right_count, right_count)) return Outcome::raised;
    if (right_count == 0) return Outcome::sorted;
    Word smaller = left_count < right_count ? left_count : right_count;
    if (!reserve(smaller)) return Outcome::out_of_memory;
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

  // How many of the sorted items are <= key (galloping from the front).
  bool first_above(const T& key, const T* items, Word count, Word& found) {
    Word low = 0, high = 1;
    while (high <= count) {
      bool above;
      if (!less_(key, items[high - 1], above)) return false;
      if (above) break;
      low = high;
      high = high * 2 + 1;
    }
    high = high > count ? count : high - 1;
    while (low < high) {
      Word middle = low + (high - low) / 2;
      bool above;
      if (!less_(key, items[middle], above)) return false;
      if (above) high = middle;
      else low = middle + 1;
    }
    found = low;
    return true;
  }
  // How many of the sorted items are < key (galloping from the front).
  bool first_not_below(const T& key, const T* items, Word count, Word& found) {
    Word low = 0, high = 1;
    while (high <= count) {
      bool below;
      if (!less_(items[high - 1], key, below)) return false;
      if (!below) break;
      low = high;
      high = high * 2 + 1;
    }
    high = high > count ? count : high - 1;
    while (low < high) {
      Word middle = low + (high - low) / 2;
      bool below;
      if (!less_(items[middle], key, below)) return false;
      if (below) low = middle + 1;
      else high = middle;
    }
    found = low;
    return true;
  }
  // The same numbers, galloping from the back.
  bool last_below(const T& key, const T* items, Word count, Word& found) {
    Word low = 0, high = count;
    for (Word back = 1; back <= count; back = back * 2 + 1) {
      bool below;
      if (!less_(items[count - back], key, below)) return false;
      if (below) {
        low = count - back + 1;
        break;
      }
      high = count - back;
    }
    while (low < high) {
      Word middle = low + (high - low) / 2;
      bool below;
      if (!less_(items[middle], key, below)) return false;
      if (below) low = middle + 1;
      else high = middle;
    }
    found = low;
    return true;
  }
  bool last_not_above(const T& key, const T* items, Word count, Word& found) {
    Word low = 0, high = count;
    for (Word back = 1; back <= count; back = back * 2 + 1) {
      bool above;
      if (!less_(key, items[count - back], above)) return false;
      if (!above) {
        low = count - back + 1;
        break;
      }
      high = count - back;
    }
    while (low < high) {
      Word middle = low + (high - low) / 2;
      bool above;
      if (!less_(key, items[middle], above)) return false;
      if (above) high = middle;
      else low = middle + 1;
    }
    found = low;
    return true;
  }

  static void copy(T* to, const T* from, Word count) {
    std::memcpy(static_cast<void*>(to), from, static_cast<size_t>(count) * sizeof(T));
  }
  static void move(T* to, const T* from, Word count) {
    std::memmove(static_cast<void*>(to), from, static_cast<size_t>(count) * sizeof(T));
  }

  // The left side waits in room_; gaps open at `out` and are filled from both sides. On failure the rest of the left
  // side goes into the gap, which is exactly as large.
  bool merge_forward(T* left, Word left_count, T* right, Word right_count) {
    copy(room_, left, left_count);
    const T* a = room_;
    T* out = left;
    const T* b = right;
    Word left_wins = 0, right_wins = 0;
    bool fine = true;
    while (left_count > 0 && right_count > 0) {
      bool right_first;
      fine = less_(*b, *a, right_first);
      if (!fine) break;
      if (right_first) {
        *out++ = *b++;
        --right_count;
        ++right_wins;
        left_wins = 0;
      } else {
        *out++ = *a++;
        --left_count;
        ++left_wins;
        right_wins = 0;
      }
      if (left_wins >= kGallopAfter && left_count > 0 && right_count > 0) {
        Word block;
        fine = first_above(*b, a, left_count, block);
        if (!fine) break;
        copy(out, a, block);
        out += block;
        a += block;
        left_count -= block;
        if (block < kGallopAfter) left_wins = 0;
      } else if (right_wins >= kGallopAfter && left_count > 0 && right_count > 0) {
        Word block;
        fine = first_not_below(*a, b, right_count, block);
        if (!fine) break;
        move(out, b, block);
        out += block;
        b += block;
        right_count -= block;
        if (block < kGallopAfter) right_wins = 0;
      }
    }
    copy(out, a, left_count);
    return fine;
  }

  bool merge_backward(T* left, Word left_count, T* right, Word right_count) {
    copy(room_, right, right_count);
    T* out = right + right_count;  // one past the next place
    Word left_wins = 0, right_wins = 0;
    bool fine = true;
    while (left_count > 0 && right_count > 0) {
      bool left_last;
      fine = less_(room_[right_count - 1], left[left_count - 1], left_last);
      if (!fine) break;
      if (left_last) {
        *--out = left[--left_count];
        ++left_wins;
        right_wins = 0;
      } else {
        *--out = room_[--right_count];
        ++right_wins;
        left_wins = 0;
      }
      if (left_wins >= kGallopAfter && left_count > 0 && right_count > 0) {
        Word keep;
        fine = last_not_above(room_[right_count - 1], left, left_count, keep);
        if (!fine) break;
        Word block = left_count - keep;
        out -= block;
        move(out, left + keep, block);
        left_count = keep;
        if (block < kGallopAfter) left_wins = 0;
      } else if (right_wins >= kGallopAfter && left_count > 0 && right_count > 0) {
        Word keep;
        fine = last_below(left[left_count - 1], room_, right_count, keep);
        if (!fine) break;
        Word block = right_count - keep;
        out -= block;
        copy(out, room_ + keep, block);
        right_count = keep;
        if (block < kGallopAfter) right_wins = 0;
      }
    }
    copy(out - right_count, room_, right_count);
    return fine;
  }

  Thread& thread_;
  T* items_;
  Word count_;
  Less& less_;
  T* room_ = nullptr;
  Word room_count_ = 0;
  Run runs_[kMaxRuns];
  int depth_ = 0;
};

}  // namespace dx
