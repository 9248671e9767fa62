// types.MappingProxyType: a read-only view; every operation is the mapping's own.

#include "objects/mappingproxy.h"

#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle mappingproxy_type;

AnyResult mappingproxy_create(Thread& thread, Any mapping) {
  AnyRef made = TRY(allocate_instance(thread, mappingproxy_type.type));
  MappingProxy* self = static_cast<MappingProxy*>(made.get());
  slot_init(self, self->mapping, share(thread, mapping));
  return made;
}

static AnyResult mappingproxy_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  size_t positional = arguments.positional();
  if (arguments.count > 1) {
    return raise<TypeError>(thread, "mappingproxy() takes at most 1 argument ({} given)",
                            arguments.count);
  }
  bool named = arguments.count == 1 && positional == 0;
  if (named) {
    Borrowed<Str> name(arguments.names->item(0).value());
    if (!str_equals_ascii(name, "mapping")) {
      return raise<TypeError>(thread, "mappingproxy() got an unexpected keyword argument '{}'",
                              name);
    }
  }
  if (arguments.count == 0) {
    return raise<TypeError>(thread, "mappingproxy() missing required argument 'mapping' (pos 1)");
  }
  Any mapping = arguments[0];
  if (!type_of(mapping)->slot<SlotId::getitem>() || has_layout(mapping, kShapeList | kShapeTuple)) {
    return raise<TypeError>(thread, "mappingproxy() argument must be a mapping, not {}",
                            type_name_in(mapping));
  }
  return mappingproxy_create(thread, mapping);
}

static Any unwrapped(Any value) {
  if (type_of(value) != mappingproxy_type.type) return value;
  return static_cast<MappingProxy*>(value.object())->mapping.borrow();
}

static AnyResult mappingproxy_repr(Thread& thread, Borrowed<MappingProxy> self) {
  FormatArgument argument(repr_of(self->mapping.borrow()));
  return format_text(thread, "mappingproxy({})", &argument, 1);
}
static AnyResult mappingproxy_str(Thread& thread, Borrowed<MappingProxy> self) {
  return str(thread, self->mapping.borrow());
}
static Result<Word> mappingproxy_hash(Thread& thread, Borrowed<MappingProxy> self) {
  return hash(thread, self->mapping.borrow());
}
template <CompareOp op>
static AnyResult mappingproxy_compare(Thread& thread, Borrowed<MappingProxy> self, Any other) {
  return compare(thread, self->mapping.borrow(), other, op);
}
static AnyResult mappingproxy_iter(Thread& thread, Borrowed<MappingProxy> self) {
  return get_iter(thread, self->mapping.borrow());
}
static Result<Word> mappingproxy_len(Thread& thread, Borrowed<MappingProxy> self) {
  return length(thread, self->mapping.borrow());
}
static AnyResult mappingproxy_getitem(Thread& thread, Borrowed<MappingProxy> self, Any key) {
  return get_item(thread, self->mapping.borrow(), key);
}
static Result<bool> mappingproxy_contains(Thread& thread, Borrowed<MappingProxy> self, Any key) {
  return contains(thread, self->mapping.borrow(), key);
}
static AnyResult mappingproxy_or(Thread& thread, Any left, Any right) {
  return binary_op(thread, BinaryOp::or_, unwrapped(left), unwrapped(right));
}
static AnyResult mappingproxy_ror(Thread& thread, Any self, Any other) {
  return mappingproxy_or(thread, other, self);
}
static AnyResult mappingproxy_ior(Thread& thread, Any self, Any) {
  return raise<TypeError>(thread, "'|=' is not supported by {}; use '|' instead",
                          type_name_in(self));
}

static AnyResult mappingproxy_get(Thread& thread, Borrowed<MappingProxy> self, Any key,
                                  Any fallback) {
  return call_method(thread, self->mapping.borrow(), NAME("get"), {key.value(), fallback.value()});
}
static AnyResult mappingproxy_keys(Thread& thread, Borrowed<MappingProxy> self) {
  return call_method(thread, self->mapping.borrow(), NAME("keys"), {});
}
static AnyResult mappingproxy_values(Thread& thread, Borrowed<MappingProxy> self) {
  return call_method(thread, self->mapping.borrow(), NAME("values"), {});
}
static AnyResult mappingproxy_items(Thread& thread, Borrowed<MappingProxy> self) {
  return call_method(thread, self->mapping.borrow(), NAME("items"), {});
}
static AnyResult mappingproxy_copy(Thread& thread, Borrowed<MappingProxy> self) {
  return call_method(thread, self->mapping.borrow(), NAME("copy"), {});
}
static AnyResult mappingproxy_reversed(Thread& thread, Borrowed<MappingProxy> self) {
  return call_method(thread, self->mapping.borrow(), NAME("__reversed__"), {});
}

static void mappingproxy_trace(Object* object, SlotVisitor& visitor) {
  visitor(static_cast<MappingProxy*>(object)->mapping);
}
static const Layout mappingproxy_layout{"mappingproxy", sizeof(MappingProxy), true,
                                        mappingproxy_trace, nullptr};
static const SlotEntry mappingproxy_slots[] = {
    slot<SlotId::new_, mappingproxy_new>(),
    slot<SlotId::repr, mappingproxy_repr>(),
    slot<SlotId::str, mappingproxy_str>(),
    slot<SlotId::hash, mappingproxy_hash>(),
    slot<SlotId::lt, mappingproxy_compare<CompareOp::lt>>(),
    slot<SlotId::le, mappingproxy_compare<CompareOp::le>>(),
    slot<SlotId::eq, mappingproxy_compare<CompareOp::eq>>(),
    slot<SlotId::ne, mappingproxy_compare<CompareOp::ne>>(),
    slot<SlotId::gt, mappingproxy_compare<CompareOp::gt>>(),
    slot<SlotId::ge, mappingproxy_compare<CompareOp::ge>>(),
    slot<SlotId::iter, mappingproxy_iter>(),
    slot<SlotId::len, mappingproxy_len>(),
    slot<SlotId::getitem, mappingproxy_getitem>(),
    slot<SlotId::contains, mappingproxy_contains>(),
    slot<SlotId::or_, mappingproxy_or>(),
    slot<SlotId::ror, mappingproxy_ror>(),
    slot<SlotId::ior, mappingproxy_ior>(),
};
static constexpr Method mappingproxy_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)",
                                "mappingproxy objects are generic over two types, signifying "
                                "(respectively) the types of their keys and values"),
    method<mappingproxy_get>("get(key, default=None, /)",
                             "Return the value for key if key is in the mapping, else default."),
    method<mappingproxy_keys>("keys()",
                              "D.keys() -> a set-like object providing a view on D's keys"),
    method<mappingproxy_values>("values()",
                                "D.values() -> an object providing a view on D's values"),
    method<mappingproxy_items>("items()",
                               "D.items() -> a set-like object providing a view on D's items"),
    method<mappingproxy_copy>("copy()", "D.copy() -> a shallow copy of D"),
    method<mappingproxy_reversed>("__reversed__()", "D.__reversed__() -> reverse iterator"),
};
extern const TypeSpec mappingproxy_spec;
const TypeSpec mappingproxy_spec{
    .name = "mappingproxy",
    .doc = "mappingproxy(mapping)\n--\n\nRead-only proxy of a mapping.",
    .flags = kTypeImmutable | kTypeMapping,
    .layout = &mappingproxy_layout,
    .slots = mappingproxy_slots,
    .methods = mappingproxy_methods,
};

}  // namespace dx
