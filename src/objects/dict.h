#pragma once
// dict: insertion-ordered entries plus a SwissTable index (control bytes probed 16 at a time), with a str-keys-only form.
//
// Threads: mutators hold the byte lock; readers are lock-free over the current table, which is replaced with release and
// retired. Entries never move inside a table and a key never changes within one; a removed entry's slots become empty. A
// probe that must call __eq__ holds counted references to table and key, releases the lock, calls, compares the dict's
// current table and version, and restarts on change. A table used as a cache key (globals, builtins, class namespaces) has
// a 32-bit id that is never reused; others have id 0.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct DictEntry {
  uint64_t hash;
  Slot key;    // empty: removed
  Slot value;  // empty: removed
};

struct DictTable {
  std::atomic<uint64_t> references;  // held by the dict, and by probes that call Python
  std::atomic<uint32_t> id;          // 0: not a cache key
  uint32_t capacity;                 // index groups x 16 (a power of two)
  uint32_t entry_capacity;
  std::atomic<uint32_t> entries_used;  // filled so far, removed ones included
  std::atomic<uint32_t> live;
  bool str_only;  // all keys are exact str (identity, then characters; no Python)
  std::atomic<bool> watched;  // a write must be announced (compiled code embedded a value)
  DictEntry* entries();
};

struct Dict : Object {
  std::atomic<DictTable*> table;   // null: empty dict
  std::atomic<uint64_t> version;   // grows with every change
};
template <>
struct TypeCheck<Dict> {
  static bool check(Value value) { return has_layout(value, kShapeDict); }
  static constexpr const char* name = "dict";
};
inline bool is_dict(Value value) { return has_layout(value, kShapeDict); }

Result<Ref<Dict>> dict_create(Thread& thread, size_t expected = 0);
Word dict_size(Borrowed<Dict> self);
AnyLookup dict_get(Thread& thread, Borrowed<Dict> self, Any key);                  // may run __hash__, __eq__
// Exact str key: runs no Python as long as the dict holds only str keys (else as dict_get).
AnyLookup dict_get_str(Thread& thread, Borrowed<Dict> self, Borrowed<Str> key);
Result<void> dict_set(Thread& thread, Borrowed<Dict> self, Any key, Any value);    // shares key and value
Result<void> dict_set_str(Thread& thread, Borrowed<Dict> self, Borrowed<Str> key, Any value);
Result<bool> dict_delete(Thread& thread, Borrowed<Dict> self, Any key);            // false: was absent
AnyLookup dict_pop(Thread& thread, Borrowed<Dict> self, Any key);
AnyResult dict_setdefault(Thread& thread, Borrowed<Dict> self, Any key, Any value);
Result<void> dict_clear(Thread& thread, Borrowed<Dict> self);
Result<Ref<Dict>> dict_copy(Thread& thread, Borrowed<Dict> self);
Result<void> dict_update(Thread& thread, Borrowed<Dict> self, Any other);          // mapping or pairs, as dict.update
Result<bool> dict_contains(Thread& thread, Borrowed<Dict> self, Any key);
// Snapshot iteration for C++: position starts at 0; fills counted key and value; false at the end.
bool dict_next(Thread& thread, Borrowed<Dict> self, size_t& position, Maybe<Ref<Object>>& key, Maybe<Ref<Object>>& value);

// ---- caches of globals, builtins, namespaces -------------------------------------------------------------------------------
// Gives the dict's current table an id (0 when ids ran out: do not cache).
uint32_t dict_table_id(Thread& thread, Borrowed<Dict> self);
// Index of key's entry in the current str-only table, or -1. No Python.
Word dict_entry_index(Borrowed<Dict> self, Borrowed<Str> key);

}  // namespace dx
