// types.SimpleNamespace: see namespace.h.

#include "objects/namespace.h"

#include "objects/container_support.h"
#include "objects/tuple.h"

namespace dx {

TypeHandle SimpleNamespace_type;

static Result<Ref<Dict>> attributes_of(Thread& thread, Any self) {
  AnyLookup dict = instance_dict(thread, self);
  if (dict.raised()) return Raised{};
  CHECK(dict.found());  // every namespace has a __dict__
  return Ref<Dict>::adopt(dict.take().release());
}

AnyResult namespace_create(Thread& thread, Borrowed<Dict> attributes) {
  AnyRef made = TRY(allocate_instance(thread, SimpleNamespace_type.type));
  Ref<Dict> dict = TRY(attributes_of(thread, made));
  TRY(dict_update(thread, dict, attributes));
  return made;
}

static AnyResult namespace_new(Thread& thread, Borrowed<Type> type, const Arguments&) {
  return allocate_instance(thread, type);
}

static Result<void> take_keywords(Thread& thread, Borrowed<Dict> dict, const Arguments& arguments) {
  size_t positional = arguments.positional();
  for (size_t i = positional; i < arguments.count; ++i) {
    TRY(dict_set(thread, dict, arguments.names->item(static_cast<Word>(i - positional)),
                 arguments[i]));
  }
  return {};
}

static Result<void> namespace_init(Thread& thread, Any self, const Arguments& arguments) {
  size_t positional = arguments.positional();
  if (positional > 1) {
    return raise<TypeError>(thread, "{} expected at most 1 argument, got {}", "SimpleNamespace",
                            positional);
  }
  Ref<Dict> dict = TRY(attributes_of(thread, self));
  if (positional == 1) {
    Ref<Dict> given = TRY(dict_create(thread));
    TRY(dict_update(thread, given, arguments[0]));
    size_t position = 0;
    Maybe<Ref<Object>> key, value;
    while (dict_next(thread, given, position, key, value)) {
      if (!is_str(key.value())) return raise<TypeError>(thread, "keywords must be strings");
    }
    TRY(dict_update(thread, dict, given));
  }
  return take_keywords(thread, dict, arguments);
}

static AnyResult namespace_repr(Thread& thread, Any self) {
  std::string_view name =
      type_of(self) == SimpleNamespace_type.type ? "namespace" : type_name_of(thread, self);
  if (TRY(repr_enter(thread, self.object()))) {
    FormatArgument argument(name);
    return format_text(thread, "{}(...)", &argument, 1);
  }
  ReprScope scope(thread, self.object());
  Ref<Dict> dict = TRY(attributes_of(thread, self));
  StrBuilder text(thread);
  Ref<Str> shown_name = TRY(str_from_utf8(thread, name));
  TRY(text.append(shown_name.borrow()));
  TRY(text.append('('));
  bool first = true;
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, dict, position, key, value)) {
    if (!is_str(key.value()) || Borrowed<Str>(key.value())->length() == 0) continue;
    if (!first) TRY(text.append(std::string_view(", ")));
    first = false;
    TRY(text.append(Borrowed<Str>(key.value())));
    TRY(text.append('='));
    Ref<Str> shown = TRY(repr(thread, value.borrow()));
    TRY(text.append(shown.borrow()));
  }
  TRY(text.append(')'));
  return text.finish();
}

template <CompareOp op>
static AnyResult namespace_compare(Thread& thread, Any self, Any other) {
  if (!is_subtype(type_of(self), SimpleNamespace_type) ||
      !is_subtype(type_of(other), SimpleNamespace_type)) {
    return not_implemented();
  }
  Ref<Dict> left = TRY(attributes_of(thread, self));
  Ref<Dict> right = TRY(attributes_of(thread, other));
  return compare(thread, left, right, op);
}

static AnyResult namespace_reduce(Thread& thread, Any self) {
  Ref<Dict> dict = TRY(attributes_of(thread, self));
  return tuple_of(thread,
                  {Value(static_cast<Object*>(type_of(self))), Value(tuple_empty()), dict.value()});
}

static AnyResult namespace_replace(Thread& thread, Any self, Arguments arguments) {
  if (size_t positional = arguments.positional()) {
    return raise<TypeError>(thread, "__replace__() takes no positional arguments, got {}",
                            positional);
  }
  AnyRef copy = TRY(call(thread, type_of(self), {}));
  if (!is_subtype(type_of(copy.value()), SimpleNamespace_type)) {
    return raise<TypeError>(thread, "expect {} type, but {}() returned '{}' object",
                            "types.SimpleNamespace", type_name_in(self), type_name_in(copy));
  }
  Ref<Dict> from = TRY(attributes_of(thread, self));
  Ref<Dict> to = TRY(attributes_of(thread, copy));
  TRY(dict_update(thread, to, from));
  TRY(take_keywords(thread, to, arguments));
  return copy;
}

static const Layout namespace_layout{"SimpleNamespace", sizeof(Object), true, nullptr, nullptr};
static const SlotEntry namespace_slots[] = {
    slot<SlotId::new_, namespace_new>(),
    slot<SlotId::init, namespace_init>(),
    slot<SlotId::repr, namespace_repr>(),
    slot<SlotId::lt, namespace_compare<CompareOp::lt>>(),
    slot<SlotId::le, namespace_compare<CompareOp::le>>(),
    slot<SlotId::eq, namespace_compare<CompareOp::eq>>(),
    slot<SlotId::ne, namespace_compare<CompareOp::ne>>(),
    slot<SlotId::gt, namespace_compare<CompareOp::gt>>(),
    slot<SlotId::ge, namespace_compare<CompareOp::ge>>(),
};
static constexpr Method namespace_methods[] = {
    method<namespace_reduce>("__reduce__()", "Return state information for pickling"),
    method<namespace_replace>(
        "__replace__(*args, **changes)",
        "Return a copy of the namespace object with new values for the specified attributes."),
};
extern const TypeSpec SimpleNamespace_spec;
const TypeSpec SimpleNamespace_spec{
    .name = "types.SimpleNamespace",
    .doc =
        "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nA simple attribute-based "
        "namespace.",
    .flags = kTypeBase | kTypeImmutable | kTypeHasDict,
    .layout = &namespace_layout,
    .slots = namespace_slots,
    .methods = namespace_methods,
};

}  // namespace dx
