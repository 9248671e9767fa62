// weakref.ref: a hashable, comparable handle on an object that it does not keep alive.

#include "objects/weakref.h"

#include <string>

#include "memory/heap.h"
#include "objects/generic_alias.h"
#include "objects/str.h"

namespace dx {

TypeHandle weakref_ref_type;

bool is_weak_ref(Value value) {
  return value.is_object() && is_subtype(type_of(value), weakref_ref_type);
}

static WeakReference* weak_of(Any value) { return static_cast<WeakReference*>(value.object()); }

// The existing basic one, or a fresh instance of `type` attached to the object.
static AnyResult attach_new(Thread& thread, Borrowed<Type> type, Any object, MaybeAny callback,
                            WeakKind kind) {
  Type* of = type_of(object);
  if (!object.value().is_object() || !of->has_flag(kTypeWeakrefable)) {
    return raise<TypeError>(thread, "cannot create weak reference to '{}' object",
                            type_name_in(object));
  }
  if (kind != WeakKind::other) {
    Maybe<Ref<WeakReference>> existing = weakref_find(thread, object.object(), kind);
    if (existing) return existing.take();
  }
  AnyRef made = TRY(allocate_instance(thread, type));
  WeakReference* self = weak_of(made);
  self->hash = -1;
  self->kind = WeakKind::other;
  if (callback) slot_init(self, self->callback, share(thread, *callback));
  Maybe<Ref<WeakReference>> existing;
  if (!weakref_attach(thread, self, object.object(), kind, existing))
    return raise_memory_error(thread);
  if (existing) return existing.take();
  return made;
}

AnyResult weakref_create(Thread& thread, Borrowed<Type> type, Any object, MaybeAny callback) {
  if (callback && callback.value().is_none()) callback = {};
  bool basic = !callback && type.get() == weakref_ref_type.type;
  return attach_new(thread, type, object, callback, basic ? WeakKind::basic_ref : WeakKind::other);
}

AnyResult weakref_create_proxy(Thread& thread, Any object, MaybeAny callback) {
  if (callback && callback.value().is_none()) callback = {};
  Type* type = is_callable(object) ? weakref_callable_proxy_type : weakref_proxy_type;
  return attach_new(thread, type, object, callback,
                    callback ? WeakKind::other : WeakKind::basic_proxy);
}

namespace {

Result<void> check_count(Thread& thread, const char* name, const Arguments& arguments) {
  size_t count = arguments.positional();
  if (count < 1)
    return raise<TypeError>(thread, "{} expected at least 1 argument, got {}", name, count);
  if (count > 2)
    return raise<TypeError>(thread, "{} expected at most 2 arguments, got {}", name, count);
  return {};
}

// Keywords are __init__'s to refuse: a subclass may take some.
AnyResult ref_new(Thread& thread, Borrowed<Type> type, const Arguments& arguments) {
  TRY(check_count(thread, "__new__", arguments));
  MaybeAny callback = arguments.positional() == 2 ? MaybeAny(arguments[1]) : MaybeAny();
  return weakref_create(thread, type, arguments[0], callback);
}

Result<void> ref_init(Thread& thread, Any self, const Arguments& arguments) {
  if (arguments.keywords()) return raise<TypeError>(thread, "ref() takes no keyword arguments");
  return check_count(thread, "__init__", arguments);
}

AnyResult ref_call(Thread& thread, Any self, const Arguments& arguments) {
  if (arguments.keywords()) return raise<TypeError>(thread, "weakref() takes no keyword arguments");
  if (arguments.count)
    return raise<TypeError>(thread, "weakref expected 0 arguments, got {}", arguments.count);
  Maybe<Ref<Object>> referent = weakref_get(thread, weak_of(self));
  if (!referent) return AnyRef::adopt(kNone);
  return referent.take();
}

Result<Word> ref_hash(Thread& thread, Any self) {
  WeakReference* reference = weak_of(self);
  Word known = __atomic_load_n(&reference->hash, __ATOMIC_RELAXED);
  if (known != -1) return known;
  Maybe<Ref<Object>> referent = weakref_get(thread, reference);
  if (!referent) return raise<TypeError>(thread, "weak object has gone away");
  Word value = TRY(hash(thread, referent.borrow()));
  __atomic_store_n(&reference->hash, value, __ATOMIC_RELAXED);
  return value;
}

// Live references compare as their referents do, others by identity.
AnyResult ref_compare(Thread& thread, Any self, Any other, CompareOp op) {
  if (!is_weak_ref(other)) return AnyRef::adopt(kNotImplemented);
  Maybe<Ref<Object>> left = weakref_get(thread, weak_of(self));
  Maybe<Ref<Object>> right = weakref_get(thread, weak_of(other));
  if (!left || !right) return AnyRef::adopt(bool_value(self.is(other) == (op == CompareOp::eq)));
  return compare(thread, left.borrow(), right.borrow(), op);
}
AnyResult ref_eq(Thread& thread, Any self, Any other) {
  return ref_compare(thread, self, other, CompareOp::eq);
}
AnyResult ref_ne(Thread& thread, Any self, Any other) {
  return ref_compare(thread, self, other, CompareOp::ne);
}

std::string address_of(const void* pointer) {
  char text[32];
  std::snprintf(text, sizeof text, "%p", pointer);
  return text;
}

AnyResult ref_repr(Thread& thread, Any self) {
  std::string address = address_of(self.object());
  Maybe<Ref<Object>> referent = weakref_get(thread, weak_of(self));
  const FormatArgument dead[] = {std::string_view(address)};
  if (!referent) return format_text(thread, "<weakref at {}; dead>", dead, 1);
  std::string target = address_of(referent.get());
  // Of the type: a __getattr__ of the referent is not asked.
  AnyLookup name = lookup_special(thread, referent.borrow(), NAME("__name__"));
  if (name.raised()) return Raised{};
  if (name.found() && is_str(name.value())) {
    const FormatArgument named[] = {std::string_view(address), type_name_in(referent.borrow()),
                                    std::string_view(target), name.borrow()};
    return format_text(thread, "<weakref at {}; to '{}' at {} ({})>", named, 4);
  }
  const FormatArgument plain[] = {std::string_view(address), type_name_in(referent.borrow()),
                                  std::string_view(target)};
  return format_text(thread, "<weakref at {}; to '{}' at {}>", plain, 3);
}

AnyResult ref_callback(Thread& thread, Any self) {
  Value callback = slot_load(thread, self.object(), weak_of(self)->callback);
  return AnyRef::adopt(callback ? callback : kNone);
}

const Layout ref_layout{"weakref", sizeof(WeakReference), true, weakref_trace, weakref_detach};
const SlotEntry ref_slots[] = {
    slot<SlotId::new_, ref_new>(),  slot<SlotId::init, ref_init>(), slot<SlotId::call, ref_call>(),
    slot<SlotId::hash, ref_hash>(), slot<SlotId::eq, ref_eq>(),     slot<SlotId::ne, ref_ne>(),
    slot<SlotId::repr, ref_repr>(),
};
constexpr Method ref_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
};
const GetSet ref_getsets[] = {getter<ref_callback>("__callback__")};

}  // namespace

extern const TypeSpec weakref_ref_spec;
const TypeSpec weakref_ref_spec{
    .name = "weakref.ReferenceType",
    .flags = kTypeBase,
    .layout = &ref_layout,
    .slots = ref_slots,
    .methods = ref_methods,
    .getsets = ref_getsets,
};

// object.__weakref__: the first weak reference, or None.
AnyResult first_weakref(Thread& thread, Any object) {
  Value first;
  if (weakref_list(thread, object.object(), &first, 1) == 0) return AnyRef::adopt(kNone);
  return AnyRef::adopt(first);
}

}  // namespace dx
