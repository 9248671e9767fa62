// Slots and special methods: trampolines that let a Python-level dunder fill a C++ slot, the rule
// by which a class gets its slots, and wrapper_descriptor / method-wrapper, which show C++ slots to
// Python.

#include <algorithm>
#include <cstring>
#include <mutex>

#include "objects/buffer.h"
#include "objects/dict.h"
#include "objects/int.h"
#include "objects/iter.h"
#include "objects/native.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type_internal.h"

namespace dx {

const SlotInfo slot_infos[kSlotCount] = {
#define DX_SLOT(name, kind, dunder, twin) {SlotKind::kind, dunder, twin},
#include "objects/slots.def"
#undef DX_SLOT
};
Str* slot_names[kSlotCount];
Str* slot_twin_names[kSlotCount];

namespace {

// The attribute `name` of self's type, called with self and the arguments. Functions are called
// without a bound method. absent: no class in the MRO has it.
AnyLookup call_dunder(Thread& thread, Any self, Str* name, const Value* arguments, size_t count,
                      Tuple* names = nullptr) {
  Maybe<Ref<Object>> attribute = type_lookup(thread, type_of(self), name);
  if (!attribute) return AnyLookup::absent();
  constexpr size_t kInPlace = 8;
  Value in_place[kInPlace];
  Value* window = in_place;
  Maybe<Ref<Tuple>> heap;
  Value callable = attribute.value();
  bool with_self = type_of(callable)->has_flag(kTypeMethodDescriptor);
  Maybe<Ref<Object>> bound;
  if (!with_self) {
    if (auto get = type_of(callable)->slot<SlotId::descr_get>()) {
      AnyResult result =
          get(thread, Any(callable), MaybeAny(self.value()), MaybeAny(Value(type_of(self))));
      if (result.raised()) return Raised{};
      bound = Maybe<Ref<Object>>(result.take());
      callable = bound.value();
    }
  }
  if (count + 1 > kInPlace) {
    Result<Ref<Tuple>> room = tuple_create(thread, count + 1);
    if (room.raised()) return Raised{};
    heap = Maybe<Ref<Tuple>>(room.take());
    window = reinterpret_cast<Value*>(heap->items());
    for (size_t i = 0; i <= count; ++i) incref(thread, i ? arguments[i - 1] : self.value());
  }
  window[0] = self.value();
  for (size_t i = 0; i < count; ++i) window[i + 1] = arguments[i];
  AnyResult result = with_self ? call(thread, Any(callable), Arguments{window, count + 1, names})
                               : call(thread, Any(callable), Arguments{window + 1, count, names});
  if (result.raised()) return Raised{};
  return AnyLookup(result.take());
}

template <SlotId id>
Str* dunder() {
  return slot_names[static_cast<size_t>(id)];
}

template <SlotId id, SlotKind kind = SlotTraits<id>::kind>
struct Call;

template <SlotId id>
struct Call<id, SlotKind::New> {
  static AnyResult run(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
    Maybe<Ref<Object>> attribute = type_lookup(thread, type.get(), NAME("__new__"));
    CHECK(attribute);
    Any callable = attribute.borrow();
    Maybe<Ref<Object>> bound;
    if (auto get = type_of(callable)->slot<SlotId::descr_get>()) {
      bound = Maybe<Ref<Object>>(TRY(get(thread, callable, MaybeAny(), MaybeAny(type.value()))));
      callable = bound.borrow();
    }
    Ref<Tuple> window = TRY(tuple_create(thread, arguments.count + 1));
    slot_init(window.get(), window->items()[0], share(thread, type));
    for (size_t i = 0; i < arguments.count; ++i)
      slot_init(window.get(), window->items()[i + 1], share(thread, arguments[i]));
    return call(
        thread, callable,
        Arguments{reinterpret_cast<Value*>(window->items()), arguments.count + 1, arguments.names});
  }
};
template <SlotId id>
struct Call<id, SlotKind::Init> {
  static Result<void> run(Thread& thread, Any self, const Arguments& arguments) {
    AnyLookup result =
        call_dunder(thread, self, dunder<id>(), arguments.items, arguments.count, arguments.names);
    if (result.raised()) return Raised{};
    if (result.found() && !result.value().is_none()) {
      return raise<TypeError>(thread, "__init__() should return None, not '{}'",
                              type_name_in(result.borrow()));
    }
    return {};
  }
};
template <SlotId id>
struct Call<id, SlotKind::Del> {
  static Result<void> run(Thread& thread, Any self) {
    AnyLookup result = call_dunder(thread, self, dunder<id>(), nullptr, 0);
    if (result.raised()) return Raised{};
    return {};
  }
};
template <SlotId id>
struct Call<id, SlotKind::Unary> {
  static AnyResult run(Thread& thread, Any self) {
    AnyLookup result = call_dunder(thread, self, dunder<id>(), nullptr, 0);
    if (result.raised()) return Raised{};
    if (result.is_absent()) {
      return raise<AttributeError>(thread, "'{}' object has no attribute '{}'", type_name_in(self),
                                   dunder<id>());
    }
    return result.take();
  }
};
template <SlotId id>
struct Call<id, SlotKind::Binary> {
  static AnyResult run(Thread& thread, Any self, Any other) {
    Value argument = other.value();
    AnyLookup result = call_dunder(thread, self, dunder<id>(), &argument, 1);
    if (result.raised()) return Raised{};
    if (result.is_absent()) return AnyRef::adopt(kNotImplemented);
    return result.take();
  }
};
template <SlotId id>
struct Call<id, SlotKind::Ternary> {
  static AnyResult run(Thread& thread, Any self, Any other, Any third) {
    Value arguments[2] = {other.value(), third.value()};
    AnyLookup result = call_dunder(thread, self, dunder<id>(), arguments, third.is_none() ? 1 : 2);
    if (result.raised()) return Raised{};
    if (result.is_absent()) return AnyRef::adopt(kNotImplemented);
    return result.take();
  }
};
template <SlotId id>
struct Call<id, SlotKind::Next> {
  static Step run(Thread& thread, Any self) {
    AnyLookup result = call_dunder(thread, self, dunder<id>(), nullptr, 0);
    if (result.raised()) {
      if (!pending_is<StopIteration>(thread)) return Raised{};
      clear_exception(thread);
      return Step::done();
    }
    CHECK(result.found());
    return Step(result.take());
  }
};
template <SlotId id>
struct Call<id, SlotKind::Hash> {
  static Result<Word> run(Thread& thread, Any self) {
    AnyLookup result = call_dunder(thread, self, dunder<id>(), nullptr, 0);
    if (result.raised()) return Raised{};
    if (result.is_absent())
      return raise<TypeError>(thread, "unhashable type: '{}'", type_name_in(self));
    if (!is_int(result.value()))
      return raise<TypeError>(thread, "__hash__ method should return an integer");
    Word number;
    if (!int_to_word(result.value(), number)) number = static_cast<Word>(int_hash(result.value()));
    return number == -1 ? Word{-2} : number;
  }
};
template <SlotId id>
struct Call<id, SlotKind::Call> {
  static AnyResult run(Thread& thread, Any self, const Arguments& arguments) {
    AnyLookup result =
        call_dunder(thread, self, dunder<id>(), arguments.items, arguments.count, arguments.names);
    if (result.raised()) return Raised{};
    if (result.is_absent())
      return raise<TypeError>(thread, "'{}' object is not callable", type_name_in(self));
    return result.take();
  }
};
template <SlotId id>
struct Call<id, SlotKind::Set> {
  static Result<void> run(Thread& thread, Any self, Any key, MaybeAny value) {
    Str* name =
        value ? slot_names[static_cast<size_t>(id)] : slot_twin_names[static_cast<size_t>(id)];
    Value arguments[2] = {key.value(), value.value()};
    AnyLookup result = call_dunder(thread, self, name, arguments, value ? 2 : 1);
    if (result.raised()) return Raised{};
    if (result.is_absent()) return missing(thread, self, name, bool(value));
    return {};
  }
  static Result<void> missing(Thread& thread, Any self, Str* name, bool sets) {
    if constexpr (id == SlotId::setitem) {
      return raise<TypeError>(thread, "'{}' object does not support item {}", type_name_in(self),
                              sets ? "assignment" : "deletion");
    }
    return raise<AttributeError>(thread, "{}", name);
  }
};
template <SlotId id>
struct Call<id, SlotKind::DescrGet> {
  static AnyResult run(Thread& thread, Any self, MaybeAny instance, MaybeAny owner) {
    Value arguments[2] = {instance ? instance.value() : kNone, owner ? owner.value() : kNone};
    AnyLookup result = call_dunder(thread, self, dunder<id>(), arguments, 2);
    if (result.raised()) return Raised{};
    if (result.is_absent()) return share(thread, self);
    return result.take();
  }
};
template <SlotId id>
struct Call<id, SlotKind::Predicate> {
  static Result<bool> run(Thread& thread, Any self) {
    AnyLookup result = call_dunder(thread, self, dunder<id>(), nullptr, 0);
    if (result.raised()) return Raised{};
    if (!result.value().is_bool()) {
      return raise<TypeError>(thread, "__bool__ should return bool, returned {}",
                              type_name_in(result.borrow()));
    }
    return result.value().is_true();
  }
};
template <SlotId id>
struct Call<id, SlotKind::Length> {
  static Result<Word> run(Thread& thread, Any self) {
    AnyLookup result = call_dunder(thread, self, dunder<id>(), nullptr, 0);
    if (result.raised()) return Raised{};
    AnyRef index = TRY(to_index(thread, result.borrow()));
    if (int_sign(index.value()) < 0)
      return raise<ValueError>(thread, "__len__() should return >= 0");
    return int_word(thread, index.value(), "cannot fit 'int' into an index-sized integer");
  }
};
template <SlotId id>
struct Call<id, SlotKind::Contains> {
  static Result<bool> run(Thread& thread, Any self, Any item) {
    Maybe<Ref<Object>> attribute = type_lookup(thread, type_of(self), dunder<id>());
    if (attribute && attribute.value().is_none()) {
      return raise<TypeError>(thread, "'{}' object is not a container", type_name_in(self));
    }
    Value argument = item.value();
    AnyLookup result = call_dunder(thread, self, dunder<id>(), &argument, 1);
    if (result.raised()) return Raised{};
    CHECK(result.found());
    return is_true(thread, result.borrow());
  }
};
template <SlotId id>
struct Call<id, SlotKind::Buffer> {
  static Result<void> run(Thread& thread, Any self, BufferView& view, int flags) {
    AnyLookup exported = AnyLookup::absent();
    Value argument = small_int(flags);
    exported = call_dunder(thread, self, dunder<id>(), &argument, 1);
    if (exported.raised()) return Raised{};
    if (exported.is_absent() || type_of(exported.value()) != TYPE(memoryview)) {
      return raise<TypeError>(thread, "__buffer__ returned non-memoryview object");
    }
    return TYPE(memoryview)->slot<SlotId::buffer>()(thread, exported.borrow(), view, flags);
  }
};

// __getattribute__ in a class that also has __getattr__.
AnyResult getattribute_with_hook(Thread& thread, Any self, Any name) {
  Maybe<Ref<Object>> attribute = type_lookup(thread, type_of(self), NAME("__getattribute__"));
  AnyResult result = Raised{};
  if (attribute && type_of(attribute.value()) == TYPE(wrapper_descriptor)) {
    auto function = reinterpret_cast<slot_function::Binary>(
        static_cast<SlotWrapper*>(attribute.value().object())->function);
    result = function(thread, self, name);
  } else {
    result = Call<SlotId::getattribute>::run(thread, self, name);
  }
  if (!result.raised() || !pending_is<AttributeError>(thread)) return result;
  Maybe<Ref<Object>> first = take_exception(thread);
  Value argument = name.value();
  AnyLookup hooked = call_dunder(thread, self, NAME("__getattr__"), &argument, 1);
  if (hooked.raised()) return Raised{};
  if (hooked.is_absent()) return raise_object(thread, first.take());
  return hooked.take();
}

Result<Word> hash_not_implemented(Thread& thread, Any self) {
  return raise<TypeError>(thread, "unhashable type: '{}'", type_name_in(self));
}
// Iteration, ==, ... set to None in a class: the operation is refused as CPython does.
AnyResult unary_refused(Thread& thread, Any self) {
  return raise<TypeError>(thread, "'{}' object is not iterable", type_name_in(self));
}

}  // namespace

void* const slot_trampolines[kSlotCount] = {
#define DX_SLOT(name, kind, dunder, twin) \
  reinterpret_cast<void*>(                \
      static_cast<SlotTraits<SlotId::name>::Function>(&Call<SlotId::name>::run)),
#include "objects/slots.def"
#undef DX_SLOT
};

namespace {

// The function for slot `index` of type, decided by the attribute its MRO has for the dunder.
void* decide_slot(Thread& thread, Type* type, size_t index) {
  auto id = static_cast<SlotId>(index);
  if (id == SlotId::getattr) return nullptr;  // part of getattribute
  Str* name = slot_names[index];
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, name);
  if (id == SlotId::getattribute && type_lookup(thread, type, NAME("__getattr__"))) {
    type->flags.fetch_or(kTypeHasGetattr);
    return reinterpret_cast<void*>(&getattribute_with_hook);
  }
  if (slot_twin_names[index] && id != SlotId::buffer) {
    Maybe<Ref<Object>> twin = type_lookup(thread, type, slot_twin_names[index]);
    bool native = attribute && type_of(attribute.value()) == TYPE(wrapper_descriptor) && twin &&
                  type_of(twin.value()) == TYPE(wrapper_descriptor) &&
                  static_cast<SlotWrapper*>(attribute.value().object())->function ==
                      static_cast<SlotWrapper*>(twin.value().object())->function;
    if (!native && (attribute || twin)) return slot_trampolines[index];
  }
  if (!attribute) return nullptr;
  Value value = attribute.value();
  if (id == SlotId::hash && value.is_none()) return reinterpret_cast<void*>(&hash_not_implemented);
  if (id == SlotId::iter && value.is_none()) return reinterpret_cast<void*>(&unary_refused);
  if (id == SlotId::new_) {
    // A native type's __new__ is a builtin function whose self is that type.
    if (type_of(value) == TYPE(builtin_function_or_method)) {
      Value self = static_cast<NativeFunction*>(value.object())->self.raw();
      if (is_type(self)) {
        // As in CPython, the native base makes the instances, also when it is another type's
        // __new__: its layout is theirs.
        Type* native = type;
        while (native && !native->spec) native = native->base;
        return (native ? native : static_cast<Type*>(self.object()))->slots[index].load();
      }
    }
    return slot_trampolines[index];
  }
  if (type_of(value) == TYPE(wrapper_descriptor)) {
    auto* wrapper = static_cast<SlotWrapper*>(value.object());
    if (wrapper->slot == id && is_subtype(type, wrapper->owner)) return wrapper->function;
  }
  return slot_trampolines[index];
}

constexpr char kNewDoc[] =
    "Create and return a new object.  See help(type) for accurate signature.";

// object.__new__(type, ...): what `T.__new__` of a native type is. self is T.
AnyResult native_new(Thread& thread, Any self, Arguments arguments) {
  auto* owner = static_cast<Type*>(self.object());
  if (arguments.positional() == 0) {
    return raise<TypeError>(thread, "{}.__new__(): not enough arguments", type_name(thread, owner));
  }
  if (!is_type(arguments.items[0])) {
    return raise<TypeError>(thread, "{}.__new__(X): X is not a type object ({})",
                            type_name(thread, owner), type_name_in(arguments[0]));
  }
  auto* type = static_cast<Type*>(arguments.items[0].object());
  if (!is_subtype(type, owner)) {
    return raise<TypeError>(thread, "{}.__new__({}): {} is not a subtype of {}",
                            type_name(thread, owner), type_name(thread, type),
                            type_name(thread, type), type_name(thread, owner));
  }
  // The most derived native type decides how instances are made: object.__new__(list) is refused.
  Type* native = type;
  while (native && !native->spec) native = native->base;
  if (native && native->slot<SlotId::new_>() != owner->slot<SlotId::new_>()) {
    return raise<TypeError>(thread, "{}.__new__({}) is not safe, use {}.__new__()",
                            type_name(thread, owner), type_name(thread, type),
                            type_name(thread, native));
  }
  return owner->slot<SlotId::new_>()(
      thread, Borrowed<Type>(type),
      Arguments{arguments.items + 1, arguments.count - 1, arguments.names});
}
constexpr Method new_method = method<native_new>("__new__(*args, **kwargs)", kNewDoc);

Result<void> add_slot_wrapper(Thread& thread, Type* type, Str* name, SlotId id, void* function,
                              bool twin) {
  auto* wrapper = static_cast<SlotWrapper*>(
      allocate_object(thread, sizeof(SlotWrapper), SHAPE(wrapper_descriptor), PageKind::leaf));
  if (!wrapper) return raise_memory_error(thread);
  Ref<SlotWrapper> owned = Ref<SlotWrapper>::adopt(wrapper);
  wrapper->owner = type;
  wrapper->function = function;
  wrapper->slot = id;
  wrapper->twin = twin;
  return dict_set_str(thread, type->dict.borrow(), name, owned.borrow());
}

Result<bool> has_own(Thread& thread, Type* type, Str* name) {
  AnyLookup own = dict_get_str(thread, type->dict.borrow(), name);
  if (own.raised()) return Raised{};
  return own.found();
}

}  // namespace

bool is_slot_name(Str* name) {
  for (size_t i = 0; i < kSlotCount; ++i) {
    if (slot_names[i] == name || slot_twin_names[i] == name) return true;
  }
  return false;
}

void type_update_slot(Thread& thread, Type* type, Str* name) {
  type->version.store(
      0, std::memory_order_release);  // lookups below must not be served from the cache
  for (size_t i = 0; i < kSlotCount; ++i) {
    if (slot_names[i] != name && slot_twin_names[i] != name) {
      if (!(static_cast<SlotId>(i) == SlotId::getattribute && name == NAME("__getattr__")))
        continue;
    }
    type->slots[i].store(decide_slot(thread, type, i), std::memory_order_release);
    if (static_cast<SlotId>(i) == SlotId::del) {
      ShapeId id = type->instance_shape.load();
      if (type->slots[i].load()) shape_of(id).flags |= kShapeHasFinalizer;
    }
  }
}

namespace {

// Slots by the names that decide them, for one pass over a class's namespace. Filled at the first
// use; slot names are interned and immortal.
constexpr size_t kSlotNameTable = 512;
struct SlotName {
  Str* name;
  uint16_t slot;
};
SlotName slot_name_table[kSlotNameTable];

size_t slot_name_place(Str* name) {
  return (reinterpret_cast<uintptr_t>(name) >> 4) * 0x9E3779B1u % kSlotNameTable;
}

void slot_name_add(Str* name, size_t slot) {
  size_t at = slot_name_place(name);
  while (slot_name_table[at].name) at = (at + 1) % kSlotNameTable;
  slot_name_table[at] = {name, static_cast<uint16_t>(slot)};
}

void slot_names_ensure() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (size_t i = 0; i < kSlotCount; ++i) {
      slot_name_add(slot_names[i], i);
      if (slot_twin_names[i]) slot_name_add(slot_twin_names[i], i);
    }
    slot_name_add(NAME("__getattr__"), static_cast<size_t>(SlotId::getattribute));
  });
}

// Marks the slots that a class's namespace decides.
void mark_slots(Thread& thread, Type* type, bool (&marked)[kSlotCount]) {
  Borrowed<Dict> dict = type_dict(thread, type);
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, dict, position, key, value)) {
    if (!is_str(key.value())) continue;
    Borrowed<Str> name(key.value());
    if (!name->interned()) {
      // A key that a slot's name only equals: rare, so every slot is decided anew.
      std::fill(marked, marked + kSlotCount, true);
      return;
    }
    for (size_t at = slot_name_place(name.get()); slot_name_table[at].name;
         at = (at + 1) % kSlotNameTable) {
      if (slot_name_table[at].name == name.get()) marked[slot_name_table[at].slot] = true;
    }
  }
}

// Whether type's MRO holds its base's in the same order (a metaclass's mro() may not).
bool extends_its_base(Type* type) {
  Borrowed<Tuple> own = type->mro.borrow(), bases = type->base->mro.borrow();
  Word next = 0;
  for (Word i = 0; i < own->size && next < bases->size; ++i)
    next += own->item(i).value() == bases->item(next).value();
  return next == bases->size;
}

// A lookup finds what the base's finds unless a class that the base's MRO has not defines the name.
Result<void> fill_from_base(Thread& thread, Type* type) {
  slot_names_ensure();
  bool own[kSlotCount] = {};
  Borrowed<Tuple> mro = type->mro.borrow(), bases = type->base->mro.borrow();
  Word next = 0;
  for (Word i = 0; i < mro->size; ++i) {
    Value at = mro->item(i).value();
    if (next < bases->size && at == bases->item(next).value())
      ++next;
    else if (is_type(at))
      mark_slots(thread, static_cast<Type*>(at.object()), own);
  }
  if (type->base->has_flag(kTypeHasGetattr)) type->flags.fetch_or(kTypeHasGetattr);
  for (size_t i = 0; i < kSlotCount; ++i) {
    type->slots[i].store(own[i] ? decide_slot(thread, type, i) : type->base->slots[i].load());
  }
  type->slots[static_cast<size_t>(SlotId::getattr)].store(nullptr);  // part of getattribute
  return {};
}

}  // namespace

Result<void> type_fill_slots(Thread& thread, Type* type) {
  if (type->spec) {
    // Native: own entries, then the nearest base's.
    for (const SlotEntry& entry : type->spec->slots)
      type->slots[static_cast<size_t>(entry.id)].store(entry.function);
    bool own_eq = type->slots[static_cast<size_t>(SlotId::eq)].load();
    if (own_eq && !type->slots[static_cast<size_t>(SlotId::hash)].load()) {
      type->slots[static_cast<size_t>(SlotId::hash)].store(
          reinterpret_cast<void*>(&hash_not_implemented));
      TRY(dict_set_str(thread, type->dict.borrow(), NAME("__hash__"), kNone));
    }
    for (Type* base = type->base; base; base = base->base) {
      for (size_t i = 0; i < kSlotCount; ++i) {
        if (!type->slots[i].load() &&
            !(static_cast<SlotId>(i) == SlotId::new_ && type->has_flag(kTypeDisallowNew))) {
          type->slots[i].store(base->slots[i].load());
        }
      }
      if (base->has_flag(kTypeReady)) break;  // it has its bases' already
    }
  } else if (extends_its_base(type)) {
    TRY(fill_from_base(thread, type));
  } else {
    for (size_t i = 0; i < kSlotCount; ++i) type->slots[i].store(decide_slot(thread, type, i));
  }
  if (type->slots[static_cast<size_t>(SlotId::del)].load())
    shape_of(type->instance_shape.load()).flags |= kShapeHasFinalizer;
  return {};
}

Result<void> type_add_native_members(Thread& thread, Type* type, const TypeSpec& spec) {
  Borrowed<Dict> dict = type->dict.borrow();
  for (const Method& method : spec.methods) {
    NativeInfo* info = native_info_create(thread, method, type);
    if (!info) return Raised{};
    if (method.kind == MethodKind::static_method) {
      Ref<NativeFunction> function =
          TRY(native_function_create(thread, method, MaybeAny(), MaybeAny()));
      TRY(dict_set_str(thread, dict, info->name, function.borrow()));
      continue;
    }
    ShapeId shape = method.kind == MethodKind::class_method ? SHAPE(classmethod_descriptor)
                                                            : SHAPE(method_descriptor);
    auto* descriptor = static_cast<MethodDescriptor*>(
        allocate_object(thread, sizeof(MethodDescriptor), shape, PageKind::leaf));
    if (!descriptor) return raise_memory_error(thread);
    descriptor->info = info;
    make_immortal(descriptor);  // as its type and its description are: a call need not count it
    Ref<MethodDescriptor> owned = Ref<MethodDescriptor>::adopt(descriptor);
    TRY(dict_set_str(thread, dict, info->name, owned.borrow()));
  }
  for (const SlotEntry& entry : spec.slots) {
    size_t index = static_cast<size_t>(entry.id);
    if (entry.id == SlotId::new_) {
      if (TRY(has_own(thread, type, NAME("__new__")))) continue;
      Ref<NativeFunction> function =
          TRY(native_function_create(thread, new_method, MaybeAny(Value(type)), MaybeAny()));
      TRY(dict_set_str(thread, dict, NAME("__new__"), function.borrow()));
      continue;
    }
    if (!TRY(has_own(thread, type, slot_names[index])))
      TRY(add_slot_wrapper(thread, type, slot_names[index], entry.id, entry.function, false));
    if (slot_twin_names[index] && entry.id != SlotId::buffer &&
        !TRY(has_own(thread, type, slot_twin_names[index]))) {
      TRY(add_slot_wrapper(thread, type, slot_twin_names[index], entry.id, entry.function, true));
    }
  }
  for (const GetSet& getset : spec.getsets) {
    auto* descriptor = static_cast<GetSetDescriptor*>(allocate_object(
        thread, sizeof(GetSetDescriptor), SHAPE(getset_descriptor), PageKind::leaf));
    if (!descriptor) return raise_memory_error(thread);
    descriptor->owner = type;
    descriptor->getset = &getset;
    Ref<GetSetDescriptor> owned = Ref<GetSetDescriptor>::adopt(descriptor);
    Ref<Str> name = TRY(str_intern_ascii(thread, getset.name));
    TRY(dict_set_str(thread, dict, name, owned.borrow()));
  }
  bool base_has_dict = type->base && type->base->has_flag(kTypeHasDict);
  if (type->has_flag(kTypeHasDict) && !base_has_dict &&
      !TRY(has_own(thread, type, NAME("__dict__")))) {
    TRY(dict_set_str(thread, dict, NAME("__dict__"), TRY(dict_descriptor(thread, type)).borrow()));
  }
  if (!TRY(has_own(thread, type, NAME("__doc__")))) {
    Maybe<Ref<Object>> doc;
    if (spec.doc) {
      // "name(signature)\n--\n\ntext": the signature is __text_signature__'s (type_object.cpp).
      const char* end = std::strstr(spec.doc, ")\n--\n\n");
      doc = Maybe<Ref<Object>>(TRY(str_from_utf8(thread, end ? end + 6 : spec.doc)));
    }
    TRY(dict_set_str(thread, dict, NAME("__doc__"), spec.doc ? Any(doc.value()) : Any(kNone)));
  }
  return {};
}

// ---- wrapper_descriptor and method-wrapper ------------------------------------------------------

namespace {

Raised wrong_count(Thread& thread, SlotId slot, size_t expected, size_t got) {
  if (expected == 0)
    return raise<TypeError>(thread, "{}() takes no arguments ({} given)",
                            slot_names[static_cast<size_t>(slot)], got);
  return raise<TypeError>(thread, "expected {} argument{}, got {}", expected,
                          expected == 1 ? "" : "s", got);
}

// Calls a C++ slot with Python arguments (self apart).
AnyResult call_slot(Thread& thread, SlotWrapper* wrapper, Any self, const Arguments& arguments) {
  SlotId id = wrapper->slot;
  SlotKind kind = slot_infos[static_cast<size_t>(id)].kind;
  void* function = wrapper->function;
  size_t count = arguments.count;
  if (kind == SlotKind::Call)
    return reinterpret_cast<slot_function::Call>(function)(thread, self, arguments);
  if (kind == SlotKind::Init) {
    TRY(reinterpret_cast<slot_function::Init>(function)(thread, self, arguments));
    return AnyRef::adopt(kNone);
  }
  if (arguments.keywords()) {
    return raise<TypeError>(thread, "wrapper {}() takes no keyword arguments",
                            slot_names[static_cast<size_t>(id)]);
  }
  auto expect = [&](size_t low, size_t high) { return count >= low && count <= high; };
  switch (kind) {
    case SlotKind::Unary:
      if (!expect(0, 0)) return wrong_count(thread, id, 0, count);
      return reinterpret_cast<slot_function::Unary>(function)(thread, self);
    case SlotKind::Del:
      if (!expect(0, 0)) return wrong_count(thread, id, 0, count);
      TRY(reinterpret_cast<slot_function::Del>(function)(thread, self));
      return AnyRef::adopt(kNone);
    case SlotKind::Binary:
      if (!expect(1, 1)) return wrong_count(thread, id, 1, count);
      return reinterpret_cast<slot_function::Binary>(function)(thread, self, arguments[0]);
    case SlotKind::Ternary:
      if (!expect(1, 2)) return wrong_count(thread, id, 1, count);
      return reinterpret_cast<slot_function::Ternary>(function)(
          thread, self, arguments[0], count > 1 ? arguments[1] : Any(kNone));
    case SlotKind::Next: {
      if (!expect(0, 0)) return wrong_count(thread, id, 0, count);
      Step step = reinterpret_cast<slot_function::Next>(function)(thread, self);
      if (step.raised()) return Raised{};
      if (step.is_done()) return raise_stop_iteration(thread, kNone);
      return step.take();
    }
    case SlotKind::Hash: {
      if (!expect(0, 0)) return wrong_count(thread, id, 0, count);
      return int_from_word(thread,
                           TRY(reinterpret_cast<slot_function::Hash>(function)(thread, self)));
    }
    case SlotKind::Set: {
      size_t wanted = wrapper->twin ? 1 : 2;
      if (count != wanted) return wrong_count(thread, id, wanted, count);
      MaybeAny value = wrapper->twin ? MaybeAny() : MaybeAny(arguments.items[1]);
      TRY(reinterpret_cast<slot_function::Set>(function)(thread, self, arguments[0], value));
      return AnyRef::adopt(kNone);
    }
    case SlotKind::DescrGet: {
      if (!expect(1, 2)) return wrong_count(thread, id, 1, count);
      Value instance = arguments.items[0], owner = count > 1 ? arguments.items[1] : kNone;
      if (instance.is_none() && owner.is_none())
        return raise<TypeError>(thread, "__get__(None, None) is invalid");
      return reinterpret_cast<slot_function::DescrGet>(function)(
          thread, self, instance.is_none() ? MaybeAny() : MaybeAny(instance),
          owner.is_none() ? MaybeAny() : MaybeAny(owner));
    }
    case SlotKind::Predicate:
      if (!expect(0, 0)) return wrong_count(thread, id, 0, count);
      return AnyRef::adopt(
          bool_value(TRY(reinterpret_cast<slot_function::Predicate>(function)(thread, self))));
    case SlotKind::Length:
      if (!expect(0, 0)) return wrong_count(thread, id, 0, count);
      return int_from_word(thread,
                           TRY(reinterpret_cast<slot_function::Length>(function)(thread, self)));
    case SlotKind::Contains:
      if (!expect(1, 1)) return wrong_count(thread, id, 1, count);
      return AnyRef::adopt(bool_value(
          TRY(reinterpret_cast<slot_function::Contains>(function)(thread, self, arguments[0]))));
    case SlotKind::Buffer: {
      if (!expect(1, 1)) return wrong_count(thread, id, 1, count);
      return call(thread, Any(Value(TYPE(memoryview))), {self.value()});
    }
    case SlotKind::New:
    case SlotKind::Init:
    case SlotKind::Call: break;
  }
  CHECK(!"slot kind without a wrapper");
}

AnyResult slot_wrapper_call(Thread& thread, Borrowed<SlotWrapper> self,
                            const Arguments& arguments) {
  Str* name = self->twin ? slot_twin_names[static_cast<size_t>(self->slot)]
                         : slot_names[static_cast<size_t>(self->slot)];
  if (arguments.positional() == 0) {
    return raise<TypeError>(thread, "descriptor '{}' of '{}' object needs an argument", name,
                            type_name(thread, self->owner));
  }
  if (!is_subtype(type_of(arguments.items[0]), self->owner)) {
    return raise<TypeError>(thread, "descriptor '{}' requires a '{}' object but received a '{}'",
                            name, type_name(thread, self->owner), type_name_in(arguments[0]));
  }
  return call_slot(thread, self.get(), arguments[0],
                   Arguments{arguments.items + 1, arguments.count - 1, arguments.names});
}

AnyResult slot_wrapper_get(Thread& thread, Borrowed<SlotWrapper> self, MaybeAny instance,
                           MaybeAny owner) {
  if (!instance) return share(thread, self);
  if (!is_subtype(type_of(instance.value()), self->owner)) {
    return raise<TypeError>(thread,
                            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                            slot_names[static_cast<size_t>(self->slot)],
                            type_name(thread, self->owner), type_name_in(*instance));
  }
  auto* bound = static_cast<MethodWrapper*>(
      allocate_object(thread, sizeof(MethodWrapper), SHAPE(method_wrapper), PageKind::traced));
  if (!bound) return raise_memory_error(thread);
  slot_init(bound, bound->wrapper, Ref<SlotWrapper>::share(thread, self));
  slot_init(bound, bound->self, share(thread, *instance));
  return AnyRef::adopt(Value(bound));
}

Str* wrapper_name(SlotWrapper* wrapper) {
  return wrapper->twin ? slot_twin_names[static_cast<size_t>(wrapper->slot)]
                       : slot_names[static_cast<size_t>(wrapper->slot)];
}
Ref<Str> slot_wrapper_name(Thread& thread, Borrowed<SlotWrapper> self) {
  return Ref<Str>::share(thread, wrapper_name(self.get()));
}
AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}
AnyResult slot_wrapper_qualname(Thread& thread, Borrowed<SlotWrapper> self) {
  return text(thread, "{}.{}", {self->owner->qualname.borrow(), wrapper_name(self.get())});
}
AnyResult slot_wrapper_objclass(Thread& thread, Borrowed<SlotWrapper> self) {
  return share(thread, Any(Value(self->owner)));
}
AnyResult slot_wrapper_doc(Thread& thread, Borrowed<SlotWrapper> self) {
  switch (self->slot) {
    case SlotId::init:
      return str_from_ascii(thread,
                            "Initialize self.  See help(type(self)) for accurate signature.");
    case SlotId::repr: return str_from_ascii(thread, "Return repr(self).");
    case SlotId::str: return str_from_ascii(thread, "Return str(self).");
    case SlotId::hash: return str_from_ascii(thread, "Return hash(self).");
    case SlotId::len: return str_from_ascii(thread, "Return len(self).");
    case SlotId::iter: return str_from_ascii(thread, "Implement iter(self).");
    case SlotId::next: return str_from_ascii(thread, "Implement next(self).");
    case SlotId::getitem: return str_from_ascii(thread, "Return self[key].");
    case SlotId::contains: return str_from_ascii(thread, "Return bool(key in self).");
    case SlotId::call: return str_from_ascii(thread, "Call self as a function.");
    default: return AnyRef::adopt(kNone);
  }
}
AnyResult slot_wrapper_text_signature(Thread& thread, Borrowed<SlotWrapper> self) {
  switch (slot_infos[static_cast<size_t>(self->slot)].kind) {
    case SlotKind::Init:
    case SlotKind::Call: return str_from_ascii(thread, "($self, /, *args, **kwargs)");
    case SlotKind::Binary: return str_from_ascii(thread, "($self, value, /)");
    case SlotKind::Contains: return str_from_ascii(thread, "($self, key, /)");
    case SlotKind::Ternary: return str_from_ascii(thread, "($self, value, mod=None, /)");
    case SlotKind::DescrGet: return str_from_ascii(thread, "($self, instance, owner=None, /)");
    case SlotKind::Set:
      return str_from_ascii(thread, self->twin ? "($self, key, /)" : "($self, key, value, /)");
    default: return str_from_ascii(thread, "($self, /)");
  }
}
AnyResult slot_wrapper_repr(Thread& thread, Borrowed<SlotWrapper> self) {
  return text(thread, "<slot wrapper '{}' of '{}' objects>",
              {wrapper_name(self.get()), type_name(thread, self->owner)});
}

AnyResult method_wrapper_call(Thread& thread, Borrowed<MethodWrapper> self,
                              const Arguments& arguments) {
  return call_slot(thread, self->wrapper.borrow().get(), self->self.borrow(), arguments);
}
AnyResult method_wrapper_repr(Thread& thread, Borrowed<MethodWrapper> self) {
  return text(thread, "<method-wrapper '{}' of {} object>",
              {wrapper_name(self->wrapper.borrow().get()), type_name_in(self->self.borrow())});
}
AnyResult method_wrapper_self(Thread& thread, Borrowed<MethodWrapper> self) {
  return share(thread, self->self.borrow());
}
Ref<Str> method_wrapper_name(Thread& thread, Borrowed<MethodWrapper> self) {
  return Ref<Str>::share(thread, wrapper_name(self->wrapper.borrow().get()));
}
AnyResult method_wrapper_doc(Thread& thread, Borrowed<MethodWrapper> self) {
  return slot_wrapper_doc(thread, self->wrapper.borrow());
}
AnyResult method_wrapper_objclass(Thread& thread, Borrowed<MethodWrapper> self) {
  return slot_wrapper_objclass(thread, self->wrapper.borrow());
}
AnyResult method_wrapper_text_signature(Thread& thread, Borrowed<MethodWrapper> self) {
  return slot_wrapper_text_signature(thread, self->wrapper.borrow());
}
AnyResult method_wrapper_qualname(Thread& thread, Borrowed<MethodWrapper> self) {
  return text(
      thread, "{}.{}",
      {type_of(self->self.raw())->qualname.borrow(), wrapper_name(self->wrapper.borrow().get())});
}
AnyResult method_wrapper_eq(Thread& thread, Borrowed<MethodWrapper> self, Any other) {
  if (type_of(other) != TYPE(method_wrapper)) return AnyRef::adopt(kNotImplemented);
  auto* right = static_cast<MethodWrapper*>(other.object());
  return AnyRef::adopt(bool_value(self->wrapper.raw() == right->wrapper.raw() &&
                                  self->self.raw() == right->self.raw()));
}
AnyResult method_wrapper_reduce(Thread& thread, Borrowed<MethodWrapper> self) {
  Value name(wrapper_name(self->wrapper.borrow().get()));
  return reduce_with_builtin(thread, NAME("getattr"), {self->self.raw(), name}, {});
}
Result<Word> method_wrapper_hash(Thread& thread, Borrowed<MethodWrapper> self) {
  return static_cast<Word>((self->self.raw().bits >> 4) ^ (self->wrapper.raw().bits >> 4));
}
void trace_method_wrapper(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<MethodWrapper*>(object);
  visit(self->wrapper);
  visit(self->self);
}

const SlotEntry wrapper_descriptor_slots[] = {slot<SlotId::call, slot_wrapper_call>(),
                                              slot<SlotId::descr_get, slot_wrapper_get>(),
                                              slot<SlotId::repr, slot_wrapper_repr>()};
const GetSet wrapper_descriptor_getsets[] = {
    getter<slot_wrapper_name>("__name__"), getter<slot_wrapper_qualname>("__qualname__"),
    getter<slot_wrapper_objclass>("__objclass__"), getter<slot_wrapper_doc>("__doc__"),
    getter<slot_wrapper_text_signature>("__text_signature__")};
const SlotEntry method_wrapper_slots[] = {
    slot<SlotId::call, method_wrapper_call>(), slot<SlotId::repr, method_wrapper_repr>(),
    slot<SlotId::eq, method_wrapper_eq>(), slot<SlotId::hash, method_wrapper_hash>()};
constexpr Method method_wrapper_methods[] = {method<method_wrapper_reduce>("__reduce__()")};
const GetSet method_wrapper_getsets[] = {
    getter<method_wrapper_self>("__self__"),
    getter<method_wrapper_name>("__name__"),
    getter<method_wrapper_qualname>("__qualname__"),
    getter<method_wrapper_doc>("__doc__"),
    getter<method_wrapper_objclass>("__objclass__"),
    getter<method_wrapper_text_signature>("__text_signature__")};
const Layout wrapper_descriptor_layout{"wrapper_descriptor", sizeof(SlotWrapper), false, nullptr,
                                       nullptr};
const Layout method_wrapper_layout{
    "method-wrapper", sizeof(MethodWrapper),        true, trace_method_wrapper, nullptr,
    nullptr,          drop_by<trace_method_wrapper>};
}  // namespace

const TypeSpec wrapper_descriptor_spec{.name = "wrapper_descriptor",
                                       .flags = kTypeMethodDescriptor | kTypeDisallowNew,
                                       .layout = &wrapper_descriptor_layout,
                                       .slots = wrapper_descriptor_slots,
                                       .getsets = wrapper_descriptor_getsets};
const TypeSpec method_wrapper_spec{.name = "method-wrapper",
                                   .flags = kTypeDisallowNew,
                                   .layout = &method_wrapper_layout,
                                   .slots = method_wrapper_slots,
                                   .methods = method_wrapper_methods,
                                   .getsets = method_wrapper_getsets};

}  // namespace dx
