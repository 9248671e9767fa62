// Displays, f-strings, slices, unpacking.

#include <vector>

#include "interpreter/ops.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/slice.h"
#include "objects/template.h"

namespace dx {

Value op_build_string(Thread& thread, Value* items, size_t count) {
  return str_join(thread, Borrowed<Str>(str_empty()), items, count).release();
}

Value op_build_set(Thread& thread, Value* items, size_t count) {
  Result<Ref<Set>> made = set_create(thread);
  if (made.raised()) return Value{};
  Ref<Set> set = made.take();
  for (size_t i = 0; i < count; ++i) {
    if (set_add(thread, set, Any(items[i])).raised()) return Value{};
  }
  return set.release();
}

Value op_build_map(Thread& thread, Value* items, size_t pairs) {
  Result<Ref<Dict>> made = dict_create(thread, pairs);
  if (made.raised()) return Value{};
  Ref<Dict> dict = made.take();
  for (size_t i = 0; i < pairs; ++i) {
    if (dict_set(thread, dict, Any(items[2 * i]), Any(items[2 * i + 1])).raised()) return Value{};
  }
  return dict.release();
}

Value op_build_slice(Thread& thread, Value* items, size_t count) {
  return slice_create(thread, Any(items[0]), Any(items[1]), Any(count == 3 ? items[2] : kNone))
      .release();
}

Value op_build_template(Thread& thread, Any strings, Any interpolations) {
  return template_create(thread, strings, interpolations).release();
}

Value op_build_interpolation(Thread& thread, Value* items, unsigned conversion) {
  return interpolation_create(thread, Any(items[0]), Any(items[1]), conversion, Any(items[2]))
      .release();
}

Value op_format(Thread& thread, Any value, MaybeAny spec, unsigned conversion) {
  Maybe<Ref<Object>> converted;
  if (conversion) {
    Result<Ref<Str>> text = conversion == 1   ? str(thread, value)
                            : conversion == 2 ? repr(thread, value)
                                              : ascii(thread, value);
    if (text.raised()) return Value{};
    converted = Maybe<Ref<Object>>(Ref<Object>(text.take()));
    value = converted.borrow();
  }
  return format(thread, value, spec ? Borrowed<Str>(spec.value()) : Borrowed<Str>(str_empty()))
      .release();
}

bool op_list_extend(Thread& thread, Any list, Any iterable) {
  if (!list_extend(thread, Borrowed<List>(list.value()), iterable).raised()) return true;
  if (pending_is<TypeError>(thread) && !has_iter(iterable)) {
    clear_exception(thread);
    (void)raise<TypeError>(thread, "Value after * must be an iterable, not {}",
                           type_name_in(iterable));
  }
  return false;
}

bool op_dict_update(Thread& thread, Any map, Any other) {
  if (!is_dict(other) && !type_lookup(thread, type_of(other), NAME("keys"))) {
    (void)raise<TypeError>(thread, "'{}' object is not a mapping", type_name_in(other));
    return false;
  }
  return !dict_update(thread, Borrowed<Dict>(map.value()), other).raised();
}

namespace {
bool merge_one(Thread& thread, Borrowed<Dict> map, Any key, Any value, Any callable) {
  Result<bool> known = dict_contains(thread, map, key);
  if (known.raised()) return false;
  AnyLookup name = AnyLookup::absent();
  if (known.take() || !is_str(key)) {
    name = lookup_attr(thread, callable, NAME("__qualname__"));
    if (name.raised()) return false;
    Any shown = name.found() ? name.borrow() : callable;
    if (!is_str(key))
      (void)raise<TypeError>(thread, "keywords must be strings");
    else
      (void)raise<TypeError>(thread, "{}() got multiple values for keyword argument '{}'", shown,
                             key);
    return false;
  }
  return !dict_set(thread, map, key, value).raised();
}
}  // namespace

bool op_dict_merge(Thread& thread, Any map, Any other, Any callable) {
  Borrowed<Dict> into(map.value());
  if (is_exact(other, SHAPE(dict))) {
    // Into an empty dict nothing comes twice; f(**d) asks each key whether it is a str when it
    // binds.
    DictTable* table = Borrowed<Dict>(other.value())->table.load(std::memory_order_acquire);
    if (dict_size(into) == 0 && (!table || table->str_only))
      return !dict_update(thread, into, other).raised();
    Result<Ref<Dict>> stable = dict_stable(thread, Borrowed<Dict>(other.value()));
    if (stable.raised()) return false;
    Ref<Dict> walked = stable.take();
    size_t position = 0;
    Maybe<Ref<Object>> key, value;
    while (dict_next(thread, walked, position, key, value)) {
      if (!merge_one(thread, into, key.borrow(), value.borrow(), callable)) return false;
    }
    return true;
  }
  AnyLookup method = lookup_attr(thread, other, NAME("keys"));
  if (method.raised()) return false;
  if (method.is_absent()) {
    (void)raise<TypeError>(thread, "Value after ** must be a mapping, not {}", type_name_in(other));
    return false;
  }
  AnyResult keys = call(thread, method.borrow(), {});
  if (keys.raised()) return false;
  AnyRef key_list = keys.take();
  AnyResult iterator = get_iter(thread, key_list);
  if (iterator.raised()) return false;
  AnyRef owned = iterator.take();
  for (;;) {
    Step step = iter_next(thread, owned);
    if (step.raised()) return false;
    if (step.is_done()) return true;
    AnyRef key = step.take();
    AnyResult value = get_item(thread, other, key);
    if (value.raised()) return false;
    AnyRef item = value.take();
    if (!merge_one(thread, into, key, item, callable)) return false;
  }
}

namespace {
void put(Thread& thread, Value& slot, Value owned) {
  Value old = slot;
  slot = owned;
  decref(thread, old);
}
AnyResult unpack_iterator(Thread& thread, Any value) {
  if (!has_iter(value)) {
    return raise<TypeError>(thread, "cannot unpack non-iterable {} object", type_name_in(value));
  }
  return get_iter(thread, value);
}
}  // namespace

bool op_unpack_sequence(Thread& thread, Value* out, Any value, size_t count) {
  if (is_exact(value, SHAPE(list)) &&
      static_cast<size_t>(list_length(Borrowed<List>(value.value()))) == count) {
    constexpr size_t kInPlace = 16;
    Value small[kInPlace];
    std::vector<Value> large(count > kInPlace ? count : 0);
    Value* items = count > kInPlace ? large.data() : small;
    for (size_t i = 0; i < count; ++i) {
      items[i] = list_item(thread, Borrowed<List>(value.value()), static_cast<Word>(i)).release();
      if (items[i]) continue;
      (void)raise<ValueError>(thread, "not enough values to unpack (expected {}, got {})", count,
                              i);
      for (size_t k = 0; k < i; ++k) decref(thread, items[k]);
      return false;
    }
    for (size_t i = 0; i < count; ++i) put(thread, out[i], items[i]);
    return true;
  }
  AnyResult iterator = unpack_iterator(thread, value);
  if (iterator.raised()) return false;
  AnyRef owned = iterator.take();
  std::vector<Value> items;
  bool good = true;
  while (good && items.size() < count) {
    Step step = iter_next(thread, owned);
    if (step.raised()) {
      good = false;
    } else if (step.is_done()) {
      (void)raise<ValueError>(thread, "not enough values to unpack (expected {}, got {})", count,
                              items.size());
      good = false;
    } else {
      items.push_back(step.release());
    }
  }
  if (good) {
    Step step = iter_next(thread, owned);
    if (step.raised()) {
      good = false;
    } else if (!step.is_done()) {
      // Lists, tuples and dicts tell how many there were.
      bool sized = is_exact(value, SHAPE(list)) || is_exact(value, SHAPE(tuple)) ||
                   is_exact(value, SHAPE(dict));
      Result<Word> size = sized ? length(thread, value) : Result<Word>(0);
      if (!size.raised()) {
        if (sized)
          (void)raise<ValueError>(thread, "too many values to unpack (expected {}, got {})", count,
                                  size.take());
        else
          (void)raise<ValueError>(thread, "too many values to unpack (expected {})", count);
      }
      good = false;
    }
  }
  if (!good) {
    for (Value item : items) decref(thread, item);
    return false;
  }
  for (size_t i = 0; i < count; ++i) put(thread, out[i], items[i]);
  return true;
}

bool op_unpack_ex(Thread& thread, Value* out, Any value, size_t before, size_t after) {
  AnyResult iterator = unpack_iterator(thread, value);
  if (iterator.raised()) return false;
  AnyRef owned = iterator.take();
  std::vector<Value> items;
  auto drop_all = [&] {
    for (Value item : items) decref(thread, item);
  };
  for (;;) {
    Step step = iter_next(thread, owned);
    if (step.raised()) {
      drop_all();
      return false;
    }
    if (step.is_done()) break;
    items.push_back(step.release());
  }
  if (items.size() < before + after) {
    (void)raise<ValueError>(thread, "not enough values to unpack (expected at least {}, got {})",
                            before + after, items.size());
    drop_all();
    return false;
  }
  size_t middle = items.size() - before - after;
  Result<Ref<List>> rest = list_adopt(thread, items.data() + before, middle);
  if (rest.raised()) {
    for (size_t i = 0; i < before; ++i) decref(thread, items[i]);
    for (size_t i = before + middle; i < items.size(); ++i) decref(thread, items[i]);
    return false;
  }
  for (size_t i = 0; i < before; ++i) put(thread, out[i], items[i]);
  put(thread, out[before], rest.release());
  for (size_t i = 0; i < after; ++i) put(thread, out[before + 1 + i], items[before + middle + i]);
  return true;
}

}  // namespace dx
