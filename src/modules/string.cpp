// _string: how format texts are read, for string.Formatter.

#include "objects/errors.h"
#include "objects/int.h"
#include "objects/module.h"
#include "objects/str_format.h"
#include "objects/str_internal.h"
#include "objects/tuple.h"

namespace dx {
namespace {

// ---- formatter_parser(text): (literal, field name, spec, conversion) again and again ------------
struct FormatterIterator : Object {
  Field<Str> text;
  std::atomic<Word> at;
};
TypeHandle formatteriterator_type;

AnyResult formatter_parser(Thread& thread, Any object) {
  if (!is_str(object))
    return raise<TypeError>(thread, "expected str, got {}", type_name_in(object));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(formatteriterator_type.type)));
  auto* iterator = static_cast<FormatterIterator*>(made.borrow().object());
  slot_init(iterator, iterator->text, share(thread, object));
  return made;
}

AnyResult formatteriterator_iter(Thread& thread, Any self) { return share(thread, self); }

Step formatteriterator_next(Thread& thread, Any self) {
  auto* iterator = static_cast<FormatterIterator*>(self.object());
  Maybe<Ref<Str>> text = field_load(thread, iterator, iterator->text);
  FormatReader reader{text->view(), iterator->at.load(std::memory_order_relaxed)};
  FormatPiece piece;
  if (!TRY(format_next(thread, reader, piece))) return Step::done();
  iterator->at.store(reader.at, std::memory_order_relaxed);
  Ref<Str> literal = TRY(str_from_view(thread, piece.literal));
  if (!piece.has_field) return TRY(tuple_of(thread, {literal.value(), kNone, kNone, kNone}));
  Ref<Str> name = TRY(str_from_view(thread, piece.name));
  Ref<Str> spec = TRY(str_from_view(thread, piece.spec));
  AnyRef conversion = AnyRef::adopt(kNone);
  if (piece.conversion) conversion = TRY(str_from_char(thread, piece.conversion));
  return TRY(tuple_of(thread, {literal.value(), name.value(), spec.value(), conversion.value()}));
}

void formatteriterator_trace(Object* object, SlotVisitor& visit) {
  visit(static_cast<FormatterIterator*>(object)->text);
}
const Layout formatteriterator_layout{"formatteriterator", sizeof(FormatterIterator), true,
                                      formatteriterator_trace, nullptr};
const SlotEntry formatteriterator_slots[] = {slot<SlotId::iter, formatteriterator_iter>(),
                                             slot<SlotId::next, formatteriterator_next>()};
const TypeSpec formatteriterator_spec{.name = "formatteriterator",
                                      .flags = kTypeDisallowNew,
                                      .layout = &formatteriterator_layout,
                                      .slots = formatteriterator_slots};

// ---- formatter_field_name_split(name): (first, the parts behind it) -----------------------------
struct FieldNameIterator : Object {
  Field<Str> text;
  std::atomic<Word> at;
};
TypeHandle fieldnameiterator_type;

AnyResult first_or_number(Thread& thread, StrView text, Word index) {
  if (index >= 0) return int_from_word(thread, index);
  return str_from_view(thread, text);
}

AnyResult formatter_field_name_split(Thread& thread, Any object) {
  if (!is_str(object))
    return raise<TypeError>(thread, "expected str, got {}", type_name_in(object));
  StrView text = Borrowed<Str>(object.value())->view();
  StrView first = text;
  Word index;
  NameReader rest{text};
  TRY(format_name_first(thread, text, first, index, rest));
  AnyRef head = TRY(first_or_number(thread, first, index));
  AnyRef made = TRY(allocate_instance(thread, Borrowed<Type>(fieldnameiterator_type.type)));
  auto* iterator = static_cast<FieldNameIterator*>(made.borrow().object());
  slot_init(iterator, iterator->text, share(thread, object));
  iterator->at.store(first.length, std::memory_order_relaxed);
  return tuple_of(thread, {head.value(), made.value()});
}

AnyResult fieldnameiterator_iter(Thread& thread, Any self) { return share(thread, self); }

Step fieldnameiterator_next(Thread& thread, Any self) {
  auto* iterator = static_cast<FieldNameIterator*>(self.object());
  Maybe<Ref<Str>> text = field_load(thread, iterator, iterator->text);
  StrView view = text->view();
  NameReader reader{view_slice(view, iterator->at.load(std::memory_order_relaxed), view.length)};
  NamePart part;
  if (!TRY(format_name_next(thread, reader, part))) return Step::done();
  iterator->at.store(view.length - reader.rest.length, std::memory_order_relaxed);
  AnyRef value = TRY(first_or_number(thread, part.text, part.attribute ? -1 : part.index));
  return TRY(tuple_of(thread, {bool_value(part.attribute), value.value()}));
}

void fieldnameiterator_trace(Object* object, SlotVisitor& visit) {
  visit(static_cast<FieldNameIterator*>(object)->text);
}
const Layout fieldnameiterator_layout{"fieldnameiterator", sizeof(FieldNameIterator), true,
                                      fieldnameiterator_trace, nullptr};
const SlotEntry fieldnameiterator_slots[] = {slot<SlotId::iter, fieldnameiterator_iter>(),
                                             slot<SlotId::next, fieldnameiterator_next>()};
const TypeSpec fieldnameiterator_spec{.name = "fieldnameiterator",
                                      .flags = kTypeDisallowNew,
                                      .layout = &fieldnameiterator_layout,
                                      .slots = fieldnameiterator_slots};

constexpr Method string_functions[] = {
    function<formatter_parser>("formatter_parser(string, /)",
                               "parse the argument as a format string"),
    function<formatter_field_name_split>("formatter_field_name_split(string, /)",
                                         "split the argument as a field name"),
};
Result<void> initialize(Thread& thread, Borrowed<Module>) {
  TRY(type_from_spec(thread, formatteriterator_spec, formatteriterator_type));
  return type_from_spec(thread, fieldnameiterator_spec, fieldnameiterator_type);
}

}  // namespace

extern const ModuleSpec _string_module{.name = "_string",
                                       .doc = "string helper module",
                                       .functions = string_functions,
                                       .initialize = initialize};

}  // namespace dx
