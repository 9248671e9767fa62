#pragma once
// set and frozenset: CPython's iteration order (its probe sequence, growth and load rules), written
// anew.
//
//   Set   table ---> SetTable: mask, fill, occupied, then (mask + 1) x {key, hash}
//         version    null: the empty set, which stands for a table of 8 free entries
//         used
//
// Threads: mutators hold the byte lock; readers are lock-free over the current table, which is
// replaced with release and retired. A probe that must call __eq__ owns the key it compares, and
// starts again when `version` says that a table was replaced or an entry removed meanwhile.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct SetEntry {
  Slot key;       // empty: never used (hash 0) or removed (hash kSetRemoved)
  uint64_t hash;  // accessed as an atomic word
};
constexpr uint64_t kSetRemoved = ~uint64_t{0};  // no key hashes to -1

struct SetTable {
  uint32_t mask;               // entries - 1; a power of two of at least 8 entries
  std::atomic<uint32_t> fill;  // entries in use or removed
  // Bit i: some of the entries i, i + 64, i + 128 ... may hold a key. Walks skip the others: most
  // of a small table is empty. Set after the key, never unset.
  std::atomic<uint64_t> occupied;

  SetEntry* entries() { return reinterpret_cast<SetEntry*>(this + 1); }
  // For who just wrote the entry's key and is the only writer.
  void mark_occupied(size_t index) {
    occupied.store(occupied.load(std::memory_order_relaxed) | uint64_t{1} << (index & 63),
                   std::memory_order_release);
  }
  // The first entry from `index` on that holds a key; above the mask when there is none.
  size_t next_used(size_t index) {
    const uint64_t all = occupied.load(std::memory_order_acquire);
    uint64_t bits = all & ~uint64_t{0} << (index & 63);
    for (size_t block = index & ~size_t{63}; block <= mask; block += 64, bits = all) {
      for (; bits; bits &= bits - 1) {
        size_t at = block + static_cast<size_t>(__builtin_ctzll(bits));
        if (!entries()[at].key.raw_relaxed().is_empty()) return at;
      }
    }
    return size_t{mask} + 1;
  }
};

// The entries that hold a key, in their order, for a table that nobody else writes to:
//   for (UsedEntries walk(table); SetEntry* entry = walk.next();)
class UsedEntries {
 public:
  explicit UsedEntries(SetTable* table) {
    if (!table) return;
    block_ = table->entries();
    blocks_left_ = table->mask / 64;
    bits_ = all_ = table->occupied.load(std::memory_order_relaxed);
  }
  SetEntry* next() {
    for (;;) {
      while (bits_) {
        SetEntry* entry = block_ + __builtin_ctzll(bits_);
        bits_ &= bits_ - 1;
        if (!entry->key.raw_relaxed().is_empty()) return entry;
      }
      if (blocks_left_ == 0) return nullptr;
      --blocks_left_;
      block_ += 64;
      bits_ = all_;
    }
  }

 private:
  SetEntry* block_ = nullptr;
  uint64_t bits_ = 0, all_ = 0;
  uint32_t blocks_left_ = 0;
};

struct Set : Object {
  std::atomic<SetTable*> table;
  std::atomic<uint64_t> hash_cache;  // frozenset; 0 = not computed
  std::atomic<Word> used;
  std::atomic<uint64_t> version;  // grows when the table is replaced or an entry removed
  std::atomic<size_t> finger;     // where pop() looks next
};
inline bool is_any_set(Value value) { return has_layout(value, kShapeSet | kShapeFrozenSet); }
template <>
struct TypeCheck<Set> {
  static bool check(Value value) { return is_any_set(value); }
  static constexpr const char* name = "set";
};

Result<Ref<Set>> set_create(Thread& thread);
Result<Ref<Set>> set_from(Thread& thread, Any iterable);
Result<Ref<Set>> frozenset_from(Thread& thread, Any iterable);
Result<bool> set_add(Thread& thread, Borrowed<Set> self, Any item);  // true: was new
// Without running Python code, growing or raising; false: not done, set_add serves.
bool set_add_quick(Thread& thread, Borrowed<Set> self, Any item);
Result<bool> set_contains(Thread& thread, Borrowed<Set> self, Any item);
Result<bool> set_discard(Thread& thread, Borrowed<Set> self, Any item);  // true: was there
Result<void> set_update(Thread& thread, Borrowed<Set> self, Any iterable);
Result<void> set_add_items(Thread& thread, Borrowed<Set> self,
                           Any sequence);  // Requires: an exact list or tuple
Result<void> set_difference_update(Thread& thread, Borrowed<Set> self, Any iterable);
Result<void> set_symmetric_difference_update(Thread& thread, Borrowed<Set> self, Any iterable);
inline Word set_size(Borrowed<Set> self) { return self->used.load(std::memory_order_relaxed); }
// One item further on; fills the counted item and its hash. False at the end.
bool set_walk(Thread& thread, Borrowed<Set> self, size_t& position, Value& item, uint64_t& hash);
bool set_next(Thread& thread, Borrowed<Set> self, size_t& position, Maybe<Ref<Object>>& item);

// The set itself while it is a frozenset or this thread's alone, else a copy made at one moment:
// what C++ code walks when other threads may be changing the set under it.
Result<Ref<Set>> set_stable(Thread& thread, Borrowed<Set> self);
// Counted items of one moment: how many. When that is more than `room`, nothing is copied.
size_t set_snapshot(Thread& thread, Borrowed<Set> self, Value* out, size_t room);

// ---- for set*.cpp -------------------------------------------------------------------------------
Result<bool> set_add_hashed(Thread& thread, Borrowed<Set> self, Any item, uint64_t hash);
Result<bool> set_discard_hashed(Thread& thread, Borrowed<Set> self, Any item, uint64_t hash);
Result<bool> set_contains_hashed(Thread& thread, Borrowed<Set> self, Any item, uint64_t hash);
Result<void> set_merge(Thread& thread, Borrowed<Set> self, Borrowed<Set> other);
// Room for `expected` more items in one step, by CPython's rule (iteration order depends on it).
Result<void> set_presize(Thread& thread, Borrowed<Set> self, Word expected);
Result<void> set_shed_removed(Thread& thread, Borrowed<Set> self);  // after many removals
// Without Python and without locks, when the sets are this thread's: fills the empty `result` with
// the items of `walked` that are in `asked` (or are not). False: that cannot be told, `result` is
// empty as before.
bool set_filter_quick(Thread& thread, Borrowed<Set> result, Borrowed<Set> walked,
                      Borrowed<Set> asked, bool wanted);
// Whether all items of `inner` are in `outer`, as far as that can be told in the same way: 1, 0, or
// -1 (cannot be told).
int set_within_quick(Thread& thread, Borrowed<Set> inner, Borrowed<Set> outer);
void set_clear(Thread& thread, Borrowed<Set> self);
void set_swap(Thread& thread, Borrowed<Set> self,
              Borrowed<Set> fresh);  // Requires: fresh is this thread's alone
Maybe<Ref<Object>> set_pop(Thread& thread, Borrowed<Set> self);  // empty: the set is
uint64_t set_content_hash(Thread& thread,
                          Borrowed<Set> self);  // what a frozenset of these items hashes to
size_t set_memory(Borrowed<Set> self);
Result<Ref<Set>> set_make(Thread& thread,
                          Borrowed<Type> type);  // an empty set, frozenset or subclass instance

extern TypeHandle set_iterator_type;
// The next item (counted) of a set iterator that is this thread's, when there is nothing unusual;
// empty: ask its __next__, also at the end.
Value set_iterator_quick(Thread& thread, Any iterator);

}  // namespace dx
