// match statements.

#include <vector>

#include "interpreter/ops.h"
#include "objects/dict.h"
#include "objects/exception.h"

namespace dx {

Value op_match_keys(Thread& thread, Any subject, Any keys) {
  Borrowed<Tuple> wanted(keys.value());
  if (wanted->size == 0) return Value(tuple_empty());
  AnyResult get = get_attr(thread, subject, NAME("get"));
  if (get.raised()) return Value{};
  AnyRef method = get.take();
  AnyResult made = call(thread, Any(Value(TYPE(object))), Arguments{});
  if (made.raised()) return Value{};
  AnyRef marker = made.take();
  Result<Ref<Dict>> seen_made = dict_create(thread);
  if (seen_made.raised()) return Value{};
  Ref<Dict> seen = seen_made.take();
  std::vector<Value> values;
  auto fail = [&]() {
    for (Value value : values) decref(thread, value);
    return Value{};
  };
  for (Word i = 0; i < wanted->size; ++i) {
    Any key = wanted->item(i);
    Result<bool> duplicate = dict_contains(thread, seen, key);
    if (duplicate.raised()) return fail();
    if (duplicate.take()) {
      (void)raise<ValueError>(thread, "mapping pattern checks duplicate key ({})", repr_of(key));
      return fail();
    }
    if (dict_set(thread, seen, key, kNone).raised()) return fail();
    AnyResult value = call(thread, method, {key.value(), marker.value()});
    if (value.raised()) return fail();
    Value item = value.release();
    values.push_back(item);
    if (item == marker.value()) {
      (void)fail();
      return kNone;
    }
  }
  return tuple_adopt(thread, values.data(), values.size()).release();
}

namespace {
// One attribute; kAbsent when the subject has none; empty: raised.
Value match_attribute(Thread& thread, Any subject, Any cls, Any name, Borrowed<Dict> seen) {
  Result<bool> duplicate = dict_contains(thread, seen, name);
  if (duplicate.raised()) return Value{};
  if (duplicate.take()) {
    (void)raise<TypeError>(thread, "{}() got multiple sub-patterns for attribute {}",
                           static_cast<Type*>(cls.object())->name.borrow(), repr_of(name));
    return Value{};
  }
  if (dict_set(thread, seen, name, kNone).raised()) return Value{};
  return lookup_attr(thread, subject, Borrowed<Str>(name.value())).release();
}
}  // namespace

Value op_match_class(Thread& thread, Any subject, Any cls, Any names, size_t positional) {
  if (!is_type(cls)) {
    (void)raise<TypeError>(thread, "called match pattern must be a class");
    return Value{};
  }
  Result<bool> instance = is_instance(thread, subject, cls);
  if (instance.raised()) return Value{};
  if (!instance.take()) return kNone;
  auto* type = static_cast<Type*>(cls.object());
  Result<Ref<Dict>> made = dict_create(thread);
  if (made.raised()) return Value{};
  Ref<Dict> seen = made.take();
  std::vector<Value> values;
  auto fail = [&](Value result) {
    for (Value value : values) decref(thread, value);
    return result;
  };
  if (positional) {
    AnyLookup match_args = lookup_attr(thread, cls, NAME("__match_args__"));
    if (match_args.raised()) return Value{};
    bool self_match = false;
    if (match_args.found()) {
      if (!is_exact(match_args.value(), SHAPE(tuple))) {
        (void)raise<TypeError>(thread, "{}.__match_args__ must be a tuple (got {})",
                               type->name.borrow(), type_name_in(match_args.borrow()));
        return Value{};
      }
    } else {
      // int, str, list and their like match themselves with one positional pattern.
      Type* const selves[] = {TYPE(bool),  TYPE(bytearray), TYPE(bytes), TYPE(dict),
                              TYPE(float), TYPE(frozenset), TYPE(int),   TYPE(list),
                              TYPE(set),   TYPE(str),       TYPE(tuple)};
      for (Type* candidate : selves) self_match |= is_subtype(type, candidate);
    }
    size_t allowed =
        self_match ? 1
        : match_args.found()
            ? static_cast<size_t>(static_cast<Tuple*>(match_args.value().object())->size)
            : 0;
    if (allowed < positional) {
      (void)raise<TypeError>(thread, "{}() accepts {} positional sub-pattern{} ({} given)",
                             type->name.borrow(), allowed, allowed == 1 ? "" : "s", positional);
      return Value{};
    }
    if (self_match) {
      incref(thread, subject.value());
      values.push_back(subject.value());
    } else {
      for (size_t i = 0; i < positional; ++i) {
        Any name = static_cast<Tuple*>(match_args.value().object())->item(static_cast<Word>(i));
        if (!is_str(name)) {
          (void)raise<TypeError>(thread, "__match_args__ elements must be strings (got {})",
                                 type_name_in(name));
          return fail(Value{});
        }
        Value value = match_attribute(thread, subject, cls, name, seen);
        if (!value || value == kAbsent) return fail(value ? kNone : Value{});
        values.push_back(value);
      }
    }
  }
  Borrowed<Tuple> keywords(names.value());
  for (Word i = 0; i < keywords->size; ++i) {
    Value value = match_attribute(thread, subject, cls, keywords->item(i), seen);
    if (!value || value == kAbsent) return fail(value ? kNone : Value{});
    values.push_back(value);
  }
  return tuple_adopt(thread, values.data(), values.size()).release();
}

}  // namespace dx
