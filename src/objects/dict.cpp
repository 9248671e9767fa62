// The storage of dict: tables, probing, insertion, removal. The type's Python face is in
// dict_type.cpp, views and iterators in dict_views.cpp.
//
// Three ways to look a key up, from cheap to dear:
//   probe_quick   no Python, no allocation: identity, then str, int, bytes and tuples of them by
//   content; "ask"         its answer when two keys of one hash can only be compared by calling
//   __eq__; find_slow     calls __eq__, and starts again when the dict lost an entry or its table
//   meanwhile.
// Invariant: a key is in `positions` (or in the control bytes of a small table) before
// `entries_used` counts its entry.

#include "objects/dict.h"

#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#include "memory/byte_lock.h"
#include "objects/bytes.h"
#include "objects/float.h"
#include "objects/int.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

void (*dict_watch_hook)(Thread& thread, Borrowed<Dict> self) = nullptr;

namespace {

// ---- control bytes ------------------------------------------------------------------------------
constexpr uint8_t kEmptyControl = 0x80;
constexpr uint8_t kRemovedControl = 0xFE;
constexpr size_t kGroup = 16;
constexpr size_t kSmallMax = 16;  // entries of a table without positions
constexpr size_t kMaxEntries = size_t{1} << 31;

// Multiplying spreads hashes of consecutive ints; the top bits then depend on every bit of the
// hash.
inline uint64_t mix(uint64_t hash) { return (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15u; }
inline uint8_t tag_of(uint64_t mixed) { return static_cast<uint8_t>(mixed >> 57); }
inline size_t group_of(uint64_t mixed) { return static_cast<size_t>(mixed >> 24); }

#if defined(__SANITIZE_THREAD__)
#define DX_DICT_SCALAR 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DX_DICT_SCALAR 1  // reads of control bytes race on purpose: byte by byte they are atomic
#endif
#endif
#if defined(__SSE2__) && !defined(DX_DICT_SCALAR)
inline uint32_t match16(const uint8_t* control, uint8_t byte) {
  __m128i group = _mm_loadu_si128(reinterpret_cast<const __m128i*>(control));
  return static_cast<uint32_t>(
      _mm_movemask_epi8(_mm_cmpeq_epi8(group, _mm_set1_epi8(static_cast<char>(byte)))));
}
inline uint32_t match8(const uint8_t* control, uint8_t byte) {
  __m128i group = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(control));
  return static_cast<uint32_t>(
             _mm_movemask_epi8(_mm_cmpeq_epi8(group, _mm_set1_epi8(static_cast<char>(byte))))) &
         0xFF;
}
// Empty or removed: the bytes with the top bit.
inline uint32_t match16_free(const uint8_t* control) {
  return static_cast<uint32_t>(
      _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(control))));
}
#elif defined(__ARM_NEON) && !defined(DX_DICT_SCALAR)
inline uint32_t match16(const uint8_t* control, uint8_t byte) {
  static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t hits = vandq_u8(vceqq_u8(vld1q_u8(control), vdupq_n_u8(byte)), vld1q_u8(bits));
  return vaddv_u8(vget_low_u8(hits)) | (static_cast<uint32_t>(vaddv_u8(vget_high_u8(hits))) << 8);
}
inline uint32_t match8(const uint8_t* control, uint8_t byte) {
  static const uint8_t bits[8] = {1, 2, 4, 8, 16, 32, 64, 128};
  return vaddv_u8(vand_u8(vceq_u8(vld1_u8(control), vdup_n_u8(byte)), vld1_u8(bits)));
}
#else
inline uint32_t match_bytes(const uint8_t* control, uint8_t byte, int count) {
  uint32_t hits = 0;
  for (int i = 0; i < count; ++i) {
    hits |= static_cast<uint32_t>(__atomic_load_n(control + i, __ATOMIC_ACQUIRE) == byte) << i;
  }
  return hits;
}
inline uint32_t match16(const uint8_t* control, uint8_t byte) {
  return match_bytes(control, byte, 16);
}
inline uint32_t match8(const uint8_t* control, uint8_t byte) {
  return match_bytes(control, byte, 8);
}
#endif
#if !defined(__SSE2__) || defined(DX_DICT_SCALAR)
inline uint32_t match16_free(const uint8_t* control) {
  return match16(control, kEmptyControl) | match16(control, kRemovedControl);
}
#endif

// ---- a table's parts ----------------------------------------------------------------------------
// Tables with positions keep, before the control bytes, the index of their first entry that may be
// live, so that a dict used as a queue (del d[next(iter(d))]) does not walk over all its removed
// entries each time. Too small is harmless.
inline uint32_t* first_of(DictTable* table) {
  return reinterpret_cast<uint32_t*>(reinterpret_cast<char*>(table + 1) +
                                     table->entry_capacity * table->entry_size());
}
inline uint8_t* control_of(DictTable* table) {
  return reinterpret_cast<uint8_t*>(first_of(table)) + (table->slots_log2 ? sizeof(uint32_t) : 0);
}
inline uint32_t first_entry(DictTable* table) {
  return table->slots_log2 ? __atomic_load_n(first_of(table), __ATOMIC_RELAXED) : 0;
}
inline size_t control_bytes(size_t entry_capacity, unsigned slots_log2) {
  return slots_log2 ? size_t{1} << slots_log2 : entry_capacity <= 8 ? 8 : 16;
}
inline size_t position_size(size_t entry_capacity) {
  return entry_capacity <= 0x100 ? 1 : entry_capacity <= 0x10000 ? 2 : 4;
}
// (Entries are multiples of 8 bytes and control bytes of 32, so positions are aligned for their
// size.)
inline uint8_t* positions_of(DictTable* table) {
  return control_of(table) + (size_t{1} << table->slots_log2);
}

// Acquire and release: a reader that matched the control byte of a removed entry may find the
// position of the entry that took its slot, which is complete by then.
inline uint32_t position_at(DictTable* table, size_t slot) {
  uint8_t* positions = positions_of(table);
  if (table->entry_capacity <= 0x100) return __atomic_load_n(positions + slot, __ATOMIC_ACQUIRE);
  if (table->entry_capacity <= 0x10000)
    return __atomic_load_n(reinterpret_cast<uint16_t*>(positions) + slot, __ATOMIC_ACQUIRE);
  return __atomic_load_n(reinterpret_cast<uint32_t*>(positions) + slot, __ATOMIC_ACQUIRE);
}
inline void set_position(DictTable* table, size_t slot, uint32_t position) {
  uint8_t* positions = positions_of(table);
  if (table->entry_capacity <= 0x100) {
    __atomic_store_n(positions + slot, static_cast<uint8_t>(position), __ATOMIC_RELEASE);
  } else if (table->entry_capacity <= 0x10000) {
    __atomic_store_n(reinterpret_cast<uint16_t*>(positions) + slot, static_cast<uint16_t>(position),
                     __ATOMIC_RELEASE);
  } else {
    __atomic_store_n(reinterpret_cast<uint32_t*>(positions) + slot, position, __ATOMIC_RELEASE);
  }
}

inline uint32_t used_of(DictTable* table) {
  return table->entries_used.load(std::memory_order_acquire);
}
inline uint32_t live_of(DictTable* table) { return table->live.load(std::memory_order_relaxed); }
inline DictTable* table_of(Borrowed<Dict> self) {
  return self->table.load(std::memory_order_acquire);
}

inline bool is_exact_str(Value value) { return is_exact(value, SHAPE(str)); }

inline uint64_t hash_of_str(Object* object) {
  Str* text = static_cast<Str*>(object);
  uint64_t hash = text->hash_cache.load(std::memory_order_relaxed);
  return __builtin_expect(hash != 0, 1) ? hash : str_hash(text);
}
inline uint64_t hash_at(DictTable* table, size_t index) {
  return table->str_only ? hash_of_str(table->key(index).raw_relaxed().object())
                         : table->general_entries()[index].hash;
}

// ---- probing ------------------------------------------------------------------------------------
// Goes through the entries whose tag fits a hash; next() gives an entry's index, or -1 after the
// last.
class Prober {
 public:
  Prober(DictTable* table, uint64_t hash) : table_(table), control_(control_of(table)) {
    uint64_t mixed = mix(hash);
    tag_ = tag_of(mixed);
    if (table->slots_log2 == 0) {
      matches_ = table->entry_capacity <= 8 ? match8(control_, tag_) : match16(control_, tag_);
    } else {
      group_mask_ = (size_t{1} << (table->slots_log2 - 4)) - 1;
      group_ = group_of(mixed) & group_mask_;
      matches_ = match16(control_ + group_ * kGroup, tag_);
    }
    std::atomic_thread_fence(std::memory_order_acquire);
  }
  Word next() {
    for (;;) {
      if (matches_) {
        size_t at = static_cast<size_t>(__builtin_ctz(matches_));
        matches_ &= matches_ - 1;
        if (table_->slots_log2 == 0) return static_cast<Word>(at);
        slot_ = group_ * kGroup + at;
        return position_at(table_, slot_);
      }
      if (table_->slots_log2 == 0) return -1;
      if (match16(control_ + group_ * kGroup, kEmptyControl)) return -1;
      if (step_ > group_mask_)
        return -1;  // every group seen: only a torn view of a dying table gets here
      group_ = (group_ + ++step_) & group_mask_;
      matches_ = match16(control_ + group_ * kGroup, tag_);
      std::atomic_thread_fence(std::memory_order_acquire);
    }
  }
  size_t slot() const {
    return slot_;
  }  // of the entry last returned; only in tables with positions

 private:
  DictTable* table_;
  uint8_t* control_;
  size_t group_mask_ = 0, group_ = 0, step_ = 0, slot_ = 0;
  uint32_t matches_;
  uint8_t tag_;
};

constexpr Word kFoundNothing = -1;
constexpr Word kMustAsk = -2;

inline QuickEqual match_key(DictTable* table, size_t index, Value key, uint64_t hash,
                            bool key_is_str) {
  Value candidate = table->key(index).raw();
  if (candidate == key) return QuickEqual::yes;
  if (candidate.is_empty()) return QuickEqual::no;
  if (table->str_only) {
    if (hash_of_str(candidate.object()) != hash) return QuickEqual::no;
    if (key_is_str) {
      return str_equal(static_cast<Str*>(candidate.object()), static_cast<Str*>(key.object()))
                 ? QuickEqual::yes
                 : QuickEqual::no;
    }
    return key.is_object() ? QuickEqual::ask : QuickEqual::no;  // no immediate equals a str
  }
  if (table->general_entries()[index].hash != hash) return QuickEqual::no;
  return quick_equal(candidate, key);
}

// Index of key's entry, kFoundNothing, or kMustAsk.
Word probe_fully(DictTable* table, Value key, uint64_t hash);

// The first entry whose tag fits: mostly it is the one, or there is none.
struct FirstEntry {
  size_t index;
  char* end;  // behind the entry; null: none in the first group
  Slot& key() const { return reinterpret_cast<Slot*>(end)[-2]; }
  Slot& value() const { return reinterpret_cast<Slot*>(end)[-1]; }
};
enum class FirstLook : uint8_t { found, absent, unclear };

// Whether the entry's key, which is another object, has the content of `key`. False: not, or Python
// has to be asked.
[[gnu::noinline]] bool has_content(DictTable* table, FirstEntry entry, Value key, uint64_t hash) {
  Value candidate = entry.key().raw();
  if (candidate.is_empty()) return false;
  if (!table->str_only) {
    if (reinterpret_cast<uint64_t*>(entry.end)[-3] != hash) return false;
    return quick_equal(candidate, key) == QuickEqual::yes;
  }
  return is_exact_str(key) && hash_of_str(candidate.object()) == hash &&
         str_equal(static_cast<Str*>(candidate.object()), static_cast<Str*>(key.object()));
}

// found: the entry has the very key. Everything about the table is read once, because the fence
// would have it read again.
[[gnu::always_inline]] inline FirstLook probe_same(DictTable* table, Value key, uint64_t hash,
                                                   FirstEntry& entry) {
  const uint64_t mixed = mix(hash);
  const size_t size = table->entry_size(), capacity = table->entry_capacity;
  const unsigned log2 = table->slots_log2;
  char* const entries = reinterpret_cast<char*>(table + 1);
  const uint8_t* control = reinterpret_cast<const uint8_t*>(entries + capacity * size);
  size_t index;
  if (log2 == 0) {
    uint32_t matches =
        capacity <= 8 ? match8(control, tag_of(mixed)) : match16(control, tag_of(mixed));
    std::atomic_thread_fence(std::memory_order_acquire);
    if (matches == 0) return FirstLook::absent;
    index = static_cast<size_t>(__builtin_ctz(matches));
  } else {
    control += sizeof(uint32_t);
    size_t first = (group_of(mixed) & ((size_t{1} << (log2 - 4)) - 1)) * kGroup;
    uint32_t matches = match16(control + first, tag_of(mixed));
    std::atomic_thread_fence(std::memory_order_acquire);
    if (matches == 0) {
      if (match16(control + first, kEmptyControl)) return FirstLook::absent;
      entry.end = nullptr;
      return FirstLook::unclear;
    }
    size_t slot = first + static_cast<size_t>(__builtin_ctz(matches));
    if (__builtin_expect(capacity <= 0x100, 1))
      index = __atomic_load_n(control + (size_t{1} << log2) + slot, __ATOMIC_ACQUIRE);
    else
      index = position_at(table, slot);
  }
  entry.index = index;
  entry.end = entries + (index + 1) * size;
  return __builtin_expect(entry.key().raw() == key, 1) ? FirstLook::found : FirstLook::unclear;
}
inline Word probe_quick(DictTable* table, Value key, uint64_t hash) {
  FirstEntry entry;
  FirstLook look = probe_same(table, key, hash, entry);
  if (__builtin_expect(look == FirstLook::found, 1)) return static_cast<Word>(entry.index);
  if (look == FirstLook::absent) return kFoundNothing;
  if (!key.is_int() && entry.end && has_content(table, entry, key, hash))
    return static_cast<Word>(entry.index);
  return probe_fully(table, key, hash);
}
[[gnu::noinline]] Word probe_fully(DictTable* table, Value key, uint64_t hash) {
  bool key_is_str = is_exact_str(key);
  Prober prober(table, hash);
  for (Word index; (index = prober.next()) >= 0;) {
    QuickEqual answer = match_key(table, static_cast<size_t>(index), key, hash, key_is_str);
    if (__builtin_expect(answer == QuickEqual::yes, 1)) return index;
    if (answer == QuickEqual::ask) return kMustAsk;
  }
  return kFoundNothing;
}

struct Found {
  Word index = kFoundNothing;
  DictTable* table = nullptr;
  uint64_t version = 0;
  uint32_t used = 0;
};

// The lookup that may call __eq__. False: raised. The answer holds as long as table and version
// stay, and "absent" as long as entries_used does too.
bool find_slow(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash, Found& found) {
  bool key_is_str = is_exact_str(key);
restart:
  found.version = self->version.load(std::memory_order_acquire);
  found.table = table_of(self);
  found.index = kFoundNothing;
  if (!found.table) return true;
  found.used = used_of(found.table);
  Prober prober(found.table, hash);
  for (Word index; (index = prober.next()) >= 0;) {
    QuickEqual answer = match_key(found.table, static_cast<size_t>(index), key, hash, key_is_str);
    if (answer == QuickEqual::ask) {
      Value candidate = found.table->key(static_cast<size_t>(index)).raw();
      if (candidate.is_empty()) continue;
      if (is_mine(thread, self.get())) {
        incref(thread, candidate);
      } else if (candidate.is_object() && !try_incref(thread, candidate.object())) {
        goto restart;
      }
      AnyRef owned = AnyRef::adopt(candidate);
      // The table's key is the left operand, as in CPython: which __eq__ runs first is observable.
      Result<bool> same = equal(thread, owned, key);
      drop(thread, std::move(owned));
      if (same.raised()) return false;
      if (self->version.load(std::memory_order_acquire) != found.version) goto restart;
      answer = same.take() ? QuickEqual::yes : QuickEqual::no;
    }
    if (answer == QuickEqual::yes) {
      found.index = index;
      return true;
    }
  }
  return true;
}

// Whether an answer of find_slow still holds. Requires: the lock.
inline bool still_holds(Borrowed<Dict> self, const Found& found, bool absent_matters) {
  if (self->version.load(std::memory_order_relaxed) != found.version) return false;
  if (self->table.load(std::memory_order_relaxed) != found.table) return false;
  return found.index >= 0 || !absent_matters || !found.table || used_of(found.table) == found.used;
}

// ---- making tables ------------------------------------------------------------------------------
size_t table_bytes(size_t entry_capacity, unsigned slots_log2, bool str_only) {
  size_t bytes = sizeof(DictTable) +
                 entry_capacity * (str_only ? sizeof(DictStrEntry) : sizeof(DictEntry)) +
                 control_bytes(entry_capacity, slots_log2);
  return slots_log2 ? bytes + sizeof(uint32_t) + (position_size(entry_capacity) << slots_log2)
                    : bytes;
}

DictTable* table_create(Thread& thread, size_t entry_capacity, bool str_only) {
  unsigned slots_log2 = 0;
  if (entry_capacity > kSmallMax) {
    slots_log2 = 5;
    while ((size_t{1} << slots_log2) / 8 * 7 < entry_capacity) ++slots_log2;
  }
  if (entry_capacity >= kMaxEntries) return nullptr;
  size_t control = control_bytes(entry_capacity, slots_log2);
  DictTable* table = static_cast<DictTable*>(
      allocate_buffer(thread, table_bytes(entry_capacity, slots_log2, str_only)));
  if (!table) return nullptr;
  table->id.store(0, std::memory_order_relaxed);
  table->entry_capacity = static_cast<uint32_t>(entry_capacity);
  table->entries_used.store(0, std::memory_order_relaxed);
  table->live.store(0, std::memory_order_relaxed);
  table->slots_log2 = static_cast<uint8_t>(slots_log2);
  table->str_only = str_only;
  table->watched.store(false, std::memory_order_relaxed);
  table->reserved = 0;
  table->fresh = slots_log2 ? static_cast<uint32_t>((size_t{1} << slots_log2) / 8 * 7)
                            : static_cast<uint32_t>(kSmallMax);
  if (slots_log2) *first_of(table) = 0;
  std::memset(control_of(table), kEmptyControl, control);
  return table;
}

// The smallest comfortable capacity for at least `count` entries when a table grows by itself.
size_t grown_capacity(size_t count) {
  if (count <= 3) return 3;
  if (count <= 6) return 6;
  if (count <= 10) return 10;
  size_t slots = 32;
  while (slots / 8 * 7 < count) slots *= 2;
  // Two sizes for each number of slots: going from one to the other, the index stays as it is.
  return count <= slots * 2 / 3 ? slots * 2 / 3 : slots / 8 * 7;
}

// Makes entry `index` findable. Requires: its key and hash are in place.
void index_entry(DictTable* table, size_t index, uint64_t hash) {
  uint64_t mixed = mix(hash);
  uint8_t* control = control_of(table);
  if (table->slots_log2 == 0) {
    __atomic_store_n(control + index, tag_of(mixed), __ATOMIC_RELEASE);
    return;
  }
  size_t mask = (size_t{1} << (table->slots_log2 - 4)) - 1;
  size_t group = group_of(mixed) & mask;
  for (size_t step = 0;;) {
    uint32_t free = match16_free(control + group * kGroup);
    if (free) {
      size_t slot = group * kGroup + static_cast<size_t>(__builtin_ctz(free));
      if (control[slot] == kEmptyControl) --table->fresh;
      set_position(table, slot, static_cast<uint32_t>(index));
      __atomic_store_n(control + slot, tag_of(mixed), __ATOMIC_RELEASE);
      return;
    }
    group = (group + ++step) & mask;
  }
}

// Makes entries [0, used) of a fresh table findable, holes left out. Requires: nobody else can see
// the table.
template <class Position>
uint32_t index_all_as(DictTable* table, size_t used) {
  // How full each group is, so that the control bytes just written need not be read again: a load
  // of sixteen bytes right after a store of one waits for it. Large tables do without.
  constexpr size_t kCountedGroups = 64;
  uint8_t filled[kCountedGroups] = {};
  uint8_t* control = control_of(table);
  uint8_t* positions = positions_of(table);
  size_t mask = (size_t{1} << (table->slots_log2 - 4)) - 1;
  const bool counted = mask < kCountedGroups;
  uint32_t live = 0;
  for (size_t index = 0; index < used; ++index) {
    if (table->key(index).raw_relaxed().is_empty()) continue;
    uint64_t mixed = mix(hash_at(table, index));
    size_t group = group_of(mixed) & mask, in_group;
    for (size_t step = 0;;) {
      if (counted) {
        in_group = filled[group];
        if (in_group < kGroup) {
          ++filled[group];
          break;
        }
      } else if (uint32_t free = match16(control + group * kGroup, kEmptyControl)) {
        in_group = static_cast<size_t>(__builtin_ctz(free));
        break;
      }
      group = (group + ++step) & mask;
    }
    size_t slot = group * kGroup + in_group;
    Position position = static_cast<Position>(index);
    std::memcpy(positions + slot * sizeof(Position), &position, sizeof(Position));
    control[slot] = tag_of(mixed);
    ++live;
  }
  return live;
}

void index_all(DictTable* table, size_t used) {
  if (table->slots_log2 == 0) {
    for (size_t index = 0; index < used; ++index) {
      if (!table->key(index).raw_relaxed().is_empty())
        control_of(table)[index] = tag_of(mix(hash_at(table, index)));
    }
  } else if (table->entry_capacity <= 0x100) {
    table->fresh -= index_all_as<uint8_t>(table, used);
  } else if (table->entry_capacity <= 0x10000) {
    table->fresh -= index_all_as<uint16_t>(table, used);
  } else {
    table->fresh -= index_all_as<uint32_t>(table, used);
  }
}

}  // namespace

void dict_rehash(Dict* self, uint64_t (*hash_again)(Value key, uint64_t old)) {
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return;
  size_t used = used_of(table);
  if (!table->str_only) {
    for (size_t index = 0; index < used; ++index) {
      Value key = table->key(index).raw_relaxed();
      if (!key.is_empty())
        table->general_entries()[index].hash =
            hash_again(key, table->general_entries()[index].hash);
    }
  }
  std::memset(control_of(table), kEmptyControl,
              control_bytes(table->entry_capacity, table->slots_log2));
  if (table->slots_log2)
    table->fresh = static_cast<uint32_t>((size_t{1} << table->slots_log2) / 8 * 7);
  index_all(table, used);
}

void dict_rehash_places(Dict* self, void (*place)(void* state, const void* from, size_t bytes),
                        void* state) {
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return;
  const auto* start = reinterpret_cast<const uint8_t*>(table);
  size_t bytes = table_bytes(table->entry_capacity, table->slots_log2, table->str_only);
  // Of a table of texts the entries stay as they are.
  const uint8_t* from = table->str_only ? control_of(table) : start;
  place(state, from, static_cast<size_t>(start + bytes - from));
  if (table->slots_log2) place(state, start, sizeof(DictTable));
  for (size_t index = 0; index < used_of(table); ++index) {
    Value key = table->key(index).raw_relaxed();
    if (is_exact(key, SHAPE(str)))
      place(state, &static_cast<Str*>(key.object())->hash_cache, sizeof(uint64_t));
  }
}

void dict_forget_removed(Dict* self) {
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return;
  size_t used = used_of(table);
  for (size_t index = 0; index < used && !table->str_only; ++index) {
    if (table->key(index).raw_relaxed().is_empty()) table->general_entries()[index].hash = 0;
  }
  // Entries not used yet: whatever the buffer held before.
  char* entries = reinterpret_cast<char*>(table + 1);
  std::memset(entries + used * table->entry_size(), 0,
              (table->entry_capacity - used) * table->entry_size());
}

bool dict_keys_each(Dict* self, bool (*accepts)(Value key)) {
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table || table->str_only) return true;
  for (size_t index = 0; index < used_of(table); ++index) {
    Value key = table->key(index).raw_relaxed();
    if (!key.is_empty() && !accepts(key)) return false;
  }
  return true;
}

namespace {

// Fills the next entry. Takes over the counts of key and value. Requires: room, and the lock.
void append_entry(Object* container, DictTable* table, Value key, uint64_t hash, Value value) {
  size_t index = table->entries_used.load(std::memory_order_relaxed);
  if (!table->str_only) table->general_entries()[index].hash = hash;
  slot_init(container, table->value(index), value);
  slot_init(container, table->key(index), key);
  index_entry(table, index, hash);
  table->live.store(live_of(table) + 1, std::memory_order_relaxed);
  table->entries_used.store(static_cast<uint32_t>(index + 1), std::memory_order_release);
}

inline bool is_full(DictTable* table) {
  return table->entries_used.load(std::memory_order_relaxed) == table->entry_capacity ||
         table->fresh == 0;
}

// Puts a table of this form and capacity in place of the current one and moves the entries over.
// Holes are squeezed out, except from tables so small that an iterator's position should stay
// meaningful (del d[k]; d[k] = v in a loop over d then meets the new entry and raises, as in
// CPython). Null: memory is short. Requires: the lock.
DictTable* replace_table(Thread& thread, Borrowed<Dict> self, size_t entry_capacity, bool str_only,
                         bool keep_holes) {
  DictTable* old = self->table.load(std::memory_order_relaxed);
  DictTable* table = table_create(thread, entry_capacity, str_only);
  if (!table) return nullptr;
  if (old) {
    size_t used = used_of(old);
    size_t filled = 0;
    if (old->str_only == str_only && (keep_holes || used == live_of(old))) {
      std::memcpy(static_cast<void*>(table + 1), old + 1, used * table->entry_size());
      filled = used;
    } else {
      for (size_t index = 0; index < used; ++index) {
        Value key = old->key(index).raw_relaxed();
        if (key.is_empty() && !keep_holes) continue;
        slot_init(self.get(), table->key(filled), key);
        slot_init(self.get(), table->value(filled), old->value(index).raw_relaxed());
        if (!str_only)
          table->general_entries()[filled].hash = key.is_empty() ? 0 : hash_at(old, index);
        ++filled;
      }
    }
    // The same slots and entries: the same index, unless removed keys have used up most of it.
    if (table->slots_log2 && table->slots_log2 == old->slots_log2 && filled == used &&
        used == live_of(old) && old->fresh + used >= table->entry_capacity) {
      size_t size = size_t{1} << table->slots_log2;
      std::memcpy(control_of(table), control_of(old),
                  size + size * position_size(table->entry_capacity));
      table->fresh = old->fresh;
    } else if (!table->slots_log2 && !old->slots_log2 && filled == used) {
      std::memcpy(control_of(table), control_of(old), used);
    } else {
      index_all(table, filled);
    }
    table->live.store(live_of(old), std::memory_order_relaxed);
    table->entries_used.store(static_cast<uint32_t>(filled), std::memory_order_relaxed);
    table->watched.store(old->watched.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  self->table.store(table, std::memory_order_release);
  self->version.store(self->version.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (old) {
    if (is_mine(thread, self.get()))
      free_buffer(thread, old);
    else
      retire_buffer(thread, old);
  }
  return table;
}

// A table with room for one more key of this kind. Null: memory is short. Requires: the lock.
DictTable* make_room(Thread& thread, Borrowed<Dict> self, bool key_is_str) {
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return replace_table(thread, self, grown_capacity(1), key_is_str, false);
  bool str_only = table->str_only && key_is_str;
  if (!is_full(table)) {
    if (str_only == table->str_only) return table;
    return replace_table(thread, self, table->entry_capacity, false, true);
  }
  size_t used = used_of(table), live = live_of(table);
  if (used <= 5 && live < used)
    return replace_table(thread, self, grown_capacity(used + 1), str_only, true);
  bool many_holes = live + live / 3 + 1 <= used;
  // A quarter more than is live at least: with less, a key that comes and goes would have the table
  // made anew each time.
  size_t wanted = live == used ? used + 1 : live + live / 4 + 2;
  if (!many_holes && wanted <= used) wanted = used + 1;
  return replace_table(thread, self, grown_capacity(wanted), str_only, false);
}

// A counted value of an entry; empty when the entry lost it or the table is being left behind (look
// again).
inline Value load_value(Thread& thread, Borrowed<Dict> self, DictTable* table, size_t index) {
  Value value = table->value(index).raw();
  if (is_mine(thread, self.get())) {
    incref(thread, value);
    return value;
  }
  if (value.is_object() && !try_incref(thread, value.object())) return Value{};
  return value;
}

inline void announce(Thread& thread, Borrowed<Dict> self, bool watched) {
  if (__builtin_expect(watched, 0) && dict_watch_hook) dict_watch_hook(thread, self);
}

// Where to write: the entry of key (index >= 0) or nowhere yet. Returns with the lock held through
// `lock`. False: raised.
class WriteProbe {
 public:
  WriteProbe(Thread& thread, Borrowed<Dict> self)
      : thread_(thread), self_(self), lock_(thread, self.get()) {}
  bool find(Any key, uint64_t hash) {
    table = self_->table.load(std::memory_order_relaxed);
    index = table ? probe_quick(table, key, hash) : kFoundNothing;
    // An __eq__ that adds a key at every call must not keep us here for ever when nobody else can
    // be adding.
    for (int attempt = 0; index == kMustAsk; ++attempt) {
      Found found;
      lock_.unlock();
      if (!find_slow(thread_, self_, key, hash, found)) return false;
      lock_.lock_again();
      bool absent_matters = attempt < 100 || !is_mine(thread_, self_.get());
      if (!still_holds(self_, found, absent_matters)) continue;
      table = found.table;
      index = found.index;
    }
    if (index >= 0) this->key = table->key(static_cast<size_t>(index)).raw_relaxed();
    return true;
  }
  void unlock() { lock_.unlock(); }

  Value key;  // the one in the dict, if found
  DictTable* table = nullptr;
  Word index = kFoundNothing;

 private:
  // ObjectLock that can be taken again.
  class Relock {
   public:
    Relock(Thread& thread, Object* object)
        : thread_(thread), object_(object), lock_(std::in_place, thread, object) {}
    void unlock() { lock_.reset(); }
    void lock_again() { lock_.emplace(thread_, object_); }

   private:
    Thread& thread_;
    Object* object_;
    std::optional<ObjectLock> lock_;
  };
  Thread& thread_;
  Borrowed<Dict> self_;
  Relock lock_;
};

// Takes an entry out. Requires: the lock. Gives both counts to the caller.
void remove_entry(Thread& thread, Borrowed<Dict> self, DictTable* table, size_t index, Value& key,
                  Value& value) {
  uint64_t hash = hash_at(table, index);
  uint8_t* control = control_of(table);
  if (table->slots_log2 == 0) {
    __atomic_store_n(control + index, kRemovedControl, __ATOMIC_RELEASE);
  } else {
    Prober prober(table, hash);
    for (Word at; (at = prober.next()) >= 0;) {
      if (static_cast<size_t>(at) != index) continue;
      size_t slot = prober.slot();
      // A group with an empty byte never was full, so no probe went past it: the byte may become
      // empty again.
      bool passed = match16(control + slot / kGroup * kGroup, kEmptyControl) == 0;
      __atomic_store_n(control + slot, passed ? kRemovedControl : kEmptyControl, __ATOMIC_RELEASE);
      if (!passed) ++table->fresh;
      break;
    }
  }
  value = slot_take(thread, self.get(), table->value(index));
  key = slot_take(thread, self.get(), table->key(index));
  table->live.store(live_of(table) - 1, std::memory_order_relaxed);
  if (table->slots_log2 && index == *first_of(table)) {
    uint32_t used = table->entries_used.load(std::memory_order_relaxed);
    uint32_t first = static_cast<uint32_t>(index) + 1;
    while (first < used && table->key(first).raw_relaxed().is_empty()) ++first;
    __atomic_store_n(first_of(table), first, __ATOMIC_RELAXED);
  }
  self->version.store(self->version.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

}  // namespace

// The function behind ==: subclasses that leave it alone (named tuples, most classes) compare as
// their base does.
static inline void* eq_of(const Type* type) {
  return type->slots[static_cast<size_t>(SlotId::eq)].load(std::memory_order_relaxed);
}
static QuickEqual tuples_equal(Tuple* a, Tuple* b, int depth) {
  if (depth >= 4) return QuickEqual::ask;
  const Word size = a->size;
  if (size != b->size) return QuickEqual::no;
  for (Word i = 0; i < size; ++i) {
    Value left = a->item(i), right = b->item(i);
    if (left == right) continue;
    if (left.bits & right.bits & 1) return QuickEqual::no;  // two ints
    QuickEqual same = quick_equal(left, right, depth + 1);
    if (same != QuickEqual::yes) return same;
  }
  return QuickEqual::yes;
}
static QuickEqual instances_equal(Object* left, Object* right, int depth) {
  const void* eq = eq_of(shape_of(left).type);
  if (eq != eq_of(shape_of(right).type)) return QuickEqual::ask;
  if (eq == eq_of(TYPE(tuple)))
    return tuples_equal(static_cast<Tuple*>(left), static_cast<Tuple*>(right), depth);
  if (eq == eq_of(TYPE(object))) return QuickEqual::no;  // by identity, and they are two
  return QuickEqual::ask;
}

QuickEqual quick_equal(Value left, Value right, int depth) {
  if (left == right) return QuickEqual::yes;
  if (left.is_int() && right.is_int()) return QuickEqual::no;
  if (!left.is_object() || !right.is_object()) {
    // A str, bytes or tuple equals no immediate; other pairs may (1 == 1.0 == True, or a class of
    // the user's).
    Value object = left.is_object() ? left : right;
    if (!object.is_object()) return QuickEqual::ask;
    ShapeId shape = object.object()->shape();
    bool never = shape == SHAPE(str) || shape == SHAPE(bytes) || shape == SHAPE(tuple);
    return never ? QuickEqual::no : QuickEqual::ask;
  }
  ShapeId shape = left.object()->shape();
  if (shape != right.object()->shape()) {
    ShapeId other = right.object()->shape();
    bool plain = shape == SHAPE(str) || shape == SHAPE(tuple);
    bool other_plain = other == SHAPE(str) || other == SHAPE(tuple);
    return plain && other_plain ? QuickEqual::no
                                : instances_equal(left.object(), right.object(), depth);
  }
  if (shape == SHAPE(str)) {
    return str_equal(static_cast<Str*>(left.object()), static_cast<Str*>(right.object()))
               ? QuickEqual::yes
               : QuickEqual::no;
  }
  if (shape == SHAPE(bytes)) {
    bool same =
        static_cast<Bytes*>(left.object())->view() == static_cast<Bytes*>(right.object())->view();
    return same ? QuickEqual::yes : QuickEqual::no;
  }
  if (shape == SHAPE(int)) return int_compare(left, right) == 0 ? QuickEqual::yes : QuickEqual::no;
  if (shape == SHAPE(tuple))
    return tuples_equal(static_cast<Tuple*>(left.object()), static_cast<Tuple*>(right.object()),
                        depth);
  return instances_equal(left.object(), right.object(), depth);
}

// A plain TypeError of hash() says what the value was wanted for.
static void raise_unhashable(Thread& thread, Any key, const char* role) {
  if (!thread.exception.is_object() || type_of(thread.exception) != EXCEPTION(TypeError)) return;
  Maybe<Ref<Object>> reason = take_exception(thread);
  (void)raise<TypeError>(thread, "cannot use '{}' as {} ({})", type_name_in(key), role,
                         reason.borrow());
}

Result<uint64_t> key_hash(Thread& thread, Any key, const char* role) {
  Value value = key;
  if (value.is_int()) {
    Word number = small_int_value(value);
    constexpr Word kModulus = (Word{1} << 61) - 1;
    if (__builtin_expect(number > -kModulus && number < kModulus, 1)) {
      return static_cast<uint64_t>(number == -1 ? -2 : number);
    }
  } else if (is_exact_str(value)) {
    return hash_of_str(value.object());
  }
  Result<Word> hashed = hash(thread, key);
  if (__builtin_expect(hashed.raised(), 0)) {
    raise_unhashable(thread, key, role);
    return Raised{};
  }
  return static_cast<uint64_t>(hashed.take());
}

// ---- the interface for C++ ----------------------------------------------------------------------

Result<Ref<Dict>> dict_create(Thread& thread, size_t expected) {
  Object* object = allocate_object(thread, sizeof(Dict), SHAPE(dict), PageKind::traced);
  if (!object) return raise_memory_error(thread);
  Ref<Dict> self = Ref<Dict>::adopt(static_cast<Dict*>(object));
  if (expected) {
    DictTable* table = table_create(thread, expected, true);
    if (!table) return raise_memory_error(thread);
    self->table.store(table, std::memory_order_release);
  }
  return self;
}

Result<Ref<Dict>> dict_from_pairs(Thread& thread, const Value* items, size_t pairs) {
  Ref<Dict> self = TRY(dict_create(thread));
  if (pairs == 0) return self;
  bool str_only = true;
  for (size_t i = 0; i < pairs && str_only; ++i) str_only = is_exact_str(items[2 * i]);
  DictTable* table = table_create(thread, pairs, str_only);
  if (!table) return raise_memory_error(thread);
  if (str_only &&
      pairs <= kSmallMax) {  // nobody sees the table yet, and comparing str runs no Python
    uint8_t* control = control_of(table);
    size_t used = 0;
    for (size_t i = 0; i < pairs; ++i) {
      Value key = items[2 * i], value = items[2 * i + 1];
      uint64_t hash = hash_of_str(key.object());
      uint8_t tag = tag_of(mix(hash));
      uint32_t matches = pairs <= 8 ? match8(control, tag) : match16(control, tag);
      Slot* twin = nullptr;
      for (; matches && !twin; matches &= matches - 1) {
        size_t at = static_cast<size_t>(__builtin_ctz(matches));
        Value known = table->key(at).raw_relaxed();
        if (known == key ||
            str_equal(static_cast<Str*>(known.object()), static_cast<Str*>(key.object())))
          twin = &table->value(at);
      }
      incref(thread, value);
      if (twin) {
        slot_write(thread, self.get(), *twin, value);
        continue;
      }
      incref(thread, key);
      slot_init(self.get(), table->str_entries()[used].key, key);
      slot_init(self.get(), table->str_entries()[used].value, value);
      control[used++] = tag;
    }
    table->live.store(static_cast<uint32_t>(used), std::memory_order_relaxed);
    table->entries_used.store(static_cast<uint32_t>(used), std::memory_order_relaxed);
    self->table.store(table, std::memory_order_release);
    return self;
  }
  self->table.store(table, std::memory_order_release);
  for (size_t i = 0; i < pairs; ++i) TRY(dict_set(thread, self, items[2 * i], items[2 * i + 1]));
  return self;
}

static AnyLookup dict_get_fully(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash);
// The first entry whose tag fits (it ends at `end`) has another key. A call of its own, so that the
// common case needs no room on the stack.
[[gnu::noinline]] static AnyLookup dict_get_content(Thread& thread, Borrowed<Dict> self, Any key,
                                                    uint64_t hash, char* end) {
  FirstEntry entry{0, end};
  if (!key.value().is_int() && end && has_content(table_of(self), entry, key, hash)) {
    Value value = entry.value().raw_relaxed();
    incref(thread, value);
    return AnyLookup::adopt(value);
  }
  return dict_get_fully(thread, self, key, hash);
}
AnyLookup dict_get_hashed(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash) {
  DictTable* table = table_of(self);
  if (!table) return AnyLookup::absent();
  if (__builtin_expect(!is_mine(thread, self.get()), 0))
    return dict_get_fully(thread, self, key, hash);
  FirstEntry entry;
  FirstLook look = probe_same(table, key, hash, entry);
  if (__builtin_expect(look == FirstLook::found, 1)) {
    Value value = entry.value().raw_relaxed();
    incref(thread, value);
    return AnyLookup::adopt(value);
  }
  if (look == FirstLook::absent) return AnyLookup::absent();
  return dict_get_content(thread, self, key, hash, entry.end);
}
[[gnu::noinline]] static AnyLookup dict_get_fully(Thread& thread, Borrowed<Dict> self, Any key,
                                                  uint64_t hash) {
  for (;;) {
    DictTable* table = table_of(self);
    if (!table) return AnyLookup::absent();
    Word index = probe_quick(table, key, hash);
    if (__builtin_expect(index == kMustAsk, 0)) {
      Found found;
      if (!find_slow(thread, self, key, hash, found)) return Raised{};
      table = found.table;
      index = found.index;
    }
    if (index < 0) return AnyLookup::absent();
    Value value = load_value(thread, self, table, static_cast<size_t>(index));
    if (__builtin_expect(!value.is_empty(), 1)) return AnyLookup::adopt(value);
    // Removed under our eyes (then it was absent just now), or the table was left behind with a
    // dead value in it.
    if (table == table_of(self) && table->value(static_cast<size_t>(index)).raw().is_empty())
      return AnyLookup::absent();
  }
}

[[gnu::noinline]] static AnyLookup dict_get_hashing(Thread& thread, Borrowed<Dict> self, Any key) {
  uint64_t hash = TRY(key_hash(thread, key));
  return dict_get_hashed(thread, self, key, hash);
}
AnyLookup dict_get(Thread& thread, Borrowed<Dict> self, Any key) {
  uint64_t hash;
  if (__builtin_expect(!key_hash_quick(key.value(), hash), 0))
    return dict_get_hashing(thread, self, key);
  return dict_get_hashed(thread, self, key, hash);
}

AnyLookup dict_get_str(Thread& thread, Borrowed<Dict> self, Borrowed<Str> key) {
  return dict_get_hashed(thread, self, key, hash_of_str(key.get()));
}

Result<bool> dict_contains(Thread& thread, Borrowed<Dict> self, Any key) {
  uint64_t hash;
  if (!key_hash_quick(key.value(), hash)) hash = TRY(key_hash(thread, key));
  DictTable* table = table_of(self);
  if (!table) return false;
  Word index = probe_quick(table, key, hash);
  if (index == kMustAsk) {
    Found found;
    if (!find_slow(thread, self, key, hash, found)) return Raised{};
    index = found.index;
  }
  return index >= 0;
}

Result<void> dict_set_hashed(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash,
                             Any value) {
  if (__builtin_expect(is_mine(thread, self.get()), 1)) {
    DictTable* table = self->table.load(std::memory_order_relaxed);
    Word index = table ? probe_quick(table, key, hash) : kFoundNothing;
    if (__builtin_expect(index >= 0, 1)) {
      incref(thread, value.value());
      Slot& slot = table->value(static_cast<size_t>(index));
      Value old = slot.raw_relaxed();
      slot.word().store(value.value().bits, std::memory_order_release);
      announce(thread, self, table->watched.load(std::memory_order_relaxed));
      decref(thread, old);
      return {};
    }
    if (__builtin_expect(index == kFoundNothing, 1)) {
      bool key_is_str = is_exact_str(key);
      if (!table || is_full(table) || (table->str_only && !key_is_str)) {
        table = make_room(thread, self, key_is_str);
        if (!table) return raise_memory_error(thread);
      }
      incref(thread, key.value());
      incref(thread, value.value());
      append_entry(self.get(), table, key, hash, value);
      announce(thread, self, table->watched.load(std::memory_order_relaxed));
      return {};
    }
  }
  WriteProbe probe(thread, self);
  if (!probe.find(key, hash)) return Raised{};
  DictTable* table = probe.table;
  publish_into(thread, self.get(), value);
  if (probe.index >= 0) {
    incref(thread, value.value());
    Value old =
        slot_exchange(thread, self.get(), table->value(static_cast<size_t>(probe.index)), value);
    bool watched = table->watched.load(std::memory_order_relaxed);
    probe.unlock();
    announce(thread, self, watched);
    decref(thread, old);
    return {};
  }
  bool key_is_str = is_exact_str(key);
  if (!table || is_full(table) || (table->str_only && !key_is_str)) {
    table = make_room(thread, self, key_is_str);
    if (!table) {
      probe.unlock();
      return raise_memory_error(thread);
    }
  }
  publish_into(thread, self.get(), key);
  incref(thread, key.value());
  incref(thread, value.value());
  append_entry(self.get(), table, key, hash, value);
  bool watched = table->watched.load(std::memory_order_relaxed);
  probe.unlock();
  announce(thread, self, watched);
  return {};
}

Result<void> dict_set(Thread& thread, Borrowed<Dict> self, Any key, Any value) {
  uint64_t hash;
  if (!key_hash_quick(key.value(), hash)) hash = TRY(key_hash(thread, key));
  return dict_set_hashed(thread, self, key, hash, value);
}

Result<void> dict_set_str(Thread& thread, Borrowed<Dict> self, Borrowed<Str> key, Any value) {
  return dict_set_hashed(thread, self, key, hash_of_str(key.get()), value);
}

QuickEqual dict_quick_equal(Thread& thread, Borrowed<Dict> self, Borrowed<Dict> other) {
  if (!is_mine(thread, self.get()) || !is_mine(thread, other.get())) return QuickEqual::ask;
  DictTable* mine = table_of(self);
  DictTable* theirs = table_of(other);
  if (dict_size(self) != dict_size(other)) return QuickEqual::no;
  if (!mine || !theirs) return QuickEqual::yes;
  size_t used = used_of(mine);
  for (size_t index = 0; index < used; ++index) {
    Value key = mine->key(index).raw_relaxed();
    if (key.is_empty()) continue;
    Word found = probe_quick(theirs, key, hash_at(mine, index));
    if (found == kMustAsk) return QuickEqual::ask;
    if (found < 0) return QuickEqual::no;
    QuickEqual same = quick_equal(mine->value(index).raw_relaxed(),
                                  theirs->value(static_cast<size_t>(found)).raw_relaxed());
    if (same != QuickEqual::yes) return same;
  }
  return QuickEqual::yes;
}

void dict_reserve(Thread& thread, Borrowed<Dict> self, size_t more) {
  if (!is_mine(thread, self.get())) return;
  DictTable* table = table_of(self);
  if (!table || table->entry_capacity - used_of(table) >= more ||
      live_of(table) + more >= kMaxEntries / 2)
    return;
  // Without memory it grows, or fails, at the insertion that needs it.
  (void)replace_table(thread, self, grown_capacity(live_of(table) + more), table->str_only, false);
}

AnyResult dict_setdefault(Thread& thread, Borrowed<Dict> self, Any key, Any value) {
  uint64_t hash = TRY(key_hash(thread, key));
  WriteProbe probe(thread, self);
  if (!probe.find(key, hash)) return Raised{};
  DictTable* table = probe.table;
  if (probe.index >= 0) {
    Value present = table->value(static_cast<size_t>(probe.index)).raw_relaxed();
    incref(thread, present);  // the lock keeps it in its slot
    return AnyRef::adopt(present);
  }
  bool key_is_str = is_exact_str(key);
  if (!table || is_full(table) || (table->str_only && !key_is_str)) {
    table = make_room(thread, self, key_is_str);
    if (!table) {
      probe.unlock();
      return raise_memory_error(thread);
    }
  }
  publish_into(thread, self.get(), key);
  publish_into(thread, self.get(), value);
  incref(thread, key.value());
  incref(thread, value.value());
  append_entry(self.get(), table, key, hash, value);
  bool watched = table->watched.load(std::memory_order_relaxed);
  probe.unlock();
  announce(thread, self, watched);
  return share(thread, value);
}

AnyLookup dict_pop_hashed(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash) {
  WriteProbe probe(thread, self);
  if (!probe.find(key, hash)) return Raised{};
  if (probe.index < 0) return AnyLookup::absent();
  Value old_key, value;
  remove_entry(thread, self, probe.table, static_cast<size_t>(probe.index), old_key, value);
  bool watched = probe.table->watched.load(std::memory_order_relaxed);
  probe.unlock();
  announce(thread, self, watched);
  decref(thread, old_key);
  return AnyLookup::adopt(value);
}

AnyLookup dict_pop(Thread& thread, Borrowed<Dict> self, Any key) {
  if (dict_size(self) == 0)
    return AnyLookup::absent();  // as CPython: an empty dict does not hash the key
  uint64_t hash = TRY(key_hash(thread, key));
  return dict_pop_hashed(thread, self, key, hash);
}

Result<bool> dict_delete(Thread& thread, Borrowed<Dict> self, Any key) {
  uint64_t hash = TRY(key_hash(thread, key));
  AnyLookup removed = dict_pop_hashed(thread, self, key, hash);
  if (removed.raised()) return Raised{};
  return removed.found();
}

bool dict_popitem(Thread& thread, Borrowed<Dict> self, Maybe<Ref<Object>>& key,
                  Maybe<Ref<Object>>& value) {
  Value old_key, old_value;
  bool watched;
  {
    ObjectLock lock(thread, self.get());
    DictTable* table = self->table.load(std::memory_order_relaxed);
    if (!table || live_of(table) == 0) return false;
    size_t index = used_of(table);
    while (table->key(--index).raw_relaxed().is_empty()) {
    }
    remove_entry(thread, self, table, index, old_key, old_value);
    watched = table->watched.load(std::memory_order_relaxed);
    if (is_mine(thread, self.get()) && table->id.load(std::memory_order_relaxed) == 0) {
      // Nobody can be reading these entries: hand them out again, so that a stack of items does not
      // wander upwards. (Not in cache-key tables: their entries_used proves absence.)
      table->entries_used.store(static_cast<uint32_t>(index), std::memory_order_release);
      if (first_entry(table) > index) *first_of(table) = static_cast<uint32_t>(index);
      if (table->slots_log2 == 0) control_of(table)[index] = kEmptyControl;
    } else if (size_t used = used_of(table); used > 16 && live_of(table) < used / 2) {
      // Else every popitem walks over all the holes at the end. Short of memory, it just stays
      // slow.
      (void)replace_table(thread, self, grown_capacity(live_of(table) + 1), table->str_only, false);
    }
  }
  announce(thread, self, watched);
  key = Maybe<Ref<Object>>::adopt(old_key);
  value = Maybe<Ref<Object>>::adopt(old_value);
  return true;
}

// A new table with `gap` entries left free before the first one, for keys that are moved to the
// front. Requires: the lock.
static DictTable* open_front(Thread& thread, Borrowed<Dict> self) {
  DictTable* old = self->table.load(std::memory_order_relaxed);
  size_t live = live_of(old), gap = live + 8;
  size_t capacity = grown_capacity(gap + live + live / 2 + kSmallMax);
  DictTable* table = table_create(thread, capacity, old->str_only);
  if (!table) return nullptr;
  for (size_t index = 0; index < gap; ++index) {
    if (!table->str_only) table->general_entries()[index].hash = 0;
    slot_init(self.get(), table->key(index), Value{});
    slot_init(self.get(), table->value(index), Value{});
  }
  table->entries_used.store(static_cast<uint32_t>(gap), std::memory_order_relaxed);
  *first_of(table) = static_cast<uint32_t>(gap);
  size_t used = used_of(old);
  for (size_t index = 0; index < used; ++index) {
    Value key = old->key(index).raw_relaxed();
    if (!key.is_empty())
      append_entry(self.get(), table, key, hash_at(old, index), old->value(index).raw_relaxed());
  }
  table->watched.store(old->watched.load(std::memory_order_relaxed), std::memory_order_relaxed);
  self->table.store(table, std::memory_order_release);
  self->version.store(self->version.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (is_mine(thread, self.get()))
    free_buffer(thread, old);
  else
    retire_buffer(thread, old);
  return table;
}

Result<bool> dict_move_to_end(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash,
                              DictOrder towards) {
  WriteProbe probe(thread, self);
  if (!probe.find(key, hash)) return Raised{};
  if (probe.index < 0) return false;
  DictTable* table = probe.table;
  size_t index = static_cast<size_t>(probe.index);
  bool back = towards == DictOrder::forward;
  if (back) {
    if (index + 1 == used_of(table)) return true;
    if (is_full(table) && !(table = make_room(thread, self, true))) {
      probe.unlock();
      return raise_memory_error(thread);
    }
  } else {
    size_t first = first_entry(table);
    while (table->key(first).raw_relaxed().is_empty()) ++first;
    if (index == first) return true;
    if (table->slots_log2 == 0 || first == 0 || table->fresh == 0) {
      if (!(table = open_front(thread, self))) {
        probe.unlock();
        return raise_memory_error(thread);
      }
    }
  }
  if (table != probe.table) {  // find the entry again, by identity: it is the same key object
    Value wanted = key;
    Word again = probe_quick(table, wanted, hash);
    for (size_t i = 0; again < 0 && i < used_of(table); ++i) {
      Value candidate = table->key(i).raw_relaxed();
      if (!candidate.is_empty() && hash_at(table, i) == hash && candidate == probe.key)
        again = static_cast<Word>(i);
    }
    CHECK(again >= 0);
    index = static_cast<size_t>(again);
  }
  Value moved_key, moved_value;
  remove_entry(thread, self, table, index, moved_key, moved_value);
  if (back) {
    append_entry(self.get(), table, moved_key, hash, moved_value);
  } else {
    size_t first = first_entry(table) - 1;
    if (!table->str_only) table->general_entries()[first].hash = hash;
    table->value(first).word().store(moved_value.bits, std::memory_order_release);
    table->key(first).word().store(moved_key.bits, std::memory_order_release);
    index_entry(table, first, hash);
    table->live.store(live_of(table) + 1, std::memory_order_relaxed);
    __atomic_store_n(first_of(table), static_cast<uint32_t>(first), __ATOMIC_RELEASE);
  }
  return true;
}

bool dict_popfirst(Thread& thread, Borrowed<Dict> self, Maybe<Ref<Object>>& key,
                   Maybe<Ref<Object>>& value) {
  Value old_key, old_value;
  bool watched;
  {
    ObjectLock lock(thread, self.get());
    DictTable* table = self->table.load(std::memory_order_relaxed);
    if (!table || live_of(table) == 0) return false;
    size_t index = first_entry(table);
    while (table->key(index).raw_relaxed().is_empty()) ++index;
    remove_entry(thread, self, table, index, old_key, old_value);
    watched = table->watched.load(std::memory_order_relaxed);
  }
  announce(thread, self, watched);
  key = Maybe<Ref<Object>>::adopt(old_key);
  value = Maybe<Ref<Object>>::adopt(old_value);
  return true;
}

Result<void> dict_clear(Thread& thread, Borrowed<Dict> self) {
  DictTable* old;
  bool mine;
  {
    ObjectLock lock(thread, self.get());
    old = self->table.load(std::memory_order_relaxed);
    if (!old || used_of(old) == 0) return {};
    mine = is_mine(thread, self.get());
    self->table.store(nullptr, std::memory_order_release);
    self->version.store(self->version.load(std::memory_order_relaxed) + 1,
                        std::memory_order_release);
  }
  announce(thread, self, old->watched.load(std::memory_order_relaxed));
  // The slots keep their words: a racing reader fails to revive what dies here. The table goes
  // last, so that a dict that was this thread's alone and got shared by a __del__ below still is
  // not read by anyone.
  size_t used = used_of(old);
  for (size_t index = 0; index < used; ++index) {
    Value key = old->key(index).raw_relaxed(), value = old->value(index).raw_relaxed();
    decref(thread, key);
    decref(thread, value);
  }
  if (mine)
    free_buffer(thread, old);
  else
    retire_buffer(thread, old);
  return {};
}

Result<Ref<Dict>> dict_copy(Thread& thread, Borrowed<Dict> self) {
  Ref<Dict> copy = TRY(dict_create(thread));
  ObjectLock lock(thread, self.get());  // no key or value can go while it is held
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table || live_of(table) == 0) return copy;
  size_t used = used_of(table), live = live_of(table);
  // With few holes and little room to spare the index is right for the copy too.
  if (used <= live + live / 2 && table->entry_capacity <= used * 2) {
    size_t bytes = table_bytes(table->entry_capacity, table->slots_log2, table->str_only);
    DictTable* twin = static_cast<DictTable*>(allocate_buffer(thread, bytes));
    if (!twin) {
      lock.unlock();
      return raise_memory_error(thread);
    }
    std::memcpy(static_cast<void*>(twin), static_cast<const void*>(table), bytes);
    twin->id.store(0, std::memory_order_relaxed);
    twin->watched.store(false, std::memory_order_relaxed);
    for (size_t index = 0; index < used; ++index) {
      incref(thread, twin->key(index).raw_relaxed());
      incref(thread, twin->value(index).raw_relaxed());
    }
    copy->table.store(twin, std::memory_order_release);
    return copy;
  }
  DictTable* fresh = table_create(thread, live, table->str_only);
  if (!fresh) {
    lock.unlock();
    return raise_memory_error(thread);
  }
  for (size_t index = 0; index < used; ++index) {
    Value key = table->key(index).raw_relaxed();
    if (key.is_empty()) continue;
    Value value = table->value(index).raw_relaxed();
    incref(thread, key);
    incref(thread, value);
    append_entry(copy.get(), fresh, key, hash_at(table, index), value);
  }
  copy->table.store(fresh, std::memory_order_release);
  return copy;
}

Result<Ref<Dict>> dict_stable(Thread& thread, Borrowed<Dict> self) {
  if (is_mine(thread, self.get())) return Ref<Dict>::share(thread, self);
  return dict_copy(thread, self);
}

size_t dict_snapshot(Thread& thread, Borrowed<Dict> self, DictPart part, Value* out, size_t room) {
  ObjectLock lock(thread, self.get());
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return 0;
  size_t words = live_of(table) * (part == DictPart::items ? 2 : 1);
  if (words > room) return words;
  size_t used = used_of(table);
  for (size_t index = first_entry(table); index < used; ++index) {
    Value key = table->key(index).raw_relaxed();
    if (key.is_empty()) continue;
    if (part != DictPart::values) {
      incref(thread, key);
      *out++ = key;
    }
    if (part != DictPart::keys) {
      Value value = table->value(index).raw_relaxed();
      incref(thread, value);
      *out++ = value;
    }
  }
  return words;
}

bool dict_walk(Thread& thread, Borrowed<Dict> self, Word& position, DictOrder order, Value* key,
               Value* value) {
  bool mine = is_mine(thread, self.get());
  Word step = order == DictOrder::forward ? 1 : -1;
restart:
  DictTable* table = table_of(self);
  Word used = table ? used_of(table) : 0;
  if (step < 0 && position >= used) return false;  // cleared or made anew meanwhile
  if (table && step > 0 && position < static_cast<Word>(first_entry(table)))
    position = first_entry(table);
  for (; position >= 0 && position < used; position += step) {
    size_t index = static_cast<size_t>(position);
    Value found_key = table->key(index).raw();
    if (found_key.is_empty()) continue;
    Value found_value = value ? table->value(index).raw() : Value{};
    if (mine) {
      if (key) incref(thread, found_key);
      incref(thread, found_value);
    } else {
      if (value && found_value.is_empty()) continue;
      if (key && found_key.is_object() && !try_incref(thread, found_key.object())) {
        if (table == table_of(self) && table->key(index).raw().is_empty()) continue;
        goto restart;
      }
      if (found_value.is_object() && !try_incref(thread, found_value.object())) {
        if (key) decref(thread, found_key);
        goto restart;
      }
    }
    position += step;
    if (key) *key = found_key;
    if (value) *value = found_value;
    return true;
  }
  return false;
}

bool dict_next(Thread& thread, Borrowed<Dict> self, size_t& position, Maybe<Ref<Object>>& key,
               Maybe<Ref<Object>>& value) {
  Word at = static_cast<Word>(position);
  Value found_key, found_value;
  if (!dict_walk(thread, self, at, DictOrder::forward, &found_key, &found_value)) return false;
  position = static_cast<size_t>(at);
  key = Maybe<Ref<Object>>::adopt(found_key);
  value = Maybe<Ref<Object>>::adopt(found_value);
  return true;
}

size_t dict_memory(Borrowed<Dict> self) {
  DictTable* table = table_of(self);
  return sizeof(Dict) + (table ? buffer_capacity(table) : 0);
}

// ---- caches -------------------------------------------------------------------------------------

uint32_t dict_table_id(Thread& thread, Borrowed<Dict> self) {
  constexpr uint64_t kRange = 1024;
  static std::atomic<uint64_t> next_range{1};
  static thread_local uint64_t next = 0, end = 0;

  DictTable* table = table_of(self);
  if (!table) return 0;
  uint32_t id = table->id.load(std::memory_order_acquire);
  if (id) return id;
  if (next == end) {
    next = next_range.load(std::memory_order_relaxed);
    do {
      if (next + kRange > uint64_t{1} << 32) {
        next = end = 0;
        return 0;
      }
    } while (!next_range.compare_exchange_weak(next, next + kRange, std::memory_order_relaxed));
    end = next + kRange;
  }
  uint32_t fresh = static_cast<uint32_t>(next);
  // Another thread may have named the table first: its id stands and ours is used for the next one.
  if (!table->id.compare_exchange_strong(id, fresh, std::memory_order_acq_rel)) return id;
  ++next;
  return fresh;
}

Word dict_entry_index(Borrowed<Dict> self, Borrowed<Str> key) {
  DictTable* table = table_of(self);
  if (!table || !table->str_only || !is_exact_str(key)) return -1;
  return probe_quick(table, key, hash_of_str(key.get()));
}

// ---- layout -------------------------------------------------------------------------------------

static void dict_trace(Object* object, SlotVisitor& visitor) {
  DictTable* table = static_cast<Dict*>(object)->table.load(std::memory_order_acquire);
  if (!table) return;
  if (size_t used = used_of(table)) visitor.range(&table->key(0), table->str_only ? 2 : 3, 2, used);
}

static void dict_drop(Thread& thread, Object* object) {
  DictTable* table = static_cast<Dict*>(object)->table.load(std::memory_order_relaxed);
  if (!table) return;
  const ptrdiff_t stride = table->str_only ? 2 : 3;
  Slot* entry = &table->key(0);
  for (size_t left = used_of(table); left > 0; --left, entry += stride) {
    slot_drop(thread, entry[0]);
    slot_drop(thread, entry[1]);
  }
}

static void dict_destroy(Thread& thread, Object* object) {
  Dict* self = static_cast<Dict*>(object);
  DictTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return;
  if (is_mine(thread, object))
    free_buffer(thread, table);
  else
    retire_buffer(thread, table);
}

extern const Layout dict_layout;
const Layout dict_layout{"dict", sizeof(Dict), true, dict_trace, dict_destroy, nullptr, dict_drop};

}  // namespace dx
