#pragma once
// set and frozenset: CPython's iteration order (its probe sequence, growth and load rules), written anew.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct SetTable;
struct Set : Object {
  std::atomic<SetTable*> table;
  std::atomic<uint64_t> hash_cache;  // frozenset; 0 = not computed
  std::atomic<Word> used;
};
inline bool is_any_set(Value value) { return has_layout(value, kShapeSet | kShapeFrozenSet); }
template <>
struct TypeCheck<Set> {
  static bool check(Value value) { return is_any_set(value); }
  static constexpr const char* name = "set";
};

Result<Ref<Set>> set_create(Thread& thread);
Result<Ref<Set>> frozenset_from(Thread& thread, Any iterable);
Result<bool> set_add(Thread& thread, Borrowed<Set> self, Any item);      // true: was new
Result<bool> set_contains(Thread& thread, Borrowed<Set> self, Any item);
Result<bool> set_discard(Thread& thread, Borrowed<Set> self, Any item);  // true: was there
Result<void> set_update(Thread& thread, Borrowed<Set> self, Any iterable);
Word set_size(Borrowed<Set> self);
bool set_next(Thread& thread, Borrowed<Set> self, size_t& position, Maybe<Ref<Object>>& item);

}  // namespace dx
