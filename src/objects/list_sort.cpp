// list.sort. The list is emptied for the time of sorting, so that what key functions and __lt__ see
// and change is an empty list; a change is reported as ValueError, as in CPython.
//
// Keys of one builtin kind are sorted without calling __lt__: small ints and floats as numbers,
// exact str by their characters. Everything else goes through the comparison protocol.

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "memory/byte_lock.h"
#include "objects/container_support.h"
#include "objects/float.h"
#include "objects/list.h"
#include "objects/merge_sort.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {
namespace {

struct Pair {
  Value key, item;
};

enum class KeyKind : uint8_t { any, small_int, immediate_float, latin1, str, tuple };

KeyKind kind_of(Value key) {
  if (key.is_int()) return KeyKind::small_int;
  if (key.is_float()) return KeyKind::immediate_float;
  if (is_exact(key, SHAPE(str))) {
    return static_cast<Str*>(key.object())->kind() == StrKind::one ? KeyKind::latin1 : KeyKind::str;
  }
  if (is_exact(key, SHAPE(tuple)) && static_cast<Tuple*>(key.object())->size > 0)
    return KeyKind::tuple;
  return KeyKind::any;
}

// The kind of all keys.
template <class KeyAt>
KeyKind common_kind(Word count, KeyAt key_at) {
  KeyKind kind = kind_of(key_at(0));
  for (Word i = 1; i < count && kind != KeyKind::any; ++i) {
    KeyKind next = kind_of(key_at(i));
    if (next == kind) continue;
    bool both_str = (next == KeyKind::str || next == KeyKind::latin1) &&
                    (kind == KeyKind::str || kind == KeyKind::latin1);
    kind = both_str ? KeyKind::str : KeyKind::any;
  }
  return kind;
}

inline bool less_latin1(Value a, Value b) {
  Str* left = static_cast<Str*>(a.object());
  Str* right = static_cast<Str*>(b.object());
  size_t common = static_cast<size_t>(std::min(left->length(), right->length()));
  auto* mine = static_cast<const uint8_t*>(left->data());
  auto* theirs = static_cast<const uint8_t*>(right->data());
  if (common >= 8) {
    uint64_t a8, b8;
    std::memcpy(&a8, mine, 8);
    std::memcpy(&b8, theirs, 8);
    if (a8 != b8) {
      if constexpr (std::endian::native == std::endian::big) return a8 < b8;
      return __builtin_bswap64(a8) < __builtin_bswap64(b8);
    }
  } else {
    for (size_t i = 0; i < common; ++i) {
      if (mine[i] != theirs[i]) return mine[i] < theirs[i];
    }
    return left->length() < right->length();
  }
  int order = std::memcmp(left->data(), right->data(), common);
  return order ? order < 0 : left->length() < right->length();
}
inline bool less_of_kind(KeyKind kind, Value a, Value b) {
  switch (kind) {
    case KeyKind::small_int: return static_cast<int64_t>(a.bits) < static_cast<int64_t>(b.bits);
    case KeyKind::immediate_float: return float_decode(a) < float_decode(b);
    case KeyKind::latin1: return less_latin1(a, b);
    default:
      return str_compare(static_cast<Str*>(a.object())->view(),
                         static_cast<Str*>(b.object())->view()) < 0;
  }
}

template <class T>
inline Value key_in(const T& element) {
  if constexpr (std::is_same_v<T, Pair>)
    return element.key;
  else
    return element;
}

template <class T, KeyKind kind>
struct KindLess {
  bool operator()(const T& a, const T& b, bool& answer) {
    answer = less_of_kind(kind, key_in(a), key_in(b));
    return true;
  }
};

template <class T>
struct AnyLess {
  Thread& thread;
  bool operator()(const T& a, const T& b, bool& answer) {
    Value left = key_in(a), right = key_in(b);
    if (is_exact(left, SHAPE(tuple)) && is_exact(right, SHAPE(tuple))) {
      if (int order = tuple_order_quick(Borrowed<Tuple>(left), Borrowed<Tuple>(right));
          order != kTupleOrderUnknown) {
        answer = order < 0;
        return true;
      }
    }
    Result<bool> less = compare_true(thread, left, right, CompareOp::lt);
    if (less.raised()) return false;
    answer = less.take();
    return true;
  }
};

// Tuples whose first items are all of one kind: those decide mostly; equal ones are left to the
// protocol.
template <class T>
struct TupleLess {
  Thread& thread;
  KeyKind first;
  bool operator()(const T& a, const T& b, bool& answer) {
    Value left = static_cast<Tuple*>(key_in(a).object())->item(0),
          right = static_cast<Tuple*>(key_in(b).object())->item(0);
    if (less_of_kind(first, left, right)) {
      answer = true;
      return true;
    }
    if (less_of_kind(first, right, left)) {
      answer = false;
      return true;
    }
    if (decided_by_rest(key_in(a), key_in(b), answer)) return true;
    Result<bool> less = compare_true(thread, key_in(a), key_in(b), CompareOp::lt);
    if (less.raised()) return false;
    answer = less.take();
    return true;
  }

 private:
  // Whether plain items behind the first ones decide: small ints, immediate floats, exact str.
  static bool decided_by_rest(Value a, Value b, bool& answer) {
    Tuple* left = static_cast<Tuple*>(a.object());
    Tuple* right = static_cast<Tuple*>(b.object());
    Word common = std::min(left->size, right->size);
    for (Word i = 1; i < common; ++i) {
      Value x = left->item(i), y = right->item(i);
      if (x == y) continue;
      KeyKind kind = kind_of(x), other = kind_of(y);
      if (kind == KeyKind::latin1 && other == KeyKind::str)
        kind = KeyKind::str;
      else if (kind == KeyKind::str && other == KeyKind::latin1)
        other = KeyKind::str;
      if (kind != other || kind == KeyKind::any || kind == KeyKind::tuple) return false;
      if (less_of_kind(kind, x, y)) {
        answer = true;
        return true;
      }
      if (less_of_kind(kind, y, x)) {
        answer = false;
        return true;
      }
    }
    answer = left->size < right->size;
    return true;
  }
};

template <class T, class Less>
Result<void> run_sort(Thread& thread, T* items, Word count, Less less) {
  using Sort = MergeSort<T, Less>;
  Sort sort(thread, items, count, less);
  typename Sort::Outcome outcome = sort.run();
  if (outcome == Sort::Outcome::sorted) return {};
  if (outcome == Sort::Outcome::out_of_memory) return raise_memory_error(thread);
  return Raised{};
}

// Words of small ints order as the ints do, and equal ones are the same word: any sort will do.
void sort_small_ints(Value* items, Word count) {
  int64_t* words = reinterpret_cast<int64_t*>(items);
  if (std::is_sorted(words, words + count)) return;
  if (std::is_sorted(words, words + count, std::greater<int64_t>()))
    std::reverse(words, words + count);
  else
    std::sort(words, words + count);
}

template <class T>
Result<void> sort_by_kind(Thread& thread, T* items, Word count) {
  KeyKind kind = common_kind(count, [&](Word i) { return key_in(items[i]); });
  switch (kind) {
    case KeyKind::small_int:
      if constexpr (std::is_same_v<T, Value>) {
        sort_small_ints(items, count);
        return {};
      } else {
        return run_sort(thread, items, count, KindLess<T, KeyKind::small_int>{});
      }
    case KeyKind::immediate_float:
      return run_sort(thread, items, count, KindLess<T, KeyKind::immediate_float>{});
    case KeyKind::latin1: return run_sort(thread, items, count, KindLess<T, KeyKind::latin1>{});
    case KeyKind::str: return run_sort(thread, items, count, KindLess<T, KeyKind::str>{});
    case KeyKind::tuple: {
      KeyKind first = common_kind(
          count, [&](Word i) { return static_cast<Tuple*>(key_in(items[i]).object())->item(0); });
      if (first != KeyKind::any && first != KeyKind::tuple) {
        return run_sort(thread, items, count, TupleLess<T>{thread, first});
      }
      return run_sort(thread, items, count, AnyLess<T>{thread});
    }
    case KeyKind::any: return run_sort(thread, items, count, AnyLess<T>{thread});
  }
  return {};
}

// Keys beside items: both are moved together.
Result<void> sort_with_keys(Thread& thread, Value* items, Word count, Any key_function,
                            bool reverse) {
  if (count > (Word{1} << 56)) return raise_memory_error(thread);
  Pair* pairs =
      static_cast<Pair*>(allocate_buffer(thread, static_cast<size_t>(count) * sizeof(Pair)));
  if (!pairs) return raise_memory_error(thread);
  Word filled = 0;
  Result<void> outcome;
  for (; filled < count; ++filled) {
    AnyResult key = call(thread, key_function, Arguments{&items[filled], 1, nullptr});
    if (key.raised()) {
      outcome = Raised{};
      break;
    }
    pairs[filled] = {key.take().release(), items[filled]};
  }
  if (filled == count) {
    if (reverse) std::reverse(pairs, pairs + count);
    outcome = sort_by_kind(thread, pairs, count);
    if (reverse) std::reverse(pairs, pairs + count);
    for (Word i = 0; i < count; ++i) items[i] = pairs[i].item;
  }
  for (Word i = 0; i < filled; ++i) decref(thread, pairs[i].key);
  free_buffer(thread, pairs);
  return outcome;
}

}  // namespace

Result<void> list_sort(Thread& thread, Borrowed<List> self, Any key, bool reverse) {
  // Readers may still hold a shared buffer, so it is sorted in a copy; a buffer of this thread's
  // own in place.
  ListBuffer* buffer;
  bool mine;
  {
    ObjectLock lock(thread, self.get());
    mine = is_mine(thread, self.get());
    buffer = self->buffer.load(std::memory_order_relaxed);
    Word length = buffer->length.load(std::memory_order_relaxed);
    if (length < 2 && key.is_none()) return {};
    if (length == 0) return {};
    if (!mine) {
      ListBuffer* copy = list_buffer_create(thread, length, buffer->strategy);
      if (!copy) {
        lock.unlock();
        return raise_memory_error(thread);
      }
      std::memcpy(static_cast<void*>(copy->values()), buffer->values(),
                  static_cast<size_t>(length) * sizeof(Slot));
      copy->length.store(length, std::memory_order_relaxed);
      retire_buffer(thread, buffer);
      buffer = copy;
    }
    self->buffer.store(list_empty_buffer(), std::memory_order_release);
  }
  Value* items = reinterpret_cast<Value*>(buffer->values());
  Word count = buffer->length.load(std::memory_order_relaxed);

  Result<void> outcome;
  if (!key.is_none()) {
    outcome = sort_with_keys(thread, items, count, key, reverse);
  } else {
    // Reversed before and after, equal items keep their order.
    if (reverse) std::reverse(items, items + count);
    outcome = sort_by_kind(thread, items, count);
    if (reverse) std::reverse(items, items + count);
  }

  ListBuffer* meanwhile;
  {
    ObjectLock lock(thread, self.get());
    meanwhile = self->buffer.load(std::memory_order_relaxed);
    // A key function may have shown the list to other threads, while its items were not in it.
    if (mine && !is_mine(thread, self.get())) {
      for (Word i = 0; i < count; ++i) publish(thread, items[i]);
    }
    self->buffer.store(buffer, std::memory_order_release);
  }
  if (meanwhile == list_empty_buffer()) return outcome;
  // Something was done to the list; what it held meanwhile goes.
  for (Word i = meanwhile->length.load(std::memory_order_relaxed); i-- > 0;) {
    decref(thread, meanwhile->values()[i].raw_relaxed());
  }
  list_buffer_release(thread, self.get(), meanwhile);
  if (outcome.raised()) return outcome;
  return raise<ValueError>(thread, "list modified during sort");
}

}  // namespace dx
