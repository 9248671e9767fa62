// functools._lru_cache_wrapper. Results lie in a dict; a bounded cache keeps that dict in the order
// of use, the oldest result first: a hit moves its key to the end, a full cache drops the first
// one. Both are single steps of the dict, so that threads sharing a cache need no further lock: at
// worst a result is computed twice.

#include "modules/functools.h"
#include "objects/bind.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/function.h"
#include "objects/int.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle lru_cache_wrapper_type;

struct LruCache : Object {
  Field<Object> function;
  Field<Object> info_type;
  Field<Dict> results;
  Word limit;  // -1: none
  bool typed;
  std::atomic<Word> hits, misses;
};

// Stands between positional and keyword arguments in a key; equal to nothing else.
static AnyResult keyword_mark(Thread& thread) {
  static std::atomic<Object*> known{nullptr};
  Object* object = known.load(std::memory_order_acquire);
  if (!object) {
    AnyRef made = TRY(allocate_instance(thread, TYPE(object)));
    Object* fresh = made.release().object();
    make_immortal(fresh);
    if (known.compare_exchange_strong(object, fresh, std::memory_order_acq_rel)) object = fresh;
  }
  return AnyRef::adopt(Value(object));
}

static AnyResult lru_cache_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  static const char* const names[] = {"user_function", "maxsize", "typed", "cache_info_type"};
  Value given[4] = {};
  if (!bind_new(thread, {"lru_cache", names, 4, 0, 4, TooMany::takes}, arguments, given))
    return Raised{};
  if (!is_callable(given[0]))
    return raise<TypeError>(thread, "the first argument must be callable");
  bool typed = TRY(is_true(thread, given[2]));
  Word limit = -1;
  if (!given[1].is_none()) {
    if (!has_index(given[1])) return raise<TypeError>(thread, "maxsize should be integer or None");
    limit = TRY(index_word(thread, given[1]));
    if (limit < 0) limit = 0;
  }
  Ref<Dict> results = TRY(dict_create(thread));
  AnyRef made = TRY(allocate_instance(thread, type));
  LruCache* self = static_cast<LruCache*>(made.get());
  self->limit = limit;
  self->typed = typed;
  slot_init(self, self->function, share(thread, given[0]));
  slot_init(self, self->info_type, share(thread, given[3]));
  slot_init(self, self->results, std::move(results));
  return made;
}

static AnyResult lru_cache_key(Thread& thread, Borrowed<LruCache> self,
                               const Arguments& arguments) {
  size_t positional = arguments.positional(), keywords = arguments.keywords();
  if (!self->typed && keywords == 0 && positional == 1) {
    Value only = arguments.items[0];
    if (is_exact_int(only) || is_exact(only, SHAPE(str))) return share(thread, only);
  }
  size_t size =
      positional + (keywords ? 1 + 2 * keywords : 0) + (self->typed ? arguments.count : 0);
  Ref<Tuple> key = TRY(tuple_create(thread, size));
  size_t at = 0;
  auto put = [&](Any value) { slot_init(key.get(), key->items()[at++], share(thread, value)); };
  for (size_t i = 0; i < positional; ++i) put(arguments[i]);
  if (keywords) {
    AnyRef mark = TRY(keyword_mark(thread));
    put(mark);
    for (size_t i = 0; i < keywords; ++i) {
      put(arguments.names->item(static_cast<Word>(i)));
      put(arguments[positional + i]);
    }
  }
  for (size_t i = 0; self->typed && i < arguments.count; ++i) put(type_of(arguments[i]));
  return key;
}

static AnyResult lru_cache_call(Thread& thread, Borrowed<LruCache> self,
                                const Arguments& arguments) {
  if (self->limit == 0) {
    self->misses.fetch_add(1, std::memory_order_relaxed);
    return call(thread, self->function.borrow(), arguments);
  }
  AnyRef key = TRY(lru_cache_key(thread, self, arguments));
  uint64_t hash = static_cast<uint64_t>(TRY(dx::hash(thread, key)));
  Borrowed<Dict> results = self->results.borrow();
  AnyLookup known = dict_get_hashed(thread, results, key, hash);
  if (known.raised()) return Raised{};
  if (known.found()) {
    AnyRef result = known.take();
    if (self->limit > 0)
      (void)TRY(dict_move_to_end(thread, results, key, hash, DictOrder::forward));
    self->hits.fetch_add(1, std::memory_order_relaxed);
    return result;
  }
  self->misses.fetch_add(1, std::memory_order_relaxed);
  AnyRef result = TRY(call(thread, self->function.borrow(), arguments));
  if (self->limit > 0) {
    // The call may have come through here itself; a result that is there by now stays.
    AnyLookup again = dict_get_hashed(thread, results, key, hash);
    if (again.raised()) return Raised{};
    if (again.found()) return result;
    while (dict_size(results) >= self->limit) {
      Maybe<Ref<Object>> old_key, old_result;
      if (!dict_popfirst(thread, results, old_key, old_result)) break;
    }
  }
  TRY(dict_set_hashed(thread, results, key, hash, result));
  return result;
}

static AnyResult lru_cache_get(Thread& thread, Borrowed<LruCache> self, MaybeAny instance,
                               MaybeAny) {
  if (!instance || instance.value().is_none()) return share(thread, self);
  return bound_method_create(thread, self, *instance);
}

static AnyResult lru_cache_info(Thread& thread, Borrowed<LruCache> self) {
  Value limit = self->limit < 0 ? kNone : small_int(self->limit);
  return call(thread, self->info_type.borrow(),
              {small_int(self->hits.load(std::memory_order_relaxed)),
               small_int(self->misses.load(std::memory_order_relaxed)), limit,
               small_int(dict_size(self->results.borrow()))});
}
static Result<void> lru_cache_clear(Thread& thread, Borrowed<LruCache> self) {
  self->hits.store(0, std::memory_order_relaxed);
  self->misses.store(0, std::memory_order_relaxed);
  return dict_clear(thread, self->results.borrow());
}
static AnyResult lru_cache_reduce(Thread& thread, Borrowed<LruCache> self) {
  return get_attr(thread, self, NAME("__qualname__"));
}
static AnyResult lru_cache_copy(Thread& thread, Borrowed<LruCache> self) {
  return share(thread, self);
}
static AnyResult lru_cache_deepcopy(Thread& thread, Borrowed<LruCache> self, Any) {
  return share(thread, self);
}

static const Layout lru_cache_layout{
    "_lru_cache_wrapper", sizeof(LruCache), true,
    trace_fields<LruCache, &LruCache::function, &LruCache::info_type, &LruCache::results>, nullptr};
static const SlotEntry lru_cache_slots[] = {
    slot<SlotId::new_, lru_cache_new>(),
    slot<SlotId::call, lru_cache_call>(),
    slot<SlotId::descr_get, lru_cache_get>(),
};
static constexpr Method lru_cache_methods[] = {
    method<lru_cache_info>("cache_info()", "Report cache statistics"),
    method<lru_cache_clear>("cache_clear()", "Clear the cache and cache statistics"),
    method<lru_cache_reduce>("__reduce__()"),
    method<lru_cache_copy>("__copy__()"),
    method<lru_cache_deepcopy>("__deepcopy__(memo, /)"),
};
const TypeSpec lru_cache_wrapper_spec{
    .name = "functools._lru_cache_wrapper",
    .doc =
        "Create a cached callable that wraps another function.\n\n"
        "user_function:      the function being cached\n\n"
        "maxsize:  0         for no caching\n"
        "          None      for unlimited cache size\n"
        "          n         for a bounded cache\n\n"
        "typed:    False     cache f(3) and f(3.0) as identical calls\n"
        "          True      cache f(3) and f(3.0) as distinct calls\n\n"
        "cache_info_type:    namedtuple class with the fields:\n"
        "                        hits misses currsize maxsize\n",
    .flags = kTypeBase | kTypeImmutable | kTypeHasDict | kTypeWeakrefable,
    .layout = &lru_cache_layout,
    .slots = lru_cache_slots,
    .methods = lru_cache_methods,
};

}  // namespace dx
