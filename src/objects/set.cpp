// The storage of set and frozenset. Iteration order is CPython's, because programs' output and
// doctests rely on it: the probe sequence (ten neighbours, then a jump that mixes in more bits of
// the hash), the growth rule and which removed entry is used again are observable through it. The
// Python face is in set_type.cpp.

#include "objects/set.h"

#include <cstring>
#include <utility>
#include <vector>

#include "memory/byte_lock.h"
#include "objects/dict.h"
#include "objects/list.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {
namespace {

constexpr size_t kSmallest = 8;
constexpr size_t kNeighbours =
    9;  // looked at after the first entry, when they do not run past the table's end
constexpr unsigned kPerturbShift = 5;
constexpr Word kFoundNothing = -1;
constexpr Word kMustAsk = -2;

inline uint64_t hash_of(const SetEntry& entry) {
  return __atomic_load_n(&entry.hash, __ATOMIC_ACQUIRE);
}
inline void set_hash(SetEntry& entry, uint64_t hash) {
  __atomic_store_n(&entry.hash, hash, __ATOMIC_RELEASE);
}
inline SetTable* table_of(Borrowed<Set> self) {
  return self->table.load(std::memory_order_acquire);
}
inline size_t fill_of(SetTable* table) {
  return table ? table->fill.load(std::memory_order_acquire) : 0;
}
inline size_t mask_of(SetTable* table) { return table ? size_t{table->mask} : kSmallest - 1; }
inline void bump(Borrowed<Set> self) {
  self->version.store(self->version.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

// Entry indices in the order a hash is looked for.
class ProbePath {
 public:
  ProbePath(size_t mask, uint64_t hash) : mask_(mask), perturb_(hash), base_(hash & mask) {
    enter();
  }
  size_t at() const { return base_ + offset_; }
  void advance() {
    if (offset_ < last_) {
      ++offset_;
      return;
    }
    perturb_ >>= kPerturbShift;
    base_ = (base_ * 5 + 1 + perturb_) & mask_;
    enter();
  }

 private:
  void enter() {
    offset_ = 0;
    last_ = base_ + kNeighbours <= mask_ ? kNeighbours : 0;
  }
  size_t mask_;
  uint64_t perturb_;
  size_t base_, offset_, last_;
};

// Index of key, kFoundNothing (then `unused` is where it would go: the last removed entry on the
// way, as in CPython, or the free one at its end), or kMustAsk.
Word probe_path(SetTable* table, Value key, uint64_t hash, size_t& unused);
[[gnu::always_inline]] inline Word probe_quick(SetTable* table, Value key, uint64_t hash,
                                               size_t& unused) {
  size_t at = hash & table->mask;
  SetEntry& home = table->entries()[at];
  Value there = home.key.raw();
  if (there == key && hash_of(home) == hash) return static_cast<Word>(at);
  if (there.is_empty() && hash_of(home) == 0) {
    unused = at;
    return kFoundNothing;
  }
  return probe_path(table, key, hash, unused);
}
[[gnu::noinline]] Word probe_path(SetTable* table, Value key, uint64_t hash, size_t& unused) {
  SetEntry* entries = table->entries();
  bool passed_removed = false;
  for (ProbePath path(table->mask, hash);; path.advance()) {
    SetEntry& entry = entries[path.at()];
    Value candidate = entry.key.raw();
    uint64_t entry_hash = hash_of(entry);
    if (candidate.is_empty()) {
      if (entry_hash != 0) {
        if (entry_hash == kSetRemoved) unused = path.at();
        passed_removed |= entry_hash == kSetRemoved;
        continue;
      }
      if (!passed_removed) unused = path.at();
      return kFoundNothing;
    }
    if (entry_hash != hash) continue;
    if (candidate == key) return static_cast<Word>(path.at());
    QuickEqual same = quick_equal(candidate, key);
    if (same == QuickEqual::yes) return static_cast<Word>(path.at());
    if (same == QuickEqual::ask) return kMustAsk;
  }
}

struct Found {
  Word index = kFoundNothing;
  size_t unused = 0;
  SetTable* table = nullptr;
  uint64_t version = 0;
  Word used = 0;
};

// The lookup that may call __eq__. False: raised.
bool find_slow(Thread& thread, Borrowed<Set> self, Any key, uint64_t hash, Found& found) {
restart:
  found.version = self->version.load(std::memory_order_acquire);
  found.table = table_of(self);
  found.index = kFoundNothing;
  if (!found.table) return true;
  found.used = set_size(self);
  bool passed_removed = false;
  SetEntry* entries = found.table->entries();
  for (ProbePath path(found.table->mask, hash);; path.advance()) {
    SetEntry& entry = entries[path.at()];
    Value candidate = entry.key.raw();
    uint64_t entry_hash = hash_of(entry);
    if (candidate.is_empty()) {
      if (entry_hash != 0) {
        if (entry_hash == kSetRemoved) found.unused = path.at();
        passed_removed |= entry_hash == kSetRemoved;
        continue;
      }
      if (!passed_removed) found.unused = path.at();
      return true;
    }
    if (entry_hash != hash) continue;
    QuickEqual answer = quick_equal(candidate, key);
    if (answer == QuickEqual::ask) {
      if (is_mine(thread, self.get())) {
        incref(thread, candidate);
      } else if (candidate.is_object() && !try_incref(thread, candidate.object())) {
        goto restart;
      }
      AnyRef owned = AnyRef::adopt(candidate);
      Result<bool> same = equal(thread, owned, key);
      drop(thread, std::move(owned));
      if (same.raised()) return false;
      if (self->version.load(std::memory_order_acquire) != found.version) goto restart;
      answer = same.take() ? QuickEqual::yes : QuickEqual::no;
    }
    if (answer == QuickEqual::yes) {
      found.index = static_cast<Word>(path.at());
      return true;
    }
  }
}

// Finds a key for a writer and returns with the lock held. False: raised.
class WriteProbe {
 public:
  WriteProbe(Thread& thread, Borrowed<Set> self)
      : thread_(thread), self_(self), lock_(std::in_place, thread, self.get()) {}
  bool find(Any key, uint64_t hash) {
    table = self_->table.load(std::memory_order_relaxed);
    index = table ? probe_quick(table, key, hash, unused) : kFoundNothing;
    while (index == kMustAsk) {
      Found found;
      lock_.reset();
      if (!find_slow(thread_, self_, key, hash, found)) return false;
      lock_.emplace(thread_, self_.get());
      if (self_->version.load(std::memory_order_relaxed) != found.version) continue;
      if (self_->table.load(std::memory_order_relaxed) != found.table) continue;
      // Something was added: where the key would go may be taken now.
      if (found.index < 0 && set_size(self_) != found.used) continue;
      table = found.table;
      index = found.index;
      unused = found.unused;
    }
    return true;
  }
  void unlock() { lock_.reset(); }

  SetTable* table = nullptr;
  Word index = kFoundNothing;
  size_t unused = 0;  // where an absent key goes; meaningless without a table

 private:
  Thread& thread_;
  Borrowed<Set> self_;
  std::optional<ObjectLock> lock_;
};

SetTable* table_create(Thread& thread, size_t entries) {
  if (entries > (size_t{1} << 31)) return nullptr;
  size_t bytes = sizeof(SetTable) + entries * sizeof(SetEntry);
  SetTable* table = static_cast<SetTable*>(allocate_buffer(thread, bytes));
  if (!table) return nullptr;
  std::memset(static_cast<void*>(table), 0, bytes);
  table->mask = static_cast<uint32_t>(entries - 1);
  return table;
}

size_t size_above(size_t least) {
  size_t size = kSmallest;
  while (size <= least) size <<= 1;
  return size;
}

// Requires: the key is not in the table, nothing was removed from it, and it has room. Takes over
// the key's count.
void insert_clean(Object* container, SetTable* table, Value key, uint64_t hash) {
  SetEntry* entries = table->entries();
  ProbePath path(table->mask, hash);
  while (!entries[path.at()].key.raw_relaxed().is_empty()) path.advance();
  entries[path.at()].hash = hash;
  slot_init(container, entries[path.at()].key, key);
  table->mark_occupied(path.at());
  table->fill.store(table->fill.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void release_table(Thread& thread, const Object* self, SetTable* table) {
  if (!table) return;
  if (is_mine(thread, self))
    free_buffer(thread, table);
  else
    retire_buffer(thread, table);
}

// Moves all items into a table of more than `least` entries. False: memory is short. Requires: the
// lock.
bool resize(Thread& thread, Borrowed<Set> self, size_t least) {
  SetTable* old = self->table.load(std::memory_order_relaxed);
  size_t size = size_above(least);
  if (size == kSmallest && mask_of(old) == kSmallest - 1 &&
      fill_of(old) == static_cast<size_t>(set_size(self))) {
    return true;  // nothing to gain, as CPython sees it
  }
  SetTable* table = table_create(thread, size);
  if (!table) return false;
  if (old) {
    for (UsedEntries walk(old); SetEntry* entry = walk.next();)
      insert_clean(self.get(), table, entry->key.raw_relaxed(), entry->hash);
  }
  self->table.store(table, std::memory_order_release);
  bump(self);
  release_table(thread, self.get(), old);
  return true;
}

size_t grown(size_t used) { return used > 50000 ? used * 2 : used * 4; }

// Takes entry `index` out; the key's count passes to the caller. Requires: the lock.
Value take_entry(Thread& thread, Borrowed<Set> self, SetTable* table, size_t index) {
  SetEntry& entry = table->entries()[index];
  // The hash goes first: an empty key with hash 0 would end a racing reader's search.
  set_hash(entry, kSetRemoved);
  Value key = slot_take(thread, self.get(), entry.key);
  self->used.store(set_size(self) - 1, std::memory_order_relaxed);
  bump(self);
  return key;
}

}  // namespace

void set_rehash(Set* self, uint64_t (*hash_again)(Value key, uint64_t old)) {
  SetTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return;
  std::vector<std::pair<Value, uint64_t>> items;
  for (size_t i = 0; i <= table->mask; ++i) {
    SetEntry& entry = table->entries()[i];
    Value key = entry.key.raw_relaxed();
    if (!key.is_empty()) items.emplace_back(key, hash_again(key, entry.hash));
  }
  std::memset(static_cast<void*>(table->entries()), 0,
              (size_t{table->mask} + 1) * sizeof(SetEntry));
  table->fill.store(0, std::memory_order_relaxed);
  table->occupied.store(0, std::memory_order_relaxed);
  for (auto [key, hash] : items) insert_clean(self, table, key, hash);
}

void set_rehash_places(Set* self, void (*place)(void* state, const void* from, size_t bytes),
                       void* state) {
  SetTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) return;
  size_t bytes = (size_t{table->mask} + 1) * sizeof(SetEntry);
  place(state, table, sizeof(SetTable));
  place(state, table->entries(), bytes);
  for (size_t i = 0; i <= table->mask; ++i) {
    Value key = table->entries()[i].key.raw_relaxed();
    if (is_exact(key, SHAPE(str)))
      place(state, &static_cast<Str*>(key.object())->hash_cache, sizeof(uint64_t));
  }
}

bool set_keys_each(Set* self, bool (*accepts)(Value key)) {
  SetTable* table = self->table.load(std::memory_order_relaxed);
  for (size_t i = 0; table && i <= table->mask; ++i) {
    Value key = table->entries()[i].key.raw_relaxed();
    if (!key.is_empty() && !accepts(key)) return false;
  }
  return true;
}

// ---- items --------------------------------------------------------------------------------------

Result<bool> set_add_hashed(Thread& thread, Borrowed<Set> self, Any item, uint64_t hash) {
  if (__builtin_expect(is_mine(thread, self.get()), 1)) {
    size_t unused;
    SetTable* table = self->table.load(std::memory_order_relaxed);
    Word index = table ? probe_quick(table, item, hash, unused) : kMustAsk;
    if (index >= 0) return false;
    // The plain case: a free entry, and the table stays as it is.
    if (index == kFoundNothing && table->entries()[unused].hash == 0 &&
        (size_t{table->fill.load(std::memory_order_relaxed)} + 1) * 5 < size_t{table->mask} * 3) {
      incref(thread, item.value());
      table->entries()[unused].hash = hash;
      slot_init(self.get(), table->entries()[unused].key, item);
      table->mark_occupied(unused);
      self->used.store(set_size(self) + 1, std::memory_order_relaxed);
      table->fill.store(table->fill.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return true;
    }
  }
  WriteProbe probe(thread, self);
  if (!probe.find(item, hash)) return Raised{};
  if (probe.index >= 0) return false;
  SetTable* table = probe.table;
  if (!table) {
    table = table_create(thread, kSmallest);
    if (!table) {
      probe.unlock();
      return raise_memory_error(thread);
    }
    self->table.store(table, std::memory_order_release);
    probe.unused = ProbePath(table->mask, hash).at();
  }
  SetEntry& entry = table->entries()[probe.unused];
  bool was_removed = entry.hash == kSetRemoved;
  publish_into(thread, self.get(), item);
  incref(thread, item.value());
  set_hash(entry, hash);
  entry.key.word().store(item.value().bits, std::memory_order_release);
  table->mark_occupied(probe.unused);
  Word used = set_size(self) + 1;
  self->used.store(used, std::memory_order_relaxed);
  if (was_removed) return true;
  size_t fill = size_t{table->fill.load(std::memory_order_relaxed)} + 1;
  table->fill.store(static_cast<uint32_t>(fill), std::memory_order_release);
  if (fill * 5 >= size_t{table->mask} * 3 &&
      !resize(thread, self, grown(static_cast<size_t>(used)))) {
    // The item is in; it stays only if a free entry remains to end searches with.
    if (fill < table->mask) return true;
    Value key = take_entry(thread, self, table, probe.unused);
    probe.unlock();
    decref(thread, key);
    return raise_memory_error(thread);
  }
  return true;
}

Result<bool> set_contains_hashed(Thread& thread, Borrowed<Set> self, Any item, uint64_t hash) {
  SetTable* table = table_of(self);
  if (!table) return false;
  size_t unused;
  Word index = probe_quick(table, item, hash, unused);
  if (index == kMustAsk) {
    Found found;
    if (!find_slow(thread, self, item, hash, found)) return Raised{};
    index = found.index;
  }
  return index >= 0;
}

Result<bool> set_discard_hashed(Thread& thread, Borrowed<Set> self, Any item, uint64_t hash) {
  WriteProbe probe(thread, self);
  if (!probe.find(item, hash)) return Raised{};
  if (probe.index < 0) return false;
  Value key = take_entry(thread, self, probe.table, static_cast<size_t>(probe.index));
  probe.unlock();
  decref(thread, key);
  return true;
}

static constexpr const char* kRole = "a set element";

// The hash to look an item up by: a set is looked for as the frozenset it equals, though it cannot
// be hashed.
static Result<uint64_t> lookup_hash(Thread& thread, Any item) {
  if (!has_layout(item, kShapeSet)) return key_hash(thread, item, kRole);
  Result<Word> hashed = hash(thread, item);
  if (!hashed.raised()) return static_cast<uint64_t>(hashed.take());
  if (!pending_is<TypeError>(thread)) return Raised{};
  clear_exception(thread);
  return set_content_hash(thread, Borrowed<Set>(item.value()));
}

Result<bool> set_add(Thread& thread, Borrowed<Set> self, Any item) {
  uint64_t hash;
  if (!key_hash_quick(item.value(), hash)) hash = TRY(key_hash(thread, item, kRole));
  return set_add_hashed(thread, self, item, hash);
}
bool set_add_quick(Thread& thread, Borrowed<Set> self, Any item) {
  uint64_t hash;
  if (!is_mine(thread, self.get()) || !key_hash_quick(item.value(), hash)) return false;
  size_t unused;
  SetTable* table = self->table.load(std::memory_order_relaxed);
  Word index = table ? probe_quick(table, item, hash, unused) : kMustAsk;
  if (index >= 0) return true;
  size_t fill = table ? size_t{table->fill.load(std::memory_order_relaxed)} + 1 : 0;
  if (index != kFoundNothing || table->entries()[unused].hash != 0 ||
      fill * 5 >= size_t{table->mask} * 3)
    return false;
  incref(thread, item.value());
  table->entries()[unused].hash = hash;
  slot_init(self.get(), table->entries()[unused].key, item);
  table->mark_occupied(unused);
  self->used.store(set_size(self) + 1, std::memory_order_relaxed);
  table->fill.store(fill, std::memory_order_relaxed);
  return true;
}
Result<void> set_add_items(Thread& thread, Borrowed<Set> self, Any sequence) {
  const bool is_list = is_exact(sequence, SHAPE(list));
  for (Word i = 0;; ++i) {
    Value item;
    if (is_list) {
      item = list_item(thread, Borrowed<List>(sequence.value()), i)
                 .release();  // __eq__ may change the list
    } else if (i < static_cast<Tuple*>(sequence.object())->size) {
      item = static_cast<Tuple*>(sequence.object())->item(i).value();
      incref(thread, item);
    }
    if (item.is_empty()) return {};
    Result<bool> added = set_add(thread, self, Any(item));
    decref(thread, item);
    if (__builtin_expect(added.raised(), 0)) return Raised{};
  }
}
Result<bool> set_contains(Thread& thread, Borrowed<Set> self, Any item) {
  uint64_t hash;
  if (!key_hash_quick(item.value(), hash)) hash = TRY(lookup_hash(thread, item));
  return set_contains_hashed(thread, self, item, hash);
}
Result<bool> set_discard(Thread& thread, Borrowed<Set> self, Any item) {
  uint64_t hash;
  if (!key_hash_quick(item.value(), hash)) hash = TRY(lookup_hash(thread, item));
  return set_discard_hashed(thread, self, item, hash);
}

Maybe<Ref<Object>> set_pop(Thread& thread, Borrowed<Set> self) {
  ObjectLock lock(thread, self.get());
  SetTable* table = self->table.load(std::memory_order_relaxed);
  if (set_size(self) == 0) return {};
  size_t index = self->finger.load(std::memory_order_relaxed) & table->mask;
  while (table->entries()[index].key.raw_relaxed().is_empty()) index = (index + 1) & table->mask;
  self->finger.store(index + 1, std::memory_order_relaxed);
  return Maybe<Ref<Object>>::adopt(take_entry(thread, self, table, index));
}

// ---- whole sets ---------------------------------------------------------------------------------

Result<Ref<Set>> set_make(Thread& thread, Borrowed<Type> type) {
  AnyRef made = TRY(allocate_instance(thread, type));
  return Ref<Set>::adopt(made.release());
}

Result<Ref<Set>> set_create(Thread& thread) {
  Object* object = allocate_object(thread, sizeof(Set), SHAPE(set), PageKind::traced);
  if (!object) return raise_memory_error(thread);
  return Ref<Set>::adopt(static_cast<Set*>(object));
}

Result<void> set_presize(Thread& thread, Borrowed<Set> self, Word expected) {
  ObjectLock lock(thread, self.get());
  SetTable* table = self->table.load(std::memory_order_relaxed);
  size_t more = static_cast<size_t>(expected);
  if ((fill_of(table) + more) * 5 < mask_of(table) * 3) return {};
  if (resize(thread, self, (static_cast<size_t>(set_size(self)) + more) * 2)) return {};
  lock.unlock();
  return raise_memory_error(thread);
}

Result<void> set_shed_removed(Thread& thread, Borrowed<Set> self) {
  ObjectLock lock(thread, self.get());
  SetTable* table = self->table.load(std::memory_order_relaxed);
  size_t used = static_cast<size_t>(set_size(self));
  if (!table || fill_of(table) - used <= table->mask / 4) return {};
  if (resize(thread, self, grown(used))) return {};
  lock.unlock();
  return raise_memory_error(thread);
}

// A table like the one `self` would have after taking over other's items, when self is empty (it
// stays so unless another thread adds to it meanwhile: then the items are added one by one).
static Result<void> merge_into_empty(Thread& thread, Borrowed<Set> self, Borrowed<Set> other) {
  size_t size = mask_of(self->table.load(std::memory_order_relaxed)) + 1;
  for (;;) {
    SetTable* fresh = table_create(thread, size);
    if (!fresh) return raise_memory_error(thread);
    ObjectLock lock(thread, other.get());
    SetTable* source = other->table.load(std::memory_order_relaxed);
    size_t count = static_cast<size_t>(set_size(other));
    // Same size and nothing removed: entries are taken over where they stand.
    bool in_place = source && source->mask == fresh->mask && fill_of(source) == count;
    if (!in_place && count * 5 >= size_t{fresh->mask} * 3) {  // it grew meanwhile
      size = size_above(count * 2);
      lock.unlock();
      free_buffer(thread, fresh);
      continue;
    }
    if (in_place) {
      std::memcpy(static_cast<void*>(fresh->entries()), static_cast<const void*>(source->entries()),
                  (size_t{source->mask} + 1) * sizeof(SetEntry));
      fresh->occupied.store(source->occupied.load(std::memory_order_relaxed),
                            std::memory_order_relaxed);
    }
    for (UsedEntries walk(in_place ? fresh : source); SetEntry* entry = walk.next();) {
      Value key = entry->key.raw_relaxed();
      publish_into(thread, self.get(), key);
      incref(thread, key);
      if (!in_place) insert_clean(self.get(), fresh, key, entry->hash);
    }
    fresh->fill.store(static_cast<uint32_t>(count), std::memory_order_relaxed);
    lock.unlock();
    ObjectLock own_lock(thread, self.get());
    SetTable* old = self->table.load(std::memory_order_relaxed);
    if (fill_of(old) == 0) {
      self->used.store(static_cast<Word>(count), std::memory_order_relaxed);
      self->table.store(fresh, std::memory_order_release);
      bump(self);
      own_lock.unlock();
      release_table(thread, self.get(), old);
      return {};
    }
    own_lock.unlock();
    Result<void> outcome;
    for (UsedEntries walk(fresh); SetEntry* entry = walk.next();) {
      AnyRef item = AnyRef::adopt(entry->key.raw_relaxed());
      if (!outcome.raised() && set_add_hashed(thread, self, item, entry->hash).raised())
        outcome = Raised{};
    }
    free_buffer(thread, fresh);
    return outcome;
  }
}

Result<void> set_merge(Thread& thread, Borrowed<Set> self, Borrowed<Set> other) {
  if (self.get() == other.get() || set_size(other) == 0) return {};
  TRY(set_presize(thread, self, set_size(other)));
  if (fill_of(table_of(self)) == 0) return merge_into_empty(thread, self, other);
  if (is_mine(thread, self.get()) && is_mine(thread, other.get())) {
    // As long as no comparison needs Python, nobody changes either set.
    UsedEntries walk(table_of(other));
    SetEntry* entry = walk.next();
    for (; entry; entry = walk.next()) {
      Value key = entry->key.raw_relaxed();
      SetTable* table = table_of(self);
      size_t unused;
      Word found = table ? probe_quick(table, key, entry->hash, unused) : kMustAsk;
      if (found == kMustAsk) break;  // what was added so far is found at once below
      if (found >= 0) continue;
      (void)TRY(set_add_hashed(thread, self, Any(key), entry->hash));
    }
    if (!entry) return {};
  }
  Ref<Set> stable = TRY(set_stable(thread, other));
  size_t position = 0;
  Value item;
  uint64_t hash;
  while (set_walk(thread, stable, position, item, hash)) {
    AnyRef owned = AnyRef::adopt(item);
    (void)TRY(set_add_hashed(thread, self, owned, hash));
  }
  return {};
}

// Adds a key that no item equals. False: memory is short.
static bool add_distinct(Thread& thread, Borrowed<Set> self, Value key, uint64_t hash) {
  SetTable* table = self->table.load(std::memory_order_relaxed);
  if (!table) {
    table = table_create(thread, kSmallest);
    if (!table) return false;
    self->table.store(table, std::memory_order_release);
  }
  incref(thread, key);
  insert_clean(self.get(), table, key, hash);
  Word used = set_size(self) + 1;
  self->used.store(used, std::memory_order_relaxed);
  size_t fill = table->fill.load(std::memory_order_relaxed);
  return fill * 5 < size_t{table->mask} * 3 ||
         resize(thread, self, grown(static_cast<size_t>(used)));
}

bool set_filter_quick(Thread& thread, Borrowed<Set> result, Borrowed<Set> walked,
                      Borrowed<Set> asked, bool wanted) {
  if (!is_mine(thread, result.get()) || !is_mine(thread, walked.get()) ||
      !is_mine(thread, asked.get()))
    return false;
  SetTable* in = table_of(asked);
  for (UsedEntries walk(table_of(walked)); SetEntry* entry = walk.next();) {
    Value key = entry->key.raw_relaxed();
    size_t unused;
    Word found = in ? probe_quick(in, key, entry->hash, unused) : kFoundNothing;
    if (found != kMustAsk && (found >= 0) != wanted) continue;
    if (found == kMustAsk || !add_distinct(thread, result, key, entry->hash)) {
      set_clear(thread, result);
      return false;
    }
  }
  return true;
}

int set_within_quick(Thread& thread, Borrowed<Set> inner, Borrowed<Set> outer) {
  if (!is_mine(thread, inner.get()) || !is_mine(thread, outer.get())) return -1;
  SetTable* in = table_of(outer);
  for (UsedEntries walk(table_of(inner)); SetEntry* entry = walk.next();) {
    size_t unused;
    Word found =
        in ? probe_quick(in, entry->key.raw_relaxed(), entry->hash, unused) : kFoundNothing;
    if (found < 0) return found == kMustAsk ? -1 : 0;
  }
  return 1;
}

void set_clear(Thread& thread, Borrowed<Set> self) {
  SetTable* old;
  bool mine;
  {
    ObjectLock lock(thread, self.get());
    old = self->table.load(std::memory_order_relaxed);
    if (!old) return;
    mine = is_mine(thread, self.get());
    self->table.store(nullptr, std::memory_order_release);
    self->used.store(0, std::memory_order_relaxed);
    bump(self);
  }
  for (UsedEntries walk(old); SetEntry* entry = walk.next();)
    decref(thread, entry->key.raw_relaxed());
  if (mine)
    free_buffer(thread, old);
  else
    retire_buffer(thread, old);
}

void set_swap(Thread& thread, Borrowed<Set> self, Borrowed<Set> fresh) {
  if (!is_mine(thread, self.get())) publish_items_of(thread, fresh.get());
  ObjectLock lock(thread, self.get());
  SetTable* old = self->table.load(std::memory_order_relaxed);
  Word old_used = set_size(self);
  self->used.store(set_size(fresh), std::memory_order_relaxed);
  self->table.store(fresh->table.load(std::memory_order_relaxed), std::memory_order_release);
  self->hash_cache.store(0, std::memory_order_relaxed);
  bump(self);
  lock.unlock();
  // Others may still be reading the old table: then it must be retired, not freed with `fresh`.
  if (is_mine(thread, self.get())) {
    fresh->table.store(old, std::memory_order_relaxed);
    fresh->used.store(old_used, std::memory_order_relaxed);
    return;
  }
  fresh->table.store(nullptr, std::memory_order_relaxed);
  fresh->used.store(0, std::memory_order_relaxed);
  if (!old) return;
  for (UsedEntries walk(old); SetEntry* entry = walk.next();)
    decref(thread, entry->key.raw_relaxed());
  retire_buffer(thread, old);
}

Result<Ref<Set>> set_stable(Thread& thread, Borrowed<Set> self) {
  if (is_mine(thread, self.get()) || has_layout(self, kShapeFrozenSet))
    return Ref<Set>::share(thread, self);
  Ref<Set> copy = TRY(set_create(thread));
  TRY(set_merge(thread, copy, self));
  return copy;
}

size_t set_snapshot(Thread& thread, Borrowed<Set> self, Value* out, size_t room) {
  ObjectLock lock(thread, self.get());
  SetTable* table = self->table.load(std::memory_order_relaxed);
  size_t count = static_cast<size_t>(set_size(self));
  if (count > room) return count;
  for (UsedEntries walk(table); SetEntry* entry = walk.next();) {
    incref(thread, entry->key.raw_relaxed());
    *out++ = entry->key.raw_relaxed();
  }
  return count;
}

bool set_walk(Thread& thread, Borrowed<Set> self, size_t& position, Value& item, uint64_t& hash) {
restart:
  SetTable* table = table_of(self);
  if (!table) return false;
  for (; (position = table->next_used(position)) <= table->mask; ++position) {
    SetEntry& entry = table->entries()[position];
    Value key = entry.key.raw();
    if (key.is_empty()) continue;
    hash = hash_of(entry);
    if (hash == kSetRemoved) continue;
    if (is_mine(thread, self.get()))
      incref(thread, key);
    else if (key.is_object() && !try_incref(thread, key.object()))
      goto restart;
    ++position;
    item = key;
    return true;
  }
  return false;
}

bool set_next(Thread& thread, Borrowed<Set> self, size_t& position, Maybe<Ref<Object>>& item) {
  Value found;
  uint64_t hash;
  if (!set_walk(thread, self, position, found, hash)) return false;
  item = Maybe<Ref<Object>>::adopt(found);
  return true;
}

uint64_t set_content_hash(Thread& thread, Borrowed<Set> self) {
  auto shuffle = [](uint64_t h) { return ((h ^ 89869747u) ^ (h << 16)) * 3644798167u; };
  uint64_t sum = 0;
  {
    ObjectLock lock(thread, self.get());
    SetTable* table = self->table.load(std::memory_order_relaxed);
    for (UsedEntries walk(table); SetEntry* entry = walk.next();) sum ^= shuffle(entry->hash);
    sum ^= (static_cast<uint64_t>(set_size(self)) + 1) * 1927868237u;
  }
  sum ^= (sum >> 11) ^ (sum >> 25);
  sum = sum * 69069u + 907133923u;
  return sum == ~uint64_t{0} ? 590923713u : sum;
}

size_t set_memory(Borrowed<Set> self) {
  SetTable* table = table_of(self);
  return sizeof(Set) + (table ? buffer_capacity(table) : 0);
}

// ---- layout -------------------------------------------------------------------------------------

static void set_trace(Object* object, SlotVisitor& visitor) {
  SetTable* table = static_cast<Set*>(object)->table.load(std::memory_order_acquire);
  if (table) visitor.range(&table->entries()[0].key, 2, 1, size_t{table->mask} + 1);
}

static void set_drop(Thread& thread, Object* object) {
  Set* self = static_cast<Set*>(object);
  SetTable* table = self->table.load(std::memory_order_relaxed);
  for (UsedEntries walk(table); SetEntry* entry = walk.next();) slot_drop(thread, entry->key);
}

static void set_destroy(Thread& thread, Object* object) {
  release_table(thread, object, static_cast<Set*>(object)->table.load(std::memory_order_relaxed));
}

extern const Layout set_layout;
const Layout set_layout{"set", sizeof(Set), true, set_trace, set_destroy, nullptr, set_drop};

}  // namespace dx
