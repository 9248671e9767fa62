#pragma once
// range: three ints of any size and the number of items; immutable. Its two iterators, for small
// and for big ints.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct Range : Object {
  Field<Object> start, stop, step, length;  // ints
};
template <>
struct TypeCheck<Range> {
  static bool check(Value value) { return is_exact(value, SHAPE(range)); }
  static constexpr const char* name = "range";
};
inline bool is_range(Value value) { return is_exact(value, SHAPE(range)); }

Result<Ref<Range>> range_create(Thread& thread, Any start, Any stop,
                                Any step);  // exact ints; ValueError for step 0
AnyResult range_iter(Thread& thread, Borrowed<Range> self);
AnyResult range_reversed(Thread& thread, Borrowed<Range> self);

struct RangeIterator : Object {  // range_iterator: everything fits small ints
  Word next;
  Word step;
  Word left;  // items still to come
};
extern TypeHandle range_iterator_type, longrange_iterator_type;

}  // namespace dx
