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
    return !list_set(thread, Borrowed<List>(container), small_int_value(key),
                     share(thread, Any(value)))
                .raised();
  }
  if (is_exact(container, SHAPE(dict)))
    return !dict_set(thread, Borrowed<Dict>(container), Any(key), Any(value)).raised();
  return !set_item(thread, Any(container), Any(key), MaybeAny(value)).raised();
}

namespace {
// The bounds of container[start:stop] when they are None or small ints, for a sequence of this
// length; false: something else.
bool plain_bounds(Value start, Value stop, Word length, Word& from, Word& to) {
  if (!(start.is_int() || start.is_none()) || !(stop.is_int() || stop.is_none())) return false;
  auto place = [&](Word bound) {
    return bound >= length ? length : bound >= 0 ? bound : bound + length > 0 ? bound + length : 0;
  };
  from = start.is_none() ? 0 : place(small_int_value(start));
  to = stop.is_none() ? length : place(small_int_value(stop));
  if (to < from) to = from;
  return true;
}
}  // namespace

Value op_slice(Thread& thread, Value container, Value start, Value stop) {
  Word from, to;
  if (is_exact(container, SHAPE(list)) &&
      plain_bounds(start, stop, list_length(Borrowed<List>(container)), from, to)) {
    return list_slice(thread, Borrowed<List>(container), from, to).release();
  }
  if (is_exact(container, SHAPE(tuple)) &&
      plain_bounds(start, stop, static_cast<Tuple*>(container.object())->size, from, to)) {
    return tuple_slice(thread, Borrowed<Tuple>(container), from, to).release();
  }
  if (is_exact(container, SHAPE(str)) &&
      plain_bounds(start, stop, Borrowed<Str>(container)->length(), from, to) && to > from) {
    return str_substring(thread, Borrowed<Str>(container), from, to).release();
  }
  AnyResult slice = slice_create(thread, Any(start), Any(stop), Any(kNone));
  if (slice.raised()) return Value{};
  AnyRef owned = slice.take();
  return get_item(thread, Any(container), owned).release();
}

bool op_set_slice(Thread& thread, Value container, Value start, Value stop, Value value,
                  bool dies) {
  Word from, to;
  if (is_exact(container, SHAPE(list)) && is_exact(value, SHAPE(list))) {
    Borrowed<List> self(container), items(value);
    Word length = list_length(self);
    if (plain_bounds(start, stop, length, from, to)) {
      if (dies && from == 0 && to == length && list_trade(thread, self, items)) return true;
      if (list_replace_range(thread, self, from, to, items)) return true;
    }
  }
  AnyResult slice = slice_create(thread, Any(start), Any(stop), Any(kNone));
  if (slice.raised()) return false;
  AnyRef owned = slice.take();
  return !set_item(thread, Any(container), owned, MaybeAny(value)).raised();
}

}  // namespace dx
