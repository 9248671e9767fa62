// string.templatelib.Template and Interpolation: what a t-string evaluates to.
//
//   t"hello {name!r:>5}!"   Template(strings=('hello ', '!'), interpolations=(Interpolation('w',
//   'name', 'r', '>5'),))
//
// Invariant of a Template: there is one string more than there are interpolations. Both classes are
// immutable and final.

#include "objects/template.h"

#include <vector>

#include "objects/bind.h"
#include "objects/container_support.h"
#include "objects/dict.h"
#include "objects/generic_alias.h"
#include "objects/module.h"
#include "objects/str.h"
#include "objects/tuple.h"

namespace dx {

namespace {

TypeHandle Template_type, Interpolation_type, TemplateIter_type;

struct Template : Object {
  Field<Tuple> strings;
  Field<Tuple> interpolations;
};
struct Interpolation : Object {
  Field<Object> value, expression, conversion, format_spec;  // conversion: None or 's', 'r', 'a'
};
struct TemplateIter : Object {
  Field<Object> owner;  // Template; empty at the end
  std::atomic<uint64_t>
      next;  // twice the index of the next string, one more: of the next interpolation
};

Result<void> template_ready(Thread& thread);

AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}
Result<void> readonly(Thread& thread, Any, MaybeAny) {
  return raise<AttributeError>(thread, "readonly attribute");
}

// ---- Interpolation ------------------------------------------------------------------------------

AnyResult interpolation_make(Thread& thread, Any value, Any expression, Any conversion,
                             Any format_spec) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(Interpolation_type.type)));
  auto* self = static_cast<Interpolation*>(made.get());
  slot_init(self, self->value, share(thread, value));
  slot_init(self, self->expression, share(thread, expression));
  slot_init(self, self->conversion, share(thread, conversion));
  slot_init(self, self->format_spec, share(thread, format_spec));
  return made;
}

AnyResult Interpolation_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  static const char* const names[] = {"value", "expression", "conversion", "format_spec"};
  Value given[4];
  if (!bind_new(thread, NewParameters{"Interpolation", names, 4, 0, 1, TooMany::takes}, arguments,
                given))
    return Raised{};
  auto check = [&](size_t at) -> Result<void> {
    if (!given[at] || is_str(given[at])) return {};
    return raise<TypeError>(thread, "Interpolation() argument '{}' must be str, not {}", names[at],
                            type_name_in(Any(given[at])));
  };
  TRY(check(1));
  if (given[2] && !given[2].is_none()) {
    TRY(check(2));
    Borrowed<Str> letter(given[2]);
    if (!str_equals_ascii(letter, "s") && !str_equals_ascii(letter, "a") &&
        !str_equals_ascii(letter, "r")) {
      return raise<ValueError>(
          thread, "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'");
    }
  }
  TRY(check(3));
  Value empty(str_empty());
  return interpolation_make(thread, Any(given[0]), Any(given[1] ? given[1] : empty),
                            Any(given[2] ? given[2] : kNone), Any(given[3] ? given[3] : empty));
}
AnyResult Interpolation_repr(Thread& thread, Borrowed<Interpolation> self) {
  TRY_RECURSION(thread, " while getting the repr of an object");
  return text(thread, "Interpolation({}, {}, {}, {})",
              {repr_of(self->value.borrow()), repr_of(self->expression.borrow()),
               repr_of(self->conversion.borrow()), repr_of(self->format_spec.borrow())});
}
AnyResult Interpolation_reduce(Thread& thread, Borrowed<Interpolation> self) {
  Ref<Tuple> fields = TRY(tuple_of(thread, {self->value.raw(), self->expression.raw(),
                                            self->conversion.raw(), self->format_spec.raw()}));
  return tuple_of(thread, {Value(type_of(self)), fields.value()});
}

// ---- Template -----------------------------------------------------------------------------------

AnyResult template_make(Thread& thread, Any strings, Any interpolations) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(Template_type.type)));
  auto* self = static_cast<Template*>(made.get());
  slot_init(self, self->strings, share(thread, strings));
  slot_init(self, self->interpolations, share(thread, interpolations));
  return made;
}

// Strings and interpolations in any order; neighbouring strings become one.
AnyResult Template_new(Thread& thread, Borrowed<Type>, const Arguments& arguments) {
  if (arguments.keywords())
    return raise<TypeError>(thread, "Template.__new__ only accepts *args arguments");
  std::vector<Value> strings, interpolations;  // strings: owned
  auto finish = [&](bool good) -> AnyResult {
    Result<Ref<Tuple>> first = tuple_adopt(thread, strings.data(), strings.size());
    if (!good || first.raised()) return Raised{};
    Ref<Tuple> texts = first.take();
    Ref<Tuple> parts = TRY(tuple_from(thread, interpolations.data(), interpolations.size()));
    return template_make(thread, texts, parts);
  };
  bool last_is_text = false;
  for (size_t i = 0; i < arguments.count; ++i) {
    Any item = arguments[i];
    if (is_str(item)) {
      if (last_is_text) {
        Result<Ref<Str>> joined =
            str_concat(thread, Borrowed<Str>(strings.back()), Borrowed<Str>(item.value()));
        if (joined.raised()) return finish(false);
        decref(thread, strings.back());
        strings.back() = joined.release();
      } else {
        strings.push_back(share(thread, item).release());
      }
      last_is_text = true;
    } else if (type_of(item) == Interpolation_type.type) {
      if (!last_is_text) strings.push_back(Value(str_empty()));
      interpolations.push_back(item.value());
      last_is_text = false;
    } else {
      (void)raise<TypeError>(
          thread, "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {}",
          type_name_in(item));
      return finish(false);
    }
  }
  if (!last_is_text) strings.push_back(Value(str_empty()));
  return finish(true);
}

AnyResult Template_repr(Thread& thread, Borrowed<Template> self) {
  return text(thread, "Template(strings={}, interpolations={})",
              {repr_of(self->strings.borrow()), repr_of(self->interpolations.borrow())});
}
AnyResult Template_values(Thread& thread, Borrowed<Template> self) {
  Borrowed<Tuple> parts = self->interpolations.borrow();
  Ref<Tuple> values = TRY(tuple_create(thread, static_cast<size_t>(parts->size)));
  for (Word i = 0; i < parts->size; ++i) {
    slot_init(values.get(), values->items()[i],
              share(thread, static_cast<Interpolation*>(parts->item(i).object())->value.borrow()));
  }
  return values;
}
AnyResult Template_iter(Thread& thread, Borrowed<Template> self) {
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(TemplateIter_type.type)));
  slot_init(made.get(), static_cast<TemplateIter*>(made.get())->owner, share(thread, self));
  return made;
}
// The last string of self and the first of other become one.
AnyResult Template_add(Thread& thread, Borrowed<Template> self, Any value) {
  if (type_of(value) != Template_type.type) {
    AnyRef answer = TRY(try_reflected<SlotId::radd>(thread, self, value));
    if (answer.value() != kNotImplemented) return answer;
    return raise<TypeError>(thread,
                            "can only concatenate string.templatelib.Template (not \"{}\") to "
                            "string.templatelib.Template",
                            type_name_in(value));
  }
  auto* other = static_cast<Template*>(value.object());
  Borrowed<Tuple> left = self->strings.borrow(), right = other->strings.borrow();
  Ref<Str> middle = TRY(str_concat(thread, Borrowed<Str>(left->item(left->size - 1).value()),
                                   Borrowed<Str>(right->item(0).value())));
  std::vector<Value> strings, interpolations;
  for (Word i = 0; i + 1 < left->size; ++i) strings.push_back(left->item(i));
  strings.push_back(middle.value());
  for (Word i = 1; i < right->size; ++i) strings.push_back(right->item(i));
  for (Borrowed<Tuple> parts : {self->interpolations.borrow(), other->interpolations.borrow()}) {
    for (Word i = 0; i < parts->size; ++i) interpolations.push_back(parts->item(i));
  }
  Ref<Tuple> texts = TRY(tuple_from(thread, strings.data(), strings.size()));
  Ref<Tuple> parts = TRY(tuple_from(thread, interpolations.data(), interpolations.size()));
  return template_make(thread, texts, parts);
}
AnyResult Template_reduce(Thread& thread, Borrowed<Template> self) {
  AnyRef module = TRY(import_module(thread, Borrowed<Str>(NAME("string.templatelib"))));
  AnyRef function = TRY(get_attr(thread, module, NAME("_template_unpickle")));
  Ref<Tuple> fields = TRY(tuple_of(thread, {self->strings.raw(), self->interpolations.raw()}));
  return tuple_of(thread, {function.value(), fields.value()});
}

// ---- TemplateIter -------------------------------------------------------------------------------

// Strings that are empty are left out.
Step TemplateIter_next(Thread& thread, Borrowed<TemplateIter> self) {
  Maybe<Ref<Object>> owner = field_load(thread, self.get(), self->owner);
  if (!owner) return Step::done();
  auto* source = static_cast<Template*>(owner.get());
  for (;;) {
    uint64_t at = self->next.fetch_add(1, std::memory_order_relaxed);
    Borrowed<Tuple> items = at & 1 ? source->interpolations.borrow() : source->strings.borrow();
    Word index = static_cast<Word>(at / 2);
    if (index >= items->size) {
      slot_clear(thread, self.get(), self->owner);
      return Step::done();
    }
    Any item = items->item(index);
    if ((at & 1) || static_cast<Str*>(item.object())->length()) return share(thread, item);
  }
}
AnyResult TemplateIter_iter(Thread& thread, Any self) { return share(thread, self); }

// ---- the tables ---------------------------------------------------------------------------------

template <class T, auto field>
AnyResult field_get(Thread& thread, Any self) {
  return share(thread, (static_cast<T*>(self.object())->*field).borrow());
}

using I = Interpolation;
const Layout Interpolation_layout{
    "Interpolation", sizeof(I), true,
    trace_fields<I, &I::value, &I::expression, &I::conversion, &I::format_spec>, nullptr};
const SlotEntry Interpolation_slots[] = {slot<SlotId::new_, Interpolation_new>(),
                                         slot<SlotId::repr, Interpolation_repr>()};
constexpr Method Interpolation_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
    method<Interpolation_reduce>("__reduce__()"),
};
const GetSet Interpolation_getsets[] = {
    GetSet{"value", &field_get<I, &I::value>, &readonly, "Value"},
    GetSet{"expression", &field_get<I, &I::expression>, &readonly, "Expression"},
    GetSet{"conversion", &field_get<I, &I::conversion>, &readonly, "Conversion"},
    GetSet{"format_spec", &field_get<I, &I::format_spec>, &readonly, "Format specifier"},
};
const TypeSpec Interpolation_spec{.name = "string.templatelib.Interpolation",
                                  .doc = "Interpolation object",
                                  .flags = kTypeImmutable,
                                  .layout = &Interpolation_layout,
                                  .slots = Interpolation_slots,
                                  .methods = Interpolation_methods,
                                  .getsets = Interpolation_getsets};

const Layout Template_layout{"Template", sizeof(Template), true,
                             trace_fields<Template, &Template::strings, &Template::interpolations>,
                             nullptr};
const SlotEntry Template_slots[] = {
    slot<SlotId::new_, Template_new>(), slot<SlotId::repr, Template_repr>(),
    slot<SlotId::iter, Template_iter>(), slot<SlotId::add, Template_add>()};
constexpr Method Template_methods[] = {
    class_method<class_getitem>("__class_getitem__(object, /)", "See PEP 585"),
    method<Template_reduce>("__reduce__()"),
};
const GetSet Template_getsets[] = {
    GetSet{"strings", &field_get<Template, &Template::strings>, &readonly, "Strings"},
    GetSet{"interpolations", &field_get<Template, &Template::interpolations>, &readonly,
           "Interpolations"},
    getter<Template_values>("values", "Values of interpolations"),
};
const TypeSpec Template_spec{.name = "string.templatelib.Template",
                             .doc = "Template object",
                             .flags = kTypeImmutable,
                             .layout = &Template_layout,
                             .slots = Template_slots,
                             .methods = Template_methods,
                             .getsets = Template_getsets};

const Layout TemplateIter_layout{"TemplateIter", sizeof(TemplateIter), true,
                                 trace_fields<TemplateIter, &TemplateIter::owner>, nullptr};
const SlotEntry TemplateIter_slots[] = {slot<SlotId::iter, TemplateIter_iter>(),
                                        slot<SlotId::next, TemplateIter_next>()};
const TypeSpec TemplateIter_spec{.name = "string.templatelib.TemplateIter",
                                 .doc = "Template iterator object",
                                 .flags = kTypeImmutable | kTypeDisallowNew,
                                 .layout = &TemplateIter_layout,
                                 .slots = TemplateIter_slots};

// The types are made by the first t-string.
Result<void> template_ready(Thread& thread) {
  static std::atomic<bool> ready;
  if (ready.load(std::memory_order_acquire)) return {};
  TRY(type_from_spec(thread, Interpolation_spec, Interpolation_type));
  TRY(type_from_spec(thread, Template_spec, Template_type));
  TRY(type_from_spec(thread, TemplateIter_spec, TemplateIter_type));
  Ref<Tuple> names = TRY(tuple_of(thread, {Value(NAME("value")), Value(NAME("expression")),
                                           Value(NAME("conversion")), Value(NAME("format_spec"))}));
  TRY(dict_set_str(thread, type_dict(thread, Interpolation_type.type), NAME("__match_args__"),
                   names.borrow()));
  ready.store(true, std::memory_order_release);
  return {};
}

}  // namespace

AnyResult template_create(Thread& thread, Any strings, Any interpolations) {
  TRY(template_ready(thread));
  return template_make(thread, strings, interpolations);
}

AnyResult interpolation_create(Thread& thread, Any value, Any expression, unsigned conversion,
                               Any format_spec) {
  TRY(template_ready(thread));
  Value letter = conversion == 0 ? kNone
                                 : Value(conversion == 1   ? NAME("s")
                                         : conversion == 2 ? NAME("r")
                                                           : NAME("a"));
  return interpolation_make(thread, value, expression, Any(letter), format_spec);
}

}  // namespace dx
