// itertools: batched, groupby and tee.

#include "memory/byte_lock.h"
#include "modules/itertools.h"
#include "objects/bind.h"

namespace dx {

// ---- batched ------------------------------------------------------------------------------------

struct Batched : Object {
  Field<Object> iterator;  // empty once exhausted
  Word size;
  bool strict;
};

static AnyResult batched_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  static const char* const names[] = {"iterable", "n", "strict"};
  Value given[3] = {};
  if (arguments.positional() > 2) {
    return raise<TypeError>(thread, "batched() takes exactly 2 positional arguments ({} given)",
                            arguments.positional());
  }
  if (!bind_new(thread, {"batched", names, 3, 0, 2, TooMany::takes}, arguments, given))
    return Raised{};
  Word size = TRY(index_word(thread, given[1]));
  bool strict = given[2] ? TRY(is_true(thread, given[2])) : false;
  if (size < 1) return raise<ValueError>(thread, "n must be at least one");
  AnyRef iterator = TRY(get_iter(thread, given[0]));
  AnyRef made = TRY(allocate_instance(thread, type));
  Batched* self = static_cast<Batched*>(made.get());
  self->size = size;
  self->strict = strict;
  slot_init(self, self->iterator, std::move(iterator));
  return made;
}

static Step batched_next(Thread& thread, Borrowed<Batched> self) {
  Maybe<Ref<Object>> iterator = field_load(thread, self.get(), self->iterator);
  if (!iterator) return Step::done();
  Ref<Tuple> batch = TRY(tuple_create(thread, static_cast<size_t>(self->size)));
  for (Word i = 0; i < self->size; ++i) {
    Step step = iter_next(thread, iterator.borrow());
    if (!step.raised() && !step.is_done()) {
      slot_init(batch.get(), batch->items()[i], step.take());
      continue;
    }
    slot_clear(thread, self.get(), self->iterator);
    if (step.raised() || i == 0) return step;
    if (self->strict) return raise<ValueError>(thread, "batched(): incomplete batch");
    Ref<Tuple> shorter = TRY(tuple_slice(thread, batch, 0, i));
    return shorter;
  }
  return batch;
}
DX_ITERTOOLS_SPEC(batched, Batched,
                  "batched(iterable, n, *, strict=False)\n--\n\n"
                  "Tuples of n items each; the last one may be shorter, unless strict is true.",
                  batched_new, batched_next, &Batched::iterator)

// ---- groupby ------------------------------------------------------------------------------------

struct GroupBy : Object {
  Field<Object> iterator, key_function;  // key_function: empty for None
  Field<Object> target_key;              // of the group last given out
  Field<Object> current_key, current_value;
  uint64_t group;  // number of the group last given out: older groupers are exhausted
};
struct Grouper : Object {
  Field<GroupBy> parent;
  Field<Object> target_key;
  uint64_t group;
};

static AnyResult groupby_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  static const char* const names[] = {"iterable", "key"};
  Value given[2] = {};
  if (!bind_new(thread, {"groupby", names, 2, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  AnyRef iterator = TRY(get_iter(thread, given[0]));
  AnyRef made = TRY(allocate_instance(thread, type));
  GroupBy* self = static_cast<GroupBy*>(made.get());
  slot_init(self, self->iterator, std::move(iterator));
  if (given[1] && !given[1].is_none()) slot_init(self, self->key_function, share(thread, given[1]));
  return made;
}

// Takes the next item and its key. Done when there is none.
static Step groupby_advance(Thread& thread, Borrowed<GroupBy> self) {
  Step step = iter_next(thread, self->iterator.borrow());
  if (step.raised() || step.is_done()) return step;
  AnyRef value = step.take();
  AnyRef key = self->key_function.raw()
                   ? TRY(call(thread, self->key_function.borrow(), {value.value()}))
                   : share(thread, value);
  slot_write(thread, self.get(), self->current_value, std::move(value));
  slot_write(thread, self.get(), self->current_key, std::move(key));
  return AnyRef::adopt(kNone);
}

static Step groupby_next(Thread& thread, Borrowed<GroupBy> self) {
  ++self->group;
  for (;;) {  // skip what is left of the last group
    Maybe<Ref<Object>> key = field_load(thread, self.get(), self->current_key);
    Maybe<Ref<Object>> target = field_load(thread, self.get(), self->target_key);
    if (key) {
      if (!target) break;
      if (!TRY(equal(thread, target.borrow(), key.borrow()))) break;
    }
    Step step = groupby_advance(thread, self);
    if (step.raised() || step.is_done()) return step;
  }
  Maybe<Ref<Object>> key = field_load(thread, self.get(), self->current_key);
  if (!key) return Step::done();  // taken by another thread meanwhile
  slot_write(thread, self.get(), self->target_key, share(thread, key.borrow()));
  AnyRef made = TRY(allocate_instance(thread, itertools_grouper_type.type));
  Grouper* grouper = static_cast<Grouper*>(made.get());
  grouper->group = self->group;
  slot_init(grouper, grouper->parent, share(thread, self));
  slot_init(grouper, grouper->target_key, share(thread, key.borrow()));
  Value pair[2] = {key.release(), made.release()};
  Ref<Tuple> result = TRY(tuple_adopt(thread, pair, 2));
  return result;
}
DX_ITERTOOLS_SPEC(groupby, GroupBy,
                  "groupby(iterable, key=None)\n--\n\n"
                  "make an iterator that returns consecutive keys and groups from the iterable\n\n"
                  "  iterable\n    Elements to divide into groups according to the key function.\n"
                  "  key\n    A function for computing the group category for each element.\n"
                  "    If the key function is not specified or is None, the element itself\n    is "
                  "used for grouping.",
                  groupby_new, groupby_next, &GroupBy::iterator, &GroupBy::key_function,
                  &GroupBy::target_key, &GroupBy::current_key, &GroupBy::current_value)

static AnyResult grouper_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(expect_positional(thread, "_grouper", arguments, 2));
  if (!is_subtype(type_of(arguments[0]), itertools_groupby_type)) {
    return raise<TypeError>(thread, "_grouper() argument 1 must be itertools.groupby, not {}",
                            type_name_in(arguments[0]));
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  Grouper* self = static_cast<Grouper*>(made.get());
  GroupBy* parent = static_cast<GroupBy*>(arguments[0].object());
  self->group = ++parent->group;
  slot_init(self, self->parent, share(thread, arguments[0]));
  slot_init(self, self->target_key, share(thread, arguments[1]));
  return made;
}

static Step grouper_next(Thread& thread, Borrowed<Grouper> self) {
  Borrowed<GroupBy> parent = self->parent.borrow();
  if (parent->group != self->group) return Step::done();
  if (!parent->current_value.raw()) {
    Step step = groupby_advance(thread, parent);
    if (step.raised() || step.is_done()) return step;
  }
  Maybe<Ref<Object>> key = field_load(thread, parent.get(), parent->current_key);
  if (!key) return Step::done();
  if (!TRY(equal(thread, self->target_key.borrow(), key.borrow()))) return Step::done();
  Maybe<Ref<Object>> value =
      Maybe<Ref<Object>>::adopt(slot_take(thread, parent.get(), parent->current_value));
  slot_clear(thread, parent.get(), parent->current_key);
  if (!value) return Step::done();
  return value.take();
}
static const Layout grouper_layout{"_grouper", sizeof(Grouper), true,
                                   trace_fields<Grouper, &Grouper::parent, &Grouper::target_key>,
                                   nullptr};
static const SlotEntry grouper_slots[] = {
    slot<SlotId::new_, grouper_new>(),
    slot<SlotId::iter, itertools_iter_self>(),
    slot<SlotId::next, grouper_next>(),
};
TypeHandle itertools_grouper_type;
const TypeSpec itertools_grouper_spec{
    .name = "itertools._grouper",
    .flags = kTypeImmutable,
    .layout = &grouper_layout,
    .slots = grouper_slots,
};

// ---- tee ----------------------------------------------------------------------------------------
// Items that some copy has not seen yet wait in a chain of blocks; a block goes when no copy stands
// in it or before it.
//
//   _tee --(index 3)--> block [a b c d e ... ] --> block [ ... ] --> (the block at the end reads
//   the iterator)

constexpr Word kBlockItems = 57;

struct TeeBlock : Object {
  Field<Object> iterator;
  Field<TeeBlock> next;       // empty until somebody gets that far
  std::atomic<Word> read;     // items in `items`
  std::atomic<bool> running;  // some thread is in the iterator's next()
  Field<Object> items[kBlockItems];
};
struct Tee : Object {
  Field<TeeBlock> block;
  Word index;
};

static Result<Ref<TeeBlock>> tee_block_create(Thread& thread, Any iterator) {
  AnyRef made = TRY(allocate_instance(thread, itertools_tee_dataobject_type.type));
  TeeBlock* block = static_cast<TeeBlock*>(made.get());
  slot_init(block, block->iterator, share(thread, iterator));
  return Ref<TeeBlock>::adopt(made.release());
}

static Step tee_block_item(Thread& thread, Borrowed<TeeBlock> self, Word index) {
  if (index < self->read.load(std::memory_order_acquire))
    return share(thread, self->items[index].borrow());
  if (self->running.exchange(true, std::memory_order_acquire)) {
    return raise<RuntimeError>(thread, "cannot re-enter the tee iterator");
  }
  Word read = self->read.load(std::memory_order_relaxed);
  if (index < read) {
    self->running.store(false, std::memory_order_release);
    return share(thread, self->items[index].borrow());
  }
  Step step = iter_next(thread, self->iterator.borrow());
  if (step.raised() || step.is_done()) {
    self->running.store(false, std::memory_order_release);
    return step;
  }
  AnyRef item = step.take();
  publish_into(thread, self.get(), item.value());
  slot_init(self.get(), self->items[read], share(thread, item));
  self->read.store(read + 1, std::memory_order_release);
  self->running.store(false, std::memory_order_release);
  return item;
}

static Result<Ref<TeeBlock>> tee_block_after(Thread& thread, Borrowed<TeeBlock> self) {
  Maybe<Ref<TeeBlock>> next = field_load(thread, self.get(), self->next);
  if (next) return next.take();
  Ref<TeeBlock> fresh = TRY(tee_block_create(thread, self->iterator.borrow()));
  ObjectLock lock(thread, self.get());
  if (Maybe<Borrowed<TeeBlock>> theirs = self->next.maybe())
    return Ref<TeeBlock>::share(thread, *theirs);
  (void)slot_exchange(thread, self.get(), self->next, share(thread, fresh).release());
  return fresh;
}

static AnyResult tee_create(Thread& thread, Borrowed<Type> type, Borrowed<TeeBlock> block,
                            Word index) {
  AnyRef made = TRY(allocate_instance(thread, type));
  Tee* self = static_cast<Tee*>(made.get());
  self->index = index;
  slot_init(self, self->block, share(thread, block));
  return made;
}
static AnyResult tee_copy(Thread& thread, Borrowed<Tee> self) {
  Maybe<Ref<TeeBlock>> block = field_load(thread, self.get(), self->block);
  return tee_create(thread, itertools_tee_type.type, block.borrow(), self->index);
}

static AnyResult tee_from(Thread& thread, Borrowed<Type> type, Any iterable) {
  AnyRef iterator = TRY(get_iter(thread, iterable));
  if (is_subtype(type_of(iterator.value()), itertools_tee_type)) {
    return tee_copy(thread, Borrowed<Tee>(iterator.value()));
  }
  Ref<TeeBlock> block = TRY(tee_block_create(thread, iterator));
  return tee_create(thread, type, block, 0);
}

static AnyResult tee_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(expect_positional(thread, "_tee", arguments, 1));
  return tee_from(thread, type, arguments[0]);
}

static Step tee_next(Thread& thread, Borrowed<Tee> self) {
  Maybe<Ref<TeeBlock>> block = field_load(thread, self.get(), self->block);
  Word index = self->index;
  if (index >= kBlockItems) {
    Ref<TeeBlock> next = TRY(tee_block_after(thread, block.borrow()));
    slot_write(thread, self.get(), self->block, share(thread, next));
    block = Maybe<Ref<TeeBlock>>(std::move(next));
    index = 0;
  }
  Step step = tee_block_item(thread, block.borrow(), index);
  if (!step.raised() && !step.is_done())
    self->index = index + 1;
  else
    self->index = index;
  return step;
}

static const Layout tee_layout{"_tee", sizeof(Tee), true, trace_fields<Tee, &Tee::block>, nullptr};
static const SlotEntry tee_slots[] = {
    slot<SlotId::new_, tee_new>(),
    slot<SlotId::iter, itertools_iter_self>(),
    slot<SlotId::next, tee_next>(),
};
static constexpr Method tee_methods[] = {
    method<tee_copy>("__copy__()", "Returns an independent iterator."),
};
TypeHandle itertools_tee_type, itertools_tee_dataobject_type;
const TypeSpec itertools_tee_spec{
    .name = "itertools._tee",
    .doc = "_tee(iterable, /)\n--\n\nIterator wrapped to make it copyable.",
    .flags = kTypeImmutable | kTypeWeakrefable,
    .layout = &tee_layout,
    .slots = tee_slots,
    .methods = tee_methods,
};

static void tee_block_trace(Object* object, SlotVisitor& visitor) {
  TeeBlock* self = static_cast<TeeBlock*>(object);
  visitor(self->iterator);
  visitor(self->next);
  for (Field<Object>& item : self->items) visitor(item);
}
static const Layout tee_block_layout{"_tee_dataobject", sizeof(TeeBlock), true, tee_block_trace,
                                     nullptr};
const TypeSpec itertools_tee_dataobject_spec{
    .name = "itertools._tee_dataobject",
    .doc = "Data container common to multiple tee objects.",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &tee_block_layout,
};

AnyResult itertools_tee(Thread& thread, Any iterable, Word n) {
  if (n < 0) return raise<ValueError>(thread, "n must be >= 0");
  Ref<Tuple> result = TRY(tuple_create(thread, static_cast<size_t>(n)));
  if (n == 0) return result;
  AnyRef first = TRY(get_iter(thread, iterable));
  AnyLookup copy = lookup_attr(thread, first, NAME("__copy__"));
  if (copy.raised()) return Raised{};
  Word i = 0;
  if (copy.is_absent()) {
    first = TRY(tee_from(thread, itertools_tee_type.type, first));
    slot_init(result.get(), result->items()[i++], share(thread, first));
  }
  for (; i < n; ++i) {
    AnyRef twin = TRY(call_method(thread, first, NAME("__copy__"), {}));
    slot_init(result.get(), result->items()[i], std::move(twin));
  }
  return result;
}

}  // namespace dx
