// Subscription: exact builtin containers first, then the protocol.

#include "interpreter/ops.h"
#include "objects/dict.h"
#include "objects/list.h"
#include "objects/slice.h"

namespace dx {

Value op_get_item(Thread& thread, Value container, Value key) {
  if (is_exact(container, SHAPE(dict))) {
    AnyLookup found = dict_get(thread, Borrowed<Dict>(container), Any(key));
    if (found.raised()) return Value{};
    if (found.found()) return found.release();
    (void)raise_key_error(thread, Any(key));
    return Value{};
  }
  return get_item(thread, Any(container), Any(key)).release();
}

bool op_set_item(Thread& thread, Value container, Value key, Value value) {
  if (is_exact(container, SHAPE(list)) && key.is_int() && small_int_value(key) >= 0) {
    return !list_set(thread, Borrowed<List>(container), small_int_value(key), share(thread, Any(value))).raised();
  }
  if (is_exact(container, SHAPE(dict))) return !dict_set(thread, Borrowed<Dict>(container), Any(key), Any(value)).raised();
  return !set_item(thread, Any(container), Any(key), MaybeAny(value)).raised();
}

Value op_slice(Thread& thread, Value container, Value start, Value stop) {
  AnyResult slice = slice_create(thread, Any(start), Any(stop), Any(kNone));
  if (slice.raised()) return Value{};
  AnyRef owned = slice.take();
  return get_item(thread, Any(container), owned).release();
}

bool op_set_slice(Thread& thread, Value container, Value start, Value stop, Value value) {
  AnyResult slice = slice_create(thread, Any(start), Any(stop), Any(kNone));
  if (slice.raised()) return false;
  AnyRef owned = slice.take();
  return !set_item(thread, Any(container), owned, MaybeAny(value)).raised();
}

}  // namespace dx
