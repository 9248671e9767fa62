#include "objects/rehash.h"

#include <sys/mman.h>

#include <algorithm>
#include <vector>

#include "memory/heap.h"
#include "memory/weakref.h"
#include "objects/bytes.h"
#include "objects/dict.h"
#include "objects/set.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type.h"

namespace dx {

// Of the containers' own files: what only their storage can do.
void dict_rehash(Dict* self, uint64_t (*hash_again)(Value key, uint64_t old));
void dict_rehash_places(Dict* self, void (*place)(void* state, const void* from, size_t bytes),
                        void* state);
void dict_forget_removed(Dict* self);
bool dict_keys_each(Dict* self, bool (*accepts)(Value key));
void set_rehash(Set* self, uint64_t (*hash_again)(Value key, uint64_t old));
void set_rehash_places(Set* self, void (*place)(void* state, const void* from, size_t bytes),
                       void* state);
bool set_keys_each(Set* self, bool (*accepts)(Value key));

namespace {

// The hash is made of contents whose hash depends on the key.
bool hash_is_of_contents(Value value) {
  return is_exact(value, SHAPE(str)) || is_exact(value, SHAPE(bytes)) ||
         is_exact(value, SHAPE(tuple)) || is_exact(value, SHAPE(frozenset));
}

// It does not depend on the key.
bool hash_is_by_identity(Value value) {
  return type_of(value)->slot<SlotId::hash>() == TYPE(object)->slot<SlotId::hash>() ||
         is_exact(value, SHAPE(builtin_function_or_method));
}

Type* culprit;  // type_with_python_hash's answer

WeakReference* as_weak_reference(Object* object) {
  const Layout* layout = shape_of(object).layout;
  return layout && layout->destroy == weakref_detach ? static_cast<WeakReference*>(object)
                                                     : nullptr;
}

bool hash_is_native(Value value) {
  if (!value.is_object()) return true;
  if (is_exact(value, SHAPE(str)) || is_exact(value, SHAPE(bytes)) || is_exact(value, SHAPE(int)) ||
      is_exact(value, SHAPE(float)))
    return true;
  if (is_exact(value, SHAPE(tuple))) {
    auto* tuple = static_cast<Tuple*>(value.object());
    for (Word i = 0; i < tuple->size; ++i) {
      if (!hash_is_native(tuple->item(i).value())) return false;
    }
    return true;
  }
  if (is_exact(value, SHAPE(frozenset))) {  // its hash is made of those it stores, which would have
                                            // to be renewed first
    culprit = type_of(value);
    return false;
  }
  // A weak reference has its referent's hash, which must be one by identity, too.
  if (WeakReference* reference = as_weak_reference(value.object())) {
    Object* referent = reference->referent.load(std::memory_order_relaxed);
    if (referent && hash_is_by_identity(Value(referent))) return true;
  } else if (hash_is_by_identity(value)) {
    return true;
  }
  culprit = type_of(value);
  return false;
}

uint64_t hash_again(Value key, uint64_t old) {
  if (!hash_is_of_contents(key)) return old;
  Result<Word> fresh = hash(current_thread(), Any(key));
  CHECK(!fresh.raised());
  return static_cast<uint64_t>(fresh.take());
}

template <class Visit>
void each_object(Visit visit) {
  heap_each_page(
      [](void* state, Page* page) {
        page_each_object(
            page, [&](Object* object, size_t, uint64_t) { (*static_cast<Visit*>(state))(object); });
      },
      &visit);
}

// Where an object keeps its hash, or null.
std::atomic<uint64_t>* hash_cache_of(Object* object) {
  Value value(object);
  if (has_layout(value, kShapeStr)) return &static_cast<Str*>(object)->hash_cache;
  if (has_layout(value, kShapeBytes)) return &static_cast<Bytes*>(object)->hash_cache;
  if (has_layout(value, kShapeTuple)) return &static_cast<Tuple*>(object)->hash_cache;
  if (has_layout(value, kShapeFrozenSet)) return &static_cast<Set*>(object)->hash_cache;
  return nullptr;
}

bool hash_is_of_identity_or_number(Value key) { return !hash_is_of_contents(key); }

// What rehash_all goes over.
std::vector<Dict*> listed_dicts;
std::vector<Set*> listed_sets;
// The pages that filing them anew writes to, in runs: [first, second). Faulted in at once they
// cost half of what each costs alone.
std::vector<std::pair<uintptr_t, uintptr_t>> written_pages;
constexpr uintptr_t kPage = 4096;
constexpr size_t kLongestGap = 2;  // pages not written to that join two runs: cheaper than a call

void note_pages(void* state, const void* from, size_t bytes) {
  auto& pages = *static_cast<std::vector<uintptr_t>*>(state);
  uintptr_t at = reinterpret_cast<uintptr_t>(from);
  for (uintptr_t page = at / kPage; page <= (at + bytes - 1) / kPage; ++page) {
    if (pages.empty() || pages.back() != page) pages.push_back(page);
  }
}

void list_written_pages() {
  std::vector<uintptr_t> pages;
  for (Dict* dict : listed_dicts) dict_rehash_places(dict, note_pages, &pages);
  for (Set* set : listed_sets) set_rehash_places(set, note_pages, &pages);
  std::sort(pages.begin(), pages.end());
  written_pages.clear();
  for (uintptr_t page : pages) {
    if (!written_pages.empty() && page <= written_pages.back().second / kPage + kLongestGap)
      written_pages.back().second = (page + 1) * kPage;
    else
      written_pages.emplace_back(page * kPage, (page + 1) * kPage);
  }
}

}  // namespace

Type* type_with_python_hash(Thread&) {
  bool native = true;
  culprit = nullptr;
  each_object([&](Object* object) {
    if (!native) return;
    Value value(object);
    if (has_layout(value, kShapeDict))
      native = dict_keys_each(static_cast<Dict*>(object), hash_is_native);
    else if (is_any_set(value))
      native = set_keys_each(static_cast<Set*>(object), hash_is_native);
    else if (WeakReference* reference = as_weak_reference(object);
             reference && reference->hash != -1)
      native = hash_is_native(value);
  });
  return native ? nullptr : culprit;
}

void hashes_forget_removed(Thread&) {
  each_object([](Object* object) {
    if (has_layout(Value(object), kShapeDict)) dict_forget_removed(static_cast<Dict*>(object));
  });
}

void rehash_prepare(Thread&) {
  listed_dicts.clear();
  listed_sets.clear();
  each_object([](Object* object) {
    Value value(object);
    if (has_layout(value, kShapeDict)) {
      auto* dict = static_cast<Dict*>(object);
      DictTable* table = dict->table.load(std::memory_order_relaxed);
      if (table && (table->str_only ? table->live.load(std::memory_order_relaxed) != 0
                                    : !dict_keys_each(dict, hash_is_of_identity_or_number)))
        listed_dicts.push_back(dict);
    } else if (is_any_set(value) &&
               !set_keys_each(static_cast<Set*>(object), hash_is_of_identity_or_number)) {
      listed_sets.push_back(static_cast<Set*>(object));
    }
  });
  list_written_pages();
}

void hashes_forget(Thread&, void* (*place)(void* state, void* word), void* state) {
  each_object([&](Object* object) {
    if (std::atomic<uint64_t>* cache = hash_cache_of(object))
      static_cast<std::atomic<uint64_t>*>(place(state, cache))->store(0, std::memory_order_relaxed);
  });
}

void rehash_all(Thread&) {
  for (auto [from, end] : written_pages)  // a kernel before 5.14 refuses: then each faults alone
    madvise(reinterpret_cast<void*>(from), end - from, MADV_POPULATE_WRITE);
  for (Dict* dict : listed_dicts) dict_rehash(dict, hash_again);
  for (Set* set : listed_sets) set_rehash(set, hash_again);
}

}  // namespace dx
