// type as Python sees it: class statements, calling a class, attributes of classes.

#include <algorithm>
#include <vector>

#include <cstring>

#include "objects/audit.h"
#include "objects/dict.h"
#include "objects/exception.h"
#include "objects/function.h"
#include "objects/instance.h"
#include "objects/list.h"
#include "objects/mappingproxy.h"
#include "objects/str.h"
#include "objects/tuple.h"
#include "objects/type_internal.h"
#include "objects/typing.h"

namespace dx {

Value (*running_globals)(Thread& thread) = nullptr;

Result<bool> type_instance_check(Thread& thread, Any cls, Any object);
Result<bool> type_subclass_check(Thread& thread, Any cls, Any derived);
AnyResult staticmethod_create(Thread& thread, Any function);
AnyResult classmethod_create(Thread& thread, Any function);

namespace {

AnyResult text(Thread& thread, const char* format,
               std::initializer_list<FormatArgument> arguments) {
  return format_text(thread, format, arguments.begin(), arguments.size());
}

// ---- calling a class ----------------------------------------------------------------------------

AnyResult type_call(Thread& thread, Borrowed<Type> self, const Arguments& arguments) {
  if (self.get() == TYPE(type) && arguments.count == 1 && !arguments.keywords())
    return share(thread, Any(Value(type_of(arguments.items[0]))));
  if (self.get() == TYPE(type) && arguments.positional() != 3)
    return raise<TypeError>(thread, "type() takes 1 or 3 arguments");
  auto make = self->slot<SlotId::new_>();
  if (!make || self->has_flag(kTypeDisallowNew))
    return raise<TypeError>(thread, "cannot create '{}' instances", type_name(thread, self.get()));
  AnyRef instance = TRY(make(thread, self, arguments));
  Type* made = type_of(instance.value());
  if (made != self.get() && !is_subtype(made, self.get())) return instance;
  // object.__init__ has nothing to say where __new__ took the arguments.
  auto init = made->slot<SlotId::init>();
  if (!init ||
      (init == TYPE(object)->slot<SlotId::init>() && make != TYPE(object)->slot<SlotId::new_>()))
    return instance;
  TRY(init(thread, instance, arguments));
  return instance;
}

// ---- attributes of classes ----------------------------------------------------------------------

AnyResult type_getattribute(Thread& thread, Any self, Any name) {
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  auto* type = static_cast<Type*>(self.object());
  auto* key = static_cast<Str*>(name.object());
  Type* meta = type_of(self);
  Maybe<Ref<Object>> meta_attribute = type_lookup(thread, meta, key);
  slot_function::DescrGet meta_get = nullptr;
  if (meta_attribute) {
    Type* kind = type_of(meta_attribute.value());
    meta_get = kind->slot<SlotId::descr_get>();
    if (meta_get && kind->slot<SlotId::descr_set>())
      return meta_get(thread, meta_attribute.borrow(), MaybeAny(self.value()),
                      MaybeAny(Value(meta)));
  }
  Maybe<Ref<Object>> attribute = type_lookup(thread, type, key);
  if (attribute) {
    if (auto get = type_of(attribute.value())->slot<SlotId::descr_get>())
      return get(thread, attribute.borrow(), MaybeAny(), MaybeAny(self.value()));
    return attribute.take();
  }
  if (meta_get)
    return meta_get(thread, meta_attribute.borrow(), MaybeAny(self.value()), MaybeAny(Value(meta)));
  if (meta_attribute) return meta_attribute.take();
  return raise_attribute_error(thread, self, name);
}

Result<void> type_setattr(Thread& thread, Any self, Any name, MaybeAny value) {
  auto* type = static_cast<Type*>(self.object());
  if (!is_str(name))
    return raise<TypeError>(thread, "attribute name must be string, not '{}'", type_name_in(name));
  Borrowed<Str> key(name.value());
  if (type->has_flag(kTypeImmutable)) {
    return raise<TypeError>(thread, "cannot set {} attribute of immutable type '{}'", repr_of(name),
                            type_name(thread, type));
  }
  Maybe<Ref<Object>> meta_attribute = type_lookup(thread, type_of(self), key.get());
  if (meta_attribute) {
    if (auto set = type_of(meta_attribute.value())->slot<SlotId::descr_set>())
      return set(thread, meta_attribute.borrow(), self, value);
  }
  return type_set_attribute(thread, Borrowed<Type>(type), key, value);
}

// ---- making a class -----------------------------------------------------------------------------

// The base whose instance layout a class with these bases extends; TypeError on conflict.
Type* solid_base(Type* type) {
  while (type->base && type->layout == type->base->layout &&
         type->member_count == type->base->member_count &&
         !(type->spec && type->payload_size != type->base->payload_size)) {
    type = type->base;
  }
  return type;
}
Result<Borrowed<Type>> best_base(Thread& thread, Borrowed<Tuple> bases) {
  Type* winner = nullptr;
  Type* best = nullptr;
  for (Word i = 0; i < bases->size; ++i) {
    Any item = bases->item(i);
    if (!is_type(item)) return raise<TypeError>(thread, "bases must be types");
    auto* base = static_cast<Type*>(item.object());
    if (!base->has_flag(kTypeBase))
      return raise<TypeError>(thread, "type '{}' is not an acceptable base type",
                              type_name(thread, base));
    // Its metaclass's mro() is running.
    if (!base->mro.raw())
      return raise<TypeError>(thread, "Cannot extend an incomplete type '{}'",
                              type_name(thread, base));
    Type* candidate = solid_base(base);
    if (!winner) {
      winner = candidate;
      best = base;
    } else if (is_subtype(winner, candidate)) {
    } else if (is_subtype(candidate, winner)) {
      winner = candidate;
      best = base;
    } else {
      return raise<TypeError>(thread, "multiple bases have instance lay-out conflict");
    }
  }
  return Borrowed<Type>(best);
}

Result<Borrowed<Type>> most_derived_metaclass(Thread& thread, Borrowed<Type> metaclass,
                                              Borrowed<Tuple> bases) {
  Type* winner = metaclass.get();
  for (Word i = 0; i < bases->size; ++i) {
    Type* candidate = type_of(bases->item(i));
    if (is_subtype(winner, candidate)) continue;
    if (is_subtype(candidate, winner)) {
      winner = candidate;
      continue;
    }
    return raise<TypeError>(thread,
                            "metaclass conflict: the metaclass of a derived class must be a "
                            "(non-strict) subclass of the metaclasses of all its bases");
  }
  return Borrowed<Type>(winner);
}

bool valid_identifier(StrView view) {
  if (!view.length) return false;
  for (Word i = 0; i < view.length; ++i) {
    char32_t c = view[i];
    bool word = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                (c >= '0' && c <= '9' && i) || c >= 0x80;
    if (!word) return false;
  }
  return true;
}

// "__x" in class "C" is "_Cx" of the language's name mangling.
Result<Ref<Str>> mangle(Thread& thread, Borrowed<Str> class_name, Borrowed<Str> name) {
  StrView view = name->view();
  bool private_name = view.length > 2 && view[0] == '_' && view[1] == '_' &&
                      !(view[view.length - 1] == '_' && view[view.length - 2] == '_');
  if (!private_name) return Ref<Str>::share(thread, name);
  StrView owner = class_name->view();
  Word start = 0;
  while (start < owner.length && owner[start] == '_') ++start;
  if (start == owner.length) return Ref<Str>::share(thread, name);
  StrBuilder builder(thread);
  TRY(builder.append("_"));
  Ref<Str> stripped = TRY(str_substring(thread, class_name, start, owner.length));
  TRY(builder.append(stripped.borrow()));
  TRY(builder.append(name));
  return builder.finish();
}

struct SlotsRequest {
  bool given = false;
  bool dict = false;
  bool weakref = false;
  std::vector<Ref<Str>> members;
};

Result<void> read_slots(Thread& thread, Any slots, Borrowed<Str> class_name,
                        Borrowed<Dict> namespace_, Borrowed<Type> base, SlotsRequest& out) {
  out.given = true;
  AnyRef items = AnyRef::adopt(kNone);
  if (is_str(slots))
    items = TRY(tuple_of(thread, {slots.value()}));
  else
    items = TRY(sequence_tuple(thread, slots));
  Borrowed<Tuple> tuple(items.value());
  bool variable =
      (shape_of(base->instance_shape.load()).flags & (kShapeInt | kShapeTuple | kShapeBytes)) != 0;
  for (Word i = 0; i < tuple->size; ++i) {
    Any item = tuple->item(i);
    if (!is_str(item))
      return raise<TypeError>(thread, "__slots__ items must be strings, not '{}'",
                              type_name_in(item));
    Borrowed<Str> name(item.value());
    if (!valid_identifier(name->view()))
      return raise<TypeError>(thread, "__slots__ must be identifiers");
    if (str_equals_ascii(name, "__dict__")) {
      if (base->has_flag(kTypeHasDict) || out.dict)
        return raise<TypeError>(thread, "__dict__ slot disallowed: we already got one");
      out.dict = true;
      continue;
    }
    if (str_equals_ascii(name, "__weakref__")) {
      if (base->has_flag(kTypeWeakrefable) || out.weakref)
        return raise<TypeError>(thread, "__weakref__ slot disallowed: we already got one");
      out.weakref = true;
      continue;
    }
    if (variable)
      return raise<TypeError>(thread, "nonempty __slots__ not supported for subtype of '{}'",
                              base->name.borrow());
    Ref<Str> mangled = TRY(str_intern(thread, TRY(mangle(thread, class_name, name))));
    AnyLookup clash = dict_get_str(thread, namespace_, mangled);
    if (clash.raised()) return Raised{};
    bool special =
        str_equals_ascii(mangled, "__qualname__") || str_equals_ascii(mangled, "__classcell__");
    if (clash.found() && !special)
      return raise<ValueError>(thread, "{} in __slots__ conflicts with class variable",
                               repr_of(mangled));
    out.members.push_back(std::move(mangled));
  }
  // By name, as in CPython: the order in which the slots of a dying instance are emptied.
  std::sort(out.members.begin(), out.members.end(), [](const Ref<Str>& a, const Ref<Str>& b) {
    return str_compare(a->view(), b->view()) < 0;
  });
  return {};
}

Result<void> set_names(Thread& thread, Borrowed<Type> type) {
  Ref<Dict> snapshot = TRY(dict_copy(thread, type->dict.borrow()));
  size_t position = 0;
  Maybe<Ref<Object>> key, value;
  while (dict_next(thread, snapshot, position, key, value)) {
    if (!value.value().is_object() || is_exact(value.value(), SHAPE(function)) ||
        is_exact(value.value(), SHAPE(str)))
      continue;
    AnyLookup method = lookup_special(thread, value.borrow(), NAME("__set_name__"));
    if (method.raised()) return Raised{};
    if (method.is_absent()) continue;
    AnyResult done = call(thread, method.borrow(), {type.value(), key.value()});
    if (done.raised()) {
      // A note tells which attribute it was.
      AnyRef exception = take_exception(thread).take();
      AnyResult note =
          text(thread, "Error calling __set_name__ on '{}' instance {} in '{}'",
               {type_name_in(value.borrow()), repr_of(key.borrow()), type->name.borrow()});
      if (note.raised()) return Raised{};
      AnyRef owned = note.take();
      AnyResult added = call_method(thread, exception, NAME("add_note"), {owned.value()});
      if (added.raised()) clear_exception(thread);
      return raise_object(thread, std::move(exception));
    }
  }
  return {};
}

// A name that C code could show: UTF-8, no null.
static Result<void> check_type_name(Thread& thread, Borrowed<Str> name) {
  std::string_view text = TRY(str_utf8(thread, name));
  if (text.find('\0') != std::string_view::npos)
    return raise<ValueError>(thread, "type name must not contain null characters");
  return {};
}
AnyResult type_new(Thread& thread, Borrowed<Type> metaclass, const Arguments& arguments) {
  if (arguments.positional() != 3)
    return raise<TypeError>(thread, "type.__new__() takes exactly 3 arguments ({} given)",
                            arguments.positional());
  if (!is_str(arguments.items[0]))
    return raise<TypeError>(thread, "type.__new__() argument 1 must be str, not {}",
                            type_name_in(arguments[0]));
  if (!is_tuple(arguments.items[1]))
    return raise<TypeError>(thread, "type.__new__() argument 2 must be tuple, not {}",
                            type_name_in(arguments[1]));
  if (!is_dict(arguments.items[2]))
    return raise<TypeError>(thread, "type.__new__() argument 3 must be dict, not {}",
                            type_name_in(arguments[2]));
  Borrowed<Str> name(arguments.items[0]);
  TRY(check_type_name(thread, name));
  Ref<Tuple> bases = Ref<Tuple>::share(thread, Borrowed<Tuple>(arguments.items[1]));
  if (bases->size == 0) {
    bases = TRY(tuple_of(thread, {Value(TYPE(object))}));
  } else {
    for (Word i = 0; i < bases->size; ++i) {
      if (is_type(bases->item(i))) continue;
      AnyLookup entries = lookup_attr(thread, bases->item(i), NAME("__mro_entries__"));
      if (entries.raised()) return Raised{};
      if (entries.found())
        return raise<TypeError>(
            thread, "type() doesn't support MRO entry resolution; use types.new_class()");
      return raise<TypeError>(thread, "bases must be types");
    }
    Borrowed<Type> winner = TRY(most_derived_metaclass(thread, metaclass, bases));
    if (winner.get() != metaclass.get()) {
      if (winner->slot<SlotId::new_>() != TYPE(type)->slot<SlotId::new_>())
        return winner->slot<SlotId::new_>()(thread, winner, arguments);
      metaclass = winner;
    }
  }
  Borrowed<Type> base = TRY(best_base(thread, bases));
  Ref<Dict> dict = TRY(dict_copy(thread, Borrowed<Dict>(arguments.items[2])));

  SlotsRequest request;
  AnyLookup slots = dict_get_str(thread, dict, NAME("__slots__"));
  if (slots.raised()) return Raised{};
  if (slots.found()) TRY(read_slots(thread, slots.borrow(), name, dict, base, request));
  bool any_dict = base->has_flag(kTypeHasDict), any_weak = base->has_flag(kTypeWeakrefable);
  for (Word i = 0; i < bases->size; ++i) {
    any_dict |= static_cast<Type*>(bases->item(i).object())->has_flag(kTypeHasDict);
    any_weak |= static_cast<Type*>(bases->item(i).object())->has_flag(kTypeWeakrefable);
  }
  // A metaclass gives its classes no dict of their own: what is set on a class goes to its
  // namespace.
  bool with_dict =
      (any_dict || request.dict || !request.given) && !is_subtype(base.get(), TYPE(type));
  bool weakrefable = any_weak || request.weakref || !request.given;

  // The type object: of the metaclass's own layout (a Python metaclass may add slots behind it).
  AnyRef made = TRY(allocate_instance(thread, metaclass));
  auto* type = static_cast<Type*>(made.get());
  Ref<Type> owned = Ref<Type>::adopt(made.release());
  slot_write(thread, type, type->name, Ref<Str>::share(thread, name));
  slot_write(thread, type, type->bases, Ref<Tuple>::share(thread, bases));
  type->base = base.get();
  type->layout = base->layout;
  type->payload_size = base->payload_size;
  // A class is matched as the first of its bases that is a sequence or a mapping.
  uint32_t collection = 0;
  for (Word i = 0; i < bases->size && !collection; ++i) {
    collection =
        static_cast<Type*>(bases->item(i).object())->flags.load() & (kTypeSequence | kTypeMapping);
  }
  type->flags.store(kTypeBase | kTypeHeap | (with_dict ? kTypeHasDict : 0) |
                    (weakrefable ? kTypeWeakrefable : 0) | collection);
  // Qualified name and docstring.
  AnyLookup qualname = dict_get_str(thread, dict, NAME("__qualname__"));
  if (qualname.raised()) return Raised{};
  if (qualname.found()) {
    if (!is_str(qualname.value()))
      return raise<TypeError>(thread, "type __qualname__ must be a str, not {}",
                              type_name_in(qualname.borrow()));
    slot_write(thread, type, type->qualname, qualname.release());
    (void)TRY(dict_delete(thread, dict, Any(Value(NAME("__qualname__")))));
  } else {
    slot_write(thread, type, type->qualname, Ref<Str>::share(thread, name));
  }
  AnyLookup doc = dict_get_str(thread, dict, NAME("__doc__"));
  if (doc.raised()) return Raised{};
  if (doc.is_absent())
    TRY(dict_set_str(thread, dict, NAME("__doc__"), kNone));
  else if (is_str(doc.value()))
    TRY(str_utf8(thread, Borrowed<Str>(doc.value())));  // C code could ask for it

  // Instance layout: the base's dict word and members keep their places, new ones follow.
  bool base_dict = base->has_flag(kTypeHasDict);
  uint16_t offset = base->payload_size;
  type->member_count = static_cast<uint16_t>(base->member_count + request.members.size());
  if (with_dict && base->member_count && !base_dict) {
    // Members of the base stand where the dict word would: the word goes behind all members.
    type->inline_offset = base->inline_offset;
    type->dict_offset = 0;
  }
  if (with_dict) {
    type->dict_offset = base_dict ? base->dict_offset : offset;
    if (base_dict) {
      type->inline_offset = base->inline_offset;
      // A word behind the members makes room for the new ones: only the shape says where it is.
      if (base->dict_offset > base->inline_offset)
        type->dict_offset = static_cast<uint16_t>(base->inline_offset + 8 * type->member_count);
    } else if (base->member_count == 0)
      type->inline_offset = static_cast<uint16_t>(offset + 8);
    else {
      type->inline_offset = base->inline_offset;
      type->dict_offset = static_cast<uint16_t>(base->inline_offset + 8 * type->member_count);
    }
  } else {
    type->inline_offset = base->member_count ? base->inline_offset : offset;
  }
  bool dict_behind_members = with_dict && type->dict_offset > type->inline_offset;
  uint32_t hint = base->attribute_hint;
  AnyLookup statics = dict_get_str(thread, dict, NAME("__static_attributes__"));
  if (statics.raised()) return Raised{};
  if (statics.found() && is_tuple(statics.value())) {
    // Slots for the base's attributes, for those its methods do not assign, and a few for what code
    // outside of the class adds: an object that runs out of slots gets a dict for good, which is
    // much slower.
    Maybe<Ref<Object>> known;
    if (base->has_flag(kTypeHeap))
      known = type_lookup(thread, base.get(), NAME("__static_attributes__"));
    Borrowed<Tuple> names(statics.value());
    uint32_t fresh = 0;
    for (Word i = 0; i < names->size; ++i) {
      bool inherited = false;
      if (known && is_tuple(known.value())) {
        Borrowed<Tuple> of_base(known.value());
        for (Word k = 0; k < of_base->size; ++k)
          inherited |= of_base->items()[k].raw() == names->items()[i].raw();
      }
      fresh += !inherited;
    }
    hint += fresh + fresh / 5;
  }
  if (hint > kMaxInlineAttributes) hint = kMaxInlineAttributes;
  if (hint == 0) hint = 2;
  type->attribute_hint = with_dict && !dict_behind_members ? hint : 0;
  ShapeId id = shape_allocate();
  if (!id) return raise_memory_error(thread);
  Shape& shape = shape_of(id);
  shape.type = type;
  shape.layout = type->layout;
  shape.id = id;
  shape.flags = (shape_of(base->instance_shape.load()).flags & 0xfffff) | kShapeHeapType |
                (with_dict ? kShapeHasDict : 0);
  shape.dict_offset = type->dict_offset;
  shape.inline_offset = type->inline_offset;
  shape.inline_used = type->member_count;
  // A dict word behind the members is none of the inline slots: it would be traced twice.
  shape.inline_capacity = static_cast<uint16_t>(type->member_count + type->attribute_hint);
  if (dict_behind_members) {
    shape.flags |= kShapeDictMode;
    type->dict_shape.store(id);
  }
  // Types are a payload of their own size; what inherits from int, str, bytes or tuple keeps its
  // extras behind the data.
  if (shape.inline_capacity) shape.flags |= kShapeInlineSlots;
  if (const Layout& layout = *shape.layout;
      !layout.trace && !layout.drop && !layout.destroy && !layout.payload_size)
    shape.flags |= kShapeBarePayload;
  if (with_dict && !(shape.flags & kShapeInlineSlots) && type->member_count == 0 &&
      type->attribute_hint == 0)
    shape.flags |= kShapeDictMode;
  type->instance_shape.store(id);
  slot_write(thread, type, type->dict, Ref<Dict>::share(thread, dict));

  // What the namespace gets besides what the body made: the module is that of the running function.
  Value globals = running_globals ? running_globals(thread) : Value{};
  if (globals && !TRY(dict_contains(thread, dict, Any(Value(NAME("__module__")))))) {
    AnyLookup module = dict_get_str(thread, Borrowed<Dict>(globals), NAME("__name__"));
    if (module.raised()) return Raised{};
    if (module.found()) TRY(dict_set_str(thread, dict, NAME("__module__"), module.borrow()));
  }
  for (Str* plain : {NAME("__init_subclass__"), NAME("__class_getitem__")}) {
    AnyLookup function = dict_get_str(thread, dict, plain);
    if (function.raised()) return Raised{};
    if (function.found() && is_exact(function.value(), SHAPE(function)))
      TRY(dict_set_str(thread, dict, plain,
                       TRY(classmethod_create(thread, function.borrow())).borrow()));
  }
  AnyLookup new_function = dict_get_str(thread, dict, NAME("__new__"));
  if (new_function.raised()) return Raised{};
  if (new_function.found() && is_exact(new_function.value(), SHAPE(function))) {
    TRY(dict_set_str(thread, dict, NAME("__new__"),
                     TRY(staticmethod_create(thread, new_function.borrow())).borrow()));
  }
  for (size_t i = 0; i < request.members.size(); ++i) {
    auto* member = static_cast<MemberDescriptor*>(allocate_object(
        thread, sizeof(MemberDescriptor), SHAPE(member_descriptor), PageKind::traced));
    if (!member) return raise_memory_error(thread);
    Ref<MemberDescriptor> descriptor = Ref<MemberDescriptor>::adopt(member);
    slot_init(member, member->name, Ref<Str>::share(thread, request.members[i]));
    member->owner = type;
    member->offset = type->inline_offset + 8 * static_cast<uint32_t>(base->member_count + i);
    TRY(dict_set_str(thread, dict, request.members[i], descriptor.borrow()));
  }
  if (TRY(dict_contains(thread, dict, Any(Value(NAME("__eq__"))))) &&
      !TRY(dict_contains(thread, dict, Any(Value(NAME("__hash__")))))) {
    TRY(dict_set_str(thread, dict, NAME("__hash__"), kNone));
  }
  if (with_dict && !any_dict && !TRY(dict_contains(thread, dict, Any(Value(NAME("__dict__")))))) {
    TRY(dict_set_str(thread, dict, NAME("__dict__"), TRY(dict_descriptor(thread, type)).borrow()));
  }
  if (weakrefable && !any_weak &&
      !TRY(dict_contains(thread, dict, Any(Value(NAME("__weakref__")))))) {
    TRY(dict_set_str(thread, dict, NAME("__weakref__"),
                     TRY(weakref_descriptor(thread, type)).borrow()));
  }

  // MRO: a metaclass may override mro().
  if (metaclass.get() != TYPE(type) && type_lookup(thread, metaclass.get(), NAME("mro")).value() !=
                                           type_lookup(thread, TYPE(type), NAME("mro")).value()) {
    AnyRef order = TRY(call_method(thread, owned, NAME("mro"), {}));
    AnyRef tuple = TRY(sequence_tuple(thread, order));
    Borrowed<Tuple> checked(tuple.value());
    for (Word i = 0; i < checked->size; ++i) {
      if (!is_type(checked->item(i)))
        return raise<TypeError>(thread, "mro() returned a non-class ('{}')",
                                type_name_in(checked->item(i)));
    }
    slot_write(thread, type, type->mro, tuple.release());
  } else {
    slot_write(thread, type, type->mro, TRY(type_compute_mro(thread, owned)));
  }
  TRY(type_fill_slots(thread, type));
  for (Word i = 0; i < bases->size; ++i)
    type_add_subclass(static_cast<Type*>(bases->item(i).object()), type);
  type_modified(type);
  type->flags.fetch_or(kTypeReady);

  AnyLookup cell = dict_get_str(thread, dict, NAME("__classcell__"));
  if (cell.raised()) return Raised{};
  if (cell.found()) {
    if (!TypeCheck<Cell>::check(cell.value()))
      return raise<TypeError>(thread, "__classcell__ must be a nonlocal cell, not <class '{}'>",
                              type_name_in(cell.borrow()));
    auto* object = static_cast<Cell*>(cell.value().object());
    slot_write(thread, object, object->content, share(thread, owned));
    (void)TRY(dict_delete(thread, dict, Any(Value(NAME("__classcell__")))));
  }
  AnyLookup dict_cell = dict_get_str(thread, dict, NAME("__classdictcell__"));
  if (dict_cell.raised()) return Raised{};
  if (dict_cell.found()) {
    if (!TypeCheck<Cell>::check(dict_cell.value()))
      return raise<TypeError>(thread, "__classdictcell__ must be a nonlocal cell, not <class '{}'>",
                              type_name_in(dict_cell.borrow()));
    auto* object = static_cast<Cell*>(dict_cell.value().object());
    slot_write(thread, object, object->content, share(thread, dict));
    (void)TRY(dict_delete(thread, dict, Any(Value(NAME("__classdictcell__")))));
  }
  TRY(set_names(thread, owned));
  // super(type, type).__init_subclass__(**keywords)
  AnyRef proxy = TRY(call(thread, Any(Value(super_type())), {owned.value(), owned.value()}));
  AnyRef hook = TRY(get_attr(thread, proxy, NAME("__init_subclass__")));
  size_t positional = arguments.positional();
  AnyRef done =
      TRY(call(thread, hook,
               Arguments{arguments.items + positional, arguments.keywords(), arguments.names}));
  return owned;
}

Result<void> type_init(Thread& thread, Any, const Arguments& arguments) {
  size_t count = arguments.positional();
  if (arguments.keywords() && count == 1)
    return raise<TypeError>(thread, "type.__init__() takes no keyword arguments");
  if (count != 1 && count != 3)
    return raise<TypeError>(thread, "type.__init__() takes 1 or 3 arguments");
  return {};
}

// ---- the rest -----------------------------------------------------------------------------------

AnyResult type_get_module(Thread& thread, Borrowed<Type> self) {
  if (const TypeSpec* spec =
          self->spec) {  // not asked of the namespace, which may hold a getset for instances
    const char* dot = std::strrchr(spec->name, '.');
    return str_intern_ascii(
        thread,
        dot ? std::string_view(spec->name, static_cast<size_t>(dot - spec->name)) : "builtins");
  }
  AnyLookup module = dict_get_str(thread, type_dict(thread, self.get()), NAME("__module__"));
  if (module.raised()) return Raised{};
  if (module.found()) return module.take();
  if (self->has_flag(kTypeHeap)) return raise<AttributeError>(thread, "__module__");
  return str_intern_ascii(thread, "builtins");
}
AnyResult type_repr(Thread& thread, Borrowed<Type> self) {
  AnyResult found = type_get_module(thread, self);
  if (found.raised()) {
    if (!pending_is<AttributeError>(thread)) return Raised{};
    clear_exception(thread);
    found = AnyRef::adopt(kNone);
  }
  AnyRef module = found.take();
  if (is_str(module.value()) && !str_equals_ascii(Borrowed<Str>(module.value()), "builtins")) {
    return text(thread, "<class '{}.{}'>", {module, self->qualname.borrow()});
  }
  return text(thread, "<class '{}'>", {self->qualname.borrow()});
}
AnyResult type_or(Thread& thread, Any self, Any other) { return union_create(thread, self, other); }
AnyResult type_ror(Thread& thread, Any self, Any other) {
  return union_create(thread, other, self);
}

Ref<Str> type_get_name(Thread& thread, Borrowed<Type> self) {
  return field_load(thread, self.get(), self->name).take();
}
Result<void> check_settable(Thread& thread, Borrowed<Type> self, MaybeAny value, const char* name) {
  if (self->has_flag(kTypeImmutable))
    return raise<TypeError>(thread, "cannot set '{}' attribute of immutable type '{}'", name,
                            type_name(thread, self.get()));
  if (!value)
    return raise<TypeError>(thread, "cannot delete '{}' attribute of type '{}'", name,
                            type_name(thread, self.get()));
  return {};
}
Result<void> type_set_name(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  TRY(check_settable(thread, self, value, "__name__"));
  TRY(audit_set(thread, self.value(), "__name__", value));
  if (!is_str(value.value()))
    return raise<TypeError>(thread, "can only assign string to {}.__name__, not '{}'",
                            self->name.borrow(), type_name_in(*value));
  TRY(check_type_name(thread, Borrowed<Str>(value.value())));
  slot_write(thread, self.get(), self->name, share(thread, *value));
  return {};
}
Ref<Str> type_get_qualname(Thread& thread, Borrowed<Type> self) {
  return field_load(thread, self.get(), self->qualname).take();
}
Result<void> type_set_qualname(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  TRY(check_settable(thread, self, value, "__qualname__"));
  TRY(audit_set(thread, self.value(), "__qualname__", value));
  if (!is_str(value.value()))
    return raise<TypeError>(thread, "can only assign string to {}.__qualname__, not '{}'",
                            self->name.borrow(), type_name_in(*value));
  slot_write(thread, self.get(), self->qualname, share(thread, *value));
  return {};
}
Result<void> type_set_module(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  TRY(check_settable(thread, self, value, "__module__"));
  TRY(audit_set(thread, self.value(), "__module__", value));
  TRY(type_set_attribute(thread, self, NAME("__module__"), value));
  AnyLookup first = dict_get_str(thread, type_dict(thread, self.get()), NAME("__firstlineno__"));
  if (first.raised()) return Raised{};
  if (first.found()) TRY(type_set_attribute(thread, self, NAME("__firstlineno__"), MaybeAny()));
  return {};
}
AnyRef type_get_bases(Thread& thread, Borrowed<Type> self) {
  return field_load(thread, self.get(), self->bases).take();
}
AnyRef type_get_mro(Thread& thread, Borrowed<Type> self) {
  Value mro = slot_load(thread, self.get(), self->mro);
  return AnyRef::adopt(mro ? mro : kNone);
}
AnyResult type_get_base(Thread& thread, Borrowed<Type> self) {
  return self->base ? share(thread, Any(Value(self->base))) : AnyRef::adopt(kNone);
}
AnyResult type_get_dict(Thread& thread, Borrowed<Type> self) {
  return mappingproxy_create(thread, type_dict(thread, self.get()));
}
AnyResult type_get_doc(Thread& thread, Borrowed<Type> self) {
  if (self.get() == TYPE(type)) return str_from_utf8(thread, self->spec->doc);
  AnyLookup doc = dict_get_str(thread, type_dict(thread, self.get()), NAME("__doc__"));
  if (doc.raised()) return Raised{};
  if (doc.is_absent()) return AnyRef::adopt(kNone);
  if (auto get = type_of(doc.value())->slot<SlotId::descr_get>())
    return get(thread, doc.borrow(), MaybeAny(), MaybeAny(self.value()));
  return doc.take();
}
Result<void> type_set_doc(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  TRY(check_settable(thread, self, value, "__doc__"));
  TRY(audit_set(thread, self.value(), "__doc__", value));
  return type_set_attribute(thread, self, NAME("__doc__"), value);
}
Value type_get_flags(Thread&, Borrowed<Type> self) {
  Word flags = 1 << 12;  // ready
  // typing.Generic is a heap type in CPython, and copyreg looks past those for the class that knows
  // how to copy.
  if (self->has_flag(kTypeHeap) || self.get() == Generic_type.type) flags |= 1 << 9;
  if (self->has_flag(kTypeBase)) flags |= 1 << 10;
  if (self->has_flag(kTypeImmutable)) flags |= 1 << 8;
  if (self->has_flag(kTypeAbstract)) flags |= 1 << 20;
  if (self->has_flag(kTypeSequence)) flags |= 1 << 5;
  if (self->has_flag(kTypeMapping)) flags |= 1 << 6;
  return small_int(flags);
}
Value type_get_basicsize(Thread&, Borrowed<Type> self) { return small_int(self->payload_size); }
Value type_get_itemsize(Thread&, Borrowed<Type>) { return small_int(0); }
Value type_get_dictoffset(Thread&, Borrowed<Type> self) {
  return small_int(self->has_flag(kTypeHasDict) ? -1 : 0);
}
Value type_get_weakrefoffset(Thread&, Borrowed<Type> self) {
  return small_int(self->has_flag(kTypeWeakrefable) ? -1 : 0);
}
AnyResult type_get_abstract(Thread& thread, Borrowed<Type> self) {
  AnyLookup names = self.get() == TYPE(type) ? AnyLookup::absent()
                                             : dict_get_str(thread, type_dict(thread, self.get()),
                                                            NAME("__abstractmethods__"));
  if (names.raised()) return Raised{};
  if (names.is_absent()) return raise_attribute_error(thread, self, NAME("__abstractmethods__"));
  return names.take();
}
Result<void> type_set_abstract(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  bool abstract = value && TRY(is_true(thread, *value));
  TRY(type_set_attribute(thread, self, NAME("__abstractmethods__"), value));
  if (abstract)
    self->flags.fetch_or(kTypeAbstract);
  else
    self->flags.fetch_and(~uint32_t{kTypeAbstract});
  return {};
}
// Takes a name out of the class's own namespace; whether it was there.
Result<bool> remove_own(Thread& thread, Borrowed<Type> self, Str* name) {
  if (!TRY(dict_contains(thread, type_dict(thread, self.get()), Any(Value(name))))) return false;
  TRY(type_set_attribute(thread, self, name, MaybeAny()));
  return true;
}
AnyResult type_get_annotate(Thread& thread, Borrowed<Type> self) {
  if (!self->has_flag(kTypeHeap))
    return raise<AttributeError>(thread, "type object '{}' has no attribute '__annotate__'",
                                 type_name(thread, self.get()));
  for (Str* name : {NAME("__annotate__"), NAME("__annotate_func__")}) {
    AnyLookup own = dict_get_str(thread, type_dict(thread, self.get()), name);
    if (own.raised()) return Raised{};
    if (own.is_absent()) continue;
    if (auto get = type_of(own.value())->slot<SlotId::descr_get>())
      return get(thread, own.borrow(), MaybeAny(), MaybeAny(self.value()));
    return own.take();
  }
  return AnyRef::adopt(kNone);
}
Result<void> type_set_annotate(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  TRY(check_settable(thread, self, value, "__annotate__"));
  if (!value.value().is_none() && !is_callable(*value))
    return raise<TypeError>(thread, "__annotate__ must be callable or None");
  TRY(type_set_attribute(thread, self, NAME("__annotate_func__"), value));
  if (!value.value().is_none()) (void)TRY(remove_own(thread, self, NAME("__annotations_cache__")));
  return {};
}
AnyResult type_get_annotations(Thread& thread, Borrowed<Type> self) {
  if (!self->has_flag(kTypeHeap))
    return raise<AttributeError>(thread, "type object '{}' has no attribute '__annotations__'",
                                 type_name(thread, self.get()));
  for (Str* name : {NAME("__annotations__"), NAME("__annotations_cache__")}) {
    AnyLookup own = dict_get_str(thread, type_dict(thread, self.get()), name);
    if (own.raised()) return Raised{};
    if (own.is_absent()) continue;
    if (auto get = type_of(own.value())->slot<SlotId::descr_get>())
      return get(thread, own.borrow(), MaybeAny(), MaybeAny(self.value()));
    return own.take();
  }
  AnyRef annotate = TRY(type_get_annotate(thread, self));
  Ref<Dict> made = TRY(annotations_from(thread, annotate));
  TRY(type_set_attribute(thread, self, NAME("__annotations_cache__"), MaybeAny(made.value())));
  return made;
}
Result<void> type_set_annotations(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  if (self->has_flag(kTypeImmutable))
    return raise<TypeError>(thread, "cannot set '__annotations__' attribute of immutable type '{}'",
                            type_name(thread, self.get()));
  bool direct = TRY(
      dict_contains(thread, type_dict(thread, self.get()), Any(Value(NAME("__annotations__")))));
  Str* name = direct ? NAME("__annotations__") : NAME("__annotations_cache__");
  if (value)
    TRY(type_set_attribute(thread, self, name, value));
  else if (!TRY(remove_own(thread, self, name)))
    return raise<AttributeError>(thread, "__annotations__");
  // They are no longer what a function would make.
  (void)TRY(remove_own(thread, self, NAME("__annotate__")));
  (void)TRY(remove_own(thread, self, NAME("__annotate_func__")));
  return {};
}
AnyResult type_get_type_params(Thread& thread, Borrowed<Type> self) {
  AnyLookup own = self.get() == TYPE(type) ? AnyLookup::absent()
                                           : dict_get_str(thread, type_dict(thread, self.get()),
                                                          NAME("__type_params__"));
  if (own.raised()) return Raised{};
  if (own.found()) return own.take();
  return Ref<Tuple>::share(thread, tuple_empty());
}
Result<void> type_set_type_params(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  TRY(check_settable(thread, self, value, "__type_params__"));
  TRY(audit_set(thread, self.value(), "__type_params__", value));
  return type_set_attribute(thread, self, NAME("__type_params__"), value);
}
// The "(...)" before "\n--\n\n" in a native type's doc.
AnyResult type_get_text_signature(Thread& thread, Borrowed<Type> self) {
  const char* doc = self->spec ? self->spec->doc : nullptr;
  const char* start = doc ? std::strchr(doc, '(') : nullptr;
  const char* end = start ? std::strstr(start, ")\n--\n\n") : nullptr;
  if (!end) return AnyRef::adopt(kNone);
  return str_from_utf8(thread, std::string_view(start, static_cast<size_t>(end + 1 - start)));
}

AnyResult type_mro_method(Thread& thread, Borrowed<Type> self) {
  return sequence_list(thread, TRY(type_compute_mro(thread, self)));
}
AnyResult type_subclasses_method(Thread& thread, Borrowed<Type> self) {
  return sequence_list(thread, TRY(type_subclasses(thread, self.get())));
}
AnyResult type_prepare(Thread& thread, Borrowed<Type>, Arguments) { return dict_create(thread); }
Result<bool> type_instancecheck(Thread& thread, Borrowed<Type> self, Any instance) {
  return type_instance_check(thread, self, instance);
}
Result<bool> type_subclasscheck(Thread& thread, Borrowed<Type> self, Any subclass) {
  return type_subclass_check(thread, self, subclass);
}

Result<void> merge_dir(Thread& thread, Borrowed<Dict> into, Borrowed<Type> type) {
  TRY(dict_update(thread, into, type_dict(thread, type.get())));
  Borrowed<Tuple> bases = type->bases.borrow();
  for (Word i = 0; i < bases->size; ++i)
    TRY(merge_dir(thread, into, Borrowed<Type>(bases->item(i).value())));
  return {};
}
AnyResult type_dir(Thread& thread, Borrowed<Type> self) {
  Ref<Dict> names = TRY(dict_create(thread));
  TRY(merge_dir(thread, names, self));
  return sequence_list(thread, names);
}
AnyResult type_sizeof(Borrowed<Type> self) {
  return AnyRef::adopt(small_int(static_cast<Word>(object_block_size(self.get()))));
}

Result<void> type_set_bases(Thread& thread, Borrowed<Type> self, MaybeAny value) {
  TRY(check_settable(thread, self, value, "__bases__"));
  TRY(audit_set(thread, self.value(), "__bases__", value));
  if (!is_tuple(value.value()))
    return raise<TypeError>(thread, "can only assign tuple to {}.__bases__, not {}",
                            self->name.borrow(), type_name_in(*value));
  Ref<Tuple> bases = Ref<Tuple>::share(thread, Borrowed<Tuple>(value.value()));
  if (bases->size == 0)
    return raise<TypeError>(thread, "can only assign non-empty tuple to {}.__bases__, not ()",
                            self->name.borrow());
  for (Word i = 0; i < bases->size; ++i) {
    if (!is_type(bases->item(i)))
      return raise<TypeError>(thread, "{}.__bases__ must be tuple of classes, not '{}'",
                              self->name.borrow(), type_name_in(bases->item(i)));
    if (is_subtype(static_cast<Type*>(bases->item(i).object()), self.get()))
      return raise<TypeError>(thread, "a __bases__ item causes an inheritance cycle");
  }
  Borrowed<Type> base = TRY(best_base(thread, bases));
  if (base->layout != self->layout || base->member_count > self->member_count ||
      (base->has_flag(kTypeHasDict) && !self->has_flag(kTypeHasDict))) {
    return raise<TypeError>(thread, "__bases__ assignment: '{}' object layout differs from '{}'",
                            base->name.borrow(), self->base->name.borrow());
  }
  Ref<Tuple> old_bases = field_load(thread, self.get(), self->bases).take();
  type_lock();
  slot_write(thread, self.get(), self->bases, Ref<Tuple>::share(thread, bases));
  // This class's MRO, then those below, top down.
  std::vector<Type*> order{self.get()};
  bool failed = false;
  for (size_t i = 0; i < order.size() && !failed; ++i) {
    Result<Ref<Tuple>> mro = type_compute_mro(thread, Borrowed<Type>(order[i]));
    if (mro.raised()) {
      failed = true;
      break;
    }
    slot_write(thread, order[i], order[i]->mro, mro.take());
    Result<Ref<Tuple>> below = type_subclasses(thread, order[i]);
    if (below.raised()) {
      failed = true;
      break;
    }
    Ref<Tuple> list = below.take();
    for (Word k = 0; k < list->size; ++k)
      order.push_back(static_cast<Type*>(list->item(k).object()));
  }
  if (failed) {
    slot_write(thread, self.get(), self->bases, Ref<Tuple>::share(thread, old_bases));
    Maybe<Ref<Object>> error = take_exception(thread);
    for (Type* type : order) {
      Result<Ref<Tuple>> mro = type_compute_mro(thread, Borrowed<Type>(type));
      if (!mro.raised()) slot_write(thread, type, type->mro, mro.take());
    }
    type_unlock();
    return raise_object(thread, error.take());
  }
  for (Word i = 0; i < old_bases->size; ++i)
    type_remove_subclass(static_cast<Type*>(old_bases->item(i).object()), self.get());
  for (Word i = 0; i < bases->size; ++i)
    type_add_subclass(static_cast<Type*>(bases->item(i).object()), self.get());
  self->base = base.get();
  type_bases_changed(self.get());
  DescriptorKind before(self.get());
  for (Type* type : order) (void)type_fill_slots(thread, type);
  if (!(before == DescriptorKind(self.get()))) type_descriptors_changed();
  type_unlock();
  return {};
}

void trace_type(Object* object, SlotVisitor& visit) {
  auto* self = static_cast<Type*>(object);
  visit(self->name);
  visit(self->qualname);
  visit(self->dict);
  visit(self->bases);
  visit(self->mro);
  visit(self->module_state);
}
void destroy_type(Thread&, Object* object) {
  auto* self = static_cast<Type*>(object);
  // Its bases drop it from their lists before its memory goes. The bases tuple is released already;
  // `base` chains of live classes hold the others through their own lists.
  type_forget(self);
}

const SlotEntry type_slots[] = {slot<SlotId::new_, type_new>(),
                                slot<SlotId::init, type_init>(),
                                slot<SlotId::call, type_call>(),
                                slot<SlotId::repr, type_repr>(),
                                slot<SlotId::getattribute, type_getattribute>(),
                                slot<SlotId::setattr, type_setattr>(),
                                slot<SlotId::or_, type_or>(),
                                slot<SlotId::ror, type_ror>()};
constexpr Method type_methods[] = {
    method<type_mro_method>("mro()", "Return a type's method resolution order."),
    method<type_subclasses_method>("__subclasses__()", "Return a list of immediate subclasses."),
    class_method<type_prepare>("__prepare__(*args, **kwargs)",
                               "Create the namespace for the class statement"),
    method<type_instancecheck>("__instancecheck__(instance, /)",
                               "Check if an object is an instance."),
    method<type_subclasscheck>("__subclasscheck__(subclass, /)", "Check if a class is a subclass."),
    method<type_dir>("__dir__()", "Specialized __dir__ implementation for types."),
    method<type_sizeof>("__sizeof__()", "Return memory consumption of the type object."),
};
const GetSet type_getsets[] = {
    getset<type_get_name, type_set_name>("__name__"),
    getset<type_get_qualname, type_set_qualname>("__qualname__"),
    getset<type_get_bases, type_set_bases>("__bases__"),
    getter<type_get_mro>("__mro__"),
    getter<type_get_base>("__base__"),
    getset<type_get_module, type_set_module>("__module__"),
    getter<type_get_dict>("__dict__"),
    getset<type_get_doc, type_set_doc>("__doc__"),
    getter<type_get_flags>("__flags__"),
    getter<type_get_basicsize>("__basicsize__"),
    getter<type_get_itemsize>("__itemsize__"),
    getter<type_get_dictoffset>("__dictoffset__"),
    getter<type_get_weakrefoffset>("__weakrefoffset__"),
    getset<type_get_abstract, type_set_abstract>("__abstractmethods__"),
    getset<type_get_annotations, type_set_annotations>("__annotations__"),
    getset<type_get_annotate, type_set_annotate>("__annotate__"),
    getset<type_get_type_params, type_set_type_params>("__type_params__"),
    getter<type_get_text_signature>("__text_signature__")};
const Layout type_layout{"type", sizeof(Type), true, trace_type, destroy_type};
}  // namespace

const TypeSpec type_spec{
    .name = "type",
    .doc = "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    .flags = kTypeBase | kTypeWeakrefable,
    .shape_flags = kShapeType,
    .layout = &type_layout,
    .slots = type_slots,
    .methods = type_methods,
    .getsets = type_getsets};

}  // namespace dx
