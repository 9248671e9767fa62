// dict's Python face: construction, operators, methods, type table. Storage is in dict.cpp.

#include "memory/byte_lock.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/item_loop.h"
#include "objects/list.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {

extern const Layout dict_layout;
// Room for so many keys more in one step, where that is easy (dict.cpp).
void dict_reserve(Thread& thread, Borrowed<Dict> self, size_t more);
// Whether two dicts are equal, as far as that can be told without running Python (dict.cpp).
QuickEqual dict_quick_equal(Thread& thread, Borrowed<Dict> self, Borrowed<Dict> other);

// ---- construction -------------------------------------------------------------------------------

static AnyResult dict_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}

static Result<void> dict_init(Thread& thread, Borrowed<Dict> self, const Arguments& arguments) {
  return dict_update_arguments(thread, self, "dict", arguments);
}

static bool iterates_as_dict(Any object) {
  return is_dict(object) &&
         type_of(object)->slot<SlotId::iter>() == TYPE(dict)->slot<SlotId::iter>();
}

// From a dict that iterates as dict does: entries are copied without looking at methods.
static Result<void> dict_merge(Thread& thread, Borrowed<Dict> self, Borrowed<Dict> other) {
  if (self.get() == other.get()) return {};
  Word size = dict_size(other);
  if (size == 0) return {};
  Ref<Dict> stable = Ref<Dict>::share(thread, other);
  if (!self->table.load(std::memory_order_acquire)) {
    stable = TRY(dict_copy(thread, other));
    if (!is_mine(thread, self.get())) publish_items_of(thread, stable.get());
    ObjectLock lock(thread, self.get());
    if (!self->table.load(std::memory_order_relaxed)) {
      self->version.store(self->version.load(std::memory_order_relaxed) + 1,
                          std::memory_order_relaxed);
      self->table.store(stable->table.exchange(nullptr), std::memory_order_release);
      return {};
    }
  } else if (!is_mine(thread, other.get())) {
    stable = TRY(dict_copy(thread, other));
  }
  if (stable.get() != other.get()) size = dict_size(stable);
  dict_reserve(thread, self, static_cast<size_t>(size));
  Word position = 0;
  Value key, value;
  while (dict_walk(thread, stable, position, DictOrder::forward, &key, &value)) {
    AnyRef owned_key = AnyRef::adopt(key), owned_value = AnyRef::adopt(value);
    TRY(dict_set(thread, self, owned_key, owned_value));
    if (dict_size(stable) != size) return raise<RuntimeError>(thread, "dict mutated during update");
  }
  return {};
}

static Result<void> dict_merge_mapping(Thread& thread, Borrowed<Dict> self, Any other) {
  AnyRef keys = TRY(call_method(thread, other, NAME("keys"), {}));
  AnyRef iterator = TRY(get_iter(thread, keys));
  for (;;) {
    Step step = iter_next(thread, iterator);
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef key = step.take();
    AnyRef value = TRY(get_item(thread, other, key));
    TRY(dict_set(thread, self, key, value));
  }
}

static Result<void> dict_merge_pairs(Thread& thread, Borrowed<Dict> self, Any pairs) {
  DictPart part;
  if (Maybe<Ref<Dict>> other = dict_behind(thread, pairs, part); other && part == DictPart::items) {
    return dict_merge(thread, self, other.borrow());
  }
  ItemLoop loop(thread);
  TRY(loop.begin(pairs));
  for (Word number = 0;; ++number) {
    Step step = loop.next();
    if (step.raised()) return Raised{};
    if (step.is_done()) return {};
    AnyRef item = step.take();
    if (is_exact(item.value(), SHAPE(tuple)) && static_cast<Tuple*>(item.get())->size == 2) {
      Tuple* pair = static_cast<Tuple*>(item.get());
      TRY(dict_set(thread, self, pair->item(0), pair->item(1)));
      continue;
    }
    AnyResult converted = sequence_tuple(thread, item);
    if (converted.raised()) {
      if (pending_is<TypeError>(thread)) {
        if (!has_iter(item)) {
          clear_exception(thread);
          (void)raise<TypeError>(thread, "object is not iterable");
        }
        add_pending_note(
            thread, "Cannot convert dictionary update sequence element #{} to a sequence", number);
      }
      return Raised{};
    }
    AnyRef owned = converted.take();
    Tuple* pair = static_cast<Tuple*>(owned.get());
    if (pair->size != 2) {
      return raise<ValueError>(
          thread, "dictionary update sequence element #{} has length {}; 2 is required", number,
          pair->size);
    }
    TRY(dict_set(thread, self, pair->item(0), pair->item(1)));
  }
}

Result<void> dict_update(Thread& thread, Borrowed<Dict> self, Any other) {
  if (iterates_as_dict(other)) return dict_merge(thread, self, Borrowed<Dict>(other.value()));
  AnyLookup keys = lookup_attr(thread, other, NAME("keys"));
  if (keys.raised()) return Raised{};
  if (keys.found()) return dict_merge_mapping(thread, self, other);
  return dict_merge_pairs(thread, self, other);
}

Result<void> dict_update_arguments(Thread& thread, Borrowed<Dict> self, const char* name,
                                   Arguments arguments) {
  size_t positional = arguments.positional();
  if (positional > 1)
    return raise<TypeError>(thread, "{} expected at most 1 argument, got {}", name, positional);
  if (positional == 1) TRY(dict_update(thread, self, arguments[0]));
  for (size_t i = positional; i < arguments.count; ++i) {
    TRY(dict_set(thread, self, arguments.names->item(static_cast<Word>(i - positional)),
                 arguments[i]));
  }
  return {};
}

static AnyResult dict_fromkeys(Thread& thread, Borrowed<Type> type, Any iterable, Any value) {
  AnyRef made = TRY(call(thread, type, {}));
  bool plain = is_exact(made.value(), SHAPE(dict));
  ItemLoop loop(thread);
  TRY(loop.begin(iterable));
  for (;;) {
    Step step = loop.next();
    if (step.raised()) return Raised{};
    if (step.is_done()) return made;
    AnyRef key = step.take();
    if (plain)
      TRY(dict_set(thread, Borrowed<Dict>(made.value()), key, value));
    else
      TRY(set_item(thread, made, key, MaybeAny(value)));
  }
}

// ---- slots --------------------------------------------------------------------------------------

static AnyResult dict_repr(Thread& thread, Borrowed<Dict> self) {
  if (dict_size(self) == 0) return str_from_ascii(thread, "{}");
  if (TRY(repr_enter(thread, self.get()))) return str_from_ascii(thread, "{...}");
  ReprScope scope(thread, self.get());
  StrBuilder text(thread);
  TRY(text.append('{'));
  Ref<Dict> stable = TRY(dict_stable(thread, self));
  Word position = 0;
  Value key, value;
  bool first = true;
  while (dict_walk(thread, stable, position, DictOrder::forward, &key, &value)) {
    AnyRef owned_key = AnyRef::adopt(key), owned_value = AnyRef::adopt(value);
    if (!first) TRY(text.append(std::string_view(", ")));
    first = false;
    TRY(append_repr(thread, text, owned_key));
    TRY(text.append(std::string_view(": ")));
    TRY(append_repr(thread, text, owned_value));
  }
  TRY(text.append('}'));
  return text.finish();
}

static Result<bool> dict_equal(Thread& thread, Borrowed<Dict> self, Borrowed<Dict> other) {
  QuickEqual known = dict_quick_equal(thread, self, other);
  if (known != QuickEqual::ask) return known == QuickEqual::yes;
  if (dict_size(self) != dict_size(other)) return false;
  Ref<Dict> stable = TRY(dict_stable(thread, self));
  Word position = 0;
  Value key, value;
  while (dict_walk(thread, stable, position, DictOrder::forward, &key, &value)) {
    AnyRef owned_key = AnyRef::adopt(key), owned_value = AnyRef::adopt(value);
    AnyLookup theirs = dict_get(thread, other, owned_key);
    if (theirs.raised()) return Raised{};
    if (theirs.is_absent()) return false;
    AnyRef their_value = theirs.take();
    if (!TRY(equal(thread, owned_value, their_value))) return false;
  }
  return true;
}

static AnyResult dict_eq(Thread& thread, Borrowed<Dict> self, Any other) {
  if (!is_dict(other)) return AnyRef::adopt(kNotImplemented);
  return AnyRef::adopt(bool_value(TRY(dict_equal(thread, self, Borrowed<Dict>(other.value())))));
}
static AnyResult dict_ne(Thread& thread, Borrowed<Dict> self, Any other) {
  if (!is_dict(other)) return AnyRef::adopt(kNotImplemented);
  return AnyRef::adopt(bool_value(!TRY(dict_equal(thread, self, Borrowed<Dict>(other.value())))));
}

static AnyResult dict_iter(Thread& thread, Borrowed<Dict> self) {
  return dict_iterator(thread, self, DictPart::keys, DictOrder::forward);
}

static Result<Word> dict_len(Borrowed<Dict> self) { return dict_size(self); }

AnyResult dict_subscript(Thread& thread, Borrowed<Dict> self, Any key) {
  AnyLookup found = dict_get(thread, self, key);
  if (found.raised()) return Raised{};
  if (__builtin_expect(found.found(), 1)) return found.take();
  if (self->shape() != SHAPE(dict)) {
    AnyLookup missing = lookup_special(thread, self, NAME("__missing__"));
    if (missing.raised()) return Raised{};
    if (missing.found()) {
      AnyRef method = missing.take();
      return call(thread, method, {key.value()});
    }
  }
  return raise_key_error(thread, key);
}

static Result<void> dict_setitem(Thread& thread, Borrowed<Dict> self, Any key, MaybeAny value) {
  if (value) return dict_set(thread, self, key, *value);
  if (!TRY(dict_delete(thread, self, key))) return raise_key_error(thread, key);
  return {};
}

static AnyResult dict_or(Thread& thread, Any self, Any other) {
  if (!is_dict(self) || !is_dict(other)) return AnyRef::adopt(kNotImplemented);
  Ref<Dict> merged = TRY(dict_copy(thread, Borrowed<Dict>(self.value())));
  TRY(dict_update(thread, merged, other));
  return merged;
}
static AnyResult dict_ror(Thread& thread, Any self, Any other) {
  return dict_or(thread, other, self);
}

static AnyResult dict_ior(Thread& thread, Borrowed<Dict> self, Any other) {
  TRY(dict_update(thread, self, other));
  return share(thread, self);
}

// ---- methods ------------------------------------------------------------------------------------

static AnyResult dict_get_or(Thread& thread, Borrowed<Dict> self, Any key, Any fallback) {
  uint64_t hash;
  if (!key_hash_quick(key.value(), hash)) hash = TRY(key_hash(thread, key));
  AnyLookup found = dict_get_hashed(thread, self, key, hash);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  return share(thread, fallback);
}

static AnyResult dict_setdefault_method(Thread& thread, Borrowed<Dict> self, Any key,
                                        Any fallback) {
  return dict_setdefault(thread, self, key, fallback);
}

static AnyResult dict_pop_or(Thread& thread, Borrowed<Dict> self, Any key, MaybeAny fallback) {
  AnyLookup found = dict_pop(thread, self, key);
  if (found.raised()) return Raised{};
  if (found.found()) return found.take();
  if (fallback) return share(thread, *fallback);
  return raise_key_error(thread, key);
}

static AnyResult dict_popitem_method(Thread& thread, Borrowed<Dict> self) {
  Ref<Tuple> pair = TRY(tuple_create(thread, 2));
  Maybe<Ref<Object>> key, value;
  if (!dict_popitem(thread, self, key, value)) {
    return raise<KeyError>(thread, "popitem(): dictionary is empty");
  }
  slot_init(pair.get(), pair->items()[0], std::move(key));
  slot_init(pair.get(), pair->items()[1], std::move(value));
  return pair;
}

static AnyResult dict_keys(Thread& thread, Borrowed<Dict> self) {
  return dict_view(thread, self, DictPart::keys);
}
static AnyResult dict_values(Thread& thread, Borrowed<Dict> self) {
  return dict_view(thread, self, DictPart::values);
}
static AnyResult dict_items(Thread& thread, Borrowed<Dict> self) {
  return dict_view(thread, self, DictPart::items);
}

static Result<void> dict_update_method(Thread& thread, Borrowed<Dict> self, Arguments arguments) {
  return dict_update_arguments(thread, self, "update", arguments);
}
static Result<void> dict_clear_method(Thread& thread, Borrowed<Dict> self) {
  return dict_clear(thread, self);
}
static Result<Ref<Dict>> dict_copy_method(Thread& thread, Borrowed<Dict> self) {
  return dict_copy(thread, self);
}
static AnyResult dict_reversed(Thread& thread, Borrowed<Dict> self) {
  return dict_iterator(thread, self, DictPart::keys, DictOrder::backward);
}
static Word dict_sizeof(Borrowed<Dict> self) { return static_cast<Word>(dict_memory(self)); }

// ---- type ---------------------------------------------------------------------------------------

static const SlotEntry dict_slots[] = {
    slot<SlotId::new_, dict_new>(),        slot<SlotId::init, dict_init>(),
    slot<SlotId::repr, dict_repr>(),       slot<SlotId::eq, dict_eq>(),
    slot<SlotId::ne, dict_ne>(),           slot<SlotId::iter, dict_iter>(),
    slot<SlotId::len, dict_len>(),         slot<SlotId::getitem, dict_subscript>(),
    slot<SlotId::setitem, dict_setitem>(), slot<SlotId::contains, dict_contains>(),
    slot<SlotId::or_, dict_or>(),          slot<SlotId::ror, dict_ror>(),
    slot<SlotId::ior, dict_ior>(),
};

static constexpr Method dict_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "dicts are generic over two types, signifying (respectively) the "
                                "types of their keys and values"),
    method<dict_get_or>("get(key, default=None, /)",
                        "Return the value for key if key is in the dictionary, else default."),
    method<dict_setdefault_method>(
        "setdefault(key, default=None, /)",
        "Insert key with a value of default if key is not in the dictionary.\n\n"
        "Return the value for key if key is in the dictionary, else default."),
    method<dict_pop_or>(
        "pop(key, default=?, /)",
        "Remove key and return its value; without the key, return default or raise KeyError."),
    method<dict_popitem_method>("popitem()",
                                "Remove and return a (key, value) pair as a 2-tuple.\n\n"
                                "Pairs are returned in LIFO (last-in, first-out) order.\n"
                                "Raises KeyError if the dict is empty."),
    method<dict_keys>("keys()", "Return a set-like object providing a view on the dict's keys."),
    method<dict_items>("items()", "Return a set-like object providing a view on the dict's items."),
    method<dict_values>("values()", "Return an object providing a view on the dict's values."),
    method<dict_update_method>(
        "update(*args, **kwargs)",
        "Take over the items of a mapping or of an iterable of pairs, then the keywords."),
    class_method<dict_fromkeys>(
        "fromkeys(iterable, value=None, /)",
        "Create a new dictionary with keys from iterable and values set to value."),
    method<dict_clear_method>("clear()", "Remove all items from the dict."),
    method<dict_copy_method>("copy()", "Return a shallow copy of the dict."),
    method<dict_reversed>("__reversed__()", "Return a reverse iterator over the dict keys."),
    method<dict_sizeof>("__sizeof__()", "Return the size of the dict in memory, in bytes."),
};

const TypeSpec dict_spec{
    .name = "dict",
    .doc =
        "dict() -> new empty dictionary\n"
        "dict(mapping) -> new dictionary initialized from a mapping object's\n"
        "    (key, value) pairs\n"
        "dict(iterable) -> new dictionary initialized as if via:\n"
        "    d = {}\n"
        "    for k, v in iterable:\n"
        "        d[k] = v\n"
        "dict(**kwargs) -> new dictionary initialized with the name=value pairs\n"
        "    in the keyword argument list.  For example:  dict(one=1, two=2)",
    .flags = kTypeBase | kTypeImmutable | kTypeMapping,
    .shape_flags = kShapeDict,
    .layout = &dict_layout,
    .slots = dict_slots,
    .methods = dict_methods,
};

}  // namespace dx
