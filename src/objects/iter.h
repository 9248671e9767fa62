#pragma once
// What the builtin iterators share.

#include <initializer_list>

#include "objects/native.h"
#include "objects/protocol.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

// builtins.name, as pickling support needs it ("iter", "reversed", ...).
AnyResult builtin_function(Thread& thread, Borrowed<Str> name);
// (builtins.name, (arguments...)) and, when given, the state: what __reduce__ of an iterator
// returns.
AnyResult reduce_with_builtin(Thread& thread, Borrowed<Str> name,
                              std::initializer_list<Value> arguments, MaybeAny state = {});

// iter(sequence) for types with only __getitem__, and iter(callable, sentinel).
AnyResult sequence_iterator(Thread& thread, Any sequence);
// sequence[index] as iter() and reversed() see it. One type has other items there than it has
// behind [], mmap: bytes, not ints. Whoever inherits its __getitem__ inherits that.
struct OddItems {
  slot_function::Binary getitem;
  AnyResult (*item)(Thread& thread, Any sequence, Word index);
};
extern std::atomic<const OddItems*> odd_items;  // null until there is such a type
AnyResult sequence_item(Thread& thread, Any sequence, Word index);
AnyResult callable_iterator(Thread& thread, Any callable, Any sentinel);

// An instance of an iterator type of ours, its payload zeroed: what allocate_instance makes of a
// type that has neither subclasses nor attributes. Null: raised.
template <class T, PageKind kind = PageKind::traced>
T* iterator_allocate(Thread& thread, const TypeHandle& handle) {
  Object* object = allocate_object(
      thread, sizeof(T), handle.type->instance_shape.load(std::memory_order_acquire), kind);
  if (__builtin_expect(object == nullptr, 0)) (void)raise_memory_error(thread);
  return static_cast<T*>(object);
}

}  // namespace dx
