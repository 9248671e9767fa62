// Interning: one str for each text that asks for it. The table is weak: an interned str leaves it
// when it dies, and a search that meets one whose last reference is just going away (try_incref
// fails) puts its own in that place.
//
// Any thread may intern. The table is split by hash into shards, each behind a mutex that is never
// held across a safepoint or Python code; a dying str takes the same mutex in its layout's destroy,
// so an entry is always a whole str.
//
// The table hashes under a key of its own, which nobody can see: it may come out of a start image
// (runtime/start_image.h), while the key of Python's hashes is drawn anew by every process.

#include <sys/random.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "memory/heap.h"
#include "objects/errors.h"
#include "objects/hash.h"
#include "objects/names.h"
#include "objects/str_internal.h"

namespace dx {

StaticName* StaticName::head = nullptr;

namespace {

constexpr size_t kShards = 16;
Str* const kRemoved = reinterpret_cast<Str*>(8);

uint64_t intern_key[2];

uint64_t intern_hash(std::string_view bytes) {
  return siphash13(intern_key[0], intern_key[1], bytes.data(), bytes.size());
}
uint64_t intern_hash(Str* text) {
  return intern_hash({static_cast<const char*>(text->data()),
                      static_cast<size_t>(text->length()) * static_cast<size_t>(text->kind())});
}

struct InternShard {
  std::mutex mutex;
  Str** entries = nullptr;
  size_t capacity = 0;  // a power of two, or 0
  size_t used = 0;      // removed ones included
  size_t live = 0;

  // Doubles (or cleans) the table before it gets more than two thirds full. False: memory is short.
  bool make_room() {
    if ((used + 1) * 3 <= capacity * 2) return true;
    size_t larger = capacity == 0 ? 512 : live * 3 > capacity ? capacity * 2 : capacity;
    auto** fresh = static_cast<Str**>(calloc(larger, sizeof(Str*)));
    if (fresh == nullptr) return false;
    for (size_t i = 0; i < capacity; ++i) {
      if (entries[i] == nullptr || entries[i] == kRemoved) continue;
      size_t at = start(intern_hash(entries[i]), larger);
      while (fresh[at] != nullptr) at = (at + 1) & (larger - 1);
      fresh[at] = entries[i];
    }
    free(entries);
    entries = fresh;
    capacity = larger;
    used = live;
    return true;
  }
  static size_t start(uint64_t hash, size_t capacity) { return (hash >> 8) & (capacity - 1); }
};

InternShard shards[kShards];
InternShard& shard_of(uint64_t hash) { return shards[hash & (kShards - 1)]; }

Str* empty_text;
Str* latin1_chars[256];

void mark_interned(Str* text) {
  std::atomic_ref<uint64_t>(text->length_and_state)
      .fetch_or(Str::kInterned, std::memory_order_relaxed);
}

}  // namespace

Str* str_empty() { return empty_text; }
Str* latin1_char(uint8_t c) { return latin1_chars[c]; }

Result<Ref<Str>> str_intern(Thread& thread, Ref<Str> text) {
  if (text->interned() || !is_exact(text.value(), SHAPE(str))) return text;
  if (text->length() == 0 && empty_text != nullptr)
    return Ref<Str>::share(thread, Borrowed<Str>(empty_text));
  if (text->length() == 1 && text->view()[0] < 0x100 && latin1_chars[text->view()[0]] != nullptr) {
    return Ref<Str>::share(thread, Borrowed<Str>(latin1_chars[text->view()[0]]));
  }
  publish(thread, text.value());  // whoever interns an equal text gets this one
  const uint64_t hash = intern_hash(text.get());
  InternShard& shard = shard_of(hash);
  std::unique_lock lock(shard.mutex);
  if (!shard.make_room()) {
    lock.unlock();
    return raise_memory_error(thread);
  }
  size_t at = InternShard::start(hash, shard.capacity);
  for (; shard.entries[at] != nullptr; at = (at + 1) & (shard.capacity - 1)) {
    Str* found = shard.entries[at];
    if (found == kRemoved || !str_equal(Borrowed<Str>(found), Borrowed<Str>(text))) continue;
    if (try_incref(thread, found)) {
      lock.unlock();
      return Ref<Str>::adopt(found);
    }
    shard.entries[at] = text.get();  // the found one is dying; its own removal will not find it
    mark_interned(text.get());
    return text;
  }
  shard.entries[at] = text.get();
  ++shard.used;
  ++shard.live;
  mark_interned(text.get());
  return text;
}

void intern_forget(Str* text) {
  const uint64_t hash = intern_hash(text);
  InternShard& shard = shard_of(hash);
  std::lock_guard lock(shard.mutex);
  if (shard.capacity == 0) return;
  for (size_t at = InternShard::start(hash, shard.capacity); shard.entries[at] != nullptr;
       at = (at + 1) & (shard.capacity - 1)) {
    if (shard.entries[at] == text) {
      shard.entries[at] = kRemoved;
      --shard.live;
      return;
    }
  }
}

// Most names are there already, so the table is asked before a str is made.
Result<Ref<Str>> str_intern_ascii(Thread& thread, std::string_view text) {
  if (text.size() < 2) return str_intern(thread, TRY(str_from_ascii(thread, text)));
  const uint64_t hash = intern_hash(text);
  InternShard& shard = shard_of(hash);
  {
    std::lock_guard lock(shard.mutex);
    for (size_t at = shard.capacity ? InternShard::start(hash, shard.capacity) : 0;
         shard.capacity && shard.entries[at] != nullptr; at = (at + 1) & (shard.capacity - 1)) {
      Str* found = shard.entries[at];
      if (found == kRemoved) continue;
      if (str_equals_ascii(Borrowed<Str>(found), text) && try_incref(thread, found))
        return Ref<Str>::adopt(found);
    }
  }
  Ref<Str> made = TRY(str_from_ascii(thread, text));
  return str_intern(thread, std::move(made));
}

// The empty text and the 256 Latin-1 characters: immortal and interned, so `is` holds for them as
// in CPython.
Result<void> str_statics_initialize(Thread& thread) {
  if (empty_text != nullptr) return {};
  hash_seed_ensure();
  if (getrandom(intern_key, sizeof intern_key, GRND_NONBLOCK) != sizeof intern_key)
    std::memcpy(intern_key, hash_key().words, sizeof intern_key);
  Ref<Str> empty = TRY(str_create(thread, 0, 0));
  make_immortal(empty.get());
  mark_interned(empty.get());
  empty_text = reinterpret_cast<Str*>(empty.release().bits);
  for (unsigned c = 0; c < 256; ++c) {
    Ref<Str> text = TRY(str_create(thread, 1, static_cast<char32_t>(c)));
    fill_chars(StrKind::one, str_data(text.get()), 0, static_cast<char32_t>(c), 1);
    str_hash(text);
    make_immortal(text.get());
    mark_interned(text.get());
    latin1_chars[c] = reinterpret_cast<Str*>(text.release().bits);
  }
  return {};
}

Result<void> names_initialize(Thread& thread) {
  TRY(str_statics_initialize(thread));
  for (StaticName* name = StaticName::head; name != nullptr; name = name->next) {
    if (name->value != nullptr) continue;
    Ref<Str> text = TRY(str_intern_ascii(thread, std::string_view(name->text, name->length)));
    if (!is_immortal(text.get())) make_immortal(text.get());
    name->value = reinterpret_cast<Str*>(text.release().bits);
  }
  return {};
}

}  // namespace dx
