#pragma once
// A loop in C++ over the items of any iterable, as `for` does it. Exact lists and tuples are read
// by index, without an iterator object; of everything else the iterator's __next__ slot is looked
// up once.
//
//   ItemLoop loop(thread);
//   TRY(loop.begin(iterable));
//   for (;;) {
//     Step step = loop.next();
//     if (step.raised()) return Raised{};
//     if (step.is_done()) break;
//     AnyRef item = step.take();
//     ...
//   }
//
// Python code may run between two items: a list is looked at anew at every step, so that it may
// grow and shrink. next(sink) gives a generator's plain items to the sink without leaving the
// interpreter (objects/generator.h), and the others back.

#include "objects/generator.h"
#include "objects/list.h"
#include "objects/protocol.h"
#include "objects/tuple.h"

namespace dx {

class ItemLoop {
 public:
  explicit ItemLoop(Thread& thread) : thread_(thread) {}
  Result<void> begin(Any iterable) {
    if (is_exact(iterable, SHAPE(list)) || is_exact(iterable, SHAPE(tuple))) {
      is_list_ = is_exact(iterable, SHAPE(list));
      source_ = Maybe<Ref<Object>>(share(thread_, iterable));
      return {};
    }
    source_ = Maybe<Ref<Object>>(TRY(get_iter(thread_, iterable)));
    next_ = type_of(source_.value())->slot<SlotId::next>();
    return {};
  }
  Step next() {
    if (!next_) {
      if (!is_list_) {
        Borrowed<Tuple> tuple(source_.value());
        if (index_ >= tuple->size) return Step::done();
        return share(thread_, tuple->item(index_++));
      }
      Maybe<Ref<Object>> item = list_item(thread_, Borrowed<List>(source_.value()), index_);
      if (!item) return Step::done();
      ++index_;
      return item.take();
    }
    Step step = next_(thread_, source_.borrow());
    if (__builtin_expect(step.raised(), 0) && pending_is<StopIteration>(thread_)) {
      clear_exception(thread_);
      return Step::done();
    }
    return step;
  }
  Step next(ItemSink& sink) {
    if (next_ && is_exact(source_.value(), SHAPE(generator)))
      return generator_drain(thread_, Borrowed<Generator>(source_.value()), sink);
    return next();
  }

 private:
  Thread& thread_;
  Maybe<Ref<Object>> source_;  // the list, the tuple or the iterator
  slot_function::Next next_ = nullptr;
  Word index_ = 0;
  bool is_list_ = false;
};

// What `for a, b in iterator` needs of dict_items, enumerate and zip of two: both words, counted,
// without a tuple around them. ordinary: nothing was done, the iterator's __next__ serves.
extern TypeHandle dict_itemiterator_type, enumerate_type, zip_type;
enum class PairStep : int8_t { raised, done, pair, ordinary };
PairStep dict_items_next_pair(Thread& thread, Any iterator, Value* pair);  // dict_views.cpp
PairStep enumerate_next_pair(Thread& thread, Any iterator, Value* pair);
PairStep zip_next_two(Thread& thread, Any iterator, Value* pair);

// Whether the only reference to a tuple is the one the caller looks through: its items may be
// replaced, as iterators of pairs do with the pair they gave out last. Its cached hash is to be
// reset.
inline bool tuple_is_ours(const Thread& thread, const Tuple* tuple) {
  return strong_load(tuple) == 1 && weak_load(tuple) == kWeakOne && is_mine(thread, tuple);
}
// A pair (first, second), both given away to it: `last` again when nobody else holds it, else a new
// one that stays there.
inline Result<Ref<Tuple>> tuple_pair_reusing(Thread& thread, Object* container, Field<Tuple>& last,
                                             AnyRef first, AnyRef second) {
  if (Maybe<Borrowed<Tuple>> known = last.maybe();
      known && is_mine(thread, container) && tuple_is_ours(thread, known.get())) {
    Ref<Tuple> pair = Ref<Tuple>::share(thread, *known);
    pair->hash_cache.store(0, std::memory_order_relaxed);
    Value old_first = slot_exchange(thread, pair.get(), pair->items()[0], first.release());
    Value old_second = slot_exchange(thread, pair.get(), pair->items()[1], second.release());
    decref(thread, old_first);
    decref(thread, old_second);
    return pair;
  }
  Value items[2] = {first.release(), second.release()};
  Ref<Tuple> pair = TRY(tuple_adopt(thread, items, 2));
  slot_write(thread, container, last, Ref<Tuple>::share(thread, pair));
  return pair;
}

}  // namespace dx
