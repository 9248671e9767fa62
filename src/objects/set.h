#pragma once
// set and frozenset: CPython's iteration order (its probe sequence, growth and load rules), written anew.
//
//   Set   table ---> SetTable: mask, fill, then (mask + 1) x {key, hash}
//         version    null: the empty set, which stands for a table of 8 free entries
//         used
//
// Threads: mutators hold the byte lock; readers are lock-free over the current table, which is replaced with release and
// retired. A probe that must call __eq__ owns the key it compares, and starts again when `version` says that a table was
// replaced or an entry removed meanwhile.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct SetTable;
struct Set : Object {
  std::atomic<SetTable*> table;
  std::atomic<uint64_t> hash_cache;  // frozenset; 0 = not computed
  std::atomic<Word> used;
  std::atomic<uint64_t> version;  // grows when the table is replaced or an entry removed
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
Result<bool> set_add(Thread& thread, Borrowed<Set> self, Any item);      // true: was new
Result<bool> set_contains(Thread& thread, Borrowed<Set> self, Any item);
Result<bool> set_discard(Thread& thread, Borrowed<Set> self, Any item);  // true: was there
Result<void> set_update(Thread& thread, Borrowed<Set> self, Any iterable);
Result<void> set_difference_update(Thread& thread, Borrowed<Set> self, Any iterable);
Result<void> set_symmetric_difference_update(Thread& thread, Borrowed<Set> self, Any iterable);
inline Word set_size(Borrowed<Set> self) { return self->used.load(std::memory_order_relaxed); }
bool set_next(Thread& thread, Borrowed<Set> self, size_t& position, Maybe<Ref<Object>>& item);

}  // namespace dx
