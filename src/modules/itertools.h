#pragma once
// What the files of the itertools module share: itertools.cpp (streams), itertools_groups.cpp
// (groupby, tee, batches), itertools_combinatoric.cpp (product, permutations, combinations).

#include "objects/container_support.h"
#include "objects/tuple.h"

namespace dx {

// DX_ITERTOOLS_TYPE(chain) declares chain_spec and chain_type for the module's table.
#define DX_ITERTOOLS_TYPE(id)                  \
  extern const TypeSpec itertools_##id##_spec; \
  extern TypeHandle itertools_##id##_type;
DX_ITERTOOLS_TYPE(count)
DX_ITERTOOLS_TYPE(cycle)
DX_ITERTOOLS_TYPE(repeat)
DX_ITERTOOLS_TYPE(accumulate)
DX_ITERTOOLS_TYPE(chain)
DX_ITERTOOLS_TYPE(compress)
DX_ITERTOOLS_TYPE(dropwhile)
DX_ITERTOOLS_TYPE(takewhile)
DX_ITERTOOLS_TYPE(filterfalse)
DX_ITERTOOLS_TYPE(starmap)
DX_ITERTOOLS_TYPE(islice)
DX_ITERTOOLS_TYPE(pairwise)
DX_ITERTOOLS_TYPE(zip_longest)
DX_ITERTOOLS_TYPE(batched)
DX_ITERTOOLS_TYPE(groupby)
DX_ITERTOOLS_TYPE(grouper)
DX_ITERTOOLS_TYPE(tee)
DX_ITERTOOLS_TYPE(tee_dataobject)
DX_ITERTOOLS_TYPE(product)
DX_ITERTOOLS_TYPE(permutations)
DX_ITERTOOLS_TYPE(combinations)
DX_ITERTOOLS_TYPE(combinations_with_replacement)
#undef DX_ITERTOOLS_TYPE

// A spec for an iterator that only iterates. Methods and repr are given by the types that have
// them.
#define DX_ITERTOOLS_SPEC(id, struct_, doc_, new_function, next_function, ...)                    \
  static const Layout id##_layout{#id, sizeof(struct_), true, trace_fields<struct_, __VA_ARGS__>, \
                                  nullptr};                                                       \
  static const SlotEntry id##_slots[] = {                                                         \
      slot<SlotId::new_, new_function>(),                                                         \
      slot<SlotId::iter, itertools_iter_self>(),                                                  \
      slot<SlotId::next, next_function>(),                                                        \
  };                                                                                              \
  TypeHandle itertools_##id##_type;                                                               \
  const TypeSpec itertools_##id##_spec{                                                           \
      .name = "itertools." #id,                                                                   \
      .doc = doc_,                                                                                \
      .flags = kTypeBase | kTypeImmutable,                                                        \
      .layout = &id##_layout,                                                                     \
      .slots = id##_slots,                                                                        \
  };

inline AnyResult itertools_iter_self(Thread& thread, Any self) { return share(thread, self); }
AnyResult itertools_tee(Thread& thread, Any iterable, Word n);

}  // namespace dx
