#pragma once
// slice: three values, immutable. Sequences turn one into positions with slice_range.

#include "objects/native.h"
#include "objects/protocol.h"

namespace dx {

struct Slice : Object {
  Field<Object> start, stop, step;
};
template <>
struct TypeCheck<Slice> {
  static bool check(Value value) { return is_exact(value, SHAPE(slice)); }
  static constexpr const char* name = "slice";
};
inline bool is_slice(Value value) { return is_exact(value, SHAPE(slice)); }

// The positions start, start + step, ... (count of them) of a sequence.
struct SliceRange {
  Word start, step, count;
  Word stop() const { return start + count; }  // Requires: step == 1
};
// The three values through __index__, clamped; ValueError for step 0, TypeError "slice indices must
// be integers or None or have an __index__ method". Python may run, so the length is applied
// afterwards: slice_apply(bounds, length now).
struct SliceBounds {
  Word start, stop, step;
};
Result<SliceBounds> slice_bounds(Thread& thread, Borrowed<Slice> self);
SliceRange slice_apply(SliceBounds bounds, Word length);
// slice.indices(length): (start, stop, step) for ints of any size.
AnyResult slice_indices(Thread& thread, Borrowed<Slice> self, Any length);
Result<Ref<Slice>> slice_create(Thread& thread, Any start, Any stop, Any step);

}  // namespace dx
