#pragma once
// tuple: items inline behind the header; they never move, and every item is set before the tuple is
// visible.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct Tuple : Object {
  Word size;
  std::atomic<uint64_t> hash_cache;  // 0 = not computed
  // Items follow the struct (a subclass's slots and attributes follow the items).
  Slot* items() { return reinterpret_cast<Slot*>(this + 1); }
  const Slot* items() const { return reinterpret_cast<const Slot*>(this + 1); }
  // Requires: an owner of the tuple is in scope.
  Any item(Word i) const { return Any(items()[i].raw_relaxed()); }
};
template <>
struct TypeCheck<Tuple> {
  static bool check(Value value) { return has_layout(value, kShapeTuple); }
  static constexpr const char* name = "tuple";
};
inline bool is_tuple(Value value) { return has_layout(value, kShapeTuple); }

struct TupleIterator : Object {  // tuple_iterator
  Field<Tuple> tuple;            // empty once exhausted
  Word index;                    // of the next item
};
extern TypeHandle tuple_iterator_type;

Tuple* tuple_empty();  // immortal
// Items are shared (counted once more).
Result<Ref<Tuple>> tuple_from(Thread& thread, const Value* items, size_t count);
Result<Ref<Tuple>> tuple_of(Thread& thread, std::initializer_list<Value> items);
// Items are moved in: the caller's counts pass to the tuple, also when it raises (they are dropped
// then).
Result<Ref<Tuple>> tuple_adopt(Thread& thread, Value* items, size_t count);
// All items empty: fill with slot_init before anything else can see it. size 0 gives the empty
// tuple.
Result<Ref<Tuple>> tuple_create(Thread& thread, size_t size);
Result<Ref<Tuple>> tuple_slice(Thread& thread, Borrowed<Tuple> self, Word start, Word stop);

// How two tuples order when ints, floats, bools, strs and tuples of them decide it: below 0, 0,
// above 0; or unknown. No Python.
constexpr int kTupleOrderUnknown = 0x7fffffff;
int tuple_order_quick(Borrowed<Tuple> left, Borrowed<Tuple> right, int depth = 0);

}  // namespace dx
