#pragma once
// dict: insertion-ordered entries plus a SwissTable index (control bytes probed 16 at a time), with
// a str-keys-only form.
//
//   Dict     table ---> DictTable header (24 bytes)
//            version    entries        entry_capacity x {key, value}        when all keys are exact
//            str
//                                      entry_capacity x {hash, key, value}  otherwise
//                       control bytes  7 bits of each entry's hash (docs/internals/dicts.md)
//                       positions      which entry a control byte speaks of; absent in tables of up
//                       to 16 entries,
//                                      where control byte i speaks of entry i
//
// Threads: mutators hold the byte lock; readers are lock-free over the current table, which is
// replaced with release and retired. Entries never move inside a table and a key never changes
// within one; a removed entry's slots become empty. A probe that must call __eq__ owns the key it
// compares, and starts again when `version` says that a table was replaced or an entry removed
// meanwhile. A table used as a cache key (globals, builtins, class namespaces) has a 32-bit id that
// is never reused; others have id 0.

#include "objects/native.h"
#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

struct DictStrEntry {
  Slot key;    // empty: removed
  Slot value;  // empty: removed
};
struct DictEntry {
  uint64_t hash;
  Slot key;    // empty: removed
  Slot value;  // empty: removed
};

struct DictTable {
  std::atomic<uint32_t> id;  // 0: not a cache key
  uint32_t entry_capacity;
  std::atomic<uint32_t>
      entries_used;  // filled so far, removed ones included; grows with every key added
  std::atomic<uint32_t> live;
  uint8_t slots_log2;  // 0: no positions (up to 16 entries)
  bool
      str_only;  // all keys are exact str (identity, then characters; no Python); fixed for a table
  std::atomic<bool> watched;  // a write must be announced (compiled code embedded a value)
  uint8_t reserved;
  uint32_t fresh;  // empty control bytes that may still be used up before the table counts as full

  DictStrEntry* str_entries() {
    return reinterpret_cast<DictStrEntry*>(this + 1);
  }  // Requires: str_only
  DictEntry* general_entries() {
    return reinterpret_cast<DictEntry*>(this + 1);
  }  // Requires: !str_only
  size_t entry_size() const { return str_only ? sizeof(DictStrEntry) : sizeof(DictEntry); }
  Slot& key(size_t index) { return *reinterpret_cast<Slot*>(after(index) - 16); }
  Slot& value(size_t index) { return *reinterpret_cast<Slot*>(after(index) - 8); }

 private:
  char* after(size_t index) {
    return reinterpret_cast<char*>(this + 1) + (index + 1) * entry_size();
  }
};
static_assert(sizeof(DictTable) == 24);

struct Dict : Object {
  std::atomic<DictTable*> table;  // null: empty dict
  std::atomic<uint64_t> version;  // grows when the table is replaced or an entry removed
};
template <>
struct TypeCheck<Dict> {
  static bool check(Value value) { return has_layout(value, kShapeDict); }
  static constexpr const char* name = "dict";
};
inline bool is_dict(Value value) { return has_layout(value, kShapeDict); }

Result<Ref<Dict>> dict_create(Thread& thread, size_t expected = 0);
// {key: value, ...} from key, value, key, value ... (shared), as a dict display makes it.
Result<Ref<Dict>> dict_from_pairs(Thread& thread, const Value* items, size_t pairs);
inline Word dict_size(Borrowed<Dict> self) {
  DictTable* table = self->table.load(std::memory_order_acquire);
  return table ? table->live.load(std::memory_order_relaxed) : 0;
}
AnyLookup dict_get(Thread& thread, Borrowed<Dict> self, Any key);  // may run __hash__, __eq__
// Exact str key: runs no Python as long as the dict holds only str keys (else as dict_get).
AnyLookup dict_get_str(Thread& thread, Borrowed<Dict> self, Borrowed<Str> key);
Result<void> dict_set(Thread& thread, Borrowed<Dict> self, Any key,
                      Any value);  // shares key and value
Result<void> dict_set_str(Thread& thread, Borrowed<Dict> self, Borrowed<Str> key, Any value);
Result<bool> dict_delete(Thread& thread, Borrowed<Dict> self, Any key);  // false: was absent
AnyLookup dict_pop(Thread& thread, Borrowed<Dict> self, Any key);
AnyResult dict_setdefault(Thread& thread, Borrowed<Dict> self, Any key, Any value);
Result<void> dict_clear(Thread& thread, Borrowed<Dict> self);
Result<Ref<Dict>> dict_copy(Thread& thread, Borrowed<Dict> self);
Result<void> dict_update(Thread& thread, Borrowed<Dict> self,
                         Any other);  // mapping or pairs, as dict.update
Result<bool> dict_contains(Thread& thread, Borrowed<Dict> self, Any key);
// The last item added, removed: false when the dict is empty.
bool dict_popitem(Thread& thread, Borrowed<Dict> self, Maybe<Ref<Object>>& key,
                  Maybe<Ref<Object>>& value);
// The first item in the order of insertion, likewise.
bool dict_popfirst(Thread& thread, Borrowed<Dict> self, Maybe<Ref<Object>>& key,
                   Maybe<Ref<Object>>& value);
// d[key] of a dict or an instance of a subclass: __missing__, then KeyError.
AnyResult dict_subscript(Thread& thread, Borrowed<Dict> self, Any key);
// Snapshot iteration for C++: position starts at 0; fills counted key and value; false at the end.
bool dict_next(Thread& thread, Borrowed<Dict> self, size_t& position, Maybe<Ref<Object>>& key,
               Maybe<Ref<Object>>& value);

// The dict itself while it is this thread's alone, else a copy made at one moment: what C++ code
// walks when other threads may be changing the dict under it.
Result<Ref<Dict>> dict_stable(Thread& thread, Borrowed<Dict> self);

// One item further on (or back) from an entry's position; counted; null pointers: not wanted.
enum class DictOrder : uint8_t { forward, backward };
bool dict_walk(Thread& thread, Borrowed<Dict> self, Word& position, DictOrder order, Value* key,
               Value* value);
// Makes key the last item (forward) or the first one (backward); false: absent. OrderedDict and
// lru_cache.
Result<bool> dict_move_to_end(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash,
                              DictOrder towards);
size_t dict_memory(Borrowed<Dict> self);  // bytes, table included
// How dict.update and dict.__init__ take their arguments: one mapping or iterable of pairs, then
// keywords.
Result<void> dict_update_arguments(Thread& thread, Borrowed<Dict> self, const char* name,
                                   Arguments arguments);

// The same with the key's hash known (sets and dicts store it).
AnyLookup dict_get_hashed(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash);
Result<void> dict_set_hashed(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash,
                             Any value);
AnyLookup dict_pop_hashed(Thread& thread, Borrowed<Dict> self, Any key, uint64_t hash);
// The hash dicts and sets file a key under: hash(key), without a call for small ints and exact str.
Result<uint64_t> key_hash(Thread& thread, Any key, const char* role = "a dict key");
// The same for keys that need no call: small ints, and exact strs and tuples whose hash is known.
// False: ask key_hash.
inline bool key_hash_quick(Value key, uint64_t& hash) {
  if (key.is_int()) {
    Word number = small_int_value(key);
    constexpr Word kModulus = (Word{1} << 61) - 1;
    hash = static_cast<uint64_t>(number == -1 ? -2 : number);
    return __builtin_expect(number > -kModulus && number < kModulus, 1);
  }
  if (!key.is_object()) return false;
  ShapeId shape = key.object()->shape();
  if (shape == SHAPE(str))
    hash = static_cast<Str*>(key.object())->hash_cache.load(std::memory_order_relaxed);
  else if (shape == SHAPE(tuple))
    hash = static_cast<Tuple*>(key.object())->hash_cache.load(std::memory_order_relaxed);
  else
    return false;
  return hash != 0;
}

// Whether two keys of equal hash are equal, as far as that can be told without running Python.
enum class QuickEqual : uint8_t { no, yes, ask };
QuickEqual quick_equal(Value left, Value right, int depth = 0);

// ---- caches of globals, builtins, namespaces
// ------------------------------------------------------------------------------- Gives the dict's
// current table an id (0 when ids ran out or the dict has no table: do not cache).
uint32_t dict_table_id(Thread& thread, Borrowed<Dict> self);
// Index of key's entry in the current str-only table, or -1. No Python.
Word dict_entry_index(Borrowed<Dict> self, Borrowed<Str> key);
// Called after a write to a dict whose table is `watched` (set at start-up by who embeds values in
// machine code).
extern void (*dict_watch_hook)(Thread& thread, Borrowed<Dict> self);

// ---- views (dict_views.cpp) ---------------------------------------------------------------------
enum class DictPart : uint8_t { keys, values, items };
struct DictView : Object {
  Field<Dict> dict;
  DictPart part;
};
AnyResult dict_view(Thread& thread, Borrowed<Dict> self, DictPart part);
// The dict behind an exact dict (its keys) or an exact view.
Maybe<Ref<Dict>> dict_behind(Thread& thread, Any object, DictPart& part);
// Counted keys, values, or keys and values in turn, of all entries at one moment: how many words.
// When that is more than `room`, nothing is copied.
size_t dict_snapshot(Thread& thread, Borrowed<Dict> self, DictPart part, Value* out, size_t room);
AnyResult dict_iterator(Thread& thread, Borrowed<Dict> self, DictPart part, DictOrder order);

}  // namespace dx
