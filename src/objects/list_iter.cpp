// list_iterator and list_reverseiterator. They look at the list's length at every step, so a list
// may grow and shrink under them; once exhausted they stay so.

#include "objects/iter.h"
#include "objects/list.h"

namespace dx {

TypeHandle list_iterator_type, list_reverseiterator_type;

static AnyResult list_iterator_create(Thread& thread, const TypeHandle& type, Borrowed<List> list,
                                      Word index) {
  auto* self = iterator_allocate<ListIterator>(thread, type);
  if (!self) return Raised{};
  self->index = index;
  slot_init(self, self->list, share(thread, list));
  return AnyRef::adopt(self);
}
AnyResult list_iter(Thread& thread, Borrowed<List> self) {
  return list_iterator_create(thread, list_iterator_type, self, 0);
}
AnyResult list_reversed(Thread& thread, Borrowed<List> self) {
  return list_iterator_create(thread, list_reverseiterator_type, self, list_length(self) - 1);
}

static AnyResult list_iterator_iter(Thread& thread, Any self) { return share(thread, self); }

// An iterator that another thread can reach: the list is held, the index claimed.
static Step list_iterator_next_shared(Thread& thread, Borrowed<ListIterator> self, Word step) {
  Maybe<Ref<List>> list = field_load(thread, self.get(), self->list);
  if (!list) return Step::done();
  Word index = std::atomic_ref<Word>(self->index).fetch_add(step, std::memory_order_relaxed);
  Maybe<Ref<Object>> item =
      index < 0 ? Maybe<Ref<Object>>() : list_item(thread, list.borrow(), index);
  if (item) return item.take();
  slot_clear(thread, self.get(), self->list);
  return Step::done();
}

static Step list_iterator_next(Thread& thread, Borrowed<ListIterator> self) {
  if (__builtin_expect(!is_mine(thread, self.get()), 0))
    return list_iterator_next_shared(thread, self, 1);
  Maybe<Borrowed<List>> list = self->list.maybe();
  if (!list) return Step::done();
  Maybe<Ref<Object>> item = list_item(thread, *list, self->index);
  if (item) {
    ++self->index;
    return item.take();
  }
  slot_clear(thread, self.get(), self->list);
  return Step::done();
}

static Step list_reverseiterator_next(Thread& thread, Borrowed<ListIterator> self) {
  if (__builtin_expect(!is_mine(thread, self.get()), 0))
    return list_iterator_next_shared(thread, self, -1);
  Maybe<Borrowed<List>> list = self->list.maybe();
  if (!list) return Step::done();
  if (self->index >= 0) {
    Maybe<Ref<Object>> item = list_item(thread, *list, self->index);
    if (item) {
      --self->index;
      return item.take();
    }
  }
  slot_clear(thread, self.get(), self->list);
  return Step::done();
}

static Word list_iterator_length_hint(Thread& thread, Borrowed<ListIterator> self) {
  Maybe<Ref<List>> list = field_load(thread, self.get(), self->list);
  if (!list) return 0;
  Word left = list_length(list.borrow()) - self->index;
  return left < 0 || self->index < 0 ? 0 : left;
}
static Word list_reverseiterator_length_hint(Thread& thread, Borrowed<ListIterator> self) {
  Maybe<Ref<List>> list = field_load(thread, self.get(), self->list);
  Word left = self->index + 1;
  return !list || list_length(list.borrow()) < left ? 0 : left;
}

static AnyResult list_iterator_reduce_as(Thread& thread, Borrowed<ListIterator> self,
                                         Borrowed<Str> name) {
  Maybe<Ref<List>> list = field_load(thread, self.get(), self->list);
  if (list)
    return reduce_with_builtin(thread, name, {list.value()}, MaybeAny(small_int(self->index)));
  // Exhausted: an iterator of nothing.
  Ref<List> nothing = TRY(list_create(thread));
  return reduce_with_builtin(thread, NAME("iter"), {nothing.value()});
}
static AnyResult list_iterator_reduce(Thread& thread, Borrowed<ListIterator> self) {
  return list_iterator_reduce_as(thread, self, NAME("iter"));
}
static AnyResult list_reverseiterator_reduce(Thread& thread, Borrowed<ListIterator> self) {
  return list_iterator_reduce_as(thread, self, NAME("reversed"));
}

static void list_iterator_setstate(Thread& thread, Borrowed<ListIterator> self, Word index) {
  Maybe<Ref<List>> list = field_load(thread, self.get(), self->list);
  if (!list) return;
  Word length = list_length(list.borrow());
  self->index = index < 0 ? -1 : index > length ? length : index;  // -1: exhausted, as in CPython
}
static void list_reverseiterator_setstate(Thread& thread, Borrowed<ListIterator> self, Word index) {
  Maybe<Ref<List>> list = field_load(thread, self.get(), self->list);
  if (!list) return;
  Word last = list_length(list.borrow()) - 1;
  self->index = index < -1 ? -1 : index > last ? last : index;
}

static void list_iterator_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<ListIterator*>(object)->list);
}
static const Layout list_iterator_layout{
    "list_iterator", sizeof(ListIterator),        true, list_iterator_trace, nullptr,
    nullptr,         drop_by<list_iterator_trace>};

static const SlotEntry list_iterator_slots[] = {
    slot<SlotId::iter, list_iterator_iter>(),
    slot<SlotId::next, list_iterator_next>(),
};
static const SlotEntry list_reverseiterator_slots[] = {
    slot<SlotId::iter, list_iterator_iter>(),
    slot<SlotId::next, list_reverseiterator_next>(),
};
static constexpr Method list_iterator_methods[] = {
    method<list_iterator_length_hint>("__length_hint__()",
                                      "Private method returning an estimate of len(list(it))."),
    method<list_iterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<list_iterator_setstate>("__setstate__(object, /)",
                                   "Set state information for unpickling."),
};
static constexpr Method list_reverseiterator_methods[] = {
    method<list_reverseiterator_length_hint>(
        "__length_hint__()", "Private method returning an estimate of len(list(it))."),
    method<list_reverseiterator_reduce>("__reduce__()", "Return state information for pickling."),
    method<list_reverseiterator_setstate>("__setstate__(object, /)",
                                          "Set state information for unpickling."),
};
extern const TypeSpec list_iterator_spec, list_reverseiterator_spec;
const TypeSpec list_iterator_spec{
    .name = "list_iterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &list_iterator_layout,
    .slots = list_iterator_slots,
    .methods = list_iterator_methods,
};
const TypeSpec list_reverseiterator_spec{
    .name = "list_reverseiterator",
    .flags = kTypeImmutable | kTypeDisallowNew,
    .layout = &list_iterator_layout,
    .slots = list_reverseiterator_slots,
    .methods = list_reverseiterator_methods,
};

}  // namespace dx
