// _abc: what abc.ABCMeta does in C++, so that isinstance(x, Sequence) is cheap.
//
//   cls._abc_impl ----> AbcData: registry, a set of weak references to the classes registered
//                                answers, versions of classes that were found to be (positive) or
//                                not to be (negative) subclasses
//
// The answers are two small direct-mapped tables of type versions. A version names one state of one
// class and is never used again, so an entry needs no reference to the class and cannot be mistaken
// for another class at the same address; a changed class is simply asked anew. Negative answers
// hold only as long as no class has been registered anywhere since (the invalidation counter).
// Readers and writers use single atomic words; a lost write costs one more look.

#include <atomic>
#include <vector>

#include "objects/container_support.h"
#include "objects/list.h"
#include "objects/module.h"
#include "objects/set.h"
#include "objects/tuple.h"
#include "objects/type_internal.h"
#include "objects/weakref.h"

namespace dx {

namespace {

constexpr size_t kAnswers = 64;

struct AnswerTable {
  std::atomic<uint32_t> versions[kAnswers];
  bool has(uint32_t version) const {
    return version && versions[version % kAnswers].load(std::memory_order_relaxed) == version;
  }
  void add(uint32_t version) {
    if (version) versions[version % kAnswers].store(version, std::memory_order_relaxed);
  }
  void clear() {
    for (auto& version : versions) version.store(0, std::memory_order_relaxed);
  }
};

struct AbcData : Object {
  Field<Object> registry;  // set of weakrefs, or empty
  std::atomic<uint64_t> negative_counter;
  AnswerTable positive, negative;
};

TypeHandle data_type;
std::atomic<uint64_t> invalidation_counter{0};

uint32_t version_of(Type* type) { return type->version.load(std::memory_order_acquire); }

Result<Ref<AbcData>> data_of(Thread& thread, Any cls) {
  AnyRef found = TRY(get_attr(thread, cls, NAME("_abc_impl")));
  if (type_of(found.value()) != data_type.type)
    return raise<TypeError>(thread, "_abc_impl is set to a wrong type");
  return Ref<AbcData>::adopt(found.release());
}

// The classes registered with data that are alive.
Result<Ref<List>> registered(Thread& thread, Borrowed<AbcData> data) {
  Ref<List> classes = TRY(list_create(thread));
  Maybe<Ref<Object>> registry = field_load(thread, data.get(), data->registry);
  if (!registry) return classes;
  Ref<Set> stable = TRY(set_stable(thread, Borrowed<Set>(registry.value())));
  size_t position = 0;
  Maybe<Ref<Object>> item;
  while (set_next(thread, stable, position, item)) {
    Maybe<Ref<Object>> cls = weakref_get(thread, static_cast<WeakReference*>(item.get()));
    if (cls) TRY(list_append(thread, classes, cls.take()));
  }
  return classes;
}

// ---- making a class -----------------------------------------------------------------------------

Result<bool> is_abstract(Thread& thread, Any value) {
  AnyLookup flag = lookup_attr(thread, value, NAME("__isabstractmethod__"));
  if (flag.raised()) return Raised{};
  if (flag.is_absent()) return false;
  return is_true(thread, flag.borrow());
}

Result<void> compute_abstract_methods(Thread& thread, Any cls) {
  Ref<Set> names = TRY(set_create(thread));
  AnyRef space = TRY(get_attr(thread, cls, NAME("__dict__")));
  AnyRef items = TRY(call_method(thread, space, NAME("items"), {}));
  AnyRef pairs = TRY(sequence_list(thread, items));
  Borrowed<List> own(pairs.value());
  for (Word i = 0; i < list_length(own); ++i) {
    Maybe<Ref<Object>> pair = list_item(thread, own, i);
    auto* entry = static_cast<Tuple*>(pair.get());
    if (TRY(is_abstract(thread, entry->item(1)))) TRY(set_add(thread, names, entry->item(0)));
  }
  AnyRef bases = TRY(get_attr(thread, cls, NAME("__bases__")));
  if (!is_tuple(bases.value())) return raise<TypeError>(thread, "__bases__ is not tuple");
  Borrowed<Tuple> parents(bases.value());
  for (Word i = 0; i < parents->size; ++i) {
    AnyLookup inherited = lookup_attr(thread, parents->item(i), NAME("__abstractmethods__"));
    if (inherited.raised()) return Raised{};
    if (inherited.is_absent()) continue;
    AnyRef iterator = TRY(get_iter(thread, inherited.borrow()));
    for (;;) {
      Step step = iter_next(thread, iterator);
      if (step.raised()) return Raised{};
      if (step.is_done()) break;
      AnyRef name = step.take();
      if (!is_str(name.value()))
        return raise<TypeError>(thread, "attribute name must be string, not '{}'",
                                type_name_in(name.borrow()));
      AnyLookup value = lookup_attr(thread, cls, Borrowed<Str>(name.value()));
      if (value.raised()) return Raised{};
      if (value.found() && TRY(is_abstract(thread, value.borrow())))
        TRY(set_add(thread, names, name));
    }
  }
  Ref<Set> frozen = TRY(frozenset_from(thread, names));
  return set_attr(thread, cls, NAME("__abstractmethods__"), MaybeAny(frozen.value()));
}

// Whether instances match `case [...]` or `case {...}` is a flag of the class.
constexpr uint32_t kCollectionFlags = kTypeSequence | kTypeMapping;

AnyResult abc_init(Thread& thread, Any cls) {
  TRY(compute_abstract_methods(thread, cls));
  AnyRef data = TRY(allocate_instance(thread, Borrowed<Type>(data_type.type)));
  TRY(set_attr(thread, cls, NAME("_abc_impl"), MaybeAny(data.value())));
  if (!is_type(cls)) return AnyRef::adopt(kNone);
  auto* type = static_cast<Type*>(cls.object());
  Maybe<Ref<Object>> flags = type_lookup(thread, type, NAME("__abc_tpflags__"));
  AnyRef space = TRY(get_attr(thread, cls, NAME("__dict__")));
  if (flags && TRY(contains(thread, space, Any(Value(NAME("__abc_tpflags__")))))) {
    auto wanted = static_cast<uint32_t>(TRY(index_word(thread, flags.borrow())));
    if ((wanted & kCollectionFlags) == kCollectionFlags)
      return raise<TypeError>(
          thread, "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
    if (wanted & kCollectionFlags) {
      type->flags.fetch_and(~kCollectionFlags);
      type->flags.fetch_or(wanted & kCollectionFlags);
    }
    TRY(set_attr(thread, cls, NAME("__abc_tpflags__"), MaybeAny()));
  }
  return AnyRef::adopt(kNone);
}

Result<void> set_collection_flag(Thread& thread, Any cls, uint32_t flag) {
  if (!is_type(cls)) return {};
  auto* type = static_cast<Type*>(cls.object());
  if (type->has_flag(kTypeImmutable) || (type->flags.load() & kCollectionFlags) == flag) return {};
  type->flags.fetch_and(~kCollectionFlags);
  type->flags.fetch_or(flag);
  AnyRef children = TRY(
      call(thread, TRY(get_attr(thread, Any(Value(TYPE(type))), NAME("__subclasses__"))).borrow(),
           {cls.value()}));
  Borrowed<List> list(children.value());
  for (Word i = 0; i < list_length(list); ++i) {
    AnyRef child = list_item(thread, list, i).take();
    TRY(set_collection_flag(thread, child, flag));
  }
  return {};
}

AnyResult abc_register(Thread& thread, Any cls, Any subclass) {
  if (!is_type(subclass)) return raise<TypeError>(thread, "Can only register classes");
  if (TRY(is_subclass(thread, subclass, cls))) return share(thread, subclass);
  // After that test, so that X.register(X) does nothing.
  if (TRY(is_subclass(thread, cls, subclass)))
    return raise<RuntimeError>(thread, "Refusing to create an inheritance cycle");
  Ref<AbcData> data = TRY(data_of(thread, cls));
  Maybe<Ref<Object>> registry = field_load(thread, data.get(), data->registry);
  if (!registry) {
    Ref<Set> fresh = TRY(set_create(thread));
    registry = Maybe<Ref<Object>>(share(thread, fresh));
    slot_write(thread, data.get(), data->registry, std::move(fresh));
  }
  AnyRef reference =
      TRY(weakref_create(thread, Borrowed<Type>(weakref_ref_type.type), subclass, MaybeAny()));
  TRY(set_add(thread, Borrowed<Set>(registry.value()), reference));
  invalidation_counter.fetch_add(1);
  if (is_type(cls)) {
    uint32_t flag = static_cast<Type*>(cls.object())->flags.load() & kCollectionFlags;
    if (flag) TRY(set_collection_flag(thread, subclass, flag));
  }
  return share(thread, subclass);
}

// ---- asking -------------------------------------------------------------------------------------

bool negative_answer(AbcData* data, uint32_t version) {
  uint64_t now = invalidation_counter.load(std::memory_order_acquire);
  if (data->negative_counter.load(std::memory_order_acquire) < now) {
    data->negative.clear();
    data->negative_counter.store(now, std::memory_order_release);
    return false;
  }
  return data->negative.has(version);
}

Result<bool> find_subclass(Thread& thread, Any cls, Borrowed<Type> subclass, AbcData* data) {
  AnyRef answer = TRY(call_method(thread, cls, NAME("__subclasshook__"), {subclass.value()}));
  if (answer.value() == kTrue) return true;
  if (answer.value() == kFalse) return false;
  if (answer.value() != kNotImplemented) {
    return raise<AssertionError>(
        thread, "__subclasshook__ must return either False, True, or NotImplemented");
  }
  Value mro = subclass->mro.raw();
  if (mro) {
    Borrowed<Tuple> order(mro);
    for (Word i = 0; i < order->size; ++i) {
      if (order->item(i).is(cls)) return true;
    }
  }
  Ref<List> classes = TRY(registered(thread, Borrowed<AbcData>(data)));
  for (Word i = 0; i < list_length(classes); ++i) {
    AnyRef known = list_item(thread, classes, i).take();
    if (TRY(is_subclass(thread, subclass, known))) return true;
  }
  AnyRef children = TRY(call_method(thread, cls, NAME("__subclasses__"), {}));
  if (!is_list(children.value()))
    return raise<TypeError>(thread, "__subclasses__() must return a list");
  AnyRef copy = TRY(sequence_list(thread, children));
  Borrowed<List> list(copy.value());
  for (Word i = 0; i < list_length(list); ++i) {
    AnyRef child = list_item(thread, list, i).take();
    if (TRY(is_subclass(thread, subclass, child))) return true;
  }
  return false;
}

Result<bool> abc_subclasscheck(Thread& thread, Any cls, Any subclass) {
  if (!is_type(subclass)) return raise<TypeError>(thread, "issubclass() arg 1 must be a class");
  Ref<AbcData> data = TRY(data_of(thread, cls));
  auto* type = static_cast<Type*>(subclass.object());
  uint32_t version = version_of(type);
  if (data->positive.has(version)) return true;
  if (negative_answer(data.get(), version)) return false;
  uint64_t counter = invalidation_counter.load(std::memory_order_acquire);
  bool found = TRY(find_subclass(thread, cls, Borrowed<Type>(type), data.get()));
  // The answer is of the class as it was before: hooks may have changed it, or registered
  // something.
  if (found)
    data->positive.add(version);
  else if (counter == invalidation_counter.load(std::memory_order_acquire))
    data->negative.add(version);
  return found;
}

Result<bool> ask(Thread& thread, Any cls, Any subclass) {
  AnyRef answer = TRY(call_method(thread, cls, NAME("__subclasscheck__"), {subclass.value()}));
  return is_true(thread, answer);
}

Result<bool> abc_instancecheck(Thread& thread, Any cls, Any instance) {
  Ref<AbcData> data = TRY(data_of(thread, cls));
  AnyRef subclass = TRY(get_attr(thread, instance, NAME("__class__")));
  Type* type = type_of(instance);
  if (is_type(subclass.value()) &&
      data->positive.has(version_of(static_cast<Type*>(subclass.get()))))
    return true;
  if (subclass.value() == Value(type)) {
    if (negative_answer(data.get(), version_of(type))) return false;
    return ask(thread, cls, subclass);
  }
  if (TRY(ask(thread, cls, subclass))) return true;
  return ask(thread, cls, Any(Value(type)));
}

// ---- debugging ----------------------------------------------------------------------------------

AnyResult abc_get_cache_token(Thread& thread) {
  return AnyRef::adopt(word_to_value(thread, static_cast<Word>(invalidation_counter.load())));
}
// (registry, cache, negative cache, its counter); the caches hold no references to classes, so they
// are shown as empty.
AnyResult abc_get_dump(Thread& thread, Any cls) {
  Ref<AbcData> data = TRY(data_of(thread, cls));
  Maybe<Ref<Object>> registry = field_load(thread, data.get(), data->registry);
  Ref<Set> shown = registry ? TRY(set_from(thread, registry.borrow())) : TRY(set_create(thread));
  Ref<Set> positive = TRY(set_create(thread)), negative = TRY(set_create(thread));
  return tuple_of(thread, {shown.value(), positive.value(), negative.value(),
                           small_int(static_cast<Word>(data->negative_counter.load()))});
}
AnyResult abc_reset_registry(Thread& thread, Any cls) {
  Ref<AbcData> data = TRY(data_of(thread, cls));
  slot_clear(thread, data.get(), data->registry);
  return AnyRef::adopt(kNone);
}
AnyResult abc_reset_caches(Thread& thread, Any cls) {
  Ref<AbcData> data = TRY(data_of(thread, cls));
  data->positive.clear();
  data->negative.clear();
  return AnyRef::adopt(kNone);
}

// ---- the tables ---------------------------------------------------------------------------------

const Layout data_layout{"_abc_data", sizeof(AbcData), true,
                         trace_fields<AbcData, &AbcData::registry>, nullptr};
const TypeSpec data_spec{.name = "_abc._abc_data",
                         .doc = "Internal state held by ABC machinery.",
                         .flags = kTypeDisallowNew,
                         .layout = &data_layout};

Result<void> abc_initialize(Thread& thread, Borrowed<Module>) {
  return type_from_spec(thread, data_spec, data_type);
}

constexpr Method abc_functions[] = {
    function<abc_get_cache_token>("get_cache_token()", "Returns the current ABC cache token."),
    function<abc_init>("_abc_init(self, /)", "Internal ABC helper for class set-up."),
    function<abc_register>("_abc_register(self, subclass, /)",
                           "Internal ABC helper for subclasss registration."),
    function<abc_instancecheck>("_abc_instancecheck(self, instance, /)",
                                "Internal ABC helper for instance checks."),
    function<abc_subclasscheck>("_abc_subclasscheck(self, subclass, /)",
                                "Internal ABC helper for subclasss checks."),
    function<abc_get_dump>("_get_dump(self, /)",
                           "Internal ABC helper for cache and registry debugging."),
    function<abc_reset_registry>("_reset_registry(self, /)",
                                 "Internal ABC helper to reset registry of a given class."),
    function<abc_reset_caches>("_reset_caches(self, /)",
                               "Internal ABC helper to reset both caches of a given class."),
};

}  // namespace

extern const ModuleSpec _abc_module{
    .name = "_abc",
    .doc = "Module contains faster C++ implementation of abc.ABCMeta",
    .functions = abc_functions,
    .initialize = abc_initialize};

}  // namespace dx
