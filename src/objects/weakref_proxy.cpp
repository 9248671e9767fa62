// weakref.proxy: every operation goes to the referent, or raises ReferenceError once it is gone.

#include <string>

#include "memory/heap.h"
#include "objects/str.h"
#include "objects/weakref.h"

namespace dx {

TypeHandle weakref_proxy_type, weakref_callable_proxy_type;

namespace {

AnyResult referent_of(Thread& thread, Any self) {
  Maybe<Ref<Object>> referent = weakref_get(thread, static_cast<WeakReference*>(self.object()));
  if (!referent) return raise<ReferenceError>(thread, "weakly-referenced object no longer exists");
  return referent.take();
}
// Either operand of an operator may be the proxy.
AnyResult unwrap(Thread& thread, Any value) {
  if (is_weak_proxy(value)) return referent_of(thread, value);
  return share(thread, value);
}

template <BinaryOp op>
AnyResult proxy_binary(Thread& thread, Any self, Any other) {
  AnyRef left = TRY(unwrap(thread, self));
  AnyRef right = TRY(unwrap(thread, other));
  return binary_op(thread, op, left, right);
}
template <BinaryOp op>
AnyResult proxy_reflected(Thread& thread, Any self, Any other) {
  return proxy_binary<op>(thread, other, self);
}
template <BinaryOp op>
AnyResult proxy_inplace(Thread& thread, Any self, Any other) {
  AnyRef left = TRY(unwrap(thread, self));
  AnyRef right = TRY(unwrap(thread, other));
  return inplace_op(thread, op, left, right);
}
template <UnaryOp op>
AnyResult proxy_unary(Thread& thread, Any self) {
  return unary_op(thread, op, TRY(referent_of(thread, self)));
}
template <CompareOp op>
AnyResult proxy_compare(Thread& thread, Any self, Any other) {
  AnyRef left = TRY(unwrap(thread, self));
  AnyRef right = TRY(unwrap(thread, other));
  return compare(thread, left, right, op);
}
template <AnyResult (*operation)(Thread&, Any)>
AnyResult proxy_forward(Thread& thread, Any self) {
  return operation(thread, TRY(referent_of(thread, self)));
}

AnyResult proxy_divmod(Thread& thread, Any self, Any other) {
  AnyRef left = TRY(unwrap(thread, self));
  AnyRef right = TRY(unwrap(thread, other));
  return number_divmod(thread, left, right);
}
AnyResult proxy_rdivmod(Thread& thread, Any self, Any other) {
  return proxy_divmod(thread, other, self);
}
AnyResult proxy_pow(Thread& thread, Any self, Any other, Any modulus) {
  AnyRef base = TRY(unwrap(thread, self));
  AnyRef exponent = TRY(unwrap(thread, other));
  AnyRef third = TRY(unwrap(thread, modulus));
  return power(thread, base, exponent, third);
}
AnyResult proxy_rpow(Thread& thread, Any self, Any other, Any modulus) {
  return proxy_pow(thread, other, self, modulus);
}

AnyResult proxy_getattribute(Thread& thread, Any self, Any name) {
  if (!is_str(name)) {
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  }
  return get_attr(thread, TRY(referent_of(thread, self)), Borrowed<Str>(name.value()));
}
Result<void> proxy_setattr(Thread& thread, Any self, Any name, MaybeAny value) {
  if (!is_str(name)) {
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  }
  AnyRef referent = TRY(referent_of(thread, self));
  return set_attr(thread, referent, Borrowed<Str>(name.value()), value);
}
AnyResult proxy_str(Thread& thread, Any self) {
  return str(thread, TRY(referent_of(thread, self)));
}
AnyResult proxy_repr(Thread& thread, Any self) {
  char address[32], target[32];
  std::snprintf(address, sizeof address, "%p", static_cast<void*>(self.object()));
  Maybe<Ref<Object>> referent = weakref_get(thread, static_cast<WeakReference*>(self.object()));
  const FormatArgument dead[] = {address};
  if (!referent) return format_text(thread, "<weakproxy at {}; dead>", dead, 1);
  std::snprintf(target, sizeof target, "%p", static_cast<void*>(referent.get()));
  const FormatArgument alive[] = {address, type_name_in(referent.borrow()), target};
  return format_text(thread, "<weakproxy at {}; to '{}' at {}>", alive, 3);
}
Step proxy_next(Thread& thread, Any self) {
  AnyRef referent = TRY(referent_of(thread, self));
  if (!is_iterator(referent)) {
    return raise<TypeError>(thread, "Weakref proxy referenced a non-iterator '{}' object",
                            type_name_in(referent));
  }
  return iter_next(thread, referent);
}
Result<bool> proxy_bool(Thread& thread, Any self) {
  AnyRef referent = TRY(referent_of(thread, self));
  return is_true(thread, referent);
}
Result<Word> proxy_len(Thread& thread, Any self) {
  AnyRef referent = TRY(referent_of(thread, self));
  return length(thread, referent);
}
AnyResult proxy_getitem(Thread& thread, Any self, Any key) {
  AnyRef referent = TRY(referent_of(thread, self));
  AnyRef plain = TRY(unwrap(thread, key));
  return get_item(thread, referent, plain);
}
Result<void> proxy_setitem(Thread& thread, Any self, Any key, MaybeAny value) {
  AnyRef referent = TRY(referent_of(thread, self));
  return set_item(thread, referent, key, value);
}
Result<bool> proxy_contains(Thread& thread, Any self, Any item) {
  AnyRef referent = TRY(referent_of(thread, self));
  AnyRef plain = TRY(unwrap(thread, item));
  return contains(thread, referent, plain);
}
AnyResult proxy_call(Thread& thread, Any self, const Arguments& arguments) {
  AnyRef referent = TRY(referent_of(thread, self));
  return call(thread, referent, arguments);
}
AnyResult proxy_bytes(Thread& thread, Any self) {
  AnyRef referent = TRY(referent_of(thread, self));
  return call_method(thread, referent, NAME("__bytes__"), {});
}
AnyResult proxy_reversed(Thread& thread, Any self) {
  AnyRef referent = TRY(referent_of(thread, self));
  return call_method(thread, referent, NAME("__reversed__"), {});
}

#define DX_PROXY_NUMBER(name, op)                             \
  slot<SlotId::name, proxy_binary<BinaryOp::op>>(),           \
      slot<SlotId::r##name, proxy_reflected<BinaryOp::op>>(), \
      slot<SlotId::i##name, proxy_inplace<BinaryOp::op>>()
#define DX_PROXY_SLOTS                                                                           \
  slot<SlotId::getattribute, proxy_getattribute>(), slot<SlotId::setattr, proxy_setattr>(),      \
      slot<SlotId::str, proxy_str>(), slot<SlotId::repr, proxy_repr>(),                          \
      slot<SlotId::lt, proxy_compare<CompareOp::lt>>(),                                          \
      slot<SlotId::le, proxy_compare<CompareOp::le>>(),                                          \
      slot<SlotId::eq, proxy_compare<CompareOp::eq>>(),                                          \
      slot<SlotId::ne, proxy_compare<CompareOp::ne>>(),                                          \
      slot<SlotId::gt, proxy_compare<CompareOp::gt>>(),                                          \
      slot<SlotId::ge, proxy_compare<CompareOp::ge>>(),                                          \
      slot<SlotId::iter, proxy_forward<get_iter>>(), slot<SlotId::next, proxy_next>(),           \
      slot<SlotId::bool_, proxy_bool>(), slot<SlotId::len, proxy_len>(),                         \
      slot<SlotId::getitem, proxy_getitem>(), slot<SlotId::setitem, proxy_setitem>(),            \
      slot<SlotId::contains, proxy_contains>(), DX_PROXY_NUMBER(add, add),                       \
      DX_PROXY_NUMBER(sub, subtract), DX_PROXY_NUMBER(mul, multiply),                            \
      DX_PROXY_NUMBER(truediv, true_divide), DX_PROXY_NUMBER(floordiv, floor_divide),            \
      DX_PROXY_NUMBER(mod, remainder), DX_PROXY_NUMBER(matmul, matrix_multiply),                 \
      DX_PROXY_NUMBER(lshift, lshift), DX_PROXY_NUMBER(rshift, rshift),                          \
      slot<SlotId::and_, proxy_binary<BinaryOp::and_>>(),                                        \
      slot<SlotId::rand, proxy_reflected<BinaryOp::and_>>(),                                     \
      slot<SlotId::iand, proxy_inplace<BinaryOp::and_>>(),                                       \
      slot<SlotId::or_, proxy_binary<BinaryOp::or_>>(),                                          \
      slot<SlotId::ror, proxy_reflected<BinaryOp::or_>>(),                                       \
      slot<SlotId::ior, proxy_inplace<BinaryOp::or_>>(),                                         \
      slot<SlotId::xor_, proxy_binary<BinaryOp::xor_>>(),                                        \
      slot<SlotId::rxor, proxy_reflected<BinaryOp::xor_>>(),                                     \
      slot<SlotId::ixor, proxy_inplace<BinaryOp::xor_>>(), slot<SlotId::divmod, proxy_divmod>(), \
      slot<SlotId::rdivmod, proxy_rdivmod>(), slot<SlotId::pow, proxy_pow>(),                    \
      slot<SlotId::rpow, proxy_rpow>(), slot<SlotId::ipow, proxy_inplace<BinaryOp::power>>(),    \
      slot<SlotId::neg, proxy_unary<UnaryOp::negative>>(),                                       \
      slot<SlotId::pos, proxy_unary<UnaryOp::positive>>(),                                       \
      slot<SlotId::abs, proxy_unary<UnaryOp::absolute>>(),                                       \
      slot<SlotId::invert, proxy_unary<UnaryOp::invert>>(),                                      \
      slot<SlotId::int_, proxy_forward<to_int>>(),                                               \
      slot<SlotId::float_, proxy_forward<to_float>>(),                                           \
      slot<SlotId::index, proxy_forward<to_index>>()

const Layout proxy_layout{"weakproxy", sizeof(WeakReference), true, weakref_trace, weakref_detach};
const SlotEntry proxy_slots[] = {DX_PROXY_SLOTS};
const SlotEntry callable_proxy_slots[] = {DX_PROXY_SLOTS, slot<SlotId::call, proxy_call>()};
constexpr Method proxy_methods[] = {
    method<proxy_bytes>("__bytes__()"),
    method<proxy_reversed>("__reversed__()"),
};

}  // namespace

extern const TypeSpec weakref_proxy_spec, weakref_callable_proxy_spec;
const TypeSpec weakref_proxy_spec{
    .name = "weakref.ProxyType",
    .flags = kTypeDisallowNew,
    .layout = &proxy_layout,
    .slots = proxy_slots,
    .methods = proxy_methods,
};
const TypeSpec weakref_callable_proxy_spec{
    .name = "weakref.CallableProxyType",
    .flags = kTypeDisallowNew,
    .layout = &proxy_layout,
    .slots = callable_proxy_slots,
    .methods = proxy_methods,
};

}  // namespace dx
