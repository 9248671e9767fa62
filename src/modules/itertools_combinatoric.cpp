// itertools: product, permutations, combinations. Each holds a pool of items and a list of indices
// into it; next() moves the indices under the object's lock, so that threads sharing one never see
// an index outside the pool.

#include "memory/byte_lock.h"
#include "modules/itertools.h"
#include "objects/bind.h"

namespace dx {
namespace {

enum class Progress : uint8_t { fresh, running, finished };

struct Combinatoric : Object {
  Field<Tuple> pool;  // the items; for product: a tuple of tuples
  Word* indices;      // `picks` of them (permutations: one an item, then `picks` cycle counters)
  Word size, picks;   // items in the pool, items in a result
  Progress progress;
};

void combinatoric_destroy(Thread& thread, Object* object) {
  Word* indices = static_cast<Combinatoric*>(object)->indices;
  if (indices) free_buffer(thread, indices);
}
Word combinatoric_sizeof(Borrowed<Combinatoric> self) {
  return static_cast<Word>(sizeof(Combinatoric) +
                           (self->indices ? buffer_capacity(self->indices) : 0));
}

Result<Ref<Combinatoric>> combinatoric_create(Thread& thread, Borrowed<Type> type, Ref<Tuple> pool,
                                              Word picks, Word index_count, bool finished) {
  AnyRef made = TRY(allocate_instance(thread, type));
  Combinatoric* self = static_cast<Combinatoric*>(made.get());
  self->size = pool->size;
  self->picks = picks;
  self->progress = finished ? Progress::finished : Progress::fresh;
  slot_init(self, self->pool, std::move(pool));
  if (!finished && index_count) {
    if (index_count > (Word{1} << 56)) return raise_memory_error(thread);
    self->indices = static_cast<Word*>(
        allocate_buffer(thread, static_cast<size_t>(index_count) * sizeof(Word)));
    if (!self->indices) return raise_memory_error(thread);
    for (Word i = 0; i < index_count; ++i) self->indices[i] = 0;
  }
  return Ref<Combinatoric>::adopt(made.release());
}

Result<Ref<Tuple>> pool_of(Thread& thread, Any iterable) {
  AnyRef pool = TRY(sequence_tuple(thread, iterable));
  return Ref<Tuple>::adopt(pool.release());
}

// next() of the types that pick from one pool: advance moves the indices, false at the end.
template <bool (*advance)(Combinatoric&)>
Step pick_next(Thread& thread, Borrowed<Combinatoric> self) {
  if (self->progress == Progress::finished) return Step::done();
  Ref<Tuple> result = TRY(tuple_create(thread, static_cast<size_t>(self->picks)));
  ObjectLock lock(thread, self.get());
  if (self->progress == Progress::finished) return Step::done();
  if (self->progress == Progress::fresh) {
    self->progress = Progress::running;
  } else if (!advance(*self)) {
    self->progress = Progress::finished;
    return Step::done();
  }
  Borrowed<Tuple> pool = self->pool.borrow();
  for (Word i = 0; i < self->picks; ++i) {
    Value item = pool->item(self->indices[i]);
    incref(thread, item);
    slot_init(result.get(), result->items()[i], item);
  }
  return result;
}

// ---- combinations -------------------------------------------------------------------------------

bool combinations_advance(Combinatoric& self) {
  Word i = self.picks - 1;
  while (i >= 0 && self.indices[i] == i + self.size - self.picks) --i;
  if (i < 0) return false;
  ++self.indices[i];
  for (Word j = i + 1; j < self.picks; ++j) self.indices[j] = self.indices[j - 1] + 1;
  return true;
}

Result<Word> bind_pool_and_picks(Thread& thread, const char* name, const Arguments& arguments,
                                 Value* given) {
  static const char* const names[] = {"iterable", "r"};
  if (!bind_new(thread, {name, names, 2, 0, 2, TooMany::takes}, arguments, given)) return Raised{};
  return index_word(thread, given[1]);
}

AnyResult combinations_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  Value given[2] = {};
  Word picks = TRY(bind_pool_and_picks(thread, "combinations", arguments, given));
  Ref<Tuple> pool = TRY(pool_of(thread, given[0]));
  if (picks < 0) return raise<ValueError>(thread, "r must be non-negative");
  bool finished = picks > pool->size;
  Ref<Combinatoric> self =
      TRY(combinatoric_create(thread, type, std::move(pool), picks, picks, finished));
  for (Word i = 0; i < picks && !finished; ++i) self->indices[i] = i;
  return self;
}

// ---- combinations_with_replacement --------------------------------------------------------------

bool replacement_advance(Combinatoric& self) {
  Word i = self.picks - 1;
  while (i >= 0 && self.indices[i] == self.size - 1) --i;
  if (i < 0) return false;
  Word next = self.indices[i] + 1;
  for (; i < self.picks; ++i) self.indices[i] = next;
  return true;
}

AnyResult replacement_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  Value given[2] = {};
  Word picks = TRY(bind_pool_and_picks(thread, "combinations_with_replacement", arguments, given));
  Ref<Tuple> pool = TRY(pool_of(thread, given[0]));
  if (picks < 0) return raise<ValueError>(thread, "r must be non-negative");
  bool finished = pool->size == 0 && picks > 0;
  return combinatoric_create(thread, type, std::move(pool), picks, picks, finished);
}

// ---- permutations -------------------------------------------------------------------------------

bool permutations_advance(Combinatoric& self) {
  Word* cycles = self.indices + self.size;
  for (Word i = self.picks - 1; i >= 0; --i) {
    if (--cycles[i] > 0) {
      std::swap(self.indices[i], self.indices[self.size - cycles[i]]);
      return true;
    }
    Word moved = self.indices[i];
    for (Word j = i; j + 1 < self.size; ++j) self.indices[j] = self.indices[j + 1];
    self.indices[self.size - 1] = moved;
    cycles[i] = self.size - i;
  }
  return false;
}

AnyResult permutations_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  static const char* const names[] = {"iterable", "r"};
  Value given[2] = {};
  if (!bind_new(thread, {"permutations", names, 2, 0, 1, TooMany::takes}, arguments, given))
    return Raised{};
  Ref<Tuple> pool = TRY(pool_of(thread, given[0]));
  Word size = pool->size, picks = size;
  if (given[1] && !given[1].is_none()) {
    if (!has_layout(given[1], kShapeInt) && !given[1].is_int() && !given[1].is_bool()) {
      return raise<TypeError>(thread, "Expected int as r");
    }
    picks = TRY(index_word(thread, given[1]));
  }
  if (picks < 0) return raise<ValueError>(thread, "r must be non-negative");
  bool finished = picks > size;
  Ref<Combinatoric> self = TRY(combinatoric_create(thread, type, std::move(pool), picks,
                                                   finished ? 0 : size + picks, finished));
  if (!finished) {
    for (Word i = 0; i < size; ++i) self->indices[i] = i;
    for (Word i = 0; i < picks; ++i) self->indices[size + i] = size - i;
  }
  return self;
}

// ---- product ------------------------------------------------------------------------------------

AnyResult product_new(Thread& thread, Borrowed<Type> type, Arguments arguments) {
  size_t positional = arguments.positional();
  Word repeat = 1;
  for (size_t i = positional; i < arguments.count; ++i) {
    Borrowed<Str> name(arguments.names->item(static_cast<Word>(i - positional)).value());
    if (!str_equals_ascii(name, "repeat")) {
      return raise<TypeError>(thread, "product() got an unexpected keyword argument '{}'", name);
    }
    repeat = TRY(index_word(thread, arguments[i]));
    if (repeat < 0) return raise<ValueError>(thread, "repeat argument cannot be negative");
  }
  Word count = static_cast<Word>(positional);
  if (count && repeat > (Word{1} << 40) / count)
    return raise<OverflowError>(thread, "repeat argument too large");
  Word all = count * repeat;
  Ref<Tuple> pools = TRY(tuple_create(thread, static_cast<size_t>(all)));
  bool finished = false;
  for (Word i = 0; i < all; ++i) {
    // The iterables are read once; repetitions share the tuples.
    Ref<Tuple> pool =
        i < count ? TRY(pool_of(thread, arguments[static_cast<size_t>(i)]))
                  : Ref<Tuple>::share(thread, Borrowed<Tuple>(pools->item(i - count).value()));
    if (pool->size == 0) finished = true;
    slot_init(pools.get(), pools->items()[i], std::move(pool));
  }
  return combinatoric_create(thread, type, std::move(pools), all, all, finished);
}

Step product_next(Thread& thread, Borrowed<Combinatoric> self) {
  if (self->progress == Progress::finished) return Step::done();
  Ref<Tuple> result = TRY(tuple_create(thread, static_cast<size_t>(self->picks)));
  Borrowed<Tuple> pools = self->pool.borrow();
  ObjectLock lock(thread, self.get());
  if (self->progress == Progress::finished) return Step::done();
  auto pool = [&](Word i) { return static_cast<Tuple*>(pools->item(i).object()); };
  if (self->progress == Progress::fresh) {
    self->progress = Progress::running;
  } else {
    Word i = self->picks - 1;
    while (i >= 0 && ++self->indices[i] == pool(i)->size) self->indices[i--] = 0;
    if (i < 0) {
      self->progress = Progress::finished;
      return Step::done();
    }
  }
  for (Word i = 0; i < self->picks; ++i) {
    Value item = pool(i)->item(self->indices[i]);
    incref(thread, item);
    slot_init(result.get(), result->items()[i], item);
  }
  return result;
}

const Layout combinatoric_layout{"combinatoric", sizeof(Combinatoric), true,
                                 trace_fields<Combinatoric, &Combinatoric::pool>,
                                 combinatoric_destroy};
constexpr Method combinatoric_methods[] = {
    method<combinatoric_sizeof>("__sizeof__()", "Returns size in memory, in bytes."),
};

}  // namespace

#define DX_COMBINATORIC_SPEC(id, doc_, new_function, next_function) \
  static const SlotEntry id##_slots[] = {                           \
      slot<SlotId::new_, new_function>(),                           \
      slot<SlotId::iter, itertools_iter_self>(),                    \
      slot<SlotId::next, next_function>(),                          \
  };                                                                \
  TypeHandle itertools_##id##_type;                                 \
  const TypeSpec itertools_##id##_spec{                             \
      .name = "itertools." #id,                                     \
      .doc = doc_,                                                  \
      .flags = kTypeBase | kTypeImmutable,                          \
      .layout = &combinatoric_layout,                               \
      .slots = id##_slots,                                          \
      .methods = combinatoric_methods,                              \
  };

DX_COMBINATORIC_SPEC(
    product,
    "product(*iterables, repeat=1)\n--\n\n"
    "Cartesian product: every tuple of one item of each iterable, the last one changing fastest.",
    product_new, product_next)
DX_COMBINATORIC_SPEC(permutations,
                     "permutations(iterable, r=None)\n--\n\n"
                     "Return successive r-length permutations of elements in the iterable.\n\n"
                     "permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)",
                     permutations_new, pick_next<permutations_advance>)
DX_COMBINATORIC_SPEC(combinations,
                     "combinations(iterable, r)\n--\n\n"
                     "Return successive r-length combinations of elements in the iterable.\n\n"
                     "combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)",
                     combinations_new, pick_next<combinations_advance>)
DX_COMBINATORIC_SPEC(combinations_with_replacement,
                     "combinations_with_replacement(iterable, r)\n--\n\n"
                     "Return successive r-length combinations of elements in the iterable allowing "
                     "individual elements "
                     "to have successive repeats.\n\n"
                     "combinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), "
                     "('B','B'), ('B','C'), "
                     "('C','C')",
                     replacement_new, pick_next<replacement_advance>)

}  // namespace dx
