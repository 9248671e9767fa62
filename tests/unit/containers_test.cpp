// What Python cannot see of dict and list: table ids, entry indices, strategies, sizes in memory.
#include "memory/heap.h"
#include "memory/safepoint.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace dx {
namespace {

class ObjectsEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    memory_start(main_thread);
    char here;
    main_thread.native_stack_limit = &here - (6 << 20);
    ASSERT_FALSE(types_initialize(main_thread).raised());
    ASSERT_FALSE(exceptions_initialize(main_thread).raised());
  }
  Thread main_thread;
};
auto* const environment = ::testing::AddGlobalTestEnvironment(new ObjectsEnvironment);

template <class R>
auto must(R&& result) {
  CHECK(!result.raised());
  return result.take();
}
Ref<Str> text(const char* ascii) { return must(str_intern_ascii(current_thread(), ascii)); }
Ref<Str> numbered(const char* stem, int number) {
  return text((stem + std::to_string(number)).c_str());
}

TEST(Dict, SizesInMemory) {
  Thread& thread = current_thread();
  EXPECT_LE(sizeof(Dict) - sizeof(Object), 32u);
  for (size_t count : {0, 1, 2, 3, 5, 8, 16, 17, 28, 100, 1000, 10000}) {
    Ref<Dict> dict = must(dict_create(thread, count));
    for (size_t i = 0; i < count; ++i) {
      must(dict_set_str(thread, dict, numbered("key", static_cast<int>(i)), small_int(1)));
    }
    std::printf("dict of %zu str keys: %zu bytes\n", count, dict_memory(dict));
    if (count == 2) EXPECT_LE(dict_memory(dict), 112u);
  }
}

TEST(Dict, TableIdsAreNeverReused) {
  Thread& thread = current_thread();
  Ref<Dict> dict = must(dict_create(thread));
  EXPECT_EQ(dict_table_id(thread, dict), 0u);  // no table yet
  must(dict_set_str(thread, dict, text("a"), small_int(1)));
  uint32_t first = dict_table_id(thread, dict);
  EXPECT_NE(first, 0u);
  EXPECT_EQ(dict_table_id(thread, dict), first);
  for (int i = 0; i < 100; ++i) must(dict_set_str(thread, dict, numbered("k", i), small_int(i)));
  uint32_t second = dict_table_id(thread, dict);
  EXPECT_NE(second, first);
  must(dict_clear(thread, dict));
  EXPECT_EQ(dict_table_id(thread, dict), 0u);
}

TEST(Dict, AnEntryIsEmptyOnceItsKeyIsGone) {
  Thread& thread = current_thread();
  Ref<Dict> dict = must(dict_create(thread));
  for (int i = 0; i < 35; ++i) must(dict_set_str(thread, dict, numbered("n", i), small_int(i)));
  uint32_t id = dict_table_id(thread, dict);
  Word index = dict_entry_index(dict, numbered("n", 7));
  DictTable* table = dict->table.load();
  ASSERT_GE(index, 0);
  EXPECT_EQ(table->str_entries()[index].value.raw(), small_int(7));
  EXPECT_EQ(&table->str_entries()[index].value, &table->value(static_cast<size_t>(index)));
  uint32_t used = table->entries_used.load();
  must(dict_delete(thread, dict, numbered("n", 7)));
  EXPECT_EQ(dict_table_id(thread, dict), id);
  EXPECT_TRUE(table->str_entries()[index].value.raw().is_empty());
  must(dict_set_str(thread, dict, numbered("n", 7), small_int(70)));
  EXPECT_TRUE(table->str_entries()[index].value.raw().is_empty());  // it went to the end
  EXPECT_EQ(table->entries_used.load(), used + 1);  // which is the proof a key may have appeared
  EXPECT_NE(dict_entry_index(dict, numbered("n", 7)), index);
  EXPECT_EQ(dict_entry_index(dict, text("no such key")), -1);
  must(dict_set(thread, dict, small_int(1), kNone));
  EXPECT_EQ(dict_entry_index(dict, numbered("n", 7)), -1);  // no longer str keys only
}

TEST(Dict, ManyRandomOperations) {
  Thread& thread = current_thread();
  Ref<Dict> dict = must(dict_create(thread));
  std::vector<int> order;
  std::vector<Ref<Str>> names;
  for (int i = 0; i < 700; ++i) names.push_back(numbered("s", i));
  uint64_t state = 9;
  for (int step = 0; step < 60000; ++step) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    int key = static_cast<int>((state >> 33) % 700);
    auto at = std::find(order.begin(), order.end(), key);
    Value word = key % 3 ? small_int(key) : names[static_cast<size_t>(key)].value();
    if ((state >> 60) < 9) {
      must(dict_set(thread, dict, word, small_int(step)));
      if (at == order.end()) order.push_back(key);
    } else if ((state >> 60) < 14) {
      EXPECT_EQ(must(dict_delete(thread, dict, word)), at != order.end());
      if (at != order.end()) order.erase(at);
    } else {
      EXPECT_EQ(must(dict_contains(thread, dict, word)), at != order.end());
    }
    ASSERT_EQ(dict_size(dict), static_cast<Word>(order.size()));
  }
  size_t position = 0, n = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, dict, position, key, value)) {
    int expected = order[n++];
    if (expected % 3)
      EXPECT_EQ(key.value(), small_int(expected));
    else
      EXPECT_EQ(key.value(), names[static_cast<size_t>(expected)].value());
  }
  EXPECT_EQ(n, order.size());
}

TEST(Dict, MoveToEnds) {
  Thread& thread = current_thread();
  Ref<Dict> dict = must(dict_create(thread));
  std::vector<Word> order;
  for (Word i = 0; i < 60; ++i) {
    must(dict_set(thread, dict, small_int(i), small_int(i)));
    order.push_back(i);
  }
  uint64_t state = 77;
  for (int step = 0; step < 5000; ++step) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    Word key = static_cast<Word>((state >> 33) % 60);
    bool front = (state >> 62) & 1;
    uint64_t hash = must(key_hash(thread, small_int(key)));
    ASSERT_TRUE(must(dict_move_to_end(thread, dict, small_int(key), hash,
                                      front ? DictOrder::backward : DictOrder::forward)));
    order.erase(std::find(order.begin(), order.end(), key));
    order.insert(front ? order.begin() : order.end(), key);
  }
  Word position = 0;
  Value key, value;
  for (Word expected : order) {
    ASSERT_TRUE(dict_walk(thread, dict, position, DictOrder::forward, &key, &value));
    EXPECT_EQ(key, small_int(expected));
  }
  Maybe<Ref<Object>> first, its_value;
  for (Word expected : order) {
    ASSERT_TRUE(dict_popfirst(thread, dict, first, its_value));
    EXPECT_EQ(first.value(), small_int(expected));
  }
  EXPECT_FALSE(dict_popfirst(thread, dict, first, its_value));
}

TEST(List, StrategiesFollowTheItems) {
  Thread& thread = current_thread();
  Ref<List> list = must(list_create(thread));
  for (Word i = 0; i < 10; ++i) must(list_append(thread, list, AnyRef::adopt(small_int(i))));
  EXPECT_EQ(list->buffer.load()->strategy, ListStrategy::int64);
  Ref<List> part = must(list_slice(thread, list, 2, 5));
  EXPECT_EQ(part->buffer.load()->strategy, ListStrategy::int64);
  ListBuffer* before = list->buffer.load();
  must(list_set(thread, list, 3, AnyRef(text("s"))));
  EXPECT_EQ(list->buffer.load()->strategy, ListStrategy::value);
  EXPECT_NE(list->buffer.load(), before);
  Value floats[] = {float_encode(1.5), float_encode(0.0)};
  Ref<List> reals = must(list_from(thread, floats, 2));
  EXPECT_EQ(reals->buffer.load()->strategy, ListStrategy::float64);
  must(list_append(thread, reals, AnyRef::adopt(small_int(1))));
  EXPECT_EQ(reals->buffer.load()->strategy, ListStrategy::value);
}

TEST(Set, KeepsWhatIsPutIn) {
  Thread& thread = current_thread();
  Ref<Set> set = must(set_create(thread));
  for (Word i = 0; i < 1000; ++i) EXPECT_TRUE(must(set_add(thread, set, small_int(i * 7))));
  for (Word i = 0; i < 7000; ++i)
    EXPECT_EQ(must(set_contains(thread, set, small_int(i))), i % 7 == 0);
  for (Word i = 0; i < 500; ++i) EXPECT_TRUE(must(set_discard(thread, set, small_int(i * 7))));
  EXPECT_EQ(set_size(set), 500);
}

}  // namespace
}  // namespace dx
